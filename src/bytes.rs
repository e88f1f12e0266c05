//! Counting bytes of a sort and looking for some, in a form that compilers turn into instructions for many bytes at
//! once.

/// By byte, whether it is one of these: many are told apart by one look.
pub const fn table(bytes: &[u8]) -> [bool; 256] {
    let (mut table, mut at) = ([false; 256], 0);
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}

/// Letters and digits of ASCII.
pub static IS_ALNUM: [bool; 256] =
    table(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

/// How many bytes are of a sort.
pub fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    // A sum of one byte holds what one stretch can give, so that no lane has to be wider than its byte.
    let stretch = |s: &[u8]| usize::from(s.iter().fold(0u8, |n, b| n + u8::from(is(*b))));
    bytes.chunks(usize::from(u8::MAX)).map(stretch).sum()
}

/// Whether control bytes stand among these, other than those that text is laid out with: where there are none, there is
/// nothing to count in whatever is told by them.
pub fn has_controls(bytes: &[u8]) -> bool {
    let is = |b: u8| b < 9 || b.wrapping_sub(14) < 18 || b == 0x7F;
    bytes.chunks(4096).any(|part| part.iter().fold(false, |any, b| any | is(*b)))
}

/// Whether a byte stands among these, which are few mostly: too few for it to pay to call for help.
#[inline]
pub fn has(bytes: &[u8], byte: u8) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let (eights, rest) = bytes.as_chunks();
    let is_in = |eight: &[u8; 8]| {
        let differ = u64::from_le_bytes(*eight) ^ (ONES * u64::from(byte));
        differ.wrapping_sub(ONES) & !differ & (ONES << 7) != 0
    };
    eights.iter().fold(false, |any, eight| any | is_in(eight)) || rest.contains(&byte)
}

/// The places of the bits that are set, from the lowest on.
#[inline]
pub fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros() as usize;
        bits &= bits.checked_sub(1)?;
        Some(place)
    })
}

/// Bytes that are looked at in one go.
const BLOCK: usize = 64;

/// Which bytes of a block are of a sort: the first one's answer is the lowest bit.
#[inline]
fn bits(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
    let mut answers = [0; BLOCK];
    for (answer, byte) in answers.iter_mut().zip(block) {
        *answer = u8::from(is(*byte));
    }
    // The factor moves the answer of each of eight bytes to a place of its own in the highest byte.
    let gather = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080);
    let (eights, _) = answers.as_chunks();
    eights.iter().rfold(0, |bits, eight| bits << 8 | gather(eight) >> 56)
}

/// The places of bytes of a sort, told for many bytes at once: cheaper than looking for each where they stand close
/// together.
pub struct Places<'b, F> {
    bytes: &'b [u8],
    is: F,
    /// Where the block at hand starts, and which of its bytes are still to be given.
    block: usize,
    bits: u64,
}

impl<'b, F: Fn(u8) -> bool + Copy> Places<'b, F> {
    /// Goes through these bytes. What tells the sort should have no branches (`|`, not `||`), or it is asked byte by byte.
    pub fn new(bytes: &'b [u8], is: F) -> Self {
        let mut places = Places { bytes, is, block: 0, bits: 0 };
        places.bits = places.bits_at(0);
        places
    }

    #[inline]
    fn bits_at(&self, at: usize) -> u64 {
        let rest = &self.bytes[at..];
        if let Some(block) = rest.first_chunk() {
            return bits(block, self.is);
        }
        let mut block = [0; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        // What stands behind the end is of no sort.
        bits(&block, self.is) & !(u64::MAX << rest.len())
    }
}

impl<F: Fn(u8) -> bool + Copy> Iterator for Places<'_, F> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            if self.bytes.len() - self.block <= BLOCK {
                return None;
            }
            self.block += BLOCK;
            self.bits = self.bits_at(self.block);
        }
        let place = self.block + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_are_found_wherever_they_stand() {
        for length in 0..40 {
            for byte in [0, 1, 0x1E, 0x7F, 0x80, 0xFF] {
                let others = [byte ^ 1, byte ^ 0x80, !byte];
                let mut bytes: Vec<u8> = (0..length).map(|i| others[i % 3]).collect();
                assert!(!super::has(&bytes, byte), "{byte} {length}");
                for at in 0..length {
                    let other = std::mem::replace(&mut bytes[at], byte);
                    assert!(super::has(&bytes, byte), "{byte} {length} {at}");
                    bytes[at] = other;
                }
            }
        }
    }

    #[test]
    fn places_are_those_of_each_byte() {
        let bytes: Vec<u8> = (0..1000u32).map(|i| (i * i / 7 % 251) as u8).collect();
        for length in (0..200).chain([256, 999, 1000]) {
            for is in [|b| b % 3 == 0, |b| b == 0, |b| b > 250, |_| true] as [fn(u8) -> bool; 4] {
                let places: Vec<_> = super::Places::new(&bytes[..length], is).collect();
                let each: Vec<_> = (0..length).filter(|i| is(bytes[*i])).collect();
                assert_eq!(places, each);
            }
        }
    }

    #[test]
    fn controls_are_found_wherever_they_stand() {
        let layout = [b'\t', b'\n', 11, 12, b'\r'];
        for byte in 0..=u8::MAX {
            let mut bytes = vec![b'a'; 9000];
            bytes[8999] = byte;
            let expected = byte.is_ascii_control() && !layout.contains(&byte);
            assert_eq!(super::has_controls(&bytes), expected, "{byte}");
        }
        assert!(!super::has_controls(b""));
    }

    #[test]
    fn long_stretches_are_counted_whole() {
        for length in [0, 1, 254, 255, 256, 100_000] {
            assert_eq!(super::count(&vec![7; length], |b| b == 7), length);
        }
        assert_eq!(super::count(b"a,b,c", |b| b == b','), 2);
    }
}
