//! The flow of a document: paragraphs, and tables with their rows, in the tags of each family.

use crate::readers::drive::Passage;
use crate::readers::grid::{Grid, Row};
use crate::readers::markup::{Handler, Part, Place, local};
use crate::unit::Sink;

/// What a family's tags are called, without prefix.
pub struct Tags {
    /// Elements whose text counts; empty when all text does.
    text: &'static [&'static str],
    paragraph: &'static [&'static str],
    tab: &'static [&'static str],
    line_break: &'static [&'static str],
    table: &'static str,
    row: &'static str,
    cell: &'static [&'static str],
    /// Notes, boxes and deleted text in the middle of a paragraph.
    aside: &'static [&'static str],
    /// What stands beside the text of a note: dates, initials; and what says the same again.
    quiet: &'static [&'static str],
}

/// WordprocessingML.
pub static WORD: Tags = Tags {
    text: &["t", "delText", "instrText"],
    paragraph: &["p"],
    tab: &["tab"],
    line_break: &["br", "cr"],
    table: "tbl",
    row: "tr",
    cell: &["tc"],
    aside: &["txbxContent", "del", "moveFrom"],
    quiet: &["Fallback"],
};

/// DrawingML in slides.
pub static SLIDES: Tags = Tags {
    text: &["t", "text"],
    paragraph: &["p", "cm"],
    tab: &["tab"],
    line_break: &["br"],
    table: "tbl",
    row: "tr",
    cell: &["tc"],
    aside: &[],
    quiet: &["Fallback"],
};

/// OpenDocument.
pub static OPEN: Tags = Tags {
    text: &[],
    paragraph: &["p", "h"],
    tab: &["tab", "s"],
    line_break: &["line-break"],
    table: "table",
    row: "table-row",
    cell: &["table-cell", "covered-table-cell"],
    aside: &["annotation", "note", "change-info"],
    quiet: &["note-citation", "creator-initials", "sender-initials"],
};

/// Tables within tables that are told apart.
const NESTED: usize = 16;
/// Cells of a row at most; what comes after belongs to the last one.
const CELLS: usize = 16_384;
/// A cell keeps no more than this; what comes after is free text.
const CELL: usize = 1 << 20;
/// An empty cell is repeated up to this often.
const REPEATED: usize = 1024;

struct Open {
    grid: Grid,
    row: Row,
    /// The cell at hand and how often it stands there.
    cell: Option<(Vec<u8>, usize)>,
    bytes: usize,
}

/// A document part on its way to the sink.
pub struct Flow {
    tags: &'static Tags,
    numbered: usize,
    tables: Vec<Open>,
    deeper: usize,
    prose: Passage,
    /// The element that has begun, its attributes so far.
    tag: Vec<u8>,
    name: Vec<u8>,
    repeat: usize,
    /// How deep we are in elements whose text counts.
    in_text: usize,
    /// Notes that are open, and how many tables were when the first began.
    asides: usize,
    outer_tables: usize,
    /// Their text, until the paragraph they stand in is done.
    held: Vec<u8>,
    /// Elements open that say nothing of their own.
    quiet: usize,
    /// Whether the text at hand is a name of who wrote a note, and the name so far.
    in_author: bool,
    author: Vec<u8>,
    place: Place,
}

impl Flow {
    /// `numbered` tables came before, in other parts.
    pub fn new(tags: &'static Tags, numbered: usize) -> Flow {
        Flow {
            tags,
            numbered,
            tables: Vec::new(),
            deeper: 0,
            prose: Passage::default(),
            tag: Vec::new(),
            name: Vec::new(),
            repeat: 1,
            in_text: 0,
            asides: 0,
            outer_tables: 0,
            held: Vec::new(),
            quiet: 0,
            in_author: false,
            author: Vec::new(),
            place: Place::default(),
        }
    }

    /// How many tables there were.
    pub fn tables(&self) -> usize {
        self.numbered
    }

    /// Whether text belongs to a note, and not to a table in it.
    fn in_aside(&self) -> bool {
        self.asides > 0 && self.tables.len() <= self.outer_tables
    }

    fn add(&mut self, text: &[u8], sink: &mut Sink<'_>) {
        if self.in_aside() && self.held.len() < CELL {
            self.held.extend_from_slice(text);
            return;
        }
        let cell = self.tables.last_mut().and_then(|t| t.cell.as_mut());
        if let Some((cell, _)) = cell.filter(|c| c.0.len() + text.len() <= CELL) {
            cell.extend_from_slice(text);
        } else {
            self.prose.add(text, self.place.line, self.place.offset, sink);
        }
    }

