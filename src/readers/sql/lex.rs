//! SQL's words, names, strings and statements, as far as dumps need them; and how a dump is told.

use std::ops::Range;

use super::super::Head;
use super::super::drive::comment;
use super::cast::converted;

/// Which escapes a string has besides doubled quotes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Escapes {
    None,
    Mysql,
    /// PostgreSQL's `E'…'` and COPY.
    C,
}

pub enum Scan {
    Closed {
        len: usize,
        escaped: bool,
    },
    /// Up to here all bytes surely belong to the string, and no escape is cut.
    Open(usize),
}

/// Where a string ends whose content starts here.
pub fn closing(bytes: &[u8], quote: u8, escapes: Escapes, end: bool) -> Scan {
    let (mut at, mut escaped) = (0, false);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let found = if escapes == Escapes::None {
            memchr::memchr(quote, rest)
        } else {
            memchr::memchr2(quote, b'\\', rest)
        };
        let Some(i) = found else { return Scan::Open(bytes.len()) };
        at += i;
        match (bytes[at] == quote, bytes.get(at + 1)) {
            (true, Some(&next)) if next == quote => {}
            (true, None) if !end => return Scan::Open(at),
            (true, _) => return Scan::Closed { len: at, escaped },
            (false, None) => return Scan::Open(at),
            (false, Some(_)) => {}
        }
        escaped = true;
        at += 2;
    }
}

/// Writes a string's content without its escapes and tells how much was used: what the end may have
/// cut stays unless this is the `last` part.
pub fn unescape(text: &[u8], quote: u8, escapes: Escapes, out: &mut Vec<u8>, last: bool) -> usize {
    let mut at = 0;
    loop {
        let found = match (quote, escapes) {
            (0, _) => memchr::memchr(b'\\', &text[at..]),
            (_, Escapes::None) => memchr::memchr(quote, &text[at..]),
            _ => memchr::memchr2(quote, b'\\', &text[at..]),
        };
        let Some(i) = found else { break };
        out.extend_from_slice(&text[at..at + i]);
        at += i;
        let rest = &text[at..];
        if rest[0] == b'\\' && quote != b'\\' {
            let cut = if escapes == Escapes::C { 10 } else { 2 };
            if !last && rest.len() < cut {
                return at;
            }
            at += if escapes == Escapes::C { c_escape(rest, out) } else { mysql_escape(rest, out) };
        } else {
            if !last && rest.len() < 2 {
                return at;
            }
            out.push(quote);
            at += 2.min(rest.len());
        }
    }
    out.extend_from_slice(&text[at..]);
    text.len()
}

fn mysql_escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(&b) = rest.get(1) else {
        out.push(b'\\');
        return 1;
    };
    match b {
        b'0' => out.push(0),
        b'b' => out.push(8),
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'Z' => out.push(26),
        b'%' | b'_' => out.extend_from_slice(&[b'\\', b]),
        _ => out.push(b),
    }
    2
}

fn c_escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(&b) = rest.get(1) else {
        out.push(b'\\');
        return 1;
    };
    let number = |from: usize, most: usize, base: u32| {
        let digits = rest[from..].iter().take(most).map_while(|&b| char::from(b).to_digit(base));
        let (mut n, mut len) = (0u32, 0);
        for d in digits {
            (n, len) = (n * base + d, len + 1);
        }
        (n, len)
    };
    match b {
        b'b' => out.push(8),
        b'f' => out.push(12),
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'v' => out.push(11),
        b'0'..=b'7' => {
            let (n, len) = number(1, 3, 8);
            out.push((n & 0xFF) as u8);
            return 1 + len;
        }
        b'x' if rest.get(2).is_some_and(u8::is_ascii_hexdigit) => {
            let (n, len) = number(2, 2, 16);
            out.push((n & 0xFF) as u8);
            return 2 + len;
        }
        b'u' | b'U' => {
            let want = if b == b'u' { 4 } else { 8 };
            let (n, len) = number(2, want, 16);
            if len == want
                && let Some(c) = char::from_u32(n)
            {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return 2 + len;
            }
            out.push(b);
        }
        _ => out.push(b),
    }
    2
}

