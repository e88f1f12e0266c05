//! Tables of Access: their columns, and what a row holds in each.

use super::pages::{DAMAGED, Pages, position};
use crate::readers::Stop;
use crate::readers::office::codepage::{CodePage, utf16};
use crate::readers::office::number::plain;
use crate::readers::office::ole::{u16_at, u32_at};

/// Columns of a table at most, as Access has it, with some to spare.
const COLUMNS: usize = 1024;
/// That a column's values stand at a fixed place.
const FIXED: u8 = 1;

/// What a column holds, by the number of its type.
mod kind {
    pub const FLAG: u8 = 1;
    pub const BYTE: u8 = 2;
    pub const SHORT: u8 = 3;
    pub const LONG: u8 = 4;
    pub const MONEY: u8 = 5;
    pub const SINGLE: u8 = 6;
    pub const DOUBLE: u8 = 7;
    pub const DATE: u8 = 8;
    pub const TEXT: u8 = 10;
    pub const MEMO: u8 = 12;
    pub const NUMERIC: u8 = 16;
    pub const BIG: u8 = 19;
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    kind: u8,
    number: usize,
    is_fixed: bool,
    /// Which of those without a fixed place it is, or that place, and how long a value is there.
    variable: usize,
    fixed: usize,
    length: usize,
    /// Digits behind the point.
    scale: u8,
}

/// A table.
pub struct Table {
    /// The page that defines it.
    pub page: u32,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The map of the pages that it uses.
    pub map: u32,
}

/// Where what stands in a definition.
struct Layout {
    columns: usize,
    indexes: usize,
    map: usize,
    first: usize,
    index: usize,
    column: usize,
    number: usize,
    variable: usize,
    flags: usize,
    fixed: usize,
    length: usize,
}

const OLD: Layout = Layout {
    columns: 25,
    indexes: 31,
    map: 35,
    first: 43,
    index: 8,
    column: 18,
    number: 1,
    variable: 3,
    flags: 13,
    fixed: 14,
    length: 16,
};
const NEW: Layout = Layout {
    columns: 45,
    indexes: 51,
    map: 55,
    first: 63,
    index: 12,
    column: 25,
    number: 5,
    variable: 7,
    flags: 15,
    fixed: 21,
    length: 23,
};

impl Table {
    /// The table that a page defines.
    pub fn read(pages: &mut Pages, page: u32, code: CodePage) -> Result<Table, Stop> {
        let told = pages.definition(page)?;
        let layout = if pages.is_old { OLD } else { NEW };
        let count = u16_at(&told, layout.columns).map(usize::from).ok_or(DAMAGED)?;
        let first = position(&told, layout.indexes)?.checked_mul(layout.index);
        let first = first.and_then(|all| all.checked_add(layout.first)).ok_or(DAMAGED)?;
        let rest = told.get(first..).filter(|_| count <= COLUMNS).ok_or(DAMAGED)?;
        let mut columns = Vec::new();
        for told in rest.chunks_exact(layout.column).take(count) {
            let number = |at: usize| u16_at(told, at).map(usize::from).ok_or(DAMAGED);
            columns.push(Column {
                name: String::new(),
                kind: told[0],
                number: number(layout.number)?,
                is_fixed: told[layout.flags] & FIXED != 0,
                variable: number(layout.variable)?,
                fixed: number(layout.fixed)?,
                length: number(layout.length)?,
                // In place of the order of sorting.
                scale: if pages.is_old { told[10] } else { told[12] },
            });
        }
        let mut rest = rest.get(count * layout.column..).ok_or(DAMAGED)?;
        for column in &mut columns {
            (column.name, rest) = name(rest, pages.is_old, code).ok_or(DAMAGED)?;
        }
        let map = u32_at(&told, layout.map).ok_or(DAMAGED)?;
        Ok(Table { page, columns, map })
    }
}

/// The name that comes next, and what is behind it.
fn name(bytes: &[u8], is_old: bool, code: CodePage) -> Option<(String, &[u8])> {
    let (length, rest) = match is_old {
        true => (usize::from(*bytes.first()?), &bytes[1..]),
        false => (usize::from(u16_at(bytes, 0)?), &bytes[2..]),
    };
    let (name, rest) = rest.split_at_checked(length)?;
    Some((if is_old { code.decode(name) } else { utf16(name) }, rest))
}

