//! The heap of a worker: what one file may take of it is counted, so that a bomb ends at the same point
//! every time, with an answer to the parent. Everywhere else it is the system's heap and counts nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicIsize, Ordering};

/// What one file may take.
pub const PER_FILE: isize = 256 << 20;

/// Whether this process is a worker.
static COUNTS: AtomicBool = AtomicBool::new(false);
/// Bytes in use, less what was in use when counting began.
static USED: AtomicIsize = AtomicIsize::new(0);
/// As many may be in use before the file at hand has taken too much.
static UPTO: AtomicIsize = AtomicIsize::new(isize::MAX);
/// Where the parent is told.
static SOCKET: AtomicI32 = AtomicI32::new(-1);

/// The message that the memory is used up: a frame without content.
pub const OUT_OF_MEMORY: [u8; 5] = [b'M', 0, 0, 0, 0];

/// The heap.
pub struct Heap;

/// Begins to count; `socket` leads to the parent.
pub fn count(socket: i32) {
    SOCKET.store(socket, Ordering::Relaxed);
    COUNTS.store(true, Ordering::Relaxed);
}

/// A new file begins.
pub fn next_file() {
    UPTO.store(USED.load(Ordering::Relaxed).saturating_add(PER_FILE), Ordering::Relaxed);
}

/// Whether the file at hand has taken half of what it may. What was found is to be told as well, which takes as much once
/// more.
pub fn is_half_full() -> bool {
    let upto = UPTO.load(Ordering::Relaxed);
    COUNTS.load(Ordering::Relaxed) && USED.load(Ordering::Relaxed) > upto - PER_FILE / 2
}

fn add(bytes: usize) {
    let bytes = isize::try_from(bytes).unwrap_or(isize::MAX / 2);
    let before = USED.fetch_add(bytes, Ordering::Relaxed);
    if before.saturating_add(bytes) > UPTO.load(Ordering::Relaxed) {
        give_up();
    }
}

fn sub(bytes: usize) {
    USED.fetch_sub(isize::try_from(bytes).unwrap_or(isize::MAX / 2), Ordering::Relaxed);
}

/// Tells the parent and ends, without another byte of memory.
#[cold]
fn give_up() -> ! {
    // SAFETY: write and _exit with a constant buffer, both async-signal-safe.
    unsafe {
        let socket = SOCKET.load(Ordering::Relaxed);
        libc::write(socket, OUT_OF_MEMORY.as_ptr().cast(), OUT_OF_MEMORY.len());
        libc::_exit(1)
    }
}

fn counted(pointer: *mut u8) -> *mut u8 {
    if pointer.is_null() {
        give_up();
    }
    pointer
}

// SAFETY: every call goes to the system's heap with what was given; counting touches atomics only.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        let call = || unsafe { System.alloc(layout) };
        if !COUNTS.load(Ordering::Relaxed) {
            return call();
        }
        add(layout.size());
        counted(call())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        let call = || unsafe { System.alloc_zeroed(layout) };
        if !COUNTS.load(Ordering::Relaxed) {
            return call();
        }
        add(layout.size());
        counted(call())
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if COUNTS.load(Ordering::Relaxed) {
            sub(layout.size());
        }
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `realloc`.
        let call = || unsafe { System.realloc(pointer, layout, size) };
        if !COUNTS.load(Ordering::Relaxed) {
            return call();
        }
        sub(layout.size());
        add(size);
        counted(call())
    }
}
