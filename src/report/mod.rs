//! Reports: one file per output, each a function of the inventory.

use std::io::{self, Write};

use crate::inventory::Inventory;

mod asset;
pub mod case;
pub mod csv;
pub mod datahub;
pub mod dpv;
pub mod fides;
pub mod html;
pub mod jsonl;
pub mod metrics;
pub mod news;
pub mod openlineage;
pub mod openmetadata;
pub mod parquet;
pub mod ropa;
pub mod schema;
pub mod statement;
pub mod summary;
mod tally;
mod words;
mod workbook;
pub mod xlsx;

#[cfg(test)]
mod sample;

/// A reason for which something was not read, in a few plain words.
#[must_use]
pub fn reason_in_words(reason: &str) -> &str {
    words::reason(reason).0
}

/// One form in which an inventory can be written.
pub struct Output {
    /// Name on the command line (`report --format`).
    pub id: &'static str,
    /// Name of its file in the inventory directory, when every scan writes it.
    pub file: Option<&'static str>,
    /// What it is for, in a few words.
    pub description: &'static str,
    /// Whether it is no text.
    pub is_binary: bool,
    /// Writes it.
    pub write: fn(&Inventory, &mut dyn Write) -> io::Result<()>,
    /// Writes it so that what people filled in in an earlier one is kept, where people fill it in.
    pub carry_on: Option<CarryOn>,
}

/// Writes a report that continues an earlier one.
pub type CarryOn = fn(&Inventory, &ropa::Record, &mut dyn Write) -> io::Result<()>;

/// Every form there is. A new one is one file and one line here.
pub const FORMATS: &[Output] = &[
    Output {
        id: "html",
        file: Some("report.html"),
        description: "for people: one page for the browser",
        is_binary: false,
        write: html::write,
        carry_on: None,
    },
    Output {
        id: "csv",
        file: Some("inventory.csv"),
        description: "for spreadsheets: one row per finding",
        is_binary: false,
        write: csv::write,
        carry_on: None,
    },
    Output {
        id: "jsonl",
        file: Some("inventory.jsonl"),
        description: "for scripts: one JSON object per line",
        is_binary: false,
        write: jsonl::write,
        carry_on: None,
    },
    Output {
        id: "xlsx",
        file: None,
        description: "for spreadsheets: one row per finding, cells typed",
        is_binary: true,
        write: xlsx::write,
        carry_on: None,
    },
    Output {
        id: "parquet",
        file: None,
        description: "for queries: one flat row per finding, with its file, group and system",
        is_binary: true,
        write: parquet::write,
        carry_on: None,
    },
    Output {
        id: "ropa-csv",
        file: None,
        description: "the record of processing as a draft, to be filled in (--previous keeps entries)",
        is_binary: false,
        write: ropa::write_csv,
        carry_on: Some(ropa::continue_csv),
    },
    Output {
        id: "ropa-xlsx",
        file: None,
        description: "the same as a workbook, with systems and coverage",
        is_binary: true,
        write: ropa::write_xlsx,
        carry_on: Some(ropa::continue_xlsx),
    },
    Output {
        id: "statement",
        file: None,
        description: "for auditors: what was read and what was not, in words",
        is_binary: false,
        write: statement::write,
        carry_on: None,
    },
    Output {
        id: "fides",
        file: None,
        description: "for fides: datasets with fields and data categories",
        is_binary: false,
        write: fides::write,
        carry_on: None,
    },
    Output {
        id: "datahub-csv",
        file: None,
        description: "for DataHub: terms and tags for its csv-enricher",
        is_binary: false,
        write: datahub::write,
        carry_on: None,
    },
    Output {
        id: "openmetadata-csv",
        file: None,
        description: "for OpenMetadata: tags for its table import",
        is_binary: false,
        write: openmetadata::write,
        carry_on: None,
    },
    Output {
        id: "openlineage",
        file: None,
        description: "for OpenLineage: dataset events with the tags facet",
        is_binary: false,
        write: openlineage::write,
        carry_on: None,
    },
    Output {
        id: "dpv-jsonld",
        file: None,
        description: "for linked data: DCAT datasets with DPV terms",
        is_binary: false,
        write: dpv::write,
        carry_on: None,
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
