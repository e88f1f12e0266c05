//! Old Excel workbooks (MS-XLS: BIFF8, and BIFF5 of Excel 95): every sheet, hidden ones too, row by row, with
//! numbers and dates as people see them; comments, text boxes, page headers and links are free text.
//! Records are read one after the other; only the shared strings are held.

use std::collections::HashMap;
use std::io::{BufReader, Read};

use super::codepage::{CodePage, DEFAULT, utf16};
use super::number::{Look, plain, without_codes};
use super::ole::{File, Stream, tell, u16_at, u32_at};
use crate::note::Reason;
use crate::readers::Stop;
use crate::readers::grid::{Grid, Row};
use crate::unit::{Sink, Text};

/// Shared strings are held up to this size.
const STRINGS: usize = 128 << 20;
/// A record with what continues it.
const RECORD: usize = 16 << 20;
/// Formats of cells (MS-XLS: 4,050) and of numbers.
const FORMATS: usize = 1 << 16;
/// Columns of a sheet.
const COLUMNS: usize = 256;
/// Text of a row.
const ROW: usize = 4 << 20;

mod record {
    pub const FORMULA: u16 = 0x0006;
    pub const HEADER: u16 = 0x0014;
    pub const FOOTER: u16 = 0x0015;
    pub const NOTE: u16 = 0x001C;
    pub const DATE_MODE: u16 = 0x0022;
    pub const FILE_PASS: u16 = 0x002F;
    pub const CONTINUE: u16 = 0x003C;
    pub const CODE_PAGE: u16 = 0x0042;
    pub const WRITE_ACCESS: u16 = 0x005C;
    pub const BOUND_SHEET: u16 = 0x0085;
    pub const MUL_RK: u16 = 0x00BD;
    pub const RICH_STRING: u16 = 0x00D6;
    pub const CELL_FORMAT: u16 = 0x00E0;
    pub const STRINGS: u16 = 0x00FC;
    pub const SHARED_STRING: u16 = 0x00FD;
    pub const TEXT_OBJECT: u16 = 0x01B6;
    pub const LINK: u16 = 0x01B8;
    pub const NUMBER: u16 = 0x0203;
    pub const LABEL: u16 = 0x0204;
    pub const STRING: u16 = 0x0207;
    pub const RK: u16 = 0x027E;
    pub const FORMAT: u16 = 0x041E;
    pub const OLD_FORMAT: u16 = 0x001E;
    pub const BEGIN: u16 = 0x0809;
    pub const END: u16 = 0x000A;
}

/// Reads a workbook.
///
/// # Errors
/// What the system reports; `Malformed` when a record is cut.
pub fn read(file: &mut File, name: &str, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let stream = file.open_stream(name)?;
    let mut records = Records { stream: BufReader::new(stream), at: 0, next: None };
    let mut book = Book::default();
    let result = book.records(&mut records, sink);
    book.end_sheet(sink);
    result
}

/// The records of a stream.
struct Records {
    stream: BufReader<Stream>,
    at: u64,
    /// Type and length of the record that comes next.
    next: Option<(u16, u16)>,
}

/// A record with those that continue it.
struct Record {
    kind: u16,
    at: u64,
    bytes: Vec<u8>,
    /// Where the bytes of each continuation start.
    joints: Vec<usize>,
}

impl Records {
    fn head(&mut self) -> Result<Option<(u16, u16)>, Stop> {
        if self.next.is_none() {
            let mut head = [0; 4];
            if self.stream.read(&mut head[..1])? == 0
                || self.stream.read_exact(&mut head[1..]).is_err()
            {
                return Ok(None);
            }
            self.at += 4;
            self.next = u16_at(&head, 0).zip(u16_at(&head, 2));
        }
        Ok(self.next)
    }

