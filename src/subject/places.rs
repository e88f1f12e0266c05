//! Places of a file: what stands together in it, and where in that something was found.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::unit::Slot;

/// Where in a table or document a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum At {
    /// A row of a table, from 1.
    Row(u64),
    /// A line of free text, from 1.
    Line(u64),
    /// A message of a mailbox, from 1.
    Message(u64),
    /// A document in which this page, from 1, says most.
    Page(u64),
    /// A document without pages.
    Whole,
}

/// Number of a group within a file.
pub type GroupId = u32;

/// What stands together: the columns of a table, the text of a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// The chain of members that leads to it.
    pub members: Arc<[String]>,
    /// Its table.
    pub table: Option<String>,
}

/// The groups of a file, numbered in the order in which they are met.
#[derive(Default)]
pub struct Groups {
    all: Vec<Group>,
    numbers: HashMap<Group, GroupId>,
}

impl Groups {
    /// The group of a slot.
    pub fn of(&mut self, slot: &Slot) -> GroupId {
        let group = Group { members: slot.members.clone(), table: slot.table.clone() };
        self.number(group)
    }

    /// The number of a group, old or new.
    pub fn number(&mut self, group: Group) -> GroupId {
        let next = GroupId::try_from(self.all.len()).unwrap_or(GroupId::MAX);
        let number = *self.numbers.entry(group.clone()).or_insert(next);
        if number == next {
            self.all.push(group);
        }
        number
    }

    /// A group by its number.
    #[must_use]
    pub fn get(&self, number: GroupId) -> &Group {
        &self.all[number as usize]
    }
}
