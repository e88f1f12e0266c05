//! `datakart merge`: several inventories as one.

use std::io::Write;

use anyhow::{Result, bail};

use super::args::MergeArgs;
use super::load;
use crate::escape::terminal;
use crate::merge::{Part, merge};
use crate::out::OutDir;
use crate::report;
use crate::sketch;

/// Joins the inventories and writes what they amount to.
///
/// # Errors
/// An inventory that cannot be read or overlaps with another, an output that cannot be written.
pub fn run(args: &MergeArgs, out: &mut dyn Write) -> Result<()> {
    let same = |a: &std::path::Path| a.canonicalize().ok().zip(args.out.canonicalize().ok());
    if let Some(part) = args.inventories.iter().find(|p| same(p).is_some_and(|(a, b)| a == b)) {
        bail!(
            "--out {} is one of the inventories to join: choose another directory",
            part.display()
        );
    }
    let part = |path: &std::path::PathBuf| {
        Ok(Part {
            origin: path.display().to_string(),
            inventory: load::inventory(path)?,
            sketches: load::sketches(path)?,
        })
    };
    let parts = args.inventories.iter().map(part).collect::<Result<Vec<_>>>()?;
    let merged = merge(parts)?;
    let mut directory = OutDir::prepare(&args.out, &[])?;
    let sketches: Vec<_> = merged.sketches.iter().map(|(id, d)| (id.clone(), d)).collect();
    directory.stage("sketches.bin", |w| sketch::write(&sketches, w))?;
    for output in report::FORMATS {
        if let Some(file) = output.file {
            directory.stage(file, |w| (output.write)(&merged.inventory, w))?;
        }
    }
    directory.publish()?;
    writeln!(
        out,
        "{} inventories with {} findings, written to {}",
        args.inventories.len(),
        merged.inventory.findings.len(),
        terminal(&args.out.to_string_lossy())
    )?;
    if let Some(remark) = &merged.remark {
        writeln!(out, "{}", terminal(remark))?;
    }
    Ok(())
}
