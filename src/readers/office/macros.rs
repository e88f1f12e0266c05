//! Macros: the source text of each module of a VBA project, which is a member of its document (MS-OVBA). It stands in the
//! module's stream behind what was compiled from it, and is there even where the project has a password.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::codepage::{CodePage, DEFAULT};
use super::ole::{File, bytes, offset_at, u16_at};
use crate::note::Reason;
use crate::unit::Sink;

/// The folder of a project, and the stream that lists its modules.
const FOLDER: &str = "VBA";
const LIST: &str = "dir";
/// Bytes of a stream, and of a module's text, at most.
const MOST: usize = 16 << 20;
/// Bytes of one chunk's text.
const CHUNK: usize = 4096;

/// Records of the list.
const CODE_PAGE: u16 = 0x0003;
const VERSION: u16 = 0x0009;
const STREAM: u16 = 0x001A;
const OFFSET: u16 = 0x0031;

/// The folders of projects in a file.
pub fn projects(file: &File) -> Vec<PathBuf> {
    let is_list = |entry: &cfb::Entry| entry.is_stream() && entry.name() == LIST;
    let lists = file.walk().filter(is_list);
    let folders = lists.filter_map(|list| list.path().parent().map(Path::to_owned));
    folders.filter(|folder| folder.ends_with(FOLDER)).collect()
}

/// Hands on the text of every module.
pub fn read(file: &mut File, sink: &mut Sink<'_>) {
    for folder in projects(file) {
        let list = bytes(file, folder.join(LIST), MOST as u64).unwrap_or_default();
        let list = unpacked(&list);
        if list.is_damaged {
            sink.note(Reason::Malformed, "the list of its macros is damaged");
        }
        for module in modules(&list.bytes) {
            let path = folder.join(&module.stream);
            let name = format!("{}.bas", path.to_string_lossy().trim_start_matches('/'));
            let stream = bytes(file, &path, MOST as u64);
            let Some(packed) = stream.as_ref().and_then(|stream| stream.get(module.offset..))
            else {
                sink.unread_member(&name, Reason::Malformed, "its stream is damaged");
                continue;
            };
            let source = unpacked(packed);
            if source.is_damaged {
                sink.note(Reason::Malformed, "the text of a macro is damaged");
            }
            let text = module.page.decode(&source.bytes);
            let source = sink.meter().source(Cursor::new(text.into_bytes()));
            sink.member(&name, source);
        }
    }
}

/// A module: its stream, where its text begins there, and in which code page it is.
struct Module {
    stream: String,
    offset: usize,
    page: CodePage,
}

/// The modules of a list: records of a number, a length and so many bytes.
fn modules(list: &[u8]) -> Vec<Module> {
    let (mut modules, mut page, mut stream) = (Vec::new(), DEFAULT, None);
    let mut at = 0;
    while let (Some(number), Some(length)) = (u16_at(list, at), offset_at(list, at + 2)) {
        // The version says that it has four bytes and has six.
        let length = if number == VERSION { 6 } else { length };
        let Some(content) = list[at + 6..].get(..length) else { break };
        match (number, u16_at(content, 0)) {
            (CODE_PAGE, Some(number)) => page = CodePage::numbered(u32::from(number)),
            (STREAM, _) => stream = Some(page.decode(content)),
            (OFFSET, _) => {
                if let (Some(stream), Some(offset)) = (stream.take(), offset_at(content, 0)) {
                    modules.push(Module { stream, offset, page });
                }
            }
            _ => {}
        }
        at += 6 + length;
    }
    modules
}

/// What was packed, as far as it could be read.
#[derive(Debug, Default, PartialEq, Eq)]
struct Unpacked {
    bytes: Vec<u8>,
    is_damaged: bool,
}

/// The bytes of a compressed container (MS-OVBA 2.4.1).
fn unpacked(packed: &[u8]) -> Unpacked {
    let Some((1, mut rest)) = packed.split_first().map(|(mark, rest)| (*mark, rest)) else {
        return Unpacked { bytes: Vec::new(), is_damaged: true };
    };
    let mut bytes = Vec::new();
    while let Some(head) = u16_at(rest, 0) {
        let (length, is_packed) = (usize::from(head & 0x0FFF) + 1, head & 0x8000 != 0);
        let chunk = &rest[2..];
        let whole = chunk.get(..length);
        let chunk = whole.unwrap_or(chunk);
        let is_read = match is_packed {
            _ if head >> 12 & 7 != 3 || bytes.len() > MOST => false,
            true => unpack(chunk, &mut bytes).is_some(),
            false => {
                bytes.extend_from_slice(chunk);
                true
            }
        };
        if !is_read || whole.is_none() {
            return Unpacked { bytes, is_damaged: true };
        }
        rest = &rest[2 + length..];
    }
    Unpacked { bytes, is_damaged: false }
}

