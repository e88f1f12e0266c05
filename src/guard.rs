//! What happens when a reader panics on a broken file: that reader ends, the file gets a note, the run goes
//! on. A panic's message may hold what was read, so none is ever shown.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

thread_local! {
    static GUARDED: Cell<u32> = const { Cell::new(0) };
}

/// Sets the hook that shows where a panic outside of readers stood, and nothing of its message.
pub fn install() {
    set_hook(Box::new(|info| {
        if GUARDED.get() == 0 {
            let place = info.location().map(|l| format!(" at {}:{}", l.file(), l.line()));
            let place = place.unwrap_or_default();
            eprintln!("datakart: a fault in datakart itself{place}; please report it");
        }
    }));
}

/// Runs a reader; `None` when it panicked.
pub fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    GUARDED.set(GUARDED.get() + 1);
    let done = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(GUARDED.get() - 1);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_in_nothing() {
        assert_eq!(guarded(|| 3), Some(3));
        let broken: Option<u8> = guarded(|| std::panic::panic_any("a value"));
        assert!(broken.is_none() && GUARDED.get() == 0);
    }
}
