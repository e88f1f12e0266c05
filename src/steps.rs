//! Steps: the sources of one file, itself and its members, counted in the order in which they are read.
//! A worker process marks the step it is at where its parent sees it, so that the parent knows what a
//! reader failed on, and can have that left out when the file is read again.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use memmap2::{MmapOptions, MmapRaw};
use rustix::fs::{MemfdFlags, SealFlags};
use serde::{Deserialize, Serialize};

use crate::isolate::heap;
use crate::note::Reason;
use crate::readers::Format;

/// No step: what fails then is no reader.
pub const NONE: u32 = u32::MAX;
/// Numbers that a mark holds.
const NUMBERS: usize = 4;

/// How a reader failed so that its process could not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The process died.
    Crashed,
    /// It asked for more memory than it may have.
    Memory,
    /// It did not end in time.
    Time,
    /// What was found before takes so much memory that nothing more is read.
    Full,
}

impl Fault {
    /// The reason that a note gives.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Fault::Crashed => Reason::Crashed,
            Fault::Memory | Fault::Time | Fault::Full => Reason::Budget,
        }
    }

    /// What happened, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Fault::Crashed => "crashed",
            Fault::Memory => "needs more memory than the budget allows",
            Fault::Time => "takes longer than the budget of time allows",
            Fault::Full => "found more than one file may hold in memory",
        }
    }
}

/// Numbers that two processes share: the step, the calls of the thread that is at it (see `source::call`), how many steps
/// were begun, and from which on they are left out since enough was found.
pub struct Mark {
    page: MmapRaw,
    file: File,
}

impl Mark {
    /// A new mark, at no step.
    ///
    /// # Errors
    /// What the system reports.
    pub fn new() -> io::Result<Mark> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = File::from(rustix::fs::memfd_create("datakart-step", flags)?);
        file.set_len(size_of::<[u32; NUMBERS]>() as u64)?;
        // Nobody can cut it under the other's feet.
        let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
        rustix::fs::fcntl_add_seals(&file, seals)?;
        let mark = Mark::of(file)?;
        mark.set(NONE, 0);
        mark.set_full(NONE);
        Ok(mark)
    }

    /// The mark of another process, by its descriptor.
    ///
    /// # Errors
    /// What the system reports.
    pub fn of(file: File) -> io::Result<Mark> {
        let page = MmapOptions::new().len(size_of::<[u32; NUMBERS]>()).map_raw(&file)?;
        Ok(Mark { page, file })
    }

    /// What to pass on.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    fn numbers(&self) -> &[AtomicU32; NUMBERS] {
        // SAFETY: the page is mapped for as long as `self` lives, is aligned as pages are, and is only ever
        // touched as these atomics, here and in the other process.
        unsafe { &*self.page.as_mut_ptr().cast::<[AtomicU32; NUMBERS]>() }
    }

    fn number(&self) -> &AtomicU32 {
        &self.numbers()[0]
    }

    /// The calls of the other process.
    #[must_use]
    pub fn calls(&self) -> &AtomicU32 {
        &self.numbers()[1]
    }

    /// The step.
    #[must_use]
    pub fn get(&self) -> u32 {
        self.number().load(Ordering::Acquire)
    }

    /// How many steps of the file at hand were begun.
    #[must_use]
    pub fn begun(&self) -> u32 {
        self.numbers()[2].load(Ordering::Acquire)
    }

    /// The first of the steps that the worker left out of its own accord, since enough was found before them.
    #[must_use]
    pub fn full(&self) -> Option<u32> {
        Some(self.numbers()[3].load(Ordering::Acquire)).filter(|step| *step != NONE)
    }

    fn set_full(&self, step: u32) {
        self.numbers()[3].store(step, Ordering::Release);
    }

    fn set(&self, step: u32, begun: u32) {
        self.numbers()[2].store(begun, Ordering::Release);
        self.number().store(step, Ordering::Release);
    }
}

