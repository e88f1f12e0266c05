//! Belgium and Luxembourg: personal numbers, and those of Belgian enterprises.
//!
//! Koninklijk besluit of 3 April 1984 on the identification number of the Rijksregister, and of 8 February
//! 1991 for the bis number of the Crossroads Bank; Luxembourg law of 19 June 2013 on the identification of
//! natural persons (matricule).

use super::checksum::{Digits, checked, checked_with_date, date, luhn, modulo, unborn, verhoeff};
use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] =
    &[("be_nn", nn), ("be_ondernemingsnr", enterprise), ("lu_matricule", matricule)];

/// Enterprise number: ten digits, 0 or 1 in front, the last two 97 − n mod 97 of the first eight.
fn enterprise(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    if digits.number(0, 8) < 1_000_000 {
        return Verdict::Invalid("not given out");
    }
    checked(97 - modulo(&digits.all()[..8], 97) == digits.number(8, 2))
}

/// A bis number: of somebody known to social security but not registered (month + 20 or + 40).
const BIS: Rung = Rung::new("bis", Validity::Real);

/// Rijksregisternummer: YYMMDD, three digits, two check digits 97 − n mod 97, with a 2 in front of n for
/// births from 2000 on. Month or day can be 00 where they are unknown.
fn nn(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    let d = digits.all();
    let (month, day) = (digits.number(2, 2), digits.number(4, 2));
    let (month, rung) = match month {
        0..=12 => (month, Rung::STRICT),
        20..=32 => (month - 20, BIS),
        40..=52 => (month - 40, BIS),
        _ => return Verdict::Invalid("the month does not exist"),
    };
    if digits.number(6, 3) == 0 || digits.number(6, 3) == 999 {
        return Verdict::Invalid("the serial number is not issued");
    }
    let mut young = [2; 10];
    young[1..].copy_from_slice(&d[..9]);
    let check = digits.number(9, 2);
    let exists = |century: u32| {
        let date = date(century + digits.number(0, 2), month.max(1), day.max(1));
        unborn(date, cx).is_none()
    };
    let fits = |n: &[u8], century: u32| 97 - modulo(n, 97) == check && exists(century);
    if fits(&d[..9], 1900) || fits(&young, 2000) { Verdict::Valid(rung) } else { checked(false) }
}

/// Matricule: YYYYMMDD, three digits, a Luhn digit over these eleven and a Verhoeff digit over the same.
fn matricule(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 13) else { return Verdict::Invalid("not 13 digits") };
    let born = date(digits.number(0, 4), digits.number(4, 2), digits.number(6, 2));
    if digits.number(0, 4) < 1850 {
        return Verdict::Invalid("the year is no year of birth");
    }
    if let Some(wrong) = unborn(born, cx) {
        return wrong;
    }
    let d = digits.all();
    let mut second = [0; 12];
    second[..11].copy_from_slice(&d[..11]);
    second[11] = d[12];
    checked_with_date(luhn(&d[..12]) && verhoeff(&second))
}
