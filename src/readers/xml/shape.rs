//! What the start of an XML document tells of its shape before it is read: which elements hold records that are named by
//! something of their own (`<users><anna>…</anna><ben>…</ben></users>`).

use std::collections::{HashMap, HashSet};

use crate::readers::drive::{Parse, View};
use crate::readers::keyed::{self, LEAST, Sibling};
use crate::readers::markup::{Handler, Markup, Place, local};
use crate::unit::Sink;

/// Different names that are looked at.
const NAMES: usize = 1 << 12;
/// Bytes that are looked at.
const START: usize = 32 << 10;

type State = foldhash::quality::RandomState;

/// Names of elements that hold records, with the names of what is none in there.
pub(super) type Holders = HashMap<Box<[u8]>, HashSet<Box<[u8]>>>;

/// The holders of records in a document that starts like this.
pub(super) fn holders(head: &[u8], sink: &mut Sink<'_>) -> Holders {
    let head = &head[..head.len().min(START)];
    if !has_many_names(head) {
        return Holders::new();
    }
    let mut markup = Markup::new(Shape::default());
    markup.parse(View { bytes: head, end: false, base: 0 }, sink);
    let shape = markup.into_handler();
    let mut holders = Holders::new();
    for (name, below) in shape.names.iter().zip(&shape.below) {
        if below.len() < LEAST {
            continue;
        }
        let sibling = |id: &usize| Sibling {
            key: &shape.names[*id],
            below: shape.below[*id].iter().map(|id| &*shape.names[*id]).collect(),
        };
        let siblings: Vec<_> = below.iter().map(sibling).collect();
        if let Some(alike) = keyed::records(&siblings, sink) {
            // One that the start's end cuts tells nothing.
            let is_other = |(id, alike): &(&usize, bool)| !alike && !shape.stack.contains(*id);
            let others = below.iter().zip(alike).filter(is_other);
            let others = others.map(|(id, _)| shape.names[*id].clone()).collect();
            holders.insert(name.clone(), others);
        }
    }
    holders
}

/// Whether there are enough names for records, what holds them and two fields.
fn has_many_names(head: &[u8]) -> bool {
    let name = |at: usize| {
        let rest = &head[at + 1..];
        let is_name = |b: &&u8| b.is_ascii_alphanumeric() || b"_-.:".contains(b) || **b >= 0x80;
        let length = rest.iter().take_while(is_name).count();
        &rest[..length]
    };
    let mut names: HashSet<&[u8], State> = HashSet::default();
    memchr::memchr_iter(b'<', head).any(|at| {
        names.insert(name(at));
        // Those of end tags are empty here.
        names.len() > LEAST + 3
    })
}

/// The names of elements and what stands below those.
#[derive(Default)]
struct Shape {
    ids: HashMap<Box<[u8]>, usize, State>,
    names: Vec<Box<[u8]>>,
    below: Vec<Vec<usize>>,
    known: HashSet<(usize, usize), State>,
    stack: Vec<usize>,
}

impl Handler for Shape {
    const HTML: bool = false;

    fn open(&mut self, name: &[u8], _: Place, _: &mut Sink<'_>) {
        let name = local(name);
        let next = self.names.len();
        let id = self.ids.get(name).copied().unwrap_or(next);
        if id == next && next < NAMES {
            self.ids.insert(name.into(), id);
            self.names.push(name.into());
            self.below.push(Vec::new());
        }
        if let Some(above) = self.stack.last().filter(|above| **above < NAMES)
            && id < NAMES
            && self.known.insert((*above, id))
        {
            self.below[*above].push(id);
        }
        self.stack.push(id);
    }

    fn opened(&mut self, closed: bool, _: &mut Sink<'_>) -> bool {
        if closed {
            self.stack.pop();
        }
        false
    }

    fn close(&mut self, _: &[u8], _: &mut Sink<'_>) {
        self.stack.pop();
    }
}
