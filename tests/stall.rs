//! Files and folders that do not answer: the run goes on with the others, says so, and ends. The kernel holds what
//! is done with them (fanotify, see `stall/hold.c`), as it does when a server has died. That takes a C compiler and
//! root; without them these tests say that they tested nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::{Run, Share, feed};

/// The program that holds files, where there can be one.
fn holder() -> Option<&'static PathBuf> {
    static HOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = HOLDER.get_or_init(|| {
        let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hold");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stall/hold.c");
        let mut cc = Command::new("cc");
        cc.args(["-O1", "-o"]).arg(&program).arg(source).status().ok()?.success().then_some(program)
    });
    made.as_ref()
}

/// Files that are held for as long as this lives.
struct Held(Child);

impl Held {
    /// Has `what` ("open", "read" or, each after its time, "slow") be done with these paths of the share for so many times, and held after that.
    fn new(share: &Share, what: &str, allowed: u32, paths: &[&str]) -> Option<Held> {
        let mut command = Command::new(holder()?);
        command.args([what, &allowed.to_string()]);
        command.args(paths.iter().map(|path| share.root().join(path)));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = [0; 5];
        let said = child.stdout.as_mut().unwrap().read_exact(&mut ready);
        let held = Held(child);
        said.is_ok().then_some(held)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What cannot be tested here is said, not passed over.
macro_rules! held {
    ($($arguments:expr),*) => {
        match Held::new($($arguments),*) {
            Some(held) => held,
            None => return eprintln!("NOT TESTED: no C compiler, or no permission to hold files"),
        }
    };
}

fn people(n: usize) -> String {
    let row = |i: usize| format!("Kari{i};kari{i}@kunde.example;2298{i:04}\n");
    std::iter::once("navn;epost;telefon\n".to_owned()).chain((0..n).map(row)).collect()
}

/// A share of so many files, `00.csv` and so on, of people.
fn share(files: usize) -> Share {
    let share = Share::new();
    (0..files).for_each(|i| drop(share.file(format!("{i:02}.csv"), people(20 + i))));
    share
}

/// A scan that gives up after a second, and has to end long before a minute is over.
fn scan(share: &Share, options: &[&str]) -> Run {
    let start = Instant::now();
    let run =
        share.scan(&[&["--stall-timeout", "1", "--threads", "2", "--ledger"], options].concat());
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    run
}

fn files_with_findings(run: &Run) -> Vec<String> {
    let mut all: Vec<String> = run
        .of_type("file")
        .iter()
        .map(|f| f["path"].as_str().unwrap().trim_start_matches("share/").to_owned())
        .collect();
    all.sort();
    all
}

#[test]
fn a_file_that_is_not_read_holds_up_nothing() {
    for (what, allowed) in [("read", 0), ("open", 0)] {
        let share = share(6);
        let _held = held!(&share, what, allowed, &["02.csv"]);
        let run = scan(&share, &["--findings"]).exits(3);
        assert_eq!(run.reasons("02.csv"), ["stalled"], "{what}");
        assert_eq!(files_with_findings(&run), ["00.csv", "01.csv", "03.csv", "04.csv", "05.csv"]);
        assert_eq!((run.files("not_scanned"), run.all_files()), (1, 6));
        let ledger = run.lines("ledger.jsonl");
        let line = ledger.iter().find(|line| line["path"] == "share/02.csv").unwrap();
        assert_eq!(
            (line["outcome"].as_str(), line["reason"].as_str()),
            (Some("skipped"), Some("stalled"))
        );
        assert_eq!(run.facts()["complete"], true);
    }
}

#[test]
fn a_file_that_all_threads_search_may_stall() {
    let share = share(2);
    // One with a hole is read, not mapped, and the kernel asks about reads.
    let big = share.file("big.csv", people(20_000));
    fs::File::options().write(true).open(big).unwrap().set_len(16 << 20).unwrap();
    let _held = held!(&share, "read", 2, &["big.csv"]);
    let run = scan(&share, &["--split-size", "64K"]).exits(3);
    assert_eq!(run.reasons("big.csv"), ["stalled"]);
    assert_eq!(files_with_findings(&run), ["00.csv", "01.csv"]);
}

#[test]
fn a_folder_that_is_not_listed_holds_up_nothing() {
    for what in ["open", "read"] {
        let share = share(3);
        share.file("sub/a.csv", people(3));
        share.file("zub/b.csv", people(30));
        let _held = held!(&share, what, 0, &["sub"]);
        let run = scan(&share, &[]).exits(3);
        assert_eq!(run.reasons("share/sub"), ["stalled"], "{what}");
        assert_eq!(files_with_findings(&run), ["00.csv", "01.csv", "02.csv", "zub/b.csv"]);
    }
}

#[test]
fn a_root_that_does_not_answer_is_told_and_its_results_are_kept() {
    let share = share(3);
    share.file("sub/a.csv", people(30));
    let state = ["--state", "state.db"];
    let first = files_with_findings(&scan(&share, &state).exits(0));
    {
        let _held = held!(&share, "read", 0, &[""]);
        let run = scan(&share, &state).exits(3);
        assert_eq!(run.reasons("share"), ["stalled"]);
        assert_eq!(files_with_findings(&run), first, "what an earlier run found");
        assert_eq!(run.facts()["changes"]["gone"], 0);
    }
    assert_eq!(files_with_findings(&scan(&share, &state).exits(0)), first);
}

#[test]
fn what_was_known_of_a_file_is_told_and_it_is_tried_again() {
    let share = share(4);
    let state = ["--state", "state.db"];
    scan(&share, &state).exits(0);
    share.file("01.csv", people(50));
    {
        let _held = held!(&share, "read", 0, &["01.csv"]);
        let run = scan(&share, &state).exits(3);
        assert_eq!(run.reasons("01.csv"), ["stalled"]);
        assert_eq!(files_with_findings(&run).len(), 4);
        assert_eq!((run.files("partial"), run.files("not_scanned")), (1, 0));
        assert_eq!(run.facts()["changes"]["gone"], 0);
    }
    let run = scan(&share, &state).exits(0);
    assert!(run.findings().iter().any(|f| f["path"] == "share/01.csv" && f["matches"] == 50));
}

#[test]
fn a_file_system_that_does_not_answer_is_left_alone() {
    let share = share(40);
    let all: Vec<String> = (0..40).map(|i| format!("{i:02}.csv")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let _held = held!(&share, "open", 0, &all);
    let run = scan(&share, &[]).exits(3);
    assert_eq!(run.coverage()["reasons"]["stalled"]["files"], 40);
    assert_eq!(run.lines("ledger.jsonl").len(), 40);
    // Without a ledger those that were not tried are only counted.
    let output =
        share.scan_command().args(["--stall-timeout", "1", "--threads", "1", "share"]).output();
    let run = Run { output: output.unwrap(), out: share.out() }.exits(3);
    assert_eq!(run.coverage()["reasons"]["stalled"]["files"], 40);
    assert_eq!(run.of_type("note").len(), 3);
    assert_eq!(run.facts()["complete"], false);
}

/// A share with a folder of so many files.
fn folder(files: usize) -> Share {
    let share = Share::new();
    (0..files).for_each(|i| drop(share.file(format!("sub/{i:03}.csv"), people(2 + i % 9))));
    share
}

/// Files are opened ahead there.
#[test]
fn a_slow_system_changes_nothing() {
    let share = folder(300);
    let told = |run: &Run| {
        let all = run.lines("inventory.jsonl").into_iter().filter(|l| l["type"] != "run");
        (all.collect::<Vec<_>>(), run.lines("ledger.jsonl"))
    };
    let fast = told(&scan(&share, &[]).exits(0));
    let _held = held!(&share, "slow", 1_000_000, &["sub"]);
    assert_eq!(told(&scan(&share, &[]).exits(0)), fast);
    let one = share.scan(&["--threads", "1", "--ledger"]).exits(0);
    assert_eq!(told(&one), fast);
}

#[test]
fn a_slow_system_may_stop_answering() {
    let share = folder(300);
    let _held = held!(&share, "slow", 150, &["sub"]);
    let run = scan(&share, &[]).exits(3);
    let read = files_with_findings(&run).len();
    assert!((1..=150).contains(&read), "{read}");
    assert_eq!(run.coverage()["reasons"]["stalled"]["files"], 300 - read);
    assert_eq!(run.lines("ledger.jsonl").len(), 300);
}

#[test]
fn the_second_reading_may_stall() {
    let share = share(4);
    let _held = held!(&share, "open", 1, &["01.csv"]);
    let run = scan(&share, &["--findings"]).exits(3);
    assert_eq!(run.reasons("01.csv"), ["stalled"]);
    assert_eq!(files_with_findings(&run).len(), 4, "it was read once");
    let listed = |name: &str| run.lines("findings.jsonl").iter().any(|l| l["path"] == name);
    assert!(listed("share/00.csv") && !listed("share/01.csv") && listed("share/03.csv"));
    assert!(run.stderr().contains("lacks matches of 1 files"), "{}", run.stderr());
}

#[test]
fn a_worker_may_stall() {
    let share = share(2);
    let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/share/Arkiv/pakke.zip");
    share.file("pakke.zip", fs::read(archive).unwrap());
    let _held = held!(&share, "read", 1, &["pakke.zip"]);
    let run = scan(&share, &[]).exits(3);
    assert_eq!(run.reasons("pakke.zip"), ["stalled"]);
    assert_eq!(files_with_findings(&run), ["00.csv", "01.csv"]);
}

#[test]
fn a_search_goes_on_as_well() {
    let share = share(4);
    let _held = held!(&share, "read", 0, &["02.csv"]);
    let mut command = share.command();
    command.args(["subject", "find", "-", "share", "--out", "out", "--stall-timeout", "1"]);
    let profile = "case = '1'\nreceived = 2026-11-02\ncountry = 'NO'\nnames = ['Kari Nes']\nemails = ['kari3@kunde.example']\n";
    let start = Instant::now();
    let output = feed(command, profile.as_bytes());
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let case: serde_json::Value =
        serde_json::from_slice(&fs::read(share.out().join("case.json")).unwrap()).unwrap();
    assert_eq!(case["notes"][0]["reason"], "stalled");
    assert_eq!(common::json_lines(&share.out().join("worklist.jsonl")).len(), 3);
}

#[test]
fn a_signal_ends_a_run_with_a_thread_that_is_stuck() {
    for allowed in [0, 1] {
        let share = share(4);
        let _held = held!(&share, "open", allowed, &["01.csv"]);
        let mut command = share.scan_command();
        command.args(["share", "--threads", "2", "--findings", "--state", "state.db"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_secs(4));
        assert!(child.try_wait().unwrap().is_none(), "it waits for a minute");
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let start = Instant::now();
        let code = child.wait().unwrap().code();
        assert_eq!(code, Some(143));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        let run = Run { output: share.command().arg("--help").output().unwrap(), out: share.out() };
        assert_eq!(run.facts()["complete"], false);
        assert!(files_with_findings(&run).len() >= 3);
    }
}
