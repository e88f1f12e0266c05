//! Statistics, machines and animals: what stands in a table of counts or of things, and in none that tells of a person,
//! is no person's religion, illness, sex or pay.

use std::collections::HashMap;

use super::{ADDRESS, Draft, Group, PAY, distinct, group, is_of_people, numbers, sample};
use crate::detect::finder::Finder;
use crate::detect::lexicon::{Fit, Hint, Matter};
use crate::evidence;
use crate::eye::Named;
use crate::tally::FileTally;

/// Share of distinct values that have a word of the kind's vocabulary, below which nobody knows what they are.
const KNOWN: f64 = 0.1;

/// What is known of a table.
#[derive(Default)]
struct Table {
    /// Names of people, and other data that tell who somebody is.
    names: usize,
    others: bool,
    /// Whether a field has the name of what tells who somebody is, whatever it holds.
    headed: bool,
    /// What the names of its fields say of its rows.
    persons: bool,
    numbered: bool,
    things: bool,
    counts: bool,
    groups: bool,
}

/// Takes down what is told of groups and things.
pub(super) fn lower(finder: &Finder, named: &[Named], tally: &FileTally, drafts: &mut [Draft]) {
    let is_asked = |d: &Draft| d.accept.column.is_some() && tally.slots[&d.slot].filled > 1;
    let concerns =
        |d: &Draft| is_asked(d) && (finder.is_of_names(d.detector) || is_sensitive(finder, d));
    if !drafts.iter().any(concerns) {
        return;
    }
    let tables = tables(finder, named, drafts);
    for draft in drafts.iter_mut().filter(|d| is_asked(d)) {
        let Some(table) = tables.get(&group(&named[draft.slot.0 as usize])) else { continue };
        let Some(why) = table.speaks_against(finder, named, tally, draft) else { continue };
        if let Some(certainty) = evidence::lowered(&mut draft.evidence, why) {
            draft.certainty = certainty;
            draft.accept.column = Some(certainty);
        }
    }
}

/// The tables of a file.
fn tables<'a>(finder: &Finder, named: &'a [Named], drafts: &[Draft]) -> HashMap<Group<'a>, Table> {
    let mut tables: HashMap<_, Table> = HashMap::new();
    for draft in drafts.iter().filter(|d| d.certainty >= 0.5 && is_of_people(finder, d.detector)) {
        let table = tables.entry(group(&named[draft.slot.0 as usize])).or_default();
        match () {
            () if finder.is_of_names(draft.detector) => table.names += 1,
            () => table.others |= identifies(finder, draft.detector),
        }
    }
    let is_told = |h: &Hint| matches!(h, Hint::For(Fit::Strong | Fit::Medium));
    for name in named {
        let Some(field) = name.slot.field.as_deref() else { continue };
        let table = tables.entry(group(name)).or_default();
        let is_told = name.hints.values().any(is_told);
        let is_own = |(d, h): (&u16, &Hint)| *h == Hint::For(Fit::Strong) && identifies(finder, *d);
        table.headed |= name.hints.iter().any(is_own);
        match finder.lexicon.rows(field) {
            Some(Matter::Person) => table.persons = true,
            Some(Matter::Numbered) => table.numbered = true,
            Some(Matter::Thing) => table.things = true,
            // An hourly rate is pay.
            Some(Matter::Counts) => table.counts |= !is_told,
            Some(Matter::Groups) => table.groups = true,
            None => {}
        }
    }
    tables
}

impl Table {
    /// What speaks against a column here.
    fn speaks_against(
        &self,
        finder: &Finder,
        named: &[Named],
        tally: &FileTally,
        draft: &Draft,
    ) -> Option<&'static str> {
        if finder.is_of_names(draft.detector) {
            let is_thing = self.things && self.names == 1 && !self.persons && !self.others;
            return is_thing.then_some("names in a table of things");
        }
        if self.names > 0 || self.others || self.persons || !is_sensitive(finder, draft) {
            return None;
        }
        let kind = &tally.slots[&draft.slot].kinds[draft.detector];
        let hint = named[draft.slot.0 as usize].hints.get(&draft.detector);
        let is_pay = finder.rules.detectors[draft.detector as usize].category == PAY;
        // Codes and words that no list knows may be anything's.
        let is_unknown = finder.known_rung(draft.detector).is_some_and(|known| {
            let known = distinct(kind, |rung| rung == known);
            let words = sample(kind).0 - numbers(finder, draft.detector, kind);
            words >= 1.0 && known < KNOWN * words
        });
        match () {
            () if self.things => Some("a table of things"),
            () if self.headed => None,
            () if self.counts => Some("counts, in a table that tells of nobody"),
            () if self.numbered => None,
            () if is_pay && self.groups && hint.is_some() => {
                Some("pay of groups, in a table that tells of nobody")
            }
            () => is_unknown.then_some("unknown words, in a table that tells of nobody"),
        }
    }
}

