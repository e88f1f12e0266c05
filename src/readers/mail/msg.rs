//! Outlook messages: MAPI properties in the streams of an OLE2 file (MS-OXMSG, MS-OXPROPS).

use std::collections::{BTreeMap, HashMap};
use std::io::{BufReader, Cursor, Read, Write};

use cfb::CompoundFile;

use super::body::{self, Words};
use super::decode::utf8;
use super::headers::{Headers, as_spoken, file_name};
use super::message::own_name;
use super::{HELD, rtf};
use crate::note::Reason;
use crate::readers::office::ole::{self, File, MESSAGE as PROPERTIES};
use crate::readers::{Head, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// Entries of the file's directory that are looked at.
const ENTRIES: usize = 100_000;
const SUBSTREAM: &str = "__substg1.0_";

/// Whether an OLE2 file holds a message: its directory names the stream of properties. It may lie behind
/// the head of a big one, where the name has to do.
pub fn is_message(head: &Head<'_>) -> bool {
    ole::names(head, PROPERTIES) || (ole::is_ole(head) && head.has_extension(&["msg", "oft"]))
}

/// Properties that hold the message's parts, or nothing of people: classes, ids, copies of the subject.
const ELSEWHERE: &[u16] = &[
    0x001A, 0x0037, 0x003D, 0x003F, 0x0042, 0x0064, 0x0065, 0x0070, 0x0071, 0x0075, 0x0077, 0x007D,
    0x0C1A, 0x0C1D, 0x0C1E, 0x0C1F, 0x0E02, 0x0E03, 0x0E04, 0x0E1D, 0x0E28, 0x0E29, 0x1000, 0x1009,
    0x1013, 0x1014, 0x1035, 0x1039, 0x1042, 0x1046, 0x300B, 0x3FF9, 0x3FFB, 0x5D01, 0x5D02, 0x5D0A,
    0x5D0B, 0x65E2, 0x65E3,
];

/// Names of properties, for fields: those of contacts, and who had to do with the message.
const NAMES: &[(u16, &str)] = &[
    (0x0040, "received_by.name"),
    (0x0044, "received_for.name"),
    (0x0050, "Reply-To.name"),
    (0x0076, "received_by.email"),
    (0x0078, "received_for.email"),
    (0x3001, "display_name"),
    (0x3A02, "callback_phone"),
    (0x3A06, "given_name"),
    (0x3A08, "business_phone"),
    (0x3A09, "home_phone"),
    (0x3A0A, "initials"),
    (0x3A11, "surname"),
    (0x3A15, "postal_address"),
    (0x3A16, "company"),
    (0x3A17, "job_title"),
    (0x3A18, "department"),
    (0x3A1A, "phone"),
    (0x3A1B, "business_phone_2"),
    (0x3A1C, "mobile_phone"),
    (0x3A1F, "other_phone"),
    (0x3A26, "country"),
    (0x3A27, "city"),
    (0x3A29, "street_address"),
    (0x3A2A, "postal_code"),
    (0x3A2F, "home_phone_2"),
    (0x3A44, "middle_name"),
    (0x3A48, "spouse_name"),
    (0x3A4E, "manager_name"),
    (0x3A4F, "nickname"),
    (0x3A59, "home_city"),
    (0x3A5B, "home_postal_code"),
    (0x3A5D, "home_street_address"),
    (0x3FF8, "created_by.name"),
    (0x3FFA, "last_modified_by.name"),
];

/// Reads an Outlook message.
pub fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let random = source.random()?;
    let file = CompoundFile::open(BufReader::new(random.whole()));
    let mut file = file.map_err(|_| Stop::Malformed("the OLE2 file is damaged"))?;
    sink.part(1);
    let mut message = Bag::read(&mut file, "/", 32, sink);
    message.headers(sink);
    let children: Vec<String> = file
        .read_root_storage()
        .take(ENTRIES)
        .filter(cfb::Entry::is_storage)
        .map(|e| e.name().to_owned())
        .collect();
    let (mut people, mut attached) = (Vec::new(), Vec::new());
    for child in children {
        if child.starts_with("__recip_version1.0_") {
            people.push(child);
        } else if child.starts_with("__attach_version1.0_") {
            attached.push(child);
        }
    }
    for name in people {
        let bag = Bag::read(&mut file, &format!("/{name}"), 8, sink);
        recipient(&bag, &message, sink);
    }
    message.body(sink);
    let mut names = HashMap::new();
    for name in attached {
        attachment(&mut file, &format!("/{name}"), &mut names, &message, sink);
    }
    Ok(())
}

