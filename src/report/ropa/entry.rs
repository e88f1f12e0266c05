//! One row of the record: a record group of the inventory, in the scanner's columns.

use std::collections::{BTreeMap, BTreeSet};

use super::super::asset::{self, Asset};
use super::super::words;
use super::super::workbook::ABOUT;
use super::columns::{
    DETECTORS, FIELDS, FINGERPRINT, ID, LAST_SEEN, LOCATION, QUESTIONS, REJECTIONS, TABLE,
};
use super::questions::{self, Secrets};
use crate::detect::fold;
use crate::detect::rules::{self, Category};
use crate::inventory::{Finding, Inventory, Severity};

/// A detector's version where the inventory names none.
const FIRST_VERSION: u32 = 1;

/// A record group, before it is compared with an earlier record.
pub(super) struct Entry<'a> {
    inventory: &'a Inventory,
    asset: Asset<'a>,
    copies: u64,
}

/// Detectors with a version: of a row, or those rejected in it with the version that this was made under.
pub(super) type Versions = BTreeMap<String, u32>;

/// What stands for the system where none claims a place.
const UNMAPPED: &str = "(unmapped)";

/// The record groups of an inventory, by system, the gravest first; what is unmapped comes last.
pub(super) fn entries(inventory: &Inventory) -> Vec<Entry<'_>> {
    let mut sets: BTreeMap<&str, u64> = BTreeMap::new();
    for set in inventory.files.iter().filter_map(|f| f.duplicate_set.as_deref()) {
        *sets.entry(set).or_default() += 1;
    }
    let copies = |asset: &Asset| {
        let set = asset.file.and_then(|f| f.duplicate_set.as_deref());
        set.and_then(|set| sets.get(set)).map_or(0, |n| n - 1)
    };
    let mut entries: Vec<Entry> = asset::assets(inventory)
        .map(|asset| Entry { inventory, copies: copies(&asset), asset })
        .collect();
    entries.sort_by_cached_key(|entry| {
        let place = entry.asset.place();
        let severity = entry.asset.findings.iter().map(|f| f.severity).max();
        (place.system.is_none(), place.system.clone(), std::cmp::Reverse(severity))
    });
    entries
}

impl<'a> Entry<'a> {
    /// Stable across runs: the group's id, or that of its first finding where the inventory has no groups.
    pub fn id(&self) -> &str {
        self.asset.group.map_or(&self.asset.place().id, |group| &group.id)
    }

    /// Stands for the content and the place within the file; empty where the content is not known.
    pub fn fingerprint(&self) -> String {
        let Some(content) = self.asset.file.and_then(|f| f.content.as_ref()) else {
            return String::new();
        };
        let place = self.asset.place();
        let whole = std::iter::once(content).chain(&place.members).chain(&place.table);
        asset::key("f", whole)
    }

    /// The version of a detector that found something here.
    pub fn version(&self, detector: &str) -> Option<u32> {
        let found = self.asset.findings.iter().any(|f| f.detector == detector);
        let versions = &self.inventory.run.detector_versions;
        found.then(|| versions.get(detector).copied().unwrap_or(FIRST_VERSION))
    }

    /// The detectors that found something here.
    pub fn detectors(&self) -> BTreeSet<&str> {
        self.asset.findings.iter().map(|f| f.detector.as_str()).collect()
    }

    fn all_versions(&self) -> Versions {
        let version = |d: &str| Some((d.to_owned(), self.version(d)?));
        self.detectors().into_iter().filter_map(version).collect()
    }

