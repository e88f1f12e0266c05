//! Kinds that have no checksum: names, addresses, birth dates and what Art. 9 and 10 are about. Each
//! validator gets one whole cell of a column whose name speaks for the kind, and says whether it agrees.

use std::sync::LazyLock;

use jiff::civil::Date;

use super::checksum::date;
use super::wordset::Words;
use super::{Context, Rung, Validator, Validity, Verdict};
use crate::detect::lower::lower;

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[
    ("person_name", person_name),
    ("street_address", street_address),
    ("birth_date", birth_date),
    ("category_value", category_value),
    ("words", words),
    ("postal_code", postal_code),
    ("credential", credential),
    ("username", username),
    ("amount", amount),
];

/// A rung of a kind that is known by name and cell.
const fn rung(name: &'static str) -> Verdict {
    Verdict::Valid(Rung { name, validity: Validity::Real })
}

/// Words for yes, no and nothing in the eleven languages of the lexicon.
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
    text.len() <= if text.is_ascii() { 11 } else { 24 } && ALL.holds(&lower(text))
}

/// Name of a person: one to six words of letters, hyphens, apostrophes and initials, "Last, First" too.
pub(super) fn person_name(text: &str, _: &Context) -> Verdict {
    let length = text.chars().count();
    if !(2..=80).contains(&length) {
        return Verdict::Invalid("not a name's length");
    }
    let allowed =
        |c: char| c.is_alphabetic() || " -'’.,`´\u{A0}\u{2010}\u{2011}".contains(c) || is_mark(c);
    if !text.chars().all(allowed) {
        return Verdict::Invalid("holds what names do not");
    }
    if is_flag(text) {
        return Verdict::Invalid("yes, no or nothing");
    }
    let words: Vec<&str> = text
        .split([' ', ',', '\u{A0}'])
        .map(|w| w.trim_matches('.'))
        .filter(|w| !w.is_empty())
        .collect();
    if words.is_empty() || words.len() > 6 || !words.iter().any(|w| w.chars().count() >= 2) {
        return Verdict::Invalid("not a name's words");
    }
    if words.len() > 1 && words.last().is_some_and(|w| is_company(w)) {
        return Verdict::Invalid("a company or institution");
    }
    let capital = |w: &&str| w.chars().next().is_some_and(char::is_uppercase);
    let capitals = words.iter().filter(|w| capital(w)).count();
    if capitals == 0 {
        return if words.len() <= 2 { rung("lower") } else { Verdict::Invalid("a phrase") };
    }
    // Particles are small: von der Leyen, de la Cruz, bin Said.
    let small = words.iter().filter(|w| !capital(w));
    if small.clone().any(|w| w.chars().count() > 4) || words.len() - capitals > 3 {
        return Verdict::Invalid("a phrase");
    }
    rung("strict")
}

