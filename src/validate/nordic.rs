//! Sweden, Denmark, Finland and Iceland: personal identity numbers.
//!
//! Skatteverket SKV 704 (personnummer) and SKV 707 (samordningsnummer); CPR-kontoret "Personnummeret i
//! CPR"; Digital and Population Data Services Agency (henkilötunnus, new marks since 2023); Þjóðskrá
//! (kennitala, without check digit since 18 February 2026).

use super::checksum::{
    Digits, checked, checked_with_date, date, date_in_some_century, luhn, weighted,
};
use super::{Context, Rung, Validator, Validity, Verdict, vat};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("se_personnummer", personnummer),
    ("dk_cpr", cpr),
    ("fi_hetu", hetu),
    ("is_kennitala", kennitala),
    ("se_orgnr", se_orgnr),
    ("dk_cvr", cvr),
    ("fi_ytunnus", y_tunnus),
    ("fo_ptal", p_tal),
];

/// A company's kennitala; a sole trader's shows who the person is.
const COMPANY: Rung = Rung::new("company", Validity::Real);
/// Who is born from this day on has a kennitala without a check digit.
const LAST_CHECKED: jiff::civil::Date = jiff::civil::date(2026, 2, 18);
/// Twelve digits with the century: a rarer shape, hence stronger.
const WITH_CENTURY: Rung = Rung::new("century", Validity::Real);

/// Twelve digits that read as a day of this century and the time of day as well: one number in seven of those born in
/// it does, and every stamp.
const LIKE_TIME: Rung = Rung::new("like_time", Validity::Real);

/// Personnummer and samordningsnummer (day + 60): YYMMDD, three digits, Luhn over these ten; `+` in
/// place of `-` from the hundredth year on.
fn personnummer(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::of(text) else { return Verdict::Invalid("not 10 or 12 digits") };
    let all = digits.all();
    let skip = match all.len() {
        10 => 0,
        12 => 2,
        _ => return Verdict::Invalid("not 10 or 12 digits"),
    };
    let right = luhn(&all[skip..]);
    let (year, month) = (digits.number(skip, 2), digits.number(skip + 2, 2));
    let day = digits.number(skip + 4, 2);
    let day = if day > 60 { day - 60 } else { day };
    if digits.number(skip + 6, 3) == 0 {
        return Verdict::Invalid("the birth number 000 is not issued");
    }
    if skip == 2 {
        let century = digits.number(0, 2);
        let born =
            matches!(century, 18..=20).then(|| date(century * 100 + year, month, day)).flatten();
        return match born {
            None => Verdict::Invalid("the date does not exist"),
            Some(born) if born > cx.as_of => Verdict::Invalid("born in the future"),
            Some(_) if right && is_stamp(text, &digits) => Verdict::Valid(LIKE_TIME),
            Some(_) if right => Verdict::Valid(WITH_CENTURY),
            Some(_) => checked_with_date(false),
        };
    }
    if date_in_some_century(year, month, day) {
        checked_with_date(right)
    } else {
        Verdict::Invalid("the date does not exist")
    }
}

/// Whether twelve digits in one piece read as a stamp of this century: YYYYMMDDHHMM.
fn is_stamp(text: &str, digits: &Digits) -> bool {
    let clock = (digits.number(8, 2), digits.number(10, 2));
    text.len() == 12 && digits.number(0, 2) == 20 && clock.0 < 24 && clock.1 < 60
}

/// CPR number: DDMMYY, four digits the first of which gives the century, mod 11 with weights
/// 4 3 2 7 6 5 4 3 2 1. Since October 2007 numbers without mod 11 are issued, so far to people born on
/// 1 January only; replacement numbers have 60 added to the day, are few, and are for the time being.
fn cpr(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    let (day, month, year) = (digits.number(0, 2), digits.number(2, 2), digits.number(4, 2));
    let (day, is_replacement) = if day > 60 { (day - 60, true) } else { (day, false) };
    let century = match (digits.all()[6], year) {
        (0..=3, _) | (4 | 9, 37..) => 1900,
        (5..=8, 58..) => 1800,
        _ => 2000,
    };
    match date(century + year, month, day) {
        None => return Verdict::Invalid("the date does not exist"),
        Some(born) if born > cx.as_of => return Verdict::Invalid("born in the future"),
        Some(_) => {}
    }
    if weighted(digits.all(), &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) {
        Verdict::Valid(if is_replacement { Rung::TEMPORARY } else { Rung::STRICT })
    } else if day == 1 && month == 1 {
        Verdict::Valid(Rung::UNCHECKED)
    } else {
        // Since 2007 numbers are issued that fail it.
        Verdict::Doubtful("fails mod 11")
    }
}