    fn body(&mut self, length: u16, into: &mut Vec<u8>) -> Result<(), Stop> {
        self.next = None;
        self.at += u64::from(length);
        let before = into.len();
        (&mut self.stream).take(u64::from(length)).read_to_end(into)?;
        if into.len() - before < usize::from(length) {
            return Err(Stop::Malformed("a record of the workbook is cut"));
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Record>, Stop> {
        let Some((kind, length)) = self.head()? else { return Ok(None) };
        let mut record = Record { kind, at: self.at - 4, bytes: Vec::new(), joints: Vec::new() };
        self.body(length, &mut record.bytes)?;
        // The shared strings come as a stream of their own.
        while kind != record::STRINGS
            && let Some((record::CONTINUE, length)) = self.head()?
            && record.bytes.len() < RECORD
        {
            record.joints.push(record.bytes.len());
            self.body(length, &mut record.bytes)?;
        }
        Ok(Some(record))
    }
}

#[derive(Default)]
struct Book {
    /// Names of the sheets by where they begin.
    sheets: HashMap<u64, String>,
    /// Whether texts are 8-bit (BIFF5).
    narrow: bool,
    page: Option<CodePage>,
    base: u32,
    looks: HashMap<u32, Look>,
    /// Per cell format, the format of its numbers.
    cells: Vec<u32>,
    strings: Strings,
    grid: Option<Grid>,
    row: Row,
    bytes: usize,
    number: u16,
    /// Sheets begun, with charts and macros in them.
    depth: usize,
    /// Cell of a formula whose text comes next.
    formula: Option<(u16, u16)>,
}

impl Book {
    fn records(&mut self, records: &mut Records, sink: &mut Sink<'_>) -> Result<(), Stop> {
        while let Some(record) = records.next()? {
            match record.kind {
                record::FILE_PASS => {
                    sink.note(Reason::Encrypted, "the workbook is encrypted");
                    return Ok(());
                }
                record::BEGIN => self.begin(&record, sink),
                record::END => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.end_sheet(sink);
                    }
                }
                record::STRINGS => self.strings.read(&record.bytes, records, sink)?,
                _ if self.globals(&record, sink) => {}
                _ => self.cell_record(&record, sink),
            }
        }
        Ok(())
    }

    fn begin(&mut self, record: &Record, sink: &mut Sink<'_>) {
        self.narrow = u16_at(&record.bytes, 0).is_some_and(|v| v < 0x0600);
        self.depth += 1;
        if self.depth > 1 {
            return;
        }
        self.end_sheet(sink);
        let name = self.sheets.get(&record.at).cloned();
        self.grid = name.map(Grid::new);
    }

    fn end_sheet(&mut self, sink: &mut Sink<'_>) {
        self.end_row(sink);
        if let Some(grid) = self.grid.take() {
            grid.end(sink);
        }
    }

    fn page(&self) -> CodePage {
        self.page.unwrap_or(DEFAULT)
    }

    /// A text with its length before it, of one or two bytes.
    fn text(&self, bytes: &[u8], wide_length: bool) -> String {
        let (length, rest) = match (wide_length, bytes) {
            (true, [a, b, rest @ ..]) => (usize::from(u16::from_le_bytes([*a, *b])), rest),
            (false, [a, rest @ ..]) => (usize::from(*a), rest),
            _ => return String::new(),
        };
        if self.narrow {
            return self.page().decode(&rest[..length.min(rest.len())]);
        }
        let Some((&flags, rest)) = rest.split_first() else { return String::new() };
        characters(&rest[skipped(flags).min(rest.len())..], length, flags)
    }

    /// What stands in the workbook's own part.
    fn globals(&mut self, record: &Record, sink: &mut Sink<'_>) -> bool {
        let bytes = record.bytes.as_slice();
        match record.kind {
            record::CODE_PAGE => {
                // 1200 says that texts are wide, which their flags tell.
                let number = u16_at(bytes, 0).unwrap_or(0);
                self.page =
                    Some(CodePage::numbered(if number == 0x8000 { 10_000 } else { number.into() }));
            }
            record::DATE_MODE if u16_at(bytes, 0) == Some(1) => self.base = 1462,
            record::BOUND_SHEET => {
                let name = self.text(bytes.get(6..).unwrap_or_default(), false);
                if let Some(at) = u32_at(bytes, 0).filter(|_| self.sheets.len() < FORMATS) {
                    self.sheets.insert(u64::from(at), name);
                }
            }
            record::FORMAT | record::OLD_FORMAT => {
                let code = self.text(bytes.get(2..).unwrap_or_default(), !self.narrow);
                if let Some(id) = u16_at(bytes, 0).filter(|_| self.looks.len() < FORMATS) {
                    self.looks.insert(u32::from(id), Look::of(&code));
                }
            }
            record::CELL_FORMAT if self.cells.len() < FORMATS => {
                self.cells.push(u16_at(bytes, 2).unwrap_or(0).into());
            }
            record::WRITE_ACCESS => {
                let user = self.text(bytes, !self.narrow);
                tell("properties", "last_modified_by", &user, sink);
            }
            record::HEADER | record::FOOTER => {
                let text = self.text(bytes, !self.narrow);
                free(&without_codes(&text), sink);
            }
            record::NOTE => self.note(bytes, sink),
            record::TEXT_OBJECT => text_object(record, sink),
            record::LINK => link(bytes, sink),
            _ => return false,
        }
        true
    }

    /// A comment: its author, and in old files its text.
    fn note(&self, bytes: &[u8], sink: &mut Sink<'_>) {
        if self.narrow {
            free(&self.page().decode(bytes.get(6..).unwrap_or_default()), sink);
            return;
        }
        let author = self.text(bytes.get(8..).unwrap_or_default(), true);
        tell("comments", "author", &author, sink);
    }

