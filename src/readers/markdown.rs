//! Markdown: free text, in which the cells of pipe tables are values of fields. Org mode, reStructuredText and the clients
//! of databases draw their tables much alike.

use std::borrow::Cow;

use super::drive::Passage;
use super::form::{self, Form, Held};
use super::lines::Lines;
use super::{Format, Head, Stop};
use crate::source::Source;
use crate::unit::{Sink, SlotId};

/// Markdown with tables.
pub static FORMAT: Format = Format {
    id: "markdown",
    name: "Markdown with tables",
    extensions: &["md", "markdown"],
    fields: "table.column, text",
    isolated: false,
    beside: &[],
    sniff,
    read,
};

/// Columns that are told apart.
const COLUMNS: usize = 256;
/// A line longer than this is no row of a table.
const LONGEST_ROW: usize = 64 << 10;

/// A line of pipes over a line of dashes stands somewhere among the first lines of the head. Only lines with a pipe
/// are looked at.
fn sniff(head: &Head<'_>) -> bool {
    /// Lines that are looked at.
    const LINES: usize = 2000;
    let bytes = head.bytes;
    let mut from = 0;
    while let Some(pipe) = memchr::memchr(b'|', &bytes[from..]).map(|i| from + i) {
        let start = memchr::memrchr(b'\n', &bytes[..pipe]).map_or(0, |i| i + 1);
        let end = memchr::memchr(b'\n', &bytes[pipe..]).map_or(bytes.len(), |i| pipe + i);
        let is_table = rules_off(bytes, start, end) || rules_off_next(bytes, end);
        if is_table {
            return memchr::memchr_iter(b'\n', &bytes[..start]).count() < LINES;
        }
        from = end;
    }
    is_drawn(bytes)
}

/// Whether a table is drawn with lines of the block of box drawings, where each column but one begins at a cross; a tree
/// of folders has none.
fn is_drawn(bytes: &[u8]) -> bool {
    let mut crosses = memchr::memchr_iter(BOX, bytes).filter(|at| {
        matches!(bytes[*at..], [_, 0x94, 0xBC..=0xBF, ..] | [_, 0x95, 0x80..=0x8B | 0xAA..=0xAC, ..])
    });
    crosses.next().is_some_and(|at| {
        let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |i| i + 1);
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i);
        let above = memchr::memrchr(b'\n', &bytes[..start.saturating_sub(1)]).map_or(0, |i| i + 1);
        let lines = plain(&bytes[above..end]);
        memchr::memchr(b'\n', &lines).is_some_and(|end| rules_off(&lines, end + 1, lines.len()))
    })
}

/// The first byte of each sign of the block of box drawings (U+2500 to U+257F), and of many others.
const BOX: u8 = 0xE2;

/// A line with signs of ASCII for those of a drawn box.
fn plain(line: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(BOX, line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut plain = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = memchr::memchr(BOX, rest) {
        plain.extend_from_slice(&rest[..at]);
        let (sign, length) = match rest[at..] {
            [_, 0x94, 0x80 | 0x81 | 0x84 | 0x85 | 0x88 | 0x89, ..] | [_, 0x95, 0x90, ..] => {
                (b'-', 3)
            }
            [_, 0x94, 0x82 | 0x83 | 0x86 | 0x87 | 0x8A | 0x8B, ..] | [_, 0x95, 0x91, ..] => {
                (b'|', 3)
            }
            [_, 0x94, 0x8C..=0xBF, ..] | [_, 0x95, 0x80..=0xB3, ..] => (b'+', 3),
            _ => (BOX, 1),
        };
        plain.push(sign);
        rest = &rest[at + length..];
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain)
}

/// A row or rule of a table without the sign of a comment before it: tables are pasted into source code, and quoted.
fn uncommented(line: &[u8]) -> &[u8] {
    const SIGNS: [u8; 7] = *b"#/-*;%>";
    let line = line.trim_ascii();
    let signs = line.iter().take(3).take_while(|b| SIGNS.contains(b)).count();
    let behind = line[signs..].trim_ascii_start();
    let is_apart = signs > 0 && signs + behind.len() < line.len();
    let is_framed = matches!(behind, [b'|' | b'+', .., b'|' | b'+']);
    if is_apart && is_framed { behind } else { line }
}

/// Whether the line between these places stands under a table's header.
fn rules_off(bytes: &[u8], start: usize, end: usize) -> bool {
    let columns = columns_of_rule(&bytes[start..end]);
    columns > 0 && is_header(&bytes[..start], columns)
}

/// Whether that holds of the line behind the one that ends here, if it has no pipe: those with one come by themselves.
fn rules_off_next(bytes: &[u8], end: usize) -> bool {
    let start = bytes.len().min(end + 1);
    let is_sign =
        |b: &u8| matches!(b, b'-' | b'+' | b'#' | b'/' | b'*' | b';' | b'%' | b'>' | b' ');
    if !bytes.get(start).is_some_and(is_sign) {
        return false;
    }
    let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |i| start + i);
    !bytes[start..end].contains(&b'|') && rules_off(bytes, start, end)
}

