//! Grids: the rows of a spreadsheet, of a table in a document, of a page. The first rows are held back until
//! it is told which of them names the columns; what stands above it is free text.

use super::csv::header;
use super::form::Form;
use crate::unit::{MAX_SLOTS, Sink, SlotId, Text};

/// Rows that are looked at before the columns are named.
const HELD: usize = 60;
/// Bytes in them at most.
const HELD_BYTES: usize = 1 << 20;
/// Columns that are told apart.
const COLUMNS: usize = MAX_SLOTS;

/// A row's cells, as people see them.
pub type Row = Vec<Vec<u8>>;

/// A table whose rows come one after the other.
pub struct Grid {
    table: String,
    held: Vec<Row>,
    bytes: usize,
    slots: Option<Vec<SlotId>>,
    rows: u64,
}

impl Grid {
    /// A table of this name.
    #[must_use]
    pub fn new(table: impl Into<String>) -> Grid {
        Grid { table: table.into(), held: Vec::new(), bytes: 0, slots: None, rows: 0 }
    }

    /// Takes the next row. Rows without any text are passed over.
    pub fn row(&mut self, mut row: Row, sink: &mut Sink<'_>) {
        while row.last().is_some_and(|c| c.trim_ascii().is_empty()) {
            row.pop();
        }
        if row.is_empty() {
            return;
        }
        if self.slots.is_some() {
            self.values(&row, sink);
            return;
        }
        self.bytes += row.iter().map(Vec::len).sum::<usize>();
        self.held.push(row);
        if self.held.len() >= HELD || self.bytes >= HELD_BYTES {
            self.name_columns(sink);
        }
    }

    /// The table ends.
    pub fn end(mut self, sink: &mut Sink<'_>) {
        if self.slots.is_some() {
            return;
        }
        match Form::of(&self.held, sink) {
            Some(form) => form.push(Some(&self.table), sink),
            None => self.name_columns(sink),
        }
    }

    fn name_columns(&mut self, sink: &mut Sink<'_>) {
        let held = std::mem::take(&mut self.held);
        let first = header::top(&held);
        for title in &held[..first] {
            let text = title.join(&b' ');
            let free = sink.free_text();
            sink.text(free, Text::whole(&text, 1, 0));
        }
        let rows = &held[first..];
        let mut slots = Vec::new();
        let mut named = false;
        if let Some((head, rest)) = rows.split_first() {
            let mut is_data = |cell: &str| sink.is_data(cell);
            named =
                if rest.is_empty() { false } else { header::is_header(head, rest, &mut is_data) };
            let names = if named { header::names(head) } else { Vec::new() };
            slots =
                names.iter().take(COLUMNS).map(|n| sink.slot(Some(&self.table), Some(n))).collect();
        }
        self.slots = Some(slots);
        for row in &rows[usize::from(named).min(rows.len())..] {
            self.values(row, sink);
        }
    }

    fn values(&mut self, row: &Row, sink: &mut Sink<'_>) {
        self.rows += 1;
        let slots = self.slots.get_or_insert_default();
        while slots.len() < row.len().min(COLUMNS) {
            let name = format!("#{}", slots.len() + 1);
            slots.push(sink.slot(Some(&self.table), Some(&name)));
        }
        // An empty cell behind the last filled one is a cell of its row all the same.
        for (i, slot) in slots.iter().enumerate() {
            sink.value(*slot, self.rows, row.get(i).map_or(b"", |c| c.trim_ascii()));
        }
        for cell in row.iter().skip(COLUMNS) {
            sink.value(slots[COLUMNS - 1], self.rows, cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::unit::testing::Collected;

    fn read(rows: &[&[&str]]) -> Collected {
        let mut all = Collected::default();
        let mut sink = Sink::new(&mut all, Arc::from([]));
        let mut grid = Grid::new("Ark1");
        for row in rows {
            grid.row(row.iter().map(|c| c.as_bytes().to_vec()).collect(), &mut sink);
        }
        grid.end(&mut sink);
        sink.finish();
        all
    }

    #[test]
    fn titles_header_and_rows() {
        let all = read(&[
            &["Kundeliste 2024"],
            &[],
            &["Navn", "E-post", "Kjøp"],
            &["Kari", "kari@example.org", "12"],
            &["Ola", "", "13"],
            &["Per", "per@example.org"],
        ]);
        assert_eq!(all.text(), "Kundeliste 2024");
        assert_eq!(all.fields(), ["Navn", "E-post", "Kjøp"].map(str::to_owned));
        assert_eq!(all.field(Some("Ark1"), "Kjøp")[2], (3, String::new()));
    }

    #[test]
    fn a_form_is_no_list() {
        let rows: [&[&str]; 4] = [
            &["Skjema"],
            &["Navn", "Kari"],
            &["Telefon", "22 33 44 55"],
            &["E-post", "kari@example.org"],
        ];
        assert_eq!(read(&rows).field(Some("Ark1"), "Telefon"), [(1, "22 33 44 55".into())]);
    }

    #[test]
    fn without_header() {
        let all = read(&[&["kari@example.org", "1"], &["ola@example.org", "2"]]);
        assert_eq!(all.field(Some("Ark1"), "#1").len(), 2);
    }
}