/// The properties of a storage.
struct Bag {
    /// By number and type.
    values: BTreeMap<(u16, u16), Vec<Vec<u8>>>,
    /// Numbers that stand in the stream of properties.
    numbers: HashMap<u16, u32>,
}

const ANSI: u16 = 0x001E;
const WIDE: u16 = 0x001F;
const BYTES: u16 = 0x0102;
/// Marks a type of which there are several values.
const SEVERAL: u16 = 0x1000;

impl Bag {
    /// Reads the properties of a storage, whose stream of properties has a header of this length.
    fn read(file: &mut File, storage: &str, header: usize, sink: &mut Sink<'_>) -> Bag {
        let mut bag = Bag { values: BTreeMap::new(), numbers: HashMap::new() };
        let mut streams = Vec::new();
        for entry in file.read_storage(storage).into_iter().flatten().take(ENTRIES) {
            let name = entry.name();
            if let Some(tag) = entry.is_stream().then(|| tag(name)).flatten()
                // The content of attachments is read by itself.
                && tag != (0x3701, BYTES)
            {
                streams.push((tag, format!("{storage}/{name}")));
            }
        }
        streams.sort();
        let mut held = 0;
        for ((number, kind), path) in streams {
            let value = stream(file, &path, HELD - held, sink);
            held = (held + value.len()).min(HELD);
            bag.values.entry((number, kind)).or_default().push(value);
        }
        let fixed = stream(file, &format!("{storage}/{PROPERTIES}"), HELD, sink);
        for entry in fixed.get(header..).unwrap_or_default().chunks_exact(16) {
            if let Some((number, value)) = ole::u16_at(entry, 2).zip(ole::u32_at(entry, 8)) {
                bag.numbers.insert(number, value);
            }
        }
        bag
    }

    /// The text of a property.
    fn text(&self, number: u16) -> Option<String> {
        self.texts(number).into_iter().next()
    }

    fn texts(&self, number: u16) -> Vec<String> {
        self.texts_by(number, self.charset())
    }

    fn texts_by(&self, number: u16, charset: Option<String>) -> Vec<String> {
        let mut texts = Vec::new();
        for kind in [WIDE, ANSI] {
            for value in self.values.get(&(number, kind)).into_iter().flatten() {
                let set = if kind == WIDE { Some("utf-16le") } else { charset.as_deref() };
                let text = utf8(value.as_slice().into(), set);
                let text = String::from_utf8_lossy(&text);
                let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
                if !text.is_empty() {
                    texts.push(text.to_owned());
                }
            }
        }
        texts
    }

    /// The character set of texts that are not Unicode.
    fn charset(&self) -> Option<String> {
        const MESSAGE_CODE_PAGE: u16 = 0x3FFD;
        self.numbers.get(&MESSAGE_CODE_PAGE).map(|n| code_page(*n))
    }

    /// Hands on a name and an address as fields of this header.
    fn person(
        &self,
        header: &str,
        name: &[u16],
        addresses: &[u16],
        charset: Option<String>,
        sink: &mut Sink<'_>,
    ) {
        let texts = |numbers: &[u16]| -> Vec<String> {
            numbers.iter().flat_map(|n| self.texts_by(*n, charset.clone())).collect()
        };
        let mut given = |part: &str, text: &str| {
            let slot = sink.slot(None, Some(&format!("{header}.{part}")));
            sink.value(slot, 1, text.as_bytes());
        };
        let address = texts(addresses).into_iter().find(|a| a.contains('@'));
        if let Some(address) = &address {
            given("email", address);
        }
        if let Some(name) = texts(name).first().filter(|n| Some(*n) != address.as_ref()) {
            given(if name.contains('@') { "email" } else { "name" }, &as_spoken(name));
        }
    }

