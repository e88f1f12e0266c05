//! `inventory.xlsx`: the findings for a spreadsheet, one row each, every cell typed as what it is.

use std::io::{self, Write};

use super::csv::{COLUMNS, cells, files};
use super::workbook::{Kind, Sheet, save};
use crate::inventory::Inventory;

/// What a column holds.
fn kind(column: &str) -> Kind {
    match column {
        "matches" | "distinct" | "rows" | "certainty" | "first" => Kind::Number,
        "share" => Kind::Share,
        "distinct_is_estimate" => Kind::Flag,
        "modified" => Kind::Day,
        _ => Kind::Text,
    }
}

/// Writes the findings as a workbook.
///
/// # Errors
/// When the output cannot be written, or there are more findings than a sheet has rows.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut sheet = Sheet::new("Findings", &COLUMNS)?;
    let files = files(inventory);
    for finding in &inventory.findings {
        let file = files.get(finding.path.as_str()).copied();
        for (column, cell) in COLUMNS.iter().zip(cells(finding, file)) {
            sheet.cell(&cell, kind(column))?;
        }
        sheet.end_row()?;
    }
    save(vec![sheet], out)
}
