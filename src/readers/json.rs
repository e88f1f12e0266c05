//! JSON and NDJSON: every leaf is a value of the field its path names (`$.users[].email`).
//!
//! The tokenizer is tolerant (comments, trailing commas, single quotes, bare words), keeps no value
//! and no recursion, and finds a leaf's slot by walking a tree of keys seen before, so that the
//! common path neither builds nor hashes a path.

mod answers;
mod columns;
mod outline;
mod shape;
mod text;
mod tree;

use answers::{Answers, Part};
use shape::{Shape, shape};
use text::{Scan, bare, blanks, closing, unescape};
use tree::{KEY, ROOT, Tree, plain};

use super::drive::{Lines, Parse, Passage, Then, View, cut, drive};
use super::{Format, HEAD, Stop};
use crate::embedded::is_type;
use crate::note::Reason;
use crate::source::Source;
use crate::unit::{PIECE, Sink, SlotId, is_identifier};

/// JSON: one document.
pub static FORMAT: Format = Format {
    id: "json",
    name: "JSON",
    extensions: &["json", "geojson", "json5", "jsonc"],
    fields: "JSON path",
    isolated: false,
    beside: &[],
    sniff: |head| shape(head) == Some(Shape::One),
    read,
};

/// NDJSON: one document per line.
pub static LINES: Format = Format {
    id: "ndjson",
    name: "NDJSON (JSON lines)",
    extensions: &["ndjson", "jsonl"],
    fields: "JSON path",
    isolated: false,
    beside: &[],
    sniff: |head| shape(head) == Some(Shape::Lines),
    read: read_lines,
};

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(false);
    let head = source.peek(HEAD)?;
    reader.outline(head, sink);
    if let Some(columns) = columns::of(&head[..head.len().min(HEAD)], sink) {
        (reader.columns, reader.row_level) = (columns.names, columns.level);
        if columns.data_at > 0 && reader.open(false, sink).is_ok() {
            reader.line.leave(head, columns.data_at);
            source.consume(columns.data_at);
        }
    }
    drive(source, sink, &mut reader)
}

fn read_lines(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(true);
    let head = source.peek(HEAD)?;
    reader.outline(head, sink);
    drive(source, sink, &mut reader)
}

/// Levels whose paths are told apart; what is deeper belongs to the slot of this level.
const LEVELS: usize = 512;
/// Levels at all; a document that nests deeper is no document.
const DEPTH: usize = 1 << 24;
/// A container on the way to the current value.
struct Frame {
    node: u32,
    /// The node of the value that comes next.
    child: u32,
    hint: usize,
    /// The question that was met in it, if it names a kind.
    asked: Option<u32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    Key,
    Colon,
    Next,
}

/// A string too long to be held whole.
struct Long {
    quote: u8,
    at: usize,
    slot: SlotId,
    after: Expect,
}

struct Reader {
    tree: Tree,
    answers: Answers,
    frames: Vec<Frame>,
    /// One bit per level: whether it is an object.
    kinds: Vec<u64>,
    depth: usize,
    in_object: bool,
    expect: Expect,
    /// NDJSON: rows are documents, and a broken line does not end the reading.
    lines: bool,
    /// Level of the outermost array, 0 outside arrays.
    outer: usize,
    /// Names of the columns, where the arrays of this level are the rows of a table.
    columns: Vec<String>,
    row_level: usize,
    /// How many values the row at hand has had; none where such an array is no row.
    column: Option<usize>,
    row: u64,
    documents: u64,
    long: Option<Long>,
    scratch: Vec<u8>,
    skipping: bool,
    broken: bool,
    loose: Passage,
    line: Lines,
    /// Up to here no line ends in the window at hand.
    one_line: usize,
}

/// What became of a token: its length, or why it could not be taken.
type Token = Result<usize, Then>;

const BROKEN_VALUE: &str = "a JSON value was expected";
const BROKEN_SYNTAX: &str = "JSON punctuation was expected";

