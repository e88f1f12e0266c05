//! An automaton of many patterns: from one place of a text it finds the longest match of each.
//!
//! Its states are made as they are met, because making all of them would take longer than most scans: the
//! regex crate's lazy automaton is asked once for each step and never again. What it answers stands in a table
//! of one number per step: the row of the next state, and in its lowest bit whether matches end before the
//! byte. Whether a match may end there, between these two bytes, is a part of the step, so that the many ends
//! within a row of digits cost nothing. `lanes.rs` runs it from many places side by side.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::pool::{Pool, PoolGuard};
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::Hir;

use super::bounds::{ends_here, is_word};
use super::lanes::Lanes;

/// Largest automaton that is built, in bytes.
const SIZE_LIMIT: usize = 64 << 20;
/// Memory per thread for the states that were met, in bytes; where they take more, they are met anew. Tests get
/// little, so that they come to that.
const MEMORY: usize = if cfg!(test) { 1 << 20 } else { 8 << 20 };

/// A step after which nothing can match: to the first row, which leads nowhere else.
pub const DEAD: u32 = 0;
/// The mark of a step with which matches end before its byte; rows are even.
pub const MARK: u32 = 1;
/// A step that was not taken yet.
pub const UNKNOWN: u32 = DEAD | MARK;
/// Where in a row the steps begin.
const STEPS: usize = 2;
/// Steps in a line of the processor's cache.
const LINE: usize = 16;

/// Where a text goes on with digits, the state behind all of them is known from their number and the first
/// few of them: so many, each of which takes four bits of a number.
const LEADING: usize = 2;
const FIRST_DIGITS: usize = 1 << (4 * LEADING);
/// What is noted of it: in the lower bits how many digits are passed, which are at most so many, above them
/// the row; or that it is not known yet.
const DIGITS_BITS: u32 = 5;
const DIGITS: usize = (1 << DIGITS_BITS) - 1;
const NOT_NOTED: u32 = u32::MAX;

/// Makes the memory of a thread.
type Maker = Box<dyn Fn() -> Memory + Send + Sync>;
/// The memory of a thread, borrowed.
pub type Guard<'a> = PoolGuard<'a, Memory, Maker>;

/// Patterns that share an automaton.
pub struct Automaton {
    patterns: Arc<Patterns>,
    memories: Pool<Memory, Maker>,
}

struct Patterns {
    dfa: DFA,
    /// What the automaton tells apart: bytes of one class do the same, and are of one sort.
    classes: [u16; 256],
    /// The class of the end of the text.
    end: usize,
    /// Length of a row.
    width: usize,
    /// Number of each pattern in the engine.
    numbers: Vec<u16>,
}

/// What one thread needs for it.
pub struct Memory {
    states: States,
    lanes: Lanes,
    /// Patterns of which a longer match is told already, a bit for each.
    told: Vec<u64>,
}

/// What a byte is to the boundaries of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sort {
    Word,
    Sign,
    Beyond,
}

impl Sort {
    fn of(byte: u8) -> Sort {
        match byte {
            _ if is_word(byte) => Sort::Word,
            128.. => Sort::Beyond,
            _ => Sort::Sign,
        }
    }
}

impl Automaton {
    /// The automaton of these patterns.
    ///
    /// # Errors
    /// They are too large.
    pub fn new(patterns: &[(u16, Hir)]) -> Result<Automaton> {
        let hirs: Vec<&Hir> = patterns.iter().map(|p| &p.1).collect();
        let config = thompson::Config::new()
            .utf8(false)
            .nfa_size_limit(Some(SIZE_LIMIT))
            .which_captures(thompson::WhichCaptures::None);
        let nfa = thompson::Compiler::new()
            .configure(config)
            .build_many_from_hir(&hirs)
            .context("the patterns are too large together")?;
        // It never clears its own memory; that is done together with ours.
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .starts_for_each_pattern(false)
            .cache_capacity(usize::MAX)
            .skip_cache_capacity_check(true);
        let dfa = DFA::builder()
            .configure(config)
            .build_from_nfa(nfa)
            .context("the patterns are too large together")?;
        let (classes, end) = classes(&dfa);
        // An odd number of lines of the processor's cache: rows begin in all parts of it.
        let width = ((end + 1).div_ceil(LINE) | 1) * LINE;
        let numbers = patterns.iter().map(|p| p.0).collect();
        let patterns = Arc::new(Patterns { dfa, classes, end, width, numbers });
        let maker = Arc::clone(&patterns);
        let memory = move || Memory {
            states: States::new(&maker),
            lanes: Lanes::default(),
            told: vec![0; 1 + maker.numbers.iter().map(|n| usize::from(n / 64)).max().unwrap_or(0)],
        };
        Ok(Automaton { patterns, memories: Pool::new(Box::new(memory)) })
    }

