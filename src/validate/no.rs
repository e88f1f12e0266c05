//! Norway: fødselsnummer with its kin, bank accounts, organisation numbers.
//!
//! Folkeregisterforskriften § 2-2-1 ff. and Skatteetaten's description of the identity number;
//! account numbers after Bits' standard; organisation numbers after Brønnøysundregistrene.

use super::checksum::{Digits, date, weighted};
use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("no_fodselsnummer", fodselsnummer),
    ("no_kontonr", kontonr),
    ("no_orgnr", orgnr),
    ("no_duf", duf),
    ("no_fh", fh),
];

const FIRST: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
const SECOND: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
/// A number of the series that starts in 2032: the first check digit may leave a remainder of up to 3.
const RUNG_2032: Rung = Rung::new("k1_2032", Validity::Real);

/// Fødselsnummer, D-number (day + 40), H-number (month + 40) and the synthetic series (month + 65,
/// + 80): DDMMYY, individual number, two check digits mod 11.
fn fodselsnummer(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    let d = digits.all();
    let rest = weighted(d, &FIRST) % 11;
    let right = weighted(d, &SECOND).is_multiple_of(11) && rest <= 3;
    let (day, month, year) = (digits.number(0, 2), digits.number(2, 2), digits.number(4, 2));
    let day = if day > 40 { day - 40 } else { day };
    let (month, rung) = match month {
        1..=12 => (month, Rung::STRICT),
        41..=52 => (month - 40, Rung::TEMPORARY),
        21..=32 => (month - 20, Rung::TEMPORARY),
        66..=77 => (month - 65, Rung::TEST),
        81..=92 => (month - 80, Rung::TEST),
        61..=65 => (month - 60, Rung::TEST),
        _ => return Verdict::Invalid("the month does not exist"),
    };
    if right && rest != 0 {
        // The series of 2032 carries no century.
        let exists = super::checksum::date_in_some_century(year, month, day);
        return if exists {
            Verdict::Valid(RUNG_2032)
        } else {
            Verdict::Invalid("the date does not exist")
        };
    }
    match birth_date(year, month, day, digits.number(6, 3)) {
        None => Verdict::Invalid("the date does not exist"),
        Some(born) if born > cx.as_of => Verdict::Invalid("born in the future"),
        Some(_) if right => Verdict::Valid(rung),
        Some(_) => Verdict::Doubtful("fails the check digits"),
    }
}

/// The century follows from the individual number (000–499: 1900–1999; 500–749: 1854–1899;
/// 500–999: 2000–2039; 900–999: 1940–1999).
fn birth_date(year: u32, month: u32, day: u32, individual: u32) -> Option<jiff::civil::Date> {
    let century = match individual {
        0..=499 => 1900,
        500..=749 if year >= 54 => 1800,
        500..=999 if year < 40 => 2000,
        900..=999 if year >= 40 => 1900,
        _ => return None,
    };
    date(century + year, month, day)
}

/// Norwegian bank account: 11 digits, check digit mod 11 with weights 5 4 3 2 7 6 5 4 3 2; the check
/// does not apply where digits 5 and 6 are 00.
fn kontonr(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    if digits.uniform() || digits.number(0, 4) == 0 {
        return Verdict::Invalid("no bank has this number");
    }
    if !weighted(digits.all(), &SECOND).is_multiple_of(11) {
        return Verdict::Invalid("fails the check digit");
    }
    Verdict::Valid(Rung::STRICT)
}

/// Organisasjonsnummer: 9 digits from 8 or 9, check digit mod 11 with weights 3 2 7 6 5 4 3 2.
fn orgnr(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    if !matches!(digits.all()[0], 8 | 9) {
        return Verdict::Invalid("starts with neither 8 nor 9");
    }
    if !weighted(digits.all(), &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) {
        return Verdict::Invalid("fails the check digit");
    }
    Verdict::Valid(Rung::STRICT)
}

/// DUF number of immigration cases: year, serial (6), two check digits: weights 4 6 3 2 7 5 4 6 3 2 over
/// serial and year, mod 11. The authority keeps the rule to itself: five published samples agree with it.
fn duf(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 12) else { return Verdict::Invalid("not 12 digits") };
    let this_year = u32::try_from(cx.as_of.year()).unwrap_or(0);
    if !(1990..=this_year).contains(&digits.number(0, 4)) {
        return Verdict::Invalid("no such year");
    }
    let mut turned = [0; 10];
    turned[..6].copy_from_slice(&digits.all()[4..10]);
    turned[6..].copy_from_slice(&digits.all()[..4]);
    let check = weighted(&turned, &[4, 6, 3, 2, 7, 5, 4, 6, 3, 2]) % 11;
    if check == digits.number(10, 2) {
        Verdict::Valid(Rung::STRICT)
    } else {
        Verdict::Invalid("fails the check digits")
    }
}

/// FH number (felles hjelpenummer) of patients without a fødselsnummer: 11 digits from 8 or 9, no date, the
/// check digits of the fødselsnummer.
fn fh(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    if !matches!(digits.all()[0], 8 | 9) || digits.uniform() {
        return Verdict::Invalid("starts with neither 8 nor 9");
    }
    let first = weighted(digits.all(), &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11);
    if first && weighted(digits.all(), &SECOND).is_multiple_of(11) {
        Verdict::Valid(Rung::STRICT)
    } else {
        Verdict::Invalid("fails the check digits")
    }
}
