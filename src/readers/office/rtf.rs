//! RTF documents (Rich Text Format 1.9.1): text in its code pages, tables as fields, notes, comments and
//! document properties. What holds no text (fonts, styles, pictures, objects) is passed over.

use std::collections::HashMap;

use super::codepage::{CodePage, DEFAULT};
use super::story::Story;
use crate::readers::drive::{Parse, Then, View, drive};
use crate::readers::{Format, Stop};
use crate::source::Source;
use crate::unit::{PIECE, Sink};

/// RTF documents.
pub static FORMAT: Format = Format {
    id: "rtf",
    name: "RTF documents",
    extensions: &["rtf"],
    fields: "table.column, text",
    isolated: false,
    beside: &[],
    sniff: |head| head.trimmed().starts_with(b"{\\rtf"),
    read,
};

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    drive(source, sink, &mut Rtf::default())
}

/// Groups within groups whose state is kept.
const GROUPS: usize = 1024;
/// Fonts whose code page is kept.
const FONTS: usize = 4096;
/// A control word's longest name, and number.
const WORD: usize = 32;
/// A property's longest text.
const PROPERTY: usize = 64 << 10;

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum To {
    Text,
    Nowhere,
    Fonts,
    /// A field of a table.
    Field(&'static str, &'static str),
    /// The name of a property of the user's, and its value.
    OwnName,
    OwnValue,
}

#[derive(Clone, Copy)]
struct Group {
    to: To,
    font: i32,
    in_table: bool,
    /// Characters that stand for one of Unicode.
    fallback: usize,
    /// Whether the group is a note, which ends with it.
    aside: bool,
    /// Whether `\*` has been seen and no word yet.
    starred: bool,
}

const OUTSIDE: Group =
    Group { to: To::Text, font: 0, in_table: false, fallback: 1, aside: false, starred: false };

struct Rtf {
    story: Story,
    groups: Vec<Group>,
    /// Groups beyond those whose state is kept.
    deeper: usize,
    now: Group,
    fonts: HashMap<i32, CodePage>,
    ansi: CodePage,
    /// Bytes in the code page at hand that are not decoded yet.
    pending: Vec<u8>,
    /// Characters to pass over: they stand for one of Unicode that was given.
    pass: usize,
    /// First half of a pair.
    surrogate: Option<u16>,
    property: String,
    own_name: String,
    /// Bytes of binary data to pass over.
    binary: usize,
}

impl Default for Rtf {
    fn default() -> Self {
        Rtf {
            story: Story::default(),
            groups: Vec::new(),
            deeper: 0,
            now: OUTSIDE,
            fonts: HashMap::new(),
            ansi: DEFAULT,
            pending: Vec::new(),
            pass: 0,
            surrogate: None,
            property: String::new(),
            own_name: String::new(),
            binary: 0,
        }
    }
}

/// A token and its length; `None` when it is cut.
enum Token<'a> {
    Open,
    Close,
    Word(&'a str, Option<i32>),
    Symbol(u8),
    Byte(u8),
    Text(&'a [u8]),
}

fn token(bytes: &[u8], end: bool) -> Option<(Token<'_>, usize)> {
    Some(match *bytes.first()? {
        b'{' => (Token::Open, 1),
        b'}' => (Token::Close, 1),
        b'\\' => return control(bytes, end),
        _ => {
            let length = memchr::memchr3(b'{', b'}', b'\\', bytes).unwrap_or(bytes.len());
            (Token::Text(&bytes[..length]), length)
        }
    })
}

fn control(bytes: &[u8], end: bool) -> Option<(Token<'_>, usize)> {
    let Some(&first) = bytes.get(1) else { return end.then_some((Token::Text(b""), 1)) };
    if first == b'\'' {
        let Some(digits) = bytes.get(2..4) else {
            return end.then_some((Token::Text(b""), bytes.len()));
        };
        let value = std::str::from_utf8(digits).ok().and_then(|d| u8::from_str_radix(d, 16).ok());
        return Some(value.map_or((Token::Text(b""), 2), |v| (Token::Byte(v), 4)));
    }
    if !first.is_ascii_alphabetic() {
        return Some((Token::Symbol(first), 2));
    }
    let letters = bytes[1..].iter().take(WORD).take_while(|b| b.is_ascii_alphabetic()).count() + 1;
    let sign = usize::from(bytes.get(letters) == Some(&b'-'));
    let rest = &bytes[(letters + sign).min(bytes.len())..];
    let digits = rest.iter().take(WORD).take_while(|b| b.is_ascii_digit()).count();
    let used = letters + if digits > 0 { sign + digits } else { 0 };
    if bytes.len() <= letters + sign + digits && !end {
        return None;
    }
    let word = std::str::from_utf8(&bytes[1..letters]).unwrap_or("");
    let number = std::str::from_utf8(&bytes[letters..used]).ok().and_then(|n| n.parse().ok());
    Some((Token::Word(word, number), used + usize::from(bytes.get(used) == Some(&b' '))))
}

impl Parse for Rtf {
    fn parse(&mut self, view: View<'_>, sink: &mut Sink<'_>) -> (usize, Then) {
        let mut at = 0;
        while at < view.bytes.len() {
            if self.binary > 0 {
                let n = self.binary.min(view.bytes.len() - at);
                self.binary -= n;
                at += n;
                continue;
            }
            match token(&view.bytes[at..], view.end) {
                Some((token, length)) => {
                    self.take(&token, sink);
                    at += length;
                }
                None => return (at, Then::More),
            }
        }
        (at, Then::On)
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), &'static str> {
        self.decode(sink);
        let whole = self.groups.is_empty() && self.deeper == 0;
        while !self.groups.is_empty() {
            self.close(sink);
        }
        self.story.end(sink);
        if whole { Ok(()) } else { Err("the document ends inside a group") }
    }
}

