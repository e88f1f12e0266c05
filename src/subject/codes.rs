//! Codes: numbers of letters and digits (national numbers, telephones, accounts, dates …), found in running bytes
//! whatever separates their groups.
//!
//! Every code has a run of four digits at whose end it is recognised: one pass over the bytes keeps the last four
//! digits and asks a bit set, and only where that holds is anything compared.

use std::collections::HashMap;

use super::Kind;
use crate::validate::phone::calling_code;

/// Digits that a code is recognised by.
const ANCHOR: usize = 4;
/// Separators in a row within a code.
const GAP: usize = 2;
/// Bytes before a code that are looked at.
const BEFORE: usize = 10;

/// What sort of code it is; how it may be surrounded depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A whole number of this kind.
    Whole(Kind),
    /// The first part of a national number.
    IdHead,
    /// The last part of one.
    IdTail,
}

/// How a code was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As it is.
    Plain,
    /// A telephone number with its country.
    WithCountry,
    /// A telephone number in the form people write.
    Formatted,
    /// Beside characters that mask the rest.
    Masked,
}

/// A place where a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its sort.
    pub sort: Sort,
    /// How it was found.
    pub how: How,
    /// First byte.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
}

struct Code {
    sort: Sort,
    /// Letters and digits, in capitals.
    text: Vec<u8>,
    /// Bytes of it up to the end of the anchor.
    anchor: usize,
    /// Calling code of a telephone number's country.
    country: Option<String>,
}

/// All codes that are looked for.
pub struct Codes {
    codes: Vec<Code>,
    /// By the anchor's digits, four bits each.
    by_anchor: HashMap<u16, Vec<usize>>,
    anchors: Box<[u64; 1024]>,
}

impl Codes {
    /// Nothing to look for.
    #[must_use]
    pub fn new() -> Codes {
        Codes { codes: Vec::new(), by_anchor: HashMap::new(), anchors: Box::new([0; 1024]) }
    }

    /// Adds a code in its normal form. Tells whether it can be recognised.
    pub fn add(&mut self, sort: Sort, form: &str) -> bool {
        let (country, text) = match (sort, form.strip_prefix('+')) {
            (Sort::Whole(Kind::Phone), Some(digits)) => {
                let Some(code) = calling_code(digits) else { return false };
                (Some(digits[..code].to_owned()), digits.as_bytes()[code..].to_vec())
            }
            _ => (None, form.as_bytes().to_vec()),
        };
        let Some(anchor) = anchor(&text) else { return false };
        if self.codes.iter().any(|code| code.sort == sort && code.text == text) {
            return true;
        }
        let value =
            text[anchor - ANCHOR..anchor].iter().fold(0, |n, b| n << 4 | u16::from(b - b'0'));
        self.by_anchor.entry(value).or_default().push(self.codes.len());
        self.anchors[usize::from(value / 64)] |= 1 << (value % 64);
        self.codes.push(Code { sort, text, anchor, country });
        true
    }

    /// Gives every code whose anchor ends in `from..to`.
    pub fn find(&self, bytes: &[u8], from: usize, to: usize, mut see: impl FnMut(Seen)) {
        if self.codes.is_empty() {
            return;
        }
        // What runs into the stretch counts for its first anchor.
        let mut last = bytes[from.saturating_sub(2 * BEFORE)..from]
            .iter()
            .filter(|b| b.is_ascii_digit())
            .fold(0_u16, |n, b| n << 4 | u16::from(b - b'0'));
        let mut at = from;
        while at < to {
            let digit = bytes[at].wrapping_sub(b'0');
            at += 1;
            if digit > 9 {
                continue;
            }
            last = last << 4 | u16::from(digit);
            let goes_on = bytes.get(at).is_some_and(u8::is_ascii_digit);
            let is_anchor = self.anchors[usize::from(last / 64)] >> (last % 64) & 1 == 1;
            if is_anchor && !goes_on {
                for &number in self.by_anchor.get(&last).into_iter().flatten() {
                    self.codes[number].at(bytes, at).map(&mut see);
                }
            }
        }
    }
}

