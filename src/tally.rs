//! Tallies: what detection counts per slot and detector, before anything is judged.
//!
//! Tallies hold counts, keyed digests and the first place, never a value. They merge in any order, so
//! that a file can be read by several threads, in windows of any size.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::detect::context::Near;
use crate::detect::finder::{FAILED, Finder, Hit, Placed, lossy};
use crate::detect::lexicon::{Fit, Hint};
use crate::detect::rules::Normal;
use crate::index::Gathered;
use crate::note::Note;
use crate::place::{BIRTH, Dates};
use crate::sketch::{Distinct, Sample};
use crate::unit::{CELL_END, Cells, Consume, Member, Slot, SlotId, Text};
use crate::validate::{Validity, Verdict};

/// What matches of one detector in one slot have in common; they are counted together.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Sign {
    /// Rung they passed on; 0 is "failed".
    pub rung: u8,
    /// What sort of value they are.
    pub validity: Validity,
    /// Whether they are whole cells.
    pub whole: bool,
    /// What the words near them say.
    pub near: Near,
    /// Whether they stand in the separated form.
    pub separated: bool,
}

/// Matches with the same sign.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// How many.
    pub matches: u64,
    /// Row or line of the first, from 1.
    pub first: u64,
    /// How many different ones.
    pub distinct: Distinct,
}

/// What was counted of one detector in one slot.
#[derive(Clone, Debug, Default)]
pub struct Kind {
    /// Matches and failed candidates by sign.
    pub counts: BTreeMap<Sign, Count>,
    /// Sample of distinct candidates: whole cells in fields, all in free text.
    pub sample: Sample,
}

impl Kind {
    fn add(&mut self, sign: Sign, place: u64, digest: u64) {
        let count = self.counts.entry(sign).or_default();
        count.first = if count.matches == 0 { place } else { count.first.min(place) };
        count.matches += 1;
        if sign.rung != FAILED {
            count.distinct.add(digest);
        }
    }

    fn merge(&mut self, other: &Kind) {
        for (sign, theirs) in &other.counts {
            let ours = self.counts.entry(*sign).or_default();
            ours.first =
                if ours.matches == 0 { theirs.first } else { ours.first.min(theirs.first) };
            ours.matches += theirs.matches;
            ours.distinct.merge(&theirs.distinct);
        }
        self.sample.merge(&other.sample);
    }
}

/// What was counted of one slot.
#[derive(Clone, Debug, Default)]
pub struct SlotTally {
    /// Cells seen, empty ones included.
    pub cells: u64,
    /// Cells that are not empty.
    pub filled: u64,
    /// Cells of digits only, as numbers.
    pub numbers: Numbers,
    /// Cells that are dates, where the field's name says it holds such.
    pub dates: Dates,
    /// By detector.
    pub kinds: BTreeMap<u16, Kind>,
}

/// What cells of digits look like as numbers; tells running numbers and timestamps from identifiers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbers {
    /// How many cells are numbers of up to 18 digits.
    pub count: u64,
    /// The smallest.
    pub min: u64,
    /// The largest.
    pub max: u64,
    /// Greatest common divisor of all differences.
    pub step: u64,
    /// How many read as a date and time (`YYYYMMDDHHMM[SS]`, `YYMMDDHHMM`) or as Unix time.
    pub times: u64,
}

impl Numbers {
    fn add(&mut self, n: u64, is_time: bool) {
        let one = Numbers { count: 1, min: n, max: n, step: 0, times: u64::from(is_time) };
        self.merge(&one);
    }

