//! The judge: whether what has the shape of a kind is one.

use std::borrow::Cow;
use std::ops::Range;

use super::super::veto;
use super::{FAILED, Finder, Hit};

/// Judges candidates in one text, in the order in which they are found. What is asked for all patterns that match
/// the same stretch is answered once.
pub struct Judge<'t> {
    finder: &'t Finder,
    text: &'t [u8],
    /// The text where all of it is UTF-8, if that is known.
    decoded: Option<&'t str>,
    /// The stretch at hand. As two numbers: a range would be written in two halves and read back in one go, for which
    /// processors wait.
    start: usize,
    end: usize,
    struck: bool,
    value: Cow<'t, str>,
    /// Whether separators stand in it, once that was asked.
    separated: Option<bool>,
}

impl<'t> Judge<'t> {
    /// A judge of candidates in this text; `decoded` is the text where all of it is UTF-8, told once for all.
    #[must_use]
    pub fn new(finder: &'t Finder, text: &'t [u8], decoded: Option<&'t str>) -> Judge<'t> {
        let value = Cow::Borrowed("");
        Judge { finder, text, decoded, start: 0, end: 0, struck: true, value, separated: None }
    }

    fn is_at(&self, start: usize, end: usize) -> bool {
        self.start == start && self.end == end
    }

    /// Where the value in a stretch begins: behind what code puts before a quotation mark, where one ends it as well
    /// (`b'kari@example.org'`).
    #[must_use]
    pub fn begin(&self, start: usize, end: usize) -> usize {
        if self.text.get(end) != Some(&b'\'') || !self.text[start..end].contains(&b'@') {
            return start;
        }
        match self.text[start..end] {
            [b'b' | b'u' | b'r' | b'f' | b'B' | b'U' | b'R' | b'F', b'\'', ..] => start + 2,
            [b'b' | b'r' | b'B' | b'R', b'b' | b'r' | b'B' | b'R', b'\'', ..] => start + 3,
            _ => start,
        }
    }

    fn go_to(&mut self, start: usize, end: usize, struck: bool) {
        self.struck = struck;
        self.separated = None;
        self.value = match struck {
            true => Cow::Borrowed(""),
            false => part_of(self.text, self.decoded, start..end),
        };
        (self.start, self.end) = (start, end);
    }

    /// The hit of a detector in `start..end`, unless a veto strikes it.
    pub fn hit(&mut self, detector: u16, prose: bool, start: usize, end: usize) -> Option<Hit> {
        if self.strikes(start, end) {
            return None;
        }
        self.verdict(detector, prose)
    }

    /// Whether a veto strikes what stands there, whatever it may be.
    pub fn strikes(&mut self, start: usize, end: usize) -> bool {
        if !self.is_at(start, end) {
            self.go_to(start, end, veto::struck(self.text, start, end));
        }
        self.struck
    }

    /// The hit of a detector in a whole cell, which no veto strikes: nothing stands beside it.
    pub fn whole_hit(
        &mut self,
        detector: u16,
        prose: bool,
        start: usize,
        end: usize,
    ) -> Option<Hit> {
        if !self.is_at(start, end) {
            self.go_to(start, end, false);
        }
        self.verdict(detector, prose)
    }

    /// Whether separators stand in the stretch at hand.
    pub fn is_separated(&mut self) -> bool {
        let value = &self.text[self.start..self.end];
        *self.separated.get_or_insert_with(|| veto::is_separated(value))
    }

    fn verdict(&self, detector: u16, prose: bool) -> Option<Hit> {
        let verdict = if prose {
            self.finder.check_prose(detector, &self.value)
        } else {
            self.finder.check(detector, &self.value)
        };
        let (rung, validity) = self.finder.rung(detector, verdict);
        let &Judge { start, end, .. } = self;
        // What only looks like prose of a kind is no failed value of it.
        let is_none = || {
            self.finder.is_things_name(self.text, detector, start, end)
                || self.finder.is_of_nobody(self.text, detector, start, &self.value)
        };
        if prose && (rung == FAILED || is_none()) {
            return None;
        }
        let Range { start, end } = match prose || self.finder.ends_within(detector) {
            true => self.finder.value_in(detector, &self.value, start..end),
            false => start..end,
        };
        Some(Hit { start, end, detector, rung, validity, prose, label: None })
    }
}

/// A text of which all is UTF-8.
#[must_use]
pub fn decoded(text: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(text).ok()
}

/// A part of a text, which may have been decoded as a whole.
pub fn part_of<'t>(text: &'t [u8], decoded: Option<&'t str>, range: Range<usize>) -> Cow<'t, str> {
    match decoded.and_then(|text| text.get(range.clone())) {
        Some(part) => Cow::Borrowed(part),
        None => lossy(&text[range]),
    }
}

/// Bytes as text; what is text already costs no more than a look.
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}
