//! Statistics, machines and animals: what stands in a table of counts or of things, and in none that tells of a person,
//! is no person's religion, illness, sex or pay.

use std::collections::{HashMap, HashSet};

use super::address::is_part;
use super::{
    ADDRESS, Draft, EMPLOYMENT, Group, PAY, TELLS_FULLY, distinct, group, is_of_people,
    is_or_below, numbers, of_patients, sample,
};
use crate::detect::finder::{FAILED, Finder};
use crate::detect::fold::words;
use crate::detect::lexicon::{Fit, Hint, Matter};
use crate::evidence;
use crate::eye::Named;
use crate::sketch::Distinct;
use crate::tally::{FileTally, Kind};

/// Share of distinct values that have a word of the kind's vocabulary, below which nobody knows what they are.
const KNOWN: f64 = 0.1;

/// What is known of a table.
#[derive(Default)]
struct Table {
    /// Names of people, dates of birth, and other data that tell who somebody is.
    names: usize,
    births: bool,
    others: bool,
    streets: bool,
    /// Whether a field has the name of what tells who somebody is, whatever it holds.
    headed: bool,
    /// How many of those names stand under the heading of a person's.
    owners: usize,
    /// What the names of its fields say of its rows.
    persons: bool,
    named: bool,
    numbered: bool,
    things: bool,
    counts: bool,
    groups: bool,
    /// Whether a field is of what only things have that have names, and whether another's name is that of something of a
    /// person's.
    catalogued: bool,
    told: bool,
    /// Whether it is of firms or their places.
    firms: bool,
    /// How many fields it has, and how many of them say what is counted, by what, or in which order.
    fields: usize,
    counting: usize,
}

