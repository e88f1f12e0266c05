//! France: social security, tax and company numbers.
//!
//! Décret 82-103 and INSEE (NIR); DGFiP (numéro fiscal, SPI); Code de commerce R123-220 (SIREN, SIRET).

use super::checksum::{Digits, alnum, checked, luhn, modulo};
use super::{Context, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("fr_nir", nir), ("fr_nif", nif), ("fr_siren", siren)];

/// NIR: sex, year, month, department (2A and 2B for Corsica), commune, serial, key 97 − n mod 97.
fn nir(text: &str, _: &Context) -> Verdict {
    let Some(mut c) = alnum::<15>(text) else { return Verdict::Invalid("not 15 characters") };
    // 2A and 2B count as 19 and 18.
    match &c[5..7] {
        b"2A" => c[5..7].copy_from_slice(b"19"),
        b"2B" => c[5..7].copy_from_slice(b"18"),
        _ => {}
    }
    if !c.iter().all(u8::is_ascii_digit) {
        return Verdict::Invalid("letters outside the department");
    }
    let d = c.map(|b| b - b'0');
    let month = d[3] * 10 + d[4];
    if !matches!(d[0], 1..=4 | 7 | 8) {
        return Verdict::Invalid("the first digit is not one of a sex");
    }
    if !matches!(month, 1..=12 | 20..=42 | 50..=99) {
        return Verdict::Invalid("the month does not exist");
    }
    let key = u32::from(d[13]) * 10 + u32::from(d[14]);
    checked(97 - modulo(&d[..13], 97) == key)
}

/// Numéro fiscal (SPI): 13 digits from 0 to 3, the last three are the first ten mod 511.
fn nif(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 13) else { return Verdict::Invalid("not 13 digits") };
    if digits.all()[0] > 3 {
        return Verdict::Invalid("does not start with 0 to 3");
    }
    checked(modulo(&digits.all()[..10], 511) == digits.number(10, 3))
}

/// SIREN: nine digits, Luhn.
fn siren(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    checked(luhn(digits.all()) && !digits.uniform())
}
