//! A map of few entries: sorted, in one piece of memory, and so found faster than in a tree.

use std::ops::Index;

/// A map whose entries lie sorted side by side.
#[derive(Clone, Debug)]
pub struct SmallMap<K, V> {
    /// The keys once more: entries are found without a look at their values.
    keys: Vec<K>,
    entries: Vec<(K, V)>,
    /// Where the last entry was found: the next question is mostly for the same one, the one behind it or the first.
    last: usize,
}

impl<K, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        SmallMap { keys: Vec::new(), entries: Vec::new(), last: 0 }
    }
}

impl<K: Ord + Copy, V> SmallMap<K, V> {
    /// The entry of a key; a default one if there is none yet.
    pub fn of(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let is_there = |at: usize| self.keys.get(at) == Some(&key);
        self.last = match self.last {
            last if is_there(last) => last,
            last if is_there(last + 1) => last + 1,
            _ if is_there(0) => 0,
            _ => self.search(key),
        };
        &mut self.entries[self.last].1
    }

    /// Whether a key has an entry.
    pub fn has(&self, key: K) -> bool {
        self.keys.binary_search(&key).is_ok()
    }

    fn search(&mut self, key: K) -> usize
    where
        V: Default,
    {
        self.keys.binary_search(&key).unwrap_or_else(|at| {
            self.keys.insert(at, key);
            self.entries.insert(at, (key, V::default()));
            at
        })
    }

    /// The values by rising key, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|entry| &mut entry.1)
    }

    /// The entries by rising key.
    pub fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.entries.iter()
    }
}

impl<K: Ord + Copy, V> Index<K> for SmallMap<K, V> {
    type Output = V;

    /// The entry of a key that the map has.
    fn index(&self, key: K) -> &V {
        let at = self.keys.binary_search(&key);
        &self.entries[at.unwrap_or(usize::MAX)].1
    }
}

impl<'m, K, V> IntoIterator for &'m SmallMap<K, V> {
    type Item = &'m (K, V);
    type IntoIter = std::slice::Iter<'m, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<K, V> IntoIterator for SmallMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_by_rising_key() {
        let mut map: SmallMap<u16, u32> = SmallMap::default();
        for key in [5, 1, 9, 5, 1, 5] {
            *map.of(key) += 1;
        }
        assert_eq!(map.iter().copied().collect::<Vec<_>>(), [(1, 2), (5, 3), (9, 1)]);
        assert_eq!(map[5], 3);
    }
}
