//! Parquet files: every leaf column as a field, nested ones by their path, read column by column in batches.

use std::io::{self, Read};

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, DataType, FixedLenByteArray, Int96};
use ::parquet::errors::{ParquetError, Result as ParquetResult};
use ::parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;
use bytes::Bytes;

use super::{Format, Stop};
use crate::meter::Meter;
use crate::note::Reason;
use crate::source::{Random, Section, Source};
use crate::unit::{Sink, SlotId};

/// Parquet files.
pub static FORMAT: Format = Format {
    id: "parquet",
    name: "Parquet files, nested columns and all codecs",
    extensions: &["parquet", "parq"],
    fields: "column path",
    isolated: true,
    beside: &[],
    sniff: |head| head.bytes.starts_with(b"PAR1"),
    read,
};

/// Records that are read at once.
const BATCH: usize = 1024;
/// Longest stretch that is read at once: no page or footer of an honest file is longer.
const LONGEST: usize = 256 << 20;
/// Values that any file may hold, and how many per byte of bigger ones: runs of one value take no room.
const VALUES: u64 = 10_000_000;
const VALUES_PER_BYTE: u64 = 16;
/// Values equal to the one before them in their column, likewise: a run of one value says nothing new.
const REPEATS: u64 = 1_000_000;
const REPEATS_PER_BYTE: u64 = 2;

/// What a file has left.
struct Left {
    values: u64,
    repeats: u64,
    /// Whether repeats were passed over.
    passed_over: bool,
}

impl Left {
    fn of(size: u64) -> Left {
        Left {
            values: VALUES.max(size.saturating_mul(VALUES_PER_BYTE)),
            repeats: REPEATS.max(size.saturating_mul(REPEATS_PER_BYTE)),
            passed_over: false,
        }
    }

    /// Whether one more repeat of a value is handed on.
    fn repeat(&mut self) -> bool {
        self.passed_over |= self.repeats == 0;
        let one = self.repeats.min(1);
        self.repeats -= one;
        one == 1
    }
}

struct File(Random);

impl Length for File {
    fn len(&self) -> u64 {
        self.0.size()
    }
}

impl ChunkReader for File {
    type T = Section;

    fn get_read(&self, start: u64) -> ParquetResult<Section> {
        Ok(self.0.section(start, u64::MAX))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let there = self.0.size().saturating_sub(start);
        if length > LONGEST || length as u64 > there {
            return Err(ParquetError::EOF("the file is shorter".to_owned()));
        }
        let mut bytes = vec![0; length];
        self.0.section(start, length as u64).read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let broken = |_| Stop::Malformed("the footer of the Parquet file is missing or damaged");
    let random = source.random()?;
    let mut left = Left::of(random.size());
    let file = SerializedFileReader::new(File(random)).map_err(broken)?;
    let meter = sink.meter();
    let mut first = 1;
    for group in 0..file.num_row_groups() {
        let Ok(group) = file.get_row_group(group) else {
            sink.note(Reason::Malformed, "a row group of the Parquet file is damaged");
            continue;
        };
        for i in 0..group.num_columns() {
            let descriptor = group.metadata().column(i).column_descr_ptr();
            let slot = sink.slot(None, Some(&path(&descriptor)));
            let column = Column { descriptor: &descriptor, slot, first, meter: &meter };
            let done = match group.get_column_reader(i) {
                Ok(reader) => column.read(reader, &mut left, sink),
                Err(e) => Err(e.into()),
            };
            match done {
                Ok(()) => {}
                Err(Fault::Broken) => {
                    sink.note(Reason::Malformed, "a column of the Parquet file is damaged");
                }
                Err(Fault::Many) => {
                    sink.note(Reason::Budget, "more values than a file of this size may hold");
                    return Ok(());
                }
                Err(Fault::Io(e)) => return Err(Stop::Io(e)),
            }
        }
        first += u64::try_from(group.metadata().num_rows()).unwrap_or(0);
    }
    if left.passed_over {
        sink.note(Reason::Budget, "repeats of one value beyond the budget are not counted");
    }
    Ok(())
}

/// The path of a column as people write it: the lists' and maps' own levels are left out.
fn path(descriptor: &ColumnDescriptor) -> String {
    let parts = descriptor.path().parts();
    let own = |at: usize, part: &str| {
        let level = matches!(part, "list" | "bag" | "key_value");
        let item = matches!(part, "element" | "item" | "array_element" | "array");
        at > 0 && (level || (item && at + 1 == parts.len()))
    };
    let kept = parts.iter().enumerate().filter(|(i, p)| !own(*i, p)).map(|(_, p)| p.as_str());
    kept.collect::<Vec<_>>().join(".")
}

enum Fault {
    Broken,
    /// More values than the budget allows.
    Many,
    Io(io::Error),
}

impl From<ParquetError> for Fault {
    fn from(_: ParquetError) -> Fault {
        Fault::Broken
    }
}

/// A column of one row group, and where its values go.
struct Column<'c> {
    descriptor: &'c ColumnDescriptor,
    slot: SlotId,
    /// Row number of its first record.
    first: u64,
    meter: &'c Meter,
}

