//! SQLite databases, whatever their extension: the rows of every table as values of its columns, read from
//! the file and the write-ahead log beside it. Documents in BLOBs are members.
//!
//! The pages are read by our own code, not by the library: a library needs the database in place (and then
//! takes locks, makes files beside it or folds the log back) or a copy of it on disk or in memory.

use std::collections::HashMap;

use super::{Format, Head, Stop, sniff_binary};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::{PIECE, Sink, SlotId};

mod pages;
mod schema;

use pages::{Encoding, Entry, Pages, Payload, varint};
use schema::Table;

/// SQLite databases.
pub static FORMAT: Format = Format {
    id: "sqlite",
    name: "SQLite databases, with what their write-ahead log holds",
    extensions: &["db", "sqlite", "sqlite3", "db3"],
    fields: "table.column",
    isolated: false,
    beside: &["-wal"],
    sniff: |head| head.bytes.starts_with(pages::MAGIC),
    read,
};

/// Longest header of a record: more columns than the format allows.
const HEADER: usize = 1 << 18;
/// Longest statement of the schema.
const STATEMENT: usize = 1 << 20;
/// Longest document in a BLOB that is held for reading.
const DOCUMENT: usize = 64 << 20;

/// A line of the schema: type, name, root page, statement.
struct Made {
    kind: String,
    name: String,
    root: u32,
    sql: String,
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let log = source.beside("-wal");
    let mut pages = Pages::open(source.random()?, log)?;
    let mut made = Vec::new();
    pages.walk(1, &mut |pages, mut entry| {
        made.extend(line(pages, &mut entry.payload)?);
        Ok(())
    })?;
    let virtuals: HashMap<String, Vec<String>> = made
        .iter()
        .filter(|m| m.kind == "table" && m.root == 0)
        .map(|m| (m.name.clone(), schema::arguments(m.sql.as_bytes())))
        .collect();
    for table in made.iter().filter(|m| m.kind == "table" && m.root != 0) {
        if table.name.starts_with("sqlite_") {
            continue;
        }
        let (name, columns) = match shadow(&table.name, &virtuals) {
            Some(Shadow::Index) => continue,
            Some(Shadow::Content(name, columns)) => (name, Some(columns)),
            None => (table.name.as_str(), None),
        };
        let known = Table::parse(table.sql.as_bytes());
        if known.is_none() {
            sink.note(Reason::Malformed, "the statement that made a table is not understood");
        }
        let mut shape = known.unwrap_or_default();
        if let Some(columns) = columns {
            // The first column of the content is the document's number.
            shape.columns.iter_mut().skip(1).zip(columns).for_each(|(c, n)| n.clone_into(c));
        }
        rows(&mut pages, table.root, name, &shape, sink)?;
    }
    if pages.damaged {
        sink.note(
            Reason::Malformed,
            "pages of the database are damaged or missing: the rest was read",
        );
    }
    Ok(())
}

/// A table that a full-text index keeps for itself.
enum Shadow<'a> {
    /// What it finds by: the words again.
    Index,
    /// The texts, under the name and the columns of the table that people see.
    Content(&'a str, &'a [String]),
}

fn shadow<'a>(name: &str, virtuals: &'a HashMap<String, Vec<String>>) -> Option<Shadow<'a>> {
    let (of, ending) = name.rsplit_once('_')?;
    let (of, columns) = virtuals.get_key_value(of)?;
    match ending {
        "content" => Some(Shadow::Content(of, columns)),
        "data" | "idx" | "docsize" | "config" | "segments" | "segdir" | "stat" => {
            Some(Shadow::Index)
        }
        _ => None,
    }
}

/// One line of the schema.
fn line(pages: &mut Pages, payload: &mut Payload) -> Result<Option<Made>, Stop> {
    let mut texts = Vec::new();
    for kind in header(pages, payload)? {
        let length = stored(kind);
        let mut bytes = Vec::new();
        take(pages, payload, length, &mut |part| {
            let room = STATEMENT.saturating_sub(bytes.len());
            bytes.extend_from_slice(&part[..part.len().min(room)]);
        })?;
        let text = if kind >= 13 { text(pages.encoding, &bytes) } else { number(kind, &bytes) };
        texts.push(text);
    }
    let Ok([kind, name, _, root, sql]) = <[String; 5]>::try_from(texts) else { return Ok(None) };
    Ok(Some(Made { kind, name, root: root.parse().unwrap_or(0), sql }))
}

fn rows(
    pages: &mut Pages,
    root: u32,
    name: &str,
    table: &Table,
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    let mut slots: Vec<SlotId> = Vec::new();
    let mut row = 0;
    let meter = sink.meter();
    pages.walk(root, &mut |pages, mut entry: Entry| {
        row += 1;
        if row % 1024 == 0 {
            meter.check().map_err(std::io::Error::other)?;
        }
        for (i, kind) in header(pages, &mut entry.payload)?.into_iter().enumerate() {
            let column = table.columns.get(i).cloned().unwrap_or_else(|| format!("#{}", i + 1));
            if slots.len() <= i {
                slots.push(sink.slot(Some(name), Some(&column)));
            }
            if table.rowid == Some(i) && kind == 0 {
                sink.value(slots[i], row, entry.rowid.to_string().as_bytes());
                continue;
            }
            cell(pages, &mut entry.payload, kind, (slots[i], row), (name, &column), sink)?;
        }
        Ok(())
    })
}

