//! What several kinds share: digits, weighted sums, Luhn, mod 97, ISO 7064, dates.

use jiff::civil::Date;

use super::{Context, Rung, Verdict};

/// The digits of a text, up to 24 of them; everything else is passed over.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    digits: [u8; 24],
    len: usize,
}

impl Digits {
    /// The digits of a text; `None` when there are more than 24.
    #[must_use]
    pub fn of(text: &str) -> Option<Digits> {
        if let Some(plain) = Digits::plain(text.as_bytes()) {
            return Some(plain);
        }
        let mut d = Digits { digits: [0; 24], len: 0 };
        if text.len() <= d.digits.len() {
            // There is room for every byte: what is no digit is written over by what follows.
            for byte in text.bytes() {
                let digit = byte.wrapping_sub(b'0');
                d.digits[d.len] = digit;
                d.len += usize::from(digit < 10);
            }
            return Some(d);
        }
        for byte in text.bytes().filter(u8::is_ascii_digit) {
            *d.digits.get_mut(d.len)? = byte - b'0';
            d.len += 1;
        }
        Some(d)
    }

    /// As [`Digits::of`], where a text of 8 to 16 bytes is digits only, as most are: eight of them are taken at once.
    #[inline]
    fn plain(text: &[u8]) -> Option<Digits> {
        const ONES: u64 = u64::MAX / 255;
        const ZEROS: u64 = ONES * b'0' as u64;
        let front = text.first_chunk().filter(|_| text.len() <= 16)?;
        let [front, back] = [front, text.last_chunk()?].map(|eight| u64::from_le_bytes(*eight));
        // A digit keeps the upper half of its byte when six is added, and any other sign has another there.
        let upper = |eight: u64| eight & (ONES * 0xF0);
        let are_digits =
            |eight: u64| upper(eight) == ZEROS && upper(eight.wrapping_add(ONES * 6)) == ZEROS;
        if !are_digits(front) || !are_digits(back) {
            return None;
        }
        let mut d = Digits { digits: [0; 24], len: text.len() };
        d.digits[..8].copy_from_slice(&(front - ZEROS).to_le_bytes());
        d.digits[text.len() - 8..text.len()].copy_from_slice(&(back - ZEROS).to_le_bytes());
        Some(d)
    }

    /// The digits of a text, if there are exactly `n`.
    #[must_use]
    pub fn exactly(text: &str, n: usize) -> Option<Digits> {
        Digits::of(text).filter(|d| d.len == n)
    }

    /// As a slice.
    #[inline]
    #[must_use]
    pub fn all(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    /// The number that `count` digits from `at` on make.
    #[inline]
    #[must_use]
    pub fn number(&self, at: usize, count: usize) -> u32 {
        self.all()[at..at + count].iter().fold(0, |n, &d| n * 10 + u32::from(d))
    }

    /// Whether all digits are the same.
    #[must_use]
    pub fn uniform(&self) -> bool {
        self.all().windows(2).all(|w| w[0] == w[1])
    }
}

/// Luhn's check (ISO/IEC 7812-1 annex B): every second digit from the right doubled.
#[must_use]
pub fn luhn(digits: &[u8]) -> bool {
    let doubled = |d: u8| if d > 4 { 2 * d - 9 } else { 2 * d };
    let pairs = digits.rchunks(2).map(|pair| match *pair {
        [second, first] => u32::from(doubled(second) + first),
        [first] => first.into(),
        _ => 0,
    });
    pairs.sum::<u32>().is_multiple_of(10)
}

/// Sum of digits times weights.
#[inline]
#[must_use]
pub fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&d, w)| u32::from(d) * w).sum()
}

/// ISO 7064 MOD 11,10 over all digits, the last of which is the check digit.
#[must_use]
pub fn mod_11_10(digits: &[u8]) -> bool {
    let Some((last, rest)) = digits.split_last() else { return false };
    let product = rest.iter().fold(10, |p, &d| {
        let sum = (p + u32::from(d)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + u32::from(*last)) % 10 == 1
}

/// From here on a number is brought below its divisor before a digit or letter is put behind it.
const FULL: u64 = 1 << 56;

/// ISO 7064 MOD 97-10 of letters and digits (A = 10 … Z = 35), as IBAN and LEI use it.
#[must_use]
pub fn mod_97(text: impl Iterator<Item = u8>) -> u32 {
    let number = text.fold(0, |n: u64, b| {
        let n = if n < FULL { n } else { n % 97 };
        match b {
            b'0'..=b'9' => n * 10 + u64::from(b - b'0'),
            b'A'..=b'Z' => n * 100 + u64::from(b - b'A') + 10,
            b'a'..=b'z' => n * 100 + u64::from(b - b'a') + 10,
            _ => n,
        }
    });
    u32::try_from(number % 97).unwrap_or(0)
}

/// The date of year, month and day, if there is one.
#[must_use]
pub fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    // Most numbers are no dates, and an error of the library costs more than the question.
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let part = |n: u32| i8::try_from(n).ok();
    Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok()
}

/// Whether day and month exist in some century with this two-digit year.
#[must_use]
pub fn date_in_some_century(year: u32, month: u32, day: u32) -> bool {
    date(1900 + year, month, day).is_some() || date(2000 + year, month, day).is_some()
}

/// The letters and digits of a text in upper case, if there are exactly `N`; all else is passed over.
#[must_use]
pub fn alnum<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    let mut len = 0;
    for byte in text.bytes().filter(u8::is_ascii_alphanumeric) {
        *out.get_mut(len)? = byte.to_ascii_uppercase();
        len += 1;
    }
    (len == N).then_some(out)
}

