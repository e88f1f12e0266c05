//! Keeping an inventory, handing it on, getting rid of it: `verify`, `report --encrypt-to` and `purge`.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use common::{Share, people};

fn scanned() -> Share {
    let share = Share::new();
    share.file("people.csv", people(30));
    share.scan(&[]).exits(0);
    share
}

fn run(share: &Share, words: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = share.command().args(words).output().unwrap();
    let said = [stdout, stderr].concat();
    (status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn what_was_changed_since_is_named() {
    let share = scanned();
    let (code, said) = run(&share, &["verify", "out"]);
    assert_eq!((code, said.matches("as written").count()), (0, 4), "{said}");
    fs::write(share.out().join("report.html"), "<html>").unwrap();
    fs::remove_file(share.out().join("sketches.bin")).unwrap();
    fs::write(share.out().join("notes.txt"), "mine").unwrap();
    let (code, said) = run(&share, &["verify", "out"]);
    assert_eq!(code, 1);
    for line in ["DAMAGED     report.html", "MISSING     sketches.bin", "FOREIGN     notes.txt"] {
        assert!(said.contains(line), "{said}");
    }
    fs::write(share.out().join("SHA256SUMS"), "nonsense\n").unwrap();
    assert_eq!(run(&share, &["verify", "out"]).0, 2);
    let (code, said) = run(&share, &["verify", "share"]);
    assert!(code == 2 && said.contains("no inventory directory"), "{said}");
}

#[test]
fn a_purge_removes_the_inventory_and_nothing_else() {
    let share = scanned();
    let (code, said) = run(&share, &["purge", "out"]);
    assert!(code == 2 && said.contains("--yes"), "{said}");
    assert!(share.out().join("inventory.jsonl").exists());
    fs::write(share.out().join("notes.txt"), "mine").unwrap();
    let (code, said) = run(&share, &["purge", "out", "--yes"]);
    assert!(code == 0 && said.contains("stays"), "{said}");
    let left: Vec<_> = fs::read_dir(share.out()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["notes.txt"]);
    let (code, _) = run(&share, &["purge", "out", "--yes"]);
    assert_eq!(code, 2, "what is no inventory is not purged");
    assert!(share.root().join("people.csv").exists());
}

#[test]
fn a_manifest_of_other_files_is_none_of_ours() {
    let share = Share::new();
    let image = share.file("image.iso", "an image");
    let line = "0".repeat(64) + "  image.iso\n";
    share.file("SHA256SUMS", line);
    let (code, said) = run(&share, &["purge", "share", "--yes"]);
    assert!(code == 2 && said.contains("no file of an inventory"), "{said}");
    assert!(image.exists());
}

#[test]
fn a_purge_leaves_no_empty_directory() {
    let share = scanned();
    assert_eq!(run(&share, &["purge", "out", "--yes"]).0, 0);
    assert!(!share.out().exists());
}

/// A program of this name in a folder of its own, and a PATH on which it is found first.
fn on_path(share: &Share, name: &str, script: &str) -> String {
    let folder = share.out().join("../bin");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), script).unwrap();
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o700)).unwrap();
    format!("{}:/usr/bin:/bin", folder.display())
}

fn encrypted(share: &Share, path: &str, output: &str) -> (i32, String) {
    let words = ["report", "out", "--format", "csv", "--encrypt-to", "age1x", "--output", output];
    let done = share.command().env("PATH", path).args(words).output().unwrap();
    (done.status.code().unwrap(), String::from_utf8(done.stderr).unwrap())
}

/// The program `age` is stood in for by one that turns what it gets upside down.
#[test]
fn a_report_is_encrypted_by_age() {
    let share = scanned();
    let path = on_path(&share, "age", "#!/bin/sh\n[ \"$1 $2\" = '--recipient age1x' ] && tac\n");
    let output = share.out().join("../findings.csv.age");
    let (code, said) = encrypted(&share, &path, output.to_str().unwrap());
    assert_eq!(code, 0, "{said}");
    let plain = share.command().args(["report", "out", "--format", "csv"]).output().unwrap().stdout;
    let plain = String::from_utf8(plain).unwrap();
    let given = fs::read_to_string(&output).unwrap();
    assert!(given.lines().rev().eq(plain.lines()) && plain.lines().count() == 2, "{given}");
    let mode = fs::metadata(&output).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn without_age_nothing_is_written() {
    let share = scanned();
    let refusing = "#!/bin/sh\necho 'age: error: unknown recipient' >&2; exit 1\n";
    let refusing = on_path(&share, "age", refusing);
    let output = share.out().join("../findings.csv.age");
    for (path, why) in [(refusing.as_str(), "unknown recipient"), ("/nowhere", "not on the PATH")] {
        let (code, said) = encrypted(&share, path, output.to_str().unwrap());
        assert!(code == 2 && said.contains(why), "{code} {said}");
        assert!(!output.exists());
    }
}
