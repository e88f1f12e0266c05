//! The first pass over a file: where in it anything of the profile stands. It keeps marks per row and per place of
//! free text, and no value.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::places::{At, Group, GroupId, Groups};
use super::{Against, Field, Kind, Mark, Marks, Needles, labels, normal};
use crate::bare::Undressed;
use crate::detect::finder::{Finder, lossy};
use crate::detect::lexicon::Hint;
use crate::note::{Note, Reason};
use crate::sniff::NAME_FIELD;
use crate::unit::{AskNames, Cells, Consume, Member, Slot, SlotId, Text};

/// Words of a cell that may be one part of a name.
const SHORT: usize = 4;
/// Bytes between two things of a document that still stand together.
const TOGETHER: u64 = 400;
/// Free text from this size on is taken line by line.
const LONG: u64 = 32 << 10;
/// Rows of a file of which marks are kept.
const MOST_ROWS: usize = 4 << 20;
/// Places of free text likewise.
const MOST_PLACES: usize = 1 << 20;
/// Formats whose rows and text are messages.
const MAIL: &[&str] = &["mbox", "eml", "msg", "pst", "tnef"];
/// Formats whose lines people see as such.
const LINES: &[&str] = &["text", "binary"];

/// A record of the file that is worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is part of.
    pub group: GroupId,
    /// Where.
    pub at: At,
    /// First line of what was found, in a text that is no table.
    pub line: Option<u64>,
    /// What of the profile stands there.
    pub marks: Marks,
    /// Numbers of the keys that stand there.
    pub keys: Vec<u32>,
}

/// What a first pass gives.
#[derive(Default)]
pub struct Passed {
    /// The records.
    pub targets: Vec<Target>,
    /// The groups.
    pub groups: Groups,
    /// Concepts of the keys in the file.
    pub concepts: BTreeSet<&'static str>,
    /// What could not be read.
    pub notes: Vec<Note>,
    /// The members of containers.
    pub members: Vec<Member>,
}

/// Something that was seen in free text.
#[derive(Clone, Copy)]
struct Sighting {
    part: u64,
    line: u64,
    /// Bytes of the group's text before it.
    at: u64,
    mark: Mark,
}

/// The free text of a group.
#[derive(Default)]
struct Prose {
    part: u64,
    length: u64,
    seen: Vec<Sighting>,
}

#[derive(Default)]
struct RowMarks {
    marks: Marks,
    keys: Vec<u32>,
}

struct Column {
    group: GroupId,
    field: Field,
    concept: Option<&'static str>,
    /// Whether it holds the name of the file or member, which is none of its rows.
    is_source_name: bool,
}

/// The consumer of the first pass.
pub struct Pass<'n> {
    finder: &'n Finder,
    needles: &'n Needles,
    columns: Vec<Column>,
    rows: HashMap<(GroupId, u64), RowMarks>,
    prose: BTreeMap<GroupId, Prose>,
    /// What the names of the file and its members hold.
    source_names: BTreeMap<GroupId, Marks>,
    parts: HashMap<Arc<[String]>, u64>,
    passed: Passed,
    places: usize,
    is_full: bool,
}

impl<'n> Pass<'n> {
    /// A pass that has seen nothing yet.
    #[must_use]
    pub fn new(finder: &'n Finder, needles: &'n Needles) -> Self {
        Pass {
            finder,
            needles,
            columns: Vec::new(),
            rows: HashMap::new(),
            prose: BTreeMap::new(),
            source_names: BTreeMap::new(),
            parts: HashMap::new(),
            passed: Passed::default(),
            places: 0,
            is_full: false,
        }
    }

