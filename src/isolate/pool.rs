//! The scanning process's side: workers are started when they are needed and used again; each answers for
//! one file at a time. One that gives no answer is killed; then the file is read again without what failed.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::MemfdFlags;
use rustix::process::{PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal};

use super::cage;
use super::wire::{self, Answer, List, Patient, Request, kind};
use super::worker::{self, Shared};
use crate::detect::finder::Finder;
use crate::emit::Place;
use crate::file::{FileResult, Reading};
use crate::inventory::MatchLine;
use crate::meter;
use crate::note::Reason;
use crate::report::jsonl;
use crate::source::call::Watch;
use crate::source::{Random, STOP, Source, Stopped};
use crate::steps::{Fault, Mark, NONE};
use crate::subject::Sought;

/// How much later than a reader's own clock the worker is killed.
const GRACE: Duration = Duration::from_secs(5);
/// How long a worker may take to end when the run is stopped.
const STOPPING: Duration = Duration::from_secs(2);
/// How long the start of a worker may take.
const STARTING: Duration = Duration::from_secs(30);
/// How many readers of one file may fail before the file is given up.
const MOST_FAULTS: usize = 3;
/// Longest line of `findings.jsonl`.
const LONGEST_LINE: usize = 16 << 20;

/// What was left out of a file, so that a second pass leaves out the same.
pub type Left = Vec<(u32, Fault)>;

/// Has a step left out that failed, when so many were begun. Where memory runs out at one step after the other, at none, or
/// at one within which others were done, it is what was found that takes it: then only half as much is read. Gives whether
/// that may help.
fn leave_out(left: &mut Left, (step, how): (u32, Fault), begun: u32) -> bool {
    let before = |fault: Fault| left.iter().find(|l| l.1 == fault).map(|l| l.0);
    let cut = before(Fault::Full);
    let is_around_others = step < begun.saturating_sub(1);
    let is_full =
        step == NONE || is_around_others || cut.is_some() || before(Fault::Memory).is_some();
    if how == Fault::Memory && is_full {
        let half = cut.unwrap_or(begun).min(begun) / 2;
        left.retain(|l| l.1 != Fault::Full);
        left.push((half, Fault::Full));
        return half > 0;
    }
    let is_known = step == NONE || left.iter().any(|l| l.0 == step);
    if is_known || left.len() == MOST_FAULTS {
        return false;
    }
    left.push((step, how));
    true
}

/// What a worker reads.
pub struct Input {
    first: Random,
    /// Whether the file is the start of standard input, and whether there may be more of it.
    stream: Option<bool>,
    size: u64,
    beside: Vec<(String, Random)>,
    name: String,
}

impl Input {
    /// A source that is a file.
    #[must_use]
    pub fn of(source: &Source, name: &str) -> Option<Input> {
        let (first, beside) = source.files()?;
        Some(Input { size: first.size(), first, stream: None, beside, name: name.to_owned() })
    }

    /// Standard input: what was read of it, kept in memory, and whether there may be more.
    ///
    /// # Errors
    /// What the system reports.
    pub fn of_stdin(read: &[u8], more: bool, name: &str) -> io::Result<Input> {
        let memory = rustix::fs::memfd_create("datakart-stdin", MemfdFlags::CLOEXEC)?;
        let mut first = File::from(memory);
        first.write_all(read)?;
        let first = Random::file(first, read.len() as u64);
        let (beside, name) = (Vec::new(), name.to_owned());
        Ok(Input { first, stream: Some(more), size: u64::MAX, beside, name })
    }

    /// Whether it can be read a second time.
    fn stays(&self) -> bool {
        self.stream != Some(true)
    }

    fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        let rest = (self.stream == Some(true)).then(rustix::stdio::stdin);
        let beside = self.beside.iter().filter_map(|b| b.1.as_file());
        let first = self.first.as_file().map(AsFd::as_fd);
        first.into_iter().chain(rest).chain(beside.map(AsFd::as_fd)).collect()
    }

    fn request(&self, left_out: Left, list: Option<List>, sought: Option<Sought>) -> Request {
        Request {
            name: self.name.clone(),
            size: self.size,
            stream: self.stream.is_some(),
            beside: self.beside.iter().map(|b| (b.0.clone(), b.1.size())).collect(),
            left_out,
            list,
            sought,
        }
    }
}

/// A worker process.
struct Worker {
    socket: UnixStream,
    handle: OwnedFd,
    mark: Mark,
}

impl Drop for Worker {
    fn drop(&mut self) {
        // One that has died already cannot be killed.
        let _ = pidfd_send_signal(&self.handle, Signal::KILL);
    }
}

/// Why there is no answer.
enum End {
    /// The worker failed.
    Fault(Fault),
    /// The run was stopped.
    Stopped,
    /// The system does not answer the worker.
    Stalled,
    /// No worker can be started.
    NoWorker,
    /// What came could not be written.
    Output(io::Error),
}

impl From<io::Error> for End {
    fn from(e: io::Error) -> End {
        match e.kind() {
            _ if e.get_ref().is_some_and(|e| e.is::<Stopped>()) => End::Stopped,
            _ if is_silent(&e) => End::Stalled,
            io::ErrorKind::TimedOut => End::Fault(Fault::Time),
            _ => End::Fault(Fault::Crashed),
        }
    }
}

/// The error of a worker that the system does not answer. It cannot be killed; it is left behind.
#[derive(Debug)]
struct Silent;

impl std::fmt::Display for Silent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the system does not answer")
    }
}

impl std::error::Error for Silent {}

/// Whether an error is that the system does not answer.
#[must_use]
pub fn is_silent(e: &io::Error) -> bool {
    e.get_ref().is_some_and(|e| e.is::<Silent>())
}

/// The workers.
pub struct Pool {
    control: Mutex<UnixStream>,
    idle: Mutex<Vec<Worker>>,
    missing: u8,
}

