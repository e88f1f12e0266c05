//! How long entries begin: tells where inside a word one may stand.

use std::ops::Range;

/// Entries of this length count inside a word, too.
pub(super) const LONG: usize = 6;
/// Size of the table, in words: of two thousand beginnings few share a bit with what is none of them.
const TABLE: usize = 512;

/// The first letters of entries, a bit for each by its hash.
pub(super) struct Fronts {
    bits: Box<[u64; TABLE]>,
    /// Length of the longest entry.
    longest: usize,
}

impl Default for Fronts {
    fn default() -> Fronts {
        Fronts { bits: Box::new([0; TABLE]), longest: 0 }
    }
}

impl<'e> FromIterator<&'e str> for Fronts {
    fn from_iter<I: IntoIterator<Item = &'e str>>(entries: I) -> Fronts {
        let mut fronts = Fronts::default();
        for entry in entries {
            fronts.longest = fronts.longest.max(entry.len());
            if let Some((at, bit)) = place(entry.as_bytes()) {
                fronts.bits[at] |= 1 << bit;
            }
        }
        fronts
    }
}

impl Fronts {
    /// The parts of a word that may be entries.
    pub(super) fn entries_may_be(&self, word: &str) -> impl Iterator<Item = Range<usize>> {
        let begins = |at: &usize| {
            let place = place(&word.as_bytes()[*at..]);
            place.is_some_and(|(at, bit)| self.bits[at] >> bit & 1 == 1)
        };
        let ends = |at: usize| at + LONG..=word.len().min(at + self.longest);
        let parts =
            (0..word.len()).filter(begins).flat_map(move |at| ends(at).map(move |to| at..to));
        parts.filter(|part| word.get(part.clone()).is_some())
    }
}

/// The place of the first letters in the table, and the bit there.
fn place(letters: &[u8]) -> Option<(usize, u32)> {
    let [a, b, c, d, e, f] = *letters.first_chunk::<LONG>()?;
    let hash = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let hash = (hash >> 49) as usize;
    Some((hash / 64, (hash % 64) as u32))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_entry_inside_a_word_is_missed(word in "[abå]{6,14}", from in 0usize..14, to in 0usize..15) {
            let part = word.get(from..to).filter(|part| part.len() >= LONG);
            let fronts: Fronts = part.into_iter().collect();
            let found: Vec<_> = fronts.entries_may_be(&word).map(|found| &word[found]).collect();
            prop_assert!(part.is_none_or(|part| found.contains(&part)));
            prop_assert!(part.is_some() || found.is_empty());
        }
    }
}
