//! Whole rows, cut in one go: those that have as many values as the table has columns and nothing in them that has to
//! be looked at more closely. Most rows are such; all others are left to those who look at each value.

use crate::bytes::Places;
use crate::embedded;
use crate::readers::rows::{STRETCH, whole};
use crate::unit::{CELL_END, Cut};

/// Cuts rows of a `COPY` from the start of one on, and gives how many bytes those take that are plain.
pub(super) fn of_copy(
    bytes: &[u8],
    (delimiter, null): (u8, &[u8]),
    columns: usize,
    cuts: &mut Vec<Cut>,
) -> usize {
    let bytes = &bytes[..bytes.len().min(STRETCH)];
    let places = Places::new(bytes, move |b| (b < b' ') | (b == delimiter) | (b == b'\\'));
    let mut copy = Copy { bytes, places, delimiter, null };
    whole(cuts, |from, cuts| copy.row(from, columns, cuts))
}

/// Cuts rows of an `INSERT` from between two on, and gives how many bytes those take that are plain.
pub(super) fn of_insert(bytes: &[u8], mysql: bool, columns: usize, cuts: &mut Vec<Cut>) -> usize {
    let bytes = &bytes[..bytes.len().min(STRETCH)];
    // What else ends no plain word is looked for in these only: they are short.
    let escape = if mysql { b'\\' } else { b'\'' };
    let is = move |b: u8| {
        let ends = (b == b'\'') | (b == b'(') | (b == b')') | (b == b',');
        ends | (b == CELL_END) | (b == escape)
    };
    let mut insert = Insert { bytes, places: Places::new(bytes, is) };
    whole(cuts, |from, cuts| insert.row(from, columns, cuts))
}

/// Goes through the values of a row from here on, of which the last and no other ends with this byte, and gives where
/// the row ends; `value` gives where the byte stands that ends a value.
fn values(
    (bytes, mut from): (&[u8], usize),
    (columns, last): (usize, u8),
    mut value: impl FnMut(usize) -> Option<usize>,
) -> Option<usize> {
    for column in 1..=columns {
        let end = value(from)?;
        from = end + 1;
        if (bytes[end] == last) != (column == columns) {
            return None;
        }
    }
    Some(from)
}

struct Copy<'b, P> {
    bytes: &'b [u8],
    /// Where bytes stand that may end a value or are special otherwise.
    places: P,
    delimiter: u8,
    null: &'b [u8],
}

impl<P: Iterator<Item = usize>> Copy<'_, P> {
    fn row(&mut self, from: usize, columns: usize, cuts: &mut Vec<Cut>) -> Option<usize> {
        if self.bytes[from..].starts_with(b"\\.") {
            return None;
        }
        values((self.bytes, from), (columns, b'\n'), |from| self.value(from, cuts))
    }

    /// Cuts the value that starts here and gives where the byte stands that ends it.
    fn value(&mut self, from: usize, cuts: &mut Vec<Cut>) -> Option<usize> {
        let mut escaped = false;
        let end = loop {
            let at = self.places.next()?;
            match self.bytes[at] {
                b'\n' => break at,
                b if b == self.delimiter => break at,
                b'\\' => escaped = true,
                // A carriage return may belong to the line's end.
                b'\r' | CELL_END => return None,
                _ => {}
            }
        };
        let value = &self.bytes[from..end];
        let is_null = value == self.null;
        if !is_null && (escaped || embedded::may_be(value)) {
            return None;
        }
        cuts.push(Cut::new(from, if is_null { from } else { end }));
        Some(end)
    }
}

struct Insert<'b, P> {
    bytes: &'b [u8],
    /// Where bytes stand that may end a value or are special otherwise.
    places: P,
}

