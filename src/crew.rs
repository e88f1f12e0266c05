//! A crew: threads that do tasks on scanned files. When a task's call to the system does not come back in time
//! (see `source::call`), its thread is given up, another takes its place, and the task is told. That is why it is
//! not the thread pool of rayon, whose scopes wait for every job: what may get stuck is done here, what only
//! computes is done there.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError, Weak};

use crate::source::ahead;
use crate::source::call::{self, TICK, Watch};

/// Tasks that may wait for a thread where [`Crew::add_in_turn`] adds them, so that a tree of millions does not
/// pile up in memory, and how many fewer there are when more are asked for.
const WAITING: usize = 4096;
const FEWER: usize = 1024;
/// The next so many come soon.
const SOON: usize = ahead::FILES;

/// What a crew does.
pub trait Task: Send + Sync + Sized + 'static {
    /// Does it.
    fn run(&self, crew: &Crew<Self>);

    /// Tells that it was given up. [`Self::run`] goes no further.
    fn give_up(&self);

    /// Its turn comes soon.
    fn make_ready(&self) {}
}

/// Threads, and the tasks that wait for them.
pub struct Crew<T: Task>(Arc<Shared<T>>);

impl<T: Task> Clone for Crew<T> {
    fn clone(&self) -> Self {
        Crew(self.0.clone())
    }
}

struct Shared<T: Task> {
    held: Mutex<Held<T>>,
    /// There is something to do, or no more to come.
    work: Condvar,
    /// Fewer tasks wait.
    room: Condvar,
    /// All is done.
    done: Condvar,
}

struct Held<T> {
    waiting: VecDeque<T>,
    /// Tasks that are being done.
    busy: usize,
    /// Threads that wait for a task, and those that wait for room.
    idle: usize,
    pressing: usize,
    seats: Vec<Arc<Seat<T>>>,
    /// Threads that there should be.
    wanted: usize,
    closed: bool,
    panic: Option<Box<dyn Any + Send>>,
}

/// A thread's place.
struct Seat<T> {
    calls: &'static AtomicU32,
    task: Mutex<Option<Arc<T>>>,
    watch: Mutex<Watch<'static>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Task> Crew<T> {
    /// A crew of so many threads.
    ///
    /// # Panics
    /// When the system gives not one thread.
    #[must_use]
    pub fn new(threads: usize) -> Crew<T> {
        let held = Held {
            waiting: VecDeque::new(),
            busy: 0,
            idle: 0,
            pressing: 0,
            seats: Vec::new(),
            wanted: threads.max(1),
            closed: false,
            panic: None,
        };
        let (work, room, done) = Default::default();
        let shared = Arc::new(Shared { held: Mutex::new(held), work, room, done });
        Shared::fill(&shared);
        assert!(!locked(&shared.held).seats.is_empty(), "no thread could be started");
        let watched: Arc<dyn Watched> = shared.clone();
        watch(Arc::downgrade(&watched));
        Crew(shared)
    }

    /// Adds a task. The last one added is begun first.
    pub fn add(&self, task: T) {
        self.0.add(locked(&self.0.held), |waiting| waiting.push_front(task));
    }

    /// Adds a task behind those that wait, once there are not too many.
    pub fn add_in_turn(&self, task: T) {
        let mut held = locked(&self.0.held);
        while held.waiting.len() >= WAITING {
            held.pressing += 1;
            held = self.0.room.wait(held).unwrap_or_else(PoisonError::into_inner);
            held.pressing -= 1;
        }
        self.0.add(held, |waiting| {
            if waiting.len() < SOON {
                task.make_ready();
            }
            waiting.push_back(task);
        });
    }

    /// Sees to it that there are so many threads, as far as the system gives them.
    pub fn grow(&self, threads: usize) {
        let mut held = locked(&self.0.held);
        if held.wanted < threads {
            held.wanted = threads;
            drop(held);
            Shared::fill(&self.0);
        }
    }

