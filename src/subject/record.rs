//! The work list: one line per record of the subject.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How sure it is that a record is the subject's. Only `certain` and `probable` may drive an erasure; a name alone
/// may be a homonym's.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// A name only, or what speaks against the subject as well.
    Possible,
    /// A name with birth date, address or part of an identifier in the same record, or a record that a certain one
    /// refers to.
    Probable,
    /// A unique identifier.
    Certain,
}

impl Strength {
    /// The word that outputs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Strength::Possible => "possible",
            Strength::Probable => "probable",
            Strength::Certain => "certain",
        }
    }

    /// Whether it may drive an erasure.
    #[must_use]
    pub fn may_drive_erasure(self) -> bool {
        self > Strength::Possible
    }
}

/// One line of `worklist.jsonl`: a row, message or document that is the subject's, or may be. It holds no value of
/// anybody. At most one of `row`, `line`, `message` and `page` is set; documents whose format counts none of them
/// have none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Stable across runs and hosts: from label, path below the root, members, table and place.
    pub id: String,
    /// The root as given plus the path below it, `/`-separated; masked where it holds personal data.
    pub path: String,
    /// The path's bytes in base64, when they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path_b64: Option<String>,
    /// The chain of archive members and attachments that leads to it; empty for a plain file.
    pub members: Vec<String>,
    /// Table, sheet or the like.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub table: Option<String>,
    /// Row in the table, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub row: Option<u64>,
    /// Line of free text, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u64>,
    /// Message in a mailbox, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<u64>,
    /// Page of a document, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub page: Option<u64>,
    /// Names of the columns that tell the row from others: its primary key. Their values are in no output.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub key: Vec<String>,
    /// How sure it is that the record is the subject's.
    pub strength: Strength,
    /// What of the profile was found: a kind (`email`, `name`, `birth_date` …), with what form it was after it where
    /// that matters (`phone_national` is without its country, `_bare` digits that nothing calls so, `national_id_split`
    /// in two columns, `_part` masked, `_hash` a plain MD5, SHA-1 or SHA-256); `hop:COLUMN` for a key of another
    /// record; `against:KIND` for what speaks against the subject.
    pub reasons: Vec<String>,
    /// Categories of personal data that the whole record holds.
    pub categories: Vec<String>,
    /// Columns that the record fills.
    pub columns: Vec<String>,
    /// `art9`, `art10`, `art87`, `children`, `credentials`, `third_person` …
    pub flags: Vec<String>,
    /// What may speak against erasure: `accounting`, `payroll`, `contract` … For a human to decide.
    pub hints: Vec<String>,
    /// The system that the path belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub system: Option<String>,
    /// Id of the first record with the same content.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duplicate_of: Option<String>,
    /// Keyed digest of the record's content: tells whether it was edited, moved or copied.
    pub fingerprint: String,
    /// Day on which the file was last changed (UTC).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub modified: Option<String>,
}
