//! Whole rows of a table whose cells stand in some bytes as they are: they are copied column by column, so that nothing
//! has to be asked for every single cell.

use super::{CELL_END, Cells};

/// Bytes that are copied at once, whether or not a cell has so many.
const WIDE: usize = 32;

/// Where a cell stands in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Its first byte.
    pub from: u32,
    /// The byte behind its last.
    pub to: u32,
}

impl Cut {
    /// Where a cell stands in bytes of which there are no more than an `u32` counts.
    #[must_use]
    pub fn new(from: usize, to: usize) -> Cut {
        let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Cut { from: place(from), to: place(to) }
    }

    /// The cell.
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.from as usize..self.to as usize]
    }

    fn len(self) -> usize {
        (self.to - self.from) as usize
    }
}

impl Cells {
    /// Adds cells of rows that follow each other, none of which holds [`CELL_END`].
    pub(super) fn extend(
        &mut self,
        row: u64,
        bytes: &[u8],
        cuts: impl ExactSizeIterator<Item = Cut> + Clone,
    ) {
        if self.ends.is_empty() {
            self.first_row = row;
        }
        let ahead = row.saturating_sub(self.first_row);
        let rows = (ahead..).take(cuts.len());
        self.rows.extend(rows.map(|row| u32::try_from(row).unwrap_or(u32::MAX)));
        let (start, mut end) = (self.bytes.len(), self.bytes.len());
        self.ends.extend(cuts.clone().map(|cut| {
            let at = end + cut.len();
            end = at + 1;
            u32::try_from(at).unwrap_or(u32::MAX)
        }));
        self.bytes.resize(end + WIDE, 0);
        let mut to = &mut self.bytes[start..];
        for cut in cuts {
            copy(cut, bytes, to);
            to[cut.len()] = CELL_END;
            to = &mut to[cut.len() + 1..];
        }
        self.bytes.truncate(end);
    }
}

/// Copies a cell, and what stands behind it where that is quicker.
fn copy(cut: Cut, bytes: &[u8], to: &mut [u8]) {
    let (from, length) = (cut.from as usize, cut.len());
    match (bytes[from..].first_chunk::<WIDE>(), to.first_chunk_mut()) {
        (Some(wide), Some(to)) if length <= WIDE => *to = *wide,
        _ => to[..length].copy_from_slice(cut.of(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_the_same_as_one_by_one() {
        let bytes: Vec<u8> = (0..400u32).map(|i| b'a' + (i % 23) as u8).collect();
        let cuts: Vec<_> = (0..80).map(|i| Cut::new(i * 5 % 300, i * 5 % 300 + i)).collect();
        for first in [0, 3] {
            let (mut all, mut one_by_one) = (Cells::default(), Cells::default());
            for (part, from) in cuts.chunks(33).zip([first, first + 33, first + 66]) {
                all.extend(from, &bytes, part.iter().copied());
                (from..)
                    .zip(part)
                    .for_each(|(row, cut)| one_by_one.push(row, cut.of(&bytes), None));
            }
            assert_eq!(all.bytes, one_by_one.bytes);
            assert_eq!((all.ends, all.rows), (one_by_one.ends, one_by_one.rows));
            assert_eq!(all.first_row, one_by_one.first_row);
        }
    }
}
