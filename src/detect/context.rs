//! Words near a candidate in free text: looked for only round candidates, never over the whole input.

mod address;
mod book;

use std::ops::Range;

use book::Book;

use super::finder::lossy;
use super::fold::{fold_in, fold_into, spellings};
use super::rules::{Detector, Rules};

/// Bytes before a candidate in which words are looked for.
pub const BEFORE: usize = 64;
/// Bytes after it.
pub const AFTER: usize = 32;

/// Bytes between a word and a candidate up to which the word is the candidate's label ("tlf. 22 33 44 55").
const BESIDE: usize = 3;

/// What the words near a candidate say.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Near {
    /// A word that speaks against the kind stands nearest.
    Against,
    /// A word of other kinds stands nearest, and none of this one's.
    Rival,
    /// No telling word.
    Nothing,
    /// No telling word, but a sentence round a kind that other kinds speak for: a name among words.
    Sentence,
    /// Words of other kinds stand near a kind that other kinds speak for.
    Company,
    /// A word of the kind stands in the neighbourhood, another kind's stands nearer.
    Far,
    /// The nearest telling word is one of the kind.
    Keyword,
    /// A label of the kind stands right before it, as a field name does.
    Label,
}

type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::quality::RandomState>;

#[derive(Default)]
struct Owner {
    /// Detectors whose keyword this is.
    keyword: Vec<u16>,
    /// Detectors that it speaks against.
    against: Vec<u16>,
    /// How it is written, where it is an abbreviation and nothing else: it tells only right before a value.
    brief: Option<String>,
}

impl Owner {
    /// Puts a detector down for a word.
    fn add(&mut self, detector: u16, word: &str, role: Role) {
        let is_new = self.keyword.is_empty() && self.against.is_empty();
        match role {
            Role::Against => self.against.push(detector),
            _ => self.keyword.push(detector),
        }
        self.brief = match role {
            Role::Abbreviation if is_new => Some(word.to_owned()),
            Role::Abbreviation => self.brief.take(),
            _ => None,
        };
    }
}

/// What a word is to a detector.
#[derive(Clone, Copy)]
enum Role {
    Keyword,
    Abbreviation,
    Against,
}

/// All keywords of all detectors.
pub struct Keywords {
    book: Book,
    owners: Vec<Owner>,
    /// Detectors that words of other kinds speak for.
    company: Vec<bool>,
    /// Detectors with a shape: their words are rivals to others.
    shaped: Vec<bool>,
}

/// What stands round one place: computed once, asked for several detectors.
#[derive(Default)]
pub struct Surroundings {
    folded: String,
    /// `(distance, entry, whether it stands before)` of the telling words, nearest first.
    found: Vec<(usize, usize, bool)>,
}

impl Surroundings {
    /// Whether a telling word stands right before the place, as labels do.
    #[must_use]
    pub fn stands_before(&self) -> bool {
        self.found.iter().any(|(distance, _, is_before)| *is_before && *distance <= BESIDE)
    }
}

impl Keywords {
    /// The keywords of these rules.
    #[must_use]
    pub fn new(rules: &Rules) -> Keywords {
        let Telling { words, owners, .. } = Telling::new(&rules.detectors);
        let company = |d: &Detector| d.prose.as_ref().is_some_and(|p| p.company);
        let company = rules.detectors.iter().map(company).collect();
        let shaped = rules.detectors.iter().map(|d| d.pattern.is_some()).collect();
        Keywords { book: Book::new(words), owners, company, shaped }
    }

    /// Looks round the bytes `start..end` of a text, behind them no further than `limit`; cells end what is looked at.
    /// What stands inside an e-mail address is no word.
    pub fn look(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        limit: usize,
        out: &mut Surroundings,
    ) {
        out.found.clear();
        let before = nearby_before(whole_before(text, start.saturating_sub(BEFORE), start));
        if !is_bound(before) {
            self.scan(text, start - before.len()..start, true, out);
        }
        let to = (end + AFTER).min(text.len()).min(limit);
        let after = before_first_mark(whole_after(text, end, to.max(end)));
        self.scan(text, end..end + after.len(), false, out);
        out.found.sort_unstable();
    }

