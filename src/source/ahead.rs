//! Ahead: files are opened, and their bytes asked for, before their turn comes, where the system takes its time to
//! answer: over a network, from a disk, after a restart. Threads that do nothing but wait do that, so that those that
//! read stay as many as were asked for, and need not wait. Where answers come at once nothing is done ahead.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::call::call;
use super::open::{Base, Opened, Refusal};

/// How many files ahead of those that are being read.
pub const FILES: usize = 64;
/// Threads that open them.
const OPENERS: usize = 16;
/// An answer from memory takes a tenth of it, one from a fast disk twice as long.
const AT_ONCE: Duration = Duration::from_micros(50);

/// What the last answers say: one that took longer counts for so many that came at once.
static SLOWNESS: AtomicU32 = AtomicU32::new(0);
const SLOW: u32 = 8;
/// From here on files are opened ahead, and it rises no higher than that.
const ON: u32 = 8 * SLOW;
const MOST: u32 = 4 * ON;

/// Whether files are to be opened ahead.
#[must_use]
pub fn is_on() -> bool {
    SLOWNESS.load(Ordering::Relaxed) >= ON
}

/// Asks the system, and notes whether it answers at once.
pub fn timed<T>(ask: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let answer = ask();
    note(start.elapsed() < AT_ONCE);
    answer
}

fn note(at_once: bool) {
    let before = SLOWNESS.load(Ordering::Relaxed);
    let after = if at_once { before.saturating_sub(1) } else { MOST.min(before + SLOW) };
    if after != before {
        // Of two threads that note something at the same time one may be lost.
        SLOWNESS.store(after, Ordering::Relaxed);
    }
}

/// A file that is opened ahead.
pub struct Early {
    state: Mutex<State>,
    told: Condvar,
}

enum State {
    Waiting,
    Opening,
    Opened(Result<Opened, Refusal>),
    Taken,
}

impl Early {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file, once it is opened; `None` when nobody has begun to, and nobody will any more.
    #[must_use]
    pub fn take(&self) -> Option<Result<Opened, Refusal>> {
        // It may be that the system never answers.
        call(|| {
            let is_opening = |state: &mut State| matches!(state, State::Opening);
            let waited = self.told.wait_while(self.state(), is_opening);
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            match std::mem::replace(&mut *state, State::Taken) {
                State::Opened(file) => Some(file),
                _ => None,
            }
        })
    }

    fn open(&self, base: &Base, path: &PathBuf) {
        {
            let mut state = self.state();
            if !matches!(*state, State::Waiting) {
                return;
            }
            *state = State::Opening;
        }
        let start = Instant::now();
        let file = base.file(path);
        let took = start.elapsed();
        let is_read = file.as_ref().is_ok_and(Opened::fetch);
        note(!is_read && took < AT_ONCE);
        *self.state() = State::Opened(file);
        self.told.notify_all();
    }
}

type Job = (Arc<Base>, PathBuf, Arc<Early>);

/// Has a file below a folder opened; `None` where so many wait for that already.
#[must_use]
pub fn open(base: &Arc<Base>, path: PathBuf) -> Option<Arc<Early>> {
    static JOBS: OnceLock<SyncSender<Job>> = OnceLock::new();
    let jobs = JOBS.get_or_init(|| {
        let (sender, receiver) = sync_channel(FILES);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..OPENERS {
            let jobs = receiver.clone();
            // Where the system gives no thread, files are opened when their turn comes.
            let _ = Builder::new().spawn(move || open_all(&jobs));
        }
        sender
    });
    let early = Arc::new(Early { state: Mutex::new(State::Waiting), told: Condvar::new() });
    jobs.try_send((base.clone(), path, early.clone())).ok().map(|()| early)
}

fn open_all(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((base, path, early)) = next else { return };
        early.open(&base, &path);
    }
}
