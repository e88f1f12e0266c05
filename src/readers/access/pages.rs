//! The pages of an Access database: where rows stand in them, and what goes on in others. What is known of the format is
//! known from its files (mdbtools' HACKING file, Jackcess); Microsoft has published nothing.

use std::io::{self, Read as _};
use std::sync::Arc;

use crate::meter::Meter;
use crate::readers::Stop;
use crate::readers::office::ole::{offset_at, u16_at, u32_at};
use crate::source::Random;

/// What is told of whatever breaks the rules.
pub const DAMAGED: Stop = Stop::Malformed("the database is damaged");

/// Kinds of pages, by their first byte.
const DATA: u8 = 1;
const TABLE: u8 = 2;
const USAGE: u8 = 5;
/// Bits of a row's place: that it is reached from elsewhere or was deleted, and where it begins.
const AWAY: u16 = 0x4000;
const PLACE: u16 = 0x1FFF;
/// Bits of a long value's length: that it stands in the row, or in one other row.
const HERE: u32 = 0x8000_0000;
const IN_ONE: u32 = 0x4000_0000;
const LENGTH: u32 = 0x00FF_FFFF;
/// Longest definition of a table.
const DEFINITION: usize = 1 << 20;

/// The pages of a database.
pub struct Pages {
    random: Random,
    meter: Arc<Meter>,
    /// Whether it is of Access 97 or before, which has smaller pages and numbers.
    pub is_old: bool,
    /// The page at hand.
    number: u32,
    page: Vec<u8>,
}

impl Pages {
    /// The pages of a source.
    pub fn new(random: Random, meter: Arc<Meter>, is_old: bool) -> Pages {
        Pages { random, meter, is_old, number: u32::MAX, page: Vec::new() }
    }

    /// Bytes of a page.
    pub fn size(&self) -> usize {
        if self.is_old { 2048 } else { 4096 }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.random.size() / self.size() as u64).unwrap_or(u32::MAX)
    }

    /// A page.
    pub fn page(&mut self, number: u32) -> Result<&[u8], Stop> {
        if self.number != number {
            let size = self.size();
            self.meter.take(size).map_err(io::Error::other)?;
            self.page.clear();
            self.number = number;
            let at = u64::from(number) * size as u64;
            self.random.section(at, size as u64).read_to_end(&mut self.page)?;
        }
        if self.page.len() == self.size() { Ok(&self.page) } else { Err(DAMAGED) }
    }

    /// The definition of a table, which may go on in other pages.
    pub fn definition(&mut self, number: u32) -> Result<Vec<u8>, Stop> {
        let mut whole = Vec::new();
        let (mut next, mut from) = (number, 0);
        while next != 0 && whole.len() < DEFINITION {
            let page = self.page(next)?;
            if page[0] != TABLE {
                return Err(DAMAGED);
            }
            whole.extend_from_slice(&page[from..]);
            (next, from) = (u32_at(page, 4).ok_or(DAMAGED)?, 8);
        }
        Ok(whole)
    }

    /// The rows of a page of this table, with their numbers, that are to be read here.
    pub fn rows(&mut self, number: u32, table: u32) -> Result<Vec<Vec<u8>>, Stop> {
        let is_old = self.is_old;
        let page = self.page(number)?;
        if page[0] != DATA || u32_at(page, 4) != Some(table) {
            return Ok(Vec::new());
        }
        let count = count(page, is_old);
        let here = |row: &usize| place(page, is_old, *row).is_some_and(|place| place & AWAY == 0);
        let rows = (0..count).filter(here).filter_map(|row| bounds(page, is_old, row));
        Ok(rows.map(|(start, end)| page[start..end].to_vec()).collect())
    }

    /// A row that is told by its place: its number in the lowest byte, and its page.
    fn row(&mut self, place: u32) -> Result<&[u8], Stop> {
        let is_old = self.is_old;
        let page = self.page(place >> 8)?;
        let (start, end) = bounds(page, is_old, (place & 0xFF) as usize).ok_or(DAMAGED)?;
        Ok(&page[start..end])
    }

    /// The pages that a map tells, which is a row.
    pub fn used(&mut self, map: u32) -> Result<Vec<u32>, Stop> {
        let map = self.row(map)?.to_vec();
        let mut used = Vec::new();
        match map.first() {
            Some(0) => {
                let first = u32_at(&map, 1).ok_or(DAMAGED)?;
                add_bits(&map[5..], first, &mut used);
            }
            Some(1) => {
                let pages = map[1..].chunks_exact(4).map(|n| u32_at(n, 0).unwrap_or(0));
                for (page, i) in pages.zip(0_u32..).filter(|(page, _)| *page != 0) {
                    let bits = u32::try_from((self.size() - 4) * 8).unwrap_or(u32::MAX);
                    let page = self.page(page)?;
                    if page[0] == USAGE {
                        add_bits(&page[4..], i.saturating_mul(bits), &mut used);
                    }
                }
            }
            _ => return Err(DAMAGED),
        }
        let count = self.count();
        used.retain(|page| *page < count);
        Ok(used)
    }

    /// A long value: in its row, in another one, or in a chain of them.
    pub fn long(&mut self, value: &[u8]) -> Result<Vec<u8>, Stop> {
        let told = u32_at(value, 0).ok_or(DAMAGED)?;
        let length = (told & LENGTH) as usize;
        if told & HERE != 0 {
            let rest = value.get(12..).unwrap_or_default();
            return Ok(rest[..length.min(rest.len())].to_vec());
        }
        let mut next = u32_at(value, 4).ok_or(DAMAGED)?;
        if told & IN_ONE != 0 {
            let row = self.row(next)?;
            return Ok(row[..length.min(row.len())].to_vec());
        }
        let mut whole = Vec::new();
        while next != 0 && whole.len() < length {
            let row = self.row(next)?;
            let rest = row.get(4..).filter(|rest| !rest.is_empty()).ok_or(DAMAGED)?;
            next = u32_at(row, 0).ok_or(DAMAGED)?;
            whole.extend_from_slice(rest);
        }
        whole.truncate(length);
        Ok(whole)
    }
}

/// Where the number of rows stands in a page.
fn head(is_old: bool) -> usize {
    if is_old { 8 } else { 12 }
}

fn count(page: &[u8], is_old: bool) -> usize {
    u16_at(page, head(is_old)).map_or(0, usize::from)
}

fn place(page: &[u8], is_old: bool, row: usize) -> Option<u16> {
    (row < count(page, is_old)).then(|| u16_at(page, head(is_old) + 2 + 2 * row))?
}

/// Where a row begins and ends. They stand one before the other.
fn bounds(page: &[u8], is_old: bool, row: usize) -> Option<(usize, usize)> {
    let start = |row| Some(usize::from(place(page, is_old, row)? & PLACE));
    let end = match row.checked_sub(1) {
        Some(before) => start(before)?,
        None => page.len(),
    };
    let start = start(row)?;
    (start <= end && end <= page.len()).then_some((start, end))
}

/// Adds the numbers of the bits that are set, from a first one on.
fn add_bits(bits: &[u8], first: u32, all: &mut Vec<u32>) {
    for (byte, at) in bits.iter().zip((first..).step_by(8)) {
        all.extend((0..8).filter(|bit| byte >> bit & 1 != 0).map(|bit| at + bit));
    }
}

/// A number of four bytes at an offset, as a position.
pub fn position(bytes: &[u8], at: usize) -> Result<usize, Stop> {
    offset_at(bytes, at).ok_or(DAMAGED)
}
