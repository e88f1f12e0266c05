//! Names of persons known from lists (`patterns/names/`): what tells a name where no field name, or only a
//! cue, speaks for it.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::wordset::Words;
use super::{Context, Rung, Validator, Validity, Verdict, cell};
use crate::detect::fold::fold;

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("listed_name", listed_name)];

const GIVEN_LIST: &str = include_str!("../../patterns/names/given.txt");
const FAMILY_LIST: &str = include_str!("../../patterns/names/family.txt");
const WORDS_LIST: &str = include_str!("../../patterns/names/words.txt");

static GIVEN: LazyLock<Words> = LazyLock::new(|| Words::new(GIVEN_LIST.lines()));
static FAMILY: LazyLock<Words> = LazyLock::new(|| Words::new(FAMILY_LIST.lines()));
/// Names that are English words, too: they tell only beside another name.
static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(WORDS_LIST.lines()));

/// Takes the lists of names into a hash, for the run's facts.
pub fn hash_into(hasher: &mut blake3::Hasher) {
    for list in [GIVEN_LIST, FAMILY_LIST, WORDS_LIST] {
        hasher.update(list.as_bytes());
    }
}

/// Small words inside names.
const PARTICLES: &[&str] = &[
    "af", "av", "von", "van", "der", "den", "de", "da", "das", "do", "dos", "di", "del", "della",
    "la", "le", "el", "al", "bin", "ibn", "ter", "ten", "te", "zu", "zum", "y", "e", "i", "van't",
    "in", "op",
];

/// A full name that begins with a listed given name (rung `listed_full` when the rest is listed, too, else
/// `listed`), or one word that is a listed name (`listed_word`).
fn listed_name(text: &str, cx: &Context) -> Verdict {
    // Most texts fail here: the list is asked before anything is taken apart.
    let mut parts = text.split([' ', ',', '\u{A0}']).filter(|w| !w.is_empty());
    let Some(first) = parts.next() else { return Verdict::Invalid("no words") };
    let is_capital = |w: &str| w.chars().next().is_some_and(char::is_uppercase);
    if !is_capital(first) {
        return Verdict::Invalid("does not begin with a capital");
    }
    let first = folded(first);
    let is_given = holds(&GIVEN, &first);
    if !is_given && !holds(&FAMILY, &first) {
        return Verdict::Invalid("does not begin with a listed name");
    }
    if let invalid @ Verdict::Invalid(_) = cell::person_name(text, cx) {
        return invalid;
    }
    let rest: Vec<&str> = parts.collect();
    if !rest.iter().all(|w| is_capital(w) || PARTICLES.contains(w)) {
        return Verdict::Invalid("words that are no names");
    }
    if rest.is_empty() {
        return rung("listed_word");
    }
    if !is_given {
        return Verdict::Invalid("does not begin with a listed given name");
    }
    let last = rest.last().copied().unwrap_or_default();
    if last.chars().filter(|c| c.is_alphabetic()).count() < 2 {
        return Verdict::Invalid("ends with an initial");
    }
    let last = folded(last);
    let known = holds(&FAMILY, &last) || holds(&GIVEN, &last);
    if holds(&WORDS, &first) && (!known || holds(&WORDS, &last)) {
        return Verdict::Invalid("a word that is a name, too, and no name behind it");
    }
    rung(if known { "listed_full" } else { "listed" })
}

const fn rung(name: &'static str) -> Verdict {
    Verdict::Valid(Rung { name, validity: Validity::Real })
}

/// Whether a list holds a folded word, or one of the parts that hyphens join.
fn holds(list: &Words, folded: &str) -> bool {
    let folded = folded.trim_end_matches('.');
    list.holds(folded) || (folded.contains('-') && folded.split('-').any(|part| list.holds(part)))
}

fn folded(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii_lowercase()) {
        return Cow::Borrowed(word);
    }
    let mut folded = fold(word);
    if folded.contains('’') {
        folded = folded.replace('’', "'");
    }
    Cow::Owned(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung_of(text: &str) -> &'static str {
        match listed_name(text, &Context { as_of: jiff::civil::date(2026, 6, 1) }) {
            Verdict::Valid(rung) => rung.name,
            _ => "",
        }
    }

    #[test]
    fn every_listed_name_is_found() {
        let files = [
            include_str!("../../patterns/names/given.txt"),
            include_str!("../../patterns/names/family.txt"),
            include_str!("../../patterns/names/words.txt"),
        ];
        for (file, list) in files.into_iter().zip([&GIVEN, &FAMILY, &WORDS]) {
            assert!(file.is_ascii() && file.lines().is_sorted());
            assert!(file.lines().all(|l| holds(list, &folded(l))));
            assert!(["", "zzzz", "a"].iter().all(|w| !holds(list, w)));
        }
    }

    #[test]
    fn names_are_told_from_capitals() {
        assert_eq!(rung_of("Kari Hansen"), "listed_full");
        assert_eq!(rung_of("Kari Qwrtblom"), "listed");
        assert_eq!(rung_of("Anne-Marie van der Berg"), "listed_full");
        assert_eq!(rung_of("Kari"), "listed_word");
        for none in [
            "Annual Report",
            "Kari og Ola",
            "Hansen AS",
            "Kari H",
            "kari hansen",
            "Hunter Green",
            "Standard Chartered",
        ] {
            assert_eq!(rung_of(none), "", "{none}");
        }
    }
}
