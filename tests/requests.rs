//! The commands of `docs/subject-requests.md`, run in their order; what people write between them is written here.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use common::json_lines;

const TEXT: &str = include_str!("../docs/subject-requests.md");

/// The blocks of commands and of profiles, in their order.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let blocks = TEXT.split("\n```").skip(1).step_by(2);
    blocks.map(|block| block.split_once('\n').unwrap()).collect()
}

/// Runs a line as a shell does, with the built program for `datakart`. Gives its exit code and what it printed.
fn shell(home: &Path, line: &str) -> (i32, String) {
    let mut command = std::process::Command::new("sh");
    let bin = Path::new(env!("CARGO_BIN_EXE_datakart")).parent().unwrap();
    command.env_clear().env("XDG_STATE_HOME", home.join("state")).env("LC_ALL", "C.UTF-8");
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    let output = command.current_dir(home).args(["-c", line]).output().unwrap();
    let code = output.status.code().unwrap();
    assert!(code != 2 && code < 64, "{line}: {output:?}");
    (code, String::from_utf8(output.stdout).unwrap())
}

/// Writes a profile to the file that its first line names.
fn write(home: &Path, profile: &str) {
    let name = profile.lines().next().unwrap().strip_prefix("# ").unwrap();
    fs::write(home.join(name), profile).unwrap();
    fs::set_permissions(home.join(name), fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn the_commands_do_what_the_text_says() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    std::os::unix::fs::symlink(fixtures, home.join("fixtures")).unwrap();
    let (mut told, mut access, mut copy) = (Vec::new(), Vec::new(), String::new());
    for (kind, block) in blocks() {
        match kind {
            "toml" => write(home, block),
            _ => told.extend(block.lines().map(|line| (line, shell(home, line)))),
        }
        let directory = home.join("work/2026-114");
        if access.is_empty() && directory.exists() {
            access = json_lines(&directory.join("worklist.jsonl"));
            copy = fs::read_to_string(directory.join("copy.jsonl")).unwrap();
        }
    }
    let of = |strength: &str| access.iter().filter(|r| r["strength"] == strength).count();
    assert_eq!((of("certain"), of("probable"), of("possible")), (2, 1, 2));
    assert!(access.iter().any(|r| r["reasons"].to_string().contains("against:national_id")));
    assert!(access.iter().any(|r| r["reasons"].to_string().contains("hop:Ansattnr")));
    assert!(copy.contains("07927030114") && copy.contains("Astma"), "{copy}");
    // Only one of the two Emma Aasens is copied.
    assert_eq!(copy.lines().count(), 3);

    let checks: Vec<_> =
        told.iter().filter(|t| t.0.starts_with("datakart subject verify")).collect();
    let left = |text: &str| {
        let is_driven = |l: &&str| l.contains(" certain ") || l.contains(" probable ");
        text.lines().filter(is_driven).map(str::to_owned).collect::<Vec<_>>()
    };
    let [(_, (1, forgotten)), (_, (3, done)), (_, (1, restored))] = checks[..] else {
        panic!("{checks:?}")
    };
    let words: Vec<&str> = forgotten.lines().flat_map(str::split_whitespace).collect();
    assert!(words.join(" ").contains("remains certain work/share/Salg/kampanje.json row 1"));
    assert_eq!(left(forgotten).len(), 1, "{forgotten}");
    assert!(left(done).iter().all(|line| line.starts_with("gone")), "{done}");
    assert_eq!(left(done).len(), 2, "{done}");
    assert!(restored.contains("work/restored/kunder.csv"), "{restored}");
    assert!(!home.join("work/2026-114").exists(), "purged");
    assert!(home.join("work/2026-115/replay.json").exists());
}
