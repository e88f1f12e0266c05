//! Plain text, logs, source code and whatever no other reader takes: windows of lines.

use std::borrow::Cow;

use super::{Format, Head, Stop, printout};
use crate::source::Source;
use crate::unit::{Sink, Text};

/// Plain text.
pub static FORMAT: Format = Format {
    id: "text",
    name: "plain text, logs, source code",
    extensions: &["txt", "log"],
    fields: "text, column of a printout",
    isolated: false,
    beside: &[],
    sniff: |_: &Head<'_>| true,
    read,
};

/// New bytes per window: what is found in one is held until all of it has been looked at.
const WINDOW: usize = 1 << 18;
/// Context kept before a window: as far as keywords are looked for.
const BEFORE: usize = 512;
/// Context kept after a window: the longest match and what is looked at behind it.
const AFTER: usize = 1024;

/// Pushes a source as free text, window by window.
///
/// # Errors
/// What the system reports while reading.
pub fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    if printout::is_one(source, sink)? {
        return printout::read(source, sink);
    }
    let slot = sink.free_text();
    let (mut before, mut line) = (0, 1);
    loop {
        let offset = source.position() + before as u64;
        let bytes = source.peek(before + WINDOW + AFTER)?;
        if bytes.len() <= before {
            let kept = bytes.len();
            source.consume(kept);
            return Ok(());
        }
        let last = bytes.len() < before + WINDOW + AFTER;
        let to = if last { bytes.len() } else { before + cut(&bytes[before..before + WINDOW]) };
        let bytes = &bytes[..bytes.len().min(to + AFTER)];
        let plain = without_escapes(bytes);
        sink.text(slot, Text { bytes: &plain, from: before, to, line, offset, marks: &[] });
        if !last {
            line += memchr::memchr_iter(b'\n', &bytes[before..to]).count() as u64;
        }
        let keep = to.min(BEFORE);
        source.consume(to - keep);
        before = keep;
    }
}

/// Blanks terminal control sequences (ECMA-48 CSI and OSC), whose letters would stick to the words behind
/// them: logs hold coloured text. Lengths stay as they are.
fn without_escapes(bytes: &[u8]) -> Cow<'_, [u8]> {
    const ESCAPE: u8 = 0x1B;
    const BELL: u8 = 0x07;
    let Some(first) = memchr::memchr(ESCAPE, bytes) else { return Cow::Borrowed(bytes) };
    let mut plain = bytes.to_vec();
    let mut at = first;
    while at < plain.len() {
        let rest = &plain[at + 1..];
        let length = match rest.first() {
            Some(b'[') => rest[1..].iter().position(|b| (0x40..=0x7E).contains(b)).map(|i| i + 3),
            Some(b']') => rest.iter().take(256).position(|b| *b == BELL).map(|i| i + 2),
            _ => Some(1),
        };
        let end = at + length.unwrap_or(1);
        plain[at..end].fill(b' ');
        match memchr::memchr(ESCAPE, &plain[end..]) {
            Some(next) => at = end + next,
            None => break,
        }
    }
    Cow::Owned(plain)
}

/// Where to end a window: after its last line, else at a blank between words, else anywhere.
fn cut(window: &[u8]) -> usize {
    let half = window.len() / 2;
    let tail = &window[half..];
    let between_words = || {
        (1..tail.len() - 1).rev().find(|&i| {
            tail[i] == b' ' && tail[i - 1].is_ascii_alphabetic() && tail[i + 1].is_ascii_lowercase()
        })
    };
    let blank = || memchr::memrchr3(b' ', b',', b'>', tail);
    memchr::memrchr(b'\n', tail)
        .or_else(between_words)
        .or_else(blank)
        .map_or(window.len(), |i| half + i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_sequences_are_no_part_of_words() {
        let text = b"\x1b[31mola@example.org\x1b[0m \x1b]8;;x\x07y\x1b";
        let plain = without_escapes(text);
        assert_eq!(plain.len(), text.len());
        assert_eq!(
            String::from_utf8_lossy(&plain).split_whitespace().collect::<Vec<_>>(),
            ["ola@example.org", "y"]
        );
        assert!(matches!(without_escapes(b"plain"), Cow::Borrowed(_)));
    }
}
