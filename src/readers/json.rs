//! JSON and NDJSON: every leaf is a value of the field its path names (`$.users[].email`).
//!
//! The tokenizer is tolerant (comments, trailing commas, single quotes, bare words), keeps no value
//! and no recursion, and finds a leaf's slot by walking a tree of keys seen before, so that the
//! common path neither builds nor hashes a path.

use std::collections::HashMap;

use super::drive::{Lines, Parse, Passage, Then, View, cut, drive};
use super::{Format, Head, Stop};
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
    read: |source, sink| drive(source, sink, &mut Reader::new(false)),
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

fn read_lines(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    drive(source, sink, &mut Reader::new(true))
}

/// Levels whose paths are told apart; what is deeper belongs to the slot of this level.
const LEVELS: usize = 512;
/// Levels at all; a document that nests deeper is no document.
const DEPTH: usize = 1 << 24;
/// Longest part of a key that names a field.
const KEY: usize = 200;
/// Different keys in the tree; what comes after shares one slot.
const NODES: usize = 1 << 15;

/// One step of a path.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Root,
    Key,
    /// Keys that are data or identifiers.
    Any,
    Element,
    /// Beyond the limit of nodes.
    Rest,
}

struct Node {
    parent: u32,
    step: Step,
    /// The key as it stands in the source, escapes and all.
    key: Box<[u8]>,
    slot: Option<SlotId>,
    keys: Vec<u32>,
    /// Where in `keys` a key stands; filled when there are too many to walk.
    index: HashMap<Box<[u8]>, u32>,
    element: u32,
    any: u32,
}

impl Node {
    fn new(parent: u32, step: Step, key: &[u8]) -> Self {
        Node {
            parent,
            step,
            key: key.into(),
            slot: None,
            keys: Vec::new(),
            index: HashMap::new(),
            element: 0,
            any: 0,
        }
    }
}

/// Paths seen so far, as a tree.
struct Tree {
    nodes: Vec<Node>,
    rest: u32,
}

const ROOT: u32 = 0;
const FEW: usize = 16;

impl Tree {
    fn new() -> Self {
        Tree { nodes: vec![Node::new(ROOT, Step::Root, b"")], rest: 0 }
    }

    fn node(&self, id: u32) -> &Node {
        &self.nodes[id as usize]
    }

    /// The child of this key; `hint` is where it is looked for first, and is set for the next key.
    fn known(&self, parent: u32, key: &[u8], hint: &mut usize) -> Option<u32> {
        let node = self.node(parent);
        let is = |&id: &u32| *self.node(id).key == *key;
        if let Some(id) = node.keys.get(*hint).filter(|id| is(id)) {
            *hint += 1;
            return Some(*id);
        }
        let at = if node.keys.len() > FEW {
            node.index.get(key).map(|&i| i as usize)
        } else {
            node.keys.iter().position(is)
        }?;
        *hint = at + 1;
        Some(node.keys[at])
    }

    fn add(&mut self, parent: u32, step: Step, key: &[u8], sink: &mut Sink<'_>) -> u32 {
        if self.nodes.len() >= NODES {
            return self.rest(sink);
        }
        let id = u32::try_from(self.nodes.len()).unwrap_or(0);
        self.nodes.push(Node::new(parent, step, key));
        id
    }

    fn rest(&mut self, sink: &mut Sink<'_>) -> u32 {
        if self.rest == 0 {
            self.rest = u32::try_from(self.nodes.len()).unwrap_or(0);
            self.nodes.push(Node::new(ROOT, Step::Rest, b""));
            sink.note(
                Reason::TooManyFields,
                "keys beyond the limit are searched together as #more",
            );
        }
        self.rest
    }

