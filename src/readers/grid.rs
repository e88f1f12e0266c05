//! Grids: the rows of a spreadsheet, of a table in a document, of a page. The first rows are held back until
//! it is told which of them names the columns; what stands above it is free text. So are rows below a gap, where
//! another table may begin.

use super::csv::header;
use super::form::Form;
use super::pairs::Pairs;
use crate::unit::{MAX_SLOTS, Sink, SlotId, Text, make_plain};

/// Rows that are looked at before the columns are named.
const HELD: usize = 60;
/// Bytes in them at most.
const HELD_BYTES: usize = 1 << 20;
/// Gaps that no other table stands below: where there are more, they part none.
const IDLE: u8 = 16;
/// Columns that are told apart.
const COLUMNS: usize = MAX_SLOTS;

/// A row's cells, as people see them.
pub type Row = Vec<Vec<u8>>;

/// A table whose rows come one after the other.
pub struct Grid {
    table: String,
    held: Vec<Row>,
    bytes: usize,
    /// Above which of the rows that are held back gaps stand.
    gaps: Vec<usize>,
    /// The columns of the table at hand, once they are told.
    slots: Option<Vec<SlotId>>,
    /// Its columns of keys and values, if there are such.
    pairs: Option<Pairs>,
    /// Its header, which may come again.
    head: Row,
    rows: u64,
    /// How many more gaps are looked below to no end.
    idle: u8,
}

impl Grid {
    /// A table of this name.
    #[must_use]
    pub fn new(table: impl Into<String>) -> Grid {
        Grid {
            table: table.into(),
            held: Vec::new(),
            bytes: 0,
            gaps: Vec::new(),
            slots: None,
            pairs: None,
            head: Row::new(),
            rows: 0,
            idle: IDLE,
        }
    }

    /// Takes the next row. One without any text is a gap.
    pub fn row(&mut self, mut row: Row, sink: &mut Sink<'_>) {
        while row.last().is_some_and(|c| c.trim_ascii().is_empty()) {
            row.pop();
        }
        if row.is_empty() {
            return self.gap(sink);
        }
        row.iter_mut().for_each(make_plain);
        if self.slots.is_some() && self.gaps.is_empty() {
            self.values(&row, sink);
            return;
        }
        self.bytes += row.iter().map(Vec::len).sum::<usize>();
        self.held.push(row);
        if self.held.len() >= HELD || self.bytes >= HELD_BYTES {
            self.let_go(false, sink);
        }
    }

    /// Rows are missing here, or nothing stands in them.
    pub fn gap(&mut self, sink: &mut Sink<'_>) {
        if self.slots.is_some() {
            self.let_go(true, sink);
        } else if self.held.is_empty() {
            return;
        }
        if self.idle > 0 && self.gaps.last() != Some(&self.held.len()) {
            self.gaps.push(self.held.len());
        }
    }

    /// The table ends.
    pub fn end(mut self, sink: &mut Sink<'_>) {
        if self.slots.is_some() {
            return self.let_go(true, sink);
        }
        match Form::of(&self.held, sink) {
            Some(form) => form.push(Some(&self.table), sink),
            None => self.let_go(true, sink),
        }
    }

    /// Hands on the rows that are held back, below the columns that they tell. What stands below the last gap is held
    /// back further, unless this is `all` there is of it.
    fn let_go(&mut self, all: bool, sink: &mut Sink<'_>) {
        let (mut held, mut gaps) = (std::mem::take(&mut self.held), std::mem::take(&mut self.gaps));
        self.bytes = 0;
        if !all && let Some(gap) = gaps.pop_if(|gap| *gap > 0) {
            self.held = held.split_off(gap);
            self.gaps.push(0);
        }
        let mut at = if self.slots.is_none() { self.first_table(&held, &gaps, sink) } else { 0 };
        gaps.retain(|gap| *gap >= at);
        for (i, gap) in gaps.iter().enumerate() {
            held[at..*gap].iter().for_each(|row| self.values(row, sink));
            let next = gaps.get(i + 1).copied().unwrap_or(held.len());
            at = gap + self.below_gap(&held[*gap..next], sink);
        }
        held[at..].iter().for_each(|row| self.values(row, sink));
    }

    /// Tells the columns of the first table, and how many rows stand above its values. One with fewer columns than the
    /// next one is no title of it, if its own header tells it.
    fn first_table(&mut self, held: &[Row], gaps: &[usize], sink: &mut Sink<'_>) -> usize {
        let ends = gaps.iter().copied().chain([held.len()]);
        let mut parts = std::iter::once(0).chain(gaps.iter().copied()).zip(ends);
        let told = parts
            .find_map(|(from, to)| Some(from + header::of_another_table(&held[from..to], sink)?));
        let top = header::top(held);
        let first = match Form::above_table(&held[..top], sink) {
            Some(form) => {
                form.push(Some(&self.table), sink);
                self.rows += 1;
                top
            }
            None => {
                let first = top.min(told.unwrap_or(held.len()));
                titles(&held[..first], sink);
                first
            }
        };
        self.slots = Some(Vec::new());
        match held[first..].split_first() {
            Some((head, rest)) if !rest.is_empty() && header::is_header(head, rest, sink) => {
                self.name_columns(head, sink);
                first + 1
            }
            _ => first,
        }
    }

