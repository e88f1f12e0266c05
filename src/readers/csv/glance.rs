//! A glance at the lines of a text, which most texts fail by: whether they could be the records of a table, by how often
//! each delimiter stands in each, in one go for all delimiters.

use super::choice::{CONTROLS, DELIMITERS};
use super::dialect::SAMPLE;

/// A number for each delimiter.
const ALL: usize = DELIMITERS.len();
/// That of the blank, which delimits however often it stands.
const BLANK: u8 = 11;
/// What other bytes are.
const END: u8 = 20;
const RETURN: u8 = 21;
const QUOTE: u8 = 22;
const PLAIN: u8 = 23;
const KINDS: [u8; 256] = {
    let mut kinds = [PLAIN; 256];
    let mut number = 0;
    while number < BLANK {
        kinds[DELIMITERS[number as usize].0 as usize] = number;
        number += 1;
    }
    assert!(DELIMITERS[BLANK as usize].0 == b' ' && ALL == BLANK as usize + 1);
    kinds[b' ' as usize] = BLANK;
    kinds[b'\n' as usize] = END;
    kinds[b'\r' as usize] = RETURN;
    kinds[b'"' as usize] = QUOTE;
    kinds[b'\'' as usize] = QUOTE;
    kinds
};
/// Lines of more cells are not looked at.
const CELLS: usize = 256;

/// How many cells each delimiter makes of the lines so far.
struct Counts {
    lines: usize,
    /// In the first line.
    first: [usize; ALL],
    /// How many lines have so many, where it is more than one.
    with: [[u8; CELLS]; ALL],
    /// How many lines have the number above one that most have.
    most: [u8; ALL],
    /// How many lines have any.
    apart: [usize; ALL],
    /// Whether something may be quoted, so that counts say nothing from there on.
    quoted: [bool; ALL],
    /// Whether so many lines differ that no others can make a table of them.
    out: [bool; ALL],
}

/// Lines after which it is looked whether any delimiter is still in.
const ROUND: usize = 8;

/// How many percent of a sure table's records have the same number of cells, if they are many.
const fn least(delimiter: u8) -> usize {
    match delimiter {
        b';' | b'|' => 90,
        // A tab, and `CONTROLS`.
        ..=0x1F => 90,
        b',' => 97,
        b'^' | b'~' | b':' => 98,
        _ => 100,
    }
}

/// The delimiters by which the first records, from `start` on, may agree as those of a sure table do.
pub(super) fn may_agree(bytes: &[u8], start: usize, end: bool) -> impl Iterator<Item = (u8, f64)> {
    let mut counts = Counts {
        lines: 0,
        first: [0; _],
        with: [[0; _]; _],
        most: [0; _],
        apart: [0; _],
        quoted: [false; _],
        out: [false; _],
    };
    let line = &bytes[start..];
    let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
    let has_digit = line.iter().any(u8::is_ascii_digit);
    let may: [bool; ALL] = match counts.of(bytes, start, end) {
        Some(()) => std::array::from_fn(|d| counts.may_agree(d, has_digit)),
        None => [true; _],
    };
    DELIMITERS.into_iter().zip(may).filter_map(|(delimiter, may)| may.then_some(delimiter))
}

impl Counts {
    /// Counts the lines; `None` where that does not do.
    fn of(&mut self, bytes: &[u8], start: usize, end: bool) -> Option<()> {
        let mut here = [0; ALL];
        let (mut from, mut at) = (start, start);
        let kind = |byte: &u8| KINDS[usize::from(*byte)];
        while let Some(plain) = bytes[at..].iter().position(|byte| kind(byte) != PLAIN) {
            at += plain;
            match kind(&bytes[at]) {
                END => {
                    self.line(&bytes[from..at], &mut here)?;
                    from = at + 1;
                    if self.lines == SAMPLE || self.none_is_in() {
                        return Some(());
                    }
                }
                // It belongs to the line's end.
                RETURN if bytes.get(at + 1) == Some(&b'\n') => {}
                RETURN => return None,
                QUOTE => self.quote(&bytes[from..at]),
                // Several blanks are one delimiter, and those that a line begins with none.
                BLANK => {
                    let before = bytes[from..at].last();
                    here[usize::from(BLANK)] += usize::from(before.is_some_and(|b| *b != b' '));
                }
                delimiter => here[usize::from(delimiter)] += 1,
            }
            at += 1;
        }
        if end {
            self.line(&bytes[from..], &mut here)?;
        }
        (self.lines > 0).then_some(())
    }

