//! A new record from an inventory and an earlier record: what people filled in stays, rows are told apart into
//! new, changed, unchanged, moved and gone, and rejections hold until their detector's version changes.

use std::collections::{BTreeMap, HashMap};

use super::super::workbook::ABOUT;
use super::columns::{
    By, CHANGE, COLUMNS, DETECTORS, FINGERPRINT, FIRST_SEEN, ID, LAST_SEEN, LOCATION, QUESTIONS,
    REJECTIONS, STATE, TABLE,
};
use super::entry::{Entry, Versions, entries, versions};
use super::opinion::{Opinion, in_force_before};
use super::previous::Record;
use crate::inventory::Inventory;

/// The record that an inventory gives, continuing `previous`.
pub(super) fn record(inventory: &Inventory, previous: &Record) -> Record {
    let mut headings = previous.headings.clone();
    let missing = COLUMNS.iter().map(|c| c.0).filter(|h| previous.column(h).is_none());
    headings.extend(missing.map(str::to_owned));
    let mut record = Record::new(headings, Vec::new());
    let entries = entries(inventory);
    let mut places = pair(&entries, previous);
    for row in &previous.rows {
        // What is not written over below stays as people left it.
        let mut next = row.clone();
        next.resize(record.headings.len(), String::new());
        match places.take(previous, row) {
            Some((entry, moved)) => carry_on(&entries[entry], &record, &mut next, previous, moved),
            None => leave(&record, &mut next, previous),
        }
        record.rows.push(next);
    }
    for entry in places.rest(&entries) {
        let mut row = vec![String::new(); record.headings.len()];
        let cells = entry.cells(&Versions::new());
        record.put(&mut row, FIRST_SEEN, cells[LAST_SEEN].clone());
        record.put(&mut row, STATE, "new".to_owned());
        put_all(&record, &mut row, cells);
        record.rows.push(row);
    }
    record
}

