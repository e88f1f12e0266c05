//! Known cells: what equal cells of a field showed before. What a cell shows depends on its bytes and its
//! field alone, so of equal cells the first is looked at and the others are counted.
//!
//! Most columns of real tables hold few different values. Where they are all different, or show nothing
//! anyway, a field gives up after a hundred or a thousand cells.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::RandomState;

use crate::eye::Sign;
use crate::sketch::Plain;
use crate::unit::Cells;

/// Longest cell that is remembered, in bytes.
const LONGEST: usize = 64;
/// Different cells of one field that are remembered.
const MOST: usize = 4096;
/// Cells after which a field gives up if none came again.
const FIRST: u32 = 128;
/// Cells after which it gives up if few came again.
const PATIENCE: u32 = 1024;
/// Of this many cells one must have come before.
const ONE_IN: u32 = 8;

/// Rooms that a thread keeps, and the most cells that one of them has room for: most fields give up after few.
const ROOMS: usize = 12;
const USUAL: usize = 256;

/// What one field's cells showed.
#[derive(Default)]
pub struct Known {
    room: Room,
    looked_up: u32,
    met_again: u32,
    given_up: bool,
}

/// Room for cells and what they showed, which goes from field to field.
#[derive(Default)]
struct Room {
    hashes: RandomState,
    /// By hash of the text, the number of the cell. Two texts of one hash are a rarity: the second is not remembered.
    numbers: HashMap<u64, u32, Plain>,
    cells: Vec<Cell>,
    texts: Vec<u8>,
    signs: Vec<(u16, Sign)>,
}

thread_local! {
    /// Rooms of fields that are done.
    static SPARE: RefCell<Vec<Room>> = const { RefCell::new(Vec::new()) };
}

impl Room {
    fn take() -> Room {
        SPARE.with_borrow_mut(Vec::pop).unwrap_or_default()
    }

    fn clear(&mut self) {
        self.numbers.clear();
        self.cells.clear();
        self.texts.clear();
        self.signs.clear();
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.leave_room();
    }
}

/// A cell that was looked at.
struct Cell {
    text: Range<u32>,
    signs: Range<u32>,
    /// How often it came again, and the lowest row where it did.
    again: u64,
    first: u64,
}

/// A cell that came again.
pub struct Again<'k> {
    /// Its bytes.
    pub text: &'k [u8],
    /// What it showed.
    pub signs: &'k [(u16, Sign)],
    /// How often it came after the first time.
    pub times: u64,
    /// The lowest of those rows.
    pub first: u64,
}

/// Cells of one buffer that have to be looked at.
#[derive(Default)]
pub struct Fresh {
    /// The cells.
    pub cells: Cells,
    /// What they show.
    pub shown: Shown,
}

/// What fresh cells show.
#[derive(Default)]
pub struct Shown {
    /// For each cell, under which number it is remembered.
    numbers: Vec<Option<u32>>,
    seen: Vec<(u32, u16, Sign)>,
}

impl Shown {
    /// Adds what a cell shows, by its place among the fresh ones.
    pub fn see(&mut self, cell: usize, detector: u16, sign: Sign) {
        if let Some(number) = self.numbers[cell] {
            self.seen.push((number, detector, sign));
        }
    }
}

impl Known {
    /// Whether the field's cells are worth remembering.
    #[must_use]
    pub fn is_worth_it(&self) -> bool {
        !self.given_up
    }

    /// Parts a buffer in cells that came before, which are counted here, and fresh ones.
    /// Gives how many more are remembered.
    pub fn sift(&mut self, cells: &Cells, fresh: &mut Fresh) -> usize {
        if self.room.cells.capacity() == 0 {
            self.room = Room::take();
        }
        let before = self.room.cells.len();
        fresh.cells.clear();
        fresh.shown.numbers.clear();
        for i in 0..cells.len() {
            let text = &cells.bytes[cells.range(i)];
            let number = match cells.piece(i) {
                None if text.len() <= LONGEST => match self.look_up(text, cells.row(i)) {
                    Found::Again => continue,
                    Found::New(number) => Some(number),
                    Found::NoRoom => None,
                },
                _ => None,
            };
            fresh.cells.push_of(cells, i);
            fresh.shown.numbers.push(number);
        }
        self.room.cells.len() - before
    }

    fn look_up(&mut self, text: &[u8], row: u64) -> Found {
        self.looked_up += 1;
        let Room { hashes, numbers, cells, texts, .. } = &mut self.room;
        let free = match numbers.entry(hashes.hash_one(text)) {
            Entry::Occupied(number) => {
                let cell = &mut cells[*number.get() as usize];
                if texts[cell.text.start as usize..cell.text.end as usize] != *text {
                    return Found::NoRoom;
                }
                cell.first = if cell.again == 0 { row } else { cell.first.min(row) };
                cell.again += 1;
                self.met_again += 1;
                return Found::Again;
            }
            Entry::Vacant(free) => free,
        };
        if cells.len() == MOST {
            return Found::NoRoom;
        }
        let number = index(cells.len());
        let start = index(texts.len());
        texts.extend_from_slice(text);
        let text = start..index(texts.len());
        cells.push(Cell { text, signs: 0..0, again: 0, first: row });
        free.insert(number);
        Found::New(number)
    }

    /// Remembers what the fresh cells showed. Gives whether it was worth it so far; otherwise it is time to settle.
    pub fn learn(&mut self, shown: &mut Shown) -> bool {
        let Room { cells, signs, .. } = &mut self.room;
        shown.seen.sort_by_key(|s| s.0);
        for of_cell in shown.seen.chunk_by(|a, b| a.0 == b.0) {
            let from = index(signs.len());
            signs.extend(of_cell.iter().map(|&(_, detector, sign)| (detector, sign)));
            cells[of_cell[0].0 as usize].signs = from..index(signs.len());
        }
        shown.seen.clear();
        if self.looked_up >= FIRST && self.met_again == 0 {
            self.given_up = true;
        } else if self.looked_up >= PATIENCE {
            // Cells that show nothing are looked at as fast as they are looked up.
            self.given_up = self.met_again < self.looked_up / ONE_IN || signs.is_empty();
            (self.looked_up, self.met_again) = (0, 0);
        }
        !self.given_up && cells.len() < MOST
    }

    /// Gives every cell that came again, and forgets all cells.
    pub fn settle(&mut self, mut give: impl FnMut(Again<'_>)) {
        let Room { cells, texts, signs, .. } = &self.room;
        for cell in cells.iter().filter(|c| c.again > 0) {
            give(Again {
                text: &texts[cell.text.start as usize..cell.text.end as usize],
                signs: &signs[cell.signs.start as usize..cell.signs.end as usize],
                times: cell.again,
                first: cell.first,
            });
        }
        self.leave_room();
        (self.looked_up, self.met_again) = (0, 0);
    }

    /// Leaves the room to other fields, unless it is unusually large.
    fn leave_room(&mut self) {
        let mut room = std::mem::take(&mut self.room);
        if !(1..=USUAL).contains(&room.cells.capacity()) {
            return;
        }
        room.clear();
        SPARE.with_borrow_mut(|spare| {
            if spare.len() < ROOMS {
                spare.push(room);
            }
        });
    }
}

enum Found {
    /// It came before.
    Again,
    /// It is remembered from now on.
    New(u32),
    /// It is not remembered.
    NoRoom,
}

fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
