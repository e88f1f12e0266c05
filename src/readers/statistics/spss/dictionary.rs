//! The dictionary of an SPSS data set: its variables, what they are called and how their values are shown.

use std::collections::HashMap;
use std::rc::Rc;

use encoding_rs::Encoding;

use super::super::{cut, moment, pass, take, text, with_zeros};
use super::{DAMAGED, ELEMENT, Order};
use crate::readers::Stop;
use crate::readers::office::codepage::CodePage;
use crate::readers::office::number::plain;
use crate::source::Source;

/// Elements of a row, bytes of a record and bytes of all that is held at most: more has no honest file.
const ELEMENTS: usize = 1 << 20;
const RECORD: usize = 16 << 20;
const HELD: usize = 64 << 20;
/// What a variable or a label takes besides its letters, about.
const EACH: usize = 128;
/// Letters of a text that stand in one of its parts, and how many more than these a part has room for.
const PART: usize = 252;
const WHOLE_PART: usize = 255;
/// The number that stands for none.
const NONE: f64 = -f64::MAX;
/// Seconds from the beginning of the Gregorian calendar, which SPSS counts from, to 1970.
const CALENDAR: f64 = 12_219_379_200.0;

/// Kinds of records.
mod kind {
    pub const VARIABLE: i32 = 2;
    pub const LABELS: i32 = 3;
    pub const LABELLED: i32 = 4;
    pub const DOCUMENT: i32 = 6;
    pub const MORE: i32 = 7;
    pub const END: i32 = 999;
}

/// Kinds of further records.
mod more {
    pub const MACHINE: i32 = 3;
    pub const NAMES: i32 = 13;
    pub const LONG_TEXTS: i32 = 14;
    pub const ENCODING: i32 = 20;
    pub const LONG_LABELS: i32 = 21;
}

/// Labels by the bytes of the values that they stand for: of texts, with blanks that fill up an element.
type Labels = HashMap<Vec<u8>, Vec<u8>>;

/// What the records tell, undecoded: how bytes become letters is told by the last of them.
#[derive(Default)]
pub struct Dictionary {
    /// Elements of a row.
    pub elements: usize,
    /// What somebody has written about the data.
    pub remarks: Vec<u8>,
    columns: Vec<Column>,
    held: usize,
    /// Pairs of short and long names, and of short names and lengths.
    names: Vec<u8>,
    long_texts: Vec<u8>,
    long_labels: Vec<u8>,
    encoding: Vec<u8>,
    code: u32,
}

/// A variable, or a part of one.
struct Column {
    name: Vec<u8>,
    label: Vec<u8>,
    /// The element of a row that it begins at.
    at: usize,
    /// Letters of a text; none for a number.
    width: usize,
    format: u32,
    labels: Option<Rc<Labels>>,
}

/// A variable.
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it is called for people.
    pub label: String,
    /// Where in a row its parts stand, for texts.
    parts: Vec<std::ops::Range<usize>>,
    /// Where in a row it stands, for numbers.
    at: usize,
    format: u32,
    labels: Option<Rc<Labels>>,
    page: CodePage,
}

impl Dictionary {
    /// Reads the records up to the rows.
    pub fn read(source: &mut Source, order: Order) -> Result<Dictionary, Stop> {
        let mut told = Dictionary::default();
        let mut labels = None;
        loop {
            match number(source, order)? {
                kind::VARIABLE => told.variable(source, order)?,
                kind::LABELS => labels = Some(Rc::new(told.labels(source, order)?)),
                kind::LABELLED => {
                    for _ in 0..number(source, order)? {
                        let at = usize::try_from(number(source, order)?).map_err(|_| DAMAGED)?;
                        if let Ok(i) = told.columns.binary_search_by_key(&at, |c| c.at + 1) {
                            told.columns[i].labels.clone_from(&labels);
                        }
                    }
                }
                kind::DOCUMENT => {
                    for _ in 0..number(source, order)? {
                        let line = take(source, 80)?;
                        if told.remarks.len() < RECORD {
                            told.remarks.extend_from_slice(line.trim_ascii_end());
                            told.remarks.push(b'\n');
                        }
                    }
                }
                kind::MORE => told.more(source, order)?,
                kind::END => {
                    number(source, order)?;
                    return Ok(told);
                }
                _ => return Err(DAMAGED),
            }
        }
    }

