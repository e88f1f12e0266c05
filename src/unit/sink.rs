//! The sink: where readers push what they find in a source. It names slots once, gathers the cells of each and hands
//! them on in buffers, and keeps the budget of the file and of the members in it.

use std::collections::HashMap;
use std::sync::Arc;

use super::buffer::Buffer;
use super::names::ByNames;
use super::plain::Plain;
use super::{Consume, Cut, MAX_SLOTS, Member, NAMES, PIECE, Slot, SlotId, Text, parted_name};
use crate::meter::{DEPTH, Meter};
use crate::note::{Note, Reason};
use crate::source::Source;
use crate::steps::Steps;

/// Slots per top-level file, its members together.
const MAX_SLOTS_OF_ALL: usize = 1 << 18;
/// Bytes in the buffers of all slots.
const BYTES_BUFFERED: usize = 4 << 20;

/// Where readers push what they find in a source.
pub struct Sink<'c> {
    consumer: &'c mut dyn Consume,
    level: Level,
    buffers: Vec<Buffer>,
    /// For each buffer, its slot.
    slots: Vec<Slot>,
    buffered: usize,
    names: HashMap<String, bool, foldhash::quality::RandomState>,
    meter: Arc<Meter>,
    steps: Steps,
}

/// What belongs to the source at hand: the file, or the member that is open.
struct Level {
    members: Arc<[String]>,
    ids: ByNames,
    /// The slot of its free text, which many readers ask for with every line.
    free: Option<SlotId>,
    /// How many slots the source has, and the first of them.
    slots: usize,
    first: usize,
    overflow: Option<SlotId>,
    /// Notes about this source, as far as they decide what became of it.
    worst: Option<Note>,
    /// Whether anything of it went on to be searched.
    searched: bool,
    /// The source's own name.
    name: String,
}

impl Level {
    fn new(members: Arc<[String]>, first: usize) -> Level {
        Level {
            members,
            ids: ByNames::default(),
            free: None,
            slots: 0,
            first,
            overflow: None,
            worst: None,
            searched: false,
            name: String::new(),
        }
    }
}

impl<'c> Sink<'c> {
    /// A sink for one source with the budget of a file of unknown size.
    pub fn new(consumer: &'c mut dyn Consume, members: Arc<[String]>) -> Self {
        Sink::with_meter(consumer, members, Meter::new(0), Steps::default())
    }

    /// A sink for a file of this size, and its steps.
    pub fn of_file(consumer: &'c mut dyn Consume, size: u64, steps: Steps) -> Self {
        Sink::with_meter(consumer, Arc::default(), Meter::new(size), steps)
    }

    fn with_meter(
        consumer: &'c mut dyn Consume,
        members: Arc<[String]>,
        meter: Arc<Meter>,
        steps: Steps,
    ) -> Self {
        Sink {
            consumer,
            level: Level::new(members, 0),
            buffers: Vec::new(),
            slots: Vec::new(),
            buffered: 0,
            names: HashMap::default(),
            meter,
            steps,
        }
    }

    /// A message of a mailbox or a page of a document begins, counted from 1.
    pub fn part(&mut self, number: u64) {
        self.consumer.part(&self.level.members, number);
    }

    /// The steps of the file.
    pub fn steps(&mut self) -> &mut Steps {
        &mut self.steps
    }

    /// Says what the source at hand is called.
    pub fn name_source(&mut self, name: &str) {
        name.clone_into(&mut self.level.name);
    }

    /// The same, as a value: a name that is personal data itself.
    pub fn search_source_name(&mut self, field: &str, name: &str) {
        let slot = self.slot(None, Some(field));
        let before = self.level.searched;
        self.value(slot, 1, parted_name(name).as_bytes());
        // A name is not content: nothing of the source has been searched yet.
        self.level.searched = before;
    }

