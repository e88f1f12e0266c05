//! The output directory: checked before anything is scanned, private, written as a whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead as _, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rayon::prelude::*;
use tempfile::NamedTempFile;

use crate::inventory::Line;
use crate::manifest::{self, Hashing, Manifest};
use crate::source::call;

/// The files that an inventory directory may hold.
const INVENTORY: &[&str] = &[
    "inventory.jsonl",
    "inventory.csv",
    "report.html",
    "findings.jsonl",
    "ledger.jsonl",
    "sketches.bin",
    manifest::FILE,
    manifest::STOPPED,
];
/// Those that the package of a search for one person may hold.
const PACKAGE: &[&str] = &[
    "case.json",
    "copy.jsonl",
    "copy.jsonl.age",
    "replay.json",
    "summary.html",
    "worklist.csv",
    "worklist.jsonl",
    "worklist.xlsx",
    manifest::FILE,
];
/// The page for the browser.
const PAGE: &str = "report.html";
const TEMPORARY: &str = ".datakart-";
/// With less room than this where an inventory is to be written, a warning comes first.
const LITTLE_ROOM: u64 = 64 << 20;

/// Whether a directory that datakart writes may hold a file of this name.
#[must_use]
pub fn is_ours(name: &str) -> bool {
    INVENTORY.contains(&name) || PACKAGE.contains(&name)
}

/// An inventory directory, ready to be written to.
pub struct OutDir {
    path: PathBuf,
    staged: Vec<(NamedTempFile, &'static str)>,
    manifest: Manifest,
    made: Made,
}

/// A file that is to be written, and what writes it.
pub type Job<'a> = (&'static str, &'a (dyn Fn(&mut dyn Write) -> io::Result<()> + Sync));

/// Folders that were made for an inventory, the deepest first. Those that are still empty go with it, so
/// that a run that is refused in the end leaves nothing behind.
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        for folder in &self.0 {
            // One that is in use stays, and so do those above it.
            let _ = fs::remove_dir(folder);
        }
    }
}

impl OutDir {
    /// Checks and, where needed, makes the directory. `roots` are the scanned paths.
    ///
    /// # Errors
    /// A directory that lies inside a root, holds foreign files, can be written by others, or cannot be
    /// written to; each says what to do.
    pub fn prepare(path: &Path, roots: &[&Path]) -> Result<OutDir> {
        OutDir::prepare_for(path, roots, INVENTORY)
    }

    /// As [`Self::prepare`], for the package of a search: neither is written over the other.
    ///
    /// # Errors
    /// As there.
    pub fn prepare_package(path: &Path, roots: &[&Path]) -> Result<OutDir> {
        OutDir::prepare_for(path, roots, PACKAGE)
    }

    fn prepare_for(path: &Path, roots: &[&Path], ours: &[&str]) -> Result<OutDir> {
        refuse_inside("--out", path, roots, SCANNED)?;
        if path.is_symlink() && !path.exists() {
            bail!("--out {}: it is a link that leads nowhere", path.display());
        }
        let above = path.ancestors().filter(|p| !p.as_os_str().is_empty());
        let made = Made(above.take_while(|p| !p.exists()).map(Path::to_owned).collect());
        if !made.0.is_empty() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .with_context(|| format!("--out {}: cannot be made", path.display()))?;
        }
        check(path, ours)?;
        let manifest = Manifest::default();
        Ok(OutDir { path: path.to_owned(), staged: Vec::new(), manifest, made })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes that are free where it lies, when they are few.
    #[must_use]
    pub fn has_little_room(&self) -> Option<u64> {
        let told = rustix::fs::statvfs(&self.path).ok()?;
        let free = told.f_bavail.saturating_mul(told.f_frsize);
        // Some file systems do not tell.
        (told.f_blocks > 0 && free < LITTLE_ROOM).then_some(free)
    }

