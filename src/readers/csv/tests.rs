//! Tests of the CSV reader.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::source::testing::tiny;
use crate::unit::testing::Collected;

fn read_as(bytes: &[u8], step: usize) -> (Collected, Result<(), Stop>, u64) {
    let mut all = Collected::default();
    let mut sink = Sink::new(&mut all, Arc::from([]));
    let mut source = tiny(bytes, step);
    let result = read(&mut source, &mut sink);
    sink.finish();
    (all, result, source.position())
}

fn good(bytes: &[u8]) -> Collected {
    let (all, result, _) = read_as(bytes, 5);
    result.unwrap();
    all
}

fn is_csv(bytes: &str, name: &str) -> bool {
    sniff(&Head::new(bytes.as_bytes(), true, name))
}

fn values(all: &Collected, field: &str) -> Vec<String> {
    all.field(None, field).into_iter().map(|v| v.1).collect()
}

#[test]
fn plain_table() {
    let all = good(b"navn;epost\r\nOla;ola@x.no\r\nKari;kari@x.no\r\n");
    assert_eq!(all.fields(), ["navn", "epost"]);
    assert_eq!(all.field(None, "epost"), [(1, "ola@x.no".into()), (2, "kari@x.no".into())]);
    assert!(all.texts.is_empty());
}

#[test]
fn quotes_and_line_ends() {
    let all = good(b"\"a\",\"b\"\r\"1 \"\"x\"\"\",\"two\r\nlines\"\r\"3,3\",\"\"\r");
    assert_eq!(values(&all, "a"), ["1 \"x\"", "3,3"]);
    assert_eq!(values(&all, "b"), ["two\r\nlines", ""]);
    let all = good(b"'navn','alder'\n'Ola, jr','42'\n'Kari','43'\n");
    assert_eq!(values(&all, "navn"), ["Ola, jr", "Kari"]);
    let all = good(b"id,text\n1,\"say \\\"hi\\\", he\"\n2,\"b\"\n");
    assert_eq!(values(&all, "text"), ["say \"hi\", he", "b"]);
    let all = good(b"id\tsize\n1\t\"5 inch\n2\t\"7 inch\n3\tx\n");
    assert_eq!(values(&all, "size"), ["\"5 inch", "\"7 inch", "x"]);
    let all = good(b"id,name\n1, \"a, b\"\n2, \"c, d\"\n");
    assert_eq!(values(&all, "name"), ["a, b", "c, d"]);
}

#[test]
fn headers() {
    let all = good(b"Ola;ola@x.no;1\nKari;k@x.no;2\nPer;p@x.no;3\n");
    assert_eq!(all.fields(), ["#1", "#2", "#3"]);
    assert_eq!(values(&all, "#1"), ["Ola", "Kari", "Per"]);
    let all = good(
        b"navn;;navn;x y\nOla;1;b;3;9\nKari;2\nPer;3;d;4\nPer;3;d;4\nA;3;d;4\nB;3;d;4\nC;3;d;4\n",
    );
    assert_eq!(all.fields(), ["navn", "#2", "navn#3", "x y", "#5"]);
    assert_eq!(values(&all, "#5"), ["9"]);
    let all = good(b"Navn;By\nOla;Oslo\nKari;Bergen\n");
    assert_eq!(all.fields(), ["Navn", "By"]);
    let all = good(b"navn;epost;mobil\n;;\n;;\n");
    assert_eq!(values(&all, "epost"), ["", ""]);
    let all = good(b"a@x;name\nb@x;other\nc@x;third\n");
    assert_eq!(all.fields(), ["#1", "#2"], "is_data");
    let all = good(b"land,2019,2020\nNorge,12345,1\nSverige,2,3\n");
    assert_eq!(all.fields(), ["land", "2019", "2020"]);
}

