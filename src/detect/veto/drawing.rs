//! Paths of drawings (SVG): their numbers stand without blanks, so that decimals look like addresses of the internet:
//! `1.4.09 1.48.22.78 1.42-41.19` are eight numbers.

/// Bytes on either side that are looked at.
const AROUND: usize = 24;
/// Length of an address of four numbers.
const ADDRESS: std::ops::RangeInclusive<usize> = 7..=15;

/// Whether four numbers with dots between stand among the decimals of a path.
pub(super) fn is_part(text: &[u8], start: usize, end: usize) -> bool {
    let value = &text[start..end];
    let of_address = |b: &u8| b.is_ascii_digit() || *b == b'.';
    if !ADDRESS.contains(&value.len()) || !value.iter().all(of_address) {
        return is_colour(&text[..start]) || is_in_box(text, start, end);
    }
    let dots = value.iter().filter(|b| **b == b'.').count();
    if dots == 1 {
        return is_in_path(text, start, end);
    }
    let before = &text[start.saturating_sub(AROUND)..start];
    let behind = &text[end..text.len().min(end + AROUND)];
    let is_among = is_decimal_last(before) && is_decimal_first(behind);
    dots == 3 && (is_among || is_cut_decimal(before) || has_path(before) || has_path(behind))
}

/// Whether a decimal stands in a path, with decimals as only paths have them on either side.
fn is_in_path(text: &[u8], start: usize, end: usize) -> bool {
    let is_path = |part: &[u8]| part.windows(4).any(is_glued);
    is_path(&text[start.saturating_sub(AROUND)..start])
        && is_path(&text[end..text.len().min(end + AROUND)])
}

/// Whether numbers are in the box of a character as metrics of fonts have it: `; B 97 604 387 750 ;` (Adobe's AFM).
fn is_in_box(text: &[u8], start: usize, end: usize) -> bool {
    /// Bytes of the box before them.
    const BEFORE: usize = 20;
    if !text[end..].starts_with(b" ;") {
        return false;
    }
    let before = &text[start.saturating_sub(BEFORE)..start];
    let of_number = |b: &u8| b.is_ascii_digit() || matches!(b, b' ' | b'-');
    let numbers = before.iter().rev().take_while(|b| of_number(b)).count();
    before[..before.len() - numbers].ends_with(b"; B")
}

/// Whether a colour's numbers begin behind a text: `rgb(20 184 255`.
fn is_colour(before: &[u8]) -> bool {
    // Most stand behind another sign.
    let front = before.strip_suffix(b"(");
    front.is_some_and(|front| front.ends_with(b"rgb") || front.ends_with(b"rgba"))
}

/// Whether a text ends with a decimal and a blank.
fn is_decimal_last(before: &[u8]) -> bool {
    let Some(rest) = before.strip_suffix(b" ") else { return false };
    rest.rsplit(|b| *b == b' ').next().is_some_and(is_decimal)
}

/// Whether a text begins with a blank and a decimal.
fn is_decimal_first(behind: &[u8]) -> bool {
    let Some(rest) = behind.strip_prefix(b" ") else { return false };
    rest.split(|b| *b == b' ').next().is_some_and(is_decimal)
}

fn is_decimal(word: &[u8]) -> bool {
    let of_decimal = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'-');
    word.contains(&b'.') && word.len() > 2 && word.iter().all(of_decimal)
}

/// Whether a dot stands right behind a letter at the end, as between a command and a decimal: `c.48.24.86.45`.
fn is_cut_decimal(before: &[u8]) -> bool {
    matches!(before, [.., b'a'..=b'z', b'.'])
}

/// Whether decimals stand in a text as only paths have them: without a digit in front of the dot, or glued together.
fn has_path(text: &[u8]) -> bool {
    text.windows(3).any(|w| matches!(w, [b' ', b'.', b'0'..=b'9']))
        || (text.windows(4).any(is_glued) && text.contains(&b'.'))
}

/// A decimal that the sign of the next ends: `.42-4`.
fn is_glued(four: &[u8]) -> bool {
    matches!(four, [b'.', b'0'..=b'9', b'-', b'0'..=b'9' | b'.'])
        || matches!(four, [b'0'..=b'9', b'0'..=b'9', b'-', b'.'])
        || matches!(four, [b'0'..=b'9', b'-', b'0'..=b'9', b'.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_path(text: &str, value: &str) -> bool {
        let at = text.find(value).unwrap();
        is_part(text.as_bytes(), at, at + value.len())
    }

    #[test]
    fn decimals_of_paths_are_told_from_addresses() {
        for (text, value) in [
            ("86 0 0 0-7.71 7.74.75.75 0 0 0 .59 1.1", "7.74.75.75"),
            ("2-1.52 1.4.09 1.48.22.78 1.4-41.19", "1.48.22.78"),
            ("1.14.53c.48.24.86.45 1.13.64", "48.24.86.45"),
            ("1.86 1.06 2.68.51.81 1.14 1.52", "2.68.51.81"),
            ("--ring: rgb(20 184 255 / 0.5)", "20 184 255"),
            ("1.1-2-2-2 202122.32883 5.1-.5z", "202122.32883"),
        ] {
            assert!(is_path(text, value), "{text}");
        }
        for (text, value) in [
            ("192.0.2.1 - - [10/Oct/2026:13:55:36 -0700]", "192.0.2.1"),
            ("2026-11-29 12:00:01 192.0.2.1 0.123 GET", "192.0.2.1"),
            ("see 192.0.2.1.", "192.0.2.1"),
            ("from 192.0.2.1 0.25 s", "192.0.2.1"),
            ("node-3 192.0.2.1 v1.2", "192.0.2.1"),
        ] {
            assert!(!is_path(text, value), "{text}");
        }
    }
}
