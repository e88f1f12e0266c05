//! Heads: which patterns can start at a place, told from the next few bytes alone. Everything is derived from
//! the patterns: for each of the first bytes of a match, what it can be. The answer never leaves out a
//! pattern that matches; it spares the automaton most places where none does.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::starts::is_sign;
use crate::unit::CELL_END;

/// How many bytes are looked at.
const DEPTH: usize = 16;
/// Beginnings that are told apart: the bits of an answer.
const KINDS: usize = 128;
/// Into how many a pattern, or a part of it, is taken apart.
const ALTERNATIVES: usize = 16;
/// Into how many a part is that is there so many times or so many.
const FEW: usize = 5;
/// Classes of bytes that are told apart; the last of them holds what is left.
const CLASSES: usize = 128;
/// What most words are made of.
const LETTER: u8 = b'e';

/// For each of the first bytes of a match and each value that it can have, the beginnings that allow it.
pub struct Heads {
    /// Bytes that no beginning tells apart are one class.
    classes: [u8; 256],
    /// The beginnings that allow a class at a place; the places that tell most come first.
    rows: Vec<Row>,
    /// What a match can begin with, and the group of its pattern.
    beginnings: Vec<(Sets, usize)>,
}

/// How far from the start, and per class the beginnings that allow it there.
struct Row {
    place: usize,
    kinds: [u128; CLASSES],
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Set([u128; 2]);

impl Set {
    /// Adds a range.
    pub fn add(&mut self, range: std::ops::RangeInclusive<u8>) {
        range.for_each(|b| self.0[usize::from(b >> 7)] |= 1 << (b & 127));
    }

    /// Whether a byte is in it.
    pub fn holds(self, byte: u8) -> bool {
        self.0[usize::from(byte >> 7)] >> (byte & 127) & 1 == 1
    }

