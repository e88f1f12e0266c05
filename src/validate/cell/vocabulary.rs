//! Values with a word of their kind's vocabulary: illnesses, religions, offences and unions, parties and positions as people write them in lists. Under a
//! name that says nothing ("Reason", "Grund") they are all that tells what a column holds.

use std::sync::LazyLock;

use super::{Context, Verdict, category_value, rung};
use crate::bytes::{IS_ALNUM, places};
use crate::detect::fold::{fold, fold_in};
use crate::validate::wordset::Words;

const HEALTH_LIST: &str = include_str!("../../../patterns/vocabulary/health.txt");
const RELIGION_LIST: &str = include_str!("../../../patterns/vocabulary/religion.txt");
const UNION_LIST: &str = include_str!("../../../patterns/vocabulary/trade_union.txt");
const PARTY_LIST: &str = include_str!("../../../patterns/vocabulary/political.txt");
const CRIME_LIST: &str = include_str!("../../../patterns/vocabulary/criminal.txt");
const MACHINE_LIST: &str = include_str!("../../../patterns/vocabulary/machines.txt");
const JOB_LIST: &str = include_str!("../../../patterns/vocabulary/employment.txt");

static HEALTH: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(HEALTH_LIST));
static RELIGION: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(RELIGION_LIST));

/// Whether a folded word is one for an illness, or begins or ends like one.
pub fn is_illness(word: &str) -> bool {
    /// What words of Germanic languages are put together with.
    const ENDINGS: &[&str] =
        &["allergi", "allergie", "kreft", "krebs", "cancer", "kanker", "epilepsi"];
    /// What stands before them has so many letters at least.
    const BEFORE: usize = 3;
    let ends = |ending: &&str| word.len() >= ending.len() + BEFORE && word.ends_with(*ending);
    HEALTH.has(word.as_bytes()) || ENDINGS.iter().any(ends)
}

/// Whether a folded word is one for whoever is of a faith, or for the faith.
pub fn is_faith(word: &str) -> bool {
    RELIGION.has(word.as_bytes())
}

/// Takes the lists into a hash, for the run's facts.
pub fn hash_into(hasher: &mut blake3::Hasher) {
    for list in
        [HEALTH_LIST, RELIGION_LIST, UNION_LIST, PARTY_LIST, CRIME_LIST, MACHINE_LIST, JOB_LIST]
    {
        hasher.update(list.as_bytes());
    }
}

/// Texts of more bytes are told about, and no values of a list.
const LONG: usize = 80;

/// Words, and beginnings of words (`diabet*`), folded; one a line.
struct Vocabulary {
    words: Words,
    beginnings: Words,
    /// By the first byte of a beginning, a bit for each length in bytes.
    lengths: [u32; 256],
    /// A bit for the hash of the first three bytes of each: most other words begin with none of them.
    fronts: [u64; FRONTS / 64],
}

/// Bits for fronts.
const FRONTS: usize = 4096;

/// The number among [`FRONTS`] of the first three bytes of a word; nothing where it has fewer.
fn front(word: &[u8]) -> Option<usize> {
    let [a, b, c, ..] = *word else { return None };
    Some(u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9E37_79B1) as usize >> 20)
}

impl Vocabulary {
    fn new(list: &'static str) -> Vocabulary {
        let beginnings = || list.lines().filter_map(|line| line.strip_suffix('*'));
        let mut lengths = [0; 256];
        for beginning in beginnings().filter(|b| (1..=32).contains(&b.len())) {
            lengths[usize::from(beginning.as_bytes()[0])] |= 1 << (beginning.len() - 1);
        }
        let mut fronts = [0; FRONTS / 64];
        for word in list.lines() {
            match front(word.trim_end_matches('*').as_bytes()) {
                Some(front) => fronts[front / 64] |= 1 << (front % 64),
                // Anything may stand behind two letters.
                None if word.ends_with('*') => fronts.fill(u64::MAX),
                None => {}
            }
        }
        Vocabulary {
            words: Words::new(list.lines().filter(|line| !line.ends_with('*'))),
            beginnings: Words::new(beginnings()),
            lengths,
            fronts,
        }
    }

    /// Whether a text has one of the words.
    fn is_in(&self, text: &str) -> bool {
        match fold_in(text.as_bytes(), &mut [0; 2 * LONG]) {
            // What is folded so is ASCII.
            Some(folded) => {
                let mut words = folded.split(|b| !IS_ALNUM[usize::from(*b)]);
                words.any(|word| self.has(word))
            }
            None => {
                let folded = fold(text);
                let mut words = folded.split(|c: char| !c.is_alphanumeric());
                words.any(|word| self.has(word.as_bytes()))
            }
        }
    }

    /// Whether a folded word is one of the list, or begins like one.
    fn has(&self, word: &[u8]) -> bool {
        let Some(first) = word.first() else { return false };
        if front(word).is_some_and(|front| self.fronts[front / 64] >> (front % 64) & 1 == 0) {
            return false;
        }
        let lengths = places(u64::from(self.lengths[usize::from(*first)]));
        let mut starts = lengths.take_while(|at| *at < word.len());
        self.words.holds(word) || starts.any(|at| self.beginnings.holds(&word[..=at]))
    }
}

