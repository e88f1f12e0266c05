//! What is sought, as it is sent to a worker process: a profile's values, keys that lead from one record to others, and
//! keyed digests of what is not known any more.

use serde::{Deserialize, Serialize};

use super::{Kind, Mark, Profile};
use crate::index::digest;

/// What is sought, in a form that can be sent to a worker process. It has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sought {
    /// The profile's values.
    pub values: Vec<(Kind, Vec<String>)>,
    /// Keys of records that are certain.
    pub keys: Vec<HopKey>,
    /// Keyed digests of words that speak for values which are not known any more.
    pub traces: Vec<(Mark, u64)>,
    /// Key of these digests.
    pub words: [u8; 16],
    /// Key of the fingerprints.
    pub secret: [u8; 32],
    /// Whether what the records hold is wanted, to be handed to the person.
    pub copies: bool,
}

/// A key that stands in a record of the subject and refers to something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HopKey {
    /// What it is a key of, see [`super::labels::concept`].
    pub concept: String,
    /// Its column, for the reason.
    pub column: String,
    /// The value, in normal form.
    pub value: String,
}

impl Sought {
    /// What a profile says.
    #[must_use]
    pub fn new(profile: &Profile, secret: [u8; 32]) -> Sought {
        Sought { values: profile.values(), secret, ..Sought::default() }
    }
}

/// A key's value in the form that is compared; `None` for what is none.
#[must_use]
pub fn key_value(cell: &str) -> Option<String> {
    let cell = cell.trim();
    let is_key = !cell.is_empty() && cell.len() <= 64 && !cell.contains(char::is_whitespace);
    let is_nothing =
        cell.bytes().all(|b| b == b'0') || ["null", "none", "nan"].contains(&&*cell.to_lowercase());
    // `1042.0` is how some exports write numbers.
    let value = cell.strip_suffix(".0").unwrap_or(cell);
    (is_key && !is_nothing).then(|| value.to_lowercase())
}

/// What a replay list knows a key's value by.
#[must_use]
pub fn key_trace(value: &str, words: &[u8; 16]) -> String {
    format!("{:016x}", digest(words, value.as_bytes()))
}
