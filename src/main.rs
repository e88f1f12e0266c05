//! The `datakart` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    datakart::cli::main()
}
