//! Field names: which kinds a column's name speaks for or against, and how strongly.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use self::endings::Endings;
use self::fronts::{Fronts, LONG};
use self::names::without_count;
use self::numbers::Numbers;
use self::owners::Owners;
pub use self::paths::leaf;
use self::paths::{without_language, without_table};
pub use self::rows::Matter;
use self::rows::Rows;
use super::fold::{fold, in_latin, spellings, transliterated, words};
use super::rules::{Detector, Rules};
use crate::memo::Memo;

mod endings;
mod fronts;
mod names;
mod numbers;
mod owners;
mod paths;
mod rows;
mod short;
#[cfg(test)]
mod tests;

/// Words in all their spellings.
type Words = HashSet<String, foldhash::quality::RandomState>;

/// The words of these lists, in all their spellings.
fn listed<C: FromIterator<String>>(rules: &Rules, names: &[&str]) -> C {
    let words = names.iter().filter_map(|name| rules.lists.get(*name)).flatten();
    words.flat_map(|word| spellings(word)).collect()
}

/// How well a field name fits an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// The whole name is one that anything may bear: the values have to be of the kind's own vocabulary.
    Asking,
    /// The entry stands inside a word of the name.
    Weak,
    /// The whole name is an entry that other things bear as often.
    Ambiguous,
    /// The entry is among the words of the name.
    Medium,
    /// The whole name is the entry.
    Strong,
}

/// What a field name says of one detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// It is a name of this kind.
    For(Fit),
    /// It is a name of something else that this kind is mistaken for.
    Against,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    Header,
    WeakHeader,
    AskingHeader,
    Against,
}

/// All field names of all detectors, folded.
pub struct Lexicon {
    /// Words of an entry, joined by blanks or by nothing → its place among those who bear one.
    entries: HashMap<String, usize, foldhash::quality::RandomState>,
    /// Who bears each entry, by its place.
    bearers: Vec<Vec<(u16, Role)>>,
    /// How entries begin that have six letters or more, for names that run words together.
    fronts: Fronts,
    /// What labels say, which come again in file after file.
    labels: Memo<Arc<[(u16, Hint)]>>,
    /// The most words that an entry has.
    longest: usize,
    /// Per detector, whether its values have a shape and a check or separators of their own, or are dates.
    checked: Vec<bool>,
    /// Per detector, whether any number is a value of it.
    amounts: Vec<bool>,
    /// Per detector, whether its values have a shape.
    shaped: Vec<bool>,
    /// Per detector, whether its look in running text tells whole columns.
    found_again: Vec<bool>,
    /// Words that say whose something is.
    owners: Owners,
    /// Names that other words may stand before.
    endings: Endings,
    /// Names of numbers, and the detectors that they speak against.
    numbers: Numbers,
    /// What names say of the rows of their tables.
    rows: Rows,
    /// Detectors with names that whole things bear, too, and those names, folded.
    full: Vec<(u16, Vec<String>)>,
}

/// How many entries the lexicon mostly has room for from the start.
const USUAL: usize = 14_000;

impl Lexicon {
    /// The lexicon of these rules.
    #[must_use]
    pub fn new(rules: &Rules) -> Lexicon {
        let asks = |d: &Detector, name: &str| d.validator.as_ref().is_some_and(|v| v.0 == name);
        let checked = |d: &Detector| {
            d.pattern.is_some() && (d.any_chance() <= 0.15 || d.separators) || asks(d, "birth_date")
        };
        let checked = rules.detectors.iter().map(checked).collect();
        let whole = |d: &Detector| d.prose.as_ref().is_some_and(|p| p.whole);
        let found_again = rules.detectors.iter().map(whole).collect();
        let amounts = rules.detectors.iter().map(|d| asks(d, "amount")).collect();
        let full = |(number, d): (u16, &Detector)| {
            let names = d.full_headers.iter().map(|name| words(name).concat()).collect::<Vec<_>>();
            (!names.is_empty()).then_some((number, names))
        };
        let mut lexicon = Lexicon {
            entries: HashMap::with_capacity_and_hasher(USUAL, Default::default()),
            bearers: Vec::with_capacity(USUAL),
            fronts: Fronts::default(),
            labels: Memo::default(),
            longest: 1,
            checked,
            amounts,
            shaped: rules.detectors.iter().map(|d| d.pattern.is_some()).collect(),
            found_again,
            owners: Owners::new(rules),
            endings: Endings::new(rules),
            numbers: Numbers::new(rules),
            rows: Rows::new(rules),
            full: (0..=u16::MAX).zip(&rules.detectors).filter_map(full).collect(),
        };
        lexicon.add_all(&rules.detectors);
        lexicon
    }

