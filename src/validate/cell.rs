//! Kinds that have no checksum: names, addresses, birth dates and what Art. 9 and 10 are about. Each
//! validator gets one whole cell of a column whose name speaks for the kind, and says whether it agrees.

use std::sync::LazyLock;

use super::money::without_currency;
use super::wordset::{Words, without_ends};
use super::{Context, Rung, Validator, Validity, Verdict};
use crate::detect::lower::{is_capitalised, is_letter, lower, with_lower};

mod address;
mod dates;
mod ethnicity;
mod gender;
mod secret;
pub mod vocabulary;

pub(super) use address::{NUMBERED, street_address};
pub(super) use dates::is_date;
pub(super) use dates::{birth_date, clock};
use ethnicity::ethnicity;
use gender::gender;
pub(super) use secret::credential;

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("person_name", person_name),
    ("street_address", street_address),
    ("birth_date", birth_date),
    ("category_value", category_value),
    ("crime_value", vocabulary::crime),
    ("ethnicity", ethnicity),
    ("health_value", vocabulary::health),
    ("religion_value", vocabulary::religion),
    ("union_value", vocabulary::trade_union),
    ("party_value", vocabulary::party),
    ("gender", gender),
    ("words", words),
    ("postal_code", postal_code),
    ("credential", credential),
    ("username", username),
    ("amount", amount),
];

/// A rung of a kind that is known by name and cell.
pub(super) const fn rung(name: &str) -> Verdict {
    Verdict::Valid(Rung::new(name, Validity::Real))
}

/// Words for yes, no and nothing in the languages of the lexicon.
const FLAGS: &[&str] = &[
    "yes",
    "no",
    "true",
    "false",
    "null",
    "none",
    "nil",
    "n/a",
    "na",
    "unknown",
    "undefined",
    "y",
    "n",
    "t",
    "f",
    "ja",
    "nei",
    "nej",
    "nein",
    "nee",
    "kyllä",
    "ei",
    "oui",
    "non",
    "si",
    "sí",
    "tak",
    "nie",
    "sim",
    "não",
    "x",
    "-",
    "--",
    "?",
    "ukjent",
    "okänd",
    "ukendt",
    "unbekannt",
    "inconnu",
    "vet ikke",
    "ingen",
    "ano",
    "áno",
    "ne",
    "igen",
    "nem",
    "nu",
    "да",
    "не",
    "ναι",
    "όχι",
    "οχι",
    "jah",
    "jā",
    "nē",
    "taip",
    "já",
    "ναί",
];

/// What stands where nothing does; no, none and unknown are answers.
const NOTHING: &[&str] = &["-", "--", "?", "n/a", "null", "nil", "undefined"];

/// Words for the state of a machine or an account, which say nothing of people: `HealthStatus: Healthy`.
const STATES: &[&str] = &[
    "healthy",
    "unhealthy",
    "enabled",
    "disabled",
    "running",
    "stopped",
    "removed",
    "invited",
    "deleted",
    "created",
    "available",
    "unavailable",
    "associated",
    "initial",
    "draining",
];

/// Endings that show a company: legal forms of the countries covered.
const COMPANY: &[&str] = &[
    "as",
    "asa",
    "ab",
    "a/s",
    "aps",
    "gmbh",
    "ag",
    "kg",
    "ohg",
    "ug",
    "ev",
    "oy",
    "oyj",
    "ltd",
    "limited",
    "inc",
    "llc",
    "llp",
    "plc",
    "corp",
    "corporation",
    "co",
    "company",
    "bv",
    "nv",
    "sa",
    "sas",
    "sarl",
    "spa",
    "srl",
    "sl",
    "lda",
    "hf",
    "ehf",
    "ans",
    "da",
    "enk",
    "sf",
    "ba",
    "hb",
    "kb",
    "ky",
    "tmi",
    "is",
    "ivs",
    "ks",
    "group",
    "holding",
    "bank",
    "university",
    "institute",
    "airport",
    "kommune",
    "fylke",
    "committee",
    "association",
    "research",
    "polling",
    "strategies",
    "media",
    "news",
    "college",
];

