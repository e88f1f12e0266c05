//! `datakart explain`: every piece of evidence for a value or a finding, with its bits.

use std::io::{self, Read as _, Write};

use anyhow::{Context as _, Result, bail};

use super::args::ExplainArgs;
use crate::detect::finder::{FAILED, Finder, Hit, Placed, Placer};
use crate::evidence;
use crate::eye::Named;
use crate::inventory::{Confidence, Finding};
use crate::unit::Slot;
use crate::validate::Verdict;

/// Explains.
///
/// # Errors
/// Detector files with mistakes, an unknown finding, an output that cannot be written.
pub fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<()> {
    let text = match args.value.as_deref().filter(|text| *text != "-") {
        Some(text) => text.to_owned(),
        None => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).context("reading standard input")?;
            text.trim_end().to_owned()
        }
    };
    if let Some(inventory) = &args.inventory {
        let inventory = super::load::inventory(inventory)?;
        match inventory.findings.iter().find(|f| f.id == text) {
            Some(finding) => return finding_text(finding, out),
            None => bail!("there is no finding {text:?} in this inventory"),
        }
    }
    let date = super::scan::today();
    let finder = Finder::new(super::patterns::load(&args.rules)?, date, [0; 16])?;
    value_text(&finder, &text, args.field.as_deref(), out)
}

fn finding_text(f: &Finding, out: &mut dyn Write) -> Result<()> {
    let place = [f.table.as_deref(), f.field.as_deref()].into_iter().flatten().collect::<Vec<_>>();
    let shown = crate::escape::terminal(&f.path).into_owned();
    writeln!(
        out,
        "{} {} in {shown} {}",
        f.id,
        f.detector,
        crate::escape::terminal(&place.join("."))
    )?;
    writeln!(
        out,
        "certainty {:.3} ({}), {} matches, {} distinct",
        f.certainty,
        f.confidence.as_str(),
        f.matches,
        f.distinct
    )?;
    for e in &f.evidence {
        writeln!(out, "{:>8.1}  {}", e.bits, e.reason)?;
    }
    writeln!(out, "{:>8.1}  bits in all", f.evidence.iter().map(|e| e.bits).sum::<f64>())?;
    Ok(())
}

fn value_text(finder: &Finder, text: &str, field: Option<&str>, out: &mut dyn Write) -> Result<()> {
    let mut hits = Vec::new();
    finder.hits(text.as_bytes(), 0, text.len(), &mut hits);
    finder.labelled(text.as_bytes(), 0, text.len(), &mut hits);
    let slot = Slot { members: [].into(), table: None, field: field.map(str::to_owned) };
    let named = Named::new(finder, &slot);
    let mut placed: Vec<Placed> = Vec::new();
    let hint = |d: u16| named.hints.get(&d).copied();
    finder.place(text.as_bytes(), &hits, hint, &mut Placer::default(), &mut placed);
    let kept = |hit: &Hit| {
        placed.iter().find(|p| {
            p.hit.rung != FAILED && (p.hit.start, p.hit.detector) == (hit.start, hit.detector)
        })
    };
    // What it is comes first, then what it may be as well, then what it is not.
    hits.sort_by_key(|h| (kept(h).is_none(), !h.valid(), h.start));
    hits.dedup_by_key(|h| (h.start, h.detector));
    for hit in &hits {
        hit_text(finder, text, hit, kept(hit), out)?;
    }
    for (detector, hint) in named.hints.iter() {
        let d = &finder.rules.detectors[*detector as usize];
        let bits = evidence::name_bits(Some(*hint), false, false);
        writeln!(out, "field name for {}: {bits:+.1} bits", d.id)?;
    }
    if hits.is_empty() && named.hints.is_empty() {
        writeln!(out, "nothing here has the shape of personal data")?;
        if text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            writeln!(out, "if this is the id of a finding, --inventory DIR says which one")?;
        }
    }
    Ok(())
}

fn hit_text(
    finder: &Finder,
    text: &str,
    hit: &Hit,
    kept: Option<&Placed>,
    out: &mut dyn Write,
) -> Result<()> {
    let d = &finder.rules.detectors[hit.detector as usize];
    let at = format!("{} at bytes {}–{}", d.id, hit.start, hit.end);
    let Some(p) = kept else {
        let verdict = finder.check(hit.detector, &text[hit.start..hit.end]);
        let why = match verdict {
            Verdict::Invalid(why) | Verdict::Doubtful(why) if !hit.prose => why,
            _ => "another kind explains it better",
        };
        let but = if hit.valid() { "passes, but" } else { "no," };
        writeln!(out, "{at}: {but} {why}")?;
        return Ok(());
    };
    let chance = finder.chance(hit.detector, hit.rung);
    let (pieces, certainty) = evidence::text_case(chance, p.near, p.separated, d.prior, 0.0);
    let level = Confidence::of(certainty).map_or("below low", Confidence::as_str);
    let listed = if d.listed { "" } else { ", no personal data: not listed" };
    writeln!(out, "{at}: certainty {certainty:.3} ({level}{listed})")?;
    for e in &pieces {
        writeln!(out, "{:>8.1}  {}", e.bits, e.reason)?;
    }
    Ok(())
}
