//! Transfer encodings and character sets of parts.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;

use crate::readers::lines::{base64, quoted_printable};
use crate::source::{Source, decoded, guess};

/// How a part's bytes are written (RFC 2045, section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transfer {
    /// As they are: 7bit, 8bit, binary.
    #[default]
    Plain,
    /// Base64.
    Base64,
    /// Quoted-printable.
    QuotedPrintable,
    /// Lines of uuencode.
    Uuencode,
}

impl Transfer {
    /// The encoding of this name; an unknown one is none.
    pub fn named(name: &str) -> Transfer {
        match name.trim().to_ascii_lowercase().as_str() {
            "base64" => Transfer::Base64,
            "quoted-printable" => Transfer::QuotedPrintable,
            "uuencode" | "x-uuencode" | "x-uue" => Transfer::Uuencode,
            _ => Transfer::Plain,
        }
    }

    /// The bytes that were written so, as far as they go, and what is wrong with them.
    pub fn undo(self, bytes: &[u8]) -> (Cow<'_, [u8]>, Option<&'static str>) {
        match self {
            Transfer::Plain => (bytes.into(), None),
            Transfer::Base64 => {
                let (out, whole) = all_base64(bytes);
                (out.into(), (!whole).then_some("base64 that is cut or damaged"))
            }
            Transfer::QuotedPrintable => {
                (quoted_printable(&without_soft_breaks(bytes)).into(), None)
            }
            Transfer::Uuencode => (uuencode(bytes).into(), None),
        }
    }
}

/// Base64, one piece or several one after the other, and whether it was whole.
fn all_base64(bytes: &[u8]) -> (Vec<u8>, bool) {
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || b"+/-_".contains(b);
    let (mut out, mut whole, mut rest) = (Vec::with_capacity(bytes.len() / 4 * 3), true, bytes);
    while !rest.is_empty() {
        let end = memchr::memchr(b'=', rest).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(end);
        let letters = piece.iter().filter(|b| is_letter(b)).count();
        let foreign = piece.iter().any(|b| !is_letter(b) && !b.is_ascii_whitespace());
        // A piece that ends without padding ends with a full group.
        let cut = letters % 4 == 1 || (behind.is_empty() && letters % 4 != 0);
        whole &= !foreign && !cut;
        out.extend_from_slice(&base64(piece));
        let padding = behind.iter().take_while(|b| **b == b'=' || b.is_ascii_whitespace()).count();
        rest = &behind[padding..];
    }
    (out, whole)
}

/// Joins the lines that quoted-printable breaks with `=`, blanks at their ends taken off.
fn without_soft_breaks(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'=') {
        return bytes.into();
    }
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        match line.trim_ascii_end().strip_suffix(b"=") {
            Some(start) => out.extend_from_slice(start),
            None => out.extend_from_slice(line),
        }
    }
    out.into()
}

/// Lines of uuencode between `begin` and `end`.
fn uuencode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in bytes.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end) {
        let Some((&first, data)) = line.split_first() else { continue };
        if line.starts_with(b"begin ") || line == b"end" || !(b'!'..=b'M').contains(&first) {
            continue;
        }
        let from = out.len();
        for group in data.chunks(4) {
            let bits = (0..4).fold(0_u32, |bits, i| {
                bits << 6 | u32::from(group.get(i).copied().unwrap_or(b' ').wrapping_sub(b' ') & 63)
            });
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
        }
        out.truncate(from + usize::from(first - b' '));
    }
    out
}

/// Bytes of text as UTF-8. Without a named character set, or with one that every text can be taken for,
/// it is told from the bytes.
pub fn utf8<'b>(bytes: Cow<'b, [u8]>, charset: Option<&str>) -> Cow<'b, [u8]> {
    let label = charset.map(|c| c.trim().as_bytes()).unwrap_or_default();
    match encoding_rs::Encoding::for_label_no_replacement(label) {
        Some(set) if set != encoding_rs::UTF_8 && !label.eq_ignore_ascii_case(b"us-ascii") => {
            set.decode(&bytes).0.into_owned().into_bytes().into()
        }
        None if !label.is_empty() && charset_decoder(label).is_some() => {
            charset_decoder(label).map_or(bytes.clone(), |d| d(&bytes).into_bytes().into())
        }
        _ if std::str::from_utf8(&bytes).is_ok() => bytes,
        _ => {
            let (size, encoding) = (bytes.len(), guess(&bytes, true));
            let mut source = decoded(Source::from_bytes(bytes.into_owned()), encoding);
            source.peek(size.saturating_mul(4)).map(<[u8]>::to_vec).unwrap_or_default().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfer_encodings() {
        let undo = |name: &str, text: &[u8]| {
            let (bytes, why) = Transfer::named(name).undo(text);
            (String::from_utf8_lossy(&bytes).into_owned(), why.is_none())
        };
        assert_eq!(undo("BASE64 ", b"T2xh\r\nIE5v\r\n"), ("Ola No".into(), true));
        assert_eq!(undo("base64", b"T2w=\r\nT2w=\r\n"), ("OlOl".into(), true));
        assert_eq!(undo("base64", b"T2xhI"), ("Ola".into(), false));
        assert_eq!(undo("base64", b"T2xh!IE5v"), ("Ola No".into(), false));
        assert_eq!(
            undo("quoted-printable", b"a=\r\nb=3D= \nc=ZZ=C3=B8"),
            ("ab=c=ZZø".into(), true)
        );
        assert_eq!(undo("x-uuencode", b"begin 644 x\n#0V%T\n`\nend\n"), ("Cat".into(), true));
        assert_eq!(undo("8bit", b"x=3D"), ("x=3D".into(), true));
    }

    #[test]
    fn character_sets() {
        let text =
            |bytes: &[u8], set| String::from_utf8_lossy(&utf8(bytes.into(), set)).into_owned();
        assert_eq!(text(b"Pawe\xB3", Some("iso-8859-2")), "Paweł");
        assert_eq!(text(b"K\xE5re", Some("us-ascii")), "Kåre");
        assert_eq!(text(b"K\xE5re", Some("utf-8")), "Kåre");
        assert_eq!(text("Kåre".as_bytes(), None), "Kåre");
        assert_eq!(text(b"Hi Mom -+Jjo--+ACE-", Some("utf-7")), "Hi Mom -☺-!");
        assert_eq!(text(b"\x1B$B;3ED\x1B(B", Some("iso-2022-jp")), "山田");
    }
}
