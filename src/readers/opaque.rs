//! Formats that are told by their first bytes and not taken apart: media hold no text, packed data is
//! noise, and the rest is searched as text. Each leaves a note that names the way out, where there is one. Only a
//! program with a zip archive behind it is taken apart.

use super::{Format, HEAD, Head, Stop, text, zip};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

mod signatures;

use signatures::Way;

/// Media: out of scope by rule.
pub static MEDIA: Format = Format {
    id: "media",
    name: "images, sound, video, fonts (noted, not read)",
    extensions: &["png", "jpg", "gif", "mp4", "mp3", "ttf"],
    fields: "",
    isolated: false,
    beside: &[],
    sniff: |h| goes(h, Way::Media),
    read: read_media,
};

/// Packed data: noted as not read.
pub static PACKED: Format = Format {
    id: "packed",
    name: "RAR, Arrow, Git objects, encrypted files (noted, not read)",
    extensions: &["rar", "arrow", "feather", "kdbx"],
    fields: "",
    isolated: false,
    beside: &[],
    sniff: |h| goes(h, Way::Packed) || goes(h, Way::Locked),
    read: read_packed,
};

/// Other binary formats: searched as text, with a note.
pub static BINARY: Format = Format {
    id: "binary",
    name: "programs and other binary files (searched as bytes, noted)",
    extensions: &["exe", "dll", "bak", "one", "iso", "vmdk"],
    fields: "text",
    isolated: false,
    beside: &[],
    sniff: |h| goes(h, Way::Text) || is_binary(h),
    read: read_binary,
};

fn goes(head: &Head<'_>, way: Way) -> bool {
    // All of them have control bytes; a table may begin with `MZ` or `ID3`.
    head.controls && signatures::of(head.bytes).is_some_and(|told| told.1 == way)
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

/// The format's name, and what is done with it.
fn told(source: &mut Source) -> Result<(&'static str, Way), Stop> {
    Ok(signatures::of(source.peek(HEAD)?).unwrap_or(("unknown binary format", Way::Text)))
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
    let (name, _) = told(source)?;
    sink.note(Reason::Media, name);
    Ok(())
}

fn read_packed(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let (name, way) = told(source)?;
    let reason = match way {
        Way::Locked => Reason::Encrypted,
        _ => Reason::UnsupportedFormat,
    };
    sink.note(reason, &format!("{name}: not opened"));
    Ok(())
}

fn read_binary(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let (name, _) = told(source)?;
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
