//! Cells: those of one field, one after the other in one buffer.

use std::ops::Range;

use super::{CELL_END, FIRST_CELLS};

/// Cells of one field, each ended by [`CELL_END`].
#[derive(Clone, Debug, Default)]
pub struct Cells {
    /// The cells' text, one after the other.
    pub bytes: Vec<u8>,
    /// For each cell, where it ends in `bytes` (the position of its [`CELL_END`]).
    pub ends: Vec<u32>,
    /// For each cell, its row (counted from 1) less `first_row`.
    pub rows: Vec<u32>,
    /// For each cell, where it starts within the cell it is a piece of (0 for a whole cell).
    pub pieces: Vec<(u32, u32)>,
    /// Row of the first cell.
    pub first_row: u64,
}

impl Cells {
    /// The row of cell `i`, counted from 1.
    #[must_use]
    pub fn row(&self, i: usize) -> u64 {
        self.first_row + u64::from(self.rows[i])
    }

    /// The bytes' range of cell `i`, without its end mark.
    #[must_use]
    pub fn range(&self, i: usize) -> Range<usize> {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize + 1 };
        start..self.ends[i] as usize
    }

    /// Whether cell `i` is a piece of a longer cell, and at which byte of that cell it starts.
    #[inline]
    #[must_use]
    pub fn piece(&self, i: usize) -> Option<u32> {
        // Mostly there is none.
        if self.pieces.is_empty() {
            return None;
        }
        let i = u32::try_from(i).unwrap_or(u32::MAX);
        self.pieces.binary_search_by_key(&i, |p| p.0).ok().map(|at| self.pieces[at].1)
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Some of the cells by themselves.
    #[must_use]
    pub fn part(&self, numbers: Range<usize>) -> Cells {
        let mut part = Cells::default();
        numbers.for_each(|i| part.push_of(self, i));
        part
    }

    /// Leaves the first cells only.
    pub fn truncate(&mut self, count: usize) {
        self.ends.truncate(count);
        self.rows.truncate(count);
        self.bytes.truncate(self.ends.last().map_or(0, |end| *end as usize + 1));
        self.pieces.retain(|piece| (piece.0 as usize) < count);
    }

    /// Takes all cells out.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.rows.clear();
        self.pieces.clear();
    }

    /// Adds cell `i` of other cells.
    pub fn push_of(&mut self, others: &Cells, i: usize) {
        let row = others.row(i);
        if self.ends.is_empty() {
            self.first_row = row;
        }
        if let Some(at) = others.piece(i) {
            self.pieces.push((u32::try_from(self.ends.len()).unwrap_or(u32::MAX), at));
        }
        let Range { start, end } = others.range(i);
        self.bytes.extend_from_slice(&others.bytes[start..=end]);
        self.end(row);
    }

    /// Notes where the cell that was added last ends.
    fn end(&mut self, row: u64) {
        self.ends.push(u32::try_from(self.bytes.len() - 1).unwrap_or(u32::MAX));
        self.rows.push(u32::try_from(row.saturating_sub(self.first_row)).unwrap_or(u32::MAX));
    }

    /// Adds a cell; `piece` is where it starts in the cell that it is a piece of.
    pub fn push(&mut self, row: u64, text: &[u8], piece: Option<u32>) {
        if self.ends.is_empty() {
            self.first_row = row;
        }
        if let Some(at) = piece {
            self.pieces.push((u32::try_from(self.ends.len()).unwrap_or(u32::MAX), at));
        }
        if self.ends.capacity() == 0 {
            // So many mostly come, and growing step by step to here takes longer than filling the room.
            self.ends.reserve(FIRST_CELLS);
            self.rows.reserve(FIRST_CELLS);
            self.bytes.reserve(8 * FIRST_CELLS);
        }
        let from = self.bytes.len();
        self.bytes.extend_from_slice(text);
        // A cell that holds the end mark itself would be cut in two: it becomes a space.
        if crate::bytes::has(text, CELL_END) {
            for byte in self.bytes[from..].iter_mut().filter(|b| **b == CELL_END) {
                *byte = b' ';
            }
        }
        self.bytes.push(CELL_END);
        self.end(row);
    }
}
