//! Hints that material may have to be kept, by the rules of `patterns/retention.toml`. Never a verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

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
    /// Whose law it is; none for what is so in most countries.
    country: Option<String>,
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

/// What gives the hint of a rule, by its number.
type Whys<'a> = BTreeMap<usize, BTreeSet<&'a str>>;

/// Words in a row that are looked up.
const ROW: usize = 3;

/// All rules.
#[derive(Clone, Debug)]
pub struct Retention {
    rules: Vec<Rule>,
    /// The names of files that they speak of, once some are asked for: most scans of a file or two never do.
    names: OnceLock<Index>,
    /// And of fields.
    fields: Index,
}

impl Retention {
    pub(super) fn parse(text: &str) -> Result<Retention> {
        let rules = toml::from_str::<File>(text)?.rule;
        let fields = index(&rules, |rule| &rule.fields);
        Ok(Retention { rules, names: OnceLock::new(), fields })
    }

    /// The entries among `fields` of all rules that a field or table name is.
    #[must_use]
    pub fn tell(&self, name: &str) -> BTreeSet<String> {
        self.fields.among(&words(name), ROW).map(|(_, (entry, _))| entry.clone()).collect()
    }

    /// The hints for a file of this path and format, in which `told` field names stand, by the law of `countries` where
    /// that has rules on the material.
    #[must_use]
    pub fn hints(
        &self,
        path: &str,
        format: Option<&str>,
        told: &BTreeSet<String>,
        countries: &[&str],
    ) -> Vec<HoldHint> {
        let mut by: Whys<'_> = self.named(path);
        for (number, rule) in self.rules.iter().enumerate() {
            let fields = told.iter().map(String::as_str).filter(|entry| {
                let rules = self.fields.get(&words(entry)).map(|(_, rules)| rules);
                rules.is_some_and(|rules| rules.contains(&number))
            });
            let fields: BTreeSet<&str> = fields.collect();
            let by_format = format.and_then(|f| rule.formats.iter().find(|known| *known == f));
            if fields.len() >= rule.least {
                by.entry(number).or_default().extend(fields);
            }
            if let Some(format) = by_format {
                by.entry(number).or_default().insert(format);
            }
        }
        self.of_countries(by, countries)
            .into_iter()
            .map(|(rule, why)| self.hint(rule, why))
            .collect()
    }

