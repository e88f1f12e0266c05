//! Words: whether every match of a pattern begins with a word, a blank and the next word, as names do. Where no
//! blank stands behind a word, such a pattern need not be looked for.

use regex_syntax::hir::{Class, Hir, HirKind, Literal};

/// Longest word that is told, in bytes.
pub const LONGEST_WORD: usize = 60;

/// Whether a byte joins the parts of a word.
pub fn is_joint(byte: u8) -> bool {
    matches!(byte, b'\'' | b'-' | b'.')
}

/// Whether a byte can stand in a word.
fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || is_joint(byte)
}

/// Whether every match begins with a word, a blank and the next word.
pub fn begins_with_two(hir: &Hir) -> bool {
    let ends = Progress::START.through(hir);
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

    /// Behind an expression.
    fn through(self, hir: &Hir) -> Progress {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => self,
            HirKind::Literal(Literal(bytes)) => {
                bytes.iter().fold(self, |at, byte| at.step(std::iter::once(*byte)))
            }
            HirKind::Class(Class::Bytes(class)) => {
                self.step(class.iter().flat_map(|range| range.start()..=range.end()))
            }
            // Beyond ASCII all bytes of a character do alike.
            HirKind::Class(Class::Unicode(class)) => {
                let (first, last) = (|c: char| u8::try_from(c).unwrap_or(0xFF), 4);
                let bytes =
                    class.iter().flat_map(|range| first(range.start())..=first(range.end()));
                let beyond = class.iter().any(|range| !range.end().is_ascii());
                let behind = self.step(bytes);
                (0..if beyond { last } else { 0 }).fold(behind, |at, _| at.or(at.step([0xFF])))
            }
            HirKind::Capture(capture) => self.through(&capture.sub),
            HirKind::Concat(list) => list.iter().fold(self, |at, part| at.through(part)),
            HirKind::Alternation(list) => {
                list.iter().fold(Progress::NONE, |ends, part| ends.or(self.through(part)))
            }
            HirKind::Repetition(repeated) => {
                let (mut at, mut ends) = (self, Progress::NONE);
                for times in 0..=repeated.max.unwrap_or(u32::MAX) {
                    if times >= repeated.min {
                        let before = ends;
                        ends = ends.or(at);
                        if ends == before || ends.longest > LONGEST_WORD {
                            break;
                        }
                    }
                    at = at.through(&repeated.sub);
                }
                ends
            }
        }
    }

    /// Behind one of these bytes.
    fn step(self, bytes: impl IntoIterator<Item = u8>) -> Progress {
        let mut behind = Progress::NONE;
        behind.states |= self.states & (Progress::NEXT | Progress::OTHER);
        for byte in bytes {
            if self.has(Progress::WORD) {
                behind = behind.or(match byte {
                    b' ' => Progress { states: Progress::BLANK, longest: self.longest },
                    _ if is_in_word(byte) => {
                        Progress { states: Progress::WORD, longest: self.longest + 1 }
                    }
                    _ => Progress { states: Progress::OTHER, longest: 0 },
                });
            }
            if self.has(Progress::BLANK) {
                behind.states |= if is_in_word(byte) { Progress::NEXT } else { Progress::OTHER };
            }
        }
        behind.longest = behind.longest.max(self.longest);
        behind
    }
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
            assert_eq!(begins_with_two(&parse(pattern).unwrap()), told, "{pattern}");
        }
    }
}
