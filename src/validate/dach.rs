//! Germany, Austria and Switzerland: social insurance, health insurance and identity card numbers.
//!
//! Deutsche Rentenversicherung, VKVV § 2 (Versicherungsnummer); GKV, § 290 SGB V (Krankenversichertennummer);
//! ICAO 9303 check digits on the Personalausweis; Hauptverband der Sozialversicherungsträger (Austria);
//! AHVV Art. 133 and the Zentrale Ausgleichsstelle (AHV number).

use super::checksum::{
    Digits, alnum, base_36, checked, checked_with_date, date_in_some_century, letter, weighted,
};
use super::{Context, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("de_rvnr", rvnr),
    ("de_kvnr", kvnr),
    ("de_personalausweis", personalausweis),
    ("at_svnr", svnr),
    ("ch_ahv", ahv),
];

/// Sum of the digits of each product of a digit and its weight.
fn digit_sums(digits: impl Iterator<Item = u32>, weights: &[u32]) -> u32 {
    digits.zip(weights).map(|(d, w)| d * w).map(|n| n / 10 + n % 10).sum()
}

/// The two digits of a letter's place in the alphabet, from 01.
fn two_digits(byte: u8) -> [u32; 2] {
    let n = letter(byte) + 1;
    [n / 10, n % 10]
}

/// Rentenversicherungsnummer: office (2), DDMMYY with day + 50 for a second person, letter of the name at
/// birth, serial (2), check digit: digit sums with weights 2 1 2 5 7 1 2 1 2 1 2 1, mod 10.
fn rvnr(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<12>(text) else { return Verdict::Invalid("not 12 characters") };
    if !c[8].is_ascii_alphabetic() || c.iter().filter(|b| b.is_ascii_digit()).count() != 11 {
        return Verdict::Invalid("not a letter in the ninth place");
    }
    let n = |at: usize| base_36(c[at]) * 10 + base_36(c[at + 1]);
    let day = if n(2) > 50 { n(2) - 50 } else { n(2) };
    if n(0) < 2 || !date_in_some_century(n(6), n(4), day) {
        return Verdict::Invalid("the date or the office does not exist");
    }
    let digits = c[..8].iter().map(|&b| base_36(b)).chain(two_digits(c[8]));
    let digits = digits.chain(c[9..11].iter().map(|&b| base_36(b)));
    let sum = digit_sums(digits, &[2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]);
    checked_with_date(sum % 10 == base_36(c[11]))
}

/// Krankenversichertennummer: a letter, eight digits, check digit: digit sums with weights 1 and 2 over the
/// letter's two digits and the eight, mod 10.
fn kvnr(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<10>(text) else { return Verdict::Invalid("not 10 characters") };
    if !c[0].is_ascii_alphabetic() || !c[1..].iter().all(u8::is_ascii_digit) {
        return Verdict::Invalid("not a letter and nine digits");
    }
    let digits = two_digits(c[0]).into_iter().chain(c[1..9].iter().map(|&b| base_36(b)));
    checked(digit_sums(digits, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2]) % 10 == base_36(c[9]))
}

/// Number of the Personalausweis: nine letters and digits without vowels, check digit with weights 7 3 1.
fn personalausweis(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<10>(text) else { return Verdict::Invalid("not 10 characters") };
    if !b"LMNPRTVWXY".contains(&c[0]) || c[..9].iter().any(|b| b"ABDEIOQSU".contains(b)) {
        return Verdict::Invalid("a letter that is not used");
    }
    if !c[9].is_ascii_digit() || c[1..9].iter().filter(|b| b.is_ascii_digit()).count() < 2 {
        return Verdict::Invalid("hardly a digit in it");
    }
    let sum: u32 = c[..9].iter().zip([7, 3, 1].iter().cycle()).map(|(&b, w)| base_36(b) * w).sum();
    checked(sum % 10 == base_36(c[9]))
}

/// Sozialversicherungsnummer: serial (3, from 100), check digit, DDMMYY with months up to 15 where dates
/// ran out; weights 3 7 9 · 5 8 4 2 1 6, mod 11.
fn svnr(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    let (day, month) = (digits.number(4, 2), digits.number(6, 2));
    if digits.all()[0] == 0 {
        return Verdict::Invalid("the serial number is not issued");
    }
    let overflow = (13..=15).contains(&month) && (1..=31).contains(&day);
    if !overflow && !date_in_some_century(digits.number(8, 2), month, day) {
        return Verdict::Invalid("the date does not exist");
    }
    let sum = weighted(digits.all(), &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    checked_with_date(sum % 11 == u32::from(digits.all()[3]))
}

/// AHV number: 13 digits from 756, check digit as in EAN-13.
fn ahv(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 13) else { return Verdict::Invalid("not 13 digits") };
    if digits.number(0, 3) != 756 {
        return Verdict::Invalid("does not start with 756");
    }
    checked(weighted(digits.all(), &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10))
}
