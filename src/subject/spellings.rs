//! The ways in which values are written that no normal form can be made of by itself: numbers in two columns, dates,
//! plain digests.

use std::fmt::Write as _;

use jiff::civil::Date;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{Kind, Mark};

/// The parts of a national number that columns hold apart: day, month and year, then the person's own digits.
pub(super) fn halves(id: &str) -> Option<(String, String)> {
    let digits: String = id.chars().filter(|c| c.is_alphanumeric()).collect();
    let cut = match (digits.len(), digits.bytes().all(|b| b.is_ascii_digit())) {
        (10 | 11, true) => 6,
        (12, true) => 8,
        _ => return None,
    };
    Some((digits[..cut].to_owned(), digits[cut..].to_owned()))
}

/// The digits of a date in all layouts.
pub(super) fn layouts(date: Date) -> [String; 9] {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let short = year.rem_euclid(100);
    [
        format!("{day:02}{month:02}{year}"),
        format!("{year}{month:02}{day:02}"),
        format!("{month:02}{day:02}{year}"),
        format!("{day:02}{month:02}{short:02}"),
        format!("{short:02}{month:02}{day:02}"),
        format!("{month:02}{day:02}{short:02}"),
        format!("{day}{month}{year}"),
        format!("{month}{day}{year}"),
        format!("{year}{month}{day}"),
    ]
}

/// Plain digests in hexadecimal, as marketing exports hold them: of the normal form and of the usual ways to write
/// it. None of kinds that are not exported so.
pub(super) fn digests(kind: Kind, form: &str, value: &str) -> Option<(Mark, Vec<String>)> {
    let (mark, spellings) = match kind {
        Kind::Email => (Mark::EmailHash, vec![form.to_owned(), value.trim().to_owned()]),
        Kind::Phone => {
            let digits = form.trim_start_matches('+').to_owned();
            (Mark::PhoneHash, vec![form.to_owned(), format!("00{digits}"), digits])
        }
        Kind::NationalId => {
            let digits: String = value.chars().filter(|c| c.is_alphanumeric()).collect();
            (Mark::IdHash, vec![form.to_owned(), digits, value.trim().to_owned()])
        }
        _ => return None,
    };
    let of = |spelling: String| {
        let bytes = spelling.as_bytes();
        [hex(&Md5::digest(bytes)), hex(&Sha1::digest(bytes)), hex(&Sha256::digest(bytes))]
    };
    Some((mark, spellings.into_iter().flat_map(of).collect()))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
