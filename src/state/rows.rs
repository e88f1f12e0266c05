//! Sets of row numbers, a bit for each: those of ten million files take little more than a megabyte.

use std::collections::HashMap;

/// Words of 64 rows in one block.
const WORDS: usize = 64;

/// A set of row numbers, most of which lie close together.
#[derive(Default)]
pub(super) struct Rows {
    blocks: HashMap<i64, Box<[u64; WORDS]>>,
}

impl Rows {
    pub(super) fn insert(&mut self, row: i64) {
        let (block, word, bit) = place(row);
        self.blocks.entry(block).or_insert_with(|| Box::new([0; WORDS]))[word] |= bit;
    }

    pub(super) fn contains(&self, row: i64) -> bool {
        let (block, word, bit) = place(row);
        self.blocks.get(&block).is_some_and(|words| words[word] & bit != 0)
    }
}

/// Block, word in it, and bit in that.
fn place(row: i64) -> (i64, usize, u64) {
    const ROWS: i64 = WORDS as i64 * 64;
    let within = usize::try_from(row.rem_euclid(ROWS)).unwrap_or(0);
    (row.div_euclid(ROWS), within / 64, 1 << (within % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_put_in() {
        let mut rows = Rows::default();
        let some = [0, 1, 63, 64, 4095, 4096, 1 << 40, i64::MAX, -1];
        some.iter().for_each(|row| rows.insert(*row));
        some.iter().for_each(|row| assert!(rows.contains(*row), "{row}"));
        for other in [2, 62, 65, 4094, 4097, (1 << 40) - 1, i64::MIN, -2] {
            assert!(!rows.contains(other), "{other}");
        }
    }
}
