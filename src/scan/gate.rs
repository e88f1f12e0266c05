//! The gate between the threads that walk and those that read.

use std::sync::{Condvar, Mutex, PoisonError};

/// Files that may wait for a thread, so that a tree of millions does not pile up in memory.
const WAITING: usize = 4096;

/// Lets walking threads wait while enough files are queued.
#[derive(Default)]
pub(super) struct Gate {
    waiting: Mutex<usize>,
    freed: Condvar,
}

impl Gate {
    /// So many files are queued.
    pub(super) fn enter(&self, files: usize) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while *waiting >= WAITING {
            waiting = self.freed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        *waiting += files;
    }

    /// So many of them are done.
    pub(super) fn leave(&self, files: usize) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting -= files;
        if *waiting + 64 < WAITING {
            self.freed.notify_all();
        }
    }
}
