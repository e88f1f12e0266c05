//! The scan: walks the roots, reads every file in the pool, gathers the results into an inventory, and
//! in a second pass lists the matches.

use std::collections::HashMap;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::Result;

use crate::detect::finder::Finder;
use crate::file::{self, FileResult, Reading};
use crate::guard::guarded;
use crate::inventory::Count;
use crate::isolate::{self, Left, Pool};
use crate::note::Reason;
use crate::plan::{self, Plan, Root};
use crate::readers;
use crate::sniff::{self, Sniffed};
use crate::source::ahead::{self, Early};
use crate::source::open::{self, Base, Opened, Refusal, Seen};
use crate::source::{STOP, Source};
use crate::state::{Beside, Kept, State};
use crate::steps::Steps;
use crate::walk;

mod again;
mod carry;
mod gather;
mod later;
mod names;
mod places;
mod reach;
mod results;
mod stdin;
mod subject;
mod tasks;

pub use again::Listed;
pub use names::masked;
pub use subject::{Search, Searched, search};

use gather::{Gathered, Plain};
use later::Later;
use reach::Reach;

/// What a terminal shows while the scan runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files met so far.
    pub met: AtomicU64,
    /// Files done.
    pub done: AtomicU64,
    /// Bytes of files done.
    pub bytes: AtomicU64,
}

/// A file's place in the scan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Root and relative path, as bytes: what everything is sorted by.
    shown: Vec<u8>,
    root: usize,
    relative: PathBuf,
}

impl Key {
    /// The file's own name.
    fn name(&self) -> String {
        walk::name_of(Path::new(std::ffi::OsStr::from_bytes(&self.shown)))
    }
}

#[derive(Clone)]
struct Done {
    key: Key,
    result: FileResult,
    /// What was left out of it, when a worker read it.
    worker: Option<Left>,
    /// Whether a file with findings has the same path below an earlier root.
    is_twin: bool,
    /// What stands for its path in ids, once that was asked for.
    in_ids: OnceLock<Option<[u8; 32]>>,
}

impl Done {
    fn matches(&self) -> u64 {
        self.result.findings.iter().map(|f| f.matches).sum()
    }
}

/// A scan that has read everything and can be asked for its parts.
#[derive(Clone)]
pub struct Scan {
    plan: Arc<Plan>,
    finder: &'static Finder,
    pool: Option<Arc<Pool>>,
    /// The files of which there is something to tell, by their paths.
    done: Vec<Done>,
    /// The others.
    plain: Plain,
    /// Files that were carried over from an earlier run.
    carried: Count,
    /// The roots from the root of the file system, in order.
    absolute: Vec<PathBuf>,
    /// Content of standard input, kept for the second pass.
    stdin: Option<Arc<Vec<u8>>>,
    /// Whether nothing came on it.
    empty_stdin: bool,
}

/// What a scan is done with. A thread that does not come back (see `crew`) keeps its hold on all of it, so nothing
/// here is borrowed.
pub struct Means {
    /// What is scanned and how.
    pub plan: Arc<Plan>,
    /// The rules. They live as long as the process: taking them apart would take longer than many a scan.
    pub finder: &'static Finder,
    /// The workers; without them everything is read in this process.
    pub pool: Option<Arc<Pool>>,
    /// What a terminal shows meanwhile.
    pub progress: Arc<Progress>,
}

/// Runs a scan; what `state` knows is not read again.
///
/// # Errors
/// A path that two systems claim equally, a state that fails.
pub fn scan(means: &Means, state: Option<&Arc<State>>) -> Result<Arc<Scan>> {
    run(means, state, None)
}

