//! The smallest parts of JSON: blanks, words, where strings end, escapes.

pub(super) fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| !matches!(b, b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(bytes.len())
}

/// Whether a byte may stand in a word without quotes.
pub(super) fn bare(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.' | b'_' | b'$')
}

pub(super) enum Scan {
    Closed { len: usize, escaped: bool },
    Open,
}

/// Where a string ends whose content starts here.
pub(super) fn closing(bytes: &[u8], quote: u8) -> Scan {
    let (mut at, mut escaped) = (0, false);
    while at < bytes.len() {
        let Some(i) = memchr::memchr2(quote, b'\\', &bytes[at..]) else { break };
        at += i;
        if bytes[at] == quote {
            return Scan::Closed { len: at, escaped };
        }
        escaped = true;
        at += 2;
    }
    Scan::Open
}

/// Writes a string's content without its escapes and tells how much was used: an escape that the end
/// may have cut stays unless this is the `last` part. What is no escape is kept as written.
pub(super) fn unescape(text: &[u8], out: &mut Vec<u8>, last: bool) -> usize {
    let mut at = 0;
    while let Some(i) = memchr::memchr(b'\\', &text[at..]) {
        out.extend_from_slice(&text[at..at + i]);
        at += i;
        let rest = &text[at..];
        if !last && rest.len() < 12 && cut_escape(rest) {
            return at;
        }
        at += escape(rest, out);
    }
    out.extend_from_slice(&text[at..]);
    text.len()
}

/// Whether more bytes could change what this escape means.
fn cut_escape(rest: &[u8]) -> bool {
    match rest.get(1) {
        None => true,
        Some(b'u') => rest.len() < 6 || hex4(rest).is_some_and(|c| (0xD800..0xDC00).contains(&c)),
        Some(_) => false,
    }
}

fn escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let byte = match rest.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(&b) if matches!(b, b'"' | b'\\' | b'/' | b'\'') => b,
        Some(b'u') => {
            if let Some((c, len)) = unicode(rest) {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return len;
            }
            b'\\'
        }
        _ => b'\\',
    };
    out.push(byte);
    // An invalid escape: only its backslash is taken, the rest stands as written.
    if byte == b'\\' && rest.get(1) != Some(&b'\\') { 1 } else { 2 }
}

fn hex4(rest: &[u8]) -> Option<u32> {
    let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |n, &b| Some(n * 16 + char::from(b).to_digit(16)?))
}

/// The character of `\uXXXX` or of a surrogate pair, and how long it is in the source.
fn unicode(rest: &[u8]) -> Option<(char, usize)> {
    let first = hex4(rest)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let second = hex4(rest.get(6..)?)?;
    if first >= 0xDC00 || !(0xDC00..0xE000).contains(&second) {
        return None;
    }
    char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).map(|c| (c, 12))
}