    /// Waits until all tasks are done or given up.
    ///
    /// # Panics
    /// When one of them did.
    pub fn wait(&self) {
        let mut held = locked(&self.0.held);
        while !held.waiting.is_empty() || held.busy > 0 {
            held = self.0.done.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(panic) = held.panic.take() {
            drop(held);
            resume_unwind(panic);
        }
    }

    /// Waits likewise and sends the threads home.
    ///
    /// # Panics
    /// When one of them did.
    pub fn end(self) {
        self.wait();
        locked(&self.0.held).closed = true;
        self.0.work.notify_all();
    }
}

impl<T: Task> Shared<T> {
    fn add(&self, mut held: MutexGuard<'_, Held<T>>, push: impl FnOnce(&mut VecDeque<T>)) {
        push(&mut held.waiting);
        let idle = held.idle > 0;
        drop(held);
        if idle {
            self.work.notify_one();
        }
    }

    /// The next task, after one that was done if `before`; `None` when there are no more to come.
    fn next(&self, before: bool) -> Option<T> {
        let mut held = locked(&self.held);
        if before {
            self.has_ended(&mut held);
        }
        loop {
            if let Some(task) = held.waiting.pop_front() {
                held.busy += 1;
                held.waiting.get(SOON - 1).into_iter().for_each(T::make_ready);
                if held.pressing > 0 && held.waiting.len() + FEWER < WAITING {
                    self.room.notify_all();
                }
                return Some(task);
            }
            if held.closed {
                return None;
            }
            held.idle += 1;
            held = self.work.wait(held).unwrap_or_else(PoisonError::into_inner);
            held.idle -= 1;
        }
    }

    fn has_ended(&self, held: &mut Held<T>) {
        held.busy -= 1;
        if held.busy == 0 && held.waiting.is_empty() {
            self.done.notify_all();
        }
    }

    /// Starts the threads that are missing, as far as the system gives them.
    fn fill(this: &Arc<Self>) {
        let mut held = locked(&this.held);
        while held.seats.len() < held.wanted && !held.closed {
            let calls: &'static AtomicU32 = Box::leak(Box::default());
            let watch = Mutex::new(Watch::new(calls));
            let seat = Arc::new(Seat { calls, task: Mutex::default(), watch });
            let (shared, own) = (this.clone(), seat.clone());
            if std::thread::Builder::new().spawn(move || own.work(&shared)).is_err() {
                return;
            }
            held.seats.push(seat);
        }
    }

    /// Gives a thread up that is in a call, unless that comes back at this moment.
    fn give_up(self: &Arc<Self>, seat: &Arc<Seat<T>>) {
        if !locked(&seat.watch).give_up() {
            return;
        }
        locked(&self.held).seats.retain(|other| !Arc::ptr_eq(other, seat));
        // The task is told first: what it makes known of a file system counts for whoever takes the next one.
        let task = locked(&seat.task).take();
        let told = catch_unwind(AssertUnwindSafe(|| task.iter().for_each(|t| t.give_up())));
        self.keep(told);
        Shared::fill(self);
        self.has_ended(&mut locked(&self.held));
    }

