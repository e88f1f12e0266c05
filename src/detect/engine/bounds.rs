//! Where a match may begin and end: never inside a word.

use crate::detect::lower::is_letter;

/// Letters and digits; the underscore parts words, because `fnr_01010112345` holds a number.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Whether a match may start at `at`: not inside a word.
#[inline]
pub fn starts_here(text: &[u8], at: usize) -> bool {
    if at == 0 || (text[at].is_ascii() && !is_word(text[at])) {
        return true;
    }
    if !text[at].is_ascii() && !letter_after(text, at) {
        return true;
    }
    let before = text[at - 1];
    !is_word(before) && (before.is_ascii() || !letter_before(text, at))
}

/// Whether a match may end at `end`: not inside a word.
pub fn ends_here(text: &[u8], end: usize) -> bool {
    if end >= text.len() || end == 0 {
        return true;
    }
    let last = text[end - 1];
    if last.is_ascii() && !is_word(last) {
        return true;
    }
    if !last.is_ascii() && (text[end] & 0xC0 == 0x80 || !letter_before(text, end)) {
        // Never inside a character; after one that is no letter everywhere.
        return text[end] & 0xC0 != 0x80;
    }
    let after = text[end];
    !is_word(after) && (after.is_ascii() || !letter_after(text, end))
}

/// Whether two bytes are a letter, where they are one of the Latin characters from À to ȿ, as most that are beyond ASCII.
/// None of those is a number.
fn latin(bytes: Option<&[u8; 2]>) -> Option<bool> {
    let [lead, next] = *bytes?;
    let is_latin = matches!(lead, 0xC3..=0xC8) && next & 0xC0 == 0x80;
    let character = char::from_u32(u32::from(lead & 0x1F) << 6 | u32::from(next & 0x3F))?;
    is_latin.then(|| is_letter(character))
}

fn letter_before(text: &[u8], at: usize) -> bool {
    if let Some(is_letter) = latin(text[..at].last_chunk()) {
        return is_letter;
    }
    let from = at.saturating_sub(4);
    let start = (from..at).rev().find(|&i| text[i] & 0xC0 != 0x80).unwrap_or(from);
    std::str::from_utf8(&text[start..at])
        .is_ok_and(|s| s.chars().next_back().is_some_and(char::is_alphanumeric))
}

fn letter_after(text: &[u8], end: usize) -> bool {
    if let Some(is_letter) = latin(text[end..].first_chunk()) {
        return is_letter;
    }
    let slice = &text[end..text.len().min(end + 4)];
    let valid = match std::str::from_utf8(slice) {
        Ok(s) => s,
        Err(e) => std::str::from_utf8(&slice[..e.valid_up_to()]).unwrap_or(""),
    };
    valid.chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_two_bytes_are_told_as_they_are() {
        for c in '\u{80}'..='\u{7FF}' {
            let text = c.to_string().into_bytes();
            if let Some(is_letter) = latin(text.first_chunk()) {
                assert_eq!(is_letter, c.is_alphanumeric(), "{c}");
            }
            assert_eq!(letter_before(&text, 2), c.is_alphanumeric(), "{c}");
            assert_eq!(letter_after(&text, 0), c.is_alphanumeric(), "{c}");
        }
        assert_eq!(latin("ø".as_bytes().first_chunk()), Some(true));
        assert_eq!(latin("дa".as_bytes().first_chunk()), None);
    }
}
