//! `datakart purge`: removes an inventory that has served its purpose, and nothing else.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::PurgeArgs;
use crate::escape::terminal;
use crate::manifest::{self, Manifest};
use crate::out::is_ours;

/// Removes the files that the manifest names, then the manifest, then the directory where nothing is left.
///
/// # Errors
/// No manifest; not confirmed; a file that cannot be removed.
pub fn run(args: &PurgeArgs, out: &mut dyn Write) -> Result<()> {
    let stopped = args.directory.join(manifest::STOPPED);
    let directories: Vec<&Path> = match stopped.join(manifest::FILE).exists() {
        true => vec![&stopped, &args.directory],
        false => vec![&args.directory],
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for directory in &directories {
        let manifest = Manifest::read(directory)?;
        refuse_foreign(&manifest, directory)?;
        let named = manifest.names().map(|name| directory.join(name));
        files.extend(named.filter(|file| file.symlink_metadata().is_ok()));
        files.push(directory.join(manifest::FILE));
    }
    if !args.yes {
        confirm(&files, out)?;
    }
    for file in &files {
        fs::remove_file(file).with_context(|| format!("removing {}", file.display()))?;
    }
    writeln!(
        out,
        "removed {} files of {}",
        files.len(),
        terminal(&args.directory.to_string_lossy())
    )?;
    for directory in directories {
        if fs::remove_dir(directory).is_err() {
            let shown = directory.display().to_string();
            writeln!(
                out,
                "{} stays: it holds files that the inventory does not name",
                terminal(&shown)
            )?;
        }
    }
    Ok(())
}

/// Other directories have manifests of this name, too.
fn refuse_foreign(manifest: &Manifest, directory: &Path) -> Result<()> {
    if let Some(name) = manifest.names().find(|name| !is_ours(name)) {
        bail!(
            "{} names {name:?}, which is no file of an inventory: nothing was removed",
            directory.join(manifest::FILE).display()
        );
    }
    Ok(())
}

/// Asks on a terminal; elsewhere nobody can answer.
fn confirm(files: &[PathBuf], out: &mut dyn Write) -> Result<()> {
    if !io::stdin().is_terminal() {
        bail!("nothing was removed: not on a terminal, so --yes is needed");
    }
    for file in files {
        writeln!(out, "  {}", terminal(&file.to_string_lossy()))?;
    }
    write!(out, "Remove these {} files for good? [y/N] ", files.len())?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if !matches!(answer.trim(), "y" | "Y" | "yes") {
        bail!("nothing was removed");
    }
    Ok(())
}