/// Adds the text of one chunk: groups of eight, each a byte or a copy of what stands before, which a byte of flags tells.
fn unpack(chunk: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    let (start, mut at) = (bytes.len(), 0);
    while at < chunk.len() {
        let flags = chunk[at];
        at += 1;
        for bit in 0..8 {
            if at == chunk.len() {
                break;
            }
            if flags >> bit & 1 == 0 {
                bytes.push(chunk[at]);
                at += 1;
                continue;
            }
            let token = usize::from(u16_at(chunk, at)?);
            at += 2;
            let done = bytes.len() - start;
            // The further on in the chunk, the more bits say how far back it is.
            let length_bits = 16 - done.max(16).next_power_of_two().ilog2().min(12);
            let from = bytes.len().checked_sub((token >> length_bits) + 1)?;
            let length = (token & ((1 << length_bits) - 1)) + 3;
            if from < start || done + length > CHUNK {
                return None;
            }
            (from..from + length).for_each(|i| bytes.push(bytes[i]));
        }
    }
    Some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::note::Note;
    use crate::readers::drive::testing;
    use crate::readers::office::ole::VBA;

    #[test]
    fn chunks_are_unpacked_as_the_specification_shows() {
        let packed =
            b"\x01\x2F\xB0\x00\x23\x61\x61\x61\x62\x63\x64\x65\x82\x66\x00\x70\x61\x67\x68\x69\
            \x6A\x01\x38\x08\x61\x6B\x6C\x00\x30\x6D\x6E\x6F\x70\x06\x71\x02\x70\x04\x10\x72\x73\
            \x74\x75\x76\x10\x77\x78\x79\x7A\x00\x3C";
        let text = "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa";
        let whole = |text: &[u8]| Unpacked { bytes: text.to_vec(), is_damaged: false };
        assert_eq!(unpacked(packed), whole(text.as_bytes()));
        assert_eq!(unpacked(b"\x01\x03\xB0\x02\x61\x45\x00"), whole(&[b'a'; 73]));
        for damaged in
            [&packed[..9], b"\x02", b"", b"\x01\x03\xB0\x02\x61\xFF\xFF", b"\x01\x01\x10ab"]
        {
            assert!(unpacked(damaged).is_damaged, "{damaged:?}");
        }
        assert_eq!(unpacked(&packed[..9]).bytes, b"#aaabc"[..5]);
    }

    /// A container of one chunk in which nothing is a copy.
    fn packed(text: &[u8]) -> Vec<u8> {
        let chunk: Vec<u8> = text.chunks(8).flat_map(|eight| [&[0], eight].concat()).collect();
        let head = 0xB000 | u16::try_from(chunk.len() - 1).unwrap();
        [&[1][..], &head.to_le_bytes(), &chunk].concat()
    }

    #[test]
    fn modules_are_members() {
        let record = |number: u16, content: &[u8]| {
            let length = u32::try_from(content.len()).unwrap();
            [&number.to_le_bytes()[..], &length.to_le_bytes(), content].concat()
        };
        let version = [&VERSION.to_le_bytes()[..], &4_u32.to_le_bytes(), &[0; 6]].concat();
        let list = [
            record(CODE_PAGE, &1251_u16.to_le_bytes()),
            version,
            record(STREAM, b"Modul1"),
            record(OFFSET, &5_u32.to_le_bytes()),
            record(STREAM, b"Borte"),
            record(OFFSET, &0_u32.to_le_bytes()),
        ];
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_storage("/VBA").unwrap();
        let source = b"' \xEF\xE8\xF1\xE0\xF2\xFC kari@example.org\r\n";
        for (name, content) in [
            ("/VBA/dir", packed(&list.concat())),
            ("/VBA/Modul1", [&[7; 5][..], &packed(source)].concat()),
            ("/VBA/_VBA_PROJECT", vec![0xCC, 0x61]),
        ] {
            file.create_stream(name).unwrap().write_all(&content).unwrap();
        }
        let (all, why, _) = testing::read(file.into_inner().get_ref(), VBA.read);
        assert_eq!(why, None);
        assert!(all.text().contains("писать kari@example.org"), "{}", all.text());
        let reasons: Vec<_> = all.notes.iter().map(|note: &Note| note.reason).collect();
        assert_eq!(reasons, [Reason::Malformed]);
    }
}
