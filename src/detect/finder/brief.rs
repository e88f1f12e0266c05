//! What every candidate asks of its kind: the detectors in brief.

use super::super::rules::{Detector, Normal};
use super::{DOUBTFUL, FAILED, Finder, Hit, SMALL, STREET_ONLY, STRICT, TELLING};
use crate::validate::{RUNGS, Rung, Validator, Validity, Verdict};

/// The rungs that a cell passes by agreeing with its field's name.
const LOOSE: [&str; 4] = ["failed", "strict", "lower", "numbered"];
/// Checks that any words pass: what stands behind a label in running text has to be written by people, too.
const ANY_WORDS: [&str; 10] = [
    "category_value",
    "crime_value",
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
/// The rung of a value that holds a word of the kind's vocabulary.
const KNOWN: &str = "known";
/// The rung of a value that may as well be a version of a program.
const LIKE_VERSION: &str = "like_version";
/// Chance up to which a value tells its kind.
const TELLS_KIND: f64 = 0.3;
/// Chance up to which the check of a kind tells numbers that lost their zeros from others.
const DAMAGED: f64 = 0.1;

/// Categories of the numbers that states give to people.
const NATIONAL: [&str; 2] = ["government_id.national", "government_id.tax_social"];
/// The category of names.
const NAMES: &str = "contact.name";
/// The category of relatives.
const FAMILY: &str = "family";
/// The kind of dates of birth.
const BIRTHS: &str = "date_of_birth";
/// The category of names by which people are let in.
const LOGINS: &str = "online.account";
/// The category of passwords and other secrets.
const SECRETS: &str = "credential";

/// Bits from which a single whole cell of a column that is something else is believed.
pub const TELLS_ALONE: f64 = 10.0;

/// What every candidate asks of its detector; those of all detectors lie side by side.
pub struct Brief {
    pub validator: Option<Validator>,
    /// Of how many digits its numbers are, where they may lose zeros.
    pub digits: Option<usize>,
    pub prose: Option<Validator>,
    pub normal: Normal,
    pub needs_name: bool,
    pub separators: bool,
    pub company: bool,
    pub beside: bool,
    pub once: bool,
    /// Whether its values are what a person is reached by.
    pub is_contact: bool,
    pub is_phrase: bool,
    /// Whether it is names of persons.
    pub is_name: bool,
    /// Whether it is who somebody's relatives are.
    pub is_family: bool,
    /// Whether a turn of phrase is words with a number behind them.
    pub is_numbered: bool,
    /// The number of the rung of turns of phrase.
    pub phrase: u8,
    /// Whether it is a secret, or the name by which somebody is let in.
    pub is_secret: bool,
    pub is_login: bool,
    /// Whether it is what somebody is paid.
    pub is_pay: bool,
    /// Whether it are dates of birth, and whether IBANs.
    pub is_birth: bool,
    pub is_iban: bool,
    pub tells_columns: bool,
    pub tells_cells: bool,
    /// Whether it is a number that a state gives to people.
    pub is_national: bool,
    /// Chance that a random string of the shape passes, by number of the rung.
    pub chances: Vec<f64>,
    /// What passing tells, in bits.
    pub bits: Vec<f64>,
    /// Whether the check of whole cells gives the rung, and that of running text does not.
    pub loose: Vec<bool>,
    /// Whether a single value on the rung tells its kind, whatever its field is called.
    pub telling: Vec<bool>,
    /// Whether any number passes on the rung.
    pub amounts: Vec<bool>,
    /// The rung of values with a word of the kind's vocabulary, where it has one.
    pub known: Option<u8>,
    /// The rungs of flags, of names in small letters and of numbers without a check digit, where the kind has them.
    pub flag: Option<u8>,
    pub small: Option<u8>,
    pub unchecked: Option<u8>,
    /// The rung of streets without numbers.
    pub unnumbered: Option<u8>,
    /// By rung, whether other numbers have its form as well.
    pub common: Vec<bool>,
    /// The chance that what its values are mistaken for passes, where the file says it, and the rung of addresses of the
    /// internet that may as well be versions.
    pub mistaken: Option<f64>,
    pub like_version: Option<u8>,
    /// Whether any words are values of the kind, and whether it has words of its own.
    pub takes_words: bool,
    pub has_words: bool,
    /// Numbers of the rungs that validators name, and of the one of [`Verdict::Doubtful`].
    pub rungs: [u8; RUNGS.len()],
    pub doubtful: u8,
}

impl Brief {
    pub fn new(detector: &Detector) -> Brief {
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
            digits: detector.digits,
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
            is_family: detector.category == FAMILY,
            is_numbered: prose.is_some_and(|p| p.is_numbered),
            phrase: number("phrase").unwrap_or(STRICT),
            is_secret: detector.category == SECRETS,
            is_login: detector.category == LOGINS,
            is_pay: asks("amount"),
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
            unnumbered: number(STREET_ONLY),
            common: names.iter().map(|name| detector.common.contains(name)).collect(),
            mistaken: detector.chance.get(LIKE_VERSION).copied(),
            like_version: number(LIKE_VERSION).filter(|_| asks("ip_address")),
            has_words: names.iter().any(|name| name == TELLING),
            takes_words: ANY_WORDS.into_iter().any(asks),
            rungs,
            doubtful: number(DOUBTFUL).unwrap_or(FAILED),
        }
    }
}