    /// Takes in the names of all detectors. Most words that speak against one speak against many: each is folded once.
    fn add_all(&mut self, detectors: &[Detector]) {
        let mut known: HashMap<&str, Vec<usize>, foldhash::quality::RandomState> =
            HashMap::default();
        for (number, detector) in (0..=u16::MAX).zip(detectors) {
            for (list, role) in [
                (&detector.headers, Role::Header),
                (&detector.weak_headers, Role::WeakHeader),
                (&detector.asking_headers, Role::AskingHeader),
                (&detector.against, Role::Against),
            ] {
                for entry in list {
                    let places = known.entry(entry).or_insert_with(|| self.places(entry));
                    places.iter().for_each(|place| self.bear(*place, (number, role)));
                }
            }
        }
        let is_long = |(entry, place): &(&String, &usize)| {
            let is_one_word = entry.len() >= LONG && !entry.contains(' ');
            is_one_word && self.bearers[**place].iter().any(|b| b.1 == Role::Header)
        };
        self.fronts = self.entries.iter().filter(is_long).map(|long| long.0.as_str()).collect();
    }

    /// The places of an entry's spellings.
    fn places(&mut self, entry: &str) -> Vec<usize> {
        let mut places = Vec::new();
        /// Letters of an entry that is known in Latin letters, too: few are words of other languages.
        const TELLING: usize = 5;
        let spellings = [Some(entry.to_owned()), transliterated(entry)];
        let latin = in_latin(entry).into_iter().filter(|latin| latin.len() >= TELLING);
        for spelling in spellings.into_iter().flatten().chain(latin) {
            let words = words(&spelling);
            self.longest = self.longest.max(words.len());
            let glued = (words.len() > 1).then(|| words.concat());
            for key in glued.into_iter().chain([words.join(" ")]) {
                let next = self.bearers.len();
                let place = *self.entries.entry(key).or_insert(next);
                if place == next {
                    self.bearers.push(Vec::new());
                }
                places.push(place);
            }
        }
        places
    }

    /// Puts down who bears an entry. What a detector bears it as comes in one go.
    fn bear(&mut self, place: usize, bearer: (u16, Role)) {
        let bearers = &mut self.bearers[place];
        if bearers.last() != Some(&bearer) {
            bearers.push(bearer);
        }
    }

    /// Who bears an entry.
    fn bearers(&self, entry: &str) -> &[(u16, Role)] {
        self.entries.get(entry).map_or(&[], |place| &self.bearers[*place])
    }

    /// What a field's name says of each detector it says anything of. Of a path (`$.users[].email`,
    /// `row.name`) the last part counts, and its last parts where they are one name together: in R the blanks of
    /// a heading become dots (`date.of.birth`), and `<birth><date>` says the same.
    #[must_use]
    pub fn hints(&self, field: &str) -> HashMap<u16, Hint> {
        let mut hints = HashMap::new();
        let leaf = without_table(without_language(leaf(field)));
        let words = words(leaf);
        // A key with a place to fill in is a message: `by {user}`.
        if words.is_empty() || words.len() > 12 || leaf.contains('{') {
            return hints;
        }
        self.counted(&words, &mut hints);
        self.joined(without_count(&words), &mut hints);
        self.parts(&words, &mut hints);
        self.inside(&words, &mut hints);
        self.compound(&words, &mut hints);
        self.ended(&words, &mut hints);
        self.dotted(field, &mut hints);
        self.owned(&words, &mut hints);
        self.below(field, &mut hints);
        self.numbered(&words, &mut hints);
        self.reached(&words, &mut hints);
        self.shortened(&words, &mut hints);
        hints
    }

    /// Whether a field's name is one of the kind that whole things bear, too: a `fullname`.
    #[must_use]
    pub fn is_full(&self, field: &str, number: u16) -> bool {
        let names = self.full.iter().filter(|full| full.0 == number).flat_map(|full| &full.1);
        let name = std::cell::OnceCell::new();
        // Of a path its last parts are a name, too: `driver.name`.
        let told = || {
            let above = field.rsplit('.').nth(1).unwrap_or("");
            (words(leaf(field)).concat(), words(above).concat() + &words(leaf(field)).concat())
        };
        names.into_iter().any(|full| {
            let (leaf, path) = name.get_or_init(told);
            full == leaf || full == path
        })
    }

