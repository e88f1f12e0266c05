//! Dates of birth in any usual layout, as whole cells.

use jiff::civil::Date;

use super::super::checksum::date;
use super::*;

/// Names of months in the languages of Europe, by their first letters, folded to lower case.
const MONTHS: [&[&str]; 12] = [
    &[
        "jan", "ene", "gen", "sty", "tammi", "januar", "jän", "ian", "jaan", "saus", "siječ",
        "led", "jannar", "яну", "янв", "ιαν",
    ],
    &["feb", "fév", "fev", "lut", "helmi", "veeb", "vasar", "velja", "únor", "fra", "фев", "φεβ"],
    &[
        "mar", "mär", "mrt", "maa", "mrz", "maalis", "már", "märts", "kov", "ožuj", "břez", "мар",
        "μαρ", "μάρ",
    ],
    &["apr", "avr", "abr", "kwi", "huhti", "ápr", "baland", "travnj", "dub", "апр", "απρ"],
    &[
        "may", "mai", "maj", "mei", "mag", "touko", "máj", "maí", "geg", "svib", "květ", "mej",
        "май", "мая", "μάι", "μαΐ", "μαι",
    ],
    &[
        "jun", "juin", "giu", "cze", "kesä", "jún", "iun", "juun", "jūn", "birž", "lipnj", "červ",
        "ġun", "юни", "июн", "ιουν", "ιούν",
    ],
    &[
        "jul", "juil", "lug", "lip", "heinä", "júl", "iul", "juul", "jūl", "liep", "srpnj", "lul",
        "юли", "июл", "ιουλ", "ιούλ",
    ],
    &[
        "aug", "aoû", "aou", "ago", "sie", "elo", "ágú", "rugpj", "avg", "kolov", "srp", "aww",
        "авг", "αυγ", "αύγ",
    ],
    &["sep", "set", "wrz", "syys", "szep", "rugs", "ruj", "zář", "сеп", "σεπ"],
    &["oct", "okt", "ott", "paź", "loka", "spal", "listopada", "říj", "окт", "οκτ"],
    &[
        "nov", "lis", "marras", "nóv", "noi", "lapkr", "studen", "listop", "ное", "ноя", "νοε",
        "νοέ",
    ],
    &[
        "dec", "des", "dez", "dic", "déc", "gru", "joulu", "dets", "gruod", "prosin", "diċ", "дек",
        "δεκ",
    ],
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
pub(in super::super) fn birth_date(text: &str, cx: &Context) -> Verdict {
    let text = without_midnight(&text[..clock(text).unwrap_or(text.len())]).trim();
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

/// Where the time of ISO 8601 begins, or its zone: behind a `T` between digits or a `Z` at the end. Names of months have
/// these letters, too: `12 OCT 1962`.
pub(in super::super) fn clock(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    memchr::memchr2_iter(b'T', b'Z', bytes).find(|&at| {
        let is_last = bytes[at] == b'Z' && at + 1 == bytes.len();
        at > 0 && is_digit(at - 1) && (is_last || bytes[at] == b'T' && is_digit(at + 1))
    })
}

/// What stands before the time that files put behind days.
fn without_midnight(text: &str) -> &str {
    let bytes = text.as_bytes();
    let has_clock = memchr::memchr(b':', bytes).is_some();
    let midnight = || bytes.windows(6).position(|part| part == b" 00:00");
    has_clock.then(midnight).flatten().map_or(text, |at| &text[..at])
}

/// Whether a text can mean a date.
pub(in super::super) fn is_date(text: &str) -> bool {
    let mut any = false;
    readings(text, |_| any = true);
    any
}

/// Gives every date that a text can mean.
fn readings(text: &str, mut found: impl FnMut(Date)) {
    if let Some([year, month, day]) = usual(text) {
        return date(year, month, day).into_iter().for_each(found);
    }
    if let Some([first, second, year]) = turned(text) {
        date(year, second, first).into_iter().for_each(&mut found);
        return date(year, first, second).into_iter().for_each(found);
    }
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
    // Four letters are a month: "SEPT 12 1967".
    if a.len() == 4 && n(a).is_some() {
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

/// Year, month and day of a date as most files have it: `1985-04-12`.
fn usual(text: &str) -> Option<[u32; 3]> {
    let &[a, b, c, d, e, f, g, h, i, j] = text.as_bytes() else { return None };
    let is_date = [a, b, c, d, f, g, i, j].iter().all(u8::is_ascii_digit)
        && [e, h].iter().all(|sign| matches!(sign, b'-' | b'.' | b'/'));
    is_date.then(|| [&[a, b, c, d][..], &[f, g], &[i, j]].map(of_digits))
}

/// Day and month, or month and day, and the year of a date with the year at its end: `12.04.1985`.
fn turned(text: &str) -> Option<[u32; 3]> {
    let &[a, b, c, d, e, f, g, h, i, j] = text.as_bytes() else { return None };
    let is_date = [a, b, d, e, g, h, i, j].iter().all(u8::is_ascii_digit)
        && [c, f].iter().all(|sign| matches!(sign, b'-' | b'.' | b'/'));
    is_date.then(|| [&[a, b][..], &[d, e], &[g, h, i, j]].map(of_digits))
}

fn of_digits(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'))
}

/// The runs of letters and digits in a text, small words left out.
fn parts_of_date(text: &str) -> impl Iterator<Item = &str> {
    let is_small = |p: &str| {
        matches!(p, "de" | "of" | "den" | "del" | "st" | "nd" | "rd" | "th" | "г" | "r" | "g")
    };
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
    with_lower::<32, _>(word, small_month)
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

#[cfg(test)]
mod tests {
    use super::super::super::testing::wrong;
    use super::*;

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
            "12 OCT 1962",
            "12 AUGUST 1967",
            "12 DEZ 1967",
            "MÄRZ 12 1967",
            "SEPT 12 1967",
        ];
        let no =
            ["2150-01-01", "1900-01-01", "0000-00-00", "12:34:56", "hello", "99999999", "1.2.3.4"];
        assert_eq!(wrong(birth_date, &yes, true), [""; 0]);
        assert_eq!(wrong(birth_date, &no, false), [""; 0]);
    }

    #[test]
    fn usual_dates_are_read_as_others() {
        let read = |text: &str| {
            let mut dates = Vec::new();
            readings(text, |date| dates.push(date));
            dates
        };
        for text in ["1985-03-12", "1985/12.31", "1985-02-30", "0000-01-01", "2024-00-10"] {
            let apart = format!("{} - {} - {}", &text[..4], &text[5..7], &text[8..]);
            assert!(usual(text).is_some() && usual(&apart).is_none());
            assert_eq!(read(text), read(&apart), "{text}");
        }
        assert!(["1985-03-1x", "1985-03-121", "12.03.1985", "1985:03:12"].map(usual) == [None; 4]);
    }

    #[test]
    fn months_are_told_by_their_first_letters() {
        let names = MONTHS.into_iter().flatten().copied();
        for word in names.chain(["march", "september", "jäger", "xmas", "m", "", "øre"]) {
            let month = MONTHS.iter().position(|m| m.iter().any(|p| word.starts_with(p)));
            assert_eq!(named_month(word), month.and_then(|i| u32::try_from(i + 1).ok()), "{word}");
        }
    }
}
