//! Exposure: who owns a file, who can read it, when it was changed last; from the opened file itself, so that
//! no path is looked up a second time. The folders above it are looked at by their paths.

use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::inventory::ReadableBy;

/// Who owns a file and can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// User that owns it.
    pub uid: u32,
    /// Group that owns it.
    pub gid: u32,
    /// Permission bits.
    pub mode: u32,
    /// Who may read it.
    pub readable_by: ReadableBy,
    /// Last change, in seconds of Unix time.
    pub modified: i64,
}

/// The attribute that holds a POSIX access list (acl(5)).
const ACL: &str = "system.posix_acl_access";

impl Exposure {
    /// By the permission bits alone.
    #[must_use]
    pub fn of_stat(stat: &rustix::fs::Stat) -> Exposure {
        let mode = stat.st_mode & 0o7777;
        let readable_by = of_bits(mode, READ);
        Exposure { uid: stat.st_uid, gid: stat.st_gid, mode, readable_by, modified: stat.st_mtime }
    }

    /// By the file's access list, where it has one.
    #[must_use]
    pub fn with_list_of(self, file: &File) -> Exposure {
        let mut list = [0; 4096];
        let told = rustix::fs::fgetxattr(file, ACL, &mut list).ok();
        let of_list = told.and_then(|n| of_list(list.get(..n)?, READ));
        Exposure { readable_by: of_list.unwrap_or(self.readable_by), ..self }
    }

    /// For who gets no further than this on the way to the file.
    #[must_use]
    pub fn within(self, passes: ReadableBy) -> Exposure {
        Exposure { readable_by: self.readable_by.min(passes), ..self }
    }
}

/// The permission to read, and the one to pass through a folder.
const READ: u16 = 4;
const PASS: u16 = 1;

/// Who gets through a folder, by its access list, where it has one, else by its permission bits; and the file system
/// that it is on.
#[must_use]
pub fn passes(folder: &Path) -> Option<(u64, ReadableBy)> {
    let stat = rustix::fs::lstat(folder).ok()?;
    let mut list = [0; 4096];
    let told = rustix::fs::lgetxattr(folder, ACL, &mut list).ok();
    let of_list = told.and_then(|n| of_list(list.get(..n)?, PASS));
    Some((stat.st_dev, of_list.unwrap_or(of_bits(stat.st_mode, PASS))))
}

fn of_bits(mode: u32, bit: u16) -> ReadableBy {
    let bit = u32::from(bit);
    match () {
        () if mode & bit != 0 => ReadableBy::Everyone,
        () if mode & (bit << 3) != 0 => ReadableBy::Group,
        () => ReadableBy::Owner,
    }
}

/// Who has a permission by an access list as Linux keeps it: a version, then entries of a tag, permissions and an id
/// (linux/posix_acl_xattr.h). `None` when it is not understood.
fn of_list(list: &[u8], permission: u16) -> Option<ReadableBy> {
    const VERSION: u32 = 2;
    const OWNER: u16 = 1;
    const USER: u16 = 2;
    const GROUP_OWNER: u16 = 4;
    const GROUP: u16 = 8;
    const MASK: u16 = 16;
    const OTHER: u16 = 32;
    let (version, entries) = list.split_first_chunk::<4>()?;
    let (entries, []) = entries.as_chunks::<8>() else { return None };
    if u32::from_le_bytes(*version) != VERSION {
        return None;
    }
    let entry = |e: &[u8; 8]| (u16::from_le_bytes([e[0], e[1]]), u16::from_le_bytes([e[2], e[3]]));
    let entries: Vec<(u16, u16)> = entries.iter().map(entry).collect();
    let mask = entries.iter().find(|e| e.0 == MASK).map_or(7, |e| e.1);
    let allows = |tags: &[u16], mask: u16| {
        entries.iter().any(|(tag, allowed)| tags.contains(tag) && allowed & mask & permission != 0)
    };
    Some(match () {
        () if allows(&[OTHER], 7) => ReadableBy::Everyone,
        () if allows(&[USER, GROUP_OWNER, GROUP], mask) => ReadableBy::Group,
        () if entries.iter().any(|e| e.0 == OWNER) => ReadableBy::Owner,
        () => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn list(entries: &[(u16, u16)]) -> Vec<u8> {
        let mut list = 2u32.to_le_bytes().to_vec();
        for (tag, allowed) in entries {
            list.extend(tag.to_le_bytes());
            list.extend(allowed.to_le_bytes());
            list.extend(u32::MAX.to_le_bytes());
        }
        list
    }

    #[test]
    fn permission_bits_say_who_reads() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (mode, who) in [
            (0o600, ReadableBy::Owner),
            (0o640, ReadableBy::Group),
            (0o604, ReadableBy::Everyone),
            (0o311, ReadableBy::Owner),
        ] {
            file.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).unwrap();
            let exposure = Exposure::of_stat(&rustix::fs::fstat(file.as_file()).unwrap());
            assert_eq!((exposure.mode, exposure.readable_by), (mode, who));
            assert_eq!(exposure.with_list_of(file.as_file()), exposure, "it has no list");
        }
    }

    #[test]
    fn an_access_list_can_widen_and_its_mask_narrow() {
        let owner_only = [(1, 6), (4, 0), (32, 0)];
        assert_eq!(of_list(&list(&owner_only), READ), Some(ReadableBy::Owner));
        let one_user_more = [(1, 6), (2, 4), (4, 0), (16, 4), (32, 0)];
        assert_eq!(of_list(&list(&one_user_more), READ), Some(ReadableBy::Group));
        let masked = [(1, 6), (2, 4), (4, 4), (16, 0), (32, 0)];
        assert_eq!(of_list(&list(&masked), READ), Some(ReadableBy::Owner));
        let all = [(1, 6), (4, 0), (16, 0), (32, 4)];
        assert_eq!(of_list(&list(&all), READ), Some(ReadableBy::Everyone));
        assert_eq!(of_list(&[2, 0, 0, 0, 1], READ), None);
        assert_eq!(of_list(&[3, 0, 0, 0], READ), None);
    }

    #[test]
    fn a_folder_is_passed_through_by_whom_it_lets() {
        let folder = tempfile::tempdir().unwrap();
        for (mode, who) in [
            (0o755, ReadableBy::Everyone),
            (0o711, ReadableBy::Everyone),
            (0o744, ReadableBy::Owner),
            (0o710, ReadableBy::Group),
            (0o700, ReadableBy::Owner),
        ] {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(folder.path(), mode).unwrap();
            assert_eq!(passes(folder.path()).unwrap().1, who);
        }
        assert_eq!(passes(&folder.path().join("none")), None);
        let staff = [(1, 7), (4, 5), (8, 5), (16, 1), (32, 0)];
        assert_eq!(of_list(&list(&staff), PASS), Some(ReadableBy::Group));
    }
}
