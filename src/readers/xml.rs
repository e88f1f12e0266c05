//! XML: the text of an element and its attributes are values of a field named by the last two names
//! of the path (`customer.email`).

use std::collections::HashMap;

use super::drive::{Passage, cut, drive};
use super::markup::{Handler, Markup, Part, Place, behind_prolog, first_tag, local};
use super::{Format, HEAD, Head, html};
use crate::unit::{PIECE, Sink, SlotId};

mod shape;

use shape::Holders;

/// XML.
pub static FORMAT: Format = Format {
    id: "xml",
    name: "XML (also GPX, SVG, SAF-T, mysqldump --xml)",
    extensions: &["xml", "gpx", "svg", "kml", "xsd", "rss", "plist"],
    fields: "parent.element",
    isolated: false,
    beside: &[],
    sniff,
    read: |source, sink| {
        let head = source.peek(HEAD)?;
        let holders = shape::holders(&head[..head.len().min(HEAD)], sink);
        drive(source, sink, &mut Markup::new(Xml { holders, ..Xml::default() }))
    },
};

fn sniff(head: &Head<'_>) -> bool {
    let start = head.trimmed();
    let bytes = behind_prolog(start);
    if html::starts(start) {
        return false;
    }
    let declared = start.starts_with(b"<?xml") || bytes.starts_with(b"<!DOCTYPE");
    let structured =
        || ["</", "/>"].iter().any(|m| memchr::memmem::find(bytes, m.as_bytes()).is_some());
    declared
        || first_tag(bytes).is_some() && (structured() || !head.complete && has_attribute(bytes))
}

fn has_attribute(bytes: &[u8]) -> bool {
    memchr::memmem::find(&bytes[..bytes.len().min(1024)], b"=\"").is_some()
}

/// Levels whose names are kept.
const LEVELS: usize = 512;
/// Different names; what comes after shares one.
const NAMES: usize = 1 << 14;

/// Elements that hold one of several values of a record, and say in an attribute which.
const HOLDERS: &[&str] =
    &["field", "property", "column", "attribute", "attr", "param", "entry", "item", "var"];
/// What stands within such an element for its value.
const VALUES: &[&[u8]] = &[b"value", b"val", b"attributevalue", b"string", b"text"];
/// Attributes that say which.
const NAMED_BY: &[&[u8]] = &[b"name", b"key", b"label", b"question", b"friendlyname"];
/// Longest name of a field in an attribute.
const FIELD: usize = 40;

struct Element {
    name: u32,
    /// What it is called in fields.
    shown: u32,
    /// Whether something has been said about it: a child, an attribute or text.
    told: bool,
    /// The field that an attribute names.
    field: Option<SlotId>,
}

#[derive(Default)]
struct Xml {
    names: HashMap<Box<[u8]>, u32>,
    written: Vec<String>,
    slots: HashMap<(u32, u32), SlotId>,
    stack: Vec<Element>,
    /// Elements deeper than the stack.
    deeper: usize,
    roots: u64,
    children: u64,
    text: Vec<u8>,
    text_at: usize,
    /// What holds records that are named by something of their own, and how many of these there were.
    holders: Holders,
    records: u64,
    /// Table of a mysqldump and the rows seen in it.
    table: Option<(String, u64)>,
    /// The key before the next value of a property list.
    key: Option<u32>,
    loose: Passage,
    /// Whether the document says itself that it is XML.
    declared: bool,
    /// Whether an end tag fits no start tag, or comes before that of what is within.
    crossed: bool,
    /// Whether some element was ended as XML ends them.
    ended: bool,
}

impl Xml {
    fn name(&mut self, name: &[u8]) -> u32 {
        let local = local(name);
        if let Some(&id) = self.names.get(local) {
            return id;
        }
        let id = u32::try_from(self.written.len()).unwrap_or(u32::MAX);
        if self.written.len() >= NAMES {
            return id - 1;
        }
        self.names.insert(local.into(), id);
        self.written.push(String::from_utf8_lossy(local).into_owned());
        id
    }

    fn slot(&mut self, parent: Option<u32>, name: u32, sink: &mut Sink<'_>) -> SlotId {
        let key = (parent.unwrap_or(u32::MAX), name);
        if let Some(&slot) = self.slots.get(&key) {
            return slot;
        }
        let own = &self.written[name as usize];
        let field = match parent {
            Some(parent) => format!("{}.{own}", self.written[parent as usize]),
            None => own.clone(),
        };
        let slot = sink.slot(None, Some(&field));
        self.slots.insert(key, slot);
        slot
    }

