//! Printouts: tables in plain text whose columns are kept apart by blanks, below a line that names them, as programs
//! write them for a printer. What stands above and below is text.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Stop;
use super::form::names_kind;
use super::lines::Lines;
use crate::source::Source;
use crate::unit::{Sink, SlotId, Text};

/// Bytes in which the first table has to begin.
const HEAD: usize = 16 << 10;
/// Columns at least, and at most; above a ruler two are enough.
const COLUMNS: std::ops::RangeInclusive<usize> = 3..=24;
/// Columns whose names are those of kinds that are looked for, at least.
const KNOWN: usize = 2;
/// Longer lines are none of a printer's.
const WIDTH: usize = 400;
/// Lines that are no rows, behind which a table has ended.
const OTHERS: usize = 3;
/// Text is handed on in blocks of about this size.
const BLOCK: usize = 64 << 10;

/// Whether the first lines of a text are laid out as a printout: the first with gaps has none of the signs that set cells
/// apart, and most of those below have as many gaps. Commas in them stand in names and sums.
pub(super) fn looks_like_one(bytes: &[u8]) -> bool {
    /// Lines below that are looked at.
    const BELOW: usize = 20;
    let gaps = *COLUMNS.start() - 1;
    if TWO_BLANKS.find(bytes).is_none() {
        return false;
    }
    let mut lines = bytes[..bytes.len().min(HEAD)].split(|b| *b == b'\n').filter(|l| !is_rule(l));
    let Some(head) = lines.find(|line| has_gaps(line, gaps)) else { return false };
    if head.iter().any(|b| matches!(b, b',' | b';' | b'\t' | b'|')) {
        return false;
    }
    let below: Vec<bool> = lines.take(BELOW).map(|line| has_gaps(line, gaps)).collect();
    let rows = below.iter().filter(|row| **row).count();
    rows > 0 && rows * 4 >= below.len() * 3
}

/// Whether a line that names columns stands in the first part of a source, with a row below it.
///
/// # Errors
/// What the system reports while reading.
pub(super) fn is_one(source: &mut Source, sink: &Sink<'_>) -> Result<bool, Stop> {
    let bytes = source.peek(HEAD)?;
    let bytes = &bytes[..bytes.len().min(HEAD)];
    if has_ruler(bytes, sink) {
        return Ok(true);
    }
    let mut at = 0;
    while let Some(gap) = next_gap(bytes, at) {
        let start = memchr::memrchr(b'\n', &bytes[..gap]).map_or(0, |end| end + 1);
        let length = memchr::memchr(b'\n', &bytes[gap..]).unwrap_or(bytes.len() - gap);
        at = gap + length;
        let mut below = bytes[at..].split(|b| *b == b'\n').filter(|line| !is_rule(line));
        // Names are looked up where both lines have gaps, which few have.
        if has_gaps(&bytes[start..at], *COLUMNS.start() - 1)
            && let Some(next) = below.next().filter(|next| has_gaps(next, 1))
            && let Some(columns) = columns(&bytes[start..at], sink)
            && row(next, &columns).is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a ruler stands in these lines below names of columns.
fn has_ruler(bytes: &[u8], sink: &Sink<'_>) -> bool {
    BROKEN_RULE.find_iter(bytes).any(|at| {
        let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
        let above = &bytes[..start.saturating_sub(1)];
        let head = memchr::memrchr(b'\n', above).map_or(above, |end| &above[end + 1..]);
        ruled(head, &bytes[start..end], sink).is_some()
    })
}

/// Rulers have columns of dashes with a blank between them.
static BROKEN_RULE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("-- --"));

/// Most texts are searched for them, some in vain for each of their lines.
static TWO_BLANKS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("  "));

/// Where from `at` on two blanks or more follow something in a line, and are followed by something.
fn next_gap(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        let gap = at + TWO_BLANKS.find(&bytes[at..])?;
        at = gap + bytes[gap..].iter().take_while(|b| **b == b' ').count();
        let is_behind = gap > 0 && !bytes[gap - 1].is_ascii_whitespace();
        if is_behind && bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace()) {
            return Some(gap);
        }
    }
}

/// Whether so many gaps are in a line.
fn has_gaps(line: &[u8], count: usize) -> bool {
    let gap = |at: usize| next_gap(line, at).map(|gap| gap + 1);
    std::iter::successors(gap(0), |at| gap(*at)).nth(count - 1).is_some()
}

