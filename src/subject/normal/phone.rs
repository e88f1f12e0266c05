//! Telephone numbers: country and national number.

use crate::validate::phone::calling_code;

/// Digits that a national number has at least, and a whole one at most (E.164).
const LENGTHS: std::ops::RangeInclusive<usize> = 7..=15;

/// `+4722983340` where the country is told, then `22983340`.
pub(super) fn forms(text: &str) -> Vec<String> {
    let text = text.trim().trim_start_matches("tel:").replace("(0)", "");
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if !LENGTHS.contains(&digits.len()) || text.chars().any(char::is_alphabetic) {
        return Vec::new();
    }
    let is_abroad = text.trim_start_matches('(').starts_with('+');
    let abroad = if is_abroad { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    match abroad {
        Some(whole) => {
            let Some(code) = calling_code(whole) else { return Vec::new() };
            let national = whole[code..].trim_start_matches('0');
            vec![format!("+{}{national}", &whole[..code]), national.to_owned()]
        }
        None => vec![digits.trim_start_matches('0').to_owned()],
    }
}

/// Calling codes of the countries whose national numbers profiles may hold.
const CODES: &[(&str, &str)] = &[
    ("AT", "43"),
    ("AU", "61"),
    ("BE", "32"),
    ("BG", "359"),
    ("CA", "1"),
    ("CH", "41"),
    ("CY", "357"),
    ("CZ", "420"),
    ("DE", "49"),
    ("DK", "45"),
    ("EE", "372"),
    ("ES", "34"),
    ("FI", "358"),
    ("FO", "298"),
    ("FR", "33"),
    ("GB", "44"),
    ("GL", "299"),
    ("GR", "30"),
    ("HR", "385"),
    ("HU", "36"),
    ("IE", "353"),
    ("IN", "91"),
    ("IS", "354"),
    ("IT", "39"),
    ("LT", "370"),
    ("LU", "352"),
    ("LV", "371"),
    ("MT", "356"),
    ("NL", "31"),
    ("NO", "47"),
    ("NZ", "64"),
    ("PL", "48"),
    ("PT", "351"),
    ("RO", "40"),
    ("SE", "46"),
    ("SI", "386"),
    ("SK", "421"),
    ("TR", "90"),
    ("UA", "380"),
    ("US", "1"),
];

/// The calling code of a country, by its two-letter code (ITU-T E.164).
#[must_use]
pub fn country_code(country: &str) -> Option<&'static str> {
    CODES.iter().find(|(code, _)| code.eq_ignore_ascii_case(country)).map(|c| c.1)
}

/// A number with its country before it, unless it has one or the country is not known.
#[must_use]
pub fn with_country(text: &str, country: &str) -> String {
    let is_national = !text.trim_start_matches(['(', ' ']).starts_with('+')
        && !text.trim_start().starts_with("00");
    match country_code(country) {
        Some(code) if is_national => format!("+{code} {}", text.trim().trim_start_matches('0')),
        _ => text.to_owned(),
    }
}
