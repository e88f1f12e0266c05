//! The record of processing through the program: drafted, filled in by people, drafted again after the share
//! changed; CSV and XLSX; refusals that leave the file alone.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use common::{Share, people};

type Row = BTreeMap<String, String>;

fn rows(path: &Path) -> Vec<Row> {
    let text = fs::read_to_string(path).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// Writes a record as a Norwegian spreadsheet does: semicolons, and columns where people moved them.
fn save(path: &Path, rows: &[Row], headings: &[&str]) {
    let mut csv = csv::WriterBuilder::new().delimiter(b';').from_path(path).unwrap();
    csv.write_record(headings).unwrap();
    for row in rows {
        csv.write_record(headings.iter().map(|h| row.get(*h).map_or("", String::as_str))).unwrap();
    }
    csv.flush().unwrap();
}

fn report(share: &Share, options: &[&str]) -> Output {
    share.command().args(["report", "out", "--format"]).args(options).output().unwrap()
}

fn of<'r>(rows: &'r [Row], place: &str) -> &'r Row {
    rows.iter().find(|r| r["Location of personal data"].ends_with(place)).unwrap()
}

#[test]
fn what_people_fill_in_survives_the_next_scan() {
    let share = Share::new();
    share.file("hr/staff.csv", people(30));
    share.file("hr/leavers.csv", people(12));
    share.file("sales/leads.csv", "name,email\n".to_owned() + &"Ola,ola@firma.no\n".repeat(9));
    share.file("old/archive.csv", people(25));
    share.scan(&[]).exits(0);
    assert!(report(&share, &["ropa-csv", "--output", "ropa.csv"]).status.success());
    let path = share.home().join("ropa.csv");
    let mut first = rows(&path);
    assert_eq!(first.len(), 4);
    for row in &mut first {
        row.insert(
            "Purpose of processing".to_owned(),
            format!("Purpose of {}", row["datakart id"]),
        );
        row.insert("Ticket".to_owned(), "-1; =2".to_owned());
    }
    let headings = ["Ticket", "datakart id", "Purpose of processing"];
    let rest = first[0].keys().map(String::as_str).filter(|h| !headings.contains(h));
    let headings: Vec<&str> = headings.into_iter().chain(rest).collect();
    save(&path, &first, &headings);
    let filled = fs::read(&path).unwrap();

    share.file("hr/staff.csv", people(40));
    fs::remove_file(share.root().join("hr/leavers.csv")).unwrap();
    fs::create_dir(share.root().join("archive")).unwrap();
    fs::rename(share.root().join("old/archive.csv"), share.root().join("archive/archive.csv"))
        .unwrap();
    share.file("new.csv", people(18));
    share.scan(&[]).exits(0);
    let output = report(&share, &["ropa-csv", "--previous", "ropa.csv", "--output", "ropa.csv"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read(share.home().join("ropa.csv.bak1")).unwrap(), filled, "the backup");
    let second = rows(&path);
    let states =
        ["hr/staff.csv", "hr/leavers.csv", "sales/leads.csv", "archive/archive.csv", "/new.csv"]
            .map(|place| of(&second, place)["State"].clone());
    assert_eq!(states, ["changed", "gone", "unchanged", "moved", "new"]);
    assert!(of(&second, "archive/archive.csv")["Change"].contains("from share/old/archive.csv"));
    assert_eq!(second.len(), 5);
    for row in &second[..4] {
        assert!(row["Purpose of processing"].starts_with("Purpose of "), "{row:?}");
        // A formula that people did not mean stays text.
        assert_eq!(row["Ticket"], "'-1; '=2");
    }
    let moved = &of(&first, "old/archive.csv")["Purpose of processing"];
    assert_eq!(&of(&second, "archive/archive.csv")["Purpose of processing"], moved);
    let start = fs::read_to_string(&path).unwrap();
    assert!(start.starts_with("\u{feff}Ticket,datakart id,Purpose of processing,"), "{start:.60}");
}

#[test]
fn a_workbook_is_carried_on_as_well() {
    let share = Share::new();
    share.file("hr/staff.csv", people(30));
    share.scan(&[]).exits(0);
    assert!(report(&share, &["ropa-csv", "--output", "a.csv"]).status.success());
    let mut first = rows(&share.home().join("a.csv"));
    first[0].insert("Remarks".to_owned(), "+47 is no formula\nsecond line".to_owned());
    let headings: Vec<&str> = first[0].keys().map(String::as_str).collect();
    save(&share.home().join("a.csv"), &first, &headings);
    for (form, from, to) in [("ropa-xlsx", "a.csv", "b.xlsx"), ("ropa-csv", "b.xlsx", "c.csv")] {
        let output = report(&share, &[form, "--previous", from, "--output", to]);
        assert!(output.status.success(), "{output:?}");
    }
    let last = rows(&share.home().join("c.csv"));
    assert_eq!(last[0]["Remarks"], "'+47 is no formula\nsecond line");
    assert_eq!(last[0]["State"], "unchanged", "{}", last[0]["Change"]);
}

#[test]
fn a_bad_record_is_refused_and_left_alone() {
    let share = Share::new();
    share.file("hr/staff.csv", people(30));
    share.scan(&[]).exits(0);
    let path = share.home().join("ropa.csv");
    for (bad, words) in [
        ("Purpose;Remarks\na;b\n", "there is no column \"datakart id\""),
        ("datakart id;Remarks;remarks\n1;a;b\n", "rename one of them"),
        ("datakart id\n1\n1\n", "rows 2 and 3 have the same"),
        ("", "there is no column"),
    ] {
        fs::write(&path, bad).unwrap();
        let output =
            report(&share, &["ropa-csv", "--previous", "ropa.csv", "--output", "ropa.csv"]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words) && said.contains("ropa.csv"), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), bad);
    }
    let output = report(&share, &["ropa-csv", "--output", "ropa.csv"]);
    assert_eq!(output.status.code(), Some(2), "a record is not replaced without --previous");
    assert!(String::from_utf8(output.stderr).unwrap().contains("add --previous ropa.csv"));
    let output = report(&share, &["fides", "--previous", "ropa.csv"]);
    assert!(String::from_utf8(output.stderr).unwrap().contains("--previous is for"));
    assert!(!share.home().join("ropa.csv.bak1").exists());
    let output = report(&share, &["csv", "--output", "out/again.csv"]);
    assert!(String::from_utf8(output.stderr).unwrap().contains("lies in the inventory directory"));
}

#[test]
fn hashes_of_passwords_are_asked_about_as_such() {
    let share = Share::new();
    let table = |column: &str, secret: &dyn Fn(usize) -> String| {
        let row = |n| format!("ola{n}@firma.no,{}\n", secret(n));
        format!("epost,{column}\n{}", (10..40).map(row).collect::<String>())
    };
    let hash = |n| format!("$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lh{n}");
    share.file("hashed.csv", table("password_hash", &hash));
    share.file("plain.csv", table("passord", &|n| format!("Fjell-{n}x!")));
    share.file("tokens.csv", table("api_token", &|n| format!("5f4dcc3b5aa765d61d8327deb882cf{n}")));
    share.scan(&[]).exits(0);
    assert!(report(&share, &["ropa-csv", "--output", "ropa.csv"]).status.success());
    let rows = rows(&share.home().join("ropa.csv"));
    for (place, hashed, readable) in
        [("hashed.csv", true, false), ("plain.csv", false, true), ("tokens.csv", false, true)]
    {
        let asked = &of(&rows, place)["Questions"];
        assert_eq!(asked.contains("Hashes of passwords"), hashed, "{place}: {asked}");
        assert_eq!(asked.contains("Passwords that can be read"), readable, "{place}: {asked}");
    }
}
