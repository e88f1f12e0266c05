//! How many people the data is about, as far as identifiers tell.

use std::collections::BTreeMap;

use crate::inventory::Finding;
use crate::sketch::Distinct;

/// From this identifiability on a value stands for one person; below it, several people share one.
const SINGLES_OUT: f64 = 0.75;
/// From this identifiability on a value may stand for a person, where nothing better does.
const MAY_IDENTIFY: f64 = 0.5;

/// Different values per detector, of the identifiers of some groups.
#[derive(Default)]
pub struct Subjects<'a> {
    by_detector: BTreeMap<&'a str, (f64, Distinct)>,
}

impl<'a> Subjects<'a> {
    /// Adds the findings of one group, with the identifiability of their categories: the identifier that tells
    /// most people counts. It is returned.
    pub fn add_group(
        &mut self,
        findings: impl Iterator<Item = (&'a Finding, &'a Distinct, f64)>,
    ) -> Option<(u64, bool)> {
        let identifies = |f: &(&Finding, &Distinct, f64)| f.2 >= MAY_IDENTIFY;
        let rank = |f: &(&Finding, &Distinct, f64)| (f.2 >= SINGLES_OUT, f.0.distinct);
        // Of equals the first by name, whatever the order they come in.
        let order = |f: &(&'a Finding, &Distinct, f64)| (rank(f), std::cmp::Reverse(&f.0.detector));
        let (finding, sketch, identifiability) = findings.filter(identifies).max_by_key(order)?;
        let known = self.by_detector.entry(&finding.detector).or_default();
        known.0 = identifiability;
        known.1.merge(sketch);
        Some((finding.distinct, finding.distinct_is_estimate))
    }

    /// The people of all groups: at least as many as the detector that tells most of them.
    #[must_use]
    pub fn count(&self) -> Option<(u64, bool)> {
        let counts =
            self.by_detector.values().map(|(i, sketch)| (*i >= SINGLES_OUT, sketch.count()));
        counts.max().map(|(_, count)| count)
    }
}
