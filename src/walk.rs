//! The walk: every path below a root, by several threads, each with what it is.
//!
//! No ignore files are honoured (a user's `.ignore` must not hide data), no links followed, no file opened here.
//! A folder's entries are told as they are read, so that one of millions takes no more memory than another.

use std::collections::HashMap;
use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, Result};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustix::fs::{FileType, RawDir};

use crate::crew::{Crew, Task};
use crate::note::Reason;
use crate::source::call::call;
use crate::source::open::{Base, Refusal, is_pseudo};
use crate::source::{STOP, ahead, mounts, pace};

/// Which paths are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Option<Globs>,
    exclude: Option<Globs>,
    /// Whether to stay on the root's file system.
    pub one_file_system: bool,
}

/// The globs of an option, and which of them matched something.
#[derive(Clone, Debug)]
struct Globs {
    all: Gitignore,
    each: Arc<[Glob]>,
}

#[derive(Clone, Debug)]
struct Glob {
    given: String,
    set: Gitignore,
    has_matched: Arc<AtomicBool>,
}

impl Globs {
    /// The globs of an option, if there are some, for what lies below a root that can be written in these ways.
    fn new(option: &str, globs: &[String], root: &[PathBuf]) -> Result<Option<Globs>> {
        if globs.is_empty() {
            return Ok(None);
        }
        let context = |glob: &str| format!("{option} {glob:?} is not a glob");
        let set = |globs: &[String]| -> Result<Gitignore> {
            let mut builder = GitignoreBuilder::new("");
            // Git would take the bracket of a mistake for itself.
            builder.allow_unclosed_class(false);
            for glob in globs {
                for line in lines(glob, root) {
                    builder.add_line(None, &line).with_context(|| context(glob))?;
                }
            }
            Ok(builder.build()?)
        };
        let glob = |given: &String| {
            let (set, given) = (set(std::slice::from_ref(given))?, given.clone());
            Ok(Glob { given, set, has_matched: Arc::default() })
        };
        let each = globs.iter().map(glob).collect::<Result<_>>()?;
        Ok(Some(Globs { all: set(globs)?, each }))
    }

    /// The same below a root that can be written in these ways.
    fn below(&self, option: &str, root: &[PathBuf]) -> Result<Option<Globs>> {
        let given: Vec<String> = self.each.iter().map(|glob| glob.given.clone()).collect();
        let mut own = Globs::new(option, &given, root)?;
        if let Some(own) = &mut own {
            let each = own.each.iter().zip(&*self.each);
            let each = each
                .map(|(own, glob)| Glob { has_matched: glob.has_matched.clone(), ..own.clone() });
            own.each = each.collect();
        }
        Ok(own)
    }

    fn matches(&self, relative: &Path) -> bool {
        let matches = |set: &Gitignore| set.matched(relative, false).is_ignore();
        let is_in = matches(&self.all);
        // What has matched once is not asked again.
        let open = self.each.iter().filter(|_| is_in);
        let open = open.filter(|glob| !glob.has_matched.load(Ordering::Relaxed));
        open.filter(|glob| matches(&glob.set))
            .for_each(|glob| glob.has_matched.store(true, Ordering::Relaxed));
        is_in
    }

    /// The globs that nothing has matched so far.
    fn unmatched(&self) -> impl Iterator<Item = &str> {
        let open = self.each.iter().filter(|glob| !glob.has_matched.load(Ordering::Relaxed));
        open.map(|glob| glob.given.as_str())
    }
}

/// A glob as lines of a `.gitignore`: as it is given, and where it spells a path that lies below the root, which can be
/// written in these ways, that path.
fn lines(glob: &str, root: &[PathBuf]) -> Vec<String> {
    let bare = glob.trim_end_matches('/');
    // What a shell completes: here is the root.
    let here = bare.trim_start_matches("./");
    let own = match here.len() < bare.len() {
        true => format!("/{here}"),
        // A name may begin with what has a meaning of its own in such a file.
        false if bare.starts_with(['!', '#']) => format!("\\{bare}"),
        false => bare.to_owned(),
    };
    let mut lines = vec![own];
    for spelling in root {
        let spelling = spelling.strip_prefix(".").unwrap_or(spelling);
        let is_told = !spelling.as_os_str().is_empty();
        let below = Path::new(here).strip_prefix(spelling).ok().filter(|_| is_told);
        let line = below.and_then(Path::to_str).filter(|below| !below.is_empty());
        lines.extend(line.map(|below| format!("/{below}")).filter(|line| *line != lines[0]));
    }
    lines.dedup();
    lines
}

