//! Excel workbooks: every sheet, hidden ones too, row by row. Numbers and dates as people see them.

use std::collections::HashMap;

use super::number::{Look, plain, without_codes};
use super::{others, part, properties, texts};
use crate::note::Reason;
use crate::readers::Stop;
use crate::readers::drive::drive;
use crate::readers::grid::{Grid, Row};
use crate::readers::markup::{Handler, Markup, Part, Place, local};
use crate::readers::zip::Archive;
use crate::source::Source;
use crate::unit::Sink;

/// Shared strings are held up to this size.
const STRINGS: usize = 128 << 20;
/// Columns of a sheet (ECMA-376: 16,384).
const COLUMNS: usize = 16_384;
/// A cell's text (Excel: 32,767 characters).
const CELL: usize = 1 << 20;
/// Formats of numbers, and of cells.
const FORMATS: usize = 1 << 16;

/// Reads a workbook.
///
/// # Errors
/// None: what goes wrong with a part becomes a note.
pub fn read(archive: &Archive, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut sheets = Sheets::default();
    markup(archive, "xl/workbook.xml", &mut sheets, sink);
    let mut targets = Targets::default();
    markup(archive, "xl/_rels/workbook.xml.rels", &mut targets, sink);
    let mut styles = Styles::default();
    markup(archive, "xl/styles.xml", &mut styles, sink);
    let mut strings = Strings::default();
    markup(archive, "xl/sharedStrings.xml", &mut strings, sink);
    let mut seen = Vec::new();
    for (name, id) in &sheets.all {
        let Some(target) = targets.0.get(id) else { continue };
        let path = match target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None => format!("xl/{target}"),
        };
        sheet(archive, &path, name, &strings, &styles, sheets.base, sink);
        seen.push(path);
    }
    // A sheet that the workbook does not list, or that is listed in another way, is read all the same.
    let unlisted = archive.entries.iter().map(|e| &e.name);
    for path in unlisted.filter(|n| n.starts_with("xl/worksheets/") && n.ends_with(".xml")) {
        if !seen.contains(path) {
            let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".xml");
            sheet(archive, path, name, &strings, &styles, sheets.base, sink);
        }
    }
    beside_sheets(archive, sink);
    properties(archive, sink);
    other_members(archive, sink);
    Ok(())
}

/// Reads comments, and who made them, and what stands in drawings.
pub fn beside_sheets(archive: &Archive, sink: &mut Sink<'_>) {
    let is_text = |name: &str| is_beside_sheets(name) || super::is_diagram(name);
    texts(archive, is_text, &super::flow::SLIDES, sink);
}

/// Whether a part holds comments, those who made them, or a drawing.
pub fn is_beside_sheets(name: &str) -> bool {
    let starts = ["xl/comments", "xl/threadedComments/", "xl/drawings/drawing", "xl/persons/"];
    name.ends_with(".xml") && starts.iter().any(|start| name.starts_with(start))
}

/// Hands on what else is in a workbook. The values in a chart are those of cells.
pub fn other_members(archive: &Archive, sink: &mut Sink<'_>) {
    let is_read = |name: &str| {
        is_beside_sheets(name) || name.starts_with("xl/comments") || name.starts_with("xl/charts/")
    };
    others::members(archive, is_read, sink);
}

fn markup<H: Handler + Default>(
    archive: &Archive,
    name: &str,
    handler: &mut H,
    sink: &mut Sink<'_>,
) {
    part(archive, name, sink, |source, sink| {
        let mut markup = Markup::new(std::mem::take(handler));
        let result = drive(source, sink, &mut markup);
        *handler = markup.into_handler();
        result
    });
}

