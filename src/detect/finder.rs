//! The finder: candidates through vetoes and validators, resolved where they overlap.
//!
//! One finder serves all threads. It answers for one stretch of text at a time and keeps nothing.

use std::collections::BTreeSet;
use std::hash::Hasher;
use std::ops::Range;
use std::sync::Arc;

use anyhow::Result;
use siphasher::sip::SipHasher13;

use super::chat::{self, Speakers};
use super::context::{Keywords, Near};
use super::engine::{Candidate, Engine, Look};
use super::label::{self, Part};
use super::lexicon::{Fit, Hint, Lexicon};
use super::normal::{SHORT, normalise, normalise_short};
use super::rules::{Detector, Normal, Rules};
use super::veto;
use crate::eye::FieldTold;
use crate::memo::{Memo, Recent};
use crate::two;
use crate::validate::names::are_several;
use crate::validate::{self, Context, RUNGS, Validator, Validity, Verdict, told};

mod judge;
mod names;
mod place;

pub use judge::{Judge, decoded, lossy, part_of};
pub use place::Placer;

/// The rung of a candidate that failed its check digit only.
pub const DOUBTFUL: &str = "doubtful";
/// The rungs that a cell passes by agreeing with its field's name.
const LOOSE: [&str; 4] = ["failed", "strict", "lower", "numbered"];
/// Checks that any words pass: what stands behind a label in running text has to be written by people, too.
const ANY_WORDS: [&str; 9] = [
    "category_value",
    "party_value",
    "ethnicity",
    "health_value",
    "religion_value",
    "union_value",
    "gender",
    "words",
    "employment",
];
/// The rungs of addresses that anything with a number has.
const NUMBERED: [&str; 2] = ["numbered", STREET_ONLY];
/// The rung of a street without a number.
const STREET_ONLY: &str = "name_only";
/// The rung of a value of the kind's own vocabulary.
const TELLING: &str = "telling";
/// The rung of a name in small letters.
const SMALL: &str = "lower";
/// The rung of a value that holds a word of the kind's vocabulary.
const KNOWN: &str = "known";
/// The rung of a value that may as well be a version of a program.
const LIKE_VERSION: &str = "like_version";
/// Chance up to which a value tells its kind.
const TELLS_KIND: f64 = 0.3;
/// The rung of a candidate that failed its validator.
pub const FAILED: u8 = 0;
/// The rung of one that passed every check.
const STRICT: u8 = 1;

/// Bytes behind a label in which a second one may stand with a secret: `user: kari password: …`.
const BEHIND_LABEL: usize = 80;
/// A label of whoever says something.
const SPEAKER: &str = "author";

/// What the last keys of pairs told.
pub type Keys = Recent<Option<Arc<[(u16, Hint)]>>>;

/// A candidate with its verdict.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Number of the detector.
    pub detector: u16,
    /// Rung it passed on, [`FAILED`] if it did not.
    pub rung: u8,
    /// What sort of value it is.
    pub validity: Validity,
    /// Whether it was found by how its kind looks in running text.
    pub prose: bool,
    /// What the label before it says ("Navn: …"), if there is one.
    pub label: Option<Near>,
}

impl Hit {
    /// Whether it passed its validator.
    #[must_use]
    pub fn valid(&self) -> bool {
        self.rung != FAILED && !self.doubtful()
    }

    /// Whether it fails its check digit only.
    #[must_use]
    pub fn doubtful(&self) -> bool {
        self.rung != FAILED && self.validity == Validity::ChecksumFailed
    }

    fn overlaps(&self, other: &Hit) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// A hit in free text with what stands near it.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// The hit.
    pub hit: Hit,
    /// What the words near it say.
    pub near: Near,
    /// Whether it stands in the separated form of its kind.
    pub separated: bool,
}

/// Everything that is needed to find values: rules, engine, words, date and key.
pub struct Finder {
    /// The rules in use.
    pub rules: Rules,
    /// Field names.
    pub lexicon: Lexicon,
    engine: Engine,
    /// Detector of each of the engine's patterns, and what the pattern is to it.
    shapes: Vec<(u16, Shape)>,
    keywords: Keywords,
    context: Context,
    /// The month that plausibility is measured against.
    pub month: u16,
    key: [u8; 16],
    /// The key of the index, when files are to be indexed.
    pub index: Option<[u8; 16]>,
    /// What field names say.
    pub fields: Memo<FieldTold>,
    /// Whether names of fields and tables are personal data themselves.
    data: Memo<bool>,
    /// What field and table names say of how long their records are kept.
    pub kept: Memo<BTreeSet<String>>,
    briefs: Vec<Brief>,
    /// The detectors of what sentences tell of people, in the order of [`told::Told`].
    telling: [Option<u16>; 2],
}

/// What a pattern is to its detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The shape of its values.
    Value,
    /// The shape of whole cells where the field's name is that of the kind and of no other.
    Named,
    /// Its look in running text.
    Prose,
}

