//! The states of an automaton, made as they are met, because making all of them would take longer than most scans.
//!
//! What is met is learned once for all threads: the regex crate's lazy automaton is asked for each step, and what it
//! answers stands in a table of one number per step: the row of the next state, and in its lowest bit whether matches
//! end before the byte. Whether a match may end there, between these two bytes, is a part of the step, so that the
//! many ends within a row of digits cost nothing. A thread runs in a copy of its own, and takes what it lacks when it
//! comes by it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use regex_automata::Anchored;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::start;

use super::bounds::is_word;

/// Memory for what all threads have learned, in bytes; where it takes more, states are met anew. Tests get little, so
/// that they come to that.
const MEMORY: usize = if cfg!(test) { 1 << 20 } else { 16 << 20 };

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
/// the row; or, from this number on, how often digits have to be met before it is found out, which takes as long as
/// running through so many.
const DIGITS_BITS: u32 = 5;
const DIGITS: usize = (1 << DIGITS_BITS) - 1;
const NOT_NOTED: u32 = u32::MAX - if cfg!(test) { 1 } else { 50 };

/// Patterns, ready to have their states met.
pub struct Patterns {
    dfa: DFA,
    /// What the automaton tells apart: bytes of one class do the same, and are of one sort.
    pub classes: [u16; 256],
    /// The class of the end of the text.
    end: usize,
    /// Length of a row.
    width: usize,
    /// Number of each pattern in the engine.
    pub numbers: Vec<u16>,
    /// What threads learn now, as long as one of them uses it.
    met: Mutex<Weak<Met>>,
}

/// States that were met by any thread.
struct Met {
    table: Mutex<Table>,
    are_too_many: AtomicBool,
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

impl Patterns {
    /// Patterns of an automaton that never clears its own memory, with the number of each in the engine.
    pub fn new(dfa: DFA, numbers: Vec<u16>) -> Patterns {
        let (classes, end) = classes(&dfa);
        // An odd number of lines of the processor's cache: rows begin in all parts of it.
        let width = ((end + 1).div_ceil(LINE) | 1) * LINE;
        Patterns { dfa, classes, end, width, numbers, met: Mutex::default() }
    }

