//! Addresses, birth dates and turns of phrase as they stand in running text: stricter than what a field's name vouches for.

mod lists;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use self::lists::{
    AFTER, ALSO_STREETS, BEFORE, ENDINGS, NO_STREETS, PUBLIC, SMALL_AFTER, SURNAMES,
};
use super::wordset::{Words, without_ends};
use super::{Context, Rung, Validator, Validity, Verdict, cell};
use crate::detect::lower::{is_capitalised, is_letter, with_lower};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] =
    &[("prose_address", address), ("prose_date", birth_date), ("phrase", phrase)];

const PROSE: Rung = Rung::new("prose", Validity::Real);
const WITH_POSTCODE: Rung = Rung::new("with_postcode", Validity::Real);
/// No word says that it is a street: what stands round it has to.
const LIKELY: Rung = Rung::new("likely", Validity::Real);

/// A street with a house number: `with_postcode` when postal code and town follow, else `prose`; `likely` where the
/// line of postal code and town is all that tells it, or its kind is written small.
fn address(text: &str, cx: &Context) -> Verdict {
    let street = street_part(text);
    let starts_with_number = is_number(text);
    if starts_with_number && is_section(text) {
        return Verdict::Invalid("the number of a section");
    }
    // Invoices are numbered so: `C/ Mietkaution 08/15`.
    if street.split(' ').skip(1).find(|w| is_number(w)).is_some_and(|n| n.starts_with('0')) {
        return Verdict::Invalid("no house number");
    }
    // Where the number stands first or the street's kind does, the pattern has seen to it.
    let told = starts_with_number || is_named(street) && ends_as_street(street);
    let is_told = told
        || kind_first(street) && !is_bare(street) && !is_verb_first(street)
        || has_kind_before(street)
        || is_distinct(&text[street.len()..]) && is_capitalised(street)
        || is_dutch_lane(street, &text[street.len()..]);
    let rest = &text[street.len()..];
    if !is_told && !is_block(street, rest) && !is_line(street, rest) {
        return Verdict::Invalid("no street's ending");
    }
    match cell::street_address(text, cx) {
        invalid @ Verdict::Invalid(_) => return invalid,
        // Of whole cells no pattern has seen to it: sections of a text begin with numbers, too.
        cell::NUMBERED if starts_with_number && !ends_in(street, ALSO_STREETS) => {
            return Verdict::Invalid("no street's kind");
        }
        _ => {}
    }
    if is_device(street) || is_entrance(street) || is_tag(street) {
        return Verdict::Invalid("a device, an entrance or a tag");
    }
    let is_dated = || is_year_and_name(street) || is_name_and_year(street);
    if !is_postal(rest) && is_dated() || are_of_years(street, rest) {
        return Verdict::Invalid("a year and a name");
    }
    let known = |p: &&str| text.get(..p.len()).is_some_and(|t| t.eq_ignore_ascii_case(p));
    if starts_with_number && PUBLIC.iter().any(known) {
        return Verdict::Invalid("the address of an institution");
    }
    // In English the small word for a road stands before anything, and one letter for a street behind anything.
    let is_small = street.starts_with(['v', 'p', 'c', 'l']) || has_one_letter(street);
    Verdict::Valid(match is_postal(&text[street.len()..]) {
        _ if !is_told => LIKELY,
        true => WITH_POSTCODE,
        false if is_small => LIKELY,
        false => PROSE,
    })
}

/// Whether a line of capitals and small words with a house number at its end, and the line of postal code and town below
/// it, are those of a letter's head.
fn is_block(street: &str, rest: &str) -> bool {
    let mut words = street.split(' ').filter(|w| !is_number(w)).peekable();
    let is_word = |w: &str| is_capitalised(w) || w.chars().count() <= 4;
    rest.starts_with(['\r', '\n'])
        && is_capitalised(street)
        && words.peek().is_some()
        && words.all(is_word)
}

/// Whether a name and a house number, and a postal code of five digits and a town behind a comma, are a line of an
/// address. Of four digits there are years and counts.
fn is_line(street: &str, rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix(", ") else { return false };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let town = rest[digits..].strip_prefix(' ').is_some_and(is_capitalised);
    matches!(digits, 5 | 6) && town && is_capitalised(street)
}

