//! The values of a Stata data set, as people see them: labels, days and texts that stand behind the rows.

use std::collections::HashMap;
use std::io::Read as _;

use super::super::{Order, moment, pass, take, text, with_zeros};
use super::DAMAGED;
use super::head::{Head, Kind, Variable, page, set_name, tag};
use crate::readers::Stop;
use crate::readers::office::number::plain;
use crate::source::{Random, Source};

/// Bytes of all labels, of one and of a long text at most.
const LABELS: usize = 64 << 20;
const LABEL: usize = 32_000;
const LONGEST: u32 = 16 << 20;
/// Long texts at most.
const LONGS: usize = 1 << 21;
/// Seconds of a day, and from 1960, which Stata counts from, to 1970.
const DAY: f64 = 86_400.0;
const SIXTIES: f64 = 315_619_200.0;

/// What stands behind the rows.
pub struct Behind {
    random: Random,
    /// Labels by the name of their list.
    labels: HashMap<String, List>,
    /// Where long texts stand and how long they are, by what tells them in rows.
    longs: Vec<(u64, u64, u32)>,
}

/// A list of labels: where each begins by what it stands for, and their letters.
#[derive(Default)]
struct List {
    places: HashMap<i32, usize>,
    letters: Vec<u8>,
}

impl Behind {
    /// Nothing, of this source.
    pub fn new(random: Random) -> Behind {
        Behind { random, labels: HashMap::new(), longs: Vec::new() }
    }

    /// Reads what is there.
    pub fn read(&mut self, head: &Head) -> Result<(), Stop> {
        let at = head.rows_at.saturating_add(head.rows_length());
        let mut source = Source::from_section(self.random.section(at, u64::MAX));
        // Before Stata 6 labels stood in lists of another kind.
        if head.release < 108 {
            return Ok(());
        }
        if !head.is_tagged() {
            while !source.peek(1)?.is_empty() {
                self.labels(head, &mut source)?;
            }
            return Ok(());
        }
        tag(&mut source, b"</data><strls>")?;
        while source.peek(3)?.starts_with(b"GSO") {
            self.long(head, at, &mut source)?;
        }
        self.longs.sort_unstable();
        tag(&mut source, b"</strls><value_labels>")?;
        while source.peek(5)?.starts_with(b"<lbl>") {
            tag(&mut source, b"<lbl>")?;
            self.labels(head, &mut source)?;
            tag(&mut source, b"</lbl>")?;
        }
        Ok(())
    }

    /// Reads a list of labels.
    fn labels(&mut self, head: &Head, source: &mut Source) -> Result<(), Stop> {
        let length = head.order.u32(&take(source, 4)?, 0).ok_or(DAMAGED)? as usize;
        let name = take(source, set_name(head.release))?;
        pass(source, 3)?;
        let held: usize = self.labels.values().map(|list| list.letters.len()).sum();
        if length > LABELS.saturating_sub(held) {
            return Err(DAMAGED);
        }
        let list = List::of(&take(source, length)?, head.order).ok_or(DAMAGED)?;
        self.labels.insert(text(&name, page(head.release)), list);
        Ok(())
    }

    /// Puts down where a long text stands, of bytes behind this place: `GSO`, the variable and the row that have it
    /// first, what it is, its length and its letters.
    fn long(&mut self, head: &Head, behind: u64, source: &mut Source) -> Result<(), Stop> {
        let (order, is_short) = (head.order, head.release == 117);
        let told = take(source, if is_short { 16 } else { 20 })?;
        let row = if is_short { order.u32(&told, 7).map(u64::from) } else { order.u64(&told, 7) };
        let (variable, row) = order.u32(&told, 3).zip(row).ok_or(DAMAGED)?;
        let length = order.u32(&told, told.len() - 4).ok_or(DAMAGED)?;
        if self.longs.len() == LONGS {
            return Err(Stop::Malformed("the Stata data set has too many long texts"));
        }
        self.longs.push((key(variable.into(), row), behind + source.position(), length));
        pass(source, length.into())
    }

    fn label(&self, variable: &Variable, value: i32, head: &Head) -> Option<String> {
        let list = self.labels.get(&variable.labels)?;
        let letters = list.letters.get(*list.places.get(&value)?..)?;
        Some(text(&letters[..letters.len().min(LABEL)], page(head.release)))
    }