    /// Whether no delimiter can make a table any more, whatever comes.
    fn none_is_in(&mut self) -> bool {
        if !self.lines.is_multiple_of(ROUND) {
            return false;
        }
        for d in 0..ALL {
            self.out[d] |= !self.quoted[d] && self.differs(d);
        }
        self.out.iter().all(|out| *out)
    }

    /// Whether so many lines differ by a delimiter that it makes no table of them, whatever comes.
    fn differs(&self, delimiter: usize) -> bool {
        // Ten records may stand above the table.
        let most = 100 * SAMPLE - (SAMPLE - 10) * least(DELIMITERS[delimiter].0);
        let differ = self.lines - usize::from(self.most[delimiter]);
        differ * 100 > most && !self.may_be_headed(delimiter, SAMPLE)
    }

    /// Takes a quote behind this much of its line: it may begin a cell right behind a delimiter, or with blanks between,
    /// and at the start of a line it may begin one whatever delimits.
    fn quote(&mut self, before: &[u8]) {
        let kind = |b: &u8| usize::from(KINDS[usize::from(*b)]);
        let further = before.iter().rfind(|b| **b != b' ').map(kind);
        let beside = before.last().map(kind);
        for d in (0..ALL).filter(|d| further.is_none() || [beside, further].contains(&Some(*d))) {
            // What stands above counts all the same.
            self.out[d] |= !self.quoted[d] && self.differs(d);
            self.quoted[d] = true;
        }
    }

    /// Takes a line in which delimiters stand so often.
    fn line(&mut self, line: &[u8], here: &mut [usize; ALL]) -> Option<()> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(last) = line.last() else { return Some(()) };
        // Blanks at a line's end delimit nothing.
        let blanks = &mut here[usize::from(BLANK)];
        *blanks = blanks.saturating_sub(usize::from(*last == b' '));
        if self.lines == 0 {
            self.first = here.map(|delimiters| delimiters + 1);
        }
        for (d, delimiters) in here.iter_mut().enumerate().filter(|d| *d.1 > 0) {
            let with = self.with[d].get_mut(std::mem::take(delimiters) + 1)?;
            *with += 1;
            self.most[d] = self.most[d].max(*with);
            self.apart[d] += 1;
        }
        self.lines += 1;
        Some(())
    }

    /// Whether the first of so many lines may be a header that makes a table of the others however many cells they have.
    fn may_be_headed(&self, delimiter: usize, lines: usize) -> bool {
        let byte = DELIMITERS[delimiter].0;
        let leads = matches!(byte, b';' | b'\t' | b'|' | b',') || CONTROLS.contains(&byte);
        let alone = self.lines - self.apart[delimiter];
        leads && self.first[delimiter] > 2 && alone * 10 <= lines
    }

    /// Whether as many lines have the same number of cells as a sure table has at least, when no more lines stand above
    /// it than may. Words alone make no table whose first line has a digit.
    fn may_agree(&self, delimiter: usize, has_digit: bool) -> bool {
        let records = self.lines.saturating_sub(10).max(self.lines.div_ceil(2));
        let least = least(DELIMITERS[delimiter].0);
        let most = self.most[delimiter];
        let is_usual = usize::from(most) * 2 > self.lines
            && self.with[delimiter][self.first[delimiter]] == most;
        let nameless = delimiter == usize::from(BLANK) && has_digit && is_usual;
        let agrees = usize::from(most) * 100 >= records * least && !nameless
            || self.may_be_headed(delimiter, self.lines);
        !self.out[delimiter] && (self.quoted[delimiter] || agrees)
    }
}