/// Whether all that makes a street of a name is one letter behind it (`u.`, `g.`, `c.`), which is "and", "or" and
/// "equal to" elsewhere: `Artikel u. 16`. Lithuanian names in front of it are in the genitive; Hungarian ones with long
/// vowels are no words of other languages.
fn has_one_letter(street: &str) -> bool {
    const GENITIVES: &[&str] = &["aus", "ės", "ių", "ų", "os", "io", "ies"];
    const LONG: &[char] = &['á', 'é', 'í', 'ó', 'ú', 'ő', 'ű', 'Á', 'É', 'Í', 'Ó', 'Ú', 'Ő', 'Ű'];
    let is_one = |word: &str| matches!(word.as_bytes(), [b'a'..=b'z', b'.']);
    let Some((name, kind)) = street.split(' ').zip(street.split(' ').skip(1)).find(|w| is_one(w.1))
    else {
        return false;
    };
    match kind {
        "g." => !GENITIVES.iter().any(|end| name.ends_with(end)),
        "u." => !street.contains(LONG) && !is_after_person(street),
        _ => true,
    }
}

/// Whether a street is called after somebody, the family name in front: "Kossuth Lajos u. 5".
fn is_after_person(street: &str) -> bool {
    let second = street.split(' ').nth(1);
    second.is_some_and(|word| is_capitalised(word) && super::names::is_given(word))
}

