//! Settings, and which detectors look: chosen ones and those of the user.

use std::fs;

use super::common::{Run, Share, feed, fnrs, people};

#[test]
fn settings_come_from_a_file_and_what_is_typed_outranks_them() {
    let share = Share::new();
    share.file("people.csv", people(30));
    share.file("people.txt", people(30));
    let text =
        "fail-on = [\"any\"]\nquiet = true\nledger = true\ninclude = [\"*.csv\"]\nout = \"out\"\n";
    fs::write(share.home().join("settings.toml"), text).unwrap();
    let with = |options: &[&str]| {
        let mut command = share.command();
        command.args(["scan", "share", "--config", "settings.toml"]).args(options);
        Run { output: command.output().unwrap(), out: share.out() }
    };
    let run = with(&[]).exits(1);
    assert_eq!(run.stdout(), "");
    assert_eq!(run.lines("ledger.jsonl").len(), 2);
    assert_eq!(run.found("no_fodselsnummer").len(), 1);
    let run = with(&["--fail-on", "art9", "--include", "*"]).exits(0);
    assert_eq!(run.found("no_fodselsnummer").len(), 2);
}

#[test]
fn a_setting_is_written_as_the_option_is() {
    let share = Share::new();
    share.file("people.csv", people(30));
    let text = "summary = \"line\"\nas-of = 2026-11-01\nmax-duration = \"1h\"\nuntil = \"23:59:59\"\n\
                color = \"never\"\nno-isolation = true\nlog-format = \"json\"\nmax-read-rate = \"50M\"\n\
                fail-on = [\"any\"]\n";
    fs::write(share.home().join("settings.toml"), text).unwrap();
    let with = |options: &[&str]| {
        let mut command = share.command();
        command.args(["scan", "share", "--config", "settings.toml", "--out", "out"]);
        Run { output: command.args(options).output().unwrap(), out: share.out() }
    };
    let run = with(&[]).exits(1);
    assert_eq!((run.stdout().lines().count(), &run.facts()["as_of"]), (1, &"2026-11-01".into()));
    assert_eq!(run.facts()["options"]["max-read-rate"], (50 << 20).to_string());
    assert!(run.stderr().starts_with("{\"level\""), "{}", run.stderr());
    let refused = with(&["--baseline", "nowhere"]).exits(2).stderr();
    assert!(refused.starts_with("{\"level\""), "{refused}");
    let typed = ["--summary", "json", "--log-format", "text", "--as-of", "2026-10-01"];
    let run = with(&typed).exits(1);
    assert!(run.stdout().starts_with('{') && run.stderr().starts_with("datakart: "));
    assert_eq!(run.facts()["as_of"], "2026-10-01");
}

#[test]
fn what_is_typed_as_one_text_may_stand_so_in_the_settings() {
    let share = Share::new();
    share.file("people.csv", people(30));
    share.file("people.txt", people(30));
    let text = "exclude = \"*.txt\"\nonly = \"no_fodselsnummer, email\"\ncountry = \"NO, se\"\nmax-cpu = \"90%\"\n\
                max-duration = \"1d\"\nmax-read-rate = \"1.5M\"\n";
    fs::write(share.home().join("settings.toml"), text).unwrap();
    let typed = ["--exclude", "*.txt", "--only", "no_fodselsnummer, email", "--country", "NO, se"];
    let more = ["--max-cpu", "90%", "--max-duration", "1d", "--max-read-rate", "1.5M"];
    let mut told = Vec::new();
    for options in [&["--config", "settings.toml"][..], &[&typed[..], &more[..]].concat()] {
        let run = share.scan(options).exits(0);
        assert_eq!(run.found("no_fodselsnummer").len(), 1);
        let mut facts = run.facts()["options"].clone();
        facts.as_object_mut().unwrap().remove("config");
        told.push(facts);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0]["max-duration"], "86400s");
    assert_eq!(told[0]["max-read-rate"], (3 << 19).to_string());
}

