//! The engine: finds every place where the shape of some detector stands, for all detectors at once.
//!
//! Possible starts first, matching second: tables derived from the patterns (`heads.rs`, `starts.rs`) say where one
//! could begin, and only there one anchored automaton for all patterns runs. Patterns whose matches hold a digit
//! near their start are looked for only where a digit is near: most words have none. Patterns around a rare byte
//! with a long variable part before it (e-mail) are driven by that byte. The answer is local: from every possible
//! start the longest match of each pattern, so where a text is cut does not matter.

mod anchors;
mod automaton;
mod bounds;
mod driven;
mod lanes;
mod shape;
mod states;

use anyhow::Result;
use regex_syntax::hir::Hir;

use self::automaton::{Automaton, Ends, Running};
use self::bounds::starts_here;
use self::driven::{Driven, Search};
pub use self::shape::{is_whole, parse};
use super::heads;
use super::starts::{BLOCK, Before, Block, Starts};
use crate::bytes::places;

/// Longest match that a pattern may have, in bytes.
pub const MAX_MATCH: usize = 512;

/// A place that has the shape of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Number of the pattern, as given to [`Engine::new`].
    pub pattern: u16,
}

/// What candidates are found for: it says which are of use, and takes them.
pub trait Look {
    /// Whether what could start at `at` is of use; once it is not, it stays so.
    fn wants(&mut self, _at: usize) -> bool {
        true
    }

    /// Takes the patterns, by their numbers, of which `start..end` has the shape.
    fn found(&mut self, start: usize, end: usize, patterns: &[u16]);
}

impl<F: FnMut(Candidate)> Look for F {
    fn found(&mut self, start: usize, end: usize, patterns: &[u16]) {
        patterns.iter().for_each(|&pattern| self(Candidate { start, end, pattern }));
    }
}

/// How far from its start a match must have a digit to be looked for only where one is near.
pub const REACH: usize = 24;
/// Blocks of starts that are told at once.
const BLOCKS: usize = 15;

/// All patterns, ready to search.
pub struct Engine {
    shapes: Option<Automaton>,
    /// Where a match of them could begin.
    starts: Starts,
    /// Driven patterns: those whose byte is looked for together with starts, and the others.
    beside: Vec<Driven>,
    driven: Vec<Driven>,
}

impl Engine {
    /// Builds the engine. Numbers in candidates are positions in `patterns`.
    ///
    /// # Errors
    /// A pattern that is no regular expression, or whose matches have no bounded length.
    pub fn new(patterns: &[(u16, &str)]) -> Result<Engine> {
        let (mut shapes, mut driven) = (Vec::new(), Vec::new());
        for &(number, pattern) in patterns {
            let hir = parse(pattern)?;
            match Driven::new(number, &hir)? {
                Some(pattern) => driven.push(pattern),
                None => shapes.push((number, hir)),
            }
        }
        let has_digit = |hir: &Hir| shape::first_digit(hir).is_some_and(|at| at <= REACH);
        let beginnings = heads::beginnings(shapes.iter().map(|p| (has_digit(&p.1), &p.1)));
        let byte = driven.first().filter(|_| !shapes.is_empty()).map(Driven::byte);
        let starts = Starts::new(&beginnings, byte);
        let shapes = (!shapes.is_empty()).then(|| Automaton::new(&shapes)).transpose()?;
        let (beside, driven) = driven.into_iter().partition(|d| Some(d.byte()) == byte);
        Ok(Engine { shapes, starts, beside, driven })
    }

    /// Finds every candidate that starts in `from..to` and is of use, looking at all of `text`.
    /// Candidates of one start come together, in the order of their starts; those of driven patterns come some way
    /// before the others.
    pub fn find(&self, text: &[u8], from: usize, to: usize, mut look: impl Look) {
        for driven in &self.driven {
            driven.find(text, from, to, &mut look);
        }
        if let Some(shapes) = &self.shapes {
            let mut memory = shapes.memory();
            self.find_shapes(&mut shapes.running(&mut memory), text, from, to, &mut look);
        }
    }

    #[inline]
    fn find_shapes(
        &self,
        shapes: &mut Running,
        text: &[u8],
        from: usize,
        to: usize,
        look: &mut impl Look,
    ) {
        let mut before = Before::of(text, from);
        // Most texts have none of their bytes, and need no search for them.
        let mut beside: Vec<Search<'_>> = Vec::new();
        // Each block is told with the one behind it.
        let mut blocks = [Block::default(); BLOCKS + 1];
        for stretch in (from..to).step_by(BLOCK * BLOCKS) {
            let count = (to - stretch).div_ceil(BLOCK).min(BLOCKS);
            self.starts.blocks(text, stretch, &mut blocks[..=count]);
            if blocks[..count].iter().any(|block| block.driving() != 0) {
                if beside.is_empty() {
                    beside.extend(self.beside.iter().map(Driven::search));
                }
                for search in &mut beside {
                    let blocks = (stretch..to).step_by(BLOCK).zip(&blocks[..count]);
                    let of_block = |(at, block): (usize, &Block)| {
                        places(block.driving()).map(move |place| at + place)
                    };
                    let places = blocks.flat_map(of_block).take_while(|at| *at < to);
                    search.look_at(text, places, from..to, look);
                }
            }
            for (at, pair) in (stretch..to).step_by(BLOCK).zip(blocks[..=count].windows(2)) {
                let (sorts, doubtful) = pair[0].possible(before, &pair[1]);
                before = pair[0].last();
                let possible = sorts.iter().fold(0, |all, sort| all | sort);
                for place in places(possible).take_while(|place| at + place < to) {
                    let of_sorts = sorts.map(|sort| sort >> place & 1);
                    let may = self.starts.confirms(text, at + place, of_sorts)
                        && (doubtful >> place & 1 == 0 || starts_here(text, at + place));
                    if may && look.wants(at + place) {
                        shapes.add(text, at + place, pair[0].digits_from(place, &pair[1]));
                    }
                }
                if !shapes.has_room(BLOCK) || at + BLOCK >= to {
                    shapes.run(text, &mut Starting(look));
                }
            }
        }
        self.beside.iter().for_each(|driven| driven.find_behind(text, from..to, look));
    }
}

/// Takes what is found from a start.
struct Starting<'l, L>(&'l mut L);

impl<L: Look> Ends for Starting<'_, L> {
    fn wants(&mut self, start: usize) -> bool {
        self.0.wants(start)
    }

    fn found(&mut self, start: usize, end: usize, patterns: &[u16]) {
        self.0.found(start, end, patterns);
    }
}

#[cfg(test)]
mod tests;
