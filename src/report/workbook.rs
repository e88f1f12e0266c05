//! Workbooks (XLSX): sheets with a heading row that stays in view, a filter, and cells that are never formulas.

use std::io::{self, Write};

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use crate::escape;

/// Rows that a sheet can have, the heading included.
const MOST_ROWS: u32 = 1_048_576;
/// Widest column, in characters.
const WIDEST: usize = 50;

/// Who a column is for, shown by the colour of its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shade {
    /// Filled in by the scanner: grey.
    Scanner,
    /// For people: yellow.
    People,
}

/// What a cell holds, where its text is of that form; all else stays text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, whatever it looks like.
    Text,
    /// A number; `about 1,204` is one that shows as an estimate.
    Number,
    /// A share of one, shown in per cent.
    Share,
    /// `true` or `false`.
    Flag,
    /// A day, as in `2026-10-01`.
    Day,
}

/// What stands before estimates.
pub(super) const ABOUT: &str = "about ";

/// One sheet, filled row by row.
pub(super) struct Sheet {
    sheet: Worksheet,
    widths: Vec<usize>,
    row: u32,
    column: u16,
}

fn fault(error: XlsxError) -> io::Error {
    io::Error::other(error.to_string())
}

/// The day that a text of the form `2026-10-01` names.
fn day(text: &str) -> Option<ExcelDateTime> {
    let day: jiff::civil::Date = text.parse().ok().filter(|_| text.len() == 10)?;
    let (month, of_month) = (day.month().unsigned_abs(), day.day().unsigned_abs());
    ExcelDateTime::from_ymd(day.year().unsigned_abs(), month, of_month).ok()
}

impl Sheet {
    /// A sheet with these headings.
    ///
    /// # Errors
    /// A name or heading that XLSX does not allow.
    pub fn new<H: AsRef<str>>(name: &str, headings: &[H]) -> io::Result<Sheet> {
        let mut sheet = Worksheet::new();
        sheet.set_name(name).map_err(fault)?;
        sheet.set_freeze_panes(1, 0).map_err(fault)?;
        let bold = Format::new().set_bold();
        for (column, heading) in (0..).zip(headings) {
            let text = escape::sheet_cell(heading.as_ref());
            sheet.write_string_with_format(0, column, text.as_ref(), &bold).map_err(fault)?;
        }
        let widths = headings.iter().map(|h| h.as_ref().chars().count()).collect();
        Ok(Sheet { sheet, widths, row: 1, column: 0 })
    }

    /// Colours a heading.
    ///
    /// # Errors
    /// A column outside the sheet.
    pub fn shade(&mut self, column: usize, heading: &str, shade: Shade) -> io::Result<()> {
        let colour = match shade {
            Shade::Scanner => 0x00D9_D9D9,
            Shade::People => 0x00FF_F2CC,
        };
        let format = Format::new().set_bold().set_background_color(colour);
        let column = u16::try_from(column).map_err(io::Error::other)?;
        let text = escape::sheet_cell(heading);
        self.sheet.write_string_with_format(0, column, text.as_ref(), &format).map_err(fault)?;
        Ok(())
    }

