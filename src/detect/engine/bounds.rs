//! Where a match may begin and end: never inside a word.

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

fn letter_before(text: &[u8], at: usize) -> bool {
    let from = at.saturating_sub(4);
    let start = (from..at).rev().find(|&i| text[i] & 0xC0 != 0x80).unwrap_or(from);
    std::str::from_utf8(&text[start..at])
        .is_ok_and(|s| s.chars().next_back().is_some_and(char::is_alphanumeric))
}

fn letter_after(text: &[u8], end: usize) -> bool {
    let slice = &text[end..text.len().min(end + 4)];
    let valid = match std::str::from_utf8(slice) {
        Ok(s) => s,
        Err(e) => std::str::from_utf8(&slice[..e.valid_up_to()]).unwrap_or(""),
    };
    valid.chars().next().is_some_and(char::is_alphanumeric)
}