impl Finder {
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
        is_on(&self.brief(detector).telling, rung)
    }

    /// Whether a kind is told in running text by turns of phrase.
    pub(super) fn is_phrase(&self, detector: u16) -> bool {
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

    /// Whether streets without numbers pass on this rung.
    #[must_use]
    pub fn is_unnumbered(&self, detector: u16, rung: u8) -> bool {
        self.brief(detector).unnumbered == Some(rung)
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
        is_on(&self.brief(detector).common, rung)
    }

    /// Whether words in small letters pass on this rung, as names do in exports, and everything in code.
    #[must_use]
    pub fn is_small(&self, detector: u16, rung: u8) -> bool {
        self.brief(detector).small == Some(rung)
    }

    /// Whether any number passes on this rung.
    #[must_use]
    pub fn is_amount(&self, detector: u16, rung: u8) -> bool {
        is_on(&self.brief(detector).amounts, rung)
    }

    /// Chance that a random string of the detector's shape passes on this rung.
    #[must_use]
    pub fn chance(&self, detector: u16, rung: u8) -> f64 {
        let chances = &self.brief(detector).chances;
        chances.get(usize::from(rung)).copied().unwrap_or(chances[1])
    }

    /// Whether the check of a kind tells numbers that lost their zeros from most others.
    #[must_use]
    pub fn tells_damaged(&self, detector: u16) -> bool {
        let (rung, _) = self.rung(detector, Verdict::Valid(Rung::LOST_ZERO));
        self.chance(detector, rung) <= DAMAGED
    }

    /// What the value of a hit tells by itself, in bits.
    pub(super) fn bits(&self, hit: &Hit) -> f64 {
        let bits = &self.brief(hit.detector).bits;
        bits.get(usize::from(hit.rung)).copied().unwrap_or(bits[1])
    }

    /// Whether values of a kind are believed one by one, on some rung.
    #[must_use]
    pub fn tells_alone(&self, detector: u16) -> bool {
        self.brief(detector).bits.iter().skip(1).any(|bits| *bits >= TELLS_ALONE)
    }

    /// Whether values of a kind have a separated form.
    #[must_use]
    pub fn has_separators(&self, detector: u16) -> bool {
        self.brief(detector).separators
    }
}

/// Whether a flag of rungs is set for this one.
fn is_on(flags: &[bool], rung: u8) -> bool {
    flags.get(usize::from(rung)).is_some_and(|flag| *flag)
}

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
