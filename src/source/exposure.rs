//! Exposure: who owns a file, who can read it, when it was changed last; from the opened file itself, so that
//! no path is looked up a second time.

use std::fs::File;

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
        let readable_by = match () {
            () if mode & 0o004 != 0 => ReadableBy::Everyone,
            () if mode & 0o040 != 0 => ReadableBy::Group,
            () => ReadableBy::Owner,
        };
        Exposure { uid: stat.st_uid, gid: stat.st_gid, mode, readable_by, modified: stat.st_mtime }
    }

    /// By the file's access list, where it has one.
    #[must_use]
    pub fn with_list_of(self, file: &File) -> Exposure {
        let mut list = [0; 4096];
        let told = rustix::fs::fgetxattr(file, ACL, &mut list).ok();
        let readable_by = told.and_then(|n| of_list(list.get(..n)?)).unwrap_or(self.readable_by);
        Exposure { readable_by, ..self }
    }
}

/// Who may read by an access list as Linux keeps it: a version, then entries of a tag, permissions and an id
/// (linux/posix_acl_xattr.h). `None` when it is not understood.
fn of_list(list: &[u8]) -> Option<ReadableBy> {
    const VERSION: u32 = 2;
    const OWNER: u16 = 1;
    const USER: u16 = 2;
    const GROUP_OWNER: u16 = 4;
    const GROUP: u16 = 8;
    const MASK: u16 = 16;
    const OTHER: u16 = 32;
    const READ: u16 = 4;
    let (version, entries) = list.split_first_chunk::<4>()?;
    let (entries, []) = entries.as_chunks::<8>() else { return None };
    if u32::from_le_bytes(*version) != VERSION {
        return None;
    }
    let entry = |e: &[u8; 8]| (u16::from_le_bytes([e[0], e[1]]), u16::from_le_bytes([e[2], e[3]]));
    let entries: Vec<(u16, u16)> = entries.iter().map(entry).collect();
    let mask = entries.iter().find(|e| e.0 == MASK).map_or(7, |e| e.1);
    let reads = |tags: &[u16], mask: u16| {
        entries.iter().any(|(tag, allowed)| tags.contains(tag) && allowed & mask & READ != 0)
    };
    Some(match () {
        () if reads(&[OTHER], 7) => ReadableBy::Everyone,
        () if reads(&[USER, GROUP_OWNER, GROUP], mask) => ReadableBy::Group,
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
        assert_eq!(of_list(&list(&owner_only)), Some(ReadableBy::Owner));
        let one_user_more = [(1, 6), (2, 4), (4, 0), (16, 4), (32, 0)];
        assert_eq!(of_list(&list(&one_user_more)), Some(ReadableBy::Group));
        let masked = [(1, 6), (2, 4), (4, 4), (16, 0), (32, 0)];
        assert_eq!(of_list(&list(&masked)), Some(ReadableBy::Owner));
        let all = [(1, 6), (4, 0), (16, 0), (32, 4)];
        assert_eq!(of_list(&list(&all)), Some(ReadableBy::Everyone));
        assert_eq!(of_list(&[2, 0, 0, 0, 1]), None);
        assert_eq!(of_list(&[3, 0, 0, 0]), None);
    }
}
