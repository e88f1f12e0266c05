//! Signals: the first asks the run to end soon and keep what it has, a later one ends it at once.

use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level;

use crate::source::STOP;

static CAUGHT: AtomicI32 = AtomicI32::new(0);
/// When the first signal came, in milliseconds since the run began to listen, and one; 0 before.
static FIRST: AtomicU64 = AtomicU64::new(0);
/// Signals within so many milliseconds are one: `timeout` sends each to the process and to its group, a terminal that is
/// closed and its shell both send one, and nobody has lost patience yet.
const ONE: u64 = 1000;

/// Starts to listen, with handlers and not in a thread: before the first one there is a process to be forked. It comes
/// first of all, so that a run that is stopped in its first moments has its inventory as well.
///
/// # Errors
/// What the system reports.
pub fn listen() -> Result<()> {
    // What grows beyond a limit of the size of files is an error of writing, as a full disk is.
    // SAFETY: signal(2) with constants.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    let start = Instant::now();
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let caught = move || {
            let now = 1 + u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
            match FIRST.compare_exchange(0, now, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => {
                    CAUGHT.store(signal, Ordering::SeqCst);
                    STOP.store(true, Ordering::SeqCst);
                }
                Err(first) if now.saturating_sub(first) >= ONE => {
                    low_level::exit(128 + signal);
                }
                Err(_) => {}
            }
        };
        // SAFETY: what the handler does is async-signal-safe: it asks clock_gettime(2), touches atomics, or calls _exit(2).
        unsafe { low_level::register(signal, caught) }.context("listening for signals")?;
    }
    Ok(())
}

/// The exit code of a run that a signal ended, if one did.
#[must_use]
pub fn exit_code() -> Option<u8> {
    match CAUGHT.load(Ordering::SeqCst) {
        0 => None,
        signal => u8::try_from(128 + signal).ok(),
    }
}