/// The text that hexadecimal digits stand for, if it is text.
pub fn hex_text(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let bytes: Option<Vec<u8>> =
        digits.chunks_exact(2).map(|p| Some(value(p[0])? << 4 | value(p[1])?)).collect();
    let bytes = bytes?;
    let control = |&b: &u8| b < 32 && !matches!(b, b'\t' | b'\n' | b'\r') || b == 127;
    (!bytes.iter().any(control) && std::str::from_utf8(&bytes).is_ok()).then_some(bytes)
}

pub enum Ends {
    At(usize),
    /// The bytes end before the value does.
    Open,
    /// This is no value.
    Never,
}

/// Where an expression ends: at a comma or bracket that is not its own.
pub fn expression_end(bytes: &[u8], mysql: bool) -> Ends {
    let (mut at, mut nest) = (0, 0u32);
    while at < bytes.len() {
        match bytes[at] {
            b'(' => nest += 1,
            b',' | b')' if nest == 0 => return Ends::At(at),
            b')' => nest -= 1,
            b';' => return Ends::Never,
            quote @ (b'\'' | b'"') => {
                let escapes = escapes_before(bytes, at, mysql);
                match closing(&bytes[at + 1..], quote, escapes, false) {
                    Scan::Closed { len, .. } => at += len + 1,
                    Scan::Open(_) => return Ends::Open,
                }
            }
            _ => {}
        }
        at += 1;
    }
    Ends::Open
}

/// What stands where an INSERT selects its rows.
pub enum Selected {
    /// Where the values of a row stand, and how many bytes it takes.
    Row(Vec<Range<usize>>, usize),
    /// The bytes end before the row does.
    Open,
    /// Columns of other tables.
    Never,
}

/// The row of values that a `SELECT` is which starts here.
pub fn selected(bytes: &[u8], mysql: bool, end: bool) -> Selected {
    let mut lex = Lex::new(bytes);
    lex.word();
    let mut values = Vec::new();
    loop {
        let Some((value, at)) = selected_value(&mut lex, mysql, end) else { return Selected::Open };
        if !is_literal(&bytes[value.clone()], mysql) {
            return Selected::Never;
        }
        values.push(value);
        if bytes.get(at) != Some(&b',') {
            return Selected::Row(values, at);
        }
        lex.at = at + 1;
    }
}

/// Where the next value stands that is selected, without a name that it is given, and what ends it.
fn selected_value(lex: &mut Lex<'_>, mysql: bool, end: bool) -> Option<(Range<usize>, usize)> {
    const BEHIND: [&[u8]; 10] = [
        b"UNION",
        b"FROM",
        b"WHERE",
        b"EXCEPT",
        b"INTERSECT",
        b"ORDER",
        b"LIMIT",
        b"ON",
        b"GO",
        b"INSERT",
    ];
    lex.skip();
    let (bytes, from) = (lex.bytes, lex.at);
    let (mut at, mut nest, mut to) = (from, 0_u32, None);
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest[0] {
            b',' | b';' | b')' if nest == 0 => break,
            b'(' | b')' => {
                nest = if rest[0] == b'(' { nest + 1 } else { nest - 1 };
                1
            }
            quote @ (b'\'' | b'"' | b'`') => {
                let escapes = escapes_before(bytes, at, mysql);
                match closing(&rest[1..], quote, escapes, end) {
                    Scan::Closed { len, .. } => len + 2,
                    Scan::Open(_) => return None,
                }
            }
            b'-' if rest.starts_with(b"--") => {
                to = to.or(Some(at));
                memchr::memchr(b'\n', rest).unwrap_or(rest.len())
            }
            b if word_byte(b) => {
                let word = Lex::new(rest).word();
                if word.len() == rest.len() && !end {
                    return None;
                }
                let is = |other: &[u8]| nest == 0 && word.eq_ignore_ascii_case(other);
                if BEHIND.into_iter().any(is) {
                    break;
                }
                to = to.or(is(b"AS").then_some(at));
                word.len()
            }
            _ => 1,
        };
    }
    let ends = at < bytes.len() || end;
    let value = &bytes[from..to.unwrap_or(at)];
    ends.then_some((from..from + value.trim_ascii_end().len(), at))
}

