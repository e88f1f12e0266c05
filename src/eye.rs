//! The eye: what every unit shows of each kind, be it to be counted or to be listed.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::detect::context::Near;
use crate::detect::finder::{FAILED, FieldTold, Finder, Hit, Placed, lossy};
use crate::detect::lexicon::{Fit, Hint};
use crate::place::BIRTH;
use crate::unit::{CELL_END, Cells, Slot, Text};
use crate::validate::{Validity, Verdict};

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

/// A slot with what its name says.
#[derive(Clone, Debug)]
pub struct Named {
    /// The slot.
    pub slot: Slot,
    /// What its field name says of each detector; empty in free text.
    pub hints: BTreeMap<u16, Hint>,
    /// What its dates are, when its name says that it holds such: a kind of retention anchor, or [`BIRTH`].
    pub dates: Option<String>,
}

impl Named {
    /// A slot, looked up in the lexicon.
    #[must_use]
    pub fn new(finder: &Finder, slot: &Slot) -> Named {
        let told = |name| finder.fields.of(name, || told_by(finder, name));
        let (hints, dates) = match slot.field.as_deref().map(told) {
            Some(FieldTold { hints, dates }) => (hints, dates),
            None => (BTreeMap::new(), None),
        };
        Named { slot: slot.clone(), hints, dates }
    }

    /// Whether it is a field without a name (`#3`): its values alone can tell what it is.
    fn is_unnamed(&self) -> bool {
        self.slot.field.as_deref().is_some_and(|f| f.starts_with('#'))
    }

    /// Whether whole cells are judged for this kind without a pattern: the name speaks for it, or there
    /// is no name and the kind is known by its look.
    #[must_use]
    pub fn judges_cells(&self, finder: &Finder, number: u16) -> bool {
        let d = &finder.rules.detectors[number as usize];
        d.pattern.is_none()
            && match self.hints.get(&number) {
                Some(Hint::For(_)) => true,
                _ => finder.tells_columns(number) && self.is_unnamed(),
            }
    }

    /// Detectors without a pattern whose whole cells are judged.
    fn cell_kinds<'a>(&'a self, finder: &'a Finder) -> impl Iterator<Item = u16> + 'a {
        let all = 0..u16::try_from(finder.rules.detectors.len()).unwrap_or(u16::MAX);
        all.filter(|&n| self.judges_cells(finder, n))
    }
}

/// What a field's name says.
fn told_by(finder: &Finder, name: &str) -> FieldTold {
    let hints = finder.lexicon.hints(name);
    let born = finder.rules.find("date_of_birth").and_then(|d| u16::try_from(d).ok());
    let hint = born.and_then(|d| hints.get(&d));
    let is_birth = matches!(hint, Some(Hint::For(fit)) if *fit > Fit::Weak);
    let anchor = finder.rules.facts.anchors.kind_of(name);
    let dates = anchor.or(is_birth.then_some(BIRTH)).map(str::to_owned);
    FieldTold { hints: hints.into_iter().collect(), dates }
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
    /// The text.
    pub value: &'t [u8],
}

/// Reads units, one at a time, with buffers that are used again.
#[derive(Default)]
pub struct Eye {
    hits: Vec<Hit>,
    placed: Vec<Placed>,
}

impl Eye {
    /// Gives every match and failed candidate in a stretch of free text.
    pub fn text(&mut self, finder: &Finder, text: &Text<'_>, mut see: impl FnMut(Seen<'_>)) {
        finder.hits(text.bytes, text.from, text.to, &mut self.hits);
        finder.labelled(text.bytes, text.from, text.to, &mut self.hits);
        finder.place(text.bytes, &self.hits, |_| None, &mut self.placed);
        let (mut line, mut counted) = (text.line, text.from);
        for p in &self.placed {
            let start = p.hit.start;
            line += memchr::memchr_iter(b'\n', &text.bytes[counted..start]).count() as u64;
            counted = start;
            see(Seen {
                detector: p.hit.detector,
                sign: sign(p, false),
                place: line,
                start: text.offset + (start - text.from) as u64,
                cell: 0,
                value: &text.bytes[start..p.hit.end],
            });
        }
    }

    /// Gives every match and failed candidate in a buffer of cells.
    pub fn cells(
        &mut self,
        finder: &Finder,
        named: &Named,
        cells: &Cells,
        mut see: impl FnMut(Seen<'_>),
    ) {
        let bytes = &cells.bytes;
        finder.hits_where(bytes, 0, bytes.len(), &mut self.hits, |detector, range| {
            // Such a kind's whole cells tell nothing without a name, so they need no look.
            !finder.needs_name(detector)
                || matches!(named.hints.get(&detector), Some(Hint::For(_)))
                || !is_cell(bytes, range)
        });
        let mut rest = &self.hits[..];
        for i in 0..cells.len() {
            let end = cells.ends[i] as usize;
            let here = rest.iter().take_while(|h| h.start < end).count();
            let hits = rest.split_off(..here).unwrap_or_default();
            if !hits.is_empty() {
                cell(finder, named, cells, i, hits, &mut self.placed, &mut see);
            }
        }
        let unnamed = named.is_unnamed();
        for number in named.cell_kinds(finder) {
            let hint = named.hints.get(&number).copied();
            let look = match hint {
                _ if unnamed => Look::Strict,
                Some(Hint::For(Fit::Ambiguous)) if finder.tells_columns(number) => Look::Both,
                _ => Look::Named,
            };
            whole_cells(finder, number, look, cells, &mut see);
        }
    }
}

