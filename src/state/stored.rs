//! A file result as a state keeps it: what a worker would answer, and what the scanning process adds.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::detect::finder::Finder;
use crate::file::FileResult;
use crate::isolate::{Answer, Left};
use crate::note::Reason;
use crate::readers;
use crate::source::exposure::Exposure;
use crate::source::open::Stamp;

/// A file beside another that belongs to it, such as the write-ahead log of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// What its name has after that of the other.
    pub ending: String,
    /// What it was; `None` when there was none.
    pub stamp: Option<Stamp>,
}

/// A file result as it is kept.
pub enum Kept {
    /// Read in full, and nothing to tell but its format.
    Plain(&'static str),
    /// Any other.
    Full(Box<Stored>),
}

/// A kept result in full.
#[derive(Serialize, Deserialize)]
pub struct Stored {
    bytes: u64,
    answer: Answer,
    exposure: Option<Exposure>,
    /// Digest of the file's bytes under the organisation's key, of a file with findings.
    content: Option<String>,
    worker: Option<Left>,
    /// What belongs to it.
    pub(super) beside: Vec<Beside>,
}

impl Kept {
    /// A result that another run may use; `None` for one that says less about the file than about the moment.
    #[must_use]
    pub fn of(result: &FileResult, worker: Option<&Left>, beside: Vec<Beside>) -> Option<Kept> {
        let of_the_moment = |reason| {
            use Reason::{
                Changed, Crashed, IoError, NotReached, PermissionDenied, Stalled, Stopped, Vanished,
            };
            matches!(
                reason,
                Changed
                    | Crashed
                    | IoError
                    | NotReached
                    | PermissionDenied
                    | Stalled
                    | Stopped
                    | Vanished
            )
        };
        if result.notes.iter().any(|n| of_the_moment(n.reason)) {
            return None;
        }
        if let Some(format) = result.is_plain().filter(|_| beside.is_empty()) {
            return Some(Kept::Plain(format));
        }
        Some(Kept::Full(Box::new(Stored {
            bytes: result.bytes,
            exposure: result.exposure,
            content: result.content.clone(),
            worker: worker.cloned(),
            beside,
            answer: result.clone().into(),
        })))
    }

    /// A file of this format of which there is no more to tell.
    pub(super) fn plain(format: &str) -> Option<Kept> {
        Some(Kept::Plain(readers::by_id(format)?.id))
    }

    /// From the text of a result, of a file of this size.
    pub(super) fn parse(text: &[u8], bytes: u64) -> Option<Kept> {
        let stored: Stored = serde_json::from_slice(text).ok()?;
        (stored.bytes == bytes).then(|| Kept::Full(Box::new(stored)))
    }

    /// The text that it is kept as; none for one that is plain.
    pub(super) fn text(&self) -> Result<Option<String>> {
        match self {
            Kept::Plain(_) => Ok(None),
            Kept::Full(stored) => Ok(Some(serde_json::to_string(stored)?)),
        }
    }

    /// What belongs to the file.
    #[must_use]
    pub fn beside(&self) -> &[Beside] {
        match self {
            Kept::Plain(_) => &[],
            Kept::Full(stored) => &stored.beside,
        }
    }

    /// Digest of the file's bytes, if there is one.
    #[must_use]
    pub fn content(&self) -> Option<&str> {
        match self {
            Kept::Plain(_) => None,
            Kept::Full(stored) => stored.content.as_deref(),
        }
    }

    /// The file result, if these rules can have come to it, and what a worker left out of it. `bytes` is the
    /// file's size.
    #[must_use]
    pub fn result(self, finder: &Finder, bytes: u64) -> Option<(FileResult, Option<Left>)> {
        match self {
            Kept::Plain(format) => Some((FileResult::plain(bytes, format), None)),
            Kept::Full(stored) => {
                let result = stored.answer.check(finder, bytes)?;
                let (exposure, content) = (stored.exposure, stored.content);
                Some((FileResult { exposure, content, ..result }, stored.worker))
            }
        }
    }
}
