//! What a scan takes over from the state of earlier runs, and what it keeps there.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{Key, Work, with_ending};
use crate::file::FileResult;
use crate::index::Filters;
use crate::inventory::Outcome;
use crate::isolate::Left;
use crate::note::{Note, Reason};
use crate::source::STOP;
use crate::source::open::{self, Base, Opened, Seen};
use crate::state::{Beside, Kept, Known, State, Words};

/// Why a file is not read: the reason, and in words.
pub(super) type Why<'w> = (Reason, &'w str);

/// Whether what an earlier run found in a file or folder still holds, as far as anybody knows, when it cannot be read for
/// this reason.
pub(super) fn outlasts(reason: Reason) -> bool {
    use Reason::{Crashed, IoError, PermissionDenied, Stalled};
    matches!(reason, Crashed | IoError | PermissionDenied | Stalled)
}

impl Work {
    /// Takes over what the state has of a file in the folder that is being listed, if nothing of it changed.
    /// Files with several names have their turn at the end.
    pub(super) fn carry_below(&self, root: usize, folder: &Base, relative: &Path) -> bool {
        let base = self.base(root);
        let Some(name) = relative.file_name() else { return false };
        let seen = || folder.look_in(name).filter(|seen| seen.links == 1);
        if let Some(search) = &self.search {
            let key = self.key(root, relative.to_owned());
            return self.exclude(search, key, seen, base).is_ok();
        }
        let Some(state) = &self.state else { return false };
        let Some(seen) = seen() else { return false };
        let path = self.absolute[root].join(relative).into_os_string().into_vec();
        let known = state.find(&path).filter(|k| k.is(&seen.stamp) && state.suffices(k));
        let Some(known) = known else { return false };
        if !self.goes_on(root, relative) {
            return false;
        }
        match known.plain().filter(|_| self.gathered.only_counts()) {
            Some((bytes, format)) => {
                state.carry(&known);
                self.count_carried(bytes);
                self.progress.done.fetch_add(1, Ordering::Relaxed);
                self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
                self.gathered.add_plain(bytes, format);
                true
            }
            None => {
                let key = self.key(root, relative.to_owned());
                self.carry_known(state, key, known, base).is_ok()
            }
        }
    }

    /// Likewise of a file that was named, or of the first of a file's several names; else gives the key back.
    pub(super) fn carry(&self, key: Key, base: Option<&Base>) -> Result<(), Key> {
        if let Some(search) = &self.search {
            let seen = || self.look(&key, base, "");
            return self.exclude(search, key.clone(), seen, base);
        }
        let (Some(state), Some(seen)) = (&self.state, self.look(&key, base, "")) else {
            return Err(key);
        };
        let is_same = |k: &Known| k.is(&seen.stamp) && state.suffices(k);
        match state.find(&key.path_on_disk(&self.absolute)).filter(is_same) {
            Some(known) => self.carry_known(state, key, known, base),
            None => Err(key),
        }
    }

    fn carry_known(
        &self,
        state: &State,
        key: Key,
        known: Known,
        base: Option<&Base>,
    ) -> Result<(), Key> {
        if !known.has_beside(|ending| self.look(&key, base, ending).map(|seen| seen.stamp)) {
            return Err(key);
        }
        state.carry(&known);
        let Some((mut result, worker)) = known.result(self.finder) else { return Err(key) };
        self.count_carried(result.bytes);
        self.narrow(&key, &mut result);
        self.hand_in_read(key, result, worker);
        Ok(())
    }

    fn count_carried(&self, bytes: u64) {
        self.carried.lock().unwrap_or_else(PoisonError::into_inner).add(bytes);
    }

    /// Takes over the result of an opened file whose attributes or folder changed and whose content did not. One
    /// with another name of its own is read again: names tell of formats, and are searched.
    pub(super) fn is_only_touched(&self, key: &Key, opened: &Opened) -> bool {
        let Some(state) = &self.state else { return false };
        let path = key.path_on_disk(&self.absolute);
        let known = state.find(&path).or_else(|| state.moved(&path, &opened.stamp));
        let Some(known) = known.filter(|known| state.suffices(known)) else { return false };
        let Some(before) = known.content(opened.size) else { return false };
        let secret = self.plan.key.for_content();
        if opened.digest(&secret, self.plan.max_read_rate).as_deref() != Some(before) {
            return false;
        }
        let row = known.row();
        let Some((mut result, worker)) = known.result(self.finder) else { return false };
        let Some(when) = opened.settled() else { return false };
        result.exposure = Some(opened.exposure());
        if let Some(kept) = Kept::of(&result, worker.as_ref(), Vec::new()) {
            state.keep(&path, when, &kept, Words::OfRow(row));
        }
        self.narrow(key, &mut result);
        self.hand_in_read(key.clone(), result, worker);
        true
    }

    /// Whether no further file is to be begun.
    pub(super) fn is_late(&self) -> bool {
        self.plan.until.is_some_and(|until| std::time::Instant::now() >= until)
    }

    /// A file whose turn did not come.
    pub(super) fn not_reached(&self, key: Key, base: Option<&Base>) {
        let bytes = self.look(&key, base, "").map_or(0, |seen| seen.stamp.size);
        self.leave_out(key, bytes, (Reason::NotReached, "the time given to the run was over"));
    }

