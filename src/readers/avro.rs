//! Avro object container files: every leaf of a record is a field, by its path. The writer's schema stands in the file.
//!
//! Apache Avro 1.12 Specification. Records are decoded here: a library would make a tree of every one of them, and our
//! limits are ours to keep.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use serde_json::Value;

use super::{Format, Stop, compressed};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::{Sink, SlotId};

/// Avro files.
pub static FORMAT: Format = Format {
    id: "avro",
    name: "Avro files, nested fields and all codecs",
    extensions: &["avro"],
    fields: "field path",
    isolated: true,
    beside: &[],
    sniff: |head| head.bytes.starts_with(MAGIC),
    read,
};

const MAGIC: &[u8] = b"Obj\x01";
/// Bytes that part blocks.
const SYNC: usize = 16;
/// Longest text or block.
const LONGEST: usize = 256 << 20;
/// Records and arrays within each other.
const DEEPEST: usize = 64;
/// Values that any file may hold, and how many per byte of a block: some take no room.
const VALUES: u64 = 10_000_000;
const VALUES_PER_BYTE: u64 = 16;

const CUT: Stop = Stop::Malformed("the data ends within a value");
const NO_SCHEMA: Stop = Stop::Malformed("the schema in its header is not understood");

/// A type of the schema. Others are named by their numbers, since a record may hold more of its own kind.
enum Type {
    Null,
    Boolean,
    /// A number, and how it is to be read.
    Integer(Meaning),
    Float,
    Double,
    /// Bytes that may be text.
    Bytes,
    Fixed(usize),
    /// Bytes that are no text, of this length where it is fixed.
    Decimal(Option<usize>),
    Enum(Vec<String>),
    Array(usize),
    Map(usize),
    Union(Vec<usize>),
    Record(Vec<(String, usize)>),
}

/// What an integer stands for.
#[derive(Clone, Copy)]
enum Meaning {
    Number,
    Days,
    /// So many in a second.
    Time(i64),
}

/// All types of a schema, by their numbers.
#[derive(Default)]
struct Schema {
    types: Vec<Type>,
    named: HashMap<String, usize>,
}

impl Schema {
    fn add(&mut self, kind: Type) -> usize {
        self.types.push(kind);
        self.types.len() - 1
    }

    /// Takes in what JSON tells of a type.
    fn take(&mut self, told: &Value, space: &str) -> Option<usize> {
        match told {
            Value::String(name) => self.called(name, None, space),
            Value::Array(some) => {
                let some = some.iter().map(|one| self.take(one, space)).collect::<Option<_>>()?;
                Some(self.add(Type::Union(some)))
            }
            Value::Object(parts) => match parts.get("type")? {
                Value::String(name) => self.called(name, Some(told), space),
                inner => self.take(inner, space),
            },
            _ => None,
        }
    }

    /// The type of this name, with what else is told of it.
    fn called(&mut self, name: &str, told: Option<&Value>, space: &str) -> Option<usize> {
        let part = |key: &str| told.and_then(|told| told.get(key));
        let logical = part("logicalType").and_then(Value::as_str).unwrap_or("");
        let kind = match name {
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "int" | "long" => Type::Integer(match logical {
                "date" => Meaning::Days,
                "timestamp-millis" | "local-timestamp-millis" => Meaning::Time(1000),
                "timestamp-micros" | "local-timestamp-micros" => Meaning::Time(1_000_000),
                "timestamp-nanos" | "local-timestamp-nanos" => Meaning::Time(1_000_000_000),
                _ => Meaning::Number,
            }),
            "float" => Type::Float,
            "double" => Type::Double,
            "bytes" if logical == "decimal" => Type::Decimal(None),
            "bytes" | "string" => Type::Bytes,
            "array" => Type::Array(self.take(part("items")?, space)?),
            "map" => Type::Map(self.take(part("values")?, space)?),
            "record" | "error" | "enum" | "fixed" => return self.named(name, told?, space),
            other => {
                let known = |name: &str| self.named.get(name).copied();
                return known(&format!("{space}.{other}")).or_else(|| known(other));
            }
        };
        Some(self.add(kind))
    }

