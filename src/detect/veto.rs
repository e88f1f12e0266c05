//! Vetoes: candidates that are part of something longer (a decimal number, a version, a UUID, a hash, a key).

mod digits;
mod drawing;
mod mails;
mod pairs;
mod paths;
mod release;

use crate::bytes::table;

/// Whether what stands right beside the candidate shows that it is part of something else.
#[must_use]
#[inline]
pub fn struck(text: &[u8], start: usize, end: usize) -> bool {
    let joins = |at: Option<usize>| at.and_then(|i| text.get(i)).is_some_and(|&b| may_join(b));
    // Most stand between blanks or the ends of their text.
    (joins(start.checked_sub(1)) || joins(Some(end))) && is_part(text, start, end)
        || is_other(text, start, end)
}

/// What its own first signs make it something else by, with what stands before it.
fn is_other(text: &[u8], start: usize, end: usize) -> bool {
    let before = &text[start.saturating_sub(AROUND)..start];
    match &text[start..end] {
        // The sign of a sum.
        [b'+', ..] => before.last().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b')'),
        // "And others" is no Polish alley, nor is what stands before the volume of a journal and its year.
        [b'a' | b'A', b'l', b'.', b' ', ..] => {
            let before = before.trim_ascii_end();
            let rest = before.strip_suffix(b"et").or_else(|| before.strip_suffix(b"el"));
            rest.is_some_and(|rest| !rest.last().is_some_and(u8::is_ascii_alphanumeric))
                || is_year_behind(&text[end..])
        }
        _ => {
            mails::is_none(text, start, end)
                || pairs::are_part(text, start, end)
                || pairs::is_dotted_part(text, start, end)
                || drawing::is_part(text, start, end)
                || is_host(before, &text[start..end])
                || paths::is_of_service(before, &text[start..end])
                || paths::are_codes(&text[start..end])
                || digits::are_others(text, start, end)
                || release::is_part(text, start, end)
        }
    }
}

/// Whether a year in brackets follows, as behind the volume of a journal: ` (1989)`.
fn is_year_behind(behind: &[u8]) -> bool {
    matches!(
        behind,
        [b' ', b'(', b'1' | b'2', b'0' | b'8' | b'9', b'0'..=b'9', b'0'..=b'9', b')', ..]
    )
}

