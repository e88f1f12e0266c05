//! Where rows stop being those of the table above: gaps, tables below them with headers of their own, and headers that
//! come again.

use super::choice::first_record;
use super::dialect::{Dialect, Record, behind_gap, records_to_gap};
use super::header;
use crate::unit::{Cut, Sink};

/// Bytes that are looked at below a gap.
const LOOK: usize = 64 << 10;
/// Gaps that nothing new may stand below: where there are more, they part no tables.
const IDLE: u8 = 16;

/// What is known of the gaps and headers of a file.
pub(super) struct Sections {
    /// The cells of the header at hand.
    head: Vec<Vec<u8>>,
    /// Whether a gap stands above what comes next.
    gap: bool,
    /// Whether something stands in the record at hand.
    filled: bool,
    /// How many more gaps are looked below to no end.
    idle: u8,
}

impl Sections {
    /// Those below this header; a list of one column has none.
    pub(super) fn new(head: Vec<Vec<u8>>, columns: usize) -> Sections {
        let idle = if columns > 1 { IDLE } else { 0 };
        Sections { head, gap: false, filled: false, idle }
    }

    /// Whether gaps matter.
    pub(super) fn are_sought(&self) -> bool {
        self.idle > 0
    }

    /// Whether a look is due at what comes next.
    pub(super) fn look_is_due(&self) -> bool {
        self.gap && self.idle > 0
    }

    /// So many blank lines are here.
    pub(super) fn blank_lines(&mut self, lines: usize) {
        self.gap |= lines > 0;
    }

    /// A cell of a record, which may be its last one. A record of empty cells is a gap.
    pub(super) fn cell(&mut self, is_empty: bool, ends_record: bool) {
        self.filled |= !is_empty;
        if ends_record {
            self.gap = !std::mem::take(&mut self.filled);
        }
    }

    /// Whether a row is the header once more.
    pub(super) fn is_head(&self, bytes: &[u8], row: &[Cut]) -> bool {
        self.head.len() == row.len()
            && self.head.iter().zip(row).all(|(name, cell)| name == cell.of(bytes))
    }

    /// The header below the gap, with the bytes from there on: `None` when more of them are needed.
    pub(super) fn look<'b>(
        &mut self,
        dialect: &Dialect,
        bytes: &'b [u8],
        end: bool,
        sink: &mut Sink<'_>,
    ) -> Option<Option<Record<'b>>> {
        if bytes.len() < LOOK && !end {
            return None;
        }
        self.gap = false;
        let part = &bytes[..bytes.len().min(LOOK)];
        let is_all = part.len() == bytes.len();
        let mut records = records_to_gap(dialect, part, 0, is_all && end);
        if records.is_empty() {
            return Some(None);
        }
        let rows: Vec<_> = records.iter().map(|r| &r.cells[..]).collect();
        let Some(top) = header::of_another_table(&rows, sink) else {
            self.idle -= 1;
            return Some(None);
        };
        let header = records.swap_remove(top);
        self.head = header.cells.iter().map(|cell| cell.to_vec()).collect();
        Some(Some(header))
    }
}

/// The header of the first table above this place, where it has one of its own and a gap stands below its rows: there are
/// fewer of these than of another table, so that they would pass for its titles.
pub(super) fn first_header<'b>(
    dialect: &Dialect,
    bytes: &'b [u8],
    upto: usize,
    sink: &mut Sink<'_>,
) -> Option<Record<'b>> {
    let mut at = first_record(bytes);
    while at < upto {
        let mut records = records_to_gap(dialect, bytes, at, false);
        let rows: Vec<_> = records.iter().map(|r| &r.cells[..]).collect();
        if let Some(top) = header::of_another_table(&rows, sink) {
            return Some(records.swap_remove(top)).filter(|head| head.range.end < upto);
        }
        let next = behind_gap(dialect, bytes, records.last().map_or(at, |last| last.range.end));
        if next <= at {
            return None;
        }
        at = next;
    }
    None
}
