//! Settings files: ini, `.env`, `.properties`, TOML-like and YAML. Keys are fields, with sections and
//! nesting as dotted paths (`db.password`, `users[].email`); rows count the items of the outermost list.
//!
//! This is no full parser of any of these: it follows indentation and keys, and what fits nowhere is
//! free text, so that nothing is lost.

mod records;

use records::{Field, Records};

use super::lines::{Lines, NO_TABLES};
use super::{Format, HEAD, Head, Stop};
use crate::source::Source;
use crate::unit::{Sink, Text, is_identifier};

/// Settings.
pub static FORMAT: Format = Format {
    id: "keyvalue",
    name: "settings: ini, .env, .properties, YAML",
    extensions: &["yaml", "yml", "ini", "env", "properties", "cfg", "conf", "cnf", "toml"],
    fields: "key path",
    isolated: false,
    beside: &[],
    sniff,
    read,
};

/// Deeper nesting, or a longer path, is not spelt out.
const DEEPEST: usize = 32;
const LONGEST_PATH: usize = 400;

/// What kinds of lines the head has.
#[derive(Default)]
struct Counts {
    lines: usize,
    pairs: usize,
    settings: usize,
    dotted: usize,
    sections: usize,
    items: usize,
    comments: usize,
    nested: usize,
    rest: usize,
}

fn sniff(head: &Head<'_>) -> bool {
    let start = head.trimmed();
    if start.is_empty()
        || head.has_extension(NO_TABLES)
        || [&b"#!"[..], b"<", b"{", b"BEGIN:"].iter().any(|m| start.starts_with(m))
    {
        return false;
    }
    let is_named = head.has_extension(FORMAT.extensions);
    let most = if is_named { 4 } else { 1 };
    let Some(counts) = Counts::of(head, most) else { return false };
    let said = counts.lines - counts.comments;
    let fitting = counts.pairs + counts.sections + counts.items;
    if is_named {
        return counts.pairs > 0 && fitting >= 3.min(said) && fitting * 10 >= said * 6;
    }
    // Without a telling name it takes a structure that letters and forms do not have.
    let nearly_all = fitting >= 3 && fitting * 10 >= said * 9;
    let equal_signs = counts.settings >= 3 && counts.sections > 0;
    let environment =
        counts.settings >= 3 && counts.settings * 10 >= said * 9 && counts.dotted * 10 >= said * 8;
    let yaml =
        counts.nested > 0 && counts.pairs >= 3 && (start.starts_with(b"---") || counts.rest == 0);
    nearly_all && (equal_signs || environment || yaml)
}

impl Counts {
    /// Counts the lines; nothing where there cannot be a pair, or where more than `most` tenths of them are of no
    /// kind that settings have.
    fn of(head: &Head<'_>, most: usize) -> Option<Counts> {
        memchr::memchr2(b'=', b':', head.bytes)?;
        let mut counts = Counts::default();
        let ends = memchr::memchr_iter(b'\n', head.bytes);
        let last = head.complete.then_some(head.bytes.len());
        let lines = ends.clone().count() + usize::from(head.complete);
        let (mut opened, mut block) = (None, None);
        let mut from = 0;
        for end in ends.chain(last) {
            let line = &head.bytes[from..end];
            from = end + 1;
            let text = line.trim_ascii();
            let indent = line.iter().take_while(|b| **b == b' ').count();
            if text.is_empty() || text == b"---" || block.is_some_and(|i| indent > i) {
                continue;
            }
            block = None;
            counts.lines += 1;
            let item = text.strip_prefix(b"- ").map(<[u8]>::trim_ascii_start);
            let pair = pair(item.unwrap_or(text)).filter(|p| is_strict(p));
            let is_nested = opened.is_some_and(|i| indent > i || (indent == i && item.is_some()));
            opened = None;
            if is_comment(text) {
                counts.comments += 1;
            } else if section(line).is_some() {
                counts.sections += 1;
            } else if let Some(p) = pair {
                counts.pairs += 1;
                counts.nested += usize::from(is_nested);
                let shout = p.key.iter().all(|b| !b.is_ascii_lowercase());
                counts.settings += usize::from(p.equals);
                counts.dotted += usize::from(p.equals && (shout || p.key.contains(&b'.')));
                opened = (p.value.is_empty() && !p.equals).then_some(indent);
                block = is_block(p.value).then_some(indent);
            } else if item.is_some() || text == b"-" {
                counts.items += 1;
                counts.nested += usize::from(is_nested);
            } else {
                counts.rest += 1;
                if counts.rest * 10 > lines * most {
                    return None;
                }
            }
        }
        Some(counts)
    }
}

