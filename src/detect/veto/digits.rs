//! Digits that are nobody's number by what stands right beside them: boxes of glyphs, coordinates, times of the clock, postal
//! codes of Brazil, versions.

use super::AROUND;

/// What the word for a version ends with, in small letters and capitals.
const VERSIONS: &[&[u8]] = &[b"ersion", b"ERSION", b"ersjon", b"ersie", b"ersione", b"ersja"];

/// Whether digits, with signs between them, are something else.
pub(super) fn are_others(text: &[u8], start: usize, end: usize) -> bool {
    let value = &text[start..end];
    let [b'0'..=b'9', .., last] = value else { return false };
    let before = &text[start.saturating_sub(AROUND)..start];
    last.is_ascii_digit()
        && (is_with_clock(value, &text[end..])
            || is_of_drawing(before, value, &text[end..])
            || is_postal(before, value, &text[end..])
            || is_of_version(before, value))
}

/// Whether an hour ends the digits and minutes stand behind: `1025 2008-04-08 22` of `22:59`.
fn is_with_clock(value: &[u8], behind: &[u8]) -> bool {
    matches!(behind, [b':', b'0'..=b'5', b'0'..=b'9', ..])
        && matches!(value, [.., b' ', b'0'..=b'2', _])
}

/// Whether digits and blanks are the box of a glyph (Adobe's font metrics: `N ring ; B 155 508 355 707 ;`) or stand before an
/// operator of `PostScript` as dvips writes it (`218 2729 y(call)`, `174 5191 a Fn(call)`).
fn is_of_drawing(before: &[u8], value: &[u8], behind: &[u8]) -> bool {
    let is_number = |b: &u8| b.is_ascii_digit() || matches!(b, b' ' | b'-');
    if !value.contains(&b' ') || !value.iter().all(is_number) {
        return false;
    }
    let numbers = before.iter().rev().take_while(|b| is_number(b)).count();
    before[..before.len() - numbers].ends_with(b"; B")
        || matches!(behind, [b' ', b'a'..=b'z', b'(', ..] | [b' ', b'a', b' ', b'F', _, b'(', ..])
}

/// Whether five digits and three are a postal code of Brazil: the state or the country in front (`SP, 04714-010`), or the
/// country behind.
fn is_postal(before: &[u8], value: &[u8], behind: &[u8]) -> bool {
    const COUNTRIES: &[&[u8]] = &[b"BR\n", b"BR\r", b"BR,", b"Bra", b"BRA"];
    let [_, _, _, _, _, b'-', code @ ..] = value else { return false };
    if code.len() != 3 || !value[..5].iter().chain(code).all(u8::is_ascii_digit) {
        return false;
    }
    let next = &behind[..behind.len().min(AROUND)];
    let next = next.trim_ascii_start().strip_prefix(b"- ").unwrap_or(next.trim_ascii_start());
    if COUNTRIES.iter().any(|country| next.starts_with(country)) {
        return true;
    }
    let front = before.trim_ascii_end();
    let front = front.strip_suffix(b",").or(front.strip_suffix(b"-")).unwrap_or(front);
    let is_apart = front.len() < before.len();
    let is_state = match front.trim_ascii_end() {
        [.., sign, b'A'..=b'Z', b'A'..=b'Z'] => !sign.is_ascii_alphanumeric(),
        _ => false,
    };
    is_apart && is_state
}

/// Whether the word for a version stands right before digits with signs between: `Version : 20110614-1003_12.23`.
fn is_of_version(before: &[u8], value: &[u8]) -> bool {
    let is_sign = |b: &u8| matches!(b, b' ' | b':' | b'=' | b'"');
    let signs = before.iter().rev().take_while(|b| is_sign(b)).count();
    let word = &before[..before.len() - signs];
    signs > 0
        && value.iter().any(|b| matches!(b, b'.' | b'-'))
        && VERSIONS.iter().any(|version| word.ends_with(version))
}

/// Whether a day and a name in front of which year and month stand look like a house number and a street:
/// `2014/02/09 The Italian Place`.
pub(super) fn is_day(text: &[u8], start: usize, end: usize) -> bool {
    let is_front = |text: &[u8]| {
        let (parts, count) = (text.rsplit(|b| *b == b'/'), 3);
        let mut digits = parts
            .take(count)
            .map(|part| part.iter().rev().take_while(|b| b.is_ascii_digit()).count());
        digits.next() == Some(0) && digits.next() == Some(2) && digits.next() == Some(4)
    };
    matches!(text[start..end], [b'0'..=b'9', b'0'..=b'9', b' ', ..])
        && text[..start].ends_with(b"/")
        && is_front(&text[start.saturating_sub(12)..start])
}

/// Whether a word with a number is the end of a name that programs give, hyphens and capitals in it:
/// `DHCP-Vendor-Discrimination-Str 130`.
pub(super) fn is_of_identifier(text: &[u8], start: usize, end: usize) -> bool {
    let ([b'A'..=b'Z', .., b'0'..=b'9'], [.., b'-']) = (&text[start..end], &text[..start]) else {
        return false;
    };
    let before = &text[start.saturating_sub(AROUND)..start];
    let of_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
    let name = before.iter().rev().take_while(|b| of_name(b)).count();
    let mut runs = before[before.len() - name..].windows(3);
    runs.any(|run| run.iter().all(u8::is_ascii_uppercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are(text: &str, value: &str) -> bool {
        let at = text.find(value).unwrap();
        let (start, end) = (at, at + value.len());
        let text = text.as_bytes();
        are_others(text, start, end)
            || is_day(text, start, end)
            || is_of_identifier(text, start, end)
    }

    #[test]
    fn digits_are_told_from_numbers_of_people() {
        for (text, value) in [
            ("$Id: signal.h 1025 2008-04-08 22:59:38Z", "1025 2008-04-08 22"),
            ("[02-07-08 10:14:53 +0200]", "02-07-08 10"),
            ("WX 333 ; N ring ; B 155 508 355 707 ;", "508 355 707"),
            ("N circumflex ; B 97 604 387 750 ;", "97 604 387 750"),
            ("b(...)218 2629 y(set)42", "218 2629"),
            ("Sao Paulo  BR 04714-010", "04714-010"),
            ("Campinas - SP, 13083-970", "13083-970"),
            ("Paulo    04714-010\n\t\tBR\n", "04714-010"),
            ("Black 174 5191 a Fn(call)42", "174 5191"),
            ("Version : 20110614-1003_12.23", "20110614-1003"),
            ("2014/02/09 The Italian Place", "09 The Italian Place"),
            ("DHCP-Vendor-Discrimination-Str 130", "Vendor-Discrimination-Str 130"),
        ] {
            assert!(are(text, value), "{text}");
        }
        for (text, value) in [
            ("tlf. 22 33 44 55: Kari", "22 33 44 55"),
            ("tlf. 22 33 44 55 (kveld)", "22 33 44 55"),
            ("B 22 33 44 55", "22 33 44 55"),
            ("Tel. 04714-010", "04714-010"),
            ("2/14 Main Street", "14 Main Street"),
            ("Karl-Marx-Str 130", "Marx-Str 130"),
        ] {
            assert!(!are(text, value), "{text}");
        }
    }
}
