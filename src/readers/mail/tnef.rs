//! What Outlook packs its own messages into for others, `winmail.dat`: MAPI properties and attachments, one after the other
//! (MS-OXTNEF).

use std::collections::HashMap;
use std::io::Cursor;

use super::mapi::{ANSI, BYTES, Bag, WIDE, attachment_name, recipient};
use super::message::own_name;
use super::{HELD, held};
use crate::note::Reason;
use crate::readers::Stop;
use crate::readers::office::ole::{offset_at, u16_at, u32_at};
use crate::source::Source;
use crate::unit::Sink;

/// What such a stream starts with, in front of a key of two bytes.
pub const MAGIC: &[u8] = b"\x78\x9F\x3E\x22";
const HEADER: usize = 6;
/// Bytes before and behind the content of an attribute.
const BEFORE: usize = 9;
const BEHIND: usize = 2;

/// Attributes (2.1.1.1), of a message and of attachments.
const SUBJECT: u16 = 0x8004;
const BODY: u16 = 0x800C;
const CONTENT: u16 = 0x800F;
const TITLE: u16 = 0x8010;
const ATTACHMENT: u16 = 0x9002;
const PROPERTIES: u16 = 0x9003;
const RECIPIENTS: u16 = 0x9004;
const OF_ATTACHMENT: u16 = 0x9005;
const CODE_PAGE: u16 = 0x9007;

/// Properties that the same things are under.
const SUBJECT_PROPERTY: u16 = 0x0037;
const BODY_PROPERTY: u16 = 0x1000;
const FILE_NAME: u16 = 0x3704;
const CODE_PAGE_PROPERTY: u16 = 0x3FFD;
const CONTENT_PROPERTY: u16 = 0x3701;

/// Types of properties (MS-OXCDATA 2.11.1) and how long their values are.
const NUMBER: u16 = 0x0003;
const OBJECT: u16 = 0x000D;
const SEVERAL: u16 = 0x1000;
const EIGHT: [u16; 5] = [0x0005, 0x0006, 0x0007, 0x0014, 0x0040];
const SIXTEEN: u16 = 0x0048;
/// Numbers from here on have names.
const NAMED: u16 = 0x8000;
/// What stands before an object: which kind it is.
const KIND: usize = 16;

/// Reads a stream of attributes.
pub fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let bytes = held(source, HELD)?;
    sink.part(1);
    let packed = Packed::of(bytes.get(HEADER..).unwrap_or_default());
    if !packed.is_whole || bytes.len() == HELD {
        sink.note(Reason::Malformed, "a message that is cut or damaged");
    }
    packed.hand_on(sink);
    Ok(())
}

/// A packed message.
struct Packed {
    message: Bag,
    people: Vec<Bag>,
    attached: Vec<Bag>,
    is_whole: bool,
}

impl Packed {
    fn of(mut rest: &[u8]) -> Packed {
        let message = Bag::new(1, String::new());
        let mut packed =
            Packed { message, people: Vec::new(), attached: Vec::new(), is_whole: true };
        while let Some((id, content, behind)) = attribute(rest) {
            packed.is_whole &= packed.add(id, content).is_some();
            rest = behind;
        }
        packed.is_whole &= rest.is_empty();
        packed
    }

    /// Takes an attribute; `None` where its content is cut.
    fn add(&mut self, id: u16, content: &[u8]) -> Option<()> {
        let Packed { message, people, attached, .. } = self;
        match (id, attached.last_mut()) {
            (SUBJECT, _) => message.put(SUBJECT_PROPERTY, ANSI, content.to_vec()),
            (BODY, _) => message.put(BODY_PROPERTY, ANSI, content.to_vec()),
            (CODE_PAGE, _) => {
                message.numbers.entry(CODE_PAGE_PROPERTY).or_insert(u32_at(content, 0)?);
            }
            (PROPERTIES, _) => add_properties(message, &mut Taken(content))?,
            (RECIPIENTS, _) => add_people(people, content)?,
            (ATTACHMENT, _) => attached.push(Bag::new(1, String::new())),
            (TITLE, Some(last)) => last.put(FILE_NAME, ANSI, content.to_vec()),
            (CONTENT, Some(last)) => last.put(CONTENT_PROPERTY, BYTES, content.to_vec()),
            (OF_ATTACHMENT, Some(last)) => add_properties(last, &mut Taken(content))?,
            _ => {}
        }
        Some(())
    }

