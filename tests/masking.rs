//! No value leaves a scan: planted in cells, keys, headers, tags, names of tables, files and folders, it
//! is looked for in everything that the program writes, plain and in the usual disguises. With
//! `--reveal` it stands in `findings.jsonl`, and nowhere else but in names.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use common::{Run, Share, fnrs};

const EMAIL: &str = "turid.bakkehaug@kunde.example";
const EMAIL_2: &str = "peder.aas77@epost.test";
const FNR: &str = "15065933818";
const IBAN: &str = "NO9386011117947";
const CARD: &str = "4111111111111111";
const NAME: &str = "Turid Bakkehaug";
const PASSWORD: &str = "Blaabaer!syltetoy";

/// Everything that must not be seen; the parts of a name and of an address too.
const SECRET: &[&str] = &[
    EMAIL,
    "turid.bakkehaug",
    EMAIL_2,
    "peder.aas77",
    FNR,
    IBAN,
    CARD,
    NAME,
    "Bakkehaug",
    PASSWORD,
    "Blaabaer",
];

/// The forms in which a value might get out.
fn disguises(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![value.as_bytes().to_vec(), value.to_uppercase().into_bytes()];
    forms.push(value.to_lowercase().into_bytes());
    forms.push(value.chars().rev().collect::<String>().into_bytes());
    forms.push(value.replace('@', "%40").into_bytes());
    forms.push(value.replace(' ', "_").into_bytes());
    forms.push(value.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms.push(value.encode_utf16().flat_map(u16::to_be_bytes).collect());
    let hex: String = value.bytes().map(|b| format!("{b:02x}")).collect();
    forms.push(hex.to_uppercase().into_bytes());
    forms.push(hex.into_bytes());
    // In base64 a value looks different with what stands before it: three alignments, without the ends
    // that its neighbours change.
    for before in 0..3 {
        let padded = [&b"\0\0\0"[..before], value.as_bytes()].concat();
        let whole = padded.len() / 3 * 3;
        for engine in [&BASE64_STANDARD, &BASE64_URL_SAFE_NO_PAD] {
            let text = engine.encode(&padded[..whole]);
            forms.push(text.as_bytes()[if before == 0 { 0 } else { 4 }..].to_vec());
        }
    }
    forms
}

/// What of a text holds a secret, with its form.
fn leaks(bytes: &[u8], secrets: &[&str]) -> Vec<String> {
    // Without separators, "1506 59 33818" is the number again.
    let squeezed: Vec<u8> = bytes.iter().copied().filter(|b| !b" .-/_:\0".contains(b)).collect();
    let finder = |needle: &[u8], hay: &[u8]| memchr::memmem::find(hay, needle);
    let mut found = Vec::new();
    for secret in secrets {
        let mut look = |needle: &[u8], hay: &[u8], form: &str| {
            if let Some(at) = finder(needle, hay) {
                let from = at.saturating_sub(120);
                let shown =
                    String::from_utf8_lossy(&hay[from..(at + 120).min(hay.len())]).into_owned();
                found.push(format!("{secret} ({form}) in …{shown}…"));
            }
        };
        for (number, form) in disguises(secret).iter().enumerate() {
            look(form, bytes, &format!("form {number}"));
        }
        let plain: Vec<u8> = secret.bytes().filter(|b| !b" .-/_:".contains(b)).collect();
        look(&plain, &squeezed, "without separators");
    }
    found
}

/// Everything that a run wrote: standard output and error, all files below output and state folder with
/// their names.
fn written(share: &Share, run: &Run) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![
        ("stdout".to_owned(), run.output.stdout.clone()),
        ("stderr".to_owned(), run.output.stderr.clone()),
    ];
    let folders = [share.out(), share.state()];
    for (path, content, _) in folders.iter().filter(|f| f.exists()).flat_map(|f| common::tree(f)) {
        let name = path.strip_prefix(share.home()).unwrap().display().to_string();
        all.push((format!("name of {name}"), name.clone().into_bytes()));
        all.push((name, content));
    }
    all
}

fn assert_no_leak(share: &Share, run: &Run, except: &[&str]) {
    let mut all = Vec::new();
    for (name, bytes) in written(share, run) {
        if !except.contains(&name.as_str()) {
            all.extend(leaks(&bytes, SECRET).into_iter().map(|leak| format!("{name}: {leak}")));
        }
    }
    assert!(all.is_empty(), "{} leaks\n{}", all.len(), all.join("\n"));
}