/// What every candidate asks of its detector; those of all detectors lie side by side.
struct Brief {
    validator: Option<Validator>,
    prose: Option<Validator>,
    normal: Normal,
    needs_name: bool,
    separators: bool,
    company: bool,
    beside: bool,
    once: bool,
    /// Whether its values are what a person is reached by.
    is_contact: bool,
    is_phrase: bool,
    /// Whether it is names of persons.
    is_name: bool,
    /// Whether a turn of phrase is words with a number behind them.
    is_numbered: bool,
    /// The number of the rung of turns of phrase.
    phrase: u8,
    /// Whether it is a secret, or the name by which somebody is let in.
    is_secret: bool,
    is_login: bool,
    /// Whether it are dates of birth, and whether IBANs.
    is_birth: bool,
    is_iban: bool,
    tells_columns: bool,
    tells_cells: bool,
    /// Whether it is a number that a state gives to people.
    is_national: bool,
    /// Chance that a random string of the shape passes, by number of the rung.
    chances: Vec<f64>,
    /// What passing tells, in bits.
    bits: Vec<f64>,
    /// Whether the check of whole cells gives the rung, and that of running text does not.
    loose: Vec<bool>,
    /// Whether a single value on the rung tells its kind, whatever its field is called.
    telling: Vec<bool>,
    /// Whether any number passes on the rung.
    amounts: Vec<bool>,
    /// The rung of values with a word of the kind's vocabulary, where it has one.
    known: Option<u8>,
    /// The rungs of flags, of names in small letters and of numbers without a check digit, where the kind has them.
    flag: Option<u8>,
    small: Option<u8>,
    unchecked: Option<u8>,
    /// By rung, whether other numbers have its form as well.
    common: Vec<bool>,
    /// The chance that what its values are mistaken for passes, where the file says it.
    mistaken: Option<f64>,
    /// Whether any words are values of the kind, and whether it has words of its own.
    takes_words: bool,
    has_words: bool,
    /// Numbers of the rungs that validators name, and of the one of [`Verdict::Doubtful`].
    rungs: [u8; RUNGS.len()],
    doubtful: u8,
}

impl Brief {
    fn new(detector: &Detector) -> Brief {
        let prose = detector.prose.as_ref();
        let chance = |name: &String| detector.chance(name);
        let asks = |name: &str| detector.validator.as_ref().is_some_and(|v| v.0 == name);
        let names = rung_names(detector);
        let chances: Vec<f64> = names.iter().map(chance).collect();
        let number = |name: &str| {
            let at = names.iter().position(|n| n == name);
            at.and_then(|at| u8::try_from(at).ok())
        };
        // What a file says nothing of counts as the strictest.
        let rungs = RUNGS.map(|name| number(name).unwrap_or(STRICT));
        Brief {
            validator: detector.validator.as_ref().map(|v| v.1),
            prose: prose.map(|p| p.validator),
            normal: detector.normal,
            needs_name: detector.needs_name,
            separators: detector.separators,
            company: prose.is_some_and(|p| p.company),
            beside: detector.beside,
            once: detector.once,
            is_contact: detector.category.starts_with("contact."),
            is_phrase: prose.is_some_and(|p| p.is_phrase),
            is_name: detector.category == NAMES,
            is_numbered: prose.is_some_and(|p| p.is_numbered),
            phrase: number("phrase").unwrap_or(STRICT),
            is_secret: detector.category == SECRETS,
            is_login: detector.category == LOGINS,
            is_birth: detector.id == BIRTHS,
            is_iban: asks("iban"),
            tells_columns: prose.is_some_and(|p| p.whole),
            tells_cells: prose.is_some_and(|p| p.whole || p.cells),
            is_national: NATIONAL.contains(&detector.category.as_str()),
            bits: chances.iter().map(|chance| -chance.log2()).collect(),
            chances,
            loose: names.iter().map(|name| LOOSE.contains(&name.as_str())).collect(),
            telling: names.iter().map(|name| tells_kind(detector, name)).collect(),
            amounts: names.iter().map(|name| name == "amount" || asks("amount")).collect(),
            known: number(KNOWN),
            flag: number("flag"),
            small: number(SMALL),
            unchecked: number("unchecked"),
            common: names.iter().map(|name| detector.common.contains(name)).collect(),
            mistaken: detector.chance.get(LIKE_VERSION).copied(),
            has_words: names.iter().any(|name| name == TELLING),
            takes_words: ANY_WORDS.into_iter().any(asks),
            rungs,
            doubtful: number(DOUBTFUL).unwrap_or(FAILED),
        }
    }
}

impl Finder {
    /// Builds a finder. `key` is the digest key of the organisation.
    ///
    /// # Errors
    /// A pattern that cannot be compiled: names its file.
    pub fn new(rules: Rules, as_of: jiff::civil::Date, key: [u8; 16]) -> Result<Finder> {
        let (mut patterns, mut shapes) = (Vec::new(), Vec::new());
        for (number, detector) in rules.detectors.iter().enumerate() {
            let value = detector.pattern.iter().map(|p| (p, Shape::Value));
            let named = detector.named_pattern.iter().map(|p| (p, Shape::Named));
            let prose = detector.prose.iter().flat_map(|p| &p.patterns).map(|p| (p, Shape::Prose));
            for (pattern, shape) in value.chain(named).chain(prose) {
                patterns.push((u16::try_from(shapes.len())?, pattern.as_str()));
                shapes.push((u16::try_from(number)?, shape));
            }
        }
        // Each of the three takes as long as the others, and all together most of a short run.
        let names = || {
            validate::names::make_ready();
            Lexicon::new(&rules)
        };
        let others = || two::at_once(|| Keywords::new(&rules), || Engine::new(&patterns));
        let (lexicon, (keywords, engine)) = two::at_once(names, others);
        let engine = engine?;
        let briefs = rules.detectors.iter().map(Brief::new).collect();
        let telling = ["health", "religion"].map(|id| u16::try_from(rules.find(id)?).ok());
        Ok(Finder {
            rules,
            lexicon,
            engine,
            shapes,
            keywords,
            context: Context { as_of },
            month: crate::place::month_of_day(as_of),
            key,
            index: None,
            fields: Memo::default(),
            data: Memo::default(),
            kept: Memo::default(),
            briefs,
            telling,
        })
    }

