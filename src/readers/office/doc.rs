//! Old Word documents (MS-DOC): the text of all subdocuments by the piece table, tables as fields by the
//! properties of paragraphs. Word 6 and 95 have their text in one stretch.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};

use super::codepage::{CodePage, DEFAULT, utf16};
use super::ole::{File, Stream, bytes, offset_at, tell, u16_at, u32_at};
use super::story::Story;
use crate::note::Reason;
use crate::readers::Stop;
use crate::unit::Sink;

/// The stream of tables is read up to this size.
const TABLES: u64 = 64 << 20;
/// Paragraphs in tables that are known by their end.
const MARKS: usize = 4 << 20;
/// Text is read in parts of this size.
const PART: u64 = 64 << 10;
/// The first version that has a piece table by rule: Word 97.
const WORD_97: u16 = 0x00C1;
/// Size of a page of paragraph properties.
const PAGE: usize = 512;

/// Reads a document.
///
/// # Errors
/// What the system reports; `Malformed` when the header or the piece table is.
pub fn read(file: &mut File, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut stream = file.open_stream("WordDocument")?;
    let mut fib = Vec::new();
    (&mut stream).take(2048).read_to_end(&mut fib)?;
    let flags = u16_at(&fib, 10).ok_or(Stop::Malformed("the document has no header"))?;
    if flags & 0x0100 != 0 {
        sink.note(Reason::Encrypted, "the document is encrypted");
        return Ok(());
    }
    let mut story = Story::default();
    let result = if u16_at(&fib, 2).unwrap_or(0) < WORD_97 {
        old(&mut stream, &fib, &mut story, sink)
    } else {
        let table = if flags & 0x0200 != 0 { "1Table" } else { "0Table" };
        let tables = bytes(file, table, TABLES).unwrap_or_default();
        people(&fib, &tables, sink);
        let marks = Marks::read(&mut stream, &fib, &tables);
        pieces(&mut stream, &fib, &tables, &marks, &mut story, sink)
    };
    story.end(sink);
    result
}

/// Offset and length of a structure in the stream of tables; they stand in pairs.
fn structure<'t>(fib: &[u8], tables: &'t [u8], number: usize) -> Option<&'t [u8]> {
    let at = 154 + 8 * number;
    let (start, length) = (offset_at(fib, at)?, offset_at(fib, at + 4)?);
    let rest = tables.get(start..)?;
    Some(&rest[..length.min(rest.len())])
}

const PARAGRAPH_PAGES: usize = 13;
const PIECES: usize = 33;
const COMMENT_AUTHORS: usize = 36;
const REVISION_AUTHORS: usize = 51;

/// Who commented on the text, and who changed it.
fn people(fib: &[u8], tables: &[u8], sink: &mut Sink<'_>) {
    let mut rest = structure(fib, tables, COMMENT_AUTHORS).unwrap_or_default();
    while let Some(length) = u16_at(rest, 0).map(usize::from).filter(|n| *n > 0) {
        let Some(name) = rest.get(2..2 + 2 * length) else { break };
        person("comments", name, sink);
        rest = &rest[2 + 2 * length..];
    }
    // The list of names starts with a mark of wide characters, a count and the size of what else there is.
    let Some(list) =
        structure(fib, tables, REVISION_AUTHORS).filter(|l| l.starts_with(&[0xFF, 0xFF]))
    else {
        return;
    };
    let mut rest = list.get(6..).unwrap_or_default();
    for _ in 0..u16_at(list, 2).unwrap_or(0) {
        let Some(length) = u16_at(rest, 0).map(usize::from) else { break };
        let Some(name) = rest.get(2..2 + 2 * length) else { break };
        person("changes", name, sink);
        rest = &rest[2 + 2 * length..];
    }
}

fn person(table: &str, name: &[u8], sink: &mut Sink<'_>) {
    let name = utf16(name);
    if name.trim() != "Unknown" {
        tell(table, "author", &name, sink);
    }
}

/// What a paragraph in a table is.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Inside,
    RowEnd,
}

/// Paragraphs in tables, by where in the stream they end.
#[derive(Default)]
struct Marks(HashMap<u32, Mark>);

impl Marks {
    fn read(stream: &mut Stream, fib: &[u8], tables: &[u8]) -> Marks {
        let mut marks = Marks::default();
        let list = structure(fib, tables, PARAGRAPH_PAGES).unwrap_or_default();
        let count = list.len().saturating_sub(4) / 8;
        for i in 0..count {
            let Some(number) = u32_at(list, 4 * (count + 1) + 4 * i) else { break };
            let mut page = [0; PAGE];
            let start = u64::from(number & 0x003F_FFFF) * PAGE as u64;
            let found =
                stream.seek(SeekFrom::Start(start)).and_then(|_| stream.read_exact(&mut page));
            if found.is_err() || marks.0.len() > MARKS {
                break;
            }
            marks.page(&page);
        }
        marks
    }

    fn page(&mut self, page: &[u8; PAGE]) {
        let count = usize::from(page[PAGE - 1]);
        for i in 0..count {
            let Some(end) = u32_at(page, 4 * (i + 1)) else { return };
            let Some(&at) = page.get(4 * (count + 1) + 13 * i) else { return };
            let at = usize::from(at) * 2;
            let Some(&words) = page.get(at).filter(|_| at > 0) else { continue };
            let (start, length) = match words {
                0 => (at + 2, page.get(at + 1).map_or(0, |n| usize::from(*n) * 2)),
                n => (at + 1, usize::from(n) * 2 - 1),
            };
            // The number of the style stands before the properties.
            let properties = page.get(start + 2..(start + length).min(PAGE)).unwrap_or_default();
            if let Some(mark) = mark(properties) {
                self.0.insert(end, mark);
            }
        }
    }
}