impl Reader {
    fn new(lines: bool) -> Self {
        Reader {
            tree: Tree::new(),
            answers: Answers::default(),
            frames: Vec::new(),
            kinds: Vec::new(),
            depth: 0,
            in_object: false,
            expect: Expect::Value,
            lines,
            outer: 0,
            columns: Vec::new(),
            row_level: 0,
            column: None,
            row: 1,
            documents: 0,
            long: None,
            scratch: Vec::new(),
            skipping: false,
            broken: false,
            loose: Passage::default(),
            line: Lines::default(),
            one_line: 0,
        }
    }

    fn token(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let bytes = view.bytes;
        match bytes[at] {
            b' ' | b'\n' | b'\r' | b'\t' => Ok(blanks(&bytes[at..])),
            b'"' | b'\'' => self.string(view, at, sink),
            b',' => self.comma(sink),
            b':' if self.expect == Expect::Colon => {
                self.expect = Expect::Value;
                Ok(1)
            }
            b'{' | b'[' if self.expect == Expect::Value => self.open(bytes[at] == b'{', sink),
            b'}' | b']' if self.depth > 0 => self.close(bytes[at] == b'}'),
            b'/' => self.comment(view, at, sink),
            0xEF | 0x1E if self.depth == 0 => mark(view, at),
            b if bare(b) => self.word(view, at, sink),
            _ => Err(Then::Broken(BROKEN_SYNTAX)),
        }
    }

    fn comma(&mut self, sink: &mut Sink<'_>) -> Token {
        if self.depth == 0 || self.expect != Expect::Next {
            return Err(Then::Broken(BROKEN_VALUE));
        }
        self.expect = if self.in_object { Expect::Key } else { Expect::Value };
        if self.depth == self.row_level {
            self.next_column(sink);
        }
        Ok(1)
    }

    /// The next value belongs to the next column of the row at hand.
    fn next_column(&mut self, sink: &mut Sink<'_>) {
        let (Some(column), Some(frame)) = (&mut self.column, self.frames.last_mut()) else {
            return;
        };
        let (node, name) = (frame.node, self.columns.get(*column).map(String::as_bytes));
        *column += 1;
        frame.child = match name.map(|name| (name, self.tree.known(node, name, &mut frame.hint))) {
            Some((_, Some(known))) => known,
            Some((name, None)) => self.tree.add_key(node, name, sink),
            None => self.tree.element(node, sink),
        };
    }

    /// A value begins: rows are counted.
    fn begin(&mut self) {
        if self.depth == 0 {
            self.documents += 1;
            self.row = self.documents;
        } else if self.depth == self.outer {
            self.row += 1;
        }
    }

    /// A value has ended.
    fn after(&self) -> Expect {
        if self.depth == 0 { Expect::Value } else { Expect::Next }
    }

    fn child(&self) -> u32 {
        self.frames.last().map_or(ROOT, |f| f.child)
    }

    fn open(&mut self, object: bool, sink: &mut Sink<'_>) -> Token {
        if self.depth >= DEPTH {
            return Err(Then::Broken("JSON nests too deep"));
        }
        self.begin();
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.kinds.len() {
            self.kinds.push(0);
        }
        self.kinds[word] = self.kinds[word] & !(1 << bit) | u64::from(object) << bit;
        self.depth += 1;
        let is_row = !object && !self.in_object;
        self.in_object = object;
        if self.depth <= LEVELS {
            let node = self.child();
            let child = if object { node } else { self.tree.element(node, sink) };
            self.frames.push(Frame { node, child, hint: 0, asked: None });
        }
        if self.depth == self.row_level {
            self.column = is_row.then_some(0);
            self.next_column(sink);
        }
        let is_keyed = object && self.frames.last().is_some_and(|f| self.tree.is_keyed(f.node));
        if (!object || is_keyed) && self.outer == 0 && !self.lines {
            self.outer = self.depth;
            self.row = 0;
        }
        self.expect = if object { Expect::Key } else { Expect::Value };
        Ok(1)
    }