fn is_company(word: &str) -> bool {
    static ALL: LazyLock<Words> = LazyLock::new(|| Words::new(COMPANY.iter().copied()));
    ALL.holds(&lower(word))
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

/// Endings of one-word street names.
const STREET_ENDINGS: &[&str] = &[
    "veien", "vegen", "veg", "vei", "gata", "gate", "gaten", "gatan", "gade", "vej", "vägen",
    "väg", "gränd", "stien", "stigen", "stræde", "plass", "plassen", "plads", "torg", "torget",
    "torv", "bakken", "backen", "allé", "allè", "allee", "alléen", "katu", "tie", "kuja", "polku",
    "kaari", "raitti", "ranta", "straße", "strasse", "str.", "weg", "gasse", "platz", "ring",
    "damm", "ufer", "chaussee", "straat", "laan", "plein", "dijk", "gracht", "kade", "singel",
    "hof", "pad", "dreef", "steenweg", "lei", "tunet", "jordet", "lia", "haugen", "åsen",
    "svingen", "brygge", "brygga", "kaia", "kajen",
];

/// Words that stand in street names of several words.
const STREET_WORDS: &[&str] = &[
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "av",
    "lane",
    "ln",
    "drive",
    "dr",
    "boulevard",
    "blvd",
    "way",
    "court",
    "ct",
    "place",
    "pl",
    "square",
    "sq",
    "terrace",
    "close",
    "crescent",
    "parkway",
    "pkwy",
    "highway",
    "hwy",
    "circle",
    "cir",
    "rue",
    "chemin",
    "allée",
    "impasse",
    "quai",
    "cours",
    "route",
    "calle",
    "c/",
    "avenida",
    "avda",
    "plaza",
    "paseo",
    "camino",
    "ronda",
    "carrer",
    "via",
    "viale",
    "piazza",
    "corso",
    "vicolo",
    "largo",
    "strada",
    "ulica",
    "ul",
    "aleja",
    "al",
    "os",
    "osiedle",
    "plac",
    "rua",
    "travessa",
    "praça",
    "estrada",
    "laan",
    "straat",
    "gate",
    "gata",
    "vei",
    "veg",
    "plass",
    "vej",
    "gade",
    "väg",
    "gränd",
    "allé",
    "allee",
    "straße",
    "strasse",
    "platz",
    "weg",
    "gasse",
    "row",
    "gardens",
    "hill",
    "mews",
    "grove",
    "walk",
    "passage",
    "esplanade",
    "promenade",
    "trail",
    "loop",
    "alley",
    "katu",
    "tie",
];

/// Words before a box number.
const BOXES: &[&str] = &[
    "postboks", "boks", "box", "postbox", "postfach", "pb", "pl", "bp", "apartado", "postbus",
    "po", "p.o.", "c.p.", "casella",
];

/// Street address: a street word and a house number in either order, a name with a house number, or a
/// post-office box.
pub(super) fn street_address(text: &str, _: &Context) -> Verdict {
    if !(4..=160).contains(&text.chars().count()) || !text.chars().any(char::is_alphabetic) {
        return Verdict::Invalid("not an address's length, or no letters");
    }
    let odd = |b: u8| matches!(b, b'@' | b'\\' | b'{' | b':');
    if text.bytes().any(odd) && (text.contains(['@', '\\', '{']) || text.contains("://")) {
        return Verdict::Invalid("an e-mail address, URL or path");
    }
    let lower = lower(text);
    let mut room = [""; 16];
    let parts = lower.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    let mut n = 0;
    for word in parts.filter(|w| !w.is_empty()) {
        let Some(place) = room.get_mut(n) else { return Verdict::Invalid("too many words") };
        *place = word;
        n += 1;
    }
    let words = &room[..n];
    let number = words.iter().any(|w| is_house_number(w));
    let street = words.iter().enumerate().any(|(i, w)| is_street_word(w, i, words.len()));
    let boxed = words.first().is_some_and(|w| BOXES.contains(w)) && words.len() >= 2;
    match () {
        () if boxed && text.bytes().any(|b| b.is_ascii_digit()) => rung("strict"),
        () if street && number => rung("strict"),
        () if street => rung("name_only"),
        () if number && is_numbered_name(words) => rung("numbered"),
        () => Verdict::Invalid("neither street word nor house number"),
    }
}

fn is_street_word(word: &str, at: usize, words: usize) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(STREET_WORDS.iter().copied()));
    static ENDINGS: LazyLock<Words> = LazyLock::new(|| Words::new(STREET_ENDINGS.iter().copied()));
    let bare = word.trim_end_matches(['.', ':']);
    if words > 1 && WORDS.holds(bare) {
        return true;
    }
    // "veien" alone is no street; "storgata" is.
    let stem =
        |ending: &str| word.len() > ending.len() + 1 || (at > 0 && word.len() == ending.len());
    ENDINGS.endings(word).any(stem) || (bare.len() < word.len() && ENDINGS.endings(bare).any(stem))
}

/// `12`, `12a`, `12-14`, `12/3`, `nr12`: up to five digits, a letter or a range.
fn is_house_number(word: &str) -> bool {
    let word = word.trim_start_matches(['#', 'n', 'r', '.', '°', 'º']);
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &word[digits..];
    (1..=5).contains(&digits)
        && rest.len() <= 6
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || "-/–.".contains(c))
        && rest.chars().filter(|c| c.is_ascii_alphabetic()).count() <= 3
}

/// One to five words of letters with a house number at one end.
fn is_numbered_name(words: &[&str]) -> bool {
    let names = words.iter().filter(|w| w.chars().next().is_some_and(char::is_alphabetic)).count();
    let long = words.iter().any(|w| w.chars().filter(|c| c.is_alphabetic()).count() >= 4);
    let ends = [words.first(), words.last()];
    let inner = words.len() >= 2 && is_house_number(words[words.len() - 2]);
    let at_end = ends.into_iter().flatten().any(|w| is_house_number(w)) || inner;
    (1..=5).contains(&names) && long && at_end && words.len() <= 7
}

/// Names of months in the eleven languages, by their first letters, folded to lower case.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "sty", "tammi", "januar", "jän"],
    &["feb", "fév", "fev", "lut", "helmi"],
    &["mar", "mär", "mrt", "maa", "mrz", "maalis"],
    &["apr", "avr", "abr", "kwi", "huhti"],
    &["may", "mai", "maj", "mei", "mag", "touko"],
    &["jun", "juin", "giu", "cze", "kesä"],
    &["jul", "juil", "lug", "lip", "heinä"],
    &["aug", "aoû", "aou", "ago", "sie", "elo"],
    &["sep", "set", "wrz", "syys"],
    &["oct", "okt", "ott", "paź", "loka"],
    &["nov", "lis", "marras"],
    &["dec", "des", "dez", "dic", "déc", "gru", "joulu"],
];

