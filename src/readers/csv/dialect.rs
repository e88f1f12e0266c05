//! CSV dialects: how cells are cut.

use std::borrow::Cow;
use std::ops::Range;

/// A quoted cell longer than this is taken for a quote that was never closed.
const QUOTED_LIMIT: usize = 1 << 20;
/// Bytes in which the first records are looked for.
pub(super) const FIRST: usize = 8192;
/// Records that a dialect is judged by.
pub(super) const SAMPLE: usize = 100;

/// How the cells of a table are set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The delimiter; a line feed in a table of one column.
    pub delimiter: u8,
    /// What cells are quoted with.
    pub quote: Option<u8>,
    /// Whether a backslash escapes a quote within a quoted cell.
    backslash: bool,
    /// Whether blanks may stand between a delimiter and the quote.
    padded: bool,
    /// Whether cells stand between thorns.
    thorns: bool,
}

/// What cells stand between in load files of law firms (Concordance), in UTF-8. Neither it nor a line end stands in one.
const THORN: &[u8] = "þ".as_bytes();

/// A cell as it stands in the bytes.
#[derive(Debug)]
pub struct Cell {
    /// Its text, without quotes but still with what is escaped.
    inner: Range<usize>,
    /// What stands between the closing quote and the delimiter, by mistake.
    tail: Range<usize>,
    escaped: bool,
    /// Whether it was quoted.
    pub quoted: bool,
    /// Where the next cell starts.
    pub next: usize,
    /// Whether this was the record's last cell.
    pub ends_record: bool,
}

/// What is found when looking for the next cell.
pub enum Step {
    /// A whole cell.
    Found(Cell),
    /// The cell goes on behind the bytes.
    More,
    /// A quote without an end.
    Unclosed,
}

impl Dialect {
    pub(super) fn new(delimiter: u8) -> Self {
        Dialect { delimiter, quote: Some(b'"'), backslash: false, padded: false, thorns: false }
    }

    /// The cell that starts at `at`; `end` when no bytes follow these.
    pub fn cell(&self, bytes: &[u8], at: usize, end: bool) -> Step {
        let start = self.skip_blanks(bytes, at);
        match self.quote {
            Some(quote) if bytes.get(start) == Some(&quote) => {
                self.quoted(bytes, start, quote, end)
            }
            _ => self.unquoted(bytes, if self.delimiter == b' ' { start } else { at }, end),
        }
    }

    /// Whether blanks mean nothing to it, so that a cell starts right behind a delimiter.
    pub(super) fn is_tight(&self) -> bool {
        !self.padded && self.delimiter != b' '
    }

    /// What escapes a quote, if it is not the quote itself.
    pub(super) fn escape(&self) -> Option<u8> {
        self.backslash.then_some(b'\\')
    }

    fn skip_blanks(&self, bytes: &[u8], at: usize) -> usize {
        if self.is_tight() {
            return at;
        }
        at + bytes[at..].iter().position(|b| *b != b' ').unwrap_or(bytes.len() - at)
    }

    /// Whether a quoted cell starts at `at`.
    pub fn is_quoted(&self, bytes: &[u8], at: usize) -> bool {
        self.quote.is_some() && bytes.get(self.skip_blanks(bytes, at)).copied() == self.quote
    }

    /// The cell, or the rest of one, from `at` on, quotes being nothing special.
    pub fn unquoted(&self, bytes: &[u8], at: usize, end: bool) -> Step {
        let stop = match memchr::memchr3(self.delimiter, b'\n', b'\r', &bytes[at..]) {
            Some(i) => at + i,
            None if end => bytes.len(),
            None => return Step::More,
        };
        let cell = Cell {
            inner: self.between_thorns(bytes, at..stop),
            tail: stop..stop,
            escaped: false,
            quoted: false,
            next: stop,
            ends_record: true,
        };
        self.ended(cell, bytes, end)
    }

    /// A cell without the thorns at its ends.
    pub(super) fn between_thorns(&self, bytes: &[u8], cell: Range<usize>) -> Range<usize> {
        let inner = || bytes[cell.clone()].strip_prefix(THORN)?.strip_suffix(THORN);
        match self.thorns.then(inner).flatten() {
            Some(inner) => cell.start + THORN.len()..cell.start + THORN.len() + inner.len(),
            None => cell,
        }
    }

    fn quoted(&self, bytes: &[u8], at: usize, quote: u8, end: bool) -> Step {
        let missing = |end: bool| {
            if end || bytes.len() - at > QUOTED_LIMIT { Step::Unclosed } else { Step::More }
        };
        let mut from = at + 1;
        let mut escaped = false;
        let close = loop {
            let rest = bytes.get(from..).unwrap_or_default();
            let escape = if self.backslash { b'\\' } else { quote };
            let Some(i) = memchr::memchr2(quote, escape, rest) else { return missing(end) };
            let i = from + i;
            if i - at > QUOTED_LIMIT {
                return Step::Unclosed;
            }
            match bytes.get(i + 1) {
                None if !end => return Step::More,
                Some(&next) if bytes[i] != quote || next == quote => {
                    escaped = true;
                    from = i + 2;
                }
                _ if bytes[i] != quote => return missing(end),
                _ => break i,
            }
        };
        let stop = match memchr::memchr3(self.delimiter, b'\n', b'\r', &bytes[close + 1..]) {
            Some(i) => close + 1 + i,
            None if end => bytes.len(),
            None => return missing(false),
        };
        let (inner, tail) = (at + 1..close, close + 1..stop);
        self.ended(
            Cell { inner, tail, escaped, quoted: true, next: stop, ends_record: true },
            bytes,
            end,
        )
    }

