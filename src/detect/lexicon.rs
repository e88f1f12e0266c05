//! Field names: which kinds a column's name speaks for or against, and how strongly.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use self::endings::Endings;
use self::fronts::{Fronts, LONG};
use self::numbers::Numbers;
use self::owners::{Owner, Owners};
pub use self::rows::Matter;
use self::rows::Rows;
use super::fold::{fold, in_latin, spellings, transliterated, words};
use super::rules::{Detector, Rules};
use crate::memo::Memo;

mod endings;
mod fronts;
mod numbers;
mod owners;
mod rows;

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
/// Shorter entries count only as the whole name.
const SHORT: usize = 3;
/// Digits behind a name that count what it names: `phone2`, `name_10`.
const COUNT: usize = 2;
/// Most parts of a dotted name that are one name together: `data.di.nascita`.
const DOTTED: usize = 4;
/// What behind an entry makes another word of it: profession-al, diagnos-tics, familia-le.
const OTHER_WORD: &[&str] = &[
    "l", "le", "les", "r", "re", "al", "als", "ally", "alism", "tion", "tions", "tive", "tic",
    "tics", "ity", "ism", "ist",
];

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
        let leaf = without_language(leaf(field));
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
        hints
    }

    /// What a name of a number says (`Delenr`, `Part No`, `Kod`): it speaks against what has a form of other numbers,
    /// unless what is numbered is of the kind (`Faxnr`) or a way to reach somebody (`Kontaktnr`).
    fn numbered(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        let Some(front) = self.numbers.front(without_count(words)) else { return };
        for &number in self.numbers.detectors.iter().filter(|_| !self.numbers.reaches(&front)) {
            let is_for = |b: &(u16, Role)| b.0 == number && b.1 != Role::Against;
            let hint = match self.bearers(&front.concat()).iter().any(is_for) {
                true => Hint::For(Fit::Medium),
                false => Hint::Against,
            };
            hints.entry(number).or_insert(hint);
        }
    }

    /// What a name of telephones says that tells where one is reached by them, too: `Tlf. arb.`, `Tel. thuis`.
    fn reached(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        let mut rest: Vec<String> = self.numbers.unreached(words).cloned().collect();
        // `SMS` is a way to reach somebody and a telephone.
        if rest.is_empty() {
            rest.extend(words.last().cloned());
        }
        if rest.len() == words.len() {
            return;
        }
        let mut told = HashMap::new();
        self.counted(&rest, &mut told);
        told.retain(|number, hint| {
            *hint == Hint::For(Fit::Strong) && self.numbers.detectors.contains(number)
        });
        told.into_iter().for_each(|(number, hint)| raise(hints, number, hint));
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

    /// What a name says without the words that tell whose it is: a `patient_sex` is a sex, an `owner_phone` a phone. What
    /// other things bear as often is a person's beside a word for one.
    fn owned(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        if hints.values().any(|h| *h == Hint::For(Fit::Strong)) {
            return;
        }
        let parted = match words {
            [word] => self.parted(word),
            _ => None,
        };
        let words = parted.as_deref().unwrap_or(words);
        let (name, owner) = self.owners.without(words);
        let mut told = HashMap::new();
        for name in [name.to_vec(), self.owners.unlinked(name)] {
            if !name.is_empty() && name.len() < words.len() {
                self.whole(&name, &mut told);
            }
        }
        // What anything may bear is not asked of where it is a name of another kind.
        let is_name = told.values().any(|h| matches!(h, Hint::For(fit) if *fit > Fit::Asking));
        let counts = |h: &Hint| *h != Hint::Against && !(is_name && *h == Hint::For(Fit::Asking));
        for (number, hint) in told.into_iter().filter(|told| counts(&told.1)) {
            let known = hints.entry(number).or_insert(hint);
            let is_strong = hint == Hint::For(Fit::Strong) && *known != Hint::Against;
            match hint {
                // Roles of persons stand in lists of roles, too.
                Hint::For(Fit::Asking) if owner == Owner::Person => {
                    *known = Hint::For(Fit::Ambiguous);
                }
                _ if is_strong || owner == Owner::Person => *known = Hint::For(Fit::Strong),
                _ => {}
            }
        }
    }

    /// A word as two where it begins with one that says whose something is, and the rest is a name: `otherphone`.
    fn parted(&self, word: &str) -> Option<Vec<String>> {
        /// Letters that both have at least.
        const PART: usize = 4;
        let mut cuts =
            (PART..(word.len() + 1).saturating_sub(PART)).filter(|at| word.is_char_boundary(*at));
        let is_name = |at: &usize| {
            let is_header = |b: &(u16, Role)| b.1 == Role::Header;
            self.owners.is_owner(&word[..*at]) && self.bearers(&word[*at..]).iter().any(is_header)
        };
        let at = cuts.find(is_name)?;
        Some(vec![word[..at].to_owned(), word[at..].to_owned()])
    }

    /// What the end of a name says that other words may stand before, where nothing speaks against it.
    fn ended(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        for &number in self.endings.of(words, &self.owners) {
            let hint = hints.entry(number).or_insert(Hint::For(Fit::Ambiguous));
            if matches!(hint, Hint::For(Fit::Weak | Fit::Asking)) {
                *hint = Hint::For(Fit::Ambiguous);
            }
        }
    }

    /// Names that other things bear as often are theirs below a part that says so: `manufacturerOrganization.name`.
    fn below(&self, field: &str, hints: &mut HashMap<u16, Hint>) {
        let Some(at) = field.rfind(leaf(field)) else { return };
        let above = words(leaf(field[..at].trim_end_matches('.')));
        if above.last().is_none_or(|thing| !self.owners.is_thing(thing)) {
            return;
        }
        let ambiguous = hints.values_mut().filter(|h| **h == Hint::For(Fit::Ambiguous));
        ambiguous.for_each(|hint| *hint = Hint::Against);
    }

    /// What a name says as a whole, with the number that counts it or without.
    fn counted(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        self.whole(words, hints);
        let name = without_count(words);
        if name.len() == words.len() {
            return;
        }
        let is_short = name.concat().len() <= SHORT;
        let mut told = HashMap::new();
        self.whole(name, &mut told);
        told.retain(|number, _| !is_short || self.checked[usize::from(*number)]);
        told.into_iter().for_each(|(number, hint)| raise(hints, number, hint));
    }

    /// What a name says all of whose words are names that other things bear as well, of one kind, but for small ones:
    /// together they are no more than that (`Naam ouder`, `Nom du patient`, `Bewohner/in`).
    fn joined(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        /// Words between them.
        const SMALL: &[&str] = &[
            "of", "de", "du", "des", "der", "van", "del", "della", "di", "do", "da", "la", "le",
            "the", "og", "and", "och", "und", "en", "et", "e", "y", "i", "a", "l", "d", "in", "r",
            "o", "os", "as",
        ];
        let told = words.iter().filter(|w| !SMALL.contains(&w.as_str()));
        let bearers = told.map(|w| self.bearers(w));
        let mut common: Option<Vec<u16>> = None;
        for bearers in bearers {
            let weak = bearers.iter().filter(|b| b.1 == Role::WeakHeader).map(|b| b.0);
            let known = common.take();
            let both = weak.filter(|n| known.as_ref().is_none_or(|known| known.contains(n)));
            common = Some(both.collect());
        }
        for number in common.into_iter().flatten().filter(|_| words.len() > 1) {
            raise(hints, number, Hint::For(Fit::Ambiguous));
        }
    }

    /// What a compound says that ends with a name that other things bear as well: a Kursteilnehmer is a Teilnehmer. Only
    /// of kinds that are found again in the values, and of which nothing else is said.
    fn compound(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        /// What such an entry and what stands before it have at least.
        const ENTRY: usize = 6;
        const FRONT: usize = 3;
        let [word] = words else { return };
        for at in
            (FRONT..word.len().saturating_sub(ENTRY - 1)).filter(|at| word.is_char_boundary(*at))
        {
            for &(number, role) in self.bearers(&word[at..]) {
                if role == Role::WeakHeader && self.found_again[usize::from(number)] {
                    hints.entry(number).or_insert(Hint::For(Fit::Ambiguous));
                }
            }
        }
    }

    /// What the last parts of a dotted name say together, be it a heading or a path.
    fn dotted(&self, field: &str, hints: &mut HashMap<u16, Hint>) {
        if field.contains(' ') {
            return;
        }
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

    /// What the last two keys of a path of JSON say together, the last one first: `{"name": {"family": …}}` holds a family
    /// name. Where the last one is no more than a date, the one above it tells which (`{"dob": {"date": …}}`).
    fn turned(&self, path: &str, hints: &mut HashMap<u16, Hint>) {
        let last = leaf(path);
        let Some((above, _)) = path.rfind(last).and_then(|at| path[..at].rsplit_once('.')) else {
            return;
        };
        let above = leaf(above);
        let mut together = HashMap::new();
        let alone = if fold(last) == "date" { above } else { "" };
        for name in [[last, above], [alone, ""]] {
            let words: Vec<String> = name.iter().flat_map(|part| words(part)).collect();
            if !words.is_empty() && words.len() <= self.longest {
                self.whole(&words, &mut together);
            }
        }
        together.retain(|_, hint| *hint == Hint::For(Fit::Strong));
        together.into_iter().for_each(|(number, hint)| raise(hints, number, hint));
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

    fn whole(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        for key in [words.join(" "), words.concat()] {
            for &(number, role) in self.bearers(&key) {
                let hint = match role {
                    Role::Header => Hint::For(Fit::Strong),
                    Role::WeakHeader => Hint::For(Fit::Ambiguous),
                    Role::AskingHeader => Hint::For(Fit::Asking),
                    Role::Against => Hint::Against,
                };
                raise(hints, number, hint);
            }
        }
    }

    fn parts(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        for from in 0..words.len() {
            for to in from + 1..=words.len().min(from + self.longest) {
                if to - from == words.len() {
                    continue;
                }
                let key = words[from..to].join(" ");
                let short = key.len() <= SHORT;
                for &(number, role) in self.bearers(&key) {
                    match role {
                        // Three letters among others tell of a kind whose values have a check or are dates.
                        Role::Header
                            if !short
                                || (key.len() == SHORT && self.checked[usize::from(number)]) =>
                        {
                            raise(hints, number, Hint::For(Fit::Medium));
                        }
                        Role::Against if !short || key.len() == SHORT => {
                            raise(hints, number, Hint::Against);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    fn inside(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        for word in words.iter().filter(|w| w.len() > LONG) {
            for found in self.fronts.entries_may_be(word).filter(|found| found.len() < word.len()) {
                let behind = &word[found.end..];
                if OTHER_WORD.contains(&behind) {
                    continue;
                }
                let bearers = self.bearers(&word[found]);
                for &(number, _) in bearers.iter().filter(|b| b.1 == Role::Header) {
                    // The end of a compound says what it is: a Grundgehalt is a Gehalt, a denominator no nomina.
                    if behind.is_empty() || !self.amounts[usize::from(number)] {
                        hints.entry(number).or_insert(Hint::For(Fit::Weak));
                    }
                }
            }
        }
    }
}

/// Whether a word is a number that counts things.
fn is_count(word: &str) -> bool {
    word.len() <= COUNT && word.bytes().all(|b| b.is_ascii_digit())
}

/// The words of a name without the number that counts it (`phone 2`).
fn without_count(words: &[String]) -> &[String] {
    match words.split_last() {
        Some((last, name)) if !name.is_empty() && is_count(last) => name,
        _ => words,
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

/// A name without the language that it is for: `Name[pt]` and `Name[zh_CN]` of desktop entries (freedesktop.org).
fn without_language(name: &str) -> &str {
    let Some((front, language)) = name.strip_suffix(']').and_then(|name| name.rsplit_once('['))
    else {
        return name;
    };
    let code = language.split(['_', '-', '@']).next().unwrap_or("");
    let is_code = matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_lowercase());
    if is_code && !front.is_empty() { front } else { name }
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
        let plain = fold(part);
        if !part.is_empty()
            && !["value", "text", "#text", "{}", "$", "val", "content"].contains(&plain.as_str())
        {
            return part;
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_told_wherever_their_words_part() {
        let rules = Rules::load(&crate::detect::rules::Selection::default()).unwrap();
        let lexicon = Lexicon::new(&rules);
        let whole = |label: &str| {
            let (mut hints, words) = (HashMap::new(), words(label));
            if !words.is_empty() && words.len() <= lexicon.longest {
                lexicon.whole(&words, &mut hints);
            }
            let mut hints: Vec<_> = hints.into_iter().collect();
            hints.sort_unstable_by_key(|h| h.0);
            hints
        };
        let of_label =
            |label: &str| lexicon.of_label(label).map_or(Vec::new(), |told| told.to_vec());
        for entry in lexicon.entries.keys() {
            for label in
                [entry.clone(), entry.to_uppercase(), entry.replace(' ', "-"), format!("({entry})")]
            {
                assert_eq!(of_label(&label), whole(&label), "{label}");
            }
        }
        assert!(!of_label("Date of Birth").is_empty());
        assert!(of_label("").is_empty() && of_label("return value").is_empty());
    }

    /// What a field's name says of a kind.
    fn hint(field: &str, kind: &str) -> Option<Hint> {
        static LEXICON: std::sync::LazyLock<(Rules, Lexicon)> = std::sync::LazyLock::new(|| {
            let rules = Rules::load(&crate::detect::rules::Selection::default()).unwrap();
            let lexicon = Lexicon::new(&rules);
            (rules, lexicon)
        });
        let (rules, lexicon) = &*LEXICON;
        let number = u16::try_from(rules.find(kind).unwrap()).unwrap();
        lexicon.hints(field).get(&number).copied()
    }

    #[test]
    fn dots_are_blanks_in_headings() {
        let strong = Some(Hint::For(Fit::Strong));
        for field in ["birth.date", "date.of.birth", "birth.dt", "dob", "row.birth.date.2"] {
            assert_eq!(hint(field, "date_of_birth"), strong, "{field}");
        }
        assert_eq!(hint("$.people[].dob.date", "date_of_birth"), strong);
        for field in ["$.name[].family", "$.name[].given[]", "$[].name.first", "$.user.name.last"] {
            assert_eq!(hint(field, "person_name"), strong, "{field}");
        }
        for field in ["first.name", "last.name", "customer.name"] {
            assert_eq!(hint(field, "person_name"), strong, "{field}");
        }
        for field in ["$.birth.date", "accept.dt", "birth.place", "date.birth"] {
            assert_ne!(hint(field, "date_of_birth"), strong, "{field}");
        }
        assert_eq!(hint("row.name", "person_name"), Some(Hint::For(Fit::Ambiguous)));
    }

    #[test]
    fn words_that_say_whose_it_is_hide_nothing() {
        let strong = Some(Hint::For(Fit::Strong));
        for (field, kind) in [
            ("patient_sex", "gender"),
            ("user_first", "person_name"),
            ("guest_last", "person_name"),
            ("Elevens navn", "person_name"),
            ("Nom de l'élève", "person_name"),
            ("child's dob", "date_of_birth"),
            ("Foresatt 1 mobil", "phone"),
            ("Tlf foresatt", "phone"),
            ("owner_phone_2", "phone"),
            ("Fecha de nacimiento", "date_of_birth"),
            ("Nombre de pila", "person_name"),
            ("user_pass", "password"),
        ] {
            assert_eq!(hint(field, kind), strong, "{field}");
        }
        let ambiguous = Some(Hint::For(Fit::Ambiguous));
        for field in ["owner_first", "client_name", "account_owner_name"] {
            assert_eq!(hint(field, "person_name"), ambiguous, "{field}");
        }
        assert_eq!(hint("person-role", "employment"), ambiguous);
        assert_eq!(hint("patient_name", "username"), None);
        for (field, kind) in [
            ("user_name", "person_name"),
            ("customer_id_number", "no_fodselsnummer"),
            ("patient", "gender"),
            ("user_id", "person_name"),
            ("first_of_the_day", "person_name"),
        ] {
            assert_ne!(hint(field, kind), strong, "{field}");
        }
    }

    #[test]
    fn other_words_before_the_parts_of_an_address_hide_nothing() {
        let weak = Some(Hint::For(Fit::Ambiguous));
        for (fields, kind) in [
            (
                "address_city payment_city Address_1_-_City Card_Address_City othercity B_city city_name TwnNm \
                 res_city_desc POCity shipTo_city Business_Mailing_Address_City_Name addresstown",
                "city",
            ),
            (
                "address_zip primary_address_postalcode payment_postcode otherzip B_zipcode zip5 ZIP+4 \
                 altcontactzipcode Zip/Postal_Code Mailing_Zip/Postal_Code PstCd PostalZone POPostalCode cep \
                 Lieferadresse_PLZ fakturapostnr",
                "postal_code",
            ),
        ] {
            for field in fields.split_whitespace() {
                assert_eq!(hint(&field.replace('_', " "), kind), weak, "{field}");
                assert_eq!(hint(field, kind), weak, "{field}");
            }
        }
        for field in ["capacity", "velocity", "company_city", "gzip", "city_count", "event city"] {
            assert_ne!(hint(field, "city"), weak, "{field}");
            assert_ne!(hint(field, "postal_code"), weak, "{field}");
        }
        let strong = Some(Hint::For(Fit::Strong));
        for (field, kind) in
            [("otherphone", "phone"), ("assistantphone", "phone"), ("workemail", "email")]
        {
            assert_eq!(hint(field, kind), strong, "{field}");
        }
    }

    #[test]
    fn a_name_below_a_thing_is_the_things() {
        for field in [
            "manufacturerOrganization.name",
            "$.orders[].product.name",
            "$.companies[].company.name[]",
            "country.name.value",
        ] {
            assert_eq!(hint(field, "person_name"), Some(Hint::Against), "{field}");
        }
        for field in ["$.user.name", "assignedPerson.name", "row.name", "$.name"] {
            assert_eq!(hint(field, "person_name"), Some(Hint::For(Fit::Ambiguous)), "{field}");
        }
        let strong = Some(Hint::For(Fit::Strong));
        assert_eq!(hint("$.company.contact_name", "person_name"), strong);
    }

    #[test]
    fn headings_are_known_in_the_languages_of_the_detectors_countries() {
        let strong = Some(Hint::For(Fit::Strong));
        let told: &[(&str, &[&str])] = &[
            (
                "person_name",
                &[
                    "Příjmení",
                    "PRIEZVISKO",
                    "Vezetéknév",
                    "Prenume",
                    "Фамилия",
                    "ПРІЗВИЩЕ",
                    "Prezime",
                    "ΕΠΩΝΥΜΟ",
                    "Soyadı",
                    "Eesnimi",
                    "Uzvārds",
                    "Pavarde",
                    "שם משפחה",
                    "姓名",
                    "氏名",
                    "성명",
                    "นามสกุล",
                    "Sobrenome",
                ],
            ),
            (
                "date_of_birth",
                &[
                    "Datum narození",
                    "Születési dátum",
                    "Data nasterii",
                    "Дата рождения",
                    "datum_rojstva",
                    "Ημερομηνία γέννησης",
                    "DOĞUM TARİHİ",
                    "Sünniaeg",
                    "Gimimo data",
                    "出生日期",
                    "생년월일",
                ],
            ),
            ("gender", &["Pohlaví", "Spol", "Φύλο", "Cinsiyet", "Lytis", "性别", "성별"]),
            (
                "street_address",
                &["Bydliště", "Lakcím", "Адрес", "Διεύθυνση", "Elukoht", "住所", "주소"],
            ),
            (
                "phone",
                &[
                    "Símanúmer",
                    "Telefonszám",
                    "Телефон",
                    "Τηλέφωνο",
                    "Tālrunis",
                    "手机号",
                    "電話番号",
                ],
            ),
            ("salary", &["Mzda", "Fizetés", "Зарплата", "ΜΙΣΘΟΣ", "Töötasu", "工资", "급여"]),
        ];
        for (kind, fields) in told {
            fields.iter().for_each(|field| assert_eq!(hint(field, kind), strong, "{field}"));
        }
        for field in ["Ime", "Имя", "Jméno", "Ad", "名前"] {
            assert_eq!(hint(field, "person_name"), Some(Hint::For(Fit::Ambiguous)), "{field}");
        }
    }

    #[test]
    fn names_of_numbers_speak_against_telephones() {
        for field in [
            "Delenr",
            "Sachnummer",
            "Part No",
            "Art.-Nr.",
            "Ident-Nr.",
            "Zählernr",
            "Vertragsnummer",
            "Tuotekoodi",
            "Kod towaru",
            "MaterialNo",
            "Zeichnungsnr",
            "Objektnr",
            "part number",
        ] {
            assert_eq!(hint(field, "phone"), Some(Hint::Against), "{field}");
        }
        for field in [
            "Faxnr",
            "Telefonnr",
            "Mobilnummer",
            "Handynr.",
            "Rufnummer",
            "Mobile No",
            "Nr telefonu",
        ] {
            assert!(matches!(hint(field, "phone"), Some(Hint::For(_))), "{field}");
        }
        for field in [
            "Tlf. arb.",
            "Tlf. priv.",
            "Tel. thuis",
            "Purring SMS",
            "Foresatt 1 mobil",
            "Tel. dom.",
        ] {
            assert!(matches!(hint(field, "phone"), Some(Hint::For(_))), "{field}");
        }
        assert_eq!(hint("Tlf. arb.", "phone"), Some(Hint::For(Fit::Strong)));
        for field in ["Kontaktnr", "Emergency number", "Nr", "Privatnummer", "who"] {
            assert_ne!(hint(field, "phone"), Some(Hint::Against), "{field}");
        }
    }

    #[test]
    fn the_language_of_a_name_is_nobody() {
        assert_eq!(
            hint("$.KPlugin.Name[pt]", "person_name"),
            hint("$.KPlugin.Name", "person_name")
        );
        assert_eq!(without_language("Name[zh_CN]"), "Name");
        assert_eq!(without_language("phones[0]"), "phones[0]");
    }

    #[test]
    fn abbreviated_headings_are_known() {
        let strong = Some(Hint::For(Fit::Strong));
        for (field, kind) in [
            ("EE Last", "person_name"),
            ("TN-Name", "person_name"),
            ("Nom naiss.", "person_name"),
            ("Bezug brutto", "salary"),
            ("Sal. base", "salary"),
            ("Retrib. lorda", "salary"),
            ("Wyn. zasad.", "salary"),
            ("Brüt Ücret", "salary"),
            ("Annual Comp", "salary"),
            ("KONFE", "religion"),
            ("KiSt", "religion"),
            ("Rel.Bek.", "religion"),
            ("SchwB", "health"),
            ("St. niepełnospr.", "health"),
            ("Tanı", "health"),
            ("Діагноз", "health"),
            ("Sit. fam.", "marital_status"),
            ("Medeni Hali", "marital_status"),
            ("Est. civil", "marital_status"),
            ("Trat. sind.", "trade_union"),
            ("Ethnic cat", "ethnicity"),
            ("Cep Tel", "phone"),
            ("Моб. тел.", "phone"),
            ("Doğum Tar.", "date_of_birth"),
            ("Дата народж.", "date_of_birth"),
            ("ANZKD", "family"),
        ] {
            assert_eq!(hint(field, kind), strong, "{field}");
        }
        assert_eq!(hint("Netto", "salary"), Some(Hint::For(Fit::Asking)));
        assert_eq!(hint("Kontonavn", "person_name"), Some(Hint::For(Fit::Ambiguous)));
        assert_eq!(hint("Fastlege", "health"), None);
    }

    #[test]
    fn numbers_behind_a_name_hide_nothing() {
        let strong = Some(Hint::For(Fit::Strong));
        assert_eq!(hint("dob1", "date_of_birth"), strong);
        assert_eq!(hint("dob_2", "date_of_birth"), strong);
        assert_eq!(hint("phone2", "phone"), strong);
        assert_eq!(hint("name1", "person_name"), Some(Hint::For(Fit::Ambiguous)));
        assert_eq!(hint("dob_child1", "date_of_birth"), strong);
        assert_eq!(hint("icd10", "health"), strong);
        assert_eq!(hint("name2024", "person_name"), None);
        // Longitudes, not wages.
        assert_eq!(hint("lon2", "salary"), None);
        assert_ne!(hint("lon", "salary"), strong);
    }

    #[test]
    fn words_that_need_company_are_told_together() {
        let weak = Some(Hint::For(Fit::Ambiguous));
        for field in ["Naam huurder", "nom du locataire", "Navn leietaker 2", "namn_hyresgäst"] {
            let told = hint(field, "person_name");
            assert!(told == weak || told == Some(Hint::For(Fit::Strong)), "{field}");
        }
        for field in ["Patient", "Kursteilnehmer", "Bewohner/in", "Patient(e)"] {
            assert_eq!(hint(field, "person_name"), weak, "{field}");
        }
        assert_eq!(hint("tel_paziente", "phone"), Some(Hint::For(Fit::Strong)));
        for field in ["Naam product", "Hostname", "patient dose", "of the"] {
            assert_ne!(hint(field, "person_name"), weak, "{field}");
        }
        assert_eq!(hint("Reason", "health"), Some(Hint::For(Fit::Asking)));
        assert_eq!(hint("Reason code", "health"), None);
    }

    #[test]
    fn other_words_are_none_of_those_inside_them() {
        for field in ["MaxScaleDenominator", "nominal", "PatientRevenue", "revenue", "GDP_nominalG"]
        {
            assert_eq!(hint(field, "salary"), None, "{field}");
        }
        assert_eq!(hint("professional_services", "employment"), None);
        assert_eq!(hint("Tarifgehalt", "salary"), Some(Hint::For(Fit::Weak)));
        assert_eq!(hint("kundetelefonnr", "phone"), Some(Hint::For(Fit::Strong)));
        for field in ["familiale", "Situation familiale"] {
            assert_eq!(hint(field, "person_name"), None, "{field}");
        }
    }

    #[test]
    fn paths_are_told_by_their_last_part() {
        assert_eq!(leaf("$.users[].email"), "email");
        assert_eq!(leaf("$.phones[]"), "phones");
        assert_eq!(leaf("phone.value"), "phone");
        assert_eq!(leaf("E-post adr."), "E-post adr.");
        assert_eq!(leaf("Art.-Nr."), "Art.-Nr.");
    }
}
