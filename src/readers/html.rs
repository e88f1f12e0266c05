//! HTML: paragraphs are free text, the cells of tables and telling attributes are values of fields.

use std::collections::HashMap;

use super::Format;
use super::csv::header;
use super::drive::{Passage, cut, drive};
use super::form::{self, Held};
use super::grid::titles;
use super::markup::{Handler, Markup, Part, Place, behind_prolog, first_tag};
use crate::unit::{PIECE, Sink, SlotId};

mod words;

use words::{ATTRIBUTES, DRAWING, ELEMENTS, LOOKS, is_one};

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

/// Attributes that hold what people read or write.
const TELLING: &[&str] = &["alt", "aria-label", "content", "href", "placeholder", "title", "value"];

/// Tables within tables that are told apart.
const NESTED: usize = 32;
/// Columns that are told apart.
const COLUMNS: usize = 1024;

#[derive(Default)]
struct Cell {
    text: Vec<u8>,
    header: bool,
    /// How much of a long cell has been handed on.
    handed: usize,
}

/// A table that is open.
#[derive(Default)]
struct Table {
    name: String,
    header: Vec<String>,
    slots: Vec<SlotId>,
    rows: u64,
    cells: Vec<Cell>,
    in_cell: bool,
    in_head: bool,
    bytes: usize,
    held: Held,
}

/// A term of a list of definitions, with what stands beside it.
struct Term {
    text: Vec<u8>,
    place: Place,
    /// The term itself and the field that it names, once what follows is its value.
    told: Option<(String, SlotId)>,
}

/// What stands beside a term that names a field is no longer than this.
const VALUE: usize = 200;

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
    /// A `<br>` was a line break already: the one in the source behind it is none.
    broken: bool,
}

fn is(list: &[&str], name: &[u8]) -> bool {
    list.iter().any(|n| n.as_bytes() == name)
}

impl Html {
    fn cell(&mut self) -> Option<&mut Cell> {
        let table = self.tables.last_mut()?;
        if table.in_cell { table.cells.last_mut() } else { None }
    }

    /// A block begins or ends: its text is done; within a cell it is a space.
    fn block(&mut self, sink: &mut Sink<'_>) {
        if let Some(cell) = self.cell() {
            cell.text.push(b' ');
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
            Some((_, field)) => {
                let mut text = Vec::new();
                collapse(&term.text, &mut text);
                sink.value(field, self.lists, &text);
            }
            None => self.paragraph.add(&term.text, term.place.line, term.place.offset, sink),
        }
        self.paragraph.pause(sink);
    }

