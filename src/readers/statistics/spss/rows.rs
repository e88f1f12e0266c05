//! The rows of an SPSS data set, unpacked.

use std::io;

use flate2::{Decompress, FlushDecompress, Status};

use super::super::{pass, take};
use super::{DAMAGED, ELEMENT, Order};
use crate::meter::Meter;
use crate::readers::Stop;
use crate::source::Source;

/// Bytes that are unpacked at once.
const BLOCK: usize = 64 << 10;
/// The codes of elements; what is between is a number itself.
mod code {
    pub const FILL: u8 = 0;
    pub const LAST_NUMBER: u8 = 251;
    pub const END: u8 = 252;
    pub const LITERAL: u8 = 253;
    pub const BLANKS: u8 = 254;
    pub const NONE: u8 = 255;
}

/// How rows are packed; codes come with what is taken from numbers.
#[derive(Clone, Copy)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// A code for each element.
    Codes(f64),
    /// The same, in streams of zlib.
    Zlib(f64),
}

/// The rows that are left.
pub struct Rows<'s> {
    input: Input<'s>,
    order: Order,
    /// What is taken from numbers, where there are codes.
    bias: Option<f64>,
    codes: [u8; ELEMENT],
    /// How many of the codes were used.
    used: usize,
}

impl<'s> Rows<'s> {
    /// The rows that begin here.
    pub fn new(
        source: &'s mut Source,
        order: Order,
        packing: Packing,
        meter: &'s Meter,
    ) -> Result<Rows<'s>, Stop> {
        let (bias, input) = match packing {
            Packing::Plain => (None, Input::Plain(source)),
            Packing::Codes(bias) => (Some(bias), Input::Plain(source)),
            Packing::Zlib(bias) => (Some(bias), Input::Packed(Packed::new(source, order, meter)?)),
        };
        Ok(Rows { input, order, bias, codes: [0; ELEMENT], used: ELEMENT })
    }

    /// Reads the next row; whether there is one.
    pub fn next(&mut self, row: &mut [u8]) -> Result<bool, Stop> {
        for (element, i) in row.chunks_exact_mut(ELEMENT).zip(0..) {
            if !self.element(element)? {
                return if i == 0 {
                    Ok(false)
                } else {
                    Err(Stop::Malformed("the last row is cut"))
                };
            }
        }
        Ok(true)
    }

    fn element(&mut self, into: &mut [u8]) -> Result<bool, Stop> {
        let Some(bias) = self.bias else { return self.input.fill(into) };
        let number = |value: f64| match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        };
        loop {
            if self.used == ELEMENT {
                if !self.input.fill(&mut self.codes)? {
                    return Ok(false);
                }
                self.used = 0;
            }
            let code = self.codes[self.used];
            self.used += 1;
            match code {
                code::FILL => {}
                code::END => return Ok(false),
                code::LITERAL => return self.input.fill(into),
                code::BLANKS => {
                    into.fill(b' ');
                    return Ok(true);
                }
                code::NONE | ..=code::LAST_NUMBER => {
                    let value = if code == code::NONE { -f64::MAX } else { f64::from(code) - bias };
                    into.copy_from_slice(&number(value));
                    return Ok(true);
                }
            }
        }
    }
}

/// Where elements come from.
enum Input<'s> {
    Plain(&'s mut Source),
    Packed(Packed<'s>),
}

impl Input<'_> {
    /// Reads the next element; whether there is one.
    fn fill(&mut self, into: &mut [u8]) -> Result<bool, Stop> {
        let there = match self {
            Input::Plain(source) => {
                let bytes = source.peek(into.len())?;
                let there = bytes.len().min(into.len());
                into[..there].copy_from_slice(&bytes[..there]);
                source.consume(there);
                there
            }
            Input::Packed(packed) => packed.read(into)?,
        };
        match there {
            0 => Ok(false),
            _ if there == into.len() => Ok(true),
            _ => Err(Stop::Malformed("the last row is cut")),
        }
    }
}

/// Streams of zlib, one behind the other.
struct Packed<'s> {
    source: &'s mut Source,
    inflate: Decompress,
    /// Bytes of them that are left.
    left: u64,
    block: Vec<u8>,
    at: usize,
    meter: &'s Meter,
}

impl<'s> Packed<'s> {
    fn new(source: &'s mut Source, order: Order, meter: &'s Meter) -> Result<Packed<'s>, Stop> {
        let told = take(source, 24)?;
        let place = |at| order.u64(&told, at);
        let (start, end) = place(0).zip(place(8)).ok_or(DAMAGED)?;
        let left = end.checked_sub(start.saturating_add(24)).ok_or(DAMAGED)?;
        let (inflate, block) = (Decompress::new(true), Vec::new());
        Ok(Packed { source, inflate, left, block, at: 0, meter })
    }

    /// Reads bytes, fewer only at the end.
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Stop> {
        let mut there = 0;
        while there < into.len() {
            if self.at == self.block.len() && !self.unpack()? {
                break;
            }
            let n = (into.len() - there).min(self.block.len() - self.at);
            into[there..there + n].copy_from_slice(&self.block[self.at..self.at + n]);
            there += n;
            self.at += n;
        }
        Ok(there)
    }

    /// Unpacks what comes next; whether there is anything.
    fn unpack(&mut self) -> Result<bool, Stop> {
        self.block.resize(BLOCK, 0);
        loop {
            // As many at once whatever the window: what comes out before damage depends on it.
            let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(BLOCK);
            let bytes = self.source.peek(most)?;
            let bytes = &bytes[..bytes.len().min(most)];
            if bytes.is_empty() {
                self.block.clear();
                self.at = 0;
                return if self.left == 0 { Ok(false) } else { Err(DAMAGED) };
            }
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let done = self.inflate.decompress(bytes, &mut self.block, FlushDecompress::None);
            let done = done.map_err(|_| DAMAGED)?;
            let taken = self.inflate.total_in() - before.0;
            let given = usize::try_from(self.inflate.total_out() - before.1).unwrap_or(0);
            pass(self.source, taken)?;
            self.left -= taken;
            if done == Status::StreamEnd {
                self.inflate.reset(true);
            } else if taken == 0 && given == 0 {
                return Err(DAMAGED);
            }
            if given > 0 {
                self.meter.take(given).map_err(io::Error::other)?;
                self.block.truncate(given);
                self.at = 0;
                return Ok(true);
            }
        }
    }
}
