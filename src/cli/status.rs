//! `datakart status`: what a state tells: whether a run is going on, how the last one ended, what is new.

use std::io::Write;

use anyhow::Result;

use super::args::{Form, StatusArgs};
use crate::escape;
use crate::report;
use crate::state::{self, Status};

/// Tells.
///
/// # Errors
/// No state, one that cannot be read, an output that is closed.
pub fn run(args: &StatusArgs, out: &mut dyn Write) -> Result<()> {
    state::refuse_missing(&args.state)?;
    let status = Status::read(&args.state, args.check)?;
    if args.format == Form::Json {
        serde_json::to_writer(&mut *out, &status)?;
        return Ok(writeln!(out)?);
    }
    if args.new {
        return list(&status, out);
    }
    match &status.running {
        Some(holder) => writeln!(out, "running: {}", escape::terminal(holder))?,
        None => writeln!(out, "no run is going on")?,
    }
    if args.check {
        writeln!(out, "checked: the state is sound")?;
    }
    writeln!(out, "files known: {}", status.files)?;
    if let Some(oldest) = &status.oldest {
        writeln!(out, "oldest result: {oldest}")?;
    }
    if let Some(index) = &status.index {
        let (files, values, bytes) = (index.files, index.values, index.bytes);
        writeln!(out, "index: {files} files, {values} words and numbers, {bytes} bytes")?;
    }
    let Some(last) = &status.last else { return Ok(writeln!(out, "no run has ended yet")?) };
    let how = if last.complete { "complete" } else { "not complete" };
    let (label, exit) = (escape::terminal(&last.label), last.exit_code);
    writeln!(
        out,
        "last run: {label}, {} to {}, {how}, exit code {exit}",
        last.started, last.ended
    )?;
    let coverage = &last.coverage;
    let (read, partial) = (coverage.scanned.files, coverage.partial.files);
    writeln!(out, "files read: {read}, in part {partial}, not {}", coverage.not_scanned.files)?;
    if let Some(c) = &last.changes {
        let (new, changed, unchanged, gone) = (c.new, c.changed, c.unchanged, c.gone);
        writeln!(
            out,
            "findings: {new} new, {changed} changed, {unchanged} unchanged, {gone} gone"
        )?;
    }
    Ok(())
}

/// A line for each finding that was new, and for each place that could not be read and could be before.
fn list(status: &Status, out: &mut dyn Write) -> Result<()> {
    for news in &status.new {
        let mut place = vec![news.path.as_str()];
        place.extend(news.members.iter().map(String::as_str));
        place.extend(news.table.as_deref());
        place.extend(news.field.as_deref());
        let place = place.join(" › ");
        let (place, detector) = (escape::terminal(&place), escape::terminal(&news.detector));
        let severity = news.severity.as_str().replace('_', " ");
        writeln!(out, "{severity:<9}  {place}  {detector} {}", news.matches)?;
    }
    for gap in &status.unread {
        let mut place = vec![gap.path.as_str()];
        place.extend(gap.members.iter().map(String::as_str));
        let (place, reason) = (place.join(" › "), report::reason_in_words(&gap.reason));
        writeln!(out, "not read   {}  {}", escape::terminal(&place), escape::terminal(reason))?;
    }
    Ok(())
}