    /// What stands beside a term begins: it is a value if the term names a kind of field.
    fn definition(&mut self, place: Place, sink: &mut Sink<'_>) {
        let name = self.term.as_ref().filter(|t| t.told.is_none()).and_then(|term| {
            let mut text = Vec::new();
            collapse(&term.text, &mut text);
            form::label(&text).filter(|name| form::names_kind(name, sink) && !sink.is_data(name))
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
                    // A row without end is no row: memory stays bounded.
                    if table.cells.len() >= 4 * COLUMNS {
                        table.end_row(sink);
                    }
                    table.in_cell = true;
                    table.cells.push(Cell { header: name == b"th", ..Cell::default() });
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
            b"br" => {
                self.add(b"\n", place, sink);
                self.broken = true;
            }
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
        self.tables.push(Table { name: format!("table{}", self.numbered), ..Table::default() });
    }

    fn close_table(&mut self, sink: &mut Sink<'_>) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(mut table) = self.tables.pop() {
            table.end(sink);
        }
    }

    fn add(&mut self, text: &[u8], place: Place, sink: &mut Sink<'_>) {
        let Some(table) = self.tables.last_mut().filter(|t| t.in_cell) else {
            return match &mut self.term {
                Some(term) if term.text.len() + text.len() <= VALUE => {
                    term.text.extend_from_slice(text);
                }
                _ => self.add_paragraph(text, place, sink),
            };
        };
        if let Some(cell) = table.cells.last_mut() {
            cell.text.extend_from_slice(text);
            table.bytes += text.len();
            if table.bytes > 2 * PIECE {
                table.hand_on(sink);
            }
        }
    }

    /// Text of a paragraph; a term or its value is too long for one then.
    fn add_paragraph(&mut self, text: &[u8], place: Place, sink: &mut Sink<'_>) {
        if let Some(Term { text, place, told }) = self.term.take() {
            let name = told.map(|(name, _)| name + ": ").unwrap_or_default();
            for part in [name.as_bytes(), &text] {
                self.paragraph.add(part, place.line, place.offset, sink);
            }
        }
        self.paragraph.add(text, place.line, place.offset, sink);
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

/// Whether an attribute may say something of a person: it is one that people read, or none that HTML has, or a long
/// number stands in it.
fn tells(tag: &[u8], name: &[u8], value: &[u8]) -> bool {
    if is_one(LOOKS, name) {
        // A value with a tag in it lacks its closing quote: its text must not be lost.
        return !matches!(name, b"class" | b"style")
            && memchr::memchr2(b'<', b'@', value).is_some();
    }
    let is_known =
        || is_one(ATTRIBUTES, name) || name.starts_with(b"aria-") || name.starts_with(b"on");
    let drawn = || is_one(DRAWING, tag);
    is(TELLING, name)
        || name.starts_with(b"data-")
        || memchr::memchr2(b'<', b'@', value).is_some()
        || !drawn() && (!is_known() || has_long_number(value))
}

/// Whether a number of eight digits or more stands in a text by itself, as people write it: with a blank, a hyphen or a
/// dot between some of them.
fn has_long_number(text: &[u8]) -> bool {
    const LONG: usize = 8;
    if text.len() < LONG {
        return false;
    }
    let (mut digits, mut before) = (0, b' ');
    let mut is_alone = true;
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                is_alone = if digits == 0 { !is_word(before) } else { is_alone };
                digits += 1;
            }
            b' ' | b'-' | b'.' if before.is_ascii_digit() => {}
            _ => {
                let ends = !before.is_ascii_digit() || !is_word(byte);
                if digits >= LONG && is_alone && ends {
                    return true;
                }
                digits = 0;
            }
        }
        before = byte;
    }
    digits >= LONG && is_alone
}

