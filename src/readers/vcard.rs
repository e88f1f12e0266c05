//! vCard contacts: each property is a field, each card a row. Also the content lines that iCalendar
//! shares with it.

use super::lines::{Lines, base64, quoted_printable, to_utf8};
use super::{Format, Head, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// vCard.
pub static FORMAT: Format = Format {
    id: "vcard",
    name: "vCard contacts",
    extensions: &["vcf", "vcard"],
    fields: "property",
    isolated: false,
    beside: &[],
    sniff: |head| starts_with_begin(head, b"VCARD"),
    read,
};

/// Whether the text starts with `BEGIN:` and this component.
pub(super) fn starts_with_begin(head: &Head<'_>, component: &[u8]) -> bool {
    let line = head.trimmed().split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
    let (begin, name) = line.split_at(line.len().min(6));
    begin.eq_ignore_ascii_case(b"BEGIN:") && name.trim_ascii().eq_ignore_ascii_case(component)
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let (mut card, mut is_open) = (0, false);
    while lines.advance_unfolded()? {
        match property(&mut lines)? {
            Some(p) if p.name == "BEGIN" => (card, is_open) = (card + 1, true),
            Some(p) if p.name == "END" => is_open = false,
            Some(p) if matches!(p.name.as_str(), "VERSION" | "KIND") => {}
            Some(p) => push(&p, joined(&p), card.max(1), sink),
            None => lines.push_text(sink),
        }
    }
    if is_open { Err(Stop::Malformed("the last card does not end: it may be cut")) } else { Ok(()) }
}

/// A property: `NAME;PARAM=x:value`.
pub(super) struct Property {
    /// Its name, upper case, without a group.
    pub name: String,
    /// Its parameters, names in upper case.
    pub parameters: Parameters,
    /// Its value, its transfer encoding undone; `None` when it is binary.
    pub value: Option<Vec<u8>>,
}

/// Properties that hold pictures, sounds and keys.
const BINARY: &[&str] = &["PHOTO", "LOGO", "SOUND", "KEY", "ATTACH"];
/// Parameters that say something of a person.
const TELLING: &[&str] = &[
    "CN",
    "EMAIL",
    "SENT-BY",
    "LABEL",
    "DELEGATED-TO",
    "DELEGATED-FROM",
    "MEMBER",
    "DIR",
    "SORT-AS",
    "X-FILENAME",
];

/// The property in the line at hand; `None` if there is none.
pub(super) fn property(lines: &mut Lines<'_>) -> Result<Option<Property>, Stop> {
    if lines.is_rest {
        return Ok(None);
    }
    let Some((name, parameters, start)) = split(&lines.text) else { return Ok(None) };
    let is = |value: &[u8]| {
        parameters
            .iter()
            .any(|p| p.1.eq_ignore_ascii_case(value) || p.0.as_bytes().eq_ignore_ascii_case(value))
    };
    let charset = parameters.iter().find(|p| p.0 == "CHARSET").map(|p| p.1.as_slice());
    let value = if is(b"QUOTED-PRINTABLE") {
        while lines.text.ends_with(b"=") && lines.has_room() {
            lines.text.pop();
            if !lines.append()? {
                break;
            }
        }
        Some(to_utf8(quoted_printable(&lines.text[start..]), charset))
    } else if is(b"BASE64") || is(b"B") {
        let bytes = base64(&lines.text[start..]);
        (!BINARY.contains(&name.as_str()) && !bytes.contains(&0)).then(|| to_utf8(bytes, charset))
    } else {
        let value = &lines.text[start..];
        let inlined = BINARY.contains(&name.as_str()) && value.starts_with(b"data:");
        (!inlined).then(|| value.to_vec())
    };
    Ok(Some(Property { name, parameters, value }))
}

type Parameters = Vec<(String, Vec<u8>)>;

/// Name, parameters and where the value starts.
fn split(line: &[u8]) -> Option<(String, Parameters, usize)> {
    let mut quoted = false;
    let colon = line.iter().position(|b| {
        quoted ^= *b == b'"';
        *b == b':' && !quoted
    })?;
    let mut quoted = false;
    let mut parts = line[..colon].split(|b| {
        quoted ^= *b == b'"';
        *b == b';' && !quoted
    });
    let name = parts.next()?;
    let name = name.rsplit(|b| *b == b'.').next()?;
    if name.is_empty()
        || name.len() > 60
        || !name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    {
        return None;
    }
    let upper = |name: &[u8]| String::from_utf8_lossy(name).to_ascii_uppercase();
    let parameter = |part: &[u8]| match memchr::memchr(b'=', part) {
        Some(i) => (upper(&part[..i]), unquoted(&part[i + 1..]).to_vec()),
        None => (upper(part), Vec::new()),
    };
    Some((upper(name), parts.map(parameter).collect(), colon + 1))
}

fn unquoted(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\"")).unwrap_or(text)
}