#[test]
fn numbers_and_dates_may_stand_in_headers() {
    for (head, name) in [
        ("Navn;Telefon;1;2;3", "3"),
        ("Navn;Telefon;01.11.;02.11.;x", "01.11."),
        ("Navn;Avd;10;11;12", "12"),
        ("Navn;+1;Telefon;a;b", "+1"),
    ] {
        let all = good(format!("{head}\nKari;22 33;F;;S\nOla;22 34;S;F;\n").as_bytes());
        assert_eq!(values(&all, "Navn"), ["Kari", "Ola"], "{head}");
        assert_eq!(values(&all, name).len(), 2, "{head}");
    }
    for row in ["Siv;22 31;1;2;3", "Navn;22 31;F;1;S", "status;1;x;y;2", "Navn;Telefon;k@x.no;F;S"]
    {
        let all = good(format!("{row}\nKari;22 33;F;;S\nOla;22 34;S;F;\n").as_bytes());
        assert_eq!(values(&all, "#1").len(), 3, "{row}");
    }
}

#[test]
fn values_of_keys_that_name_kinds_are_fields() {
    let all = good(b"id;attribute;value\n1;Navn;Kari\n1;colour;red\n2;Navn;Ola\n2;Telefon;22\n");
    assert_eq!(all.field(None, "value.Navn"), [(1, "Kari".into()), (3, "Ola".into())]);
    assert_eq!(values(&all, "value.Telefon"), ["22"]);
    assert_eq!(values(&all, "value"), ["red"]);
}

#[test]
fn what_stands_around_the_table() {
    let all = good(b"sep=;\nid;a;b\n1;2;3\n4;5;6\nAntall rader: 2\n");
    assert_eq!(all.fields(), ["id", "a", "b"]);
    assert_eq!(all.text(), "sep=;\nAntall rader: 2\n");
    assert_eq!(all.texts[1].1, 5, "line");
    let all = good(b"Kundeliste for Ola Nordmann\n\nid;navn;tlf\n1;x;2\n4;y;6\n7;z;9\n");
    assert_eq!(all.fields(), ["id", "navn", "tlf"]);
    assert_eq!(all.text(), "Kundeliste for Ola Nordmann\n\n");
    let all = good(b"# remark\n#code\tname\nAD\tAndorra\nAE\tEmirates\nAF\tAfghanistan\n");
    assert_eq!(all.fields(), ["code", "name"]);
    assert_eq!(values(&all, "code"), ["AD", "AE", "AF"]);
}

#[test]
fn tables_below_the_first_one() {
    let first = "Navn;E-post;Fnr\nOla;o@x.no;1\nKari;k@x.no;2\nPer;p@x.no;3\n";
    let second = "Telefon;Navn;Vekt\n22 33;Siv;70\n22 34;Liv;71\n";
    for gap in
        ["\n", "\r\n\r\n", ";;\n", " ; ;\n\n;;\n", "\nTelefonliste\n", ";;\nTelefonliste;;\n"]
    {
        let all = good(format!("{first}{gap}{second}").as_bytes());
        assert_eq!(all.fields(), ["Navn", "E-post", "Fnr", "Telefon", "Vekt"], "{gap:?}");
        assert_eq!(values(&all, "Telefon"), ["22 33", "22 34"], "{gap:?}");
        let names: Vec<_> =
            values(&all, "Navn").into_iter().filter(|n| !n.trim().is_empty()).collect();
        assert_eq!(names, ["Ola", "Kari", "Per", "Siv", "Liv"], "{gap:?}");
        assert_eq!(all.text().contains("Telefonliste"), gap.contains("liste"), "{gap:?}");
    }
    // It may be the wider and longer one.
    let wide = "Ordrenr;Dato;Navn;Vekt;Antall\n".to_owned() + &"7;2024-01-02;Liv;71;1\n".repeat(30);
    let filled = format!("{}\n;;;;\n", first.trim_end().replace('\n', ";;\n") + ";;");
    for above in [format!("{first}\n"), format!("Ansatte\n\n{first}\r\n\r\n"), filled] {
        let all = good(format!("{above}{wide}").as_bytes());
        assert_eq!(values(&all, "E-post")[..3], ["o@x.no", "k@x.no", "p@x.no"], "{above:?}");
        assert_eq!(values(&all, "Ordrenr"), ["7"; 30], "{above:?}");
    }
    // Rows below a gap go on with the columns above, whatever words stand in the first of them.
    for rows in
        ["Siv;s@x.no;4\n", "Siv;ukjent;ukjent\nLiv;l@x.no;5\n", "Oslo;Bergen;Os\nBodø;Moss;Å\n"]
    {
        let all = good(format!("{first}\n{rows}").as_bytes());
        assert_eq!(all.fields(), ["Navn", "E-post", "Fnr"], "{rows}");
        assert_eq!(values(&all, "Navn").len(), 3 + rows.lines().count());
    }
    // Gaps between all rows part no tables.
    let spaced = format!("{}\n{second}", first.replace('\n', "\n\n").repeat(9));
    let names = values(&good(spaced.as_bytes()), "Navn");
    assert!(names.len() >= 27, "{names:?}");
}

