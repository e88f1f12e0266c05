//! Tallies: what detection counts per slot and detector, before anything is judged.
//!
//! Tallies hold counts, keyed digests and the first place, never a value. They merge in any order, so
//! that a file can be read by several threads, in windows of any size.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::bare::Bare;
use crate::detect::finder::{FAILED, Finder};
use crate::detect::rules::Normal;
use crate::eye::{AsksDate, Eye, Named, Seen, Sign};
use crate::idle::{Idle, Learner};
use crate::index::Gathered;
use crate::known::{Fresh, Known};
use crate::note::Note;
use crate::numbers::{Numbers, number};
use crate::place::Dates;
use crate::sketch::{Distinct, Sample};
use crate::small::SmallMap;
use crate::unit::{AskNames, Cells, Consume, Member, Slot, SlotId, Text};
use crate::validate::Validity;

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
    pub counts: SmallMap<Sign, Count>,
    /// Sample of distinct candidates: whole cells in fields, all in free text.
    pub sample: Sample,
}

impl Count {
    fn add(&mut self, times: u64, first: u64) {
        self.first = if self.matches == 0 { first } else { self.first.min(first) };
        self.matches += times;
    }
}

impl Kind {
    fn add(&mut self, sign: Sign, place: u64, digest: u64) {
        let count = self.counts.of(sign);
        count.add(1, place);
        if sign.rung != FAILED {
            count.distinct.add(digest);
        }
    }

    fn merge(&mut self, other: &Kind) {
        for (sign, theirs) in &other.counts {
            let ours = self.counts.of(*sign);
            ours.add(theirs.matches, theirs.first);
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
    /// Cells that are dates, where the field's name says it holds such, or there is none.
    pub dates: Dates,
    /// By detector.
    pub kinds: SmallMap<u16, Kind>,
}

impl SlotTally {
    /// Counts a cell that stands here so many times.
    fn cell(&mut self, finder: &Finder, asks_date: AsksDate, text: &[u8], times: u64) {
        let text = text.trim_ascii();
        self.cells += times;
        if text.is_empty() {
            return;
        }
        self.filled += times;
        let bare = || Bare::of(text).and_then(|bare| number(bare.text(text)));
        if let Some((n, is_time)) = number(text).or_else(bare) {
            self.numbers.add(n, is_time, times);
        }
        if asks_date.of(text) {
            self.dates.add(text, finder.month, times);
        }
    }

    /// Counts the cells that came again, each of which was counted once when it was looked at.
    fn settle(&mut self, finder: &Finder, field: &mut Field) {
        field.known.settle(|cell| {
            self.cell(finder, field.asks_date, cell.text, cell.times);
            for (detector, sign) in cell.signs {
                let kind = self.kinds.of(*detector);
                kind.counts.of(*sign).add(cell.times, cell.first);
            }
        });
    }
}

/// The tallies of one file.
#[derive(Default)]
pub struct FileTally {
    /// By slot. Boxed, since a tree has room for eleven of them in one piece, and most files have one.
    pub slots: BTreeMap<SlotId, Box<SlotTally>>,
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
                ours.kinds.of(number).merge(&kind);
            }
        }
        match (&mut self.index, other.index) {
            (Some(ours), Some(theirs)) => ours.merge(theirs),
            (ours, theirs) => *ours = ours.take().or(theirs),
        }
    }
}

/// Counts what a file holds.
pub struct Counter<'f> {
    finder: &'f Finder,
    tally: FileTally,
    eye: Eye,
    fields: BTreeMap<SlotId, Field>,
    /// Cells that all fields remember together.
    remembered: usize,
    fresh: Fresh,
    waiting: Waiting,
}

/// Cells that all fields of a file may remember together.
const REMEMBERED: usize = 1 << 16;

/// What is known of a field's cells.
struct Field {
    known: Known,
    asks_date: AsksDate,
}

impl<'f> Counter<'f> {
    /// A counter with nothing counted.
    #[must_use]
    pub fn new(finder: &'f Finder) -> Self {
        let index = finder.index.map(Gathered::new);
        Counter {
            finder,
            tally: FileTally { index, ..FileTally::default() },
            eye: Eye::take(),
            fields: BTreeMap::new(),
            remembered: 0,
            fresh: Fresh::default(),
            waiting: Waiting::default(),
        }
    }