/// Pushes the tables by column, and what else there is as text.
///
/// # Errors
/// What the system reports while reading.
pub(super) fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let (mut table, mut text) = (Table::default(), Block::default());
    let mut above = Vec::new();
    while lines.advance()? {
        if let Some(columns) = ruled(&above, &lines.text, sink) {
            table = Table::of(columns, sink);
        }
        above.clone_from(&lines.text);
        if table.take(&lines, sink) {
            text.end(sink);
            continue;
        }
        if let Some(columns) = columns(&lines.text, sink) {
            table = Table::of(columns, sink);
        }
        text.add(&lines, sink);
    }
    text.end(sink);
    Ok(())
}

/// A column: its name, and from which character of the line to which it goes.
struct Column {
    name: String,
    place: Range<usize>,
}

impl Column {
    /// Whether what stands there begins or ends with it.
    fn meets(&self, place: &Range<usize>) -> bool {
        self.place.start == place.start || self.place.end == place.end
    }
}

/// A table that is being read.
#[derive(Default)]
struct Table {
    columns: Vec<Column>,
    slots: Vec<SlotId>,
    others: usize,
}

impl Table {
    fn of(columns: Vec<Column>, sink: &mut Sink<'_>) -> Table {
        let slots = columns.iter().map(|c| sink.slot(None, Some(&c.name))).collect();
        Table { columns, slots, others: 0 }
    }

    /// Takes a line that is one of its rows.
    fn take(&mut self, lines: &Lines<'_>, sink: &mut Sink<'_>) -> bool {
        if self.columns.is_empty() || is_rule(&lines.text) {
            return false;
        }
        let Some(row) = row(&lines.text, &self.columns) else {
            self.others += 1;
            if self.others >= OTHERS {
                *self = Table::default();
            }
            return false;
        };
        self.others = 0;
        for (slot, cell) in self.slots.iter().zip(row) {
            sink.value(*slot, lines.number, cell.as_bytes());
        }
        true
    }
}

/// Lines of text that are handed on together.
#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    line: u64,
    offset: u64,
}

impl Block {
    fn add(&mut self, lines: &Lines<'_>, sink: &mut Sink<'_>) {
        if self.bytes.is_empty() {
            (self.line, self.offset) = (lines.number, lines.offset);
        }
        self.bytes.extend_from_slice(&lines.text);
        self.bytes.push(b'\n');
        if self.bytes.len() > BLOCK {
            self.end(sink);
        }
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        if !self.bytes.trim_ascii().is_empty() {
            let free = sink.free_text();
            sink.text(free, Text::whole(&self.bytes, self.line, self.offset));
        }
        self.bytes.clear();
    }
}

/// Whether a line is empty, or a rule between the names and the rows.
fn is_rule(line: &[u8]) -> bool {
    line.iter().all(|b| b.is_ascii_whitespace() || matches!(b, b'-' | b'=' | b'_' | b'+' | b'|'))
}

/// The columns that a line names: half of its parts are names of kinds that are looked for.
fn columns(line: &[u8], sink: &Sink<'_>) -> Option<Vec<Column>> {
    // Labels of forms end with a colon, and have their values beside them; code has signs that headings have not.
    let is_plain = line.len() <= WIDTH && memchr::memmem::find(line, b"  ").is_some();
    if !is_plain || line.iter().any(|b| b":\t|=<>{}[]*;\"$`@\\".contains(b)) {
        return None;
    }
    let line = std::str::from_utf8(line).ok()?.trim_end();
    let columns: Vec<Column> = parts(line).collect();
    if !COLUMNS.contains(&columns.len()) {
        return None;
    }
    let known = columns.iter().filter(|c| names_kind(&c.name, sink)).count();
    (known >= KNOWN && known * 2 >= columns.len()).then_some(columns)
}

/// The columns that a line names above a ruler (`------ ------------`), which tells where each of them goes: one of their
/// names at least is that of a kind.
fn ruled(line: &[u8], rule: &[u8], sink: &Sink<'_>) -> Option<Vec<Column>> {
    let rule = std::str::from_utf8(rule).ok()?.trim_end();
    if rule.len() > WIDTH || !rule.contains("-- --") || !rule.bytes().all(|b| b"- ".contains(&b)) {
        return None;
    }
    let chars: Vec<char> = std::str::from_utf8(line).ok()?.chars().collect();
    let mut columns = Vec::new();
    let mut at = 0;
    for part in rule.split(' ') {
        let place = at..at + part.len();
        at = place.end + 1;
        if !part.is_empty() {
            let name: String = chars.get(place.start..place.end.min(chars.len()))?.iter().collect();
            columns.push(Column { name: name.trim().to_owned(), place });
        }
    }
    // No name goes on over the end of its column.
    let is_between = |c: &Column| chars.get(c.place.end).is_none_or(|c| *c == ' ');
    let is_ruled = columns.iter().all(|c| !c.name.is_empty() && is_between(c));
    let names_kind = |c: &Column| names_kind(&c.name, sink);
    (is_ruled && columns.len() <= *COLUMNS.end() && columns.iter().any(names_kind))
        .then_some(columns)
}

