//! Databases that SQLite itself wrote, read back. Python's library makes them.

use std::process::Command;

use super::*;
use crate::source::Random;
use crate::unit::testing::Collected;

/// Runs statements on a database and keeps what then lies on the disk: the file, and its log.
fn made(script: &str) -> (Vec<u8>, Option<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let keep = folder.path().join("kept.db");
    let program = format!(
        "import sqlite3, shutil, os, sys\np, k = sys.argv[1:3]\nc = sqlite3.connect(p, isolation_level=None)\n{script}\nshutil.copy(p, k)\nif os.path.exists(p + '-wal'): shutil.copy(p + '-wal', k + '-wal')\n"
    );
    let done = Command::new("python3").arg("-c").arg(program).arg(&path).arg(&keep).output();
    let done = done.expect("python3 makes the databases of this test");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let log = folder.path().join("kept.db-wal");
    (std::fs::read(keep).unwrap(), std::fs::read(log).ok())
}

fn collect(file: Vec<u8>, log: Option<Vec<u8>>) -> Collected {
    let mut collected = Collected::default();
    let mut source = Source::from_bytes(file);
    if let Some(log) = log {
        source = source.with_beside("-wal", Random::memory(log));
    }
    crate::sniff::file(source, "x", 0, &mut collected);
    collected
}

fn values(c: &Collected, table: &str, field: &str) -> Vec<String> {
    c.field(Some(table), field).into_iter().map(|v| v.1).collect()
}

#[test]
fn every_kind_of_table_and_value_is_read() {
    let (file, _) = made(
        r#"
c.execute('create table people(id integer primary key, name text, born real, n int, note text)')
for i in range(2000):
    c.execute('insert into people values(?,?,?,?,?)', (i + 10, 'Kari %d' % i, i / 2, -i, 'x' * (i % 7)))
c.execute("create table pairs(a text, b int, c text, primary key(c, a)) without rowid")
c.execute("insert into pairs values('one', 300000, 'first'), ('two', 1, 'second')")
c.execute('create table long(t text)')
c.execute('insert into long values(?)', ('start ' + 'word ' * 60000 + 'kari@example.no',))
c.execute('create table files(name text, body blob)')
c.execute('insert into files values(?, ?)', ('a', b'plain text blob'))
import gzip
c.execute('insert into files values(?, ?)', ('b', gzip.compress(b'epost\nola@example.no\n' * 20)))
c.execute('alter table people add column added text')
c.execute("insert into people(name, added) values('Ola', 'later')")
"#,
    );
    let c = collect(file, None);
    assert!(c.notes.is_empty(), "{:?}", c.notes);
    let ids = values(&c, "people", "id");
    assert_eq!((ids.len(), ids[0].as_str(), ids[2000].as_str()), (2001, "10", "2010"));
    assert_eq!(values(&c, "people", "born")[1], "0.5");
    assert_eq!(values(&c, "people", "n")[1999], "-1999");
    assert_eq!(values(&c, "people", "added"), ["later"]);
    assert_eq!(values(&c, "pairs", "c"), ["first", "second"]);
    assert_eq!(values(&c, "pairs", "b"), ["300000", "1"]);
    let long = &values(&c, "long", "t")[0];
    assert_eq!(long.len(), 6 + 300_000 + 15);
    assert!(long.ends_with("word kari@example.no"));
    assert_eq!(values(&c, "files", "body")[0], "plain text blob");
    assert_eq!(c.members[0].members[0], "files.body[2]");
}

#[test]
fn rows_that_only_the_log_holds_are_read_and_torn_ones_are_not() {
    let script = r#"
c.execute('pragma journal_mode=wal'); c.execute('pragma wal_autocheckpoint=0')
c.execute('create table t(name text)')
for i in range(500): c.execute('insert into t values(?)', ('Kari %d' % i,))
"#;
    let (file, log) = made(script);
    let mut log = log.unwrap();
    let c = collect(file.clone(), Some(log.clone()));
    assert_eq!(values(&c, "t", "name").len(), 500);
    // A damaged frame ends the log: rows of later transactions are not there.
    let middle = log.len() / 2;
    log[middle] ^= 0xFF;
    let fewer = values(&collect(file, Some(log)), "t", "name").len();
    assert!((100..500).contains(&fewer), "{fewer}");
}

#[test]
fn wide_texts_and_full_text_tables_are_read() {
    let (file, _) = made(
        r"
c.execute('pragma encoding=UTF16le')
c.execute('create virtual table docs using fts5(title, body)')
c.execute('insert into docs values(?, ?)', ('Møte', 'Kari Nordmann kom'))
",
    );
    let c = collect(file, None);
    assert_eq!(values(&c, "docs", "title"), ["Møte"]);
    assert_eq!(values(&c, "docs", "body"), ["Kari Nordmann kom"]);
    assert!(c.slots.iter().all(|s| s.table.as_deref() != Some("docs_data")));
}

#[test]
fn damage_is_noted_and_never_ends_in_a_loop() {
    let (file, _) = made(
        r"
c.execute('create table t(name text)')
for i in range(3000): c.execute('insert into t values(?)', ('Kari %d' % i,))
",
    );
    for seed in 0..300usize {
        let mut broken = file.clone();
        for k in 0..8 {
            let at = (seed * 7919 + k * 104_729) % broken.len();
            broken[at] = broken[at].wrapping_add(u8::try_from(seed % 251 + 1).unwrap());
        }
        let c = collect(broken, None);
        // Eight pages at most say that they hold more than they do.
        assert!(values(&c, "t", "name").len() <= 3000 + 8 * 683);
    }
    let c = collect(file[..file.len() / 2].to_vec(), None);
    assert!(c.notes.iter().any(|n| n.reason == Reason::Malformed));
    assert!(values(&c, "t", "name").len() > 500);
}
