//! What is new: the part of an inventory that is, the few lines of it that a mail needs, and one line or object for
//! what collects logs.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use serde::Serialize;

use super::{summary, tally, words};
use crate::escape;
use crate::inventory::{Changes, Finding, FindingState, Inventory, NoteLine, Run, Severity};
use crate::note::{Class, Reason};

/// Most places that a mail lists; the inventory has all.
const MOST: usize = 50;
/// Most places that it names of each reason for which something was not read.
const MOST_UNREAD: usize = 5;

/// The inventory with what is new in it and is not suppressed, and with the files and record groups of that.
#[must_use]
pub fn only_new(inventory: &Inventory) -> Inventory {
    let is_new = |f: &&Finding| f.state == Some(FindingState::New) && f.suppressed.is_none();
    let findings: Vec<Finding> = inventory.findings.iter().filter(is_new).cloned().collect();
    let paths: HashSet<&str> = findings.iter().map(|f| f.path.as_str()).collect();
    let places: HashSet<_> = findings.iter().map(|f| (&f.path, &f.members, &f.table)).collect();
    let files = inventory.files.iter().filter(|f| paths.contains(f.path.as_str()));
    let groups =
        inventory.groups.iter().filter(|g| places.contains(&(&g.path, &g.members, &g.table)));
    Inventory {
        run: inventory.run.clone(),
        coverage: inventory.coverage.clone(),
        notes: inventory.notes.clone(),
        systems: inventory.systems.clone(),
        files: files.cloned().collect(),
        groups: groups.cloned().collect(),
        findings,
        newly_unread: inventory.newly_unread.clone(),
    }
}

/// Writes what changed since the last run, and nothing when nothing did. Conditions that are met are told on standard
/// error, which a mail has as well.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, width: usize, w: &mut dyn Write) -> io::Result<()> {
    let run = &inventory.run;
    let Some(changes) = run.changes else { return Ok(()) };
    let news = only_new(inventory);
    let is_quiet = news.findings.is_empty()
        && changes.changed == 0
        && changes.gone == 0
        && inventory.newly_unread.is_empty();
    if is_quiet && run.complete {
        return Ok(());
    }
    writeln!(w, "{}: {}", escape::terminal(&run.label), counts(run, changes))?;
    if !run.complete {
        writeln!(w, "The run did not come to its end: more may be new.")?;
        unfinished(inventory, w)?;
    }
    let mut groups: Vec<_> = tally::groups(&news.findings).collect();
    groups.sort_by_key(|g| std::cmp::Reverse((g.severity, g.matches)));
    if !groups.is_empty() {
        writeln!(w, "\nNew")?;
    }
    let shown = &groups[..groups.len().min(MOST)];
    summary::places(shown, false, width, w)?;
    if groups.len() > MOST {
        writeln!(w, "  … and {} more", words::number((groups.len() - MOST) as u64))?;
    }
    newly_unread(&inventory.newly_unread, w)?;
    w.flush()
}

/// Why a run did not come to its end: PATHs that could not be reached, and how much was put off.
fn unfinished(inventory: &Inventory, w: &mut dyn Write) -> io::Result<()> {
    let is_root = |note: &&NoteLine| {
        note.members.is_empty()
            && inventory.run.roots.contains(&note.path)
            && Reason::class_of(&note.reason) == Class::NotRead
    };
    for note in inventory.notes.iter().filter(is_root).take(MOST_UNREAD) {
        let why = match note.reason == Reason::Vanished.as_str() {
            true => "not there (not mounted?)",
            false => words::reason(&note.reason).0,
        };
        writeln!(w, "  {}: {why}", escape::terminal(&note.path))?;
    }
    let reasons = [Reason::NotReached, Reason::Stalled, Reason::Stopped].map(Reason::as_str);
    for reason in reasons {
        if let Some(count) = inventory.coverage.reasons.get(reason) {
            let files = words::counted(count.files, "file", "files");
            writeln!(w, "  {}: {files}", words::reason(reason).0)?;
        }
    }
    Ok(())
}

/// What was not read, or not in full, and was before, or was not there.
fn newly_unread(notes: &[NoteLine], w: &mut dyn Write) -> io::Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    writeln!(w, "\nNot read, or not in full, and not so before")?;
    let mut reasons: BTreeMap<&str, Vec<&NoteLine>> = BTreeMap::new();
    notes.iter().for_each(|note| reasons.entry(&note.reason).or_default().push(note));
    for (reason, notes) in reasons {
        for note in notes.iter().take(MOST_UNREAD) {
            let place = words::place(&note.path, &note.members);
            writeln!(w, "  {}: {}", words::reason(reason).0, escape::terminal(&place))?;
        }
        let more = notes.len().saturating_sub(MOST_UNREAD);
        if more > 0 {
            let (more, why) = (words::number(more as u64), words::reason(reason).0);
            writeln!(w, "  {why}: {more} more")?;
        }
    }
    Ok(())
}

