//! A request from search to check: the package, the index, and `subject verify` after an erasure by hand.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use common::{Run, Share, fnrs, json_lines};
use serde_json::Value;

const NAME: &str = "Solveig Kvalvåg";
const EMAIL: &str = "solveig.kvalvaag@example.org";
const PHONE: &str = "22 98 33 40";

fn fnr() -> String {
    fnrs(60)[59].clone()
}

/// A customer's row.
fn customer(i: usize) -> String {
    let fnr = &fnrs(60)[i];
    match i {
        17 => format!("{},{NAME},{EMAIL},{},22983340\n", 52_017_400 + i, fnrs(60)[59]),
        // Somebody else of the same name.
        18 => format!("{},{NAME},post{i}@example.com,{fnr},229800{i:02}\n", 52_017_400 + i),
        _ => {
            format!("{},Ola Nordmann {i},post{i}@example.com,{fnr},229800{i:02}\n", 52_017_400 + i)
        }
    }
}

const HEAD: &str = "kunde_id,navn,epost,fnr,telefon\n";

/// A share in which the person stands in six places, and a profile of theirs.
fn fill(share: &Share) {
    // Always the same key: at which words a filter errs depends on it.
    let home = share.state().join("datakart");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("key"), "5eed".repeat(16)).unwrap();
    fs::set_permissions(home.join("key"), fs::Permissions::from_mode(0o600)).unwrap();
    let customers: String = (0..40).map(customer).collect();
    share.file("crm/kunder.csv", format!("{HEAD}{customers}"));
    let order =
        |i: usize| format!("{},{},{}\n", 90_000 + i, 52_017_400 + (i * 7 + 3) % 40, i * 100);
    let orders: String = (0..40).map(order).collect();
    share.file("crm/ordre.csv", format!("ordre_id,kunde_id,belop\n{orders}"));
    let some: String = (15..20).map(customer).collect();
    share.file("eksport/utvalg.csv", format!("{HEAD}{some}"));
    share.file("notat/samtale.txt", format!("Samtale 3. mai\n\n{NAME}, fnr {}, ringte.\n", fnr()));
    share.file("notat/annet.txt", "Møte om budsjett med Kari Nordmann.\n");
    let mail = format!(
        "From {EMAIL} Mon Nov  2 10:00:00 2026\nFrom: {NAME} <{EMAIL}>\nTo: post@example.org\n\
        Subject: Innsyn\n\nHei, jeg ber om innsyn. Tlf. {PHONE}\n\n"
    );
    share.file("post/innboks.mbox", mail);
    for i in 0..12 {
        share.file(format!("diverse/fil{i}.txt"), format!("Notat {i} uten noen.\n"));
    }
    profile(share, "");
}

