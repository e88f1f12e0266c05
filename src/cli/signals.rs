//! Signals: the first asks the run to end soon and keep what it has, the second ends it at once.

use std::sync::atomic::{AtomicI32, Ordering};

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::source::STOP;

static CAUGHT: AtomicI32 = AtomicI32::new(0);

/// Starts to listen.
///
/// # Errors
/// What the system reports.
pub fn listen() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("listening for signals")?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            if CAUGHT.swap(signal, Ordering::SeqCst) != 0 {
                std::process::exit(128 + signal);
            }
            STOP.store(true, Ordering::SeqCst);
        }
    });
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
