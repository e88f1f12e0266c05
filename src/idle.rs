//! Idle kinds: those that fail in a column's first cells although they are asked for. Its other cells are asked
//! for them only now and then. Where these cells contradict, the file is read again with every kind asked of
//! every cell, so that nothing is lost; see `docs/performance.md`.

use std::sync::Arc;

use crate::detect::finder::{FAILED, Finder};
use crate::eye::{Named, Seen};
use crate::judge;
use crate::small::SmallMap;
use crate::tally::{FileTally, Kind, SlotTally};
use crate::unit::{Cells, SlotId};

/// Cells that are not empty from which a field is learned.
const FIRST: usize = crate::unit::FIRST_CELLS;
/// So many of them must have the shape of a kind for it to become idle.
const CANDIDATES: u32 = 16;
/// Of so many with its shape at most one may be of the kind.
const MOST: u32 = 6;
/// Of so many different values, one is asked for all kinds.
const ONE_IN: u64 = 8;

/// Kinds that a field's cells are asked for now and then only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idle(Vec<bool>);

impl Idle {
    /// No idle kinds.
    pub const NONE: Idle = Idle(Vec::new());

    /// Whether no kind is idle.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a kind is idle.
    #[must_use]
    pub fn holds(&self, detector: u16) -> bool {
        self.0.get(usize::from(detector)).is_some_and(|idle| *idle)
    }

    /// Whether a cell is asked for all kinds. Its text tells, so that equal cells are asked the same.
    #[must_use]
    pub fn asks_all(&self, text: &[u8]) -> bool {
        self.is_empty() || is_sample(text)
    }

    /// Whether the cells that were asked for all kinds may be of one that is idle.
    #[must_use]
    pub fn is_contradicted(&self, finder: &Finder, named: &Named, slot: &SlotTally) -> bool {
        slot.kinds.iter().any(|(detector, kind)| {
            // Values of some kinds are believed one by one, or since the name speaks for them; those of others
            // where they fill the column.
            let few = finder.tells_alone(*detector) || named.tells(*detector);
            let percent = if few { 25 } else { 45 };
            self.holds(*detector) && passes(kind, percent)
        })
    }
}

fn is_sample(text: &[u8]) -> bool {
    let last = match text.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => text.iter().rev().fold(0, |last, b| last << 8 | u64::from(*b)),
    };
    let mixed = last.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32).is_multiple_of(ONE_IN)
}

/// Whether so many percent of the whole cells that have the shape of a kind are of it, be it of all or of the
/// different ones.
fn passes(kind: &Kind, percent: u32) -> bool {
    let (mut passed, mut all) = (0, 0);
    for (sign, count) in kind.counts.iter().filter(|c| c.0.whole) {
        all += count.matches;
        passed += if sign.rung == FAILED { 0 } else { count.matches };
    }
    let (passed_of_sample, sample) = judge::sample(kind);
    passed * 100 >= all * u64::from(percent)
        || passed_of_sample * 100.0 >= sample * f64::from(percent)
}

/// What is learned of the fields of one file.
pub struct Learner {
    /// By slot.
    fields: Vec<Learning>,
    none: Arc<Idle>,
    /// Whether there is to be any idle kind.
    learns: bool,
}

/// What is known of one field.
enum Learning {
    /// How many cells it has shown, and per kind how many had its shape and how many were of it.
    Under {
        filled: usize,
        kinds: SmallMap<u16, (u32, u32)>,
    },
    Done(Arc<Idle>),
}

impl Learner {
    /// A learner that knows nothing yet, or one that does not learn.
    #[must_use]
    pub fn new(learns: bool) -> Learner {
        Learner { fields: Vec::new(), none: Arc::default(), learns }
    }

    /// How many cells at the front of a buffer there is something to learn from.
    pub fn front(&mut self, id: SlotId, cells: &Cells) -> usize {
        let at = id.0 as usize;
        while self.learns && self.fields.len() <= at {
            self.fields.push(Learning::Under { filled: 0, kinds: SmallMap::default() });
        }
        let Some(Learning::Under { filled, .. }) = self.fields.get_mut(at) else { return 0 };
        let mut front = 0;
        while front < cells.len() && *filled < FIRST {
            let blank = cells.bytes[cells.range(front)].trim_ascii().is_empty();
            *filled += usize::from(!blank);
            front += 1;
        }
        front
    }

    /// What a whole cell at the front shows.
    pub fn see(&mut self, id: SlotId, seen: &Seen<'_>) {
        if let (Some(Learning::Under { kinds, .. }), true) =
            (self.fields.get_mut(id.0 as usize), seen.sign.whole)
        {
            let (candidates, passed) = kinds.of(seen.detector);
            *candidates += 1;
            *passed += u32::from(seen.sign.rung != FAILED);
        }
    }

