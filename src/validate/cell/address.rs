//! Street addresses and post-office boxes, as whole cells.

use super::*;

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
    "utca",
    "út",
    "útja",
    "tér",
    "tere",
    "körút",
    "iela",
    "gatvė",
    "cesta",
    "trg",
    "mnt",
    "maantee",
    "puiestee",
    "tänav",
    "ulice",
    "náměstí",
    "nábřeží",
    "třída",
    "calea",
    "aleea",
    "bulevardul",
    "caddesi",
    "sokak",
    "ул",
    "бул",
    "улица",
    "булевард",
    "пл",
    "площад",
    "жк",
    "οδός",
    "λεωφόρος",
    "λεωφ",
    "πλατεία",
    "λ",
    "köz",
    "krt",
    "sétány",
    "fasor",
    "rakpart",
    "lakótelep",
    "tn",
    "pst",
    "prospekts",
    "gatve",
    "bulvāris",
    "laukums",
    "prospektas",
    "alėja",
    "aikštė",
    "plentas",
    "skg",
    "námestie",
    "nám",
    "trieda",
    "sídlisko",
    "avenija",
    "obala",
    "šetalište",
    "sentier",
    "montée",
    "cité",
    "salita",
    "splaiul",
    "șos",
    "șoseaua",
    "triq",
    "sqaq",
    "vjal",
    "misraħ",
    "braut",
];

/// Words before a box number.
const BOXES: &[&str] = &[
    "postboks", "boks", "box", "postbox", "postfach", "pb", "pl", "bp", "apartado", "postbus",
    "po", "p.o.", "c.p.", "casella",
];

/// Street address: a street word and a house number in either order, a name with a house number, or a
/// post-office box.
pub(in super::super) fn street_address(text: &str, _: &Context) -> Verdict {
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
    with_lower::<192, _>(text, small_address)
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
    let may_be =
        |word: &[u8]| matches!(word[0], b'0'..=b'9' | b'#' | b'n' | b'r' | b'.' | 0xC2 | 0xE2);
    let is_number =
        |(i, w): (usize, &&[u8])| may_be(w) && !(i == 0 && w.ends_with(b".")) && is_house_number(w);
    let number = words.iter().enumerate().any(is_number);
    let street = words.iter().enumerate().any(|(i, w)| is_street_word(w, i, words.len()));
    let boxed = words.len() >= 2 && is_box(words[0]);
    match () {
        () if boxed && text.iter().any(u8::is_ascii_digit) => const { rung("strict") },
        () if street && number => const { rung("strict") },
        () if street => const { rung("name_only") },
        () if number && is_numbered_name(words) && !has_thousands(text) => NUMBERED,
        () if number && is_numbered_name(before_postal_code(text, words)) => NUMBERED,
        () => Verdict::Invalid("neither street word nor house number"),
    }
}

