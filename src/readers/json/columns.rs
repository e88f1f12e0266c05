//! Tables written as arrays of arrays: the columns' names stand in the first array, or in a list of their own before
//! the rows (`{"columns": [...], "data": [[...], ...]}`).

use serde_json::Value;

use super::super::csv::header;
use crate::unit::Sink;

/// What the columns are called.
pub(super) struct Columns {
    pub names: Vec<String>,
    /// How deep the arrays nest that are rows.
    pub level: usize,
    /// Where the document's first row starts, if the names stand in an array like it.
    pub data_at: usize,
}

/// Keys of lists of names.
const KEYS: [&str; 4] = ["columns", "fields", "header", "headers"];

/// The columns of a document that starts like this, if it is a table.
pub(super) fn of(head: &[u8], sink: &mut Sink<'_>) -> Option<Columns> {
    let mut values = Values { bytes: head, at: 0 };
    values.eat(b"\xEF\xBB\xBF");
    let found = if values.eat(b"[") { in_first_array(values, sink) } else { in_list(values, sink) };
    found.filter(|c| c.names.len() > 1)
}

fn in_first_array(mut values: Values<'_>, sink: &mut Sink<'_>) -> Option<Columns> {
    let first = values.row().filter(|row| row.iter().all(Value::is_string))?;
    let data_at = values.eat(b",").then_some(values.at)?;
    let mut rows = Vec::new();
    while rows.len() < header::SAMPLE
        && let Some(row) = values.row()
    {
        rows.push(row.iter().map(shown).collect::<Vec<_>>());
        values.eat(b",");
    }
    let first: Vec<_> = first.iter().map(shown).collect();
    let is_header = !rows.is_empty() && header::is_header(&first, &rows, sink);
    is_header.then(|| Columns { names: header::names(&first), level: 2, data_at })
}

fn in_list(mut values: Values<'_>, sink: &mut Sink<'_>) -> Option<Columns> {
    let starts = values.eat(b"{") && values.eat(b"\"");
    let is_named = |values: &mut Values<'_>| {
        KEYS.iter().any(|key| values.eat(key.as_bytes()) && values.eat(b"\"") && values.eat(b":"))
    };
    let list = (starts && is_named(&mut values)).then(|| values.row()).flatten()?;
    let names: Vec<_> = list.iter().filter(|name| name.is_string()).map(shown).collect();
    let are_names = names.len() == list.len() && !names.iter().any(|name| sink.is_data(name));
    are_names.then(|| Columns { names: header::names(&names), level: 3, data_at: 0 })
}

/// A value as it stands in its cell.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Takes values from the start of a document.
struct Values<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Values<'_> {
    /// Steps over blanks and then these bytes, if they come next.
    fn eat(&mut self, mark: &[u8]) -> bool {
        let rest = &self.bytes[self.at..];
        let blanks = rest.len() - rest.trim_ascii_start().len();
        let comes = rest[blanks..].starts_with(mark);
        self.at += if comes { blanks + mark.len() } else { 0 };
        comes
    }

    /// The array that comes next, if all of it is here and nothing in it nests.
    fn row(&mut self) -> Option<Vec<Value>> {
        let rest = &self.bytes[self.at..];
        if rest.trim_ascii_start().first() != Some(&b'[') {
            return None;
        }
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Vec<Value>>();
        let row = values.next()?.ok()?;
        self.at += values.byte_offset();
        (!row.iter().any(|v| v.is_array() || v.is_object())).then_some(row)
    }
}
