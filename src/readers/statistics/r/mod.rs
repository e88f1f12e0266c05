//! Objects of R, as `saveRDS` and `save` write them (rds, RData, rda): data frames are tables, with factors by their
//! levels; matrices as well; other vectors and lists are fields by the path of their names.
//!
//! The structure stands in "R Internals", section 1.8, and in R's `src/main/serialize.c`.

use super::super::{Format, Stop, text};
use super::Order;
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

mod object;
mod reading;
mod stream;
mod tables;

use reading::{End, Objects};
use stream::{Form, Stream};
use tables::Tables;

/// Objects of R. Those that R has packed are members of a compressed file.
pub static FORMAT: Format = Format {
    id: "rdata",
    name: "R objects (rds, RData)",
    extensions: &["rds", "rdata", "rda"],
    fields: "table.column, path of names",
    // An object is held in memory whole, since it ends with its names.
    isolated: true,
    beside: &[],
    sniff: |head| start(head.bytes).is_some(),
    read,
};

/// What is told of whatever breaks the rules.
const DAMAGED: Stop = Stop::Malformed("the R object is damaged");
/// What is told of objects that take more memory than they may.
const FULL: &str = "R objects larger than is held in memory: the rest was searched as bytes";
/// Bytes that `save` writes before objects, with the form and the version in them.
const SAVED: usize = 5;

/// How bytes that begin so are written, how many of them tell that, and whether `save` wrote them. The form comes with the
/// version, which comes with those of R.
fn start(bytes: &[u8]) -> Option<(Form, usize, bool)> {
    let is_saved = matches!(bytes, [b'R', b'D', b'X' | b'A' | b'B', b'2' | b'3', b'\n', ..]);
    let before = if is_saved { SAVED } else { 0 };
    let form = match bytes.get(before..)? {
        [b'X', b'\n', 0, 0, 0, 2 | 3, 0, ..] => Form::Numbers(Order::Big),
        [b'B', b'\n', 2 | 3, 0, 0, 0, _, _, _, 0, ..] => Form::Numbers(Order::Little),
        [b'A', b'\n', b'2' | b'3', b'\n', b'1'..=b'9', b'0'..=b'9', b'0'..=b'9', ..] => {
            Form::Letters
        }
        _ => return None,
    };
    Some((form, before + 2, is_saved))
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let (form, length, is_saved) = start(source.peek(16)?).ok_or(DAMAGED)?;
    super::pass(source, length as u64)?;
    let mut objects = Objects::new(Stream::new(source, form));
    // What was read before damage, or before there was too much, counts.
    let object = objects.whole();
    let end = objects.end();
    let mut tables = Tables::new(sink);
    if is_saved { tables.saved(&object) } else { tables.single(&object) }?;
    drop(object);
    let (reason, what) = match end {
        None => return Ok(()),
        Some(End::Damaged(Stop::Malformed(what))) => (Reason::Malformed, what),
        Some(End::Damaged(stop)) => return Err(stop),
        Some(End::Full) => (Reason::Budget, FULL),
    };
    // Here, since what was packed is no longer at hand where the note would be made of it.
    sink.note(reason, what);
    text::read(source, sink)
}

#[cfg(test)]
mod tests;
