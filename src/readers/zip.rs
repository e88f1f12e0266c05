//! Zip archives (jar and zip64 too): members by the central directory, each decompressed as a stream.
//! Documents that are zip archives inside have readers of their own.

use std::io::{self, BufReader, Read};

use ::zip::{CompressionMethod, ZipArchive};

use super::{Format, Head, Stop, office};
use crate::note::Reason;
use crate::source::{Random, Section, Source};
use crate::unit::Sink;

/// Zip archives.
pub static FORMAT: Format = Format {
    id: "zip",
    name: "zip archives",
    extensions: &["zip", "jar", "war", "apk"],
    fields: "as the members' formats",
    isolated: true,
    beside: &[],
    sniff: |head| is_zip(head),
    read,
};

/// Whether a source starts like a zip archive.
#[must_use]
pub fn is_zip(head: &Head<'_>) -> bool {
    [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08"].iter().any(|m| head.bytes.starts_with(m))
}

/// One member, as the directory has it.
pub struct Entry {
    /// Its name, decoded.
    pub name: String,
    /// Bytes that it has when it is decompressed, as declared.
    pub declared: u64,
    start: u64,
    packed: u64,
    crc: u32,
    method: CompressionMethod,
    encrypted: bool,
}

/// The archive at the end of a program that unpacks itself.
#[must_use]
pub fn behind_program(program: Random) -> Option<Archive> {
    /// The directory's end and the longest comment behind it.
    const TAIL: u64 = 22 + 0xFFFF;
    let mut tail = Vec::new();
    let from = program.size().saturating_sub(TAIL);
    program.section(from, TAIL).read_to_end(&mut tail).ok()?;
    memchr::memmem::rfind(&tail, b"PK\x05\x06")?;
    Archive::of(program).ok().filter(|archive| !archive.entries.is_empty())
}

/// An archive that is open.
pub struct Archive {
    random: Random,
    /// Its members in the directory's order; folders and links are left out.
    pub entries: Vec<Entry>,
}

impl Archive {
    /// All of it, as it stands.
    #[must_use]
    pub fn whole(&self) -> Section {
        self.random.whole()
    }

    /// What stands before the first member.
    #[must_use]
    pub fn stub(&self) -> Section {
        let first = self.entries.iter().map(|e| e.start).min().unwrap_or(0);
        self.random.section(0, first)
    }

    /// Reads the directory.
    ///
    /// # Errors
    /// What the system reports; `Malformed` when there is no directory, or when members overlap.
    pub fn open(source: &mut Source) -> Result<Archive, Stop> {
        Archive::of(source.random()?)
    }

    /// Reads the directory; what stands before the archive does not matter.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn of(random: Random) -> Result<Archive, Stop> {
        let mut zip = ZipArchive::new(BufReader::new(random.whole()))
            .map_err(|_| Stop::Malformed("the zip directory is missing or damaged"))?;
        if zip.has_overlapping_files().unwrap_or(true) {
            return Err(Stop::Malformed("members of the zip archive overlap"));
        }
        let mut entries = Vec::new();
        for i in 0..zip.len() {
            let Ok(file) = zip.by_index_raw(i) else { continue };
            if file.is_dir() || file.is_symlink() {
                continue;
            }
            entries.push(Entry {
                name: name(file.name_raw()),
                declared: file.size(),
                start: file.data_start().unwrap_or(0),
                packed: file.compressed_size(),
                crc: file.crc32(),
                method: file.compression(),
                encrypted: file.encrypted(),
            });
        }
        Ok(Archive { random, entries })
    }

    /// The member of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.name == name)
    }

    /// What is in a member, counted against the budget; `None` when it cannot be read, with the reason.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn source(&self, entry: &Entry, sink: &Sink<'_>) -> Result<Source, (Reason, &'static str)> {
        if entry.encrypted {
            return Err((Reason::Encrypted, "the member is encrypted"));
        }
        let packed = self.random.section(entry.start, entry.packed);
        let decoder = decoder(entry.method, packed)
            .ok_or((Reason::UnsupportedFormat, "a method of compression that is not read"))?;
        Ok(sink.meter().source(Checked { read: decoder, sum: flate2::Crc::new(), crc: entry.crc }))
    }
}

fn decoder(method: CompressionMethod, packed: Section) -> Option<Box<dyn Read + Send>> {
    // Of the methods only two have names here: the library's others are switched off.
    const BZIP2: u16 = 12;
    const ZSTD: u16 = 93;
    const XZ: u16 = 95;
    let input = BufReader::new(packed);
    match method {
        CompressionMethod::Stored => Some(Box::new(input)),
        CompressionMethod::Deflated => Some(Box::new(flate2::bufread::DeflateDecoder::new(input))),
        #[expect(deprecated, reason = "numbers of methods that the library does not read itself")]
        CompressionMethod::Unsupported(number) => match number {
            BZIP2 => Some(Box::new(bzip2::bufread::BzDecoder::new(input))),
            ZSTD => Some(Box::new(zstd::stream::read::Decoder::with_buffer(input).ok()?)),
            XZ => Some(Box::new(liblzma::bufread::XzDecoder::new(input))),
            _ => None,
        },
        _ => None,
    }
}

/// A reader that compares the checksum at the end: what was read before still counts.
struct Checked {
    read: Box<dyn Read + Send>,
    sum: flate2::Crc,
    crc: u32,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.read.read(buffer)?;
        self.sum.update(&buffer[..n]);
        if n == 0 && !buffer.is_empty() && self.sum.sum() != self.crc {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(n)
    }
}

/// A name in UTF-8, or in code page 437 as the format has it.
fn name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => crate::source::from_dos(raw),
    }
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let archive = Archive::open(source)?;
    match office::reader(&archive) {
        Some(read) => read(&archive, sink),
        None => members(&archive, sink),
    }
}

/// Hands all members on.
///
/// # Errors
/// None: what goes wrong with a member becomes a note.
pub fn members(archive: &Archive, sink: &mut Sink<'_>) -> Result<(), Stop> {
    for entry in &archive.entries {
        match archive.source(entry, sink) {
            Ok(source) => sink.member(&entry.name, source),
            Err((reason, why)) => sink.unread_member(&entry.name, reason, why),
        }
    }
    Ok(())
}