    #[cfg(test)]
    pub(super) fn keywords(&self) -> &Keywords {
        &self.keywords
    }

    fn brief(&self, detector: u16) -> &Brief {
        &self.briefs[usize::from(detector)]
    }

    /// Whether whole cells of a kind tell nothing without a name.
    #[must_use]
    pub fn needs_name(&self, detector: u16) -> bool {
        self.brief(detector).needs_name
    }

    /// Whether a kind's look in running text tells whole columns.
    #[must_use]
    pub fn tells_columns(&self, detector: u16) -> bool {
        self.brief(detector).tells_columns
    }

    /// Whether a cell that has a kind's look in running text as a whole is a value, whatever its field is called.
    #[must_use]
    pub fn tells_cells(&self, detector: u16) -> bool {
        self.brief(detector).tells_cells
    }

    /// Whether any words are values of a kind that has words of its own.
    #[must_use]
    pub fn has_words(&self, detector: u16) -> bool {
        let brief = self.brief(detector);
        brief.takes_words && brief.telling.iter().any(|telling| *telling)
    }

    /// Whether what a field is called and what it holds may be of two kinds at once: a guardian, and a name; a number of
    /// two countries.
    #[must_use]
    pub fn agree(&self, a: u16, b: u16) -> bool {
        let (one, other) = (self.brief(a), self.brief(b));
        let says_whose = |one: &Brief, other: &Brief| {
            one.takes_words && (other.tells_columns || other.is_contact)
        };
        says_whose(one, other) || says_whose(other, one) || self.are_twins(a, b)
    }

    /// Whether a kind is names of persons, which stand with the family name and a comma in front as well.
    #[must_use]
    pub fn is_of_names(&self, detector: u16) -> bool {
        self.brief(detector).is_name
    }

    /// Whether a kind is secrets.
    #[must_use]
    pub fn is_of_secrets(&self, detector: u16) -> bool {
        self.brief(detector).is_secret
    }

    /// Whether a kind is names by which people are let in.
    #[must_use]
    pub fn is_of_logins(&self, detector: u16) -> bool {
        self.brief(detector).is_login
    }

    /// Whether a kind has a shape.
    #[must_use]
    pub fn has_pattern(&self, detector: u16) -> bool {
        self.rules.detectors[usize::from(detector)].pattern.is_some()
    }

    /// How values of a kind are made equal.
    #[must_use]
    pub fn normal(&self, detector: u16) -> Normal {
        self.brief(detector).normal
    }

    /// Calls the detector's validator on a text.
    #[must_use]
    pub fn check(&self, detector: u16, text: &str) -> Verdict {
        let brief = self.brief(detector);
        match brief.validator {
            Some(_) if brief.is_national && is_round(text) => Verdict::Invalid("a round number"),
            Some(f) => f(text, &self.context),
            None => Verdict::Valid(crate::validate::Rung::STRICT),
        }
    }

    /// Verdict on a name with the family name in front.
    #[must_use]
    pub fn check_turned(&self, text: &str) -> Verdict {
        validate::names::turned_name(text, &self.context)
    }

    /// Rung number and validity of a verdict.
    #[must_use]
    pub fn rung(&self, detector: u16, verdict: Verdict) -> (u8, Validity) {
        let brief = self.brief(detector);
        match verdict {
            Verdict::Invalid(_) => (FAILED, Validity::ChecksumFailed),
            Verdict::Doubtful(_) => (brief.doubtful, Validity::ChecksumFailed),
            Verdict::Valid(rung) => (brief.rungs[rung.number()], rung.validity),
        }
    }

    /// Whether a rung is one of the check of whole cells, which the check of running text does not give.
    #[must_use]
    pub fn is_loose(&self, detector: u16, rung: u8) -> bool {
        self.brief(detector).loose.get(usize::from(rung)).is_none_or(|loose| *loose)
    }

    /// Whether a single value on this rung tells its kind, whatever its field is called.
    #[must_use]
    pub fn is_telling(&self, detector: u16, rung: u8) -> bool {
        self.brief(detector).telling.get(usize::from(rung)).is_some_and(|telling| *telling)
    }

    /// Whether a kind is told in running text by turns of phrase.
    fn is_phrase(&self, detector: u16) -> bool {
        self.brief(detector).is_phrase
    }

