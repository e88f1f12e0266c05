//! Numbers of organisations, goods, payments, securities and devices. Most are no personal data: they are
//! known so that they are not taken for it.
//!
//! ISO 9362 (BIC), ISO 17442 (LEI), ISO 6166 (ISIN), ISO 3779 and 49 CFR 565 (VIN), 3GPP TS 23.003 (IMEI), GS1
//! General Specifications (EAN), Bits' KID standard, council directive 2006/112/EC art. 214–215 and the
//! Commission's VIES page (VAT numbers), Bitcoin's Base58Check and BIP 173/350.

use sha2::{Digest, Sha256};

use super::checksum::{Digits, alnum, base_36, checked, luhn, mod_97, weighted};
use super::{Context, Rung, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("bic", bic),
    ("lei", lei),
    ("isin", isin),
    ("vin", vin),
    ("imei", imei),
    ("ean", ean),
    ("no_kid", kid),
    ("btc_address", btc_address),
];

/// ISO 3166 countries (and XK, as banks use for Kosovo).
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO \
    BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU \
    LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR \
    NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM \
    SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG \
    VI VN VU WF WS XK YE YT ZA ZM ZW";

/// By the first letter, the second ones, a bit for each: long words of all kinds are asked whether they hold a country.
const SECOND_LETTERS: [u32; 26] = {
    let (codes, mut table, mut at) = (COUNTRIES.as_bytes(), [0; 26], 0);
    while at < codes.len() {
        if codes[at].is_ascii_uppercase() {
            table[(codes[at] - b'A') as usize] |= 1 << (codes[at + 1] - b'A');
            at += 1;
        }
        at += 1;
    }
    table
};

/// Whether two letters are a country.
#[must_use]
pub fn is_country(code: [u8; 2]) -> bool {
    let [first, second] = code.map(|letter| letter.wrapping_sub(b'A'));
    second < 26 && SECOND_LETTERS.get(usize::from(first)).is_some_and(|set| set >> second & 1 == 1)
}

/// BIC: four letters, country, two characters of the place, three of the branch or none.
fn bic(text: &str, _: &Context) -> Verdict {
    let b = text.as_bytes();
    let shape = matches!(b.len(), 8 | 11)
        && b[..6].iter().all(u8::is_ascii_alphabetic)
        && b[6..].iter().all(u8::is_ascii_alphanumeric);
    if !shape {
        return Verdict::Invalid("not 8 or 11 characters with six letters in front");
    }
    if is_country([b[4].to_ascii_uppercase(), b[5].to_ascii_uppercase()]) {
        Verdict::Valid(Rung::UNCHECKED)
    } else {
        Verdict::Invalid("no such country")
    }
}

/// LEI: 18 characters and two check digits, ISO 7064 MOD 97-10.
fn lei(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<20>(text) else { return Verdict::Invalid("not 20 characters") };
    if !c[18..].iter().all(u8::is_ascii_digit) {
        return Verdict::Invalid("does not end in two digits");
    }
    checked(mod_97(c.into_iter()) == 1)
}

/// ISIN: country, nine characters, Luhn over the digits that letters are spelt out to.
fn isin(text: &str, _: &Context) -> Verdict {
    let Some(c) = alnum::<12>(text) else { return Verdict::Invalid("not 12 characters") };
    if !(is_country([c[0], c[1]])
        || matches!(&c[..2], b"XS" | b"EU" | b"XA" | b"XB" | b"XC" | b"XD"))
        || !c[11].is_ascii_digit()
    {
        return Verdict::Invalid("no such country, or no check digit");
    }
    let spelt = c.iter().flat_map(|&b| match base_36(b) {
        n @ 0..=9 => [None, Some(n)],
        n => [Some(n / 10), Some(n % 10)],
    });
    let digits: Vec<u8> = spelt.flatten().filter_map(|n| u8::try_from(n).ok()).collect();
    checked(luhn(&digits))
}

