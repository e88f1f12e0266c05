//! `inventory.xlsx`: the findings for a spreadsheet, one row each, every cell typed as text or number.

use std::io::{self, Write};

use super::csv::{COLUMNS, cells, files};
use super::workbook::{Sheet, save};
use crate::inventory::Inventory;

/// Columns that hold numbers.
const NUMBERS: [&str; 6] = ["matches", "distinct", "rows", "share", "certainty", "first"];

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
            match cell.parse::<f64>() {
                Ok(number) if NUMBERS.contains(column) => sheet.number(number)?,
                _ => sheet.text(&cell)?,
            }
        }
        sheet.end_row()?;
    }
    save(vec![sheet], out)
}
