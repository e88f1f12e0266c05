//! The finder: candidates through vetoes and validators, resolved where they overlap.
//!
//! One finder serves all threads. It answers for one stretch of text at a time and keeps nothing.

use std::collections::BTreeSet;
use std::hash::Hasher;
use std::ops::Range;

use anyhow::Result;
use siphasher::sip::SipHasher13;

use super::context::{Keywords, Near};
use super::engine::{Candidate, Engine, Look};
use super::lexicon::{Fit, Hint, Lexicon};
use super::normal::{SHORT, normalise, normalise_short};
use super::rules::Rules;
use super::veto;
use crate::eye::FieldTold;
use crate::memo::Memo;
use crate::two;
use crate::validate::{self, Context, Validity, Verdict, told};

mod brief;
mod judge;
mod labelled;
mod names;
mod place;
#[cfg(test)]
mod tests;

use brief::Brief;
pub use brief::TELLS_ALONE;
pub use judge::{Judge, decoded, lossy, part_of};
pub use labelled::Keys;
pub use place::Placer;

/// The rung of a candidate that failed its check digit only.
pub const DOUBTFUL: &str = "doubtful";
/// The rung of a street without a number.
const STREET_ONLY: &str = "name_only";
/// The rung of a value of the kind's own vocabulary.
const TELLING: &str = "telling";
/// The rung of a name in small letters.
const SMALL: &str = "lower";
/// The rung of a candidate that failed its validator.
pub const FAILED: u8 = 0;
/// The rung of one that passed every check.
const STRICT: u8 = 1;

/// Hits that a stretch of text has room for from the start: most have fewer.
const ROOM: usize = 32;

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
    /// What makes digests, with the key of the organisation.
    hasher: SipHasher13,
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
    /// The shape of what a spreadsheet leaves of them, of whole cells where the field's name is that of the kind.
    Damaged,
    /// Its look in running text.
    Prose,
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
            let named = detector.damaged_pattern.iter().map(|p| (p, Shape::Damaged));
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
            hasher: SipHasher13::new_with_key(&key),
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

    /// Calls the detector's validator on a text.
    #[must_use]
    pub fn check(&self, detector: u16, text: &str) -> Verdict {
        let brief = self.brief(detector);
        match brief.validator {
            Some(_) if brief.is_national && is_round(text) => Verdict::Invalid("a round number"),
            Some(f) => match brief.digits.and_then(|digits| with_zeros(text, digits)) {
                Some(whole) => f(&whole, &self.context).damaged(),
                None => f(text, &self.context),
            },
            None => Verdict::Valid(crate::validate::Rung::STRICT),
        }
    }

    /// Verdict on a name with the family name in front.
    #[must_use]
    pub fn check_turned(&self, text: &str) -> Verdict {
        validate::names::turned_name(text, &self.context)
    }

    /// The same where lists of names stand as well.
    fn check_plainly_turned(&self, text: &str) -> Verdict {
        validate::names::plainly_turned_name(text, &self.context)
    }

    /// Finds the hits that start in `from..to`, sorted by start; all candidates that no veto struck,
    /// failed ones included.
    pub fn hits(&self, text: &[u8], from: usize, to: usize, hits: &mut Vec<Hit>) {
        hits.clear();
        hits.reserve(ROOM);
        let mut judge = Judge::new(self, text, decoded(text));
        self.engine.find(text, from, to, |c: Candidate| {
            let (detector, shape) = self.shapes[usize::from(c.pattern)];
            if shape != Shape::Damaged {
                let start = judge.begin(c.start, c.end);
                hits.extend(judge.hit(detector, shape == Shape::Prose, start, c.end));
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
            () if brief.is_name => Some(0..self.without_label(validate::names::bare(text)).len()),
            () if brief.is_login => validate::logs::user(text),
            () if brief.is_numbered => validate::numbered::value(text),
            () if brief.is_phrase => told::illness(text).or_else(|| Some(0..end_of_sentence(text))),
            () => None,
        };
        value.map_or(range.clone(), |at| range.start + at.start..range.start + at.end)
    }

    /// A name without the label of what stands behind it: `Kari Nordmann Fødselsnr 010190…`.
    fn without_label<'t>(&self, name: &'t str) -> &'t str {
        let Some(blank) = memchr::memrchr(b' ', name.as_bytes()) else { return name };
        let (before, last) = (&name[..blank], &name[blank + 1..]);
        let is_label = || {
            let told = self.lexicon.of_label(last).unwrap_or_default();
            told.iter().any(|told| told.1 == Hint::For(Fit::Strong) && self.has_pattern(told.0))
        };
        let is_upper = |text: &str| !text.bytes().any(|b| b.is_ascii_lowercase());
        // `LAN PC Card` is no name with a label behind it.
        let is_label = before.contains(' ')
            && is_upper(before) == is_upper(last)
            && !validate::names::is_family(last)
            && is_label();
        if is_label { before } else { name }
    }

    /// Bits of one match in running text: its rung's chance, the words near it, its separators.
    #[must_use]
    pub fn match_bits(&self, p: &Placed) -> f64 {
        crate::evidence::match_bits(self.bits(&p.hit), p.near, p.separated)
    }

    /// Whether a value stands in the separated form of its kind.
    fn separated(&self, detector: u16, value: &[u8]) -> bool {
        self.has_separators(detector) && veto::is_separated(value)
    }

    /// Keyed digest of a value, for counting: equal values of a kind have equal digests.
    #[must_use]
    pub fn digest(&self, detector: u16, value: &[u8]) -> u64 {
        let normal = self.normal(detector);
        // Values are short: they are brought to normal form in one piece and hashed at once.
        let mut short = [0; SHORT];
        if let Some(length) = normalise_short(normal, value, &mut short) {
            return self.hasher.hash(&short[..length]);
        }
        let mut hasher = self.hasher;
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

/// A number of so many digits as it was before one or two zeros in front of it were dropped, if it is what is left of one.
fn with_zeros(text: &str, digits: usize) -> Option<String> {
    let is_damaged = (digits - 2..digits).contains(&text.len())
        && !text.starts_with('0')
        && text.bytes().all(|b| b.is_ascii_digit());
    is_damaged.then(|| format!("{text:0>digits$}"))
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
