//! Every form of `report`, over the bundled share and a hostile one.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Share, fnrs, people};
use datakart::report::FORMATS;

/// Writes all forms of an inventory into a folder, each as `report.FORM`.
fn export(share: &Share, folder: &Path) {
    fs::create_dir(folder).unwrap();
    for form in FORMATS {
        let output = share
            .command()
            .args(["report", "out", "--format", form.id, "--output"])
            .arg(folder.join(format!("report.{}", form.id)))
            .output()
            .unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{}: {output:?}", form.id);
    }
}

#[test]
fn every_form_is_written_the_same_each_time_and_holds_no_value() {
    let share = Share::new();
    share.file("hr/people.csv", people(40));
    share.file("brev.txt", format!("fnr {}\n", fnrs(1)[0]));
    share.scan(&[]).exits(0);
    let (one, two) = (share.home().join("one"), share.home().join("two"));
    export(&share, &one);
    export(&share, &two);
    let values = fnrs(40);
    for form in FORMATS {
        let name = format!("report.{}", form.id);
        let bytes = fs::read(one.join(&name)).unwrap();
        assert!(bytes.len() > 100, "{name}: {} bytes", bytes.len());
        assert!(bytes == fs::read(two.join(&name)).unwrap(), "{name}");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!values.iter().any(|value| text.contains(value)), "{name}");
    }
}

#[test]
fn an_empty_inventory_has_every_form() {
    let share = Share::new();
    share.file("note.txt", "nothing\n");
    share.scan(&[]).exits(0);
    export(&share, &share.home().join("exports"));
}

/// A share whose names want to be formulas, markup, YAML and more.
fn hostile() -> Share {
    let share = Share::new();
    let made = Command::new("cp")
        .args(["-r", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/share"), "share"])
        .current_dir(share.home())
        .status()
        .unwrap();
    assert!(made.success());
    let rows: String = fnrs(30).iter().map(|f| format!("{f},kunde@firma.no,1\n")).collect();
    let header = "=cmd|' /C calc'!A0,\"- {e: \"\"mail\"\", [x]} # &a *b\",@SUM(1)\n";
    share.file("=HYPERLINK(\"http:--x\").csv", header.to_owned() + &rows);
    share.file("+1,(a)|[b]%.csv", people(30));
    share
}

#[test]
#[ignore = "needs python3 with fideslang, pyarrow and duckdb, and LibreOffice"]
fn the_programs_that_they_are_for_read_them() {
    let share = hostile();
    share.scan(&[]).exits(3);
    let folder = share.home().join("exports");
    export(&share, &folder);
    fs::copy(share.out().join("inventory.jsonl"), folder.join("inventory.jsonl")).unwrap();
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/exports.py");
    let output = Command::new(python).arg(script).arg(&folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    println!("{}", String::from_utf8_lossy(&output.stdout));
}