    /// Looks at the part of a text that stands before a candidate, or behind it.
    fn scan(&self, text: &[u8], part: Range<usize>, before: bool, out: &mut Surroundings) {
        let bytes = &text[part.clone()];
        // Most surroundings have no telling word, and most are ASCII, which folding only makes small.
        let mut room = [0; BEFORE];
        let short = match bytes.is_ascii() {
            true => Some(bytes),
            false => fold_in(from_whole_character(bytes), &mut room),
        };
        if short.is_some_and(|text| !self.book.may_stand_in(text)) {
            return;
        }
        let edge = if before { part.end } else { part.start };
        let mut room = [0; BEFORE];
        let bytes = address::blanked(text, part, edge, &mut room);
        fold_into(&lossy(bytes), &mut out.folded);
        part_words(&mut out.folded);
        let text = out.folded.as_bytes();
        if short.is_none() && !self.book.may_stand_in(text) {
            return;
        }
        let counts = |word: usize| {
            let brief = self.owners[word].brief.as_ref();
            brief.is_none_or(|word| before && is_last(bytes, word))
        };
        self.book.find(text, counts, |start, end, word| {
            // What comes after tells less than what comes before.
            let distance = if before { distance(&text[end..]) } else { start + 24 };
            out.found.push((distance, word, before));
        });
    }

    /// What the surroundings say of one detector. Words of its own count up to `reach` bytes before: those further
    /// off are of another value.
    #[must_use]
    pub fn near(&self, detector: u16, surroundings: &Surroundings, reach: usize) -> Near {
        let mut first = true;
        let (mut company, mut rival) = (false, false);
        for &(distance, entry, is_before) in &surroundings.found {
            if is_before && distance >= reach && self.owners[entry].keyword.contains(&detector) {
                continue;
            }
            let owner = &self.owners[entry];
            if owner.against.contains(&detector) {
                if first {
                    return Near::Against;
                }
            } else if owner.keyword.contains(&detector) {
                return match () {
                    // Words of names stand before much that is none: only a shape makes a label of a word.
                    () if first && distance <= BESIDE && self.shaped[detector as usize] => {
                        Near::Label
                    }
                    () if first => Near::Keyword,
                    () => Near::Far,
                };
            }
            company |= !owner.keyword.is_empty();
            // Words of names and addresses stand near everything: they are nobody's rivals.
            let shaped = |d: &u16| self.shaped[*d as usize];
            let is_rival = owner.keyword.iter().chain(&owner.against).any(shaped);
            rival |= is_rival;
            first &= !is_rival;
        }
        match () {
            () if company && self.company[detector as usize] => Near::Company,
            () if rival => Near::Rival,
            () => Near::Nothing,
        }
    }
}

/// All telling words, folded, and who owns each of them.
#[derive(Default)]
struct Telling {
    words: Vec<String>,
    owners: Vec<Owner>,
    places: HashMap<String, usize>,
}

impl Telling {
    /// Those of all detectors. Most words that speak against one speak against many: each is folded once.
    fn new(detectors: &[Detector]) -> Telling {
        let mut all = Telling::default();
        let mut known: HashMap<&str, Vec<usize>> = HashMap::default();
        for (number, detector) in (0..=u16::MAX).zip(detectors) {
            for (list, role) in [
                (&detector.keywords, Role::Keyword),
                (&detector.abbreviations, Role::Abbreviation),
                (&detector.against, Role::Against),
            ] {
                for word in list {
                    let places = known.entry(word).or_insert_with(|| all.places(word));
                    places.iter().for_each(|at| all.owners[*at].add(number, word, role));
                }
            }
        }
        all
    }

    /// The places of a word's spellings.
    fn places(&mut self, word: &str) -> Vec<usize> {
        let mut place = |spelling: String| {
            let next = self.words.len();
            let place = *self.places.entry(spelling.clone()).or_insert(next);
            if place == next {
                self.words.push(spelling);
                self.owners.push(Owner::default());
            }
            place
        };
        let parted = |mut word: String| {
            part_words(&mut word);
            word
        };
        spellings(word).map(parted).map(&mut place).collect()
    }
}

