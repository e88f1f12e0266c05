//! The pass that reads whole records: which categories and columns they have, what in them is the subject's and what
//! another person's, and a keyed digest of their content. No value leaves it but keys that lead to other records.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::excerpt::{Excerpts, Hidden};
use super::pass::Target;
use super::places::{At, Group, GroupId, Groups};
use super::{Against, HopKey, Kind, Mark, Needles, key_value, labels};
use crate::detect::finder::{Finder, lossy};
use crate::detect::fold::words;
use crate::eye::{Eye, Named, Seen};
use crate::idle::Idle;
use crate::judge::Accept;
use crate::mask::mask;
use crate::note::Note;
use crate::unit::{AskNames, Cells, Consume, Member, Slot, SlotId, Text};

/// Keys that are taken from one record at most.
const KEYS: usize = 16;

/// What a whole record tells.
#[derive(Default)]
pub struct Detail {
    /// Numbers of the detectors that find something in it.
    pub detectors: BTreeSet<u16>,
    /// Kinds of which it has a value that is the subject's.
    pub own: BTreeSet<Kind>,
    /// Kinds of which it has a value that is not.
    pub others: BTreeSet<Kind>,
    /// Columns that it fills.
    pub columns: BTreeSet<String>,
    /// Those that may be its key.
    pub key: Vec<String>,
    /// Keys in it that other records may have.
    pub keys: BTreeSet<HopKey>,
    /// Lengths of other persons' national numbers.
    id_lengths: BTreeSet<usize>,
    cells: BTreeSet<(String, String)>,
    text: Option<blake3::Hasher>,
    /// What the person gets of it, when that is wanted.
    pub excerpts: Excerpts,
}

impl Detail {
    /// What speaks against the subject.
    #[must_use]
    pub fn against(&self, needles: &Needles, target: &Target) -> Against {
        let other = |kind: Kind| {
            self.others.contains(&kind) && !self.own.contains(&kind) && needles.knows(kind)
        };
        let id =
            other(Kind::NationalId) && needles.id_lengths().any(|n| self.id_lengths.contains(&n));
        Against {
            name: other(Kind::Name) && !target.marks.completed().has(Mark::Name),
            birth_date: other(Kind::BirthDate) && !target.marks.has(Mark::BirthDate),
            national_id: id && !target.marks.has(Mark::NationalId),
            email: other(Kind::Email) && !target.marks.has(Mark::Email),
        }
    }

