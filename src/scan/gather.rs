//! What threads hand in: files of which there is something to tell one by one, the others as mere counts, so that
//! memory grows with what is found and not with the number of files.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Done;
use crate::inventory::{Count, Coverage, Outcome};
use crate::note::Reason;
use crate::plan::{Plan, Root};

/// The results of a scan as they come.
pub(super) struct Gathered {
    plan: Arc<Plan>,
    /// Whether a path may be met below two roots.
    overlapping: bool,
    told: Mutex<Vec<Done>>,
    plain: Mutex<Plain>,
}

/// Files of which there is nothing to tell but what became of them.
#[derive(Clone, Default)]
pub(super) struct Plain {
    /// Read in full, by format.
    read: Formats,
    /// Read in full by an earlier run, and not by this one.
    stale: BTreeMap<Reason, Formats>,
    /// Never read.
    unread: BTreeMap<Reason, Count>,
}

type Formats = HashMap<&'static str, Count, foldhash::quality::RandomState>;

impl Plain {
    /// Whether there are files that were not read for this reason.
    pub(super) fn holds(&self, reason: Reason) -> bool {
        self.stale.contains_key(&reason) || self.unread.contains_key(&reason)
    }

    /// Adds them to what was read and what was not.
    pub(super) fn count(&self, coverage: &mut Coverage) {
        let add = |to: &mut Count, count: Count| {
            to.files += count.files;
            to.bytes += count.bytes;
        };
        for (format, count) in &self.read {
            add(&mut coverage.scanned, *count);
            add(coverage.formats.entry((*format).to_owned()).or_default(), *count);
        }
        for (reason, formats) in &self.stale {
            for (format, count) in formats {
                add(&mut coverage.partial, *count);
                add(coverage.formats.entry((*format).to_owned()).or_default(), *count);
                add(coverage.reasons.entry(reason.as_str().to_owned()).or_default(), *count);
            }
        }
        for (reason, count) in &self.unread {
            add(&mut coverage.not_scanned, *count);
            add(coverage.reasons.entry(reason.as_str().to_owned()).or_default(), *count);
        }
    }
}

impl Gathered {
    pub(super) fn new(plan: Arc<Plan>) -> Gathered {
        let on_disk = plan.roots.iter().filter(|root| root.on_disk().is_some());
        let overlapping = overlap(on_disk.map(Root::as_given).collect());
        Gathered { plan, overlapping, told: Mutex::default(), plain: Mutex::default() }
    }

    /// Whether files of which there is nothing to tell may be counted and forgotten.
    pub(super) fn only_counts(&self) -> bool {
        !self.plan.ledger && !self.overlapping
    }

    /// Counts a file that was read in full.
    pub(super) fn add_plain(&self, bytes: u64, format: &'static str) {
        self.plain().read.entry(format).or_default().add(bytes);
    }

    /// Counts one that an earlier run read in full.
    pub(super) fn add_stale(&self, bytes: u64, format: &'static str, reason: Reason) {
        let mut plain = self.plain();
        plain.stale.entry(reason).or_default().entry(format).or_default().add(bytes);
    }

    /// Counts one that no run has read.
    pub(super) fn add_unread(&self, bytes: u64, reason: Reason) {
        self.plain().unread.entry(reason).or_default().add(bytes);
    }

    fn plain(&self) -> MutexGuard<'_, Plain> {
        self.plain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, mut done: Done) {
        let result = &mut done.result;
        if !self.plan.findings {
            result.accepts = HashMap::new();
        }
        if !self.plan.ledger {
            result.members = Vec::new();
        }
        match result.is_plain().filter(|_| self.only_counts()) {
            Some(format) => self.add_plain(result.bytes, format),
            None => self.told.lock().unwrap_or_else(PoisonError::into_inner).push(done),
        }
    }

    /// All of them, by their paths. Overlapping roots meet a path twice; where one of them leaves it out, the
    /// other's result counts. Files that vanished stand under their folder: each of them counts.
    pub(super) fn finish(&self) -> (Vec<Done>, Plain) {
        let mut told =
            std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner));
        told.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let vanished =
            |d: &Done| d.result.notes.first().is_some_and(|n| n.reason == Reason::Vanished);
        told.dedup_by(|later, first| {
            let on_disk = |done: &Done| self.plan.roots[done.key.root].on_disk().is_some();
            let same = later.key.shown == first.key.shown && on_disk(later) && on_disk(first);
            let same = same && !vanished(later);
            if same && first.result.outcome == Outcome::Skipped {
                std::mem::swap(later, first);
            }
            same
        });
        (told, std::mem::take(&mut *self.plain()))
    }
}

/// Whether one of these paths lies below another. There may be as many as a list has lines.
fn overlap(mut roots: Vec<PathBuf>) -> bool {
    // What lies below a root comes right behind it, or behind something else that does.
    roots.sort_unstable();
    roots.windows(2).any(|pair| pair[1].starts_with(&pair[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_path_below_another_is_seen_in_any_order() {
        for (roots, expected) in [
            (&["/srv", "/home/a", "/srv-old", "/srv.d/x"][..], false),
            (&["/srv/x/y", "/srv-old", "/srv", "/srv.d"], true),
            (&["b", "a", "a/b/c", "a-b"], true),
            (&["a", "ab"], false),
        ] {
            let roots = roots.iter().map(PathBuf::from).collect();
            assert_eq!(overlap(roots), expected);
        }
    }
}
