//! Tables of dBase, FoxPro and Clipper, which shape files keep their attributes in as well (dbf): each field is a column.
//! Records that are only marked as deleted are read like the others, since they are still there.
//!
//! The structure stands in "Xbase data file (*.dbf)" (Erik Bachmann, 1999) and, for FoxPro, in "Table File Structure"
//! (Microsoft Visual FoxPro 9.0).

use super::office::codepage::CodePage;
use super::{Format, Head, Stop};
use crate::source::{Encoding, Source, guess};
use crate::unit::{Sink, SlotId};

/// Tables of dBase.
pub static FORMAT: Format = Format {
    id: "dbf",
    name: "dBase and FoxPro tables, also of shape files (dbf)",
    extensions: &["dbf"],
    fields: "column",
    isolated: false,
    beside: &[],
    sniff: |head| Table::of(head).is_some(),
    read,
};

/// Bytes of the header before its fields, and those of each field.
const PART: usize = 32;
/// What ends the list of fields.
const END_OF_FIELDS: u8 = 0x0D;
/// What stands behind the last record.
const END: u8 = 0x1A;

/// How records are laid out.
struct Table {
    /// Where the first record begins.
    start: usize,
    /// Bytes of a record, the mark in front of its fields included.
    record: usize,
    /// Number of the code page (language driver).
    driver: u8,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    kind: u8,
    length: usize,
}

impl Table {
    /// The layout that these bytes tell of; fields whose lengths add up to that of a record are no chance.
    fn of(head: &Head<'_>) -> Option<Table> {
        const VERSIONS: &[u8] = &[
            0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xE5,
            0xF5, 0xFB,
        ];
        let bytes = head.bytes;
        let number = |at: usize| {
            Some(usize::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])))
        };
        let is_one =
            VERSIONS.contains(bytes.first()?) && *bytes.get(2)? <= 12 && *bytes.get(3)? <= 31;
        let (start, record) = (number(8)?, number(10)?);
        if !is_one || start <= PART || record < 2 {
            return None;
        }
        let list = bytes.get(PART..start.min(bytes.len()))?;
        let parts = list.chunks(PART).take_while(|part| part[0] != END_OF_FIELDS);
        let fields: Vec<Field> = parts.map(Field::of).collect::<Option<_>>()?;
        let has_end = list.get(fields.len() * PART) == Some(&END_OF_FIELDS);
        let sum: usize = fields.iter().map(|field| field.length).sum();
        let driver = *bytes.get(29)?;
        (has_end && sum + 1 == record).then_some(Table { start, record, driver, fields })
    }

    /// How the bytes of its texts become letters. Where the driver is not told, those of the first records tell.
    fn page(&self, records: &[u8]) -> CodePage {
        let is_dos = || {
            // Numbers in bytes are no letters.
            let letters = records.iter().map(|b| if b.is_ascii_control() { b' ' } else { *b });
            guess(&letters.collect::<Vec<_>>(), false) == Encoding::Dos
        };
        match self.driver {
            0 if is_dos() => CodePage::Dos,
            0 => CodePage::numbered(1252),
            // Those of MS-DOS differ in letters that are rare in what they were used for.
            0x01 | 0x02 | 0x08..=0x25 | 0x37 | 0x40 | 0x64 | 0x66..=0x69 => CodePage::Dos,
            0x04 => CodePage::numbered(10_000),
            0x26 | 0x65 => CodePage::numbered(866),
            0x79 => CodePage::numbered(949),
            0x7A => CodePage::numbered(936),
            0x7B => CodePage::numbered(932),
            0x7C => CodePage::numbered(874),
            0xC8 => CodePage::numbered(1250),
            0xC9 => CodePage::numbered(1251),
            0xCA => CodePage::numbered(1254),
            0xCB => CodePage::numbered(1253),
            0xCC => CodePage::numbered(1257),
            _ => CodePage::numbered(1252),
        }
    }
}

impl Field {
    fn of(part: &[u8]) -> Option<Field> {
        const KINDS: &[u8] = b"CNDLFMBGPYTI@+OVQW0";
        let (name, rest) = part.split_first_chunk::<11>()?;
        let name = name.split(|b| *b == 0).next()?.trim_ascii();
        let (kind, low, high) = (*rest.first()?, *rest.get(5)?, *rest.get(6)?);
        let is_one =
            KINDS.contains(&kind) && !name.is_empty() && !name.iter().any(u8::is_ascii_control);
        // Of texts longer than 255 bytes the higher part stands where others have their decimals.
        let length = usize::from(low) + if kind == b'C' { usize::from(high) << 8 } else { 0 };
        let name = CodePage::Dos.decode(name);
        is_one.then_some(Field { name, kind, length })
    }

