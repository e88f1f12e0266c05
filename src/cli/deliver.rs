//! What a scan hands out: its outputs, and what it says of itself.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::args::{Color, ScanArgs, Summary};
use super::{INCOMPLETE, log, signals};
use crate::inventory::{Inventory, NoteLine, Suppressed};
use crate::out::{Job, OutDir};
use crate::plan::Plan;
use crate::report;
use crate::scan::{Listed, Scan};

/// Writes the outputs beside their places.
pub(super) fn write_outputs(
    out: &mut OutDir,
    args: &ScanArgs,
    plan: &Plan,
    scan: &Arc<Scan>,
    inventory: &mut Inventory,
) -> Result<()> {
    if plan.findings {
        let mut listed = Listed::default();
        out.stage("findings.jsonl", |w| {
            listed = scan.findings(w)?;
            Ok(())
        })?;
        if listed.unlisted > 0 {
            let text = format!("findings.jsonl lacks matches of {} files", listed.unlisted);
            log::say(args.log_format, "warning", &text);
        }
        add_notes(inventory, listed.notes);
    }
    if plan.ledger {
        out.stage("ledger.jsonl", |w| {
            for line in scan.ledger() {
                report::jsonl::write_line(&line, w)?;
            }
            Ok(())
        })?;
    }
    inventory.run.ended = jiff::Timestamp::now().to_string();
    let inventory = &*inventory;
    let shown = shown(args, inventory);
    let shown = &*shown;
    let reports: Vec<_> = report::FORMATS
        .iter()
        .filter_map(|output| {
            // What programs and later runs rely on is whole.
            let of = if output.id == "jsonl" { inventory } else { shown };
            Some((output.file?, move |w: &mut dyn io::Write| (output.write)(of, w)))
        })
        .collect();
    let sketches = |w: &mut dyn io::Write| crate::sketch::write(&scan.sketches(), w);
    let mut jobs: Vec<Job> = reports.iter().map(|(file, write)| (*file, write as _)).collect();
    jobs.push(("sketches.bin", &sketches));
    out.stage_all(&jobs)?;
    if args.reveal {
        log::say(args.log_format, "warning", "findings.jsonl holds raw values: keep it safe");
    }
    Ok(())
}

/// Adds what was found out of files while their matches were listed.
fn add_notes(inventory: &mut Inventory, notes: Vec<NoteLine>) {
    if !notes.is_empty() && inventory.run.exit_code == 0 {
        inventory.run.exit_code = INCOMPLETE;
    }
    inventory.notes.extend(notes);
    inventory.notes.sort();
}

/// Says how the run ended and what it found.
pub(super) fn tell(args: &ScanArgs, inventory: &Inventory, out: &Path) -> Result<()> {
    if let Some(code) = signals::exit_code() {
        let text =
            format!("stopped by signal {}: what was done is kept, marked incomplete", code - 128);
        log::say(args.log_format, "warning", &text);
    }
    let personal = inventory.files.iter().filter(|f| f.personal_area.is_some()).count();
    if personal > 0 && args.ground.is_none() {
        let text = format!(
            "{personal} of the files with findings lie in personal areas (home directories, mailboxes): record \
             with --ground why they may be scanned"
        );
        log::say(args.log_format, "warning", &text);
    }
    if let Some(suppressed) = &inventory.run.suppressed {
        suppressions(args, suppressed);
    }
    for condition in &inventory.run.failed_on {
        log::say(args.log_format, "error", &format!("--fail-on {condition} is met"));
    }
    if args.quiet {
        return Ok(());
    }
    let terminal = io::stdout().is_terminal();
    let color = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    };
    let width = terminal_width().unwrap_or(100);
    let mut w = io::stdout().lock();
    let written = match args.summary {
        Summary::Full => report::summary::write(&shown(args, inventory), out, color, width, &mut w),
        Summary::News => report::news::write(inventory, width, &mut w),
        Summary::Line => report::news::line(inventory, &mut w),
        Summary::Json => report::news::json(inventory, &mut w),
    };
    match written {
        // Nobody reads the summary; the exit code still tells what happened.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// What people are shown of an inventory.
fn shown<'i>(args: &ScanArgs, inventory: &'i Inventory) -> Cow<'i, Inventory> {
    match args.only_new {
        true => Cow::Owned(report::news::only_new(inventory)),
        false => Cow::Borrowed(inventory),
    }
}

/// Names the entries of the suppression file that are of no use.
fn suppressions(args: &ScanArgs, suppressed: &Suppressed) {
    /// Most ids that are named.
    const MOST: usize = 10;
    let say = |ids: &[String], what: &str| {
        if ids.is_empty() {
            return;
        }
        let named = ids[..ids.len().min(MOST)].join(", ");
        let more = if ids.len() > MOST { ", …" } else { "" };
        let text = format!("--suppress: {} {what}: {named}{more}", ids.len());
        log::say(args.log_format, "warning", &text);
    };
    say(&suppressed.expired, "expired, by date or by another version of the detector");
    say(&suppressed.unmatched, "match no finding and can be removed");
}

fn terminal_width() -> Option<usize> {
    io::stdout()
        .is_terminal()
        .then(|| rustix::termios::tcgetwinsize(io::stdout()).ok())
        .flatten()
        .map(|s| usize::from(s.ws_col))
        .filter(|w| *w > 0)
}