/// Reads everything, to scan it or to search it for a person.
fn run(
    means: &Means,
    state: Option<&Arc<State>>,
    search: Option<&Arc<Search>>,
) -> Result<Arc<Scan>> {
    let work = Arc::new(Work {
        plan: means.plan.clone(),
        absolute: plan::absolute(&means.plan.roots),
        given: means.plan.roots.iter().map(Root::as_given).collect(),
        bases: means.plan.roots.iter().map(|_| OnceLock::new()).collect(),
        conflict: Mutex::new(None),
        finder: means.finder,
        pool: means.pool.clone(),
        state: state.cloned(),
        search: search.cloned(),
        carried: Mutex::default(),
        progress: means.progress.clone(),
        empty_stdin: AtomicBool::new(false),
        gathered: Gathered::new(means.plan.clone()),
        later: Later::new(means.plan.roots.len()),
        linked: Mutex::new(HashMap::new()),
        reach: Reach::default(),
        silent: AtomicBool::new(false),
    });
    let stdin = work.all();
    let conflict = work.conflict.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(conflict) = conflict {
        return Err(conflict);
    }
    let carried = *work.carried.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut done, plain) = work.gathered.finish();
    if means.plan.roots.len() > 1 {
        tell_twins(&mut done);
    }
    Ok(Arc::new(Scan {
        plan: means.plan.clone(),
        finder: means.finder,
        pool: means.pool.clone(),
        done,
        plain,
        carried,
        absolute: work.absolute.clone(),
        stdin: stdin.map(Arc::new),
        empty_stdin: work.empty_stdin.load(Ordering::Relaxed),
    }))
}

/// Tells files that have one path below several roots apart: of those with findings, that of the first root is known by
/// this path alone.
fn tell_twins(all: &mut [Done]) {
    let mut first: HashMap<PathBuf, usize> = HashMap::new();
    let has_findings =
        |done: &Done| !(done.result.findings.is_empty() && done.result.finds.records.is_empty());
    for done in all.iter().filter(|done| has_findings(done)) {
        let root = first.entry(done.key.relative.clone()).or_insert(done.key.root);
        *root = done.key.root.min(*root);
    }
    for done in all {
        let root = first.get(&done.key.relative);
        done.is_twin = root.is_some_and(|root| *root < done.key.root);
    }
}

struct Work {
    plan: Arc<Plan>,
    absolute: Vec<PathBuf>,
    /// The roots as they were given.
    given: Vec<PathBuf>,
    /// The roots that are folders, once they are opened.
    bases: Vec<OnceLock<Arc<Base>>>,
    /// The first path that two systems claim equally; nothing is read after that.
    conflict: Mutex<Option<anyhow::Error>>,
    finder: &'static Finder,
    pool: Option<Arc<Pool>>,
    state: Option<Arc<State>>,
    /// Whom to search for, when that is what is asked.
    search: Option<Arc<Search>>,
    /// Files that the state had the result of.
    carried: Mutex<Count>,
    progress: Arc<Progress>,
    /// Whether standard input is read and nothing came on it.
    empty_stdin: AtomicBool,
    gathered: Gathered,
    later: Later,
    /// Files with several names, by device and inode.
    linked: Mutex<HashMap<(u64, u64), Vec<Key>>>,
    reach: Reach,
    /// Whether the system left a call unanswered after the run was stopped.
    silent: AtomicBool,
}

impl Work {
    /// A file's place; outputs show the root as given, then what lies below it.
    fn key(&self, root: usize, relative: PathBuf) -> Key {
        let given = &self.given[root];
        let empty = relative.as_os_str().is_empty();
        let shown = if empty { given.clone() } else { walk::joined(given, &relative) };
        Key { shown: shown.into_os_string().into_vec(), root, relative }
    }

    /// Whether reading goes on with this path: no system's claim to it, or to one before, is in doubt, and the
    /// state is sound.
    fn goes_on(&self, root: usize, relative: &Path) -> bool {
        if self.state.as_deref().is_some_and(State::has_failed) {
            return false;
        }
        if self.plan.systems.is_empty() {
            return true;
        }
        let spelled = self.plan.roots[root].spelled(&self.absolute[root], relative);
        let mut conflict = self.conflict.lock().unwrap_or_else(PoisonError::into_inner);
        if conflict.is_none() {
            *conflict = self.plan.systems.of(&spelled).err();
        }
        conflict.is_none()
    }

