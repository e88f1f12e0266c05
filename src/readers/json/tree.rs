//! The paths of a document that were met so far, as a tree of keys.

use std::collections::HashMap;

use super::answers::Part;
use super::text::unescape;
use crate::note::Reason;
use crate::readers::keyed::{self, LEAST, Sibling};
use crate::unit::{Sink, SlotId, is_identifier};

/// Longest part of a key that names a field.
pub(super) const KEY: usize = 200;
/// Different keys in the tree; what comes after shares one slot.
pub(super) const NODES: usize = 1 << 15;

/// One step of a path.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Root,
    Key,
    /// Keys that are data or identifiers.
    Any,
    Element,
    /// Beyond the limit of nodes.
    Rest,
}

#[derive(Clone)]
struct Node {
    parent: u32,
    step: Step,
    /// The key as it stands in the source, escapes and all.
    key: Box<[u8]>,
    slot: Option<SlotId>,
    keys: Vec<u32>,
    /// Where in `keys` a key stands; filled when there are too many to walk.
    index: HashMap<Box<[u8]>, u32>,
    element: u32,
    any: u32,
    /// Whether its keys only tell records apart.
    keyed: bool,
    /// How many keys it had when that was last asked.
    asked: usize,
    /// Whether its value is a question or an answer.
    part: Part,
}

impl Node {
    pub(super) fn new(parent: u32, step: Step, key: &[u8]) -> Self {
        Node {
            parent,
            step,
            key: key.into(),
            slot: None,
            keys: Vec::new(),
            index: HashMap::new(),
            element: 0,
            any: 0,
            keyed: false,
            asked: 0,
            part: if step == Step::Key { Part::of(key) } else { Part::Neither },
        }
    }
}

impl Node {
    /// Forgets the key that was added last.
    fn forget_last(&mut self) {
        if let Some(at) = self.keys.len().checked_sub(1) {
            self.keys.truncate(at);
            self.index.retain(|_, i| (*i as usize) < at);
        }
    }
}

/// Paths seen so far, as a tree.
#[derive(Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    rest: u32,
    /// Whether no more keys come to be those of records than are told so.
    pub(super) is_settled: bool,
}

pub(super) const ROOT: u32 = 0;
const FEW: usize = 16;

impl Tree {
    pub(super) fn new() -> Self {
        Tree { nodes: vec![Node::new(ROOT, Step::Root, b"")], rest: 0, is_settled: false }
    }

    fn node(&self, id: u32) -> &Node {
        &self.nodes[id as usize]
    }

    /// The child of this key; `hint` is where it is looked for first, and is set for the next key.
    pub(super) fn known(&self, parent: u32, key: &[u8], hint: &mut usize) -> Option<u32> {
        let node = self.node(parent);
        let is = |&id: &u32| *self.node(id).key == *key;
        if let Some(id) = node.keys.get(*hint).filter(|id| is(id)) {
            *hint += 1;
            return Some(*id);
        }
        let at = if node.keys.len() > FEW {
            node.index.get(key).map(|&i| i as usize)
        } else {
            node.keys.iter().position(is)
        }?;
        *hint = at + 1;
        Some(node.keys[at])
    }

    fn add(&mut self, parent: u32, step: Step, key: &[u8], sink: &mut Sink<'_>) -> u32 {
        if self.nodes.len() >= NODES {
            return self.rest(sink);
        }
        let id = u32::try_from(self.nodes.len()).unwrap_or(0);
        self.nodes.push(Node::new(parent, step, key));
        id
    }

    fn rest(&mut self, sink: &mut Sink<'_>) -> u32 {
        if self.rest == 0 {
            self.rest = u32::try_from(self.nodes.len()).unwrap_or(0);
            self.nodes.push(Node::new(ROOT, Step::Rest, b""));
            sink.note(
                Reason::TooManyFields,
                "keys beyond the limit are searched together as #more",
            );
        }
        self.rest
    }

    pub(super) fn add_key(&mut self, parent: u32, key: &[u8], sink: &mut Sink<'_>) -> u32 {
        let id = self.add(parent, Step::Key, key, sink);
        if id == self.rest {
            return id;
        }
        self.nodes[parent as usize].keys.push(id);
        let count = self.node(parent).keys.len();
        if count > FEW {
            let from = if count == FEW + 1 { 0 } else { count - 1 };
            for i in from..count {
                let child = self.node(self.node(parent).keys[i]).key.clone();
                let at = u32::try_from(i).unwrap_or(0);
                self.nodes[parent as usize].index.insert(child, at);
            }
        }
        id
    }

    pub(super) fn element(&mut self, parent: u32, sink: &mut Sink<'_>) -> u32 {
        if self.node(parent).element == 0 {
            self.nodes[parent as usize].element = self.add(parent, Step::Element, b"", sink);
        }
        self.node(parent).element
    }

    pub(super) fn any(&mut self, parent: u32, sink: &mut Sink<'_>) -> u32 {
        if self.node(parent).any == 0 {
            self.nodes[parent as usize].any = self.add(parent, Step::Any, b"", sink);
        }
        self.node(parent).any
    }

