//! The command line's contract: exit codes, refusals that write nothing, selection, private outputs,
//! signals, and what is counted how often.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{PNG, RAR, Run, Share, feed, fnrs, people, tree};

// ---- exit codes

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

// ---- refusals

/// Runs, expects a refusal, and that nothing was written anywhere. Gives what was said.
fn refused(share: &Share, options: &[&str]) -> String {
    let before = tree(share.home());
    let output = share.command().arg("scan").args(options).output().unwrap();
    let run = Run { output, out: share.out() };
    let stderr = run.stderr();
    assert_eq!(run.code(), 2, "{options:?}: {stderr}");
    assert_eq!(run.stdout(), "", "{options:?}");
    assert!(!stderr.trim().is_empty() && !stderr.contains("panicked"), "{options:?}: {stderr}");
    let after = tree(share.home());
    let paths = |t: &[(std::path::PathBuf, Vec<u8>, u32)]| {
        t.iter().map(|(path, ..)| path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(paths(&before), paths(&after), "{options:?} wrote something");
    assert!(before == after, "{options:?} changed something");
    stderr
}

#[test]
fn mistakes_in_options_are_refused() {
    let share = Share::new();
    share.file("people.csv", people(3));
    for (options, says) in [
        (&["share", "--no-such-option"][..], "--no-such-option"),
        (&[], "PATH"),
        (&["nowhere"], "nowhere"),
        (&["share", "nowhere"], "nowhere"),
        (&["share", "--only", "no_such_detector"], "no_such_detector"),
        (&["share", "--except", "no_such_detector"], "no_such_detector"),
        (&["share", "--only", "email", "--except", "email"], "leave no detector"),
        (&["share", "--fail-on", "sometimes"], "sometimes"),
        (&["share", "--fail-on", "count>many"], "count>many"),
        (&["share", "--country", "Norge"], "Norge"),
        (&["share", "--country", "NO,UK"], "UK"),
        (&["share", "--stdin-name", "crm.csv"], "--stdin-name"),
        (&["share", "--as-of", "yesterday"], "--as-of"),
        (&["share", "--min-confidence", "total"], "total"),
        (&["share", "--threads", "0"], "--threads"),
        (&["share", "--threads", "100000"], "512 at most"),
        (&["share", "--threads", "many"], "many"),
        (&["share", "--max-read-rate", "0"], "--max-read-rate"),
        (&["share", "--include", "["], "--include"),
        (&["share", "--exclude", "a{"], "--exclude"),
        (&["share", "--patterns", "nowhere"], "nowhere"),
        (&["share", "--config", "nowhere.toml"], "nowhere.toml"),
        (&["--files-from", "nowhere.list"], "nowhere.list"),
        (&["-", "-", "share", "--files-from", "-"], ""),
        (&["/dev/stdin", "-"], "only once"),
        (&["-", "--files-from", "/dev/stdin"], "only once"),
    ] {
        let mut with_out = options.to_vec();
        with_out.extend(["--out", "out"]);
        let said = refused(&share, &with_out);
        assert!(said.contains(says), "{options:?}: {said}");
        // The same where the place of the inventory is not named.
        let said = refused(&share, options);
        assert!(said.contains(says), "{options:?}: {said}");
    }
}

#[test]
fn an_output_directory_inside_the_scanned_is_refused() {
    let share = Share::new();
    share.file("sub/people.csv", people(3));
    symlink(share.root(), share.home().join("link")).unwrap();
    for out in ["share", "share/out", "share/new/deeper", "share/../share/out", "link/out"] {
        let said = refused(&share, &["share", "--out", out]);
        assert!(said.contains("inside"), "{out}: {said}");
    }
    // What is left out is not scanned.
    for out in ["share/out", "link/out"] {
        let words = ["scan", "share", "--exclude", "/out", "--out", out, "--ledger"];
        let output = share.command().args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let ledger = fs::read_to_string(share.root().join("out/ledger.jsonl")).unwrap();
        assert_eq!(ledger.lines().count(), 2, "{ledger}");
    }
    let words = ["share", "--exclude", "/out", "--out", "share/other"];
    assert!(refused(&share, &words).contains("unless --exclude leaves that out"));
    fs::remove_dir_all(share.root().join("out")).unwrap();
    // A neighbour with a name that begins alike is none.
    let output = share.command().args(["scan", "share", "--out", "share2"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn an_output_directory_with_other_files_is_refused_and_left_alone() {
    let share = Share::new();
    share.file("people.csv", people(3));
    fs::create_dir(share.out()).unwrap();
    fs::set_permissions(share.out(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(share.out().join("thesis.tex"), "precious").unwrap();
    fs::write(share.out().join("inventory.jsonl"), "old").unwrap();
    let said = refused(&share, &["share", "--out", "out"]);
    assert!(said.contains("thesis.tex"), "{said}");
    fs::write(share.home().join("a file"), "precious").unwrap();
    refused(&share, &["share", "--out", "a file"]);
    refused(&share, &["share", "--out", "a file/below"]);
}

#[test]
fn a_key_file_without_a_key_is_refused() {
    let share = Share::new();
    share.file("people.csv", people(3));
    fs::write(share.home().join("key"), "not a key\n").unwrap();
    let said = refused(&share, &["share", "--out", "out", "--key", "key"]);
    assert!(said.contains("key"), "{said}");
    assert!(!said.contains("not a key"), "a key is nothing to print: {said}");
}

#[test]
fn a_key_is_not_made_within_what_is_scanned() {
    let share = Share::new();
    share.file("people.csv", people(3));
    for key in ["share/key", "share/new/key"] {
        let options = ["share", "--out", "out", "--key", key, "--state", "state.db"];
        let said = refused(&share, &options);
        assert!(said.contains("--key") && said.contains("inside"), "{said}");
    }
    share.scan(&["--key", "key"]).exits(0);
    // One that is there already is read, and nothing changes.
    fs::rename(share.home().join("key"), share.root().join("key")).unwrap();
    share.scan(&["--key", "share/key"]).exits(0);
}

#[test]
fn mistakes_in_detector_files_are_refused_with_their_place() {
    let good =
        "id = \"mine\"\nname = \"Mine\"\ncategory = \"contact.email\"\npattern = 'KU-\\d{6}'\n";
    for (text, says) in [
        ("id = \"mine\"\nname =\n", "line 2"),
        (&format!("{good}colour = \"red\"\n"), "colour"),
        (&good.replace("contact.email", "no.such"), "no.such"),
        (&good.replace("pattern = ", "validator = \"no_such\"\npattern = "), "no_such"),
        (&good.replace("\\d{6}", "(\\d{6}"), "mine"),
        (&good.replace("\"mine\"", "\"email\""), "email"),
        (&good.replace("id = \"mine\"\n", ""), "id"),
        (&format!("{good}chance = 2.0\n"), "chance"),
    ] {
        let share = Share::new();
        share.file("people.csv", people(3));
        fs::create_dir(share.home().join("mine")).unwrap();
        fs::write(share.home().join("mine/mine.toml"), text).unwrap();
        let said = refused(&share, &["share", "--out", "out", "--patterns", "mine"]);
        assert!(said.contains(says), "{text}: {said}");
        assert!(said.contains("mine.toml"), "the file is not named: {said}");
    }
}

#[test]
fn mistakes_in_the_settings_file_are_refused_with_line_and_column() {
    let share = Share::new();
    share.file("people.csv", people(3));
    for (text, says) in [
        ("quiet = true\n  colour = \"red\"\n", &["line 2", "column 3", "colour"][..]),
        ("threads = \"two\"\n", &["line 1", "column 11"]),
        ("quiet = true\nquiet = true\n", &["line 2"]),
        ("reveal = true\n", &["line 1", "column 1", "reveal", "can only be typed"]),
        ("quiet = true\ndry-run = true\n", &["line 2", "--dry-run", "can only be typed"]),
        ("as-of = \"soon\"\n", &["line 1", "a date is expected"]),
        ("max-duration = 5\n", &["line 1", "90m"]),
        ("summary = \"short\"\n", &["line 1", "short"]),
        ("quiet = \n", &["line 1"]),
    ] {
        fs::write(share.home().join("settings.toml"), text).unwrap();
        let said = refused(&share, &["share", "--out", "out", "--config", "settings.toml"]);
        for part in says.iter().chain(&["settings.toml"]) {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
    }
}

// ---- what is scanned

#[test]
fn standard_input_is_scanned_under_its_name() {
    let share = Share::new();
    let dump = people(30);
    let run = share.scan_stdin(&["--stdin-name", "crm.csv", "--findings", "-"], dump.as_bytes());
    let run = run.exits(0);
    assert_eq!(run.found("no_fodselsnummer")[0]["path"], "crm.csv");
    assert_eq!(run.found("no_fodselsnummer")[0]["field"], "fnr");
    assert_eq!(run.lines("findings.jsonl").len(), 30);
    assert_eq!(run.coverage()["scanned"]["bytes"], dump.len());
    let run = share.scan_stdin(&["-"], dump.as_bytes()).exits(0);
    assert_eq!(run.found("no_fodselsnummer")[0]["path"], "stdin");
    let run = share.scan_stdin(&["-"], b"").exits(0);
    assert_eq!((run.files("scanned"), run.findings().len()), (1, 0));
}

#[test]
fn standard_input_has_other_names_and_a_pipe_is_refused() {
    let share = Share::new();
    share.file("people.csv", people(30));
    for name in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let run = share.scan_stdin(&[name], people(30).as_bytes()).exits(0);
        assert_eq!(run.found("no_fodselsnummer")[0]["path"], "stdin", "{name}");
    }
    let mut command = std::process::Command::new("bash");
    command.args(["-c", "exec \"$0\" scan <(cat share/people.csv) --out out"]);
    command.arg(env!("CARGO_BIN_EXE_datakart")).current_dir(share.home());
    let output = command.env("XDG_STATE_HOME", share.state()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("- as PATH"), "{said}");
}

#[test]
fn a_link_that_is_named_is_followed_and_one_of_a_list_is_not() {
    let share = Share::new();
    share.file("people.csv", people(30));
    share.file("folder/more.csv", people(30));
    symlink("share/people.csv", share.home().join("latest.csv")).unwrap();
    symlink("latest.csv", share.home().join("newest.csv")).unwrap();
    symlink("../people.csv", share.root().join("folder/up.csv")).unwrap();
    symlink("folder", share.root().join("other")).unwrap();
    let scan = |words: &[&str]| {
        let output = share.scan_command().arg("--findings").args(words).output().unwrap();
        Run { output, out: share.out() }
    };
    let paths = |run: &Run| -> Vec<String> {
        let found = run.found("no_fodselsnummer");
        found.iter().map(|f| f["path"].as_str().unwrap().to_owned()).collect()
    };
    for (roots, expected) in [
        (&["newest.csv"][..], &["newest.csv"][..]),
        (&["share/folder/up.csv"], &["share/folder/up.csv"]),
        (&["latest.csv", "newest.csv"], &["latest.csv"]),
        (&["latest.csv", "share/people.csv"], &["share/people.csv"]),
        (&["latest.csv", "share"], &["share/folder/more.csv", "share/people.csv"]),
    ] {
        let run = scan(roots).exits(0);
        assert_eq!(paths(&run), expected, "{roots:?}");
        assert_eq!(run.lines("findings.jsonl").len(), 30 * expected.len(), "{roots:?}");
    }
    let list = "latest.csv\nshare/people.csv\nshare/other\nshare/other/\n";
    fs::write(share.home().join("list"), list).unwrap();
    let run = scan(&["--files-from", "list"]).exits(3);
    assert_eq!(paths(&run), ["share/people.csv"]);
    assert_eq!(run.reasons("latest.csv"), ["symlink"]);
    assert!(run.stderr().contains("2 are listed"), "{}", run.stderr());
    assert_eq!(run.facts()["exit_code"], 3);
    // The user's own word counts.
    fs::write(share.home().join("list"), "latest.csv\n").unwrap();
    let run = scan(&["--files-from", "list", "latest.csv"]).exits(0);
    assert_eq!(paths(&run), ["latest.csv"]);
}

#[test]
fn globs_choose_and_what_they_leave_out_is_counted() {
    let share = Share::new();
    for name in ["a.csv", "sub/b.csv", "sub/c.txt", "tmp/d.csv", "tmp/deep/e.csv", ".hidden/f.csv"]
    {
        share.file(name, people(30));
    }
    let paths = |run: &Run| -> Vec<String> {
        let found = run.found("no_fodselsnummer");
        let path = |f: &serde_json::Value| f["path"].as_str().unwrap().to_owned();
        found.iter().map(|f| path(f).trim_start_matches("share/").to_owned()).collect()
    };
    let run = share.scan(&[]).exits(0);
    let all = [".hidden/f.csv", "a.csv", "sub/b.csv", "sub/c.txt", "tmp/d.csv", "tmp/deep/e.csv"];
    assert_eq!(paths(&run), all);
    let run = share.scan(&["--include", "*.txt"]).exits(0);
    assert_eq!(paths(&run), ["sub/c.txt"]);
    assert_eq!((run.files("scanned"), run.files("out_of_scope")), (1, 5));
    assert_eq!(run.reasons("a.csv"), ["excluded"]);
    let run = share.scan(&["--exclude", "tmp", "--exclude", "sub/*.csv"]).exits(0);
    assert_eq!(paths(&run), [".hidden/f.csv", "a.csv", "sub/c.txt"]);
    // A folder that is left out is one path: it is not looked into.
    assert_eq!(
        (run.reasons("share/tmp"), run.reasons("sub/b.csv")),
        (vec!["excluded".into()], vec!["excluded".into()])
    );
    let run = share.scan(&["--exclude", "tmp/"]).exits(0);
    assert!(!paths(&run).iter().any(|p| p.starts_with("tmp")), "{:?}", paths(&run));
    let run = share.scan(&["--include", "*.csv", "--exclude", "tmp"]).exits(0);
    assert_eq!(paths(&run), [".hidden/f.csv", "a.csv", "sub/b.csv"]);
    let run = share.scan(&["--include", "sub/**"]).exits(0);
    assert_eq!(paths(&run), ["sub/b.csv", "sub/c.txt"]);
    assert_eq!(run.stderr(), "");
}

#[test]
fn a_glob_that_matches_no_file_is_told() {
    let share = Share::new();
    share.file("a.csv", people(30));
    // The second matches what the first one has matched already.
    let globs = ["--include", "*.cvs", "--include", "*.csv", "--include", "a.*"];
    for more in [&[][..], &["--dry-run"]] {
        let output = share.scan_command().args(globs).args(more).arg("share").output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "datakart: --include \"*.cvs\" matched no file\n");
    }
}

#[test]
fn a_list_of_files_is_scanned() {
    let share = Share::new();
    for name in ["a.csv", "b c.csv", "not listed.csv"] {
        share.file(name, people(30));
    }
    let lines = "share/a.csv\r\nshare/b c.csv\n\nshare/a.csv\nshare/gone.csv\n";
    let nuls = "share/a.csv\0share/b c.csv\0share/gone.csv\0";
    for list in [lines, nuls] {
        fs::write(share.home().join("list"), list).unwrap();
        let mut command = share.scan_command();
        command.args(["--files-from", "list"]);
        let from_file = Run { output: command.output().unwrap(), out: share.out() }.exits(3);
        check(&from_file);
        let from_stdin = share.scan_stdin(&["--files-from", "-"], list.as_bytes()).exits(3);
        check(&from_stdin);
    }
    fn check(run: &Run) {
        let found = run.found("no_fodselsnummer");
        let paths: Vec<_> = found.iter().map(|f| f["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["share/a.csv", "share/b c.csv"]);
        assert_eq!(run.reasons("gone.csv"), ["vanished"]);
        let note = run.of_type("note").remove(0);
        assert_eq!(note["detail"], "nothing stands at this path");
        assert_eq!((run.files("scanned"), run.files("not_scanned")), (2, 1));
    }
}

#[test]
fn a_dry_run_counts_and_writes_nothing() {
    let share = Share::new();
    share.file("a.csv", "x".repeat(700));
    share.file("b/c.csv", "x".repeat(324));
    share.file("b/d.log", "x".repeat(5000));
    symlink("a.csv", share.root().join("link")).unwrap();
    let before = tree(share.home());
    let run = share.scan(&["--dry-run", "--exclude", "*.log"]).exits(0);
    assert!(
        run.stdout().starts_with("2 files, 1.00 KiB to read\n2 paths left out"),
        "{}",
        run.stdout()
    );
    assert!(before == tree(share.home()), "a dry run wrote something");
    let run = share.scan_stdin(&["-", "--dry-run"], b"x").exits(0);
    assert!(run.stdout().starts_with("1 files, 0 B to read\n"), "{}", run.stdout());
    assert!(run.stdout().contains("standard input is one of them"), "{}", run.stdout());
}

#[test]
fn settings_come_from_a_file_and_what_is_typed_outranks_them() {
    let share = Share::new();
    share.file("people.csv", people(30));
    share.file("people.txt", people(30));
    let text =
        "fail-on = [\"any\"]\nquiet = true\nledger = true\ninclude = [\"*.csv\"]\nout = \"out\"\n";
    fs::write(share.home().join("settings.toml"), text).unwrap();
    let with = |options: &[&str]| {
        let mut command = share.command();
        command.args(["scan", "share", "--config", "settings.toml"]).args(options);
        Run { output: command.output().unwrap(), out: share.out() }
    };
    let run = with(&[]).exits(1);
    assert_eq!(run.stdout(), "");
    assert_eq!(run.lines("ledger.jsonl").len(), 2);
    assert_eq!(run.found("no_fodselsnummer").len(), 1);
    let run = with(&["--fail-on", "art9", "--include", "*"]).exits(0);
    assert_eq!(run.found("no_fodselsnummer").len(), 2);
}

#[test]
fn a_setting_is_written_as_the_option_is() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let text = "summary = \"line\"\nas-of = 2026-11-01\nmax-duration = \"1h\"\nuntil = \"23:59:59\"\n\
                color = \"never\"\nno-isolation = true\nlog-format = \"json\"\nmax-read-rate = \"50M\"\n\
                fail-on = [\"any\"]\n";
    fs::write(share.home().join("settings.toml"), text).unwrap();
    let with = |options: &[&str]| {
        let mut command = share.command();
        command.args(["scan", "share", "--config", "settings.toml", "--out", "out"]);
        Run { output: command.args(options).output().unwrap(), out: share.out() }
    };
    let run = with(&[]).exits(1);
    assert_eq!((run.stdout().lines().count(), &run.facts()["as_of"]), (1, &"2026-11-01".into()));
    assert_eq!(run.facts()["options"]["max-read-rate"], (50 << 20).to_string());
    assert!(run.stderr().starts_with("{\"level\""), "{}", run.stderr());
    let refused = with(&["--baseline", "nowhere"]).exits(2).stderr();
    assert!(refused.starts_with("{\"level\""), "{refused}");
    let typed = ["--summary", "json", "--log-format", "text", "--as-of", "2026-10-01"];
    let run = with(&typed).exits(1);
    assert!(run.stdout().starts_with('{') && run.stderr().starts_with("datakart: "));
    assert_eq!(run.facts()["as_of"], "2026-10-01");
}

#[test]
fn only_and_except_choose_detectors() {
    let share = Share::new();
    share.file(
        "people.csv",
        "email,fnr\n".to_owned()
            + &fnrs(30)
                .iter()
                .enumerate()
                .map(|(i, f)| format!("u{i}@firma.no,{f}\n"))
                .collect::<String>(),
    );
    let ids = |options: &[&str]| {
        let run = share.scan(options).exits(0);
        let ids = run.findings().into_iter().map(|f| f["detector"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), ["email", "no_fodselsnummer"]);
    assert_eq!(ids(&["--only", "email"]), ["email"]);
    assert_eq!(ids(&["--only", "email,no_fodselsnummer"]), ["email", "no_fodselsnummer"]);
    assert_eq!(ids(&["--except", "email"]), ["no_fodselsnummer"]);
}

#[test]
fn a_shape_of_the_users_own_is_found() {
    let share = Share::new();
    let numbers = |i: usize| format!("KU-{:06}", 7 * i + 100_000);
    let rows = (0..30).map(|i| format!("{i},{}\n", numbers(i))).collect::<String>();
    share.file("orders.csv", format!("id,kundenr\n{rows}"));
    fs::create_dir(share.home().join("mine")).unwrap();
    let mine = "id = \"mine\"\nname = \"Mine\"\ncategory = \"online.account\"\n\
                pattern = 'KU-\\d{6}'\nheaders = [\"kundenr\"]\n";
    fs::write(share.home().join("mine/mine.toml"), mine).unwrap();
    let run = share.scan(&["--patterns", "mine"]).exits(0);
    let found = run.found("mine");
    assert_eq!((found.len(), &found[0]["matches"]), (1, &serde_json::json!(30)));
}

// ---- outputs

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
    let mut names = Vec::new();
    for entry in fs::read_dir(share.home().join("out/deeper")).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
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
    let mut names: Vec<_> =
        fs::read_dir(share.out()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    // Matches and ledger of the earlier run are not of this inventory.
    let wanted = ["SHA256SUMS", "inventory.csv", "inventory.jsonl", "report.html", "sketches.bin"];
    assert_eq!(names, wanted);
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
    for words in [&["patterns", "list"][..], &["schema"], &["formats"], &["man"], &["--help"]] {
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

#[test]
fn a_folder_that_is_named_in_two_ways_counts_once() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let named = share.scan(&[]).exits(0).all_files();
    let run = share.scan(&["share/../share"]).exits(0);
    assert_eq!((run.all_files(), run.found("no_fodselsnummer").len()), (named, 1));
}

// ---- no room

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
    let names = |run: &Run| -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&run.out)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    // The page takes some 60 KiB, and the list of values more than that.
    let run = scan_with_room(&share, 40, &["--findings"]).exits(3);
    assert_eq!(names(&run), ["SHA256SUMS", "inventory.csv", "inventory.jsonl", "sketches.bin"]);
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

// ---- signals

/// Waits until the program listens to SIGTERM: the kernel tells which signals it catches.
fn wait_until_listening(child: &Child) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|l| l.strip_prefix("SigCgt:")).unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() & (1 << 14) != 0 {
            return;
        }
        assert!(Instant::now() < deadline, "the program does not listen to signals");
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// Waits until the program has read this many bytes from files and pipes.
fn wait_until_read(child: &Child, bytes: u64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let io = fs::read_to_string(format!("/proc/{}/io", child.id())).unwrap();
        let read = io.lines().find_map(|l| l.strip_prefix("rchar: ")).unwrap();
        if read.parse::<u64>().unwrap() >= bytes {
            return;
        }
        assert!(Instant::now() < deadline, "the program does not read");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn terminate(child: &Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
}

/// Waits half a minute at most: on a busy machine soon is later, and what would go on would take minutes.
fn ends_soon(child: &mut Child) -> i32 {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or(-1);
        }
        if started.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("not ended within half a minute");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

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
    assert!(run.coverage()["reasons"]["stopped"]["files"].as_u64() > Some(0));
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

// ---- what is counted, and how often

#[test]
fn a_hard_link_is_read_once_and_a_symlink_never() {
    let share = Share::new();
    share.file("b/people.csv", people(30));
    fs::hard_link(share.root().join("b/people.csv"), share.root().join("a.csv")).unwrap();
    fs::hard_link(share.root().join("b/people.csv"), share.root().join("c.csv")).unwrap();
    let outside = share.home().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("more.csv"), people(40)).unwrap();
    symlink(&outside, share.root().join("folder_link")).unwrap();
    symlink(outside.join("more.csv"), share.root().join("file_link.csv")).unwrap();
    symlink("..", share.root().join("b/loop")).unwrap();
    symlink("nowhere", share.root().join("broken")).unwrap();
    let run = share.scan(&["--ledger", "--findings"]).exits(0);
    let found = run.found("no_fodselsnummer");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0]["path"].as_str(), found[0]["matches"].as_u64()),
        (Some("share/a.csv"), Some(30))
    );
    assert_eq!(run.lines("findings.jsonl").len(), 30);
    assert_eq!((run.files("scanned"), run.files("out_of_scope"), run.all_files()), (3, 4, 7));
    assert_eq!(run.coverage()["scanned"]["bytes"], people(30).len());
    for link in ["b/people.csv", "c.csv"] {
        assert_eq!(run.reasons(link), ["hard_link_of"]);
    }
    for link in ["folder_link", "file_link.csv", "loop", "broken"] {
        assert_eq!(run.reasons(link), ["symlink"], "{link}");
    }
    let ledger = run.lines("ledger.jsonl");
    assert_eq!(ledger.len(), 7);
    let of = |path: &str| ledger.iter().find(|l| l["path"] == path).unwrap();
    assert_eq!(of("share/c.csv")["outcome"], "scanned");
    assert_eq!(of("share/c.csv")["detail"], "share/a.csv");
    assert_eq!(of("share/broken")["outcome"], "skipped");
}

#[test]
fn pipes_and_sockets_are_noted_and_never_opened() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, share.root().join("pipe"), fifo, mode, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(share.root().join("socket")).unwrap();
    let run = share.scan(&["--ledger"]).exits(0);
    assert_eq!((run.files("scanned"), run.files("out_of_scope")), (1, 2));
    assert_eq!(run.reasons("pipe"), ["special_file"]);
    assert_eq!(run.reasons("socket"), ["special_file"]);
    assert_eq!(run.lines("ledger.jsonl").len(), 3);
    share.scan(&["--strict"]).exits(3);
    // Named on the command line it is not waited for either.
    let mut command = share.scan_command();
    let output = command.arg("share/pipe").output().unwrap();
    let run = Run { output, out: share.out() };
    assert_eq!(run.reasons("pipe"), ["special_file"]);
}

#[test]
fn overlapping_roots_count_once() {
    let share = Share::new();
    share.file("sub/people.csv", people(30));
    symlink("share/sub", share.home().join("link")).unwrap();
    for roots in [
        &["share", "share"][..],
        &["share", "share/"],
        &["share/sub", "share"],
        &["share/sub/people.csv", "share"],
        &["share", "share/../share/sub"],
        &["./share/sub/people.csv", "share"],
        &["link", "share"],
        &["share/sub", "link/people.csv", "share/../share"],
        &["share/sub/people.csv", "./share/sub/people.csv"],
    ] {
        let mut command = share.scan_command();
        let output = command.args(roots).output().unwrap();
        let run = Run { output, out: share.out() }.exits(0);
        assert_eq!(run.found("no_fodselsnummer").len(), 1, "{roots:?}");
        assert_eq!(run.all_files(), 1, "{roots:?}");
    }
}

#[test]
fn a_folder_that_is_mounted_twice_counts_once() {
    let share = Share::new();
    share.file("a/sub/people.csv", people(30));
    share.file("other/people.csv", people(30));
    for folder in ["share/b", "view"] {
        fs::create_dir(share.home().join(folder)).unwrap();
    }
    // A mount name space of its own takes root.
    let script =
        "mount --bind share/a share/b && mount --bind share/a/sub view && exec \"$0\" \"$@\"";
    for (roots, files) in
        [(&["share"][..], 3), (&["view", "share/a"], 1), (&["share/b", "share/a"], 1)]
    {
        let scan = share.scan_command();
        let mut command = std::process::Command::new("unshare");
        command.args(["-m", "sh", "-c", script]).arg(scan.get_program()).args(scan.get_args());
        command.args(roots).current_dir(share.home()).env("XDG_STATE_HOME", share.state());
        let Ok(output) = command.output() else { return eprintln!("NOT TESTED: no unshare") };
        if output.status.code() != Some(0) && !share.out().exists() {
            return eprintln!("NOT TESTED: no permission to mount");
        }
        let run = Run { output, out: share.out() }.exits(0);
        assert_eq!(run.all_files(), files, "{roots:?}");
        if files == 3 {
            assert_eq!(run.reasons("share/b"), ["mounted_twice"]);
        }
        assert_eq!(run.found("no_fodselsnummer").len() as u64, files.min(2), "{roots:?}");
    }
}

#[test]
fn a_path_longer_than_the_system_takes_is_read() {
    let share = Share::new();
    let mut command = std::process::Command::new("sh");
    let script = "n=$(printf '%0200d' 0); for i in $(seq 30); do mkdir $n && cd -P $n || exit 1; done; cat > people.csv";
    command.args(["-c", script]).current_dir(share.root());
    assert!(feed(command, people(30).as_bytes()).status.success());
    let run = share.scan(&[]).exits(0);
    assert_eq!(run.found("no_fodselsnummer").len(), 1);
    let long = run.found("no_fodselsnummer")[0]["path"].as_str().unwrap().len();
    assert!(long > 6000, "{long}");
    // What was carried over is the same; what was changed a moment ago is not.
    std::thread::sleep(Duration::from_millis(3100));
    share.scan(&["--state", "state.db"]).exits(0);
    let again = share.scan(&["--state", "state.db"]).exits(0);
    assert_eq!(again.facts()["carried"]["files"], 1);
    let removed = std::process::Command::new("rm").arg("-rf").arg(share.root()).status().unwrap();
    assert!(removed.success());
}

#[test]
fn what_was_meant_otherwise_is_told() {
    let share = Share::new();
    let run = |words: &[&str]| {
        let output = share.command().args(words).output().unwrap();
        (
            output.status.code(),
            [output.stdout, output.stderr].map(|t| String::from_utf8(t).unwrap()),
        )
    };
    let (code, [_, said]) = run(&["status", "--state", "nowhere.db"]);
    assert!(code == Some(2) && said.contains("does not exist"), "{said}");
    let (code, [told, _]) = run(&["explain", "1d9c756b5c02e640"]);
    assert!(code == Some(0) && told.contains("--inventory"), "{told}");
    let mut explain = share.command();
    explain.args(["explain", "-"]);
    let told = String::from_utf8(feed(explain, b"kari@example.org\n").stdout).unwrap();
    assert!(told.contains("email at bytes"), "{told}");
    share.file("people.csv", people(3));
    let profile = share.home().join("empty.toml");
    fs::write(&profile, "case = \"1\"\n").unwrap();
    fs::set_permissions(&profile, fs::Permissions::from_mode(0o600)).unwrap();
    let (code, [_, said]) = run(&["subject", "find", "empty.toml", "share", "--out", "case"]);
    assert!(code == Some(2) && said.contains("no value to look for"), "{said}");
    assert!(!share.home().join("case").exists());
}

#[test]
fn values_can_be_tried_on_standard_input() {
    let share = Share::new();
    let mut command = share.command();
    command.args(["patterns", "try", "no_fodselsnummer"]);
    let output = feed(command, b"15065933818\n15065933819\nhello\n8037112217\n");
    let mut text = String::new();
    output.stdout.as_slice().read_to_string(&mut text).unwrap();
    let verdicts: Vec<String> = text
        .lines()
        .map(|l| {
            serde_json::from_str::<serde_json::Value>(l).unwrap()["verdict"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(verdicts, ["valid", "invalid", "no_match", "valid"]);
    // It has a shape that counts in fields of its name alone.
    assert!(text.lines().last().unwrap().contains("only in fields"), "{text}");
}