    /// What names tell: that of the file with its folder, else the nearest folder above that tells something.
    fn named(&self, path: &str) -> Whys<'_> {
        let names = self.names.get_or_init(|| index(&self.rules, |rule| &rule.names));
        let mut by = Whys::new();
        let mut from = path.rmatch_indices('/').map(|(at, _)| at).skip(1);
        let mut end = path.len();
        while end > 0 && by.is_empty() {
            let begin = from.next();
            let name = words(&path[begin.map_or(0, |at| at + 1)..end]);
            for (_, (entry, rules)) in names.among(&name, ROW) {
                for rule in rules {
                    by.entry(*rule).or_default().insert(entry);
                }
            }
            end = begin.unwrap_or(0);
        }
        by
    }

    /// Of the rules on each material those of these countries; else what is so in most of them, where a rule says that.
    fn of_countries<'w>(&self, by: Whys<'w>, countries: &[&str]) -> Whys<'w> {
        let is_own = |rule: &Rule| rule.country.as_deref().is_some_and(|c| countries.contains(&c));
        let mut left = Whys::new();
        for (number, why) in &by {
            let material = &self.rules[*number].material;
            let alike = || by.keys().map(|n| &self.rules[*n]).filter(|r| r.material == *material);
            let general = alike().any(|rule| rule.country.is_none());
            let mut own: Vec<usize> = Vec::new();
            if general || alike().any(is_own) {
                let all = self.rules.iter().enumerate();
                let all = all.filter(|(_, rule)| rule.material == *material && is_own(rule));
                own = all.map(|(number, _)| number).collect();
            }
            let stays = match &self.rules[*number].country {
                None => !countries.is_empty() || alike().all(|rule| rule.country.is_none()),
                Some(_) => countries.is_empty() || !general,
            };
            if own.is_empty() && stays {
                own.push(*number);
            }
            for number in own {
                left.entry(number).or_default().extend(why);
            }
        }
        left
    }

    fn hint(&self, number: usize, why: BTreeSet<&str>) -> HoldHint {
        let Rule { id, material, law, says, .. } = &self.rules[number];
        let why = why.into_iter().collect::<Vec<_>>().join(", ");
        let statement = format!("May be {material} (names: {why}). {law}: {says}.");
        HoldHint { rule: id.clone(), statement }
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

    fn of(name: &str, fields: &[&str], countries: &[&str]) -> Vec<String> {
        let retention = Facts::load(&[]).unwrap().retention;
        let told = fields.iter().flat_map(|f| retention.tell(f)).collect();
        retention.hints(name, None, &told, countries).into_iter().map(|h| h.rule).collect()
    }

    fn rules(name: &str, fields: &[&str]) -> Vec<String> {
        of(name, fields, &["NO"])
    }

    #[test]
    fn names_and_fields_hint_at_rules() {
        assert_eq!(rules("Økonomi/faktura_1042.txt", &[]), ["no_bookkeeping"]);
        assert_eq!(rules("lonnsslipp mars.pdf", &[]), ["no_payroll"]);
        assert_eq!(rules("a.csv", &["Bilagsnr", "konto", "Debet", "navn"]), ["no_bookkeeping"]);
        assert!(rules("a.csv", &["konto", "navn"]).is_empty(), "one field is no hint");
        assert!(rules("ferie.txt", &["navn", "epost"]).is_empty());
        assert!(rules("src/place/contract.rs", &[]).is_empty());
    }

    #[test]
    fn the_nearest_folder_tells() {
        let folders = "/srv/Buchhaltung/Lohn/2014/Q1/liste.xlsx";
        assert_eq!(of(folders, &[], &["DE"]), ["de_payroll"]);
        assert_eq!(of("/srv/Buchhaltung/2014/Q1/liste.xlsx", &[], &["DE"]), ["de_bookkeeping"]);
        assert_eq!(of("HR/Verträge/Arbeitsvertrag_Hans.docx", &[], &["DE"]).len(), 2);
        assert_eq!(of("Lohn/a.csv", &[], &["DE"]), ["de_payroll"]);
        assert!(of("/", &[], &[]).is_empty() && of("", &[], &[]).is_empty());
    }

    #[test]
    fn the_law_of_the_country_stands() {
        let retention = Facts::load(&[]).unwrap().retention;
        for (country, rule) in
            [("PL", "pl_bookkeeping"), ("SE", "se_bookkeeping"), ("NO", "no_bookkeeping")]
        {
            assert_eq!(of("Faktura/1.pdf", &[], &[country]), [rule]);
            assert_eq!(of("Invoices/1.pdf", &[], &[country]), [rule], "a word of any country");
        }
        assert_eq!(
            of("Buchhaltung/1.pdf", &[], &["PL"]),
            ["de_bookkeeping", "at_bookkeeping", "ch_bookkeeping"]
        );
        assert_eq!(of("Invoices/1.pdf", &[], &[]), ["any_bookkeeping"]);
        assert_eq!(of("Lohn/1.pdf", &[], &["AT"]), ["any_payroll"], "no German law in Austria");
        assert_eq!(of("Lohn/1.pdf", &[], &[]), ["de_payroll"]);
        assert_eq!(of("Faktura/1.pdf", &[], &["PL", "NO"]), ["no_bookkeeping", "pl_bookkeeping"]);
        for rule in retention.rules.iter().filter_map(|rule| rule.country.as_deref()) {
            assert!(crate::place::is_country(rule), "{rule}");
        }
    }

    #[test]
    fn a_hint_says_why_and_what_and_decides_nothing() {
        let retention = Facts::load(&[]).unwrap().retention;
        let hints = retention.hints("faktura.txt", None, &BTreeSet::new(), &["NO"]);
        assert!(hints[0].statement.starts_with("May be accounting material (names: faktura)."));
        assert!(hints[0].statement.contains("bokføringsloven § 13"));
    }
}
