//! The search for a person: every file is searched instead of scanned, keys of certain records are followed once,
//! and what was found becomes the work list.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;

use super::stdin::{STDIN_KEPT, stdin_is_isolated};
use super::{Done, Key, Left, Means, Scan, Work, again, source};
use crate::detect::finder::Finder;
use crate::file::{FileResult, Input};
use crate::index::{Filters, Query};
use crate::inventory::{Count, Coverage, NoteLine, Outcome};
use crate::isolate::{self, Pool};
use crate::note::{Note, Reason};
use crate::plan::Plan;
use crate::sniff::{self, Sniffed};
use crate::source::Source;
use crate::source::open::{Base, Opened, Seen};
use crate::state::{Index, Known};
use crate::steps::Steps;
use crate::subject::{
    self, Accepts, At, Excerpts, Found, HopKey, Needles, Record, Sought, Strength,
};
use crate::walk;

/// Keys that are followed at most.
const KEYS: usize = 1000;
/// A key that leads to more records than this refers to no single person.
const LEADS: usize = 1000;
/// A key of so many characters is one of its system's alone.
const LONG_KEY: usize = 10;

/// Whom to search for, ready to search.
pub struct Search {
    sought: Sought,
    needles: Needles,
    index: Option<Asked>,
}

/// An index, and what is asked of it.
struct Asked {
    index: Index,
    key: [u8; 16],
    query: Query,
}

impl Search {
    /// Gets ready.
    ///
    /// # Errors
    /// Values that cannot be searched for.
    pub fn new(sought: Sought) -> Result<Search> {
        let needles = Needles::new(&sought)?;
        Ok(Search { sought, needles, index: None })
    }

    /// The same, reading only what this index of words under this key does not rule out.
    #[must_use]
    pub fn with_index(mut self, index: Index, key: [u8; 16]) -> Search {
        let query = Query::new(&self.sought, &key);
        self.index = Some(Asked { index, key, query });
        self
    }
}

/// What a search gives.
#[derive(Default)]
pub struct Searched {
    /// The work list, in order.
    pub records: Vec<Record>,
    /// What the person gets of certain and probable records, by their ids, when a copy is wanted.
    pub excerpts: HashMap<String, Excerpts>,
    /// The source's label, and the roots as given: masked where they hold personal data.
    pub label: String,
    /// See `label`.
    pub roots: Vec<String>,
    /// How much was read.
    pub coverage: Coverage,
    /// Files of these in which nothing of the person stands by the index; they were not read.
    pub excluded: Option<Count>,
    /// What was not read, or not in full.
    pub gaps: Vec<NoteLine>,
    /// Keys of certain records that were followed.
    pub keys: Vec<HopKey>,
    /// The same, counted by column.
    pub followed: BTreeMap<String, u64>,
    /// Keys that were not, because they refer to others as well.
    pub dropped: BTreeMap<String, u64>,
}

/// Searches everything for a person; `hops` says whether keys of certain records are followed.
///
/// # Errors
/// As a scan; keys that cannot be searched for.
pub fn search(means: &Means, search: &Arc<Search>, hops: bool) -> Result<Searched> {
    let mut scan = super::run(means, None, Some(search))?;
    // A replay list has its keys, without their values.
    let mut keys = if hops { scan.certain_keys() } else { search.sought.keys.clone() };
    keys.truncate(KEYS);
    if hops && !keys.is_empty() {
        let sought = Sought { keys: keys.clone(), ..search.sought.clone() };
        let query =
            search.index.as_ref().map(|asked| (&asked.index, Query::new(&sought, &asked.key)));
        follow(&mut scan, &Arc::new(Search::new(sought)?), query.as_ref());
    }
    let mut searched = scan.searched(&keys);
    searched.excluded = search.index.as_ref().map(|_| scan.excluded());
    Ok(searched)
}

/// Searches the files again that have keys of the sought concepts.
fn follow(scan: &mut Arc<Scan>, search: &Arc<Search>, query: Option<&(&Index, Query)>) {
    let may_hold = |done: &Done| match query.filter(|_| done.result.ruled_out) {
        // What was known of it a moment ago: its words are too many to be held for all files.
        Some((index, query)) => {
            let known = index.find(&done.key.path_on_disk(&scan.absolute)).ok().flatten();
            known.is_none_or(|(_, filters)| query.may_match(&filters))
        }
        None => done.result.finds.concepts.iter().any(|concept| search.needles.seeks(concept)),
    };
    let numbers: Vec<usize> = scan
        .done
        .par_iter()
        .enumerate()
        .filter_map(|(number, done)| may_hold(done).then_some(number))
        .collect();
    let again = scan.find_again(search, &numbers);
    // A thread that was given up holds what there was before.
    let scan = Arc::make_mut(scan);
    for (number, result) in again {
        let before = &mut scan.done[number].result;
        let Some(mut result) = result else {
            before.outcome = Outcome::Partial;
            before.notes.push(again::silent("keys of the person were not looked for in it"));
            continue;
        };
        if before.finds.accepts.is_some() {
            before.finds = result.finds;
            continue;
        }
        result.exposure = before.exposure.or(result.exposure);
        result.outcome = before.outcome;
        result.notes.clone_from(&before.notes);
        *before = result;
    }
}

