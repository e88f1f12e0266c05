//! HTML: paragraphs are free text, the cells of tables and telling attributes are values of fields.

use std::collections::HashMap;

use super::Format;
use super::drive::{Passage, drive};
use super::form;
use super::markup::{Handler, Markup, Part, Place, behind_prolog, first_tag};
use crate::unit::{Sink, SlotId};

mod attributes;
mod table;
#[cfg(test)]
mod tests;
mod words;

use attributes::{address, has_long_number, passed_on, tells};
use table::{Table, collapsed};
use words::{ELEMENTS, is_one};

/// HTML.
pub static FORMAT: Format = Format {
    id: "html",
    name: "HTML",
    extensions: &["html", "htm", "xhtml"],
    fields: "table.column, tag.attribute, text",
    isolated: false,
    beside: &[],
    sniff: |head| starts(head.trimmed()),
    read: |source, sink| drive(source, sink, &mut Markup::new(Html::default())),
};

/// Tags that an HTML page or fragment may start with.
const STARTS: &[&str] = &[
    "a", "article", "b", "body", "br", "center", "div", "font", "form", "h1", "h2", "h3", "head",
    "header", "hr", "html", "i", "img", "link", "main", "meta", "nav", "ol", "p", "script",
    "section", "span", "style", "table", "title", "ul",
];

/// Whether a document is HTML.
#[must_use]
pub fn starts(document: &[u8]) -> bool {
    let bytes = behind_prolog(document);
    if bytes.get(..14).is_some_and(|b| b.eq_ignore_ascii_case(b"<!doctype html")) {
        return true;
    }
    let Some(name) = first_tag(bytes) else { return false };
    if document.starts_with(b"<?xml") {
        return name.eq_ignore_ascii_case(b"html");
    }
    let is_start = |s: &&&str| name.eq_ignore_ascii_case(s.as_bytes());
    STARTS.iter().find(is_start).is_some_and(|start| {
        memchr::memchr(b'>', bytes).is_some()
            && memchr::memchr(b'<', &bytes[1..]).is_some()
            && (*start == "html" || !has_other_tags(bytes))
    })
}

/// Whether most of the first tags are none of HTML: then it is XML whose root has a name that HTML has, too. Names with a
/// hyphen are those of components.
fn has_other_tags(bytes: &[u8]) -> bool {
    const LOOK: usize = 8192;
    const TAGS: usize = 64;
    let part = &bytes[..bytes.len().min(LOOK)];
    let tags = memchr::memchr_iter(b'<', part).filter_map(|at| first_tag(&part[at..])).take(TAGS);
    let (mut all, mut other) = (0, 0);
    for name in tags.filter(|name| !name.contains(&b'-')) {
        all += 1;
        other += usize::from(!is_one(ELEMENTS, &name.to_ascii_lowercase()));
    }
    other * 2 >= all.max(2)
}

/// Elements that stand within a line of text.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

/// Elements in which line ends are those of lines.
const PREFORMATTED: &[&str] = &["listing", "pre", "textarea", "xmp"];

/// Tables within tables that are told apart.
const NESTED: usize = 32;

/// What stands beside a term that names a field is no longer than this.
const VALUE: usize = 200;

/// A term of a list of definitions, with what stands beside it.
struct Term {
    text: Vec<u8>,
    place: Place,
    /// The term itself and the field that it names, once what follows is its value.
    told: Option<(String, SlotId)>,
}

#[derive(Default)]
struct Html {
    tag: Vec<u8>,
    /// Name and value of a form field.
    name: Vec<u8>,
    value: Option<Vec<u8>>,
    tables: Vec<Table>,
    numbered: usize,
    deeper: usize,
    /// Slots of attributes with how many values each has had.
    attributes: HashMap<Vec<u8>, (SlotId, u64)>,
    paragraph: Passage,
    loose: Passage,
    /// The term of a list of definitions that is at hand, and how many such lists there were.
    term: Option<Term>,
    lists: u64,
    /// How many elements are open in which line ends count.
    preformatted: usize,
}

fn is(list: &[&str], name: &[u8]) -> bool {
    list.iter().any(|n| n.as_bytes() == name)
}

