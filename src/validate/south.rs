//! South Africa, Australia and New Zealand: identity, tax and health care numbers.
//!
//! Department of Home Affairs (ID number); Australian Taxation Office (TFN), Services Australia (Medicare);
//! Inland Revenue (IRD number, with the second weights of its file specification).

use super::checksum::{Digits, checked, checked_with_date, date_in_some_century, luhn, weighted};
use super::{Context, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] =
    &[("za_id", za_id), ("au_tfn", tfn), ("au_medicare", medicare), ("nz_ird", ird)];

/// Identity number: YYMMDD, four digits of sex, citizenship 0–2, one digit, Luhn.
fn za_id(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 13) else { return Verdict::Invalid("not 13 digits") };
    if !date_in_some_century(digits.number(0, 2), digits.number(2, 2), digits.number(4, 2)) {
        return Verdict::Invalid("the date does not exist");
    }
    if digits.all()[10] > 2 {
        return Verdict::Invalid("no such citizenship");
    }
    checked_with_date(luhn(digits.all()))
}

/// Tax file number: nine digits (eight in old ones), weights 1 4 3 7 5 8 6 9 10, mod 11.
fn tfn(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::of(text) else { return Verdict::Invalid("not 8 or 9 digits") };
    let weights: &[u32] = match digits.all().len() {
        9 => &[1, 4, 3, 7, 5, 8, 6, 9, 10],
        8 => &[10, 7, 8, 4, 6, 3, 5, 1],
        _ => return Verdict::Invalid("not 8 or 9 digits"),
    };
    checked(weighted(digits.all(), weights).is_multiple_of(11) && !digits.uniform())
}

/// Medicare card: ten digits from 2 to 6, the ninth the check digit by weights 1 3 7 9, mod 10, the tenth
/// the issue of the card (not 0).
fn medicare(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::of(text) else { return Verdict::Invalid("not 10 digits") };
    let d = digits.all();
    if !matches!(d.len(), 10 | 11) || !matches!(d[0], 2..=6) || d[9] == 0 {
        return Verdict::Invalid("not 10 digits from 2 to 6 with an issue");
    }
    checked(weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(d[8]))
}

/// IRD number: eight or nine digits from 10 million to 150 million, weights 3 2 7 6 5 4 3 2, where these
/// give 10 again with 7 4 3 2 5 2 7 6, mod 11.
fn ird(text: &str, _: &Context) -> Verdict {
    let nine = Digits::exactly(text, 9).or_else(|| Digits::exactly(&format!("0{text}"), 9));
    let Some(digits) = nine else { return Verdict::Invalid("not 8 or 9 digits") };
    if !(10_000_000..150_000_000).contains(&digits.number(0, 9)) {
        return Verdict::Invalid("outside the range");
    }
    let check = |weights: &[u32]| (11 - weighted(digits.all(), weights) % 11) % 11;
    let check = match check(&[3, 2, 7, 6, 5, 4, 3, 2]) {
        10 => check(&[7, 4, 3, 2, 5, 2, 7, 6]),
        check => check,
    };
    checked(check == u32::from(digits.all()[8]))
}