impl Work {
    /// Takes over what is known of a file in which nothing of the person stands by the index; else gives the key back.
    pub(super) fn exclude(
        &self,
        search: &Search,
        key: Key,
        seen: impl FnOnce() -> Option<Seen>,
        base: Option<&Base>,
    ) -> Result<(), Key> {
        let Some(asked) = &search.index else { return Err(key) };
        let Some(seen) = seen() else { return Err(key) };
        if search.needles.in_name(&key.name()).is_some() {
            return Err(key);
        }
        let beside = |ending: &str| self.look(&key, base, ending).map(|seen| seen.stamp);
        // An index that cannot be read rules nothing out.
        let known = asked.index.find(&key.path_on_disk(&self.absolute)).ok().flatten();
        let is_ruled_out = |(known, filters): &(Known, Filters)| {
            known.is(&seen.stamp) && known.has_beside(beside) && !asked.query.may_match(filters)
        };
        let Some((known, _)) = known.filter(is_ruled_out) else { return Err(key) };
        let Some((read, _)) = known.result(self.finder) else { return Err(key) };
        let result = FileResult::ruled_out(read);
        self.hand_in(key, result);
        Ok(())
    }

    /// Searches an opened file, here or in a worker.
    pub(super) fn searched(
        &self,
        search: &Search,
        key: &Key,
        opened: &Opened,
        base: Option<&Base>,
    ) -> (FileResult, Option<Left>) {
        let name = key.name();
        let open = || source(&self.plan, (key, &name), opened, base).map(|(source, _)| source);
        let (mut result, left) = match one(
            &self.plan,
            self.finder,
            self.pool.as_deref(),
            search,
            &name,
            (opened.size, None),
            open,
        ) {
            Ok(found) => found,
            Err(e) => {
                let why =
                    FileResult::skipped(opened.size, walk::reason_of(&e), &sniff::io_words(&e));
                return (why, None);
            }
        };
        if opened.changed() {
            result.note_change();
        }
        if !result.finds.records.is_empty() {
            result.exposure = Some(opened.exposure());
        }
        (result, left)
    }

    /// Searches standard input, of which as much as is kept was read.
    pub(super) fn searched_stdin(
        &self,
        search: &Search,
        bytes: &[u8],
        name: &str,
    ) -> (FileResult, Option<Left>) {
        let open = || Ok(Source::from_bytes(bytes.to_vec()));
        let size = bytes.len() as u64;
        let pool = self.pool.as_ref().filter(|_| stdin_is_isolated(bytes, name));
        let found = match pool.map(|pool| (pool, isolate::Input::of_stdin(bytes, false, name))) {
            Some((pool, Ok(input))) => {
                let (result, left) = pool.find(self.finder, &input, &search.sought);
                Ok((result, Some(left)))
            }
            Some((_, Err(e))) => Err(e),
            None => one(&self.plan, self.finder, None, search, name, (size, None), open),
        };
        let (mut result, left) = found.unwrap_or_else(|e| {
            (FileResult::skipped(0, Reason::IoError, &sniff::io_words(&e)), None)
        });
        if size >= STDIN_KEPT {
            let detail = "a search reads the first 256 MiB of standard input only".to_owned();
            result.notes.push(Note { members: Vec::new(), reason: Reason::Budget, detail });
            result.outcome = Outcome::Partial;
        }
        (result, left)
    }
}

/// Searches a file that `open` opens, of this size and of which this is `known` from an earlier search: here, or
/// in a worker where its format or one within it asks for that.
fn one(
    plan: &Plan,
    finder: &Finder,
    pool: Option<&Pool>,
    search: &Search,
    name: &str,
    (size, known): (u64, Option<&Accepts>),
    open: impl Fn() -> io::Result<Source>,
) -> io::Result<(FileResult, Option<Left>)> {
    let first = open()?;
    let worker = pool.and_then(|pool| Some((pool, isolate::Input::of(&first, name)?)));
    let sniffed = Sniffed::new(first, name);
    let here = worker.is_none() || !sniffed.isolated();
    if here {
        let mut first = Some(sniffed);
        let isolates = worker.is_some();
        let input = || {
            let again = || open().ok().map(|source| Sniffed::new(source, name));
            let sniffed = first.take().or_else(again)?;
            let steps = if isolates { Steps::outside() } else { Steps::default() };
            Some(Input { sniffed, steps, size, name })
        };
        let found = subject::find(finder, &search.needles, plan.reading, known, input);
        let (result, refused) = found.ok_or(io::ErrorKind::NotFound)?;
        if !refused {
            return Ok((result, None));
        }
    }
    let Some((pool, input)) = worker else { return Err(io::ErrorKind::Unsupported.into()) };
    let (result, left) = pool.find(finder, &input, &search.sought);
    Ok((result, Some(left)))
}

