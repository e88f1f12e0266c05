//! Signals: a scan that is stopped ends soon and keeps what was done.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use super::common::{Run, Share, people};
use super::waiting::{ends_soon, terminate, wait_until_listening, wait_until_read};

#[test]
fn sigterm_ends_a_scan_soon_and_keeps_what_was_done() {
    let share = Share::new();
    for i in 0..50 {
        share.file(format!("{i}.csv"), people(3000));
    }
    let mut command = share.scan_command();
    command.args(["share", "--max-read-rate", "10K", "--threads", "2", "--ledger"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until_listening(&child);
    wait_until_read(&child, people(3000).len() as u64);
    // What the walk has not met by then is told of nowhere: on a busy machine it may have been kept from it.
    std::thread::sleep(Duration::from_millis(500));
    terminate(&child);
    assert_eq!(ends_soon(&mut child), 143);
    let run = Run { output: share.command().arg("--help").output().unwrap(), out: share.out() };
    assert_eq!(run.facts()["complete"], false);
    assert_eq!(run.facts()["exit_code"], 143);
    let stopped = &run.coverage()["reasons"]["stopped"];
    assert!(stopped["files"].as_u64() > Some(0));
    // Their sizes are told, and nothing is wrong with the disk.
    let size = people(3000).len() as u64;
    assert_eq!(stopped["bytes"].as_u64(), stopped["files"].as_u64().map(|files| files * size));
    assert!(run.coverage()["reasons"].get("io_error").is_none(), "{}", run.coverage());
    assert_eq!(run.lines("ledger.jsonl").len() as u64, run.all_files());
    // The next run ends and replaces it; stopped again, that one stays.
    share.scan(&["--include", "0.csv"]).exits(0);
    let whole = fs::read(share.out().join("inventory.jsonl")).unwrap();
    let mut child = command.spawn().unwrap();
    wait_until_listening(&child);
    terminate(&child);
    assert_eq!(ends_soon(&mut child), 143);
    assert!(whole == fs::read(share.out().join("inventory.jsonl")).unwrap());
    let stopped = Run { output: run.output, out: share.out().join("stopped") };
    assert_eq!(stopped.facts()["complete"], false);
    // A complete one leaves nothing of it, but for what somebody else put there.
    fs::write(share.out().join("stopped/mine.txt"), "").unwrap();
    share.scan(&["--include", "0.csv"]).exits(0);
    let left: Vec<_> =
        fs::read_dir(&stopped.out).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["mine.txt"]);
    fs::remove_file(stopped.out.join("mine.txt")).unwrap();
    share.scan(&["--include", "0.csv"]).exits(0);
    assert!(!stopped.out.exists());
}

#[test]
fn two_signals_at_once_are_one() {
    let share = Share::new();
    for i in 0..50 {
        share.file(format!("{i}.csv"), people(300));
    }
    let mut command = share.scan_command();
    command.args(["share", "--max-read-rate", "10K"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    wait_until_listening(&child);
    wait_until_read(&child, people(300).len() as u64);
    // As `timeout` sends them, to the process and to its group.
    terminate(&child);
    terminate(&child);
    assert_eq!(ends_soon(&mut child), 143);
    let run = Run { output: share.command().arg("--help").output().unwrap(), out: share.out() };
    assert_eq!((&run.facts()["exit_code"], &run.facts()["complete"]), (&143.into(), &false.into()));
}

#[test]
fn a_signal_in_the_first_moments_leaves_an_inventory() {
    let mut stopped = 0;
    for round in 0..12 {
        let share = Share::new();
        share.file("a.csv", people(300));
        let mut command = share.scan_command();
        command.args(["share", "--findings"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        wait_until_listening(&child);
        std::thread::sleep(Duration::from_millis(round * 3));
        terminate(&child);
        let code = ends_soon(&mut child);
        let run = Run { output: share.command().arg("--help").output().unwrap(), out: share.out() };
        // Some may have come too late to stop anything, on a machine that is busy even the first.
        assert!(code == 143 || code == 0, "round {round}: {code}");
        stopped += u32::from(code == 143);
        assert_eq!(run.facts()["exit_code"], code, "round {round}");
    }
    assert!(stopped > 0);
}

#[test]
fn sigterm_ends_a_scan_that_waits_for_standard_input() {
    waits_for_stdin(&[]);
    waits_for_stdin(&["--findings"]);
}

fn waits_for_stdin(options: &[&str]) {
    let share = Share::new();
    let mut command = share.scan_command();
    command
        .args(options)
        .args(["-", "--stdin-name", "dump.csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let rows = people(3000);
    stdin.write_all(rows.as_bytes()).unwrap();
    wait_until_listening(&child);
    wait_until_read(&child, rows.len() as u64);
    // Now it waits for more. A moment later it waits for sure.
    std::thread::sleep(Duration::from_millis(50));
    terminate(&child);
    assert_eq!(ends_soon(&mut child), 143);
    drop(stdin);
    let run = Run { output: share.command().arg("--help").output().unwrap(), out: share.out() };
    assert_eq!(run.facts()["complete"], false);
}