fn is_comment(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'#' | b';' | b'!')) || text.starts_with(b"//")
}

/// The name in `[name]` or `[[name]]` at a line's start.
fn section(line: &[u8]) -> Option<&[u8]> {
    let inner = line.trim_ascii_end().strip_prefix(b"[")?.strip_suffix(b"]")?;
    let inner = inner.strip_prefix(b"[").and_then(|i| i.strip_suffix(b"]")).unwrap_or(inner);
    let bad = |b: &u8| b"[]{},;".contains(b) || *b < b' ';
    (!inner.is_empty() && inner.len() < 200 && !inner.iter().any(bad)).then_some(inner)
}

struct Pair<'a> {
    key: &'a [u8],
    value: &'a [u8],
    equals: bool,
}

/// A key and its value: `key=value`, or `key: value` with a blank or nothing after the colon.
fn pair(text: &[u8]) -> Option<Pair<'_>> {
    let text = text.strip_prefix(b"export ").unwrap_or(text);
    let ends = |i: usize| match text[i] {
        b'=' => true,
        b':' => text.get(i + 1).is_none_or(u8::is_ascii_whitespace),
        _ => false,
    };
    let quote = text.first().filter(|b| matches!(b, b'"' | b'\''));
    let from = quote.map_or(0, |q| memchr::memchr(*q, &text[1..]).map_or(0, |i| i + 2));
    let at = (from..text.len().min(from + 300)).find(|i| ends(*i))?;
    let key = unquoted(text[..at].trim_ascii());
    let value = text[at + 1..].trim_ascii();
    let good = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || b"_.-/@".contains(b);
    let doubled = text[at] == b'=' && matches!(value.first(), Some(b'=' | b'>'));
    let is_key = !key.is_empty() && (quote.is_some() || key.iter().all(good)) && !doubled;
    is_key.then_some(Pair { key, value, equals: text[at] == b'=' })
}

/// A pair without the remark behind its value, and the remark: `limit: 90  # in a day`. Where a sign of equality stands, a
/// `#` may be part of the value unless that is quoted.
fn without_remark(pair: Pair<'_>) -> (Pair<'_>, &[u8]) {
    let value = pair.value;
    let quote = value.first().filter(|b| matches!(b, b'"' | b'\''));
    let from = match quote {
        Some(quote) => memchr::memchr(*quote, &value[1..]).map_or(value.len(), |i| i + 2),
        None if pair.equals => value.len(),
        None => 0,
    };
    let starts = |at: &usize| {
        let blank = |b: Option<&u8>| b.is_none_or(u8::is_ascii_whitespace);
        blank(at.checked_sub(1).map(|i| &value[i])) && blank(value.get(at + 1))
    };
    let at = memchr::memchr_iter(b'#', &value[from..]).map(|i| from + i).find(starts);
    let at = at.unwrap_or(value.len());
    (Pair { value: value[..at].trim_ascii_end(), ..pair }, &value[at..])
}

/// Whether a key is an identifier, and the value not the end of a line of source code.
fn is_strict(pair: &Pair<'_>) -> bool {
    let first =
        pair.key.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80);
    let code =
        pair.value.ends_with(b";") || pair.value.ends_with(b"{") || pair.value.ends_with(b"(");
    first && !code && !pair.key.contains(&b'@') && !pair.key.contains(&b'/')
}

fn unquoted(text: &[u8]) -> &[u8] {
    let strip = |q: &[u8]| text.strip_prefix(q).and_then(|t| t.strip_suffix(q));
    strip(b"\"").or_else(|| strip(b"'")).unwrap_or(text)
}

