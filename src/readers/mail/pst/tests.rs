use proptest::prelude::*;

use super::super::PST;
use super::*;
use crate::readers::drive::testing;
use crate::unit::testing::Collected;

/// Where the first block stands.
const FIRST: usize = 0x4400;
/// Numbers of nodes.
const INBOX: u32 = 0x402 << 4 | FOLDER;
const LETTER: u32 = 0x500 << 5 | MESSAGE;
const FILE: u32 = 0x25;

/// A mailbox in the making.
struct Made {
    form: Form,
    blocks: Vec<(u64, Vec<u8>)>,
    nodes: Vec<Node>,
}

impl Made {
    fn id(&self, id: u64) -> Vec<u8> {
        let length = if self.form == Form::Narrow { 4 } else { 8 };
        id.to_le_bytes()[..length].to_vec()
    }

    fn add(&mut self, content: Vec<u8>, mark: u64) -> u64 {
        let id = (self.blocks.len() as u64 + 1) << 2 | mark;
        self.blocks.push((id, content));
        id
    }

    fn data(&mut self, content: Vec<u8>) -> u64 {
        self.add(content, 0)
    }

    /// The nodes that belong to another.
    fn inner(&mut self, nodes: &[(u32, u64, u64)]) -> u64 {
        let ids = nodes.iter().flat_map(|n| [u64::from(n.0), n.1, n.2]);
        let entries: Vec<u8> = ids.flat_map(|id| self.id(id)).collect();
        let count = u16::try_from(nodes.len()).unwrap();
        let pad = if self.form == Form::Narrow { 0 } else { 4 };
        let head = [&[2, 0][..], &count.to_le_bytes(), &vec![0; pad]].concat();
        self.add([head, entries].concat(), 2)
    }

    /// A page of one level, of entries of one length.
    fn page(&self, entries: &[Vec<u8>]) -> Vec<u8> {
        let (size, end) = match self.form {
            Form::Narrow => (512, 496),
            Form::Wide => (512, 488),
            Form::Large => (4096, 4056),
        };
        let mut page = entries.concat();
        page.resize(size, 0);
        let [count, length] = [entries.len(), entries[0].len()].map(|n| u8::try_from(n).unwrap());
        page[end] = count;
        page[end + if self.form == Form::Large { 4 } else { 2 }] = length;
        page
    }

    fn finish(self) -> Vec<u8> {
        let mut file = vec![0; FIRST];
        let mut places = Vec::new();
        for (id, content) in &self.blocks {
            let size = u16::try_from(content.len()).unwrap().to_le_bytes();
            let whole = if self.form == Form::Large { size } else { [1, 0] };
            let place = [self.id(*id), self.id(file.len() as u64)].concat();
            let pad = if self.form == Form::Narrow { 0 } else { 4 };
            places.push([place, size.to_vec(), whole.to_vec(), vec![0; pad]].concat());
            file.extend_from_slice(content);
        }
        let node = |n: &Node| {
            let ids = [u64::from(n.number), n.data, n.inner].map(|id| self.id(id));
            let pad = if self.form == Form::Narrow { 0 } else { 4 };
            [ids.concat(), n.parent.to_le_bytes().to_vec(), vec![0; pad]].concat()
        };
        let nodes: Vec<_> = self.nodes.iter().map(node).collect();
        let (version, at): (u16, _) = match self.form {
            Form::Narrow => (14, (188, 196)),
            Form::Wide => (23, (224, 240)),
            Form::Large => (36, (224, 240)),
        };
        file[..4].copy_from_slice(MAGIC);
        file[VERSION..VERSION + 2].copy_from_slice(&version.to_le_bytes());
        for (at, entries) in [(at.0, nodes), (at.1, places)] {
            let place = self.id(file.len() as u64);
            file[at..at + place.len()].copy_from_slice(&place);
            let page = self.page(&entries);
            file.extend_from_slice(&page);
        }
        file
    }

    /// The number of an item in a heap.
    fn item(index: usize) -> u32 {
        u32::try_from(index + 1).unwrap() << 5
    }

    fn heap(mark: u8, items: &[Vec<u8>]) -> Vec<u8> {
        let content = items.concat();
        let map = u16::try_from(12 + content.len()).unwrap();
        let mut ends = vec![12];
        items.iter().for_each(|item| ends.push(ends[ends.len() - 1] + item.len()));
        let count = u16::try_from(items.len()).unwrap().to_le_bytes();
        let ends = ends.iter().flat_map(|end| u16::try_from(*end).unwrap().to_le_bytes()).collect();
        let head = [&map.to_le_bytes()[..], &[0xEC, mark], &Self::item(0).to_le_bytes(), &[0; 4]];
        [head.concat(), content, count.to_vec(), vec![0; 2], ends].concat()
    }

    fn tree(key: u8, value: u8, root: u32) -> Vec<u8> {
        [&[0xB5, key, value, 0][..], &root.to_le_bytes()].concat()
    }

