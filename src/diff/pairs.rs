//! Which table of the new inventory continues which of the old one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::index::Index;
use super::tables::Table;

/// Fewer shared values than this may be chance: a customer's letter is no copy of the customers.
const LEAST: u64 = 10;

/// Where a table of the new inventory comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The same place.
    Same(usize),
    /// Another place or form of the same table.
    Moved(usize),
    /// A table that is still there; this is another one with its values.
    Copy(usize),
}

/// The origin of each table of the new inventory.
pub(super) fn pair(old: &[Table], new: &[Table], values: &Index) -> Vec<Option<Origin>> {
    let mut pairs = Pairs { origins: vec![None; new.len()], taken: vec![false; old.len()] };
    pairs.by_id(old, new);
    pairs.by_content(old, new);
    pairs.by_values(old, new, values);
    pairs.origins
}

struct Pairs {
    origins: Vec<Option<Origin>>,
    /// Tables of the old inventory that have an heir.
    taken: Vec<bool>,
}

impl Pairs {
    fn by_id(&mut self, old: &[Table], new: &[Table]) {
        let ids = old.iter().enumerate().flat_map(|(n, t)| t.columns.iter().map(move |c| (c, n)));
        let ids: HashMap<&str, usize> = ids.map(|(c, n)| (c.finding.id.as_str(), n)).collect();
        for (number, table) in new.iter().enumerate() {
            let mut of = table.columns.iter().filter_map(|c| ids.get(c.finding.id.as_str()));
            if let Some(&from) = of.find(|from| !self.taken[**from]) {
                self.origins[number] = Some(Origin::Same(from));
                self.taken[from] = true;
            }
        }
        let places: HashMap<_, usize> =
            old.iter().enumerate().map(|(n, t)| (t.place(), n)).collect();
        let same_source = self.origins.iter().any(Option::is_some);
        for (number, table) in new.iter().enumerate().filter(|_| same_source) {
            // All columns of a table can be other ones than before.
            let from = places.get(&table.place()).filter(|from| !self.taken[**from]);
            if let (None, Some(&from)) = (self.origins[number], from) {
                self.origins[number] = Some(Origin::Same(from));
                self.taken[from] = true;
            }
        }
    }

    /// A table of equal bytes that stands once on each side.
    fn by_content(&mut self, old: &[Table], new: &[Table]) {
        let (taken, origins) = (&self.taken, &self.origins);
        let lost = by_content(old.iter().enumerate().filter(|(n, _)| !taken[*n]));
        let came = by_content(new.iter().enumerate().filter(|(n, _)| origins[*n].is_none()));
        for (content, numbers) in came {
            if let ([to], Some([from])) = (&numbers[..], lost.get(&content).map(Vec::as_slice)) {
                self.origins[*to] = Some(Origin::Moved(*from));
                self.taken[*from] = true;
            }
        }
    }

    fn by_values(&mut self, old: &[Table], new: &[Table], values: &Index) {
        let mut candidates = Vec::new();
        for (to, table) in new.iter().enumerate().filter(|(n, _)| self.origins[*n].is_none()) {
            for (from, shared) in shared_with(table, values) {
                let (ours, theirs) = (table.telling_values(), old[from].telling_values());
                let whole = shared == ours && shared == theirs;
                if (shared >= LEAST || whole) && shared * 2 >= ours.min(theirs) {
                    let same_name = !table.name().is_empty() && table.name() == old[from].name();
                    // Of a table and an extract from it, the table is what continues it.
                    let most = shared * 2 >= theirs;
                    candidates.push((Reverse(same_name && most), Reverse(shared), from, to, most));
                }
            }
        }
        candidates.sort();
        for &(_, _, from, to, most) in &candidates {
            if most && !self.taken[from] && self.origins[to].is_none() {
                self.origins[to] = Some(Origin::Moved(from));
                self.taken[from] = true;
            }
        }
        for (_, _, from, to, _) in candidates {
            if self.origins[to].is_none() {
                self.origins[to] = Some(Origin::Copy(from));
            }
        }
    }
}

fn by_content<'t, 'a: 't>(
    tables: impl Iterator<Item = (usize, &'t Table<'a>)>,
) -> BTreeMap<(&'t str, super::Place), Vec<usize>> {
    let mut contents: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (number, table) in tables {
        if let Some(content) = table.content() {
            contents.entry(content).or_default().push(number);
        }
    }
    contents
}

/// How many telling values each table of the other side shares with this one.
fn shared_with(table: &Table, values: &Index) -> BTreeMap<usize, u64> {
    let mut shared = BTreeMap::new();
    for column in table.columns.iter().filter(|c| c.telling) {
        for (from, both) in values.tables_with(column) {
            *shared.entry(from).or_default() += both;
        }
    }
    shared
}
