//! Outlook's mailboxes: every message in them, with its recipients and attachments (MS-PST). A password keeps Outlook from
//! opening one and does not change what stands in it. Messages are told by the tree of nodes and not folder by folder, so
//! that those are found which no folder lists any more.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;

use super::HELD;
use super::mapi::{ANSI, BYTES, Bag, WIDE, attachment_name, recipient};
use super::message::own_name;
use crate::note::Reason;
use crate::readers::office::ole::{u16_at, u32_at};
use crate::readers::{Head, Stop};
use crate::source::Source;
use crate::unit::Sink;

mod cipher;
mod nodes;
mod properties;

use nodes::{DAMAGED, Form, Node, Nodes, VERSION};
use properties::{Properties, Property, Rows, Values, several};

/// The first bytes.
const MAGIC: &[u8] = b"!BDN";
/// What the lowest bits of a node's number say that it is.
const SORT: u32 = 0x1F;
const FOLDER: u32 = 2;
const MESSAGE: u32 = 4;
/// Nodes that belong to a message: its recipients, and what is attached.
const RECIPIENTS: u32 = 0x692;
const ATTACHMENTS: u32 = 0x671;
/// How deep folders lie in each other, and messages.
const DEPTH: usize = 64;
const MESSAGES: usize = 8;

/// Types of properties: numbers, what is a node of its own, and several texts.
const NUMBER: u16 = 0x0003;
const OBJECT: u16 = 0x000D;
const SEVERAL: u16 = 0x1000;
/// Properties: the subject, a message's text as bytes, a folder's name, and what an attachment holds.
const SUBJECT: u16 = 0x0037;
const BODIES: [u16; 2] = [0x1009, 0x1013];
const NAME: u16 = 0x3001;
const CONTENT: u16 = 0x3701;
/// How something is attached (MS-OXCMSG 2.2.2.9): a message, or an object of a program.
const METHOD: u16 = 0x3705;
const EMBEDDED: u32 = 5;

/// Whether a source starts like a mailbox of a version that is known.
pub fn is_mailbox(head: &Head<'_>) -> bool {
    head.bytes.starts_with(MAGIC) && u16_at(head.bytes, VERSION).and_then(Form::of).is_some()
}

/// Reads a mailbox.
pub fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let nodes = Nodes::open(source.random()?, sink.meter())?;
    let mut mailbox = Mailbox { nodes, row: 0, is_damaged: false };
    let all = mailbox.nodes.all()?;
    let folders = mailbox.folders(&all, sink)?;
    for node in all.iter().filter(|node| node.number & SORT == MESSAGE) {
        mailbox.row += 1;
        sink.part(mailbox.row);
        let prefix = format!("{}{}/", path(&folders, node.parent), mailbox.row);
        mailbox.message(*node, &prefix, 0, sink)?;
    }
    Ok(())
}

/// Folders by number: what they are called, and which they lie in.
type Folders = BTreeMap<u32, (String, u32)>;

/// The names of a folder and those above it.
fn path(folders: &Folders, number: u32) -> String {
    let above = |(_, parent): &&(String, u32)| folders.get(parent);
    let mut names: Vec<&str> =
        std::iter::successors(folders.get(&number), above).take(DEPTH).map(|f| &*f.0).collect();
    names.retain(|name| !name.is_empty());
    names.iter().rev().map(|name| format!("{name}/")).collect()
}

/// A mailbox at work.
struct Mailbox {
    nodes: Nodes,
    /// Number of the message at hand, from 1.
    row: u64,
    is_damaged: bool,
}

impl Mailbox {
    /// What could be read. What breaks the rules is noted once.
    fn sound<T>(&mut self, read: Result<T, Stop>, sink: &mut Sink<'_>) -> Result<Option<T>, Stop> {
        match read {
            Err(Stop::Malformed(_)) => {
                if !self.is_damaged {
                    sink.note(Reason::Malformed, "a part of the mailbox is damaged");
                }
                self.is_damaged = true;
                Ok(None)
            }
            read => read.map(Some),
        }
    }

    /// The folders, whose names are searched.
    fn folders(&mut self, all: &[Node], sink: &mut Sink<'_>) -> Result<Folders, Stop> {
        let mut folders = Folders::new();
        for node in all.iter().filter(|node| node.number & SORT == FOLDER) {
            let mut bag = Bag::new(1, String::new());
            let read = Properties::read(&mut self.nodes, *node);
            let Some(properties) = self.sound(read, sink)? else { continue };
            let Properties { mut list, values } = properties;
            list.retain(|property| property.number == NAME);
            self.put(&mut bag, &list, &values, sink)?;
            let name = bag.text(NAME).unwrap_or_default();
            let slot = sink.slot(None, Some("folder"));
            sink.value(slot, 1, name.as_bytes());
            folders.insert(node.number, (name, node.parent));
        }
        Ok(folders)
    }

