//! What people say of a row's findings: which are wrong, by whose word, and for which version of the detector.

use std::collections::HashMap;

use super::columns::{DETECTORS, REJECTED, REJECTED_BY, REJECTED_WHY, REJECTIONS};
use super::entry::{Entry, Versions};

/// `email@1; phone` as ids, with their versions where they are named.
fn tokens(cell: &str) -> impl Iterator<Item = (&str, Option<u32>)> {
    cell.split([';', ',', ' ', '\n', '\t']).filter(|token| !token.is_empty()).map(|token| {
        match token.split_once('@') {
            Some((detector, version)) => (detector, version.parse().ok()),
            None => (token, None),
        }
    })
}

/// The rejections that a row was drafted under. What was rejected since is no change of the data, so rows are
/// compared under them.
pub(super) fn in_force_before<'c>(at: &impl Fn(&str) -> &'c str) -> Versions {
    let drafted: HashMap<&str, Option<u32>> = tokens(at(DETECTORS)).collect();
    tokens(at(REJECTIONS))
        .filter(|(detector, version)| drafted.get(detector) == Some(version))
        .filter_map(|(detector, version)| Some((detector.to_owned(), version?)))
        .collect()
}

/// What people say of a row's findings.
#[derive(Default)]
pub(super) struct Opinion {
    /// Rejections that hold.
    pub rejected: Versions,
    /// Rejections made under another version of the detector, or of what is not found now: remembered.
    pub outdated: Versions,
    /// What is unclear about them.
    pub doubts: Vec<String>,
}

impl Opinion {
    /// What a row says; `at` gives its cells.
    pub fn of<'c>(entry: &Entry, at: &impl Fn(&str) -> &'c str) -> Opinion {
        let mut opinion = Opinion::default();
        let wanted = at(REJECTED);
        if wanted.is_empty() {
            return opinion;
        }
        if at(REJECTED_WHY).is_empty() || at(REJECTED_BY).is_empty() {
            opinion.doubts.push(format!(
                "The rejection of {wanted} does not hold yet: fill in {REJECTED_WHY:?} and {REJECTED_BY:?}."
            ));
            return opinion;
        }
        let known: HashMap<&str, Option<u32>> =
            tokens(at(DETECTORS)).chain(tokens(at(REJECTIONS))).collect();
        let all = entry.detectors();
        let named: Vec<(&str, Option<u32>)> = match wanted.to_lowercase() == "all" {
            true => all.iter().map(|detector| (*detector, None)).collect(),
            false => tokens(wanted).collect(),
        };
        for (detector, version) in named {
            let made_under = version.or_else(|| known.get(detector).copied().flatten());
            opinion.take(detector, made_under, entry.version(detector));
        }
        opinion
    }

    /// Takes a rejection made under one version of a detector that has another one now, or none here.
    fn take(&mut self, detector: &str, made_under: Option<u32>, now: Option<u32>) {
        match (made_under, now) {
            // It may come back, and is rejected then.
            (Some(version), None) => {
                self.outdated.insert(detector.to_owned(), version);
            }
            (None, None) => {
                self.doubts.push(format!("{detector} is rejected, but was never found here."));
            }
            (Some(version), Some(now)) if version == now => {
                self.rejected.insert(detector.to_owned(), version);
            }
            (made_under, Some(now)) => {
                self.outdated.extend(made_under.map(|version| (detector.to_owned(), version)));
                self.doubts.push(format!(
                    "{detector} was rejected, but the detector has changed since (version {now}): if it is \
                     still wrong here, write {detector}@{now} in {REJECTED:?}."
                ));
            }
        }
    }
}
