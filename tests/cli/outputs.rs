//! Outputs: private, told apart from messages, and there when the place they go to is not.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Stdio;

use super::common::{self, RAR, Run, Share, people, tree};
use super::waiting::wait_until_read;

/// The names of what lies in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn outputs_are_private_whatever_the_umask() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let mut command = std::process::Command::new("sh");
    command.env_clear().env("XDG_STATE_HOME", share.state()).current_dir(share.home()).args([
        "-c",
        "umask 000; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_datakart"),
        "scan",
        "share",
        "--out",
        "out/deeper",
        "--findings",
        "--ledger",
        "--key",
        "keys/key",
    ]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mode = |path: &Path| path.metadata().unwrap().mode() & 0o7777;
    for folder in ["out", "out/deeper", "keys"] {
        assert_eq!(mode(&share.home().join(folder)), 0o700, "{folder}");
    }
    let deeper = share.home().join("out/deeper");
    let names = names(&deeper);
    for name in &names {
        assert_eq!(mode(&deeper.join(name)), 0o600, "{name}");
    }
    let wanted = [
        "SHA256SUMS",
        "findings.jsonl",
        "inventory.csv",
        "inventory.jsonl",
        "ledger.jsonl",
        "report.html",
        "sketches.bin",
    ];
    assert_eq!(names, wanted);
    assert_eq!(mode(&share.home().join("keys/key")), 0o600);
}

#[test]
fn an_empty_or_old_directory_is_made_private_and_replaced() {
    let share = Share::new();
    share.file("people.csv", people(30));
    fs::create_dir(share.out()).unwrap();
    fs::set_permissions(share.out(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(share.out().join(".datakart-left"), "by a run that was killed").unwrap();
    share.scan(&["--findings", "--ledger"]).exits(0);
    assert_eq!(share.out().metadata().unwrap().mode() & 0o7777, 0o700);
    fs::remove_file(share.root().join("people.csv")).unwrap();
    let run = share.scan(&[]).exits(0);
    assert!(run.findings().is_empty());
    // Matches and ledger of the earlier run are not of this inventory.
    let wanted = ["SHA256SUMS", "inventory.csv", "inventory.jsonl", "report.html", "sketches.bin"];
    assert_eq!(names(&share.out()), wanted);
}

#[test]
fn without_out_the_inventory_lies_in_the_state_folder() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let output = share.command().args(["scan", "share", "--label", "../../x y"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let written = tree(&share.state());
    let inventory = written.iter().find(|(p, ..)| p.ends_with("inventory.jsonl")).unwrap();
    assert_eq!(inventory.0.parent().unwrap().parent().unwrap(), share.state().join("datakart"));
    assert!(written.iter().any(|(p, ..)| p.ends_with("datakart/key")));
}

#[test]
fn what_is_piped_has_no_escape_codes() {
    let share = Share::new();
    share.file("people.csv", people(30));
    share.file("old.rar", RAR);
    let colour = |options: &[&str], no_color: Option<&str>| {
        let mut command = share.scan_command();
        command.env("TERM", "xterm-256color").args(options).arg("share");
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let output = command.output().unwrap();
        assert!(!output.stdout.is_empty());
        assert!(!output.stderr.contains(&0x1b));
        output.stdout.contains(&0x1b)
    };
    assert!(!colour(&[], None));
    assert!(!colour(&[], Some("1")));
    assert!(!colour(&["--color", "never"], None));
    // What is asked for explicitly is given; so this test can tell.
    assert!(colour(&["--color", "always"], None));
    assert!(colour(&["--color", "always"], Some("1")));
}

#[test]
fn quiet_says_nothing_and_messages_can_be_json() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let run = share.scan(&["--quiet"]).exits(0);
    assert_eq!((run.stdout(), run.stderr()), (String::new(), String::new()));
    let run =
        share.scan(&["--quiet", "--log-format", "json", "--fail-on", "any", "--reveal"]).exits(1);
    assert_eq!(run.stdout(), "");
    let lines: Vec<serde_json::Value> =
        run.stderr().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|l| l["level"].is_string() && l["message"].is_string()));
}

