//! Units: what readers push and detection consumes. Text in a slot, or buffered cells of one field.
//!
//! One mechanism serves every format. A reader names a slot once (`table.column`, `$.users[].email`,
//! a mail header, or free text) and pushes text or cells into the [`Sink`]; the sink gathers about a
//! thousand cells of a field in one buffer, each ended by [`CELL_END`], before it hands them on. The
//! results do not depend on when buffers are flushed.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::inventory::Outcome;
use crate::note::Note;

mod buffer;
mod cells;
mod names;
mod plain;
mod rows;
mod sink;

pub use buffer::FIRST_CELLS;
pub use cells::Cells;
pub use plain::make_plain;
pub use rows::Cut;
pub use sink::Sink;

/// Ends every cell in a buffer. It is no word, digit or space character, and patterns never match it.
pub const CELL_END: u8 = 0x1E;
/// A cell longer than this is handed on in pieces, so that memory stays bounded.
pub const PIECE: usize = 64 << 10;
/// Slots per source; what comes after shares one slot, and a note says so.
pub const MAX_SLOTS: usize = 4096;

/// Number of a slot within one file's scan.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct SlotId(pub u32);

/// Whether no slot stands twice among these.
#[must_use]
pub fn all_different(slots: &[SlotId]) -> bool {
    let mut slots = slots.to_vec();
    slots.sort_unstable();
    slots.windows(2).all(|w| w[0] != w[1])
}

/// Where in a file text stands: free text, or a named field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The chain of archive members and attachments that leads here; empty for a plain file.
    pub members: Arc<[String]>,
    /// Table, sheet or the like, when the format has one.
    pub table: Option<String>,
    /// Column, JSON path, XML path, header …; `None` is free text.
    pub field: Option<String>,
}

/// A stretch of free text. Only matches that start inside `scan` belong to it; what stands before and
/// after is context, so that cutting a text in windows changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// The text with its context.
    pub bytes: &'a [u8],
    /// First byte of `bytes` that is new.
    pub from: usize,
    /// First byte of `bytes` that belongs to the next stretch.
    pub to: usize,
    /// Line number (from 1) of the byte at `from`.
    pub line: u64,
    /// Offset in the decoded source of the byte at `from`.
    pub offset: u64,
    /// What stands behind `from` in another place than counting from there would tell: paragraphs, and what comes behind
    /// a character that was written in more bytes.
    pub marks: &'a [Mark],
}

/// Where in its source a part of a text begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its first byte in the text.
    pub at: usize,
    /// Line number (from 1) of that byte.
    pub line: u64,
    /// Its offset in the decoded source.
    pub offset: u64,
}

impl<'a> Text<'a> {
    /// A text that stands by itself, such as a paragraph.
    #[must_use]
    pub fn whole(bytes: &'a [u8], line: u64, offset: u64) -> Self {
        Text { bytes, from: 0, to: bytes.len(), line, offset, marks: &[] }
    }

    /// Tells where places in it stand.
    #[must_use]
    pub fn places(&self) -> Places<'a> {
        let mark = Mark { at: self.from, line: self.line, offset: self.offset };
        Places { bytes: self.bytes, line: self.line, counted: self.from, mark, next: self.marks }
    }
}

/// Line and offset of places in a text, asked in order.
#[derive(Debug)]
pub struct Places<'a> {
    bytes: &'a [u8],
    line: u64,
    counted: usize,
    /// Where the part at hand begins.
    mark: Mark,
    next: &'a [Mark],
}

impl Places<'_> {
    /// Line and offset of a place that does not stand before those asked for so far.
    pub fn at(&mut self, place: usize) -> (u64, u64) {
        while let Some((mark, rest)) = self.next.split_first().filter(|n| n.0.at <= place) {
            (self.mark, self.next) = (*mark, rest);
            (self.line, self.counted) = (mark.line, mark.at);
        }
        self.line += memchr::memchr_iter(b'\n', &self.bytes[self.counted..place]).count() as u64;
        self.counted = place;
        (self.line, self.mark.offset + (place - self.mark.at) as u64)
    }
}

/// The field under which names of tables and fields are searched that hold personal data.
pub const NAMES: &str = "(names)";

/// What takes units: detection, or a test that collects them.
pub trait Consume {
    /// A slot is named for the first time; ids count up from 0.
    fn slot(&mut self, id: SlotId, slot: &Slot);
    /// Free text.
    fn text(&mut self, id: SlotId, text: Text<'_>);
    /// A buffer of cells. The consumer may take it; the sink goes on with what is left in place.
    fn cells(&mut self, id: SlotId, cells: &mut Cells);
    /// Who is asked what names are: nobody where they do not matter.
    fn names(&self) -> &dyn AskNames {
        &()
    }
    /// Something could not be read.
    fn note(&mut self, note: Note);
    /// A member of a container is done.
    fn member(&mut self, member: Member);
    /// A message of a mailbox or a page of a document begins, counted from 1: free text of these members belongs to
    /// it from here on.
    fn part(&mut self, _members: &Arc<[String]>, _number: u64) {}
}

/// The name of a file as people read it: underscores are blanks, but for those of addresses of e-mail.
#[must_use]
pub fn parted_name(name: &str) -> Cow<'_, str> {
    match name.contains('_') && !name.contains('@') {
        true => name.replace('_', " ").into(),
        false => name.into(),
    }
}

