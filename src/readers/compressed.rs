//! Compressed single files: gzip, bzip2, xz and zstd streams, each with one member that is what was
//! compressed. A tar archive in one, or objects of R, are read as if they were not compressed.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::bufread::GzDecoder;

use super::statistics::r;
use super::{Format, Head, Stop, tar};
use crate::source::Source;
use crate::unit::Sink;

/// Compressed single files.
pub static FORMAT: Format = Format {
    id: "compressed",
    name: "gzip and bzip2, with what is in them",
    extensions: &["gz", "tgz", "bz2"],
    fields: "as the member's format",
    // Safe code with little memory, and a compressed dump is worth all threads; what is in it goes to a
    // worker where that is risky.
    isolated: false,
    beside: &[],
    sniff: |head| Method::of(head.bytes).is_some_and(Method::is_safe),
    read,
};

/// Those whose libraries are written in C and may take a lot of memory.
pub static FOREIGN: Format = Format {
    id: "compressed",
    name: "xz and zstd, with what is in them",
    extensions: &["xz", "zst"],
    fields: "as the member's format",
    isolated: true,
    beside: &[],
    sniff: |head| Method::of(head.bytes).is_some_and(|m| !m.is_safe()),
    read,
};

/// Memory that an xz stream may ask for.
const XZ_MEMORY: u64 = 256 << 20;
/// Largest window of a zstd stream, as a power of two.
const ZSTD_WINDOW: u32 = 27;

#[derive(Clone, Copy)]
enum Method {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

impl Method {
    /// Told by the signatures of RFC 1952, bzip2, the .xz format and RFC 8878.
    fn of(bytes: &[u8]) -> Option<Method> {
        match bytes {
            [0x1F, 0x8B, 8, ..] => Some(Method::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Some(Method::Bzip2),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Method::Xz),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Method::Zstd),
            _ => None,
        }
    }

    fn is_safe(self) -> bool {
        matches!(self, Method::Gzip | Method::Bzip2)
    }

    fn decoder(self, packed: Packed) -> io::Result<Box<dyn Read + Send>> {
        let behind = packed.behind.clone();
        let input = BufReader::new(packed);
        Ok(match self {
            Method::Gzip => Box::new(Gzip { member: Some(GzDecoder::new(input)), behind }),
            Method::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
            Method::Xz => {
                let flags = liblzma::stream::CONCATENATED;
                let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, flags)?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(input, stream))
            }
            Method::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
                decoder.window_log_max(ZSTD_WINDOW)?;
                Box::new(decoder)
            }
        })
    }
}

/// A source that is unpacked, with what is known of it when that is done.
struct Packed {
    source: Source,
    taken: Arc<AtomicU64>,
    behind: Behind,
}

/// What stands behind the packed data and is no part of it.
type Behind = Arc<Mutex<Option<BufReader<Packed>>>>;

impl Packed {
    fn new(source: Source) -> Packed {
        Packed { source, taken: Arc::default(), behind: Behind::default() }
    }
}

impl Read for Packed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buffer)?;
        self.taken.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// The members of a gzip file one behind the other (RFC 1952). Zeros behind them fill up a block and mean nothing.
struct Gzip {
    member: Option<GzDecoder<BufReader<Packed>>>,
    behind: Behind,
}

impl Read for Gzip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(member) = &mut self.member else { return Ok(0) };
            let n = member.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            if !pass_zeros(member.get_mut())? {
                self.member = None;
                return Ok(0);
            }
            let input = self.member.take().map(GzDecoder::into_inner);
            let Some(mut input) = input else { return Ok(0) };
            if input.fill_buf()?.first() == Some(&0x1F) {
                self.member = Some(GzDecoder::new(input));
            } else {
                *self.behind.lock().unwrap_or_else(PoisonError::into_inner) = Some(input);
            }
        }
    }
}

/// Steps over zeros; whether anything comes behind them.
fn pass_zeros(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = input.fill_buf()?;
        let zeros = bytes.iter().take_while(|b| **b == 0).count();
        if zeros < bytes.len() || zeros == 0 {
            let any = zeros < bytes.len();
            input.consume(zeros);
            return Ok(any);
        }
        input.consume(zeros);
    }
}

/// What a source holds, if it is compressed in one of these ways, else itself.
///
/// # Errors
/// What the system reports; a stream that asks for more memory than is given.
pub(super) fn unpacked(mut source: Source) -> std::io::Result<Box<dyn Read + Send>> {
    match Method::of(source.peek(6)?) {
        Some(method) => method.decoder(Packed::new(source)),
        None => Ok(Box::new(source)),
    }
}

/// The content of a block that snappy packed.
///
/// # Errors
/// It is damaged, or would hold more than `longest` bytes.
pub(super) fn unsnapped(packed: &[u8], longest: usize) -> Result<Vec<u8>, Stop> {
    let damaged = |_| Stop::Malformed("a block is damaged");
    if snap::raw::decompress_len(packed).map_err(damaged)? > longest {
        return Err(Stop::Malformed("a block is longer than any honest one"));
    }
    snap::raw::Decoder::new().decompress_vec(packed).map_err(damaged)
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let head = source.peek(8)?;
    let Some(method) = Method::of(head) else { return Err(Stop::Malformed("not compressed")) };
    let name = stored_name(source.peek(512)?);
    let packed = Packed::new(std::mem::replace(source, Source::from_bytes(Vec::new())));
    let (taken, behind) = (packed.taken.clone(), packed.behind.clone());
    let unpacked = sink.meter().source(method.decoder(packed)?);
    let result = read_unpacked(unpacked, name, sink);
    let behind = behind.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (is_more, position) = (behind.is_some(), taken.load(Ordering::Relaxed));
    *source = match behind {
        Some(rest) => {
            let ahead = rest.buffer().len() as u64;
            Source::from_read(Box::new(rest)).behind(position - ahead)
        }
        None => Source::from_bytes(Vec::new()).behind(position),
    };
    match result {
        Ok(()) if is_more => Err(Stop::Malformed("something stands behind the compressed data")),
        other => other,
    }
}

