//! A file result as a state keeps it: what a worker would answer, and what the scanning process adds.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::detect::finder::Finder;
use crate::file::FileResult;
use crate::isolate::{Answer, Left};
use crate::note::Reason;
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

/// A kept result.
#[derive(Serialize, Deserialize)]
pub struct Stored {
    bytes: u64,
    answer: Answer,
    exposure: Option<Exposure>,
    /// Digest of the file's bytes under the organisation's key, of a file with findings.
    pub content: Option<String>,
    worker: Option<Left>,
    /// What belongs to it.
    pub beside: Vec<Beside>,
}

impl Stored {
    /// A result that another run may use; `None` for one that says less about the file than about the moment.
    #[must_use]
    pub fn of(result: &FileResult, worker: Option<&Left>, beside: Vec<Beside>) -> Option<Stored> {
        let of_the_moment = |reason| {
            use Reason::{
                Changed, Crashed, IoError, NotReached, PermissionDenied, Stopped, Vanished,
            };
            matches!(
                reason,
                Changed | Crashed | IoError | NotReached | PermissionDenied | Stopped | Vanished
            )
        };
        if result.notes.iter().any(|n| of_the_moment(n.reason)) {
            return None;
        }
        Some(Stored {
            bytes: result.bytes,
            exposure: result.exposure,
            content: result.content.clone(),
            worker: worker.cloned(),
            beside,
            answer: result.clone().into(),
        })
    }

    /// The size of the file in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn text(&self) -> Result<String> {
        Ok(serde_json::to_string(self)?)
    }

    pub(super) fn parse(text: &[u8]) -> Option<Stored> {
        serde_json::from_slice(text).ok()
    }

    /// The file result, if these rules can have come to it, and what a worker left out of it.
    #[must_use]
    pub fn result(self, finder: &Finder) -> Option<(FileResult, Option<Left>)> {
        let result = self.answer.check(finder, self.bytes)?;
        Some((FileResult { exposure: self.exposure, content: self.content, ..result }, self.worker))
    }
}
