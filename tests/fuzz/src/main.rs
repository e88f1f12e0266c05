//! Fuzzing of one reader: `DATAKART_FUZZ` is the id of its format, `any` for whatever the bytes are told as.
//! A panic in datakart's own code, a hang and too much memory are crashes. A panic in a library is what
//! `guard.rs` is for, and is not. Started by `run.sh`.

#![no_main]

use std::ops::Range;
use std::sync::OnceLock;

use datakart::guard::guarded;
use datakart::note::Note;
use datakart::readers::{self, Format};
use datakart::sniff;
use datakart::source::Source;
use datakart::steps::Steps;
use datakart::unit::{AskNames, Cells, Consume, Member, Sink, Slot, SlotId, Text};
use libfuzzer_sys::fuzz_target;

/// Looks at every byte that comes, and keeps nothing.
#[derive(Default)]
struct Look {
    slots: u32,
    sum: u64,
}

impl Look {
    fn look(&mut self, bytes: &[u8]) {
        self.sum = bytes.iter().fold(self.sum, |sum, b| sum.rotate_left(5) ^ u64::from(*b));
    }
}

impl AskNames for Look {
    fn is_data(&self, name: &str) -> bool {
        name.contains('@')
    }

    fn data_in(&self, name: &str) -> Vec<Range<usize>> {
        name.find('@').map(|at| at..at + 1).into_iter().collect()
    }
}

impl Consume for Look {
    fn slot(&mut self, id: SlotId, _: &Slot) {
        assert_eq!(id.0, self.slots, "ids count up");
        self.slots += 1;
    }

    fn text(&mut self, id: SlotId, text: Text<'_>) {
        assert!(id.0 < self.slots);
        self.look(text.bytes);
    }

    fn cells(&mut self, id: SlotId, cells: &mut Cells) {
        assert!(id.0 < self.slots);
        for cell in 0..cells.len() {
            self.look(&cells.bytes[cells.range(cell)]);
        }
    }

    fn names(&self) -> &dyn AskNames {
        self
    }

    fn note(&mut self, note: Note) {
        assert!(note.detail.len() < 4096, "a note is short");
    }

    fn member(&mut self, _: Member) {}
}

/// The format to fuzz; none when the bytes are to be told first.
fn format() -> Option<&'static Format> {
    static CHOSEN: OnceLock<Option<&'static Format>> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        abort_on_our_own_panics();
        let id = std::env::var("DATAKART_FUZZ").unwrap_or_else(|_| "any".into());
        assert!(id == "any" || readers::by_id(&id).is_some(), "DATAKART_FUZZ={id}: no such format");
        readers::by_id(&id)
    })
}

fn abort_on_our_own_panics() {
    let show = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map_or("", |l| l.file());
        if !place.contains("/.cargo/") {
            show(info);
            std::process::abort();
        }
    }));
}

fuzz_target!(|data: &[u8]| {
    let mut look = Look::default();
    let source = Source::from_bytes(data.to_vec());
    let Some(format) = format() else {
        sniff::file(source, "fuzzed", data.len() as u64, &mut look);
        return;
    };
    let mut source = source;
    let mut sink = Sink::of_file(&mut look, data.len() as u64, Steps::default());
    // What the reader makes of the bytes is its own affair, as long as it comes back.
    let _ = guarded(|| (format.read)(&mut source, &mut sink));
    sink.finish();
});
