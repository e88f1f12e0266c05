//! The walk: every path below the roots, in parallel, each with what it is.
//!
//! No ignore files are honoured (a user's `.ignore` must not hide data), no links followed, nothing
//! opened here.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::note::Reason;
use crate::source::open::is_pseudo;

/// Which paths are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
    /// Whether to stay on the root's file system.
    pub one_file_system: bool,
}

impl Filter {
    /// A filter of globs. A glob without a slash is matched against names, one with a slash against
    /// paths below the root.
    ///
    /// # Errors
    /// A glob that is not understood: quotes it.
    pub fn new(include: &[String], exclude: &[String], one_file_system: bool) -> Result<Filter> {
        let set = |globs: &[String], option: &str| -> Result<Option<GlobSet>> {
            if globs.is_empty() {
                return Ok(None);
            }
            let mut builder = GlobSetBuilder::new();
            for glob in globs {
                let anchored = glob.trim_start_matches('/').trim_end_matches('/');
                let pattern =
                    if glob.contains('/') { anchored.to_owned() } else { format!("**/{glob}") };
                let glob = GlobBuilder::new(&pattern)
                    .literal_separator(true)
                    .build()
                    .with_context(|| format!("{option} {glob:?} is not a glob"))?;
                builder.add(glob);
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
        self.exclude.as_ref().is_some_and(|g| g.is_match(relative))
    }

    fn includes(&self, relative: &Path) -> bool {
        self.include.as_ref().is_none_or(|g| g.is_match(relative))
    }
}

/// What the walk met.
#[derive(Debug)]
pub enum Met {
    /// A regular file, to be opened.
    File(PathBuf),
    /// Something that is not opened, and why.
    Not(PathBuf, Reason, String),
}

/// Walks below a root with `threads` threads; `met` is called from all of them with paths relative to
/// the root.
pub fn walk(root: &Path, filter: &Filter, threads: usize, met: &(dyn Fn(Met) + Sync)) {
    let device = root.metadata().map_or(0, |m| m.dev());
    let walker = WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(false)
        .follow_links(false)
        .threads(threads)
        .build_parallel();
    walker.run(|| {
        Box::new(|entry| {
            if crate::source::STOP.load(std::sync::atomic::Ordering::Relaxed) {
                return WalkState::Quit;
            }
            match entry {
                Ok(entry) => visit(root, device, filter, &entry, met),
                Err(e) => {
                    let (path, reason, detail) = fault(root, &e);
                    met(Met::Not(path, reason, detail));
                    WalkState::Continue
                }
            }
        })
    });
}

fn visit(
    root: &Path,
    device: u64,
    filter: &Filter,
    entry: &DirEntry,
    met: &(dyn Fn(Met) + Sync),
) -> WalkState {
    let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
    let kind = entry.file_type();
    let not = |reason, detail: &str| {
        met(Met::Not(relative.to_owned(), reason, detail.to_owned()));
        WalkState::Skip
    };
    if entry.depth() > 0 && filter.excludes(relative) {
        return not(Reason::Excluded, "by --exclude");
    }
    if kind.is_some_and(|k| k.is_dir()) {
        let Ok(metadata) = entry.path().symlink_metadata() else { return WalkState::Continue };
        if metadata.dev() != device || entry.depth() == 0 {
            if is_pseudo(entry.path()) {
                return not(Reason::PseudoFileSystem, "");
            }
            if filter.one_file_system && metadata.dev() != device {
                return not(Reason::OtherFileSystem, "by --one-file-system");
            }
        }
        return WalkState::Continue;
    }
    match kind {
        Some(k) if k.is_symlink() => not(Reason::Symlink, "links are not followed"),
        Some(k) if !k.is_file() => not(Reason::SpecialFile, special(k)),
        _ if !filter.includes(relative) => not(Reason::Excluded, "not covered by --include"),
        _ => {
            met(Met::File(relative.to_owned()));
            WalkState::Continue
        }
    }
}

fn special(kind: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        k if k.is_fifo() => "named pipe",
        k if k.is_socket() => "socket",
        k if k.is_block_device() => "block device",
        _ => "character device",
    }
}

/// Path, reason and words of an error of the walk.
fn fault(root: &Path, error: &ignore::Error) -> (PathBuf, Reason, String) {
    let path = path_of(error).unwrap_or(root);
    let relative = path.strip_prefix(root).unwrap_or(path).to_owned();
    let Some(io) = error.io_error() else {
        return (relative, Reason::IoError, "could not be listed".to_owned());
    };
    (relative, reason_of(io), crate::sniff::io_words(io))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Partial(list) => list.iter().find_map(path_of),
        _ => None,
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
