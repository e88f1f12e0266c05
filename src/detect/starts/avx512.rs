//! Starts with AVX-512. `unsafe` only here and in the twin for AVX2: the fixed length of `bytes` proves every load.

use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_cmpge_epu8_mask, _mm512_cmple_epu8_mask, _mm512_loadu_si512,
    _mm512_mask_blend_epi8, _mm512_movepi8_mask, _mm512_or_si512, _mm512_permutex2var_epi8,
    _mm512_set1_epi8, _mm512_setzero_si512, _mm512_sub_epi8, _mm512_test_epi8_mask,
};

use super::{BLOCK, Block, PARTS, READ, Row, Sorts};

/// Blocks that are looked up together, so that tables are loaded once for all.
const TOGETHER: usize = 2;

/// As `Starts::blocks`; the text is as long as the blocks and what the last place looks at.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn blocks(rows: &[Row], sorts: Sorts, text: &[u8], blocks: &mut [Block]) {
    let (pairs, rest) = blocks.as_chunks_mut::<TOGETHER>();
    for (i, told) in pairs.iter_mut().enumerate() {
        let bytes = |j: usize| text[(i * TOGETHER + j) * BLOCK..].first_chunk();
        if let (Some(first), Some(second)) = (bytes(0), bytes(1)) {
            *told = together(rows, sorts, [first, second]);
        }
    }
    if let ([told], Some(bytes)) = (rest, text[pairs.len() * TOGETHER * BLOCK..].first_chunk()) {
        [*told] = together(rows, sorts, [bytes]);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn together<const N: usize>(rows: &[Row], sorts: Sorts, bytes: [&[u8; READ]; N]) -> [Block; N] {
    let mut all = _mm512_setzero_si512();
    for bytes in bytes {
        all = _mm512_or_si512(all, _mm512_or_si512(load(bytes, 0), load(bytes, READ - BLOCK)));
    }
    let alive = match _mm512_movepi8_mask(all) {
        0 => alive::<N, false>(rows, bytes),
        _ => alive::<N, true>(rows, bytes),
    };
    let mut blocks = [Block::default(); N];
    for i in 0..N {
        blocks[i] = told(alive[i], sorts, load(bytes[i], 0));
    }
    blocks
}

/// The buckets that are allowed at each place. `BEYOND` says whether there are bytes beyond ASCII.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn alive<const N: usize, const BEYOND: bool>(
    rows: &[Row],
    bytes: [&[u8; READ]; N],
) -> [[__m512i; PARTS]; N] {
    let mut alive = [[_mm512_set1_epi8(-1); PARTS]; N];
    for row in rows {
        for (part, buckets) in row.buckets.iter().enumerate() {
            let (low, high) = (load(buckets, 0), load(buckets, BLOCK));
            for (alive, bytes) in alive.iter_mut().zip(bytes) {
                let text = load(bytes, row.place);
                // It looks at the lower seven bits of each byte.
                let mut allowed = _mm512_permutex2var_epi8(low, text, high);
                if BEYOND {
                    // One entry stands for all first bytes of characters, and one for the others.
                    for (first, entry) in [(0x80, 0x80), (0xC0, 0xFF)] {
                        let of_sort = _mm512_cmpge_epu8_mask(text, all(first));
                        allowed = _mm512_mask_blend_epi8(of_sort, allowed, all(buckets[entry]));
                    }
                }
                alive[part] = _mm512_and_si512(alive[part], allowed);
            }
        }
    }
    alive
}

/// What the buckets allowed at each place mean.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn told(alive: [__m512i; PARTS], sorts: Sorts, text: __m512i) -> Block {
    let digits = within(text, b'0', 9);
    let inside = within(_mm512_or_si512(text, all(0x20)), b'a', 25) | digits;
    let beyond = _mm512_movepi8_mask(text);
    let others = inside | beyond;
    let (mut words, mut numbers) = (0, 0);
    let parts = sorts.signs.to_le_bytes().into_iter().zip(sorts.numbers.to_le_bytes());
    for (alive, (of_signs, of_numbers)) in alive.into_iter().zip(parts) {
        let in_sort = _mm512_mask_blend_epi8(others, all(of_signs), all(!of_signs));
        let alive = _mm512_and_si512(alive, in_sort);
        words |= _mm512_test_epi8_mask(alive, all(!of_numbers));
        numbers |= _mm512_test_epi8_mask(alive, all(of_numbers));
    }
    Block { words, numbers, inside, digits, beyond }
}

/// Which bytes are one of `more + 1` from `first` on.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn within(bytes: __m512i, first: u8, more: u8) -> u64 {
    _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, all(first)), all(more))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn all(byte: u8) -> __m512i {
    _mm512_set1_epi8(byte.cast_signed())
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn load<const LENGTH: usize>(bytes: &[u8; LENGTH], at: usize) -> __m512i {
    assert!(at + BLOCK <= LENGTH);
    // SAFETY: the 64 bytes from `at` on are within `bytes`.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().add(at).cast()) }
}
