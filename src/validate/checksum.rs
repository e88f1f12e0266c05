//! What several kinds share: digits, weighted sums, Luhn, mod 97, ISO 7064, dates.

use jiff::civil::Date;

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
        let mut d = Digits { digits: [0; 24], len: 0 };
        for byte in text.bytes().filter(u8::is_ascii_digit) {
            *d.digits.get_mut(d.len)? = byte - b'0';
            d.len += 1;
        }
        Some(d)
    }

    /// The digits of a text, if there are exactly `n`.
    #[must_use]
    pub fn exactly(text: &str, n: usize) -> Option<Digits> {
        Digits::of(text).filter(|d| d.len == n)
    }

    /// As a slice.
    #[must_use]
    pub fn all(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    /// The number that `count` digits from `at` on make.
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
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &d)| {
            let d = u32::from(d) << (i % 2);
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Sum of digits times weights.
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

/// ISO 7064 MOD 97-10 of letters and digits (A = 10 … Z = 35), as IBAN and LEI use it.
#[must_use]
pub fn mod_97(text: impl Iterator<Item = u8>) -> u32 {
    text.fold(0, |n, b| match b {
        b'0'..=b'9' => (n * 10 + u32::from(b - b'0')) % 97,
        b'A'..=b'Z' => (n * 100 + u32::from(b - b'A') + 10) % 97,
        b'a'..=b'z' => (n * 100 + u32::from(b - b'a') + 10) % 97,
        _ => n,
    })
}

/// The date of year, month and day, if there is one.
#[must_use]
pub fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let part = |n: u32| i8::try_from(n).ok();
    Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok()
}

/// Whether day and month exist in some century with this two-digit year.
#[must_use]
pub fn date_in_some_century(year: u32, month: u32, day: u32) -> bool {
    date(1900 + year, month, day).is_some() || date(2000 + year, month, day).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_pass() {
        assert!(luhn(Digits::of("4111 1111 1111 1111").unwrap().all()));
        assert!(!luhn(Digits::of("4111 1111 1111 1112").unwrap().all()));
        assert!(mod_11_10(Digits::of("86095742719").unwrap().all()));
        assert_eq!(mod_97("3214282912345698765432161182".bytes()), 1);
        assert!(date(2023, 2, 29).is_none() && date_in_some_century(0, 2, 29));
    }
}
