//! Findings added up by place, category and folder, shared by the summary and the page.

use std::collections::{BTreeMap, HashSet};

use super::words;
use crate::inventory::{Count, Finding, Inventory, NoteLine, Severity};
use crate::note::{Class, Reason};

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

/// What of that which was left out are pictures, sound and video, and what is the rest.
pub(super) fn out_of_scope(inventory: &Inventory) -> (Count, Count) {
    let all = inventory.coverage.out_of_scope;
    let media = inventory.coverage.reasons.get(Reason::Media.as_str()).copied().unwrap_or_default();
    // A picture in a file that was read is no file of its own.
    let media = Count { files: media.files.min(all.files), bytes: media.bytes.min(all.bytes) };
    (media, Count { files: all.files - media.files, bytes: all.bytes - media.bytes })
}

/// Pictures, sound and video that lie in a folder with findings: those are the likeliest to show people.
pub(super) fn pictures_beside(inventory: &Inventory) -> Vec<&str> {
    let folder = |path: &str| path.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned();
    let found: HashSet<String> = inventory.findings.iter().map(|f| folder(&f.path)).collect();
    let media = inventory.notes.iter().filter(|n| n.reason == Reason::Media.as_str());
    let own = media.filter(|note| note.members.is_empty() && found.contains(&folder(&note.path)));
    own.map(|note| note.path.as_str()).collect()
}

/// Reasons that lie in what a file is, so that its extension says what is missing.
const OF_CONTENT: [Reason; 4] =
    [Reason::UnsupportedFormat, Reason::Encrypted, Reason::NoText, Reason::Malformed];
/// Bytes of an extension at most.
const EXTENSION: usize = 8;
/// What has none.
pub(super) const NO_EXTENSION: &str = "no extension";

/// For each reason that lies in what files are, how many files and members have which extension, most first.
pub(super) fn extensions(notes: &[NoteLine]) -> BTreeMap<&str, Vec<(String, u64)>> {
    let mut counts: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
    for note in notes.iter().filter(|n| OF_CONTENT.iter().any(|r| r.as_str() == n.reason)) {
        let name = note.members.last().unwrap_or(&note.path);
        *counts.entry(&note.reason).or_default().entry(extension(name)).or_default() += 1;
    }
    let most_first = |counts: BTreeMap<String, u64>| {
        let mut sorted: Vec<_> = counts.into_iter().collect();
        sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        sorted
    };
    counts.into_iter().map(|(reason, counts)| (reason, most_first(counts))).collect()
}

/// The extension of a name, in small letters.
fn extension(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let is_one = |extension: &str| {
        (1..=EXTENSION).contains(&extension.len())
            && extension.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && extension.bytes().any(|b| b.is_ascii_alphabetic())
    };
    match name.rsplit_once('.').filter(|(_, extension)| is_one(extension)) {
        Some((_, extension)) => format!(".{}", extension.to_ascii_lowercase()),
        None => NO_EXTENSION.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(path: &str, members: &[&str], reason: Reason) -> NoteLine {
        NoteLine {
            path: path.to_owned(),
            path_b64: None,
            members: members.iter().map(|m| (*m).to_owned()).collect(),
            reason: reason.as_str().to_owned(),
            detail: String::new(),
        }
    }

    #[test]
    fn pictures_are_told_from_what_a_rule_leaves_out() {
        let mut inventory = super::super::sample::small();
        let (media, rest) = out_of_scope(&inventory);
        assert_eq!((media.files, rest.files), (210, 4));
        assert!(pictures_beside(&inventory).is_empty());
        let beside = "/srv/hr/Ausweis.jpg";
        inventory.notes.push(note(beside, &[], Reason::Media));
        inventory.notes.push(note("/srv/hr/x.docx", &["logo.png"], Reason::Media));
        inventory.notes.push(note("/srv/logos/logo.png", &[], Reason::Media));
        assert_eq!(pictures_beside(&inventory), [beside]);
    }

    #[test]
    fn what_is_missing_is_told_by_extensions() {
        let notes = [
            note("/a/mail.PST", &[], Reason::UnsupportedFormat),
            note("/a/x.zip", &["b/Kunder.mdb"], Reason::UnsupportedFormat),
            note("/a/y.mdb", &[], Reason::UnsupportedFormat),
            note("/a/.DS_Store", &[], Reason::UnsupportedFormat),
            note("/a.b/LICENSE", &[], Reason::UnsupportedFormat),
            note("/a/backup.2019", &[], Reason::UnsupportedFormat),
            note("/a/ola@firma.no, privat", &[], Reason::UnsupportedFormat),
            note("/a/lukket.zip", &["x.pdf"], Reason::Encrypted),
            note("/a/x.docx", &[], Reason::PermissionDenied),
        ];
        let told = extensions(&notes);
        let of = |reason: Reason| {
            let told = told.get(reason.as_str()).into_iter().flatten();
            told.map(|(extension, n)| format!("{extension} {n}")).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(of(Reason::UnsupportedFormat), "no extension 3, .mdb 2, .ds_store 1, .pst 1");
        assert_eq!(of(Reason::Encrypted), ".pdf 1");
        assert_eq!(of(Reason::PermissionDenied), "");
    }
}