    fn row(&self) -> u64 {
        match &self.table {
            Some((_, rows)) => (*rows).max(1),
            None if self.records > 0 => self.records,
            // Several roots are no document but a list of records.
            None if self.roots > 1 => self.roots,
            None => self.children.max(1),
        }
    }

    fn current(&mut self, sink: &mut Sink<'_>) -> Option<SlotId> {
        let level = self.stack.len().checked_sub(1)?;
        if let Some(field) = self.stack[level].field {
            return Some(field);
        }
        let parent = level.checked_sub(1).map(|i| self.stack[i].shown);
        Some(self.slot(parent, self.stack[level].shown, sink))
    }

    /// Hands on the text of the current element. One that has nothing else counts even when empty.
    fn flush(&mut self, closing: bool, sink: &mut Sink<'_>) {
        let blank = self.text.trim_ascii().is_empty();
        let told = self.stack.last().is_none_or(|e| e.told);
        if blank && self.text_at == 0 && (told || !closing) {
            self.text.clear();
            return;
        }
        let row = self.row();
        if let Some(slot) = self.current(sink) {
            if self.text_at > 0 {
                let at = u32::try_from(self.text_at).unwrap_or(u32::MAX);
                sink.value_piece(slot, row, &self.text, at);
            } else {
                sink.value(slot, row, self.text.trim_ascii());
            }
        }
        self.text.clear();
        self.text_at = 0;
        if let Some(element) = self.stack.last_mut() {
            element.told = true;
        }
    }

    fn flush_piece(&mut self, sink: &mut Sink<'_>) {
        let row = self.row();
        let Some(slot) = self.current(sink) else { return };
        while self.text.len() > PIECE {
            let len = cut(&self.text, PIECE);
            let at = u32::try_from(self.text_at).unwrap_or(u32::MAX);
            sink.value_piece(slot, row, &self.text[..len], at);
            self.text.drain(..len);
            self.text_at += len;
        }
    }

    /// `<table_data name="t">` and `<field name="c">` of a mysqldump.
    fn dumped(&mut self, name: &[u8], part: Part<'_>, sink: &mut Sink<'_>) -> bool {
        let Some(element) = self.stack.last_mut() else { return false };
        let own = self.written[element.name as usize].as_str();
        if name != b"name" || !part.last || part.at > 0 {
            return false;
        }
        let value = String::from_utf8_lossy(part.text);
        match (own, &self.table) {
            ("table_data", _) => self.table = Some((value.into_owned(), 0)),
            ("field", Some((table, _))) => {
                element.field = Some(sink.slot(Some(table), Some(&value)));
            }
            _ => return false,
        }
        true
    }

    /// `<field name="phone">` and its like: the value of the element is one of that name.
    fn named(&mut self, name: &[u8], part: Part<'_>, sink: &mut Sink<'_>) {
        let [.., parent, element] = &self.stack[..] else { return };
        let own = self.written[element.name as usize].as_str();
        let is_name = NAMED_BY.iter().any(|by| name.eq_ignore_ascii_case(by));
        let whole = part.last && part.at == 0;
        let is_holder = || HOLDERS.iter().any(|holder| own.eq_ignore_ascii_case(holder));
        if !is_name || !whole || element.field.is_some() || !is_holder() {
            return;
        }
        // `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname`
        let named = match memchr::memmem::find(part.text, b"://") {
            Some(_) => part.text.rsplit(|b| *b == b'/').next().unwrap_or_default(),
            None => part.text,
        };
        let Some(field) = field_name(named, sink) else { return };
        let (parent, field) = (parent.shown, self.name(&field));
        let slot = self.slot(Some(parent), field, sink);
        if let Some(element) = self.stack.last_mut() {
            element.field = Some(slot);
        }
    }

    /// The field that is told of an element before it opens: by the holder that it is the value in, or by the key before it
    /// in a property list of Apple's, where a list or another table takes its name from that.
    fn field_of(&mut self, name: u32, shown: &mut u32, sink: &mut Sink<'_>) -> Option<SlotId> {
        let parent = self.stack.last()?;
        let own = self.written[name as usize].as_bytes();
        if parent.field.is_some() {
            let is_value = VALUES.iter().any(|value| own.eq_ignore_ascii_case(value));
            return parent.field.filter(|_| is_value);
        }
        let key = self.key.take()?;
        if matches!(own, b"dict" | b"array") {
            *shown = key;
            return None;
        }
        let above = parent.shown;
        Some(self.slot(Some(above), key, sink))
    }

