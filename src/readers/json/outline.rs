//! What the start of a document tells of its shape before it is read: which objects hold records whose keys name no fields.

use std::sync::Arc;

use super::{HEAD, Reader};
use crate::readers::drive::{Parse, View};
use crate::readers::keyed::{Fields, LEAST, NUMBERED};
use crate::unit::Sink;

/// Records may hold records: so many levels are told.
const LEVELS: usize = 4;

impl Reader {
    /// Learns from a document's start.
    pub(super) fn outline(&mut self, head: &[u8], sink: &mut Sink<'_>) {
        let head = &head[..head.len().min(HEAD)];
        if !may_hold_records(head) {
            return;
        }
        for _ in 0..LEVELS {
            let mut nobody = Fields::default();
            let mut nowhere = Sink::new(&mut nobody, Arc::from([]));
            let mut reader = Reader::new(self.lines);
            std::mem::swap(&mut reader.tree, &mut self.tree);
            let known = reader.tree.clone();
            reader.tree.is_settled = true;
            reader.parse(View { bytes: head, end: false, base: 0 }, &mut nowhere);
            let cut: Vec<u32> = reader.frames.iter().flat_map(|f| [f.node, f.child]).collect();
            match reader.tree.outline(&cut, sink) {
                Some(outline) => self.tree = outline,
                None => {
                    self.tree = known;
                    return;
                }
            }
        }
    }
}

/// Whether objects stand behind so many keys that they may be records, or behind several with a number.
fn may_hold_records(head: &[u8]) -> bool {
    let (mut keys, mut numbers) = (0, 0);
    memchr::memchr_iter(b'{', head).any(|at| {
        let Some(key) = head[..at].trim_ascii_end().strip_suffix(b":") else { return false };
        keys += 1;
        let key = key.trim_ascii_end().strip_suffix(b"\"").unwrap_or(key);
        numbers += usize::from(key.last().is_some_and(u8::is_ascii_digit));
        keys >= LEAST || numbers >= NUMBERED
    })
}