pub(super) fn is_flag(text: &str) -> bool {
    static ALL: LazyLock<Words> =
        LazyLock::new(|| Words::new(FLAGS.iter().copied().chain(["0", "1"])));
    // The longest of them has eleven bytes; lower case changes a letter's length by a byte at most.
    text.len() <= 24 && (text.len() <= 11 || !text.is_ascii()) && holds_small(&ALL, text)
}

fn is_state(text: &str) -> bool {
    static ALL: LazyLock<Words> = LazyLock::new(|| Words::new(STATES.iter().copied()));
    text.is_ascii() && holds_small(&ALL, text)
}

/// Whether a list holds a word in lower case.
pub(super) fn holds_small(list: &Words, word: &str) -> bool {
    list.may_hold_small(word) && with_lower::<32, _>(word, |word| list.holds(word))
}

/// The words of a name: what stands between blanks and commas.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (part, behind) = cut(rest)?;
            rest = behind;
            if !part.is_empty() {
                return Some(part);
            }
        }
    })
}

/// What stands before the first blank or comma, and what behind it; nothing where there is no text.
fn cut(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let width = match byte {
            b' ' | b',' => 1,
            // A blank that keeps a line together.
            0xC2 if bytes.get(at + 1) == Some(&0xA0) => 2,
            _ => continue,
        };
        return Some((&text[..at], &text[at + width..]));
    }
    (!text.is_empty()).then_some((text, ""))
}

/// Name of a person: one to six words of letters, hyphens, apostrophes and initials, "Last, First" too.
pub(super) fn person_name(text: &str, cx: &Context) -> Verdict {
    // Of so many bytes there are neither fewer characters nor more.
    if !matches!(text.len(), 8..=80) && !(2..=80).contains(&text.chars().count()) {
        return Verdict::Invalid("not a name's length");
    }
    let is_plain = text.bytes().all(|b| OF_NAMES[usize::from(b)]);
    if !is_plain && !text.chars().all(is_of_names) {
        return coded_name(text, cx).unwrap_or(Verdict::Invalid("holds what names do not"));
    }
    if matches!(text.as_bytes(), [b'A'..=b'Z', b'A'..=b'Z']) {
        return Verdict::Invalid("the code of a country");
    }
    if is_flag(text) || is_heading(text) {
        return Verdict::Invalid("yes, no, nothing or a heading");
    }
    let (mut room, mut count) = ([""; 6], 0);
    for word in parts(text).map(without_dots).filter(|w| !w.is_empty()) {
        let Some(place) = room.get_mut(count) else { return NO_WORDS };
        *place = word;
        count += 1;
    }
    let words = &room[..count];
    if !words.iter().any(|w| w.chars().nth(1).is_some()) {
        return NO_WORDS;
    }
    if words.len() > 1 && words.last().is_some_and(|w| is_company(w)) {
        return Verdict::Invalid("a company or institution");
    }
    if words.last().is_some_and(|w| is_part_of_firm(w)) {
        return Verdict::Invalid("a part of a company");
    }
    let capitals = words.iter().filter(|w| is_capitalised(w)).count();
    if capitals == 0 {
        return if words.len() <= 2 {
            const { rung("lower") }
        } else {
            Verdict::Invalid("a phrase")
        };
    }
    // Particles are small: von der Leyen, de la Cruz, bin Said.
    let mut small = words.iter().filter(|w| !is_capitalised(w));
    if words.len() - capitals > 3 || small.any(|w| w.chars().nth(4).is_some()) {
        return Verdict::Invalid("a phrase");
    }
    const { rung("strict") }
}

/// A family name and given names as HL7 and DICOM have them: `Nordmann^Kari^Anne`.
fn coded_name(text: &str, cx: &Context) -> Option<Verdict> {
    let (family, given) = text.split_once('^')?;
    let given = given.trim_end_matches('^').replace('^', " ");
    let has_letters = |part: &str| part.chars().any(is_letter) && !part.contains(',');
    let is_coded = has_letters(family) && has_letters(&given);
    is_coded.then(|| person_name(&format!("{family}, {given}"), cx))
}

