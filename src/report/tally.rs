//! Findings added up by place, category and folder, shared by the summary and the page.

use std::collections::{BTreeMap, HashSet};

use super::words;
use crate::inventory::{Count, Finding, Inventory, Severity};
use crate::note::Class;

/// The findings of one table or document.
pub(super) struct Group<'a> {
    /// At least one.
    pub findings: &'a [Finding],
    /// The worst of them.
    pub severity: Severity,
    /// All values together.
    pub matches: u64,
}

/// The tables and documents, in the inventory's order: findings of one stand together there.
pub(super) fn groups(findings: &[Finding]) -> impl Iterator<Item = Group<'_>> {
    findings.chunk_by(words::same_table).map(|findings| Group {
        findings,
        severity: worst(findings),
        matches: findings.iter().map(|f| f.matches).sum(),
    })
}

fn worst(findings: &[Finding]) -> Severity {
    findings.iter().map(|f| f.severity).max().unwrap_or(Severity::Low)
}

/// What a category or folder adds up to.
pub(super) struct Sum<'a> {
    /// The category's key, or the folder.
    pub name: &'a str,
    /// Files with such findings.
    pub files: u64,
    /// Findings.
    pub findings: u64,
    /// Different values per finding, added up.
    pub distinct: u64,
    /// The worst severity.
    pub severity: Severity,
}

/// Sums per category, by name.
pub(super) fn categories(findings: &[Finding]) -> Vec<Sum<'_>> {
    sums(findings, |finding| &finding.category)
}

/// Sums per folder, worst first, then most files.
pub(super) fn folders(findings: &[Finding]) -> Vec<Sum<'_>> {
    let mut sums =
        sums(findings, |finding| finding.path.rsplit_once('/').map_or(".", |(folder, _)| folder));
    sums.sort_by_key(|sum| std::cmp::Reverse((sum.severity, sum.files)));
    sums
}

/// Names that are told apart.
type Names<'a> = HashSet<&'a str, foldhash::quality::RandomState>;

fn sums<'a>(findings: &'a [Finding], key: impl Fn(&'a Finding) -> &'a str) -> Vec<Sum<'a>> {
    let mut sums: BTreeMap<&str, (Sum, Names)> = BTreeMap::new();
    for finding in findings {
        let name = key(finding);
        let (sum, files) = sums.entry(name).or_insert_with(|| {
            let severity = finding.severity;
            (Sum { name, files: 0, findings: 0, distinct: 0, severity }, Names::default())
        });
        sum.files += u64::from(files.insert(&finding.path));
        sum.findings += 1;
        sum.distinct += finding.distinct;
        sum.severity = sum.severity.max(finding.severity);
    }
    sums.into_values().map(|(sum, _)| sum).collect()
}

/// The reasons why something was not read (or, with `not_read` false, left out by rule or just remarked),
/// most files first. Reasons that only concern members have no files of their own, but are named.
pub(super) fn reasons(inventory: &Inventory, not_read: bool) -> Vec<(&str, Count)> {
    let mut counts: BTreeMap<&str, Count> =
        inventory.notes.iter().map(|note| (note.reason.as_str(), Count::default())).collect();
    counts.extend(inventory.coverage.reasons.iter().map(|(key, count)| (key.as_str(), *count)));
    let mut sorted: Vec<_> = counts
        .into_iter()
        .filter(|(key, _)| (words::reason(key).1 == Class::NotRead) == not_read)
        .collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(count.files));
    sorted
}