/// The mark of a YAML block: its lines follow, indented.
fn is_block(value: &[u8]) -> bool {
    matches!(value.first(), Some(b'|' | b'>'))
        && value[1..].iter().all(|b| b"+-0123456789".contains(b))
}

struct Level {
    indent: usize,
    name: String,
    is_item: bool,
}

/// Where in the nesting a line stands.
#[derive(Default)]
struct Nesting {
    section: String,
    levels: Vec<Level>,
    row: u64,
    records: Records,
}

impl Nesting {
    /// Leaves the levels that a line of this indentation is not within.
    fn leave(&mut self, indent: usize, is_item: bool) {
        let within = |l: &Level| l.indent < indent || (is_item && l.indent == indent && !l.is_item);
        while self.levels.last().is_some_and(|l| !within(l)) {
            self.levels.pop();
        }
    }

    fn enter(&mut self, indent: usize, name: String, is_item: bool) {
        if is_item && !self.levels.iter().any(|l| l.is_item) {
            self.row += 1;
        }
        if self.levels.len() < DEEPEST {
            self.levels.push(Level { indent, name, is_item });
        }
    }

    /// The row of a field: that of its record, or of the item of a list that it belongs to.
    fn row(&self, field: &Field) -> u64 {
        if let Some(row) = field.row {
            return row;
        }
        if self.levels.iter().any(|l| l.is_item) { self.row.max(1) } else { 1 }
    }

    fn field(&mut self, key: Option<&str>, sink: &mut Sink<'_>) -> Field {
        let path = self.path(key);
        self.records.field(path, sink)
    }

    fn path(&self, key: Option<&str>) -> String {
        // Most paths fit.
        let mut path = String::with_capacity(64);
        path.push_str(&self.section);
        let names = self.levels.iter().map(|l| if l.is_item { "[]" } else { l.name.as_str() });
        for name in names.chain(key) {
            if !path.is_empty() && name != "[]" {
                path.push('.');
            }
            path.push_str(name);
        }
        path.truncate(path.floor_char_boundary(LONGEST_PATH));
        path
    }
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let records = Records::of(source, sink)?;
    read_by(source, sink, records)
}

/// Reads settings of which it is known where records stand.
fn read_by(source: &mut Source, sink: &mut Sink<'_>, records: Records) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let mut nesting = Nesting { records, ..Nesting::default() };
    // The block that lines may belong to: its indentation and field.
    let mut block: Option<(usize, Field)> = None;
    while lines.advance()? {
        let indent = lines.text.iter().take_while(|b| **b == b' ').count();
        if let Some((outer, field)) = &block
            && (indent > *outer || lines.text.trim_ascii().is_empty())
        {
            let slot = sink.slot(None, Some(&field.path));
            sink.value(slot, nesting.row(field), lines.text.trim_ascii());
            continue;
        }
        block = None;
        if lines.is_rest || is_comment(lines.text.trim_ascii()) {
            lines.push_text(sink);
        } else if let Some(name) = section(&lines.text) {
            lines.push_text(sink);
            let records = std::mem::take(&mut nesting.records);
            let section = key_name(name, &lines, sink);
            nesting = Nesting { section, records, ..Nesting::default() };
        } else {
            block = line(&lines, indent, &mut nesting, sink);
        }
    }
    Ok(())
}

