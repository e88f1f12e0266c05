//! `datakart schema` describes what a scan writes: every line of every output is valid by it, and lines
//! that are not of the format are not.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use common::{AS_OF, PNG, RAR, Share, people, program};
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema() -> Value {
    let output = program().arg("schema").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn root(schema: &Value) -> Validator {
    jsonschema::validator_for(schema).unwrap()
}

/// The validator of one of the root's `$defs`.
fn def(schema: &Value, name: &str) -> Validator {
    assert!(schema["$defs"][name].is_object(), "no $defs/{name}");
    let document = json!({
        "$schema": schema["$schema"],
        "$ref": format!("#/$defs/{name}"),
        "$defs": schema["$defs"],
    });
    jsonschema::validator_for(&document).unwrap()
}

fn assert_valid(validator: &Validator, lines: &[Value]) {
    for line in lines {
        if let Err(error) = validator.validate(line) {
            panic!("{error}: {line}");
        }
    }
}

#[test]
fn the_schema_is_one() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema), "not valid by its own meta-schema");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    // Everything has a description: the schema is the documentation for scripts.
    for (name, def) in schema["$defs"].as_object().unwrap() {
        assert!(def["description"].is_string(), "$defs/{name} has no description");
        for (key, property) in def["properties"].as_object().into_iter().flatten() {
            let described = property["description"].is_string() || property["$ref"].is_string();
            assert!(described || property["const"].is_string(), "{name}.{key} has no description");
        }
    }
}

/// Every line of a run of the bundled share and of one of odd things.
#[test]
fn every_line_of_every_output_is_valid() {
    let schema = schema();
    let (inventory, matches, ledger) =
        (root(&schema), def(&schema, "MatchLine"), def(&schema, "LedgerLine"));
    let share = Share::new();
    share.file("people.csv", people(30));
    share.file("old.rar", RAR);
    share.file("logo.png", PNG);
    share.file("empty", "");
    share.file(common::name(b"not \xFF UTF-8.csv"), people(30));
    share.file("15065933818.txt", "tekst\n");
    std::fs::hard_link(share.root().join("empty"), share.root().join("also empty")).unwrap();
    std::os::unix::fs::symlink("nowhere", share.root().join("link")).unwrap();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/share");
    for options in [&[][..], &["--reveal", "--min-confidence", "low", "--fail-on", "count>1000000"]]
    {
        let mut command = share.scan_command();
        command.args(["share", fixtures, "--findings", "--ledger"]).args(options);
        let run = common::Run { output: command.output().unwrap(), out: share.out() }.exits(3);
        let lines = run.lines("inventory.jsonl");
        for (kind, least) in [("run", 1), ("coverage", 1), ("note", 4), ("finding", 20)] {
            let n = lines.iter().filter(|l| l["type"] == kind).count();
            assert!(n >= least, "{n} lines of type {kind}");
        }
        assert_eq!(lines[0]["type"], "run");
        assert!(lines.iter().any(|l| l["path_b64"].is_string()));
        assert_valid(&inventory, &lines);
        let listed = run.lines("findings.jsonl");
        assert!(listed.len() > 60);
        assert_valid(&matches, &listed);
        let told = run.lines("ledger.jsonl");
        let files = told.iter().filter(|l| l["members"].as_array().unwrap().is_empty());
        assert_eq!(files.count() as u64, run.all_files());
        assert_valid(&ledger, &told);
        // The three are told apart.
        assert!(!matches.is_valid(&told[0]) && !ledger.is_valid(&listed[0]));
        assert!(!inventory.is_valid(&told[0]) && !inventory.is_valid(&listed[0]));
        // Every match belongs to a finding, and every path to the ledger.
        for line in &listed {
            let of = |f: &&Value| {
                ["path", "members", "table", "field", "detector"].iter().all(|k| f[k] == line[k])
            };
            assert!(lines.iter().find(of).is_some(), "no finding for {line}");
        }
        for line in lines.iter().filter(|l| l["path"].is_string()) {
            assert!(told.iter().any(|t| t["path"] == line["path"]), "not in the ledger: {line}");
        }
    }
}

#[test]
fn a_line_with_something_missing_or_wrong_is_not_valid() {
    let schema = schema();
    let share = Share::new();
    share.file("people.csv", people(30));
    share.file("old.rar", RAR);
    let run = share.scan(&["--findings", "--ledger", "--as-of", AS_OF]).code();
    // The date is given twice: the helper names it already.
    assert_eq!(run, 2);
    let run = share.scan(&["--findings", "--ledger"]).exits(3);
    let optional = ["path_b64", "ambiguous", "reason", "detail", "below_confidence", "lexicon"];
    for (file, validator) in [
        ("inventory.jsonl", root(&schema)),
        ("findings.jsonl", def(&schema, "MatchLine")),
        ("ledger.jsonl", def(&schema, "LedgerLine")),
    ] {
        for line in run.lines(file) {
            for key in line.as_object().unwrap().keys() {
                let mut wrong = line.clone();
                wrong[key] = json!({"not": ["of", "this"], "type": 7});
                assert!(!validator.is_valid(&wrong), "{file}: {key} may be anything");
                let mut missing = line.clone();
                missing.as_object_mut().unwrap().remove(key);
                let nullable = line[key].is_null() || schema_allows_null(&schema, key);
                if !optional.contains(&key.as_str()) && !nullable {
                    assert!(!validator.is_valid(&missing), "{file}: {key} may be missing");
                }
            }
        }
    }
}

/// Whether a property of this name may be null somewhere: such may be left out.
fn schema_allows_null(schema: &Value, key: &str) -> bool {
    schema["$defs"].as_object().unwrap().values().any(|def| {
        let property = &def["properties"][key];
        let has = |list: &Value, null: Value| list.as_array().is_some_and(|l| l.contains(&null));
        has(&property["type"], json!("null")) || has(&property["anyOf"], json!({"type": "null"}))
    })
}
