//! Starts: where in a text a match could begin, 64 bytes at a time.
//!
//! What the first bytes of a match can be is derived from the patterns (`heads.rs`). Patterns that begin alike
//! share one of 24 buckets, and for each place behind a start a table says which buckets allow a byte there.
//! AVX-512 looks up 64 bytes in it with one instruction for eight buckets (beyond ASCII first bytes are one, and others are); AVX2 has
//! only look-ups of sixteen entries, one by the low half of a byte and one by the high half, so that the table is
//! the product of the two, and looks at fewer places. The answer may name a place too many, never one too few:
//! the automaton decides. The scalar twin looks into the same table, so all give the same bits.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod buckets;

use std::ops::Range;

use self::buckets::{Bucket, buckets};
use super::engine::REACH;
use super::heads::{Beginning, DEPTH, Set};

/// Bytes that are looked at together.
pub const BLOCK: usize = 64;
/// How far from a start the places can be that are looked at.
const FURTHEST: usize = DEPTH - 1;
/// A block and what the last of its places looks at.
#[cfg(target_arch = "x86_64")]
const READ: usize = BLOCK + FURTHEST;
/// Blocks at a text's end that are not followed by enough for vectors.
const LAST: usize = 2;
/// Shorter texts are looked at one by one.
const SHORT: usize = 16;
/// Sets of patterns that are told apart: the bits of an entry.
const BUCKETS: usize = 8 * PARTS;
/// They are told eight at a time.
const PARTS: usize = 3;

/// The prefilter of some patterns.
pub struct Starts {
    rows: Vec<Row>,
    sorts: Sorts,
    way: Way,
}

/// How bytes are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// One by one.
    Scalar,
    /// By halves, in vectors of 32.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// In vectors of 64.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Way {
    /// The best that this processor has.
    fn best() -> Way {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected;
            let has_512 =
                is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
            if has_512 && is_x86_feature_detected!("avx512vbmi") {
                return Way::Avx512;
            }
            if is_x86_feature_detected!("avx2") {
                return Way::Avx2;
            }
        }
        Way::Scalar
    }

    /// How many places it looks at.
    fn places(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Way::Avx2 => 6,
            _ => DEPTH,
        }
    }

    /// The smallest set with these bytes that it can tell.
    fn cover(self, set: Set) -> Set {
        match self {
            #[cfg(target_arch = "x86_64")]
            Way::Avx2 => set.by_halves(),
            _ => set.beyond_as_two(),
        }
    }
}

/// For one place: the buckets that allow a byte; those of the lower eight bits and those of the upper.
/// Aligned as the vectors that are loaded from it.
#[repr(C, align(64))]
struct Row {
    buckets: [[u8; 256]; PARTS],
    /// The same by the low and by the high half of a byte.
    halves: [[[u8; 16]; 2]; PARTS],
    /// How far from the start.
    place: usize,
}

/// Which buckets are of which sort.
#[derive(Clone, Copy, Default)]
struct Sorts {
    /// What begins with a sign; the others begin with a letter, a digit or beyond ASCII.
    signs: u32,
    /// What has a digit near its start.
    numbers: u32,
}

/// What 64 places of a text allow; bit `i` stands for the `i`th of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Where a match of the patterns without digits could begin, between letters as well.
    words: u64,
    /// The same for those with a digit.
    numbers: u64,
    /// Letters and digits.
    inside: u64,
    /// Digits.
    digits: u64,
    /// What is beyond ASCII.
    beyond: u64,
}

/// What stands before a block.
#[derive(Clone, Copy)]
pub struct Before {
    inside: bool,
    beyond: bool,
}

impl Before {
    /// What stands before a place.
    pub fn of(text: &[u8], at: usize) -> Before {
        let byte = at.checked_sub(1).and_then(|at| text.get(at));
        Before {
            inside: byte.is_some_and(u8::is_ascii_alphanumeric),
            beyond: byte.is_some_and(|byte| !byte.is_ascii()),
        }
    }
}

