//! An earlier record of processing, as people left it: CSV or XLSX, columns in any order, with more or fewer of
//! them.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use calamine::{Data, Range, Reader as _, Xlsx, open_workbook_from_rs};

use super::columns::{self, ID, folded};
use crate::escape;

/// Largest file that is taken for a record of processing.
const MOST_BYTES: u64 = 256 << 20;

/// A record: its headings, and its rows, each as long as the headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// Where our columns stand.
    places: HashMap<&'static str, usize>,
}

impl Record {
    /// Reads a record from a file.
    ///
    /// # Errors
    /// A file that is neither CSV in UTF-8 nor XLSX, without the id column, or in which a heading or an id
    /// stands twice: each says what to do.
    pub fn read(path: &Path) -> Result<Record> {
        let context = || format!("--previous {}", path.display());
        let file = std::fs::File::open(path).with_context(context)?;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).with_context(context)?;
        ensure!(bytes.len() as u64 <= MOST_BYTES, "{}: larger than 256 MiB", context());
        let record = if bytes.starts_with(b"PK") { of_xlsx(bytes) } else { of_csv(&bytes) };
        record.and_then(Record::checked).with_context(context)
    }

    /// A record with these headings.
    pub(super) fn new(headings: Vec<String>, rows: Vec<Vec<String>>) -> Record {
        let ours = headings.iter().enumerate().rev();
        let places = ours.filter_map(|(at, h)| Some((columns::ours(h)?.0, at))).collect();
        Record { headings, rows, places }
    }

    /// The place of one of our columns.
    pub(super) fn column(&self, heading: &str) -> Option<usize> {
        self.places.get(heading).copied()
    }

    /// Fills in a cell of one of our columns.
    pub(super) fn put(&self, row: &mut [String], heading: &str, cell: String) {
        if let Some(place) = self.column(heading).and_then(|at| row.get_mut(at)) {
            *place = cell;
        }
    }

    /// A cell of a row, empty where the record has no such column.
    pub(super) fn cell<'r>(&self, row: &'r [String], heading: &str) -> &'r str {
        self.column(heading).and_then(|at| row.get(at)).map_or("", |cell| cell.trim())
    }

    fn checked(self) -> Result<Record> {
        ensure!(
            self.column(ID).is_some(),
            "there is no column {ID:?}: it ties rows to the inventory and has to stay; restore it from the \
             backup, or leave --previous out to start a new record"
        );
        let mut seen = BTreeMap::new();
        for (at, heading) in (1..).zip(&self.headings) {
            if let Some(first) = seen.insert(folded(heading), at).filter(|_| !heading.is_empty()) {
                bail!(
                    "two columns are called {:?} (columns {first} and {at}): rename one of them",
                    escape::terminal(heading)
                );
            }
        }
        let mut seen = BTreeMap::new();
        for (at, row) in (2..).zip(&self.rows) {
            let id = self.cell(row, ID);
            if let Some(first) = seen.insert(id, at).filter(|_| !id.is_empty()) {
                bail!(
                    "rows {first} and {at} have the same {ID:?} ({}): remove one, or empty the id of a row that \
                     you added",
                    escape::terminal(id)
                );
            }
        }
        Ok(self)
    }

    /// From rows of which the first holds the headings; empty rows and columns at the end are dropped.
    fn of_rows(mut rows: impl Iterator<Item = Vec<String>>) -> Record {
        let mut headings = rows.next().unwrap_or_default();
        let mut rows: Vec<Vec<String>> =
            rows.filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
        let widest = rows.iter().map(Vec::len).max().unwrap_or(0).max(headings.len());
        headings.resize(widest, String::new());
        rows.iter_mut().for_each(|row| row.resize(widest, String::new()));
        let used = |at: &usize| {
            !headings[*at].is_empty() || rows.iter().any(|r| !r[*at].trim().is_empty())
        };
        let width = (0..widest).rev().find(used).map_or(0, |last| last + 1);
        headings.truncate(width);
        rows.iter_mut().for_each(|row| row.truncate(width));
        Record::new(headings, rows)
    }
}

fn of_csv(bytes: &[u8]) -> Result<Record> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).ok().context(
        "neither XLSX nor CSV in UTF-8: in the spreadsheet, save as XLSX or as \"CSV UTF-8\"",
    )?;
    let first = text.lines().next().unwrap_or_default();
    // Spreadsheets write what their country lists with.
    let delimiter = [b';', b'\t', b','].into_iter().find(|&d| {
        let mut reader = csv::ReaderBuilder::new().delimiter(d).from_reader(first.as_bytes());
        reader.headers().is_ok_and(|h| h.iter().any(|h| folded(h) == ID))
    });
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let plain = |row: csv::StringRecord| row.iter().map(escape::plain_cell).collect();
    let rows: Vec<Vec<String>> =
        reader.records().map(|row| row.map(plain)).collect::<Result<_, _>>().context("not CSV")?;
    Ok(Record::of_rows(rows.into_iter()))
}