    fn variable(&mut self, source: &mut Source, order: Order) -> Result<(), Stop> {
        let told = take(source, 28)?;
        let value = |at| order.i32(&told, at).ok_or(DAMAGED);
        let width = value(0)?;
        let mut label = Vec::new();
        if value(4)? != 0 {
            let length = length(number(source, order)?)?;
            label = take(source, length.next_multiple_of(4))?;
            label.truncate(length);
        }
        // A range of missing values is told by a negative number.
        pass(source, u64::from(value(8)?.unsigned_abs().min(3)) * ELEMENT as u64)?;
        if self.elements >= ELEMENTS {
            return Err(DAMAGED);
        }
        self.hold(label.len())?;
        // Others only say that the one before goes on.
        if let Ok(width) = usize::try_from(width) {
            let (name, at) = (told[20..].trim_ascii_end().to_vec(), self.elements);
            let format = value(12)?.cast_unsigned();
            self.columns.push(Column { name, label, at, width, format, labels: None });
        }
        self.elements += 1;
        Ok(())
    }

    fn labels(&mut self, source: &mut Source, order: Order) -> Result<Labels, Stop> {
        let mut labels = Labels::new();
        for _ in 0..number(source, order)? {
            let value = take(source, ELEMENT)?;
            let length = usize::from(take(source, 1)?[0]);
            let mut label = take(source, (length + 1).next_multiple_of(8) - 1)?;
            label.truncate(length);
            self.hold(length)?;
            labels.insert(value, label);
        }
        Ok(labels)
    }

    fn hold(&mut self, bytes: usize) -> Result<(), Stop> {
        self.held += EACH + bytes;
        if self.held > HELD { Err(DAMAGED) } else { Ok(()) }
    }

    fn more(&mut self, source: &mut Source, order: Order) -> Result<(), Stop> {
        let told = take(source, 12)?;
        let value = |at| order.i32(&told, at).and_then(|n| u32::try_from(n).ok()).ok_or(DAMAGED);
        let length = u64::from(value(4)?) * u64::from(value(8)?);
        let into = match order.i32(&told, 0) {
            Some(more::MACHINE) => {
                let machine = take(source, usize::try_from(length).map_err(|_| DAMAGED)?.min(32))?;
                self.code = order.i32(&machine, 28).unwrap_or(0).cast_unsigned();
                return pass(source, length - machine.len() as u64);
            }
            Some(more::NAMES) => &mut self.names,
            Some(more::LONG_TEXTS) => &mut self.long_texts,
            Some(more::LONG_LABELS) => &mut self.long_labels,
            Some(more::ENCODING) => &mut self.encoding,
            _ => return pass(source, length),
        };
        let length = usize::try_from(length).ok().filter(|n| *n <= RECORD).ok_or(DAMAGED)?;
        *into = take(source, length)?;
        Ok(())
    }

    /// How bytes become letters, if that is told.
    pub fn page(&self) -> Option<CodePage> {
        let named = Encoding::for_label(self.encoding.trim_ascii()).map(CodePage::Table);
        // Smaller numbers name no code page.
        named.or_else(|| (self.code > 100).then(|| CodePage::numbered(self.code)))
    }

    /// The variables, with texts in one that stand in several.
    pub fn variables(&self, order: Order, page: Option<CodePage>) -> Result<Vec<Variable>, Stop> {
        let page = page.unwrap_or(CodePage::numbered(1252));
        let pairs = |list: &[u8], ends: fn(&u8) -> bool| -> HashMap<Vec<u8>, Vec<u8>> {
            let pairs = list.split(ends).filter_map(|pair| {
                let at = memchr::memchr(b'=', pair)?;
                Some((pair[..at].to_ascii_uppercase(), pair[at + 1..].to_vec()))
            });
            pairs.collect()
        };
        let names = pairs(&self.names, |b| matches!(b, b'\t' | 0));
        let lengths = pairs(&self.long_texts, |b| matches!(b, b'\t' | 0));
        let mut long_labels = long_labels(&self.long_labels, order);
        let mut variables: Vec<Variable> = Vec::new();
        let mut columns = self.columns.iter();
        while let Some(column) = columns.next() {
            let name = column.name.to_ascii_uppercase();
            let length = lengths.get(&name).and_then(|n| std::str::from_utf8(n).ok()?.parse().ok());
            let length: usize = length.unwrap_or(column.width);
            let mut parts = vec![column.part(length)];
            if length > WHOLE_PART {
                let others = columns.by_ref().take(length.div_ceil(PART) - 1).zip(1..);
                let left = |i: usize| length.saturating_sub(i * WHOLE_PART);
                parts.extend(others.map(|(other, i)| other.part(left(i))));
            }
            if parts.iter().any(|part| part.end > self.elements * ELEMENT) {
                return Err(DAMAGED);
            }
            let long_name = names.get(&name).unwrap_or(&column.name);
            let long_labels = || long_labels.remove(&long_name.to_ascii_uppercase());
            variables.push(Variable {
                name: cut(&text(long_name, page)).to_owned(),
                label: text(&column.label, page),
                parts: if column.width == 0 { Vec::new() } else { parts },
                at: column.at * ELEMENT,
                format: column.format,
                labels: column.labels.clone().or_else(long_labels),
                page,
            });
        }
        Ok(variables)
    }
}

