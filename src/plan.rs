//! The plan: what is scanned and how, once options, config and environment are resolved.

use std::path::{Path, PathBuf};

use crate::file::Reading;
use crate::key::Key;
use crate::place::{Spelled, Systems};
use crate::source::call;
use crate::walk::Filter;

/// Where a scan starts.
#[derive(Clone, Debug)]
pub enum Root {
    /// A folder, walked.
    Folder(PathBuf),
    /// A file that was named.
    File(PathBuf),
    /// Standard input, under this name.
    Stdin(String),
}

impl Root {
    /// The root as given, without a trailing slash.
    #[must_use]
    pub fn as_given(&self) -> PathBuf {
        match self {
            Root::Folder(p) | Root::File(p) => p.components().collect(),
            Root::Stdin(name) => PathBuf::from(name),
        }
    }

    /// The folder or file on disk.
    #[must_use]
    pub fn on_disk(&self) -> Option<&Path> {
        match self {
            Root::Folder(p) | Root::File(p) => Some(p),
            Root::Stdin(_) => None,
        }
    }

    /// The ways to write a path below it; `absolute` is where it lies.
    #[must_use]
    pub fn spelled(&self, absolute: &Path, below: &Path) -> Spelled {
        Spelled::new(absolute, &self.as_given(), below)
    }
}

/// Where roots lie, from the root of the file system; empty for standard input. Links in their own paths are
/// followed, as they are when they are opened, unless the system does not answer.
#[must_use]
pub fn absolute(roots: &[Root]) -> Vec<PathBuf> {
    let path = |root: &Root| root.on_disk().and_then(|path| std::path::absolute(path).ok());
    let paths: Vec<PathBuf> = roots.iter().map(|root| path(root).unwrap_or_default()).collect();
    let real = call::each(&paths, |path| path.canonicalize().ok()).into_iter();
    real.zip(paths).map(|(real, path)| real.flatten().unwrap_or(path)).collect()
}

/// Everything a scan depends on besides rules and sources.
#[derive(Clone)]
pub struct Plan {
    /// Where it starts.
    pub roots: Vec<Root>,
    /// Which paths are wanted.
    pub filter: Filter,
    /// How files are read.
    pub reading: Reading,
    /// Number of threads.
    pub threads: usize,
    /// Name of the source in ids and reports.
    pub label: String,
    /// The digest key.
    pub key: Key,
    /// What paths belong to.
    pub systems: Systems,
    /// Date that plausibility and expiry are measured against.
    pub as_of: jiff::civil::Date,
    /// Whether `findings.jsonl` is written.
    pub findings: bool,
    /// Whether it holds raw values, and paths are not masked.
    pub reveal: bool,
    /// Whether `ledger.jsonl` is written.
    pub ledger: bool,
    /// When no further file is begun.
    pub until: Option<std::time::Instant>,
    /// Bytes per second that are read at most.
    pub max_read_rate: Option<u64>,
}