    /// The long text that a value in a row stands for; bytes that are none are nothing.
    fn long_text(&self, value: &[u8], head: &Head) -> Result<String, Stop> {
        let bits = match head.release {
            117 => 32,
            118 => 16,
            _ => 24,
        };
        let whole = head.order.u64(value, 0).ok_or(DAMAGED)?;
        let (variable, row) = match head.order {
            Order::Little => (whole & !(u64::MAX << bits), whole >> bits),
            Order::Big => (whole >> (64 - bits), whole & (u64::MAX >> bits)),
        };
        let key = key(variable, row);
        let Ok(i) = self.longs.binary_search_by_key(&key, |long| long.0) else {
            return Ok(String::new());
        };
        let (_, at, length) = self.longs[i];
        let mut bytes = Vec::new();
        self.random.section(at, length.min(LONGEST).into()).read_to_end(&mut bytes)?;
        let bytes = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) if head.release == 117 && !bytes.contains(&0) => page(117).decode(bytes),
            Err(_) => String::new(),
        })
    }

    /// A value as people see it; nothing where it is missing.
    pub fn shown(&self, value: &[u8], variable: &Variable, head: &Head) -> Result<String, Stop> {
        let order = head.order;
        // Since Stata 8 there are more of them than one.
        let (byte, int, word) = if head.release < 113 {
            (126, 32_766, i32::MAX - 1)
        } else {
            (100, 32_740, 2_147_483_620)
        };
        let number = match variable.kind {
            Kind::Text(_) => return Ok(text(value, page(head.release))),
            Kind::Long => return self.long_text(value, head),
            Kind::Byte => value.first().map(|b| b.cast_signed().into()).filter(|n| *n <= byte),
            Kind::Int => order.u16(value, 0).map(|n| n.cast_signed().into()).filter(|n| *n <= int),
            Kind::Word => order.i32(value, 0).filter(|n| *n <= word),
            Kind::Float => {
                let number =
                    order.u32(value, 0).map(f32::from_bits).filter(|n| *n < 2f32.powi(127));
                return Ok(number.map_or_else(String::new, |n| match n.fract() {
                    0.0 => self.number(n.into(), variable, head),
                    _ => n.to_string(),
                }));
            }
            Kind::Double => {
                let number = order.f64(value, 0).filter(|n| *n < 2f64.powi(1023));
                return Ok(number.map_or_else(String::new, |n| self.number(n, variable, head)));
            }
        };
        Ok(number.map_or_else(String::new, |n| self.number(n.into(), variable, head)))
    }

    fn number(&self, value: f64, variable: &Variable, head: &Head) -> String {
        let is_whole = value.fract() == 0.0 && value.abs() < 2f64.powi(31);
        #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
        let label = is_whole.then(|| self.label(variable, value as i32, head)).flatten();
        label.unwrap_or_else(|| in_format(value, &variable.format))
    }
}

impl List {
    /// How many labels there are, how long their letters are, where each begins, and what each stands for.
    fn of(bytes: &[u8], order: Order) -> Option<List> {
        let count = usize::try_from(order.i32(bytes, 0)?).ok()?;
        let letters = bytes.get(count.checked_mul(8)?.checked_add(8)?..)?.to_vec();
        let place = |i: usize| {
            let from = usize::try_from(order.i32(bytes, 8 + 4 * i)?).ok()?;
            Some((order.i32(bytes, 8 + 4 * (count + i))?, from))
        };
        Some(List { places: (0..count).map(place).collect::<Option<_>>()?, letters })
    }
}

/// What tells a long text: no data set has as many rows as would not fit.
fn key(variable: u64, row: u64) -> u64 {
    const BITS: u32 = 40;
    variable << BITS | row & ((1 << BITS) - 1)
}

/// A number in its format.
fn in_format(value: f64, format: &str) -> String {
    match format.trim_start_matches(['%', '-']).as_bytes() {
        [b't', b'd', ..] | [b'd', ..] => moment(value * DAY - SIXTIES),
        [b't', b'c' | b'C', ..] => moment(value / 1000.0 - SIXTIES),
        [b't', b'm', ..] if value.abs() < 1e5 => {
            let year = 1960.0 + (value / 12.0).floor();
            format!("{year:04}-{:02}", value.rem_euclid(12.0) + 1.0)
        }
        [b'0', places @ ..] => {
            let places = places.iter().take_while(|b| b.is_ascii_digit());
            let places = places.fold(0, |n: usize, b| n * 10 + usize::from(b - b'0'));
            with_zeros(value, places.min(64))
        }
        _ => plain(value),
    }
}
