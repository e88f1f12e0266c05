//! `datakart subject`: what is held on one person.

use anyhow::Result;

use self::args::SubjectCommand;

pub mod args;
mod find;
mod profile;
mod verify;

/// Does what is asked and tells the exit code.
///
/// # Errors
/// Whatever keeps it from being done; nothing is written then.
pub fn run(command: SubjectCommand) -> Result<u8> {
    match command {
        SubjectCommand::Find(args) => find::run(&args),
        SubjectCommand::Verify(args) => verify::run(&args),
    }
}