    /// Steps over what ends the cell.
    fn ended(&self, mut cell: Cell, bytes: &[u8], end: bool) -> Step {
        if self.delimiter == b' ' {
            cell.next = self.skip_blanks(bytes, cell.next);
        }
        match bytes.get(cell.next) {
            Some(b'\n') => cell.next += 1,
            Some(b'\r') => match bytes.get(cell.next + 1) {
                Some(b'\n') => cell.next += 2,
                None if !end => return Step::More,
                _ => cell.next += 1,
            },
            Some(_) => {
                cell.next += usize::from(self.delimiter != b' ');
                cell.ends_record = false;
            }
            None if !end => return Step::More,
            None => {}
        }
        Step::Found(cell)
    }

    /// Where the next line starts, how many cells the one at `at` has, and how many of them at its end are empty, where
    /// that needs no more than a count: nothing in it is quoted, and its end is there.
    fn plain_line(&self, bytes: &[u8], at: usize) -> Option<(usize, usize, usize)> {
        let stop = at + memchr::memchr(b'\n', &bytes[at..])?;
        let line = &bytes[at..stop];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if memchr::memchr2(b'\r', self.quote.unwrap_or(b'\r'), line).is_some() {
            return None;
        }
        let cells = match self.delimiter {
            b' ' => line.split(|b| *b == b' ').filter(|word| !word.is_empty()).count().max(1),
            delimiter => 1 + memchr::memchr_iter(delimiter, line).count(),
        };
        let empty = line.iter().rev().take_while(|b| **b == self.delimiter).count();
        Some((stop + 1, cells, empty))
    }

    /// A cell's text; `scratch` is used where it does not stand in the bytes as it is.
    pub fn text<'b>(&self, bytes: &'b [u8], cell: &Cell, scratch: &'b mut Vec<u8>) -> &'b [u8] {
        let inner = &bytes[cell.inner.clone()];
        if !cell.escaped && cell.tail.is_empty() {
            return inner;
        }
        scratch.clear();
        let mut at = 0;
        while at < inner.len() {
            let next = inner.get(at + 1);
            let doubled = Some(inner[at]) == self.quote && next == Some(&inner[at]);
            let escape = self.backslash
                && inner[at] == b'\\'
                && next.is_some_and(|n| *n == b'\\' || Some(*n) == self.quote);
            at += usize::from(doubled || escape);
            scratch.push(inner[at]);
            at += 1;
        }
        scratch.extend_from_slice(&bytes[cell.tail.clone()]);
        scratch
    }

    /// A cell's text, copied only where it does not stand in the bytes as it is.
    fn whole_text<'b>(&self, bytes: &'b [u8], cell: &Cell) -> Cow<'b, [u8]> {
        if !cell.escaped && cell.tail.is_empty() {
            return Cow::Borrowed(&bytes[cell.inner.clone()]);
        }
        let mut text = Vec::new();
        self.text(bytes, cell, &mut text);
        Cow::Owned(text)
    }
}

/// A record of the head.
#[derive(Debug)]
pub struct Record<'b> {
    /// Where it stands, with its line end.
    pub range: Range<usize>,
    /// Its cells.
    pub cells: Vec<Cow<'b, [u8]>>,
}

/// The first records that are not blank lines. The last one is left out when it may be cut, unless it
/// is the only one.
pub fn records<'b>(dialect: &Dialect, bytes: &'b [u8], from: usize, end: bool) -> Vec<Record<'b>> {
    let (mut at, mut all) = (blank_lines(bytes, from), Vec::with_capacity(SAMPLE));
    while all.len() < SAMPLE && at < bytes.len() {
        let room = all.last().map_or(0, |r: &Record<'_>| r.cells.len());
        let (start, mut cells) = (at, Vec::with_capacity(room));
        let whole = record(dialect, bytes, &mut at, end, |cell| {
            cells.push(dialect.whole_text(bytes, cell));
        });
        if whole || all.is_empty() {
            all.push(Record { range: start..at, cells });
        }
        if !whole {
            break;
        }
        at = blank_lines(bytes, at);
    }
    all
}

/// The first records up to a gap: a blank line, or a record of empty cells. The last one is left out when it may be cut.
pub fn records_to_gap<'b>(
    dialect: &Dialect,
    bytes: &'b [u8],
    from: usize,
    end: bool,
) -> Vec<Record<'b>> {
    let (mut at, mut all) = (from, Vec::new());
    while all.len() < SAMPLE && at < bytes.len() && blank_lines(bytes, at) == at {
        let (start, mut cells) = (at, Vec::new());
        let add = |cell: &Cell| cells.push(dialect.whole_text(bytes, cell));
        let is_whole = record(dialect, bytes, &mut at, end, add);
        if !is_whole || cells.iter().all(|cell| cell.trim_ascii().is_empty()) {
            break;
        }
        all.push(Record { range: start..at, cells });
    }
    all
}

