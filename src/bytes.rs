//! Counting bytes of a sort and looking for some, in a form that compilers turn into instructions for many bytes at
//! once.

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

#[cfg(test)]
mod tests {
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
