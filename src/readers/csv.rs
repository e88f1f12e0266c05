//! CSV, TSV and other delimited tables: each column is a field, each record a row.
//!
//! Cells are cut straight from the source's window and handed on without a copy unless something in
//! them is escaped. Memory is bounded: a long cell goes out in pieces, and a quote that is not closed
//! within a mebibyte ends the table, so that it cannot swallow the file.

mod choice;
mod dialect;
mod glance;
pub(super) mod header;
mod rows;
mod sections;

use std::borrow::Cow;

use choice::Table;
use dialect::{Dialect, Record, Step};

use rows::Rows;
use sections::Sections;

use super::drive::Lines;
use super::form::Form;
use super::lines::NO_TABLES;
use super::pairs::Pairs;
use super::{Format, HEAD, Head, Stop, printout};
use crate::source::Source;
use crate::unit::{MAX_SLOTS, PIECE, Sink, SlotId, Text, all_different};

/// CSV, TSV and the like.
pub static FORMAT: Format = Format {
    id: "csv",
    name: "CSV/TSV, any delimiter",
    extensions: &["csv", "tsv", "tab", "psv"],
    fields: "column",
    isolated: false,
    beside: &[],
    sniff,
    read,
};

/// Bytes looked at in one go.
const WINDOW: usize = 256 << 10;
/// A header longer than this is not waited for.
const LONGEST_HEADER: usize = 4 << 20;
/// Columns beyond this share the last one's slot, so that a line of delimiters takes no memory.
const MAX_COLUMNS: usize = MAX_SLOTS + 1;

fn sniff(head: &Head<'_>) -> bool {
    let bytes = head.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head.bytes);
    if head.has_extension(NO_TABLES) || is_other(head) {
        return false;
    }
    if !head.has_extension(&["csv", "tsv", "tab", "psv", "dat"]) {
        return choice::is_sure(bytes, head.complete) && !printout::looks_like_one(bytes);
    }
    choice::is_likely(bytes, head.complete)
        || (head.has_extension(&["csv", "tsv", "psv"]) && is_single_column(bytes, head.complete))
}

/// Whether this is a table whose cells are set apart by a control byte, of which no other stands in it, so that these do
/// not make it binary.
#[must_use]
pub fn is_set_apart_by_controls(head: &Head<'_>) -> bool {
    let count = |byte: u8| memchr::memchr_iter(byte, head.bytes).count();
    let all = crate::bytes::count(head.bytes, is_control);
    // Hive sets the items of a list within a cell apart by the second one.
    let nested = |byte| if byte == 1 { count(2) } else { 0 };
    let are_all = |byte: &u8| count(*byte) + nested(*byte) == all;
    all > 0 && choice::CONTROLS.iter().any(are_all) && sniff(head)
}

/// Control bytes that text is not laid out with.
fn is_control(byte: u8) -> bool {
    byte < 9 || (14..32).contains(&byte)
}

/// Formats that start unlike any table, and binary content.
fn is_other(head: &Head<'_>) -> bool {
    let start = head.trimmed();
    let marks: [&[u8]; 7] = [b"<", b"{", b"[{", b"-----BEGIN", b"%PDF", b"BEGIN:V", b"dn:"];
    let is_odd = |b| is_control(b) && !choice::CONTROLS.contains(&b);
    let odd = || crate::bytes::count(head.bytes, is_odd);
    start.is_empty()
        || marks.iter().any(|m| start.starts_with(m))
        || head.controls && odd() * 50 > head.bytes.len()
}

/// A list of values under a header, which the name calls a table.
fn is_single_column(bytes: &[u8], complete: bool) -> bool {
    let table = choice::single(bytes, complete);
    let short = |r: &&dialect::Record<'_>| r.cells.iter().all(|c| c.len() < 200);
    let fitting = table.records.iter().filter(short).count();
    fitting * 10 >= table.records.len() * 9 && fitting > 0
}

/// Pushes a table's cells by column; what stands above it is free text.
///
/// # Errors
/// What the system reports while reading, or a quoted cell without an end.
fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    read_by(source, sink, true)
}

/// Likewise, with or without cutting whole rows in one go.
fn read_by(source: &mut Source, sink: &mut Sink<'_>, in_rows: bool) -> Result<(), Stop> {
    let Some(layout) = look(source, sink)? else { return Ok(()) };
    let slots = layout.names.iter().map(|n| sink.slot(None, Some(n))).collect();
    let sections = Sections::new(layout.head, layout.columns);
    let mut reading = Reading::new(layout.dialect, layout.columns, slots, sections, sink);
    reading.may_cut_rows = in_rows;
    reading.pairs = Pairs::of(None, &layout.names);
    reading.in_rows &= in_rows && reading.pairs.is_none();
    let bytes = source.peek(layout.data_at)?;
    reading.free_text(bytes, 0, layout.start, 0);
    if let Some(form) = layout.form {
        // It is a record of its own.
        reading.row = 1;
        form.push(None, reading.sink);
    }
    reading.lines.leave(bytes, layout.data_at);
    source.consume(layout.data_at);
    reading.run(source)
}