/// Reads what was compressed: a tar archive or objects of R as if they were not, anything else as a member.
fn read_unpacked(mut inner: Source, name: Option<String>, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let head = Head::new(inner.peek(super::HEAD)?, false, "");
    for format in [&tar::FORMAT, &r::FORMAT] {
        if (format.sniff)(&head) {
            if !sink.steps().allows(format) {
                return Ok(());
            }
            return (format.read)(&mut inner, sink);
        }
    }
    let name = name.unwrap_or_else(|| stem(sink.source_name()));
    sink.member(&name, inner);
    Ok(())
}

/// The name in a gzip header without extra field (RFC 1952, FNAME).
fn stored_name(head: &[u8]) -> Option<String> {
    let [0x1F, 0x8B, 8, flags, ..] = head else { return None };
    if flags & 0b1000 == 0 || flags & 0b100 != 0 {
        return None;
    }
    let name = head.get(10..)?.split(|b| *b == 0).next()?;
    let name = String::from_utf8_lossy(name);
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    (!name.is_empty()).then(|| name.to_owned())
}

/// A name without the extension that compression adds.
fn stem(name: &str) -> String {
    let ends = |e: &str| {
        let at = name.len().checked_sub(e.len())?;
        name.get(at..).filter(|t| t.eq_ignore_ascii_case(e)).map(|_| &name[..at])
    };
    let stem = [".gz", ".bz2", ".xz", ".zst"].into_iter().find_map(ends).filter(|s| !s.is_empty());
    stem.unwrap_or("content").to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::drive::testing::read as run;
    use super::*;

    #[test]
    fn what_is_compressed_is_a_member() {
        let mut gz = flate2::GzBuilder::new()
            .filename("kunder.csv")
            .write(Vec::new(), flate2::Compression::fast());
        gz.write_all(b"navn;epost\nKari;kari@example.org\nOla;ola@example.org\n").unwrap();
        let bytes = gz.finish().unwrap();
        let (all, why, _) = run(&bytes, FORMAT.read);
        assert_eq!(why, None);
        assert_eq!(all.members[0].members, ["kunder.csv"]);
        assert_eq!(all.members[0].format, Some("csv"));
        assert_eq!(all.field(None, "epost").len(), 2);
    }

    #[test]
    fn what_came_out_before_the_damage_counts() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for i in 0..50_000 {
            writeln!(gz, "{i};navn{};kunde{i}@example.org", i * 7919 % 1000).unwrap();
        }
        let bytes = gz.finish().unwrap();
        let (all, ..) = run(&bytes[..bytes.len() / 2], FORMAT.read);
        assert_eq!(all.notes.len(), 1);
        assert_eq!(all.notes[0].reason, crate::note::Reason::Malformed);
        assert!(crate::sniff::ends_early(&all.notes[0]));
        assert!(all.cells.len() > 30_000, "{}", all.cells.len());
    }

    #[test]
    fn what_stands_behind_a_gzip_file() {
        let packed = |text: &[u8]| {
            let builder = flate2::GzBuilder::new().filename("kunder.csv");
            let mut gz = builder.write(Vec::new(), flate2::Compression::fast());
            gz.write_all(text).unwrap();
            gz.finish().unwrap()
        };
        let first = packed(b"navn;epost\nKari;kari@example.org\n");
        let second = packed(b"Ola;ola@example.org\n");
        for between in [&[][..], &[0; 20_000]] {
            let (all, why, at) =
                run(&[&first, between, &second, &[0; 10_000]].concat(), FORMAT.read);
            assert_eq!((all.field(None, "epost").len(), why, &all.notes[..]), (2, None, &[][..]));
            assert_eq!(at, (first.len() + between.len() + second.len() + 10_000) as u64);
        }
        let (all, why, _) = run(&[&first[..], b"\0\0rest@example.org"].concat(), FORMAT.read);
        assert_eq!(why, Some("something stands behind the compressed data"));
        assert_eq!((all.field(None, "epost").len(), &all.notes[..]), (1, &[][..]));
    }

    #[test]
    fn members_that_are_compressed_have_a_size() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(b"kari@example.org").unwrap();
        let inner = gz.finish().unwrap();
        let mut tar = ::tar::Builder::new(Vec::new());
        let mut header = ::tar::Header::new_gnu();
        header.set_size(inner.len() as u64);
        tar.append_data(&mut header, "a.txt.gz", &inner[..]).unwrap();
        let mut outer = ::tar::Builder::new(Vec::new());
        let tar = tar.into_inner().unwrap();
        header.set_size(tar.len() as u64);
        outer.append_data(&mut header, "a.tar", &tar[..]).unwrap();
        let (all, ..) = run(&outer.into_inner().unwrap(), super::super::tar::FORMAT.read);
        let sizes: Vec<_> = all.members.iter().map(|m| (m.format, m.bytes)).collect();
        let packed = (Some("compressed"), inner.len() as u64);
        assert_eq!(sizes[..2], [(Some("text"), 16), packed]);
        // An archive ends at the first of two empty blocks.
        assert_eq!(sizes[2], (Some("tar"), tar.len() as u64 - 512));
    }

    #[test]
    fn names() {
        assert_eq!(
            (stem("a.csv.GZ"), stem("a"), stem(".gz")),
            ("a.csv".into(), "content".into(), "content".into())
        );
    }
}
