//! What is scanned: standard input, links, globs, lists.

use std::fs;
use std::os::unix::fs::symlink;

use super::common::{Run, Share, people, tree};

/// The files in which numbers of people were found.
fn paths(run: &Run) -> Vec<String> {
    let found = run.found("no_fodselsnummer");
    found.iter().map(|f| f["path"].as_str().unwrap().to_owned()).collect()
}

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
    assert_eq!(run.stderr(), "");
    let run = share.scan_stdin(&["-"], b"").exits(0);
    assert_eq!((run.files("scanned"), run.findings().len()), (1, 0));
    assert_eq!(run.stderr(), "datakart: standard input was empty\n");
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
        paths(run).iter().map(|path| path.trim_start_matches("share/").to_owned()).collect()
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
fn a_path_in_a_glob_may_be_spelled_in_full_or_as_the_root_was_given() {
    let share = Share::new();
    for name in ["a.csv", "private/b.csv", "deep/private/c.csv"] {
        share.file(name, people(30));
    }
    fs::create_dir_all(share.home().join("other/private")).unwrap();
    fs::write(share.home().join("other/private/d.csv"), people(30)).unwrap();
    symlink(share.root(), share.home().join("link")).unwrap();
    let full = |path: &str| share.home().join(path).to_str().unwrap().to_owned();
    let scan = |roots: &[&str], options: &[&str]| {
        let output = share.scan_command().args(options).args(roots).output().unwrap();
        Run { output, out: share.out() }.exits(0)
    };
    let forms =
        [&full("share/private"), &full("share/private/"), "share/private", "./private", "/private"];
    for form in forms.into_iter().chain(["./share/private"]) {
        let run = scan(&["share", "other"], &["--exclude", form]);
        let is_of_all = form.trim_start_matches('.').starts_with("/private");
        let all = ["other/private/d.csv", "share/a.csv", "share/deep/private/c.csv"];
        assert_eq!(paths(&run), all[usize::from(is_of_all)..], "{form}");
        assert_eq!(run.stderr(), "", "{form}");
    }
    // Wherever the root was given: by a link, from here, in full.
    for (root, form) in [
        ("link", &*full("share/private")),
        ("link", &full("link/private")),
        ("link", "link/private"),
        ("./share", "share/private"),
        (&full("share"), &full("share/private")),
    ] {
        let run = scan(&[root], &["--exclude", form, "--include", "b.csv"]);
        assert!(
            paths(&run).iter().all(|path| !path.ends_with("share/private/b.csv")),
            "{root} {form}"
        );
    }
    let run = scan(&["share"], &["--include", &full("share/private/*.csv")]);
    assert_eq!(paths(&run), ["share/private/b.csv"]);
    let run = scan(&["share"], &["--include", "share/private/**"]);
    assert_eq!(paths(&run), ["share/private/b.csv"]);
}

#[test]
fn what_is_named_to_be_left_out_and_is_not_there_is_told() {
    let share = Share::new();
    share.file("a.csv", people(30));
    // A glob is there for what may come.
    let globs =
        ["--exclude", "privat", "--exclude", "*.iso", "--exclude", "/tmp/", "--exclude", "a.csv"];
    for more in [&[][..], &["--dry-run"]] {
        let run = share.scan(&[&globs, more].concat()).exits(0);
        let said = "datakart: --exclude \"privat\", \"/tmp/\": nothing was left out by that\n";
        assert_eq!(run.stderr(), said);
    }
    let news = ["--state", "state.db", "--summary", "news"];
    let run = share.scan(&[&globs[..], &news].concat()).exits(0);
    assert_eq!(run.stderr(), "", "a mail of every night");
}

#[test]
fn a_path_of_a_system_that_no_file_has_is_told() {
    let share = Share::new();
    share.file("hr/a.csv", people(30));
    let full = share.root().join("crmm");
    let settings = format!(
        "[[system]]\nname = \"CRM\"\npaths = [\"crmm\", {full:?}, \"/elsewhere\", \"**/x\"]\ncountry = \"no\"\n\
         [[system]]\nname = \"HR\"\npaths = [\"hr\"]\n"
    );
    fs::write(share.home().join("settings.toml"), settings).unwrap();
    for more in [&[][..], &["--dry-run"]] {
        let run = share.scan(&[&["--config", "settings.toml"], more].concat()).exits(0);
        let said =
            format!("datakart: [[system]]: no file lies at \"crmm\" (CRM), {full:?} (CRM)\n");
        assert_eq!(run.stderr(), said);
    }
}

#[test]
fn a_pipe_or_a_device_is_no_share() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let made = std::process::Command::new("mkfifo").arg(share.home().join("pipe")).status();
    assert!(made.unwrap().success());
    for path in ["pipe", "/dev/null", "/dev/zero"] {
        let output = share.scan_command().arg(path).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains("- as PATH"), "{path}: {said}");
        assert!(!share.out().exists(), "{path}");
    }
    // Among others, as a shell lists a folder, it is no reason not to read those.
    let run = share.scan(&["pipe"]).exits(0);
    assert_eq!(paths(&run), ["share/people.csv"]);
    assert!(run.stderr().contains("pipe is a pipe"), "{}", run.stderr());
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
        assert_eq!(paths(run), ["share/a.csv", "share/b c.csv"]);
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
    assert!(run.stdout().starts_with("1 file, 0 B to read\n"), "{}", run.stdout());
    assert!(run.stdout().contains("standard input is one of them"), "{}", run.stdout());
}