    /// Borrows the memory of this thread.
    pub fn memory(&self) -> Guard<'_> {
        self.memories.get()
    }

    /// Makes it ready to run.
    pub fn running<'a>(&'a self, memory: &'a mut Memory) -> Running<'a> {
        // What a run that broke off has left.
        memory.lanes.clear();
        Running { patterns: &self.patterns, memory }
    }
}

/// The class of each byte, and the number behind the last of them.
fn classes(dfa: &DFA) -> ([u16; 256], usize) {
    let mut told: Vec<(u8, Sort)> = Vec::new();
    let mut classes = [0; 256];
    // What most matches are made of lies side by side in memory.
    let usual = (b'0'..=b'9').chain(*b" .-,/:\n\"';+()_@").chain(b'a'..=b'z');
    for byte in usual.chain(0..=255) {
        let key = (dfa.byte_classes().get(byte), Sort::of(byte));
        let at = told.iter().position(|k| *k == key).unwrap_or_else(|| {
            told.push(key);
            told.len() - 1
        });
        classes[usize::from(byte)] = u16::try_from(STEPS + at).unwrap_or(0);
    }
    (classes, STEPS + told.len())
}

/// The states that one thread has met.
struct States {
    lazy: Cache,
    /// A row per state: where its patterns begin in `matching`; how many they are and, in the lowest bit, whether
    /// the text has to be asked if they may end where it is entered; and per class the next step.
    steps: Vec<u32>,
    /// What they are to the lazy automaton, and of which sort the byte before them is.
    states: Vec<(LazyStateID, Sort)>,
    known: HashMap<(LazyStateID, Sort, bool), u32>,
    /// The patterns that match, state by state.
    matching: Vec<u16>,
    /// The first states: where no letter or digit stands before, and where one does.
    first: [u32; 2],
    /// Per number of digits and by the first of them the row behind and how many are passed.
    behind_digits: Vec<u32>,
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(DEAD)
}

impl States {
    fn new(patterns: &Patterns) -> States {
        let mut states = States {
            lazy: patterns.dfa.create_cache(),
            steps: vec![DEAD; patterns.width],
            states: vec![(LazyStateID::default(), Sort::Sign)],
            known: HashMap::new(),
            matching: Vec::new(),
            first: [DEAD; 2],
            behind_digits: vec![NOT_NOTED; (DIGITS + 1) * FIRST_DIGITS],
        };
        states.first = [None, Some(b'a')].map(|before| {
            let config = start::Config::new().anchored(Anchored::Yes).look_behind(before);
            let id = patterns.dfa.start_state(&mut states.lazy, &config);
            id.map_or(DEAD, |id| states.row(patterns, id, Sort::Sign, false))
        });
        states
    }

    /// The row of a state, which is made when it is met for the first time.
    fn row(&mut self, patterns: &Patterns, id: LazyStateID, last: Sort, doubtful: bool) -> u32 {
        if let Some(row) = self.known.get(&(id, last, doubtful)) {
            return *row;
        }
        let row = number(self.steps.len());
        let matches = if id.is_match() { patterns.dfa.match_len(&self.lazy, id) } else { 0 };
        self.steps.push(number(self.matching.len()));
        self.steps.push(number(matches) << 1 | u32::from(doubtful));
        self.steps.resize(self.steps.len() + patterns.width - STEPS, UNKNOWN);
        for k in 0..matches {
            let pattern = patterns.dfa.match_pattern(&self.lazy, id, k);
            self.matching.push(patterns.numbers[pattern.as_usize()]);
        }
        self.states.push((id, last));
        self.known.insert((id, last, doubtful), row);
        row
    }

