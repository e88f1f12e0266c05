//! Comparing two inventories: what came, went, grew or moved, and after a migration what is missing, copied or
//! added in the target.
//!
//! Tables are told to be the same by the ids of their findings; else by their content or by the values that they
//! share. Values are keyed digests, so that formats do not matter and nothing is read again.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::inventory::{Inventory, ReadableBy, Run};
use crate::sketch::Distinct;

mod columns;
mod index;
mod pairs;
mod tables;
mod text;

pub use text::write;

use columns::ColumnChange;
use index::Index;
use pairs::Origin;
use tables::{Place, Table};

/// One of the two inventories.
pub struct Side {
    /// The inventory.
    pub inventory: Inventory,
    /// The distinct values of its findings, by finding id; empty to compare counts only.
    pub sketches: BTreeMap<String, Distinct>,
}

/// What became of what.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The earlier inventory.
    pub old: Head,
    /// The later one.
    pub new: Head,
    /// Whether values were compared, or counts only.
    pub values_compared: bool,
    /// Tables and documents in which nothing changed.
    pub unchanged: u64,
    /// Those in which something did, in the order of the old inventory, then of the new one.
    pub changes: Vec<Change>,
}

/// Which inventory it is.
#[derive(Debug, Serialize)]
pub struct Head {
    /// Its label.
    pub label: String,
    /// When its scan began.
    pub started: String,
    /// Whether its scan came to its end and read all files.
    pub complete: bool,
}

/// What became of a table or document.
#[derive(Debug, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It is nowhere in the new inventory.
    Went {
        /// Where it stood.
        place: Place,
        /// What stood in it.
        columns: Vec<ColumnChange>,
    },
    /// It has other columns or values, other readers, or stands elsewhere.
    Changed {
        /// Where it stood.
        from: Place,
        /// Where it stands.
        to: Place,
        /// Whether these differ.
        moved: bool,
        /// Who can read it now and could not before, when these are more.
        #[serde(skip_serializing_if = "Option::is_none")]
        widened_to: Option<ReadableBy>,
        /// What changed in it.
        columns: Vec<ColumnChange>,
    },
    /// Most of its values stand in the old inventory, in a table that is still there.
    Copied {
        /// The table that has them.
        from: Place,
        /// The copy.
        to: Place,
        /// What stands in it.
        columns: Vec<ColumnChange>,
    },
    /// It was nowhere in the old inventory.
    Came {
        /// Where it stands.
        place: Place,
        /// What stands in it.
        columns: Vec<ColumnChange>,
    },
}

/// Compares two inventories.
#[must_use]
pub fn compare(old: &Side, new: &Side) -> Comparison {
    let (before, after) = (tables::of(old), tables::of(new));
    let (old_values, new_values) = (Index::new(&before), Index::new(&after));
    let origins = pairs::pair(&before, &after, &old_values);
    let mut comparison = Comparison {
        old: head(&old.inventory),
        new: head(&new.inventory),
        values_compared: !(old.sketches.is_empty() && new.sketches.is_empty()),
        unchanged: 0,
        changes: Vec::new(),
    };
    let continues = |o: &Option<Origin>| match o {
        Some(Origin::Same(from) | Origin::Moved(from)) => Some(*from),
        _ => None,
    };
    let pairs = origins.iter().enumerate().filter_map(|(to, o)| Some((continues(o)?, to)));
    let heirs: HashMap<usize, usize> = pairs.collect();
    for (number, table) in before.iter().enumerate() {
        match heirs.get(&number) {
            None => {
                let columns = columns::went(table, &new_values);
                comparison.changes.push(Change::Went { place: table.place(), columns });
            }
            Some(heir) => comparison.pair(table, &after[*heir], &old_values, &new_values),
        }
    }
    for (table, origin) in after.iter().zip(&origins) {
        let columns = || columns::came(table, &old_values);
        comparison.changes.extend(match origin {
            Some(Origin::Same(_) | Origin::Moved(_)) => None,
            Some(Origin::Copy(from)) => Some(Change::Copied {
                from: before[*from].place(),
                to: table.place(),
                columns: columns(),
            }),
            None => Some(Change::Came { place: table.place(), columns: columns() }),
        });
    }
    comparison
}

impl Comparison {
    fn pair(&mut self, old: &Table, new: &Table, old_values: &Index, new_values: &Index) {
        let columns = columns::compare(old, new, old_values, new_values);
        let widened_to =
            new.readable_by().filter(|now| old.readable_by().is_some_and(|was| was < *now));
        let (from, to) = (old.place(), new.place());
        let moved = from != to;
        if columns.is_empty() && widened_to.is_none() && !moved {
            self.unchanged += 1;
        } else {
            self.changes.push(Change::Changed { from, to, moved, widened_to, columns });
        }
    }
}

fn head(inventory: &Inventory) -> Head {
    let Run { label, started, complete, .. } = &inventory.run;
    let missed = inventory.coverage.partial.files + inventory.coverage.not_scanned.files;
    Head { label: label.clone(), started: started.clone(), complete: *complete && missed == 0 }
}
