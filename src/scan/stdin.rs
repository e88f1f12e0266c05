//! Standard input: read once, and kept in memory as far as a second pass or a worker needs it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::Work;
use crate::file::{self, FileResult, Reading};
use crate::isolate::{self, Left};
use crate::note::{Note, Reason};
use crate::readers;
use crate::sniff::{self, Sniffed};
use crate::source::{STOP, Source, Stdin};

/// Bytes of standard input that are kept in memory for the second pass.
pub(super) const STDIN_KEPT: u64 = 256 << 20;

impl Work {
    /// Reads it. Gives what is kept of it.
    pub(super) fn stdin(&self, root: usize, name: &str) -> Option<Vec<u8>> {
        if !self.goes_on(root, Path::new("")) {
            return None;
        }
        let key = self.key(root, PathBuf::new());
        let keep = self.plan.findings || self.search.is_some();
        let bytes = match first_of_stdin(keep, self.pool.is_some(), name) {
            Ok(bytes) => bytes,
            Err(e) => {
                let result = match STOP.load(Ordering::Relaxed) {
                    true => FileResult::skipped(0, Reason::Stopped, "the run was stopped"),
                    false => FileResult::skipped(0, Reason::IoError, &sniff::io_words(&e)),
                };
                self.hand_in(key, result);
                return None;
            }
        };
        let (mut result, worker) = match &self.search {
            Some(search) => self.searched_stdin(search, &bytes, name),
            None => self.read_stdin(&bytes, name),
        };
        result.bytes = result.read;
        let is_empty = bytes.is_empty() && result.read == 0;
        self.empty_stdin.store(is_empty, Ordering::Relaxed);
        if self.search.is_none() && keep && result.read > STDIN_KEPT {
            let detail = "findings.jsonl lists the matches of the first 256 MiB only";
            result.notes.push(Note {
                members: Vec::new(),
                reason: Reason::Budget,
                detail: detail.into(),
            });
        }
        self.hand_in_read(key, result, worker);
        keep.then_some(bytes)
    }

    /// Standard input, of which `bytes` were read already.
    fn read_stdin(&self, bytes: &[u8], name: &str) -> (FileResult, Option<Left>) {
        if let Some(pool) = self.pool.as_ref().filter(|_| stdin_is_isolated(bytes, name)) {
            let more = bytes.len() as u64 >= STDIN_KEPT;
            return match isolate::Input::of_stdin(bytes, more, name) {
                Ok(input) => {
                    let (result, left) = pool.scan(self.finder, &input);
                    (result, Some(left))
                }
                Err(e) => (FileResult::skipped(0, Reason::IoError, &sniff::io_words(&e)), None),
            };
        }
        let rest = io::Read::chain(io::Cursor::new(bytes.to_vec()), Stdin);
        let source = Source::from_read(Box::new(rest));
        let how = Reading { learns: false, ..self.plan.reading };
        (file::scan(self.finder, source, u64::MAX, name, how), None)
    }
}

/// As much of standard input as is needed before reading starts: all that is kept for a second pass, or
/// for a worker, else what its format is told from.
fn first_of_stdin(keep: bool, isolate: bool, name: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if keep || isolate {
        let first = if keep { STDIN_KEPT } else { readers::HEAD as u64 };
        io::Read::read_to_end(&mut io::Read::take(Stdin, first), &mut bytes)?;
        if !keep && stdin_is_isolated(&bytes, name) {
            let left = STDIN_KEPT - bytes.len() as u64;
            io::Read::read_to_end(&mut io::Read::take(Stdin, left), &mut bytes)?;
        }
    }
    Ok(bytes)
}

/// Whether standard input that starts like this is read in a worker. It cannot be read a second time, so
/// whatever may hold risky members goes there at once.
pub(super) fn stdin_is_isolated(bytes: &[u8], name: &str) -> bool {
    let head = &bytes[..bytes.len().min(readers::HEAD)];
    let complete = bytes.len() < readers::HEAD;
    let binary = readers::sniff_binary(&readers::Head::new(head, complete, name));
    binary.is_some_and(|f| f.id != readers::opaque::BINARY.id)
        || Sniffed::new(Source::from_bytes(head.to_vec()), name).isolated()
}