/// Where the last run of four digits ends.
fn anchor(text: &[u8]) -> Option<usize> {
    let mut run = 0;
    let mut found = None;
    for (at, byte) in text.iter().enumerate() {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        let ends = text.get(at + 1).is_none_or(|next| !next.is_ascii_digit());
        if run >= ANCHOR && ends {
            found = Some(at + 1);
        }
    }
    found
}

fn separator(bytes: &[u8], at: usize, dates: bool) -> bool {
    match bytes[at] {
        b' ' | b'-' | b'.' => true,
        b'/' => dates,
        // A blank that does not break (U+00A0), in UTF-8.
        0xA0 => at > 0 && bytes[at - 1] == 0xC2,
        0xC2 => bytes.get(at + 1) == Some(&0xA0),
        _ => false,
    }
}

impl Code {
    /// Compares the code with the text round an anchor that ends at `end`.
    fn at(&self, bytes: &[u8], end: usize) -> Option<Seen> {
        let dates = matches!(self.sort, Sort::Whole(Kind::BirthDate) | Sort::IdHead);
        let mut gaps = 0;
        let (mut start, mut left, mut row) = (end, self.anchor, 0);
        while left > 0 {
            start = start.checked_sub(1)?;
            if bytes[start].to_ascii_uppercase() == self.text[left - 1] {
                left -= 1;
                row = 0;
            } else if left < self.anchor && row < GAP && separator(bytes, start, dates) {
                row += 1;
                gaps += usize::from(row == 1);
            } else {
                return None;
            }
        }
        let (mut stop, mut row) = (end, 0);
        for wanted in &self.text[self.anchor..] {
            while bytes.get(stop).is_some_and(|b| b.to_ascii_uppercase() != *wanted) {
                row += 1;
                if row > GAP || !separator(bytes, stop, dates) {
                    return None;
                }
                gaps += 1;
                stop += 1;
            }
            bytes.get(stop)?;
            stop += 1;
            row = 0;
        }
        let around = Around { bytes, start, end: stop, gaps };
        let how = self.fits(&around)?;
        Some(Seen { sort: self.sort, how, start, end: stop })
    }

    fn fits(&self, around: &Around<'_>) -> Option<How> {
        if self.sort == Sort::IdHead && around.is_masked_after() {
            return around.is_word_start().then_some(How::Masked);
        }
        if self.sort == Sort::IdTail && around.is_masked_before() {
            return around.ends(false).then_some(How::Masked);
        }
        let is_date = matches!(self.sort, Sort::Whole(Kind::BirthDate) | Sort::IdHead);
        if !around.ends(is_date) {
            return None;
        }
        match (self.sort, &self.country) {
            (Sort::Whole(Kind::Phone), country) => around.phone(country.as_deref()),
            (Sort::Whole(Kind::NationalId), _) => {
                let century = ["18", "19", "20"];
                let before = around.digits_before();
                (around.starts() || century.contains(&before)).then_some(How::Plain)
            }
            (Sort::Whole(Kind::Account), _) => {
                (around.starts() || around.is_in_iban()).then_some(How::Plain)
            }
            (Sort::Whole(Kind::BirthDate), _) => {
                (around.is_word_start() && around.no_number_before()).then_some(How::Plain)
            }
            _ => around.starts().then_some(How::Plain),
        }
    }
}

/// What stands round a code.
struct Around<'b> {
    bytes: &'b [u8],
    start: usize,
    end: usize,
    /// How many groups the code is in, less one.
    gaps: usize,
}

const MASKS: &[u8] = b"*xX#";

