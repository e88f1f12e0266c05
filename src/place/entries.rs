//! Entries that are looked for among the words of names.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::detect::fold::{transliterated, words};

/// What entries tell, by their words.
#[derive(Clone, Debug)]
pub(super) struct Entries<T> {
    /// By the words of an entry, joined by blanks.
    told: HashMap<String, T, foldhash::quality::RandomState>,
    /// The words that entries begin with, which most names have none of.
    first: HashSet<String, foldhash::quality::RandomState>,
    /// The most words that an entry has.
    longest: usize,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Entries { told: HashMap::default(), first: HashSet::default(), longest: 0 }
    }
}

impl<T> Entries<T> {
    /// What an entry of these words tells, which is `told` where it is new.
    pub(super) fn add(&mut self, words: &[String], told: impl FnOnce() -> T) -> &mut T {
        self.first.extend(words.first().cloned());
        self.longest = self.longest.max(words.len());
        self.told.entry(words.join(" ")).or_insert_with(told)
    }

    /// What the entry of these words tells.
    pub(super) fn get(&self, words: &[String]) -> Option<&T> {
        self.told.get(&words.join(" "))
    }

    /// What all entries tell.
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.told.values()
    }

    /// The entries among these words, up to `most` of them in a row, by where they begin: their places and what they tell.
    pub(super) fn among<'e, 'w>(
        &'e self,
        words: &'w [String],
        most: usize,
    ) -> impl Iterator<Item = (Range<usize>, &'e T)> + use<'e, 'w, T> {
        let most = self.longest.min(most);
        let begins = (0..words.len()).filter(|at| self.first.contains(&words[*at]));
        let runs = begins.flat_map(move |from| {
            let ends = from + 1..=words.len().min(from + most);
            ends.map(move |to| from..to)
        });
        runs.filter_map(|run| Some((run.clone(), self.get(&words[run])?)))
    }
}

/// The words of an entry in each of its spellings.
pub(super) fn spelled(entry: &str) -> impl Iterator<Item = Vec<String>> {
    [Some(words(entry)), transliterated(entry).map(|other| words(&other))].into_iter().flatten()
}