#[test]
fn a_header_that_comes_again_is_no_row() {
    let table =
        "\"Navn\";\"E-post\"\n\"Ola\";\"o@x.no\"\n\"Kari\";\"k@x.no\"\n\"Navn\";\"x@y.no\"\n";
    let all = good(table.repeat(3).as_bytes());
    assert_eq!(values(&all, "Navn"), ["Ola", "Kari", "Navn"].repeat(3));
    let last = all.field(None, "E-post").pop();
    assert_eq!(last, Some((9, "x@y.no".into())));
}

#[test]
fn a_header_may_come_again_below_a_row_with_fewer_cells() {
    let table = "Liste:;x;\nNavn;E-post;Nr;Sted\nOla;o@x.no;1;Bodø\n";
    let all = good(format!("{table}{table}Kari;k@x.no;2;Os\n").as_bytes());
    assert_eq!(values(&all, "E-post").iter().filter(|mail| mail.contains('@')).count(), 3);
}

#[test]
fn labels_above_a_table_are_a_form() {
    let table = "Dato;Navn;E-post;Sum\n1.2.2026;Ola;o@x.no;1\n2.2.2026;Kari;k@x.no;2\n";
    for gap in ["", "\n", ";;;\n"] {
        let text = format!("Kontoutskrift\nEier;Per Moe\nTelefon;22 33\n{gap}{table}");
        let all = good(text.as_bytes());
        let fields = ["Eier", "Telefon", "Dato", "Navn", "E-post", "Sum"];
        assert_eq!(all.fields().iter().collect::<std::collections::BTreeSet<_>>().len(), 6);
        assert!(fields.iter().all(|field| all.fields().contains(field)), "{text}");
        assert_eq!(all.field(None, "Eier"), [(1, "Per Moe".into())]);
        assert_eq!(all.field(None, "Navn"), [(2, "Ola".into()), (3, "Kari".into())]);
        assert_eq!(all.text(), "Kontoutskrift");
    }
    // A list of two columns is a table.
    let all = good(format!("Navn;Telefon\nPer;22 33\nSiv;22 34\n\n{table}").as_bytes());
    assert_eq!(all.field(None, "Telefon").len(), 2);
}

#[test]
fn titles_filled_up_with_delimiters() {
    let rows = "Navn;E-post;Fnr;Tlf\nOla;o@x.no;1;22\nKari;k@x.no;2;23\nPer;p@x.no;3;24\n";
    for titles in ["Ansatte;;;\n", ";;;\n", "Ansatte;;;\n;;;\nUttrekk;2024;;\n"] {
        let all = good(format!("{titles}{rows}").as_bytes());
        assert_eq!(all.fields(), ["Navn", "E-post", "Fnr", "Tlf"], "{titles}");
        assert_eq!(values(&all, "Tlf"), ["22", "23", "24"]);
        assert_eq!(all.text(), titles);
    }
    // A row with few values above others is data, and so is a header with few names.
    let all = good(b"1;;;\n2;a;3;4\n3;b;4;5\n4;c;5;6\n");
    assert_eq!(values(&all, "#1"), ["1", "2", "3", "4"]);
    let all = good(b"id;;;\n1;Ola;x;y\n2;Kari;z;x\n3;Per;y;z\n");
    assert_eq!(all.fields(), ["id", "#2", "#3", "#4"]);
    let all = good(b"Ola;;;\nKari Moe;Oslo;ja;x\nPer;bergen;nei;y\nSiv;Os;ja;Z\n");
    assert_eq!(values(&all, "#1"), ["Ola", "Kari Moe", "Per", "Siv"]);
}