impl Rtf {
    fn take(&mut self, token: &Token<'_>, sink: &mut Sink<'_>) {
        match *token {
            Token::Text(text) => self.bytes(text, sink),
            Token::Byte(_) if self.pass > 0 => self.pass -= 1,
            Token::Byte(byte) => self.keep(byte, sink),
            Token::Open => self.open(sink),
            Token::Close => {
                self.decode(sink);
                self.close(sink);
            }
            Token::Symbol(b'*') => self.now.starred = true,
            Token::Symbol(symbol) => self.symbol(symbol, sink),
            Token::Word(word, number) => {
                self.decode(sink);
                self.word(word, number, sink);
            }
        }
    }

    /// Text as it stands; line ends mean nothing.
    fn bytes(&mut self, text: &[u8], sink: &mut Sink<'_>) {
        for &byte in text.iter().filter(|b| !matches!(b, b'\r' | b'\n' | 0)) {
            if self.pass > 0 {
                self.pass -= 1;
            } else {
                self.keep(byte, sink);
            }
        }
    }

    fn keep(&mut self, byte: u8, sink: &mut Sink<'_>) {
        if matches!(self.now.to, To::Nowhere | To::Fonts) {
            return;
        }
        self.pending.push(byte);
        if self.pending.len() >= PIECE {
            self.decode(sink);
        }
    }

    fn decode(&mut self, sink: &mut Sink<'_>) {
        if self.pending.is_empty() {
            return;
        }
        let page = self.fonts.get(&self.now.font).copied().unwrap_or(self.ansi);
        let pending = std::mem::take(&mut self.pending);
        if pending.is_ascii() {
            self.add(&String::from_utf8_lossy(&pending), sink);
        } else {
            self.add(&page.decode(&pending), sink);
        }
        self.pending = pending;
        self.pending.clear();
    }

    fn add(&mut self, text: &str, sink: &mut Sink<'_>) {
        match self.now.to {
            To::Text => self.story.text(text.as_bytes(), sink),
            To::Nowhere | To::Fonts => {}
            To::Field(..) | To::OwnName | To::OwnValue => {
                if self.property.len() < PROPERTY {
                    self.property.push_str(text);
                }
            }
        }
    }

    fn open(&mut self, sink: &mut Sink<'_>) {
        self.decode(sink);
        self.pass = 0;
        if self.groups.len() >= GROUPS {
            self.deeper += 1;
            return;
        }
        self.groups.push(self.now);
        (self.now.aside, self.now.starred) = (false, false);
    }

    fn close(&mut self, sink: &mut Sink<'_>) {
        self.pass = 0;
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let Some(outer) = self.groups.pop() else { return };
        if self.now.aside {
            self.story.aside_ends(sink);
        }
        let inner = std::mem::replace(&mut self.now, outer);
        if inner.to != outer.to {
            self.end_property(inner.to, sink);
        }
    }

    fn end_property(&mut self, to: To, sink: &mut Sink<'_>) {
        let text = std::mem::take(&mut self.property);
        // The list of people who changed the text ends each name with a semicolon.
        let value = text.trim().trim_end_matches(';');
        let (table, field) = match to {
            To::Field(table, field) => (table, field),
            To::OwnName => {
                value.clone_into(&mut self.own_name);
                return;
            }
            To::OwnValue => {
                let name = std::mem::take(&mut self.own_name);
                let slot = sink.slot(Some("properties"), Some(&name));
                sink.value(slot, 1, value.as_bytes());
                return;
            }
            _ => return,
        };
        if !value.is_empty() {
            let slot = sink.slot(Some(table), Some(field));
            sink.value(slot, 1, value.as_bytes());
        }
    }

