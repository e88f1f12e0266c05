//! What the parts of a path or a dotted name say together.

use std::collections::HashMap;

use super::{Fit, Hint, Lexicon, raise};
use crate::detect::fold::{fold, words};

/// Most parts of a dotted name that are one name together: `data.di.nascita`.
const DOTTED: usize = 4;

impl Lexicon {
    /// Names that other things bear as often are theirs below a part that says so: `manufacturerOrganization.name`.
    pub(super) fn below(&self, field: &str, hints: &mut HashMap<u16, Hint>) {
        let Some(at) = field.rfind(leaf(field)) else { return };
        let above = words(leaf(field[..at].trim_end_matches('.')));
        if above.last().is_none_or(|thing| !self.owners.is_thing(thing)) {
            return;
        }
        let ambiguous = hints.values_mut().filter(|h| **h == Hint::For(Fit::Ambiguous));
        ambiguous.for_each(|hint| *hint = Hint::Against);
    }

    /// What the last parts of a dotted name say together, be it a heading or a path.
    pub(super) fn dotted(&self, field: &str, hints: &mut HashMap<u16, Hint>) {
        if field.contains(' ') {
            return;
        }
        self.plain_below(field, hints);
        if field.starts_with('$') {
            return self.turned(field, hints);
        }
        let dots = field.rmatch_indices('.').map(|dot| dot.0);
        // A name begins behind a dot or at the front.
        for from in dots.skip(1).map(|dot| dot + 1).chain([0]).take(DOTTED - 1) {
            let words = words(&field[from..]);
            let mut together = HashMap::new();
            if words.len() <= self.longest + 1 {
                self.counted(&words, &mut together);
            }
            together.retain(|_, hint| *hint == Hint::For(Fit::Strong));
            together.into_iter().for_each(|(number, hint)| raise(hints, number, hint));
        }
    }

    /// What the part above the last one says where that is no more than a date, an amount or a code:
    /// `{"birth": {"date": …}}`, `<bday><date>`, `<inntekt><beloep>`, `<administrativeGenderCode code="F"/>`.
    fn plain_below(&self, path: &str, hints: &mut HashMap<u16, Hint>) {
        const DATES: &[&str] =
            &["date", "dato", "datum", "dt", "date-time", "datetime", "timestamp"];
        const AMOUNTS: &[&str] = &[
            "amount", "amt", "belop", "beloep", "belopp", "belob", "betrag", "bedrag", "montant",
            "importo", "importe", "kwota", "castka", "suma", "summa", "sum",
        ];
        let last = leaf(path);
        let Some((above, _)) = path.rfind(last).and_then(|at| path[..at].rsplit_once('.')) else {
            return;
        };
        let plain = fold(last);
        let is_date = DATES.contains(&plain.as_str());
        let is_code = plain == "code";
        if !is_date && !is_code && !AMOUNTS.contains(&plain.as_str()) {
            return;
        }
        let mut told = HashMap::new();
        let mut name = words(leaf(above));
        self.counted(&name, &mut told);
        if is_date {
            name.push("date".to_owned());
            self.counted(&name, &mut told);
        }
        let counts = |number: u16| is_date || is_code != self.amounts[usize::from(number)];
        told.retain(|number, hint| *hint == Hint::For(Fit::Strong) && counts(*number));
        told.into_iter().for_each(|(number, hint)| raise(hints, number, hint));
    }

    /// What the last two keys of a path of JSON say together, the last one first: `{"name": {"family": …}}` holds a family
    /// name.
    fn turned(&self, path: &str, hints: &mut HashMap<u16, Hint>) {
        let last = leaf(path);
        let Some((above, _)) = path.rfind(last).and_then(|at| path[..at].rsplit_once('.')) else {
            return;
        };
        let above = leaf(above);
        // `{"navn": {"f": …, "l": …}}`
        let (last, above) = match last {
            "f" if self.rows.is_name_word(above) => ("first", "name"),
            "l" if self.rows.is_name_word(above) => ("last", "name"),
            _ => (last, above),
        };
        let mut together = HashMap::new();
        let words: Vec<String> = [last, above].iter().flat_map(|part| words(part)).collect();
        if words.len() <= self.longest {
            self.whole(&words, &mut together);
        }
        together.retain(|_, hint| *hint == Hint::For(Fit::Strong));
        together.into_iter().for_each(|(number, hint)| raise(hints, number, hint));
    }
}

/// A name without the language that it is for: `Name[pt]` and `Name[zh_CN]` of desktop entries (freedesktop.org).
pub(super) fn without_language(name: &str) -> &str {
    let Some((front, language)) = name.strip_suffix(']').and_then(|name| name.rsplit_once('['))
    else {
        return name;
    };
    let code = language.split(['_', '-', '@']).next().unwrap_or("");
    let is_code = matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_lowercase());
    if is_code && !front.is_empty() { front } else { name }
}

/// A name without the table that SAP puts before it: `KNA1-PSTLZ`, `P0002-GBDAT`.
pub(super) fn without_table(name: &str) -> &str {
    let is_of_sap = |part: &str| {
        let is_sign = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        part.len() >= 3
            && part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.bytes().all(is_sign)
    };
    match name.split_once('-') {
        Some((table, field))
            if is_of_sap(table)
                && is_of_sap(field)
                && table.bytes().any(|b| b.is_ascii_digit()) =>
        {
            field
        }
        _ => name,
    }
}

/// The last telling part of a path; list marks and parts that name no thing are passed over.
#[must_use]
pub fn leaf(field: &str) -> &str {
    // No path has a dot at its end or before a hyphen: `Art.-Nr.`
    let is_abbreviated = || field.ends_with('.') || field.contains(".-");
    let is_path = field.starts_with("$.")
        || field.starts_with("$[")
        || !field.contains(' ') && !is_abbreviated();
    if !is_path {
        return field;
    }
    let parts = field.trim_end_matches("[]").rsplit('.');
    for part in parts {
        let part = part.trim_end_matches("[]");
        if !part.is_empty() && !names_nothing(part) {
            return part;
        }
    }
    field
}

/// Whether a part of a path names no thing: that it is a value, or of which type, as Firestore and DynamoDB write.
fn names_nothing(part: &str) -> bool {
    const NOTHING: &[&str] = &[
        "value",
        "text",
        "#text",
        "{}",
        "$",
        "val",
        "content",
        "stringvalue",
        "timestampvalue",
        "integervalue",
        "doublevalue",
        "datevalue",
    ];
    matches!(part, "S" | "N") || NOTHING.contains(&fold(part).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_tells() {
        assert_eq!(leaf("$.users[].email"), "email");
        assert_eq!(leaf("$.phones[]"), "phones");
        assert_eq!(leaf("phone.value"), "phone");
        assert_eq!(leaf("E-post adr."), "E-post adr.");
        assert_eq!(leaf("Art.-Nr."), "Art.-Nr.");
    }

    #[test]
    fn the_language_of_a_name_is_no_part_of_it() {
        assert_eq!(without_language("Name[zh_CN]"), "Name");
        assert_eq!(without_language("phones[0]"), "phones[0]");
    }
}