    fn merge(&mut self, other: &Numbers) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let between = self.min.abs_diff(other.min);
        self.step = gcd(gcd(self.step, other.step), between);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count += other.count;
        self.times += other.times;
    }

    /// Whether these are running numbers: equal steps that fill their range at least by half.
    #[must_use]
    pub fn running(&self) -> bool {
        self.count >= 8 && self.step > 0 && (self.max - self.min) / self.step < 2 * self.count
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The tallies of one file.
#[derive(Default)]
pub struct FileTally {
    /// By slot.
    pub slots: BTreeMap<SlotId, SlotTally>,
    /// Words and numbers for the index, when there is to be one.
    pub index: Option<Gathered>,
}

impl FileTally {
    /// Adds what another part of the same file gave.
    pub fn merge(&mut self, other: FileTally) {
        for (id, theirs) in other.slots {
            let ours = self.slots.entry(id).or_default();
            ours.cells += theirs.cells;
            ours.filled += theirs.filled;
            ours.numbers.merge(&theirs.numbers);
            ours.dates.merge(&theirs.dates);
            for (number, kind) in theirs.kinds {
                ours.kinds.entry(number).or_default().merge(&kind);
            }
        }
        match (&mut self.index, other.index) {
            (Some(ours), Some(theirs)) => ours.merge(theirs),
            (ours, theirs) => *ours = ours.take().or(theirs),
        }
    }
}

/// A slot with what its name says.
#[derive(Clone, Debug)]
pub struct Named {
    /// The slot.
    pub slot: Slot,
    /// What its field name says of each detector; empty in free text.
    pub hints: BTreeMap<u16, Hint>,
    /// What its dates are, when its name says that it holds such: a kind of retention anchor, or [`BIRTH`].
    pub dates: Option<String>,
}

impl Named {
    /// A slot, looked up in the lexicon.
    #[must_use]
    pub fn new(finder: &Finder, slot: &Slot) -> Named {
        let hints = slot.field.as_deref().map(|f| finder.lexicon.hints(f)).unwrap_or_default();
        let born = finder.rules.find("date_of_birth").and_then(|d| u16::try_from(d).ok());
        let hint = born.and_then(|d| hints.get(&d));
        let is_birth = matches!(hint, Some(Hint::For(fit)) if *fit > Fit::Weak);
        let anchor = slot.field.as_deref().and_then(|f| finder.rules.facts.anchors.kind_of(f));
        let dates = anchor.or(is_birth.then_some(BIRTH)).map(str::to_owned);
        Named { slot: slot.clone(), hints: hints.into_iter().collect(), dates }
    }

    /// Whether it is a field without a name (`#3`): its values alone can tell what it is.
    fn is_unnamed(&self) -> bool {
        self.slot.field.as_deref().is_some_and(|f| f.starts_with('#'))
    }

    /// Whether whole cells are judged for this kind without a pattern: the name speaks for it, or there
    /// is no name and the kind is known by its look.
    #[must_use]
    pub fn judges_cells(&self, finder: &Finder, number: u16) -> bool {
        let d = &finder.rules.detectors[number as usize];
        d.pattern.is_none()
            && match self.hints.get(&number) {
                Some(Hint::For(_)) => true,
                _ => tells_columns(finder, number) && self.is_unnamed(),
            }
    }

    /// Detectors without a pattern whose whole cells are judged.
    fn cell_kinds<'a>(&'a self, finder: &'a Finder) -> impl Iterator<Item = u16> + 'a {
        let all = 0..u16::try_from(finder.rules.detectors.len()).unwrap_or(u16::MAX);
        all.filter(|&n| self.judges_cells(finder, n))
    }
}

/// One match or failed candidate, as it is seen while a unit is read.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'t> {
    /// Number of the detector.
    pub detector: u16,
    /// Its sign.
    pub sign: Sign,
    /// Row or line, from 1.
    pub place: u64,
    /// First byte, in the cell or in the decoded free text.
    pub start: u64,
    /// The text.
    pub value: &'t [u8],
}

/// Reads units, one at a time, with buffers that are used again.
#[derive(Default)]
pub struct Eye {
    hits: Vec<Hit>,
    placed: Vec<Placed>,
}