/// What stands in columns of names and is none: headings that are repeated, sums, and what forms show as an example.
const HEADINGS: &[&str] = &[
    "total",
    "totals",
    "totalt",
    "subtotal",
    "summe",
    "gesamt",
    "navn",
    "namn",
    "first name",
    "last name",
    "given name",
    "family name",
    "full name",
    "your name",
    "nimi",
    "nom de famille",
    "imię i nazwisko",
    "username",
    "user name",
    "benutzername",
    "ditt navn",
    "ihr name",
    "ονοματεπώνυμο",
    "perenimi",
];

/// Words that are both: headings of columns of names, and words for the parts of a name.
const NAMES_OF_NAMES: &[&str] = &[
    "nombre",
    "surname",
    "firstname",
    "lastname",
    "fornavn",
    "etternavn",
    "efternavn",
    "förnamn",
    "efternamn",
    "vorname",
    "nachname",
    "prénom",
    "etunimi",
    "sukunimi",
    "apellidos",
    "cognome",
    "nazwisko",
    "name",
    "familienname",
    "nom",
    "naam",
    "voornaam",
    "achternaam",
    "apellido",
    "nome",
    "sobrenome",
    "apelido",
    "imię",
    "jméno",
    "příjmení",
    "vezetéknév",
    "keresztnév",
    "név",
    "nume",
    "prenume",
    "име",
    "фамилия",
    "презиме",
    "όνομα",
    "επώνυμο",
    "ime",
    "prezime",
    "priimek",
    "meno",
    "priezvisko",
    "eesnimi",
    "perekonnanimi",
    "vārds",
    "uzvārds",
    "vardas",
    "pavardė",
    "nafn",
    "isem",
    "kunjom",
];

/// Words for the parts of a name: where nothing else stands, a form shows what goes there (`Vorname Nachname`).
const PARTS_OF_NAMES: &[&str] = &[
    "first", "last", "given", "family", "your", "forename", "prenom", "fornamn", "imie", "jmeno",
    "prijmeni", "családi", "utónév", "и", "ir", "un", "in", "și",
];

fn is_heading(text: &str) -> bool {
    static ALL: LazyLock<Words> =
        LazyLock::new(|| Words::new(HEADINGS.iter().chain(NAMES_OF_NAMES).copied()));
    // The first word of most is none.
    let is_shown = || parts(text).all(is_part_of_name) && text.contains([' ', ',']);
    text.len() <= 20 && holds_small(&ALL, text) || text.len() <= 40 && is_shown()
}

/// Whether a word is one for a part of a name.
pub(super) fn is_part_of_name(word: &str) -> bool {
    static ALL: LazyLock<Words> =
        LazyLock::new(|| Words::new(PARTS_OF_NAMES.iter().chain(NAMES_OF_NAMES).copied()));
    word.len() <= 20 && holds_small(&ALL, word)
}

/// Endings of words for a part of a firm, which stand where the name of somebody in it could.
const PARTS_OF_FIRMS: &[&str] = &[
    "abteilung",
    "kundendienst",
    "kundenservice",
    "leitung",
    "zentrale",
    "verwaltung",
    "helpdesk",
    "servicedesk",
    "hotline",
    "avdeling",
    "avdelingen",
    "afdeling",
    "afdelingen",
    "avdelning",
    "avdelningen",
    "osasto",
];

fn is_part_of_firm(word: &str) -> bool {
    static ALL: LazyLock<Words> = LazyLock::new(|| Words::new(PARTS_OF_FIRMS.iter().copied()));
    ALL.may_end_small(word) && with_lower::<64, _>(word, |word| ALL.endings(word).next().is_some())
}

/// A word without the dots at its ends, which most have none of.
fn without_dots(word: &str) -> &str {
    let has_dot = word.starts_with('.') || word.ends_with('.');
    if has_dot { word.trim_matches('.') } else { word }
}

const NO_WORDS: Verdict = Verdict::Invalid("not a name's words");

