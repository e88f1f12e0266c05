//! The check of a work list: what of it is still there, where what moved stands now, and what was copied.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Record, Strength};

/// What became of a record, or what a record found now is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is still in its table or document.
    Remains,
    /// Its place holds something of the person that is not what it was.
    Changed,
    /// It is no longer in its place, and its content is in another one.
    Moved,
    /// Its content is in another place as well.
    Copied,
    /// A certain or probable record that the work list does not have.
    New,
    /// Nothing of it was found.
    Gone,
    /// Nothing of it was found, and its file could not be read in full.
    Unknown,
}

impl Fate {
    /// The word that outputs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Remains => "remains",
            Fate::Changed => "changed",
            Fate::Moved => "moved",
            Fate::Copied => "copied",
            Fate::New => "new",
            Fate::Gone => "gone",
            Fate::Unknown => "unknown",
        }
    }
}

/// A record of the work list or of the search now, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Checked {
    /// What became of it.
    pub fate: Fate,
    /// How sure the work list is that it is the person's, or the search where the list does not have it.
    pub strength: Strength,
    /// The record of the work list.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub listed: Option<Record>,
    /// What was found now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub found: Option<Record>,
}

impl Checked {
    fn of(fate: Fate, listed: Option<&Record>, found: Option<&Record>) -> Option<Checked> {
        let strength = listed.or(found)?.strength;
        Some(Checked { fate, strength, listed: listed.cloned(), found: found.cloned() })
    }
}

/// Table or document of a record.
fn holder(r: &Record) -> (&str, &[String], Option<&str>) {
    (&r.path, &r.members, r.table.as_deref())
}

/// Exact place of a record.
fn place(r: &Record) -> (&str, &[String], Option<&str>, [Option<u64>; 4]) {
    (&r.path, &r.members, r.table.as_deref(), [r.row, r.line, r.message, r.page])
}

/// Compares a work list with what is found now. `unread` are the paths that could not be read in full; with
/// `elsewhere` other places than those of the work list were searched, of which nothing can be gone.
#[must_use]
pub fn check(
    listed: &[Record],
    found: &[Record],
    unread: &BTreeSet<&str>,
    elsewhere: bool,
) -> Vec<Checked> {
    let mut pairs = Pairs::new(listed, found);
    // Rows move up when others before them are deleted.
    pairs.pair(Fate::Remains, |r| (place(r), r.fingerprint.as_str()));
    pairs.pair(Fate::Remains, |r| (holder(r), r.fingerprint.as_str()));
    pairs.pair(Fate::Changed, place);
    pairs.pair(Fate::Moved, |r| r.fingerprint.as_str());
    let Pairs { fates, left, .. } = pairs;
    let mut all = Vec::new();
    for (record, fate) in listed.iter().zip(&fates) {
        all.extend(match fate {
            Some((fate, now)) => Checked::of(*fate, Some(record), Some(&found[*now])),
            None if elsewhere => None,
            None if unread.contains(record.path.as_str()) => {
                Checked::of(Fate::Unknown, Some(record), None)
            }
            None => Checked::of(Fate::Gone, Some(record), None),
        });
    }
    for record in left.into_iter().map(|at| &found[at]) {
        let original = listed.iter().find(|r| r.fingerprint == record.fingerprint);
        all.extend(match original {
            Some(_) => Checked::of(Fate::Copied, original, Some(record)),
            None if record.strength.may_drive_erasure() && tells_person(record) => {
                Checked::of(Fate::New, None, Some(record))
            }
            // Who bears the same name is no news.
            None => None,
        });
    }
    all
}

/// Whether more than a key speaks for the person: other systems may have the same key for somebody else.
fn tells_person(record: &Record) -> bool {
    record.reasons.iter().any(|r| !r.starts_with("hop:") && !r.starts_with("against:"))
}

/// Records of the work list, and those found now that are the same.
struct Pairs<'r> {
    listed: &'r [Record],
    found: &'r [Record],
    fates: Vec<Option<(Fate, usize)>>,
    /// Found records that are nobody's pair, in order.
    left: BTreeSet<usize>,
}