/// The parts of a name in the order in which people write them: prefix, given, additional, family, suffix.
const WRITTEN: [usize; 5] = [3, 1, 2, 0, 4];

/// A structured value's parts as people write them: a name with blanks, an address with commas.
fn joined(property: &Property) -> Option<Vec<u8>> {
    let between: &[u8] = match property.name.as_str() {
        "N" | "GENDER" => b" ",
        "ADR" | "ORG" => b", ",
        _ => return property.value.as_deref().map(unescaped),
    };
    let value = property.value.as_deref()?;
    let mut parts = vec![0];
    let mut escaped = false;
    for (i, &byte) in value.iter().enumerate() {
        if byte == b';' && !escaped {
            parts.push(i + 1);
        }
        escaped = byte == b'\\' && !escaped;
    }
    let ends = parts.iter().skip(1).map(|p| p - 1).chain([value.len()]);
    let mut parts: Vec<Vec<u8>> =
        parts.iter().zip(ends).map(|(from, to)| unescaped(&value[*from..to])).collect();
    if property.name == "N" {
        let written = WRITTEN.iter().filter_map(|part| parts.get(*part).cloned());
        parts = written.chain(parts.iter().skip(WRITTEN.len()).cloned()).collect();
    }
    parts.retain(|part| !part.trim_ascii().is_empty());
    Some(parts.join(between))
}

fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.iter().peekable();
    while let Some(&byte) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'\\', Some(b'n' | b'N')) => out.push(b'\n'),
            (b'\\', Some(&&next)) if b",;:\\".contains(&next) => out.push(next),
            _ => {
                out.push(byte);
                continue;
            }
        }
        bytes.next();
    }
    out
}

/// The value of a property that has no parts.
pub(super) fn plain(property: &Property) -> Option<Vec<u8>> {
    let value = unescaped(property.value.as_deref()?);
    let rest = value
        .get(..7)
        .filter(|start| start.eq_ignore_ascii_case(b"mailto:"))
        .map(|_| value[7..].to_vec());
    Some(rest.unwrap_or(value))
}

