//! Faults on purpose, for tests of the isolation: no release build has this. `DATAKART_INJECT=abort` makes
//! readers of isolated formats abort, in a worker, on files and members whose name starts with `faulty`.

use std::sync::OnceLock;
use std::time::Duration;

use crate::readers::Format;

/// What happens.
static FAULT: OnceLock<Option<String>> = OnceLock::new();

/// Reads the environment; workers call it once, so that faults happen there only.
pub fn arm() {
    let _ = FAULT.set(std::env::var("DATAKART_INJECT").ok());
}

/// The time that a file may take, when a test shortens it.
pub fn time() -> Option<Duration> {
    let set = std::env::var("DATAKART_INJECT_MILLISECONDS").ok()?;
    set.parse().ok().map(Duration::from_millis)
}

/// A reader is about to start.
pub fn at(format: &Format, name: &str) {
    let Some(fault) = FAULT.get().and_then(Option::as_ref) else { return };
    if !format.isolated || !name.starts_with("faulty") {
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
        "files" if reaches_files() => std::process::abort(),
        "calls" if reaches_others() => std::process::abort(),
        _ => {}
    }
}

/// Whether files can be opened or made.
fn reaches_files() -> bool {
    std::fs::read("/etc/passwd").is_ok()
        || std::fs::read_dir("/").is_ok()
        || std::fs::write("/tmp/datakart-was-here", "").is_ok()
}

/// Whether there is a way to other hosts, programs or processes.
fn reaches_others() -> bool {
    std::net::UdpSocket::bind("127.0.0.1:0").is_ok()
        || std::net::TcpStream::connect("127.0.0.1:9")
            .is_err_and(|e| e.raw_os_error() != Some(libc::EPERM))
        || std::os::unix::net::UnixStream::pair().is_ok()
        || std::process::Command::new("/bin/true").status().is_ok()
}

/// Calls itself until the stack is used up.
fn deeper(n: u64) -> u64 {
    let frame = std::hint::black_box([n; 512]);
    if n == 0 { 0 } else { frame[(n % 512) as usize].wrapping_add(deeper(n + 1)) }
}
