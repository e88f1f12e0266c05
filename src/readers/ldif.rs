//! LDIF directory exports: each attribute is a field, each entry a row.

use super::lines::{Lines, base64, to_utf8};
use super::{Format, Head, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// LDIF.
pub static FORMAT: Format = Format {
    id: "ldif",
    name: "LDIF directory export",
    extensions: &["ldif", "ldi"],
    fields: "attribute",
    isolated: false,
    beside: &[],
    sniff,
    read,
};

/// The first line that says something is `dn:` with a distinguished name. Long lines go on in those below that start with
/// a blank.
fn sniff(head: &Head<'_>) -> bool {
    let lines = head.trimmed().split(|b| *b == b'\n').filter(|l| !l.starts_with(b" "));
    let mut lines = lines.map(<[u8]>::trim_ascii);
    let first =
        lines.find(|l| !l.is_empty() && !l.starts_with(b"#") && !l.starts_with(b"version:"));
    let second = lines.find(|l| !l.is_empty() && !l.starts_with(b"#"));
    let is_name = first
        .is_some_and(|l| l.starts_with(b"dn::") || (l.starts_with(b"dn:") && l.contains(&b'=')));
    is_name && second.is_none_or(|l| attribute(l).is_some() || l.contains(&b'='))
}

/// An attribute's name and its value's bytes, with the mark of how they are written.
fn attribute(line: &[u8]) -> Option<(&str, u8, &[u8])> {
    let colon = memchr::memchr(b':', line)?;
    let name = line[..colon].split(|b| *b == b';').next()?;
    if name.is_empty()
        || name.len() > 200
        || !name.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    {
        return None;
    }
    let name = std::str::from_utf8(name).ok()?;
    let (mark, value) = match line.get(colon + 1) {
        Some(&mark @ (b':' | b'<')) => (mark, &line[colon + 2..]),
        _ => (b' ', &line[colon + 1..]),
    };
    Some((name, mark, value.trim_ascii()))
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let mut entry = 0;
    while lines.advance_unfolded()? {
        let found = if lines.is_rest || lines.text.starts_with(b"#") {
            None
        } else {
            attribute(&lines.text)
        };
        let Some((name, mark, value)) = found else {
            lines.push_text(sink);
            continue;
        };
        entry += u64::from(name == "dn");
        if mark == b':' {
            let decoded = base64(value);
            // Photographs and certificates.
            if !decoded.iter().any(|b| *b < 9) {
                let slot = sink.slot(None, Some(name));
                sink.value(slot, entry.max(1), &to_utf8(decoded, None));
            }
        } else {
            let slot = sink.slot(None, Some(name));
            sink.value(slot, entry.max(1), value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::vcard::tests::read_by;
    use super::*;

    const TEXT: &str = "version: 1\n# export\ndn: cn=Ola,dc=x\ncn: Ola\nmail: ola@\n x.no\n\n\
        dn:: Y249S8OlcmUsZGM9eA==\ncn;lang-no:: S8OlcmU=\njpegPhoto:: AAEC\nurl:< file:///x\n";

    #[test]
    fn entries() {
        for step in 1..8 {
            let all = read_by(&FORMAT, TEXT.as_bytes(), step);
            assert_eq!(all.field(None, "cn"), [(1, "Ola".into()), (2, "Kåre".into())]);
            assert_eq!(all.field(None, "mail"), [(1, "ola@x.no".into())]);
            assert_eq!(all.field(None, "dn")[1], (2, "cn=Kåre,dc=x".into()));
            assert_eq!(all.text(), "# export");
            assert!(!all.fields().contains(&"jpegPhoto"));
        }
    }

    #[test]
    fn is_told() {
        let told = |t: &str| sniff(&Head::new(t.as_bytes(), true, ""));
        assert!(told(TEXT) && told("dn: cn=x\n"));
        assert!(told("dn: cn=Kari,ou=People,dc=example,dc=\n org\nobjectClass: person\n"));
        assert!(!told("dn: Ola\nby: Oslo\n") && !told("dnb: x=1\n") && !told(""));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), step in 1_usize..8) {
            read_by(&FORMAT, &bytes, step);
        }
    }
}