/// Hands on a property and those of its parameters that say something of a person.
pub(super) fn push(property: &Property, value: Option<Vec<u8>>, row: u64, sink: &mut Sink<'_>) {
    if let Some(value) = value {
        let field = match property.name.as_str() {
            // A letter alone tells nobody that it is a person's name.
            "N" => "N.name",
            // What a program calls the card or the entry, and nobody is let in by.
            "UID" => "UID.record",
            name => name,
        };
        let slot = sink.slot(None, Some(field));
        sink.value(slot, row, &value);
    }
    for (name, value) in &property.parameters {
        if TELLING.contains(&name.as_str()) || value.contains(&b'@') {
            let slot = sink.slot(None, Some(&format!("{}.{name}", property.name)));
            sink.value(slot, row, value);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::source::testing::tiny;
    use crate::unit::testing::Collected;

    /// What a format's reader makes of some bytes.
    pub fn read_by(format: &Format, bytes: &[u8], step: usize) -> Collected {
        read_whole(format, bytes, step).0
    }

    /// Likewise, and whether it is whole.
    pub fn read_whole(format: &Format, bytes: &[u8], step: usize) -> (Collected, bool) {
        let mut all = Collected::default();
        let mut sink = Sink::new(&mut all, Arc::from([]));
        let result = (format.read)(&mut tiny(bytes, step), &mut sink);
        sink.finish();
        (all, result.is_ok())
    }

    #[test]
    fn cards() {
        let text = "BEGIN:VCARD\r\nVERSION:2.1\r\nN:Nordmann;Ola;;;\r\nitem1.EMAIL;TYPE=INTERNET:ola@\r\n x.no\r\n\
            ADR;TYPE=HOME:;;Storgata 1\\, oppg. A;Oslo;;0155;\r\nEND:VCARD\r\nBEGIN:VCARD\r\n\
            FN;CHARSET=iso-8859-1;ENCODING=QUOTED-PRINTABLE:K=E5re=\r\nS=E6ther\r\nNOTE;ENCODING=b:SGVpIGRlZw==\r\n\
            PHOTO;ENCODING=b:AAAA\r\nTEL:+47 22 33 44 55\r\nrubbish here\r\nEND:VCARD\r\n";
        for step in 1..8 {
            let all = read_by(&FORMAT, text.as_bytes(), step);
            assert_eq!(all.field(None, "N.name"), [(1, "Ola Nordmann".into())]);
            assert_eq!(all.field(None, "EMAIL"), [(1, "ola@x.no".into())]);
            assert_eq!(all.field(None, "ADR"), [(1, "Storgata 1, oppg. A, Oslo, 0155".into())]);
            assert_eq!(all.field(None, "NOTE"), [(2, "Hei deg".into())]);
            assert_eq!(all.field(None, "TEL"), [(2, "+47 22 33 44 55".into())]);
            assert_eq!(all.field(None, "FN")[0].1, "KåreSæther");
            assert_eq!(all.text(), "rubbish here");
            assert!(!all.fields().contains(&"PHOTO"));
        }
    }

    #[test]
    fn a_card_without_end_is_cut() {
        let text = b"BEGIN:VCARD\nFN:Kari\nEND:VCARD\nBEGIN:VCARD\nFN:Ola\nTEL:22 33\nEND:VCARD\n";
        assert!(read_whole(&FORMAT, text, 7).1);
        let (all, is_whole) = read_whole(&FORMAT, &text[..60], 7);
        assert!(!is_whole);
        assert_eq!(all.field(None, "FN").len(), 2);
    }

    #[test]
    fn names_are_written_as_people_do() {
        let text = "BEGIN:VCARD\nN:Nordmann;Ola;Aas\\;Lie;dr.;jr.;x\nEND:VCARD\nBEGIN:VCARD\n\
            N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=85s;Kari\nEND:VCARD\nBEGIN:VCARD\nN:;Per\nEND:VCARD\n";
        let names = ["dr. Ola Aas;Lie Nordmann jr. x", "Kari Ås", "Per"].map(str::to_owned);
        let all = read_by(&FORMAT, text.as_bytes(), 7).field(None, "N.name");
        assert_eq!(all.into_iter().map(|v| v.1).collect::<Vec<_>>(), names);
    }

    #[test]
    fn is_told() {
        let told = |t: &str| (FORMAT.sniff)(&Head::new(t.as_bytes(), true, ""));
        assert!(told("\n begin:vcard\r\nFN:x"));
        assert!(!told("BEGIN:VCALENDAR\n") && !told("Dear BEGIN:VCARD") && !told("BEG"));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(prop::sample::select(b"AN:;=\\\"\n\r \xF8b.".to_vec()), 0..200), step in 1_usize..8) {
            read_by(&FORMAT, &bytes, step);
        }
    }
}
