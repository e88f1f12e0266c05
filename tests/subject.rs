//! `subject find`: the records of one person in all places, with the strength that each deserves; homonyms stay
//! possible; nothing of anybody gets out; bad profiles are refused in words that repeat nothing of them.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use common::{AS_OF, RAR, Share, feed, fnrs, json_lines};
use serde_json::Value;

const NAME: &str = "Turid Bakkehaug";
const EMAIL: &str = "turid.bakkehaug@kunde.example";
const PHONE: &str = "+47 22 98 33 40";
const CUSTOMER: &str = "K-100812";

fn profile(more: &str) -> String {
    format!(
        "case = '2026-114'\nreceived = 2026-11-02\ncountry = 'NO'\nnames = ['{NAME}']\n\
         emails = ['{EMAIL}']\nphones = ['22983340']\n{more}"
    )
}

fn find(share: &Share, profile: &str, options: &[&str]) -> Output {
    let mut command = share.command();
    command.args([
        "subject", "find", "-", "share", "--as-of", AS_OF, "--label", "test", "--out", "out",
    ]);
    command.args(options);
    feed(command, profile.as_bytes())
}

fn records(out: &Path) -> Vec<Value> {
    json_lines(&out.join("worklist.jsonl"))
}

/// `file row|line|message: strength`, of every record.
fn told(share: &Share) -> Vec<String> {
    let line = |record: &Value| {
        let path = record["path"].as_str().unwrap().trim_start_matches("share/").to_owned();
        let place = ["row", "line", "message", "page"]
            .iter()
            .find_map(|key| Some(format!(" {key} {}", record.get(*key)?)))
            .unwrap_or_default();
        format!("{path}{place}: {}", record["strength"].as_str().unwrap())
    };
    records(&share.out()).iter().map(line).collect()
}

fn reasons(share: &Share, path: &str) -> Vec<String> {
    let is = |record: &&Value| record["path"] == format!("share/{path}");
    let record = records(&share.out()).into_iter().find(|r| is(&r)).unwrap();
    record["reasons"].as_array().unwrap().iter().map(|r| r.as_str().unwrap().to_owned()).collect()
}

#[test]
fn one_person_is_found_in_all_places() {
    let share = Share::new();
    let others = "Ola Nordmann;ola@kunde.example;21000001;Kari Moe;kari@kunde.example;21000002";
    let others: Vec<&str> = others.split(';').collect();
    share.file(
        "kunder.csv",
        format!(
            "kundenr;navn;epost;mobil;diagnose\nK-100811;{};{};{};\nK-100812;BAKKEHAUG, Turid;{};0047 22983340;Astma\n\
             K-100813;{};{};{};\n",
            others[0], others[1], others[2], EMAIL.to_uppercase(), others[3], others[4], others[5]
        ),
    );
    share.file(
        "ordre.csv",
        "ordrenr;kundenr;vare\n1;K-100811;bord\n2;K-100812;stol\n3;K-100813;bord\n",
    );
    share.file(
        "brev.txt",
        format!("Til {NAME}\nStorgata 5\n\nVi viser til samtale på telefon 22 98 33 40.\n"),
    );
    share.file("logg.ndjson", "{\"user\":{\"mail\":\"turid.bakkehaug+x@kunde.example\"},\"n\":1}\n{\"user\":{\"mail\":\"b@kunde.example\"},\"n\":2}\n");
    let messages = format!(
        "From - Thu Oct 01 10:00:00 2026\nFrom: Ola <ola@kunde.example>\nTo: post@kunde.example\nSubject: a\n\nHei.\n\n\
         From - Thu Oct 01 11:00:00 2026\nFrom: Ola <ola@kunde.example>\nTo: post@kunde.example\nSubject: b\n\n\
         Ring {NAME} på {PHONE}.\n\n"
    );
    share.file("arkiv.mbox", messages);
    let output = find(&share, &profile(""), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        told(&share),
        [
            "arkiv.mbox message 2: certain",
            "brev.txt line 1: certain",
            "kunder.csv row 2: certain",
            "logg.ndjson row 1: certain",
            "ordre.csv row 2: probable",
        ]
    );
    assert_eq!(reasons(&share, "kunder.csv"), ["email", "phone", "name"]);
    assert_eq!(reasons(&share, "ordre.csv"), ["hop:kundenr"]);
    let row = &records(&share.out())[2];
    assert_eq!(row["key"], serde_json::json!(["kundenr"]));
    assert!(row["categories"].as_array().unwrap().contains(&"health.medical".into()), "{row}");
    assert!(row["flags"].as_array().unwrap().contains(&"art9".into()), "{row}");
    assert_eq!(row["columns"].as_array().unwrap().len(), 5);
}