impl Block {
    /// Where a match could begin, which is never between two letters or digits, and with a digit up to 24 bytes on
    /// if it is of a pattern that has one; and where letters beyond ASCII may rule it out. `next` is the block
    /// behind this one.
    #[inline]
    pub fn possible(&self, before: Before, next: &Block) -> (u64, u64) {
        let starts = !(self.inside & (self.inside << 1 | u64::from(before.inside)));
        let mut possible = self.words & starts;
        let numbers = self.numbers & starts;
        if numbers & !possible != 0 {
            possible |= numbers & self.near_digits(next);
        }
        (possible, self.beyond | self.beyond << 1 | u64::from(before.beyond))
    }

    /// Places with a digit up to 24 bytes on.
    fn near_digits(&self, next: &Block) -> u64 {
        let mut near = u128::from(self.digits) | u128::from(next.digits) << BLOCK;
        for further in [1, 2, 4, 8, REACH - 15] {
            near |= near >> further;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the half that is this block")]
        return near as u64;
    }

    /// With how many digits the text goes on at a place.
    #[inline]
    pub fn digits_from(&self, place: usize, next: &Block) -> usize {
        let from = self.digits >> place | next.digits << 1 << (63 - place);
        from.trailing_ones() as usize
    }

    /// What stands in its last place.
    #[inline]
    pub fn last(&self) -> Before {
        let last = |places: u64| places >> (BLOCK - 1) == 1;
        Before { inside: last(self.inside), beyond: last(self.beyond) }
    }
}

impl Row {
    fn new(place: usize, sets: impl Iterator<Item = Set>) -> Row {
        let mut row = Row { place, buckets: [[0; 256]; PARTS], halves: [[[0; 16]; 2]; PARTS] };
        for (bucket, set) in sets.enumerate() {
            let (part, bit) = (bucket / 8, 1 << (bucket % 8));
            for byte in (0..=255u8).filter(|b| set.holds(*b)) {
                row.buckets[part][usize::from(byte)] |= bit;
                row.halves[part][0][usize::from(byte & 15)] |= bit;
                row.halves[part][1][usize::from(byte >> 4)] |= bit;
            }
        }
        row
    }

    /// The buckets that allow a byte.
    fn of(&self, byte: u8) -> u32 {
        let parts = self.buckets.iter().enumerate();
        parts.fold(0, |all, (i, part)| all | u32::from(part[usize::from(byte)]) << (8 * i))
    }
}

impl Starts {
    /// The prefilter of patterns that can begin like this.
    pub fn new(beginnings: &[Beginning]) -> Starts {
        Starts::with(Way::best(), beginnings)
    }

    fn with(way: Way, beginnings: &[Beginning]) -> Starts {
        let buckets = buckets(way, beginnings);
        let of_sort = |is: fn(&Bucket) -> bool| {
            buckets.iter().enumerate().fold(0, |bits, (bit, b)| bits | u32::from(is(b)) << bit)
        };
        let sorts = Sorts { signs: of_sort(|b| b.sort.0), numbers: of_sort(|b| b.sort.1) };
        let row = |place| Row::new(place, buckets.iter().map(|b| b.places[place].0));
        Starts { rows: (0..way.places()).map(row).collect(), sorts, way }
    }

    /// What the places from `at` on allow, block by block; nothing behind the end of the text.
    pub fn blocks(&self, text: &[u8], at: usize, blocks: &mut [Block]) {
        let text = text.get(at..).unwrap_or_default();
        let fast = blocks.len().min(text.len().saturating_sub(FURTHEST) / BLOCK);
        let (fast, rest) = blocks.split_at_mut(fast);
        let behind = fast.len() * BLOCK;
        self.vector_blocks(text, fast);
        self.last_blocks(text.get(behind..).unwrap_or_default(), rest);
    }