/// What [`category_value`] says, on the rung `known` where the text has a word of the list.
fn by(list: &Vocabulary, is_code: fn(&str) -> bool, text: &str, cx: &Context) -> Verdict {
    match category_value(text, cx) {
        Verdict::Valid(_) if text.len() <= LONG && (is_code(text) || list.is_in(text)) => {
            const { rung("known") }
        }
        verdict => verdict,
    }
}

/// Health: illnesses and injuries, codes of ICD-10 with their dot. What is said of a machine is none (`Diagnosis: blocked
/// filter`).
pub fn health(text: &str, cx: &Context) -> Verdict {
    static MACHINES: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(MACHINE_LIST));
    match by(&HEALTH, |text| is_icd(text) || is_snomed(text), text, cx) {
        Verdict::Valid(told) if told.name() == "strict" && MACHINES.is_in(text) => {
            Verdict::Invalid("of a machine")
        }
        Verdict::Valid(told) if told.name() == "strict" && is_identifier(text) => {
            Verdict::Invalid("a name of code")
        }
        verdict => verdict,
    }
}

/// Whether a text is one word of code or of settings: small letters with signs between, and two of those at least.
fn is_identifier(text: &str) -> bool {
    let signs = text.bytes().filter(|b| matches!(b, b'-' | b'_')).count();
    signs > 1
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
}

/// Religion: what people are, in the languages of the lexicon.
pub fn religion(text: &str, cx: &Context) -> Verdict {
    by(&RELIGION, |_| false, text, cx)
}

/// Political parties: names and codes of the larger ones.
pub fn party(text: &str, cx: &Context) -> Verdict {
    static LIST: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(PARTY_LIST));
    by(&LIST, |_| false, text, cx)
}

/// Offences and what courts give for them.
pub fn crime(text: &str, cx: &Context) -> Verdict {
    static LIST: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(CRIME_LIST));
    by(&LIST, |_| false, text, cx)
}

/// Whether a text has a word for somebody's position: what people do.
pub fn is_job(text: &str) -> bool {
    static LIST: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(JOB_LIST));
    text.len() <= LONG && LIST.is_in(text)
}

/// Trade unions: names and abbreviations of the larger ones.
pub fn trade_union(text: &str, cx: &Context) -> Verdict {
    static LIST: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(UNION_LIST));
    by(&LIST, |_| false, text, cx)
}

/// The name of a concept of SNOMED CT with its tag: `Essential hypertension (disorder)`.
fn is_snomed(text: &str) -> bool {
    const TAGS: &[&str] = &["(disorder)", "(finding)", "(situation)", "(morphologic abnormality)"];
    TAGS.iter().any(|tag| text.ends_with(tag))
}

/// A letter, two digits, a dot and one or two digits: `F32.1`.
fn is_icd(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, rest @ ..] if letter.is_ascii_uppercase() && match rest {
        [a, b, b'.', digits @ ..] => {
            a.is_ascii_digit() && b.is_ascii_digit() && matches!(digits.len(), 1 | 2)
                && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::rung_of;
    use super::*;

    #[test]
    fn lists_are_folded_and_sorted() {
        for list in [HEALTH_LIST, RELIGION_LIST, UNION_LIST, CRIME_LIST, MACHINE_LIST] {
            assert!(list.lines().is_sorted());
            assert!(list.lines().all(|l| (1..=32).contains(&l.len()) && l == fold(l)));
        }
    }

    #[test]
    fn words_of_the_kind_are_known() {
        for text in [
            "Bandscheibenvorfall",
            "grippaler Infekt, Grippe",
            "Type 2-diabetes",
            "F32.1",
            "lumbalgia",
            "Nøtteallergi; allergisk",
            "FLU",
            "Perennial condition (disorder)",
        ] {
            assert_eq!(rung_of(health, text), "known", "{text}");
        }
        for text in
            ["Return of goods", "Hypertext", "Gastronomie", "Migrants", "M8x40", "A1.2", "Opinion"]
        {
            assert_ne!(rung_of(health, text), "known", "{text}");
        }
        for text in ["blocked filter", "Festplatte defekt", "The server could not be reached"] {
            assert_eq!(rung_of(health, text), "", "{text}");
        }
        assert_eq!(rung_of(health, "Broken arm"), "strict");
        assert_eq!(rung_of(health, "gc-enabled-normal"), "");
        assert_eq!(rung_of(health, "type-2-diabetes"), "known");
        assert_eq!(rung_of(religion, "röm.-kath. (katholisch)"), "known");
        assert_eq!(rung_of(religion, "Islam"), "known");
        assert_eq!(rung_of(religion, "Blue"), "strict");
        assert_eq!(rung_of(trade_union, "FNV Metaal"), "known");
        assert_eq!(rung_of(trade_union, "credit"), "strict");
        for text in
            ["Grovt tyveri", "Theft 2021", "Körperverletzung", "Straffeloven § 271 kroppskrenkelse"]
        {
            assert_eq!(rung_of(crime, text), "known", "{text}");
        }
        for text in ["Room service", "A longer sentence of a book", "Lukas Graham"] {
            assert_eq!(rung_of(crime, text), "strict", "{text}");
        }
        assert_eq!(rung_of(crime, "120.00"), "amount");
        assert_eq!(rung_of(trade_union, "2024-01-01"), "");
    }
}
