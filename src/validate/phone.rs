//! Telephone numbers: ITU-T E.164 and its list of country codes, numbering plans, and what else is written like them.

use super::checksum::Digits;
use super::{Context, Rung, Validator, Validity, Verdict};

mod other;

use other::{
    are_characters, are_coordinates, is_decimal, is_other_with_plus, is_range, is_serial,
    looks_like_date,
};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("phone", phone)];

/// Groups of digits as telephone numbers have them, and other numbers as well.
const LOOSE: Rung = Rung::new("loose", Validity::Real);

/// A national number in the groups that people write.
const NATIONAL: Rung = Rung::new("national", Validity::Real);

/// A national number as only telephones are written: an area in brackets, or a mobile of the lengths and prefixes of a
/// numbering plan.
const PLAN: Rung = Rung::new("plan", Validity::Real);

/// Digits only: next to any number of the length passes.
const BARE: Rung = Rung::new("bare", Validity::Real);

const SERVICE: Verdict = Verdict::Invalid("the number of a service");

const NO_PHONE: Verdict = Verdict::Invalid("a date, a book number or another number");

/// Telephone number: `+` or `00` and a country code of E.164, or a national form. Numbers reserved for
/// fiction (NANP 555-01xx, Ofcom's drama numbers) are test data.
fn phone(text: &str, _: &Context) -> Verdict {
    let trunk = text.as_bytes().contains(&b'(').then(|| text.replace("(0)", ""));
    let Some(digits) = Digits::of(trunk.as_deref().unwrap_or(text)) else {
        return Verdict::Invalid("too long");
    };
    let d = digits.all();
    if d.len() < 7 || d.len() > 15 || digits.uniform() {
        return Verdict::Invalid("not a telephone number's length");
    }
    if text.trim_start_matches('(').starts_with('+') {
        return international(text, d);
    }
    match d.strip_prefix(&[0, 0]).filter(|d| d.len() >= 9) {
        Some(d) => international(text, d),
        None => national(text, d),
    }
}

/// A number with its country, `d` from the country's code on.
fn international(text: &str, d: &[u8]) -> Verdict {
    let Some(code) = Some(d).filter(|d| d.len() >= 3).and_then(country_code) else {
        return Verdict::Invalid("no such country code");
    };
    // North America, Russia and Kazakhstan.
    if d.len() < 8 || matches!(d[0], 1 | 7) && d.len() != 11 {
        return Verdict::Invalid("not the country's length");
    }
    // Characters of Unicode in groups (`0046 0066 0069`) go on with two zeros, telephones do not.
    if d[code..].starts_with(&[0, 0])
        || is_other_with_plus(text)
        || are_characters(text)
        || is_serial(text, d, code)
        || are_coordinates(text, code)
    {
        return NO_PHONE;
    }
    if is_of_service(d) {
        return SERVICE;
    }
    Verdict::Valid(if is_fiction(d) { Rung::TEST } else { Rung::STRICT })
}

/// A number without its country.
fn national(text: &str, d: &[u8]) -> Verdict {
    if d.starts_with(&[0, 0]) {
        return NO_PHONE;
    }
    if d.len() == text.len() {
        return Verdict::Valid(BARE);
    }
    let (groups, count) = groups(text);
    let groups = &groups[..count];
    let book = (text.starts_with("978") || text.starts_with("979")) && text.contains('-');
    if book || is_decimal(text) || is_range(text, groups) || looks_like_date(text, groups) {
        return NO_PHONE;
    }
    if is_of_national_service(groups) {
        return SERVICE;
    }
    Verdict::Valid(match has_national_form(text, groups) {
        true if is_of_plan(text, d, groups) => PLAN,
        true => NATIONAL,
        false => LOOSE,
    })
}

/// The toll-free codes of the NANPA.
const TOLL_FREE: &[&[u8]] = &[b"800", b"833", b"844", b"855", b"866", b"877", b"888"];

