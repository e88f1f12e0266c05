//! What binary formats begin with, from their own specifications, the IANA media type registry and the documentation of
//! the programs that write them.

use crate::readers::office::ole::{u16_at, u32_at};

/// What is done with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// They are no text, by rule.
    Media,
    /// They are noise until they are unpacked.
    Packed,
    /// They are noise without a key.
    Locked,
    /// They are searched as they are.
    Text,
}

/// Offset, bytes that stand there, name with the way out where there is one, way.
type Signature = (usize, &'static [u8], &'static str, Way);

const SIGNATURES: &[Signature] = &[
    (0, b"\x89PNG\r\n\x1A\n", "PNG image", Way::Media),
    (0, b"\xFF\xD8\xFF", "JPEG image", Way::Media),
    (0, b"GIF87a", "GIF image", Way::Media),
    (0, b"GIF89a", "GIF image", Way::Media),
    (0, b"II*\0", "TIFF image", Way::Media),
    (0, b"MM\0*", "TIFF image", Way::Media),
    (0, b"8BPS\0\x01", "Photoshop image", Way::Media),
    (0, b"8BPS\0\x02", "Photoshop image", Way::Media),
    (0, b"\0\0\0\x0CjP  \r\n\x87\n", "JPEG 2000 image", Way::Media),
    (0, b"\0\0\0\x0CJXL \r\n\x87\n", "JPEG XL image", Way::Media),
    (8, b"WEBP", "WebP image", Way::Media),
    (8, b"WAVEfmt ", "WAVE sound", Way::Media),
    (8, b"AIFF", "AIFF sound", Way::Media),
    (8, b"AIFC", "AIFF sound", Way::Media),
    (8, b"AVI ", "AVI video", Way::Media),
    (4, b"ftyp", "MP4 or HEIF media", Way::Media),
    (0, b"\x1A\x45\xDF\xA3", "Matroska video", Way::Media),
    (0, b"\0\0\x01\xBA", "MPEG video", Way::Media),
    (0, b"\0\0\x01\xB3", "MPEG video", Way::Media),
    (0, b"FLV\x01", "Flash video", Way::Media),
    (0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "Windows Media", Way::Media),
    (0, b"OggS", "Ogg media", Way::Media),
    (0, b"fLaC", "FLAC sound", Way::Media),
    (0, b"ID3", "MP3 sound", Way::Media),
    (0, b"MThd\0\0\0\x06", "MIDI sound", Way::Media),
    (0, b"#!AMR\n", "AMR sound", Way::Media),
    (0, b"wOFF", "font", Way::Media),
    (0, b"wOF2", "font", Way::Media),
    (0, b"Rar!\x1A\x07", "RAR archive (unpack it with unrar)", Way::Packed),
    (0, b"!BDN", "Outlook mailbox of an unknown version (export it as .pst)", Way::Packed),
    (0, b"PACK\0\0\0\x02", "Git objects (scan a checkout)", Way::Packed),
    (0, b"\xFFtOc\0\0\0\x02", "index of Git objects", Way::Packed),
    (0, b"MSCF\0\0\0\0", "Windows cabinet (unpack it with cabextract)", Way::Packed),
    (0, b"\x03\xD9\xA2\x9A", "KeePass database", Way::Locked),
    (0, b"LUKS\xBA\xBE", "LUKS volume", Way::Locked),
    (3, b"-FVE-FS-", "BitLocker volume", Way::Locked),
    (8, b"ENCRYPTEDSAV", "encrypted SPSS data set", Way::Locked),
    (0, b"Salted__", "file encrypted by OpenSSL", Way::Locked),
    (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "OLE2 file of another kind", Way::Text),
    (
        0,
        b"TAPE\0",
        "SQL Server backup (restore it and export its tables with bcp or sqlcmd)",
        Way::Text,
    ),
    (3, b"EXPORT:V", "Oracle export (import it and export its tables as CSV)", Way::Text),
    (14, b"HBAM7", "FileMaker database (export its tables)", Way::Text),
    (0, b"\x1A\0\0\x04\0\0", "Notes database (export its documents)", Way::Text),
    (
        12,
        b"\xC2\xEA\x81\x60\xB3\x14\x11\xCF\xBD\x92\x08\0\x09\xC7\x31\x8C",
        "SAS data set (export it as CSV)",
        Way::Text,
    ),
    (0, b"ARROW1\0\0", ARROW, Way::Packed),
    (0, b"FEA1", ARROW, Way::Packed),
    (
        0,
        b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3",
        "OneNote section (export it as docx or pdf)",
        Way::Text,
    ),
    (0, b"\xCF\xAD\x12\xFE", "Outlook Express folder (export it as mbox)", Way::Text),
    (32_769, b"CD001", "image of a CD or DVD (mount it and scan that)", Way::Text),
    (0, b"KDMV", DISK, Way::Text),
    (0, b"QFI\xFB", DISK, Way::Text),
    (0, b"vhdxfile", DISK, Way::Text),
    (0, b"conectix", DISK, Way::Text),
    (0, b"<<< Oracle VM VirtualBox Disk Image >>>", DISK, Way::Text),
    (0, b"\0\0\0\x01Bud1", "folder view of macOS (.DS_Store)", Way::Text),
    (0, b"\x7FELF", "ELF program", Way::Text),
    (0, b"MZ", "Windows program", Way::Text),
    (0, b"\xCA\xFE\xBA\xBE\0", "Java class", Way::Text),
    (0, b"\xCF\xFA\xED\xFE", "macOS program", Way::Text),
];

