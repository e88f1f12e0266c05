//! The story of a document whose tables are marks in its text (RTF, old Word): paragraphs become free text,
//! cells and rows a grid.

use crate::readers::drive::Passage;
use crate::readers::grid::{Grid, Row};
use crate::unit::{PIECE, Sink};

/// Cells of a row at most; what comes after belongs to the last one.
const CELLS: usize = 4096;
/// A row holds no more than this; what comes after is free text.
const ROW: usize = 4 << 20;
/// Notes within notes that are kept apart.
const ASIDES: usize = 64;

/// Text on its way to the sink.
#[derive(Default)]
pub struct Story {
    /// The paragraph or cell at hand.
    line: Vec<u8>,
    prose: Passage,
    grid: Option<Grid>,
    row: Row,
    bytes: usize,
    tables: usize,
    paragraphs: u64,
    /// Lines that go on behind the note at hand.
    asides: Vec<Vec<u8>>,
}

impl Story {
    /// Adds text to the paragraph or cell.
    pub fn text(&mut self, text: &[u8], sink: &mut Sink<'_>) {
        self.line.extend_from_slice(text);
        if self.line.len() > PIECE {
            self.hand_on(sink);
        }
    }

    fn hand_on(&mut self, sink: &mut Sink<'_>) {
        self.prose.add(&self.line, self.paragraphs + 1, 0, sink);
        self.line.clear();
    }

    /// A paragraph ends, in a cell or outside of tables.
    pub fn paragraph(&mut self, in_table: bool, sink: &mut Sink<'_>) {
        if in_table && self.asides.is_empty() {
            self.line.push(b' ');
            return;
        }
        if self.asides.is_empty() {
            self.end_table(sink);
        }
        self.hand_on(sink);
        self.prose.pause(sink);
        self.paragraphs += 1;
    }

    /// A cell ends.
    pub fn cell(&mut self, sink: &mut Sink<'_>) {
        if !self.asides.is_empty() || self.bytes + self.line.len() > ROW {
            self.paragraph(false, sink);
            return;
        }
        self.bytes += self.line.len();
        let text = std::mem::take(&mut self.line);
        match self.row.get_mut(CELLS - 1) {
            Some(last) => {
                last.push(b' ');
                last.extend_from_slice(&text);
            }
            None => self.row.push(text),
        }
    }

    /// A row ends.
    pub fn row(&mut self, sink: &mut Sink<'_>) {
        if !self.asides.is_empty() {
            return;
        }
        if !self.line.trim_ascii().is_empty() {
            self.cell(sink);
        }
        self.line.clear();
        self.bytes = 0;
        let row = std::mem::take(&mut self.row);
        if self.grid.is_none() {
            self.prose.pause(sink);
            self.tables += 1;
            self.grid = Some(Grid::new(format!("table{}", self.tables)));
        }
        if let Some(grid) = &mut self.grid {
            grid.row(row, sink);
        }
    }

    fn end_table(&mut self, sink: &mut Sink<'_>) {
        if !self.row.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.row(sink);
            self.line = line;
        }
        if let Some(grid) = self.grid.take() {
            grid.end(sink);
        }
    }

    /// A note begins in the middle of a paragraph.
    pub fn aside(&mut self) -> bool {
        let room = self.asides.len() < ASIDES;
        if room {
            self.asides.push(std::mem::take(&mut self.line));
        }
        room
    }

    /// The note ends, and the paragraph goes on.
    pub fn aside_ends(&mut self, sink: &mut Sink<'_>) {
        self.paragraph(false, sink);
        self.line = self.asides.pop().unwrap_or_default();
    }

    /// The text ends.
    pub fn end(&mut self, sink: &mut Sink<'_>) {
        while !self.asides.is_empty() {
            self.aside_ends(sink);
        }
        self.paragraph(false, sink);
        self.prose.end(sink);
    }
}
