//! Tests of the SQL reader.

use super::super::drive::testing::read;
use super::*;
use crate::readers::Head;
use crate::unit::testing::Collected;
use proptest::prelude::*;

fn sql(text: &str) -> Collected {
    let (all, why, _) = read(text.as_bytes(), FORMAT.read);
    assert_eq!(why, None, "{text}");
    all
}

fn column(all: &Collected, table: &str, field: &str) -> Vec<String> {
    let cells = all.field(Some(table), field);
    let rows: Vec<u64> = cells.iter().map(|c| c.0).collect();
    assert!(rows.windows(2).all(|w| w[0] < w[1]), "{rows:?}");
    cells.into_iter().map(|c| c.1).collect()
}

fn told(text: &str, name: &str) -> bool {
    (FORMAT.sniff)(&Head::new(text.as_bytes(), true, name))
}

#[test]
fn pg_copy() {
    let all = sql(
        "--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.t (\n a int DEFAULT 'x@y.no',\n b text\n);\n\
        COPY public.t (a, \"b c\") FROM stdin;\n1\tx\\ty\\n\\\\\n2\t\\N\n\\.\n\nCOMMENT ON TABLE public.t IS 'c@d.no';\n\
        COPY public.t FROM stdin WITH DELIMITER '|' NULL 'nil';\n3|nil\n\\.\n",
    );
    assert_eq!(column(&all, "public.t", "a"), ["1", "2", "3"]);
    assert_eq!(column(&all, "public.t", "b c"), ["x\ty\n\\", ""]);
    assert_eq!(column(&all, "public.t", "b"), [""]);
    assert!(all.text().contains("'x@y.no'") && all.text().contains("'c@d.no'"));
    let comment = all.texts.iter().find(|t| t.2.starts_with("COMMENT")).unwrap();
    assert_eq!(comment.1, 13);
}

#[test]
fn pg_inserts() {
    let all = sql(
        "SET search_path = crm, pg_catalog;\nCREATE TABLE t (a int, b text, CONSTRAINT k CHECK (a > 0));\n\
        INSERT INTO t VALUES (1, 'it''s; ),(\n\\n');\nINSERT INTO t VALUES (2, E'a\\nb\\'c');\n\
        INSERT INTO t (b) OVERRIDING SYSTEM VALUE VALUES ('{\"k\": \"v\"}'::jsonb), (CAST('x' AS text)), (NULL), (now()), (true);\n\
        INSERT INTO other.u SELECT 1;\n",
    );
    assert_eq!(column(&all, "crm.t", "a"), ["1", "2"]);
    let b = ["it's; ),(\n\\n", "a\nb'c", "", "x", "", "now()", "true"];
    assert_eq!(column(&all, "crm.t", "b"), b);
    assert_eq!(all.field(Some("crm.t"), "b.$.k"), [(3, "v".into())]);
}

#[test]
fn statements_without_semicolons() {
    let all = sql(
        "IF NOT EXISTS (SELECT 1)\nCREATE TABLE t (a int, b decimal(9, 2))\nINSERT INTO t VALUES (1, CAST(50 AS Decimal(9, 2)))\n\
        CREATE TABLE u (\n c date\n) ON [PRIMARY]\nINSERT INTO u VALUES (CAST(0x1D380B00 AS Date))\nINSERT INTO u VALUES ('x')\n",
    );
    assert_eq!(column(&all, "t", "b"), ["50"]);
    assert_eq!(column(&all, "u", "c"), ["2014-01-29", "x"]);
    // A rule of PostgreSQL goes on.
    let all = sql("CREATE RULE r AS ON INSERT TO t (a) DO ALSO\nINSERT INTO u VALUES (new.a);\n");
    assert!(all.fields().is_empty());
}

#[test]
fn oracle_exports() {
    let text = "REM INSERTING into HR.P\nSET DEFINE OFF;\nInsert into HR.P (ID,NAVN) values (1,'Ola');\n\
        REM it's done\nPROMPT Loading HR.Q...\nInsert into HR.Q (NAVN) values ('Kari');\nRem\n";
    assert!(told(text, "x.sql") && told(text, "x.txt"));
    assert!(!told("REM a batch file\nSET x=1\n", "x.bat"));
    let all = sql(text);
    assert_eq!(column(&all, "HR.P", "NAVN"), ["Ola"]);
    assert_eq!(column(&all, "HR.Q", "NAVN"), ["Kari"]);
    assert!(all.text().contains("it's done"));
}

