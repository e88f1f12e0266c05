//! Faults on purpose, for tests of the isolation: no release build has this. `DATAKART_INJECT=abort:zip`
//! makes the zip reader abort in a worker on files and members whose name starts with `faulty`.

use std::sync::OnceLock;
use std::time::Duration;

/// What happens, and to which format.
static FAULT: OnceLock<Option<(String, String)>> = OnceLock::new();

/// Reads the environment; workers call it once, so that faults happen there only.
pub fn arm() {
    let set = std::env::var("DATAKART_INJECT").ok();
    let pair = set.and_then(|s| s.split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())));
    let _ = FAULT.set(pair);
}

/// The time that a file may take, when a test shortens it.
pub fn time() -> Option<Duration> {
    let set = std::env::var("DATAKART_INJECT_MILLISECONDS").ok()?;
    set.parse().ok().map(Duration::from_millis)
}

/// A reader is about to start.
pub fn at(format: &str, name: &str) {
    let Some((fault, asked)) = FAULT.get().and_then(Option::as_ref) else { return };
    if asked != format || !name.starts_with("faulty") {
        return;
    }
    match fault.as_str() {
        "abort" => std::process::abort(),
        "loop" => loop {
            std::hint::spin_loop();
        },
        "memory" => {
            let mut all = Vec::new();
            loop {
                all.push(vec![1_u8; 8 << 20]);
            }
        }
        // SAFETY: raise(3) with constants.
        "stop" => unsafe {
            libc::raise(libc::SIGSTOP);
        },
        "overflow" => {
            std::hint::black_box(deeper(1));
        }
        other => panic!("no such fault: {other}"),
    }
}

/// Calls itself until the stack is used up.
fn deeper(n: u64) -> u64 {
    let frame = std::hint::black_box([n; 512]);
    if n == 0 { 0 } else { frame[(n % 512) as usize].wrapping_add(deeper(n + 1)) }
}