    /// A file below a folder, which may have been opened ahead.
    fn below(&self, root: usize, relative: PathBuf, early: Option<&Early>) -> Option<Opened> {
        let key = self.key(root, relative);
        if !self.goes_on(root, &key.relative) || self.is_passed_over(&key) {
            return None;
        }
        let Some(base) = self.base(root) else {
            self.hand_in(key, FileResult::skipped(0, Reason::Vanished, ""));
            return None;
        };
        if STOP.load(Ordering::Relaxed) {
            self.stopped_before(key, base);
            return None;
        }
        if self.is_late() {
            match base.look(&key.relative).filter(|seen| seen.links > 1) {
                Some(Seen { stamp, .. }) => self.link((stamp.device, stamp.inode), key),
                None => self.not_reached(key, Some(base)),
            }
            return None;
        }
        let early = early.and_then(Early::take);
        match early.unwrap_or_else(|| ahead::timed(|| base.file(&key.relative))) {
            Ok(opened) if opened.links == 1 => return self.opened(key, opened, Some(base)),
            Ok(opened) => self.link(opened.identity, key),
            Err(refusal) => self.refused(root, base, key.relative, &refusal),
        }
        None
    }

    /// One of a file's several names.
    fn link(&self, identity: (u64, u64), key: Key) {
        let mut linked = self.linked.lock().unwrap_or_else(PoisonError::into_inner);
        linked.entry(identity).or_default().push(key);
    }

    /// A file that was named on the command line.
    fn named(&self, root: usize) -> Option<Opened> {
        let key = self.key(root, PathBuf::new());
        let path = self.plan.roots[root].on_disk()?;
        if !self.goes_on(root, Path::new("")) || self.is_passed_over(&key) {
            return None;
        }
        let Err(key) = self.carry(key, None) else { return None };
        if self.is_late() {
            self.not_reached(key, None);
            return None;
        }
        match open::named(path) {
            Ok(opened) => return self.opened(key, opened, None),
            Err(Refusal::Io(e)) if self.state.is_some() && e.kind() == io::ErrorKind::NotFound => {
                self.root_is_gone(root, refusal_result(&Refusal::Io(e)), Reason::NotReached);
            }
            Err(Refusal::Io(e)) if e.kind() == io::ErrorKind::NotFound => {
                let result =
                    FileResult::skipped(0, Reason::Vanished, "nothing stands at this path");
                self.hand_in(key, result);
            }
            Err(refusal) => {
                let result = refusal_result(&refusal);
                let bytes = self.look(&key, None, "").map_or(0, |seen| seen.stamp.size);
                self.hand_in_or_earlier(key, FileResult { bytes, ..result }, None);
            }
        }
        None
    }

    /// Reads a file, and gives it back to be closed.
    fn opened(&self, key: Key, opened: Opened, base: Option<&Base>) -> Option<Opened> {
        self.read(key, &opened, base);
        Some(opened)
    }

