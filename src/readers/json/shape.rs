//! Whether the head of a file is JSON, told by its first tokens.

use super::text::{Scan, bare, blanks, closing};
use crate::readers::Head;
use crate::readers::drive::comment;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    One,
    Lines,
}

/// Tokens that must be JSON before the rest is taken on trust.
const TRUSTED: usize = 24;

/// What the head looks like. A log line that starts with `[`, an ini section or a template is neither.
pub(super) fn shape(head: &Head<'_>) -> Option<Shape> {
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
            let Some(len) = comment(rest, b"//") else { return };
            self.at += len;
        }
    }
}
