//! One file: from its source to the records in it that may be the subject's. Most files are read once and hold
//! none; one that does is scanned as any scan would, and its records are read whole.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::excerpt::Excerpts;
use super::pass::{Pass, Passed};
use super::places::At;
use super::whole::{Detail, Whole};
use super::{Against, HopKey, Kind, Marks, Needles, labels};
use crate::detect::finder::Finder;
use crate::file::{self, FileResult, Input, Reading};
use crate::judge::{self, Accept};
use crate::sniff;
use crate::unit::SlotId;

/// A record in a file, before it is known where the file stands. It holds no value but keys that lead to other
/// records of the subject.
#[derive(Clone, Serialize, Deserialize)]
pub struct Found {
    /// As in [`super::Record`].
    pub members: Vec<String>,
    /// As in [`super::Record`].
    pub table: Option<String>,
    /// Where.
    pub at: At,
    /// First line, in free text.
    pub line: Option<u64>,
    /// What of the profile stands in it.
    pub marks: Marks,
    /// What speaks against the subject.
    pub against: Against,
    /// Whether another person is named in it.
    pub third_person: bool,
    /// Numbers of the sought keys in it.
    pub hops: Vec<u32>,
    /// Numbers of the detectors that find something in it.
    pub detectors: Vec<u16>,
    /// Columns that it fills.
    pub columns: Vec<String>,
    /// Those that may be its key.
    pub key: Vec<String>,
    /// Keys in it that other records may have.
    pub keys: Vec<HopKey>,
    /// Keyed digest of its content.
    pub fingerprint: String,
    /// What the person gets of it, when a copy is wanted.
    #[serde(default)]
    pub excerpts: Excerpts,
}

/// What a search finds in a file.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Finds {
    /// The records.
    pub records: Vec<Found>,
    /// Concepts of the keys in the file, whether they were sought or not.
    pub concepts: Vec<String>,
    /// What a scan of the file accepts, when it was scanned here: a second search needs no other scan.
    #[serde(skip)]
    pub accepts: Option<Accepts>,
}

/// What a scan accepts, by slot and detector.
pub type Accepts = HashMap<(SlotId, u16), Accept>;

impl Finds {
    /// Whether nothing was found, or nobody was searched for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.concepts.is_empty()
    }

    /// Whether a worker can have come to this honestly, with so many detectors.
    #[must_use]
    pub fn are_sound(&self, detectors: usize) -> bool {
        let is_hex = |text: &str| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let sound = |found: &Found| {
            found.detectors.iter().all(|d| usize::from(*d) < detectors)
                && is_hex(&found.fingerprint)
                && found.keys.iter().all(|key| labels::is_concept(&key.concept))
        };
        self.records.iter().all(sound) && self.concepts.iter().all(|c| labels::is_concept(c))
    }
}

/// Searches one source; `open` opens it, as often as it is read, and `known` is what an earlier search learned of
/// it. Gives nothing when it cannot be opened, and whether something in it was refused: then nothing of the result
/// counts.
#[must_use]
pub fn find<'n>(
    finder: &Finder,
    needles: &Needles,
    how: Reading,
    known: Option<&Accepts>,
    mut open: impl FnMut() -> Option<Input<'n>>,
) -> Option<(FileResult, bool)> {
    let Input { sniffed, steps, size, name } = open()?;
    let mut pass = Pass::new(finder, needles);
    let told = sniff::sniffed_file(sniffed, name, size, steps, &mut pass);
    let passed = pass.finish(told.format.id, name);
    if told.refused {
        return Some((FileResult::of_reading(size, &told, passed.notes, passed.members), true));
    }
    let concepts = passed.concepts.iter().map(|c| (*c).to_owned()).collect();
    if passed.targets.is_empty() {
        let mut result = FileResult::of_reading(size, &told, passed.notes, passed.members);
        result.finds.concepts = concepts;
        return Some((result, false));
    }
    let alone = Reading { share_from: u64::MAX, learns: false, ..how };
    let (mut result, refused) = match known {
        Some(_) => (FileResult::of_reading(size, &told, Vec::new(), Vec::new()), false),
        None => file::scan_sniffed(finder, open()?, alone),
    };
    let accepts = known.unwrap_or(&result.accepts);
    let mut whole = Whole::new(finder, needles, accepts, &passed.targets, &passed.groups);
    let Input { sniffed, steps, size, name } = open()?;
    sniff::sniffed_file(sniffed, name, size, steps, &mut whole);
    let records = records(needles, &passed, whole.finish(), name);
    let accepts = known.is_none().then(|| std::mem::take(&mut result.accepts));
    result.finds = Finds { records, concepts, accepts };
    // What the first pass had to leave out is a gap of the search.
    result.notes.extend(
        passed.notes.into_iter().filter(|note| !result.notes.contains(note)).collect::<Vec<_>>(),
    );
    Some((result, refused))
}

fn records(needles: &Needles, passed: &Passed, details: Vec<Detail>, name: &str) -> Vec<Found> {
    let of_target = |(target, detail): (&super::pass::Target, Detail)| {
        let group = passed.groups.get(target.group);
        let is_row = matches!(target.at, At::Row(_));
        // In running text anybody may be named beside the subject.
        let against = if is_row { detail.against(needles, target) } else { Against::default() };
        Found {
            members: group.members.to_vec(),
            table: group.table.clone(),
            at: target.at,
            line: target.line,
            marks: target.marks,
            against,
            // Of other kinds the subject may have values that the profile lacks.
            third_person: detail.others.contains(&Kind::Name),
            hops: target.keys.clone(),
            fingerprint: detail
                .fingerprint(&needles.secret, group.members.last().map_or(name, |m| m)),
            detectors: detail.detectors.into_iter().collect(),
            columns: detail.columns.into_iter().collect(),
            key: detail.key,
            excerpts: detail.excerpts,
            keys: detail.keys.into_iter().collect(),
        }
    };
    passed.targets.iter().zip(details).map(of_target).collect()
}

/// The flags of what stands in a record.
#[must_use]
pub fn flags(finder: &Finder, found: &Found) -> Vec<String> {
    let of_detectors = found.detectors.iter().flat_map(|detector| judge::flags(finder, *detector));
    let third = found.third_person.then(|| "third_person".to_owned());
    let mut all: Vec<String> = of_detectors.chain(third).collect();
    all.sort();
    all.dedup();
    all
}