    /// The text is as long as the blocks and what the last place looks at.
    fn vector_blocks(&self, text: &[u8], blocks: &mut [Block]) {
        match self.way {
            // SAFETY: the processor has AVX-512 with BW and VBMI.
            #[cfg(target_arch = "x86_64")]
            Way::Avx512 => unsafe { avx512::blocks(&self.rows, self.sorts, text, blocks) },
            // SAFETY: the processor has AVX2.
            #[cfg(target_arch = "x86_64")]
            Way::Avx2 => unsafe { avx2::blocks(&self.rows, self.sorts, text, blocks) },
            Way::Scalar => self.scalar_blocks(text, blocks),
        }
    }

    /// The blocks at a text's end. What is left of it is brought to the length that vectors are looked up in; only the
    /// places from which the end can be seen are looked at one by one.
    fn last_blocks(&self, text: &[u8], blocks: &mut [Block]) {
        if self.way == Way::Scalar || !(SHORT..LAST * BLOCK).contains(&text.len()) {
            return self.scalar_blocks(text, blocks);
        }
        let filled = blocks.len().min(text.len().div_ceil(BLOCK));
        let (blocks, empty) = blocks.split_at_mut(filled);
        empty.fill(Block::default());
        let mut padded = [0; LAST * BLOCK + FURTHEST];
        padded[..text.len()].copy_from_slice(text);
        self.vector_blocks(&padded, blocks);
        let seeing_the_end = text.len() - FURTHEST;
        for (block, from) in blocks.iter_mut().zip((0..).step_by(BLOCK)) {
            let text = &text[from..];
            let sure = seeing_the_end.saturating_sub(from).min(BLOCK);
            let (words, numbers) = self.allowed(text, sure..text.len().min(BLOCK));
            let kept =
                u64::MAX.checked_shr(u32::try_from(BLOCK - sure).unwrap_or(u32::MAX)).unwrap_or(0);
            block.words = block.words & kept | words;
            block.numbers = block.numbers & kept | numbers;
        }
    }

    fn scalar_blocks(&self, text: &[u8], blocks: &mut [Block]) {
        for (i, block) in blocks.iter_mut().enumerate() {
            *block = self.scalar(text.get(i * BLOCK..).unwrap_or_default());
        }
    }

    fn scalar(&self, text: &[u8]) -> Block {
        let length = text.len().min(BLOCK);
        let (words, numbers) = self.allowed(text, 0..length);
        let mut block = Block { words, numbers, ..Block::default() };
        for (i, byte) in text[..length].iter().enumerate() {
            block.inside |= u64::from(byte.is_ascii_alphanumeric()) << i;
            block.digits |= u64::from(byte.is_ascii_digit()) << i;
            block.beyond |= u64::from(!byte.is_ascii()) << i;
        }
        block
    }

