//! Two things at once, where neither may wait for a thread of a pool.

use std::thread::{Builder, scope};

/// Does the first on a thread of its own while the second is done here; both here where the system gives no further
/// thread.
pub fn at_once<A: Send, B>(first: impl Fn() -> A + Sync, second: impl FnOnce() -> B) -> (A, B) {
    scope(|scope| {
        let beside = Builder::new().spawn_scoped(scope, &first);
        let second = second();
        let first = match beside.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(first)) => first,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => first(),
        };
        (first, second)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done() {
        assert_eq!(at_once(|| 1, || "two"), (1, "two"));
        let panics = std::panic::catch_unwind(|| at_once(|| panic!("of the first"), || 2));
        assert!(panics.is_err());
    }
}