    fn cell_record(&mut self, record: &Record, sink: &mut Sink<'_>) {
        let bytes = record.bytes.as_slice();
        if record.kind == record::STRING {
            if let Some((row, column)) = self.formula.take() {
                let text = self.text_with_joints(record, 0);
                self.put(row, column, text, sink);
            }
            return;
        }
        let Some((row, column)) = u16_at(bytes, 0).zip(u16_at(bytes, 2)) else { return };
        let shown = match record.kind {
            record::SHARED_STRING => self.strings.get(u32_at(bytes, 6)),
            record::LABEL | record::RICH_STRING => Some(self.text_with_joints(record, 6)),
            record::NUMBER => double(bytes, 6).map(|v| self.shown(v, u16_at(bytes, 4))),
            record::RK => u32_at(bytes, 6).map(|v| self.shown(rk(v), u16_at(bytes, 4))),
            record::FORMULA => self.formula(row, column, bytes),
            record::MUL_RK => {
                self.many(row, column, bytes, sink);
                None
            }
            _ => None,
        };
        if let Some(shown) = shown {
            self.put(row, column, shown, sink);
        }
    }

    fn many(&mut self, row: u16, first: u16, bytes: &[u8], sink: &mut Sink<'_>) {
        let cells = bytes.get(4..).unwrap_or_default().chunks_exact(6);
        for (column, cell) in (first..).zip(cells) {
            let shown = self.shown(rk(u32_at(cell, 2).unwrap_or(0)), u16_at(cell, 0));
            self.put(row, column, shown, sink);
        }
    }

    /// What a formula came to: a number here, a text in the record behind it.
    fn formula(&mut self, row: u16, column: u16, bytes: &[u8]) -> Option<String> {
        if bytes.get(12..14) == Some(&[0xFF, 0xFF]) {
            self.formula = (bytes.get(6) == Some(&0)).then_some((row, column));
            return None;
        }
        double(bytes, 6).map(|v| self.shown(v, u16_at(bytes, 4)))
    }

    fn text_with_joints(&self, record: &Record, at: usize) -> String {
        let bytes = record.bytes.get(at..).unwrap_or_default();
        if self.narrow || record.joints.is_empty() {
            return self.text(bytes, true);
        }
        let length = u16_at(bytes, 0).unwrap_or(0).into();
        joined(record, at + 2, length)
    }

    fn shown(&self, value: f64, format: Option<u16>) -> String {
        let id = format.and_then(|f| self.cells.get(usize::from(f))).copied().unwrap_or(0);
        let numbered = Look::numbered(id);
        let look = self.looks.get(&id).unwrap_or(&numbered);
        look.show(value, self.base).unwrap_or_else(|| plain(value))
    }

    fn put(&mut self, row: u16, column: u16, text: String, sink: &mut Sink<'_>) {
        if row != self.number {
            self.end_row(sink);
            if row > self.number.saturating_add(1)
                && let Some(grid) = &mut self.grid
            {
                grid.gap(sink);
            }
            self.number = row;
        }
        let column = usize::from(column);
        if column >= COLUMNS || self.bytes > ROW {
            free(&text, sink);
            return;
        }
        if self.row.len() <= column {
            self.row.resize(column + 1, Vec::new());
        }
        self.bytes += text.len();
        self.row[column] = text.into_bytes();
    }

    fn end_row(&mut self, sink: &mut Sink<'_>) {
        self.bytes = 0;
        let row = std::mem::take(&mut self.row);
        match &mut self.grid {
            Some(grid) => grid.row(row, sink),
            None => free(&String::from_utf8_lossy(&row.join(&b' ')), sink),
        }
    }
}

fn free(text: &str, sink: &mut Sink<'_>) {
    let text = text.trim();
    if !text.is_empty() {
        let slot = sink.free_text();
        sink.text(slot, Text::whole(text.as_bytes(), 1, 0));
    }
}

/// Bytes between a text's flags and its characters: counts of formatting and of phonetic data.
fn skipped(flags: u8) -> usize {
    usize::from(flags & 8 != 0) * 2 + usize::from(flags & 4 != 0) * 4
}

/// So many characters, of one byte or two each.
fn characters(bytes: &[u8], length: usize, flags: u8) -> String {
    if flags & 1 == 0 {
        return bytes.iter().take(length).map(|b| char::from(*b)).collect();
    }
    utf16(&bytes[..(2 * length).min(bytes.len())])
}

/// A text that goes on in continuations, each of which has flags of its own.
fn joined(record: &Record, at: usize, length: usize) -> String {
    let mut text = String::new();
    let (mut at, mut left) = (at, length);
    while left > 0 {
        let Some(&flags) = record.bytes.get(at) else { break };
        let start = at + 1 + if text.is_empty() { skipped(flags) } else { 0 };
        let end = record.joints.iter().copied().find(|j| *j > at).unwrap_or(record.bytes.len());
        let Some(part) = record.bytes.get(start..end) else { break };
        text.push_str(&characters(part, left, flags));
        let here = part.len() / if flags & 1 == 0 { 1 } else { 2 };
        left = left.saturating_sub(here);
        at = end;
    }
    text
}

