//! Ahead: files are opened, and their bytes asked for, before their turn comes, where the system takes its time to
//! answer: over a network, from a disk, after a restart. Threads that do nothing but wait do that, so that those that
//! read stay as many as were asked for, and need not wait. Where answers come at once nothing is done ahead.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::call::call;
use super::open::{Base, Opened, Refusal};

/// How many files ahead of those that are being read.
pub const FILES: usize = 64;
/// Threads that wait for answers, whatever is asked.
pub const WAITING: usize = 16;
/// An answer from memory takes a tenth of it, one from a fast disk twice as long.
const AT_ONCE: Duration = Duration::from_micros(50);

/// What the last answers say.
struct Slowness(AtomicU32);

static SLOWNESS: Slowness = Slowness(AtomicU32::new(0));

impl Slowness {
    /// A slow answer counts for so many that came at once.
    const SLOW: u32 = 8;
    /// From here on files are opened ahead, and it rises no higher than that.
    const ON: u32 = 8 * Self::SLOW;
    const MOST: u32 = 4 * Self::ON;

    fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= Self::ON
    }

    fn note(&self, at_once: bool) {
        let before = self.0.load(Ordering::Relaxed);
        let after = match at_once {
            true => before.saturating_sub(1),
            false => Self::MOST.min(before + Self::SLOW),
        };
        if after != before {
            // Of what two threads note at the same time one may be lost.
            self.0.store(after, Ordering::Relaxed);
        }
    }
}

/// Whether files are to be opened ahead.
#[must_use]
pub fn is_on() -> bool {
    SLOWNESS.is_on()
}

/// Asks the system, and notes whether it answers at once.
pub fn timed<T>(ask: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let answer = ask();
    SLOWNESS.note(start.elapsed() < AT_ONCE);
    answer
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
    fn new() -> Early {
        Early { state: Mutex::new(State::Waiting), told: Condvar::new() }
    }

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

    fn open(&self, base: &Base, path: &Path) {
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
        SLOWNESS.note(!is_read && took < AT_ONCE);
        *self.state() = State::Opened(file);
        self.told.notify_all();
    }
}

type Job = (Arc<Base>, PathBuf, Arc<Early>);

/// Has a file below a folder opened; `None` where so many wait for that already.
#[must_use]
pub fn open(base: &Arc<Base>, path: PathBuf) -> Option<Arc<Early>> {
    static JOBS: OnceLock<Option<SyncSender<Job>>> = OnceLock::new();
    let jobs = JOBS.get_or_init(|| may_hold_files().then(start)).as_ref()?;
    let early = Arc::new(Early::new());
    jobs.try_send((base.clone(), path, early.clone())).ok().map(|()| early)
}

/// Whether the process may hold so many files open besides those that it reads.
fn may_hold_files() -> bool {
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    most.is_none_or(|most| most >= 4 * FILES as u64)
}

fn start() -> SyncSender<Job> {
    let (sender, receiver) = sync_channel(FILES);
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..WAITING {
        let jobs = receiver.clone();
        // Where the system gives no thread, files are opened when their turn comes.
        let _ = Builder::new().spawn(move || open_all(&jobs));
    }
    sender
}

fn open_all(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((base, path, early)) = next else { return };
        early.open(&base, &path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_answers_have_files_opened_ahead_until_all_come_at_once() {
        let slowness = Slowness(AtomicU32::new(0));
        let note = |at_once, times| (0..times).for_each(|_| slowness.note(at_once));
        note(false, 7);
        assert!(!slowness.is_on());
        note(false, 1);
        assert!(slowness.is_on());
        // One of eight is enough to go on.
        (0..1000).for_each(|_| {
            note(true, 7);
            note(false, 1);
        });
        assert!(slowness.is_on());
        note(true, 1000);
        assert!(!slowness.is_on());
        // Among many, a few do not count: the thread was not at work meanwhile.
        (0..1000).for_each(|_| {
            note(true, 100);
            note(false, 1);
        });
        assert!(!slowness.is_on());
    }

    /// A folder with two files.
    fn folder() -> (tempfile::TempDir, Arc<Base>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "some text").unwrap();
        std::fs::write(folder.path().join("empty"), "").unwrap();
        let base = Arc::new(Base::open(folder.path()).unwrap());
        (folder, base)
    }

    #[test]
    fn a_file_is_given_once_and_not_opened_when_it_was_asked_for() {
        let (_folder, base) = folder();
        for (name, size) in [("a", 9), ("empty", 0)] {
            let opened = Early::new();
            opened.open(&base, Path::new(name));
            assert_eq!(opened.take().unwrap().ok().unwrap().size, size);
            assert!(opened.take().is_none());
        }
        let late = Early::new();
        assert!(late.take().is_none());
        late.open(&base, Path::new("a"));
        assert!(late.take().is_none());
        let none = Early::new();
        none.open(&base, Path::new("none"));
        assert!(matches!(none.take(), Some(Err(Refusal::Io(_)))));
    }

    #[test]
    fn who_asks_waits_for_what_is_being_opened() {
        let (_folder, base) = folder();
        // So many that some are taken while they wait, are opened, or are opened already.
        let mut given = 0;
        for round in 0..1000 {
            let all: Vec<_> = (0..FILES).filter_map(|_| open(&base, "a".into())).collect();
            std::thread::sleep(Duration::from_micros(round % 50));
            for file in all.iter().filter_map(|early| early.take()) {
                assert!(file.is_ok_and(|file| file.size == 9));
                given += 1;
            }
        }
        assert!(given > 0);
    }
}