/// Takes down what is told of groups and things.
pub(super) fn lower(finder: &Finder, named: &[Named], tally: &FileTally, drafts: &mut [Draft]) {
    let is_asked = |d: &Draft| d.accept.column.is_some() && tally.slots[&d.slot].filled > 1;
    let concerns = |d: &Draft| {
        let is_of_people = finder.is_of_names(d.detector) || finder.is_birth(d.detector);
        let is_of_address = || is_street(finder, d) || is_part(finder, d.detector);
        is_asked(d) && (is_of_people || is_sensitive(finder, d) || is_of_address())
    };
    if !drafts.iter().any(concerns) {
        return;
    }
    let tables = tables(finder, named, tally, drafts);
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
fn tables<'a>(
    finder: &Finder,
    named: &'a [Named],
    tally: &FileTally,
    drafts: &[Draft],
) -> HashMap<Group<'a>, Table> {
    let mut tables: HashMap<_, Table> = HashMap::new();
    for draft in drafts.iter().filter(|d| d.certainty >= 0.5 && is_of_people(finder, d.detector)) {
        let table = tables.entry(group(&named[draft.slot.0 as usize])).or_default();
        match () {
            () if finder.is_of_names(draft.detector) => {
                table.names += 1;
                let name = &named[draft.slot.0 as usize];
                let hint = name.hints.get(&draft.detector);
                // `Eier navn`; dogs have a `Rufname`.
                let is_owner =
                    hint == Some(&Hint::For(Fit::Strong)) && words(name.field()).len() > 1;
                table.owners += usize::from(is_owner);
            }
            () if finder.is_birth(draft.detector) => table.births = true,
            // A position is that of many, a staff number one person's.
            () if is_employment(finder, draft.detector) => {
                let slot = &tally.slots[&draft.slot];
                table.others |= slot.numbers.count * 2 >= slot.filled;
            }
            () if is_street(finder, draft) => table.streets = true,
            () => {
                let hint = named[draft.slot.0 as usize].hints.get(&draft.detector);
                table.others |= identifies(finder, draft.detector)
                    && !is_place(finder, draft.detector, hint.copied());
            }
        }
    }
    let patients: HashSet<_> = of_patients(named).collect();
    let is_told = |h: &Hint| matches!(h, Hint::For(Fit::Strong | Fit::Medium));
    for name in named {
        let Some(field) = name.slot.field.as_deref() else { continue };
        let group = group(name);
        let table = tables.entry(group).or_default();
        table.persons |= is_or_below(group, |group| patients.contains(&group));
        let is_told = name.hints.values().any(is_told);
        let is_own = |(d, h): (&u16, &Hint)| {
            *h == Hint::For(Fit::Strong) && identifies(finder, *d) && !is_employment(finder, *d)
        };
        table.headed |= name.hints.iter().any(is_own);
        let is_persons = |(d, h): (&u16, &Hint)| {
            *h == Hint::For(Fit::Strong)
                && (identifies(finder, *d) || is_employment(finder, *d))
                && !finder.is_of_names(*d)
                && finder.rules.detectors[usize::from(*d)].category != ADDRESS
        };
        table.told |= name.hints.iter().any(is_persons);
        table.catalogued |= finder.lexicon.is_catalogued(field);
        table.firms |= finder.lexicon.is_of_firms(field);
        let table_name = name.slot.table.as_deref();
        table.things |= table_name.is_some_and(|name| finder.lexicon.is_of_animals(name));
        table.fields += 1;
        table.counting += usize::from(is_counting(finder, field));
        match finder.lexicon.rows(field) {
            Some(Matter::Person) => table.persons = true,
            Some(Matter::Named) => table.named = true,
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
        // Animals have one name and are born; those who own them have a heading that says so.
        let others = self.others || self.streets;
        let of_things =
            self.things && self.names <= 1 && self.owners == 0 && !self.persons && !others;
        if finder.is_of_names(draft.detector) {
            let field = named[draft.slot.0 as usize].field();
            return match () {
                () if of_things => Some("names in a table of things"),
                () if self.names > 1 || self.owners > 0 || self.streets || !self.is_of_nobody() => {
                    None
                }
                () if self.catalogued && is_generic(finder, field) => {
                    Some("names of what has a price or a number of its own")
                }
                () => (self.is_count_of_names() && are_single(finder, tally, draft))
                    .then_some("names that are counted"),
            };
        }
        if is_street(finder, draft) {
            let of_nobody = self.names == 0 && self.is_of_nobody();
            let is_listed = || self.firms || are_unnumbered(finder, tally, draft);
            return (of_nobody && is_listed())
                .then_some("streets, in a table that tells of nobody");
        }
        if is_part(finder, draft.detector) {
            return (self.firms && self.names == 0 && self.is_of_nobody())
                .then_some("where firms are, in a table that tells of nobody");
        }
        if finder.is_birth(draft.detector) {
            return of_things.then_some("births in a table of things");
        }
        let of_person = self.names > 0 || others || self.persons || self.births;
        if of_person && !of_things || !is_sensitive(finder, draft) {
            return None;
        }
        let hint = named[draft.slot.0 as usize].hints.get(&draft.detector);
        let kind = &tally.slots[&draft.slot].kinds[draft.detector];
        let is_pay = finder.rules.detectors[draft.detector as usize].category == PAY;
        // Codes and words that no list knows may be anything's.
        let is_unknown = finder.known_rung(draft.detector).is_some_and(|known| {
            let known = distinct(kind, |rung| rung == known);
            let words = sample(kind).0 - numbers(finder, draft.detector, kind);
            words >= 1.0 && known < KNOWN * words
        });
        // Countries and trades have names as well.
        let field = named[draft.slot.0 as usize].field();
        let is_listed =
            (is_catalogued(finder, draft.detector) || is_of_codes(field)) && is_each_once(kind);
        match () {
            () if self.named && !self.things && !is_listed => None,
            () if self.things => Some("a table of things"),
            () if self.headed => None,
            () if self.counts => Some("counts, in a table that tells of nobody"),
            () if is_listed => Some("each value once, in a table that tells of nobody"),
            () if self.numbered => None,
            () if is_pay && self.groups && hint.is_some() => {
                Some("pay of groups, in a table that tells of nobody")
            }
            () => is_unknown.then_some("unknown words, in a table that tells of nobody"),
        }
    }
}

impl Table {
    /// Whether nothing but names and streets tells of a person.
    fn is_of_nobody(&self) -> bool {
        !self.persons && !self.others && !self.births && !self.told
    }

    /// Whether all it has beside names are counts of them, and what they are counted and sorted by.
    fn is_count_of_names(&self) -> bool {
        self.counts && self.fields == self.counting + 1
    }
}

/// Whether a field's name is that of counts or of what is counted by: years, places, sexes.
fn is_counting(finder: &Finder, field: &str) -> bool {
    const ORDER: &[&str] = &[
        "rank",
        "rang",
        "rangering",
        "rangliste",
        "plass",
        "plads",
        "pos",
        "nr",
        "no",
        "id",
        "sex",
        "gender",
        "kjønn",
        "køn",
        "kön",
        "geschlecht",
        "sexe",
        "geslacht",
        "sexo",
        "sesso",
        "decade",
    ];
    let words = words(field);
    let is_order = || words.iter().all(|word| ORDER.contains(&word.as_str()));
    matches!(finder.lexicon.rows(field), Some(Matter::Counts | Matter::Groups)) || is_order()
}

