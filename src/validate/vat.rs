//! VAT identification numbers of the European Union's states: prefix, length and check digit.
//!
//! Council directive 2006/112/EC art. 214–215; structures and check digits after the Commission's VIES page
//! and the states' own descriptions.

use super::checksum::{Digits, alnum, base_36, checked, luhn, mod_11_10, mod_97, modulo, weighted};
use super::{Context, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("eu_vat", vat)];

/// A VAT number with its country's prefix.
fn vat(text: &str, cx: &Context) -> Verdict {
    let mut number = [0; 16];
    let mut len = 0;
    for byte in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let Some(place) = number.get_mut(len) else { return Verdict::Invalid("too long") };
        *place = byte.to_ascii_uppercase();
        len += 1;
    }
    let Some((country, number)) = number[..len].split_at_checked(2) else {
        return Verdict::Invalid("too short");
    };
    let Ok(number) = str::from_utf8(number) else { return Verdict::Invalid("no number") };
    let by = |name: &str| {
        let validator = super::by_name(name);
        validator.is_some_and(|v| matches!(v(number, cx), Verdict::Valid(_)))
    };
    match country {
        b"CY" => checked(by("cy_tic")),
        b"CZ" => checked(czech(number) || by("cz_rc")),
        b"EL" => checked(digits(number, 9, |_| true) && by("gr_afm")),
        b"ES" => checked(by("es_dni") || by("es_cif")),
        b"IE" => checked(irish(number) || by("ie_pps")),
        b"HR" => checked(by("hr_oib")),
        b"PL" => checked(by("pl_nip")),
        b"PT" => checked(by("pt_nif")),
        b"BG" => checked(bulgarian(number) || by("bg_egn")),
        b"RO" => checked(romanian(number) || by("ro_cnp")),
        b"SK" => checked(slovak(number) || by("cz_rc")),
        b"LV" => checked(latvian(number) || by("lv_personas_kods")),
        b"FR" => checked(
            french(number)
                && super::by_name("fr_siren").is_some_and(|v| {
                    number.get(2..).is_some_and(|n| matches!(v(n, cx), Verdict::Valid(_)))
                }),
        ),
        b"NL" => checked(dutch(text, number, |n| {
            super::by_name("nl_bsn").is_some_and(|v| matches!(v(n, cx), Verdict::Valid(_)))
        })),
        _ => by_digits(country, number),
    }
}

/// The states whose numbers are digits with one plain rule.
fn by_digits(country: &[u8], number: &str) -> Verdict {
    checked(match country {
        b"AT" => number.strip_prefix('U').is_some_and(|n| {
            digits(n, 8, |d| {
                let doubled = |d: u8| u32::from(d) * 2 / 10 + u32::from(d) * 2 % 10;
                let sum: u32 = d[..7]
                    .iter()
                    .enumerate()
                    .map(|(i, &d)| if i % 2 == 1 { doubled(d) } else { u32::from(d) })
                    .sum();
                (10 - (sum + 4) % 10) % 10 == u32::from(d[7])
            })
        }),
        b"BE" => digits(number, 10, |d| {
            d[0] < 2 && 97 - modulo(&d[..8], 97) == u32::from(d[8]) * 10 + u32::from(d[9])
        }),
        b"DE" => digits(number, 9, |d| d[0] != 0 && mod_11_10(d)),
        b"DK" => digits(number, 8, cvr),
        b"EE" => {
            digits(number, 9, |d| weighted(d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10))
        }
        b"FI" => digits(number, 8, y_tunnus),
        b"HU" => digits(number, 8, |d| weighted(d, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)),
        b"IT" => digits(number, 11, luhn),
        b"LT" => digits(number, number.len(), lithuanian),
        b"LU" => {
            digits(number, 8, |d| modulo(&d[..6], 89) == u32::from(d[6]) * 10 + u32::from(d[7]))
        }
        b"MT" => digits(number, 8, |d| {
            d[0] != 0 && weighted(d, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37)
        }),
        b"SE" => digits(number, 12, |d| luhn(&d[..10]) && d[10..] != [0, 0]),
        b"SI" => digits(number, 8, |d| {
            let check = 11 - weighted(d, &[8, 7, 6, 5, 4, 3, 2]) % 11;
            d[0] != 0 && check != 11 && check % 10 == u32::from(d[7])
        }),
        _ => return Verdict::Invalid("no such country in the Union"),
    })
}

/// Whether a text is `n` digits, not all the same, that a rule holds for.
fn digits(text: &str, n: usize, rule: impl Fn(&[u8]) -> bool) -> bool {
    text.len() == n && Digits::exactly(text, n).is_some_and(|d| !d.uniform() && rule(d.all()))
}

