//! `--state`: a run that reads only what changed ends as one that reads everything.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use common::{RAR, Random, Run, Share, fnrs, people};
use serde_json::Value;

/// A change has to be so old before a file counts as unchanged.
fn settle() {
    std::thread::sleep(Duration::from_millis(3100));
}

/// A run into an output directory of its own.
fn command(share: &Share, out: &str, options: &[&str]) -> Command {
    let mut command = share.command();
    command.args(["scan", "share", "--as-of", common::AS_OF, "--label", "test", "--quiet"]);
    command.args(["--findings", "--ledger", "--out", out]).args(options);
    command
}

fn run(share: &Share, out: &str, options: &[&str]) -> Run {
    let output = command(share, out, options).output().unwrap();
    Run { output, out: share.home().join(out) }
}

fn with_state(share: &Share, options: &[&str]) -> Run {
    run(share, "delta", &[&["--state", "state.db"], options].concat())
}

/// What only a state knows of a finding.
const OF_THE_STATE: [&str; 3] = ["first_seen", "last_seen", "state"];

/// The outputs, without the run's facts and what only a state knows.
fn outputs(run: &Run) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for name in
        ["inventory.jsonl", "inventory.csv", "findings.jsonl", "ledger.jsonl", "sketches.bin"]
    {
        let mut bytes = fs::read(run.out.join(name)).unwrap();
        if name == "inventory.jsonl" {
            let end = bytes.iter().position(|b| *b == b'\n').unwrap();
            bytes.drain(..=end);
            let known = regex::Regex::new(&format!(",\"({})\":\"[^\"]*\"", OF_THE_STATE.join("|")));
            let text = String::from_utf8(bytes).unwrap();
            bytes = known.unwrap().replace_all(&text, "").into_owned().into_bytes();
        }
        all.insert(name.to_owned(), bytes);
    }
    all
}

fn assert_same(delta: &Run, full: &Run, when: &str) {
    assert_eq!(delta.code(), full.code(), "{when}: {}{}", delta.stderr(), full.stderr());
    for ((name, a), (_, b)) in outputs(delta).iter().zip(&outputs(full)) {
        let (a, b) = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
        let differ = a.lines().zip(b.lines()).find(|(a, b)| a != b);
        assert!(a == b, "{when}: {name} differs: {differ:?}");
    }
}

fn carried(run: &Run) -> u64 {
    run.facts()["carried"]["files"].as_u64().unwrap()
}

fn note(i: u64, random: &mut Random) -> String {
    let number = random.pick(&fnrs(40)).clone();
    format!("Møte {i}\nfødselsnummer {number}, epost navn{i:05}@example.org\n")
}

/// A share of about forty files of several kinds.
fn fill(share: &Share) -> rusqlite::Connection {
    let mut random = Random(7);
    for i in 0..12 {
        share.file(format!("a/tabell{i}.csv"), people(20 + i));
        share.file(format!("b/under/notat{i}.txt"), note(i as u64, &mut random));
        share.file(format!("c/tomt{i}.md"), "# Ingenting\n\nom noen\n");
    }
    share.file("gammel.rar", RAR);
    share.file(format!("{} søknad.txt", fnrs(1)[0]), "Søknad\n");
    fs::hard_link(share.root().join("a/tabell0.csv"), share.root().join("b/navn.csv")).unwrap();
    let database = rusqlite::Connection::open(share.root().join("crm.db")).unwrap();
    database.pragma_update(None, "journal_mode", "WAL").unwrap();
    database.execute_batch("CREATE TABLE kunde (id INTEGER PRIMARY KEY, epost TEXT)").unwrap();
    insert(&database, 30);
    database
}

/// New rows stay in the write-ahead log.
fn insert(database: &rusqlite::Connection, rows: usize) {
    for i in 0..rows {
        let mail = format!("kunde{i}@example.org");
        database.execute("INSERT INTO kunde (epost) VALUES (?1)", [mail]).unwrap();
    }
}

fn files(share: &Share) -> Vec<PathBuf> {
    let all = common::tree(&share.root()).into_iter().map(|f| f.0);
    all.filter(|p| p.is_file() && !p.to_string_lossy().contains("crm.db")).collect()
}