/// A row that was taken apart.
pub struct Row<'r> {
    bytes: &'r [u8],
    is_old: bool,
    /// Bits that tell which columns hold something.
    mask: &'r [u8],
    /// Where the values without a fixed place begin, and where the last ends.
    places: Vec<usize>,
}

impl Row<'_> {
    /// Takes a row apart.
    pub fn of(bytes: &[u8], is_old: bool) -> Option<Row<'_>> {
        let count = match is_old {
            true => usize::from(*bytes.first()?),
            false => usize::from(u16_at(bytes, 0)?),
        };
        let (rest, mask) = bytes.split_at_checked(bytes.len().checked_sub(count.div_ceil(8))?)?;
        let places = if is_old { old_places(rest, bytes.len())? } else { places(rest)? };
        Some(Row { bytes, is_old, mask, places })
    }

    /// What it holds in a column: nothing, or the bytes of a value.
    fn value(&self, column: &Column) -> Option<&[u8]> {
        let is_there = self.mask.get(column.number / 8)? >> (column.number % 8) & 1 != 0;
        if column.kind == kind::FLAG {
            return Some(if is_there { &[1] } else { &[0] });
        }
        if !is_there {
            return None;
        }
        if column.is_fixed {
            let start = if self.is_old { 1 } else { 2 } + column.fixed;
            return self.bytes.get(start..start + column.length);
        }
        let start = *self.places.get(column.variable)?;
        self.bytes.get(start..*self.places.get(column.variable + 1)?)
    }

    /// What it holds in a column, as people see it.
    pub fn text(
        &self,
        column: &Column,
        pages: &mut Pages,
        code: CodePage,
    ) -> Result<Option<String>, Stop> {
        let Some(value) = self.value(column) else { return Ok(None) };
        let text = |value: &[u8]| if self.is_old { code.decode(value) } else { wide(value) };
        Ok(match column.kind {
            kind::TEXT => Some(text(value)),
            kind::MEMO => Some(text(&pages.long(value)?)),
            _ => shown(column, value),
        })
    }
}

/// Where values begin: numbers before the mask, the last one first.
fn places(rest: &[u8]) -> Option<Vec<usize>> {
    let count = usize::from(u16_at(rest, rest.len().checked_sub(2)?)?);
    let place = |i: usize| u16_at(rest, rest.len().checked_sub(4 + 2 * i)?).map(usize::from);
    (0..=count).map(place).collect()
}

/// The same in old rows, whose numbers have one byte: in between stands from which on they count 256 more.
fn old_places(rest: &[u8], length: usize) -> Option<Vec<usize>> {
    let count = usize::from(*rest.last()?);
    let at = |i: usize| rest.len().checked_sub(i).and_then(|at| rest.get(at)).copied();
    let room = length.checked_sub(1)? / 256;
    // The last may be there for nothing.
    let is_idle = rest.len().checked_sub(2 + room + count)? / 256 < room;
    let jumps = room - usize::from(is_idle);
    let (mut places, mut used) = (Vec::new(), 0);
    for i in 0..=count {
        while used < jumps && at(2 + used).map(usize::from) == Some(i) {
            used += 1;
        }
        places.push(usize::from(at(2 + room + i)?) + used * 256);
    }
    Some(places)
}

/// Text of wide characters. Where it begins with a mark it is packed: characters of one byte, and between zeros those
/// of two.
fn wide(value: &[u8]) -> String {
    let Some(packed) = value.strip_prefix(b"\xFF\xFE") else { return utf16(value) };
    let parts = packed.split(|byte| *byte == 0).enumerate();
    let part = |(i, part): (usize, &[u8])| match i % 2 {
        0 => part.iter().map(|byte| char::from(*byte)).collect(),
        _ => utf16(part),
    };
    parts.map(part).collect()
}

