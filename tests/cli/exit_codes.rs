//! Exit codes: what was found, what could not be read, and what was asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::common::{PNG, RAR, Share, people};

#[test]
fn a_share_that_was_read_in_full_exits_0_findings_or_not() {
    let share = Share::new();
    share.file("notes.txt", "nothing to see\n");
    let run = share.scan(&[]).exits(0);
    assert_eq!((run.files("scanned"), run.findings().len()), (1, 0));
    assert_eq!(run.facts()["exit_code"], 0);
    assert_eq!(run.facts()["complete"], true);
    share.file("people.csv", people(30));
    let run = share.scan(&[]).exits(0);
    assert_eq!(run.found("no_fodselsnummer").len(), 1);
}

#[test]
fn a_condition_that_is_met_exits_1_and_one_that_is_not_does_not() {
    let share = Share::new();
    share.file("people.csv", people(30));
    for met in ["any", "low", "art87", "count>29"] {
        let run = share.scan(&["--fail-on", met]).exits(1);
        assert_eq!(run.facts()["failed_on"], serde_json::json!([met]));
        assert_eq!(run.facts()["exit_code"], 1);
        assert!(run.stderr().contains(met), "{}", run.stderr());
    }
    for not in ["art9", "art10", "credentials", "count>30"] {
        let run = share.scan(&["--fail-on", not]).exits(0);
        assert_eq!(run.facts()["failed_on"], serde_json::json!([]));
    }
    let run = share.scan(&["--fail-on", "art9", "--fail-on", "any"]).exits(1);
    assert_eq!(run.facts()["failed_on"], serde_json::json!(["any"]));
}

#[test]
fn test_data_meets_no_condition() {
    let share = Share::new();
    let rows = (0..30).map(|i| format!("{i},user{i}@example.org\n"));
    share.file("people.csv", "id,email\n".to_owned() + &rows.collect::<String>());
    let run = share.scan(&["--fail-on", "any"]).exits(0);
    assert_eq!(run.found("email").len(), 1);
    assert!(run.found("email")[0]["flags"].as_array().unwrap().iter().any(|f| f == "test_data"));
}

#[test]
fn what_could_not_be_read_exits_3_and_a_met_condition_outranks_it() {
    let share = Share::new();
    share.file("people.csv", people(30));
    share.file("old.rar", RAR);
    let run = share.scan(&[]).exits(3);
    assert_eq!((run.files("scanned"), run.files("not_scanned")), (1, 1));
    assert_eq!(run.reasons("old.rar"), ["unsupported_format"]);
    share.scan(&["--fail-on", "any"]).exits(1);
}

#[test]
fn what_is_left_out_by_rule_exits_3_only_when_strict() {
    let share = Share::new();
    share.file("logo.png", PNG);
    let run = share.scan(&[]).exits(0);
    assert_eq!((run.files("out_of_scope"), run.all_files()), (1, 1));
    share.scan(&["--strict"]).exits(3);
}

#[test]
fn a_file_without_permission_is_noted() {
    let share = Share::new();
    let path = share.file("secret.txt", "x");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        return; // Root reads everything.
    }
    let run = share.scan(&[]).exits(3);
    assert_eq!(run.reasons("secret.txt"), ["permission_denied"]);
}

#[test]
fn help_and_version_go_to_stdout_and_exit_0() {
    let share = Share::new();
    for (option, word) in [("--help", "Usage"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let output = share.command().arg(option).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8_lossy(&output.stdout).contains(word));
        assert!(output.stderr.is_empty());
    }
}
