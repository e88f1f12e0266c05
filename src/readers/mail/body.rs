//! Bodies: plain text and HTML, which a message may hold both of with the same words.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::note::{Note, Reason};
use crate::readers::drive::Passage;
use crate::readers::html;
use crate::source::Source;
use crate::unit::{Cells, Consume, Member, Sink, Slot, SlotId, Text};

/// Longer texts are not compared.
const COMPARED: usize = 4 << 20;

/// The words of a text, by hash.
#[derive(Debug, Default)]
pub struct Words {
    said: HashSet<u64>,
    /// Fields that hold settings of the page, not what it says.
    silent: HashSet<SlotId>,
}

impl Words {
    /// The words of a plain text.
    pub fn of(text: &[u8]) -> Words {
        let mut words = Words::default();
        if text.len() <= COMPARED {
            words.add(text);
        }
        words
    }

    fn of_html(page: &[u8]) -> Words {
        let mut words = Words::default();
        let mut sink = Sink::new(&mut words, Arc::from([]));
        // What is broken in it is told when it is searched.
        let _ = (html::FORMAT.read)(&mut Source::from_bytes(page.to_vec()), &mut sink);
        sink.finish();
        words
    }

    fn add(&mut self, text: &[u8]) {
        let text = String::from_utf8_lossy(text).to_lowercase();
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
            let mut hasher = DefaultHasher::new();
            word.hash(&mut hasher);
            self.said.insert(hasher.finish());
        }
    }
}

impl Consume for Words {
    fn slot(&mut self, id: SlotId, slot: &Slot) {
        if slot.field.as_deref().is_some_and(|f| f.ends_with(".content")) {
            self.silent.insert(id);
        }
    }
    fn text(&mut self, _: SlotId, text: Text<'_>) {
        self.add(&text.bytes[text.from..text.to]);
    }
    fn cells(&mut self, id: SlotId, cells: &mut Cells) {
        if !self.silent.contains(&id) {
            self.add(&cells.bytes);
        }
    }
    fn note(&mut self, _: Note) {}
    fn member(&mut self, _: Member) {}
}

/// Searches a plain text.
pub fn plain(text: &[u8], line: u64, sink: &mut Sink<'_>) {
    let mut passage = Passage::default();
    passage.add(text, line, 0, sink);
    passage.end(sink);
    if memchr::memmem::find(text, b"-----BEGIN PGP MESSAGE-----").is_some() {
        sink.note(Reason::Encrypted, "an encrypted text (PGP)");
    }
}

/// Searches a page, unless all it says was said in plain text.
pub fn page(page: &[u8], said: Option<&Words>, sink: &mut Sink<'_>) {
    let told = said.filter(|w| !w.said.is_empty() && page.len() <= COMPARED);
    if told.is_some_and(|w| Words::of_html(page).said.is_subset(&w.said)) {
        return;
    }
    let mut source = Source::from_bytes(page.to_vec());
    if let Err(crate::readers::Stop::Malformed(why)) = (html::FORMAT.read)(&mut source, sink) {
        sink.note(Reason::Malformed, why);
        let at = usize::try_from(source.position()).unwrap_or(usize::MAX).min(page.len());
        plain(&page[at..], 1, sink);
    }
}