/// Whether a number with its country is one of a service that anybody may call and that is nobody's: freephone and premium
/// numbers of North America, Norway (Nkom: 80, 81, 82) and E.164's +800.
fn is_of_service(d: &[u8]) -> bool {
    let is_free = |three: &[u8]| {
        TOLL_FREE.iter().any(|free| free.iter().map(|b| b - b'0').eq(three.iter().copied()))
    };
    match d {
        [1, rest @ ..] => rest.get(..3).is_some_and(is_free),
        [4, 7, 8, 0..=2, rest @ ..] => rest.len() == 6,
        _ => d.starts_with(&[8, 0, 0]),
    }
}

/// The same of a number without its country: also 0800 and 0808, which Great Britain, Germany, Austria, Switzerland, the
/// Netherlands and Belgium have in common, and 0900.
fn is_of_national_service(groups: &[&[u8]]) -> bool {
    let [first, rest @ ..] = groups else { return false };
    let lengths = || rest.iter().map(|g| g.len());
    TOLL_FREE.contains(first) && lengths().eq([3, 4])
        || matches!(first, [b'8', b'0'..=b'2', _]) && lengths().eq([2, 3])
        || matches!(*first, b"0800" | b"0808" | b"0900")
}

/// Whether a national number is one of a plan: mobiles of Germany (BNetzA: 015, 016, 017), Great Britain (Ofcom: 07),
/// Turkey (BTK: 05), France (Arcep: 06, 07 in pairs), Sweden (PTS: 07) and Switzerland (OFCOM: 07), Norway (Nkom: 4, 9),
/// Finland (Traficom: 04, 050) and the Netherlands (ACM: 06) as they are written there, or any with its area in brackets.
fn is_of_plan(text: &str, d: &[u8], groups: &[&[u8]]) -> bool {
    let in_groups = |lengths: &[usize]| groups.iter().map(|g| g.len()).eq(lengths.iter().copied());
    text.starts_with('(')
        || match d {
            [0, 1, 5..=7, ..] => matches!(d.len(), 11 | 12),
            [0, 7 | 5, ..] if d.len() == 11 => true,
            [0, 7, ..] => in_groups(&[2; 5]) || in_groups(&[3, 3, 2, 2]),
            [0, 6, ..] => in_groups(&[2; 5]) || in_groups(&[2, 8]),
            [0, 4, ..] | [0, 5, 0, ..] => in_groups(&[3, 7]) || in_groups(&[3, 3, 4]),
            [4 | 9, ..] => in_groups(&[3, 2, 3]),
            _ => false,
        }
}

/// Whether the groups are those in which some country writes its numbers, and few write other numbers.
fn has_national_form(text: &str, groups: &[&[u8]]) -> bool {
    let mut lengths = [0; 5];
    lengths.iter_mut().zip(groups).for_each(|(length, group)| *length = group.len());
    let lengths = &lengths[..groups.len()];
    // Article numbers and pages have three digits and four as often as telephones without area code.
    if lengths == [3, 4] && !text.starts_with('(') {
        return false;
    }
    // Codes of post offices in the United States have five and four.
    if lengths == [5, 4] && text.contains('-') {
        return false;
    }
    // Four pairs with dots between them are a version or an address as often.
    let pairs = matches!(lengths, [2, 2, 2, 2]) && !text.contains('.');
    text.starts_with(['0', '('])
        || pairs
        || matches!(lengths, [3, 2, 3] | [3, 2, 2, 2]) && !text.starts_with('1')
        || (matches!(lengths, [3, 3, 3 | 4]) && !text.starts_with('1'))
}

fn is_fiction(d: &[u8]) -> bool {
    (d.len() == 11 && d[0] == 1 && d[4..9] == [5, 5, 5, 0, 1])
        || d.starts_with(&[4, 4, 7, 7, 0, 0, 9, 0, 0])
}

/// How many digits the country calling code of E.164 has that a number starts with; `None` when it starts with none.
fn country_code(d: &[u8]) -> Option<usize> {
    let n = |count: usize| d[..count].iter().fold(0, |n, &d| n * 10 + u32::from(d));
    let two = matches!(
        n(2),
        20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98
    );
    let three = matches!(
        n(3),
        211..=213 | 216 | 218 | 220..=258 | 260..=269 | 290 | 291 | 297..=299 | 350..=359 | 370..=383
            | 385..=387 | 389 | 420 | 421 | 423 | 500..=509 | 590..=599 | 670 | 672..=692 | 800 | 808
            | 850 | 852 | 853 | 855 | 856 | 870 | 878 | 880..=883 | 886 | 888 | 960..=968 | 970..=977
            | 979 | 992..=996 | 998
    );
    match d[0] {
        1 | 7 => Some(1),
        _ if two => Some(2),
        _ => three.then_some(3),
    }
}