fn of_xlsx(bytes: Vec<u8>) -> Result<Record> {
    let mut book: Xlsx<_> =
        open_workbook_from_rs(Cursor::new(bytes)).context("not a readable XLSX workbook")?;
    let mut first = None;
    for name in book.sheet_names() {
        let range = book
            .worksheet_range(&name)
            .with_context(|| format!("sheet {:?} cannot be read", escape::terminal(&name)))?;
        let record = of_range(&range);
        if record.column(ID).is_some() {
            return Ok(record);
        }
        first.get_or_insert(record);
    }
    first.context("the workbook has no sheets")
}

fn of_range(range: &Range<Data>) -> Record {
    Record::of_rows(range.rows().map(|row| row.iter().map(text).collect()))
}

/// A cell as people see it; dates in the form of ISO 8601.
fn text(cell: &Data) -> String {
    match cell {
        Data::DateTime(date) if date.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            let day = format!("{year:04}-{month:02}-{day:02}");
            match (hour, minute, second) {
                (0, 0, 0) => day,
                _ => format!("{day} {hour:02}:{minute:02}:{second:02}"),
            }
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        format!("{:#}", of_csv(text.as_bytes()).and_then(Record::checked).unwrap_err())
    }

    #[test]
    fn any_delimiter_and_order_is_read() {
        for text in [
            "Remarks,Datakart ID\n\"a, b\",1\n",
            "\u{feff}Remarks;datakart  id;;\r\n\"a, b\";1;;\r\n;;;\r\n",
            "Remarks\tdatakart id\na, b\t1\n",
        ] {
            let record = of_csv(text.as_bytes()).unwrap().checked().unwrap();
            assert_eq!(record.rows, [["a, b", "1"]], "{text:?}");
            assert_eq!(record.cell(&record.rows[0], "Remarks"), "a, b");
            assert_eq!(record.cell(&record.rows[0], "DPIA"), "");
        }
    }

    #[test]
    fn what_a_formula_was_guarded_with_goes() {
        let record = of_csv(b"Remarks,datakart id\n'+47 900 00 000,1\n").unwrap();
        assert_eq!(record.rows[0][0], "+47 900 00 000");
    }

    #[test]
    fn what_people_typed_in_a_workbook_is_read_as_they_see_it() {
        use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

        let mut book = Workbook::new();
        book.add_worksheet().write_string(0, 0, "notes").unwrap();
        let sheet = book.add_worksheet();
        let headings = ["Remarks", ID, "Date of review", "DPIA", "Reviewed by"];
        for (column, heading) in (0..).zip(headings) {
            sheet.write_string(2, column, heading).unwrap();
        }
        let day = ExcelDateTime::from_ymd(2026, 11, 3).unwrap();
        let date = Format::new().set_num_format("dd.mm.yyyy");
        sheet.write_string(3, 1, "1").unwrap();
        sheet.write_datetime_with_format(3, 2, &day, &date).unwrap();
        sheet.write_boolean(3, 3, true).unwrap();
        sheet.write_number(3, 4, 5.0).unwrap();
        let record = of_xlsx(book.save_to_buffer().unwrap()).unwrap().checked().unwrap();
        assert_eq!(
            record.headings, headings,
            "the sheet with the ids, from its first row with content"
        );
        assert_eq!(record.rows, [["", "1", "2026-11-03", "true", "5"]]);
    }

    #[test]
    fn errors_say_what_to_do() {
        assert!(error("Remarks,id\na,1\n").contains("there is no column \"datakart id\""));
        assert!(error("").contains("there is no column"));
        assert!(error("datakart id,Datakart id\n1,2\n").contains("rename one"));
        assert!(error("datakart id\n1\n2\n1\n").starts_with("rows 2 and 4 have the same"));
        let latin = of_csv(b"datakart id,R\xf8d\n").unwrap_err();
        assert!(format!("{latin:#}").contains("CSV UTF-8"));
        assert!(of_xlsx(b"PK\x03\x04 broken".to_vec()).is_err());
        // Rows that people added have no id, and may be several.
        assert!(of_csv(b"datakart id,Remarks\n,a\n,b\n").unwrap().checked().is_ok());
    }
}