#[test]
fn rows_that_keep_to_the_header_are_ragged() {
    let names = ["Navn", "E-post", "Fnr"];
    let rows = ["Ola,o@x.no,1", "Kari,k@x.no,2", "Per,p@x.no,3", "Siv,s@x.no,4"];
    for tails in [["", ",", ",,", ""], [",", ",", ",", ","], ["", ",x", "", ","]] {
        let lines: Vec<_> =
            rows.iter().zip(tails).map(|(row, tail)| format!("{row}{tail}\n")).collect();
        let text = format!("{}\n{}", names.join(","), lines.concat());
        assert!(is_csv(&text, "x.csv"), "{text}");
        let all = good(text.as_bytes());
        assert_eq!(all.fields()[..3], names, "{text}");
        assert_eq!(values(&all, "Navn"), ["Ola", "Kari", "Per", "Siv"], "{text}");
        assert_eq!(values(&all, "Fnr"), ["1", "2", "3", "4"], "{text}");
    }
    let all = good(
        b"Navn,E-post,Fnr,Merknad\nOla,o@x.no,1\nKari,k@x.no,2,ok\nPer,p@x.no,3\nSiv,s@x.no,4,ok\n",
    );
    assert_eq!(all.fields(), ["Navn", "E-post", "Fnr", "Merknad"]);
    assert_eq!(values(&all, "Merknad"), ["ok", "ok"]);
    // R leaves out the name of the first column.
    let all = good(b"Navn;Fnr\nr;Ola;1\ns;Kari;2\nt;Per;3\nu;Siv;4\n");
    assert!(!values(&all, "#1").is_empty(), "{:?}", all.fields());
}

#[test]
fn rows_may_lack_any_cells_at_their_ends() {
    let names = ["navn", "fnr", "epost", "telefon", "adresse", "merknad"];
    for delimiter in [";", ",", "\t", "|", "\u{1}"] {
        for (least, most) in [(4, 6), (3, 6), (1, 6), (2, 5), (4, 9)] {
            let row = |i: usize| {
                let cells =
                    ["Kari Moe", "17", "kari@x.no", "22 33", "Storgata 4", "ring", "x", "", "y"];
                let count = if i == 7 { least } else { (least + i % (most - least + 1)).max(2) };
                cells[..count].join(delimiter) + "\n"
            };
            let rows: String = (0..30).map(row).collect();
            let text = names.join(delimiter) + "\n" + &rows;
            assert!(is_csv(&text, "x.csv"), "{text}");
            let all = good(text.as_bytes());
            assert_eq!(all.fields()[..6], names, "{text}");
            assert!(values(&all, "fnr").iter().all(|v| v == "17"), "{text}");
            // Without the name, rows beyond the header make it doubtful.
            assert_eq!(is_csv(&text, "x.txt"), most <= 6, "{text}");
        }
    }
    for (text, columns) in [
        // Their first name may be missing, or one name have several words.
        ("navn;tlf;by\nr1;Kari;22;Oslo\nr2;Ola;23;Os;x\nr3;Per;24;Bodø\nr4;Siv;25;Moss;y\n", 0),
        ("apples, pears, plums\ncherries, 12\ngrapes, 15, 16\nnuts, 33\n", 0),
        ("Etternavn, fornavn, tittel\nHansen\nBerg, Kari\nLie\nMoe\nDahl, Per, dr.\n", 1),
        ("Kjære deg, kom, nå.\nVi er 12, du\nog, jeg, og, 13, vi\nkommer, 14\nså, ja, 15, 16\n", 1),
    ] {
        let named = columns == 0 || good(text.as_bytes()).fields().len() == columns;
        assert!(named && !is_csv(text, "x.txt"), "{text}");
    }
}

