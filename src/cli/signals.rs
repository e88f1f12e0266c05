//! Signals: the first asks the run to end soon and keep what it has, the second ends it at once.

use std::sync::atomic::{AtomicI32, Ordering};

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level;

use crate::source::STOP;

static CAUGHT: AtomicI32 = AtomicI32::new(0);

/// Starts to listen, with handlers and not in a thread: before the first one there is a process to be forked. It comes
/// first of all, so that a run that is stopped in its first moments has its inventory as well.
///
/// # Errors
/// What the system reports.
pub fn listen() -> Result<()> {
    // What grows beyond a limit of the size of files is an error of writing, as a full disk is.
    // SAFETY: signal(2) with constants.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let caught = move || {
            if CAUGHT.swap(signal, Ordering::SeqCst) != 0 {
                low_level::exit(128 + signal);
            }
            STOP.store(true, Ordering::SeqCst);
        };
        // SAFETY: what the handler does is async-signal-safe: it touches two atomics, or calls _exit(2).
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