impl<P: Iterator<Item = usize>> Insert<'_, P> {
    fn row(&mut self, from: usize, columns: usize, cuts: &mut Vec<Cut>) -> Option<usize> {
        let open = self.behind_blanks(from, |b| b == b',')?;
        // Commas between rows are places too.
        self.places.find(|at| *at >= open).filter(|at| *at == open && self.bytes[open] == b'(')?;
        values((self.bytes, open + 1), (columns, b')'), |from| self.value(from, cuts))
    }

    /// Where the next byte stands that is neither blank nor of this sort.
    fn behind_blanks(&self, from: usize, or: impl Fn(u8) -> bool) -> Option<usize> {
        let rest = &self.bytes[from..];
        Some(from + rest.iter().position(|b| !b.is_ascii_whitespace() && !or(*b))?)
    }

    /// Cuts the value that starts here and gives where the byte stands that ends it.
    fn value(&mut self, from: usize, cuts: &mut Vec<Cut>) -> Option<usize> {
        let from = self.behind_blanks(from, |_| false)?;
        let at = self.places.next()?;
        let (cut, end) = if self.bytes[from] == b'\'' {
            self.string(from)?
        } else {
            let cut = match plain_word(&self.bytes[from..at])? {
                word if is_nothing(word) => Cut::new(from, from),
                word => Cut::new(from, from + word.len()),
            };
            (cut, at)
        };
        cuts.push(cut);
        matches!(self.bytes[end], b',' | b')').then_some(end)
    }

    /// The string whose quote stands here, if nothing in it is escaped, and where the byte stands behind it.
    fn string(&mut self, quote: usize) -> Option<(Cut, usize)> {
        let close = loop {
            let at = self.places.next()?;
            match self.bytes[at] {
                b'\'' => break at,
                b'\\' | CELL_END => return None,
                _ => {}
            }
        };
        let cut = Cut::new(quote + 1, close);
        let end = self.places.next().filter(|at| *at == close + 1)?;
        (!embedded::may_be(cut.of(self.bytes))).then_some((cut, end))
    }
}

/// A number or a word, without the blanks behind it, if it is nothing but that.
fn plain_word(text: &[u8]) -> Option<&[u8]> {
    let word = text.trim_ascii_end();
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'_');
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    (!digits.is_empty() && digits.iter().all(is_plain) && !word.starts_with(b"0x")).then_some(word)
}

fn is_nothing(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"NULL") || word.eq_ignore_ascii_case(b"DEFAULT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(bytes: &str, columns: usize) -> (usize, Vec<&str>) {
        let mut cuts = Vec::new();
        let used = of_copy(bytes.as_bytes(), (b'\t', b"\\N"), columns, &mut cuts);
        (used, cuts.iter().map(|c| &bytes[c.from as usize..c.to as usize]).collect())
    }

    fn inserted(bytes: &str, columns: usize) -> (usize, Vec<&str>) {
        let mut cuts = Vec::new();
        let used = of_insert(bytes.as_bytes(), true, columns, &mut cuts);
        (used, cuts.iter().map(|c| &bytes[c.from as usize..c.to as usize]).collect())
    }

    #[test]
    fn rows_of_copy() {
        let rows = "1\tKari\t\\N\n2\t\tx\n";
        let values = vec!["1", "Kari", "", "2", "", "x"];
        assert_eq!(copied(rows, 3), (rows.len(), values.clone()));
        for odd in
            ["3\ta\\tb\tc\n", "3\ta\n", "3\ta\tb\tc\n", "\\.\n", "3\ta\tb\r\n", "3\ta\t[1]\n"]
        {
            assert_eq!(copied(&format!("{rows}{odd}{rows}"), 3), (rows.len(), values.clone()));
        }
        assert_eq!(copied("1\ta\tb", 3), (0, vec![]));
    }

    #[test]
    fn rows_of_insert() {
        let rows = "\n('a, (b)',-1.5, null ),\n ('', default,'x')";
        let values = vec!["a, (b)", "-1.5", "", "", "", "x"];
        assert_eq!(inserted(rows, 3), (rows.len(), values.clone()));
        let odd = [
            "(1,2)",
            "(1,2,3,4)",
            "('a''b',2,3)",
            "('a\\'b',2,3)",
            "(f(1),2,3)",
            "(0xFF,2,3)",
            "('{}',2,3)",
            "('a' 'b',2,3)",
            "(1 -- one\n,2,3)",
            "(1,,3)",
            "; (1,2,3)",
            "/* ( */(1,2,3)",
            "x(1,2,3)",
        ];
        for odd in odd {
            assert_eq!(inserted(&format!("{rows},{odd},{rows}"), 3), (rows.len(), values.clone()));
        }
        assert_eq!(inserted("(1,2,3", 3), (0, vec![]));
    }
}
