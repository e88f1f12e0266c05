//! Buffers: the cells of a field are gathered before they are handed on.

use super::Cells;

const CELLS_PER_BUFFER: usize = 1024;
/// Those that follow on the first ones: they tell whether cells come again.
const NEXT_CELLS: usize = 128;
/// Cells that are not blank from which a consumer learns what to ask the others for. They come in buffers of their own,
/// so that it need not part them from others.
pub const FIRST_CELLS: usize = 32;
/// Cells at the start of a field, blank ones included, for which that holds.
const START_CELLS: usize = 8 * FIRST_CELLS;
const BYTES_PER_BUFFER: usize = 64 << 10;

/// The cells of one field that are yet to be handed on.
pub(super) struct Buffer {
    pub(super) cells: Cells,
    /// So many are handed on at once.
    most: usize,
    /// How many were handed on, and how many of them were not blank; counted at the field's start only.
    handed: usize,
    filled: usize,
}

impl Default for Buffer {
    fn default() -> Self {
        Buffer { cells: Cells::default(), most: FIRST_CELLS, handed: 0, filled: 0 }
    }
}

impl Buffer {
    pub(super) fn is_full(&self) -> bool {
        self.cells.len() >= self.most || self.cells.bytes.len() >= BYTES_PER_BUFFER
    }

    /// How many cells there is room for.
    pub(super) fn room(&self) -> usize {
        self.most - self.cells.len()
    }

    /// The cells are about to be handed on: tells how many the next ones are.
    pub(super) fn count(&mut self) {
        if self.most == CELLS_PER_BUFFER {
            return;
        }
        let cells = &self.cells;
        let is_filled = |i: &usize| !cells.bytes[cells.range(*i)].trim_ascii().is_empty();
        self.filled += (0..cells.len()).filter(is_filled).count();
        self.handed += cells.len();
        let at_start = self.filled < FIRST_CELLS && self.handed < START_CELLS;
        // A buffer of a cell or two is not worth its while.
        let wanted = FIRST_CELLS.saturating_sub(self.filled).max(8);
        self.most = match self.most {
            _ if at_start => wanted,
            NEXT_CELLS => CELLS_PER_BUFFER,
            _ => NEXT_CELLS,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many cells are handed on at once when one in so many is not blank.
    fn handed(filled_one_in: u64) -> Vec<usize> {
        let (mut buffer, mut handed) = (Buffer::default(), Vec::new());
        for row in 0..4000u64 {
            let text: &[u8] = if row.is_multiple_of(filled_one_in) { b"x" } else { b" " };
            buffer.cells.push(row, text, None);
            if buffer.is_full() {
                buffer.count();
                handed.push(buffer.cells.len());
                buffer.cells.clear();
            }
        }
        handed
    }

    #[test]
    fn a_field_starts_with_cells_to_learn_from() {
        assert_eq!(handed(1), [32, 128, 1024, 1024, 1024]);
        assert_eq!(handed(2), [32, 16, 8, 8, 128, 1024, 1024, 1024]);
        assert_eq!(handed(1000)[..3], [32, 31, 31]);
        assert_eq!(handed(1000).into_iter().filter(|n| *n == 1024).count(), 3);
    }
}
