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

/// What stands in front of the names of ships, with a capital at least.
const SHIPS: &str = "\
    MS M/S MV M/V MF M/F MT M/T SS S/S DS D/S TSS HMS USS KNM KV HNoMS HDMS HSwMS RMS RV R/V SY S/Y MY \
    M/Y M/B M/K MK HSC HMCS HMAS USNS NCC";

/// What stands in front of the names of firms that are called after those who began them.
const FIRMS: &[&str] =
    &["Etablissements", "Établissements", "Ets", "Ets.", "Éts", "Éts.", "Sté", "Messrs", "Messrs."];

/// What stands in front of the rest of a place's name: `San Jose`, `Costa Rica`.
const PLACES: &str = "San Santa Santo São Costa Los Las South Puerto";

/// What firms are called by behind the name and a small word: `et Fils`, `& Co`, `og Sønner`.
const OTHERS: &str = "\
    fils filles frères cie associés sons son daughters co company partners associates brothers bros \
    söhne sohn töchter partner gebrüder sønner sønn søn partnere brødre söner bröder zonen zn zoon \
    figli figlio fratelli soci hijos hijo hermanos asociados filhos irmãos associados synowie \
    wspólnicy synové synovia pojat kumppanit";

/// Whether a name is one of a ship or a firm that is called after somebody, the rest of a place's or one that a program
/// puts something behind, by the word before it or what follows.
#[must_use]
pub fn is_of_thing(text: &[u8], start: usize, end: usize) -> bool {
    let before = &text[start.saturating_sub(REACH)..start];
    let behind = &text[end..text.len().min(end + REACH)];
    is_behind_ship(before) || is_before_others(behind) || is_before_format(behind)
}

/// Whether a program puts something in right behind: ` (%s)`, ``.
fn is_before_format(behind: &[u8]) -> bool {
    let Some(rest) = behind.strip_prefix(b" ") else { return false };
    let rest = rest.strip_prefix(b"(").or_else(|| rest.strip_prefix(b"\"")).unwrap_or(rest);
    matches!(rest, [b'%', b's' | b'd' | b'v' | b'q' | b'r' | b'i' | b'u', ..])
}

/// Whether the last word is one of those in front of ships, firms and places.
fn is_behind_ship(before: &[u8]) -> bool {
    let Some(words) = before.strip_suffix(b" ") else { return false };
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'(' | b',' | b'"' | &CELL_END);
    let word = words.rsplit(ends).next().unwrap_or(words);
    static ALL: LazyLock<HashSet<&[u8], FixedState>> = LazyLock::new(|| {
        let places = PLACES.split(' ');
        let all = SHIPS.split(' ').chain(places).chain(FIRMS.iter().copied());
        all.map(str::as_bytes).collect()
    });
    // Most words are small.
    let may_be = word.first().is_some_and(|b| b.is_ascii_uppercase() || *b == 0xC3);
    may_be && ALL.contains(word)
}

/// Whether a small word follows, and one for those who are in the firm as well.
fn is_before_others(behind: &[u8]) -> bool {
    let Some(words) = behind.strip_prefix(b" ") else { return false };
    let Some(blank) = words.iter().take(6).position(|b| *b == b' ') else { return false };
    let is_joined = matches!(
        &words[..blank],
        b"et"
            | b"&"
            | b"&amp;"
            | b"and"
            | b"und"
            | b"og"
            | b"och"
            | b"en"
            | b"e"
            | b"y"
            | b"i"
            | b"a"
            | b"ja"
    );
    if !is_joined {
        return false;
    }
    let word = lossy(&words[blank + 1..]);
    let word = word.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    with_lower::<24, _>(word, |word| OTHERS.split(' ').any(|other| other.as_bytes() == word))
}

/// Words with which letters end and which stand in the midst of texts as well: they tell alone in their line.
const CLOSINGS: &str = "\
    best, all the best, love, warmly, take care, respectfully, cordially, faithfully, thx, ty, xoxo, \
    many thanks, with thanks, cheers, hugs, klem, klemmer, kram, kramar, knus, ha det, hei hei, \
    groetjes, groet, liefs, lg, vg, mfg, lieber gruß, liebe grüße, alles gute, bis bald, bises, \
    bisous, amitiés, amicalement, à bientôt, merci, gracias, besos, un abrazo, abrazos, baci, a \
    presto, grazie, abraço, beijinhos, obrigado, obrigada, pozdro, dzięki, díky, zdravím, halaus, \
    kiitos, terv";

/// Whether all of the line above a name that begins its line is such a word.
#[must_use]
pub fn is_closed(text: &[u8], start: usize) -> bool {
    let above = text[start.saturating_sub(REACH)..start].trim_ascii_end();
    let lines = &text[above.len() + start.saturating_sub(REACH)..start];
    if !lines.contains(&b'\n') {
        return false;
    }
    let line = above.rsplit(is_end).next().unwrap_or_default();
    if line.len() == above.len() && start > REACH {
        return false;
    }
    let line = lossy(line);
    let line =
        line.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '!' | '.' | '-' | '–'));
    with_lower::<24, _>(line, |line| CLOSINGS.split(", ").any(|closing| closing.as_bytes() == line))
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
    fn ships_and_firms_are_called_after_people() {
        let is_thing = |text: &str| {
            let (before, rest) = text.split_once('[').unwrap();
            let (name, behind) = rest.split_once(']').unwrap();
            let text = format!("{before}{name}{behind}");
            is_of_thing(text.as_bytes(), before.len(), before.len() + name.len())
        };
        for text in [
            "MS [Anna Berg]",
            "(M/F [Ola Berg])",
            "Ets. [Paul Martin]",
            "[Paul Martin] et Fils SARL",
            "a San [Jose Sharks] fan",
            "reading [Kendra Experience] (%s): %s",
        ] {
            assert!(is_thing(text), "{text}");
        }
        for text in ["Ms [Anna Berg]", "[Paul Martin] et Marie", "[Ola Berg]s", "THIS [Ola Berg]"] {
            assert!(!is_thing(text), "{text}");
        }
    }

    #[test]
    fn letters_end_with_words_of_their_own_line() {
        let is_closed = |text: &str| is_closed(text.as_bytes(), text.len());
        for text in ["Best,\n", "see you\n\nLiebe Grüße\n", "x\r\nKlem!\r\n\r\n"] {
            assert!(is_closed(text), "{text:?}");
        }
        for text in ["Best ", "the best\n", "Best of\n", "", "\n"] {
            assert!(!is_closed(text), "{text:?}");
        }
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
