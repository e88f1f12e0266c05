//! Starts: where in a text a match could begin, 64 bytes at a time.
//!
//! What the first bytes of a match can be is derived from the patterns (`heads.rs`). Patterns that begin alike
//! share one of 24 buckets, and for each place behind a start a table says which buckets allow a byte there, by the
//! class of the byte (`classes.rs`; beyond ASCII first bytes are one, and others are). AVX-512 looks up 64 bytes in
//! it with one instruction for eight buckets. AVX2 has only look-ups of sixteen entries: it tells sixteen classes
//! apart and looks at fewer places, and what is left after that is looked at once more (`exact.rs`). Behind the end of a
//! text it is as if the mark between cells stood there, which may follow every match. The answer may name a place too
//! many, never one too few: the automaton decides. The scalar twin looks into the same tables, so all give the same bits.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod buckets;
mod classes;
mod exact;

use self::buckets::{Bucket, buckets};
use self::classes::CLASSES;
use self::exact::Exact;
use super::engine::REACH;
use super::heads::words::is_joint;
use super::heads::{Beginning, DEPTH, Near, Set};
use crate::unit::CELL_END;

/// Bytes that are looked at together.
pub const BLOCK: usize = 64;
/// How far from a start the places can be that are looked at.
const FURTHEST: usize = DEPTH - 1;
/// A block and what the last of its places looks at.
#[cfg(target_arch = "x86_64")]
const READ: usize = BLOCK + FURTHEST;
/// Blocks whose bytes' classes are told before any is looked up: what was just stored cannot be loaded at another
/// place without a wait.
#[cfg(target_arch = "x86_64")]
const AHEAD: usize = 16;
/// Room for these classes.
#[cfg(target_arch = "x86_64")]
const ROOM: usize = AHEAD * BLOCK + BLOCK;
/// Blocks at a text's end that are not followed by enough for vectors.
const LAST: usize = 2;
/// Sorts of patterns: with nothing near their start, with a digit and with two words.
pub const SORTS: usize = 3;
/// Sets of patterns that are told apart: the bits of an entry.
const BUCKETS: usize = 8 * PARTS;
/// They are told eight at a time.
const PARTS: usize = 3;

/// The prefilter of some patterns.
pub struct Starts {
    rows: Vec<Row>,
    /// The class of each byte.
    classes: [u8; 256],
    sorts: Sorts,
    way: Way,
    /// The second look, where rows let more through than buckets allow.
    exact: Option<Exact>,
}

/// How bytes are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// One by one.
    Scalar,
    /// In vectors of 32, by sixteen classes.
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
            Way::Avx2 => 8,
            _ => DEPTH,
        }
    }

    /// How many classes of bytes it tells apart.
    fn classes(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Way::Avx2 => 16,
            _ => CLASSES,
        }
    }

    /// Whether it lets through more than buckets allow.
    fn is_rough(self) -> bool {
        self.places() < DEPTH
    }
}

/// For one place: the buckets that allow a byte, eight of them at a time. Aligned as the vectors that are loaded from it.
#[repr(C, align(64))]
struct Row {
    /// By the class of a byte.
    by_class: [[u8; CLASSES]; PARTS],
    /// All of them, by the byte itself.
    buckets: [u32; 256],
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
    /// What begins with two words.
    pairs: u32,
    /// The byte that is looked for beside starts, if there is one.
    driving: Option<u8>,
}

