//! The nights of `docs/operations.md`: its commands, run in their order, say what stands there.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;
use std::process::Command;

/// The text between fences of a section, each with the word after its opening fence.
fn blocks(section: &str) -> Vec<(&'static str, &'static str)> {
    let text = include_str!("../docs/operations.md");
    let text = text.split(&format!("## {section}\n")).nth(1).unwrap();
    let text = text.split("\n## ").next().unwrap();
    let fenced = text.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap()).collect()
}

/// Runs lines as a shell does, with the built program for `datakart`; what cron would mail.
fn shell(home: &Path, lines: &str) -> String {
    let mut command = Command::new("sh");
    let bin = Path::new(env!("CARGO_BIN_EXE_datakart")).parent().unwrap();
    command.env_clear().env("XDG_STATE_HOME", home.join("state")).env("LC_ALL", "C.UTF-8");
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    let output = command.current_dir(home).args(["-c", lines]).output().unwrap();
    assert!([0, 1].contains(&output.status.code().unwrap()), "{lines}: {output:?}");
    assert!(output.stderr.is_empty(), "{lines}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_night_mails_what_the_document_says() {
    let home = tempfile::tempdir().unwrap();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    std::os::unix::fs::symlink(fixtures, home.path().join("fixtures")).unwrap();
    let (mut said, mut mails) = (String::new(), 0);
    for (kind, block) in blocks("Two nights, tried out") {
        match kind {
            "sh" => said = shell(home.path(), block),
            _ => {
                assert_eq!(said, block, "night {}:\n{said}", mails + 1);
                mails += 1;
            }
        }
    }
    assert_eq!(mails, 3);
}
