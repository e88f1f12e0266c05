//! Archives of pg_dump in its custom format: what pg_restore would write is what the SQL reader gets, table
//! by table, straight from the stream. Of the tar and directory formats this is the table of contents; in a folder
//! each table's rows are a file beside it.
//!
//! The format stands in PostgreSQL's sources only (`src/bin/pg_dump/pg_backup_archiver.c` and
//! `pg_backup_custom.c`); versions 1.12 to 1.16 are those of PostgreSQL 9.0 to 17.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::drive::drive;
use super::{Format, Stop, compressed, sql};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

/// pg_dump's custom archives.
pub static FORMAT: Format = Format {
    id: "pg_dump",
    name: "pg_dump archives (custom, folders; tar as its members)",
    extensions: &["dump", "backup", "pgdump"],
    fields: "schema.table.column",
    isolated: true,
    beside: &[],
    sniff: |head| head.bytes.starts_with(MAGIC),
    read,
};

/// A file of rows in a folder that pg_dump wrote.
pub static ROWS: Format = Format {
    id: "pg_dump",
    name: "rows in a pg_dump folder",
    extensions: &["dat"],
    fields: "schema.table.column",
    isolated: true,
    beside: &[CONTENTS],
    sniff: |_| false,
    read: read_rows,
};

/// What lies beside such a file.
pub const CONTENTS: &str = "/toc.dat";

/// Signature of a table of contents.
pub const MAGIC: &[u8] = b"PGDMP";
/// Longest text in a table of contents.
const TEXT: u64 = 64 << 20;
/// Longest large object that is taken apart.
const OBJECT: u64 = 64 << 20;
const CUSTOM: u8 = 1;

#[derive(Clone, Copy)]
enum Method {
    Plain,
    Zlib,
    Lz4,
    Zstd,
}

/// What an archive holds.
pub struct Toc {
    int_size: u8,
    format: u8,
    method: Method,
    /// The statements that make the tables and all else, one after the other.
    definitions: String,
    /// By number: the `COPY` statement that the rows of a table stand behind.
    copies: HashMap<i64, String>,
    /// By file name: the same, in the tar and directory formats.
    pub files: HashMap<String, String>,
}

impl Toc {
    /// Reads a table of contents; the stream then stands where the data starts.
    ///
    /// # Errors
    /// `InvalidData` where it is none; what the system reports.
    pub fn read(input: &mut dyn Read) -> io::Result<Toc> {
        let mut head = [0; 11];
        input.read_exact(&mut head)?;
        let (version, int_size, off_size, format) =
            ((head[5], head[6]), head[8], head[9], head[10]);
        if !head.starts_with(MAGIC) || !(1..=8).contains(&int_size) || !(1..=8).contains(&off_size)
        {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut fields = Fields { input, int_size };
        let method = match version {
            v if v >= (1, 15) => match fields.byte()? {
                1 => Method::Zlib,
                2 => Method::Lz4,
                3 => Method::Zstd,
                _ => Method::Plain,
            },
            _ if fields.int()? == 0 => Method::Plain,
            _ => Method::Zlib,
        };
        // Seven parts of the date; names of database and versions.
        (0..7).try_for_each(|_| fields.int().map(drop))?;
        (0..3).try_for_each(|_| fields.text().map(drop))?;
        let mut toc = Toc {
            int_size,
            format,
            method,
            definitions: String::new(),
            copies: HashMap::new(),
            files: HashMap::new(),
        };
        for _ in 0..fields.int()? {
            toc.entry(&mut fields, version, off_size)?;
        }
        Ok(toc)
    }

    fn entry(&mut self, fields: &mut Fields<'_>, version: (u8, u8), off: u8) -> io::Result<()> {
        let id = fields.int()?;
        fields.int()?;
        // Table OID, OID, tag, kind, section.
        (0..4).try_for_each(|_| fields.text().map(drop))?;
        fields.int()?;
        let definition = fields.text()?;
        fields.text()?;
        let copy = fields.text()?;
        // Schema, table space, access method, kind of relation, owner, "with OIDs".
        (0..2).try_for_each(|_| fields.text().map(drop))?;
        if version >= (1, 14) {
            fields.text()?;
        }
        if version >= (1, 16) {
            fields.int()?;
        }
        (0..2).try_for_each(|_| fields.text().map(drop))?;
        while fields.text_or_end()?.is_some() {}
        if self.format == CUSTOM {
            fields.skip(1 + u64::from(off))?;
        } else {
            let file = fields.text()?;
            if !file.is_empty() {
                self.files.insert(file, copy.clone());
            }
        }
        self.definitions.push_str(&definition);
        self.definitions.push('\n');
        self.copies.insert(id, copy);
        Ok(())
    }
}

/// The numbers and texts of an archive.
struct Fields<'i> {
    input: &'i mut dyn Read,
    int_size: u8,
}

