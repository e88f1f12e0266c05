//! Reports: one file per output, each a function of the inventory.

use std::io::{self, Write};

use crate::inventory::Inventory;

mod asset;
pub mod csv;
pub mod datahub;
pub mod dpv;
pub mod fides;
pub mod html;
pub mod jsonl;
pub mod openlineage;
pub mod openmetadata;
pub mod schema;
pub mod summary;
mod tally;
mod words;
mod workbook;
pub mod xlsx;

#[cfg(test)]
mod sample;

/// One form in which an inventory can be written.
pub struct Output {
    /// Name on the command line (`report --format`).
    pub id: &'static str,
    /// Name of its file in the inventory directory, when every scan writes it.
    pub file: Option<&'static str>,
    /// What it is for, in a few words.
    pub description: &'static str,
    /// Writes it.
    pub write: fn(&Inventory, &mut dyn Write) -> io::Result<()>,
}

/// Every form there is. A new one is one file and one line here.
pub const FORMATS: &[Output] = &[
    Output {
        id: "html",
        file: Some("report.html"),
        description: "for people: one page for the browser",
        write: html::write,
    },
    Output {
        id: "csv",
        file: Some("inventory.csv"),
        description: "for spreadsheets: one row per finding",
        write: csv::write,
    },
    Output {
        id: "jsonl",
        file: Some("inventory.jsonl"),
        description: "for scripts: one JSON object per line",
        write: jsonl::write,
    },
    Output {
        id: "xlsx",
        file: None,
        description: "for spreadsheets: one row per finding, cells typed",
        write: xlsx::write,
    },
    Output {
        id: "fides",
        file: None,
        description: "for fides: datasets with fields and data categories",
        write: fides::write,
    },
    Output {
        id: "datahub-csv",
        file: None,
        description: "for DataHub: terms and tags for its csv-enricher",
        write: datahub::write,
    },
    Output {
        id: "openmetadata-csv",
        file: None,
        description: "for OpenMetadata: tags for its table import",
        write: openmetadata::write,
    },
    Output {
        id: "openlineage",
        file: None,
        description: "for OpenLineage: dataset events with the tags facet",
        write: openlineage::write,
    },
    Output {
        id: "dpv-jsonld",
        file: None,
        description: "for linked data: DCAT datasets with DPV terms",
        write: dpv::write,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_output_carries_what_acts_on_a_screen() {
        let inventory = sample::hostile();
        for output in FORMATS {
            let mut bytes = Vec::new();
            (output.write)(&inventory, &mut bytes).expect("writing to memory");
            // What is no text is read by programs, not by a terminal.
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let acts = ['\x1b', '\u{9b}', '\u{202e}', '\u{2028}', '\x07'];
            assert!(!text.contains(acts), "{}", output.id);
        }
    }
}
