//! Files made by the programs that people use, read back: `fixtures/real.py` makes those for which the program
//! is installed and lists what must be found in each.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use common::{Share, json_lines};

/// What was told of a file: by its own name, the values and the reasons.
type Told = BTreeMap<String, BTreeSet<String>>;

fn gathered(rows: &[serde_json::Value], key: &str) -> Told {
    let mut told = Told::new();
    for row in rows {
        let (Some(path), Some(word)) = (row["path"].as_str(), row[key].as_str()) else { continue };
        let name = path.rsplit('/').next().unwrap_or(path);
        told.entry(name.to_owned()).or_default().insert(word.to_owned());
    }
    told
}

#[test]
#[ignore = "needs python3 and the programs whose files it reads: LibreOffice, zip, 7z, tar, Chromium"]
fn what_real_programs_wrote_is_read() {
    if Command::new("soffice").arg("--version").output().is_err() {
        eprintln!("real_files: LibreOffice (soffice) is not installed; nothing is tested");
        return;
    }
    let share = Share::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/real.py");
    let made = Command::new("python3").arg(script).arg(share.root()).status().unwrap();
    assert!(made.success());
    let manifest = share.root().join("manifest.json");
    let files: Vec<serde_json::Value> =
        serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    std::fs::remove_file(manifest).unwrap();
    assert!(files.len() > 10, "only {} files were made", files.len());
    share.scan(&["--reveal", "--ledger", "--min-confidence", "low"]);
    let found = gathered(&json_lines(&share.out().join("findings.jsonl")), "value");
    let reasons = gathered(&json_lines(&share.out().join("ledger.jsonl")), "reason");
    let mut missing = Vec::new();
    let none = BTreeSet::new();
    for file in &files {
        let path = file["path"].as_str().unwrap();
        if file["encrypted"] == true && !reasons.get(path).unwrap_or(&none).contains("encrypted") {
            missing.push(format!("{path}: not noted as encrypted"));
        }
        for value in file["values"].as_array().unwrap() {
            let value = value.as_str().unwrap();
            if !found.get(path).unwrap_or(&none).contains(value) {
                missing.push(format!("{path}: {value}"));
            }
        }
    }
    assert!(missing.is_empty(), "{} of what was planted:\n{}", missing.len(), missing.join("\n"));
}
