//! Which way of cutting makes a table of the head of a file, judged by how many cells its records have and by what
//! stands in them.

use std::borrow::Cow;
use std::ops::Range;

use super::dialect::{Dialect, FIRST, Record, Shape, records, shapes, with_quotes};
use super::{glance, header};

/// Share of the records that have the usual number of cells in the raggedest table.
const LEAST_SHARE: f64 = 0.3;
/// Likewise what records count for that keep to the first one, however many cells they have.
const LED_SHARE: f64 = 0.7;

/// A table found in the head of a file.
#[derive(Debug)]
pub struct Table<'b> {
    /// How its cells are set apart.
    pub dialect: Dialect,
    /// Where its first record starts; what stands before is free text.
    pub start: usize,
    /// Its first records.
    pub records: Vec<Record<'b>>,
    /// Names in a comment line directly above the table.
    pub comment: Option<Vec<Cow<'b, [u8]>>>,
    /// Number of cells that most records have.
    pub columns: usize,
    /// Share of the records that have them.
    pub share: f64,
    /// Share of the records that have one cell more or less at most.
    pub near: f64,
    /// Records above the table that are neither blank nor comments.
    pub titles: usize,
    /// Whether the records keep to the first one, though their numbers of cells differ.
    led: bool,
    /// Whether the header makes a table of them by itself.
    is_headed: bool,
    score: f64,
}

/// Control bytes that delimit: those of Hive, of Concordance, and the separator of units, which they are all meant as.
pub(super) const CONTROLS: [u8; 4] = [1, 2, 0x14, 0x1F];

/// Delimiters and how readily each is believed in: a comma also stands in prose and in decimal
/// numbers, a colon in times, a blank everywhere.
pub(super) const DELIMITERS: [(u8, f64); 12] = [
    (b';', 1.0),
    (b'\t', 1.0),
    (b'|', 1.0),
    (CONTROLS[0], 1.0),
    (CONTROLS[1], 1.0),
    (CONTROLS[2], 1.0),
    (CONTROLS[3], 1.0),
    (b',', 0.75),
    (b'^', 0.6),
    (b'~', 0.6),
    (b':', 0.3),
    (b' ', 0.2),
];

/// The best table of several columns.
pub fn best(bytes: &[u8], end: bool) -> Option<Table<'_>> {
    let (start, _) = skip_top(bytes);
    let best = best_candidate(bytes, end).filter(Candidate::may_be_table);
    best.map(|b| b.table(bytes, start, end))
}

/// Whether the best table is good enough for a file that is called a table by its name.
pub fn is_likely(bytes: &[u8], end: bool) -> bool {
    let (start, _) = skip_top(bytes);
    let best = best_candidate(bytes, end).filter(Candidate::may_be_table);
    best.is_some_and(|b| b.is_likely() || b.table(bytes, start, end).is_sure())
}

/// Whether the best table is one by its content alone.
pub fn is_sure(bytes: &[u8], end: bool) -> bool {
    // Most texts fail by the counts of their lines: the best table cannot agree where none does.
    let (start, forced) = skip_top(bytes);
    let first = first_bytes(bytes, start);
    let agrees = |(delimiter, weight)| {
        let candidate = || {
            let dialect = with_quotes(delimiter, bytes);
            candidate(dialect, weight, bytes, start, end)
        };
        memchr::memchr(delimiter, first).and_then(|_| candidate()).is_some_and(|c| c.agrees())
    };
    let any = forced.is_some() || glance::may_agree(bytes, start, end).any(agrees);
    any && is_sure_by_cells(bytes, end)
}

/// The same with all delimiters tried.
pub(super) fn is_sure_by_cells(bytes: &[u8], end: bool) -> bool {
    let (start, _) = skip_top(bytes);
    let best = best_candidate(bytes, end).filter(Candidate::agrees);
    best.is_some_and(|b| b.may_have_names(bytes) && b.table(bytes, start, end).is_sure())
}

fn best_candidate(bytes: &[u8], end: bool) -> Option<Candidate> {
    let (start, forced) = skip_top(bytes);
    let first = first_bytes(bytes, start);
    let mut best: Option<Candidate> = None;
    for (delimiter, weight) in DELIMITERS {
        // No score is higher than the weight.
        if best.as_ref().is_some_and(|b| b.score >= weight)
            || forced.map_or(memchr::memchr(delimiter, first).is_none(), |f| f != delimiter)
        {
            continue;
        }
        let dialect = with_quotes(delimiter, bytes);
        if let Some(candidate) = candidate(dialect, weight, bytes, start, end)
            && best.as_ref().is_none_or(|b| candidate.score > b.score)
        {
            best = Some(candidate);
        }
    }
    best
}

