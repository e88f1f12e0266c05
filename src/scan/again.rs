//! The second pass: files with findings are read again, to list their matches, and files with keys of the person
//! that is searched for. The system may stop answering here as well.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};

use super::{Done, Scan, Search, source};
use crate::crew::{Crew, Task};
use crate::emit::Emitter;
use crate::file::FileResult;
use crate::inventory::NoteLine;
use crate::isolate::{self, List};
use crate::note::{Note, Reason};
use crate::plan::Root;
use crate::sniff;
use crate::source::open::{self, Base};
use crate::source::{STOP, Source, mounts, pace};

/// So many matches may wait in memory as lines, of all files that are read again in parallel.
const WAITING: u64 = 50_000;
/// Most files in one go.
const FILES: usize = 64;
/// Bytes of lines that are handed over at a time.
const PART: usize = 64 << 10;

/// What became of the listing.
#[derive(Debug, Default)]
pub struct Listed {
    /// Files of which not all matches could be listed.
    pub unlisted: u64,
    /// What is to be noted of them.
    pub notes: Vec<NoteLine>,
}

/// How a file's second reading ended.
enum Ended {
    /// With all lines, or not all of them.
    Whole(bool),
    /// What comes could not be written.
    Failed(io::Error),
    /// The system does not answer.
    Stalled,
}

/// A part of a file's lines, or the end of them.
enum Part {
    Lines(Vec<u8>),
    End(Ended),
}

/// A file that is to be read again, and where its lines go.
struct Again {
    scan: Arc<Scan>,
    number: usize,
    to: SyncSender<(usize, Part)>,
}

impl Task for Again {
    fn run(&self, _: &Crew<Again>) {
        let ended = pace::work(|| {
            let done = &self.scan.done[self.number];
            if mounts::are_dead(|| self.scan.on_disk(done)) {
                return Ended::Stalled;
            }
            let mut lines = Lines { of: self, bytes: Vec::new() };
            match self.scan.emit(done, &mut lines).and_then(|whole| lines.finish().map(|()| whole))
            {
                Ok(whole) => Ended::Whole(whole),
                Err(e) if isolate::is_silent(&e) => {
                    mounts::is_silent(&self.scan.on_disk(done));
                    Ended::Stalled
                }
                Err(e) => Ended::Failed(e),
            }
        });
        // An error is that the output has failed and nobody waits any more.
        let _ = self.to.send((self.number, Part::End(ended)));
    }

    fn give_up(&self) {
        mounts::is_silent(&self.scan.on_disk(&self.scan.done[self.number]));
        let _ = self.to.send((self.number, Part::End(Ended::Stalled)));
    }
}

/// Lines on their way, handed over in whole ones.
struct Lines<'a> {
    of: &'a Again,
    bytes: Vec<u8>,
}

