//! The scan's tasks: what is handed to a crew of threads, and what becomes of a file whose reading was given up
//! because the system does not answer.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::{Key, Work, carry};
use crate::crew::{Crew, Task};
use crate::file::FileResult;
use crate::note::Reason;
use crate::plan::Root;
use crate::sniff;
use crate::source::ahead::{self, Early};
use crate::source::call::call;
use crate::source::open::{Base, Seen};
use crate::source::{STOP, mounts, pace};
use crate::walk::{self, Met, Unlisted, Walk};

/// Why a file has no result.
const SILENT: &str = "the system does not answer";
/// Why it was not begun, or given up.
const ENDED: &str = "the run was stopped";
/// Why it was not even tried.
const DEAD: &str = "not tried: the file system that it lies on does not answer";

/// Something that is to be read.
struct Piece {
    work: Arc<Work>,
    what: What,
    /// The file, where it is opened ahead.
    early: OnceLock<Arc<Early>>,
    /// Whether its result was handed in.
    done: AtomicBool,
}

enum What {
    /// Opens a root that is a folder.
    Root(usize),
    /// A root that is a file.
    Named(usize),
    /// A file below a root.
    Below(usize, PathBuf),
    /// A file with several names, by the first of them.
    Linked(Key),
}

impl Task for Piece {
    fn run(&self, _: &Crew<Piece>) {
        let opened = pace::work(|| match &self.what {
            What::Root(root) => {
                self.work.open_root(*root);
                None
            }
            What::Named(root) => self.work.named(*root),
            What::Below(root, relative) => {
                self.work.below(*root, relative.clone(), self.early.get().map(AsRef::as_ref))
            }
            What::Linked(first) => self.work.linked(first.clone()),
        });
        self.done.store(true, Ordering::Release);
        // Some file systems do not answer to the closing.
        call(|| drop(opened));
    }

    fn give_up(&self) {
        if self.done.load(Ordering::Acquire) {
            return;
        }
        let key = match &self.what {
            What::Root(root) => return self.work.root_is_silent(*root),
            What::Named(root) => self.work.key(*root, PathBuf::new()),
            What::Below(root, relative) => self.work.key(*root, relative.clone()),
            What::Linked(first) => first.clone(),
        };
        self.work.is_silent(key);
    }

    fn make_ready(&self) {
        let What::Below(root, relative) = &self.what else { return };
        if !ahead::is_on() || self.work.plan.max_read_rate.is_some() {
            return;
        }
        let base = self.work.bases[*root].get();
        if let Some(early) = base.and_then(|base| ahead::open(base, relative.clone())) {
            drop(self.early.set(early));
        }
    }
}

impl Work {
    /// Reads everything. Gives what is kept of standard input.
    pub(super) fn all(self: &Arc<Self>) -> Option<Vec<u8>> {
        let crew = Crew::new(self.plan.threads);
        let doubles = Arc::new(self.plan.filter.doubles(&self.given, &self.absolute));
        let add = |what| crew.add_in_turn(self.piece(what));
        let mut stdin = None;
        for (number, root) in self.plan.roots.iter().enumerate() {
            match root {
                Root::Folder(path) => self.folder(number, path, &doubles, &crew),
                Root::File { .. } | Root::Listed(_) => add(What::Named(number)),
                Root::Stdin(name) => {
                    // It is read here, without more threads than were asked for.
                    crew.wait();
                    stdin = self.stdin(number, name);
                }
            }
        }
        crew.wait();
        for (root, relative) in self.later.take() {
            add(What::Below(root, relative));
        }
        crew.wait();
        self.hard_links().into_iter().for_each(|first| add(What::Linked(first)));
        crew.end();
        stdin
    }

    fn piece(self: &Arc<Self>, what: What) -> Piece {
        let (early, done) = (OnceLock::new(), AtomicBool::new(false));
        Piece { work: self.clone(), what, early, done }
    }

    fn folder(
        self: &Arc<Self>,
        root: usize,
        path: &Path,
        doubles: &Arc<HashMap<PathBuf, PathBuf>>,
        crew: &Crew<Piece>,
    ) {
        crew.add_in_turn(self.piece(What::Root(root)));
        crew.wait();
        let Some(base) = self.bases[root].get() else { return };
        let (work, crew) = (self.clone(), crew.clone());
        let walk = Walk {
            root: path.to_owned(),
            absolute: self.absolute[root].clone(),
            base: base.clone(),
            filter: self.plan.filter.below(path, &self.absolute[root]),
            doubles: doubles.clone(),
            met: Box::new(move |met| work.met(root, met, &crew)),
        };
        walk::walk(walk, self.plan.threads);
    }

