//! Ireland and the United Kingdom: personal public service, health and tax numbers.
//!
//! Social Welfare Consolidation Act 2005 and the Department of Social Protection (PPS number); NHS Data
//! Dictionary (NHS number, CHI number); HMRC (UTR).

use super::checksum::{
    Digits, alnum, base_36, checked, checked_with_date, date_in_some_century, letter, weighted,
};
use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] =
    &[("ie_pps", pps), ("gb_nhs", nhs), ("gb_chi", chi), ("gb_utr", utr)];

/// Grouped 3-3-4, as NHS numbers are written.
const GROUPED: Rung = Rung::new("grouped", Validity::Real);

/// PPS number: seven digits, check letter, and since 2013 a second letter that counts nine times.
fn pps(text: &str, _: &Context) -> Verdict {
    let (c, second) = match (alnum::<8>(text), alnum::<9>(text)) {
        (Some(c), _) => (c, 0),
        (_, Some(c)) if c[8].is_ascii_alphabetic() => {
            let mut short = [0; 8];
            short.copy_from_slice(&c[..8]);
            (short, (letter(c[8]) + 1) % 23)
        }
        _ => return Verdict::Invalid("not seven digits and one or two letters"),
    };
    if !c[..7].iter().all(u8::is_ascii_digit) || !c[7].is_ascii_alphabetic() {
        return Verdict::Invalid("not seven digits and one or two letters");
    }
    let weights = [8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = c[..7].iter().zip(weights).map(|(&b, w)| base_36(b) * w).sum();
    checked((sum + 9 * second) % 23 == (letter(c[7]) + 1) % 23)
}

fn nhs_check(digits: &Digits) -> bool {
    let sum = weighted(digits.all(), &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    sum.is_multiple_of(11) && !digits.uniform()
}

/// NHS number: ten digits, check digit mod 11 with weights 10 to 2.
fn nhs(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    if !nhs_check(&digits) {
        return checked(false);
    }
    Verdict::Valid(if text.len() == 12 { GROUPED } else { Rung::STRICT })
}

/// CHI number of Scotland: DDMMYY, three digits, check digit as in the NHS number.
fn chi(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    if !date_in_some_century(digits.number(4, 2), digits.number(2, 2), digits.number(0, 2)) {
        return Verdict::Invalid("the date does not exist");
    }
    checked_with_date(nhs_check(&digits))
}

/// Unique Taxpayer Reference: check digit, nine digits with weights 6 7 8 9 10 5 4 3 2.
fn utr(text: &str, _: &Context) -> Verdict {
    const CHECKS: [u32; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let Some(digits) = Digits::exactly(text, 10) else { return Verdict::Invalid("not 10 digits") };
    let d = digits.all();
    let sum = weighted(&d[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
    checked(CHECKS[sum as usize] == u32::from(d[0]) && !digits.uniform())
}