    fn add_key(&mut self, parent: u32, key: &[u8], sink: &mut Sink<'_>) -> u32 {
        let id = self.add(parent, Step::Key, key, sink);
        if id == self.rest {
            return id;
        }
        self.nodes[parent as usize].keys.push(id);
        let count = self.node(parent).keys.len();
        if count > FEW {
            let from = if count == FEW + 1 { 0 } else { count - 1 };
            for i in from..count {
                let child = self.node(self.node(parent).keys[i]).key.clone();
                let at = u32::try_from(i).unwrap_or(0);
                self.nodes[parent as usize].index.insert(child, at);
            }
        }
        id
    }

    fn element(&mut self, parent: u32, sink: &mut Sink<'_>) -> u32 {
        if self.node(parent).element == 0 {
            self.nodes[parent as usize].element = self.add(parent, Step::Element, b"", sink);
        }
        self.node(parent).element
    }

    fn any(&mut self, parent: u32, sink: &mut Sink<'_>) -> u32 {
        if self.node(parent).any == 0 {
            self.nodes[parent as usize].any = self.add(parent, Step::Any, b"", sink);
        }
        self.node(parent).any
    }

    fn slot(&mut self, id: u32, sink: &mut Sink<'_>) -> SlotId {
        if let Some(slot) = self.node(id).slot {
            return slot;
        }
        let slot = sink.slot(None, Some(&self.path(id)));
        self.nodes[id as usize].slot = Some(slot);
        slot
    }

    fn path(&self, id: u32) -> String {
        let mut steps = Vec::new();
        let mut at = id;
        while at != ROOT {
            steps.push(at);
            at = self.node(at).parent;
        }
        let mut path = String::from("$");
        for &at in steps.iter().rev() {
            let node = self.node(at);
            match node.step {
                Step::Element => path.push_str("[]"),
                Step::Any => path.push_str(".{}"),
                Step::Rest => return "#more".to_owned(),
                Step::Key | Step::Root => {
                    path.push('.');
                    path.push_str(&plain(&node.key));
                }
            }
        }
        path
    }
}

/// A key without its escapes.
fn plain(key: &[u8]) -> String {
    let mut out = Vec::with_capacity(key.len());
    unescape(key, &mut out, true);
    String::from_utf8_lossy(&out).into_owned()
}

/// A container on the way to the current value.
struct Frame {
    node: u32,
    /// The node of the value that comes next.
    child: u32,
    hint: usize,
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
    row: u64,
    documents: u64,
    long: Option<Long>,
    scratch: Vec<u8>,
    skipping: bool,
    broken: bool,
    loose: Passage,
    line: Lines,
}

/// What became of a token: its length, or why it could not be taken.
type Token = Result<usize, Then>;

const BROKEN_VALUE: &str = "a JSON value was expected";
const BROKEN_SYNTAX: &str = "JSON punctuation was expected";

impl Reader {
    fn new(lines: bool) -> Self {
        Reader {
            tree: Tree::new(),
            frames: Vec::new(),
            kinds: Vec::new(),
            depth: 0,
            in_object: false,
            expect: Expect::Value,
            lines,
            outer: 0,
            row: 1,
            documents: 0,
            long: None,
            scratch: Vec::new(),
            skipping: false,
            broken: false,
            loose: Passage::default(),
            line: Lines::default(),
        }
    }

