//! What is mounted where. Of a file system on which several calls did not come back nothing more is tried, so that it
//! does not take one thread after the other; and what is mounted at two places is walked at one of them.

use std::collections::HashMap;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Calls that may be tried in vain.
const MOST: u32 = 3;

/// What stands for a path that does not answer, whatever it lies on.
const ITSELF: u32 = u32::MAX;

/// How many calls did not come back, by file system.
static SILENT: Mutex<Option<HashMap<PathBuf, u32>>> = Mutex::new(None);
/// Whether there is one of which nothing more is tried. Paths are looked at only then.
static ANY: AtomicBool = AtomicBool::new(false);

/// A call on this path, from the root of the file system, did not come back.
pub fn is_silent(path: &Path) {
    count(&mount_of(path, &mounts()), 1);
}

/// A root on this path did not answer at all: nothing below it is tried. Where it lies is not known for sure, since it
/// may be a link: it counts against the file system that it is on by its name, unless that is the system's own.
pub fn is_dead(path: &Path) {
    count(path, ITSELF);
    let mount = mount_of(path, &mounts());
    if mount != Path::new("/") {
        count(&mount, 1);
    }
}

fn count(mount: &Path, calls: u32) {
    let mut silent = SILENT.lock().unwrap_or_else(PoisonError::into_inner);
    let silent = silent.get_or_insert_default().entry(mount.to_owned()).or_default();
    *silent = silent.saturating_add(calls);
    if *silent >= MOST {
        ANY.store(true, Ordering::Relaxed);
    }
}

/// Whether nothing on the file system of a path, from the root, is to be tried. The path is asked for only when there
/// is such a file system.
pub fn are_dead<P: AsRef<Path>>(path: impl FnOnce() -> P) -> bool {
    if !ANY.load(Ordering::Relaxed) {
        return false;
    }
    let path = path();
    let path = path.as_ref();
    let silent = SILENT.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(silent) = silent.as_ref() else { return false };
    let calls = |path: &Path| silent.get(path).copied().unwrap_or(0);
    let worst = path.ancestors().map(calls).max().unwrap_or(0);
    // What is mounted below a dead file system is another.
    worst == ITSELF || (worst >= MOST && calls(&mount_of(path, &mounts())) >= MOST)
}

/// Something that is mounted.
#[derive(Debug, PartialEq)]
struct Mount {
    /// The file system's number.
    device: Vec<u8>,
    /// Which folder of the file system it is.
    folder: PathBuf,
    /// Where it is mounted.
    point: PathBuf,
}

/// What is mounted where, as the kernel lists it, which asks no file system.
fn mounts() -> Vec<Mount> {
    std::fs::read("/proc/self/mountinfo").map_or_else(|_| Vec::new(), |list| parsed(&list))
}

fn parsed(list: &[u8]) -> Vec<Mount> {
    let mount = |line: &[u8]| {
        let mut parts = line.split(|b| *b == b' ').skip(2);
        let (device, folder) = (parts.next()?.to_vec(), unescaped(parts.next()?));
        Some(Mount { device, folder, point: unescaped(parts.next()?) })
    };
    list.split(|b| *b == b'\n').filter_map(mount).collect()
}

/// Where else a folder, from the root of the file system, can be reached, when it lies below something that is mounted
/// more than once: always the same of these paths, whichever was asked for.
#[must_use]
pub fn elsewhere(path: &Path) -> Option<PathBuf> {
    // It may be asked of every line of a list.
    static AT_FIRST: OnceLock<Vec<Mount>> = OnceLock::new();
    first_name(path, AT_FIRST.get_or_init(mounts), |_| true)
}

/// What is mounted below some folders and can be reached at another place below them, which is told with it. What is
/// mounted within that place hides something there, so such a place does not stand for the other.
#[must_use]
pub fn doubles(folders: &[PathBuf]) -> HashMap<PathBuf, PathBuf> {
    let mounts = mounts();
    let is_below = |path: &Path| folders.iter().any(|folder| path.starts_with(folder));
    let points = mounts.iter().map(|mount| &mount.point).filter(|point| is_below(point));
    points
        .filter_map(|point| Some((point.clone(), first_name(point, &mounts, is_below)?)))
        .collect()
}

