//! Whole rows of tables, cut in one go: what all formats that do so have in common.

use crate::unit::{Cut, PIECE};

/// Bytes that are cut before their cells are handed on: few enough to be still at hand then. No cell of theirs is too
/// long to be handed on whole.
pub(super) const STRETCH: usize = 32 << 10;
const _: () = assert!(STRETCH <= PIECE);

/// Cuts rows as long as `row` finds them plain and says where they end; gives where the last one does.
pub(super) fn whole(
    cuts: &mut Vec<Cut>,
    mut row: impl FnMut(usize, &mut Vec<Cut>) -> Option<usize>,
) -> usize {
    cuts.clear();
    let mut used = 0;
    loop {
        let before = cuts.len();
        match row(used, cuts) {
            Some(end) => used = end,
            None => {
                cuts.truncate(before);
                return used;
            }
        }
    }
}