/// Whether a value stands for itself, or is made where it stands, and is no column of a table.
fn is_literal(value: &[u8], mysql: bool) -> bool {
    const MADE: [&[u8]; 8] = [
        b"NULL",
        b"TRUE",
        b"FALSE",
        b"DEFAULT",
        b"SYSDATE",
        b"SYSTIMESTAMP",
        b"CURRENT_DATE",
        b"CURRENT_TIMESTAMP",
    ];
    let word = Lex::new(value).word();
    let behind = &value[word.len()..];
    match (word, behind.first()) {
        ([], Some(b'\'' | b'@')) => true,
        ([], Some(b'"')) => mysql,
        ([], Some(b'-' | b'+' | b'.')) => behind[1..].first().is_some_and(u8::is_ascii_digit),
        ([], _) => false,
        // A prefix, or a function.
        (_, Some(b'\'' | b'(')) => true,
        (_, Some(b'.')) if !word[0].is_ascii_digit() => {
            behind[1..].eq_ignore_ascii_case(b"nextval")
        }
        _ => word[0].is_ascii_digit() || MADE.iter().any(|made| word.eq_ignore_ascii_case(made)),
    }
}

/// Which escapes the string has whose quote stands at `at`: its prefix tells.
fn escapes_before(bytes: &[u8], at: usize, mysql: bool) -> Escapes {
    match prefix(bytes, at) {
        Some(b'E') => Escapes::C,
        Some(b'X') => Escapes::None,
        _ if mysql => Escapes::Mysql,
        _ => Escapes::None,
    }
}

/// The letter before a quote, in upper case, when it is a string's prefix and no longer word.
fn prefix(bytes: &[u8], at: usize) -> Option<u8> {
    let letter = *bytes.get(at.checked_sub(1)?)?;
    let alone = at < 2 || !word_byte(bytes[at - 2]);
    (alone && letter.is_ascii_alphabetic()).then(|| letter.to_ascii_uppercase())
}

/// The strings in an expression, one after the other; without any, the value that it converts, or the expression itself.
pub fn literals(expression: &[u8], mysql: bool, out: &mut Vec<u8>) {
    let (mut at, mut found) = (0, false);
    // SQLite writes a text with line breaks as replace('a\nb','\n',char(10)).
    let replace = expression.get(..8).is_some_and(|w| w.eq_ignore_ascii_case(b"replace("));
    while let Some(i) = memchr::memchr2(b'\'', b'"', &expression[at..]) {
        let quote = at + i;
        let escapes = escapes_before(expression, quote, mysql);
        let rest = &expression[quote + 1..];
        let Scan::Closed { len, .. } = closing(rest, expression[quote], escapes, true) else {
            break;
        };
        if found {
            out.push(b' ');
        }
        let hex = prefix(expression, quote) == Some(b'X');
        match hex_text(&rest[..len]).filter(|_| hex) {
            Some(text) => out.extend_from_slice(&text),
            None => _ = unescape(&rest[..len], expression[quote], escapes, out, true),
        }
        found = true;
        at = quote + len + 2;
        if reads_by_format(&expression[..quote]) {
            at = behind_arguments(expression, at, mysql);
        }
        if replace {
            let text = std::mem::take(out);
            unescape_breaks(&text, out);
            return;
        }
    }
    if !found {
        match converted(expression, mysql) {
            Some(value) => out.extend_from_slice(&value),
            None => out.extend_from_slice(expression.trim_ascii()),
        }
    }
}

/// Whether what stands before a string is the start of a function that reads a value by a format (Oracle's and
/// PostgreSQL's `to_date('…', 'YYYY-MM-DD')`, MySQL's `str_to_date`): what stands behind the string is no part of it.
fn reads_by_format(before: &[u8]) -> bool {
    const FUNCTIONS: [&[u8]; 10] = [
        b"TO_DATE",
        b"TO_TIMESTAMP",
        b"TO_TIMESTAMP_TZ",
        b"TO_NUMBER",
        b"TO_CHAR",
        b"TO_NCHAR",
        b"TO_DSINTERVAL",
        b"STR_TO_DATE",
        b"DATE_FORMAT",
        b"STRPTIME",
    ];
    let before = before.trim_ascii_end();
    let before = if matches!(prefix(before, before.len()), Some(b'N' | b'E')) {
        before[..before.len() - 1].trim_ascii_end()
    } else {
        before
    };
    let Some(call) = before.strip_suffix(b"(") else { return false };
    let call = call.trim_ascii_end();
    let from = call.iter().rposition(|b| !word_byte(*b)).map_or(0, |at| at + 1);
    FUNCTIONS.iter().any(|function| call[from..].eq_ignore_ascii_case(function))
}