    /// The rung of values with a word of the kind's vocabulary, where it has one.
    #[must_use]
    pub fn known_rung(&self, detector: u16) -> Option<u8> {
        self.brief(detector).known
    }

    /// The chance that what the kind's values are mistaken for passes, where its file says it.
    #[must_use]
    pub fn mistaken(&self, detector: u16) -> Option<f64> {
        self.brief(detector).mistaken
    }

    /// Whether two kinds have the same shape and the same check, such as the birth numbers of two countries.
    fn are_twins(&self, a: u16, b: u16) -> bool {
        let [a, b] = [a, b].map(|d| &self.rules.detectors[usize::from(d)]);
        let [of_a, of_b] = [a, b].map(|d| d.validator.as_ref().map(|v| &v.0));
        a.pattern.is_some() && a.pattern == b.pattern && of_a == of_b
    }

    /// Whether yes, no and their codes pass on this rung.
    #[must_use]
    pub fn is_flag(&self, detector: u16, rung: u8) -> bool {
        self.brief(detector).flag == Some(rung)
    }

    /// Whether values without a check digit pass on this rung.
    #[must_use]
    pub fn is_unchecked(&self, detector: u16, rung: u8) -> bool {
        self.brief(detector).unchecked == Some(rung)
    }

    /// Whether a kind are dates of birth, which tell of people by how they spread.
    #[must_use]
    pub fn is_birth(&self, detector: u16) -> bool {
        self.brief(detector).is_birth
    }

    /// Whether a rung is of a form that other numbers have as well, so that it needs a field name or company.
    #[must_use]
    pub fn is_common(&self, detector: u16, rung: u8) -> bool {
        self.brief(detector).common.get(usize::from(rung)).is_some_and(|common| *common)
    }

    /// Whether words in small letters pass on this rung, as names do in exports, and everything in code.
    #[must_use]
    pub fn is_small(&self, detector: u16, rung: u8) -> bool {
        self.brief(detector).small == Some(rung)
    }

    /// Whether any number passes on this rung.
    #[must_use]
    pub fn is_amount(&self, detector: u16, rung: u8) -> bool {
        self.brief(detector).amounts.get(usize::from(rung)).is_some_and(|amount| *amount)
    }

    /// Chance that a random string of the detector's shape passes on this rung.
    #[must_use]
    pub fn chance(&self, detector: u16, rung: u8) -> f64 {
        let chances = &self.brief(detector).chances;
        chances.get(usize::from(rung)).copied().unwrap_or(chances[1])
    }

    /// What the value of a hit tells by itself, in bits.
    fn bits(&self, hit: &Hit) -> f64 {
        let bits = &self.brief(hit.detector).bits;
        bits.get(usize::from(hit.rung)).copied().unwrap_or(bits[1])
    }

    /// Whether values of a kind are believed one by one, on some rung.
    #[must_use]
    pub fn tells_alone(&self, detector: u16) -> bool {
        self.brief(detector).bits.iter().skip(1).any(|bits| *bits >= TELLS_ALONE)
    }

    /// Finds the hits that start in `from..to`, sorted by start; all candidates that no veto struck,
    /// failed ones included.
    pub fn hits(&self, text: &[u8], from: usize, to: usize, hits: &mut Vec<Hit>) {
        hits.clear();
        hits.reserve(ROOM);
        let mut judge = Judge::new(self, text, decoded(text));
        self.engine.find(text, from, to, |c: Candidate| {
            let (detector, shape) = self.shapes[usize::from(c.pattern)];
            if shape != Shape::Named {
                hits.extend(judge.hit(detector, shape == Shape::Prose, c.start, c.end));
            }
        });
        sort(hits);
    }

    /// Finds candidates that start in `from..to`.
    pub fn find(&self, text: &[u8], from: usize, to: usize, look: impl Look) {
        self.engine.find(text, from, to, look);
    }

    /// The detector of each pattern, and what the pattern is to it.
    #[must_use]
    pub fn shapes(&self) -> &[(u16, Shape)] {
        &self.shapes
    }

    /// Adds what labels, pairs and conversations tell in running text (`Navn: Kari Nordmann`, `navn=Kari`): values of
    /// kinds that are judged by field name and cell, where the label is a name of the kind. All of them have the same
    /// two signs.
    pub fn labelled(&self, text: &[u8], from: usize, to: usize, hits: &mut Vec<Hit>) {
        let before = hits.len();
        let (mut speakers, mut keys) = (Speakers::new(from..to), Keys::default());
        // Where the last label stood that tells something, be it before where this begins.
        let floor = from.saturating_sub(BEHIND_LABEL);
        let is_known = |colon: &usize| {
            label::behind(text, *colon, |label| self.told_by(label), |_, _, _| true)
        };
        let colons = memchr::memchr_iter(b':', &text[floor..from]).map(|i| floor + i);
        let mut known = colons.filter(is_known).last().unwrap_or(from);
        let goes_on = |rest: &[u8]| {
            rest.starts_with(b":") && rest.len() <= BEHIND_LABEL && !rest.contains(&b'\n')
        };
        let end = text.len().min(to + chat::REACH);
        for sign in memchr::memchr2_iter(b':', b'=', &text[from..end]).map(|i| from + i) {
            let is_colon = text[sign] == b':';
            if sign < to {
                if is_colon {
                    self.in_pair(text, sign, hits);
                    if goes_on(&text[known..sign]) {
                        self.secret_at(text, sign, &mut keys, hits);
                    }
                    if self.behind_label(text, sign, hits) {
                        known = sign;
                    }
                } else if label::has_key(text, sign) {
                    self.in_pair(text, sign, hits);
                    self.secret_at(text, sign, &mut keys, hits);
                    self.user_at(text, sign, &mut keys, hits);
                }
            }
            if is_colon && let Some(speaker) = speakers.at(text, sign) {
                self.speaking(text, &speaker, hits);
            }
        }
        self.told_of(text, from..to, hits);
        if hits.len() > before {
            hits.sort_by_key(|h| (h.start, h.detector));
        }
    }

