//! `datakart diff`: two inventories compared.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::args::{DiffArgs, Form};
use super::load;
use crate::diff::{self, Side};
use crate::escape;

/// Compares the inventories and prints what differs.
///
/// # Errors
/// An inventory that cannot be read; values that cannot be compared.
pub fn run(args: &DiffArgs, out: &mut dyn Write) -> Result<()> {
    let (old, new) = (side(&args.old, args.counts)?, side(&args.new, args.counts)?);
    let (ours, theirs) = (&old.inventory.run.key_id, &new.inventory.run.key_id);
    if !args.counts && ours != theirs {
        bail!(
            "{} was made with the key {ours}, {} with {theirs}: equal values look different under them. Scan both \
             with one --key FILE, or compare counts only with --counts",
            args.old.display(),
            args.new.display()
        );
    }
    let comparison = diff::compare(&old, &new);
    match args.format {
        Form::Text => diff::write(&comparison, out)?,
        Form::Json => {
            writeln!(out, "{}", escape::json_line(&serde_json::to_string(&comparison)?))?;
        }
    }
    Ok(())
}

fn side(path: &Path, counts: bool) -> Result<Side> {
    let inventory = load::inventory(path)?;
    if counts {
        return Ok(Side { inventory, sketches: BTreeMap::new() });
    }
    let sketches = load::sketches(path)?.with_context(|| {
        format!(
            "{} has no sketches.bin, by which values are compared: name the inventory's directory, or compare \
             counts only with --counts",
            path.display()
        )
    })?;
    Ok(Side { inventory, sketches })
}
