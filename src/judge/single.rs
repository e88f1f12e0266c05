//! Fields with one value: one value agrees with nothing, so that their names alone tell what they are. Catalogues of
//! messages (`"password": "Choose one"`) and maps with codes for keys are full of them.

use std::collections::HashMap;

use super::{Draft, is_of_people};
use crate::detect::finder::{FAILED, Finder};
use crate::detect::fold::words;
use crate::evidence;
use crate::eye::Named;
use crate::tally::FileTally;

/// Most fields with one value each that a person's record has for each value that tells of a person; catalogues have
/// more.
const RECORD: usize = 40;
/// Chance up to which a value tells that a record is a person's.
const TELLS_PERSON: f64 = 0.3;

/// The fields of a table or document with one value each.
#[derive(Default)]
struct Record {
    fields: usize,
    /// How many of them tell that they are about a person.
    telling: usize,
}

impl Record {
    /// Whether it is that of a person.
    fn is_of_person(&self) -> bool {
        self.telling > 0 && self.fields <= RECORD * self.telling
    }
}

/// Takes down what only the name of a field with one value tells of. The record of a person keeps it.
pub(super) fn lower(finder: &Finder, named: &[Named], tally: &FileTally, drafts: &mut [Draft]) {
    let key = |draft: &Draft| key(&named[draft.slot.0 as usize]);
    let mut records: HashMap<_, Record> = HashMap::new();
    for (id, _) in tally.slots.iter().filter(|(_, slot)| slot.filled == 1) {
        records.entry(self::key(&named[id.0 as usize])).or_default().fields += 1;
    }
    for draft in drafts.iter().filter(|d| d.accept.column.is_some() && d.certainty >= 0.5) {
        if let Some(record) = records.get_mut(&key(draft)) {
            let is_told = is_of_people(finder, draft.detector)
                && tells(finder, tally, draft)
                && rungs(tally, draft).all(|r| finder.chance(draft.detector, r) <= TELLS_PERSON);
            record.telling += usize::from(is_told);
        }
    }
    for draft in drafts.iter_mut().filter(|d| d.accept.column.is_some()) {
        let is_single = tally.slots[&draft.slot].filled == 1;
        let kept = records.get(&key(draft)).is_none_or(Record::is_of_person);
        let is_label = is_single && names_value(finder, &named[draft.slot.0 as usize], draft);
        if !is_single || !is_label && (kept || tells(finder, tally, draft)) {
            continue;
        }
        let why = "one value, told by the field's name alone";
        if let Some(certainty) = evidence::lowered(&mut draft.evidence, why) {
            draft.certainty = certainty;
            draft.accept.column = Some(certainty);
        }
    }
}

/// Whether a field's name has a value of the kind in it that hardly means anything else: `gender-male` is the word for
/// it in a catalogue, whatever the language.
fn names_value(finder: &Finder, named: &Named, draft: &Draft) -> bool {
    let field = named.field();
    let leaf = field.rsplit('.').next().unwrap_or(field);
    let tells = |word: &String| {
        let (rung, _) = finder.rung(draft.detector, finder.check(draft.detector, word));
        word.len() > 1 && rung != FAILED && finder.is_telling(draft.detector, rung)
    };
    finder.has_words(draft.detector) && words(leaf).iter().any(tells)
}

/// The table or document that a field stands in.
fn key(named: &Named) -> (&[String], Option<&str>) {
    (&named.slot.members, named.slot.table.as_deref())
}

/// The rungs of a draft's distinct values.
fn rungs<'a>(tally: &'a FileTally, draft: &Draft) -> impl Iterator<Item = u8> + 'a {
    let kind = &tally.slots[&draft.slot].kinds[draft.detector];
    kind.sample.rungs().filter(|rung| *rung != FAILED)
}

/// Whether a draft's values tell their kind, whatever the field is called. A name in small letters agrees with others
/// in its column, by itself it is any word.
fn tells(finder: &Finder, tally: &FileTally, draft: &Draft) -> bool {
    let detector = draft.detector;
    rungs(tally, draft)
        .all(|rung| finder.is_telling(detector, rung) && !finder.is_small(detector, rung))
}

#[cfg(test)]
mod tests {
    use crate::judge::tests::listed;

    /// What is listed of the salary in a record with these fields and so many others.
    fn has_salary(told: &[(&'static str, &'static str)], others: usize) -> bool {
        let others: Vec<String> = (0..others).map(|n| format!("field_{n}")).collect();
        let values: Vec<[&str; 1]> = told.iter().map(|t| [t.1]).collect();
        let told = told.iter().zip(&values).map(|(t, value)| (t.0, &value[..]));
        let others = others.iter().map(|field| (field.as_str(), &["x"][..]));
        let columns: Vec<_> = told.chain([("salary", &["612000"][..])]).chain(others).collect();
        listed(&columns).contains(&"salary: salary".to_owned())
    }

    #[test]
    fn long_records_of_persons_are_no_catalogues() {
        let name = [("first_name", "Mary"), ("last_name", "Smith")];
        let more = [name[0], name[1], ("email", "mary.smith@firma.no"), ("dob", "1985-03-12")];
        assert!(has_salary(&name, 38) && has_salary(&more, 90));
        assert!(!has_salary(&name, 90) && !has_salary(&name[..1], 60) && !has_salary(&[], 3));
    }

    #[test]
    fn one_full_name_is_a_person() {
        assert_eq!(
            listed(&[("name", &["Linda Johnson"]), ("plan", &["Gold"])]),
            ["name: person_name"]
        );
        for thing in ["Garden Chair", "Linda", "New York", "Oak Johnson Table"] {
            assert_eq!(listed(&[("name", &[thing])]), [""; 0], "{thing}");
        }
    }
}
