//! Blanks and hyphens that word processors and printers put in place of plain ones: no-break and thin blanks stand between
//! the groups of numbers, no-break hyphens in names, dashes between digits. Detection sees the plain ones.

use super::{Mark, Text};

/// A text with plain blanks and hyphens.
pub(super) struct Plain {
    bytes: Vec<u8>,
    from: usize,
    to: usize,
    marks: Vec<Mark>,
}

impl Plain {
    /// That of a text which has others.
    pub(super) fn of(text: &Text<'_>) -> Option<Plain> {
        let mut bytes = Vec::new();
        // Where each plain one ends in the text, and how many bytes have been saved up to there.
        let (mut cuts, mut saved, mut copied) = (Vec::new(), 0, 0);
        for at in memchr::memchr2_iter(0xC2, 0xE2, text.bytes) {
            let Some((length, plain)) = plain(text.bytes, at) else { continue };
            bytes.extend_from_slice(&text.bytes[copied..at]);
            bytes.push(plain);
            copied = at + length;
            saved += length - 1;
            cuts.push((copied, saved));
        }
        if cuts.is_empty() {
            return None;
        }
        bytes.extend_from_slice(&text.bytes[copied..]);
        let moved = |place: usize| {
            let before = cuts.partition_point(|cut| cut.0 <= place);
            before.checked_sub(1).map_or(place, |last| (place - cuts[last].1).min(bytes.len()))
        };
        let mut places = text.places();
        let inside = cuts.iter().map(|cut| cut.0).filter(|end| (text.from..=text.to).contains(end));
        let mark = |place: usize| {
            let (line, offset) = places.at(place);
            Mark { at: moved(place), line, offset }
        };
        let mut marks: Vec<Mark> = inside.map(mark).collect();
        marks.extend(text.marks.iter().map(|mark| Mark { at: moved(mark.at), ..*mark }));
        marks.sort_by_key(|mark| mark.at);
        let (from, to) = (moved(text.from), moved(text.to));
        Some(Plain { bytes, from, to, marks })
    }

    /// It in place of the text.
    pub(super) fn text(&self, text: &Text<'_>) -> Text<'_> {
        let Plain { bytes, from, to, marks } = self;
        Text { bytes, from: *from, to: *to, line: text.line, offset: text.offset, marks }
    }
}

/// How many bytes a blank or hyphen has that begins here and is no plain one, and the plain one. A dash is one between
/// digits.
fn plain(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    match bytes[at..] {
        [0xC2, 0xA0, ..] => Some((2, b' ')),
        [0xE2, 0x80, 0x80..=0x8A | 0xAF, ..] => Some((3, b' ')),
        [0xE2, 0x80, 0x90 | 0x91, ..] => Some((3, b'-')),
        [0xE2, 0x80, 0x92 | 0x93, ..] | [0xE2, 0x88, 0x92, ..]
            if at > 0 && is_digit(at - 1) && is_digit(at + 3) =>
        {
            Some((3, b'-'))
        }
        _ => None,
    }
}

/// Puts plain blanks and hyphens in a cell, too.
pub fn make_plain(cell: &mut Vec<u8>) {
    let Some(first) = memchr::memchr2(0xC2, 0xE2, cell) else { return };
    let mut out = cell[..first].to_vec();
    let mut at = first;
    while at < cell.len() {
        let (length, byte) = plain(cell, at).unwrap_or((1, cell[at]));
        out.push(byte);
        at += length;
    }
    *cell = out;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_where_they_are_in_the_source() {
        let source = "x\u{A0}y\n06\u{202F}23\u{2011}z – 1\u{2013}2";
        let text = Text { from: 1, ..Text::whole(source.as_bytes(), 7, 100) };
        let plain = Plain::of(&text).unwrap();
        let of = plain.text(&text);
        assert_eq!(String::from_utf8_lossy(of.bytes), "x y\n06 23-z – 1-2");
        assert_eq!((of.from, of.to), (1, of.bytes.len()));
        let mut places = of.places();
        for part in ["y", "06", "23", "z", "2"] {
            let (at, was) = (of.bytes.len() - part.len(), source.len() - part.len());
            let (at, was) = match part {
                "2" => (at, was),
                _ => {
                    let find = |bytes: &[u8]| memchr::memmem::find(bytes, part.as_bytes()).unwrap();
                    (find(of.bytes), find(source.as_bytes()))
                }
            };
            let line = if part == "y" { 7 } else { 8 };
            assert_eq!(places.at(at), (line, 100 + was as u64 - 1), "{part}");
        }
        assert!(Plain::of(&Text::whole("“Kari” – 12 – 13 £".as_bytes(), 1, 0)).is_none());
    }

    #[test]
    fn cells_are_made_plain() {
        let mut cell = "Anne\u{2011}Lise “x”\u{A0}5\u{2212}6".as_bytes().to_vec();
        make_plain(&mut cell);
        assert_eq!(String::from_utf8_lossy(&cell), "Anne-Lise “x” 5-6");
    }
}
