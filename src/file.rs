//! One file: from its source through sniffing, reading and detection to its result. A file result is
//! the unit of everything: what a thread hands in, and what later a worker returns and a state keeps.

use std::collections::{BTreeMap, HashMap};

use crate::detect::finder::Finder;
use crate::eye::Named;
use crate::fanout::{Fanout, Shared};
use crate::idle::Learner;
use crate::index::Filters;
use crate::inventory::{Confidence, Finding, Outcome};
use crate::judge::{self, Accept};
use crate::note::{Class, Note, Reason};
use crate::place::Traits;
use crate::sketch::Distinct;
use crate::sniff::{self, Sniffed, Told};
use crate::source::Source;
use crate::source::exposure::Exposure;
use crate::steps::Steps;
use crate::subject::Finds;
use crate::tally::{Direct, FileTally};
use crate::unit::{Member, SlotId};

/// How files are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Lowest confidence that is listed.
    pub level: Confidence,
    /// Bytes per batch when one file is searched by all threads.
    pub split: usize,
    /// Files from this size on are searched by all threads.
    pub share_from: u64,
    /// Whether kinds that a column does not seem to hold are looked for in some of its cells only. What then
    /// contradicts asks to be read again without.
    pub learns: bool,
}

/// What stands for the format of a folder that could not be listed.
pub const FOLDER: &str = "folder";

/// What became of a file.
#[derive(Clone)]
pub struct FileResult {
    /// Size in bytes.
    pub bytes: u64,
    /// Bytes that were read, after decoding.
    pub read: u64,
    /// Format as told by content.
    pub format: Option<&'static str>,
    /// What became of it.
    pub outcome: Outcome,
    /// What could not be read, the first reason first.
    pub notes: Vec<Note>,
    /// The members of containers in it, in their order.
    pub members: Vec<Member>,
    /// Findings; path and id are still to be filled in.
    pub findings: Vec<Finding>,
    /// Their distinct values, in the same order.
    pub sketches: Vec<Distinct>,
    /// Findings per detector below the confidence level.
    pub below: BTreeMap<u16, u64>,
    /// Which matches a second pass lists.
    pub accepts: HashMap<(SlotId, u16), Accept>,
    /// What else it tells.
    pub traits: Traits,
    /// Who can read it, of a file with findings.
    pub exposure: Option<Exposure>,
    /// Digest of its bytes, of a file with findings.
    pub content: Option<String>,
    /// What a search for a person finds in it.
    pub finds: Finds,
    /// Its words and numbers, when it was read for an index.
    pub index: Option<Filters>,
    /// Whether a search did not open it, since nothing of the person stands in it by the index.
    pub ruled_out: bool,
    /// Whether it is to be read again without learning: see [`Reading::learns`].
    pub contradicted: bool,
}

impl FileResult {
    /// The result of a path that was not opened.
    #[must_use]
    pub fn skipped(bytes: u64, reason: Reason, detail: &str) -> FileResult {
        let outcome =
            if reason.class() == Class::Read { Outcome::Scanned } else { Outcome::Skipped };
        let note = Note { members: Vec::new(), reason, detail: detail.to_owned() };
        FileResult { outcome, notes: vec![note], ..FileResult::empty(bytes) }
    }

    /// The result of a folder that could not be listed: what lies in it is not known, and no size tells of it.
    #[must_use]
    pub fn folder(reason: Reason, detail: &str) -> FileResult {
        FileResult { format: Some(FOLDER), ..FileResult::skipped(0, reason, detail) }
    }

    /// Notes that the file changed while it was read, where it was read in full or its end was missing.
    pub fn note_change(&mut self) {
        let is_whole = self.outcome == Outcome::Scanned;
        if is_whole {
            self.outcome = Outcome::Partial;
        }
        if is_whole || self.notes.iter().any(sniff::ends_early) {
            let detail = "changed while it was read".to_owned();
            self.notes.push(Note { members: vec![], reason: Reason::Changed, detail });
        }
    }

    /// What reading a file told, before anything in it is judged.
    #[must_use]
    pub fn of_reading(
        bytes: u64,
        told: &Told,
        notes: Vec<Note>,
        members: Vec<Member>,
    ) -> FileResult {
        FileResult {
            read: told.bytes,
            format: Some(told.format.id),
            outcome: outcome(&notes, told.searched),
            notes,
            members,
            ..FileResult::empty(bytes)
        }
    }

    /// The result of a file that was read before, for a search that its words rule out. What could not be read of it
    /// stays a gap.
    #[must_use]
    pub fn ruled_out(read: FileResult) -> FileResult {
        let FileResult { format, outcome, notes, members, .. } = read;
        let bytes = read.bytes;
        FileResult { format, outcome, notes, members, ruled_out: true, ..FileResult::empty(bytes) }
    }