/// How the file is laid out, as told from its head.
struct Layout {
    dialect: Dialect,
    columns: usize,
    names: Vec<String>,
    /// The cells of the header that they stand in.
    head: Vec<Vec<u8>>,
    /// Where the table starts.
    start: usize,
    /// Where its first row starts.
    data_at: usize,
    /// A form that all of the file is, or that stands between the start and the first row.
    form: Option<Form>,
}

/// Finds the table at the source's start, looking further when its first record is very long.
fn look(source: &mut Source, sink: &mut Sink<'_>) -> Result<Option<Layout>, Stop> {
    let mut want = HEAD;
    loop {
        let bytes = source.peek(want)?;
        let end = bytes.len() < want;
        let bytes = &bytes[..bytes.len().min(want)];
        if bytes.is_empty() {
            return Ok(None);
        }
        let best = choice::best(bytes, end).filter(Table::is_likely);
        let table = best.unwrap_or_else(|| choice::single(bytes, end));
        let cut = table.records.len() < 2 && !end;
        if !cut || want >= LONGEST_HEADER {
            let form = if end { whole_form(&table, bytes, sink) } else { None };
            return Ok(Some(form.unwrap_or_else(|| lay_out(&table, bytes, sink))));
        }
        want *= 4;
    }
}

/// The layout of a table that goes on to the end of the bytes and is a form, so that no row is left.
fn whole_form(table: &Table<'_>, bytes: &[u8], sink: &mut Sink<'_>) -> Option<Layout> {
    let behind = &bytes[table.records.last()?.range.end..];
    let rows: Vec<_> = table.records.iter().map(|r| &r.cells[..]).collect();
    let form = behind.trim_ascii().is_empty().then(|| Form::of(&rows, sink)).flatten()?;
    let Table { dialect, columns, start, .. } = *table;
    let (names, head, data_at) = (Vec::new(), Vec::new(), bytes.len());
    Some(Layout { dialect, columns, names, head, start, data_at, form: Some(form) })
}

/// The columns' names, where the table starts and where its first row does.
fn lay_out(table: &Table<'_>, bytes: &[u8], sink: &mut Sink<'_>) -> Layout {
    let layout = lay_out_main(table, sink);
    let is_first = layout.start <= choice::first_record(bytes);
    if is_first || table.columns < 2 {
        return layout;
    }
    if let Some(form) = form_above(table, &bytes[..layout.start], sink) {
        return Layout { start: choice::first_record(bytes), form: Some(form), ..layout };
    }
    match sections::first_header(&table.dialect, bytes, layout.start, sink) {
        None => layout,
        Some(head) => Layout {
            columns: head.cells.len(),
            names: header::names(&head.cells),
            head: head.cells.iter().map(|cell| cell.to_vec()).collect(),
            start: head.range.start,
            data_at: head.range.end,
            ..layout
        },
    }
}

/// The labels and values above a table, if nothing else stands there.
fn form_above(table: &Table<'_>, above: &[u8], sink: &mut Sink<'_>) -> Option<Form> {
    let records = dialect::records(&table.dialect, above, choice::first_record(above), true);
    let rows: Vec<_> = records.iter().map(|record| &record.cells[..]).collect();
    Form::above_table(&rows, sink).filter(|_| table.columns > 2)
}

/// The same of the table that most records are of.
fn lay_out_main(table: &Table<'_>, sink: &mut Sink<'_>) -> Layout {
    let (dialect, columns, start) = (table.dialect, table.columns, table.start);
    let layout = |names, start, data_at| {
        let head = Vec::new();
        Layout { dialect, columns, names, head, start, data_at, form: None }
    };
    let below = |head: &Record<'_>, start| Layout {
        head: head.cells.iter().map(|cell| cell.to_vec()).collect(),
        ..layout(filled_up(header::names(&head.cells), columns), start, head.range.end)
    };
    if let Some(comment) = &table.comment
        && !comment.iter().any(|c| sink.is_data(&String::from_utf8_lossy(c)))
    {
        return layout(header::names(comment), start, start);
    }
    let rows: Vec<_> =
        table.records.iter().take(header::SAMPLE + 1).map(|r| &r.cells[..]).collect();
    let Some((first, rest)) = rows.split_first() else { return layout(Vec::new(), start, start) };
    if let Some(top) = behind_titles(&rows, sink) {
        let head = &table.records[top];
        return below(head, head.range.start);
    }
    if header::is_header(first, rest, sink) {
        return below(&table.records[0], start);
    }
    layout(filled_up(Vec::new(), first.len()), start, start)
}

