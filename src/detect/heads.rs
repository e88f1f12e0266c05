//! Heads: what matches can begin with, derived from the patterns: for each of the first bytes, what it can be. No
//! pattern that matches is left out; `starts.rs` spares the automaton with it most places where none does.

pub mod words;

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Repetition};

use crate::unit::CELL_END;

/// How many bytes are looked at.
pub const DEPTH: usize = 12;
/// Beginnings that are told apart.
const KINDS: usize = 288;
/// Into how many a pattern, or a part of it, is taken apart.
const ALTERNATIVES: usize = 64;
/// Into how many a part is that is there so many times or so many.
const FEW: usize = 5;
/// Sorts of usual texts.
pub const TEXTS: usize = 2;

/// The letters and digits of ASCII, a bit for each.
const ALPHANUMERIC: u128 = {
    let (mut bits, mut byte) = (0, 0u8);
    while byte < 128 {
        bits |= (byte.is_ascii_alphanumeric() as u128) << byte;
        byte += 1;
    }
    bits
};

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Set([u128; 2]);

impl Set {
    /// The bytes of these ranges.
    fn of(ranges: impl IntoIterator<Item = std::ops::RangeInclusive<u8>>) -> Set {
        let mut set = Set::default();
        ranges.into_iter().for_each(|range| set.add(range));
        set
    }

    /// Adds a range.
    pub fn add(&mut self, range: std::ops::RangeInclusive<u8>) {
        for (half, first) in self.0.iter_mut().zip([0, 128]) {
            let (from, to) = (*range.start().max(&first), *range.end().min(&(first + 127)));
            if from <= to {
                *half |= u128::MAX >> (127 - (to - from)) << (from - first);
            }
        }
    }

    /// Whether a byte is in it.
    #[cfg(test)]
    pub fn holds(self, byte: u8) -> bool {
        self.0[usize::from(byte >> 7)] >> (byte & 127) & 1 == 1
    }

    /// What is in it, rising.
    pub fn bytes(self) -> impl Iterator<Item = u8> {
        self.0.into_iter().zip([0, 128]).flat_map(|(mut half, first)| {
            std::iter::from_fn(move || {
                let bit = u8::try_from(half.trailing_zeros()).unwrap_or(128);
                half &= half.checked_sub(1)?;
                Some(first + bit)
            })
        })
    }

