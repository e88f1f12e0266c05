//! SQL dumps (PostgreSQL, MySQL and MariaDB, SQLite, SQL Server): the rows of `COPY` and `INSERT` are
//! values of their tables' columns, everything else is free text.

use std::collections::HashMap;
use std::ops::Range;

use super::Format;
use super::drive::{Lines, Parse, Passage, Then, View, cut, drive, tokens};
use super::pairs::Pairs;
use crate::unit::{Cut, PIECE, Sink, SlotId, all_different};

mod cast;
pub(crate) mod lex;
mod rows;

use lex::{
    Escapes, Lex, Scan, Selected, closing, is_for_client, is_word, literals, statement_end,
    unescape,
};

/// SQL dumps.
pub static FORMAT: Format = Format {
    id: "sql_dump",
    name: "SQL dumps (pg_dump, mysqldump, SQLite, SQL Server)",
    extensions: &["sql", "dump", "pgsql", "ddl"],
    fields: "schema.table.column",
    isolated: false,
    beside: &[],
    sniff: lex::sniff,
    read: |source, sink| drive(source, sink, &mut Reader::default()),
};

/// Longest statement that is looked at as a whole.
const STATEMENT: usize = 1 << 20;
/// Longest start of an INSERT up to its rows.
const HEADER: usize = 1 << 16;
/// Bytes that must be seen to tell what a statement is.
const START: usize = 64;
/// Tables whose columns are remembered.
const TABLES: usize = 1 << 16;

#[derive(Default)]
enum State {
    /// Between statements.
    #[default]
    Top,
    /// In text that ends with its line, or with the end of a comment; then back to where it began.
    Text { block: bool, back: Between },
    /// Between the rows of an INSERT.
    Tuples,
    /// In a row of an INSERT.
    Tuple,
    /// Between the rows that an INSERT selects.
    Selects,
    /// In the rows of a COPY.
    Copy,
}

/// Where text may stand.
#[derive(Clone, Copy, PartialEq)]
enum Between {
    /// Between statements.
    Statements,
    /// Between the rows of an INSERT.
    Tuples,
    /// Between the rows that an INSERT selects.
    Selects,
}

#[derive(Default)]
struct Table {
    name: String,
    columns: Vec<String>,
    rows: u64,
}

/// A value too long to be held whole.
struct Long {
    at: usize,
    nest: u32,
    quote: Option<(u8, Escapes)>,
    escaped_next: bool,
}

/// What is known while dumps are read one after the other.
#[derive(Default)]
pub(crate) struct Reader {
    state: State,
    mysql: bool,
    /// What ends statements while `DELIMITER` is in force.
    delimiter: Option<Vec<u8>>,
    tables: Vec<Table>,
    by_name: HashMap<String, usize>,
    search_path: Option<String>,
    /// The start of the last INSERT, up to its rows: mostly the next one is the same.
    header: Vec<u8>,
    table: usize,
    slots: Vec<SlotId>,
    /// How many columns there are, where whole rows may be cut in one go.
    in_rows: Option<usize>,
    /// The columns of keys and values, if there are such.
    pairs: Option<Pairs>,
    cuts: Vec<Cut>,
    column: usize,
    copy_delimiter: u8,
    copy_null: Vec<u8>,
    /// How much of a long COPY cell has been handed on.
    copied: usize,
    long: Option<Long>,
    /// Up to here statements do not end as they should, so lines are taken one by one.
    by_line_until: u64,
    /// Up to here no INSERT is looked for: the last one's start did not end.
    no_rows_until: u64,
    loose: Passage,
    lines: Lines,
    scratch: Vec<u8>,
}

type Token = Result<usize, Then>;

