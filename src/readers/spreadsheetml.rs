//! Workbooks that Excel 2003 and report tools write as one XML document: the rows of every sheet are those of a table.
//!
//! Microsoft, "XML Spreadsheet Reference" (Office XP and 2003): `ss:Index` counts rows and columns from 1.

use super::drive::{Passage, drive};
use super::grid::{Grid, Row};
use super::markup::{Handler, Markup, Part, Place, behind_prolog, first_tag, local};
use super::{Format, Head};
use crate::unit::Sink;

/// XML Spreadsheet 2003.
pub static FORMAT: Format = Format {
    id: "spreadsheetml",
    name: "Excel 2003 XML workbooks",
    extensions: &["xml", "xls"],
    fields: "sheet.column",
    isolated: false,
    beside: &[],
    sniff,
    read: |source, sink| drive(source, sink, &mut Markup::new(Book::default())),
};

fn sniff(head: &Head<'_>) -> bool {
    const NAMESPACE: &[u8] = b"urn:schemas-microsoft-com:office:spreadsheet";
    let start = head.trimmed();
    let is_book = |name: &[u8]| local(name) == b"Workbook";
    start.starts_with(b"<")
        && first_tag(behind_prolog(start)).is_some_and(is_book)
        && memchr::memmem::find(start, NAMESPACE).is_some()
}

/// Columns that are told apart, and rows that an index may skip to.
const COLUMNS: usize = 16_384;
/// Bytes of a row that is held.
const ROW: usize = 1 << 20;

#[derive(Default)]
struct Book {
    grid: Option<Grid>,
    sheets: usize,
    row: Row,
    bytes: usize,
    /// The number of the row at hand, and the column that the next cell stands in, from 0.
    number: u64,
    column: usize,
    /// Whether we are in the value of a cell, and whether that is a date.
    in_data: bool,
    is_date: bool,
    in_comment: bool,
    /// The element at hand.
    tag: Vec<u8>,
    /// Text beside cells: remarks, what the page shows above and below, who made the file.
    beside: Passage,
}

impl Book {
    fn end_sheet(&mut self, sink: &mut Sink<'_>) {
        self.end_row(sink);
        if let Some(grid) = self.grid.take() {
            grid.end(sink);
        }
        self.number = 0;
    }

    fn begin_sheet(&mut self, name: &[u8]) {
        self.sheets += 1;
        let number = format!("Sheet{}", self.sheets);
        let name = String::from_utf8_lossy(name).into_owned();
        self.grid = Some(Grid::new(if name.is_empty() { number } else { name }));
    }

    fn end_row(&mut self, sink: &mut Sink<'_>) {
        (self.column, self.bytes, self.in_data) = (0, 0, false);
        let row = std::mem::take(&mut self.row);
        if let Some(grid) = self.grid.as_mut().filter(|_| !row.is_empty()) {
            grid.row(row, sink);
        }
    }

    /// A row or a cell stands further on than behind the one before.
    fn index(&mut self, number: &[u8], sink: &mut Sink<'_>) {
        let number = std::str::from_utf8(number).ok().and_then(|n| n.trim().parse::<u64>().ok());
        let Some(number) = number.filter(|n| *n > 0) else { return };
        match &self.tag[..] {
            b"Row" => {
                if number > self.number
                    && let Some(grid) = &mut self.grid
                {
                    grid.gap(sink);
                }
                self.number = number;
            }
            b"Cell" => self.column = usize::try_from(number - 1).unwrap_or(COLUMNS),
            _ => {}
        }
    }

    fn end_cell(&mut self) {
        if let Some(cell) = self.row.get_mut(self.column).filter(|_| self.is_date) {
            // What has no time of day has midnight.
            let date = cell.strip_suffix(b"T00:00:00.000").map(<[u8]>::len);
            cell.truncate(date.unwrap_or(cell.len()));
        }
        (self.in_data, self.is_date) = (false, false);
        self.column += 1;
    }
}

impl Handler for Book {
    const HTML: bool = false;

    fn open(&mut self, name: &[u8], _: Place, sink: &mut Sink<'_>) {
        self.tag.clear();
        self.tag.extend_from_slice(local(name));
        match &self.tag[..] {
            b"Worksheet" => self.end_sheet(sink),
            b"Table" if self.grid.is_none() => self.begin_sheet(b""),
            b"Row" => {
                self.end_row(sink);
                self.number += 1;
            }
            b"Comment" => self.in_comment = true,
            b"Data" => self.in_data = !self.in_comment,
            _ => {}
        }
    }