    fn symbol(&mut self, symbol: u8, sink: &mut Sink<'_>) {
        if self.pass > 0 {
            self.pass -= 1;
            return;
        }
        match symbol {
            b'{' | b'}' | b'\\' => self.keep(symbol, sink),
            b'~' => self.keep(b' ', sink),
            b'_' => self.keep(b'-', sink),
            b'\r' | b'\n' => {
                self.decode(sink);
                self.layout("par", sink);
            }
            b'\t' => self.keep(b'\t', sink),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>, sink: &mut Sink<'_>) {
        let starred = std::mem::take(&mut self.now.starred);
        if self.settings(word, number) {
            return;
        }
        if self.deeper == 0 && self.destination(word, starred, sink) {
            return;
        }
        if word == "u" {
            self.unicode(number.unwrap_or(0), sink);
        } else if self.pass > 0 {
            self.pass -= 1;
        } else if self.now.to != To::Nowhere {
            self.layout(word, sink);
        }
    }

    /// Words that set something.
    fn settings(&mut self, word: &str, number: Option<i32>) -> bool {
        let n = number.unwrap_or(0);
        match word {
            "ansicpg" => self.ansi = CodePage::numbered(n.unsigned_abs()),
            "mac" => self.ansi = CodePage::numbered(10_000),
            "pc" | "pca" => self.ansi = CodePage::Dos,
            "deff" | "f" => self.now.font = n,
            "fcharset" | "cpg" if self.now.to == To::Fonts => {
                let page = match word {
                    "cpg" => Some(CodePage::numbered(n.unsigned_abs())),
                    _ => CodePage::of_charset(n),
                };
                if let Some(page) = page.filter(|_| self.fonts.len() < FONTS) {
                    self.fonts.insert(self.now.font, page);
                }
            }
            "uc" => self.now.fallback = usize::try_from(n).unwrap_or(1).min(16),
            "bin" => self.binary = usize::try_from(n).unwrap_or(0),
            "pard" => self.now.in_table = false,
            "intbl" => self.now.in_table = true,
            _ => return false,
        }
        true
    }

    /// Words that begin a group of their own.
    fn destination(&mut self, word: &str, starred: bool, sink: &mut Sink<'_>) -> bool {
        let property = |field| Some(To::Field("properties", field));
        let inside = self.now.to == To::Nowhere;
        let info = self.groups.len() == 3 && !starred;
        let to = match word {
            _ if inside => return false,
            "fonttbl" => Some(To::Fonts),
            "colortbl" | "stylesheet" | "pict" | "nonshppict" | "pntext" | "listtext" | "sp"
            | "filetbl" | "ftnsep" | "ftnsepc" | "ftncn" | "aftnsep" | "aftnsepc" | "aftncn"
            | "creatim" | "revtim" | "printim" | "buptim" | "atnid" | "atnref" | "atntime" => {
                Some(To::Nowhere)
            }
            "footnote" | "annotation" | "header" | "headerl" | "headerr" | "headerf" | "footer"
            | "footerl" | "footerr" | "footerf" | "shptxt" => {
                self.begin_aside();
                return true;
            }
            "atnauthor" => Some(To::Field("comments", "author")),
            "revtbl" => Some(To::Field("changes", "author")),
            "author" if info => property("author"),
            "operator" if info => property("last_modified_by"),
            "title" if info => property("title"),
            "subject" if info => property("subject"),
            "manager" if info || starred => property("manager"),
            "company" if info || starred => property("company"),
            "keywords" if info => property("keywords"),
            "category" if info || starred => property("category"),
            "doccomm" | "comment" if info => property("description"),
            "propname" => Some(To::OwnName),
            "staticval" => Some(To::OwnValue),
            "shpinst" | "userprops" | "txfieldtext" | "ffname" | "do" | "dptxbxtext" => {
                return true;
            }
            "fldinst" | "fldrslt" => {
                self.story.text(b" ", sink);
                return true;
            }
            _ if starred => Some(To::Nowhere),
            _ => None,
        };
        if let Some(to) = to {
            self.now.to = to;
        }
        to.is_some()
    }

    fn begin_aside(&mut self) {
        (self.now.to, self.now.in_table) = (To::Text, false);
        if !self.now.aside && !self.groups.is_empty() {
            self.now.aside = self.story.aside();
        }
    }

    /// A character of Unicode, with what stands for it behind it.
    fn unicode(&mut self, number: i32, sink: &mut Sink<'_>) {
        self.pass = self.now.fallback;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as written")]
        let unit = number as u16;
        let units = match self.surrogate.take() {
            Some(first) => vec![first, unit],
            None if (0xD800..0xDC00).contains(&unit) => {
                self.surrogate = Some(unit);
                return;
            }
            None => vec![unit],
        };
        self.add(&String::from_utf16_lossy(&units), sink);
    }

    /// Words that are text themselves, or part it.
    fn layout(&mut self, word: &str, sink: &mut Sink<'_>) {
        let text = match word {
            "tab" | "emspace" | "enspace" | "qmspace" | "nestcell" => " ",
            "line" | "lbr" | "softline" => "\n",
            "emdash" => "\u{2014}",
            "endash" => "\u{2013}",
            "bullet" => "\u{2022}",
            "lquote" => "\u{2018}",
            "rquote" => "\u{2019}",
            "ldblquote" => "\u{201C}",
            "rdblquote" => "\u{201D}",
            _ => "",
        };
        if !text.is_empty() {
            self.add(text, sink);
            return;
        }
        if self.now.to != To::Text {
            return;
        }
        match word {
            "par" | "sect" | "page" | "column" | "nestrow" => {
                self.story.paragraph(self.now.in_table, sink);
            }
            "cell" => self.story.cell(sink),
            "row" => self.story.row(sink),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::drive::testing::read as run;
    use super::*;
    use crate::unit::testing::Collected;
    use proptest::prelude::*;

    fn rtf(text: &str) -> Collected {
        let (all, why, _) = run(text.as_bytes(), FORMAT.read);
        assert_eq!(why, None);
        all
    }

    #[test]
    fn text_in_its_code_pages() {
        let all = rtf(
            r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 Times Cyr;}}
{\colortbl;\red1;}{\stylesheet{\s0 Normal;}}{\*\generator Riched20;}
Bj\'f8rn {\f1 \'c8\'e2\'e0\'ed} {\b ka}ri@example.org \u229\'e5\u8217 ? {\uc2\u230??}x\u-10179 ?\u-8704 ?\par
{\field{\*\fldinst HYPERLINK {mailto:ola@example.org}}{\fldrslt skriv}}
{\*\shppict{\pict\pngblip 89504e47}}{\pict\bin5 }}}{{}slutt\~her\par}",
        );
        let text = all.text();
        for part in ["Bjørn Иван kari@example.org å’ æx😀", "mailto:ola@example.org", "slutt her"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("89504") && !text.contains("Arial") && !text.contains("Riched"));
        assert_eq!(all.notes, []);
    }

    #[test]
    fn tables_notes_and_properties() {
        let all = rtf(
            r"{\rtf1{\info{\title Liste}{\author Kari Nordmann}{\operator Ola Hansen}{\creatim\yr2024}}
{\*\revtbl {Unknown;}{Per Dahl;}}{\header topp\par}
F\'f8r {\footnote\pard fotnote tekst}etter\par
\trowd\cellx100\cellx200\pard\intbl Navn\cell E-post\cell\row
\trowd\cellx100\cellx200\pard\intbl Kari{\footnote\pard i celle\par}s\cell kari@\par example.org\cell\row
\trowd\pard\intbl\cell ola@example.org\cell\row
\pard Etterp\'e5 {\*\atnauthor Liv Lie}{\*\annotation merk\par}\par}",
        );
        assert_eq!(all.field(Some("table1"), "Navn"), [(1, "Karis".into()), (2, String::new())]);
        let mails = [(1, "kari@ example.org".into()), (2, "ola@example.org".into())];
        assert_eq!(all.field(Some("table1"), "E-post"), mails);
        assert_eq!(all.field(Some("properties"), "author"), [(1, "Kari Nordmann".into())]);
        assert_eq!(all.field(Some("properties"), "last_modified_by"), [(1, "Ola Hansen".into())]);
        assert_eq!(all.field(Some("comments"), "author"), [(1, "Liv Lie".into())]);
        let text = all.text();
        for part in ["topp", "fotnote tekst", "Før etter", "i celle", "Etterpå", "merk"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn cut_and_deep() {
        let (all, why, _) = run(br"{\rtf1 kari@example.org {\b ola", FORMAT.read);
        assert!(why.is_some() && all.text().contains("kari@example.org ola"));
        let deep = format!(r"{{\rtf1 {}dypt{}\par}}", "{".repeat(5000), "}".repeat(5000));
        assert!(rtf(&deep).text().contains("dypt"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn arbitrary(text in r"([{}a-c \\'0-9*\n-]|\\cell|\\row|\\par|\\u|\\bin|\\footnote|\\intbl){0,80}") {
            run(format!("{{\\rtf1{text}").as_bytes(), FORMAT.read);
        }
    }
}
