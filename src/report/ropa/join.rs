//! A new record from an inventory and an earlier record: what people filled in stays, rows are told apart into
//! new, changed, unchanged, moved and gone, and rejections hold until their detector's version changes.

use std::collections::{BTreeMap, HashMap};

use super::columns::{
    self, By, CHANGE, COLUMNS, DETECTORS, FINGERPRINT, FIRST_SEEN, ID, LAST_SEEN, LOCATION,
    QUESTIONS, REJECTED, REJECTED_BY, REJECTED_WHY, REJECTIONS, STATE, TABLE,
};
use super::entry::{Entry, Versions, entries, versions};
use super::previous::Record;
use crate::inventory::Inventory;

/// The record that an inventory gives, continuing `previous`.
pub(super) fn record(inventory: &Inventory, previous: &Record) -> Record {
    let mut headings = previous.headings.clone();
    let missing = COLUMNS.iter().map(|c| c.0).filter(|h| previous.column(h).is_none());
    headings.extend(missing.map(str::to_owned));
    let entries = entries(inventory);
    let mut places = pair(&entries, previous);
    let mut record = Record { headings, rows: Vec::new() };
    for row in &previous.rows {
        let row = match places.take(previous, row) {
            Some((entry, moved)) => continued(&entries[entry], previous, row, moved),
            None => left_over(previous, row),
        };
        record.push(row);
    }
    for entry in places.rest(&entries) {
        let mut cells = own(entry.cells(&Versions::new()));
        let day = cells[LAST_SEEN].clone();
        cells.extend([(FIRST_SEEN.to_owned(), day), (STATE.to_owned(), "new".to_owned())]);
        record.push(cells);
    }
    record
}

/// A row's cells by heading.
type Cells = BTreeMap<String, String>;

fn own(cells: BTreeMap<&'static str, String>) -> Cells {
    cells.into_iter().map(|(heading, cell)| (heading.to_owned(), cell)).collect()
}

impl Record {
    fn push(&mut self, mut cells: Cells) {
        let row = self.headings.iter().map(|heading| match columns::by(heading) {
            // People may have changed case and blanks of a heading of ours.
            Some(_) => {
                let wanted = columns::folded(heading);
                let ours = COLUMNS.iter().map(|c| c.0).find(|h| columns::folded(h) == wanted);
                ours.and_then(|ours| cells.remove(ours)).unwrap_or_default()
            }
            None => cells.remove(heading).unwrap_or_default(),
        });
        let row = row.collect();
        self.rows.push(row);
    }

    /// A row's cells, under our headings where they are ours.
    fn cells(&self, row: &[String]) -> Cells {
        let ours = |heading: &str| {
            let wanted = columns::folded(heading);
            let ours = COLUMNS.iter().map(|c| c.0).find(|h| columns::folded(h) == wanted);
            ours.unwrap_or(heading).to_owned()
        };
        self.headings.iter().zip(row).map(|(h, cell)| (ours(h), cell.clone())).collect()
    }
}

/// Which entry continues which row.
struct Places {
    by_id: HashMap<String, usize>,
    /// Entries under a new id, by the id of the row that they were moved from.
    moved: HashMap<String, usize>,
    taken: Vec<bool>,
}

impl Places {
    /// The entry that continues a row, and whether it moved.
    fn take(&mut self, previous: &Record, row: &[String]) -> Option<(usize, bool)> {
        let id = previous.cell(row, ID);
        let (entry, moved) = match (self.by_id.get(id), self.moved.get(id)) {
            (Some(entry), _) => (*entry, false),
            (None, Some(entry)) => (*entry, true),
            (None, None) => return None,
        };
        self.taken[entry] = true;
        Some((entry, moved))
    }

    fn rest<'e, 'a>(&self, entries: &'e [Entry<'a>]) -> impl Iterator<Item = &'e Entry<'a>> {
        entries.iter().zip(&self.taken).filter(|(_, taken)| !**taken).map(|(entry, _)| entry)
    }
}

