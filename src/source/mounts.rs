//! File systems that do not answer. Of one on which several calls did not come back nothing more is tried, so that
//! it does not take one thread after the other.

use std::collections::HashMap;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

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

/// What is mounted where, as the kernel lists it, which asks no file system.
fn mounts() -> Vec<PathBuf> {
    std::fs::read("/proc/self/mountinfo").map_or_else(|_| Vec::new(), |list| parsed(&list))
}

fn parsed(list: &[u8]) -> Vec<PathBuf> {
    let point = |line: &[u8]| line.split(|b| *b == b' ').nth(4).map(unescaped);
    list.split(|b| *b == b'\n').filter_map(point).collect()
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
fn mount_of(path: &Path, mounts: &[PathBuf]) -> PathBuf {
    let above = mounts.iter().filter(|mount| path.starts_with(mount));
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
        assert_eq!(mounts, ["/", "/mnt/old nas"].map(PathBuf::from));
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
}
