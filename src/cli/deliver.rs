//! What a scan hands out: its outputs, and what it says of itself.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};

use super::args::{Color, ScanArgs, Summary};
use super::{INCOMPLETE, Standard, log, signals};
use crate::inventory::{Inventory, NoteLine, Suppressed};
use crate::out::{self, Job, OutDir};
use crate::plan::Plan;
use crate::report;
use crate::scan::{Listed, Scan};

/// Writes the outputs beside their places, the inventory before all that can be made of it. What there is no room for is
/// left out, and told.
pub(super) fn write_outputs(
    out: &mut OutDir,
    args: &ScanArgs,
    plan: &Plan,
    scan: &Arc<Scan>,
    inventory: &mut Inventory,
) -> Result<()> {
    let mut lacking = Lacking::default();
    if plan.findings {
        lacking.unless(FINDINGS, stage_findings(out, scan, inventory))?;
    }
    if plan.ledger {
        let staged = out.stage(LEDGER, |w| {
            scan.ledger().into_iter().try_for_each(|line| report::jsonl::write_line(&line, w))
        });
        lacking.unless(LEDGER, staged)?;
    }
    inventory.run.ended = jiff::Timestamp::now().to_string();
    lacking.mark(inventory);
    if let Err(e) = stage_inventory(out, inventory) {
        if !out::has_no_room(&e) || !(plan.findings || plan.ledger) {
            return Err(e);
        }
        // What lists single values and files makes room for it.
        out.forget();
        let all = [(FINDINGS, plan.findings), (LEDGER, plan.ledger)];
        lacking.0 = all.into_iter().filter_map(|(name, wanted)| wanted.then_some(name)).collect();
        lacking.mark(inventory);
        stage_inventory(out, inventory)?;
    }
    for (name, staged) in stage_rest(out, args, scan, inventory) {
        lacking.unless(name, staged)?;
    }
    lacking.mark(inventory);
    lacking.tell(out);
    if args.reveal && !lacking.0.contains(&FINDINGS) {
        log::say("warning", "findings.jsonl holds raw values: keep it safe");
    }
    Ok(())
}

const FINDINGS: &str = "findings.jsonl";
const LEDGER: &str = "ledger.jsonl";
/// The output that programs and later runs rely on: others are made of it.
const INVENTORY: &str = "jsonl";

