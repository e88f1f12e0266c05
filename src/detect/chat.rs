//! Conversations in running text: who says something, in exports of chats (`[08:15] Kari Nordmann: hei`).

use std::ops::Range;

/// Longest stamp of time in bytes.
const STAMP: usize = 32;
/// Longest name of a speaker.
const SPEAKER: usize = 60;

/// Calls `found` with the place of each speaker whose line starts in `from..to`. Who speaks has two words at least:
/// programs that write logs have one. Lines are looked at that have a clock, which few have.
pub fn find(text: &[u8], from: usize, to: usize, mut found: impl FnMut(Range<usize>)) {
    let end = text.len().min(to + STAMP + SPEAKER);
    let clocks = memchr::memchr_iter(b':', &text[from..end]).map(|i| from + i);
    let mut seen = None;
    for clock in clocks.filter(|at| has_clock(&text[at.saturating_sub(1)..text.len().min(at + 3)]))
    {
        let before = &text[clock.saturating_sub(STAMP + SPEAKER)..clock];
        let Some(length) = start_of_line(before, clock) else { continue };
        let start = clock - length;
        if !(from..to).contains(&start) || seen.replace(start) == Some(start) {
            continue;
        }
        let line = &text[start..text.len().min(start + STAMP + SPEAKER)];
        let told = behind_stamp(line).or_else(|| before_clock(line));
        let is_of_two = |name: &Range<usize>| line[name.clone()].contains(&b' ');
        if let Some(name) = told.filter(is_of_two) {
            found(start + name.start..start + name.end);
        }
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
        let mut out = Vec::new();
        find(text.as_bytes(), 0, text.len(), |name| out.push(&text[name]));
        out
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
