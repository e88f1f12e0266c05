//! Which columns of an inventory hold a value: found by digest where sets are exact, by comparison of sketches
//! where they are not.

use std::collections::{BTreeMap, HashMap};

use super::tables::{Column, Table};
use crate::sketch::Distinct;

/// A value that stands in more columns than this tells none of them.
const MOST_COLUMNS: usize = 64;
/// Smaller sets than this have no part in a sketched one that could be told from noise.
const LEAST_FOR_SKETCH: u64 = 512;

/// The values of all columns of one inventory.
pub(super) struct Index<'a> {
    /// Tables by detector and digest, each once.
    tables: HashMap<(&'a str, u64), Vec<usize>>,
    /// Sketched columns and such as may be part of one, with the number of their table.
    large: Vec<(usize, &'a Column<'a>)>,
}

impl<'a> Index<'a> {
    pub fn new(tables: &'a [Table<'a>]) -> Index<'a> {
        let mut index = Index { tables: HashMap::new(), large: Vec::new() };
        for (number, table) in tables.iter().enumerate() {
            for column in &table.columns {
                let Some(values) = column.values else { continue };
                if values.exact().is_none() || values.count().0 >= LEAST_FOR_SKETCH {
                    index.large.push((number, column));
                }
                for digest in values.exact().into_iter().flatten() {
                    let of = index.tables.entry((&column.finding.detector, *digest)).or_default();
                    if of.last() != Some(&number) && of.len() <= MOST_COLUMNS {
                        of.push(number);
                    }
                }
            }
        }
        index
    }

    /// How many values of a column each table shares with it.
    pub fn tables_with(&self, column: &Column) -> BTreeMap<usize, u64> {
        let mut shared: BTreeMap<usize, u64> = BTreeMap::new();
        let Some(values) = column.values else { return shared };
        let detector = column.finding.detector.as_str();
        for digest in values.exact().into_iter().flatten() {
            let of = self.tables.get(&(detector, *digest)).filter(|of| of.len() <= MOST_COLUMNS);
            of.into_iter().flatten().for_each(|table| *shared.entry(*table).or_default() += 1);
        }
        for (table, other) in self.large.iter().filter(|(_, c)| c.finding.detector == detector) {
            let Some(theirs) = other.values else { continue };
            if values.exact().is_some() && theirs.exact().is_some() {
                continue;
            }
            if values.count().0 >= LEAST_FOR_SKETCH {
                let known = shared.entry(*table).or_default();
                *known = (*known).max(values.common(theirs).0);
            }
        }
        shared
    }

    /// How many of these values of a detector stand anywhere; `None` where that cannot be told one by one.
    pub fn known<'d>(
        &self,
        detector: &str,
        mut digests: impl Iterator<Item = &'d u64>,
    ) -> Option<u64> {
        let sketched = |(_, c): &(usize, &Column)| {
            c.finding.detector == detector && c.values.is_some_and(is_sketch)
        };
        if self.large.iter().any(sketched) {
            return None;
        }
        let mut count = 0;
        for digest in digests.by_ref() {
            count += u64::from(self.tables.contains_key(&(detector, *digest)));
        }
        Some(count)
    }
}

fn is_sketch(values: &Distinct) -> bool {
    values.exact().is_none()
}
