//! The `datakart` program.

use std::process::ExitCode;

/// The system's heap; in worker processes it is counted.
#[global_allocator]
static HEAP: datakart::isolate::heap::Heap = datakart::isolate::heap::Heap;

fn main() -> ExitCode {
    datakart::cli::main()
}