    /// The step with a byte, or to the end of the text; taken for the first time if need be.
    fn step(&mut self, patterns: &Patterns, row: u32, byte: Option<u8>) -> u32 {
        let class = byte.map_or(patterns.end, |b| usize::from(patterns.classes[usize::from(b)]));
        match self.steps[row as usize + class] {
            UNKNOWN => {
                let step = self.first_step(patterns, row, byte);
                self.steps[row as usize + class] = step;
                step
            }
            step => step,
        }
    }

    #[cold]
    fn first_step(&mut self, patterns: &Patterns, row: u32, byte: Option<u8>) -> u32 {
        let (id, last) = self.states[row as usize / patterns.width];
        let next = match byte {
            Some(byte) => patterns.dfa.next_state(&mut self.lazy, id, byte),
            None => patterns.dfa.next_eoi_state(&mut self.lazy, id),
        };
        let Some(next) = next.ok().filter(|next| !next.is_dead() && !next.is_quit()) else {
            return DEAD;
        };
        let sort = byte.map(Sort::of);
        let (mark, doubtful) = match (last, sort) {
            _ if !next.is_match() => (0, false),
            (Sort::Word, Some(Sort::Word)) => (0, false),
            (_, None) | (Sort::Sign, _) | (Sort::Word, Some(Sort::Sign)) => (MARK, false),
            _ => (MARK, true),
        };
        self.row(patterns, next, sort.unwrap_or(Sort::Sign), doubtful) | mark
    }

    /// The row in which a run from `at` is, and after how many digits, of so many that stand there.
    #[inline]
    fn start(
        &mut self,
        patterns: &Patterns,
        text: &[u8],
        at: usize,
        digits: usize,
    ) -> (u32, usize) {
        let word_before = || at > 0 && is_word(text[at - 1]);
        if self.first[0] != self.first[1] && word_before() {
            return (self.first[1], 0);
        }
        let leading = text.get(at..at + LEADING).unwrap_or(&[0; LEADING]);
        let digits = digits.min(DIGITS);
        let noted = leading.iter().fold(digits, |n, b| n << 4 | usize::from(b & 15));
        if self.behind_digits[noted] == NOT_NOTED {
            self.behind_digits[noted] = self.note_digits(patterns, leading, digits);
        }
        let noted = self.behind_digits[noted];
        (noted >> DIGITS_BITS, noted as usize & DIGITS)
    }

    #[cold]
    fn note_digits(&mut self, patterns: &Patterns, leading: &[u8], digits: usize) -> u32 {
        let behind =
            (digits >= LEADING).then(|| self.through_digits(patterns, leading, digits)).flatten();
        match behind {
            Some(row) => row << DIGITS_BITS | number(digits),
            None => self.first[0] << DIGITS_BITS,
        }
    }

    /// The row behind so many digits that begin with these, if the others do not matter.
    fn through_digits(
        &mut self,
        patterns: &Patterns,
        leading: &[u8],
        digits: usize,
    ) -> Option<u32> {
        let first = leading.iter().fold(self.first[0], |row, b| self.step(patterns, row, Some(*b)));
        let mut rows = vec![first];
        for _ in leading.len()..digits {
            let mut next = Vec::with_capacity(rows.len());
            for row in rows {
                next.extend((b'0'..=b'9').map(|b| self.step(patterns, row, Some(b))));
            }
            next.sort_unstable();
            next.dedup();
            rows = next;
        }
        let [row] = *rows else { return None };
        (row & MARK == 0).then_some(row)
    }

    /// The patterns of which matches end where a row is entered, and whether the text has to be asked.
    #[inline]
    fn matching(&self, row: u32) -> (&[u16], bool) {
        let [from, matches] = [self.steps[row as usize], self.steps[row as usize + 1]];
        let from = from as usize;
        (&self.matching[from..from + (matches >> 1) as usize], matches & 1 == 1)
    }

    /// Whether they take more memory than they should.
    fn is_full(&self) -> bool {
        self.steps.len() * size_of::<u32>() + self.lazy.memory_usage() > MEMORY
    }
}

/// What runs from many places are made for.
pub trait Ends {
    /// Whether what was found from a place is of use.
    fn wants(&mut self, place: usize) -> bool;

