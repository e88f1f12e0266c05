//! Words: whether every match of a pattern begins with a word, a blank and the next word, as names do. Where no
//! blank stands behind a word, such a pattern need not be looked for.

use regex_syntax::hir::{Class, Hir, HirKind, Literal};

use super::{ALPHANUMERIC, Part, Set};

/// Longest word that is told, in bytes.
pub const LONGEST_WORD: usize = 60;

/// Whether a byte joins the parts of a word.
pub fn is_joint(byte: u8) -> bool {
    JOINTS.contains(&byte)
}

const JOINTS: [u8; 3] = *b"'-.";

/// The bytes that can stand in a word.
const IN_WORD: Set = {
    let [a, b, c] = JOINTS;
    Set([ALPHANUMERIC | 1 << a | 1 << b | 1 << c, u128::MAX])
};
const BLANKS: Set = Set([1 << b' ', 0]);
const OTHERS: Set = Set([!(IN_WORD.0[0] | BLANKS.0[0]), 0]);

/// Whether every match of parts one behind the other begins with a word, a blank and the next word.
pub(super) fn begins_with_two(parts: &[Part<'_>]) -> bool {
    let ends = parts.iter().fold(Progress::START, |at, part| at.through_part(*part));
    ends.longest <= LONGEST_WORD && ends.states == Progress::NEXT
}

/// How far matches can be: a set of states, and how long the first word can be.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Progress {
    states: u8,
    longest: usize,
}

impl Progress {
    /// Within the first word, behind the blank, within the next word; or it is none of these.
    const WORD: u8 = 1;
    const BLANK: u8 = 2;
    const NEXT: u8 = 4;
    const OTHER: u8 = 8;
    const START: Progress = Progress { states: Progress::WORD, longest: 0 };
    const NONE: Progress = Progress { states: 0, longest: 0 };

    fn or(self, other: Progress) -> Progress {
        let longest = self.longest.max(other.longest);
        Progress { states: self.states | other.states, longest }
    }

    fn has(self, state: u8) -> bool {
        self.states & state != 0
    }

    /// Whether nothing that comes changes what is told.
    fn is_settled(self) -> bool {
        self.has(Progress::OTHER) || self.states == Progress::NEXT
    }

    /// Behind an expression.
    fn through(self, hir: &Hir) -> Progress {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => self,
            _ if self.is_settled() => self,
            HirKind::Literal(Literal(bytes)) => {
                bytes.iter().fold(self, |at, byte| at.step(Set::of([*byte..=*byte])))
            }
            HirKind::Class(class) => over(class)(self),
            HirKind::Capture(capture) => self.through(&capture.sub),
            HirKind::Concat(list) => list.iter().fold(self, |at, part| at.through(part)),
            HirKind::Alternation(list) => {
                list.iter().fold(Progress::NONE, |ends, part| ends.or(self.through(part)))
            }
            HirKind::Repetition(repetition) => self.through_part(Part::of(repetition)),
        }
    }

    /// Behind an expression, so many times.
    fn through_part(self, part: Part<'_>) -> Progress {
        match part.sub.kind() {
            _ if self.is_settled() => self,
            HirKind::Class(class) => self.times(part, over(class)),
            _ => self.times(part, |at| at.through(part.sub)),
        }
    }

    /// Behind as many steps as a part may have.
    fn times(self, part: Part<'_>, step: impl Fn(Progress) -> Progress) -> Progress {
        let (mut at, mut ends) = (self, Progress::NONE);
        for times in 0..=part.max.unwrap_or(u32::MAX) {
            if times >= part.min {
                let before = ends;
                ends = ends.or(at);
                if ends == before || ends.longest > LONGEST_WORD {
                    break;
                }
            }
            at = step(at);
        }
        ends
    }

    /// Behind one of these bytes.
    fn step(self, bytes: Set) -> Progress {
        let mut behind = Progress {
            states: self.states & (Progress::NEXT | Progress::OTHER),
            longest: self.longest,
        };
        let [blank, inside, other] = [BLANKS, IN_WORD, OTHERS].map(|set| bytes.meets(set));
        let mut to = |state: u8, may: bool| behind.states |= if may { state } else { 0 };
        if self.has(Progress::WORD) {
            to(Progress::BLANK, blank);
            to(Progress::WORD, inside);
            to(Progress::OTHER, other);
        }
        if self.has(Progress::BLANK) {
            to(Progress::NEXT, inside);
            to(Progress::OTHER, blank || other);
        }
        behind.longest += usize::from(self.has(Progress::WORD) && inside);
        behind
    }
}

/// What is behind a character of a class.
fn over(class: &Class) -> impl Fn(Progress) -> Progress {
    // Beyond ASCII all bytes of a character do alike.
    let (bytes, more) = match class {
        Class::Bytes(class) => (Set::of(class.iter().map(|r| r.start()..=r.end())), 0),
        Class::Unicode(class) => {
            let first = |c: char| u8::try_from(c).unwrap_or(0xFF);
            let bytes = Set::of(class.iter().map(|r| first(r.start())..=first(r.end())));
            let beyond = class.iter().any(|range| !range.end().is_ascii());
            (bytes, if beyond { 4 } else { 0 })
        }
    };
    move |at| (0..more).fold(at.step(bytes), |at, _| at.or(at.step(Set::of([0xFF..=0xFF]))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::engine::parse;

    #[test]
    fn patterns_of_two_words_are_told() {
        for (pattern, told) in [
            ("[A-Z][a-z]{1,20} [A-Z][a-z]{1,20}", true),
            (r"[A-Z][a-z\x80-\xFF'-]{1,20}(?: (?:(?:van|de) ){0,2}[A-Z][a-z]{1,20}){1,3}", true),
            ("(?:[Tt]he|A) [a-z]{2}", true),
            (r"[A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20})?", false),
            (r"[A-Z][a-z]{1,20},? [A-Z]", false),
            (r"[A-Z][a-z]{1,20} [(]x", false),
            (r"[A-Z][a-z]{1,80} x", false),
            (r"[A-Z][a-z ]{1,20}x", false),
            (r"(?u:[A-ZÅ])[a-z]{1,20} x", true),
            ("ab", false),
            (r"[A-Z][A-Za-z'.-]{2,40} \d{1,4}", true),
            (r"[A-Z][A-Za-z'.-]{2,40}(?: [A-Za-z'.-]{2,30}){0,3} \d{1,4}", true),
            (
                r"[A-Z][A-Za-z'.-]{2,40}(?: [A-Za-z'.-]{2,30}){0,3} \d{1,4}(?: ?[A-Za-z])?(?:[/-]\d{1,4}[A-Za-z]?)?",
                true,
            ),
        ] {
            assert_eq!(begins_with_two(&[Part::once(&parse(pattern).unwrap())]), told, "{pattern}");
        }
    }
}