/// A value that is no text.
fn shown(column: &Column, value: &[u8]) -> Option<String> {
    let four = || value.first_chunk().copied();
    let eight = || value.first_chunk().copied();
    match column.kind {
        kind::BYTE => Some(value.first()?.to_string()),
        kind::SHORT => Some(u16_at(value, 0)?.cast_signed().to_string()),
        kind::LONG => Some(i32::from_le_bytes(four()?).to_string()),
        kind::BIG => Some(i64::from_le_bytes(eight()?).to_string()),
        kind::MONEY => Some(decimal(i64::from_le_bytes(eight()?).into(), 4)),
        kind::SINGLE => Some(plain(f32::from_le_bytes(four()?).into())),
        kind::DOUBLE => Some(plain(f64::from_le_bytes(eight()?))),
        kind::DATE => date(f64::from_le_bytes(eight()?)),
        kind::NUMERIC => numeric(value, column.scale),
        _ => None,
    }
}

/// A date, with the time of day where it is not midnight. Days count from one and their parts are never below it.
fn date(value: f64) -> Option<String> {
    if !(-700_000.0..3_000_000.0).contains(&value) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
    let [days, seconds] = [value.trunc() as i64, (value.fract().abs() * 86_400.0).round() as i64];
    let start = jiff::civil::date(1899, 12, 30).at(0, 0, 0, 0);
    let day = start.checked_add(jiff::Span::new().days(days)).ok()?;
    let time = day.checked_add(jiff::Span::new().seconds(seconds)).ok()?;
    let look = if seconds == 0 { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" };
    Some(time.strftime(look).to_string())
}

/// A number of so many digits behind the point, without zeros at its end.
fn decimal(value: i128, scale: u32) -> String {
    let unit = 10_u128.pow(scale);
    let (whole, part) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    let sign = if value < 0 { "-" } else { "" };
    if part == 0 {
        return format!("{sign}{whole}");
    }
    let part = format!("{part:0width$}", width = scale as usize);
    format!("{sign}{whole}.{}", part.trim_end_matches('0'))
}

/// A number of up to 28 digits: a sign, and four numbers of four bytes, the highest first.
fn numeric(value: &[u8], scale: u8) -> Option<String> {
    let (sign, digits) = value.split_first()?;
    let parts = digits.chunks_exact(4).take(4).map(|part| u32_at(part, 0).unwrap_or(0));
    let number = parts.fold(0_u128, |all, part| all << 32 | u128::from(part));
    let number = i128::try_from(number).ok()?;
    let scale = u32::from(scale).min(28);
    Some(decimal(if sign & 0x80 != 0 { -number } else { number }, scale))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn values_as_people_see_them() {
        let shown = |kind: u8, scale: u8, value: &[u8]| {
            shown(&Column { kind, scale, ..Column::default() }, value).unwrap_or_default()
        };
        assert_eq!(shown(kind::LONG, 0, &(-7_i32).to_le_bytes()), "-7");
        assert_eq!(shown(kind::MONEY, 0, &1_234_500_i64.to_le_bytes()), "123.45");
        assert_eq!(shown(kind::DATE, 0, &32874_f64.to_le_bytes()), "1990-01-01");
        assert_eq!(shown(kind::DATE, 0, &(-1.25_f64).to_le_bytes()), "1899-12-29 06:00:00");
        assert_eq!(shown(kind::DATE, 0, &32874.5_f64.to_le_bytes()), "1990-01-01 12:00:00");
        assert_eq!(shown(kind::DOUBLE, 0, &1_010_199_012_345_f64.to_le_bytes()), "1010199012345");
        let numeric = [&[0x80][..], &[0; 8], &2_u32.to_le_bytes(), &1_u32.to_le_bytes()].concat();
        assert_eq!(shown(kind::NUMERIC, 1, &numeric), "-858993459.3");
    }

    #[test]
    fn packed_text() {
        assert_eq!(wide(b"\xFF\xFEK\xE5re"), "Kåre");
        assert_eq!(wide(b"\xFF\xFEA\0\x34\x04\x34\x04\0b"), "Aддb");
        assert_eq!(wide(b"K\0a\0"), "Ka");
    }

    #[test]
    fn old_rows_count_on_behind_256() {
        // A fixed byte, then two values of 200 bytes.
        let values = [b'a'; 400];
        let ends = [146, 202, 2];
        let row = [&[2, 9][..], &values, &ends, &[2, 2, 0b11]].concat();
        let row = Row::of(&row, true).unwrap();
        assert_eq!(row.places, [2, 202, 402]);
    }
}
