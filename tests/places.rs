//! What the inventory says of the places of its findings: systems, personal areas, who can read a file, how old
//! its records are, and where else they lie.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use common::{Run, Share, fnrs, people, tree};
use serde_json::{Value, json};

const SYSTEMS: &str = r#"
[[system]]
name = "Share"
paths = ["share"]
country = "NO"

[[system]]
name = "Payroll"
owner = "Finance"
purpose = "Wages"
paths = ["HR/**/wages"]
country = "US"
processor = "Wages Example Inc."
parent_country = "CA"
sub_processors = [{ name = "Help Example", country = "IN", transfer_tool = "SCC" }]
"#;

/// A share with a settings file beside it.
fn share(settings: &str) -> Share {
    let share = Share::new();
    fs::write(share.home().join("datakart.toml"), settings).unwrap();
    share
}

fn scan(share: &Share, options: &[&str]) -> Run {
    let config = ["--config", "datakart.toml"];
    share.scan(&[&config[..], options].concat())
}

/// The line of a type whose path or name ends so.
fn line(run: &Run, kind: &str, key: &str, end: &str) -> Value {
    let is = |l: &Value| l[key].as_str().is_some_and(|v| v.ends_with(end));
    run.of_type(kind).into_iter().find(is).unwrap_or_else(|| panic!("no {kind} {end}"))
}

fn has(line: &Value, flag: &str) -> bool {
    line["flags"].as_array().unwrap().iter().any(|f| f == flag)
}

#[test]
fn findings_stand_under_the_system_that_names_their_path_most_exactly() {
    let share = share(SYSTEMS);
    share.file("HR/2026/wages/people.csv", people(150));
    share.file("HR/2026/people.csv", people(30));
    let run = scan(&share, &[]).exits(0);
    let system = |path: &str| line(&run, "finding", "path", path)["system"].clone();
    assert_eq!(system("wages/people.csv"), "Payroll");
    assert_eq!(system("2026/people.csv"), "Share");
    let payroll = line(&run, "system", "name", "Payroll");
    assert_eq!(payroll["owner"], "Finance");
    assert_eq!((&payroll["files"], &payroll["subjects"]), (&json!(1), &json!(150)));
    for flag in ["outside_eea", "third_country_access", "many_subjects", "art87"] {
        assert!(has(&payroll, flag), "{flag}");
    }
    let transfers = payroll["transfers"].as_array().unwrap();
    assert_eq!(transfers.len(), 3);
    assert!(transfers[0].as_str().unwrap().starts_with("Kept in the United States (US)"));
    assert!(transfers[2].as_str().unwrap().contains("Transfer tool, as told: SCC."));
    let group = line(&run, "group", "path", "wages/people.csv");
    assert_eq!((&group["system"], &group["subjects"]), (&json!("Payroll"), &json!(150)));
    assert!(has(&group, "outside_eea") && has(&group, "many_subjects"));
    assert!(line(&run, "system", "name", "Share")["transfers"].as_array().unwrap().is_empty());
}

#[test]
fn what_no_system_claims_is_unmapped() {
    let share = share("[[system]]\nname = \"HR\"\npaths = [\"HR\"]\n");
    share.file("HR/people.csv", people(20));
    share.file("Salg/people.csv", people(40));
    let run = scan(&share, &[]).exits(0);
    let systems = run.of_type("system");
    assert_eq!(systems.len(), 2);
    assert_eq!((&systems[0]["name"], &systems[0]["subjects"]), (&json!("HR"), &json!(20)));
    assert!(has(&systems[0], "country_unknown"));
    assert_eq!((&systems[1]["name"], &systems[1]["subjects"]), (&Value::Null, &json!(40)));
    assert!(line(&run, "finding", "path", "Salg/people.csv")["system"].is_null());
}

