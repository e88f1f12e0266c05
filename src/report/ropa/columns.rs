//! The columns of the record of processing: what the scanner fills in, and what is for people.
//!
//! The people's columns follow GDPR Art. 30(1) and the ICO's template for controllers.

use super::super::workbook::Kind;

/// Who fills a column in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Every report writes it anew.
    Scanner,
    /// As [`By::Scanner`], and a difference from the previous record makes a row `changed`.
    ScannerCompared,
    /// Kept as people left it.
    People,
}

/// What ties a row to a record group; the one column that a record cannot do without.
pub(super) const ID: &str = "datakart id";
/// `new`, `changed`, `unchanged`, `moved`, `gone`; empty in rows that people added.
pub(super) const STATE: &str = "State";
/// What changed, or from where it moved.
pub(super) const CHANGE: &str = "Change";
/// Path, members.
pub(super) const LOCATION: &str = "Location of personal data";
/// Table or sheet.
pub(super) const TABLE: &str = "Table";
/// Fields with their categories.
pub(super) const FIELDS: &str = "Fields";
/// Detectors with the versions that the row was drafted with.
pub(super) const DETECTORS: &str = "Detectors";
/// What the flags and dates ask.
pub(super) const QUESTIONS: &str = "Questions";
/// Rejections with the versions that they were made under; those of another version than the detector's hold no
/// longer.
pub(super) const REJECTIONS: &str = "Rejections, with versions";
/// Stands for the content, to tell where it moved.
pub(super) const FINGERPRINT: &str = "Fingerprint";
/// Day of the first scan that saw it.
pub(super) const FIRST_SEEN: &str = "First seen";
/// Day of the last scan that saw it.
pub(super) const LAST_SEEN: &str = "Last seen";
/// Detector ids that people say are wrong here, or `all`.
pub(super) const REJECTED: &str = "Rejected detectors";
/// Why.
pub(super) const REJECTED_WHY: &str = "Reason of rejection";
/// Who says so.
pub(super) const REJECTED_BY: &str = "Rejected by";

/// All columns, in the order of a new record.
pub(super) const COLUMNS: &[(&str, By)] = &[
    (STATE, By::Scanner),
    (CHANGE, By::Scanner),
    ("System", By::ScannerCompared),
    ("Owner of system", By::ScannerCompared),
    (LOCATION, By::Scanner),
    (TABLE, By::Scanner),
    (FIELDS, By::ScannerCompared),
    ("Categories of personal data", By::ScannerCompared),
    ("Flags", By::ScannerCompared),
    ("Severity", By::ScannerCompared),
    ("Number of data subjects", By::ScannerCompared),
    ("Number of values", By::ScannerCompared),
    ("Business function", By::People),
    ("Purpose of processing", By::People),
    ("Purpose, as configured", By::ScannerCompared),
    ("Categories of individuals", By::People),
    ("Joint controller", By::People),
    ("Art. 6 lawful basis", By::People),
    ("Art. 9 condition", By::People),
    ("Legitimate interests assessment", By::People),
    ("Categories of recipients", By::People),
    ("Processor and contract", By::People),
    ("Processor, as configured", By::ScannerCompared),
    ("Third countries or international organisations", By::People),
    ("Storage and transfers, as configured", By::ScannerCompared),
    ("Safeguards for transfers", By::People),
    ("Retention schedule", By::People),
    ("Retained and erased by the schedule?", By::People),
    ("Oldest date in the data", By::ScannerCompared),
    ("Newest date in the data", By::ScannerCompared),
    ("Columns a period may run from", By::ScannerCompared),
    ("May have to be kept (hints)", By::ScannerCompared),
    ("Security measures", By::People),
    ("Readable by", By::ScannerCompared),
    ("Owner of file", By::ScannerCompared),
    ("Last modified", By::Scanner),
    ("Other copies", By::ScannerCompared),
    ("Source of the data", By::People),
    ("Rights of individuals", By::People),
    ("Automated decisions", By::People),
    ("DPIA", By::People),
    ("Personal data breach", By::People),
    (QUESTIONS, By::Scanner),
    ("Responsible person", By::People),
    ("Review status", By::People),
    ("Reviewed by", By::People),
    ("Date of review", By::People),
    (REJECTED, By::People),
    (REJECTED_WHY, By::People),
    (REJECTED_BY, By::People),
    ("Remarks", By::People),
    (REJECTIONS, By::Scanner),
    (DETECTORS, By::Scanner),
    (FIRST_SEEN, By::Scanner),
    (LAST_SEEN, By::Scanner),
    (FINGERPRINT, By::Scanner),
    (ID, By::Scanner),
];

/// What the cells of a column hold in a workbook.
pub(super) fn kind(heading: &str) -> Kind {
    match ours(heading).map(|column| column.0) {
        Some("Number of data subjects" | "Number of values" | "Other copies") => Kind::Number,
        Some(
            "Oldest date in the data"
            | "Newest date in the data"
            | "Last modified"
            | "Date of review"
            | FIRST_SEEN
            | LAST_SEEN,
        ) => Kind::Day,
        _ => Kind::Text,
    }
}

/// A heading as it is compared: people change case and blanks.
pub(super) fn folded(heading: &str) -> String {
    heading.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Our column with this heading; `None` for one that people added.
pub(super) fn ours(heading: &str) -> Option<&'static (&'static str, By)> {
    let wanted = folded(heading);
    COLUMNS.iter().find(|c| folded(c.0) == wanted)
}
