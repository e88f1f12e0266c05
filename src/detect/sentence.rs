//! Sentences: whether a name stands among the words of one, as names do where people write of people.

use std::collections::HashSet;
use std::str::from_utf8;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::context::from_whole_character;
use super::finder::lossy;
use super::lower::{is_capital, is_letter, with_lower};
use crate::unit::CELL_END;
use crate::validate::prose::is_street_kind;

/// Bytes on either side that are looked at: a long word and what stands beside it.
const REACH: usize = 32;

/// Words in front of what is called after somebody, in languages that put them there.
const CALLED_AFTER: &str = "\
    rue avenue av. boulevard bd place quai square allée chemin impasse route lycée collège école hôpital stade \
    gare métro prix fondation calle c/ avenida avda. plaza paseo carrer ronda glorieta colegio instituto hospital \
    estadio aeropuerto premio fundación via viale piazza corso largo vicolo scuola liceo istituto ospedale stadio \
    fondazione rua praça travessa escola prémio prêmio fundação ul. ulica ulicy al. aleja aleje pl. plac placu \
    szkoła szpital im. str. bd. strada bulevardul calea aleea șoseaua piața liceul școala spitalul náměstí třída ulice \
    námestie trieda škola nemocnica trg cesta šola bolnica ул. улица бул. булевард пл. площад училище болница οδός \
    οδού λεωφόρος λεωφόρου πλατεία πλατείας σχολείο νοσοκομείο street corner";

/// Whether what stands at `start..end` has a word of small letters before it, or behind it in the same sentence, and is
/// no street or school that is called after somebody.
#[must_use]
pub fn is_around(text: &[u8], start: usize, end: usize) -> bool {
    if has_no_words(&text[..start], &text[end..]) {
        return false;
    }
    let before = text[start.saturating_sub(REACH)..start].rsplit(is_end).next();
    // What is no UTF-8 has no words.
    let before = from_utf8(from_whole_character(before.unwrap_or_default())).unwrap_or_default();
    let behind = text[end..text.len().min(end + REACH)].split(is_end).next();
    let behind = lossy(behind.unwrap_or_default());
    let behind = without_genitive(&behind);
    let unmarked = before.trim_end_matches(MARKS);
    let is_quoted = before[unmarked.len()..].contains('"');
    let last = unmarked.strip_suffix(' ').and_then(|words| words.split(' ').next_back());
    let last = last.unwrap_or("");
    let (begins, goes_on) = (is_word(last.trim_end_matches([',', ';'])), goes_on(behind));
    // Code has strings behind words and before them; people write on behind a quotation.
    (begins && goes_on || !is_quoted && (begins || goes_on) || is_born(behind))
        && !is_direction(unmarked)
        && !is_called_so(last)
        && !is_street(behind)
}

/// Whether it is plain that no word of a sentence stands beside a name: it begins its cell or line, and fills it, or a
/// capital or a number follows, as in columns of names and addresses.
fn has_no_words(before: &[u8], behind: &[u8]) -> bool {
    let behind = behind.strip_prefix(b",").unwrap_or(behind);
    let is_last = || behind.first().is_none_or(is_end);
    let is_followed = || matches!(behind, [b' ', b'A'..=b'Z' | b'0'..=b'9', ..]);
    before.last().is_none_or(is_end) && (is_last() || is_followed())
}

/// What stands behind the ending of a genitive, which is no part of a name.
fn without_genitive(behind: &str) -> &str {
    ["'s", "’s", "s"].into_iter().find_map(|end| behind.strip_prefix(end)).unwrap_or(behind)
}

/// Words and signs before the year of somebody's birth.
const BORN: &[&str] = &[
    "f.", "født", "född", "fødd", "b.", "born", "geb.", "geboren", "né", "née", "nato", "nata",
    "nacido", "nacida", "s.", "synt.", "ur.", "nar.", "sz.", "szül.", "g.", "*",
];

/// Whether the year of a birth stands behind a name: ` (f. 1961)`.
fn is_born(behind: &str) -> bool {
    let inside = behind.strip_prefix(" (").and_then(|rest| rest.split_once(')'));
    let year = inside.and_then(|(inside, _)| {
        BORN.iter().find_map(|word| inside.strip_prefix(word)).map(str::trim_start)
    });
    year.is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()))
}

/// Marks round a name that is quoted or set off.
const MARKS: [char; 11] = ['"', '“', '„', '”', '«', '»', '*', '_', '[', ']', '‘'];

/// Words behind a direction, where a place follows.
const OF: &[&str] = &["of", "from", "for", "om", "von", "van", "de", "du", "di", "da", "od"];

/// How directions begin in the languages of those, in small letters.
const DIRECTIONS: &[&str] = &[
    "north", "south", "east", "west", "nord", "sør", "syd", "øst", "vest", "norr", "söder", "öst",
    "väst", "süd", "noord", "zuid", "oost", "sud", "ouest", "norte", "oeste", "ovest", "leste",
];

