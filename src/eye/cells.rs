//! Cells: what each is as a whole is looked at first. Where that is settled, nothing is looked for inside.

use std::ops::Range;

use super::named::{Look, Named, is_like_date};
use super::{Seen, Sign, sign};
use crate::detect::context::Near;
use crate::detect::engine::{self, Candidate};
use crate::detect::finder::{
    self, FAILED, Finder, Hit, Judge, Keys, Placed, Placer, Shape, part_of,
};
use crate::detect::{label, veto};
use crate::idle::Idle;
use crate::unit::Cells;
use crate::validate::{Validity, Verdict};

/// The cells of a field, and what is asked of them.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) finder: &'a Finder,
    pub(super) named: &'a Named,
    pub(super) cells: &'a Cells,
    pub(super) idle: &'a Idle,
    pub(super) verdicts: &'a [Verdicts],
}

impl Field<'_> {
    /// What is to be made of each pattern.
    fn plan(&self, plans: &mut Vec<Plan>) {
        plans.clear();
        plans.extend(self.finder.shapes().iter().map(|&(detector, shape)| Plan {
            detector,
            prose: shape == Shape::Prose,
            of_wholes: shape == Shape::Damaged,
            asks: match shape {
                Shape::Damaged => self.named.asks_damaged(detector),
                _ => self.named.asks(detector),
            },
            is_idle: shape != Shape::Prose && self.idle.holds(detector),
        }));
    }

    /// Whether a cell is a value of a kind that is judged by field name and cell.
    fn is_told(&self, cell: usize, detector: u16) -> bool {
        self.verdicts.iter().any(|v| v.passed(cell, detector))
    }

    /// Gives the secrets in queries and connection strings.
    pub(super) fn secrets(&self, hits: &mut Vec<Hit>, see: &mut impl FnMut(Seen<'_>)) {
        let Field { finder, cells, .. } = *self;
        hits.clear();
        let mut keys = Keys::default();
        for sign in memchr::memchr_iter(b'=', &cells.bytes) {
            finder.secret_at(&cells.bytes, sign, &mut keys, hits);
        }
        for hit in hits.iter() {
            let i = cells.ends.partition_point(|end| (*end as usize) < hit.start);
            if self.is_told(i, hit.detector) {
                continue;
            }
            let Hit { rung, validity, .. } = *hit;
            let near = hit.label.unwrap_or(Near::Nothing);
            let sign = Sign { rung, validity, whole: false, near, separated: false };
            see(self.seen(i, hit, sign));
        }
    }

    /// A hit in a cell, as it is to be counted.
    #[inline]
    fn seen(&self, cell: usize, hit: &Hit, sign: Sign) -> Seen<'_> {
        let base = u64::from(self.cells.piece(cell).unwrap_or(0));
        Seen {
            detector: hit.detector,
            sign,
            place: self.cells.row(cell),
            start: base + (hit.start - self.cells.range(cell).start) as u64,
            cell,
            value: &self.cells.bytes[hit.start..hit.end],
            read: &self.cells.bytes[hit.start..hit.end],
        }
    }

    /// A hit that is a whole cell. One that fails its check digit only is no value here.
    fn seen_whole(&self, cell: usize, hit: &Hit, is_separated: bool) -> Seen<'_> {
        let rung = if hit.valid() { hit.rung } else { FAILED };
        let separated = is_separated && self.finder.has_separators(hit.detector);
        let (validity, near) = (hit.validity, Near::Nothing);
        self.seen(cell, hit, Sign { rung, validity, whole: true, near, separated })
    }
}

/// Cells that are looked at one by one when the cell of a byte is searched.
const NEXT: usize = 8;

/// What is to be made of a pattern in the cells of a field.
#[derive(Clone, Copy)]
struct Plan {
    detector: u16,
    /// Whether it is a kind's look in running text.
    prose: bool,
    /// Whether it is the shape of whole cells only.
    of_wholes: bool,
    /// Whether a whole cell that has its shape tells anything, and whether it is asked now and then only.
    asks: bool,
    is_idle: bool,
}

