//! What became of the columns of a table.

use serde::Serialize;

use super::index::Index;
use super::tables::{Column, Table};
use crate::sketch::Distinct;

/// What became of a column.
#[derive(Debug, Serialize)]
#[serde(tag = "column", rename_all = "snake_case")]
pub enum ColumnChange {
    /// It is no longer there.
    Went {
        /// Its name; null for free text.
        field: Option<String>,
        /// Id of its detector.
        detector: String,
        /// How many values it had.
        matches: u64,
        /// How many different ones.
        distinct: u64,
        /// How many of these stand elsewhere in the new inventory; null when that cannot be told.
        elsewhere: Option<u64>,
    },
    /// It was not there before.
    Came {
        /// Its name; null for free text.
        field: Option<String>,
        /// Id of its detector.
        detector: String,
        /// How many values it has.
        matches: u64,
        /// How many different ones.
        distinct: u64,
        /// How many of these stood anywhere in the old inventory; null when that cannot be told.
        known: Option<u64>,
    },
    /// It has other values.
    Changed {
        /// Its name; null for free text.
        field: Option<String>,
        /// The name that it had, if another one.
        #[serde(skip_serializing_if = "Option::is_none")]
        was: Option<String>,
        /// Id of its detector.
        detector: String,
        /// Values before and now.
        matches: (u64, u64),
        /// Different values before and now.
        distinct: (u64, u64),
        /// How many different values are no longer there; null when only counts were compared.
        missing: Option<u64>,
        /// How many of these stand elsewhere in the new inventory; null when that cannot be told.
        elsewhere: Option<u64>,
        /// How many different values were not there before; null when only counts were compared.
        added: Option<u64>,
        /// Whether the last three are estimated.
        is_estimate: bool,
    },
}

/// The columns of a table that went.
pub(super) fn went(table: &Table, new: &Index) -> Vec<ColumnChange> {
    table.columns.iter().map(|column| column_went(column, new)).collect()
}

fn column_went(column: &Column, new: &Index) -> ColumnChange {
    ColumnChange::Went {
        field: column.finding.field.clone(),
        detector: column.finding.detector.clone(),
        matches: column.finding.matches,
        distinct: column.finding.distinct,
        elsewhere: known(column, new),
    }
}

/// The columns of a table that came.
pub(super) fn came(table: &Table, old: &Index) -> Vec<ColumnChange> {
    table.columns.iter().map(|column| column_came(column, old)).collect()
}

fn column_came(column: &Column, old: &Index) -> ColumnChange {
    ColumnChange::Came {
        field: column.finding.field.clone(),
        detector: column.finding.detector.clone(),
        matches: column.finding.matches,
        distinct: column.finding.distinct,
        known: known(column, old),
    }
}

fn known(column: &Column, other: &Index) -> Option<u64> {
    other.known(&column.finding.detector, column.values?.exact()?.iter())
}

/// What changed between two forms of a table.
pub(super) fn compare(
    old: &Table,
    new: &Table,
    old_values: &Index,
    new_values: &Index,
) -> Vec<ColumnChange> {
    let mut heirs: Vec<Option<usize>> = vec![None; old.columns.len()];
    let mut free: Vec<usize> = (0..new.columns.len()).collect();
    // Equal names first, so that two columns of e-mail addresses are not crossed.
    for by_name in [true, false] {
        for (number, column) in old.columns.iter().enumerate() {
            if heirs[number].is_some() {
                continue;
            }
            let heir = free.iter().position(|n| is_heir(column, &new.columns[*n], by_name));
            heirs[number] = heir.map(|at| free.remove(at));
        }
    }
    let mut changes = Vec::new();
    for (column, heir) in old.columns.iter().zip(&heirs) {
        match heir {
            None => changes.push(column_went(column, new_values)),
            Some(heir) => changes.extend(changed(column, &new.columns[*heir], new_values)),
        }
    }
    changes.extend(free.into_iter().map(|n| column_came(&new.columns[n], old_values)));
    changes
}

/// Whether a column continues another one: by its name, or by most of its values.
fn is_heir(old: &Column, new: &Column, by_name: bool) -> bool {
    if old.finding.detector != new.finding.detector {
        return false;
    }
    if by_name {
        return name(old) == name(new);
    }
    match (old.values, new.values) {
        (Some(a), Some(b)) => a.common(b).0 * 2 >= old.finding.distinct.min(new.finding.distinct),
        _ => false,
    }
}

/// A column's own name, as it is compared: JSON paths and letter case differ between formats.
fn name(column: &Column) -> Option<String> {
    column.name().map(|name| name.rsplit('.').next().unwrap_or(name).to_lowercase())
}

fn changed(old: &Column, new: &Column, new_values: &Index) -> Option<ColumnChange> {
    let (was, is) = (old.finding, new.finding);
    let both = old.values.zip(new.values).map(|(a, b)| (a.common(b), a.count().0, b.count().0));
    let missing = both.map(|((both, _), before, _)| before.saturating_sub(both));
    let added = both.map(|((both, _), _, now)| now.saturating_sub(both));
    let renamed = was.field != is.field && name(old) != name(new);
    let quiet = missing.unwrap_or(0) == 0 && added.unwrap_or(0) == 0 && was.matches == is.matches;
    if quiet && !renamed {
        return None;
    }
    let gone = old.values.and_then(Distinct::exact).zip(new.values.and_then(Distinct::exact));
    let elsewhere = gone
        .and_then(|(a, b)| new_values.known(&was.detector, a.iter().filter(|d| !b.contains(d))));
    Some(ColumnChange::Changed {
        field: is.field.clone(),
        was: was.field.clone().filter(|_| renamed),
        detector: is.detector.clone(),
        matches: (was.matches, is.matches),
        distinct: (was.distinct, is.distinct),
        missing,
        elsewhere,
        added,
        is_estimate: both.is_some_and(|((_, estimate), ..)| estimate),
    })
}
