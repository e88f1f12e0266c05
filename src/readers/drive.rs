//! What the streaming readers share: the loop that feeds a parser with windows, free text gathered
//! in passages, and counting of lines.

use super::Stop;
use crate::source::Source;
use crate::unit::{Mark, PIECE, Sink, Text};

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

/// Free text that is gathered until it ends, and handed on in stretches with context when it is long. Its paragraphs are
/// lines of one text: what is a person's name is told by the street in the next one.
#[derive(Debug, Default)]
pub struct Passage {
    bytes: Vec<u8>,
    from: usize,
    /// Where the byte at `from` stands.
    line: u64,
    offset: u64,
    /// Where the paragraph at hand begins.
    start: usize,
    /// What stands behind it in another place than counting would tell: paragraphs, and text behind blanks that are one.
    marks: Vec<Mark>,
}

impl Passage {
    /// Adds text; `line` and `offset` tell where it stands and count when a paragraph begins.
    pub fn add(&mut self, text: &[u8], line: u64, offset: u64, sink: &mut Sink<'_>) {
        let mut text = text;
        if self.bytes.len() == self.start {
            let blank = text.len() - text.trim_ascii_start().len();
            let line = line + memchr::memchr_iter(b'\n', &text[..blank]).count() as u64;
            text = &text[blank..];
            self.mark(line, offset + blank as u64);
        }
        for part in text.chunks(PIECE) {
            self.bytes.extend_from_slice(part);
            if self.bytes.len() - self.from > PIECE + AFTER {
                self.hand_on(sink);
            }
        }
    }

    /// The same for text in which line ends are blanks, and several blanks are one.
    pub fn add_flowing(&mut self, text: &[u8], line: u64, offset: u64, sink: &mut Sink<'_>) {
        let (mut at, mut line) = (0, line);
        while at < text.len() {
            let rest = &text[at..];
            let plain = rest.len() - rest.trim_ascii_start().len();
            let is_one = plain == 1 && rest[0] == b' ' && !self.bytes.ends_with(b" ");
            if plain > 0 && !is_one && self.bytes.len() > self.start {
                line += memchr::memchr_iter(b'\n', &rest[..plain]).count() as u64;
                at += plain;
                if !matches!(self.bytes.last(), Some(b' ' | b'\n')) {
                    self.bytes.push(b' ');
                }
                self.mark(line, offset + at as u64);
                continue;
            }
            let odd =
                |two: &[u8]| two[1].is_ascii_whitespace() && (two[1] != b' ' || two[0] == b' ');
            let end = rest[plain..].windows(2).position(odd).map_or(rest.len(), |i| plain + i + 1);
            let lines = memchr::memchr_iter(b'\n', &rest[..plain]).count() as u64;
            self.add(&rest[..end], line, offset + at as u64, sink);
            at += end;
            line += lines;
        }
    }

    /// Tells where what comes next stands.
    fn mark(&mut self, line: u64, offset: u64) {
        let at = self.bytes.len();
        match self.marks.last_mut() {
            Some(mark) if mark.at == at => (mark.line, mark.offset) = (line, offset),
            _ if at == self.from => (self.line, self.offset) = (line, offset),
            _ => self.marks.push(Mark { at, line, offset }),
        }
    }

    fn hand_on(&mut self, sink: &mut Sink<'_>) {
        let to = cut(&self.bytes, self.bytes.len() - AFTER);
        let text = self.text(to);
        let (line, offset) = text.places().at(to);
        let slot = sink.free_text();
        sink.text(slot, text);
        (self.line, self.offset) = (line, offset);
        let keep = to.saturating_sub(BEFORE);
        self.bytes.drain(..keep);
        self.from = to - keep;
        self.start = self.start.saturating_sub(keep);
        self.marks.retain_mut(|mark| {
            let is_behind = mark.at > to;
            mark.at = mark.at.saturating_sub(keep);
            is_behind
        });
    }

    /// What has not been handed on, up to a place.
    fn text(&self, to: usize) -> Text<'_> {
        let Passage { bytes, from, line, offset, marks, .. } = self;
        let inside = marks.partition_point(|mark| mark.at <= to);
        let marks = &marks[..inside];
        Text { bytes, from: *from, to, line: *line, offset: *offset, marks }
    }

    /// A paragraph ends here.
    pub fn pause(&mut self, sink: &mut Sink<'_>) {
        let new = self.start.max(self.from);
        let end = new + self.bytes[new..].trim_ascii_end().len();
        self.bytes.truncate(end);
        // One that was handed on but for some blanks has ended all the same.
        if end > self.start {
            self.bytes.push(b'\n');
        }
        self.start = self.bytes.len();
        self.marks.retain(|mark| mark.at <= end);
        if self.bytes.len() - self.from > PIECE + AFTER {
            self.hand_on(sink);
        }
    }

    /// The text ends here.
    pub fn end(&mut self, sink: &mut Sink<'_>) {
        let to = self.bytes.trim_ascii_end().len();
        if to > self.from {
            let slot = sink.free_text();
            sink.text(slot, self.text(to));
        }
        self.bytes.clear();
        self.marks.clear();
        (self.from, self.start) = (0, 0);
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