    /// Fields of the message itself.
    fn headers(&mut self, sink: &mut Sink<'_>) {
        let charset = self.charset();
        self.person(
            "From",
            &[0x0C1A, 0x0042],
            &[0x5D01, 0x0C1F, 0x5D02, 0x0065],
            charset.clone(),
            sink,
        );
        let on_behalf = self.text(0x0042).filter(|n| self.text(0x0C1A).is_some_and(|s| s != *n));
        if on_behalf.is_some() {
            self.person("on_behalf_of", &[0x0042], &[0x5D02, 0x0065], charset, sink);
        }
        let mut put = |field: &str, text: &str| {
            let slot = sink.slot(None, Some(field));
            sink.value(slot, 1, text.as_bytes());
        };
        self.texts(0x0037).iter().for_each(|s| put("Subject", s));
        let numbers: Vec<u16> =
            self.values.keys().map(|k| k.0).filter(|n| !ELSEWHERE.contains(n)).collect();
        for number in numbers {
            let name = NAMES.iter().find(|n| n.0 == number);
            let field = name.map_or_else(|| format!("mapi.{number:04X}"), |n| n.1.to_owned());
            self.texts(number).iter().for_each(|t| put(&field, t));
        }
        if let Some(block) = self.text(0x007D) {
            let known = ["from", "to", "cc", "bcc", "subject", "sender"];
            Headers::parse(block.as_bytes()).push_except(&known, 1, sink);
        }
        let class = self.text(0x001A).unwrap_or_default().to_ascii_lowercase();
        if class.starts_with("ipm.note.smime") && !class.contains("multipartsigned") {
            sink.note(Reason::Encrypted, "an encrypted message (S/MIME)");
        }
    }

    fn body(&mut self, sink: &mut Sink<'_>) {
        const INTERNET_CODE_PAGE: u16 = 0x3FDE;
        let plain = self.text(0x1000);
        if let Some(text) = &plain {
            body::plain(text.as_bytes(), 1, sink);
        }
        let said = plain.as_ref().map(|t| Words::of(t.as_bytes()));
        let page = match self.values.remove(&(0x1013, BYTES)).and_then(|v| v.into_iter().next()) {
            Some(page) => {
                let set = self.numbers.get(&INTERNET_CODE_PAGE).map(|n| code_page(*n));
                Some(utf8(page.into(), set.as_deref()).into_owned())
            }
            None => self.text(0x1013).map(String::into_bytes),
        };
        if let Some(page) = &page {
            body::page(page, said.as_ref(), sink);
        }
        let packed = self.values.remove(&(0x1009, BYTES)).and_then(|v| v.into_iter().next());
        if let Some(packed) = packed.filter(|_| plain.is_none() && page.is_none()) {
            match rtf::expand(&packed) {
                Some(text) => {
                    let source = sink.meter().source(Cursor::new(text));
                    sink.member("body.rtf", source);
                }
                None => sink.unread_member("body.rtf", Reason::Malformed, "no compressed RTF"),
            }
        }
    }
}

/// The property that a stream's name tells: its number and type. Of several values each is a stream.
fn tag(name: &str) -> Option<(u16, u16)> {
    let digits = name.strip_prefix(SUBSTREAM)?;
    let number = u16::from_str_radix(digits.get(..4)?, 16).ok()?;
    let kind = u16::from_str_radix(digits.get(4..8)?, 16).ok()?;
    let several = kind & SEVERAL != 0;
    let kind = kind & !SEVERAL;
    // Without a suffix the stream holds lengths.
    (matches!(kind, ANSI | WIDE | BYTES) && several == digits[8..].starts_with('-'))
        .then_some((number, kind))
}

/// The label of a Windows code page.
fn code_page(number: u32) -> String {
    match number {
        65001 => "utf-8".into(),
        932 => "shift_jis".into(),
        936 => "gbk".into(),
        949 => "euc-kr".into(),
        950 => "big5".into(),
        20866 => "koi8-r".into(),
        50220..=50222 => "iso-2022-jp".into(),
        54936 => "gb18030".into(),
        28591..=28606 => format!("iso-8859-{}", number - 28590),
        _ => format!("windows-{number}"),
    }
}

