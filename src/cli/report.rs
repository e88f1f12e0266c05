//! `datakart report`: an inventory in another form.

use std::fs::{File, OpenOptions};
use std::io::{IsTerminal as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::ReportArgs;
use super::{age, load};
use crate::escape::terminal;
use crate::manifest;
use crate::out::{Place, beside};
use crate::report::ropa::Record;
use crate::report::{CarryOn, FORMATS, Output};

/// Writes the report.
///
/// # Errors
/// An inventory or an earlier record that cannot be read, an output that cannot be written or that would replace
/// what people filled in.
pub fn run(args: &ReportArgs, out: &mut dyn Write) -> Result<()> {
    let format = FORMATS.iter().find(|f| f.id == args.format).context("no such form")?;
    refuse_inside_inventory(args)?;
    let previous = previous(args, format)?;
    let inventory = load::inventory(&args.inventory)?;
    let plain = |out: &mut dyn Write| match &previous {
        Some((carry_on, record)) => carry_on(&inventory, record, out),
        None => (format.write)(&inventory, out),
    };
    let write = |out: &mut dyn Write| match &args.encrypt_to[..] {
        [] => Ok(plain(out)?),
        recipients => age::encrypt(recipients, out, plain),
    };
    if args.output.as_os_str() == "-" {
        if format.is_binary && std::io::stdout().is_terminal() {
            bail!("--format {} gives bytes that are no text: name a file with --output", format.id);
        }
        if !args.encrypt_to.is_empty() && std::io::stdout().is_terminal() {
            bail!("--encrypt-to gives bytes that are no text: name a file with --output");
        }
        return write(out);
    }
    let context = || format!("--output {}", args.output.display());
    let path = match Place::of(&args.output).with_context(context)? {
        Place::Open(mut file) => return write(&mut file).with_context(context),
        Place::File(path) => path,
    };
    let file = beside(&path, write).with_context(context)?;
    if format.carry_on.is_some() && path.exists() {
        let kept = backup(&path).with_context(context)?;
        writeln!(out, "the record as it was is kept as {}", terminal(&kept.to_string_lossy()))?;
    }
    file.persist(&path).with_context(context)?;
    Ok(())
}

/// The earlier record to carry on, for a form that people fill in.
fn previous(args: &ReportArgs, format: &Output) -> Result<Option<(CarryOn, Record)>> {
    match (&args.previous, format.carry_on) {
        (Some(path), Some(carry_on)) => Ok(Some((carry_on, Record::read(path)?))),
        (Some(_), None) => {
            bail!("--previous is for the forms that people fill in: ropa-csv, ropa-xlsx")
        }
        (None, Some(_)) if args.output.as_os_str() != "-" && args.output.exists() => bail!(
            "{shown} exists and may hold what people filled in: add --previous {shown} to keep that, or choose \
             another --output",
            shown = args.output.display()
        ),
        _ => Ok(None),
    }
}

/// Copies a file that people filled in to a name of its own beside it.
fn backup(path: &Path) -> std::io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let free = |path: &PathBuf| !path.exists();
    let numbered = (1..).map(|n: u32| path.with_file_name(format!("{name}.bak{n}")));
    let Some(kept) = numbered.into_iter().find(free) else { return Ok(path.to_owned()) };
    let mut from = File::open(path)?;
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&kept)?;
    std::io::copy(&mut from, &mut to)?;
    to.sync_all()?;
    Ok(kept)
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