/// Whether a field's name is one that things bear as well: a word for a name alone, or of what is called after people.
fn is_generic(finder: &Finder, field: &str) -> bool {
    finder.lexicon.rows(field) == Some(Matter::Named) || finder.lexicon.is_of_things(field)
}

/// Whether most names of a column are single words.
fn are_single(finder: &Finder, tally: &FileTally, draft: &Draft) -> bool {
    let kind = &tally.slots[&draft.slot].kinds[draft.detector];
    let (passed, _) = sample(kind);
    let full = distinct(kind, |rung| finder.chance(draft.detector, rung) <= TELLS_FULLY);
    full * 10.0 <= passed
}

/// Whether a kind is streets, and whether those of a column have no house numbers, as in registers of streets.
fn is_street(finder: &Finder, draft: &Draft) -> bool {
    let category = &finder.rules.detectors[draft.detector as usize].category;
    category == ADDRESS && finder.tells_columns(draft.detector)
}

fn are_unnumbered(finder: &Finder, tally: &FileTally, draft: &Draft) -> bool {
    let kind = &tally.slots[&draft.slot].kinds[draft.detector];
    distinct(kind, |rung| finder.is_unnumbered(draft.detector, rung)) * 10.0 >= sample(kind).0 * 9.0
}

/// Whether a kind under such a name is coordinates of anything.
fn is_place(finder: &Finder, detector: u16, hint: Option<Hint>) -> bool {
    let category = &finder.rules.detectors[detector as usize].category;
    category == "location" && hint != Some(Hint::For(Fit::Strong))
}

/// Whether a kind is positions and numbers of staff.
fn is_employment(finder: &Finder, detector: u16) -> bool {
    finder.rules.detectors[detector as usize].category == EMPLOYMENT
}

/// Whether a kind's values are what lists of all there are hold, and short: trades, nationalities, unions. Illnesses are
/// written down in each one's own words.
fn is_catalogued(finder: &Finder, detector: u16) -> bool {
    let category = finder.rules.category(detector as usize).key.as_str();
    !matches!(category, PAY | "family" | "social_case") && !category.starts_with("health")
}

/// Whether a field's name is that of codes of illnesses, of which there are lists.
fn is_of_codes(field: &str) -> bool {
    const CODES: &[&str] = &["code", "kode", "kod", "icd", "icpc", "snomed", "icd10", "icd9"];
    words(field).iter().any(|word| CODES.contains(&word.as_str()))
}

/// Whether each value of a column stands there once, as in lists of all there are.
fn is_each_once(kind: &Kind) -> bool {
    /// Fewest values that show it.
    const FEWEST: u64 = 3;
    let (mut matches, mut distinct) = (0, Distinct::default());
    for (_, count) in kind.counts.iter().filter(|(sign, _)| sign.rung != FAILED) {
        matches += count.matches;
        distinct.merge(&count.distinct);
    }
    matches >= FEWEST && distinct.count().0 * 50 >= matches * 49
}

/// Whether a kind tells who somebody is. Towns and postal codes are what people are counted by, and children are
/// counted.
fn identifies(finder: &Finder, detector: u16) -> bool {
    let is_family = finder.rules.detectors[detector as usize].category == "family";
    is_of_people(finder, detector) && !is_part(finder, detector) && !is_family
}

