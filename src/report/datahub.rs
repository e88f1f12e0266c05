//! DataHub `csv-enricher`: terms and tags for datasets and columns that DataHub has already ingested.
//!
//! The platform is `file` and the name is the place, so sources that were ingested under other names want
//! their `resource` column rewritten. To be ingested with `write_semantics: PATCH`, so that people's tags stay.

use std::io::{self, Write};

use super::asset;
use crate::escape;
use crate::inventory::Inventory;

const COLUMNS: [&str; 9] = [
    "resource",
    "subresource",
    "glossary_terms",
    "tags",
    "owners",
    "ownership_type",
    "description",
    "domain",
    "ownership_type_urn",
];

/// Writes a row per table or document with its flags, and one per field with its categories.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    for asset in asset::assets(inventory) {
        let resource = urn(&asset.shown());
        let flags = array("urn:li:tag:", &asset.flags());
        row(&mut csv, &resource, "", "", &flags, "")?;
        for field in asset.fields() {
            let terms: Vec<&str> = field.categories().iter().map(|c| c.key.as_str()).collect();
            let terms = array("urn:li:glossaryTerm:", &terms);
            // What stands in free text belongs to the document as a whole.
            let name = field.name().unwrap_or_default();
            row(&mut csv, &resource, name, &terms, "", &field.description())?;
        }
    }
    csv.flush()
}

fn row<W: Write>(
    csv: &mut csv::Writer<W>,
    resource: &str,
    field: &str,
    terms: &str,
    tags: &str,
    description: &str,
) -> io::Result<()> {
    let cells = [resource, field, terms, tags, "", "", description, "", ""];
    cells.iter().try_for_each(|cell| csv.write_field(escape::csv_cell(cell).as_bytes()))?;
    Ok(csv.write_record(None::<&[u8]>)?)
}

/// DataHub's form of a list: brackets and pipes.
fn array(prefix: &str, names: &[&str]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let urns: Vec<String> = names.iter().map(|n| format!("{prefix}{}", encoded(n))).collect();
    format!("[{}]", urns.join("|"))
}

fn urn(name: &str) -> String {
    format!("urn:li:dataset:(urn:li:dataPlatform:file,{},PROD)", encoded(name))
}

/// A name in which nothing ends a URN or a list.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '(' | ')' | ',' | '|' | '[' | ']' | '%') {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_row_per_table_and_per_field() {
        let mut inventory = sample::small();
        inventory.findings[0].path = "/srv/a,(b)|c".to_owned();
        inventory.findings.truncate(1);
        let mut bytes = Vec::new();
        write(&inventory, &mut bytes).unwrap();
        let rows: Vec<csv::StringRecord> =
            csv::Reader::from_reader(&bytes[..]).records().map(Result::unwrap).collect();
        let resource =
            "urn:li:dataset:(urn:li:dataPlatform:file,/srv/a%2C%28b%29%7Cc › contacts,PROD)";
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| &row[0] == resource), "{rows:?}");
        assert_eq!((&rows[1][1], &rows[1][2]), ("email", "[urn:li:glossaryTerm:contact.email]"));
    }
}
