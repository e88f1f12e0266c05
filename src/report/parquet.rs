//! `inventory.parquet`: the findings for those who query, one flat row each, joined with what is known of
//! their file, record group and system.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::column::writer::{ColumnWriter, ColumnWriterImpl};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;

use super::asset::{self, Asset};
use crate::inventory::{FileLine, Finding, GroupLine, Inventory, SystemLine};

/// Rows that are written in one go.
const ROWS: usize = 100_000;

/// A finding with what it is joined with.
struct Row<'a> {
    inventory: &'a Inventory,
    finding: &'a Finding,
    group: Option<&'a GroupLine>,
    file: Option<&'a FileLine>,
    system: Option<&'a SystemLine>,
}

/// What a column holds, and how it comes from a row.
enum Column {
    Text(fn(&Row) -> Option<String>),
    Count(fn(&Row) -> Option<u64>),
    Real(fn(&Row) -> Option<f64>),
    Flag(fn(&Row) -> bool),
}

use Column::{Count, Flag, Real, Text};

fn own(row: &Row, flag: &str) -> bool {
    row.finding.flags.iter().any(|f| f == flag)
}

fn together(row: &Row, flag: &str) -> bool {
    own(row, flag) || row.group.is_some_and(|g| g.flags.iter().any(|f| f == flag))
}

/// The columns. `art9`, `art10` and `art87` speak of the finding itself, the flags after them of its group too.
const COLUMNS: &[(&str, Column)] = &[
    ("label", Text(|r| Some(r.inventory.run.label.clone()))),
    ("host", Text(|r| Some(r.inventory.run.host.clone()))),
    ("scanned", Text(|r| Some(r.inventory.run.started.clone()))),
    ("system", Text(|r| r.finding.system.clone())),
    ("system_owner", Text(|r| r.system.and_then(|s| s.owner.clone()))),
    ("country", Text(|r| r.system.and_then(|s| s.country.clone()))),
    ("processor", Text(|r| r.system.and_then(|s| s.processor.clone()))),
    ("path", Text(|r| Some(r.finding.path.clone()))),
    ("members", Text(|r| Some(r.finding.members.join(" › ")))),
    ("table", Text(|r| r.finding.table.clone())),
    ("field", Text(|r| r.finding.field.clone())),
    ("category", Text(|r| Some(r.finding.category.clone()))),
    ("detector", Text(|r| Some(r.finding.detector.clone()))),
    ("confidence", Text(|r| Some(r.finding.confidence.as_str().to_owned()))),
    ("certainty", Real(|r| Some(r.finding.certainty))),
    ("matches", Count(|r| Some(r.finding.matches))),
    ("distinct", Count(|r| Some(r.finding.distinct))),
    ("distinct_is_estimate", Flag(|r| r.finding.distinct_is_estimate)),
    ("rows", Count(|r| r.finding.rows)),
    ("share", Real(|r| r.finding.share)),
    ("first", Count(|r| Some(r.finding.first))),
    ("severity", Text(|r| Some(r.finding.severity.as_str().to_owned()))),
    ("flags", Text(|r| Some(r.finding.flags.join(";")))),
    ("art9", Flag(|r| own(r, "art9"))),
    ("art10", Flag(|r| own(r, "art10"))),
    ("art87", Flag(|r| own(r, "art87"))),
    ("credentials", Flag(|r| own(r, "credentials"))),
    ("test_data", Flag(|r| own(r, "test_data"))),
    ("children", Flag(|r| together(r, "children"))),
    ("many_subjects", Flag(|r| together(r, "many_subjects"))),
    ("outside_eea", Flag(|r| together(r, "outside_eea"))),
    ("third_country_access", Flag(|r| together(r, "third_country_access"))),
    ("personal_area", Text(|r| r.file.and_then(|f| f.personal_area.clone()))),
    ("subjects", Count(|r| r.group.and_then(|g| g.subjects))),
    ("oldest", Text(|r| r.group.and_then(|g| g.oldest.clone()))),
    ("newest", Text(|r| r.group.and_then(|g| g.newest.clone()))),
    ("owner", Text(|r| r.file.and_then(|f| f.owner.clone()))),
    ("mode", Text(|r| r.file.and_then(|f| f.mode.clone()))),
    ("readable_by", Text(|r| r.file.and_then(|f| Some(f.readable_by?.as_str().to_owned())))),
    ("modified", Text(|r| r.file.and_then(|f| f.modified.clone()))),
    ("duplicate_set", Text(|r| r.file.and_then(|f| f.duplicate_set.clone()))),
    ("group_id", Text(|r| r.group.map(|g| g.id.clone()))),
    ("id", Text(|r| Some(r.finding.id.clone()))),
    ("path_b64", Text(|r| r.finding.path_b64.clone())),
];

