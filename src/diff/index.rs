//! Which tables of an inventory hold a value: found by digest where sets are exact, by comparison of sketches
//! where they are not.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::tables::{Column, Table};

/// A value that stands in more tables than this tells none of them.
const MOST_TABLES: usize = 64;
/// Smaller sets than this have no part in a sketched one that could be told from noise.
const LEAST_FOR_SKETCH: u64 = 512;

/// The values of all columns of one inventory.
pub(super) struct Index<'a> {
    tables: &'a [Table<'a>],
    /// Values with the numbers of their tables, sorted; made when it is first asked, since two inventories of
    /// which nothing moved need none.
    exact: OnceCell<Vec<(u64, u32)>>,
    /// Sketched columns and such as may be part of one, with the number of their table.
    large: Vec<(usize, &'a Column<'a>)>,
}

/// What digests of a detector are mixed with: those of different detectors are no equal values.
fn salt(detector: &str) -> u64 {
    let mut salt = [0; 8];
    salt.copy_from_slice(&blake3::hash(detector.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(salt)
}

impl<'a> Index<'a> {
    pub fn new(tables: &'a [Table<'a>]) -> Index<'a> {
        let is_large = |column: &&Column| {
            column.values.is_some_and(|v| v.exact().is_none() || v.count().0 >= LEAST_FOR_SKETCH)
        };
        let numbered = tables.iter().enumerate();
        let large =
            numbered.flat_map(|(n, t)| t.columns.iter().filter(is_large).map(move |c| (n, c)));
        Index { tables, exact: OnceCell::new(), large: large.collect() }
    }

    fn exact(&self) -> &[(u64, u32)] {
        self.exact.get_or_init(|| {
            let mut all = Vec::new();
            for (number, table) in (0..).zip(self.tables) {
                for column in &table.columns {
                    let salt = salt(&column.finding.detector);
                    let digests = column.values.and_then(|v| v.exact()).into_iter().flatten();
                    all.extend(digests.map(|digest| (salt ^ digest, number)));
                }
            }
            all.sort_unstable();
            all.dedup();
            all
        })
    }

    /// The tables that hold a value; of more than tell anything, one more than that.
    fn with(&self, key: u64) -> &[(u64, u32)] {
        let all = self.exact();
        let from = all.partition_point(|entry| entry.0 < key);
        let count =
            all[from..].iter().take(MOST_TABLES + 1).take_while(|entry| entry.0 == key).count();
        &all[from..from + count]
    }

    /// How many values of a column each table shares with it.
    pub fn tables_with(&self, column: &Column) -> BTreeMap<usize, u64> {
        let mut shared: BTreeMap<usize, u64> = BTreeMap::new();
        let Some(values) = column.values else { return shared };
        let detector = column.finding.detector.as_str();
        let salt = salt(detector);
        for digest in values.exact().into_iter().flatten() {
            let tables = self.with(salt ^ digest);
            if tables.len() <= MOST_TABLES {
                tables
                    .iter()
                    .for_each(|(_, table)| *shared.entry(*table as usize).or_default() += 1);
            }
        }
        if values.exact().is_some() && values.count().0 < LEAST_FOR_SKETCH {
            return shared;
        }
        for (table, other) in self.large.iter().filter(|(_, c)| c.finding.detector == detector) {
            let Some(theirs) = other.values else { continue };
            if values.exact().is_none() || theirs.exact().is_none() {
                let known = shared.entry(*table).or_default();
                *known = (*known).max(values.common(theirs).0);
            }
        }
        shared
    }

    /// How many of these values of a detector stand anywhere; `None` where that cannot be told one by one.
    pub fn known<'d>(&self, detector: &str, digests: impl Iterator<Item = &'d u64>) -> Option<u64> {
        let is_sketched = |c: &Column| {
            c.finding.detector == detector && c.values.is_some_and(|v| v.exact().is_none())
        };
        if self.large.iter().any(|(_, column)| is_sketched(column)) {
            return None;
        }
        let salt = salt(detector);
        let there = digests.filter(|digest| !self.with(salt ^ **digest).is_empty());
        Some(there.count() as u64)
    }
}