#[test]
fn a_document_named_after_the_person_is_listed() {
    let share = Share::new();
    share.file("Turid_Bakkehaug vitnemål.csv", "fag,karakter\nnorsk,5\nmatte,4\n");
    share.file("Kari_Moe vitnemål.csv", "fag,karakter\nnorsk,5\nmatte,4\n");
    find(&share, &profile(""), &[]);
    assert_eq!(told(&share).len(), 1);
    assert_eq!(records(&share.out())[0]["reasons"], serde_json::json!(["name", "file_name"]));
}

#[test]
fn without_hops_no_key_is_followed() {
    let share = Share::new();
    share.file("a.csv", format!("kunde_id,epost\n17,{EMAIL}\n18,b@kunde.example\n"));
    share.file("b.csv", "ordre,kunde_id\n1,17\n2,18\n");
    find(&share, &profile(""), &["--no-hops"]);
    assert_eq!(told(&share), ["a.csv row 1: certain"]);
    find(&share, &profile(""), &[]);
    assert_eq!(told(&share), ["a.csv row 1: certain", "b.csv row 1: probable"]);
}

#[test]
fn a_key_that_others_have_too_is_not_followed() {
    let share = Share::new();
    share.file(
        "ansatte.csv",
        format!("kontrakt_id,navn,epost\n3,{NAME},{EMAIL}\n3,Ola Nordmann,b@kunde.example\n4,Kari Moe,c@kunde.example\n"),
    );
    share.file("b.csv", "kontrakt_id,sted\n3,Oslo\n4,Bergen\n");
    let output = find(&share, &profile(""), &[]);
    assert_eq!(told(&share), ["ansatte.csv row 1: certain"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("kontrakt_id (1)"));
}

#[test]
fn homonyms_stay_possible() {
    let share = Share::new();
    share.file(
        "kunder.csv",
        format!(
            "navn,epost,fødselsdato,adresse\n{NAME},a@kunde.example,1950-02-03,Lia 1\n{NAME},b@kunde.example,01.01.1990,Lia 2\n\
             {NAME},c@kunde.example,1951-02-03,\"Storgata 5, 0155 Oslo\"\n"
        ),
    );
    share.file("notat.txt", format!("Møte med {NAME} på torsdag.\n"));
    let more = "birth_date = 1990-01-01\naddresses = ['Storgata 5']";
    find(&share, &profile(more), &[]);
    assert_eq!(
        told(&share),
        [
            "kunder.csv row 1: possible",
            "kunder.csv row 2: probable",
            "kunder.csv row 3: possible",
            "notat.txt line 1: possible",
        ]
    );
    assert_eq!(reasons(&share, "kunder.csv"), ["name", "against:birth_date"]);
}

#[test]
fn a_shared_telephone_is_not_another_persons_record() {
    let share = Share::new();
    let rows = "navn,telefon\nKari Moe,22983340\nOla Nordmann,21000001\nPer Hansen,21000002\n";
    share.file("a.csv", rows);
    find(&share, &profile(""), &[]);
    assert_eq!(told(&share), ["a.csv row 1: possible"]);
    assert_eq!(reasons(&share, "a.csv"), ["phone_national", "against:name"]);
}

#[test]
fn national_numbers_in_two_columns_and_digests() {
    let share = Share::new();
    let fnr = fnrs(3);
    let row = |n: usize| {
        format!("{},{}-{}-19{}", &fnr[n][6..], &fnr[n][..2], &fnr[n][2..4], &fnr[n][4..6])
    };
    share.file("p.csv", format!("personnr,født\n{}\n{}\n{}\n", row(0), row(1), row(2)));
    share.file("q.csv", format!("fnr,n\n{} {},1\n{},2\n", &fnr[1][..6], &fnr[1][6..], fnr[2]));
    // sha256sum of the address.
    share.file("h.csv", format!("hash,n\n{},1\n{},2\n", "0".repeat(64), sha256(EMAIL)));
    let output = find(&share, &profile(&format!("national_ids = ['{}']", fnr[1])), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        told(&share),
        ["h.csv row 2: certain", "p.csv row 2: certain", "q.csv row 1: certain"]
    );
    assert_eq!(reasons(&share, "p.csv"), ["national_id_split"]);
    assert_eq!(reasons(&share, "h.csv"), ["email_hash"]);
}

fn sha256(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn copies_are_grouped_and_gaps_are_told() {
    let share = Share::new();
    let rows = format!("navn,epost\n{NAME},{EMAIL}\nOla Nordmann,b@kunde.example\n");
    share.file("a.csv", &rows);
    share.file("kopi/b.csv", &rows);
    share.file("c.rar", RAR);
    let output = find(&share, &profile(""), &[]);
    assert_eq!(output.status.code(), Some(3));
    let found = records(&share.out());
    assert_eq!(found[1]["duplicate_of"], found[0]["id"]);
    assert!(found[0].get("duplicate_of").is_none());
    let case: Value =
        serde_json::from_slice(&fs::read(share.out().join("case.json")).unwrap()).unwrap();
    assert_eq!(case["notes"][0]["path"], "share/c.rar");
    assert_eq!(case["due"], "2026-12-02");
    assert_eq!(case["records"]["certain"], 2);
}

#[test]
fn the_schema_describes_what_is_written() {
    let share = Share::new();
    share.file("a.csv", format!("kunde_id,epost\n17,{EMAIL}\n18,b@kunde.example\n"));
    share.file("b.txt", format!("{NAME}\n"));
    share.file("c.rar", RAR);
    find(&share, &profile(""), &[]);
    let schema = share.command().arg("schema").output().unwrap().stdout;
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let valid = |name: &str| {
        let root = serde_json::json!({"$ref": format!("#/$defs/{name}"), "$defs": schema["$defs"]});
        jsonschema::validator_for(&root).unwrap()
    };
    let lines = records(&share.out());
    assert_eq!(lines.len(), 2);
    for mut line in lines {
        assert!(valid("Record").is_valid(&line), "{line}");
        line["strength"] = "sure".into();
        assert!(!valid("Record").is_valid(&line));
    }
    let case = fs::read(share.out().join("case.json")).unwrap();
    let case = serde_json::from_slice(&case).unwrap();
    assert!(valid("Case").is_valid(&case), "{case}");
}

#[test]
fn nothing_of_anybody_gets_out() {
    let share = Share::new();
    let other = "peder.aas77@epost.test";
    share.file(
        format!("kunder/{EMAIL}.csv"),
        format!("kundenr,navn,epost,mobil\n{CUSTOMER},{NAME},{EMAIL},{PHONE}\nK-1,Peder Aas,{other},21000001\n"),
    );
    share.file("ordre.csv", format!("kundenr,vare\n{CUSTOMER},stol\nK-1,bord\n"));
    share.file("brev.txt", format!("{NAME} og Peder Aas ({other}) ringte fra {PHONE}.\n"));
    let output = find(&share, &profile(&format!("customer_numbers = ['{CUSTOMER}']")), &[]);
    // The file that is named so, and three records.
    assert_eq!(told(&share).len(), 4);
    let mut all = [output.stdout, output.stderr].concat();
    for entry in fs::read_dir(share.out()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
        all.extend(fs::read(path).unwrap());
    }
    let all = String::from_utf8_lossy(&all).to_lowercase();
    for secret in [
        NAME,
        "bakkehaug",
        EMAIL,
        other,
        "peder aas",
        "22 98 33 40",
        "22983340",
        CUSTOMER,
        "100812",
    ] {
        assert!(!all.contains(&secret.to_lowercase()), "{secret}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let share = Share::new();
    for n in 0..20 {
        share.file(
            format!("{n}.csv"),
            format!("navn,epost\n{NAME},{EMAIL}\nOla Nordmann,b{n}@kunde.example\n"),
        );
    }
    find(&share, &profile(""), &["--threads", "1"]);
    let one = fs::read(share.out().join("worklist.jsonl")).unwrap();
    find(&share, &profile(""), &["--threads", "4", "--no-isolation"]);
    assert_eq!(fs::read(share.out().join("worklist.jsonl")).unwrap(), one);
    assert_eq!(records(&share.out()).len(), 20);
}

#[test]
fn bad_profiles_are_refused() {
    let share = Share::new();
    share.file("a.csv", "a,b\n1,2\n");
    let ids = fnrs(2);
    let two = format!("national_ids = ['{}', '{}']", ids[0], ids[1]);
    for (profile, says) in [
        (String::new(), "`case` is missing"),
        (format!("case = 'a'\nname = '{NAME}'"), "line 2"),
        (format!("case = 'a'\nemails = ['{NAME}']"), "value 1 of kind `email`"),
        (profile(&two), "national_ids_confirmed"),
    ] {
        let output = find(&share, &profile, &[]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("Turid") && !error.contains(&ids[0]), "{error}");
        assert!(!share.out().join("worklist.jsonl").exists());
    }
    let confirmed = profile(&format!("{two}\nnational_ids_confirmed = true"));
    assert_eq!(find(&share, &confirmed, &[]).status.code(), Some(0));
}

#[test]
fn a_profile_that_others_can_read_is_refused() {
    let share = Share::new();
    share.file("a.csv", "a,b\n1,2\n");
    let path = share.home().join("p.toml");
    fs::write(&path, profile("")).unwrap();
    let run = |mode: u32| {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        share
            .command()
            .args(["subject", "find", "p.toml", "share", "--out", "out"])
            .output()
            .unwrap()
    };
    let output = run(0o644);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("chmod 600"));
    assert_eq!(run(0o600).status.code(), Some(0));
}

#[test]
fn names_alone_are_warned_of() {
    let share = Share::new();
    share.file("a.txt", format!("{NAME}\n"));
    let output = find(&share, &format!("case = 'a'\nnames = ['{NAME}']"), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("possible, not more"));
    assert_eq!(told(&share), ["a.txt line 1: possible"]);
    // One who looks for nothing gets no package that says that nothing is held; the last one stays.
    let output = find(&share, "case = 'a'", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no value"));
    assert_eq!(told(&share), ["a.txt line 1: possible"]);
}

#[test]
fn a_number_is_the_persons_however_a_program_wrote_it() {
    let share = Share::new();
    let ids: Vec<_> = fnrs(40).into_iter().filter(|id| !id.starts_with('0')).collect();
    let (own, other) = (&ids[0], &ids[1]);
    let spread = |id: &str| format!("{}.{}E+10", &id[..1], &id[1..]);
    share.file("a.csv", format!("navn,fnr\nX,{own}.0\nY,{other}.0\n"));
    share.file("b.csv", format!("navn,fnr\nX,{}\nY,{}\n", spread(own), spread(other)));
    share.file("c.csv", "navn,mobil\nX,=\"22983340\"\nY,=\"22983341\"\n");
    let profile = profile(&format!("national_ids = ['{own}']"));
    let output = find(&share, &profile, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told = told(&share);
    let files: Vec<&str> = told.iter().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(files, ["a.csv row 1", "b.csv row 1", "c.csv row 1"]);
}

#[test]
fn what_will_find_nothing_is_told() {
    let share = Share::new();
    share.file("a.txt", "x\n");
    let right = fnrs(1).remove(0);
    let last = char::from_digit((right[10..].parse::<u32>().unwrap() + 1) % 10, 10).unwrap();
    let wrong = format!("{}{last}", &right[..10]);
    let says = |more: &str| {
        let out = find(&share, &format!("case = '1'\n{more}"), &[]);
        assert_eq!(out.status.code(), Some(0), "{out:?}");
        let told = String::from_utf8(out.stderr).unwrap();
        assert!(!told.contains(&wrong) && !told.contains("Turid"), "{told}");
        told
    };
    let told = says(&format!("country = 'NO'\nnational_ids = ['{right}', '{wrong}']"));
    assert!(told.contains("number 2 does not check out as a national number of NO"), "{told}");
    assert!(!told.contains("number 1"), "{told}");
    assert!(!says(&format!("national_ids = ['{right}']")).contains("does not check out"));
    assert!(says("names = ['Turid']").contains("names are of one word"));
    assert!(!says(&format!("names = ['{NAME}']")).contains("one word"));
    let none = find(&share, &profile(""), &["--state", "none.db"]);
    assert!(String::from_utf8_lossy(&none.stderr).contains("does not exist"), "{none:?}");
}
