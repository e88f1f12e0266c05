//! The second pass: reads files with findings again and writes one line per listed match. Values go
//! from the file straight to the line, masked unless they are to be revealed, and are kept nowhere.

use std::collections::HashMap;
use std::io::{self, Write};

use crate::detect::finder::Finder;
use crate::eye::{Eye, Named, Seen};
use crate::idle::Idle;
use crate::inventory::MatchLine;
use crate::judge::Accept;
use crate::mask::mask;
use crate::note::Note;
use crate::report::jsonl;
use crate::unit::{AskNames, Cells, Consume, Member, Slot, SlotId, Text};

/// What all lines of a file share.
#[derive(Clone)]
pub struct Place {
    /// The path as shown.
    pub path: String,
    /// Its bytes in base64, when they are not UTF-8.
    pub path_b64: Option<String>,
}

/// A consumer that writes listed matches.
pub struct Emitter<'a, W: Write> {
    finder: &'a Finder,
    accepts: &'a HashMap<(SlotId, u16), Accept>,
    place: &'a Place,
    key: &'a [u8; 32],
    reveal: bool,
    slots: Vec<Named>,
    eye: Eye,
    out: &'a mut W,
    error: Option<io::Error>,
}

impl<'a, W: Write> Emitter<'a, W> {
    /// An emitter for one file.
    pub fn new(
        finder: &'a Finder,
        accepts: &'a HashMap<(SlotId, u16), Accept>,
        place: &'a Place,
        key: &'a [u8; 32],
        reveal: bool,
        out: &'a mut W,
    ) -> Self {
        let (slots, eye) = (Vec::new(), Eye::default());
        Emitter { finder, accepts, place, key, reveal, slots, eye, out, error: None }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The first error of writing.
    pub fn finish(self) -> io::Result<()> {
        self.error.map_or(Ok(()), Err)
    }

    fn wanted(&self, id: SlotId) -> bool {
        self.error.is_none() && self.accepts.keys().any(|k| k.0 == id)
    }

    fn line(&self, id: SlotId, seen: &Seen<'_>, certainty: f64) -> MatchLine {
        let slot = &self.slots[id.0 as usize].slot;
        let detector = &self.finder.rules.detectors[seen.detector as usize];
        let in_field = slot.field.is_some();
        MatchLine {
            path: self.place.path.clone(),
            path_b64: self.place.path_b64.clone(),
            members: slot.members.to_vec(),
            table: slot.table.clone(),
            field: slot.field.clone(),
            row: in_field.then_some(seen.place),
            line: (!in_field).then_some(seen.place),
            start: seen.start,
            end: seen.start + seen.value.len() as u64,
            detector: detector.id.clone(),
            certainty: (certainty * 1000.0).floor() / 1000.0,
            digest: self.finder.public_digest(seen.detector, seen.read, self.key),
            value: if self.reveal {
                String::from_utf8_lossy(seen.value).into_owned()
            } else {
                mask(&detector.category, &detector.id, &String::from_utf8_lossy(seen.read))
            },
        }
    }

    fn write(&mut self, lines: &[MatchLine]) {
        for line in lines {
            if let Err(e) = jsonl::write_line(line, self.out) {
                self.error.get_or_insert(e);
                return;
            }
        }
    }

    fn collect(
        &mut self,
        id: SlotId,
        look: impl FnOnce(&mut Eye, &Named, &mut dyn FnMut(Seen<'_>)),
    ) {
        let mut eye = std::mem::take(&mut self.eye);
        let mut lines = Vec::new();
        look(&mut eye, &self.slots[id.0 as usize], &mut |seen: Seen<'_>| {
            let accept = self.accepts.get(&(id, seen.detector));
            if let Some(certainty) = accept.and_then(|a| a.certainty(&seen.sign)) {
                lines.push(self.line(id, &seen, certainty));
            }
        });
        self.eye = eye;
        self.write(&lines);
    }
}

impl<W: Write> Consume for Emitter<'_, W> {
    fn slot(&mut self, _: SlotId, slot: &Slot) {
        self.slots.push(Named::new(self.finder, slot));
    }

    fn text(&mut self, id: SlotId, text: Text<'_>) {
        if self.wanted(id) {
            let finder = self.finder;
            self.collect(id, |eye, _, see| eye.text(finder, &text, see));
        }
    }

    fn cells(&mut self, id: SlotId, cells: &mut Cells) {
        if self.wanted(id) {
            let finder = self.finder;
            self.collect(id, |eye, named, see| eye.cells(finder, named, cells, &Idle::NONE, see));
        }
    }

    fn names(&self) -> &dyn AskNames {
        self.finder
    }

    fn note(&mut self, _: Note) {}

    fn member(&mut self, _: Member) {}
}
