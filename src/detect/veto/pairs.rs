//! Rows of hexadecimal digits: six pairs, or three groups of four, are a MAC address; more are a key, a fingerprint or a
//! table.

use std::iter::successors;

use super::AROUND;

/// Length of six pairs with signs between them.
const ADDRESS: usize = 17;
/// Pairs of an address.
const PAIRS: usize = 6;
/// Pairs of the header of an Ethernet frame: two addresses and a type.
const HEADER: usize = 14;

/// Whether six pairs are part of a longer row, which may go on in the lines round them (`openssl x509 -text` puts
/// fifteen into a line). Netfilter writes an Ethernet header as one row, of which the first twelve are addresses.
pub(super) fn are_part(text: &[u8], start: usize, end: usize) -> bool {
    if end - start != ADDRESS || !is_row(&text[start..end]) {
        return false;
    }
    let sign = text[start + 2];
    let before = &text[start.saturating_sub(AROUND)..start];
    let behind = &text[end..text.len().min(end + AROUND)];
    let ahead = successors(Some(before), |rest| without_last(rest, sign));
    let (front, first) = (ahead.clone().count() - 1, ahead.last().unwrap_or(before));
    let rest = successors(Some(behind), |rest| without_first(rest, sign)).count() - 1;
    let is_header = PAIRS + front + rest == HEADER && first.ends_with(b"MAC=");
    front + rest > 0 && !(is_header && (front == 0 || front == PAIRS))
}

/// Whether three groups of four with dots between them go on, as the weights of characters in Unicode's tables do (UTS #10:
/// `[.1FBD.0020.0002]`).
pub(super) fn is_dotted_part(text: &[u8], start: usize, end: usize) -> bool {
    let [_, _, _, _, b'.', _, _, _, _, b'.', _, _, _, _] = text[start..end] else { return false };
    let is_behind = matches!(text[..start], [.., b'.' | b'*']);
    is_behind || matches!(text[end..], [b'.', next, ..] if next.is_ascii_hexdigit())
}

/// Whether a text is pairs of hexadecimal digits with the same sign between all of them.
fn is_row(text: &[u8]) -> bool {
    let sign = text[2];
    let is_pair = |part: &[u8]| match part {
        [a, b, rest @ ..] => is_hex(*a, *b) && rest.iter().all(|b| *b == sign),
        _ => false,
    };
    matches!(sign, b':' | b'-') && text.chunks(3).all(is_pair)
}

fn is_hex(a: u8, b: u8) -> bool {
    a.is_ascii_hexdigit() && b.is_ascii_hexdigit()
}

/// A text without the pair and sign at its end, and the line's end behind them.
fn without_last(text: &[u8], sign: u8) -> Option<&[u8]> {
    let trimmed = text.trim_ascii_end();
    let [rest @ .., a, b] = trimmed.strip_suffix(&[sign])? else { return None };
    let is_pair = is_hex(*a, *b) && !rest.last().is_some_and(u8::is_ascii_alphanumeric);
    (is_pair && joins(&text[trimmed.len()..])).then_some(rest)
}

/// A text without the sign and pair at its start, and the line's end between them.
fn without_first(text: &[u8], sign: u8) -> Option<&[u8]> {
    let text = text.strip_prefix(&[sign])?;
    let trimmed = text.trim_ascii_start();
    let [a, b, rest @ ..] = trimmed else { return None };
    let is_pair = is_hex(*a, *b) && !rest.first().is_some_and(u8::is_ascii_alphanumeric);
    (is_pair && joins(&text[..text.len() - trimmed.len()])).then_some(rest)
}

/// Whether a row goes on over such blanks: a line's end, or none.
fn joins(blanks: &[u8]) -> bool {
    blanks.is_empty() || blanks.contains(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of six in a text that are no part of a longer one.
    fn addresses(text: &str) -> Vec<&str> {
        let is_edge = |at: usize| !text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric);
        let whole = |at: &usize| is_edge(at.wrapping_sub(1)) && is_edge(at + ADDRESS);
        let rows = (0..text.len().saturating_sub(ADDRESS - 1)).filter(whole);
        let alone = |at: &usize| {
            let end = at + ADDRESS;
            is_row(&text.as_bytes()[*at..end]) && !are_part(text.as_bytes(), *at, end)
        };
        rows.filter(alone).map(|at| &text[at..at + ADDRESS]).collect()
    }

    #[test]
    fn rows_of_six_are_told_from_longer_ones() {
        let mac = "00:1a:2b:3c:4d:5e";
        assert_eq!(addresses("ether 00:1a:2b:3c:4d:5e: up"), [mac]);
        assert_eq!(addresses("ether de: 00:1a:2b:3c:4d:5e\n"), [mac]);
        assert_eq!(addresses("a 00:1a:2b:3c:4d:5e\n00:1a:2b:3c:4d:5e\n"), [mac, mac]);
        assert_eq!(addresses("00-1A-2B-3C-4D-5E"), ["00-1A-2B-3C-4D-5E"]);
        for none in [
            "Modulus:\n    00:b2:ba:f2:89:d8:2b:94:\n    0f:0c:8a:57:ac:1f:\r\n    65:43:98:aa:01:02",
            "FD:6E:9B:0E:F3:98:BC:D9:04:C3:B2:EC:16:7A:7B:0F:DA:72:01:C9:03:C5:3A:6A:6A",
            "EA-8D-99-DD-36-AA-2D-07",
        ] {
            assert_eq!(addresses(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn three_groups_are_told_from_weights() {
        let is_part = |text: &str| {
            let at = text.find("1FBD").unwrap();
            is_dotted_part(text.as_bytes(), at, at + 14)
        };
        assert!(is_part("[.1FBD.0020.0002]") && is_part("[*1FBD.0020.0002]"));
        assert!(is_part("1FBD.0020.0002.0041"));
        assert!(!is_part("address is 1FBD.0020.0002 (bia 1FBD.0020.0002)."));
    }

    #[test]
    fn a_header_holds_two_addresses() {
        let header = "IN=eth0 MAC=00:1a:2b:3c:4d:5e:00:1a:2b:3c:4d:5f:08:00 SRC=";
        assert_eq!(addresses(header), ["00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5f"]);
        assert!(addresses(&header.replace("MAC=", "ID=")).is_empty());
    }
}
