//! Names of numbers: what ends like `Part No` or `Delenr` is a number of something, and mostly no telephone.

use super::{Words, listed};
use crate::detect::rules::Rules;

/// Words that make a name one of a number, and which detectors it speaks against.
pub(super) struct Numbers {
    /// Detectors that names of numbers speak against.
    pub(super) detectors: Vec<u16>,
    /// Words for numbers and codes, and those that stand at the end of compounds, too.
    words: Words,
    ends: Vec<String>,
    /// Ways to reach somebody: their number is a telephone's as often.
    reach: Words,
}

/// What stands before the end of a compound has at least so many letters.
const FRONT: usize = 2;

impl Numbers {
    /// The lists of these rules.
    pub(super) fn new(rules: &Rules) -> Numbers {
        let detectors = (0..=u16::MAX).zip(&rules.detectors).filter(|d| d.1.against_numbers);
        Numbers {
            detectors: detectors.map(|d| d.0).collect(),
            words: listed(rules, &["number_words"]),
            ends: listed(rules, &["number_ends"]),
            reach: listed(rules, &["reach"]),
        }
    }

    /// What a name says is numbered; nothing where it is no name of a number, or says no more than that.
    pub(super) fn front(&self, words: &[String]) -> Option<Vec<String>> {
        match words {
            [front @ .., last] if !front.is_empty() && self.words.contains(last) => {
                Some(front.to_vec())
            }
            [first, front @ ..] if !front.is_empty() && self.words.contains(first) => {
                Some(front.to_vec())
            }
            [rest @ .., last] => {
                let stem = self.ends.iter().find_map(|end| last.strip_suffix(end.as_str()))?;
                let stem = Some(stem).filter(|stem| stem.len() >= FRONT)?;
                Some(rest.iter().cloned().chain([stem.to_owned()]).collect())
            }
            [] => None,
        }
    }

    /// The words of a name but those for ways to reach somebody.
    pub(super) fn unreached<'w>(&self, words: &'w [String]) -> impl Iterator<Item = &'w String> {
        words.iter().filter(|w| !self.reach.contains(*w))
    }

    /// Whether all that is numbered are ways to reach somebody.
    pub(super) fn reaches(&self, front: &[String]) -> bool {
        front.iter().all(|w| self.reach.contains(w) || self.reach.contains(w.trim_end_matches('s')))
    }
}
