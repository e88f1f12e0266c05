//! Outlook messages: MAPI properties in the streams of an OLE2 file (MS-OXMSG, MS-OXPROPS).

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read, Write};

use cfb::CompoundFile;

use super::HELD;
use super::mapi::{ANSI, BYTES, Bag, WIDE, attachment_name, recipient};
use super::message::own_name;
use crate::note::Reason;
use crate::readers::office::ole::{self, File, MESSAGE as PROPERTIES};
use crate::readers::{Head, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// Entries of the file's directory that are looked at.
const ENTRIES: usize = 100_000;
const SUBSTREAM: &str = "__substg1.0_";

/// Whether an OLE2 file holds a message: its directory names the stream of properties. It may lie behind
/// the head of a big one, where the name has to do.
pub fn is_message(head: &Head<'_>) -> bool {
    ole::names(head, PROPERTIES) || (ole::is_ole(head) && head.has_extension(&["msg", "oft"]))
}

/// Reads an Outlook message.
pub fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let random = source.random()?;
    let file = CompoundFile::open(BufReader::new(random.whole()));
    let mut file = file.map_err(|_| Stop::Malformed("the OLE2 file is damaged"))?;
    sink.part(1);
    let mut message = bag(&mut file, "/", 32, sink);
    message.headers(sink);
    let children: Vec<String> = file
        .read_root_storage()
        .take(ENTRIES)
        .filter(cfb::Entry::is_storage)
        .map(|e| e.name().to_owned())
        .collect();
    let (mut people, mut attached) = (Vec::new(), Vec::new());
    for child in children {
        if child.starts_with("__recip_version1.0_") {
            people.push(child);
        } else if child.starts_with("__attach_version1.0_") {
            attached.push(child);
        }
    }
    for name in people {
        let properties = bag(&mut file, &format!("/{name}"), 8, sink);
        recipient(&properties, &message, sink);
    }
    message.body(sink);
    let mut names = HashMap::new();
    for name in attached {
        attachment(&mut file, &format!("/{name}"), &mut names, &message, sink);
    }
    Ok(())
}

/// Marks a type of which there are several values.
const SEVERAL: u16 = 0x1000;

/// Reads the properties of a storage, whose stream of properties has a header of this length.
fn bag(file: &mut File, storage: &str, header: usize, sink: &mut Sink<'_>) -> Bag {
    let mut bag = Bag::new(1, String::new());
    let mut streams = Vec::new();
    for entry in file.read_storage(storage).into_iter().flatten().take(ENTRIES) {
        let name = entry.name();
        if let Some(tag) = entry.is_stream().then(|| tag(name)).flatten()
            // The content of attachments is read by itself.
            && tag != (0x3701, BYTES)
        {
            streams.push((tag, format!("{storage}/{name}")));
        }
    }
    streams.sort();
    let mut held = 0;
    for ((number, kind), path) in streams {
        let value = stream(file, &path, HELD - held, sink);
        held = (held + value.len()).min(HELD);
        bag.put(number, kind, value);
    }
    let fixed = stream(file, &format!("{storage}/{PROPERTIES}"), HELD, sink);
    for entry in fixed.get(header..).unwrap_or_default().chunks_exact(16) {
        if let Some((number, value)) = ole::u16_at(entry, 2).zip(ole::u32_at(entry, 8)) {
            bag.numbers.insert(number, value);
        }
    }
    bag
}

/// The property that a stream's name tells: its number and type. Of several values each is a stream.
fn tag(name: &str) -> Option<(u16, u16)> {
    let digits = name.strip_prefix(SUBSTREAM)?;
    let number = u16::from_str_radix(digits.get(..4)?, 16).ok()?;
    let kind = u16::from_str_radix(digits.get(4..8)?, 16).ok()?;
    let several = kind & SEVERAL != 0;
    let kind = kind & !SEVERAL;
    // Without a suffix the stream holds lengths.
    (matches!(kind, ANSI | WIDE | BYTES) && several == digits[8..].starts_with('-'))
        .then_some((number, kind))
}

/// The bytes of a stream, up to a limit; none if there is no such stream.
fn stream(file: &mut File, path: &str, most: usize, sink: &mut Sink<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Ok(stream) = file.open_stream(path) else { return bytes };
    let size = stream.len();
    let read = stream.take(most as u64).read_to_end(&mut bytes);
    if size > most as u64 {
        sink.note(
            Reason::Budget,
            "a property or attachment is too big to be held: its end is left out",
        );
    } else if read.is_err() {
        sink.note(Reason::Malformed, "a stream of the OLE2 file is damaged");
    }
    bytes
}

/// Hands on an attachment: a file, or another message or object, which becomes a file of its own.
fn attachment(
    file: &mut File,
    storage: &str,
    names: &mut HashMap<String, usize>,
    message: &Bag,
    sink: &mut Sink<'_>,
) {
    let properties = bag(file, storage, 8, sink);
    let name = attachment_name(&properties, message);
    let object = format!("{storage}/{SUBSTREAM}3701000D");
    if file.is_storage(&object) {
        let is_message = file.is_stream(format!("{object}/{PROPERTIES}"));
        let named = name.to_ascii_lowercase().ends_with(".msg") || !is_message;
        let name = own_name(names, &if named { name } else { format!("{name}.msg") });
        return match copy(file, &object, sink) {
            Some(bytes) => {
                let source = sink.meter().source(Cursor::new(bytes));
                sink.member(&name, source);
            }
            None => sink.unread_member(
                &name,
                Reason::Malformed,
                "an embedded object that is damaged or too big",
            ),
        };
    }
    let name = own_name(names, &name);
    if name.to_ascii_lowercase().ends_with(".rpmsg") {
        return sink.unread_member(&name, Reason::Encrypted, "a message under rights management");
    }
    let content = format!("{storage}/{SUBSTREAM}37010102");
    if !file.is_stream(&content) {
        return sink.unread_member(
            &name,
            Reason::UnsupportedFormat,
            "an attachment that is not in the message",
        );
    }
    let bytes = stream(file, &content, HELD, sink);
    let source = sink.meter().source(Cursor::new(bytes));
    sink.member(&name, source);
}

/// A storage as an OLE2 file of its own, in memory.
fn copy(file: &mut File, storage: &str, sink: &mut Sink<'_>) -> Option<Vec<u8>> {
    let entries: Vec<(String, bool, u64)> = file
        .walk_storage(storage)
        .ok()?
        .take(ENTRIES)
        .map(|e| (e.path().to_string_lossy().into_owned(), e.is_stream(), e.len()))
        .collect();
    let total = entries.iter().filter(|e| e.1).map(|e| e.2).fold(0, u64::saturating_add);
    if total > HELD as u64 {
        return None;
    }
    let mut out = CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for (path, is_stream, _) in entries {
        let Some(inner) = path.strip_prefix(storage).filter(|p| !p.is_empty()) else { continue };
        if !is_stream {
            out.create_storage(inner).ok()?;
            continue;
        }
        let mut bytes = stream(file, &path, HELD, sink);
        if inner.strip_prefix('/') == Some(PROPERTIES) && bytes.len() >= 24 {
            // The header of a message of its own is 8 bytes longer (MS-OXMSG, section 2.4.1).
            bytes.splice(24..24, [0; 8]);
        }
        out.create_stream(inner).ok()?.write_all(&bytes).ok()?;
    }
    out.flush().ok()?;
    Some(out.into_inner().into_inner())
}