#[test]
fn control_bytes_as_delimiters() {
    let rows = [
        ["navn", "epost", "nr"],
        ["Kåre", "k@x.no", "1"],
        ["Ola", "o@x.no", "2"],
        ["Siv", "s@x.no", "3"],
    ];
    for (delimiter, quote) in
        [("\u{1}", ""), ("\u{2}", ""), ("\u{14}", "þ"), ("\u{14}", ""), ("\u{1f}", "\"")]
    {
        let line =
            |row: &[&str; 3]| row.map(|c| format!("{quote}{c}{quote}")).join(delimiter) + "\r\n";
        let text: String = rows.iter().map(line).collect();
        let head = |bytes| Head { controls: true, ..Head::new(bytes, true, "x.dat") };
        assert!(is_set_apart_by_controls(&head(text.as_bytes())), "{text:?}");
        let all = good(text.as_bytes());
        assert_eq!(all.fields(), rows[0], "{text:?}");
        assert_eq!(values(&all, "navn"), ["Kåre", "Ola", "Siv"], "{text:?}");
        let mixed = text.replacen("Ola", "Ola\u{3}", 1);
        assert!(!is_set_apart_by_controls(&head(mixed.as_bytes())));
    }
    let nested = "a\u{1}b\u{1}c\n1\u{1}2\u{2}3\u{1}4\n5\u{1}6\u{1}7\n8\u{1}9\u{1}0\n";
    assert!(is_set_apart_by_controls(&Head::new(nested.as_bytes(), true, "")));
}

#[test]
fn forms() {
    let all = good(b"Skjema;\nNavn;Kari\nTelefon;22 33\nE-post;kari@x.no\nStilling;\n");
    assert_eq!(all.fields(), ["Navn", "Telefon", "E-post"]);
    assert_eq!(values(&all, "Navn"), ["Kari"]);
    assert_eq!(all.text(), "SkjemaStilling");
}

#[test]
fn one_column() {
    let all = good(b"epost\nola@x.no\nkari@x.no\n");
    assert_eq!(values(&all, "epost"), ["ola@x.no", "kari@x.no"]);
    let all = good(b"navn\nHansen, Ola\nBerg, Kari\nLie, Per\n");
    assert_eq!(values(&all, "navn"), ["Hansen, Ola", "Berg, Kari", "Lie, Per"]);
}

#[test]
fn unterminated_quote_loses_nothing() {
    let bytes = b"id;navn\n1;\"Ola\"\n2;\"Kari\n3;Per\n";
    let (all, result, at) = read_as(bytes, 3);
    assert!(matches!(result, Err(Stop::Malformed(_))));
    assert_eq!(values(&all, "navn"), ["Ola"]);
    assert_eq!(values(&all, "id"), ["1", "2"]);
    assert_eq!(&bytes[usize::try_from(at).unwrap()..], b"\"Kari\n3;Per\n");
    let mut long = b"id;navn\n1;\"O\"\n2;\"K\"\n3;\"".to_vec();
    long.resize(3 << 20, b'x');
    let (_, result, at) = read_as(&long, 1000);
    assert!(matches!(result, Err(Stop::Malformed(_))));
    assert_eq!(long[usize::try_from(at).unwrap() + 1], b'x');
}

#[test]
fn long_cells_go_out_in_pieces() {
    let long = "word ".repeat(100_000);
    let all = good(format!("id;text\n1;{long}\n2;\"{long}\"\n3;end\n").as_bytes());
    assert_eq!(values(&all, "text"), [long.clone(), long, "end".to_owned()]);
    let one_line = "x".repeat(700_000);
    let (all, result, _) = read_as(one_line.as_bytes(), 100);
    result.unwrap();
    assert_eq!(all.cells.len(), 1);
    assert_eq!(all.cells[0].2.len(), 700_000);
}

#[test]
fn many_columns() {
    let header: Vec<String> =
        (0..20_000).map(|i| format!("{i:b}").replace('0', "o").replace('1', "l")).collect();
    let row = vec!["1"; 20_000].join(";");
    let all = good(format!("{}\n{row}\n{row}\n", header.join(";")).as_bytes());
    assert_eq!(all.cells.len(), 40_000);
    let all = good(";".repeat(3_000_000).as_bytes());
    assert!(all.slots.len() < 5000);
}

#[test]
fn tables_are_told() {
    assert!(is_csv("a;b;c\n1;2;3\n4;5;6\n", "x.txt"));
    assert!(is_csv("navn;epost;mobil;fnr\n;;;\n;;;\n", "x.csv"));
    assert!(is_csv("navn;epost;mobil\n", "x.csv"));
    assert!(is_csv("Block, Timestamp\n428925, 1473387721\n428926, 1473388413\n", "x.csv"));
    assert!(is_csv("a,b,c\n1,2,3\n4,5,6\n7,8,9\n", ""));
    assert!(is_csv(
        "root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/no\na:x:2:2:a:/:/no\nb:x:3:3:b:/:/no\n",
        "passwd"
    ));
    assert!(is_csv("a\x01b\x01c\n1\x012\x013\n4\x015\x016\n", ""));
    assert!(is_csv("epost\nola@x.no\n", "x.csv"));
    assert!(is_csv("1,5;2,5;3,5\n1,5;2,5;3,5\n1,5;2,5;3,5\n", ""));
    assert_eq!(good(b"1,5;2,5;3,5\n1,5;2,5;3,5\n1,5;2,5;3,5\n").fields().len(), 3);
}

