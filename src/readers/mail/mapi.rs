//! MAPI properties, of which Outlook's messages consist: what becomes a field, and which hold the text (MS-OXPROPS,
//! MS-OXCMSG).

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;

use super::body::{self, Words};
use super::decode::utf8;
use super::headers::{Headers, as_spoken, file_name};
use super::rtf;
use crate::note::Reason;
use crate::unit::Sink;

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

/// The text of a message as a page and as compressed RTF.
const PAGE: u16 = 0x1013;
const RTF: u16 = 0x1009;
/// What an attachment is called, the long name first.
const FILE_NAMES: [u16; 3] = [0x3707, 0x3704, 0x3001];

/// The properties of a message, a recipient or an attachment.
#[derive(Default)]
pub struct Bag {
    /// By number and type.
    pub values: BTreeMap<(u16, u16), Vec<Vec<u8>>>,
    /// Those that are numbers.
    pub numbers: HashMap<u16, u32>,
    /// Number of the message in its file, from 1, and what its members' names begin with.
    pub row: u64,
    pub prefix: String,
}

/// Types of properties: text by a code page, in UTF-16, and bytes.
pub const ANSI: u16 = 0x001E;
pub const WIDE: u16 = 0x001F;
pub const BYTES: u16 = 0x0102;

impl Bag {
    /// Those of a message with nothing in it yet.
    pub fn new(row: u64, prefix: String) -> Bag {
        Bag { row, prefix, ..Bag::default() }
    }

    /// Adds a value.
    pub fn put(&mut self, number: u16, kind: u16, value: Vec<u8>) {
        self.values.entry((number, kind)).or_default().push(value);
    }

    /// The text of a property.
    pub fn text(&self, number: u16) -> Option<String> {
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
            sink.value(slot, self.row, text.as_bytes());
        };
        let address = texts(addresses).into_iter().find(|a| a.contains('@'));
        if let Some(address) = &address {
            given("email", address);
        }
        if let Some(name) = texts(name).first().filter(|n| Some(*n) != address.as_ref()) {
            given(if name.contains('@') { "email" } else { "name" }, &as_spoken(name));
        }
    }

    /// Hands on the fields of the message itself.
    pub fn headers(&self, sink: &mut Sink<'_>) {
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
            sink.value(slot, self.row, text.as_bytes());
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
            Headers::parse(block.as_bytes()).push_except(&known, self.row, sink);
        }
        let class = self.text(0x001A).unwrap_or_default().to_ascii_lowercase();
        if class.starts_with("ipm.note.smime") && !class.contains("multipartsigned") {
            sink.note(Reason::Encrypted, "an encrypted message (S/MIME)");
        }
    }

    /// Hands on its text, which may be there in several forms.
    pub fn body(&mut self, sink: &mut Sink<'_>) {
        const INTERNET_CODE_PAGE: u16 = 0x3FDE;
        let plain = self.text(0x1000);
        if let Some(text) = &plain {
            body::plain(text.as_bytes(), 1, sink);
        }
        let said = plain.as_ref().map(|t| Words::of(t.as_bytes()));
        let page = match self.values.remove(&(PAGE, BYTES)).and_then(|v| v.into_iter().next()) {
            Some(page) => {
                let set = self.numbers.get(&INTERNET_CODE_PAGE).map(|n| code_page(*n));
                Some(utf8(page.into(), set.as_deref()).into_owned())
            }
            None => self.text(PAGE).map(String::into_bytes),
        };
        if let Some(page) = &page {
            body::page(page, said.as_ref(), sink);
        }
        let packed = self.values.remove(&(RTF, BYTES)).and_then(|v| v.into_iter().next());
        if let Some(packed) = packed.filter(|_| plain.is_none() && page.is_none()) {
            let name = format!("{}body.rtf", self.prefix);
            match rtf::expand(&packed) {
                Some(text) => {
                    let source = sink.meter().source(Cursor::new(text));
                    sink.member(&name, source);
                }
                None => sink.unread_member(&name, Reason::Malformed, "no compressed RTF"),
            }
        }
    }
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

/// Hands on a recipient of a message.
pub fn recipient(bag: &Bag, message: &Bag, sink: &mut Sink<'_>) {
    const RECIPIENT_TYPE: u16 = 0x0C15;
    let header = match bag.numbers.get(&RECIPIENT_TYPE).map(|n| n & 15) {
        Some(2) => "Cc",
        Some(3) => "Bcc",
        _ => "To",
    };
    bag.person(header, &[0x3001, 0x5FF6], &[0x39FE, 0x3003], message.charset(), sink);
}

/// What an attachment of a message is called.
pub fn attachment_name(bag: &Bag, message: &Bag) -> String {
    let texts = |number: u16| bag.texts_by(number, message.charset()).into_iter().next();
    let name = FILE_NAMES.into_iter().find_map(texts).map(|name| file_name(&name));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "attachment".to_owned())
}
