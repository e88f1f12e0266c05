//! Words of field names that say whose something is: they hide nothing of what the other words tell.

use super::names::is_count;
use super::{Words, listed};
use crate::detect::rules::Rules;

/// Whose a thing is, by the words beside its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Nothing says so.
    Nobody,
    /// Somebody's who may be a firm.
    Party,
    /// A person's.
    Person,
}

/// Words of names that say whose something is.
pub(super) struct Owners {
    people: Words,
    parties: Words,
    links: Words,
    things: Words,
}

impl Owners {
    /// The lists of these rules.
    pub(super) fn new(rules: &Rules) -> Owners {
        let list = |name: &str| listed(rules, &[name]);
        Owners {
            people: list("people"),
            parties: list("parties"),
            links: list("links"),
            things: list("things"),
        }
    }

    /// The words of a name without those at its ends that say whose it is, and the numbers and small words beside them.
    pub(super) fn without<'w>(&self, words: &'w [String]) -> (&'w [String], Owner) {
        let (mut name, mut owner) = (words, Owner::Nobody);
        loop {
            name = match name {
                [first, rest @ ..] if !rest.is_empty() && self.says(first, &mut owner) => rest,
                [rest @ .., last] if !rest.is_empty() && self.says(last, &mut owner) => rest,
                _ if owner == Owner::Nobody => return (words, owner),
                _ => return (name, owner),
            };
        }
    }

    /// Whether a word at the end of a name says whose it is, or only counts or joins.
    fn says(&self, word: &str, owner: &mut Owner) -> bool {
        match word {
            _ if self.people.contains(word) => *owner = Owner::Person,
            _ if self.parties.contains(word) && *owner == Owner::Nobody => *owner = Owner::Party,
            _ => return is_count(word) || self.parties.contains(word) || self.links.contains(word),
        }
        true
    }

    /// Whether a word says whose something is.
    pub(super) fn is_owner(&self, word: &str) -> bool {
        self.people.contains(word) || self.parties.contains(word)
    }

    /// Whether a word is one for a person.
    pub(super) fn is_person(&self, word: &str) -> bool {
        self.people.contains(word)
    }

    /// A name without its small words.
    pub(super) fn unlinked(&self, words: &[String]) -> Vec<String> {
        words.iter().filter(|w| !self.links.contains(*w)).cloned().collect()
    }

    /// Whether a word is one of a thing that has a name of its own.
    pub(super) fn is_thing(&self, word: &str) -> bool {
        self.things.contains(word)
    }
}
