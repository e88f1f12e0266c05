//! `datakart scan --dry-run`: how many files and bytes there are, and which systems they belong to. Nothing is
//! opened and nothing written.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;

use super::args::ScanArgs;
use super::scan::{tell_unclaimed, tell_unmatched, threads};
use crate::escape;
use crate::inventory::Count;
use crate::place::Systems;
use crate::plan::{self, Root};
use crate::source::call;
use crate::source::open::{self, Base};
use crate::walk::{self, Filter, Met, Walk};

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
pub fn run(args: &ScanArgs, roots: Vec<Root>, systems: Systems) -> Result<u8> {
    let filter =
        Filter::new(&args.select.include, &args.select.exclude, args.select.one_file_system)?;
    let threads = threads(args)?;
    let absolute = plan::absolute(&roots);
    let given: Vec<PathBuf> = roots.iter().map(Root::as_given).collect();
    let doubles = Arc::new(filter.doubles(&given, &absolute));
    let mut is_unknown = false;
    let count = Arc::new(Counting { tally: Mutex::default(), systems, roots, absolute });
    for (number, root) in count.roots.iter().enumerate() {
        match root {
            Root::Folder(path) => match call::one(path, Base::open) {
                Some(Ok(base)) => {
                    let counting = count.clone();
                    let walk = Walk {
                        root: path.clone(),
                        absolute: count.absolute[number].clone(),
                        base: Arc::new(base),
                        filter: filter.below(path, &count.absolute[number]),
                        doubles: doubles.clone(),
                        met: Box::new(move |met| match met {
                            Met::File(folder, below) => counting.add(number, folder, &below),
                            Met::Not(..) | Met::Unlisted(_) => counting.locked().others += 1,
                        }),
                    };
                    walk::walk(walk, threads);
                }
                _ => count.locked().others += 1,
            },
            Root::File { real: path, .. } | Root::Listed(path) => {
                let seen = call::one(path, open::look).flatten();
                match seen {
                    Some(seen) => count.add_bytes(number, seen.stamp.size, Path::new("")),
                    None => count.locked().others += 1,
                }
            }
            Root::Stdin(_) => {
                let size = size_of_stdin();
                is_unknown |= size.is_none();
                count.add_bytes(number, size.unwrap_or(0), Path::new(""));
            }
        }
    }
    tell_unmatched(args, &filter);
    tell_unclaimed(args, &count.systems, &count.absolute);
    let tally = std::mem::take(&mut *count.locked());
    let systems = &count.systems;
    if let Some(conflict) = tally.conflict {
        return Err(conflict);
    }
    let (files, bytes) = (tally.all.files, tally.all.bytes);
    let seconds = bytes / (RATE * threads as u64) + files / (FILES * threads as u64);
    let rate = args.pace.max_read_rate.map_or(0, |r| bytes / r);
    let mut out = io::stdout().lock();
    let word = if files == 1 { "file" } else { "files" };
    writeln!(out, "{files} {word}, {} to read", indicatif::BinaryBytes(bytes))?;
    let others = tally.others;
    writeln!(out, "{others} paths left out (links, special files, excluded, unreadable)")?;
    if is_unknown {
        writeln!(out, "standard input is one of them: its size is only known when it is read")?;
    }
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

/// How much there is on standard input, when that is a file.
fn size_of_stdin() -> Option<u64> {
    let stat = rustix::fs::fstat(io::stdin()).ok()?;
    let is_file = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
    is_file.then(|| u64::try_from(stat.st_size).unwrap_or(0))
}

/// What is counted, and how.
struct Counting {
    tally: Mutex<Tally>,
    systems: Systems,
    roots: Vec<Root>,
    absolute: Vec<PathBuf>,
}

impl Counting {
    fn locked(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, root: usize, folder: &Base, below: &Path) {
        let seen = below.file_name().and_then(|name| folder.look_in(name));
        self.add_bytes(root, seen.map_or(0, |seen| seen.stamp.size), below);
    }

    fn add_bytes(&self, root: usize, bytes: u64, below: &Path) {
        let system = self.systems.of(&self.roots[root].spelled(&self.absolute[root], below));
        self.locked().add(bytes, system.map(|s| s.map(|s| s.name.clone())));
    }
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