    /// What stands in a field, as text.
    fn text(&self, bytes: &[u8], page: CodePage) -> Option<String> {
        let four = |at: usize| Some(i32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        match self.kind {
            b'I' | b'+' if self.length == 4 => Some(four(0)?.to_string()),
            b'T' | b'@' if self.length == 8 => day(four(0)?),
            b'B' | b'O' if self.length == 8 => {
                Some(f64::from_le_bytes(*bytes.first_chunk()?).to_string())
            }
            // Currency, sizes of texts, empty fields; texts, pictures and objects that stand in a file beside it.
            b'Y' | b'Q' | b'W' | b'0' | b'M' | b'G' | b'P' | b'B' => None,
            _ => {
                let text = bytes.split(|b| *b == 0).next().unwrap_or(bytes).trim_ascii();
                let is_text = std::str::from_utf8(text).ok().map(str::to_owned);
                Some(is_text.unwrap_or_else(|| page.decode(text)))
            }
        }
    }
}

/// The date of a Julian day.
fn day(number: i32) -> Option<String> {
    const UNIX: i32 = 2_440_588;
    let days = number.checked_sub(UNIX).filter(|_| number > 0)?;
    let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?);
    Some(date.ok()?.to_string())
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let none = Stop::Malformed("not the header of a dBase table");
    let bytes = source.peek(super::HEAD)?;
    let Some(table) = Table::of(&Head::new(bytes, true, "")) else { return Err(none) };
    let page = table.page(bytes.get(table.start..).unwrap_or_default());
    source.consume(table.start);
    let slots: Vec<SlotId> =
        table.fields.iter().map(|field| sink.slot(None, Some(&field.name))).collect();
    for row in 1.. {
        let bytes = source.peek(table.record)?;
        match bytes.first() {
            None | Some(&END) => break,
            Some(b' ' | b'*') if bytes.len() >= table.record => {}
            Some(b' ' | b'*') => return Err(Stop::Malformed("the last record is cut")),
            Some(_) => return Err(Stop::Malformed("a record does not begin as one")),
        }
        let mut rest = &bytes[1..table.record];
        for (field, slot) in table.fields.iter().zip(&slots) {
            let (value, after) = rest.split_at(field.length);
            rest = after;
            if let Some(text) = field.text(value, page) {
                sink.value(*slot, row, text.as_bytes());
            }
        }
        source.consume(table.record);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::drive::testing::read as run;
    use super::*;

    /// A table with fields of these names, kinds and lengths.
    fn table(driver: u8, fields: &[(&str, u8, u8)], records: &[&[u8]]) -> Vec<u8> {
        let length = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
        let record = 1 + fields.iter().map(|f| usize::from(f.2)).sum::<usize>();
        let mut bytes = vec![0x03, 126, 11, 29];
        bytes.extend(u32::try_from(records.len()).unwrap().to_le_bytes());
        bytes.extend(length(PART * (fields.len() + 1) + 1));
        bytes.extend(length(record));
        bytes.resize(PART, 0);
        bytes[29] = driver;
        for (name, kind, length) in fields {
            let mut part = [0; PART];
            part[..name.len()].copy_from_slice(name.as_bytes());
            (part[11], part[16]) = (*kind, *length);
            bytes.extend(part);
        }
        bytes.push(END_OF_FIELDS);
        records.iter().for_each(|record| bytes.extend_from_slice(record));
        bytes.push(END);
        bytes
    }

    #[test]
    fn fields_are_columns_deleted_records_included() {
        let day = 2_460_000_i32.to_le_bytes();
        let records: [&[u8]; 2] = [
            &[b" Kari      19800131   7", &day[..], &[0; 4]].concat(),
            &[b"*Bj\x9Brn     19750102  42", &day[..], &[0; 4]].concat(),
        ];
        let fields = [("NAVN", b'C', 10), ("FODT", b'D', 8), ("NR", b'N', 4), ("SIST", b'T', 8)];
        let bytes = table(0, &fields, &records);
        assert!((FORMAT.sniff)(&Head::new(&bytes, true, "a.dbf")));
        let (all, why, _) = run(&bytes, FORMAT.read);
        assert_eq!(why, None);
        let column = |name| all.field(None, name).into_iter().map(|(_, v)| v).collect::<Vec<_>>();
        assert_eq!(column("NAVN"), ["Kari", "Bjørn"]);
        assert_eq!(column("FODT"), ["19800131", "19750102"]);
        assert_eq!(column("NR"), ["7", "42"]);
        assert_eq!(column("SIST"), ["2023-02-24"; 2]);
    }

    #[test]
    fn letters_are_those_of_the_code_page() {
        let name = |driver, bytes: &[u8]| {
            let record = [b" ", bytes].concat();
            let length = u8::try_from(bytes.len()).unwrap();
            let bytes = table(driver, &[("NAVN", b'C', length)], &[&record]);
            run(&bytes, FORMAT.read).0.field(None, "NAVN")[0].1.clone()
        };
        assert_eq!(name(0x57, b"Bj\xF8rn"), "Bjørn");
        assert_eq!(name(0x66, b"Bj\x9Brn"), "Bjørn");
        assert_eq!(name(0xC9, b"\xC8\xE2\xE0\xED"), "Иван");
        assert_eq!(name(0, "Bjørn".as_bytes()), "Bjørn");
    }

    #[test]
    fn a_cut_table_keeps_what_it_had_and_others_are_none() {
        let records: Vec<Vec<u8>> = (0..50).map(|i| format!(" navn{i:06}").into_bytes()).collect();
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        let bytes = table(0, &[("NAVN", b'C', 10)], &records);
        let (all, why, _) = run(&bytes[..bytes.len() - 15], FORMAT.read);
        assert_eq!((all.field(None, "NAVN").len(), why), (48, Some("the last record is cut")));
        let mut other = bytes.clone();
        other[10] += 1;
        for none in [&other[..], &bytes[..60], &[3; 500], &[0x30; 400]] {
            assert!(!(FORMAT.sniff)(&Head::new(none, true, "a.dbf")));
        }
    }
}