/// The header, if titles stand above it whose lines a spreadsheet filled up with delimiters. As a row that is not full
/// may also be the first one of a list without header, it must tell what stands below.
fn behind_titles(rows: &[&[Cow<'_, [u8]>]], sink: &mut Sink<'_>) -> Option<usize> {
    let top = Some(header::top(rows)).filter(|top| *top > 0)?;
    let (names, rest) = rows[top..].split_first()?;
    let names_kind =
        |sink: &Sink<'_>| names.iter().any(|name| sink.names_kind(&String::from_utf8_lossy(name)));
    let is_header = header::is_header(names, rest, sink);
    (is_header && (header::stands_over_values(names, rest) || names_kind(sink))).then_some(top)
}

/// Names for so many columns: those without one have their number.
fn filled_up(mut names: Vec<String>, columns: usize) -> Vec<String> {
    names.extend((names.len() + 1..=columns.min(MAX_COLUMNS)).map(|n| format!("#{n}")));
    names
}

struct Reading<'s, 'c> {
    sink: &'s mut Sink<'c>,
    dialect: Dialect,
    columns: usize,
    slots: Vec<SlotId>,
    row: u64,
    column: usize,
    /// How much of the cell at hand has been handed on already.
    piece: u32,
    lines: Lines,
    scratch: Vec<u8>,
    /// Whether rows may be cut in one go at all, and those of the table at hand.
    may_cut_rows: bool,
    in_rows: bool,
    /// The columns of keys and values, if there are such: rows are not cut in one go then.
    pairs: Option<Pairs>,
    rows: Rows,
    sections: Sections,
}

impl<'s, 'c> Reading<'s, 'c> {
    fn new(
        dialect: Dialect,
        columns: usize,
        slots: Vec<SlotId>,
        sections: Sections,
        sink: &'s mut Sink<'c>,
    ) -> Self {
        Reading {
            sink,
            dialect,
            columns,
            may_cut_rows: true,
            pairs: None,
            in_rows: dialect.is_tight() && slots.get(..columns).is_some_and(all_different),
            sections,
            slots,
            row: 0,
            column: 0,
            piece: 0,
            lines: Lines::default(),
            scratch: Vec::new(),
            rows: Rows::default(),
        }
    }

    fn run(&mut self, source: &mut Source) -> Result<(), Stop> {
        let mut want = WINDOW;
        loop {
            let position = source.position();
            let bytes = source.peek(want)?;
            let end = bytes.len() < want;
            if bytes.is_empty() && self.column == 0 {
                return Ok(());
            }
            let (used, closed) = self.feed(bytes, end, position);
            self.lines.leave(bytes, used);
            source.consume(used);
            if !closed {
                return Err(Stop::Malformed("quoted cell without an end"));
            }
            if end {
                return Ok(());
            }
            want = if used == 0 { want * 2 } else { WINDOW };
        }
    }

    /// Takes whole cells from the bytes; returns how many bytes these were, and false when the next
    /// one's quote is never closed.
    fn feed(&mut self, bytes: &[u8], end: bool, position: u64) -> (usize, bool) {
        let mut at = 0;
        loop {
            if self.column == 0 && self.piece == 0 {
                if !self.sections.look_is_due() {
                    at += self.whole_rows(bytes, at);
                }
                let blank = bytes[at..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
                self.sections.blank_lines(blank);
                at += blank;
                if at == bytes.len() {
                    return (at, true);
                }
                if self.sections.look_is_due() {
                    match self.another_table(bytes, at, end, position) {
                        None => return (at, true),
                        Some(0) => {}
                        Some(used) => {
                            at += used;
                            continue;
                        }
                    }
                }
            }
            let step = if self.piece > 0 {
                self.dialect.unquoted(bytes, at, end)
            } else {
                self.dialect.cell(bytes, at, end)
            };
            match step {
                Step::Found(cell) => {
                    self.push(bytes, &cell, position, at);
                    at = cell.next;
                    if cell.ends_record && at == bytes.len() {
                        return (at, true);
                    }
                }
                Step::Unclosed => return (at, false),
                Step::More if bytes.len() - at > PIECE && self.may_cut(bytes, at) => {
                    at += self.push_piece(&bytes[at..at + PIECE]);
                }
                Step::More => return (at, true),
            }
        }
    }

    /// Takes the header of another table below a gap, with what stands above it; returns how many bytes these were, and
    /// `None` when more are needed to tell.
    fn another_table(
        &mut self,
        bytes: &[u8],
        at: usize,
        end: bool,
        position: u64,
    ) -> Option<usize> {
        let found = self.sections.look(&self.dialect, &bytes[at..], end, self.sink)?;
        let Some(head) = found else { return Some(0) };
        self.free_text(bytes, at, at + head.range.start, position);
        let names = header::names(&head.cells);
        self.columns = names.len();
        self.slots = names.iter().map(|n| self.sink.slot(None, Some(n))).collect();
        self.pairs = Pairs::of(None, &names);
        self.in_rows = self.may_cut_rows
            && self.pairs.is_none()
            && self.dialect.is_tight()
            && all_different(&self.slots);
        Some(head.range.end)
    }

    /// Takes the rows that can be cut in one go, from `at` on; returns how many bytes these were.
    fn whole_rows(&mut self, bytes: &[u8], at: usize) -> usize {
        let mut used = 0;
        while self.in_rows {
            let rest = &bytes[at + used..];
            self.rows.cut(&self.dialect, self.columns, rest, self.sections.are_sought());
            if self.rows.bytes == 0 {
                break;
            }
            self.push_rows(rest);
            self.lines.pass(bytes, at + used, self.rows.bytes, self.rows.lines);
            used += self.rows.bytes;
        }
        used
    }

    /// Hands on the rows that were cut, without headers that come again.
    fn push_rows(&mut self, bytes: &[u8]) {
        let slots = &self.slots[..self.columns];
        let mut rest = &self.rows.cuts[..];
        while !rest.is_empty() {
            let mut rows = rest.chunks_exact(self.columns);
            let again = rows.position(|row| self.sections.is_head(bytes, row));
            let to = again.map_or(rest.len(), |row| row * self.columns);
            self.sink.rows(slots, self.row + 1, bytes, &rest[..to]);
            self.row += (to / self.columns) as u64;
            rest = &rest[to + if again.is_some() { self.columns } else { 0 }..];
        }
    }

    /// Whether the cell's quotes do not matter, so that it may be handed on in pieces.
    fn may_cut(&self, bytes: &[u8], at: usize) -> bool {
        self.piece > 0 || !self.dialect.is_quoted(bytes, at)
    }

    fn push(&mut self, bytes: &[u8], cell: &dialect::Cell, position: u64, at: usize) {
        self.row += u64::from(self.column == 0 && self.piece == 0);
        let alone = self.column == 0 && cell.ends_record && !cell.quoted && self.piece == 0;
        if alone && self.columns > 2 {
            // A line without any delimiter is a note between or below the rows.
            let line = self.lines.at(bytes, at);
            let free = self.sink.free_text();
            self.sink.text(free, Text::whole(&bytes[at..cell.next], line, position + at as u64));
            return;
        }
        let mut slot = self.slot();
        let text = self.dialect.text(bytes, cell, &mut self.scratch);
        if let Some(pairs) = &mut self.pairs {
            slot = pairs.cell(self.column, text, self.sink).unwrap_or(slot);
        }
        self.sections.cell(text.is_empty() && self.piece == 0, cell.ends_record);
        if self.piece > 0 {
            self.sink.value_piece(slot, self.row, text, self.piece);
        } else {
            self.sink.value(slot, self.row, text);
        }
        self.piece = 0;
        self.column = if cell.ends_record { 0 } else { self.column + 1 };
    }

    /// Hands on a part of a cell, up to a blank if there is one near its end; returns its length.
    fn push_piece(&mut self, bytes: &[u8]) -> usize {
        self.row += u64::from(self.column == 0 && self.piece == 0);
        let tail = bytes.len() - 1024;
        let cut = memchr::memrchr(b' ', &bytes[tail..]).map_or(bytes.len(), |i| tail + i + 1);
        let slot = self.slot();
        self.sink.value_piece(slot, self.row, &bytes[..cut], self.piece);
        self.piece = self.piece.saturating_add(u32::try_from(cut).unwrap_or(u32::MAX));
        cut
    }

    /// The slot of the column at hand; a cell beyond the header's names makes a new one.
    fn slot(&mut self) -> SlotId {
        let column = self.column.min(MAX_COLUMNS);
        while self.slots.len() <= column {
            let name = format!("#{}", self.slots.len() + 1);
            self.slots.push(self.sink.slot(None, Some(&name)));
        }
        self.slots[column]
    }

    /// Takes what stands between two places as text; the bytes start at `position`.
    fn free_text(&mut self, bytes: &[u8], from: usize, to: usize, position: u64) {
        let text = &bytes[from..to];
        if !text.trim_ascii().is_empty() {
            let free = self.sink.free_text();
            let line = self.lines.at(bytes, from);
            self.sink.text(free, Text::whole(text, line, position + from as u64));
        }
    }
}

#[cfg(test)]
mod tests;