/// The place behind the other arguments of a call, of which one ends here.
fn behind_arguments(expression: &[u8], from: usize, mysql: bool) -> usize {
    let mut at = from;
    loop {
        let rest = expression[at..].trim_ascii_start();
        let Some(argument) = rest.strip_prefix(b",") else { return at };
        match expression_end(argument, mysql) {
            Ends::At(length) => at = expression.len() - argument.len() + length,
            Ends::Open | Ends::Never => return from,
        }
    }
}

fn unescape_breaks(text: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(i) = memchr::memchr(b'\\', &text[at..]) {
        out.extend_from_slice(&text[at..at + i]);
        at += i;
        let (byte, len) = match text.get(at + 1) {
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            _ => (b'\\', 1),
        };
        out.push(byte);
        at += len;
    }
    out.extend_from_slice(&text[at..]);
}

/// Whether text starts with this word (given in upper case).
pub fn is_word(bytes: &[u8], word: &[u8]) -> bool {
    bytes.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word))
        && bytes.get(word.len()).is_none_or(|&b| !word_byte(b))
}

/// Whether a line for Oracle's client programs starts here: a remark, or words that they show.
pub fn is_for_client(line: &[u8]) -> bool {
    let words: [&[u8]; 3] = [b"REM", b"REMARK", b"PROMPT"];
    words.iter().any(|word| is_word(line, word))
}

fn word_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80
}

/// Length of the statement that starts here with its semicolon, `None` when the bytes end before.
pub fn statement_end(bytes: &[u8], mysql: bool, end: bool) -> Option<usize> {
    let create = is_word(bytes, b"CREATE");
    let routine = create && is_routine(bytes);
    let (mut at, mut block) = (0, false);
    let (mut nest, mut closed) = (0_u32, false);
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest[0] {
            b';' if !routine || !block || ends_block(&bytes[..at]) => return Some(at + 1),
            b'B' | b'b' if is_word(rest, b"BEGIN") && (at == 0 || !word_byte(bytes[at - 1])) => {
                block = true;
                5
            }
            quote @ (b'\'' | b'"' | b'`') => {
                match closing(&rest[1..], quote, escapes_before(bytes, at, mysql), end) {
                    Scan::Closed { len, .. } => len + 2,
                    Scan::Open(_) => return None,
                }
            }
            b'-' if rest.starts_with(b"--") => memchr::memchr(b'\n', rest)?,
            b'/' if rest.starts_with(b"/*") => memchr::memmem::find(rest, b"*/")? + 2,
            b'$' if !mysql && (at == 0 || !word_byte(bytes[at - 1])) => dollar(rest)?,
            b'(' => {
                nest += 1;
                1
            }
            b')' => {
                nest = nest.saturating_sub(1);
                closed |= nest == 0;
                1
            }
            // SQL Server's statements need no semicolon.
            b'\n' if rest.len() < 16 && !end => return None,
            b'\n' if go(rest) => return Some(at + 1),
            b'\n' if !create && is_word(&rest[1..], b"INSERT") => return Some(at + 1),
            b'\n' if !routine && nest == 0 && (closed || !create) && brings_table(&rest[1..]) => {
                return Some(at + 1);
            }
            _ => 1,
        };
    }
    None
}

/// Whether a line starts with the words that make a table or bring its rows.
fn brings_table(line: &[u8]) -> bool {
    let follow = |first: &[u8], second: &[u8]| {
        is_word(line, first) && line.get(first.len() + 1..).is_some_and(|l| is_word(l, second))
    };
    follow(b"INSERT", b"INTO") || follow(b"CREATE", b"TABLE")
}

fn go(rest: &[u8]) -> bool {
    is_word(&rest[1..], b"GO") && matches!(rest.get(3), None | Some(b'\r' | b'\n'))
}

