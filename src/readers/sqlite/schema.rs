//! What the schema of a SQLite database says: which tables there are, and in which order a record holds
//! their columns (<https://sqlite.org/lang_createtable.html>).

use crate::readers::sql::lex::{Ends, Lex, expression_end};

/// A table whose rows are read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns in the order of a record.
    pub columns: Vec<String>,
    /// The column that stands for the row's number and is empty in the record.
    pub rowid: Option<usize>,
}

/// A part of a definition between two commas: a column, or a rule of the whole table.
struct Part {
    name: String,
    quoted: bool,
    /// What stands behind the name: its words in upper case, a blank between two.
    rest: String,
    bytes: Vec<u8>,
}

impl Table {
    /// What `CREATE TABLE …` says; `None` when it is not understood.
    pub fn parse(sql: &[u8]) -> Option<Table> {
        let (parts, behind) = parts(sql)?;
        let is_rule = |p: &Part| {
            let rules = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
            !p.quoted && rules.contains(&p.name.to_ascii_uppercase().as_str())
        };
        let (rules, columns): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(is_rule);
        // What is computed when it is read stands in no record.
        let stored = |p: &Part| !p.rest.contains(" AS (") || p.rest.contains(") STORED");
        let columns: Vec<Part> = columns.into_iter().filter(stored).collect();
        let key = key(&columns, &rules);
        let names = |list: &[Part]| list.iter().map(|p| p.name.clone()).collect();
        if behind.contains("WITHOUT ROWID") {
            let at = |name: &String| columns.iter().position(|c| c.name.eq_ignore_ascii_case(name));
            let first: Vec<usize> = key.iter().filter_map(at).collect();
            let rest = (0..columns.len()).filter(|i| !first.contains(i));
            let order = first.iter().copied().chain(rest);
            return Some(Table {
                columns: order.map(|i| columns[i].name.clone()).collect(),
                rowid: None,
            });
        }
        let rowid = match &key[..] {
            [one] => columns
                .iter()
                .position(|c| c.name.eq_ignore_ascii_case(one))
                .filter(|&i| columns[i].rest.split(' ').next() == Some("INTEGER")),
            _ => None,
        };
        Some(Table { columns: names(&columns), rowid })
    }
}

/// The arguments of `CREATE VIRTUAL TABLE name USING module(…)` that name columns, in order.
pub fn arguments(sql: &[u8]) -> Vec<String> {
    let Some((parts, _)) = parts(sql) else { return Vec::new() };
    parts.into_iter().filter(|p| !p.rest.starts_with('=')).map(|p| p.name).collect()
}

/// The columns of the primary key, in its order.
fn key(columns: &[Part], rules: &[Part]) -> Vec<String> {
    if let Some(column) = columns.iter().find(|c| c.rest.contains("PRIMARY KEY")) {
        return vec![column.name.clone()];
    }
    let Some(rule) = rules
        .iter()
        .find(|r| r.name.eq_ignore_ascii_case("PRIMARY") || r.rest.contains("PRIMARY KEY"))
    else {
        return Vec::new();
    };
    parts(&rule.bytes).map_or_else(Vec::new, |(p, _)| p.into_iter().map(|p| p.name).collect())
}

/// What stands between the first brackets, part by part, and the words behind them.
fn parts(sql: &[u8]) -> Option<(Vec<Part>, String)> {
    let mut lex = Lex::new(sql);
    while !lex.eat(b'(') {
        lex.part()?;
        lex.eat(b'.');
    }
    let mut parts = Vec::new();
    loop {
        let before = lex.position();
        let name = lex.part()?;
        let quoted =
            sql[before..lex.position()].trim_ascii_start().first() != name.as_bytes().first();
        let from = lex.position();
        let Ends::At(length) = expression_end(&sql[from..], false) else { return None };
        let bytes = sql[from..from + length].to_vec();
        parts.push(Part { name, quoted, rest: flat(&bytes), bytes });
        lex = lex.moved(length);
        if !lex.eat(b',') {
            break;
        }
    }
    lex.eat(b')');
    Some((parts, flat(&sql[lex.position()..])))
}

fn flat(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).to_ascii_uppercase().replace("AS(", "AS (");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("ALWAYS AS (", " AS (")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(sql: &str) -> (Vec<String>, Option<usize>) {
        let table = Table::parse(sql.as_bytes()).unwrap();
        (table.columns, table.rowid)
    }

    #[test]
    fn columns_stand_in_the_order_of_the_record() {
        let names = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            table(
                "CREATE TABLE \"a b\" (id INTEGER PRIMARY KEY, [nick, name] TEXT DEFAULT 'x, y', n DECIMAL(10,2), FOREIGN KEY (n) REFERENCES t(n))"
            ),
            (names(&["id", "nick, name", "n"]), Some(0))
        );
        assert_eq!(
            table(
                "CREATE TABLE t(a TEXT, b INT, c TEXT, CONSTRAINT k PRIMARY KEY (c, a)) WITHOUT ROWID"
            ),
            (names(&["c", "a", "b"]), None)
        );
        assert_eq!(
            table(
                "CREATE TABLE t(a TEXT, full TEXT GENERATED ALWAYS AS (a || 'x') VIRTUAL, b TEXT AS (a) STORED, PRIMARY KEY(a))"
            ),
            (names(&["a", "b"]), None)
        );
        assert_eq!(
            table("CREATE TABLE IF NOT EXISTS t(n INTEGER NOT NULL, m, PRIMARY KEY(\"n\" AUTOINCREMENT))").1,
            Some(0)
        );
        assert!(Table::parse(b"CREATE TABLE t AS").is_none());
    }

    #[test]
    fn options_of_virtual_tables_are_no_columns() {
        let sql =
            b"CREATE VIRTUAL TABLE docs USING fts5(title, body UNINDEXED, tokenize = 'porter')";
        assert_eq!(arguments(sql), ["title", "body"]);
    }
}
