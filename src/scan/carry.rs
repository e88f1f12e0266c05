//! What a scan takes over from the state of earlier runs, and what it keeps there.

use std::collections::HashMap;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{Key, Work, with_ending};
use crate::file::FileResult;
use crate::index::Filters;
use crate::inventory::Outcome;
use crate::note::{Note, Reason};
use crate::source::STOP;
use crate::source::open::{self, Base, Opened, Seen, Stamp};
use crate::state::{Beside, Known, State, Stored};

impl Work<'_> {
    /// Takes a file's result over from the state, if that has it and nothing of it changed; else gives the key
    /// back. Files with several names have their turn at the end.
    pub(super) fn carry(&self, key: Key, base: Option<&Base>) -> Result<(), Key> {
        if let Some(search) = self.search {
            let seen = self.look(&key, base, "").filter(|seen| seen.links == 1 || base.is_none());
            return self.exclude(search, key, seen, base);
        }
        let Some(state) = self.state else { return Err(key) };
        match self.look(&key, base, "") {
            Some(seen) if seen.links == 1 || base.is_none() => {
                self.carry_seen(state, key, &seen.stamp, base)
            }
            _ => Err(key),
        }
    }

    /// Likewise the first of a file's several names.
    pub(super) fn carry_linked(&self, key: Key, base: &Base) -> Result<(), Key> {
        if let Some(search) = self.search {
            let seen = self.look(&key, Some(base), "");
            return self.exclude(search, key, seen, Some(base));
        }
        match (self.state, self.look(&key, Some(base), "")) {
            (Some(state), Some(seen)) => self.carry_seen(state, key, &seen.stamp, Some(base)),
            _ => Err(key),
        }
    }

    fn carry_seen(
        &self,
        state: &State,
        key: Key,
        stamp: &Stamp,
        base: Option<&Base>,
    ) -> Result<(), Key> {
        let beside = |ending: &str| self.look(&key, base, ending).map(|seen| seen.stamp);
        let known = state.find(&self.path_on_disk(&key), &key.name());
        let is_same = |k: &Known| k.is(stamp) && state.suffices(k) && k.has_beside(beside);
        let Some(known) = known.filter(is_same) else {
            return Err(key);
        };
        state.carry(&known);
        let Some((result, worker)) = known.stored.result(self.finder) else { return Err(key) };
        self.carried.lock().unwrap_or_else(PoisonError::into_inner).add(result.bytes);
        self.hand_in_read(key, result, worker);
        Ok(())
    }

    /// Takes over the result of an opened file whose attributes changed and whose content did not.
    pub(super) fn is_only_touched(&self, key: &Key, opened: &Opened, name: &str) -> bool {
        let Some(state) = self.state else { return false };
        let path = self.path_on_disk(key);
        let may_be = |k: &Known| k.may_be(opened.size) && state.suffices(k);
        let Some(known) = state.find(&path, name).filter(may_be) else {
            return false;
        };
        let secret = self.plan.key.for_content();
        let content = opened.digest(&secret, self.plan.max_read_rate);
        if content.is_none() || content != known.stored.content {
            return false;
        }
        let id = known.id;
        let Some((mut result, worker)) = known.stored.result(self.finder) else { return false };
        let Some(when) = opened.settled() else { return false };
        result.exposure = Some(opened.exposure());
        if let Some(stored) = Stored::of(&result, worker.as_ref(), Vec::new()) {
            state.touch(id, when, &stored);
        }
        self.hand_in_read(key.clone(), result, worker);
        true
    }

    /// Whether no further file is to be begun.
    pub(super) fn is_late(&self) -> bool {
        self.plan.until.is_some_and(|until| std::time::Instant::now() >= until)
    }

    /// A file whose turn did not come. What an earlier run found in it is told as such.
    pub(super) fn not_reached(&self, key: Key, base: Option<&Base>) {
        const WHY: &str = "the time given to the run was over";
        let bytes = self.look(&key, base, "").map_or(0, |seen| seen.stamp.size);
        let known = self.state.and_then(|s| s.find(&self.path_on_disk(&key), &key.name()));
        let earlier = known.and_then(|known| self.earlier(known, WHY));
        let result = earlier.unwrap_or_else(|| FileResult::skipped(bytes, Reason::NotReached, WHY));
        self.hand_in(key, result);
    }

    /// A root that is not there, which may come back: what earlier runs found below it is told as such.
    pub(super) fn root_is_gone(&self, root: usize, result: FileResult) {
        const WHY: &str = "its root cannot be reached";
        self.hand_in(self.key(root, PathBuf::new()), result);
        let absolute = &self.absolute[root];
        for (path, known) in self.state.map(|s| s.below(absolute)).unwrap_or_default() {
            let path = PathBuf::from(std::ffi::OsString::from_vec(path));
            let Ok(relative) = path.strip_prefix(absolute) else { continue };
            // The root itself has its line.
            if !relative.as_os_str().is_empty()
                && let Some(result) = self.earlier(known, WHY)
            {
                self.hand_in(self.key(root, relative.to_owned()), result);
            }
        }
    }

    /// An earlier result of a file that may have changed since. Its matches are not listed again.
    fn earlier(&self, known: Known, why: &str) -> Option<FileResult> {
        self.state?.carry(&known);
        let (mut result, _) = known.stored.result(self.finder)?;
        result.accepts = HashMap::new();
        if result.outcome == Outcome::Scanned {
            result.outcome = Outcome::Partial;
        }
        let detail = format!("{why}: what an earlier run found");
        result.notes.insert(0, Note { members: vec![], reason: Reason::NotReached, detail });
        Some(result)
    }

    /// Keeps a result in the state, unless something changed while the file was read.
    pub(super) fn keep(
        &self,
        key: &Key,
        opened: &Opened,
        base: Option<&Base>,
        stored: Option<Stored>,
        filters: Option<&Filters>,
    ) {
        let (Some(state), Some(stored)) = (self.state, stored) else { return };
        let same = |beside: &Beside| {
            self.look(key, base, &beside.ending).map(|seen| seen.stamp) == beside.stamp
        };
        if let Some(when) = opened.settled()
            && stored.beside.iter().all(same)
            && !STOP.load(Ordering::Relaxed)
        {
            state.keep(&self.path_on_disk(key), &key.name(), when, &stored, filters);
        }
    }

    /// Looks at a file, or at what lies beside it with this ending.
    pub(super) fn look(&self, key: &Key, base: Option<&Base>, ending: &str) -> Option<Seen> {
        match (base, self.plan.roots[key.root].on_disk()) {
            (Some(base), _) => base.look(&with_ending(&key.relative, ending)),
            (None, path) => open::look(&with_ending(path?, ending)),
        }
    }

    /// What a state knows a file by, whatever way its root was written.
    pub(super) fn path_on_disk(&self, key: &Key) -> Vec<u8> {
        let root = &self.absolute[key.root];
        let path = match key.relative.as_os_str().is_empty() {
            true => root.clone(),
            false => root.join(&key.relative),
        };
        path.into_os_string().into_vec()
    }
}