/// Whether a direction stands before a name, which is one of a place then: `17 km SW of`, `øst for`.
fn is_direction(before: &str) -> bool {
    /// Bytes of the longest ending: `northeasterly`.
    const ENDING: usize = 8;
    let mut words = before.trim_end().rsplit(' ');
    let (Some(of), Some(direction)) = (words.next(), words.next()) else { return false };
    let is_points =
        || matches!(direction.len(), 1..=3) && direction.chars().all(|c| "NESWOØVÖ".contains(c));
    let mut named = DIRECTIONS.iter().filter_map(|d| direction.strip_prefix(*d));
    OF.contains(&of) && (is_points() || named.any(|rest| rest.len() <= ENDING))
}

fn is_end(byte: &u8) -> bool {
    matches!(*byte, b'\n' | b'\r' | CELL_END)
}

/// Whether the word in front says that a street or school is called after somebody.
fn is_called_so(word: &str) -> bool {
    static ALL: LazyLock<HashSet<&[u8], FixedState>> =
        LazyLock::new(|| CALLED_AFTER.split(' ').map(str::as_bytes).collect());
    with_lower::<24, _>(word, |word| ALL.contains(word))
}

/// Whether what stands behind a name makes a street of it: a house number, or the street's kind.
fn is_street(behind: &str) -> bool {
    let next = behind.strip_prefix(' ').and_then(|words| words.split([' ', ',']).next());
    next.is_some_and(|word| {
        word.starts_with(|c: char| c.is_ascii_digit())
            || is_street_kind(word)
            || matches!(word, "nr" | "nr." | "no." | "č.")
    })
}

/// Whether a sentence goes on: a blank, perhaps behind marks, and a word of two small letters or more.
fn goes_on(text: &str) -> bool {
    let text = text.trim_start_matches(MARKS);
    let text = text.strip_prefix([',', ';', ')']).unwrap_or(text);
    let Some(text) = text.strip_prefix(' ') else { return false };
    let word = text.split(' ').next().unwrap_or_default();
    let word = word.trim_end_matches(['.', ',', ';', ':', ')']);
    word.len() > 1 && is_word(word)
}

/// Whether a text is one word of small letters.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| is_letter(c) && !is_capital(c) || matches!(c, '-' | '\'' | '’'))
        && text.chars().any(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str) -> bool {
        let (before, rest) = text.split_once('[').unwrap();
        let (name, behind) = rest.split_once(']').unwrap();
        let text = format!("{before}{name}{behind}");
        is_around(text.as_bytes(), before.len(), before.len() + name.len())
    }

    #[test]
    fn names_stand_among_words() {
        for text in [
            "The proposal was read by [Ola Hansen].",
            "[Ola Hansen] presented the figures.",
            "Wieder sagt [Ola Hansen], es sei genug.",
            "Ordføreren: [Ola Hansen] åpnet møtet",
            "som sagt, [Ola Hansen]\n",
            "before\n[Ola Hansen]'s report",
            "Zgłosił to [Ola Hansen], który widział",
            "på mötet där [Ola Hansen] 45",
            "we met \"[Ola Hansen]\" there",
            "[Ola Hansen]s bil",
            "we met **[Ola Hansen]**.",
            "«[Ola Hansen]» sa han",
            "[Ola Hansen] (f. 1961)",
            "[Ola Hansen] (*1961)",
        ] {
            let expected = !text.ends_with("45");
            assert_eq!(around(text), expected, "{text}");
        }
    }

    #[test]
    fn lists_titles_and_streets_are_no_sentences() {
        for text in [
            "[Ola Hansen]",
            "Oslo [Ola Hansen] Bergen",
            "the\n[Ola Hansen]\nwas",
            "il habite avenue [Ola Hansen], près de",
            "Str. [Ola Hansen] nr. 12",
            "bor i [Ola Hansens] gate 5",
            "bor i [Ola Hansen]s gate 5",
            "[Ola Hansen] (1961)",
            "[Petőfi Sándor] utca 12",
            "a\u{1e}[Ola Hansen]\u{1e}b",
            "(\"[Ola Hansen]\", 12)",
            "print \"[Ola Hansen]\";",
            "\"[Ola Hansen]\" in names",
            "x = [Ola Hansen]; y",
            "Annual Report [Ola Hansen] (2026)",
            "17km SW of [Charlotte Amalie], Virgin Islands",
            "et sted nord for [Ola Hansen] i går",
            "just northeast of [Ola Hansen] today",
        ] {
            assert!(!around(text), "{text}");
        }
    }

    #[test]
    fn what_is_cut_or_no_text_is_no_word() {
        let text = "å".repeat(20) + " X Y";
        assert!(is_around(text.as_bytes(), 41, 44));
        assert!(!is_around(b"\xFF\xFE X Y\xFF \xFF", 3, 6));
        assert!(!is_around(b"", 0, 0));
    }
}
