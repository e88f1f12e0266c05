//! The book of telling words: which of them stand in a few dozen bytes, each between signs. It is asked for most
//! candidates, and most texts have none, which is told by the runs of letters and digits in them.

use super::HashMap;
use crate::bytes::IS_ALNUM;

/// Folded words, by what they begin with.
pub(super) struct Book {
    pub(super) words: Vec<String>,
    /// A bit for the hash of each run of letters and digits that words begin with. A word counts only between such runs,
    /// so a text none of whose runs is one of them has no word.
    runs: Box<[u64; RUNS]>,
    /// Bytes that words begin with that have no such run in front.
    others: [bool; 256],
    /// The words by their fronts, the longest first.
    by_front: HashMap<Box<[u8]>, Vec<u32>>,
}

/// Size of the table of runs: of two thousand few share a bit with what is none of them.
const RUNS: usize = 1024;
/// Bytes of a front that is no run.
const SIGNS: usize = 2;

impl Book {
    pub(super) fn new(words: Vec<String>) -> Book {
        let (mut runs, mut others) = (Box::new([0; RUNS]), [false; 256]);
        let mut by_front: HashMap<Box<[u8]>, Vec<u32>> = HashMap::default();
        for (number, word) in (0..).zip(&words).filter(|w| !w.1.is_empty()) {
            let word = word.as_bytes();
            let run = run(word);
            let front = match run {
                0 => {
                    others[usize::from(word[0])] = true;
                    &word[..word.len().min(SIGNS)]
                }
                _ => {
                    let (at, bit) = place(word, run);
                    runs[at] |= 1 << bit;
                    &word[..run]
                }
            };
            by_front.entry(front.into()).or_default().push(number);
        }
        let length = |number: &u32| std::cmp::Reverse(words[*number as usize].len());
        by_front.values_mut().for_each(|words| words.sort_by_key(length));
        Book { words, runs, others, by_front }
    }

    /// Whether a word may stand in a text, which is folded but for its case.
    pub(super) fn may_stand_in(&self, text: &[u8]) -> bool {
        let mut at = 0;
        while at < text.len() {
            let run = run(&text[at..]);
            if self.may_begin(&text[at..], run) {
                return true;
            }
            at += run.max(1);
        }
        false
    }

    fn may_begin(&self, text: &[u8], run: usize) -> bool {
        match run {
            0 => self.others[usize::from(text[0].to_ascii_lowercase())],
            _ => {
                let (at, bit) = place(text, run);
                self.runs[at] >> bit & 1 == 1
            }
        }
    }

    /// Calls `found` with start, end and number of each word that stands in a folded text between signs; of those that
    /// begin at the same place with the longest that `counts`, and with none that begins within that.
    pub(super) fn find(
        &self,
        text: &[u8],
        counts: impl Fn(usize) -> bool,
        mut found: impl FnMut(usize, usize, usize),
    ) {
        let mut at = 0;
        while at < text.len() {
            let run = run(&text[at..]);
            let before = at.checked_sub(1).map(|before| text[before]);
            let word = match before.is_some_and(|b| b.is_ascii_alphanumeric()) {
                true => None,
                false => self.longest(&text[at..], run, &counts),
            };
            if let Some((number, length)) = word {
                found(at, at + length, number);
            }
            at += word.map_or(run.max(1), |word| word.1);
        }
    }

    /// The longest word at the front of a text that counts, and its length.
    fn longest(
        &self,
        text: &[u8],
        run: usize,
        counts: impl Fn(usize) -> bool,
    ) -> Option<(usize, usize)> {
        if !self.may_begin(text, run) {
            return None;
        }
        let stands = |number: &u32| {
            let (number, word) = (*number as usize, &self.words[*number as usize]);
            let rest = text.strip_prefix(word.as_bytes())?;
            let is_whole = rest.first().is_none_or(|b| !b.is_ascii_alphanumeric());
            (is_whole && counts(number)).then_some((number, word.len()))
        };
        let of_front = |front: usize| self.by_front.get(&text[..front])?.iter().find_map(stands);
        match run {
            0 => of_front(SIGNS.min(text.len())).or_else(|| of_front(1)),
            _ => of_front(run),
        }
    }
}

/// How many letters and digits of ASCII a text begins with.
#[inline]
fn run(text: &[u8]) -> usize {
    text.iter().take_while(|b| IS_ALNUM[usize::from(**b)]).count()
}

/// Bytes that tell nearly all runs apart.
const FRONT: usize = 8;

/// The first bytes of a run of so many letters and digits, as a number.
#[inline]
fn front(text: &[u8], run: usize) -> u64 {
    match text.first_chunk() {
        Some(bytes) if run < FRONT => u64::from_le_bytes(*bytes) & ((1 << (8 * run)) - 1),
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => text[..run].iter().rev().fold(0, |front, byte| front << 8 | u64::from(*byte)),
    }
}

/// The place in the table of the run of so many letters and digits that a text begins with, and the bit there; it is the
/// same for both cases.
#[inline]
fn place(text: &[u8], run: usize) -> (usize, u32) {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    // Digits have the bit of small letters, too.
    let mixed = (front(text, run) | SMALL) ^ run as u64;
    let hash = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
    ((hash >> 6) as usize, (hash & 63) as u32)
}