impl Filter {
    /// A filter of globs, by the rules that `.gitignore` has for them: one without a slash is matched against names,
    /// one with a slash against paths below the root.
    ///
    /// # Errors
    /// A glob that is not understood: quotes it.
    pub fn new(include: &[String], exclude: &[String], one_file_system: bool) -> Result<Filter> {
        Ok(Filter {
            include: Globs::new(INCLUDE, include, &[])?,
            exclude: Globs::new(EXCLUDE, exclude, &[])?,
            one_file_system,
        })
    }

    /// The same below one root, as given and where it lies: a glob may spell a path from the root of the file system, or
    /// as the root was given.
    #[must_use]
    pub fn below(&self, given: &Path, absolute: &Path) -> Filter {
        let named = std::path::absolute(given).unwrap_or_else(|_| given.to_owned());
        let root = [given.components().collect(), named, absolute.to_owned()];
        // Each of them was understood before.
        let own = |option, globs: &Option<Globs>| {
            let own = globs.as_ref().and_then(|globs| globs.below(option, &root).ok().flatten());
            own.or_else(|| globs.clone())
        };
        Filter {
            include: own(INCLUDE, &self.include),
            exclude: own(EXCLUDE, &self.exclude),
            one_file_system: self.one_file_system,
        }
    }

    /// The globs of `--include` that no file has matched so far.
    #[must_use]
    pub fn unmatched(&self) -> Vec<&str> {
        self.include.iter().flat_map(Globs::unmatched).collect()
    }

    /// What `--exclude` names and nothing was: a mistake in it would have read what was to be left out. A glob may well
    /// be there for what is to come.
    #[must_use]
    pub fn never_met(&self) -> Vec<&str> {
        let unmatched = self.exclude.iter().flat_map(Globs::unmatched);
        unmatched.filter(|glob| !glob.contains(['*', '?', '[', '\\'])).collect()
    }

    /// What is mounted at two places below these roots, as given and where they lie, and where it is walked; nothing
    /// where the filter may leave out one of the two.
    #[must_use]
    pub fn doubles(&self, given: &[PathBuf], roots: &[PathBuf]) -> HashMap<PathBuf, PathBuf> {
        if self.include.is_some() || self.one_file_system {
            return HashMap::new();
        }
        let mut doubles = mounts::doubles(roots);
        doubles.retain(|_, other| {
            let below = given.iter().zip(roots);
            let mut below = below
                .filter_map(|(given, root)| Some((given, root, other.strip_prefix(root).ok()?)));
            below.any(|(given, root, relative)| !self.below(given, root).leaves_out(relative))
        });
        doubles
    }

    /// Whether something may be left out by `--exclude`.
    #[must_use]
    pub fn excludes_some(&self) -> bool {
        self.exclude.is_some()
    }

    /// Whether a path below a root, or a folder above it, is left out.
    #[must_use]
    pub fn leaves_out(&self, relative: &Path) -> bool {
        relative.ancestors().any(|path| !path.as_os_str().is_empty() && self.excludes(path))
    }

    fn excludes(&self, relative: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|globs| globs.matches(relative))
    }

    /// Whether a file below a root is wanted, as a walk would ask.
    #[must_use]
    pub fn wants(&self, relative: &Path) -> bool {
        relative.as_os_str().is_empty() || (!self.leaves_out(relative) && self.includes(relative))
    }

    fn includes(&self, relative: &Path) -> bool {
        self.include.as_ref().is_none_or(|include| include.matches(relative))
    }
}

const INCLUDE: &str = "--include";
const EXCLUDE: &str = "--exclude";

