//! Names of persons known from lists (`patterns/names/`): what tells a name where no field name, or only a
//! cue, speaks for it.

use super::{Context, Rung, Validator, Validity, Verdict, cell};
use crate::detect::fold::fold;

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("listed_name", listed_name)];

static GIVEN: &str = include_str!("../../patterns/names/given.txt");
static FAMILY: &str = include_str!("../../patterns/names/family.txt");
/// Names that are English words, too: they tell only beside another name.
static WORDS: &str = include_str!("../../patterns/names/words.txt");

/// Small words inside names.
const PARTICLES: &[&str] = &[
    "af", "av", "von", "van", "der", "den", "de", "da", "das", "do", "dos", "di", "del", "della",
    "la", "le", "el", "al", "bin", "ibn", "ter", "ten", "te", "zu", "zum", "y", "e", "i", "van't",
    "in", "op",
];

/// A full name that begins with a listed given name (rung `listed_full` when the rest is listed, too, else
/// `listed`), or one word that is a listed name (`listed_word`).
fn listed_name(text: &str, cx: &Context) -> Verdict {
    if let invalid @ Verdict::Invalid(_) = cell::person_name(text, cx) {
        return invalid;
    }
    let words: Vec<&str> = text.split([' ', ',', '\u{A0}']).filter(|w| !w.is_empty()).collect();
    let Some((first, rest)) = words.split_first() else { return Verdict::Invalid("no words") };
    let is_capital = |w: &str| w.chars().next().is_some_and(char::is_uppercase);
    if !is_capital(first) || !rest.iter().all(|w| is_capital(w) || PARTICLES.contains(w)) {
        return Verdict::Invalid("words that are no names");
    }
    if rest.is_empty() {
        let known = is_in(GIVEN, first) || is_in(FAMILY, first);
        return if known { rung("listed_word") } else { Verdict::Invalid("not a listed name") };
    }
    if !is_in(GIVEN, first) {
        return Verdict::Invalid("does not begin with a listed given name");
    }
    let last = rest.last().copied().unwrap_or_default();
    if last.chars().filter(|c| c.is_alphabetic()).count() < 2 {
        return Verdict::Invalid("ends with an initial");
    }
    let known = is_in(FAMILY, last) || is_in(GIVEN, last);
    if is_in(WORDS, first) && (!known || is_in(WORDS, last)) {
        return Verdict::Invalid("a word that is a name, too, and no name behind it");
    }
    rung(if known { "listed_full" } else { "listed" })
}

const fn rung(name: &'static str) -> Verdict {
    Verdict::Valid(Rung { name, validity: Validity::Real })
}

/// Whether a word, or one of its parts between hyphens, stands in a list.
fn is_in(list: &'static str, word: &str) -> bool {
    let folded = fold(word).replace('’', "'");
    let folded = folded.trim_end_matches('.');
    holds(list, folded) || (folded.contains('-') && folded.split('-').any(|part| holds(list, part)))
}

/// Binary search over the lines of a sorted list.
fn holds(list: &'static str, word: &str) -> bool {
    let bytes = list.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low.midpoint(high);
        let start = memchr::memrchr(b'\n', &bytes[..middle]).map_or(0, |i| i + 1);
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |i| start + i);
        match bytes[start..end].cmp(word.as_bytes()) {
            std::cmp::Ordering::Equal => return !word.is_empty(),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
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
        for list in [GIVEN, FAMILY, WORDS] {
            assert!(
                list.is_ascii() && list.lines().is_sorted() && list.lines().all(|l| holds(list, l))
            );
            assert!(!holds(list, "") && !holds(list, "zzzz") && !holds(list, "a"));
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
