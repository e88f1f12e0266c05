//! Kinds that have no checksum: names, addresses, birth dates and what Art. 9 and 10 are about. Each
//! validator gets one whole cell of a column whose name speaks for the kind, and says whether it agrees.

use std::sync::LazyLock;

use jiff::civil::Date;

use super::checksum::date;
use super::wordset::Words;
use super::{Context, Rung, Validator, Validity, Verdict};
use crate::detect::lower::{Room, is_capitalised, is_letter, lower};

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
const fn rung(name: &str) -> Verdict {
    Verdict::Valid(Rung::new(name, Validity::Real))
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
    text.len() <= 24 && (text.len() <= 11 || !text.is_ascii()) && holds_small(&ALL, text)
}

/// Whether a list holds a word in lower case.
fn holds_small(list: &Words, word: &str) -> bool {
    list.may_hold_small(word)
        && match Room::<32>::empty().lower(word) {
            Some(lower) => list.holds(lower),
            None => list.holds(lower(word)),
        }
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
pub(super) fn person_name(text: &str, _: &Context) -> Verdict {
    // Of so many bytes there are neither fewer characters nor more.
    if !matches!(text.len(), 8..=80) && !(2..=80).contains(&text.chars().count()) {
        return Verdict::Invalid("not a name's length");
    }
    if !text.chars().all(is_of_names) {
        return Verdict::Invalid("holds what names do not");
    }
    if is_flag(text) {
        return Verdict::Invalid("yes, no or nothing");
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

/// A word without the dots at its ends, which most have none of.
fn without_dots(word: &str) -> &str {
    let has_dot = word.starts_with('.') || word.ends_with('.');
    if has_dot { word.trim_matches('.') } else { word }
}

const NO_WORDS: Verdict = Verdict::Invalid("not a name's words");

/// Whether a character stands in names.
fn is_of_names(c: char) -> bool {
    match c {
        '\0'..='\u{7F}' => {
            c.is_ascii_alphabetic() || matches!(c, ' ' | '-' | '\'' | '.' | ',' | '`')
        }
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
    // Of so many bytes there are neither fewer characters nor more.
    let fits = matches!(text.len(), 16..=160) || (4..=160).contains(&text.chars().count());
    if !fits || !text.chars().any(is_letter) {
        return Verdict::Invalid("not an address's length, or no letters");
    }
    let bytes = text.as_bytes();
    let is_url = || memchr::memchr(b':', bytes).is_some() && text.contains("://");
    if memchr::memchr3(b'@', b'\\', b'{', bytes).is_some() || is_url() {
        return Verdict::Invalid("an e-mail address, URL or path");
    }
    let mut room = Room::<192>::empty();
    match room.lower(text) {
        Some(lower) => small_address(lower),
        None => small_address(lower(text).as_bytes()),
    }
}

/// The same of a text in lower case.
fn small_address(text: &[u8]) -> Verdict {
    let (mut room, mut count) = ([&b""[..]; 16], 0);
    for word in words_of_address(text) {
        let Some(place) = room.get_mut(count) else { return Verdict::Invalid("too many words") };
        *place = word;
        count += 1;
    }
    let words = &room[..count];
    // What a number of a house does not begin with is told at once.
    let may_be = |word: &[u8]| matches!(word[0], b'0'..=b'9' | b'#' | b'n' | b'r' | b'.' | 0xC2);
    let number = words.iter().any(|w| may_be(w) && is_house_number(w));
    let street = words.iter().enumerate().any(|(i, w)| is_street_word(w, i, words.len()));
    let boxed = words.len() >= 2 && is_box(words[0]);
    match () {
        () if boxed && text.iter().any(u8::is_ascii_digit) => const { rung("strict") },
        () if street && number => const { rung("strict") },
        () if street => const { rung("name_only") },
        () if number && is_numbered_name(words) => const { rung("numbered") },
        () => Verdict::Invalid("neither street word nor house number"),
    }
}

/// What stands between blanks, commas and semicolons.
fn words_of_address(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let mut start = at;
        while let Some(byte) = text.get(at) {
            let blank = if MAY_BE_BLANK[usize::from(*byte)] { blank_at(text, at) } else { 0 };
            match blank {
                0 => at += 1,
                _ if at > start => break,
                _ => {
                    at += blank;
                    start = at;
                }
            }
        }
        (at > start).then(|| &text[start..at])
    })
}

/// Bytes that blanks, commas and semicolons begin with.
static MAY_BE_BLANK: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < 256 {
        table[byte] = matches!(byte as u8, b' ' | b',' | b';' | b'\t'..=b'\r' | 0xC2 | 0xE1..=0xE3);
        byte += 1;
    }
    table
};

/// How long the blank, comma or semicolon is that stands at a place; 0 where there is none.
fn blank_at(text: &[u8], at: usize) -> usize {
    match text[at] {
        0xC2 => 2 * usize::from(matches!(text.get(at + 1), Some(0x85 | 0xA0))),
        0xE1..=0xE3 => 3 * usize::from(text.get(at..at + 3).is_some_and(is_blank)),
        _ => 1,
    }
}

fn is_blank(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.chars().all(char::is_whitespace))
}

