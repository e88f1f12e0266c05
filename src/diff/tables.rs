//! The findings of an inventory as tables with columns; a document is a table, its free text a column.

use std::collections::HashMap;

use serde::Serialize;

use super::Side;
use crate::detect::rules;
use crate::inventory::{FileLine, Finding, ReadableBy};
use crate::sketch::Distinct;

/// From this identifiability of its category on, a column's values tell which table it is.
const TELLING: f64 = 0.5;

/// Where a table stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// As in a finding.
    pub path: String,
    /// As in a finding.
    pub members: Vec<String>,
    /// As in a finding.
    pub table: Option<String>,
}

/// One finding.
pub(super) struct Column<'a> {
    pub finding: &'a Finding,
    /// Its values; `None` when only counts are compared.
    pub values: Option<&'a Distinct>,
    /// Whether equal values speak for equal columns: towns and genders do not.
    pub telling: bool,
}

impl Column<'_> {
    /// Its name; free text has none.
    pub fn name(&self) -> Option<&str> {
        self.finding.field.as_deref()
    }
}

/// What stands together.
pub(super) struct Table<'a> {
    /// At least one.
    pub columns: Vec<Column<'a>>,
    file: Option<&'a FileLine>,
}

impl Table<'_> {
    pub fn place(&self) -> Place {
        let Finding { path, members, table, .. } = self.columns[0].finding;
        Place { path: path.clone(), members: members.clone(), table: table.clone() }
    }

    /// Its own name, without schema or database.
    pub fn name(&self) -> String {
        let table = self.columns[0].finding.table.as_deref().unwrap_or_default();
        table.rsplit('.').next().unwrap_or(table).to_lowercase()
    }

    /// Who may read its file.
    pub fn readable_by(&self) -> Option<ReadableBy> {
        self.file.and_then(|f| f.readable_by)
    }

    /// Digest of its file's bytes, with where in the file it stands.
    pub fn content(&self) -> Option<(&str, Place)> {
        let content = self.file?.content.as_deref()?;
        Some((content, Place { path: String::new(), ..self.place() }))
    }

    /// Different values of its telling columns.
    pub fn telling_values(&self) -> u64 {
        self.columns.iter().filter(|c| c.telling).map(|c| c.finding.distinct).sum()
    }
}

/// The tables of an inventory, in its order.
pub(super) fn of(side: &Side) -> Vec<Table<'_>> {
    let inventory = &side.inventory;
    let files: HashMap<_, _> =
        inventory.files.iter().map(|f| ((&f.path, &f.path_b64), f)).collect();
    let column = |finding| Column {
        finding,
        values: side.sketches.get(&finding.id),
        telling: rules::categories()
            .get(&finding.category)
            .is_some_and(|c| c.identifiability >= TELLING),
    };
    let together = |a: &Finding, b: &Finding| {
        (&a.path, &a.path_b64, &a.members, &a.table) == (&b.path, &b.path_b64, &b.members, &b.table)
    };
    let tables = inventory.findings.chunk_by(together).map(|findings| Table {
        columns: findings.iter().map(column).collect(),
        file: files.get(&(&findings[0].path, &findings[0].path_b64)).copied(),
    });
    tables.collect()
}
