//! The commands of `docs/tutorial.md`, run in their order; what people do between them is done here.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::program;

type Row = BTreeMap<String, String>;

/// The blocks of commands, in their order.
fn blocks() -> Vec<String> {
    let text = include_str!("../docs/tutorial.md");
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(str::to_owned).collect()
}

/// Runs a line as a shell does, with the built program for `datakart`.
fn shell(home: &Path, line: &str) -> String {
    let mut command = std::process::Command::new("sh");
    let bin = Path::new(env!("CARGO_BIN_EXE_datakart")).parent().unwrap();
    command.env_clear().env("XDG_STATE_HOME", home.join("state")).env("LC_ALL", "C.UTF-8");
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    let output = command.current_dir(home).args(["-c", line]).output().unwrap();
    // A scan that could not read everything says so with 3.
    let fine: &[i32] = if line.starts_with("datakart scan") { &[0, 3] } else { &[0] };
    assert!(fine.contains(&output.status.code().unwrap()), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn datakart(home: &Path, words: &[&str]) {
    let output = program().current_dir(home).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
}

/// The record as rows.
fn record(home: &Path, inventory: &str) -> Vec<Row> {
    let words =
        ["report", inventory, "--format", "ropa-csv", "--previous", "work/record.xlsx", "--output"];
    datakart(home, &[&words[..], &["seen.csv"]].concat());
    let text = fs::read_to_string(home.join("seen.csv")).unwrap();
    fs::remove_file(home.join("seen.csv")).unwrap();
    let mut csv = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    csv.deserialize().map(Result::unwrap).collect()
}

fn row<'r>(rows: &'r mut [Row], place: &str) -> &'r mut Row {
    rows.iter_mut().find(|r| r["Location of personal data"].ends_with(place)).unwrap()
}

/// What the tutorial's table says to fill in.
fn answers() -> Vec<(String, String)> {
    let text = include_str!("../docs/tutorial.md");
    let table = text.split("| column | for example |\n|---|---|\n").nth(1).unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let cells = |line: &str| {
        let mut cells = line.trim_matches('|').split(" | ").map(|c| c.trim().to_owned());
        (cells.next().unwrap(), cells.next().unwrap())
    };
    rows.map(cells).collect()
}

/// Fills in what step 5 says, and saves it as a workbook again.
fn fill_in(home: &Path) {
    let mut rows = record(home, "work/inventory-1");
    let dues = row(&mut rows, "HR/fagforeningstrekk 2026.csv");
    assert!(dues["Questions"].contains("Art. 9(2)") && dues["Questions"].contains("read it"));
    for (heading, answer) in answers() {
        assert_eq!(dues.get(&heading).map(String::as_str), Some(""), "{heading}");
        dues.insert(heading, answer);
    }
    let sick = row(&mut rows, "HR/sykefravær.tsv");
    for (heading, cell) in [
        ("Rejected detectors", "employment"),
        ("Reason of rejection", "numbers of cases, not of staff"),
        ("Rejected by", "Head of HR"),
    ] {
        assert_eq!(sick.insert(heading.to_owned(), cell.to_owned()).as_deref(), Some(""));
    }
    let mut csv = csv::Writer::from_path(home.join("filled.csv")).unwrap();
    csv.write_record(rows[0].keys()).unwrap();
    rows.iter().for_each(|row| csv.write_record(row.values()).unwrap());
    csv.flush().unwrap();
    fs::remove_file(home.join("work/record.xlsx")).unwrap();
    let words = ["report", "work/inventory-1", "--format", "ropa-xlsx", "--previous", "filled.csv"];
    datakart(home, &[&words[..], &["--output", "work/record.xlsx"]].concat());
}

#[test]
fn the_commands_do_what_the_tutorial_says() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    std::os::unix::fs::symlink(
        concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"),
        home.join("fixtures"),
    )
    .unwrap();
    let mut printed = String::new();
    for block in blocks() {
        if block.contains("mv work/share") {
            fill_in(home);
        }
        for line in block.lines() {
            printed.push_str(&shell(home, line));
        }
    }
    let mut rows = record(home, "work/inventory-2");
    for (heading, answer) in answers() {
        assert_eq!(row(&mut rows, "fagforeningstrekk 2026.csv")[&heading], answer);
    }
    let sick = row(&mut rows, "Arkiv/sykefravær.tsv");
    assert!(
        !sick["Fields"].contains("employment") && sick["Fields"].contains("health"),
        "{sick:?}"
    );
    assert_eq!(row(&mut rows, "Salg/nyhetsbrev.ndjson")["State"], "gone");
    for words in [
        "Coverage statement for demo",
        "work/share/HR/sykefravær.tsv → work/share/Arkiv/sykefravær.tsv",
        "the record as it was is kept as work/record.xlsx.bak1",
        "as written  inventory.jsonl",
    ] {
        assert!(printed.contains(words), "{words:?}: {printed}");
    }
    assert!(home.join("work/record.xlsx.bak1").exists());
    assert!(!home.join("work/inventory-1").exists(), "purged");
}
