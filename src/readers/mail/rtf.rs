//! The compressed RTF in which Outlook keeps bodies (MS-OXRTFCP): a dictionary of 4096 bytes that starts
//! with words that RTF has often.

use super::HELD;

/// What the dictionary starts with (MS-OXRTFCP, section 2.1.2.1).
const START: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
    \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
    \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const SIZE: usize = 4096;

/// The RTF, as far as it goes; `None` when it is no compressed RTF.
pub fn expand(stream: &[u8]) -> Option<Vec<u8>> {
    let (header, mut input) = stream.split_at_checked(16)?;
    let raw = u32::from_le_bytes(header[4..8].try_into().ok()?) as usize;
    match &header[8..12] {
        b"MELA" => return Some(input[..raw.min(input.len())].to_vec()),
        b"LZFu" => {}
        _ => return None,
    }
    let mut window = [b' '; SIZE];
    window[..START.len()].copy_from_slice(START);
    let (mut at, mut out) = (START.len(), Vec::new());
    while let Some((&flags, rest)) = input.split_first() {
        input = rest;
        for bit in 0..8 {
            if out.len() >= raw.min(HELD) {
                return Some(out);
            }
            let (from, length) = if flags >> bit & 1 == 0 {
                let Some((&byte, rest)) = input.split_first() else { return Some(out) };
                input = rest;
                window[at] = byte;
                (at, 1)
            } else {
                let Some((pair, rest)) = input.split_at_checked(2) else { return Some(out) };
                input = rest;
                let from = usize::from(pair[0]) << 4 | usize::from(pair[1] >> 4);
                if from == at {
                    return Some(out);
                }
                (from, usize::from(pair[1] & 15) + 2)
            };
            for i in 0..length {
                let byte = window[(from + i) % SIZE];
                window[at] = byte;
                at = (at + 1) % SIZE;
                out.push(byte);
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of MS-OXRTFCP, section 3.1.1.1.
    #[test]
    fn the_specifications_example() {
        assert_eq!(START.len(), 207);
        let stream: &[u8] = &[
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0,
            0x0a, 0, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68,
            0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f,
            0xa0,
        ];
        let text = expand(stream).unwrap();
        assert_eq!(text, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert!(expand(&stream[..30]).is_some_and(|t| text.starts_with(&t)));
        assert_eq!(expand(b"no"), None);
    }
}