#[test]
fn a_closed_pipe_changes_neither_inventory_nor_exit_code() {
    let share = Share::new();
    share.file("people.csv", people(30));
    for (options, code) in [(&[][..], 0), (&["--fail-on", "any"][..], 1)] {
        let mut command = share.scan_command();
        command.args(options).arg("share").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(!stderr.contains("panicked") && !stderr.contains("roken pipe"), "{stderr}");
        assert!(share.out().join("inventory.jsonl").exists());
    }
    let commands = [
        &["patterns", "list"][..],
        &["schema"],
        &["formats"],
        &["man"],
        &["--help"],
        &["report", "out", "-f", "csv"],
        &["report", "out", "-f", "xlsx"],
        &["report", "out", "-f", "parquet"],
    ];
    for words in commands {
        let mut command = share.command();
        command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert!(output.stderr.is_empty(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_standard_output_that_takes_nothing_is_named() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let said = |command: &mut std::process::Command| {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let scanned = said(share.scan_command().arg("share"));
    assert!(scanned.contains("the inventory is in "), "{scanned}");
    assert!(share.out().join("inventory.jsonl").exists());
    let listed = said(share.command().args(["patterns", "list"]));
    for text in [scanned, listed] {
        assert!(text.contains("standard output: No space left"), "{text}");
    }
}

#[test]
fn the_man_page_has_a_heading_for_each_command() {
    let share = Share::new();
    let output = share.command().arg("man").output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    for heading in ["SCAN", "PATTERNS CHECK", "SUBJECT FIND", "SUBJECT VERIFY"] {
        assert!(page.contains(&format!("\n.SH \"DATAKART {heading}\"\n")), "{heading}");
    }
    let sections = page.matches("\n.SH ").count() - page.matches("\n.SH \"DATAKART").count();
    assert_eq!(sections, 7, "{page}");
    // Pages of their own, which there are not.
    assert!(!page.contains("(1)\n") && page.contains("\ndatakart scan\n"), "{page}");
}

#[test]
fn a_report_is_what_the_scan_wrote() {
    let share = Share::new();
    share.file("people.csv", people(30));
    share.file("old.rar", RAR);
    share.scan(&[]).exits(3);
    for (form, file) in
        [("html", "report.html"), ("csv", "inventory.csv"), ("jsonl", "inventory.jsonl")]
    {
        let output = share.command().args(["report", "out", "--format", form]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stdout == fs::read(share.out().join(file)).unwrap(), "{form}");
    }
    let output = share.command().args(["report", "out", "--format", "docx"]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true));
}

/// A file takes the place of a file only: what a link leads to is written, a pipe stays what it is.
#[test]
fn a_report_goes_where_a_link_leads_and_into_a_pipe() {
    let share = Share::new();
    share.file("people.csv", people(30));
    share.scan(&[]).exits(0);
    let (link, pipe) = (share.home().join("link.csv"), share.home().join("pipe"));
    let target = share.home().join("target.csv");
    fs::write(&target, "old").unwrap();
    symlink(&target, &link).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let report = |to: &Path| {
        let mut command = share.command();
        command.args(["report", "out", "--format", "csv", "--output"]).arg(to);
        assert_eq!(command.output().unwrap().status.code(), Some(0));
    };
    let expected = fs::read(share.out().join("inventory.csv")).unwrap();
    report(&link);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read(&target).unwrap() == expected);
    let read = || {
        let pipe = pipe.clone();
        std::thread::spawn(move || fs::read(pipe).unwrap())
    };
    let written = read();
    report(&pipe);
    assert!(written.join().unwrap() == expected);
    let written = read();
    share.scan(&["--metrics", pipe.to_str().unwrap()]).exits(0);
    assert!(written.join().unwrap().starts_with(b"# HELP"));
}

/// A scan in which no file may grow beyond so many KiB, as with a quota that is used up.
fn scan_with_room(share: &Share, kilobytes: u32, options: &[&str]) -> Run {
    let scan = share.scan_command();
    let mut command = share.command();
    let limited = format!("ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", &limited]).arg(scan.get_program()).args(scan.get_args());
    shell.args(options).arg("share").env_clear().current_dir(share.home());
    shell.envs(command.env("TMPDIR", share.home()).get_envs().filter_map(|(k, v)| Some((k, v?))));
    Run { output: shell.output().unwrap(), out: share.out() }
}

#[test]
fn what_there_is_no_room_for_is_left_out_and_told() {
    let share = Share::new();
    share.file("people.csv", people(300));
    share.scan(&["--findings"]).exits(0);
    // The page takes some 60 KiB, and the list of values more than that.
    let run = scan_with_room(&share, 40, &["--findings"]).exits(3);
    assert_eq!(names(&run.out), ["SHA256SUMS", "inventory.csv", "inventory.jsonl", "sketches.bin"]);
    assert_eq!(run.found("no_fodselsnummer").len(), 1);
    assert_eq!(run.facts()["exit_code"], 3);
    let said = run.stderr();
    assert!(said.contains("no room was left for findings.jsonl, report.html"), "{said}");
    let verified = share.command().args(["verify", "out"]).output().unwrap();
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
}

#[test]
fn an_inventory_whose_place_is_gone_is_written_elsewhere() {
    let share = Share::new();
    let mut command = share.scan_command();
    command.args(["-", "--stdin-name", "dump.csv"]).env("TMPDIR", share.home());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let rows = people(3000);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(rows.as_bytes()).unwrap();
    wait_until_read(&child, rows.len() as u64);
    fs::remove_dir_all(share.out()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let (_, rest) = said.split_once("written to ").unwrap();
    let (path, _) = rest.split_once(" instead").unwrap();
    assert_eq!(fs::metadata(path).unwrap().mode() & 0o777, 0o700);
    let lines = common::json_lines(&Path::new(path).join("inventory.jsonl"));
    assert!(lines.iter().any(|line| line["detector"] == "no_fodselsnummer"));
}
