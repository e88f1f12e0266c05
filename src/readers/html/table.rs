//! Tables: the first row may name the columns, or the rows are those of a form.

use super::super::csv::header;
use super::super::drive::cut;
use super::super::form::{self, Held};
use super::super::grid::titles;
use crate::unit::{PIECE, Sink, SlotId, make_plain};

/// Columns that are told apart.
const COLUMNS: usize = 1024;

#[derive(Default)]
struct Cell {
    text: Vec<u8>,
    header: bool,
    /// How much of a long cell has been handed on.
    handed: usize,
}

/// A table that is open.
#[derive(Default)]
pub struct Table {
    name: String,
    header: Vec<String>,
    slots: Vec<SlotId>,
    rows: u64,
    cells: Vec<Cell>,
    /// Whether a cell is open.
    pub in_cell: bool,
    /// Whether what comes is in its head.
    pub in_head: bool,
    bytes: usize,
    held: Held,
}

impl Table {
    /// The table of this number in its document.
    pub fn new(number: usize) -> Table {
        Table { name: format!("table{number}"), ..Table::default() }
    }

    /// A cell begins.
    pub fn begin_cell(&mut self, header: bool, sink: &mut Sink<'_>) {
        // A row without end is no row: memory stays bounded.
        if self.cells.len() >= 4 * COLUMNS {
            self.end_row(sink);
        }
        self.in_cell = true;
        self.cells.push(Cell { header, ..Cell::default() });
    }

    /// The text of the cell that is open.
    pub fn cell(&mut self) -> Option<&mut Vec<u8>> {
        self.cells.last_mut().filter(|_| self.in_cell).map(|cell| &mut cell.text)
    }

    /// Adds to the cell that is open.
    pub fn add(&mut self, text: &[u8], sink: &mut Sink<'_>) {
        let Some(cell) = self.cell() else { return };
        cell.extend_from_slice(text);
        self.bytes += text.len();
        if self.bytes > 2 * PIECE {
            self.hand_on(sink);
        }
    }

    /// The row is complete: it names the columns, or its cells are values.
    pub fn end_row(&mut self, sink: &mut Sink<'_>) {
        self.in_cell = false;
        if self.cells.is_empty() {
            return;
        }
        // Rows of one or two cells above it are titles.
        let is_first = self.rows == 0 && self.held.is_narrow();
        let fresh = is_first && self.cells.iter().all(|c| c.handed == 0);
        if fresh && (self.in_head || self.cells.iter().all(|c| c.header)) {
            let names = self.names();
            if !names.iter().any(|n| sink.is_data(n)) {
                self.header = names;
                self.clear();
                return;
            }
        }
        if self.hold(sink) {
            self.clear();
            return;
        }
        self.let_go(sink);
        let mut text = Vec::new();
        self.rows += u64::from(self.cells.iter().all(|c| c.handed == 0));
        if !self.labelled(sink) {
            for i in 0..self.cells.len() {
                let slot = self.slot(i, sink);
                let cell = &self.cells[i];
                if cell.handed > 0 && cell.text.is_empty() {
                    continue;
                }
                if cell.handed > 0 {
                    let at = u32::try_from(cell.handed).unwrap_or(u32::MAX);
                    sink.value_piece(slot, self.rows, &cell.text, at);
                } else {
                    collapse(&cell.text, &mut text);
                    sink.value(slot, self.rows, &text);
                }
            }
        }
        self.clear();
    }

    /// Holds the row back if it may be one of a form, or its table's header is yet to be told.
    fn hold(&mut self, sink: &mut Sink<'_>) -> bool {
        let is_plain = |c: &Cell| !c.header && c.handed == 0;
        // Headings that name kinds are those of a list.
        let is_list = || self.header.iter().any(|name| form::names_kind(name, sink));
        let may_be = self.held.has_room(self.bytes)
            && self.cells.iter().all(is_plain)
            && (self.header.is_empty() || self.cells.len() <= 2 && !is_list());
        if may_be {
            let row = self.cells.iter().map(|cell| collapsed(&cell.text)).collect();
            self.held.push(row, self.bytes);
        }
        may_be
    }

    /// The rows held back are no form: their cells are values of the columns.
    fn let_go(&mut self, sink: &mut Sink<'_>) {
        let rows = self.held.let_go();
        let above = if self.header.is_empty() { self.told_header(&rows, sink) } else { 0 };
        for row in &rows[above..] {
            self.rows += 1;
            for (i, text) in row.iter().enumerate() {
                let slot = self.slot(i, sink);
                sink.value(slot, self.rows, text);
            }
        }
    }