/// Outputs that there was no room for.
#[derive(Default)]
struct Lacking(Vec<&'static str>);

impl Lacking {
    /// Takes an output in when there was no room for it.
    ///
    /// # Errors
    /// When it could not be written for another reason.
    fn unless(&mut self, name: &'static str, staged: Result<()>) -> Result<()> {
        match staged {
            Err(e) if out::has_no_room(&e) => self.0.push(name),
            other => return other,
        }
        Ok(())
    }

    /// A run with such is not done in full.
    fn mark(&self, inventory: &mut Inventory) {
        if !self.0.is_empty() && inventory.run.exit_code == 0 {
            inventory.run.exit_code = INCOMPLETE;
        }
    }

    fn tell(&self, out: &OutDir) {
        if self.0.is_empty() {
            return;
        }
        let can_be_made = |name: &&str| name.ends_with(".html") || name.ends_with(".csv");
        let all = self.0.join(", ");
        let path = out.path().display();
        let mut text = format!("{path}: no room was left for {all}; the inventory itself is whole");
        if self.0.iter().any(can_be_made) {
            text += "; `datakart report` makes its other forms";
        }
        if !self.0.iter().all(can_be_made) {
            text += "; make room and scan again for the rest";
        }
        log::say("error", &text);
    }
}

fn stage_findings(out: &mut OutDir, scan: &Arc<Scan>, inventory: &mut Inventory) -> Result<()> {
    let mut listed = Listed::default();
    out.stage(FINDINGS, |w| {
        listed = scan.findings(w)?;
        Ok(())
    })?;
    if listed.unlisted > 0 {
        let text = format!("findings.jsonl lacks matches of {} files", listed.unlisted);
        log::say("warning", &text);
    }
    add_notes(inventory, listed.notes);
    Ok(())
}

/// What programs and later runs rely on is whole, whatever people are shown.
fn stage_inventory(out: &mut OutDir, inventory: &Inventory) -> Result<()> {
    let output = report::FORMATS.iter().find(|output| output.id == INVENTORY);
    let Some((output, file)) = output.and_then(|o| Some((o, o.file?))) else { return Ok(()) };
    out.stage(file, |w| (output.write)(inventory, w))
}

/// Writes what is made of the inventory, and what else comes with it.
fn stage_rest(
    out: &mut OutDir,
    args: &ScanArgs,
    scan: &Arc<Scan>,
    inventory: &Inventory,
) -> Vec<(&'static str, Result<()>)> {
    let shown = shown(args, inventory);
    let shown = &*shown;
    let reports: Vec<_> = report::FORMATS
        .iter()
        .filter(|output| output.id != INVENTORY)
        .filter_map(|output| {
            Some((output.file?, move |w: &mut dyn io::Write| (output.write)(shown, w)))
        })
        .collect();
    let sketches = |w: &mut dyn io::Write| crate::sketch::write(&scan.sketches(), w);
    let mut jobs: Vec<Job> = reports.iter().map(|(file, write)| (*file, write as _)).collect();
    jobs.push(("sketches.bin", &sketches));
    out.stage_each(&jobs)
}

/// Writes the inventory among the temporary files, when its own directory does not take it: a scan may have taken days.
pub(super) fn rescue(
    scan: &Arc<Scan>,
    inventory: &Inventory,
    failed: anyhow::Error,
) -> anyhow::Error {
    let written = || -> Result<PathBuf> {
        let mut out = OutDir::rescue()?;
        stage_inventory(&mut out, inventory)?;
        out.stage("sketches.bin", |w| crate::sketch::write(&scan.sketches(), w))?;
        let path = out.path().to_owned();
        out.publish()?;
        Ok(path)
    };
    match written() {
        Ok(path) => anyhow!(
            "{failed:#}: the inventory was written to {} instead; `datakart report` makes its other forms",
            path.display()
        ),
        Err(_) => failed,
    }
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
        log::say("warning", &text);
    }
    let personal = inventory.files.iter().filter(|f| f.personal_area.is_some()).count();
    if personal > 0 && args.ground.is_none() {
        let text = format!(
            "files with findings in personal areas (home directories, mailboxes): {personal}; record with --ground \
             why they may be scanned"
        );
        log::say("warning", &text);
    }
    if let Some(suppressed) = &inventory.run.suppressed {
        suppressions(suppressed);
    }
    for condition in &inventory.run.failed_on {
        log::say("error", &format!("--fail-on {condition} is met"));
    }
    if args.quiet {
        return Ok(());
    }
    let terminal = io::stdout().is_terminal();
    let color = match args.color.unwrap_or_default() {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    };
    let width = terminal_width().unwrap_or(100);
    let mut w = Standard(io::stdout().lock());
    let written = match args.summary.unwrap_or_default() {
        Summary::Full => report::summary::write(&shown(args, inventory), out, color, width, &mut w),
        Summary::News => report::news::write(inventory, width, &mut w),
        Summary::Line => report::news::line(inventory, &mut w),
        Summary::Json => report::news::json(inventory, &mut w),
    };
    match written {
        // Nobody reads the summary; the exit code still tells what happened.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.with_context(|| format!("the inventory is in {}, but", out.display())),
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
fn suppressions(suppressed: &Suppressed) {
    /// Most ids that are named.
    const MOST: usize = 10;
    let say = |ids: &[String], what: &str| {
        if ids.is_empty() {
            return;
        }
        let named = ids[..ids.len().min(MOST)].join(", ");
        let more = if ids.len() > MOST { ", …" } else { "" };
        let text = format!("--suppress: {} {what}: {named}{more}", ids.len());
        log::say("warning", &text);
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
