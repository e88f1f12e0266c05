//! HL7 version 2 messages, which hospitals exchange: each field is a field, each message a row.
//!
//! HL7 v2.5.1, chapters 2 (separators), 3 (PID, NK1, PV1), 6 (DG1, GT1, IN1) and 7 (OBX). Fields that tell of people have
//! their own names here; the others are called by segment and number (`OBX.5`).

use super::drive::Passage;
use super::lines::Lines;
use super::{Format, Head, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// HL7 version 2.
pub static FORMAT: Format = Format {
    id: "hl7",
    name: "HL7 version 2 messages",
    extensions: &["hl7"],
    fields: "segment.field",
    isolated: false,
    beside: &[],
    sniff,
    read,
};

/// How the components of a field are put together.
#[derive(Clone, Copy)]
enum Parts {
    /// As they stand, with blanks between them.
    All,
    /// The first one.
    First,
    /// Family and given name, from this component on.
    Name(usize),
}

/// Fields that tell of people: segment, number, name, components.
const TOLD: &[(&str, usize, &str, Parts)] = &[
    ("PID", 3, "patient_id", Parts::First),
    ("PID", 5, "patient_name", Parts::Name(0)),
    ("PID", 6, "mothers_maiden_name", Parts::Name(0)),
    ("PID", 7, "date_of_birth", Parts::First),
    ("PID", 8, "gender", Parts::First),
    ("PID", 9, "alias.full_name", Parts::Name(0)),
    ("PID", 10, "race_ethnicity", Parts::All),
    ("PID", 11, "address", Parts::All),
    ("PID", 13, "home_phone", Parts::First),
    ("PID", 14, "work_phone", Parts::First),
    ("PID", 16, "marital_status", Parts::First),
    ("PID", 17, "religion", Parts::First),
    ("PID", 19, "ssn", Parts::First),
    ("PID", 22, "ethnic_group", Parts::All),
    ("PID", 23, "place_of_birth", Parts::All),
    ("PID", 26, "citizenship", Parts::All),
    ("PID", 28, "nationality", Parts::All),
    ("NK1", 2, "contact_name", Parts::Name(0)),
    ("NK1", 4, "address", Parts::All),
    ("NK1", 5, "phone", Parts::First),
    ("GT1", 3, "full_name", Parts::Name(0)),
    ("GT1", 5, "address", Parts::All),
    ("GT1", 6, "phone", Parts::First),
    ("GT1", 8, "date_of_birth", Parts::First),
    ("GT1", 12, "ssn", Parts::First),
    ("IN1", 16, "full_name", Parts::Name(0)),
    ("IN1", 18, "date_of_birth", Parts::First),
    ("IN1", 19, "address", Parts::All),
    ("PV1", 7, "doctor.full_name", Parts::Name(1)),
    ("PV1", 8, "referring.full_name", Parts::Name(1)),
    ("PV1", 9, "consulting.full_name", Parts::Name(1)),
    ("PV1", 17, "admitting.full_name", Parts::Name(1)),
    ("ORC", 12, "provider.full_name", Parts::Name(1)),
    ("OBR", 16, "provider.full_name", Parts::Name(1)),
    ("DG1", 3, "diagnosis_code", Parts::All),
    ("DG1", 4, "diagnosis", Parts::All),
    ("AL1", 3, "allergies", Parts::All),
];

/// The separators that the first segment of a message declares.
#[derive(Clone, Copy)]
struct Signs {
    field: u8,
    component: u8,
    repetition: u8,
    sub: u8,
}

/// The first segment of a message or batch, and the separators in it.
fn signs(segment: &[u8]) -> Option<Signs> {
    let is_first = [&b"MSH"[..], b"BHS", b"FHS"].iter().any(|name| segment.starts_with(name));
    let [field, component, repetition, _, sub] = *segment.get(3..8)? else { return None };
    let all = [field, component, repetition, sub];
    let fits = all.iter().all(u8::is_ascii_punctuation) && segment.get(8) == Some(&field);
    (is_first && fits).then_some(Signs { field, component, repetition, sub })
}

/// A block of the lower layer protocol starts with a control byte; logs have text above and before messages.
fn sniff(head: &Head<'_>) -> bool {
    let text = head.trimmed();
    signs(text.strip_prefix(b"\x0B").unwrap_or(text)).is_some() || in_log(head.bytes)
}

/// Whether a message with the usual separators stands somewhere, behind a blank or at the start of its line, and a segment
/// of a patient or of what was found below it.
fn in_log(bytes: &[u8]) -> bool {
    const FIRST: &[u8] = b"MSH|^~\\&|";
    let Some(at) = memchr::memmem::find(bytes, FIRST) else { return false };
    let line = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let rest = &bytes[at + FIRST.len()..];
    let mut fields = memchr::memchr_iter(b'|', &rest[..rest.len().min(16 << 10)]);
    is_apart(&bytes[line..at]) && fields.any(|end| end > 3 && starts_segment(rest, end - 3, b'|'))
}

/// Segments that are known without a line of their own.
const SEGMENTS: &[&[u8]] = &[
    b"MSH", b"EVN", b"PID", b"PD1", b"NK1", b"PV1", b"PV2", b"OBR", b"OBX", b"ORC", b"DG1", b"AL1",
    b"GT1", b"IN1", b"IN2", b"IN3", b"NTE", b"MSA", b"ERR", b"QRD", b"QPD", b"RXA", b"RXE", b"RXO",
    b"SCH", b"AIG", b"AIL", b"AIP", b"TXA", b"MRG", b"ACC", b"PR1", b"ROL", b"SPM", b"FT1", b"DB1",
    b"RGS", b"TQ1", b"PDA", b"UB1", b"UB2",
];

/// Whether a known segment starts at this place of a line.
fn starts_segment(line: &[u8], at: usize, field: u8) -> bool {
    line.get(at + 3) == Some(&field)
        && SEGMENTS.contains(&&line[at..at + 3])
        && is_apart(&line[..at])
}

/// Whether what stands before a segment ends with what logs put there: blanks, signs, or a line end in letters.
fn is_apart(before: &[u8]) -> bool {
    before
        .last()
        .is_none_or(|b| matches!(b, b' ' | b'\t' | b'\n' | b']' | b'>' | b':' | b'=' | 0x0B))
        || ENDS.iter().any(|end| before.ends_with(end))
}

/// Line ends as logs write them.
const ENDS: [&[u8]; 2] = [b"\\r", b"\\n"];

/// Where the known segments of a line start.
fn starts(line: &[u8], field: u8) -> Vec<usize> {
    let ends = memchr::memchr_iter(field, line).filter_map(|end| end.checked_sub(3));
    ends.filter(|at| starts_segment(line, *at, field)).collect()
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let mut reading = Reading::default();
    while lines.advance()? {
        reading.line(&lines, sink);
    }
    reading.prose.end(sink);
    Ok(())
}

/// What is known while messages are read.
#[derive(Default)]
struct Reading {
    signs: Option<Signs>,
    row: u64,
    /// What stands around them.
    prose: Passage,
}

impl Reading {
    fn line(&mut self, lines: &Lines<'_>, sink: &mut Sink<'_>) {
        let mut from = 0;
        // Segments end with a carriage return, and in many files with a line feed, too.
        for part in lines.text.split(|b| matches!(b, b'\r' | 0x0B | 0x1C)) {
            let used = self.part(part, sink);
            let text = &part[..used];
            if !text.trim_ascii().is_empty() {
                self.prose.add(text, lines.number, lines.offset + from, sink);
                self.prose.add(b"\n", lines.number, lines.offset + from, sink);
            }
            from += part.len() as u64 + 1;
        }
    }

    /// Takes the segments of a line, and tells how much text stands before them.
    fn part(&mut self, part: &[u8], sink: &mut Sink<'_>) -> usize {
        if let Some(signs) = signs(part) {
            (self.signs, self.row) = (Some(signs), self.row + 1);
        }
        if self.signs.is_some_and(|signs| is_segment(part, signs)) && starts(part, b'|').len() < 2 {
            self.push(part, sink);
            return 0;
        }
        let field = self.signs.map_or(b'|', |signs| signs.field);
        let places = starts(part, field);
        let ends = places.iter().skip(1).copied().chain([part.len()]);
        let mut text = part.len();
        for (from, end) in places.iter().copied().zip(ends) {
            let mut segment = &part[from..end];
            while let Some(bare) = ENDS.iter().find_map(|end| segment.strip_suffix(*end)) {
                segment = bare;
            }
            if let Some(signs) = signs(segment).filter(|_| from > 0) {
                (self.signs, self.row) = (Some(signs), self.row + 1);
            }
            if self.signs.is_some() {
                text = text.min(from);
                self.push(segment, sink);
            }
        }
        text
    }

    fn push(&mut self, segment: &[u8], sink: &mut Sink<'_>) {
        self.prose.end(sink);
        if let Some(signs) = self.signs {
            push(segment, signs, self.row, sink);
        }
    }
}

/// Whether a line is a segment of any name.
fn is_segment(line: &[u8], signs: Signs) -> bool {
    line.get(3).is_none_or(|sign| *sign == signs.field)
        && line.len() > 2
        && line[..3].iter().all(u8::is_ascii_alphanumeric)
}

/// Hands on the fields of a segment.
fn push(segment: &[u8], signs: Signs, row: u64, sink: &mut Sink<'_>) {
    let mut fields = segment.split(|b| *b == signs.field);
    let name = String::from_utf8_lossy(fields.next().unwrap_or_default());
    // The field separator itself counts as the first field of a header.
    let header = usize::from(matches!(&*name, "MSH" | "BHS" | "FHS"));
    for (number, field) in fields.enumerate() {
        let number = number + 1 + header;
        if header == 1 && number == 2 {
            continue;
        }
        let told = TOLD.iter().find(|t| t.0 == name && t.1 == number);
        let own = || format!("{name}.{number}");
        let label = told.map_or_else(own, |t| format!("{name}.{}", t.2));
        for value in field.split(|b| *b == signs.repetition) {
            let kind = told.and_then(|t| kind_of_id(t.2, value, signs));
            let value = put_together(value, signs, told.map_or(Parts::All, |t| t.3));
            if !value.trim_ascii().is_empty() {
                let label = kind.map_or_else(|| label.clone(), |kind| format!("{name}.{kind}"));
                let slot = sink.slot(None, Some(&label));
                sink.value(slot, row, value.trim_ascii());
            }
        }
    }
}

/// What an identifier of a patient is, where its fifth component says so (HL7 table 0203): a number of the state's.
fn kind_of_id(label: &str, value: &[u8], signs: Signs) -> Option<&'static str> {
    let kind = value.split(|b| *b == signs.component).nth(4).filter(|_| label == "patient_id")?;
    match kind.trim_ascii() {
        b"SS" => Some("ssn"),
        b"NI" | [b'N', b'N', _, _, _] => Some("national_id"),
        _ => None,
    }
}

