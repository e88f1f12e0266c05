//! Conversations in running text: who says something, in exports of chats (`[08:15] Kari Nordmann: hei`).

use std::ops::Range;

/// Longest stamp of time in bytes.
const STAMP: usize = 32;
/// Longest name of a speaker.
const SPEAKER: usize = 60;

/// How far behind the start of its line a speaker's clock can stand.
pub const REACH: usize = STAMP + SPEAKER;

/// Tells the speakers of a text whose lines start in a part of it, clock by clock: few lines have one.
pub struct Speakers {
    within: Range<usize>,
    /// The last line that had a clock.
    seen: Option<usize>,
}

impl Speakers {
    /// Those whose lines start here.
    pub fn new(within: Range<usize>) -> Speakers {
        Speakers { within, seen: None }
    }

    /// Who speaks in the line of this colon, if that is the first clock in it. Who speaks has two words at least:
    /// programs that write logs have one.
    pub fn at(&mut self, text: &[u8], colon: usize) -> Option<Range<usize>> {
        if !has_clock(&text[colon.saturating_sub(1)..text.len().min(colon + 3)]) {
            return None;
        }
        let before = &text[colon.saturating_sub(REACH)..colon];
        let start = colon - start_of_line(before, colon)?;
        if !self.within.contains(&start) || self.seen.replace(start) == Some(start) {
            return None;
        }
        let line = &text[start..text.len().min(start + REACH)];
        let told = behind_stamp(line).or_else(|| before_clock(line));
        let name = told.filter(|name| line[name.clone()].contains(&b' '))?;
        Some(start + name.start..start + name.end)
    }
}

/// How far before `clock` its line starts, if that is among the bytes before it.
fn start_of_line(before: &[u8], clock: usize) -> Option<usize> {
    match memchr::memrchr(b'\n', before) {
        Some(end) => Some(before.len() - end - 1),
        None => (before.len() == clock).then_some(clock),
    }
}

/// What stands between a stamp of time at the line's start and a colon.
fn behind_stamp(line: &[u8]) -> Option<Range<usize>> {
    let (open, close) = match line.first()? {
        b'[' => (1, Some(b']')),
        b'(' => (1, Some(b')')),
        b'0'..=b'9' => (0, None),
        _ => return None,
    };
    let is_of_stamp =
        |b: &u8| b.is_ascii_digit() || matches!(b, b' ' | b'.' | b':' | b'/' | b',' | b'-');
    let digits = line[open..].iter().take(STAMP).take_while(|b| is_of_stamp(b)).count();
    let mut end = open + digits;
    if !has_clock(&line[open..end]) {
        return None;
    }
    if matches!(line.get(end..end + 2), Some([b'A' | b'P' | b'a' | b'p', b'M' | b'm'])) {
        end += 2;
    }
    match close {
        Some(close) if line.get(end) == Some(&close) => end += 1,
        Some(_) => return None,
        None => {}
    }
    let blanks = line[end..].iter().take_while(|b| matches!(b, b' ' | b'-')).count();
    let start = end + blanks;
    let length = memchr::memchr(b':', &line[start..])?;
    let is_said = line.get(start + length + 1) == Some(&b' ');
    let is_parted = start > 0 && line[start - 1] == b' ';
    (is_said && is_parted && is_name(&line[start..start + length])).then_some(start..start + length)
}

/// What stands in a line of its own before a clock, with a gap between them.
fn before_clock(line: &[u8]) -> Option<Range<usize>> {
    let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
    let line = line[..end].trim_ascii_end();
    let clock = line.len().checked_sub(5)?;
    let is_alone = has_clock(&line[clock..]) && line[..clock].ends_with(b" ");
    let name = line[..clock].trim_ascii_end();
    let is_apart = clock - name.len() >= 2;
    (is_alone && is_apart && is_name(name)).then_some(0..name.len())
}

/// Whether hours and minutes stand in a stamp.
fn has_clock(stamp: &[u8]) -> bool {
    stamp.windows(4).any(|w| {
        w[0].is_ascii_digit() && w[1] == b':' && w[2].is_ascii_digit() && w[3].is_ascii_digit()
    })
}

/// Whether a text may be a name: letters, with a capital first.
fn is_name(text: &[u8]) -> bool {
    let is_of_name = |b: &u8| b.is_ascii_alphabetic() || !b.is_ascii() || b" .'-".contains(b);
    text.first().is_some_and(|b| b.is_ascii_uppercase() || !b.is_ascii())
        && text.len() <= SPEAKER
        && text.iter().all(is_of_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speakers(text: &str) -> Vec<&str> {
        let mut speakers = Speakers::new(0..text.len());
        let colons = text.match_indices(':');
        colons
            .filter_map(|(at, _)| speakers.at(text.as_bytes(), at))
            .map(|name| &text[name])
            .collect()
    }

    #[test]
    fn speakers_are_told() {
        for text in [
            "[08:15] Kari Nordmann: hei",
            "x\n[09/03/26, 14:02:11] Kari Nordmann: hei\n",
            "12-03-2026 07:58 - Kari Nordmann: hei",
            "(10:02:10) Kari Nordmann: hei",
            "10:02 PM Kari Nordmann: hei",
            "Kari Nordmann   09:14\nMoin",
            "x\r\nKari Nordmann   09:14\r\nMoin",
        ] {
            assert_eq!(speakers(text), ["Kari Nordmann"], "{text}");
        }
        for text in [
            "[08:15] Jenkins: job done",
            "[08:15] Kari Nordmann",
            "[x] Kari Nordmann: hei",
            "12.03.2026 Kari Nordmann: hei",
            "2026-03-02T08:11:40.112Z INFO Http Server: started",
            "Kari Nordmann 09:14",
            "Kari Nordmann: 09:14",
            "",
        ] {
            assert!(speakers(text).is_empty(), "{text}");
        }
    }
}