fn put_all(record: &Record, row: &mut [String], cells: BTreeMap<&'static str, String>) {
    cells.into_iter().for_each(|(heading, cell)| record.put(row, heading, cell));
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

/// Writes a row that the inventory has again.
fn carry_on(entry: &Entry, record: &Record, row: &mut [String], previous: &Record, moved: bool) {
    let before = row.to_owned();
    let at = |heading: &str| previous.cell(&before, heading);
    let opinion = Opinion::of(entry, &at);
    let compared = entry.cells(&in_force_before(&at));
    let differs =
        |heading: &str| compared.get(heading).is_some_and(|now| bare(now) != bare(at(heading)));
    let changes: Vec<String> = COLUMNS
        .iter()
        .filter(|(heading, by)| *by == By::ScannerCompared && differs(heading))
        .filter(|(heading, _)| previous.column(heading).is_some())
        .map(|(heading, _)| {
            format!("{heading}: {} → {}", shown(at(heading)), shown(&compared[heading]))
        })
        .collect();
    let state = match () {
        () if moved => "moved",
        () if changes.is_empty() => "unchanged",
        () => "changed",
    };
    let from = moved.then(|| format!("from {}", at(LOCATION)));
    let change = from.into_iter().chain(changes).collect::<Vec<_>>().join("\n");
    let mut cells = entry.cells(&opinion.rejected);
    let questions = opinion.doubts.into_iter().chain(cells.remove(QUESTIONS));
    let questions: Vec<String> = questions.filter(|q| !q.is_empty()).collect();
    cells.insert(QUESTIONS, questions.join("\n"));
    let rejections = opinion.rejected.into_iter().chain(opinion.outdated).collect();
    cells.insert(REJECTIONS, versions(&rejections));
    cells.insert(STATE, state.to_owned());
    cells.insert(CHANGE, change);
    put_all(record, row, cells);
}

/// A cell as it is compared: a workbook shows that a number is an estimate, and holds the number.
fn bare(cell: &str) -> &str {
    cell.strip_prefix(ABOUT).unwrap_or(cell)
}

fn shown(cell: &str) -> &str {
    if cell.is_empty() { "(none)" } else { cell }
}

/// Marks a row that the inventory has no longer; one that people added stays as it is.
fn leave(record: &Record, row: &mut [String], previous: &Record) {
    if !previous.cell(row, ID).is_empty() {
        let since = format!("last seen {}", shown(previous.cell(row, LAST_SEEN)));
        record.put(row, STATE, "gone".to_owned());
        record.put(row, CHANGE, since);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::super::columns::{REJECTED, REJECTED_BY, REJECTED_WHY};
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
        assert_eq!(get(&record, 0, STATE), "new");
        assert_eq!(get(&record, 0, "System"), "HR archive");
        assert_eq!(get(&record, 0, "Fields"), "Diagnose: health; Fnr: no_fodselsnummer");
        assert_eq!(get(&record, 0, "Number of data subjects"), "1084");
        assert_eq!(get(&record, 0, "Readable by"), "everyone");
        assert_eq!(get(&record, 0, DETECTORS), "health@1; no_fodselsnummer@1");
        assert_eq!(get(&record, 0, "Purpose of processing"), "");
        let questions = get(&record, 0, QUESTIONS);
        for words in ["Art. 9(2)", "personopplysningsloven", "Art. 35", "Every user", "2019-01"] {
            assert!(questions.contains(words), "{words}: {questions}");
        }
    }

    #[test]
    fn what_people_filled_in_is_kept_in_their_columns_and_order() {
        let (mut inventory, mut before) = first();
        put(&mut before, 0, "Purpose of processing", "Sick pay");
        before.headings.reverse();
        before.headings.extend(["Our own column", "", ""].map(str::to_owned));
        for row in &mut before.rows {
            row.reverse();
            row.extend(["ours", "unnamed", "and another"].map(str::to_owned));
        }
        before.rows.reverse();
        let before = Record::new(before.headings, before.rows);
        inventory.findings[3].category = "health.medical".to_owned();
        inventory.groups[0].subjects = Some(1200);
        let after = record(&inventory, &before);
        assert_eq!(after.headings, before.headings);
        assert_eq!(get(&after, 2, "Purpose of processing"), "Sick pay");
        assert!(
            after
                .rows
                .iter()
                .all(|row| row.ends_with(&["ours", "unnamed", "and another"].map(str::to_owned)))
        );
        assert_eq!(get(&after, 2, STATE), "changed");
        assert!(get(&after, 2, CHANGE).contains("Number of data subjects: 1084 → 1200"));
        assert_eq!((get(&after, 0, STATE), get(&after, 1, STATE)), ("unchanged", "unchanged"));
    }

    #[test]
    fn rows_that_went_stay_and_rows_of_people_stay() {
        let (mut inventory, mut before) = first();
        put(&mut before, 2, "Remarks", "ask IT");
        let mut paper = vec![String::new(); before.headings.len()];
        paper[before.column("Remarks").unwrap()] = "the paper archive".to_owned();
        before.rows.push(paper);
        inventory.findings.retain(|f| !f.path.ends_with("crm.sqlite"));
        let after = record(&inventory, &before);
        assert_eq!((get(&after, 2, STATE), get(&after, 2, "Remarks")), ("gone", "ask IT"));
        assert_eq!(get(&after, 2, CHANGE), "last seen 2026-11-23");
        assert_eq!((get(&after, 3, STATE), get(&after, 3, "Remarks")), ("", "the paper archive"));
        assert_eq!(after.rows.len(), 4);
    }

    #[test]
    fn what_moved_takes_its_entries_along() {
        let (mut inventory, mut before) = first();
        put(&mut before, 0, "Purpose of processing", "Sick pay");
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
        assert_eq!(get(&after, 0, STATE), "moved");
        assert_eq!(get(&after, 0, CHANGE), "from /srv/hr/sykefravær 2026.xlsx");
        assert_eq!(get(&after, 0, LOCATION), new);
        assert_eq!(get(&after, 0, "Purpose of processing"), "Sick pay");
    }

    #[test]
    fn a_rejection_holds_until_its_detector_changes() {
        let (mut inventory, mut before) = first();
        put(&mut before, 0, REJECTED, "health");
        let unsigned = record(&inventory, &before);
        assert!(get(&unsigned, 0, QUESTIONS).contains("does not hold yet"));
        assert!(get(&unsigned, 0, "Fields").contains("health"));
        put(&mut before, 0, REJECTED_WHY, "a column of codes for holidays");
        put(&mut before, 0, REJECTED_BY, "Kari");
        let mut after = record(&inventory, &before);
        for _ in 0..2 {
            assert_eq!(get(&after, 0, STATE), "unchanged");
            assert_eq!(get(&after, 0, "Fields"), "Fnr: no_fodselsnummer");
            assert_eq!(get(&after, 0, "Severity"), "high");
            assert!(!get(&after, 0, "Flags").contains("art9"));
            assert_eq!(get(&after, 0, REJECTIONS), "health@1");
            after = record(&inventory, &after);
        }
        inventory.run.detector_versions.insert("health".to_owned(), 2);
        for _ in 0..2 {
            after = record(&inventory, &after);
            assert!(get(&after, 0, "Fields").contains("Diagnose: health"));
            assert!(
                get(&after, 0, QUESTIONS).contains("write health@2"),
                "{}",
                get(&after, 0, QUESTIONS)
            );
        }
        put(&mut after, 0, REJECTED, "health@2");
        after = record(&inventory, &after);
        assert_eq!(get(&after, 0, "Fields"), "Fnr: no_fodselsnummer");
    }

    #[test]
    fn a_rejection_holds_for_what_goes_and_comes_back() {
        let (inventory, mut before) = first();
        put(&mut before, 0, REJECTED, "health helth");
        put(&mut before, 0, REJECTED_WHY, "a column of codes for holidays");
        put(&mut before, 0, REJECTED_BY, "Kari");
        let mut without = inventory.clone();
        without.findings.remove(3);
        let between = record(&without, &record(&inventory, &before));
        assert_eq!(get(&between, 0, DETECTORS), "no_fodselsnummer@1");
        let after = record(&inventory, &between);
        assert_eq!(get(&after, 0, "Fields"), "Fnr: no_fodselsnummer");
        assert!(get(&after, 0, QUESTIONS).contains("helth is rejected, but was never found"));
    }

    #[test]
    fn all_can_be_rejected() {
        let (inventory, mut before) = first();
        put(&mut before, 2, REJECTED, "All");
        put(&mut before, 2, REJECTED_WHY, "a price list");
        put(&mut before, 2, REJECTED_BY, "Kari");
        let after = record(&inventory, &before);
        assert_eq!((get(&after, 2, "Fields"), get(&after, 2, "Severity")), ("", ""));
        assert_eq!(get(&after, 2, QUESTIONS), "");
    }
}
