//! Isolation: whatever a reader of a risky format does to its process, the run ends, that file gets one note,
//! and all else comes out byte for byte as if nothing had happened.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Share, people};
use datakart::readers::{BINARY_FORMATS, FORMATS, Format};
use zip::write::SimpleFileOptions;

/// The smallest bytes that are told as each isolated format, with a name's extension. They need not be
/// whole: the fault comes before the reader looks.
fn examples() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let wide = |t: &str| t.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let ole = |stream: &str| {
        let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        bytes.resize(1024, 0);
        bytes.extend(wide(stream));
        bytes.resize(4096, 0);
        bytes
    };
    let table = people(40);
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(table.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "people.csv", table.as_bytes()).unwrap();
    let mail = "From: Kari <kari@example.org>\r\nTo: ola@example.org\r\nMessage-ID: <1@example.org>\r\n\
                MIME-Version: 1.0\r\nSubject: x\r\n\r\nhello\r\n";
    let mbox =
        format!("From kari@example.org Thu Jan  1 00:00:00 2026\n{}\n", mail.replace('\r', ""));
    vec![
        ("zip", "zip", zipped(&[("people.csv", &table)])),
        ("docx", "docx", zipped(&[("[Content_Types].xml", ""), ("word/document.xml", "<w/>")])),
        ("xlsx", "xlsx", zipped(&[("[Content_Types].xml", ""), ("xl/workbook.xml", "<w/>")])),
        ("pptx", "pptx", zipped(&[("[Content_Types].xml", ""), ("ppt/presentation.xml", "<w/>")])),
        (
            "opendocument",
            "odt",
            zipped(&[
                ("mimetype", "application/vnd.oasis.opendocument.text"),
                ("content.xml", "<w/>"),
                ("META-INF/manifest.xml", "<w/>"),
            ]),
        ),
        ("tar", "tar", tar.into_inner().unwrap()),
        ("compressed", "zst", zstd::encode_all(table.as_bytes(), 1).unwrap()),
        ("avro", "avro", b"Obj\x01".to_vec()),
        ("iwork", "iwa", iwa(b"hello")),
        ("7z", "7z", include_bytes!("../src/readers/sevenz/small.7z").to_vec()),
        ("parquet", "parquet", b"PAR1\x15\x04PAR1".to_vec()),
        ("pg_dump", "dump", b"PGDMP\x01\x0e\0\x04\x08\x01\x01".to_vec()),
        ("pdf", "pdf", b"%PDF-1.4\n%%EOF\n".to_vec()),
        ("doc", "doc", ole("WordDocument")),
        ("xls", "xls", ole("Workbook")),
        ("ppt", "ppt", ole("PowerPoint Document")),
        ("office_protected", "docx", ole("EncryptedPackage")),
        ("vba", "bin", ole("_VBA_PROJECT")),
        ("access", "mdb", [&b"\0\x01\0\0Standard Jet DB\0\x01"[..], &[0; 512]].concat()),
        ("rdata", "rds", b"X\n\0\0\0\x03\0\x04\x02\x02\0\x03\x05\0".to_vec()),
        ("rtf", "rtf", b"{\\rtf1 hello}".to_vec()),
        ("msg", "msg", ole("__properties_version1.0")),
        ("pst", "pst", [&b"!BDN\0\0\0\0SM\x17\0"[..], &[0; 512]].concat()),
        ("tnef", "dat", b"\x78\x9F\x3E\x22\0\0".to_vec()),
        ("eml", "eml", mail.as_bytes().to_vec()),
        ("mbox", "mbox", mbox.into_bytes()),
    ]
}

/// A document's block as Pages and its like write it.
fn iwa(text: &[u8]) -> Vec<u8> {
    let packed = snap::raw::Encoder::new().compress_vec(text).unwrap();
    let length = u32::try_from(packed.len()).unwrap().to_le_bytes();
    [&[0], &length[..3], &packed].concat()
}

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in members {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The formats that are read in a worker.
fn isolated() -> Vec<&'static Format> {
    BINARY_FORMATS.iter().chain(FORMATS).filter(|f| f.isolated).copied().collect()
}