impl Pool {
    /// Gets ready to start workers. No thread may have been started yet.
    ///
    /// # Errors
    /// What the system reports.
    pub fn new(finder: &Finder, reading: Reading) -> io::Result<Pool> {
        // What kernels before 5.3 and some sandboxes lack would otherwise be missed with the first file.
        pidfd_open(getpid(), PidfdFlags::empty())?;
        Mark::new()?;
        let control = worker::fork(Shared { finder, reading })?;
        control.set_read_timeout(Some(STARTING))?;
        let (missing, _) = wire::take(&control)?.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Pool { control: Mutex::new(control), idle: Mutex::default(), missing })
    }

    /// What the system does not offer to shut workers in.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let names = [(cage::NO_LANDLOCK, "landlock"), (cage::NO_FILTER, "seccomp")];
        names.into_iter().filter(|n| self.missing & n.0 != 0).map(|n| n.1).collect()
    }

    /// Reads a file, from sniff to evidence; tells what had to be left out.
    #[must_use]
    pub fn scan(&self, finder: &Finder, input: &Input) -> (FileResult, Left) {
        self.result(finder, input, None)
    }

    /// Searches a file for a person; tells what had to be left out.
    #[must_use]
    pub fn find(&self, finder: &Finder, input: &Input, sought: &Sought) -> (FileResult, Left) {
        self.result(finder, input, Some(sought))
    }

    fn result(
        &self,
        finder: &Finder,
        input: &Input,
        sought: Option<&Sought>,
    ) -> (FileResult, Left) {
        let mut left = Left::new();
        let answer = self.insist(input, &mut left, |worker, left, until| {
            let request = input.request(left, None, sought.cloned());
            let content = worker.ask(input, request, until, |_| Err(End::Fault(Fault::Crashed)))?;
            let answer: Result<Answer, _> = serde_json::from_slice(&content);
            let result = answer.ok().and_then(|a| a.check(finder, input.size));
            result.ok_or(End::Fault(Fault::Crashed))
        });
        let skipped = |reason, detail: &str| FileResult::skipped(input.size, reason, detail);
        let result = answer.unwrap_or_else(|end| match end {
            End::Fault(how) => skipped(how.reason(), &format!("its reader {}", how.words())),
            End::Stopped => skipped(Reason::Stopped, "the run was stopped"),
            End::Stalled => skipped(Reason::Stalled, &Silent.to_string()),
            End::NoWorker | End::Output(_) => {
                skipped(Reason::Crashed, "no worker process could be started for it")
            }
        });
        (result, left)
    }

    /// Writes the listed matches of a file that was read with these steps left out. Tells whether all of
    /// them could be written.
    ///
    /// # Errors
    /// What the system reports of the output.
    pub fn list(
        &self,
        input: &Input,
        left: &Left,
        list: &List,
        place: &Place,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        let mut written = 0;
        let done = self.insist(input, &mut left.clone(), |worker, left, until| {
            let mut lines = Lines { place, pending: Vec::new(), before: written, written, out };
            let request = input.request(left, Some(list.clone()), None);
            let done = worker.ask(input, request, until, |bytes| lines.take(bytes));
            written = lines.written;
            done.map(|_| lines.pending.is_empty())
        });
        match done {
            Ok(whole) => Ok(whole),
            Err(End::Output(e)) => Err(e),
            Err(End::Stalled) => Err(io::Error::other(Silent)),
            Err(_) => Ok(false),
        }
    }

    /// Asks until there is an answer. What fails once may have been killed by somebody: it is asked again,
    /// of a new worker. What fails again, takes too long or too much memory is left out.
    fn insist<T>(
        &self,
        input: &Input,
        left: &mut Left,
        mut ask: impl FnMut(&mut Worker, Left, Instant) -> Result<T, End>,
    ) -> Result<T, End> {
        let allowed = allowed(input.size);
        let give_up = Instant::now() + 2 * allowed;
        let mut first = true;
        loop {
            let mut worker = self.worker(!first).map_err(|_| End::NoWorker)?;
            let until = give_up.min(Instant::now() + allowed);
            let how = match ask(&mut worker, left.clone(), until) {
                Ok(answer) => {
                    let full = worker.mark.full().map(|step| (step, Fault::Full));
                    left.extend(full);
                    self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
                    return Ok(answer);
                }
                Err(_) if STOP.load(Ordering::Relaxed) => return Err(End::Stopped),
                Err(End::Fault(how)) => how,
                Err(end) => return Err(end),
            };
            let step = worker.mark.get();
            let begun = worker.mark.full().unwrap_or(worker.mark.begun());
            drop(worker);
            let again = std::mem::take(&mut first) && how == Fault::Crashed && input.stays();
            if again {
                continue;
            }
            let is_over = Instant::now() >= give_up || !input.stays();
            if is_over || !leave_out(left, (step, how), begun) {
                return Err(End::Fault(how));
            }
        }
    }

    /// A worker that has nothing to do, or a new one.
    fn worker(&self, new: bool) -> io::Result<Worker> {
        if !new && let Some(idle) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(idle);
        }
        let (socket, theirs) = UnixStream::pair()?;
        let mark = Mark::new()?;
        let control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        wire::pass(&*control, worker::START, &[theirs.as_fd(), mark.file().as_fd()])?;
        match wire::take(&*control)? {
            Some((worker::STARTED, handles)) => {
                let handle = handles.into_iter().next().ok_or(io::ErrorKind::InvalidData)?;
                Ok(Worker { socket, handle, mark })
            }
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

/// The time that a worker has for a file of this size.
fn allowed(size: u64) -> Duration {
    #[cfg(debug_assertions)]
    if let Some(shorter) = super::inject::time() {
        return shorter;
    }
    meter::time(size) + GRACE
}

impl Worker {
    /// Asks for one file, and hands on the lines that come before the answer.
    fn ask(
        &mut self,
        input: &Input,
        request: Request,
        until: Instant,
        mut lines: impl FnMut(&[u8]) -> Result<(), End>,
    ) -> Result<Vec<u8>, End> {
        let request = serde_json::to_vec(&request).map_err(io::Error::from)?;
        wire::pass(&self.socket, kind::ASK, &input.descriptors())?;
        let mut stopping = None;
        let mut watch = Watch::new(self.mark.calls());
        let wait = || {
            let now = Instant::now();
            if STOP.load(Ordering::Relaxed) && stopping.is_none() {
                stopping = Some(now + STOPPING);
                pidfd_send_signal(&self.handle, Signal::TERM)?;
            }
            match stopping {
                Some(upto) if now > upto => Err(io::Error::other(Stopped)),
                None if now > until => Err(io::ErrorKind::TimedOut.into()),
                None if watch.is_stuck() => Err(io::Error::other(Silent)),
                _ => Ok(()),
            }
        };
        let mut socket = Patient::new(&self.socket, wait)?;
        wire::write(&mut socket, kind::ASK, &request)?;
        loop {
            match socket.frame()? {
                (kind::DONE, content) => return Ok(content),
                (kind::LINES, content) => lines(&content)?,
                (kind::MEMORY, _) => return Err(End::Fault(Fault::Memory)),
                _ => return Err(End::Fault(Fault::Crashed)),
            }
        }
    }
}

/// Lines of `findings.jsonl` on their way from a worker to the output.
struct Lines<'l> {
    place: &'l Place,
    pending: Vec<u8>,
    /// Lines that a worker before this one has given already.
    before: u64,
    written: u64,
    out: &'l mut dyn Write,
}

