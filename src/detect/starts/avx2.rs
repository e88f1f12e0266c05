//! Starts with AVX2. `unsafe` only here and in the twin for AVX-512: the fixed length of `bytes` proves every load.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_blendv_epi8, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    _mm256_sub_epi8,
};

use super::{BLOCK, Block, PARTS, READ, Row, Sorts};

/// As `Starts::blocks`; the text is as long as the blocks and what the last place looks at.
#[target_feature(enable = "avx2")]
pub(super) fn blocks(rows: &[Row], sorts: Sorts, text: &[u8], blocks: &mut [Block]) {
    for (i, told) in blocks.iter_mut().enumerate() {
        if let Some(bytes) = text[i * BLOCK..].first_chunk() {
            *told = block(rows, sorts, bytes);
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn block(rows: &[Row], sorts: Sorts, bytes: &[u8; READ]) -> Block {
    let (low, high) = (half::<0>(rows, sorts, bytes), half::<{ BLOCK / 2 }>(rows, sorts, bytes));
    let wide = |i: usize| u64::from(low[i]) | u64::from(high[i]) << 32;
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

/// The parts of a block for 32 places.
#[target_feature(enable = "avx2")]
fn half<const AT: usize>(rows: &[Row], sorts: Sorts, bytes: &[u8; READ]) -> [u32; 9] {
    let nibble = _mm256_set1_epi8(15);
    let mut alive = [_mm256_set1_epi8(-1); PARTS];
    for row in rows {
        let text = load(bytes, AT + row.place);
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(text), nibble);
        let low = _mm256_and_si256(text, nibble);
        for (alive, [of_low, of_high]) in alive.iter_mut().zip(&row.halves) {
            let allowed = _mm256_and_si256(
                _mm256_shuffle_epi8(table(of_low), low),
                _mm256_shuffle_epi8(table(of_high), high),
            );
            *alive = _mm256_and_si256(*alive, allowed);
        }
    }
    let text = load(bytes, AT);
    let digits = within(text, b'0', 9);
    let lower = _mm256_or_si256(text, _mm256_set1_epi8(0x20));
    let inside = _mm256_or_si256(within(lower, b'a', 25), digits);
    // The highest bit of a byte says that it is beyond ASCII.
    let others = _mm256_or_si256(inside, text);
    let same = |byte: u8| _mm256_cmpeq_epi8(text, _mm256_set1_epi8(byte.cast_signed()));
    let joints = _mm256_or_si256(same(b'\''), within(text, b'-', 1));
    let all = |buckets: u8| _mm256_set1_epi8(buckets.cast_signed());
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
