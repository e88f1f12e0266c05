//! OpenMetadata table CSV: tags for tables and columns, as its bulk import takes them.
//!
//! Tags are those that OpenMetadata brings along (`PII`, `PersonalData`). Names follow service, database,
//! schema, table, column; the first three are `datakart`, the scan's label and the folder, to be replaced where
//! a table is catalogued under other names.

use std::io::{self, Write};

use super::asset::{self, Asset, Field};
use crate::escape;
use crate::inventory::Inventory;

const COLUMNS: [&str; 17] = [
    "name",
    "displayName",
    "description",
    "owner",
    "tags",
    "glossaryTerms",
    "tiers",
    "retentionPeriod",
    "sourceUrl",
    "domain",
    "extension",
    "entityType",
    "fullyQualifiedName",
    "column.dataTypeDisplay",
    "column.dataType",
    "column.arrayDataType",
    "column.dataLength",
];

/// Sensitivity (ENISA) from which a column is tagged as sensitive.
const SENSITIVE: f64 = 3.0;

/// Writes a row per table or document, then one per field of it.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    for asset in asset::assets(inventory) {
        let table = table_name(&inventory.run.label, &asset);
        let mut cells =
            Cells { kind: "table", name: asset.key(), full: table.clone(), ..Cells::default() };
        cells.description = asset.shown();
        cells.write(&mut csv)?;
        for field in asset.fields() {
            let name = field.name().unwrap_or("[text]");
            let cells = Cells {
                kind: "column",
                name: name.to_owned(),
                description: field.description(),
                tags: tags(&field),
                full: format!("{table}.{}", quoted(name)),
                data_type: "STRING",
            };
            cells.write(&mut csv)?;
        }
    }
    csv.flush()
}

#[derive(Default)]
struct Cells {
    kind: &'static str,
    name: String,
    description: String,
    tags: String,
    full: String,
    data_type: &'static str,
}

impl Cells {
    fn write<W: Write>(&self, csv: &mut csv::Writer<W>) -> io::Result<()> {
        for column in COLUMNS {
            let cell = match column {
                "name" => &self.name,
                "description" => &self.description,
                "tags" => &self.tags,
                "entityType" => self.kind,
                "fullyQualifiedName" => &self.full,
                "column.dataTypeDisplay" | "column.dataType" => self.data_type,
                _ => "",
            };
            csv.write_field(escape::csv_cell(cell).as_bytes())?;
        }
        Ok(csv.write_record(None::<&[u8]>)?)
    }
}

fn table_name(label: &str, asset: &Asset) -> String {
    let folder = asset.place().path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    ["datakart", label, folder, &asset.key()].map(quoted).join(".")
}

/// A part of a fully qualified name: quoted where it holds a dot or a quote.
fn quoted(part: &str) -> String {
    if part.contains(['.', '"']) {
        format!("\"{}\"", part.replace('"', "\"\""))
    } else {
        part.to_owned()
    }
}

fn tags(field: &Field) -> String {
    let categories = field.categories();
    let mut tags = Vec::new();
    if categories.iter().any(|c| c.sensitivity >= SENSITIVE) {
        tags.push("PII.Sensitive");
    } else {
        tags.push("PII.NonSensitive");
    }
    if categories.iter().any(|c| c.art9) {
        tags.push("PersonalData.SpecialCategory");
    } else {
        tags.push("PersonalData.Personal");
    }
    tags.join(";")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn columns_stand_below_their_table() {
        let mut bytes = Vec::new();
        write(&sample::small(), &mut bytes).unwrap();
        let rows: Vec<csv::StringRecord> =
            csv::Reader::from_reader(&bytes[..]).records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 3 + 5);
        let health = rows.iter().find(|row| &row[0] == "Diagnose").unwrap();
        assert_eq!(&health[4], "PII.Sensitive;PersonalData.SpecialCategory");
        assert_eq!(&health[11], "column");
        assert!(health[12].starts_with("datakart.hr-share./srv/hr.Ark1_"), "{}", &health[12]);
        assert_eq!(quoted("a.\"b\""), "\"a.\"\"b\"\"\"");
    }
}
