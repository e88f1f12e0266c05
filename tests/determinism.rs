//! One share, one inventory: whatever the number of threads, the order in which a folder lists its
//! files, or how a file is cut into batches, every output is the same byte for byte outside `run`.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::{AS_OF, PNG, RAR, Random, fnrs, program};

/// A person of nobody's acquaintance.
struct Person {
    number: usize,
    name: String,
    email: String,
    fnr: String,
    phone: String,
    born: String,
    iban: String,
}

fn persons(count: usize) -> Vec<Person> {
    let first = ["Kari", "Ola", "Ingrid", "Lars", "Åse", "Bjørn", "Sofie", "Knut", "Marit", "Jan"];
    let last =
        ["Nordmann", "Hansen", "Johansen", "Olsen", "Larsen", "Andersen", "Pedersen", "Berg"];
    let mut random = Random(0x00DA_7A0F_CA27_1234);
    let person = |(number, fnr): (usize, String)| {
        let (f, l) = (*random.pick(&first), *random.pick(&last));
        Person {
            number,
            name: format!("{f} {l}"),
            email: format!("user{number}@firma{}.no", random.below(40)),
            phone: format!("+47 4{:07}", random.below(10_000_000)),
            born: format!("19{}-{}-{}", &fnr[4..6], &fnr[2..4], &fnr[..2]),
            iban: iban(number as u64),
            fnr,
        }
    };
    fnrs(count).into_iter().enumerate().map(person).collect()
}

/// A German IBAN with correct check digits.
fn iban(number: u64) -> String {
    let account = format!("10000000{:010}", 532_013_000 + number);
    // Letters count from 10: D is 13, E is 14.
    let rest =
        format!("{account}131400").bytes().fold(0, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
    format!("DE{:02}{account}", 98 - rest)
}

fn csv(persons: &[Person], delimiter: char) -> String {
    let head = ["kundenr", "navn", "epost", "fnr", "telefon", "fødselsdato", "iban", "merknad"];
    let mut text = head.join(&delimiter.to_string()) + "\n";
    for p in persons {
        let note =
            if p.number % 7 == 0 { "\"ringte, vil \"\"vente\"\"\nto linjer\"" } else { "ok" };
        let number = p.number.to_string();
        let row = [&number, &p.name, &p.email, &p.fnr, &p.phone, &p.born, &p.iban, note];
        text += &(row.join(&delimiter.to_string()) + "\n");
    }
    text
}

fn json(p: &Person) -> String {
    format!(
        r#"{{"id":{},"navn":"{}","kontakt":{{"email":"{}","phones":["{}"]}},"fnr":"{}","tags":[1,2.5,null,true]}}"#,
        p.number, p.name, p.email, p.phone, p.fnr
    )
}

fn sql(persons: &[Person]) -> String {
    let mut text = "CREATE TABLE `kunder` (`id` int, `navn` varchar(80), `epost` varchar(80), `fnr` char(11));\n".to_owned();
    for chunk in persons.chunks(50) {
        let rows: Vec<String> = chunk
            .iter()
            .map(|p| format!("({},'{}','{}','{}')", p.number, p.name, p.email, p.fnr))
            .collect();
        writeln!(text, "INSERT INTO `kunder` VALUES {};", rows.join(",")).unwrap();
    }
    text += "COPY public.ansatte (id, epost, fnr) FROM stdin;\n";
    for p in persons {
        writeln!(text, "{}\t{}\t{}", p.number, p.email, p.fnr).unwrap();
    }
    text + "\\.\n"
}

fn xml(persons: &[Person]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kunder>\n".to_owned();
    for p in persons {
        let (id, name, email, fnr) = (p.number, &p.name, &p.email, &p.fnr);
        writeln!(
            text,
            "<kunde id=\"{id}\" fnr=\"{fnr}\"><navn>{name}</navn><epost>{email}</epost></kunde>"
        )
        .unwrap();
    }
    text + "</kunder>\n"
}

fn html(persons: &[Person]) -> String {
    let row = |p: &Person| {
        format!("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", p.name, p.email, p.fnr)
    };
    let rows: String = persons.iter().map(row).collect();
    format!(
        "<!DOCTYPE html><html><body><h1>Kunder</h1><p>Ring {} i dag.</p><table><tr><th>navn</th><th>epost</th><th>fnr</th></tr>\n{rows}</table></body></html>\n",
        persons[0].phone
    )
}

fn log(persons: &[Person]) -> String {
    let line = |p: &Person| {
        format!(
            "2026-03-{:02}T10:00:00Z INFO login bruker={} fnr {} fra 10.0.{}.7\n",
            1 + p.number % 28,
            p.email,
            p.fnr,
            p.number % 250
        )
    };
    persons.iter().map(line).collect()
}

fn vcards(persons: &[Person]) -> String {
    let card = |p: &Person| {
        format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{}\r\nEMAIL:{}\r\nTEL:{}\r\nBDAY:{}\r\nEND:VCARD\r\n",
            p.name, p.email, p.phone, p.born
        )
    };
    persons.iter().map(card).collect()
}

