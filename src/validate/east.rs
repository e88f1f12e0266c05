//! Poland, Czechia, Slovakia, Hungary, Romania and Bulgaria: personal and tax numbers.
//!
//! Ustawa o ewidencji ludności (PESEL), ustawa o NIP; zákon 133/2000 Sb. (rodné číslo); 1996. évi XX. törvény
//! (személyi azonosító, TAJ, adóazonosító jel); OUG 97/2005 (CNP); Наредба РД-02-20-6 (ЕГН, ЛНЧ).

use super::checksum::{
    Digits, alnum, base_36, checked, checked_with_date, date, modulo, unborn, weighted,
};
use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("pl_pesel", pesel),
    ("pl_nip", nip),
    ("pl_dowod", dowod),
    ("cz_rc", rodne_cislo),
    ("hu_adoazonosito", adoazonosito),
    ("hu_taj", taj),
    ("hu_szemelyi", szemelyi),
    ("ro_cnp", cnp),
    ("bg_egn", egn),
    ("bg_lnch", lnch),
];

/// A birth number from before 1954: nine digits without a check digit.
const BEFORE_1954: Rung = Rung::new("unchecked", Validity::Real);

/// PESEL: YYMMDD (month + 80, 20, 40, 60 for the 19th, 21st, 22nd and 23rd century), four digits, check
/// digit with weights 1 3 7 9, mod 10.
fn pesel(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    let month = digits.number(2, 2);
    let century = [1900, 2000, 2100, 2200, 1800][(month / 20 % 5) as usize];
    let born = date(century + digits.number(0, 2), month % 20, digits.number(4, 2));
    if let Some(wrong) = unborn(born, cx) {
        return wrong;
    }
    let sum = weighted(digits.all(), &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    checked_with_date(sum.is_multiple_of(10))
}

/// NIP: ten digits, weights 6 5 7 2 3 4 5 6 7, mod 11.
fn nip(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    if digits.uniform() {
        return Verdict::Invalid("a placeholder");
    }
    let sum = weighted(digits.all(), &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11;
    checked(sum == u32::from(digits.all()[9]))
}

/// Number of the dowód osobisty: three letters, six digits, the first of them the check digit by weights
/// 7 3 1 · 7 3 1 7 3, mod 10.
fn dowod(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<9>(text) else { return Verdict::Invalid("not 9 characters") };
    let letters = c[..3].iter().all(u8::is_ascii_alphabetic);
    if !letters || !c[3..].iter().all(u8::is_ascii_digit) {
        return Verdict::Invalid("not three letters and six digits");
    }
    let weighed = c.iter().zip([7, 3, 1, 0, 7, 3, 1, 7, 3]);
    let sum: u32 = weighed.map(|(&b, w)| base_36(b) * w).sum();
    checked(sum % 10 == base_36(c[3]))
}

/// Rodné číslo: YYMMDD (month + 50 for women, + 20 more where a day ran out of numbers), three digits,
/// since 1954 a check digit that makes ten digits divisible by 11.
fn rodne_cislo(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::of(text) else { return Verdict::Invalid("not 9 or 10 digits") };
    let d = digits.all();
    if !matches!(d.len(), 9 | 10) {
        return Verdict::Invalid("not 9 or 10 digits");
    }
    let (year, month) = (digits.number(0, 2), digits.number(2, 2) % 50);
    let month = if month > 20 { month - 20 } else { month };
    let century = match (d.len(), year) {
        (9, 0..=53) => 1900,
        (9, 54..=79) => return Verdict::Invalid("nine digits ended with 1953"),
        (9, _) => 1800,
        (_, 54..) => 1900,
        _ => 2000,
    };
    if let Some(wrong) = unborn(date(century + year, month, digits.number(4, 2)), cx) {
        return wrong;
    }
    if d.len() == 9 {
        return if digits.number(6, 3) == 0 {
            Verdict::Invalid("the serial number is not issued")
        } else {
            Verdict::Valid(BEFORE_1954)
        };
    }
    checked_with_date(modulo(&d[..9], 11) % 10 == u32::from(d[9]))
}

/// Adóazonosító jel: 8, days since 1867 (5), serial (3), check digit: sum of position times digit, mod 11.
fn adoazonosito(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    if digits.all()[0] != 8 {
        return Verdict::Invalid("does not start with 8");
    }
    let sum = weighted(digits.all(), &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11;
    checked(sum == u32::from(digits.all()[9]))
}

/// TAJ: nine digits, weights 3 and 7, mod 10.
fn taj(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 9) else { return Verdict::Invalid("not 9 digits") };
    if digits.uniform() {
        return Verdict::Invalid("a placeholder");
    }
    let sum = weighted(digits.all(), &[3, 7, 3, 7, 3, 7, 3, 7]) % 10;
    checked(sum == u32::from(digits.all()[8]))
}

/// Személyi azonosító: sex and century, YYMMDD, three digits, check digit: sum of position times digit,
/// counted from behind for births since 1997, mod 11.
fn szemelyi(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 11) else { return Verdict::Invalid("not 11 digits") };
    let (sex, year) = (digits.all()[0], digits.number(1, 2));
    let century = match sex {
        1 | 2 => 1900,
        3 | 4 if year >= 67 => 1800,
        3 | 4 => 2000,
        _ => return Verdict::Invalid("no such sex or century"),
    };
    let born = date(century + year, digits.number(3, 2), digits.number(5, 2));
    if let Some(wrong) = unborn(born, cx) {
        return wrong;
    }
    let young = century == 2000 || (century == 1900 && year >= 97);
    let weights: &[u32] =
        if young { &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1] } else { &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };
    checked_with_date(weighted(digits.all(), weights) % 11 == u32::from(digits.all()[10]))
}