/// VIN: 17 characters without I, O and Q, the ninth the check digit by weights 8 7 6 5 4 3 2 10 0 9 8 7 6 5
/// 4 3 2, mod 11. Only North America and China demand the check digit.
fn vin(text: &str, _: &Context) -> Verdict {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let Some(c) = alnum::<17>(text) else { return Verdict::Invalid("not 17 characters") };
    if c.iter().any(|b| b"IOQ".contains(b)) {
        return Verdict::Invalid("I, O and Q are not used");
    }
    let value = |b: u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'I' => u32::from(b - b'A') + 1,
        b'J'..=b'R' => u32::from(b - b'J') + 1,
        _ => u32::from(b - b'S') + 2,
    };
    let sum: u32 = c.iter().zip(WEIGHTS).map(|(&b, w)| value(b) * w).sum();
    checked(b"0123456789X"[(sum % 11) as usize] == c[8])
}

/// IMEI: type allocation code (8), serial (6), Luhn digit.
fn imei(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 15) else { return Verdict::Invalid("not 15 digits") };
    checked(luhn(digits.all()) && !digits.uniform())
}

/// EAN-13: twelve digits and a check digit by weights 1 and 3, mod 10.
fn ean(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::exactly(text, 13) else { return Verdict::Invalid("not 13 digits") };
    let weights = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1];
    checked(weighted(digits.all(), &weights).is_multiple_of(10) && !digits.uniform())
}

/// KID, the reference on a Norwegian invoice: up to 25 digits with Luhn's check digit.
fn kid(text: &str, _: &Context) -> Verdict {
    let Some(digits) = Digits::of(text).filter(|d| d.all().len() >= 4) else {
        return Verdict::Invalid("not 4 to 24 digits");
    };
    checked(luhn(digits.all()) && !digits.uniform())
}

/// Address of Bitcoin's main network: Base58Check of 25 bytes (version 0 or 5), or Bech32(m) from bc1.
fn btc_address(text: &str, _: &Context) -> Verdict {
    let bytes = text.as_bytes();
    if bytes.len() > 3 && bytes[..3].eq_ignore_ascii_case(b"bc1") {
        return checked(bech32(bytes));
    }
    checked(base_58(bytes).is_some_and(|decoded| {
        let hash = Sha256::digest(Sha256::digest(&decoded[..21]));
        matches!(decoded[0], 0 | 5) && hash[..4] == decoded[21..]
    }))
}

/// The 25 bytes that a Base58 text stands for.
fn base_58(text: &[u8]) -> Option<[u8; 25]> {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut out = [0; 25];
    for byte in text {
        let mut carry = ALPHABET.iter().position(|a| a == byte)?;
        for place in out.iter_mut().rev() {
            carry += usize::from(*place) * 58;
            *place = u8::try_from(carry % 256).ok()?;
            carry /= 256;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(out)
}

/// Whether the checksum of Bech32 (BIP 173) or Bech32m (BIP 350) over a text from `bc1` is right.
fn bech32(text: &[u8]) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let step = |sum: u32, value: u32| {
        let top = sum >> 25;
        let bits = GENERATOR.iter().enumerate().filter(|(i, _)| top >> i & 1 == 1);
        bits.fold((sum & 0x1ff_ffff) << 5 ^ value, |sum, (_, g)| sum ^ g)
    };
    // The prefix "bc": high bits, 0, low bits.
    let prefix = [3, 3, 0, 2, 3].into_iter().fold(1, step);
    let values = text[3..].iter().map(|b| {
        ALPHABET.iter().zip(0u32..).find(|(a, _)| **a == b.to_ascii_lowercase()).map(|(_, i)| i)
    });
    let Some(values) = values.collect::<Option<Vec<_>>>() else { return false };
    values.len() >= 8 && matches!(values.into_iter().fold(prefix, step), 1 | 0x2bc8_30a3)
}
