//! The paths of a document that were met so far, as a tree of keys.

use std::collections::HashMap;

use super::text::unescape;
use crate::note::Reason;
use crate::unit::{Sink, SlotId};

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
        }
    }
}

/// Paths seen so far, as a tree.
pub(super) struct Tree {
    nodes: Vec<Node>,
    rest: u32,
}

pub(super) const ROOT: u32 = 0;
const FEW: usize = 16;

impl Tree {
    pub(super) fn new() -> Self {
        Tree { nodes: vec![Node::new(ROOT, Step::Root, b"")], rest: 0 }
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

    pub(super) fn slot(&mut self, id: u32, sink: &mut Sink<'_>) -> SlotId {
        if let Some(slot) = self.node(id).slot {
            return slot;
        }
        let slot = sink.slot(None, Some(&self.path(id)));
        self.nodes[id as usize].slot = Some(slot);
        slot
    }

    fn path(&self, id: u32) -> String {
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
