//! Readers: one file per format, each turning a source into units. Adding a format is one file here
//! and one line in [`FORMATS`].

use std::io;

use crate::source::Source;
use crate::unit::Sink;

pub mod access;
pub mod avro;
pub mod compressed;
pub mod csv;
pub mod dbf;
pub mod dicom;
mod drive;
pub mod edi;
mod form;
pub mod gedcom;
mod grid;
pub mod hl7;
pub mod html;
pub mod ical;
pub mod iwork;
pub mod json;
mod keyed;
pub mod keyvalue;
pub mod ldif;
mod lines;
pub mod mail;
pub mod markdown;
mod markup;
pub mod mt940;
pub mod office;
pub mod ofx;
pub mod opaque;
mod pairs;
pub mod parquet;
pub mod passwd;
pub mod pdf;
pub mod pgdump;
mod printout;
pub mod qif;
mod rows;
pub mod sevenz;
pub mod spreadsheetml;
pub mod sql;
pub mod sqlite;
pub mod statistics;
pub mod tar;
pub mod text;
pub mod vcard;
pub mod xml;
pub mod zip;

/// Why a reader ended before its source did.
#[derive(Debug)]
pub enum Stop {
    /// The system reported an error while reading.
    Io(io::Error),
    /// The format's rules are broken here: what stands from the source's position on is searched as
    /// text. The words say what was expected, never what was found.
    Malformed(&'static str),
}

impl From<io::Error> for Stop {
    fn from(e: io::Error) -> Self {
        Stop::Io(e)
    }
}

/// The first bytes of a source, decoded to UTF-8, with its name: what the format is told from.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Up to [`HEAD`] bytes.
    pub bytes: &'a [u8],
    /// Whether these are all the bytes there are.
    pub complete: bool,
    /// The file's or member's own name, a hint of last resort.
    pub name: &'a str,
    /// Whether control bytes stand among them that text has few of.
    pub controls: bool,
}

/// How many bytes formats are told from.
pub const HEAD: usize = 64 << 10;

impl<'a> Head<'a> {
    /// The head of a source that starts with these bytes, of which [`HEAD`] count.
    #[must_use]
    pub fn new(bytes: &'a [u8], complete: bool, name: &'a str) -> Head<'a> {
        let bytes = &bytes[..bytes.len().min(HEAD)];
        Head { bytes, complete, name, controls: crate::bytes::has_controls(bytes) }
    }

    /// Whether the name ends with one of these extensions (lower case, without the dot).
    #[must_use]
    pub fn has_extension(&self, extensions: &[&str]) -> bool {
        let name = self.name.as_bytes();
        let ext = memchr::memrchr(b'.', name).map_or(&[][..], |dot| &name[dot + 1..]);
        extensions.iter().any(|e| e.len() == ext.len() && e.as_bytes().eq_ignore_ascii_case(ext))
    }

    /// The bytes without a byte order mark and leading white space.
    #[must_use]
    pub fn trimmed(&self) -> &[u8] {
        let bytes = self.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(self.bytes);
        bytes.trim_ascii_start()
    }
}

/// A format: how it is told, and how it is read.
pub struct Format {
    /// Short name in outputs (`csv`, `sql_dump`).
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Usual extensions, for the table of formats; formats are told by content.
    pub extensions: &'static [&'static str],
    /// How its units look (`column`, `schema.table.column`, `JSON path`, `text`).
    pub fields: &'static str,
    /// Whether its parser may abort, hang or eat memory on hostile input, or meet one that may (containers):
    /// such files are read in a worker process.
    pub isolated: bool,
    /// Endings of files that lie beside one of this format and belong to it (`-wal` of a database).
    pub beside: &'static [&'static str],
    /// Whether a source that starts like this is of this format.
    pub sniff: fn(&Head<'_>) -> bool,
    /// Pushes the source's units into the sink. The source's bytes are UTF-8 as far as they could be
    /// decoded; they may still be anything.
    pub read: fn(&mut Source, &mut Sink<'_>) -> Result<(), Stop>,
}

/// Formats that are told by their first bytes as they are, before any decoding.
pub static BINARY_FORMATS: &[&Format] = &[
    &compressed::FORMAT,
    &compressed::FOREIGN,
    &office::DOCX,
    &office::XLSX,
    &office::PPTX,
    &office::ODF,
    &office::rtf::FORMAT,
    &mail::MSG,
    &mail::PST,
    &mail::TNEF,
    &office::ole::DOC,
    &office::ole::XLS,
    &office::ole::PPT,
    &office::ole::VBA,
    &office::ole::PROTECTED,
    &zip::FORMAT,
    &tar::FORMAT,
    &sevenz::FORMAT,
    &sqlite::FORMAT,
    &access::FORMAT,
    &parquet::FORMAT,
    &avro::FORMAT,
    &pgdump::FORMAT,
    &dbf::FORMAT,
    &statistics::spss::FORMAT,
    &statistics::stata::FORMAT,
    &statistics::r::FORMAT,
    &dicom::FORMAT,
    &pdf::FORMAT,
    &mail::MBOX,
    &mail::EML,
    &iwork::FORMAT,
    &opaque::MEDIA,
    &opaque::PACKED,
    &opaque::BINARY,
];

/// Every text format, in the order in which they are tried; plain text takes what is left.
pub static FORMATS: &[&Format] = &[
    &json::LINES,
    &json::FORMAT,
    &ofx::FORMAT,
    &html::FORMAT,
    &spreadsheetml::FORMAT,
    &xml::FORMAT,
    &sql::FORMAT,
    &vcard::FORMAT,
    &ical::FORMAT,
    &ldif::FORMAT,
    &passwd::FORMAT,
    &hl7::FORMAT,
    &gedcom::FORMAT,
    &mt940::FORMAT,
    &edi::FORMAT,
    &qif::FORMAT,
    &markdown::FORMAT,
    &csv::FORMAT,
    &keyvalue::FORMAT,
    &text::FORMAT,
];

/// The binary format of a source that starts like this, undecoded.
#[must_use]
pub fn sniff_binary(head: &Head<'_>) -> Option<&'static Format> {
    BINARY_FORMATS.iter().find(|f| (f.sniff)(head)).copied()
}

/// The format of this id; where several share it, the first.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Format> {
    BINARY_FORMATS.iter().chain(FORMATS).find(|f| f.id == id).copied()
}

/// Endings of the files that belong to a source of this name that starts like this; after a slash, the name of one in the
/// same folder.
#[must_use]
pub fn beside(bytes: &[u8], name: &str) -> &'static [&'static str] {
    if pgdump::may_be_rows(name) {
        return &[pgdump::CONTENTS];
    }
    let head = Head { bytes, complete: true, name: "", controls: false };
    let mut with = BINARY_FORMATS.iter().filter(|f| !f.beside.is_empty());
    with.find(|f| (f.sniff)(&head)).map_or(&[], |f| f.beside)
}

/// The format of a source that starts like this.
#[must_use]
pub fn sniff(head: &Head<'_>) -> &'static Format {
    FORMATS.iter().find(|f| (f.sniff)(head)).copied().unwrap_or(&text::FORMAT)
}
