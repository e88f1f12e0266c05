//! `inventory.jsonl`: the inventory for scripts, written and read back.

use std::io::{self, BufRead, Write};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::escape;
use crate::inventory::{
    Coverage, FileLine, Finding, GroupLine, Inventory, Line, NoteLine, Run, SCHEMA, SystemLine,
};

/// [`Line`] by reference, so that writing copies nothing.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum LineRef<'a> {
    Run(&'a Run),
    Coverage(&'a Coverage),
    Note(&'a NoteLine),
    System(&'a SystemLine),
    File(&'a FileLine),
    Group(&'a GroupLine),
    Finding(&'a Finding),
}

/// Writes the inventory: run, coverage, notes, systems, files, groups, findings, one JSON object per line.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    write_line(&LineRef::Run(&inventory.run), out)?;
    write_line(&LineRef::Coverage(&inventory.coverage), out)?;
    for note in &inventory.notes {
        write_line(&LineRef::Note(note), out)?;
    }
    for system in &inventory.systems {
        write_line(&LineRef::System(system), out)?;
    }
    for file in &inventory.files {
        write_line(&LineRef::File(file), out)?;
    }
    for group in &inventory.groups {
        write_line(&LineRef::Group(group), out)?;
    }
    for finding in &inventory.findings {
        write_line(&LineRef::Finding(finding), out)?;
    }
    out.flush()
}

/// Writes one line in which nothing acts on a screen.
///
/// # Errors
/// When the output cannot be written.
pub fn write_line<L: Serialize>(line: &L, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let json = serde_json::to_string(line)?;
    out.write_all(escape::json_line(&json).as_bytes())?;
    out.write_all(b"\n")
}

/// Reads an inventory back.
///
/// # Errors
/// When it cannot be read, is of a newer format, is cut short, or a line is not of the format: the
/// message names the line.
pub fn read(input: &mut dyn BufRead) -> anyhow::Result<Inventory> {
    let mut reader = Reader::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        input
            .read_until(b'\n', &mut line)
            .with_context(|| format!("line {number}: cannot be read"))?;
        if line.is_empty() {
            break;
        }
        let text = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line);
        if text.trim_ascii().is_empty() {
            continue;
        }
        reader.take(text).with_context(|| format!("line {number}"))?;
    }
    reader.finish()
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    inventory: Inventory,
    has_run: bool,
    has_coverage: bool,
}

impl Reader {
    fn take(&mut self, line: &[u8]) -> anyhow::Result<()> {
        if !self.has_run {
            check_schema(line)?;
        }
        let parsed: Line = match serde_json::from_slice(line) {
            Err(error) if error.is_eof() && !line.ends_with(b"\n") => bail!(
                "the file ends in the middle of a line: it was cut short, scan again or restore it"
            ),
            other => other.context("not a line of a datakart inventory")?,
        };
        match parsed {
            Line::Run(run) => {
                ensure!(
                    !self.has_run,
                    "a second run: these are several inventories in one file; use `datakart merge`"
                );
                self.has_run = true;
                self.inventory.run = *run;
            }
            Line::Coverage(coverage) => {
                ensure!(!self.has_coverage, "a second coverage line");
                self.has_coverage = true;
                self.inventory.coverage = coverage;
            }
            Line::Note(note) => self.inventory.notes.push(note),
            Line::System(system) => self.inventory.systems.push(system),
            Line::File(file) => self.inventory.files.push(file),
            Line::Group(group) => self.inventory.groups.push(group),
            Line::Finding(finding) => self.inventory.findings.push(*finding),
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<Inventory> {
        ensure!(self.has_run, "the file is empty: not a datakart inventory");
        ensure!(
            self.has_coverage,
            "the coverage line is missing: the file was cut short, scan again or restore it"
        );
        Ok(self.inventory)
    }
}

/// Tells an inventory of this version from one of a later version and from something else.
fn check_schema(line: &[u8]) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "type")]
        kind: String,
        schema: Option<String>,
    }
    let head: Option<Head> = serde_json::from_slice(line).ok();
    let Some(schema) = head.filter(|head| head.kind == "run").and_then(|head| head.schema) else {
        bail!("not a datakart inventory: it has to start with a line of type \"run\"");
    };
    if schema == SCHEMA {
        return Ok(());
    }
    let version = |schema: &str| schema.rsplit_once('/')?.1.parse::<u32>().ok();
    match (version(&schema), version(SCHEMA)) {
        (Some(theirs), Some(ours))
            if schema.starts_with("datakart/inventory/") && theirs > ours =>
        {
            bail!("made by a newer datakart ({}): update datakart", escape::terminal(&schema))
        }
        _ => bail!("unknown inventory format {:?}", escape::terminal(&schema)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::sample;
    use super::*;

    fn text(inventory: &Inventory) -> String {
        sample::written(|out| write(inventory, out))
    }

    fn error(text: &str) -> String {
        format!("{:#}", read(&mut text.as_bytes()).unwrap_err())
    }

    #[test]
    fn what_is_written_is_read() {
        for inventory in [
            sample::small(),
            sample::hostile(),
            Inventory { run: sample::small().run, ..Inventory::default() },
        ] {
            let first = text(&inventory);
            let back = read(&mut first.as_bytes()).unwrap();
            assert_eq!(text(&back), first);
            assert_eq!(back.findings.len(), inventory.findings.len());
            let places = inventory.systems.len() + inventory.files.len() + inventory.groups.len();
            let others = 2 + inventory.notes.len() + inventory.findings.len();
            assert_eq!(first.lines().count(), places + others);
        }
    }

    #[test]
    fn an_inventory_from_before_systems_and_groups_is_read() {
        let old = r#"{"type":"run","schema":"datakart/inventory/1","version":"0.1.0","rules":"00","label":"a",
            "roots":["a"],"options":{},"host":"h","user":"0","started":"","ended":"","as_of":"","key_id":"",
            "min_confidence":"medium","below_confidence":{},"complete":true,"exit_code":0,"failed_on":[],
            "revealed":false}
            {"type":"coverage","scanned":{"files":0,"bytes":0},"partial":{"files":0,"bytes":0},
            "not_scanned":{"files":0,"bytes":0},"out_of_scope":{"files":0,"bytes":0},"reasons":{},"formats":{}}
            {"type":"finding","id":"0","path":"a/b","members":[],"table":null,"field":null,"detector":"email",
            "category":"contact.email","confidence":"high","certainty":0.99,"matches":1,"distinct":1,
            "distinct_is_estimate":false,"rows":null,"share":null,"validity":{},"evidence":[],"first":1,
            "severity":"low","flags":[]}"#;
        let lines: String = old.lines().map(str::trim).collect();
        let lines = lines.replace("}{\"type\"", "}\n{\"type\"");
        let inventory = read(&mut lines.as_bytes()).unwrap();
        assert_eq!(inventory.findings[0].system, None);
        assert!(inventory.systems.is_empty() && inventory.files.is_empty());
    }

    #[test]
    fn a_mark_and_blank_lines_do_no_harm() {
        let text = format!("\u{feff}{}\n\n", text(&sample::small()).replace('\n', "\r\n"));
        assert_eq!(read(&mut text.as_bytes()).unwrap().findings.len(), 5);
    }

    #[test]
    fn errors_say_what_to_do() {
        let good = text(&sample::small());
        assert_eq!(
            error(&good.replace("inventory/1", "inventory/2")),
            "line 1: made by a newer datakart (datakart/inventory/2): update datakart"
        );
        assert!(
            error(&good.replace("datakart/inventory/1", "x/2"))
                .contains("unknown inventory format")
        );
        assert_eq!(
            error(&good[..good.len() - 30]),
            "line 14: the file ends in the middle of a line: it was cut short, scan again or restore it"
        );
        let first_line = good.lines().next().unwrap();
        assert!(error(&format!("{first_line}\n")).contains("cut short"));
        assert!(error("").contains("empty"));
        assert!(error("a,b\n1,2\n").starts_with("line 1: not a datakart inventory"));
        assert!(error(&format!("{good}{good}")).starts_with("line 15: a second run"));
        assert!(
            error(&good.replace(r#""type":"note""#, r#""type":"news""#))
                .starts_with("line 3: not a line")
        );
        assert!(error(&good.replace(r#""matches":3"#, r#""matches":-3"#)).contains("line 12"));
    }
}