/// Where the first records stand: what does not stand there delimits nothing.
fn first_bytes(bytes: &[u8], start: usize) -> &[u8] {
    &bytes[start.min(bytes.len())..bytes.len().min(start + FIRST)]
}

/// The table of one column.
pub fn single(bytes: &[u8], end: bool) -> Table<'_> {
    let (start, _) = skip_top(bytes);
    let mut dialect = Dialect::new(b'\n');
    dialect.quote = with_quotes(b'\n', bytes).quote;
    let records = records(&dialect, bytes, start, end);
    Table::one_column(dialect, start, records)
}

/// Where the first record stands, of whatever table.
pub fn first_record(bytes: &[u8]) -> usize {
    skip_top(bytes).0
}

/// Steps over blank lines, comment lines and `sep=;`; returns the delimiter that the latter names.
fn skip_top(bytes: &[u8]) -> (usize, Option<u8>) {
    let (mut at, mut forced) = (0, None);
    while at < bytes.len() {
        let line = &bytes[at..line_end(bytes, at)];
        let text = line.trim_ascii();
        match text.strip_prefix(b"sep=") {
            Some(&[delimiter]) => forced = Some(delimiter),
            Some([]) if line.starts_with(b"sep=\t") => forced = Some(b'\t'),
            _ if text.is_empty() && !line.contains(&b'\t') => {}
            _ if text.starts_with(b"#") => {}
            _ => break,
        }
        at += line.len();
    }
    (at, forced)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    match memchr::memchr2(b'\n', b'\r', &bytes[at..]) {
        Some(i) if bytes[at + i..].starts_with(b"\r\n") => at + i + 2,
        Some(i) => at + i + 1,
        None => bytes.len(),
    }
}

fn candidate(
    dialect: Dialect,
    weight: f64,
    bytes: &[u8],
    from: usize,
    end: bool,
) -> Option<Candidate> {
    let mut shapes = shapes(&dialect, bytes, from, end);
    let columns = usual_count(&shapes)?;
    // The header may have a name more than most rows have cells, but fewer only where rows differ
    // anyway (with empty cells at their ends left out).
    let equal = shapes.iter().filter(|r| r.cells == columns).count();
    let least = if columns > 2 && ratio(equal, shapes.len()) < 0.8 { columns - 1 } else { columns };
    let mut titles = shapes.iter().position(|r| r.cells >= least)?;
    let leads = |first| first == titles || shapes[titles].empty > 0 || equal * 2 < shapes.len();
    let led = leader(&dialect, bytes, &shapes).filter(|leader| leads(leader.first));
    titles = led.map_or(titles, |leader| leader.first);
    shapes.drain(..titles);
    let first = shapes.first()?;
    let rows = &shapes[usize::from(led.is_some() && first.cells != columns)..];
    let fitting = rows.iter().filter(|r| r.cells == columns).count();
    let share = ratio(fitting, rows.len());
    let near = rows.iter().filter(|r| r.cells > 1 && r.cells.abs_diff(columns) < 2).count();
    let near = ratio(near, rows.len());
    let penalty = if titles == 0 { 1.0 } else { 0.6 };
    let fit = if led.is_some() { share.max(LED_SHARE) } else { share };
    let score = fit * fit * weight * penalty * (1.0 - 1.0 / (ratio(columns, 1) + 0.5));
    let counts = Counts { records: rows.len(), columns, share, titles };
    let (first, is_named) = (first.range.clone(), led.is_some_and(|leader| leader.is_named));
    Some(Candidate { dialect, first, counts, near, led: led.is_some(), is_named, score })
}

/// A record that the others keep to.
#[derive(Clone, Copy)]
struct Leader {
    /// Its number among all records.
    first: usize,
    /// Whether its cells are surely names.
    is_named: bool,
}