/// Makes blanks of underscores: in names of fields they part words (`NI_No: CE241533A`).
fn part_words(text: &mut String) {
    if text.contains('_') {
        *text = text.replace('_', " ");
    }
}

/// What stands between a label and its value in sentences, folded: who has it, and a verb ("kontoen min er …", "my
/// phone is …").
const JOINING: &[&str] = &[
    "is",
    "was",
    "are",
    "er",
    "ar",
    "var",
    "ist",
    "war",
    "lautet",
    "lyder",
    "est",
    "es",
    "era",
    "jest",
    "je",
    "este",
    "yra",
    "ir",
    "ειναι",
    "е",
    "min",
    "mitt",
    "mit",
    "mine",
    "din",
    "ditt",
    "dit",
    "hans",
    "hennes",
    "hendes",
    "sin",
    "sitt",
    "vart",
    "vores",
    "deres",
    "jeres",
    "ert",
];

/// How far a word is from a candidate with this between, folded: signs that join a label with its value (`mobil   : 22…`,
/// `"mobil" => "22…"`) and small words are no distance. A run of blanks and nothing else is the gap between two columns.
fn distance(between: &[u8]) -> usize {
    /// Small words of a sentence.
    const WORDS: usize = 3;
    if between.len() <= BESIDE {
        return between.len();
    }
    let Ok(text) = std::str::from_utf8(between) else { return between.len() };
    let is_sign = |c: char| {
        matches!(c, ':' | '=' | '|' | '"' | '\'' | '\t' | '.' | '>' | '*' | '“' | '„' | '«')
    };
    let is_blank = |c: char| c.is_whitespace() && c != '\n';
    let joins = || text.contains(is_sign) && text.chars().all(|c| is_sign(c) || is_blank(c));
    let are_small = || {
        let mut words = text.split([' ', ':']).filter(|word| !word.is_empty());
        text.starts_with(' ')
            && !text.trim_ascii().is_empty()
            && !text.contains('\n')
            && words.by_ref().take(WORDS).all(|word| JOINING.contains(&word))
            && words.next().is_none()
    };
    match joins() || are_small() {
        true => BESIDE,
        false => between.len(),
    }
}

/// Bytes without the rest of a character that is cut at their front: it is in no word.
pub(super) fn from_whole_character(bytes: &[u8]) -> &[u8] {
    let rest = bytes.iter().take_while(|b| matches!(b, 0x80..=0xBF)).count();
    &bytes[rest..]
}

/// The part of what stands before that belongs to the candidate: its cell and line, and the line above
/// when the candidate starts its line and that line is short, as labels above values are.
fn nearby_before(bytes: &[u8]) -> &[u8] {
    /// A label is shorter than this.
    const LABEL: usize = 40;
    let cell = memchr::memrchr(crate::unit::CELL_END, bytes).map_or(0, |i| i + 1);
    let bytes = &bytes[cell..];
    let Some(line) = memchr::memrchr(b'\n', bytes) else { return bytes };
    if bytes[line + 1..].iter().any(u8::is_ascii_alphanumeric) {
        return &bytes[line + 1..];
    }
    // An empty line between a label and its value is none.
    let label = bytes[..line].trim_ascii_end().len();
    let from = memchr::memrchr(b'\n', &bytes[..label]).map_or(0, |above| above + 1);
    let is_apart = memchr::memchr(b'\n', &bytes[label..line]).is_some();
    match &bytes[from..label] {
        [] => &bytes[line + 1..],
        // What stands below an empty line begins something else, but for what a label announces.
        above if is_apart && !is_label(above) => &bytes[line + 1..],
        above if above.len() < LABEL && !has_value(above) => &bytes[from..],
        _ => &bytes[line + 1..],
    }
}

/// What stands up to a place, without the rest of a word that the look cuts at its front: `recall` is no `call`.
fn whole_before(text: &[u8], from: usize, to: usize) -> &[u8] {
    let is_cut = from.checked_sub(1).is_some_and(|at| text[at].is_ascii_alphanumeric());
    let rest = text[from..to].iter().take_while(|b| is_cut && b.is_ascii_alphanumeric()).count();
    &text[from + rest..to]
}