    fn close(&mut self, object: bool) -> Token {
        let dangling = self.in_object && matches!(self.expect, Expect::Colon | Expect::Value);
        if object != self.in_object || dangling {
            return Err(Then::Broken(BROKEN_SYNTAX));
        }
        if self.depth == self.outer {
            self.outer = 0;
            self.row = self.documents;
        }
        if self.depth <= LEVELS {
            let asked = self.frames.pop().and_then(|frame| frame.asked);
            // A question may stand in an object of its own, before the answer.
            if let (Some(_), true, Some(frame)) = (asked, object, self.frames.last_mut()) {
                frame.asked = asked;
            }
        }
        self.depth -= 1;
        let level = self.depth.saturating_sub(1);
        self.in_object = self.depth > 0 && self.kinds[level / 64] >> (level % 64) & 1 == 1;
        self.expect = self.after();
        Ok(1)
    }

    fn string(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        if self.expect == Expect::Value && self.depth == 0 {
            return Err(Then::Broken("a JSON object or array was expected"));
        }
        if !matches!(self.expect, Expect::Value | Expect::Key) {
            return Err(Then::Broken(BROKEN_SYNTAX));
        }
        let (quote, rest) = (view.bytes[at], &view.bytes[at + 1..]);
        match closing(&rest[..rest.len().min(PIECE)], quote) {
            Scan::Closed { len, escaped } => {
                let (text, end) = (&rest[..len], at + 1 + len);
                if self.lines && self.ends_line(view.bytes, at, end) {
                    return Err(Then::Broken("a string does not end in its line"));
                }
                if self.expect == Expect::Key {
                    self.key(text, sink);
                    if view.bytes.get(end + 1) == Some(&b':') {
                        self.expect = Expect::Value;
                        return Ok(len + 3);
                    }
                } else {
                    self.leaf(text, escaped, sink);
                }
                Ok(len + 2)
            }
            Scan::Open if rest.len() < PIECE => Err(Then::More),
            Scan::Open => {
                self.begin_long(quote, &rest[..KEY], sink);
                Ok(1)
            }
        }
    }

    /// Whether a line ends between these places. They come in order, so that the end is looked for once a line.
    fn ends_line(&mut self, bytes: &[u8], from: usize, to: usize) -> bool {
        if to > self.one_line {
            let rest = &bytes[from..];
            self.one_line = from + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        }
        to > self.one_line
    }

    fn begin_long(&mut self, quote: u8, start: &[u8], sink: &mut Sink<'_>) {
        let (node, after) = if self.expect == Expect::Key {
            let shown = &start[..cut(start, KEY)];
            (self.step_into(shown, true, sink), Expect::Colon)
        } else {
            self.begin();
            (self.child(), self.after())
        };
        let slot = self.tree.slot(node, sink);
        self.long = Some(Long { quote, at: 0, slot, after });
    }

    /// Hands on the next piece of a long string.
    fn long_piece(&mut self, bytes: &[u8], end: bool, sink: &mut Sink<'_>) -> Token {
        let Some(long) = &mut self.long else { return Ok(0) };
        let part = &bytes[..bytes.len().min(PIECE)];
        let (text, last) = match closing(part, long.quote) {
            Scan::Closed { len, .. } => (&part[..len], true),
            Scan::Open if part.len() < PIECE && !end => return Err(Then::More),
            Scan::Open => (&part[..cut(part, part.len())], false),
        };
        self.scratch.clear();
        let used = unescape(text, &mut self.scratch, last);
        let at = u32::try_from(long.at).unwrap_or(u32::MAX);
        sink.value_piece(long.slot, self.row.max(1), &self.scratch, at);
        long.at += self.scratch.len();
        if last {
            self.expect = long.after;
            self.long = None;
            return Ok(used + 1);
        }
        if used == 0 { Err(Then::More) } else { Ok(used) }
    }

