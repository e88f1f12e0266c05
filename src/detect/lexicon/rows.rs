//! What the names of fields say of the rows of their tables: whether each is a person, a thing, or a count of many.

use super::{Words, listed};
use crate::detect::fold::fold;
use crate::detect::rules::Rules;

/// What a row of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Something of a person's: a `Mitarbeiter`, an id.
    Person,
    /// What animals and other things have as well: a name, a mother, a father.
    Named,
    /// Something that has an id.
    Numbered,
    /// A machine, an animal, a building.
    Thing,
    /// A number of cases or people.
    Counts,
    /// What people are grouped by in statistics: years, trades, regions.
    Groups,
}

/// Words that say what rows are.
pub(super) struct Rows {
    people: Words,
    things: Words,
    counts: Words,
    groups: Words,
    /// What has names that may be those of people: rooms, ships, roses.
    called: Words,
    /// What only things have that have names.
    catalogued: Words,
    /// What only persons are asked, and their ages.
    traits: Words,
    ages: Words,
    /// What tables of animals end with, and what they are called besides.
    animals: Words,
    all_animals: Words,
    /// Firms and their places, and what compounds with them end with.
    firms: Words,
    firms_of: Vec<String>,
    /// Words for a name, and small words; the former alone, as compounds end with them.
    names: Words,
    name_ends: Vec<String>,
}

impl Rows {
    /// The lists of these rules.
    pub(super) fn new(rules: &Rules) -> Rows {
        let list = |names: &[&str]| listed(rules, names);
        Rows {
            people: list(&["people", "ids"]),
            things: list(&["of_things"]),
            counts: list(&["counts"]),
            groups: list(&["groups"]),
            called: list(&["called"]),
            catalogued: list(&["catalogued"]),
            traits: list(&["traits"]),
            ages: list(&["ages"]),
            animals: list(&["animals"]),
            all_animals: list(&["animals", "animals_alone"]),
            firms: list(&["firms"]),
            firms_of: super::listed(rules, &["name_words", "number_ends"]),
            names: list(&["name_words", "links"]),
            name_ends: super::listed(rules, &["name_words"]),
        }
    }

    /// What a name says of rows.
    pub(super) fn told_by(&self, words: &[String]) -> Option<Matter> {
        /// Letters of a word that tells among others.
        const TELLING: usize = 3;
        let counts = |w: &&String| words.len() == 1 || w.len() >= TELLING;
        let has = |list: &Words| words.iter().filter(counts).any(|w| list.contains(w));
        const PARENTS: &[&str] =
            &["mor", "far", "mother", "father", "mutter", "vater", "dam", "sire"];
        let is_name = |w: &String| self.names.contains(w) || PARENTS.contains(&w.as_str());
        // `number_of_patients` are counts.
        match () {
            () if !words.is_empty() && words.iter().all(is_name) => Some(Matter::Named),
            () if matches!(words, [id] if id == "id") => Some(Matter::Numbered),
            () if has(&self.counts) => Some(Matter::Counts),
            () if has(&self.things) => Some(Matter::Thing),
            () if has(&self.people) => Some(Matter::Person),
            () => has(&self.groups).then_some(Matter::Groups),
        }
    }

    /// Whether a name has a word for a firm or a place of one, or a compound of one and a word for a name or a number
    /// (`Schulname`).
    pub(super) fn is_firm(&self, words: &[String]) -> bool {
        let ends = |w: &String| {
            let of = self.firms_of.iter().filter_map(|end| w.strip_suffix(end.as_str()));
            of.map(|front| front.trim_end_matches(['s', 'n', 'e'])).any(|w| self.firms.contains(w))
        };
        words.iter().any(|w| self.firms.contains(w) || ends(w))
    }

    /// Which word of a name is of what only persons are asked; all ages are one.
    pub(super) fn trait_in<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        let is_age = words.iter().any(|w| self.ages.contains(w));
        let asked = || words.iter().find(|w| self.traits.contains(*w)).map(String::as_str);
        if is_age { Some("age") } else { asked() }
    }

    /// Whether a name is no more than a word for one.
    pub(super) fn is_name_word(&self, name: &str) -> bool {
        self.names.contains(&fold(name))
    }

    /// Whether a name is that of things that are called after people: its last word but for those that say `name`, or
    /// a compound of the two (`shipname`).
    pub(super) fn is_thing(&self, words: &[String]) -> bool {
        let last = words.iter().rfind(|w| !self.names.contains(*w));
        last.is_some_and(|w| {
            let of = || self.name_ends.iter().filter_map(|end| w.strip_suffix(end.as_str()));
            self.called.contains(w) || of().any(|w| self.called.contains(w.trim_end_matches('s')))
        })
    }

    /// Whether a name is that of the name of such a thing (`Product name`), and not of the thing alone.
    pub(super) fn is_name_of_thing(&self, words: &[String]) -> bool {
        let says_name = |w: &String| self.name_ends.iter().any(|end| w.ends_with(end.as_str()));
        words.iter().any(says_name) && self.is_thing(words)
    }

    /// Whether a table's name ends with a word for animals, or says no more than that animals are in it.
    pub(super) fn is_animals(&self, words: &[String]) -> bool {
        words.last().is_some_and(|last| {
            self.animals.contains(last) || words.iter().all(|w| self.all_animals.contains(w))
        })
    }

    /// Whether a name is that of what only things have that have names: a price, the number of a ship.
    pub(super) fn is_catalogued(&self, words: &[String]) -> bool {
        words.iter().any(|w| self.catalogued.contains(w))
    }
}