    /// Adds what sentences say of those who are named in them: `Kari Hansen har kreft.`
    fn told_of(&self, text: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        let mut said = Vec::new();
        for name in hits.iter().filter(|h| h.valid() && range.contains(&h.start)) {
            let is_name = self.brief(name.detector).is_name;
            let told = Some(name.end).filter(|_| is_name).and_then(|at| told::of_named(text, at));
            let Some((told, place)) = told else { continue };
            let Some(detector) = self.telling[told as usize] else { continue };
            let rung = self.brief(detector).phrase;
            let Range { start, end } = place;
            let validity = Validity::Real;
            let label = Some(Near::Far);
            said.push(Hit { start, end, detector, rung, validity, prose: true, label });
        }
        said.sort_by_key(|h| (h.start, h.detector));
        said.dedup_by_key(|h| (h.start, h.detector));
        hits.extend(said);
    }

    /// Adds what stands behind the label before a colon; whether that tells something.
    fn behind_label(&self, text: &[u8], colon: usize, hits: &mut Vec<Hit>) -> bool {
        let known = |label: &str| self.told_by(label);
        label::behind(text, colon, known, |told, value, part| {
            let taken = hits.len();
            for &(detector, hint) in &told[..] {
                let Hint::For(fit) = hint else { continue };
                // What further parts are has to tell by itself.
                let fit = if part == Part::First { fit } else { Fit::Ambiguous };
                if self.is_of_names(detector) && are_several(&lossy(&text[value.clone()])) {
                    continue;
                }
                let Some(verdict) = self.check_labelled(detector, fit, &text[value.clone()]) else {
                    continue;
                };
                let label = if fit == Fit::Strong { Near::Label } else { Near::Keyword };
                hits.extend(self.labelled_hit(detector, verdict, value.clone(), label));
            }
            hits.len() > taken
        })
    }

    /// Adds the value of a pair with this sign.
    fn in_pair(&self, text: &[u8], sign: usize, hits: &mut Vec<Hit>) {
        let pair = label::pair(text, sign, |label| self.told_by(label));
        let Some((told, value)) = pair else { return };
        let has_words = text[value.clone()].contains(&b' ');
        for &(detector, hint) in &told[..] {
            let label = match hint {
                Hint::For(Fit::Strong) => Near::Label,
                Hint::For(Fit::Ambiguous) if has_words => Near::Keyword,
                _ => continue,
            };
            self.add_labelled(detector, text, &value, label, hits);
        }
    }

    /// Adds the secret of a pair with this sign in the query of an address or in a connection string: names of other
    /// kinds stand there before words of code, and behind them secrets have a digit or a sign.
    pub fn secret_at(&self, text: &[u8], sign: usize, keys: &mut Keys, hits: &mut Vec<Hit>) {
        let known = |label: &str| keys.of(label, |label| self.told_by(label));
        let pair = label::in_list(text, sign, known);
        let Some((told, value)) = pair else { return };
        for &(detector, hint) in &told[..] {
            if hint != Hint::For(Fit::Strong) || !self.brief(detector).is_secret {
                continue;
            }
            let verdict = self.check(detector, &lossy(&text[value.clone()]));
            hits.extend(self.labelled_hit(detector, verdict, value.clone(), Near::Label));
        }
    }

    /// Adds the user of a pair with this sign in a line of a log: `login ok user=kari ip=…`.
    fn user_at(&self, text: &[u8], sign: usize, keys: &mut Keys, hits: &mut Vec<Hit>) {
        let known = |label: &str| keys.of(label, |label| self.told_by(label));
        let pair = label::user_in_log(text, sign, known);
        let Some((told, value)) = pair else { return };
        for &(detector, hint) in &told[..] {
            if !matches!(hint, Hint::For(_)) || !self.brief(detector).is_login {
                continue;
            }
            let user = lossy(&text[value.clone()]);
            if validate::logs::is_persons(&user) {
                let verdict = self.check(detector, &user);
                hits.extend(self.labelled_hit(detector, verdict, value.clone(), Near::Label));
            }
        }
    }

    /// Adds who says something in a conversation, which stands where the label of a form does.
    fn speaking(&self, text: &[u8], speaker: &Range<usize>, hits: &mut Vec<Hit>) {
        for &(detector, _) in self.told_by(SPEAKER).iter().flat_map(|told| told.iter()) {
            self.add_labelled(detector, text, speaker, Near::Keyword, hits);
        }
    }