/// The strength of a record, its keys aside.
fn strength(found: &Found) -> Option<Strength> {
    found.marks.strength(&found.against)
}

impl Scan {
    /// Keys in the rows that are certain.
    fn certain_keys(&self) -> Vec<HopKey> {
        let found = self.done.iter().flat_map(|done| &done.result.finds.records);
        let certain = found.filter(|f| strength(f) == Some(Strength::Certain));
        let keys: BTreeSet<HopKey> = certain.flat_map(|f| f.keys.iter().cloned()).collect();
        let mut seen = BTreeSet::new();
        // One column's name is enough for a reason.
        keys.into_iter().filter(|k| seen.insert((k.concept.clone(), k.value.clone()))).collect()
    }

    /// Searches a file once more; `None` when it is not there any more.
    pub(super) fn find_one_again(&self, done: &Done, search: &Search) -> Option<FileResult> {
        let name = done.key.name();
        let open = || self.again(done).ok_or_else(|| io::ErrorKind::NotFound.into());
        let in_worker = done.worker.is_some() || done.result.ruled_out;
        let pool = self.pool.as_deref().filter(|_| in_worker);
        let file = (done.result.bytes, done.result.finds.accepts.as_ref());
        let found = one(&self.plan, self.finder, pool, search, &name, file, open).ok()?;
        Some(found.0)
    }

    /// Files that were not read because of the index.
    fn excluded(&self) -> Count {
        let mut count = Count::default();
        let all = self.done.iter().filter(|done| done.result.ruled_out);
        all.for_each(|done| count.add(done.result.bytes));
        count
    }

    /// The work list and what else there is to tell; `keys` are those that were followed.
    fn searched(&self, keys: &[HopKey]) -> Searched {
        let inventory = self.inventory();
        let roots = self.plan.roots.iter().map(|r| self.masked(&r.as_given().to_string_lossy()));
        let mut searched = Searched {
            label: self.masked(&self.plan.label),
            roots: roots.collect(),
            coverage: inventory.coverage,
            gaps: inventory.notes,
            ..Searched::default()
        };
        let sound = self.sound_keys(keys);
        for (key, sound) in keys.iter().zip(&sound) {
            let counts = if *sound { &mut searched.followed } else { &mut searched.dropped };
            *counts.entry(self.masked(&key.column)).or_default() += 1;
            searched.keys.extend(sound.then(|| key.clone()));
        }
        let origins = self.origins(keys);
        for done in &self.done {
            for found in &done.result.finds.records {
                let own = strength(found);
                // A key is a reason where it says more than the record does itself.
                let hop = self.hop(done, found, keys, &sound, &origins);
                let hop = hop.filter(|(strength, _)| own < Some(*strength));
                let strength = own.max(hop.as_ref().map(|hop| hop.0));
                let Some(strength) = strength else { continue };
                let record = self.record(done, found, strength, hop.map(|hop| hop.1));
                if strength.may_drive_erasure() && !found.excerpts.all.is_empty() {
                    searched.excerpts.insert(record.id.clone(), found.excerpts.clone());
                }
                searched.records.push(record);
            }
        }
        let order = |r: &Record| {
            (r.path.clone(), r.members.clone(), r.table.clone(), r.row, r.message, r.page, r.line)
        };
        searched.records.sort_by_cached_key(order);
        mark_duplicates(&mut searched.records);
        searched
    }

    /// Which of the keys refer to the subject alone: nowhere do they stand beside another person's data, and they
    /// lead to no crowd.
    fn sound_keys(&self, keys: &[HopKey]) -> Vec<bool> {
        let mut leads = vec![0; keys.len()];
        let mut sound = vec![true; keys.len()];
        let origins = self.origins(keys);
        for done in &self.done {
            for found in &done.result.finds.records {
                for key in &found.hops {
                    let number = *key as usize;
                    let (Some(count), Some(sound)) = (leads.get_mut(number), sound.get_mut(number))
                    else {
                        continue;
                    };
                    *count += 1;
                    let at_home = origins[number].contains(&self.home(done));
                    let is_another =
                        found.against.any() && strength(found) != Some(Strength::Certain);
                    *sound &= *count <= LEADS && !(at_home && is_another);
                }
            }
        }
        sound
    }

