//! The engine alone, in memory and on one thread, against the regex crate's multi-pattern search and, where it is
//! installed, Hyperscan; and what more detectors cost. All see the same bytes and the same patterns in turns; every
//! round asserts that it counts what the one before did.
//!
//! `cargo bench --bench engine -- [FILE|FOLDER]...` (without one: generated rows, and our own source code).
//! For Hyperscan: `cc -O2 -o hs benches/hyperscan.c -lhs`, then `HYPERSCAN=./hs cargo bench --bench engine`.

#![expect(clippy::unwrap_used, reason = "a bench that fails should stop")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use datakart::detect::engine::{Candidate, Engine};
use datakart::detect::rules::{Rules, Selection};
use regex_automata::meta;
use regex_automata::util::syntax;

/// The detectors whose shapes all engines get: the common ones that have a shape of their own.
const COMMON: &str = "email iban payment_card ip_address mac_address phone imei bic gb_nino no_fodselsnummer \
    no_kontonr no_orgnr se_personnummer se_orgnr dk_cpr fi_hetu is_kennitala de_steuer_id nl_bsn be_nn fr_nir \
    es_dni it_codice_fiscale pl_pesel us_ssn";
/// Rounds; the fastest of each engine counts.
const ROUNDS: usize = 5;
/// Bytes of a corpus, at most.
const MOST: usize = 64 << 20;

/// Counts the matches in some bytes.
type Count = Box<dyn Fn(&[u8]) -> usize>;

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let corpora = match paths.is_empty() {
        true => vec![("rows".to_owned(), rows()), ("source code".to_owned(), read("src"))],
        false => paths.iter().map(|p| (p.clone(), read(p))).collect(),
    };
    let all = patterns(|_| true);
    let common = patterns(|id| COMMON.split_whitespace().any(|c| c == id));
    let more: Vec<&String> = all.iter().chain(all.iter().take(100)).collect();
    let prose: Vec<String> = all.iter().cloned().chain(in_prose()).collect();
    let engines: [(String, Count); 5] = [
        (format!("datakart, {} patterns", common.len()), ours(common.iter())),
        (format!("datakart, {} patterns", all.len()), ours(all.iter())),
        (format!("datakart, {} patterns", more.len()), ours(more.into_iter())),
        (format!("datakart, {}, also in prose", prose.len()), ours(prose.iter())),
        (format!("regex, {} patterns", common.len()), theirs(&common)),
    ];
    for (name, bytes) in corpora {
        println!("{name}, {} MB:", bytes.len() / 1_000_000);
        let mut best = [f64::MAX; 5];
        let mut found = [None; 5];
        for _ in 0..ROUNDS {
            for (i, (_, count)) in engines.iter().enumerate() {
                let start = Instant::now();
                let n = count(&bytes);
                best[i] = best[i].min(start.elapsed().as_secs_f64());
                assert_eq!(*found[i].get_or_insert(n), n);
            }
        }
        for (i, (engine, _)) in engines.iter().enumerate() {
            let line = line(&bytes, best[i], best[0], found[i].unwrap_or(0));
            println!("  {engine:29} {line}");
        }
        if let Ok(program) = std::env::var("HYPERSCAN") {
            let (seconds, n) = hyperscan(&program, &common, &bytes);
            println!("  {:29} {}", "Hyperscan", line(&bytes, seconds, best[0], n));
        }
    }
}

fn line(bytes: &[u8], seconds: f64, ours: f64, found: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a corpus of megabytes")]
    let speed = bytes.len() as f64 / 1e6 / seconds;
    format!("{speed:7.0} MB/s, {:5.2} times our time, {found} matches", seconds / ours)
}

fn patterns(is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let rules = Rules::load(&Selection::default()).unwrap();
    let wanted = rules.detectors.iter().filter(|d| is_wanted(&d.id));
    wanted.filter_map(|d| d.pattern.clone()).collect()
}

/// How kinds look in running text.
fn in_prose() -> Vec<String> {
    let rules = Rules::load(&Selection::default()).unwrap();
    rules.detectors.into_iter().filter_map(|d| d.prose).flat_map(|p| p.patterns).collect()
}

fn ours<'p>(patterns: impl Iterator<Item = &'p String>) -> Count {
    let numbered: Vec<(u16, &str)> = (0u16..).zip(patterns.map(String::as_str)).collect();
    let engine = Engine::new(&numbered).unwrap();
    Box::new(move |bytes| {
        let mut n = 0;
        engine.find(bytes, 0, bytes.len(), |_: Candidate| n += 1);
        n
    })
}

/// At word boundaries, as ours; leftmost first, so of patterns that overlap it gives one.
fn theirs(patterns: &[String]) -> Count {
    let bounded: Vec<String> = patterns.iter().map(|p| format!(r"\b(?:{p})\b")).collect();
    let regex = meta::Regex::builder()
        .configure(meta::Config::new().utf8_empty(false).hybrid_cache_capacity(64 << 20))
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .build_many(&bounded)
        .unwrap();
    Box::new(move |bytes| regex.find_iter(bytes).count())
}

/// Runs the program of `benches/hyperscan.c` and gives its seconds and matches.
fn hyperscan(program: &str, patterns: &[String], bytes: &[u8]) -> (f64, usize) {
    let file = |content: &[u8]| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        file
    };
    let bounded = patterns.iter().fold(String::new(), |mut all, p| {
        writeln!(all, r"\b(?:{p})\b").unwrap();
        all
    });
    let (patterns, corpus) = (file(bounded.as_bytes()), file(bytes));
    let output = Command::new(program).args([patterns.path(), corpus.path()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let (seconds, n) = text.trim().split_once(' ').unwrap();
    (seconds.parse().unwrap(), n.parse().unwrap())
}

/// Rows dense in values, with numbers that most checks refuse.
fn rows() -> Vec<u8> {
    let mut text = String::new();
    for i in 0u64..200_000 {
        let mixed = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        writeln!(
            text,
            "{i};kari{i}@example.no;+47 {:08};{:011};NO{:013};{}.{}.10.1;2024-03-{:02};Storgata {}",
            mixed % 100_000_000,
            mixed % 99_999_999_999,
            mixed % 9_999_999_999_999,
            mixed % 223,
            mixed % 251,
            i % 28 + 1,
            i % 190,
        )
        .unwrap();
    }
    text.into_bytes()
}

/// The bytes of a file, or of the files of a folder in order of their names.
fn read(path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let files = ignore::WalkBuilder::new(Path::new(path))
        .standard_filters(false)
        .sort_by_file_path(Ord::cmp)
        .build();
    for entry in files.filter_map(Result::ok).filter(|e| e.path().is_file()) {
        bytes.extend(std::fs::read(entry.path()).unwrap());
        bytes.push(b'\n');
        if bytes.len() >= MOST {
            bytes.truncate(MOST);
            break;
        }
    }
    bytes
}
