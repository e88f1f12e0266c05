//! Records keyed by something of their own (`{"anna": {…}, "ben": {…}}`): whether siblings are such, so that their keys tell
//! them apart and name no fields.

use std::collections::{HashMap, HashSet};

use crate::note::Note;
use crate::unit::{Cells, Consume, Member, Sink, Slot, SlotId, Text};

/// Records at least.
pub(super) const LEAST: usize = 8;
/// Records at least whose keys are one word and a number.
pub(super) const NUMBERED: usize = 3;
/// Keys of which is asked whether they name kinds.
const ASKED: usize = 64;
/// Keys below which the value itself stands, so that the key above names it.
const VALUES: [&[u8]; 3] = [b"value", b"val", b"#text"];

/// Takes nothing of what is read but the names of fields.
#[derive(Default)]
pub(super) struct Fields(pub Vec<String>);

impl Consume for Fields {
    fn slot(&mut self, _: SlotId, slot: &Slot) {
        self.0.extend(slot.field.clone());
    }
    fn text(&mut self, _: SlotId, _: Text<'_>) {}
    fn cells(&mut self, _: SlotId, _: &mut Cells) {}
    fn note(&mut self, _: Note) {}
    fn member(&mut self, _: Member) {}
}

/// One of several that stand side by side.
pub(super) struct Sibling<'a> {
    /// What it is called.
    pub key: &'a [u8],
    /// What stands directly below it; nothing if it is a value.
    pub below: Vec<&'a [u8]>,
}

/// Which of these siblings are records of one make, if most are: they have the same keys below them, and theirs are not
/// those of the fields of one record (`{"name": {"label": …}, "phone": {"label": …}}`). Few are enough where only a number
/// tells them apart (`[kontakt0]`, `[kontakt1]`).
pub(super) fn records(siblings: &[Sibling<'_>], sink: &Sink<'_>) -> Option<Vec<bool>> {
    let filled = siblings.iter().filter(|s| !s.below.is_empty()).count();
    let least = if are_numbered(siblings) { NUMBERED } else { LEAST };
    if filled < least || filled * 4 < siblings.len() * 3 {
        return None;
    }
    let common = common(siblings, filled);
    let names_kind = |key: &[u8]| sink.names_kind(&String::from_utf8_lossy(key));
    let tell = match common.len() {
        0 => false,
        1 => common.iter().all(|key| names_kind(key)),
        _ => !common.iter().any(|key| VALUES.iter().any(|value| key.eq_ignore_ascii_case(value))),
    };
    let is_alike = |s: &Sibling<'_>| {
        let shared = s.below.iter().filter(|key| common.contains(*key)).count();
        shared > 0 && shared * 2 >= common.len() && shared * 2 >= s.below.len()
    };
    let alike: Vec<bool> = siblings.iter().map(is_alike).collect();
    let count = alike.iter().filter(|alike| **alike).count();
    if !tell || count < least || count * LEAST < filled * (LEAST - 1) {
        return None;
    }
    let keys = siblings.iter().zip(&alike).filter(|s| *s.1).map(|s| s.0.key).take(ASKED);
    // Of `user1` and `user2` the number tells, whatever the word.
    let is_numbered = |key: &[u8]| key.iter().any(u8::is_ascii_digit);
    let kinds = keys.filter(|key| !is_numbered(key) && names_kind(key)).count();
    (kinds * LEAST <= count.min(ASKED)).then_some(alike)
}

/// Whether all are called by one word and a number, and have the same several keys.
fn are_numbered(siblings: &[Sibling<'_>]) -> bool {
    let stem = |key: &[u8]| {
        let digits = key.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        (0 < digits && digits < key.len()).then_some(key.len() - digits)
    };
    let Some((first, others)) = siblings.split_first() else { return false };
    let Some(end) = stem(first.key) else { return false };
    let is_alike = |other: &Sibling<'_>| {
        stem(other.key) == Some(end)
            && other.key[..end] == first.key[..end]
            && other.below.len() == first.below.len()
            && other.below.iter().all(|key| first.below.contains(key))
    };
    first.below.len() > 1 && others.iter().all(is_alike)
}

/// The keys that half of those have at least which have any.
fn common<'a>(siblings: &[Sibling<'a>], filled: usize) -> HashSet<&'a [u8]> {
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    for sibling in siblings {
        let keys: HashSet<&[u8]> = sibling.below.iter().copied().collect();
        keys.into_iter().for_each(|key| *counts.entry(key).or_default() += 1);
    }
    counts.into_iter().filter(|(_, count)| count * 2 >= filled).map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::unit::testing::Collected;

    fn told(siblings: &[(&str, &[&str])]) -> Option<usize> {
        let mut all = Collected::default();
        let sink = Sink::new(&mut all, Arc::from([]));
        let siblings: Vec<_> = siblings
            .iter()
            .map(|(key, below)| Sibling {
                key: key.as_bytes(),
                below: below.iter().map(|b| b.as_bytes()).collect(),
            })
            .collect();
        records(&siblings, &sink).map(|alike| alike.into_iter().filter(|a| *a).count())
    }

    #[test]
    fn siblings_of_one_make_are_records() {
        let with =
            |below: &'static [&str]| ["a", "b", "c", "d", "e", "f", "g", "h"].map(|k| (k, below));
        let mut people = with(&["Navn", "sted", "x"]).to_vec();
        assert_eq!(told(&people), Some(8));
        people.extend([("total", &[][..]), ("odd", &["y", "z"])]);
        people[0].1 = &["Navn", "sted"];
        assert_eq!(told(&people), Some(8));
        people.remove(3);
        assert_eq!(told(&people), None);
        assert_eq!(told(&with(&["Navn"])), Some(8));
        assert_eq!(told(&with(&["x"])), None);
        assert_eq!(told(&with(&["label", "value"])), None);
        let mut fields = with(&["label", "help"]);
        assert_eq!(told(&fields), Some(8));
        (fields[0].0, fields[1].0) = ("Navn", "Telefon");
        assert_eq!(told(&fields), None);
        let keys = (0..8).map(|i| format!("Navn {i}")).collect::<Vec<_>>();
        let numbered: Vec<_> = keys.iter().map(|key| (&key[..], &["label", "help"][..])).collect();
        assert_eq!(told(&numbered), Some(8));
        let few = |keys: [&'static str; 3]| keys.map(|key| (key, &["Navn", "sted"][..]));
        assert_eq!(told(&few(["kontakt0", "kontakt1", "kontakt2"])), Some(3));
        assert_eq!(told(&few(["mor1", "far1", "barn1"])), None);
        let mut few = few(["kontakt9", "kontakt10", "kontakt11"]);
        assert_eq!(told(&few[1..]), None);
        few[1].1 = &["Navn", "rolle"];
        assert_eq!(told(&few), None);
    }
}