#[test]
fn other_texts_are_not() {
    for text in [
        "Dear Ola,\nthank you, and hello,\nwe are, as ever, glad\nOla, Kari\n",
        "2024-01-01 12:00:00,123 INFO started the thing\n2024-01-01 12:00:01,124 INFO stopped the thing\n2024-01-01 12:00:02,124 INFO stopped the thing\n",
        "2024-01-01 12:00:00 | INFO | started the thing now\n2024-01-01 12:00:00 | INFO | started the thing now\n2024-01-01 12:00:00 | INFO | started the thing now\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n",
        "let a = 1;\nlet b = 2;\nlet c = 3;\nlet d = 4;\n",
        "foo(a, b, c)\nbar(d, e, f)\nbaz(g, h, i)\n",
        "component-0 version 1.2 build 3\ncomponent-1 version 1.2 build 3\n",
        "[a]\nb = 1\nc = 2\n",
        "Navn: Ola Nordmann\nTelefon: 12 34 56 78\nAdresse: Storgata 1\nBy: Oslo\n",
        "\tif x:\n\t\treturn\n\telse:\n\t\tpass\n",
        "a: 1\nb: 2\nc: 3\nd: 4\n",
        "Lorem ipsum dolor; sit amet.\nConsectetur; elit.\n",
        "12:00:01 a\n12:00:02 b\n12:00:03 c\n12:00:04 d\n",
        "{\"a\": 1, \"b\": 2}\n{\"a\": 1, \"b\": 2}\n{\"a\": 1, \"b\": 2}\n",
    ] {
        assert!(!is_csv(text, ""), "{text}");
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zæ \"\n,;]{0,12}", "[0-9]{1,6}", Just(String::new())]
}

fn tables() -> impl Strategy<Value = Vec<Vec<String>>> {
    (2_usize..6)
        .prop_flat_map(|k| proptest::collection::vec(proptest::collection::vec(cell(), k), 3..20))
}

