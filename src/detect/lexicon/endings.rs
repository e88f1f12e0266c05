//! Field names that other words may stand before, whatever they are: a `payment_city` is a town, a `Card Address Zip` a
//! postal code.

use std::collections::HashMap;

use super::names::without_count;
use super::owners::Owners;
use super::{Words, listed};
use crate::detect::fold::{spellings, words};
use crate::detect::rules::Rules;

/// Such names, folded, and whose they are.
pub(super) struct Endings {
    detectors: HashMap<String, Vec<u16>, foldhash::quality::RandomState>,
    /// The most words that one has.
    longest: usize,
    /// Words behind a name that say no more than it does: `city_name`.
    behind: Words,
    /// Words for addresses and what they are for, which names run together with.
    fronts: Words,
}

impl Endings {
    /// Those of these rules.
    pub(super) fn new(rules: &Rules) -> Endings {
        let mut endings = Endings {
            detectors: HashMap::default(),
            longest: 1,
            behind: listed(rules, &["name_words", "links"]),
            fronts: listed(rules, &["address_words", "parties", "people"]),
        };
        for (number, detector) in (0..=u16::MAX).zip(&rules.detectors) {
            for name in detector.ending_headers.iter().flat_map(|name| spellings(name)) {
                let name = words(&name);
                endings.longest = endings.longest.max(name.len());
                endings.detectors.entry(name.join(" ")).or_default().push(number);
            }
        }
        endings
    }

    /// The detectors of whose names one stands at the end of a field's name, behind no word for a thing.
    pub(super) fn of<'e>(&'e self, words: &[String], owners: &Owners) -> &'e [u16] {
        let name = without_count(words);
        let end = name.iter().rposition(|w| !self.behind.contains(w)).map_or(0, |last| last + 1);
        let name = &name[..end];
        if name.iter().rev().skip(1).any(|w| owners.is_thing(w)) {
            return &[];
        }
        let from = (0..name.len()).skip(name.len().saturating_sub(self.longest));
        let apart = from.filter_map(|from| self.detectors.get(&name[from..].join(" "))).next();
        apart.or_else(|| self.run_together(name.last()?)).map_or(&[], Vec::as_slice)
    }

    /// Whose name ends a word that begins with others for addresses or people: `otherzip`, `altcontactzipcode`.
    fn run_together(&self, word: &str) -> Option<&Vec<u16>> {
        let cuts = (1..word.len()).filter(|at| word.is_char_boundary(*at));
        let whose =
            |at: usize| self.detectors.get(&word[at..]).filter(|_| self.fronts(&word[..at]));
        cuts.filter_map(whose).next()
    }

    /// Whether a text is one of such words, or several.
    fn fronts(&self, text: &str) -> bool {
        /// Letters that a word has where more of them run together.
        const WORD: usize = 3;
        let rest = |at: &usize| self.fronts.contains(&text[..*at]) && self.fronts(&text[*at..]);
        let mut cuts = (WORD..text.len()).filter(|at| text.is_char_boundary(*at));
        self.fronts.contains(text) || cuts.any(|at| rest(&at))
    }
}