/// CNP: sex and century, YYMMDD, county, serial (3), check digit with weights 279146358279, mod 11, where
/// 10 gives 1.
fn cnp(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 13) else { return Verdict::Invalid("not 13 digits") };
    let century = match digits.all()[0] {
        1 | 2 | 7 | 8 | 9 => 1900,
        3 | 4 => 1800,
        5 | 6 => 2000,
        _ => return Verdict::Invalid("no such sex or century"),
    };
    let born = date(century + digits.number(1, 2), digits.number(3, 2), digits.number(5, 2));
    if let Some(wrong) = unborn(born, cx) {
        return wrong;
    }
    if !matches!(digits.number(7, 2), 1..=48 | 51 | 52 | 70 | 80..=83) {
        return Verdict::Invalid("no such county");
    }
    let rest = weighted(digits.all(), &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let check = if rest == 10 { 1 } else { rest };
    checked_with_date(check == u32::from(digits.all()[12]))
}

/// EGN: YYMMDD (month + 20 for the 19th century, + 40 for the 21st), three digits, check digit with weights
/// 2 4 8 5 10 9 7 3 6, mod 11 mod 10.
fn egn(text: &str, cx: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    let (century, month) = match digits.number(2, 2) {
        m @ 21..=32 => (1800, m - 20),
        m @ 41..=52 => (2000, m - 40),
        m => (1900, m),
    };
    let born = date(century + digits.number(0, 2), month, digits.number(4, 2));
    if let Some(wrong) = unborn(born, cx) {
        return wrong;
    }
    let sum = weighted(digits.all(), &[2, 4, 8, 5, 10, 9, 7, 3, 6]);
    checked_with_date(sum % 11 % 10 == u32::from(digits.all()[9]))
}

/// LNCh, of foreigners: ten digits, weights 21 19 17 13 11 9 7 3 1, mod 10.
fn lnch(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    if digits.uniform() {
        return Verdict::Invalid("a placeholder");
    }
    let sum = weighted(digits.all(), &[21, 19, 17, 13, 11, 9, 7, 3, 1]);
    checked(sum % 10 == u32::from(digits.all()[9]))
}