/// What stands behind a place, without the word that the look cuts at its end: `directory` is not `direct`.
fn whole_after(text: &[u8], from: usize, to: usize) -> &[u8] {
    let is_cut = text.get(to).is_some_and(u8::is_ascii_alphanumeric);
    let words = text[from..to].iter().rev();
    let rest = words.take_while(|b| is_cut && b.is_ascii_alphanumeric()).count();
    &text[from..to - rest]
}

/// Whether a line is a label, as forms have them: a few words that do not begin small, or what ends with a colon. The end
/// of a paragraph is none of what stands below it.
fn is_label(line: &[u8]) -> bool {
    /// Words of a label.
    const WORDS: usize = 3;
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let first = line.iter().find(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    let begins = first.is_some_and(|b| !b.is_ascii_lowercase());
    line.ends_with(b":") || begins && words.count() <= WORDS
}

/// Whether what stands before a value makes it a bound in a query, which is nobody's: `birth_date >= '1980-01-01'`.
fn is_bound(before: &[u8]) -> bool {
    let signs = before.iter().rev().take_while(|b| matches!(b, b' ' | b'\'' | b'"')).count();
    let is_apart = signs > 0;
    match before[..before.len() - signs] {
        [.., b'<' | b'>', b'='] => true,
        [.., b' ', b'<' | b'>'] => is_apart,
        _ => false,
    }
}

/// Whether a line holds a label with its value (`DNI 12345678Z`), so that it is none of what stands below.
fn has_value(line: &[u8]) -> bool {
    let digits = line.iter().filter(|b| b.is_ascii_digit()).count();
    digits > 3 && line.last() != Some(&b':')
}

/// Whether a text ends with a word as it is written, blanks and a colon apart, that is no part of another.
fn is_last(text: &[u8], word: &str) -> bool {
    let mut text = text;
    while let [rest @ .., b' ' | b'\t' | b':'] | [rest @ .., 0xC2, 0xA0] = text {
        text = rest;
    }
    // Behind a full stop it is one of several initials, behind a sign a part of a code.
    let may_stand =
        |b: &u8| b.is_ascii_whitespace() || matches!(b, b'(' | b'[' | b',' | b';' | 0xA0);
    text.strip_suffix(word.as_bytes()).is_some_and(|rest| rest.last().is_none_or(may_stand))
}

fn before_first_mark(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr2(crate::unit::CELL_END, b'\n', bytes).unwrap_or(bytes.len());
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::detect::finder::testing::FINDER;
    use crate::detect::fold::fold;

    /// Whether a look finds something, told word by word and place by place.
    fn found(keywords: &Keywords, text: &str) -> bool {
        let folded = fold(text).replace('_', " ");
        let is_edge = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric());
        keywords.book.words.iter().zip(&keywords.owners).any(|(word, owner)| {
            let edges = |at: usize| {
                let text = folded.as_bytes();
                let before = at.checked_sub(1).map(|i| &text[i]);
                is_edge(before) && is_edge(text.get(at + word.len()))
            };
            owner.brief.as_ref().is_none_or(|word| is_last(text.as_bytes(), word))
                && folded.match_indices(word.as_str()).any(|found| edges(found.0))
        })
    }

    fn looked(keywords: &Keywords, text: &[u8]) -> bool {
        let mut near = Surroundings::default();
        keywords.scan(text, 0..text.len(), true, &mut near);
        !near.found.is_empty()
    }

    #[test]
    fn every_telling_word_is_found() {
        let keywords = FINDER.keywords();
        let (mut words, mut told) = (0, 0);
        for detector in &FINDER.rules.detectors {
            for word in detector.keywords.iter().chain(&detector.against) {
                for text in [
                    word.clone(),
                    word.to_uppercase(),
                    format!("ab {word}, 12"),
                    format!("x{word}"),
                    format!("{word}x"),
                ] {
                    assert_eq!(looked(keywords, text.as_bytes()), found(keywords, &text), "{text}");
                    told += usize::from(looked(keywords, text.as_bytes()));
                }
                words += 1;
            }
        }
        assert!(words > 1000 && told > 2 * words);
    }

    #[test]
    fn words_that_a_look_cuts_are_none() {
        let text = b"recall 12 directory";
        assert_eq!(whole_before(text, 2, 7), b" ");
        assert_eq!(whole_before(text, 0, 7), b"recall ");
        assert_eq!(whole_after(text, 9, 16), b" ");
        assert_eq!(whole_after(text, 9, text.len()), b" directory");
        assert_eq!(whole_after(b"ab", 1, 1), b"");
    }

    #[test]
    fn a_line_with_a_value_is_no_label_of_the_next() {
        let near =
            |text: &str| String::from_utf8_lossy(nearby_before(text.as_bytes())).into_owned();
        assert_eq!(near("x\nTelefon\n"), "Telefon\n");
        assert_eq!(near("x\nTelefon 2:\n\n"), "Telefon 2:\n\n");
        assert_eq!(near("x\nDate of birth of child:\n\n"), "Date of birth of child:\n\n");
        assert_eq!(near("x\n\t\tfix birthday field in export\n\n"), "");
        assert_eq!(near("x\nDNI 12345678Z\n"), "");
        assert_eq!(near("Telefon\n"), "Telefon\n");
    }

    #[test]
    fn abbreviations_tell_right_before_a_value_as_they_are_written() {
        let born = u16::try_from(FINDER.rules.find("date_of_birth").unwrap()).unwrap();
        let near = |text: &str| {
            let start = text.find("12").unwrap();
            let mut surroundings = Surroundings::default();
            FINDER.keywords().look(
                text.as_bytes(),
                start,
                start + 10,
                usize::MAX,
                &mut surroundings,
            );
            FINDER.keywords().near(born, &surroundings, usize::MAX)
        };
        for text in [
            "Kari (f. 12.03.1985)",
            "Kari, b. 12.03.1985",
            "né 12.03.1985",
            "Kari, ur.: 12.03.1985",
            "ur.\u{A0}12.03.1985",
        ] {
            assert_eq!(near(text), Near::Keyword, "{text}");
        }
        for text in [
            "12.03.1985  Kevin B. Kenny",
            "12.03.1985 b.",
            "Kevin B. 12.03.1985",
            "b. Kenny 12.03.1985",
            "b.\n12.03.1985",
            "as int to %b. 12.03.1985",
            "a.b. 12.03.1985",
            "ne 12.03.1985",
        ] {
            assert_eq!(near(text), Near::Nothing, "{text}");
        }
    }

    #[test]
    fn signs_and_small_words_are_no_distance() {
        let near = |text: &str| {
            let phone = u16::try_from(FINDER.rules.find("phone").unwrap()).unwrap();
            let start = text.find("41822357").unwrap();
            let mut surroundings = Surroundings::default();
            FINDER.keywords().look(
                text.as_bytes(),
                start,
                start + 8,
                usize::MAX,
                &mut surroundings,
            );
            FINDER.keywords().near(phone, &surroundings, usize::MAX)
        };
        for text in [
            "mobil:     41822357",
            "\"mobil\": \"41822357\"",
            "'mobil' => '41822357'",
            "mobil = \"41822357\"",
            "mobil       | 41822357",
            "Mobil ........ 41822357",
            "mobilnummeret mitt er 41822357",
            "my phone_number is 41822357",
        ] {
            assert_eq!(near(text), Near::Label, "{text}");
        }
        for text in [
            "mobil >= '41822357'",
            "mobil           41822357",
            "mobil og saken er 41822357",
            "mobil:\n    x 41822357",
        ] {
            assert_ne!(near(text), Near::Label, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_look_finds_what_stands_there(
            text in "(?i)(?:tlf|f\\.nr|[a-z]{1,3}| |-|født|no|ł|5){0,12}",
            cut in 0..4usize,
        ) {
            let keywords = FINDER.keywords();
            let part = &text.as_bytes()[cut.min(text.len())..];
            prop_assert_eq!(looked(keywords, part), found(keywords, &lossy(part)));
        }
    }
}
