//! Traces: the words and numbers of a text that speak for a profile's values, in the forms that an index knows them by
//! (`index::words`). Their keyed digests are asked of an index and kept in a replay list.

use super::normal::normalise;
use super::texts::given_and_family;
use super::{Kind, Mark, dates, spellings};
use crate::validate::phone::calling_code;

/// A word and what it speaks for. It is a value: it has no `Debug`, and only its digest is kept.
pub type Trace = (Mark, String);

/// The traces of all values, each once.
#[must_use]
pub fn traces(values: &[(Kind, Vec<String>)]) -> Vec<Trace> {
    let mut all = Vec::new();
    for (kind, values) in values {
        for value in values {
            of_value(*kind, value, &mut all);
        }
    }
    let with = |wanted: Mark| all.iter().filter(move |(mark, _)| *mark == wanted).map(|t| &t.1);
    let initials: Vec<Trace> = with(Mark::Given)
        .filter_map(|given| given.chars().next())
        .flat_map(|letter| with(Mark::Family).map(move |family| format!("{letter} {family}")))
        .map(|word| (Mark::NameInitials, word))
        .collect();
    all.extend(initials);
    all.sort();
    all.dedup();
    all
}

fn of_value(kind: Kind, value: &str, all: &mut Vec<Trace>) {
    let forms = normalise(kind, value);
    let mut add = |mark: Mark, form: &str| {
        let word = form.trim_start_matches(['+', '0']).to_lowercase();
        if !word.is_empty() {
            all.push((mark, word));
        }
    };
    let every =
        |mark: Mark, add: &mut dyn FnMut(Mark, &str)| forms.iter().for_each(|f| add(mark, f));
    match kind {
        Kind::Name => {
            let (given, family) = given_and_family(value);
            for (words, mark) in [(given, Mark::Given), (family, Mark::Family)] {
                for word in words {
                    normalise(Kind::Name, &word).iter().for_each(|form| add(mark, form));
                }
            }
        }
        Kind::Email => every(Mark::Email, &mut add),
        Kind::Phone => phone(&forms, &mut add),
        Kind::NationalId => {
            every(Mark::NationalId, &mut add);
            if let Some((head, tail)) = spellings::halves(value) {
                let dates = dates(&head).into_iter().flat_map(spellings::layouts);
                for head in dates.chain([head.clone()]) {
                    add(Mark::IdHead, &head);
                    add(Mark::NationalIdPart, &format!("{head}*"));
                }
                add(Mark::IdTail, &tail);
                add(Mark::NationalIdPart, &format!("*{}", tail.trim_start_matches('0')));
            }
        }
        Kind::Iban => {
            for (form, mark) in forms.iter().zip([Mark::Iban, Mark::Account]) {
                add(mark, form);
            }
        }
        Kind::Account => every(Mark::Account, &mut add),
        Kind::CustomerNumber => every(Mark::CustomerBare, &mut add),
        Kind::EmployeeNumber => every(Mark::EmployeeBare, &mut add),
        Kind::Plate => every(Mark::Plate, &mut add),
        // One of several words is none of them.
        Kind::Username if forms.iter().all(|form| form.chars().all(char::is_alphanumeric)) => {
            every(Mark::UsernameBare, &mut add);
        }
        Kind::BirthDate => {
            let layouts = dates(value).into_iter().flat_map(spellings::layouts);
            layouts.for_each(|layout| add(Mark::BirthDate, &layout));
        }
        Kind::Username | Kind::Address => {}
    }
    for (mark, digests) in forms.iter().filter_map(|form| spellings::digests(kind, form, value)) {
        all.extend(digests.into_iter().map(|digest| (mark, digest)));
    }
}

/// A telephone number with its country, with the zero before the national number too, and without.
fn phone(forms: &[String], add: &mut impl FnMut(Mark, &str)) {
    for form in forms {
        let abroad = form.strip_prefix('+').and_then(|d| Some(d.split_at(calling_code(d)?)));
        match abroad {
            Some((country, national)) => {
                add(Mark::Phone, &format!("{country}{national}"));
                add(Mark::Phone, &format!("{country}0{national}"));
            }
            None => add(Mark::PhoneBare, form),
        }
    }
}
