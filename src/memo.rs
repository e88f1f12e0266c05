//! What was told of names before: field names come again in file after file, and what a name says depends on the name
//! alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Names that are remembered, and the most bytes that one of them has.
const NAMES: usize = 16_384;
const LONGEST: usize = 64;

/// What was told of names, by the name.
pub struct Memo<V>(Mutex<HashMap<Box<str>, V, foldhash::quality::RandomState>>);

impl<V> Default for Memo<V> {
    fn default() -> Self {
        Memo(Mutex::default())
    }
}

impl<V: Clone> Memo<V> {
    /// What a name tells.
    pub fn of(&self, name: &str, tell: impl FnOnce() -> V) -> V {
        let names = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = names().get(name) {
            return told.clone();
        }
        // Others need not wait while this one is thought about.
        let told = tell();
        let mut names = names();
        if names.len() < NAMES && name.len() <= LONGEST {
            names.insert(name.into(), told.clone());
        }
        told
    }
}

/// What was told of the last few names, for one who meets the same ones again and again.
pub struct Recent<V> {
    told: Vec<(Box<str>, V)>,
    oldest: usize,
}

/// Names that stand in a line.
const LAST: usize = 8;

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Recent { told: Vec::new(), oldest: 0 }
    }
}

impl<V> Recent<V> {
    /// What a name tells.
    pub fn of(&mut self, name: &str, tell: impl FnOnce(&str) -> V) -> &V {
        let known = self.told.iter().position(|(known, _)| **known == *name);
        let at = known.unwrap_or_else(|| {
            let new = (name.into(), tell(name));
            if self.told.len() < LAST {
                self.told.push(new);
                return self.told.len() - 1;
            }
            let at = self.oldest;
            self.told[at] = new;
            self.oldest = (at + 1) % LAST;
            at
        });
        &self.told[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_names_are_remembered() {
        let mut recent = Recent::default();
        assert_eq!((*recent.of("a", |_| 1), *recent.of("a", |_| 2)), (1, 1));
        for name in ["b", "c", "d", "e", "f", "g", "h", "i"] {
            recent.of(name, |_| 3);
        }
        assert_eq!((*recent.of("a", |_| 4), *recent.of("i", |_| 5)), (4, 3));
    }

    #[test]
    fn a_name_is_asked_once() {
        let memo = Memo::default();
        assert_eq!((memo.of("a", || 1), memo.of("a", || 2), memo.of("b", || 3)), (1, 1, 3));
        let long = "x".repeat(LONGEST + 1);
        assert_eq!((memo.of(&long, || 1), memo.of(&long, || 2)), (1, 2));
        for i in 0..NAMES {
            assert_eq!(memo.of(&i.to_string(), || i), i);
        }
        assert_eq!(memo.0.lock().unwrap().len(), NAMES);
    }
}
