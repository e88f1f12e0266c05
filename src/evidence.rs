//! Evidence: what speaks for and against, in bits, and the posterior that comes of it.
//!
//! The weights stand in `docs/evidence.md` with where they come from.

use crate::detect::context::Near;
use crate::detect::lexicon::{Fit, Hint};
use crate::inventory::Evidence;

/// Prior of a shaped kind in a column: log2 odds before anything is seen.
const COLUMN_PRIOR: f64 = -7.0;
/// Prior of a kind that is judged by field name and cell.
const CELL_PRIOR: f64 = -5.0;
/// Prior of one candidate in running text.
const TEXT_PRIOR: f64 = -9.5;
/// Shape and checksum over a column never weigh more than this many times one value's bits.
const COLUMN_CAP: f64 = 4.0;
/// Values beyond this count as dependent.
const INDEPENDENT: f64 = 400.0;
/// Bits between winner and runner-up below which a column is ambiguous.
pub const AMBIGUOUS: f64 = 3.0;

/// Bits of one match in running text, before the prior. `of_value` is what the value tells by itself.
#[must_use]
pub fn match_bits(of_value: f64, near: Near, separated: bool) -> f64 {
    of_value + near_bits(near) + separator_bits(separated)
}

fn near_bits(near: Near) -> f64 {
    match near {
        Near::Label => 12.0,
        Near::Keyword => 8.0,
        Near::Company => 6.0,
        Near::Far | Near::Sentence => 3.0,
        Near::Nothing => 0.0,
        Near::Rival => -2.0,
        Near::Against => -6.0,
    }
}

fn separator_bits(separated: bool) -> f64 {
    if separated { 3.0 } else { 0.0 }
}

/// Bits of a field's name for one kind. `rival` says that the name is that of another kind.
#[must_use]
pub fn name_bits(hint: Option<Hint>, rival: bool, company: bool) -> f64 {
    match hint {
        Some(Hint::For(Fit::Strong)) => 9.0,
        Some(Hint::For(Fit::Medium)) => 6.5,
        Some(Hint::For(Fit::Weak)) => 3.0,
        Some(Hint::For(Fit::Asking)) => 2.0,
        Some(Hint::For(Fit::Ambiguous)) => {
            if company {
                5.0
            } else {
                -3.0
            }
        }
        Some(Hint::Against) => -8.0,
        None if rival => -6.0,
        None => 0.0,
    }
}

/// What a column's candidates weigh: `k` of `n` distinct candidates passed, each by chance with `p0`.
/// The best prevalence between 2 and 100 % is taken, half a bit per doubling of `n` paid for the choice.
#[must_use]
pub fn column_bits(k: f64, n: f64, p0: f64) -> f64 {
    if n <= 0.0 {
        return 0.0;
    }
    let p0 = p0.clamp(1e-9, 0.98);
    let (k, n) = if n > INDEPENDENT { (k * INDEPENDENT / n, INDEPENDENT) } else { (k, n) };
    let mut best = f64::NEG_INFINITY;
    for step in 1..=50 {
        let pi = f64::from(step) / 50.0;
        let q = (0.98 * pi + (1.0 - pi) * p0).clamp(1e-9, 1.0 - 1e-9);
        best = best.max(k * (q / p0).log2() + (n - k) * ((1.0 - q) / (1.0 - p0)).log2());
    }
    let cap = COLUMN_CAP * -p0.log2();
    // That all of them pass never speaks against a kind.
    let least = if k < n { -30.0 } else { 0.0 };
    (best - 0.5 * n.log2()).clamp(least, cap.max(1.0))
}

/// One kind's case for a column.
#[derive(Clone, Debug)]
pub struct Case {
    /// Number of the detector.
    pub detector: u16,
    /// Its pieces of evidence.
    pub evidence: Vec<Evidence>,
    /// Their sum.
    pub bits: f64,
}