#[test]
fn formats_are_no_part_of_what_is_read_by_them() {
    let values = [
        ("to_date('1955-03-08','YYYY-MM-DD')", "1955-03-08"),
        ("TO_TIMESTAMP (N'8.3.1955', 'DD.MM.YYYY', 'NLS_LANG=x')", "8.3.1955"),
        ("cast(str_to_date('8,3', '%d,%m') as date)", "8,3"),
        ("concat(to_char('a','b'), ' c')", "a  c"),
        ("CONVERT(date, N'1955-03-08', 23)", "1955-03-08"),
        ("f('a', 'b')", "a b"),
    ];
    for (value, wanted) in values {
        let all = sql(&format!("INSERT INTO t (born, n) VALUES ({value}, 1);\n"));
        assert_eq!(column(&all, "t", "born"), [wanted], "{value}");
        assert_eq!(column(&all, "t", "n"), ["1"], "{value}");
    }
}

#[test]
fn values_of_keys_that_name_kinds_are_fields() {
    let columns = "(id, meta_key, meta_value)";
    for text in [
        format!(
            "INSERT INTO m {columns} VALUES (1,'Navn','Kari'),(2,'colour','red'),(3,'Telefon',22);\n"
        ),
        format!(
            "COPY m {columns} FROM stdin;\n1\tNavn\tKari\n2\tcolour\tred\n3\tTelefon\t22\n\\.\n"
        ),
    ] {
        let all = sql(&text);
        assert_eq!(column(&all, "m", "meta_value.Navn"), ["Kari"]);
        assert_eq!(column(&all, "m", "meta_value.Telefon"), ["22"]);
        assert_eq!(column(&all, "m", "meta_value"), ["red"]);
        assert_eq!(column(&all, "m", "meta_key").len(), 3);
    }
}

#[test]
fn a_table_for_each_row() {
    let all = sql(
        "INSERT ALL\n  INTO HR.P (ID, NAVN) VALUES (1, 'Ola')\n  INTO HR.P (ID, NAVN) VALUES (2, 'Kari')\n\
        INTO HR.Q (EPOST) VALUES ('k@example.org')\nSELECT * FROM dual;\n\
        insert all into HR.P (ID, NAVN) values (3, 'Per') select 1 from dual;\nDELETE FROM HR.P;\n",
    );
    assert_eq!(column(&all, "HR.P", "NAVN"), ["Ola", "Kari", "Per"]);
    assert_eq!(column(&all, "HR.Q", "EPOST"), ["k@example.org"]);
    assert!(all.text().contains("SELECT * FROM dual;") && all.text().contains("DELETE"));
}

#[test]
fn rows_that_are_selected() {
    let all = sql("CREATE TABLE p (id int, navn text, epost text);\n\
        INSERT INTO p (id, navn, epost)\nSELECT 1, 'Ola, it''s', 'o@example.org' UNION ALL -- x@y.no\n\
        select -2 id, N'Kari' AS \"Navn\", NULL FROM dual\nUNION\nSELECT s.nextval, upper('per'), 'p@example.org' -- Per\n\
        WHERE NOT EXISTS (SELECT 1 FROM p);\nINSERT INTO p SELECT 3, 'Nils', @mail\nGO\n\
        INSERT INTO p (id, navn) SELECT id, 'x' FROM q;\nINSERT INTO p SELECT 4, navn FROM q UNION SELECT 1, 'z';\n");
    assert_eq!(column(&all, "p", "id"), ["1", "-2", "s.nextval", "3"]);
    assert_eq!(column(&all, "p", "navn"), ["Ola, it's", "Kari", "per", "Nils"]);
    assert_eq!(column(&all, "p", "epost"), ["o@example.org", "", "p@example.org", "@mail"]);
    for text in ["x@y.no", "WHERE NOT EXISTS", "SELECT id, 'x' FROM q;", "SELECT 1, 'z';"] {
        assert!(all.text().contains(text), "{text}");
    }
}

