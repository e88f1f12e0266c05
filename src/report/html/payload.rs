//! The findings of the page, as the JSON that its script draws from.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeSeq as _, Serializer};

use super::super::tally::{self, Group};
use crate::escape;
use crate::inventory::{FileLine, Finding, GroupLine, Inventory, ReadableBy};

/// Texts that many findings share, sent once.
#[derive(Default)]
struct Words<'a> {
    index: HashMap<&'a str, usize, foldhash::quality::RandomState>,
    list: Vec<Cow<'a, str>>,
}

impl<'a> Words<'a> {
    fn collect(inventory: &'a Inventory) -> Self {
        let mut words = Words::default();
        for f in &inventory.findings {
            f.system.iter().for_each(|system| words.add(system));
            words.add(&f.detector);
            words.add(&f.category);
            f.flags.iter().for_each(|flag| words.add(flag));
            f.ambiguous.iter().for_each(|kind| words.add(kind));
            f.validity.iter().for_each(|(rung, _)| words.add(rung));
            f.evidence.iter().for_each(|evidence| words.add(&evidence.reason));
        }
        for g in &inventory.groups {
            g.flags.iter().for_each(|flag| words.add(flag));
        }
        for f in &inventory.files {
            f.hold.iter().for_each(|hint| words.add(&hint.statement));
        }
        words
    }

    fn add(&mut self, word: &'a str) {
        let next = self.list.len();
        self.index.entry(word).or_insert_with(|| {
            self.list.push(escape::terminal(word));
            next
        });
    }

    fn of(&self, word: &str) -> Option<usize> {
        self.index.get(word).copied()
    }

    fn all(&self, words: &[String]) -> Vec<Option<usize>> {
        words.iter().map(|word| self.of(word)).collect()
    }
}

/// What stands together in a table or document: path, members, table.
type Place<'a> = (&'a str, &'a [String], Option<&'a str>);

/// What is known of places, by their names.
struct Known<'a> {
    groups: HashMap<Place<'a>, &'a GroupLine, foldhash::quality::RandomState>,
    files: HashMap<&'a str, &'a FileLine, foldhash::quality::RandomState>,
}

/// The findings as JSON: `{words, groups: [[path, members, table, [finding], place]]}`, one group per line.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let words = Words::collect(inventory);
    let known = Known {
        groups: inventory
            .groups
            .iter()
            .map(|g| ((g.path.as_str(), &g.members[..], g.table.as_deref()), g))
            .collect(),
        files: inventory.files.iter().map(|f| (f.path.as_str(), f)).collect(),
    };
    out.write_all(b"{\"words\":")?;
    put(&words.list, out)?;
    out.write_all(b",\"groups\":[")?;
    for (at, group) in tally::groups(&inventory.findings).enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        put(&group_row(&group, &known, &words), out)?;
    }
    out.write_all(b"\n]}")
}

fn put(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(escape::json_in_script(&serde_json::to_string(value)?).as_bytes())
}

fn group_row<'a>(group: &Group<'a>, known: &Known<'a>, words: &'a Words<'a>) -> impl Serialize {
    let first = &group.findings[0];
    let members: Vec<Cow<str>> = first.members.iter().map(|m| escape::terminal(m)).collect();
    let rows: Vec<FindingRow> =
        group.findings.iter().map(|finding| FindingRow { finding, words }).collect();
    let table = first.table.as_deref().map(escape::terminal);
    (escape::terminal(&first.path), members, table, rows, place_row(first, known, words))
}

/// What is known of a group's place, in the order of `PLACE` in `report.js`.
fn place_row<'a>(first: &'a Finding, known: &Known<'a>, words: &Words) -> impl Serialize + use<'a> {
    let place = (first.path.as_str(), &first.members[..], first.table.as_deref());
    let group = known.groups.get(&place).copied();
    let file = known.files.get(first.path.as_str()).copied();
    let anchors = group.iter().flat_map(|g| &g.anchors);
    let anchors: Vec<_> =
        anchors.map(|a| (escape::terminal(&a.field), &a.kind, &a.oldest, &a.newest)).collect();
    let safe = |text: &'a Option<String>| text.as_deref().map(escape::terminal);
    (
        first.system.as_deref().and_then(|s| words.of(s)),
        group.map_or(Vec::new(), |g| words.all(&g.flags)),
        group.and_then(|g| g.subjects),
        u8::from(group.is_some_and(|g| g.subjects_is_estimate)),
        anchors,
        file.and_then(|f| f.readable_by).map(ReadableBy::as_str),
        file.and_then(|f| safe(&f.owner)),
        file.and_then(|f| safe(&f.group)),
        file.and_then(|f| f.mode.as_deref()),
        file.and_then(|f| f.modified.as_deref()),
        file.and_then(|f| safe(&f.duplicate_of)),
        file.map_or(Vec::new(), |f| f.hold.iter().map(|h| words.of(&h.statement)).collect()),
        file.and_then(|f| f.personal_area.as_deref()),
    )
}

/// A finding, in the order of `NAMES` in `report.js`.
struct FindingRow<'a> {
    finding: &'a Finding,
    words: &'a Words<'a>,
}

impl Serialize for FindingRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let FindingRow { finding: f, words } = self;
        let validity: Vec<_> = f.validity.iter().map(|(rung, n)| (words.of(rung), n)).collect();
        let evidence: Vec<_> =
            f.evidence.iter().map(|e| (words.of(&e.reason), round(e.bits, 100.0))).collect();
        let mut row = serializer.serialize_seq(None)?;
        row.serialize_element(&f.field.as_deref().map(escape::terminal))?;
        row.serialize_element(&words.of(&f.detector))?;
        row.serialize_element(&words.of(&f.category))?;
        row.serialize_element(&(f.severity as u8))?;
        row.serialize_element(&(f.confidence as u8))?;
        row.serialize_element(&round(f.certainty, 1e4))?;
        row.serialize_element(&f.matches)?;
        row.serialize_element(&f.distinct)?;
        row.serialize_element(&u8::from(f.distinct_is_estimate))?;
        row.serialize_element(&f.rows)?;
        row.serialize_element(&f.share.map(|share| round(share, 1e4)))?;
        row.serialize_element(&f.first)?;
        row.serialize_element(&validity)?;
        row.serialize_element(&evidence)?;
        row.serialize_element(&words.all(&f.flags))?;
        row.serialize_element(&words.all(&f.ambiguous))?;
        row.serialize_element(&escape::terminal(&f.id))?;
        row.end()
    }
}

fn round(x: f64, places: f64) -> f64 {
    (x * places).round() / places
}