/// The long numbers that code passes on as they are: `show('12345678')`.
fn passed_on(code: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_edge = |byte: &u8| b"'\"(),;".contains(byte);
    let is_number = |part: &&[u8]| {
        part.iter().all(|b| b.is_ascii_digit() || b" -.".contains(b)) && has_long_number(part)
    };
    code.split(is_edge).map(<[u8]>::trim_ascii).filter(is_number)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// What a `mailto:` or `tel:` link points to.
fn address(value: &[u8]) -> Option<Vec<u8>> {
    let scheme =
        |s: &str| value.get(..s.len()).is_some_and(|v| v.eq_ignore_ascii_case(s.as_bytes()));
    let from = ["mailto:", "tel:", "sms:"].into_iter().find(|s| scheme(s))?.len();
    let (mut at, rest) = (0, &value[from..]);
    let mut out = Vec::with_capacity(rest.len());
    let digit = |i: usize| rest.get(i).and_then(|b| char::from(*b).to_digit(16)).map(|d| d as u8);
    while at < rest.len() {
        match (rest[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 3;
            }
            (b, ..) => {
                out.push(b);
                at += 1;
            }
        }
    }
    Some(out)
}

/// Text with its white space collapsed.
fn collapse(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    for word in text.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

impl Table {
    /// The row is complete: it names the columns, or its cells are values.
    fn end_row(&mut self, sink: &mut Sink<'_>) {
        self.in_cell = false;
        if self.cells.is_empty() {
            return;
        }
        // Rows of one or two cells above it are titles.
        let is_first = self.rows == 0 && self.held.is_narrow();
        let fresh = is_first && self.cells.iter().all(|c| c.handed == 0);
        if fresh && (self.in_head || self.cells.iter().all(|c| c.header)) {
            let names = self.names();
            if !names.iter().any(|n| sink.is_data(n)) {
                self.header = names;
                self.clear();
                return;
            }
        }
        if self.hold(sink) {
            self.clear();
            return;
        }
        self.let_go(sink);
        let mut text = Vec::new();
        self.rows += u64::from(self.cells.iter().all(|c| c.handed == 0));
        if !self.labelled(sink) {
            for i in 0..self.cells.len() {
                let slot = self.slot(i, sink);
                let cell = &self.cells[i];
                if cell.handed > 0 && cell.text.is_empty() {
                    continue;
                }
                if cell.handed > 0 {
                    let at = u32::try_from(cell.handed).unwrap_or(u32::MAX);
                    sink.value_piece(slot, self.rows, &cell.text, at);
                } else {
                    collapse(&cell.text, &mut text);
                    sink.value(slot, self.rows, &text);
                }
            }
        }
        self.clear();
    }

    /// Holds the row back if it may be one of a form, or its table's header is yet to be told.
    fn hold(&mut self, sink: &mut Sink<'_>) -> bool {
        let is_plain = |c: &Cell| !c.header && c.handed == 0;
        // Headings that name kinds are those of a list.
        let is_list = || self.header.iter().any(|name| form::names_kind(name, sink));
        let may_be = self.held.has_room(self.bytes)
            && self.cells.iter().all(is_plain)
            && (self.header.is_empty() || self.cells.len() <= 2 && !is_list());
        if may_be {
            let mut text = Vec::new();
            let cell = |cell: &Cell| {
                collapse(&cell.text, &mut text);
                text.clone()
            };
            self.held.push(self.cells.iter().map(cell).collect(), self.bytes);
        }
        may_be
    }

    /// The rows held back are no form: their cells are values of the columns.
    fn let_go(&mut self, sink: &mut Sink<'_>) {
        let rows = self.held.let_go();
        let above = if self.header.is_empty() { self.told_header(&rows, sink) } else { 0 };
        for row in &rows[above..] {
            self.rows += 1;
            for (i, text) in row.iter().enumerate() {
                let slot = self.slot(i, sink);
                sink.value(slot, self.rows, text);
            }
        }
    }

    /// Names the columns by the first of these rows if it is a header as those of other tables are, though nothing marks it
    /// as one. Gives how many rows stand above the values: none in what is only laid out as a table, with rows of
    /// several lengths or running text.
    fn told_header(&mut self, rows: &[Vec<Vec<u8>>], sink: &mut Sink<'_>) -> usize {
        /// Bytes in a cell at most.
        const SHORT: usize = 200;
        let top = header::top(rows);
        let Some((head, rest)) = rows[top..].split_first() else { return 0 };
        let is_like = |row: &&Vec<Vec<u8>>| {
            row.len() == head.len() && row.iter().all(|cell| cell.len() <= SHORT)
        };
        let is_table = head.len() > 1 && rest.iter().filter(is_like).count() * 5 >= rest.len() * 4;
        if rest.is_empty() || !is_table || !header::is_header(head, rest, sink) {
            return 0;
        }
        titles(&rows[..top], sink);
        self.header = header::names(&head[..head.len().min(COLUMNS)]);
        top + 1
    }

    fn clear(&mut self) {
        self.cells.clear();
        self.bytes = 0;
    }

    fn names(&self) -> Vec<String> {
        let mut text = Vec::new();
        let name = |(i, cell): (usize, &Cell)| {
            collapse(&cell.text, &mut text);
            text.truncate(200);
            if text.is_empty() {
                format!("#{}", i + 1)
            } else {
                String::from_utf8_lossy(&text).into_owned()
            }
        };
        self.cells.iter().take(COLUMNS).enumerate().map(name).collect()
    }

    /// A row of a label and its value, in a table without a header row.
    fn labelled(&self, sink: &mut Sink<'_>) -> bool {
        let [label, value] = &self.cells[..] else { return false };
        if !self.header.is_empty()
            || !label.header
            || value.header
            || label.handed + value.handed > 0
        {
            return false;
        }
        let mut names = self.names();
        let name = names.swap_remove(0);
        if name.starts_with('#') || sink.is_data(&name) {
            return false;
        }
        let slot = sink.slot(Some(&self.name), Some(&name));
        let mut text = Vec::new();
        collapse(&value.text, &mut text);
        sink.value(slot, self.rows, &text);
        true
    }

    fn slot(&mut self, column: usize, sink: &mut Sink<'_>) -> SlotId {
        let column = column.min(COLUMNS);
        while self.slots.len() <= column {
            let i = self.slots.len();
            let number = format!("#{}", i + 1);
            let field = self.header.get(i).unwrap_or(&number);
            self.slots.push(sink.slot(Some(&self.name), Some(field)));
        }
        self.slots[column]
    }

    /// A row too long to be held: what there is of it is handed on.
    fn hand_on(&mut self, sink: &mut Sink<'_>) {
        self.let_go(sink);
        let fresh = self.cells.iter().all(|c| c.handed == 0);
        self.rows += u64::from(fresh);
        for i in 0..self.cells.len() {
            let slot = self.slot(i, sink);
            let cell = &mut self.cells[i];
            let mut from = 0;
            while from < cell.text.len() {
                let rest = &cell.text[from..];
                let len = if rest.len() > PIECE { cut(rest, PIECE) } else { rest.len() };
                let at = u32::try_from(cell.handed).unwrap_or(u32::MAX);
                sink.value_piece(slot, self.rows, &rest[..len], at);
                cell.handed += len;
                from += len;
            }
            // Even an empty cell has been handed on now, so that the row counts once.
            cell.handed = cell.handed.max(1);
            cell.text.clear();
        }
        self.bytes = 0;
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        self.end_row(sink);
        match self.held.form(sink) {
            Some(form) => {
                form.push(Some(&self.name), sink);
                self.rows += 1;
            }
            None => self.let_go(sink),
        }
        if self.rows == 0 {
            // A table of headings only: they are its values.
            let header = std::mem::take(&mut self.header);
            for (i, text) in header.iter().enumerate() {
                let slot = self.slot(i, sink);
                sink.value(slot, 1, text.as_bytes());
            }
        }
    }
}

impl Handler for Html {
    const HTML: bool = true;

    fn open(&mut self, name: &[u8], place: Place, sink: &mut Sink<'_>) {
        self.tag.clear();
        self.tag.extend_from_slice(name);
        self.broken = false;
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

    fn text(&mut self, text: &[u8], mut place: Place, sink: &mut Sink<'_>) {
        let mut text = text;
        if std::mem::take(&mut self.broken) {
            let rest = text.strip_prefix(b"\r\n").or_else(|| text.strip_prefix(b"\n"));
            if let Some(rest) = rest {
                place.line += 1;
                text = rest;
            }
        }
        self.add(text, place, sink);
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

#[cfg(test)]
mod tests {
    use super::super::drive::testing::read;
    use super::*;
    use crate::readers::Head;
    use crate::unit::testing::Collected;
    use proptest::prelude::*;

    fn html(text: &str) -> Collected {
        let (all, why, _) = read(text.as_bytes(), FORMAT.read);
        assert_eq!(why, None);
        all
    }

    #[test]
    fn paragraphs_join_inline_tags() {
        let all = html(
            "<html><body>\n<p>fnr <b>0101</b>90&nbsp;12345 &oslash;<br>\nny</p>\n<div>x</div><script>var e='a@b.no';</script><!-- c@d.no -->",
        );
        let texts: Vec<_> = all.texts.iter().map(|t| (t.1, t.2.as_str())).collect();
        let expected =
            [(2, "fnr 010190 12345 ø\nny"), (4, "x"), (4, "var e='a@b.no';"), (4, " c@d.no ")];
        let mut texts: Vec<_> = texts.iter().map(|t| (t.0, t.1.trim_end())).collect();
        texts.sort_unstable();
        let mut expected: Vec<_> = expected.iter().map(|t| (t.0, t.1.trim_end())).collect();
        expected.sort_unstable();
        assert_eq!(texts, expected);
    }

    #[test]
    fn tables() {
        let all = html(
            "<table><thead><tr><th>Navn</th><th>E<b>-</b>post</th></tr></thead><tbody>\
            <tr><td>A &amp;\n B</td><td></td></tr><tr><td>C<p>D</p></td><td><a href='mailto:x%40y.no'>x</a></td></tr></table>\
            <table><tr><td>1<td>2<tr><td>3<td><table><tr><td>in</td></tr></table>4</table>\
            <table><tr><th>Tlf</th><td>22</td></tr></table>",
        );
        assert_eq!(all.field(Some("table1"), "Navn"), [(1, "A & B".into()), (2, "C D".into())]);
        assert_eq!(all.field(Some("table1"), "E-post"), [(1, String::new()), (2, "x".into())]);
        assert_eq!(all.field(Some("table2"), "#2"), [(1, "2".into()), (2, "4".into())]);
        assert_eq!(all.field(Some("table3"), "#1"), [(1, "in".into())]);
        assert_eq!(all.field(Some("table4"), "Tlf"), [(1, "22".into())]);
        assert_eq!(all.field(None, "a.href"), [(1, "x@y.no".into())]);
    }

    #[test]
    fn the_first_row_of_a_table_may_be_its_header() {
        let rows = |head: &str| {
            html(&format!(
                "<table><tr><td colspan=3>Liste</td></tr><tr>{head}</tr><tr><td>Kari</td><td>22</td><td>x</td></tr>\
                <tr><td>Ola</td><td>23</td><td>y</td></tr></table>"
            ))
        };
        let all = rows("<td><b>Navn</b></td><td>Telefon</td><td>1</td>");
        assert_eq!(all.field(Some("table1"), "Navn"), [(1, "Kari".into()), (2, "Ola".into())]);
        assert_eq!(all.field(Some("table1"), "1")[0].1, "x");
        assert_eq!(all.text(), "Liste");
        let all = rows("<td>Siv</td><td>21</td><td>z</td>");
        assert_eq!(all.field(Some("table1"), "#2").len(), 3);
        // What is only laid out as a table.
        let all = html("<table><tr><td>Navn<td>Telefon<td>E-post<tr><td>x<tr><td>y<td>z</table>");
        assert_eq!(all.field(Some("table1"), "#1").len(), 3);
    }

    #[test]
    fn terms_that_name_fields() {
        let all = html(
            "<dl><dt>Navn:</dt><dd>Kari <p>Nordmann</dd><dt>Annet</dt><dd>noe</dd><dt>Telefon<dd>22</dl>\
            <dl><dt>Navn<dd>Ola<dt>E-post</dl>slutt",
        );
        assert_eq!(all.field(None, "Navn"), [(1, "Kari Nordmann".into()), (2, "Ola".into())]);
        assert_eq!(all.field(None, "Telefon"), [(1, "22".into())]);
        for text in ["Annet", "noe", "E-post", "slutt"] {
            assert!(all.text().contains(text), "{text}");
        }
        let all = html(&format!("<dl><dt>Navn<dd>{}</dl>", "lang ".repeat(100)));
        assert!(all.text().contains("Navn") && all.cells.is_empty());
    }

    #[test]
    fn forms() {
        let rows = "<tr><td>Navn:</td><td>Kari</td></tr><tr><td>Telefon</td><td>22</td></tr>\
            <tr><td><b>E-post</b></td><td>kari@x.no</td></tr>";
        let headed = format!("<table><tr><th>Felt</th><th>Verdi</th></tr>{rows}</table>");
        for form in [format!("<table>{rows}</table>"), headed] {
            let all = html(&form);
            assert_eq!(all.field(Some("table1"), "Telefon"), [(1, "22".into())]);
            assert_eq!(all.field(Some("table1"), "E-post"), [(1, "kari@x.no".into())]);
        }
        let all = html(&format!("<table>{rows}<tr><td>a<td>b<td>c</table>"));
        assert_eq!(
            all.field(Some("table1"), "#2")[2..],
            [(3, "kari@x.no".into()), (4, "b".into())]
        );
    }

    #[test]
    fn attributes() {
        let all = html(
            "<form><input value=\"x@y.no\" name=email><input name=tlf value='22'><img alt=\"Kari\" data-fnr='1'></form>",
        );
        assert_eq!(all.field(None, "input.email"), [(1, "x@y.no".into())]);
        assert_eq!(all.field(None, "input.tlf"), [(1, "22".into())]);
        assert_eq!(all.field(None, "img.alt"), [(1, "Kari".into())]);
        assert_eq!(all.field(None, "img.data-fnr"), [(1, "1".into())]);
    }

    #[test]
    fn attributes_of_other_names_and_with_long_numbers() {
        let all = html(
            "<html><a onclick=\"vis('12345678901')\" onblur=\"hide(1)\" style='x:12345678901'>x</a>\
            <div id=12345678901 class='p 12345678901'><input id='123456 78901'><input id=tlf value=22>\
            <person fnr=1 navn='Kari' lang=no></person><img src='/foto/12345678901.jpg' alt=x srcset='/12345678901.jpg'>\
            <svg><path d='M 12345678901' e='12345678901'/></svg><i id=x12345678901 rel=abc123456789>",
        );
        assert_eq!(all.field(None, "a.onclick"), [(1, "12345678901".into())]);
        let mut fields = all.fields();
        fields.sort_unstable();
        let want = [
            "a.onclick",
            "div.id",
            "img.alt",
            "img.src",
            "input.id",
            "input.tlf",
            "person.fnr",
            "person.navn",
        ];
        assert_eq!(fields, want);
    }

    #[test]
    fn long_numbers() {
        for text in
            ["12345678", "vis('12345678')", "/p/12345678.jpg", "p=123456-78901&x", "a 12 34 56 78"]
        {
            assert!(has_long_number(text.as_bytes()), "{text}");
        }
        for text in [
            "1234567",
            "x12345678",
            "12345678x",
            "12345678_a",
            "1,2,3,4,5,6,7,8",
            "a1b2c3d4e5f6a7b8",
        ] {
            assert!(!has_long_number(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn deep_and_long() {
        let all = html(&("<div>".repeat(50_000) + "x" + &"<table><tr><td>".repeat(1000) + "y"));
        assert!(all.text().contains('x'));
        assert!(all.cells.iter().any(|c| c.2.contains('y')));
        let long = "æ 1, ".repeat(60_000);
        let all = html(&format!(
            "<p>{long}</p><table><tr><td>a</td><td>{long}</td></tr><tr><td>b</td></tr></table>"
        ));
        assert_eq!(all.text(), long);
        assert_eq!(all.field(Some("table1"), "#2")[0].1, long);
        assert_eq!(all.field(Some("table1"), "#1"), [(1, "a".into()), (2, "b".into())]);
    }

    #[test]
    fn told_by_content() {
        let told = |text: &str| {
            let head = Head::new(text.as_bytes(), true, "x");
            super::super::sniff(&head).id
        };
        for text in [
            "<!DOCTYPE html>\n<p>x",
            "<html><body>",
            "<?xml version='1.0'?><html xmlns='x'></html>",
            "<!-- c --><div>x</div>",
            "<p>Hei <user-card x='1'></user-card> <o-x/> <b>du</b></p>",
            "<html><person fnr='1'/></html>",
        ] {
            assert_eq!(told(text), "html", "{text}");
        }
        for text in [
            "<?xml version='1.0'?><a/>",
            "<svg xmlns='x'><path d='1'/></svg>",
            "<trkpt lat=\"1\"><ele>2</ele></trkpt>",
            "<p><person fnr='1'><navn>Kari</navn></person></p>",
            "<table><row><navn>Kari</navn></row><row><navn>Ola</navn></row></table>",
        ] {
            assert_eq!(told(text), "xml", "{text}");
        }
        for text in ["<stdio.h> is a header", "<ola@x.no> wrote", "a < b", "<3", "<abc> said hi"] {
            assert_eq!(told(text), "text", "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn arbitrary(words in prop::collection::vec(prop::sample::select(vec![
            "<table>", "</table>", "<tr>", "<td>", "<th>", "</td>", "<thead>", "<p>", "<br>", "\n", "x", "&oslash;", "<a href='",
            "'", "\"", ">", "<script>", "</script>", "<!--", "-->", "<input value=", "<!doctype", "æ", "a@b.no",
        ]), 0..40), bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            html(&words.concat());
            read(&bytes, FORMAT.read);
        }
    }
}