impl Fields<'_> {
    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.input.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    /// A sign, then the bytes, the lowest first.
    fn int(&mut self) -> io::Result<i64> {
        let negative = self.byte()? != 0;
        let mut n = 0i64;
        for i in 0..u32::from(self.int_size) {
            n |= i64::from(self.byte()?).wrapping_shl(8 * i);
        }
        Ok(if negative { n.wrapping_neg() } else { n })
    }

    fn text_or_end(&mut self) -> io::Result<Option<String>> {
        let Ok(length) = u64::try_from(self.int()?) else { return Ok(None) };
        if length > TEXT {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = Vec::new();
        self.input.take(length).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < length {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn text(&mut self) -> io::Result<String> {
        Ok(self.text_or_end()?.unwrap_or_default())
    }

    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let n = io::copy(&mut self.input.take(bytes), &mut io::sink())?;
        if n < bytes { Err(io::ErrorKind::InvalidData.into()) } else { Ok(()) }
    }
}

/// The archive's stream, shared between the walk over its blocks and the block at hand.
#[derive(Clone)]
struct Data(Arc<Mutex<Inner>>);

struct Inner {
    source: Source,
    int_size: u8,
    /// Bytes left of the chunk at hand.
    left: u64,
    /// Whether the last chunk of the block is behind us.
    ended: bool,
}

impl Data {
    fn with<T>(&self, f: impl FnOnce(&mut Inner) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn int(&self) -> io::Result<i64> {
        self.with(|i| Fields { input: &mut i.source, int_size: i.int_size }.int())
    }

    /// Begins a block: reading then gives its chunks, up to its end.
    fn begin(&self) {
        self.with(|i| (i.left, i.ended) = (0, false));
    }

    /// Passes over what is left of a block.
    fn finish(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(drop)
    }

    fn decoded(&self, method: Method) -> io::Result<Box<dyn Read + Send>> {
        let raw = io::BufReader::new(self.clone());
        Ok(match method {
            Method::Plain => Box::new(raw),
            Method::Zlib => Box::new(flate2::bufread::ZlibDecoder::new(raw)),
            Method::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(raw)),
            Method::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(raw)?),
        })
    }
}

impl Read for Data {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.with(|inner| {
            if inner.left == 0 && !inner.ended {
                let mut fields = Fields { input: &mut inner.source, int_size: inner.int_size };
                let length = fields.int()?;
                inner.left = u64::try_from(length).map_err(|_| io::ErrorKind::InvalidData)?;
                inner.ended = length == 0;
            }
            let n = buffer.len().min(usize::try_from(inner.left).unwrap_or(usize::MAX));
            if n == 0 {
                return Ok(0);
            }
            let n = inner.source.read(&mut buffer[..n])?;
            inner.left -= n as u64;
            if n == 0 { Err(io::ErrorKind::InvalidData.into()) } else { Ok(n) }
        })
    }
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let damaged = Stop::Malformed("the archive's table of contents is damaged");
    let mut toc = match Toc::read(source) {
        Ok(toc) => toc,
        Err(e) if is_damage(&e) => return Err(damaged),
        Err(e) => return Err(Stop::Io(e)),
    };
    let mut reader = sql::Reader::default();
    let mut definitions = Source::from_bytes(std::mem::take(&mut toc.definitions).into_bytes());
    drive(&mut definitions, sink, &mut reader)?;
    if toc.format != CUSTOM {
        return Ok(());
    }
    let taken = std::mem::replace(source, Source::from_bytes(Vec::new()));
    let inner = Inner { source: taken, int_size: toc.int_size, left: 0, ended: true };
    let data = Data(Arc::new(Mutex::new(inner)));
    match blocks(&data, toc, &mut reader, sink) {
        Err(Stop::Io(e)) if is_damage(&e) => {
            sink.note(
                Reason::Malformed,
                "the archive is cut or damaged: what came before was read",
            );
            Ok(())
        }
        other => other,
    }
}