fn counts(run: &Run, c: Changes) -> String {
    let mut text =
        format!("{} new, {} changed, {} gone, {} unchanged", c.new, c.changed, c.gone, c.unchanged);
    if let Some(suppressed) = run.suppressed.as_ref().filter(|s| s.findings > 0) {
        text.push_str(&format!(", {} suppressed", suppressed.findings));
    }
    text
}

/// Writes one line.
///
/// # Errors
/// When the output cannot be written.
pub fn line(inventory: &Inventory, w: &mut dyn Write) -> io::Result<()> {
    let (run, coverage) = (&inventory.run, &inventory.coverage);
    let found = match run.changes {
        Some(changes) => counts(run, changes),
        None => words::counted(inventory.findings.len() as u64, "finding", "findings"),
    };
    let missed = coverage.partial.files + coverage.not_scanned.files;
    let end = if run.complete { "complete" } else { "not complete" };
    writeln!(
        w,
        "datakart: {}: {found}; {} read, {missed} not or in part; {end}, exit code {}",
        escape::terminal(&run.label),
        words::counted(coverage.scanned.files, "file", "files"),
        run.exit_code
    )?;
    w.flush()
}

/// The run in short: counts, and the label of its source.
#[derive(Serialize)]
struct Short<'a> {
    label: &'a str,
    started: &'a str,
    ended: &'a str,
    complete: bool,
    exit_code: u8,
    failed_on: &'a [String],
    files_scanned: u64,
    files_partial: u64,
    files_not_scanned: u64,
    files_out_of_scope: u64,
    bytes_scanned: u64,
    findings: usize,
    high: usize,
    very_high: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Changes>,
    suppressed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_result: Option<&'a str>,
}

/// Writes one JSON object on a line.
///
/// # Errors
/// When the output cannot be written.
pub fn json(inventory: &Inventory, w: &mut dyn Write) -> io::Result<()> {
    let (run, coverage) = (&inventory.run, &inventory.coverage);
    let of = |s: Severity| inventory.findings.iter().filter(|f| f.severity == s).count();
    let short = Short {
        label: &run.label,
        started: &run.started,
        ended: &run.ended,
        complete: run.complete,
        exit_code: run.exit_code,
        failed_on: &run.failed_on,
        files_scanned: coverage.scanned.files,
        files_partial: coverage.partial.files,
        files_not_scanned: coverage.not_scanned.files,
        files_out_of_scope: coverage.out_of_scope.files,
        bytes_scanned: coverage.scanned.bytes,
        findings: inventory.findings.len(),
        high: of(Severity::High),
        very_high: of(Severity::VeryHigh),
        changes: run.changes,
        suppressed: run.suppressed.as_ref().map_or(0, |s| s.findings),
        oldest_result: run.oldest_result.as_deref(),
    };
    super::jsonl::write_line(&short, w)?;
    w.flush()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::sample;
    use super::*;

    fn with(changes: Changes) -> Inventory {
        let mut inventory = sample::small();
        inventory.run.changes = Some(changes);
        inventory
    }

    fn text(inventory: &Inventory) -> String {
        sample::written(|out| write(inventory, 80, out))
    }

    #[test]
    fn nothing_new_is_not_worth_a_mail() {
        let unchanged = Changes { unchanged: 4, ..Changes::default() };
        assert_eq!(text(&with(unchanged)), "");
        assert!(text(&with(Changes { gone: 1, ..unchanged })).contains("1 gone, 4 unchanged"));
        let mut late = with(unchanged);
        late.run.complete = false;
        assert!(text(&late).contains("more may be new"));
    }

    #[test]
    fn what_is_new_is_listed_and_what_is_suppressed_is_not() {
        let mut inventory = with(Changes { new: 2, ..Changes::default() });
        let names: Vec<String> =
            inventory.findings.iter().take(2).map(|f| f.detector.clone()).collect();
        for finding in inventory.findings.iter_mut().take(2) {
            finding.state = Some(FindingState::New);
        }
        let listed = text(&inventory);
        assert!(names.iter().all(|name| listed.contains(name)), "{listed}");
        let all = only_new(&inventory);
        assert!(all.findings.len() == 2 && all.files.len() <= 2);
        let suppression = crate::inventory::Suppression {
            reason: "r".to_owned(),
            by: "b".to_owned(),
            until: "2027-06-30".to_owned(),
        };
        for finding in inventory.findings.iter_mut().take(2) {
            finding.suppressed = Some(Box::new(suppression.clone()));
        }
        assert_eq!(text(&inventory), "");
    }

    #[test]
    fn names_from_files_act_on_nothing() {
        let mut inventory = sample::hostile();
        inventory.run.changes = Some(Changes { new: 1, ..Changes::default() });
        for finding in &mut inventory.findings {
            finding.state = Some(FindingState::New);
        }
        let mut bytes = text(&inventory).into_bytes();
        line(&inventory, &mut bytes).unwrap();
        json(&inventory, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains(['\x1b', '\u{9b}', '\u{202e}', '\u{2028}', '\x07']));
    }
}
