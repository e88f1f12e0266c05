//! Mapped files: big local files are mapped a window at a time, and a file that shrinks under its
//! window is noticed and survived.
//!
//! All `unsafe` code of datakart stands in this file. Reading a mapped page that lies behind the end of
//! its file raises SIGBUS (mmap(2)). The handler here looks the address up in a table of live windows,
//! puts zero pages under the rest of that window, marks it and returns; the reader sees zeros, then the
//! mark, and reports the file as changed. Everything that the handler does is async-signal-safe: atomic
//! loads and stores, and the mmap system call.

use std::fs::File;
use std::io;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use memmap2::{Advice, Mmap, MmapOptions};

use super::call::call;
use super::{Shrunk, Window};

/// Bytes mapped at a time.
const WINDOW: usize = 4 << 20;
/// Bytes of a window that are fetched at a time.
const STEP: usize = 256 << 10;
/// The smallest page that there is.
const PAGE: usize = 4096;
/// Windows that can be alive at once: more than there are threads.
const SLOTS: usize = 512;

struct Slot {
    start: AtomicUsize,
    end: AtomicUsize,
    hit: AtomicBool,
}

static TABLE: [Slot; SLOTS] = [const {
    Slot { start: AtomicUsize::new(0), end: AtomicUsize::new(0), hit: AtomicBool::new(false) }
}; SLOTS];

/// A file seen through windows of at most [`WINDOW`] bytes.
pub struct MappedFile {
    file: File,
    size: u64,
    position: u64,
    window: Option<Guarded>,
}

struct Guarded {
    map: Mmap,
    /// Offset of the window in the file.
    offset: u64,
    /// How much of it was fetched: what is given out was read from the disk already, by a call that is shown.
    fetched: usize,
    slot: usize,
}

impl Guarded {
    /// Fetches the bytes up to this one and some more.
    fn fetch(&mut self, to: usize) {
        let to = to.max(self.fetched + STEP).min(self.map.len());
        call(|| {
            // At once where the system can (Linux 5.14), otherwise page by page.
            let range = (self.fetched, to - self.fetched);
            if self.map.advise_range(Advice::PopulateRead, range.0, range.1).is_ok() {
                return;
            }
            for at in (self.fetched..to).step_by(PAGE).chain([to - 1]) {
                std::hint::black_box(self.map[at]);
            }
        });
        self.fetched = to;
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        TABLE[self.slot].end.store(0, Ordering::Release);
        TABLE[self.slot].start.store(0, Ordering::Release);
    }
}

impl MappedFile {
    /// A regular file on a local file system, of the size seen when it was opened.
    #[must_use]
    pub fn new(file: File, size: u64) -> Self {
        install();
        MappedFile { file, size, position: 0, window: None }
    }

    fn available(&self) -> usize {
        let window = self.window.as_ref();
        window.map_or(0, |w| w.map.len() - usize::try_from(self.position - w.offset).unwrap_or(0))
    }

    /// Puts the window at the current position.
    fn slide(&mut self, want: usize) -> io::Result<()> {
        self.window = None;
        let length = (self.size - self.position).min(want.max(WINDOW) as u64);
        let length = usize::try_from(length).unwrap_or(WINDOW);
        // SAFETY: the mapping is private and read-only. The file may be changed by others at any time:
        // its bytes are only ever read as bytes, and shrinking is caught by the handler above.
        let map = unsafe {
            let window = MmapOptions::new().offset(self.position).len(length).clone();
            call(|| window.map(&self.file))?
        };
        let start = map.as_ptr() as usize;
        let slot = TABLE
            .iter()
            .position(|s| {
                s.start.compare_exchange(0, start, Ordering::AcqRel, Ordering::Relaxed).is_ok()
            })
            .ok_or_else(|| io::Error::other("too many mapped windows"))?;
        TABLE[slot].hit.store(false, Ordering::Release);
        TABLE[slot].end.store(start + map.len(), Ordering::Release);
        self.window = Some(Guarded { map, offset: self.position, fetched: 0, slot });
        Ok(())
    }

    fn was_cut(&self) -> bool {
        self.window.as_ref().is_some_and(|w| TABLE[w.slot].hit.load(Ordering::Acquire))
    }
}

impl Window for MappedFile {
    fn peek(&mut self, want: usize) -> io::Result<&[u8]> {
        if self.was_cut() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, Shrunk));
        }
        let left = self.size - self.position;
        if left > 0 && (self.available() as u64) < (want.max(1) as u64).min(left) {
            self.slide(want)?;
        }
        let Some(window) = &mut self.window else { return Ok(&[]) };
        let at = usize::try_from(self.position - window.offset).unwrap_or(0);
        let wanted = at.saturating_add(want.max(1)).min(window.map.len());
        if window.fetched < wanted {
            window.fetch(wanted);
        }
        Ok(&window.map[at..window.fetched.max(at)])
    }

    fn consume(&mut self, n: usize) {
        self.position += n.min(self.available()) as u64;
    }
}

/// Installs the handler, once.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: `action` is fully initialised before use; the handler is async-signal-safe, see above.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                on_sigbus;
            action.sa_sigaction = handler as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(libc::SIGBUS, &raw const action, std::ptr::null_mut());
        }
    });
}

extern "C" fn on_sigbus(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo for SA_SIGINFO handlers.
    let address = unsafe { (*info).si_addr() } as usize;
    for slot in &TABLE {
        let (start, end) = (slot.start.load(Ordering::Acquire), slot.end.load(Ordering::Acquire));
        if start != 0 && (start..end).contains(&address) && patch(address, end) {
            slot.hit.store(true, Ordering::Release);
            return;
        }
    }
    // Not one of ours: let the default action end the process.
    // SAFETY: signal(2) with a constant is async-signal-safe.
    unsafe {
        libc::signal(libc::SIGBUS, libc::SIG_DFL);
    }
}

/// Puts zero pages from the page of `address` up to `end`; tells whether that worked.
fn patch(address: usize, end: usize) -> bool {
    // SAFETY: sysconf is async-signal-safe in practice on every libc; the page range lies inside a
    // mapping that this file made and still holds, so nothing else can be unmapped by MAP_FIXED.
    unsafe {
        let page = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(4096);
        let from = address & !(page - 1);
        let to = end.next_multiple_of(page);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        let got = libc::mmap(from as *mut libc::c_void, to - from, libc::PROT_READ, flags, -1, 0);
        got != libc::MAP_FAILED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_cut_under_its_window_is_noticed_and_survived() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![b'x'; 3 << 20]).unwrap();
        let mut map = MappedFile::new(file.try_clone().unwrap(), 3 << 20);
        assert_eq!(map.peek(10).unwrap()[0], b'x');
        file.set_len(4096).unwrap();
        let seen = map.peek((2 << 20) + 1).unwrap();
        assert_eq!(seen[2 << 20], 0);
        assert_eq!(map.peek(1).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn windows_follow_each_other() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..40 << 20).map(|i: u32| (i / 7) as u8).collect();
        file.write_all(&bytes).unwrap();
        let mut map = MappedFile::new(file, bytes.len() as u64);
        let mut seen = Vec::new();
        loop {
            let part = map.peek(1 << 20).unwrap();
            if part.is_empty() {
                break;
            }
            let n = part.len().min((1 << 20) + 13);
            seen.extend_from_slice(&part[..n]);
            map.consume(n);
        }
        assert!(seen == bytes);
    }
}