/// Whether a kind is one that groups and things have as well.
fn is_sensitive(finder: &Finder, draft: &Draft) -> bool {
    let category = finder.rules.category(draft.detector as usize);
    let key = category.key.as_str();
    category.art9
        || category.art10
        || matches!(key, PAY | EMPLOYMENT | "family" | "social_case")
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
    fn things_have_names_of_people() {
        let called = ["Fridtjof Nansen", "Roald Amundsen", "Henrik Ibsen", "Edvard Grieg"];
        let numbers = ["12", "8", "20", "6"];
        for thing in ["price", "Plasser", "MMSI", "iata", "max_wind_kt", "norad_id", "Litra"] {
            assert_eq!(
                listed(&[("id", &numbers), ("Navn", &called), (thing, &numbers)]),
                [""; 0],
                "{thing}"
            );
        }
        let names = ["name: person_name"];
        assert_eq!(listed(&[("name", &called), ("points", &numbers)]), names);
        let mails = ["a.b@firma.no", "b.c@firma.no", "c.d@firma.no", "d.e@firma.no"];
        let found = listed(&[("name", &called), ("email", &mails), ("price", &numbers)]);
        assert_eq!(found, ["name: person_name", "email: email"]);
        let kunde = listed(&[("Kundenavn", &called), ("Pris", &numbers)]);
        assert_eq!(kunde, ["Kundenavn: person_name"]);
        assert_eq!(listed(&[("shipname", &called), ("sog", &numbers)]), [""; 0]);
    }

    #[test]
    fn counted_names_are_statistics() {
        let given = ["Emma", "Nora", "Olivia", "Sofie", "Kari"];
        let numbers = ["612", "540", "501", "490", "455"];
        let ranks = ["1", "2", "3", "4", "5"];
        assert_eq!(listed(&[("rank", &ranks), ("name", &given), ("count", &numbers)]), [""; 0]);
        let full = ["Emma Hansen", "Nora Berg", "Olivia Dahl", "Sofie Moen", "Kari Olsen"];
        let found = listed(&[("rank", &ranks), ("name", &full), ("count", &numbers)]);
        assert_eq!(found, ["name: person_name"]);
        let found = listed(&[("name", &given), ("math", &ranks), ("total", &numbers)]);
        assert_eq!(found, ["name: person_name"]);
    }

    #[test]
    fn registers_of_streets_tell_of_nobody() {
        let streets =
            ["Henrik Ibsens gate", "Olaf Ryes plass", "Storgata", "Kirkeveien", "Parkveien"];
        let lengths = ["1100", "150", "800", "2100", "900"];
        assert_eq!(listed(&[("Gate", &streets), ("Lengde", &lengths)]), [""; 0]);
        let names = ["Kari Hansen", "Ola Nordmann", "Anne Olsen", "Per Moen", "Nina Dahl"];
        let found = listed(&[("Navn", &names), ("Gate", &streets), ("Husnr", &lengths)]);
        assert!(found.contains(&"Gate: street_address".to_owned()), "{found:?}");
    }

    #[test]
    fn lists_of_all_there_are_tell_of_nobody() {
        let jobs = ["Sykepleier", "Lærer", "Renholder", "Baker", "Tømrer", "Pilot"];
        let unions = ["NITO", "Tekna", "Fagforbundet", "Parat", "Utdanningsforbundet", "Lederne"];
        assert_eq!(listed(&[("Stilling", &jobs)]), [""; 0]);
        assert_eq!(listed(&[("Fagforbund", &unions)]), [""; 0]);
        let codes = ["I10", "E11.9", "J45.9", "F32.1", "M54.5", "G43.9"];
        assert_eq!(listed(&[("id", COUNTS), ("icd_code", &codes)]), [""; 0]);
        let found = listed(&[("patient_id", COUNTS), ("icd_code", &codes)]);
        assert_eq!(found, ["icd_code: health"]);
        assert_eq!(
            listed(&[("Job Title", &jobs), ("Grade", &["1"; 6]), ("Min Salary", PAY)]),
            [""; 0]
        );
        let again = ["Lærer", "Lærer", "Renholder", "Baker", "Lærer", "Pilot"];
        assert_eq!(listed(&[("Stilling", &again)]), ["Stilling: employment"]);
        let found = listed(&[("ansattnr", COUNTS), ("Stilling", &jobs)]);
        assert_eq!(found, ["ansattnr: employment", "Stilling: employment"]);
    }

    #[test]
    fn births_of_animals_are_nobodys() {
        let born = ["2021-03-20", "2020-04-11", "2019-01-02", "2018-12-24", "2022-02-02"];
        let called = ["Dagros", "Rosa", "Emma", "Sara", "Maria"];
        let tags = ["1001", "1009", "1034", "1101", "1203"];
        assert_eq!(listed(&[("Øremerke", &tags), ("Navn", &called), ("Født", &born)]), [""; 0]);
        assert_eq!(listed(&[("Rufname", &called), ("Rasse", &tags)]), [""; 0]);
        let owners = ["Kari Hansen", "Ola Nordmann", "Anne Olsen", "Per Moen", "Nina Dahl"];
        let found = listed(&[("Hund", &called), ("Eier navn", &owners), ("Rase", &tags)]);
        assert_eq!(found, ["Eier navn: person_name"]);
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