/// What stands in a line between gaps of two blanks and more, with its place in characters.
fn parts(line: &str) -> impl Iterator<Item = Column> + '_ {
    let mut rest = line.char_indices().enumerate().peekable();
    std::iter::from_fn(move || {
        while rest.next_if(|(_, (_, c))| *c == ' ').is_some() {}
        let &(from, (start, _)) = rest.peek()?;
        let (mut to, mut end) = (from, start);
        while let Some((at, (byte, c))) = rest.next_if(|(at, (_, c))| *c != ' ' || *at < to + 1) {
            if c != ' ' {
                (to, end) = (at + 1, byte + c.len_utf8());
            }
        }
        Some(Column { name: line[start..end].to_owned(), place: from..to })
    })
}

/// The cells of a row, by column; none for a line whose parts stand under no column, or that has hardly any.
fn row(line: &[u8], columns: &[Column]) -> Option<Vec<String>> {
    if line.len() > WIDTH {
        return None;
    }
    let line = std::str::from_utf8(line).ok()?.trim_end();
    if let Some(cells) = out_of_line(line, columns) {
        return Some(cells);
    }
    let mut cells = vec![String::new(); columns.len()];
    let mut filled = 0;
    for part in parts(line).flat_map(|part| at_columns(part, columns)) {
        let column = column_of(&part.place, columns)?;
        match cells[column].is_empty() {
            true => filled += 1,
            // Family and given names stand in columns of their own below one heading.
            false => cells[column].push(' '),
        }
        cells[column].push_str(&part.name);
    }
    (filled >= 2 && filled * 2 >= columns.len()).then_some(cells)
}

/// The cells of a row that is typed without regard to its columns: there is one for each, but two of them stand under the
/// same, and none behind the first begins or ends with its name.
fn out_of_line(line: &str, columns: &[Column]) -> Option<Vec<String>> {
    let parts: Vec<Column> = parts(line).collect();
    let under: Vec<usize> = parts.iter().filter_map(|p| column_of(&p.place, columns)).collect();
    let is_orderly = under.windows(2).all(|two| two[0] < two[1]);
    let is_exact = |part: &Column| columns.iter().any(|column| column.meets(&part.place));
    (parts.len() == columns.len() && !is_orderly && !parts.iter().skip(1).any(is_exact))
        .then(|| parts.into_iter().map(|part| part.name).collect())
}

/// Parts a text where columns begin in it: a full cell leaves one blank only.
fn at_columns(part: Column, columns: &[Column]) -> Vec<Column> {
    let mut out = Vec::new();
    let chars: Vec<char> = part.name.chars().collect();
    let mut from = 0;
    let inside = |c: &&Column| c.place.start > part.place.start && c.place.start < part.place.end;
    let starts = columns.iter().filter(inside).map(|c| c.place.start - part.place.start);
    let starts = starts.filter(|at| chars[at - 1] == ' ' && chars[*at] != ' ');
    for to in starts.chain([chars.len()]).collect::<Vec<_>>() {
        let name: String = chars[from..to].iter().collect();
        let place =
            part.place.start + from..part.place.start + from + name.trim_end().chars().count();
        out.push(Column { name: name.trim_end().to_owned(), place });
        from = to;
    }
    out
}

