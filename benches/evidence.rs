//! Counting and judging alone: from cells in memory to tallies, from tallies to findings. Every bench asserts what it
//! finds.
//!
//! `cargo bench --bench evidence`, figures in docs/performance.md.

#![expect(clippy::unwrap_used, reason = "a bench that fails should stop")]

use std::fmt;

use datakart::detect::finder::Finder;
use datakart::detect::rules::{Rules, Selection};
use datakart::eye::Named;
use datakart::inventory::Confidence;
use datakart::judge;
use datakart::sketch::Distinct;
use datakart::tally::{Direct, FileTally};
use datakart::unit::{Cells, Consume, Slot, SlotId};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

const ROWS: u64 = 20_000;
/// Cells that readers hand on at a time.
const BUFFER: usize = 1024;
/// Columns of the file whose tallies are judged.
const WIDTH: usize = 100;

fn main() {
    divan::main();
}

/// A column: its name, its cells, and what is found in it how often.
struct Column {
    field: &'static str,
    cell: fn(u64) -> String,
    found: Option<(&'static str, u64)>,
}

const COLUMNS: &[Column] = &[
    Column { field: "email", cell: mail, found: Some(("email", ROWS)) },
    Column { field: "card", cell: card, found: Some(("payment_card", ROWS)) },
    Column { field: "remark", cell: remark, found: Some(("email", ROWS / 4)) },
    Column { field: "order_no", cell: order, found: None },
    Column { field: "status", cell: status, found: None },
];

impl fmt::Display for &Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field)
    }
}

fn mail(i: u64) -> String {
    format!("kari{i}@example.no")
}

/// Sixteen digits with Luhn's check digit.
fn card(i: u64) -> String {
    let body = 453_201_000_000_000 + mixed(i) % 1_000_000_000;
    let double = |d: u64| if d > 4 { 2 * d - 9 } else { 2 * d };
    let digits = (0..15).map(|at| (at, body / 10_u64.pow(at) % 10));
    let sum: u64 = digits.map(|(at, d)| if at % 2 == 0 { double(d) } else { d }).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Running text; in every fourth stands an address.
fn remark(i: u64) -> String {
    match i % 4 {
        0 => format!("customer {i} called, answer to {} by friday", mail(i)),
        _ => format!("parcel {i} came back, sent again with the next tour"),
    }
}

/// Eleven digits: the shape of two dozen kinds, most of which fail.
fn order(i: u64) -> String {
    format!("{:011}", mixed(i) % 99_999_999_999)
}

fn status(i: u64) -> String {
    ["open", "paid", "sent", "closed"][(i % 4) as usize].to_owned()
}

/// Numbers that look as if by chance, in all their bits.
fn mixed(i: u64) -> u64 {
    let i = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let i = (i ^ (i >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    i ^ (i >> 31)
}

fn finder() -> Finder {
    let rules = Rules::load(&Selection::default()).unwrap();
    Finder::new(rules, jiff::civil::date(2026, 11, 1), [0; 16]).unwrap()
}

/// The column as readers hand it on.
fn buffers(column: &Column) -> Vec<Cells> {
    let rows: Vec<u64> = (1..=ROWS).collect();
    let buffer = |rows: &[u64]| {
        let mut cells = Cells::default();
        rows.iter().for_each(|&row| cells.push(row, (column.cell)(row).as_bytes(), None));
        cells
    };
    rows.chunks(BUFFER).map(buffer).collect()
}

fn slot(column: &Column) -> Slot {
    Slot { members: [].into(), table: None, field: Some(column.field.to_owned()) }
}

/// Counts buffers of one column.
fn count(finder: &Finder, column: &Column, buffers: Vec<Cells>) -> (FileTally, Vec<Named>) {
    let mut direct = Direct::new(finder, true);
    direct.slot(SlotId(0), &slot(column));
    buffers.into_iter().for_each(|mut cells| direct.cells(SlotId(0), &mut cells));
    let (tally, seen) = direct.finish();
    (tally, seen.slots)
}

/// What is found, and how often.
fn found(finder: &Finder, named: &[Named], tally: &FileTally) -> Vec<(String, u64)> {
    let judged = judge::judge(finder, named, tally, Confidence::Medium);
    judged.findings.into_iter().map(|f| (f.detector, f.matches)).collect()
}

fn expected(columns: &[&Column]) -> Vec<(String, u64)> {
    columns.iter().filter_map(|c| c.found).map(|(kind, n)| (kind.to_owned(), n)).collect()
}

/// What the cells of a column show, counted and judged.
#[divan::bench(args = COLUMNS)]
fn column(bencher: Bencher<'_, '_>, column: &Column) {
    let (finder, buffers) = (finder(), buffers(column));
    let bytes: usize = buffers.iter().map(|cells| cells.bytes.len()).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .counter(ItemsCount::new(ROWS))
        .with_inputs(|| buffers.clone())
        .bench_local_values(|buffers| {
            let (tally, named) = count(&finder, column, buffers);
            assert_eq!(found(&finder, &named, &tally), expected(&[column]));
        });
}

/// The tallies of a big file's batches, put together.
#[divan::bench]
fn merge(bencher: Bencher<'_, '_>) {
    let (finder, column) = (finder(), &COLUMNS[0]);
    let count = |cells: Cells| count(&finder, column, vec![cells]).0.slots;
    let parts: Vec<_> = buffers(column).into_iter().map(count).collect();
    let tallies = || parts.iter().map(|slots| FileTally { slots: slots.clone(), index: None });
    bencher
        .counter(ItemsCount::new(parts.len()))
        .with_inputs(|| tallies().collect())
        .bench_local_values(|tallies: Vec<FileTally>| {
            let mut all = FileTally::default();
            tallies.into_iter().for_each(|tally| all.merge(tally));
            assert_eq!(all.slots[&SlotId(0)].cells, ROWS);
        });
}

/// The tallies of a wide table, judged.
#[divan::bench]
fn judge(bencher: Bencher<'_, '_>) {
    let finder = finder();
    let columns: Vec<&Column> = COLUMNS.iter().cycle().take(WIDTH).collect();
    let mut tally = FileTally::default();
    let mut named = Vec::new();
    for (column, id) in columns.iter().zip(0..) {
        let (mut counted, _) = count(&finder, column, buffers(column));
        tally.slots.insert(SlotId(id), counted.slots.remove(&SlotId(0)).unwrap());
        named.push(Named::new(&finder, &slot(column)));
    }
    bencher.counter(ItemsCount::new(WIDTH)).bench_local(|| {
        assert_eq!(found(&finder, &named, &tally), expected(&columns));
    });
}

/// Distinct values: exact up to a bound, then a sketch.
#[divan::bench(args = [4_000, 100_000])]
fn distinct(bencher: Bencher<'_, '_>, values: u64) {
    bencher.counter(ItemsCount::new(values)).bench_local(|| {
        let mut distinct = Distinct::default();
        (0..values).for_each(|i| distinct.add(black_box(mixed(i))));
        assert!(distinct.count().0.abs_diff(values) <= values / 20);
    });
}