/// The first record, if it has names for cells that the others keep to: they have one less or one more at most, or are
/// filled up with empty ones. Rows that all have a cell more than there are names do not: their first may be the one
/// without a name.
fn leader(dialect: &Dialect, bytes: &[u8], shapes: &[Shape]) -> Option<Leader> {
    let least = match dialect.delimiter {
        b';' | b'\t' | b'|' => 2,
        b',' => 3,
        d if CONTROLS.contains(&d) => 2,
        _ => return None,
    };
    let first = shapes.iter().position(|r| r.cells > 1)?;
    let (header, rows) = shapes[first..].split_first()?;
    let names = header.cells;
    if names < least || header.empty > 0 || rows.iter().all(|r| r.cells == names) {
        return None;
    }
    let keeps = |r: &&Shape| r.cells + 1 >= names.max(3) && r.filled() <= names + 1;
    let keeping = rows.iter().filter(keeps).count();
    let longer = rows.iter().filter(|r| r.filled() > names).count();
    let is_close = ratio(keeping, rows.len()) >= 0.95 && longer * 2 < rows.len();
    let leader = |is_named| Some(Leader { first, is_named });
    match is_close {
        true => leader(is_named(dialect, bytes, &shapes[first..])),
        false => leader(true).filter(|_| is_named(dialect, bytes, &shapes[first..])),
    }
}

/// Whether the first record names what stands below it, so that the others may lack any number of cells at their ends,
/// and some have more than there are names: each of its cells could be a name, and one of them stands over values.
/// Where no record is as short as the header, a first name may be missing instead.
fn is_named(dialect: &Dialect, bytes: &[u8], shapes: &[Shape]) -> bool {
    let Some((header, rows)) = shapes.split_first() else { return false };
    let names = header.cells;
    let apart = rows.iter().filter(|r| r.cells > 1).count();
    let in_line = rows.iter().filter(|r| r.filled() <= names).count();
    let wide = rows.iter().filter(|r| r.filled() > 2 * names).count();
    if names < 3
        || rows.len() < 3
        || ratio(apart, rows.len()) < 0.9
        || ratio(in_line, rows.len()) < 0.25
        || ratio(wide, rows.len()) > 0.05
    {
        return false;
    }
    let records = records(dialect, bytes, header.range.start, false);
    let cells: Vec<_> = records.iter().map(|r| &r.cells[..]).collect();
    cells.split_first().is_some_and(|(first, rest)| header::names_columns(first, rest))
}

/// How many records and cells a way to cut gives.
#[derive(Clone, Copy)]
struct Counts {
    records: usize,
    columns: usize,
    /// Share of the records that have these columns.
    share: f64,
    /// Records above the table.
    titles: usize,
}

impl Counts {
    /// Whether they are those of a table, judged by nothing else.
    fn agree(self, delimiter: u8) -> bool {
        let (n, k) = (self.records, self.columns);
        // The fewer records, the fewer exceptions.
        let fits = |share: f64| self.share >= if n < 10 { 1.0 } else { share };
        let enough = match delimiter {
            b';' | b'\t' | b'|' => n >= 3 && (k > 2 || n >= 4) && fits(0.9),
            _ if CONTROLS.contains(&delimiter) => n >= 3 && (k > 2 || n >= 4) && fits(0.9),
            b',' => n >= 3 && (k > 2 || n >= 6) && fits(0.97),
            b'^' | b'~' | b':' => n >= 4 && k > 3 && fits(0.98),
            _ => n >= 10 && k > 2 && self.share >= 1.0,
        };
        enough && self.titles <= n.min(10)
    }

    /// Whether a delimiter is rare enough in prose to tell a table by counts.
    fn is_telling(delimiter: u8) -> bool {
        matches!(delimiter, b';' | b'\t' | b'|' | b',' | b'^' | b'~' | b':')
            || CONTROLS.contains(&delimiter)
    }
}

/// A way to cut the head of a file into cells, judged by how many cells its records have.
struct Candidate {
    dialect: Dialect,
    /// Where the first record stands.
    first: Range<usize>,
    counts: Counts,
    near: f64,
    /// Whether the records keep to the first one.
    led: bool,
    /// Whether it surely names their cells.
    is_named: bool,
    score: f64,
}

impl Candidate {
    /// Whether its numbers are those of a sure table.
    fn agrees(&self) -> bool {
        self.counts.agree(self.dialect.delimiter) || self.is_headed()
    }

    /// Whether its header makes a table of the records by itself: titles above it, and rows that go beyond it, speak
    /// against that.
    fn is_headed(&self) -> bool {
        self.is_named && self.counts.titles == 0
    }

    /// Whether its text is worth a look: where fewer records than this agree, it makes no table.
    fn may_be_table(&self) -> bool {
        self.led || self.counts.share >= LEAST_SHARE
    }

    /// Whether its numbers are good enough for a file that is called a table by its name.
    fn is_likely(&self) -> bool {
        let counts = (self.counts.columns, self.counts.share, self.near, self.score);
        self.led || are_likely(self.dialect.delimiter, counts)
    }