fn is_box(word: &[u8]) -> bool {
    static ALL: LazyLock<Words> = LazyLock::new(|| Words::new(BOXES.iter().copied()));
    ALL.holds(word)
}

fn is_street_word(word: &[u8], at: usize, words: usize) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(STREET_WORDS.iter().copied()));
    static ENDINGS: LazyLock<Words> = LazyLock::new(|| Words::new(STREET_ENDINGS.iter().copied()));
    let mut bare = word;
    while let [shorter @ .., b'.' | b':'] = bare {
        bare = shorter;
    }
    if words > 1 && WORDS.holds(bare) {
        return true;
    }
    // "veien" alone is no street; "storgata" is.
    let stem = |ending: usize| word.len() > ending + 1 || (at > 0 && word.len() == ending);
    ENDINGS.endings(word).any(stem) || (bare.len() < word.len() && ENDINGS.endings(bare).any(stem))
}

/// `12`, `12a`, `12-14`, `12/3`, `nr12`: up to five digits, a letter or a range.
fn is_house_number(word: &[u8]) -> bool {
    let mut word = word;
    // The signs of degrees and of numbers have two bytes.
    while let [b'#' | b'n' | b'r' | b'.', rest @ ..] | [0xC2, 0xB0 | 0xBA, rest @ ..] = word {
        word = rest;
    }
    let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut rest = &word[digits..];
    if !(1..=5).contains(&digits) || rest.len() > 6 {
        return false;
    }
    let mut letters = 0;
    while let [byte, behind @ ..] = rest {
        rest = match byte {
            b'-' | b'/' | b'.' => behind,
            // A dash.
            0xE2 if behind.starts_with(&[0x80, 0x93]) => &behind[2..],
            _ if !byte.is_ascii_alphanumeric() => return false,
            _ => behind,
        };
        letters += usize::from(byte.is_ascii_alphabetic());
    }
    letters <= 3
}

