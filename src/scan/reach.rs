//! Who gets to a file through the folders above it, up to where its file system is mounted: what lies above that
//! tells of this host, and of others that mount it nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Key, Work};
use crate::file::FileResult;
use crate::inventory::ReadableBy;
use crate::source::call::call;
use crate::source::exposure;
use crate::walk;

/// What is known of folders: their file systems, and who gets through them and all above.
#[derive(Default)]
pub(super) struct Reach(Mutex<HashMap<PathBuf, (u64, ReadableBy)>>);

impl Work {
    /// Narrows who can read a file to those who get to it. It is told anew by every run, since a folder may be opened
    /// without any change to what lies in it.
    pub(super) fn narrow(&self, key: &Key, result: &mut FileResult) {
        if let Some(exposure) = result.exposure {
            let path = walk::joined(&self.absolute[key.root], &key.relative);
            let passes = path.parent().map_or(ReadableBy::Everyone, |folder| self.reach.of(folder));
            result.exposure = Some(exposure.within(passes));
        }
    }
}

impl Reach {
    /// Who gets to what lies in a folder.
    fn of(&self, folder: &Path) -> ReadableBy {
        let (mut below, mut passes): (Vec<(&Path, (u64, ReadableBy))>, _) = (Vec::new(), None);
        for folder in folder.ancestors() {
            let known = self.locked().get(folder).copied();
            let Some(told) = known.or_else(|| call(|| exposure::passes(folder))) else { break };
            if below.last().is_some_and(|(_, (device, _))| *device != told.0) {
                break;
            }
            if known.is_some() {
                passes = Some(told.1);
                break;
            }
            below.push((folder, told));
        }
        let mut passes = passes.unwrap_or(ReadableBy::Everyone);
        for (folder, (device, own)) in below.into_iter().rev() {
            passes = passes.min(own);
            self.locked().insert(folder.to_owned(), (device, passes));
        }
        passes
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, (u64, ReadableBy)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_narrowest_folder_on_the_way_decides() {
        let folder = tempfile::tempdir().unwrap();
        let path = |below: &str| folder.path().join(below);
        let close = |below: &str, mode| {
            fs::set_permissions(path(below), Permissions::from_mode(mode)).unwrap();
        };
        fs::create_dir_all(path("hr/open/deep")).unwrap();
        fs::create_dir_all(path("all")).unwrap();
        close("", 0o755);
        close("hr", 0o710);
        let reach = Reach::default();
        for below in ["hr/open/deep", "hr/open/deep", "hr/open", "hr"] {
            assert_eq!(reach.of(&path(below)), ReadableBy::Group, "{below}");
        }
        // Whatever the folder for temporary files is.
        assert_eq!(reach.of(&path("all")), reach.of(folder.path().parent().unwrap()));
        close("hr/open", 0o700);
        assert_eq!(Reach::default().of(&path("hr/open/deep")), ReadableBy::Owner);
    }
}