    fn keep(&self, done: std::thread::Result<()>) {
        if let Err(panic) = done {
            locked(&self.held).panic.get_or_insert(panic);
        }
    }
}

impl<T: Task> Seat<T> {
    fn work(&self, shared: &Arc<Shared<T>>) {
        call::show(self.calls);
        let crew = Crew(shared.clone());
        let mut before = false;
        while let Some(task) = shared.next(before) {
            let task = Arc::new(task);
            *locked(&self.task) = Some(task.clone());
            let done = catch_unwind(AssertUnwindSafe(|| task.run(&crew)));
            shared.keep(done);
            *locked(&self.task) = None;
            before = true;
        }
    }
}

/// A crew that is looked after.
trait Watched: Send + Sync {
    fn look(self: Arc<Self>);
}

impl<T: Task> Watched for Shared<T> {
    fn look(self: Arc<Self>) {
        let seats = locked(&self.held).seats.clone();
        for seat in seats {
            if locked(&seat.watch).is_stuck() {
                self.give_up(&seat);
            }
        }
        // Those that the system did not give before.
        Shared::fill(&self);
    }
}

/// Has one thread look after this crew, and all others, for as long as it is there.
fn watch(crew: Weak<dyn Watched>) {
    static CREWS: Mutex<Vec<Weak<dyn Watched>>> = Mutex::new(Vec::new());
    static START: Once = Once::new();
    locked(&CREWS).push(crew);
    START.call_once(|| {
        // Without it, the run waits for whatever does not come back.
        let _ = std::thread::Builder::new().spawn(|| {
            loop {
                std::thread::sleep(TICK);
                locked(&CREWS).retain(|crew| crew.strong_count() > 0);
                let crews = locked(&CREWS).clone();
                crews.iter().filter_map(Weak::upgrade).for_each(Watched::look);
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    /// Tasks that count, add others, or wait for what never comes.
    enum Some {
        Count(Arc<AtomicU32>, u32),
        Wait(Mutex<Receiver<()>>, Arc<AtomicU32>),
        /// Its number, and those that were made ready and done, in their order.
        Note(u32, Arc<Mutex<Vec<(bool, u32)>>>),
        Panic,
    }

    impl Task for Some {
        fn run(&self, crew: &Crew<Some>) {
            match self {
                Some::Count(n, more) => {
                    n.fetch_add(1, Ordering::Relaxed);
                    (0..*more).for_each(|_| crew.add(Some::Count(n.clone(), more - 1)));
                }
                Some::Wait(nothing, n) => {
                    let _ = call::call(|| locked(nothing).recv());
                    n.fetch_add(1_000_000, Ordering::Relaxed);
                }
                Some::Note(number, all) => locked(all).push((true, *number)),
                Some::Panic => std::panic::panic_any(()),
            }
        }

        fn give_up(&self) {
            if let Some::Wait(_, n) = self {
                n.fetch_add(1000, Ordering::Relaxed);
            }
        }

        fn make_ready(&self) {
            if let Some::Note(number, all) = self {
                locked(all).push((false, *number));
            }
        }
    }

    #[test]
    fn each_is_made_ready_once_before_it_is_done_and_not_too_early() {
        let (all, crew) = (Arc::default(), Crew::new(1));
        (0..1000).for_each(|n| crew.add_in_turn(Some::Note(n, Arc::clone(&all))));
        crew.end();
        let all = locked(&all);
        let of = |done: bool| all.iter().filter(move |a| a.0 == done).map(|a| a.1);
        assert!(of(false).eq(0..1000) && of(true).eq(0..1000));
        let place = |what| all.iter().position(|a| *a == what).unwrap();
        for n in 0..1000 {
            assert!(place((false, n)) < place((true, n)));
            let last = n.checked_sub(u32::try_from(SOON).unwrap() + 1);
            assert!(last.is_none_or(|last| place((true, last)) < place((false, n))));
        }
    }

    #[test]
    fn all_tasks_are_done_and_those_that_they_add() {
        let n = Arc::new(AtomicU32::new(0));
        let crew = Crew::new(3);
        (0..10_000).for_each(|_| crew.add_in_turn(Some::Count(n.clone(), 0)));
        crew.wait();
        assert_eq!(n.swap(0, Ordering::Relaxed), 10_000);
        crew.add(Some::Count(n.clone(), 4));
        crew.end();
        assert_eq!(n.load(Ordering::Relaxed), 1 + 4 + 12 + 24 + 24);
    }

    #[test]
    fn more_calls_than_threads_may_not_come_back() {
        let (n, crew) = (Arc::new(AtomicU32::new(0)), Crew::new(2));
        let (senders, tasks): (Vec<_>, Vec<_>) = (0..5)
            .map(|_| channel())
            .map(|(sender, nothing)| (sender, Some::Wait(Mutex::new(nothing), n.clone())))
            .unzip();
        tasks.into_iter().for_each(|task| crew.add_in_turn(task));
        (0..100).for_each(|_| crew.add_in_turn(Some::Count(n.clone(), 0)));
        // As if it had been a minute for those that are in a call.
        while n.load(Ordering::Relaxed) < 5100 {
            let seats = locked(&crew.0.held).seats.clone();
            for seat in seats {
                locked(&seat.watch).is_stuck();
                crew.0.give_up(&seat);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        crew.end();
        // They come back, too late.
        drop(senders);
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(n.load(Ordering::Relaxed), 5100);
    }

    #[test]
    fn a_panic_is_told() {
        let crew = Crew::new(1);
        crew.add(Some::Panic);
        let told = catch_unwind(AssertUnwindSafe(|| crew.wait()));
        assert!(told.is_err());
        crew.end();
    }
}