    /// A new private directory among the temporary files, for an inventory that cannot be written to its own. Whatever
    /// was scanned, that is over.
    ///
    /// # Errors
    /// What the system reports.
    pub fn rescue() -> Result<OutDir> {
        let made = tempfile::Builder::new().prefix("datakart-").tempdir()?.keep();
        let mut out = OutDir::prepare(&made, &[])?;
        out.made.0.push(made);
        Ok(out)
    }

    /// Whether it holds an inventory already.
    #[must_use]
    pub fn has_inventory(&self) -> bool {
        self.path.join("inventory.jsonl").exists()
    }

    /// Whether it holds that of a run that came to its end.
    #[must_use]
    pub fn has_whole_inventory(&self) -> bool {
        let first = || -> Option<bool> {
            let file = File::open(self.path.join("inventory.jsonl")).ok()?;
            let mut line = String::new();
            io::BufReader::new(file).read_line(&mut line).ok()?;
            let Line::Run(run) = serde_json::from_str(&line).ok()? else { return None };
            Some(run.complete)
        };
        first().unwrap_or(false)
    }

    /// Writes a file beside its place; [`Self::publish`] puts all of them in place.
    ///
    /// # Errors
    /// What the system reports.
    pub fn stage(
        &mut self,
        name: &'static str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        let (file, hash) = self.written(name, write)?;
        self.manifest.add(name, hash);
        self.staged.push((file, name));
        Ok(())
    }

    /// As [`Self::stage`] for several files, which all threads write and sync side by side.
    ///
    /// # Errors
    /// What the system reports; of several the first by the files' order.
    pub fn stage_all(&mut self, jobs: &[Job<'_>]) -> Result<()> {
        self.stage_each(jobs).into_iter().try_for_each(|(_, staged)| staged)
    }

    /// As [`Self::stage_all`], with what became of each by its name.
    pub fn stage_each(&mut self, jobs: &[Job<'_>]) -> Vec<(&'static str, Result<()>)> {
        // Each thread takes the next one when it is done with another: they are of very different sizes.
        let each = jobs.iter().enumerate().par_bridge();
        let mut all: Vec<_> = each.map(|(at, job)| (at, self.written(job.0, job.1))).collect();
        all.sort_by_key(|(at, _)| *at);
        let mut keep = |name: &'static str, (file, hash)| {
            self.manifest.add(name, hash);
            self.staged.push((file, name));
        };
        let each = jobs.iter().zip(all);
        each.map(|(job, (_, written))| (job.0, written.map(|it| keep(job.0, it)))).collect()
    }

    /// A file beside its place, and the hash of what was written to it.
    fn written(
        &self,
        name: &'static str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(NamedTempFile, String)> {
        let context = || format!("writing {} in {}", name, self.path.display());
        let file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .permissions(fs::Permissions::from_mode(0o600))
            .tempfile_in(&self.path)
            .map_err(as_told)
            .with_context(context)?;
        let mut buffer = BufWriter::with_capacity(256 << 10, Hashing::new(file));
        write(&mut buffer).and_then(|()| buffer.flush()).with_context(context)?;
        let hashing =
            buffer.into_inner().map_err(io::IntoInnerError::into_error).with_context(context)?;
        let (file, hash) = hashing.finish();
        file.as_file().sync_all().with_context(context)?;
        Ok((file, hash))
    }

    /// Drops what was written so far.
    pub fn forget(&mut self) {
        self.staged.clear();
        self.manifest = Manifest::default();
    }

    /// Puts all staged files in place, their manifest last, and removes outputs of earlier runs that this one
    /// did not make. When there is no room for the manifest, the page makes room, which can be made again.
    ///
    /// # Errors
    /// What the system reports.
    pub fn publish(mut self) -> Result<()> {
        let mut manifest = std::mem::take(&mut self.manifest);
        let mut staged = self.stage(manifest::FILE, |out| manifest.write(out));
        if staged.as_ref().is_err_and(has_no_room) {
            self.staged.retain(|(_, name)| *name != PAGE);
            manifest.remove(PAGE);
            staged = self.stage(manifest::FILE, |out| manifest.write(out));
        }
        staged?;
        self.made.0.clear();
        let names: Vec<_> = self.staged.iter().map(|s| s.1).collect();
        for (file, name) in self.staged {
            let target = self.path.join(name);
            file.persist(&target)
                .with_context(|| format!("putting {} in place", target.display()))?;
        }
        let optional = [
            "findings.jsonl",
            "ledger.jsonl",
            "copy.jsonl",
            "copy.jsonl.age",
            "inventory.csv",
            "sketches.bin",
            PAGE,
        ];
        for old in optional.iter().filter(|n| !names.contains(n)) {
            match fs::remove_file(self.path.join(old)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(e).with_context(|| format!("removing the outdated {old}"));
                }
                _ => {}
            }
        }
        File::open(&self.path)?.sync_all().context("syncing the output directory")
    }
}

