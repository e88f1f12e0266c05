//! Retention anchors: columns from which a retention period may run, by their names
//! (`patterns/anchors.toml`).

use std::cmp::Reverse;
use std::ops::Range;

use anyhow::Result;
use serde::Deserialize;

use super::entries::{Entries, spelled};
use crate::detect::fold::words;
use crate::detect::lexicon::leaf;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    anchor: Vec<Anchor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Anchor {
    kind: String,
    headers: Vec<String>,
}

/// The names of anchors: the kind that each is of.
#[derive(Clone, Debug)]
pub struct Anchors(Entries<String>);

/// Runs of words shorter than this count only as the whole name.
const SHORT: usize = 6;

impl Anchors {
    pub(super) fn parse(text: &str) -> Result<Anchors> {
        let file: File = toml::from_str(text)?;
        let mut kinds = Entries::default();
        for anchor in &file.anchor {
            for words in anchor.headers.iter().flat_map(|header| spelled(header)) {
                for words in [&[words.concat()], &words[..]] {
                    kinds.add(words, || anchor.kind.clone());
                }
            }
        }
        Ok(Anchors(kinds))
    }

    /// What a field's name says it is, if it is an anchor: the longest run of its words that is one.
    #[must_use]
    pub fn kind_of(&self, field: &str) -> Option<&str> {
        let words = words(leaf(field));
        let counts = |run: &Range<usize>| {
            run.len() == words.len() || words[run.clone()].join(" ").len() >= SHORT
        };
        let runs = self.0.among(&words, usize::MAX).filter(|(run, _)| counts(run));
        let longest = runs.min_by_key(|(run, _)| Reverse(run.len()));
        longest.map(|(_, kind)| kind.as_str())
    }

    /// Whether there is such a kind.
    #[must_use]
    pub fn is_kind(&self, kind: &str) -> bool {
        self.0.values().any(|k| k == kind)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::place::Facts;

    #[test]
    fn names_tell_what_a_date_is() {
        let anchors = Facts::load(&[]).unwrap().anchors;
        for (field, kind) in [
            ("created_at", Some("created")),
            ("customerCreatedDate", Some("created")),
            ("$.users[].last_login", Some("last_used")),
            ("Sist innlogget", Some("last_used")),
            ("sluttdato", Some("closed")),
            ("samtykke_dato", Some("consent")),
            ("lastLogonTimestamp", Some("last_used")),
            ("OPPRETTET", Some("created")),
            ("fødselsdato", None),
            ("name", None),
        ] {
            assert_eq!(anchors.kind_of(field), kind, "{field}");
        }
    }
}
