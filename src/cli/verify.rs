//! `datakart verify`: whether an inventory directory is as its run wrote it.

use std::io::Write;

use anyhow::Result;

use super::args::VerifyArgs;
use crate::escape::terminal;
use crate::manifest::Manifest;

/// Exit code when something was damaged, is missing or was added.
const NOT_AS_WRITTEN: u8 = 1;

/// Checks every file against the manifest and names those that differ.
///
/// # Errors
/// No manifest, or a file that cannot be read.
pub fn run(args: &VerifyArgs, out: &mut dyn Write) -> Result<u8> {
    let verdict = Manifest::read(&args.directory)?.check(&args.directory)?;
    let sides = [
        ("as written", &verdict.intact),
        ("DAMAGED", &verdict.damaged),
        ("MISSING", &verdict.missing),
        ("FOREIGN", &verdict.foreign),
    ];
    for (word, names) in sides {
        for name in names {
            writeln!(out, "{word:<11} {}", terminal(name))?;
        }
    }
    Ok(if verdict.is_good() { 0 } else { NOT_AS_WRITTEN })
}
