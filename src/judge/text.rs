//! Running text, and values that fill a part of a column only: each is judged by its sign, with what its like in the
//! place say of it.

use super::*;
use crate::detect::context::Near;
use crate::detect::finder::TELLS_ALONE;

/// Share of passing cells among those of the shape, from which single cells are believed.
const SHARE_OF_LIKE: f64 = 0.3;
/// The same where the column is of no kind as a whole, at least: check digits that are right by chance are far fewer.
const SHARE_AMONG: f64 = 0.1;
/// Chance up to which a name is told by all of its parts.
const TELLS_ALL: f64 = 0.003;
/// Bits that names in the cells of a field have at most where they are few of many, and the certainty that comes of them.
const RARE_BITS: f64 = 3.5;
const RARE: f64 = 0.92;

/// What it says against the names in the cells of a field that they are few of many, or that the field holds what is
/// called after people: in enough titles and places stand some that look like people.
fn rarity(finder: &Finder, name: &Named, detector: u16, kind: &Kind, filled: u64) -> f64 {
    /// Cells of a field that are many, and shares of them that are few and next to none.
    const MANY: u64 = 500;
    const FEW: f64 = 0.01;
    const NONE: f64 = 0.001;
    let Some(field) = name.slot.field.as_deref() else { return 0.0 };
    if !finder.is_of_names(detector) {
        return 0.0;
    }
    if filled < MANY {
        return if finder.lexicon.is_of_things(field) { -3.0 } else { 0.0 };
    }
    // Under the name of titles any words agree; what looks like a person is counted.
    let tells = |s: &Sign| s.rung != FAILED && !finder.is_loose(detector, s.rung);
    let found = kind.counts.iter().filter(|(s, _)| tells(s)).map(|(_, c)| c.matches);
    match ratio(found.sum(), filled) {
        share if share >= FEW => 0.0,
        share if share < NONE || finder.lexicon.is_of_things(field) => -6.0,
        _ => -3.0,
    }
}

/// Where running text stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) id: SlotId,
    pub(super) name: &'a Named,
    /// Cells that are not empty.
    pub(super) filled: u64,
    /// Whether it is a column of one kind as a whole.
    pub(super) is_won: bool,
}

/// What a place holds of a kind that it is not as a whole.
pub(super) fn of_kind(
    finder: &Finder,
    place: Place<'_>,
    detector: u16,
    kind: &Kind,
) -> Option<Draft> {
    let in_text = running_text(finder, place, detector, kind);
    match (some_names(finder, place, detector, kind), in_text) {
        (Some(some), Some(in_text)) => Some(some.with(in_text)),
        (some, in_text) => some.or(in_text),
    }
}

/// The matches of one kind in running text (or inside longer cells), each judged by its sign.
fn running_text(finder: &Finder, place: Place<'_>, detector: u16, kind: &Kind) -> Option<Draft> {
    let Place { id, name, filled, is_won } = place;
    if kind.counts.iter().all(|(sign, _)| sign.rung == FAILED) {
        return None;
    }
    let rules = &finder.rules.detectors[detector as usize];
    let by_look = rules.pattern.is_none();
    let in_field = name.slot.field.is_some();
    let (passed, candidates) = sample(kind);
    // In a field the sample is of whole cells, so that is what it speaks of.
    let pass = match by_look {
        true => rarity(finder, name, detector, kind, filled),
        false => pass_of_all(finder, detector, kind, (passed, candidates)),
    };
    let hint = name.hints.get(&detector);
    let is_other = in_field && hint == Some(&Hint::For(Fit::Ambiguous)) && rules.prose.is_some();
    // The field's name is one that such values have, and its cells are something else: addresses, in which names stand
    // beside streets. A few of many are names of things.
    if is_other && !rules.prose.as_ref().is_some_and(|p| p.company) {
        return None;
    }
    let against = hint == Some(&Hint::Against);
    let pass_of = |sign: &Sign, count: &Count| match () {
        () if by_look => pass,
        () if in_field && !sign.whole => pass_in_cells(finder, detector, sign, count, filled),
        // A word before a value parts it from the other numbers of the text, and so does its form.
        () if sign.near >= Near::Keyword => pass.max(0.0),
        () if sign.separated && !in_field => pass_of_separated(finder, detector, kind),
        () => pass,
    };
    // A few values of a kind among others, as persons among firms, are what they would be in a text.
    let share = rules.check_chance().map_or(SHARE_AMONG, |check| SHARE_AMONG.max(4.0 * check));
    let among = !is_won && !by_look && pass >= 0.0 && passed >= share * candidates;
    let mut accept = Accept::default();
    let mut best: Option<(f64, Vec<Evidence>)> = None;
    for (sign, count) in kind.counts.iter().filter(|(s, _)| s.rung != FAILED) {
        let chance = finder.chance(detector, sign.rung);
        // A whole cell was not weighed against other kinds: only what tells by itself counts, and only
        // where its like in the column are not mostly something else.
        let tells = -chance.log2() >= TELLS_ALONE && passed >= SHARE_OF_LIKE * candidates;
        let alone = !against && (tells || among);
        // A look that this many cells give by chance says nothing where no word stands by it.
        let by_chance = by_look
            && in_field
            && (is_other || sign.near < Near::Company)
            && ratio(count.matches, filled.max(1)) <= 2.0 * chance;
        if (sign.whole && !alone) || by_chance || is_other && sign.near < Near::Company {
            continue;
        }
        let (mut pieces, mut certainty) = evidence::text_case(
            chance,
            sign.near,
            sign.separated,
            rules.prior,
            pass_of(sign, count),
        );
        // Few names among many titles are never beyond doubt.
        if by_look && pass < 0.0 && certainty > RARE {
            certainty = evidence::held(&mut pieces, RARE_BITS, "few of many cells");
        }
        accept.signs.push((*sign, certainty));
        if best.as_ref().is_none_or(|b| certainty > b.0) {
            best = Some((certainty, pieces));
        }
    }
    let (certainty, evidence) = best?;
    Some(Draft { slot: id, detector, certainty, evidence, ambiguous: Vec::new(), accept })
}