fn ical(persons: &[Person]) -> String {
    let event = |p: &Person| {
        format!(
            "BEGIN:VEVENT\r\nSUMMARY:Møte {}\r\nATTENDEE;CN={}:mailto:{}\r\nEND:VEVENT\r\n",
            p.number, p.name, p.email
        )
    };
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n",
        persons.iter().map(event).collect::<String>()
    )
}

fn ldif(persons: &[Person]) -> String {
    let entry = |p: &Person| {
        format!(
            "dn: uid=u{},dc=firma,dc=no\nobjectClass: person\ncn: {}\nmail: {}\nmobile: {}\n\n",
            p.number, p.name, p.email, p.phone
        )
    };
    format!("version: 1\n\n{}", persons.iter().map(entry).collect::<String>())
}

fn settings(p: &Person) -> String {
    format!(
        "[smtp]\nhost = mail.firma.no\nuser = {}\npassword = Sommer{}!x\n[owner]\nname = {}\nphone = {}\n",
        p.email, p.number, p.name, p.phone
    )
}

fn utf16(text: &str) -> Vec<u8> {
    [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// Name and content of the files, about forty, of every text format.
fn files() -> Vec<(String, Vec<u8>)> {
    let all = persons(11_000);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: String, content: Vec<u8>| files.push((name, content));
    let big = csv(&all, ',');
    assert!(big.len() > 900_000, "{}", big.len());
    let pad = "ok, og mer tekst uten noe i seg som er noens, så filen blir stor nok til å deles på flere tråder".to_owned();
    add("big/kunder.csv".into(), big.replace(",ok\n", &format!(",\"{pad}\"\n")).into_bytes());
    for i in 0..3 {
        let some = &all[i * 100..i * 100 + 100];
        let of = |extension: &str| format!("avd{i}/fil{i}.{extension}");
        add(of("csv"), csv(some, ';').into_bytes());
        add(of("tsv"), csv(some, '\t').into_bytes());
        add(
            of("json"),
            format!("[{}]", some.iter().map(json).collect::<Vec<_>>().join(",\n")).into_bytes(),
        );
        add(of("ndjson"), some.iter().map(|p| json(p) + "\n").collect::<String>().into_bytes());
        add(of("sql"), sql(some).into_bytes());
        add(of("xml"), xml(some).into_bytes());
        add(of("html"), html(some).into_bytes());
        add(of("log"), log(some).into_bytes());
        add(of("vcf"), vcards(some).into_bytes());
        add(of("ics"), ical(some).into_bytes());
        add(of("ldif"), ldif(some).into_bytes());
        add(of("ini"), settings(&some[0]).into_bytes());
    }
    add("stor.sql".into(), sql(&all[..1500]).into_bytes());
    add("stor.log".into(), log(&all[..3000]).into_bytes());
    add(
        "stor.ndjson".into(),
        all[..2000].iter().map(|p| json(p) + "\n").collect::<String>().into_bytes(),
    );
    add("stor.xml".into(), xml(&all[..2000]).into_bytes());
    add("utf16.csv".into(), utf16(&csv(&all[..300], ';')));
    add("latin1.csv".into(), latin1(&csv(&all[..300], ';')));
    add(
        format!("{} søknad.txt", all[5].fnr),
        format!("Søknad fra {}\n", all[5].email).into_bytes(),
    );
    add("logo.png".into(), PNG.to_vec());
    add("gammel.rar".into(), RAR.to_vec());
    add("tom.txt".into(), Vec::new());
    add("notat.md".into(), b"# Notat\n\nIngenting om noen.\n".to_vec());
    files
}

fn write<'a>(root: &Path, files: impl Iterator<Item = &'a (String, Vec<u8>)>) {
    for (name, content) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    // Of several names the byte-wise first carries the content.
    fs::hard_link(root.join("stor.log"), root.join("avd0/aaa.log")).unwrap();
}

/// All output files of a scan, without the run's facts.
fn scan(home: &Path, share: &str, options: &[&str]) -> BTreeMap<String, String> {
    let (parent, out) = (home.join(share), home.join("out"));
    let mut command = program();
    command.args(["scan", "share", "--findings", "--ledger", "--as-of", AS_OF, "--label", "test"]);
    command.arg("--key").arg(home.join("key")).arg("--out").arg(&out).args(options);
    let output = command.env("XDG_STATE_HOME", home).current_dir(parent).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let mut all = BTreeMap::new();
    all.insert("stdout".to_owned(), without_facts(&String::from_utf8(output.stdout).unwrap(), ""));
    for entry in fs::read_dir(&out).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == "SHA256SUMS" {
            // Hashes of files that tell the time.
            continue;
        }
        let bytes = fs::read(out.join(&name)).unwrap();
        let text = match String::from_utf8(bytes) {
            Ok(text) => without_facts(&text, &name),
            Err(e) => format!("{:?}", e.as_bytes()),
        };
        all.insert(name, text);
    }
    fs::remove_dir_all(out).unwrap();
    all
}

