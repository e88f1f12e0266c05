//! Office documents that are zip archives: Office Open XML (ISO/IEC 29500) and OpenDocument (ISO/IEC 26300).
//! Paragraphs are free text with split runs joined, tables and sheets are fields.

pub(super) mod codepage;
mod doc;
mod flow;
mod macros;
pub(super) mod number;
pub mod ole;
mod others;
mod ppt;
pub mod rtf;
mod settings;
mod story;
mod xls;
mod xlsb;
mod xlsx;

use super::drive::drive;
use super::markup::Markup;
use super::zip::{Archive, is_zip};
use super::{Format, Head, Stop};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

/// A reader of a document's parts.
pub type Read = fn(&Archive, &mut Sink<'_>) -> Result<(), Stop>;

/// Word documents.
pub static DOCX: Format = Format {
    id: "docx",
    name: "Word documents (docx, docm)",
    extensions: &["docx", "docm", "dotx"],
    fields: "table.column, text",
    isolated: true,
    beside: &[],
    sniff: |head| is_document(head, b"word/", &["docx", "docm", "dotx"]),
    read: |source, sink| document(source, sink),
};

/// Excel workbooks.
pub static XLSX: Format = Format {
    id: "xlsx",
    name: "Excel workbooks (xlsx, xlsm, xlsb)",
    extensions: &["xlsx", "xlsm", "xlsb", "xltx"],
    fields: "sheet.column",
    isolated: true,
    beside: &[],
    sniff: |head| is_document(head, b"xl/", &["xlsx", "xlsm", "xlsb", "xltx"]),
    read: |source, sink| document(source, sink),
};

/// PowerPoint presentations.
pub static PPTX: Format = Format {
    id: "pptx",
    name: "PowerPoint presentations (pptx, pptm)",
    extensions: &["pptx", "pptm", "ppsx"],
    fields: "table.column, text",
    isolated: true,
    beside: &[],
    sniff: |head| is_document(head, b"ppt/", &["pptx", "pptm", "ppsx"]),
    read: |source, sink| document(source, sink),
};

/// OpenDocument texts, spreadsheets and presentations.
pub static ODF: Format = Format {
    id: "opendocument",
    name: "OpenDocument (odt, ods, odp)",
    extensions: &["odt", "ods", "odp", "ott"],
    fields: "table.column, text",
    isolated: true,
    beside: &[],
    sniff: |head| is_zip(head) && memchr::memmem::find(head.bytes, OPEN_DOCUMENT).is_some(),
    read: |source, sink| document(source, sink),
};

const OPEN_DOCUMENT: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument";

/// Whether the head of a zip archive names members of such a folder.
fn is_document(head: &Head<'_>, folder: &[u8], extensions: &[&str]) -> bool {
    is_zip(head)
        && (memchr::memmem::find(head.bytes, folder).is_some()
            && (memchr::memmem::find(head.bytes, b"[Content_Types].xml").is_some()
                || head.has_extension(extensions)))
}

fn document(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let archive = Archive::open(source)?;
    match reader(&archive) {
        Some(read) => read(&archive, sink),
        None => super::zip::members(&archive, sink),
    }
}

/// The reader of an archive that is a document.
#[must_use]
pub fn reader(archive: &Archive) -> Option<Read> {
    let has = |name: &str| archive.find(name).is_some();
    match () {
        () if has("word/document.xml") => Some(docx),
        () if has("xl/workbook.xml") => Some(xlsx::read),
        () if has("xl/workbook.bin") => Some(xlsb::read),
        () if has("ppt/presentation.xml") => Some(pptx),
        () if has("content.xml") && has("META-INF/manifest.xml") => Some(odf),
        () => None,
    }
}

fn docx(archive: &Archive, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let parts =
        ["document", "header", "footer", "footnotes", "endnotes", "comments", "glossary/document"];
    let is_text = |name: &str| {
        let part = name.strip_prefix("word/").and_then(|n| n.strip_suffix(".xml"));
        part.is_some_and(|p| parts.contains(&p.trim_end_matches(|c: char| c.is_ascii_digit())))
    };
    texts(archive, is_text, &flow::WORD, sink);
    texts(archive, is_diagram, &flow::SLIDES, sink);
    part(archive, "word/settings.xml", sink, |source, sink| {
        drive(source, sink, &mut Markup::new(settings::Settings::default()))
    });
    properties(archive, sink);
    others::members(archive, is_text, sink);
    Ok(())
}

fn pptx(archive: &Archive, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let folders = [
        "slides/slide",
        "notesSlides/notesSlide",
        "comments/",
        "slideMasters/",
        "commentAuthors",
        "authors",
    ];
    let is_text = |name: &str| {
        let part = name.strip_prefix("ppt/").filter(|n| n.ends_with(".xml"));
        part.is_some_and(|p| folders.iter().any(|f| p.starts_with(f)))
    };
    texts(archive, |name| is_text(name) || is_diagram(name), &flow::SLIDES, sink);
    properties(archive, sink);
    others::members(archive, is_text, sink);
    Ok(())
}

fn odf(archive: &Archive, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let is_text = |name: &str| matches!(name, "content.xml" | "styles.xml");
    texts(archive, is_text, &flow::OPEN, sink);
    properties(archive, sink);
    others::members(archive, is_text, sink);
    Ok(())
}

/// Whether a part holds the text of a diagram (SmartArt).
fn is_diagram(name: &str) -> bool {
    name.contains("/diagrams/data") && name.ends_with(".xml")
}

/// Reads the parts that hold text, in the archive's order.
fn texts(
    archive: &Archive,
    is_text: impl Fn(&str) -> bool,
    tags: &'static flow::Tags,
    sink: &mut Sink<'_>,
) {
    let mut tables = 0;
    for entry in archive.entries.iter().filter(|e| is_text(&e.name)) {
        part(archive, &entry.name, sink, |source, sink| {
            let mut flow = Markup::new(flow::Flow::new(tags, tables));
            let result = drive(source, sink, &mut flow);
            tables = flow.into_handler().tables();
            result
        });
    }
}

/// Opens a part and reads it; what goes wrong becomes a note and the other parts are read all the same.
fn part(
    archive: &Archive,
    name: &str,
    sink: &mut Sink<'_>,
    read: impl FnOnce(&mut Source, &mut Sink<'_>) -> Result<(), Stop>,
) {
    let Some(entry) = archive.find(name) else { return };
    match archive.source(entry, sink) {
        Ok(mut source) => {
            let result = read(&mut source, sink);
            ended(result, sink);
            if let Some(e) = source.failure() {
                crate::sniff::fault(sink, &e);
            }
        }
        Err((reason, why)) => sink.note(reason, why),
    }
}

/// Notes why a part of a document was not read to its end; the rest of the document goes on.
fn ended(result: Result<(), Stop>, sink: &mut Sink<'_>) {
    match result {
        Ok(()) => {}
        Err(Stop::Malformed(what)) => sink.note(Reason::Malformed, what),
        Err(Stop::Io(e)) => crate::sniff::fault(sink, &e),
    }
}

/// Author and the like, as fields.
fn properties(archive: &Archive, sink: &mut Sink<'_>) {
    for name in ["docProps/core.xml", "docProps/app.xml", "docProps/custom.xml", "meta.xml"] {
        part(archive, name, sink, |source, sink| {
            drive(source, sink, &mut Markup::new(flow::Properties::default()))
        });
    }
}

#[cfg(test)]
mod tests;