/// Where the next record stands that is no gap.
pub fn behind_gap(dialect: &Dialect, bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        at = blank_lines(bytes, at);
        let (mut next, mut is_empty) = (at, true);
        let is_whole = record(dialect, bytes, &mut next, false, |cell| {
            is_empty &= dialect.whole_text(bytes, cell).trim_ascii().is_empty();
        });
        if !is_whole || !is_empty {
            return at;
        }
        at = next;
    }
}

/// Where the records of [`records`] stand, and how many cells each has.
pub(super) fn shapes(dialect: &Dialect, bytes: &[u8], from: usize, end: bool) -> Vec<Shape> {
    let (mut at, mut all) = (blank_lines(bytes, from), Vec::with_capacity(SAMPLE));
    while all.len() < SAMPLE && at < bytes.len() {
        let (start, mut cells, mut empty) = (at, 0, 0);
        let whole = match dialect.plain_line(bytes, at) {
            Some(plain) => {
                (at, cells, empty) = plain;
                true
            }
            None => record(dialect, bytes, &mut at, end, |cell| {
                cells += 1;
                empty = if cell.inner.is_empty() { empty + 1 } else { 0 };
            }),
        };
        if whole || all.is_empty() {
            all.push(Shape { range: start..at, cells, empty });
        }
        if !whole {
            break;
        }
        at = blank_lines(bytes, at);
    }
    all
}

/// A record whose text nobody has looked at.
pub(super) struct Shape {
    /// Where it stands.
    pub range: Range<usize>,
    /// How many cells it has.
    pub cells: usize,
    /// How many cells at its end are empty.
    pub empty: usize,
}

impl Shape {
    /// How many cells it has without the empty ones at its end.
    pub fn filled(&self) -> usize {
        self.cells - self.empty.min(self.cells - 1)
    }
}

/// Where the next line stands that is not blank.
fn blank_lines(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count()
}

/// Goes through the cells of a record, moving `at` behind each; whether the record is whole.
fn record(
    dialect: &Dialect,
    bytes: &[u8],
    at: &mut usize,
    end: bool,
    mut found: impl FnMut(&Cell),
) -> bool {
    loop {
        match dialect.cell(bytes, *at, end) {
            Step::Found(cell) => {
                found(&cell);
                *at = cell.next;
                if cell.ends_record {
                    return true;
                }
            }
            Step::More | Step::Unclosed => return false,
        }
    }
}

/// Tells from the head whether and how cells are quoted.
pub(super) fn with_quotes(delimiter: u8, bytes: &[u8]) -> Dialect {
    let mut dialect = Dialect::new(delimiter);
    let between = [THORN, &[delimiter], THORN].concat();
    if memchr::memmem::find(&bytes[..bytes.len().min(FIRST)], &between).is_some() {
        return Dialect { quote: None, thorns: true, ..dialect };
    }
    let double = Quotes::count(delimiter, b'"', bytes);
    if double.opens > 0 {
        // Inch marks and the like open cells that nothing closes.
        if double.closes * 2 < double.opens {
            dialect.quote = None;
        }
        dialect.padded = double.padded > 0;
        dialect.backslash = double.backslashes > 0 && double.doubled == 0;
        return dialect;
    }
    let single = Quotes::count(delimiter, b'\'', bytes);
    let lines = memchr::memchr_iter(b'\n', bytes).count().max(1);
    if single.opens * 2 >= lines && single.closes * 10 >= single.opens * 9 {
        dialect.quote = Some(b'\'');
        dialect.padded = single.padded > 0;
    }
    dialect
}

#[derive(Default)]
struct Quotes {
    opens: usize,
    closes: usize,
    padded: usize,
    backslashes: usize,
    doubled: usize,
}

impl Quotes {
    fn count(delimiter: u8, quote: u8, bytes: &[u8]) -> Quotes {
        let mut sum = Quotes::default();
        let is_edge =
            |b: Option<&u8>| b.is_none_or(|b| *b == delimiter || matches!(b, b'\n' | b'\r'));
        for at in memchr::memchr_iter(quote, bytes) {
            let before = bytes[..at].last();
            let after = bytes.get(at + 1);
            let opens = is_edge(before);
            let closes = is_edge(after);
            sum.opens += usize::from(opens);
            sum.closes += usize::from(closes);
            if before == Some(&b' ') && !closes && is_edge(bytes[..at].trim_ascii_end().last()) {
                let same_line =
                    bytes[..at].iter().rev().find(|b| **b != b' ').is_some_and(|b| *b == delimiter);
                sum.padded += usize::from(same_line);
                sum.opens += usize::from(same_line);
            }
            sum.backslashes += usize::from(before == Some(&b'\\') && !closes);
            sum.doubled += usize::from(!opens && !closes && after == Some(&quote));
        }
        sum
    }
}
