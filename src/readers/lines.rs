//! Lines for the readers of line-based formats: bounded, unfolded, with their numbers; and the
//! transfer encodings of values in them.

use std::io;

use crate::source::Source;
use crate::unit::{Sink, Text};

/// Names of source code, markup and logs, in which lists look like tables and constants like settings.
pub const NO_TABLES: &[&str] = &[
    "rs", "py", "pl", "pm", "rb", "js", "ts", "c", "h", "cc", "cpp", "hpp", "java", "go", "cs",
    "php", "sh", "md", "log", "json", "xml", "html", "htm", "sql", "css", "eml", "tex", "r",
];

/// A longer line is handed out in parts.
const LONGEST: usize = 1 << 20;

/// Reads a source line by line.
pub struct Lines<'s> {
    source: &'s mut Source,
    /// The line at hand, without its end.
    pub text: Vec<u8>,
    /// Its number, from 1.
    pub number: u64,
    /// Where it starts in the source.
    pub offset: u64,
    /// Whether it is the rest of a line longer than what is held.
    pub is_rest: bool,
    next: u64,
    cut: bool,
}

impl<'s> Lines<'s> {
    /// Before the first line.
    pub fn new(source: &'s mut Source) -> Self {
        Lines {
            source,
            text: Vec::new(),
            number: 0,
            offset: 0,
            is_rest: false,
            next: 1,
            cut: false,
        }
    }

    /// Moves to the next line; false at the end.
    pub fn advance(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.number = self.next;
        self.offset = self.source.position();
        self.is_rest = self.cut;
        self.append()
    }

    /// Moves to the next line, joined with the lines after it that start with a blank.
    pub fn advance_unfolded(&mut self) -> io::Result<bool> {
        if !self.advance()? {
            return Ok(false);
        }
        while !self.cut
            && self.text.len() < LONGEST
            && matches!(self.source.peek(1)?.first(), Some(b' ' | b'\t'))
        {
            self.source.consume(1);
            self.append()?;
        }
        Ok(true)
    }

    /// Adds the next line to the one at hand; false at the end.
    pub fn append(&mut self) -> io::Result<bool> {
        let mut want = 4096;
        loop {
            let bytes = self.source.peek(want)?;
            let end = bytes.len() < want;
            let bytes = &bytes[..bytes.len().min(LONGEST)];
            if bytes.is_empty() {
                self.cut = false;
                return Ok(false);
            }
            let found = memchr::memchr(b'\n', bytes);
            if found.is_none() && !end && want < LONGEST {
                want *= 4;
                continue;
            }
            self.cut = found.is_none() && !end;
            let stop = found.unwrap_or(bytes.len());
            let line = &bytes[..stop];
            self.text.extend_from_slice(if self.cut {
                line
            } else {
                line.strip_suffix(b"\r").unwrap_or(line)
            });
            let used = stop + usize::from(found.is_some());
            self.next += u64::from(found.is_some());
            self.source.consume(used);
            return Ok(true);
        }
    }

    /// Whether more may be added to the line at hand.
    pub fn has_room(&self) -> bool {
        self.text.len() < LONGEST && !self.cut
    }

    /// Hands on the line at hand as free text.
    pub fn push_text(&self, sink: &mut Sink<'_>) {
        if !self.text.trim_ascii().is_empty() {
            let free = sink.free_text();
            sink.text(free, Text::whole(&self.text, self.number, self.offset));
        }
    }
}

impl Lines<'_> {
    /// Hands on a part of the line at hand as free text.
    pub fn push_part(&self, part: &[u8], sink: &mut Sink<'_>) {
        let at = memchr::memmem::rfind(&self.text, part).unwrap_or(0);
        let free = sink.free_text();
        sink.text(free, Text::whole(part, self.number, self.offset + at as u64));
    }
}

/// Decodes base64 as far as it goes; what is no base64 letter is passed over.
pub fn base64(text: &[u8]) -> Vec<u8> {
    let (mut out, mut bits, mut held) = (Vec::with_capacity(text.len() / 4 * 3), 0_u32, 0);
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xFF) as u8);
        }
    }
    out
}

/// Decodes quoted-printable, soft line breaks already being gone.
pub fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let digit = |i: usize| text.get(i).and_then(|b| char::from(*b).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while at < text.len() {
        match (text[at], digit(at + 1), digit(at + 2)) {
            (b'=', Some(high), Some(low)) => {
                out.push((high << 4 | low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Bytes in a named character set as UTF-8; without a name they are UTF-8, or else windows-1252.
pub fn to_utf8(bytes: Vec<u8>, charset: Option<&[u8]>) -> Vec<u8> {
    let named = charset.and_then(encoding_rs::Encoding::for_label_no_replacement);
    match named {
        Some(set) if set != encoding_rs::UTF_8 => set.decode(&bytes).0.into_owned().into_bytes(),
        _ if std::str::from_utf8(&bytes).is_ok() => bytes,
        _ => encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::tiny;

    #[test]
    fn folded_and_long_lines() {
        let mut source = tiny(b"one\r\n two\r\n\tthree\nnext", 1);
        let mut lines = Lines::new(&mut source);
        assert!(lines.advance_unfolded().unwrap());
        assert_eq!((lines.text.as_slice(), lines.number), (&b"onetwothree"[..], 1));
        assert!(lines.advance_unfolded().unwrap());
        assert_eq!((lines.text.as_slice(), lines.number, lines.offset), (&b"next"[..], 4, 18));
        assert!(!lines.advance().unwrap());
        let mut source = tiny(&b"x".repeat(LONGEST * 2 + 5), 1);
        let mut lines = Lines::new(&mut source);
        let mut sizes = Vec::new();
        while lines.advance_unfolded().unwrap() {
            sizes.push((lines.text.len(), lines.is_rest));
        }
        assert_eq!(sizes, [(LONGEST, false), (LONGEST, true), (5, true)]);
    }

    #[test]
    fn transfer_encodings() {
        assert_eq!(base64(b"T2xhIE5v cmRtYW5u"), b"Ola Nordmann");
        assert_eq!(base64(b"T2w="), b"Ol");
        assert_eq!(quoted_printable(b"K=C3=A5re =3D=x"), "Kåre ==x".as_bytes());
        assert_eq!(to_utf8(b"K\xE5re".to_vec(), None), "Kåre".as_bytes());
        assert_eq!(to_utf8(b"Pawe\xB3".to_vec(), Some(b"iso-8859-2")), "Paweł".as_bytes());
    }
}