/// Whether digits and dots are the host of an address, which is a server (`http://192.0.2.1/x`), or the version that
/// something is there since (`@since 2.14.0.118`).
fn is_host(before: &[u8], value: &[u8]) -> bool {
    (before.ends_with(b"://") || before.ends_with(b"@since "))
        && value.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

/// Whether a byte is one of those that a candidate can be part of something longer by.
fn may_join(byte: u8) -> bool {
    matches!(byte, b'<' | b'+' | b'.' | b'-' | b',' | b'/' | b'=' | b'_')
}

fn is_part(text: &[u8], start: usize, end: usize) -> bool {
    goes_on(text, start, end)
        || part_of_number(text, start, end)
        || part_of_token(text, start, end)
        || part_of_constant(text, start, end)
        || paths::is_network(&text[start..end], &text[end..])
        || paths::is_moment(text, start, end)
        || paths::is_version(text, start, end)
        || paths::are_zones(&text[start..end], &text[end..])
        || digits::is_day(text, start, end)
        || digits::is_of_identifier(text, start, end)
}

/// The sign at one of its ends stands there twice: the filler of a machine-readable zone, whose line is then
/// longer than the kind's; the mark between the parts of a message, as in EDIFACT.
fn goes_on(text: &[u8], start: usize, end: usize) -> bool {
    let twice = |i: usize, sign: u8| text.get(i..i + 2) == Some(&[sign, sign]);
    end.checked_sub(1).is_some_and(|i| twice(i, b'<'))
        || start.checked_sub(1).is_some_and(|i| twice(i, b'+'))
}

/// Part of a decimal number, a version or a longer dotted number.
fn part_of_number(text: &[u8], start: usize, end: usize) -> bool {
    let digit = |i: usize| text.get(i).is_some_and(u8::is_ascii_digit);
    if digit(start) && start >= 2 && text[start - 1] == b'.' && digit(start - 2) {
        return true;
    }
    // Part of a number in groups: a book number, a reference, a serial number.
    let hyphen = |i: usize| text.get(i) == Some(&b'-');
    let grouped_before = start >= 2 && hyphen(start - 1) && digit(start - 2);
    let grouped_after = hyphen(end) && digit(end + 1);
    if (digit(start) && grouped_before) || (end > 0 && digit(end - 1) && grouped_after) {
        return true;
    }
    if digit(start) && start >= 2 && text[start - 1] == b',' && digit(start - 2) {
        // "3,14159265358": an integer part stands before the comma, not another list item.
        let digits = text[..start - 1].iter().rev().take_while(|b| b.is_ascii_digit()).count();
        if digits <= 3 {
            return true;
        }
    }
    if end > 0 && digit(end - 1) && digit(end + 1) {
        match text.get(end) {
            Some(b'.') => return true,
            Some(b',') => {
                let digits = text[end + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
                return digits <= 3;
            }
            _ => {}
        }
    }
    false
}

/// The bytes of UUIDs, hashes and base64.
static IN_TOKENS: [bool; 256] =
    table(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-+/=_");

/// Part of a UUID, hash or base64 run: the run of token characters round it is long and mixed.
fn part_of_token(text: &[u8], start: usize, end: usize) -> bool {
    let joins = |b: &u8| matches!(b, b'-' | b'+' | b'/' | b'=' | b'_');
    let beside = text[..start].last().is_some_and(joins) || text.get(end).is_some_and(joins);
    if !beside {
        return false;
    }
    let token = |b: &u8| IN_TOKENS[usize::from(*b)];
    let left =
        text[start.saturating_sub(AROUND)..start].iter().rev().take_while(|b| token(b)).count();
    let right = text[end..text.len().min(end + AROUND)].iter().take_while(|b| token(b)).count();
    let run = &text[start - left..end + right];
    is_uuid_like(run) || is_base64_like(run, end - start)
}

/// Part of the name of a constant, in capitals with underscores: `HAVE_CONFSTR 1`, `LZMA_DATA_ERROR`. Numbers stand in
/// names of files, too: `KONTO_NO9386011117947.pdf`.
fn part_of_constant(text: &[u8], start: usize, end: usize) -> bool {
    let begins = matches!(text[..start], [.., b'A'..=b'Z', b'_'])
        && matches!(text[start..end], [b'A'..=b'Z', b'A'..=b'Z', .., b' ', b'0'..=b'9']);
    let goes_on = matches!(text[start..end], [.., b'A'..=b'Z', b'A'..=b'Z'])
        && matches!(text[end..], [b'_', b'A'..=b'Z', b'A'..=b'Z', ..]);
    begins || goes_on
}

/// Bytes on either side of a candidate that are looked at.
const AROUND: usize = 80;

/// Whether no part of a text that stands by itself is a value: of a UUID each is struck, of a moment each is a number
/// of a calendar or clock.
#[must_use]
pub fn has_no_parts(text: &[u8]) -> bool {
    text.len() <= AROUND && (is_uuid_like(text) || is_moment(text))
}

/// A date with the time of day to the second, as `created_at` has them, in the order of ISO 8601. Where the seconds are
/// zero it may be a date only, of a birth as well, which a program wrote down so.
fn is_moment(text: &[u8]) -> bool {
    let Some((moment, rest)) = text.split_first_chunk::<19>() else { return false };
    let fits = |(sign, at): (&u8, &u8)| match at {
        b'0' => sign.is_ascii_digit(),
        b'T' => matches!(sign, b'T' | b' '),
        _ => sign == at,
    };
    // Most other texts differ there.
    moment[4] == b'-'
        && moment.iter().zip(b"0000-00-00T00:00:00").all(fits)
        && moment[17..] != *b"00"
        && rest.len() <= 16
        && rest.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b':' | b'+' | b'-' | b'Z'))
}

/// 30 and more hexadecimal digits with dashes between groups.
fn is_uuid_like(run: &[u8]) -> bool {
    let Some((first, rest)) = run.split_at_checked(8) else { return false };
    let may_stand = |b: &u8| b.is_ascii_hexdigit() || *b == b'-';
    // Most other texts have another letter among the first: the rest is looked at in one go, without a branch.
    run.len() >= 30
        && first.iter().all(may_stand)
        && rest.iter().fold(true, |all, b| all & may_stand(b))
        && run.len() - crate::bytes::count(run, |b| b == b'-') >= 30
}

/// A long run of mixed case and digits of which the candidate is a small part.
fn is_base64_like(run: &[u8], length: usize) -> bool {
    run.len() >= 32
        && length * 2 < run.len()
        && run.iter().any(u8::is_ascii_lowercase)
        && run.iter().any(u8::is_ascii_uppercase)
        && run.iter().any(u8::is_ascii_digit)
}

static SEPARATORS: [bool; 256] = table(b" -./+\xA0");

/// Whether a value stands in a form with separators between its characters. A blank behind six digits parts a day from a
/// number in columns of fixed width as well.
#[must_use]
pub fn is_separated(value: &[u8]) -> bool {
    let is_row = matches!(value, [_, _, _, _, _, _, b' ', _, _, _, _]);
    !(is_row && value.iter().filter(|b| b.is_ascii_digit()).count() == 10)
        && value.iter().any(|b| SEPARATORS[usize::from(*b)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_nothing_joins_is_no_part(text in "[a0<+.,/=_ -]{1,12}", a in 0..12usize, b in 0..12usize) {
            let (a, b) = (a.min(text.len()), b.min(text.len()));
            let (start, end) = (a.min(b), a.max(b));
            let text = text.as_bytes();
            let is_sum = is_other(text, start, end);
            prop_assert_eq!(struck(text, start, end), is_part(text, start, end) || is_sum);
        }
    }

    fn vetoed(text: &str, value: &str) -> bool {
        let at = text.find(value).unwrap();
        struck(text.as_bytes(), at, at + value.len())
    }

    #[test]
    fn moments_are_told_from_dates_and_from_what_stands_behind_them() {
        for text in
            ["2024-03-01T14:05:09", "2024-03-01 14:05:09.123456+01:00", "2024-03-01T14:05:09Z"]
        {
            assert!(has_no_parts(text.as_bytes()), "{text}");
        }
        for text in [
            "1985-03-12T00:00:00",
            "1985-03-11T23:00:00.000Z",
            "1985-03-12",
            "2024-03-01 14:05:09 12345678901",
            "2024-03-01T14:05:09 kari@example.org",
            "2024/03/01 14:05:09",
        ] {
            assert!(!has_no_parts(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn numbers_and_tokens_are_told_from_values() {
        assert!(vetoed("3.14159265358 ", "14159265358"));
        assert!(vetoed("1.2.3.4.5", "1.2.3.4"));
        assert!(vetoed("12345678901,50", "12345678901"));
        assert!(vetoed("href=\"http://192.0.2.1/x\"", "192.0.2.1"));
        assert!(!vetoed("from 192.0.2.1/x", "192.0.2.1"));
        assert!(vetoed("@since 2.14.0.118", "2.14.0.118"));
        assert!(vetoed("AB<<<<", "AB<<<") && !vetoed("AB<<< ", "AB<<<"));
        assert!(vetoed("LIN+0++5004456828961:EN", "+5004456828961"));
        assert!(vetoed("43579348-0cd4-4f81-ab61-2c63bf4ce3e1", "43579348"));
        assert!(!vetoed("a 12345678901, b", "12345678901"));
        assert!(!vetoed("12345678901,12345678902", "12345678902"));
        assert!(!vetoed("12345678901.", "12345678901"));
        assert!(!vetoed("tlf 912-34-567-", "912-34-567"));
        assert!(vetoed("r+6.37396220353165)*r", "+6.37396220353165"));
        assert!(vetoed("(a)+4791234567", "+4791234567"));
        assert!(!vetoed("tlf: +4791234567 (+4791234568)", "+4791234568"));
        assert!(is_separated(b"010325-3239") && is_separated(b"22 33 44 55"));
        assert!(!is_separated(b"010325 3239") && !is_separated(b"0103253239"));
        assert!(vetoed("#define HAVE_CONFSTR 1", "CONFSTR 1"));
        assert!(!vetoed("KONTO_NO9386011117947.pdf", "NO9386011117947"));
        assert!(vetoed("diagnosed with LZMA_DATA_ERROR", "diagnosed with LZMA"));
        assert!(
            !vetoed("CV_KARI HANSEN.pdf", "KARI HANSEN")
                && !vetoed("KUNDE_12345678901", "12345678901")
        );
        assert!(vetoed("Smith et al. Biometrika 68", "al. Biometrika 68"));
        assert!(vetoed("2014/02/09 The Italian Place", "09 The Italian Place"));
        assert!(!vetoed("2/09 The Italian Place", "09 The Italian Place"));
        assert!(vetoed("N ring ; B 155 508 355 707 ;", "508 355 707"));
        assert!(!vetoed("tlf ; 508 355 707 ;", "508 355 707"));
        assert!(vetoed("Moss al. Clinical Chemistry 14 (1991)", "al. Clinical Chemistry 14"));
        assert!(!vetoed("ved al. Jerozolimskie 65 (Ochota)", "al. Jerozolimskie 65"));
    }
}
