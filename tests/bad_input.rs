//! Broken, hostile and odd files: the run never dies, every file is counted, and what could not be read
//! is noted with a reason.

mod common;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use common::{Random, Run, Share, fnrs, people};

/// Scans a share with all outputs; a run that dies, hangs or loses a file fails the test.
fn scan(share: &Share, files: u64) -> Run {
    let started = Instant::now();
    let run = share.scan(&["--findings", "--ledger"]);
    let stderr = run.stderr();
    assert!([0, 3].contains(&run.code()), "exit code {}: {stderr}", run.code());
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(run.all_files(), files);
    assert_eq!(run.lines("ledger.jsonl").len() as u64, files);
    assert_eq!(run.facts()["complete"], true);
    let outcomes = run.files("partial") + run.files("not_scanned") > 0;
    assert_eq!(run.code() == 3, outcomes, "the exit code tells what the coverage tells");
    for line in run.lines("ledger.jsonl") {
        let told = line["outcome"] == "scanned" || line["reason"].is_string();
        assert!(told, "no reason: {line}");
    }
    // No measure of speed: what exhausts something would not end.
    assert!(started.elapsed() < Duration::from_secs(180), "{:?}", started.elapsed());
    run
}

/// Scans one file; the share has to live as long as its run is asked.
fn scan_one(name: &str, content: impl AsRef<[u8]>) -> (Share, Run) {
    let share = Share::new();
    share.file(name, content);
    let run = scan(&share, 1);
    (share, run)
}

#[test]
fn nothing_in_a_file_is_no_trouble() {
    let share = Share::new();
    for name in ["empty.csv", "empty.json", "empty.xml", "empty.sql", "empty", "empty.zip"] {
        share.file(name, "");
    }
    share.file("nuls.csv", vec![0; 300_000]);
    share.file("blank.json", " \n\n\t ");
    share.file("mark.txt", "\u{feff}");
    share.file("half.txt", [0xFF, 0xFE, 0x41]);
    share.file("newlines.csv", "\n".repeat(100_000));
    share.file("commas.csv", ",".repeat(300_000));
    let run = scan(&share, 12);
    assert!(run.findings().is_empty(), "{:?}", run.findings());
}

