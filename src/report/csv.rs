//! `inventory.csv`: the findings for a spreadsheet, one row each.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use crate::escape;
use crate::inventory::{FileLine, Finding, Inventory, ReadableBy};

/// The columns of a table of findings.
pub(super) const COLUMNS: [&str; 26] = [
    "severity",
    "confidence",
    "category",
    "detector",
    "path",
    "members",
    "table",
    "field",
    "matches",
    "distinct",
    "distinct_is_estimate",
    "rows",
    "share",
    "certainty",
    "validity",
    "flags",
    "first",
    "ambiguous",
    "system",
    "readable_by",
    "owner",
    "modified",
    "duplicate_of",
    "personal_area",
    "id",
    // For names that are not UTF-8, and therefore last: it is nearly always empty.
    "path_b64",
];

/// Writes the findings as CSV.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    // Without the mark spreadsheets take UTF-8 for the country's old encoding.
    out.write_all("\u{feff}".as_bytes())?;
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    let files = files(inventory);
    for finding in &inventory.findings {
        for cell in cells(finding, files.get(finding.path.as_str()).copied()) {
            csv.write_field(escape::csv_cell(&cell).as_bytes())?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}

/// What is known of files, by their paths.
pub(super) type Files<'a> = HashMap<&'a str, &'a FileLine, foldhash::quality::RandomState>;

/// What is known of the files.
pub(super) fn files(inventory: &Inventory) -> Files<'_> {
    inventory.files.iter().map(|f| (f.path.as_str(), f)).collect()
}

/// A finding's cells in these columns, with what is known of its file.
pub(super) fn cells<'a>(
    finding: &'a Finding,
    file: Option<&'a FileLine>,
) -> [Cow<'a, str>; COLUMNS.len()] {
    let text = |text: &'a str| Cow::Borrowed(text);
    let some = |text: &'a Option<String>| Cow::Borrowed(text.as_deref().unwrap_or_default());
    let of_file = |text: fn(&FileLine) -> Option<&str>| {
        Cow::Borrowed(file.and_then(text).unwrap_or_default())
    };
    let validity: Vec<String> = finding.validity.iter().map(|(k, v)| format!("{k}={v}")).collect();
    [
        text(finding.severity.as_str()),
        text(finding.confidence.as_str()),
        text(&finding.category),
        text(&finding.detector),
        text(&finding.path),
        finding.members.join(" › ").into(),
        some(&finding.table),
        some(&finding.field),
        finding.matches.to_string().into(),
        finding.distinct.to_string().into(),
        text(if finding.distinct_is_estimate { "true" } else { "false" }),
        finding.rows.map(|n| n.to_string()).unwrap_or_default().into(),
        finding.share.map(|s| format!("{s:.4}")).unwrap_or_default().into(),
        format!("{:.4}", finding.certainty).into(),
        validity.join(";").into(),
        finding.flags.join(";").into(),
        finding.first.to_string().into(),
        finding.ambiguous.join(";").into(),
        some(&finding.system),
        of_file(|f| f.readable_by.map(ReadableBy::as_str)),
        of_file(|f| f.owner.as_deref()),
        of_file(|f| f.modified.as_deref()),
        of_file(|f| f.duplicate_of.as_deref()),
        of_file(|f| f.personal_area.as_deref()),
        text(&finding.id),
        some(&finding.path_b64),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::sample;
    use super::*;

    fn parse(inventory: &Inventory) -> Vec<csv::StringRecord> {
        let mut bytes = Vec::new();
        write(inventory, &mut bytes).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap().strip_prefix('\u{feff}').unwrap();
        csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect()
    }

    #[test]
    fn a_row_per_finding() {
        let rows = parse(&sample::small());
        assert_eq!(rows.len(), 5);
        let cells: Vec<&str> = rows[4].iter().take(18).collect();
        assert_eq!(
            cells.join("|"),
            "very_high|high|government_id.national|no_fodselsnummer|/srv/hr/sykefravær 2026.xlsx||Ark1|Fnr|\
             1204|1084|false|1244|0.9750|0.9987|real=1204;test=4|art87|2|no_kontonr"
        );
        assert_eq!(&rows[2][5], "vedlegg.zip › a.txt");
        let of_file: Vec<&str> = rows[4].iter().skip(19).take(5).collect();
        assert_eq!(of_file, ["everyone", "kari", "2026-10-01", "", ""]);
    }

    #[test]
    fn no_cell_is_a_formula() {
        for row in parse(&sample::hostile()) {
            for cell in &row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
            }
        }
    }
}