    fn add_labelled(
        &self,
        detector: u16,
        text: &[u8],
        value: &Range<usize>,
        label: Near,
        hits: &mut Vec<Hit>,
    ) {
        let verdict = self.check_labelled(detector, Fit::Ambiguous, &text[value.clone()]);
        let hit = |verdict| self.labelled_hit(detector, verdict, value.clone(), label);
        hits.extend(verdict.and_then(hit));
    }

    /// What a label tells, or one of two that stand together (`Mitarbeiterin/Mitarbeiter`).
    fn told_by(&self, label: &str) -> Option<Arc<[(u16, Hint)]>> {
        let told = |label: &str| self.lexicon.of_label(label);
        told(label).or_else(|| label.split('/').skip(1).find_map(told))
    }

    fn labelled_hit(
        &self,
        detector: u16,
        verdict: Verdict,
        value: Range<usize>,
        label: Near,
    ) -> Option<Hit> {
        let (rung, validity) = self.rung(detector, verdict);
        let Range { start, end } = value;
        let hit = Hit { start, end, detector, rung, validity, prose: true, label: Some(label) };
        (rung != FAILED).then_some(hit)
    }

    /// Verdict on what stands behind a label; `None` where the label does not tell enough.
    fn check_labelled(&self, detector: u16, fit: Fit, value: &[u8]) -> Option<Verdict> {
        let d = &self.rules.detectors[detector as usize];
        let value = String::from_utf8_lossy(value);
        match fit {
            _ if d.pattern.is_some() => None,
            Fit::Strong => self.check_words(detector, &value),
            // A turn of phrase is told by its shape, and has been looked for.
            Fit::Ambiguous
                if d.prose.as_ref().is_some_and(|p| !p.is_phrase)
                    && !self.brief(detector).is_secret =>
            {
                Some(self.check_prose(detector, &value))
            }
            _ => None,
        }
    }

    /// Verdict on what stands behind a label that is a name of the kind and nothing else. Where any words are values,
    /// they have to be written by people, and of the kind's own words where it has such.
    fn check_words(&self, detector: u16, value: &str) -> Option<Verdict> {
        let verdict = self.check(detector, value);
        let Brief { takes_words, has_words, .. } = self.brief(detector);
        let is_own = matches!(verdict, Verdict::Valid(rung) if rung.name() == TELLING);
        // One word in small letters is a name in columns of names; behind a label code has such.
        let is_small = matches!(verdict, Verdict::Valid(rung) if rung.name() == SMALL);
        if is_small && !value.trim().contains(' ') {
            return None;
        }
        // A street without a number has capitals; what else ends like one are words.
        let is_street = matches!(verdict, Verdict::Valid(rung) if rung.name() == STREET_ONLY);
        if is_street && !label::is_titled(value) {
            return None;
        }
        let is_written = !label::is_type(value)
            && (!takes_words || label::is_written(value) && (!has_words || is_own));
        is_written.then_some(verdict)
    }

    /// Calls the detector's validator for running text, or for columns without a name.
    #[must_use]
    pub fn check_prose(&self, detector: u16, text: &str) -> Verdict {
        match self.brief(detector).prose {
            Some(f) => f(text, &self.context),
            None => Verdict::Invalid("has no look in running text"),
        }
    }

    /// Whether what has the shape of a kind may go on behind the value.
    fn ends_within(&self, detector: u16) -> bool {
        self.brief(detector).is_iban
    }

    /// Where the value stands in what has the shape of its kind, or its look in running text: mostly it is all of it.
    fn value_in(&self, detector: u16, text: &str, range: Range<usize>) -> Range<usize> {
        let brief = self.brief(detector);
        let value = match () {
            // What is no UTF-8 has another length as text.
            () if text.len() != range.len() => None,
            () if brief.is_iban => Some(0..validate::iban::iban_in(text).len()),
            () if brief.is_secret => validate::url::secret(text),
            () if brief.is_name => Some(0..validate::names::bare(text).len()),
            () if brief.is_login => validate::logs::user(text),
            () if brief.is_numbered => validate::numbered::value(text),
            () if brief.is_phrase => told::illness(text).or_else(|| Some(0..end_of_sentence(text))),
            () => None,
        };
        value.map_or(range.clone(), |at| range.start + at.start..range.start + at.end)
    }

    /// Bits of one match in running text: its rung's chance, the words near it, its separators.
    #[must_use]
    pub fn match_bits(&self, p: &Placed) -> f64 {
        crate::evidence::match_bits(self.bits(&p.hit), p.near, p.separated)
    }

    /// Whether values of a kind have a separated form.
    #[must_use]
    pub fn has_separators(&self, detector: u16) -> bool {
        self.brief(detector).separators
    }

    /// Whether a value stands in the separated form of its kind.
    fn separated(&self, detector: u16, value: &[u8]) -> bool {
        self.has_separators(detector) && veto::is_separated(value)
    }

    /// Keyed digest of a value, for counting: equal values of a kind have equal digests.
    #[must_use]
    pub fn digest(&self, detector: u16, value: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        let normal = self.normal(detector);
        // Values are short: they are brought to normal form in one piece and hashed at once.
        let mut short = [0; SHORT];
        if let Some(length) = normalise_short(normal, value, &mut short) {
            return hasher.hash(&short[..length]);
        }
        normalise(normal, value, &mut |bytes| hasher.write(bytes));
        hasher.finish()
    }