    /// The next cell, as text whatever it looks like.
    ///
    /// # Errors
    /// A cell outside the sheet.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        let cell = escape::sheet_cell(text);
        if !cell.is_empty() {
            // Without wrapping a cell of several lines shows as one.
            let top = Format::new().set_align(FormatAlign::Top);
            let format = if cell.contains('\n') { top.set_text_wrap() } else { top };
            let (row, column) = (self.row, self.column);
            self.sheet
                .write_string_with_format(row, column, cell.as_ref(), &format)
                .map_err(fault)?;
        }
        self.widen(cell.lines().next().unwrap_or("").chars().count());
        Ok(())
    }

    /// The next cell, as what it is: spreadsheets add numbers up and sort days, and leave texts alone.
    ///
    /// # Errors
    /// A cell outside the sheet.
    pub fn cell(&mut self, text: &str, kind: Kind) -> io::Result<()> {
        let top = Format::new().set_align(FormatAlign::Top);
        let (sheet, row, column) = (&mut self.sheet, self.row, self.column);
        let number = || text.trim_start_matches(ABOUT).replace(',', "").parse::<f64>().ok();
        let written = match kind {
            Kind::Text => None,
            Kind::Number => number().map(|number| {
                let estimate = if text.starts_with(ABOUT) { "\"about \"0" } else { "General" };
                sheet.write_number_with_format(row, column, number, &top.set_num_format(estimate))
            }),
            Kind::Share => number().map(|number| {
                sheet.write_number_with_format(row, column, number, &top.set_num_format("0.0%"))
            }),
            Kind::Flag => text
                .parse()
                .ok()
                .map(|flag| sheet.write_boolean_with_format(row, column, flag, &top)),
            Kind::Day => day(text).map(|day| {
                sheet.write_datetime_with_format(
                    row,
                    column,
                    &day,
                    &top.set_num_format("yyyy-mm-dd"),
                )
            }),
        };
        let Some(written) = written else { return self.text(text) };
        written.map_err(fault)?;
        self.widen(text.len().max(8));
        Ok(())
    }

    fn widen(&mut self, width: usize) {
        if let Some(widest) = self.widths.get_mut(usize::from(self.column)) {
            *widest = width.max(*widest);
        }
        self.column += 1;
    }

    /// Ends the row.
    ///
    /// # Errors
    /// When the sheet is full.
    pub fn end_row(&mut self) -> io::Result<()> {
        self.row += 1;
        self.column = 0;
        if self.row == MOST_ROWS {
            return Err(io::Error::other(
                "more rows than a spreadsheet can hold (1,048,576): use the csv form, or parquet",
            ));
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<Worksheet> {
        for (column, width) in (0u16..).zip(&self.widths) {
            let width = u8::try_from((*width).clamp(8, WIDEST) + 2).unwrap_or(u8::MAX);
            self.sheet.set_column_width(column, f64::from(width)).map_err(fault)?;
        }
        if let (Some(last), true) = (self.widths.len().checked_sub(1), self.row > 1) {
            let last = u16::try_from(last).unwrap_or(u16::MAX);
            self.sheet.autofilter(0, 0, self.row - 1, last).map_err(fault)?;
        }
        Ok(self.sheet)
    }
}

/// Writes the workbook. It carries no time of its making, so equal sheets give equal bytes.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn save(sheets: Vec<Sheet>, out: &mut dyn Write) -> io::Result<()> {
    let mut workbook = Workbook::new();
    let date = ExcelDateTime::from_ymd(2000, 1, 1).map_err(fault)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&date));
    for sheet in sheets {
        workbook.push_worksheet(sheet.finish()?);
    }
    let bytes = workbook.save_to_buffer().map_err(fault)?;
    out.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};

    use super::*;

    #[test]
    fn cells_are_text_and_the_bytes_are_the_same_each_time() {
        let make = || {
            let mut sheet = Sheet::new("S", &["a", "b"]).unwrap();
            sheet.text("=1+1").unwrap();
            sheet.cell("2.5", Kind::Number).unwrap();
            sheet.cell("about 1,204", Kind::Number).unwrap();
            sheet.cell("true", Kind::Flag).unwrap();
            sheet.cell("2026-10-01", Kind::Day).unwrap();
            sheet.cell("2026-10", Kind::Day).unwrap();
            sheet.cell("2.5", Kind::Text).unwrap();
            sheet.end_row().unwrap();
            let mut bytes = Vec::new();
            save(vec![sheet], &mut bytes).unwrap();
            bytes
        };
        let bytes = make();
        assert_eq!(bytes, make());
        let mut book: Xlsx<_> = open_workbook_from_rs(io::Cursor::new(bytes)).unwrap();
        assert!(book.worksheet_formula("S").unwrap().is_empty());
        let range = book.worksheet_range("S").unwrap();
        assert_eq!(range.get((1, 0)), Some(&Data::String("=1+1".to_owned())));
        let cell = |column| range.get((1, column)).unwrap();
        assert_eq!(cell(1), &Data::Float(2.5));
        assert_eq!(cell(2), &Data::Float(1204.0), "sums count estimates");
        assert_eq!(cell(3), &Data::Bool(true));
        assert!(matches!(cell(4), Data::DateTime(_)), "{:?}", cell(4));
        assert_eq!(cell(5), &Data::String("2026-10".to_owned()), "a month is no day");
        assert_eq!(cell(6), &Data::String("2.5".to_owned()));
    }
}
