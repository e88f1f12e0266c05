//! One run per state: a lock that the system drops with the process that holds it, however that ends.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::fs::FlockOperation;

use crate::source::clock;

/// Another run holds the lock.
#[derive(Debug)]
pub struct Busy {
    state: PathBuf,
    holder: String,
}

impl std::fmt::Display for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Busy { state, holder } = self;
        write!(
            f,
            "--state {} is in use by another run ({holder}): run again when it has ended",
            state.display()
        )
    }
}

impl std::error::Error for Busy {}

/// The process that holds the lock on a state, and when it was started.
pub(super) fn holder(state: &Path) -> Option<String> {
    let mut file = File::open(lock_of(state)).ok()?;
    let free = rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared);
    let held = free == Err(rustix::io::Errno::WOULDBLOCK);
    let mut holder = String::new();
    held.then(|| file.read_to_string(&mut holder).map_or(String::new(), |_| holder))
}

fn lock_of(state: &Path) -> PathBuf {
    let mut path = state.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

/// The lock on a state.
pub struct Lock {
    state: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock on the state at this path, which need not exist yet.
    ///
    /// # Errors
    /// [`Busy`], or what the system reports.
    pub fn take(state: &Path) -> Result<Lock> {
        let context = || {
            format!(
                "--state {} cannot be locked: name a file in a folder of your own",
                state.display()
            )
        };
        if let Some(folder) = state.parent().filter(|p| !p.as_os_str().is_empty()) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(context)?;
        }
        let mut open = OpenOptions::new();
        let mut file = open
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(lock_of(state))
            .with_context(context)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let state = state.to_owned();
                return Err(Busy { state, holder: holder.trim().to_owned() }.into());
            }
            Err(e) => return Err(io::Error::from(e)).with_context(context),
        }
        let (pid, now) = (std::process::id(), jiff::Timestamp::now());
        file.set_len(0).with_context(context)?;
        write!(file, "process {pid}, started {now:.0}").with_context(context)?;
        clock::compare(&rustix::fs::fstat(&file).map_err(io::Error::from).with_context(context)?);
        Ok(Lock { state: state.to_owned(), file })
    }

    /// Gives it up.
    pub(super) fn release(&self) {
        // The end of the process does so at the latest.
        let _ = rustix::fs::flock(&self.file, FlockOperation::Unlock);
    }

    /// The path of the state.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.state
    }
}
