//! The package of a search for one person: the work list in the forms that people work with, the facts of the search,
//! and what a later check needs.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::jsonl;
use crate::manifest::Manifest;
use crate::out::{Job, OutDir};
use crate::subject::{Case, Record};

pub mod copy;
mod replay;
mod summary;
mod table;

pub use replay::Replay;
pub use table::place;

/// The work list for programs.
pub const WORKLIST: &str = "worklist.jsonl";
/// The facts of the search.
pub const CASE: &str = "case.json";
/// The forms of the work list that people fill in.
pub const FILLED_IN: [&str; 2] = ["worklist.csv", "worklist.xlsx"];

/// Stages the package: `case.json`, the work list in three forms, the summary and the replay list.
///
/// # Errors
/// What the system reports of the output.
pub fn stage(out: &mut OutDir, case: &Case, records: &[Record], replay: &Replay) -> Result<()> {
    let [csv, xlsx] = FILLED_IN;
    let jobs: [Job<'_>; 6] = [
        (WORKLIST, &|w| records.iter().try_for_each(|record| jsonl::write_line(record, w))),
        (CASE, &|w| facts(case, w)),
        (csv, &|w| table::write_csv(records, w)),
        (xlsx, &|w| table::write_xlsx(case, records, w)),
        ("summary.html", &|w| summary::write(case, records, w)),
        (replay::FILE, &|w| replay.write(w)),
    ];
    out.stage_all(&jobs)
}

fn facts(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(case)?;
    text.lines().try_for_each(|line| writeln!(out, "{}", crate::escape::json_line(line)))
}

/// Refuses a directory whose work list people have begun to fill in: another search would overwrite that.
///
/// # Errors
/// Such a directory.
pub fn refuse_filled_in(directory: &Path) -> Result<()> {
    if !directory.join(WORKLIST).exists() {
        return Ok(());
    }
    let verdict = Manifest::read(directory)?.check(directory)?;
    let changed = verdict.damaged.iter().find(|name| FILLED_IN.contains(&name.as_str()));
    if let Some(name) = changed {
        bail!(
            "--out {} holds a {name} that was changed since it was written, perhaps filled in: choose another directory",
            directory.display()
        );
    }
    Ok(())
}

/// Reads the facts and the work list of a package.
///
/// # Errors
/// No package, or one that cannot be read: with file and line.
pub fn read(directory: &Path) -> Result<(Case, Vec<Record>)> {
    let path = directory.join(CASE);
    let text = fs::read_to_string(&path).with_context(|| {
        format!("{}: no package of a search (`datakart subject find` makes one)", path.display())
    })?;
    let case = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let path = directory.join(WORKLIST);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let record = |(number, line): (usize, &str)| {
        serde_json::from_str(line).with_context(|| format!("{} line {number}", path.display()))
    };
    let records = (1..).zip(text.lines()).map(record).collect::<Result<_>>()?;
    Ok((case, records))
}

#[cfg(test)]
mod sample {
    use std::collections::BTreeMap;

    use super::*;
    use crate::inventory::{NoteLine, Run};
    use crate::subject::Strength;

    /// A record without much in it.
    pub fn record(path: &str, strength: Strength) -> Record {
        Record {
            id: "0123456789abcdef".to_owned(),
            path: path.to_owned(),
            path_b64: None,
            members: Vec::new(),
            table: Some("kunder".to_owned()),
            row: Some(17),
            line: None,
            message: None,
            page: None,
            key: vec!["kunde_id".to_owned()],
            strength,
            reasons: vec!["email".to_owned(), "name".to_owned()],
            categories: vec!["contact.email".to_owned(), "health".to_owned()],
            columns: vec!["epost".to_owned(), "diagnose".to_owned()],
            flags: vec!["art9".to_owned(), "third_person".to_owned()],
            hints: vec!["accounting".to_owned()],
            system: None,
            duplicate_of: None,
            fingerprint: "00".repeat(16),
            modified: Some("2026-10-01".to_owned()),
        }
    }

    /// A case with two records, whose names do what names can do.
    pub fn hostile() -> (Case, Vec<Record>) {
        let evil = "=HYPERLINK(\"x\")<script>alert(1)</script>\u{202e}\u{1b}[31m.csv";
        let certain = Record {
            table: Some("@t".to_owned()),
            columns: vec!["+c".to_owned(), "<b>".to_owned()],
            system: Some("-CRM".to_owned()),
            ..record(evil, Strength::Certain)
        };
        let note = NoteLine {
            path: evil.to_owned(),
            path_b64: None,
            members: vec!["<i>".to_owned()],
            reason: "encrypted".to_owned(),
            detail: "<u>".to_owned(),
        };
        let case = Case {
            schema: crate::subject::CASE_SCHEMA.to_owned(),
            case: "2026-114 <x>".to_owned(),
            due: Some("2026-12-01".to_owned()),
            sought: BTreeMap::from([("email".to_owned(), 1)]),
            records: BTreeMap::from([("certain".to_owned(), 1), ("possible".to_owned(), 1)]),
            notes: vec![note],
            run: Run { roots: vec![evil.to_owned()], ..Run::default() },
            ..Case::default()
        };
        (case, vec![certain, record("b.csv", Strength::Possible)])
    }
}