/// Takes a line with a key, an item or neither; returns the block that it opens.
fn line(
    lines: &Lines<'_>,
    indent: usize,
    nesting: &mut Nesting,
    sink: &mut Sink<'_>,
) -> Option<(usize, Field)> {
    let (mut text, mut indent) = (&lines.text[indent..], indent);
    while let Some(rest) =
        text.strip_prefix(b"- ").or(text.strip_prefix(b"-").filter(|r| r.trim_ascii().is_empty()))
    {
        nesting.leave(indent, true);
        nesting.enter(indent, String::new(), true);
        let blanks = rest.iter().take_while(|b| **b == b' ').count();
        indent += 2 + blanks;
        text = &rest[blanks..];
    }
    let item = text.len() < lines.text.trim_ascii_start().len();
    match pair(text.trim_ascii()).map(without_remark) {
        Some((pair, remark)) => {
            nesting.leave(indent, false);
            let key = key_name(pair.key, lines, sink);
            if pair.value.is_empty() && !pair.equals {
                if !nesting.levels.iter().any(|l| l.is_item) {
                    nesting.row = 0;
                }
                nesting.enter(indent, key, false);
                // A key without a value may be all there is: it is searched like the rest.
                lines.push_text(sink);
                return None;
            }
            if !remark.is_empty() {
                lines.push_part(remark, sink);
            }
            let field = nesting.field(Some(&key), sink);
            let slot = sink.slot(None, Some(&field.path));
            if is_block(pair.value) {
                // The block may have no lines: its field is there all the same.
                return Some((indent, field));
            }
            sink.value(slot, nesting.row(&field), unquoted(pair.value));
        }
        None if item && !text.trim_ascii().is_empty() => {
            let field = nesting.field(None, sink);
            let slot = sink.slot(None, Some(&field.path));
            sink.value(slot, nesting.row(&field), unquoted(text.trim_ascii()));
        }
        None => lines.push_text(sink),
    }
    None
}

