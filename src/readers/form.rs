//! Forms: tables of two columns whose first one holds labels and whose second holds what was filled in, or with two or
//! three such pairs side by side. Each value belongs to a field that its label names, and all of them are one record.
//! Where several records stand side by side, behind one column of labels, it is a table on its side.

use std::collections::HashSet;

use super::csv::header;
use crate::unit::{Sink, Text};

/// Rows of a form at most.
const ROWS: usize = 60;
/// Bytes in them at most, for those who hold them back.
const BYTES: usize = 64 << 10;
/// Labels at least, where many may say nothing.
const LEAST: usize = 3;
/// Labels of a small form that says by them alone that it is one.
const SMALL: usize = 2;
/// Pairs of a label and a value that stand side by side at most.
const SIDE_BY_SIDE: usize = 3;
/// Records that stand side by side at most.
const RECORDS: usize = 64;
/// A label is no longer than this.
const LABEL: usize = 60;
/// A value longer than this is not asked whether it is personal data.
const VALUE: usize = 200;
/// Values are mostly no longer than this where labels alone tell: descriptions of fields are.
const SHORT: usize = 60;

/// What stands in a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Labels with what stands beside them, record by record.
    fields: Vec<(String, Vec<Vec<u8>>)>,
    /// Titles and the like, which stand alone in their rows.
    titles: Vec<Vec<u8>>,
}

/// Words with which code books tell what the values of a field are.
const DESCRIBING: &[&str] = &[
    "factor",
    "factors",
    "levels",
    "vector",
    "numeric",
    "integer",
    "logical",
    "boolean",
    "categorical",
    "ordinal",
    "variable",
    "dummy",
    "indicator",
    "indicating",
    "indicates",
    "coded",
    "binary",
    "index",
    "faktor",
    "niveaux",
    "kodet",
    "kodiert",
    "variabel",
    "Variable",
];

/// Whether what stands beside a label tells of the field and is no value of it, as in code books (`a factor with levels
/// female and male`, `Marital status (D=divorced)`): several words, of which one tells so or the first is the label.
pub(super) fn is_described(label: &str, value: &[u8]) -> bool {
    /// Words of a description at least.
    const WORDS: usize = 3;
    let text = String::from_utf8_lossy(value);
    let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ',' | ';' | ':'));
    let is_word = |w: &&str| w.chars().any(char::is_alphabetic);
    let many = words.clone().filter(is_word).count() >= WORDS;
    let signs = || text.contains(['(', '=', ':']);
    many && (words.clone().any(|word| DESCRIBING.contains(&word))
        || signs() && words.next().is_some_and(|first| first.eq_ignore_ascii_case(label)))
}

impl Form {
    /// The form that these rows are. Lists of pairs are none (products, codes, telephone numbers, the columns of some
    /// table): half of the labels at least name a kind that is looked for, and some value tells by itself that data
    /// stands here; or nearly all labels are names of fields, and no value is.
    pub(super) fn of<C: AsRef<[u8]>, R: AsRef<[C]>>(
        rows: &[R],
        sink: &mut Sink<'_>,
    ) -> Option<Form> {
        let form = Form::possible(rows, sink)?;
        (form.is_one(sink) || form.is_told_by_labels(sink)).then_some(form)
    }