    /// Takes patterns whose longest match from a place ends there.
    fn found(&mut self, place: usize, end: usize, patterns: &[u16]);
}

/// An automaton at work.
pub struct Running<'a> {
    patterns: &'a Patterns,
    memory: &'a mut Memory,
}

/// Where matches end: the row behind, and the place.
#[derive(Clone, Copy, Debug)]
pub struct End {
    pub row: u32,
    pub at: usize,
}

impl Running<'_> {
    /// Calls `found` with the end of the longest match of each pattern from `at`, of those that also end at a
    /// boundary, and the patterns that end there.
    pub fn longest(&mut self, text: &[u8], at: usize, mut found: impl FnMut(usize, &[u16])) {
        let Memory { states, lanes, told } = &mut *self.memory;
        let ends = run(self.patterns, states, text, at, lanes.room());
        tell(states, told, text, ends.iter().rev().copied(), &mut found);
        self.tidy();
    }

    /// Forgets the states if they are too many; not between runs and what is asked about them.
    fn tidy(&mut self) {
        if self.memory.states.is_full() {
            self.memory.states = States::new(self.patterns);
        }
    }

    /// Takes a place to run from, behind which so many digits stand.
    #[inline]
    pub fn add(&mut self, text: &[u8], at: usize, digits: usize) {
        let Memory { states, lanes, .. } = &mut *self.memory;
        let (row, passed) = states.start(self.patterns, text, at, digits);
        lanes.add(at, row, at + passed);
    }

    /// Whether there is room for so many places more.
    #[inline]
    pub fn has_room(&self, places: usize) -> bool {
        self.memory.lanes.has_room(places)
    }

    /// As [`Running::longest`] for all places that were taken, in their order.
    pub fn run(&mut self, text: &[u8], take: &mut impl Ends) {
        let Memory { states, lanes, told } = &mut *self.memory;
        lanes.run(&self.patterns.classes, &states.steps, text);
        lanes.each(|start, ends, room| {
            if !take.wants(start) {
                return;
            }
            let mut found = |end, patterns: &[u16]| take.found(start, end, patterns);
            match ends {
                Some(ends) => tell(states, told, text, ends, &mut found),
                None => {
                    let ends = run(self.patterns, states, text, start, room);
                    tell(states, told, text, ends.iter().rev().copied(), &mut found);
                }
            }
        });
        self.tidy();
    }
}

/// Runs from `at` until nothing can match any more and notes the ends.
fn run<'e>(
    patterns: &Patterns,
    states: &mut States,
    text: &[u8],
    at: usize,
    ends: &'e mut Vec<End>,
) -> &'e [End] {
    ends.clear();
    let word_before = at > 0 && is_word(text[at - 1]);
    let mut row = states.first[usize::from(word_before)];
    for i in at..=text.len() {
        let step = states.step(patterns, row, text.get(i).copied());
        row = step & !MARK;
        if step & MARK != 0 {
            ends.push(End { row, at: i });
        }
        if row == DEAD {
            break;
        }
    }
    ends
}

/// Calls `found` with these ends and the patterns that match up to each, longest first.
#[inline]
fn tell(
    states: &States,
    told: &mut [u64],
    text: &[u8],
    ends: impl Iterator<Item = End>,
    found: &mut impl FnMut(usize, &[u16]),
) {
    let mut ends = ends.filter_map(|End { row, at }| {
        let (matching, doubtful) = states.matching(row);
        (!doubtful || ends_here(text, at)).then_some((at, matching))
    });
    let Some((end, longest)) = ends.next() else { return };
    found(end, longest);
    let Some(next) = ends.next() else { return };
    told.fill(0);
    let bit = |pattern: u16| (usize::from(pattern >> 6), 1 << (pattern & 63));
    for (word, bit) in longest.iter().map(|p| bit(*p)) {
        told[word] |= bit;
    }
    for (end, matching) in std::iter::once(next).chain(ends) {
        for pattern in matching {
            let (word, bit) = bit(*pattern);
            if told[word] & bit == 0 {
                told[word] |= bit;
                found(end, std::slice::from_ref(pattern));
            }
        }
    }
}