/// A text output without the times of the run.
fn without_facts(text: &str, name: &str) -> String {
    if name == "inventory.jsonl" {
        let mut lines = text.lines();
        let mut run: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        for key in ["started", "ended"] {
            assert!(run.as_object_mut().unwrap().remove(key).is_some(), "{run}");
        }
        return format!("{run}\n{}", lines.collect::<Vec<_>>().join("\n"));
    }
    let time = regex::Regex::new(
        r#"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z)?)?|(less than a second|\b\d+ (min|h|s)\b( \d+ (min|s))?)|nonce[-="]+[0-9a-f]{32}"#,
    );
    match name {
        "stdout" | "" | "report.html" => time.unwrap().replace_all(text, "TIME").into_owned(),
        _ => text.to_owned(),
    }
}

#[test]
fn every_way_to_scan_a_share_gives_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let files = files();
    assert!((40..60).contains(&files.len()), "{}", files.len());
    assert!(files[0].1.len() > 2_000_000, "{}", files[0].1.len());
    fs::write(home.path().join("key"), "5e".repeat(32)).unwrap();
    write(&home.path().join("one/share"), files.iter());
    write(&home.path().join("two/share"), files.iter().rev());
    let scan = |share: &str, options: &[&str]| scan(home.path(), share, options);

    let first = scan("one", &["--threads", "1"]);
    let names: Vec<_> = first.keys().map(String::as_str).collect();
    let wanted = [
        "findings.jsonl",
        "inventory.csv",
        "inventory.jsonl",
        "ledger.jsonl",
        "report.html",
        "sketches.bin",
        "stdout",
    ];
    assert_eq!(names, wanted);
    assert!(first["inventory.jsonl"].lines().count() > 100, "{}", first["inventory.jsonl"]);
    assert!(first["findings.jsonl"].lines().count() > 50_000);
    assert_eq!(first["ledger.jsonl"].lines().count(), files.len() + 1);

    for (share, options) in [
        ("one", &["--threads", "1"][..]),
        ("two", &["--threads", "1"]),
        ("one", &["--threads", "2"]),
        ("two", &["--threads", "8"]),
        ("one", &["--threads", "8", "--split-size", "64K"]),
        ("two", &["--threads", "8", "--split-size", "1K"]),
        ("one", &["--threads", "2", "--split-size", "3M"]),
        ("one", &["--threads", "1", "--split-size", "64K"]),
    ] {
        let again = scan(share, options);
        assert_eq!(names, again.keys().map(String::as_str).collect::<Vec<_>>());
        for (name, text) in &first {
            let differ = || {
                let lines = text.lines().zip(again[name].lines()).find(|(a, b)| a != b);
                lines.map_or_else(|| "in length".to_owned(), |(a, b)| format!("\n{a}\n{b}"))
            };
            assert!(*text == again[name], "{share} {options:?}: {name} differs {}", differ());
        }
    }
}

#[test]
fn another_key_changes_digests_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    write(&home.path().join("one/share"), files()[1..].iter());
    let with = |key: &str| {
        fs::write(home.path().join("key"), key.repeat(32)).unwrap();
        scan(home.path(), "one", &[])
    };
    let (a, b) = (with("5e"), with("77"));
    assert!(a["findings.jsonl"] != b["findings.jsonl"]);
    let strip = |text: &str| {
        let digest = regex::Regex::new("\"digest\":\"[0-9a-f]+\"").unwrap();
        digest.replace_all(text, "").into_owned()
    };
    assert!(strip(&a["findings.jsonl"]) == strip(&b["findings.jsonl"]));
    assert!(a["ledger.jsonl"] == b["ledger.jsonl"]);
    // Ids of findings whose path holds personal data depend on the key as well.
    let ids = |text: &str| {
        let mut findings: Vec<serde_json::Value> =
            text.lines().skip(1).map(|l| serde_json::from_str(l).unwrap()).collect();
        findings.retain(|f| !f["path"].as_str().unwrap_or("").contains("søknad"));
        for line in &mut findings {
            // Digests of files and of sets of values, and what is estimated from digests.
            for key in ["content", "duplicate_set"] {
                line[key].take();
            }
            if line["subjects_is_estimate"] == true {
                line["subjects"].take();
            }
        }
        findings
    };
    assert_eq!(ids(&a["inventory.jsonl"]), ids(&b["inventory.jsonl"]));
}
