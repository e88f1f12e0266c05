//! Lines of forms whose labels have no colon: `Religion          Buddhist`, `Passport no.<tab>X1234567`, `Union .... NITO`.

use std::ops::Range;

use crate::unit::CELL_END;

/// Longest label in bytes.
const LABEL: usize = 40;
/// Longest value in bytes.
const VALUE: usize = 60;

/// A line of a form.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// Where its label stands.
    pub label: Range<usize>,
    /// Where its value stands, up to which the line goes.
    pub value: Range<usize>,
}

/// Whether a line that may be one of a form begins here: with a capital.
pub fn may_begin(text: &[u8], at: usize) -> bool {
    let is_capital = |b: &u8| b.is_ascii_uppercase() || *b >= 0xC3;
    text.get(at).is_some_and(is_capital) && (at == 0 || matches!(text[at - 1], b'\n' | CELL_END))
}

/// The line that begins here, if it is one of a form: a label with a capital, a gap and a value. A line with a further
/// gap is one of a table.
pub fn line(text: &[u8], at: usize) -> Option<Line> {
    let room = &text[at..text.len().min(at + LABEL)];
    // Most lines have no gap, which is told of all bytes at once.
    let is_gap_here = |(a, b): (&u8, &u8)| {
        (*a == b' ') & (*b == b' ') | (*a == b'.') & (*b == b'.') | (*a == b'\t') | (*a == b'|')
    };
    if !room.iter().zip(&room[1..]).fold(false, |any, pair| any | is_gap_here(pair)) {
        return None;
    }
    let ends = |b: &u8| matches!(b, b'\n' | b'\t' | b':' | b'=' | b'|' | b'(' | &CELL_END);
    let is_gap = |i: &usize| {
        let pair = (room[*i], room.get(i + 1));
        ends(&room[*i]) || matches!(pair, (b' ', Some(b' ')) | (b'.', Some(b'.')))
    };
    let end = (0..room.len())
        .find(is_gap)
        .filter(|end| !matches!(room[*end], b'\n' | b':' | b'=' | b'('))?;
    let rest = &text[at + end..];
    let is_of_gap = |b: &&u8| matches!(b, b' ' | b'\t' | b'.' | b'|');
    let gap = rest.iter().take(2 * VALUE).take_while(is_of_gap).count();
    let behind = &rest[gap..];
    let length = memchr::memchr2(b'\n', CELL_END, &behind[..behind.len().min(VALUE)]);
    let length = length.or((behind.len() < VALUE).then_some(behind.len()))?;
    let value = behind[..length].trim_ascii_end();
    let value = value.strip_suffix(b"|").unwrap_or(value).trim_ascii_end();
    let is_one =
        |value: &[u8]| !value.windows(2).any(|pair| pair == b"  ") && !value.contains(&b'\t');
    let has_sign = value.iter().any(|b| matches!(b, b'|' | b':' | b'='));
    let label = room[..end].trim_ascii_end().len();
    let (from, is_line) = (at + end + gap, !value.is_empty() && is_one(value) && !has_sign);
    is_line.then(|| Line { label: at..at + label, value: from..from + value.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(&str, &str)> {
        let begins = (0..text.len()).filter(|at| may_begin(text.as_bytes(), *at));
        let lines = begins.filter_map(|at| line(text.as_bytes(), at));
        lines.map(|line| (&text[line.label], &text[line.value])).collect()
    }

    #[test]
    fn lines_of_forms_are_told_from_tables_and_sentences() {
        assert_eq!(
            lines("Religion       Buddhist\nPassnr.\tX1234567\nUnion ..... NITO\n"),
            [("Religion", "Buddhist"), ("Passnr.", "X1234567"), ("Union", "NITO")]
        );
        assert_eq!(lines("Religion | Islam"), [("Religion", "Islam")]);
        for text in [
            "Religion  Union  Age",
            "Religion: Islam",
            "Religion is told",
            "religion   islam",
            "Religion   ",
            "Name\tAge\tSex",
            "Religion  a = b",
        ] {
            assert!(lines(text).is_empty(), "{text}");
        }
    }
}