/// Length of a `$tag$ … $tag$` string, 1 when none starts here.
fn dollar(rest: &[u8]) -> Option<usize> {
    let tag = rest[1..].iter().take(64).take_while(|b| word_byte(**b) && **b != b'$').count() + 2;
    if rest.len() < tag {
        return None;
    }
    if rest[tag - 1] != b'$' || rest[1].is_ascii_digit() {
        return Some(1);
    }
    memchr::memmem::find(&rest[tag..], &rest[..tag]).map(|i| i + 2 * tag)
}

fn is_routine(bytes: &[u8]) -> bool {
    let mut lex = Lex::new(&bytes[..bytes.len().min(512)]);
    for _ in 0..8 {
        let word = lex.word().to_ascii_uppercase();
        match &word[..] {
            b"TRIGGER" | b"PROCEDURE" | b"FUNCTION" | b"EVENT" | b"RULE" => return true,
            b"" | b"TABLE" => return false,
            _ => {}
        }
    }
    false
}

/// Whether the text before a semicolon ends a routine's block.
fn ends_block(text: &[u8]) -> bool {
    let last = text.trim_ascii_end();
    last.len() > 3 && is_word(&last[last.len() - 3..], b"END")
}

/// What a COPY statement says.
pub struct Copy {
    pub table: Vec<String>,
    pub columns: Vec<String>,
    pub delimiter: u8,
    pub null: Vec<u8>,
}

/// What the start of an INSERT says.
pub struct Insert {
    pub table: Vec<String>,
    pub columns: Vec<String>,
    /// Whether its rows are selected.
    pub selects: bool,
}

