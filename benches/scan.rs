//! Throughput of finding and of a whole file, per format; every bench asserts what it counted.
//! `cargo bench`, figures in docs/performance.md.

#![expect(clippy::unwrap_used, reason = "a bench that fails should stop")]

use std::fmt::Write as _;

use datakart::detect::finder::Finder;
use datakart::detect::rules::{Rules, Selection};
use datakart::file::{self, Reading};
use datakart::inventory::Confidence;
use datakart::source::Source;
use divan::{Bencher, counter::BytesCount};

const ROWS: usize = 20_000;

fn main() {
    divan::main();
}

fn finder() -> Finder {
    let rules = Rules::load(&Selection::default()).unwrap();
    Finder::new(rules, jiff::civil::date(2026, 11, 1), [0; 16]).unwrap()
}

/// Rows as a customer table has them; every tenth without an e-mail address.
fn rows(line: impl Fn(usize, &str, &mut String)) -> String {
    let mut text = String::new();
    for i in 0..ROWS {
        let mail = if i % 10 == 9 { String::new() } else { format!("kari{i}@example.no") };
        line(i, &mail, &mut text);
    }
    text
}

fn csv() -> String {
    let body = rows(|i, mail, out| {
        writeln!(out, "{i};Kari;Nordmann;{mail};Storgata {};2024-03-{:02}", i % 90, i % 28 + 1)
            .unwrap();
    });
    format!("id;first_name;last_name;email;address;created\n{body}")
}

fn json() -> String {
    rows(|i, mail, out| {
        writeln!(
            out,
            r#"{{"id":{i},"user":{{"name":"Kari Nordmann","email":"{mail}"}},"n":[1,2]}}"#
        )
        .unwrap();
    })
}

fn log() -> String {
    rows(|i, mail, out| {
        writeln!(
            out,
            "2026-03-12T10:{:02}:{:02} INFO request id={i} user={mail} took 12 ms",
            i % 60,
            i % 59
        )
        .unwrap();
    })
}

fn code() -> String {
    rows(|i, _, out| {
        writeln!(out, "    let value_{i} = compute(&input[{i}..], |x| x.len() + {i}); // step")
            .unwrap();
    })
}

/// Scans a text as a file and asserts how many e-mail addresses it finds.
fn scan(bencher: Bencher<'_, '_>, text: &str, mails: u64) {
    let finder = finder();
    let how = Reading {
        level: Confidence::Medium,
        split: usize::MAX,
        share_from: u64::MAX,
        learns: true,
    };
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        let source = Source::from_bytes(text.as_bytes().to_vec());
        let result = file::scan(&finder, source, text.len() as u64, "bench", how);
        let found = result.findings.iter().filter(|f| f.detector == "email").map(|f| f.matches);
        assert_eq!(found.sum::<u64>(), mails);
    });
}

const MAILS: u64 = (ROWS - ROWS / 10) as u64;

#[divan::bench]
fn csv_file(bencher: Bencher<'_, '_>) {
    scan(bencher, &csv(), MAILS);
}

#[divan::bench]
fn json_lines(bencher: Bencher<'_, '_>) {
    scan(bencher, &json(), MAILS);
}

#[divan::bench]
fn log_file(bencher: Bencher<'_, '_>) {
    scan(bencher, &log(), MAILS);
}

#[divan::bench]
fn source_code(bencher: Bencher<'_, '_>) {
    scan(bencher, &code(), 0);
}

#[divan::bench]
fn start_up() {
    assert!(!finder().rules.detectors.is_empty());
}