    fn read(&self, key: Key, opened: &Opened, base: Option<&Base>) {
        let name = key.name();
        let mut worker = None;
        if self.is_only_touched(&key, opened) {
            return;
        }
        if let Some(search) = &self.search {
            let (result, worker) = self.searched(search, &key, opened, base);
            if is_stalled(&result) {
                return self.is_silent(key);
            }
            self.hand_in_read(key, result, worker);
            return;
        }
        let result = match source(&self.plan, (&key, &name), opened, base) {
            Ok((source, beside)) => {
                let how = self.plan.reading;
                let (mut result, left) =
                    read(self.finder, self.pool.as_deref(), source, opened, &name, how);
                worker = left;
                if result.contradicted
                    && !is_stalled(&result)
                    && let Ok((again, _)) = self::source(&self.plan, (&key, &name), opened, base)
                {
                    let (pool, how) = (self.pool.as_deref(), Reading { learns: false, ..how });
                    (result, worker) = read(self.finder, pool, again, opened, &name, how);
                }
                if is_stalled(&result) {
                    return self.is_silent(key);
                }
                if opened.changed() {
                    result.note_change();
                }
                if !result.findings.is_empty() {
                    result.exposure = Some(opened.exposure());
                    let secret = self.plan.key.for_content();
                    result.content = opened.digest(&secret, self.plan.max_read_rate);
                }
                let filters = result.index.take();
                if self.state.is_some() {
                    let kept = Kept::of(&result, worker.as_ref(), beside);
                    self.keep(&key, opened, base, kept, filters.as_ref());
                }
                self.narrow(&key, &mut result);
                result
            }
            Err(e) => {
                let (reason, detail) = sniff::why(&e);
                FileResult::skipped(opened.size, reason, &detail)
            }
        };
        self.hand_in_or_earlier(key, result, worker);
    }

    /// A file that could not be opened. A name that cannot be seen again below the root may have been
    /// listed through a folder that was a link for a moment, and names behind a link are none of the
    /// scan's business: the folder is what is reported.
    fn refused(&self, root: usize, base: &Base, relative: PathBuf, refusal: &Refusal) {
        let mut path = relative;
        let doubtful = match refusal {
            Refusal::Link => true,
            Refusal::Io(e) => e.kind() == io::ErrorKind::NotFound,
            Refusal::NotAFile => false,
        };
        while doubtful && !path.as_os_str().is_empty() && !base.holds(&path) {
            path.pop();
        }
        let result = refusal_result(refusal);
        // What may not be opened may be looked at.
        let asks = result.notes.iter().any(|note| carry::outlasts(note.reason));
        let bytes = asks.then(|| base.look(&path)).flatten().map_or(0, |seen| seen.stamp.size);
        self.hand_in_or_earlier(self.key(root, path), FileResult { bytes, ..result }, None);
    }

    fn hand_in(&self, key: Key, result: FileResult) {
        self.hand_in_read(key, result, None);
    }

    fn hand_in_read(&self, key: Key, result: FileResult, worker: Option<Left>) {
        self.progress.done.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(result.bytes, Ordering::Relaxed);
        let (is_twin, in_ids) = (false, OnceLock::new());
        self.gathered.add(Done { key, result, worker, is_twin, in_ids });
    }

    /// Files with several names are read once, at the byte-wise first of their paths; gives these.
    fn hard_links(&self) -> Vec<Key> {
        let linked =
            std::mem::take(&mut *self.linked.lock().unwrap_or_else(PoisonError::into_inner));
        let mut all = Vec::with_capacity(linked.len());
        for mut keys in linked.into_values() {
            keys.sort();
            keys.dedup();
            let first = keys.remove(0);
            let detail = String::from_utf8_lossy(&first.shown).into_owned();
            for other in keys {
                let result = FileResult::skipped(0, Reason::HardLinkOf, &detail);
                self.hand_in(other, result);
            }
            all.push(first);
        }
        all
    }

    /// A file with several names.
    fn linked(&self, first: Key) -> Option<Opened> {
        if self.is_passed_over(&first) {
            return None;
        }
        let Some(base) = self.base(first.root) else {
            self.hand_in(first, FileResult::skipped(0, Reason::Vanished, ""));
            return None;
        };
        let Err(first) = self.carry(first, Some(base)) else { return None };
        if self.is_late() {
            self.not_reached(first, Some(base));
            return None;
        }
        match base.file(&first.relative) {
            Ok(opened) => return self.opened(first, opened, Some(base)),
            Err(refusal) => self.refused(first.root, base, first.relative, &refusal),
        }
        None
    }

    /// A root that is a folder, opened.
    fn base(&self, root: usize) -> Option<&Base> {
        self.bases[root].get().map(|base| &**base)
    }
}