    /// What was found in a file of this format and name.
    #[must_use]
    pub fn finish(mut self, format: &str, name: &str) -> Passed {
        let formats: HashMap<&[String], &str> = self
            .passed
            .members
            .iter()
            .map(|member| (&member.members[..], member.format.unwrap_or_default()))
            .collect();
        let format_of = |group: GroupId| match &*self.passed.groups.get(group).members {
            [] => format,
            members => formats.get(members).copied().unwrap_or_default(),
        };
        let mut targets: BTreeMap<(GroupId, At), Target> = BTreeMap::new();
        for ((group, row), found) in std::mem::take(&mut self.rows) {
            let is_mail = MAIL.contains(&format_of(group));
            let at = if is_mail { At::Message(row) } else { At::Row(row) };
            let RowMarks { marks, keys } = found;
            let target = Target { group, at, line: None, marks: marks.completed(), keys };
            if target.marks.are_worth_a_look() {
                targets.insert((group, at), target);
            }
        }
        for (group, prose) in std::mem::take(&mut self.prose) {
            let format = format_of(group);
            let way = match () {
                () if MAIL.contains(&format) => Way::Messages,
                () if LINES.contains(&format) && prose.length > LONG => Way::Lines,
                () => Way::Document,
            };
            for target in of_prose(group, prose, way) {
                merge(&mut targets, target);
            }
        }
        for (group, mut marks) in std::mem::take(&mut self.source_names) {
            marks.add(Mark::FileName);
            let marks = marks.completed();
            let target = Target { group, at: At::Whole, line: None, marks, keys: Vec::new() };
            if target.marks.are_worth_a_look() {
                add_named(&mut targets, target);
            }
        }
        for target in self.named(name) {
            add_named(&mut targets, target);
        }
        self.passed.targets = targets.into_values().collect();
        if self.is_full {
            let detail = "more places than are kept may be the subject's: some are left out";
            let note =
                Note { members: Vec::new(), reason: Reason::Budget, detail: detail.to_owned() };
            self.passed.notes.push(note);
        }
        self.passed
    }

    /// Documents whose name, or that of a member, is the subject's.
    fn named(&mut self, name: &str) -> Vec<Target> {
        let own = (Vec::new(), name.to_owned());
        let members = self.passed.members.iter();
        let members = members.filter_map(|m| Some((m.members.clone(), m.members.last()?.clone())));
        let all: Vec<(Vec<String>, String)> = std::iter::once(own).chain(members).collect();
        let mut targets = Vec::new();
        for (members, name) in all {
            let Some(mut marks) = self.needles.in_name(&name) else { continue };
            marks.add(Mark::FileName);
            let group = self.passed.groups.number(Group { members: members.into(), table: None });
            targets.push(Target { group, at: At::Whole, line: None, marks, keys: Vec::new() });
        }
        targets
    }

    fn row(&mut self, group: GroupId, row: u64) -> Option<&mut RowMarks> {
        if self.rows.len() >= MOST_ROWS && !self.rows.contains_key(&(group, row)) {
            self.is_full = true;
            return None;
        }
        Some(self.rows.entry((group, row)).or_default())
    }

    fn keys(&mut self, id: SlotId, cells: &Cells) {
        let Column { group, concept, .. } = self.columns[id.0 as usize];
        let Some(concept) = concept.filter(|concept| self.needles.seeks(concept)) else { return };
        for i in 0..cells.len() {
            let key = self.needles.key(concept, &lossy(&cells.bytes[cells.range(i)]));
            if let (Some(key), Some(row)) = (key, self.row(group, cells.row(i))) {
                row.marks.add(Mark::Hop);
                row.keys.push(key);
            }
        }
    }
}

/// How free text falls into records.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Lines,
    Messages,
    Document,
}

/// The records of a group's free text.
fn of_prose(group: GroupId, prose: Prose, way: Way) -> Vec<Target> {
    let mut seen = prose.seen;
    seen.sort_by_key(|s| (s.part, s.at));
    let apart = |a: &Sighting, b: &Sighting| match way {
        Way::Lines => a.line != b.line,
        _ => a.part != b.part || b.at - a.at > TOGETHER,
    };
    let mut best: BTreeMap<At, Target> = BTreeMap::new();
    for cluster in seen.chunk_by(|a, b| !apart(a, b)) {
        let mut marks = Marks::default();
        cluster.iter().for_each(|s| marks.add(s.mark));
        let marks = marks.completed();
        if !marks.are_worth_a_look() {
            continue;
        }
        let (line, part) = (cluster[0].line, cluster[0].part);
        let at = match way {
            Way::Lines => At::Line(line),
            Way::Messages => At::Message(part),
            Way::Document => At::Whole,
        };
        let target = Target { group, at, line: Some(line), marks, keys: Vec::new() };
        let page = if part > 0 && way == Way::Document { At::Page(part) } else { at };
        let target = Target { at: page, ..target };
        match best.get_mut(&at) {
            Some(other) if strength(other) >= strength(&target) => {}
            _ => {
                best.insert(at, target);
            }
        }
    }
    best.into_values().collect()
}

fn strength(target: &Target) -> Option<super::Strength> {
    target.marks.strength(&Against::default())
}

/// Adds a record of free text to those of rows: the headers of a message and its body are one.
fn merge(targets: &mut BTreeMap<(GroupId, At), Target>, target: Target) {
    match targets.get_mut(&(target.group, target.at)) {
        Some(row) => {
            row.marks.extend(target.marks);
            row.line = target.line;
        }
        None => {
            targets.insert((target.group, target.at), target);
        }
    }
}