    /// What stands above a table that has more columns, if it is labels with a value each (whose account, from when to
    /// when). Such a label below the first one is the name of a field, as no row of a list of two columns begins; or
    /// all of them end with a colon.
    pub(super) fn above_table<C: AsRef<[u8]>, R: AsRef<[C]>>(
        rows: &[R],
        sink: &mut Sink<'_>,
    ) -> Option<Form> {
        if rows.is_empty() || rows.len() > ROWS {
            return None;
        }
        let cells = |row: &'_ R| -> Vec<Vec<u8>> {
            let cells = row.as_ref().iter().map(|c| c.as_ref().trim_ascii().to_vec());
            cells.filter(|c| !c.is_empty()).collect()
        };
        let rows: Vec<Vec<Vec<u8>>> = rows.iter().map(cells).collect();
        let form = Form::of_pairs(rows.iter().map(|row| row.iter().map(Vec::as_slice)))?;
        let mut pairs = rows.iter().filter(|row| row.len() == 2);
        let are_labels = pairs.all(|row| row[0].ends_with(b":"))
            || form.fields.iter().skip(1).any(|field| is_name(&field.0, sink));
        let is_named = |value: &Vec<u8>| is_name(&String::from_utf8_lossy(value), sink);
        let is_one = !form.fields.is_empty()
            && are_labels
            && !form.fields.iter().flat_map(|field| &field.1).any(is_named);
        let is_told = |field: &(String, _)| sink.is_data(&field.0);
        (is_one && !form.fields.iter().any(is_told)).then_some(form)
    }

    /// The form that rows below a header are, whose values have to tell.
    fn below_header<R: AsRef<[Vec<u8>]>>(rows: &[R], sink: &mut Sink<'_>) -> Option<Form> {
        Form::possible(rows, sink).filter(|form| form.is_one(sink))
    }

    /// What these rows hold if they are a form. Records that stand side by side are told here.
    fn possible<C: AsRef<[u8]>, R: AsRef<[C]>>(rows: &[R], sink: &mut Sink<'_>) -> Option<Form> {
        if rows.is_empty() || rows.len() > ROWS {
            return None;
        }
        let rows = rows.iter().map(|row| row.as_ref().iter().map(|c| c.as_ref().trim_ascii()));
        let rows: Vec<Vec<&[u8]>> = rows.map(Iterator::collect).collect();
        let filled = |row: &Vec<&[u8]>| row.iter().filter(|c| !c.is_empty()).count();
        let form = if rows.iter().any(|row| filled(row) > 2) {
            match Form::on_its_side(&rows).filter(|form| form.holds_records(sink)) {
                Some(form) => form,
                None => Form::side_by_side(&rows, sink)?,
            }
        } else {
            Form::of_pairs(rows.iter().map(|row| row.iter().copied().filter(|c| !c.is_empty())))?
        };
        Some(form)
    }

    /// The form of rows that hold a label and a value each, or one of them.
    fn of_pairs<'c>(pairs: impl Iterator<Item: Iterator<Item = &'c [u8]>>) -> Option<Form> {
        let mut form = Form { fields: Vec::new(), titles: Vec::new() };
        for pair in pairs {
            match pair.collect::<Vec<_>>()[..] {
                [] => {}
                [title] => form.titles.push(title.to_vec()),
                [name, value] => form.fields.push((label(name)?, vec![value.to_vec()])),
                _ => return None,
            }
        }
        Some(form)
    }

    /// The form of rows that hold a label and the values of several records each.
    fn on_its_side(rows: &[Vec<&[u8]>]) -> Option<Form> {
        let mut form = Form { fields: Vec::new(), titles: Vec::new() };
        for row in rows {
            match &row[..] {
                [title, rest @ ..] if rest.iter().all(|c| c.is_empty()) => {
                    form.titles.extend((!title.is_empty()).then(|| title.to_vec()));
                }
                [name, values @ ..] if values.len() <= RECORDS => {
                    let values = values.iter().map(|value| value.to_vec()).collect();
                    form.fields.push((label(name)?, values));
                }
                _ => return None,
            }
        }
        Some(form)
    }

    /// The form of rows in which several pairs stand side by side. A row that is nothing but names of kinds is the header
    /// of a list.
    fn side_by_side(rows: &[Vec<&[u8]>], sink: &Sink<'_>) -> Option<Form> {
        let names = |value: &&[u8]| std::str::from_utf8(value).is_ok_and(|v| names_kind(v, sink));
        let is_header = |row: &Vec<&[u8]>| {
            let filled = || row.iter().filter(|c| !c.is_empty());
            filled().count() > 2 && filled().all(names)
        };
        if rows.iter().any(is_header) {
            return None;
        }
        let width = rows.iter().map(Vec::len).max()?;
        let is_used = |column: &usize| rows.iter().any(|row| !cell(row, *column).is_empty());
        let used: Vec<usize> = (0..width).filter(is_used).take(2 * SIDE_BY_SIDE + 1).collect();
        let (columns, []) = used.as_chunks::<2>() else { return None };
        let pairs = || rows.iter().flat_map(|row| columns.iter().map(|c| c.map(|c| cell(row, c))));
        let has_no_label = |[name, value]: [&[u8]; 2]| name.is_empty() && !value.is_empty();
        if pairs().any(has_no_label) {
            return None;
        }
        Form::of_pairs(pairs().map(|p| p.into_iter().filter(|c| !c.is_empty())))
    }

    fn is_one(&self, sink: &mut Sink<'_>) -> bool {
        let known = self.known(sink);
        self.is_possible(LEAST)
            && known >= LEAST
            && known * 2 >= self.fields.len()
            && self.fields.iter().flat_map(|f| &f.1).any(|value| is_data(value, sink))
    }

    fn is_told_by_labels(&self, sink: &Sink<'_>) -> bool {
        self.is_possible(SMALL)
            && self.known(sink) > 0
            && is_name(&self.fields[0].0, sink)
            && self.has_labels_before_values(sink)
    }

    /// Whether the columns of values are records: labels are names of fields, no value is, and some value tells by itself
    /// that data stands here in two thirds of the columns.
    fn holds_records(&self, sink: &mut Sink<'_>) -> bool {
        let known = self.known(sink);
        if !self.is_possible(LEAST)
            || known < LEAST
            || known * 2 < self.fields.len()
            || !self.has_labels_before_values(sink)
        {
            return false;
        }
        let records = self.fields.iter().map(|f| f.1.len()).max().unwrap_or(0);
        let mut of_record = |i: usize| {
            let mut values = self.fields.iter().filter_map(|f| f.1.get(i));
            values.any(|value| is_data(value, sink))
        };
        (0..records).filter(|i| of_record(*i)).count() * 3 >= records * 2
    }

    /// Whether so many labels are there and differ, with no more titles than them.
    fn is_possible(&self, least: usize) -> bool {
        let labels: HashSet<_> = self.fields.iter().map(|f| f.0.to_lowercase()).collect();
        labels.len() >= self.fields.len().max(least) && self.titles.len() <= self.fields.len()
    }

    /// Labels that name a kind.
    fn known(&self, sink: &Sink<'_>) -> usize {
        self.fields.iter().filter(|f| names_kind(&f.0, sink)).count()
    }

    /// Whether two labels of three are names of fields, and what stands beside them is not: a list has names in its first
    /// row.
    fn has_labels_before_values(&self, sink: &Sink<'_>) -> bool {
        let is_named = |value: &Vec<u8>| is_name(&String::from_utf8_lossy(value), sink);
        let Some(first) = self.fields.first() else { return false };
        let values = || self.fields.iter().flat_map(|f| &f.1).filter(|value| !value.is_empty());
        let long = values().filter(|value| value.len() > SHORT).count();
        let named = self.fields.iter().filter(|f| is_name(&f.0, sink)).count();
        named * 3 >= self.fields.len() * 2
            && long * 4 <= values().count()
            && !first.1.iter().any(is_named)
            && values().filter(|value| is_named(value)).count() * 8 <= values().count()
    }

    /// Hands on what stands in it.
    pub(super) fn push(&self, table: Option<&str>, sink: &mut Sink<'_>) {
        titles(&self.titles, sink);
        for (label, values) in &self.fields {
            let slot = sink.slot(table, Some(label));
            for (row, value) in (1..).zip(values) {
                match offers_choice(value) {
                    true => titles(std::slice::from_ref(value), sink),
                    false => sink.value(slot, row, value),
                }
            }
        }
    }
}