/// Removes what a stopped run left beside the last whole inventory, now that a later one has all of it. What is not
/// datakart's stays.
///
/// # Errors
/// What the system reports.
pub fn remove_stopped(out: &Path) -> Result<()> {
    let folder = out.join(manifest::STOPPED);
    if !fs::symlink_metadata(&folder).is_ok_and(|m| m.is_dir()) {
        return Ok(());
    }
    let context = || format!("removing the outdated {}", folder.display());
    for entry in fs::read_dir(&folder).with_context(context)? {
        let name = entry.with_context(context)?.file_name();
        let name = name.to_string_lossy();
        if INVENTORY.contains(&&*name) || name.starts_with(TEMPORARY) {
            // A folder of such a name is not datakart's.
            let _ = fs::remove_file(folder.join(&*name));
        }
    }
    // With something else in it, it stays.
    let _ = fs::remove_dir(&folder);
    Ok(())
}

/// Something that is written where a user says.
pub enum Place {
    /// A file, to be put in place of an earlier one; where a link leads to it, this is where it lies.
    File(PathBuf),
    /// A device or a pipe, which is written into: putting a file in its place would take it away from everybody.
    Open(File),
}

impl Place {
    /// What is there.
    ///
    /// # Errors
    /// A folder, or what the system reports.
    pub fn of(path: &Path) -> io::Result<Place> {
        let metadata = match fs::metadata(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Ok(Place::File(path.to_owned()));
            }
            metadata => metadata?,
        };
        match () {
            () if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            () if path.is_symlink() && metadata.is_file() => Ok(Place::File(path.canonicalize()?)),
            () if metadata.is_file() => Ok(Place::File(path.to_owned())),
            () => Ok(Place::Open(OpenOptions::new().write(true).open(path)?)),
        }
    }
}