/// What the walk met.
#[derive(Debug)]
pub enum Met<'f> {
    /// A regular file, by the folder that it lies in and its path below the root.
    File(&'f Base, PathBuf),
    /// Something that is not opened, and why.
    Not(PathBuf, Reason, String),
    /// A folder that could not be listed, or no further.
    Unlisted(Unlisted),
}

/// A folder that could not be listed, or no further.
#[derive(Debug)]
pub struct Unlisted {
    /// Its path below the root.
    pub relative: PathBuf,
    /// Why.
    pub reason: Reason,
    /// Why, in words.
    pub detail: String,
    /// Whether something in it was told before.
    pub told: bool,
}

/// Where a walk goes.
pub struct Walk {
    /// The root as given.
    pub root: PathBuf,
    /// Where it lies, from the root of the file system.
    pub absolute: PathBuf,
    /// The root, opened.
    pub base: Arc<Base>,
    /// Which paths are wanted.
    pub filter: Filter,
    /// What is mounted below some root a second time, and where it is walked.
    pub doubles: Arc<HashMap<PathBuf, PathBuf>>,
    /// What is told what was met, by several threads, with paths relative to the root.
    pub met: Box<dyn Fn(Met<'_>) + Send + Sync>,
}

/// Walks below a root with so many threads.
pub fn walk(walk: Walk, threads: usize) {
    let crew = Crew::new(threads);
    let walk = Arc::new(Started { walk, device: OnceLock::new() });
    crew.add(Folder { walk, relative: PathBuf::new(), told: AtomicBool::new(false) });
    crew.end();
}

/// A walk under way.
struct Started {
    walk: Walk,
    /// The root's device.
    device: OnceLock<Option<u64>>,
}

/// A folder that is to be listed. The last one met comes first: a tree is walked in its depth.
struct Folder {
    walk: Arc<Started>,
    relative: PathBuf,
    /// Whether something in it was told.
    told: AtomicBool,
}

impl Task for Folder {
    fn run(&self, crew: &Crew<Folder>) {
        if STOP.load(Ordering::Relaxed) {
            return;
        }
        if mounts::are_dead(|| self.walk.walk.absolute.join(&self.relative)) {
            return self.unlisted(Reason::Stalled, SILENT);
        }
        if ahead::is_on() {
            // What is left to do is to wait.
            crew.grow(ahead::WAITING);
        }
        if ahead::timed(|| self.is_wanted()) {
            self.list(crew);
        }
    }

    fn give_up(&self) {
        if !STOP.load(Ordering::Relaxed) {
            mounts::is_silent(&self.walk.walk.absolute.join(&self.relative));
            self.unlisted(Reason::Stalled, SILENT);
        }
    }
}

/// Why a folder could not be listed that was waited for.
const SILENT: &str = "the system does not answer";

impl Folder {
    fn unlisted(&self, reason: Reason, detail: &str) {
        let (relative, detail) = (self.relative.clone(), detail.to_owned());
        let told = self.told.load(Ordering::Relaxed);
        (self.walk.walk.met)(Met::Unlisted(Unlisted { relative, reason, detail, told }));
    }

    /// Whether it is of the file systems that are walked; else tells so. The folder around it does not ask, since
    /// a file system that does not answer is no reason not to list that one.
    fn is_wanted(&self) -> bool {
        let (walk, relative) = (&self.walk.walk, &self.relative);
        let own = || walk.base.device();
        if relative.as_os_str().is_empty() {
            let pseudo = is_pseudo(&walk.root);
            if pseudo {
                self.not(PathBuf::new(), Reason::PseudoFileSystem, "");
            }
            self.walk.device.get_or_init(own);
            return !pseudo;
        }
        if let Some(other) = self.walked_elsewhere() {
            self.not(relative.clone(), Reason::MountedTwice, &other.to_string_lossy());
            return false;
        }
        let device = walk.base.device_of(relative);
        if device.is_none() || device == *self.walk.device.get_or_init(own) {
            return true;
        }
        let (reason, detail) = match is_pseudo(&walk.root.join(relative)) {
            true => (Reason::PseudoFileSystem, ""),
            false if walk.filter.one_file_system => {
                (Reason::OtherFileSystem, "by --one-file-system")
            }
            false => return true,
        };
        self.not(relative.clone(), reason, detail);
        false
    }

