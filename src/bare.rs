//! Bare values: what stands in a cell without what programs put round it. Spreadsheets keep numbers as text by
//! `="91234567"` and `'91234567`; data frames write whole numbers as `91234567.0` where a column has gaps, and large
//! numbers are written as `2.5080071143E+10`.

use std::ops::Range;

use crate::unit::Cells;

/// Digits of the shortest number that is looked at: shorter ones are amounts and counts.
const FEWEST: usize = 4;
/// Digits of the longest that a program's decimal numbers keep.
const MOST: usize = 16;
/// Digits that all stand there in scientific notation; where fewer do, a spreadsheet rounded the number.
const EXACT: usize = 7;

/// A bare value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bare {
    /// A part of the cell.
    Part(Range<usize>),
    /// The digits of a number in scientific notation, and how many they are.
    Digits([u8; MOST], usize),
}

impl Bare {
    /// The bare value of a cell that has something round it.
    #[inline]
    #[must_use]
    pub fn of(cell: &[u8]) -> Option<Bare> {
        match *cell {
            [b'1'..=b'9', b'.' | b',', ..] => scientific(cell),
            [b'0'..=b'9', .., b'.' | b',', b'0'] | [b'0'..=b'9', .., b'.', b'0', b'0'] => {
                whole_number(cell)
            }
            [b'\'' | b'=', ..] => kept_as_text(cell),
            _ => None,
        }
    }

    /// Its text.
    #[must_use]
    pub fn text<'t>(&'t self, cell: &'t [u8]) -> &'t [u8] {
        match self {
            Bare::Part(range) => &cell[range.clone()],
            Bare::Digits(digits, count) => &digits[..*count],
        }
    }
}

/// The digits of `91234567.0`.
fn whole_number(cell: &[u8]) -> Option<Bare> {
    let count = cell.iter().take_while(|b| b.is_ascii_digit()).count();
    // The point stands behind them, and nothing but its zeros.
    let is_all = cell.len() - count <= 3 && matches!(cell[count..], [b'.' | b',', b'0', ..]);
    (is_all && (FEWEST..=MOST).contains(&count)).then_some(Bare::Part(0..count))
}

/// The text of `="…"`, and the number of `'…`.
fn kept_as_text(cell: &[u8]) -> Option<Bare> {
    match cell {
        [b'=', b'"', text @ .., b'"'] if !text.is_empty() && !text.contains(&b'"') => {
            Some(Bare::Part(2..cell.len() - 1))
        }
        // In Dutch small letters stand behind it: `'t Zand`, `'s-Gravenhage`.
        [b'\'', b'0'..=b'9' | b'+' | b'A'..=b'Z' | 0xC3.., rest @ ..] if !rest.contains(&b'\'') => {
            Some(Bare::Part(1..cell.len()))
        }
        _ => None,
    }
}

/// The digits of a whole number in scientific notation, where none is lost. One zero at the end may be left out.
fn scientific(cell: &[u8]) -> Option<Bare> {
    let e = cell.iter().rposition(|b| matches!(b, b'e' | b'E'))?;
    let exponent = cell[e + 1..].strip_prefix(b"+").unwrap_or(&cell[e + 1..]);
    let exponent: usize = std::str::from_utf8(exponent).ok()?.parse().ok()?;
    let fraction = &cell[2..e];
    let count = exponent.checked_add(1).filter(|count| (EXACT + 1..=MOST).contains(count))?;
    let (kept, rest) = fraction.split_at_checked(exponent).unwrap_or((fraction, b""));
    let is_whole = rest.iter().all(|b| *b == b'0') && kept.iter().all(u8::is_ascii_digit);
    if !is_whole || kept.len() < EXACT.max(exponent - 1) {
        return None;
    }
    let mut digits = [b'0'; MOST];
    digits[0] = cell[0];
    digits[1..=kept.len()].copy_from_slice(kept);
    Some(Bare::Digits(digits, count))
}

/// Cells of which some have something round them, without that.
pub struct Undressed {
    /// The cells, with the same numbers.
    pub cells: Cells,
    /// By number, those that had something round them.
    bare: Vec<(usize, Bare)>,
}

impl Undressed {
    /// These cells bare, if any has something round it.
    #[must_use]
    pub fn of(cells: &Cells) -> Option<Undressed> {
        let (mut bare, mut start) = (Vec::new(), 0);
        for (i, end) in cells.ends.iter().map(|end| *end as usize).enumerate() {
            let cell = &cells.bytes[start..end];
            start = end + 1;
            // Most others fail by their first byte.
            if matches!(cell, [b'0'..=b'9' | b'\'' | b'=', ..])
                && let Some(of_cell) = Bare::of(cell)
                && cells.piece(i).is_none()
            {
                bare.push((i, of_cell));
            }
        }
        if bare.is_empty() {
            return None;
        }
        let (mut all, mut rest) = (Cells::default(), bare.iter().peekable());
        for i in 0..cells.len() {
            match rest.next_if(|(at, _)| *at == i) {
                Some((_, bare)) => {
                    let text = bare.text(&cells.bytes[cells.range(i)]);
                    all.push(cells.row(i), text, None);
                }
                None => all.push_of(cells, i),
            }
        }
        Some(Undressed { cells: all, bare })
    }

    /// The bare value of a cell that had something round it.
    #[must_use]
    pub fn bare(&self, cell: usize) -> Option<&Bare> {
        let at = self.bare.binary_search_by_key(&cell, |(at, _)| *at).ok()?;
        Some(&self.bare[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_put_round_a_value_is_taken_off() {
        let bare = |cell: &str| {
            let bare = Bare::of(cell.as_bytes())?;
            Some(String::from_utf8_lossy(bare.text(cell.as_bytes())).into_owned())
        };
        for (cell, text) in [
            ("91234567.0", "91234567"),
            ("91234567,0", "91234567"),
            ("91234567.00", "91234567"),
            ("01010112345.0", "01010112345"),
            ("=\"Kari Nordmann\"", "Kari Nordmann"),
            ("=\"01010112345\"", "01010112345"),
            ("'01010112345", "01010112345"),
            ("'+4791234567", "+4791234567"),
            ("2.5080071143E+10", "25080071143"),
            ("2,5080071143e10", "25080071143"),
            ("9.1234567e+07", "91234567"),
            ("8.1074066200E+09", "8107406620"),
            ("2.508007114E10", "25080071140"),
        ] {
            assert_eq!(bare(cell).as_deref(), Some(text), "{cell}");
        }
        for cell in [
            "91234567",
            "12.0",
            "91234567.5",
            "91234567.000",
            "-91234567.0",
            "0.0",
            "1.234.0",
            "12345678901234567.0",
            "=A1",
            "=\"",
            "=\"\"",
            "'t Hart",
            "'12'",
            "2.50801E+10",
            "2.5080071143E-10",
            "2.5080071143E+05",
            "2.50800711431E+10",
            "1.5",
            "1.E",
            "1.5e",
            "",
        ] {
            assert_eq!(bare(cell), None, "{cell}");
        }
    }
}
