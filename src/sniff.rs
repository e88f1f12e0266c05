//! From a source to its units: encoding and format are told from the first bytes, a reader does the rest,
//! and every fault on the way becomes a note. Files and members of containers come through here alike.

use std::io;

use crate::guard::guarded;
use crate::meter::OverBudget;
use crate::note::{Note, Reason};
use crate::readers::{self, Format, HEAD, Head, Stop};
use crate::source::{self, Encoding, Shrunk, Source, Stopped};
use crate::steps::{Fault, Steps};
use crate::unit::{Consume, Sink};

/// The field under which a file's own name is searched.
pub const NAME_FIELD: &str = "(file name)";

/// What is noted of data whose end is missing, be it that it lay there like that or that the file has changed.
const ENDS_EARLY: &str = "the data ends too early";

/// Whether a note says that the end was missing.
#[must_use]
pub fn ends_early(note: &Note) -> bool {
    note.detail == ENDS_EARLY
}

/// What was told of a file by reading it.
#[derive(Clone, Copy)]
pub struct Told {
    /// Its format.
    pub format: &'static Format,
    /// How many bytes of it were read.
    pub bytes: u64,
    /// Whether anything of it was searched.
    pub searched: bool,
    /// Whether something in it may only be read in a worker process: nothing of all this counts then.
    pub refused: bool,
}