/// Whether the last of these lines has so many columns.
fn is_header(lines: &[u8], columns: usize) -> bool {
    let Some(lines) = lines.strip_suffix(b"\n") else { return false };
    let line = &lines[memchr::memrchr(b'\n', lines).map_or(0, |i| i + 1)..];
    line.len() <= LONGEST_ROW && line.contains(&b'|') && cells(line).len() == columns
}

/// Number of columns of the line under a table's header (`|---|:-:|`, `|---+---|` in Org mode, and `---+---` or
/// `+---+---+` where a client of a database prints one, with `=` in reStructuredText); 0 for any other line.
fn columns_of_rule(line: &[u8]) -> usize {
    let line = uncommented(line);
    if matches!(line, [b'-' | b'+', ..] | [b'|', b'-', ..]) && line.contains(&b'+') {
        return columns_of_crosses(line);
    }
    let plain = line.iter().all(|b| matches!(b, b'|' | b'-' | b':' | b' '));
    if !plain || line.len() > LONGEST_ROW || !line.contains(&b'|') {
        return 0;
    }
    let cells = cells(line);
    if cells.iter().all(|c| c.contains(&b'-')) { cells.len() } else { 0 }
}

fn columns_of_crosses(line: &[u8]) -> usize {
    let is_end = |b: &u8| matches!(b, b'+' | b'|');
    let line = line.split_first().filter(|(b, _)| is_end(b)).map_or(line, |(_, rest)| rest);
    let line = line.split_last().filter(|(b, _)| is_end(b)).map_or(line, |(_, rest)| rest);
    let dashes = |part: &[u8]| !part.is_empty() && part.iter().all(|b| matches!(b, b'-' | b'='));
    let columns = line.split(|b| *b == b'+');
    // A box of one column is a drawing as well.
    let is_rule = line.contains(&b'+') && line.len() <= LONGEST_ROW && columns.clone().all(dashes);
    if is_rule { columns.count() } else { 0 }
}

/// The cells of a row, without the marks of emphasis and code round them; an escaped pipe ends none.
fn cells(line: &[u8]) -> Vec<&[u8]> {
    let line = uncommented(line);
    let line = line.strip_prefix(b"|").unwrap_or(line);
    let line = line.strip_suffix(b"|").filter(|l| !l.ends_with(b"\\")).unwrap_or(line);
    let mut cells = Vec::new();
    let mut from = 0;
    for at in memchr::memchr_iter(b'|', line) {
        if at == 0 || line[at - 1] != b'\\' {
            cells.push(bare(&line[from..at]));
            from = at + 1;
        }
    }
    cells.push(bare(&line[from..]));
    cells
}

fn bare(cell: &[u8]) -> &[u8] {
    let marks = |b: &u8| matches!(b, b'*' | b'_' | b'`' | b' ' | b'\t');
    let start = cell.iter().position(|b| !marks(b)).unwrap_or(cell.len());
    let end = cell.iter().rposition(|b| !marks(b)).map_or(start, |i| i + 1);
    &cell[start..end]
}

/// A table that is open.
struct Table {
    name: String,
    /// The cells of its first row.
    head: Vec<Vec<u8>>,
    slots: Vec<SlotId>,
    rows: u64,
    held: Held,
}

impl Table {
    /// Opens the `number`th table under a header row; `None` where a header is itself data.
    fn open(number: usize, header: &[u8], sink: &mut Sink<'_>) -> Option<Table> {
        let names: Vec<String> = cells(header)
            .into_iter()
            .take(COLUMNS)
            .enumerate()
            .map(|(i, name)| match name {
                b"" => format!("#{}", i + 1),
                name => String::from_utf8_lossy(&name[..name.len().min(200)]).into_owned(),
            })
            .collect();
        if names.iter().any(|n| sink.is_data(n)) {
            return None;
        }
        let name = format!("table{number}");
        let slots = names.iter().map(|n| sink.slot(Some(&name), Some(n))).collect();
        let head = cells(header).into_iter().map(<[u8]>::to_vec).collect();
        Some(Table { name, head, slots, rows: 0, held: Held::new(names.len() != 2) })
    }