/// What the properties of a paragraph say of tables.
fn mark(mut rest: &[u8]) -> Option<Mark> {
    const IN_TABLE: u16 = 0x2416;
    const ROW_END: u16 = 0x2417;
    const TABLE: u16 = 0xD608;
    let mut mark = None;
    while let Some(code) = u16_at(rest, 0) {
        let value = rest.get(2).copied().unwrap_or(0);
        match code {
            ROW_END if value != 0 => return Some(Mark::RowEnd),
            IN_TABLE if value != 0 => mark = Some(Mark::Inside),
            _ => {}
        }
        let length = match code >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            _ if code == TABLE => u16_at(rest, 2).map_or(0, usize::from) + 1,
            _ => usize::from(value) + 1,
        };
        rest = rest.get(2 + length..).unwrap_or_default();
    }
    mark
}

/// The text, piece by piece.
fn pieces(
    stream: &mut Stream,
    fib: &[u8],
    tables: &[u8],
    marks: &Marks,
    story: &mut Story,
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    const BROKEN: Stop = Stop::Malformed("the document's piece table is damaged");
    let clx = structure(fib, tables, PIECES).ok_or(BROKEN)?;
    let list = piece_list(clx).ok_or(BROKEN)?;
    let count = list.len().saturating_sub(4) / 12;
    let mut budget = stream.len();
    for i in 0..count {
        let (from, to) = u32_at(list, 4 * i).zip(u32_at(list, 4 * i + 4)).ok_or(BROKEN)?;
        let place = u32_at(list, 4 * (count + 1) + 8 * i + 2).ok_or(BROKEN)?;
        let length = u64::from(to.checked_sub(from).ok_or(BROKEN)?);
        let narrow = place & 0x4000_0000 != 0;
        let place = u64::from(place & 0x3FFF_FFFF);
        let (start, size) = if narrow { (place / 2, length) } else { (place, length * 2) };
        // All text stands in the stream once.
        budget = budget.checked_sub(size).ok_or(BROKEN)?;
        let mut text = Text { page: narrow.then_some(DEFAULT), marks, story };
        text.stretch(stream, start, size, sink)?;
    }
    Ok(())
}

/// The list of pieces: it comes last, behind formatting of quick saves.
fn piece_list(mut clx: &[u8]) -> Option<&[u8]> {
    loop {
        match clx.first()? {
            1 => clx = clx.get(3 + usize::from(u16_at(clx, 1)?)..)?,
            2 => {
                let rest = clx.get(5..)?;
                return Some(&rest[..offset_at(clx, 1)?.min(rest.len())]);
            }
            _ => return None,
        }
    }
}

/// Word 6 and 95: one stretch of bytes.
fn old(
    stream: &mut Stream,
    fib: &[u8],
    story: &mut Story,
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    let (from, to) = u32_at(fib, 0x18)
        .zip(u32_at(fib, 0x1C))
        .ok_or(Stop::Malformed("the document has no header"))?;
    let marks = Marks::default();
    let mut text = Text { page: Some(DEFAULT), marks: &marks, story };
    text.stretch(stream, u64::from(from), u64::from(to.saturating_sub(from)), sink)
}

/// Text of one kind of characters.
struct Text<'a> {
    /// Their code page; without one they are UTF-16.
    page: Option<CodePage>,
    marks: &'a Marks,
    story: &'a mut Story,
}

impl Text<'_> {
    fn stretch(
        &mut self,
        stream: &mut Stream,
        start: u64,
        size: u64,
        sink: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        stream.seek(SeekFrom::Start(start.min(stream.len())))?;
        let (mut left, mut at) = (size, start);
        let mut part = Vec::new();
        while left > 0 {
            part.clear();
            let n = (&mut *stream).take(left.min(PART)).read_to_end(&mut part)? as u64;
            if n == 0 {
                return Err(Stop::Io(io::ErrorKind::UnexpectedEof.into()));
            }
            self.part(&part, u32::try_from(at).unwrap_or(u32::MAX), sink);
            (left, at) = (left - n, at + n);
        }
        Ok(())
    }

    fn part(&mut self, part: &[u8], at: u32, sink: &mut Sink<'_>) {
        let width = if self.page.is_some() { 1 } else { 2 };
        let mut from = 0;
        for (i, unit) in part.chunks(width).enumerate() {
            let high = unit.get(1).copied().unwrap_or(0);
            if high != 0 || unit[0] >= 0x20 {
                continue;
            }
            self.plain(&part[from..i * width], sink);
            from = (i + 1) * width;
            let end = at.saturating_add(u32::try_from(from).unwrap_or(u32::MAX));
            self.special(unit[0], end, sink);
        }
        self.plain(&part[from.min(part.len())..], sink);
    }

    fn plain(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        if !bytes.is_empty() {
            let text = self.page.map_or_else(|| utf16(bytes), |page| page.decode(bytes));
            self.story.text(text.as_bytes(), sink);
        }
    }

    /// A character that is a mark; `end` is where in the stream it ends.
    fn special(&mut self, mark: u8, end: u32, sink: &mut Sink<'_>) {
        let place = self.marks.0.get(&end);
        match mark {
            7 if place == Some(&Mark::RowEnd) => self.story.row(sink),
            7 if self.marks.0.is_empty() => self.story.text(b"\n", sink),
            7 => self.story.cell(sink),
            0x0D | 0x0C => self.story.paragraph(place.is_some(), sink),
            0x0B | 0x0E => self.story.text(b"\n", sink),
            // A field begins, its result begins, it ends; a hyphen that does not break.
            9 | 0x13..=0x15 => self.story.text(b" ", sink),
            0x1E => self.story.text(b"-", sink),
            _ => {}
        }
    }
}
