//! What the JSON readers give.

use super::tree::NODES;
use super::*;
use crate::readers::Head;
use crate::readers::drive::testing::read;
use crate::unit::testing::Collected;
use proptest::prelude::*;
use serde_json::Value;

fn json(text: &str) -> Collected {
    let (all, why, _) = read(text.as_bytes(), FORMAT.read);
    assert_eq!(why, None);
    all
}

fn told(text: &str, name: &str) -> Option<&'static str> {
    let head = Head::new(text.as_bytes(), true, name);
    [&LINES, &FORMAT].into_iter().find(|f| (f.sniff)(&head)).map(|f| f.id)
}

fn values(all: &Collected, field: &str) -> Vec<(u64, String)> {
    all.field(None, field)
}

#[test]
fn paths_and_rows() {
    let all = json(r#"{"page":1,"users":[{"email":"a@b.no","tags":["x","y"]},{"email":null}]}"#);
    assert_eq!(values(&all, "$.page"), [(1, "1".into())]);
    let emails = [(1, "a@b.no".into()), (2, String::new())];
    assert_eq!(values(&all, "$.users[].email"), emails);
    let tags = [(1, "x".into()), (1, "y".into())];
    assert_eq!(values(&all, "$.users[].tags[]"), tags);
    let all = json("[[1,true],[2]]");
    assert_eq!(all.fields(), ["$[][]"]);
}

#[test]
fn answers_are_values_of_what_is_asked() {
    let all = json(
        r#"{"answers":[{"question":"Navn","answer":"Kari"},{"question":"Why?","answer":"so"},
        {"field":{"title":"Navn"},"text":"Ola"},{"name":"Navn:","value":"Per"},{"value":"x"}]}"#,
    );
    assert_eq!(values(&all, "$.answers[].answer.Navn"), [(1, "Kari".into())]);
    assert_eq!(values(&all, "$.answers[].answer"), [(2, "so".into())]);
    assert_eq!(values(&all, "$.answers[].text.Navn"), [(3, "Ola".into())]);
    assert_eq!(values(&all, "$.answers[].value.Navn"), [(4, "Per".into())]);
    assert_eq!(values(&all, "$.answers[].value"), [(5, "x".into())]);
}

