//! Slots by the names of their table and field, asked for without a copy of them: some readers ask for every cell.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use super::SlotId;

/// A table's and a field's name.
pub(super) type Names<'a> = (Option<&'a str>, Option<&'a str>);

/// The slots of a source.
#[derive(Default)]
pub(super) struct ByNames(HashMap<Owned, SlotId, foldhash::quality::RandomState>);

impl ByNames {
    pub(super) fn get(&self, names: Names<'_>) -> Option<SlotId> {
        self.0.get(&names as &dyn Named).copied()
    }

    pub(super) fn insert(&mut self, (table, field): Names<'_>, id: SlotId) {
        self.0.insert(Owned(table.map(str::to_owned), field.map(str::to_owned)), id);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The names as they are kept.
#[derive(PartialEq, Eq)]
struct Owned(Option<String>, Option<String>);

/// What has both names, kept or borrowed.
trait Named {
    fn names(&self) -> Names<'_>;
}

impl Named for Owned {
    fn names(&self) -> Names<'_> {
        (self.0.as_deref(), self.1.as_deref())
    }
}

impl Named for Names<'_> {
    fn names(&self) -> Names<'_> {
        *self
    }
}

impl<'a> Borrow<dyn Named + 'a> for Owned {
    fn borrow(&self) -> &(dyn Named + 'a) {
        self
    }
}

impl Hash for Owned {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.names().hash(state);
    }
}

impl Hash for dyn Named + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.names().hash(state);
    }
}

impl PartialEq for dyn Named + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.names() == other.names()
    }
}

impl Eq for dyn Named + '_ {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_found_by_both_names() {
        let all = [(None, None), (Some("a"), None), (None, Some("a")), (Some("a"), Some("a"))];
        let mut slots = ByNames::default();
        for (names, id) in all.into_iter().zip(0..) {
            assert_eq!(slots.get(names), None);
            slots.insert(names, SlotId(id));
        }
        for (names, id) in all.into_iter().zip(0..) {
            assert_eq!(slots.get(names), Some(SlotId(id)));
        }
        assert_eq!((slots.len(), slots.get((Some("a"), Some("b")))), (4, None));
    }
}
