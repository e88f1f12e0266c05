//! Cells of documents, vehicles, places, pictures and devices, in columns whose name speaks for the kind.
//! None has a public check digit: the validators only say whether a cell agrees with the name.

use super::cell::{is_date, is_flag, is_uuid, rung, vocabulary};
use super::{Context, Rung, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("document_number", document_number),
    ("bank_account", bank_account),
    ("plate", plate),
    ("coordinate", coordinate),
    ("image", image),
    ("device_id", device_id),
    ("employment", employment),
];

fn agrees(does: bool, why: &'static str) -> Verdict {
    if does { Verdict::Valid(Rung::STRICT) } else { Verdict::Invalid(why) }
}

/// How many letters and how many digits of ASCII a text has, and whether it has nothing else but separators.
fn make_up(text: &str) -> (usize, usize, bool) {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.chars().all(|c| c.is_alphanumeric() || " -/.".contains(c));
    (letters, digits, plain)
}

/// Number of a passport, permit or licence: 6 to 18 letters and digits, at least four of them digits.
fn document_number(text: &str, _: &Context) -> Verdict {
    let (letters, digits, plain) = make_up(text);
    let words = text.split(|c: char| !c.is_alphanumeric());
    let has_word =
        words.filter(|w| w.chars().nth(3).is_some()).any(|w| w.chars().all(char::is_alphabetic));
    agrees(
        plain
            && (6..=18).contains(&(letters + digits))
            && digits >= 4
            && !has_word
            && !is_date(text),
        "not 6 to 18 letters and digits",
    )
}

/// Number of a bank account as its country writes it: seven digits (those of ledgers are shorter) to thirty, and
/// separators; a stroke before the bank's code.
fn bank_account(text: &str, _: &Context) -> Verdict {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b" -./".contains(&b));
    agrees(plain && (7..=30).contains(&digits) && !is_date(text), "not 7 to 30 digits")
}

/// Registration plate: two to nine letters and digits, both among them, or year, county and number as in Ireland.
fn plate(text: &str, _: &Context) -> Verdict {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let (_, _, plain) = make_up(text);
    if plain && is_form_of_plate(text) {
        return const { rung("known") };
    }
    agrees(
        plain
            && (1..=6).contains(&letters)
            && ((1..=6).contains(&digits) || is_irish_plate(text))
            && text.len() <= 14,
        "not two to nine letters and digits",
    )
}

/// Whether a text is written as plates are and other numbers mostly are not: two or three groups of letters and of digits,
/// two to five of each, with a sign between them or letters round the digits (`DM 26971`, `K-AB 1234`, `AB12CDE`); or
/// two letters and five digits, as in Norway and Denmark.
fn is_form_of_plate(text: &str) -> bool {
    let is_letter = |c: char| c.is_alphabetic();
    let mut groups: Vec<(bool, usize)> = Vec::new();
    for c in text.chars().filter(|c| c.is_alphanumeric()) {
        match groups.last_mut() {
            Some((letters, n)) if *letters == is_letter(c) => *n += 1,
            _ => groups.push((is_letter(c), 1)),
        }
    }
    let count = |of: bool| groups.iter().filter(|g| g.0 == of).map(|g| g.1).sum::<usize>();
    let is_parted = text.contains([' ', '-']) || groups.len() == 3;
    (2..=5).contains(&count(true))
        && (2..=5).contains(&count(false))
        && (2..=3).contains(&groups.len())
        && groups.iter().all(|g| g.1 <= if g.0 { 3 } else { 5 })
        && (is_parted || groups == [(true, 2), (false, 5)])
}

/// Year and half of it, one or two letters for the county, a number: `191-C-42834`.
fn is_irish_plate(text: &str) -> bool {
    let mut parts = text.split(['-', ' ']);
    let mut is = |lengths: std::ops::RangeInclusive<usize>, of: fn(&u8) -> bool| {
        parts.next().is_some_and(|p| lengths.contains(&p.len()) && p.bytes().all(|b| of(&b)))
    };
    is(2..=3, u8::is_ascii_digit)
        && is(1..=2, u8::is_ascii_uppercase)
        && is(1..=6, u8::is_ascii_digit)
}