impl Lines<'_> {
    fn finish(&mut self) -> io::Result<()> {
        let lines = std::mem::take(&mut self.bytes);
        let sent = self.of.to.send((self.of.number, Part::Lines(lines)));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= PART && self.bytes.ends_with(b"\n") {
            self.finish()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Scan {
    /// Writes the listed matches of all files, in the inventory's order.
    ///
    /// # Errors
    /// What the system reports of the output.
    pub fn findings(self: &Arc<Self>, out: &mut dyn Write) -> io::Result<Listed> {
        let mut listed = Listed::default();
        let numbers: Vec<usize> =
            (0..self.done.len()).filter(|n| !self.done[*n].result.accepts.is_empty()).collect();
        let crew = Crew::new(self.plan.threads);
        let mut rest = &numbers[..];
        while !rest.is_empty() && !STOP.load(Ordering::Relaxed) {
            let mut waiting = 0;
            let fits = |n: &&usize| {
                waiting += self.done[**n].matches();
                waiting <= WAITING
            };
            // One with more is read by itself, and its lines are written as they come.
            let some = rest.iter().take(FILES).take_while(fits).count().max(1);
            self.list(&crew, &rest[..some], out, &mut listed)?;
            rest = &rest[some..];
        }
        crew.end();
        listed.unlisted += rest.len() as u64;
        Ok(listed)
    }

    /// Lists the matches of these files.
    fn list(
        self: &Arc<Self>,
        crew: &Crew<Again>,
        numbers: &[usize],
        out: &mut dyn Write,
        listed: &mut Listed,
    ) -> io::Result<()> {
        let (to, from) = sync_channel(FILES);
        for number in numbers {
            crew.add_in_turn(Again { scan: self.clone(), number: *number, to: to.clone() });
        }
        drop(to);
        let mut waiting: Vec<Vec<u8>> = vec![Vec::new(); numbers.len()];
        let mut ended = vec![false; numbers.len()];
        let mut next = 0;
        // A thread that was given up holds its end for ever, so the ends are counted.
        while next < numbers.len()
            && let Ok((number, part)) = from.recv()
        {
            let at = numbers.binary_search(&number).unwrap_or(0);
            match part {
                Part::Lines(lines) if at == next => out.write_all(&lines)?,
                Part::Lines(mut lines) => waiting[at].append(&mut lines),
                Part::End(how) => {
                    ended[at] = true;
                    self.has_ended(&self.done[number], how, listed)?;
                }
            }
            while ended.get(next) == Some(&true) {
                next += 1;
                if let Some(lines) = waiting.get_mut(next) {
                    out.write_all(&std::mem::take(lines))?;
                }
            }
        }
        crew.wait();
        Ok(())
    }

    fn has_ended(&self, done: &Done, how: Ended, listed: &mut Listed) -> io::Result<()> {
        match how {
            Ended::Whole(whole) => listed.unlisted += u64::from(!whole),
            Ended::Failed(e) => return Err(e),
            Ended::Stalled => {
                listed.unlisted += 1;
                if !STOP.load(Ordering::Relaxed) {
                    listed.notes.push(self.note_line(done, &silent("its matches are not listed")));
                }
            }
        }
        Ok(())
    }

    /// Writes a file's matches; tells whether it could write all of them.
    fn emit(&self, done: &Done, out: &mut impl Write) -> io::Result<bool> {
        // What has vanished since the first pass has its findings in the inventory all the same.
        let Some(source) = self.again(done) else { return Ok(true) };
        let place = self.place(done);
        let key = self.plan.key.for_findings();
        let accepts = &done.result.accepts;
        let name = done.key.name();
        if let (Some(pool), Some(left)) = (&self.pool, &done.worker) {
            let input = match &self.stdin {
                Some(bytes) if self.is_stdin(done) => {
                    isolate::Input::of_stdin(bytes, false, &name).ok()
                }
                _ => isolate::Input::of(&source, &name),
            };
            let list = List::new(accepts, key, self.plan.reveal);
            return match input {
                Some(input) => pool.list(&input, left, &list, &place, out),
                None => Ok(false),
            };
        }
        let mut emitter = Emitter::new(self.finder, accepts, &place, &key, self.plan.reveal, out);
        sniff::file(source, &name, done.result.bytes, &mut emitter);
        emitter.finish().map(|()| true)
    }

    fn is_stdin(&self, done: &Done) -> bool {
        matches!(self.plan.roots[done.key.root], Root::Stdin(_))
    }

    /// Where a file lies, from the root of the file system.
    fn on_disk(&self, done: &Done) -> PathBuf {
        self.absolute[done.key.root].join(&done.key.relative)
    }

    pub(super) fn again(&self, done: &Done) -> Option<Source> {
        let key = &done.key;
        let (opened, base) = match &self.plan.roots[key.root] {
            Root::Stdin(_) => {
                return self.stdin.as_ref().map(|bytes| Source::from_bytes(bytes.to_vec()));
            }
            Root::File { real: path, .. } | Root::Listed(path) => (open::named(path).ok()?, None),
            Root::Folder(path) => {
                let base = Base::open(path).ok()?;
                (base.file(&key.relative).ok()?, Some(base))
            }
        };
        source(&self.plan, (key, &key.name()), &opened, base.as_ref())
            .ok()
            .map(|(source, _)| source)
    }

    /// Searches these files once more, with other needles. `None` for what the system gave no answer for.
    pub(super) fn find_again(
        self: &Arc<Self>,
        search: &Arc<Search>,
        numbers: &[usize],
    ) -> Vec<(usize, Option<FileResult>)> {
        let crew = Crew::new(self.plan.threads);
        let (to, from) = channel();
        for number in numbers {
            let (scan, search) = (self.clone(), search.clone());
            crew.add_in_turn(Find { scan, search, number: *number, to: to.clone() });
        }
        crew.end();
        drop(to);
        from.try_iter().collect()
    }
}

/// What is noted of a file that did not answer the second time.
pub(super) fn silent(what: &str) -> Note {
    let detail = format!("the system does not answer any more: {what}");
    Note { members: Vec::new(), reason: Reason::Stalled, detail }
}

/// A file that is to be searched once more.
struct Find {
    scan: Arc<Scan>,
    search: Arc<Search>,
    number: usize,
    to: Sender<(usize, Option<FileResult>)>,
}

impl Task for Find {
    fn run(&self, _: &Crew<Find>) {
        let done = &self.scan.done[self.number];
        if mounts::are_dead(|| self.scan.on_disk(done)) {
            let _ = self.to.send((self.number, None));
            return;
        }
        if let Some(result) = pace::work(|| self.scan.find_one_again(done, &self.search)) {
            // Whoever waits does so until all have been sent.
            let _ = self.to.send((self.number, Some(result)));
        }
    }

    fn give_up(&self) {
        mounts::is_silent(&self.scan.on_disk(&self.scan.done[self.number]));
        let _ = self.to.send((self.number, None));
    }
}