/// A search of a buffer of cells.
pub(super) struct Search<'a, S> {
    field: &'a Field<'a>,
    judge: Judge<'a>,
    room: &'a mut Room,
    see: S,
    /// Number of the cell at hand, where it stands, and what is known of it.
    at: usize,
    start: usize,
    end: usize,
    known: u8,
}

/// What is known of a cell, as bits: that it was looked at; that it can be a value as a whole; that it is not asked for
/// idle kinds, and that it has the shape of such; that what stands inside does not count.
const MET: u8 = 1;
const PLAIN: u8 = 2;
const LEAVES_OUT: u8 = 4;
const LEFT_OUT: u8 = 8;
const SETTLED: u8 = 16;

/// Room for a search, used again.
#[derive(Default)]
pub(super) struct Room {
    /// What was found and is not counted yet, by start and detector.
    hits: Vec<Hit>,
    /// By number of the pattern.
    plans: Vec<Plan>,
    /// What is known of each cell.
    known: Vec<u8>,
    /// Parts of cells that look like what the whole cell is already, by start. They do not count, but stand in
    /// the way of what overlaps them.
    parts: Vec<(Range<usize>, u16)>,
    /// The hits of a cell with those of its parts that are in the way.
    mixed: Vec<Hit>,
}

impl<'a, S: FnMut(Seen<'_>)> Search<'a, S> {
    pub(super) fn new(
        field: &'a Field<'a>,
        judge: Judge<'a>,
        room: &'a mut Room,
        see: S,
    ) -> Search<'a, S> {
        room.hits.clear();
        room.parts.clear();
        field.plan(&mut room.plans);
        room.known.clear();
        room.known.resize(field.cells.len(), 0);
        let mut search = Search { field, judge, room, see, at: 0, start: 0, end: 0, known: 0 };
        search.enter(0);
        search
    }

    /// Finds what the cells are as a whole, and what stands in those that are nothing as a whole.
    pub(super) fn run(mut self, placer: &mut Placer, placed: &mut Vec<Placed>) {
        let Field { finder, cells, .. } = *self.field;
        if cells.is_empty() {
            return;
        }
        finder.find(&cells.bytes, 0, cells.bytes.len(), &mut self);
        let Search { field, mut judge, room, mut see, .. } = self;
        let Room { hits, plans, known, parts, mixed } = room;
        finder::sort(hits);
        parts.sort_unstable_by_key(|p| p.0.start);
        let (mut rest, mut i) = (&hits[..], 0);
        while let Some(first) = rest.first() {
            let is_before = |end: &u32| (*end as usize) < first.start;
            i += cells.ends[i..].iter().take_while(|end| is_before(end)).count();
            let end = cells.ends[i] as usize;
            let (hits, behind) = rest.split_at(rest.iter().take_while(|h| h.start < end).count());
            rest = behind;
            if known[i] & SETTLED != 0 {
                continue;
            }
            let hits = with_parts(hits, &cells.range(i), parts, &mut judge, mixed);
            let is_idle_value = &mut || {
                known[i] & LEFT_OUT != 0 && is_idle_value(field, plans, cells.range(i), &mut judge)
            };
            inside(field, (i, hits), is_idle_value, (placer, placed), &mut see);
        }
    }

    /// Goes to the cell that holds a byte.
    #[inline]
    fn go_to(&mut self, byte: usize) {
        if !(self.start..=self.end).contains(&byte) {
            self.search_cell(byte);
        }
    }

    fn search_cell(&mut self, byte: usize) {
        let ends = &self.field.cells.ends;
        let from = if byte < self.start { 0 } else { self.at + 1 };
        let is_before = |end: &&u32| (**end as usize) < byte;
        // Mostly it is one of the next.
        let near = ends[from..].iter().take(NEXT).take_while(is_before).count();
        let far = match near == NEXT {
            true => ends[from + near..].partition_point(|end| is_before(&end)),
            false => 0,
        };
        self.enter(from + near + far);
    }

    fn enter(&mut self, at: usize) {
        let cells = self.field.cells;
        let Some(known) = self.room.known.get_mut(at) else { return };
        let range = cells.range(at);
        (self.at, self.start, self.end) = (at, range.start, range.end);
        if *known == 0 {
            *known = meet(&cells.bytes[range], cells.piece(at).is_none(), self.field.idle);
        }
        self.known = *known;
    }

    /// Notes something of the cell at hand.
    fn note(&mut self, bit: u8) {
        self.known |= bit;
        self.room.known[self.at] = self.known;
    }

    fn is(&self, bit: u8) -> bool {
        self.known & bit != 0
    }

    /// Takes patterns of which the whole cell has the shape.
    fn found_whole(&mut self, patterns: &[u16]) {
        for &pattern in patterns {
            let plan = self.room.plans[usize::from(pattern)];
            if plan.is_idle && self.is(LEAVES_OUT) {
                if plan.asks {
                    self.note(LEFT_OUT);
                }
            } else if plan.asks {
                self.ask_whole(plan);
            }
        }
    }

    /// Asks whether the whole cell is of a kind. Where whole cells are judged for it, its look in running text adds
    /// nothing.
    fn ask_whole(&mut self, Plan { detector, prose, .. }: Plan) {
        let (start, end) = (self.start, self.end);
        if prose && self.field.is_told(self.at, detector) {
            self.room.parts.push((start..end, detector));
            return;
        }
        let Some(hit) = self.judge.whole_hit(detector, prose, start, end) else { return };
        if prose && !self.field.named.takes_prose(detector) {
            self.room.hits.push(hit);
            return;
        }
        let is_separated = self.judge.is_separated();
        (self.see)(self.field.seen_whole(self.at, &hit, is_separated));
        match hit.valid() {
            true => self.note(SETTLED),
            // It may stand in the way of parts, if words speak for it.
            false if hit.rung != FAILED => self.room.hits.push(hit),
            false => {}
        }
    }

    /// Takes patterns of which a part of the cell has the shape.
    fn found_part(&mut self, start: usize, end: usize, patterns: &[u16]) {
        if self.is(SETTLED) || self.judge.strikes(start, end) {
            return;
        }
        let whole = (self.start, self.end) == (start, end);
        for &pattern in patterns {
            let Plan { detector, prose, of_wholes, asks, .. } =
                self.room.plans[usize::from(pattern)];
            if of_wholes || whole && !asks {
                continue;
            }
            if prose && self.field.is_told(self.at, detector) {
                self.room.parts.push((start..end, detector));
            } else if let Some(hit) = self.judge.hit(detector, prose, start, end)
                // A part of a cell that fails tells nothing.
                && (hit.rung != FAILED || !self.is(PLAIN))
            {
                self.room.hits.push(hit);
            }
        }
    }
}

