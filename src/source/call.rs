//! Calls to the system that may never come back: a server that does not answer, a disk that dies. A thread in one
//! of them cannot be killed, and its call cannot be taken back; others can only go on without it.
//!
//! Every call on scanned files goes through [`call`], which shows others that the thread is in one: a number, odd
//! meanwhile, that costs a store and an exchange. Whoever watches sees the same odd number for too long and gives
//! the thread up ([`Watch::give_up`]). Should the call come back later, the thread goes no further: exactly one
//! of the two decides what becomes of what the thread was doing.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{STOP, mounts};

/// The number of a thread that was given up.
const GIVEN_UP: u32 = u32::MAX;
/// The last number but one; after it they begin anew.
const LAST: u32 = u32::MAX - 3;
/// How long a call may take once the run is to end.
const STOPPING: Duration = Duration::from_secs(1);
/// How often somebody looks.
pub const TICK: Duration = Duration::from_millis(250);
/// Nobody looks for so long only when the whole process was stopped, or the machine.
const STOPPED: Duration = Duration::from_secs(5);

/// How long a call may take, in milliseconds; 0 is for ever.
static PATIENCE: AtomicU64 = AtomicU64::new(60_000);

thread_local! {
    static CALLS: Cell<Option<&'static AtomicU32>> = const { Cell::new(None) };
}

/// Sets how long a call may take; zero is for ever.
pub fn limit(patience: Duration) {
    PATIENCE.store(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// How long a call may take now.
#[must_use]
pub fn patience() -> Option<Duration> {
    let set = match PATIENCE.load(Ordering::Relaxed) {
        0 => None,
        milliseconds => Some(Duration::from_millis(milliseconds)),
    };
    match STOP.load(Ordering::Relaxed) {
        true => Some(set.map_or(STOPPING, |set| set.min(STOPPING))),
        false => set,
    }
}

/// Shows this thread's calls by this number from now on. It lives for ever, since the thread may.
pub fn show(calls: &'static AtomicU32) {
    CALLS.set(Some(calls));
}

/// Makes a call. When this thread was given up meanwhile, it does not come back.
pub fn call<T>(act: impl FnOnce() -> T) -> T {
    let _within = CALLS.get().and_then(Within::new);
    act()
}

/// A call that is being made.
struct Within {
    calls: &'static AtomicU32,
    number: u32,
}

impl Within {
    /// `None` within another call.
    fn new(calls: &'static AtomicU32) -> Option<Within> {
        let before = calls.load(Ordering::Relaxed);
        if before & 1 == 1 {
            return None;
        }
        let number = if before >= LAST { 1 } else { before + 1 };
        calls.store(number, Ordering::Release);
        Some(Within { calls, number })
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        let (calls, number) = (self.calls, self.number);
        let back = calls.compare_exchange(number, number + 1, Ordering::AcqRel, Ordering::Acquire);
        while back.is_err() {
            // Others have told what became of it, and another thread is in its place.
            std::thread::park();
        }
    }
}

/// Somebody's look at a thread's calls.
pub struct Watch<'c> {
    calls: &'c AtomicU32,
    seen: (u32, Instant),
    /// The last look.
    looked: Instant,
}

impl<'c> Watch<'c> {
    /// Begins to look.
    #[must_use]
    pub fn new(calls: &'c AtomicU32) -> Self {
        let now = Instant::now();
        Watch { calls, seen: (calls.load(Ordering::Acquire), now), looked: now }
    }

    /// Whether the thread has been in one call for longer than it may.
    pub fn is_stuck(&mut self) -> bool {
        let number = self.calls.load(Ordering::Acquire);
        let last = std::mem::replace(&mut self.looked, Instant::now());
        // Who has not looked for long was stopped, and so was the thread: that is no call's fault.
        if number != self.seen.0 || last.elapsed() > STOPPED {
            self.seen = (number, Instant::now());
        }
        number & 1 == 1 && patience().is_some_and(|patience| self.seen.1.elapsed() >= patience)
    }

    /// Gives the thread up, unless its call came back at the last moment; tells whether it did.
    #[must_use]
    pub fn give_up(&self) -> bool {
        if self.seen.0 & 1 == 0 || self.seen.0 == GIVEN_UP {
            return false;
        }
        let gone =
            self.calls.compare_exchange(self.seen.0, GIVEN_UP, Ordering::AcqRel, Ordering::Acquire);
        gone.is_ok()
    }
}

/// Asks the system about each of these paths, one after the other, in a thread that can be left behind; `None` for
/// those of which no answer came, and for others on the same file systems.
pub fn each<T: Send + 'static>(paths: &[PathBuf], ask: fn(&Path) -> T) -> Vec<Option<T>> {
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let mut answers = Vec::with_capacity(paths.len());
    while let Some(next) = paths.get(answers.len()) {
        if mounts::are_dead(|| absolute(next)) {
            answers.push(None);
            continue;
        }
        some(paths, ask, &mut answers);
        if let Some(silent) = paths.get(answers.len()) {
            mounts::is_dead(&absolute(silent));
        }
    }
    answers
}