    /// Keeps the key that ends here in a property list: `<key>First</key><string>Kari</string>`.
    fn keep_key(&mut self, sink: &mut Sink<'_>) {
        let [.., parent, element] = &self.stack[..] else { return };
        let is = |e: &Element, name: &str| self.written[e.name as usize] == name;
        if !is(element, "key") || !is(parent, "dict") || self.text_at > 0 {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let key = field_name(text.trim_ascii(), sink);
        self.key = key.map(|key| self.name(&key));
        self.text = text;
    }

    /// What an element of this name is called if it is a record among others: its name is a value then.
    fn shown(&mut self, name: &[u8], sink: &mut Sink<'_>) -> Option<u32> {
        let above = self.stack.last()?;
        let others = self.holders.get(self.written[above.name as usize].as_bytes())?;
        if others.contains(local(name)) {
            return None;
        }
        let above = above.shown;
        self.records += 1;
        let shown = self.name(b"{}");
        let slot = self.slot(Some(above), shown, sink);
        sink.value(slot, self.records, local(name));
        Some(shown)
    }

    fn pop(&mut self, sink: &mut Sink<'_>) {
        self.keep_key(sink);
        self.flush(true, sink);
        if let Some(gone) = self.stack.pop()
            && self.written[gone.name as usize] == "table_data"
        {
            self.table = None;
        }
    }
}

/// What a text is called as the name of a field, if it may be one: blanks stand in those that forms ask for ("Full name").
fn field_name(text: &[u8], sink: &mut Sink<'_>) -> Option<Vec<u8>> {
    let is_field = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let mut is_asked = || std::str::from_utf8(text).is_ok_and(|t| sink.names_field(t));
    let has_length = (1..=FIELD).contains(&text.len());
    let is_name = has_length && (text.iter().all(is_field) || is_asked());
    is_name.then(|| text.iter().map(|b| if *b == b' ' { b'_' } else { *b }).collect())
}

impl Handler for Xml {
    const HTML: bool = false;

    fn open(&mut self, name: &[u8], _: Place, sink: &mut Sink<'_>) {
        self.flush(false, sink);
        if let Some(parent) = self.stack.last_mut() {
            parent.told = true;
        }
        match self.stack.len() {
            0 => (self.roots, self.children) = (self.roots + 1, 0),
            1 => self.children += 1,
            LEVELS => {
                self.deeper += 1;
                return;
            }
            _ => {}
        }
        let shown = self.shown(name, sink);
        let name = self.name(name);
        if let Some((_, rows)) = &mut self.table
            && self.written[name as usize] == "row"
        {
            *rows += 1;
        }
        let mut shown = shown.unwrap_or(name);
        let field = self.field_of(name, &mut shown, sink);
        self.stack.push(Element { name, shown, told: false, field });
    }

    fn attribute(&mut self, name: &[u8], part: Part<'_>, sink: &mut Sink<'_>) {
        if self.dumped(name, part, sink) || name.starts_with(b"xmlns") {
            return;
        }
        self.named(name, part, sink);
        let name = self.name(name);
        let Some(element) = self.stack.last_mut() else { return };
        element.told = true;
        let (parent, field) = (Some(element.shown), element.field);
        // `<item key="lastName" value="…"/>`
        let is_value = matches!(self.written[name as usize].as_str(), "value" | "val");
        let slot = match field.filter(|_| is_value) {
            Some(field) => field,
            None => self.slot(parent, name, sink),
        };
        let row = self.row();
        if part.at == 0 && part.last {
            sink.value(slot, row, part.text);
        } else {
            sink.value_piece(slot, row, part.text, u32::try_from(part.at).unwrap_or(u32::MAX));
        }
    }

    fn opened(&mut self, closed: bool, sink: &mut Sink<'_>) -> bool {
        if closed && self.deeper > 0 {
            self.deeper -= 1;
        } else if closed {
            self.ended |= self.stack.last().is_some_and(|e| e.told);
            self.pop(sink);
        }
        false
    }

    fn close(&mut self, name: &[u8], sink: &mut Sink<'_>) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let id = self.name(name);
        if self.stack.last().is_some_and(|e| e.name == id) {
            self.ended = true;
            self.pop(sink);
            return;
        }
        // An end tag without its start tag is passed over; one that comes late closes what is open.
        self.crossed = true;
        if let Some(at) = self.stack.iter().rposition(|e| e.name == id) {
            while self.stack.len() > at {
                self.pop(sink);
            }
        }
    }