impl<'r> Pairs<'r> {
    fn new(listed: &'r [Record], found: &'r [Record]) -> Pairs<'r> {
        let left = (0..found.len()).collect();
        Pairs { listed, found, fates: vec![None; listed.len()], left }
    }

    /// Pairs what has the same `sign` and no pair yet.
    fn pair<S: Ord>(&mut self, fate: Fate, sign: impl Fn(&'r Record) -> S) {
        let mut by_sign: BTreeMap<S, Vec<usize>> = BTreeMap::new();
        for &at in self.left.iter().rev() {
            by_sign.entry(sign(&self.found[at])).or_default().push(at);
        }
        for (record, known) in self.listed.iter().zip(&mut self.fates) {
            if known.is_none()
                && let Some(at) = by_sign.get_mut(&sign(record)).and_then(Vec::pop)
            {
                *known = Some((fate, at));
                self.left.remove(&at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(path: &str, row: u64, content: &str, strength: Strength) -> Record {
        serde_json::from_value(serde_json::json!({
            "id": "", "path": path, "members": [], "row": row, "strength": strength,
            "reasons": ["email"],
            "categories": [], "columns": [], "flags": [], "hints": [], "fingerprint": content,
        }))
        .unwrap()
    }

    fn certain(path: &str, row: u64, content: &str) -> Record {
        record(path, row, content, Strength::Certain)
    }

    fn fates(listed: &[Record], found: &[Record], unread: &[&str], elsewhere: bool) -> Vec<String> {
        let unread = unread.iter().copied().collect();
        let place = |r: &Option<Record>| {
            r.as_ref().map_or("-".to_owned(), |r| format!("{} {}", r.path, r.row.unwrap()))
        };
        let all = check(listed, found, &unread, elsewhere);
        all.iter()
            .map(|c| format!("{}: {} > {}", c.fate.as_str(), place(&c.listed), place(&c.found)))
            .collect()
    }

    #[test]
    fn rows_move_up_when_others_are_deleted() {
        let listed = [certain("a", 3, "x"), certain("a", 7, "y"), certain("a", 8, "z")];
        let found = [certain("a", 6, "y")];
        assert_eq!(
            fates(&listed, &found, &[], false),
            ["gone: a 3 > -", "remains: a 7 > a 6", "gone: a 8 > -"]
        );
    }

    #[test]
    fn what_moved_is_told_from_what_was_copied() {
        let listed = [certain("a", 1, "x"), certain("b", 1, "y")];
        let found = [certain("b", 1, "y"), certain("c", 5, "x"), certain("d", 1, "y")];
        assert_eq!(
            fates(&listed, &found, &[], false),
            ["moved: a 1 > c 5", "remains: b 1 > b 1", "copied: b 1 > d 1"]
        );
        assert_eq!(
            fates(&listed, &found[2..], &[], true),
            ["moved: b 1 > d 1"],
            "of other places nothing can be gone"
        );
    }

    #[test]
    fn an_edited_record_and_new_ones_are_told() {
        let listed = [certain("a", 1, "x")];
        let namesake = record("n", 1, "q", Strength::Possible);
        let found = [certain("a", 1, "x2"), certain("n", 9, "p"), namesake];
        assert_eq!(fates(&listed, &found, &[], false), ["changed: a 1 > a 1", "new: - > n 9"]);
    }

    #[test]
    fn what_cannot_be_read_is_not_gone() {
        let listed = [certain("a", 1, "x"), certain("b", 1, "y")];
        assert_eq!(fates(&listed, &[], &["b"], false), ["gone: a 1 > -", "unknown: b 1 > -"]);
    }

    #[test]
    fn equal_records_are_paired_one_by_one() {
        let listed = [certain("a", 1, "x"), certain("a", 2, "x"), certain("a", 3, "x")];
        let found = [certain("a", 1, "x"), certain("a", 2, "x")];
        assert_eq!(
            fates(&listed, &found, &[], false),
            ["remains: a 1 > a 1", "remains: a 2 > a 2", "gone: a 3 > -"]
        );
    }
}