/// The column that a text stands in: it begins or ends with its name, or lies under it more than under another.
fn column_of(place: &Range<usize>, columns: &[Column]) -> Option<usize> {
    let shared =
        |c: &Column| c.place.end.min(place.end).saturating_sub(c.place.start.max(place.start));
    let under = || {
        let most = (0..columns.len()).max_by_key(|i| shared(&columns[*i]))?;
        (shared(&columns[most]) > 0).then_some(most)
    };
    let behind = || columns.iter().rposition(|c| c.place.start <= place.start);
    columns.iter().position(|c| c.meets(place)).or_else(under).or_else(behind)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::testing::tiny;
    use crate::unit::testing::Collected;

    fn cells(head: &str, line: &str) -> Option<Vec<String>> {
        row(line.as_bytes(), &parts(head).collect::<Vec<_>>())
    }

    #[test]
    fn rows_stand_under_their_columns() {
        let head = "PNR   NAME                   GEBOREN     BRUTTO";
        let row = "00012 Nordmann, Kari         12.03.1985  1.234,50";
        let wanted = ["00012", "Nordmann, Kari", "12.03.1985", "1.234,50"];
        assert_eq!(cells(head, row).unwrap(), wanted);
        let short = "00013 Ås, Ola                             234,50";
        assert_eq!(cells(head, short).unwrap(), ["00013", "Ås, Ola", "", "234,50"]);
        let apart = "00014 Nordmann     Ola         01.02.1990";
        assert_eq!(cells(head, apart).unwrap()[1], "Nordmann Ola");
        let ragged = "15   Berg, Kari   03.04.1990    34,50";
        assert_eq!(cells(head, ragged).unwrap(), ["15", "Berg, Kari", "03.04.1990", "34,50"]);
        assert_eq!(cells(head, "Fritekst under tabellen"), None);
        assert_eq!(cells(head, ""), None);
    }

    /// What is read of a printout.
    fn all_of(list: &str) -> Collected {
        let mut all = Collected::default();
        let mut sink = Sink::new(&mut all, Arc::from([]));
        let mut source = tiny(list.as_bytes(), 7);
        assert!(is_one(&mut source, &sink).unwrap());
        read(&mut source, &mut sink).unwrap();
        sink.finish();
        all
    }

    #[test]
    fn tables_are_read_by_column_and_the_rest_as_text() {
        let list = "Kunder per 1. mars\n\nNavn             Telefon         Saldo\n\
            ---------------  --------------  --------\nKari Nordmann    22 33 44 55       120,00\n\
            Ola Ås           22 33 44 66     1.120,00\n\nSide 1 av 1\n";
        let mut all = all_of(list);
        let names = [(5, "Kari Nordmann".to_owned()), (6, "Ola Ås".to_owned())];
        assert_eq!(all.field(None, "Navn"), names);
        assert_eq!(all.field(None, "Saldo")[1], (6, "1.120,00".to_owned()));
        assert!(all.text().contains("Kunder per") && all.text().contains("Side 1 av 1"));
        for other in ["char *name;   /* name */    char *phone;\nchar *a;   b    c\n", "Navn\n"] {
            assert!(!is_one(&mut tiny(other.as_bytes(), 7), &sink_of(&mut all)).unwrap());
        }
    }

    #[test]
    fn a_ruler_tells_the_columns() {
        let rows = "   12 Kari Normann 1.2.1990\n 1013 Ola Ås       14.10.1945\n";
        let head = "   NR Navn         FØDT\n----- ------------ ----------\n";
        let list = format!("Liste\n\n{head}{rows}\nSlutt\n");
        let mut all = all_of(&list);
        assert_eq!(all.fields(), ["NR", "Navn", "FØDT"]);
        assert_eq!(all.field(None, "NR")[1], (6, "1013".to_owned()));
        assert_eq!(all.field(None, "Navn")[1], (6, "Ola Ås".to_owned()));
        for other in ["Navn Telefon\n-------- -------\n", "a    b\n---- ----\n1    2\n"] {
            assert!(!is_one(&mut tiny(other.as_bytes(), 7), &sink_of(&mut all)).unwrap());
        }
    }

    #[test]
    fn commas_in_printouts_are_those_of_names_and_sums() {
        let list = "PNR    NAVN            SALDO\n00012  Nordmann, Kari   1,50\n00013  Ås, Ola          2,50\n";
        assert!(looks_like_one(list.as_bytes()));
        for other in ["a  b,c  d,e\n1  2,3  4,5\n", "a,b\n1,2\n", "x  y  z\na,b\nc,d\n", ""] {
            assert!(!looks_like_one(other.as_bytes()), "{other}");
        }
    }

    fn sink_of(all: &mut Collected) -> Sink<'_> {
        Sink::new(all, Arc::from([]))
    }

    #[test]
    fn parts_are_told_by_gaps() {
        let parts: Vec<_> = parts("  a b   Ås  x ").map(|c| (c.name, c.place)).collect();
        assert_eq!(parts, [("a b".into(), 2..5), ("Ås".into(), 8..10), ("x".into(), 12..13)]);
    }
}