    /// The folders in which each key stands in a certain record.
    fn origins(&self, keys: &[HopKey]) -> Vec<BTreeSet<Vec<u8>>> {
        let number: HashMap<_, usize> =
            keys.iter().enumerate().map(|(n, key)| ((&key.concept, &key.value), n)).collect();
        let mut origins = vec![BTreeSet::new(); keys.len()];
        for done in &self.done {
            let certain =
                done.result.finds.records.iter().filter(|f| strength(f) == Some(Strength::Certain));
            for key in certain.flat_map(|f| &f.keys) {
                if let Some(n) = number.get(&(&key.concept, &key.value)) {
                    origins[*n].insert(self.home(done));
                }
            }
        }
        origins
    }

    /// The folder of a file: what lies there is most likely of one system.
    fn home(&self, done: &Done) -> Vec<u8> {
        let shown = &done.key.shown;
        let cut = memchr::memrchr(b'/', shown).unwrap_or(0);
        shown[..cut].to_vec()
    }

    /// The strength and reason that a record has from a key.
    fn hop(
        &self,
        done: &Done,
        found: &Found,
        keys: &[HopKey],
        sound: &[bool],
        origins: &[BTreeSet<Vec<u8>>],
    ) -> Option<(Strength, String)> {
        if found.against.any() {
            return None;
        }
        let strength = |number: usize| {
            let near = origins[number].contains(&self.home(done));
            let is_long = keys[number].value.len() >= LONG_KEY;
            if near || is_long { Strength::Probable } else { Strength::Possible }
        };
        let all = found.hops.iter().map(|n| *n as usize).filter(|n| sound.get(*n) == Some(&true));
        let best = all.max_by_key(|n| (strength(*n), std::cmp::Reverse(*n)))?;
        Some((strength(best), format!("hop:{}", self.masked(&keys[best].column))))
    }

    fn record(
        &self,
        done: &Done,
        found: &Found,
        strength: Strength,
        hop: Option<String>,
    ) -> Record {
        let place = self.place(done);
        let at = match found.at {
            At::Row(n) => format!("row {n}"),
            At::Line(n) => format!("line {n}"),
            At::Message(n) => format!("message {n}"),
            At::Page(_) | At::Whole => "document".to_owned(),
        };
        let rest = [Some("subject"), found.table.as_deref(), Some(&at)];
        let number = |is: fn(At) -> Option<u64>| is(found.at);
        let rules = &self.finder.rules;
        let categories: BTreeSet<String> = found
            .detectors
            .iter()
            .map(|d| rules.detectors[usize::from(*d)].category.clone())
            .collect();
        let against =
            found.against.kinds().into_iter().map(|kind| format!("against:{}", kind.as_str()));
        let marks = found.marks.reasons();
        let line = match found.at {
            At::Line(n) => Some(n),
            At::Whole => found.line.filter(|_| done.result.format == Some("text")),
            _ => None,
        };
        Record {
            id: self.stable_id(done, &found.members, &rest),
            path: place.path,
            path_b64: place.path_b64,
            members: found.members.iter().map(|m| self.masked(m)).collect(),
            table: found.table.clone(),
            row: number(|at| if let At::Row(n) = at { Some(n) } else { None }),
            line,
            message: number(|at| if let At::Message(n) = at { Some(n) } else { None }),
            page: number(|at| if let At::Page(n) = at { Some(n) } else { None }),
            key: found.key.clone(),
            strength,
            reasons: marks.into_iter().chain(hop).chain(against).collect(),
            categories: categories.into_iter().collect(),
            columns: found.columns.clone(),
            flags: self.record_flags(done, found),
            hints: self.hints(done),
            system: self.system(done).map(|system| system.name.clone()),
            duplicate_of: None,
            fingerprint: found.fingerprint.clone(),
            modified: done.result.exposure.and_then(|e| super::places::day(e.modified)),
        }
    }

    fn record_flags(&self, done: &Done, found: &Found) -> Vec<String> {
        let facts = &self.finder.rules.facts;
        let shown = String::from_utf8_lossy(&done.key.shown);
        let mut names = found.columns.iter().chain(&found.table);
        let children = facts.tells_of_children(super::places::last_names(&shown))
            || names.any(|name| facts.tells_of_children(name));
        let mut flags = subject::flags(self.finder, found);
        flags.extend(children.then(|| "children".to_owned()));
        flags.sort();
        flags
    }

    /// What may have to be kept, by the rules of `patterns/retention.toml`: their ids.
    fn hints(&self, done: &Done) -> Vec<String> {
        self.hold(done).into_iter().map(|hint| hint.rule).collect()
    }
}

/// Marks records with the content of one before them.
fn mark_duplicates(records: &mut [Record]) {
    let mut first: HashMap<String, String> = HashMap::new();
    for record in records {
        match first.get(&record.fingerprint) {
            Some(id) => record.duplicate_of = Some(id.clone()),
            None => drop(first.insert(record.fingerprint.clone(), record.id.clone())),
        }
    }
}
