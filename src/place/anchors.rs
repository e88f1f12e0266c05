//! Retention anchors: columns from which a retention period may run, by their names
//! (`patterns/anchors.toml`).

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use serde::Deserialize;

use crate::detect::fold::{transliterated, words};
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

/// The names of anchors.
#[derive(Clone, Debug)]
pub struct Anchors {
    /// Kind by the words of a name, joined by blanks.
    kinds: BTreeMap<String, String>,
    /// The words that names begin with, which most fields have none of.
    first: HashSet<String, foldhash::quality::RandomState>,
    /// The most words that a name has.
    longest: usize,
}

/// Runs of words shorter than this count only as the whole name.
const SHORT: usize = 6;

impl Anchors {
    pub(super) fn parse(text: &str) -> Result<Anchors> {
        let file: File = toml::from_str(text)?;
        let mut anchors = Anchors { kinds: BTreeMap::new(), first: HashSet::default(), longest: 1 };
        for anchor in file.anchor {
            for header in &anchor.headers {
                for spelling in [Some(header.clone()), transliterated(header)].into_iter().flatten()
                {
                    let words = words(&spelling);
                    anchors.longest = anchors.longest.max(words.len());
                    let glued = words.concat();
                    anchors.first.extend(words.first().cloned().into_iter().chain([glued.clone()]));
                    for key in [words.join(" "), glued] {
                        anchors.kinds.entry(key).or_insert_with(|| anchor.kind.clone());
                    }
                }
            }
        }
        Ok(anchors)
    }

    /// What a field's name says it is, if it is an anchor: the longest run of its words that is one.
    #[must_use]
    pub fn kind_of(&self, field: &str) -> Option<&str> {
        let words = words(leaf(field));
        if !words.iter().any(|word| self.first.contains(word)) {
            return None;
        }
        (1..=words.len().min(self.longest)).rev().find_map(|n| {
            words.windows(n).find_map(|run| {
                let key = run.join(" ");
                let counts = n == words.len() || key.len() >= SHORT;
                self.kinds.get(&key).filter(|_| counts).map(String::as_str)
            })
        })
    }

    /// Whether there is such a kind.
    #[must_use]
    pub fn is_kind(&self, kind: &str) -> bool {
        self.kinds.values().any(|k| k == kind)
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
