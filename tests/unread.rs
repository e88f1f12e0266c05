//! What cannot be read any more: a night tells of it, and keeps what earlier ones found there.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use common::{RAR, Run, Share, people};

/// A night with a state, and the mail that it would send.
fn night(share: &Share, options: &[&str]) -> Run {
    let mut command = share.command();
    command.args(["scan", "share", "--as-of", common::AS_OF, "--label", "test", "--out", "out"]);
    command.args(["--state", "state.db", "--summary", "news"]).args(options);
    Run { output: command.output().unwrap(), out: share.out() }
}

fn status(share: &Share) -> String {
    let status = share.command().args(["status", "--state", "state.db", "--new"]).output().unwrap();
    String::from_utf8(status.stdout).unwrap()
}

/// Takes the permissions of a path away, or gives them back. Tells whether that keeps this user from reading it: root
/// reads everything.
fn close(path: &Path, mode: u32) -> bool {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    fs::read_dir(path).is_err() && fs::read(path).is_err()
}

const UNREAD: &str = "\nNot read, or not in full, and not so before\n";

#[test]
fn a_folder_and_a_file_that_are_closed_keep_what_was_found_in_them() {
    let share = Share::new();
    share.file("hr/a.csv", people(20));
    share.file("hr/under/b.csv", people(30));
    share.file("hr/notat.txt", "Ingenting her.\n");
    let file = share.file("c.csv", people(10));
    let first = night(&share, &[]).exits(0);
    let all = first.findings().len();
    let hr = share.root().join("hr");
    if !close(&hr, 0o000) || !close(&file, 0o000) {
        close(&hr, 0o755);
        return;
    }
    let mail = format!(
        "test: 0 new, 0 changed, 0 gone, {all} unchanged\n{UNREAD}  permission denied: share/c.csv\n  permission \
         denied: share/hr\n"
    );
    let closed = night(&share, &["--fail-on", "new:low"]).exits(3);
    assert_eq!((closed.stdout(), closed.stderr()), (mail, String::new()));
    assert_eq!(closed.findings().len(), all);
    assert_eq!(closed.reasons("share/c.csv"), ["permission_denied"]);
    assert_eq!(closed.reasons("share/hr/under/b.csv"), ["permission_denied"]);
    assert_eq!(closed.facts()["changes"]["unread"], 2);
    let denied = &closed.coverage()["reasons"]["permission_denied"];
    let sizes = [people(20), people(30), people(10)].map(|text| text.len()).iter().sum::<usize>();
    let bytes = sizes + "Ingenting her.\n".len();
    assert_eq!((&denied["files"], &denied["bytes"]), (&5.into(), &bytes.into()));
    assert_eq!(closed.coverage()["folders"]["permission_denied"], 1);
    let listed =
        "not read   share/c.csv  permission denied\nnot read   share/hr  permission denied\n";
    assert_eq!(status(&share), listed);
    // It is told once, and what is known of it lasts.
    let still = night(&share, &[]).exits(3);
    assert_eq!((still.stdout(), still.findings().len()), (String::new(), all));
    assert_eq!(status(&share), "");
    // What is left out is not looked at: it is no gap of this run, and none anew in the next.
    assert_eq!(night(&share, &["--exclude", "hr"]).exits(3).stdout(), "");
    assert_eq!(night(&share, &[]).exits(3).stdout(), "");
    close(&hr, 0o755);
    close(&file, 0o644);
    let open = night(&share, &[]).exits(0);
    assert_eq!((open.stdout(), open.findings().len()), (String::new(), all));
}

#[test]
fn a_folder_that_cannot_be_listed_is_no_file_of_no_size() {
    let share = Share::new();
    share.file("hr/a.csv", people(20));
    let file = share.file("b.csv", people(10));
    let hr = share.root().join("hr");
    if !close(&hr, 0o000) || !close(&file, 0o000) {
        close(&hr, 0o755);
        return;
    }
    let run = share.scan(&["--ledger"]).exits(3);
    close(&hr, 0o755);
    let denied = &run.coverage()["reasons"]["permission_denied"];
    assert_eq!((&denied["files"], &denied["bytes"]), (&2.into(), &people(10).len().into()));
    let says = "\n      folders among them, whose content is not counted: 1\n";
    assert!(run.stdout().contains(says), "{}", run.stdout());
    let lines = run.lines("ledger.jsonl");
    assert_eq!(lines.iter().filter(|line| line["format"] == "folder").count(), 1);
}