/// Adds what a document's name says to what stands in it.
fn add_named(targets: &mut BTreeMap<(GroupId, At), Target>, target: Target) {
    let is_document = |at: At| matches!(at, At::Page(_) | At::Whole);
    let same = |other: &&mut Target| other.group == target.group && is_document(other.at);
    match targets.values_mut().find(same) {
        Some(known) => known.marks.extend(target.marks),
        None => drop(targets.insert((target.group, target.at), target)),
    }
}

/// What a field's name says that matters here.
fn field_of(finder: &Finder, slot: &Slot) -> Field {
    let Some(name) = slot.field.as_deref() else { return Field::default() };
    let table = slot.table.as_deref();
    let hints = finder.lexicon.hints(name);
    let speaks_for = |kind: Kind| {
        hints.iter().any(|(detector, hint)| {
            let rule = &finder.rules.detectors[usize::from(*detector)];
            matches!(hint, Hint::For(_))
                && Kind::of_detector(&rule.id, &rule.category) == Some(kind)
        })
    };
    Field {
        is_cells: true,
        phone: speaks_for(Kind::Phone),
        customer: labels::speaks_for(Kind::CustomerNumber, table, name),
        employee: labels::speaks_for(Kind::EmployeeNumber, table, name),
        username: labels::speaks_for(Kind::Username, table, name) || speaks_for(Kind::Username),
    }
}

impl Consume for Pass<'_> {
    fn slot(&mut self, _: SlotId, slot: &Slot) {
        let group = self.passed.groups.of(slot);
        let concept = slot.field.as_deref().and_then(|f| labels::concept(slot.table.as_deref(), f));
        self.passed.concepts.extend(concept);
        let field = field_of(self.finder, slot);
        let is_source_name = slot.field.as_deref() == Some(NAME_FIELD);
        self.columns.push(Column { group, field, concept, is_source_name });
    }

    fn text(&mut self, id: SlotId, text: Text<'_>) {
        let group = self.columns[id.0 as usize].group;
        let members = &self.passed.groups.get(group).members;
        let part = self.parts.get(members).copied().unwrap_or(0);
        let prose = self.prose.entry(group).or_default();
        prose.part = part;
        let mut lines = text.places();
        let (seen, length) = (&mut prose.seen, prose.length);
        let (places, is_full) = (&mut self.places, &mut self.is_full);
        let mut found = Vec::new();
        self.needles.find(text.bytes, text.from, text.to, Field::default(), |s| found.push(s));
        found.sort_by_key(|s| s.start);
        for s in found {
            let (line, _) = lines.at(s.start);
            if *places >= MOST_PLACES {
                *is_full = true;
                break;
            }
            *places += 1;
            seen.push(Sighting {
                part,
                line,
                at: length + (s.start - text.from) as u64,
                mark: s.mark,
            });
        }
        prose.length += (text.to - text.from) as u64;
    }

    fn cells(&mut self, id: SlotId, cells: &mut Cells) {
        let Column { group, field, is_source_name, .. } = self.columns[id.0 as usize];
        let mut found = Vec::new();
        // As detection looks at them.
        let bare = Undressed::of(cells);
        let cells = bare.as_ref().map_or(&*cells, |bare| &bare.cells);
        self.needles.find(&cells.bytes, 0, cells.bytes.len(), field, |seen| found.push(seen));
        if is_source_name {
            let marks = self.source_names.entry(group).or_default();
            found.iter().for_each(|seen| marks.add(seen.mark));
            return;
        }
        for seen in found {
            let i = cells.ends.partition_point(|end| (*end as usize) < seen.start);
            if i >= cells.len() {
                continue;
            }
            let part_of_name = matches!(seen.mark, Mark::Family | Mark::Given);
            let is_short = || normal::words(&lossy(&cells.bytes[cells.range(i)])).count() <= SHORT;
            if part_of_name && !is_short() {
                continue;
            }
            if let Some(row) = self.row(group, cells.row(i)) {
                row.marks.add(seen.mark);
            }
        }
        self.keys(id, cells);
    }

    fn names(&self) -> &dyn AskNames {
        self.finder
    }

    fn note(&mut self, note: Note) {
        self.passed.notes.push(note);
    }

    fn member(&mut self, member: Member) {
        self.passed.members.push(member);
    }

    fn part(&mut self, members: &Arc<[String]>, number: u64) {
        self.parts.insert(members.clone(), number);
    }
}