impl Column<'_> {
    fn read(
        &self,
        reader: ColumnReader,
        left: &mut Left,
        sink: &mut Sink<'_>,
    ) -> Result<(), Fault> {
        match reader {
            ColumnReader::BoolColumnReader(r) => {
                self.values(r, left, sink, |v| v.to_string().into())
            }
            ColumnReader::Int32ColumnReader(r) => {
                self.values(r, left, sink, |v| self.whole(i64::from(*v)).into())
            }
            ColumnReader::Int64ColumnReader(r) => {
                self.values(r, left, sink, |v| self.whole(*v).into())
            }
            ColumnReader::Int96ColumnReader(r) => {
                self.values(r, left, sink, |v: &Int96| time(v.to_millis(), 1000).into())
            }
            ColumnReader::FloatColumnReader(r) => {
                self.values(r, left, sink, |v| v.to_string().into())
            }
            ColumnReader::DoubleColumnReader(r) => {
                self.values(r, left, sink, |v| v.to_string().into())
            }
            ColumnReader::ByteArrayColumnReader(r) => {
                self.values(r, left, sink, |v: &ByteArray| self.bytes(v.data()))
            }
            ColumnReader::FixedLenByteArrayColumnReader(r) => {
                self.values(r, left, sink, |v: &FixedLenByteArray| self.bytes(v.data()))
            }
        }
    }

    fn values<T: DataType>(
        &self,
        mut reader: ColumnReaderImpl<T>,
        left: &mut Left,
        sink: &mut Sink<'_>,
        text: impl Fn(&T::T) -> Vec<u8>,
    ) -> Result<(), Fault> {
        let (mut defined, mut repeated, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let most = self.descriptor.max_def_level();
        let (mut row, mut last) = (self.first, Vec::new());
        loop {
            defined.clear();
            repeated.clear();
            values.clear();
            self.meter.check().map_err(|e| Fault::Io(io::Error::other(e)))?;
            let (records, _, levels) =
                reader.read_records(BATCH, Some(&mut defined), Some(&mut repeated), &mut values)?;
            if records == 0 && levels == 0 {
                return Ok(());
            }
            left.values = left.values.checked_sub(levels as u64).ok_or(Fault::Many)?;
            let mut next = values.iter();
            for i in 0..levels {
                // Level 0 starts a record; columns without levels have one value in each.
                if i > 0 && repeated.get(i).is_none_or(|r| *r == 0) {
                    row += 1;
                }
                let there = defined.get(i).is_none_or(|d| *d == most);
                let value = there.then(|| next.next()).flatten();
                let value = value.map(&text).unwrap_or_default();
                if value != last || value.is_empty() || left.repeat() {
                    sink.value(self.slot, row, &value);
                }
                last = value;
            }
            row += 1;
        }
    }

    /// A whole number by what the schema says it stands for.
    fn whole(&self, n: i64) -> String {
        match (self.descriptor.logical_type_ref(), self.descriptor.converted_type()) {
            (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => {
                time(n.saturating_mul(86_400), 1).chars().take(10).collect()
            }
            (Some(LogicalType::Timestamp(t)), _) => time(n, per_second(&t.unit)),
            (None, ConvertedType::TIMESTAMP_MILLIS) => time(n, 1000),
            (None, ConvertedType::TIMESTAMP_MICROS) => time(n, 1_000_000),
            (Some(LogicalType::Decimal(_)), _) | (None, ConvertedType::DECIMAL) => {
                scaled(i128::from(n), self.descriptor.type_scale())
            }
            _ => n.to_string(),
        }
    }

    fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let decimal = matches!(self.descriptor.converted_type(), ConvertedType::DECIMAL);
        if decimal && (1..=16).contains(&bytes.len()) {
            let start = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
            let n = bytes.iter().fold(start, |n: i128, b| n << 8 | i128::from(*b));
            return scaled(n, self.descriptor.type_scale()).into();
        }
        let uuid = matches!(self.descriptor.logical_type_ref(), Some(LogicalType::Uuid));
        if uuid && self.descriptor.physical_type() == Type::FIXED_LEN_BYTE_ARRAY {
            return bytes.iter().map(|b| format!("{b:02x}")).collect::<String>().into();
        }
        bytes.to_vec()
    }
}