impl Eye {
    /// Gives every match and failed candidate in a stretch of free text.
    pub fn text(&mut self, finder: &Finder, text: &Text<'_>, mut see: impl FnMut(Seen<'_>)) {
        finder.hits(text.bytes, text.from, text.to, &mut self.hits);
        finder.labelled(text.bytes, text.from, text.to, &mut self.hits);
        finder.place(text.bytes, &self.hits, |_| None, &mut self.placed);
        let (mut line, mut counted) = (text.line, text.from);
        for p in &self.placed {
            let start = p.hit.start;
            line += memchr::memchr_iter(b'\n', &text.bytes[counted..start]).count() as u64;
            counted = start;
            see(Seen {
                detector: p.hit.detector,
                sign: sign(p, false),
                place: line,
                start: text.offset + (start - text.from) as u64,
                value: &text.bytes[start..p.hit.end],
            });
        }
    }

    /// Gives every match and failed candidate in a buffer of cells.
    pub fn cells(
        &mut self,
        finder: &Finder,
        named: &Named,
        cells: &Cells,
        mut see: impl FnMut(Seen<'_>),
    ) {
        let bytes = &cells.bytes;
        finder.hits_where(bytes, 0, bytes.len(), &mut self.hits, |detector, range| {
            // Such a kind's whole cells tell nothing without a name, so they need no look.
            !finder.rules.detectors[detector as usize].needs_name
                || matches!(named.hints.get(&detector), Some(Hint::For(_)))
                || !is_cell(bytes, range)
        });
        let mut rest = &self.hits[..];
        for i in 0..cells.len() {
            let end = cells.ends[i] as usize;
            let here = rest.iter().take_while(|h| h.start < end).count();
            let hits = rest.split_off(..here).unwrap_or_default();
            if !hits.is_empty() {
                cell(finder, named, cells, i, hits, &mut self.placed, &mut see);
            }
        }
        let unnamed = named.is_unnamed();
        for number in named.cell_kinds(finder) {
            let hint = named.hints.get(&number).copied();
            let look = match hint {
                _ if unnamed => Look::Strict,
                Some(Hint::For(Fit::Ambiguous)) if tells_columns(finder, number) => Look::Both,
                _ => Look::Named,
            };
            whole_cells(finder, number, look, cells, &mut see);
        }
    }
}

fn sign(p: &Placed, whole: bool) -> Sign {
    Sign { rung: p.hit.rung, validity: p.hit.validity, whole, near: p.near, separated: p.separated }
}

/// The hits of one cell: those that are the whole cell count for each kind, the others as running text.
fn cell(
    finder: &Finder,
    named: &Named,
    cells: &Cells,
    i: usize,
    hits: &[Hit],
    placed: &mut Vec<Placed>,
    see: &mut impl FnMut(Seen<'_>),
) {
    let range = cells.range(i);
    let text = &cells.bytes[range.clone()];
    let lead = text.len() - text.trim_ascii_start().len();
    let trimmed = text.trim_ascii();
    let span = range.start + lead..range.start + lead + trimmed.len();
    let spans_all =
        |h: &Hit| h.start == span.start && h.end == span.end && cells.piece(i).is_none();
    // Where whole cells are judged for a kind, its look in running text adds nothing.
    let is_whole = |h: &Hit| spans_all(h) && (!h.prose || counts_whole(finder, named, h.detector));
    let base = u64::from(cells.piece(i).unwrap_or(0));
    let row = cells.row(i);
    let mut give = |p: &Placed, whole: bool| {
        see(Seen {
            detector: p.hit.detector,
            sign: sign(p, whole),
            place: row,
            start: base + (p.hit.start - range.start) as u64,
            value: &cells.bytes[p.hit.start..p.hit.end],
        });
    };
    if hits.iter().any(is_whole) {
        for hit in hits.iter().filter(|h| is_whole(h)) {
            let hit = &Hit { rung: if hit.valid() { hit.rung } else { FAILED }, ..*hit };
            let separated = finder.rules.detectors[hit.detector as usize].separators
                && crate::detect::veto::is_separated(trimmed);
            give(&Placed { hit: *hit, near: Near::Nothing, separated }, true);
        }
        if hits.iter().any(|h| is_whole(h) && h.valid()) {
            return;
        }
    }
    let local = Local { finder, text, base: range.start };
    let hint = |number: u16| named.hints.get(&number).copied();
    local.place(hits, hint, placed);
    placed.iter().filter(|p| !spans_all(&p.hit)).for_each(|p| give(p, false));
}

/// Whether a range is all of a cell.
fn is_cell(bytes: &[u8], range: Range<usize>) -> bool {
    (range.start == 0 || bytes[range.start - 1] == CELL_END)
        && bytes.get(range.end) == Some(&CELL_END)
}

/// Whether the look in running text counts for whole cells of a column.
fn counts_whole(finder: &Finder, named: &Named, detector: u16) -> bool {
    tells_columns(finder, detector) && !named.judges_cells(finder, detector)
}

/// A cell on its own, so that words in the cells beside it are no context.
struct Local<'a> {
    finder: &'a Finder,
    text: &'a [u8],
    base: usize,
}