/// Takes words and names from a statement.
#[derive(Clone)]
pub struct Lex<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lex<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Lex { bytes, at: 0 }
    }

    pub fn position(&self) -> usize {
        self.at
    }

    /// The same, this many bytes further on.
    pub fn moved(mut self, bytes: usize) -> Self {
        self.at += bytes;
        self
    }

    pub fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at.min(self.bytes.len())..]
    }

    /// Passes over blanks and comments.
    fn skip(&mut self) {
        loop {
            self.at += self.rest().iter().take_while(|b| b.is_ascii_whitespace()).count();
            let rest = self.rest();
            let Some(len) = comment(rest, b"--") else { return };
            self.at += len;
        }
    }

    pub fn word(&mut self) -> &'a [u8] {
        self.skip();
        let rest = self.rest();
        let len = rest.iter().take_while(|b| word_byte(**b)).count();
        self.at += len;
        &rest[..len]
    }

    /// Passes over what joins rows that are selected.
    pub fn union(&mut self) -> bool {
        let found = self.next_is(b"UNION");
        let words: &[&[u8]] = if found { &[b"UNION", b"ALL", b"DISTINCT"] } else { &[] };
        words.iter().for_each(|word| {
            if self.next_is(word) {
                self.word();
            }
        });
        found
    }

    /// Passes over the table of one row that some databases want a row of values to be selected from.
    pub fn single_row_table(&mut self) -> bool {
        const TABLES: [&str; 4] = ["DUAL", "DUMMY", "SYSDUMMY1", "RDB$DATABASE"];
        let mut lex = self.clone();
        let is_from = lex.word().eq_ignore_ascii_case(b"FROM");
        let table = lex.name().and_then(|mut name| name.pop()).unwrap_or_default();
        let found = is_from && TABLES.iter().any(|one| table.eq_ignore_ascii_case(one));
        if found {
            *self = lex;
        }
        found
    }

    fn next_is(&self, word: &[u8]) -> bool {
        self.clone().word().eq_ignore_ascii_case(word)
    }

    pub fn eat(&mut self, byte: u8) -> bool {
        self.skip();
        let found = self.rest().first() == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// One part of a name, without its quotes.
    pub fn part(&mut self) -> Option<String> {
        self.skip();
        let rest = self.rest();
        let quote = match rest.first()? {
            b'[' => b']',
            &b @ (b'"' | b'`' | b'\'') => b,
            _ => {
                let word = self.word();
                return (!word.is_empty()).then(|| String::from_utf8_lossy(word).into_owned());
            }
        };
        let Scan::Closed { len, .. } = closing(&rest[1..], quote, Escapes::None, true) else {
            self.at = self.bytes.len();
            return None;
        };
        self.at += len + 2;
        let mut name = Vec::new();
        unescape(&rest[1..=len], quote, Escapes::None, &mut name, true);
        Some(String::from_utf8_lossy(&name).into_owned())
    }

    /// A name with its schema, as parts.
    fn name(&mut self) -> Option<Vec<String>> {
        let mut parts = vec![self.part()?];
        while self.rest().first() == Some(&b'.') && parts.len() < 4 {
            self.at += 1;
            parts.push(self.part()?);
        }
        Some(parts)
    }

    fn columns(&mut self) -> Option<Vec<String>> {
        let mut columns = Vec::new();
        if !self.eat(b'(') {
            return Some(columns);
        }
        loop {
            columns.push(self.name()?.pop()?);
            if self.eat(b')') {
                return Some(columns);
            }
            if !self.eat(b',') {
                return None;
            }
        }
    }

    /// Table and columns of an INSERT, or of one of its INTOs; stops behind VALUES, or before a SELECT.
    pub fn insert(&mut self) -> Option<Insert> {
        self.word();
        let skipped: [&[u8]; 10] = [
            b"INTO",
            b"ALL",
            b"OR",
            b"REPLACE",
            b"IGNORE",
            b"ROLLBACK",
            b"ABORT",
            b"FAIL",
            b"LOW_PRIORITY",
            b"DELAYED",
        ];
        while skipped.iter().any(|w| self.next_is(w)) {
            self.word();
        }
        let table = self.name()?;
        let columns = self.columns()?;
        if self.next_is(b"OVERRIDING") {
            for _ in 0..3 {
                self.word();
            }
        }
        let selects = self.next_is(b"SELECT");
        let is_values =
            |word: &[u8]| [&b"VALUES"[..], b"VALUE"].iter().any(|w| word.eq_ignore_ascii_case(w));
        (selects || is_values(self.word())).then_some(Insert { table, columns, selects })
    }

    /// Name and columns of a CREATE TABLE, behind the word CREATE.
    pub fn table(&mut self, mysql: bool) -> Option<(Vec<String>, Vec<String>)> {
        for _ in 0..5 {
            if self.word().eq_ignore_ascii_case(b"TABLE") {
                break;
            }
        }
        if self.next_is(b"IF") {
            for _ in 0..3 {
                self.word();
            }
        }
        let name = self.name()?;
        if !self.eat(b'(') {
            return None;
        }
        let mut columns = Vec::new();
        loop {
            self.skip();
            let quoted = matches!(self.rest().first(), Some(b'"' | b'`' | b'['));
            let column = self.part()?;
            if quoted || !is_constraint(column.as_bytes(), mysql) {
                columns.push(column);
            }
            match expression_end(self.rest(), mysql) {
                Ends::At(len) => self.at += len,
                _ => return Some((name, columns)),
            }
            if !self.eat(b',') {
                return Some((name, columns));
            }
        }
    }

    /// What a COPY … FROM stdin says; `None` for other kinds of COPY.
    pub fn copy(&mut self) -> Option<Copy> {
        self.word();
        let table = self.name()?;
        let columns = self.columns()?;
        let from = self.word().eq_ignore_ascii_case(b"FROM");
        if !from || !self.word().eq_ignore_ascii_case(b"STDIN") {
            return None;
        }
        let mut copy = Copy { table, columns, delimiter: b'\t', null: b"\\N".to_vec() };
        let mut option = Vec::new();
        while !self.at_end() {
            self.skip();
            match self.rest().first() {
                Some(b'\'') => {
                    let text = self.part()?;
                    match &option[..] {
                        b"DELIMITER" | b"DELIMITERS" => copy.delimiter = delimiter(&text)?,
                        b"NULL" => copy.null = text.into_bytes(),
                        _ => {}
                    }
                }
                Some(&b) if word_byte(b) => {
                    let word = self.word().to_ascii_uppercase();
                    if word == b"CSV" || word == b"BINARY" {
                        return None;
                    }
                    if !matches!(&word[..], b"AS" | b"E") {
                        option = word;
                    }
                }
                _ => self.at += 1,
            }
        }
        Some(copy)
    }
}

fn delimiter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        b"\\t" => Some(b'\t'),
        &[b] if b != b'\n' && b != b'\\' => Some(b),
        _ => None,
    }
}