    /// Whether its first record may hold names, where its delimiter makes no table without them. Prose whose lines
    /// have the same number of words fails by this before the text of a cell is looked at.
    fn may_have_names(&self, bytes: &[u8]) -> bool {
        Counts::is_telling(self.dialect.delimiter)
            || !bytes[self.first.clone()].iter().any(u8::is_ascii_digit)
    }

    /// The table that is cut so, with the text of its first records.
    fn table(self, bytes: &[u8], from: usize, end: bool) -> Table<'_> {
        let is_headed = self.is_headed();
        let Candidate { dialect, first, counts, near, led, score, .. } = self;
        let start = first.start;
        let Counts { columns, share, titles, .. } = counts;
        let mut records = records(&dialect, bytes, from, end);
        records.drain(..titles);
        let comment = comment_names(&dialect, &bytes[..start], columns);
        let table = Table { is_headed, ..Table::one_column(dialect, start, records) };
        Table { comment, columns, share, near, titles, led, score, ..table }
    }
}

/// Whether so many columns, share of the records that have them, share of those that nearly have, and score are those
/// of a table, if the file's name says that it is one.
fn are_likely(delimiter: u8, (columns, share, near, score): (usize, f64, f64, f64)) -> bool {
    let blank = delimiter == b' ' && columns > 2 && share >= 1.0;
    let ragged = matches!(delimiter, b';' | b'\t' | b'|') && near >= 0.95 && share >= LEAST_SHARE;
    (share >= 0.5 && score >= 0.3) || blank || ragged
}

/// A count as a share of another; counts here are far below what a float holds exactly.
pub fn ratio(part: usize, of: usize) -> f64 {
    let float = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    float(part) / float(of.max(1))
}

/// The commonest number of cells above one.
fn usual_count(shapes: &[Shape]) -> Option<usize> {
    let mut counts: Vec<usize> = shapes.iter().map(|r| r.cells).filter(|n| *n > 1).collect();
    counts.sort_unstable();
    counts.chunk_by(|a, b| a == b).max_by_key(|run| run.len()).map(|run| run[0])
}

/// The cells of the last comment line, when there are as many as columns.
fn comment_names<'b>(
    dialect: &Dialect,
    above: &'b [u8],
    columns: usize,
) -> Option<Vec<Cow<'b, [u8]>>> {
    let line = above.trim_ascii_end().rsplit(|b| matches!(b, b'\n' | b'\r')).next()?;
    let text = line.strip_prefix(b"#")?.trim_ascii_start();
    let cells = records(dialect, text, 0, true).pop()?.cells;
    (cells.len() >= columns && columns > 1).then_some(cells)
}

impl<'b> Table<'b> {
    /// Records that are one column.
    fn one_column(dialect: Dialect, start: usize, records: Vec<Record<'b>>) -> Table<'b> {
        Table {
            dialect,
            start,
            records,
            comment: None,
            columns: 1,
            share: 1.0,
            near: 1.0,
            titles: 0,
            led: false,
            is_headed: false,
            score: 0.0,
        }
    }

    /// Whether this is a table, judged by its content alone.
    pub fn is_sure(&self) -> bool {
        let delimiter = self.dialect.delimiter;
        let counts = Counts {
            records: self.records.len(),
            columns: self.columns,
            share: self.share,
            titles: self.titles,
        };
        let named = || Counts::is_telling(delimiter) || self.has_names_over_numbers();
        let is_one = counts.agree(delimiter) && named() || self.stands_below_its_header();
        is_one && !self.looks_otherwise()
    }

    /// Whether the header makes a table of the records: some name stands over values, and few records go beyond the
    /// names.
    fn stands_below_its_header(&self) -> bool {
        let Some((first, rest)) = self.records.split_first().filter(|_| self.is_headed) else {
            return false;
        };
        let goes_beyond = |r: &&Record<'_>| {
            r.cells.iter().skip(first.cells.len()).any(|cell| !cell.trim_ascii().is_empty())
        };
        let beyond = rest.iter().filter(goes_beyond).count();
        let cells: Vec<_> = rest.iter().map(|r| &r.cells[..]).collect();
        // Lists in prose have commas, too.
        let is_plain = self.dialect.delimiter != b',' || header::usual_names(&first.cells) > 0;
        is_plain && beyond * 10 <= rest.len() && header::has_column_of_values(&first.cells, &cells)
    }

    /// Whether this is good enough for a file that is called a table by its name.
    pub fn is_likely(&self) -> bool {
        let counts = (self.columns, self.share, self.near, self.score);
        self.led || are_likely(self.dialect.delimiter, counts) || self.is_sure()
    }

