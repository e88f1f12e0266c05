//! Starts: where in a text a match could begin, 64 bytes at a time.
//!
//! What the first bytes of a match can be is derived from the patterns (`heads.rs`), and so are the six places
//! that tell most. Patterns that begin alike share one of eight buckets, and a bucket's bytes at a place are told
//! by two look-ups of sixteen entries, one by the low half of a byte and one by the high half: what AVX2 does
//! for 32 bytes in one instruction. The answer may name a place too many, never one too few; heads and automaton
//! decide. The scalar twin looks into the product of the same two tables, so both give the same bits.

use super::engine::REACH;
use super::heads::Set;

/// Bytes that are looked at together.
pub const BLOCK: usize = 64;
/// Places that are looked at, and how far from a start they can be.
const PLACES: usize = 6;
const FURTHEST: usize = 15;
/// Sets of patterns that are told apart: the bits of a byte.
const BUCKETS: usize = 8;

/// The prefilter of patterns in two groups: those whose matches have a digit near, and the others.
pub struct Starts {
    rows: [Row; PLACES],
    sorts: Sorts,
    /// Whether this processor has AVX2.
    wide: bool,
}

/// For one place: the buckets that allow a byte, by its low and by its high half.
#[derive(Clone, Copy)]
struct Row {
    /// How far from the start.
    place: usize,
    low: [u8; 16],
    high: [u8; 16],
    /// The product of the two.
    both: [u8; 256],
}

/// Which buckets are of which sort.
#[derive(Clone, Copy, Default)]
struct Sorts {
    /// What begins with a sign; the others begin with a letter, a digit or beyond ASCII.
    signs: u8,
    /// What has a digit near its start.
    numbers: u8,
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
}

impl Block {
    /// Where a match could begin, which is never between two letters or digits: of the patterns without a
    /// digit, and of those with one up to 24 bytes on. `inside` says whether a letter or digit stands before
    /// the block, `next` is the block behind it.
    pub fn possible(&self, inside: bool, next: &Block) -> (u64, u64) {
        let starts = !(self.inside & (self.inside << 1 | u64::from(inside)));
        let mut near = u128::from(self.digits) | u128::from(next.digits) << BLOCK;
        for further in [1, 2, 4, 8, REACH - 15] {
            near |= near >> further;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the half that is this block")]
        let near = near as u64;
        (self.words & starts, self.numbers & starts & near)
    }

    /// Whether the last of the places holds a letter or digit.
    pub fn ends_inside(&self) -> bool {
        self.inside >> (BLOCK - 1) == 1
    }
}

impl Starts {
    /// The prefilter of patterns that can begin like this, told at the first of these places. The beginnings
    /// say whether they are of patterns with a digit near their start.
    pub fn new<'s>(
        places: impl Iterator<Item = usize>,
        beginnings: impl Iterator<Item = (&'s [Set], bool)>,
    ) -> Starts {
        let mut rows = [Row { place: 0, low: [0; 16], high: [0; 16], both: [0; 256] }; PLACES];
        let near = places.filter(|p| *p <= FURTHEST);
        rows.iter_mut().zip(near).for_each(|(row, place)| row.place = place);
        let mut sorts = Sorts::default();
        let beginnings = beginnings.flat_map(|(sets, number)| {
            let (sign, other) = sets[0].signs_and_others();
            let with = |first: Set| {
                rows.each_ref().map(|r| if r.place == 0 { first } else { sets[r.place] })
            };
            [(sign, true), (other, false)]
                .into_iter()
                .filter(|(first, _)| !first.is_empty())
                .map(move |(first, sign)| Bucket::new(with(first), (sign, number)))
        });
        for (bit, bucket) in buckets(beginnings).iter().enumerate() {
            sorts.signs |= u8::from(bucket.sort.0) << bit;
            sorts.numbers |= u8::from(bucket.sort.1) << bit;
            for (row, (low, high)) in rows.iter_mut().zip(bucket.halves) {
                for half in 0..16 {
                    row.low[half] |= u8::from(low >> half & 1 == 1) << bit;
                    row.high[half] |= u8::from(high >> half & 1 == 1) << bit;
                }
            }
        }
        for row in &mut rows {
            let (low, high) = (row.low, row.high);
            let both = row.both.iter_mut().enumerate();
            both.for_each(|(byte, b)| *b = low[byte & 15] & high[byte >> 4]);
        }
        Starts { rows, sorts, wide: wide() }
    }

    /// What the 64 places from `at` on allow; nothing behind the end of the text.
    pub fn block(&self, text: &[u8], at: usize) -> Block {
        let text = text.get(at..).unwrap_or_default();
        #[cfg(target_arch = "x86_64")]
        if self.wide
            && let Some(bytes) = text.first_chunk()
        {
            // SAFETY: the processor has AVX2.
            return unsafe { avx2::block(&self.rows, self.sorts, bytes) };
        }
        self.scalar(text)
    }