    /// What is in either.
    pub fn and(self, other: Set) -> Set {
        Set([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    /// The signs of ASCII in it, and what else is in it.
    pub fn signs_and_others(self) -> (Set, Set) {
        let mut signs = Set::default();
        (0..128).filter(|b| is_sign(*b) && self.holds(*b)).for_each(|b| signs.add(b..=b));
        (signs, Set([self.0[0] & !signs.0[0], self.0[1]]))
    }

    /// Whether it holds none.
    pub fn is_empty(self) -> bool {
        self == Set::default()
    }

    /// The bytes that have one of these low halves and one of these high halves.
    pub fn of_halves(low: u16, high: u16) -> Set {
        let half = |from: u16| {
            let high = (0..8).filter(|h| high >> (from + h) & 1 == 1);
            high.fold(0, |set, h| set | u128::from(low) << (16 * h))
        };
        Set([half(0), half(8)])
    }

    /// About which part of a usual text or code is made of these bytes.
    pub fn share(self) -> f64 {
        /// Sorts of bytes below 128, and how much of a text one of each makes up.
        const USUAL: [(u128, f64); 5] = [
            (0x07FF_FFFE << 96, 0.021),
            (0x07FF_FFFE << 64, 0.003),
            (0x03FF << 48, 0.006),
            (1 << b' ', 0.15),
            (1 << b'\n', 0.03),
        ];
        const SIGN: f64 = 0.003;
        const BEYOND: f64 = 0.0003;
        let part = |set: u128, each: f64| f64::from(set.count_ones()) * each;
        let told = USUAL.iter().map(|(sort, each)| part(self.0[0] & sort, *each)).sum::<f64>();
        let other = USUAL.iter().fold(self.0[0], |set, (sort, _)| set & !sort);
        told + part(other, SIGN) + part(self.0[1], BEYOND)
    }

    fn all() -> Set {
        Set([u128::MAX; 2])
    }

    /// All but letters and digits of ASCII.
    fn no_word() -> Set {
        let mut set = Set::all();
        (0..128u8).filter(u8::is_ascii_alphanumeric).for_each(|b| set.remove(b));
        set
    }

    fn remove(&mut self, byte: u8) {
        self.0[usize::from(byte >> 7)] &= !(1 << (byte & 127));
    }
}

/// What each of the first bytes can be.
type Sets = [Set; DEPTH];

impl Heads {
    /// The heads of these patterns, each with the number of its group.
    pub fn new<'h>(patterns: impl Iterator<Item = (usize, &'h Hir)>) -> Heads {
        let beginnings = beginnings(patterns);
        let classes = classes(beginnings.iter().flat_map(|b| &b.0));
        let row = |place: usize| {
            let mut kinds = [0; CLASSES];
            for (number, (sets, _)) in beginnings.iter().enumerate() {
                for byte in (0..=255).filter(|b| sets[place].holds(*b)) {
                    kinds[usize::from(classes[usize::from(byte)])] |= 1 << number;
                }
            }
            Row { place, kinds }
        };
        let letter = usize::from(classes[usize::from(LETTER)]);
        let rows = telling_first((0..DEPTH).map(row).collect(), |r| r.kinds[letter]);
        Heads { classes, rows, beginnings }
    }

    /// The bits of an answer that stand for a group.
    pub fn of_group(&self, group: usize) -> u128 {
        let of_group = self.beginnings.iter().map(|b| u128::from(b.1 == group));
        of_group.enumerate().fold(0, |bits, (number, is)| bits | is << number)
    }

    /// The places that tell most, and for each beginning what it can hold at all places, and its group.
    pub fn beginnings(
        &self,
    ) -> (impl Iterator<Item = usize>, impl Iterator<Item = (&[Set], usize)>) {
        let places = self.rows.iter().map(|r| r.place);
        (places, self.beginnings.iter().map(|b| (b.0.as_slice(), b.1)))
    }

    /// The beginnings of which one may stand at `at`. Where the text ends, any may.
    pub fn alive(&self, text: &[u8], at: usize) -> u128 {
        let text = &text[at..];
        let mut alive = u128::MAX;
        for row in &self.rows {
            let Some(byte) = text.get(row.place) else { continue };
            alive &= row.kinds[usize::from(self.classes[usize::from(*byte)]) % CLASSES];
            if alive == 0 {
                break;
            }
        }
        alive
    }
}

/// The first place, then again and again the one that leaves the fewest patterns where a word stands: most
/// of what is searched are words, and no pattern is looked for in them.
fn telling_first(mut rows: Vec<Row>, of_words: impl Fn(&Row) -> u128) -> Vec<Row> {
    let mut alive = of_words(&rows[0]);
    for next in 1..rows.len() {
        let left = |row: &Row| ((alive & of_words(row)).count_ones(), row.place);
        if let Some(best) = (next..rows.len()).min_by_key(|i| left(&rows[*i])) {
            alive &= of_words(&rows[best]);
            rows[next..=best].rotate_right(1);
        }
    }
    rows
}

/// The class of each byte, by what the sets tell apart.
fn classes<'s>(sets: impl Iterator<Item = &'s Set>) -> [u8; 256] {
    let mut edges = [false; 256];
    for set in sets {
        for byte in 1..=255 {
            edges[usize::from(byte)] |= set.holds(byte) != set.holds(byte - 1);
        }
    }
    let (mut classes, mut class) = ([0; 256], 0);
    for byte in 1..256 {
        class = (class + usize::from(edges[byte])).min(CLASSES - 1);
        classes[byte] = u8::try_from(class).unwrap_or(0);
    }
    classes
}

/// What matches can begin with. Patterns are taken apart into alternatives, because each of them tells more
/// alone than all together; where there would be too many, those that let through least stay whole.
fn beginnings<'h>(patterns: impl Iterator<Item = (usize, &'h Hir)>) -> Vec<(Sets, usize)> {
    let mut all = Vec::new();
    let mut wholes: Vec<Whole> =
        patterns.map(|(group, hir)| Whole::new(group, hir, &mut all)).collect();
    // What stays whole first comes last.
    wholes.sort_by(|a, b| b.through.total_cmp(&a.through));
    let mut chosen = Vec::new();
    for apart in (0..=wholes.len()).rev() {
        chosen.clear();
        for (i, whole) in wholes.iter().enumerate() {
            let parts = if i < apart { &whole.parts[..] } else { std::slice::from_ref(&whole.all) };
            chosen.extend_from_slice(parts);
        }
        chosen.sort_unstable();
        chosen.dedup();
        if chosen.len() <= KINDS {
            break;
        }
    }
    let chosen: Vec<(Sets, usize)> = chosen.iter().map(|number| all[*number]).collect();
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
    fn new(group: usize, hir: &Hir, beginnings: &mut Vec<(Sets, usize)>) -> Whole {
        let mut number = |sets: Sets| {
            let known = beginnings.iter().position(|b| b.1 == group && b.0 == sets);
            known.unwrap_or_else(|| {
                beginnings.push((sets, group));
                beginnings.len() - 1
            })
        };
        let whole = sets(hir);
        let parts = alternatives(hir).iter().map(|part| number(sets(part))).collect();
        let through = whole.iter().map(|s| s.share()).product();
        Whole { all: number(whole), parts, through }
    }
}

/// So few beginnings that each has a bit: of one group, every so many share one.
fn shared(beginnings: Vec<(Sets, usize)>) -> Vec<(Sets, usize)> {
    let groups = 1 + beginnings.iter().map(|b| b.1).max().unwrap_or(0);
    let mut few: Vec<(Sets, usize)> = Vec::new();
    for group in 0..groups {
        let from = few.len();
        for (number, (sets, _)) in beginnings.iter().filter(|b| b.1 == group).enumerate() {
            match few.get_mut(from + number % (KINDS / groups)) {
                Some(first) => first.0 = std::array::from_fn(|i| first.0[i].and(sets[i])),
                None => few.push((*sets, group)),
            }
        }
    }
    few
}

