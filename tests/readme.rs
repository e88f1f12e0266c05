//! The README's tables, the program's tables and the documents agree. `DATAKART_BLESS=1` rewrites them.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::process::Command;

use datakart::cli::{detector_table, format_table};
use datakart::detect::rules::{Rules, Selection};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// The text between two marks.
fn section<'a>(readme: &'a str, name: &str) -> &'a str {
    let (start, end) = (format!("<!-- {name}:start -->\n"), format!("<!-- {name}:end -->"));
    let from = readme.find(&start).expect("start mark") + start.len();
    let to = readme[from..].find(&end).expect("end mark") + from;
    &readme[from..to]
}

fn check(name: &str, wanted: &str) {
    let readme = fs::read_to_string(README).unwrap();
    let there = section(&readme, name);
    if there == wanted {
        return;
    }
    assert!(
        std::env::var_os("DATAKART_BLESS").is_some(),
        "the README's part {name} is not the program's: run DATAKART_BLESS=1 cargo test --test readme"
    );
    let start = format!("<!-- {name}:start -->\n");
    fs::write(README, readme.replace(&format!("{start}{there}"), &format!("{start}{wanted}")))
        .unwrap();
}

#[test]
fn the_tables_are_the_programs() {
    check("formats", &format_table(true));
    let rules = Rules::load(&Selection::default()).unwrap();
    check("detectors", &detector_table(&rules, true));
}

/// What the scan of the bundled share prints and writes.
fn demo() -> (String, String) {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let run = Command::new(env!("CARGO_BIN_EXE_datakart"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["scan", "fixtures/share", "--label", "demo", "--as-of", "2026-11-01", "--out"])
        .arg(&out)
        .env("XDG_STATE_HOME", home.path())
        .output()
        .unwrap();
    let inventory = fs::read_to_string(out.join("inventory.jsonl")).unwrap();
    (String::from_utf8(run.stdout).unwrap(), inventory)
}

#[test]
fn the_example_is_what_the_program_prints() {
    let (printed, inventory) = demo();
    let (from, to) = (printed.find("Coverage").unwrap(), printed.find("Not listed").unwrap());
    check("demo", &format!("```text\n{}\n```\n", printed[from..to].trim_end()));
    let shown = ["\"type\":\"finding\"", "ansatte.csv", "\"no_fodselsnummer\""];
    let is_shown = |l: &&str| shown.iter().all(|part| l.contains(part));
    let line = inventory.lines().find(is_shown).unwrap();
    let finding: serde_json::Value = serde_json::from_str(line).unwrap();
    let pretty = serde_json::to_string_pretty(&finding).unwrap();
    check("finding", &format!("```json\n{pretty}\n```\n"));
}

#[test]
fn every_dependency_is_justified() {
    let manifest = include_str!("../Cargo.toml");
    let reasons = include_str!("../docs/dependencies.md");
    let listed = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    for line in listed.lines().filter(|l| l.contains('=')) {
        let name = line.split(['=', ' ']).next().unwrap();
        assert!(reasons.contains(name), "{name} has no line in docs/dependencies.md");
    }
}

#[test]
fn named_files_exist() {
    let readme = fs::read_to_string(README).unwrap();
    for link in readme.split("](").skip(1).filter_map(|l| l.split(')').next()) {
        let path = format!("{}/{link}", env!("CARGO_MANIFEST_DIR"));
        assert!(link.starts_with("http") || fs::metadata(&path).is_ok(), "{link} does not exist");
    }
}
