//! `datakart patterns`: list, show, check and try detectors.

use std::borrow::Cow;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::Serialize;

use super::args::{PatternsCommand, RuleArgs};
use crate::detect::engine;
use crate::detect::finder::Finder;
use crate::detect::rules::{Rules, Selection};
use crate::file::{self, Reading};
use crate::inventory::Confidence;
use crate::source::Source;
use crate::unit::CELL_END;
use crate::validate::{Validity, Verdict};

/// Runs the command and tells the exit code.
///
/// # Errors
/// Detector files with mistakes, unknown ids, an output that cannot be written.
pub fn run(command: PatternsCommand, out: &mut dyn Write) -> Result<u8> {
    match command {
        PatternsCommand::List(rules) => {
            let rules = load(&rules)?;
            out.write_all(super::detector_table(&rules, false).as_bytes())?;
        }
        PatternsCommand::Show { id, rules } => show(&load(&rules)?, &id, out)?,
        PatternsCommand::Check { folders } => return check(folders, out),
        PatternsCommand::Try { id, values, rules, as_of } => {
            let date = as_of.unwrap_or_else(super::scan::today);
            let finder = Finder::new(load(&rules)?, date, [0; 16])?;
            try_values(&finder, &id, values, out)?;
        }
    }
    out.flush()?;
    Ok(0)
}

/// Loads the built-in detectors and those of the folders.
///
/// # Errors
/// Detector files with mistakes.
pub fn load(args: &RuleArgs) -> Result<Rules> {
    Rules::load(&Selection { folders: args.folders.clone(), ..Selection::default() })
}

fn number(rules: &Rules, id: &str) -> Result<usize> {
    match rules.find(id) {
        Some(number) => Ok(number),
        None => bail!("there is no detector {id:?}; `datakart patterns list` shows all"),
    }
}

fn show(rules: &Rules, id: &str, out: &mut dyn Write) -> Result<()> {
    let d = &rules.detectors[number(rules, id)?];
    let category = &rules.categories[&d.category];
    let mut line = |name: &str, value: String| -> io::Result<()> {
        if value.is_empty() { Ok(()) } else { writeln!(out, "{name:<12}{value}") }
    };
    line("id", d.id.clone())?;
    line("name", d.name.clone())?;
    line("category", format!("{} ({})", category.key, category.name))?;
    line("dpv", category.dpv.join(" "))?;
    line("regions", d.regions.join(" "))?;
    line("pattern", d.pattern.clone().unwrap_or_default())?;
    line("in fields", d.damaged_pattern.clone().unwrap_or_default())?;
    line("validator", d.validator.as_ref().map(|v| v.0.clone()).unwrap_or_default())?;
    let chance: Vec<_> = d.chance.iter().map(|(rung, p)| format!("{rung} {p}")).collect();
    line("chance", chance.join(", "))?;
    line("headers", d.headers.join(", "))?;
    line("keywords", d.keywords.join(", "))?;
    line("abbreviated", d.abbreviations.join(", "))?;
    line("against", d.against.join(", "))?;
    line("sources", d.sources.join(" "))?;
    line("file", d.origin.clone())?;
    Ok(())
}

#[derive(Serialize)]
struct Answer<'a> {
    value: &'a str,
    verdict: &'static str,
    reason: Cow<'a, str>,
}

fn try_values(finder: &Finder, id: &str, values: Vec<String>, out: &mut dyn Write) -> Result<()> {
    let detector = u16::try_from(number(&finder.rules, id)?)?;
    if values.is_empty() {
        for line in io::stdin().lock().lines() {
            answer(finder, detector, &line?, out)?;
        }
        return Ok(());
    }
    values.iter().try_for_each(|value| answer(finder, detector, value, out))
}

fn answer(finder: &Finder, detector: u16, value: &str, out: &mut dyn Write) -> Result<()> {
    let rule = &finder.rules.detectors[detector as usize];
    let text = value.trim();
    let is_whole = |pattern| engine::is_whole(pattern, text.as_bytes());
    let shaped = match &rule.pattern {
        Some(pattern) => is_whole(pattern)? || part(finder, detector, text).is_some(),
        None => !text.is_empty(),
    };
    let in_fields = !shaped && rule.damaged_pattern.as_deref().map_or(Ok(false), is_whole)?;
    let judged = part(finder, detector, text).unwrap_or(text);
    let (verdict, reason) = match (shaped || in_fields, finder.check(detector, judged)) {
        (false, _) => ("no_match", "not of this shape"),
        (true, Verdict::Invalid(why) | Verdict::Doubtful(why)) => ("invalid", why),
        (true, Verdict::Valid(rung)) => ("valid", reason_of(rung.name(), rung.validity)),
    };
    let reason = match in_fields {
        true => format!("{reason}; only in fields that are named so").into(),
        false => reason.into(),
    };
    serde_json::to_writer(&mut *out, &Answer { value, verdict, reason })?;
    writeln!(out)?;
    Ok(())
}