/// Date of birth in any usual layout; the year within the last 115 years.
pub(super) fn birth_date(text: &str, cx: &Context) -> Verdict {
    let text = text.split(['T', 'Z']).next().unwrap_or(text);
    let text = text.split_once(" 00:00").map_or(text, |t| t.0).trim();
    if text.len() > 30 {
        return Verdict::Invalid("no date");
    }
    if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        let year: i16 = text.parse().unwrap_or(0);
        let alive = year > cx.as_of.year() - 115 && year <= cx.as_of.year();
        return if alive { rung("year") } else { Verdict::Invalid("not a year of birth") };
    }
    let dates = readings(text);
    if dates.is_empty() {
        return Verdict::Invalid("no date");
    }
    let placeholder = |d: &Date| (d.year(), d.month(), d.day()) == (1900, 1, 1);
    let alive = |d: &&Date| d.year() > cx.as_of.year() - 115 && **d <= cx.as_of && !placeholder(d);
    if dates.iter().any(|d| alive(&d)) {
        rung("strict")
    } else {
        Verdict::Invalid("nobody's date of birth")
    }
}

/// Every date that a text can mean.
fn readings(text: &str) -> Vec<Date> {
    let is_small = |p: &str| {
        p.starts_with(char::is_alphabetic)
            && ["de", "of", "den", "del", "st", "nd", "rd", "th"].contains(&p)
    };
    let parts: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|p| !p.is_empty() && !is_small(p))
        .collect();
    let n = |s: &str| s.trim_end_matches(|c: char| c.is_alphabetic()).parse::<u32>().ok();
    let named = |s: &str| {
        let lower = lower(s);
        let month = MONTHS.iter().position(|m| m.iter().any(|p| lower.starts_with(p)));
        month.and_then(|i| u32::try_from(i + 1).ok())
    };
    let month = |s: &str| n(s).or_else(|| named(s));
    let mut dates = Vec::new();
    match parts[..] {
        [one] if one.len() == 8 || one.len() == 6 => solid(one, &mut dates),
        [a, b, c] | [a, b, c, ..] if parts.len() == 3 || text.contains(':') => {
            let (Some(first), Some(last)) = (n(a).or_else(|| month(a)), n(c)) else { return dates };
            let Some(second) = month(b) else { return dates };
            if a.len() == 4 {
                dates.extend(date(first, second, last));
            } else {
                for year in years(last, c.len()) {
                    dates.extend(date(year, second, first));
                    dates.extend(date(year, first, second));
                }
            }
        }
        _ => {}
    }
    dates
}

fn years(n: u32, digits: usize) -> Vec<u32> {
    match digits {
        4 => vec![n],
        2 => vec![1900 + n, 2000 + n],
        _ => Vec::new(),
    }
}

/// Dates without separators: YYYYMMDD, DDMMYYYY, YYMMDD, DDMMYY.
fn solid(text: &str, dates: &mut Vec<Date>) {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return;
    }
    let n = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap_or(0);
    if text.len() == 8 {
        dates.extend(date(n(0, 4), n(4, 6), n(6, 8)));
        dates.extend(date(n(4, 8), n(2, 4), n(0, 2)));
    } else {
        for century in [1900, 2000] {
            dates.extend(date(century + n(0, 2), n(2, 4), n(4, 6)));
            dates.extend(date(century + n(4, 6), n(2, 4), n(0, 2)));
        }
    }
}

pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

fn is_amount(text: &str) -> bool {
    // Money has four decimals at most; coordinates and measured values have more.
    let decimals = text.rsplit_once(['.', ',']).map_or(0, |(_, d)| d.trim_end().len());
    let mixed = text.contains('.') && text.contains(',');
    text.bytes().any(|b| b.is_ascii_digit())
        && (decimals <= 4 || mixed)
        && text.chars().all(|c| c.is_ascii_digit() || " .,-+%\u{A0}kr€$£".contains(c))
}

/// What a person has or is, under a name of Art. 9 or 10: words, codes, yes or no, a fee.
fn category_value(text: &str, _: &Context) -> Verdict {
    if text.contains("://") || text.contains('_') || is_uuid(text) || text.len() > 300 {
        return Verdict::Invalid("a link, an id or a long text");
    }
    if is_flag(text) {
        return rung("flag");
    }
    if !readings(text).is_empty() && !text.chars().any(char::is_alphabetic) {
        return Verdict::Invalid("a date");
    }
    if is_amount(text) {
        return rung("amount");
    }
    if text.chars().any(char::is_alphabetic) {
        rung("strict")
    } else {
        Verdict::Invalid("no words")
    }
}

