//! `datakart subject verify`: what of a work list is left, by the keyed digests of its replay list.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use super::args::CheckArgs;
use crate::cli::args::Form;
use crate::cli::bar::with_bar;
use crate::cli::{INCOMPLETE, log, manners, roots, scan as scanning, signals};
use crate::detect::finder::Finder;
use crate::detect::rules::{Rules, Selection};
use crate::escape::terminal;
use crate::key::Key;
use crate::note::{Class, Reason};
use crate::plan::Plan;
use crate::report::case::{self, Replay};
use crate::report::jsonl;
use crate::scan::{self, Means, Search, Searched};
use crate::subject::{Case, Checked, Fate, Record, check};
use crate::walk::Filter;

/// Exit code when something of a certain or probable record is left.
const LEFT: u8 = 1;

/// Searches once more and tells what became of the records.
///
/// # Errors
/// No package of a search, another key, places that are not there.
pub fn run(args: &CheckArgs) -> Result<u8> {
    signals::listen()?;
    log::take_form(args.format.into());
    let (case, listed) = case::read(&args.directory)?;
    let replay = Replay::read(&args.directory)?;
    let elsewhere = !args.paths.is_empty();
    let paths = if elsewhere { args.paths.clone() } else { places(&case)? };
    let scan_args = args.as_scan(paths);
    manners::be_patient(&scan_args);
    let found = search(&scan_args, &case, &replay)?;
    if let Some(code) = signals::exit_code() {
        bail!("stopped by signal {}: nothing can be told of the rest", code - 128);
    }
    let unread = found.gaps.iter().filter(|gap| Reason::class_of(&gap.reason) == Class::NotRead);
    let unread: BTreeSet<&str> = unread.map(|gap| gap.path.as_str()).collect();
    let checked = check(&listed, &found.records, &unread, elsewhere);
    match args.format {
        Form::Json => {
            let mut out = std::io::stdout().lock();
            checked.iter().try_for_each(|c| jsonl::write_line(c, &mut out))?;
        }
        Form::Text => tell(args, &case, &checked, &found)?,
    }
    let is_left = |c: &&Checked| {
        c.strength.may_drive_erasure() && !matches!(c.fate, Fate::Gone | Fate::Unknown)
    };
    let missed = found.coverage.partial.files + found.coverage.not_scanned.files;
    Ok(match () {
        () if checked.iter().any(|c| is_left(&c)) => LEFT,
        () if missed > 0 => INCOMPLETE,
        () => 0,
    })
}

/// The places of the search. One that is gone says nothing of the others, but all of them are not gone at once.
fn places(case: &Case) -> Result<Vec<PathBuf>> {
    let (there, away): (Vec<PathBuf>, Vec<PathBuf>) =
        case.run.roots.iter().map(PathBuf::from).partition(|root| root.exists());
    if there.is_empty() {
        bail!(
            "none of the places of the search is here ({}): run it in the folder of the search, or name the places",
            case.run.roots.join(", ")
        );
    }
    for root in away {
        let text = format!("{} is not there any more", root.display());
        log::say("warning", &text);
    }
    Ok(there)
}

fn search(args: &crate::cli::args::ScanArgs, case: &Case, replay: &Replay) -> Result<Searched> {
    let rules = Rules::load(&Selection::default())?;
    let roots = roots::roots(args)?;
    let threads = scanning::threads(args)?;
    let key = key(args)?;
    let as_of = case.run.as_of.parse().context("case.json: `as_of` is no date")?;
    let finder: &Finder = Box::leak(Box::new(Finder::new(rules, as_of, key.for_counting())?));
    let search = Arc::new(Search::new(replay.sought(&key)?)?);
    let filter = Filter::new(&[], &[], false)?;
    let label = case.run.label.clone();
    let plan = Plan { as_of, ..scanning::plan(args, roots, filter, threads, label, key) };
    // Workers are forked off a process that has no threads, so they come before the first one.
    let pool = scanning::pool(args, finder, &plan).map(Arc::new);
    let (plan, progress) = (Arc::new(plan), Arc::default());
    let means = Means { plan: plan.clone(), finder, pool, progress };
    let job = || scan::search(&means, &search, false);
    scanning::in_pool(&plan, || with_bar(args, &means.progress, job))
}

/// The key of the search, which has to be there.
fn key(args: &crate::cli::args::ScanArgs) -> Result<Key> {
    let file = scanning::key_file(args)?;
    let missing =
        || format!("there is no digest key {}: --key names that of the search", file.display());
    Key::load(&file)?.with_context(missing)
}

/// Where a record stands, for a terminal.
fn shown(record: &Record) -> String {
    let mut parts = vec![record.path.as_str()];
    parts.extend(record.members.iter().map(String::as_str));
    parts.extend(record.table.as_deref());
    format!("{} {}", terminal(&parts.join(" › ")), case::place(record))
}

fn tell(args: &CheckArgs, case: &Case, checked: &[Checked], found: &Searched) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let mut counts: BTreeMap<Fate, u64> = BTreeMap::new();
    for c in checked {
        *counts.entry(c.fate).or_default() += 1;
        if c.fate == Fate::Gone && !args.all {
            continue;
        }
        let was = c.listed.as_ref().map(shown);
        let now = c.found.as_ref().map(shown);
        let place = match (was, now) {
            (Some(was), Some(now)) if was != now => format!("{was} → {now}"),
            (was, now) => now.or(was).unwrap_or_default(),
        };
        writeln!(out, "{:<8} {:<9} {place}", c.fate.as_str(), c.strength.as_str())?;
    }
    let counts: Vec<String> =
        counts.iter().map(|(fate, n)| format!("{n} {}", fate.as_str())).collect();
    let counts = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    writeln!(out, "case {}: {counts}", terminal(&case.case))?;
    let coverage = &found.coverage;
    let (partial, missed) = (coverage.partial.files, coverage.not_scanned.files);
    writeln!(out, "files read: {}, in part {partial}, not {missed}", coverage.scanned.files)?;
    Ok(())
}