    /// Hands on a message, which may lie in others.
    fn message(
        &mut self,
        node: Node,
        prefix: &str,
        depth: usize,
        sink: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        let read = Properties::read(&mut self.nodes, node);
        let Some(properties) = self.sound(read, sink)? else { return Ok(()) };
        let mut bag = self.bag(prefix);
        self.put(&mut bag, &properties.list, &properties.values, sink)?;
        bag.headers(sink);
        if let Some(node) = properties.values.inner.get(&RECIPIENTS) {
            self.recipients(*node, &bag, sink)?;
        }
        bag.body(sink);
        let Some(node) = properties.values.inner.get(&ATTACHMENTS) else { return Ok(()) };
        let read = Rows::read(&mut self.nodes, *node);
        let Some(rows) = self.sound(read, sink)? else { return Ok(()) };
        let mut names = HashMap::new();
        for (number, _) in rows.index {
            let node = properties.values.inner.get(&number).copied().ok_or(DAMAGED);
            if let Some(node) = self.sound(node, sink)? {
                self.attachment(node, &bag, &mut names, depth, sink)?;
            }
        }
        Ok(())
    }

    fn bag(&self, prefix: &str) -> Bag {
        Bag::new(self.row, prefix.to_owned())
    }

    fn recipients(&mut self, node: Node, message: &Bag, sink: &mut Sink<'_>) -> Result<(), Stop> {
        let read = Rows::read(&mut self.nodes, node);
        let Some(rows) = self.sound(read, sink)? else { return Ok(()) };
        for (_, row) in &rows.index {
            let mut person = self.bag("");
            self.put(&mut person, &rows.properties(*row), &rows.values, sink)?;
            recipient(&person, message, sink);
        }
        Ok(())
    }

    /// Adds properties that are text, or say how text is to be read.
    fn put(
        &mut self,
        bag: &mut Bag,
        list: &[Property],
        values: &Values,
        sink: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        for property @ &Property { number, kind, value } in list {
            if kind == NUMBER {
                bag.numbers.insert(number, value);
            } else if is_text(*property) {
                let text = values.at(&mut self.nodes, value);
                if let Some(text) = self.sound(text, sink)? {
                    put_text(bag, *property, &text);
                }
            }
        }
        Ok(())
    }

    /// Hands on what is attached to a message: a file, or another message.
    fn attachment(
        &mut self,
        node: Node,
        message: &Bag,
        names: &mut HashMap<String, usize>,
        depth: usize,
        sink: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        let read = Properties::read(&mut self.nodes, node);
        let Some(properties) = self.sound(read, sink)? else { return Ok(()) };
        let mut bag = self.bag("");
        self.put(&mut bag, &properties.list, &properties.values, sink)?;
        let name = own_name(names, &attachment_name(&bag, message));
        let name = format!("{}{name}", message.prefix);
        let Some(content) = properties.list.iter().find(|p| p.number == CONTENT) else {
            let why = "an attachment that is not in the mailbox";
            sink.unread_member(&name, Reason::UnsupportedFormat, why);
            return Ok(());
        };
        let mut value = properties.values.at(&mut self.nodes, content.value);
        if content.kind == OBJECT {
            // What it says is the number of a node.
            let inner = |place: Vec<u8>| properties.values.inner.get(&u32_at(&place, 0)?).copied();
            let node = value.and_then(|place| inner(place).ok_or(DAMAGED));
            let Some(node) = self.sound(node, sink)? else { return Ok(()) };
            if bag.numbers.get(&METHOD) == Some(&EMBEDDED) {
                if depth < MESSAGES {
                    return self.message(node, &format!("{name}/"), depth + 1, sink);
                }
                sink.unread_member(&name, Reason::Budget, "messages within messages without end");
                return Ok(());
            }
            value = self.nodes.bytes(node.data, HELD);
        }
        match self.sound(value, sink)? {
            Some(bytes) if bytes.len() == HELD => {
                sink.unread_member(&name, Reason::Budget, "too big to be held in memory");
            }
            Some(bytes) => {
                let source = sink.meter().source(Cursor::new(bytes));
                sink.member(&name, source);
            }
            None => {
                sink.unread_member(&name, Reason::Malformed, "its part of the mailbox is damaged")
            }
        }
        Ok(())
    }
}

/// Whether a property is one text or several, or the text of a message as bytes.
fn is_text(Property { number, kind, .. }: Property) -> bool {
    matches!(kind & !SEVERAL, WIDE | ANSI) || kind == BYTES && BODIES.contains(&number)
}

fn put_text(bag: &mut Bag, Property { number, kind, .. }: Property, text: &[u8]) {
    match number {
        _ if kind & SEVERAL != 0 => {
            several(text).into_iter().for_each(|t| bag.put(number, kind & !SEVERAL, t.to_vec()));
        }
        SUBJECT => bag.put(number, kind, subject(kind, text).to_vec()),
        _ => bag.put(number, kind, text.to_vec()),
    }
}

/// A subject without the signs that say how long its prefix is (`RE: `).
fn subject(kind: u16, text: &[u8]) -> &[u8] {
    match (kind, text) {
        (WIDE, [1, 0, _, _, rest @ ..]) | (ANSI, [1, _, rest @ ..]) => rest,
        _ => text,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
