//! The lines of `inventory.jsonl`: what a scan found, what it read, and under which circumstances.
//!
//! These types are the contract with scripts and with the mapping step; `datakart schema` prints their
//! JSON Schema.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FileLine, GroupLine, Ladder, SystemLine};

/// Name and version of the inventory format.
pub const SCHEMA: &str = "datakart/inventory/1";

/// One line of `inventory.jsonl`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    /// The run's facts: first line, the only one that holds times.
    Run(Box<Run>),
    /// How much was read.
    Coverage(Coverage),
    /// Something that was not read, or not in full.
    Note(NoteLine),
    /// A system that findings stand in.
    System(SystemLine),
    /// A file with findings.
    File(FileLine),
    /// What stands together in a table or document.
    Group(GroupLine),
    /// Personal data in one place.
    Finding(Box<Finding>),
}

/// How sure a finding is, in words: `high` ≥ 0.95, `medium` ≥ 0.75, `low` ≥ 0.5.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// At least as likely as not.
    Low,
    /// At least three in four.
    Medium,
    /// At least nineteen in twenty.
    High,
}

impl Confidence {
    /// The level of a certainty between 0 and 1; `None` below 0.5.
    #[must_use]
    pub fn of(certainty: f64) -> Option<Confidence> {
        [Confidence::High, Confidence::Medium, Confidence::Low]
            .into_iter()
            .find(|level| certainty >= level.threshold())
    }

    /// The least certainty of this level.
    #[must_use]
    pub fn threshold(self) -> f64 {
        match self {
            Confidence::Low => 0.5,
            Confidence::Medium => 0.75,
            Confidence::High => 0.95,
        }
    }

    /// The word that outputs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// How bad a disclosure would be: highest sensitivity × highest identifiability of the categories that
/// stand in the same table or document (after ENISA's DPC × EI, which is severity, not risk).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Below 2: inconvenience.
    Low,
    /// 2 to 3, and the least for Art. 9 and 10 data.
    Medium,
    /// 3 to 4.
    High,
    /// 4 and more.
    VeryHigh,
}

impl Severity {
    /// The severity of a score, see the type's text.
    #[must_use]
    pub fn of(score: f64) -> Severity {
        match score {
            s if s >= 4.0 => Severity::VeryHigh,
            s if s >= 3.0 => Severity::High,
            s if s >= 2.0 => Severity::Medium,
            _ => Severity::Low,
        }
    }

    /// The word that outputs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::VeryHigh => "very_high",
        }
    }
}

/// One piece of evidence for or against a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What it is (`prior`, `checksum`, `field_name`, `keyword`, `separators`, `against` …), in words.
    pub reason: Cow<'static, str>,
    /// What it weighs, in bits: +1 doubles the odds.
    pub bits: f64,
}

/// Personal data of one kind in one slot.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable across runs and hosts: from label, path below the root, members, table, field, detector.
    pub id: String,
    /// The root as given plus the path below it, `/`-separated; masked where it holds personal data.
    pub path: String,
    /// The path's bytes in base64, when they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path_b64: Option<String>,
    /// The system that the path belongs to; absent when none claims it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub system: Option<String>,
    /// Archive members and attachments that lead to the place; empty for a plain file.
    pub members: Vec<String>,
    /// Table, sheet or the like.
    pub table: Option<String>,
    /// Column, JSON path, XML path …; null in free text.
    pub field: Option<String>,
    /// Id of the detector.
    pub detector: String,
    /// Key of the category.
    pub category: String,
    /// Certainty in words.
    pub confidence: Confidence,
    /// How sure it is that these are values of the kind, 0 to 1.
    pub certainty: f64,
    /// How many values.
    pub matches: u64,
    /// How many different values.
    pub distinct: u64,
    /// Whether `distinct` is estimated (above the exact limit) instead of counted.
    pub distinct_is_estimate: bool,
    /// Cells seen, empty ones included; null in free text.
    pub rows: Option<u64>,
    /// Matches per non-empty cell, 0 to 1; null in free text.
    pub share: Option<f64>,
    /// Matches per rung of the validity ladder.
    pub validity: Ladder,
    /// What speaks for and against, with bits.
    pub evidence: Vec<Evidence>,
    /// Other kinds that explain the values nearly as well (within 3 bits).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ambiguous: Vec<String>,
    /// Row (field) or line (free text) of the first match, from 1.
    pub first: u64,
    /// How bad a disclosure would be, from what stands in the same table or document.
    pub severity: Severity,
    /// `art9`, `art10`, `art87`, `test_data`, `credentials`, …
    pub flags: Vec<String>,
    /// Start of the run that found it first, RFC 3339 in UTC, with `--state`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_seen: Option<String>,
    /// Start of the last run that found it, likewise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_seen: Option<String>,
    /// What became of it since the last run, or since the inventory of `--baseline`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<FindingState>,
    /// Why it does not count, by the file of `--suppress`; it has the flag `suppressed` then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suppressed: Option<Box<Suppression>>,
}

/// Why a finding does not count: somebody looked at it and answers for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppression {
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub until: String,
}

/// What came of a suppression file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// Findings that are suppressed.
    pub findings: u64,
    /// Ids of findings whose entry has expired.
    pub expired: Vec<String>,
    /// Ids of entries that match no finding; of a run that is complete.
    pub unmatched: Vec<String>,
}

/// What became of a finding since the last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// It was not there.
    New,
    /// It said something else.
    Changed,
    /// It said the same.
    Unchanged,
}