/// The components of a value as people write them.
fn put_together(value: &[u8], signs: Signs, parts: Parts) -> Vec<u8> {
    let mut all = value.split(|b| *b == signs.component);
    let first = |c: &'_ [u8]| c.split(|b| *b == signs.sub).next().unwrap_or_default().to_vec();
    match parts {
        Parts::First => first(all.next().unwrap_or_default()),
        Parts::Name(from) => {
            let [family, given, middle] = {
                let mut part = all.skip(from).map(first);
                [(); 3].map(|()| part.next().unwrap_or_default())
            };
            joined([given, middle, family].into_iter())
        }
        Parts::All => joined(all.map(|c| c.iter().map(|b| blank(*b, signs.sub)).collect())),
    }
}

fn blank(byte: u8, sign: u8) -> u8 {
    if byte == sign { b' ' } else { byte }
}

/// What is not empty, with blanks between.
fn joined(parts: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let parts: Vec<_> = parts.filter(|part| !part.trim_ascii().is_empty()).collect();
    parts.join(&b' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::vcard::tests::read_by;
    use super::*;

    const TEXT: &str = "MSH|^~\\&|ADT|EXAMPLE|||202401150806||ADT^A01|1|P|2.5\r\
        PID|1||4711^^^X~0815||Nordmann^Kari^B^^^||19650601|F|||Storgata 1^^Oslo^^0155||(555)555-0101^PRN||||M\r\n\
        NK1|1|Nordmann&von^Ola|FTH\rPV1|1|I|||||9873^Hansen^Anne\rDG1|1||E11.9^Diabetes\r\
        OBX|1|TX|NOTE||Seen by Per\\, calm\r\nno segment\r\n\
        MSH|^~\\&|ADT|EXAMPLE\rPID|||||Olsen^Per\r";

    #[test]
    fn identifiers_say_what_they_are() {
        let text =
            "MSH|^~\\&|ADT|EXAMPLE\rPID|||4711^^^X^MR~421998282^^^SSA^SS~13097248022^^^FREG^NNNOR";
        let all = read_by(&FORMAT, text.as_bytes(), 5);
        assert_eq!(all.field(None, "PID.patient_id"), [(1, "4711".into())]);
        assert_eq!(all.field(None, "PID.ssn"), [(1, "421998282".into())]);
        assert_eq!(all.field(None, "PID.national_id"), [(1, "13097248022".into())]);
    }

    #[test]
    fn messages() {
        for step in 1..8 {
            let all = read_by(&FORMAT, TEXT.as_bytes(), step);
            let names = [(1, "Kari B Nordmann".into()), (2, "Per Olsen".into())];
            assert_eq!(all.field(None, "PID.patient_name"), names);
            assert_eq!(all.field(None, "PID.patient_id"), [(1, "4711".into()), (1, "0815".into())]);
            assert_eq!(all.field(None, "PID.date_of_birth"), [(1, "19650601".into())]);
            assert_eq!(all.field(None, "PID.address"), [(1, "Storgata 1 Oslo 0155".into())]);
            assert_eq!(all.field(None, "PID.home_phone"), [(1, "(555)555-0101".into())]);
            assert_eq!(all.field(None, "NK1.contact_name"), [(1, "Ola Nordmann".into())]);
            assert_eq!(all.field(None, "PV1.doctor.full_name"), [(1, "Anne Hansen".into())]);
            assert_eq!(all.field(None, "DG1.diagnosis_code"), [(1, "E11.9 Diabetes".into())]);
            assert_eq!(all.field(None, "OBX.5"), [(1, "Seen by Per\\, calm".into())]);
            assert_eq!(all.field(None, "MSH.9"), [(1, "ADT A01".into())]);
            assert_eq!(all.text(), "no segment");
        }
    }

    #[test]
    fn messages_in_logs() {
        let first = "MSH|^~\\&|LAB|H1|EHR";
        let below = "PID|1||4711||Nordmann^Kari";
        for text in [
            format!("12:00 INFO received {first}\n12:00 INFO {below}\n12:01 done\n"),
            format!("12:00 INFO received\n{first}\n{below}\n12:01 done\n"),
            format!("12:00 INFO received {first}\\r{below}\\r\n12:01 done\n"),
        ] {
            assert!(sniff(&Head::new(text.as_bytes(), true, "x.log")), "{text}");
            let all = read_by(&FORMAT, text.as_bytes(), 5);
            assert_eq!(all.field(None, "PID.patient_name"), [(1, "Kari Nordmann".into())]);
            assert_eq!(all.field(None, "MSH.5"), [(1, "EHR".into())]);
            assert!(all.text().starts_with("12:00 INFO received") && all.text().ends_with("done"));
        }
        let told = |t: &str| sniff(&Head::new(t.as_bytes(), true, "x.py"));
        assert!(!told("x = 'MSH|^~\\&|A'\nPID|1|\n") && !told("A header is MSH|^~\\&|A\n"));
    }

    #[test]
    fn is_told() {
        let told = |t: &str| sniff(&Head::new(t.as_bytes(), true, ""));
        assert!(told(TEXT) && told("\x0BMSH|^~\\&|A\r") && told("FHS|^~\\&|A\r"));
        assert!(!told("MSH;a;b;c;d\n1;2;3;4;5\n") && !told("MSH") && !told("PID|1|2|3|4|5"));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), step in 1_usize..8) {
            read_by(&FORMAT, &[b"MSH|^~\\&|".as_slice(), &bytes].concat(), step);
        }
    }
}