/// What is known of a column when a kind's case is built.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Distinct candidates that passed (the sample's).
    pub passed: f64,
    /// Distinct candidates.
    pub candidates: f64,
    /// Chance of one passing.
    pub chance: f64,
    /// What the field's name says.
    pub hint: Option<Hint>,
    /// Whether the name is that of another kind.
    pub rival: bool,
    /// Whether the table holds other personal data.
    pub company: bool,
    /// Whether most values stand in the separated form.
    pub separated: bool,
    /// Whether the kind is judged by field name and cell.
    pub by_cell: bool,
    /// Bits that the detector file adds to the prior.
    pub prior: f64,
    /// Bits against, from vetoes on the column as a whole.
    pub veto: Option<(&'static str, f64)>,
}

/// Builds a kind's case for a column.
#[must_use]
pub fn case(detector: u16, c: &Column) -> Case {
    let mut evidence = Vec::new();
    let mut add = |reason: &'static str, bits: f64| {
        if bits.abs() >= 0.05 {
            evidence.push(Evidence { reason: reason.into(), bits: round(bits) });
        }
        bits
    };
    let mut bits = add("prior", if c.by_cell { CELL_PRIOR } else { COLUMN_PRIOR } + c.prior);
    let values = if c.by_cell { "values agree" } else { "shape and check" };
    bits += add(values, column_bits(c.passed, c.candidates, c.chance));
    bits += add("field name", name_bits(c.hint, c.rival, c.company));
    bits += add("separators", separator_bits(c.separated));
    if let Some((why, against)) = c.veto {
        bits += add(why, against);
    }
    Case { detector, evidence, bits }
}

/// The posterior of the best case over all cases and "nothing". Those that `agree` with the best speak for it:
/// they are the same statement of another country, or say whose it is.
#[must_use]
pub fn posterior(cases: &[Case], agree: impl Fn(u16, u16) -> bool) -> Option<(usize, f64)> {
    let best = (0..cases.len()).max_by(|&a, &b| {
        cases[a].bits.total_cmp(&cases[b].bits).then(cases[b].detector.cmp(&cases[a].detector))
    })?;
    let top = cases[best].bits.max(0.0);
    let odds = |case: &Case| (case.bits - top).exp2();
    let detector = cases[best].detector;
    let same = cases.iter().filter(|c| c.detector == detector || agree(c.detector, detector));
    let all: f64 = cases.iter().map(odds).sum::<f64>() + (-top).exp2();
    Some((best, same.map(odds).sum::<f64>() / all))
}

/// Bits of what only its field's name tells: of level low.
pub const LOW: f64 = 1.0;

/// Takes a finding down to [`LOW`], if it has more. Gives the new certainty.
#[must_use]
pub fn lowered(evidence: &mut Vec<Evidence>, why: &'static str) -> Option<f64> {
    let bits: f64 = evidence.iter().map(|e| e.bits).sum();
    (bits > LOW).then(|| held(evidence, LOW, why))
}

/// Takes a finding to this many bits. Gives its certainty.
#[must_use]
pub fn held(evidence: &mut Vec<Evidence>, most: f64, why: &'static str) -> f64 {
    let bits: f64 = evidence.iter().map(|e| e.bits).sum();
    evidence.push(Evidence { reason: why.into(), bits: round(most - bits) });
    certainty(most)
}

/// Chance beyond which a form is that of other numbers as well: that many pass says nothing for it.
const LIKELY: f64 = 0.25;

/// Evidence and certainty of one match in running text. `pass` is what the whole text says of the kind:
/// see [`pass_bits`].
#[must_use]
pub fn text_case(
    chance: f64,
    near: Near,
    separated: bool,
    prior: f64,
    pass: f64,
) -> (Vec<Evidence>, f64) {
    let mut evidence = Vec::new();
    let pieces = [
        ("prior", TEXT_PRIOR + prior),
        ("shape and check", -chance.log2()),
        ("words near", near_bits(near)),
        ("separators", separator_bits(separated)),
        ("pass rate in the text", if pass > 0.0 && chance > LIKELY { 0.0 } else { pass }),
    ];
    let mut bits = 0.0;
    for (reason, b) in pieces {
        bits += b;
        if b.abs() >= 0.05 {
            evidence.push(Evidence { reason: reason.into(), bits: round(b) });
        }
    }
    (evidence, certainty(bits))
}

