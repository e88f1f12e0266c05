//! Starts with AVX2. `unsafe` only here and in the twin for AVX-512: the fixed length of `bytes` proves every load.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_blendv_epi8, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_max_epu8, _mm256_min_epu8, _mm256_movemask_epi8,
    _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_slli_epi16, _mm256_storeu_si256, _mm256_sub_epi8,
};

use super::{BLOCK, Block, PARTS, READ, ROOM, Row, Sorts, stretches};

/// Bytes of a vector.
const WIDE: usize = 32;
/// Entries of a table that one instruction looks into.
const ENTRIES: usize = 16;

/// As `Starts::blocks`; the text is as long as the blocks and what the last place looks at.
#[target_feature(enable = "avx2")]
pub(super) fn blocks(
    (classes, rows): (&[u8; 256], &[Row]),
    sorts: Sorts,
    text: &[u8],
    blocks: &mut [Block],
) {
    let mut room = [0; ROOM];
    for (text, blocks) in stretches(text, blocks) {
        let of_text = &mut room[..text.len()];
        classify(classes, text, of_text);
        for (told, at) in blocks.iter_mut().zip((0..).step_by(BLOCK)) {
            if let (Some(text), Some(classes)) =
                (text[at..].first_chunk(), of_text[at..].first_chunk())
            {
                *told = block(rows, sorts, text, classes);
            }
        }
    }
}

/// Tells the class of each byte of a text.
#[inline]
#[target_feature(enable = "avx2")]
fn classify(classes: &[u8; 256], text: &[u8], out: &mut [u8]) {
    let (tables, _) = classes.as_chunks::<ENTRIES>();
    let last = text.len().saturating_sub(WIDE);
    for at in (0..last).step_by(WIDE).chain([last]) {
        if let (Some(text), Some(out)) = (text[at..].first_chunk(), out[at..].first_chunk_mut()) {
            let text = load::<WIDE>(text, 0);
            // A look-up goes by the lower four bits; which of the eight tables of ASCII it is, by the three above.
            let by = [
                _mm256_slli_epi16::<3>(text),
                _mm256_slli_epi16::<2>(text),
                _mm256_slli_epi16::<1>(text),
            ];
            let low = _mm256_and_si256(text, all(15));
            let of = |number: usize| _mm256_shuffle_epi8(table(&tables[number]), low);
            let two = |number: usize| _mm256_blendv_epi8(of(number), of(number + 1), by[0]);
            let four = |number: usize| _mm256_blendv_epi8(two(number), two(number + 2), by[1]);
            let mut of_text = _mm256_blendv_epi8(four(0), four(4), by[2]);
            if _mm256_movemask_epi8(text) != 0 {
                // One class stands for all first bytes of characters, and one for the others.
                of_text = _mm256_blendv_epi8(of_text, all(classes[0x80]), text);
                let first = _mm256_cmpeq_epi8(_mm256_max_epu8(text, all(0xC0)), text);
                of_text = _mm256_blendv_epi8(of_text, all(classes[0xFF]), first);
            }
            store(out, of_text);
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn block(rows: &[Row], sorts: Sorts, text: &[u8; READ], classes: &[u8; READ]) -> Block {
    let mut alive = [[all(0xFF); 2]; PARTS];
    for row in rows {
        let halves = [load(classes, row.place), load(classes, WIDE + row.place)];
        for (alive, buckets) in alive.iter_mut().zip(&row.by_class) {
            if let Some(buckets) = buckets.first_chunk() {
                let buckets = table(buckets);
                for (alive, classes) in alive.iter_mut().zip(halves) {
                    *alive = _mm256_and_si256(*alive, _mm256_shuffle_epi8(buckets, classes));
                }
            }
        }
    }
    let low = half(alive.map(|halves| halves[0]), sorts, load(text, 0));
    let high = half(alive.map(|halves| halves[1]), sorts, load(text, WIDE));
    let wide = |i: usize| u64::from(low[i]) | u64::from(high[i]) << WIDE;
    Block {
        words: wide(0),
        numbers: wide(1),
        pairs: wide(2),
        inside: wide(3),
        digits: wide(4),
        beyond: wide(5),
        blanks: wide(6),
        joints: wide(7),
        driving: wide(8),
    }
}

/// The parts of a block for 32 places, from what the buckets allowed at each.
#[inline]
#[target_feature(enable = "avx2")]
fn half(alive: [__m256i; PARTS], sorts: Sorts, text: __m256i) -> [u32; 9] {
    let digits = within(text, b'0', 9);
    let lower = _mm256_or_si256(text, _mm256_set1_epi8(0x20));
    let inside = _mm256_or_si256(within(lower, b'a', 25), digits);
    // The highest bit of a byte says that it is beyond ASCII.
    let others = _mm256_or_si256(inside, text);
    let same = |byte: u8| _mm256_cmpeq_epi8(text, _mm256_set1_epi8(byte.cast_signed()));
    let joints = _mm256_or_si256(same(b'\''), within(text, b'-', 1));
    let mut of_sorts = [_mm256_setzero_si256(); 3];
    for (part, alive) in alive.into_iter().enumerate() {
        let [of_signs, of_numbers, of_pairs] =
            [sorts.signs, sorts.numbers, sorts.pairs].map(|sort| sort.to_le_bytes()[part]);
        let in_sort = _mm256_blendv_epi8(all(of_signs), all(!of_signs), others);
        let alive = _mm256_and_si256(alive, in_sort);
        let sorts = [!(of_numbers | of_pairs), of_numbers, of_pairs];
        for (places, sort) in of_sorts.iter_mut().zip(sorts) {
            *places = _mm256_or_si256(*places, _mm256_and_si256(all(sort), alive));
        }
    }
    let some = |buckets| !bits(_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256()));
    let [words, numbers, pairs] = of_sorts.map(some);
    let driving = sorts.driving.map_or(0, |byte| bits(same(byte)));
    let [inside, digits, beyond] = [inside, digits, text].map(|mask| bits(mask));
    [words, numbers, pairs, inside, digits, beyond, bits(same(b' ')), bits(joints), driving]
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
fn all(byte: u8) -> __m256i {
    _mm256_set1_epi8(byte.cast_signed())
}

#[target_feature(enable = "avx2")]
fn load<const LENGTH: usize>(bytes: &[u8; LENGTH], at: usize) -> __m256i {
    assert!(at + WIDE <= LENGTH);
    // SAFETY: the 32 bytes from `at` on are within `bytes`.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().add(at).cast()) }
}

#[target_feature(enable = "avx2")]
fn store(bytes: &mut [u8; WIDE], vector: __m256i) {
    // SAFETY: it has 32 bytes.
    unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), vector) }
}

#[target_feature(enable = "avx2")]
fn table(entries: &[u8; ENTRIES]) -> __m256i {
    // SAFETY: it has 16 bytes.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(entries.as_ptr().cast()) })
}
