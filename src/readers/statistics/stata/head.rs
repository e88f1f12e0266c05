//! What stands before the rows of a Stata data set: its variables, and where what stands.

use super::super::{Order, pass, take, text};
use super::DAMAGED;
use crate::readers::Stop;
use crate::readers::office::codepage::CodePage;
use crate::source::Source;

/// Variables at most: as Stata has it, with some to spare.
const VARIABLES: usize = 1 << 17;
/// How the forms begin that are made of tags.
const TAGS: &[u8] = b"<stata_dta><header><release>";
/// Where the list of variables stands in the header of forms without tags, and the name of the whole.
const COUNT: usize = 4;
const NAME: usize = 10;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text of at most so many bytes.
    Text(usize),
    /// A long text, which stands elsewhere.
    Long,
    /// A number.
    Byte,
    /// One of two bytes.
    Int,
    /// One of four bytes.
    Word,
    /// One with a point, of four bytes.
    Float,
    /// One with a point.
    Double,
}

impl Kind {
    /// Bytes of a value in a row.
    pub fn length(self) -> usize {
        match self {
            Kind::Text(length) => length,
            Kind::Byte => 1,
            Kind::Int => 2,
            Kind::Word | Kind::Float => 4,
            Kind::Long | Kind::Double => 8,
        }
    }

    /// The kind by its number in forms with tags.
    fn wide(number: u16) -> Option<Kind> {
        Some(match number {
            1..=2045 => Kind::Text(number.into()),
            32_768 => Kind::Long,
            65_526 => Kind::Double,
            65_527 => Kind::Float,
            65_528 => Kind::Word,
            65_529 => Kind::Int,
            65_530 => Kind::Byte,
            _ => return None,
        })
    }

    /// The kind by its number in forms without.
    fn narrow(number: u8, release: u16) -> Option<Kind> {
        Some(match number {
            255 if release > 110 => Kind::Double,
            254 if release > 110 => Kind::Float,
            253 if release > 110 => Kind::Word,
            252 if release > 110 => Kind::Int,
            251 if release > 110 => Kind::Byte,
            1..=244 if release > 110 => Kind::Text(number.into()),
            b'd' => Kind::Double,
            b'f' => Kind::Float,
            b'l' => Kind::Word,
            b'i' => Kind::Int,
            b'b' => Kind::Byte,
            128.. => Kind::Text(usize::from(number) - 127),
            _ => return None,
        })
    }
}

/// A variable.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it is called for people.
    pub label: String,
    /// What its values are.
    pub kind: Kind,
    /// How they are shown.
    pub format: String,
    /// What the labels of its values are called.
    pub labels: String,
}

/// What stands before the rows.
#[derive(Debug)]
pub struct Head {
    /// The number of the form.
    pub release: u16,
    /// The order of the bytes of numbers.
    pub order: Order,
    /// The variables.
    pub variables: Vec<Variable>,
    /// How many rows there are, and bytes of each.
    pub rows: u64,
    /// See above.
    pub row: usize,
    /// Where the rows stand.
    pub rows_at: u64,
}

/// Bytes of what is told of each variable, by the form.
struct Lengths {
    name: usize,
    format: usize,
    label: usize,
    sorted: usize,
}

impl Lengths {
    fn of(release: u16) -> Lengths {
        Lengths {
            name: set_name(release),
            format: match release {
                ..=104 => 7,
                105..=113 => 12,
                114..=117 => 49,
                _ => 57,
            },
            label: match release {
                ..=107 => 32,
                108..=117 => 81,
                _ => 321,
            },
            sorted: if release == 119 { 4 } else { 2 },
        }
    }
}

/// Bytes of a name of a variable, or of a list of labels.
pub fn set_name(release: u16) -> usize {
    match release {
        ..=109 => 9,
        110..=117 => 33,
        _ => 129,
    }
}

/// How bytes become letters.
pub fn page(release: u16) -> CodePage {
    CodePage::numbered(if release < 118 { 1252 } else { 65_001 })
}

/// The form, the order of bytes and the number of variables that bytes without tags tell.
fn plain(bytes: &[u8]) -> Option<(u16, Order, usize)> {
    let [release, order, 1, 0 | 1, ..] = *bytes else { return None };
    let order = match order {
        1 => Order::Big,
        2 => Order::Little,
        _ => return None,
    };
    if !matches!(release, 104 | 105 | 108 | 110 | 111 | 113..=115) {
        return None;
    }
    Some((release.into(), order, order.u16(bytes, COUNT)?.into()))
}

/// Bytes of a header without tags.
fn header(release: u16) -> usize {
    NAME + match release {
        104 => 32,
        105 => 32 + 18,
        _ => 81 + 18,
    }
}

/// Whether bytes begin as a data set does. Those without tags are told by the kinds of their variables.
pub fn is_one(bytes: &[u8]) -> bool {
    if bytes.starts_with(TAGS) {
        return true;
    }
    let Some((release, _, count)) = plain(bytes) else { return false };
    let kinds = bytes.get(header(release)..).unwrap_or_default();
    let kinds = &kinds[..kinds.len().min(count)];
    !kinds.is_empty() && kinds.iter().all(|kind| Kind::narrow(*kind, release).is_some())
}

impl Head {
    /// Reads what stands before the rows.
    pub fn read(source: &mut Source) -> Result<Head, Stop> {
        if source.peek(TAGS.len())?.starts_with(TAGS) { tagged(source) } else { untagged(source) }
    }