/// One change somewhere.
fn change(share: &Share, random: &mut Random, database: &rusqlite::Connection) {
    let all = files(share);
    let (one, other) = (random.pick(&all).clone(), random.pick(&all).clone());
    let id = random.next() % 100_000;
    let folder = other.parent().unwrap();
    match random.below(12) {
        0 => fs::write(&one, note(id, random)).unwrap(),
        1 => same_size_and_time(&one),
        2 => fs::set_permissions(&one, fs::Permissions::from_mode(0o600 | (0o77 & id as u32)))
            .unwrap(),
        3 => fs::rename(&one, folder.join(format!("flyttet{id}.txt"))).unwrap(),
        4 => fs::rename(&one, &other).unwrap(),
        5 => fs::remove_file(&one).unwrap(),
        6 => {
            let _ = fs::hard_link(&one, folder.join(format!("lenke{id}.csv")));
        }
        7 => {
            // A name of several is replaced by a file of its own.
            let copy = share.root().join("kopi");
            fs::copy(&one, &copy).unwrap();
            fs::rename(copy, &one).unwrap();
        }
        8 => {
            let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + id);
            fs::File::options().write(true).open(&one).unwrap().set_modified(time).unwrap();
        }
        9 => insert(database, 3),
        10 => {
            let (from, to) = (share.root().join("b/under"), share.root().join("d"));
            let _ = if from.exists() { fs::rename(from, to) } else { fs::rename(to, from) };
        }
        _ => {
            let path = folder.join(format!("ny{id}.txt"));
            fs::write(path, note(id, random)).unwrap();
        }
    }
}