impl Around<'_> {
    fn before(&self, back: usize) -> Option<u8> {
        self.start.checked_sub(back).map(|at| self.bytes[at])
    }

    /// Whether no longer number or word goes on behind the code.
    fn ends(&self, is_date: bool) -> bool {
        let next = self.bytes.get(self.end).copied();
        let then = self.bytes.get(self.end + 1).copied();
        let is_digit = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_digit());
        match next {
            None => true,
            // Of a time: `1993-10-24T00:00`.
            Some(b'T') if is_date && is_digit(then) => true,
            Some(b) if b.is_ascii_alphanumeric() || b >= 0x80 && b != 0xC2 => false,
            // A blank parts two numbers, unless the code itself is written with blanks.
            Some(b' ') => is_date || self.gaps == 0 || !is_digit(then),
            Some(b'-' | b'.' | b'/') => !is_digit(then),
            Some(_) => true,
        }
    }

    /// The digits right before the code, four at most.
    fn digits_before(&self) -> &str {
        let mut at = self.start;
        while at > 0 && self.start - at < 5 && self.bytes[at - 1].is_ascii_digit() {
            at -= 1;
        }
        std::str::from_utf8(&self.bytes[at..self.start]).unwrap_or_default()
    }

    fn is_word_start(&self) -> bool {
        self.before(1).is_none_or(|b| !b.is_ascii_alphanumeric() && (b < 0x80 || b == 0xA0))
    }

    /// Whether no other number runs into the code over a separator.
    fn no_number_before(&self) -> bool {
        let is_digit = |back| self.before(back).is_some_and(|b| b.is_ascii_digit());
        match self.before(1) {
            Some(b' ') => self.gaps == 0 || !is_digit(2),
            Some(b'-' | b'.') => !is_digit(2),
            _ => true,
        }
    }

    /// Whether the code starts here: nothing before it, or the zeros that its normal form lacks.
    fn starts(&self) -> bool {
        let digits = self.digits_before();
        let shifted = Around { start: self.start - digits.len(), ..*self };
        digits.bytes().all(|b| b == b'0') && shifted.is_word_start() && shifted.no_number_before()
    }

    /// Whether two letters and two check digits stand before the code.
    fn is_in_iban(&self) -> bool {
        let text: Vec<u8> = self.bytes[self.start.saturating_sub(BEFORE)..self.start]
            .iter()
            .rev()
            .filter(|b| **b != b' ')
            .copied()
            .take(5)
            .collect();
        matches!(text[..], [a, b, c, d, ..] if a.is_ascii_digit() && b.is_ascii_digit()
            && c.is_ascii_alphabetic() && d.is_ascii_alphabetic())
            && text.get(4).is_none_or(|b| !b.is_ascii_alphanumeric())
    }

    fn is_masked_after(&self) -> bool {
        let rest = &self.bytes[self.end..self.bytes.len().min(self.end + 4)];
        let rest = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b" ")).unwrap_or(rest);
        rest.len() >= 3 && rest[..3].iter().all(|b| MASKS.contains(b))
    }

    fn is_masked_before(&self) -> bool {
        let before = &self.bytes[self.start.saturating_sub(4)..self.start];
        let before = before.strip_suffix(b"-").unwrap_or(before);
        before.len() >= 3 && before[before.len() - 3..].iter().all(|b| MASKS.contains(b))
    }

    /// A telephone number: with its country, or national; `None` when it is another country's or a part of a
    /// longer number.
    fn phone(&self, country: Option<&str>) -> Option<How> {
        let mut at = self.start;
        while at > 0
            && self.start - at < BEFORE
            && (self.bytes[at - 1].is_ascii_digit()
                || b"+() .-\xA0\xC2".contains(&self.bytes[at - 1]))
        {
            at -= 1;
        }
        let prefix: String = self.bytes[at..self.start]
            .iter()
            .filter(|b| b.is_ascii_digit() || **b == b'+')
            .map(|b| char::from(*b))
            .collect();
        let is_letter = |at: usize| self.bytes[at].is_ascii_alphabetic();
        if at > 0 && is_letter(at - 1) && at == self.start {
            return None;
        }
        let codes = country.map(|code| [code.to_owned(), format!("{code}0")]);
        let is_country = codes.iter().flatten().any(|code| {
            prefix == *code
                || prefix.ends_with(&format!("+{code}"))
                || prefix.ends_with(&format!("00{code}"))
        });
        if is_country {
            return Some(How::WithCountry);
        }
        let grouped = self.gaps > 0 || self.before(1) == Some(b')');
        match prefix.as_str() {
            "" if grouped => Some(How::Formatted),
            "" => Some(How::Plain),
            "0" => Some(How::Formatted),
            _ if prefix.contains('+') || prefix.starts_with("00") => None,
            // Another number stands before it.
            _ if self.gaps == 0 && self.before(1) == Some(b' ') => Some(How::Plain),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::normal::normalise;

    fn found(kind: Kind, value: &str, text: &str) -> Option<How> {
        let mut codes = Codes::new();
        assert!(codes.add(Sort::Whole(kind), &normalise(kind, value)[0]), "{value}");
        let mut seen = None;
        codes.find(text.as_bytes(), 0, text.len(), |s| seen = Some(s.how));
        seen
    }

    #[test]
    fn separators_do_not_matter() {
        for (kind, value, text) in [
            (Kind::NationalId, "01019012345", "fnr 010190 12345."),
            (Kind::NationalId, "01019012345", "010190-12345"),
            (Kind::NationalId, "01019012345", "1019012345"),
            (Kind::NationalId, "900101-2384", "199001012384"),
            (Kind::NationalId, "131052-308T", "hetu 131052-308t,"),
            (Kind::Iban, "NO9386011117947", "NO93 8601 1117 947"),
            (Kind::Account, "86011117947", "8601.11.17947"),
            (Kind::Account, "86011117947", "NO93 8601 1117 947"),
            (Kind::CustomerNumber, "10427", "kundenr 10427"),
        ] {
            assert_eq!(found(kind, value, text), Some(How::Plain), "{text}");
        }
    }

    #[test]
    fn longer_numbers_are_others() {
        for (kind, value, text) in [
            (Kind::NationalId, "01019012345", "101019012345"),
            (Kind::NationalId, "01019012345", "010190123456"),
            (Kind::NationalId, "01019012345", "a01019012345"),
            (Kind::NationalId, "01019012345", "01019012345.50"),
            (Kind::Phone, "+4722983340", "+4622983340"),
            (Kind::Phone, "+4722983340", "22 98 33 40 55"),
            (Kind::Phone, "+4722983340", "5522983340"),
            (Kind::CustomerNumber, "10427", "10427-99"),
        ] {
            assert_eq!(found(kind, value, text), None, "{text}");
        }
    }

    #[test]
    fn telephones_with_and_without_their_country() {
        for (text, how) in [
            ("+47 22 98 33 40", How::WithCountry),
            ("0047 22983340", How::WithCountry),
            ("4722983340", How::WithCountry),
            ("(+47) 22 98 33 40", How::WithCountry),
            ("22 98 33 40", How::Formatted),
            ("tlf 22983340", How::Plain),
        ] {
            assert_eq!(found(Kind::Phone, "+4722983340", text), Some(how), "{text}");
        }
        assert_eq!(found(Kind::Phone, "+46701740605", "070-174 06 05"), Some(How::Formatted));
        assert_eq!(
            found(Kind::Phone, "+46701740605", "+46 (0)70-174 06 05"),
            Some(How::WithCountry)
        );
    }

    #[test]
    fn masked_parts_are_told() {
        let mut codes = Codes::new();
        codes.add(Sort::IdHead, "010190");
        let how = |text: &str| {
            let mut seen = None;
            codes.find(text.as_bytes(), 0, text.len(), |s| seen = Some(s.how));
            seen
        };
        assert_eq!(how("010190*****"), Some(How::Masked));
        assert_eq!(how("010190-xxxxx"), Some(How::Masked));
        assert_eq!(how("010190"), Some(How::Plain));
        assert_eq!(how("01019012345"), None);
    }
}
