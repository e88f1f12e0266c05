//! The budget of one top-level file: how much may come out of its containers, in how many members, how deep
//! and for how long. All layers and attachments draw on it, so that no nesting of bombs gets more.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::note::Reason;
use crate::source::{STOP, Source};

/// Bytes that may come out of any file, however small.
const BYTES: u64 = 4 << 30;
/// Bytes out per byte of the file, for big ones.
const RATIO: u64 = 20;
/// Members that any file may have.
const ENTRIES: u64 = 100_000;
/// Bytes of the file per further member.
const BYTES_PER_ENTRY: u64 = 512;
/// Time that any file may take, and bytes of the file per further second.
const SECONDS: u64 = 120;
const BYTES_PER_SECOND: u64 = 4 << 20;
/// Containers within containers.
pub const DEPTH: usize = 8;

/// A budget was used up, or the run is to end; the words say which.
#[derive(Debug)]
pub struct OverBudget(Reason, &'static str);

impl OverBudget {
    /// Why what was being read ends.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0
    }
}

/// A container within another can only be read in place, and is too big for that.
pub const TOO_BIG_TO_HOLD: OverBudget =
    OverBudget(Reason::Budget, "too big to be held in memory for random access");

impl std::fmt::Display for OverBudget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.1)
    }
}

impl std::error::Error for OverBudget {}

/// The time that a file of this size may take.
#[must_use]
pub fn time(size: u64) -> Duration {
    let seconds = SECONDS + size / BYTES_PER_SECOND;
    Duration::from_secs(seconds.min(7 * 24 * 3600))
}

/// What one top-level file has left.
#[derive(Debug)]
pub struct Meter {
    bytes: AtomicU64,
    entries: AtomicU64,
    until: Instant,
}

impl Meter {
    /// The budget of a file of this size.
    #[must_use]
    pub fn new(size: u64) -> Arc<Meter> {
        Arc::new(Meter {
            bytes: AtomicU64::new(BYTES.max(size.saturating_mul(RATIO))),
            entries: AtomicU64::new(ENTRIES.max(size / BYTES_PER_ENTRY)),
            until: Instant::now() + time(size),
        })
    }

    /// Counts bytes.
    ///
    /// # Errors
    /// The bytes or the time allowed are used up, or the run was stopped.
    pub fn take(&self, bytes: usize) -> Result<(), OverBudget> {
        let left = self.bytes.load(Ordering::Relaxed);
        if left < bytes as u64 {
            return Err(OverBudget(
                Reason::Budget,
                "more came out of it than the budget of bytes allows",
            ));
        }
        self.bytes.store(left - bytes as u64, Ordering::Relaxed);
        if STOP.load(Ordering::Relaxed) {
            return Err(OverBudget(Reason::Stopped, "the run was stopped"));
        }
        if Instant::now() > self.until {
            return Err(OverBudget(
                Reason::Budget,
                "it takes longer than the budget of time allows",
            ));
        }
        Ok(())
    }

    /// Whether there is time left.
    ///
    /// # Errors
    /// The time allowed is used up.
    pub fn check(&self) -> Result<(), OverBudget> {
        self.take(0)
    }

    /// Counts a member.
    ///
    /// # Errors
    /// The members or the time allowed are used up.
    pub fn entry(&self) -> Result<(), OverBudget> {
        let left = self.entries.load(Ordering::Relaxed);
        if left == 0 {
            return Err(OverBudget(Reason::Budget, "it has more members than the budget allows"));
        }
        self.entries.store(left - 1, Ordering::Relaxed);
        self.take(0)
    }

    /// A source of what a decompressor gives, counted against the budget.
    #[must_use]
    pub fn source(self: &Arc<Self>, read: impl Read + Send + 'static) -> Source {
        Source::from_read(Box::new(Metered { meter: self.clone(), read }))
    }
}

/// A reader whose bytes are counted.
pub struct Metered<R> {
    meter: Arc<Meter>,
    read: R,
}

impl<R> Metered<R> {
    /// Counts what this reader gives.
    pub fn new(meter: Arc<Meter>, read: R) -> Self {
        Metered { meter, read }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.read.read(buffer)?;
        self.meter.take(n).map_err(io::Error::other)?;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_gives_no_more_than_its_budget() {
        let meter = Meter { bytes: AtomicU64::new(10), ..Arc::into_inner(Meter::new(1)).unwrap() };
        let mut read = Metered::new(Arc::new(meter), io::repeat(0));
        let mut out = Vec::new();
        let e = read.read_to_end(&mut out).unwrap_err();
        assert!(e.get_ref().is_some_and(|e| e.is::<OverBudget>()));
        let meter = Meter::new(0);
        assert!((0..ENTRIES).all(|_| meter.entry().is_ok()) && meter.entry().is_err());
    }
}
