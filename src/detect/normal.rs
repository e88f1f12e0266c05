//! Normal forms: what makes values equal that are written differently.

use super::finder::lossy;
use super::lower::lower;
use super::rules::Normal;

/// As [`normalise`], where the value and its normal form are short and simple. Gives how long that form is.
pub(super) fn normalise_short(normal: Normal, value: &[u8], out: &mut [u8; 64]) -> Option<usize> {
    if value.len() > out.len() {
        return None;
    }
    match normal {
        Normal::Alnum | Normal::Digits => {
            let mut n = 0;
            for &b in value {
                out[n] = b.to_ascii_uppercase();
                n += usize::from(is_kept(normal, b));
            }
            Some(n)
        }
        Normal::Lower if value.is_ascii() => {
            out[..value.len()].copy_from_slice(value);
            out[..value.len()].make_ascii_lowercase();
            Some(value.len())
        }
        Normal::Words if value.is_ascii() && value.len() < out.len() => {
            let (mut n, mut in_word) = (0, false);
            for &b in value {
                let is_word = b.is_ascii_alphanumeric();
                if is_word || in_word {
                    out[n] = if is_word { b.to_ascii_lowercase() } else { b' ' };
                    n += 1;
                }
                in_word = is_word;
            }
            if in_word {
                out[n] = b' ';
                n += 1;
            }
            Some(n)
        }
        Normal::Lower | Normal::Words => None,
    }
}

/// Whether a byte belongs to a value's letters and digits.
fn is_kept(normal: Normal, b: u8) -> bool {
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

    proptest! {
        #[test]
        fn the_short_way_gives_the_same(value in "[ a-zA-Z0-9.,@\u{A0}æøåÅ-]{0,70}", kind in 0..4usize) {
            let normal = [Normal::Alnum, Normal::Digits, Normal::Lower, Normal::Words][kind];
            let mut short = [0; 64];
            if let Some(length) = normalise_short(normal, value.as_bytes(), &mut short) {
                let mut whole = Vec::new();
                normalise(normal, value.as_bytes(), &mut |part| whole.extend_from_slice(part));
                prop_assert_eq!(&short[..length], &whole[..]);
            }
        }
    }
}