    /// A type that others may name.
    fn named(&mut self, kind: &str, told: &Value, space: &str) -> Option<usize> {
        let name = told.get("name")?.as_str()?;
        let (space, name) = match (name.rsplit_once('.'), told.get("namespace")) {
            (Some((space, name)), _) => (space, name),
            (None, Some(space)) => (space.as_str()?, name),
            (None, None) => (space, name),
        };
        let number = self.add(Type::Null);
        let full = if space.is_empty() { name.to_owned() } else { format!("{space}.{name}") };
        self.named.insert(full, number);
        let length = || usize::try_from(told.get("size")?.as_u64()?).ok();
        self.types[number] = match kind {
            "enum" => {
                let symbols = told.get("symbols")?.as_array()?.iter();
                Type::Enum(symbols.map(|s| s.as_str().map(str::to_owned)).collect::<Option<_>>()?)
            }
            "fixed" if told.get("logicalType").is_some_and(|t| t == "decimal") => {
                Type::Decimal(Some(length()?))
            }
            "fixed" => Type::Fixed(length()?),
            _ => {
                let fields = told.get("fields")?.as_array()?.iter();
                let field = |field: &Value| {
                    let name = field.get("name")?.as_str()?.to_owned();
                    Some((name, self.take(field.get("type")?, space)?))
                };
                Type::Record(fields.map(field).collect::<Option<_>>()?)
            }
        };
        Some(number)
    }
}

fn byte(source: &mut Source) -> Result<u8, Stop> {
    let byte = *source.peek(1)?.first().ok_or(CUT)?;
    source.consume(1);
    Ok(byte)
}

/// An integer in seven bits a byte, its sign in the lowest.
fn long(source: &mut Source) -> Result<i64, Stop> {
    let mut bits = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = byte(source)?;
        bits |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok((bits >> 1).cast_signed() ^ -((bits & 1).cast_signed()));
        }
    }
    Err(Stop::Malformed("a number has too many bytes"))
}

/// So many bytes.
fn bytes(source: &mut Source, length: usize) -> Result<&[u8], Stop> {
    if length > LONGEST {
        return Err(Stop::Malformed("a value is longer than any honest one"));
    }
    source.peek(length)?.get(..length).ok_or(CUT)
}

/// The length of what comes next.
fn length(source: &mut Source) -> Result<usize, Stop> {
    usize::try_from(long(source)?).map_err(|_| Stop::Malformed("a length is negative"))
}

/// How many come next in an array or map; none at its end.
fn count(source: &mut Source) -> Result<u64, Stop> {
    let count = long(source)?;
    if count < 0 {
        // How many bytes they take, for those who pass over them.
        long(source)?;
    }
    Ok(count.unsigned_abs())
}

/// What the header tells by name.
fn header(source: &mut Source) -> Result<HashMap<String, Vec<u8>>, Stop> {
    source.consume(MAGIC.len());
    let mut told = HashMap::new();
    loop {
        let parts = count(source)?;
        if parts == 0 {
            break;
        }
        for _ in 0..parts {
            let mut text = || -> Result<Vec<u8>, Stop> {
                let length = length(source)?;
                let text = bytes(source, length)?.to_vec();
                source.consume(length);
                Ok(text)
            };
            let (name, value) = (text()?, text()?);
            told.insert(String::from_utf8_lossy(&name).into_owned(), value);
        }
    }
    Ok(told)
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let told = header(source)?;
    let text = told.get("avro.schema").map_or(&[][..], Vec::as_slice);
    let json: Value = serde_json::from_slice(text).map_err(|_| NO_SCHEMA)?;
    let mut schema = Schema::default();
    let root = schema.take(&json, "").ok_or(NO_SCHEMA)?;
    let codec = told.get("avro.codec").map_or(&b"null"[..], Vec::as_slice);
    let sync = bytes(source, SYNC)?.to_vec();
    source.consume(SYNC);
    let mut rows =
        Rows { schema, slots: HashMap::new(), path: String::new(), row: 0, left: VALUES };
    while !source.peek(1)?.is_empty() {
        let (records, length) = (count(source)?, length(source)?);
        let packed = bytes(source, length)?;
        rows.left = rows.left.saturating_add(VALUES_PER_BYTE.saturating_mul(length as u64));
        let Some(mut block) = unpacked(codec, packed, sink)? else {
            sink.note(Reason::UnsupportedFormat, "Avro file whose codec is not known");
            return Ok(());
        };
        source.consume(length);
        for _ in 0..records {
            rows.row += 1;
            rows.value(root, 0, &mut block, sink)?;
        }
        if let Some(e) = block.failure() {
            return Err(Stop::Io(e));
        }
        if bytes(source, SYNC)? != sync {
            return Err(Stop::Malformed("a block does not end where it should"));
        }
        source.consume(SYNC);
    }
    Ok(())
}