    /// The scanner's cells, by heading, with what is rejected left out.
    pub fn cells(&self, rejected: &Versions) -> BTreeMap<&'static str, String> {
        let left: Vec<&'a Finding> =
            self.asset.findings.iter().filter(|f| !rejected.contains_key(&f.detector)).collect();
        let categories = categories(&left);
        let flags = self.flags(&left);
        let severity = severity(&categories);
        let (place, run) = (self.asset.place(), &self.inventory.run);
        let (group, file, system) = (self.asset.group, self.asset.file, self.asset.system);
        let questions = questions::raised(&questions::Facts {
            flags: &flags,
            secrets: secrets(&left),
            system,
            severity,
            readable_by: file.and_then(|f| f.readable_by),
            oldest: group.and_then(|g| g.oldest.as_deref()),
            copies: self.copies,
            only_test_data: !left.is_empty() && left.iter().all(|f| has(f, "test_data")),
        });
        let of_system = |get: fn(&crate::inventory::SystemLine) -> Option<String>| {
            system.and_then(get).unwrap_or_default()
        };
        let holds = file.map_or(&[][..], |f| &f.hold);
        let anchors = group.map_or(&[][..], |g| &g.anchors);
        let anchor = |a: &crate::inventory::Anchor| {
            format!("{} ({}, {} to {})", a.field, a.kind, a.oldest, a.newest)
        };
        BTreeMap::from([
            ("System", place.system.clone().unwrap_or_else(|| UNMAPPED.to_owned())),
            ("Owner of system", of_system(|s| s.owner.clone())),
            ("Purpose, as configured", of_system(|s| s.purpose.clone())),
            ("Processor, as configured", of_system(|s| s.processor.clone())),
            ("Storage and transfers, as configured", of_system(|s| Some(s.transfers.join(" ")))),
            (LOCATION, words::place(&place.path, &place.members)),
            (TABLE, place.table.clone().unwrap_or_default()),
            (FIELDS, fields(&left)),
            ("Categories of personal data", names(&categories)),
            ("Flags", flags.iter().copied().collect::<Vec<_>>().join("; ")),
            ("Severity", severity.map_or(String::new(), |s| words::severity(s).to_owned())),
            ("Number of data subjects", group.map(subjects).unwrap_or_default()),
            ("Number of values", left.iter().map(|f| f.matches).sum::<u64>().to_string()),
            ("Oldest date in the data", group.and_then(|g| g.oldest.clone()).unwrap_or_default()),
            ("Newest date in the data", group.and_then(|g| g.newest.clone()).unwrap_or_default()),
            ("Columns a period may run from", joined(anchors.iter().map(anchor))),
            ("May have to be kept (hints)", joined(holds.iter().map(|h| h.statement.clone()))),
            ("Readable by", file.and_then(|f| f.readable_by).map_or("", |r| r.as_str()).to_owned()),
            ("Owner of file", file.and_then(|f| f.owner.clone()).unwrap_or_default()),
            ("Last modified", file.and_then(|f| f.modified.clone()).unwrap_or_default()),
            ("Other copies", if self.copies > 0 { self.copies.to_string() } else { String::new() }),
            (QUESTIONS, questions.join("\n")),
            (DETECTORS, versions(&self.all_versions())),
            (REJECTIONS, versions(rejected)),
            (LAST_SEEN, words::day(&run.started).to_owned()),
            (FINGERPRINT, self.fingerprint()),
            (ID, self.id().to_owned()),
        ])
    }

    /// The flags of the findings that are left; those of the group as a whole stay while anything is left.
    fn flags(&self, left: &[&'a Finding]) -> BTreeSet<&'a str> {
        let own: BTreeSet<&'a str> = left
            .iter()
            .flat_map(|f| &f.flags)
            .map(String::as_str)
            .filter(|f| *f != "ambiguous")
            .collect();
        let all: BTreeSet<&str> =
            self.asset.findings.iter().flat_map(|f| &f.flags).map(String::as_str).collect();
        let group = self.asset.group.filter(|_| !left.is_empty());
        let together = group.into_iter().flat_map(|g| &g.flags).map(String::as_str);
        own.into_iter().chain(together.filter(|flag| !all.contains(flag))).collect()
    }
}

fn has(finding: &Finding, flag: &str) -> bool {
    finding.flags.iter().any(|f| f == flag)
}

/// What of these secrets can be read. Of sixteen bytes in a column of keys or tokens nobody knows that they are a hash.
fn secrets(findings: &[&Finding]) -> Secrets {
    const TOKENS: [&str; 7] = ["api", "apikey", "key", "nonce", "secret", "token", "tokens"];
    let mut secrets = Secrets::default();
    for finding in findings.iter().filter(|f| has(f, "credentials")) {
        let named = fold::words(finding.field.as_deref().unwrap_or_default());
        let is_token = named.iter().any(|word| TOKENS.contains(&word.as_str()));
        let hashed = finding.validity.count("hashed");
        secrets.readable |= is_token || hashed < finding.matches;
        secrets.hashed |= !is_token && hashed > 0;
    }
    secrets
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}

/// `email@1; phone@2`.
pub(super) fn versions(detectors: &Versions) -> String {
    joined(detectors.iter().map(|(detector, version)| format!("{detector}@{version}")))
}

fn categories(findings: &[&Finding]) -> Vec<&'static Category> {
    let keys: BTreeSet<&str> = findings.iter().map(|f| f.category.as_str()).collect();
    keys.into_iter().filter_map(|key| rules::categories().get(key)).collect()
}

fn names(categories: &[&Category]) -> String {
    let article = |c: &Category| match c {
        Category { art9: true, .. } => " (Art. 9)",
        Category { art10: true, .. } => " (Art. 10)",
        Category { art87: true, .. } => " (Art. 87)",
        _ => "",
    };
    joined(categories.iter().map(|c| format!("{}{}", c.name, article(c))))
}

/// `Fnr: no_fodselsnummer; [text]: email, phone`.
fn fields(findings: &[&Finding]) -> String {
    let by_field = findings.chunk_by(|a, b| a.field == b.field);
    joined(by_field.map(|of_field| {
        let detectors: Vec<&str> = of_field.iter().map(|f| f.detector.as_str()).collect();
        format!("{}: {}", of_field[0].field.as_deref().unwrap_or("[text]"), detectors.join(", "))
    }))
}

/// As the scan judges a group: highest sensitivity times highest identifiability, Art. 9 and 10 never low.
fn severity(categories: &[&Category]) -> Option<Severity> {
    let most = |of: fn(&Category) -> f64| categories.iter().map(|c| of(c)).fold(0.0, f64::max);
    let severity = Severity::of(most(|c| c.sensitivity) * most(|c| c.identifiability));
    let special = categories.iter().any(|c| c.art9 || c.art10);
    let least = if special { Severity::Medium } else { Severity::Low };
    (!categories.is_empty()).then_some(severity.max(least))
}

fn subjects(group: &crate::inventory::GroupLine) -> String {
    let about = if group.subjects_is_estimate { ABOUT } else { "" };
    group.subjects.map_or(String::new(), |n| format!("{about}{n}"))
}
