//! Text encodings: everything becomes UTF-8 before it is read.
//!
//! The rule for 8-bit text: UTF-8 where it is valid, and each byte that is not is read from a code page
//! (windows-1252, or another where the letters say so: see `pages`). Nothing is undecodable in that mode,
//! and valid stretches are handed on without a copy.

use std::io;

use encoding_rs::{Decoder, DecoderResult};
use simdutf8::compat::from_utf8;

use super::pages::{self, EBCDIC, EBCDIC_NORDIC, EBCDIC_SWEDISH, Page, WINDOWS};
use super::{Source, Window};

/// How a source's text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 where valid, other bytes from an 8-bit code page that is told when the first one is met.
    Utf8,
    /// As [`Encoding::Utf8`], other bytes being those of DOS code page 850.
    Dos,
    /// Likewise of Mac OS before it had Unicode.
    Mac,
    /// Likewise of windows-1250, of Central Europe.
    Central,
    /// Likewise of ISO 8859-2, of Central Europe.
    Latin2,
    /// Likewise of windows-1257, of the Baltic countries.
    Baltic,
    /// Likewise of windows-1251.
    Cyrillic,
    /// Likewise of windows-1253.
    Greek,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// UTF-32, little-endian.
    Utf32Le,
    /// UTF-32, big-endian.
    Utf32Be,
    /// EBCDIC of mainframes, code page 500 (its letters without accents and its digits are those of all others).
    Ebcdic,
    /// The same of Denmark and Norway, code page 277: its æ, ø and å stand where brackets and signs do in others.
    EbcdicNordic,
    /// Likewise of Sweden and Finland, code page 278.
    EbcdicSwedish,
    /// An encoding that the content names itself (XML declaration, HTML meta).
    Labelled(&'static encoding_rs::Encoding),
    /// Binary content: bytes are read as they are.
    Bytes,
}

/// The encoding of a source that starts with these bytes; `complete` when there are no more.
#[must_use]
pub fn guess(head: &[u8], complete: bool) -> Encoding {
    guess_by(head, complete, crate::bytes::has_controls(head))
}

/// Likewise where it is known whether control bytes stand among them ([`crate::bytes::has_controls`]).
#[must_use]
pub fn guess_by(head: &[u8], complete: bool, controls: bool) -> Encoding {
    if let Some(by_mark) = by_mark(head) {
        return by_mark;
    }
    if controls
        && memchr::memchr(0, head).is_some()
        && let Some(wide) = wide(head)
    {
        return wide;
    }
    if let Some(ebcdic) = pages::of_mainframes(head) {
        return ebcdic;
    }
    if controls && is_binary(head) {
        return Encoding::Bytes;
    }
    let valid = is_utf8(head, complete);
    if let Some(label) = label(head)
        && (!valid || head.is_ascii())
    {
        return Encoding::Labelled(label);
    }
    if valid { Encoding::Utf8 } else { pages::told(head) }
}

/// The source as UTF-8, without a byte order mark.
#[must_use]
pub fn decoded(source: Source, encoding: Encoding) -> Source {
    let inner = source.into_window();
    let by = |e: &'static encoding_rs::Encoding| Step::Table(e.new_decoder_with_bom_removal());
    let step = match encoding {
        Encoding::Bytes => return Source::new(inner),
        Encoding::Utf8
        | Encoding::Dos
        | Encoding::Mac
        | Encoding::Central
        | Encoding::Latin2
        | Encoding::Baltic
        | Encoding::Cyrillic
        | Encoding::Greek => {
            return Source::new(Box::new(Mixed::new(inner, pages::of(encoding))));
        }
        Encoding::Utf16Le => by(encoding_rs::UTF_16LE),
        Encoding::Utf16Be => by(encoding_rs::UTF_16BE),
        Encoding::Labelled(e) => by(e),
        Encoding::Ebcdic => Step::Ebcdic(&EBCDIC),
        Encoding::EbcdicNordic => Step::Ebcdic(&EBCDIC_NORDIC),
        Encoding::EbcdicSwedish => Step::Ebcdic(&EBCDIC_SWEDISH),
        Encoding::Utf32Le => Step::Wide(u32::from_le_bytes),
        Encoding::Utf32Be => Step::Wide(u32::from_be_bytes),
    };
    Source::new(Box::new(Recoded::new(inner, step)))
}

