//! The JSON Schema of what datakart writes, for `datakart schema`.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::case::Replay;
use super::case::copy::CopyLine;
use crate::inventory::{LedgerLine, Line, MatchLine, SCHEMA};
use crate::subject::{Case, Checked, Record};

/// One schema document: its root validates any line of `inventory.jsonl`, `$defs/MatchLine` one of
/// `findings.jsonl`, `$defs/LedgerLine` one of `ledger.jsonl`, `$defs/RecordLine` one of `worklist.jsonl`.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    // Named here they are among the root's `$defs`.
    generator.subschema_for::<MatchLine>();
    generator.subschema_for::<LedgerLine>();
    generator.subschema_for::<Record>();
    generator.subschema_for::<Case>();
    generator.subschema_for::<Checked>();
    generator.subschema_for::<Replay>();
    generator.subschema_for::<CopyLine<'_>>();
    let mut schema = generator.into_root_schema_for::<Line>();
    schema.insert("$id".to_owned(), json!(format!("urn:{}", SCHEMA.replace('/', ":"))));
    schema.insert("title".to_owned(), json!(format!("datakart inventory line ({SCHEMA})")));
    schema.insert(
        "description".to_owned(),
        json!(
            "One line of inventory.jsonl. A line of findings.jsonl is #/$defs/MatchLine, one of \
             ledger.jsonl is #/$defs/LedgerLine. Of the package of a search for one person a line of worklist.jsonl is \
             #/$defs/RecordLine, case.json is #/$defs/Case, replay.json is #/$defs/Replay, a line of \
             copy.jsonl is #/$defs/CopyLine, and a line of `subject verify \
             --format json` is #/$defs/Checked. Later versions may add properties."
        ),
    );
    schema.to_value()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{jsonl, sample};
    use super::*;

    fn def(name: &str) -> jsonschema::Validator {
        let mut document = schema();
        let root = document.as_object_mut().unwrap();
        root.remove("oneOf");
        root.insert("$ref".to_owned(), json!(format!("#/$defs/{name}")));
        jsonschema::validator_for(&document).unwrap()
    }

    #[test]
    fn real_lines_are_valid() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for inventory in [sample::small(), sample::hostile()] {
            for line in sample::written(|out| jsonl::write(&inventory, out)).lines() {
                let value: Value = serde_json::from_str(line).unwrap();
                if let Err(error) = validator.validate(&value) {
                    panic!("{error}: {line}");
                }
            }
        }
    }

    #[test]
    fn other_lines_are_not() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let note = json!({"type":"note","path":"a","members":[],"reason":"media","detail":""});
        assert!(validator.is_valid(&note));
        for (key, value) in [("type", json!("news")), ("path", json!(1)), ("members", json!("x"))] {
            let mut line = note.clone();
            line[key] = value;
            assert!(!validator.is_valid(&line), "{line}");
        }
        assert!(!validator.is_valid(&json!({"type":"note"})));
        assert!(!validator.is_valid(&json!({"path":"a"})));
    }

    #[test]
    fn matches_and_ledger_have_definitions() {
        let line = json!({"path":"a","members":[],"table":null,"field":null,"row":null,"line":1,"start":0,
            "end":5,"detector":"email","certainty":0.9,"value":"o***@e***.no","digest":"00"});
        assert!(def("MatchLine").is_valid(&line));
        assert!(!def("MatchLine").is_valid(&json!({"path":"a"})));
        let line = json!({"path":"a","members":[],"format":"csv","bytes":3,"outcome":"scanned"});
        assert!(def("LedgerLine").is_valid(&line));
        assert!(
            !def("LedgerLine")
                .is_valid(&json!({"path":"a","members":[],"bytes":3,"outcome":"fine"}))
        );
    }
}