fn per_second(unit: &TimeUnit) -> i64 {
    match unit {
        TimeUnit::MILLIS => 1000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    }
}

/// A point in time as date and time, for units that go so often into a second; at midnight the date alone.
pub(super) fn time(n: i64, per_second: i64) -> String {
    match jiff::Timestamp::from_second(n.div_euclid(per_second)) {
        Ok(at) => {
            let text = at.to_string();
            let text = text.trim_end_matches('Z').replace('T', " ");
            text.strip_suffix(" 00:00:00").map_or(text.clone(), str::to_owned)
        }
        Err(_) => n.to_string(),
    }
}

/// A decimal number with so many digits behind the point.
fn scaled(n: i128, scale: i32) -> String {
    let scale = usize::try_from(scale).unwrap_or(0).min(38);
    let digits = format!("{:0>1$}", n.unsigned_abs(), scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let sign = if n < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::parquet::data_type::{ByteArrayType, Int32Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;

    use super::*;
    use crate::unit::testing::Collected;

    fn file() -> Vec<u8> {
        let schema = "message people {
            optional binary name (UTF8);
            required int32 born (DATE);
            optional group phones (LIST) { repeated group list { optional binary element (UTF8); } }
        }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
        let text = |list: &[&str]| list.iter().map(|t| ByteArray::from(*t)).collect::<Vec<_>>();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let names = text(&["Kari", "Ola"]);
        column.typed::<ByteArrayType>().write_batch(&names, Some(&[1, 0, 1]), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int32Type>().write_batch(&[0, 3652, -1], None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let phones = text(&["1", "2", "3"]);
        let (defined, repeated) = ([3, 3, 0, 3], [0, 1, 0, 0]);
        column
            .typed::<ByteArrayType>()
            .write_batch(&phones, Some(&defined), Some(&repeated))
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        bytes
    }

    fn collect(bytes: Vec<u8>) -> Collected {
        let mut collected = Collected::default();
        crate::sniff::file(Source::from_bytes(bytes), "x", 0, &mut collected);
        collected
    }

    #[test]
    fn nested_and_empty_values_keep_their_rows() {
        let c = collect(file());
        assert!(c.notes.is_empty(), "{:?}", c.notes);
        let rows = |field| c.field(None, field);
        let row = |n: u64, text: &str| (n, text.to_owned());
        assert_eq!(rows("name"), [row(1, "Kari"), row(2, ""), row(3, "Ola")]);
        assert_eq!(
            rows("born"),
            [row(1, "1970-01-01"), row(2, "1980-01-01"), row(3, "1969-12-31")]
        );
        assert_eq!(rows("phones"), [row(1, "1"), row(1, "2"), row(2, ""), row(3, "3")]);
    }

    #[test]
    fn runs_of_one_value_end() {
        let mut left = Left { values: 9, repeats: 2, passed_over: false };
        assert_eq!([left.repeat(), left.repeat(), left.passed_over], [true, true, false]);
        assert_eq!([left.repeat(), left.passed_over], [false, true]);
        assert_eq!(Left::of(0).repeats, REPEATS);
    }

    #[test]
    fn damage_is_noted() {
        let whole = file();
        for n in [5, whole.len() / 2, whole.len() - 1] {
            let c = collect(whole[..n].to_vec());
            assert!(c.notes.iter().any(|n| n.reason == Reason::Malformed));
        }
        for at in 4..whole.len() {
            let mut broken = whole.clone();
            broken[at] = broken[at].wrapping_add(101);
            assert!(collect(broken).cells.len() < 100);
        }
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(scaled(-1205, 2), "-12.05");
        assert_eq!((scaled(7, 3), scaled(7, 0)), ("0.007".to_owned(), "7".to_owned()));
        assert_eq!(time(0, 1), "1970-01-01");
        assert_eq!(time(1_000_000_000_500, 1000), "2001-09-09 01:46:40");
        assert_eq!(time(i64::MIN, 1), i64::MIN.to_string());
    }
}
