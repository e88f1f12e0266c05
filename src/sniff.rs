//! From a source to its units: encoding and format are told from the first bytes, a reader does the rest,
//! and every fault on the way becomes a note. Files and members of containers come through here alike.

use std::io;
use std::sync::Arc;

use crate::guard::guarded;
use crate::meter::OverBudget;
use crate::note::Reason;
use crate::readers::{self, Format, HEAD, Head, Stop};
use crate::source::{self, Encoding, Source, Stopped};
use crate::unit::{Consume, Sink};

/// The field under which a file's own name is searched.
pub const NAME_FIELD: &str = "(file name)";

/// What was told of a file by reading it.
#[derive(Clone, Copy)]
pub struct Told {
    /// Its format.
    pub format: &'static Format,
    /// How many bytes of it were read.
    pub bytes: u64,
    /// Whether anything of it was searched.
    pub searched: bool,
}

/// Reads a file of `size` bytes: sniffs it and pushes its units into a consumer.
pub fn file(source: Source, name: &str, size: u64, consumer: &mut dyn Consume) -> Told {
    let mut sink = Sink::new(consumer, Arc::from([])).with_size(size);
    let (format, bytes) = read(source, name, &mut sink);
    Told { format, bytes, searched: sink.finish() }
}

/// Sniffs a source and pushes its units into a sink. What a reader cannot read on is searched as text.
/// Gives the format, and how many bytes were read.
pub fn read(mut source: Source, name: &str, sink: &mut Sink<'_>) -> (&'static Format, u64) {
    sink.name_source(name);
    if sink.is_data(name) {
        sink.search_source_name(NAME_FIELD, name);
    }
    let format = match decode_and_sniff(&mut source, name) {
        Ok((decoded, format)) => {
            source = decoded;
            format
        }
        Err(e) => {
            fault(sink, &e);
            return (&readers::text::FORMAT, 0);
        }
    };
    let done = guarded(|| (format.read)(&mut source, sink));
    let failed = Err(Stop::Malformed("the reader of this format failed on it"));
    if let Err(stop) = done.unwrap_or(failed) {
        match stop {
            Stop::Io(e) => fault(sink, &e),
            Stop::Malformed(what) => {
                sink.note(Reason::Malformed, what);
                if let Err(Stop::Io(e)) = readers::text::read(&mut source, sink) {
                    fault(sink, &e);
                }
            }
        }
    }
    if let Some(e) = source.failure() {
        fault(sink, &e);
    }
    if source.undecodable() > 0 {
        sink.note(Reason::Undecodable, "some bytes are no text in the encoding of the rest");
    }
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
pub fn fault(sink: &mut Sink<'_>, e: &io::Error) {
    let inner = e.get_ref();
    let (reason, detail) = match e.kind() {
        _ if inner.is_some_and(|e| e.is::<Stopped>()) => {
            (Reason::Stopped, "the run was stopped".into())
        }
        _ if let Some(over) = inner.and_then(|e| e.downcast_ref::<OverBudget>()) => {
            (over.reason(), over.to_string())
        }
        io::ErrorKind::UnexpectedEof => (Reason::Changed, "cut short while it was read".into()),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput if e.raw_os_error().is_none() => {
            (Reason::Malformed, "the compressed data is damaged".into())
        }
        _ => (Reason::IoError, io_words(e)),
    };
    sink.note(reason, &detail);
}

/// A system error in words that hold no path.
#[must_use]
pub fn io_words(e: &io::Error) -> String {
    match e.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => e.kind().to_string(),
    }
}