/// The value in a text that has dress around it (`mailto:x`, `<x>`, `x.`): the only candidate in it.
fn part<'a>(finder: &Finder, detector: u16, text: &'a str) -> Option<&'a str> {
    let pattern = finder.rules.detectors[detector as usize].pattern.as_deref()?;
    if engine::is_whole(pattern, text.as_bytes()).unwrap_or(false) {
        return None;
    }
    let mut hits = Vec::new();
    finder.hits(text.as_bytes(), 0, text.len(), &mut hits);
    let mut own = hits.iter().filter(|h| h.detector == detector);
    let first = own.next()?;
    let dress = text.len() - (first.end - first.start);
    (dress <= 8).then(|| text.get(first.start..first.end)).flatten()
}

fn reason_of(rung: &'static str, validity: Validity) -> &'static str {
    match validity {
        Validity::Test => "a published test value",
        Validity::Temporary => "a temporary number",
        Validity::Damaged => "valid once repaired",
        _ if rung == "strict" => "passes every check",
        _ => rung,
    }
}

/// Runs all examples; one line per fault.
fn check(folders: Vec<PathBuf>, out: &mut dyn Write) -> Result<u8> {
    super::scan::tell_idle(&folders);
    let rules = Rules::load(&Selection { folders, ..Selection::default() })?;
    let date = super::scan::today();
    let finder = Finder::new(rules, date, [0; 16])?;
    let faults = faults(&finder);
    for fault in &faults {
        writeln!(out, "{fault}")?;
    }
    let (n, bad) = (finder.rules.detectors.len(), faults.len());
    writeln!(out, "{n} detectors checked, {bad} faults")?;
    Ok(u8::from(bad > 0))
}

/// What is wrong with the detectors' own examples, one line each.
#[must_use]
pub fn faults(finder: &Finder) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, d) in finder.rules.detectors.iter().enumerate() {
        let mut fault = |what: String| faults.push(format!("{}: {what}", d.origin));
        if d.examples.is_empty() || d.counters.is_empty() {
            fault("needs at least one [[example]] and one [[counter]]".into());
        }
        let number = u16::try_from(number).unwrap_or(u16::MAX);
        for (i, e) in d.examples.iter().enumerate() {
            if !finds(finder, number, e.header.as_deref(), &e.text, Some(&e.finds)) {
                fault(format!("example {} is not found", i + 1));
            }
        }
        for (i, c) in d.counters.iter().enumerate() {
            if finds(finder, number, c.header.as_deref(), &c.text, None) {
                fault(format!("counter-example {} is found, though {}", i + 1, c.why));
            }
        }
    }
    faults
}

/// Whether a detector finds a value in a text (or a cell under a header).
fn finds(
    finder: &Finder,
    detector: u16,
    header: Option<&str>,
    text: &str,
    value: Option<&str>,
) -> bool {
    if let Some(header) = header {
        return finds_in_cell(finder, detector, header, text);
    }
    // A scan meets it as a cell, between marks, and as a line: never as all there is.
    let mut each = [CELL_END, b'\n'].into_iter().map(|mark| found(finder, detector, text, mark));
    match value {
        Some(value) => each.all(|found| found.iter().any(|one| one == value)),
        None => each.any(|found| !found.is_empty()),
    }
}

/// What a detector finds in a text with such a mark before and behind it.
fn found(finder: &Finder, detector: u16, text: &str, mark: u8) -> Vec<String> {
    let mark = char::from(mark);
    let text = format!("{mark}{text}{mark}");
    let mut hits = Vec::new();
    finder.hits(text.as_bytes(), 0, text.len(), &mut hits);
    let mine = hits.iter().filter(|h| h.detector == detector && h.valid());
    mine.map(|h| text[h.start..h.end].to_owned()).collect()
}

fn finds_in_cell(finder: &Finder, detector: u16, header: &str, text: &str) -> bool {
    let id = &finder.rules.detectors[detector as usize].id;
    let json = serde_json::json!({ header: text }).to_string();
    let reading =
        Reading { level: Confidence::Low, split: usize::MAX, share_from: u64::MAX, learns: false };
    let source = Source::from_bytes(json.into_bytes());
    let result = file::scan(finder, source, 0, "example", reading);
    let ambiguous = &finder.rules.detectors[detector as usize].weak_headers;
    result.findings.iter().any(|f| &f.detector == id)
        || (ambiguous.iter().any(|a| a == header)
            && matches!(finder.check(detector, text), Verdict::Valid(_)))
}
