//! Columns of numbers: running ones and times are told from identifiers.

/// What cells of digits look like as numbers; tells running numbers and timestamps from identifiers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbers {
    /// How many cells are numbers of up to 18 digits.
    pub count: u64,
    /// The smallest.
    pub min: u64,
    /// The largest.
    pub max: u64,
    /// Greatest common divisor of all differences.
    pub step: u64,
    /// How many read as a date and time (`YYYYMMDDHHMM[SS]`, `YYMMDDHHMM`) or as Unix time.
    pub times: u64,
}

impl Numbers {
    /// Adds a number that stands there so many times.
    pub fn add(&mut self, n: u64, is_time: bool, times: u64) {
        let is_time = u64::from(is_time);
        self.merge(&Numbers { count: times, min: n, max: n, step: 0, times: times * is_time });
    }

    /// Adds what another part of the column gave.
    pub fn merge(&mut self, other: &Numbers) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        // Most columns come to 1 soon, and there it stays.
        if self.step != 1 {
            let between = self.min.abs_diff(other.min);
            self.step = gcd(gcd(self.step, other.step), between);
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count += other.count;
        self.times += other.times;
    }

    /// Whether these are running numbers: equal steps that fill their range at least by half.
    #[must_use]
    pub fn running(&self) -> bool {
        self.count >= 8 && self.step > 0 && (self.max - self.min) / self.step < 2 * self.count
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A cell of up to 18 digits as number, and whether it reads as a time.
#[must_use]
pub fn number(cell: &[u8]) -> Option<(u64, bool)> {
    if cell.is_empty() || cell.len() > 18 || !cell.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n = cell.iter().fold(0u64, |n, b| n * 10 + u64::from(b - b'0'));
    Some((n, is_time(cell, n)))
}

fn is_time(cell: &[u8], n: u64) -> bool {
    let two = |at: usize| u32::from(cell[at] - b'0') * 10 + u32::from(cell[at + 1] - b'0');
    let clock = |at: usize| two(at) < 24 && two(at + 2) < 60;
    let day = |at: usize| (1..=12).contains(&two(at)) && (1..=31).contains(&two(at + 2));
    match cell.len() {
        14 => (19..=20).contains(&two(0)) && day(4) && clock(8) && two(12) < 60,
        12 => (19..=20).contains(&two(0)) && day(4) && clock(8),
        // Unix seconds and milliseconds from 2001 to 2038.
        10 => (1_000_000_000..2_150_000_000).contains(&n) || (day(2) && clock(6)),
        13 => (1_000_000_000_000..2_150_000_000_000).contains(&n),
        _ => false,
    }
}
