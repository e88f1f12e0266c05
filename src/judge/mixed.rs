//! Columns that hold numbers of several kinds, each with a check: national numbers of staff in several countries.

use super::text::NO_ACCIDENT;
use super::{Accept, Draft, SlotTally, chance_of, sample};
use crate::detect::finder::{FAILED, Finder};
use crate::detect::lexicon::{Fit, Hint};
use crate::evidence::{self, Column};
use crate::eye::Named;
use crate::tally::Kind;
use crate::unit::SlotId;

/// Numbers of a kind at least.
const NUMBERS: f64 = 5.0;
/// How many times more than have the right check digit by chance: numbers of one country have days in them where those of
/// another have.
const NO_DIGIT: f64 = 2.5;
/// Share of the cells that the kinds explain together, at least.
const SHARE: f64 = 0.6;
/// Part of the cells that may pass the checks of two kinds by chance.
const BOTH: f64 = 0.05;

/// One of the kinds of which a column is a mixture.
pub(super) struct Part<'k> {
    pub(super) detector: u16,
    kind: &'k Kind,
    passed: f64,
    candidates: f64,
}

/// The kinds of which a column is a mixture, the winner of the whole column among them if there is one; none for most.
/// Where its name is one of kinds, only those can be.
pub(super) fn parts<'k>(
    finder: &Finder,
    name: &Named,
    slot: &'k SlotTally,
    won: Option<u16>,
) -> Vec<Part<'k>> {
    let is_strong = |detector: &u16| name.hints.get(detector) == Some(&Hint::For(Fit::Strong));
    let is_named = name.hints.keys().any(is_strong);
    let kinds = slot.kinds.iter().filter(|(detector, _)| !is_named || is_strong(detector));
    let mut parts: Vec<Part<'_>> =
        kinds.filter_map(|(detector, kind)| part(finder, *detector, kind)).collect();
    if parts.len() < 2 {
        return Vec::new();
    }
    let cells = parts.iter().map(|part| part.candidates).fold(0.0, f64::max);
    parts.sort_by(|a, b| b.passed.total_cmp(&a.passed).then(a.detector.cmp(&b.detector)));
    // What passes the checks of two kinds is of that with more: the rest has to have room for the other's.
    let mut explained = 0.0;
    parts.retain(|part| {
        let has_room = part.passed + explained <= cells * (1.0 + BOTH);
        explained += if has_room { part.passed } else { 0.0 };
        has_room
    });
    let is_mixture = parts.len() > 1
        && explained >= SHARE * cells
        && won.is_none_or(|won| parts.iter().any(|part| part.detector == won));
    if !is_mixture {
        return Vec::new();
    }
    // What is explained by the others is no candidate of a kind.
    for part in &mut parts {
        part.candidates = (part.candidates - (explained - part.passed)).max(part.passed);
    }
    parts
}

/// A kind of whose numbers more stand in a column than pass its check by chance.
fn part<'k>(finder: &Finder, detector: u16, kind: &'k Kind) -> Option<Part<'k>> {
    let rules = &finder.rules.detectors[usize::from(detector)];
    let (passed, candidates) = sample(kind);
    let digit = rules.check_chance().map_or(0.0, |check| NO_DIGIT * check);
    let least = candidates * digit.max(NO_ACCIDENT * rules.any_chance()).max(2.0 * BOTH);
    (rules.pattern.is_some() && passed >= least.max(NUMBERS)).then_some(Part {
        detector,
        kind,
        passed,
        candidates,
    })
}

impl Part<'_> {
    /// What the column holds of this kind.
    pub(super) fn draft(&self, finder: &Finder, slot: SlotId, name: &Named) -> Draft {
        let column = Column {
            passed: self.passed,
            candidates: self.candidates,
            chance: chance_of(finder, self.detector, self.kind, |rung| rung != FAILED),
            hint: name.hints.get(&self.detector).copied(),
            rival: false,
            company: false,
            separated: false,
            by_cell: false,
            prior: finder.rules.detectors[usize::from(self.detector)].prior,
            veto: None,
        };
        let case = evidence::case(self.detector, &column);
        let certainty = evidence::certainty(case.bits);
        Draft {
            slot,
            detector: self.detector,
            certainty,
            evidence: case.evidence,
            ambiguous: Vec::new(),
            accept: Accept { column: Some(certainty), ..Accept::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::tests::listed;

    const GERMAN: &[&str] =
        &["73019285634", "29067114582", "54089127166", "60785149129", "52987940160", "54793102169"];
    const NORWEGIAN: &[&str] =
        &["01126345603", "16028940878", "04067339377", "27038335958", "22087101790", "15065933818"];

    #[test]
    fn numbers_of_several_countries_in_one_column() {
        let both = [GERMAN, NORWEGIAN].concat();
        for name in ["Nationale ID", "Steuer-ID / Fnr"] {
            let mut found = listed(&[(name, &both)]);
            found.sort();
            let expected =
                ["de_steuer_id", "no_fodselsnummer"].map(|kind| format!("{name}: {kind}"));
            assert_eq!(found, expected);
        }
        assert_eq!(listed(&[("Fnr", NORWEGIAN)]), ["Fnr: no_fodselsnummer"]);
    }
}
