//! The eye: what every unit shows of each kind, be it to be counted or to be listed.

use std::cell::Cell;

use crate::bare::{Bare, Undressed};
use crate::detect::context::Near;
use crate::detect::finder::{self, Finder, Hit, Judge, Placed, Placer};
use crate::idle::Idle;
use crate::unit::{Cells, Text};
use crate::validate::Validity;

mod cells;
mod named;

use cells::Field;
pub use named::{AsksDate, FieldTold, Named};

/// What matches of one detector in one slot have in common; they are counted together.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Sign {
    /// Rung they passed on; 0 is "failed".
    pub rung: u8,
    /// What sort of value they are.
    pub validity: Validity,
    /// Whether they are whole cells.
    pub whole: bool,
    /// What the words near them say.
    pub near: Near,
    /// Whether they stand in the separated form.
    pub separated: bool,
}

/// One match or failed candidate, as it is seen while a unit is read.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'t> {
    /// Number of the detector.
    pub detector: u16,
    /// Its sign.
    pub sign: Sign,
    /// Row or line, from 1.
    pub place: u64,
    /// First byte, in the cell or in the decoded free text.
    pub start: u64,
    /// Number of the cell in its buffer; 0 in free text.
    pub cell: usize,
    /// The text, as it stands there.
    pub value: &'t [u8],
    /// What it was read as: the same, but for numbers in scientific notation.
    pub read: &'t [u8],
}

/// Reads units, one at a time, with buffers that are used again.
#[derive(Default)]
pub struct Eye {
    room: cells::Room,
    hits: Vec<Hit>,
    placed: Vec<Placed>,
    placer: Placer,
}

thread_local! {
    /// The eye of this thread while nobody looks through it.
    static SPARE: Cell<Option<Eye>> = const { Cell::new(None) };
}

impl Eye {
    /// An eye, with the buffers that this thread had in use before.
    #[must_use]
    pub fn take() -> Eye {
        SPARE.take().unwrap_or_default()
    }

    /// Leaves the buffers to whoever takes an eye next.
    pub fn leave(self) {
        SPARE.set(Some(self));
    }

    /// Gives every match and failed candidate in a stretch of free text.
    pub fn text(&mut self, finder: &Finder, text: &Text<'_>, mut see: impl FnMut(Seen<'_>)) {
        finder.hits(text.bytes, text.from, text.to, &mut self.hits);
        finder.labelled(text.bytes, text.from, text.to, &mut self.hits);
        let mut places = text.places();
        let (mut line, mut offset) = (text.line, text.offset);
        finder.place_all(text.bytes, &self.hits, &mut self.placer, |p| {
            let start = p.hit.start;
            // Nobody asks where a failed candidate stands.
            if p.hit.rung != finder::FAILED {
                (line, offset) = places.at(start);
            }
            see(Seen {
                detector: p.hit.detector,
                sign: sign(p, false),
                place: line,
                start: offset,
                cell: 0,
                value: &text.bytes[start..p.hit.end],
                read: &text.bytes[start..p.hit.end],
            });
        });
    }

    /// Gives every match and failed candidate in a buffer of cells, which are looked at without what programs put
    /// round their values. Whole cells are asked for kinds that are idle only where they are sampled.
    pub fn cells(
        &mut self,
        finder: &Finder,
        named: &Named,
        cells: &Cells,
        idle: &Idle,
        mut see: impl FnMut(Seen<'_>),
    ) {
        let bare = Undressed::of(cells);
        // One way for both, so that the search is compiled once.
        let mut see = |seen: Seen<'_>| match &bare {
            None => see(seen),
            Some(bare) => see(in_place(cells, bare, seen)),
        };
        let cells = bare.as_ref().map_or(cells, |bare| &bare.cells);
        let Eye { room, placer, placed, .. } = self;
        let decoded = finder::decoded(&cells.bytes);
        let verdicts = cells::verdicts(finder, named, cells, decoded);
        let judge = Judge::new(finder, &cells.bytes, decoded);
        let field = Field { finder, named, cells, idle, verdicts: &verdicts };
        cells::Search::new(&field, judge, room, &mut see).run(placer, placed);
        verdicts.iter().for_each(|v| v.give(cells, &mut see));
        field.secrets(&mut self.hits, &mut see);
    }
}

/// What was seen in a bare cell, as it stands in the cell that it was taken from. All digits of a number in scientific
/// notation may be there, but whoever wrote it took it for an amount.
fn in_place<'t>(cells: &'t Cells, bare: &Undressed, seen: Seen<'t>) -> Seen<'t> {
    let cell = &cells.bytes[cells.range(seen.cell)];
    match bare.bare(seen.cell) {
        None => seen,
        Some(Bare::Part(range)) => {
            let start = seen.start + range.start as u64;
            let from = usize::try_from(start).unwrap_or(cell.len()).min(cell.len());
            let value = &cell[from..cell.len().min(from + seen.value.len())];
            Seen { start, value, ..seen }
        }
        Some(Bare::Digits(..)) => {
            let is_real = seen.sign.validity == Validity::Real;
            let validity = if is_real { Validity::Damaged } else { seen.sign.validity };
            Seen { start: 0, value: cell, sign: Sign { validity, ..seen.sign }, ..seen }
        }
    }
}

fn sign(p: &Placed, whole: bool) -> Sign {
    Sign { rung: p.hit.rung, validity: p.hit.validity, whole, near: p.near, separated: p.separated }
}