/// A pattern as several, of which one matches where it does. Long lists of words stay whole: their words
/// are alike.
fn alternatives(hir: &Hir) -> Vec<Hir> {
    let list: Vec<Hir> = match hir.kind() {
        HirKind::Capture(capture) => alternatives(&capture.sub),
        HirKind::Alternation(list) => list.iter().flat_map(alternatives).collect(),
        HirKind::Repetition(r) if r.min == 0 && r.max == Some(1) => {
            alternatives(&r.sub).into_iter().chain([Hir::empty()]).collect()
        }
        // A few of the same: so many, or so many.
        HirKind::Repetition(r) if r.min > 0 && matches!(r.sub.kind(), HirKind::Class(_)) => {
            let times = |n| Hir::repetition(Repetition { min: n, max: Some(n), ..r.clone() });
            (r.min..=r.max.unwrap_or(u32::MAX)).take(FEW + 1).map(times).collect()
        }
        // Something once, and then again.
        HirKind::Repetition(r) if r.min > 0 && r.max.is_some_and(|max| max > 1) => {
            let more = Repetition { min: r.min - 1, max: r.max.map(|max| max - 1), ..r.clone() };
            alternatives(&Hir::concat(vec![(*r.sub).clone(), Hir::repetition(more)]))
        }
        HirKind::Concat(list) => {
            let (first, rest) = list.split_at(1);
            let behind = |first: Hir| Hir::concat([&[first][..], rest].concat());
            alternatives(&first[0]).into_iter().map(behind).collect()
        }
        _ => Vec::new(),
    };
    let few = match hir.kind() {
        HirKind::Repetition(r) if r.min > 0 => FEW,
        _ => ALTERNATIVES,
    };
    if (1..=few).contains(&list.len()) { list } else { vec![hir.clone()] }
}

fn sets(hir: &Hir) -> Sets {
    let mut sets = [Set::default(); DEPTH];
    let ends = spread(hir, Places::start(), &mut sets);
    // A match that ends in a letter or digit has none behind it; what comes then can be anything.
    let next = if ends_in_word(hir) { Set::no_word() } else { Set::all() };
    for at in ends.inside() {
        sets[at] = sets[at].and(next);
        sets[at + 1..].iter_mut().for_each(|set| *set = Set::all());
    }
    // No match starts with the mark between cells.
    sets[0].remove(CELL_END);
    sets
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
        let far = |at: usize| 1 << (at + bytes).min(DEPTH);
        Places((0..=DEPTH).filter(|at| self.0 >> at & 1 == 1).fold(0, |all, at| all | far(at)))
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
        HirKind::Repetition(repetition) => {
            let (mut at, mut ends) = (from, Places::none());
            for _ in 0..repetition.min {
                at = spread(&repetition.sub, at, sets);
            }
            let more = repetition.max.map_or(u32::MAX, |max| max - repetition.min);
            ends = ends.and(at);
            for _ in 0..more {
                at = spread(&repetition.sub, at, sets);
                if at.and(ends) == ends {
                    break;
                }
                ends = ends.and(at);
            }
            ends
        }
    }
}

fn spread_class(class: &Class, from: Places, sets: &mut Sets) -> Places {
    let mut ends = Places::none();
    let mut add = |at: usize, range: std::ops::RangeInclusive<u8>| {
        if let Some(set) = sets.get_mut(at) {
            set.add(range);
        }
    };
    match class {
        Class::Bytes(class) => {
            for range in class.iter() {
                from.inside().for_each(|at| add(at, range.start()..=range.end()));
                ends = ends.and(from.after(1));
            }
        }
        Class::Unicode(class) => {
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
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::engine::parse;
    use proptest::prelude::*;

    fn heads(patterns: &[&str]) -> Heads {
        let hirs: Vec<Hir> = patterns.iter().map(|p| parse(p).unwrap()).collect();
        Heads::new(hirs.iter().enumerate())
    }

    /// The patterns that may start at `at`.
    fn alive(heads: &Heads, text: &str, at: usize) -> Vec<usize> {
        let alive = heads.alive(text.as_bytes(), at);
        (0..8).filter(|group| alive & heads.of_group(*group) != 0).collect()
    }

    #[test]
    fn only_what_can_start_here_is_alive() {
        let heads = heads(&[r"\d{6}[ -]?\d{5}", r"[A-Z]{2}\d{2}", r"(ab|c)d?e"]);
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
            // Where the text ends, nothing is ruled out.
            ("NO", &[1]),
        ] {
            assert_eq!(alive(&heads, text, 0), expected, "{text}");
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
                let heads = Heads::new([(0, &hir)].into_iter());
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
                        prop_assert_eq!(alive(&heads, &text, at), [0], "{} at {}", pattern, at);
                    }
                }
            }
        }
    }
}
