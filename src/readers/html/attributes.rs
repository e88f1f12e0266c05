//! Which attributes tell something, and what stands in them.

use super::is;
use super::words::{ATTRIBUTES, DRAWING, LOOKS, is_one};

/// Attributes that hold what people read or write.
const TELLING: &[&str] = &["alt", "aria-label", "content", "href", "placeholder", "title", "value"];

/// Whether an attribute may say something of a person: it is one that people read, or none that HTML has, or a long
/// number stands in it.
pub fn tells(tag: &[u8], name: &[u8], value: &[u8]) -> bool {
    if is_one(LOOKS, name) {
        // A value with a tag in it lacks its closing quote: its text must not be lost.
        return !matches!(name, b"class" | b"style")
            && memchr::memchr2(b'<', b'@', value).is_some();
    }
    let is_known =
        || is_one(ATTRIBUTES, name) || name.starts_with(b"aria-") || name.starts_with(b"on");
    let drawn = || is_one(DRAWING, tag);
    is(TELLING, name)
        || name.starts_with(b"data-")
        || memchr::memchr2(b'<', b'@', value).is_some()
        || !drawn() && (!is_known() || has_long_number(value))
}

/// Whether a number of eight digits or more stands in a text by itself, as people write it: with a blank, a hyphen or a
/// dot between some of them.
pub fn has_long_number(text: &[u8]) -> bool {
    const LONG: usize = 8;
    if text.len() < LONG {
        return false;
    }
    let (mut digits, mut before) = (0, b' ');
    let mut is_alone = true;
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                is_alone = if digits == 0 { !is_word(before) } else { is_alone };
                digits += 1;
            }
            b' ' | b'-' | b'.' if before.is_ascii_digit() => {}
            _ => {
                let ends = !before.is_ascii_digit() || !is_word(byte);
                if digits >= LONG && is_alone && ends {
                    return true;
                }
                digits = 0;
            }
        }
        before = byte;
    }
    digits >= LONG && is_alone
}

/// The long numbers that code passes on as they are: `show('12345678')`.
pub fn passed_on(code: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_edge = |byte: &u8| b"'\"(),;".contains(byte);
    let is_number = |part: &&[u8]| {
        part.iter().all(|b| b.is_ascii_digit() || b" -.".contains(b)) && has_long_number(part)
    };
    code.split(is_edge).map(<[u8]>::trim_ascii).filter(is_number)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// What a `mailto:` or `tel:` link points to.
pub fn address(value: &[u8]) -> Option<Vec<u8>> {
    let scheme =
        |s: &str| value.get(..s.len()).is_some_and(|v| v.eq_ignore_ascii_case(s.as_bytes()));
    let from = ["mailto:", "tel:", "sms:"].into_iter().find(|s| scheme(s))?.len();
    let (mut at, rest) = (0, &value[from..]);
    let mut out = Vec::with_capacity(rest.len());
    let digit = |i: usize| rest.get(i).and_then(|b| char::from(*b).to_digit(16)).map(|d| d as u8);
    while at < rest.len() {
        match (rest[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 3;
            }
            (b, ..) => {
                out.push(b);
                at += 1;
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::has_long_number;

    #[test]
    fn long_numbers() {
        for text in
            ["12345678", "vis('12345678')", "/p/12345678.jpg", "p=123456-78901&x", "a 12 34 56 78"]
        {
            assert!(has_long_number(text.as_bytes()), "{text}");
        }
        for text in [
            "1234567",
            "x12345678",
            "12345678x",
            "12345678_a",
            "1,2,3,4,5,6,7,8",
            "a1b2c3d4e5f6a7b8",
        ] {
            assert!(!has_long_number(text.as_bytes()), "{text}");
        }
    }
}