    fn end_paragraph(&mut self, sink: &mut Sink<'_>) {
        if self.in_aside() {
            self.held.push(b'\n');
            return;
        }
        match self.tables.last_mut().and_then(|t| t.cell.as_mut()) {
            Some((cell, _)) => cell.push(b' '),
            None => self.prose.pause(sink),
        }
        self.hand_on_held(sink);
    }

    fn hand_on_held(&mut self, sink: &mut Sink<'_>) {
        if !self.held.is_empty() && self.asides == 0 {
            self.prose.add(&self.held, self.place.line, self.place.offset, sink);
            self.prose.pause(sink);
            self.held.clear();
        }
    }

    /// Whether an element holds the name of who wrote a note.
    fn is_author(&self, tag: &[u8]) -> bool {
        tag == b"author" || (tag == b"creator" && self.asides > 0)
    }

    /// Whether an element says nothing of its own.
    fn is_quiet(&self, tag: &[u8]) -> bool {
        is(self.tags.quiet, tag) || (tag == b"date" && self.asides > 0)
    }

    fn begin_aside(&mut self) {
        if self.asides == 0 {
            self.outer_tables = self.tables.len();
        }
        self.asides += 1;
    }

    fn end_aside(&mut self) {
        self.asides = self.asides.saturating_sub(1);
        self.held.push(b'\n');
    }

    /// Who wrote a note or changed the text.
    fn end_author(&mut self, sink: &mut Sink<'_>) {
        self.in_author = false;
        let name = std::mem::take(&mut self.author);
        if !name.trim_ascii().is_empty() {
            let slot = sink.slot(Some("comments"), Some("author"));
            sink.value(slot, 1, name.trim_ascii());
        }
    }

    fn end_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        let Some((cell, times)) = table.cell.take() else { return };
        let times =
            if cell.trim_ascii().is_empty() { times.min(REPEATED) } else { times.min(CELLS) };
        for _ in 0..times {
            if table.row.len() < CELLS && table.bytes < CELL {
                table.bytes += cell.len();
                table.row.push(cell.clone());
            } else if let Some(last) = table.row.last_mut().filter(|l| l.len() < CELL) {
                last.push(b' ');
                last.extend_from_slice(&cell);
                return;
            }
        }
    }

    fn end_row(&mut self, sink: &mut Sink<'_>) {
        self.end_cell();
        if let Some(table) = self.tables.last_mut() {
            table.bytes = 0;
            table.grid.row(std::mem::take(&mut table.row), sink);
        }
    }

    fn end_table(&mut self, sink: &mut Sink<'_>) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        self.end_row(sink);
        if let Some(table) = self.tables.pop() {
            table.grid.end(sink);
        }
    }

    fn open_table(&mut self, sink: &mut Sink<'_>) {
        self.prose.pause(sink);
        if self.tables.len() >= NESTED {
            self.deeper += 1;
            return;
        }
        self.numbered += 1;
        let name = match self.name.is_empty() {
            true => format!("table{}", self.numbered),
            false => String::from_utf8_lossy(&self.name).into_owned(),
        };
        let (grid, row) = (Grid::new(name), Row::new());
        self.tables.push(Open { grid, row, cell: None, bytes: 0 });
    }
}

fn is(list: &[&str], name: &[u8]) -> bool {
    list.iter().any(|n| n.as_bytes() == name)
}

impl Handler for Flow {
    const HTML: bool = false;

    fn open(&mut self, name: &[u8], place: Place, _: &mut Sink<'_>) {
        self.tag.clear();
        self.tag.extend_from_slice(local(name));
        self.name.clear();
        self.repeat = 1;
        self.place = place;
    }

    fn attribute(&mut self, name: &[u8], part: Part<'_>, _: &mut Sink<'_>) {
        if !part.last || part.at > 0 {
            return;
        }
        match local(name) {
            b"author" | b"displayName" => self.author = part.text.to_vec(),
            b"name" if matches!(self.tag.as_slice(), b"cmAuthor" | b"author") => {
                self.author = part.text.to_vec();
            }
            b"name" => self.name.extend_from_slice(part.text),
            b"number-columns-repeated" => {
                let n = std::str::from_utf8(part.text).ok().and_then(|t| t.parse().ok());
                self.repeat = n.unwrap_or(1);
            }
            _ => {}
        }
    }