/// Whether the last word of a text is one of these, in whatever case.
fn ends_in(text: &str, words: &[&str]) -> bool {
    let last = text.trim_end_matches('.').rsplit(' ').next().unwrap_or("");
    words.iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// Whether a text is a year and a name that could be a street's, as after "Copyright": `2021 Iain Lane`.
fn is_year_and_name(text: &str) -> bool {
    let Some((number, name)) = text.split_once(' ') else { return false };
    let is_year = number.len() == 4 && number.parse().is_ok_and(|n| (1900..2100).contains(&n));
    is_year && name.split(' ').all(is_capitalised) && ends_in(name, SURNAMES)
}

/// Whether a given name that is also a street's kind, a name and a year stand so, as after "Copyright":
/// `Calle Rosenquist, 2017`.
fn is_name_and_year(text: &str) -> bool {
    let Some((name, year)) = text.rsplit_once(", ") else { return false };
    let is_year = year.len() == 4 && year.parse().is_ok_and(|n: u32| (1970..2040).contains(&n));
    is_year && name.strip_prefix("Calle ").is_some_and(|name| !name.contains(' '))
}

/// Whether a gate is one of a building or a dam, which English says of: `East Reservoir Dam Gate 2`.
fn is_entrance(street: &str) -> bool {
    const OF: &[&str] = &[
        "north",
        "south",
        "east",
        "west",
        "main",
        "front",
        "back",
        "side",
        "exit",
        "entrance",
        "dam",
        "terminal",
        "boarding",
        "departure",
        "security",
        "airport",
        "canal",
        "river",
        "reservoir",
        "harbour",
        "harbor",
        "stadium",
        "parking",
        "sluice",
        "lock",
        "spillway",
    ];
    let mut words = street.split(' ').take_while(|w| !is_number(w)).peekable();
    street.contains(" Gate ") && words.any(|w| OF.iter().any(|of| w.eq_ignore_ascii_case(of)))
}

/// Whether a word in capitals before what may be "Saint" is a tag of a record: GEDCOM's `2 PLAC St. Mary`.
fn is_tag(street: &str) -> bool {
    let mut words = street.trim_end_matches('.').rsplit(' ');
    let is_saint = words.next() == Some("St");
    is_saint
        && words.next().is_some_and(|w| w.len() > 2 && w.bytes().all(|b| b.is_ascii_uppercase()))
}

/// Whether a line ends with a year and the next one begins with one, as notices of copyright have them.
fn are_of_years(street: &str, rest: &str) -> bool {
    let is_year = |text: &str| text.parse().is_ok_and(|year: u32| (1970..2040).contains(&year));
    let last = street.rsplit(' ').next().unwrap_or_default();
    rest.starts_with('\n') && is_year(last) && rest.split_whitespace().next().is_some_and(is_year)
}

/// Whether a drive is one that data are on: `32 GB USB Flash Drive`.
fn is_device(street: &str) -> bool {
    const DEVICES: &[&str] = &["flash", "hard", "disk", "usb", "test", "tape", "optical"];
    let mut words = street.rsplit(' ');
    let is_drive = words.next().is_some_and(|w| w.eq_ignore_ascii_case("drive"));
    is_drive && words.next().is_some_and(|w| DEVICES.iter().any(|d| w.eq_ignore_ascii_case(d)))
}

/// Whether the number in front ends with a dot, as those of sections do: `4. Copying In Place`.
fn is_section(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(|number| number.ends_with('.'))
}

/// Whether a street's kind has a number behind it and no name: "Calle 2" is what the second line of an address is called.
fn is_bare(street: &str) -> bool {
    let mut words = street.split(' ').skip(1);
    words.next().is_some_and(is_number) && words.next().is_none()
}

/// Whether a text starts with a digit, as house numbers do.
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// What stands before the comma, or the end of the line, that postal code and town follow.
fn street_part(text: &str) -> &str {
    if let Some((street, _)) = text.split_once('\n') {
        return street.trim_end_matches(['\r', ',']);
    }
    let commas = text.match_indices(", ").map(|comma| comma.0);
    let others = SIGNS.iter().filter_map(|sign| text.find(sign));
    let end = commas.chain(others).filter(|at| is_postal(&text[*at..])).min();
    &text[..end.unwrap_or(text.len())]
}

/// Signs that stand between a street and a postal code as a comma does.
const SIGNS: [&str; 3] = [" - ", " – ", " · "];

/// Whether a text is a comma, another sign or a new line, a postal code and a town, or these the other way round.
fn is_postal(text: &str) -> bool {
    let parts = |text: &str| text.starts_with([',', '\r', '\n']);
    let rest = text.trim_start_matches([',', ' ', '\r', '\n', '-', '–', '·']);
    // Two years: `2018-2021 Igalia`.
    let are_years = || {
        let is_digit = |at: usize| rest.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let is_dash = |at: usize| at == 4 && rest.as_bytes().get(at) == Some(&b'-');
        (0..9).all(|at| is_digit(at) || is_dash(at)) && !is_digit(9)
    };
    (parts(text) || SIGNS.iter().any(|sign| text.starts_with(sign)))
        && !are_years()
        && rest.bytes().filter(u8::is_ascii_digit).nth(1).is_some()
        && rest.chars().filter(|c| is_letter(*c)).nth(1).is_some()
}

/// Whether postal code and town stand in a form that hardly anything else has: `, 779 00 Olomouc`, `, 30-001 Kraków`.
/// Where it is in use, many streets are called by a name alone.
fn is_distinct(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix(", ") else { return false };
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let Some(code) = rest.as_bytes().first_chunk::<7>() else { return false };
    let czech = digits(&code[..3]) && code[3] == b' ' && digits(&code[4..6]);
    let polish = digits(&code[..2]) && code[2] == b'-' && digits(&code[3..6]);
    (czech || polish) && code[6] == b' '
}

/// Whether a Dutch street whose kind stands in front has a Dutch postal code behind it:
/// `Laan van Meerdervoort 55, 2517 AM Den Haag`.
fn is_dutch_lane(street: &str, rest: &str) -> bool {
    const KINDS: &[&str] = &["Laan", "Plein", "Weg", "Park", "Baan", "Singel", "Kade", "Dreef"];
    let of_code = |(sign, at): (u8, u8)| match at {
        b'0' => sign.is_ascii_digit(),
        b'A' => sign.is_ascii_uppercase(),
        _ => sign == b' ',
    };
    let mut words = street.split(' ');
    words.next().is_some_and(|kind| KINDS.contains(&kind))
        && words.next() == Some("van")
        && rest
            .strip_prefix(", ")
            .is_some_and(|code| code.len() > 8 && code.bytes().zip(*b"0000 AA ").all(of_code))
}

/// Whether the first word is a street's kind, as in `Via Roma 3` and `C/ Mayor 5`.
fn kind_first(street: &str) -> bool {
    static FIRST: LazyLock<Words> = LazyLock::new(|| Words::new(KINDS.iter().copied()));
    const KINDS: &[&str] = &[
        "calle",
        "c/",
        "avenida",
        "avda",
        "avda.",
        "av.",
        "plaza",
        "paseo",
        "camino",
        "ronda",
        "carrer",
        "via",
        "viale",
        "piazza",
        "corso",
        "largo",
        "vicolo",
        "strada",
        "str.",
        "bd.",
        "bulevardul",
        "aleea",
        "calea",
        "rua",
        "travessa",
        "praça",
        "estrada",
        "ul.",
        "ulica",
        "al.",
        "aleja",
        "pl.",
        "os.",
        "rue",
        "avenue",
        "chemin",
        "route",
        "boulevard",
        "place",
        "rte",
        "ж.к.",
        "ул.",
        "улица",
        "бул.",
        "пл.",
        "οδός",
        "λεωφόρος",
        "λεωφ.",
        "πλατεία",
    ];
    let mut words = street.split(' ');
    let first = words.next().unwrap_or("");
    // "Place all 12 objects" is English.
    if first.eq_ignore_ascii_case("place")
        && words.next().is_some_and(|word| {
            !is_capitalised(word) && !word.contains(['d', '\'', 'l']) || word == "all"
        })
    {
        return false;
    }
    // The longest has ten bytes.
    first.len() <= 20 && with_lower::<20, _>(first, |first| FIRST.holds(first))
}

/// Whether what may be a street's kind is an English word that others than names follow: `Place all 12 unset objects`.
fn is_verb_first(street: &str) -> bool {
    const ENGLISH: &[&str] = &["place", "route", "avenue", "boulevard", "via", "plaza"];
    const LINKS: &[&str] = &[
        "de", "du", "des", "la", "le", "les", "aux", "en", "del", "della", "dei", "delle", "degli",
        "dello", "dell", "di", "da", "d", "l", "san", "santa",
    ];
    let mut words = street.split([' ', '\'', '’']);
    let first = words.next().unwrap_or_default();
    let is_name = |word: &str| is_capitalised(word) || is_number(word) || LINKS.contains(&word);
    first.starts_with(|c: char| c.is_ascii_uppercase())
        && ENGLISH.iter().any(|kind| first.eq_ignore_ascii_case(kind))
        && !words.next().is_some_and(is_name)
}

/// Whether a street's kind stands in front of a name: "Str. Mihai Eminescu nr. 12".
fn has_kind_before(street: &str) -> bool {
    let mut words = street.split(' ');
    let first = words.next().unwrap_or("");
    let is_kind = with_lower::<20, _>(first, |w| BEFORE.iter().any(|kind| kind.as_bytes() == w));
    is_kind && words.next().is_some_and(is_capitalised)
}

/// Whether a word behind a name says that a street is called so: "Hans Hansens gate", "Petőfi Sándor utca".
#[must_use]
pub fn is_street_kind(word: &str) -> bool {
    SMALL_AFTER.contains(&word) || AFTER.contains(&word.trim_end_matches('.'))
}

/// Whether the words in front of the street's kind and number are names: capitals, or small words inside.
fn is_named(street: &str) -> bool {
    const SMALL: &[&str] = &[
        "de", "der", "den", "van", "von", "am", "an", "i", "og", "och", "zum", "zur", "la", "het",
        "'t",
    ];
    if !is_capitalised(street) {
        return false;
    }
    let mut words = street.split(' ').take_while(|w| !is_number(w)).peekable();
    while let Some(word) = words.next() {
        let fits = is_capitalised(word)
            || match words.peek() {
                Some(_) => SMALL.contains(&word),
                None => is_street_kind(word),
            };
        if !fits {
            return false;
        }
    }
    true
}

/// Whether the word before the house number ends as streets do.
fn ends_as_street(street: &str) -> bool {
    let mut before = None;
    for (at, word) in street.split(' ').enumerate() {
        if is_number(word) {
            let Some(word) = before else { return false };
            // "All" in German.
            if word == "alle" || is_identifier(word) {
                return false;
            }
            return at > 1 && SMALL_AFTER.contains(&word)
                || with_lower::<40, _>(word, |word| small_street(word, at > 1));
        }
        before = Some(word);
    }
    false
}

/// Whether a word with hyphens is a name that programs give, with capitals run together in it:
/// `DHCP-Vendor-Discrimination-Str`.
fn is_identifier(word: &str) -> bool {
    let has_run =
        |part: &str| part.as_bytes().windows(3).any(|w| w.iter().all(u8::is_ascii_uppercase));
    word.matches('-').count() > 1 && word.split('-').any(has_run)
}

/// The same of that word in lower case.
fn small_street(word: &[u8], is_behind_name: bool) -> bool {
    static NONE: LazyLock<Words> = LazyLock::new(|| Words::new(NO_STREETS.iter().copied()));
    static ALONE: LazyLock<Words> = LazyLock::new(|| Words::new(AFTER.iter().copied()));
    static GLUED: LazyLock<Words> = LazyLock::new(|| Words::new(ENDINGS.iter().copied()));
    let word = without_ends(word, b".");
    if NONE.holds(word) {
        return false;
    }
    if is_behind_name && ALONE.holds(word) {
        return true;
    }
    // Vowels, ä and ö, and n.
    let is_road = |stem: &[u8]| {
        matches!(
            stem,
            [.., b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'n'] | [.., 0xC3, 0xA4 | 0xB6]
        )
    };
    if word.len() >= 7 && word.strip_suffix(b"tie").is_some_and(is_road) {
        return true;
    }
    GLUED.endings(word).any(|e| word.len() >= e + 2)
}

/// A turn of phrase that names the kind itself, such as "diagnosed with": the pattern says it all.
fn phrase(text: &str, _: &Context) -> Verdict {
    if is_rule(text) {
        return Verdict::Invalid("a rule for many");
    }
    Verdict::Valid(const { Rung::new("phrase", Validity::Real) })
}

/// Whether a turn of phrase goes on to say what whoever it is true of may or has to do: `convicted of fraud shall be
/// excluded`, `Medlem av Fagforbundet får rabatt`. A word before that for somebody, or that joins, begins another
/// statement.
fn is_rule(text: &str) -> bool {
    const MAY: &[&str] = &[
        "shall", "must", "får", "skal", "skall", "må", "måste", "darf", "muss", "soll", "doit",
        "doivent", "debe", "deberá", "deve", "deverá", "moet", "dient", "musi", "musí",
    ];
    const OTHERS: &[&str] = &[
        "og", "och", "and", "und", "et", "y", "e", "en", "i", "a", "som", "who", "der", "die",
        "qui", "que", "che", "hun", "han", "hon", "hen", "jeg", "jag", "vi", "he", "she", "i",
        "they", "er", "sie", "ich", "il", "elle", "je", "hij", "zij", "ik", "on", "ona",
    ];
    let mut before = "";
    text.split(' ').any(|word| {
        let is_rule = MAY.contains(&word)
            && !before.is_empty()
            && !before.ends_with(['.', ','])
            && !OTHERS.iter().any(|other| before.eq_ignore_ascii_case(other));
        before = word;
        is_rule
    })
}

/// A date of birth: a full date with nothing of a clock behind it.
fn birth_date(text: &str, cx: &Context) -> Verdict {
    if text.contains(':') || cell::clock(text).is_some() {
        return Verdict::Invalid("a time");
    }
    // A day has one sign between its parts, or a slash and a hyphen: `01-1.74` are coordinates.
    let mut signs = text.bytes().filter(|b| matches!(b, b'.' | b'/' | b'-'));
    if matches!(
        (signs.next(), signs.next()),
        (Some(b'-'), Some(b'.' | b'/')) | (Some(b'.'), Some(b'/'))
    ) {
        return Verdict::Invalid("no date");
    }
    match cell::birth_date(text, cx) {
        Verdict::Valid(_) => Verdict::Valid(PROSE),
        invalid => invalid,
    }
}