impl Reader {
    fn token(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        match self.state {
            _ if self.long.is_some() => self.long_piece(&view.bytes[at..], view.end, sink),
            State::Top => self.top(view, at, sink),
            State::Text { block, back } => self.text(view, at, (block, back), sink),
            State::Tuples => self.between(view, at, sink),
            State::Tuple => self.value(&view.bytes[at..], view.end, sink),
            State::Selects => self.selects(view, at, sink),
            State::Copy => self.copy(&view.bytes[at..], view.end, sink),
        }
    }

    fn top(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace() || **b == b';').count();
        if blanks > 0 {
            return Ok(blanks);
        }
        if rest.len() < START.max(self.header.len() + 1) && !view.end {
            return Err(Then::More);
        }
        if self.comment(rest, Between::Statements) {
            return Ok(0);
        }
        if self.delimiter.is_some() || is_word(rest, b"DELIMITER") {
            return self.delimited(view, at, sink);
        }
        if is_word(rest, b"INSERT") || is_word(rest, b"REPLACE") {
            let here = view.base + at as u64;
            if here >= self.no_rows_until
                && let Some(token) = self.insert(rest, here, view.end, sink)
            {
                return token;
            }
        } else if is_word(rest, b"COPY")
            && let Some(token) = self.copy_header(view, at, sink)
        {
            return token;
        }
        self.statement(view, at, sink)
    }

    /// Whether a comment or a line for the client program starts here.
    fn comment(&mut self, rest: &[u8], back: Between) -> bool {
        let in_rows = back != Between::Statements;
        let block = rest.starts_with(b"/*");
        let line = rest.starts_with(b"--")
            || !in_rows && (matches!(rest[0], b'\\' | b'#') || is_for_client(rest))
            || !in_rows
                && is_word(rest, b"GO")
                && rest[2..].trim_ascii_start().len() < rest.len() - 2;
        if [&b"/*!"[..], b"/*M!", b"-- MySQL dump", b"-- MariaDB dump"]
            .iter()
            .any(|m| rest.starts_with(m))
        {
            self.mysql = true;
        }
        if block || line {
            self.state = State::Text { block, back };
        }
        block || line
    }

    /// Text up to the end of its line or comment.
    fn text(
        &mut self,
        view: View<'_>,
        at: usize,
        (block, back): (bool, Between),
        sink: &mut Sink<'_>,
    ) -> Token {
        let rest = &view.bytes[at..];
        let found = if block {
            memchr::memmem::find(rest, b"*/").map(|i| i + 2)
        } else {
            memchr::memchr(b'\n', rest).map(|i| i + 1)
        };
        if found.is_none() && !view.end && rest.len() < PIECE {
            return Err(Then::More);
        }
        // The last byte may be the first half of a comment's end.
        let len = found.unwrap_or(if view.end { rest.len() } else { rest.len() - 1 });
        self.add_text(view, at, len, sink);
        if found.is_some() || view.end {
            self.loose.end(sink);
            self.state = match back {
                Between::Statements => State::Top,
                Between::Tuples => State::Tuples,
                Between::Selects => State::Selects,
            };
        }
        Ok(len)
    }

    fn add_text(&mut self, view: View<'_>, at: usize, len: usize, sink: &mut Sink<'_>) {
        let line = self.lines.at(view.bytes, at);
        self.loose.add(&view.bytes[at..at + len], line, view.base + at as u64, sink);
    }

    /// Takes one line as text.
    fn line(&mut self) -> Token {
        self.state = State::Text { block: false, back: Between::Statements };
        Ok(0)
    }

    /// Between `DELIMITER` lines stand triggers and routines: no data, only text.
    fn delimited(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        let end = memchr::memchr(b'\n', &rest[..rest.len().min(PIECE)]);
        if end.is_none() && !view.end && rest.len() < PIECE {
            return Err(Then::More);
        }
        let len = end.map_or(rest.len().min(PIECE), |i| i + 1);
        if is_word(rest, b"DELIMITER") {
            let mark = rest[9..len].trim_ascii();
            self.delimiter = (mark != b";" && !mark.is_empty()).then(|| mark.to_vec());
        }
        self.add_text(view, at, len, sink);
        let ends = self.delimiter.as_ref().is_none_or(|d| rest[..len].trim_ascii().ends_with(d));
        if ends {
            self.loose.end(sink);
        }
        Ok(len)
    }

    /// A statement that holds no rows.
    fn statement(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let all = &view.bytes[at..];
        if view.base + (at as u64) < self.by_line_until {
            return self.line();
        }
        // The limit holds for every window, so that results do not depend on its size.
        let rest = &all[..all.len().min(STATEMENT)];
        let end = view.end && rest.len() == all.len();
        let Some(len) = statement_end(rest, self.mysql, end) else {
            if !view.end && rest.len() < STATEMENT {
                return Err(Then::More);
            }
            self.by_line_until = view.base + (at + rest.len()) as u64;
            return self.line();
        };
        self.learn(&rest[..len]);
        self.add_text(view, at, len, sink);
        self.loose.end(sink);
        Ok(len)
    }

    /// What later rows need to know from a statement.
    fn learn(&mut self, statement: &[u8]) {
        let mut lex = Lex::new(statement);
        match &lex.word().to_ascii_uppercase()[..] {
            b"CREATE" => {
                if memchr::memmem::find(statement, b"ENGINE=").is_some() {
                    self.mysql = true;
                }
                if let Some((parts, columns)) = lex.table(self.mysql) {
                    let table = self.named(parts);
                    self.tables[table].columns = columns;
                }
            }
            b"SET" if lex.word().eq_ignore_ascii_case(b"search_path") => {
                if !lex.eat(b'=') {
                    lex.word();
                }
                let schema = lex.part().unwrap_or_default();
                let plain = !schema.is_empty() && schema != "pg_catalog" && schema != "$user";
                self.search_path = plain.then_some(schema);
            }
            _ => {}
        }
    }

    /// The table of this name.
    fn named(&mut self, mut parts: Vec<String>) -> usize {
        if parts.len() == 1
            && let Some(schema) = &self.search_path
        {
            parts.insert(0, schema.clone());
        }
        let name = parts.join(".");
        if let Some(&i) = self.by_name.get(&name) {
            return i;
        }
        if self.tables.len() < TABLES {
            self.by_name.insert(name.clone(), self.tables.len());
            self.tables.push(Table { name, ..Table::default() });
        } else if let Some(last) = self.tables.last_mut() {
            // So many tables are no database: the last place is used again and again.
            *last = Table { name, ..Table::default() };
        }
        self.tables.len() - 1
    }

    /// The rows that follow belong to these columns.
    fn aim(&mut self, parts: Vec<String>, columns: Vec<String>, sink: &mut Sink<'_>) {
        self.table = self.named(parts);
        let table = &self.tables[self.table];
        let columns = if columns.is_empty() { &table.columns } else { &columns };
        let name = Some(table.name.as_str());
        self.pairs = Pairs::of(name, columns);
        self.slots = columns.iter().take(4096).map(|c| sink.slot(name, Some(c))).collect();
        let is_plain = self.pairs.is_none() && all_different(&self.slots);
        self.in_rows = Some(self.slots.len()).filter(|n| *n > 0 && is_plain);
        self.column = 0;
    }

    /// Hands on the rows that were cut in one go.
    fn push_rows(&mut self, bytes: &[u8], columns: usize, sink: &mut Sink<'_>) {
        let rows = &mut self.tables[self.table].rows;
        sink.rows(&self.slots[..columns], *rows + 1, bytes, &self.cuts);
        *rows += (self.cuts.len() / columns) as u64;
    }

    fn slot(&mut self, sink: &mut Sink<'_>) -> SlotId {
        while self.slots.len() <= self.column.min(4096) {
            let name = &self.tables[self.table].name;
            let field = format!("#{}", self.slots.len() + 1);
            self.slots.push(sink.slot(Some(name), Some(&field)));
        }
        self.slots[self.column.min(4096)]
    }

    fn row(&self) -> u64 {
        self.tables[self.table].rows
    }

    /// The start of an INSERT up to its first row; `None` when it brings no rows.
    fn insert(&mut self, rest: &[u8], here: u64, end: bool, sink: &mut Sink<'_>) -> Option<Token> {
        let behind = rest.get(self.header.len());
        let whole = behind.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
        if whole && !self.header.is_empty() && rest.starts_with(&self.header) {
            self.state = State::Tuples;
            return Some(Ok(self.header.len()));
        }
        let mut lex = Lex::new(&rest[..rest.len().min(HEADER)]);
        let found = lex.insert();
        if lex.at_end() && !end && rest.len() < HEADER {
            return Some(Err(Then::More));
        }
        if lex.at_end() {
            self.no_rows_until = here + HEADER as u64;
        }
        let found = found?;
        let len = lex.position();
        self.mysql |= memchr::memchr(b'`', &rest[..len]).is_some();
        if found.selects {
            match self.selected(&rest[len..], end) {
                Selected::Row(..) => {}
                Selected::Open => return Some(Err(Then::More)),
                Selected::Never => return None,
            }
        }
        self.aim(found.table, found.columns, sink);
        self.header.clear();
        if found.selects {
            self.state = State::Selects;
        } else {
            self.header.extend_from_slice(&rest[..len]);
            self.state = State::Tuples;
        }
        Some(Ok(len))
    }

    /// The row that a `SELECT` is which stands here; one that is too long to be held is none.
    fn selected(&self, rest: &[u8], end: bool) -> Selected {
        let from = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let part = &rest[from..rest.len().min(from + STATEMENT)];
        let is_all = from + part.len() == rest.len();
        match lex::selected(part, self.mysql, end && is_all) {
            Selected::Open if !is_all || end => Selected::Never,
            selected => selected,
        }
    }

    /// Between the rows that an INSERT selects, or one of them.
    fn selects(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        if blanks > 0 {
            return Ok(blanks);
        }
        if rest.len() < START && !view.end {
            return Err(Then::More);
        }
        if self.comment(rest, Between::Selects) {
            return Ok(0);
        }
        let mut lex = Lex::new(rest);
        if is_word(rest, b"SELECT") {
            match self.selected(rest, view.end) {
                Selected::Row(values, len) => {
                    self.push_selected(rest, &values, sink);
                    return Ok(len);
                }
                Selected::Open => return Err(Then::More),
                Selected::Never => {}
            }
        } else if lex.union() || lex.single_row_table() {
            return Ok(lex.position());
        }
        self.state = State::Top;
        Ok(usize::from(rest[0] == b';'))
    }

    fn push_selected(&mut self, rest: &[u8], values: &[Range<usize>], sink: &mut Sink<'_>) {
        self.tables[self.table].rows += 1;
        self.column = 0;
        for value in values {
            let value = &rest[value.clone()];
            let is_word = !value.iter().any(|b| matches!(b, b'\'' | b'"' | b'('));
            if is_word {
                let word = value.split(u8::is_ascii_whitespace).next().unwrap_or(value);
                self.push_word(word, sink);
            } else {
                let mut found = Vec::new();
                literals(value, self.mysql, &mut found);
                self.cell(&found, sink);
            }
            self.column += 1;
        }
        self.column = 0;
    }

    fn between(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        if let Some(columns) = self.in_rows {
            let used = rows::of_insert(rest, self.mysql, columns, &mut self.cuts);
            if used > 0 {
                self.push_rows(rest, columns, sink);
                return Ok(used);
            }
        }
        let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace() || **b == b',').count();
        if blanks > 0 {
            return Ok(blanks);
        }
        if rest.len() < 2 && !view.end {
            return Err(Then::More);
        }
        if self.comment(rest, Between::Tuples) {
            return Ok(0);
        }
        if rest[0] == b'(' {
            self.state = State::Tuple;
            self.column = 0;
            self.tables[self.table].rows += 1;
            return Ok(1);
        }
        // Oracle's INSERT ALL names a table for each row.
        if matches!(rest[0], b'I' | b'i') {
            if rest.len() < START.max(self.header.len() + 1) && !view.end {
                return Err(Then::More);
            }
            if is_word(rest, b"INTO")
                && let Some(token) = self.insert(rest, view.base + at as u64, view.end, sink)
            {
                return token;
            }
        }
        self.state = State::Top;
        Ok(usize::from(rest[0] == b';'))
    }

    /// A value of an INSERT's row with the comma or bracket behind it.
    fn value(&mut self, rest: &[u8], end: bool, sink: &mut Sink<'_>) -> Token {
        let from = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let Some(&first) = rest.get(from) else {
            return if rest.len() > PIECE { Ok(from) } else { Err(Then::More) };
        };
        if first == b'\'' {
            let escapes = if self.mysql { Escapes::Mysql } else { Escapes::None };
            let limit = rest.len().min(from + 1 + PIECE);
            let text = &rest[from + 1..limit];
            if let Scan::Closed { len, escaped } = closing(text, b'\'', escapes, false) {
                let behind = from + len + 2;
                if let Some(&mark) = rest.get(behind)
                    && matches!(mark, b',' | b')')
                {
                    self.push(&text[..len], escaped.then_some((b'\'', escapes)), sink);
                    self.end_value(mark);
                    return Ok(behind + 1);
                }
            }
        } else if let Some(len) = plain_word(&rest[from..]) {
            let word = rest[from..from + len].trim_ascii_end();
            let mark = rest[from + len];
            if !(word.is_empty() && self.column == 0 && mark == b')') {
                self.push_word(word, sink);
            }
            self.end_value(mark);
            return Ok(from + len + 1);
        }
        self.expression(rest, from, end, sink)
    }

    fn expression(&mut self, rest: &[u8], from: usize, end: bool, sink: &mut Sink<'_>) -> Token {
        let limit = rest.len().min(from + 2 * PIECE);
        match lex::expression_end(&rest[from..limit], self.mysql) {
            lex::Ends::At(len) => {
                let expression = &rest[from..from + len];
                let mut found = Vec::new();
                literals(expression, self.mysql, &mut found);
                self.cell(&found, sink);
                self.end_value(rest[from + len]);
                Ok(from + len + 1)
            }
            // Not a row at all: the statement is text from here on.
            lex::Ends::Never => {
                self.state = State::Top;
                Ok(0)
            }
            lex::Ends::Open if limit - from >= 2 * PIECE => {
                self.long = Some(Long { at: 0, nest: 0, quote: None, escaped_next: false });
                Ok(from)
            }
            lex::Ends::Open if end => Err(Then::Broken("an SQL value does not end")),
            lex::Ends::Open => Err(Then::More),
        }
    }

    fn end_value(&mut self, mark: u8) {
        if mark == b',' {
            self.column += 1;
        } else {
            self.state = State::Tuples;
        }
    }

    /// Hands on a value between such quotes, with such escapes in it if there are any.
    fn push(&mut self, text: &[u8], escapes: Option<(u8, Escapes)>, sink: &mut Sink<'_>) {
        let Some((quote, escapes)) = escapes else { return self.cell(text, sink) };
        let mut plain = std::mem::take(&mut self.scratch);
        plain.clear();
        unescape(text, quote, escapes, &mut plain, true);
        self.cell(&plain, sink);
        self.scratch = plain;
    }

    /// Hands on a whole value of the row at hand.
    fn cell(&mut self, text: &[u8], sink: &mut Sink<'_>) {
        let slot = self.slot(sink);
        let column = self.column;
        let of_key = self.pairs.as_mut().and_then(|pairs| pairs.cell(column, text, sink));
        sink.value(of_key.unwrap_or(slot), self.row(), text);
    }

    fn push_word(&mut self, word: &[u8], sink: &mut Sink<'_>) {
        let hex = word.strip_prefix(b"0x").and_then(lex::hex_text);
        if let Some(text) = hex {
            self.cell(&text, sink);
        } else if word.eq_ignore_ascii_case(b"NULL") || word.eq_ignore_ascii_case(b"DEFAULT") {
            self.cell(b"", sink);
        } else {
            self.cell(word, sink);
        }
    }

    /// Hands on the next piece of a value that is too long to be held.
    fn long_piece(&mut self, rest: &[u8], end: bool, sink: &mut Sink<'_>) -> Token {
        let part = &rest[..rest.len().min(PIECE)];
        let more = part.len() < PIECE && !end;
        let quote = self.long.as_ref().and_then(|l| l.quote);
        let Some((quote, escapes)) = quote else { return self.long_bare(part, more, sink) };
        let (text, closed) = match closing(part, quote, escapes, end && part.len() == rest.len()) {
            Scan::Closed { len, .. } => (&part[..len], true),
            Scan::Open(_) if more => return Err(Then::More),
            Scan::Open(0) => return Err(Then::Broken("an SQL string does not end")),
            Scan::Open(safe) => (&part[..cut(part, safe)], false),
        };
        self.scratch.clear();
        let used = unescape(text, quote, escapes, &mut self.scratch, closed);
        self.push_piece(sink);
        if closed {
            if let Some(long) = &mut self.long {
                long.quote = None;
            }
            return Ok(used + 1);
        }
        if used == 0 { Err(Then::Broken("an SQL string does not end")) } else { Ok(used) }
    }

    fn push_piece(&mut self, sink: &mut Sink<'_>) {
        let slot = self.slot(sink);
        let row = self.row();
        if let Some(long) = &mut self.long {
            let at = u32::try_from(long.at).unwrap_or(u32::MAX);
            sink.value_piece(slot, row, &self.scratch, at);
            long.at += self.scratch.len();
        }
    }

    /// What stands outside the quotes of a long value: casts, calls, hexadecimal digits.
    fn long_bare(&mut self, part: &[u8], more: bool, sink: &mut Sink<'_>) -> Token {
        let Some(long) = &mut self.long else { return Ok(0) };
        let mark = part.iter().position(|b| matches!(b, b'\'' | b'"' | b'(' | b')' | b','));
        match mark {
            None if more => return Err(Then::More),
            Some(0) => {}
            _ => {
                let len = mark.unwrap_or(part.len());
                long.escaped_next = matches!(part[len - 1], b'e' | b'E');
                if len >= START {
                    self.scratch.clear();
                    self.scratch.extend_from_slice(&part[..len]);
                    self.push_piece(sink);
                }
                return Ok(len);
            }
        }
        match part[0] {
            b'(' => long.nest += 1,
            b')' if long.nest > 0 => long.nest -= 1,
            quote @ (b'\'' | b'"') => {
                let escapes = match (long.escaped_next, self.mysql) {
                    (_, true) => Escapes::Mysql,
                    (true, false) => Escapes::C,
                    (false, false) => Escapes::None,
                };
                long.quote = Some((quote, escapes));
            }
            mark if long.nest == 0 => {
                self.long = None;
                self.end_value(mark);
            }
            _ => {}
        }
        Ok(1)
    }

    /// `COPY t (columns) FROM stdin;`
    fn copy_header(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Option<Token> {
        let rest = &view.bytes[at..];
        let rest = &rest[..rest.len().min(HEADER)];
        let more = || (!view.end && rest.len() < HEADER).then_some(Err(Then::More));
        let Some(len) = statement_end(rest, false, false) else { return more() };
        let Some(end) = memchr::memchr(b'\n', &rest[len..]) else { return more() };
        let copy = Lex::new(&rest[..len]).copy()?;
        self.aim(copy.table, copy.columns, sink);
        (self.copy_delimiter, self.copy_null) = (copy.delimiter, copy.null);
        self.copied = 0;
        self.state = State::Copy;
        Some(Ok(len + end + 1))
    }

    /// A cell of a COPY, or whole rows of it.
    fn copy(&mut self, rest: &[u8], end: bool, sink: &mut Sink<'_>) -> Token {
        if self.column == 0
            && self.copied == 0
            && let Some(columns) = self.in_rows
        {
            let how = (self.copy_delimiter, &self.copy_null[..]);
            let used = rows::of_copy(rest, how, columns, &mut self.cuts);
            if used > 0 {
                self.push_rows(rest, columns, sink);
                return Ok(used);
            }
        }
        if self.column == 0 && self.copied == 0 && rest[0] == b'\\' {
            if rest.len() < 4 && !end {
                return Err(Then::More);
            }
            let line = &rest
                [..memchr::memchr(b'\n', &rest[..rest.len().min(4)]).map_or(rest.len(), |i| i + 1)];
            if line.trim_ascii_end() == b"\\." {
                self.state = State::Top;
                return Ok(line.len());
            }
        }
        let part = &rest[..rest.len().min(PIECE)];
        let (cell, mark) = match memchr::memchr2(self.copy_delimiter, b'\n', part) {
            Some(i) => (&part[..i], Some(part[i])),
            None if part.len() == PIECE => (&part[..cut(part, PIECE)], None),
            None if end => (part, Some(b'\n')),
            None => return Err(Then::More),
        };
        if self.column == 0 && self.copied == 0 {
            self.tables[self.table].rows += 1;
        }
        let used = self.copy_cell(cell, mark, sink);
        match mark {
            None => return Ok(used),
            Some(b'\n') => self.column = 0,
            Some(_) => self.column += 1,
        }
        self.copied = 0;
        Ok((cell.len() + 1).min(rest.len()))
    }

    fn copy_cell(&mut self, cell: &[u8], mark: Option<u8>, sink: &mut Sink<'_>) -> usize {
        let cell =
            if mark == Some(b'\n') { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell };
        if self.copied == 0 && mark.is_some() {
            if cell == self.copy_null {
                self.cell(b"", sink);
            } else {
                let is_escaped = memchr::memchr(b'\\', cell).is_some();
                self.push(cell, is_escaped.then_some((0, Escapes::C)), sink);
            }
            return cell.len();
        }
        let slot = self.slot(sink);
        let row = self.row();
        self.scratch.clear();
        let used = unescape(cell, 0, Escapes::C, &mut self.scratch, mark.is_some());
        let at = u32::try_from(self.copied).unwrap_or(u32::MAX);
        sink.value_piece(slot, row, &self.scratch, at);
        self.copied += self.scratch.len();
        used
    }
}

/// Length of a word (number, NULL, …) that is followed by a comma or closing bracket.
fn plain_word(rest: &[u8]) -> Option<usize> {
    let mark = |b: &u8| matches!(b, b',' | b')' | b'(' | b'\'' | b'"' | b'`' | b';' | b'/' | b'[');
    let len = rest[..rest.len().min(PIECE)].iter().position(mark)?;
    let dashes = memchr::memmem::find(&rest[..len], b"--").is_some();
    (matches!(rest[len], b',' | b')') && !dashes).then_some(len)
}

impl Parse for Reader {
    fn parse(&mut self, view: View<'_>, sink: &mut Sink<'_>) -> (usize, Then) {
        let (used, then) = tokens(view, |at| self.token(view, at, sink));
        self.lines.leave(view.bytes, used);
        (used, then)
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), &'static str> {
        self.loose.end(sink);
        match self.state {
            State::Copy => Err("COPY rows end without their end mark"),
            State::Tuple => Err("an INSERT's row does not end"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
