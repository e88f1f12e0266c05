//! Sets of words: whether a word, or what it ends with, stands in a list, at the cost of a hash or two.

use std::collections::HashSet;

use foldhash::fast::FixedState;

/// A list of words, made ready for looking up. The list is ours, so no input can make it slow.
pub(super) struct Words {
    set: HashSet<&'static str, FixedState>,
    /// Bytes that a word of the list can end with.
    last: [bool; 256],
    /// Lengths of the words in bytes, each once, rising.
    lengths: Vec<usize>,
}

impl Words {
    /// The words of a list; empty ones are left out.
    pub(super) fn new(list: impl IntoIterator<Item = &'static str>) -> Words {
        let set: HashSet<&'static str, FixedState> =
            list.into_iter().filter(|w| !w.is_empty()).collect();
        let mut last = [false; 256];
        let mut lengths = Vec::new();
        for word in &set {
            last[word.as_bytes()[word.len() - 1] as usize] = true;
            lengths.push(word.len());
        }
        lengths.sort_unstable();
        lengths.dedup();
        Words { set, last, lengths }
    }

    /// Whether the list has this word.
    pub(super) fn holds(&self, word: &str) -> bool {
        self.may_end(word) && self.set.contains(word)
    }

    /// Those words of the list that this word ends with, itself included.
    pub(super) fn endings<'w>(&'w self, word: &'w str) -> impl Iterator<Item = &'w str> {
        let lengths = if self.may_end(word) { &self.lengths[..] } else { &[] };
        lengths
            .iter()
            .map_while(|n| word.len().checked_sub(*n))
            .filter_map(|at| word.get(at..))
            .filter(|ending| self.set.contains(ending))
    }

    fn may_end(&self, word: &str) -> bool {
        word.as_bytes().last().is_some_and(|b| self.last[*b as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_endings_are_found() {
        let words = Words::new(["veien", "en", "allé", "y", ""]);
        assert!(words.holds("allé") && words.holds("y") && !words.holds("ve") && !words.holds(""));
        assert_eq!(words.endings("kirkeveien").collect::<Vec<_>>(), ["en", "veien"]);
        assert_eq!(words.endings("é").count() + words.endings("ø").count(), 0);
    }
}
