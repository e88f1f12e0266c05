//! What the streaming readers share: the loop that feeds a parser with windows, free text gathered
//! in passages, and counting of lines.

use super::Stop;
use crate::source::Source;
use crate::unit::{PIECE, Sink, Text};

/// What a parser made of a window.
pub enum Then {
    /// Go on behind what was used, with whatever is there.
    On,
    /// A token is cut by the window's end: more bytes are needed.
    More,
    /// The format's rules are broken behind what was used.
    Broken(&'static str),
}

/// The bytes a parser looks at.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The bytes from the current position on.
    pub bytes: &'a [u8],
    /// Whether nothing comes after them.
    pub end: bool,
    /// Offset of the first byte in the source.
    pub base: u64,
}

/// A parser that takes a source window by window. Results never depend on where windows end.
pub trait Parse {
    /// Takes whole tokens from the window; tells how many bytes were used.
    fn parse(&mut self, view: View<'_>, sink: &mut Sink<'_>) -> (usize, Then);
    /// Called once at the source's end.
    ///
    /// # Errors
    /// What is missing at the end.
    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), &'static str>;
}

/// Feeds a parser until the source ends or the parser gives up.
///
/// # Errors
/// What the system reports, and what the parser finds broken.
pub fn drive(source: &mut Source, sink: &mut Sink<'_>, parser: &mut dyn Parse) -> Result<(), Stop> {
    let mut want = 1;
    loop {
        let base = source.position();
        let bytes = source.peek(want)?;
        if bytes.is_empty() {
            return parser.finish(sink).map_err(Stop::Malformed);
        }
        let end = bytes.len() < want;
        let (used, then) = parser.parse(View { bytes, end, base }, sink);
        let left = bytes.len() - used;
        source.consume(used);
        match then {
            Then::Broken(why) => {
                // What was gathered is handed on; the first complaint is the one that counts.
                let _ = parser.finish(sink);
                return Err(Stop::Malformed(why));
            }
            Then::More if end => {
                let _ = parser.finish(sink);
                return Err(Stop::Malformed("the end stands inside a value"));
            }
            Then::More => want = left + left.clamp(1, PIECE),
            Then::On => want = 1,
        }
    }
}

/// Takes token after token of a window: `token` tells how many bytes the one at a place has. Gives how many bytes were
/// used.
pub fn tokens(
    view: View<'_>,
    mut token: impl FnMut(usize) -> Result<usize, Then>,
) -> (usize, Then) {
    let mut at = 0;
    while at < view.bytes.len() {
        match token(at) {
            Ok(length) => at += length,
            Err(then) => return (at, then),
        }
    }
    (at, Then::On)
}

/// How many bytes a comment has that begins here: up to the end of its line behind this sign, or to where it is closed
/// (`/* … */`).
pub fn comment(rest: &[u8], line: &[u8]) -> Option<usize> {
    let end = if rest.starts_with(line) {
        memchr::memchr(b'\n', rest)
    } else if rest.starts_with(b"/*") {
        memchr::memmem::find(rest, b"*/").map(|at| at + 2)
    } else {
        return None;
    };
    Some(end.unwrap_or(rest.len()))
}

/// Counts lines while a parser moves through a window.
#[derive(Debug)]
pub struct Lines {
    line: u64,
    counted: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Lines { line: 1, counted: 0 }
    }
}

impl Lines {
    /// The line (from 1) of the byte at `at`; positions never go back.
    pub fn at(&mut self, bytes: &[u8], at: usize) -> u64 {
        if at > self.counted {
            self.line += memchr::memchr_iter(b'\n', &bytes[self.counted..at]).count() as u64;
            self.counted = at;
        }
        self.line
    }

    /// Passes over bytes that are known to have so many line ends.
    pub fn pass(&mut self, bytes: &[u8], at: usize, length: usize, lines: u64) {
        self.line = self.at(bytes, at) + lines;
        self.counted = at + length;
    }

    /// The window moves on by `used` bytes.
    pub fn leave(&mut self, bytes: &[u8], used: usize) {
        self.at(bytes, used);
        self.counted = 0;
    }
}

/// Context kept before a cut: as far as keywords are looked for.
const BEFORE: usize = 512;
/// Context kept after a cut: the longest match and what is looked at behind it.
const AFTER: usize = 1024;

/// Free text that is gathered until it ends, and handed on in stretches with context when it is long.
#[derive(Debug, Default)]
pub struct Passage {
    bytes: Vec<u8>,
    from: usize,
    line: u64,
    offset: u64,
}