#[test]
fn a_detector_with_anchors_finds_what_its_check_says_and_an_empty_folder_is_told() {
    let share = Share::new();
    share.file("customers.csv", "kundenr;belop\nAC-123456;1\nAC-223456;2\nAC-323457;3\n");
    share
        .file("letter.txt", "Vi viser til kundenr AC-123456\nog til kundenr AC-223456 i brevet.\n");
    fs::create_dir_all(share.home().join("empty/deeper")).unwrap();
    fs::create_dir(share.home().join("mine")).unwrap();
    for pattern in [r"AC-\d{6}", r"^AC-\d{6}$", r"AC-\d{6}$", r"\AAC-\d{6}\z", r"(?m)^AC-\d{6}$"] {
        let text = format!(
            "id = \"acme\"\nname = \"Acme customer\"\ncategory = \"online.account\"\npattern = '{pattern}'\n\
             headers = [\"kundenr\"]\nkeywords = [\"kundenr\"]\n\
             [[example]]\ntext = \"kundenr AC-123456\"\nfinds = \"AC-123456\"\n\
             [[counter]]\ntext = \"kundenr AC-12345\"\nwhy = \"too short\"\n"
        );
        fs::write(share.home().join("mine/acme.TOML"), text).unwrap();
        let checked = share.command().args(["patterns", "check", "mine"]).output().unwrap();
        assert_eq!(checked.status.code(), Some(0), "{pattern}: {checked:?}");
        let run = share.scan(&["--patterns", "mine", "--only", "acme"]).exits(0);
        let matches: Vec<_> = run.found("acme").iter().map(|f| f["matches"].clone()).collect();
        assert_eq!(matches, [3, 2], "{pattern}");
    }
    let run = share.scan(&["--patterns", "empty"]).exits(0);
    assert!(run.stderr().contains("--patterns empty: no detector"), "{}", run.stderr());
}

#[test]
fn only_and_except_choose_detectors() {
    let share = Share::new();
    share.file(
        "people.csv",
        "email,fnr\n".to_owned()
            + &fnrs(30)
                .iter()
                .enumerate()
                .map(|(i, f)| format!("u{i}@firma.no,{f}\n"))
                .collect::<String>(),
    );
    let ids = |options: &[&str]| {
        let run = share.scan(options).exits(0);
        let ids = run.findings().into_iter().map(|f| f["detector"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), ["email", "no_fodselsnummer"]);
    assert_eq!(ids(&["--only", "email"]), ["email"]);
    assert_eq!(ids(&["--only", "email,no_fodselsnummer"]), ["email", "no_fodselsnummer"]);
    assert_eq!(ids(&["--except", "email"]), ["no_fodselsnummer"]);
}

#[test]
fn a_shape_of_the_users_own_is_found() {
    let share = Share::new();
    let numbers = |i: usize| format!("KU-{:06}", 7 * i + 100_000);
    let rows = (0..30).map(|i| format!("{i},{}\n", numbers(i))).collect::<String>();
    share.file("orders.csv", format!("id,kundenr\n{rows}"));
    fs::create_dir(share.home().join("mine")).unwrap();
    let mine = "id = \"mine\"\nname = \"Mine\"\ncategory = \"online.account\"\n\
                pattern = 'KU-\\d{6}'\nheaders = [\"kundenr\"]\n";
    fs::write(share.home().join("mine/mine.toml"), mine).unwrap();
    let run = share.scan(&["--patterns", "mine"]).exits(0);
    let found = run.found("mine");
    assert_eq!((found.len(), &found[0]["matches"]), (1, &serde_json::json!(30)));
}

#[test]
fn values_can_be_tried_on_standard_input() {
    let share = Share::new();
    let mut command = share.command();
    command.args(["patterns", "try", "no_fodselsnummer"]);
    let output = feed(command, b"15065933818\n15065933819\nhello\n8037112217\n");
    let text = String::from_utf8(output.stdout).unwrap();
    let verdict =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["verdict"].clone();
    let verdicts: Vec<_> = text.lines().map(verdict).collect();
    assert_eq!(verdicts, ["valid", "invalid", "no_match", "valid"]);
    // It has a shape that counts in fields of its name alone.
    assert!(text.lines().last().unwrap().contains("only in fields"), "{text}");
}
