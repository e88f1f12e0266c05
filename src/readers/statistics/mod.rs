//! Data sets of programs for statistics: SPSS, Stata and R. What their readers share stands here.

use super::Stop;
use super::office::codepage::CodePage;
use super::office::number::plain;
use super::parquet::time;
use crate::source::Source;
use crate::unit::{Sink, SlotId};

pub mod r;
pub mod spss;
pub mod stata;

/// Longest label that is taken for another name: longer ones are questions.
const LABEL: usize = 60;
/// Names are cut to this many bytes.
const NAME: usize = 200;

/// In which order the bytes of numbers stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The highest first.
    Big,
    /// The lowest first.
    Little,
}

impl Order {
    /// The bytes of a number, the lowest first.
    fn number<const N: usize>(self, bytes: &[u8], at: usize) -> Option<[u8; N]> {
        let mut number = *bytes.get(at..)?.first_chunk::<N>()?;
        if self == Order::Big {
            number.reverse();
        }
        Some(number)
    }

    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        self.number(bytes, at).map(u16::from_le_bytes)
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        self.number(bytes, at).map(u32::from_le_bytes)
    }

    fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        self.number(bytes, at).map(u64::from_le_bytes)
    }

    fn i32(self, bytes: &[u8], at: usize) -> Option<i32> {
        self.number(bytes, at).map(i32::from_le_bytes)
    }

    fn f64(self, bytes: &[u8], at: usize) -> Option<f64> {
        self.number(bytes, at).map(f64::from_le_bytes)
    }
}

/// The next bytes of a source, as many as asked for.
fn take(source: &mut Source, length: usize) -> Result<Vec<u8>, Stop> {
    let bytes = source.peek(length)?;
    let bytes = bytes.get(..length).ok_or(Stop::Malformed("the data set ends too early"))?.to_vec();
    source.consume(length);
    Ok(bytes)
}

/// Steps over bytes of a source, however many.
fn pass(source: &mut Source, mut length: u64) -> Result<(), Stop> {
    while length > 0 {
        let there = source.peek(1)?.len() as u64;
        if there == 0 {
            return Err(Stop::Malformed("the data set ends too early"));
        }
        let step = there.min(length);
        source.consume(usize::try_from(step).unwrap_or(usize::MAX));
        length -= step;
    }
    Ok(())
}

/// The text of a field of fixed length, without what fills it up. Programs that know nothing of code pages write UTF-8
/// where another is told.
fn text(bytes: &[u8], page: CodePage) -> String {
    let text = bytes.split(|b| *b == 0).next().unwrap_or(bytes).trim_ascii_end();
    let is_text = std::str::from_utf8(text).ok().map(str::to_owned);
    is_text.unwrap_or_else(|| page.decode(text))
}

/// A name, cut.
fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME)]
}

/// The slot of a variable. Where its name tells no kind and its label does, it bears both: `v12.Date_of_birth`.
fn slot(table: Option<&str>, name: &str, label: &str, sink: &mut Sink<'_>) -> SlotId {
    if label.len() > LABEL || sink.names_kind(name) || !sink.names_kind(label) {
        return sink.slot(table, Some(name));
    }
    let words: Vec<&str> =
        label.split(|c: char| c.is_whitespace() || c == '.').filter(|w| !w.is_empty()).collect();
    sink.slot(table, Some(&format!("{name}.{}", words.join("_"))))
}

/// How much longer a text is than usual ones: labels and long texts stand in a file once, and may be seen in every row.
fn excess(text: &str) -> usize {
    const USUAL: usize = 256;
    text.len().saturating_sub(USUAL)
}

/// A point in time, in seconds since 1970; at midnight the day alone.
fn moment(seconds: f64) -> String {
    /// What is longer ago, or further off, is no time.
    const MOST: f64 = 1e13;
    if !(-MOST..MOST).contains(&seconds) {
        return plain(seconds);
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
    let whole = seconds.floor() as i64;
    time(whole, 1)
}

/// A whole number with zeros in front of it, so that it has so many places.
fn with_zeros(value: f64, places: usize) -> String {
    let digits = plain(value);
    let is_whole = digits.bytes().all(|b| b.is_ascii_digit());
    if is_whole { format!("{digits:0>places$}") } else { digits }
}
