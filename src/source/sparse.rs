//! Sparse files: holes are skipped, so that a terabyte of nothing costs nothing.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use rustix::fs::SeekFrom as Extent;

use super::call::call;

/// The data of a sparse file, its holes left out. Where a hole was, a line ends.
pub struct Extents {
    file: File,
    size: u64,
    position: u64,
    data_end: u64,
    gap: bool,
}

impl Extents {
    /// A sparse file of this size.
    #[must_use]
    pub fn new(file: File, size: u64) -> Self {
        Extents { file, size, position: 0, data_end: 0, gap: false }
    }

    /// Goes to the next extent; false at the end.
    fn next_extent(&mut self) -> io::Result<bool> {
        if self.position >= self.size {
            return Ok(false);
        }
        let seek = |to| call(|| rustix::fs::seek(&self.file, to));
        let start = match seek(Extent::Data(self.position)) {
            Ok(start) if start < self.size => start,
            Ok(_) | Err(rustix::io::Errno::NXIO) => return Ok(false),
            // A file system that knows no holes: all of it is data.
            Err(rustix::io::Errno::INVAL) => self.position,
            Err(e) => return Err(e.into()),
        };
        self.gap = start > self.position && self.position > 0;
        self.data_end = match seek(Extent::Hole(start)) {
            Ok(end) => end.min(self.size),
            Err(_) => self.size,
        };
        self.position = self.file.seek(SeekFrom::Start(start))?;
        Ok(true)
    }
}

impl Read for Extents {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || (self.position >= self.data_end && !self.next_extent()?) {
            return Ok(0);
        }
        if self.gap {
            self.gap = false;
            buffer[0] = b'\n';
            return Ok(1);
        }
        let left = usize::try_from(self.data_end - self.position).unwrap_or(usize::MAX);
        let room = buffer.len().min(left);
        let n = call(|| self.file.read(&mut buffer[..room]))?;
        if n == 0 {
            self.size = self.position;
        }
        self.position += n as u64;
        Ok(n)
    }
}