    fn leaf(&mut self, text: &[u8], escaped: bool, sink: &mut Sink<'_>) {
        self.begin();
        let node = self.child();
        let slot = match self.tree.part(node) {
            Part::Neither => self.tree.slot(node, sink),
            part => self.slot_of(part, node, text, sink),
        };
        if escaped {
            self.scratch.clear();
            unescape(text, &mut self.scratch, true);
            sink.value(slot, self.row, &self.scratch);
        } else {
            sink.value(slot, self.row, text);
        }
        self.expect = self.after();
    }

    /// The slot of a question or an answer: of an answer to a question that names a kind it is a field of that name.
    fn slot_of(&mut self, part: Part, node: u32, text: &[u8], sink: &mut Sink<'_>) -> SlotId {
        let slot = self.tree.slot(node, sink);
        let Some(frame) = self.frames.last_mut() else { return slot };
        match (part, frame.asked) {
            (Part::Question, _) => {
                frame.asked = self.answers.question(text, sink).or(frame.asked);
                slot
            }
            (Part::Answer, Some(asked)) => self.answers.slot(&self.tree, node, asked, sink),
            _ => slot,
        }
    }

    fn key(&mut self, text: &[u8], sink: &mut Sink<'_>) {
        self.expect = Expect::Colon;
        if self.depth <= LEVELS
            && let Some(frame) = self.frames.last_mut()
            && let Some(child) = self.tree.known(frame.node, text, &mut frame.hint)
        {
            frame.child = child;
            return;
        }
        if self.is_passed_over(text) || self.record_key(text, sink) {
            return;
        }
        let name = plain(text);
        let data = sink.is_data(&name);
        let long = text.len() > KEY;
        let shown = if long { &text[..cut(text, KEY)] } else { text };
        let node = self.step_into(shown, data || is_identifier(&name), sink);
        // A key that is data, one that is cut, and one below the last level told apart is a value.
        if data || long || self.depth > LEVELS {
            let node = if self.depth > LEVELS { node } else { self.any_here(sink) };
            let slot = self.tree.slot(node, sink);
            sink.value(slot, self.row.max(1), name.as_bytes());
        }
    }

    /// Whether a key says no more than of what type the value is: that belongs to the key above then.
    fn is_passed_over(&mut self, key: &[u8]) -> bool {
        let is_passed_over = self.depth <= LEVELS && is_type(key);
        if is_passed_over && let Some(frame) = self.frames.last_mut() {
            frame.child = frame.node;
        }
        is_passed_over
    }

    /// Takes a key that only tells a record from others, if it is one: it is a value, and each record a row.
    fn record_key(&mut self, key: &[u8], sink: &mut Sink<'_>) -> bool {
        let Some(node) = self.frames.last().map(|f| f.node).filter(|_| self.depth <= LEVELS) else {
            return false;
        };
        if !self.tree.comes_to_be_keyed(node, sink) {
            return false;
        }
        if self.outer == 0 && !self.lines {
            self.outer = self.depth;
        }
        let row = self.row + u64::from(self.depth == self.outer);
        let child = self.step_into(key, true, sink);
        let slot = self.tree.slot(child, sink);
        sink.value(slot, row.max(1), plain(key).as_bytes());
        true
    }

    fn any_here(&mut self, sink: &mut Sink<'_>) -> u32 {
        let node = self.frames.last().map_or(ROOT, |f| f.node);
        self.tree.any(node, sink)
    }

    /// Makes the key's node the one that the next value belongs to.
    fn step_into(&mut self, key: &[u8], any: bool, sink: &mut Sink<'_>) -> u32 {
        let Some(frame) = self.frames.last_mut() else { return ROOT };
        if self.depth > LEVELS {
            return frame.child;
        }
        frame.child = if any {
            self.tree.any(frame.node, sink)
        } else if let Some(known) = self.tree.known(frame.node, key, &mut frame.hint) {
            known
        } else {
            self.tree.add_key(frame.node, key, sink)
        };
        frame.child
    }

