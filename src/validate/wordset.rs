//! Sets of words: whether a word, or what it ends with, stands in a list, mostly told by its last letters.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

/// A list of words, made ready for looking up. The list is ours, so no input can make it slow.
pub(super) struct Words {
    set: HashSet<&'static [u8], FixedState>,
    /// By the last byte of a word, its length and the byte before, a bit for each: what most words fail by.
    whole: [u64; 256],
    /// The same by the last three bytes, of words that end with one of the list.
    ends: [u64; 256],
    /// The words by their last byte, the shortest first.
    by_last: Box<[Vec<&'static [u8]>; 256]>,
}

impl Words {
    /// The words of a list; empty ones are left out.
    pub(super) fn new(list: impl IntoIterator<Item = &'static str>) -> Words {
        let words = list.into_iter().filter(|w| !w.is_empty()).map(str::as_bytes);
        let set: HashSet<&'static [u8], FixedState> = words.collect();
        let (mut whole, mut ends) = ([0; 256], [0; 256]);
        let mut by_last = Box::new([const { Vec::new() }; 256]);
        for word in &set {
            let last = usize::from(word[word.len() - 1]);
            whole[last] |= bit_of_whole(word);
            // Of a word of fewer than three bytes it is not known what stands before them.
            ends[last] |= if word.len() < 3 { u64::MAX } else { bit_of_end(word) };
            by_last[last].push(*word);
        }
        by_last.iter_mut().for_each(|words| words.sort_by_key(|word| word.len()));
        Words { set, whole, ends, by_last }
    }

    /// Whether the list may have the lower case of this word.
    #[inline]
    pub(super) fn may_hold_small(&self, word: &str) -> bool {
        let small = |byte: &u8| byte.to_ascii_lowercase();
        // Letters of Latin-1 keep their length.
        let keeps_length =
            || word.is_ascii() || word.bytes().fold(true, |keeps, byte| keeps & (byte <= 0xC3));
        match word.as_bytes() {
            [] => false,
            [.., before, last] if before.is_ascii() && last.is_ascii() && keeps_length() => {
                self.whole[usize::from(small(last))] & bit(small(before), word.len()) != 0
            }
            _ => true,
        }
    }

    /// Whether the list may have what the lower case of this word ends with.
    #[inline]
    pub(super) fn may_end_small(&self, word: &str) -> bool {
        match word.as_bytes() {
            [.., a, b, c] if a.is_ascii() && b.is_ascii() && c.is_ascii() => {
                let end = [a, b, c].map(u8::to_ascii_lowercase);
                self.ends[usize::from(end[2])] & bit_of_end(&end) != 0
            }
            _ => true,
        }
    }

    /// Whether the list has this word.
    #[inline]
    pub(super) fn holds(&self, word: impl AsRef<[u8]>) -> bool {
        let word = word.as_ref();
        let Some(last) = word.last() else { return false };
        self.whole[usize::from(*last)] & bit_of_whole(word) != 0 && self.set.contains(word)
    }

    /// Lengths of those words of the list that this word ends with, itself included.
    #[inline]
    pub(super) fn endings<'w>(&'w self, word: &'w [u8]) -> impl Iterator<Item = usize> {
        let last = word.last().map(|last| usize::from(*last));
        let may = last.filter(|last| self.ends[*last] & bit_of_end(word) != 0);
        let ends = may.map_or(&[][..], |last| &self.by_last[last]);
        // Most differ by the byte before the last, for which nothing has to be called.
        let fits = |end: &&&[u8]| before_last(end).is_none_or(|b| before_last(word) == Some(b));
        ends.iter().filter(fits).filter(|end| word.ends_with(end)).map(|end| end.len())
    }
}

#[inline]
fn before_last(word: &[u8]) -> Option<u8> {
    word.len().checked_sub(2).map(|at| word[at])
}

/// The bit of a word by its length and the byte before the last.
#[inline]
fn bit_of_whole(word: &[u8]) -> u64 {
    bit(before_last(word).unwrap_or(0), word.len())
}

#[inline]
fn bit(before: u8, length: usize) -> u64 {
    1 << ((usize::from(before) + 11 * length) & 63)
}

/// The bit of a word by the two bytes before the last.
#[inline]
fn bit_of_end(word: &[u8]) -> u64 {
    match word.len().checked_sub(3) {
        Some(at) => 1 << ((usize::from(word[at]) * 3 + usize::from(word[at + 1])) & 63),
        None => u64::MAX,
    }
}

