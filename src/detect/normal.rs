//! Normal forms: what makes values equal that are written differently.

use super::finder::lossy;
use super::lower::{lower, write_small};
use super::rules::Normal;

/// The longest value whose normal form is made in one piece.
pub(super) const SHORT: usize = 128;

/// As [`normalise`], where the value and its normal form are short and simple. Gives how long that form is.
pub(super) fn normalise_short(
    normal: Normal,
    value: &[u8],
    out: &mut [u8; SHORT],
) -> Option<usize> {
    if value.len() >= out.len() {
        return None;
    }
    match normal {
        Normal::Alnum => Some(kept_of(value, &IN_ALNUM, out)),
        Normal::Digits => Some(kept_of(value, &IN_DIGITS, out)),
        Normal::Lower => {
            write_small(value, &mut out[..value.len()]).then(|| with_at(out, value.len()))
        }
        Normal::Words => short_words(value, out),
    }
}

/// Writes the sign of an e-mail address that is encoded as in the addresses of pages. Gives how long the text is then.
fn with_at(text: &mut [u8; SHORT], length: usize) -> usize {
    let encoded =
        memchr::memchr_iter(b'%', &text[..length]).find(|at| text[*at..length].starts_with(b"%40"));
    let Some(at) = encoded else { return length };
    text[at] = b'@';
    text.copy_within(at + 3..length, at + 1);
    length - 2
}

/// Writes what a table has for the bytes of a value that is shorter than its room. Gives how many there are.
fn kept_of(value: &[u8], table: &[u8; 256], out: &mut [u8; SHORT]) -> usize {
    let mut n = 0;
    for byte in value {
        let kept = table[usize::from(*byte)];
        out[n % SHORT] = kept;
        n += usize::from(kept != 0);
    }
    n
}

/// By byte, what it becomes among letters and digits, and among digits; 0 where it is left out.
const IN_ALNUM: [u8; 256] = table_of(Normal::Alnum);
const IN_DIGITS: [u8; 256] = table_of(Normal::Digits);

const fn table_of(normal: Normal) -> [u8; 256] {
    let (mut table, mut byte) = ([0; 256], 0);
    while byte < 256 {
        let b = byte as u8;
        table[byte] = if is_kept(normal, b) { b.to_ascii_uppercase() } else { 0 };
        byte += 1;
    }
    table
}

/// By byte, what it becomes in words: a blank where it is in none, and 0 beyond ASCII.
const IN_WORDS: [u8; 256] = {
    let (mut table, mut byte) = ([0; 256], 0);
    while byte < 128 {
        let b = byte as u8;
        table[byte] = if b.is_ascii_alphanumeric() { b.to_ascii_lowercase() } else { b' ' };
        byte += 1;
    }
    table
};

/// The words of a value shorter than its room, with a blank behind each, where all its letters are of Latin-1.
fn short_words(value: &[u8], out: &mut [u8; SHORT]) -> Option<usize> {
    let (mut n, mut before) = (0, b' ');
    let mut bytes = value.iter();
    while let Some(&byte) = bytes.next() {
        let mut kept = IN_WORDS[usize::from(byte)];
        if kept == 0 {
            let behind = latin_in_words(byte, *bytes.next()?)?;
            kept = b' ';
            if behind != 0 {
                out[n % SHORT] = byte;
                n += 1;
                kept = behind;
            }
        }
        out[n % SHORT] = kept;
        // Of two blanks the second is left out; what is none has other bits.
        n += usize::from(kept | before != b' ');
        before = kept;
    }
    // A blank behind the last.
    out[n % SHORT] = b' ';
    Some(n + usize::from(before != b' '))
}