/// A share with a sound file and one that a fault waits for, of every isolated format, a faulty archive
/// within a sound one, and tables beside them.
fn share() -> (Share, Vec<String>) {
    let share = Share::new();
    let mut faulty = Vec::new();
    for format in isolated() {
        let example = examples().into_iter().find(|e| e.0 == format.id);
        let (id, extension, bytes) =
            example.unwrap_or_else(|| panic!("no example of {}", format.id));
        for name in ["good", "faulty"] {
            share.file(format!("{id}/{name}.{extension}"), &bytes);
        }
        faulty.push(format!("share/{id}/faulty.{extension}"));
    }
    let inner = zipped(&[("people.csv", &people(20))]);
    let outer = {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in [
            ("a.csv", people(30).as_bytes()),
            ("faulty.zip", &inner),
            ("b.csv", people(25).as_bytes()),
        ] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    share.file("nested.zip", outer);
    faulty.push("share/nested.zip".to_owned());
    share.file("people.csv", people(50));
    share.file("some/notes.txt", "kari.nordmann@firma.no, ola.nordmann@firma.no\n".repeat(20));
    (share, faulty)
}

/// Every line of the outputs by the path that it speaks of; the run's facts and sums are left out, and which
/// files hold the same data: a file is no copy of one that could not be read.
fn rows(out: &Path) -> BTreeMap<String, Vec<String>> {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in ["inventory.jsonl", "findings.jsonl", "ledger.jsonl"] {
        for line in fs::read_to_string(out.join(file)).unwrap().lines() {
            let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
            let Some(path) = value["path"].as_str().map(str::to_owned) else { continue };
            for copies in ["duplicate_set", "duplicate_of", "duplicate_by"] {
                value.as_object_mut().unwrap().remove(copies);
            }
            rows.entry(path).or_default().push(format!("{file}: {value}"));
        }
    }
    rows
}

const OUTPUTS: [&str; 2] = ["--findings", "--ledger"];

fn scan(
    share: &Share,
    out: &str,
    options: &[&str],
    fault: Option<(&str, u64)>,
) -> BTreeMap<String, Vec<String>> {
    let mut command = share.command();
    command.args(["scan", "--as-of", common::AS_OF, "--label", "test", "--out", out, "share"]);
    command.args(OUTPUTS).args(options);
    if let Some((kind, milliseconds)) = fault {
        command.env("DATAKART_INJECT", kind);
        command.env("DATAKART_INJECT_MILLISECONDS", milliseconds.to_string());
    }
    let output = command.output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{output:?}");
    rows(&share.home().join(out))
}

/// Runs a clean scan and one with faults, and compares.
fn survives(kind: &str, milliseconds: u64, threads: &str, reason: &str) {
    let (share, faulty) = share();
    let clean = scan(&share, "clean", &[], None);
    let hurt = scan(&share, "hurt", &["--threads", threads], Some((kind, milliseconds)));
    assert_eq!(clean.keys().collect::<Vec<_>>(), hurt.keys().collect::<Vec<_>>());
    for (path, lines) in &hurt {
        if !faulty.contains(path) {
            assert_eq!(lines, &clean[path], "{kind}: {path}");
            continue;
        }
        let notes: Vec<_> = lines.iter().filter(|l| l.contains(r#""type":"note""#)).collect();
        assert_eq!(notes.len(), 1, "{kind}: {path}: {notes:?}");
        assert!(notes[0].contains(&format!(r#""reason":"{reason}""#)), "{kind}: {notes:?}");
        let whole =
            lines.iter().filter(|l| l.starts_with("ledger.jsonl") && l.contains(r#""members":[]"#));
        assert!(whole.into_iter().all(|l| !l.contains(r#""outcome":"scanned""#)), "{lines:?}");
    }
    // What stands before and after the member that failed is found.
    let nested = hurt["share/nested.zip"].join("\n");
    assert!(nested.contains(r#""members":["a.csv"]"#) && nested.contains(r#""members":["b.csv"]"#));
}

#[test]
fn every_isolated_format_has_an_example() {
    for format in isolated() {
        let (_, extension, bytes) = examples().into_iter().find(|e| e.0 == format.id).unwrap();
        let name = format!("good.{extension}");
        let head = datakart::readers::Head::new(&bytes, true, &name);
        let told = datakart::readers::sniff_binary(&head)
            .unwrap_or_else(|| datakart::readers::sniff(&head));
        assert_eq!(told.id, format.id);
    }
}

#[test]
fn an_abort_is_survived() {
    survives("abort", 60_000, "2", "crashed");
}

#[test]
fn an_overflow_of_the_stack_is_survived() {
    survives("overflow", 60_000, "2", "crashed");
}

#[test]
fn an_endless_loop_is_survived() {
    survives("loop", 5000, "8", "budget");
}

#[test]
fn an_explosion_of_memory_is_survived() {
    survives("memory", 60_000, "2", "budget");
}

#[test]
fn a_process_that_stands_still_is_survived() {
    survives("stop", 5000, "8", "budget");
}

#[test]
fn a_worker_reaches_no_file_and_no_other_process() {
    let (share, _) = share();
    let clean = scan(&share, "clean", &[], None);
    assert_eq!(clean, scan(&share, "calls", &[], Some(("calls", 60_000))));
    // Kernels before 5.13 have no landlock, and datakart says so.
    let run = share.scan(&[]);
    if !run.stderr().contains("landlock") {
        assert_eq!(clean, scan(&share, "files", &[], Some(("files", 60_000))));
    }
}

#[test]
fn with_and_without_workers_is_the_same() {
    let (share, _) = share();
    let with = scan(&share, "with", &[], None);
    assert_eq!(with, scan(&share, "without", &["--no-isolation"], None));
    assert_eq!(with, scan(&share, "one", &["--threads", "1"], None));
}

#[test]
fn standard_input_goes_to_a_worker_too() {
    for (id, extension, bytes) in
        examples().into_iter().filter(|e| ["zip", "tar", "compressed"].contains(&e.0))
    {
        let share = Share::new();
        let name = format!("x.{extension}");
        let mut outputs = Vec::new();
        for options in
            [&[][..], &["--findings"], &["--no-isolation"], &["--findings", "--no-isolation"]]
        {
            let run = share.scan_stdin(&[options, &["--stdin-name", &name, "-"]].concat(), &bytes);
            let listed = options.contains(&"--findings").then(|| run.lines("findings.jsonl").len());
            assert!(listed.is_none_or(|n| n >= 40), "{id}: {listed:?}");
            outputs.push(run.exits(0).findings());
        }
        assert!(!outputs[0].is_empty() && outputs.iter().all(|o| *o == outputs[0]), "{id}");
    }
}

/// The processes below one.
fn below(parent: u32) -> Vec<u32> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        if fields[1].parse() == Ok(parent) && fields[0] != "Z" {
            all.push(pid);
            all.extend(below(pid));
        }
    }
    all
}

fn until<T>(what: &str, mut test: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = test() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.try_into().unwrap()).unwrap();
    let _ = rustix::process::kill_process(pid, signal);
}

/// A scan whose worker hangs, and the processes below it.
fn hanging(share: &Share) -> (Child, Vec<u32>) {
    let mut command = share.scan_command();
    command.arg("share").env("DATAKART_INJECT", "loop").stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    let processes = until("a worker", || Some(below(child.id())).filter(|p| p.len() >= 2));
    (child, processes)
}

fn one_faulty() -> Share {
    let share = Share::new();
    share.file("faulty.zip", zipped(&[("people.csv", &people(40))]));
    share.file("people.csv", people(40));
    share
}

fn gone(processes: &[u32]) {
    let lives = |pid: &&u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    until("all processes gone", || processes.iter().find(lives).is_none().then_some(()));
}

#[test]
fn a_worker_that_somebody_kills_changes_nothing() {
    let share = Share::new();
    let big = zipped(&[("people.csv", &people(6000))]);
    for i in 0..8 {
        share.file(format!("{i}.zip"), &big);
    }
    let clean = scan(&share, "clean", &[], None);
    for round in 0..3 {
        let mut command = share.command();
        command.args([
            "scan",
            "--as-of",
            common::AS_OF,
            "--label",
            "test",
            "--out",
            "hurt",
            "share",
        ]);
        command.args(OUTPUTS).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let processes = until("a worker", || Some(below(child.id())).filter(|p| p.len() >= 2));
        std::thread::sleep(Duration::from_millis(20 * round));
        signal(processes[1], rustix::process::Signal::KILL);
        assert!(child.wait().unwrap().success());
        assert_eq!(rows(&share.home().join("hurt")), clean);
    }
}

#[test]
fn a_signal_ends_workers_and_keeps_what_there_is() {
    let share = one_faulty();
    let (mut child, processes) = hanging(&share);
    signal(child.id(), rustix::process::Signal::INT);
    let start = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(10));
    gone(&processes);
    let text = fs::read_to_string(share.out().join("inventory.jsonl")).unwrap();
    assert!(text.contains(r#""reason":"stopped""#), "{text}");
}

#[test]
fn no_worker_outlives_the_scan() {
    let share = one_faulty();
    let (mut child, processes) = hanging(&share);
    signal(child.id(), rustix::process::Signal::KILL);
    child.wait().unwrap();
    gone(&processes);

    let (mut child, processes) = hanging(&share);
    signal(child.id(), rustix::process::Signal::INT);
    until("the first signal", || {
        signal(child.id(), rustix::process::Signal::INT);
        child.try_wait().unwrap()
    });
    gone(&processes);
}
