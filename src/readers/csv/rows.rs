//! Whole rows of a table, cut in one go: those that have as many cells as the table has columns, nothing escaped and
//! nothing to be taken apart. Most rows are such; all others are left to those who look at each cell.

use super::dialect::Dialect;
use crate::bytes::Places;
use crate::embedded;
use crate::readers::rows::{STRETCH, whole};
use crate::unit::{CELL_END, Cut};

/// The rows at the start of some bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rows {
    /// The cells, row by row.
    pub cuts: Vec<Cut>,
    /// How many bytes the rows take.
    pub bytes: usize,
    /// How many lines.
    pub lines: u64,
}

impl Rows {
    /// Cuts the rows at the start of the bytes, which is the start of a record, until there is one that is not plain, a
    /// gap where these matter, or a stretch ends.
    pub(super) fn cut(&mut self, dialect: &Dialect, columns: usize, bytes: &[u8], to_gap: bool) {
        let bytes = &bytes[..bytes.len().min(STRETCH)];
        let quote = dialect.quote.unwrap_or(dialect.delimiter);
        let escape = dialect.escape().unwrap_or(quote);
        let delimiter = dialect.delimiter;
        // One comparison for all control bytes is cheaper than one for each that counts.
        let is = move |b: u8| (b < b' ') | (b == delimiter) | (b == quote) | (b == escape);
        let mut knife = Knife {
            bytes,
            places: Places::new(bytes, is),
            dialect,
            delimiter,
            quote: dialect.quote,
            escape,
            lines: 0,
            to_gap,
        };
        self.lines = 0;
        self.bytes = whole(&mut self.cuts, |from, cuts| {
            let end = knife.row(from, columns, cuts)?;
            self.lines = knife.lines;
            Some(end)
        });
    }
}

/// What cuts rows.
struct Knife<'b, P> {
    bytes: &'b [u8],
    /// Where bytes stand that may end a cell or are special otherwise.
    places: P,
    dialect: &'b Dialect,
    delimiter: u8,
    quote: Option<u8>,
    /// What escapes a quote, if it is not the quote itself.
    escape: u8,
    /// Lines that ended so far.
    lines: u64,
    /// Whether it stops where nothing stands in a row.
    to_gap: bool,
}

impl<P: Iterator<Item = usize>> Knife<'_, P> {
    /// Cuts the row that starts here and gives where it ends, if it is plain.
    fn row(&mut self, mut from: usize, columns: usize, cuts: &mut Vec<Cut>) -> Option<usize> {
        let (start, first) = (from, cuts.len());
        loop {
            let (cut, end) = self.cell(from)?;
            let mark = self.bytes[end];
            let ends_line = matches!(mark, b'\n' | b'\r');
            if ends_line && end == from && cuts.len() == first {
                // A blank line is no row.
                if self.to_gap {
                    return None;
                }
                self.lines += u64::from(mark == b'\n');
                from = end + 1;
                continue;
            }
            if embedded::may_be(cut.of(self.bytes)) || cuts.len() - first == columns {
                return None;
            }
            cuts.push(cut);
            from = end + 1;
            if ends_line {
                if mark == b'\r' {
                    // A carriage return of its own is for those who know what comes behind these bytes.
                    self.places.next().filter(|at| *at == from && self.bytes[from] == b'\n')?;
                    from += 1;
                }
                self.lines += 1;
                let is_gap = self.to_gap && from - start <= columns + 1;
                return (cuts.len() - first == columns && !is_gap).then_some(from);
            }
        }
    }

    /// The cell that starts here, and where the byte stands that ends it.
    fn cell(&mut self, from: usize) -> Option<(Cut, usize)> {
        let mut at = self.places.next()?;
        if at == from && Some(self.bytes[at]) == self.quote {
            return self.quoted(from);
        }
        loop {
            match self.bytes[at] {
                b'\n' | b'\r' => break,
                b if b == self.delimiter => break,
                CELL_END => return None,
                _ => at = self.places.next()?,
            }
        }
        let cell = self.dialect.between_thorns(self.bytes, from..at);
        Some((Cut::new(cell.start, cell.end), at))
    }

    /// Likewise where a quote stands first.
    fn quoted(&mut self, from: usize) -> Option<(Cut, usize)> {
        let close = loop {
            let at = self.places.next()?;
            match self.bytes[at] {
                b if Some(b) == self.quote => break at,
                CELL_END => return None,
                b if b == self.escape => return None,
                b => self.lines += u64::from(b == b'\n'),
            }
        };
        let end = self.places.next().filter(|at| *at == close + 1)?;
        let mark = self.bytes[end];
        let ends = mark == self.delimiter || matches!(mark, b'\n' | b'\r');
        ends.then_some((Cut::new(from + 1, close), end))
    }
}