    /// A number, `true`, `null` or another word without quotes.
    fn word(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        let limit = rest.len().min(PIECE);
        let len = rest[..limit].iter().position(|&b| !bare(b)).unwrap_or(limit);
        if len == PIECE {
            return Err(Then::Broken(BROKEN_VALUE));
        }
        if len == rest.len() && !view.end {
            return Err(Then::More);
        }
        match self.expect {
            Expect::Value if self.depth > 0 => {
                let text = if &rest[..len] == b"null" { b"" } else { &rest[..len] };
                self.leaf(text, false, sink);
            }
            Expect::Key => self.key(&rest[..len], sink),
            _ => return Err(Then::Broken(BROKEN_SYNTAX)),
        }
        Ok(len)
    }

    /// A comment is free text.
    fn comment(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        let len = match rest.get(1) {
            None => return Err(Then::More),
            Some(b'/') => memchr::memchr(b'\n', rest),
            Some(b'*') => memchr::memmem::find(&rest[2..], b"*/").map(|i| i + 4),
            Some(_) => return Err(Then::Broken(BROKEN_VALUE)),
        };
        let len = match len {
            Some(len) => len,
            None if view.end && rest[1] == b'/' => rest.len(),
            None if rest.len() > PIECE => return Err(Then::Broken("a comment does not end")),
            None => return Err(Then::More),
        };
        let line = self.line.at(view.bytes, at);
        self.loose.add(&rest[..len], line, view.base + at as u64, sink);
        self.loose.end(sink);
        Ok(len)
    }

    /// A broken line of NDJSON is free text, and reading goes on behind it.
    fn skip_line(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> usize {
        let rest = &view.bytes[at..];
        let found = memchr::memchr(b'\n', rest);
        let len = found.map_or(rest.len(), |i| i + 1);
        let line = self.line.at(view.bytes, at);
        self.loose.add(&rest[..len], line, view.base + at as u64, sink);
        if found.is_some() {
            self.loose.end(sink);
            self.skipping = false;
        }
        len
    }

    fn begin_skipping(&mut self, why: &'static str, sink: &mut Sink<'_>) {
        if !self.broken {
            sink.note(Reason::Malformed, why);
        }
        if self.depth == 0 {
            self.documents += 1;
        }
        (self.broken, self.skipping) = (true, true);
        (self.depth, self.outer, self.in_object) = (0, 0, false);
        self.frames.clear();
        self.expect = Expect::Value;
    }

    fn tokens(&mut self, view: View<'_>, sink: &mut Sink<'_>) -> (usize, Then) {
        let mut at = 0;
        self.one_line = 0;
        while at < view.bytes.len() {
            let token = if self.skipping {
                Ok(self.skip_line(view, at, sink))
            } else if self.long.is_some() {
                self.long_piece(&view.bytes[at..], view.end, sink)
            } else {
                self.token(view, at, sink)
            };
            match token {
                Ok(n) => at += n,
                Err(Then::Broken(why)) if self.lines => self.begin_skipping(why, sink),
                Err(then) => return (at, then),
            }
        }
        (at, Then::On)
    }
}

impl Parse for Reader {
    fn parse(&mut self, view: View<'_>, sink: &mut Sink<'_>) -> (usize, Then) {
        let (used, then) = self.tokens(view, sink);
        self.line.leave(view.bytes, used);
        (used, then)
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), &'static str> {
        self.loose.end(sink);
        if self.depth > 0 || self.long.is_some() { Err("JSON ends too early") } else { Ok(()) }
    }
}

/// A byte order mark, or the record separator of JSON text sequences.
fn mark(view: View<'_>, at: usize) -> Token {
    let rest = &view.bytes[at..];
    match rest {
        [0x1E, ..] => Ok(1),
        [0xEF, 0xBB, 0xBF, ..] => Ok(3),
        _ if rest.len() < 3 && !view.end => Err(Then::More),
        _ => Err(Then::Broken(BROKEN_VALUE)),
    }
}

#[cfg(test)]
mod tests;
