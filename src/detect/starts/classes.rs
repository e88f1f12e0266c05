//! Classes of bytes: those that all tables treat alike, so that tables of 64 entries do for all bytes.

use super::Row;

/// Classes, at most: what one look-up tells apart.
pub(super) const CLASSES: usize = 64;

/// The class of each byte. Where bytes differ in more ways, the classes that differ least are joined: then the
/// rows allow what they allowed for either of them.
pub(super) fn classes(rows: &mut [Row]) -> [u8; 256] {
    let mut groups: Vec<Group> = Vec::new();
    for byte in 0..=255 {
        let allowed: Vec<u32> = rows.iter().map(|row| row.of(byte)).collect();
        match groups.iter_mut().find(|group| group.allowed == allowed) {
            Some(group) => group.bytes.push(byte),
            None => groups.push(Group { allowed, bytes: vec![byte] }),
        }
    }
    while groups.len() > CLASSES {
        join_nearest(&mut groups);
    }
    let mut classes = [0; 256];
    for (class, group) in (0..).zip(groups) {
        for byte in group.bytes {
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
    bytes: Vec<u8>,
}

impl Group {
    /// In how many buckets of all rows two differ.
    fn difference(&self, other: &Group) -> u32 {
        self.allowed.iter().zip(&other.allowed).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

fn join_nearest(groups: &mut Vec<Group>) {
    let pairs = (0..groups.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
    let nearest = pairs.min_by_key(|&(a, b)| groups[a].difference(&groups[b]));
    let Some((a, b)) = nearest else { return };
    let Group { allowed, bytes } = groups.remove(b);
    groups[a].bytes.extend(bytes);
    groups[a].allowed.iter_mut().zip(allowed).for_each(|(ours, theirs)| *ours |= theirs);
}
