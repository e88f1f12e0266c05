//! Names and paths with the personal data in them masked: what tells by itself, and what stands beside that in the same
//! name and is therefore reported as well (`Kari Nordmann 44051401359.txt`).

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use crate::detect::finder::Finder;
use crate::eye::{Eye, Named, Seen};
use crate::idle::Idle;
use crate::inventory::Confidence;
use crate::judge::{self, Accept};
use crate::mask::mask;
use crate::note::Note;
use crate::plan::Plan;
use crate::sniff;
use crate::source::Source;
use crate::tally::Direct;
use crate::unit::{AskNames, Cells, Consume, Member, Slot, SlotId, Text};

/// Part of a name, and the detector that knows it.
type Span = (Range<usize>, u16);

/// A name or path with the personal data in it masked, unless raw values are asked for.
#[must_use]
pub fn masked(finder: &Finder, plan: &Plan, name: &str) -> String {
    if plan.reveal {
        return name.to_owned();
    }
    let mut spans = finder.telling_spans(name);
    if spans.is_empty() {
        return name.to_owned();
    }
    let mut at = 0;
    for part in name.split_inclusive('/') {
        let own = part.trim_end_matches('/');
        let reported = reported(finder, own).into_iter();
        spans.extend(reported.map(|(span, d)| (span.start + at..span.end + at, d)));
        at += part.len();
    }
    let mut out = name.to_owned();
    for (span, detector) in merged(spans).into_iter().rev() {
        let d = &finder.rules.detectors[detector as usize];
        out.replace_range(span.clone(), &mask(&d.category, &d.id, &name[span]));
    }
    out
}

/// The spans in order, those that overlap as one.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|(span, detector)| (span.start, Reverse(span.end), *detector));
    let mut merged: Vec<Span> = Vec::new();
    for (span, detector) in spans {
        match merged.last_mut() {
            Some((last, _)) if span.start < last.end => last.end = last.end.max(span.end),
            _ => merged.push((span, detector)),
        }
    }
    merged
}

/// What is reported of the name of a file, be it sure or only likely: a name is no column, so it is judged by itself.
fn reported(finder: &Finder, name: &str) -> Vec<Span> {
    if finder.data_in(name).is_empty() {
        return Vec::new();
    }
    let mut direct = Direct::new(finder, false);
    let empty = || Source::from_bytes(Vec::new());
    sniff::file(empty(), name, 0, &mut direct);
    let (tally, seen) = direct.finish();
    let accepts = judge::judge(finder, &seen.slots, &tally, Confidence::Low).accepts;
    let (slots, spans, eye) = (Vec::new(), Vec::new(), Eye::default());
    let mut found = Found { finder, accepts, slots, spans, eye };
    sniff::file(empty(), name, 0, &mut found);
    found.spans.retain(|(span, _)| name.get(span.clone()).is_some());
    found.spans
}

/// A consumer that keeps where in a name it is that something is reported.
struct Found<'f> {
    finder: &'f Finder,
    accepts: HashMap<(SlotId, u16), Accept>,
    slots: Vec<Named>,
    spans: Vec<Span>,
    eye: Eye,
}

impl Consume for Found<'_> {
    fn slot(&mut self, _: SlotId, slot: &Slot) {
        self.slots.push(Named::new(self.finder, slot));
    }

    fn text(&mut self, _: SlotId, _: Text<'_>) {}

    fn cells(&mut self, id: SlotId, cells: &mut Cells) {
        let Found { finder, accepts, slots, spans, eye } = self;
        eye.cells(finder, &slots[id.0 as usize], cells, &Idle::NONE, |seen: Seen<'_>| {
            let accept = accepts.get(&(id, seen.detector));
            if accept.is_some_and(|a| a.certainty(&seen.sign).is_some()) {
                let start = usize::try_from(seen.start).unwrap_or(usize::MAX);
                spans.push((start..start.saturating_add(seen.value.len()), seen.detector));
            }
        });
    }

    fn names(&self) -> &dyn AskNames {
        self.finder
    }

    fn note(&mut self, _: Note) {}

    fn member(&mut self, _: Member) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_overlap_are_one() {
        let spans = vec![(5..9, 1), (0..3, 0), (4..6, 2), (4..7, 3), (9..10, 4)];
        assert_eq!(merged(spans), [(0..3, 0), (4..9, 3), (9..10, 4)]);
    }
}