/// Share of a column's cells, and how many different ones, that are full names at least where it is said of them that they
/// are persons' among others: sole traders among firms, people among numbers of orders.
const SOME: f64 = 0.1;
const SOME_NAMES: f64 = 5.0;
/// Bits of that.
const SOME_BITS: f64 = 4.0;

/// Full names that fill some cells of a column which holds something else as well. Names of things may be like them.
fn some_names(finder: &Finder, place: Place<'_>, detector: u16, kind: &Kind) -> Option<Draft> {
    let Place { id, name, filled, is_won } = place;
    let is_against = name.hints.get(&detector) == Some(&Hint::Against);
    let may_be = finder.is_of_names(detector)
        && name.slot.field.is_some()
        && !is_won
        && !is_against
        && !finder.lexicon.is_of_things(name.field());
    let full = |r: u8| r != FAILED && finder.chance(detector, r) <= TELLS_ALL;
    let cells = || kind.counts.iter().filter(|(s, _)| s.whole && full(s.rung));
    if !may_be || ratio(cells().map(|(_, c)| c.matches).sum(), filled.max(1)) < SOME {
        return None;
    }
    if distinct(kind, full) < SOME_NAMES {
        return None;
    }
    let rules = &finder.rules.detectors[detector as usize];
    let of_sign = |sign: &Sign| {
        let chance = finder.chance(detector, sign.rung);
        let (mut pieces, _) = evidence::text_case(chance, Near::Nothing, false, rules.prior, 0.0);
        pieces.push(Evidence { reason: "full names in part of the cells".into(), bits: SOME_BITS });
        (evidence::certainty(pieces.iter().map(|e| e.bits).sum()), pieces)
    };
    let signs: Vec<_> = cells().map(|(sign, _)| (*sign, of_sign(sign))).collect();
    let (certainty, evidence) =
        signs.iter().map(|(_, told)| told.clone()).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let signs = signs.into_iter().map(|(sign, (certainty, _))| (sign, certainty)).collect();
    let accept = Accept { signs, ..Accept::default() };
    Some(Draft { slot: id, detector, certainty, evidence, ambiguous: Vec::new(), accept })
}

/// What the pass rate of all candidates of a kind says of each. Of kinds with a check digit those count that pass all of the
/// check, and not what lets pass many more (numbers from 2032 on, a lost zero).
fn pass_of_all(
    finder: &Finder,
    detector: u16,
    kind: &Kind,
    (passed, candidates): (f64, f64),
) -> f64 {
    /// Times as likely as what passes all.
    const LIKE_STRICT: f64 = 2.5;
    let rules = &finder.rules.detectors[detector as usize];
    let check = rules.check_chance();
    let (passed, chance) = match check {
        None => (passed, rules.any_chance()),
        Some(_) => {
            let most = rules.chance("strict") * LIKE_STRICT;
            (distinct(kind, |r| r != FAILED && finder.chance(detector, r) <= most), most)
        }
    };
    evidence::pass_bits(passed, candidates, chance, check)
}

/// What the pass rate of the candidates in a text that stand in the separated form says of each.
fn pass_of_separated(finder: &Finder, detector: u16, kind: &Kind) -> f64 {
    let separated = || kind.counts.iter().filter(|(sign, _)| sign.separated && !sign.whole);
    let passed = separated().filter(|(sign, _)| sign.rung != FAILED);
    let passed: u64 = passed.map(|(_, count)| count.distinct.count().0).sum();
    let failed = separated().filter(|(sign, _)| sign.rung == FAILED);
    let failed: u64 = failed.map(|(_, count)| count.matches).sum();
    let rules = &finder.rules.detectors[detector as usize];
    #[expect(clippy::cast_precision_loss, reason = "counts of a file")]
    let (k, n) = (passed as f64, (passed + failed) as f64);
    evidence::pass_bits(k, n, rules.any_chance(), rules.check_chance())
}

/// Times that more pass than by chance from which on those that pass are no accident.
pub(super) const NO_ACCIDENT: f64 = 8.0;
/// Chance up to which a check tells days with a running number from others.
const TELLS_DAYS: f64 = 0.002;

/// The same of parts of cells, of which it is not known how many failed: one in each cell at most.
fn pass_in_cells(finder: &Finder, detector: u16, sign: &Sign, count: &Count, filled: u64) -> f64 {
    let chance = finder.chance(detector, sign.rung);
    #[expect(clippy::cast_precision_loss, reason = "counts of a file")]
    let (passed, cells) = (count.distinct.count().0 as f64, filled as f64);
    let is_no_accident = passed >= 5.0 && passed >= NO_ACCIDENT * cells * chance;
    if chance <= TELLS_DAYS && is_no_accident { 3.0 } else { 0.0 }
}
