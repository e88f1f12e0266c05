//! The record of processing (GDPR Art. 30) as a draft: a row per record group, the scanner's columns filled in,
//! the others for people, as CSV and as a workbook. A later draft keeps what people filled in.

use std::io::{self, Write};

use super::workbook::{ABOUT, Kind, Shade, Sheet, save};
use super::{statement, words};
use crate::escape;
use crate::inventory::{Inventory, SystemLine};

mod columns;
mod entry;
mod join;
mod opinion;
mod previous;
mod questions;

pub use previous::Record;

use columns::By;

/// Writes a new record as CSV.
///
/// # Errors
/// When the output cannot be written.
pub fn write_csv(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    continue_csv(inventory, &Record::default(), out)
}

/// Writes a record as CSV that continues an earlier one.
///
/// # Errors
/// When the output cannot be written.
pub fn continue_csv(
    inventory: &Inventory,
    previous: &Record,
    out: &mut dyn Write,
) -> io::Result<()> {
    let record = join::record(inventory, previous);
    // Without the mark spreadsheets take UTF-8 for the country's old encoding.
    out.write_all("\u{feff}".as_bytes())?;
    let mut csv = csv::Writer::from_writer(out);
    for row in std::iter::once(&record.headings).chain(&record.rows) {
        for cell in row {
            csv.write_field(escape::csv_lines(cell).as_bytes())?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}

/// Writes a new record as a workbook.
///
/// # Errors
/// When the output cannot be written, or a sheet would be too long.
pub fn write_xlsx(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    continue_xlsx(inventory, &Record::default(), out)
}

/// Writes a record as a workbook that continues an earlier one: the record, the systems, and how much was read.
///
/// # Errors
/// When the output cannot be written, or a sheet would be too long.
pub fn continue_xlsx(
    inventory: &Inventory,
    previous: &Record,
    out: &mut dyn Write,
) -> io::Result<()> {
    let record = join::record(inventory, previous);
    let mut sheet = Sheet::new("Record of processing", &record.headings)?;
    for (at, heading) in record.headings.iter().enumerate() {
        let shade = match columns::ours(heading) {
            Some((_, By::Scanner | By::ScannerCompared)) => Shade::Scanner,
            Some((_, By::People)) | None => Shade::People,
        };
        sheet.shade(at, heading, shade)?;
    }
    for row in &record.rows {
        for (cell, heading) in row.iter().zip(&record.headings) {
            sheet.cell(cell, columns::kind(heading))?;
        }
        sheet.end_row()?;
    }
    save(vec![sheet, systems(inventory)?, coverage(inventory)?], out)
}

fn systems(inventory: &Inventory) -> io::Result<Sheet> {
    let headings = [
        "System",
        "Owner",
        "Purpose, as configured",
        "Country",
        "Processor",
        "Country of its parent",
        "Sub-processors",
        "Transfers",
        "Flags",
        "Files",
        "Findings",
        "Data subjects",
    ];
    let mut sheet = Sheet::new("Systems", &headings)?;
    for system in &inventory.systems {
        for (cell, heading) in system_cells(system).iter().zip(headings) {
            let counts = ["Files", "Findings", "Data subjects"].contains(&heading);
            sheet.cell(cell, if counts { Kind::Number } else { Kind::Text })?;
        }
        sheet.end_row()?;
    }
    Ok(sheet)
}

fn system_cells(system: &SystemLine) -> [String; 12] {
    let of = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let name = match (&system.name, &system.personal_area) {
        (Some(name), _) => name.clone(),
        (None, Some(area)) => format!("(personal area: {area})"),
        (None, None) => "(unmapped)".to_owned(),
    };
    let sub = system.sub_processors.iter().map(|s| {
        [Some(&s.name), s.country.as_ref(), s.transfer_tool.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    });
    let about = if system.subjects_is_estimate { ABOUT } else { "" };
    [
        name,
        of(&system.owner),
        of(&system.purpose),
        of(&system.country),
        of(&system.processor),
        of(&system.parent_country),
        sub.collect::<Vec<_>>().join("; "),
        system.transfers.join(" "),
        system.flags.join("; "),
        system.files.to_string(),
        system.findings.to_string(),
        system.subjects.map(|n| format!("{about}{}", words::number(n))).unwrap_or_default(),
    ]
}

fn coverage(inventory: &Inventory) -> io::Result<Sheet> {
    let mut sheet = Sheet::new("Coverage", &["What was read, and what was not"])?;
    for line in statement::text(inventory).lines() {
        sheet.text(line)?;
        sheet.end_row()?;
    }
    Ok(sheet)
}