fn sheet(
    archive: &Archive,
    path: &str,
    name: &str,
    strings: &Strings,
    styles: &Styles,
    base: u32,
    sink: &mut Sink<'_>,
) {
    part(archive, path, sink, |source: &mut Source, sink| {
        let mut markup = Markup::new(Sheet {
            strings,
            styles,
            base,
            grid: Some(Grid::new(name)),
            row: Row::new(),
            number: 0,
            in_row: false,
            bytes: 0,
            column: 0,
            in_margin: false,
            margin: Vec::new(),
            kind: Kind::Number,
            style: 0,
            text: Vec::new(),
            in_value: false,
            phonetic: false,
        });
        drive(source, sink, &mut markup)
    });
}

fn whole<'t>(part: &Part<'t>) -> Option<&'t str> {
    (part.last && part.at == 0).then(|| std::str::from_utf8(part.text).ok()).flatten()
}

/// Names of the sheets with the ids of their parts.
#[derive(Default)]
struct Sheets {
    all: Vec<(String, String)>,
    /// Days that dates count from behind 1899-12-30: 1462 where they count from 1904.
    base: u32,
    in_sheet: bool,
}

impl Handler for Sheets {
    const HTML: bool = false;
    fn open(&mut self, name: &[u8], _: Place, _: &mut Sink<'_>) {
        self.in_sheet = local(name) == b"sheet";
        if self.in_sheet {
            self.all.push(Default::default());
        }
    }
    fn attribute(&mut self, name: &[u8], part: Part<'_>, _: &mut Sink<'_>) {
        let Some(text) = whole(&part) else { return };
        if name == b"date1904" && matches!(text, "1" | "true") {
            self.base = 1462;
        }
        let Some(last) = self.all.last_mut().filter(|_| self.in_sheet) else { return };
        match name {
            b"name" if last.0.is_empty() => last.0 = text.to_owned(),
            _ if local(name) == b"id" && name.contains(&b':') && last.1.is_empty() => {
                last.1 = text.to_owned();
            }
            _ => {}
        }
    }
}

/// Where the parts of ids are.
#[derive(Default)]
struct Targets(HashMap<String, String>, String, String);

impl Handler for Targets {
    const HTML: bool = false;
    fn open(&mut self, _: &[u8], _: Place, _: &mut Sink<'_>) {
        (self.1, self.2) = Default::default();
    }
    fn attribute(&mut self, name: &[u8], part: Part<'_>, _: &mut Sink<'_>) {
        let Some(text) = whole(&part) else { return };
        match local(name) {
            b"Id" => self.1 = text.to_owned(),
            b"Target" => self.2 = text.to_owned(),
            _ => {}
        }
    }
    fn opened(&mut self, _: bool, _: &mut Sink<'_>) -> bool {
        self.0.insert(std::mem::take(&mut self.1), std::mem::take(&mut self.2));
        false
    }
}

/// How cells of each style show numbers.
#[derive(Default)]
struct Styles {
    /// Looks of number formats by their id.
    looks: HashMap<u32, Look>,
    /// Per cell style, its number format's id.
    cells: Vec<u32>,
    in_cells: bool,
    tag: Vec<u8>,
    id: u32,
    code: String,
}

impl Styles {
    fn look(&self, style: usize) -> Look {
        let id = self.cells.get(style).copied().unwrap_or(0);
        self.looks.get(&id).cloned().unwrap_or_else(|| Look::numbered(id))
    }
}

impl Handler for Styles {
    const HTML: bool = false;
    fn open(&mut self, name: &[u8], _: Place, _: &mut Sink<'_>) {
        self.tag = local(name).to_vec();
        (self.id, self.code) = Default::default();
    }
    fn attribute(&mut self, name: &[u8], part: Part<'_>, _: &mut Sink<'_>) {
        let Some(text) = whole(&part) else { return };
        match local(name) {
            b"numFmtId" => self.id = text.parse().unwrap_or(0),
            b"formatCode" => self.code = text.to_owned(),
            _ => {}
        }
    }
    fn opened(&mut self, _: bool, _: &mut Sink<'_>) -> bool {
        match self.tag.as_slice() {
            b"numFmt" if self.looks.len() < FORMATS => {
                self.looks.insert(self.id, Look::of(&self.code));
            }
            b"cellXfs" => self.in_cells = true,
            b"xf" if self.in_cells && self.cells.len() < FORMATS => self.cells.push(self.id),
            _ => {}
        }
        false
    }
    fn close(&mut self, name: &[u8], _: &mut Sink<'_>) {
        if local(name) == b"cellXfs" {
            self.in_cells = false;
        }
    }
}