fn by_mark(head: &[u8]) -> Option<Encoding> {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => Some(Encoding::Utf8),
        // A UTF-16 text can start with NUL, but then its next two units make no UTF-32 character.
        [0xFF, 0xFE, 0, 0, rest @ ..] if rest.len() < 4 || (rest[2] < 0x11 && rest[3] == 0) => {
            Some(Encoding::Utf32Le)
        }
        [0, 0, 0xFE, 0xFF, ..] => Some(Encoding::Utf32Be),
        [0xFF, 0xFE, rest @ ..] if is_wide_text(rest, 2, true) => Some(Encoding::Utf16Le),
        [0xFE, 0xFF, rest @ ..] if is_wide_text(rest, 2, false) => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// After a mark it takes little to believe in UTF-16 (any script); only plain binary is refused.
fn is_wide_text(bytes: &[u8], size: usize, little: bool) -> bool {
    let (mut units, mut odd) = (0_usize, 0_usize);
    for unit in bytes.chunks_exact(size).take(4096) {
        let value = wide_value(unit, little);
        units += 1;
        odd += usize::from(
            matches!(value, 0..=8 | 0x0E..=0x1A | 0xFFFF) || (0xE000..=0xF8FF).contains(&value),
        );
    }
    odd * 10 <= units
}

fn wide_value(unit: &[u8], little: bool) -> u32 {
    let join = |sum: u32, byte: &u8| sum.wrapping_shl(8) | u32::from(*byte);
    if little { unit.iter().rev().fold(0, join) } else { unit.iter().fold(0, join) }
}

/// UTF-16 and UTF-32 without a mark: nearly all units are characters of a European script, and many
/// are plain letters, digits and blanks.
fn wide(head: &[u8]) -> Option<Encoding> {
    let of = |size, little| plausible_units(head, size, little);
    [
        (4, true, Encoding::Utf32Le),
        (4, false, Encoding::Utf32Be),
        (2, true, Encoding::Utf16Le),
        (2, false, Encoding::Utf16Be),
    ]
    .into_iter()
    .find(|&(size, little, _)| of(size, little))
    .map(|found| found.2)
}

fn plausible_units(head: &[u8], size: usize, little: bool) -> bool {
    let (mut units, mut good, mut letters, mut narrow) = (0_usize, 0_usize, 0_usize, 0_usize);
    for unit in head.chunks_exact(size) {
        let value = wide_value(unit, little);
        units += 1;
        let letter =
            matches!(value, 0x30..=0x39 | 0x41..=0x5A | 0x61..=0x7A | 0xC0..=0x24F | 0x370..=0x52F);
        let other = matches!(value, 9..=13 | 0x20..=0x7E | 0xA0..=0xBF | 0x2010..=0x203A | 0x20AC);
        letters += usize::from(letter);
        good += usize::from(letter || other);
        narrow += usize::from(value < 0x80);
    }
    units >= 3 && good * 100 >= units * 97 && letters * 10 >= units * 3 && narrow * 20 >= units
}

/// Many control bytes, of which text has none. Separators (0x01, 0x02, 0x1C–0x1F), escape and a stray
/// NUL do occur in text.
fn is_binary(head: &[u8]) -> bool {
    let odd = crate::bytes::count(head, |b| matches!(b, 3..=8 | 0x0E..=0x1A | 0x7F));
    let nul = memchr::memchr_iter(0, head).count();
    odd * 50 > head.len() || nul * 5 > head.len() || (odd * 100 > head.len() && nul > 4)
}

/// Whether the head is valid UTF-8; a character cut at its end is no fault when more follows.
fn is_utf8(head: &[u8], complete: bool) -> bool {
    match from_utf8(head) {
        Ok(_) => true,
        Err(e) => !complete && e.error_len().is_none(),
    }
}

/// The encoding that markup names for itself, if it is none of those which need no label.
fn label(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let start = head.trim_ascii_start();
    if start.first() != Some(&b'<') {
        return None;
    }
    let (within, key): (&[u8], &[u8]) = if start.starts_with(b"<?xml") {
        (&start[..memchr::memchr(b'>', start).unwrap_or(start.len()).min(512)], b"encoding")
    } else {
        (&start[..start.len().min(4096)], b"charset")
    };
    let at = within.windows(key.len()).position(|w| w.eq_ignore_ascii_case(key))? + key.len();
    let rest = within[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let ends = |b: &u8| !(b.is_ascii_alphanumeric() || b"-_:.+".contains(b));
    let name = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let found = encoding_rs::Encoding::for_label_no_replacement(name)?;
    // ISO-8859-1 is windows-1252 in practice, which is how stray bytes are read anyway; a label that
    // can be read byte by byte is no UTF-16.
    let needless = [
        encoding_rs::UTF_8,
        encoding_rs::WINDOWS_1252,
        encoding_rs::UTF_16LE,
        encoding_rs::UTF_16BE,
        encoding_rs::X_USER_DEFINED,
    ];
    (!needless.contains(&found)).then_some(found)
}

/// Bytes recoded in one step at most.
const STEP: usize = 64 << 10;

/// UTF-8 with stray bytes: passes valid stretches on as they are, and recodes into its own buffer from
/// a stray byte on, until that buffer is used up.
struct Mixed {
    inner: Box<dyn Window>,
    page: Option<&'static Page>,
    started: bool,
    /// Bytes ahead in `inner` that are known to be valid.
    valid: usize,
    out: Vec<u8>,
    at: usize,
}

impl Encoding {
    /// Whether it is UTF-8 where that is valid, with other bytes of some code page.
    #[must_use]
    pub fn is_eight_bit(self) -> bool {
        self == Encoding::Utf8 || pages::of(self).is_some()
    }
}

impl Mixed {
    fn new(inner: Box<dyn Window>, page: Option<&'static Page>) -> Self {
        Mixed { inner, page, started: false, valid: 0, out: Vec::new(), at: 0 }
    }

    fn skip_mark(&mut self) -> io::Result<()> {
        if !self.started {
            if self.inner.peek(3)?.starts_with(b"\xEF\xBB\xBF") {
                self.inner.consume(3);
            }
            self.started = true;
        }
        Ok(())
    }

    /// Looks for at least `want` valid bytes ahead; false when there is a stray byte before that.
    fn passes(&mut self, want: usize) -> io::Result<bool> {
        // A character is four bytes at most: three more make sure that `want` is not inside one.
        let ask = want + 3;
        let bytes = self.inner.peek(ask)?;
        let end = bytes.len() < ask;
        if self.valid >= want || (end && self.valid == bytes.len()) {
            return Ok(true);
        }
        match from_utf8(&bytes[self.valid..]) {
            Ok(_) => self.valid = bytes.len(),
            Err(e) => {
                self.valid += e.valid_up_to();
                let cut = e.error_len().is_none() && !end;
                return Ok(cut || self.valid >= want);
            }
        }
        Ok(true)
    }

    /// Recodes the next step into the buffer; false at the end.
    fn recode(&mut self) -> io::Result<bool> {
        let bytes = self.inner.peek(STEP)?;
        let end = bytes.len() < STEP;
        let bytes = &bytes[..bytes.len().min(STEP)];
        if bytes.is_empty() {
            return Ok(false);
        }
        // What is known to be valid may start within a character that is half consumed.
        let mut at = self.valid.min(bytes.len());
        self.out.extend_from_slice(&bytes[..at]);
        while at < bytes.len() {
            let (valid, stray) = match from_utf8(&bytes[at..]) {
                Ok(_) => (bytes.len() - at, 0),
                Err(e) => {
                    let rest = bytes.len() - at - e.valid_up_to();
                    (e.valid_up_to(), e.error_len().unwrap_or(if end { rest } else { 0 }))
                }
            };
            self.out.extend_from_slice(&bytes[at..at + valid]);
            at += valid;
            if valid + stray == 0 {
                break;
            }
            if stray > 0 {
                let page = *self
                    .page
                    .get_or_insert_with(|| pages::of(pages::told(bytes)).unwrap_or(&WINDOWS));
                push_page(&mut self.out, page, &bytes[at..at + stray]);
                at += stray;
            }
        }
        self.inner.consume(at);
        self.valid = self.valid.saturating_sub(at);
        Ok(true)
    }
}

fn push_page(out: &mut Vec<u8>, page: &Page, bytes: &[u8]) {
    for &byte in bytes {
        let letter = if byte < 0x80 { char::from(byte) } else { page[usize::from(byte - 0x80)] };
        out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl Window for Mixed {
    fn peek(&mut self, want: usize) -> io::Result<&[u8]> {
        let want = want.max(1);
        self.skip_mark()?;
        if self.at == self.out.len() {
            self.out.clear();
            self.at = 0;
            if self.passes(want)? {
                let bytes = self.inner.peek(want + 3)?;
                return Ok(&bytes[..self.valid.min(bytes.len())]);
            }
        }
        compact(&mut self.out, &mut self.at);
        while self.out.len() < want && self.recode()? {}
        Ok(&self.out)
    }

    fn consume(&mut self, n: usize) {
        if self.at < self.out.len() {
            self.at = (self.at + n).min(self.out.len());
        } else {
            let n = n.min(self.valid);
            self.inner.consume(n);
            self.valid -= n;
        }
    }

    fn undecodable(&self) -> u64 {
        self.inner.undecodable()
    }

    fn failure(&mut self) -> Option<io::Error> {
        self.inner.failure()
    }
}

fn compact(out: &mut Vec<u8>, at: &mut usize) {
    out.drain(..*at);
    *at = 0;
}

enum Step {
    Table(Decoder),
    Ebcdic(&'static [char; 192]),
    Wide(fn([u8; 4]) -> u32),
}

/// A stream in another encoding, recoded to UTF-8 a step at a time.
struct Recoded {
    inner: Box<dyn Window>,
    step: Step,
    started: bool,
    done: bool,
    out: Vec<u8>,
    at: usize,
    undecodable: u64,
}

impl Recoded {
    fn new(inner: Box<dyn Window>, step: Step) -> Self {
        Recoded { inner, step, started: false, done: false, out: Vec::new(), at: 0, undecodable: 0 }
    }

    fn recode(&mut self) -> io::Result<()> {
        let bytes = self.inner.peek(4)?;
        let bytes = &bytes[..bytes.len().min(STEP)];
        let read = match &mut self.step {
            Step::Table(decoder) => {
                self.done = bytes.is_empty();
                self.undecodable += by_table(decoder, bytes, &mut self.out);
                bytes.len()
            }
            Step::Ebcdic(page) => {
                self.done = bytes.is_empty();
                let letters = bytes.iter().map(|byte| ebcdic(*byte, page));
                letters.for_each(|l| {
                    self.out.extend_from_slice(l.encode_utf8(&mut [0; 4]).as_bytes())
                });
                bytes.len()
            }
            Step::Wide(value) => {
                self.done = bytes.len() < 4;
                let skip_mark = !self.started;
                self.undecodable += by_units(*value, bytes, &mut self.out, skip_mark);
                if self.done { bytes.len() } else { bytes.len() / 4 * 4 }
            }
        };
        self.started = true;
        self.inner.consume(read);
        Ok(())
    }
}

/// A byte of EBCDIC. Control bytes that end no line are blanks: they fill up fields.
fn ebcdic(byte: u8, page: &[char; 192]) -> char {
    match byte {
        0x05 => '\t',
        0x0D => '\r',
        // Both end lines: one on mainframes, the other where files were brought elsewhere.
        0x15 | 0x25 => '\n',
        0..0x40 => ' ',
        _ => page[usize::from(byte) - 0x40],
    }
}

const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// Decodes all bytes (none: the end); returns how often it had to put a replacement character.
fn by_table(decoder: &mut Decoder, bytes: &[u8], out: &mut Vec<u8>) -> u64 {
    let (mut at, mut bad) = (0, 0);
    loop {
        let from = out.len();
        let room = decoder
            .max_utf8_buffer_length_without_replacement(bytes.len() - at)
            .unwrap_or(STEP * 3);
        out.resize(from + room, 0);
        let last = bytes.is_empty();
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(&bytes[at..], &mut out[from..], last);
        out.truncate(from + written);
        at += read;
        match result {
            DecoderResult::InputEmpty => return bad,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                bad += 1;
                out.extend_from_slice(REPLACEMENT);
            }
        }
    }
}

fn by_units(value: fn([u8; 4]) -> u32, bytes: &[u8], out: &mut Vec<u8>, skip_mark: bool) -> u64 {
    let (units, rest) = bytes.as_chunks::<4>();
    let mut bad = 0;
    for (i, unit) in units.iter().enumerate() {
        match char::from_u32(value(*unit)) {
            Some('\u{FEFF}') if skip_mark && i == 0 => {}
            Some(letter) => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            None => {
                bad += 1;
                out.extend_from_slice(REPLACEMENT);
            }
        }
    }
    // Fewer than four bytes are only ever handed in at the end.
    if units.is_empty() && !rest.is_empty() {
        bad += 1;
        out.extend_from_slice(REPLACEMENT);
    }
    bad
}

impl Window for Recoded {
    fn peek(&mut self, want: usize) -> io::Result<&[u8]> {
        if self.out.len() - self.at < want.max(1) && !self.done {
            compact(&mut self.out, &mut self.at);
            while self.out.len() < want.max(1) && !self.done {
                self.recode()?;
            }
        }
        Ok(&self.out[self.at..])
    }

    fn consume(&mut self, n: usize) {
        self.at = (self.at + n).min(self.out.len());
    }

    fn undecodable(&self) -> u64 {
        self.undecodable
    }

    fn failure(&mut self) -> Option<io::Error> {
        self.inner.failure()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::tiny;
    use super::*;
    use proptest::prelude::*;

    fn drain(mut source: Source, want: usize) -> (Vec<u8>, u64) {
        let mut all = Vec::new();
        loop {
            let bytes = source.peek(want).unwrap();
            let n = bytes.len();
            if n == 0 {
                return (all, source.undecodable());
            }
            let take = n.div_ceil(2);
            all.extend_from_slice(&bytes[..take]);
            source.consume(take);
        }
    }

    fn check(bytes: &[u8], encoding: Encoding, text: &str) {
        assert_eq!(guess(bytes, true), encoding, "{text:?}");
        for step in 1..=7 {
            for want in [1, 2, 5, 100_000] {
                let (out, bad) = drain(decoded(tiny(bytes, step), encoding), want);
                assert_eq!(String::from_utf8_lossy(&out), text, "step {step} want {want}");
                assert_eq!(bad, 0);
            }
        }
    }

    const TEXT: &str =
        "Æ, Kåre Sætre bor på Gjøvik; 02089614042\r\nЖук 😀 ok then, this goes on in latin\n";

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() })
            .collect()
    }

    fn utf32(text: &str, little: bool) -> Vec<u8> {
        let unit =
            |c: char| if little { (c as u32).to_le_bytes() } else { (c as u32).to_be_bytes() };
        text.chars().flat_map(unit).collect()
    }

    #[test]
    fn marks() {
        let marked = format!("\u{FEFF}{TEXT}");
        check(marked.as_bytes(), Encoding::Utf8, TEXT);
        check(&utf16(&marked, true), Encoding::Utf16Le, TEXT);
        check(&utf16(&marked, false), Encoding::Utf16Be, TEXT);
        check(&utf32(&marked, true), Encoding::Utf32Le, TEXT);
        check(&utf32(&marked, false), Encoding::Utf32Be, TEXT);
        check(&utf16("\u{FEFF}日本語のテキスト", true), Encoding::Utf16Le, "日本語のテキスト");
        check(b"\xFF\xFE", Encoding::Utf16Le, "");
    }

    #[test]
    fn wide_without_mark() {
        let long = TEXT.repeat(3);
        check(&utf16(&long, true), Encoding::Utf16Le, &long);
        check(&utf16(&long, false), Encoding::Utf16Be, &long);
        check(&utf32(&long, true), Encoding::Utf32Le, &long);
        check(&utf32(&long, false), Encoding::Utf32Be, &long);
        let russian = "Иванов Иван, телефон 123, город Москва\n";
        check(&utf16(russian, true), Encoding::Utf16Le, russian);
        check(&utf16("Ola", true), Encoding::Utf16Le, "Ola");
    }

    #[test]
    fn binary_with_nuls_stays() {
        let numbers: Vec<u8> = (0..4000_u32).flat_map(|i| (i * 7).to_le_bytes()).collect();
        let small: Vec<u8> = (0..4000_u32).flat_map(|i| ((i % 60) as u16).to_le_bytes()).collect();
        for bytes in
            [numbers, small, b"SQLite format 3\0\x10\0\x01\x01\0@  \0\0\0\x03\0\0\0\x02".to_vec()]
        {
            assert_eq!(guess(&bytes, true), Encoding::Bytes);
            assert_eq!(drain(decoded(tiny(&bytes, 3), Encoding::Bytes), 9).0, bytes);
        }
        // Text with a few NULs in it stays text.
        assert_eq!(
            guess(b"name;mail\0\nOla;ola@a.no and more text here\0\n", true),
            Encoding::Utf8
        );
    }

    #[test]
    fn eight_bit() {
        check(b"Bj\xF8rn S\xE6ther, \x80 100 \x93x\x94", Encoding::Utf8, "Bjørn Sæther, € 100 “x”");
        check("blandet ø ".as_bytes(), Encoding::Utf8, "blandet ø ");
        check(b"\xC3\xB8 og \xF8 og \xE2\x82", Encoding::Utf8, "ø og ø og â‚");
        check(
            b"Bj\x9Brn S\x91ther, \x8Fge, T\x9Dnsberg \xB3",
            Encoding::Dos,
            "Bjørn Sæther, Åge, TØnsberg │",
        );
        check(b"M\x81ller, Stra\xE1e, J\x84ger", Encoding::Dos, "Müller, Straße, Jäger");
        let mac = "Bjørn Sæther – Åge “Kåre” Müller, don’t";
        check(
            b"Bj\xBFrn S\xBEther \xD0 \x81ge \xD2K\x8Cre\xD3 M\x9Fller, don\xD5t",
            Encoding::Mac,
            mac,
        );
        check(b"Ma\xEEtre, S\x8CUR, \xBFqu\xE9?", Encoding::Utf8, "Maître, SŒUR, ¿qué?");
        check(b"It doesn\x92t matter \x84ja\x94", Encoding::Utf8, "It doesn’t matter „ja”");
    }

    #[test]
    fn mainframes() {
        let encoded = |text: &str, page: &[char; 192]| {
            let byte = |letter| (0..=255).rev().find(|b| super::ebcdic(*b, page) == letter);
            text.chars().map(|letter| byte(letter).unwrap()).collect::<Vec<u8>>()
        };
        let ebcdic = |text| encoded(text, &EBCDIC);
        let text =
            "Navn;E-post;Født\nKåre Sætre;kare@example.org;1980-01-31\nSiv Lie;siv@example.org;\n";
        let bytes = ebcdic(text);
        assert_eq!(bytes[..5], [0xD5, 0x81, 0xA5, 0x95, 0x5E]);
        check(&bytes, Encoding::Ebcdic, text);
        check(&[&bytes[..16], &[0x15], &bytes[17..]].concat(), Encoding::Ebcdic, text);
        let capitals = text.to_uppercase();
        check(&ebcdic(&capitals), Encoding::Ebcdic, &capitals);
        for text in [text, &capitals] {
            check(&encoded(text, &EBCDIC_NORDIC), Encoding::EbcdicNordic, text);
        }
        let swedish = "Namn;Ort\nÅke Sjöström;Umeå;ake@example.org\nKåre Näsman;Örebro och Söder\n";
        let finnish = "Nimi;Kunta\nVäinö Mäkelä;Hämeenlinna\nPirjo Kääriäinen;Jyväskylä\n";
        for text in [swedish, finnish, &swedish.to_uppercase(), &finnish.to_uppercase()] {
            check(&encoded(text, &EBCDIC_SWEDISH), Encoding::EbcdicSwedish, text);
        }
        let cyrillic =
            encoding_rs::WINDOWS_1251.encode("Иванов Иван, телефон, город Москва, улица").0;
        let chinese = "中文姓名电话地址".repeat(9);
        let chinese = encoding_rs::GBK.encode(&chinese).0;
        let russian = "ИвановИванМоскваРодилсяВСССР,телефон".repeat(3);
        for other in [&cyrillic[..], &chinese[..], russian.as_bytes(), &[0xC1; 99]] {
            let encoding = guess(other, true);
            assert!(!matches!(encoding, Encoding::Ebcdic | Encoding::EbcdicNordic));
        }
    }

    #[test]
    fn late_stray_byte() {
        let mut bytes = b"0123456789abcdef\n".repeat(200_000);
        bytes.extend_from_slice(b"Troms\xF8 ");
        bytes.extend_from_slice("og så UTF-8: Tromsø".as_bytes());
        for want in [1, 300_000] {
            let source = Source::from_read(Box::new(io::Cursor::new(bytes.clone())));
            let (out, _) = drain(decoded(source, guess(&bytes[..65536], false)), want);
            assert!(String::from_utf8(out).unwrap().ends_with("Tromsø og så UTF-8: Tromsø"));
        }
    }

    #[test]
    fn labels() {
        let polish = b"<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><a>Pawe\xB3</a>";
        check(
            polish,
            Encoding::Labelled(encoding_rs::ISO_8859_2),
            "<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><a>Paweł</a>",
        );
        let html = b"<html><head><META http-equiv=x content='text/html; charset=KOI8-R'>\xF0\xD2";
        assert_eq!(guess(html, true), Encoding::Labelled(encoding_rs::KOI8_R));
        let japanese = b"<html><meta charset=shift_jis>\x93\xFA\x96\x7B";
        check(
            japanese,
            Encoding::Labelled(encoding_rs::SHIFT_JIS),
            "<html><meta charset=shift_jis>日本",
        );
        assert_eq!(
            guess(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xF8</a>", true),
            Encoding::Utf8
        );
        assert_eq!(guess("<meta charset=koi8-r>ø".as_bytes(), true), Encoding::Utf8);
        assert_eq!(guess(b"<?xml version='1.0' encoding='utf-16'?><a/>", true), Encoding::Utf8);
    }

    #[test]
    fn broken_input_is_counted() {
        let mut odd = utf16("\u{FEFF}Ola", true);
        odd.push(b'x');
        assert_eq!(drain(decoded(tiny(&odd, 1), Encoding::Utf16Le), 3), ("Ola\u{FFFD}".into(), 1));
        let lone = [0x4F, 0, 0, 0xD8, 0x6C, 0];
        assert_eq!(drain(decoded(tiny(&lone, 1), Encoding::Utf16Le), 3), ("O\u{FFFD}l".into(), 1));
        let cut = [0x4F, 0, 0, 0, 0, 0xD8, 0, 0, 1];
        assert_eq!(
            drain(decoded(tiny(&cut, 1), Encoding::Utf32Le), 3),
            ("O\u{FFFD}\u{FFFD}".into(), 2)
        );
        let jis = b"\x93\xFA\x96";
        let sjis = Encoding::Labelled(encoding_rs::SHIFT_JIS);
        assert_eq!(drain(decoded(tiny(jis, 1), sjis), 1), ("日\u{FFFD}".into(), 1));
    }

    proptest! {
        #[test]
        fn anything_is_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..400), step in 1_usize..8, want in 1_usize..50) {
            let encoding = guess(&bytes, true);
            drain(decoded(tiny(&bytes, step), encoding), want);
            let (mixed, _) = drain(decoded(tiny(&bytes, step), Encoding::Utf8), want);
            prop_assert!(mixed.len() <= bytes.len() * 3);
            prop_assert!(std::str::from_utf8(&mixed).is_ok());
        }

        #[test]
        fn valid_text_is_untouched(text in "\\PC{0,200}", step in 1_usize..8, want in 1_usize..50) {
            let (out, _) = drain(decoded(tiny(text.as_bytes(), step), Encoding::Utf8), want);
            prop_assert_eq!(out, text.trim_start_matches('\u{FEFF}').as_bytes());
        }
    }
}
