//! The walk: every path below a root, by several threads, each with what it is.
//!
//! No ignore files are honoured (a user's `.ignore` must not hide data), no links followed, no file opened here.
//! A folder's entries are told as they are read, so that one of millions takes no more memory than another.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustix::fs::{FileType, RawDir};

use crate::note::Reason;
use crate::source::STOP;
use crate::source::open::{Base, Refusal, is_pseudo};
use crate::source::pace;

/// Which paths are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Option<Gitignore>,
    exclude: Option<Gitignore>,
    /// Whether to stay on the root's file system.
    pub one_file_system: bool,
}

impl Filter {
    /// A filter of globs, by the rules that `.gitignore` has for them: one without a slash is matched against names,
    /// one with a slash against paths below the root.
    ///
    /// # Errors
    /// A glob that is not understood: quotes it.
    pub fn new(include: &[String], exclude: &[String], one_file_system: bool) -> Result<Filter> {
        let set = |globs: &[String], option: &str| -> Result<Option<Gitignore>> {
            if globs.is_empty() {
                return Ok(None);
            }
            let mut builder = GitignoreBuilder::new("");
            // Git would take the bracket of a mistake for itself.
            builder.allow_unclosed_class(false);
            for glob in globs {
                let line = glob.trim_end_matches('/');
                // A name may begin with what has a meaning of its own in such a file.
                let escape = if line.starts_with(['!', '#']) { "\\" } else { "" };
                let added = builder.add_line(None, &format!("{escape}{line}"));
                added.with_context(|| format!("{option} {glob:?} is not a glob"))?;
            }
            Ok(Some(builder.build()?))
        };
        Ok(Filter {
            include: set(include, "--include")?,
            exclude: set(exclude, "--exclude")?,
            one_file_system,
        })
    }

    fn excludes(&self, relative: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|globs| globs.matched(relative, false).is_ignore())
    }

    fn includes(&self, relative: &Path) -> bool {
        self.include.as_ref().is_none_or(|globs| globs.matched(relative, false).is_ignore())
    }
}

/// What the walk met.
#[derive(Debug)]
pub enum Met<'f> {
    /// Regular files, by the folder that they lie in and their paths below the root.
    Files(&'f Base, Vec<PathBuf>),
    /// Something that is not opened, and why.
    Not(PathBuf, Reason, String),
}

/// Files that are told together: what a folder of few files has, and little of what one of millions has.
const TOGETHER: usize = 32;

/// Walks below a root, of which `base` is the opened folder, with `threads` threads; `met` is called from all of
/// them with paths relative to the root.
pub fn walk(
    root: &Path,
    base: &Base,
    filter: &Filter,
    threads: usize,
    met: &(dyn Fn(Met<'_>) + Sync),
) {
    if is_pseudo(root) {
        return met(Met::Not(PathBuf::new(), Reason::PseudoFileSystem, String::new()));
    }
    let walk = Walk { root, base, device: base.device(), filter, met };
    let queue = Queue::default();
    queue.add(PathBuf::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(turn) = queue.next() {
                    walk.list(&turn.folder, &queue);
                }
            });
        }
    });
}

struct Walk<'a> {
    root: &'a Path,
    base: &'a Base,
    device: Option<u64>,
    filter: &'a Filter,
    met: &'a (dyn Fn(Met<'_>) + Sync),
}

