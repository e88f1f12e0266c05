//! The other side: a process that is forked off before the first thread starts, with all rules loaded, and
//! does nothing but fork workers off itself; and the workers. None of them can open a file or reach a
//! network, and all of them end when the scanning process does.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read, Seek as _, Write};
use std::os::fd::{AsFd as _, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustix::process::{Pid, PidfdFlags, Signal};

use super::wire::{self, Answer, List, Request, kind};
use super::{cage, heap};
use crate::detect::finder::Finder;
use crate::emit::{Emitter, Place};
use crate::file::{self, Input, Reading};
use crate::sniff::{self, Sniffed};
use crate::source::open::{Opened, Refusal};
use crate::source::{STOP, Source, call};
use crate::steps::{Mark, Steps};
use crate::subject::{self, Needles, Sought};

/// What all workers share.
#[derive(Clone, Copy)]
pub struct Shared<'f> {
    /// The rules.
    pub finder: &'f Finder,
    /// How files are read.
    pub reading: Reading,
}

/// Forks the process off that workers come from. Gives the socket to it.
///
/// # Errors
/// What the system reports; also when there are threads already, of which a fork would hold the locks.
pub fn fork(shared: Shared<'_>) -> io::Result<UnixStream> {
    if !is_alone()? {
        return Err(io::Error::other("there are threads already"));
    }
    let (ours, theirs) = UnixStream::pair()?;
    let parent = rustix::process::getpid();
    // SAFETY: this is the only thread, so no lock is held by another one.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            drop(ours);
            let _ = serve(theirs, parent, shared);
            leave()
        }
        _ => Ok(ours),
    }
}

/// Whether this is the process's only thread, but for those that never do anything again. One that has been waited
/// for may be listed a moment longer.
fn is_alone() -> io::Result<bool> {
    for _ in 0..100 {
        if std::fs::read_dir("/proc/self/task")?.count() == 1 + call::left_behind() {
            return Ok(true);
        }
        std::thread::sleep(std::time::Duration::from_micros(100));
    }
    Ok(false)
}

/// Ends this process, without what the scanning process does at its end.
fn leave() -> ! {
    // SAFETY: _exit(2) with a constant.
    unsafe { libc::_exit(0) }
}

/// Forks a worker off for every pair of descriptors that comes: its socket and its mark.
fn serve(control: UnixStream, parent: Pid, shared: Shared<'_>) -> io::Result<Infallible> {
    end_with(parent)?;
    settle(&control)?;
    let missing = cage::close()?;
    wire::pass(&control, missing, &[])?;
    let me = rustix::process::getpid();
    loop {
        let Some((_, descriptors)) = wire::take(&control)? else { leave() };
        let Ok([socket, mark]) = <[OwnedFd; 2]>::try_from(descriptors) else { leave() };
        // SAFETY: this process has one thread.
        let pid = match unsafe { libc::fork() } {
            0 => {
                drop(control);
                let _ = work(UnixStream::from(socket), File::from(mark), me, shared);
                leave()
            }
            pid => Pid::from_raw(pid.max(0)),
        };
        match pid.map(|pid| rustix::process::pidfd_open(pid, PidfdFlags::empty())) {
            Some(Ok(handle)) => wire::pass(&control, STARTED, &[handle.as_fd()])?,
            _ => wire::pass(&control, NOT_STARTED, &[])?,
        }
    }
}

/// A worker is wanted; its socket and its mark come with this.
pub const START: u8 = 1;
/// A worker runs; its handle comes with this.
pub const STARTED: u8 = 1;
/// None could be started.
const NOT_STARTED: u8 = 0;

/// Has this process killed when its parent ends.
fn end_with(parent: Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if rustix::process::getppid() == Some(parent) { Ok(()) } else { leave() }
}