/// What the pass rate of all candidates of a kind in a text says of each: where they pass as often as
/// random numbers do, they are random numbers, and so they are where they do as often as their check digit is right by
/// chance, which is `check`. Where most numbers fail, those that pass are no better for it: sums are no
/// random numbers either.
#[must_use]
pub fn pass_bits(k: f64, n: f64, p0: f64, check: Option<f64>) -> f64 {
    if n < 4.0 || p0 > 0.5 {
        return 0.0;
    }
    let share = check.map_or(SHARE_IN_TEXT, |check| (check * OFTENER).min(SHARE_IN_TEXT));
    match column_bits(k, n, p0) {
        expected if expected <= 0.0 => -6.0,
        // A day and a running number are right but for the check digit.
        _ if p0 < 0.05 && k < n * share && check.is_some() && n >= MANY_IN_TEXT => -6.0,
        _ if p0 < 0.05 && k < n * share => 0.0,
        expected => (expected / 4.0).min(3.0),
    }
}

/// Share of the candidates of a kind in a text from which their passing speaks for each, where check digits are right by
/// chance as often as of most kinds.
const SHARE_IN_TEXT: f64 = 0.2;
/// Candidates from which on their share can be told from that of check digits that are right by chance, and how many
/// times that.
const MANY_IN_TEXT: f64 = 8.0;
const OFTENER: f64 = 2.0;

/// Probability of log2 odds.
#[must_use]
pub fn certainty(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}

/// Rounds to a tenth, so that outputs are short and the same on every machine.
#[must_use]
pub fn round(bits: f64) -> f64 {
    (bits * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_noise_and_a_column_is_a_column() {
        assert!(column_bits(36.0, 400.0, 0.091) <= 0.0);
        assert!(column_bits(388.0, 400.0, 0.091) > 10.0);
        assert!(column_bits(1.0, 1.0, 0.0006) > 9.0);
    }

    #[test]
    fn a_few_that_pass_speak_for_nothing() {
        assert!(pass_bits(19.0, 20.0, 0.003, None) > 2.0);
        assert!(pass_bits(58.0, 2000.0, 0.003, None).abs() < 0.01);
        assert!(pass_bits(6.0, 2000.0, 0.003, None) < -5.0);
        assert!(pass_bits(320.0, 4000.0, 0.004, Some(0.09)) < -5.0);
        assert!(pass_bits(3800.0, 4000.0, 0.004, Some(0.09)) > 2.0);
        assert!(pass_bits(490.0, 10_000.0, 0.0005, Some(0.015)) > 2.0);
        assert!(pass_bits(160.0, 10_000.0, 0.0005, Some(0.015)) < -5.0);
    }

    #[test]
    fn twins_say_the_same() {
        let case = |detector, bits| Case { detector, evidence: Vec::new(), bits };
        let cases = [case(0, 9.0), case(1, 8.5), case(2, 1.0)];
        let alone = posterior(&cases, |_, _| false).unwrap();
        let shared = posterior(&cases, |a, b| a + b == 1).unwrap();
        assert_eq!((alone.0, shared.0), (0, 0));
        assert!(alone.1 < 0.6 && shared.1 > 0.99, "{alone:?} {shared:?}");
    }

    #[test]
    fn a_text_full_of_chance_hits_loses_them() {
        assert!(pass_bits(9.0, 100.0, 0.09, None) < 0.0);
        assert!(pass_bits(50.0, 50.0, 0.09, None) > 0.0);
    }
}
