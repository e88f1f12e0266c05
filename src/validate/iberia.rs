//! Spain and Portugal: identity, tax and social security numbers.
//!
//! Real Decreto 1553/2005 (DNI), Orden INT/2058/2008 (NIE), Orden EHA/451/2008 (CIF), TGSS (NUSS); Portugal:
//! Decreto-Lei 14/2013 (NIF), Decreto-Lei 92/2004 (NISS), Portaria 201/2007 (Cartão de Cidadão).

use super::checksum::{Digits, alnum, base_36, checked, modulo, weighted};
use super::{Context, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("es_dni", dni),
    ("es_cif", cif),
    ("es_nuss", nuss),
    ("pt_nif", pt_nif),
    ("pt_niss", pt_niss),
    ("pt_cc", pt_cc),
];

/// DNI (eight digits, letter) and NIE (X, Y or Z for 0, 1 or 2, seven digits, letter): letter by n mod 23.
fn dni(text: &str, _: &Context) -> Verdict {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let Some(mut c) = alnum::<9>(text) else { return Verdict::Invalid("not 9 characters") };
    if let Some(series) = b"XYZ".iter().position(|b| *b == c[0]) {
        c[0] = b'0' + u8::try_from(series).unwrap_or(0);
    }
    if !c[..8].iter().all(u8::is_ascii_digit) {
        return Verdict::Invalid("not digits before the letter");
    }
    let digits = c.map(|b| b.wrapping_sub(b'0'));
    if digits[..8].iter().all(|&d| d == 0) {
        return Verdict::Invalid("a placeholder");
    }
    checked(LETTERS[modulo(&digits[..8], 23) as usize] == c[8])
}

/// CIF of organisations: a letter, seven digits, control digit or letter from a Luhn-like sum. Which of the
/// two a kind of organisation has is a custom that many numbers do not keep.
fn cif(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<9>(text) else { return Verdict::Invalid("not 9 characters") };
    if !b"ABCDEFGHJNPQRSUVW".contains(&c[0]) || !c[1..8].iter().all(u8::is_ascii_digit) {
        return Verdict::Invalid("not a letter and seven digits");
    }
    let doubled = |d: u32| d * 2 / 10 + d * 2 % 10;
    let digits = c[1..8].iter().map(|&b| base_36(b)).enumerate();
    let sum: u32 = digits.map(|(i, d)| if i % 2 == 0 { doubled(d) } else { d }).sum();
    let control = (10 - sum % 10) % 10;
    let is_letter = c[8] == b"JABCDEFGHI"[control as usize];
    let is_digit = c[8].is_ascii_digit() && base_36(c[8]) == control;
    checked(is_letter || is_digit)
}

/// NUSS: province (2), number (8), two check digits: province and number, written together without the
/// number's leading zero, mod 97.
fn nuss(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 12) else { return Verdict::Invalid("not 12 digits") };
    if !matches!(digits.number(0, 2), 1..=53 | 66) {
        return Verdict::Invalid("no such province");
    }
    let d = digits.all();
    let (mut short, number) = ([0; 9], &d[2..10]);
    short[..2].copy_from_slice(&d[..2]);
    short[2..].copy_from_slice(&number[1..]);
    let sum = if number[0] == 0 { modulo(&short, 97) } else { modulo(&d[..10], 97) };
    checked(sum == digits.number(10, 2))
}

/// NIF: nine digits, weights 9 to 2, check digit 11 − sum mod 11, 0 where that has two digits.
fn pt_nif(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    let d = digits.all();
    if d[0] == 0 || digits.uniform() {
        return Verdict::Invalid("starts with 0, or a placeholder");
    }
    let rest = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    checked(check == u32::from(d[8]))
}

/// NISS: eleven digits, 1 for persons born or 2 for others who work in Portugal in front, the primes from 29 down as
/// weights, check digit 9 − sum mod 10.
fn pt_niss(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    let d = digits.all();
    if !matches!(d[0], 1 | 2) {
        return Verdict::Invalid("no number of a person");
    }
    let sum = weighted(d, &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]);
    checked(9 - sum % 10 == u32::from(d[10]))
}

/// Cartão de Cidadão: eight digits, check digit, two letters or digits of the version, check digit by
/// Luhn in base 36.
fn pt_cc(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<12>(text) else { return Verdict::Invalid("not 12 characters") };
    if !c[..9].iter().all(u8::is_ascii_digit) || !c[11].is_ascii_digit() {
        return Verdict::Invalid("letters where digits stand");
    }
    let doubled = |n: u32| if 2 * n > 9 { 2 * n - 9 } else { 2 * n };
    let values = c.iter().rev().map(|&b| base_36(b)).enumerate();
    let sum: u32 = values.map(|(i, n)| if i % 2 == 1 { doubled(n) } else { n }).sum();
    checked(sum.is_multiple_of(10))
}