/// CVR number (Denmark): eight digits, weights 2 7 6 5 4 3 2 1, mod 11.
#[must_use]
pub fn cvr(d: &[u8]) -> bool {
    d[0] != 0 && weighted(d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// Y-tunnus (Finland): eight digits, weights 7 9 10 5 8 4 2 1, mod 11.
#[must_use]
pub fn y_tunnus(d: &[u8]) -> bool {
    weighted(d, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
}

/// Nine digits of a legal person or twelve of a temporary one: weights 1 to 9 in turn, where these give 10
/// from 3 on.
fn lithuanian(d: &[u8]) -> bool {
    let n = d.len();
    if !matches!(n, 9 | 12) || d[n - 2] != 1 {
        return false;
    }
    let sum = |from: u32| {
        let weights = (from..).map(|w| (w - 1) % 9 + 1);
        d[..n - 1].iter().zip(weights).map(|(&d, w)| u32::from(d) * w).sum::<u32>() % 11
    };
    let check = if sum(1) == 10 { sum(3) % 10 } else { sum(1) };
    check == u32::from(d[n - 1])
}

/// Eight digits of a legal person with weights 8 to 2, or nine from 6 of a special case.
fn czech(number: &str) -> bool {
    digits(number, 8, |d| {
        let check = (11 - weighted(d, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        d[0] != 9 && (if check == 0 { 1 } else { check % 10 }) == u32::from(d[7])
    }) || digits(number, 9, |d| {
        let rest = weighted(&d[1..], &[8, 7, 6, 5, 4, 3, 2]) % 11;
        d[0] == 6 && (8 + 10 - (10 + 11 - rest) % 11) % 10 == u32::from(d[8])
    })
}

/// Nine digits of a legal person; ten of a foreigner or another.
fn bulgarian(number: &str) -> bool {
    digits(number, 9, |d| {
        let first = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
        let second = weighted(d, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10;
        (if first == 10 { second } else { first }) == u32::from(d[8])
    }) || digits(number, 10, |d| {
        let foreign = weighted(d, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10;
        let other = (11 - weighted(d, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        [foreign, other].contains(&u32::from(d[9]))
    })
}

/// CUI: two to ten digits, weights 7 5 3 2 1 7 5 3 2 set at the right, times ten mod 11 mod 10.
fn romanian(number: &str) -> bool {
    (2..=10).contains(&number.len())
        && digits(number, number.len(), |d| {
            let weights = &[7, 5, 3, 2, 1, 7, 5, 3, 2][10 - d.len()..];
            d[0] != 0 && weighted(d, weights) * 10 % 11 % 10 == u32::from(d[d.len() - 1])
        })
}

/// IČ DPH: ten digits divisible by 11.
fn slovak(number: &str) -> bool {
    digits(number, 10, |d| d[0] != 0 && matches!(d[2], 2..=4 | 7..=9) && modulo(d, 11) == 0)
}

/// Eleven digits of a legal person (first above 3): weights 9 1 4 8 3 10 2 5 7 6 1, sum 3 mod 11.
fn latvian(number: &str) -> bool {
    digits(number, 11, |d| d[0] > 3 && weighted(d, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3)
}

/// The key in front of a SIREN: (12 + 3 · (SIREN mod 97)) mod 97; newer keys hold a letter.
fn french(number: &str) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let Some(c) = alnum::<11>(number) else { return false };
    let Some(siren) = number.get(2..).and_then(|n| Digits::exactly(n, 9)) else { return false };
    let number = |modulus: u32| modulo(siren.all(), modulus);
    if c[..2].iter().all(u8::is_ascii_digit) {
        return (12 + 3 * number(97)) % 97 == base_36(c[0]) * 10 + base_36(c[1]);
    }
    let place = |b: u8| ALPHABET.iter().zip(0u32..).find(|(a, _)| **a == b).map(|(_, i)| i);
    let (Some(first), Some(second)) = (place(c[0]), place(c[1])) else { return false };
    let sum = if c[0].is_ascii_digit() {
        (first * 24 + second).wrapping_sub(10)
    } else {
        (first * 34 + second).wrapping_sub(100)
    };
    (number(11) + 1 + sum / 11) % 11 == sum % 11
}

/// Nine digits that are a citizen service number, or whose whole has 1 as the rest mod 97, then B and two.
fn dutch(text: &str, number: &str, bsn: impl Fn(&str) -> bool) -> bool {
    let Some(c) = alnum::<12>(number) else { return false };
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if c[9] != b'B' || !digits(&c[..9]) || !digits(&c[10..]) || c[10..] == *b"00" {
        return false;
    }
    let whole = text.bytes().filter(u8::is_ascii_alphanumeric);
    number.get(..9).is_some_and(bsn) || mod_97(whole) == 1
}

/// The old form: seven digits with a letter or sign in the second place, and one check letter.
fn irish(number: &str) -> bool {
    let Some(c) = alnum::<8>(number) else { return false };
    let check = |digits: [u32; 7]| {
        let sum: u32 = digits.iter().zip([8, 7, 6, 5, 4, 3, 2]).map(|(d, w)| d * w).sum();
        b"WABCDEFGHIJKLMNOPQRSTUV"[(sum % 23) as usize] == c[7]
    };
    let d = |at: usize| base_36(c[at]);
    let plain = c[2..7].iter().all(u8::is_ascii_digit) && c[0].is_ascii_digit();
    plain && c[1].is_ascii_alphabetic() && check([0, d(2), d(3), d(4), d(5), d(6), d(0)])
}
