//! The time by the clock that file systems of this machine go by. The process's own may be ahead of it (`faketime`,
//! a container with a clock of its own), and a file that has just been changed would be taken for an old one.

use std::sync::atomic::{AtomicI64, Ordering};

use rustix::fs::Stat;

/// How many seconds the process's clock is ahead.
static AHEAD: AtomicI64 = AtomicI64::new(0);
/// What is no difference: clocks of file systems are coarse, and writing takes its time.
const NONE: i64 = 1;

/// Compares the clocks by a file that was written a moment ago. One that is behind is let be: what it takes for new
/// is read once more, and that is all.
pub fn compare(written: &Stat) {
    let ahead = jiff::Timestamp::now().as_second() - written.st_ctime;
    AHEAD.store(if ahead > NONE { ahead } else { 0 }, Ordering::Relaxed);
}

/// Now, in seconds of Unix time.
#[must_use]
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second() - AHEAD.load(Ordering::Relaxed)
}
