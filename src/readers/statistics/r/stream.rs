//! Numbers and texts as R writes them one behind the other: in bytes, or as words.

use super::super::{Order, pass, take};
use super::DAMAGED;
use crate::readers::Stop;
use crate::source::Source;

/// Bytes that are taken at once: no more is held ready than there is.
const PART: usize = 64 << 10;
/// Longest word.
const WORD: usize = 64;
/// The number that stands for none.
const NONE: i32 = i32::MIN;

/// How numbers are written.
#[derive(Clone, Copy)]
pub enum Form {
    /// In bytes of an order.
    Numbers(Order),
    /// As words.
    Letters,
}

/// What is left of a source.
pub struct Stream<'s> {
    source: &'s mut Source,
    form: Form,
}

impl<'s> Stream<'s> {
    /// A source from here on.
    pub fn new(source: &'s mut Source, form: Form) -> Stream<'s> {
        Stream { source, form }
    }

    /// A whole number.
    pub fn int(&mut self) -> Result<i32, Stop> {
        let Form::Numbers(order) = self.form else {
            let word = self.word()?;
            return if word == "NA" { Ok(NONE) } else { word.parse().map_err(|_| DAMAGED) };
        };
        let number = order.i32(self.source.peek(4)?, 0).ok_or(DAMAGED)?;
        self.source.consume(4);
        Ok(number)
    }

    /// A number; what is none is not a number.
    pub fn double(&mut self) -> Result<f64, Stop> {
        let Form::Numbers(order) = self.form else {
            let word = self.word()?;
            return if word == "NA" { Ok(f64::NAN) } else { word.parse().map_err(|_| DAMAGED) };
        };
        let number = order.f64(self.source.peek(8)?, 0).ok_or(DAMAGED)?;
        self.source.consume(8);
        Ok(number)
    }

    /// Adds so many letters.
    pub fn letters(&mut self, mut length: usize, into: &mut Vec<u8>) -> Result<(), Stop> {
        if matches!(self.form, Form::Letters) {
            self.blanks()?;
            for _ in 0..length {
                into.push(self.letter()?);
            }
            return Ok(());
        }
        while length > 0 {
            let bytes = self.source.peek(length.min(PART))?;
            let bytes = &bytes[..bytes.len().min(length)];
            if bytes.is_empty() {
                return Err(DAMAGED);
            }
            into.extend_from_slice(bytes);
            let taken = bytes.len();
            self.source.consume(taken);
            length -= taken;
        }
        Ok(())
    }

    /// Steps over so many bytes.
    pub fn pass(&mut self, length: usize) -> Result<(), Stop> {
        match self.form {
            Form::Numbers(_) => pass(self.source, length as u64),
            Form::Letters => (0..length).try_for_each(|_| self.word().map(drop)),
        }
    }

    /// The next word.
    fn word(&mut self) -> Result<String, Stop> {
        self.blanks()?;
        let bytes = self.source.peek(WORD)?;
        let end = bytes.iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len());
        let word = std::str::from_utf8(&bytes[..end]).map_err(|_| DAMAGED)?.to_owned();
        self.source.consume(end);
        if word.is_empty() { Err(DAMAGED) } else { Ok(word) }
    }

    fn blanks(&mut self) -> Result<(), Stop> {
        while self.source.peek(1)?.first().is_some_and(u8::is_ascii_whitespace) {
            self.source.consume(1);
        }
        Ok(())
    }

    /// A letter, which may be written as a C program would.
    fn letter(&mut self) -> Result<u8, Stop> {
        let mut next = || -> Result<u8, Stop> { Ok(take(self.source, 1)?[0]) };
        let first = next()?;
        if first != b'\\' {
            return Ok(first);
        }
        let second = next()?;
        if !second.is_ascii_digit() {
            return Ok(match second {
                b'n' => b'\n',
                b't' => b'\t',
                b'v' => 11,
                b'b' => 8,
                b'r' => b'\r',
                b'f' => 12,
                b'a' => 7,
                other => other,
            });
        }
        let digits = self.source.peek(2)?.iter().take(2).take_while(|b| (b'0'..=b'7').contains(b));
        let digits: Vec<u8> = [second].into_iter().chain(digits.copied()).collect();
        self.source.consume(digits.len() - 1);
        Ok(digits.iter().fold(0, |all: u8, b| all.wrapping_mul(8).wrapping_add(b - b'0')))
    }
}