    fn token(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let bytes = view.bytes;
        match bytes[at] {
            b' ' | b'\n' | b'\r' | b'\t' => Ok(blanks(&bytes[at..])),
            b'"' | b'\'' => self.string(view, at, sink),
            b',' => self.comma(),
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

    fn comma(&mut self) -> Token {
        if self.depth == 0 || self.expect != Expect::Next {
            return Err(Then::Broken(BROKEN_VALUE));
        }
        self.expect = if self.in_object { Expect::Key } else { Expect::Value };
        Ok(1)
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
        self.in_object = object;
        if self.depth <= LEVELS {
            let node = self.child();
            let child = if object { node } else { self.tree.element(node, sink) };
            self.frames.push(Frame { node, child, hint: 0 });
        }
        if !object && self.outer == 0 && !self.lines {
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
            self.frames.pop();
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
                let text = &rest[..len];
                if self.lines && memchr::memchr(b'\n', text).is_some() {
                    return Err(Then::Broken("a string does not end in its line"));
                }
                if self.expect == Expect::Key {
                    self.key(text, sink);
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
        let slot = self.tree.slot(node, sink);
        if escaped {
            self.scratch.clear();
            unescape(text, &mut self.scratch, true);
            sink.value(slot, self.row, &self.scratch);
        } else {
            sink.value(slot, self.row, text);
        }
        self.expect = self.after();
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

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| !matches!(b, b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(bytes.len())
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

/// Whether a byte may stand in a word without quotes.
fn bare(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.' | b'_' | b'$')
}

enum Scan {
    Closed { len: usize, escaped: bool },
    Open,
}

/// Where a string ends whose content starts here.
fn closing(bytes: &[u8], quote: u8) -> Scan {
    let (mut at, mut escaped) = (0, false);
    while at < bytes.len() {
        let Some(i) = memchr::memchr2(quote, b'\\', &bytes[at..]) else { break };
        at += i;
        if bytes[at] == quote {
            return Scan::Closed { len: at, escaped };
        }
        escaped = true;
        at += 2;
    }
    Scan::Open
}

/// Writes a string's content without its escapes and tells how much was used: an escape that the end
/// may have cut stays unless this is the `last` part. What is no escape is kept as written.
fn unescape(text: &[u8], out: &mut Vec<u8>, last: bool) -> usize {
    let mut at = 0;
    while let Some(i) = memchr::memchr(b'\\', &text[at..]) {
        out.extend_from_slice(&text[at..at + i]);
        at += i;
        let rest = &text[at..];
        if !last && rest.len() < 12 && cut_escape(rest) {
            return at;
        }
        at += escape(rest, out);
    }
    out.extend_from_slice(&text[at..]);
    text.len()
}

/// Whether more bytes could change what this escape means.
fn cut_escape(rest: &[u8]) -> bool {
    match rest.get(1) {
        None => true,
        Some(b'u') => rest.len() < 6 || hex4(rest).is_some_and(|c| (0xD800..0xDC00).contains(&c)),
        Some(_) => false,
    }
}

fn escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let byte = match rest.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(&b) if matches!(b, b'"' | b'\\' | b'/' | b'\'') => b,
        Some(b'u') => {
            if let Some((c, len)) = unicode(rest) {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return len;
            }
            b'\\'
        }
        _ => b'\\',
    };
    out.push(byte);
    // An invalid escape: only its backslash is taken, the rest stands as written.
    if byte == b'\\' && rest.get(1) != Some(&b'\\') { 1 } else { 2 }
}

fn hex4(rest: &[u8]) -> Option<u32> {
    let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |n, &b| Some(n * 16 + char::from(b).to_digit(16)?))
}

/// The character of `\uXXXX` or of a surrogate pair, and how long it is in the source.
fn unicode(rest: &[u8]) -> Option<(char, usize)> {
    let first = hex4(rest)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let second = hex4(rest.get(6..)?)?;
    if first >= 0xDC00 || !(0xDC00..0xE000).contains(&second) {
        return None;
    }
    char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).map(|c| (c, 12))
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    One,
    Lines,
}

/// Tokens that must be JSON before the rest is taken on trust.
const TRUSTED: usize = 24;

/// What the head looks like. A log line that starts with `[`, an ini section or a template is neither.
fn shape(head: &Head<'_>) -> Option<Shape> {
    let bytes = head.trimmed();
    let lines = head.has_extension(&["ndjson", "jsonl"]);
    if !matches!(bytes.first(), Some(b'{' | b'[')) {
        return None;
    }
    let lenient = head.has_extension(&["json", "json5", "jsonc", "geojson"]);
    let mut check = Check { bytes, at: 0, open: Vec::new(), lenient };
    let mut tokens = 0;
    let mut value = true;
    // A document is cut by the head's end, or long enough to be believed, or it is whole.
    loop {
        match check.token(&mut value) {
            Some(()) if check.open.is_empty() => break,
            Some(()) => tokens += 1,
            None if check.at >= bytes.len() => {
                return (!head.complete || tokens > 0).then_some(one(lines));
            }
            None => return (lenient && tokens >= TRUSTED).then_some(one(lines)),
        }
        if tokens >= 4096 {
            return Some(one(lines));
        }
    }
    let document = &bytes[..check.at];
    let rest = &bytes[check.at..];
    let line_end = rest.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r'));
    let after = rest.trim_ascii_start().first();
    let one_line = !document.contains(&b'\n');
    match after {
        None => Some(one(lines)),
        Some(b'{') if one_line && line_end.is_some_and(|i| rest[i] == b'\n') => Some(Shape::Lines),
        Some(b'{' | b'[' | b'/' | 0x1E) => Some(one(lines)),
        Some(_) => (lines || tokens >= TRUSTED).then_some(one(lines)),
    }
}

fn one(lines: bool) -> Shape {
    if lines { Shape::Lines } else { Shape::One }
}

/// A strict look at the first tokens.
struct Check<'a> {
    bytes: &'a [u8],
    at: usize,
    open: Vec<bool>,
    lenient: bool,
}

impl Check<'_> {
    /// Takes one value, key with colon, or closing bracket, with the comma behind it.
    fn token(&mut self, value: &mut bool) -> Option<()> {
        self.blanks();
        let byte = *self.bytes.get(self.at)?;
        let in_object = self.open.last() == Some(&true);
        match byte {
            b'}' | b']' if !self.open.is_empty() && in_object == (byte == b'}') => {
                self.open.pop();
                self.at += 1;
                return self.comma(value);
            }
            b'{' | b'[' if !in_object || *value => {
                self.open.push(byte == b'{');
                self.at += 1;
                *value = false;
                return Some(());
            }
            b'"' => self.at += self.string(b'"')?,
            b'\'' if self.lenient => self.at += self.string(b'\'')?,
            _ => self.word(in_object && !*value)?,
        }
        if in_object && !*value {
            self.blanks();
            if *self.bytes.get(self.at)? != b':' {
                return None;
            }
            self.at += 1;
            *value = true;
            return Some(());
        }
        self.comma(value)
    }

    fn comma(&mut self, value: &mut bool) -> Option<()> {
        *value = false;
        if self.open.is_empty() {
            return Some(());
        }
        self.blanks();
        match self.bytes.get(self.at) {
            Some(b',') => self.at += 1,
            Some(b'}' | b']') | None => {}
            Some(_) => return None,
        }
        Some(())
    }

    fn string(&mut self, quote: u8) -> Option<usize> {
        match closing(&self.bytes[self.at + 1..], quote) {
            Scan::Closed { len, .. } => Some(len + 2),
            Scan::Open => {
                self.at = self.bytes.len();
                None
            }
        }
    }

    fn word(&mut self, key: bool) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|&b| !bare(b)).unwrap_or(rest.len());
        let word = &rest[..len];
        let number = word.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-')
            && std::str::from_utf8(word).is_ok_and(|w| w.parse::<f64>().is_ok());
        let fine = number || matches!(word, b"true" | b"false" | b"null" | b"NaN" | b"Infinity");
        if len == 0 || !(fine && !key || self.lenient) {
            // A word cut by the head's end is no fault.
            if len > 0 && len == rest.len() {
                self.at += len;
            }
            return None;
        }
        self.at += len;
        Some(())
    }

    fn blanks(&mut self) {
        loop {
            let rest = &self.bytes[self.at..];
            self.at += blanks(rest);
            let rest = &self.bytes[self.at..];
            let len = if rest.starts_with(b"//") {
                memchr::memchr(b'\n', rest)
            } else if rest.starts_with(b"/*") {
                memchr::memmem::find(rest, b"*/").map(|i| i + 2)
            } else {
                return;
            };
            self.at += len.unwrap_or(rest.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drive::testing::read;
    use super::*;
    use crate::unit::testing::Collected;
    use proptest::prelude::*;
    use serde_json::Value;

    fn json(text: &str) -> Collected {
        let (all, why, _) = read(text.as_bytes(), FORMAT.read);
        assert_eq!(why, None);
        all
    }

    fn told(text: &str, name: &str) -> Option<&'static str> {
        let head = Head { bytes: text.as_bytes(), complete: true, name };
        [&LINES, &FORMAT].into_iter().find(|f| (f.sniff)(&head)).map(|f| f.id)
    }

    fn values(all: &Collected, field: &str) -> Vec<(u64, String)> {
        all.field(None, field)
    }

    #[test]
    fn paths_and_rows() {
        let all =
            json(r#"{"page":1,"users":[{"email":"a@b.no","tags":["x","y"]},{"email":null}]}"#);
        assert_eq!(values(&all, "$.page"), [(1, "1".into())]);
        let emails = [(1, "a@b.no".into()), (2, String::new())];
        assert_eq!(values(&all, "$.users[].email"), emails);
        let tags = [(1, "x".into()), (1, "y".into())];
        assert_eq!(values(&all, "$.users[].tags[]"), tags);
        let all = json("[[1,true],[2]]");
        assert_eq!(all.fields(), ["$[][]"]);
    }

    #[test]
    fn lines_are_rows_and_broken_ones_are_text() {
        let text =
            "{\"a\":1}\n{\"a\":[{\"b\":2},{\"b\":3}]}\noops a@b.no\n\n{\"a\":\"x\n{\"a\":4}\n";
        let (all, why, _) = read(text.as_bytes(), LINES.read);
        assert_eq!(why, None);
        assert_eq!(values(&all, "$.a"), [(1, "1".into()), (5, "4".into())]);
        assert_eq!(values(&all, "$.a[].b"), [(2, "2".into()), (2, "3".into())]);
        assert!(all.text().contains("oops a@b.no"));
        assert_eq!(all.notes.len(), 1);
    }

    #[test]
    fn keys_that_are_data() {
        let all = json(r#"{"m":{"a@b.no":{"x":1},"12345":{"x":2},"12346":{"x":3}}}"#);
        assert_eq!(values(&all, "$.m.{}"), [(1, "a@b.no".into())]);
        assert_eq!(values(&all, "$.m.{}.x").len(), 3);
    }

    #[test]
    fn escapes() {
        let all = json(r#"{"a":"\u00f8 \ud83d\ude00 \q \ud83d \"\/\n","\u00e5":1,"b":"\u12"}"#);
        assert_eq!(values(&all, "$.a")[0].1, "ø 😀 \\q \\ud83d \"/\n");
        assert_eq!(values(&all, "$.å")[0].1, "1");
        assert_eq!(values(&all, "$.b")[0].1, "\\u12");
    }

    #[test]
    fn tolerates_and_breaks() {
        let all = json("// who: x@y.no\n{'a': 'b', c: NaN, /* d */ \"e\": [1,],}");
        assert_eq!(all.fields(), ["$.a", "$.c", "$.e[]"]);
        assert!(all.text().contains("x@y.no"));
        let (all, why, at) = read(br#"{"a":"b","c":<oops>}"#, FORMAT.read);
        assert_eq!((why.is_some(), at), (true, 13));
        assert_eq!(values(&all, "$.a").len(), 1);
        let (all, why, at) = read(br#"[{"a":"b"},{"a":"unterminated"#, FORMAT.read);
        assert_eq!((why.is_some(), at), (true, 16));
        assert_eq!(values(&all, "$[].a").len(), 1);
    }

    #[test]
    fn deep_nesting_is_flat() {
        for open in ["[", "{\"a\":"] {
            let text = open.repeat(200_000) + "1";
            let (_, why, _) = read(text.as_bytes(), FORMAT.read);
            assert!(why.is_some());
        }
        let text = "[".repeat(100_000) + "7" + &"]".repeat(100_000);
        let all = json(&text);
        assert_eq!(all.cells.len(), 1);
    }

    #[test]
    fn long_strings_come_in_pieces() {
        let long = "æ\\u00f8 12\\\\".repeat(60_000);
        let text = format!("{{\"a\":\"{long}\",\"{long}\":2}}");
        let all = json(&text);
        assert_eq!(values(&all, "$.a")[0].1, "æø 12\\".repeat(60_000));
        assert_eq!(values(&all, "$.{}")[0].1, "æø 12\\".repeat(60_000));
        assert_eq!(values(&all, "$.{}")[1].1, "2");
    }

    #[test]
    fn many_keys_share_a_slot() {
        let body: Vec<_> = (0..NODES + 10).map(|i| format!("\"k{i}\":{i}")).collect();
        let all = json(&format!("{{{}}}", body.join(",")));
        assert_eq!(all.cells.len(), NODES + 10);
        assert!(all.fields().contains(&"#more"));
    }

    #[test]
    fn told_by_content() {
        let json =
            ["{}", "[]", "[{\"a\":1}]", "{\"a\": {\"b\": [1, 2]}}\n", "[1,2,3]", "{\n \"a\":1}"];
        for text in json {
            assert_eq!(told(text, "x"), Some("json"), "{text}");
        }
        let lines = "{\"a\":1}\n{\"a\":2}\n";
        assert_eq!(told(lines, "x"), Some("ndjson"));
        assert_eq!(told("{\"a\":1}\n", "x.jsonl"), Some("ndjson"));
        assert_eq!(told("{a: 1}", "x.json5"), Some("json"));
        let others = [
            "[section]\nkey=1",
            "[2024-01-01 10:00] hello",
            "[12] hello",
            "[INFO] x",
            "{% extends \"a\" %}",
            "{ body }",
            "{{ name }}",
            "[]byte{1}",
            "{\"a\" b}",
            "",
        ];
        for text in others {
            assert_eq!(told(text, "x"), None, "{text}");
        }
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            "[\\x00-\\x1d\\\\\"ø😀]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-dø\"\\\\]{1,3}", inner, 0..6)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    fn leaves(value: &Value, path: &str, out: &mut Vec<(String, String)>) {
        match value {
            Value::Array(a) => a.iter().for_each(|v| leaves(v, &format!("{path}[]"), out)),
            Value::Object(o) => o.iter().for_each(|(k, v)| leaves(v, &format!("{path}.{k}"), out)),
            Value::Null => out.push((path.into(), String::new())),
            Value::String(s) => out.push((path.into(), s.clone())),
            v => out.push((path.into(), v.to_string())),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn every_leaf_is_found(value in tree(), pretty: bool) {
            let value = Value::from(vec![value]);
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let all = json(&text.unwrap());
            let mut expected = Vec::new();
            leaves(&value, "$", &mut expected);
            let mut found: Vec<_> = all.cells.iter().map(|c| {
                let slot = &all.slots[c.0.0 as usize];
                (slot.field.clone().unwrap(), c.2.clone())
            }).collect();
            expected.sort();
            found.sort();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), lines: bool) {
            read(&bytes, if lines { LINES.read } else { FORMAT.read });
        }

        #[test]
        fn arbitrary_punctuation(text in "[\\[\\]{}:,\"'a1\\\\/* \n]{0,80}", lines: bool) {
            read(text.as_bytes(), if lines { LINES.read } else { FORMAT.read });
            told(&text, "x.json");
        }
    }
}
