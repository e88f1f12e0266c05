//! The bundled share: everything that `fixtures/expected.jsonl` names is found, and nothing in the files
//! that hold no personal data.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::HashSet;
use std::process::Command;

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

fn findings() -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let status = Command::new(env!("CARGO_BIN_EXE_datakart"))
        .args(["scan", "--quiet", "--as-of", "2026-11-01", "--out"])
        .arg(&out)
        .arg(format!("{ROOT}/share"))
        .env("XDG_STATE_HOME", home.path())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(3), "the Outlook mailbox is noted as not read");
    let text = std::fs::read_to_string(out.join("inventory.jsonl")).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    lines.filter(|l| l["type"] == "finding").collect()
}

fn place(path: &Value, line: &Value) -> (String, String, String, String) {
    let word = |v: &Value| v.as_str().unwrap_or("").to_owned();
    (word(path), word(&line["table"]), word(&line["field"]), word(&line["detector"]))
}

#[test]
fn everything_expected_is_found_and_clean_files_stay_clean() {
    let findings = findings();
    let relative =
        |f: &Value| f["path"].as_str().unwrap().split_once("share/").unwrap().1.to_owned();
    let found: HashSet<_> =
        findings.iter().map(|f| place(&Value::String(relative(f)), f)).collect();
    for line in std::fs::read_to_string(format!("{ROOT}/expected.jsonl")).unwrap().lines() {
        let wanted: Value = serde_json::from_str(line).unwrap();
        assert!(found.contains(&place(&wanted["path"], &wanted)), "not found: {line}");
    }
    let clean = [
        "HR/personalhåndbok.md",
        "Salg/produkter.csv",
        "IT/sensor.csv",
        "IT/uuid_map.csv",
        "IT/src/main.rs",
        "Økonomi/kid_liste.txt",
        "Felles/møtenotat.md",
    ];
    for f in &findings {
        assert!(!clean.contains(&relative(f).as_str()), "a false alarm: {f}");
    }
}
