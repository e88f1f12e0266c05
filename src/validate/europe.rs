//! Germany, the Netherlands, the United Kingdom and the United States: personal numbers.
//!
//! Abgabenordnung § 139b and the BZSt's description of the IdNr; Wet algemene bepalingen
//! burgerservicenummer; HMRC National Insurance Manual NIM39110; SSA "Meaning of the Social Security
//! Number" and its randomisation notice of 2011.

use super::checksum::{Digits, mod_11_10, weighted};
use super::{Context, Rung, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] =
    &[("de_steuer_id", steuer_id), ("nl_bsn", bsn), ("gb_nino", nino), ("us_ssn", ssn)];

/// Steuerliche Identifikationsnummer: 11 digits, not from 0; among the first ten one digit stands twice
/// or three times, the others once at most; check digit after ISO 7064 MOD 11,10.
fn steuer_id(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    let d = digits.all();
    if d[0] == 0 {
        return Verdict::Invalid("starts with 0");
    }
    let mut counts = [0; 10];
    d[..10].iter().for_each(|&d| counts[d as usize] += 1);
    let mut repeated = counts.iter().filter(|&&c| c > 1);
    if !matches!((repeated.next(), repeated.next()), (Some(2 | 3), None)) {
        return Verdict::Invalid("the digits repeat in another way");
    }
    if (0..8).any(|i| d[i] == d[i + 1] && d[i] == d[i + 2]) {
        return Verdict::Invalid("a digit stands three times in a row");
    }
    if mod_11_10(d) {
        Verdict::Valid(Rung::STRICT)
    } else {
        Verdict::Invalid("fails the check digit")
    }
}

/// Burgerservicenummer: 9 digits (8 without the leading zero), 9·a + 8·b + … + 2·h − i divisible by 11.
fn bsn(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::of(text) else { return Verdict::Invalid("not 9 digits") };
    let d = digits.all();
    let weights: &[u32] = match d.len() {
        9 => &[9, 8, 7, 6, 5, 4, 3, 2, 10],
        8 => &[8, 7, 6, 5, 4, 3, 2, 10],
        _ => return Verdict::Invalid("not 9 digits"),
    };
    if d[..d.len() - 1].windows(2).all(|w| w[0] == w[1]) {
        return Verdict::Invalid("a placeholder");
    }
    // The last digit counts −1, which is 10 modulo 11.
    if weighted(d, weights).is_multiple_of(11) {
        Verdict::Valid(Rung::STRICT)
    } else {
        Verdict::Invalid("fails the check digit")
    }
}

/// National Insurance number: two letters, six digits, suffix A to D. First letter not D F I Q U V,
/// second not D F I O Q U V; prefixes BG GB KN NK NT TN ZZ are not used.
fn nino(text: &str, _: &Context) -> Verdict {
    let mut letters = text.bytes().filter(u8::is_ascii_alphabetic).map(|b| b.to_ascii_uppercase());
    let (Some(a), Some(b), suffix) = (letters.next(), letters.next(), letters.next()) else {
        return Verdict::Invalid("no prefix");
    };
    let Some(digits) = Digits::exactly(text, 6) else { return Verdict::Invalid("not 6 digits") };
    if b"DFIQUV".contains(&a) || b"DFIOQUV".contains(&b) {
        return Verdict::Invalid("the prefix is not issued");
    }
    if [*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].contains(&[a, b]) {
        return Verdict::Invalid("the prefix is not issued");
    }
    if digits.uniform() && digits.all()[0] == 0 {
        return Verdict::Invalid("a placeholder");
    }
    match suffix {
        Some(b'A'..=b'D') => Verdict::Valid(Rung::STRICT),
        _ => Verdict::Invalid("the suffix is not A to D"),
    }
}

/// Social Security number: area not 000, 666 or 900–999, group not 00, serial not 0000; numbers that
/// were advertised are void.
fn ssn(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    let (area, group, serial) = (digits.number(0, 3), digits.number(3, 2), digits.number(5, 4));
    if area == 0 || area == 666 || area >= 900 {
        return Verdict::Invalid("the area number is not issued");
    }
    if group == 0 || serial == 0 {
        return Verdict::Invalid("group or serial is zero");
    }
    let advertised = [(78, 5, 1120), (219, 9, 9999), (457, 55, 5462)];
    if advertised.contains(&(area, group, serial)) || digits.uniform() {
        return Verdict::Invalid("an advertised number, void");
    }
    let separated = text.bytes().any(|b| !b.is_ascii_digit());
    Verdict::Valid(if separated { Rung::STRICT } else { BARE })
}

/// Nine digits without separators: next to anything of nine digits passes.
const BARE: Rung = Rung::new("bare", super::Validity::Real);
