//! Records keyed by something of their own in settings (`[anna]`, `[ben]`, …): as told from a file's start, their keys become
//! `{}` in paths, and each record is a row.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::Arc;

use super::{HEAD, read_by};
use crate::readers::keyed::{self, Fields, LEAST, NUMBERED, Sibling};
use crate::source::Source;
use crate::unit::Sink;

/// Records may hold records: so many levels are told.
const LEVELS: usize = 4;

/// Where records stand, and which of them is at hand.
#[derive(Default)]
pub(super) struct Records {
    /// Paths of what holds records, with the keys in there that are none of them.
    holders: HashMap<String, HashSet<String>>,
    /// The path of the record at hand as it stands in the file.
    last: String,
    row: u64,
}

/// A field as it is called.
pub(super) struct Field {
    pub path: String,
    /// The row of the record that it belongs to, if it belongs to one.
    pub row: Option<u64>,
}

/// Whether so many lines open a level, or name several, that records may be among them; few are enough where they end with
/// a number.
fn may_hold_records(head: &[u8]) -> bool {
    let opens = |line: &&[u8]| {
        let line = line.trim_ascii();
        let dot = memchr::memchr3(b'.', b'=', b':', line);
        line.starts_with(b"[") || line.ends_with(b":") || dot.is_some_and(|at| line[at] == b'.')
    };
    let is_numbered = |line: &[u8]| matches!(line.trim_ascii(), [.., b'0'..=b'9', b']' | b':']);
    let (mut levels, mut numbers) = (0, 0);
    head.split(|b| *b == b'\n').filter(opens).any(|line| {
        levels += 1;
        numbers += usize::from(is_numbered(line));
        levels >= LEAST || numbers >= NUMBERED
    })
}

impl Records {
    /// What a file's start tells.
    pub(super) fn of(source: &mut Source, sink: &Sink<'_>) -> io::Result<Records> {
        let head = source.peek(HEAD)?;
        let head = &head[..head.len().min(HEAD)];
        let is_cut = head.len() == HEAD;
        if !may_hold_records(head) {
            return Ok(Records::default());
        }
        let mut fields = Fields::default();
        let mut nowhere = Sink::new(&mut fields, Arc::from([]));
        // What is read from memory has no faults.
        let _ = read_by(&mut Source::from_bytes(head.to_vec()), &mut nowhere, Records::default());
        let mut records = Records::default();
        for _ in 0..LEVELS {
            let paths: BTreeSet<String> = fields.0.iter().map(|f| records.folded(f).0).collect();
            let cut = if is_cut { fields.0.last() } else { None };
            let cut = cut.map(|f| records.folded(f).0).unwrap_or_default();
            if paths.len() < NUMBERED || !records.add(&paths, &cut, sink) {
                break;
            }
        }
        Ok(records)
    }

    /// Adds what holds records by these paths; gives whether anything does that was not known. What is on the way of a
    /// path that is cut tells nothing.
    fn add(&mut self, paths: &BTreeSet<String>, cut: &str, sink: &Sink<'_>) -> bool {
        let mut tree: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
        for path in paths {
            let mut from = 0;
            while let Some(key) = path[from..].split('.').next().filter(|key| !key.is_empty()) {
                let above = path[..from].trim_end_matches('.');
                let rest = path[from + key.len()..].strip_prefix('.');
                let below = rest.and_then(|rest| rest.split('.').next());
                tree.entry(above).or_default().entry(key).or_default().extend(below);
                if rest.is_none() {
                    break;
                }
                from += key.len() + 1;
            }
        }
        let before = self.holders.len();
        for (above, keys) in tree {
            let siblings: Vec<_> = keys
                .iter()
                .map(|(key, below)| Sibling {
                    key: key.as_bytes(),
                    below: below.iter().map(|b| b.as_bytes()).collect(),
                })
                .collect();
            if let Some(alike) = keyed::records(&siblings, sink) {
                let is_other =
                    |(key, alike): &(&&str, bool)| !alike && !cut.split('.').any(|c| c == **key);
                let others = keys.keys().zip(alike).filter(is_other);
                let others = others.map(|(key, _)| (*key).to_owned()).collect();
                self.holders.entry(above.to_owned()).or_insert(others);
            }
        }
        self.holders.len() > before
    }

    /// A path with `{}` for the keys of records, and where the key of the outermost one stands in it.
    fn folded(&self, path: &str) -> (String, Option<(usize, usize)>) {
        let (mut folded, mut outermost, mut at) = (String::new(), None, 0);
        for key in path.split('.') {
            let holder = self.holders.get(folded.as_str());
            let is_record = holder.is_some_and(|others| !others.contains(key));
            if at > 0 {
                folded.push('.');
            }
            folded.push_str(if is_record { "{}" } else { key });
            if is_record && outermost.is_none() {
                outermost = Some((at, at + key.len()));
            }
            at += key.len() + 1;
        }
        (folded, outermost)
    }

    /// The field of this path. The key of a record is a value.
    pub(super) fn field(&mut self, path: String, sink: &mut Sink<'_>) -> Field {
        if self.holders.is_empty() {
            return Field { path, row: None };
        }
        let (folded, outermost) = self.folded(&path);
        let Some((from, to)) = outermost.filter(|place| !path[..place.0].contains("[]")) else {
            return Field { path: folded, row: None };
        };
        if self.last != path[..to] {
            path[..to].clone_into(&mut self.last);
            self.row += 1;
            let slot = sink.slot(None, Some(&format!("{}{{}}", &path[..from])));
            sink.value(slot, self.row, &path.as_bytes()[from..to]);
        }
        Field { path: folded, row: Some(self.row) }
    }
}
