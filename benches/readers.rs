//! Readers alone: from bytes in memory to cells and text, which are counted and thrown away. What a whole file costs
//! more (`benches/scan.rs`) is detection, counting and judging. Every bench asserts how many cells and bytes came out.
//!
//! `cargo bench --bench readers`, figures in docs/performance.md.

use datakart::note::Note;
use datakart::sniff;
use datakart::source::Source;
use datakart::unit::{Cells, Consume, Member, Slot, SlotId, Text};
use divan::{Bencher, counter::BytesCount};

const ROWS: usize = 20_000;
const FIELDS: [&str; 5] = ["id", "name", "email", "address", "created"];

/// A row of the table that every format holds.
type Row = [String; FIELDS.len()];

fn main() {
    divan::main();
}

/// Rows as a customer table has them; every tenth without an e-mail address.
fn rows() -> impl Iterator<Item = Row> {
    (0..ROWS).map(|i| {
        [
            i.to_string(),
            "Kari Nordmann".to_owned(),
            if i % 10 == 9 { String::new() } else { format!("kari{i}@example.no") },
            format!("Storgata {}", i % 90),
            format!("2024-03-{:02}", i % 28 + 1),
        ]
    })
}

fn table(line: impl Fn(&Row) -> String) -> String {
    rows().map(|row| line(&row)).collect()
}

fn csv() -> String {
    FIELDS.join(";") + "\n" + &table(|row| row.join(";") + "\n")
}

fn json() -> String {
    table(|[id, name, email, address, created]| {
        format!(
            r#"{{"id":{id},"user":{{"name":"{name}","email":"{email}","address":"{address}"}},"created":"{created}"}}"#
        ) + "\n"
    })
}

fn copy() -> String {
    let head = format!("COPY public.customers ({}) FROM stdin;\n", FIELDS.join(", "));
    head + &table(|row| row.join("\t") + "\n") + "\\.\n"
}

/// A hundred rows a statement, as `mysqldump` and `pg_dump --inserts` write them.
fn insert() -> String {
    let tuples: Vec<String> = rows().map(|row| format!("('{}')", row.join("','"))).collect();
    let statement = |rows: &[String]| {
        format!("INSERT INTO customers ({}) VALUES {};\n", FIELDS.join(","), rows.join(","))
    };
    tuples.chunks(100).map(statement).collect()
}

fn log() -> String {
    table(|[id, _, email, _, created]| {
        format!("{created}T10:01:02 INFO request id={id} user={email} took 12 ms\n")
    })
}

/// What a reader gave.
#[derive(Debug, Default, PartialEq)]
struct Counted {
    cells: usize,
    cell_bytes: usize,
    text_bytes: usize,
}

impl Counted {
    /// Every field of every row as a cell.
    fn table() -> Counted {
        let cell_bytes = rows().flatten().map(|cell| cell.len()).sum();
        Counted { cells: ROWS * FIELDS.len(), cell_bytes, text_bytes: 0 }
    }
}

impl Consume for Counted {
    fn slot(&mut self, _: SlotId, _: &Slot) {}

    fn text(&mut self, _: SlotId, text: Text<'_>) {
        self.text_bytes += text.to - text.from;
    }

    fn cells(&mut self, _: SlotId, cells: &mut Cells) {
        self.cells += cells.len();
        self.cell_bytes += cells.bytes.len() - cells.len();
    }

    fn note(&mut self, note: Note) {
        panic!("{note:?}");
    }

    fn member(&mut self, member: Member) {
        panic!("{member:?}");
    }
}

/// Reads a text as a file; asserts what it is told to be and what comes out.
fn read(bencher: Bencher<'_, '_>, format: &str, text: &str, expected: &Counted) {
    bencher
        .counter(BytesCount::of_str(text))
        .with_inputs(|| Source::from_bytes(text.as_bytes().to_vec()))
        .bench_local_values(|source| {
            let mut counted = Counted::default();
            let told = sniff::file(source, "bench", text.len() as u64, &mut counted);
            assert_eq!(told.format.id, format);
            assert_eq!(counted, *expected);
        });
}

#[divan::bench]
fn csv_file(bencher: Bencher<'_, '_>) {
    read(bencher, "csv", &csv(), &Counted::table());
}

#[divan::bench]
fn json_lines(bencher: Bencher<'_, '_>) {
    read(bencher, "ndjson", &json(), &Counted::table());
}

#[divan::bench]
fn sql_copy(bencher: Bencher<'_, '_>) {
    read(bencher, "sql_dump", &copy(), &Counted::table());
}

#[divan::bench]
fn sql_insert(bencher: Bencher<'_, '_>) {
    read(bencher, "sql_dump", &insert(), &Counted::table());
}

#[divan::bench]
fn log_text(bencher: Bencher<'_, '_>) {
    let text = log();
    read(bencher, "text", &text, &Counted { text_bytes: text.len(), ..Counted::default() });
}