#[test]
fn two_claims_to_one_path_end_the_scan_and_nothing_is_overwritten() {
    let share = share("[[system]]\nname = \"A\"\npaths = [\"**/*.csv\"]\n");
    share.file("people.csv", people(20));
    scan(&share, &[]).exits(0);
    let before = tree(&share.out());
    let both = "[[system]]\nname = \"A\"\npaths = [\"**/p*.csv\"]\n\
                [[system]]\nname = \"B\"\npaths = [\"**/*e.csv\"]\n";
    fs::write(share.home().join("datakart.toml"), both).unwrap();
    let run = scan(&share, &[]).exits(2);
    let words = run.stderr();
    for part in [
        "datakart.toml",
        "people.csv\" is claimed equally",
        "\"A\" by \"**/p*.csv\" (line 3)",
        "line 6",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(tree(&share.out()) == before, "the inventory was touched");
    let run = scan(&share, &["--exclude", "people.csv"]).exits(0);
    assert!(run.findings().is_empty());
}

#[test]
fn a_dry_run_counts_by_system_and_finds_conflicts() {
    let share = share("[[system]]\nname = \"HR\"\npaths = [\"HR\"]\n");
    share.file("HR/a.csv", "1234567890");
    share.file("HR/b.csv", "12345678901234567890");
    share.file("c.csv", "1");
    let run = scan(&share, &["--dry-run"]).exits(0);
    let told = "by system:\n  (not mapped): 1 file, 1 B\n  HR: 2 files, 30 B\n";
    assert!(run.stdout().ends_with(told), "{}", run.stdout());
    let both =
        "[[system]]\nname = \"A\"\npaths = [\"H*\"]\n[[system]]\nname = \"B\"\npaths = [\"*R\"]\n";
    fs::write(share.home().join("datakart.toml"), both).unwrap();
    let run = scan(&share, &["--dry-run"]).exits(2);
    assert!(run.stderr().contains("claimed equally"), "{}", run.stderr());
    assert!(run.stdout().is_empty() && !share.out().exists());
}

#[test]
fn mistakes_in_a_system_are_told_before_anything_is_read() {
    for (settings, part) in [
        ("[[system]]\nname = 'A'\npaths = ['x']\ncountry = 'Norge'\n", "\"Norge\" is no country"),
        ("[[system]]\nname = 'A'\npaths = ['[']\n", "is not a glob"),
        ("[[system]]\nname = 'A'\n", "claims nothing"),
        ("[[system]]\npaths = ['x']\n", "missing field `name`"),
        ("[[system]]\nname = 'A'\nfolder = 'x'\n", "unknown field `folder`"),
    ] {
        let share = share(settings);
        share.file("people.csv", people(20));
        let run = scan(&share, &[]).exits(2);
        assert!(run.stderr().contains(part), "{part}: {}", run.stderr());
        assert!(!share.out().exists());
    }
}

#[test]
fn personal_areas_are_grouped_by_themselves_and_ask_for_a_ground() {
    let share = share("[[system]]\nname = \"HR\"\npaths = [\"HR\"]\n");
    share.file("Users/kari/people.csv", people(20));
    share.file("HR/people.csv", people(20));
    share.file("people.csv", people(20));
    let run = scan(&share, &[]).exits(0);
    assert!(run.stderr().contains("--ground"), "{}", run.stderr());
    assert!(run.facts()["ground"].is_null());
    assert_eq!(line(&run, "file", "path", "kari/people.csv")["personal_area"], "home_directory");
    let group = line(&run, "group", "path", "kari/people.csv");
    assert!(has(&group, "personal_area"));
    let systems = run.of_type("system");
    let areas: Vec<&Value> = systems.iter().map(|s| &s["personal_area"]).collect();
    assert_eq!(areas, [&Value::Null, &Value::Null, &json!("home_directory")]);
    assert!(has(&systems[2], "personal_area") && !has(&systems[1], "personal_area"));

    let run = scan(&share, &["--ground", "works council, case 114", "--fail-on", "personal_area"])
        .exits(1);
    assert!(!run.stderr().contains("record with --ground"));
    assert_eq!(run.facts()["ground"], "works council, case 114");
    assert!(!run.facts()["lexicon"].as_str().unwrap().is_empty());
    assert_eq!(run.facts()["config"].as_str().unwrap().len(), 16);
}

#[test]
fn files_tell_who_can_read_them_and_when_they_were_changed() {
    let share = Share::new();
    let mode = |folder: &Path, mode| {
        fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(share.home(), 0o755);
    for (name, mode) in [
        ("open", 0o644),
        ("group", 0o640),
        ("owner", 0o600),
        ("hr/closed", 0o644),
        ("it/some", 0o644),
    ] {
        let path = share.file(format!("{name}.csv"), people(20));
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let day = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_500_000_000);
        fs::File::options().write(true).open(&path).unwrap().set_modified(day).unwrap();
    }
    mode(&share.root().join("hr"), 0o700);
    mode(&share.root().join("it"), 0o710);
    share.file("nothing.txt", "ingenting her\n");
    let run = share.scan(&[]).exits(0);
    assert_eq!(run.of_type("file").len(), 5, "only files with findings");
    for (name, mode, who) in [
        ("open", "0644", "everyone"),
        ("group", "0640", "group"),
        ("owner", "0600", "owner"),
        ("closed", "0644", "owner"),
        ("some", "0644", "group"),
    ] {
        let file = line(&run, "file", "path", &format!("{name}.csv"));
        assert_eq!((&file["mode"], &file["readable_by"]), (&json!(mode), &json!(who)));
        assert_eq!(file["modified"], "2017-07-14");
        assert!(file["owner"].is_string() && file["group"].is_string());
    }
}

#[test]
fn dates_beside_findings_tell_how_old_the_records_are() {
    let share = Share::new();
    let rows = fnrs(40).into_iter().enumerate().map(|(i, fnr)| {
        format!(
            "{fnr};{:02}.03.20{:02};2021-05-{:02};{}\n",
            1 + i % 28,
            10 + i % 9,
            1 + i % 28,
            100 + i
        )
    });
    let head = "fnr;opprettet_dato;sist_innlogget;antall\n".to_owned();
    share.file("members.csv", head + &rows.collect::<String>());
    let run = share.scan(&[]).exits(0);
    let group = line(&run, "group", "path", "members.csv");
    assert_eq!(
        group["anchors"],
        json!([
            {"field": "opprettet_dato", "kind": "created", "oldest": "2010-03", "newest": "2018-03"},
            {"field": "sist_innlogget", "kind": "last_used", "oldest": "2021-05", "newest": "2021-05"},
        ])
    );
    assert_eq!((&group["oldest"], &group["newest"]), (&json!("2010-03"), &json!("2021-05")));
    assert!(!has(&group, "children"));
}

#[test]
fn children_are_told_by_birth_dates_and_by_names() {
    let share = Share::new();
    let born = |year: usize| {
        let rows = fnrs(30).into_iter().enumerate();
        let row = |(i, fnr)| format!("{fnr},{:04}-05-{:02}\n", year + i % 5, 1 + i % 28);
        "fnr,fødselsdato\n".to_owned() + &rows.map(row).collect::<String>()
    };
    share.file("young.csv", born(2012));
    share.file("old.csv", born(1960));
    share.file("elever.csv", people(20));
    let run = share.scan(&["--fail-on", "children"]).exits(1);
    let children = |path: &str| has(&line(&run, "group", "path", path), "children");
    assert!(children("young.csv") && children("elever.csv") && !children("old.csv"));
}

#[test]
fn names_hint_at_rules_that_ask_for_keeping() {
    let share = Share::new();
    share.file("faktura 2026.csv", people(20));
    share.file("members.csv", people(20));
    let run = share.scan(&[]).exits(0);
    let hold = &line(&run, "file", "path", "faktura 2026.csv")["hold"];
    assert_eq!(hold[0]["rule"], "no_bookkeeping");
    assert!(hold[0]["statement"].as_str().unwrap().starts_with("May be "));
    assert!(line(&run, "file", "path", "members.csv")["hold"].as_array().unwrap().is_empty());
}

/// The same people as a workbook.
fn workbook(rows: &[String]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let cells = |row: &String| {
        let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
        format!("<row>{}</row>", row.split(',').map(cell).collect::<String>())
    };
    let sheet: String = rows.iter().map(cells).collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    for (name, text) in [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
                .to_owned(),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relation}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relation}\"><sheets>\
                 <sheet name=\"Ark1\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relation}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>"),
        ),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_copy_a_workbook_and_a_shuffled_copy_are_one_set() {
    let share = Share::new();
    let rows: Vec<String> = people(60).lines().map(str::to_owned).collect();
    let mut shuffled = rows.clone();
    shuffled[1..].reverse();
    share.file("a/people.csv", rows.join("\n"));
    share.file("b/copy of people.csv", rows.join("\n"));
    share.file("c/people.xlsx", workbook(&rows));
    share.file("d/sorted.csv", shuffled.join("\n"));
    share.file("e/others.csv", people(61));
    // The same people, with something else said of them.
    let diagnosed = rows.iter().map(|row| match row.starts_with("id,") {
        true => format!("{row},diagnose\n"),
        false => format!("{row},Astma\n"),
    });
    share.file("e/health.csv", diagnosed.collect::<String>());
    share.file("f/letter.txt", format!("Fødselsnummer: {}\n", fnrs(1)[0]));
    share.file("f/letter 2.txt", format!("Fødselsnummer: {}\n", fnrs(1)[0]));
    share.file("f/mail.txt", format!("Gjelder fødselsnummer: {}\n", fnrs(1)[0]));
    let run = share.scan(&[]).exits(0);
    let file = |path: &str| line(&run, "file", "path", path);
    let first = file("a/people.csv");
    assert!(first["duplicate_set"].is_string() && first["duplicate_of"].is_null());
    for path in ["b/copy of people.csv", "c/people.xlsx", "d/sorted.csv"] {
        let copy = file(path);
        assert_eq!(copy["duplicate_set"], first["duplicate_set"], "{path}");
        assert_eq!(copy["duplicate_of"], "share/a/people.csv");
        assert_eq!(copy["duplicate_by"], "values");
    }
    assert_eq!(file("b/copy of people.csv")["content"], first["content"]);
    assert_ne!(file("d/sorted.csv")["content"], first["content"]);
    assert!(file("e/others.csv")["duplicate_set"].is_null());
    assert!(!run.found("health").is_empty() && file("e/health.csv")["duplicate_set"].is_null());
    // One value in two letters is no copy; the same letter twice is one.
    assert!(file("f/mail.txt")["duplicate_set"].is_null());
    assert_eq!(file("f/letter.txt")["duplicate_by"], "bytes");
}

