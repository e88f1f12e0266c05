//! Refusals: a mistake is named, and nothing is written.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::common::{Run, Share, feed, people, tree};

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
        (&["share", "--as-of", "30.11.2026"], "YYYY-MM-DD"),
        (&["share", "--label", " "], "--label"),
        (&["share", "--max-cpu", "101%"], "1 to 100"),
        (&["share", "--max-duration", "soon"], "90m"),
        (&["share", "--max-read-rate", "1.x"], "1.5M"),
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
fn a_place_for_the_figures_is_tried_before_the_scan() {
    let share = Share::new();
    share.file("people.csv", people(3));
    fs::create_dir(share.home().join("folder")).unwrap();
    for (place, says) in [
        ("nowhere/m.prom", "nowhere/m.prom: no file can be written there"),
        ("folder", "no file can be written there"),
        ("out/m.prom", "--out, which holds inventories"),
        ("share/m.prom", "inside"),
    ] {
        let said = refused(&share, &["share", "--out", "out", "--metrics", place]);
        assert!(said.contains(says) && !said.contains(".datakart-"), "{place}: {said}");
    }
    symlink("nowhere", share.home().join("link")).unwrap();
    let said = refused(&share, &["share", "--out", "link"]);
    assert!(said.contains("leads nowhere"), "{said}");
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
    let run = share.scan(&["--key", "key"]).exits(0);
    assert!(run.stderr().contains("a new one was made"), "{}", run.stderr());
    assert_eq!(share.scan(&["--key", "key"]).exits(0).stderr(), "");
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
        (&good.replace("\"mine\"", "\"My own\""), "small letters"),
        (&good.replace("KU-", "KU$-"), "at its ends only"),
        (&good.replace("KU-", "[A-ZÆØÅ]"), "(?:[a-z]|æ|ø|å)"),
        (&format!("{good}regions = [\"NOR\"]\n"), "NOR"),
        (&format!("{good}headers = [\"\"]\n"), "`headers`"),
        (&format!("{good}headers = \"ku\"\n"), "expected a list"),
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
        ("exclude = 3\n", &["line 1", "a list of texts"]),
        ("nice = 3\n", &["line 1", "true or false"]),
    ] {
        fs::write(share.home().join("settings.toml"), text).unwrap();
        let said = refused(&share, &["share", "--out", "out", "--config", "settings.toml"]);
        for part in says.iter().chain(&["settings.toml"]) {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
    }
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