    fn attribute(&mut self, name: &[u8], part: Part<'_>, sink: &mut Sink<'_>) {
        let is_whole = part.last && part.at == 0;
        match (&self.tag[..], local(name)) {
            (b"Worksheet", b"Name") if is_whole => self.begin_sheet(part.text),
            (b"Row" | b"Cell", b"Index") if is_whole => self.index(part.text, sink),
            (b"Data", b"Type") => self.is_date = part.text == b"DateTime",
            (b"Cell", b"HRef") | (b"Comment", b"Author") => {
                self.beside.add(part.text, 1, 0, sink);
                if part.last {
                    self.beside.pause(sink);
                }
            }
            _ => {}
        }
    }

    fn opened(&mut self, closed: bool, sink: &mut Sink<'_>) -> bool {
        if closed {
            let tag = std::mem::take(&mut self.tag);
            self.close(&tag, sink);
        }
        false
    }

    fn close(&mut self, name: &[u8], sink: &mut Sink<'_>) {
        match local(name) {
            b"Worksheet" => self.end_sheet(sink),
            b"Row" => self.end_row(sink),
            b"Cell" => self.end_cell(),
            b"Data" => self.in_data = false,
            b"Comment" => {
                self.in_comment = false;
                self.beside.pause(sink);
            }
            _ if !self.in_data => self.beside.pause(sink),
            _ => {}
        }
    }

    fn text(&mut self, text: &[u8], place: Place, sink: &mut Sink<'_>) {
        if !self.in_data || self.column >= COLUMNS || self.bytes + text.len() > ROW {
            return self.beside.add(text, place.line, place.offset, sink);
        }
        if self.row.len() <= self.column {
            self.row.resize(self.column + 1, Vec::new());
        }
        self.bytes += text.len();
        self.row[self.column].extend_from_slice(text);
    }

    fn loose(&mut self, text: &[u8], place: Place, sink: &mut Sink<'_>) {
        if text.is_empty() {
            self.beside.pause(sink);
        } else {
            self.beside.add(text, place.line, place.offset, sink);
        }
    }

    fn fault(&self, cut: bool) -> Option<&'static str> {
        let is_cut = cut || self.grid.is_some();
        is_cut.then_some("the XML ends before its elements do: it may be cut")
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        self.end_sheet(sink);
        self.beside.end(sink);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::drive::testing::read;
    use super::*;

    const TEXT: &str = "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>\n\
        <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">\
        <DocumentProperties><Author>Siv</Author></DocumentProperties>\
        <ss:Worksheet ss:Name=\"Liste\"><Table><Row><Cell><Data ss:Type=\"String\">Navn</Data></Cell>\
        <Cell ss:Index=\"3\"><Data ss:Type=\"String\">Telefon</Data></Cell><Cell><Data>Født</Data></Cell></Row>\n\
        <Row><Cell><Data ss:Type=\"String\">Kari &amp; <B>Ola</B></Data><Comment ss:Author=\"Per\"><Data>ring</Data></Comment></Cell>\
        <Cell ss:Index=\"3\"><Data ss:Type=\"Number\">22</Data></Cell>\
        <Cell><Data ss:Type=\"DateTime\">1961-05-04T00:00:00.000</Data></Cell></Row>\
        <Row ss:Index=\"4\"><Cell/><Cell ss:Index=\"3\"><Data>23</Data></Cell></Row></Table></ss:Worksheet></Workbook>\n";

    #[test]
    fn sheets_are_tables() {
        let (all, why, _) = read(TEXT.as_bytes(), FORMAT.read);
        assert_eq!(why, None);
        let cells =
            |field| all.field(Some("Liste"), field).into_iter().map(|v| v.1).collect::<Vec<_>>();
        assert_eq!(cells("Navn"), ["Kari & Ola", ""]);
        assert_eq!(cells("Telefon"), ["22", "23"]);
        assert_eq!(cells("Født")[0], "1961-05-04");
        for text in ["Siv", "Per", "ring"] {
            assert!(all.text().contains(text), "{text}");
        }
        let cut = read(&TEXT.as_bytes()[..TEXT.len() - 40], FORMAT.read);
        assert!(cut.1.is_some());
    }

    #[test]
    fn is_told() {
        let told = |t: &str| super::super::sniff(&Head::new(t.as_bytes(), true, "")).id;
        assert_eq!(told(TEXT), "spreadsheetml");
        assert_eq!(told("<Workbook><a>1</a></Workbook>"), "xml");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn arbitrary(words in prop::collection::vec(prop::sample::select(vec![
            "<Workbook>", "<Worksheet ss:Name='x'>", "</Worksheet>", "<Table>", "<Row>", "<Row ss:Index='9'>", "<Row/>", "</Row>",
            "<Cell>", "<Cell ss:Index='0'>", "<Cell ss:Index='999999999'>", "<Data>", "x", "</Data>", "</Cell>", "<!--", "-->",
        ]), 0..40)) {
            read(words.concat().as_bytes(), FORMAT.read);
        }
    }
}