    /// Where in the places of a block patterns without and with digits could begin.
    fn allowed(&self, text: &[u8], places: Range<usize>) -> (u64, u64) {
        let Sorts { signs, numbers } = self.sorts;
        let (mut words, mut with_digit) = (0, 0);
        for i in places {
            let mut alive = if is_sign(text[i]) { signs } else { !signs };
            for row in &self.rows {
                // Behind the end of the text nothing is ruled out.
                alive &= text.get(i + row.place).map_or(!0, |byte| row.of(*byte));
                if alive == 0 {
                    break;
                }
            }
            words |= u64::from(alive & !numbers != 0) << i;
            with_digit |= u64::from(alive & numbers != 0) << i;
        }
        (words, with_digit)
    }
}

/// Whether a byte is of ASCII, but no letter or digit.
pub fn is_sign(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(bytes: &[u8]) -> Set {
        let mut set = Set::default();
        bytes.iter().for_each(|b| set.add(*b..=*b));
        set
    }

    fn any_set() -> impl Strategy<Value = Set> {
        let range = (any::<u8>(), any::<u8>());
        proptest::collection::vec(range, 1..4).prop_map(|ranges| {
            let mut set = Set::default();
            ranges.iter().for_each(|(a, b)| set.add(*a.min(b)..=*a.max(b)));
            set
        })
    }

    /// The ways that this processor has.
    fn ways() -> Vec<Way> {
        #[cfg(target_arch = "x86_64")]
        return match Way::best() {
            Way::Avx512 => vec![Way::Scalar, Way::Avx2, Way::Avx512],
            Way::Avx2 => vec![Way::Scalar, Way::Avx2],
            Way::Scalar => vec![Way::Scalar],
        };
        #[cfg(not(target_arch = "x86_64"))]
        vec![Way::Scalar]
    }

    fn starts(set: Set, digit: bool) -> Starts {
        Starts::new(&[Beginning { sets: [set; DEPTH], digit }])
    }

    fn possible(starts: &Starts, text: &[u8], at: usize) -> u64 {
        let mut blocks = [Block::default(); 2];
        starts.blocks(text, at, &mut blocks);
        blocks[0].possible(Before::of(text, at), &blocks[1]).0
    }

    #[test]
    fn places_between_letters_and_digits_are_no_starts() {
        let any = set(b"0123456789 _ax");
        let sets = std::array::from_fn(|i| if i == 0 { set(b"0123456789") } else { any });
        let starts = Starts::new(&[Beginning { sets, digit: false }]);
        let text = b"x 12345 a1234 _1234 12";
        assert_eq!(possible(&starts, text, 0), 1 << 2 | 1 << 15 | 1 << 20);
        assert_eq!(possible(&starts, b"x1234 ", 1), 0);
    }

    #[test]
    fn a_number_begins_where_a_digit_is_near() {
        let starts = starts(set(b"aN1 "), true);
        for (blanks, near) in [(0, true), (22, true), (23, true), (24, false), (70, false)] {
            let text = format!("N{}1", " ".repeat(blanks));
            assert_eq!(possible(&starts, text.as_bytes(), 0) & 1 == 1, near, "{blanks}");
        }
    }

    #[test]
    fn digits_are_counted_across_blocks() {
        let starts = starts(set(b"1"), true);
        for digits in [0, 1, 9, 64] {
            let text = [&[b' '; 60][..], &vec![b'1'; digits], b"x 1"].concat();
            let mut blocks = [Block::default(); 2];
            starts.blocks(&text, 0, &mut blocks);
            assert_eq!(blocks[0].digits_from(60, &blocks[1]), digits);
        }
    }

    proptest! {
        #[test]
        fn all_ways_agree_with_the_scalar_one_and_no_start_is_left_out(
            beginnings in proptest::collection::vec(
                (proptest::array::uniform12(any_set()), any::<bool>()), 1..90),
            text in proptest::collection::vec(any::<u8>(), 0..400),
            at in 0usize..400,
        ) {
            let beginnings: Vec<Beginning> =
                beginnings.iter().map(|(sets, digit)| Beginning { sets: *sets, digit: *digit }).collect();
            let at = at.min(text.len());
            for way in ways() {
                let starts = Starts::with(way, &beginnings);
                let mut blocks = [Block::default(); 5];
                starts.blocks(&text, at, &mut blocks);
                for (block, from) in blocks.iter().zip((at..).step_by(BLOCK)) {
                    let text = text.get(from..).unwrap_or_default();
                    prop_assert_eq!(*block, starts.scalar(text), "{:?}", way);
                    for i in 0..BLOCK.min(text.len()) {
                        let begins = |digit: bool| beginnings.iter().any(|b| {
                            b.digit == digit && b.sets.iter().zip(&text[i..]).all(|(s, b)| s.holds(*b))
                        });
                        prop_assert!(block.words >> i & 1 == 1 || !begins(false));
                        prop_assert!(block.numbers >> i & 1 == 1 || !begins(true));
                    }
                }
            }
        }
    }
}