/// The same of a number in ASCII; `None` for what has fewer than three digits, or others than those.
#[must_use]
pub fn calling_code(digits: &str) -> Option<usize> {
    let values: Vec<u8> = digits.bytes().map(|b| b.wrapping_sub(b'0')).collect();
    (values.len() >= 3 && values.iter().all(|d| *d < 10)).then(|| country_code(&values))?
}

/// The groups of digits in a text, and how many there are; of more than five the first five.
fn groups(text: &str) -> ([&[u8]; 5], usize) {
    let (mut groups, mut count): ([&[u8]; 5], _) = ([&[]; 5], 0);
    let mut rest = text.as_bytes();
    while let Some(start) = rest.iter().position(u8::is_ascii_digit) {
        let Some(place) = groups.get_mut(count) else { break };
        let length = rest[start..].iter().take_while(|b| b.is_ascii_digit()).count();
        *place = &rest[start..start + length];
        rest = &rest[start + length..];
        count += 1;
    }
    (groups, count)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{rung_of, takes};
    use super::phone;

    #[test]
    fn numbers_with_a_country_or_in_national_groups_pass() {
        assert!(takes(phone, "+47 912 34 567") && !takes(phone, "+999 123 456"));
        assert!(!takes(phone, "2024-03-12") && takes(phone, "(312) 946-1206"));
    }

    #[test]
    fn other_numbers_are_no_telephones() {
        for text in [
            "114.5625",
            "249.5600",
            "063.7396220",
            "+6.37396220353165",
            "+20221128-1",
            "0051.46.84821",
            "+3553-00519",
            "+415100-0873900",
            "+47019061",
            "+67982503",
            "1997-2000",
            "1912-2099",
            "5016-5029",
            "2018-6551",
            "0046 0066 0069",
            "0031 2044 0034",
            "0020 0650 0651",
            "002.002.402.70711",
            "003 1.223 4.272",
            "003963.935547",
            "002184-98693",
            "0055 6014 2440",
            "007.053.543-49",
            "007 237 283 296",
            "007813.007813 24",
            "007 2.416 1.035 3.761",
            "00.479.296.592.592",
            "2009-09-28 21",
            "1025 2008-04-08 22",
            "02-07-08 10",
        ] {
            assert!(!takes(phone, text), "{text}");
        }
        let written =
            ["+1.2125550187", "+47.91234567", "+20 2 2112 8123", "2234-8765", "2016 2034"];
        for text in written.into_iter().chain([
            "5029-5016",
            "114.56.25",
            "0047.912.34.567",
            "00 1 212 555 0187",
            "0047 91 23 45 67",
        ]) {
            assert!(takes(phone, text), "{text}");
        }
    }

    #[test]
    fn numbers_of_services_are_nobodys() {
        for text in [
            "+1 800 555 0100",
            "800-555-0100",
            "815 00 123",
            "800 44 000",
            "+47 815 00 123",
            "0800 123 4567",
        ] {
            assert!(!takes(phone, text), "{text}");
        }
        for text in
            ["+1 801 555 0100", "801-555-0100", "915 00 123", "0801 123 4567", "+47 22 00 12 34"]
        {
            assert!(takes(phone, text), "{text}");
        }
    }

    #[test]
    fn three_digits_and_four_are_loose() {
        for (text, rung) in [
            ("640-5435", "loose"),
            ("555 1234", "loose"),
            ("018-1109", "loose"),
            ("(555) 1234", "plan"),
            ("0151 200 00806", "plan"),
            ("06 12 34 56 78", "plan"),
            ("06-12345678", "plan"),
            ("070-174 06 05", "plan"),
            ("412 34 567", "plan"),
            ("040 123 4567", "plan"),
            ("0451/334455", "national"),
            ("312-946-1206", "national"),
            ("22 33 44 55", "national"),
        ] {
            assert_eq!(rung_of(phone, text), rung, "{text}");
        }
    }
}
