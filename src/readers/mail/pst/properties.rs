//! The properties of a node, and tables of those of others: both stand in a heap within what the node holds (MS-PST 2.3).

use std::collections::BTreeMap;

use super::nodes::{DAMAGED, Form, Node, Nodes};
use crate::readers::Stop;
use crate::readers::mail::HELD;
use crate::readers::office::ole::{offset_at, u16_at, u32_at};

/// What heaps are of, by their mark.
const HEAP: u8 = 0xEC;
const TREE: u8 = 0xB5;
const TABLE: u8 = 0x7C;
/// Entries of a tree that are looked at.
const ENTRIES: usize = 100_000;
/// The lowest bits of a number that tell what it counts; none of them is set where it is of an item in a heap.
const SORT: u32 = 0x1F;

/// A property: its number and type, and its value or where that stands.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    pub number: u16,
    pub kind: u16,
    pub value: u32,
}

/// A heap: blocks with items in them.
struct Heap {
    blocks: Vec<Vec<u8>>,
    form: Form,
}

impl Heap {
    fn read(nodes: &mut Nodes, data: u64) -> Result<Heap, Stop> {
        let blocks = nodes.pieces(data, HELD)?;
        let first: &[u8] = blocks.first().map_or(&[], |b| b);
        let is_heap = first.get(2) == Some(&HEAP);
        if is_heap { Ok(Heap { blocks, form: nodes.form }) } else { Err(DAMAGED) }
    }

    /// The item that all others are told by.
    fn root(&self) -> Option<&[u8]> {
        self.item(u32_at(&self.blocks[0], 4)?)
    }

    /// An item by its number.
    fn item(&self, number: u32) -> Option<&[u8]> {
        let bits = if self.form == Form::Large { 14 } else { 11 };
        let block = self.blocks.get((number >> (5 + bits)) as usize)?;
        let index = ((number >> 5) & ((1 << bits) - 1)) as usize;
        let map = usize::from(u16_at(block, 0)?);
        let place = |i: usize| u16_at(block, map + 4 + 2 * i).map(usize::from);
        let index =
            index.checked_sub(1).filter(|i| i < &usize::from(u16_at(block, map).unwrap_or(0)))?;
        block.get(place(index)?..place(index + 1)?)
    }

    /// The entries of a tree, each its key and what that leads to.
    fn tree(&self, root: &[u8]) -> Option<Vec<&[u8]>> {
        let [TREE, key, value, levels, ..] = *root else { return None };
        let (key, size) = (usize::from(key), usize::from(key) + usize::from(value));
        let mut level = vec![u32_at(root, 4)?];
        for _ in 0..levels {
            let pages = level.iter().filter_map(|number| self.item(*number));
            let below = pages.flat_map(|page| page.chunks_exact(key + 4));
            level = below.filter_map(|entry| u32_at(entry, key)).take(ENTRIES).collect();
        }
        let leaves = level.iter().filter_map(|number| self.item(*number));
        let entries = leaves.flat_map(|leaf| leaf.chunks_exact(size.max(1)));
        Some(entries.take(ENTRIES).collect())
    }
}

/// Where the values of properties stand that do not stand with them: in a heap, or in nodes of their own.
pub struct Values {
    heap: Heap,
    /// The nodes that belong to the one whose properties they are.
    pub inner: BTreeMap<u32, Node>,
}

impl Values {
    fn read(nodes: &mut Nodes, node: Node) -> Result<Values, Stop> {
        Ok(Values { heap: Heap::read(nodes, node.data)?, inner: nodes.inner(node.inner)? })
    }

    /// The value at a place.
    pub fn at(&self, nodes: &mut Nodes, place: u32) -> Result<Vec<u8>, Stop> {
        match place & SORT {
            // An empty text stands nowhere.
            0 if place == 0 => Ok(Vec::new()),
            0 => self.heap.item(place).map(<[u8]>::to_vec).ok_or(DAMAGED),
            _ => nodes.bytes(self.inner.get(&place).ok_or(DAMAGED)?.data, HELD),
        }
    }
}

/// What a node tells of itself.
pub struct Properties {
    /// Its properties, by number.
    pub list: Vec<Property>,
    /// Their values.
    pub values: Values,
}