/// A latitude or longitude in decimal degrees with three places and more, or a pair of them.
fn coordinate(text: &str, _: &Context) -> Verdict {
    let degrees = |part: &str| {
        let part = part.trim();
        let places = part.split_once('.').map_or(0, |(_, p)| p.len());
        let value = part.parse::<f64>();
        (3..=17).contains(&places) && value.is_ok_and(|v| v.abs() <= 180.0 && v != 0.0)
    };
    let text = text.trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    let point = text.strip_prefix("POINT").map(|p| p.trim().trim_matches(['(', ')']));
    let text = point.unwrap_or(text);
    let parts: Vec<&str> = text.split([',', ';', ' ']).filter(|p| !p.is_empty()).take(4).collect();
    agrees(matches!(parts.len(), 1..=3) && parts.iter().take(2).all(|p| degrees(p)), "no degrees")
}

/// A picture: the name or address of an image file, or the picture itself in base64 or hexadecimal.
fn image(text: &str, _: &Context) -> Verdict {
    const EXTENSIONS: [&str; 11] =
        ["jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "heic", "svg", "avif"];
    let path = text.split(['?', '#']).next().unwrap_or(text);
    let extension = path.rsplit_once('.').map_or("", |(_, e)| e);
    let named = EXTENSIONS.iter().any(|e| e.eq_ignore_ascii_case(extension));
    let base_64 = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
    let data = text.starts_with("data:image/") || (text.len() > 100 && text.bytes().all(base_64));
    agrees(named || data, "no picture")
}

/// A device or cookie id: a UUID, or a token of 8 to 128 characters with four digits or more.
fn device_id(text: &str, _: &Context) -> Verdict {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"-_.:=".contains(&b);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_token = (8..=128).contains(&text.len()) && text.bytes().all(token) && digits >= 4;
    agrees(is_uuid(text) || is_token, "no id")
}

/// Employment: words, a staff number, a share, a date or yes and no; no link and no long text. The rung `known` says that
/// a word for a position is among them.
fn employment(text: &str, _: &Context) -> Verdict {
    if vocabulary::is_job(text) {
        return const { rung("known") };
    }
    // A digit or two are a row's number, not a person's.
    let said = text.chars().any(char::is_alphabetic) || text.len() >= 3 || is_flag(text);
    agrees(said && text.len() <= 300 && !text.contains("://"), "a link or a long text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_agree_or_not() {
        let cx = Context { as_of: jiff::civil::date(2026, 11, 1) };
        let ok = |f: Validator, text: &str| matches!(f(text, &cx), Verdict::Valid(_));
        assert!(ok(document_number, "C01X00T47") && ok(document_number, "12 34 567890 1"));
        assert!(!ok(document_number, "expired 2030") && !ok(document_number, "12"));
        let name = |f: Validator, text: &str| match f(text, &cx) {
            Verdict::Valid(rung) => rung.name(),
            _ => "",
        };
        let known = |f: Validator, text: &str| name(f, text) == "known";
        for text in ["DM 26971", "K-AB 1234", "AA-123-BB", "AB12 CDE", "AB12CDE", "12-AB-34"] {
            assert!(known(plate, text), "{text}");
        }
        for text in ["C01195", "AB123456", "A 1", "B12", "S1234567"] {
            assert!(!known(plate, text), "{text}");
        }
        assert!(known(employment, "Line Cook") && known(employment, "Sykepleier, natt"));
        assert!(!known(employment, "Mr") && !known(employment, "Gone with the Wind"));
        assert!(ok(plate, "EK 12345") && ok(plate, "M-AB 123") && !ok(plate, "12345"));
        assert!(ok(coordinate, "59.91273") && ok(coordinate, "59.91273, 10.74609"));
        assert!(ok(coordinate, "POINT(10.74609 59.91273)") && !ok(coordinate, "59.9"));
        assert!(!ok(coordinate, "1200.123") && !ok(coordinate, "v1.2.345"));
        assert!(ok(image, "a/b.JPG?w=1") && !ok(image, "b.pdf"));
        assert!(ok(device_id, "242017100000001") && !ok(device_id, "printer"));
    }
}
