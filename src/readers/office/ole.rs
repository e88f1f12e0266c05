//! Old Office documents: OLE2 files (MS-CFB) whose kind is told by the streams in their directory. Holds what
//! the kinds share, which is opening and document properties (MS-OLEPS).

use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use cfb::CompoundFile;

use super::codepage::{CodePage, DEFAULT, utf16};
use super::{doc, ended, macros, ppt, xls};
use crate::note::Reason;
use crate::readers::{Format, Head, Stop, text};
use crate::source::{Section, Source};
use crate::unit::Sink;

/// An OLE2 file that is open.
pub type File = CompoundFile<BufReader<Section>>;
/// One of its streams.
pub type Stream = cfb::Stream<BufReader<Section>>;

/// Old Word documents.
pub static DOC: Format = Format {
    id: "doc",
    name: "old Word documents",
    extensions: &["doc", "dot"],
    fields: "table.column, text",
    isolated: true,
    beside: &[],
    sniff: |head| is_kind(head, "WordDocument", b"\xEC\xA5", &["doc", "dot"]),
    read,
};

/// Old Excel workbooks.
pub static XLS: Format = Format {
    id: "xls",
    name: "old Excel workbooks",
    extensions: &["xls", "xlt"],
    fields: "sheet.column",
    isolated: true,
    beside: &[],
    sniff: |head| {
        is_kind(head, "Workbook", b"\x09\x08", &["xls", "xlt"])
            || is_kind(head, "Book", b"\x09\x08", &[])
    },
    read,
};

/// Old PowerPoint presentations.
pub static PPT: Format = Format {
    id: "ppt",
    name: "old PowerPoint presentations",
    extensions: &["ppt", "pps"],
    fields: "text",
    isolated: true,
    beside: &[],
    sniff: |head| is_kind(head, "PowerPoint Document", b"\x0F\0\xE8\x03", &["ppt", "pps"]),
    read,
};

/// The macros of Office Open XML, which are an OLE2 file in it.
pub static VBA: Format = Format {
    id: "vba",
    name: "Office macros",
    extensions: &["bin"],
    fields: "text",
    isolated: true,
    beside: &[],
    sniff: |head| is_ole(head) && names(head, "_VBA_PROJECT"),
    read,
};

/// Office Open XML behind a password, which is an OLE2 file.
pub static PROTECTED: Format = Format {
    id: "office_protected",
    name: "Office documents with a password (noted, not read)",
    extensions: &["docx", "xlsx", "pptx"],
    fields: "",
    isolated: true,
    beside: &[],
    sniff: |head| {
        is_kind(head, "EncryptedPackage", &[0; 0], &["docx", "xlsx", "pptx", "docm", "xlsm"])
    },
    read,
};

const OLE2: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// The stream that makes an OLE2 file an Outlook message.
pub const MESSAGE: &str = "__properties_version1.0";
/// Sizes of the sectors, and with them of the header.
const SECTORS: [usize; 2] = [512, 4096];
/// Entries of the directory that are looked at.
const ENTRIES: usize = 10_000;
/// Properties of a document, their bytes at most.
const PROPERTIES: u64 = 4 << 20;
/// A document within the document is held in memory, up to this size.
const EMBEDDED: u64 = 64 << 20;

/// Whether an OLE2 file names a stream in its head. Its directory may lie behind that.
#[must_use]
pub fn names(head: &Head<'_>, stream: &str) -> bool {
    if !is_ole(head) {
        return false;
    }
    let wide: Vec<u8> = stream.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    memchr::memmem::find(head.bytes, &wide).is_some()
}

/// Whether a source starts like an OLE2 file.
#[must_use]
pub fn is_ole(head: &Head<'_>) -> bool {
    head.bytes.starts_with(OLE2)
}

/// Whether an OLE2 file is of a kind: its directory has a stream of this name. Where the directory lies behind
/// the head, the first sector and the name have to do. Messages have documents in them.
fn is_kind(head: &Head<'_>, stream: &str, start: &[u8], extensions: &[&str]) -> bool {
    if !is_ole(head) || names(head, MESSAGE) {
        return false;
    }
    let begins = |at: usize| head.bytes.get(at..).is_some_and(|b| b.starts_with(start));
    names(head, stream)
        || (!start.is_empty() && SECTORS.into_iter().any(begins))
        || head.has_extension(extensions)
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let random = source.random()?;
    let Ok(mut file) = CompoundFile::open(BufReader::new(random.whole())) else {
        *source = Source::from_read(Box::new(random.whole()));
        return Err(Stop::Malformed("the OLE2 file is damaged"));
    };
    let has = |file: &File, name: &str| file.is_stream(name);
    let result = match () {
        () if has(&file, "WordDocument") => doc::read(&mut file, sink),
        () if has(&file, "Workbook") => xls::read(&mut file, "Workbook", sink),
        () if has(&file, "Book") => xls::read(&mut file, "Book", sink),
        () if has(&file, "PowerPoint Document") => ppt::read(&mut file, sink),
        () if has(&file, "EncryptedPackage") => {
            sink.note(Reason::Encrypted, "the document is encrypted");
            return Ok(());
        }
        // It is nothing else.
        () if !macros::projects(&file).is_empty() => Ok(()),
        () => {
            sink.note(
                Reason::UnsupportedFormat,
                "OLE2 file of another kind: searched as bytes, not taken apart",
            );
            return text::read(&mut Source::from_read(Box::new(random.whole())), sink);
        }
    };
    ended(result, sink);
    properties(&mut file, sink);
    macros::read(&mut file, sink);
    embedded(&mut file, sink);
    Ok(())
}