impl Html {
    /// The text of the cell that is open.
    fn cell(&mut self) -> Option<&mut Vec<u8>> {
        self.tables.last_mut()?.cell()
    }

    /// A block begins or ends: its text is done; within a cell it is a space.
    fn block(&mut self, sink: &mut Sink<'_>) {
        if let Some(cell) = self.cell() {
            cell.push(b' ');
        } else if let Some(term) = &mut self.term {
            term.text.push(b' ');
        } else {
            self.paragraph.pause(sink);
        }
    }

    /// A list of definitions begins or ends, or a term in it.
    fn end_term(&mut self, sink: &mut Sink<'_>) {
        let Some(term) = self.term.take() else { return };
        match term.told {
            Some((name, field)) if !form::is_described(&name, &collapsed(&term.text)) => {
                sink.value(field, self.lists, &collapsed(&term.text));
            }
            _ => self.paragraph.add(&term.text, term.place.line, term.place.offset, sink),
        }
        self.paragraph.pause(sink);
    }

    /// What stands beside a term begins: it is a value if the term names a kind of field.
    fn definition(&mut self, place: Place, sink: &mut Sink<'_>) {
        let name = self.term.as_ref().filter(|t| t.told.is_none()).and_then(|term| {
            form::label(&collapsed(&term.text))
                .filter(|name| form::names_kind(name, sink) && !sink.is_data(name))
        });
        if let Some(name) = name {
            let field = sink.slot(None, Some(&name));
            self.term = Some(Term { text: Vec::new(), place, told: Some((name, field)) });
        } else {
            self.end_term(sink);
            self.block(sink);
        }
    }

    fn structure(&mut self, name: &[u8], place: Place, sink: &mut Sink<'_>) {
        match name {
            b"table" => self.open_table(sink),
            b"thead" | b"tbody" | b"tfoot" | b"tr" => {
                self.block(sink);
                if let Some(table) = self.tables.last_mut() {
                    table.end_row(sink);
                    if name != b"tr" {
                        table.in_head = name == b"thead";
                    }
                }
            }
            b"td" | b"th" => {
                self.block(sink);
                if let Some(table) = self.tables.last_mut() {
                    table.begin_cell(name == b"th", sink);
                }
            }
            b"dl" => {
                self.end_term(sink);
                self.block(sink);
                self.lists += 1;
            }
            b"dt" if self.cell().is_none() => {
                self.end_term(sink);
                self.block(sink);
                self.term = Some(Term { text: Vec::new(), place, told: None });
            }
            b"dd" if self.term.is_some() => self.definition(place, sink),
            b"br" => self.add(b"\n", true, place, sink),
            _ if is(INLINE, name) => {}
            _ => self.block(sink),
        }
    }

    fn open_table(&mut self, sink: &mut Sink<'_>) {
        self.end_term(sink);
        self.block(sink);
        if self.tables.len() >= NESTED {
            self.deeper += 1;
            return;
        }
        self.numbered += 1;
        self.tables.push(Table::new(self.numbered));
    }