    /// Digest under the organisation's key for `findings.jsonl`: 128 bits in hexadecimal, its domain
    /// separated by the kind.
    #[must_use]
    pub fn public_digest(&self, detector: u16, value: &[u8], key: &[u8; 32]) -> String {
        let d = &self.rules.detectors[detector as usize];
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(d.id.as_bytes()).update(&[0]);
        normalise(d.normal, value, &mut |bytes| {
            hasher.update(bytes);
        });
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

/// Where the first sentence in a turn of phrase ends: at a full stop behind a word that is no abbreviation, and a blank.
fn end_of_sentence(text: &str) -> usize {
    /// Letters of an abbreviation.
    const SHORT: usize = 4;
    let stops = text.match_indices(". ").map(|(at, _)| at);
    let ends = |at: &usize| {
        let word = text[..*at].rsplit([' ', '.']).next().unwrap_or("");
        word.chars().count() > SHORT || text[at + 2..].starts_with(char::is_uppercase)
    };
    stops.into_iter().find(ends).unwrap_or(text.trim_end_matches('.').len())
}

/// Whether a number without letters ends in five zeros or, beyond twelve digits, in six: amounts do, and a serial number
/// with its check digit hardly ever. The Slovenian EMŠO of the first in a region may end in five (50 000 0).
fn is_round(text: &str) -> bool {
    if !text.ends_with('0') || text.bytes().any(|b| b.is_ascii_alphabetic()) {
        return false;
    }
    let digits = || text.bytes().rev().filter(u8::is_ascii_digit);
    let zeros = digits().take_while(|b| *b == b'0').count();
    zeros >= if digits().count() > 12 { 6 } else { 5 }
}

/// Sorts hits by start and detector. They come by start, unless some of them are driven.
pub fn sort(hits: &mut [Hit]) {
    if !hits.is_sorted_by_key(|h| h.start) {
        hits.sort_by_key(|h| h.start);
    }
    let at_same_start = hits.chunk_by_mut(|a, b| a.start == b.start);
    at_same_start.for_each(|hits| hits.sort_unstable_by_key(|h| h.detector));
}

/// Hits that a stretch of text has room for from the start: most have fewer.
const ROOM: usize = 32;

/// Categories of the numbers that states give to people.
const NATIONAL: [&str; 2] = ["government_id.national", "government_id.tax_social"];

/// The category of names.
const NAMES: &str = "contact.name";

/// The kind of dates of birth.
const BIRTHS: &str = "date_of_birth";

/// The category of names by which people are let in.
const LOGINS: &str = "online.account";

/// The category of passwords and other secrets.
const SECRETS: &str = "credential";

/// Bits from which a single whole cell of a column that is something else is believed.
pub const TELLS_ALONE: f64 = 10.0;

/// Whether a single value on a rung tells its kind. A turn of phrase is no cell's value.
fn tells_kind(detector: &Detector, rung: &str) -> bool {
    // What somebody does stands in catalogues of all sorts.
    let is_position = detector.validator.as_ref().is_some_and(|v| v.0 == "employment");
    !matches!(rung, "failed" | "phrase")
        && !is_position
        && (rung == TELLING || detector.chance(rung) <= TELLS_KIND && !NUMBERED.contains(&rung))
}

fn rung_names(detector: &Detector) -> Vec<String> {
    let mut names = vec!["failed".to_owned(), "strict".to_owned()];
    names.extend(detector.chance.keys().filter(|k| *k != "strict").cloned());
    names
}

#[cfg(test)]
pub(crate) mod testing {
    //! A finder with the built-in rules, for tests.
    use std::sync::LazyLock;

    use super::*;
    use crate::detect::rules::Selection;

    /// Its date and its key are always the same.
    pub(crate) static FINDER: LazyLock<Finder> = LazyLock::new(|| {
        let rules = Rules::load(&Selection::default()).unwrap();
        Finder::new(rules, jiff::civil::date(2026, 11, 1), [7; 16]).unwrap()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the words near say of the values of a kind in a text.
    fn near(kind: &str, text: &str) -> Vec<Near> {
        let finder = &*testing::FINDER;
        let number = u16::try_from(finder.rules.find(kind).unwrap()).unwrap();
        let (mut hits, mut placed) = (Vec::new(), Vec::new());
        finder.hits(text.as_bytes(), 0, text.len(), &mut hits);
        finder.place(text.as_bytes(), &hits, |_| None, &mut Placer::default(), &mut placed);
        placed.iter().filter(|p| p.hit.detector == number).map(|p| p.near).collect()
    }

    #[test]
    fn words_of_other_kinds_say_nothing_against_what_is_sure() {
        assert_eq!(near("email", "mobil 1: kari@firma.no"), [Near::Nothing]);
        assert_eq!(near("health", "ring mobil: hun er sykmeldt siden mai"), [Near::Nothing]);
        assert_eq!(near("phone", "iban 22 33 44 55"), [Near::Against]);
    }

    #[test]
    fn what_sentences_and_logs_say_of_people_is_told() {
        let finder = &*testing::FINDER;
        let told = |kind: &str, text: &str| -> Vec<String> {
            let number = u16::try_from(finder.rules.find(kind).unwrap()).unwrap();
            let mut hits = Vec::new();
            finder.hits(text.as_bytes(), 0, text.len(), &mut hits);
            finder.labelled(text.as_bytes(), 0, text.len(), &mut hits);
            let own = hits.iter().filter(|h| h.detector == number && h.valid());
            own.map(|h| text[h.start..h.end].to_owned()).collect()
        };
        assert_eq!(told("health", "Kari Hansen har fått kreft, sier hun."), ["kreft"]);
        assert_eq!(told("health", "Vi så at Anna Postma heeft dementie"), ["dementie"]);
        assert_eq!(told("religion", "Kari Hansen is a Muslim."), ["Muslim"]);
        for text in [
            "Kari Hansen har skrevet om kreft.",
            "Kari Hansen har kreftforskning",
            "Hus har kreft.",
        ] {
            assert_eq!(told("health", text), [""; 0], "{text}");
        }
        assert_eq!(told("username", "2026-10-12 08:15:02 ok user=gruberl ip=x"), ["gruberl"]);
        assert_eq!(told("username", "2026-10-12 08:15:02 ok user=root ip=x"), [""; 0]);
    }

    #[test]
    fn a_word_speaks_for_one_birth_date() {
        let text = "geboren am 12.03.1985, war vom 01.04.2019 bis 31.01.2026 bei uns";
        let told = near("date_of_birth", text);
        assert_eq!(told, [Near::Keyword, Near::Nothing, Near::Nothing]);
    }

    #[test]
    fn names_and_addresses_of_mail_speak_for_what_stands_beside_them() {
        for text in
            ["Kari Hansen, 22 33 44 55", "Kari Hansen\n22 33 44 55", "22 33 44 55, kari@firma.no"]
        {
            assert_eq!(near("phone", text), [Near::Company], "{text}");
        }
        for text in ["22 33 44 55  Kari Hansen", "Kari Hansen\n\n22 33 44 55", "22 33 44 55"] {
            assert_eq!(near("phone", text), [Near::Nothing], "{text}");
        }
        assert_eq!(near("phone", "Kari Hansen, varenr 22 33 44 55"), [Near::Against]);
        assert_eq!(near("street_address", "Kari Hansen\nAm Tor 8\n28195 Bremen"), [Near::Company]);
        for text in [
            "Kari Hansen\nStorgata 15\n0155 Oslo",
            "Kari Hansen,\r\nAm Tor 8\r\n28195 Bremen",
            "Levert til Kari Hansen, Storgata 15",
            "Adresse:\nKari Hansen\nStorgata 15\n0155 Oslo",
            "Team\n\nKari Hansen\nOla Berg\nAnna Holm\nPer Lund\nNina Dahl",
            "Kari Hansen\nOla Berg\nAnna Holm\nPer Lund\nNina Dahl",
            "Kari Hansen\nHead of Sales\nHolm Ltd\nTel: 07971 926552",
            "Kari Hansen, HR\nkari@firma.no",
            "Kari Hansen, f. 04.07.1961",
        ] {
            assert_eq!(near("person_name", text)[0], Near::Company, "{text}");
        }
        for text in ["Kari Hansen, 02125111249, har", "er Kari Hansen (02125111249)."] {
            assert_eq!(near("no_fodselsnummer", text), [Near::Company], "{text}");
        }
        assert_eq!(near("no_fodselsnummer", "Kari Hansen tok 02125111249"), [Near::Nothing]);
        for text in ["Kari Hansen bruker stol", "user Kari Hansen said", "vi så Kari Hansen øve"]
        {
            let is_against = text.starts_with("user");
            let expected = if is_against { Near::Against } else { Near::Sentence };
            assert_eq!(near("person_name", text), [expected], "{text}");
        }
        for text in ["Kari Hansen\n\nStorgata 15", "Kari Hansen Storgata", "Kari Hansen\nOla Berg"]
        {
            assert_eq!(near("person_name", text)[0], Near::Nothing, "{text}");
        }
        assert_eq!(near("street_address", "Kapitel Bau 12\n12345 Schrauben"), [Near::Nothing]);
        assert_eq!(near("email", "GET /npm/pkg%40angular.dev/x"), [Near::Nothing]);
        assert_eq!(near("email", "GET /x?email=kari%40firma.no"), [Near::Label]);
    }

    #[test]
    fn round_numbers_are_no_national_ones() {
        for text in ["63770000000", "637700 00000", "1911949000000"] {
            assert!(is_round(text), "{text}");
        }
        for text in ["1911949500000", "15065933818", "00000000001", "6377010000", "ABA300000"] {
            assert!(!is_round(text), "{text}");
        }
        let check = |id: &str, text: &str| {
            let number = u16::try_from(testing::FINDER.rules.find(id).unwrap()).unwrap();
            testing::FINDER.check(number, text)
        };
        assert_eq!(check("no_fodselsnummer", "63770000000"), Verdict::Invalid("a round number"));
        assert!(matches!(check("si_emso", "1911949500000"), Verdict::Valid(_)));
    }
}