/// What 64 places of a text allow; bit `i` stands for the `i`th of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Where a match of the patterns without digits could begin, between letters as well.
    words: u64,
    /// The same for those with a digit.
    numbers: u64,
    /// The same for those that begin with two words.
    pairs: u64,
    /// Letters and digits.
    inside: u64,
    /// Digits.
    digits: u64,
    /// What is beyond ASCII.
    beyond: u64,
    /// Blanks.
    blanks: u64,
    /// What joins the parts of a word.
    joints: u64,
    /// The byte that is looked for beside starts.
    driving: u64,
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
    /// Where a match of each sort could begin, which is never between two letters or digits, and only with a digit up
    /// to 24 bytes on or another word behind the first where nothing but a sort that asks for it could begin; and
    /// where letters beyond ASCII may rule it out. `next` is the block behind this one.
    #[inline]
    pub fn possible(&self, before: Before, next: &Block) -> ([u64; SORTS], u64) {
        let starts = !(self.inside & (self.inside << 1 | u64::from(before.inside)));
        let words = self.words & starts;
        let [mut numbers, mut pairs] = [self.numbers & starts, self.pairs & starts];
        // What is near is only looked for where nothing else could begin.
        if numbers & !words != 0 {
            numbers &= self.near_digits(next);
        }
        if pairs & !(words | numbers) != 0 {
            pairs &= self.before_words(next);
        }
        ([words, numbers, pairs], self.beyond | self.beyond << 1 | u64::from(before.beyond))
    }

    /// Where the byte stands that is looked for beside starts.
    pub fn driving(&self) -> u64 {
        self.driving
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

    /// Places from which a word goes on to a blank that another word stands behind.
    fn before_words(&self, next: &Block) -> u64 {
        let both = |of: fn(&Block) -> u64| u128::from(of(self)) | u128::from(of(next)) << BLOCK;
        let mut words = both(|block| block.inside | block.beyond | block.joints);
        let mut before = both(|block| block.blanks) & words >> 1;
        for further in [1, 2, 4, 8, 16, 32] {
            before |= words & before >> further;
            words &= words >> further;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the half that is this block")]
        return before as u64;
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

    /// Leaves out the last so many places, where nothing of the text stands.
    fn leave_out(&mut self, places: usize) {
        let kept = u32::try_from(places).ok().and_then(|n| u64::MAX.checked_shr(n)).unwrap_or(0);
        self.words &= kept;
        self.numbers &= kept;
        self.pairs &= kept;
    }
}

impl Row {
    fn new(place: usize, sets: impl Iterator<Item = Set>) -> Row {
        let mut row = Row { place, buckets: [0; 256], by_class: [[0; CLASSES]; PARTS] };
        for (bucket, set) in sets.enumerate() {
            for byte in set.bytes() {
                row.buckets[usize::from(byte)] |= 1 << bucket;
            }
        }
        row
    }

    /// Lets these buckets allow a byte and its class.
    fn allow(&mut self, byte: u8, class: u8, allowed: u32) {
        self.buckets[usize::from(byte)] = allowed;
        for (of_part, allowed) in self.by_class.iter_mut().zip(allowed.to_le_bytes()) {
            of_part[usize::from(class)] = allowed;
        }
    }

    /// The buckets that allow a byte.
    fn of(&self, byte: u8) -> u32 {
        self.buckets[usize::from(byte)]
    }
}

impl Sorts {
    /// The buckets of each sort.
    fn buckets(self) -> [u32; SORTS] {
        let Sorts { numbers, pairs, .. } = self;
        [!(numbers | pairs), numbers, pairs]
    }
}

impl Starts {
    /// The prefilter of patterns that can begin like this. `driving` is a byte to be looked for beside them.
    pub fn new(beginnings: &[Beginning], driving: Option<u8>) -> Starts {
        Starts::with(Way::best(), beginnings, driving)
    }

    fn with(way: Way, beginnings: &[Beginning], driving: Option<u8>) -> Starts {
        let buckets = buckets(beginnings);
        let of_sort = |is: fn(&Bucket) -> bool| {
            buckets.iter().enumerate().fold(0, |bits, (bit, b)| bits | u32::from(is(b)) << bit)
        };
        let sorts = Sorts {
            signs: of_sort(|b| b.sort.0),
            numbers: of_sort(|b| b.sort.1 == Near::Digit),
            pairs: of_sort(|b| b.sort.1 == Near::Word),
            driving,
        };
        let row = |place| Row::new(place, buckets.iter().map(|b| b.places[place].0));
        let rows: [Row; DEPTH] = std::array::from_fn(row);
        let exact = way.is_rough().then(|| Exact::new(&rows, sorts));
        let mut rows: Vec<Row> = rows.into_iter().take(way.places()).collect();
        let classes = classes::classes(&mut rows, way.classes());
        Starts { rows, classes, sorts, way, exact }
    }

    /// Whether what a possible start of the sorts that are 1 goes on with is allowed after a second look.
    #[inline]
    pub fn confirms(&self, text: &[u8], at: usize, sorts: [u64; SORTS]) -> bool {
        let text = text.get(at..).unwrap_or_default();
        self.exact.as_ref().is_none_or(|exact| exact.confirms(text, sorts))
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
            Way::Avx512 => unsafe {
                avx512::blocks((&self.classes, &self.rows), self.sorts, text, blocks);
            },
            // SAFETY: the processor has AVX2.
            #[cfg(target_arch = "x86_64")]
            Way::Avx2 => unsafe {
                avx2::blocks((&self.classes, &self.rows), self.sorts, text, blocks);
            },
            Way::Scalar => self.scalar_blocks(text, blocks),
        }
    }

    /// The blocks at a text's end, which is brought to the length that vectors are looked up in.
    fn last_blocks(&self, text: &[u8], blocks: &mut [Block]) {
        if self.way == Way::Scalar || text.len() > LAST * BLOCK {
            return self.scalar_blocks(text, blocks);
        }
        let filled = blocks.len().min(text.len().div_ceil(BLOCK));
        let (blocks, empty) = blocks.split_at_mut(filled);
        empty.fill(Block::default());
        let mut padded = [CELL_END; LAST * BLOCK + FURTHEST];
        padded[..text.len()].copy_from_slice(text);
        self.vector_blocks(&padded, blocks);
        let behind = (blocks.len() * BLOCK).saturating_sub(text.len());
        if let Some(last) = blocks.last_mut() {
            last.leave_out(behind);
        }
    }

    fn scalar_blocks(&self, text: &[u8], blocks: &mut [Block]) {
        for (i, block) in blocks.iter_mut().enumerate() {
            *block = self.scalar(text.get(i * BLOCK..).unwrap_or_default());
        }
    }

    fn scalar(&self, text: &[u8]) -> Block {
        let length = text.len().min(BLOCK);
        let [words, numbers, pairs] = self.allowed(text, length);
        let mut block = Block { words, numbers, pairs, ..Block::default() };
        for (i, byte) in text[..length].iter().enumerate() {
            block.inside |= u64::from(byte.is_ascii_alphanumeric()) << i;
            block.digits |= u64::from(byte.is_ascii_digit()) << i;
            block.beyond |= u64::from(!byte.is_ascii()) << i;
            block.blanks |= u64::from(*byte == b' ') << i;
            block.joints |= u64::from(is_joint(*byte)) << i;
            block.driving |= u64::from(Some(*byte) == self.sorts.driving) << i;
        }
        block
    }

    /// Where in the first places patterns with nothing near, with a digit and with two words could begin.
    fn allowed(&self, text: &[u8], places: usize) -> [u64; SORTS] {
        let (signs, sorts) = (self.sorts.signs, self.sorts.buckets());
        let mut of_sorts = [0; SORTS];
        for i in 0..places {
            let mut alive = if is_sign(text[i]) { signs } else { !signs };
            for row in &self.rows {
                alive &= row.of(*text.get(i + row.place).unwrap_or(&CELL_END));
                if alive == 0 {
                    break;
                }
            }
            for (places, sort) in of_sorts.iter_mut().zip(sorts) {
                *places |= u64::from(alive & sort != 0) << i;
            }
        }
        of_sorts
    }
}

/// The blocks of which classes are told together, each time with their text and what the last place looks at.
#[cfg(target_arch = "x86_64")]
#[inline]
fn stretches<'b>(
    text: &'b [u8],
    blocks: &'b mut [Block],
) -> impl Iterator<Item = (&'b [u8], &'b mut [Block])> {
    let stretches = blocks.chunks_mut(AHEAD).zip((0..).step_by(AHEAD * BLOCK));
    stretches.map(|(blocks, at)| (&text[at..][..blocks.len() * BLOCK + FURTHEST], blocks))
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

    const NEARS: [Near; 3] = [Near::Nothing, Near::Digit, Near::Word];

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
        Starts::new(
            &[Beginning {
                sets: [set; DEPTH],
                near: if digit { Near::Digit } else { Near::Nothing },
            }],
            None,
        )
    }

    fn possible(starts: &Starts, text: &[u8], at: usize) -> u64 {
        let mut blocks = [Block::default(); 2];
        starts.blocks(text, at, &mut blocks);
        let (sorts, _) = blocks[0].possible(Before::of(text, at), &blocks[1]);
        sorts.iter().fold(0, |all, sort| all | sort)
    }

    #[test]
    fn places_between_letters_and_digits_are_no_starts() {
        let any = set(b"0123456789 _ax\x1e");
        let sets = std::array::from_fn(|i| if i == 0 { set(b"0123456789") } else { any });
        let starts = Starts::new(&[Beginning { sets, near: Near::Nothing }], None);
        let text = b"x 12345 a1234 _1234 12";
        assert_eq!(possible(&starts, text, 0), 1 << 2 | 1 << 15 | 1 << 20);
        assert_eq!(possible(&starts, b"x1234 ", 1), 0);
    }

    #[test]
    fn a_number_begins_where_a_digit_is_near() {
        let starts = starts(set(b"aN1 \x1e"), true);
        for (blanks, near) in [(0, true), (22, true), (23, true), (24, false), (70, false)] {
            let text = format!("N{}1", " ".repeat(blanks));
            assert_eq!(possible(&starts, text.as_bytes(), 0) & 1 == 1, near, "{blanks}");
        }
    }

    #[test]
    fn two_words_begin_where_a_blank_parts_them() {
        let starts = Starts::new(
            &[Beginning { sets: [set(&(0..=255).collect::<Vec<_>>()); DEPTH], near: Near::Word }],
            None,
        );
        for (text, begins) in [
            ("Kari Nordmann", true),
            ("Kari-Anne d'Arc Nordmann", true),
            ("Åse Ås", true),
            ("Kari  Nordmann", false),
            ("Kari_Nordmann Oslo", false),
            ("Kari (Oslo)", false),
            ("Kari", false),
        ] {
            for at in [0, 1, 50, 63] {
                let text = format!("{}{text}", " ".repeat(at));
                assert_eq!(possible(&starts, text.as_bytes(), 0) >> at & 1 == 1, begins, "{text}");
            }
        }
        for (length, begins) in [(60, true), (61, true), (70, false)] {
            let text = format!("{}{} x", " ".repeat(63), "a".repeat(length));
            assert_eq!(possible(&starts, text.as_bytes(), 0) >> 63 & 1 == 1, begins, "{length}");
        }
    }

    #[test]
    fn digits_are_counted_across_blocks() {
        let starts = starts(set(b"1x \x1e"), true);
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
                (proptest::array::uniform12(any_set()), 0..3usize), 1..90),
            text in proptest::collection::vec(any::<u8>(), 0..400),
            at in 0usize..400,
        ) {
            let beginnings: Vec<Beginning> =
                beginnings.iter().map(|(sets, near)| Beginning { sets: *sets, near: NEARS[*near] }).collect();
            let (at, mark) = (at.min(text.len()), [CELL_END; DEPTH]);
            for way in ways() {
                let starts = Starts::with(way, &beginnings, Some(b'@'));
                let mut blocks = [Block::default(); 5];
                starts.blocks(&text, at, &mut blocks);
                for (block, from) in blocks.iter().zip((at..).step_by(BLOCK)) {
                    let text = text.get(from..).unwrap_or_default();
                    prop_assert_eq!(*block, starts.scalar(text), "{:?}", way);
                    for i in 0..BLOCK.min(text.len()) {
                        for (sort, places) in [block.words, block.numbers, block.pairs].into_iter().enumerate() {
                            let begins = beginnings.iter().any(|b| {
                                let bytes = text[i..].iter().chain(&mark);
                                b.near == NEARS[sort] && b.sets.iter().zip(bytes).all(|(s, b)| s.holds(*b))
                            });
                            prop_assert!(places >> i & 1 == 1 || !begins);
                            let mut of_sort = [0; SORTS];
                            of_sort[sort] = 1;
                            prop_assert!(starts.confirms(text, i, of_sort) || !begins);
                        }
                    }
                }
            }
        }
    }
}
