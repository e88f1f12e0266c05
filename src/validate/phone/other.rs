//! Numbers that are written like those of telephones: dates, decimals, coordinates, serial numbers, pages.

use super::super::checksum::date;
use super::{calling_code, groups};

/// Digits of a number with its country that is written in one piece; fewer are what was added to something
/// (`+67982503`), but for countries of few people, which write groups.
const LEAST_WITH_PLUS: usize = 9;

/// What a plus stands before as well: a sum, a decimal, unless the dot is that of EPP, right behind the calling code (RFC 5733:
/// `+1.7035555555`), and the day of a version (Debian Policy 5.6.12: `+20221128-1`).
pub fn is_other_with_plus(text: &str) -> bool {
    let Some(number) = text.strip_prefix('+') else { return false };
    if number.len() < LEAST_WITH_PLUS && number.bytes().all(|b| b.is_ascii_digit()) {
        return true;
    }
    // Coordinates of ISO 6709: `+3553-00519`, `+415100-0873900`.
    let is_place = |(a, b): (&str, &str)| matches!((a.len(), b.len()), (4, 5) | (6, 7));
    if number.split_once('-').is_some_and(is_place) {
        return true;
    }
    let is_epp = |dot: usize| calling_code(&number.replace('.', "")) == Some(dot);
    let first = number.bytes().take_while(u8::is_ascii_digit).count();
    (is_decimal(number) && !is_epp(first)) || (first == 8 && is_day(number))
}

/// Whether groups of four digits are numbers of characters: `0031 2044 0034`. No telephone has several that begin with zero.
pub fn are_characters(text: &str) -> bool {
    let groups = || text.split(' ');
    groups().all(|g| g.len() == 4) && groups().filter(|g| g.starts_with('0')).count() > 1
}

/// Whether digits that begin with two zeros are a serial number in groups and no dialled country: behind the zeros, behind
/// the country's code or behind the area's a group ends, and not all of them have four digits as those of cards have. So
/// written in Singapore only: `0065 6123 4567`.
pub fn is_serial(text: &str, d: &[u8], code: usize) -> bool {
    if !text.starts_with("00") {
        return false;
    }
    let of_digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let first = of_digits(text);
    let (zeros, area) = (2, 2);
    let ends = first == zeros || first == zeros + code || first > zeros + code + area;
    let is_dashed = || text[first..].starts_with('-');
    let is_glued = first == zeros + code + area && !is_dashed();
    let lengths = || text.split(|c: char| !c.is_ascii_digit()).map(str::len);
    let fours = lengths().all(|length| length == 4);
    // Accounts of Norwegian banks.
    let is_account = text.contains('.') && lengths().eq([4, 2, 5]);
    let is_other = fours && !d.starts_with(&[6, 5]) || is_account;
    !(ends || is_glued) || is_other
}

/// Whether a number that begins with two zeros is coordinates of a drawing, whose decimals have nothing in front of
/// their dots (`.002.002.402 003 1.22`): the calling code is broken over groups, or the rest is a decimal.
pub fn are_coordinates(text: &str, code: usize) -> bool {
    if !text.starts_with("00") {
        return false;
    }
    let (groups, count) = groups(text);
    let is_broken = groups[0].len() > 2 && groups[0].len() < 2 + code;
    let zeros = groups[1..count].iter().any(|g| g.len() > 3 && g.starts_with(b"00"));
    // No part of a number behind the calling code is a single digit.
    let code_apart = usize::from(groups[0].len() == 2);
    let single = groups[1 + code_apart..count.max(1 + code_apart)].iter().any(|g| g.len() == 1);
    let is_cut = text.starts_with("00.");
    is_broken || zeros || single || is_cut || is_decimal(text)
}

/// Whether a text is digits with one dot among them.
pub fn is_decimal(text: &str) -> bool {
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').is_some_and(|(whole, places)| is_digits(whole) && is_digits(places))
}

/// Whether a text begins with year, month and day in one piece.
fn is_day(text: &str) -> bool {
    let n = |part: std::ops::Range<usize>| text.get(part)?.parse().ok();
    let (Some(year), Some(month), Some(day)) = (n(0..4), n(4..6), n(6..8)) else { return false };
    (1900..2100).contains(&year) && date(year, month, day).is_some()
}

/// A year and another or a number of that year (a case, a fault), or pages that are near each other. A country whose
/// numbers are two groups of four digits loses one number in a hundred by the latter.
pub fn is_range(text: &str, groups: &[&[u8]]) -> bool {
    /// Pages of an article.
    const PAGES: u32 = 100;
    let &[from, to] = groups else { return false };
    if (from.len(), to.len()) != (4, 4) || text.as_bytes().get(4) != Some(&b'-') {
        return false;
    }
    let n = |group: &[u8]| group.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0'));
    let (from, to) = (n(from), n(to));
    (1900..2100).contains(&from) || (from < to && to - from < PAGES)
}

/// Dates, and times of the day, in the forms that look like grouped numbers.
pub fn looks_like_date(text: &str, groups: &[&[u8]]) -> bool {
    if has_day(text) {
        return true;
    }
    // A clock may stand behind it.
    let &[a, b, c, ref clock @ ..] = groups else { return false };
    let is_clock = clock.len() <= 3 && clock.iter().all(|part| part.len() == 2);
    let n = |s: &[u8]| match s.len() {
        ..=4 => s.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')),
        _ => u32::MAX,
    };
    let year = |s: &[u8]| s.len() == 4 && (1850..2100).contains(&n(s));
    is_clock
        && ((year(a) && n(b) <= 12 && n(c) <= 31)
            || (year(c) && n(a) <= 31 && n(b) <= 31 && a.len() <= 2 && b.len() <= 2))
}

/// Whether a day stands in a text with hyphens between its parts, behind another number or before an hour:
/// `1025 2008-04-08 22`, `02-07-08 10`.
fn has_day(text: &str) -> bool {
    let n = |part: &[u8]| part.iter().fold(0, |n, d| n * 10 + u32::from(d.wrapping_sub(b'0')));
    let is = |part: &[u8], pattern: &[u8]| {
        part.len() == pattern.len()
            && part
                .iter()
                .zip(pattern)
                .all(|(b, p)| if *p == b'0' { b.is_ascii_digit() } else { b == p })
    };
    let is_day = |d: &[u8]| {
        is(d, b"0000-00-00")
            && (1900..2100).contains(&n(&d[..4]))
            && n(&d[5..7]) <= 12
            && n(&d[8..]) <= 31
    };
    let text = text.as_bytes();
    let is_short = is(text, b"00-00-00 00")
        && n(&text[..2]) <= 31
        && n(&text[3..5]) <= 12
        && n(&text[9..]) < 24;
    is_short || text.len() > 10 && text.windows(10).any(is_day)
}