#[test]
fn mysql() {
    let all = sql(
        "-- MySQL dump 10\n/*!40101 SET NAMES utf8 */;\nCREATE TABLE `c` (\n `id` int,\n `key` text,\n PRIMARY KEY (`id`),\n KEY `i` (`key`)\n) ENGINE=InnoDB;\n\
        INSERT INTO `c` VALUES\n(1,'O\\'Brien; ),(\\n'),\n(2,_binary 'x\\0'),(3,0x6162),(4,X'6364'),(5,NULL);\n\
        DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON c FOR EACH ROW BEGIN\nINSERT INTO audit VALUES (1,'n@m.no');\nEND ;;\nDELIMITER ;\n\
        INSERT INTO `c` (`key`) VALUES ('z');\nUNLOCK TABLES;\n",
    );
    assert_eq!(column(&all, "c", "id"), ["1", "2", "3", "4", "5"]);
    let keys = ["O'Brien; ),(\n", "x\0", "ab", "cd", "", "z"];
    assert_eq!(column(&all, "c", "key"), keys);
    assert!(all.text().contains("n@m.no"));
    assert!(!all.slots.iter().any(|s| s.table.as_deref() == Some("audit")));
}

#[test]
fn sqlite_and_sql_server() {
    let all = sql(
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE IF NOT EXISTS \"t\"(key TEXT, v);\n\
        INSERT INTO t VALUES('a',replace('l1\\nl2','\\n',char(10)));\n\
        CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES('q'); UPDATE t SET v=1; END;\nCOMMIT;\n",
    );
    assert_eq!(column(&all, "t", "key"), ["a"]);
    assert_eq!(column(&all, "t", "v"), ["l1\nl2"]);
    assert!(!all.slots.iter().any(|s| s.table.as_deref() == Some("log")));
    let all = sql("USE [db]\nGO\nSET IDENTITY_INSERT [dbo].[t] ON\nGO\n\
        INSERT [dbo].[t] ([Id], [Na me]) VALUES (1, N'Åse')\nINSERT [dbo].[t] ([Id], [Na me]) VALUES (2, N'O''x')\nGO\n");
    assert_eq!(column(&all, "dbo.t", "Id"), ["1", "2"]);
    assert_eq!(column(&all, "dbo.t", "Na me"), ["Åse", "O'x"]);
}

#[test]
fn without_columns() {
    let all = sql("INSERT INTO t VALUES (1,'a'),(2,'b');");
    assert_eq!(column(&all, "t", "#2"), ["a", "b"]);
}

#[test]
fn ends_too_early() {
    let (all, why, at) = read(b"INSERT INTO t VALUES (1,'a'),(2,'b", FORMAT.read);
    assert_eq!((why.is_some(), at), (true, 32));
    assert_eq!(column(&all, "t", "#1"), ["1", "2"]);
    let (all, why, _) = read(b"COPY t (a) FROM stdin;\n1\n2", FORMAT.read);
    assert!(why.is_some());
    assert_eq!(column(&all, "t", "a"), ["1", "2"]);
}

#[test]
fn pg_functions_are_text() {
    let all = sql("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $_$\nBEGIN\n\
        INSERT INTO log VALUES ('x@y.no; $$');\nRETURN NEW; END; $_$;\n\
        CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f();\nINSERT INTO t VALUES (1);\n");
    assert_eq!(column(&all, "t", "#1"), ["1"]);
    assert!(all.text().contains("x@y.no"));
    assert!(!all.slots.iter().any(|s| s.table.as_deref() == Some("log")));
}

#[test]
fn the_last_insert_has_no_rows() {
    let all = sql("INSERT INTO t VALUES (1);\nINSERT INTO t VALUES");
    assert_eq!(column(&all, "t", "#1"), ["1"]);
}

#[test]
fn long_values() {
    let long = "a '' \\\\ ;),( æ\n".repeat(30_000);
    let text = format!(
        "-- MySQL dump\nINSERT INTO t VALUES (1,'{long}',_binary '{long}'),(2,'x',0x{});",
        "00".repeat(90_000)
    );
    let all = sql(&text);
    let plain = "a ' \\ ;),( æ\n".repeat(30_000);
    assert_eq!(column(&all, "t", "#2"), [plain.as_str(), "x"]);
    assert_eq!(column(&all, "t", "#3")[0], plain);
    let cell = "x\\ty\\\\ é ".repeat(30_000);
    let all = sql(&format!("COPY t (a, b) FROM stdin;\n{cell}\t1\n2\t3\n\\.\n"));
    assert_eq!(column(&all, "t", "a"), ["x\ty\\ é ".repeat(30_000).as_str(), "2"]);
    assert_eq!(column(&all, "t", "b"), ["1", "3"]);
}

#[test]
fn a_stray_quote_does_not_hide_rows() {
    let all = sql("SET x = 'oops;\nINSERT INTO t VALUES (1);\n");
    assert_eq!(column(&all, "t", "#1"), ["1"]);
}

