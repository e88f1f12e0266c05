//! `worklist.csv` and `worklist.xlsx`: a row per record, and columns in which people say what is done with it.

use std::io::{self, Write};

use super::super::words;
use super::super::workbook::{Kind, Shade, Sheet, save};
use crate::escape;
use crate::subject::{Case, Record};

/// What a decision may be; the last for records of somebody else.
const DECISIONS: &[(&str, &str)] = &[
    ("disclose", "the person gets a copy (Art. 15)"),
    ("redact", "the person gets a copy in which others' data are hidden (Art. 15(4))"),
    ("rectify", "it is corrected (Art. 16)"),
    ("erase", "it is erased (Art. 17(1))"),
    ("restrict", "it is kept and not used (Art. 18)"),
    ("keep", "it stays: name the ground of Art. 17(3) or of another law as reason"),
    ("not the subject", "it is somebody else's"),
];

/// Columns that the search fills in.
const FOUND: [&str; 15] = [
    "strength",
    "system",
    "path",
    "members",
    "table",
    "place",
    "key columns",
    "reasons",
    "categories",
    "columns",
    "flags",
    "hints",
    "modified",
    "duplicate_of",
    "id",
];
/// Columns for people: decision, its ground, who took it and when, whom to tell (Art. 19).
const PEOPLE: [&str; 6] =
    ["decision", "reason (Art. 17(3) …)", "by", "at", "recipients told (Art. 19)", "remarks"];

/// Where in its file or table a record stands, in words.
#[must_use]
pub fn place(record: &Record) -> String {
    let places = [
        ("row", record.row),
        ("line", record.line),
        ("message", record.message),
        ("page", record.page),
    ];
    let place = places.into_iter().find_map(|(word, number)| Some(format!("{word} {}", number?)));
    place.unwrap_or_else(|| "whole document".to_owned())
}

/// The order in which people work: what may be acted on comes before what bears a name only.
fn surest_first(records: &[Record]) -> Vec<&Record> {
    let mut all: Vec<&Record> = records.iter().collect();
    all.sort_by_key(|record| std::cmp::Reverse(record.strength));
    all
}

fn cells(record: &Record) -> [String; FOUND.len()] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        record.strength.as_str().to_owned(),
        text(&record.system),
        record.path.clone(),
        record.members.join(" › "),
        text(&record.table),
        place(record),
        record.key.join(", "),
        record.reasons.join(", "),
        record.categories.join(", "),
        record.columns.join(", "),
        record.flags.join(", "),
        record.hints.join(", "),
        text(&record.modified),
        text(&record.duplicate_of),
        record.id.clone(),
    ]
}

/// The headings: what people fill in stands before the ids, that it is seen.
fn headings() -> impl Iterator<Item = (&'static str, Shade)> {
    let found = FOUND.iter().map(|heading| (*heading, Shade::Scanner));
    found.chain(PEOPLE.iter().map(|heading| (*heading, Shade::People)))
}

/// Writes the work list as CSV.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn write_csv(records: &[Record], out: &mut dyn Write) -> io::Result<()> {
    // Without the mark spreadsheets take UTF-8 for the country's old encoding.
    out.write_all("\u{feff}".as_bytes())?;
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(headings().map(|(heading, _)| heading))?;
    for record in surest_first(records) {
        for cell in cells(record) {
            csv.write_field(escape::csv_cell(&cell).as_bytes())?;
        }
        csv.write_record(PEOPLE.map(|_| ""))?;
    }
    csv.flush()
}

/// Writes the work list as a workbook, with what decisions mean and what could not be read.
///
/// # Errors
/// When the output cannot be written, or there are more records than a sheet has rows.
pub(super) fn write_xlsx(case: &Case, records: &[Record], out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = headings().map(|(heading, _)| heading).collect();
    let mut list = Sheet::new("Work list", &names)?;
    for (column, (heading, shade)) in headings().enumerate() {
        list.shade(column, heading, shade)?;
    }
    for record in surest_first(records) {
        for (cell, heading) in cells(record).iter().zip(FOUND) {
            list.cell(cell, if heading == "modified" { Kind::Day } else { Kind::Text })?;
        }
        list.end_row()?;
    }
    let mut decisions = Sheet::new("Decisions", &["decision", "what it means"])?;
    for (decision, meaning) in DECISIONS {
        decisions.text(decision)?;
        decisions.text(meaning)?;
        decisions.end_row()?;
    }
    let mut gaps = Sheet::new("Not read", &["path", "members", "why", "detail"])?;
    for note in &case.notes {
        gaps.text(&note.path)?;
        gaps.text(&note.members.join(" › "))?;
        gaps.text(words::reason(&note.reason).0)?;
        gaps.text(&note.detail)?;
        gaps.end_row()?;
    }
    save(vec![list, decisions, gaps], out)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_row_per_record_and_room_for_a_decision() {
        let (_, records) = sample::hostile();
        let mut bytes = Vec::new();
        write_csv(&records, &mut bytes).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap().trim_start_matches('\u{feff}');
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(csv.headers().unwrap().iter().position(|h| h == "decision"), Some(FOUND.len()));
        let rows: Vec<_> = csv.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        for cell in rows.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@']) && !cell.contains('\x1b'), "{cell:?}");
        }
        assert_eq!(
            rows[1].iter().take(6).collect::<Vec<_>>(),
            ["possible", "", "b.csv", "", "kunder", "row 17"]
        );
        assert!(rows[1].iter().skip(FOUND.len()).all(str::is_empty));
    }
}