    fn row(&mut self, line: &[u8], sink: &mut Sink<'_>) {
        let cells = cells(line);
        if self.held.has_room(line.len()) {
            self.held.push(cells.into_iter().map(<[u8]>::to_vec).collect(), line.len());
        } else {
            self.let_go(sink);
            self.values(&cells, sink);
        }
    }

    /// The rows held back are no form.
    fn let_go(&mut self, sink: &mut Sink<'_>) {
        for row in self.held.let_go() {
            self.values(&row, sink);
        }
    }

    fn values<C: AsRef<[u8]>>(&mut self, cells: &[C], sink: &mut Sink<'_>) {
        self.rows += 1;
        for (i, cell) in cells.iter().enumerate() {
            // What stands beyond the last column belongs to it.
            let slot = self.slots[i.min(self.slots.len() - 1)];
            sink.value(slot, self.rows, cell.as_ref());
        }
    }

    fn end(mut self, sink: &mut Sink<'_>) {
        match self.form(sink) {
            Some(form) => form.push(Some(&self.name), sink),
            None => self.let_go(sink),
        }
    }

    /// The form that the rows are; a heading that names a kind is the first label, if it is none of a list.
    fn form(&mut self, sink: &mut Sink<'_>) -> Option<Form> {
        let names_kind = |n: &Vec<u8>| form::names_kind(&String::from_utf8_lossy(n), sink);
        if !self.head.iter().any(names_kind) {
            return self.held.form(true, sink);
        }
        self.held.form_below(std::mem::take(&mut self.head), sink)
    }
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let mut prose = Passage::default();
    // The line before, which may turn out to be a table's header.
    let mut held: Option<(Vec<u8>, u64, u64)> = None;
    let mut table: Option<Table> = None;
    let mut numbered = 0;
    while lines.advance()? {
        let is_row = !lines.is_rest && lines.has_room() && lines.text.len() <= LONGEST_ROW;
        let line = plain(&lines.text);
        let piped = is_row && line.contains(&b'|');
        let columns = if is_row { columns_of_rule(&line) } else { 0 };
        if table.as_ref().is_some_and(|open| open.slots.len() == columns) {
            continue;
        }
        if let Some(open) = table.as_mut().filter(|_| piped) {
            open.row(&line, sink);
            continue;
        }
        if let Some(table) = table.take() {
            table.end(sink);
        }
        if columns > 0
            && let Some(header) = held.as_ref().map(|(text, ..)| plain(text))
            && cells(&header).len() == columns
        {
            table = Table::open(numbered + 1, &header, sink);
        }
        if table.is_some() {
            numbered += 1;
            held = None;
            prose.end(sink);
            continue;
        }
        if let Some((text, line, offset)) = held.take() {
            prose.add(&text, line, offset, sink);
        }
        if piped {
            let text = [&lines.text[..], b"\n"].concat();
            held = Some((text, lines.number, lines.offset));
        } else {
            prose.add(&lines.text, lines.number, lines.offset, sink);
            if lines.has_room() {
                prose.add(b"\n", lines.number, lines.offset, sink);
            }
        }
    }
    if let Some(table) = table {
        table.end(sink);
    }
    if let Some((text, line, offset)) = held {
        prose.add(&text, line, offset, sink);
    }
    prose.end(sink);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::drive::testing::read;
    use super::*;

    #[test]
    fn tables_are_fields_and_the_rest_is_text() {
        let text = "# Møte\n\n| Navn | **Tlf** |\n|:--|--:|\n| Kari | `22 33` |\n| Ola \\| O | |\n\netter\na | b\n";
        let (all, why, _) = read(text.as_bytes(), FORMAT.read);
        assert_eq!(why, None);
        assert_eq!(
            all.field(Some("table1"), "Navn"),
            [(1, "Kari".into()), (2, "Ola \\| O".into())]
        );
        assert_eq!(all.field(Some("table1"), "Tlf"), [(1, "22 33".into()), (2, String::new())]);
        assert_eq!(all.text(), "# Møteetter\na | b");
        assert_eq!(all.texts.iter().map(|t| t.1).collect::<Vec<_>>(), [1, 8]);
    }