fn pair(entries: &[Entry], previous: &Record) -> Places {
    let by_id: HashMap<String, usize> =
        entries.iter().enumerate().map(|(at, e)| (e.id().to_owned(), at)).collect();
    let known: std::collections::HashSet<&str> =
        previous.rows.iter().map(|row| previous.cell(row, ID)).collect();
    let gone = || {
        let ids = previous.rows.iter().filter(|row| {
            let id = previous.cell(row, ID);
            !id.is_empty() && !by_id.contains_key(id)
        });
        ids.map(|row| (previous.cell(row, ID).to_owned(), row))
    };
    let came = || entries.iter().enumerate().filter(|(_, e)| !known.contains(e.id()));
    let mut moved = HashMap::new();
    let content: HashMap<String, Vec<usize>> = grouped(came().map(|(at, e)| (e.fingerprint(), at)));
    let lost = grouped(gone().map(|(id, row)| (previous.cell(row, FINGERPRINT).to_owned(), id)));
    match_up(&lost, &content, &mut moved);
    // Where the content changed as well: the same file name, table and kinds of data under another folder.
    let named = grouped(came().map(|(at, e)| (look(&e.cells(&Versions::new())), at)));
    let lost = grouped(gone().map(|(id, row)| {
        let cells = [LOCATION, TABLE, DETECTORS].map(|h| (h, previous.cell(row, h).to_owned()));
        (look(&BTreeMap::from(cells)), id)
    }));
    match_up(&lost, &named, &mut moved);
    Places { by_id, moved, taken: vec![false; entries.len()] }
}

fn look(cells: &BTreeMap<&'static str, String>) -> String {
    let file = cells[LOCATION].rsplit('/').next().unwrap_or_default().to_owned();
    [file, cells[TABLE].clone(), cells[DETECTORS].clone()].join("\0")
}

fn grouped<T>(pairs: impl Iterator<Item = (String, T)>) -> HashMap<String, Vec<T>> {
    let mut groups: HashMap<String, Vec<T>> = HashMap::new();
    for (key, value) in pairs.filter(|(key, _)| !key.is_empty()) {
        groups.entry(key).or_default().push(value);
    }
    groups
}

/// Pairs what has one counterpart on the other side; of several nobody knows which is which.
fn match_up(
    lost: &HashMap<String, Vec<String>>,
    came: &HashMap<String, Vec<usize>>,
    moved: &mut HashMap<String, usize>,
) {
    for (key, ids) in lost {
        if let ([id], Some([entry])) = (&ids[..], came.get(key).map(Vec::as_slice)) {
            let taken = moved.values().any(|e| e == entry);
            if !taken && !moved.contains_key(id) {
                moved.insert(id.clone(), *entry);
            }
        }
    }
}

/// A row that the inventory has again.
fn continued(entry: &Entry, previous: &Record, row: &[String], moved: bool) -> Cells {
    let before = previous.cells(row);
    let at = |heading: &str| before.get(heading).map_or("", |cell| cell.trim());
    let opinion = Opinion::of(entry, &before);
    let compared = entry.cells(&in_force_before(&before));
    let differs = |heading: &str| compared.get(heading).is_some_and(|now| now != at(heading));
    let changes: Vec<String> = COLUMNS
        .iter()
        .filter(|(heading, by)| *by == By::ScannerCompared && differs(heading))
        .filter(|(heading, _)| previous.column(heading).is_some())
        .map(|(heading, _)| {
            format!("{heading}: {} → {}", shown(at(heading)), shown(&compared[heading]))
        })
        .collect();
    let mut change = changes.join("\n");
    if moved {
        change = format!("from {}\n{change}", at(LOCATION)).trim_end().to_owned();
    }
    let state = match () {
        () if moved => "moved",
        () if changes.is_empty() => "unchanged",
        () => "changed",
    };
    let first_seen = at(FIRST_SEEN).to_owned();
    let mut cells = before;
    cells.extend(own(entry.cells(&opinion.rejected)));
    let questions = opinion.doubts.into_iter().chain(cells.remove(QUESTIONS));
    let questions = questions.filter(|q| !q.is_empty()).collect::<Vec<_>>().join("\n");
    cells.insert(QUESTIONS.to_owned(), questions);
    let known = opinion.rejected.into_iter().chain(opinion.outdated).collect();
    cells.insert(REJECTIONS.to_owned(), versions(&known));
    cells.insert(STATE.to_owned(), state.to_owned());
    cells.insert(CHANGE.to_owned(), change);
    cells.insert(FIRST_SEEN.to_owned(), first_seen);
    cells
}

fn shown(cell: &str) -> &str {
    if cell.is_empty() { "(none)" } else { cell }
}

/// A row that the inventory has no longer, or that people added.
fn left_over(previous: &Record, row: &[String]) -> Cells {
    let mut cells = previous.cells(row);
    if !previous.cell(row, ID).is_empty() {
        cells.insert(STATE.to_owned(), "gone".to_owned());
        let since = previous.cell(row, LAST_SEEN);
        cells.insert(CHANGE.to_owned(), format!("not seen since {}", shown(since)));
    }
    cells
}

/// `email@1; phone` as ids, with their versions where they are named.
fn tokens(cell: &str) -> impl Iterator<Item = (&str, Option<u32>)> {
    cell.split([';', ',', ' ', '\n', '\t']).filter(|token| !token.is_empty()).map(|token| {
        match token.split_once('@') {
            Some((detector, version)) => (detector, version.parse().ok()),
            None => (token, None),
        }
    })
}