    /// Counts a stretch of free text. What failed may wait where all of the slot's text comes here, and its field has no
    /// name.
    pub fn text(&mut self, id: SlotId, text: &Text<'_>, may_wait: bool) {
        self.wait_for(may_wait.then_some(id));
        let Counter { finder, tally, eye, waiting, .. } = self;
        let slot = tally.slots.entry(id).or_default();
        let mut digests = Digests::default();
        eye.text(finder, text, |seen| {
            if may_wait && !slot.kinds.has(seen.detector) {
                if waiting.takes(&seen) {
                    return;
                }
                waiting.give(Some(seen.detector), |seen| count_once(finder, slot, seen));
            }
            count(finder, slot, &mut digests, &seen, true);
        });
        if let Some(index) = &mut self.tally.index {
            index.text(text);
        }
    }

    /// Has what failed in this slot wait, and counts what failed in another.
    fn wait_for(&mut self, slot: Option<SlotId>) {
        let Counter { finder, tally, waiting, .. } = self;
        if let Some(before) = waiting.slot.filter(|before| Some(*before) != slot) {
            let before = tally.slots.entry(before).or_default();
            waiting.give(None, |seen| count_once(finder, before, seen));
        }
        waiting.slot = slot;
    }

    /// Counts the cells at the front of a field, from which there is something to learn, and leaves the others.
    /// Gives the kinds that those need not be asked for.
    pub fn learn(
        &mut self,
        id: SlotId,
        named: &Named,
        cells: &mut Cells,
        learner: &mut Learner,
    ) -> Arc<Idle> {
        let front = learner.front(id, cells);
        if front > 0 {
            // The sink hands on a field's first cells by themselves, so that mostly nothing is behind them.
            let behind = cells.part(front..cells.len());
            cells.truncate(front);
            let slot = self.tally.slots.entry(id).or_default();
            self.tally.index.iter_mut().for_each(|index| index.cells(cells));
            look(self.finder, &mut self.eye, slot, (named, cells, &Idle::NONE), |seen| {
                learner.see(id, seen);
            });
            match behind.is_empty() {
                true => cells.clear(),
                false => *cells = behind,
            }
        }
        learner.idle(self.finder, id)
    }

    /// Counts a buffer of cells.
    pub fn cells(&mut self, id: SlotId, named: &Named, cells: &Cells, idle: &Idle) {
        let slot = self.tally.slots.entry(id).or_default();
        let field = self
            .fields
            .entry(id)
            .or_insert_with(|| Field { known: Known::default(), asks_date: named.asks_date() });
        let (finder, eye) = (self.finder, &mut self.eye);
        if !field.known.is_worth_it() {
            look(finder, eye, slot, (named, cells, idle), |_| ());
            self.tally.index.iter_mut().for_each(|index| index.cells(cells));
            return;
        }
        self.remembered += field.known.sift(cells, &mut self.fresh);
        let Fresh { cells, shown } = &mut self.fresh;
        self.tally.index.iter_mut().for_each(|index| index.cells(cells));
        look(finder, eye, slot, (named, cells, idle), |s| shown.see(s.cell, s.detector, s.sign));
        if !field.known.learn(shown) {
            slot.settle(finder, field);
        }
        if self.remembered > REMEMBERED {
            self.settle();
        }
    }

    /// Counts what came again and forgets it.
    fn settle(&mut self) {
        for (id, field) in &mut self.fields {
            self.tally.slots.entry(*id).or_default().settle(self.finder, field);
        }
        self.remembered = 0;
    }

    /// What was counted.
    #[must_use]
    pub fn finish(mut self) -> FileTally {
        self.settle();
        let kinds = self.tally.slots.values_mut().flat_map(|slot| slot.kinds.values_mut());
        kinds.for_each(|kind| kind.sample.settle());
        self.eye.leave();
        self.tally
    }
}

