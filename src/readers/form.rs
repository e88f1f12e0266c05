//! Forms: tables of two columns whose first one holds labels and whose second holds what was filled in. Each value
//! belongs to a field that its label names, and all of them are one record.

use std::collections::HashSet;

use crate::unit::{Sink, Text};

/// Rows of a form at most.
const ROWS: usize = 60;
/// Bytes in them at most, for those who hold them back.
const BYTES: usize = 64 << 10;
/// Labels at least.
const LEAST: usize = 3;
/// A label is no longer than this.
const LABEL: usize = 60;
/// A value longer than this is not asked whether it is personal data.
const VALUE: usize = 200;

/// What stands in a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Labels with what stands beside them.
    fields: Vec<(String, Vec<u8>)>,
    /// Titles and the like, which stand alone in their rows.
    titles: Vec<Vec<u8>>,
}

impl Form {
    /// The form that these rows are. Lists of pairs are none (products, codes, telephone numbers, the columns of some
    /// table): half of the labels at least name a kind that is looked for, and some value tells by itself that data
    /// stands here.
    pub(super) fn of<C: AsRef<[u8]>, R: AsRef<[C]>>(
        rows: &[R],
        sink: &mut Sink<'_>,
    ) -> Option<Form> {
        if !(LEAST..=ROWS).contains(&rows.len()) {
            return None;
        }
        let mut form = Form { fields: Vec::new(), titles: Vec::new() };
        for row in rows {
            let cells = row.as_ref().iter().map(|c| c.as_ref().trim_ascii());
            match cells.filter(|c| !c.is_empty()).collect::<Vec<_>>()[..] {
                [] => {}
                [title] => form.titles.push(title.to_vec()),
                [name, value] => form.fields.push((label(name)?, value.to_vec())),
                _ => return None,
            }
        }
        form.is_one(sink).then_some(form)
    }

    fn is_one(&self, sink: &mut Sink<'_>) -> bool {
        let labels: HashSet<_> = self.fields.iter().map(|f| f.0.to_lowercase()).collect();
        if labels.len() < self.fields.len().max(LEAST) || self.titles.len() > self.fields.len() {
            return false;
        }
        let known = self.fields.iter().filter(|f| names_kind(&f.0, sink)).count();
        known >= LEAST
            && known * 2 >= self.fields.len()
            && self
                .fields
                .iter()
                .any(|f| f.1.len() <= VALUE && sink.is_data(&String::from_utf8_lossy(&f.1)))
    }

    /// Hands on what stands in it.
    pub(super) fn push(&self, table: Option<&str>, sink: &mut Sink<'_>) {
        for title in &self.titles {
            let free = sink.free_text();
            sink.text(free, Text::whole(title, 1, 0));
        }
        for (label, value) in &self.fields {
            let slot = sink.slot(table, Some(label));
            sink.value(slot, 1, value);
        }
    }
}

/// Rows that are held back as long as they may be those of a form.
#[derive(Default)]
pub(super) struct Held {
    rows: Vec<Vec<Vec<u8>>>,
    bytes: usize,
    /// Whether they can be none.
    is_list: bool,
}

impl Held {
    /// Room for rows; none if they can only be those of a list.
    pub(super) fn new(is_list: bool) -> Held {
        Held { is_list, ..Held::default() }
    }

    /// Whether there is room for a row of so many bytes.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        !self.is_list && self.rows.len() < ROWS && self.bytes + bytes <= BYTES
    }

    /// Holds back a row.
    pub(super) fn push(&mut self, row: Vec<Vec<u8>>, bytes: usize) {
        self.rows.push(row);
        self.bytes += bytes;
    }

    /// The form that the rows are.
    pub(super) fn form(&self, sink: &mut Sink<'_>) -> Option<Form> {
        Form::of(&self.rows, sink)
    }

    /// Lets the rows go, which are no form; no more are held back.
    pub(super) fn let_go(&mut self) -> Vec<Vec<Vec<u8>>> {
        self.is_list = true;
        std::mem::take(&mut self.rows)
    }
}

/// Whether a label names a kind that is looked for.
pub(super) fn names_kind(label: &str, sink: &Sink<'_>) -> bool {
    !label.bytes().any(|b| b.is_ascii_digit()) && sink.names_kind(label)
}

/// A label without the marks that forms put behind it; `None` for a text that is none.
fn label(cell: &[u8]) -> Option<String> {
    let cell = std::str::from_utf8(cell).ok().filter(|c| c.len() <= LABEL)?;
    let label = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    let label = label.trim_end_matches([':', '*', ' ']);
    (!label.is_empty()).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::unit::testing::Collected;

    fn form(rows: &[&[&str]]) -> (Option<Form>, Collected) {
        let mut all = Collected::default();
        let mut sink = Sink::new(&mut all, Arc::from([]));
        let form = Form::of(rows, &mut sink);
        form.iter().for_each(|f| f.push(Some("t"), &mut sink));
        sink.finish();
        (form, all)
    }

    #[test]
    fn values_belong_to_their_labels() {
        let (form, all) = form(&[
            &["Personalskjema"],
            &["", "Navn:", "Kari Nordmann"],
            &["", "E-post *", "kari@example.org"],
            &["", "Stilling", "Leder"],
            &["", "Telefon", "22 33 44 55"],
        ]);
        assert!(form.is_some());
        assert_eq!(all.text(), "Personalskjema");
        assert_eq!(all.fields(), ["Navn", "E-post", "Stilling", "Telefon"]);
        assert_eq!(all.field(Some("t"), "E-post"), [(1, "kari@example.org".into())]);
    }

    #[test]
    fn lists_of_pairs_are_none() {
        let lists: [&[&[&str]]; 6] = [
            // A table with a header.
            &[&["Navn", "E-post"], &["Kari", "kari@example.org"], &["Ola", "ola@example.org"]],
            // Codes, and the columns of some table.
            &[&["NO", "Norge"], &["SE", "Sverige"], &["DK", "Danmark"]],
            &[&["Navn", "kundens navn"], &["Telefon", "uten blanke"], &["E-post", "små bokstaver"]],
            // Labels that come again.
            &[&["Navn", "a@x.no"], &["Telefon", "1"], &["E-post", "b"], &["Navn", "c"]],
            // More than two columns, and too few rows.
            &[&["Navn", "Kari", "x"], &["Telefon", "1", "x"], &["E-post", "k@x.no", "x"]],
            &[&["Navn", "Kari"], &["E-post", "k@x.no"]],
        ];
        for rows in lists {
            assert_eq!(form(rows).0, None, "{rows:?}");
        }
    }
}