fn sign(p: &Placed, whole: bool) -> Sign {
    Sign { rung: p.hit.rung, validity: p.hit.validity, whole, near: p.near, separated: p.separated }
}

/// The hits of one cell: those that are the whole cell count for each kind, the others as running text.
fn cell(
    finder: &Finder,
    named: &Named,
    cells: &Cells,
    i: usize,
    hits: &[Hit],
    placed: &mut Vec<Placed>,
    see: &mut impl FnMut(Seen<'_>),
) {
    let range = cells.range(i);
    let text = &cells.bytes[range.clone()];
    let lead = text.len() - text.trim_ascii_start().len();
    let trimmed = text.trim_ascii();
    let span = range.start + lead..range.start + lead + trimmed.len();
    let spans_all =
        |h: &Hit| h.start == span.start && h.end == span.end && cells.piece(i).is_none();
    // Where whole cells are judged for a kind, its look in running text adds nothing.
    let is_whole = |h: &Hit| spans_all(h) && (!h.prose || counts_whole(finder, named, h.detector));
    let base = u64::from(cells.piece(i).unwrap_or(0));
    let row = cells.row(i);
    let mut give = |p: &Placed, whole: bool| {
        see(Seen {
            detector: p.hit.detector,
            sign: sign(p, whole),
            place: row,
            start: base + (p.hit.start - range.start) as u64,
            cell: i,
            value: &cells.bytes[p.hit.start..p.hit.end],
        });
    };
    if hits.iter().any(is_whole) {
        for hit in hits.iter().filter(|h| is_whole(h)) {
            let hit = &Hit { rung: if hit.valid() { hit.rung } else { FAILED }, ..*hit };
            let separated = finder.separated(hit.detector, trimmed);
            give(&Placed { hit: *hit, near: Near::Nothing, separated }, true);
        }
        if hits.iter().any(|h| is_whole(h) && h.valid()) {
            return;
        }
    }
    let local = Local { finder, text, base: range.start };
    let hint = |number: u16| named.hints.get(&number).copied();
    local.place(hits, hint, placed);
    placed.iter().filter(|p| !spans_all(&p.hit)).for_each(|p| give(p, false));
}

/// Whether a range is all of a cell.
fn is_cell(bytes: &[u8], range: Range<usize>) -> bool {
    (range.start == 0 || bytes[range.start - 1] == CELL_END)
        && bytes.get(range.end) == Some(&CELL_END)
}

/// Whether the look in running text counts for whole cells of a column.
fn counts_whole(finder: &Finder, named: &Named, detector: u16) -> bool {
    finder.tells_columns(detector) && !named.judges_cells(finder, detector)
}

/// A cell on its own, so that words in the cells beside it are no context.
struct Local<'a> {
    finder: &'a Finder,
    text: &'a [u8],
    base: usize,
}

impl Local<'_> {
    fn place(&self, hits: &[Hit], hint: impl Fn(u16) -> Option<Hint>, out: &mut Vec<Placed>) {
        let shifted: Vec<Hit> = hits
            .iter()
            .map(|h| Hit { start: h.start - self.base, end: h.end - self.base, ..*h })
            .collect();
        self.finder.place(self.text, &shifted, hint, out);
        for p in out.iter_mut() {
            p.hit.start += self.base;
            p.hit.end += self.base;
        }
    }
}

/// Longest text that a cell validator is given.
const CELL_TEXT: usize = 400;

/// How a whole cell is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// The field's name speaks for the kind: the cell only has to agree.
    Named,
    /// No name speaks for it: the stricter check of running text is asked.
    Strict,
    /// The name is one that other things bear as often: the rung says which of the two checks it passed.
    Both,
}

/// Hands every whole cell to the validator of a kind that is judged by field name and cell.
fn whole_cells(
    finder: &Finder,
    detector: u16,
    look: Look,
    cells: &Cells,
    see: &mut impl FnMut(Seen<'_>),
) {
    for i in 0..cells.len() {
        let range = cells.range(i);
        let text = &cells.bytes[range.clone()];
        let trimmed = text.trim_ascii();
        if trimmed.is_empty() || cells.piece(i).is_some_and(|at| at > 0) {
            continue;
        }
        let mut short = lossy(&trimmed[..trimmed.len().min(CELL_TEXT)]);
        if trimmed.len() > CELL_TEXT && short.ends_with('\u{FFFD}') {
            short.to_mut().pop();
        }
        let strict = || finder.check_prose(detector, &short);
        let verdict = match look {
            Look::Named => finder.check(detector, &short),
            Look::Strict => strict(),
            Look::Both => match strict() {
                valid @ Verdict::Valid(_) => valid,
                _ => finder.check(detector, &short),
            },
        };
        let (rung, validity) = finder.rung(detector, verdict);
        let lead = text.len() - text.trim_ascii_start().len();
        see(Seen {
            detector,
            sign: Sign { rung, validity, whole: true, near: Near::Nothing, separated: false },
            place: cells.row(i),
            start: lead as u64,
            cell: i,
            value: trimmed,
        });
    }
}