impl<S: FnMut(Seen<'_>)> engine::Look for &mut Search<'_, S> {
    #[inline]
    fn wants(&mut self, at: usize) -> bool {
        self.go_to(at);
        !self.is(SETTLED) || at == self.start
    }

    fn found(&mut self, start: usize, end: usize, patterns: &[u16]) {
        self.go_to(start);
        match self.is(PLAIN) && (self.start, self.end) == (start, end) {
            true => self.found_whole(patterns),
            false => self.found_part(start, end, patterns),
        }
    }
}

/// What can be told of a cell before it is searched.
fn meet(text: &[u8], is_all: bool, idle: &Idle) -> u8 {
    let blank = |b: Option<&u8>| b.is_none_or(u8::is_ascii_whitespace);
    if !is_all || blank(text.first()) || blank(text.last()) {
        return MET;
    }
    let leaves_out = if idle.asks_all(text) { 0 } else { LEAVES_OUT };
    let settled = if veto::has_no_parts(text) { SETTLED } else { 0 };
    MET | PLAIN | leaves_out | settled
}

/// Whether a cell is a value of a kind that it was not asked for.
fn is_idle_value(
    field: &Field<'_>,
    plans: &[Plan],
    range: Range<usize>,
    judge: &mut Judge<'_>,
) -> bool {
    let mut is_value = false;
    let start = range.start;
    field.finder.find(&field.cells.bytes, start, start + 1, |candidate: Candidate| {
        let plan = plans[usize::from(candidate.pattern)];
        if candidate.end == range.end && plan.is_idle && plan.asks && !is_value {
            let hit = judge.whole_hit(plan.detector, false, start, range.end);
            is_value = hit.is_some_and(|h| h.valid());
        }
    });
    is_value
}

/// The hits of a cell, and where parts of it are in their way those as well.
fn with_parts<'h>(
    hits: &'h [Hit],
    cell: &Range<usize>,
    parts: &[(Range<usize>, u16)],
    judge: &mut Judge<'_>,
    mixed: &'h mut Vec<Hit>,
) -> &'h [Hit] {
    let from = parts.partition_point(|p| p.0.start < cell.start);
    let of_cell = parts[from..].iter().take_while(|p| p.0.start < cell.end);
    let in_way = |p: &(Range<usize>, u16)| {
        let overlaps = |h: &Hit| h.rung != FAILED && h.start < p.0.end && p.0.start < h.end;
        hits.iter().any(overlaps)
    };
    if !of_cell.clone().any(in_way) {
        return hits;
    }
    mixed.clear();
    mixed.extend_from_slice(hits);
    mixed.extend(
        of_cell.filter_map(|(range, detector)| judge.hit(*detector, true, range.start, range.end)),
    );
    mixed.sort_unstable_by_key(|h| (h.start, h.detector));
    mixed
}

