//! Counting bytes of a sort, in a form that compilers turn into instructions for many bytes at once.

/// How many bytes are of a sort.
pub fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    // A sum of one byte holds what one stretch can give, so that no lane has to be wider than its byte.
    let stretch = |s: &[u8]| usize::from(s.iter().fold(0u8, |n, b| n + u8::from(is(*b))));
    bytes.chunks(usize::from(u8::MAX)).map(stretch).sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn long_stretches_are_counted_whole() {
        for length in [0, 1, 254, 255, 256, 100_000] {
            assert_eq!(super::count(&vec![7; length], |b| b == 7), length);
        }
        assert_eq!(super::count(b"a,b,c", |b| b == b','), 2);
    }
}
