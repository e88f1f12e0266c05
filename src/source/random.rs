//! Random access to a source: the file itself where the source is one, else a copy in memory. Nothing is
//! ever written to disk.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::call::call;

/// The bytes of a source, any part of which can be read by itself and at the same time.
#[derive(Clone)]
pub struct Random {
    bytes: Bytes,
    size: u64,
}

#[derive(Clone)]
enum Bytes {
    File(Arc<File>),
    /// Not `Arc<[u8]>`, whose making would copy the bytes.
    Memory(Arc<Vec<u8>>),
}

impl Random {
    /// A file of this size.
    #[must_use]
    pub fn file(file: File, size: u64) -> Random {
        Random { bytes: Bytes::File(Arc::new(file)), size }
    }

    /// A file of this size that others read, too.
    #[must_use]
    pub fn shared(file: Arc<File>, size: u64) -> Random {
        Random { bytes: Bytes::File(file), size }
    }

    /// Bytes in memory.
    #[must_use]
    pub fn memory(bytes: Vec<u8>) -> Random {
        let size = bytes.len() as u64;
        Random { bytes: Bytes::Memory(Arc::new(bytes)), size }
    }

    /// The file, if the bytes are one's.
    #[must_use]
    pub fn as_file(&self) -> Option<&File> {
        match &self.bytes {
            Bytes::File(file) => Some(file),
            Bytes::Memory(_) => None,
        }
    }

    /// How many bytes there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// A reader of `length` bytes from `start` on; what lies behind the end is not there.
    #[must_use]
    pub fn section(&self, start: u64, length: u64) -> Section {
        let start = start.min(self.size);
        let end = start.saturating_add(length).min(self.size);
        Section { random: self.clone(), start, end, at: start }
    }

    /// A reader of all bytes.
    #[must_use]
    pub fn whole(&self) -> Section {
        self.section(0, self.size)
    }

    /// Reads at an offset; fewer bytes than asked for only at the end or when the system gives fewer.
    ///
    /// # Errors
    /// What the system reports.
    pub fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        match &self.bytes {
            Bytes::File(file) => call(|| file.read_at(buffer, at)),
            Bytes::Memory(bytes) => {
                let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                let n = buffer.len().min(bytes.len() - from);
                buffer[..n].copy_from_slice(&bytes[from..from + n]);
                Ok(n)
            }
        }
    }
}

/// A part of a source.
#[derive(Clone)]
pub struct Section {
    random: Random,
    start: u64,
    end: u64,
    at: u64,
}

impl Section {
    /// How many bytes are left to read, if the file is still as long.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        let n = self.random.read_at(&mut buffer[..wanted], self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Section {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, by) = match to {
            SeekFrom::Start(n) => (self.start, i64::try_from(n).unwrap_or(i64::MAX)),
            SeekFrom::End(n) => (self.end, n),
            SeekFrom::Current(n) => (self.at, n),
        };
        let at = base.checked_add_signed(by).filter(|at| *at >= self.start);
        let at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.at = at;
        Ok(at - self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_independent() {
        let random = Random::memory(b"0123456789".to_vec());
        let (mut a, mut b) = (random.section(2, 3), random.section(8, 100));
        let mut text = String::new();
        b.read_to_string(&mut text).unwrap();
        a.read_to_string(&mut text).unwrap();
        assert_eq!(text, "89234");
        assert_eq!(a.seek(SeekFrom::End(-1)).unwrap(), 2);
        text.clear();
        a.read_to_string(&mut text).unwrap();
        assert_eq!(text, "4");
        assert!(a.seek(SeekFrom::End(-9)).is_err());
    }
}