    /// The properties of a node: texts, and numbers.
    fn properties(texts: &[(u16, u16, Vec<u8>)], numbers: &[(u16, u16, u32)]) -> Vec<u8> {
        let place = |(i, text): (usize, &(u16, u16, Vec<u8>))| (text.0, text.1, Self::item(2 + i));
        let all = texts.iter().enumerate().map(place).chain(numbers.iter().copied());
        let entry = |(number, kind, value): (u16, u16, u32)| {
            [&number.to_le_bytes()[..], &kind.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        let entries = all.flat_map(entry).collect();
        let mut items = vec![Self::tree(2, 6, Self::item(1)), entries];
        items.extend(texts.iter().map(|text| text.2.clone()));
        Self::heap(0xBC, &items)
    }

    /// A table with a row for each of these nodes, whose cells are texts.
    fn table(&self, rows: &[(u32, Vec<String>)], columns: &[u16]) -> Vec<u8> {
        let width = 4 + 4 * columns.len();
        let [bits, size] = [width, width + 1].map(|n| u16::try_from(n).unwrap().to_le_bytes());
        let column = |(i, number): (usize, &u16)| {
            let at = u16::try_from(4 + 4 * i).unwrap();
            let bit = u8::try_from(i).unwrap();
            [&WIDE.to_le_bytes()[..], &number.to_le_bytes(), &at.to_le_bytes(), &[4, bit]].concat()
        };
        let columns: Vec<u8> = columns.iter().enumerate().flat_map(column).collect();
        let parts = [Self::item(1), Self::item(3), 0].map(u32::to_le_bytes).concat();
        let told = [&[0x7C, 0][..], &[0; 4], &bits, &size, &parts, &columns].concat();
        let length = if self.form == Form::Narrow { 2 } else { 4 };
        let (mut index, mut cells, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for ((id, row), number) in rows.iter().zip(0_u32..) {
            index.extend_from_slice(&id.to_le_bytes());
            index.extend_from_slice(&number.to_le_bytes()[..length]);
            cells.extend_from_slice(&id.to_le_bytes());
            for text in row {
                cells.extend_from_slice(&Self::item(4 + texts.len()).to_le_bytes());
                texts.push(wide(text));
            }
            cells.push(0xFF);
        }
        let length = u8::try_from(length).unwrap();
        let items = vec![told, Self::tree(4, length, Self::item(2)), index, cells];
        Self::heap(0x7C, &[items, texts].concat())
    }
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A folder with a message, which has a recipient, a file and another message.
fn mailbox(form: Form) -> Vec<u8> {
    let mut made = Made { form, blocks: Vec::new(), nodes: Vec::new() };
    let folder = made.data(Made::properties(&[(NAME, WIDE, wide("Innboks"))], &[]));
    made.nodes.push(Node { number: INBOX, data: folder, inner: 0, parent: INBOX });
    let recipients =
        made.table(&[(1, vec!["Ola Nordmann".into(), "ola@example.org".into()])], &[NAME, 0x39FE]);
    let recipients = made.data(recipients);
    let within = made.data(Made::properties(&[(SUBJECT, WIDE, wide("Videresendt"))], &[]));
    let object = [&0x105_u32.to_le_bytes()[..], &[0; 4]].concat();
    let holder = Made::properties(&[(CONTENT, OBJECT, object)], &[(METHOD, NUMBER, EMBEDDED)]);
    let (holder, holder_inner) = (made.data(holder), made.inner(&[(0x105, within, 0)]));
    // The content of a file stands in two blocks.
    let halves =
        [made.data(b"navn;epost\nKari;ka".to_vec()), made.data(b"ri@example.org\n".to_vec())];
    let list = [&[1, 1, 2, 0][..], &33_u32.to_le_bytes(), &halves.map(|id| made.id(id)).concat()];
    let list = list.concat();
    let (content, texts) = (made.add(list, 2), [(0x3707, WIDE, wide("kunder.csv"))]);
    let file = made.data(Made::properties(&texts, &[(CONTENT, BYTES, 0x9F)]));
    let file_inner = made.inner(&[(0x9F, content, 0)]);
    let attached = made.table(&[(FILE, vec![]), (FILE + 32, vec![])], &[]);
    let attached = made.data(attached);
    let inner = made.inner(&[
        (RECIPIENTS, recipients, 0),
        (ATTACHMENTS, attached, 0),
        (FILE, file, file_inner),
        (FILE + 32, holder, holder_inner),
    ]);
    let texts = [
        (SUBJECT, WIDE, wide("\u{1}\u{4}SV: avtale")),
        (0x0C1A, ANSI, b"Kari Nordmann".to_vec()),
        (0x1000, WIDE, wide("Ring meg, kari@example.org")),
    ];
    let message = made.data(Made::properties(&texts, &[]));
    made.nodes.push(Node { number: LETTER, data: message, inner, parent: INBOX });
    made.finish()
}

fn collected(bytes: &[u8]) -> (Collected, Option<&'static str>) {
    let (all, why, _) = testing::read(bytes, PST.read);
    (all, why)
}

#[test]
fn messages_in_all_forms() {
    for form in [Form::Narrow, Form::Wide, Form::Large] {
        let (all, why) = collected(&mailbox(form));
        assert_eq!((why, &all.notes[..]), (None, &[][..]), "{form:?}");
        let field = |name: &str| all.field(None, name);
        assert_eq!(field("folder"), [(1, "Innboks".into())]);
        assert_eq!(field("Subject"), [(1, "SV: avtale".into()), (1, "Videresendt".into())]);
        assert_eq!(field("From.name"), [(1, "Kari Nordmann".into())]);
        assert_eq!(field("To.email"), [(1, "ola@example.org".into())]);
        assert!(all.text().contains("Ring meg, kari@example.org"), "{}", all.text());
        assert_eq!(all.field(None, "epost"), [(1, "kari@example.org".into())], "{form:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn what_is_broken_ends(
        large in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        end in any::<prop::sample::Index>(),
    ) {
        let mut file = mailbox(if large { Form::Large } else { Form::Narrow });
        for (at, byte) in changes {
            // Most of the file is nothing.
            let at = if at.index(2) == 0 { at.index(520) } else { FIRST + at.index(file.len() - FIRST) };
            file[at] = byte;
        }
        collected(&file);
        collected(&file[..end.index(file.len())]);
    }
}