/// A word without these bytes at its end.
pub(super) fn without_ends<'w>(word: &'w [u8], ends: &[u8]) -> &'w [u8] {
    let end = word.iter().rposition(|b| !ends.contains(b)).map_or(0, |last| last + 1);
    &word[..end]
}

/// Long lists of words, one word a line: in which of them a word stands.
pub(super) struct Lists {
    lists: [&'static str; 3],
    /// Of each word its lists, where it stands in the first of them, and some of the bits of its hash; 0 where
    /// no word is. A word's place is told by its hash; where that is taken it is one of the next.
    slots: Vec<u32>,
}

/// Bits of a slot that tell where a word stands in its list.
const PLACE: u32 = 19;
/// Bits of a slot, and of what is told of a word, for its lists.
const LISTS: u32 = 3;

impl Lists {
    /// Lists of fewer than 2¹⁹ bytes each; what stands beyond is left out.
    pub(super) fn new(lists: [&'static str; 3]) -> Lists {
        let lines = |list: &str| list.bytes().filter(|b| *b == b'\n').count() + 1;
        let words: usize = lists.iter().map(|list| lines(list)).sum();
        let mut all = Lists { lists, slots: vec![0; (words + words / 2).next_power_of_two()] };
        for (list, bit) in lists.into_iter().zip([1, 2, 4]) {
            let mut at = 0;
            for word in list.lines() {
                // Words of lines end with one byte more.
                let place = u32::try_from(at).ok().filter(|at| at >> PLACE == 0);
                place.into_iter().for_each(|place| all.add(word.as_bytes(), place, bit));
                at += word.len() + 1;
            }
        }
        all
    }

    fn add(&mut self, word: &[u8], place: u32, bit: u32) {
        let (tag, slot) = self.find(word);
        let taken = self.slots[slot];
        self.slots[slot] = if taken == 0 { tag | place << LISTS | bit } else { taken | bit };
    }

    /// The lists that a word stands in, a bit for each, from the first on.
    pub(super) fn of(&self, word: &[u8]) -> u32 {
        let (_, slot) = self.find(word);
        self.slots[slot] & ((1 << LISTS) - 1)
    }

    /// The bits of a word's hash that its slot holds, and its slot or the empty one where it would be.
    fn find(&self, word: &[u8]) -> (u32, usize) {
        let mut hasher = FixedState::with_seed(0).build_hasher();
        hasher.write(word);
        let hash = hasher.finish();
        let tag = (hash as u32) >> (PLACE + LISTS) << (PLACE + LISTS);
        let mask = self.slots.len() - 1;
        let mut at = (hash >> 32) as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 || (slot ^ tag) >> (PLACE + LISTS) == 0 && self.stands_at(slot, word) {
                return (tag, at);
            }
            at = (at + 1) & mask;
        }
    }

    fn stands_at(&self, slot: u32, word: &[u8]) -> bool {
        let list = self.lists[slot.trailing_zeros() as usize].as_bytes();
        let rest = &list[(slot >> LISTS & ((1 << PLACE) - 1)) as usize..];
        rest.starts_with(word) && rest.get(word.len()).is_none_or(|b| *b == b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_endings_are_found() {
        let words = Words::new(["veien", "en", "allé", "y", "åsen", ""]);
        assert!(words.holds("allé") && words.holds("y") && !words.holds("ve") && !words.holds(""));
        let may_hold = ["VEIEN", "Y", "allÉ", "En", "ÅSEN"].map(|word| words.may_hold_small(word));
        let may_not = ["", "x1", "ÅSER", "Åseen"].map(|word| words.may_hold_small(word));
        assert!(may_hold == [true; 5] && may_not == [false; 4]);
        let may_end = ["KIRKEVEIEN", "xY", "Å", "XÉ"].map(|word| words.may_end_small(word));
        assert!(may_end == [true; 4] && !words.may_end_small("Kirkerud"));
        assert_eq!(words.endings(b"kirkeveien").collect::<Vec<_>>(), [2, 5]);
        assert_eq!(
            words.endings("é".as_bytes()).count() + words.endings("ø".as_bytes()).count(),
            0
        );
        assert_eq!(words.endings(b"y").count() + words.endings(b"xy").count(), 2);
    }

    #[test]
    fn words_are_found_in_every_list_that_has_them() {
        let lists = Lists::new(["anna\nkari\n", "anna\nhansen", "kari\nbo\nanna\n"]);
        for (word, told) in [
            ("anna", 7),
            ("kari", 5),
            ("hansen", 2),
            ("bo", 4),
            ("ann", 0),
            ("kari\nbo", 0),
            ("", 0),
        ] {
            assert_eq!(lists.of(word.as_bytes()), told, "{word}");
        }
    }
}