/// Whether a kind tells who somebody is. Towns and postal codes are what people are counted by, and children are
/// counted.
fn identifies(finder: &Finder, detector: u16) -> bool {
    let category = &finder.rules.detectors[detector as usize].category;
    let is_counted = category == ADDRESS && !finder.tells_columns(detector);
    is_of_people(finder, detector) && !is_counted && category != "family"
}

/// Whether a kind is one that groups and things have as well.
fn is_sensitive(finder: &Finder, draft: &Draft) -> bool {
    let category = finder.rules.category(draft.detector as usize);
    let key = category.key.as_str();
    category.art9
        || category.art10
        || matches!(key, PAY | "family" | "social_case")
        || key.starts_with("demographic.") && key != "demographic.date_of_birth"
}

#[cfg(test)]
mod tests {
    use crate::judge::tests::listed;

    const FAITHS: &[&str] = &["Islam", "Katolsk", "Buddhisme", "Islam", "Katolsk", "Buddhisme"];
    const ILL: &[&str] = &["COPD", "Diabetes", "Asthma", "COPD", "Diabetes", "Asthma"];
    const COUNTS: &[&str] = &["401", "382", "17", "290", "45", "1203"];
    const PAY: &[&str] = &["30170", "33278", "29591", "41020", "38100", "35550"];

    #[test]
    fn counts_are_of_groups() {
        let places = ["Voss", "Bergen", "Os", "Stord", "Voss", "Bergen"];
        let sexes = ["m", "w", "m", "w", "m", "w"];
        let trades = ["Byg", "Handel", "Industri", "Byg", "Handel", "Industri"];
        for table in [
            [("Kommune", &places[..]), ("Religion", FAITHS), ("Antal", COUNTS)],
            [("region", &places), ("diagnosis", ILL), ("cases", COUNTS)],
            [("Alter", COUNTS), ("Geschlecht", &sexes), ("Anzahl", COUNTS)],
            [("Branche", &trades), ("Månedsløn", PAY), ("Titel", &trades)],
        ] {
            assert!(listed(&table).iter().all(|told| told.ends_with(": city")), "{table:?}");
        }
        let mails: Vec<String> = (0..6).map(|n| format!("kari{n}@firma.no")).collect();
        let mails: Vec<&str> = mails.iter().map(String::as_str).collect();
        let found = listed(&[("E-post", &mails), ("Religion", FAITHS), ("Antal", COUNTS)]);
        assert_eq!(found, ["E-post: email", "Religion: religion"]);
        assert_eq!(
            listed(&[("Pasientnr", COUNTS), ("diagnosis", ILL)]).last().map(String::as_str),
            Some("diagnosis: health")
        );
    }

    #[test]
    fn things_have_no_faith_and_no_sex() {
        let faults = ["Lager defekt", "Kein Befund", "Sensor aus", "Kein Befund", "Ölmangel"];
        let breeds = ["Dackel", "Pudel", "Dackel", "Boxer", "Pudel"];
        let sexes = ["Rüde", "Hündin", "Rüde", "Hündin", "Rüde"];
        assert_eq!(listed(&[("Maschine", &breeds), ("Diagnose", &faults)]), [""; 0]);
        assert_eq!(listed(&[("Rasse", &breeds), ("Geschlecht", &sexes)]), [""; 0]);
        assert_eq!(listed(&[("Kirche", &breeds), ("Konfession", &FAITHS[..5])]), [""; 0]);
        assert_eq!(listed(&[("word", &breeds), ("diagnosis", &faults)]), [""; 0]);
        let unlisted = listed(&[("Nachname", &breeds), ("diagnosis", &faults)]);
        assert!(unlisted.contains(&"diagnosis: health".to_owned()), "{unlisted:?}");
    }
}
