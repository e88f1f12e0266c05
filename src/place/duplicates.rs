//! Duplicates: files with the same bytes, and files whose findings hold the same values in whatever form and
//! order.

use std::collections::{BTreeMap, HashMap};

use crate::inventory::{DuplicateBy, Finding};
use crate::sketch::Distinct;

/// Below this many different values, two files may hold the same ones by chance: a signature under letters.
const LEAST: u64 = 10;
/// From this identifiability on the values themselves are compared.
const COMPARED: f64 = 0.5;
/// A set of values that stands in more files than this, among ever different others, tells no copies.
const MOST: usize = 64;
/// Dates are written one way in a table and another in its workbook, so their values are not compared.
const DATES: &str = "demographic.date_of_birth";

/// What a file is compared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Digest of its bytes.
    pub bytes: Option<String>,
    /// Per detector that found something, in order: the digest of the set of its values, where they are compared.
    pub sets: Vec<(String, Option<String>)>,
}

impl Content {
    /// What the findings of a file are compared by: which detectors found something, and the values of those
    /// whose category identifies people, all columns of the file together. They are digests under the
    /// organisation's key already.
    pub fn new<'a>(
        bytes: Option<String>,
        findings: impl Iterator<Item = (&'a Finding, &'a Distinct, f64)>,
    ) -> Content {
        let mut sets: BTreeMap<&str, Distinct> = BTreeMap::new();
        for (finding, sketch, identifiability) in findings.filter(|f| f.0.category != DATES) {
            let set = sets.entry(&finding.detector).or_default();
            if identifiability >= COMPARED {
                set.merge(sketch);
            }
        }
        let digest = |set: &Distinct| {
            let text = serde_json::to_string(set).unwrap_or_default();
            blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
        };
        let digests = sets.iter().map(|(detector, set)| {
            let compared = set.count().0 >= LEAST;
            ((*detector).to_owned(), compared.then(|| digest(set)))
        });
        Content { bytes, sets: digests.collect() }
    }

    fn compared(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sets.iter().filter_map(|(detector, set)| Some((detector.as_str(), set.as_deref()?)))
    }

    /// The detectors that found something, as one text.
    fn kinds(&self) -> String {
        self.detectors().collect::<Vec<_>>().join(" ")
    }

    fn detectors(&self) -> impl Iterator<Item = &str> {
        self.sets.iter().map(|set| set.0.as_str())
    }

    /// Whether the same kinds were found, and at least half of the sets of values are the same: a spreadsheet
    /// that drops leading zeros spoils one column, not all.
    fn is_like(&self, other: &Content) -> bool {
        let same = self.compared().filter(|set| other.compared().any(|o| o == *set)).count();
        let most = self.compared().count().max(other.compared().count());
        same > 0 && same * 2 >= most && self.detectors().eq(other.detectors())
    }
}

/// The set that each file belongs to, if others do too: its id, the number of its first file, and what its
/// files have in common. The files come in the order of their paths.
#[must_use]
pub fn sets(files: &[Content]) -> Vec<Option<(String, usize, DuplicateBy)>> {
    let kinds: Vec<String> = files.iter().map(Content::kinds).collect();
    let mut firsts: HashMap<(&str, &str, &str), Vec<usize>, foldhash::quality::RandomState> =
        HashMap::default();
    let mut by_bytes: HashMap<&str, usize, foldhash::quality::RandomState> = HashMap::default();
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        let keys =
            || file.compared().map(|(detector, set)| (kinds[number].as_str(), detector, set));
        let candidates = keys().flat_map(|key| firsts.get(&key).into_iter().flatten().take(MOST));
        let alike = candidates.copied().filter(|c| files[*c].is_like(file)).min();
        let same = file.bytes.as_deref().and_then(|bytes| by_bytes.get(bytes).copied());
        if let Some(first) = same.or(alike) {
            members.entry(first).or_default().push(number);
            continue;
        }
        keys().for_each(|key| firsts.entry(key).or_default().push(number));
        if let Some(bytes) = &file.bytes {
            by_bytes.insert(bytes, number);
        }
    }
    let mut of = vec![None; files.len()];
    for (first, others) in members {
        let same = |n: &usize| files[*n].bytes.is_some() && files[*n].bytes == files[first].bytes;
        let by = if others.iter().all(same) { DuplicateBy::Bytes } else { DuplicateBy::Values };
        let id = set_id(&files[first]);
        for number in others.into_iter().chain([first]) {
            of[number] = Some((id.clone(), first, by));
        }
    }
    of
}

/// Of the set's first file: from what it holds, or from its bytes where that is too little.
fn set_id(first: &Content) -> String {
    let mut hasher = blake3::Hasher::new();
    for (detector, set) in first.compared() {
        hasher.update(detector.as_bytes()).update(&[0]).update(set.as_bytes());
    }
    if first.compared().next().is_none() {
        hasher.update(first.bytes.as_deref().unwrap_or_default().as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn content(bytes: &str, sets: &[(&str, &str)]) -> Content {
        let set = |(detector, set): &(&str, &str)| {
            ((*detector).to_owned(), (!set.is_empty()).then(|| (*set).to_owned()))
        };
        Content { bytes: Some(bytes.to_owned()), sets: sets.iter().map(set).collect() }
    }

    fn firsts(files: &[Content]) -> Vec<Option<usize>> {
        sets(files).into_iter().map(|s| s.map(|s| s.1)).collect()
    }

    #[test]
    fn same_values_make_a_set_and_same_bytes_too() {
        let files = [
            content("b1", &[("email", "v1")]),
            content("b2", &[("email", "v1")]),
            content("b3", &[("email", "")]),
            content("b3", &[("email", "")]),
            content("b4", &[("email", "v2")]),
            content("b1", &[("email", "v1")]),
            content("b5", &[("email", "")]),
        ];
        let sets = sets(&files);
        assert_eq!(firsts(&files), [Some(0), Some(0), Some(2), Some(2), None, Some(0), None]);
        assert_eq!(sets[0].as_ref().unwrap().2, DuplicateBy::Values);
        assert_eq!(sets[0].as_ref().unwrap().0, sets[5].as_ref().unwrap().0);
        assert_eq!(sets[2].as_ref().unwrap().2, DuplicateBy::Bytes);
    }

    #[test]
    fn one_spoilt_column_of_three_does_not_part_copies() {
        let files = [
            content("b1", &[("email", "e"), ("fnr", "f"), ("phone", "p")]),
            content("b2", &[("email", "e"), ("fnr", "spoilt"), ("phone", "p")]),
            content("b3", &[("email", "e"), ("fnr", "x"), ("phone", "y")]),
            content("b4", &[("email", "e"), ("fnr", "f"), ("health", ""), ("phone", "p")]),
            content("b5", &[("email", "e"), ("fnr", "f")]),
        ];
        assert_eq!(firsts(&files), [Some(0), Some(0), None, None, None]);
    }
}
