//! What the integration tests share: a share in a temporary folder, a run of the program over it, and
//! the lines that come out.

#![allow(dead_code, reason = "every test file uses its own part")]
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Date that plausibility is measured against in all tests.
pub const AS_OF: &str = "2026-11-01";

/// A temporary folder with a share to scan, a state folder and a place for the inventory.
pub struct Share {
    home: TempDir,
}

impl Share {
    pub fn new() -> Share {
        let share = Share { home: tempfile::tempdir().unwrap() };
        fs::create_dir(share.root()).unwrap();
        share
    }

    /// The folder above everything.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The folder that is scanned.
    pub fn root(&self) -> PathBuf {
        self.home().join("share")
    }

    /// The inventory directory.
    pub fn out(&self) -> PathBuf {
        self.home().join("out")
    }

    /// `XDG_STATE_HOME` of the runs.
    pub fn state(&self) -> PathBuf {
        self.home().join("state")
    }

    /// Writes a file of the share, with the folders on the way.
    pub fn file(&self, name: impl AsRef<OsStr>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(name.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The program, not started yet.
    pub fn command(&self) -> Command {
        let mut command = program();
        command.env("XDG_STATE_HOME", self.state()).current_dir(self.home());
        command
    }

    /// `scan --out OUT` without a path to scan.
    pub fn scan_command(&self) -> Command {
        let mut command = self.command();
        command.args(["scan", "--as-of", AS_OF, "--label", "test", "--out"]).arg(self.out());
        command
    }

    /// Scans the share with some more options.
    pub fn scan(&self, options: &[&str]) -> Run {
        let output = self.scan_command().args(options).arg("share").output().unwrap();
        Run { output, out: self.out() }
    }

    /// Scans standard input.
    pub fn scan_stdin(&self, options: &[&str], input: &[u8]) -> Run {
        let mut command = self.scan_command();
        command.args(options);
        Run { output: feed(command, input), out: self.out() }
    }
}

/// The program, with an environment in which nothing of the tester's is left.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_datakart"));
    command.env_clear().stdin(Stdio::null());
    if let Some(temporary) = std::env::var_os("TMPDIR") {
        command.env("TMPDIR", temporary);
    }
    command
}

/// Runs a command with bytes on its standard input.
pub fn feed(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // A program that refuses to run does not read.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

/// A run that has ended.
pub struct Run {
    pub output: Output,
    pub out: PathBuf,
}

impl Run {
    pub fn code(&self) -> i32 {
        self.output.status.code().unwrap_or_else(|| panic!("died: {:?}", self.output))
    }

    /// The same run, after a check of its exit code.
    pub fn exits(self, code: i32) -> Run {
        let got = self.code();
        assert_eq!(got, code, "stdout: {}\nstderr: {}", self.stdout(), self.stderr());
        self
    }

    pub fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    /// The lines of an output file.
    pub fn lines(&self, file: &str) -> Vec<Value> {
        json_lines(&self.out.join(file))
    }

    /// The lines of the inventory of one type.
    pub fn of_type(&self, kind: &str) -> Vec<Value> {
        self.lines("inventory.jsonl").into_iter().filter(|l| l["type"] == kind).collect()
    }

    /// The run's facts.
    pub fn facts(&self) -> Value {
        self.of_type("run").remove(0)
    }

    pub fn coverage(&self) -> Value {
        self.of_type("coverage").remove(0)
    }

    /// The number of files in one of the four counts.
    pub fn files(&self, count: &str) -> u64 {
        self.coverage()[count]["files"].as_u64().unwrap()
    }

    /// The number of files in all four counts.
    pub fn all_files(&self) -> u64 {
        ["scanned", "partial", "not_scanned", "out_of_scope"].iter().map(|c| self.files(c)).sum()
    }

    pub fn findings(&self) -> Vec<Value> {
        self.of_type("finding")
    }

    /// The findings of one detector.
    pub fn found(&self, detector: &str) -> Vec<Value> {
        self.findings().into_iter().filter(|f| f["detector"] == detector).collect()
    }

    /// The reasons noted for a path that ends so.
    pub fn reasons(&self, path: &str) -> Vec<String> {
        let notes = self.of_type("note");
        let mine = notes.iter().filter(|n| n["path"].as_str().unwrap().ends_with(path));
        mine.map(|n| n["reason"].as_str().unwrap().to_owned()).collect()
    }
}

/// The lines of a file, each a JSON object.
pub fn json_lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let parse = |l: &str| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"));
    text.lines().map(parse).collect()
}

/// Everything below a folder: path, content, mode, so that two states can be compared.
pub fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    let mut all = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        let Ok(metadata) = path.symlink_metadata() else { continue };
        if metadata.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        }
        let content = if metadata.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        all.push((path, content, metadata.mode() & 0o7777));
    }
    all.sort();
    all
}

/// A name from bytes.
pub fn name(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

/// A Norwegian fødselsnummer of the old series with correct check digits; nobody's in particular.
/// `None` when these first nine digits have none.
pub fn fnr(day: u32, month: u32, year: u32, individual: u32) -> Option<String> {
    let text = format!("{day:02}{month:02}{:02}{individual:03}", year % 100);
    let digits: Vec<u32> = text.bytes().map(|b| u32::from(b - b'0')).collect();
    let check = |weights: &[u32], digits: &[u32]| {
        let sum: u32 = weights.iter().zip(digits).map(|(w, d)| w * d).sum();
        match (11 - sum % 11) % 11 {
            10 => None,
            digit => Some(digit),
        }
    };
    let first = check(&[3, 7, 6, 1, 8, 9, 4, 5, 2], &digits)?;
    let with_first: Vec<u32> = digits.iter().copied().chain([first]).collect();
    let second = check(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2], &with_first)?;
    Some(format!("{text}{first}{second}"))
}

/// `count` different such numbers.
pub fn fnrs(count: usize) -> Vec<String> {
    let individuals = (0..500).flat_map(|i| (1..=28).map(move |day| (i, day)));
    let all = individuals.filter_map(|(i, day)| fnr(day, 1 + i % 12, 1950 + i % 49, i));
    let numbers: Vec<String> = all.take(count).collect();
    assert_eq!(numbers.len(), count);
    numbers
}

/// A table with a column of national identity numbers.
pub fn people(count: usize) -> String {
    let rows = fnrs(count).into_iter().enumerate();
    let row = |(i, fnr): (usize, String)| format!("{},{fnr},{}\n", i + 1, 300_000 + i);
    "id,fnr,amount\n".to_owned() + &rows.map(row).collect::<String>()
}

/// What is told as a RAR archive: noted as not taken apart, so the exit code is 3.
pub const RAR: &[u8] =
    b"Rar!\x1a\x07\x01\0\x33\x92\xb5\xe5\x0a\x01\x05\x06\0\x05\x01\x01\x80\x80\0";

/// What is told as an image: left out by rule.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";

/// A deterministic source of random numbers.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Below `n`, evenly.
    pub fn below(&mut self, n: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(n)) >> 64).unwrap()
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}