    /// What is in either.
    pub fn and(self, other: Set) -> Set {
        Set([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    /// Whether all of it is in another.
    pub fn is_in(self, other: Set) -> bool {
        (self.0[0] & !other.0[0]) | (self.0[1] & !other.0[1]) == 0
    }

    /// The signs of ASCII in it, and what else is in it.
    pub fn signs_and_others(self) -> (Set, Set) {
        let [ascii, beyond] = self.0;
        (Set([ascii & !ALPHANUMERIC, 0]), Set([ascii & ALPHANUMERIC, beyond]))
    }

    /// Whether it holds none.
    pub fn is_empty(self) -> bool {
        self == Set::default()
    }

    /// The same set, with all first bytes of characters beyond ASCII if it has one of them, and all others alike.
    pub fn beyond_as_two(self) -> Set {
        const OTHERS: u128 = u64::MAX as u128;
        let with = |all: u128| if self.0[1] & all == 0 { 0 } else { all };
        Set([self.0[0], with(OTHERS) | with(!OTHERS)])
    }

    /// About which part of each usual text is made of these bytes: of running text or code, and of tables.
    pub fn shares(self) -> [f64; TEXTS] {
        const LETTERS: u64 = 0x07FF_FFFE;
        const DIGITS: u64 = 0x03FF << b'0';
        let [ascii, beyond] = self.0;
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let (lower, upper) = (ascii as u64, (ascii >> 64) as u64);
        let count = |half: u64, sort: u64| f64::from((half & sort).count_ones());
        let small = count(upper, LETTERS << 32);
        let capital = count(upper, LETTERS);
        let digits = count(lower, DIGITS);
        let blank = count(lower, 1 << b' ');
        let newline = count(lower, 1 << b'\n');
        let signs =
            count(lower, !DIGITS) + count(upper, !(LETTERS << 32 | LETTERS)) - blank - newline;
        let beyond = f64::from(beyond.count_ones());
        let rare = 0.003 * capital + 0.0003 * beyond;
        [
            0.021 * small + 0.006 * digits + 0.15 * blank + 0.03 * newline + 0.003 * signs + rare,
            0.012 * small + 0.04 * digits + 0.03 * blank + 0.015 * newline + 0.006 * signs + rare,
        ]
    }

    fn all() -> Set {
        Set([u128::MAX; 2])
    }

    /// All but letters and digits of ASCII.
    fn no_word() -> Set {
        Set([!ALPHANUMERIC, u128::MAX])
    }

    /// Whether both hold a byte.
    fn meets(self, other: Set) -> bool {
        (self.0[0] & other.0[0]) | (self.0[1] & other.0[1]) != 0
    }

    fn remove(&mut self, byte: u8) {
        self.0[usize::from(byte >> 7)] &= !(1 << (byte & 127));
    }
}

/// What each of the first bytes can be.
pub type Sets = [Set; DEPTH];

/// What matches can begin with.
#[derive(Clone, Copy, PartialEq)]
pub struct Beginning {
    /// What each of their first bytes can be.
    pub sets: Sets,
    /// What else they have near their start.
    pub near: Near,
}

/// What all matches of a pattern have near their start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Near {
    /// Nothing that is looked for.
    Nothing,
    /// A digit.
    Digit,
    /// A blank behind the first word, and another word.
    Word,
}

/// What matches of these patterns can begin with; each comes with whether they have a digit near their start.
/// Patterns are taken apart into alternatives, because each of them tells more alone than all together; where
/// there would be too many, those that let through least stay whole.
pub fn beginnings<'h>(patterns: impl Iterator<Item = (bool, &'h Hir)>) -> Vec<Beginning> {
    let mut all = Vec::new();
    let mut wholes: Vec<Whole> =
        patterns.map(|(digit, hir)| Whole::new(digit, hir, &mut all)).collect();
    // What stays whole first comes last.
    wholes.sort_by(|a, b| b.through.total_cmp(&a.through));
    // How many patterns ask for each beginning.
    let mut asked = vec![0u32; all.len()];
    wholes.iter().flat_map(|whole| &whole.parts).for_each(|part| asked[*part] += 1);
    for whole in wholes.iter().rev() {
        if asked.iter().filter(|times| **times > 0).count() <= KINDS {
            break;
        }
        whole.parts.iter().for_each(|part| asked[*part] -= 1);
        asked[whole.all] += 1;
    }
    let chosen = all.into_iter().zip(asked).filter(|(_, times)| *times > 0);
    let chosen: Vec<Beginning> = chosen.map(|(beginning, _)| beginning).collect();
    if chosen.len() <= KINDS { chosen } else { shared(chosen) }
}

/// A pattern's beginning and those of its alternatives, by their numbers.
struct Whole {
    all: usize,
    parts: Vec<usize>,
    /// About which part of a usual text it lets through.
    through: f64,
}

impl Whole {
    fn new(digit: bool, hir: &Hir, beginnings: &mut Vec<Beginning>) -> Whole {
        let mut number = |parts: &[Part<'_>]| {
            let near = match digit {
                true => Near::Digit,
                false if words::begins_with_two(parts) => Near::Word,
                false => Near::Nothing,
            };
            let beginning = Beginning { sets: sets(parts), near };
            let known = beginnings.iter().position(|b| *b == beginning);
            known.unwrap_or_else(|| {
                beginnings.push(beginning);
                beginnings.len() - 1
            })
        };
        let parts = alternatives(hir).iter().map(|parts| number(parts)).collect();
        let all = number(&[Part::once(hir)]);
        let through = beginnings[all].sets.iter().map(|s| s.shares()[0]).product();
        Whole { all, parts, through }
    }
}