/// The steps of one file.
#[derive(Default)]
pub struct Steps {
    next: u32,
    at: Option<u32>,
    left_out: Vec<(u32, Fault)>,
    mark: Option<Arc<Mark>>,
    outside: bool,
    refused: bool,
}

impl Steps {
    /// Steps of a process that reads no format which belongs in a worker.
    #[must_use]
    pub fn outside() -> Steps {
        Steps { outside: true, ..Steps::default() }
    }

    /// Steps of a worker: shown by a mark, some left out.
    #[must_use]
    pub fn watched(mark: Arc<Mark>, left_out: Vec<(u32, Fault)>) -> Steps {
        // What it shows is of the file before.
        mark.set(NONE, 0);
        mark.set_full(NONE);
        Steps { left_out, mark: Some(mark), ..Steps::default() }
    }

    /// Whether a format may be read here. If not, the whole file is to be read in a worker.
    pub fn allows(&mut self, format: &Format) -> bool {
        let allowed = !self.outside || !format.isolated;
        self.refused |= !allowed;
        allowed
    }

    /// Whether a format was refused.
    #[must_use]
    pub fn refused(&self) -> bool {
        self.refused
    }

    /// Goes into the next source. Gives the step around it, and what became of it when it was read before.
    pub fn enter(&mut self) -> (Option<u32>, Option<Fault>) {
        let step = self.next;
        self.next += 1;
        let outer = self.at.replace(step);
        self.show();
        if let Some(mark) = self.mark.as_ref().filter(|_| step > 0 && heap::is_half_full())
            && !self.left_out.iter().any(|l| l.1 == Fault::Full && l.0 <= step)
        {
            mark.set_full(step);
            self.left_out.push((step, Fault::Full));
        }
        let is_left_out = |l: &&(u32, Fault)| l.0 == step || l.1 == Fault::Full && l.0 < step;
        (outer, self.left_out.iter().find(is_left_out).map(|l| l.1))
    }

    /// Whether this step is the first of those that are left out since too much was found before them.
    #[must_use]
    pub fn is_full_from_here(&self) -> bool {
        self.left_out.iter().any(|l| l.1 == Fault::Full && Some(l.0) == self.at)
    }

    /// Goes back to the step around.
    pub fn leave(&mut self, outer: Option<u32>) {
        self.at = outer;
        self.show();
    }

    fn show(&self) {
        if let Some(mark) = &self.mark {
            mark.set(self.at.unwrap_or(NONE), self.next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_side_sees_the_step() {
        let ours = Mark::new().unwrap();
        let theirs = Mark::of(ours.file().try_clone().unwrap()).unwrap();
        let mut steps = Steps::watched(Arc::new(theirs), vec![(1, Fault::Time)]);
        assert_eq!(ours.get(), NONE);
        assert_eq!(steps.enter(), (None, None));
        assert_eq!(steps.enter(), (Some(0), Some(Fault::Time)));
        assert_eq!(ours.get(), 1);
        steps.leave(Some(0));
        assert_eq!(ours.get(), 0);
        steps.leave(None);
        assert_eq!(ours.get(), NONE);
        assert!(ours.file().set_len(0).is_err());
    }

    #[test]
    fn where_too_much_was_found_every_step_behind_is_left_out() {
        let mark = Arc::new(Mark::new().unwrap());
        let mut steps = Steps::watched(mark.clone(), vec![(1, Fault::Full)]);
        assert_eq!(steps.enter(), (None, None));
        assert_eq!(steps.enter(), (Some(0), Some(Fault::Full)));
        assert!(steps.is_full_from_here());
        steps.leave(Some(0));
        assert_eq!(steps.enter(), (Some(0), Some(Fault::Full)));
        assert!(!steps.is_full_from_here());
        assert_eq!(mark.begun(), 3);
    }

    #[test]
    fn outside_risky_formats_are_refused() {
        let mut steps = Steps::outside();
        assert!(steps.allows(&crate::readers::text::FORMAT) && !steps.refused());
        assert!(!steps.allows(&crate::readers::zip::FORMAT) && steps.refused());
    }
}
