//! `datakart scan --dry-run`: how many files and bytes there are, and which systems they belong to. Nothing is
//! opened and nothing written.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;

use super::args::ScanArgs;
use super::scan::threads;
use crate::escape;
use crate::inventory::Count;
use crate::place::Systems;
use crate::plan::Root;
use crate::source::open::Base;
use crate::walk::{self, Filter, Met};

/// Bytes per second and core that a scan of mixed data does at least on a plain server.
const RATE: u64 = 100 << 20;
/// Files per second and core.
const FILES: u64 = 20_000;

/// What was met.
#[derive(Default)]
struct Tally {
    all: Count,
    others: u64,
    /// By the system's name; none for what is unmapped.
    systems: BTreeMap<Option<String>, Count>,
    conflict: Option<anyhow::Error>,
}

/// Counts and tells.
///
/// # Errors
/// A glob that is not understood, a path that two systems claim equally, an output that is closed.
pub fn run(args: &ScanArgs, roots: &[Root], systems: &Systems) -> Result<u8> {
    let filter = Filter::new(&args.include, &args.exclude, args.one_file_system)?;
    let threads = threads(args)?;
    let tally = Mutex::new(Tally::default());
    let locked = || tally.lock().unwrap_or_else(PoisonError::into_inner);
    for root in roots {
        let absolute = root.absolute();
        let add = |path: &Path, below: &Path| {
            let bytes = path.symlink_metadata().map_or(0, |m| m.len());
            let system = systems.of(&root.spelled(&absolute, below));
            locked().add(bytes, system.map(|s| s.map(|s| s.name.clone())));
        };
        match root {
            Root::Folder(path) => match Base::open(path) {
                Ok(base) => walk::walk(path, &base, &filter, threads, &|met| match met {
                    Met::Files(_, files) => {
                        files.iter().for_each(|below| add(&path.join(below), below));
                    }
                    Met::Not(..) => locked().others += 1,
                }),
                Err(_) => locked().others += 1,
            },
            Root::File(path) => add(path, Path::new("")),
            Root::Stdin(_) => {}
        }
    }
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(conflict) = tally.conflict {
        return Err(conflict);
    }
    let (files, bytes) = (tally.all.files, tally.all.bytes);
    let seconds = bytes / (RATE * threads as u64) + files / (FILES * threads as u64);
    let rate = args.max_read_rate.map_or(0, |r| bytes / r);
    let mut out = io::stdout().lock();
    writeln!(out, "{files} files, {} to read", indicatif::BinaryBytes(bytes))?;
    let others = tally.others;
    writeln!(out, "{others} paths left out (links, special files, excluded, unreadable)")?;
    let estimate = indicatif::HumanDuration(Duration::from_secs(seconds.max(rate).max(1)));
    writeln!(out, "about {estimate} with {threads} threads")?;
    if !systems.is_empty() {
        writeln!(out, "by system:")?;
        for (name, count) in &tally.systems {
            let name = name.as_deref().map_or("(not mapped)".into(), escape::terminal);
            let bytes = indicatif::BinaryBytes(count.bytes);
            let files = if count.files == 1 { "file" } else { "files" };
            writeln!(out, "  {name}: {} {files}, {bytes}", count.files)?;
        }
    }
    Ok(0)
}

impl Tally {
    fn add(&mut self, bytes: u64, system: Result<Option<String>>) {
        self.all.add(bytes);
        match system {
            Ok(name) => self.systems.entry(name).or_default().add(bytes),
            Err(conflict) => self.conflict = self.conflict.take().or(Some(conflict)),
        }
    }
}