/// As [`each`], of one path.
pub fn one<T: Send + 'static>(path: &Path, ask: fn(&Path) -> T) -> Option<T> {
    each(&[path.to_owned()], ask).pop().flatten()
}

/// Asks about those that are not answered yet, up to one of which no answer comes.
fn some<T: Send + 'static>(paths: &[PathBuf], ask: fn(&Path) -> T, answers: &mut Vec<Option<T>>) {
    let rest = paths[answers.len()..].to_vec();
    let calls: &'static AtomicU32 = Box::leak(Box::default());
    let (sender, receiver) = mpsc::channel();
    let asking = std::thread::spawn(move || {
        show(calls);
        // An error is that nobody waits any more.
        rest.iter().map(|path| call(|| ask(path))).try_for_each(|answer| sender.send(answer))
    });
    let mut watch = Watch::new(calls);
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(answer) => answers.push(Some(answer)),
            Err(mpsc::RecvTimeoutError::Timeout) if watch.is_stuck() && watch.give_up() => {
                LEFT_BEHIND.fetch_add(1, Ordering::Relaxed);
                // What it answered just before.
                answers.extend(receiver.try_iter().map(Some));
                return;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    // It is at its end, and nobody is to find it there still.
    if let Err(panic) = asking.join() {
        std::panic::resume_unwind(panic);
    }
}

/// Threads that [`each`] left behind. They do nothing any more.
static LEFT_BEHIND: AtomicUsize = AtomicUsize::new(0);

/// How many there are.
#[must_use]
pub fn left_behind() -> usize {
    LEFT_BEHIND.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_both_decides() {
        let calls: &'static AtomicU32 = Box::leak(Box::default());
        let (go, wait) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            show(calls);
            assert_eq!(call(|| call(|| 3)), 3);
            tell.send("in time").unwrap();
            call(|| wait.recv().unwrap());
            tell.send("too late").unwrap();
        });
        assert_eq!(told.recv(), Ok("in time"));
        let mut watch = Watch::new(calls);
        while calls.load(Ordering::Acquire) & 1 == 0 {
            std::thread::yield_now();
        }
        assert!(!watch.is_stuck(), "it has not been there for a minute");
        assert!(watch.give_up() && !watch.give_up());
        go.send(()).unwrap();
        assert!(told.recv_timeout(Duration::from_millis(100)).is_err());
    }

    #[test]
    fn a_call_that_came_back_is_not_given_up() {
        let calls = AtomicU32::new(LAST);
        let watch = Watch { seen: (LAST - 1, Instant::now()), ..Watch::new(&calls) };
        assert!(!watch.give_up());
        let calls: &'static AtomicU32 = Box::leak(Box::new(AtomicU32::new(LAST)));
        show(calls);
        call(|| assert_eq!(calls.load(Ordering::Relaxed), 1, "they begin anew"));
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn time_in_which_nobody_could_look_does_not_count() {
        let calls = AtomicU32::new(1);
        let long_ago = Instant::now().checked_sub(Duration::from_secs(3600)).unwrap();
        let mut watch = Watch { calls: &calls, seen: (1, long_ago), looked: long_ago };
        assert!(!watch.is_stuck());
        let mut watch = Watch { seen: (1, long_ago), ..Watch::new(&calls) };
        assert!(watch.is_stuck());
    }

    #[test]
    fn everything_is_asked() {
        let paths = ["/a", "/b/c", ""].map(PathBuf::from);
        assert_eq!(each(&paths, |p| p.iter().count()), [Some(2), Some(3), Some(0)]);
        assert_eq!(one(Path::new("/a"), Path::is_dir), Some(false));
        assert!(each(&[], |_| ()).is_empty());
    }
}