impl Properties {
    /// Reads those of a node.
    pub fn read(nodes: &mut Nodes, node: Node) -> Result<Properties, Stop> {
        let values = Values::read(nodes, node)?;
        let property = |entry: &[u8]| {
            let (number, kind) = (u16_at(entry, 0)?, u16_at(entry, 2)?);
            Some(Property { number, kind, value: u32_at(entry, 4)? })
        };
        let heap = &values.heap;
        let entries = heap.root().and_then(|root| heap.tree(root)).ok_or(DAMAGED)?;
        let list = entries.into_iter().filter_map(property).collect();
        Ok(Properties { list, values })
    }
}

/// A column of a table: which property it is, and where its value stands in a row.
struct Column {
    number: u16,
    kind: u16,
    at: usize,
    size: u8,
    bit: u8,
}

/// A table of properties.
pub struct Rows {
    /// The values of its rows.
    pub values: Values,
    /// What its rows are of, by number, and which row that is.
    pub index: Vec<(u32, usize)>,
    columns: Vec<Column>,
    /// Where the bits stand that tell which values are there, and the size of a row.
    bits: usize,
    size: usize,
    pieces: Vec<Vec<u8>>,
}

impl Rows {
    /// Reads the table that a node holds.
    pub fn read(nodes: &mut Nodes, node: Node) -> Result<Rows, Stop> {
        let values = Values::read(nodes, node)?;
        let Values { heap, inner } = &values;
        let told = heap.root().filter(|root| root.first() == Some(&TABLE)).ok_or(DAMAGED)?;
        let number = |at| u32_at(told, at).ok_or(DAMAGED);
        let width = |at| u16_at(told, at).map(usize::from).ok_or(DAMAGED);
        let (bits, size) = (width(6)?, width(8)?);
        let column = |column: &[u8]| Column {
            kind: u16::from_le_bytes([column[0], column[1]]),
            number: u16::from_le_bytes([column[2], column[3]]),
            at: usize::from(u16::from_le_bytes([column[4], column[5]])),
            size: column[6],
            bit: column[7],
        };
        let columns = told.get(22..).unwrap_or_default().chunks_exact(8).map(column).collect();
        let entries = heap.item(number(10)?).and_then(|root| heap.tree(root)).unwrap_or_default();
        let entry = |entry: &[u8]| {
            let row = u32_at(entry, 4).or_else(|| u16_at(entry, 4).map(u32::from))?;
            Some((u32_at(entry, 0)?, row as usize))
        };
        let index = entries.into_iter().filter_map(entry).collect();
        let place = number(14)?;
        let pieces = match place & SORT {
            0 => vec![heap.item(place).unwrap_or_default().to_vec()],
            _ => nodes.pieces(inner.get(&place).ok_or(DAMAGED)?.data, HELD)?,
        };
        Ok(Rows { values, index, columns, bits, size, pieces })
    }

    /// The bytes of a row. None goes on in another piece.
    fn row(&self, mut row: usize) -> Option<&[u8]> {
        for piece in &self.pieces {
            let rows = piece.len().checked_div(self.size)?;
            if row < rows {
                return piece.get(row * self.size..(row + 1) * self.size);
            }
            row -= rows;
        }
        None
    }

    /// The properties of a row.
    pub fn properties(&self, row: usize) -> Vec<Property> {
        let Some(row) = self.row(row) else { return Vec::new() };
        let is_there = |column: &&Column| {
            let byte = row.get(self.bits + usize::from(column.bit / 8));
            column.size == 4 && byte.is_some_and(|byte| byte << (column.bit % 8) & 0x80 != 0)
        };
        let property = |column: &Column| {
            let &Column { number, kind, at, .. } = column;
            Some(Property { number, kind, value: u32_at(row, at)? })
        };
        self.columns.iter().filter(is_there).filter_map(property).collect()
    }
}

/// The parts of a value of several.
pub fn several(value: &[u8]) -> Vec<&[u8]> {
    let count = offset_at(value, 0).unwrap_or(0).min(ENTRIES);
    let start = |i: usize| offset_at(value, 4 + 4 * i);
    let part = |i: usize| {
        let end = if i + 1 < count { start(i + 1)? } else { value.len() };
        value.get(start(i)?..end)
    };
    (0..count).filter_map(part).collect()
}
