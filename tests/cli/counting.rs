//! What is counted, and how often: links, mounts, roots that overlap, paths of any length.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use super::common::{Run, Share, feed, people};

#[test]
fn a_folder_that_is_named_in_two_ways_counts_once() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let named = share.scan(&[]).exits(0).all_files();
    let run = share.scan(&["share/../share"]).exits(0);
    assert_eq!((run.all_files(), run.found("no_fodselsnummer").len()), (named, 1));
}

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
