//! Starts with AVX-512. `unsafe` only here and in the twin for AVX2: the fixed length of `bytes` proves every load.

use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_cmpeq_epi8_mask, _mm512_cmpge_epu8_mask,
    _mm512_cmple_epu8_mask, _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_movepi8_mask,
    _mm512_or_si512, _mm512_permutex2var_epi8, _mm512_permutexvar_epi8, _mm512_set1_epi8,
    _mm512_storeu_si512, _mm512_sub_epi8, _mm512_test_epi8_mask,
};

use super::{BLOCK, Block, PARTS, READ, ROOM, Row, Sorts, stretches};

/// Blocks that are looked up together, so that tables are loaded once for all.
const TOGETHER: usize = 4;

/// As `Starts::blocks`; the text is as long as the blocks and what the last place looks at.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
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
        let (groups, rest) = blocks.as_chunks_mut::<TOGETHER>();
        for (told, at) in groups.iter_mut().zip((0..).step_by(TOGETHER * BLOCK)) {
            together(rows, sorts, (&text[at..], &of_text[at..]), told);
        }
        let behind = groups.len() * TOGETHER * BLOCK;
        for (told, at) in rest.iter_mut().zip((behind..).step_by(BLOCK)) {
            together(rows, sorts, (&text[at..], &of_text[at..]), std::array::from_mut(told));
        }
    }
}

/// Tells the class of each byte of a text.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn classify(classes: &[u8; 256], text: &[u8], out: &mut [u8]) {
    let (low, high) = (load(classes, 0), load(classes, BLOCK));
    let last = text.len().saturating_sub(BLOCK);
    for at in (0..last).step_by(BLOCK).chain([last]) {
        if let (Some(text), Some(out)) = (text[at..].first_chunk(), out[at..].first_chunk_mut()) {
            let text = load::<BLOCK>(text, 0);
            // It looks at the lower seven bits of each byte.
            let mut of_text = _mm512_permutex2var_epi8(low, text, high);
            if _mm512_movepi8_mask(text) != 0 {
                // One class stands for all first bytes of characters, and one for the others.
                for (first, byte) in [(0x80, 0x80), (0xC0, 0xFF)] {
                    let of_sort = _mm512_cmpge_epu8_mask(text, all(first));
                    of_text = _mm512_mask_blend_epi8(of_sort, of_text, all(classes[byte]));
                }
            }
            store(out, of_text);
        }
    }
}

/// Tells blocks from their text and its classes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn together<const N: usize>(
    rows: &[Row],
    sorts: Sorts,
    (text, classes): (&[u8], &[u8]),
    told: &mut [Block; N],
) {
    let mut of_blocks = [&[0; READ]; N];
    for (i, of_block) in of_blocks.iter_mut().enumerate() {
        let Some(chunk) = classes[i * BLOCK..].first_chunk() else { return };
        *of_block = chunk;
    }
    let mut alive = [[_mm512_set1_epi8(-1); PARTS]; N];
    for row in rows {
        for (part, buckets) in row.by_class.iter().enumerate() {
            let buckets = load(buckets, 0);
            for (alive, classes) in alive.iter_mut().zip(of_blocks) {
                let allowed = _mm512_permutexvar_epi8(load(classes, row.place), buckets);
                alive[part] = _mm512_and_si512(alive[part], allowed);
            }
        }
    }
    for (i, (told, alive)) in told.iter_mut().zip(alive).enumerate() {
        if let Some(text) = text[i * BLOCK..].first_chunk() {
            *told = self::told(alive, sorts, load::<BLOCK>(text, 0));
        }
    }
}

/// What the buckets allowed at each place mean.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn told(alive: [__m512i; PARTS], sorts: Sorts, text: __m512i) -> Block {
    let digits = within(text, b'0', 9);
    let inside = within(_mm512_or_si512(text, all(0x20)), b'a', 25) | digits;
    let beyond = _mm512_movepi8_mask(text);
    let others = inside | beyond;
    let blanks = _mm512_cmpeq_epi8_mask(text, all(b' '));
    let joints = _mm512_cmpeq_epi8_mask(text, all(b'\'')) | within(text, b'-', 1);
    let (mut words, mut numbers, mut pairs) = (0, 0, 0);
    for (part, alive) in alive.into_iter().enumerate() {
        let [of_signs, of_numbers, of_pairs] =
            [sorts.signs, sorts.numbers, sorts.pairs].map(|sort| sort.to_le_bytes()[part]);
        let in_sort = _mm512_mask_blend_epi8(others, all(of_signs), all(!of_signs));
        let alive = _mm512_and_si512(alive, in_sort);
        words |= _mm512_test_epi8_mask(alive, all(!(of_numbers | of_pairs)));
        numbers |= _mm512_test_epi8_mask(alive, all(of_numbers));
        pairs |= _mm512_test_epi8_mask(alive, all(of_pairs));
    }
    let driving = sorts.driving.map_or(0, |byte| _mm512_cmpeq_epi8_mask(text, all(byte)));
    Block { words, numbers, pairs, inside, digits, beyond, blanks, joints, driving }
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

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn store(bytes: &mut [u8; BLOCK], vector: __m512i) {
    // SAFETY: it has 64 bytes.
    unsafe { _mm512_storeu_si512(bytes.as_mut_ptr().cast(), vector) }
}
