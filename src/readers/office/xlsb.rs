//! Excel workbooks in their binary form (MS-XLSB), as the library `calamine` takes them apart: every sheet, hidden ones
//! too, row by row.

use std::io::BufReader;

use calamine::{DataRef, Reader as _, Xlsb, XlsbError};

use super::codepage::utf16;
use super::number::plain;
use super::{part, properties, xlsx};
use crate::note::Reason;
use crate::readers::Stop;
use crate::readers::grid::{Grid, Row};
use crate::readers::zip::Archive;
use crate::source::{Section, Source};
use crate::unit::{Sink, Text};

/// Columns of a sheet.
const COLUMNS: usize = 16_384;

/// Reads a workbook.
///
/// # Errors
/// `Malformed` when it cannot be opened; a damaged sheet becomes a note.
pub fn read(archive: &Archive, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut book = Xlsb::new(BufReader::new(archive.whole()))
        .map_err(|_| Stop::Malformed("the workbook is damaged"))?;
    for name in book.sheet_names() {
        let mut grid = Grid::new(&name);
        if sheet(&mut book, &name, &mut grid, sink).is_err() {
            sink.note(Reason::Malformed, "a sheet is damaged: what came before was read");
        }
        grid.end(sink);
    }
    for entry in archive.entries.iter().filter(|e| is_comments(&e.name)) {
        part(archive, &entry.name, sink, comments);
    }
    xlsx::beside_sheets(archive, sink);
    properties(archive, sink);
    xlsx::other_members(archive, sink);
    Ok(())
}

fn sheet(
    book: &mut Xlsb<BufReader<Section>>,
    name: &str,
    grid: &mut Grid,
    sink: &mut Sink<'_>,
) -> Result<(), XlsbError> {
    let mut cells = book.worksheet_cells_reader(name)?;
    let (mut row, mut number) = (Row::new(), 0);
    while let Some(cell) = cells.next_cell()? {
        let (at, column) = cell.get_position();
        if at != number {
            grid.row(std::mem::take(&mut row), sink);
        }
        if at > number + 1 {
            grid.gap(sink);
        }
        number = at;
        let column = usize::try_from(column).unwrap_or(COLUMNS);
        if column < COLUMNS {
            row.resize(row.len().max(column + 1), Vec::new());
            row[column] = shown(cell.get_value()).into_bytes();
        }
    }
    grid.row(row, sink);
    Ok(())
}

fn is_comments(name: &str) -> bool {
    name.starts_with("xl/comments") && name.ends_with(".bin")
}

/// The texts of comments and the names of who wrote them (`BrtCommentText`, `BrtCommentAuthor`).
fn comments(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    const AUTHOR: u32 = 632;
    const TEXT: u32 = 637;
    /// Longest record: a comment has 32,767 letters at most, with fonts for each of them.
    const LONGEST: usize = 1 << 20;
    let damaged = Stop::Malformed("comments are damaged: what came before was read");
    let slot = sink.free_text();
    for number in 1.. {
        if source.peek(1)?.is_empty() {
            break;
        }
        let Some(kind) = bits(source, 2)? else { return Err(damaged) };
        let Some(length) = bits(source, 4)?.and_then(|n| usize::try_from(n).ok()) else {
            return Err(damaged);
        };
        let Some(record) = source.peek(length.min(LONGEST))?.get(..length) else {
            return Err(damaged);
        };
        // A text may be followed by its fonts; a byte before it says so.
        let text = match kind {
            AUTHOR => letters(record),
            TEXT => record.get(1..).and_then(letters),
            _ => None,
        };
        if let Some(text) = text {
            sink.text(slot, Text::whole(text.as_bytes(), number, 0));
        }
        source.consume(length);
    }
    Ok(())
}

/// A number in seven bits a byte, of so many bytes at most.
fn bits(source: &mut Source, most: u32) -> Result<Option<u32>, Stop> {
    let mut number = 0;
    for at in 0..most {
        let Some(&byte) = source.peek(1)?.first() else { return Ok(None) };
        source.consume(1);
        number |= u32::from(byte & 0x7F) << (7 * at);
        if byte < 0x80 {
            break;
        }
    }
    Ok(Some(number))
}

/// A length in letters and so many of them.
fn letters(record: &[u8]) -> Option<String> {
    let (length, rest) = record.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?.checked_mul(2)?;
    Some(utf16(rest.get(..length)?))
}

/// A value as people see it.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => plain(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(is) => is.to_string(),
        DataRef::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::drive::testing::read as run;

    fn record(kind: u16, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        let mut bytes = vec![(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8];
        bytes.push(length & 0x7F | 0x80);
        bytes.push(length >> 7);
        bytes.extend_from_slice(content);
        bytes
    }

    fn text(text: &str) -> Vec<u8> {
        let letters: Vec<u16> = text.encode_utf16().collect();
        let length = u32::try_from(letters.len()).unwrap().to_le_bytes();
        [&length[..], &letters.into_iter().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()
    }

    #[test]
    fn comments_are_text() {
        let all = [
            record(628, &[]),
            record(632, &text("Siv Lie")),
            record(635, &[0; 36]),
            record(637, &[&[1][..], &text("Ring Kåre på 22 33 44 55"), &[7; 9]].concat()),
            record(636, &[]),
        ];
        let bytes = all.concat();
        let (told, why, _) = run(&bytes, comments);
        assert_eq!(why, None);
        assert!(
            told.text().contains("Siv Lie") && told.text().contains("Ring Kåre på 22 33 44 55")
        );
        let (told, why, _) = run(&bytes[..40], comments);
        assert!(why.is_some() && told.text().contains("Siv Lie"));
    }
}
