//! Estonia, Lithuania and Latvia: personal codes.
//!
//! Standard EVS 585:2007 (isikukood), Lietuvos Respublikos gyventojų registro įstatymas (asmens kodas),
//! Ministru kabineta noteikumi on the personas kods (without date since July 2017).

use super::checksum::{Digits, checked, checked_with_date, date, unborn, weighted};
use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("ee_isikukood", isikukood),
    ("lt_asmens_kodas", asmens_kodas),
    ("lv_personas_kods", personas_kods),
];

/// A code without a date of birth in it.
const DATELESS: Rung = Rung::new("dateless", Validity::Real);

/// Both codes: weights 1 to 9 and 1, mod 11; where that gives 10, weights 3 to 9, 1, 2, 3.
fn check_digit(digits: &Digits) -> bool {
    let first = weighted(digits.all(), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(digits.all(), &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
    u32::from(digits.all()[10]) == if first < 10 { first } else { second }
}

/// Century and sex in the first digit, then YYMMDD.
fn born(digits: &Digits) -> Option<jiff::civil::Date> {
    let century = match digits.all()[0] {
        first @ 1..=8 => 1800 + (u32::from(first) - 1) / 2 * 100,
        _ => return None,
    };
    date(century + digits.number(1, 2), digits.number(3, 2), digits.number(5, 2))
}

/// Isikukood: 11 digits.
fn isikukood(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    unborn(born(&digits), cx).unwrap_or_else(|| checked_with_date(check_digit(&digits)))
}

/// Asmens kodas: 11 digits; codes from 9 on hold no date.
fn asmens_kodas(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    if digits.all()[0] == 9 {
        return if check_digit(&digits) { Verdict::Valid(DATELESS) } else { checked(false) };
    }
    unborn(born(&digits), cx).unwrap_or_else(|| checked_with_date(check_digit(&digits)))
}

/// Personas kods: DDMMYY, century, serial, check digit 1 + sum with weights 10 5 8 4 2 1 6 3 7 9, mod 11
/// mod 10; since July 2017 codes from 32 on without date.
fn personas_kods(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    let sum = weighted(digits.all(), &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
    let right = (1 + sum) % 11 % 10 == u32::from(digits.all()[10]);
    if digits.number(0, 2) == 32 {
        return if right { Verdict::Valid(DATELESS) } else { checked(false) };
    }
    let year = 1800 + 100 * u32::from(digits.all()[6]) + digits.number(4, 2);
    let born = date(year, digits.number(2, 2), digits.number(0, 2));
    unborn(born, cx).unwrap_or_else(|| checked_with_date(right))
}
