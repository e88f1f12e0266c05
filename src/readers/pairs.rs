//! Tables of keys and values (`meta_key`, `meta_value`), which hold any field of a record in a row of its own: a value
//! whose key names a kind is one of a field of that name.

use std::collections::HashMap;

use crate::unit::{Sink, SlotId};

/// Different keys that are kept in mind; the values of others stay where they are.
const KEYS: usize = 256;
/// A longer key names nothing.
const KEY: usize = 60;
/// Last words of the names of columns that hold keys.
const KEY_WORDS: &[&str] = &[
    "key",
    "name",
    "attribute",
    "attr",
    "field",
    "fieldname",
    "property",
    "prop",
    "option",
    "setting",
    "param",
    "parameter",
    "variable",
    "code",
    "metakey",
    "feld",
    "feldname",
    "merkmal",
    "eigenschaft",
    "attribut",
    "attributt",
    "felt",
    "feltnavn",
    "egenskap",
    "egenskab",
    "navn",
    "namn",
    "champ",
    "clé",
    "nom",
    "campo",
    "clave",
    "nombre",
    "chave",
    "nome",
    "veld",
    "kenmerk",
    "naam",
    "klucz",
    "pole",
    "nazwa",
];
/// Likewise of those that hold values.
const VALUE_WORDS: &[&str] = &[
    "value",
    "val",
    "metavalue",
    "wert",
    "verdi",
    "værdi",
    "värde",
    "valeur",
    "valor",
    "valore",
    "waarde",
    "wartość",
    "arvo",
];

/// Two columns of a table that stand side by side: one of keys, and one of their values.
pub(super) struct Pairs {
    /// The column of the keys; that of the values is the next one.
    key: usize,
    table: Option<String>,
    value: String,
    /// The fields of the keys that were met, if they name any.
    fields: HashMap<Box<[u8]>, Option<SlotId>>,
    /// That of the row at hand.
    at_hand: Option<SlotId>,
}

impl Pairs {
    /// Those of a table with these columns.
    pub(super) fn of(table: Option<&str>, columns: &[impl AsRef<str>]) -> Option<Pairs> {
        let ends_with = |name: &str, list: &[&str]| {
            let word = name.rsplit(['_', '-', '.', ' ']).next().unwrap_or(name);
            list.iter().any(|one| one.eq_ignore_ascii_case(word))
        };
        let names: Vec<&str> = columns.iter().map(AsRef::as_ref).collect();
        let are = |two: &[&str]| ends_with(two[1], VALUE_WORDS) && ends_with(two[0], KEY_WORDS);
        let key = names.windows(2).position(are)?;
        let (table, value) = (table.map(str::to_owned), names[key + 1].to_owned());
        Some(Pairs { key, table, value, fields: HashMap::new(), at_hand: None })
    }

    /// Takes notice of a cell of a row; gives the field that it belongs to, if it is not that of its column.
    pub(super) fn cell(
        &mut self,
        column: usize,
        text: &[u8],
        sink: &mut Sink<'_>,
    ) -> Option<SlotId> {
        if column == self.key {
            self.at_hand = self.field(text, sink);
        }
        self.at_hand.filter(|_| column == self.key + 1)
    }

    fn field(&mut self, key: &[u8], sink: &mut Sink<'_>) -> Option<SlotId> {
        if let Some(known) = self.fields.get(key) {
            return *known;
        }
        if self.fields.len() >= KEYS || key.len() > KEY {
            return None;
        }
        let name = std::str::from_utf8(key).ok().map(str::trim);
        let name = name.filter(|name| sink.names_field(name));
        let field = name.map(|name| {
            // A path whose last part is the key.
            let field = format!("{}.{}", self.value, name.replace(['.', ' '], "_"));
            sink.slot(self.table.as_deref(), Some(&field))
        });
        self.fields.insert(key.into(), field);
        field
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::unit::testing::Collected;

    #[test]
    fn values_belong_to_the_fields_that_their_keys_name() {
        let mut all = Collected::default();
        let mut sink = Sink::new(&mut all, Arc::from([]));
        let mut pairs = Pairs::of(Some("t"), &["id", "meta_key", "meta_value"]).unwrap();
        let mut row = |key: &[u8]| {
            let cells = [b"1", key, b"x"];
            let found = (0..3).map(|i| pairs.cell(i, cells[i], &mut sink).is_some());
            found.collect::<Vec<_>>()
        };
        assert_eq!(row(b"Navn"), [false, false, true]);
        assert_eq!(row(b"colour"), [false; 3]);
        assert_eq!(row(b"Navn"), [false, false, true]);
        sink.finish();
        assert_eq!(all.fields(), ["meta_value.Navn"]);
    }

    #[test]
    fn names_of_columns_tell() {
        for (columns, are) in [
            (&["name", "value"][..], true),
            (&["id", "attribute code", "Attribute-Value", "x"], true),
            (&["value", "key"], false),
            (&["name", "x", "value"], false),
            (&["name", "value_date"], false),
            (&["value"], false),
        ] {
            assert_eq!(Pairs::of(None, columns).is_some(), are, "{columns:?}");
        }
    }
}