    /// Names the columns by the first of these rows if it is a header as those of other tables are, though nothing marks it
    /// as one. Gives how many rows stand above the values: none in what is only laid out as a table, with rows of
    /// several lengths or running text.
    fn told_header(&mut self, rows: &[Vec<Vec<u8>>], sink: &mut Sink<'_>) -> usize {
        /// Bytes in a cell at most.
        const SHORT: usize = 200;
        let top = header::top(rows);
        let Some((head, rest)) = rows[top..].split_first() else { return 0 };
        let is_like = |row: &&Vec<Vec<u8>>| {
            row.len() == head.len() && row.iter().all(|cell| cell.len() <= SHORT)
        };
        let is_table = head.len() > 1 && rest.iter().filter(is_like).count() * 5 >= rest.len() * 4;
        if rest.is_empty() || !is_table || !header::is_header(head, rest, sink) {
            return 0;
        }
        titles(&rows[..top], sink);
        self.header = header::names(&head[..head.len().min(COLUMNS)]);
        top + 1
    }

    fn clear(&mut self) {
        self.cells.clear();
        self.bytes = 0;
    }

    fn names(&self) -> Vec<String> {
        let mut text = Vec::new();
        let name = |(i, cell): (usize, &Cell)| {
            collapse(&cell.text, &mut text);
            text.truncate(200);
            if text.is_empty() {
                format!("#{}", i + 1)
            } else {
                String::from_utf8_lossy(&text).into_owned()
            }
        };
        self.cells.iter().take(COLUMNS).enumerate().map(name).collect()
    }

    /// A row of a label and its value, in a table without a header row.
    fn labelled(&self, sink: &mut Sink<'_>) -> bool {
        let [label, value] = &self.cells[..] else { return false };
        if !self.header.is_empty()
            || !label.header
            || value.header
            || label.handed + value.handed > 0
        {
            return false;
        }
        let mut names = self.names();
        let name = names.swap_remove(0);
        if name.starts_with('#') || sink.is_data(&name) {
            return false;
        }
        let slot = sink.slot(Some(&self.name), Some(&name));
        sink.value(slot, self.rows, &collapsed(&value.text));
        true
    }

    fn slot(&mut self, column: usize, sink: &mut Sink<'_>) -> SlotId {
        let column = column.min(COLUMNS);
        while self.slots.len() <= column {
            let i = self.slots.len();
            let number = format!("#{}", i + 1);
            let field = self.header.get(i).unwrap_or(&number);
            self.slots.push(sink.slot(Some(&self.name), Some(field)));
        }
        self.slots[column]
    }

    /// A row too long to be held: what there is of it is handed on.
    fn hand_on(&mut self, sink: &mut Sink<'_>) {
        self.let_go(sink);
        let fresh = self.cells.iter().all(|c| c.handed == 0);
        self.rows += u64::from(fresh);
        for i in 0..self.cells.len() {
            let slot = self.slot(i, sink);
            let cell = &mut self.cells[i];
            let mut from = 0;
            while from < cell.text.len() {
                let rest = &cell.text[from..];
                let len = if rest.len() > PIECE { cut(rest, PIECE) } else { rest.len() };
                let at = u32::try_from(cell.handed).unwrap_or(u32::MAX);
                sink.value_piece(slot, self.rows, &rest[..len], at);
                cell.handed += len;
                from += len;
            }
            // Even an empty cell has been handed on now, so that the row counts once.
            cell.handed = cell.handed.max(1);
            cell.text.clear();
        }
        self.bytes = 0;
    }

    pub fn end(&mut self, sink: &mut Sink<'_>) {
        self.end_row(sink);
        match self.held.form(!self.header.is_empty(), sink) {
            Some(form) => {
                form.push(Some(&self.name), sink);
                self.rows += 1;
            }
            None => self.let_go(sink),
        }
        if self.rows == 0 {
            // A table of headings only: they are its values.
            let header = std::mem::take(&mut self.header);
            for (i, text) in header.iter().enumerate() {
                let slot = self.slot(i, sink);
                sink.value(slot, 1, text.as_bytes());
            }
        }
    }
}

/// Text with its white space collapsed.
fn collapse(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    for word in text.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
    make_plain(out);
}

/// The same in a place of its own.
pub fn collapsed(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    collapse(text, &mut out);
    out
}
