//! Classes of bytes: those that all tables treat alike, so that tables of 64 entries or of 16 do for all bytes.

use super::super::heads::{Set, TEXTS};
use super::Row;

/// Classes, at most: what one look-up tells apart.
pub(super) const CLASSES: usize = 64;

/// The class of each byte, of at most so many. Where bytes differ in more ways, those classes are joined again and
/// again that let through least more of usual texts; then the rows allow what they allowed for either of them.
pub(super) fn classes(rows: &mut [Row], most: usize) -> [u8; 256] {
    let mut groups: Vec<Group> = Vec::new();
    for byte in 0..=255 {
        let allowed: Vec<u32> = rows.iter().map(|row| row.of(byte)).collect();
        match groups.iter_mut().find(|group| group.allowed == allowed) {
            Some(group) => group.bytes.add(byte..=byte),
            None => groups.push(Group::new(byte, allowed)),
        }
    }
    groups.iter_mut().for_each(|group| group.shares = group.bytes.shares());
    join(&mut groups, most);
    let mut classes = [0; 256];
    for (class, group) in (0..).zip(groups) {
        for byte in group.bytes.bytes() {
            classes[usize::from(byte)] = class;
            for (row, allowed) in rows.iter_mut().zip(&group.allowed) {
                row.allow(byte, class, *allowed);
            }
        }
    }
    classes
}

/// Bytes of one class, and the buckets that each row allows them.
struct Group {
    allowed: Vec<u32>,
    bytes: Set,
    /// About which part of each usual text is made of them.
    shares: [f64; TEXTS],
}

impl Group {
    fn new(byte: u8, allowed: Vec<u32>) -> Group {
        let mut bytes = Set::default();
        bytes.add(byte..=byte);
        Group { allowed, bytes, shares: [0.0; TEXTS] }
    }

    /// About how much more would be let through if another's bytes were allowed what its own are. The first rows
    /// have a greater say: those behind them see less of a text.
    fn price(&self, other: &Group) -> f64 {
        let more = |mine: &u32, theirs: &u32| f64::from((mine & !theirs).count_ones());
        let rows = self.allowed.iter().zip(&other.allowed).zip(1u32..);
        let more: f64 =
            rows.map(|((mine, theirs), row)| more(mine, theirs) / f64::from(row).sqrt()).sum();
        more * other.shares.iter().sum::<f64>()
    }

    /// Takes another's bytes, and allows all what either allowed.
    fn take(&mut self, Group { allowed, bytes, .. }: Group) {
        self.allowed.iter_mut().zip(allowed).for_each(|(ours, theirs)| *ours |= theirs);
        self.bytes = self.bytes.and(bytes);
        self.shares = self.bytes.shares();
    }
}

/// Joins those that are cheapest to join until there are no more than `most`.
fn join(groups: &mut Vec<Group>, most: usize) {
    let priced = |groups: &[Group], a: usize, b: usize| {
        groups[a].price(&groups[b]) + groups[b].price(&groups[a])
    };
    // Of each with those before it; most joins leave them as they are.
    let mut prices: Vec<Vec<f64>> =
        (0..groups.len()).map(|b| (0..b).map(|a| priced(groups, a, b)).collect()).collect();
    while groups.len() > most {
        let all = prices.iter().enumerate();
        let pairs =
            all.flat_map(|(b, of)| of.iter().enumerate().map(move |(a, price)| (*price, a, b)));
        let Some((_, a, b)) = pairs.min_by(|x, y| x.0.total_cmp(&y.0)) else { return };
        let other = groups.remove(b);
        groups[a].take(other);
        prices.remove(b);
        prices[b..].iter_mut().for_each(|of| {
            of.remove(b);
        });
        for other in (0..groups.len()).filter(|other| *other != a) {
            prices[a.max(other)][a.min(other)] = priced(groups, a.min(other), a.max(other));
        }
    }
}