    fn scalar(&self, text: &[u8]) -> Block {
        let mut block = Block::default();
        for (i, &byte) in text.iter().enumerate().take(BLOCK) {
            // Behind the end of the text nothing is ruled out.
            let allowed =
                |row: &Row| text.get(i + row.place).map_or(!0, |b| row.both[usize::from(*b)]);
            let alive = self.rows.iter().fold(!0, |alive, row| alive & allowed(row));
            let Sorts { signs, numbers } = self.sorts;
            let alive = alive & if is_sign(byte) { signs } else { !signs };
            block.words |= u64::from(alive & !numbers != 0) << i;
            block.numbers |= u64::from(alive & numbers != 0) << i;
            block.inside |= u64::from(byte.is_ascii_alphanumeric()) << i;
            block.digits |= u64::from(byte.is_ascii_digit()) << i;
        }
        block
    }
}

/// Whether a byte is of ASCII, but no letter or digit.
pub fn is_sign(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

#[cfg(target_arch = "x86_64")]
fn wide() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn wide() -> bool {
    false
}

/// What some beginnings allow together.
#[derive(Clone, Copy, PartialEq)]
struct Bucket {
    /// For each place, the low and the high halves of the bytes.
    halves: [(u16, u16); PLACES],
    /// About which part of a usual text it lets through.
    through: f64,
    /// Whether they begin with a sign, and whether they have a digit near: only of one sort they are joined.
    sort: (bool, bool),
}

impl Bucket {
    fn new(sets: [Set; PLACES], sort: (bool, bool)) -> Bucket {
        let halves = sets.map(|set| {
            let bytes = (0..=255u8).filter(|b| set.holds(*b));
            bytes.fold((0, 0), |(low, high), b| (low | 1 << (b & 15), high | 1 << (b >> 4)))
        });
        Bucket::of(halves, sort)
    }

    fn of(halves: [(u16, u16); PLACES], sort: (bool, bool)) -> Bucket {
        let through =
            halves.iter().map(|(low, high)| Set::of_halves(*low, *high).share()).product();
        Bucket { halves, through, sort }
    }

    fn joined(&self, other: &Bucket) -> Bucket {
        let (a, b) = (&self.halves, &other.halves);
        Bucket::of(std::array::from_fn(|i| (a[i].0 | b[i].0, a[i].1 | b[i].1)), self.sort)
    }
}

/// At most eight buckets that allow all that the given ones allow, and as little more of a usual text as can be
/// had by joining, again and again, the two that cost least.
fn buckets(beginnings: impl Iterator<Item = Bucket>) -> Vec<Bucket> {
    let mut list: Vec<Bucket> = Vec::new();
    for beginning in beginnings {
        if !list.contains(&beginning) {
            list.push(beginning);
        }
    }
    // For each bucket the cheapest one before it to join, which most joins leave as it is.
    let mut cheapest: Vec<Option<(f64, usize)>> =
        (0..list.len()).map(|i| cheapest_before(&list, i)).collect();
    while list.len() > BUCKETS {
        let offers =
            cheapest.iter().enumerate().filter_map(|(b, c)| c.map(|(price, a)| (price, a, b)));
        let Some((_, a, b)) = offers.min_by(|x, y| x.0.total_cmp(&y.0)) else { break };
        list[a] = list[a].joined(&list[b]);
        list.remove(b);
        cheapest.remove(b);
        for i in a..list.len() {
            match &mut cheapest[i] {
                Some((_, with)) if i != a && *with != a && *with != b => {
                    *with -= usize::from(*with > b);
                    let price = price(&list[i], &list[a]);
                    if i > a
                        && cheapest[i].is_none_or(|c| price < c.0)
                        && list[i].sort == list[a].sort
                    {
                        cheapest[i] = Some((price, a));
                    }
                }
                _ => cheapest[i] = cheapest_before(&list, i),
            }
        }
    }
    list
}

/// The bucket before `i` that is cheapest to join with it.
fn cheapest_before(list: &[Bucket], i: usize) -> Option<(f64, usize)> {
    let like = (0..i).filter(|j| list[*j].sort == list[i].sort);
    like.map(|j| (price(&list[i], &list[j]), j)).min_by(|x, y| x.0.total_cmp(&y.0))
}

/// How much more of a usual text two buckets let through as one.
fn price(a: &Bucket, b: &Bucket) -> f64 {
    a.joined(b).through - a.through - b.through
}

/// The same with AVX2. The only place of the engine that is `unsafe`: the fixed length of `bytes` proves every load.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_andnot_si256, _mm256_blendv_epi8,
        _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256,
        _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_sub_epi8, _mm256_xor_si256,
    };

    use super::{BLOCK, Block, FURTHEST, PLACES, Row, Sorts};

    /// A block and what the last of its places looks at.
    const READ: usize = BLOCK + FURTHEST;

    /// As `Starts::block` for a text of at least this length.
    #[target_feature(enable = "avx2")]
    pub(super) fn block(rows: &[Row; PLACES], sorts: Sorts, bytes: &[u8; READ]) -> Block {
        let (low, high) = (half::<0>(rows, sorts, bytes), half::<32>(rows, sorts, bytes));
        let wide = |i: usize| u64::from(low[i]) | u64::from(high[i]) << 32;
        Block { words: wide(0), numbers: wide(1), inside: wide(2), digits: wide(3) }
    }