#[test]
fn told_by_content() {
    assert!(told("-- x\n\nINSERT INTO t (a) VALUES (1);", "x.txt"));
    assert!(told("--\n-- PostgreSQL database dump\n--\n", "x"));
    assert!(told("CREATE TABLE t (a int);", "x"));
    assert!(told("SELECT 1;\n", "q.sql"));
    assert!(told("/*!40101 SET NAMES utf8 */;\nCREATE TABLE `t` (\n `a` int);", "x"));
    for text in [
        "SELECT 1;\n",
        "# Title\nSome text\nINSERT INTO t VALUES (1);",
        "db.run(\"INSERT INTO t VALUES (1)\")",
        "Create table reservations early, please.",
        "import x\n\nINSERT INTO t VALUES (1)",
        "",
    ] {
        assert!(!told(text, "x.txt"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn inserts_round_trip(rows in prop::collection::vec(("[a'\\\\\n;),(\"ø-]{0,12}", any::<i32>()), 1..8), mysql: bool) {
        let quoted = |s: &str| if mysql {
            format!("'{}'", s.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
        } else {
            format!("'{}'", s.replace('\'', "''"))
        };
        let body: Vec<_> = rows.iter().map(|(s, n)| format!("({n}, {})", quoted(s))).collect();
        let name = if mysql { "`t`" } else { "t" };
        let all = sql(&format!("INSERT INTO {name} (n, s) VALUES {};\n", body.join(",\n")));
        let texts: Vec<_> = rows.iter().map(|r| r.0.clone()).collect();
        prop_assert_eq!(column(&all, "t", "s"), texts);
        let numbers: Vec<_> = rows.iter().map(|r| r.1.to_string()).collect();
        prop_assert_eq!(column(&all, "t", "n"), numbers);
    }

    #[test]
    fn copy_round_trips(rows in prop::collection::vec(("[a'\\\\\n\t.Nø]{0,12}", any::<i32>()), 1..8)) {
        let escaped = |s: &str| s.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
        let body: String = rows.iter().map(|(s, n)| format!("{}\t{n}\n", escaped(s))).collect();
        let all = sql(&format!("COPY s.t (s, n) FROM stdin;\n{body}\\.\n"));
        let texts: Vec<_> = rows.iter().map(|r| r.0.clone()).collect();
        prop_assert_eq!(column(&all, "s.t", "s"), texts);
    }

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), from in 0..4usize) {
        let start: [&[u8]; 4] = [b"", b"INSERT INTO t VALUES (", b"COPY t FROM stdin;\n", b"CREATE TABLE t ("];
        read(&[start[from], &bytes].concat(), FORMAT.read);
    }

    #[test]
    fn arbitrary_sql(words in prop::collection::vec(prop::sample::select(vec![
        "INSERT INTO t VALUES ", "(", ")", ",", "'", "E'", "\\", ";", "\n", "COPY t FROM stdin;\n", "a", "$$", "--", "/*", "*/", "\"", "CREATE TABLE t (", "GO\n", "DELIMITER ;;\n", "BEGIN ", "END;", "\\.\n", "X'41'", "-- MySQL dump\n",
    ]), 0..30)) {
        let text = words.concat();
        read(text.as_bytes(), FORMAT.read);
        told(&text, "x.sql");
    }

    #[test]
    fn rows_in_one_go_are_those_cut_value_by_value(
        start in prop::sample::select(vec![
            "INSERT INTO t (a, b) VALUES ",
            "INSERT INTO `t` (a, b) VALUES ",
            "COPY t (a, b) FROM stdin;\n",
            "COPY t (a, b) FROM stdin WITH DELIMITER ',' NULL '';\n",
            "INSERT INTO t (a, a) VALUES ",
        ]),
        parts in prop::collection::vec(prop::sample::select(vec![
            "(1,'a')", ",", " , \n", "('x y', NULL)", "(", ")", "1", "'", "''", "\\", "\\N", "\t", "\n", "\r\n",
            "1\ta\n", "\\N\t\n", "1,b\n", ",\n", "{}", "0x41", "-2.5", "--", "default", "\u{1e}", ";", "\\.\n",
        ]), 0..40),
    ) {
        // Windows of a few bytes hold no whole rows, so that there each value is cut by itself.
        read(format!("{start}{}", parts.concat()).as_bytes(), FORMAT.read);
    }
}
