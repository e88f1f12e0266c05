//! The order in which files are read when the time for that is limited: what was never read comes first, then
//! what was read longest ago.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Work;

/// Most files that are put off below one root. When there are more, the one that was read longest ago is read.
const MOST: usize = 100_000;

/// A file that was read before, the one of longest ago first.
type Before = Reverse<(i64, PathBuf)>;

impl Work {
    /// The file to be read now that this one was met: itself, unless the time is limited.
    pub(super) fn turn(&self, root: usize, relative: PathBuf) -> Option<PathBuf> {
        let Some(state) = self.state.as_ref().filter(|_| self.plan.until.is_some()) else {
            return Some(relative);
        };
        let path = self.absolute[root].join(&relative);
        match state.read_at(path.as_os_str().as_bytes()) {
            Some(read_at) => self.later.put_off(root, read_at, &relative),
            None => Some(relative),
        }
    }
}

/// The files that are put off, by root.
pub(super) struct Later(Vec<Mutex<BinaryHeap<Before>>>);

impl Later {
    pub(super) fn new(roots: usize) -> Later {
        Later((0..roots).map(|_| Mutex::default()).collect())
    }

    /// Puts a file off that was read at this time; gives back the one that is to be read now, if any.
    pub(super) fn put_off(&self, root: usize, read_at: i64, relative: &Path) -> Option<PathBuf> {
        let mut files = self.0[root].lock().unwrap_or_else(PoisonError::into_inner);
        files.push(Reverse((read_at, relative.to_owned())));
        let full = files.len() > MOST;
        full.then(|| files.pop()).flatten().map(|Reverse((_, relative))| relative)
    }

    /// All files that were put off, with their roots, in the order in which they are to be read.
    pub(super) fn take(&self) -> Vec<(usize, PathBuf)> {
        let mut all = Vec::new();
        for (root, files) in self.0.iter().enumerate() {
            let files = std::mem::take(&mut *files.lock().unwrap_or_else(PoisonError::into_inner));
            all.extend(files.into_iter().map(|Reverse((at, relative))| (at, root, relative)));
        }
        all.sort_unstable();
        all.into_iter().map(|(_, root, relative)| (root, relative)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_longest_ago_comes_first() {
        let later = Later::new(2);
        for (root, read_at, name) in [(1, 30, "c"), (0, 20, "b"), (0, 40, "d"), (1, 10, "a")] {
            assert_eq!(later.put_off(root, read_at, Path::new(name)), None);
        }
        let order: Vec<_> = later.take().into_iter().map(|(_, path)| path).collect();
        assert_eq!(order, ["a", "b", "c", "d"].map(PathBuf::from));
        assert!(later.take().is_empty());
    }

    #[test]
    fn when_there_are_too_many_the_oldest_has_its_turn() {
        let later = Later::new(1);
        for i in 0..MOST {
            let read_at = 1 + i64::try_from(i).unwrap_or(0);
            assert_eq!(later.put_off(0, read_at, Path::new("some")), None);
        }
        assert_eq!(later.put_off(0, 0, Path::new("old")), Some(PathBuf::from("old")));
        assert_eq!(later.put_off(0, i64::MAX, Path::new("new")), Some(PathBuf::from("some")));
        assert_eq!(later.take().len(), MOST);
    }
}
