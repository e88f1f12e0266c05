//! Fanning out: one big file is read by one thread and searched by all. Units are gathered in batches
//! and handed to the pool; what they give is merged, in any order, to the same result.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::Scope;

use crate::detect::finder::Finder;
use crate::eye::Named;
use crate::file::Seen;
use crate::idle::{Idle, Learner};
use crate::note::Note;
use crate::source::pace;
use crate::tally::{Counter, FileTally};
use crate::unit::{AskNames, Cells, Consume, Mark, Member, Slot, SlotId, Text};

/// A unit that owns its bytes.
enum Unit {
    Text {
        id: SlotId,
        bytes: Vec<u8>,
        from: usize,
        to: usize,
        line: u64,
        offset: u64,
        marks: Vec<Mark>,
    },
    Cells {
        id: SlotId,
        named: Arc<Named>,
        cells: Cells,
        idle: Arc<Idle>,
    },
}

/// Batches per thread that wait or are searched, of all files together, so that no thread is without work while a
/// reader searches one itself, and memory stays bounded.
const AHEAD: usize = 4;

/// How many there are.
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// One of them.
struct UnderWay;

impl UnderWay {
    /// One more, unless there are too many.
    fn one_more() -> Option<UnderWay> {
        let most = AHEAD * rayon::current_num_threads();
        (UNDER_WAY.load(Ordering::Acquire) < most).then(|| {
            UNDER_WAY.fetch_add(1, Ordering::AcqRel);
            UnderWay
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What the tasks of one file share.
pub struct Shared<'f> {
    finder: &'f Finder,
    /// Those that no task is at work with: what one has learned of a field serves the next batch.
    counters: Mutex<Vec<Counter<'f>>>,
}

impl<'f> Shared<'f> {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(finder: &'f Finder) -> Self {
        Shared { finder, counters: Mutex::default() }
    }

    /// What was counted, when all tasks have ended.
    #[must_use]
    pub fn finish(self) -> FileTally {
        let counters = self.counters.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut all = FileTally::default();
        counters.into_iter().for_each(|counter| all.merge(counter.finish()));
        all
    }

    fn search(&self, batch: Vec<Unit>) {
        let idle = self.counters().pop();
        let mut counter = idle.unwrap_or_else(|| Counter::new(self.finder));
        for unit in batch {
            match unit {
                Unit::Text { id, bytes, from, to, line, offset, marks } => {
                    let text = Text { bytes: &bytes, from, to, line, offset, marks: &marks };
                    counter.text(id, &text, false);
                }
                Unit::Cells { id, named, cells, idle } => counter.cells(id, &named, &cells, &idle),
            }
        }
        self.counters().push(counter);
    }

    fn counters(&self) -> MutexGuard<'_, Vec<Counter<'f>>> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A consumer that hands batches to the thread pool.
pub struct Fanout<'r, 'scope, 'f> {
    scope: &'r Scope<'scope>,
    shared: &'scope Shared<'f>,
    batch: Vec<Unit>,
    bytes: usize,
    split: usize,
    /// Counts the cells from which there is something to learn, here and now.
    front: Counter<'f>,
    learner: Learner,
    /// In order of their ids.
    slots: Vec<Arc<Named>>,
    notes: Vec<Note>,
    members: Vec<Member>,
}

impl<'r, 'scope, 'f> Fanout<'r, 'scope, 'f> {
    /// A consumer whose batches are about `split` bytes, and that does or does not learn which kinds are idle.
    #[must_use]
    pub fn new(
        scope: &'r Scope<'scope>,
        shared: &'scope Shared<'f>,
        split: usize,
        learns: bool,
    ) -> Self {
        Fanout {
            scope,
            shared,
            batch: Vec::new(),
            bytes: 0,
            split,
            front: Counter::new(shared.finder),
            learner: Learner::new(learns),
            slots: Vec::new(),
            notes: Vec::new(),
            members: Vec::new(),
        }
    }

    /// Hands over what is left, and gives what was seen besides what is counted.
    #[must_use]
    pub fn finish(mut self) -> Seen {
        self.hand_over();
        let Fanout { shared, front, slots, learner, notes, members, .. } = self;
        shared.counters().push(front);
        let own = |named: Arc<Named>| Arc::try_unwrap(named).unwrap_or_else(|n| (*n).clone());
        Seen { slots: slots.into_iter().map(own).collect(), learner, notes, members }
    }

    fn push(&mut self, unit: Unit, bytes: usize) {
        self.batch.push(unit);
        self.bytes += bytes;
        if self.bytes >= self.split {
            self.hand_over();
        }
    }

    /// Hands the current batch to the pool. When enough batches are under way, this thread searches it itself, so
    /// that memory stays bounded.
    fn hand_over(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let shared = self.shared;
        let Some(under_way) = UnderWay::one_more() else {
            return pace::work(|| shared.search(batch));
        };
        self.scope.spawn(move |_| {
            pace::work(|| shared.search(batch));
            drop(under_way);
        });
    }
}

impl Consume for Fanout<'_, '_, '_> {
    fn slot(&mut self, _: SlotId, slot: &Slot) {
        self.slots.push(Arc::new(Named::new(self.shared.finder, slot)));
    }

    fn text(&mut self, id: SlotId, t: Text<'_>) {
        let unit = Unit::Text {
            id,
            bytes: t.bytes.to_vec(),
            from: t.from,
            to: t.to,
            line: t.line,
            offset: t.offset,
            marks: t.marks.to_vec(),
        };
        self.push(unit, t.bytes.len());
    }

    fn cells(&mut self, id: SlotId, cells: &mut Cells) {
        let named = self.slots[id.0 as usize].clone();
        let idle = self.front.learn(id, &named, cells, &mut self.learner);
        if !cells.is_empty() {
            let cells = std::mem::take(cells);
            let bytes = cells.bytes.len();
            self.push(Unit::Cells { id, named, cells, idle }, bytes);
        }
    }

    fn names(&self) -> &dyn AskNames {
        self.shared.finder
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    fn member(&mut self, member: Member) {
        self.members.push(member);
    }
}
