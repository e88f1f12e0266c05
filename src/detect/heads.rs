//! Heads: which patterns can start at a place, told from the next few bytes alone. Everything is derived from
//! the patterns: for each of the first bytes of a match, what it can be. The answer never leaves out a
//! pattern that matches; it spares the automaton most places where none does.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::unit::CELL_END;

/// How many bytes are looked at.
const DEPTH: usize = 8;
/// Patterns that are told apart; more share.
const KINDS: usize = 128;

/// For each of the first bytes of a match and each value that it can have, the patterns that allow it.
pub struct Heads(Box<[[u128; 256]; DEPTH]>);

/// What each of the first bytes can be.
type Sets = [[bool; 256]; DEPTH];

impl Heads {
    /// The heads of these patterns; bit `i % 128` of an answer stands for pattern `i`.
    pub fn new<'h>(patterns: impl Iterator<Item = &'h Hir>) -> Heads {
        let mut table = Box::new([[0; 256]; DEPTH]);
        for (number, hir) in patterns.enumerate() {
            let bit = 1 << (number % KINDS);
            for (row, set) in table.iter_mut().zip(sets(hir)) {
                row.iter_mut()
                    .zip(set)
                    .for_each(|(kinds, can)| *kinds |= if can { bit } else { 0 });
            }
        }
        // No match starts with the mark between cells.
        table[0][CELL_END as usize] = 0;
        Heads(table)
    }

    /// For each byte, the patterns of which a match may start with it.
    pub fn first(&self) -> &[u128; 256] {
        &self.0[0]
    }

    /// The patterns of which a match may start at `at`. Where the text ends, any may.
    pub fn alive(&self, text: &[u8], at: usize) -> u128 {
        let mut alive = u128::MAX;
        for (row, byte) in self.0.iter().zip(&text[at..]) {
            alive &= row[*byte as usize];
            if alive == 0 {
                break;
            }
        }
        alive
    }
}

/// The bits of the answer that stand for these patterns.
pub fn bits(numbers: std::ops::Range<usize>) -> u128 {
    numbers.fold(0, |bits, number| bits | 1 << (number % KINDS))
}

fn sets(hir: &Hir) -> Sets {
    let mut sets = [[false; 256]; DEPTH];
    let ends = spread(hir, Places::start(), &mut sets);
    // What stands behind a match that ends early can be anything.
    for at in ends.inside() {
        sets[at..].iter_mut().for_each(|set| set.fill(true));
    }
    sets
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
                sets[at..].iter_mut().zip(&literal.0).for_each(|(set, b)| set[*b as usize] = true);
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
            for _ in 0..=more {
                ends = ends.and(at);
                let next = spread(&repetition.sub, at, sets);
                if next.and(ends) == ends {
                    break;
                }
                at = next;
            }
            ends
        }
    }
}

fn spread_class(class: &Class, from: Places, sets: &mut Sets) -> Places {
    let mut ends = Places::none();
    let mut add = |at: usize, range: std::ops::RangeInclusive<usize>| {
        if let Some(set) = sets.get_mut(at) {
            set[range].fill(true);
        }
    };
    match class {
        Class::Bytes(class) => {
            for range in class.iter() {
                from.inside().for_each(|at| add(at, range.start() as usize..=range.end() as usize));
                ends = ends.and(from.after(1));
            }
        }
        Class::Unicode(class) => {
            for range in class.iter() {
                let (first, last) = (range.start() as usize, range.end() as usize);
                if first < 128 {
                    from.inside().for_each(|at| add(at, first..=last.min(127)));
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
        Heads::new(hirs.iter())
    }

    #[test]
    fn only_what_can_start_here_is_alive() {
        let heads = heads(&[r"\d{6}[ -]?\d{5}", r"[A-Z]{2}\d{2}", r"(ab|c)d?e"]);
        for (text, alive) in [
            ("010101-12345", 0b001),
            ("010101x", 0b000),
            ("NO12 etc", 0b010),
            ("NOx2 etc", 0b000),
            ("abe ....", 0b100),
            ("cde ....", 0b100),
            ("ce", 0b100),
            ("cf", 0b000),
        ] {
            assert_eq!(heads.alive(text.as_bytes(), 0) & 0b111, alive, "{text}");
        }
        assert_ne!(heads.alive(b"NO", 0) & 0b010, 0, "where the text ends, nothing is ruled out");
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
                let heads = Heads::new([&hir].into_iter());
                let regex = regex_automata::meta::Regex::builder()
                    .configure(regex_automata::meta::Config::new().utf8_empty(false))
                    .build_from_hir(&hir)
                    .unwrap();
                for at in 0..text.len() {
                    let input = regex_automata::Input::new(&text)
                        .range(at..)
                        .anchored(regex_automata::Anchored::Yes);
                    if regex.search(&input).is_some() {
                        prop_assert_eq!(heads.alive(text.as_bytes(), at) & 1, 1, "{} at {}", pattern, at);
                    }
                }
            }
        }
    }
}
