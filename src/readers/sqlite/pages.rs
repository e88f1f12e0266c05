//! The pages of a SQLite database, with those that its write-ahead log replaces, and the B-trees in them.
//! Read as the file format says (<https://sqlite.org/fileformat2.html>): nothing is opened by an engine, so
//! no lock is taken, no log is folded back and no code in the schema runs.

use std::collections::HashMap;
use std::io::{self, Read};

use crate::readers::Stop;
use crate::source::Random;

/// Signature of a database file.
pub const MAGIC: &[u8] = b"SQLite format 3\0";
/// Deepest tree that is walked; a tree of 2^32 pages is no deeper than 20.
const DEPTH: usize = 40;

/// How text is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
}

/// A database file that is read page by page.
pub struct Pages {
    file: Random,
    log: Option<Log>,
    size: usize,
    /// Bytes of a page without what extensions reserve at its end.
    usable: usize,
    count: u32,
    /// How texts are stored.
    pub encoding: Encoding,
    /// Pages that were read: each belongs to one tree or chain, so that none is read twice.
    seen: Vec<u64>,
    /// Whether some page was missing, met twice or not in order.
    pub damaged: bool,
}

/// The write-ahead log: which of its frames hold the newest pages.
struct Log {
    file: Random,
    frames: HashMap<u32, u64>,
}

/// One entry of a B-tree.
pub struct Entry {
    /// The row's number in tables that have one.
    pub rowid: i64,
    /// The first bytes of the record, and where it goes on.
    pub payload: Payload,
}

/// A record: what stands in the tree's page, and the chain of pages with the rest.
pub struct Payload {
    local: Vec<u8>,
    at: usize,
    next: u32,
    /// Bytes that are still to come.
    pub left: u64,
}

impl Pages {
    /// Opens a database, with the log that lies beside it.
    ///
    /// # Errors
    /// What the system reports; `Malformed` when the header is not one.
    pub fn open(file: Random, log: Option<Random>) -> Result<Pages, Stop> {
        let header = bytes_at(&file, 0, 100)?;
        if header.len() < 100 || !header.starts_with(MAGIC) {
            return Err(Stop::Malformed("the header of the database is cut short"));
        }
        let size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65536,
            n => usize::from(n),
        };
        let usable = size.saturating_sub(usize::from(header[20]));
        if !(512..=65536).contains(&size) || !size.is_power_of_two() || usable < 480 {
            return Err(Stop::Malformed("the database has no possible page size"));
        }
        let log = log.map(|l| Log::read(l, size)).transpose()?.flatten();
        let in_log = log.iter().flat_map(|l| l.frames.keys().copied()).max().unwrap_or(0);
        let in_file = u32::try_from(file.size().div_ceil(size as u64)).unwrap_or(u32::MAX);
        let count = in_file.max(in_log.min(in_file.saturating_mul(2).saturating_add(1 << 16)));
        let mut pages = Pages {
            file,
            log,
            size,
            usable,
            count,
            encoding: Encoding::Utf8,
            seen: vec![0; count as usize / 64 + 1],
            damaged: false,
        };
        // The log may hold a newer first page.
        let first = pages.page(1)?;
        pages.encoding = match first.get(59) {
            Some(2) => Encoding::Utf16Le,
            Some(3) => Encoding::Utf16Be,
            _ => Encoding::Utf8,
        };
        Ok(pages)
    }

    fn page(&self, number: u32) -> Result<Vec<u8>, Stop> {
        let frame = self.log.as_ref().and_then(|l| Some((&l.file, *l.frames.get(&number)?)));
        let (file, at) = frame.unwrap_or((&self.file, u64::from(number - 1) * self.size as u64));
        Ok(bytes_at(file, at, self.size)?)
    }

    /// The page of this number, the first time it is asked for.
    fn page_once(&mut self, number: u32) -> Result<Option<Vec<u8>>, Stop> {
        if number == 0 || number > self.count {
            self.damaged = true;
            return Ok(None);
        }
        let (word, bit) = (number as usize / 64, 1 << (number % 64));
        if self.seen[word] & bit != 0 {
            self.damaged = true;
            return Ok(None);
        }
        self.seen[word] |= bit;
        let page = self.page(number)?;
        if page.len() < self.size {
            self.damaged = true;
        }
        Ok((page.len() > 100).then_some(page))
    }

    /// Calls `each` with every entry of the tree with this root, in the tree's order, until it says no.
    ///
    /// # Errors
    /// What the system or `each` reports.
    pub fn walk(
        &mut self,
        root: u32,
        each: &mut dyn FnMut(&mut Pages, Entry) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.tree(root, 0, each)
    }

    fn tree(
        &mut self,
        number: u32,
        depth: usize,
        each: &mut dyn FnMut(&mut Pages, Entry) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if depth > DEPTH {
            self.damaged = true;
            return Ok(());
        }
        let Some(page) = self.page_once(number)? else { return Ok(()) };
        let head = if number == 1 { 100 } else { 0 };
        let kind = page[head];
        let (inner, table) = match kind {
            2 => (true, false),
            5 => (true, true),
            10 => (false, false),
            13 => (false, true),
            _ => {
                self.damaged = true;
                return Ok(());
            }
        };
        let pointers = head + if inner { 12 } else { 8 };
        // An entry takes six bytes at the least, its pointer included.
        let (told, possible) = (usize::from(be16(&page, head + 3)), page.len() / 6);
        self.damaged |= told > possible;
        for i in 0..told.min(possible) {
            let at = usize::from(be16(&page, pointers + 2 * i));
            if at < pointers || at + 4 > page.len() || pointers + 2 * i + 2 > page.len() {
                self.damaged = true;
                continue;
            }
            let mut body = at;
            if inner {
                self.tree(be32(&page, at), depth + 1, each)?;
                body += 4;
            }
            if inner && table {
                continue;
            }
            match self.entry(&page, body, table) {
                Some(entry) => each(self, entry)?,
                None => self.damaged = true,
            }
        }
        if inner { self.tree(be32(&page, head + 8), depth + 1, each) } else { Ok(()) }
    }

    fn entry(&self, page: &[u8], at: usize, table: bool) -> Option<Entry> {
        let (length, n) = varint(page.get(at..)?)?;
        let mut at = at + n;
        let mut rowid = 0;
        if table {
            let (id, n) = varint(page.get(at..)?)?;
            (rowid, at) = (id.cast_signed(), at + n);
        }
        let usable = self.usable;
        let most = if table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
        let least = (usable - 12) * 32 / 255 - 23;
        let (local, spills) = match usize::try_from(length).ok().filter(|n| *n <= most) {
            Some(all) => (all, false),
            None => {
                let over = (length - least as u64) % (usable as u64 - 4);
                let some = least + usize::try_from(over).unwrap_or(0);
                (if some <= most { some } else { least }, true)
            }
        };
        let bytes = page.get(at..at + local)?.to_vec();
        let next = if spills { be32(page.get(at + local..at + local + 4)?, 0) } else { 0 };
        Some(Entry { rowid, payload: Payload { local: bytes, at: 0, next, left: length } })
    }

    /// The next bytes of a record, up to this many; nothing where its pages end before their time.
    ///
    /// # Errors
    /// What the system reports.
    pub fn next<'p>(&mut self, from: &'p mut Payload, most: usize) -> Result<&'p [u8], Stop> {
        if from.at == from.local.len() && from.left > 0 && from.next != 0 {
            let page = self.page_once(from.next)?.unwrap_or_default();
            from.next = if page.len() >= 4 { be32(&page, 0) } else { 0 };
            from.local = page;
            from.at = from.local.len().min(4);
            from.local.truncate(self.usable);
        }
        let here = from.local.len().saturating_sub(from.at);
        let n = most.min(here).min(usize::try_from(from.left).unwrap_or(usize::MAX));
        if n == 0 && from.left > 0 && most > 0 {
            self.damaged = true;
            from.left = 0;
        }
        let part = &from.local[from.at..from.at + n];
        from.at += n;
        from.left -= n as u64;
        Ok(part)
    }
}