/// The text of a comment or a box stands in the first continuation.
fn text_object(record: &Record, sink: &mut Sink<'_>) {
    let length = u16_at(&record.bytes, 10).unwrap_or(0).into();
    if let Some(&at) = record.joints.first() {
        free(&joined(record, at, length), sink);
    }
}

/// A link's address is wide text somewhere in its record.
fn link(bytes: &[u8], sink: &mut Sink<'_>) {
    let wide = bytes.get(32..).unwrap_or_default();
    let text = utf16(&wide[..wide.len() / 2 * 2]);
    let kept: String = text.chars().map(|c| if c.is_ascii_graphic() { c } else { ' ' }).collect();
    free(&kept, sink);
}

fn double(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

/// A number in the short form: 30 bits of a double or of an integer, perhaps a hundred times the value.
fn rk(raw: u32) -> f64 {
    let value = if raw & 2 != 0 {
        f64::from(raw.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(raw & !3) << 32)
    };
    if raw & 1 != 0 { value / 100.0 } else { value }
}

/// The shared strings, one after the other.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    fn get(&self, number: Option<u32>) -> Option<String> {
        let i = usize::try_from(number?).ok()?;
        let end = *self.ends.get(i)?;
        let start = i.checked_sub(1).map_or(0, |i| self.ends[i]);
        Some(self.text[start..end].to_owned())
    }

    fn read(
        &mut self,
        first: &[u8],
        records: &mut Records,
        sink: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        let mut input = Input { part: first.get(8..).unwrap_or_default().to_vec(), at: 0, records };
        while let Some(length) = input.u16()? {
            let Some(flags) = input.u8()? else { break };
            let runs = if flags & 8 != 0 { input.u16()?.unwrap_or(0) } else { 0 };
            let phonetic = if flags & 4 != 0 { input.u32()? } else { 0 };
            let text = input.characters(length.into(), flags)?;
            input.skip(u64::from(runs) * 4 + u64::from(phonetic))?;
            if self.text.len() + text.len() > STRINGS {
                sink.note(Reason::Budget, "more shared strings than are held");
                break;
            }
            self.text.push_str(&text);
            self.ends.push(self.text.len());
        }
        Ok(())
    }
}

/// The bytes of the shared strings, through their continuations.
struct Input<'r> {
    part: Vec<u8>,
    at: usize,
    records: &'r mut Records,
}

impl Input<'_> {
    /// Makes the next continuation the part at hand, when the one before is used up.
    fn more(&mut self) -> Result<bool, Stop> {
        while self.at >= self.part.len() {
            let Some((record::CONTINUE, length)) = self.records.head()? else { return Ok(false) };
            (self.at, self.part) = (0, Vec::new());
            self.records.body(length, &mut self.part)?;
        }
        Ok(true)
    }

    fn u8(&mut self) -> Result<Option<u8>, Stop> {
        if !self.more()? {
            return Ok(None);
        }
        self.at += 1;
        Ok(Some(self.part[self.at - 1]))
    }

    fn u16(&mut self) -> Result<Option<u16>, Stop> {
        let (low, high) = (self.u8()?, self.u8()?);
        Ok(low.zip(high).map(|(low, high)| u16::from_le_bytes([low, high])))
    }

    fn u32(&mut self) -> Result<u32, Stop> {
        let (low, high) = (self.u16()?.unwrap_or(0), self.u16()?.unwrap_or(0));
        Ok(u32::from(high) << 16 | u32::from(low))
    }

    fn characters(&mut self, length: usize, mut flags: u8) -> Result<String, Stop> {
        let mut text = String::new();
        let mut left = length;
        while left > 0 {
            if self.at >= self.part.len() {
                // The rest of a text starts with flags again.
                match self.u8()? {
                    Some(again) => flags = again,
                    None => break,
                }
            }
            let width = 1 + usize::from(flags & 1);
            let part = &self.part[self.at..];
            let here = (part.len() / width).min(left);
            text.push_str(&characters(part, here, flags));
            // An odd byte at the end belongs to no character.
            self.at = if here < left { self.part.len() } else { self.at + here * width };
            left -= here;
        }
        Ok(text)
    }

    fn skip(&mut self, mut bytes: u64) -> Result<(), Stop> {
        while bytes > 0 && self.more()? {
            let here =
                (self.part.len() - self.at).min(usize::try_from(bytes).unwrap_or(usize::MAX));
            self.at += here;
            bytes -= here as u64;
        }
        Ok(())
    }
}