/// Findings by what became of them since the last run that was not stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// Found now and not then.
    pub new: u64,
    /// Found then as well, with other counts or another certainty.
    pub changed: u64,
    /// Found then as well.
    pub unchanged: u64,
    /// Found then and no more, though their place was read, or is no more.
    pub gone: u64,
    /// Places (not findings) that could not be read, or not in full, and could be then, or were not there.
    #[serde(default)]
    pub unread: u64,
}

/// Files and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Count {
    /// Number of files (members are not counted).
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

impl Count {
    /// Adds one file of this size.
    pub fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// How much was read of what was met. Every path is in exactly one of the four counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Read in full.
    pub scanned: Count,
    /// Read in part.
    pub partial: Count,
    /// Not read though it should have been.
    pub not_scanned: Count,
    /// Left out by a stated rule.
    pub out_of_scope: Count,
    /// Files and bytes per reason, of the last three.
    pub reasons: BTreeMap<String, Count>,
    /// Files and bytes per format, of the first two.
    pub formats: BTreeMap<String, Count>,
    /// Per reason, how many of the files that were not read are folders: what lies in them is not known, nor how much.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub folders: BTreeMap<String, u64>,
}

/// Something that was not read, or not in full.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct NoteLine {
    /// As in a finding.
    pub path: String,
    /// As in a finding.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path_b64: Option<String>,
    /// As in a finding.
    pub members: Vec<String>,
    /// Why, in one word of the ledger's vocabulary.
    pub reason: String,
    /// A few words more; never content.
    pub detail: String,
}

/// The run's facts.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Inventory format, `datakart/inventory/1`.
    pub schema: String,
    /// Version of datakart.
    pub version: String,
    /// Hash of all detector and category files in use.
    pub rules: String,
    /// Name of the source in ids and reports.
    pub label: String,
    /// Hash of the built-in lexicon: words, names, countries, retention rules.
    #[serde(default)]
    pub lexicon: String,
    /// Versions of the detectors that found something, where they are not 1. A rejection holds for one version.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub detector_versions: BTreeMap<String, u32>,
    /// Hash of the settings file, when there was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub config: Option<String>,
    /// Why scanning personal areas was allowed, as told with `--ground`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ground: Option<String>,
    /// Paths as given.
    pub roots: Vec<String>,
    /// Options that differ from the defaults.
    pub options: BTreeMap<String, String>,
    /// Host name.
    pub host: String,
    /// User id or name.
    pub user: String,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// End, RFC 3339 in UTC.
    pub ended: String,
    /// Date that plausibility was measured against.
    pub as_of: String,
    /// Which digest key was used (its public name, not the key).
    pub key_id: String,
    /// Lowest confidence that is listed.
    pub min_confidence: String,
    /// Findings per detector that stayed below it.
    pub below_confidence: BTreeMap<String, u64>,
    /// Whether the run came to its end.
    pub complete: bool,
    /// Exit code.
    pub exit_code: u8,
    /// `--fail-on` conditions that were met.
    pub failed_on: Vec<String>,
    /// Whether `findings.jsonl` of this run holds raw values.
    pub revealed: bool,
    /// The runs that were joined by `datakart merge`; none for a scan.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<Run>,
    /// Files that did not change since an earlier run read them, with `--state`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub carried: Option<Count>,
    /// When the oldest of the results was read, RFC 3339 in UTC, with `--state`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub oldest_result: Option<String>,
    /// What came of the file of `--suppress`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suppressed: Option<Suppressed>,
    /// Findings by what became of them since the last run, with `--state`, or since the `--baseline`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changes: Option<Changes>,
}

/// One match in `findings.jsonl`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MatchLine {
    /// As in a finding.
    pub path: String,
    /// As in a finding.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path_b64: Option<String>,
    /// As in a finding.
    pub members: Vec<String>,
    /// As in a finding.
    pub table: Option<String>,
    /// As in a finding.
    pub field: Option<String>,
    /// Row of the field's table, from 1; null in free text.
    pub row: Option<u64>,
    /// Line of free text, from 1; null in fields.
    pub line: Option<u64>,
    /// First byte of the match: in the cell, or in the decoded free text.
    pub start: u64,
    /// Byte after the match.
    pub end: u64,
    /// Id of the detector.
    pub detector: String,
    /// How sure this match is, 0 to 1.
    pub certainty: f64,
    /// The value: masked, or raw with `--reveal`.
    pub value: String,
    /// Digest of the normalised value under the organisation's key.
    pub digest: String,
}

/// What became of one path, in `ledger.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerLine {
    /// As in a finding.
    pub path: String,
    /// As in a finding.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path_b64: Option<String>,
    /// As in a finding.
    pub members: Vec<String>,
    /// Format as told by content.
    pub format: Option<String>,
    /// Size in bytes.
    pub bytes: u64,
    /// `scanned`, `partial` or `skipped`.
    pub outcome: Outcome,
    /// Why, for the last two (and `hard_link_of`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// A few words more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

/// What became of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Read in full.
    Scanned,
    /// Read in part.
    Partial,
    /// Not read.
    Skipped,
}

/// A whole inventory in memory, as reports take it.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The run's facts.
    pub run: Run,
    /// How much was read.
    pub coverage: Coverage,
    /// What was not, sorted.
    pub notes: Vec<NoteLine>,
    /// The systems, sorted by name; what is unmapped comes last.
    pub systems: Vec<SystemLine>,
    /// The files with findings, sorted by path.
    pub files: Vec<FileLine>,
    /// The record groups, sorted by path, members, table.
    pub groups: Vec<GroupLine>,
    /// The findings, sorted by path, members, table, field, detector.
    pub findings: Vec<Finding>,
    /// The notes on what could be read in the last run, or was not there; they stand in no line of their own.
    pub newly_unread: Vec<NoteLine>,
}