/// Who is asked what names (of headers, keys, sheets …) are.
pub trait AskNames {
    /// Whether a name is itself personal data.
    fn is_data(&self, _name: &str) -> bool {
        false
    }
    /// Where in a name personal data stands.
    fn data_in(&self, name: &str) -> Vec<Range<usize>> {
        self.is_data(name).then_some(0..name.len()).into_iter().collect()
    }
    /// Whether a name is that of a field of some kind that is looked for.
    fn names_kind(&self, _name: &str) -> bool {
        false
    }
}

impl AskNames for () {}

/// What became of a member of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The chain of members that leads to it, itself last.
    pub members: Vec<String>,
    /// Format as told by content; `None` when it was not opened.
    pub format: Option<&'static str>,
    /// Bytes that were read of it.
    pub bytes: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, if it was not read in full.
    pub why: Option<Note>,
}

/// Whether a key is an identifier rather than a name: all digits, or hexadecimal of 16 and more.
/// Such keys are written as `{}` in paths, so that a map keyed by number is one field, not thousands.
#[must_use]
pub fn is_identifier(name: &str) -> bool {
    let digits = name.bytes().all(|b| b.is_ascii_digit());
    let hex = name.len() >= 16 && name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    !name.is_empty() && (digits || hex)
}

#[cfg(test)]
pub mod testing {
    //! A consumer that keeps everything, for the readers' tests.
    use super::*;

    /// What a reader pushed, in order of slots.
    #[derive(Debug, Default)]
    pub struct Collected {
        /// Slots in order of naming.
        pub slots: Vec<Slot>,
        /// `(slot, row, text)` of every cell, pieces joined.
        pub cells: Vec<(SlotId, u64, String)>,
        /// `(slot, line, text)` of every text, new part only.
        pub texts: Vec<(SlotId, u64, String)>,
        /// Notes.
        pub notes: Vec<Note>,
        /// Members.
        pub members: Vec<Member>,
    }

    impl Collected {
        /// The values of a field, by row.
        pub fn field(&self, table: Option<&str>, field: &str) -> Vec<(u64, String)> {
            let found = self
                .slots
                .iter()
                .position(|s| s.table.as_deref() == table && s.field.as_deref() == Some(field));
            let Some(at) = found else { return Vec::new() };
            let id = SlotId(u32::try_from(at).unwrap());
            let mut rows: Vec<_> =
                self.cells.iter().filter(|c| c.0 == id).map(|c| (c.1, c.2.clone())).collect();
            rows.sort_by_key(|r| r.0);
            rows
        }

        /// All free text, joined.
        pub fn text(&self) -> String {
            self.texts.iter().map(|t| t.2.as_str()).collect()
        }

        /// Names of the fields, in order.
        pub fn fields(&self) -> Vec<&str> {
            self.slots.iter().filter_map(|s| s.field.as_deref()).collect()
        }
    }

    impl AskNames for Collected {
        fn is_data(&self, name: &str) -> bool {
            name.contains('@')
        }
        fn names_kind(&self, name: &str) -> bool {
            ["Navn", "Telefon", "E-post"].contains(&name)
        }
    }

    impl Consume for Collected {
        fn slot(&mut self, _: SlotId, slot: &Slot) {
            self.slots.push(slot.clone());
        }
        fn text(&mut self, id: SlotId, t: Text<'_>) {
            // What begins no line is told in one with what stands before it.
            let begins_line = |mark: &&Mark| t.bytes[..mark.at].ends_with(b"\n");
            let marks: Vec<_> = t.marks.iter().filter(begins_line).collect();
            let ends = marks.iter().map(|mark| mark.at).chain([t.to]);
            let starts = marks.iter().map(|mark| (mark.at, mark.line));
            for ((from, line), to) in std::iter::once((t.from, t.line)).chain(starts).zip(ends) {
                let new = String::from_utf8_lossy(&t.bytes[from..to]).into_owned();
                self.texts.push((id, line, new));
            }
        }
        fn cells(&mut self, id: SlotId, cells: &mut Cells) {
            for i in 0..cells.len() {
                let text = String::from_utf8_lossy(&cells.bytes[cells.range(i)]).into_owned();
                match cells.piece(i) {
                    Some(at) if at > 0 => {
                        let last = self.cells.iter_mut().rev().find(|c| c.0 == id).unwrap();
                        last.2.push_str(&text);
                    }
                    _ => self.cells.push((id, cells.row(i), text)),
                }
            }
        }
        fn names(&self) -> &dyn AskNames {
            self
        }
        fn note(&mut self, note: Note) {
            self.notes.push(note);
        }
        fn member(&mut self, member: Member) {
            self.members.push(member);
        }
    }
}
