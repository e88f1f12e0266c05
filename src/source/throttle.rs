//! The read rate: all sources together read at most so many bytes per second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// When the next read may start.
static NEXT: Mutex<Option<Instant>> = Mutex::new(None);

/// Waits until `bytes` more may be read at `rate` bytes per second.
pub fn slow_down(bytes: u64, rate: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a duration")]
    let cost = Duration::from_secs_f64(bytes as f64 / rate.max(1) as f64);
    let start = {
        let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
        let start = next.map_or_else(Instant::now, |n| n.max(Instant::now()));
        *next = Some(start + cost);
        start
    };
    while let Some(wait) = start.checked_duration_since(Instant::now()) {
        if super::STOP.load(std::sync::atomic::Ordering::Relaxed) {
            return;
        }
        std::thread::sleep(wait.min(Duration::from_millis(100)));
    }
}