    fn text(&mut self, text: &[u8], place: Place, sink: &mut Sink<'_>) {
        if self.stack.is_empty() && text.trim_ascii().is_empty() {
            return;
        }
        if self.stack.is_empty() {
            self.loose.add(text, place.line, place.offset, sink);
            return;
        }
        self.text.extend_from_slice(text);
        if self.text.len() > PIECE {
            self.flush_piece(sink);
        }
    }

    fn loose(&mut self, text: &[u8], place: Place, sink: &mut Sink<'_>) {
        // The instruction that comes first.
        self.declared |= self.roots == 0 && text.starts_with(b"xml ");
        if text.is_empty() {
            self.loose.end(sink);
        } else {
            self.loose.add(text, place.line, place.offset, sink);
        }
    }

    /// Templates and older markup leave out end tags: of what is not declared as XML only the end may be missing.
    fn fault(&self, cut: bool) -> Option<&'static str> {
        let is_xml = self.declared || self.ended && !self.crossed;
        if is_xml && (cut || !self.stack.is_empty()) {
            return Some("the XML ends before its elements do: it may be cut");
        }
        (self.declared && self.crossed).then_some("end tags of the XML do not fit its start tags")
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        while !self.stack.is_empty() {
            self.pop(sink);
        }
        self.loose.end(sink);
    }
}

#[cfg(test)]
mod tests {
    use super::super::drive::testing::read;
    use super::*;
    use crate::unit::testing::Collected;
    use proptest::prelude::*;

    fn xml(text: &str) -> Collected {
        let (all, why, _) = read(text.as_bytes(), FORMAT.read);
        assert_eq!(why, None);
        all
    }

    #[test]
    fn elements_and_attributes() {
        let all = xml(
            "<?xml version=\"1.0\"?>\n<!-- c@d.no -->\n<x:export><row id='1' e=\"a&amp;b\"><n>&#xF8;&lt; </n><m/></row>\
            <row><n><![CDATA[<b>&amp;]]></n>tail</row></x:export>",
        );
        assert_eq!(all.field(None, "row.id"), [(1, "1".into())]);
        assert_eq!(all.field(None, "row.e"), [(1, "a&b".into())]);
        assert_eq!(all.field(None, "row.n"), [(1, "ø<".into()), (2, "<b>&amp;".into())]);
        assert_eq!(all.field(None, "row.m"), [(1, String::new())]);
        assert_eq!(all.field(None, "export.row"), [(2, "tail".into())]);
        assert!(all.text().contains("c@d.no"));
        assert_eq!(all.texts.iter().find(|t| t.2.contains("c@d")).unwrap().1, 2);
    }

    #[test]
    fn mysqldump() {
        let all = xml(
            "<mysqldump><database name=\"d\"><table_data name=\"customers\"><row><field name=\"fnr\">1</field></row>\
            <row><field name=\"fnr\">2</field></row></table_data></database></mysqldump>",
        );
        assert_eq!(all.field(Some("customers"), "fnr"), [(1, "1".into()), (2, "2".into())]);
    }

    #[test]
    fn fields_named_in_attributes() {
        let all = xml(
            "<odoo><record id=\"r1\" model=\"p\"><field name=\"phone\">1</field><field name=\"street\">S</field>\
            <field name=\"Kari Hansen\">2</field></record></odoo>",
        );
        let asked = xml(
            "<form><row><field name=\"Navn\">Kari</field><item key=\"e-post\" value=\"k@x.no\"/></row></form>",
        );
        assert_eq!(asked.field(None, "row.Navn"), [(1, "Kari".into())]);
        assert_eq!(asked.field(None, "row.e-post")[0], (1, "k@x.no".into()));
        assert_eq!(all.field(None, "record.phone"), [(1, "1".into())]);
        assert_eq!(all.field(None, "record.street"), [(1, "S".into())]);
        assert_eq!(all.field(None, "record.field"), [(1, "2".into())]);
        assert_eq!(all.field(None, "field.name").len(), 3);
    }

