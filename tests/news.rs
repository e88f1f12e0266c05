//! What is new, what is suppressed, and what a run says of itself: `--baseline`, `--only-new`, `--suppress`,
//! `--fail-on`, `--summary` and the manners of a run at night.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Run, Share, fnrs, people};
use serde_json::Value;

fn scan(share: &Share, out: &str, options: &[&str]) -> Run {
    let mut command = share.command();
    command.args(["scan", "share", "--as-of", common::AS_OF, "--label", "test", "--out", out]);
    let output = command.args(options).output().unwrap();
    Run { output, out: share.home().join(out) }
}

fn changes(run: &Run) -> Value {
    let changes = run.facts()["changes"].clone();
    Value::from_iter(["new", "changed", "unchanged", "gone"].map(|name| changes[name].clone()))
}

fn id_of(run: &Run, path: &str) -> String {
    let found = run.findings();
    let of = |f: &&Value| f["path"] == path;
    found.iter().find(of).unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_inventory_can_be_the_baseline() {
    let share = Share::new();
    share.file("a.csv", people(20));
    share.file("b.csv", people(20));
    let before = scan(&share, "before", &[]).exits(0);
    let half = before.findings().len() as u64 / 2;
    let again = scan(&share, "out", &["--baseline", "before", "--fail-on", "new:any"]).exits(0);
    assert_eq!(changes(&again), Value::from_iter([0, 0, 2 * half, 0]));
    share.file("b.csv", people(30));
    share.file("c.csv", people(20));
    fs::remove_file(share.root().join("a.csv")).unwrap();
    let file = "before/inventory.jsonl";
    let after = scan(&share, "out", &["--baseline", file, "--fail-on", "new:any"]).exits(1);
    assert_eq!(changes(&after), Value::from_iter([half, half, 0, half]));
    assert!(after.findings().iter().all(|f| f.get("first_seen").is_none()));
    // It outranks the last run of a state, which still tells what was seen when.
    let options = ["--state", "state.db", "--baseline", "before"];
    scan(&share, "out", &options).exits(0);
    let both = scan(&share, "out", &options).exits(0);
    assert_eq!(changes(&both), Value::from_iter([half, half, 0, half]));
    assert!(both.findings().iter().all(|f| f["first_seen"].is_string()));

    let narrow = ["--baseline", "before", "--exclude", "b.csv"];
    assert_eq!(
        changes(&scan(&share, "out", &narrow).exits(0)),
        Value::from_iter([half, 0, 0, half])
    );
    let other = scan(&share, "out", &["--baseline", "before", "--label", "other"]);
    assert!(other.exits(2).stderr().contains("--label"));
    let none = scan(&share, "out", &["--baseline", "nowhere"]).exits(2);
    assert!(none.stderr().contains("nowhere"), "{}", none.stderr());
}

#[test]
fn only_what_is_new_is_shown_and_all_of_it_is_kept() {
    let share = Share::new();
    share.file("gammel.csv", people(20));
    scan(&share, "out", &["--state", "state.db"]).exits(0);
    share.file("ny.csv", people(30));
    let run = scan(&share, "out", &["--state", "state.db", "--only-new"]).exits(0);
    let count = run.findings().len();
    let rows = fs::read_to_string(run.out.join("inventory.csv")).unwrap();
    assert_eq!(rows.lines().count() - 1, count / 2);
    assert!(run.stdout().contains("share/ny.csv") && !run.stdout().contains("share/gammel.csv"));
    assert!(rows.contains("share/ny.csv") && !rows.contains("share/gammel.csv"));
    assert!(run.stdout().contains("known before and not listed here"), "{}", run.stdout());
    let quiet = scan(&share, "out", &["--state", "state.db", "--only-new"]).exits(0);
    let page = fs::read_to_string(quiet.out.join("report.html")).unwrap();
    assert!(quiet.stdout().contains("Nothing new."), "{}", quiet.stdout());
    assert!(!quiet.stdout().contains("No personal data") && page.contains("Only what is new"));
    for options in [&["--only-new"][..], &["--summary", "news"], &["--fail-on", "new:any"]] {
        let refused = scan(&share, "out", options).exits(2);
        assert!(refused.stderr().contains("--baseline"), "{}", refused.stderr());
    }
}

fn entry(id: &str, reason: &str, until: &str) -> String {
    format!("[[suppress]]\nid = \"{id}\"\nreason = \"{reason}\"\nby = \"Kari\"\nuntil = {until}\n")
}

#[test]
fn what_somebody_answers_for_does_not_count() {
    let share = Share::new();
    share.file("a.csv", people(20));
    share.file("b.csv", people(20));
    let first = scan(&share, "out", &["--fail-on", "high"]).exits(1);
    let ids: Vec<String> =
        first.findings().iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect();
    let all: String = ids.iter().map(|id| entry(id, "fakturaer", "2026-12-31")).collect();
    let path = share.home().join("suppress.toml");
    fs::write(&path, &all).unwrap();
    let options = ["--suppress", "suppress.toml", "--fail-on", "high", "--quiet"];
    let run = scan(&share, "out", &options).exits(0);
    assert_eq!(run.facts()["suppressed"]["findings"], ids.len());
    assert_eq!(run.stderr(), "");
    for finding in run.findings() {
        assert_eq!(finding["suppressed"]["by"], "Kari");
        assert!(finding["flags"].as_array().unwrap().iter().any(|f| f == "suppressed"));
    }
    // An entry that has expired, one of another version of the detector, one that matches nothing; and what
    // people write may be personal data.
    let fnr = id_of(&run, "share/a.csv");
    let other = id_of(&run, "share/b.csv");
    let text = [
        entry(&fnr, "fakturaer", "2026-10-31"),
        entry(&other, "fakturaer", "2026-12-31") + "version = 99\n",
        entry("feedfeedfeedfeed", "fakturaer", "2026-12-31"),
    ];
    fs::write(&path, text.concat()).unwrap();
    let run = scan(&share, "out", &options).exits(1);
    let told = &run.facts()["suppressed"];
    let mut expired = vec![fnr.clone(), other];
    expired.sort();
    assert_eq!((&told["findings"], &told["expired"]), (&0.into(), &Value::from(expired)));
    assert_eq!(told["unmatched"], Value::from_iter(["feedfeedfeedfeed"]));
    assert!(run.stderr().contains("expired") && run.stderr().contains("feedfeedfeedfeed"));
    let number = &fnrs(1)[0];
    fs::write(&path, entry(&fnr, &format!("gjelder {number}"), "2026-12-31")).unwrap();
    let run = scan(&share, "out", &options);
    let text = fs::read_to_string(run.out.join("inventory.jsonl")).unwrap();
    assert!(text.contains("gjelder ") && !text.contains(number.as_str()));
    fs::write(&path, "[[suppress]]\nid = \"a\"\n").unwrap();
    let refused = scan(&share, "out", &options).exits(2);
    assert!(refused.stderr().contains("suppress.toml"), "{}", refused.stderr());
}

#[test]
fn conditions_can_be_joined_and_ask_for_a_system() {
    let share = Share::new();
    share.file("crm/a.csv", people(20));
    share.file("annet/b.txt", "ingenting\n");
    let settings = "[[system]]\nname = \"CRM + arkiv\"\npaths = [\"share/crm\"]\n\
                    [[system]]\nname = \"Annet\"\npaths = [\"share/annet\"]\n";
    fs::write(share.home().join("settings.toml"), settings).unwrap();
    let with = |condition: &str| {
        scan(&share, "out", &["--config", "settings.toml", "--fail-on", condition, "--quiet"])
    };
    for met in ["high+art87", "low+count>10", "art87+system:CRM + arkiv", "system:CRM + arkiv"] {
        with(met).exits(1);
    }
    for not in ["high+art9", "art87+count>20", "system:Annet", "art9+system:CRM + arkiv"] {
        with(not).exits(0);
    }
    let refused = with("system:CRM").exits(2);
    assert!(refused.stderr().contains("no such system"), "{}", refused.stderr());
}

#[test]
fn a_summary_is_as_long_as_its_reader_wants() {
    let share = Share::new();
    share.file("a.csv", people(20));
    let with =
        |options: &[&str]| scan(&share, "out", &[&["--state", "state.db"], options].concat());
    let first = with(&["--summary", "news"]).exits(0);
    let count = first.findings().len();
    assert!(first.stdout().starts_with(&format!("test: {count} new, 0 changed, 0 gone")));
    assert!(first.stdout().contains("share/a.csv"), "{}", first.stdout());
    let again = with(&["--summary", "news"]).exits(0);
    assert_eq!((again.stdout(), again.stderr()), (String::new(), String::new()));
    let line = with(&["--summary", "line"]).exits(0).stdout();
    assert_eq!(
        line,
        format!(
            "datakart: test: 0 new, 0 changed, 0 gone, {count} unchanged; 1 file read, 0 not or in part; \
             complete, exit code 0\n"
        )
    );
    let object: Value =
        serde_json::from_str(&with(&["--summary", "json"]).exits(0).stdout()).unwrap();
    assert_eq!((&object["findings"], &object["files_scanned"]), (&count.into(), &1.into()));
    assert_eq!(object["changes"]["unchanged"], count);
    assert_eq!(with(&["--summary", "line", "--quiet"]).exits(0).stdout(), "");
}

#[test]
fn messages_can_bear_the_priority_that_syslog_wants() {
    let share = Share::new();
    share.file("a.csv", people(20));
    let run =
        scan(&share, "out", &["--log-format", "syslog", "--fail-on", "any", "--quiet", "--reveal"]);
    let text = run.exits(1).stderr();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("<4>datakart: ") && lines[1].starts_with("<3>datakart: "));
    let refused = scan(&share, "out", &["--log-format", "syslog", "--fail-on", "never"]).exits(2);
    assert!(refused.stderr().starts_with("<3>datakart: "), "{}", refused.stderr());
}

#[test]
fn a_run_can_step_back_behind_all_others() {
    let share = Share::new();
    let mut command = share.scan_command();
    command.args(["--nice", "-"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    let nice = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        let after = stat.rsplit_once(") ").unwrap().1.to_owned();
        after.split(' ').nth(16).unwrap().to_owned()
    };
    while nice() != "19" && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(nice(), "19");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_run_can_leave_processors_to_others() {
    let share = Share::new();
    for i in 0..30 {
        share.file(format!("{i}.csv"), people(600));
    }
    let timed = |options: &[&str]| {
        let start = Instant::now();
        let run = scan(&share, "out", &[&["--threads", "1", "--quiet"], options].concat()).exits(0);
        (start.elapsed(), run)
    };
    let (fast, _) = timed(&[]);
    let (slow, run) = timed(&["--max-cpu", "3"]);
    assert!(slow > fast + Duration::from_millis(500), "{slow:?} {fast:?}");
    assert_eq!(run.files("scanned"), 30);
    let refused = scan(&share, "out", &["--max-cpu", "0"]).exits(2);
    assert!(refused.stderr().contains("from 1 to 100"), "{}", refused.stderr());
}
