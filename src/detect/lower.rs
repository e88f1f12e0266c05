//! Lower case and letters, quickly: most texts are ASCII or nearly so, and of the others most are Latin-1.

/// As [`str::to_lowercase`].
#[must_use]
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\u{7F}' => out.push(c.to_ascii_lowercase()),
            '\u{80}'..='\u{FF}' => out.push(lower_of_latin(c)),
            // What it becomes depends on where it stands.
            'Σ' => return text.to_lowercase(),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// The lower case of a letter of Latin-1.
fn lower_of_latin(c: char) -> char {
    if is_upper_latin(c) { char::from_u32(u32::from(c) + 0x20).unwrap_or(c) } else { c }
}

fn is_upper_latin(c: char) -> bool {
    matches!(c, 'À'..='Þ') && c != '×'
}

/// Writes a text with its letters of ASCII made small, in as many bytes; whether all of it is ASCII. Most texts are short
/// words: bytes are taken four or eight at once, of the last of them some a second time.
#[inline]
pub fn write_small(text: &[u8], out: &mut [u8]) -> bool {
    let (mut rest, mut to) = (text, &mut *out);
    let mut all = 0;
    while let Some((eight, behind)) = rest.split_first_chunk() {
        let Some((small, behind_small)) = to.split_first_chunk_mut() else { break };
        let eight = u64::from_le_bytes(*eight);
        all |= eight;
        *small = small_of(eight).to_le_bytes();
        (rest, to) = (behind, behind_small);
    }
    if rest.is_empty() {
        return all & HIGHEST == 0;
    }
    if let (Some(last), Some(small)) = (text.last_chunk(), out.last_chunk_mut()) {
        let last = u64::from_le_bytes(*last);
        *small = small_of(last).to_le_bytes();
        return (all | last) & HIGHEST == 0;
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let [first, last] = [first, last].map(|four| u64::from(u32::from_le_bytes(*four)));
        let [a, b, c, d, rest @ ..] = small_of(first | last << 32).to_le_bytes();
        out[..4].copy_from_slice(&[a, b, c, d]);
        out[text.len() - 4..].copy_from_slice(&rest);
        return (first | last << 32) & HIGHEST == 0;
    }
    out.iter_mut().zip(text).for_each(|(small, byte)| *small = byte.to_ascii_lowercase());
    text.is_ascii()
}

const ONES: u64 = u64::MAX / 255;
const HIGHEST: u64 = ONES << 7;

/// Eight bytes with the letters of ASCII made small: a byte's highest bit tells whether a letter is at or behind another.
#[inline]
fn small_of(eight: u64) -> u64 {
    let ascii = eight & (ONES * 0x7F);
    let from_a = ascii + ONES * u64::from(0x80 - b'A');
    let behind_z = ascii + ONES * u64::from(0x7F - b'Z');
    let is_capital = from_a & !behind_z & !eight & HIGHEST;
    eight | is_capital >> 2
}

/// Room for the lower case of a short text.
struct Room<const N: usize>([u8; N]);

impl<const N: usize> Room<N> {
    /// Room with nothing in it.
    const fn empty() -> Room<N> {
        Room([0; N])
    }

    /// The bytes of [`str::to_lowercase`], where these are few and all letters of Latin-1.
    #[inline]
    fn lower(&mut self, text: &str) -> Option<&[u8]> {
        let lower = self.0.get_mut(..text.len())?;
        let is_ascii = write_small(text.as_bytes(), lower);
        (is_ascii || lower_latin(text.as_bytes(), lower)).then_some(lower)
    }
}

/// Makes the letters of Latin-1 outside of ASCII small; whether there are no others.
fn lower_latin(text: &[u8], lower: &mut [u8]) -> bool {
    for (pair, lower) in text.windows(2).zip(&mut lower[1..]) {
        let is_upper = pair[0] == 0xC3 && matches!(pair[1], 0x80..=0x9E) && pair[1] != 0x97;
        *lower |= u8::from(is_upper) << 5;
    }
    text.iter().fold(true, |is_latin, byte| is_latin & (*byte <= 0xC3))
}

/// Asks something of the bytes of [`str::to_lowercase`], which take no memory of their own where they are `N` at most
/// and all letters of Latin-1.
#[inline]
pub fn with_lower<const N: usize, R>(text: &str, ask: impl FnOnce(&[u8]) -> R) -> R {
    match Room::<N>::empty().lower(text) {
        Some(lower) => ask(lower),
        None => ask(lower(text).as_bytes()),
    }
}

/// As [`char::is_alphabetic`].
#[inline]
#[must_use]
pub fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7F}' => c.is_ascii_alphabetic(),
        '\u{80}'..='\u{24F}' => {
            (c >= 'À' && !matches!(c, '×' | '÷')) || matches!(c, 'ª' | 'µ' | 'º')
        }
        _ => c.is_alphabetic(),
    }
}

/// As [`char::is_uppercase`].
#[inline]
#[must_use]
pub fn is_capital(c: char) -> bool {
    match c {
        '\0'..='\u{7F}' => c.is_ascii_uppercase(),
        '\u{80}'..='\u{FF}' => is_upper_latin(c),
        _ => c.is_uppercase(),
    }
}

/// Whether a text begins with a capital.
#[inline]
#[must_use]
pub fn is_capitalised(text: &str) -> bool {
    text.chars().next().is_some_and(is_capital)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_length_become_small() {
        let text: Vec<u8> = (0..=255).collect();
        for length in 0..40 {
            for part in text.windows(length.max(1)) {
                let part = &part[..length];
                let mut small = vec![0; length];
                assert_eq!(write_small(part, &mut small), part.is_ascii());
                assert_eq!(small, part.to_ascii_lowercase());
            }
        }
    }

    #[test]
    fn every_letter_becomes_what_the_standard_says() {
        let mut room = Room::<8>::empty();
        for c in '\0'..=char::MAX {
            let text = format!("Ab{c}");
            assert_eq!(lower(&text), text.to_lowercase(), "{c}");
            let short = room.lower(&text);
            assert_eq!(short.is_some(), c <= '\u{FF}', "{c}");
            assert!(short.is_none_or(|short| short == text.to_lowercase().as_bytes()), "{c}");
            assert_eq!(is_letter(c), c.is_alphabetic(), "{c}");
            assert_eq!(is_capital(c), c.is_uppercase(), "{c}");
        }
        assert_eq!(lower("ΟΔΟΣ Straße Ærø"), "ΟΔΟΣ Straße Ærø".to_lowercase());
        assert!(room.lower("too long for it").is_none());
    }
}