impl Log {
    /// Reads a log: its frames count up to the last that ends a transaction and as long as checksums hold.
    fn read(file: Random, page_size: usize) -> Result<Option<Log>, Stop> {
        let header = bytes_at(&file, 0, 32)?;
        if header.len() < 32 {
            return Ok(None);
        }
        let big = match be32(&header, 0) {
            0x377F_0682 => false,
            0x377F_0683 => true,
            _ => return Ok(None),
        };
        let sum = checksum((0, 0), &header[..24], big);
        if be32(&header, 8) as usize != page_size || sum != (be32(&header, 24), be32(&header, 28)) {
            return Ok(None);
        }
        let (mut sum, mut at) = (sum, 32);
        let (mut frames, mut pending) = (HashMap::new(), Vec::new());
        loop {
            let frame = bytes_at(&file, at, 24 + page_size)?;
            if frame.len() < 24 + page_size {
                break;
            }
            sum = checksum(checksum(sum, &frame[..8], big), &frame[24..], big);
            let valid = frame[8..16] == header[16..24];
            if !valid || sum != (be32(&frame, 16), be32(&frame, 20)) {
                break;
            }
            pending.push((be32(&frame, 0), at + 24));
            if be32(&frame, 4) != 0 {
                frames.extend(pending.drain(..));
            }
            at += frame.len() as u64;
        }
        Ok(Some(Log { file, frames }))
    }
}

fn checksum(mut sum: (u32, u32), bytes: &[u8], big: bool) -> (u32, u32) {
    let word = |b: &[u8]| {
        let b = [b[0], b[1], b[2], b[3]];
        if big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) }
    };
    for pair in bytes.chunks_exact(8) {
        sum.0 = sum.0.wrapping_add(word(pair)).wrapping_add(sum.1);
        sum.1 = sum.1.wrapping_add(word(&pair[4..])).wrapping_add(sum.0);
    }
    sum
}

/// The bytes at a place, fewer where the file ends.
fn bytes_at(file: &Random, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length);
    file.section(at, length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A big-endian number of the file; zero behind its end.
fn be16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_be_bytes([b[0], b[1]]))
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

/// A number of one to nine bytes, and how many they are.
pub fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut n = 0u64;
    for (i, &b) in bytes.iter().take(9).enumerate() {
        if i == 8 {
            return Some((n << 8 | u64::from(b), 9));
        }
        n = n << 7 | u64::from(b & 0x7F);
        if b & 0x80 == 0 {
            return Some((n, i + 1));
        }
    }
    None
}