    /// What threads learn together; begun anew where the states are too many.
    fn met(&self) -> Arc<Met> {
        let mut met = lock(&self.met);
        match met.upgrade().filter(|met| !met.are_too_many()) {
            Some(met) => met,
            None => {
                let table = Mutex::new(Table::new(self));
                let new = Arc::new(Met { table, are_too_many: AtomicBool::new(false) });
                *met = Arc::downgrade(&new);
                new
            }
        }
    }
}

impl Met {
    fn are_too_many(&self) -> bool {
        self.are_too_many.load(Ordering::Relaxed)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

/// States and their steps.
struct Table {
    lazy: Cache,
    /// A row per state: where its patterns begin in `matching`; how many they are and, in the lowest bit, whether
    /// the text has to be asked if they may end where it is entered; and per class the next step.
    steps: Vec<u32>,
    /// The patterns that match, state by state.
    matching: Vec<u16>,
    /// What they are to the lazy automaton, and of which sort the byte before them is.
    states: Vec<(LazyStateID, Sort)>,
    known: HashMap<(LazyStateID, Sort, bool), u32>,
    /// The first states: where no letter or digit stands before, and where one does.
    first: [u32; 2],
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(DEAD)
}

impl Table {
    fn new(patterns: &Patterns) -> Table {
        let mut table = Table {
            lazy: patterns.dfa.create_cache(),
            steps: vec![DEAD; patterns.width],
            matching: Vec::new(),
            states: vec![(LazyStateID::default(), Sort::Sign)],
            known: HashMap::new(),
            first: [DEAD; 2],
        };
        table.first = [None, Some(b'a')].map(|before| {
            let config = start::Config::new().anchored(Anchored::Yes).look_behind(before);
            let id = patterns.dfa.start_state(&mut table.lazy, &config);
            id.map_or(DEAD, |id| table.row(patterns, id, Sort::Sign, false))
        });
        table
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

    /// The step with a byte of a class, or to the end of the text; asked for if no thread has taken it yet.
    fn step(&mut self, patterns: &Patterns, row: u32, (class, byte): (usize, Option<u8>)) -> u32 {
        let at = row as usize + class;
        if self.steps[at] == UNKNOWN {
            self.steps[at] = self.first_step(patterns, row, byte);
        }
        self.steps[at]
    }

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

    /// Whether they take more memory than they should.
    fn is_full(&self) -> bool {
        self.steps.len() * size_of::<u32>() + self.lazy.memory_usage() > MEMORY
    }
}

/// What one thread knows of the states.
pub struct States {
    met: Arc<Met>,
    /// As in the table that all threads fill; a step that others have taken may be unknown here.
    steps: Vec<u32>,
    matching: Vec<u16>,
    first: [u32; 2],
    /// Per number of digits and by the first of them the row behind and how many are passed.
    behind_digits: Vec<u32>,
}

impl States {
    /// Those that were met so far.
    pub fn new(patterns: &Patterns) -> States {
        let met = patterns.met();
        let table = lock(&met.table);
        let (steps, matching) = (table.steps.clone(), table.matching.clone());
        let first = table.first;
        drop(table);
        let behind_digits = vec![u32::MAX; (DIGITS + 1) * FIRST_DIGITS];
        States { met, steps, matching, first, behind_digits }
    }

    /// All steps, by row and class.
    pub fn steps(&self) -> &[u32] {
        &self.steps
    }

    /// The first state, by whether a letter or digit stands before.
    pub fn first(&self, word_before: bool) -> u32 {
        self.first[usize::from(word_before)]
    }

    /// The step with a byte, or to the end of the text.
    pub fn step(&mut self, patterns: &Patterns, row: u32, byte: Option<u8>) -> u32 {
        let class = byte.map_or(patterns.end, |b| usize::from(patterns.classes[usize::from(b)]));
        match self.steps[row as usize + class] {
            UNKNOWN => self.learn(patterns, row, (class, byte)),
            step => step,
        }
    }

    /// A step that this thread has not taken yet. What others know of the state it comes from is learned with it.
    #[cold]
    fn learn(&mut self, patterns: &Patterns, row: u32, by: (usize, Option<u8>)) -> u32 {
        let mut table = lock(&self.met.table);
        let step = table.step(patterns, row, by);
        if table.is_full() {
            self.met.are_too_many.store(true, Ordering::Relaxed);
        }
        let row = row as usize..row as usize + patterns.width;
        self.steps[row.clone()].copy_from_slice(&table.steps[row]);
        self.steps.extend_from_slice(&table.steps[self.steps.len()..]);
        self.matching.extend_from_slice(&table.matching[self.matching.len()..]);
        step
    }

    /// The row in which a run from `at` is, and after how many digits, of so many that stand there.
    #[inline]
    pub fn start(
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
        // Most begin with a letter.
        if digits < LEADING {
            return (self.first[0], 0);
        }
        let leading = text.get(at..at + LEADING).unwrap_or(&[0; LEADING]);
        let digits = digits.min(DIGITS);
        let place = leading.iter().fold(digits, |n, b| n << 4 | usize::from(b & 15));
        if self.behind_digits[place] >= NOT_NOTED {
            self.note_digits(patterns, leading, digits, place);
        }
        match self.behind_digits[place] {
            NOT_NOTED.. => (self.first[0], 0),
            noted => (noted >> DIGITS_BITS, noted as usize & DIGITS),
        }
    }

    #[cold]
    fn note_digits(&mut self, patterns: &Patterns, leading: &[u8], digits: usize, place: usize) {
        let noted = self.behind_digits[place];
        self.behind_digits[place] = match noted > NOT_NOTED {
            true => noted - 1,
            false => match self.through_digits(patterns, leading, digits) {
                Some(row) => row << DIGITS_BITS | number(digits),
                None => self.first[0] << DIGITS_BITS,
            },
        };
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
    pub fn matching(&self, row: u32) -> (&[u16], bool) {
        let [from, matches] = [self.steps[row as usize], self.steps[row as usize + 1]];
        let from = from as usize;
        (&self.matching[from..from + (matches >> 1) as usize], matches & 1 == 1)
    }

    /// Whether all threads together have met so many that they are to be met anew.
    pub fn are_too_many(&self) -> bool {
        self.met.are_too_many()
    }
}