impl Column {
    /// Where in a row its letters stand, of so many that are left.
    fn part(&self, left: usize) -> std::ops::Range<usize> {
        let start = self.at * ELEMENT;
        start..start + self.width.min(left)
    }
}

impl Variable {
    /// What a row holds in it, as people see it.
    pub fn text(&self, row: &[u8], order: Order) -> String {
        let label = |value: &[u8]| Some(text(self.labels.as_ref()?.get(value)?, self.page));
        if self.parts.is_empty() {
            let value = row.get(self.at..self.at + ELEMENT).unwrap_or_default();
            let number = || self.number(order.f64(value, 0).unwrap_or(NONE));
            return label(value).unwrap_or_else(number);
        }
        let part = |part: &std::ops::Range<usize>| row.get(part.clone()).unwrap_or_default();
        let value = self.parts.iter().map(part).collect::<Vec<_>>().concat();
        label(&filled(&value)).unwrap_or_else(|| text(&value, self.page))
    }

    /// A number in the look of its format.
    fn number(&self, value: f64) -> String {
        if value == NONE || value.is_nan() {
            return String::new();
        }
        let places = (self.format >> 8 & 0xFF) as usize;
        match self.format >> 16 & 0xFF {
            // Zoned and restricted numbers.
            15 | 16 => with_zeros(value, places),
            20 | 22..=24 | 28..=30 | 38 | 39 | 41 => moment(value - CALENDAR),
            21 | 25 | 40 if value.abs() < 1e9 => clock(value),
            _ => plain(value),
        }
    }
}

/// The labels of long texts, by the variables' names.
fn long_labels(record: &[u8], order: Order) -> HashMap<Vec<u8>, Rc<Labels>> {
    let mut all = HashMap::new();
    let mut rest = record;
    let number = |rest: &mut &[u8]| {
        let number = usize::try_from(order.i32(rest, 0)?).ok()?;
        *rest = &rest[4..];
        Some(number)
    };
    let text = |rest: &mut &[u8]| {
        let length = number(rest)?;
        let (text, others) = rest.split_at_checked(length)?;
        *rest = others;
        Some(text.to_vec())
    };
    let mut next = || {
        let name = text(&mut rest)?.to_ascii_uppercase();
        number(&mut rest)?;
        let mut labels = Labels::new();
        for _ in 0..number(&mut rest)? {
            labels.insert(filled(&text(&mut rest)?), text(&mut rest)?);
        }
        Some((name, Rc::new(labels)))
    };
    while let Some((name, labels)) = next() {
        all.insert(name, labels);
    }
    all
}

/// A text with the blanks that fill up an element, and no more.
fn filled(text: &[u8]) -> Vec<u8> {
    let mut filled = text.trim_ascii_end().to_vec();
    filled.resize(filled.len().max(ELEMENT), b' ');
    filled
}

/// A length of time, or a time of day.
fn clock(seconds: f64) -> String {
    let (whole, sign) = (seconds.abs().floor(), if seconds < 0.0 { "-" } else { "" });
    let (hours, minutes) = ((whole / 3600.0).floor(), (whole / 60.0).floor() % 60.0);
    format!("{sign}{hours:02.0}:{minutes:02.0}:{:02.0}", whole % 60.0)
}

fn number(source: &mut Source, order: Order) -> Result<i32, Stop> {
    order.i32(&take(source, 4)?, 0).ok_or(DAMAGED)
}

/// A length that a file tells.
fn length(told: i32) -> Result<usize, Stop> {
    usize::try_from(told).ok().filter(|n| *n <= RECORD).ok_or(DAMAGED)
}