/// Few enough beginnings: of those with the same near, every so many share one.
fn shared(beginnings: Vec<Beginning>) -> Vec<Beginning> {
    let mut few: Vec<Beginning> = Vec::new();
    for near in [Near::Nothing, Near::Digit, Near::Word] {
        let from = few.len();
        for (number, b) in beginnings.iter().filter(|b| b.near == near).enumerate() {
            match few.get_mut(from + number % (KINDS / 3)) {
                Some(first) => first.sets = std::array::from_fn(|i| first.sets[i].and(b.sets[i])),
                None => few.push(*b),
            }
        }
    }
    few
}

/// A part of a pattern: an expression, so many times.
#[derive(Clone, Copy)]
struct Part<'h> {
    sub: &'h Hir,
    min: u32,
    max: Option<u32>,
}

impl<'h> Part<'h> {
    fn once(sub: &'h Hir) -> Part<'h> {
        Part { sub, min: 1, max: Some(1) }
    }

    fn of(repetition: &'h Repetition) -> Part<'h> {
        Part { sub: &repetition.sub, min: repetition.min, max: repetition.max }
    }
}

/// A pattern as several, of which one matches where it does: each as what stands there one behind the other. Long
/// lists of words stay whole: their words are alike.
fn alternatives(hir: &Hir) -> Vec<Vec<Part<'_>>> {
    let list: Vec<Vec<Part<'_>>> = match hir.kind() {
        HirKind::Capture(capture) => alternatives(&capture.sub),
        HirKind::Alternation(list) => list.iter().flat_map(alternatives).collect(),
        HirKind::Repetition(r) if r.min == 0 && r.max == Some(1) => {
            alternatives(&r.sub).into_iter().chain([Vec::new()]).collect()
        }
        // A few of the same: so many, or so many.
        HirKind::Repetition(r) if r.min > 0 && matches!(r.sub.kind(), HirKind::Class(_)) => {
            let times = |n| vec![Part { sub: &r.sub, min: n, max: Some(n) }];
            (r.min..=r.max.unwrap_or(u32::MAX)).take(FEW + 1).map(times).collect()
        }
        // Something once, and then again.
        HirKind::Repetition(r) if r.min > 0 && r.max.is_some_and(|max| max > 1) => {
            let more = Part { min: r.min - 1, max: r.max.map(|max| max - 1), ..Part::of(r) };
            before(&r.sub, std::iter::once(more))
        }
        HirKind::Concat(list) => before(&list[0], list[1..].iter().map(Part::once)),
        _ => Vec::new(),
    };
    let few = match hir.kind() {
        HirKind::Repetition(r) if r.min > 0 => FEW,
        _ => ALTERNATIVES,
    };
    if (1..=few).contains(&list.len()) { list } else { vec![vec![Part::once(hir)]] }
}

/// The alternatives of an expression, each with what stands behind it.
fn before<'h>(first: &'h Hir, rest: impl Iterator<Item = Part<'h>> + Clone) -> Vec<Vec<Part<'h>>> {
    let mut list = alternatives(first);
    list.iter_mut().for_each(|parts| parts.extend(rest.clone()));
    list
}