/// Whether a file of this name may hold the rows of a table, so that it is worth a look at what lies beside it.
#[must_use]
pub fn may_be_rows(name: &str) -> bool {
    member(name)
        .strip_suffix(".dat")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// What the table of contents calls it, however it is compressed.
fn member(name: &str) -> &str {
    let endings = [".gz", ".lz4", ".zst"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// Whether a file of this name holds rows of a table that the contents beside it tell of.
#[must_use]
pub fn is_rows(source: &Source, name: &str) -> bool {
    may_be_rows(name) && statement(source, name).is_some()
}

/// The `COPY` statement that the rows of a file stand behind.
fn statement(source: &Source, name: &str) -> Option<String> {
    /// Signature, version, sizes of numbers, format.
    const HEAD: u64 = 11;
    let contents = source.beside(CONTENTS)?;
    let mut head = Vec::new();
    contents.section(0, HEAD).read_to_end(&mut head).ok()?;
    // The contents of a folder bear the number of the tar format.
    if !head.starts_with(MAGIC) || head.last() == Some(&CUSTOM) {
        return None;
    }
    let toc = Toc::read(&mut io::BufReader::new(contents.whole())).ok()?;
    toc.files.get(member(name)).filter(|copy| !copy.is_empty()).cloned()
}

fn read_rows(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let copy = statement(source, sink.source_name()).unwrap_or_default();
    let is_lz4 = source.peek(4)?.starts_with(&[0x04, 0x22, 0x4D, 0x18]);
    let raw = std::mem::replace(source, Source::from_bytes(Vec::new()));
    let rows: Box<dyn Read + Send> = match is_lz4 {
        true => Box::new(lz4_flex::frame::FrameDecoder::new(io::BufReader::new(raw))),
        false => compressed::unpacked(raw)?,
    };
    table(copy, rows, &mut sql::Reader::default(), sink)
}

/// The rows of a table, behind the statement that tells its columns.
fn table(
    copy: String,
    rows: Box<dyn Read + Send>,
    reader: &mut sql::Reader,
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    let mut rows = sink.meter().source(io::Cursor::new(copy.into_bytes()).chain(rows));
    match drive(&mut rows, sink, reader) {
        Err(Stop::Malformed(what)) => {
            sink.note(Reason::Malformed, what);
            super::text::read(&mut rows, sink)?;
            *reader = sql::Reader::default();
        }
        other => other?,
    }
    if let Some(e) = rows.failure() {
        crate::sniff::fault(sink, &e);
    }
    Ok(())
}

fn is_damage(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
        && e.raw_os_error().is_none()
}

fn blocks(
    data: &Data,
    mut toc: Toc,
    reader: &mut sql::Reader,
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    const ROWS: u8 = 1;
    const OBJECTS: u8 = 3;
    loop {
        let mut kind = [0];
        if data.with(|i| i.source.read(&mut kind))? == 0 {
            return Ok(());
        }
        let id = data.int()?;
        match kind[0] {
            ROWS => {
                let copy = toc.copies.remove(&id).unwrap_or_default();
                data.begin();
                table(copy, data.decoded(toc.method)?, reader, sink)?;
                data.clone().finish()?;
            }
            OBJECTS => objects(data, toc.method, sink)?,
            _ => return Err(Stop::Io(io::ErrorKind::InvalidData.into())),
        }
    }
}

/// Large objects: each is a member, whatever it is.
fn objects(data: &Data, method: Method, sink: &mut Sink<'_>) -> Result<(), Stop> {
    loop {
        let oid = data.int()?;
        if oid == 0 {
            return Ok(());
        }
        data.begin();
        let object = data.decoded(method)?.take(OBJECT);
        let object = sink.meter().source(object);
        sink.member(&format!("large object {oid}"), object);
        data.clone().finish()?;
    }
}

#[cfg(test)]
mod tests {
    use super::super::drive::testing::read as run;
    use super::*;

    fn int(n: i32) -> Vec<u8> {
        let mut bytes = vec![u8::from(n < 0)];
        bytes.extend(n.unsigned_abs().to_le_bytes());
        bytes
    }

    fn text(t: &str) -> Vec<u8> {
        [int(i32::try_from(t.len()).unwrap()), t.into()].concat()
    }

    /// An archive as version 1.14 writes it, with one table whose rows are compressed.
    fn archive(rows: &str) -> Vec<u8> {
        use std::io::Write;
        let mut a = b"PGDMP\x01\x0e\x00\x04\x08\x01".to_vec();
        a.extend(int(-1));
        (0..7).for_each(|_| a.extend(int(1)));
        ["shop", "15.1", "15.1"].iter().for_each(|t| a.extend(text(t)));
        a.extend(int(2));
        let mut entry = |id, kind: &str, definition: &str, copy: &str| {
            a.extend([int(id), int(1)].concat());
            ["1259", "1", "people", kind].iter().for_each(|t| a.extend(text(t)));
            a.extend(int(3));
            for t in [definition, "", copy, "public", "", "", "owner", "false"] {
                a.extend(text(t));
            }
            a.extend([text("1"), int(-1), vec![1; 9]].concat());
        };
        entry(5, "TABLE", "CREATE TABLE public.people (name text, email text);\n", "");
        entry(6, "TABLE DATA", "", "COPY public.people (name, email) FROM stdin;\n");
        let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        z.write_all(rows.as_bytes()).unwrap();
        z.write_all(b"\\.\n\n\n").unwrap();
        a.push(1);
        a.extend(int(6));
        for chunk in z.finish().unwrap().chunks(7) {
            a.extend(int(i32::try_from(chunk.len()).unwrap()));
            a.extend(chunk);
        }
        a.extend(int(0));
        a
    }

    #[test]
    fn rows_are_values_of_their_columns() {
        let (all, why, _) = run(&archive("Kari\tkari@example.no\nOla\t\\N\n"), FORMAT.read);
        assert_eq!(why, None);
        let names = all.field(Some("public.people"), "name");
        assert_eq!(names, [(1, "Kari".to_owned()), (2, "Ola".to_owned())]);
        assert_eq!(all.field(Some("public.people"), "email")[0].1, "kari@example.no");
        assert!(all.notes.is_empty(), "{:?}", all.notes);
    }

    #[test]
    fn a_cut_archive_keeps_what_it_had() {
        let rows = (0..5000).map(|i| format!("Kari {}\tk{i}@example.no\n", i * 7919 % 5000));
        let whole = archive(&rows.collect::<String>());
        let (all, why, _) = run(&whole[..whole.len() * 2 / 3], FORMAT.read);
        assert!(why.is_none() && !all.notes.is_empty(), "{why:?} {:?}", all.notes);
        assert!(all.field(Some("public.people"), "name").len() > 1000);
        for n in [3, 20, 100, 300] {
            let (all, why, _) = run(&whole[..n], FORMAT.read);
            assert!(why.is_some() || !all.notes.is_empty(), "{n}");
        }
    }

    /// The contents of a folder with one table, and its rows.
    fn folder() -> (Vec<u8>, &'static str) {
        let mut toc = b"PGDMP\x01\x0e\x00\x04\x08\x03".to_vec();
        toc.extend(int(0));
        (0..7).for_each(|_| toc.extend(int(1)));
        ["shop", "15.1", "15.1"].iter().for_each(|t| toc.extend(text(t)));
        toc.extend([int(1), int(7), int(1)].concat());
        ["1259", "1", "people", "TABLE DATA"].iter().for_each(|t| toc.extend(text(t)));
        toc.extend(int(3));
        let copy = "COPY public.people (name, email) FROM stdin;\n";
        for t in ["", "", copy, "public", "", "", "owner", "false", "1"] {
            toc.extend(text(t));
        }
        toc.extend([int(-1), text("3012.dat")].concat());
        (toc, "Kari\tkari@example.no\nOla\t\\N\n\\.\n\n\n")
    }

    #[test]
    fn a_file_in_a_folder_is_told_by_the_contents_beside_it() {
        use std::io::Write;

        use crate::source::Random;
        use crate::unit::testing::Collected;
        let (toc, rows) = folder();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(rows.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(rows.as_bytes(), 1).unwrap();
        for (name, bytes) in
            [("3012.dat", rows.as_bytes()), ("3012.dat.gz", &gzip[..]), ("3012.dat.zst", &zstd[..])]
        {
            let source = Source::from_bytes(bytes.to_vec());
            let source = source.with_beside(CONTENTS, Random::memory(toc.clone()));
            assert!(!is_rows(&source, "3013.dat") && !is_rows(&source, "people.csv"));
            let mut all = Collected::default();
            let told = crate::sniff::file(source, name, 100, &mut all);
            assert_eq!(told.format.id, "pg_dump");
            let names = all.field(Some("public.people"), "name");
            assert_eq!(names, [(1, "Kari".to_owned()), (2, "Ola".to_owned())], "{name}");
            assert!(all.notes.is_empty(), "{:?}", all.notes);
        }
        let (all, why, _) = run(&toc, FORMAT.read);
        assert!(why.is_none() && all.notes.is_empty());
    }
}