impl Local<'_> {
    fn place(&self, hits: &[Hit], hint: impl Fn(u16) -> Option<Hint>, out: &mut Vec<Placed>) {
        let shifted: Vec<Hit> = hits
            .iter()
            .map(|h| Hit { start: h.start - self.base, end: h.end - self.base, ..*h })
            .collect();
        self.finder.place(self.text, &shifted, hint, out);
        for p in out.iter_mut() {
            p.hit.start += self.base;
            p.hit.end += self.base;
        }
    }
}

/// Longest text that a cell validator is given.
const CELL_TEXT: usize = 400;

/// Whether a kind's look in running text tells whole columns.
fn tells_columns(finder: &Finder, detector: u16) -> bool {
    finder.rules.detectors[detector as usize].prose.as_ref().is_some_and(|p| p.whole)
}

/// How a whole cell is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// The field's name speaks for the kind: the cell only has to agree.
    Named,
    /// No name speaks for it: the stricter check of running text is asked.
    Strict,
    /// The name is one that other things bear as often: the rung says which of the two checks it passed.
    Both,
}

/// Hands every whole cell to the validator of a kind that is judged by field name and cell.
fn whole_cells(
    finder: &Finder,
    detector: u16,
    look: Look,
    cells: &Cells,
    see: &mut impl FnMut(Seen<'_>),
) {
    for i in 0..cells.len() {
        let range = cells.range(i);
        let text = &cells.bytes[range.clone()];
        let trimmed = text.trim_ascii();
        if trimmed.is_empty() || cells.piece(i).is_some_and(|at| at > 0) {
            continue;
        }
        let mut short = lossy(&trimmed[..trimmed.len().min(CELL_TEXT)]);
        if trimmed.len() > CELL_TEXT && short.ends_with('\u{FFFD}') {
            short.to_mut().pop();
        }
        let strict = || finder.check_prose(detector, &short);
        let verdict = match look {
            Look::Named => finder.check(detector, &short),
            Look::Strict => strict(),
            Look::Both => match strict() {
                valid @ Verdict::Valid(_) => valid,
                _ => finder.check(detector, &short),
            },
        };
        let (rung, validity) = finder.rung(detector, verdict);
        let lead = text.len() - text.trim_ascii_start().len();
        see(Seen {
            detector,
            sign: Sign { rung, validity, whole: true, near: Near::Nothing, separated: false },
            place: cells.row(i),
            start: lead as u64,
            value: trimmed,
        });
    }
}

/// Counts what a file holds.
pub struct Counter<'f> {
    finder: &'f Finder,
    /// The tallies so far.
    pub tally: FileTally,
    eye: Eye,
}

impl<'f> Counter<'f> {
    /// A counter with nothing counted.
    #[must_use]
    pub fn new(finder: &'f Finder) -> Self {
        let index = finder.index.map(Gathered::new);
        Counter { finder, tally: FileTally { index, ..FileTally::default() }, eye: Eye::default() }
    }

    /// Counts a stretch of free text.
    pub fn text(&mut self, id: SlotId, text: &Text<'_>) {
        let slot = self.tally.slots.entry(id).or_default();
        let finder = self.finder;
        let mut digests = Digests::default();
        self.eye.text(finder, text, |seen| count(finder, slot, &mut digests, &seen, true));
        if let Some(index) = &mut self.tally.index {
            index.text(text);
        }
    }

    /// Counts a buffer of cells.
    pub fn cells(&mut self, id: SlotId, named: &Named, cells: &Cells) {
        let slot = self.tally.slots.entry(id).or_default();
        let finder = self.finder;
        for i in 0..cells.len() {
            if cells.piece(i).is_some_and(|at| at > 0) {
                continue;
            }
            slot.cells += 1;
            let text = cells.bytes[cells.range(i)].trim_ascii();
            slot.filled += u64::from(!text.is_empty());
            if let Some((n, is_time)) = number(text) {
                slot.numbers.add(n, is_time);
            }
            if named.dates.is_some() {
                slot.dates.add(text, finder.month);
            }
        }
        let mut digests = Digests::default();
        self.eye.cells(finder, named, cells, |seen| {
            count(finder, slot, &mut digests, &seen, seen.sign.whole);
        });
        if let Some(index) = &mut self.tally.index {
            index.cells(cells);
        }
    }
}

