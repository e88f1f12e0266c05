//! One file: from its source through sniffing, reading and detection to its result. A file result is
//! the unit of everything: what a thread hands in, and what later a worker returns and a state keeps.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use crate::detect::finder::Finder;
use crate::fanout::{Fanout, Shared};
use crate::inventory::{Confidence, Finding, Outcome};
use crate::judge::{self, Accept};
use crate::note::{Class, Note, Reason};
use crate::readers::{self, Format, HEAD, Head, Stop};
use crate::sketch::Distinct;
use crate::source::{self, Encoding, Source, Stopped};
use crate::tally::{Direct, FileTally, Named};
use crate::unit::{Consume, Sink, SlotId};

/// The field under which a file's own name is searched.
pub const NAME_FIELD: &str = "(file name)";

/// How files are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Lowest confidence that is listed.
    pub level: Confidence,
    /// Bytes per batch when one file is searched by all threads.
    pub split: usize,
    /// Files from this size on are searched by all threads.
    pub share_from: u64,
}

/// What became of a file.
#[derive(Debug)]
pub struct FileResult {
    /// Size in bytes.
    pub bytes: u64,
    /// Bytes that were read, after decoding.
    pub read: u64,
    /// Format as told by content.
    pub format: Option<&'static str>,
    /// What became of it.
    pub outcome: Outcome,
    /// What could not be read, the first reason first.
    pub notes: Vec<Note>,
    /// Findings; path and id are still to be filled in.
    pub findings: Vec<Finding>,
    /// Their distinct values, in the same order.
    pub sketches: Vec<Distinct>,
    /// Findings per detector below the confidence level.
    pub below: BTreeMap<u16, u64>,
    /// Which matches a second pass lists.
    pub accepts: HashMap<(SlotId, u16), Accept>,
}

impl FileResult {
    /// The result of a path that was not opened.
    #[must_use]
    pub fn skipped(bytes: u64, reason: Reason, detail: &str) -> FileResult {
        let outcome =
            if reason.class() == Class::Read { Outcome::Scanned } else { Outcome::Skipped };
        FileResult {
            bytes,
            read: 0,
            format: None,
            outcome,
            notes: vec![Note { members: Vec::new(), reason, detail: detail.to_owned() }],
            findings: Vec::new(),
            sketches: Vec::new(),
            below: BTreeMap::new(),
            accepts: HashMap::new(),
        }
    }
}

/// Reads and judges one source. `name` is the file's own name.
#[must_use]
pub fn scan(finder: &Finder, source: Source, size: u64, name: &str, how: Reading) -> FileResult {
    let ((format, read), tally, slots, notes) =
        if size >= how.share_from && rayon::current_num_threads() > 1 {
            shared(finder, source, name, how.split)
        } else {
            let mut direct = Direct::new(finder);
            let told = read(source, name, &mut direct);
            let (tally, slots, notes) = direct.finish();
            (told, tally, slots, notes)
        };
    let judged = judge::judge(finder, &slots, &tally, how.level);
    FileResult {
        bytes: size,
        read,
        format: Some(format.id),
        outcome: outcome(&notes),
        notes,
        findings: judged.findings,
        sketches: judged.sketches,
        below: judged.below,
        accepts: judged.accepts,
    }
}

/// The format of a source, and how many bytes of it were read.
pub type Told = (&'static Format, u64);

fn shared(
    finder: &Finder,
    source: Source,
    name: &str,
    split: usize,
) -> (Told, FileTally, Vec<Named>, Vec<Note>) {
    let shared = Shared::new(finder);
    let (told, slots, notes) = rayon::scope(|scope| {
        let mut fanout = Fanout::new(scope, &shared, split);
        let told = read(source, name, &mut fanout);
        fanout.hand_over();
        (told, std::mem::take(&mut fanout.slots), std::mem::take(&mut fanout.notes))
    });
    let slots = slots.into_iter().map(|s| Arc::try_unwrap(s).unwrap_or_else(|s| (*s).clone()));
    (told, shared.finish(), slots.collect(), notes)
}

fn outcome(notes: &[Note]) -> Outcome {
    let classes = |class| notes.iter().any(|n| n.reason.class() == class);
    match () {
        () if classes(Class::NotRead) => Outcome::Partial,
        () if classes(Class::OutOfScope) => Outcome::Skipped,
        () => Outcome::Scanned,
    }
}

/// Sniffs a source and pushes its units into a consumer. What a reader cannot read on is searched as
/// text; every fault becomes a note.
pub fn read(mut source: Source, name: &str, consumer: &mut dyn Consume) -> Told {
    let mut sink = Sink::new(consumer, Arc::from([]), 0);
    if sink.is_data(name) {
        let slot = sink.slot(None, Some(NAME_FIELD));
        sink.value(slot, 1, name.as_bytes());
    }
    let format = match decode_and_sniff(&mut source, name) {
        Ok((decoded, format)) => {
            source = decoded;
            format
        }
        Err(e) => {
            fault(&mut sink, &e);
            sink.finish();
            return (&readers::text::FORMAT, 0);
        }
    };
    if let Err(stop) = (format.read)(&mut source, &mut sink) {
        match stop {
            Stop::Io(e) => fault(&mut sink, &e),
            Stop::Malformed(what) => {
                sink.note(Reason::Malformed, what);
                if let Err(Stop::Io(e)) = readers::text::read(&mut source, &mut sink) {
                    fault(&mut sink, &e);
                }
            }
        }
    }
    if source.undecodable() > 0 {
        sink.note(Reason::Undecodable, "some bytes are no text in the encoding of the rest");
    }
    sink.finish();
    (format, source.position())
}

fn decode_and_sniff(source: &mut Source, name: &str) -> io::Result<(Source, &'static Format)> {
    let taken = std::mem::replace(source, Source::from_bytes(Vec::new()));
    let mut raw = taken;
    let head = raw.peek(HEAD)?;
    let complete = head.len() < HEAD;
    let head = Head { bytes: &head[..head.len().min(HEAD)], complete, name };
    let encoding = source::guess(head.bytes, complete);
    let wide = !matches!(encoding, Encoding::Utf8 | Encoding::Dos | Encoding::Bytes);
    if let Some(format) = readers::sniff_binary(&head).filter(|_| !wide) {
        return Ok((raw, format));
    }
    let mut decoded = source::decoded(raw, encoding);
    let head = decoded.peek(HEAD)?;
    let head = Head { bytes: &head[..head.len().min(HEAD)], complete: head.len() < HEAD, name };
    let format = readers::sniff(&head);
    Ok((decoded, format))
}

/// Notes what the system reported while reading.
fn fault(sink: &mut Sink<'_>, e: &io::Error) {
    let (reason, detail) = match e.kind() {
        _ if e.get_ref().is_some_and(|e| e.is::<Stopped>()) => {
            (Reason::Stopped, "the run was stopped")
        }
        io::ErrorKind::UnexpectedEof => (Reason::Changed, "cut short while it was read"),
        _ => (Reason::IoError, ""),
    };
    let text = if detail.is_empty() { io_words(e) } else { detail.to_owned() };
    sink.note(reason, &text);
}

/// A system error in words that hold no path.
#[must_use]
pub fn io_words(e: &io::Error) -> String {
    match e.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => e.kind().to_string(),
    }
}