/// Whether a byte of ASCII stands in names.
const OF_NAMES: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < 128 {
        let b = byte as u8;
        table[byte] =
            b.is_ascii_alphabetic() || matches!(b, b' ' | b'-' | b'\'' | b'.' | b',' | b'`');
        byte += 1;
    }
    table
};

/// Whether a character stands in names.
fn is_of_names(c: char) -> bool {
    match c {
        '\0'..='\u{7F}' => OF_NAMES[c as usize],
        '’' | '´' | '\u{A0}' | '\u{2010}' | '\u{2011}' => true,
        _ => is_letter(c) || is_mark(c),
    }
}

fn is_company(word: &str) -> bool {
    static ALL: LazyLock<Words> = LazyLock::new(|| Words::new(COMPANY.iter().copied()));
    holds_small(&ALL, word)
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Whether a text is a digest or another long number in hexadecimal.
fn is_hexadecimal(text: &str) -> bool {
    text.len() >= 16
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_digit())
}

fn is_amount(text: &str) -> bool {
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let text = without_currency(text);
    let is_of_amounts = |c: char| c.is_ascii_digit() || " .,-+%\u{A0}kr€$£".contains(c);
    if !text.chars().all(is_of_amounts) {
        return false;
    }
    // Money has four decimals at most; coordinates and measured values have more.
    let decimals = text.rsplit_once(['.', ',']).map_or(0, |(_, d)| d.trim_end().len());
    decimals <= 4 || text.contains('.') && text.contains(',')
}

/// What a person has or is, under a name of Art. 9 or 10: words, codes, yes or no, a fee.
fn category_value(text: &str, _: &Context) -> Verdict {
    // A reference in a schema, a table within a value.
    let is_link = || {
        let is_address = || text.as_bytes().contains(&b':') && text.contains("://");
        text.starts_with("#/") || text.starts_with('{') || is_address()
    };
    let is_id = || is_uuid(text) || is_hexadecimal(text);
    if text.len() > 300 || text.as_bytes().contains(&b'_') || is_link() || is_id() {
        return Verdict::Invalid("a link, an id or a long text");
    }
    if NOTHING.iter().any(|n| text.eq_ignore_ascii_case(n)) {
        return Verdict::Invalid("nothing is told");
    }
    if is_state(text) {
        return Verdict::Invalid("the state of a thing");
    }
    if is_flag(text) {
        return const { rung("flag") };
    }
    // Most texts are words: dates and amounts are asked for last. `🅰` is one sign, and a letter as Unicode has it.
    let has_letters = text.chars().any(|c| is_letter(c) && c <= '\u{FFFF}');
    if !has_letters && is_date(text) {
        return Verdict::Invalid("a date");
    }
    if is_amount(text) {
        return const { rung("amount") };
    }
    if has_letters { const { rung("strict") } } else { Verdict::Invalid("no words") }
}

/// Words: letters, and no date, link, id or flag.
fn words(text: &str, _: &Context) -> Verdict {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 2 || text.len() > 200 || is_flag(text) || is_uuid(text) || text.contains("://") {
        return Verdict::Invalid("no words");
    }
    if text.starts_with('{') {
        return Verdict::Invalid("a table within a value");
    }
    if text.contains('@') { Verdict::Invalid("an address") } else { const { rung("strict") } }
}

/// Postal code: three to ten letters and digits with a digit among them.
fn postal_code(text: &str, _: &Context) -> Verdict {
    let length = text.len();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-');
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if (3..=10).contains(&length) && plain && (2..=9).contains(&digits) {
        const { rung("strict") }
    } else {
        Verdict::Invalid("not a postal code")
    }
}

/// User name: one word with a letter.
fn username(text: &str, _: &Context) -> Verdict {
    let fine = text.chars().all(|c| c.is_alphanumeric() || "._-@\\+".contains(c));
    if !(2..=64).contains(&text.chars().count())
        || !fine
        || !text.chars().any(char::is_alphabetic)
        || is_flag(text)
        || is_uuid(text)
    {
        Verdict::Invalid("not one word")
    } else if is_made(text) {
        Verdict::Invalid("an id that a program made")
    } else if is_plain_word(text) {
        const { rung("strict") }
    } else {
        const { rung("telling") }
    }
}

