//! Reports: one file per output, each a function of the inventory.

use std::io::{self, Write};

use crate::inventory::Inventory;

pub mod csv;
pub mod html;
pub mod jsonl;
pub mod metrics;
pub mod schema;
pub mod summary;
mod tally;
mod words;

#[cfg(test)]
mod sample;

/// One form in which an inventory can be written.
pub struct Output {
    /// Name on the command line (`report --format`).
    pub id: &'static str,
    /// Name of the file in the inventory directory.
    pub file: &'static str,
    /// What it is for, in a few words.
    pub description: &'static str,
    /// Whether every scan writes it.
    pub always: bool,
    /// Writes it.
    pub write: fn(&Inventory, &mut dyn Write) -> io::Result<()>,
}

/// Every form there is. A new one is one file and one line here.
pub const FORMATS: &[Output] = &[
    Output {
        id: "html",
        file: "report.html",
        description: "for people: one page for the browser",
        always: true,
        write: html::write,
    },
    Output {
        id: "csv",
        file: "inventory.csv",
        description: "for spreadsheets: one row per finding",
        always: true,
        write: csv::write,
    },
    Output {
        id: "jsonl",
        file: "inventory.jsonl",
        description: "for scripts: one JSON object per line",
        always: true,
        write: jsonl::write,
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
            let text = String::from_utf8(bytes).expect("UTF-8");
            let acts = ['\x1b', '\u{9b}', '\u{202e}', '\u{2028}', '\x07'];
            assert!(!text.contains(acts), "{}", output.id);
        }
    }
}