/// A key as part of a path. One that is personal data goes out as free text, and `{}` stands for it.
fn key_name(key: &[u8], lines: &Lines<'_>, sink: &mut Sink<'_>) -> String {
    let name = String::from_utf8_lossy(unquoted(key.trim_ascii())).into_owned();
    if is_identifier(&name) {
        return "{}".to_owned();
    }
    if sink.is_data(&name) {
        let free = sink.free_text();
        sink.text(free, Text::whole(name.as_bytes(), lines.number, lines.offset));
        return "{}".to_owned();
    }
    name
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::vcard::tests::read_by;
    use super::*;

    fn told(text: &str, name: &str) -> bool {
        sniff(&Head::new(text.as_bytes(), true, name))
    }

    const YAML: &str = "database:\n  host: 0.0.0.0\n  password: 'hunter2'\nadmins:\n  - bente@x.no\n  - ola@x.no\n\
        users:\n- email: a@x.no\n  tags:\n    - x\n    - y\n- email: \"b@x.no\"\n# remark\nnote: |\n  first\n\n  second\nversion: 1\n";

    #[test]
    fn yaml() {
        for step in 1..8 {
            let all = read_by(&FORMAT, YAML.as_bytes(), step);
            assert_eq!(all.field(None, "database.password"), [(1, "hunter2".into())]);
            assert_eq!(
                all.field(None, "admins[]"),
                [(1, "bente@x.no".into()), (2, "ola@x.no".into())]
            );
            assert_eq!(
                all.field(None, "users[].email"),
                [(1, "a@x.no".into()), (2, "b@x.no".into())]
            );
            assert_eq!(all.field(None, "users[].tags[]"), [(1, "x".into()), (1, "y".into())]);
            let note: Vec<String> = all.field(None, "note").into_iter().map(|v| v.1).collect();
            assert_eq!(note, ["first", "", "second"]);
            assert_eq!(all.field(None, "version"), [(1, "1".into())]);
            assert_eq!(all.text(), "database:admins:users:  tags:# remark");
        }
    }

    #[test]
    fn remarks_are_no_part_of_values() {
        let text = "limit: 90  # a@x.no asked\npass: \"a # b\" # why\nurl: http://x.no/#top\ncolour: '#fff'\n\
                    group:  # of people\n  name: Ås\nkey: a#b\n";
        let all = read_by(&FORMAT, text.as_bytes(), 7);
        assert_eq!(all.field(None, "limit")[0].1, "90");
        assert_eq!(all.field(None, "pass")[0].1, "a # b");
        assert_eq!(all.field(None, "url")[0].1, "http://x.no/#top");
        assert_eq!(all.field(None, "colour")[0].1, "#fff");
        assert_eq!(all.field(None, "group.name")[0].1, "Ås");
        assert_eq!(all.field(None, "key")[0].1, "a#b");
        assert!(all.text().contains("a@x.no asked"));
    }

    #[test]
    fn ini_and_env() {
        let all = read_by(
            &FORMAT,
            b"top = 1\r\n[db]\r\npassword = \"a=b\"\r\nurl=x: y\r\n; note\r\nno pair here\r\n",
            3,
        );
        assert_eq!(all.field(None, "top"), [(1, "1".into())]);
        assert_eq!(all.field(None, "db.password"), [(1, "a=b".into())]);
        assert_eq!(all.field(None, "db.url"), [(1, "x: y".into())]);
        assert_eq!(all.text(), "[db]; noteno pair here");
        let all = read_by(&FORMAT, b"export KEY='v'\n1234567: x\nola@x.no: y\n", 1);
        assert_eq!(all.field(None, "KEY"), [(1, "v".into())]);
        assert_eq!(all.field(None, "{}").len(), 2);
        assert_eq!(all.text(), "ola@x.no");
    }

    #[test]
    fn records_keyed_by_something_are_one() {
        let record =
            |i: usize| format!("  u{i}:\n    Navn: N{i}\n    mails:\n      - m{i}\n      - n{i}\n");
        let yaml = format!("a: 1\nusers:\n  total: 9\n{}", (0..9).map(record).collect::<String>());
        let all = read_by(&FORMAT, yaml.as_bytes(), 5);
        assert_eq!(
            all.fields(),
            ["a", "users.total", "users.{}", "users.{}.Navn", "users.{}.mails[]"]
        );
        assert_eq!(all.field(None, "users.{}.Navn")[8], (9, "N8".into()));
        assert_eq!(all.field(None, "users.{}.mails[]")[17], (9, "n8".into()));
        assert_eq!(all.field(None, "users.{}")[8], (9, "u8".into()));
        let many = format!("users:\n{}", (0..3000).map(record).collect::<String>());
        assert_eq!(read_by(&FORMAT, many.as_bytes(), 5).fields().len(), 3);
        let ini = (0..9).map(|i| format!("[u{i}]\nNavn=N{i}\nhost=h\n")).collect::<String>();
        let all = read_by(&FORMAT, ini.as_bytes(), 5);
        assert_eq!(all.fields(), ["{}", "{}.Navn", "{}.host"]);
        assert_eq!(all.field(None, "{}.Navn")[8], (9, "N8".into()));
    }

    #[test]
    fn is_told() {
        assert!(told(YAML, "") && told(YAML, "app.yaml"));
        assert!(
            told("[a]\nb = 1\nc = 2\nd=3\n", "")
                && told("A_B=1\nC=2\nD=x y\n", "")
                && told("A=1\n", ".env")
        );
        assert!(told("a.b=1\na.c=2\na.d=3\n", "x.properties"));
        for text in [
            "Navn: Ola\nTelefon: 123\nAdresse: Storgata 1\nPoststed: Oslo\n",
            "From: a\nTo: b\nSubject: c\n\ntext\n",
            "2024-01-01 12:00:00 INFO a=b\n2024-01-01 12:00:00 INFO a=b\n2024-01-01 12:00:00 INFO a=b\n",
            "let a = 1;\nlet b = 2;\nlet c = 3;\n",
            "a = 1;\nb = 2;\nc = 3;\n",
            "foo==1.0\nbar==2.0\nbaz==3.0\n",
            "#!/bin/sh\nA=1\nB=2\nC=3\n",
            "- milk\n- bread\n- butter\n",
            "Note: something\nOther text follows here\nand here\n",
            "",
        ] {
            assert!(!told(text, "x.txt"), "{text}");
        }
    }

    #[test]
    fn a_block_without_lines_has_its_field() {
        assert_eq!(read_by(&FORMAT, b"-x=|", 1).fields(), ["-x"]);
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(prop::sample::select(b"ax:=-\"'[] |\n\r#\xF8.@1".to_vec()), 0..200), step in 1_usize..8) {
            let all = read_by(&FORMAT, &bytes, step);
            sniff(&Head::new(&bytes, true, "x.yaml"));
            let mut out = all.text();
            all.cells.iter().for_each(|c| out.push_str(&c.2));
            all.fields().iter().for_each(|f| out.push_str(f));
            prop_assert_eq!(out.contains('x'), bytes.contains(&b'x'));
        }
    }
}