/// What belongs to no field is free text.
fn titles(texts: &[Vec<u8>], sink: &mut Sink<'_>) {
    for text in texts {
        let free = sink.free_text();
        sink.text(free, Text::whole(text, 1, 0));
    }
}

/// Whether several boxes to be ticked stand in a value, so that it is none yet (`□ married □ single`).
fn offers_choice(value: &[u8]) -> bool {
    let boxes = ['□', '▢', '☐', '❏', '❑', '⬜'];
    std::str::from_utf8(value).is_ok_and(|text| text.matches(boxes).count() > 1)
}

/// Whether a text is a name that columns usually have, or that of a kind.
fn is_name(text: &str, sink: &Sink<'_>) -> bool {
    header::is_usual(text.as_bytes()) || names_kind(text, sink)
}

/// Whether a value tells by itself that it is personal data.
fn is_data(value: &[u8], sink: &mut Sink<'_>) -> bool {
    value.len() <= VALUE && !value.is_empty() && sink.is_data(&String::from_utf8_lossy(value))
}

fn cell<'c>(row: &[&'c [u8]], column: usize) -> &'c [u8] {
    row.get(column).copied().unwrap_or(b"")
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

    /// Whether none of the rows has more than two cells.
    pub(super) fn is_narrow(&self) -> bool {
        self.rows.iter().all(|row| row.len() <= 2)
    }

    /// Holds back a row.
    pub(super) fn push(&mut self, row: Vec<Vec<u8>>, bytes: usize) {
        self.rows.push(row);
        self.bytes += bytes;
    }

    /// The form that the rows are, which may stand below a header.
    pub(super) fn form(&self, has_header: bool, sink: &mut Sink<'_>) -> Option<Form> {
        match has_header {
            true => Form::below_header(&self.rows, sink),
            false => Form::of(&self.rows, sink),
        }
    }

    /// The form that the rows are with this one above them, where labels tell.
    pub(super) fn form_below(&self, head: Vec<Vec<u8>>, sink: &mut Sink<'_>) -> Option<Form> {
        if self.rows.is_empty() {
            return None;
        }
        let rows: Vec<&Vec<Vec<u8>>> = std::iter::once(&head).chain(&self.rows).collect();
        Form::possible(&rows, sink).filter(|form| form.is_told_by_labels(sink))
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
pub(super) fn label(cell: &[u8]) -> Option<String> {
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
    fn pairs_stand_side_by_side() {
        let rows: [&[&str]; 4] = [
            &["Personalskjema", "", "", "", ""],
            &[],
            &["Navn:", "Kari Nordmann", "", "E-post", "kari@example.org"],
            &["Telefon", "22 33 44 55", "", "Stilling", ""],
        ];
        let (form, all) = form(&rows);
        assert!(form.is_some());
        assert_eq!(all.fields(), ["Navn", "E-post", "Telefon"]);
        assert_eq!(all.field(Some("t"), "Telefon"), [(1, "22 33 44 55".into())]);
        assert_eq!(all.text(), "PersonalskjemaStilling");
    }

    #[test]
    fn labels_tell_a_small_form() {
        for rows in [
            &[&["Navn", "Kari Nordmann"][..], &["Telefon", "22 33 44 55"]][..],
            &[&["Telefon", "22 33 44 55"], &["Merknad", "Ingen"]],
            &[&["Skjema"], &["Navn", "Kari"], &["Dato", "2024"], &["Avtale", "x"]],
        ] {
            assert!(form(rows).0.is_some(), "{rows:?}");
        }
        let (_, all) = form(&[&["Navn", "Kari"], &["Merknad", "□ a □ b"]]);
        assert!(all.field(Some("t"), "Merknad").is_empty() && all.text() == "□ a □ b");
        let rows =
            [["Navn", "Kari"], ["Telefon", "22 33 44 55"]].map(|r| r.map(Vec::from).to_vec());
        let mut all = Collected::default();
        let mut sink = Sink::new(&mut all, Arc::from([]));
        assert_eq!(Form::below_header(&rows, &mut sink), None);
    }

    #[test]
    fn records_stand_side_by_side() {
        let (form, all) = form(&[
            &["Felt", "Person 1", "Person 2"],
            &["Navn", "Kari", "Ola"],
            &["Telefon", "", "22 33"],
            &["E-post", "kari@example.org", "ola@example.org"],
        ]);
        assert!(form.is_some());
        assert_eq!(all.field(Some("t"), "Navn"), [(1, "Kari".into()), (2, "Ola".into())]);
        assert_eq!(all.field(Some("t"), "Telefon")[1], (2, "22 33".into()));
    }

    #[test]
    fn lists_of_pairs_are_none() {
        let lists: [&[&[&str]]; 8] = [
            // A list of four columns, and a form whose second pair has no label.
            &[
                &["Navn", "Telefon", "E-post", "Telefon"],
                &["Kari", "22 33", "kari@example.org", "Oslo"],
            ],
            &[&["Navn", "Kari", "E-post", "k@x.no"], &["Telefon", "1", "", "2"]],
            // A table with a header.
            &[&["Navn", "E-post"], &["Kari", "kari@example.org"], &["Ola", "ola@example.org"]],
            // Codes, and the columns of some table.
            &[&["NO", "Norge"], &["SE", "Sverige"], &["DK", "Danmark"]],
            &[&["Navn", "E-post"], &["Telefon", "uten blanke"], &["E-post", "små bokstaver"]],
            // Labels that come again.
            &[&["Navn", "a@x.no"], &["Telefon", "1"], &["E-post", "b"], &["Navn", "c"]],
            // Remarks beside the values, and labels that name nothing.
            &[&["Navn", "Kari", "x"], &["Telefon", "1", "x"], &["E-post", "k@x.no", "x"]],
            &[&["Navn", "Kari"], &["x", "1"], &["y", "2"]],
        ];
        for rows in lists {
            assert_eq!(form(rows).0, None, "{rows:?}");
        }
    }
}