#[test]
fn what_cannot_be_read_for_its_format_is_news_once() {
    let share = Share::new();
    share.file("a.csv", people(20));
    night(&share, &[]).exits(0);
    share.file("ny.rar", RAR);
    let mail = night(&share, &[]).exits(3).stdout();
    assert!(mail.contains(&format!("{UNREAD}  format not taken apart: share/ny.rar\n")), "{mail}");
    assert_eq!(night(&share, &[]).exits(3).stdout(), "");
    for i in 0..8 {
        share.file(format!("{i}.rar"), RAR);
    }
    let mail = night(&share, &[]).exits(3).stdout();
    assert_eq!(mail.matches("share/").count(), 5, "{mail}");
    assert!(mail.ends_with("  format not taken apart: 3 more\n"), "{mail}");
}

#[test]
fn a_baseline_tells_what_could_be_read() {
    let share = Share::new();
    share.file("a.csv", people(20));
    share.scan(&[]).exits(0);
    share.file("ny.rar", RAR);
    let mut command = share.command();
    command.args(["scan", "share", "--as-of", common::AS_OF, "--label", "test", "--out", "later"]);
    command.args(["--baseline", "out", "--summary", "news"]);
    let run = Run { output: command.output().unwrap(), out: share.home().join("later") }.exits(3);
    assert!(run.stdout().contains("format not taken apart: share/ny.rar"), "{}", run.stdout());
}

#[test]
fn a_mail_names_the_path_that_is_not_there() {
    let share = Share::new();
    share.file("a.csv", people(20));
    night(&share, &[]).exits(0);
    fs::rename(share.root(), share.home().join("away")).unwrap();
    for _ in 0..2 {
        let mail = night(&share, &[]).exits(3).stdout();
        let says = "The run did not come to its end: more may be new.\n  share: not there (not mounted?)\n  not reached \
                    in this run: 1 file\n";
        assert!(mail.ends_with(says), "{mail}");
    }
}

#[test]
fn a_run_out_of_time_does_not_replace_a_whole_inventory() {
    let share = Share::new();
    share.file("a.csv", people(20));
    let late = ["--until", "2020-01-01T00:00:00Z"];
    // Where there is none it is as good as any, and the next one takes its place.
    for _ in 0..2 {
        let run = share.scan(&late).exits(3);
        assert!(
            run.stderr().contains("without --state the next run begins anew"),
            "{}",
            run.stderr()
        );
        assert_eq!(run.facts()["complete"], false);
        assert!(!share.out().join("stopped").exists());
    }
    let whole = share.scan(&[]).exits(0).findings();
    let run = share.scan(&late).exits(3);
    assert!(run.stderr().contains("out/stopped"), "{}", run.stderr());
    assert_eq!(run.findings(), whole);
    let stopped = Run { output: run.output, out: share.out().join("stopped") };
    assert_eq!((stopped.facts()["complete"].clone(), stopped.findings().len()), (false.into(), 0));
    share.scan(&[]).exits(0);
    assert!(!stopped.out.exists());
}

#[test]
fn what_an_earlier_month_found_is_told_where_this_one_has_no_time_for_it() {
    let share = Share::new();
    share.file("a.csv", people(20));
    let month = |as_of: &str, options: &[&str]| {
        let mut command = share.command();
        command.args(["scan", "share", "--as-of", as_of, "--label", "test", "--out", "out"]);
        command.args(["--state", "state.db"]).args(options);
        Run { output: command.output().unwrap(), out: share.out() }
    };
    let all = month("2026-10-01", &[]).exits(0).findings().len();
    let late = month("2026-11-01", &["--until", "2020-01-01T00:00:00Z"]).exits(3);
    assert_eq!(
        (late.findings().len(), late.reasons("a.csv")),
        (all, vec!["not_reached".to_owned()])
    );
    // Other detectors found other things: that is not told.
    let other = ["--until", "2020-01-01T00:00:00Z", "--only", "email"];
    assert!(month("2026-11-01", &other).exits(3).findings().is_empty());
    let next = month("2026-11-01", &[]).exits(0);
    assert_eq!(next.facts()["carried"]["files"], 0);
}
