//! Sources: the bytes of one file, standard input or (later) archive member, as a sliding window.
//!
//! No other module knows where bytes come from. A reader looks at the bytes ahead with
//! [`Source::peek`] and moves on with [`Source::consume`]; memory stays bounded whatever the size.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use buffers::CHUNK;

pub mod ahead;
mod buffers;
pub mod call;
pub mod clock;
mod decode;
pub mod exposure;
mod map;
pub mod mounts;
pub mod open;
pub mod pace;
mod pages;
mod random;
mod sparse;
mod stdin;
pub mod throttle;

pub use decode::{Encoding, decoded, guess, guess_by};
pub use random::{Random, Section};
pub use stdin::Stdin;

/// Set once when the run is to end early; every source then ends with [`Stopped`].
pub static STOP: AtomicBool = AtomicBool::new(false);

/// The error of a source that was read when the run was stopped.
#[derive(Debug)]
pub struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the run was stopped")
    }
}

impl std::error::Error for Stopped {}

/// The file is shorter than it was when it was opened.
#[derive(Debug)]
pub struct Shrunk;

impl std::fmt::Display for Shrunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the file was cut short")
    }
}

impl std::error::Error for Shrunk {}

/// A stream of bytes with a window that slides over it.
pub trait Window: Send {
    /// The bytes from the current position on: at least `want` unless the end is nearer.
    /// Empty only at the end.
    ///
    /// # Errors
    /// What the system reports while reading.
    fn peek(&mut self, want: usize) -> io::Result<&[u8]>;

    /// Moves on by `n` bytes, at most as many as the last `peek` gave.
    fn consume(&mut self, n: usize);

    /// How many times so far bytes could not be decoded.
    fn undecodable(&self) -> u64 {
        0
    }

    /// Why the stream ended before its time, once what came before was given.
    fn failure(&mut self) -> Option<io::Error> {
        None
    }
}

/// The bytes of one source.
pub struct Source {
    window: Box<dyn Window>,
    position: u64,
    file: Option<Random>,
    beside: Vec<(String, Random)>,
}

/// A source that is no file is copied to memory up to this size where random access is needed.
const COPIED: u64 = 128 << 20;

impl Source {
    /// A source over any window.
    #[must_use]
    pub fn new(window: Box<dyn Window>) -> Self {
        Source { window, position: 0, file: None, beside: Vec::new() }
    }

    /// A source that reads a stream through a buffer.
    #[must_use]
    pub fn from_read(read: Box<dyn Read + Send>) -> Self {
        Source::new(Box::new(Stream::new(read)))
    }

    /// A source that reads a part of a file through a buffer that grows no larger than the part.
    #[must_use]
    pub fn from_section(section: Section) -> Self {
        let most = usize::try_from(section.left()).unwrap_or(usize::MAX);
        let mut stream = Stream::new(section);
        stream.most = most;
        Source::new(Box::new(stream))
    }

    /// A source over bytes in memory.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Source::new(Box::new(Memory { bytes, at: 0 }))
    }

    /// Says that so many bytes were consumed before these.
    #[must_use]
    pub fn behind(mut self, position: u64) -> Self {
        self.position = position;
        self
    }

    /// Says that the source is all of this file.
    #[must_use]
    pub fn of_file(mut self, file: Random) -> Self {
        self.file = Some(file);
        self
    }

    /// The file that the source is, and those beside it.
    #[must_use]
    pub fn files(&self) -> Option<(Random, Vec<(String, Random)>)> {
        Some((self.file.clone()?, self.beside.clone()))
    }

    /// Adds a file that lies beside this one and belongs to it, by the ending of its name.
    #[must_use]
    pub fn with_beside(mut self, ending: &str, file: Random) -> Self {
        self.beside.push((ending.to_owned(), file));
        self
    }

    /// The file beside this one whose name ends so, if it was there.
    #[must_use]
    pub fn beside(&self, ending: &str) -> Option<Random> {
        self.beside.iter().find(|b| b.0 == ending).map(|b| b.1.clone())
    }

    /// Random access to all bytes of a source that nothing was consumed of. What is no file is read to
    /// its end and held in memory, which ends at 128 MiB.
    ///
    /// # Errors
    /// What the system reports while reading; [`crate::meter::OverBudget`] when it is too big.
    pub fn random(&mut self) -> io::Result<Random> {
        if let Some(file) = self.file.as_ref().filter(|_| self.position == 0) {
            let file = file.clone();
            self.position = file.size();
            return Ok(file);
        }
        let mut bytes = Vec::new();
        loop {
            let part = self.peek(CHUNK)?;
            if part.is_empty() {
                return self.failure().map_or(Ok(Random::memory(bytes)), Err);
            }
            let n = part.len();
            if (bytes.len() + n) as u64 > COPIED {
                return Err(io::Error::other(crate::meter::TOO_BIG_TO_HOLD));
            }
            bytes.extend_from_slice(part);
            self.consume(n);
        }
    }

    /// The bytes from the current position on: at least `want` unless the end is nearer (often more).
    /// Empty only at the end.
    ///
    /// # Errors
    /// What the system reports while reading.
    pub fn peek(&mut self, want: usize) -> io::Result<&[u8]> {
        if STOP.load(Ordering::Relaxed) {
            return Err(io::Error::other(Stopped));
        }
        self.window.peek(want)
    }

    /// Moves on by `n` bytes, at most as many as the last `peek` gave.
    pub fn consume(&mut self, n: usize) {
        self.window.consume(n);
        self.position += n as u64;
    }

    /// How many bytes have been consumed.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How many times so far bytes could not be decoded and a replacement character stands for them.
    #[must_use]
    pub fn undecodable(&self) -> u64 {
        self.window.undecodable()
    }

    /// Why the source ended before its time, if it did: what came before was given as if it were all.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.window.failure()
    }

    /// The window itself, for a layer that goes over it.
    #[must_use]
    pub fn into_window(self) -> Box<dyn Window> {
        self.window
    }
}