#[test]
fn arrays_of_arrays_are_tables() {
    let rows = r#"["Kari", "k@x.no", 22], ["Ola", null, 23, "more"], ["Per", {"a": 1}, [24, 25]]"#;
    let first = format!(r#" [ ["Navn", "E-post", "Tlf"], {rows} ]"#);
    let listed =
        format!(r#"{{"columns": ["Navn","E-post","Tlf"], "index": [0,1], "data": [{rows}]}}"#);
    for (text, path) in [(first, "$[]"), (listed, "$.data[]")] {
        let all = json(&text);
        let of = |name: &str| values(&all, &format!("{path}{name}"));
        let names = [(1, "Kari".to_owned()), (2, "Ola".to_owned()), (3, "Per".to_owned())];
        assert_eq!(of(".Navn"), names, "{text}");
        assert_eq!(of(".E-post"), [(1, "k@x.no".into()), (2, String::new())]);
        assert_eq!(of(".E-post.a"), [(3, "1".into())]);
        assert_eq!(of(".Tlf"), [(1, "22".into()), (2, "23".into())]);
        assert_eq!(of(".Tlf[]"), [(3, "24".into()), (3, "25".into())]);
        assert_eq!(of("[]"), [(2, "more".into())]);
    }
    // No names of columns.
    for text in [
        r#"[["a@b.no", "x"], ["c@d.no", "y"]]"#,
        r#"[["Navn", "Tlf"]]"#,
        r#"[["Navn", 1], ["Kari", 2]]"#,
        r#"[["Navn", "Tlf" oops"#,
    ] {
        let (all, ..) = read(text.as_bytes(), FORMAT.read);
        assert_eq!(all.fields(), ["$[][]"], "{text}");
    }
    assert_eq!(json(r#"{"columns": ["a", 1], "data": [["b", 2]]}"#).fields()[1], "$.data[][]");
}

#[test]
fn lines_are_rows_and_broken_ones_are_text() {
    let text = "{\"a\":1}\n{\"a\":[{\"b\":2},{\"b\":3}]}\noops a@b.no\n\n{\"a\":\"x\n{\"a\":4}\n";
    let (all, why, _) = read(text.as_bytes(), LINES.read);
    assert_eq!(why, None);
    assert_eq!(values(&all, "$.a"), [(1, "1".into()), (5, "4".into())]);
    assert_eq!(values(&all, "$.a[].b"), [(2, "2".into()), (2, "3".into())]);
    assert!(all.text().contains("oops a@b.no"));
    assert_eq!(all.notes.len(), 1);
}

#[test]
fn keys_that_are_data() {
    let all = json(r#"{"m":{"a@b.no":{"x":1},"12345":{"x":2},"12346":{"x":3}}}"#);
    assert_eq!(values(&all, "$.m.{}"), [(1, "a@b.no".into())]);
    assert_eq!(values(&all, "$.m.{}.x").len(), 3);
}

#[test]
fn records_keyed_by_something_are_one() {
    let record = |i: usize| format!(r#""u{i}":{{"Navn":"N{i}","born":{{"$date":"D{i}"}}}}"#);
    let list = |range: std::ops::Range<usize>| range.map(record).collect::<Vec<_>>().join(",");
    // Whether told before or on the way, and in lines.
    let all = json(&format!(r#"{{"n":1,"users":{{"total":9,{}}}}}"#, list(0..9)));
    assert_eq!(
        all.fields(),
        ["$.n", "$.users.total", "$.users.{}", "$.users.{}.Navn", "$.users.{}.born"]
    );
    assert_eq!(values(&all, "$.users.{}.Navn")[8], (10, "N8".into()));
    assert_eq!(values(&all, "$.users.{}.born")[8], (10, "D8".into()));
    assert_eq!(values(&all, "$.users.{}")[0], (2, "u0".into()));
    let all = json(&format!(r#"{{"x":"{}","users":{{{}}}}}"#, "x".repeat(70_000), list(0..30)));
    assert_eq!(all.fields().len(), 1 + 8 * 2 + 3);
    let rows: Vec<u64> = values(&all, "$.users.{}.Navn").into_iter().map(|v| v.0).collect();
    assert_eq!((rows.len(), rows.windows(2).all(|r| r[0] + 1 == r[1])), (22, true));
    let (all, ..) =
        read(format!("{{{}}}\n{{{}}}\n", list(0..9), list(9..18)).as_bytes(), LINES.read);
    assert_eq!(values(&all, "$.{}.Navn").len(), 18);
    // The record that the start's end cuts is one like the others.
    let all = json(&format!(r#"{{"users":{{{}}}}}"#, list(0..5000)));
    assert_eq!(all.fields().len(), 3);
    // Records of records, and fewer than make a list.
    let deep = (0..9).map(|i| format!(r#""g{i}":{{"a":1,"b":{{{}}}}}"#, list(0..9)));
    let all = json(&format!("{{{}}}", deep.collect::<Vec<_>>().join(",")));
    assert_eq!(values(&all, "$.{}.b.{}.Navn").len(), 81);
    assert_eq!(json(&format!("{{{}}}", list(0..2))).fields().len(), 4);
    assert_eq!(json(&format!("{{{}}}", list(0..3))).fields().len(), 3);
    let named = list(0..7).replace("\"u3\"", "\"odd\"");
    assert_eq!(json(&format!("{{{named}}}")).fields().len(), 14);
}

#[test]
fn escapes() {
    let all = json(r#"{"a":"\u00f8 \ud83d\ude00 \q \ud83d \"\/\n","\u00e5":1,"b":"\u12"}"#);
    assert_eq!(values(&all, "$.a")[0].1, "ø 😀 \\q \\ud83d \"/\n");
    assert_eq!(values(&all, "$.å")[0].1, "1");
    assert_eq!(values(&all, "$.b")[0].1, "\\u12");
}

#[test]
fn tolerates_and_breaks() {
    let all = json("// who: x@y.no\n{'a': 'b', c: NaN, /* d */ \"e\": [1,],}");
    assert_eq!(all.fields(), ["$.a", "$.c", "$.e[]"]);
    assert!(all.text().contains("x@y.no"));
    let (all, why, at) = read(br#"{"a":"b","c":<oops>}"#, FORMAT.read);
    assert_eq!((why.is_some(), at), (true, 13));
    assert_eq!(values(&all, "$.a").len(), 1);
    let (all, why, at) = read(br#"[{"a":"b"},{"a":"unterminated"#, FORMAT.read);
    assert_eq!((why.is_some(), at), (true, 16));
    assert_eq!(values(&all, "$[].a").len(), 1);
}

#[test]
fn deep_nesting_is_flat() {
    for open in ["[", "{\"a\":"] {
        let text = open.repeat(200_000) + "1";
        let (_, why, _) = read(text.as_bytes(), FORMAT.read);
        assert!(why.is_some());
    }
    let text = "[".repeat(100_000) + "7" + &"]".repeat(100_000);
    let all = json(&text);
    assert_eq!(all.cells.len(), 1);
}

#[test]
fn long_strings_come_in_pieces() {
    let long = "æ\\u00f8 12\\\\".repeat(60_000);
    let text = format!("{{\"a\":\"{long}\",\"{long}\":2}}");
    let all = json(&text);
    assert_eq!(values(&all, "$.a")[0].1, "æø 12\\".repeat(60_000));
    assert_eq!(values(&all, "$.{}")[0].1, "æø 12\\".repeat(60_000));
    assert_eq!(values(&all, "$.{}")[1].1, "2");
}

#[test]
fn many_keys_share_a_slot() {
    let body: Vec<_> = (0..NODES + 10).map(|i| format!("\"k{i}\":{i}")).collect();
    let all = json(&format!("{{{}}}", body.join(",")));
    assert_eq!(all.cells.len(), NODES + 10);
    assert!(all.fields().contains(&"#more"));
}

#[test]
fn told_by_content() {
    let json = ["{}", "[]", "[{\"a\":1}]", "{\"a\": {\"b\": [1, 2]}}\n", "[1,2,3]", "{\n \"a\":1}"];
    for text in json {
        assert_eq!(told(text, "x"), Some("json"), "{text}");
    }
    let lines = "{\"a\":1}\n{\"a\":2}\n";
    assert_eq!(told(lines, "x"), Some("ndjson"));
    assert_eq!(told("{\"a\":1}\n", "x.jsonl"), Some("ndjson"));
    assert_eq!(told("{a: 1}", "x.json5"), Some("json"));
    let others = [
        "[section]\nkey=1",
        "[2024-01-01 10:00] hello",
        "[12] hello",
        "[INFO] x",
        "{% extends \"a\" %}",
        "{ body }",
        "{{ name }}",
        "[]byte{1}",
        "{\"a\" b}",
        "",
    ];
    for text in others {
        assert_eq!(told(text, "x"), None, "{text}");
    }
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[\\x00-\\x1d\\\\\"ø😀]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-dø\"\\\\]{1,3}", inner, 0..6)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

fn leaves(value: &Value, path: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::Array(a) => a.iter().for_each(|v| leaves(v, &format!("{path}[]"), out)),
        Value::Object(o) => o.iter().for_each(|(k, v)| leaves(v, &format!("{path}.{k}"), out)),
        Value::Null => out.push((path.into(), String::new())),
        Value::String(s) => out.push((path.into(), s.clone())),
        v => out.push((path.into(), v.to_string())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
    #[test]
    fn every_leaf_is_found(value in tree(), pretty: bool) {
        let value = Value::from(vec![value]);
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let all = json(&text.unwrap());
        let mut expected = Vec::new();
        leaves(&value, "$", &mut expected);
        let mut found: Vec<_> = all.cells.iter().map(|c| {
            let slot = &all.slots[c.0.0 as usize];
            (slot.field.clone().unwrap(), c.2.clone())
        }).collect();
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), lines: bool) {
        read(&bytes, if lines { LINES.read } else { FORMAT.read });
    }

    #[test]
    fn arbitrary_punctuation(text in "[\\[\\]{}:,\"'a1\\\\/* \n]{0,80}", lines: bool) {
        read(text.as_bytes(), if lines { LINES.read } else { FORMAT.read });
        told(&text, "x.json");
    }
}