fn sets(parts: &[Part<'_>]) -> Sets {
    let mut sets = [Set::default(); DEPTH];
    let spread = |at, part: &Part<'_>| spread_part(*part, at, &mut sets);
    let ends = parts.iter().fold(Places::start(), spread);
    // A match that ends in a letter or digit has none behind it; what comes then can be anything.
    let next = if end_in_word(parts) { Set::no_word() } else { Set::all() };
    for at in ends.inside() {
        sets[at] = sets[at].and(next);
        sets[at + 1..].iter_mut().for_each(|set| *set = Set::all());
    }
    // No match starts with the mark between cells.
    sets[0].remove(CELL_END);
    sets
}

/// Whether every match of parts one behind the other ends in a letter or digit of ASCII.
fn end_in_word(parts: &[Part<'_>]) -> bool {
    let is_there = |part: &Part<'_>| part.min > 0 && part.sub.properties().minimum_len() != Some(0);
    let last = parts.iter().rposition(is_there);
    last.is_some_and(|last| parts[last..].iter().all(|part| ends_in_word(part.sub)))
}

/// Whether every match ends in a letter or digit of ASCII.
fn ends_in_word(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(l) => l.0.last().is_some_and(u8::is_ascii_alphanumeric),
        HirKind::Class(Class::Bytes(c)) => {
            c.iter().all(|r| (r.start()..=r.end()).all(|b| b.is_ascii_alphanumeric()))
        }
        HirKind::Capture(c) => ends_in_word(&c.sub),
        HirKind::Repetition(r) => ends_in_word(&r.sub),
        HirKind::Alternation(list) => list.iter().all(ends_in_word),
        HirKind::Concat(list) => {
            let last = list.iter().rposition(|h| h.properties().minimum_len() != Some(0));
            last.is_some_and(|last| list[last..].iter().all(ends_in_word))
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Unicode(_)) => false,
    }
}

/// Places within a match: bit `i` is the place before byte `i`, bit `DEPTH` any place from there on.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Places(u32);

impl Places {
    fn start() -> Places {
        Places(1)
    }

    fn none() -> Places {
        Places(0)
    }

    fn and(self, other: Places) -> Places {
        Places(self.0 | other.0)
    }

    /// So many bytes further on.
    fn after(self, bytes: usize) -> Places {
        const FAR: u32 = 1 << DEPTH;
        let moved = self.0 << bytes.min(DEPTH);
        Places(moved & (FAR - 1) | if moved >= FAR { FAR } else { 0 })
    }

    /// The places that bytes are looked at.
    fn inside(self) -> impl Iterator<Item = usize> {
        (0..DEPTH).filter(move |at| self.0 >> at & 1 == 1)
    }
}

/// Adds what an expression that starts at these places can hold there; gives where it can end.
fn spread(hir: &Hir, from: Places, sets: &mut Sets) -> Places {
    if from.inside().next().is_none() {
        return from;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => from,
        HirKind::Literal(literal) => {
            for at in from.inside() {
                sets[at..].iter_mut().zip(&literal.0).for_each(|(set, b)| set.add(*b..=*b));
            }
            from.after(literal.0.len())
        }
        HirKind::Class(class) => spread_class(class, from, sets),
        HirKind::Capture(capture) => spread(&capture.sub, from, sets),
        HirKind::Concat(list) => list.iter().fold(from, |at, part| spread(part, at, sets)),
        HirKind::Alternation(list) => {
            list.iter().fold(Places::none(), |ends, part| ends.and(spread(part, from, sets)))
        }
        HirKind::Repetition(repetition) => spread_part(Part::of(repetition), from, sets),
    }
}

/// As [`spread`], so many times.
fn spread_part(part: Part<'_>, from: Places, sets: &mut Sets) -> Places {
    let mut at = from;
    for _ in 0..part.min {
        at = spread(part.sub, at, sets);
    }
    let mut ends = at;
    for _ in 0..part.max.map_or(u32::MAX, |max| max - part.min) {
        at = spread(part.sub, at, sets);
        if at.and(ends) == ends {
            break;
        }
        ends = ends.and(at);
    }
    ends
}

fn spread_class(class: &Class, from: Places, sets: &mut Sets) -> Places {
    match class {
        Class::Bytes(class) => {
            let bytes = Set::of(class.iter().map(|range| range.start()..=range.end()));
            from.inside().for_each(|at| sets[at] = sets[at].and(bytes));
            if bytes.is_empty() { Places::none() } else { from.after(1) }
        }
        Class::Unicode(class) => spread_characters(class, from, sets),
    }
}

fn spread_characters(class: &ClassUnicode, from: Places, sets: &mut Sets) -> Places {
    let mut ends = Places::none();
    let mut add = |at: usize, range: std::ops::RangeInclusive<u8>| {
        if let Some(set) = sets.get_mut(at) {
            set.add(range);
        }
    };
    for range in class.iter() {
        if let Ok(first @ ..128) = u8::try_from(range.start()) {
            let last = u8::try_from(range.end()).unwrap_or(127).min(127);
            from.inside().for_each(|at| add(at, first..=last));
            ends = ends.and(from.after(1));
        }
        for length in range.start().len_utf8().max(2)..=range.end().len_utf8() {
            for at in from.inside() {
                (at..at + length).for_each(|at| add(at, 128..=255));
            }
            ends = ends.and(from.after(length));
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::engine::parse;
    use proptest::prelude::*;

    /// Whether one of them may start at `at`; behind the text's end it is as if the mark between cells stood there.
    fn alive(beginnings: &[Beginning], text: &str, at: usize) -> bool {
        let text = text.as_bytes()[at..].iter().chain(&[CELL_END; DEPTH]);
        let holds = |b: &Beginning| b.sets.iter().zip(text.clone()).all(|(set, b)| set.holds(*b));
        beginnings.iter().any(holds)
    }

    #[test]
    fn only_what_can_start_here_is_alive() {
        let heads = [r"\d{6}[ -]?\d{5}", r"[A-Z]{2}\d{2}", r"(ab|c)d?e"].map(|pattern| {
            let hir = parse(pattern).unwrap();
            beginnings([(false, &hir)].into_iter())
        });
        for (text, expected) in [
            ("010101-12345", &[0][..]),
            ("010101x", &[]),
            ("NO12 etc", &[1]),
            ("NO123 etc", &[]),
            ("NOx2 etc", &[]),
            ("abe ....", &[2]),
            ("cde ....", &[2]),
            ("ce", &[2]),
            ("cef", &[]),
            ("cf", &[]),
            ("NO12", &[1]),
            ("NO", &[]),
        ] {
            let alive: Vec<usize> = (0..3).filter(|i| alive(&heads[*i], text, 0)).collect();
            assert_eq!(alive, expected, "{text}");
        }
    }

    /// Patterns of the constructs that detectors are written with.
    fn pattern() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just(r"\d".to_owned()),
            Just("[a-cA]".to_owned()),
            Just("ab".to_owned()),
            Just("[^a1]".to_owned()),
            Just("(?u:[aå-ø])".to_owned()),
            Just(r"\b".to_owned()),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                (inner.clone(), 0..3u32, 0..4u32)
                    .prop_map(|(p, min, more)| format!("(?:{p}){{{min},{}}}", min + more)),
                proptest::collection::vec(inner.clone(), 1..4).prop_map(|list| list.concat()),
                proptest::collection::vec(inner, 1..4)
                    .prop_map(|list| format!("(?:{})", list.join("|"))),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_pattern_that_matches_is_alive(pattern in pattern(), text in "[abcA1 åæø]{0,14}") {
            let pattern = format!("(?:{pattern})[a1]");
            if let Ok(hir) = parse(&pattern) {
                let heads = beginnings([(true, &hir)].into_iter());
                let regex = regex_automata::meta::Regex::builder()
                    .configure(regex_automata::meta::Config::new().utf8_empty(false))
                    .build_from_hir(&hir)
                    .unwrap();
                for at in 0..text.len() {
                    let input = regex_automata::Input::new(&text)
                        .range(at..)
                        .anchored(regex_automata::Anchored::Yes);
                    let whole = |end: usize| {
                        let word = |i: usize| text.as_bytes().get(i).is_some_and(u8::is_ascii_alphanumeric);
                        !(word(end - 1) && word(end))
                    };
                    if regex.search(&input).is_some_and(|m| whole(m.end())) {
                        prop_assert!(alive(&heads, &text, at), "{} at {}", pattern, at);
                    }
                }
            }
        }
    }
}