/// Of the paths that lead to the same folder the one of the mount that shows most of the file system; `None` when that
/// is the path itself.
fn first_name(path: &Path, mounts: &[Mount], wanted: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let own = mounts.iter().rev().find(|mount| mount.point == mount_of(path, mounts))?;
    let inside = own.folder.join(path.strip_prefix(&own.point).ok()?);
    let names = mounts.iter().filter(|mount| mount.device == own.device).filter_map(|mount| {
        let below = inside.strip_prefix(&mount.folder).ok()?;
        let name: PathBuf = mount.point.join(below).components().collect();
        let is_seen = mounts.iter().rev().find(|m| m.point == mount_of(&name, mounts))? == mount;
        let is_whole = !mounts.iter().any(|m| m.point != name && m.point.starts_with(&name));
        let is_meant = name == path || (is_whole && wanted(&name));
        (is_seen && is_meant).then(|| (mount.folder.components().count(), name))
    });
    let first = names.min_by_key(|(depth, _)| *depth)?.1;
    (first != path).then_some(first)
}

/// Blanks, tabs, line ends and backslashes stand there in octal (proc_pid_mountinfo(5)).
fn unescaped(point: &[u8]) -> PathBuf {
    let mut path = Vec::new();
    let mut rest = point;
    while let [first, after @ ..] = rest {
        let octal = || std::str::from_utf8(after.get(..3)?).ok();
        let byte = octal().and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match byte.filter(|_| *first == b'\\') {
            Some(byte) => {
                path.push(byte);
                rest = &after[3..];
            }
            None => {
                path.push(*first);
                rest = after;
            }
        }
    }
    std::ffi::OsString::from_vec(path).into()
}

/// Where the file system of a path is mounted.
fn mount_of(path: &Path, mounts: &[Mount]) -> PathBuf {
    let above = mounts.iter().map(|mount| &mount.point).filter(|point| path.starts_with(point));
    let mount = above.max_by_key(|mount| mount.as_os_str().as_bytes().len());
    mount.cloned().unwrap_or_else(|| PathBuf::from("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_on_the_file_system_mounted_nearest() {
        let list = b"22 1 254:0 / / rw - ext4 /dev/vda rw\n36 22 0:31 / /mnt/old\\040nas rw - nfs s:/ rw\n";
        let mounts = parsed(list);
        let points: Vec<&Path> = mounts.iter().map(|mount| &*mount.point).collect();
        assert_eq!(points, ["/", "/mnt/old nas"].map(Path::new));
        assert_eq!(mount_of(Path::new("/mnt/old nas/a/b"), &mounts), Path::new("/mnt/old nas"));
        assert_eq!(mount_of(Path::new("/mnt/old nasty"), &mounts), Path::new("/"));
        assert_eq!(mount_of(Path::new("/x"), &[]), Path::new("/"));
    }

    #[test]
    fn one_that_is_silent_several_times_is_left_alone() {
        let here = Path::new("/nothing is mounted here");
        count(here, MOST - 1);
        assert!(SILENT.lock().unwrap().as_ref().unwrap()[here] < MOST);
        count(here, 1);
        assert!(ANY.load(Ordering::Relaxed));
        assert!(!are_dead(|| here.join("file")), "its files are on another one");
        is_dead(Path::new("/dead root"));
        assert!(are_dead(|| "/dead root/a/b") && !are_dead(|| "/dead roots"));
        assert!(!are_dead(|| "/"));
    }

    #[test]
    fn what_is_mounted_twice_has_one_name() {
        let list = b"22 1 254:0 / / rw - ext4 d rw\n\
            40 22 254:0 /srv/share/hr /mnt/hr rw - ext4 d rw\n\
            41 22 254:0 /srv/share/it /srv/share/copy rw - ext4 d rw\n\
            42 22 8:1 / /srv/data rw - xfs e rw\n\
            43 22 8:1 / /mnt/data rw - xfs e rw\n\
            44 43 8:2 / /mnt/data/deep rw - xfs f rw\n\
            45 22 254:0 /srv/full /mnt/over rw - ext4 d rw\n\
            46 22 8:3 / /srv/full rw - xfs g rw\n";
        let mounts = parsed(list);
        let name = |path: &str| first_name(Path::new(path), &mounts, |_| true);
        assert_eq!(name("/mnt/hr/a"), Some("/srv/share/hr/a".into()));
        assert_eq!(name("/srv/share/copy"), Some("/srv/share/it".into()));
        assert_eq!(name("/mnt/data/a"), Some("/srv/data/a".into()));
        for only in ["/srv/share/hr/a", "/srv/data/a", "/mnt/data/deep", "/mnt/over", "/etc"] {
            assert_eq!(name(only), None, "{only}");
        }
        // The other place is not asked about, or not what is scanned, or something in it is hidden.
        let here = |path: &Path| path.starts_with("/mnt");
        assert_eq!(first_name(Path::new("/mnt/hr"), &mounts, here), None);
        assert_eq!(first_name(Path::new("/srv/data"), &mounts, here), None);
    }
}