/// Value of a digit or letter in base 36 (A = 10 … Z = 35); 0 for anything else.
#[must_use]
pub fn base_36(byte: u8) -> u32 {
    char::from(byte).to_digit(36).unwrap_or(0)
}

/// Place of a letter in the alphabet, from 0; 0 for anything else.
#[must_use]
pub fn letter(byte: u8) -> u32 {
    base_36(byte).saturating_sub(10)
}

/// The check digit or letter is right, or it is not.
#[must_use]
pub const fn checked(right: bool) -> Verdict {
    if right { Verdict::Valid(Rung::STRICT) } else { Verdict::Invalid("fails the check digit") }
}

/// As [`checked`], for numbers that hold a date: with the date in order a wrong digit is a typing error.
#[must_use]
pub const fn checked_with_date(right: bool) -> Verdict {
    if right { Verdict::Valid(Rung::STRICT) } else { Verdict::Doubtful("fails the check digit") }
}

/// What is wrong with a date of birth, if anything is.
#[must_use]
pub fn unborn(born: Option<Date>, cx: &Context) -> Option<Verdict> {
    match born {
        None => Some(Verdict::Invalid("the date does not exist")),
        Some(born) if born > cx.as_of => Some(Verdict::Invalid("born in the future")),
        Some(_) => None,
    }
}

/// A number of any length modulo a small one.
#[must_use]
pub fn modulo(digits: &[u8], divisor: u32) -> u32 {
    let divisor = u64::from(divisor);
    let number = digits
        .iter()
        .fold(0, |n: u64, &d| (if n < FULL { n } else { n % divisor }) * 10 + u64::from(d));
    u32::try_from(number % divisor).unwrap_or(0)
}

/// Verhoeff's check over the dihedral group D5 (J. Verhoeff, 1969), check digit last.
#[must_use]
pub fn verhoeff(digits: &[u8]) -> bool {
    const SHUFFLE: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let product = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b) % 5 + 5,
        (false, true) => (a + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let shuffled = |d: u8, times: usize| (0..times).fold(d, |d, _| SHUFFLE[usize::from(d % 10)]);
    let digits = digits.iter().rev().enumerate();
    digits.fold(0, |check, (i, &d)| product(check, shuffled(d, i % 8))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_have_the_rests_of_their_digits() {
        let digits: Vec<u8> = (0..200u32).map(|i| u8::try_from(i * i * 7 % 10).unwrap()).collect();
        for n in 0..digits.len() {
            for divisor in [7, 11, 89, 97] {
                let by_digit =
                    digits[..n].iter().fold(0, |n, &d| (n * 10 + u32::from(d)) % divisor);
                assert_eq!(modulo(&digits[..n], divisor), by_digit);
            }
            let text = |letter: u8| digits[..n].iter().map(move |d| d + letter);
            assert_eq!(mod_97(text(b'0')), modulo(&digits[..n], 97));
            let by_letter = digits[..n].iter().fold(0, |n, &d| (n * 100 + u32::from(d) + 10) % 97);
            assert_eq!((mod_97(text(b'A')), mod_97(text(b'a'))), (by_letter, by_letter));
        }
    }

    #[test]
    fn every_second_digit_from_the_right_is_doubled() {
        for n in (0..5_000_000u64).step_by(617) {
            let text = n.to_string();
            let sum = text.bytes().rev().enumerate().map(|(i, b)| {
                let d = u32::from(b - b'0') << (i % 2);
                d / 10 + d % 10
            });
            assert_eq!(luhn(Digits::of(&text).unwrap().all()), sum.sum::<u32>() % 10 == 0, "{n}");
        }
        assert!(luhn(&[]));
    }

    #[test]
    fn published_examples_pass() {
        assert!(luhn(Digits::of("4111 1111 1111 1111").unwrap().all()));
        assert!(!luhn(Digits::of("4111 1111 1111 1112").unwrap().all()));
        assert!(mod_11_10(Digits::of("86095742719").unwrap().all()));
        assert_eq!(mod_97("3214282912345698765432161182".bytes()), 1);
        assert!(verhoeff(&[2, 3, 6, 3]) && !verhoeff(&[2, 3, 6, 4]));
        assert_eq!(alnum::<3>("a-1 b"), Some(*b"A1B"));
        assert_eq!(Digits::of("1a2 3").unwrap().all(), [1, 2, 3]);
        assert_eq!(Digits::of(&format!("{:30}1", "2")).unwrap().all(), [2, 1]);
        assert!(Digits::of(&"1".repeat(24)).is_some() && Digits::of(&"1".repeat(25)).is_none());
        assert!(date(2023, 2, 29).is_none() && date_in_some_century(0, 2, 29));
    }
}
