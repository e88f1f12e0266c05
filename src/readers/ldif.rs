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
    first.is_some_and(is_name) && second.is_none_or(|l| attribute(l).is_some() || l.contains(&b'='))
        || first.is_some_and(|l| attribute(l).is_some()) && is_cut(head)
}

/// Whether a line is the name of an entry.
fn is_name(line: &[u8]) -> bool {
    line.starts_with(b"dn::") || (line.starts_with(b"dn:") && line.contains(&b'='))
}

/// Whether the text starts within an entry of a directory: attributes, of which one tells its class, stand above the name
/// of the next one.
fn is_cut(head: &Head<'_>) -> bool {
    let mut tells = false;
    for line in head.trimmed().split(|b| *b == b'\n') {
        let text = line.trim_ascii_end();
        if is_name(text) {
            return tells;
        }
        let is_more = text.is_empty() || text.starts_with(b"#") || line.starts_with(b" ");
        let Some((name, ..)) = attribute(text).filter(|_| !is_more) else {
            if is_more {
                continue;
            }
            return false;
        };
        tells |= name.eq_ignore_ascii_case("objectClass");
    }
    false
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

/// An entry is held back until it is told of what it is: no longer than this.
const HELD: usize = 64 << 10;
/// Classes of entries that are people or their accounts.
const PEOPLE: &[&str] = &[
    "person",
    "organizationalPerson",
    "inetOrgPerson",
    "residentialPerson",
    "newPilotPerson",
    "pilotPerson",
    "eduPerson",
    "user",
    "contact",
    "account",
    "posixAccount",
    "shadowAccount",
    "sambaSamAccount",
    "mailRecipient",
    "mailUser",
];

/// The entry at hand. Groups, roles and machines have names as well: they are no rows of the table of people.
#[derive(Default)]
struct Entry {
    row: u64,
    bytes: usize,
    held: Vec<(String, Vec<u8>)>,
    /// What it is, if it is nobody.
    class: Option<String>,
    is_person: bool,
}

impl Entry {
    fn value(&mut self, name: &str, value: Vec<u8>, sink: &mut Sink<'_>) {
        if name.eq_ignore_ascii_case("objectClass") {
            let class = String::from_utf8_lossy(&value).into_owned();
            self.is_person |= PEOPLE.iter().any(|one| class.eq_ignore_ascii_case(one));
            let is_told = class.len() < HELD && !class.eq_ignore_ascii_case("top");
            if is_told && self.class.is_none() && !sink.is_data(&class) {
                self.class = Some(class);
            }
        }
        self.bytes += value.len();
        self.held.push((name.to_owned(), value));
        if self.bytes > HELD || self.held.len() > HELD / 64 {
            self.let_go(sink);
        }
    }

    fn let_go(&mut self, sink: &mut Sink<'_>) {
        let table = self.class.as_deref().filter(|_| !self.is_person);
        for (name, value) in self.held.drain(..) {
            let slot = sink.slot(table, Some(&name));
            sink.value(slot, self.row, &value);
        }
        self.bytes = 0;
    }

    /// The next entry begins.
    fn next(&mut self, sink: &mut Sink<'_>) {
        self.let_go(sink);
        *self = Entry { row: self.row + 1, ..Entry::default() };
    }
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let mut entry = Entry::default();
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
        // What is cut begins within an entry.
        if name == "dn" || entry.row == 0 && name != "version" {
            entry.next(sink);
        }
        let decoded = if mark == b':' { base64(value) } else { value.to_vec() };
        // Photographs and certificates.
        if mark != b':' || !decoded.iter().any(|b| *b < 9) {
            let value = if mark == b':' { to_utf8(decoded, None) } else { decoded };
            entry.value(name, value, sink);
        }
    }
    entry.let_go(sink);
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
    fn groups_are_no_people() {
        let text = "dn: cn=Ola,dc=x\nobjectClass: top\nobjectClass: person\ncn: Ola\n\n\
            dn: cn=it,dc=x\nobjectClass: top\nobjectClass: groupOfNames\ncn: it\n\n\
            dn: cn=Per,dc=x\ncn: Per\nobjectClass: device\nobjectClass: posixAccount\n";
        for step in 1..8 {
            let all = read_by(&FORMAT, text.as_bytes(), step);
            assert_eq!(all.field(None, "cn"), [(1, "Ola".into()), (3, "Per".into())]);
            assert_eq!(all.field(Some("groupOfNames"), "cn"), [(2, "it".into())]);
        }
        let long = format!("dn: cn=Ola\nphoto: {}\nobjectClass: device\n", "x".repeat(HELD + 1));
        assert_eq!(read_by(&FORMAT, long.as_bytes(), 7).field(None, "dn").len(), 1);
    }

    #[test]
    fn is_told() {
        let told = |t: &str| sniff(&Head::new(t.as_bytes(), true, ""));
        assert!(told(TEXT) && told("dn: cn=x\n"));
        assert!(told("dn: cn=Kari,ou=People,dc=example,dc=\n org\nobjectClass: person\n"));
        let cut = "objectClass: organizationalRole\ncn: admin\ndescription: x\n y\n\ndn: uid=a,dc=x\ncn: Ola\n";
        assert!(told(cut) && !told(&cut.replace("objectClass", "x")) && !told(&cut[..50]));
        let all = read_by(&FORMAT, cut.as_bytes(), 5);
        assert_eq!(all.field(Some("organizationalRole"), "cn"), [(1, "admin".into())]);
        assert_eq!(all.field(None, "cn"), [(2, "Ola".into())]);
        assert!(!told("dn: Ola\nby: Oslo\n") && !told("dnb: x=1\n") && !told(""));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), step in 1_usize..8) {
            read_by(&FORMAT, &bytes, step);
        }
    }
}