/// The hits of one cell that are not counted yet: those that are the whole cell, blanks round it apart, count for
/// each kind, the others as running text, unless the cell is a value as a whole.
fn inside(
    field: &Field<'_>,
    (i, hits): (usize, &[Hit]),
    is_idle_value: &mut dyn FnMut() -> bool,
    (placer, placed): (&mut Placer, &mut Vec<Placed>),
    see: &mut impl FnMut(Seen<'_>),
) {
    let Field { finder, named, cells, .. } = *field;
    let (_, span) = trimmed(cells, i);
    let is_piece = cells.piece(i).is_some();
    let spans_all = |h: &Hit| h.start == span.start && h.end == span.end && !is_piece;
    if span != cells.range(i) {
        let is_whole = |h: &&Hit| spans_all(h) && (!h.prose || named.takes_prose(h.detector));
        let mut settled = false;
        for hit in hits.iter().filter(is_whole) {
            settled |= hit.valid();
            let is_separated = veto::is_separated(&cells.bytes[hit.start..hit.end]);
            see(field.seen_whole(i, hit, is_separated));
        }
        if settled {
            return;
        }
    }
    if hits.iter().all(&spans_all) || is_idle_value() {
        return;
    }
    // What stands in other cells is no context.
    let hint = |number: u16| named.hints.get(&number).copied();
    finder.place(&cells.bytes, hits, hint, placer, placed);
    // A part of a cell adds nothing to what the whole cell is already.
    let is_part = |p: &&Placed| field.is_told(i, p.hit.detector);
    let counts = |p: &&Placed| !spans_all(&p.hit) && !is_part(p);
    placed.iter().filter(counts).for_each(|p| see(field.seen(i, &p.hit, sign(p, false))));
}

/// Longest text that a cell validator is given.
const CELL_TEXT: usize = 400;

/// Longest cell that is asked whether it is a name, family name first.
const LONGEST_NAME: usize = 60;

/// What whole cells are as values of one kind that is judged by field name and cell.
pub(super) struct Verdicts {
    detector: u16,
    /// Rung and validity of each cell; nothing where there is no cell to judge.
    of_cells: Vec<Option<(u8, Validity)>>,
}

impl Verdicts {
    /// Hands every whole cell to the validator of the kind.
    fn new(
        finder: &Finder,
        (detector, look): (u16, Look),
        field: &[u8],
        (cells, decoded): (&Cells, Option<&str>),
    ) -> Verdicts {
        const ECHO: Verdict = Verdict::Invalid("says no more than the field's name");
        let verdict = |i: usize| {
            let (text, Range { start, .. }) = trimmed(cells, i);
            if text.is_empty() || cells.piece(i).is_some_and(|at| at > 0) {
                return None;
            }
            if look == Look::Date && !is_like_date(text) {
                return None;
            }
            let mut short =
                part_of(&cells.bytes, decoded, start..start + text.len().min(CELL_TEXT));
            if text.len() > CELL_TEXT && short.ends_with('\u{FFFD}') {
                short.to_mut().pop();
            }
            let strict = || finder.check_prose(detector, &short);
            let verdict = match look {
                // `religion = Religion` is a catalogue of labels.
                Look::Named if label::is_echo(field, text) => ECHO,
                Look::Named | Look::Date => finder.check(detector, &short),
                Look::Strict => strict(),
                Look::Both => match strict() {
                    valid @ Verdict::Valid(_) => valid,
                    _ => finder.check(detector, &short),
                },
            };
            Some(finder.rung(detector, verdict))
        };
        Verdicts { detector, of_cells: (0..cells.len()).map(verdict).collect() }
    }

    /// The cells that are names with a comma behind the family name, for which the look of names in running text has no
    /// form: wherever a word and a comma stand it would have to be looked for.
    fn of_turned_names(
        finder: &Finder,
        detector: u16,
        (cells, decoded): (&Cells, Option<&str>),
    ) -> Option<Verdicts> {
        let mut of_cells = Vec::new();
        let (mut i, mut behind) = (0, 0);
        for comma in memchr::memchr_iter(b',', &cells.bytes) {
            if comma < behind {
                continue;
            }
            i += cells.ends[i..].iter().take_while(|end| (**end as usize) < comma).count();
            behind = cells.ends[i] as usize;
            // Sums and addresses are passed at once.
            let may_be = comma > 0
                && !cells.bytes[comma - 1].is_ascii_digit()
                && matches!(cells.bytes[comma + 1..behind], [b' ', b'A'..=b'Z' | 0x80.., ..]);
            let (text, Range { start, end }) = trimmed(cells, i);
            // In addresses digits stand near the end.
            let has_digit = || text.iter().rev().any(u8::is_ascii_digit);
            if !may_be || text.len() > LONGEST_NAME || cells.piece(i).is_some() || has_digit() {
                continue;
            }
            let name = part_of(&cells.bytes, decoded, start..end);
            let told = finder.rung(detector, finder.check_turned(&name));
            if told.0 != FAILED {
                of_cells.resize(cells.len(), None);
                of_cells[i] = Some(told);
            }
        }
        (!of_cells.is_empty()).then_some(Verdicts { detector, of_cells })
    }

    /// Whether a cell is a value of a kind as a whole.
    fn passed(&self, cell: usize, detector: u16) -> bool {
        self.detector == detector && self.of_cells[cell].is_some_and(|(rung, _)| rung != FAILED)
    }

    /// Gives every whole cell with what it is.
    pub(super) fn give(&self, cells: &Cells, see: &mut impl FnMut(Seen<'_>)) {
        for (i, verdict) in self.of_cells.iter().enumerate() {
            let &Some((rung, validity)) = verdict else { continue };
            let (text, span) = trimmed(cells, i);
            see(Seen {
                detector: self.detector,
                sign: Sign { rung, validity, whole: true, near: Near::Nothing, separated: false },
                place: cells.row(i),
                start: (span.start - cells.range(i).start) as u64,
                cell: i,
                value: text,
                read: text,
            });
        }
    }
}

/// What whole cells are as values of the kinds that are judged by field name and cell.
pub(super) fn verdicts(
    finder: &Finder,
    named: &Named,
    cells: &Cells,
    decoded: Option<&str>,
) -> Vec<Verdicts> {
    let field = named.last_part().as_bytes();
    let of_kind = |kind: &(u16, Look)| Verdicts::new(finder, *kind, field, (cells, decoded));
    let turned = |kind: &u16| Verdicts::of_turned_names(finder, *kind, (cells, decoded));
    named.by_cell().iter().map(of_kind).chain(named.names().iter().filter_map(turned)).collect()
}

/// A cell's text without the blanks round it, and where it stands.
fn trimmed(cells: &Cells, i: usize) -> (&[u8], Range<usize>) {
    let range = cells.range(i);
    let text = &cells.bytes[range.clone()];
    // Most have none.
    let is_blank = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    if !is_blank(text.first()) && !is_blank(text.last()) {
        return (text, range);
    }
    let start = range.start + text.len() - text.trim_ascii_start().len();
    let text = text.trim_ascii();
    (text, start..start + text.len())
}