/// The content of a block; `None` when it is packed in a way that is not known.
fn unpacked(codec: &[u8], packed: &[u8], sink: &Sink<'_>) -> Result<Option<Source>, Stop> {
    let bytes = Cursor::new(packed.to_vec());
    let read: Box<dyn Read + Send> = match codec {
        b"null" => Box::new(bytes),
        b"deflate" => Box::new(flate2::read::DeflateDecoder::new(bytes)),
        b"snappy" => {
            // A checksum stands behind it.
            let packed = packed.len().checked_sub(4).map(|end| &packed[..end]).ok_or(CUT)?;
            Box::new(Cursor::new(compressed::unsnapped(packed, LONGEST)?))
        }
        b"zstandard" | b"bzip2" | b"xz" => {
            compressed::unpacked(Source::from_bytes(packed.to_vec()))?
        }
        _ => return Ok(None),
    };
    Ok(Some(sink.meter().source(read)))
}

/// The records, as they are handed on.
struct Rows {
    schema: Schema,
    slots: HashMap<String, SlotId>,
    /// The way to the value at hand.
    path: String,
    row: u64,
    /// Values that may still come.
    left: u64,
}

impl Rows {
    /// Reads a value of this type, and hands on what stands in it.
    fn value(
        &mut self,
        kind: usize,
        depth: usize,
        data: &mut Source,
        sink: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        if depth > DEEPEST || self.left == 0 {
            return Err(Stop::Malformed("more values, or deeper ones, than any honest file has"));
        }
        self.left -= 1;
        let text = match &self.schema.types[kind] {
            Type::Null => return Ok(()),
            Type::Boolean => (byte(data)? != 0).to_string(),
            Type::Integer(meaning) => meaning.text(long(data)?),
            Type::Float => {
                let number = bytes(data, 4)?.first_chunk().map(|b| f32::from_le_bytes(*b));
                data.consume(4);
                number.unwrap_or(0.0).to_string()
            }
            Type::Double => {
                let number = bytes(data, 8)?.first_chunk().map(|b| f64::from_le_bytes(*b));
                data.consume(8);
                number.unwrap_or(0.0).to_string()
            }
            Type::Bytes => {
                let length = length(data)?;
                return self.bytes(length, data, sink);
            }
            Type::Fixed(length) => return self.bytes(*length, data, sink),
            Type::Decimal(fixed) => {
                let length = fixed.map_or_else(|| length(data), Ok)?;
                bytes(data, length)?;
                data.consume(length);
                return Ok(());
            }
            Type::Enum(symbols) => {
                symbols.get(length(data)?).cloned().ok_or(Stop::Malformed("no such symbol"))?
            }
            Type::Union(some) => {
                let one = length(data)?;
                let one = *some.get(one).ok_or(Stop::Malformed("no such branch of a union"))?;
                return self.value(one, depth + 1, data, sink);
            }
            Type::Array(items) => return self.items(*items, false, depth, data, sink),
            Type::Map(values) => return self.items(*values, true, depth, data, sink),
            Type::Record(fields) => {
                for at in 0..fields.len() {
                    self.field(kind, at, depth, data, sink)?;
                }
                return Ok(());
            }
        };
        let slot = self.slot(sink);
        sink.value(slot, self.row, text.as_bytes());
        Ok(())
    }