impl Lines<'_> {
    fn take(&mut self, bytes: &[u8]) -> Result<(), End> {
        self.pending.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(length) = memchr::memchr(b'\n', &self.pending[at..]) {
            let line: Option<MatchLine> =
                serde_json::from_slice(&self.pending[at..at + length]).ok();
            self.line(line.ok_or(End::Fault(Fault::Crashed))?)?;
            at += length + 1;
        }
        self.pending.drain(..at);
        if self.pending.len() > LONGEST_LINE {
            return Err(End::Fault(Fault::Crashed));
        }
        Ok(())
    }

    /// Writes a line, with the place that only this process knows.
    fn line(&mut self, line: MatchLine) -> Result<(), End> {
        if let Some(left) = self.before.checked_sub(1) {
            self.before = left;
            return Ok(());
        }
        let (path, path_b64) = (self.place.path.clone(), self.place.path_b64.clone());
        let line = MatchLine { path, path_b64, ..line };
        jsonl::write_line(&line, self.out).map_err(End::Output)?;
        self.written += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_takes_too_much_is_left_out_alone_and_what_was_found_makes_the_rest_be_left_out()
     {
        let (memory, full) = (Fault::Memory, Fault::Full);
        let mut left = Left::new();
        assert!(leave_out(&mut left, (7, memory), 8));
        assert_eq!(left, [(7, memory)]);
        // The next one fails as well.
        assert!(leave_out(&mut left, (9, memory), 10));
        assert_eq!(left, [(7, memory), (5, full)]);
        assert!(leave_out(&mut left, (4, memory), 5));
        assert_eq!(left, [(7, memory), (2, full)]);
        // There is no room for the answer.
        assert!(leave_out(&mut left, (NONE, memory), 2));
        assert!(!leave_out(&mut left, (NONE, memory), 2));
        assert!(leave_out(&mut Left::new(), (NONE, memory), 100));
        // Memory ran out in the archive, behind some of its members.
        let mut left = Left::new();
        assert!(leave_out(&mut left, (0, memory), 60));
        assert_eq!(left, [(30, full)]);
        assert!(!leave_out(&mut Left::new(), (NONE, memory), 1));
        assert!(!leave_out(&mut Left::new(), (NONE, Fault::Crashed), 100));
    }
}