/// The rejections that the row was drafted under. What was rejected since is no change of the data, so rows are
/// compared under them.
fn in_force_before(row: &Cells) -> Versions {
    let at = |heading: &str| row.get(heading).map_or("", |cell| cell.trim());
    let drafted: HashMap<&str, Option<u32>> = tokens(at(DETECTORS)).collect();
    tokens(at(REJECTIONS))
        .filter(|(detector, version)| drafted.get(detector) == Some(version))
        .filter_map(|(detector, version)| Some((detector.to_owned(), version?)))
        .collect()
}

/// What people say of a row's findings.
#[derive(Default)]
struct Opinion {
    /// Versions that hold.
    rejected: Versions,
    /// Versions made under another version of the detector: to be looked at again.
    outdated: Versions,
    /// What is unclear about them.
    doubts: Vec<String>,
}

impl Opinion {
    fn of(entry: &Entry, row: &Cells) -> Opinion {
        let at = |heading: &str| row.get(heading).map_or("", |cell| cell.trim());
        let mut opinion = Opinion::default();
        let wanted = at(REJECTED);
        if wanted.is_empty() {
            return opinion;
        }
        if at(REJECTED_WHY).is_empty() || at(REJECTED_BY).is_empty() {
            opinion.doubts.push(format!(
                "The rejection of {wanted} does not hold yet: fill in {REJECTED_WHY:?} and {REJECTED_BY:?}."
            ));
            return opinion;
        }
        let known: HashMap<&str, Option<u32>> =
            tokens(at(DETECTORS)).chain(tokens(at(REJECTIONS))).collect();
        let all = entry.detectors();
        let named: Vec<(&str, Option<u32>)> = match wanted.to_lowercase() == "all" {
            true => all.iter().map(|detector| (*detector, None)).collect(),
            false => tokens(wanted).collect(),
        };
        for (detector, version) in named {
            let made_under = version.or_else(|| known.get(detector).copied().flatten());
            opinion.take(detector, made_under, entry.version(detector));
        }
        opinion
    }