    /// The field's idle kinds, as far as they are known.
    pub fn idle(&mut self, finder: &Finder, id: SlotId) -> Arc<Idle> {
        match self.fields.get_mut(id.0 as usize) {
            Some(Learning::Done(idle)) => idle.clone(),
            Some(field @ Learning::Under { filled: FIRST, .. }) => {
                let idle = Arc::new(idle(finder, field));
                *field = Learning::Done(idle.clone());
                idle
            }
            _ => self.none.clone(),
        }
    }

    /// Whether cells that were asked for all kinds contradict what was learned.
    #[must_use]
    pub fn is_contradicted(&self, finder: &Finder, named: &[Named], tally: &FileTally) -> bool {
        (0..).zip(&self.fields).zip(named).any(|((id, field), named)| {
            match (field, tally.slots.get(&SlotId(id))) {
                (Learning::Done(idle), Some(slot)) => idle.is_contradicted(finder, named, slot),
                _ => false,
            }
        })
    }
}

fn idle(finder: &Finder, field: &Learning) -> Idle {
    let Learning::Under { kinds, .. } = field else { return Idle::NONE };
    let mut idle = Idle::NONE;
    for &(detector, (candidates, passed)) in kinds.iter() {
        let fails = candidates >= CANDIDATES && passed * MOST <= candidates;
        if fails && finder.has_pattern(detector) {
            idle.0.resize(finder.rules.detectors.len(), false);
            idle.0[usize::from(detector)] = true;
        }
    }
    idle
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use crate::detect::finder::testing::FINDER;
    use crate::file::{self, FileResult, Reading};
    use crate::inventory::Confidence;
    use crate::source::Source;

    fn scanned(table: &str, learns: bool) -> FileResult {
        let how =
            Reading { level: Confidence::Low, split: usize::MAX, share_from: u64::MAX, learns };
        let source = Source::from_bytes(table.as_bytes().to_vec());
        file::scan(&FINDER, source, table.len() as u64, "table.csv", how)
    }

    fn shown(result: &FileResult) -> String {
        let findings: Vec<_> = result.findings.iter().map(|f| format!("{f:?}\n")).collect();
        format!("{}{:?}", findings.concat(), result.below)
    }

    /// A number that looks random and is the same each time.
    fn number(seed: u64, digits: u32) -> u64 {
        let mixed = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ mixed >> 31).wrapping_mul(0xD6E8_FEB8_6659_FD93) % 10u64.pow(digits)
    }

    /// A number that could be a payment card's, with its check digit or with another one.
    fn card(seed: u64, is_real: bool) -> String {
        let digits = format!("4{:014}", number(seed, 14));
        let doubled = |(i, c): (usize, char)| {
            let digit = c.to_digit(10).unwrap() * if i.is_multiple_of(2) { 2 } else { 1 };
            digit / 10 + digit % 10
        };
        let check = (10 - digits.chars().enumerate().map(doubled).sum::<u32>() % 10) % 10;
        format!("{digits}{}", if is_real { check } else { (check + 1) % 10 })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
        #[test]
        fn what_is_learned_changes_nothing(
            rows in 40..400u64,
            seed in 0..1_000_000u64,
            digits in 6..17u32,
            real_one_in in 1..40u64,
        ) {
            let mut table = "a,code,mail,note\n".to_owned();
            for row in 0..rows {
                let at = seed + row;
                let code = match at % real_one_in {
                    0 => card(at, true),
                    _ => format!("{:0width$}", number(at, digits), width = digits as usize),
                };
                let note = if at % 7 == 0 { format!("ring +47 22 33 {:02} 55", at % 100) } else { code.clone() };
                writeln!(table, "{at},{code},a{}@example.org,{note}", number(at, 4)).unwrap();
            }
            let learned = scanned(&table, true);
            prop_assert!(learned.contradicted || shown(&learned) == shown(&scanned(&table, false)));
        }
    }

    #[test]
    fn a_column_that_becomes_something_else_is_read_again() {
        let mut table = "a,b\n".to_owned();
        (0..60).for_each(|i| writeln!(table, "{i},{}", card(i, false)).unwrap());
        assert!(!scanned(&table, true).contradicted);
        (0..400).for_each(|i| writeln!(table, "{i},{}", card(i, true)).unwrap());
        assert!(scanned(&table, true).contradicted);
        let whole = scanned(&table, false);
        assert!(!whole.contradicted);
        assert!(whole.findings.iter().any(|f| f.matches >= 400), "{}", shown(&whole));
    }
}