    fn hand_on(mut self, sink: &mut Sink<'_>) {
        let Packed { message, people, attached, .. } = &mut self;
        message.headers(sink);
        people.iter().for_each(|person| recipient(person, message, sink));
        message.body(sink);
        let mut names = HashMap::new();
        for bag in attached {
            let name = own_name(&mut names, &attachment_name(bag, message));
            let content = bag.values.remove(&(CONTENT_PROPERTY, BYTES));
            match content.and_then(|mut all| all.pop()) {
                Some(content) => {
                    let source = sink.meter().source(Cursor::new(content));
                    sink.member(&name, source);
                }
                None => {
                    let why = "an attachment that is not in the message";
                    sink.unread_member(&name, Reason::UnsupportedFormat, why);
                }
            }
        }
    }
}

/// An attribute, its content, and what is behind it.
fn attribute(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (id, length) = (u16_at(bytes, 1)?, offset_at(bytes, 5)?);
    let (content, rest) = bytes.get(BEFORE..)?.split_at_checked(length)?;
    Some((id, content, rest.get(BEHIND..).unwrap_or_default()))
}

/// Bytes that are taken one thing after the other.
struct Taken<'b>(&'b [u8]);

impl<'b> Taken<'b> {
    fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        u32_at(self.bytes(4)?, 0)
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    /// A value that says how long it is, and goes on to a multiple of four.
    fn long(&mut self) -> Option<&'b [u8]> {
        let length = self.count()?;
        let value = self.bytes(length)?;
        let pad = (length.next_multiple_of(4) - length).min(self.0.len());
        self.bytes(pad)?;
        Some(value)
    }
}

fn add_people(people: &mut Vec<Bag>, bytes: &[u8]) -> Option<()> {
    let mut taken = Taken(bytes);
    for _ in 0..taken.number()? {
        let mut person = Bag::new(1, String::new());
        add_properties(&mut person, &mut taken)?;
        people.push(person);
    }
    Some(())
}

/// Adds a list of properties; `None` where it is cut.
fn add_properties(bag: &mut Bag, taken: &mut Taken<'_>) -> Option<()> {
    for _ in 0..taken.number()? {
        let tag = taken.bytes(4)?;
        let (kind, number) = (u16_at(tag, 0)?, u16_at(tag, 2)?);
        if number >= NAMED {
            taken.bytes(KIND)?;
            match taken.number()? {
                0 => taken.bytes(4)?,
                _ => taken.long()?,
            };
        }
        let single = kind & !SEVERAL;
        let is_long = matches!(single, ANSI | WIDE | BYTES | OBJECT);
        let count = if is_long || kind & SEVERAL != 0 { taken.number()? } else { 1 };
        for _ in 0..count {
            if is_long {
                put(bag, number, single, taken.long()?);
                continue;
            }
            let length = match single {
                SIXTEEN => 16,
                kind if EIGHT.contains(&kind) => 8,
                _ => 4,
            };
            let value = taken.bytes(length)?;
            if kind == NUMBER {
                bag.numbers.insert(number, u32_at(value, 0)?);
            }
        }
    }
    Some(())
}