    /// Keyed digest of the content: of a row its filled columns in the order of their names, of a text its words; of
    /// what has neither, its `name`.
    #[must_use]
    pub fn fingerprint(&self, secret: &[u8; 32], name: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(secret);
        if self.cells.is_empty() && self.text.is_none() {
            hasher.update(name.as_bytes());
        }
        for (field, value) in &self.cells {
            for part in [field, value] {
                hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
            }
        }
        if let Some(text) = &self.text {
            hasher.update(text.finalize().as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

/// The consumer of this pass.
pub struct Whole<'a> {
    finder: &'a Finder,
    needles: &'a Needles,
    accepts: HashMap<SlotId, BTreeMap<u16, &'a Accept>>,
    groups: Groups,
    slots: Vec<(Named, GroupId)>,
    /// By group: the rows, and the index of their targets.
    rows: HashMap<GroupId, BTreeMap<u64, usize>>,
    lines: HashMap<GroupId, BTreeMap<u64, usize>>,
    messages: HashMap<(GroupId, u64), usize>,
    documents: HashMap<GroupId, usize>,
    parts: HashMap<Arc<[String]>, u64>,
    details: Vec<Detail>,
    eye: Eye,
}

impl<'a> Whole<'a> {
    /// A pass for these targets, of groups that the first pass numbered.
    #[must_use]
    pub fn new(
        finder: &'a Finder,
        needles: &'a Needles,
        accepts: &'a HashMap<(SlotId, u16), Accept>,
        targets: &[Target],
        known: &Groups,
    ) -> Self {
        let mut groups = Groups::default();
        let mut by_slot: HashMap<SlotId, BTreeMap<u16, &Accept>> = HashMap::new();
        for ((slot, detector), accept) in accepts {
            by_slot.entry(*slot).or_default().insert(*detector, accept);
        }
        let mut whole = Whole {
            finder,
            needles,
            accepts: by_slot,
            groups: Groups::default(),
            slots: Vec::new(),
            rows: HashMap::new(),
            lines: HashMap::new(),
            messages: HashMap::new(),
            documents: HashMap::new(),
            parts: HashMap::new(),
            details: targets.iter().map(|_| Detail::default()).collect(),
            eye: Eye::default(),
        };
        for (target, index) in targets.iter().zip(0..) {
            let group = groups.number(known.get(target.group).clone());
            match target.at {
                At::Row(row) => drop(whole.rows.entry(group).or_default().insert(row, index)),
                At::Line(line) => drop(whole.lines.entry(group).or_default().insert(line, index)),
                At::Message(number) => {
                    whole.rows.entry(group).or_default().insert(number, index);
                    whole.messages.insert((group, number), index);
                }
                At::Page(_) | At::Whole => drop(whole.documents.insert(group, index)),
            }
        }
        whole.groups = groups;
        whole
    }

    /// What the records tell, in the order of the targets.
    #[must_use]
    pub fn finish(self) -> Vec<Detail> {
        self.details
    }

    /// Looks at cells or text of one record, that lie in `bytes`. Gives what of it is another person's, when a copy is
    /// wanted.
    fn look(
        &mut self,
        id: SlotId,
        index: usize,
        bytes: &[u8],
        look: impl FnOnce(&mut Eye, &Named, &mut dyn FnMut(Seen<'_>)),
    ) -> Vec<Hidden> {
        let mut hidden = Vec::new();
        let Some(accepts) = self.accepts.get(&id) else { return hidden };
        let (finder, needles) = (self.finder, self.needles);
        let in_row = self.slots[id.0 as usize].0.slot.field.is_some();
        let detail = &mut self.details[index];
        look(&mut self.eye, &self.slots[id.0 as usize].0, &mut |seen: Seen<'_>| {
            if accepts.get(&seen.detector).and_then(|a| a.certainty(&seen.sign)).is_none() {
                return;
            }
            detail.detectors.insert(seen.detector);
            let rule = &finder.rules.detectors[usize::from(seen.detector)];
            let Some(kind) = Kind::of_detector(&rule.id, &rule.category) else { return };
            let value = lossy(seen.read);
            if needles.is_own(kind, &value) {
                detail.own.insert(kind);
            } else {
                detail.others.insert(kind);
                if kind == Kind::NationalId {
                    detail.id_lengths.insert(value.chars().filter(|c| c.is_alphanumeric()).count());
                }
                // What the profile does not know is in the person's own row most likely theirs.
                if needles.copies && (needles.knows(kind) || !in_row) {
                    let start = seen.value.as_ptr().addr() - bytes.as_ptr().addr();
                    let shown = mask(&rule.category, &rule.id, &value);
                    hidden.push((start..start + seen.value.len(), shown));
                }
            }
        });
        hidden
    }

    fn row(&mut self, id: SlotId, index: usize, cell: &str) {
        let named = &self.slots[id.0 as usize].0;
        let detail = &mut self.details[index];
        let Some(field) = named.slot.field.as_deref() else { return };
        let table = named.slot.table.as_deref();
        let text = cell.trim();
        if text.is_empty() {
            return;
        }
        detail.columns.insert(field.to_owned());
        detail.cells.insert((words(field).join(" "), text.to_owned()));
        if labels::is_key(table, field) && !detail.key.iter().any(|known| known == field) {
            detail.key.push(field.to_owned());
        }
        let concept = labels::concept(table, field);
        if let (Some(concept), Some(value)) = (concept, key_value(text))
            && detail.keys.len() < KEYS
        {
            let (concept, column) = (concept.to_owned(), field.to_owned());
            detail.keys.insert(HopKey { concept, column, value });
        }
    }

    /// The text of a record: its words count, not how they are broken into lines.
    fn add_text(&mut self, index: usize, text: &[u8]) {
        let hasher = self.details[index].text.get_or_insert_with(blake3::Hasher::new);
        for word in text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            hasher.update(word).update(b" ");
        }
    }

    fn lines(&mut self, id: SlotId, group: GroupId, text: &Text<'_>) {
        let Some(wanted) = self.lines.get(&group) else { return };
        let (mut places, mut start) = (text.places(), text.from);
        let mut here = Vec::new();
        while start < text.to {
            let rest = &text.bytes[start..text.to];
            let end = start + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let (line, _) = places.at(start);
            here.extend(wanted.get(&line).map(|index| (line, *index, start..end)));
            start = end + 1;
        }
        for (line, index, range) in here {
            let bytes = &text.bytes[range];
            self.add_text(index, bytes);
            let (finder, whole) = (self.finder, Text::whole(bytes, line, 0));
            let hidden = self.look(id, index, bytes, |eye, _, see| eye.text(finder, &whole, see));
            if self.needles.copies {
                self.details[index].excerpts.add(None, bytes, 0..bytes.len(), hidden, true);
            }
        }
    }
}

/// Rows of a buffer that are wanted, as buffers of one cell.
fn wanted_cells(cells: &Cells, wanted: &BTreeMap<u64, usize>) -> Vec<(usize, Cells)> {
    let mut found = Vec::new();
    for i in 0..cells.len() {
        if let Some(index) = wanted.get(&cells.row(i)) {
            let mut one = Cells::default();
            one.push(cells.row(i), &cells.bytes[cells.range(i)], cells.piece(i));
            found.push((*index, one));
        }
    }
    found
}

impl Consume for Whole<'_> {
    fn slot(&mut self, _: SlotId, slot: &Slot) {
        let group =
            self.groups.number(Group { members: slot.members.clone(), table: slot.table.clone() });
        self.slots.push((Named::new(self.finder, slot), group));
    }

    fn text(&mut self, id: SlotId, text: Text<'_>) {
        let group = self.slots[id.0 as usize].1;
        self.lines(id, group, &text);
        let members = &self.groups.get(group).members;
        let message = self.parts.get(members).and_then(|n| self.messages.get(&(group, *n)));
        if let Some(&index) = message.or_else(|| self.documents.get(&group)) {
            self.add_text(index, &text.bytes[text.from..text.to]);
            let finder = self.finder;
            let hidden =
                self.look(id, index, text.bytes, |eye, _, see| eye.text(finder, &text, see));
            if self.needles.copies {
                let excerpts = &mut self.details[index].excerpts;
                excerpts.add(None, text.bytes, text.from..text.to, hidden, true);
            }
        }
    }

    fn cells(&mut self, id: SlotId, cells: &mut Cells) {
        let group = self.slots[id.0 as usize].1;
        let Some(wanted) = self.rows.get(&group) else { return };
        for (index, cell) in wanted_cells(cells, wanted) {
            self.row(id, index, &lossy(&cell.bytes[cell.range(0)]));
            let finder = self.finder;
            let bytes = &cell.bytes;
            let hidden = self.look(id, index, bytes, |eye, named, see| {
                eye.cells(finder, named, &cell, &Idle::NONE, see)
            });
            if self.needles.copies && !cell.range(0).is_empty() {
                let column = self.slots[id.0 as usize].0.slot.field.as_deref();
                let goes_on = cell.piece(0).is_some_and(|at| at > 0);
                self.details[index].excerpts.add(column, bytes, cell.range(0), hidden, goes_on);
            }
        }
    }

    fn names(&self) -> &dyn AskNames {
        self.finder
    }

    fn note(&mut self, _: Note) {}

    fn member(&mut self, _: Member) {}

    fn part(&mut self, members: &Arc<[String]>, number: u64) {
        self.parts.insert(members.clone(), number);
    }
}
