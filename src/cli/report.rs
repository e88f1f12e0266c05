//! `datakart report`: an inventory in another form.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::args::ReportArgs;
use crate::inventory::Inventory;
use crate::manifest;
use crate::report::{FORMATS, jsonl};

/// Writes the report.
///
/// # Errors
/// An inventory that cannot be read, an unknown form, an output that cannot be written.
pub fn run(args: &ReportArgs, out: &mut dyn Write) -> Result<()> {
    let format = FORMATS.iter().find(|f| f.id == args.format).context("no such form")?;
    refuse_inside_inventory(args)?;
    let inventory = load(&args.inventory)?;
    if args.output.as_os_str() == "-" {
        (format.write)(&inventory, out)?;
        return Ok(());
    }
    let shown = args.output.display();
    let parent = args.output.parent().filter(|p| !p.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .tempfile_in(parent.unwrap_or(Path::new(".")))
        .with_context(|| format!("--output {shown}"))?;
    (format.write)(&inventory, &mut file).with_context(|| format!("--output {shown}"))?;
    file.as_file().sync_all().with_context(|| format!("--output {shown}"))?;
    file.persist(&args.output).with_context(|| format!("--output {shown}"))?;
    Ok(())
}

/// A file beside the inventory would be foreign there: the next scan would refuse the directory, or lose it.
fn refuse_inside_inventory(args: &ReportArgs) -> Result<()> {
    let parent =
        args.output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let directory = match args.inventory.is_dir() {
        true => Some(args.inventory.as_path()),
        false => args.inventory.parent().filter(|p| p.join(manifest::FILE).exists()),
    };
    let same = |directory: &Path| match (directory.canonicalize(), parent.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    if args.output.as_os_str() != "-" && directory.is_some_and(same) {
        bail!(
            "--output {} lies in the inventory directory, which is replaced as a whole: choose another folder",
            args.output.display()
        );
    }
    Ok(())
}

/// Reads an inventory from its directory or its file.
///
/// # Errors
/// No inventory there, or a damaged or newer one.
pub fn load(path: &Path) -> Result<Inventory> {
    let file = if path.is_dir() { path.join("inventory.jsonl") } else { path.to_owned() };
    let open = File::open(&file).with_context(|| format!("no inventory at {}", file.display()))?;
    jsonl::read(&mut BufReader::new(open)).with_context(|| format!("inventory {}", file.display()))
}