    fn opened(&mut self, closed: bool, sink: &mut Sink<'_>) -> bool {
        let tag = std::mem::take(&mut self.tag);
        let tags = self.tags;
        if !self.author.is_empty() {
            self.end_author(sink);
        }
        if self.is_quiet(&tag) {
            self.quiet += 1;
        } else if is(tags.aside, &tag) {
            self.begin_aside();
        } else if self.is_author(&tag) {
            self.in_author = true;
        } else if is(tags.cell, &tag) {
            self.end_cell();
            let repeat = self.repeat;
            if let Some(table) = self.tables.last_mut() {
                table.cell = Some((Vec::new(), repeat));
            }
        } else if tag == tags.table.as_bytes() {
            self.open_table(sink);
        } else if is(tags.tab, &tag) {
            self.add(b" ", sink);
        } else if is(tags.line_break, &tag) {
            self.add(b"\n", sink);
        } else if is(tags.text, &tag) {
            self.in_text += 1;
        }
        if closed {
            self.close(&tag, sink);
        }
        self.tag = tag;
        false
    }

    fn close(&mut self, name: &[u8], sink: &mut Sink<'_>) {
        let (name, tags) = (local(name), self.tags);
        if self.is_quiet(name) {
            self.quiet = self.quiet.saturating_sub(1);
        } else if is(tags.aside, name) {
            self.end_aside();
        } else if self.in_author {
            self.end_author(sink);
        } else if is(tags.text, name) {
            self.in_text = self.in_text.saturating_sub(1);
        } else if is(tags.paragraph, name) {
            self.end_paragraph(sink);
        } else if is(tags.cell, name) {
            self.end_cell();
        } else if name == tags.row.as_bytes() {
            self.end_row(sink);
        } else if name == tags.table.as_bytes() {
            self.end_table(sink);
        }
    }

    fn text(&mut self, text: &[u8], place: Place, sink: &mut Sink<'_>) {
        self.place = place;
        if self.in_author {
            if self.author.len() < CELL {
                self.author.extend_from_slice(text);
            }
            return;
        }
        if self.quiet > 0 {
            return;
        }
        if self.in_text > 0 || (self.tags.text.is_empty() && !text.trim_ascii().is_empty()) {
            self.add(text, sink);
        }
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        while !self.tables.is_empty() {
            self.deeper = 0;
            self.end_table(sink);
        }
        self.asides = 0;
        self.hand_on_held(sink);
        self.prose.end(sink);
    }
}

/// Document properties: each element with text is a field of the table `properties`.
#[derive(Default)]
pub struct Properties {
    tag: Vec<u8>,
    named: Vec<u8>,
    text: Vec<u8>,
}

impl Handler for Properties {
    const HTML: bool = false;

    fn open(&mut self, name: &[u8], _: Place, _: &mut Sink<'_>) {
        let name = local(name);
        // The value of a custom property stands in an element that tells its type.
        if name.is_empty() || !self.tag.eq_ignore_ascii_case(b"property") {
            self.named.clear();
        }
        self.tag = name.to_vec();
        self.text.clear();
    }

    fn attribute(&mut self, name: &[u8], part: Part<'_>, _: &mut Sink<'_>) {
        if local(name) == b"name" && part.last && part.at == 0 {
            self.named = part.text.to_vec();
        }
    }

    fn close(&mut self, _: &[u8], sink: &mut Sink<'_>) {
        let text = std::mem::take(&mut self.text);
        if text.trim_ascii().is_empty() {
            return;
        }
        let name = if self.named.is_empty() { &self.tag } else { &self.named };
        let name = match name.as_slice() {
            // Dublin Core's and OpenDocument's words for who wrote it.
            b"creator" | b"initial-creator" => "author".into(),
            b"lastModifiedBy" => "last_modified_by".into(),
            other => String::from_utf8_lossy(other),
        };
        let slot = sink.slot(Some("properties"), Some(&name));
        sink.value(slot, 1, text.trim_ascii());
    }

    fn text(&mut self, text: &[u8], _: Place, _: &mut Sink<'_>) {
        if self.text.len() < CELL {
            self.text.extend_from_slice(text);
        }
    }
}