/// One value of a row, of the type that the record's header says.
fn cell(
    pages: &mut Pages,
    payload: &mut Payload,
    kind: u64,
    (slot, row): (SlotId, u64),
    (table, column): (&str, &str),
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    let length = stored(kind);
    if kind < 12 {
        let mut bytes = Vec::with_capacity(8);
        take(pages, payload, length, &mut |part| bytes.extend_from_slice(part))?;
        sink.value(slot, row, number(kind, &bytes).as_bytes());
        return Ok(());
    }
    // Long values are handed on piece by piece.
    let (mut held, mut at, is_text) = (Vec::new(), 0u32, kind % 2 == 1);
    let most = if is_text { PIECE } else { DOCUMENT };
    let encoding = if is_text { pages.encoding } else { Encoding::Utf8 };
    take(pages, payload, length, &mut |part| {
        held.extend_from_slice(part);
        if held.len() > most {
            at = hand_on(&mut held, encoding, slot, row, at, false, sink);
        }
    })?;
    if at > 0 {
        hand_on(&mut held, encoding, slot, row, at, true, sink);
    } else if is_text {
        sink.value(slot, row, text(encoding, &held).as_bytes());
    } else if is_document(&held) {
        sink.member(&format!("{table}.{column}[{row}]"), Source::from_bytes(held));
    } else {
        sink.value(slot, row, &held);
    }
    Ok(())
}

/// Hands on what is held of a long value, but for a tail in which a character or a value may be cut.
fn hand_on(
    held: &mut Vec<u8>,
    encoding: Encoding,
    slot: SlotId,
    row: u64,
    mut at: u32,
    last: bool,
    sink: &mut Sink<'_>,
) -> u32 {
    let all = held.len();
    let blank =
        |i: &usize| matches!(held[*i], b' ' | b'\n' | b',' | b';') && encoding == Encoding::Utf8;
    let end = match last {
        true => all,
        false => (all / 2..all).rev().find(blank).map_or(all & !3, |i| i + 1),
    };
    let text = text(encoding, &held[..end]);
    for piece in text.as_bytes().chunks(PIECE) {
        sink.value_piece(slot, row, piece, at);
        at = at.saturating_add(u32::try_from(piece.len()).unwrap_or(u32::MAX));
    }
    held.drain(..end);
    at
}

/// Whether a BLOB is a file of a format that is told by its first bytes.
fn is_document(bytes: &[u8]) -> bool {
    let head = Head::new(bytes, true, "");
    bytes.len() >= 24 && sniff_binary(&head).is_some_and(|f| f.id != "binary")
}

/// The types of a record's values.
fn header(pages: &mut Pages, payload: &mut Payload) -> Result<Vec<u64>, Stop> {
    let mut bytes = Vec::new();
    let mut length = None;
    while length.is_none_or(|n: usize| bytes.len() < n) {
        let want = length.map_or(1, |n| n - bytes.len());
        let part = pages.next(payload, want)?;
        if part.is_empty() {
            return Ok(Vec::new());
        }
        bytes.extend_from_slice(part);
        if length.is_none()
            && let Some((n, _)) = varint(&bytes)
        {
            length = Some(usize::try_from(n).unwrap_or(usize::MAX).min(HEADER));
        }
    }
    let mut at = varint(&bytes).map_or(0, |v| v.1);
    let mut kinds = Vec::new();
    while let Some((kind, n)) = varint(&bytes[at..]) {
        kinds.push(kind);
        at += n;
    }
    Ok(kinds)
}

/// Bytes that a value of this type takes.
fn stored(kind: u64) -> u64 {
    match kind {
        0 | 8..=11 => 0,
        1..=4 => kind,
        5 => 6,
        6 | 7 => 8,
        n => (n - 12) / 2,
    }
}

/// Takes the bytes of one value from a record.
fn take(
    pages: &mut Pages,
    payload: &mut Payload,
    mut length: u64,
    each: &mut dyn FnMut(&[u8]),
) -> Result<(), Stop> {
    while length > 0 {
        let part = pages.next(payload, usize::try_from(length).unwrap_or(usize::MAX))?;
        if part.is_empty() {
            return Ok(());
        }
        each(part);
        length -= part.len() as u64;
    }
    Ok(())
}

/// A number as people write it; nothing for NULL.
fn number(kind: u64, bytes: &[u8]) -> String {
    let whole = || {
        let sign = bytes.first().is_some_and(|b| b & 0x80 != 0);
        let start = if sign { -1 } else { 0 };
        bytes.iter().fold(start, |n: i64, b| n << 8 | i64::from(*b))
    };
    match kind {
        1..=6 => whole().to_string(),
        7 => f64::from_bits(whole().cast_unsigned()).to_string(),
        8 => "0".to_owned(),
        9 => "1".to_owned(),
        _ => String::new(),
    }
}

fn text(encoding: Encoding, bytes: &[u8]) -> String {
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Encoding::Utf16Le => {
            encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()
        }
        Encoding::Utf16Be => {
            encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0.into_owned()
        }
    }
}

#[cfg(test)]
mod tests;
