//! Runs an automaton from many places side by side. A step waits for the one before it, and where a run ends
//! cannot be foreseen; of several runs the processor takes steps at once, and whether they end is asked only
//! every few steps, of all together.

use super::automaton::End;
use super::states::{DEAD, MARK, UNKNOWN};

/// How many runs take steps at once, and how many steps before those are left out that cannot match any more.
const LANES: usize = 4;
const STEPS: usize = 8;
/// The bits of a key that tell how far a step is from the start of its run; those above tell whose it is.
const LENGTH_BITS: u32 = 16;
/// Places of one round.
const ROUND: usize = 512;
/// A lane that is not used.
const IDLE: Lane = Lane { at: 0, row: DEAD, key: 0 };

/// Runs from the places of one round, and what came of them.
pub struct Lanes {
    /// How many places were taken, and they.
    taken: usize,
    starts: Vec<usize>,
    lanes: Vec<Lane>,
    /// Marked steps and their keys in the order in which they were taken, and how many there are.
    marked: Vec<[u32; 2]>,
    count: usize,
    /// Per marked step the one before it from the same place, counted from 1; 0 if there is none.
    before: Vec<u32>,
    /// The same per place, and a bit for each place that has one.
    last: Vec<u32>,
    touched: [u64; ROUND / 64],
    /// Room for the ends of a single run.
    ends: Vec<End>,
}

impl Default for Lanes {
    fn default() -> Lanes {
        Lanes {
            taken: 0,
            starts: vec![0; ROUND],
            lanes: vec![IDLE; ROUND + LANES],
            marked: Vec::new(),
            count: 0,
            before: Vec::new(),
            last: vec![0; ROUND],
            touched: [0; ROUND / 64],
            ends: Vec::new(),
        }
    }
}

/// A run: where it is, in which row, and the key of its next step.
#[derive(Clone, Copy)]
struct Lane {
    at: usize,
    row: u32,
    key: u32,
}

impl Lanes {
    /// Forgets the places that were taken.
    pub fn clear(&mut self) {
        self.taken = 0;
    }

    /// Takes a place to run from, with a run that is in this row at `at` already.
    #[inline]
    pub fn add(&mut self, start: usize, row: u32, at: usize) {
        let taken = self.taken % ROUND;
        #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
        let key = (taken as u32) << LENGTH_BITS | (at - start) as u32;
        self.starts[taken] = start;
        self.lanes[taken] = Lane { at, row, key };
        self.taken += usize::from(row != DEAD);
    }

    /// Whether there is room for so many places more.
    #[inline]
    pub fn has_room(&self, places: usize) -> bool {
        self.taken + places <= ROUND
    }

    /// Room for the ends of a single run.
    pub fn room(&mut self) -> &mut Vec<End> {
        &mut self.ends
    }

    /// Runs from all places; `steps` are of the automaton.
    pub fn run(&mut self, classes: &[u16; 256], steps: &[u32], text: &[u8]) {
        self.count = 0;
        let mut left = std::mem::take(&mut self.taken);
        self.last[..left].fill(0);
        while left > 0 {
            let lanes = left.next_multiple_of(LANES);
            self.lanes[left..lanes].fill(IDLE);
            let mut kept = 0;
            for from in (0..lanes).step_by(LANES) {
                let lanes = std::array::from_fn(|i| self.lanes[from + i]);
                for lane in self.together(lanes, classes, steps, text) {
                    self.lanes[kept] = lane;
                    kept += usize::from(lane.row != DEAD);
                }
            }
            left = kept;
        }
    }

    /// Takes steps with a few lanes.
    #[inline]
    fn together(
        &mut self,
        mut lanes: [Lane; LANES],
        classes: &[u16; 256],
        steps: &[u32],
        text: &[u8],
    ) -> [Lane; LANES] {
        const MOST: usize = (LANES * (STEPS + 1)).next_power_of_two();
        if self.marked.len() < self.count + MOST {
            self.marked.resize(2 * self.count + MOST, [0; 2]);
        }
        let marked: &mut [[u32; 2]; MOST] =
            (&mut self.marked[self.count..][..MOST]).try_into().unwrap_or_else(|_| unreachable!());
        let mut count = 0;
        let mut texts = [&[0; STEPS]; LANES];
        for (lane, bytes) in lanes.iter_mut().zip(&mut texts) {
            match text[lane.at..].first_chunk() {
                Some(chunk) => *bytes = chunk,
                // Where the text ends it runs alone.
                None => {
                    marked[count % MOST] = [UNKNOWN, lane.key];
                    count += usize::from(lane.row != DEAD);
                    *lane = IDLE;
                }
            }
        }
        for i in 0..STEPS {
            for (lane, bytes) in lanes.iter_mut().zip(&texts) {
                let class = usize::from(classes[usize::from(bytes[i])]);
                let step = steps[lane.row as usize + class];
                #[expect(clippy::cast_possible_truncation, reason = "a few steps")]
                let key = lane.key + i as u32;
                marked[count % MOST] = [step, key];
                count += (step & MARK) as usize;
                lane.row = step & !MARK;
            }
        }
        self.count += count;
        lanes.map(|lane| Lane { at: lane.at + STEPS, key: lane.key + STEPS as u32, ..lane })
    }

    /// Calls `found` for each place that came by an end: with the place, the ends, the last first, or none if the
    /// run has to be made alone, and room for the ends of that.
    #[inline]
    pub fn each<'l>(&'l mut self, mut found: impl FnMut(usize, Option<Ends<'l>>, &mut Vec<End>)) {
        let marked = &self.marked[..self.count];
        self.touched.fill(0);
        self.before.resize(self.before.len().max(marked.len()), 0);
        for ((number, [_, key]), before) in (1..).zip(marked).zip(&mut self.before) {
            let item = (key >> LENGTH_BITS) as usize % ROUND;
            *before = std::mem::replace(&mut self.last[item], number);
            self.touched[item / 64] |= 1 << (item % 64);
        }
        for (word, mut touched) in self.touched.into_iter().enumerate() {
            while touched != 0 {
                let item = word * 64 + touched.trailing_zeros() as usize;
                touched &= touched - 1;
                let (start, last) = (self.starts[item], self.last[item]);
                let is_unknown = marked[last as usize - 1][0] == UNKNOWN;
                let ends = Ends { marked, before: &self.before, start, next: last };
                found(start, (!is_unknown).then_some(ends), &mut self.ends);
            }
        }
    }
}

/// The ends that a run came by, the last first.
pub struct Ends<'l> {
    marked: &'l [[u32; 2]],
    before: &'l [u32],
    start: usize,
    next: u32,
}

impl Iterator for Ends<'_> {
    type Item = End;

    #[inline]
    fn next(&mut self) -> Option<End> {
        let number = (self.next as usize).checked_sub(1)?;
        self.next = self.before[number];
        let [step, key] = self.marked[number];
        let length = (key & ((1 << LENGTH_BITS) - 1)) as usize;
        Some(End { row: step & !MARK, at: self.start + length })
    }
}
