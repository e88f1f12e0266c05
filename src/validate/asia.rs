//! Asia: personal and tax numbers.
//!
//! UIDAI (Aadhaar), Income Tax Department (PAN); GB 11643-1999 (China); Resident Registration Act (Korea,
//! random since October 2020); My Number Act (Japan); Nüfus Hizmetleri Kanunu (Türkiye); Thailand's civil
//! registration; Singapore's NRIC; Population Registry of Israel.

use super::checksum::{
    Digits, alnum, base_36, checked, checked_with_date, date, letter, luhn, unborn, verhoeff,
    weighted,
};
use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("in_aadhaar", aadhaar),
    ("in_pan", pan),
    ("cn_ric", ric),
    ("kr_rrn", rrn),
    ("jp_mynumber", my_number),
    ("tr_tckn", tckn),
    ("th_pin", pin),
    ("sg_nric", nric),
    ("il_id", teudat_zehut),
];

/// PAN of an individual; the other holders are organisations.
const PERSON: Rung = Rung::new("strict", Validity::Real);
/// PAN of a company, a firm, a trust, a body of persons or a government.
const ORGANISATION: Rung = Rung::new("organisation", Validity::Real);

/// Aadhaar: twelve digits, none from 0 or 1, no palindrome, Verhoeff.
fn aadhaar(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 12) else { return Verdict::Invalid("not 12 digits") };
    let d = digits.all();
    if d[0] < 2 || d.iter().eq(d.iter().rev()) {
        return Verdict::Invalid("starts with 0 or 1, or a palindrome");
    }
    checked(verhoeff(d))
}

/// PAN: five letters, the fourth the type of holder, four digits, a check letter whose rule is not public.
fn pan(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<10>(text) else { return Verdict::Invalid("not 10 characters") };
    let letters = c[..5].iter().all(u8::is_ascii_alphabetic) && c[9].is_ascii_alphabetic();
    if !letters || !c[5..9].iter().all(u8::is_ascii_digit) || c[5..9] == *b"0000" {
        return Verdict::Invalid("not five letters, four digits and a letter");
    }
    match c[3] {
        b'P' => Verdict::Valid(PERSON),
        b'A' | b'B' | b'C' | b'F' | b'G' | b'H' | b'J' | b'K' | b'L' | b'T' => {
            Verdict::Valid(ORGANISATION)
        }
        _ => Verdict::Invalid("no such type of holder"),
    }
}

/// Resident identity card: region (6), YYYYMMDD, serial (3), check character by ISO 7064 MOD 11-2.
fn ric(text: &str, cx: &Context) -> Verdict {
    let Some(c) = alnum::<18>(text) else { return Verdict::Invalid("not 18 characters") };
    let Some(digits) = c[..17].iter().all(u8::is_ascii_digit).then(|| c.map(|b| b - b'0')) else {
        return Verdict::Invalid("letters where digits stand");
    };
    let n = |at: usize, count: usize| {
        digits[at..at + count].iter().fold(0, |n, &d| n * 10 + u32::from(d))
    };
    if !matches!(n(0, 2), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91)
    {
        return Verdict::Invalid("no such province");
    }
    if n(6, 4) < 1850 {
        return Verdict::Invalid("the year is no year of birth");
    }
    if let Some(wrong) = unborn(date(n(6, 4), n(10, 2), n(12, 2)), cx) {
        return wrong;
    }
    let sum = weighted(&digits[..17], &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    checked_with_date(b"10X98765432"[(sum % 11) as usize] == c[17])
}

/// Resident registration number: YYMMDD, sex and century, six digits; births until October 2020 with check
/// digit by weights 2 to 9 and 2 to 5, mod 11.
fn rrn(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 13) else { return Verdict::Invalid("not 13 digits") };
    let century = match digits.all()[6] {
        1 | 2 | 5 | 6 => 1900,
        3 | 4 | 7 | 8 => 2000,
        _ => 1800,
    };
    let born = date(century + digits.number(0, 2), digits.number(2, 2), digits.number(4, 2));
    if let Some(wrong) = unborn(born, cx) {
        return wrong;
    }
    let rest = weighted(digits.all(), &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11;
    if (11 - rest) % 10 == u32::from(digits.all()[12]) {
        return Verdict::Valid(Rung::STRICT);
    }
    Verdict::Doubtful("fails the check digit, as random numbers since 2020 do")
}

/// My Number: eleven digits, check digit by weights 2 to 7 and 2 to 6 from behind, mod 11.
fn my_number(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 12) else { return Verdict::Invalid("not 12 digits") };
    if digits.uniform() {
        return Verdict::Invalid("a placeholder");
    }
    let rest = weighted(digits.all(), &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    checked(check == u32::from(digits.all()[11]))
}

/// T.C. Kimlik No: eleven digits, not from 0; the tenth is 7 times the odd places less the even ones, the
/// last the sum of the ten, mod 10.
fn tckn(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    let d = digits.all();
    if d[0] == 0 {
        return Verdict::Invalid("starts with 0");
    }
    // −1 is 9 modulo 10.
    let tenth = weighted(d, &[7, 9, 7, 9, 7, 9, 7, 9, 7]) % 10;
    let last: u32 = d[..10].iter().map(|&d| u32::from(d)).sum();
    checked(tenth == u32::from(d[9]) && last % 10 == u32::from(d[10]) && !digits.uniform())
}

/// Thai identity number: 13 digits, weights 13 to 2, check digit 11 − sum mod 11, mod 10.
fn pin(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 13) else { return Verdict::Invalid("not 13 digits") };
    if matches!(digits.all()[0], 0 | 9) {
        return Verdict::Invalid("no such type of person");
    }
    let rest = weighted(digits.all(), &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    checked((11 - rest) % 10 == u32::from(digits.all()[12]))
}

/// NRIC and FIN: S, T, F, G or M, seven digits, check letter by weights 2 7 6 5 4 3 2, mod 11.
fn nric(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<9>(text) else { return Verdict::Invalid("not 9 characters") };
    if !c[1..8].iter().all(u8::is_ascii_digit) {
        return Verdict::Invalid("not seven digits between letters");
    }
    let digits = c[1..8].iter().zip([2, 7, 6, 5, 4, 3, 2]);
    let sum: u32 = digits.map(|(&b, w)| base_36(b) * w).sum();
    let (letters, offset): (&[u8; 11], u32) = match c[0] {
        b'S' => (b"JZIHGFEDCBA", 0),
        b'T' => (b"JZIHGFEDCBA", 4),
        b'F' => (b"XWUTRQPNMLK", 0),
        b'G' => (b"XWUTRQPNMLK", 4),
        b'M' => (b"XWUTRQPNJLK", 3),
        _ => return Verdict::Invalid("no such series"),
    };
    checked(letters[((sum + offset) % 11) as usize] == c[8] && letter(c[8]) < 26)
}

/// Teudat zehut: nine digits, Luhn.
fn teudat_zehut(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    checked(luhn(digits.all()) && !digits.uniform())
}
