//! JSON inside cells, and what PHP has serialised: an object or array that fills a cell is taken apart, so that its values
//! stand in fields of their own (`payload.$.contact.email`).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::unit::{PIECE, is_identifier};

mod php;

/// A path longer than this is no column; it also bounds what one cell may take in memory.
const PATH: usize = 256;

/// The leaves of a cell that is a whole JSON object or array, or one of PHP, as `(path, value)` with paths below
/// `field`. `None` means that the cell is searched as it is: it is not JSON, it is too long or too
/// deep, or a number in it would lose digits.
#[must_use]
pub fn leaves(field: &str, cell: &[u8]) -> Option<Vec<(String, String)>> {
    let mut path = match cell.trim_ascii_start().first()? {
        _ if cell.len() > PIECE => return None,
        b'a' | b'O' => return php::leaves(field, cell),
        b'{' => format!("{field}.$"),
        // A list in a cell is one field of many values: it keeps the field's name.
        b'[' => field.to_owned(),
        _ => return None,
    };
    let mut leaves = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(cell);
    Node { path: &mut path, leaves: &mut leaves }.deserialize(&mut json).ok()?;
    json.end().ok()?;
    Some(leaves)
}

/// Whether a cell may be such an object or array, told by how it starts.
#[must_use]
pub fn may_be(cell: &[u8]) -> bool {
    match cell.first() {
        Some(b'{' | b'[') => true,
        Some(b'a' | b'O') => php::starts(cell),
        Some(b) if b.is_ascii_whitespace() => {
            matches!(cell.trim_ascii_start().first(), Some(b'{' | b'['))
        }
        _ => false,
    }
}

/// Whether a key only says of what type the value below it is, which belongs to the key above: MongoDB Extended JSON v2.
#[must_use]
pub fn is_type(key: &[u8]) -> bool {
    const TYPES: [&[u8]; 8] = [
        b"$date",
        b"$oid",
        b"$numberDecimal",
        b"$numberDouble",
        b"$numberInt",
        b"$numberLong",
        b"$symbol",
        b"$uuid",
    ];
    key.first() == Some(&b'$') && TYPES.contains(&key)
}

/// One value and the path that leads to it. Keys that come twice are both kept.
struct Node<'a> {
    path: &'a mut String,
    leaves: &'a mut Vec<(String, String)>,
}

impl Node<'_> {
    fn leaf(self, value: impl Into<String>) {
        self.leaves.push((self.path.clone(), value.into()));
    }

    /// Runs `read` with the path longer by `step`.
    fn below<E: Error>(
        &mut self,
        step: &[&str],
        read: impl FnOnce(Node<'_>) -> Result<bool, E>,
    ) -> Result<bool, E> {
        let len = self.path.len();
        step.iter().for_each(|part| self.path.push_str(part));
        if self.path.len() > PATH {
            return Err(E::custom("a path too long"));
        }
        let more = read(Node { path: self.path, leaves: self.leaves });
        self.path.truncate(len);
        more
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.leaf("");
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.leaf(value.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.leaf(value.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.leaf(value.to_string());
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        // What was a whole number too long for 64 bits has lost digits here.
        if value.abs() >= 1e18 {
            return Err(E::custom("a number too long"));
        }
        self.leaf(value.to_string());
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        // Paths grow with each level, so that there are few.
        let inner = may_be(value.as_bytes()).then(|| leaves(self.path, value.as_bytes())).flatten();
        match inner {
            Some(inner) => self.leaves.extend(inner),
            None => self.leaf(value),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while self.below(&["[]"], |node| Ok(items.next_element_seed(node)?.is_some()))? {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            let shown = if is_identifier(&key) { "{}" } else { key.as_str() };
            let step: &[&str] = if is_type(key.as_bytes()) { &[] } else { &[".", shown] };
            self.below(step, |node| entries.next_value_seed(node).map(|()| true))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaves of a cell, as a line each.
    pub(super) fn lines(leaves: Vec<(String, String)>) -> Vec<String> {
        leaves.into_iter().map(|(path, value)| format!("{path}={value}")).collect()
    }

    fn shown(cell: &str) -> Option<Vec<String>> {
        leaves("p", cell.as_bytes()).map(lines)
    }

    #[test]
    fn paths() {
        let cell =
            r#" {"a":{"e":"x@example.org","n":[1,-2,1.5]},"e":null,"e":"\u00e6","12345":true} "#;
        let want = ["p.$.a.e=x@example.org", "p.$.a.n[]=1", "p.$.a.n[]=-2", "p.$.a.n[]=1.5"];
        let rest = ["p.$.e=", "p.$.e=æ", "p.$.{}=true"];
        let escaped = r#"{"m":"{\"a\":{\"b\":1}}","n":"{x}"}"#;
        assert_eq!(shown(escaped).unwrap(), ["p.$.m.$.a.b=1", "p.$.n={x}"]);
        let typed = r#"{"born":{"$date":"1961-05-04"},"$ref":1}"#;
        assert_eq!(shown(typed).unwrap(), ["p.$.born=1961-05-04", "p.$.$ref=1"]);
        assert_eq!(shown(cell).unwrap(), [&want[..], &rest[..]].concat());
        assert_eq!(shown(r#"["a",["b"]]"#).unwrap(), ["p[]=a", "p[][]=b"]);
    }

    #[test]
    fn what_is_not_taken_apart() {
        for cell in
            ["{\"a\":1", "{\"a\":1} x", "[01]", "x", "", "\"a\"", "[12345678901234567890123]"]
        {
            assert_eq!(shown(cell), None, "{cell}");
        }
        for (cell, may) in [("", false), ("x{", false), (" \n", false), (" {", true), ("[", true)] {
            assert_eq!(may_be(cell.as_bytes()), may, "{cell}");
        }
        assert_eq!(shown(&("[".repeat(5000) + &"]".repeat(5000))), None);
        assert_eq!(shown(&format!("{{\"{}\":1}}", "k".repeat(PATH))), None);
        assert_eq!(shown(&format!("[\"{}\"]", "k".repeat(PIECE))), None);
    }
}
