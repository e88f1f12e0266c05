//! Compressed single files: gzip, bzip2, xz and zstd streams, each with one member that is what was
//! compressed. A tar archive in one is read as if it were not compressed.

use std::io::{BufReader, Read};

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

    fn decoder(self, source: Source) -> std::io::Result<Box<dyn Read + Send>> {
        let input = BufReader::new(source);
        Ok(match self {
            Method::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
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

/// What a source holds, if it is compressed in one of these ways, else itself.
///
/// # Errors
/// What the system reports; a stream that asks for more memory than is given.
pub(super) fn unpacked(mut source: Source) -> std::io::Result<Box<dyn Read + Send>> {
    match Method::of(source.peek(6)?) {
        Some(method) => method.decoder(source),
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
    let taken = std::mem::replace(source, Source::from_bytes(Vec::new()));
    let mut inner = sink.meter().source(method.decoder(taken)?);
    let head = Head::new(inner.peek(super::HEAD)?, false, "");
    if (tar::FORMAT.sniff)(&head) {
        if !sink.steps().allows(&tar::FORMAT) {
            return Ok(());
        }
        return (tar::FORMAT.read)(&mut inner, sink);
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
    fn names() {
        assert_eq!(
            (stem("a.csv.GZ"), stem("a"), stem(".gz")),
            ("a.csv".into(), "content".into(), "content".into())
        );
    }
}