/// A source whose format was told.
pub struct Sniffed(io::Result<(Source, &'static Format)>);

impl Sniffed {
    /// Tells the format of a source from its first bytes.
    #[must_use]
    pub fn new(source: Source, name: &str) -> Sniffed {
        Sniffed(decode_and_sniff(source, name))
    }

    /// Whether it is to be read in a worker process.
    #[must_use]
    pub fn isolated(&self) -> bool {
        self.0.as_ref().is_ok_and(|(_, format)| format.isolated)
    }
}

/// Reads a file of `size` bytes: sniffs it and pushes its units into a consumer.
pub fn file(source: Source, name: &str, size: u64, consumer: &mut dyn Consume) -> Told {
    sniffed_file(Sniffed::new(source, name), name, size, Steps::default(), consumer)
}

/// Pushes the units of a file of `size` bytes into a consumer.
pub fn sniffed_file(
    sniffed: Sniffed,
    name: &str,
    size: u64,
    steps: Steps,
    consumer: &mut dyn Consume,
) -> Told {
    let mut sink = Sink::of_file(consumer, size, steps);
    let (format, bytes) = read_sniffed(sniffed, name, &mut sink);
    let refused = sink.steps().refused();
    Told { format, bytes, searched: sink.finish(), refused }
}

/// Sniffs a source and pushes its units into a sink. What a reader cannot read on is searched as text.
/// Gives the format, and how many bytes were read.
pub fn read(source: Source, name: &str, sink: &mut Sink<'_>) -> (&'static Format, u64) {
    read_sniffed(Sniffed::new(source, name), name, sink)
}

/// What is said of the first member that is left out since too much was found before it.
const FULL: &str = "what was found before it takes all the memory that one file may: it and what follows are not read";

fn read_sniffed(sniffed: Sniffed, name: &str, sink: &mut Sink<'_>) -> (&'static Format, u64) {
    sink.name_source(name);
    if sink.source_is_data(name) {
        sink.search_source_name(NAME_FIELD, name);
    }
    let (mut source, format) = match sniffed.0 {
        Ok(told) => told,
        Err(e) => {
            fault(sink, &e);
            return (&readers::text::FORMAT, 0);
        }
    };
    if !sink.steps().allows(format) {
        return (format, 0);
    }
    let (outer, failed) = sink.steps().enter();
    match failed {
        None => by_format(format, name, &mut source, sink),
        // One note does for all that are left out.
        Some(Fault::Full) if !sink.steps().is_full_from_here() => {}
        Some(how @ Fault::Full) => sink.note(how.reason(), FULL),
        Some(how) => without_reader(format, how, &mut source, sink),
    }
    sink.steps().leave(outer);
    if let Some(e) = source.failure() {
        fault(sink, &e);
    }
    if source.undecodable() > 0 {
        sink.note(Reason::Undecodable, "some bytes are no text in the encoding of the rest");
    }
    (format, source.position())
}

/// Has the format's reader read; where that breaks off, the rest is searched as text.
fn by_format(format: &Format, name: &str, source: &mut Source, sink: &mut Sink<'_>) {
    #[cfg(debug_assertions)]
    crate::isolate::inject::at(format, name);
    #[cfg(not(debug_assertions))]
    let _ = name;
    let done = guarded(|| (format.read)(source, sink));
    let failed = Err(Stop::Malformed("the reader of this format failed on it"));
    match done.unwrap_or(failed) {
        Ok(()) => {}
        Err(Stop::Io(e)) => fault(sink, &e),
        Err(Stop::Malformed(what)) => {
            sink.note(Reason::Malformed, what);
            as_text(source, sink);
        }
    }
}

/// What is left where the format's reader brings its process down: its bytes.
fn without_reader(format: &Format, how: Fault, source: &mut Source, sink: &mut Sink<'_>) {
    let detail = format!("the {} reader {}: searched as bytes", format.id, how.words());
    sink.note(how.reason(), &detail);
    as_text(source, sink);
}

fn as_text(source: &mut Source, sink: &mut Sink<'_>) {
    if let Err(Stop::Io(e)) = readers::text::read(source, sink) {
        fault(sink, &e);
    }
}

fn decode_and_sniff(mut raw: Source, name: &str) -> io::Result<(Source, &'static Format)> {
    if readers::pgdump::is_rows(&raw, name) {
        return Ok((raw, &readers::pgdump::ROWS));
    }
    let head = raw.peek(HEAD)?;
    let complete = head.len() < HEAD;
    let head = Head::new(head, complete, name);
    let controls = head.controls;
    let is_table = controls && readers::csv::is_set_apart_by_controls(&head);
    let encoding = source::guess_by(head.bytes, complete, controls && !is_table);
    let wide = !encoding.is_eight_bit() && encoding != Encoding::Bytes;
    let is_other =
        |f: &&'static Format| wide || is_table && std::ptr::eq(*f, &readers::opaque::BINARY);
    if let Some(format) = readers::sniff_binary(&head).filter(|f| !is_other(f)) {
        return Ok((raw, format));
    }
    let mut decoded = source::decoded(raw, encoding);
    let head = decoded.peek(HEAD)?;
    // Decoding from eight bits makes no control bytes of others.
    let head = match encoding {
        _ if encoding.is_eight_bit() && !controls => {
            let bytes = &head[..head.len().min(HEAD)];
            Head { bytes, complete: head.len() < HEAD, name, controls }
        }
        _ => Head::new(head, head.len() < HEAD, name),
    };
    let format = readers::sniff(&head);
    Ok((decoded, format))
}

/// Notes what the system reported while reading.
pub fn fault(sink: &mut Sink<'_>, e: &io::Error) {
    let (reason, detail) = why(e);
    sink.note(reason, &detail);
}

/// Why reading ended, and in words that hold no path.
#[must_use]
pub fn why(e: &io::Error) -> (Reason, String) {
    let inner = e.get_ref();
    match e.kind() {
        _ if inner.is_some_and(|e| e.is::<Stopped>()) => {
            (Reason::Stopped, "the run was stopped".into())
        }
        _ if let Some(over) = inner.and_then(|e| e.downcast_ref::<OverBudget>()) => {
            (over.reason(), over.to_string())
        }
        _ if inner.is_some_and(|e| e.is::<Shrunk>()) => {
            (Reason::Changed, "cut short while it was read".into())
        }
        io::ErrorKind::UnexpectedEof => (Reason::Malformed, ENDS_EARLY.into()),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput if e.raw_os_error().is_none() => {
            (Reason::Malformed, "the compressed data is damaged".into())
        }
        io::ErrorKind::PermissionDenied => (Reason::PermissionDenied, io_words(e)),
        _ => (Reason::IoError, io_words(e)),
    }
}

/// A system error in words that hold no path.
#[must_use]
pub fn io_words(e: &io::Error) -> String {
    match e.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => e.kind().to_string(),
    }
}