/// The shared strings, one after the other.
#[derive(Default)]
struct Strings {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    in_text: bool,
    phonetic: bool,
    full: bool,
}

impl Strings {
    fn get(&self, i: usize) -> Option<&[u8]> {
        let end = *self.ends.get(i)? as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        Some(&self.bytes[start..end])
    }
}

impl Handler for Strings {
    const HTML: bool = false;
    fn open(&mut self, name: &[u8], _: Place, _: &mut Sink<'_>) {
        match local(name) {
            b"t" => self.in_text = true,
            b"rPh" => self.phonetic = true,
            _ => {}
        }
    }
    fn opened(&mut self, closed: bool, _: &mut Sink<'_>) -> bool {
        self.in_text &= !closed;
        false
    }
    fn close(&mut self, name: &[u8], _: &mut Sink<'_>) {
        match local(name) {
            b"t" => self.in_text = false,
            b"rPh" => self.phonetic = false,
            b"si" => self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)),
            _ => {}
        }
    }
    fn text(&mut self, text: &[u8], _: Place, sink: &mut Sink<'_>) {
        if !self.in_text || self.phonetic {
            return;
        }
        if self.bytes.len() + text.len() > STRINGS {
            if !self.full {
                sink.note(
                    Reason::Budget,
                    "more shared strings than are held; the rest is searched as text",
                );
                self.full = true;
            }
            let free = sink.free_text();
            sink.text(free, crate::unit::Text::whole(text, 1, 0));
        } else {
            self.bytes.extend_from_slice(text);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Number,
    Shared,
    Text,
}

struct Sheet<'a> {
    strings: &'a Strings,
    styles: &'a Styles,
    base: u32,
    grid: Option<Grid>,
    row: Row,
    /// The number of the last row, and whether we are in the tag of one.
    number: u32,
    in_row: bool,
    bytes: usize,
    column: usize,
    kind: Kind,
    style: usize,
    text: Vec<u8>,
    in_value: bool,
    phonetic: bool,
    /// Whether we are in the text above or below a printed page.
    in_margin: bool,
    margin: Vec<u8>,
}

impl Sheet<'_> {
    /// A row of this number begins; those before it that are not there are a gap.
    fn begin_row(&mut self, number: &Part<'_>, sink: &mut Sink<'_>) {
        let Some(number) = whole(number).and_then(|text| text.parse().ok()) else { return };
        if number > self.number.saturating_add(1)
            && let Some(grid) = &mut self.grid
        {
            grid.gap(sink);
        }
        self.number = number;
    }

    fn end_cell(&mut self) {
        let text = std::mem::take(&mut self.text);
        let shown = match self.kind {
            Kind::Text => text,
            Kind::Shared => {
                let index = std::str::from_utf8(&text).ok().and_then(|t| t.trim().parse().ok());
                index.and_then(|i| self.strings.get(i)).unwrap_or(b"").to_vec()
            }
            Kind::Number => number(&text, &self.styles.look(self.style), self.base),
        };
        if !shown.is_empty() && self.column < COLUMNS && self.bytes < 4 * CELL {
            if self.row.len() <= self.column {
                self.row.resize(self.column + 1, Vec::new());
            }
            self.bytes += shown.len();
            self.row[self.column] = shown;
        }
        self.column += 1;
    }
}

