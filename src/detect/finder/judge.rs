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
    range: Range<usize>,
    struck: bool,
    value: Cow<'t, str>,
}

impl<'t> Judge<'t> {
    /// A judge of candidates in this text; `decoded` is the text where all of it is UTF-8, told once for all.
    #[must_use]
    pub fn new(finder: &'t Finder, text: &'t [u8], decoded: Option<&'t str>) -> Judge<'t> {
        Judge { finder, text, decoded, range: 0..0, struck: true, value: Cow::Borrowed("") }
    }

    fn go_to(&mut self, range: Range<usize>, struck: bool) {
        self.struck = struck;
        self.value = match struck {
            true => Cow::Borrowed(""),
            false => part_of(self.text, self.decoded, range.clone()),
        };
        self.range = range;
    }

    /// The hit of a detector, unless a veto strikes it.
    pub fn hit(&mut self, detector: u16, prose: bool, range: Range<usize>) -> Option<Hit> {
        if self.strikes(range.clone()) {
            return None;
        }
        self.verdict(detector, prose, range)
    }

    /// Whether a veto strikes what stands there, whatever it may be.
    pub fn strikes(&mut self, range: Range<usize>) -> bool {
        if self.range != range {
            let struck = veto::struck(self.text, range.start, range.end);
            self.go_to(range, struck);
        }
        self.struck
    }

    /// The hit of a detector in a whole cell, which no veto strikes: nothing stands beside it.
    pub fn whole_hit(&mut self, detector: u16, prose: bool, range: Range<usize>) -> Option<Hit> {
        if self.range != range {
            self.go_to(range.clone(), false);
        }
        self.verdict(detector, prose, range)
    }

    fn verdict(&self, detector: u16, prose: bool, range: Range<usize>) -> Option<Hit> {
        let Range { start, end } = range;
        let verdict = if prose {
            self.finder.check_prose(detector, &self.value)
        } else {
            self.finder.check(detector, &self.value)
        };
        let (rung, validity) = self.finder.rung(detector, verdict);
        // What only looks like prose of a kind is no failed value of it.
        let tells = rung != FAILED || !prose;
        tells.then_some(Hit { start, end, detector, rung, validity, prose, label: None })
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