    /// Whether nothing is to be told of a file but that it was read in full, and its format; which one.
    #[must_use]
    pub fn is_plain(&self) -> Option<&'static str> {
        let nothing = self.notes.is_empty()
            && self.members.is_empty()
            && self.findings.is_empty()
            && self.below.is_empty()
            && self.accepts.is_empty()
            && self.finds.is_empty()
            && self.index.is_none()
            && !self.ruled_out;
        self.format.filter(|_| nothing && self.outcome == Outcome::Scanned)
    }

    /// The result of such a file.
    #[must_use]
    pub fn plain(bytes: u64, format: &'static str) -> FileResult {
        FileResult { format: Some(format), ..FileResult::empty(bytes) }
    }

    /// A file of this size of which nothing is known.
    pub(crate) fn empty(bytes: u64) -> FileResult {
        FileResult {
            bytes,
            read: 0,
            format: None,
            outcome: Outcome::Scanned,
            notes: Vec::new(),
            members: Vec::new(),
            findings: Vec::new(),
            sketches: Vec::new(),
            below: BTreeMap::new(),
            accepts: HashMap::new(),
            traits: Traits::default(),
            exposure: None,
            content: None,
            finds: Finds::default(),
            index: None,
            ruled_out: false,
            contradicted: false,
        }
    }
}

/// Reads and judges one source. `name` is the file's own name.
#[must_use]
pub fn scan(finder: &Finder, source: Source, size: u64, name: &str, how: Reading) -> FileResult {
    let input = Input { sniffed: Sniffed::new(source, name), steps: Steps::default(), size, name };
    scan_sniffed(finder, input, how).0
}

/// What is read of a file.
pub struct Input<'n> {
    /// Its source.
    pub sniffed: Sniffed,
    /// Its steps.
    pub steps: Steps,
    /// Its size in bytes.
    pub size: u64,
    /// Its own name.
    pub name: &'n str,
}

/// Reads and judges one source, and says whether something in it was refused: then nothing of the result
/// counts.
#[must_use]
pub fn scan_sniffed(finder: &Finder, input: Input<'_>, how: Reading) -> (FileResult, bool) {
    let (size, name) = (input.size, input.name);
    let (told, mut tally, seen) = if size >= how.share_from && rayon::current_num_threads() > 1 {
        shared(finder, input, how)
    } else {
        let Input { sniffed, steps, name, .. } = input;
        let mut direct = Direct::new(finder, how.learns);
        let told = sniff::sniffed_file(sniffed, name, size, steps, &mut direct);
        let (tally, seen) = direct.finish();
        (told, tally, seen)
    };
    let index = index_of(&mut tally, name, &seen);
    (FileResult { index, ..judged(finder, size, told, &tally, seen, how) }, told.refused)
}

/// The index of what was read, its name and those of its members and fields included.
fn index_of(tally: &mut FileTally, name: &str, seen: &Seen) -> Option<Filters> {
    let mut gathered = tally.index.take()?;
    gathered.name(name);
    let members = seen.members.iter().filter_map(|member| member.members.last());
    let fields = seen.slots.iter().flat_map(|named| [&named.slot.table, &named.slot.field]);
    members.chain(fields.flatten()).for_each(|name| gathered.name(name));
    gathered.finish()
}

fn judged(
    finder: &Finder,
    size: u64,
    told: Told,
    tally: &FileTally,
    seen: Seen,
    how: Reading,
) -> FileResult {
    let Seen { slots, notes, members, learner } = seen;
    let contradicted = learner.is_contradicted(finder, &slots, tally);
    let judged = judge::judge(finder, &slots, tally, how.level);
    FileResult {
        findings: judged.findings,
        sketches: judged.sketches,
        below: judged.below,
        accepts: judged.accepts,
        traits: judged.traits,
        contradicted,
        ..FileResult::of_reading(size, &told, notes, members)
    }
}

/// What a consumer keeps of a file besides its tally.
pub struct Seen {
    /// The slots, in order of their ids.
    pub slots: Vec<Named>,
    /// What was learned of them.
    pub learner: Learner,
    /// What could not be read.
    pub notes: Vec<Note>,
    /// The members of containers.
    pub members: Vec<Member>,
}

fn shared(finder: &Finder, input: Input<'_>, how: Reading) -> (Told, FileTally, Seen) {
    let Input { sniffed, steps, size, name } = input;
    let shared = Shared::new(finder);
    let (told, seen) = rayon::in_place_scope(|scope| {
        let mut fanout = Fanout::new(scope, &shared, how.split, how.learns);
        let told = sniff::sniffed_file(sniffed, name, size, steps, &mut fanout);
        (told, fanout.finish())
    });
    (told, shared.finish(), seen)
}

/// What notes make of what they speak of, of which something was `searched` or nothing.
#[must_use]
pub fn outcome<'n>(notes: impl IntoIterator<Item = &'n Note> + Clone, searched: bool) -> Outcome {
    let classes = |class| notes.clone().into_iter().any(|n| n.reason.class() == class);
    match () {
        // A picture in an archive leaves nothing of the archive's text out.
        () if !classes(Class::NotRead) && searched => Outcome::Scanned,
        () if searched => Outcome::Partial,
        () if classes(Class::NotRead) || classes(Class::OutOfScope) => Outcome::Skipped,
        () => Outcome::Scanned,
    }
}