fn profile(share: &Share, more: &str) {
    let path = share.home().join("p.toml");
    let text = format!(
        "case = \"2026-114\"\nreceived = 2026-11-02\nidentity_verified = \"electronic ID\"\ncountry = \"NO\"\n\
         names = [\"{NAME}\"]\nemails = [\"{EMAIL}\"]\nphones = [\"{PHONE}\"]\nnational_ids = [\"{}\"]\n{more}",
        fnr()
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn find(share: &Share, out: &str, options: &[&str]) -> Run {
    let mut command = share.command();
    command.args(["subject", "find", "p.toml", "share", "--as-of", common::AS_OF, "--label", "t"]);
    command.args(["--out", out]).args(options);
    Run { output: command.output().unwrap(), out: share.home().join(out) }
}

fn verify(share: &Share, options: &[&str]) -> Run {
    let mut command = share.command();
    command.args(["subject", "verify", "case", "--format", "json"]).args(options);
    Run { output: command.output().unwrap(), out: share.home().join("case") }
}

/// What became of the records, as `fate path place`.
fn fates(run: &Run) -> Vec<String> {
    let lines = run.stdout();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let shown = |line: Value| {
        let place = if line["found"].is_null() { &line["listed"] } else { &line["found"] };
        let at = ["row", "line", "message"].map(|key| place[key].as_u64());
        let at = at.into_iter().flatten().next().map_or(String::new(), |n| format!(" {n}"));
        format!("{} {}{at}", line["fate"].as_str().unwrap(), place["path"].as_str().unwrap())
    };
    lines.map(shown).collect()
}

fn left(run: &Run) -> Vec<String> {
    fates(run).into_iter().filter(|fate| !fate.starts_with("gone")).collect()
}

/// Erases by hand what a work list names as certain or probable, but for what is forgotten: rows are deleted, other
/// files removed.
fn erase(share: &Share, forgotten: &str) {
    let records = json_lines(&share.home().join("case/worklist.jsonl"));
    let driven = records.iter().filter(|r| r["strength"] != "possible");
    let paths: BTreeSet<&str> = driven.clone().map(|r| r["path"].as_str().unwrap()).collect();
    for path in paths.into_iter().filter(|path| *path != forgotten) {
        let file = share.home().join(path);
        let rows: Vec<u64> = driven
            .clone()
            .filter(|r| r["path"] == path)
            .filter_map(|r| r["row"].as_u64())
            .collect();
        if rows.is_empty() {
            fs::remove_file(file).unwrap();
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        // The heading is no row.
        let kept = (0..).zip(text.lines()).filter(|(n, _)| !rows.contains(n));
        fs::write(&file, kept.map(|(_, line)| format!("{line}\n")).collect::<String>()).unwrap();
    }
}

#[test]
fn after_an_erasure_the_forgotten_copy_is_named() {
    let share = Share::new();
    fill(&share);
    find(&share, "case", &[]).exits(0);
    let untouched = verify(&share, &[]).exits(1);
    assert!(fates(&untouched).iter().all(|f| f.starts_with("remains")), "{:?}", fates(&untouched));
    fs::create_dir(share.home().join("backup")).unwrap();
    for file in ["crm/kunder.csv", "notat/samtale.txt"] {
        let name = Path::new(file).file_name().unwrap();
        fs::copy(share.root().join(file), share.home().join("backup").join(name)).unwrap();
    }

    erase(&share, "share/eksport/utvalg.csv");
    let run = verify(&share, &[]).exits(1);
    // The namesake is a possible record: nobody erased that, and it moved up a row.
    let wanted = ["remains share/crm/kunder.csv 18", "remains share/eksport/utvalg.csv 3"];
    let mut left_over = left(&run);
    left_over.retain(|fate| !fate.ends_with("utvalg.csv 4"));
    assert_eq!(left_over, wanted);

    fs::remove_file(share.root().join("eksport/utvalg.csv")).unwrap();
    verify(&share, &[]).exits(0);

    // A backup that is restored later has it all.
    let run = verify(&share, &["backup"]).exits(1);
    let moved: Vec<String> = left(&run);
    assert!(moved.contains(&"moved backup/kunder.csv 18".to_owned()), "{moved:?}");
    assert!(moved.contains(&"moved backup/samtale.txt 3".to_owned()), "{moved:?}");
}

#[test]
fn what_was_moved_copied_or_edited_is_told() {
    let share = Share::new();
    fill(&share);
    find(&share, "case", &[]).exits(0);
    fs::rename(share.root().join("notat/samtale.txt"), share.root().join("diverse/gammel.txt"))
        .unwrap();
    fs::copy(share.root().join("eksport/utvalg.csv"), share.root().join("crm/utvalg2.csv"))
        .unwrap();
    let mbox = share.root().join("post/innboks.mbox");
    let text = fs::read_to_string(&mbox).unwrap().replace("innsyn. Tlf", "sletting. Tlf");
    fs::write(mbox, text).unwrap();
    share.file("nytt/brev.txt", format!("Til {EMAIL}\n"));
    let run = verify(&share, &[]).exits(1);
    let told = left(&run);
    for wanted in [
        "moved share/diverse/gammel.txt",
        "copied share/crm/utvalg2.csv 3",
        "changed share/post/innboks.mbox 1",
        "new share/nytt/brev.txt",
    ] {
        assert!(told.iter().any(|fate| fate.starts_with(wanted)), "{wanted}: {told:?}");
    }
}

#[test]
fn nothing_of_anybody_is_in_the_package_or_the_output() {
    let share = Share::new();
    fill(&share);
    let run = find(&share, "case", &[]).exits(0);
    let checked = verify(&share, &["--all"]).exits(1);
    let mut texts = vec![run.stdout(), run.stderr(), checked.stdout(), checked.stderr()];
    for entry in fs::read_dir(&run.out).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
        texts.push(String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
    }
    let others = fnrs(60);
    let values =
        [NAME, "Kvalv", "solveig", EMAIL, "22983340", PHONE, "post16@example.com", "52017417"];
    for value in values.into_iter().chain(others.iter().map(String::as_str)) {
        assert!(texts.iter().all(|text| !text.contains(value)), "{value}");
    }
    let summary = fs::read_to_string(run.out.join("summary.html")).unwrap();
    for words in ["to be answered by 2026-12-02", "National identity number", "Art. 15(1)(g)"] {
        assert!(summary.contains(words), "{words}");
    }
}

#[test]
fn a_work_list_that_was_filled_in_is_not_overwritten() {
    let share = Share::new();
    fill(&share);
    find(&share, "case", &[]).exits(0);
    find(&share, "case", &[]).exits(0);
    let list = share.home().join("case/worklist.csv");
    let text = fs::read_to_string(&list).unwrap() + "erase\n";
    fs::write(&list, &text).unwrap();
    let refused = find(&share, "case", &[]).exits(2);
    assert!(refused.stderr().contains("filled in"), "{}", refused.stderr());
    assert_eq!(fs::read_to_string(&list).unwrap(), text);
}

#[test]
fn an_inventory_and_a_package_are_not_written_over_each_other() {
    let share = Share::new();
    fill(&share);
    find(&share, "case", &[]).exits(0);
    sweep(&share, &[]).exits(0);
    let mut scan = share.command();
    scan.args(["scan", "share", "--quiet", "--out", "case"]);
    let scan = Run { output: scan.output().unwrap(), out: share.home().join("case") }.exits(2);
    assert!(scan.stderr().contains("other files"), "{}", scan.stderr());
    let search = find(&share, "inv", &[]).exits(2);
    assert!(search.stderr().contains("other files"), "{}", search.stderr());
}

#[test]
fn the_copy_holds_the_person_and_masks_others() {
    let share = Share::new();
    fill(&share);
    let mentioned = format!("{NAME}, fnr {}\nKollega: per.berg@example.com\n", fnr());
    share.file("notat/to.txt", mentioned);
    let run = find(&share, "case", &["--copy"]).exits(0);
    let copy = fs::read_to_string(run.out.join("copy.jsonl")).unwrap();
    assert!(copy.contains(EMAIL) && copy.contains("52017417"), "{copy}");
    assert!(!copy.contains("per.berg@example.com") && copy.contains("p***"), "{copy}");
    // Possible records are not copied.
    assert!(!copy.contains(&fnrs(60)[18]), "{copy}");
    let mode = run.out.join("copy.jsonl").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    find(&share, "case", &[]).exits(0);
    assert!(!run.out.join("copy.jsonl").exists(), "a search without --copy leaves none");
}

#[test]
fn a_link_that_is_named_is_searched() {
    let share = Share::new();
    fill(&share);
    let link = share.home().join("latest.csv");
    std::os::unix::fs::symlink("share/crm/kunder.csv", link).unwrap();
    let mut command = share.command();
    command.args(["subject", "find", "p.toml", "latest.csv", "--out", "case", "--quiet"]);
    let run = Run { output: command.output().unwrap(), out: share.home().join("case") }.exits(0);
    assert!(worklist(&run).contains("\"path\":\"latest.csv\""), "{}", worklist(&run));
    let mut command = share.command();
    command.args(["subject", "find", "p.toml", "share", "--out", "new", "--key", "share/key"]);
    let refused = Run { output: command.output().unwrap(), out: share.out() }.exits(2);
    assert!(refused.stderr().contains("--key share/key lies inside"), "{}", refused.stderr());
}

#[test]
fn a_check_needs_the_key_and_the_places_of_the_search() {
    let share = Share::new();
    fill(&share);
    find(&share, "case", &[]).exits(0);
    let other = verify(&share, &["--key", "other.key"]).exits(2);
    assert!(other.stderr().contains("--key"), "{}", other.stderr());
    assert!(!share.home().join("other.key").exists(), "a key was made");
    fs::rename(share.root(), share.home().join("elsewhere")).unwrap();
    let away = verify(&share, &[]).exits(2);
    assert!(away.stderr().contains("name the places"), "{}", away.stderr());
    verify(&share, &["elsewhere"]).exits(1);
}

/// A sweep that makes or uses an index.
fn sweep(share: &Share, options: &[&str]) -> Run {
    let mut command = share.command();
    command.args([
        "scan",
        "share",
        "--as-of",
        common::AS_OF,
        "--label",
        "t",
        "--quiet",
        "--out",
        "inv",
    ]);
    command.args(["--state", "s.db"]).args(options);
    Run { output: command.output().unwrap(), out: share.home().join("inv") }
}

fn worklist(run: &Run) -> String {
    fs::read_to_string(run.out.join("worklist.jsonl")).unwrap()
}

fn excluded(run: &Run) -> u64 {
    let text = fs::read_to_string(run.out.join("case.json")).unwrap();
    let case: Value = serde_json::from_str(&text).unwrap();
    case["excluded"]["files"].as_u64().unwrap()
}

#[test]
fn a_search_by_the_index_finds_the_same_and_opens_less() {
    let share = Share::new();
    fill(&share);
    std::thread::sleep(Duration::from_millis(3100));
    sweep(&share, &[]).exits(0);
    let none = find(&share, "none", &["--state", "s.db"]).exits(0);
    assert!(none.stderr().contains("no index"), "{}", none.stderr());

    sweep(&share, &["--index"]).exits(0);
    let again = sweep(&share, &["--index"]).exits(0);
    assert_eq!(
        again.facts()["carried"]["files"].as_u64(),
        Some(18),
        "an indexed file is not read again"
    );
    let full = find(&share, "full", &[]).exits(0);
    let quick = find(&share, "quick", &["--state", "s.db"]).exits(0);
    assert_eq!(worklist(&full), worklist(&quick));
    assert_eq!(json_lines(&full.out.join("worklist.jsonl")).len(), 7);
    assert!(excluded(&quick) >= 12, "{}", excluded(&quick));

    // What changed since the sweep is read.
    share.file("diverse/fil3.txt", format!("Til {EMAIL}\n"));
    let full = find(&share, "full", &[]).exits(0);
    let quick = find(&share, "quick", &["--state", "s.db"]).exits(0);
    assert_eq!(worklist(&full), worklist(&quick));
    assert!(worklist(&quick).contains("fil3.txt"));

    let other = find(&share, "other", &["--state", "s.db", "--key", "other.key"]).exits(0);
    assert!(other.stderr().contains("no index of this key"), "{}", other.stderr());
    let status = share.command().args(["status", "--state", "s.db"]).output().unwrap();
    assert!(String::from_utf8(status.stdout).unwrap().contains("index: 18 files"));
}

#[test]
fn what_the_index_rules_out_keeps_its_gaps() {
    let share = Share::new();
    fill(&share);
    share.file("diverse/gammel.rar", common::RAR);
    std::thread::sleep(Duration::from_millis(3100));
    sweep(&share, &["--index"]).exits(3);
    let quick = find(&share, "quick", &["--state", "s.db"]).exits(3);
    let text = fs::read_to_string(quick.out.join("case.json")).unwrap();
    assert!(text.contains("gammel.rar") && text.contains("unsupported_format"), "{text}");
}

#[test]
fn an_index_changes_nothing_of_the_inventory() {
    let share = Share::new();
    fill(&share);
    let plain = share.scan(&["--quiet"]).exits(0);
    let bytes = |run: &Run| {
        let text = fs::read_to_string(run.out.join("inventory.jsonl")).unwrap();
        text.split_once('\n').unwrap().1.to_owned()
    };
    let plain = bytes(&plain);
    let known = regex::Regex::new(",\"(first_seen|last_seen|state)\":\"[^\"]*\"").unwrap();
    let indexed = share.scan(&["--quiet", "--state", "s.db", "--index"]).exits(0);
    assert_eq!(known.replace_all(&bytes(&indexed), ""), plain);
}
