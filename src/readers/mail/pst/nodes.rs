//! The nodes of a mailbox: two trees of pages tell where nodes and blocks stand, and trees of blocks hold what belongs to a
//! node (MS-PST 2.2).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Read};
use std::sync::Arc;

use super::cipher;
use crate::meter::Meter;
use crate::readers::Stop;
use crate::readers::office::ole::{u16_at, u32_at};
use crate::source::Random;

/// What is told of whatever breaks the rules.
pub const DAMAGED: Stop = Stop::Malformed("the mailbox is damaged");

/// Where the version stands in the header.
pub const VERSION: usize = 10;
/// Bytes of the header that are looked at.
const HEADER: usize = 514;
/// Pages that are kept.
const PAGES: usize = 2048;
/// Levels of a tree of pages, and entries of a node's own tree, at most.
const LEVELS: u8 = 8;
const PARTS: usize = 1 << 20;
/// Blocks that hold ids of blocks.
const BLOCKS: u8 = 1;
const SUBNODES: u8 = 2;
/// In an id: that it is of a block that tells of others, and is not hidden. The lowest bit means nothing.
const INTERNAL: u64 = 2;

/// The three forms of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// With numbers of four bytes, of Outlook 97 to 2002.
    Narrow,
    /// With numbers of eight bytes.
    Wide,
    /// The same with larger pages and packed blocks: copies of what lies on a server.
    Large,
}

impl Form {
    /// The form of a version.
    pub fn of(version: u16) -> Option<Form> {
        match version {
            14 | 15 => Some(Form::Narrow),
            23 => Some(Form::Wide),
            36 => Some(Form::Large),
            _ => None,
        }
    }

    /// Bytes of an id or a place.
    fn number(self) -> usize {
        if self == Form::Narrow { 4 } else { 8 }
    }

    /// Bytes of a page.
    fn page(self) -> usize {
        if self == Form::Large { 4096 } else { 512 }
    }

    fn id_at(self, bytes: &[u8], at: usize) -> Option<u64> {
        match self {
            Form::Narrow => u32_at(bytes, at).map(u64::from),
            _ => Some(u64::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?)),
        }
    }
}

/// A node: its number, what it holds, what belongs to it, and what it belongs to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Node {
    pub number: u32,
    pub data: u64,
    pub inner: u64,
    pub parent: u32,
}

/// A mailbox that is open.
pub struct Nodes {
    random: Random,
    meter: Arc<Meter>,
    pub form: Form,
    hiding: u8,
    /// Where the roots of both trees stand.
    nodes: u64,
    blocks: u64,
    /// Pages of the tree of blocks, by where they stand.
    pages: HashMap<u64, Arc<Page>>,
}

/// A page of a tree.
struct Page {
    bytes: Vec<u8>,
    /// How many entries it has, how long each is, and how far above the leaves it stands.
    count: usize,
    size: usize,
    level: u8,
}

impl Page {
    fn entries(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.size).take(self.count)
    }
}

impl Nodes {
    /// Opens a mailbox.
    pub fn open(random: Random, meter: Arc<Meter>) -> Result<Nodes, Stop> {
        let mut header = Vec::new();
        random.section(0, HEADER as u64).read_to_end(&mut header)?;
        let form = u16_at(&header, VERSION).and_then(Form::of).ok_or(DAMAGED)?;
        let (nodes, blocks, hiding) = match form {
            Form::Narrow => (188, 196, 461),
            _ => (224, 240, 513),
        };
        let at = |at| form.id_at(&header, at).ok_or(DAMAGED);
        let (nodes, blocks) = (at(nodes)?, at(blocks)?);
        let hiding = *header.get(hiding).ok_or(DAMAGED)?;
        Ok(Nodes { random, meter, form, hiding, nodes, blocks, pages: HashMap::new() })
    }

    fn read(&self, at: u64, size: usize) -> Result<Vec<u8>, Stop> {
        self.meter.take(size).map_err(io::Error::other)?;
        let mut bytes = Vec::new();
        self.random.section(at, size as u64).read_to_end(&mut bytes)?;
        if bytes.len() == size { Ok(bytes) } else { Err(DAMAGED) }
    }

    fn page(&self, at: u64) -> Result<Page, Stop> {
        let mut bytes = self.read(at, self.form.page())?;
        let (end, count, size, level) = match self.form {
            Form::Narrow => (496, bytes[496].into(), bytes[498], bytes[499]),
            Form::Wide => (488, bytes[488].into(), bytes[490], bytes[491]),
            Form::Large => (4056, u16_at(&bytes, 4056).unwrap_or(0), bytes[4060], bytes[4061]),
        };
        let (count, size) = (usize::from(count), usize::from(size));
        let shortest = 3 * self.form.number();
        if size < shortest || count * size > end || level > LEVELS {
            return Err(DAMAGED);
        }
        bytes.truncate(end);
        Ok(Page { bytes, count, size, level })
    }

    /// All nodes, by number.
    pub fn all(&mut self) -> Result<Vec<Node>, Stop> {
        let (mut all, mut met) = (Vec::new(), HashSet::new());
        self.below(self.nodes, LEVELS + 1, &mut met, &mut all)?;
        Ok(all)
    }

