//! Duplicates: files with the same bytes, and files whose findings hold the same values in whatever form and
//! order.

use std::collections::BTreeMap;

use crate::inventory::{DuplicateBy, Finding};
use crate::sketch::Distinct;

/// Below this many different values, two files may hold the same ones by chance: a signature under letters.
const LEAST: u64 = 10;
/// From this identifiability on the values themselves are compared.
const COMPARED: f64 = 0.5;
/// Dates are written one way in a table and another in its workbook, so their values are not compared.
const DATES: &str = "demographic.date_of_birth";

/// What a file is compared by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content {
    /// Digest of its bytes.
    pub bytes: Option<String>,
    /// Digest of the sets of values of its identifiers.
    pub values: Option<String>,
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
        let enough = sets.values().any(|set| set.count().0 >= LEAST);
        let digest = || {
            let mut hasher = blake3::Hasher::new();
            for (detector, set) in &sets {
                let text = serde_json::to_string(set).unwrap_or_default();
                hasher.update(detector.as_bytes()).update(&[0]).update(text.as_bytes());
            }
            hasher.finalize().to_hex()[..16].to_owned()
        };
        Content { bytes, values: enough.then(digest) }
    }
}

/// The set that each file belongs to, if others do too: its id, the number of its first file, and what its
/// files have in common. The files come in the order of their paths.
#[must_use]
pub fn sets(files: &[Content]) -> Vec<Option<(String, usize, DuplicateBy)>> {
    let mut sets: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        if let Some(key) = file.values.as_ref().or(file.bytes.as_ref()) {
            sets.entry(key).or_default().push(number);
        }
    }
    let mut of = vec![None; files.len()];
    for (key, members) in sets.into_iter().filter(|(_, members)| members.len() > 1) {
        let first = members[0];
        let same = |n: &usize| files[*n].bytes.is_some() && files[*n].bytes == files[first].bytes;
        let by = if members.iter().all(same) { DuplicateBy::Bytes } else { DuplicateBy::Values };
        let id = &key[..key.len().min(16)];
        members.iter().for_each(|n| of[*n] = Some((id.to_owned(), first, by)));
    }
    of
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn content(bytes: &str, values: Option<&str>) -> Content {
        Content { bytes: Some(bytes.to_owned()), values: values.map(str::to_owned) }
    }

    #[test]
    fn same_values_make_a_set_and_same_bytes_too() {
        let files = [
            content("b1", Some("v1")),
            content("b2", Some("v1")),
            content("b3", None),
            content("b3", None),
            content("b4", Some("v2")),
            content("b1", Some("v1")),
        ];
        let sets = sets(&files);
        for n in [0, 1, 5] {
            assert_eq!(sets[n], Some(("v1".to_owned(), 0, DuplicateBy::Values)));
        }
        assert_eq!(sets[2], Some(("b3".to_owned(), 2, DuplicateBy::Bytes)));
        assert_eq!(sets[3], sets[2]);
        assert_eq!(sets[4], None);
    }
}