    fn has_names_over_numbers(&self) -> bool {
        let Some((first, rest)) = self.records.split_first() else { return false };
        let digit = |c: &Cow<[u8]>| c.iter().any(u8::is_ascii_digit);
        !first.cells.iter().any(digit)
            && rest.iter().all(|r| r.cells.iter().filter(|c| digit(c)).count() * 2 >= r.cells.len())
    }

    /// Source code, logs, Markdown and prose, whose lines may also have equal numbers of delimiters.
    fn looks_otherwise(&self) -> bool {
        let n = self.records.len();
        let many = |most: fn(&Record<'_>) -> bool| self.records.iter().filter(|r| most(r)).count();
        let code = many(is_unbalanced) * 10 > n;
        let log = many(|r| r.cells.first().is_some_and(|c| starts_with_time(c))) * 10 >= n * 9
            && many(|r| r.cells.iter().any(|c| words(c) > 3)) * 3 > n;
        let ends_empty =
            many(|r| r.cells.last().is_some_and(|c| c.is_empty())) * 2 > n && self.columns == 2;
        let indented = many(|r| r.cells.first().is_some_and(|c| c.is_empty())) * 3 > n
            && (self.dialect.delimiter == b'\t' || self.columns == 2);
        let decimal = self.dialect.delimiter == b','
            && self.columns == 2
            && self.records.first().is_some_and(has_decimal)
            && many(has_decimal) * 2 > n;
        let rule = many(is_rule) > 0;
        let long = many(|r| r.cells.iter().filter(|c| words(c) > 6).count() * 3 > r.cells.len());
        let prose = self.dialect.delimiter == b',' && long * 4 > n;
        let clock = self.dialect.delimiter == b':' && many(has_clock) * 3 > n;
        let spaced = self.dialect.delimiter == b':'
            && many(|r| r.cells.iter().any(|c| c.starts_with(b" "))) * 3 > n;
        let markup =
            many(|r| r.cells.first().is_some_and(|c| c.trim_ascii_start().starts_with(b"<"))) * 3
                > n;
        code || log
            || decimal
            || ends_empty
            || indented
            || rule
            || prose
            || clock
            || spaced
            || markup
    }
}

fn words(cell: &[u8]) -> usize {
    cell.split(|b| *b == b' ').filter(|w| !w.is_empty()).count()
}

/// Brackets that a cell does not close: an argument list was cut.
fn is_unbalanced(record: &Record<'_>) -> bool {
    let count = |cell: &[u8], of: &[u8]| cell.iter().filter(|b| of.contains(b)).count();
    record.cells.iter().any(|c| count(c, b"([{") != count(c, b")]}"))
}

/// A number with decimals at the end of some words, cut at its comma.
fn has_decimal(record: &Record<'_>) -> bool {
    let [left, right] = record.cells.as_slice() else { return false };
    let wordy = |c: &[u8]| c.iter().any(|b| b.is_ascii_alphabetic() || *b == b' ');
    left.last().is_some_and(u8::is_ascii_digit)
        && right.first().is_some_and(u8::is_ascii_digit)
        && (wordy(left) || wordy(right))
}

/// A line of dashes, as under the header of a Markdown table.
fn is_rule(record: &Record<'_>) -> bool {
    let dashes = |c: &Cow<[u8]>| c.iter().filter(|b| **b == b'-').count();
    let blank = |c: &Cow<[u8]>| c.iter().all(|b| b"-:=+ ".contains(b));
    record.cells.iter().all(blank) && record.cells.iter().any(|c| dashes(c) > 2)
}

fn starts_with_time(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii_start();
    let cell = cell.strip_prefix(b"[").unwrap_or(cell);
    let shape = |i: usize, pattern: &[u8]| {
        cell.len() >= i + pattern.len()
            && pattern
                .iter()
                .zip(&cell[i..])
                .all(|(p, b)| if *p == b'0' { b.is_ascii_digit() } else { p == b })
    };
    let date = shape(0, b"0000-00-00") || shape(0, b"0000/00/00");
    shape(0, b"00:00:00") || (date && shape(11, b"00:00"))
}

/// A time of day, cut at its colons.
fn has_clock(record: &Record<'_>) -> bool {
    let two = |c: &[u8]| c.len() >= 2 && c[c.len() - 2..].iter().all(u8::is_ascii_digit);
    let starts = |c: &[u8]| c.len() >= 2 && c[..2].iter().all(u8::is_ascii_digit);
    record
        .cells
        .windows(2)
        .any(|w| two(&w[0]) && starts(&w[1]) && w[1].get(2).is_none_or(|b| !b.is_ascii_digit()))
}