/// Whether a text is an id that a program made: long and with many digits, or capitals and digits behind an underscore, as
/// the handles of Gramps are.
fn is_made(text: &str) -> bool {
    let digits = || text.bytes().filter(u8::is_ascii_digit).count();
    let is_capital = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let is_handle = |rest: &str| rest.len() >= 12 && rest.bytes().all(is_capital);
    text.len() >= 20 && digits() >= 8
        || text.strip_prefix('_').is_some_and(is_handle) && digits() > 1
}

/// Whether a text is a word as messages and labels have it: a capital and small letters, or letters of scripts that
/// have no capitals, which nobody has to type to be let in.
fn is_plain_word(text: &str) -> bool {
    let word = text.trim_end_matches([':', '.', '!', '?', '…', '*']);
    let mut chars = word.chars();
    let is_small = |c: char| c.is_lowercase() || matches!(c, '-' | '\'' | '’');
    let has_capital = chars.next().is_some_and(char::is_uppercase) && chars.all(is_small);
    has_capital || !text.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// An amount of money.
fn amount(text: &str, _: &Context) -> Verdict {
    if text.len() <= 20 && is_amount(text) && !is_flag(text) {
        const { rung("strict") }
    } else {
        Verdict::Invalid("no amount")
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::wrong;
    use super::*;

    #[test]
    fn names() {
        let yes = [
            "Kari",
            "Åse-Marie Nordmann",
            "O'Neil, Sean",
            "J. R. Smith",
            "von der Leyen",
            "NORDMANN",
            "Li",
        ];
        let no = [
            "Bedrift AS",
            "rapport.pdf1",
            "a@b.no",
            "Kabel 3G1,5",
            "true",
            "Main Street 12",
            "x",
            "Müller GmbH",
            "Vorname",
            "First name",
            "Příjmení",
            "Total",
            "Etternavn",
            "Firstname Lastname",
            "NOM, Prénom",
            "Werkskundendienst",
            "Teknisk avdeling",
        ];
        assert_eq!(wrong(person_name, &yes, true), [""; 0]);
        assert_eq!(wrong(person_name, &no, false), [""; 0]);
    }

    #[test]
    fn what_tells_nothing_is_no_category() {
        let yes = ["Lutheran", "no", "none", "2", "ja", "ukjent", "F32.1", "A deadbeef"];
        let no = ["-", "--", "?", "N/A", "NULL", "aa00112233445566778899bbccddeeff", "a_b"];
        assert_eq!(wrong(category_value, &yes, true), [""; 0]);
        assert_eq!(wrong(category_value, &no, false), [""; 0]);
        let made = ["Organizer-11111111.222", "pas-id-0000000000000000"];
        assert_eq!(wrong(username, &made, false), [""; 0]);
        assert_eq!(wrong(username, &["kari.nordmann", "s20240001", "olan_1985"], true), [""; 0]);
    }

    #[test]
    fn names_part_at_their_blanks() {
        for c in '\0'..='\u{FFFF}' {
            let text = format!("a{c} b{c}");
            let names = text.split([' ', ',', '\u{A0}']).filter(|w| !w.is_empty());
            assert!(parts(&text).eq(names), "{c:?}");
            let in_names = c.is_alphabetic() || " -'’.,`´\u{A0}\u{2010}\u{2011}".contains(c);
            assert_eq!(is_of_names(c), in_names || is_mark(c), "{c:?}");
        }
    }

    #[test]
    fn nasty_strings_are_survived() {
        for (_, f) in ALL {
            for text in [
                "",
                " ",
                "\u{0}",
                "ß",
                "é",
                "12é",
                "nr",
                "#",
                "\u{202E}abc",
                &"x".repeat(5000),
                "1-",
                "T",
                "٣٤٥",
            ] {
                let _ = f(text, &Context { as_of: jiff::civil::date(2026, 6, 1) });
            }
        }
    }
}