/// Henkilötunnus: DDMMYY, century mark, individual number, check character from the number mod 31.
/// Individual numbers 900–999 are for tests and temporary use.
fn hetu(text: &str, cx: &Context) -> Verdict {
    const CHECK: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let bytes = text.as_bytes();
    let (Some(mark), Some(check)) = (bytes.get(6), bytes.get(10)) else {
        return Verdict::Invalid("not 11 characters");
    };
    let front = text.get(..6).and_then(Digits::of);
    let Some(digits) = front.filter(|d| d.all().len() == 6) else {
        return Verdict::Invalid("no date in front");
    };
    let Some(individual) = text.get(7..10).and_then(|t| t.parse::<u32>().ok()) else {
        return Verdict::Invalid("no individual number");
    };
    let century = match mark.to_ascii_uppercase() {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return Verdict::Invalid("unknown century mark"),
    };
    match date(century + digits.number(4, 2), digits.number(2, 2), digits.number(0, 2)) {
        None => return Verdict::Invalid("the date does not exist"),
        Some(born) if born > cx.as_of => return Verdict::Invalid("born in the future"),
        Some(_) => {}
    }
    if individual < 2 {
        return Verdict::Invalid("individual numbers start at 002");
    }
    let number = digits.number(0, 6) * 1000 + individual;
    if CHECK[(number % 31) as usize] != check.to_ascii_uppercase() {
        return Verdict::Doubtful("fails the check character");
    }
    Verdict::Valid(if individual >= 900 { Rung::TEMPORARY } else { Rung::STRICT })
}

/// Kennitala: DDMMYY (day + 40 for companies), two digits from 20, check digit mod 11, century digit.
/// Numbers issued since 18 February 2026 have no check digit.
fn kennitala(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    let (day, month, year) = (digits.number(0, 2), digits.number(2, 2), digits.number(4, 2));
    let (day, person) = if day > 40 { (day - 40, false) } else { (day, true) };
    let century = match digits.all()[9] {
        8 => 1800,
        9 => 1900,
        0 => 2000,
        _ => return Verdict::Invalid("unknown century digit"),
    };
    let born = match date(century + year, month, day) {
        None => return Verdict::Invalid("the date does not exist"),
        Some(born) if born > cx.as_of => return Verdict::Invalid("born in the future"),
        Some(born) => born,
    };
    if weighted(&digits.all()[..9], &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) {
        return Verdict::Valid(if person { Rung::STRICT } else { COMPANY });
    }
    if born >= LAST_CHECKED && digits.number(6, 2) >= 20 {
        return Verdict::Valid(Rung::UNCHECKED);
    }
    checked_with_date(false)
}

/// Organisationsnummer: ten digits, the third at least 2 (so that it is no date), Luhn. A sole trader's is
/// the owner's personnummer.
fn se_orgnr(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    if digits.all()[2] < 2 || digits.all()[0] == 0 || digits.uniform() {
        return Verdict::Invalid("the third digit is below 2");
    }
    checked(luhn(digits.all()))
}

/// CVR number: eight digits, weights 2 7 6 5 4 3 2 1, mod 11.
fn cvr(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 8) else { return Verdict::Invalid("not 8 digits") };
    checked(vat::cvr(digits.all()) && !digits.uniform())
}

/// Y-tunnus: seven digits and a check digit, weights 7 9 10 5 8 4 2 1, mod 11.
fn y_tunnus(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 8) else { return Verdict::Invalid("not 8 digits") };
    checked(vat::y_tunnus(digits.all()) && !digits.uniform())
}

/// P-tal of the Faroe Islands: DDMMYY and three digits, without a check digit.
fn p_tal(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    if date_in_some_century(digits.number(4, 2), digits.number(2, 2), digits.number(0, 2)) {
        Verdict::Valid(Rung::UNCHECKED)
    } else {
        Verdict::Invalid("the date does not exist")
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::rung_of;
    use super::*;

    #[test]
    fn replacement_numbers_are_temporary() {
        assert_eq!(rung_of(cpr, "070761-4285"), "strict");
        // Years of birth of Swedes read as such days.
        assert_eq!(rung_of(cpr, "670761-0318"), "temporary");
    }

    #[test]
    fn stamps_of_this_century_may_be_no_numbers() {
        for text in ["202401150806", "202401150814"] {
            assert_eq!(rung_of(personnummer, text), "like_time", "{text}");
        }
        for text in ["20240115-0806", "199910031526", "202401159807"] {
            assert_ne!(rung_of(personnummer, text), "like_time", "{text}");
        }
        assert_eq!(rung_of(personnummer, "20240115-0806"), "century");
    }
}