impl Passage {
    /// Adds text; `line` and `offset` tell where it stands and count when the passage begins.
    pub fn add(&mut self, text: &[u8], line: u64, offset: u64, sink: &mut Sink<'_>) {
        if self.bytes.len() == self.from {
            (self.line, self.offset) = (line, offset);
        }
        for part in text.chunks(PIECE) {
            self.bytes.extend_from_slice(part);
            if self.bytes.len() - self.from > PIECE + AFTER {
                self.hand_on(sink);
            }
        }
    }

    fn hand_on(&mut self, sink: &mut Sink<'_>) {
        let to = cut(&self.bytes, self.bytes.len() - AFTER);
        self.push(to, sink);
        self.line += memchr::memchr_iter(b'\n', &self.bytes[self.from..to]).count() as u64;
        self.offset += (to - self.from) as u64;
        let keep = to.saturating_sub(BEFORE);
        self.bytes.drain(..keep);
        self.from = to - keep;
    }

    fn push(&self, to: usize, sink: &mut Sink<'_>) {
        let Passage { bytes, from, line, offset } = self;
        let slot = sink.free_text();
        sink.text(slot, Text { bytes, from: *from, to, line: *line, offset: *offset });
    }

    /// A paragraph ends here. Its end stays in sight of what comes next, as the line above.
    pub fn pause(&mut self, sink: &mut Sink<'_>) {
        if !self.bytes[self.from..].trim_ascii().is_empty() {
            self.push(self.bytes.len(), sink);
            let end = self.from + self.bytes[self.from..].trim_ascii_end().len();
            self.bytes.truncate(end);
            self.bytes.drain(..end.saturating_sub(BEFORE));
            self.bytes.push(b'\n');
        } else {
            self.bytes.truncate(self.from);
        }
        self.from = self.bytes.len();
    }

    /// The text ends here.
    pub fn end(&mut self, sink: &mut Sink<'_>) {
        if !self.bytes[self.from..].trim_ascii().is_empty() {
            self.push(self.bytes.len(), sink);
        }
        self.bytes.clear();
        self.from = 0;
    }
}

/// Where to cut bytes that are longer than `hard`: behind a blank in the last kilobyte before it,
/// else between two characters. Never 0 for a positive `hard` of four and more.
#[must_use]
pub fn cut(bytes: &[u8], hard: usize) -> usize {
    let low = hard.saturating_sub(1024);
    if let Some(i) = memchr::memrchr3(b' ', b'\n', b',', &bytes[low..hard]) {
        return low + i + 1;
    }
    let back = bytes[..hard].iter().rev().take(3).take_while(|b| (**b & 0xC0) == 0x80).count();
    let lead = hard - back;
    if lead > 1 && bytes[lead - 1] >= 0xC0 { lead - 1 } else { hard }
}

#[cfg(test)]
pub mod testing {
    //! A window that hands out few bytes at a time, and runs of readers over it.
    use std::io;
    use std::sync::Arc;

    use super::*;
    use crate::source::Window;
    use crate::unit::testing::Collected;

    /// Hands out what is asked for and 0 to 6 bytes more.
    struct Drops {
        bytes: Vec<u8>,
        at: usize,
        more: usize,
    }

    impl Window for Drops {
        fn peek(&mut self, want: usize) -> io::Result<&[u8]> {
            self.more = (self.more * 5 + 3) % 7;
            let to = (self.at + want.max(1) + self.more).min(self.bytes.len());
            Ok(&self.bytes[self.at..to])
        }
        fn consume(&mut self, n: usize) {
            self.at = (self.at + n).min(self.bytes.len());
        }
    }

    type Read = fn(&mut Source, &mut Sink<'_>) -> Result<(), Stop>;

    fn run(mut source: Source, read: Read) -> (Collected, Option<&'static str>, u64) {
        let mut all = Collected::default();
        let mut sink = Sink::new(&mut all, Arc::new([]));
        let why = match read(&mut source, &mut sink) {
            Ok(()) => None,
            Err(Stop::Malformed(why)) => Some(why),
            Err(Stop::Io(e)) => panic!("{e}"),
        };
        sink.finish();
        (all, why, source.position())
    }

    /// Reads bytes whole and in drops, and checks that both see the same.
    pub fn read(bytes: &[u8], read: Read) -> (Collected, Option<&'static str>, u64) {
        let whole = run(Source::from_bytes(bytes.to_vec()), read);
        let drops = Drops { bytes: bytes.to_vec(), at: 0, more: 0 };
        let few = run(Source::new(Box::new(drops)), read);
        assert_eq!((&whole.0.slots, &whole.0.cells), (&few.0.slots, &few.0.cells));
        assert_eq!(whole.0.texts, few.0.texts);
        assert_eq!((whole.1, whole.2), (few.1, few.2));
        whole
    }
}