/// Looks at every cell and counts what it shows.
fn look(
    finder: &Finder,
    eye: &mut Eye,
    slot: &mut SlotTally,
    (named, cells, idle): (&Named, &Cells, &Idle),
    mut show: impl FnMut(&Seen<'_>),
) {
    for i in 0..cells.len() {
        if cells.piece(i).is_none_or(|at| at == 0) {
            slot.cell(finder, named.asks_date(), &cells.bytes[cells.range(i)], 1);
        }
    }
    let mut digests = Digests::default();
    eye.cells(finder, named, cells, idle, |seen| {
        show(&seen);
        count(finder, slot, &mut digests, &seen, seen.sign.whole);
    });
}

/// The digests of the last value under each way of bringing it to normal form. Several kinds have their eye
/// on most values.
#[derive(Default)]
struct Digests([(usize, usize, u64); Normal::COUNT]);

impl Digests {
    /// The digest of a value that lies in the same buffer as the ones before it.
    fn of(&mut self, finder: &Finder, seen: &Seen<'_>) -> u64 {
        let last = &mut self.0[finder.normal(seen.detector) as usize];
        let (start, length) = (seen.read.as_ptr().addr(), seen.read.len());
        if (last.0, last.1) != (start, length) {
            *last = (start, length, finder.digest(seen.detector, seen.read));
        }
        last.2
    }
}

/// Failed candidates in free text, of kinds of which nothing was counted there so far. They say how much of what has the
/// shape of a kind passes, which nobody asks where nothing does: in most files they need not be counted.
#[derive(Default)]
struct Waiting {
    slot: Option<SlotId>,
    failed: Vec<(u16, Sign, u64, Range<usize>)>,
    /// Their values, one after the other.
    values: Vec<u8>,
}

impl Waiting {
    /// More are counted at once.
    const MOST: usize = 1024;

    /// Takes what failed, if there is room.
    fn takes(&mut self, seen: &Seen<'_>) -> bool {
        let may = seen.sign.rung == FAILED && self.failed.len() < Waiting::MOST;
        if may {
            if self.failed.capacity() == 0 {
                // So much do most files have.
                self.failed.reserve(16);
                self.values.reserve(256);
            }
            let from = self.values.len();
            self.values.extend_from_slice(seen.read);
            self.failed.push((seen.detector, seen.sign, seen.place, from..self.values.len()));
        }
        may
    }

    /// Gives those of a kind, or all, to be counted after all.
    fn give(&mut self, kind: Option<u16>, mut count: impl FnMut(&Seen<'_>)) {
        let Waiting { failed, values, .. } = self;
        failed.retain(|(detector, sign, place, value)| {
            let (detector, sign, place) = (*detector, *sign, *place);
            let stays = kind.is_some_and(|kind| kind != detector);
            if !stays {
                let value = &values[value.clone()];
                count(&Seen { detector, sign, place, start: 0, cell: 0, value, read: value });
            }
            stays
        });
        if failed.is_empty() {
            values.clear();
        }
    }
}

/// Counts a match or failed candidate in free text by itself.
fn count_once(finder: &Finder, slot: &mut SlotTally, seen: &Seen<'_>) {
    count(finder, slot, &mut Digests::default(), seen, true);
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
    let kind = slot.kinds.of(seen.detector);
    kind.add(seen.sign, seen.place, digest);
    if sampled {
        let passed = seen.sign.validity != Validity::ChecksumFailed;
        kind.sample.add(digest, if passed { seen.sign.rung } else { FAILED });
    }
}

/// A consumer that counts in the thread that reads.
pub struct Direct<'f> {
    counter: Counter<'f>,
    learner: Learner,
    /// The slots, in order of their ids.
    pub slots: Vec<Named>,
    /// What could not be read.
    pub notes: Vec<Note>,
    members: Vec<Member>,
}

impl<'f> Direct<'f> {
    /// A consumer with nothing counted, that does or does not learn which kinds are idle.
    #[must_use]
    pub fn new(finder: &'f Finder, learns: bool) -> Self {
        Direct {
            counter: Counter::new(finder),
            learner: Learner::new(learns),
            slots: Vec::new(),
            notes: Vec::new(),
            members: Vec::new(),
        }
    }

    /// What was counted.
    #[must_use]
    pub fn finish(self) -> (FileTally, crate::file::Seen) {
        let Direct { counter, learner, slots, notes, members } = self;
        (counter.finish(), crate::file::Seen { slots, learner, notes, members })
    }
}

impl Consume for Direct<'_> {
    fn slot(&mut self, _: SlotId, slot: &Slot) {
        self.slots.push(Named::new(self.counter.finder, slot));
    }

    fn text(&mut self, id: SlotId, text: Text<'_>) {
        let is_nameless = self.slots[id.0 as usize].slot.field.is_none();
        self.counter.text(id, &text, is_nameless);
    }

    fn cells(&mut self, id: SlotId, cells: &mut Cells) {
        let Direct { counter, learner, slots, .. } = self;
        let named = &slots[id.0 as usize];
        let idle = counter.learn(id, named, cells, learner);
        if !cells.is_empty() {
            counter.cells(id, named, cells, &idle);
        }
    }

    fn names(&self) -> &dyn AskNames {
        self.counter.finder
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    fn member(&mut self, member: Member) {
        self.members.push(member);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::detect::finder::testing::FINDER;

    /// Values of several kinds, some that fail, and nothing.
    const VALUES: &[&str] = &[
        "kari@example.org",
        "ola@example.org",
        "Kari Nordmann",
        "Storgata 12, 0155 Oslo",
        "01010112345",
        "31129956715",
        "1960-04-12",
        "20240131",
        "+47 22 33 44 55",
        "notat om kari@example.org",
        "17",
        "15065933818.0",
        "=\"15065933818\"",
        "1.5065933818E+10",
        "'91234567",
        "  ",
        "",
    ];

    fn counted(field: &str, cells: &[(u64, &str)], per_buffer: usize) -> Counter<'static> {
        let slot = Slot { members: [].into(), table: None, field: Some(field.to_owned()) };
        let named = Named::new(&FINDER, &slot);
        let mut counter = Counter::new(&FINDER);
        for part in cells.chunks(per_buffer) {
            let mut buffer = Cells::default();
            part.iter().for_each(|(row, text)| buffer.push(*row, text.as_bytes(), None));
            counter.cells(SlotId(0), &named, &buffer, &Idle::NONE);
        }
        counter
    }

    #[test]
    fn a_number_has_one_digest_however_it_is_written() {
        let cells = [
            (1, "25080071143"),
            (2, "25080071143.0"),
            (3, "=\"25080071143\""),
            (4, "2.5080071143E+10"),
        ];
        let tally = counted("fnr", &cells, 4).finish();
        let kind = u16::try_from(FINDER.rules.find("no_fodselsnummer").unwrap()).unwrap();
        let mut distinct = Distinct::default();
        let counts = &tally.slots[&SlotId(0)].kinds[kind].counts;
        counts.iter().for_each(|(_, count)| distinct.merge(&count.distinct));
        assert_eq!(counts.iter().map(|(_, count)| count.matches).sum::<u64>(), 4);
        assert_eq!(distinct.count().0, 1);
        let damaged = counts.iter().filter(|(sign, _)| sign.validity == Validity::Damaged);
        assert_eq!(damaged.map(|(_, count)| count.first).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn what_failed_in_text_counts_once_something_of_its_kind_passes() {
        let texts = ["25080071144 25080071144\n4539578763621487", "25080071143 22080071144", "x"];
        let counted = |may_wait: bool| {
            let mut counter = Counter::new(&FINDER);
            for text in texts {
                let text = Text::whole(text.as_bytes(), 1, 0);
                counter.text(SlotId(0), &text, may_wait);
            }
            counter.finish()
        };
        let facts = |kind: &Kind| {
            let counts = kind.counts.iter().map(|(sign, count)| (*sign, count.matches));
            (counts.collect::<Vec<_>>(), kind.sample.rungs().collect::<Vec<_>>())
        };
        let (waited, at_once) = (counted(true), counted(false));
        let waited = &waited.slots[&SlotId(0)].kinds;
        let mut numbers = [0, 0];
        for (detector, kind) in &at_once.slots[&SlotId(0)].kinds {
            let passes = kind.counts.iter().any(|(sign, _)| sign.rung != FAILED);
            numbers[usize::from(passes)] += 1;
            assert_eq!(waited.has(*detector), passes);
            assert!(!passes || facts(&waited[*detector]) == facts(kind));
        }
        assert!(numbers[0] > 0 && numbers[1] > 0, "{numbers:?}");
    }

    fn facts(tally: &FileTally) -> String {
        let of_kind = |(detector, kind): &(u16, Kind)| {
            let counts: Vec<_> = kind
                .counts
                .iter()
                .map(|(sign, c)| (*sign, c.matches, c.first, c.distinct.count()))
                .collect();
            format!("{detector} {counts:?} {:?}", kind.sample.rungs().collect::<Vec<_>>())
        };
        let of_slot = |id: &SlotId, slot: &SlotTally| {
            let kinds: Vec<_> = slot.kinds.iter().map(of_kind).collect();
            let SlotTally { cells, filled, numbers, dates, .. } = slot;
            format!("{id:?} {cells} {filled} {numbers:?} {dates:?} {kinds:#?}")
        };
        tally.slots.iter().map(|(id, slot)| of_slot(id, slot)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
        #[test]
        fn equal_cells_count_as_if_each_had_been_looked_at(
            field in prop::sample::select(vec!["email", "navn", "fnr", "fodselsdato", "ref", "#1"]),
            picks in prop::collection::vec((0..VALUES.len(), 0..40u32), 1..2600),
            per_buffer in 1..1500usize,
        ) {
            // Every second value is made the only one of its kind.
            let text = |(value, odd): &(usize, u32)| match odd % 2 {
                0 => VALUES[*value].to_owned(),
                _ => format!("{} {odd}", VALUES[*value]),
            };
            let texts: Vec<String> = picks.iter().map(text).collect();
            let cells: Vec<(u64, &str)> = (1..).zip(texts.iter().map(String::as_str)).collect();
            let remembered = counted(field, &cells, per_buffer).finish();
            let mut one_by_one = FileTally::default();
            for cell in cells.rchunks(1) {
                one_by_one.merge(counted(field, cell, 1).finish());
            }
            prop_assert_eq!(facts(&remembered), facts(&one_by_one));
        }
    }
}