/// Every format cut at many places: what stands before the cut is found, nothing dies.
#[test]
fn truncated_files_are_read_as_far_as_they_go() {
    let numbers = fnrs(40);
    let mut json = "[".to_owned();
    let mut xml = "<?xml version=\"1.0\"?><folk>".to_owned();
    let mut sql = "CREATE TABLE folk (id int, fnr char(11));\nINSERT INTO folk VALUES ".to_owned();
    let mut csv = "id,navn,fnr\n".to_owned();
    for (i, fnr) in numbers.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(json, "{comma}{{\"id\":{i},\"fnr\":\"{fnr}\"}}").unwrap();
        write!(xml, "<person id=\"{i}\"><fnr>{fnr}</fnr></person>").unwrap();
        write!(sql, "{comma}({i},'{fnr}')").unwrap();
        writeln!(csv, "{i},\"a \"\"b\"\"\",\"{fnr}\"").unwrap();
    }
    for (name, whole) in [("a.json", json), ("a.xml", xml), ("a.sql", sql), ("a.csv", csv)] {
        let share = Share::new();
        let cuts: Vec<usize> = (1..=30).map(|i| whole.len() - i * whole.len() / 32).collect();
        for cut in &cuts {
            share.file(format!("{cut}/{name}"), &whole[..*cut]);
        }
        let run = scan(&share, cuts.len() as u64);
        for cut in &cuts {
            let path = format!("share/{cut}/{name}");
            let found: u64 = run
                .found("no_fodselsnummer")
                .iter()
                .filter(|f| f["path"] == path.as_str())
                .map(|f| f["matches"].as_u64().unwrap())
                .sum();
            let there = numbers.iter().filter(|n| whole[..*cut].contains(*n)).count() as u64;
            // The last one may be cut off from what makes it one.
            assert!(found + 1 >= there && found <= there, "{path}: {found} of {there}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_noted_or_read_but_never_deadly() {
    let share = Share::new();
    let mut random = Random(0xBAD_1D0A);
    let mut noise = |n: usize| (0..n).map(|_| random.next().to_le_bytes()[0]).collect::<Vec<u8>>();
    let dicom = [&[0; 128], &b"DICM\x10\0\x10\0PN"[..]].concat();
    let heads: [(&str, &[u8]); 12] = [
        ("csv", b"id,fnr\n1,2\n"),
        ("json", b"{\"a\":[1,2,{\"b\":\""),
        ("xml", b"<?xml version=\"1.0\"?><a b=\""),
        ("html", b"<!DOCTYPE html><p "),
        ("sql", b"INSERT INTO a VALUES (1,'"),
        ("vcf", b"BEGIN:VCARD\r\nFN:"),
        ("ldif", b"version: 1\n\ndn:: "),
        ("passwd", b"a:x:1:1:b:/c:/d\na:x:999:1:"),
        ("hl7", b"MSH|^~\\&|A|B\rPID|||"),
        ("ged", b"0 HEAD\n1 NAME "),
        ("ini", b"[a]\nb = "),
        ("dcm", &dicom),
    ];
    let mut count = 0;
    for (extension, head) in heads {
        for n in 0..8 {
            let content = [head, &noise(1 << (2 * n))].concat();
            share.file(format!("{n}.{extension}"), content);
            count += 1;
        }
    }
    for n in 0..8 {
        share.file(format!("{n}.bin"), noise(40_000));
        count += 1;
    }
    scan(&share, count);

    let latin: Vec<u8> =
        people(30).replace("amount", "bel\u{f8}p").chars().map(|c| c as u8).collect();
    let (_share, run) = scan_one("latin.csv", latin);
    assert_eq!(run.found("no_fodselsnummer").len(), 1);
    let mut broken = people(3000).into_bytes();
    let middle = broken.len() / 2;
    broken[middle] = 0xFF;
    broken[middle + 1] = 0xC3;
    let (_share, run) = scan_one("broken.csv", broken);
    let matches = run.found("no_fodselsnummer")[0]["matches"].as_u64().unwrap();
    assert!((2998..=3000).contains(&matches), "{matches}");
}

#[test]
fn a_line_of_ten_megabytes_is_read_to_its_end() {
    let numbers = fnrs(2);
    let mut line = "fnr ".to_owned() + &numbers[0] + " ";
    line.push_str(&"lorem ipsum dolor ".repeat(600_000));
    write!(line, "fnr {}", numbers[1]).unwrap();
    assert!(line.len() > 10_000_000);
    let share = Share::new();
    share.file("a.txt", &line);
    share.file("a.csv", format!("id,tekst\n1,\"{line}\"\n"));
    share.file("a.json", format!("{{\"tekst\":\"{line}\"}}"));
    share.file("a.xml", format!("<?xml version=\"1.0\"?><a>{line}</a>"));
    share.file("a.sql", format!("INSERT INTO a (id, tekst) VALUES (1,'{line}');\n"));
    let run = scan(&share, 5);
    for name in ["a.txt", "a.csv", "a.json", "a.xml", "a.sql"] {
        let found = run.found("no_fodselsnummer");
        let matches: u64 = found
            .iter()
            .filter(|f| f["path"].as_str().unwrap().ends_with(name))
            .map(|f| f["matches"].as_u64().unwrap())
            .sum();
        assert_eq!(matches, 2, "{name}");
    }
    // One word without an end.
    let share = Share::new();
    share.file("a.txt", "x".repeat(10_000_000));
    share.file("digits.txt", "1".repeat(2_000_000));
    share.file("at.txt", "a@".repeat(1_000_000));
    scan(&share, 3);
}

#[test]
fn deep_nesting_exhausts_nothing() {
    let fnr = &fnrs(1)[0];
    let deep = 100_000;
    let share = Share::new();
    share.file("open.json", "[".repeat(deep));
    share.file("closed.json", "[".repeat(deep) + &"]".repeat(deep));
    share.file("objects.json", "{\"a\":".repeat(deep) + "1" + &"}".repeat(deep));
    share.file("value.json", "[".repeat(deep) + &format!("\"fnr {fnr}\"") + &"]".repeat(deep));
    share.file("tags.xml", "<a>".repeat(deep));
    share.file("tags.html", "<!DOCTYPE html>".to_owned() + &"<div>".repeat(deep));
    share.file("parens.sql", "INSERT INTO a VALUES ".to_owned() + &"(".repeat(deep));
    share.file("indent.yaml", (0..2000).map(|i| " ".repeat(i) + "a:\n").collect::<String>());
    let mut folder = String::new();
    for i in 0..100 {
        write!(folder, "{i}/").unwrap();
    }
    share.file(folder + "deep.txt", format!("fnr {fnr}\n"));
    let run = scan(&share, 9);
    let found = run.found("no_fodselsnummer");
    for name in ["value.json", "deep.txt"] {
        let there = found.iter().any(|f| f["path"].as_str().unwrap().ends_with(name));
        assert!(there, "nothing found in {name}");
    }
}

#[test]
fn entities_are_not_multiplied() {
    let mut xml = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n<!ENTITY lol \"lol\">\n".to_owned();
    for i in 1..=30 {
        let before = if i == 1 { "lol".to_owned() } else { format!("lol{}", i - 1) };
        writeln!(xml, "<!ENTITY lol{i} \"{}\">", format!("&{before};").repeat(10)).unwrap();
    }
    write!(
        xml,
        "<!ENTITY file SYSTEM \"file:///etc/passwd\">]>\n<lolz><a>&lol30;</a><b>&file;</b><fnr>{}</fnr></lolz>\n",
        fnrs(1)[0]
    )
    .unwrap();
    let (_share, run) = scan_one("lolz.xml", xml);
    assert_eq!(run.found("no_fodselsnummer").len(), 1);
    // What /etc/passwd holds is nobody's business.
    assert_eq!(run.findings().len(), 1, "{:?}", run.findings());
}

#[test]
fn five_thousand_columns_are_read() {
    let numbers = fnrs(10);
    let head: Vec<String> = (0..5000).map(|i| format!("k{i}")).collect();
    let mut csv = head.join(",") + "\n";
    for fnr in &numbers {
        let mut row = vec!["x"; 5000];
        (row[0], row[4999]) = (fnr, fnr);
        csv += &(row.join(",") + "\n");
    }
    let (_share, run) = scan_one("wide.csv", csv);
    let found = run.found("no_fodselsnummer");
    let matches: u64 = found.iter().map(|f| f["matches"].as_u64().unwrap()).sum();
    assert_eq!(matches, 20, "{found:?}");
    assert!(found.iter().any(|f| f["field"] == "k0"));

    // As many keys, each of its own.
    let keys: Vec<String> = (0..60_000).map(|i| format!("\"key{i}x\":{i}")).collect();
    let json = format!("{{{}}}", keys.join(","));
    let (_share, run) = scan_one("wide.json", json);
    assert_eq!(run.files("scanned"), 1);
}

#[test]
fn a_quote_that_is_never_closed_hides_nothing() {
    let rows = people(200);
    let share = Share::new();
    share.file("start.csv", rows.replacen("1,", "\"1,", 1));
    share.file("middle.csv", rows.replacen("100,", "100,\"", 1));
    share.file("last.csv", rows.clone() + "201,\"");
    let text: String = fnrs(200).iter().map(|n| format!("fnr {n} i tekst\n")).collect();
    let rows = text;
    share.file("open.sql", "INSERT INTO a (id, t) VALUES (1,'".to_owned() + &rows);
    share.file("open.json", "{\"a\":\"".to_owned() + &rows);
    share.file("open.xml", "<?xml version=\"1.0\"?><a b=\"".to_owned() + &rows);
    share.file("comment.xml", "<?xml version=\"1.0\"?><a><!-- ".to_owned() + &rows);
    share.file("comment.sql", "SELECT 1; /* ".to_owned() + &rows);
    let run = scan(&share, 8);
    for name in [
        "start.csv",
        "middle.csv",
        "last.csv",
        "open.sql",
        "open.json",
        "open.xml",
        "comment.xml",
        "comment.sql",
    ] {
        let found = run.found("no_fodselsnummer");
        let matches: u64 = found
            .iter()
            .filter(|f| f["path"].as_str().unwrap().ends_with(name))
            .map(|f| f["matches"].as_u64().unwrap())
            .sum();
        assert!(matches >= 198, "{name}: {matches} of 200; notes {:?}", run.reasons(name));
    }
}

#[test]
fn odd_file_names_are_listed_and_harm_no_screen() {
    let share = Share::new();
    let names: [&[u8]; 9] = [
        b"line\nbreak.csv",
        b"return\rhome.csv",
        b"escape\x1b[31mred\x1b]0;title\x07.csv",
        b"latin \xE6\xF8\xE5.csv",
        b"half \xC3.csv",
        "right \u{202e}vsc.exe\u{2066}.csv".as_bytes(),
        "c1 \u{9b}31m separators \u{2028}\u{2029}.csv".as_bytes(),
        b"=cmd|' /C calc'!A0.csv",
        b"<script>alert(1)</script>&amp;.csv".as_slice().split(|b| *b == b'/').next().unwrap(),
    ];
    for name in names {
        share.file(common::name(name), people(30));
    }
    let run = scan(&share, 9);
    assert_eq!(run.found("no_fodselsnummer").len(), 9);
    let acts = ['\x1b', '\x07', '\r', '\u{9b}', '\u{202e}', '\u{2066}', '\u{2028}', '\u{2029}'];
    assert!(!run.stdout().contains(acts), "{:?}", run.stdout());
    for file in
        ["inventory.jsonl", "findings.jsonl", "ledger.jsonl", "inventory.csv", "report.html"]
    {
        let text = std::fs::read_to_string(share.out().join(file)).unwrap();
        let text = if file == "inventory.csv" { text.replace("\r\n", "\n") } else { text };
        assert!(!text.contains(acts), "{file}: {:?}", text.lines().find(|l| l.contains(acts)));
        assert!(file != "report.html" || !text.contains("<script>alert"), "{file}");
    }
    // Names that are no UTF-8 can be had back byte by byte.
    let with_bytes: Vec<String> = run
        .lines("ledger.jsonl")
        .iter()
        .filter_map(|l| l["path_b64"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(with_bytes.len(), 2, "{with_bytes:?}");
    for path in with_bytes {
        use base64::prelude::{BASE64_STANDARD, Engine as _};
        let bytes = BASE64_STANDARD.decode(path).unwrap();
        assert!(share.home().join(common::name(&bytes)).exists(), "{bytes:?}");
    }
    // A name like a formula is none in a spreadsheet.
    let csv = std::fs::read_to_string(share.out().join("inventory.csv")).unwrap();
    assert!(
        !csv.lines().any(|l| l.split(',').any(|c| c.trim_matches('"').starts_with('='))),
        "{csv}"
    );
    for line in run.lines("ledger.jsonl") {
        assert!(line["path"].as_str().unwrap().starts_with("share/"), "{line}");
    }
}

#[test]
fn a_sparse_file_is_read_where_there_is_something() {
    use std::os::unix::fs::FileExt as _;
    let share = Share::new();
    let path = share.file("disk.img", "");
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(20 << 30).unwrap();
    let text = format!("\nfnr {} epost ola@firma.no\n", fnrs(1)[0]);
    file.write_all_at(text.as_bytes(), 10 << 30).unwrap();
    let run = scan(&share, 1);
    assert_eq!(run.coverage()["partial"]["files"].as_u64().unwrap() + run.files("scanned"), 1);
}

/// A program that unpacks itself: its members have their columns, and its own text is read, too.
#[test]
fn an_archive_behind_a_program_is_read() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("people.csv", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, people(40).as_bytes()).unwrap();
    let archive = zip.finish().unwrap().into_inner();
    let mut program = b"MZ\x90\0\x03\0\0\0made by kari.nordmann@firma.no\0".to_vec();
    program.resize(5000, 0);
    program.extend(&archive);
    for options in [&[][..], &["--no-isolation"]] {
        let share = Share::new();
        share.file("setup.exe", &program);
        let run = share.scan(options).exits(0);
        let findings = run.findings();
        assert!(findings.iter().any(|f| f["members"][0] == "people.csv"), "{findings:?}");
        assert!(
            findings.iter().any(|f| f["members"].as_array().unwrap().is_empty()),
            "{findings:?}"
        );
    }
    // Cut, it is a program like any other.
    let (_share, run) = scan_one("cut.exe", &program[..program.len() - 30]);
    assert_eq!(run.code(), 3);
}