    /// Where else this folder is walked, when it is mounted a second time.
    fn walked_elsewhere(&self) -> Option<&Path> {
        let (walk, relative) = (&self.walk.walk, &self.relative);
        if walk.doubles.is_empty() {
            return None;
        }
        let other = walk.doubles.get(&walk.absolute.join(relative))?;
        let is_same = call(|| identity(other)) == walk.base.identity_of(relative);
        is_same.then_some(other)
    }

    /// Lists it, and has the crew list the folders in it.
    fn list(&self, crew: &Crew<Folder>) {
        let relative = &self.relative;
        let failed = |e: &std::io::Error| {
            self.unlisted(reason_of(e), &crate::sniff::io_words(e));
        };
        let folder = match self.walk.walk.base.folder(relative) {
            Ok(folder) => folder,
            Err(Refusal::Io(e)) => return failed(&e),
            // It was a folder a moment ago.
            Err(_) => return self.not(relative.clone(), Reason::Symlink, LINK),
        };
        let mut buffer = Vec::with_capacity(32 << 10);
        let mut entries = RawDir::new(&folder, buffer.spare_capacity_mut());
        loop {
            let entries = &mut entries;
            let next = match entries.is_buffer_empty() {
                true => call(move || entries.next()),
                false => entries.next(),
            };
            let Some(entry) = next else { break };
            if STOP.load(Ordering::Relaxed) {
                return;
            }
            match entry {
                Ok(entry) if [c".", c".."].contains(&entry.file_name()) => {}
                Ok(entry) => {
                    let kind = match entry.file_type() {
                        FileType::Unknown => folder.kind_of(entry.file_name()),
                        kind => kind,
                    };
                    pace::work(|| self.visit(&folder, entry.file_name(), kind, crew));
                    self.told.store(true, Ordering::Relaxed);
                }
                Err(e) => return failed(&e.into()),
            }
        }
    }

    fn visit(&self, folder: &Base, name: &CStr, kind: FileType, crew: &Crew<Folder>) {
        let walk = &self.walk.walk;
        let relative = joined(&self.relative, Path::new(OsStr::from_bytes(name.to_bytes())));
        if walk.filter.excludes(&relative) {
            return self.not(relative, Reason::Excluded, "by --exclude");
        }
        match kind {
            FileType::Directory => {
                let (walk, told) = (self.walk.clone(), AtomicBool::new(false));
                crew.add(Folder { walk, relative, told });
            }
            FileType::Symlink => self.not(relative, Reason::Symlink, LINK),
            FileType::RegularFile | FileType::Unknown if walk.filter.includes(&relative) => {
                (walk.met)(Met::File(folder, relative));
            }
            FileType::RegularFile | FileType::Unknown => {
                self.not(relative, Reason::Excluded, "not covered by --include");
            }
            special => self.not(relative, Reason::SpecialFile, word_of(special)),
        }
    }

    fn not(&self, relative: PathBuf, reason: Reason, detail: &str) {
        (self.walk.walk.met)(Met::Not(relative, reason, detail.to_owned()));
    }
}

fn identity(folder: &Path) -> Option<(u64, u64)> {
    let stat = rustix::fs::lstat(folder).ok()?;
    Some((stat.st_dev, stat.st_ino))
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

/// The reason that an error of the system stands for.
#[must_use]
pub fn reason_of(e: &std::io::Error) -> Reason {
    match e.kind() {
        std::io::ErrorKind::PermissionDenied => Reason::PermissionDenied,
        std::io::ErrorKind::NotFound => Reason::Vanished,
        _ => Reason::IoError,
    }
}

/// A path below a folder, made in one piece: [`Path::join`] makes a copy of the folder and then makes room for the rest.
#[must_use]
pub fn joined(folder: &Path, below: &Path) -> PathBuf {
    let length = folder.as_os_str().len() + 1 + below.as_os_str().len();
    let mut path = PathBuf::with_capacity(length);
    path.push(folder);
    path.push(below);
    path
}

/// The file's own name.
#[must_use]
pub fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(OsStr::new("")).to_string_lossy().into_owned()
}
