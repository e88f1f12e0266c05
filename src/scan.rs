//! The scan: walks the roots, reads every file in the pool, gathers the results into an inventory, and
//! in a second pass lists the matches.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use rayon::prelude::*;

use crate::detect::finder::Finder;
use crate::emit::{Emitter, Place};
use crate::file::{self, FileResult, Reading};
use crate::inventory::{Count, Coverage, Inventory, LedgerLine, NoteLine, Outcome, Run};
use crate::isolate::{self, Left, List, Pool};
use crate::note::{Class, Note, Reason};
use crate::plan::{Plan, Root};
use crate::readers;
use crate::sketch::Distinct;
use crate::sniff::{self, Sniffed};
use crate::source::open::{self, Base, Opened, Refusal, Seen};
use crate::source::{STOP, Source, Stdin, pace};
use crate::state::{Beside, Kept, State};
use crate::steps::Steps;
use crate::unit::Member;
use crate::walk::{self, Met};

mod carry;
mod gate;
mod gather;
mod later;
mod places;
mod subject;

pub use subject::{Search, Searched, search};

use gate::Gate;
use gather::{Gathered, Plain};
use later::Later;

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

struct Done {
    key: Key,
    result: FileResult,
    /// What was left out of it, when a worker read it.
    worker: Option<Left>,
    /// What stands for its path in ids, once that was asked for.
    in_ids: OnceLock<Option<[u8; 32]>>,
}

impl Done {
    fn matches(&self) -> u64 {
        self.result.findings.iter().map(|f| f.matches).sum()
    }
}

/// A scan that has read everything and can be asked for its parts.
pub struct Scan<'a> {
    plan: &'a Plan,
    finder: &'a Finder,
    pool: Option<&'a Pool>,
    /// The files of which there is something to tell, by their paths.
    done: Vec<Done>,
    /// The others.
    plain: Plain,
    /// Files that were carried over from an earlier run.
    carried: Count,
    /// Files whose matches could not be listed in full.
    unlisted: AtomicU64,
    /// The roots from the root of the file system, in order.
    absolute: Vec<PathBuf>,
    /// Content of standard input, kept for the second pass.
    stdin: Option<Vec<u8>>,
}

/// Bytes of standard input that are kept in memory for the second pass.
const STDIN_KEPT: u64 = 256 << 20;

/// Runs a scan. Without a pool, everything is read in this process; with a state, what it knows is not read
/// again.
///
/// # Errors
/// A path that two systems claim equally, a state that fails.
pub fn scan<'a>(
    plan: &'a Plan,
    finder: &'a Finder,
    pool: Option<&'a Pool>,
    state: Option<&'a State>,
    progress: &Progress,
) -> Result<Scan<'a>> {
    run(plan, finder, pool, state, None, progress)
}

/// Reads everything, to scan it or to search it for a person.
fn run<'a>(
    plan: &'a Plan,
    finder: &'a Finder,
    pool: Option<&'a Pool>,
    state: Option<&'a State>,
    search: Option<&Search>,
    progress: &Progress,
) -> Result<Scan<'a>> {
    let gate = Gate::default();
    let absolute = plan.roots.iter().map(Root::absolute).collect();
    let work = Work {
        plan,
        given: plan.roots.iter().map(Root::as_given).collect(),
        absolute,
        conflict: Mutex::new(None),
        finder,
        pool,
        state,
        search,
        carried: Mutex::default(),
        progress,
        gate: &gate,
        gathered: Gathered::new(plan),
        later: Later::new(plan.roots.len()),
        linked: Mutex::new(HashMap::new()),
    };
    let mut stdin = None;
    for (number, root) in plan.roots.iter().enumerate() {
        match root {
            Root::Folder(path) => work.folder(number, path),
            Root::File(path) => work.file(number, path),
            Root::Stdin(name) => stdin = work.stdin(number, name),
        }
    }
    work.put_off();
    work.hard_links();
    if let Some(conflict) = work.conflict.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(conflict);
    }
    let carried = work.carried.into_inner().unwrap_or_else(PoisonError::into_inner);
    let absolute = work.absolute;
    let (done, plain) = work.gathered.finish();
    let unlisted = AtomicU64::new(0);
    Ok(Scan { plan, finder, pool, done, plain, carried, unlisted, absolute, stdin })
}