/// One to five words of letters with a house number at one end.
fn is_numbered_name(words: &[&[u8]]) -> bool {
    let texts = || words.iter().map(|word| std::str::from_utf8(word).unwrap_or_default());
    let names = texts().filter(|w| w.chars().next().is_some_and(is_letter)).count();
    let long = texts().any(|w| w.chars().filter(|c| is_letter(*c)).nth(3).is_some());
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

/// By the first byte of a name, the months it can be, a bit for each.
const MONTHS_BY_BYTE: [u16; 256] = {
    let (mut table, mut month) = ([0; 256], 0);
    while month < MONTHS.len() {
        let mut at = 0;
        while at < MONTHS[month].len() {
            table[MONTHS[month][at].as_bytes()[0] as usize] |= 1 << month;
            at += 1;
        }
        month += 1;
    }
    table
};

/// Date of birth in any usual layout; the year within the last 115 years.
pub(super) fn birth_date(text: &str, cx: &Context) -> Verdict {
    let clock = memchr::memchr2(b'T', b'Z', text.as_bytes());
    let text = without_midnight(&text[..clock.unwrap_or(text.len())]).trim();
    if text.len() > 30 {
        return Verdict::Invalid("no date");
    }
    if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        let year: i16 = text.parse().unwrap_or(0);
        let alive = year > cx.as_of.year() - 115 && year <= cx.as_of.year();
        return if alive {
            const { rung("year") }
        } else {
            Verdict::Invalid("not a year of birth")
        };
    }
    let placeholder = |d: Date| (d.year(), d.month(), d.day()) == (1900, 1, 1);
    let alive = |d: Date| d.year() > cx.as_of.year() - 115 && d <= cx.as_of && !placeholder(d);
    let (mut is_date, mut is_alive) = (false, false);
    readings(text, |date| (is_date, is_alive) = (true, is_alive || alive(date)));
    match (is_date, is_alive) {
        (_, true) => const { rung("strict") },
        (true, false) => Verdict::Invalid("nobody's date of birth"),
        (false, false) => Verdict::Invalid("no date"),
    }
}

/// What stands before the time that files put behind days.
fn without_midnight(text: &str) -> &str {
    let bytes = text.as_bytes();
    let has_clock = memchr::memchr(b':', bytes).is_some();
    let midnight = || bytes.windows(6).position(|part| part == b" 00:00");
    has_clock.then(midnight).flatten().map_or(text, |at| &text[..at])
}

/// Whether a text can mean a date.
fn is_date(text: &str) -> bool {
    let mut any = false;
    readings(text, |_| any = true);
    any
}

/// Gives every date that a text can mean.
fn readings(text: &str, mut found: impl FnMut(Date)) {
    let (mut parts, mut count) = ([""; 3], 0);
    for part in parts_of_date(text) {
        match parts.get_mut(count) {
            Some(place) => *place = part,
            // A clock may follow.
            None if text.contains(':') => break,
            None => return,
        }
        count += 1;
    }
    let [a, b, c] = parts;
    if count == 1 && matches!(a.len(), 6 | 8) {
        return solid(a, found);
    }
    let (true, Some(first), Some(last)) = (count == 3, part(a), n(c)) else { return };
    let Some(second) = part(b) else { return };
    let mut give = |year, month, day| date(year, month, day).into_iter().for_each(&mut found);
    if a.len() == 4 {
        return give(first, second, last);
    }
    let years = match c.len() {
        4 => &[last][..],
        2 => &[1900 + last, 2000 + last],
        _ => &[],
    };
    for year in years {
        give(*year, second, first);
        give(*year, first, second);
    }
}

/// The runs of letters and digits in a text, small words left out.
fn parts_of_date(text: &str) -> impl Iterator<Item = &str> {
    let is_small = |p: &str| matches!(p, "de" | "of" | "den" | "del" | "st" | "nd" | "rd" | "th");
    let parts = text.split(|c: char| !(is_letter(c) || c.is_numeric()));
    parts.filter(move |p| !p.is_empty() && !is_small(p))
}

/// The number of a year, month or day.
fn part(text: &str) -> Option<u32> {
    n(text).or_else(|| named_month(text))
}

/// The number in front of letters, if nothing else stands there.
fn n(text: &str) -> Option<u32> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, letters) = text.split_at(digits);
    letters.chars().all(is_letter).then(|| digits.parse().ok())?
}

/// The month that a word names.
fn named_month(word: &str) -> Option<u32> {
    match Room::<32>::empty().lower(word) {
        Some(lower) => small_month(lower),
        None => small_month(lower(word).as_bytes()),
    }
}