/// What the second byte of a letter or digit of Latin-1 becomes in words; 0 for signs, which are in none, and
/// nothing for what is beyond Latin-1.
fn latin_in_words(lead: u8, byte: u8) -> Option<u8> {
    match (lead, byte) {
        (0xC3, 0x97 | 0xB7) => Some(0),
        (0xC3, 0x80..=0x9E) => Some(byte | 0x20),
        // ª, ², ³, µ, ¹, º and the fractions.
        (0xC3, 0x9F..=0xBF) | (0xC2, 0xAA | 0xB2 | 0xB3 | 0xB5 | 0xB9 | 0xBA | 0xBC..=0xBE) => {
            Some(byte)
        }
        (0xC2, 0x80..=0xBF) => Some(0),
        _ => None,
    }
}

/// Whether a byte belongs to a value's letters and digits.
const fn is_kept(normal: Normal, b: u8) -> bool {
    match normal {
        Normal::Digits => b.is_ascii_digit(),
        // NBSP and thin spaces are no letters: their UTF-8 bytes are C2 A0 and E2 80 xx.
        _ => b.is_ascii_alphanumeric() || (b >= 0x80 && !matches!(b, 0xC2 | 0xA0 | 0xE2)),
    }
}

/// Writes the normal form of a value, in pieces.
pub(super) fn normalise(normal: Normal, value: &[u8], write: &mut dyn FnMut(&[u8])) {
    match normal {
        Normal::Alnum | Normal::Digits => {
            let mut kept = [0; 64];
            for part in value.chunks(kept.len()) {
                let mut n = 0;
                for &b in part {
                    kept[n] = b.to_ascii_uppercase();
                    n += usize::from(is_kept(normal, b));
                }
                write(&kept[..n]);
            }
        }
        Normal::Lower if value.is_ascii() => {
            let mut lower = [0; 64];
            for part in value.chunks(lower.len()) {
                let lower = &mut lower[..part.len()];
                lower.copy_from_slice(part);
                lower.make_ascii_lowercase();
                write(lower);
            }
        }
        Normal::Lower => write(lower(&lossy(value)).as_bytes()),
        Normal::Words if value.is_ascii() => {
            for word in value.split(|b| !b.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
                normalise(Normal::Lower, word, write);
                write(b" ");
            }
        }
        Normal::Words => {
            let text = lower(&lossy(value));
            let mut words = String::with_capacity(text.len() + 1);
            for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
                words.push_str(word);
                words.push(' ');
            }
            write(words.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The short way and the whole one.
    fn both(normal: Normal, value: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let (mut short, mut whole) = ([0; SHORT], Vec::new());
        let length = normalise_short(normal, value, &mut short)?;
        normalise(normal, value, &mut |part| whole.extend_from_slice(part));
        Some((short[..length].to_vec(), whole))
    }

    #[test]
    fn every_letter_gives_the_same_in_the_short_way() {
        for c in '\0'..='\u{2FF}' {
            for text in [format!("a{c}B"), format!("{c}"), format!("a {c} ")] {
                let both = both(Normal::Words, text.as_bytes());
                assert_eq!(both.is_some(), c <= '\u{FF}', "{c}");
                assert!(both.is_none_or(|(short, whole)| short == whole), "{c}");
            }
        }
        for broken in [&b"a\xC3"[..], b"\xC3a", b"\xA5", b"\xC3\xC3\xA5"] {
            assert!(both(Normal::Words, broken).is_none());
        }
    }

    #[test]
    fn an_encoded_address_is_that_address() {
        let short = |value: &[u8]| {
            let mut short = [0; SHORT];
            let length = normalise_short(Normal::Lower, value, &mut short).unwrap();
            short[..length].to_vec()
        };
        assert_eq!(short(b"Kari%40Example.org"), short(b"kari@example.org"));
        assert_eq!(short(b"kari%41%4"), b"kari%41%4");
    }

    proptest! {
        #[test]
        fn the_short_way_gives_the_same(
            value in "[ a-zA-Z0-9.,@\u{A0}æøåÅ×²-]{0,130}",
            kind in 0..4usize,
        ) {
            let normal = [Normal::Alnum, Normal::Digits, Normal::Lower, Normal::Words][kind];
            if let Some((short, whole)) = both(normal, value.as_bytes()) {
                prop_assert_eq!(short, whole);
            }
        }
    }
}