fn is_constraint(word: &[u8], mysql: bool) -> bool {
    let word = word.to_ascii_uppercase();
    let always: [&[u8]; 7] =
        [b"PRIMARY", b"UNIQUE", b"CONSTRAINT", b"FOREIGN", b"CHECK", b"EXCLUDE", b"LIKE"];
    let in_mysql: [&[u8]; 4] = [b"KEY", b"INDEX", b"FULLTEXT", b"SPATIAL"];
    always.contains(&&word[..]) || mysql && in_mysql.contains(&&word[..])
}

/// Words that a script of SQL may start with.
const STARTS: &[&[u8]] = &[
    b"ALTER",
    b"BEGIN",
    b"COMMENT",
    b"COMMIT",
    b"COPY",
    b"CREATE",
    b"DECLARE",
    b"DELETE",
    b"DROP",
    b"EXEC",
    b"GO",
    b"GRANT",
    b"IF",
    b"INSERT",
    b"LOCK",
    b"PRAGMA",
    b"PRINT",
    b"REPLACE",
    b"SELECT",
    b"SET",
    b"START",
    b"TRUNCATE",
    b"UPDATE",
    b"USE",
    b"WITH",
    b"DELIMITER",
];

/// Whether a head is that of an SQL dump.
pub fn sniff(head: &Head<'_>) -> bool {
    let bytes = head.trimmed();
    let marks: [&[u8]; 3] = [b"-- PostgreSQL database dump", b"-- MySQL dump", b"-- MariaDB dump"];
    let mut lex = Lex::new(bytes);
    lex.skip();
    // A cluster dump or psql script may start with a line for the client.
    while matches!(lex.rest().first(), Some(b'\\' | b'#' | b';')) || is_for_client(lex.rest()) {
        lex.at += memchr::memchr(b'\n', lex.rest()).map_or(lex.rest().len(), |i| i + 1);
        lex.skip();
    }
    let first = lex.clone().word();
    let comments = &bytes[..lex.at.min(bytes.len())];
    let starts_line = |at: &usize| *at == 0 || comments[at - 1] == b'\n';
    let lines = || memchr::memmem::find_iter(comments, b"-- ").filter(starts_line);
    let is_mark = |at| marks.iter().any(|m| comments[at..].starts_with(m));
    // Most texts start with no comment, and making ready to look for something takes its time.
    if !comments.is_empty() && lines().any(is_mark) {
        return true;
    }
    if !STARTS.iter().any(|start| first.eq_ignore_ascii_case(start)) {
        return false;
    }
    let named = head.has_extension(&["sql", "pgsql", "dump", "ddl", "mysql", "psql"]);
    named && plausible(lex.clone()) || has_rows(bytes)
}

/// Whether what follows reads like a statement: a word, then another word, a name or a number.
fn plausible(mut lex: Lex<'_>) -> bool {
    let first = lex.word();
    lex.skip();
    let next = lex.rest().first();
    let ends = next.is_none() || next == Some(&b';');
    (ends && !first.is_empty())
        || next.is_some_and(|&b| {
            word_byte(b) || matches!(b, b'"' | b'`' | b'[' | b'*' | b'\'' | b'@' | b'(')
        })
}

/// Whether some line starts a statement that brings a table or its rows.
fn has_rows(bytes: &[u8]) -> bool {
    let mut at = 0;
    loop {
        let line = &bytes[at..];
        if is_word(line, b"INSERT") {
            if Lex::new(line).insert().is_some_and(|insert| !insert.selects) {
                return true;
            }
        } else if is_word(line, b"COPY") {
            if memchr::memchr(b';', line).is_some_and(|i| Lex::new(&line[..i]).copy().is_some()) {
                return true;
            }
        } else if is_word(line, b"CREATE") {
            let mut lex = Lex::new(line);
            lex.word();
            let next = lex.clone().word().to_ascii_uppercase();
            let kinds: [&[u8]; 5] = [b"TABLE", b"TEMP", b"TEMPORARY", b"UNLOGGED", b"FOREIGN"];
            if kinds.contains(&&next[..]) && lex.table(false).is_some() {
                return true;
            }
        }
        match memchr::memchr(b'\n', line) {
            Some(i) => at += i + 1,
            None => return false,
        }
    }
}
