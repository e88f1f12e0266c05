//! Standard input: a read that waits for a slow writer ends when the run is stopped.

use std::io::{self, Read};
use std::sync::atomic::Ordering;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{STOP, Stopped};

/// Standard input, unbuffered.
pub struct Stdin;

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let input = rustix::stdio::stdin();
        // A signal handler with SA_RESTART does not end a read, so the wait is cut into pieces.
        let piece = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        loop {
            if STOP.load(Ordering::Relaxed) {
                return Err(io::Error::other(Stopped));
            }
            match poll(&mut [PollFd::new(&input, PollFlags::IN)], Some(&piece)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(rustix::io::read(input, buffer)?),
                Err(e) => return Err(e.into()),
            }
        }
    }
}