/// Changes a file's content and leaves its size and the time of its last change as they were.
fn same_size_and_time(path: &Path) {
    let time = path.metadata().unwrap().modified().unwrap();
    let size = path.metadata().unwrap().size();
    let mut bytes = fs::read(path).unwrap();
    let third = bytes.len() / 3;
    bytes.rotate_left(third);
    fs::write(path, &bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    let now = path.metadata().unwrap();
    assert_eq!((now.size(), now.modified().unwrap()), (size, time));
}

#[test]
fn a_delta_run_equals_a_full_one() {
    let share = Share::new();
    let database = fill(&share);
    let mut random = Random(20_261_125);
    for round in 0..10 {
        let threads = if round % 2 == 0 { "1" } else { "4" };
        // Also while everything is so fresh that nothing can be trusted.
        if round % 3 != 1 {
            settle();
        }
        let delta = with_state(&share, &["--threads", threads]);
        let full = run(&share, "full", &["--threads", threads]);
        assert_same(&delta, &full, &format!("round {round}"));
        if round % 3 == 2 {
            assert!(carried(&delta) > 15, "round {round}: {}", carried(&delta));
        }
        for _ in 0..4 {
            change(&share, &mut random, &database);
        }
    }
}

#[test]
fn only_what_changed_is_read() {
    let share = Share::new();
    let database = fill(&share);
    settle();
    let first = with_state(&share, &[]).exits(3);
    assert_eq!(carried(&first), 0);
    let all = first.all_files();
    let again = with_state(&share, &[]).exits(3);
    // Of a file with two names, one counts.
    assert_eq!(carried(&again), all - 1);
    same_size_and_time(&share.root().join("a/tabell3.csv"));
    insert(&database, 1);
    settle();
    // The database and its log.
    assert_eq!(carried(&with_state(&share, &[]).exits(3)), all - 1 - 3);
    // Other rules, another level, other permissions to read: all is read.
    let options = [["--min-confidence", "low"], ["--except", "iban"], ["--country", "SE"]];
    for options in options {
        assert_eq!(carried(&with_state(&share, &options).exits(3)), 0, "{options:?}");
    }
}

#[test]
fn the_state_is_private_and_holds_no_values() {
    let share = Share::new();
    let database = fill(&share);
    with_state(&share, &[]).exits(3);
    let path = share.home().join("state.db");
    for name in ["state.db", "state.db.lock"] {
        let mode = share.home().join(name).metadata().unwrap().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!share.home().join("state.db-wal").exists(), "a run that ended leaves one file");
    let bytes = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    assert!(bytes.contains("no_fodselsnummer") && bytes.contains("tabell3.csv"));
    // The first stands in a file's name.
    for value in fnrs(30).iter().skip(1) {
        assert!(!bytes.contains(value.as_str()));
    }
    assert!(!bytes.contains("@example.org"));
    drop(database);
}

#[test]
fn one_run_at_a_time() {
    let share = Share::new();
    fill(&share);
    let lock = fs::File::create(share.home().join("state.db.lock")).unwrap();
    fs::write(share.home().join("state.db.lock"), "process 4711, started 2026-11-01T02:00:00Z")
        .unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let refused = with_state(&share, &[]).exits(75);
    assert!(refused.stderr().contains("process 4711"), "{}", refused.stderr());
    assert!(!share.home().join("delta").exists());
    drop(lock);
    with_state(&share, &[]).exits(3);
}

#[test]
fn a_state_that_cannot_be_used_is_refused() {
    let share = Share::new();
    fill(&share);
    with_state(&share, &[]).exits(3);
    let (path, old) = (
        share.home().join("state.db"),
        fs::read(share.home().join("delta/inventory.jsonl")).unwrap(),
    );
    let good = fs::read(&path).unwrap();
    let refused = |words: &str| {
        let refused = with_state(&share, &[]).exits(2);
        assert!(refused.stderr().contains(words), "{}", refused.stderr());
        assert_eq!(fs::read(share.home().join("delta/inventory.jsonl")).unwrap(), old);
    };
    fs::write(&path, "no database at all, whatever its name says").unwrap();
    refused("--rebuild-state");
    // Damaged everywhere, then on the last pages, which are met in the midst of a run.
    let mut torn = good.clone();
    torn[4096..].fill(0x5a);
    let end = good.len() - 20_000;
    let half = [&good[..end], &torn[end..]].concat();
    for damaged in [&torn, &half] {
        fs::write(&path, damaged).unwrap();
        refused("--rebuild-state");
        fs::write(&path, damaged).unwrap();
        let mut status = share.command();
        let output = status.args(["status", "--check", "--state", "state.db"]).output().unwrap();
        Run { output, out: share.out() }.exits(2);
    }
    fs::write(&path, &good).unwrap();
    let later = rusqlite::Connection::open(&path).unwrap();
    later.pragma_update(None, "user_version", 99).unwrap();
    drop(later);
    refused("later version");
    fs::write(&path, &good).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.pragma_update(None, "application_id", 1).unwrap();
    drop(other);
    refused("no state of datakart");

    fs::write(&path, &torn).unwrap();
    let rebuilt = with_state(&share, &["--rebuild-state"]).exits(3);
    assert_eq!(carried(&rebuilt), 0);
    assert_eq!(fs::read(share.home().join("state.db.old-1")).unwrap(), torn);
    assert_same(&rebuilt, &run(&share, "full", &[]), "rebuilt");
}

#[test]
fn a_state_of_an_earlier_version_keeps_what_was_seen_when() {
    let share = Share::new();
    share.file("a.csv", people(20));
    settle();
    let first = with_state(&share, &[]).exits(0).findings();
    let third = "DROP TABLE unread; PRAGMA user_version = 3;";
    let second =
        "DROP TABLE unread; ALTER TABLE finding DROP COLUMN detector; ALTER TABLE finding DROP COLUMN confidence;
        PRAGMA user_version = 2;";
    let first_of_all = "DROP TABLE file; DROP TABLE result; DROP TABLE words; DROP TABLE counter;
        CREATE TABLE file (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, name TEXT NOT NULL);
        ALTER TABLE finding DROP COLUMN whereabouts; ALTER TABLE finding DROP COLUMN news;
        PRAGMA user_version = 1;";
    for earlier in [third.to_owned(), second.to_owned(), format!("{second}{first_of_all}")] {
        let state = rusqlite::Connection::open(share.home().join("state.db")).unwrap();
        state.execute_batch(&earlier).unwrap();
        drop(state);
        let status = || share.command().args(["status", "--state", "state.db"]).output().unwrap();
        assert!(String::from_utf8_lossy(&status().stderr).contains("earlier version"));
        let next = with_state(&share, &[]).exits(0);
        assert_eq!((carried(&next), changes(&next)), (0, [0, 0, first.len() as u64, 0]));
        assert_eq!(next.findings()[0]["first_seen"], first[0]["first_seen"]);
        assert!(status().status.success());
        assert_eq!(carried(&with_state(&share, &[]).exits(0)), 1);
    }
}

#[test]
fn a_state_inside_the_share_is_refused() {
    let share = Share::new();
    fill(&share);
    let refused = run(&share, "delta", &["--state", "share/state.db"]).exits(2);
    assert!(refused.stderr().contains("the scanned folder"), "{}", refused.stderr());
    assert!(!share.root().join("state.db.lock").exists());
    let refused = run(&share, "delta", &["--state", "delta/state.db"]).exits(2);
    assert!(refused.stderr().contains("holds inventories"), "{}", refused.stderr());
}

#[test]
fn what_a_killed_run_has_read_is_not_read_again() {
    let share = Share::new();
    for i in 0..60 {
        share.file(format!("{i}.csv"), people(400));
    }
    settle();
    let full = run(&share, "full", &["--threads", "2"]).exits(0);
    let mut random = Random(3);
    let mut kept = 0;
    for round in 0..12 {
        let mut child =
            command(&share, "delta", &["--state", "state.db", "--threads", "2"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(300 + random.below(2500)));
        if round % 3 == 0 {
            let pid = rustix::process::Pid::from_child(&child);
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        } else {
            child.kill().unwrap();
        }
        child.wait().unwrap();
        let state = rusqlite::Connection::open(share.home().join("state.db")).unwrap();
        let count = state.query_row("SELECT count(*) FROM file", [], |row| row.get::<_, i64>(0));
        // A run may be killed before it has made its tables.
        let count = count.unwrap_or(0).cast_unsigned();
        assert!(count >= kept, "{count} of {kept}");
        kept = count;
    }
    let resumed = with_state(&share, &["--threads", "2"]).exits(0);
    assert_eq!(carried(&resumed), kept);
    assert!(kept > 0);
    assert_same(&resumed, &full, "resumed");
}

#[test]
fn lines_of_the_run_say_what_was_carried() {
    let share = Share::new();
    fill(&share);
    let facts: Value = run(&share, "full", &[]).exits(3).facts();
    assert!(facts.get("carried").is_none(), "only with --state");
}

#[test]
fn a_run_that_is_out_of_time_ends_and_the_next_goes_on() {
    let share = Share::new();
    let _database = fill(&share);
    settle();
    let late = with_state(&share, &["--until", "2020-01-01T00:00:00Z"]).exits(3);
    // Of a file with two names, one counts.
    assert_eq!(late.coverage()["reasons"]["not_reached"]["files"], late.all_files() - 1);
    assert_eq!((late.findings().len(), &late.facts()["complete"]), (0, &Value::Bool(false)));

    let first = with_state(&share, &["--max-duration", "1h"]).exits(3);
    assert_eq!(first.facts()["complete"], true);
    assert_same(&first, &run(&share, "full", &[]), "in time");
    // What is new or changed is not reached; what was found in it before is told, and as what.
    share.file("ny.csv", people(5));
    share.file("a/tabell4.csv", people(3));
    let again = with_state(&share, &["--until", "2020-01-01T00:00:00Z"]).exits(3);
    assert_eq!(again.reasons("ny.csv"), ["not_reached"]);
    assert_eq!(again.reasons("tabell4.csv"), ["not_reached"]);
    assert_eq!(again.findings().len(), first.findings().len());
    // Without a ledger, files of which nothing is known are counted, and named in no note.
    let mut brief = share.command();
    brief.args(["scan", "share", "--as-of", common::AS_OF, "--label", "test", "--quiet"]);
    brief.args(["--state", "state.db", "--out", "brief", "--until", "2020-01-01T00:00:00Z"]);
    let brief = Run { output: brief.output().unwrap(), out: share.home().join("brief") }.exits(3);
    assert_eq!(brief.coverage(), again.coverage());
    let noted = |run: &Run| {
        let notes = run.of_type("note");
        let mut paths: Vec<_> = notes.iter().filter(|n| n["reason"] == "not_reached").collect();
        paths.dedup_by_key(|n| n["path"].clone());
        paths.len()
    };
    assert_eq!((noted(&brief), noted(&again)), (1, 2));
    assert_same(&with_state(&share, &[]), &run(&share, "full", &[]), "the next");
    let wrong = run(&share, "full", &["--max-duration", "soon"]).exits(2);
    assert!(wrong.stderr().contains("90m"), "{}", wrong.stderr());
}

#[test]
fn a_root_that_is_gone_keeps_its_results() {
    let share = Share::new();
    let _database = fill(&share);
    settle();
    let first = with_state(&share, &[]).exits(3);
    let away = share.home().join("away");
    fs::rename(share.root(), &away).unwrap();
    let gone = with_state(&share, &[]).exits(3);
    assert_eq!(gone.findings().len(), first.findings().len());
    assert_eq!((gone.files("scanned"), &gone.facts()["complete"]), (0, &Value::Bool(false)));
    assert_eq!(gone.reasons("share"), ["vanished"]);
    fs::rename(&away, share.root()).unwrap();
    let back = with_state(&share, &[]).exits(3);
    assert!(carried(&back) > 35, "{}", carried(&back));
    assert_same(&back, &run(&share, "full", &[]), "back");
}

fn changes(run: &Run) -> [u64; 4] {
    let changes = &run.facts()["changes"];
    ["new", "changed", "unchanged", "gone"].map(|name| changes[name].as_u64().unwrap())
}

/// A run over these paths, by their own label, unless one is given.
fn scan(share: &Share, words: &[&str]) -> Run {
    let mut command = share.command();
    command.args(["scan", "--as-of", common::AS_OF, "--quiet", "--state", "state.db"]);
    let output = command.args(["--out", "delta"]).args(words).output().unwrap();
    Run { output, out: share.home().join("delta") }
}

#[test]
fn a_root_that_is_gone_is_known_however_it_was_named() {
    for root in ["share", "./share/", "link", "link/sub", "to/../link"] {
        let share = Share::new();
        share.file("sub/a.csv", people(20));
        share.file("sub/b.txt", "Ingenting\n");
        fs::create_dir(share.home().join("to")).unwrap();
        symlink(share.root(), share.home().join("link")).unwrap();
        let first = scan(&share, &[root]).exits(0);
        let count = first.findings().len() as u64;
        fs::rename(share.root(), share.home().join("away")).unwrap();
        let gone = scan(&share, &[root, "--fail-on", "new:low"]).exits(3);
        assert_eq!(gone.facts()["label"], first.facts()["label"], "{root}");
        assert_eq!((changes(&gone), gone.files("partial")), ([0, 0, count, 0], 2), "{root}");
        assert_eq!(gone.facts()["complete"], false, "{root}");
        fs::rename(share.home().join("away"), share.root()).unwrap();
        let back = scan(&share, &[root]).exits(0);
        assert_eq!(changes(&back), [0, 0, count, 0], "{root}");
    }
}

#[test]
fn what_a_run_leaves_out_is_neither_gone_nor_new() {
    let share = Share::new();
    for name in ["a.csv", "b.csv", "sub/c.csv", "sub/d.csv"] {
        share.file(name, people(20));
    }
    fs::create_dir(share.home().join("more")).unwrap();
    fs::write(share.home().join("more/e.csv"), people(20)).unwrap();
    let of =
        |words: &[&str]| changes(&scan(&share, &[&["--label", "test"], words].concat()).exits(0));
    let all = ["share", "more"];
    let [five, 0, 0, 0] = of(&all) else { panic!() };
    let one = five / 5;
    for (words, files) in [
        (&["--include", "a.csv"][..], 1),
        (&["--exclude", "sub"], 3),
        (&["--exclude", "a.csv", "--include", "*.csv"], 4),
    ] {
        for _ in 0..2 {
            assert_eq!(of(&[words, &all].concat()), [0, 0, files * one, 0], "{words:?}");
        }
        assert_eq!(of(&all), [0, 0, five, 0], "{words:?}");
    }
    // Fewer kinds, and only what is sure.
    for words in [&["--only", "email"][..], &["--except", "email"], &["--min-confidence", "high"]] {
        let [0, _, _, 0] = of(&[words, &all].concat()) else { panic!("{words:?}") };
        let [0, _, _, 0] = of(&all) else { panic!("all after {words:?}") };
    }
    // Another root, and what has gone from this one meanwhile.
    fs::remove_file(share.root().join("b.csv")).unwrap();
    assert_eq!(of(&["more"]), [0, 0, one, 0]);
    assert_eq!(of(&["share"]), [0, 0, 3 * one, one]);
    assert_eq!(of(&all), [0, 0, 4 * one, 0]);
    // The same source in another place.
    fs::rename(share.root(), share.home().join("elsewhere")).unwrap();
    fs::remove_file(share.home().join("elsewhere/a.csv")).unwrap();
    assert_eq!(of(&["elsewhere"]), [0, 0, 2 * one, 2 * one]);
}

#[test]
fn a_shorter_list_and_files_by_name_keep_what_is_known() {
    let share = Share::new();
    for name in ["a.csv", "b.csv", "c.csv"] {
        share.file(name, people(20));
    }
    fs::write(share.home().join("list"), "share/a.csv\nshare/b.csv\n").unwrap();
    fs::write(share.home().join("short"), "share/b.csv\n").unwrap();
    let of =
        |words: &[&str]| changes(&scan(&share, &[&["--label", "test"], words].concat()).exits(0));
    let [two, 0, 0, 0] = of(&["--files-from", "list"]) else { panic!() };
    assert_eq!(of(&["--files-from", "list"]), [0, 0, two, 0]);
    assert_eq!(of(&["--files-from", "short"]), [0, 0, two / 2, 0]);
    assert_eq!(of(&["share/a.csv", "share/b.csv"]), [0, 0, two, 0]);
    assert_eq!(of(&["share/c.csv", "share/b.csv"]), [two / 2, 0, two / 2, 0]);
}

#[test]
fn files_of_one_name_below_two_roots_are_told_apart() {
    let share = Share::new();
    for root in ["share", "more"] {
        fs::create_dir_all(share.home().join(root)).unwrap();
        fs::write(share.home().join(root).join("a.csv"), people(20)).unwrap();
    }
    let run = || scan(&share, &["share", "more", "--label", "test"]).exits(0);
    let (first, again) = (run(), run());
    let all = first.findings().len() as u64;
    assert_eq!(changes(&again), [0, 0, all, 0]);
    let ids: BTreeSet<String> = first.findings().iter().map(|f| f["id"].to_string()).collect();
    assert_eq!(ids.len() as u64, all);
    // The first root's are those that it has by itself.
    assert_eq!(changes(&scan(&share, &["share", "--label", "test"]).exits(0)), [0, 0, all / 2, 0]);
}

#[test]
fn a_state_of_another_source_is_refused() {
    let share = Share::new();
    share.file("a.csv", people(20));
    let first = scan(&share, &["share"]).exits(0);
    fs::write(share.home().join("more.txt"), "Ingenting\n").unwrap();
    let label = first.facts()["label"].as_str().unwrap().to_owned();
    for words in [&["share", "--label", "other"][..], &["share", "more.txt"]] {
        let refused = scan(&share, words).exits(2);
        assert!(refused.stderr().contains(&format!("--label {label:?}")), "{}", refused.stderr());
    }
    assert_eq!(scan(&share, &["share"]).exits(0).facts()["changes"]["new"], 0);
    scan(&share, &["share", "--label", "other", "--rebuild-state"]).exits(0);
}

#[test]
fn a_run_tells_what_is_new() {
    let share = Share::new();
    share.file("a.csv", people(20));
    share.file("b.csv", people(20));
    let first = with_state(&share, &["--fail-on", "new:high"]).exits(1);
    let found = first.findings();
    let [new, 0, 0, 0] = changes(&first) else { panic!("{:?}", changes(&first)) };
    assert_eq!((new, new % 2), (found.len() as u64, 0));
    let again = with_state(&share, &["--fail-on", "new:high", "--fail-on", "new:art87"]).exits(0);
    assert_eq!(changes(&again), [0, 0, new, 0]);
    for (then, now) in found.iter().zip(again.findings()) {
        assert_eq!(now["first_seen"], found[0]["last_seen"]);
        assert_eq!((&then["state"], &now["state"]), (&"new".into(), &"unchanged".into()));
        assert!(now["last_seen"].as_str() >= now["first_seen"].as_str());
    }
    share.file("b.csv", people(30));
    share.file("c.csv", people(25));
    fs::remove_file(share.root().join("a.csv")).unwrap();
    let third = with_state(&share, &["--fail-on", "new:art87"]).exits(1);
    assert_eq!(changes(&third), [new / 2, new / 2, 0, new / 2]);
    // A file that cannot be reached is not gone, and a run that was late tells of nothing that is.
    share.file("c.csv", people(10));
    let late = with_state(&share, &["--until", "2020-01-01T00:00:00Z"]).exits(3);
    assert_eq!(changes(&late)[3], 0);
    let refused = run(&share, "full", &["--fail-on", "new:high"]).exits(2);
    assert!(refused.stderr().contains("--state"), "{}", refused.stderr());
}

#[test]
fn what_was_moved_with_its_file_is_not_new() {
    let share = Share::new();
    for name in ["a/lønn.csv", "b/annet.csv"] {
        share.file(name, people(if name.starts_with('a') { 20 } else { 30 }));
    }
    share.file("c/notat.txt", "Ingenting\n");
    settle();
    let first = with_state(&share, &[]).exits(0).findings();
    let count = first.iter().filter(|f| f["path"] == "share/a/lønn.csv").count() as u64;
    let all = first.len() as u64;
    fs::rename(share.root().join("a/lønn.csv"), share.root().join("c/lønn.csv")).unwrap();
    settle();
    let moved = with_state(&share, &["--fail-on", "new:low"]).exits(0);
    assert_eq!(changes(&moved), [0, count, all - count, 0]);
    for finding in moved.findings() {
        let state = if finding["path"] == "share/c/lønn.csv" { "changed" } else { "unchanged" };
        assert_eq!(finding["state"], state);
        assert_eq!(finding["first_seen"], first[0]["first_seen"]);
    }
    assert_same(&moved, &run(&share, "full", &[]), "moved");
    // Under another name it is read again, and still the same.
    fs::rename(share.root().join("c/lønn.csv"), share.root().join("c/lonn.csv")).unwrap();
    settle();
    let renamed = with_state(&share, &["--fail-on", "new:low"]).exits(0);
    assert_eq!(changes(&renamed), [0, count, all - count, 0]);
    assert_same(&renamed, &run(&share, "full", &[]), "renamed");
    // A copy is new.
    fs::copy(share.root().join("c/lonn.csv"), share.root().join("a/lonn.csv")).unwrap();
    let copied = with_state(&share, &["--fail-on", "new:low"]).exits(1);
    assert_eq!(changes(&copied)[0], count);
    // What is gone and comes back is new, and was seen first when it was.
    fs::remove_file(share.root().join("b/annet.csv")).unwrap();
    assert_eq!(changes(&with_state(&share, &[]).exits(0))[3], all - count);
    share.file("b/annet.csv", people(30));
    let back = with_state(&share, &[]).exits(0);
    assert_eq!(changes(&back)[0], all - count);
    let back = back.findings().into_iter().find(|f| f["path"] == "share/b/annet.csv").unwrap();
    assert_eq!(back["first_seen"], first[0]["first_seen"]);
}

#[test]
fn status_tells_how_the_last_run_ended() {
    let share = Share::new();
    share.file("a.csv", people(20));
    let status = |options: &[&str]| {
        let output = share.command().args(["status", "--state", "state.db"]).args(options).output();
        Run { output: output.unwrap(), out: share.out() }
    };
    assert!(status(&[]).exits(2).stderr().contains("state.db"));
    assert!(!share.home().join("state.db").exists());
    let run = with_state(&share, &[]).exits(0);
    let told: Value =
        serde_json::from_str(&status(&["--format", "json"]).exits(0).stdout()).unwrap();
    assert_eq!((&told["files"], &told["running"]), (&1.into(), &Value::Null));
    assert_eq!(told["last"]["changes"], run.facts()["changes"]);
    assert_eq!(told["last"]["coverage"]["scanned"]["files"], 1);
    status(&["--check"]).exits(0);
    let new = status(&["--new"]).exits(0).stdout();
    assert_eq!(new.lines().count(), run.findings().len());
    assert!(new.contains("share/a.csv › "), "{new}");
    with_state(&share, &[]).exits(0);
    assert_eq!(status(&["--new"]).exits(0).stdout(), "");
    let lock = fs::File::open(share.home().join("state.db.lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let text = status(&[]).exits(0).stdout();
    assert!(text.starts_with("running: process ") && text.contains(" new, 0 changed"), "{text}");
}

#[test]
fn metrics_are_for_the_collector_to_read() {
    let share = Share::new();
    share.file("a.csv", people(20));
    let run = with_state(&share, &["--metrics", "datakart.prom"]).exits(0);
    let path = share.home().join("datakart.prom");
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o644);
    let text = fs::read_to_string(path).unwrap();
    let new = changes(&run)[0];
    for line in [
        "datakart_files{source=\"test\",outcome=\"scanned\"} 1".to_owned(),
        format!("datakart_findings_by_change{{source=\"test\",state=\"new\"}} {new}"),
        "datakart_run_complete{source=\"test\"} 1".to_owned(),
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    let oldest: jiff::Timestamp = run.facts()["oldest_result"].as_str().unwrap().parse().unwrap();
    let line = format!(
        "datakart_oldest_result_timestamp_seconds{{source=\"test\"}} {}",
        oldest.as_second()
    );
    assert!(text.lines().any(|l| l == line), "{line}\n{text}");
}

#[test]
fn a_clock_that_is_ahead_makes_no_new_file_an_old_one() {
    let library = fs::read_dir("/usr/lib").unwrap().flatten().find_map(|folder| {
        Some(folder.path().join("faketime/libfaketime.so.1")).filter(|library| library.exists())
    });
    let Some(library) = library else { return eprintln!("NOT TESTED: there is no faketime") };
    let share = Share::new();
    share.file("a.csv", people(20));
    share.file("b.csv", people(30));
    let made = std::time::Instant::now();
    let an_hour_ahead = || {
        let mut command = command(&share, "out", &["--state", "state.db"]);
        command.env("LD_PRELOAD", &library).env("FAKETIME", "+1h");
        Run { output: command.output().unwrap(), out: share.out() }.exits(0)
    };
    an_hour_ahead();
    let at_once = made.elapsed() < Duration::from_secs(2);
    let next = carried(&with_state(&share, &[]).exits(0));
    // On a machine that was busy for so long they were rightly taken for old.
    assert!(next == 0 || !at_once, "they had just been made");
    settle();
    with_state(&share, &[]).exits(0);
    assert_eq!(carried(&with_state(&share, &[]).exits(0)), 2);
    assert_eq!(carried(&an_hour_ahead()), 2);
}

#[test]
fn what_was_read_later_than_now_is_read_again() {
    let share = Share::new();
    share.file("a.csv", people(20));
    settle();
    with_state(&share, &[]).exits(0);
    assert_eq!(carried(&with_state(&share, &[]).exits(0)), 1);
    let state = rusqlite::Connection::open(share.home().join("state.db")).unwrap();
    state.execute("UPDATE file SET read_at = read_at + 3600", []).unwrap();
    drop(state);
    assert_eq!(carried(&with_state(&share, &[]).exits(0)), 0, "the clock was set back");
    assert_eq!(carried(&with_state(&share, &[]).exits(0)), 1);
}
