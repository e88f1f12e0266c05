//! Parts of documents of Pages, Numbers and Keynote (iwa), which are zip archives of such: unpacked and searched as text.
//! What stands in a table is not told by its columns.
//!
//! Apple does not publish the format. Each chunk is a zero byte, its length in three bytes and a block of Snappy that
//! holds up to 64 KiB of messages in Protocol Buffers, whose texts are UTF-8.

use std::io::{self, Read};

use super::{Format, Head, Stop, compressed, text};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

/// Parts of such documents.
pub static FORMAT: Format = Format {
    id: "iwork",
    name: "Pages, Numbers, Keynote (texts, without columns; noted)",
    extensions: &["pages", "numbers", "key", "iwa"],
    fields: "text",
    isolated: true,
    beside: &[],
    sniff,
    read,
};

/// Bytes before a block.
const FRONT: usize = 4;
/// Longest content of a block.
const LONGEST: usize = 64 << 10;

/// The length of the block that begins here.
fn block(bytes: &[u8]) -> Option<usize> {
    let [0, low, middle, high] = *bytes.first_chunk::<FRONT>()? else { return None };
    let length = u32::from_le_bytes([low, middle, high, 0]) as usize;
    (1..=snap::raw::max_compress_len(LONGEST)).contains(&length).then_some(length)
}

/// A block that unpacks, followed by nothing or by another one.
fn sniff(head: &Head<'_>) -> bool {
    let is_one = || {
        let (packed, behind) = head.bytes.split_at_checked(FRONT + block(head.bytes)?)?;
        let follows = match behind {
            [] => head.complete,
            _ => behind.len() < FRONT || block(behind).is_some(),
        };
        Some(follows && !unpacked(&packed[FRONT..]).ok()?.is_empty())
    };
    is_one().unwrap_or(false)
}

fn unpacked(block: &[u8]) -> io::Result<Vec<u8>> {
    compressed::unsnapped(block, LONGEST).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The content of all blocks, one after the other.
struct Blocks {
    source: Source,
    content: io::Cursor<Vec<u8>>,
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.content.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            let front = self.source.peek(FRONT)?;
            if front.is_empty() {
                return Ok(0);
            }
            let all = FRONT + block(front).ok_or(io::ErrorKind::InvalidData)?;
            let packed = self.source.peek(all)?.get(FRONT..all);
            self.content = io::Cursor::new(unpacked(packed.ok_or(io::ErrorKind::UnexpectedEof)?)?);
            self.source.consume(all);
        }
    }
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let detail = "part of a Pages, Numbers or Keynote document: its texts are searched, its tables not taken apart";
    sink.note(Reason::UnsupportedFormat, detail);
    let source = std::mem::replace(source, Source::from_bytes(Vec::new()));
    let mut content = sink.meter().source(Blocks { source, content: io::Cursor::default() });
    text::read(&mut content, sink)?;
    match content.failure() {
        Some(e) => Err(Stop::Io(e)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::drive::testing::read as run;
    use super::*;

    fn part(blocks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for block in blocks {
            let packed = snap::raw::Encoder::new().compress_vec(block).unwrap();
            bytes.push(0);
            bytes.extend(&u32::try_from(packed.len()).unwrap().to_le_bytes()[..3]);
            bytes.extend(packed);
        }
        bytes
    }

    #[test]
    fn texts_are_searched_across_blocks() {
        let long = "Kari Nordmann, kari@example.org. ".repeat(900);
        let bytes = part(&[long.as_bytes(), b"\x0A\x10Ola Normann ola@", b"example.org\x18\x01"]);
        assert!(sniff(&Head::new(&bytes, true, "Document.iwa")));
        let (all, why, _) = run(&bytes, FORMAT.read);
        assert_eq!(why, None);
        assert!(all.text().contains("ola@example.org") && all.text().contains(&long));
        assert_eq!(all.notes.len(), 1);
    }

    #[test]
    fn other_bytes_are_none() {
        let bytes = part(&[b"some text that is packed"]);
        for other in [
            &bytes[..bytes.len() - 1],
            &[&bytes[..], b"x"].concat()[..5],
            &[0; 100],
            &[&bytes[..], &[1; 50]].concat(),
            b"\0\x05\0\0abcdefgh",
        ] {
            assert!(!sniff(&Head::new(other, true, "x")), "{other:?}");
        }
    }
}
