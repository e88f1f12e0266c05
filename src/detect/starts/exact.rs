//! A second look at possible starts, one by one: with the buckets themselves, where vectors let more through than those
//! allow. Most starts in running text and code are sorted out here, for less than the automaton's first steps take.

use super::super::heads::DEPTH;
use super::{Row, SORTS, Sorts};
use crate::unit::CELL_END;

/// What buckets allow, undiluted.
pub(super) struct Exact {
    /// Per place and byte the buckets that allow it.
    rows: Box<[[u32; 256]; DEPTH]>,
    /// The buckets of some sorts together, by a bit for each sort.
    of_sorts: [u32; 1 << SORTS],
}

impl Exact {
    pub(super) fn new(rows: &[Row; DEPTH], sorts: Sorts) -> Exact {
        let of_sorts = std::array::from_fn(|some| {
            let of_sort = sorts.buckets().into_iter().enumerate();
            of_sort.filter(|(sort, _)| some >> sort & 1 == 1).fold(0, |all, (_, of)| all | of)
        });
        Exact { rows: Box::new(std::array::from_fn(|place| rows[place].buckets)), of_sorts }
    }

    /// Whether something of the sorts that are 1 can begin here.
    #[inline]
    pub(super) fn confirms(&self, text: &[u8], sorts: [u64; SORTS]) -> bool {
        let some = sorts.iter().rev().fold(0, |some, sort| some << 1 | sort);
        let mut buckets = self.of_sorts[some as usize % (1 << SORTS)];
        let end;
        let bytes = match text.first_chunk() {
            Some(bytes) => bytes,
            None => {
                end = at_end(text);
                &end
            }
        };
        for (row, byte) in self.rows.iter().zip(bytes) {
            buckets &= row[usize::from(*byte)];
        }
        buckets != 0
    }
}

/// The last bytes of a text and what it is as if it stood behind them.
#[cold]
fn at_end(text: &[u8]) -> [u8; DEPTH] {
    std::array::from_fn(|i| text.get(i).copied().unwrap_or(CELL_END))
}