/// A number as it is shown, digits where it is whole.
fn number(text: &[u8], look: &Look, base: u32) -> Vec<u8> {
    let written = std::str::from_utf8(text).unwrap_or("").trim();
    let Ok(value) = written.parse::<f64>() else { return text.to_vec() };
    if let Some(shown) = look.show(value, base) {
        return shown.into_bytes();
    }
    let exponent = written.contains(['e', 'E']);
    if exponent { plain(value).into_bytes() } else { written.as_bytes().to_vec() }
}

/// The column of a reference such as `AB12`, from 0.
fn column_of(reference: &[u8]) -> Option<usize> {
    let letters = reference.iter().take_while(|b| b.is_ascii_alphabetic());
    let n = letters
        .take(4)
        .fold(0usize, |n, b| n * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1);
    n.checked_sub(1)
}

impl Handler for Sheet<'_> {
    const HTML: bool = false;
    fn open(&mut self, name: &[u8], _: Place, _: &mut Sink<'_>) {
        self.in_row = local(name) == b"row";
        match local(name) {
            b"c" => {
                (self.kind, self.style) = (Kind::Number, 0);
                self.text.clear();
            }
            b"row" => self.column = 0,
            b"v" | b"t" => self.in_value = true,
            b"rPh" => self.phonetic = true,
            name => self.in_margin = name.ends_with(b"Header") || name.ends_with(b"Footer"),
        }
    }
    fn attribute(&mut self, name: &[u8], part: Part<'_>, sink: &mut Sink<'_>) {
        match name {
            b"r" if self.in_row => self.begin_row(&part, sink),
            b"r" => {
                if let Some(column) = column_of(part.text) {
                    self.column = column;
                }
            }
            b"t" => {
                self.kind = match part.text {
                    b"s" => Kind::Shared,
                    b"n" => Kind::Number,
                    _ => Kind::Text,
                };
            }
            b"s" => self.style = whole(&part).and_then(|t| t.parse().ok()).unwrap_or(0),
            _ => {}
        }
    }
    fn opened(&mut self, closed: bool, _: &mut Sink<'_>) -> bool {
        self.in_value &= !closed;
        false
    }
    fn close(&mut self, name: &[u8], sink: &mut Sink<'_>) {
        match local(name) {
            b"v" | b"t" => self.in_value = false,
            b"rPh" => self.phonetic = false,
            b"c" => self.end_cell(),
            _ if self.in_margin => {
                self.in_margin = false;
                let text = without_codes(&String::from_utf8_lossy(&self.margin));
                self.margin.clear();
                let free = sink.free_text();
                sink.text(free, crate::unit::Text::whole(text.as_bytes(), 1, 0));
            }
            b"row" => {
                self.bytes = 0;
                let row = std::mem::take(&mut self.row);
                if let Some(grid) = &mut self.grid {
                    grid.row(row, sink);
                }
            }
            _ => {}
        }
    }
    fn text(&mut self, text: &[u8], _: Place, _: &mut Sink<'_>) {
        if self.in_value && !self.phonetic && self.text.len() < CELL {
            self.text.extend_from_slice(text);
        }
        if self.in_margin && self.margin.len() < CELL {
            self.margin.extend_from_slice(text);
        }
    }
    fn end(&mut self, sink: &mut Sink<'_>) {
        if let Some(mut grid) = self.grid.take() {
            grid.row(std::mem::take(&mut self.row), sink);
            grid.end(sink);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_see_them() {
        let shown =
            |text: &str, look| String::from_utf8(number(text.as_bytes(), &look, 0)).unwrap();
        assert_eq!(shown("45357", Look::Date), "2024-03-06");
        assert_eq!(shown("1.0101901234E10", Look::Plain), "10101901234");
        assert_eq!(shown("1019012345", Look::of("00000000000")), "01019012345");
        assert_eq!(shown("3.5", Look::Plain), "3.5");
        assert_eq!(
            (column_of(b"A1"), column_of(b"AB12"), column_of(b"12")),
            (Some(0), Some(27), None)
        );
    }
}