    /// Adds the nodes below a page, which no other page leads to.
    fn below(
        &self,
        at: u64,
        above: u8,
        met: &mut HashSet<u64>,
        all: &mut Vec<Node>,
    ) -> Result<(), Stop> {
        let page = self.page(at)?;
        if page.level >= above || !met.insert(at) {
            return Err(DAMAGED);
        }
        let number = self.form.number();
        for entry in page.entries() {
            let id = |i: usize| self.form.id_at(entry, i * number).ok_or(DAMAGED);
            match page.level {
                0 => all.push(Node {
                    number: u32_at(entry, 0).ok_or(DAMAGED)?,
                    data: id(1)?,
                    inner: id(2)?,
                    parent: u32_at(entry, 3 * number).ok_or(DAMAGED)?,
                }),
                // What is whole counts.
                level => match self.below(id(2)?, level, met, all) {
                    Err(Stop::Malformed(_)) => {}
                    other => other?,
                },
            }
        }
        Ok(())
    }

    /// Where a block stands, its size there, and its size in full.
    fn find(&mut self, id: u64) -> Result<(u64, usize, usize), Stop> {
        let (number, form) = (self.form.number(), self.form);
        let (mut at, mut above) = (self.blocks, LEVELS + 1);
        loop {
            let page = self.page_of_blocks(at)?;
            if page.level >= above {
                return Err(DAMAGED);
            }
            above = page.level;
            let key = |entry: &[u8]| form.id_at(entry, 0).map(|key| key & !1);
            let entry = match above {
                0 => page.entries().find(|entry| key(entry) == Some(id & !1)),
                _ => page.entries().rfind(|entry| key(entry).is_some_and(|key| key <= id & !1)),
            };
            let entry = entry.ok_or(DAMAGED)?;
            if above > 0 {
                at = form.id_at(entry, 2 * number).ok_or(DAMAGED)?;
                continue;
            }
            let at = form.id_at(entry, number).ok_or(DAMAGED)?;
            let size = u16_at(entry, 2 * number).map(usize::from).ok_or(DAMAGED)?;
            let whole = match form {
                Form::Large => u16_at(entry, 2 * number + 2).map_or(size, usize::from),
                _ => size,
            };
            return Ok((at, size, whole));
        }
    }

    fn page_of_blocks(&mut self, at: u64) -> Result<Arc<Page>, Stop> {
        if let Some(page) = self.pages.get(&at) {
            return Ok(Arc::clone(page));
        }
        let page = Arc::new(self.page(at)?);
        if self.pages.len() == PAGES {
            self.pages.clear();
        }
        self.pages.insert(at, Arc::clone(&page));
        Ok(page)
    }

    fn block(&mut self, id: u64) -> Result<Vec<u8>, Stop> {
        let (at, size, whole) = self.find(id)?;
        let mut bytes = self.read(at, size)?;
        if whole != size {
            let mut unpacked = Vec::new();
            let packed = flate2::read::ZlibDecoder::new(&bytes[..]);
            packed.take(whole as u64).read_to_end(&mut unpacked).map_err(|_| DAMAGED)?;
            bytes = unpacked;
        }
        if id & INTERNAL == 0 {
            cipher::show(self.hiding, id, &mut bytes);
        }
        Ok(bytes)
    }

    /// The pieces of what a node holds, up to so many bytes.
    pub fn pieces(&mut self, id: u64, most: usize) -> Result<Vec<Vec<u8>>, Stop> {
        let (mut pieces, mut left) = (Vec::new(), most);
        // Blocks to come, the next one last, and how far above those that hold something.
        let mut to_come = vec![(id, 3)];
        while let Some((id, above)) = to_come.pop() {
            if id == 0 || left == 0 {
                continue;
            }
            let block = self.block(id)?;
            if id & INTERNAL == 0 {
                left = left.saturating_sub(block.len());
                pieces.push(block);
                continue;
            }
            let level = *block.get(1).ok_or(DAMAGED)?;
            if block[0] != BLOCKS || level >= above {
                return Err(DAMAGED);
            }
            let count = usize::from(u16_at(&block, 2).ok_or(DAMAGED)?);
            let ids = (0..count).rev().map(|i| self.form.id_at(&block, 8 + i * self.form.number()));
            to_come.extend(ids.flatten().map(|id| (id, level)));
        }
        Ok(pieces)
    }

    /// What a node holds as one, up to so many bytes.
    pub fn bytes(&mut self, id: u64, most: usize) -> Result<Vec<u8>, Stop> {
        let mut bytes = self.pieces(id, most)?.concat();
        bytes.truncate(most);
        Ok(bytes)
    }

    /// The nodes that belong to a node, by number.
    pub fn inner(&mut self, id: u64) -> Result<BTreeMap<u32, Node>, Stop> {
        let mut all = BTreeMap::new();
        let mut to_come = vec![(id, 2)];
        while let Some((id, above)) = to_come.pop() {
            if id == 0 {
                continue;
            }
            let block = self.block(id)?;
            let (number, form) = (self.form.number(), self.form);
            let count = usize::from(u16_at(&block, 2).ok_or(DAMAGED)?);
            if block[0] != SUBNODES || block[1] >= above || all.len() > PARTS {
                return Err(DAMAGED);
            }
            let ids = if block[1] == 0 { 3 } else { 2 };
            let start = if form == Form::Narrow { 4 } else { 8 };
            let entries = block.get(start..).unwrap_or_default().chunks_exact(ids * number);
            for entry in entries.take(count) {
                let id = |i: usize| form.id_at(entry, i * number).unwrap_or(0);
                if block[1] > 0 {
                    to_come.push((id(1), block[1]));
                    continue;
                }
                let number = u32_at(entry, 0).unwrap_or(0);
                all.insert(number, Node { number, data: id(1), inner: id(2), parent: 0 });
            }
        }
        Ok(all)
    }
}
