//! The lines of `inventory.jsonl` about where findings stand: systems, record groups and files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;

/// A system that paths were mapped to in the settings file, with what its findings add up to. A line with
/// `name` null counts what no system claims; with `personal_area` as well, what of that lies in such areas.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SystemLine {
    /// Its name; null for what is unmapped.
    pub name: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is for, as a hint to whoever writes the record of processing.
    pub purpose: Option<String>,
    /// Where the data is kept, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Who keeps it on the controller's behalf.
    pub processor: Option<String>,
    /// Country of the company that owns the processor.
    pub parent_country: Option<String>,
    /// Whom the processor makes use of.
    pub sub_processors: Vec<SubProcessor>,
    /// What the countries above mean for transfers (GDPR Chapter V), as plain statements.
    pub transfers: Vec<String>,
    /// `outside_eea`, `third_country_access`, `country_unknown`, `personal_area`, and those of its groups.
    pub flags: Vec<String>,
    /// Kind of personal area, when this line counts unmapped personal areas.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub personal_area: Option<String>,
    /// Files with findings.
    pub files: u64,
    /// Findings.
    pub findings: u64,
    /// Different data subjects, from the identifier that tells most of them; null where none identifies.
    pub subjects: Option<u64>,
    /// Whether `subjects` is estimated instead of counted.
    pub subjects_is_estimate: bool,
}

/// A processor's processor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubProcessor {
    /// Its name.
    pub name: String,
    /// Where it works from, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub country: Option<String>,
    /// What a transfer rests on, such as `SCC` or `BCR`, as told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub transfer_tool: Option<String>,
}

/// A record group: what stands together in a table, a sheet or a document, judged together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupLine {
    /// Stable across runs and hosts: from label, path below the root, members, table.
    pub id: String,
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
    pub system: Option<String>,
    /// Categories in it, sorted.
    pub categories: Vec<String>,
    /// Detectors that found something in it, sorted.
    pub detectors: Vec<String>,
    /// How many findings.
    pub findings: u64,
    /// Different data subjects, from the identifier that tells most of them; null where none identifies.
    pub subjects: Option<u64>,
    /// Whether `subjects` is estimated instead of counted.
    pub subjects_is_estimate: bool,
    /// Highest sensitivity × highest identifiability of what stands in it.
    pub severity: Severity,
    /// Flags of its findings, and `children`, `many_subjects` (more than 100), `outside_eea`,
    /// `third_country_access`, `personal_area`.
    pub flags: Vec<String>,
    /// Columns from which a retention period may run.
    pub anchors: Vec<Anchor>,
    /// Oldest date in the anchors (`YYYY-MM`).
    pub oldest: Option<String>,
    /// Newest date in the anchors (`YYYY-MM`).
    pub newest: Option<String>,
}

/// A column from which a retention period may run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Anchor {
    /// The column.
    pub field: String,
    /// What it tells: `created`, `changed`, `closed`, `last_used`, `consent` … (`patterns/anchors.toml`).
    pub kind: String,
    /// Oldest date in it (`YYYY-MM`).
    pub oldest: String,
    /// Newest date in it (`YYYY-MM`).
    pub newest: String,
}

/// A file with findings: who can read it, how old it is, where else its data lies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileLine {
    /// As in a finding.
    pub path: String,
    /// As in a finding.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path_b64: Option<String>,
    /// As in a finding.
    pub system: Option<String>,
    /// User that owns it: the name where the host knows one, else the number.
    pub owner: Option<String>,
    /// Group that owns it, likewise.
    pub group: Option<String>,
    /// Permission bits in octal, such as `0644`.
    pub mode: Option<String>,
    /// Who may read it by its permissions; folders above it may narrow that.
    pub readable_by: Option<ReadableBy>,
    /// Day of its last change (UTC).
    pub modified: Option<String>,
    /// Digest of its bytes under the organisation's key.
    pub content: Option<String>,
    /// The set of files that hold the same data; null when it stands alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duplicate_set: Option<String>,
    /// Path of the set's first file, in all others of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duplicate_of: Option<String>,
    /// Whether the set's files have the same bytes or the same values.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duplicate_by: Option<DuplicateBy>,
    /// Rules that may ask for keeping it, from `retention.toml`: hints, no verdict.
    pub hold: Vec<HoldHint>,
    /// Kind of personal area that it lies in: `home_directory`, `mailbox` … (`patterns/areas.toml`).
    pub personal_area: Option<String>,
}

/// Who may read a file.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReadableBy {
    /// Its owner (and the administrator).
    Owner,
    /// Its group, or users and groups of its access list.
    Group,
    /// Every user of the host.
    Everyone,
}

impl ReadableBy {
    /// The word that outputs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ReadableBy::Owner => "owner",
            ReadableBy::Group => "group",
            ReadableBy::Everyone => "everyone",
        }
    }
}

/// What the files of a set have in common.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateBy {
    /// Every byte.
    Bytes,
    /// The values of their findings, in whatever form and order.
    Values,
}

/// A rule that may ask for keeping a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct HoldHint {
    /// Id of the rule in `retention.toml`.
    pub rule: String,
    /// What it says, and why it may apply.
    pub statement: String,
}
