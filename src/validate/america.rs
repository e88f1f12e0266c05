//! The Americas: personal, tax and health care numbers.
//!
//! IRS (ITIN, EIN), CMS (NPI), ABA (routing numbers); Service Canada (SIN); Receita Federal (CPF, CNPJ with
//! letters since July 2026); RENAPO (CURP); AFIP (CUIL); Servicio de Impuestos Internos (RUT).

use super::checksum::{
    Digits, alnum, base_36, checked, checked_with_date, date_in_some_century, luhn, weighted,
};
use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("us_itin", itin),
    ("us_ein", ein),
    ("us_rtn", rtn),
    ("us_npi", npi),
    ("ca_sin", sin),
    ("br_cpf", cpf),
    ("br_cnpj", cnpj),
    ("mx_curp", curp),
    ("ar_cuil", cuil),
    ("cl_rut", rut),
];

/// Bare digits of a kind without a check digit say next to nothing.
const BARE: Rung = Rung::new("bare", Validity::Real);

/// Hyphens make a number without a check digit tell.
fn by_hyphen(text: &str) -> Verdict {
    Verdict::Valid(if text.contains('-') { Rung::STRICT } else { BARE })
}

/// ITIN: nine digits from 9, the fourth and fifth in 50–65, 70–88, 90–92 or 94–99.
fn itin(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    let group = matches!(digits.number(3, 2), 50..=65 | 70..=88 | 90..=92 | 94..=99);
    if digits.all()[0] != 9 || !group {
        return Verdict::Invalid("the group is not issued");
    }
    by_hyphen(text)
}

/// EIN: nine digits, two of them the prefix of the campus that issued it.
fn ein(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    let unused = matches!(
        digits.number(0, 2),
        0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97
    );
    if unused || digits.number(2, 7) == 0 {
        return Verdict::Invalid("no campus issues this prefix");
    }
    by_hyphen(text)
}

/// ABA routing number: Federal Reserve prefix, weights 3 7 1, mod 10.
fn rtn(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    if !matches!(digits.number(0, 2), 0..=12 | 21..=32 | 61..=72 | 80) || digits.uniform() {
        return Verdict::Invalid("no such Federal Reserve district");
    }
    checked(weighted(digits.all(), &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10))
}

/// NPI: ten digits from 1 or 2, Luhn with 80840 in front.
fn npi(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    if !matches!(digits.all()[0], 1 | 2) {
        return Verdict::Invalid("starts with neither 1 nor 2");
    }
    let mut long = [8, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    long[5..].copy_from_slice(digits.all());
    checked(luhn(&long))
}

/// SIN: nine digits, Luhn; none starts with 0 or 8.
fn sin(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    if matches!(digits.all()[0], 0 | 8) || digits.uniform() {
        return Verdict::Invalid("starts with 0 or 8, or a placeholder");
    }
    checked(luhn(digits.all()))
}

/// Brazil's check digit over values with weights 2 to 9 (or beyond) from behind, mod 11.
fn brazilian(values: &[u32], most: u32) -> u32 {
    let weights = (2..=most).cycle();
    let sum: u32 = values.iter().rev().zip(weights).map(|(v, w)| v * w).sum();
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

/// CPF: nine digits and two check digits with weights from 2 upwards, mod 11.
fn cpf(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    if digits.uniform() {
        return Verdict::Invalid("a placeholder");
    }
    let d: Vec<u32> = digits.all().iter().map(|&d| u32::from(d)).collect();
    checked(brazilian(&d[..9], 11) == d[9] && brazilian(&d[..10], 11) == d[10])
}

/// CNPJ of organisations: twelve letters or digits (each counted as its ASCII code less 48) and two check
/// digits with weights 2 to 9 from behind, mod 11.
fn cnpj(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<14>(text) else { return Verdict::Invalid("not 14 characters") };
    let d = c.map(|b| u32::from(b - b'0'));
    if c[12..].iter().any(u8::is_ascii_alphabetic) || c[..12].windows(2).all(|w| w[0] == w[1]) {
        return Verdict::Invalid("no check digits, or a placeholder");
    }
    checked(brazilian(&d[..12], 9) == d[12] && brazilian(&d[..13], 9) == d[13])
}

/// CURP: four letters of the name, YYMMDD, sex, state, three consonants, a mark of the century, check digit
/// by descending weights from 18, mod 10, in an alphabet with Ñ between N and O.
fn curp(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<18>(text) else { return Verdict::Invalid("not 18 characters") };
    let n = |at: usize| base_36(c[at]) * 10 + base_36(c[at + 1]);
    let letters = c[..4].iter().chain(&c[10..16]).all(u8::is_ascii_alphabetic);
    if !letters || !b"HMX".contains(&c[10]) || !c[4..10].iter().all(u8::is_ascii_digit) {
        return Verdict::Invalid("letters and digits stand in other places");
    }
    if !date_in_some_century(n(4), n(6), n(8)) || !c[17].is_ascii_digit() {
        return Verdict::Invalid("the date does not exist");
    }
    let value = |b: u8| base_36(b) + u32::from(b > b'N');
    let sum: u32 = c[..17].iter().zip((2..=18).rev()).map(|(&b, w)| value(b) * w).sum();
    checked_with_date((10 - sum % 10) % 10 == base_36(c[17]))
}

/// CUIL, CUIT: two digits of the type, eight of the identity document, check digit with weights
/// 5 4 3 2 7 6 5 4 3 2, mod 11.
fn cuil(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    if !matches!(digits.number(0, 2), 20 | 23 | 24 | 25 | 26 | 27) {
        return Verdict::Invalid("not a person's type");
    }
    let rest = weighted(digits.all(), &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    checked((11 - rest) % 11 == u32::from(digits.all()[10]))
}

/// RUT, RUN: seven or eight digits, check digit 0–9 or K with weights 2 to 7 from behind, mod 11.
fn rut(text: &str, _: &Context) -> Verdict {
    let nine = alnum::<9>(text).or_else(|| alnum::<9>(&format!("0{text}")));
    let Some(c) = nine else { return Verdict::Invalid("not 8 or 9 characters") };
    if !c[..8].iter().all(u8::is_ascii_digit) || c[..8].windows(2).all(|w| w[0] == w[1]) {
        return Verdict::Invalid("letters where digits stand, or a placeholder");
    }
    let weighed = c[..8].iter().zip([3, 2, 7, 6, 5, 4, 3, 2]);
    let sum: u32 = weighed.map(|(&b, w)| base_36(b) * w).sum();
    checked(b"0123456789K"[((11 - sum % 11) % 11) as usize] == c[8])
}
