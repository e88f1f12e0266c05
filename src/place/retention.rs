//! Hints that material may have to be kept, by the rules of `patterns/retention.toml`. Never a verdict.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::Deserialize;

use super::entries::{Entries, spelled};
use crate::detect::fold::words;
use crate::inventory::HoldHint;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Rule>,
}

/// A rule on keeping material.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    #[serde(rename = "country")]
    _country: String,
    material: String,
    law: String,
    says: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    formats: Vec<String>,
    #[serde(default = "two")]
    least: usize,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
}

fn two() -> usize {
    2
}

/// By the words of entries: each as written, and the rules that name it.
type Index = Entries<(String, Vec<usize>)>;

/// Words in a row that are looked up.
const ROW: usize = 3;

/// All rules.
#[derive(Clone, Debug)]
pub struct Retention {
    rules: Vec<Rule>,
    /// The names of files that they speak of.
    names: Index,
    /// And of fields.
    fields: Index,
}

impl Retention {
    pub(super) fn parse(text: &str) -> Result<Retention> {
        let rules = toml::from_str::<File>(text)?.rule;
        let names = index(&rules, |rule| &rule.names);
        let fields = index(&rules, |rule| &rule.fields);
        Ok(Retention { rules, names, fields })
    }

    /// The entries among `fields` of all rules that a field or table name is.
    #[must_use]
    pub fn tell(&self, name: &str) -> BTreeSet<String> {
        self.fields.among(&words(name), ROW).map(|(_, (entry, _))| entry.clone()).collect()
    }

    /// The hints for a file of this name (with the folder it lies in) and format, in which `told` field names
    /// stand.
    #[must_use]
    pub fn hints(
        &self,
        name: &str,
        format: Option<&str>,
        told: &BTreeSet<String>,
    ) -> Vec<HoldHint> {
        let mut by: BTreeMap<usize, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
        let name = words(name);
        for (_, (entry, rules)) in self.names.among(&name, ROW) {
            for rule in rules {
                by.entry(*rule).or_default().0.insert(entry);
            }
        }
        for entry in told {
            if let Some((entry, rules)) = self.fields.get(&words(entry)) {
                for rule in rules {
                    by.entry(*rule).or_default().1.insert(entry);
                }
            }
        }
        let mut hints = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            let (names, fields) = by.remove(&number).unwrap_or_default();
            let by_format = format.filter(|f| rule.formats.iter().any(|known| known == f));
            let enough = fields.len() >= rule.least;
            if names.is_empty() && !enough && by_format.is_none() {
                continue;
            }
            let fields = fields.into_iter().filter(|_| enough);
            let why: BTreeSet<&str> = names.into_iter().chain(fields).chain(by_format).collect();
            let why = why.into_iter().collect::<Vec<_>>().join(", ");
            let Rule { material, law, says, .. } = rule;
            let statement = format!("May be {material} (names: {why}). {law}: {says}.");
            hints.push(HoldHint { rule: rule.id.clone(), statement });
        }
        hints
    }
}

fn index(rules: &[Rule], list: impl Fn(&Rule) -> &Vec<String>) -> Index {
    let mut index = Index::default();
    for (number, rule) in rules.iter().enumerate() {
        for entry in list(rule) {
            for words in spelled(entry) {
                let (_, rules) = index.add(&words, || (entry.clone(), Vec::new()));
                if !rules.contains(&number) {
                    rules.push(number);
                }
            }
        }
    }
    index
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::place::Facts;

    fn rules(name: &str, fields: &[&str]) -> Vec<String> {
        let retention = Facts::load(&[]).unwrap().retention;
        let told = fields.iter().flat_map(|f| retention.tell(f)).collect();
        retention.hints(name, None, &told).into_iter().map(|h| h.rule).collect()
    }

    #[test]
    fn names_and_fields_hint_at_rules() {
        assert_eq!(rules("Økonomi/faktura_1042.txt", &[]), ["no_bookkeeping"]);
        assert_eq!(rules("lonnsslipp mars.pdf", &[]), ["no_payroll"]);
        assert_eq!(rules("a.csv", &["Bilagsnr", "konto", "Debet", "navn"]), ["no_bookkeeping"]);
        assert!(rules("a.csv", &["konto", "navn"]).is_empty(), "one field is no hint");
        assert!(rules("ferie.txt", &["navn", "epost"]).is_empty());
    }

    #[test]
    fn a_hint_says_why_and_what_and_decides_nothing() {
        let retention = Facts::load(&[]).unwrap().retention;
        let hints = retention.hints("faktura.txt", None, &BTreeSet::new());
        assert!(hints[0].statement.starts_with("May be accounting material (names: faktura)."));
        assert!(hints[0].statement.contains("bokføringsloven § 13"));
    }
}
