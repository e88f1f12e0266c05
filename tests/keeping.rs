//! Keeping an inventory and getting rid of it: `verify` and `purge`.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
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
