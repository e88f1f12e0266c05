//! A map of few entries: sorted, in one piece of memory, and so found faster than in a tree.

use std::ops::Index;

/// A map whose entries lie sorted side by side.
#[derive(Clone, Debug)]
pub struct SmallMap<K, V> {
    /// The keys once more, so that entries are found without a look at their values; and of each where the entry stands
    /// that was asked for behind it the last time, which it mostly is the next time as well.
    keys: Vec<(K, usize)>,
    entries: Vec<(K, V)>,
    /// Where the last entry was found.
    last: usize,
}

/// Of so many entries each is looked at.
const FEW: usize = 8;

impl<K, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        SmallMap { keys: Vec::new(), entries: Vec::new(), last: 0 }
    }
}

impl<K: Ord + Copy, V> SmallMap<K, V> {
    /// The entry of a key; a default one if there is none yet.
    #[inline]
    pub fn of(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let guess = self.keys.get(self.last).map_or(0, |last| last.1);
        self.last = match self.keys.get(guess) {
            Some(there) if there.0 == key => guess,
            _ => self.search(key),
        };
        &mut self.entries[self.last].1
    }

    /// Whether a key has an entry.
    pub fn has(&self, key: K) -> bool {
        self.place(key).is_ok()
    }

    /// Where an entry is, or would be.
    fn place(&self, key: K) -> Result<usize, usize> {
        self.keys.binary_search_by_key(&key, |k| k.0)
    }

    /// Where an entry is that the last one did not lead to.
    fn search(&mut self, key: K) -> usize
    where
        V: Default,
    {
        let few = if self.keys.len() <= FEW { &self.keys[..] } else { &[] };
        let at = few.iter().position(|k| k.0 == key);
        let at = at.unwrap_or_else(|| self.place_or_new(key));
        if let Some(last) = self.keys.get_mut(self.last) {
            last.1 = at;
        }
        at
    }

    fn place_or_new(&mut self, key: K) -> usize
    where
        V: Default,
    {
        self.place(key).unwrap_or_else(|at| {
            self.keys.insert(at, (key, at));
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
        let at = self.place(key);
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
