//! An automaton of many patterns: from one place of a text it finds the longest match of each. Its states are made
//! as they are met (`states.rs`), and `lanes.rs` runs it from many places side by side.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use regex_automata::MatchKind;
use regex_automata::hybrid::dfa::DFA;
use regex_automata::nfa::thompson;
use regex_automata::util::pool::{Pool, PoolGuard};
use regex_syntax::hir::Hir;

use super::bounds::{ends_here, is_word};
use super::lanes::Lanes;
use super::states::{DEAD, MARK, Patterns, States};

/// Largest automaton that is built, in bytes.
const SIZE_LIMIT: usize = 64 << 20;

/// Makes the memory of a thread.
type Maker = Box<dyn Fn() -> Memory + Send + Sync>;
/// The memory of a thread, borrowed.
pub type Guard<'a> = PoolGuard<'a, Memory, Maker>;

/// Patterns that share an automaton.
pub struct Automaton {
    patterns: Arc<Patterns>,
    memories: Pool<Memory, Maker>,
}

/// What one thread needs for it.
pub struct Memory {
    states: States,
    lanes: Lanes,
    /// Patterns of which a longer match is told already, a bit for each.
    told: Vec<u64>,
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
        let numbers = patterns.iter().map(|p| p.0).collect();
        let patterns = Arc::new(Patterns::new(dfa, numbers));
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
        if self.memory.states.are_too_many() {
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
        lanes.run(&self.patterns.classes, states.steps(), text);
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
    let mut row = states.first(word_before);
    let mut goes_on = |i, byte| {
        let step = states.step(patterns, row, byte);
        row = step & !MARK;
        if step & MARK != 0 {
            ends.push(End { row, at: i });
        }
        row != DEAD
    };
    if (at..).zip(&text[at..]).all(|(i, byte)| goes_on(i, Some(*byte))) {
        goes_on(text.len(), None);
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
    let bit = |pattern: u16| (usize::from(pattern >> 6), 1 << (pattern & 63));
    let mut longest: Option<&[u16]> = None;
    let mut is_noted = false;
    for End { row, at } in ends {
        let (matching, doubtful) = states.matching(row);
        if doubtful && !ends_here(text, at) {
            continue;
        }
        // Mostly there is one end.
        let Some(first) = longest else {
            found(at, matching);
            longest = Some(matching);
            continue;
        };
        if !is_noted {
            told.fill(0);
            for (word, bit) in first.iter().map(|p| bit(*p)) {
                told[word] |= bit;
            }
            is_noted = true;
        }
        for pattern in matching {
            let (word, bit) = bit(*pattern);
            if told[word] & bit == 0 {
                told[word] |= bit;
                found(at, std::slice::from_ref(pattern));
            }
        }
    }
}