    fn field(
        &mut self,
        record: usize,
        at: usize,
        depth: usize,
        data: &mut Source,
        sink: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        let Type::Record(fields) = &self.schema.types[record] else { return Ok(()) };
        let (before, (name, kind)) = (self.path.len(), &fields[at]);
        let kind = *kind;
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        self.value(kind, depth + 1, data, sink)?;
        self.path.truncate(before);
        Ok(())
    }

    /// Reads the values of an array, or of a map with their keys. Keys are values as well: many a map is one from
    /// persons to something.
    fn items(
        &mut self,
        kind: usize,
        has_keys: bool,
        depth: usize,
        data: &mut Source,
        sink: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        let before = self.path.len();
        loop {
            let items = count(data)?;
            if items == 0 {
                return Ok(());
            }
            for _ in 0..items {
                if has_keys {
                    self.path.push_str(".key");
                    let length = length(data)?;
                    self.bytes(length, data, sink)?;
                    self.path.truncate(before);
                }
                self.path.push_str(if has_keys { ".value" } else { "[]" });
                self.value(kind, depth + 1, data, sink)?;
                self.path.truncate(before);
            }
        }
    }

    /// Hands on bytes that are text.
    fn bytes(&mut self, length: usize, data: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
        let slot = self.slot(sink);
        let text = bytes(data, length)?;
        if std::str::from_utf8(text).is_ok() {
            sink.value(slot, self.row, text);
        }
        data.consume(length);
        Ok(())
    }

    fn slot(&mut self, sink: &mut Sink<'_>) -> SlotId {
        if let Some(slot) = self.slots.get(&self.path) {
            return *slot;
        }
        let name = if self.path.is_empty() { "value" } else { &self.path };
        let slot = sink.slot(None, Some(name));
        self.slots.insert(self.path.clone(), slot);
        slot
    }
}

