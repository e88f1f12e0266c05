//! `copy.jsonl`: the copy of the person's own data (GDPR Art. 15(3)), a line per certain or probable record. The one output
//! that holds values, written on request; others' values in it are masked (Art. 15(4)).

use std::collections::HashMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::jsonl;
use crate::subject::{Excerpt, Excerpts, Record, Strength};

/// Its name in the directory; the second one when it is encrypted.
pub const FILES: [&str; 2] = ["copy.jsonl", "copy.jsonl.age"];

/// A line of `copy.jsonl`.
#[derive(Serialize, JsonSchema)]
pub struct CopyLine<'r> {
    /// Id of the record in the work list.
    id: &'r str,
    /// As in the work list.
    path: &'r str,
    /// As in the work list.
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'r str>,
    /// Row, line, message or page.
    place: String,
    /// As in the work list.
    strength: Strength,
    /// What is copied, in the record's order.
    data: Vec<Datum<'r>>,
    /// Values of others that were masked.
    masked: u64,
    /// Whether the record has more than is copied.
    is_cut: bool,
}

/// What stands in a column, or in a text without columns.
#[derive(Serialize, JsonSchema)]
pub struct Datum<'r> {
    /// Column; none in running text.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<&'r str>,
    /// What stands there, others' values masked.
    text: &'r str,
}

fn datum(excerpt: &Excerpt) -> Datum<'_> {
    Datum { column: excerpt.column.as_deref(), text: &excerpt.text }
}

/// Writes the copy.
///
/// # Errors
/// When the output cannot be written.
pub fn write(
    records: &[Record],
    excerpts: &HashMap<String, Excerpts>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let copied = records.iter().filter_map(|record| Some((record, excerpts.get(&record.id)?)));
    for (record, excerpts) in copied {
        let line = CopyLine {
            id: &record.id,
            path: &record.path,
            table: record.table.as_deref(),
            place: super::place(record),
            strength: record.strength,
            data: excerpts.all.iter().map(datum).collect(),
            masked: excerpts.masked,
            is_cut: excerpts.is_cut,
        };
        jsonl::write_line(&line, &mut *out)?;
    }
    Ok(())
}