/// Reads a source like any stream.
impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.peek(1)?;
        let n = bytes.len().min(buffer.len());
        buffer[..n].copy_from_slice(&bytes[..n]);
        if let Some(e) = (n == 0).then(|| self.failure()).flatten() {
            return Err(e);
        }
        self.consume(n);
        Ok(n)
    }
}

/// Text in the code page of MS-DOS, as old archives have in their names.
#[must_use]
pub fn from_dos(bytes: &[u8]) -> String {
    let mut source = decoded(Source::from_bytes(bytes.to_vec()), Encoding::Dos);
    let text = source.peek(bytes.len() * 4).unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

struct Memory {
    bytes: Vec<u8>,
    at: usize,
}

impl Window for Memory {
    fn peek(&mut self, _: usize) -> io::Result<&[u8]> {
        Ok(&self.bytes[self.at..])
    }
    fn consume(&mut self, n: usize) {
        self.at = (self.at + n).min(self.bytes.len());
    }
}

/// A reader behind a buffer that grows to what is asked for, and no further.
pub struct Stream<R> {
    read: R,
    buffer: Vec<u8>,
    /// Most bytes that there are to read.
    most: usize,
    start: usize,
    end: usize,
    done: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Stream<R> {
    /// A window over a reader.
    #[must_use]
    pub fn new(read: R) -> Self {
        let (buffer, most) = (Vec::new(), usize::MAX);
        Stream { read, buffer, most, start: 0, end: 0, done: false, failure: None }
    }

    fn make_room(&mut self, want: usize) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.is_empty() {
            self.buffer = buffers::take();
        }
        let need = want.min(self.most);
        if self.buffer.len() < need {
            self.buffer.resize(need, 0);
        }
    }
}

impl<R> Drop for Stream<R> {
    fn drop(&mut self) {
        buffers::give(std::mem::take(&mut self.buffer));
    }
}

impl<R: Read + Send> Window for Stream<R> {
    fn peek(&mut self, want: usize) -> io::Result<&[u8]> {
        if self.end - self.start < want.max(1) && !self.done {
            self.make_room(want);
            while self.end < self.buffer.len() && !self.done {
                match self.read.read(&mut self.buffer[self.end..]) {
                    Ok(0) => self.done = true,
                    Ok(n) => self.end += n,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    // What came before the damage is worth reading.
                    Err(e) => {
                        self.done = true;
                        self.failure = Some(e);
                    }
                }
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }

    fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }
}

#[cfg(test)]
pub mod testing {
    //! Windows that give no more than what is asked for, for the tests of what goes over them.
    use super::*;

    struct Tiny {
        bytes: Vec<u8>,
        at: usize,
        step: usize,
    }

    impl Window for Tiny {
        fn peek(&mut self, want: usize) -> io::Result<&[u8]> {
            let end = (self.at + want.max(self.step)).min(self.bytes.len());
            Ok(&self.bytes[self.at..end])
        }
        fn consume(&mut self, n: usize) {
            self.at = (self.at + n).min(self.bytes.len());
        }
    }

    /// A source that hands out `step` bytes at a time, more only when asked for.
    pub fn tiny(bytes: &[u8], step: usize) -> Source {
        Source::new(Box::new(Tiny { bytes: bytes.to_vec(), at: 0, step }))
    }
}
