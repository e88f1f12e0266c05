//! Patterns around a rare byte with a long variable part before it (e-mail): the byte is looked for, and what
//! stands before and behind it.

use std::ops::Range;

use anyhow::Result;
use memchr::memmem::Finder;
use regex_syntax::hir::{Hir, HirKind};

use super::automaton::{Automaton, Ends, Guard, Memory};
use super::bounds::starts_here;
use super::shape::{Drive, driving_byte};
use super::{Look, MAX_MATCH};

/// A pattern driven by a byte inside its matches.
pub struct Driven {
    byte: u8,
    /// Bytes that can stand before it in a match.
    before: [bool; 256],
    /// What stands before it, and how long that can be; none if any of these bytes will do, at least so many.
    lead: Result<Automaton, usize>,
    longest: usize,
    /// What every lead holds, where it is more than a byte: most places are told by that alone.
    held: Option<Finder<'static>>,
    /// The rest of a match, from the byte on.
    rest: Automaton,
}

impl Driven {
    /// The pattern, if a byte drives it.
    ///
    /// # Errors
    /// It is too large.
    pub fn new(number: u16, hir: &Hir) -> Result<Option<Driven>> {
        let Some(Drive { byte, before, longest, lead, rest }) = driving_byte(hir) else {
            return Ok(None);
        };
        let automaton = |hir| Automaton::new(&[(number, hir)]);
        let held = literal(&lead).map(|held| Finder::new(held).into_owned());
        let lead = match lead.kind() {
            HirKind::Repetition(r) if r.sub.properties().maximum_len() == Some(1) => {
                Err(r.min as usize)
            }
            _ => Ok(automaton(lead)?),
        };
        Ok(Some(Driven { byte, before, lead, longest, held, rest: automaton(rest)? }))
    }

    /// The byte that drives it.
    pub fn byte(&self) -> u8 {
        self.byte
    }

    /// Makes it ready to search.
    pub fn search(&self) -> Search<'_> {
        let lead = self.lead.as_ref().ok().map(Automaton::memory);
        Search { driven: self, rest: self.rest.memory(), lead }
    }

    /// Finds every match that starts in `from..to` and is of use: from each such byte the one that starts first.
    pub fn find(&self, text: &[u8], from: usize, to: usize, look: &mut impl Look) {
        let places = memchr::memchr_iter(self.byte, &text[from..to]).map(|i| from + i);
        self.search().look_at(text, places, from..to, look);
        self.find_behind(text, from..to, look);
    }

    /// Finds the matches that start in `range` and have their byte behind it.
    pub fn find_behind(&self, text: &[u8], range: Range<usize>, look: &mut impl Look) {
        let end = range.end;
        let behind = &text[end..(end + MAX_MATCH).min(text.len())];
        let mut places = memchr::memchr_iter(self.byte, behind).map(|i| end + i).peekable();
        if places.peek().is_some() {
            self.search().look_at(text, places, range, look);
        }
    }

    /// Whether a match may lead to the byte at `at`.
    #[inline]
    fn may_lead(&self, text: &[u8], at: usize) -> bool {
        let before = &text[at.saturating_sub(self.longest)..at];
        before.last().is_some_and(|last| self.before[usize::from(*last)])
            && self.held.as_ref().is_none_or(|held| held.find(before).is_some())
    }

    /// The first place from which a match leads to the byte at `at`.
    fn start(&self, text: &[u8], at: usize, memory: Option<&mut Memory>) -> Option<usize> {
        let lowest = at.saturating_sub(self.longest);
        let before = text[lowest..at].iter().rev().take_while(|b| self.before[usize::from(**b)]);
        let mut starts = (at - before.count()..at).filter(|start| starts_here(text, *start));
        match (&self.lead, memory) {
            (Ok(lead), Some(memory)) => {
                let mut lead = lead.running(memory);
                starts.find(|start| {
                    let mut leads = false;
                    lead.longest(text, *start, |end, _| leads = end == at);
                    leads
                })
            }
            (Err(shortest), _) => starts.find(|start| at - start >= *shortest),
            _ => None,
        }
    }
}

/// The longest literal that every match of an expression holds, of at least two bytes.
fn literal(hir: &Hir) -> Option<&[u8]> {
    let HirKind::Concat(parts) = hir.kind() else { return None };
    let literals = parts.iter().filter_map(|part| match part.kind() {
        HirKind::Literal(literal) => Some(&literal.0[..]),
        _ => None,
    });
    literals.filter(|literal| literal.len() > 1).max_by_key(|literal| literal.len())
}

/// A search for a driven pattern.
pub struct Search<'d> {
    driven: &'d Driven,
    rest: Guard<'d>,
    lead: Option<Guard<'d>>,
}

impl Search<'_> {
    /// Finds the matches with their byte at these places that start in `range`.
    pub fn look_at(
        &mut self,
        text: &[u8],
        places: impl Iterator<Item = usize>,
        range: Range<usize>,
        look: &mut impl Look,
    ) {
        let driven = self.driven;
        let mut rest = driven.rest.running(&mut self.rest);
        let lead = self.lead.as_deref_mut();
        let mut round = Round { driven, text, range, lead, look };
        for at in places {
            if driven.may_lead(text, at) {
                rest.add(text, at, 0);
            }
            if !rest.has_room(1) {
                rest.run(text, &mut round);
            }
        }
        rest.run(text, &mut round);
    }
}

/// A round of a search; rests of matches are found first.
struct Round<'r, L> {
    driven: &'r Driven,
    text: &'r [u8],
    range: Range<usize>,
    lead: Option<&'r mut Memory>,
    look: &'r mut L,
}

impl<L: Look> Ends for Round<'_, L> {
    fn wants(&mut self, at: usize) -> bool {
        self.look.wants(at)
    }

    fn found(&mut self, at: usize, end: usize, patterns: &[u16]) {
        let start = self.driven.start(self.text, at, self.lead.as_deref_mut());
        if let Some(start) = start.filter(|start| self.range.contains(start)) {
            self.look.found(start, end, patterns);
        }
    }
}