/// Writes the findings as a Parquet file.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let bytes = file(inventory).map_err(|e| io::Error::other(e.to_string()))?;
    out.write_all(&bytes)
}

fn file(inventory: &Inventory) -> Result<Vec<u8>, ParquetError> {
    let rows: Vec<Row> = asset::assets(inventory).flat_map(|a| rows(inventory, &a)).collect();
    let schema = Arc::new(parse_message_type(&message())?);
    let options = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(options))?;
    for rows in rows.chunks(ROWS) {
        let mut row_group = writer.next_row_group()?;
        for (_, cell) in COLUMNS {
            if let Some(mut column) = row_group.next_column()? {
                write_column(rows, cell, &mut column)?;
                column.close()?;
            }
        }
        row_group.close()?;
    }
    writer.into_inner()
}

fn rows<'a>(inventory: &'a Inventory, asset: &Asset<'a>) -> Vec<Row<'a>> {
    let row = |finding| Row {
        inventory,
        finding,
        group: asset.group,
        file: asset.file,
        system: asset.system,
    };
    asset.findings.iter().map(row).collect()
}

/// The file's schema: every column may be null, so that a reader needs no version of ours.
fn message() -> String {
    let line = |(name, column): &(&str, Column)| match column {
        Text(_) => format!("optional binary {name} (UTF8);"),
        Count(_) => format!("optional int64 {name};"),
        Real(_) => format!("optional double {name};"),
        Flag(_) => format!("optional boolean {name};"),
    };
    format!("message inventory {{ {} }}", COLUMNS.iter().map(line).collect::<String>())
}

fn write_column(
    rows: &[Row],
    column: &Column,
    out: &mut SerializedColumnWriter,
) -> Result<(), ParquetError> {
    match (column, out.untyped()) {
        (Text(cell), ColumnWriter::ByteArrayColumnWriter(out)) => {
            put(out, rows.iter().map(|r| cell(r).map(|text| ByteArray::from(text.into_bytes()))))
        }
        (Count(cell), ColumnWriter::Int64ColumnWriter(out)) => {
            put(out, rows.iter().map(|r| cell(r).map(|n| i64::try_from(n).unwrap_or(i64::MAX))))
        }
        (Real(cell), ColumnWriter::DoubleColumnWriter(out)) => put(out, rows.iter().map(cell)),
        (Flag(cell), ColumnWriter::BoolColumnWriter(out)) => {
            put(out, rows.iter().map(|r| Some(cell(r))))
        }
        _ => Err(ParquetError::General("a column is not of its type".to_owned())),
    }
}

/// Writes cells, of which null ones have definition level 0.
fn put<T: DataType>(
    out: &mut ColumnWriterImpl<'_, T>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    out.write_batch(&values, Some(&levels), None).map(drop)
}

#[cfg(test)]
mod tests {
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use ::parquet::record::RowAccessor as _;
    use bytes::Bytes;

    use super::super::sample;
    use super::*;

    #[test]
    fn a_row_tells_who_can_read_it() {
        let mut bytes = Vec::new();
        write(&sample::small(), &mut bytes).unwrap();
        let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 5);
        let at = |name: &str| COLUMNS.iter().position(|c| c.0 == name).unwrap();
        let exposed: Vec<_> = rows
            .iter()
            .filter(|r| r.get_bool(at("art9")).unwrap())
            .filter(|r| r.get_string(at("readable_by")).unwrap() == "everyone")
            .map(|r| r.get_string(at("field")).unwrap().clone())
            .collect();
        assert_eq!(exposed, ["Diagnose"]);
        assert!(rows[0].get_string(at("owner")).is_err(), "not known, so null");
        assert!(rows[4].get_bool(at("many_subjects")).unwrap(), "a flag of its group");
        assert_eq!(rows[4].get_long(at("matches")).unwrap(), 1204);
    }
}