struct Work<'a> {
    plan: &'a Plan,
    /// The roots as outputs show them.
    given: Vec<PathBuf>,
    absolute: Vec<PathBuf>,
    /// The first path that two systems claim equally; nothing is read after that.
    conflict: Mutex<Option<anyhow::Error>>,
    finder: &'a Finder,
    pool: Option<&'a Pool>,
    state: Option<&'a State>,
    /// Whom to search for, when that is what is asked.
    search: Option<&'a Search>,
    /// Files that the state had the result of.
    carried: Mutex<Count>,
    progress: &'a Progress,
    gate: &'a Gate,
    gathered: Gathered<'a>,
    later: Later,
    /// Files with several names, by device and inode.
    linked: Mutex<HashMap<(u64, u64), Vec<Key>>>,
}

impl Work<'_> {
    /// A file's place: the path that outputs show is the root as given, then what lies below it.
    fn key(&self, root: usize, relative: PathBuf) -> Key {
        let given = &self.given[root];
        // An empty path would add a slash.
        let shown =
            if relative.as_os_str().is_empty() { given.clone() } else { given.join(&relative) };
        Key { shown: shown.into_os_string().into_vec(), root, relative }
    }

    fn folder(&self, root: usize, path: &Path) {
        let base = match Base::open(path) {
            Ok(base) => base,
            Err(e) => {
                let result = FileResult::skipped(0, walk::reason_of(&e), &sniff::io_words(&e));
                self.root_is_gone(root, result);
                return;
            }
        };
        rayon::in_place_scope(|scope| {
            let base = &base;
            walk::walk(path, base, &self.plan.filter, self.plan.threads, &|met| match met {
                Met::Not(relative, reason, detail) => {
                    self.progress.met.fetch_add(1, Ordering::Relaxed);
                    self.progress.done.fetch_add(1, Ordering::Relaxed);
                    let result = FileResult::skipped(0, reason, &detail);
                    self.hand_in(self.key(root, relative), result);
                }
                Met::Files(folder, mut files) => {
                    self.progress.met.fetch_add(files.len() as u64, Ordering::Relaxed);
                    // What did not change is done at once, and troubles no other thread.
                    files.retain(|relative| !self.carry_below(root, base, folder, relative));
                    let files: Vec<_> = files
                        .into_iter()
                        .filter_map(|relative| self.turn(root, relative))
                        .collect();
                    if !files.is_empty() {
                        self.spawn(scope, root, base, files);
                    }
                }
            });
        });
    }

    fn spawn<'s>(
        &'s self,
        scope: &rayon::Scope<'s>,
        root: usize,
        base: &'s Base,
        files: Vec<PathBuf>,
    ) {
        self.gate.enter(files.len());
        scope.spawn(move |scope| self.some(scope, root, base, files));
    }

    /// Reads some files one after the other. When that takes a while, other threads may take the rest.
    fn some<'s>(
        &'s self,
        scope: &rayon::Scope<'s>,
        root: usize,
        base: &'s Base,
        files: Vec<PathBuf>,
    ) {
        /// Work that is worth less than handing it over.
        const LITTLE: Duration = Duration::from_millis(4);
        let start = Instant::now();
        let mut done = 0;
        let mut files = files.into_iter();
        while let Some(relative) = files.next() {
            pace::work(|| self.below(root, base, relative));
            done += 1;
            if files.len() > 0 && start.elapsed() > LITTLE {
                for relative in files {
                    scope.spawn(move |scope| self.some(scope, root, base, vec![relative]));
                }
                break;
            }
        }
        self.gate.leave(done);
    }

    /// Whether reading goes on with this path: no system's claim to it, or to one before, is in doubt, and the
    /// state is sound.
    fn goes_on(&self, root: usize, relative: &Path) -> bool {
        if self.state.is_some_and(State::has_failed) {
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

    /// A file below a folder.
    fn below(&self, root: usize, base: &Base, relative: PathBuf) {
        let key = self.key(root, relative);
        if !self.goes_on(root, &key.relative) {
            return;
        }
        if STOP.load(Ordering::Relaxed) {
            let result = FileResult::skipped(0, Reason::Stopped, "the run was stopped");
            self.hand_in(key, result);
            return;
        }
        if self.is_late() {
            match base.look(&key.relative).filter(|seen| seen.links > 1) {
                Some(Seen { stamp, .. }) => self.link((stamp.device, stamp.inode), key),
                None => self.not_reached(key, Some(base)),
            }
            return;
        }
        match base.file(&key.relative) {
            Ok(opened) if opened.links > 1 => self.link(opened.identity, key),
            Ok(opened) => self.opened(key, &opened, Some(base)),
            Err(refusal) => self.refused(root, base, key.relative, &refusal),
        }
    }

    /// One of a file's several names.
    fn link(&self, identity: (u64, u64), key: Key) {
        let mut linked = self.linked.lock().unwrap_or_else(PoisonError::into_inner);
        linked.entry(identity).or_default().push(key);
    }

    /// A file that was named on the command line.
    fn file(&self, root: usize, path: &Path) {
        self.progress.met.fetch_add(1, Ordering::Relaxed);
        if !self.goes_on(root, Path::new("")) {
            return;
        }
        let Err(key) = self.carry(self.key(root, PathBuf::new()), None) else { return };
        if self.is_late() {
            self.not_reached(key, None);
            return;
        }
        match open::named(path) {
            Ok(opened) => rayon::scope(|_| self.opened(key, &opened, None)),
            Err(Refusal::Io(e)) if self.state.is_some() && e.kind() == io::ErrorKind::NotFound => {
                self.root_is_gone(root, refusal_result(&Refusal::Io(e)));
            }
            Err(refusal) => self.hand_in(key, refusal_result(&refusal)),
        }
    }

    fn stdin(&self, root: usize, name: &str) -> Option<Vec<u8>> {
        if !self.goes_on(root, Path::new("")) {
            return None;
        }
        let key = self.key(root, PathBuf::new());
        let keep = self.plan.findings || self.search.is_some();
        let bytes = match first_of_stdin(keep, self.pool.is_some(), name) {
            Ok(bytes) => bytes,
            Err(e) => {
                let result = match STOP.load(Ordering::Relaxed) {
                    true => FileResult::skipped(0, Reason::Stopped, "the run was stopped"),
                    false => FileResult::skipped(0, Reason::IoError, &sniff::io_words(&e)),
                };
                self.hand_in(key, result);
                return None;
            }
        };
        let (mut result, worker) = match self.search {
            Some(search) => self.searched_stdin(search, &bytes, name),
            None => self.read_stdin(&bytes, name),
        };
        result.bytes = result.read;
        if self.search.is_none() && keep && result.read > STDIN_KEPT {
            let detail = "findings.jsonl lists the matches of the first 256 MiB only";
            result.notes.push(Note {
                members: Vec::new(),
                reason: Reason::Budget,
                detail: detail.into(),
            });
        }
        self.hand_in_read(key, result, worker);
        keep.then_some(bytes)
    }

    /// Standard input, of which `bytes` were read already.
    fn read_stdin(&self, bytes: &[u8], name: &str) -> (FileResult, Option<Left>) {
        if let Some(pool) = self.pool.filter(|_| stdin_is_isolated(bytes, name)) {
            let more = bytes.len() as u64 >= STDIN_KEPT;
            return match isolate::Input::of_stdin(bytes, more, name) {
                Ok(input) => {
                    let (result, left) = pool.scan(self.finder, &input);
                    (result, Some(left))
                }
                Err(e) => (FileResult::skipped(0, Reason::IoError, &sniff::io_words(&e)), None),
            };
        }
        let rest = io::Read::chain(io::Cursor::new(bytes.to_vec()), Stdin);
        let source = Source::from_read(Box::new(rest));
        let how = Reading { learns: false, ..self.plan.reading };
        (rayon::scope(|_| file::scan(self.finder, source, u64::MAX, name, how)), None)
    }

    fn opened(&self, key: Key, opened: &Opened, base: Option<&Base>) {
        let name = key.name();
        let mut worker = None;
        if self.is_only_touched(&key, opened) {
            return;
        }
        if let Some(search) = self.search {
            let (result, worker) = self.searched(search, &key, opened, base);
            self.hand_in_read(key, result, worker);
            return;
        }
        let result = match source(self.plan, &key, opened, base) {
            Ok((source, beside)) => {
                let how = self.plan.reading;
                let (mut result, left) = read(self.finder, self.pool, source, opened, &name, how);
                worker = left;
                if result.contradicted
                    && let Ok((again, _)) = self::source(self.plan, &key, opened, base)
                {
                    let how = Reading { learns: false, ..how };
                    (result, worker) = read(self.finder, self.pool, again, opened, &name, how);
                }
                if opened.changed() && result.outcome == Outcome::Scanned {
                    result.outcome = Outcome::Partial;
                    let detail = "changed while it was read".to_owned();
                    result.notes.push(Note { members: vec![], reason: Reason::Changed, detail });
                }
                if !result.findings.is_empty() {
                    result.exposure = Some(opened.exposure());
                    let secret = self.plan.key.for_content();
                    result.content = opened.digest(&secret, self.plan.max_read_rate);
                }
                let filters = result.index.take();
                let kept = Kept::of(&result, worker.as_ref(), beside);
                self.keep(&key, opened, base, kept, filters.as_ref());
                result
            }
            Err(e) => FileResult::skipped(opened.size, walk::reason_of(&e), &sniff::io_words(&e)),
        };
        self.hand_in_read(key, result, worker);
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
        self.hand_in(self.key(root, path), refusal_result(refusal));
    }

    fn hand_in(&self, key: Key, result: FileResult) {
        self.hand_in_read(key, result, None);
    }

    fn hand_in_read(&self, key: Key, result: FileResult, worker: Option<Left>) {
        self.progress.done.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(result.bytes, Ordering::Relaxed);
        self.gathered.add(Done { key, result, worker, in_ids: OnceLock::new() });
    }

    /// Reads files with several names once, at the byte-wise first of their paths.
    fn hard_links(&self) {
        let linked =
            std::mem::take(&mut *self.linked.lock().unwrap_or_else(PoisonError::into_inner));
        let groups: Vec<Vec<Key>> = linked.into_values().collect();
        groups.into_par_iter().for_each(|mut keys| {
            keys.sort();
            keys.dedup();
            let first = keys.remove(0);
            let detail = String::from_utf8_lossy(&first.shown).into_owned();
            for other in keys {
                let result = FileResult::skipped(0, Reason::HardLinkOf, &detail);
                self.hand_in(other, result);
            }
            match self.plan.roots[first.root].on_disk().map(Base::open) {
                Some(Ok(base)) => {
                    let Err(first) = self.carry(first, Some(&base)) else { return };
                    if self.is_late() {
                        self.not_reached(first, Some(&base));
                        return;
                    }
                    match base.file(&first.relative) {
                        Ok(opened) => self.opened(first, &opened, Some(&base)),
                        Err(refusal) => self.refused(first.root, &base, first.relative, &refusal),
                    }
                }
                _ => self.hand_in(first, FileResult::skipped(0, Reason::Vanished, "")),
            }
        });
    }
}

/// The bytes of a file below a folder, or of one that was named, with the files beside it that belong to it,
/// and what was looked for there.
fn source(
    plan: &Plan,
    key: &Key,
    opened: &Opened,
    base: Option<&Base>,
) -> io::Result<(Source, Vec<Beside>)> {
    /// Bytes that tell such a format.
    const HEAD: usize = 64;
    let mut source = opened.source(plan.max_read_rate)?;
    let mut all = Vec::new();
    for ending in readers::beside(source.peek(HEAD)?) {
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
        return (file::scan_sniffed(finder, here, how).0, None);
    };
    if !sniffed.isolated() {
        let here = file::Input { sniffed, steps: Steps::outside(), size: opened.size, name };
        let (result, refused) = file::scan_sniffed(finder, here, how);
        if !refused {
            return (result, None);
        }
    }
    let (result, left) = pool.scan(finder, &input);
    (result, Some(left))
}

/// As much of standard input as is needed before reading starts: all that is kept for a second pass, or
/// for a worker, else what its format is told from.
fn first_of_stdin(keep: bool, isolate: bool, name: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if keep || isolate {
        let first = if keep { STDIN_KEPT } else { readers::HEAD as u64 };
        io::Read::read_to_end(&mut io::Read::take(Stdin, first), &mut bytes)?;
        if !keep && stdin_is_isolated(&bytes, name) {
            let left = STDIN_KEPT - bytes.len() as u64;
            io::Read::read_to_end(&mut io::Read::take(Stdin, left), &mut bytes)?;
        }
    }
    Ok(bytes)
}

/// Whether standard input that starts like this is read in a worker. It cannot be read a second time, so
/// whatever may hold risky members goes there at once.
fn stdin_is_isolated(bytes: &[u8], name: &str) -> bool {
    let head = &bytes[..bytes.len().min(readers::HEAD)];
    let complete = bytes.len() < readers::HEAD;
    let binary = readers::sniff_binary(&readers::Head::new(head, complete, name));
    binary.is_some_and(|f| f.id != readers::opaque::BINARY.id)
        || Sniffed::new(Source::from_bytes(head.to_vec()), name).isolated()
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
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

impl Scan<'_> {
    /// The inventory: everything but the run's facts, sorted.
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        let mut inventory = Inventory { run: Run::default(), ..Inventory::default() };
        let mut below: BTreeMap<u16, u64> = BTreeMap::new();
        self.plain.count(&mut inventory.coverage);
        self.done.iter().for_each(|done| count(&mut inventory.coverage, &done.result));
        let spots = self.spots();
        for places::Spot { done, place, system, .. } in &spots {
            for note in &done.result.notes {
                inventory.notes.push(note_line(place, note, self.hidden_detail(note)));
            }
            for (detector, n) in &done.result.below {
                *below.entry(*detector).or_default() += n;
            }
            for finding in &done.result.findings {
                let mut finding = finding.clone();
                finding.id = self.id(done, &finding);
                finding.path.clone_from(&place.path);
                finding.path_b64.clone_from(&place.path_b64);
                finding.system = system.map(|s| s.name.clone());
                if !self.plan.reveal && finding.field.as_deref() != Some(sniff::NAME_FIELD) {
                    finding.members = finding.members.iter().map(|m| self.masked(m)).collect();
                }
                inventory.findings.push(finding);
            }
        }
        let name = |d: &u16| self.finder.rules.detectors[*d as usize].id.clone();
        inventory.run.below_confidence = below.iter().map(|(d, n)| (name(d), *n)).collect();
        inventory.notes.sort();
        let order = |f: &crate::inventory::Finding| {
            (
                f.path.clone(),
                f.members.clone(),
                f.table.clone(),
                f.field.clone(),
                f.detector.clone(),
            )
        };
        inventory.findings.sort_by_cached_key(order);
        self.places(&spots, &mut inventory);
        inventory
    }

    /// The distinct values of all findings, by finding id.
    #[must_use]
    pub fn sketches(&self) -> Vec<(String, &Distinct)> {
        let mut all = Vec::new();
        for done in &self.done {
            let pairs = done.result.findings.iter().zip(&done.result.sketches);
            all.extend(pairs.map(|(f, sketch)| (self.id(done, f), sketch)));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// The digests of the bytes of files with findings, by finding id.
    #[must_use]
    pub fn digests(&self) -> HashMap<String, &str> {
        let mut all = HashMap::new();
        for done in &self.done {
            if let Some(content) = &done.result.content {
                let ids = done.result.findings.iter().map(|f| self.id(done, f));
                all.extend(ids.map(|id| (id, content.as_str())));
            }
        }
        all
    }

    /// The ledger: what became of every path.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerLine> {
        let line = |done: &Done| {
            let place = self.place(done);
            let result = &done.result;
            let own = result.notes.iter().find(|n| n.members.is_empty());
            // What made the file partial may stand in a member of it.
            let class = result.notes.iter().map(|n| n.reason.class()).max();
            let worst = || result.notes.iter().find(|n| Some(n.reason.class()) == class);
            let note = own.or_else(worst);
            LedgerLine {
                path: place.path,
                path_b64: place.path_b64,
                members: Vec::new(),
                format: result.format.map(str::to_owned),
                bytes: result.bytes,
                outcome: result.outcome,
                reason: note.map(|n| n.reason.as_str().to_owned()),
                detail: note.map(|n| self.hidden_detail(n)).filter(|d| !d.is_empty()),
            }
        };
        let members = |done: &Done| {
            let place = self.place(done);
            let member = |m: &Member| LedgerLine {
                path: place.path.clone(),
                path_b64: place.path_b64.clone(),
                members: m.members.clone(),
                format: m.format.map(str::to_owned),
                bytes: m.bytes,
                outcome: m.outcome,
                reason: m.why.as_ref().map(|n| n.reason.as_str().to_owned()),
                detail: m.why.as_ref().map(|n| n.detail.clone()).filter(|d| !d.is_empty()),
            };
            done.result.members.iter().map(member).collect::<Vec<_>>()
        };
        self.done.iter().flat_map(|d| [line(d)].into_iter().chain(members(d))).collect()
    }

    /// Writes the listed matches of all files, in the inventory's order.
    ///
    /// # Errors
    /// What the system reports of the output.
    pub fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        /// So many matches may wait in memory as lines, of all files that are read again in parallel.
        const WAITING: u64 = 50_000;
        /// Most files in one go.
        const FILES: usize = 64;
        let listed: Vec<&Done> =
            self.done.iter().filter(|d| !d.result.accepts.is_empty()).collect();
        let mut rest = &listed[..];
        while let Some(first) = rest.first() {
            let mut waiting = 0;
            let fits = |done: &&&Done| {
                waiting += done.matches();
                waiting <= WAITING
            };
            let some = rest.iter().take(FILES).take_while(fits).count();
            if some == 0 {
                self.emit(first, &mut *out)?;
                rest = &rest[1..];
                continue;
            }
            let lines: Vec<io::Result<Vec<u8>>> = rest[..some]
                .par_iter()
                .map(|done| {
                    let mut lines = Vec::new();
                    self.emit(done, &mut lines).map(|()| lines)
                })
                .collect();
            for lines in lines {
                out.write_all(&lines?)?;
            }
            rest = &rest[some..];
        }
        Ok(())
    }

    fn emit<W: Write>(&self, done: &Done, mut out: W) -> io::Result<()> {
        // What has vanished since the first pass has its findings in the inventory all the same.
        let Some(source) = self.again(done) else { return Ok(()) };
        let place = self.place(done);
        let key = self.plan.key.for_findings();
        let accepts = &done.result.accepts;
        let name = done.key.name();
        if let (Some(pool), Some(left)) = (self.pool, &done.worker) {
            let input = match &self.stdin {
                Some(bytes) if self.is_stdin(done) => {
                    isolate::Input::of_stdin(bytes, false, &name).ok()
                }
                _ => isolate::Input::of(&source, &name),
            };
            let list = List::new(accepts, key, self.plan.reveal);
            let whole = match input {
                Some(input) => pool.list(&input, left, &list, &place, &mut out)?,
                None => false,
            };
            self.unlisted.fetch_add(u64::from(!whole), Ordering::Relaxed);
            return Ok(());
        }
        let mut emitter =
            Emitter::new(self.finder, accepts, &place, &key, self.plan.reveal, &mut out);
        sniff::file(source, &name, done.result.bytes, &mut emitter);
        emitter.finish()
    }

    fn is_stdin(&self, done: &Done) -> bool {
        matches!(self.plan.roots[done.key.root], Root::Stdin(_))
    }

    /// How many files were carried over from an earlier run.
    #[must_use]
    pub fn carried(&self) -> Count {
        self.carried
    }

    /// Where the roots lie, from the root of the file system.
    #[must_use]
    pub fn roots_on_disk(&self) -> &[PathBuf] {
        &self.absolute
    }

    /// How many files have matches that could not be listed.
    #[must_use]
    pub fn unlisted(&self) -> u64 {
        self.unlisted.load(Ordering::Relaxed)
    }

    fn again(&self, done: &Done) -> Option<Source> {
        let key = &done.key;
        let (opened, base) = match &self.plan.roots[key.root] {
            Root::Stdin(_) => return self.stdin.clone().map(Source::from_bytes),
            Root::File(path) => (open::named(path).ok()?, None),
            Root::Folder(path) => {
                let base = Base::open(path).ok()?;
                (base.file(&key.relative).ok()?, Some(base))
            }
        };
        source(self.plan, key, &opened, base.as_ref()).ok().map(|(source, _)| source)
    }

    fn place(&self, done: &Done) -> Place {
        match std::str::from_utf8(&done.key.shown) {
            Ok(path) => Place { path: self.masked(path), path_b64: None },
            Err(_) => {
                let lossy = String::from_utf8_lossy(&done.key.shown);
                let path = self.masked(&lossy);
                let b64 = (path == lossy).then(|| BASE64_STANDARD.encode(&done.key.shown));
                Place { path, path_b64: b64 }
            }
        }
    }

    /// A name with the personal data in it masked.
    #[must_use]
    pub fn masked(&self, name: &str) -> String {
        masked(self.finder, self.plan, name)
    }

    fn hidden_detail(&self, note: &Note) -> String {
        if note.reason == Reason::HardLinkOf {
            self.masked(&note.detail)
        } else {
            note.detail.clone()
        }
    }

    fn id(&self, done: &Done, f: &crate::inventory::Finding) -> String {
        let rest = [f.table.as_deref(), f.field.as_deref(), Some(&f.detector)];
        self.stable_id(done, &f.members, &rest)
    }

    /// What stands for a path with personal data in ids: an unkeyed hash would give it away.
    fn path_in_ids(&self, done: &Done) -> Option<[u8; 32]> {
        let relative = done.key.relative.as_os_str().as_bytes();
        let lossy = String::from_utf8_lossy(relative);
        let hash = || blake3::keyed_hash(&self.plan.key.for_findings(), relative).into();
        (self.masked(&lossy) != lossy).then(hash)
    }

    /// An id from what stays the same across runs and hosts.
    fn stable_id(&self, done: &Done, members: &[String], rest: &[Option<&str>]) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        };
        part(self.plan.label.as_bytes());
        match done.in_ids.get_or_init(|| self.path_in_ids(done)) {
            None => part(done.key.relative.as_os_str().as_bytes()),
            Some(hash) => part(hash),
        }
        members.iter().for_each(|m| part(self.masked(m).as_bytes()));
        rest.iter().for_each(|text| part(text.unwrap_or("").as_bytes()));
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