/// Leaves everything behind that belongs to the scanning process: its terminal, its descriptors, its
/// signals.
fn settle(control: &UnixStream) -> io::Result<()> {
    // What is typed at the terminal is for the scanning process alone.
    rustix::process::setsid()?;
    for signal in [libc::SIGINT, libc::SIGHUP, libc::SIGTERM, libc::SIGPIPE, libc::SIGCHLD] {
        // SAFETY: signal(2) with constants. Ignored, children leave no zombies.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    let null = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    drop(null);
    close_all_but(control.as_raw_fd());
    // A panic's message may hold what was read.
    std::panic::set_hook(Box::new(|_| {}));
    #[cfg(debug_assertions)]
    super::inject::arm();
    Ok(())
}

/// Closes every descriptor but the standard ones and this one.
fn close_all_but(kept: RawFd) {
    let listed = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let numbers: Vec<RawFd> =
        listed.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for number in numbers.into_iter().filter(|n| *n > 2 && *n != kept) {
        // SAFETY: close(2). Whatever owned it belongs to the scanning process and is never used here.
        unsafe { libc::close(number) };
    }
}

/// Answers requests until there are no more.
fn work(socket: UnixStream, mark: File, parent: Pid, shared: Shared<'_>) -> io::Result<()> {
    end_with(parent)?;
    // The scanning process's handlers came along, and have been replaced since: they must not be kept.
    // SAFETY: signal(2) with constants and a function that stores to an atomic, which is async-signal-safe.
    unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        let handler: extern "C" fn(libc::c_int) = on_term;
        libc::signal(libc::SIGTERM, handler as libc::sighandler_t);
    }
    // It lives as long as this process.
    let mark: &'static Arc<Mark> = Box::leak(Box::new(Arc::new(Mark::of(mark)?)));
    call::show(mark.calls());
    heap::count(socket.as_raw_fd());
    let mut search = None;
    while let Some((_, descriptors)) = wire::take(&socket)? {
        heap::next_file();
        let request = request(&socket)?;
        let steps = || Steps::watched(mark.clone(), request.left_out.clone());
        let input = |descriptors| -> io::Result<Input<'_>> {
            let sniffed = Sniffed::new(source(&request, descriptors)?, &request.name);
            Ok(Input { sniffed, steps: steps(), size: request.size, name: &request.name })
        };
        let content = match (&request.sought, &request.list) {
            (Some(sought), _) => {
                let again =
                    || descriptors.iter().map(OwnedFd::try_clone).collect::<io::Result<Vec<_>>>();
                let open = || again().and_then(&input).ok();
                serde_json::to_vec(&find(shared, needles(&mut search, sought)?, open)?)?
            }
            (None, None) => serde_json::to_vec(&scan(shared, input(descriptors)?))?,
            (None, Some(list)) => {
                lines(shared.finder, input(descriptors)?, list, &socket)?;
                Vec::new()
            }
        };
        wire::write(&mut &socket, kind::DONE, &content)?;
    }
    Ok(())
}

extern "C" fn on_term(_: libc::c_int) {
    STOP.store(true, Ordering::SeqCst);
}

fn request(mut socket: &UnixStream) -> io::Result<Request> {
    let mut head = [0; 5];
    socket.read_exact(&mut head)?;
    let [_, length @ ..] = head;
    let mut content = vec![0; u32::from_le_bytes(length) as usize];
    socket.read_exact(&mut content)?;
    Ok(serde_json::from_slice(&content)?)
}

/// The source that the descriptors make.
fn source(request: &Request, descriptors: Vec<OwnedFd>) -> io::Result<Source> {
    let mut files = descriptors.into_iter().map(File::from);
    let mut first = files.next().ok_or(io::ErrorKind::InvalidInput)?;
    if request.stream {
        // The position is the scanning process's, too, and that of a worker before this one.
        first.rewind()?;
        return Ok(match files.next() {
            Some(rest) => Source::from_read(Box::new(first.chain(rest))),
            None => Source::from_read(Box::new(first)),
        });
    }
    let open = |file: File, size: u64| {
        Opened::received(file, size).map_err(|refusal| match refusal {
            Refusal::Io(e) => e,
            _ => io::ErrorKind::InvalidInput.into(),
        })
    };
    let mut source = open(first, request.size)?.source(None)?;
    for ((ending, size), file) in request.beside.iter().zip(files) {
        source = source.with_beside(ending, open(file, *size)?.random());
    }
    Ok(source)
}

/// The needles of this search, made once for all files.
fn needles<'s>(
    known: &'s mut Option<(Sought, Needles)>,
    sought: &Sought,
) -> io::Result<&'s Needles> {
    let made = match known.take() {
        Some(made) if made.0 == *sought => made,
        _ => (sought.clone(), Needles::new(sought).map_err(io::Error::other)?),
    };
    Ok(&known.insert(made).1)
}

/// Searches for a person, in this thread.
fn find<'n>(
    shared: Shared<'_>,
    needles: &Needles,
    open: impl FnMut() -> Option<Input<'n>>,
) -> io::Result<Answer> {
    let found = subject::find(shared.finder, needles, shared.reading, None, open);
    found.map(|(result, _)| result.into()).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// From sniff to evidence, in this thread.
fn scan(shared: Shared<'_>, input: Input<'_>) -> Answer {
    let alone = Reading { share_from: u64::MAX, learns: false, ..shared.reading };
    file::scan_sniffed(shared.finder, input, alone).0.into()
}

/// Sends the lines of listed matches. The place is the scanning process's to fill in.
fn lines(finder: &Finder, input: Input<'_>, list: &List, socket: &UnixStream) -> io::Result<()> {
    let accepts = list.by_slot();
    let place = Place { path: String::new(), path_b64: None };
    let mut out = io::BufWriter::with_capacity(64 << 10, Frames(socket));
    let mut emitter = Emitter::new(finder, &accepts, &place, &list.key, list.reveal, &mut out);
    let Input { sniffed, steps, size, name } = input;
    sniff::sniffed_file(sniffed, name, size, steps, &mut emitter);
    emitter.finish()?;
    out.flush()
}

/// Sends what is written as frames.
struct Frames<'s>(&'s UnixStream);

impl Write for Frames<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        wire::write(&mut self.0, kind::LINES, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
