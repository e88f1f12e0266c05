//! Inventories side by side: `merge` and `diff`, and what they refuse.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use common::{Share, fnrs, json_lines, people};
use serde_json::Value;

/// Scans files of the share below the root into an inventory of its own.
fn scan(share: &Share, out: &str, options: &[&str]) {
    let mut command = share.command();
    command.args(["scan", "--as-of", common::AS_OF, "--quiet", "--out", out]).args(options);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

fn run(share: &Share, words: &[&str]) -> Output {
    share.command().args(words).output().unwrap()
}

/// What a command that has to succeed prints.
fn printed(share: &Share, words: &[&str]) -> String {
    let output = run(share, words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a command that has to refuse says.
fn refused(share: &Share, words: &[&str]) -> String {
    let output = run(share, words);
    assert_eq!(output.status.code(), Some(2), "{words:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// The lines of an inventory but that of the run.
fn lines(inventory: &Path) -> Vec<Value> {
    json_lines(&inventory.join("inventory.jsonl"))
        .into_iter()
        .filter(|l| l["type"] != "run")
        .collect()
}

fn large_share() -> Share {
    let share = Share::new();
    share.file("a/staff.csv", people(40));
    share.file("b/staff copy.csv", people(40));
    share.file("a/leavers.csv", people(300));
    share.file("b/more.csv", people(5000));
    share.file("b/note.txt", "Call Ola, ola@firma.no\n");
    share.file("a/logo.png", common::PNG);
    share
}

// ---- merge

#[test]
fn two_halves_merged_equal_one_scan_of_the_whole() {
    let share = large_share();
    scan(&share, "whole", &["share", "--label", "s"]);
    scan(&share, "half1", &["share", "--label", "s", "--exclude", "b/"]);
    scan(&share, "half2", &["share", "--label", "s", "--exclude", "a/"]);
    let said = printed(&share, &["merge", "half1", "half2", "--out", "both"]);
    assert!(said.starts_with("2 inventories with "), "{said}");
    let comparable = |inventory: &str| {
        let mut lines = lines(&share.home().join(inventory));
        // The folder that a half leaves out is out of scope there.
        lines.retain(|l| l["reason"] != "excluded");
        let coverage = lines.iter_mut().find(|l| l["type"] == "coverage").unwrap();
        coverage["out_of_scope"]["files"] = Value::Null;
        coverage["reasons"]["excluded"] = Value::Null;
        lines
    };
    let (whole, both) = (comparable("whole"), comparable("both"));
    assert_eq!(whole.len(), both.len());
    for (a, b) in whole.iter().zip(&both) {
        assert_eq!(a, b);
    }
    let of_system = whole.iter().find(|l| l["type"] == "system").unwrap();
    assert!(of_system["subjects"].as_u64().unwrap() < 5400, "people count once: {of_system}");
    let sketches = |name: &str| fs::read(share.home().join(name).join("sketches.bin")).unwrap();
    assert!(sketches("whole") == sketches("both"));
    assert_eq!(run(&share, &["verify", "both"]).status.code(), Some(0));
}

#[test]
fn with_different_keys_numbers_are_upper_bounds_and_it_is_said() {
    let share = large_share();
    scan(&share, "one", &["share/a", "--label", "a", "--key", "key1"]);
    scan(&share, "two", &["share/b", "--label", "b", "--key", "key2"]);
    let said = printed(&share, &["merge", "one", "two", "--out", "both"]);
    assert!(said.contains("different keys") && said.contains("upper bounds"), "{said}");
    let subjects = |name: &str| {
        let lines = lines(&share.home().join(name));
        let line = lines.iter().find(|l| l["type"] == "system").unwrap().clone();
        (line["subjects"].as_u64().unwrap(), line["subjects_is_estimate"].as_bool().unwrap())
    };
    assert_eq!(subjects("both"), (subjects("one").0 + subjects("two").0, true));
    let said = refused(&share, &["diff", "both", "one"]);
    assert!(said.contains("--key FILE"), "{said}");
}

#[test]
fn what_cannot_be_joined_is_refused_and_nothing_is_written() {
    let share = large_share();
    scan(&share, "one", &["share", "--label", "s"]);
    scan(&share, "two", &["share/../share", "--label", "s"]);
    let said = refused(&share, &["merge", "one", "two", "--out", "both"]);
    assert!(said.contains("leave one of them out") && said.contains("another --label"), "{said}");
    let before = common::tree(&share.home().join("one"));
    let said = refused(&share, &["merge", "one", "two", "--out", "one"]);
    assert!(said.contains("is one of the inventories"), "{said}");
    assert!(common::tree(&share.home().join("one")) == before);
    let path = share.home().join("two/inventory.jsonl");
    let good = fs::read_to_string(&path).unwrap();
    for (bad, words) in [
        (good.replace("datakart/inventory/1", "datakart/inventory/2"), "newer datakart"),
        (good[..good.len() / 2].to_owned(), "cut short"),
        (String::new(), "not a datakart inventory"),
    ] {
        fs::write(&path, bad).unwrap();
        for command in [
            &["merge", "one", "two", "--out", "both"][..],
            &["diff", "one", "two"],
            &["report", "two", "--format", "ropa-csv", "--output", "ropa.csv"],
        ] {
            let said = refused(&share, command);
            assert!(said.contains(words) && said.contains("two"), "{command:?}: {said}");
        }
    }
    fs::write(&path, good).unwrap();
    let sketches = fs::read(share.home().join("two/sketches.bin")).unwrap();
    fs::write(share.home().join("two/sketches.bin"), &sketches[..sketches.len() - 3]).unwrap();
    assert!(refused(&share, &["diff", "one", "two"]).contains("cut short or damaged"));
    for name in ["both", "ropa.csv"] {
        assert!(!share.home().join(name).exists(), "{name}");
    }
}

#[test]
fn hosts_are_told_apart() {
    let share = large_share();
    scan(&share, "one", &["share", "--label", "host1:share", "--key", "key"]);
    fs::remove_dir_all(share.root().join("b")).unwrap();
    scan(&share, "two", &["share", "--label", "host2:share", "--key", "key"]);
    printed(&share, &["merge", "one", "two", "--out", "both"]);
    let lines = lines(&share.home().join("both"));
    let path = |of: &Value| of["path"].as_str().unwrap_or_default().to_owned();
    let paths: Vec<String> = lines.iter().filter(|l| l["type"] == "file").map(path).collect();
    assert!(paths.contains(&"host1:share:share/a/staff.csv".to_owned()), "{paths:?}");
    assert!(paths.contains(&"host2:share:share/a/staff.csv".to_owned()), "{paths:?}");
    let set = |of: &&Value| path(of).ends_with("a/staff.csv") && of["type"] == "file";
    let sets: Vec<&Value> = lines.iter().filter(set).map(|l| &l["duplicate_set"]).collect();
    assert!(
        sets[0] == sets[1] && !sets[0].is_null(),
        "the same data on two hosts is a set: {sets:?}"
    );
}

// ---- diff

#[test]
fn a_later_scan_shows_what_came_went_grew_and_moved() {
    let share = large_share();
    share.file("a/plain.txt", "nothing\n");
    let open_to = |mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(share.root().join("b/more.csv"), permissions).unwrap();
    };
    open_to(0o640);
    scan(&share, "old", &["share", "--label", "s"]);
    fs::remove_file(share.root().join("b/staff copy.csv")).unwrap();
    fs::rename(share.root().join("a/leavers.csv"), share.root().join("b/gone.csv")).unwrap();
    share.file("a/staff.csv", people(60));
    share.file("new.txt", "Write to kari@firma.no\n");
    open_to(0o644);
    scan(&share, "new", &["share", "--label", "s"]);
    let json: Value =
        serde_json::from_str(&printed(&share, &["diff", "old", "new", "--format", "json"]))
            .unwrap();
    let changes = json["changes"].as_array().unwrap();
    let of = |kind: &str| changes.iter().find(|c| c["change"] == kind).unwrap();
    assert_eq!(changes.len(), 5, "{json:#}");
    assert_eq!(of("went")["place"]["path"], "share/b/staff copy.csv");
    assert_eq!(of("came")["place"]["path"], "share/new.txt");
    let moved = changes.iter().find(|c| c["moved"] == true).unwrap();
    assert_eq!(moved["from"]["path"], "share/a/leavers.csv");
    assert_eq!(moved["to"]["path"], "share/b/gone.csv");
    assert_eq!(moved["columns"].as_array().unwrap().len(), 0);
    let widened = changes.iter().find(|c| c["widened_to"] == "everyone").unwrap();
    assert_eq!(widened["to"]["path"], "share/b/more.csv");
    let grew = changes.iter().find(|c| c["to"]["path"] == "share/a/staff.csv").unwrap();
    let fnr = &grew["columns"][0];
    assert_eq!((&fnr["missing"], &fnr["added"]), (&Value::from(0), &Value::from(20)), "{fnr}");
    let text = printed(&share, &["diff", "old", "new"]);
    assert!(text.contains("share/a/leavers.csv → share/b/gone.csv"), "{text}");
    let same = printed(&share, &["diff", "new", "new"]);
    assert!(!same.contains("Changed") && !same.contains("Missing"), "{same}");
}

/// A dump of PostgreSQL as text: customers, and orders that name some of them.
fn dump(fnrs: &[String]) -> String {
    let mut text = String::from("-- PostgreSQL database dump\n\n");
    text.push_str(
        "CREATE TABLE public.customers (id integer, name text, email text, fnr text);\n\n",
    );
    text.push_str("COPY public.customers (id, name, email, fnr) FROM stdin;\n");
    for (n, fnr) in fnrs.iter().enumerate() {
        writeln!(text, "{n}\tOla Nordmann{n}\tkunde{n}@firma.no\t{fnr}").unwrap();
    }
    text.push_str("\\.\n\nCOPY public.invoices (id, email) FROM stdin;\n");
    for n in 0..30 {
        writeln!(text, "{n}\tregnskap{n}@leverandor.no").unwrap();
    }
    text + "\\.\n"
}

/// The target: twelve customers dropped, a column added, all customers copied to another table, no invoices.
fn target(fnrs: &[String]) -> String {
    let mut text = String::new();
    text.push_str("CREATE TABLE customers (id, name, email, fnr, phone);\n");
    for (n, fnr) in fnrs.iter().enumerate().skip(12) {
        let row = format!(
            "{n}, 'Ola Nordmann{n}', 'kunde{n}@firma.no', '{fnr}', '+47 400 {:02} {:03}'",
            n % 90,
            n
        );
        writeln!(text, "INSERT INTO customers (id, name, email, fnr, phone) VALUES ({row});")
            .unwrap();
    }
    for (n, fnr) in fnrs.iter().enumerate() {
        let row = format!("{n}, 'kunde{n}@firma.no', '{fnr}'");
        writeln!(text, "INSERT INTO customers_backup (id, email, fnr) VALUES ({row});").unwrap();
    }
    text
}

/// Checks that a comparison names what was changed on the way, and nothing else.
fn names_exactly_what_was_done(json: &Value) {
    let changes = json["changes"].as_array().unwrap();
    let table = |place: &Value| place["table"].as_str().unwrap_or_default().to_owned();
    let name = |place: &Value| table(place).rsplit('.').next().unwrap().to_owned();
    assert_eq!(changes.len(), 3, "{json:#}");
    let went = changes.iter().find(|c| c["change"] == "went").unwrap();
    assert_eq!(name(&went["place"]), "invoices");
    assert_eq!(went["columns"][0]["elsewhere"], 0);
    let copied = changes.iter().find(|c| c["change"] == "copied").unwrap();
    assert_eq!(
        (name(&copied["from"]), name(&copied["to"])),
        ("customers".into(), "customers_backup".into())
    );
    let changed = changes.iter().find(|c| c["change"] == "changed").unwrap();
    assert_eq!(
        (name(&changed["from"]), name(&changed["to"])),
        ("customers".into(), "customers".into())
    );
    let column = |field: &str| {
        let columns = changed["columns"].as_array().unwrap();
        columns.iter().find(|c| c["field"].as_str().unwrap().ends_with(field)).unwrap()
    };
    for field in ["email", "fnr"] {
        assert_eq!(column(field)["missing"], 12, "{changed:#}");
        assert_eq!(column(field)["elsewhere"], 12, "they stand in the backup");
        assert_eq!(column(field)["added"], 0);
    }
    assert_eq!(
        (&column("phone")["column"], &column("phone")["known"]),
        (&"came".into(), &0.into())
    );
}

#[test]
fn a_migration_is_told_what_it_lost_copied_and_added() {
    let share = Share::new();
    let fnrs = fnrs(300);
    share.file("source/crm.sql", dump(&fnrs));
    share.file("target/crm.sql", target(&fnrs));
    scan(&share, "old", &["share/source", "--label", "source"]);
    scan(&share, "new", &["share/target", "--label", "target"]);
    let json = printed(&share, &["diff", "old", "new", "--format", "json"]);
    names_exactly_what_was_done(&serde_json::from_str(&json).unwrap());
    let text = printed(&share, &["diff", "old", "new"]);
    assert!(
        text.contains("12 of 300 different values missing, 12 of these stand elsewhere"),
        "{text}"
    );
    assert!(!json.contains("firma.no") && !text.contains("firma.no"), "values stay out");
}

#[test]
#[ignore = "needs python3 with sqlite3"]
fn a_migration_to_sqlite_is_told_the_same() {
    let share = Share::new();
    let fnrs = fnrs(300);
    share.file("source/crm.sql", dump(&fnrs));
    share.file(
        "make.sql",
        target(&fnrs).replace("CREATE", "CREATE TABLE customers_backup (id, email, fnr);\nCREATE"),
    );
    fs::create_dir(share.root().join("target")).unwrap();
    let script = "import sqlite3; d = sqlite3.connect('share/target/crm.sqlite'); \
                  d.executescript(open('share/make.sql').read()); d.commit()";
    let made = share.command().arg("--version").output().is_ok()
        && std::process::Command::new("python3")
            .args(["-c", script])
            .current_dir(share.home())
            .status()
            .unwrap()
            .success();
    assert!(made);
    scan(&share, "old", &["share/source", "--label", "source"]);
    scan(&share, "new", &["share/target", "--label", "target"]);
    let json = printed(&share, &["diff", "old", "new", "--format", "json"]);
    names_exactly_what_was_done(&serde_json::from_str(&json).unwrap());
}

#[test]
fn different_keys_are_an_error_and_counts_can_be_compared() {
    let share = large_share();
    scan(&share, "old", &["share", "--label", "s", "--key", "key1"]);
    share.file("a/staff.csv", people(60));
    scan(&share, "new", &["share", "--label", "s", "--key", "key2"]);
    let said = refused(&share, &["diff", "old", "new"]);
    assert!(said.contains("--key FILE") && said.contains("--counts"), "{said}");
    let text = printed(&share, &["diff", "old", "new", "--counts"]);
    assert!(
        text.contains("Counts were compared") && text.contains("40 values before, 60 now"),
        "{text}"
    );
    fs::remove_file(share.home().join("new/sketches.bin")).unwrap();
    assert!(refused(&share, &["diff", "new", "new"]).contains("no sketches.bin"));
}