/// The words in front of a comma that a postal code follows; none where none does.
fn before_postal_code<'w, 't>(text: &'t [u8], words: &'w [&'t [u8]]) -> &'w [&'t [u8]] {
    let Some(comma) = memchr::memchr(b',', text) else { return &[] };
    let [b',', b' ', code @ ..] = &text[comma..] else { return &[] };
    // `LT-01103`
    let country = code.iter().take(3).position(|b| *b == b'-').map_or(0, |dash| dash + 1);
    let code = &code[country..];
    let digits = code.iter().take(6).filter(|b| b.is_ascii_digit()).count();
    let town = code.iter().skip(6).any(u8::is_ascii_lowercase);
    match digits >= 4 && town {
        true => &words[..words_of_address(&text[..comma]).count()],
        false => &[],
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
    let bare = without_ends(word, b".:");
    if words > 1 && WORDS.holds(bare) {
        return true;
    }
    // "veien" alone is no street; "storgata" is.
    let stem = |ending: usize| word.len() > ending + 1 || (at > 0 && word.len() == ending);
    if is_no_ring(bare) {
        return false;
    }
    ENDINGS.endings(word).any(stem) || (bare.len() < word.len() && ENDINGS.endings(bare).any(stem))
}

/// Whether a word ends like a ring road by accident: `string`, and what is done, as in `monitoring` and `registrering`.
fn is_no_ring(word: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[b"st", b"sp", b"b", b"offsp", b"subst", b"docst", b"hamst"];
    let stem = word.strip_suffix(b"ring");
    stem.is_some_and(|stem| {
        WORDS.contains(&stem) || matches!(stem, [.., b'a' | b'e' | b'i' | b'o' | b'u'])
    })
}

/// `12`, `12a`, `12-14`, `12/3`, `nr12`: up to five digits, a letter or a range. No house has the number 0, nor that of a
/// section (`1.2`).
fn is_house_number(word: &[u8]) -> bool {
    let mut word = word;
    // The signs of degrees and of numbers have two bytes, or three as Cyrillic has it.
    while let [b'#' | b'n' | b'r' | b'.', rest @ ..]
    | [0xC2, 0xB0 | 0xBA, rest @ ..]
    | [0xE2, 0x84, 0x96, rest @ ..] = word
    {
        word = rest;
    }
    let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut rest = &word[digits..];
    let is_zero = word[..digits].iter().all(|b| *b == b'0');
    if !(1..=5).contains(&digits) || is_zero || rest.len() > 6 {
        return false;
    }
    let mut letters = 0;
    while let [byte, behind @ ..] = rest {
        rest = match byte {
            b'.' if behind.first().is_some_and(u8::is_ascii_digit) => return false,
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

/// A name with a number, which all sorts of things have.
pub(in super::super) const NUMBERED: Verdict = rung("numbered");

/// Whether a text has a number whose thousands stand behind commas, as counts and sizes have.
fn has_thousands(text: &[u8]) -> bool {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    memchr::memchr_iter(b',', text)
        .any(|at| at > 0 && (at - 1..at + 4).all(|i| i == at || digit(i)) && !digit(at + 4))
}

/// One to five words of letters with a house number at one end, and nothing that is set equal.
fn is_numbered_name(words: &[&[u8]]) -> bool {
    let texts = || words.iter().map(|word| std::str::from_utf8(word).unwrap_or_default());
    let names = texts().filter(|w| w.chars().next().is_some_and(is_letter)).count();
    let long = texts().any(|w| w.chars().filter(|c| is_letter(*c)).nth(3).is_some());
    let ends = [words.first(), words.last()];
    let inner = words.len() >= 2 && is_house_number(words[words.len() - 2]);
    let at_end = ends.into_iter().flatten().any(|w| is_house_number(w)) || inner;
    let is_equation = words.iter().any(|w| w.contains(&b'='));
    (1..=5).contains(&names) && long && at_end && words.len() <= 7 && !is_equation
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::wrong;
    use super::*;

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
            "Am Markt 12.",
            "Am Markt 5,0155 Oslo",
            "Storgade 5, 2.tv",
            "Husova 12, 602 00 Brno",
            "Polna 3/4, 30-001 Kraków",
            "Gedimino 9, LT-01103 Vilnius",
            "Petőfi Sándor utca 12",
            "Ostring 12",
            "Altstadtring",
        ];
        let no = [
            "Oslo",
            "0155",
            "ola@x.no",
            "https://x.no/vei 1",
            "12.5",
            "Diabetes",
            "1.2 Copyrights",
            "2. Installation",
            "9.9.9 Changes",
            "0 = none",
            "0 = 0-5 years",
            "1 = 6-11 years",
            "Gruppe 0",
            "Husova, 602 00 Brno",
            "0x1F offset",
            "5,964,704 bytes",
            "A string or integer, the IP address",
            "monitoring of systems",
            "Fakturering",
            "258,002 bytes in 2,129 blocks",
        ];
        assert_eq!(wrong(street_address, &yes, true), [""; 0]);
        assert_eq!(wrong(street_address, &no, false), [""; 0]);
    }

    #[test]
    fn words_part_at_every_blank() {
        for c in '\0'..='\u{FFFF}' {
            let text = format!("a{c} b{c}");
            let is_blank = |c: char| c.is_whitespace() || c == ',' || c == ';';
            let words = text.split(is_blank).filter(|w| !w.is_empty()).map(str::as_bytes);
            assert!(words_of_address(text.as_bytes()).eq(words), "{c:?}");
        }
    }
}