    /// A file that is not read. What an earlier run found in it is told as such; of others, which may be millions,
    /// only the number.
    pub(super) fn leave_out(&self, key: Key, bytes: u64, why: Why<'_>) {
        let known =
            self.state.as_ref().and_then(|s| s.find_earlier(&key.path_on_disk(&self.absolute)));
        match known {
            Some(known) => self.hand_in_earlier(key, known, why),
            None if self.gathered.only_counts() => {
                self.progress.done.fetch_add(1, Ordering::Relaxed);
                self.gathered.add_unread(bytes, why.0);
            }
            None => self.hand_in(key, FileResult::skipped(bytes, why.0, why.1)),
        }
    }

    /// A root that is not there, which may come back: what earlier runs found below it is told as such.
    pub(super) fn root_is_gone(&self, root: usize, result: FileResult, reason: Reason) {
        self.hand_in(self.key(root, PathBuf::new()), result);
        self.earlier_below(root, &self.absolute[root], (reason, "its root cannot be reached"));
    }

    /// Tells what earlier runs found below a folder of which this one sees nothing.
    pub(super) fn earlier_below(&self, root: usize, folder: &Path, why: Why<'_>) {
        let Some(state) = &self.state else { return };
        state.each_below(folder, &mut |path, known| {
            let path = PathBuf::from(std::ffi::OsString::from_vec(path));
            // The folder itself has its line.
            if let Ok(relative) = path.strip_prefix(&self.absolute[root])
                && path != folder
                && self.plan.filter.wants(relative)
            {
                self.hand_in_earlier(self.key(root, relative.to_owned()), known, why);
            }
        });
    }

    /// Hands in what came of a file. Where it could not be read, and nothing was found in it, what an earlier run found
    /// is told as such.
    pub(super) fn hand_in_or_earlier(&self, key: Key, result: FileResult, worker: Option<Left>) {
        let why = result.notes.iter().find(|n| n.members.is_empty() && outlasts(n.reason));
        if let (Some(why), Some(state), true) = (why, &self.state, result.findings.is_empty())
            && let Some(known) = state.find_earlier(&key.path_on_disk(&self.absolute))
        {
            state.carry(&known);
            if let Some(earlier) = self.earlier(known, (why.reason, &why.detail)) {
                return self.hand_in(key, earlier);
            }
        }
        self.hand_in_read(key, result, worker);
    }

    pub(super) fn hand_in_earlier(&self, key: Key, known: Known, why: Why<'_>) {
        let Some(state) = &self.state else { return };
        state.carry(&known);
        match known.plain().filter(|_| self.gathered.only_counts()) {
            Some((bytes, format)) => {
                self.progress.done.fetch_add(1, Ordering::Relaxed);
                self.gathered.add_stale(bytes, format, why.0);
            }
            None => {
                let bytes = known.bytes();
                let result = self.earlier(known, why);
                let none = || FileResult::skipped(bytes, why.0, why.1);
                self.hand_in(key, result.unwrap_or_else(none));
            }
        }
    }

    /// An earlier result of a file that may have changed since. Its matches are not listed again.
    fn earlier(&self, known: Known, (reason, why): Why<'_>) -> Option<FileResult> {
        let (mut result, _) = known.result(self.finder)?;
        result.accepts = HashMap::new();
        if result.outcome == Outcome::Scanned {
            result.outcome = Outcome::Partial;
        }
        let detail = format!("{why}: what an earlier run found");
        result.notes.insert(0, Note { members: vec![], reason, detail });
        Some(result)
    }

    /// Keeps a result in the state, unless something changed while the file was read.
    pub(super) fn keep(
        &self,
        key: &Key,
        opened: &Opened,
        base: Option<&Base>,
        kept: Option<Kept>,
        filters: Option<&Filters>,
    ) {
        let (Some(state), Some(kept)) = (&self.state, kept) else { return };
        let same = |beside: &Beside| {
            self.look(key, base, &beside.ending).map(|seen| seen.stamp) == beside.stamp
        };
        if let Some(when) = opened.settled()
            && kept.beside().iter().all(same)
            && !STOP.load(Ordering::Relaxed)
        {
            state.keep(&key.path_on_disk(&self.absolute), when, &kept, Words::New(filters));
        }
    }

    /// Looks at a file, or at what lies beside it with this ending.
    pub(super) fn look(&self, key: &Key, base: Option<&Base>, ending: &str) -> Option<Seen> {
        match (base, self.plan.roots[key.root].on_disk()) {
            (Some(base), _) => base.look(&with_ending(&key.relative, ending)),
            (None, path) => open::look(&with_ending(path?, ending)),
        }
    }
}

impl Key {
    /// What a state knows a file by: where it lies, whatever way its root was written. The name of a file that was
    /// named through a link may be another than its own, and tells of its format: it is told after byte 0, which no
    /// path holds.
    /// `absolute` holds the roots as they lie on disk.
    pub(super) fn path_on_disk(&self, absolute: &[PathBuf]) -> Vec<u8> {
        let root = &absolute[self.root];
        if !self.relative.as_os_str().is_empty() {
            return root.join(&self.relative).into_os_string().into_vec();
        }
        let mut path = root.clone().into_os_string().into_vec();
        let shown = Path::new(OsStr::from_bytes(&self.shown)).file_name();
        if let Some(name) = shown.filter(|_| shown != root.file_name()) {
            path.push(0);
            path.extend_from_slice(name.as_bytes());
        }
        path
    }
}