impl Meaning {
    /// The number in the form that people write.
    fn text(self, number: i64) -> String {
        let plain = || number.to_string();
        match self {
            Meaning::Number => plain(),
            Meaning::Days => {
                let span = jiff::Span::new().try_days(number).ok();
                let date = span.and_then(|s| jiff::civil::date(1970, 1, 1).checked_add(s).ok());
                date.map_or_else(plain, |date| date.to_string())
            }
            Meaning::Time(per_second) => {
                jiff::Timestamp::from_second(number.div_euclid(per_second))
                    .map_or_else(|_| plain(), |time| time.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drive::testing::read as run;
    use super::*;

    const SCHEMA: &str = r#"{"type":"record","name":"Person","namespace":"a.b","fields":[
        {"name":"name","type":"string"},
        {"name":"email","type":["null","string"]},
        {"name":"born","type":{"type":"int","logicalType":"date"}},
        {"name":"kind","type":{"type":"enum","name":"Kind","symbols":["STAFF","GUEST"]}},
        {"name":"phones","type":{"type":"array","items":"string"}},
        {"name":"boss","type":["null","Person"]},
        {"name":"notes","type":{"type":"map","values":"string"}},
        {"name":"pay","type":{"type":"bytes","logicalType":"decimal","precision":9}}]}"#;

    fn int(n: i64) -> Vec<u8> {
        let mut bits = ((n << 1) ^ (n >> 63)).cast_unsigned();
        let mut bytes = Vec::new();
        while bits >= 0x80 {
            bytes.push((bits & 0x7F) as u8 | 0x80);
            bits >>= 7;
        }
        bytes.push(bits as u8);
        bytes
    }

    fn text(t: &str) -> Vec<u8> {
        [int(t.len() as i64), t.into()].concat()
    }

    fn person(name: &str, email: Option<&str>, boss: Option<&[u8]>) -> Vec<u8> {
        [
            text(name),
            email.map_or(int(0), |email| [int(1), text(email)].concat()),
            int(3682),
            int(1),
            [int(-1), int(12), text("+4722334455"), int(0)].concat(),
            boss.map_or(int(0), |boss| [int(1), boss.to_vec()].concat()),
            [int(1), text("desk"), text("3 B"), int(0)].concat(),
            [int(2), vec![1, 2]].concat(),
        ]
        .concat()
    }

    fn file(schema: &str, codec: &str, blocks: &[(i64, Vec<u8>)]) -> Vec<u8> {
        let sync = [7; SYNC];
        let meta = [int(2), text("avro.schema"), text(schema), text("avro.codec"), text(codec)];
        let mut bytes = [MAGIC.to_vec(), meta.concat(), int(0), sync.to_vec()].concat();
        for (count, data) in blocks {
            bytes.extend([int(*count), int(data.len() as i64), data.clone(), sync.into()].concat());
        }
        bytes
    }

    fn packed(codec: &str, data: &[u8]) -> Vec<u8> {
        match codec {
            "deflate" => {
                let level = flate2::Compression::fast();
                let mut out = Vec::new();
                flate2::read::DeflateEncoder::new(data, level).read_to_end(&mut out).unwrap();
                out
            }
            "snappy" => {
                let packed = snap::raw::Encoder::new().compress_vec(data).unwrap();
                [packed, vec![0; 4]].concat()
            }
            "zstandard" => zstd::encode_all(data, 1).unwrap(),
            _ => data.to_vec(),
        }
    }

    #[test]
    fn fields_are_told_by_their_paths() {
        let boss = person("Siv Lie", Some("siv@example.org"), None);
        let all = [person("Kari Nordmann", None, Some(&boss)), boss.clone()].concat();
        for codec in ["null", "deflate", "snappy", "zstandard"] {
            let bytes = file(SCHEMA, codec, &[(2, packed(codec, &all)), (1, packed(codec, &boss))]);
            let (all, why, _) = run(&bytes, FORMAT.read);
            assert_eq!(why, None, "{codec}");
            let column = |name| all.field(None, name);
            let names = column("name").into_iter().map(|(_, name)| name).collect::<Vec<_>>();
            assert_eq!(names, ["Kari Nordmann", "Siv Lie", "Siv Lie"]);
            assert_eq!(column("boss.email"), [(1, "siv@example.org".to_owned())]);
            assert_eq!(column("born")[0].1, "1980-01-31");
            assert_eq!(column("kind")[0].1, "GUEST");
            assert_eq!(column("phones[]").len(), 3);
            assert_eq!(column("notes.key")[2], (3, "desk".to_owned()));
            assert_eq!(column("notes.value")[0].1, "3 B");
            assert!(column("pay").is_empty());
        }
    }

    #[test]
    fn what_is_broken_or_made_to_hurt_ends() {
        let one = person("Kari Nordmann", None, None);
        let whole = file(SCHEMA, "null", &[(1, one.clone()), (1, one)]);
        for n in 4..whole.len() {
            let (all, why, _) = run(&whole[..n], FORMAT.read);
            // Between two blocks nothing is missing.
            assert!(why.is_some() || all.field(None, "name").len() < 2, "{n}");
        }
        let endless = r#"{"type":"array","items":"null"}"#;
        let bomb = file(endless, "null", &[(1, [int(1 << 60), int(0)].concat())]);
        assert!(run(&bomb, FORMAT.read).1.is_some());
        let deep = r#"{"type":"record","name":"A","fields":[{"name":"a","type":["null","A"]}]}"#;
        let deep = file(deep, "null", &[(1, int(1).repeat(10_000))]);
        assert!(run(&deep, FORMAT.read).1.is_some());
        let itself = r#"{"type":"record","name":"A","fields":[{"name":"a","type":"A"}]}"#;
        assert!(run(&file(itself, "null", &[(1, vec![])]), FORMAT.read).1.is_some());
        let (all, ..) = run(&file("\"string\"", "lzo", &[(1, text("x"))]), FORMAT.read);
        assert!(!all.notes.is_empty());
    }
}
