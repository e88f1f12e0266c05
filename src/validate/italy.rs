//! Italy: tax codes of persons and companies.
//!
//! Decreto ministeriale of 23 December 1976 (codice fiscale, omocodia); DPR 633/1972 (partita IVA).

use super::checksum::{Digits, alnum, base_36, checked, luhn};
use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] =
    &[("it_codice_fiscale", codice_fiscale), ("it_partita_iva", partita_iva)];

/// Letters in place of digits, given out where two persons would have the same code.
const OMOCODIA: Rung = Rung::new("omocodia", Validity::Real);

/// Codice fiscale: six letters of the name, year, letter of the month, day (+ 40 for women), place, and a
/// check letter: values of odd and even places, mod 26. Digits can be replaced by L M N P Q R S T U V.
fn codice_fiscale(text: &str, _: &Context) -> Verdict {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let Some(c) = alnum::<16>(text) else { return Verdict::Invalid("not 16 characters") };
    let letters = [0, 1, 2, 3, 4, 5, 8, 11, 15];
    if !letters.iter().all(|&i| c[i].is_ascii_alphabetic()) {
        return Verdict::Invalid("digits where letters stand");
    }
    let digit = |i: usize| match c[i] {
        b @ b'0'..=b'9' => Some(u32::from(b - b'0')),
        b => b"LMNPQRSTUV".iter().position(|l| *l == b).and_then(|n| u32::try_from(n).ok()),
    };
    let (Some(tens), Some(ones)) = (digit(9), digit(10)) else {
        return Verdict::Invalid("the day is no number");
    };
    if [6, 7, 12, 13, 14].iter().any(|&i| digit(i).is_none()) {
        return Verdict::Invalid("letters where digits stand");
    }
    if !b"ABCDEHLMPRST".contains(&c[8]) || !matches!(tens * 10 + ones, 1..=31 | 41..=71) {
        return Verdict::Invalid("day or month does not exist");
    }
    let value = |b: u8| if b.is_ascii_digit() { base_36(b) } else { base_36(b) - 10 };
    let sum: u32 =
        (0..15).map(|i| if i % 2 == 0 { ODD[value(c[i]) as usize] } else { value(c[i]) }).sum();
    if sum % 26 != value(c[15]) {
        return Verdict::Doubtful("fails the check letter");
    }
    let plain = [6, 7, 9, 10, 12, 13, 14].iter().all(|&i| c[i].is_ascii_digit());
    Verdict::Valid(if plain { Rung::STRICT } else { OMOCODIA })
}

/// Partita IVA: seven digits, office (3), Luhn.
fn partita_iva(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    if digits.number(0, 7) == 0 || !matches!(digits.number(7, 3), 1..=100 | 120 | 121 | 888 | 999) {
        return Verdict::Invalid("no such office, or a placeholder");
    }
    checked(luhn(digits.all()))
}