    fn open_root(&self, root: usize) {
        let Root::Folder(path) = &self.plan.roots[root] else { return };
        if mounts::are_dead(|| &self.absolute[root]) {
            return self.root_is_silent(root);
        }
        match Base::open(path) {
            Ok(base) => drop(self.bases[root].set(Arc::new(base))),
            Err(e) => {
                let result = FileResult::folder(walk::reason_of(&e), &sniff::io_words(&e));
                self.root_is_gone(root, result, Reason::NotReached);
            }
        }
    }

    fn met(self: &Arc<Self>, root: usize, met: Met<'_>, crew: &Crew<Piece>) {
        match met {
            Met::Not(relative, reason, detail) => {
                self.progress.met.fetch_add(1, Ordering::Relaxed);
                self.hand_in(self.key(root, relative), FileResult::skipped(0, reason, &detail));
            }
            Met::Unlisted(folder) => {
                self.progress.met.fetch_add(1, Ordering::Relaxed);
                self.unlisted(root, folder);
            }
            Met::File(folder, relative) => {
                self.progress.met.fetch_add(1, Ordering::Relaxed);
                // What did not change is done at once, and troubles no other thread.
                if self.carry_below(root, folder, &relative) {
                    return;
                }
                if let Some(relative) = self.turn(root, relative) {
                    crew.add_in_turn(self.piece(What::Below(root, relative)));
                }
            }
        }
    }

    /// A file in whose reading a call did not come back.
    pub(super) fn is_silent(&self, key: Key) {
        if STOP.load(Ordering::Relaxed) {
            self.silent.store(true, Ordering::Relaxed);
            return self.hand_in(key, FileResult::skipped(0, Reason::Stopped, ENDED));
        }
        mounts::is_silent(&self.absolute[key.root].join(&key.relative));
        match self.state.as_ref().and_then(|s| s.find_earlier(&key.path_on_disk(&self.absolute))) {
            Some(known) => self.hand_in_earlier(key, known, (Reason::Stalled, SILENT)),
            None => self.hand_in(key, FileResult::skipped(0, Reason::Stalled, SILENT)),
        }
    }

    /// A file whose turn comes when the run is to end: its size is told, as long as the system answers.
    pub(super) fn stopped_before(&self, key: Key, base: &Base) {
        let answers = !self.silent.load(Ordering::Relaxed);
        match answers.then(|| base.look(&key.relative)).flatten() {
            Some(Seen { stamp, links, .. }) if links > 1 => {
                self.link((stamp.device, stamp.inode), key);
            }
            seen => {
                let bytes = seen.map_or(0, |seen| seen.stamp.size);
                self.hand_in(key, FileResult::skipped(bytes, Reason::Stopped, ENDED));
            }
        }
    }

    /// Whether a file is not tried, since its file system does not answer. Of such there may be millions.
    pub(super) fn is_passed_over(&self, key: &Key) -> bool {
        let dead = mounts::are_dead(|| self.absolute[key.root].join(&key.relative));
        if dead {
            self.leave_out(key.clone(), 0, (Reason::Stalled, DEAD));
        }
        dead
    }

    fn root_is_silent(&self, root: usize) {
        let reason = match STOP.load(Ordering::Relaxed) {
            true => (Reason::Stopped, ENDED),
            false => (Reason::Stalled, SILENT),
        };
        if reason.0 == Reason::Stalled {
            mounts::is_dead(&self.absolute[root]);
        }
        self.root_is_gone(root, FileResult::folder(reason.0, reason.1), reason.0);
    }

    /// A folder that could not be listed. What earlier runs found in it is told, if this one told of nothing in it.
    fn unlisted(&self, root: usize, met: Unlisted) {
        let Unlisted { relative, reason, detail, told } = met;
        let folder = self.absolute[root].join(&relative);
        self.hand_in(self.key(root, relative), FileResult::folder(reason, &detail));
        if !told && carry::outlasts(reason) {
            self.earlier_below(root, &folder, (reason, "its folder cannot be listed"));
        }
    }
}
