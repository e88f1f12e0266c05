//! The pace: threads rest so much between reads that they are busy for no more than a share of the time.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::STOP;

/// Share of the time that a thread may be busy, in percent; 100 is all of it.
static SHARE: AtomicU32 = AtomicU32::new(100);
/// Time that is worth a rest.
const LEAST: Duration = Duration::from_millis(5);
/// Longest rest at a time, so that a stop is noticed.
const MOST: Duration = Duration::from_millis(100);

thread_local! {
    /// Since when this thread has been busy.
    static BUSY: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Sets the share, from 1 to 100 percent.
pub fn limit(percent: u32) {
    SHARE.store(percent.clamp(1, 100), Ordering::Relaxed);
}

/// Begins with work after time that does not count, such as waiting for it.
pub fn begin() {
    BUSY.set(Some(Instant::now()));
}

/// Rests, if it is time to.
pub fn rest() {
    let share = SHARE.load(Ordering::Relaxed);
    if share >= 100 {
        return;
    }
    let now = Instant::now();
    let since = BUSY.get().unwrap_or(now);
    if now - since < LEAST && BUSY.get().is_some() {
        return;
    }
    let mut left = (now - since) * (100 - share) / share;
    while !left.is_zero() && !STOP.load(Ordering::Relaxed) {
        let some = left.min(MOST);
        std::thread::sleep(some);
        left -= some;
    }
    begin();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_rests_as_long_as_it_should() {
        let work = || {
            let start = Instant::now();
            begin();
            while start.elapsed() < Duration::from_millis(20) {
                std::hint::black_box(start);
            }
            rest();
            start.elapsed()
        };
        assert!(work() < Duration::from_millis(60));
        limit(20);
        let slow = work();
        limit(100);
        assert!(slow >= Duration::from_millis(100), "{slow:?}");
    }
}
