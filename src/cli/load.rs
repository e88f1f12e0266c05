//! Reading inventories back, for the commands that work on them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::inventory::Inventory;
use crate::report::jsonl;
use crate::sketch::{self, Distinct};

/// Reads an inventory from its directory or its file.
///
/// # Errors
/// No inventory there, or a damaged or newer one.
pub fn inventory(path: &Path) -> Result<Inventory> {
    let file = if path.is_dir() { path.join("inventory.jsonl") } else { path.to_owned() };
    let open = File::open(&file).with_context(|| format!("no inventory at {}", file.display()))?;
    jsonl::read(&mut BufReader::new(open)).with_context(|| format!("inventory {}", file.display()))
}

/// Reads the distinct values of the findings of an inventory directory; `None` when they are not there.
///
/// # Errors
/// A file that was damaged.
pub fn sketches(path: &Path) -> Result<Option<BTreeMap<String, Distinct>>> {
    let directory = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
    let file = directory.join("sketches.bin");
    let context = || format!("sketches {}", file.display());
    match File::open(&file) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(context),
        Ok(open) => sketch::read(&mut BufReader::new(open)).map(Some).with_context(context),
    }
}