    /// Takes a rejection made under one version of a detector that has another one now, or none here.
    fn take(&mut self, detector: &str, made_under: Option<u32>, now: Option<u32>) {
        match (made_under, now) {
            (_, None) => {
                self.doubts.push(format!("{detector} is rejected, but was not found here."));
            }
            (Some(version), Some(now)) if version == now => {
                self.rejected.insert(detector.to_owned(), version);
            }
            (made_under, Some(now)) => {
                self.outdated.extend(made_under.map(|version| (detector.to_owned(), version)));
                self.doubts.push(format!(
                    "{detector} was rejected, but the detector has changed since (version {now}): if it is \
                     still wrong here, write {detector}@{now} in {REJECTED:?}."
                ));
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by it")]
mod tests {
    use super::super::super::sample;
    use super::*;

    fn put(record: &mut Record, row: usize, heading: &str, cell: &str) {
        let at = record.column(heading).unwrap();
        record.rows[row][at] = cell.to_owned();
    }

    fn get<'r>(record: &'r Record, row: usize, heading: &str) -> &'r str {
        record.cell(&record.rows[row], heading)
    }

    fn first() -> (Inventory, Record) {
        let inventory = sample::small();
        let record = record(&inventory, &Record::default());
        (inventory, record)
    }

    #[test]
    fn a_new_record_has_the_scanners_columns_filled() {
        let (_, record) = first();
        assert_eq!(record.rows.len(), 3);
        assert_eq!(get(&record, 2, STATE), "new");
        assert_eq!(get(&record, 2, "System"), "HR archive");
        assert_eq!(get(&record, 2, "Fields"), "Diagnose: health; Fnr: no_fodselsnummer");
        assert_eq!(get(&record, 2, "Number of data subjects"), "1084");
        assert_eq!(get(&record, 2, "Readable by"), "everyone");
        assert_eq!(get(&record, 2, DETECTORS), "health@1; no_fodselsnummer@1");
        assert_eq!(get(&record, 2, "Purpose of processing"), "");
        let questions = get(&record, 2, QUESTIONS);
        for words in ["Art. 9(2)", "personopplysningsloven", "Art. 35", "Every user", "2019-01"] {
            assert!(questions.contains(words), "{words}: {questions}");
        }
    }

    #[test]
    fn what_people_filled_in_is_kept_in_their_columns_and_order() {
        let (mut inventory, mut before) = first();
        put(&mut before, 2, "Purpose of processing", "Sick pay");
        before.headings.reverse();
        before.headings.push("Our own column".to_owned());
        for row in &mut before.rows {
            row.reverse();
            row.push("ours".to_owned());
        }
        before.rows.reverse();
        inventory.findings[3].category = "health.medical".to_owned();
        inventory.groups[0].subjects = Some(1200);
        let after = record(&inventory, &before);
        assert_eq!(after.headings, before.headings);
        assert_eq!(get(&after, 0, "Purpose of processing"), "Sick pay");
        assert_eq!(get(&after, 0, "Our own column"), "ours");
        assert_eq!(get(&after, 0, STATE), "changed");
        assert!(get(&after, 0, CHANGE).contains("Number of data subjects: 1084 → 1200"));
        assert_eq!((get(&after, 1, STATE), get(&after, 2, STATE)), ("unchanged", "unchanged"));
    }

    #[test]
    fn rows_that_went_stay_and_rows_of_people_stay() {
        let (mut inventory, mut before) = first();
        put(&mut before, 0, "Remarks", "ask IT");
        let mut paper = vec![String::new(); before.headings.len()];
        paper[before.column("Remarks").unwrap()] = "the paper archive".to_owned();
        before.rows.push(paper);
        inventory.findings.retain(|f| !f.path.ends_with("crm.sqlite"));
        let after = record(&inventory, &before);
        assert_eq!((get(&after, 0, STATE), get(&after, 0, "Remarks")), ("gone", "ask IT"));
        assert_eq!(get(&after, 0, CHANGE), "not seen since 2026-11-23");
        assert_eq!((get(&after, 3, STATE), get(&after, 3, "Remarks")), ("", "the paper archive"));
        assert_eq!(after.rows.len(), 4);
    }

    #[test]
    fn what_moved_takes_its_entries_along() {
        let (mut inventory, mut before) = first();
        put(&mut before, 2, "Purpose of processing", "Sick pay");
        let new = "/srv/arkiv/gammelt.xlsx";
        for finding in inventory.findings.iter_mut().skip(3) {
            finding.path = new.to_owned();
            finding.id = format!("ff{}", &finding.id[2..]);
        }
        inventory.files[0].path = new.to_owned();
        inventory.groups[0].path = new.to_owned();
        inventory.groups[0].id = "ffffffffffffffff".to_owned();
        let after = record(&inventory, &before);
        assert_eq!(after.rows.len(), 3);
        assert_eq!(get(&after, 2, STATE), "moved");
        assert_eq!(get(&after, 2, CHANGE), "from /srv/hr/sykefravær 2026.xlsx");
        assert_eq!(get(&after, 2, LOCATION), new);
        assert_eq!(get(&after, 2, "Purpose of processing"), "Sick pay");
    }

    #[test]
    fn a_rejection_holds_until_its_detector_changes() {
        let (mut inventory, mut before) = first();
        put(&mut before, 2, REJECTED, "health");
        let unsigned = record(&inventory, &before);
        assert!(get(&unsigned, 2, QUESTIONS).contains("does not hold yet"));
        assert!(get(&unsigned, 2, "Fields").contains("health"));
        put(&mut before, 2, REJECTED_WHY, "a column of codes for holidays");
        put(&mut before, 2, REJECTED_BY, "Kari");
        let mut after = record(&inventory, &before);
        for _ in 0..2 {
            assert_eq!(get(&after, 2, STATE), "unchanged");
            assert_eq!(get(&after, 2, "Fields"), "Fnr: no_fodselsnummer");
            assert_eq!(get(&after, 2, "Severity"), "high");
            assert!(!get(&after, 2, "Flags").contains("art9"));
            assert_eq!(get(&after, 2, REJECTIONS), "health@1");
            after = record(&inventory, &after);
        }
        inventory.run.detector_versions.insert("health".to_owned(), 2);
        for _ in 0..2 {
            after = record(&inventory, &after);
            assert!(get(&after, 2, "Fields").contains("Diagnose: health"));
            assert!(
                get(&after, 2, QUESTIONS).contains("write health@2"),
                "{}",
                get(&after, 2, QUESTIONS)
            );
        }
        put(&mut after, 2, REJECTED, "health@2");
        after = record(&inventory, &after);
        assert_eq!(get(&after, 2, "Fields"), "Fnr: no_fodselsnummer");
    }

    #[test]
    fn all_can_be_rejected() {
        let (inventory, mut before) = first();
        put(&mut before, 0, REJECTED, "All");
        put(&mut before, 0, REJECTED_WHY, "a price list");
        put(&mut before, 0, REJECTED_BY, "Kari");
        let after = record(&inventory, &before);
        assert_eq!((get(&after, 0, "Fields"), get(&after, 0, "Severity")), ("", ""));
        assert_eq!(get(&after, 0, QUESTIONS), "");
    }
}
