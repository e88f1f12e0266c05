//! What a file tells besides its findings: dates in its columns, and words of its field names.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Dates, Facts};

/// The kind of a column of birth dates, which is no retention anchor but tells of children.
pub const BIRTH: &str = "birth";

/// What a file with findings tells besides them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Traits {
    /// Its columns of dates.
    pub dated: Vec<Dated>,
    /// Entries of `retention.toml` that are names of its fields or tables.
    pub told: BTreeSet<String>,
}

/// A column of dates.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dated {
    /// As in a finding.
    pub members: Vec<String>,
    /// As in a finding.
    pub table: Option<String>,
    /// Its name.
    pub field: String,
    /// Kind of anchor, or [`BIRTH`].
    pub kind: String,
    /// The dates.
    pub dates: Dates,
}

impl Traits {
    /// Whether a worker can have come to this honestly.
    #[must_use]
    pub fn are_sound(&self, facts: &Facts) -> bool {
        let month = |m: u16| (1900 * 12..2101 * 12).contains(&m);
        let kind = |kind: &str| kind == BIRTH || facts.anchors.is_kind(kind);
        let entry = |entry: &String| facts.retention.tell(entry).contains(entry);
        self.dated.iter().all(|d| kind(&d.kind) && month(d.dates.oldest) && month(d.dates.newest))
            && self.told.iter().all(entry)
    }
}
