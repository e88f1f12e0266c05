//! Buffers that files are read through, kept by each thread for the next file: most files are small, and making a
//! buffer ready costs as much as reading one of them.

use std::cell::RefCell;

/// Bytes of a buffer: as many as are read ahead at a time.
pub(super) const CHUNK: usize = 256 << 10;
/// Buffers that a thread keeps.
const KEPT: usize = 2;

thread_local! {
    static FREE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of [`CHUNK`] bytes; what stands in it is of no meaning.
pub(super) fn take() -> Vec<u8> {
    let free = FREE.try_with(|free| free.borrow_mut().pop()).ok().flatten();
    free.unwrap_or_else(|| vec![0; CHUNK])
}

/// Keeps a buffer for the next file. One of another size goes.
pub(super) fn give(buffer: Vec<u8>) {
    if buffer.len() == CHUNK {
        let keep = |free: &mut Vec<Vec<u8>>| (free.len() < KEPT).then(|| free.push(buffer));
        // A thread that ends keeps nothing.
        let _ = FREE.try_with(|free| keep(&mut free.borrow_mut()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back() {
        let buffer = take();
        let at = buffer.as_ptr();
        give(buffer);
        give(vec![0; 17]);
        let again = take();
        assert_eq!(again.as_ptr(), at);
        (0..5).for_each(|_| give(vec![0; CHUNK]));
        assert_eq!(FREE.with(|free| free.borrow().len()), KEPT);
    }
}