/// The bytes of a stream, up to a limit; none if there is no such stream.
fn stream(file: &mut File, path: &str, most: usize, sink: &mut Sink<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Ok(stream) = file.open_stream(path) else { return bytes };
    let size = stream.len();
    let read = stream.take(most as u64).read_to_end(&mut bytes);
    if size > most as u64 {
        sink.note(
            Reason::Budget,
            "a property or attachment is too big to be held: its end is left out",
        );
    } else if read.is_err() {
        sink.note(Reason::Malformed, "a stream of the OLE2 file is damaged");
    }
    bytes
}

fn recipient(bag: &Bag, message: &Bag, sink: &mut Sink<'_>) {
    const RECIPIENT_TYPE: u16 = 0x0C15;
    let header = match bag.numbers.get(&RECIPIENT_TYPE).map(|n| n & 15) {
        Some(2) => "Cc",
        Some(3) => "Bcc",
        _ => "To",
    };
    bag.person(header, &[0x3001, 0x5FF6], &[0x39FE, 0x3003], message.charset(), sink);
}

/// Hands on an attachment: a file, or another message or object, which becomes a file of its own.
fn attachment(
    file: &mut File,
    storage: &str,
    names: &mut HashMap<String, usize>,
    message: &Bag,
    sink: &mut Sink<'_>,
) {
    let bag = Bag::read(file, storage, 8, sink);
    let name = [0x3707, 0x3704, 0x3001]
        .into_iter()
        .find_map(|n| bag.texts_by(n, message.charset()).into_iter().next())
        .map(|n| file_name(&n))
        .filter(|n| !n.is_empty())
        .unwrap_or_else(|| "attachment".to_owned());
    let object = format!("{storage}/{SUBSTREAM}3701000D");
    if file.is_storage(&object) {
        let is_message = file.is_stream(format!("{object}/{PROPERTIES}"));
        let named = name.to_ascii_lowercase().ends_with(".msg") || !is_message;
        let name = own_name(names, &if named { name } else { format!("{name}.msg") });
        return match copy(file, &object, sink) {
            Some(bytes) => {
                let source = sink.meter().source(Cursor::new(bytes));
                sink.member(&name, source);
            }
            None => sink.unread_member(
                &name,
                Reason::Malformed,
                "an embedded object that is damaged or too big",
            ),
        };
    }
    let name = own_name(names, &name);
    if name.to_ascii_lowercase().ends_with(".rpmsg") {
        return sink.unread_member(&name, Reason::Encrypted, "a message under rights management");
    }
    let content = format!("{storage}/{SUBSTREAM}37010102");
    if !file.is_stream(&content) {
        return sink.unread_member(
            &name,
            Reason::UnsupportedFormat,
            "an attachment that is not in the message",
        );
    }
    let bytes = stream(file, &content, HELD, sink);
    let source = sink.meter().source(Cursor::new(bytes));
    sink.member(&name, source);
}

/// A storage as an OLE2 file of its own, in memory.
fn copy(file: &mut File, storage: &str, sink: &mut Sink<'_>) -> Option<Vec<u8>> {
    let entries: Vec<(String, bool, u64)> = file
        .walk_storage(storage)
        .ok()?
        .take(ENTRIES)
        .map(|e| (e.path().to_string_lossy().into_owned(), e.is_stream(), e.len()))
        .collect();
    let total = entries.iter().filter(|e| e.1).map(|e| e.2).fold(0, u64::saturating_add);
    if total > HELD as u64 {
        return None;
    }
    let mut out = CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for (path, is_stream, _) in entries {
        let Some(inner) = path.strip_prefix(storage).filter(|p| !p.is_empty()) else { continue };
        if !is_stream {
            out.create_storage(inner).ok()?;
            continue;
        }
        let mut bytes = stream(file, &path, HELD, sink);
        if inner.strip_prefix('/') == Some(PROPERTIES) && bytes.len() >= 24 {
            // The header of a message of its own is 8 bytes longer (MS-OXMSG, section 2.4.1).
            bytes.splice(24..24, [0; 8]);
        }
        out.create_stream(inner).ok()?.write_all(&bytes).ok()?;
    }
    out.flush().ok()?;
    Some(out.into_inner().into_inner())
}