    /// Whether it is of a form that is made of tags.
    pub fn is_tagged(&self) -> bool {
        self.release >= 117
    }

    /// Bytes of all rows.
    pub fn rows_length(&self) -> u64 {
        self.rows.saturating_mul(self.row as u64)
    }
}

fn untagged(source: &mut Source) -> Result<Head, Stop> {
    let (release, order, count) = plain(source.peek(8)?).ok_or(DAMAGED)?;
    let told = take(source, header(release))?;
    let rows = order.i32(&told, 6).and_then(|n| u64::try_from(n).ok()).ok_or(DAMAGED)?;
    let kinds = take(source, count)?;
    let kinds: Option<Vec<Kind>> = kinds.iter().map(|k| Kind::narrow(*k, release)).collect();
    let variables = variables(source, kinds.ok_or(DAMAGED)?, release)?;
    loop {
        let is_short = release < 110;
        let told = take(source, if is_short { 3 } else { 5 })?;
        let length =
            if is_short { order.u16(&told, 1).map(u32::from) } else { order.u32(&told, 1) };
        let length = length.ok_or(DAMAGED)?;
        if (told[0], length) == (0, 0) {
            break;
        }
        pass(source, length.into())?;
    }
    Ok(head(release, order, variables, rows, source.position()))
}

fn tagged(source: &mut Source) -> Result<Head, Stop> {
    tag(source, TAGS)?;
    let release = String::from_utf8(take(source, 3)?).ok().and_then(|n| n.parse().ok());
    let release = release.filter(|release| matches!(release, 117..=119)).ok_or(DAMAGED)?;
    tag(source, b"</release><byteorder>")?;
    let order = match &take(source, 3)?[..] {
        b"MSF" => Order::Big,
        b"LSF" => Order::Little,
        _ => return Err(DAMAGED),
    };
    tag(source, b"</byteorder><K>")?;
    let count = match release {
        119 => order.u32(&take(source, 4)?, 0),
        _ => order.u16(&take(source, 2)?, 0).map(u32::from),
    };
    let count = count.and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= VARIABLES);
    let count = count.ok_or(DAMAGED)?;
    tag(source, b"</K><N>")?;
    let rows = match release {
        117 => order.u32(&take(source, 4)?, 0).map(u64::from),
        _ => order.u64(&take(source, 8)?, 0),
    };
    tag(source, b"</N><label>")?;
    let length = match release {
        117 => take(source, 1)?[0].into(),
        _ => order.u16(&take(source, 2)?, 0).ok_or(DAMAGED)?,
    };
    pass(source, length.into())?;
    tag(source, b"</label><timestamp>")?;
    let length = take(source, 1)?[0];
    pass(source, length.into())?;
    tag(source, b"</timestamp></header><map>")?;
    pass(source, 14 * 8)?;
    tag(source, b"</map><variable_types>")?;
    let mut kinds = Vec::new();
    for _ in 0..count {
        let number = order.u16(&take(source, 2)?, 0).ok_or(DAMAGED)?;
        kinds.push(Kind::wide(number).ok_or(DAMAGED)?);
    }
    tag(source, b"</variable_types>")?;
    let variables = variables(source, kinds, release)?;
    tag(source, b"<characteristics>")?;
    while source.peek(4)?.starts_with(b"<ch>") {
        tag(source, b"<ch>")?;
        let length = order.u32(&take(source, 4)?, 0).ok_or(DAMAGED)?;
        pass(source, length.into())?;
        tag(source, b"</ch>")?;
    }
    tag(source, b"</characteristics><data>")?;
    Ok(head(release, order, variables, rows.ok_or(DAMAGED)?, source.position()))
}

fn head(release: u16, order: Order, variables: Vec<Variable>, rows: u64, rows_at: u64) -> Head {
    let row = variables.iter().map(|v| v.kind.length()).sum();
    // Without variables there are no rows.
    let rows = if row == 0 { 0 } else { rows };
    Head { release, order, variables, rows, row, rows_at }
}

/// What is told of each variable: a list for each that is told.
fn variables(source: &mut Source, kinds: Vec<Kind>, release: u16) -> Result<Vec<Variable>, Stop> {
    let (lengths, count) = (Lengths::of(release), kinds.len());
    let around = |source: &mut Source, text: String| match release {
        117.. => tag(source, text.as_bytes()),
        _ => Ok(()),
    };
    let mut list = |name: &str, length: usize| -> Result<Vec<String>, Stop> {
        around(source, format!("<{name}>"))?;
        let mut texts = Vec::new();
        if name == "sortlist" {
            pass(source, (length * (count + 1)) as u64)?;
        } else {
            for _ in 0..count {
                texts.push(text(&take(source, length)?, page(release)));
            }
        }
        around(source, format!("</{name}>"))?;
        Ok(texts)
    };
    let names = list("varnames", lengths.name)?;
    list("sortlist", lengths.sorted)?;
    let formats = list("formats", lengths.format)?;
    let sets = list("value_label_names", lengths.name)?;
    let labels = list("variable_labels", lengths.label)?;
    let told = kinds.into_iter().zip(names).zip(formats).zip(sets).zip(labels);
    let variable =
        |((((kind, name), format), labels), label)| Variable { name, label, kind, format, labels };
    Ok(told.map(variable).collect())
}

/// Steps over what has to stand here.
pub fn tag(source: &mut Source, tag: &[u8]) -> Result<(), Stop> {
    if take(source, tag.len())? == tag { Ok(()) } else { Err(DAMAGED) }
}
