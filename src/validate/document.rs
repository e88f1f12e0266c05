//! Machine-readable zones of travel documents.
//!
//! ICAO Doc 9303 parts 4 (TD3, passports), 5 (TD1, cards) and 6 (TD2): weights 7 3 1, mod 10.

use super::checksum::{base_36, date_in_some_century};
use super::{Context, Rung, Validator, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("mrz", mrz)];

/// Whether the last character of a field is the check digit of what stands before.
fn checks(field: impl Iterator<Item = u8>, digit: u8) -> bool {
    let sum: u32 = field.zip([7, 3, 1].into_iter().cycle()).map(|(b, w)| base_36(b) * w).sum();
    // A filler stands for 0 where a field is left empty.
    sum % 10 == base_36(digit) && (digit.is_ascii_digit() || digit == b'<')
}

/// A zone of two lines of 36 or 44 characters, or of three of 30.
fn mrz(text: &str, _: &Context) -> Verdict {
    let lines: Vec<&[u8]> =
        text.split(['\n', '\r']).map(|l| l.trim().as_bytes()).filter(|l| !l.is_empty()).collect();
    let lengths: Vec<usize> = lines.iter().map(|l| l.len()).collect();
    let bytes = |line: &[u8], ranges: &[std::ops::Range<usize>]| -> Vec<u8> {
        ranges.iter().flat_map(|r| line[r.clone()].to_vec()).collect()
    };
    let (number, born, expires, whole) = match lengths[..] {
        [44, 44] => {
            let l = lines[1];
            (l[..10].to_vec(), &l[13..20], &l[21..28], bytes(l, &[0..10, 13..20, 21..44]))
        }
        [36, 36] => {
            let l = lines[1];
            (l[..10].to_vec(), &l[13..20], &l[21..28], bytes(l, &[0..10, 13..20, 21..36]))
        }
        [30, 30, 30] => {
            let (first, l) = (lines[0], lines[1]);
            let mut whole = first[5..30].to_vec();
            whole.extend(bytes(l, &[0..7, 8..15, 18..30]));
            (first[5..15].to_vec(), &l[..7], &l[8..15], whole)
        }
        _ => return Verdict::Invalid("not two lines of 36 or 44 or three of 30 characters"),
    };
    let right = |field: &[u8]| {
        field.split_last().is_some_and(|(digit, rest)| checks(rest.iter().copied(), *digit))
    };
    let two = |at: usize| base_36(born[at]) * 10 + base_36(born[at + 1]);
    if born[..6].iter().all(u8::is_ascii_digit)
        && !date_in_some_century(two(0), two(2).max(1), two(4).max(1))
    {
        return Verdict::Invalid("the date of birth does not exist");
    }
    // A number of more than nine characters goes on in the optional data, its check digit with it.
    let long = number[9] == b'<';
    if (long || right(&number)) && right(born) && right(expires) && right(&whole) {
        Verdict::Valid(Rung::STRICT)
    } else {
        Verdict::Invalid("fails a check digit")
    }
}