    fn close_table(&mut self, sink: &mut Sink<'_>) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(mut table) = self.tables.pop() {
            table.end(sink);
        }
    }

    /// Adds text, whose line ends count or are blanks.
    fn add(&mut self, text: &[u8], has_lines: bool, place: Place, sink: &mut Sink<'_>) {
        if let Some(table) = self.tables.last_mut().filter(|t| t.in_cell) {
            return table.add(text, sink);
        }
        match &mut self.term {
            Some(term) if term.text.len() + text.len() <= VALUE => {
                term.text.extend_from_slice(text);
            }
            _ => self.add_paragraph(text, has_lines, place, sink),
        }
    }

    /// Text of a paragraph; a term or its value is too long for one then.
    fn add_paragraph(&mut self, text: &[u8], has_lines: bool, place: Place, sink: &mut Sink<'_>) {
        if let Some(Term { text, place, told }) = self.term.take() {
            let name = told.map(|(name, _)| name + ": ").unwrap_or_default();
            for part in [name.as_bytes(), &text] {
                self.paragraph.add(part, place.line, place.offset, sink);
            }
        }
        match has_lines {
            true => self.paragraph.add(text, place.line, place.offset, sink),
            false => self.paragraph.add_flowing(text, place.line, place.offset, sink),
        }
    }

    /// One value of an attribute's field.
    fn push(&mut self, field: &[u8], value: &[u8], sink: &mut Sink<'_>) {
        let (slot, row) = match self.attributes.get_mut(field) {
            Some(known) => {
                known.1 += 1;
                *known
            }
            None => {
                let slot = sink.slot(None, Some(&String::from_utf8_lossy(field)));
                if self.attributes.len() < crate::unit::MAX_SLOTS {
                    self.attributes.insert(field.to_vec(), (slot, 1));
                }
                (slot, 1)
            }
        };
        sink.value(slot, row, value);
    }

    fn whole_attribute(&mut self, name: &[u8], value: &[u8], sink: &mut Sink<'_>) {
        let form = is(&["input", "select", "button", "option", "param"], &self.tag);
        match name {
            b"name" | b"id" if form && !has_long_number(value) => {
                if self.name.is_empty() || name == b"name" {
                    self.name = value[..value.len().min(200)].to_vec();
                }
                return;
            }
            b"value" if form => {
                self.value = Some(value.to_vec());
                return;
            }
            _ => {}
        }
        if value.is_empty() || !tells(&self.tag, name, value) {
            return;
        }
        let field = [&self.tag[..], b".", name].concat();
        if name.starts_with(b"on") && !value.contains(&b'@') {
            let numbers: Vec<_> = passed_on(value).collect();
            if !numbers.is_empty() {
                return numbers.iter().for_each(|number| self.push(&field, number, sink));
            }
        }
        match address(value).filter(|_| name == b"href") {
            Some(plain) => self.push(&field, &plain, sink),
            None => self.push(&field, value, sink),
        }
    }
}

impl Handler for Html {
    const HTML: bool = true;

    fn open(&mut self, name: &[u8], place: Place, sink: &mut Sink<'_>) {
        self.tag.clear();
        self.tag.extend_from_slice(name);
        self.preformatted += usize::from(is(PREFORMATTED, name));
        self.structure(name, place, sink);
    }

    fn attribute(&mut self, name: &[u8], part: Part<'_>, sink: &mut Sink<'_>) {
        if part.at == 0 && part.last {
            self.whole_attribute(name, part.text, sink);
            return;
        }
        // A long value is free text in stretches; nobody types that much into a field.
        self.loose.add(part.text, 1, 0, sink);
        if part.last {
            self.loose.end(sink);
        }
    }

    fn opened(&mut self, _: bool, sink: &mut Sink<'_>) -> bool {
        if let Some(value) = self.value.take().filter(|v| !v.is_empty()) {
            let name = if self.name.is_empty() { b"value" } else { &self.name[..] };
            let field = [&self.tag[..], b".", name].concat();
            self.push(&field, &value, sink);
        }
        self.name.clear();
        matches!(&self.tag[..], b"script" | b"style")
    }

    fn close(&mut self, name: &[u8], sink: &mut Sink<'_>) {
        if is(PREFORMATTED, name) {
            self.preformatted = self.preformatted.saturating_sub(1);
        }
        match name {
            b"table" => self.close_table(sink),
            b"tr" | b"thead" | b"tbody" | b"tfoot" => {
                if let Some(table) = self.tables.last_mut() {
                    table.end_row(sink);
                    table.in_head &= name == b"tr";
                }
            }
            b"td" | b"th" => {
                if let Some(table) = self.tables.last_mut() {
                    table.in_cell = false;
                }
            }
            b"dl" | b"dd" => {
                // A term without anything beside it is text.
                self.end_term(sink);
                self.block(sink);
            }
            _ if is(INLINE, name) => {}
            _ => self.block(sink),
        }
    }

    fn text(&mut self, text: &[u8], place: Place, sink: &mut Sink<'_>) {
        self.add(text, self.preformatted > 0, place, sink);
    }

    fn loose(&mut self, text: &[u8], place: Place, sink: &mut Sink<'_>) {
        if text.is_empty() {
            self.loose.end(sink);
        } else {
            self.loose.add(text, place.line, place.offset, sink);
        }
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        while let Some(mut table) = self.tables.pop() {
            table.end(sink);
        }
        self.end_term(sink);
        self.paragraph.end(sink);
        self.loose.end(sink);
    }
}