    /// Whether the source's own name is personal data. A file's name is asked about once and not remembered, a
    /// member's was asked about when the member was met.
    pub fn source_is_data(&mut self, name: &str) -> bool {
        match self.level.members.is_empty() {
            true => !self.consumer.names().data_in(name).is_empty(),
            false => self.is_data(name),
        }
    }

    /// The name of the source at hand: of the file, or of the member that is open.
    #[must_use]
    pub fn source_name(&self) -> &str {
        &self.level.name
    }

    /// What is left of the file's budget.
    #[must_use]
    pub fn meter(&self) -> Arc<Meter> {
        self.meter.clone()
    }

    /// A member of a container: it is sniffed and read like a file. Its faults become notes.
    pub fn member(&mut self, name: &str, source: Source) {
        self.within(name, |sink| {
            let (format, bytes) = crate::sniff::read(source, name, sink);
            (Some(format.id), bytes)
        });
    }

    /// A member that is not read, and why.
    pub fn unread_member(&mut self, name: &str, reason: Reason, detail: &str) {
        self.within(name, |sink| {
            sink.note(reason, detail);
            (None, 0)
        });
    }

    /// Runs `read` with a member's name added to the chain.
    fn within(&mut self, name: &str, read: impl FnOnce(&mut Self) -> (Option<&'static str>, u64)) {
        let shown = self.without_data(name);
        let chain: Arc<[String]> =
            self.level.members.iter().cloned().chain([shown]).collect::<Vec<_>>().into();
        let level = Level::new(chain, self.buffers.len());
        let outer = std::mem::replace(&mut self.level, level);
        let (format, bytes) = if self.level.members.len() > DEPTH {
            self.note(Reason::Budget, "nested deeper than the budget allows");
            (None, 0)
        } else if let Err(over) = self.meter.entry() {
            self.note(over.reason(), &over.to_string());
            (None, 0)
        } else {
            read(self)
        };
        for i in self.level.first..self.buffers.len() {
            self.flush(i);
            self.buffers[i] = Buffer::default();
        }
        let inner = std::mem::replace(&mut self.level, outer);
        self.level.searched |= inner.searched;
        self.consumer.member(Member {
            members: inner.members.to_vec(),
            format,
            bytes,
            outcome: crate::file::outcome(inner.worst.as_ref(), inner.searched),
            why: inner.worst,
        });
    }

    /// The slot of this table and field; both `None` is the source's free text.
    pub fn slot(&mut self, table: Option<&str>, field: Option<&str>) -> SlotId {
        let known = match (table, field) {
            (None, None) => self.level.free,
            names => self.level.ids.get(names),
        };
        if let Some(id) = known {
            return id;
        }
        if self.level.slots >= MAX_SLOTS || self.buffers.len() >= MAX_SLOTS_OF_ALL {
            return self.overflow_slot();
        }
        let clean = (table.map(|t| self.without_data(t)), field.map(|f| self.without_data(f)));
        let is_clean = (clean.0.as_deref() == table, clean.1.as_deref() == field);
        if is_clean == (true, true) {
            return self.new_slot(clean.0, clean.1);
        }
        let id = self.slot(clean.0.as_deref(), clean.1.as_deref());
        // The names that were data are searched as values.
        let names = self.slot(None, Some(NAMES));
        for name in [table.filter(|_| !is_clean.0), field.filter(|_| !is_clean.1)] {
            name.iter().for_each(|name| self.value(names, 1, name.as_bytes()));
        }
        if self.level.ids.len() < 2 * MAX_SLOTS {
            self.level.ids.insert((table, field), id);
        }
        id
    }

    /// The name with `{}` for the personal data in it, so that no output shows it.
    fn without_data(&mut self, name: &str) -> String {
        let mut clean = name.to_owned();
        if self.is_data(name) {
            for span in self.consumer.names().data_in(name).into_iter().rev() {
                clean.replace_range(span, "{}");
            }
        }
        clean
    }

    /// The slot of the source's free text.
    pub fn free_text(&mut self) -> SlotId {
        self.slot(None, None)
    }

    fn new_slot(&mut self, table: Option<String>, field: Option<String>) -> SlotId {
        let id = SlotId(u32::try_from(self.buffers.len()).unwrap_or(u32::MAX));
        self.level.slots += 1;
        let slot = Slot { members: self.level.members.clone(), table, field };
        self.consumer.slot(id, &slot);
        self.buffers.push(Buffer::default());
        match (slot.table.as_deref(), slot.field.as_deref()) {
            (None, None) => self.level.free = Some(id),
            names => self.level.ids.insert(names, id),
        }
        self.slots.push(slot);
        id
    }

    fn overflow_slot(&mut self) -> SlotId {
        if let Some(id) = self.level.overflow {
            return id;
        }
        let id = self.new_slot(None, Some("#more".to_owned()));
        self.level.overflow = Some(id);
        self.note(Reason::TooManyFields, "fields beyond the limit are searched together as #more");
        id
    }

    /// One value of a field. `row` counts from 1; an empty value still counts as a row's cell. JSON
    /// that fills it is taken apart instead.
    pub fn value(&mut self, slot: SlotId, row: u64, text: &[u8]) {
        if self.embedded(slot, row, text) {
            return;
        }
        if text.len() <= PIECE {
            self.push(slot, row, text, None);
            return;
        }
        let mut at = 0;
        while at < text.len() {
            let end = piece_end(text, at);
            self.push(slot, row, &text[at..end], Some(u32::try_from(at).unwrap_or(u32::MAX)));
            at = end;
        }
    }

    /// Pushes the leaves of a cell that is JSON, and an empty cell in its own place, so that nothing
    /// counts twice. When half of the slots are taken cells stay whole: a store of documents must not
    /// take the slots of the columns to come.
    fn embedded(&mut self, slot: SlotId, row: u64, text: &[u8]) -> bool {
        if !crate::embedded::may_be(text) {
            return false;
        }
        let Slot { table, field, .. } = &self.slots[slot.0 as usize];
        let Some(field) = field.as_deref().filter(|_| self.level.slots < MAX_SLOTS / 2) else {
            return false;
        };
        let Some(leaves) = crate::embedded::leaves(field, text) else { return false };
        let table = table.clone();
        self.push(slot, row, b"", None);
        for (path, value) in leaves {
            let slot = self.slot(table.as_deref(), Some(&path));
            self.push(slot, row, value.as_bytes(), None);
        }
        true
    }

    /// The values of whole rows, of which `row` is the first: a slot for each column, and the cells row by row. It is as
    /// if each went through [`Sink::value`], for cells that are no JSON, no longer than [`PIECE`] and free of
    /// [`CELL_END`], and slots that are all different.
    pub fn rows(&mut self, slots: &[SlotId], row: u64, bytes: &[u8], cuts: &[Cut]) {
        if cuts.is_empty() {
            return;
        }
        for (column, slot) in slots.iter().enumerate() {
            let cells = cuts[column..].iter().step_by(slots.len()).copied();
            self.column(*slot, row, bytes, cells);
        }
    }

    fn column(
        &mut self,
        slot: SlotId,
        mut row: u64,
        bytes: &[u8],
        mut cells: impl ExactSizeIterator<Item = Cut> + Clone,
    ) {
        let i = slot.0 as usize;
        while cells.len() > 0 {
            let room = self.room(i, row).min(cells.len());
            let buffer = &mut self.buffers[i].cells;
            let before = buffer.bytes.len();
            buffer.extend(row, bytes, cells.clone().take(room));
            let added = buffer.bytes.len() - before;
            self.added(i, added);
            row += room as u64;
            cells.nth(room - 1);
        }
    }

    /// A part of a value too long to be held whole: `at` is its offset within the value.
    pub fn value_piece(&mut self, slot: SlotId, row: u64, text: &[u8], at: u32) {
        self.push(slot, row, text, Some(at));
    }

    fn push(&mut self, slot: SlotId, row: u64, text: &[u8], piece: Option<u32>) {
        let i = slot.0 as usize;
        self.room(i, row);
        self.buffers[i].cells.push(row, text, piece);
        self.added(i, text.len() + 1);
    }

    /// How many cells a buffer has room for, made ready for a cell of this row.
    fn room(&mut self, i: usize, row: u64) -> usize {
        let cells = &self.buffers[i].cells;
        if !cells.is_empty() && row < cells.first_row {
            self.flush(i);
        }
        self.buffers[i].room()
    }

    /// Hands a buffer on when it is full, now that bytes were added to it.
    fn added(&mut self, i: usize, bytes: usize) {
        self.level.searched = true;
        self.buffered += bytes;
        if self.buffers[i].is_full() {
            self.flush(i);
        }
        if self.buffered >= BYTES_BUFFERED {
            self.flush_all();
        }
    }

    /// A stretch of free text in a slot.
    pub fn text(&mut self, slot: SlotId, text: Text<'_>) {
        self.level.searched = true;
        match Plain::of(&text) {
            Some(plain) => self.consumer.text(slot, plain.text(&text)),
            None => self.consumer.text(slot, text),
        }
    }

    /// Whether a name is itself personal data (an e-mail address as object key, a headerless first row).
    /// A name of digits only, or a long hexadecimal one, is no personal datum but no name either:
    /// see [`is_identifier`].
    pub fn is_data(&mut self, name: &str) -> bool {
        if let Some(&known) = self.names.get(name) {
            return known;
        }
        let answer = self.consumer.names().is_data(name);
        if self.names.len() < MAX_SLOTS {
            self.names.insert(name.to_owned(), answer);
        }
        answer
    }

    /// Whether a name is that of a field of some kind that is looked for (`Fødselsnummer`).
    #[must_use]
    pub fn names_kind(&self, name: &str) -> bool {
        self.consumer.names().names_kind(name)
    }

    /// Whether a value names a field of some kind, and is no value of one itself: what a form asks for.
    #[must_use]
    pub fn names_field(&mut self, name: &str) -> bool {
        self.names_kind(name) && !self.is_data(name)
    }

    /// Something could not be read; the run goes on.
    pub fn note(&mut self, reason: Reason, detail: &str) {
        let members = self.level.members.to_vec();
        let note = Note { members, reason, detail: detail.to_owned() };
        // The first of the worst class decides.
        let class = |n: &Note| n.reason.class();
        if self.level.worst.as_ref().is_none_or(|w| class(&note) > class(w)) {
            self.level.worst = Some(note.clone());
        }
        self.consumer.note(note);
    }

    fn flush(&mut self, i: usize) {
        let id = SlotId(u32::try_from(i).unwrap_or(u32::MAX));
        let buffer = &mut self.buffers[i];
        if buffer.cells.is_empty() {
            return;
        }
        buffer.count();
        self.buffered = self.buffered.saturating_sub(buffer.cells.bytes.len());
        self.consumer.cells(id, &mut buffer.cells);
        buffer.cells.clear();
    }

    fn flush_all(&mut self) {
        for i in 0..self.buffers.len() {
            self.flush(i);
        }
        self.buffered = 0;
    }

    /// Hands on what is still buffered, and says whether anything of the source was searched.
    pub fn finish(mut self) -> bool {
        self.flush_all();
        self.level.searched
    }
}

/// Where the piece that starts at `at` ends: at a blank if there is one in its last kilobyte.
fn piece_end(text: &[u8], at: usize) -> usize {
    let hard = (at + PIECE).min(text.len());
    if hard == text.len() {
        return hard;
    }
    let tail = &text[hard - 1024..hard];
    match memchr::memrchr3(b' ', b'\n', b',', tail) {
        Some(i) => hard - 1024 + i + 1,
        None => hard,
    }
}