proptest! {
    /// For a table with a header, cells come out as the `csv` crate reads them.
    #[test]
    fn same_as_the_csv_crate(rows in tables(), delimiter in prop::sample::select(vec![b';', b',', b'\t', b'|']), step in 1_usize..8) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).quote_style(csv::QuoteStyle::NonNumeric).from_writer(Vec::new());
        let names: Vec<String> = (0..rows[0].len()).map(|i| format!("name{i}")).collect();
        writer.write_record(&names).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let d = Dialect::new(delimiter);
        let mut all = Collected::default();
        let mut sink = Sink::new(&mut all, Arc::from([]));
        let slots = names.iter().map(|n| sink.slot(None, Some(n))).collect();
        let mut reading = Reading::new(d, names.len(), slots, Sections::new(Vec::new(), names.len()), &mut sink);
        reading.run(&mut tiny(&bytes, step)).unwrap();
        sink.finish();
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(bytes.as_slice());
        let expected: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        for (i, name) in names.iter().enumerate() {
            let column: Vec<String> = expected.iter().map(|r| r[i].to_owned()).collect();
            prop_assert_eq!(values(&all, name), column);
        }
    }

    /// Nothing is lost and nothing panics, whatever the bytes.
    #[test]
    fn every_byte_comes_out(bytes in proptest::collection::vec(prop::sample::select(b"ab1;,\t\"' \n\r\\#|:\x00\xF8".to_vec()), 0..300), step in 1_usize..8) {
        let (all, result, at) = read_as(&bytes, step);
        let rest = String::from_utf8_lossy(&bytes[usize::try_from(at).unwrap()..]).into_owned();
        let mut out = all.text();
        all.cells.iter().for_each(|c| out.push_str(&c.2));
        all.fields().iter().for_each(|f| out.push_str(f));
        if result.is_err() {
            out.push_str(&rest);
        } else {
            prop_assert_eq!(rest, "");
        }
        // A header may come again.
        let text = String::from_utf8_lossy(&bytes);
        let is_head = |line: &&str| {
            let rest = all.fields().iter().fold((*line).to_owned(), |l, f| l.replacen(*f, "", 1));
            !rest.contains(['a', 'b'])
        };
        let lines: String = text.split(['\n', '\r']).filter(|line| !is_head(line)).collect();
        for letter in ['a', 'b'] {
            let count = |s: &str| s.matches(letter).count();
            prop_assert!(count(&out) >= count(&lines));
        }
        sniff(&Head::new(&bytes, true, "x.csv"));
        sniff(&Head::new(&bytes, false, ""));
    }

    #[test]
    fn a_glance_at_lines_misses_no_table(
        delimiter in prop::sample::select(b",; |:\t\x14".to_vec()),
        columns in 1..5_usize,
        has_header in any::<bool>(),
        lines in proptest::collection::vec(("[ab1'\" ]{0,4}|123456", 0..30_usize), 0..130),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        is_whole in any::<bool>(),
    ) {
        let delimiter = char::from(delimiter).to_string();
        let mut text = String::new();
        if has_header {
            text += &(["navn", "nr", "dato", "by"][..columns.min(4)].join(&delimiter) + end);
        }
        for (cell, odd) in &lines {
            let cells = if *odd < 4 { *odd } else { columns };
            text += &vec![cell.as_str(); cells].join(&delimiter);
            text += end;
        }
        for text in [text.as_str(), text.trim_end(), &text.replace(['\'', '"'], "")] {
            let (bytes, sure) = (text.as_bytes(), choice::is_sure_by_cells(text.as_bytes(), is_whole));
            prop_assert_eq!(choice::is_sure(bytes, is_whole), sure, "{:?}", text);
        }
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), step in 1_usize..8) {
        let _ = read_as(&bytes, step);
    }

    #[test]
    fn rows_in_one_go_are_those_cut_cell_by_cell(
        delimiter in prop::sample::select(b",;|\t".to_vec()),
        columns in 1..6_usize,
        rows in proptest::collection::vec(
            (0..12_usize, proptest::collection::vec("[ab1 ]{0,9}", 6)), 20..90
        ),
        odd in proptest::collection::vec((0..90_usize, 0..6_usize, 0..ODD.len()), 0..6),
        ends in prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n"]),
        quoted in 0..3_usize,
    ) {
        let delimiter = char::from(delimiter).to_string();
        let mut text = (0..columns).map(|n| format!("name{n}")).collect::<Vec<_>>().join(&delimiter) + ends;
        for (row, (ragged, cells)) in rows.iter().enumerate() {
            let cells = cells.iter().enumerate().map(|(column, cell)| {
                let found = odd.iter().find(|o| (o.0, o.1) == (row, column));
                match found {
                    Some(o) => ODD[o.2].to_owned(),
                    None if column < quoted => format!("\"{cell}{delimiter}\n\""),
                    None => cell.clone(),
                }
            });
            let count = columns + usize::from(*ragged == 0) - usize::from(*ragged == 1);
            text += &cells.take(count).collect::<Vec<_>>().join(&delimiter);
            text += ends;
        }
        let by = |in_rows| {
            let mut all = Collected::default();
            let mut sink = Sink::new(&mut all, Arc::from([]));
            let mut source = Source::from_bytes(text.clone().into_bytes());
            let result = read_by(&mut source, &mut sink, in_rows).is_ok();
            sink.finish();
            let fields: Vec<_> =
                all.fields().iter().map(|f| (f.to_string(), all.field(None, f))).collect();
            (fields, all.texts, result, source.position())
        };
        prop_assert_eq!(by(true), by(false), "{:?}", text);
    }
}

/// Cells that need a closer look.
const ODD: [&str; 14] = [
    "\"a\"\"b\"",
    "\"a\"b",
    "a\"b",
    "\"",
    "\"a\\\"b\"",
    " \"a\"",
    "a\rb",
    "\"a\nb\"",
    "\u{1e}",
    "\"\u{1e}\"",
    "{\"k\":1}",
    "\"[1]\"",
    " [2]",
    "\t",
];