/// Writes a file beside the place that it is for, whole and synced, and into nothing else.
///
/// # Errors
/// What the system or the writer reports.
pub fn beside<E: From<io::Error>>(
    place: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<NamedTempFile, E> {
    let folder = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder);
    let mut file = temporary.map_err(as_told)?;
    write(&mut file)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// An error of the system without the name of a file that was to be there for a moment only, which tells nobody anything.
fn as_told(e: io::Error) -> io::Error {
    let text = e.to_string();
    match text.split_once(" at path ") {
        Some((why, _)) => io::Error::new(e.kind(), why),
        None => e,
    }
}

/// Refuses a place at which no file could be put, which is better known before a long scan than after it.
///
/// # Errors
/// Such a place.
pub fn try_place(option: &str, path: &Path) -> Result<()> {
    let is_special = |there: fs::Metadata| !there.is_file() && !there.is_dir();
    if fs::metadata(path).is_ok_and(is_special) {
        // Whoever reads a pipe would take a first look for all there is.
        return Ok(());
    }
    let tried = match Place::of(path) {
        Ok(Place::File(path)) => beside(&path, |_| Ok(())).map(drop),
        other => other.map(drop),
    };
    tried.with_context(|| format!("{option} {}: no file can be written there", path.display()))
}

/// Puts a file of its own in place of an earlier one, whole or not at all, with these permissions.
///
/// # Errors
/// What the system reports.
pub fn replace(path: &Path, text: &str, mode: u32) -> Result<()> {
    let context = || format!("writing {}", path.display());
    let write = |out: &mut dyn Write| out.write_all(text.as_bytes());
    match Place::of(path).with_context(context)? {
        Place::Open(mut file) => write(&mut file).with_context(context),
        Place::File(path) => {
            let file = beside(&path, write).with_context(context)?;
            // Whatever the umask says.
            let permissions = fs::Permissions::from_mode(mode);
            file.as_file().set_permissions(permissions).with_context(context)?;
            file.persist(path).with_context(context)?;
            Ok(())
        }
    }
}

/// Whether something could not be written for lack of room: a full disk, a quota, a limit of the size of files.
#[must_use]
pub fn has_no_room(e: &anyhow::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let kinds =
        e.chain().filter_map(|cause| cause.downcast_ref::<io::Error>().map(io::Error::kind));
    kinds.into_iter().any(|kind| matches!(kind, StorageFull | QuotaExceeded | FileTooLarge))
}

/// What a scanned folder is called when something would be written to it.
pub const SCANNED: &str =
    "the scanned folder: the scan would change what it scans, unless --exclude leaves that out";

/// Refuses a place inside some folders. `option` is what named it, `what` says what they are and why.
///
/// # Errors
/// Such a place.
pub fn refuse_inside(option: &str, place: &Path, folders: &[&Path], what: &str) -> Result<()> {
    let real = resolve(place);
    let paths: Vec<PathBuf> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    let seen = call::each(&paths, |path| Some(resolve(path)).filter(|real| !real.is_file()));
    for (path, seen) in paths.iter().zip(seen) {
        // One that does not answer is taken for a folder.
        let folder = seen.unwrap_or_else(|| std::path::absolute(path).ok());
        if let Some(folder) = folder.filter(|folder| real.starts_with(folder)) {
            let (place, folder) = (place.display(), folder.display());
            bail!("{option} {place} lies inside {folder}, {what}; choose a place elsewhere");
        }
    }
    Ok(())
}

/// Where a place lies below a folder.
#[must_use]
pub fn below(place: &Path, folder: &Path) -> Option<PathBuf> {
    let folder = call::one(folder, resolve)?;
    resolve(place).strip_prefix(folder).ok().map(Path::to_owned)
}

/// The real path of something that may not exist yet.
fn resolve(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut existing = absolute.as_path();
    let mut rest = Vec::new();
    loop {
        if let Ok(real) = existing.canonicalize() {
            return rest.iter().rev().fold(real, |p, part| p.join(part));
        }
        match (existing.parent(), existing.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name.to_owned());
                existing = parent;
            }
            _ => return absolute,
        }
    }
}

fn check(path: &Path, ours: &[&str]) -> Result<()> {
    let shown = path.display();
    let metadata = fs::metadata(path).with_context(|| format!("--out {shown}"))?;
    if !metadata.is_dir() {
        bail!("--out {shown} is a file: name a directory");
    }
    let (mode, owner) = (metadata.mode(), metadata.uid());
    let me = rustix::process::geteuid().as_raw();
    if mode & 0o022 != 0 && owner != me {
        bail!("--out {shown} can be written by others: choose a directory of your own");
    }
    for entry in fs::read_dir(path).with_context(|| format!("--out {shown}"))? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(TEMPORARY) {
            // Left by a run that was killed.
            fs::remove_file(path.join(&*name)).with_context(|| format!("--out {shown}"))?;
        } else if !ours.contains(&&*name) {
            bail!(
                "--out {shown} holds other files ({}): choose an empty or new directory",
                crate::escape::terminal(&name)
            );
        }
    }
    if mode & 0o077 != 0 && owner == me {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("--out {shown}: cannot be made private"))?;
    }
    tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(path)
        .map_err(as_told)
        .with_context(|| format!("--out {shown} cannot be written to"))?;
    Ok(())
}