    #[test]
    fn tables_that_clients_of_databases_print() {
        let printed = " navn |  tlf\n------+-------\n Kari | 22 33\n Ola  |\n(2 rows)\n";
        let boxed = "+------+-------+\n| navn | tlf   |\n+------+-------+\n| Kari | 22 33 |\n| Ola  |       |\n\
            +------+-------+\n2 rows in set\n";
        for text in [printed, boxed] {
            assert!(sniff(&Head::new(text.as_bytes(), true, "x.txt")), "{text}");
            let (all, ..) = read(text.as_bytes(), FORMAT.read);
            let names = [(1, "Kari".to_owned()), (2, "Ola".to_owned())];
            assert_eq!(all.field(Some("table1"), "navn"), names, "{text}");
            assert_eq!(all.field(Some("table1"), "tlf")[0].1, "22 33");
            assert!(all.text().ends_with(if text == boxed { "in set" } else { "(2 rows)" }));
        }
        for text in
            ["a | b\n+-x-+\n", "a | b\n---+---+---\n", "a | b\n\n---+---\n", "| a |\n+--+\n"]
        {
            assert!(!sniff(&Head::new(text.as_bytes(), true, "x.txt")), "{text}");
        }
    }

    #[test]
    fn tables_that_are_drawn() {
        let org = "a|b\n| navn | tlf   |\n|------+-------|\n| Kari | 22 33 |\n|------+-------|\n| Ola  |       |\n";
        let grid = "+------+-------+\n| navn | tlf   |\n+======+=======+\n| Kari | 22 33 |\n+------+-------+\n\
            | Ola  |       |\n+------+-------+\n";
        let light = "┌──────┬───────┐\n│ navn │ tlf   │\n├──────┼───────┤\n│ Kari │ 22 33 │\n│ Ola  │       │\n\
            └──────┴───────┘\n“x”\n";
        let double = "║ navn ║ tlf ║\n╠══════╬═════╣\n║ Kari ║ 22 33 ║\n║ Ola ║ ║";
        for text in [org, grid, light, double] {
            assert!(sniff(&Head::new(text.as_bytes(), true, "x.txt")), "{text}");
            let (all, ..) = read(text.as_bytes(), FORMAT.read);
            let names = [(1, "Kari".to_owned()), (2, "Ola".to_owned())];
            assert_eq!(all.field(Some("table1"), "navn"), names, "{text}");
            assert_eq!(all.field(Some("table1"), "tlf")[0].1, "22 33");
        }
        assert!(read(light.as_bytes(), FORMAT.read).0.text().contains("“x”"));
        for sign in ["# ", "// ", "-- ", " * ", "> "] {
            let boxed = "+---+---+\n|navn|tlf|\n+---+---+\n|Kari|22 33|\n+---+---+";
            let text = boxed.lines().map(|line| format!("{sign}{line}\n")).collect::<String>();
            assert!(sniff(&Head::new(text.as_bytes(), true, "x.txt")), "{text}");
            let (all, ..) = read(text.as_bytes(), FORMAT.read);
            assert_eq!(all.field(Some("table1"), "navn"), [(1, "Kari".into())], "{text}");
        }
        let (all, ..) = read(b"# | navn\n--|--\n1 | Kari\n", FORMAT.read);
        assert_eq!(all.field(Some("table1"), "#"), [(1, "1".into())]);
        for text in
            ["├── src\n│   ├── a.rs\n", "│ a │\n\n├──┼──┤\n", "x ┼ y\n", "| a | b |\n|--+--+--|\n"]
        {
            assert!(!sniff(&Head::new(text.as_bytes(), true, "x.txt")), "{text}");
        }
    }

    #[test]
    fn forms() {
        let rows = "|---|---|\n| Navn | Kari |\n| Telefon | 22 |\n| E-post | kari@x.no |\n";
        let (all, ..) = read(format!("| Felt | Verdi |\n{rows}").as_bytes(), FORMAT.read);
        assert_eq!(all.field(Some("table1"), "Telefon"), [(1, "22".into())]);
        let (all, ..) = read(format!("| Felt | Telefon |\n{rows}").as_bytes(), FORMAT.read);
        assert_eq!(all.field(Some("table1"), "Telefon").len(), 3);
        let (all, ..) = read(b"| Navn | Kari |\n|---|---|\n| Telefon | 22 |\n", FORMAT.read);
        assert_eq!(all.field(Some("table1"), "Telefon"), [(1, "22".into())]);
    }

    #[test]
    fn told_by_a_rule_under_a_header() {
        let told = |text: &str| sniff(&Head::new(text.as_bytes(), true, "x.txt"));
        assert!(told("a\n\n| b | c |\n| - | - |\n"));
        assert!(!told("a | b\nc | d\n") && !told("--|--\n") && !told("| a |\n|---|---|\n"));
        assert!(told("x | y\n||\n| b | c |\n|-|-|"));
        assert!(told(&format!("{}|b|\n|-|", "\n".repeat(1998))));
        assert!(!told(&format!("{}|b|\n|-|", "\n".repeat(1999))));
    }
}
