//! Tables of formats and detectors, for the terminal and for the README.

use std::fmt::Write as _;

use crate::detect::rules::Rules;
use crate::readers::{BINARY_FORMATS, FORMATS};

/// The formats, as Markdown or as aligned text.
#[must_use]
pub fn format_table(markdown: bool) -> String {
    let rows = FORMATS
        .iter()
        .chain(BINARY_FORMATS)
        .map(|f| [f.id.to_owned(), f.name.to_owned(), f.fields.to_owned(), f.extensions.join(" ")]);
    table(["id", "format", "values found as", "usual extensions"], rows.collect(), markdown)
}

/// The detectors, as Markdown or as aligned text.
#[must_use]
pub fn detector_table(rules: &Rules, markdown: bool) -> String {
    let rows = rules.detectors.iter().map(|d| {
        let how = match (&d.pattern, &d.validator) {
            (Some(_), Some(_)) => "pattern and check",
            (Some(_), None) => "pattern",
            (None, _) => "field name and cell",
        };
        [d.id.clone(), d.category.clone(), how.to_owned(), d.name.clone()]
    });
    table(["id", "category", "told by", "name"], rows.collect(), markdown)
}

fn table(head: [&str; 4], rows: Vec<[String; 4]>, markdown: bool) -> String {
    let mut out = String::new();
    if markdown {
        let _ = writeln!(out, "| {} |\n|---|---|---|---|", head.join(" | "));
        for row in rows {
            let _ = writeln!(out, "| `{}` | {} |", row[0], row[1..].join(" | "));
        }
        return out;
    }
    let width = |i: usize| rows.iter().map(|r| r[i].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..3).map(width).collect();
    for row in &rows {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(out, "{cell:width$}  ");
        }
        let _ = writeln!(out, "{}", row[3]);
    }
    out
}
