//! E-mail addresses near a candidate: what they are made of says nothing of what stands beside them.

use std::ops::Range;

use super::BEFORE;

/// Bytes of an address on either side of its sign that are looked at.
const LONGEST: usize = 48;

/// A part of a text with blanks for the e-mail addresses in it, whole or cut off. An address that reaches the candidate,
/// which stands at `edge`, is left: the candidate may be a part of it.
pub(super) fn blanked<'r>(
    text: &'r [u8],
    part: Range<usize>,
    edge: usize,
    room: &'r mut [u8; BEFORE],
) -> &'r [u8] {
    let from = part.start.saturating_sub(LONGEST);
    let near = &text[from..(part.end + LONGEST).min(text.len())];
    let mut is_copied = false;
    for sign in memchr::memchr_iter(b'@', near).map(|at| from + at) {
        let address = around(text, sign);
        let (start, end) = (address.start.max(part.start), address.end.min(part.end));
        if start >= end || address.start <= edge && edge <= address.end {
            continue;
        }
        if !is_copied {
            room[..part.len()].copy_from_slice(&text[part.clone()]);
            is_copied = true;
        }
        room[start - part.start..end - part.start].fill(b' ');
    }
    match is_copied {
        true => &room[..part.len()],
        false => &text[part],
    }
}

/// The address round a sign: empty where there is none.
fn around(text: &[u8], sign: usize) -> Range<usize> {
    let is_letter = |b: &&u8| b.is_ascii_alphanumeric() || **b >= 0x80;
    let before = text[..sign].iter().rev().take(LONGEST);
    let local = before.take_while(|b| is_letter(b) || matches!(b, b'.' | b'_' | b'-' | b'+'));
    let behind = text[sign + 1..].iter().take(LONGEST);
    let domain = behind.take_while(|b| is_letter(b) || matches!(b, b'.' | b'-')).count();
    let has_dot = || text[sign + 1..sign + 1 + domain].contains(&b'.');
    match local.count() {
        0 => sign..sign,
        _ if !has_dot() => sign..sign,
        local => sign - local..sign + 1 + domain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_no_words() {
        let left = |text: &str, part: Range<usize>, edge| {
            let mut room = [0; BEFORE];
            String::from_utf8_lossy(blanked(text.as_bytes(), part, edge, &mut room)).into_owned()
        };
        let text = "Kari <order@firma.example> 12345678";
        assert_eq!(left(text, 0..27, 27), format!("Kari <{}> ", " ".repeat(19)));
        assert_eq!(left(text, 4..14, 4), " <        ");
        assert_eq!(left(text, 14..27, 27), format!("{}> ", " ".repeat(11)));
        for none in ["an order @ home.example", "order@home 1", "@order.example 1", "order"] {
            assert_eq!(left(none, 0..none.len(), none.len()), none);
        }
        let of_candidate = "order.1234@firma.example";
        assert_eq!(left(of_candidate, 10..24, 10), "@firma.example");
    }
}
