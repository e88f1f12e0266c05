//! Malta, Cyprus, Greece, Croatia, Slovenia and the states that keep the Yugoslav personal number.
//!
//! Identity Card Act (Malta); Tax Department (Cyprus TIC); Law 3655/2008 (AMKA) and AADE (AFM); Zakon o OIB;
//! Zakon o centralnem registru prebivalstva (EMŠO), JMBG of 1976; Zakon o finančni upravi (davčna številka).

use super::checksum::{
    Digits, alnum, base_36, checked, checked_with_date, date, date_in_some_century, letter, luhn,
    mod_11_10, unborn, weighted,
};
use super::{Context, Rung, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("mt_id", mt_id),
    ("cy_tic", cy_tic),
    ("gr_amka", amka),
    ("gr_afm", afm),
    ("hr_oib", oib),
    ("si_emso", emso),
    ("si_davcna", davcna),
];

/// Identity card number: seven digits and a letter of the register; no check digit.
fn mt_id(text: &str, _: &Context) -> Verdict {
    let (Some(last), Some(digits)) = (text.bytes().last(), Digits::of(text)) else {
        return Verdict::Invalid("no number");
    };
    if !b"MGAPLHBZ".contains(&last.to_ascii_uppercase()) || digits.all().len() != 7 {
        return Verdict::Invalid("not seven digits and a register's letter");
    }
    if digits.uniform() {
        return Verdict::Invalid("a placeholder");
    }
    Verdict::Valid(Rung::UNCHECKED)
}

/// Tax identification code: eight digits, letter from their sum mod 26, digits in odd places translated.
fn cy_tic(text: &str, _: &Context) -> Verdict {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let Some(c) = alnum::<9>(text) else { return Verdict::Invalid("not 9 characters") };
    if !c[..8].iter().all(u8::is_ascii_digit) || !c[8].is_ascii_alphabetic() || c[..2] == *b"12" {
        return Verdict::Invalid("not eight digits and a letter");
    }
    let value = |i: usize| base_36(c[i]);
    let sum: u32 = (0..8).map(|i| if i % 2 == 0 { ODD[value(i) as usize] } else { value(i) }).sum();
    checked(sum % 26 == letter(c[8]))
}

/// AMKA: DDMMYY, four digits, Luhn.
fn amka(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    if !date_in_some_century(digits.number(4, 2), digits.number(2, 2), digits.number(0, 2)) {
        return Verdict::Invalid("the date does not exist");
    }
    checked_with_date(luhn(digits.all()))
}

/// AFM: nine digits, powers of two, mod 11 mod 10.
fn afm(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    let sum = weighted(digits.all(), &[256, 128, 64, 32, 16, 8, 4, 2]);
    checked(sum % 11 % 10 == u32::from(digits.all()[8]) && !digits.uniform())
}

/// OIB: 11 digits, ISO 7064 MOD 11,10.
fn oib(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    checked(mod_11_10(digits.all()) && !digits.uniform())
}

/// EMŠO, JMBG: DDMM, last three digits of the year, region (2), serial (3), check digit with weights
/// 7 6 5 4 3 2 twice, mod 11.
fn emso(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 13) else { return Verdict::Invalid("not 13 digits") };
    let year = digits.number(4, 3);
    let year = if year < 800 { 2000 + year } else { 1000 + year };
    let born = date(year, digits.number(2, 2), digits.number(0, 2));
    if let Some(wrong) = unborn(born, cx) {
        return wrong;
    }
    let rest = weighted(digits.all(), &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    checked_with_date((11 - rest) % 11 % 10 == u32::from(digits.all()[12]))
}

/// Davčna številka: eight digits, the first not 0, weights 8 to 2, mod 11; 10 gives 0, and what would give 11 is not
/// issued.
fn davcna(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 8) else { return Verdict::Invalid("not 8 digits") };
    let check = 11 - weighted(digits.all(), &[8, 7, 6, 5, 4, 3, 2]) % 11;
    let is_issued = digits.all()[0] != 0 && check != 11;
    checked(is_issued && check % 10 == u32::from(digits.all()[7]))
}