impl Walk<'_> {
    /// Lists a folder, and puts the folders in it in the queue.
    fn list(&self, relative: &Path, queue: &Queue) {
        let mut files = Vec::new();
        let Some(folder) = self.entries(relative, queue, &mut files) else { return };
        if !files.is_empty() {
            (self.met)(Met::Files(&folder, files));
        }
    }

    /// Goes through a folder's entries; gives the folder, and the `files` that were not told yet.
    fn entries(&self, relative: &Path, queue: &Queue, files: &mut Vec<PathBuf>) -> Option<Base> {
        let failed = |e: &std::io::Error| {
            self.not(relative.to_owned(), reason_of(e), &crate::sniff::io_words(e));
        };
        let folder = match self.base.folder(relative) {
            Ok(folder) => folder,
            Err(Refusal::Io(e)) => {
                failed(&e);
                return None;
            }
            // It was a folder a moment ago.
            Err(_) => {
                self.not(relative.to_owned(), Reason::Symlink, LINK);
                return None;
            }
        };
        let mut buffer = Vec::with_capacity(32 << 10);
        let mut entries = RawDir::new(&folder, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            if STOP.load(Ordering::Relaxed) {
                break;
            }
            match entry {
                Ok(entry) if [c".", c".."].contains(&entry.file_name()) => {}
                Ok(entry) => {
                    let kind = match entry.file_type() {
                        FileType::Unknown => folder.kind_of(entry.file_name()),
                        kind => kind,
                    };
                    let name = entry.file_name();
                    pace::work(|| {
                        files.extend(self.visit(&folder, relative, name, kind, queue));
                        if files.len() == TOGETHER {
                            (self.met)(Met::Files(&folder, std::mem::take(files)));
                        }
                    });
                }
                Err(e) => {
                    failed(&e.into());
                    break;
                }
            }
        }
        Some(folder)
    }

    /// Takes one entry; gives the path of a file that is wanted.
    fn visit(
        &self,
        folder: &Base,
        above: &Path,
        name: &CStr,
        kind: FileType,
        queue: &Queue,
    ) -> Option<PathBuf> {
        let relative = above.join(OsStr::from_bytes(name.to_bytes()));
        if self.filter.excludes(&relative) {
            self.not(relative, Reason::Excluded, "by --exclude");
            return None;
        }
        match kind {
            FileType::Directory => {
                let device = folder.device_of(name);
                if device.is_some() && device != self.device {
                    if is_pseudo(&self.root.join(&relative)) {
                        self.not(relative, Reason::PseudoFileSystem, "");
                        return None;
                    }
                    if self.filter.one_file_system {
                        self.not(relative, Reason::OtherFileSystem, "by --one-file-system");
                        return None;
                    }
                }
                queue.add(relative);
            }
            FileType::Symlink => self.not(relative, Reason::Symlink, LINK),
            FileType::RegularFile | FileType::Unknown if self.filter.includes(&relative) => {
                return Some(relative);
            }
            FileType::RegularFile | FileType::Unknown => {
                self.not(relative, Reason::Excluded, "not covered by --include");
            }
            special => self.not(relative, Reason::SpecialFile, word_of(special)),
        }
        None
    }

    fn not(&self, relative: PathBuf, reason: Reason, detail: &str) {
        (self.met)(Met::Not(relative, reason, detail.to_owned()));
    }
}

const LINK: &str = "links are not followed";

fn word_of(special: FileType) -> &'static str {
    match special {
        FileType::Fifo => "named pipe",
        FileType::Socket => "socket",
        FileType::BlockDevice => "block device",
        _ => "character device",
    }
}

/// The folders that are still to be listed, the last one first: a tree is walked in its depth.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Default)]
struct Waiting {
    folders: Vec<PathBuf>,
    /// Folders that are being listed, which may have more in them.
    listed: usize,
}

/// A folder whose turn it is.
struct Turn<'q> {
    folder: PathBuf,
    queue: &'q Queue,
}

impl Queue {
    fn add(&self, folder: PathBuf) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).folders.push(folder);
        self.more.notify_one();
    }

    /// The next folder; `None` when there are no more, or the run is to stop.
    fn next(&self) -> Option<Turn<'_>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while waiting.folders.is_empty() && waiting.listed > 0 {
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let folder = waiting.folders.pop().filter(|_| !STOP.load(Ordering::Relaxed))?;
        waiting.listed += 1;
        Some(Turn { folder, queue: self })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner).listed -= 1;
        self.queue.more.notify_all();
    }
}

/// The reason that an error of the system stands for.
#[must_use]
pub fn reason_of(e: &std::io::Error) -> Reason {
    match e.kind() {
        std::io::ErrorKind::PermissionDenied => Reason::PermissionDenied,
        std::io::ErrorKind::NotFound => Reason::Vanished,
        _ => Reason::IoError,
    }
}

/// The file's own name.
#[must_use]
pub fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(OsStr::new("")).to_string_lossy().into_owned()
}
