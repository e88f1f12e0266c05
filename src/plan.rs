//! The plan: what is scanned and how, once options, config and environment are resolved.

use std::path::{Component, Path, PathBuf};

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
    /// A file that was named, by this path, and where it lies: a link that somebody names himself is followed.
    File {
        /// The path as given.
        given: PathBuf,
        /// What is opened.
        real: PathBuf,
    },
    /// A file of a list. Lists are made by programs, and whoever writes to a share may put a link there: it is not
    /// followed.
    Listed(PathBuf),
    /// Standard input, under this name.
    Stdin(String),
}

impl Root {
    /// The root as given, without a trailing slash.
    #[must_use]
    pub fn as_given(&self) -> PathBuf {
        match self {
            Root::Folder(p) | Root::Listed(p) | Root::File { given: p, .. } => {
                p.components().collect()
            }
            Root::Stdin(name) => PathBuf::from(name),
        }
    }

    /// The folder or file on disk.
    #[must_use]
    pub fn on_disk(&self) -> Option<&Path> {
        match self {
            Root::Folder(p) | Root::Listed(p) | Root::File { real: p, .. } => Some(p),
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
/// followed, as they are when they are opened, unless the system does not answer. What is not there would lie there.
#[must_use]
pub fn absolute(roots: &[Root]) -> Vec<PathBuf> {
    let path = |root: &Root| root.on_disk().and_then(|path| std::path::absolute(path).ok());
    let paths: Vec<PathBuf> = roots.iter().map(|root| path(root).unwrap_or_default()).collect();
    let real = call::each(&paths, lies).into_iter();
    real.zip(paths).map(|(real, path)| real.unwrap_or(path)).collect()
}

/// Where a path lies, or would lie if it were there: links on its way are followed, also those that lead nowhere for
/// now.
#[must_use]
pub fn lies(path: &Path) -> PathBuf {
    /// As many as the system follows.
    const LINKS: u32 = 40;
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    followed(&absolute, LINKS)
}

fn followed(path: &Path, links: u32) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let Some(parent) = path.parent() else { return path.to_owned() };
    match path.components().next_back() {
        Some(Component::ParentDir) => {
            let mut real = followed(parent, links);
            real.pop();
            real
        }
        Some(Component::Normal(name)) => match path.read_link() {
            Ok(target) if links > 0 => followed(&parent.join(target), links - 1),
            _ => followed(parent, links).join(name),
        },
        _ => path.to_owned(),
    }
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
    /// Countries that the data comes from, as told, in capitals.
    pub countries: Vec<String>,
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_away_would_lie_where_its_links_lead() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().canonicalize().unwrap();
        fs::create_dir(home.join("there")).unwrap();
        symlink("there/away", home.join("link")).unwrap();
        symlink("link", home.join("to link")).unwrap();
        symlink("round", home.join("round")).unwrap();
        for (path, expected) in [
            ("there", "there"),
            ("there/away", "there/away"),
            ("away/deeper", "away/deeper"),
            ("away/../there/x", "there/x"),
            ("link", "there/away"),
            ("to link/deeper", "there/away/deeper"),
        ] {
            assert_eq!(lies(&home.join(path)), home.join(expected), "{path}");
        }
        assert!(lies(&home.join("round/x")).ends_with("round/x"));
    }
}