    /// The four parts of a block for 32 places.
    #[target_feature(enable = "avx2")]
    fn half<const AT: usize>(rows: &[Row; PLACES], sorts: Sorts, bytes: &[u8; READ]) -> [u32; 4] {
        let nibble = _mm256_set1_epi8(15);
        let mut alive = _mm256_set1_epi8(-1);
        for row in rows {
            let text = load(bytes, AT + row.place);
            let high = _mm256_and_si256(_mm256_srli_epi16::<4>(text), nibble);
            let low = _mm256_and_si256(text, nibble);
            let allowed = _mm256_and_si256(
                _mm256_shuffle_epi8(table(&row.low), low),
                _mm256_shuffle_epi8(table(&row.high), high),
            );
            alive = _mm256_and_si256(alive, allowed);
        }
        let text = load(bytes, AT);
        let digits = within(text, b'0', 9);
        let lower = _mm256_or_si256(text, _mm256_set1_epi8(0x20));
        let inside = _mm256_or_si256(within(lower, b'a', 25), digits);
        // The highest bit of a byte says that it is beyond ASCII.
        let others = _mm256_or_si256(inside, text);
        let signs = _mm256_set1_epi8(sorts.signs.cast_signed());
        let no_signs = _mm256_xor_si256(signs, _mm256_set1_epi8(-1));
        let alive = _mm256_and_si256(alive, _mm256_blendv_epi8(signs, no_signs, others));
        let numbers = _mm256_set1_epi8(sorts.numbers.cast_signed());
        let none = |buckets| bits(_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256()));
        [
            !none(_mm256_andnot_si256(numbers, alive)),
            !none(_mm256_and_si256(numbers, alive)),
            bits(inside),
            bits(digits),
        ]
    }

    /// Which bytes are one of `more + 1` from `first` on.
    #[target_feature(enable = "avx2")]
    fn within(bytes: __m256i, first: u8, more: i8) -> __m256i {
        let above = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first.cast_signed()));
        _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8(more)), above)
    }

    #[target_feature(enable = "avx2")]
    fn bits(mask: __m256i) -> u32 {
        _mm256_movemask_epi8(mask).cast_unsigned()
    }

    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8; READ], at: usize) -> __m256i {
        assert!(at + 32 <= READ);
        // SAFETY: the 32 bytes from `at` on are within `bytes`.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().add(at).cast()) }
    }

    #[target_feature(enable = "avx2")]
    fn table(half: &[u8; 16]) -> __m256i {
        // SAFETY: it has 16 bytes.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(half.as_ptr().cast()) })
    }
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

    fn possible(starts: &Starts, text: &[u8], at: usize) -> (u64, u64) {
        let inside = at > 0 && text[at - 1].is_ascii_alphanumeric();
        starts.block(text, at).possible(inside, &starts.block(text, at + BLOCK))
    }

    #[test]
    fn places_between_letters_and_digits_are_no_starts() {
        let digits = set(b"0123456789");
        let beginning = [digits; FURTHEST + 1];
        let starts = Starts::new(0..2, [(beginning.as_slice(), false)].into_iter());
        let text = b"x 12345 a1234 _1234 12";
        assert_eq!(possible(&starts, text, 0), (1 << 2 | 1 << 15 | 1 << 20, 0));
        assert_eq!(possible(&starts, b"x1234 ", 1), (0, 0));
    }

    #[test]
    fn a_number_begins_where_a_digit_is_near() {
        let any = [set(b"aN1 "); FURTHEST + 1];
        let starts = Starts::new(0..2, [(any.as_slice(), true)].into_iter());
        for (blanks, near) in [(0, true), (22, true), (23, true), (24, false), (70, false)] {
            let text = format!("N{}1", " ".repeat(blanks));
            let (_, numbers) = possible(&starts, text.as_bytes(), 0);
            assert_eq!(numbers & 1 == 1, near, "{blanks}");
        }
    }

    proptest! {
        #[test]
        fn wide_and_scalar_agree_and_no_start_is_left_out(
            sets in proptest::collection::vec(
                (proptest::collection::vec(any_set(), FURTHEST + 1), any::<bool>()), 1..90),
            places in proptest::collection::vec(0..=FURTHEST, 0..6),
            text in proptest::collection::vec(any::<u8>(), 0..200),
            at in 0usize..200,
        ) {
            let sets: Vec<(&[Set], bool)> = sets.iter().map(|(s, n)| (s.as_slice(), *n)).collect();
            let starts = Starts::new(places.iter().copied(), sets.iter().copied());
            let at = at.min(text.len());
            let block = starts.block(&text, at);
            prop_assert_eq!(block, starts.scalar(&text[at..]));
            for i in 0..BLOCK.min(text.len() - at) {
                let here = &text[at + i..];
                let begins = |number: bool| sets.iter().any(|(sets, n)| {
                    *n == number && sets.iter().zip(here).all(|(s, b)| s.holds(*b))
                });
                prop_assert!(block.words >> i & 1 == 1 || !begins(false));
                prop_assert!(block.numbers >> i & 1 == 1 || !begins(true));
            }
        }
    }
}
