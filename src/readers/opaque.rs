//! Formats that are told by their first bytes and not taken apart: media hold no text, packed data is
//! noise, and the rest is searched as text. Each leaves a note that names the way out, where there is one. Only a
//! program with a zip archive behind it is taken apart.

use super::{Format, Head, Stop, text, zip};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

/// What is done with the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Media,
    Packed,
    Text,
}

/// Offset, bytes that stand there, name, way.
type Magic = (usize, &'static [u8], &'static str, Way);

/// Signatures from the formats' own specifications and the IANA media type registry.
const MAGICS: &[Magic] = &[
    (0, b"\x89PNG\r\n\x1A\n", "PNG image", Way::Media),
    (0, b"\xFF\xD8\xFF", "JPEG image", Way::Media),
    (0, b"GIF87a", "GIF image", Way::Media),
    (0, b"GIF89a", "GIF image", Way::Media),
    (0, b"II*\0", "TIFF image", Way::Media),
    (0, b"MM\0*", "TIFF image", Way::Media),
    (8, b"WEBP", "WebP image", Way::Media),
    (8, b"WAVEfmt ", "WAVE sound", Way::Media),
    (8, b"AVI ", "AVI video", Way::Media),
    (4, b"ftyp", "MP4 or HEIF media", Way::Media),
    (0, b"\x1A\x45\xDF\xA3", "Matroska video", Way::Media),
    (0, b"OggS", "Ogg media", Way::Media),
    (0, b"fLaC", "FLAC sound", Way::Media),
    (0, b"ID3", "MP3 sound", Way::Media),
    (0, b"wOFF", "font", Way::Media),
    (0, b"wOF2", "font", Way::Media),
    (0, b"Rar!\x1A\x07", "RAR archive (unpack it with unrar)", Way::Packed),
    (0, b"!BDN", "Outlook mailbox (take it apart with readpst)", Way::Packed),
    (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "OLE2 file of another kind", Way::Text),
    (
        4,
        b"Standard Jet DB",
        "Access database (export its tables with mdb-export or Access itself)",
        Way::Text,
    ),
    (
        4,
        b"Standard ACE DB",
        "Access database (export its tables with mdb-export or Access itself)",
        Way::Text,
    ),
    (
        0,
        b"TAPE\0",
        "SQL Server backup (restore it and export its tables with bcp or sqlcmd)",
        Way::Text,
    ),
    (
        0,
        b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3",
        "OneNote section (export it as docx or pdf)",
        Way::Text,
    ),
    (0, b"\x7FELF", "ELF program", Way::Text),
    (0, b"MZ", "Windows program", Way::Text),
];

/// Media: out of scope by rule.
pub static MEDIA: Format = Format {
    id: "media",
    name: "images, sound, video, fonts (noted, not read)",
    extensions: &["png", "jpg", "gif", "mp4", "mp3", "woff"],
    fields: "",
    isolated: false,
    beside: &[],
    sniff: |h| magic(h.bytes).is_some_and(|m| m.3 == Way::Media),
    read: read_media,
};

/// Packed data: noted as not read.
pub static PACKED: Format = Format {
    id: "packed",
    name: "RAR, Outlook mailboxes (noted, not read)",
    extensions: &["rar", "pst", "ost"],
    fields: "",
    isolated: false,
    beside: &[],
    sniff: |h| magic(h.bytes).is_some_and(|m| m.3 == Way::Packed),
    read: read_packed,
};

/// Other binary formats: searched as text, with a note.
pub static BINARY: Format = Format {
    id: "binary",
    name: "programs and other binary files (searched as bytes, noted)",
    extensions: &["exe", "dll", "mdb", "bak", "one"],
    fields: "text",
    isolated: false,
    beside: &[],
    sniff: |h| magic(h.bytes).is_some_and(|m| m.3 == Way::Text) || is_binary(h),
    read: read_binary,
};

fn magic(bytes: &[u8]) -> Option<&'static Magic> {
    // All but a few fail by one byte.
    MAGICS.iter().find(|m| bytes.get(m.0) == m.1.first() && bytes[m.0..].starts_with(m.1))
}

/// Bytes that are no text in any encoding known here: many control characters besides NUL, which some
/// programs write between texts.
fn is_binary(head: &Head<'_>) -> bool {
    if !head.controls {
        return false;
    }
    let odd = crate::bytes::count(head.bytes, |b| matches!(b, 1..=8 | 14..=26 | 28..=31 | 127));
    let nuls = memchr::memchr_iter(0, head.bytes).count();
    odd * 20 > head.bytes.len() - nuls
}

fn name(source: &mut Source) -> Result<&'static str, Stop> {
    let bytes = source.peek(512)?;
    Ok(magic(bytes).map_or("unknown binary format", |m| m.2))
}

/// The archive behind a program.
fn self_extractor(source: &mut Source) -> Result<Option<zip::Archive>, Stop> {
    let start = source.peek(4)?;
    if !start.starts_with(b"MZ") && !start.starts_with(b"\x7FELF") {
        return Ok(None);
    }
    Ok(source.files().and_then(|(program, _)| zip::behind_program(program)))
}

fn read_media(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let name = name(source)?;
    sink.note(Reason::Media, name);
    Ok(())
}

fn read_packed(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let name = name(source)?;
    sink.note(Reason::UnsupportedFormat, &format!("{name}: not opened"));
    Ok(())
}

fn read_binary(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let name = name(source)?;
    if let Some(archive) = self_extractor(source)? {
        if !sink.steps().allows(&zip::FORMAT) {
            return Ok(());
        }
        zip::members(&archive, sink)?;
        return text::read(&mut Source::from_section(archive.stub()), sink);
    }
    sink.note(Reason::UnsupportedFormat, &format!("{name}: searched as bytes, not taken apart"));
    text::read(source, sink)
}