/// Words: letters, and no date, link, id or flag.
fn words(text: &str, _: &Context) -> Verdict {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 2 || text.len() > 200 || is_flag(text) || is_uuid(text) || text.contains("://") {
        return Verdict::Invalid("no words");
    }
    if text.contains('@') { Verdict::Invalid("an address") } else { rung("strict") }
}

/// Postal code: three to ten letters and digits with a digit among them.
fn postal_code(text: &str, _: &Context) -> Verdict {
    let length = text.len();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-');
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if (3..=10).contains(&length) && plain && (2..=9).contains(&digits) {
        rung("strict")
    } else {
        Verdict::Invalid("not a postal code")
    }
}

/// Password or secret: plain or hashed; no flag, date or placeholder.
fn credential(text: &str, _: &Context) -> Verdict {
    let lower = lower(text);
    let placeholder = ["changeme", "xxx", "***", "${", "{{", "<", "null", "string", "todo"];
    if text.chars().count() < 4 || is_flag(text) || !readings(text).is_empty() {
        return Verdict::Invalid("too short, a flag or a date");
    }
    if placeholder.iter().any(|p| lower.starts_with(p)) || text.split_whitespace().count() > 4 {
        return Verdict::Invalid("a placeholder or a sentence");
    }
    let hash = text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let crypt = text.starts_with('$') && text.len() > 20;
    if hash || crypt {
        return Verdict::Valid(Rung { name: "hashed", validity: Validity::Hashed });
    }
    rung("strict")
}

/// User name: one word with a letter.
fn username(text: &str, _: &Context) -> Verdict {
    let fine = text.chars().all(|c| c.is_alphanumeric() || "._-@\\+".contains(c));
    if (2..=64).contains(&text.chars().count())
        && fine
        && text.chars().any(char::is_alphabetic)
        && !is_flag(text)
    {
        rung("strict")
    } else {
        Verdict::Invalid("not one word")
    }
}

/// An amount of money.
fn amount(text: &str, _: &Context) -> Verdict {
    if text.len() <= 20 && is_amount(text) && !is_flag(text) {
        rung("strict")
    } else {
        Verdict::Invalid("no amount")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted<'a>(f: Validator, texts: &[&'a str], wanted: bool) -> Vec<&'a str> {
        let cx = Context { as_of: jiff::civil::date(2026, 6, 1) };
        texts.iter().filter(|t| matches!(f(t, &cx), Verdict::Valid(_)) != wanted).copied().collect()
    }

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
        ];
        assert!(
            accepted(person_name, &yes, true).is_empty(),
            "{:?}",
            accepted(person_name, &yes, true)
        );
        assert!(
            accepted(person_name, &no, false).is_empty(),
            "{:?}",
            accepted(person_name, &no, false)
        );
    }

    #[test]
    fn addresses() {
        let yes = [
            "Storgata 1",
            "Nedre Torggate 127 B",
            "12 rue de la Paix",
            "ul. Długa 5/7",
            "427 Main St",
            "Via Roma 3",
            "Postboks 55",
            "Kauppakatu 80",
            "Hauptstraße 12a",
            "C/ Mayor 5",
            "Lange Voorhout 8",
            "Calle de Alcalá, 42",
        ];
        let no = ["Oslo", "0155", "ola@x.no", "https://x.no/vei 1", "12.5", "Diabetes"];
        assert!(
            accepted(street_address, &yes, true).is_empty(),
            "{:?}",
            accepted(street_address, &yes, true)
        );
        assert!(
            accepted(street_address, &no, false).is_empty(),
            "{:?}",
            accepted(street_address, &no, false)
        );
    }

    #[test]
    fn birth_dates() {
        let yes = [
            "1985-03-12",
            "12.03.1985",
            "03/28/1985",
            "12 Mar 1985",
            "12. mars 1985",
            "19850312",
            "850312",
            "12031985",
            "1985",
            "1985-03-12T00:00:00Z",
            "7.1.59",
            "12 de marzo de 1985",
        ];
        let no =
            ["2150-01-01", "1900-01-01", "0000-00-00", "12:34:56", "hello", "99999999", "1.2.3.4"];
        assert!(
            accepted(birth_date, &yes, true).is_empty(),
            "{:?}",
            accepted(birth_date, &yes, true)
        );
        assert!(
            accepted(birth_date, &no, false).is_empty(),
            "{:?}",
            accepted(birth_date, &no, false)
        );
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