fn small_month(word: &[u8]) -> Option<u32> {
    let possible = MONTHS_BY_BYTE[usize::from(*word.first()?)];
    let is_it = |i: &usize| {
        possible >> i & 1 == 1 && MONTHS[*i].iter().any(|p| word.starts_with(p.as_bytes()))
    };
    (0..MONTHS.len()).find(is_it).and_then(|i| u32::try_from(i + 1).ok())
}

/// Dates without separators: YYYYMMDD, DDMMYYYY, YYMMDD, DDMMYY.
fn solid(text: &str, mut found: impl FnMut(Date)) {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return;
    }
    let n = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap_or(0);
    let mut give = |year, month, day| date(year, month, day).into_iter().for_each(&mut found);
    if text.len() == 8 {
        give(n(0, 4), n(4, 6), n(6, 8));
        give(n(4, 8), n(2, 4), n(0, 2));
    } else {
        for century in [1900, 2000] {
            give(century + n(0, 2), n(2, 4), n(4, 6));
            give(century + n(4, 6), n(2, 4), n(0, 2));
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
        return const { rung("flag") };
    }
    if is_date(text) && !text.chars().any(char::is_alphabetic) {
        return Verdict::Invalid("a date");
    }
    if is_amount(text) {
        return const { rung("amount") };
    }
    if text.chars().any(char::is_alphabetic) {
        const { rung("strict") }
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

/// Password or secret: plain or hashed; no flag, date or placeholder.
fn credential(text: &str, _: &Context) -> Verdict {
    let lower = lower(text);
    let placeholder = ["changeme", "xxx", "***", "${", "{{", "<", "null", "string", "todo"];
    if text.chars().count() < 4 || is_flag(text) || is_date(text) {
        return Verdict::Invalid("too short, a flag or a date");
    }
    if placeholder.iter().any(|p| lower.starts_with(p)) || text.split_whitespace().count() > 4 {
        return Verdict::Invalid("a placeholder or a sentence");
    }
    let hash = text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let crypt = text.starts_with('$') && text.len() > 20;
    if hash || crypt {
        return Verdict::Valid(const { Rung::new("hashed", Validity::Hashed) });
    }
    const { rung("strict") }
}

/// User name: one word with a letter.
fn username(text: &str, _: &Context) -> Verdict {
    let fine = text.chars().all(|c| c.is_alphanumeric() || "._-@\\+".contains(c));
    if (2..=64).contains(&text.chars().count())
        && fine
        && text.chars().any(char::is_alphabetic)
        && !is_flag(text)
    {
        const { rung("strict") }
    } else {
        Verdict::Invalid("not one word")
    }
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
    fn words_part_at_every_blank() {
        for c in '\0'..='\u{FFFF}' {
            let text = format!("a{c} b{c}");
            let is_blank = |c: char| c.is_whitespace() || c == ',' || c == ';';
            let words = text.split(is_blank).filter(|w| !w.is_empty()).map(str::as_bytes);
            assert!(words_of_address(text.as_bytes()).eq(words), "{c:?}");
            let names = text.split([' ', ',', '\u{A0}']).filter(|w| !w.is_empty());
            assert!(parts(&text).eq(names), "{c:?}");
            let in_names = c.is_alphabetic() || " -'’.,`´\u{A0}\u{2010}\u{2011}".contains(c);
            assert_eq!(is_of_names(c), in_names || is_mark(c), "{c:?}");
        }
    }

    #[test]
    fn months_are_told_by_their_first_letters() {
        let names = MONTHS.into_iter().flatten().copied();
        for word in names.chain(["march", "september", "jäger", "xmas", "m", "", "øre"]) {
            let month = MONTHS.iter().position(|m| m.iter().any(|p| word.starts_with(p)));
            assert_eq!(named_month(word), month.and_then(|i| u32::try_from(i + 1).ok()), "{word}");
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