/// A stream's bytes, up to a size.
pub fn bytes(file: &mut File, name: impl AsRef<Path>, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let stream = file.open_stream(name).ok()?;
    // What could be read before damage counts.
    let _ = stream.take(most).read_to_end(&mut bytes);
    Some(bytes)
}

/// Two bytes at an offset.
#[must_use]
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

/// Four bytes at an offset.
#[must_use]
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

/// An offset, as a position in memory.
#[must_use]
pub fn offset_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

/// Documents within the document, as far as they are whole files, are members.
fn embedded(file: &mut File, sink: &mut Sink<'_>) {
    let is_file = |e: &cfb::Entry| e.is_stream() && matches!(e.name(), "Package" | "CONTENTS");
    let paths: Vec<_> =
        file.walk().take(ENTRIES).filter(is_file).map(|e| e.path().to_owned()).collect();
    for path in paths {
        let name = path.to_string_lossy();
        let name = name.trim_start_matches('/');
        match bytes(file, &path, EMBEDDED) {
            Some(bytes) if bytes.len() as u64 == EMBEDDED => {
                sink.unread_member(name, Reason::Budget, "too big to be held in memory");
            }
            Some(bytes) => {
                let source = sink.meter().source(Cursor::new(bytes));
                sink.member(name, source);
            }
            None => sink.unread_member(name, Reason::Malformed, "its stream is damaged"),
        }
    }
}

/// Author and the like, as fields.
fn properties(file: &mut File, sink: &mut Sink<'_>) {
    for name in ["\u{5}SummaryInformation", "\u{5}DocumentSummaryInformation"] {
        let Some(set) = bytes(file, name, PROPERTIES) else { continue };
        let names = if name.starts_with("\u{5}S") { SUMMARY } else { DOCUMENT };
        let first = offset_at(&set, 44).and_then(|at| set.get(at..));
        for (id, value) in first.map(values).unwrap_or_default() {
            if let Some((_, name)) = names.iter().find(|n| n.0 == id) {
                tell("properties", name, &value, sink);
            }
        }
        let own = u32_at(&set, 24).filter(|n| *n > 1).and_then(|_| offset_at(&set, 64));
        if let Some(own) = own.and_then(|at| set.get(at..)) {
            let names = dictionary(own);
            for (id, value) in values(own) {
                if let Some((_, name)) = names.iter().find(|n| n.0 == id) {
                    tell("properties", name, &value, sink);
                }
            }
        }
    }
}

const SUMMARY: &[(u32, &str)] = &[
    (2, "title"),
    (3, "subject"),
    (4, "author"),
    (5, "keywords"),
    (6, "description"),
    (7, "template"),
    (8, "last_modified_by"),
];
const DOCUMENT: &[(u32, &str)] = &[(2, "category"), (14, "manager"), (15, "company")];

/// Hands on what a document tells of itself, if it tells anything.
pub fn tell(table: &str, name: &str, value: &str, sink: &mut Sink<'_>) {
    let value = value.trim();
    if !value.is_empty() {
        let slot = sink.slot(Some(table), Some(name));
        sink.value(slot, 1, value.as_bytes());
    }
}

const CODE_PAGE: u32 = 1;
const PROPERTY_COUNT: usize = 1024;

/// Ids and offsets of a section's properties.
fn index(section: &[u8]) -> impl Iterator<Item = (u32, usize)> + '_ {
    let count = offset_at(section, 4).unwrap_or(0).min(PROPERTY_COUNT);
    (0..count).filter_map(|i| Some((u32_at(section, 8 + 8 * i)?, offset_at(section, 12 + 8 * i)?)))
}

fn code_page(section: &[u8]) -> CodePage {
    let at = index(section).find(|p| p.0 == CODE_PAGE).and_then(|p| u16_at(section, p.1 + 4));
    at.map_or(DEFAULT, |n| CodePage::numbered(u32::from(n)))
}

/// The texts among a section's properties.
fn values(section: &[u8]) -> Vec<(u32, String)> {
    let page = code_page(section);
    let text = |(id, at): (u32, usize)| {
        let kind = u16_at(section, at)?;
        let length = offset_at(section, at.checked_add(4)?)?;
        let rest = section.get(at.checked_add(8)?..)?;
        let value = match kind {
            0x1E => page.decode(&rest[..length.min(rest.len())]),
            0x1F => utf16(&rest[..length.saturating_mul(2).min(rest.len())]),
            _ => return None,
        };
        Some((id, value.trim_end_matches('\0').to_owned()))
    };
    index(section).filter_map(text).collect()
}

/// The names of a section's own properties.
fn dictionary(section: &[u8]) -> Vec<(u32, String)> {
    let page = code_page(section);
    let wide = page == CodePage::numbered(1200);
    let mut names = Vec::new();
    let Some((_, at)) = index(section).find(|p| p.0 == 0) else { return names };
    let count = offset_at(section, at).unwrap_or(0).min(PROPERTY_COUNT);
    let mut at = at + 4;
    for _ in 0..count {
        let Some((id, length)) = u32_at(section, at).zip(offset_at(section, at + 4)) else { break };
        let length = if wide { length.saturating_mul(2) } else { length };
        let Some(name) = section.get(at + 8..).and_then(|r| r.get(..length)) else { break };
        let name = if wide { utf16(name) } else { page.decode(name) };
        names.push((id, name.trim_end_matches('\0').to_owned()));
        at += 8 + if wide { length.next_multiple_of(4) } else { length };
    }
    names
}

#[cfg(test)]
mod tests;