/// A name with the personal data in it masked, unless raw values are asked for.
#[must_use]
pub fn masked(finder: &Finder, plan: &Plan, name: &str) -> String {
    if plan.reveal {
        return name.to_owned();
    }
    let mut out = name.to_owned();
    for (span, detector) in finder.telling_spans(name).into_iter().rev() {
        let d = &finder.rules.detectors[detector as usize];
        out.replace_range(span.clone(), &crate::mask::mask(&d.category, &d.id, &name[span]));
    }
    out
}

fn note_line(place: &Place, note: &Note, detail: String) -> NoteLine {
    NoteLine {
        path: place.path.clone(),
        path_b64: place.path_b64.clone(),
        members: note.members.clone(),
        reason: note.reason.as_str().to_owned(),
        detail,
    }
}

fn count(coverage: &mut Coverage, result: &FileResult) {
    let class = result.notes.iter().map(|n| n.reason.class()).max();
    let side = match result.outcome {
        Outcome::Scanned => &mut coverage.scanned,
        Outcome::Partial => &mut coverage.partial,
        Outcome::Skipped if class == Some(Class::OutOfScope) => &mut coverage.out_of_scope,
        Outcome::Skipped => &mut coverage.not_scanned,
    };
    side.add(result.bytes);
    if let Some(note) = result.notes.first() {
        coverage.reasons.entry(note.reason.as_str().to_owned()).or_default().add(result.bytes);
    }
    if let (Some(format), true) = (result.format, result.outcome != Outcome::Skipped) {
        coverage.formats.entry(format.to_owned()).or_default().add(result.bytes);
    }
}