    /// What a field's name says of the rows of its table.
    #[must_use]
    pub fn rows(&self, field: &str) -> Option<Matter> {
        self.rows.told_by(&words(leaf(field)))
    }

    /// Whether a field's name is that of a firm or a place of one: a `Leverandør`, a `Filiale`.
    #[must_use]
    pub fn is_of_firms(&self, field: &str) -> bool {
        self.rows.is_firm(&words(leaf(field)))
    }

    /// Whether a field's name is that of things that may be called after people: a `Vessel`, a `nom du navire`.
    #[must_use]
    pub fn is_of_things(&self, field: &str) -> bool {
        self.rows.is_thing(&words(leaf(field)))
    }

    /// Whether a label or a field's name is that of the names of such things: `Product name`, `shipname`.
    #[must_use]
    pub fn names_thing(&self, label: &str) -> bool {
        self.rows.is_name_of_thing(&words(leaf(label)))
    }

    /// Whether a table's name says that animals are in it: `animals`, `public.zwierzęta`.
    #[must_use]
    pub fn is_of_animals(&self, table: &str) -> bool {
        self.rows.is_animals(&words(leaf(table)))
    }

    /// Whether a field's name is that of what only things have that have names: a `Pris`, an `MMSI`.
    #[must_use]
    pub fn is_catalogued(&self, field: &str) -> bool {
        self.rows.is_catalogued(&words(leaf(field)))
    }

    /// What a field's name tells of that only persons are asked, or are: an `education`, an `age`.
    #[must_use]
    pub fn trait_of(&self, field: &str) -> Option<String> {
        self.rows.trait_in(&words(leaf(field))).map(str::to_owned)
    }

    /// What a label in running text says as a whole, if it says anything: `(detector, hint)`.
    #[must_use]
    pub fn of_label(&self, label: &str) -> Option<Arc<[(u16, Hint)]>> {
        let told = || {
            let (mut hints, words) = (HashMap::new(), words(label));
            if !words.is_empty() && words.len() <= self.longest {
                self.whole(&words, &mut hints);
            }
            let mut hints: Vec<_> = hints.into_iter().collect();
            hints.sort_unstable_by_key(|h| h.0);
            hints.into()
        };
        let told = self.may_be_entry(label).then(|| self.labels.of(label, told))?;
        (!told.is_empty()).then_some(told)
    }

    /// What a label says behind a word for the person whose it is: `Pasientens diagnose`, `Child's allergies`.
    #[must_use]
    pub fn of_owned_label(&self, label: &str) -> Option<Arc<[(u16, Hint)]>> {
        /// How such a word ends in English and in Nordic languages.
        const ENDS: &[&str] = &["'s", "’s", "s", "ens", "ets", "ns"];
        let (owner, rest) = label.split_once(' ')?;
        let owner = Some(owner).filter(|owner| owner.ends_with('s')).map(fold)?;
        let persons =
            |end: &&str| owner.strip_suffix(*end).is_some_and(|o| self.owners.is_person(o));
        let is_owned = ENDS.iter().any(persons);
        is_owned.then(|| self.of_label(rest))?
    }

    /// Whether a label's letters and digits are those of an entry, wherever its words part: what most labels fail
    /// by, before their words are made.
    fn may_be_entry(&self, label: &str) -> bool {
        /// Labels are shorter than this.
        const LABEL: usize = 64;
        let (mut glued, mut length) = ([0; LABEL], 0);
        if !label.is_ascii() || label.len() > LABEL {
            return true;
        }
        for byte in label.bytes().filter(u8::is_ascii_alphanumeric) {
            glued[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        std::str::from_utf8(&glued[..length]).is_ok_and(|glued| self.entries.contains_key(glued))
    }
}

/// Keeps the stronger hint: a whole name beats everything, then what speaks against.
fn raise(hints: &mut HashMap<u16, Hint>, number: u16, hint: Hint) {
    let rank = |h: Hint| match h {
        Hint::For(Fit::Asking) => 0,
        Hint::For(Fit::Weak) => 1,
        Hint::For(Fit::Medium) => 2,
        Hint::Against => 3,
        Hint::For(Fit::Ambiguous) => 4,
        Hint::For(Fit::Strong) => 5,
    };
    let known = hints.entry(number).or_insert(hint);
    if rank(hint) > rank(*known) {
        *known = hint;
    }
}