/// The digests of the last value under each way of bringing it to normal form. Several kinds have their eye
/// on most values.
#[derive(Default)]
struct Digests([(usize, usize, u64); Normal::COUNT]);

impl Digests {
    /// The digest of a value that lies in the same buffer as the ones before it.
    fn of(&mut self, finder: &Finder, seen: &Seen<'_>) -> u64 {
        let normal = finder.rules.detectors[usize::from(seen.detector)].normal;
        let last = &mut self.0[normal as usize];
        let (start, length) = (seen.value.as_ptr().addr(), seen.value.len());
        if (last.0, last.1) != (start, length) {
            *last = (start, length, finder.digest(seen.detector, seen.value));
        }
        last.2
    }
}

fn count(
    finder: &Finder,
    slot: &mut SlotTally,
    digests: &mut Digests,
    seen: &Seen<'_>,
    sampled: bool,
) {
    let needed = sampled || seen.sign.rung != FAILED;
    let digest = if needed { digests.of(finder, seen) } else { 0 };
    let kind = slot.kinds.entry(seen.detector).or_default();
    kind.add(seen.sign, seen.place, digest);
    if sampled {
        let passed = seen.sign.validity != Validity::ChecksumFailed;
        kind.sample.add(digest, if passed { seen.sign.rung } else { FAILED });
    }
}

/// A cell of up to 18 digits as number, and whether it reads as a time.
fn number(cell: &[u8]) -> Option<(u64, bool)> {
    if cell.is_empty() || cell.len() > 18 || !cell.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n = cell.iter().fold(0u64, |n, b| n * 10 + u64::from(b - b'0'));
    Some((n, is_time(cell, n)))
}

fn is_time(cell: &[u8], n: u64) -> bool {
    let two = |at: usize| u32::from(cell[at] - b'0') * 10 + u32::from(cell[at + 1] - b'0');
    let clock = |at: usize| two(at) < 24 && two(at + 2) < 60;
    let day = |at: usize| (1..=12).contains(&two(at)) && (1..=31).contains(&two(at + 2));
    match cell.len() {
        14 => (19..=20).contains(&two(0)) && day(4) && clock(8) && two(12) < 60,
        12 => (19..=20).contains(&two(0)) && day(4) && clock(8),
        // Unix seconds and milliseconds from 2001 to 2038.
        10 => (1_000_000_000..2_150_000_000).contains(&n) || (day(2) && clock(6)),
        13 => (1_000_000_000_000..2_150_000_000_000).contains(&n),
        _ => false,
    }
}

/// A consumer that counts in the thread that reads.
pub struct Direct<'f> {
    counter: Counter<'f>,
    /// The slots, in order of their ids.
    pub slots: Vec<Named>,
    /// What could not be read.
    pub notes: Vec<Note>,
    members: Vec<Member>,
}

impl<'f> Direct<'f> {
    /// A consumer with nothing counted.
    #[must_use]
    pub fn new(finder: &'f Finder) -> Self {
        Direct {
            counter: Counter::new(finder),
            slots: Vec::new(),
            notes: Vec::new(),
            members: Vec::new(),
        }
    }

    /// What was counted.
    #[must_use]
    pub fn finish(self) -> (FileTally, crate::file::Seen) {
        let Direct { counter, slots, notes, members } = self;
        (counter.tally, crate::file::Seen { slots, notes, members })
    }
}

impl Consume for Direct<'_> {
    fn slot(&mut self, _: SlotId, slot: &Slot) {
        self.slots.push(Named::new(self.counter.finder, slot));
    }

    fn text(&mut self, id: SlotId, text: Text<'_>) {
        self.counter.text(id, &text);
    }

    fn cells(&mut self, id: SlotId, cells: &mut Cells) {
        self.counter.cells(id, &self.slots[id.0 as usize], cells);
    }

    fn is_data(&mut self, name: &str) -> bool {
        self.counter.finder.is_data(name)
    }

    fn data_in(&mut self, name: &str) -> Vec<std::ops::Range<usize>> {
        self.counter.finder.telling_spans(name).into_iter().map(|(span, _)| span).collect()
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    fn member(&mut self, member: Member) {
        self.members.push(member);
    }
}