/// Whether a worker was given up, since the system does not answer it.
fn is_stalled(result: &FileResult) -> bool {
    result.notes.iter().any(|note| note.reason == Reason::Stalled)
}

/// The bytes of a file below a folder, or of one that was named, with the files beside it that belong to it,
/// and what was looked for there. The key comes with the file's own name.
fn source(
    plan: &Plan,
    (key, name): (&Key, &str),
    opened: &Opened,
    base: Option<&Base>,
) -> io::Result<(Source, Vec<Beside>)> {
    /// Bytes that tell such a format.
    const HEAD: usize = 64;
    /// To copy more than that takes its time as well, wherever it lies.
    const QUICK: u64 = 32 << 10;
    let mut source = opened.source(plan.max_read_rate)?;
    let mut all = Vec::new();
    let head = match opened.size <= QUICK {
        true => ahead::timed(|| source.peek(HEAD)),
        false => source.peek(HEAD),
    };
    for ending in readers::beside(head?, name) {
        let beside = match (base, plan.roots[key.root].on_disk()) {
            (Some(base), _) => base.file(&with_ending(&key.relative, ending)),
            (None, Some(path)) => open::named(&with_ending(path, ending)),
            (None, None) => continue,
        };
        let stamp = beside.as_ref().ok().and_then(Opened::settled).map(|told| told.0);
        all.push(Beside { ending: (*ending).to_owned(), stamp });
        if let Ok(file) = beside {
            source = source.with_beside(ending, file.random());
        }
    }
    Ok((source, all))
}

/// Reads a file here, or in a worker where its format or one within it asks for that.
fn read(
    finder: &Finder,
    pool: Option<&Pool>,
    source: Source,
    opened: &Opened,
    name: &str,
    how: Reading,
) -> (FileResult, Option<Left>) {
    let input = pool.and_then(|pool| Some((pool, isolate::Input::of(&source, name)?)));
    let sniffed = Sniffed::new(source, name);
    let Some((pool, input)) = input else {
        let here = file::Input { sniffed, steps: Steps::default(), size: opened.size, name };
        return (unharmed(opened.size, || file::scan_sniffed(finder, here, how)).0, None);
    };
    if !sniffed.isolated() {
        let here = file::Input { sniffed, steps: Steps::outside(), size: opened.size, name };
        let (result, refused) = unharmed(opened.size, || file::scan_sniffed(finder, here, how));
        if !refused {
            return (result, None);
        }
    }
    let (result, left) = pool.scan(finder, &input);
    (result, Some(left))
}

/// What a file of so many bytes gives: where datakart itself fails on what it holds, the run goes on without it.
fn unharmed(size: u64, read: impl FnOnce() -> (FileResult, bool)) -> (FileResult, bool) {
    let failed =
        || FileResult::skipped(size, Reason::Crashed, "a fault in datakart: please report it");
    guarded(read).unwrap_or_else(|| (failed(), false))
}

/// What lies beside a file: with this ending, or of this name where that follows a slash.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    if let Some(name) = ending.strip_prefix('/') {
        return path.with_file_name(name);
    }
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

fn refusal_result(refusal: &Refusal) -> FileResult {
    match refusal {
        Refusal::NotAFile => FileResult::skipped(0, Reason::SpecialFile, "no regular file"),
        Refusal::Link => FileResult::skipped(0, Reason::Symlink, "links are not followed"),
        Refusal::Io(e) if e.kind() == io::ErrorKind::NotFound => FileResult::skipped(
            0,
            Reason::Vanished,
            "a file was listed here and gone when its turn came",
        ),
        Refusal::Io(e) => FileResult::skipped(0, walk::reason_of(e), &sniff::io_words(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_costs_its_file_only() {
        let (result, refused) = unharmed(5, || std::panic::panic_any("a value"));
        let reasons: Vec<_> = result.notes.iter().map(|note| note.reason).collect();
        assert_eq!((reasons, refused), (vec![Reason::Crashed], false));
    }
}
