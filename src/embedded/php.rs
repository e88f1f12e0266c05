//! Values that PHP has serialised: what WordPress and other shops and sites keep in cells of their databases.
//!
//! PHP manual, `serialize()`: `a:1:{s:4:"name";s:4:"Anna";}`.

use super::PATH;
use crate::unit::is_identifier;

/// How deep arrays may stand in arrays.
const DEPTH: usize = 32;

/// Whether a cell starts like an array or an object.
pub(super) fn starts(cell: &[u8]) -> bool {
    matches!(cell, [b'a' | b'O', b':', b'0'..=b'9', ..])
}

/// The leaves of a cell that is a whole array or object, as paths and values.
pub(super) fn leaves(field: &str, cell: &[u8]) -> Option<Vec<(String, String)>> {
    let mut values = Values { rest: cell, leaves: Vec::new() };
    values.value(&mut format!("{field}.$"), DEPTH)?;
    values.rest.trim_ascii().is_empty().then_some(values.leaves)
}

struct Values<'c> {
    rest: &'c [u8],
    leaves: Vec<(String, String)>,
}

impl<'c> Values<'c> {
    /// Takes a value; nothing if there is none.
    fn value(&mut self, path: &mut String, depth: usize) -> Option<()> {
        if path.len() > PATH {
            return None;
        }
        match self.rest.first()? {
            b'a' | b'O' => return self.entries(path, depth.checked_sub(1)?),
            b'N' => {
                self.until(b';')?;
                self.leaves.push((path.clone(), String::new()));
            }
            _ => {
                let text = String::from_utf8_lossy(self.scalar()?).into_owned();
                self.leaves.push((path.clone(), text));
            }
        }
        Some(())
    }

    /// Takes an array or the properties of an object.
    fn entries(&mut self, path: &mut String, depth: usize) -> Option<()> {
        if self.rest.first() == Some(&b'O') {
            self.rest = self.rest.get(2..)?;
            self.until(b'"')?;
            self.until(b'"')?;
        } else {
            self.rest = self.rest.get(1..)?;
        }
        self.until(b'{')?;
        while self.rest.first() != Some(&b'}') {
            let is_number = self.rest.first() == Some(&b'i');
            let key = self.scalar()?;
            // What belongs to a class has its name before it, between zeros.
            let key = key.rsplit(|b| *b == 0).next().unwrap_or(key);
            let key = String::from_utf8_lossy(key);
            let length = path.len();
            match &*key {
                _ if is_number => path.push_str("[]"),
                key if is_identifier(key) => path.push_str(".{}"),
                key => path.extend([".", key]),
            }
            self.value(path, depth)?;
            path.truncate(length);
        }
        self.rest = &self.rest[1..];
        Some(())
    }

    /// Takes a string, a number or a truth value.
    fn scalar(&mut self) -> Option<&'c [u8]> {
        match self.rest.get(..2)? {
            b"s:" => {
                self.rest = &self.rest[2..];
                let length = std::str::from_utf8(self.until(b':')?).ok()?.parse::<usize>().ok()?;
                let text = self.rest.strip_prefix(b"\"")?;
                let ends_there = text.get(length..).is_some_and(|rest| rest.starts_with(b"\";"));
                // The bytes were counted in another character set.
                let found = || memchr::memmem::find(text, b"\";");
                let length = if ends_there { length } else { found()? };
                self.rest = &text[length + 2..];
                Some(&text[..length])
            }
            b"i:" | b"d:" | b"b:" => {
                self.rest = &self.rest[2..];
                self.until(b';')
            }
            _ => None,
        }
    }

    /// Takes what stands before this byte, and the byte.
    fn until(&mut self, byte: u8) -> Option<&'c [u8]> {
        let at = memchr::memchr(byte, self.rest)?;
        let before = &self.rest[..at];
        self.rest = &self.rest[at + 1..];
        Some(before)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(cell: &str) -> Option<Vec<String>> {
        leaves("p", cell.as_bytes()).map(super::super::tests::lines)
    }

    #[test]
    fn arrays_and_objects() {
        let cell = "a:4:{s:4:\"name\";s:4:\"Anna\";s:4:\"tags\";a:2:{i:0;s:1:\"x\";i:1;d:1.5;}s:1:\"n\";N;\
            s:1:\"o\";O:3:\"Foo\":1:{s:6:\"\0*\0tlf\";s:2:\"22\";}}";
        let wanted = ["p.$.name=Anna", "p.$.tags[]=x", "p.$.tags[]=1.5", "p.$.n=", "p.$.o.tlf=22"];
        assert_eq!(shown(cell).unwrap(), wanted);
        assert_eq!(shown("a:1:{i:0;s:4:\"Åsa\";}").unwrap(), ["p.$[]=Åsa"]);
        for text in
            ["a:1:{i:0;", "a:1", "a:1:{i:0;s:9:\"x\"}", "a:0:{} x", "O:1:{}", "a:1:{s:1:\"x\";x}"]
        {
            assert_eq!(shown(text), None, "{text}");
        }
        assert_eq!(shown(&"a:1:{i:0;".repeat(99)), None);
        assert!(starts(b"a:1:{}") && starts(b"O:3:") && !starts(b"a: 1") && !starts(b"a"));
    }

    proptest! {
        #[test]
        fn any_text(text in "[asOiN:;{}\"0-9]{0,60}") {
            leaves("p", text.as_bytes());
        }
    }
}