const ARROW: &str = "Arrow or Feather table (export it as Parquet)";
const DISK: &str = "disk of a virtual machine (mount it and scan that)";

/// What tells a format by its structure, its name, way.
type Structure = (fn(&[u8]) -> bool, &'static str, Way);

/// What is told from more than a few bytes in a row.
const STRUCTURES: &[Structure] = &[
    (is_font, "font", Way::Media),
    (is_icon, "icon", Way::Media),
    (is_bitmap, "BMP image", Way::Media),
    (is_mp3, "MP3 sound", Way::Media),
    (is_drawing, "AutoCAD drawing", Way::Text),
];

/// The name of the format that begins with these bytes, and what is done with it.
pub(super) fn of(bytes: &[u8]) -> Option<(&'static str, Way)> {
    // All but a few fail by one byte.
    let stands = |s: &&Signature| bytes.get(s.0) == s.1.first() && bytes[s.0..].starts_with(s.1);
    let signature = SIGNATURES.iter().find(stands).map(|s| (s.2, s.3));
    signature.or_else(|| {
        let structure = STRUCTURES.iter().find(|s| s.0(bytes))?;
        Some((structure.1, structure.2))
    })
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// Whether this is a TrueType or OpenType font (ISO/IEC 14496-22): its version, some tables, each with a tag of ASCII.
fn is_font(bytes: &[u8]) -> bool {
    let is_version = [&b"\0\x01\0\0"[..], b"OTTO", b"true"].iter().any(|v| bytes.starts_with(v));
    let tables = number(bytes, 4).map_or(0, u16::from_be_bytes);
    let is_tag = |at: usize| number::<4>(bytes, at).is_some_and(|tag| is_printed(&tag));
    bytes.starts_with(b"ttcf\0")
        || is_version && (4..64).contains(&tables) && is_tag(12) && is_tag(28)
}

fn is_printed(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| matches!(b, b' '..=b'~'))
}

/// Whether this is a Windows icon or cursor: a few images, the first of which begins right behind the list of them.
fn is_icon(bytes: &[u8]) -> bool {
    let images = u16_at(bytes, 4).unwrap_or(0);
    let is_start = bytes.starts_with(b"\0\0\x01\0") || bytes.starts_with(b"\0\0\x02\0");
    let behind = 6 + 16 * u32::from(images);
    is_start
        && (1..64).contains(&images)
        && bytes.get(9) == Some(&0)
        && u32_at(bytes, 18) == Some(behind)
}

/// Whether this is a Windows bitmap: its header has one of the known lengths, and the two reserved fields are empty.
fn is_bitmap(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM")
        && u32_at(bytes, 6) == Some(0)
        && u32_at(bytes, 14)
            .is_some_and(|header| matches!(header, 12 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// Whether this is a drawing of AutoCAD: its version, `AC1032` or so, and zeros.
fn is_drawing(bytes: &[u8]) -> bool {
    matches!(bytes, [b'A', b'C', b'1', b'0', b'0'..=b'9', b'0'..=b'9', 0, 0, 0, ..])
}

/// Whether this is MP3 sound (ISO/IEC 11172-3) that begins with a frame: another frame stands behind it.
fn is_mp3(bytes: &[u8]) -> bool {
    let Some(length) = number(bytes, 0).and_then(frame_length) else { return false };
    number(bytes, length).and_then(frame_length).is_some()
}

/// The length of a frame of layer III, by its header.
fn frame_length(header: [u8; 4]) -> Option<usize> {
    /// Kilobits per second, by number, of MPEG 1 and of MPEG 2 and 2.5.
    const RATES: [[usize; 14]; 2] = [
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    const SAMPLES: [usize; 3] = [44_100, 48_000, 32_000];
    let [0xFF, version, rates, _] = header else { return None };
    // Version, layer III; of the version one of four is reserved.
    let (halvings, words) = match version & 0xFE {
        0xFA => (0, 144),
        0xF2 => (1, 72),
        0xE2 => (2, 72),
        _ => return None,
    };
    let rate = RATES[usize::from(halvings > 0)].get(usize::from(rates >> 4).checked_sub(1)?)?;
    let samples = SAMPLES.get(usize::from(rates >> 2 & 3))? >> halvings;
    Some(words * 1000 * rate / samples + usize::from(rates >> 1 & 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn font(version: &[u8], tables: u16) -> Vec<u8> {
        let mut font = version.to_vec();
        font.extend(tables.to_be_bytes());
        font.extend([0; 6]);
        for tag in [b"OS/2", b"cmap"] {
            font.extend(tag);
            font.extend([0; 12]);
        }
        font
    }

    #[test]
    fn formats_are_told_by_their_structure() {
        let icon = b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\x68\x04\0\0\x16\0\0\0rest";
        let bitmap = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0rest";
        let mut sound = vec![0; 418 + 4];
        for at in [0, 417] {
            sound[at..at + 4].copy_from_slice(b"\xFF\xFB\x90\x00");
        }
        for (bytes, name) in [
            (&font(b"\0\x01\0\0", 12)[..], "font"),
            (&font(b"OTTO", 9), "font"),
            (icon, "icon"),
            (bitmap, "BMP image"),
            (&sound, "MP3 sound"),
        ] {
            assert_eq!(of(bytes), Some((name, Way::Media)));
            assert_eq!(of(&bytes[..bytes.len().min(10)]), None, "{name}");
        }
    }

    #[test]
    fn what_only_begins_alike_is_none() {
        for bytes in [
            &font(b"\0\x01\0\0", 900)[..],
            b"\0\x01\0\0\0\x0Cno table has such a name\0\0\0\0\0\0\0\0\0\0\0",
            b"BM Regnskap AS, 0155 Oslo, 40 ansatte",
            b"\0\0\x01\0\x01\0Kari Nordmann, 01010112345",
            b"true, false, true, false, true, false",
            b"OTTOmar Nordmann, kari@example.org",
            b"\xFF\xFB\x90\x00 and no other frame",
        ] {
            assert_eq!(of(bytes), None, "{:?}", &bytes[..4]);
        }
    }
}
