//! GEDCOM, the format of family trees: what each line tells of a person is a field, each record a row.
//!
//! FamilySearch, "The GEDCOM Specification", versions 5.5.1 and 7.0: lines of level, cross reference, tag and value.

use super::lines::Lines;
use super::{Format, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// GEDCOM.
pub static FORMAT: Format = Format {
    id: "gedcom",
    name: "GEDCOM family trees",
    extensions: &["ged", "gedcom"],
    fields: "record.tag",
    isolated: false,
    beside: &[],
    sniff: |head| head.trimmed().split(|b| matches!(b, b'\r' | b'\n')).next() == Some(b"0 HEAD"),
    read,
};

/// Tags that tell of a person, with the tag above them where it matters, and what they are called.
const TOLD: &[(&str, &str, &str)] = &[
    ("", "NAME", "full_name"),
    ("", "GIVN", "given_name"),
    ("", "SURN", "surname"),
    ("", "NICK", "nickname"),
    ("", "SEX", "gender"),
    ("BIRT", "DATE", "date_of_birth"),
    ("BIRT", "PLAC", "place_of_birth"),
    ("", "ADDR", "address"),
    ("", "ADR1", "address"),
    ("", "PHON", "phone"),
    ("", "RELI", "religion"),
    ("", "NATI", "nationality"),
    ("", "OCCU", "occupation"),
    ("", "SSN", "ssn"),
];

/// A deeper line is as its parent.
const DEEPEST: usize = 20;

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let (mut above, mut row): (Vec<String>, u64) = (Vec::new(), 0);
    while lines.advance()? {
        let Some((level, tag, value)) = parts(&lines.text).filter(|_| !lines.is_rest) else {
            lines.push_text(sink);
            continue;
        };
        row += u64::from(level == 0);
        above.truncate(level);
        let field = name(&above, tag);
        let value = without_slashes(value);
        if !value.is_empty() {
            let slot = sink.slot(None, Some(&field));
            sink.value(slot, row.max(1), &value);
        }
        above.push(tag.to_owned());
    }
    Ok(())
}

/// Level, tag and value of a line; the cross reference before a tag is no value.
fn parts(line: &[u8]) -> Option<(usize, &str, &[u8])> {
    let mut rest = line.trim_ascii();
    let mut word = || {
        let (word, behind) = rest.split_at(memchr::memchr(b' ', rest).unwrap_or(rest.len()));
        rest = behind.trim_ascii_start();
        std::str::from_utf8(word).ok()
    };
    let level = word()?.parse::<usize>().ok()?.min(DEEPEST);
    let mut tag = word()?;
    if tag.starts_with('@') {
        tag = word()?;
    }
    let is_tag = (3..=31).contains(&tag.len())
        && tag.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_tag.then_some((level, tag, rest))
}

/// What a line's field is called: its record's tag, and what it tells or its own tag.
fn name(above: &[String], tag: &str) -> String {
    // Long values go on in lines below.
    let (above, tag) = match above {
        [rest @ .., parent] if matches!(tag, "CONC" | "CONT") => (rest, parent.as_str()),
        _ => (above, tag),
    };
    let parent = above.last().map_or("", String::as_str);
    // The file's head tells of the program that wrote it.
    if tag == "NAME" && above.first().is_some_and(|record| record == "HEAD") {
        return "HEAD.program".to_owned();
    }
    let told = TOLD.iter().find(|t| t.1 == tag && (t.0.is_empty() || t.0 == parent));
    match above.first() {
        None => tag.to_owned(),
        Some(record) => format!("{record}.{}", told.map_or(tag, |t| t.2)),
    }
}

/// A value with a blank for each slash round the family name, and no more than one blank in a row.
fn without_slashes(value: &[u8]) -> Vec<u8> {
    let is_name = memchr::memchr_iter(b'/', value).count() == 2;
    let words = value.split(|b| *b == b' ' || is_name && *b == b'/').filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Head;
    use super::super::vcard::tests::read_by;
    use super::*;

    const TEXT: &str = "0 HEAD\n1 SOUR X\n2 NAME Ahnen\n0 @I1@ INDI\n1 NAME Kari Anne/Nordmann/\n2 GIVN Kari Anne\n1 SEX F\n\
        1 BIRT\n2 DATE 12 MAR 1985\n2 PLAC Oslo\n1 MARR\n2 DATE 1 JAN 2010\n1 NOTE She lives\n2 CONT in Bergen\n\
        0 @I2@ INDI\n  1 NAME /Hansen/\r\n1 FAMC @F1@\nno line\n0 TRLR\n";

    #[test]
    fn trees() {
        for step in 1..8 {
            let all = read_by(&FORMAT, TEXT.as_bytes(), step);
            let names = [(2, "Kari Anne Nordmann".into()), (3, "Hansen".into())];
            assert_eq!(all.field(None, "INDI.full_name"), names);
            assert_eq!(all.field(None, "INDI.given_name"), [(2, "Kari Anne".into())]);
            assert_eq!(all.field(None, "HEAD.program"), [(1, "Ahnen".into())]);
            assert_eq!(all.field(None, "INDI.gender"), [(2, "F".into())]);
            assert_eq!(all.field(None, "INDI.date_of_birth"), [(2, "12 MAR 1985".into())]);
            assert_eq!(all.field(None, "INDI.place_of_birth"), [(2, "Oslo".into())]);
            assert_eq!(all.field(None, "INDI.DATE"), [(2, "1 JAN 2010".into())]);
            assert_eq!(
                all.field(None, "INDI.NOTE"),
                [(2, "She lives".into()), (2, "in Bergen".into())]
            );
            assert_eq!(all.text(), "no line");
        }
    }

    #[test]
    fn is_told() {
        let told = |t: &str| (FORMAT.sniff)(&Head::new(t.as_bytes(), true, ""));
        assert!(told(TEXT) && told("\u{FEFF}0 HEAD\r\n1 CHAR UTF-8\r\n"));
        assert!(!told("0 HEADER\n1 x\n") && !told("0\n") && !told(""));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), step in 1_usize..8) {
            read_by(&FORMAT, &[b"0 HEAD\n1 ".as_slice(), &bytes].concat(), step);
        }
    }
}
