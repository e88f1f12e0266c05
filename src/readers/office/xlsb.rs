//! Excel workbooks in their binary form (MS-XLSB), as the library `calamine` takes them apart: every sheet, hidden ones
//! too, row by row.

use std::io::BufReader;

use calamine::{DataRef, Reader as _, Xlsb, XlsbError};

use super::number::plain;
use super::{embedded, properties};
use crate::note::Reason;
use crate::readers::Stop;
use crate::readers::grid::{Grid, Row};
use crate::readers::zip::Archive;
use crate::source::Section;
use crate::unit::Sink;

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
    properties(archive, sink);
    embedded(archive, sink);
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
