//! The coverage statement: in words, what was scanned, with what, how much of it was read, and what the answer
//! is therefore worth. For auditors.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{tally, words};
use crate::escape::terminal;
use crate::inventory::{Count, Inventory, Run};

/// Writes the statement as plain text.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    text(inventory).lines().try_for_each(|line| writeln!(out, "{}", terminal(line)))
}

/// The statement.
pub(super) fn text(inventory: &Inventory) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = scanned(inventory, &mut text);
    let _ = not_read(inventory, &mut text);
    let _ = limits(inventory, &mut text);
    text
}

/// A time as people write it, to the second.
fn moment(time: &str) -> String {
    let second = time.split(['.', 'Z']).next().unwrap_or(time);
    second.replacen('T', " ", 1)
}

fn scanned(inventory: &Inventory, text: &mut String) -> std::fmt::Result {
    let Run { label, roots, host, user, version, rules, key_id, as_of, .. } = &inventory.run;
    let run = &inventory.run;
    writeln!(text, "Coverage statement for {label}")?;
    writeln!(text)?;
    writeln!(
        text,
        "From {} to {} (UTC) datakart {version} read {} on host {host} as user {user}.",
        moment(&run.started),
        moment(&run.ended),
        roots.join(", ")
    )?;
    writeln!(
        text,
        "Rules {rules}, lexicon {}, digest key {key_id}; dates were judged as of {as_of}.",
        if run.lexicon.is_empty() { "not recorded" } else { &run.lexicon }
    )?;
    for part in &run.parts {
        writeln!(
            text,
            "- joined from {} on host {}, {} to {}, options: {}",
            part.label,
            part.host,
            moment(&part.started),
            moment(&part.ended),
            options(part)
        )?;
    }
    if run.parts.is_empty() {
        writeln!(text, "Options: {}.", options(run))?;
    }
    if let Some(ground) = &run.ground {
        writeln!(text, "Personal areas were scanned on this ground: {ground}")?;
    }
    let read = &inventory.coverage;
    let all = [read.scanned, read.partial, read.not_scanned, read.out_of_scope];
    let met: u64 = all.iter().map(|c| c.files).sum();
    writeln!(text)?;
    writeln!(text, "Of {} met,", words::counted(met, "file", "files"))?;
    let line = |text: &mut String, count: Count, one: &str, many: &str| {
        let size = words::bytes(count.bytes);
        let what = if count.files == 1 { one } else { many };
        writeln!(text, "- {} ({size}) {what}", words::counted(count.files, "file", "files"))
    };
    line(text, read.scanned, "was read in full,", "were read in full,")?;
    line(text, read.partial, "was read in part,", "were read in part,")?;
    let (one, many) =
        ("was not read though it should have been,", "were not read though they should have been,");
    line(text, read.not_scanned, one, many)?;
    let (media, by_rule) = tally::out_of_scope(inventory);
    if media.files > 0 {
        let (one, many) = (
            "is a picture, sound or video, of which nothing is read,",
            "are pictures, sound or video, of which nothing is read,",
        );
        line(text, media, one, many)?;
    }
    line(text, by_rule, "was left out by a rule.", "were left out by a rule.")?;
    let beside = tally::pictures_beside(inventory);
    if let Some(first) = beside.first() {
        let many = words::counted(beside.len() as u64, "lies in a folder", "lie in folders");
        writeln!(
            text,
            "Of the pictures, sound and video {many} with personal data, such as {}.",
            terminal(first)
        )?;
    }
    Ok(())
}

/// The options that differ from the defaults.
fn options(run: &Run) -> String {
    let options: Vec<String> = run.options.iter().map(|(k, v)| format!("{k}={v}")).collect();
    if options.is_empty() { "as they come".to_owned() } else { options.join(", ") }
}

fn not_read(inventory: &Inventory, text: &mut String) -> std::fmt::Result {
    let extensions = tally::extensions(&inventory.notes);
    for (not_read, title) in
        [(true, "Not read, or not in full:"), (false, "Left out by rule, and remarks:")]
    {
        let reasons = tally::reasons(inventory, not_read);
        if reasons.is_empty() {
            continue;
        }
        writeln!(text, "\n{title}")?;
        for (key, count) in reasons {
            let (words, files) =
                (words::reason(key).0, words::counted(count.files, "file", "files"));
            let told = extensions.get(key).map(|told| listed(told));
            let folders = inventory.coverage.folders.get(key).filter(|_| not_read);
            let folders = folders.map(|n| format!("; {}", words::folders_among(*n)));
            let (told, folders) = (told.unwrap_or_default(), folders.unwrap_or_default());
            writeln!(text, "- {words}: {files}{told}{folders}")?;
        }
    }
    Ok(())
}

/// How many files and members have which extension.
fn listed(extensions: &[(String, u64)]) -> String {
    let told = |(extension, n): &(String, u64)| format!("{extension} {}", words::number(*n));
    let told: Vec<String> = extensions.iter().map(told).collect();
    format!(" ({})", told.join(", "))
}

fn limits(inventory: &Inventory, text: &mut String) -> std::fmt::Result {
    let run = &inventory.run;
    writeln!(text, "\nWhat this is worth")?;
    if !run.complete {
        writeln!(
            text,
            "- The run was stopped before its end: what was not reached is not in these numbers."
        )?;
    }
    writeln!(
        text,
        "- {} listed, of confidence {} and above; {} below that are counted, not listed.",
        words::counted(inventory.findings.len() as u64, "finding is", "findings are"),
        run.min_confidence,
        words::number(run.below_confidence.values().sum())
    )?;
    writeln!(
        text,
        "- What was not found was not found in what was read. This is no proof that there is none."
    )?;
    writeln!(text, "- Pictures are not read. Names in running text are found beside a cue only.")?;
    writeln!(
        text,
        "- A finding says what data looks like. Whether it may be held is for people to decide."
    )
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn it_says_what_was_not_read() {
        let text = text(&sample::small());
        for words in [
            "read /srv/hr, /srv/exports on host files01 as user root",
            "Of 1,400 files met,",
            "- 4 files (5.2 MiB) were not read though they should have been,",
            "- encrypted: 3 files",
            "- 5 findings are listed, of confidence medium and above; 41 below",
            "no proof that there is none",
        ] {
            assert!(text.contains(words), "{words:?} is not in {text}");
        }
    }

    #[test]
    fn a_stopped_run_says_so() {
        let text = text(&Inventory::default());
        assert!(text.contains("stopped before its end"), "{text}");
    }
}