#[test]
fn digests_of_files_need_the_key() {
    let digest = |key: &str| {
        let share = Share::new();
        fs::write(share.home().join("key"), key.repeat(64)).unwrap();
        share.file("people.csv", people(20));
        let run = share.scan(&["--key", "key"]).exits(0);
        line(&run, "file", "path", "people.csv")["content"].clone()
    };
    assert_eq!(digest("1"), digest("1"));
    assert_ne!(digest("1"), digest("2"));
}

#[test]
fn mailboxes_tell_how_old_their_mail_is() {
    let share = Share::new();
    let message = |year: u32, name: &str| {
        format!(
            "From {name} Thu Mar  7 10:15:00 {year}\nFrom: {name} <{name}@firma.no>\nTo: post@firma.no\n\
             Message-ID: <{year}@firma.no>\nDate: Thu, 7 Mar {year} 10:15:00 +0100\nSubject: Hei\n\nHei igjen\n\n"
        )
    };
    share.file("post/innboks", message(2013, "kari") + &message(2019, "ola"));
    let run = share.scan(&[]).exits(0);
    let group = line(&run, "group", "path", "post/innboks");
    assert_eq!((&group["oldest"], &group["newest"]), (&json!("2013-03"), &json!("2019-03")));
    assert_eq!(group["anchors"][0]["kind"], "event");
    assert_eq!(line(&run, "file", "path", "post/innboks")["personal_area"], "mailbox");
}