fn spaced(number: &str, groups: &[usize]) -> String {
    let mut rest = number;
    let mut parts = Vec::new();
    for &n in groups {
        parts.push(&rest[..n]);
        rest = &rest[n..];
    }
    parts.push(rest);
    parts.join(" ")
}

/// Values in the content of files.
fn contents(share: &Share) {
    let rows: String =
        fnrs(5).iter().map(|f| format!("Kari Berg,k{f}@kunde.example,{f}\n")).collect();
    share.file("cells.csv", format!("navn,epost,fnr,iban,kort\n{NAME},{EMAIL},{FNR},{IBAN},{CARD}\nOla Berg,{EMAIL_2},{},{},{}\n", spaced(FNR, &[6]), spaced(IBAN, &[4, 4, 4]), spaced(CARD, &[4, 4, 4])));
    share.file("header.csv", format!("{NAME},{EMAIL},{FNR}\n{rows}"));
    share.file("one_header.csv", format!("{EMAIL};belop\n100;200\n101;201\n102;202\n"));
    share.file(
        "wide.csv",
        format!("dato,{FNR},{EMAIL_2}\n2026-01-01,ja,nei\n2026-01-02,nei,nei\n2026-01-03,ja,ja\n"),
    );
    share.file("keys.json", format!("{{\"{EMAIL}\": {{\"saldo\": 5}}, \"{FNR}\": 1, \"by\": {{\"{IBAN}\": {{\"{CARD}\": \"x\"}}}}, \"navn\": \"{NAME}\", \"password\": \"{PASSWORD}\"}}"));
    share.file("keys.ndjson", format!("{{\"{FNR}\": {{\"email\": \"{EMAIL}\"}}}}\n{{\"{EMAIL_2}\": {{\"kort\": \"{CARD}\"}}}}\n"));
    share.file("tags.xml", format!("<?xml version=\"1.0\"?>\n<rot><person fnr=\"{FNR}\" epost='{EMAIL}'><navn>{NAME}</navn><konto iban=\"{IBAN}\"/></person><n_{FNR}>x</n_{FNR}><_{CARD} a_{FNR}=\"1\">2</_{CARD}></rot>\n"));
    share.file("page.html", format!("<!DOCTYPE html><html><head><title>{NAME} {FNR}</title></head><body id=\"{EMAIL}\"><a href=\"mailto:{EMAIL}?cc={EMAIL_2}\">{NAME}</a><table><tr><th>{EMAIL}</th><th>fnr</th></tr><tr><td>{CARD}</td><td>{FNR}</td></tr></table></body></html>\n"));
    share.file("tables.sql", format!("CREATE TABLE `{EMAIL}` (`{FNR}` int, `epost` varchar(80), `fnr` char(11));\nINSERT INTO `{EMAIL}` VALUES (1,'{EMAIL_2}','{FNR}');\nCREATE TABLE \"kunde_{FNR}\" (navn text, passord text);\nINSERT INTO \"kunde_{FNR}\" (navn, passord) VALUES ('{NAME}','{PASSWORD}');\nCOPY \"x_{FNR}\".\"{IBAN}\" (epost, \"{CARD}\") FROM stdin;\n{EMAIL}\t{CARD}\n\\.\n"));
    share.file(
        "settings.ini",
        format!("[{EMAIL}]\npassword = {PASSWORD}\n{FNR} = ja\nnavn = {NAME}\n"),
    );
    share.file("tree.yaml", format!("brukere:\n  {EMAIL}:\n    fnr: '{FNR}'\n  \"{FNR}\":\n    passord: {PASSWORD}\n    navn: {NAME}\n"));
    share.file("card.vcf", format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{NAME}\r\nEMAIL;X-{FNR}=1:{EMAIL}\r\nX-{FNR}:{CARD}\r\nEND:VCARD\r\n"));
    share.file("people.ldif", format!("version: 1\n\ndn: mail={EMAIL},dc=x\ncn: {NAME}\nmail: {EMAIL}\nuserPassword: {PASSWORD}\nx-{FNR}: 1\n\n"));
    share.file("meeting.ics", format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:{NAME} {FNR}\r\nATTENDEE;CN={NAME}:mailto:{EMAIL}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"));
    share.file(
        "letter.txt",
        format!(
            "Kjære {NAME},\ne-post {EMAIL}, fødselsnummer {FNR} ({}), konto {IBAN}, kort {CARD}.\n",
            spaced(FNR, &[6])
        ),
    );
    share.file(
        "wide.txt",
        format!("\u{feff}epost {EMAIL} fnr {FNR}\n")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>(),
    );
    let mut broken = b"PK\x05\x06".to_vec();
    broken.extend(format!("\0\0\0 {EMAIL} {FNR} {CARD}\0").into_bytes());
    share.file("old.zip", broken);
    // Malformed from some point on: the detail must not quote the place.
    share
        .file("broken.json", format!("{{\"epost\": \"{EMAIL}\", \"fnr\": {FNR} {FNR}, {EMAIL} }}"));
    share.file("broken.xml", format!("<?xml version=\"1.0\"?><a><{FNR}></{EMAIL}></b {CARD}>"));
    share.file("broken.sql", format!("INSERT INTO t VALUES ('{EMAIL}', '{FNR}\n"));
}

/// Values in names of files and folders. One of each form stands behind bytes that are no UTF-8.
fn names(share: &Share) -> Vec<PathBuf> {
    let mut name = vec![b'\xFF'];
    name.extend(format!(" {FNR} {EMAIL}.txt").into_bytes());
    [
        share.file(format!("{FNR}.txt"), "tekst\n"),
        share.file(format!("søknad_{FNR}_v2.txt"), format!("epost {EMAIL}\n")),
        share.file(format!("{EMAIL}/innboks/brev.txt"), format!("fnr {FNR}\n")),
        share.file(format!("{}/skann.png", spaced(FNR, &[6])), common::PNG),
        share.file(format!("sak {EMAIL_2}.rar"), common::RAR),
        share.file(format!("kort/{CARD}.csv"), format!("id,fnr\n1,{FNR}\n2,{}\n", fnrs(1)[0])),
        share.file(format!("iban {IBAN}/a.json"), format!("{{\"{FNR}\": \"{CARD}\"}}")),
        share.file(common::name(&name), format!("{EMAIL}\n")),
    ]
    .into()
}

const ALL: &[&str] = &["--findings", "--ledger", "--min-confidence", "low"];

#[test]
fn what_is_looked_for_would_be_found() {
    for (number, secret) in SECRET.iter().enumerate() {
        for form in disguises(secret) {
            let text = [b"before ", form.as_slice(), b" after"].concat();
            assert!(!leaks(&text, SECRET).is_empty(), "{number}");
        }
        for before in ["", "x", "xy", "xyz"] {
            let text = BASE64_STANDARD.encode(format!("{before}{secret}zz"));
            assert!(!leaks(text.as_bytes(), SECRET).is_empty(), "{number} behind {before}");
        }
    }
    assert!(!leaks(b"1506-59 338.18", SECRET).is_empty());
    assert!(leaks(b"t***@k***.*** ***** ***** 11 NO", SECRET).is_empty());
}

#[test]
fn values_in_content_do_not_get_out() {
    let share = Share::new();
    contents(&share);
    let run = share.scan(ALL).exits(3);
    for detector in ["email", "no_fodselsnummer", "iban", "payment_card", "person_name", "password"]
    {
        assert!(!run.found(detector).is_empty(), "{detector} is not found");
        assert!(
            run.lines("findings.jsonl").iter().any(|l| l["detector"] == detector),
            "{detector}"
        );
    }
    assert_no_leak(&share, &run, &[]);
    // Nor in the forms that are made later from the inventory.
    for form in ["html", "csv", "jsonl"] {
        let output = share.command().args(["report", "out", "--format", form]).output().unwrap();
        assert_no_leak(&share, &Run { output, out: share.out() }, &[]);
    }
}

#[test]
fn values_in_names_do_not_get_out() {
    let share = Share::new();
    names(&share);
    let run = share.scan(ALL).exits(3);
    assert!(run.findings().iter().any(|f| f["field"] == "(file name)"), "{:?}", run.findings());
    assert_eq!(run.lines("ledger.jsonl").len(), 8);
    assert_no_leak(&share, &run, &[]);
}

#[test]
fn values_in_what_the_user_names_do_not_get_into_outputs() {
    let share = Share::new();
    let files = names(&share);
    let list: Vec<u8> = files
        .iter()
        .flat_map(|f| {
            [f.strip_prefix(share.home()).unwrap().as_os_str().as_encoded_bytes(), b"\0"].concat()
        })
        .collect();
    let mut arguments = ALL.to_vec();
    arguments.extend(["--files-from", "-"]);
    assert_no_leak(&share, &share.scan_stdin(&arguments, &list).exits(3), &[]);

    // Without --label the real path is the label.
    let share = Share::new();
    names(&share);
    let mut command = share.command();
    command.arg("scan").args(ALL).args(["--out", "out"]).arg(format!("share/{EMAIL}"));
    let run = Run { output: command.output().unwrap(), out: share.out() }.exits(0);
    assert_no_leak(&share, &run, &[]);

    let share = Share::new();
    let stdin_name = format!("{FNR}.csv");
    let mut arguments = ALL.to_vec();
    arguments.extend(["-", "--stdin-name", &stdin_name]);
    let run = share.scan_stdin(&arguments, format!("id,fnr\n1,{FNR}\n").as_bytes()).exits(0);
    assert_no_leak(&share, &run, &[]);
}

#[test]
fn what_is_reported_of_a_name_is_masked_in_it_whatever_its_kind() {
    const BESIDE: &[&str] = &["44051401359", "12.03.1985", "922 34 567", "Nordmann"];
    let share = Share::new();
    for (at, value) in BESIDE[..3].iter().enumerate() {
        // A date alone is nobody's birth.
        let born = if value.contains('.') { "f. " } else { "" };
        let path = share.file(format!("Kari Nordmann {born}{value}.txt"), "x\n");
        fs::hard_link(path, share.root().join(format!("z{at}.txt"))).unwrap();
        share
            .file(format!("Kari Nordmann, {born}{value}/a/{at}.csv"), format!("id,fnr\n1,{FNR}\n"));
    }
    let run = share.scan(&["--findings", "--ledger"]).exits(0);
    for detector in ["pl_pesel", "date_of_birth", "phone"] {
        let is_in_name =
            |f: &serde_json::Value| f["field"] == "(file name)" && f["detector"] == detector;
        assert!(run.findings().iter().any(is_in_name), "{detector}");
    }
    let leaks: Vec<String> =
        written(&share, &run).iter().flat_map(|(_, bytes)| leaks(bytes, BESIDE)).collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    // What is no data is shown.
    share.file("Kari Nordmann - arbeidsavtale 2026-1 v3.txt", "x\n");
    let run = share.scan(&["--ledger"]).exits(0);
    let is_shown = |line: &serde_json::Value| {
        line["path"].as_str().unwrap().ends_with(" - arbeidsavtale 2026-1 v3.txt")
    };
    assert!(run.lines("ledger.jsonl").iter().any(is_shown));
}

#[test]
fn a_hard_link_names_no_value() {
    let share = Share::new();
    let path = share.file(format!("a {FNR}.txt"), "tekst\n");
    fs::hard_link(&path, share.root().join("b.txt")).unwrap();
    fs::hard_link(&path, share.root().join(format!("c {EMAIL}.txt"))).unwrap();
    std::os::unix::fs::symlink(format!("{EMAIL_2}.txt"), share.root().join(FNR)).unwrap();
    let run = share.scan(ALL).exits(0);
    assert_eq!(run.lines("ledger.jsonl").len(), 4);
    assert_no_leak(&share, &run, &[]);
}

#[test]
fn revealed_values_stand_in_the_list_of_matches_and_nowhere_else() {
    let share = Share::new();
    contents(&share);
    let mut options = ALL.to_vec();
    options.push("--reveal");
    let run = share.scan(&options).exits(3);
    let text = fs::read(share.out().join("findings.jsonl")).unwrap();
    for secret in [EMAIL, EMAIL_2, FNR, IBAN, CARD, NAME, PASSWORD] {
        assert!(
            memchr::memmem::find(&text, secret.as_bytes()).is_some(),
            "{secret} is not revealed"
        );
    }
    assert_no_leak(&share, &run, &["out/findings.jsonl"]);
    assert!(run.stderr().contains("raw values"), "{}", run.stderr());
    assert_eq!(run.facts()["revealed"], true);
    // Matches alone reveal nothing.
    let run = share.scan(&["--findings"]).exits(3);
    assert_no_leak(&share, &run, &[]);
    assert_eq!(run.facts()["revealed"], false);
}

#[test]
fn messages_of_a_refusal_hold_no_value() {
    let share = Share::new();
    let path = share.file("people.csv", format!("epost\n{EMAIL}\n"));
    let share_path = path.to_str().unwrap();
    // A data file taken for a settings file, a key or a detector.
    for option in ["--key", "--config", "--patterns"] {
        let run = share.scan(&[option, share_path]).exits(2);
        assert_no_leak(&share, &run, &[]);
    }
}
