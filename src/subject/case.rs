//! `case.json`: the facts of a search for one person, which its work list is worth as much as.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::inventory::{Count, Coverage, NoteLine, Run};

/// Name and version of the package's format.
pub const SCHEMA: &str = "datakart/case/1";

/// A search, without a value of anybody.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// Format, `datakart/case/1`.
    pub schema: String,
    /// Id of the case, from the profile.
    pub case: String,
    /// Day on which the request was received.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub received: Option<String>,
    /// Day by which it is to be answered (GDPR Art. 12(3)).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<String>,
    /// How the person's identity was verified (Art. 12(6)).
    pub identity_verified: String,
    /// What was searched by: how many values of each kind.
    pub sought: BTreeMap<String, u64>,
    /// Columns whose values led from certain records to others, and how many values each gave.
    #[serde(default)]
    pub hops: BTreeMap<String, u64>,
    /// What limits the answer: a profile with names only, an index that could not be used …
    pub warnings: Vec<String>,
    /// Records of the work list by strength.
    pub records: BTreeMap<String, u64>,
    /// Files that the index says hold nothing of the person: they were not read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub excluded: Option<Count>,
    /// How much was read of what was met.
    pub coverage: Coverage,
    /// What could not be read, or not in full.
    pub notes: Vec<NoteLine>,
    /// The run's facts.
    pub run: Run,
}
