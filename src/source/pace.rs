//! The pace: threads rest so much between pieces of work that they are busy for no more than a share of the time.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::STOP;

/// Share of the time that a thread may be busy, in percent; 100 is all of it.
static SHARE: AtomicU32 = AtomicU32::new(100);
/// Work that is worth a rest.
const LEAST: Duration = Duration::from_millis(5);
/// Longest rest at a time, so that a stop is noticed.
const MOST: Duration = Duration::from_millis(100);

thread_local! {
    /// Work that this thread has not rested for yet.
    static DONE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    /// Whether it is at work: what it takes on while it waits is a part of that.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Sets the share, from 1 to 100 percent.
pub fn limit(percent: u32) {
    SHARE.store(percent.clamp(1, 100), Ordering::Relaxed);
}

/// Does a piece of work, and rests afterwards if it is time to.
pub fn work<T>(piece: impl FnOnce() -> T) -> T {
    let share = SHARE.load(Ordering::Relaxed);
    if share >= 100 || AT_WORK.replace(true) {
        return piece();
    }
    let start = Instant::now();
    let result = piece();
    let done = DONE.get() + start.elapsed();
    if done >= LEAST {
        rest(done * (100 - share) / share);
    }
    DONE.set(if done >= LEAST { Duration::ZERO } else { done });
    AT_WORK.set(false);
    result
}

fn rest(mut left: Duration) {
    while !left.is_zero() && !STOP.load(Ordering::Relaxed) {
        let some = left.min(MOST);
        std::thread::sleep(some);
        left -= some;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(milliseconds: u64) {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(milliseconds) {
            std::hint::black_box(start);
        }
    }

    #[test]
    fn a_thread_rests_as_long_as_it_should() {
        limit(20);
        let start = Instant::now();
        // Small pieces add up, and what is within another piece counts once.
        (0..10).for_each(|_| work(|| busy(1)));
        work(|| work(|| busy(10)));
        limit(100);
        assert!(start.elapsed() >= Duration::from_millis(20 * 5 - 5 * 5));
        let start = Instant::now();
        work(|| busy(10));
        assert!(start.elapsed() < Duration::from_millis(45), "{:?}", start.elapsed());
    }
}