    /// Tells whether another table begins below a gap, and how many rows stand above its values then.
    fn below_gap(&mut self, rows: &[Row], sink: &mut Sink<'_>) -> usize {
        if rows.is_empty() || self.idle == 0 {
            return 0;
        }
        let Some(head) = header::of_another_table(rows, sink) else {
            self.idle -= 1;
            return 0;
        };
        titles(&rows[..head], sink);
        self.name_columns(&rows[head], sink);
        head + 1
    }

    fn name_columns(&mut self, head: &Row, sink: &mut Sink<'_>) {
        let names = header::names(head);
        let slots = names.iter().take(COLUMNS).map(|n| sink.slot(Some(&self.table), Some(n)));
        self.slots = Some(slots.collect());
        self.pairs = Pairs::of(Some(&self.table), &names);
        self.head.clone_from(head);
    }

    fn values(&mut self, row: &Row, sink: &mut Sink<'_>) {
        if *row == self.head {
            return;
        }
        self.rows += 1;
        let slots = self.slots.get_or_insert_default();
        while slots.len() < row.len().min(COLUMNS) {
            let name = format!("#{}", slots.len() + 1);
            slots.push(sink.slot(Some(&self.table), Some(&name)));
        }
        // An empty cell behind the last filled one is a cell of its row all the same.
        for (i, slot) in slots.iter().enumerate() {
            let cell = row.get(i).map_or(&b""[..], |c| c.trim_ascii());
            let of_key = self.pairs.as_mut().and_then(|pairs| pairs.cell(i, cell, sink));
            sink.value(of_key.unwrap_or(*slot), self.rows, cell);
        }
        for cell in row.iter().skip(COLUMNS) {
            sink.value(slots[COLUMNS - 1], self.rows, cell);
        }
    }
}

/// Titles above a table are free text.
pub(super) fn titles(rows: &[Row], sink: &mut Sink<'_>) {
    for title in rows {
        let text = title.join(&b' ');
        let free = sink.free_text();
        sink.text(free, Text::whole(&text, 1, 0));
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
    fn tables_below_the_first_one() {
        let all = read(&[
            &["Navn", "E-post"],
            &["Kari", "kari@example.org"],
            &["Ola", "ola@example.org"],
            &[],
            &["Leverandører"],
            &["Ordrenr", "Telefon", "Navn"],
            &["1001", "22 33", "Per"],
            &["Ordrenr", "Telefon", "Navn"],
            &["1002", "22 34", "Siv"],
            &[],
            &["1003", "22 35", "Liv"],
        ]);
        let values = |field| all.field(Some("Ark1"), field).into_iter().map(|v| v.1);
        assert_eq!(all.fields(), ["Navn", "E-post", "Ordrenr", "Telefon"]);
        assert_eq!(values("Navn").collect::<Vec<_>>(), ["Kari", "Ola", "Per", "Siv", "Liv"]);
        assert_eq!(values("Ordrenr").collect::<Vec<_>>(), ["1001", "1002", "1003"]);
        assert_eq!(all.text(), "Leverandører");
    }

    #[test]
    fn rows_below_a_gap_are_no_header() {
        let row: &[&str] = &["Kari", "ukjent", "Oslo"];
        let all = read(&[
            &["Navn", "Telefon", "Sted"],
            &["Ola", "22 33", "Bergen"],
            &[],
            row,
            &["Per", "22 34", "Bodø"],
        ]);
        assert_eq!(all.field(Some("Ark1"), "Navn").len(), 3);
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
    fn labels_above_a_table_are_a_form() {
        let all = read(&[
            &["Eier", "Per Moe"],
            &["Telefon", "22 33"],
            &[],
            &["Dato", "Navn", "E-post"],
            &["1.2.2026", "Ola", "ola@example.org"],
            &["2.2.2026", "Kari", "kari@example.org"],
            &["3.2.2026", "Siv", "siv@example.org"],
        ]);
        assert_eq!(all.field(Some("Ark1"), "Eier"), [(1, "Per Moe".into())]);
        assert_eq!(all.field(Some("Ark1"), "Navn")[0], (2, "Ola".into()));
    }

    #[test]
    fn without_header() {
        let all = read(&[&["kari@example.org", "1"], &["ola@example.org", "2"]]);
        assert_eq!(all.field(Some("Ark1"), "#1").len(), 2);
    }
}