fn put(bag: &mut Bag, number: u16, kind: u16, value: &[u8]) {
    match (number, kind) {
        // A message within, packed likewise.
        (CONTENT_PROPERTY, OBJECT) => {
            bag.put(number, BYTES, value.get(KIND..).unwrap_or_default().to_vec());
        }
        (_, OBJECT) => {}
        _ => bag.put(number, kind, value.to_vec()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::TNEF;
    use super::*;
    use crate::readers::drive::testing;

    fn attribute(level: u8, id: u16, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        let head = [&[level][..], &id.to_le_bytes(), &[0, 0], &length].concat();
        [head, content.to_vec(), vec![0; 2]].concat()
    }

    fn long(number: u16, kind: u16, value: &[u8]) -> Vec<u8> {
        let name = if number < NAMED {
            Vec::new()
        } else {
            [&[9; 16][..], &1_u32.to_le_bytes(), &6_u32.to_le_bytes(), b"a\0b\0\0\0", &[0; 2]]
                .concat()
        };
        let length = u32::try_from(value.len()).unwrap().to_le_bytes();
        let pad = vec![0; value.len().next_multiple_of(4) - value.len()];
        let tag = [kind.to_le_bytes(), number.to_le_bytes()].concat();
        [tag, name, 1_u32.to_le_bytes().to_vec(), length.to_vec(), value.to_vec(), pad].concat()
    }

    fn list(properties: &[Vec<u8>]) -> Vec<u8> {
        let count = u32::try_from(properties.len()).unwrap().to_le_bytes();
        [count.to_vec(), properties.concat()].concat()
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn message() -> Vec<u8> {
        let number = [&NUMBER.to_le_bytes()[..], &[0x17, 0], &1_u32.to_le_bytes()].concat();
        let properties = [
            number,
            long(0x8001, WIDE, &wide("Kåre")),
            long(0x0C1A, WIDE, &wide("Kari Nordmann")),
            long(BODY_PROPERTY, WIDE, &wide("Ring kari@example.org")),
        ];
        let person = [long(0x3001, WIDE, &wide("Ola")), long(0x39FE, ANSI, b"ola@example.org")];
        let inner = [MAGIC, &[0; 2], &attribute(1, SUBJECT, b"Videresendt\0")].concat();
        let inner = [&[7; KIND][..], &inner].concat();
        let parts = [
            attribute(1, SUBJECT, b"Avtale\0"),
            attribute(1, PROPERTIES, &list(&properties)),
            attribute(1, RECIPIENTS, &[&1_u32.to_le_bytes()[..], &list(&person)].concat()),
            attribute(2, ATTACHMENT, &[0; 14]),
            attribute(2, TITLE, b"kunder.csv\0"),
            attribute(2, CONTENT, b"navn;epost\nKari;kari@example.org\n"),
            attribute(2, ATTACHMENT, &[0; 14]),
            attribute(2, OF_ATTACHMENT, &list(&[long(CONTENT_PROPERTY, OBJECT, &inner)])),
        ];
        [MAGIC, &[1, 0], &parts.concat()].concat()
    }

    #[test]
    fn messages_are_unpacked() {
        let (all, why, _) = testing::read(&message(), TNEF.read);
        assert_eq!((why, &all.notes[..]), (None, &[][..]));
        let field = |name: &str| all.field(None, name);
        assert_eq!(field("Subject"), [(1, "Avtale".into())]);
        assert!(all.cells.iter().any(|(_, _, text)| text == "Videresendt"));
        assert_eq!(field("From.name"), [(1, "Kari Nordmann".into())]);
        assert_eq!(field("To.email"), [(1, "ola@example.org".into())]);
        assert_eq!(field("epost"), [(1, "kari@example.org".into())]);
        assert!(all.text().contains("Ring kari@example.org"), "{}", all.text());
    }

    #[test]
    fn what_is_cut_is_noted() {
        let message = message();
        for end in [8, 40, 120, message.len() - 1] {
            let (all, why, _) = testing::read(&message[..end], TNEF.read);
            let reasons: Vec<_> = all.notes.iter().map(|note| note.reason).collect();
            assert_eq!(why, None);
            assert!(end == message.len() - 1 || reasons.contains(&Reason::Malformed), "{end}");
        }
    }
}