    #[test]
    fn values_within_what_names_them() {
        let all = xml("<r><property name=\"firstName\"><value>Kari</value></property>\
            <saml:Attribute Name=\"urn:oid:2.5.4.42\" FriendlyName=\"givenName\">\
            <saml:AttributeValue>Ola</saml:AttributeValue></saml:Attribute>\
            <Attribute Name=\"http://schemas.xmlsoap.org/claims/surname\"><AttributeValue>Moen</AttributeValue>\
            </Attribute></r>");
        assert_eq!(all.field(None, "r.firstName"), [(1, "Kari".into())]);
        assert_eq!(all.field(None, "r.givenName"), [(2, "Ola".into())]);
        assert_eq!(all.field(None, "r.surname"), [(3, "Moen".into())]);
        let all = xml("<plist><array><dict><key>First</key><string>Kari</string><key>Phones</key>\
            <array><string>1</string><string>2</string></array><key>Last</key><string>Moen</string></dict></array></plist>");
        assert_eq!(all.field(None, "dict.First"), [(1, "Kari".into())]);
        assert_eq!(all.field(None, "dict.Last"), [(1, "Moen".into())]);
        assert_eq!(all.field(None, "Phones.string").len(), 2);
        assert_eq!(all.field(None, "dict.key").len(), 3);
    }

    #[test]
    fn records_named_by_something_are_one() {
        let record = |i: u32| format!("<u{i} id='{i}'><Navn>N{i}</Navn><sted>S</sted></u{i}>");
        let records = (0..9).map(record).collect::<String>();
        let all = xml(&format!("<a><users><total>9</total>{records}</users></a>"));
        assert_eq!(all.fields(), ["users.total", "users.{}", "{}.id", "{}.Navn", "{}.sted"]);
        assert_eq!(all.field(None, "{}.Navn")[8], (9, "N8".into()));
        assert_eq!(all.field(None, "users.{}")[8], (9, "u8".into()));
        let many = (0..1500).map(record).collect::<String>();
        assert_eq!(xml(&format!("<users>{many}</users>")).fields().len(), 4);
    }

    #[test]
    fn entities_are_never_expanded() {
        let all = xml("<!DOCTYPE a [<!ENTITY l \"lol\"><!ENTITY m \"&l;&l;\">]><a><b>&m;</b></a>");
        assert_eq!(all.field(None, "a.b"), [(1, "&m;".into())]);
    }

    #[test]
    fn deep_long_and_broken() {
        let all = xml(&("<a>".repeat(100_000) + "x" + &"</a>".repeat(100_000)));
        assert_eq!(all.field(None, "a.a"), [(1, "x".into())]);
        let long = "æ &amp; 1,".repeat(30_000);
        let all = xml(&format!("<a><b c=\"{long}\">{long}</b></a>"));
        assert_eq!(all.field(None, "a.b")[0].1, "æ & 1,".repeat(30_000));
        assert_eq!(all.field(None, "b.c")[0].1, "æ & 1,".repeat(30_000));
        let (all, why, _) = read(b"<a><b>1</c><b>2</a><a x='y", FORMAT.read);
        assert_eq!((all.cells.len(), why), (3, None));
    }

    #[test]
    fn what_is_cut_or_crossed_is_malformed() {
        let cut = Some("the XML ends before its elements do: it may be cut");
        let crossed = Some("end tags of the XML do not fit its start tags");
        let declared = "<?xml version=\"1.0\"?>\n";
        for (text, plain, as_declared) in [
            ("<a><b>1</b><b/></a>\n", None, None),
            ("<a><b>1</b><b>2", cut, cut),
            ("<a><b>1</b><b c=\"2", cut, cut),
            ("<a><b>1</b></a><!-- 2", cut, cut),
            ("<a><b>1</c></a>", None, crossed),
            ("<a><b>1</a>", None, crossed),
            ("<a><b>1</a><b>2", None, cut),
            ("<a><b>1 <c/> <d>\n", None, cut),
            ("<a><b x='1'/><b x='2'/>", cut, cut),
        ] {
            assert_eq!(read(text.as_bytes(), FORMAT.read).1, plain, "{text}");
            let (all, why, _) = read((declared.to_owned() + text).as_bytes(), FORMAT.read);
            assert_eq!(why, as_declared, "{text}");
            let values = all.field(None, if text.contains('x') { "b.x" } else { "a.b" });
            assert_eq!(values[0], (1, "1".into()), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn arbitrary(text in "[<>/!?&;=\"'a-c\\[\\]\\- \n]{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            read(text.as_bytes(), FORMAT.read);
            read(&bytes, FORMAT.read);
            read(&[b"<a b='", &bytes[..]].concat(), FORMAT.read);
        }
    }
}