    /// Whether the value of a node is a question or an answer.
    pub(super) fn part(&self, id: u32) -> Part {
        self.node(id).part
    }

    /// Whether the keys below a node only tell records apart.
    pub(super) fn is_keyed(&self, id: u32) -> bool {
        self.node(id).keyed
    }

    /// Likewise, now that one more is to come: it is asked anew when there are twice as many.
    pub(super) fn comes_to_be_keyed(&mut self, id: u32, sink: &Sink<'_>) -> bool {
        let Node { keyed, asked, ref keys, .. } = *self.node(id);
        let is_due = !self.is_settled
            && keys.len() >= LEAST
            && keys.len().is_power_of_two()
            && asked < keys.len();
        if is_due {
            let told = self.records(id, sink).is_some();
            let node = &mut self.nodes[id as usize];
            (node.keyed, node.asked) = (told, node.keys.len());
            return told;
        }
        keyed
    }

    /// Which of a node's keys are those of records.
    fn records(&self, id: u32, sink: &Sink<'_>) -> Option<Vec<bool>> {
        let sibling = |id: &u32| {
            let node = self.node(*id);
            // A record may be a list of what belongs to its key.
            let below = match (&node.keys[..], node.element) {
                ([], element @ 1..) => &self.node(element).keys,
                (keys, _) => keys,
            };
            let below = below.iter().map(|id| &*self.node(*id).key).collect();
            Sibling { key: &node.key, below }
        };
        let siblings: Vec<_> = self.node(id).keys.iter().map(sibling).collect();
        keyed::records(&siblings, sink)
    }

    /// What is told of a document's start for another reading: which nodes' keys only tell records apart, and which of
    /// their keys do not. What stands below a key that is `cut` by the start's end tells nothing. Nothing if no more is
    /// told of it than before.
    pub(super) fn outline(&self, cut: &[u32], sink: &mut Sink<'_>) -> Option<Tree> {
        let records = |id| {
            let mut alike = self.records(id, sink).filter(|_| !self.is_keyed(id))?;
            for (is_record, key) in alike.iter_mut().zip(&self.node(id).keys) {
                *is_record |= cut.contains(key);
            }
            Some(alike)
        };
        let told: Vec<_> = (0..self.nodes.len() as u32).map(records).collect();
        told.iter().any(Option::is_some).then(|| {
            let mut outline = Tree::new();
            self.copy(ROOT, (ROOT, &mut outline), &told, sink);
            outline
        })
    }

    /// Copies what is told of a node and of those below it; gives whether anything is.
    fn copy(
        &self,
        from: u32,
        (to, outline): (u32, &mut Tree),
        told: &[Option<Vec<bool>>],
        sink: &mut Sink<'_>,
    ) -> bool {
        let (node, records) = (self.node(from), &told[from as usize]);
        let is_keyed = node.keyed || records.is_some();
        outline.nodes[to as usize].keyed = is_keyed;
        let mut tells = is_keyed;
        for (i, child) in node.keys.iter().enumerate() {
            let is_record = records.as_ref().is_some_and(|records| records[i]);
            let key = &self.node(*child).key;
            let name = plain(key);
            if is_record || sink.is_data(&name) || is_identifier(&name) {
                continue;
            }
            let size = outline.nodes.len();
            let copied = outline.add_key(to, key, sink);
            if self.copy(*child, (copied, outline), told, sink) || is_keyed {
                tells = true;
            } else {
                outline.nodes.truncate(size);
                outline.nodes[to as usize].forget_last();
            }
        }
        for (child, step) in [(node.any, Step::Any), (node.element, Step::Element)] {
            if child == 0 {
                continue;
            }
            let size = outline.nodes.len();
            let copied = match step {
                Step::Any => outline.any(to, sink),
                _ => outline.element(to, sink),
            };
            if self.copy(child, (copied, outline), told, sink) {
                tells = true;
            } else {
                outline.nodes.truncate(size);
                let node = &mut outline.nodes[to as usize];
                *(if step == Step::Any { &mut node.any } else { &mut node.element }) = 0;
            }
        }
        tells
    }

    pub(super) fn slot(&mut self, id: u32, sink: &mut Sink<'_>) -> SlotId {
        if let Some(slot) = self.node(id).slot {
            return slot;
        }
        let slot = sink.slot(None, Some(&self.path(id)));
        self.nodes[id as usize].slot = Some(slot);
        slot
    }

    pub(super) fn path(&self, id: u32) -> String {
        let mut steps = Vec::new();
        let mut at = id;
        while at != ROOT {
            steps.push(at);
            at = self.node(at).parent;
        }
        let mut path = String::from("$");
        for &at in steps.iter().rev() {
            let node = self.node(at);
            match node.step {
                Step::Element => path.push_str("[]"),
                Step::Any => path.push_str(".{}"),
                Step::Rest => return "#more".to_owned(),
                Step::Key | Step::Root => {
                    path.push('.');
                    path.push_str(&plain(&node.key));
                }
            }
        }
        path
    }
}

/// A key without its escapes.
pub(super) fn plain(key: &[u8]) -> String {
    let mut out = Vec::with_capacity(key.len());
    unescape(key, &mut out, true);
    String::from_utf8_lossy(&out).into_owned()
}
