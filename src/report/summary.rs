//! The summary on the terminal: what an administrator wants to see at a glance.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::tally::{self, Group};
use super::words;
use crate::escape;
use crate::inventory::{Count, Finding, Inventory, NoteLine, Severity};

/// Most places that are listed; the page lists all.
const MAX_PLACES: usize = 15;
/// Most example paths per reason.
const MAX_EXAMPLES: usize = 2;
/// Narrower than this the columns do not work, so lines may then wrap.
const MIN_WIDTH: usize = 60;

/// Writes the summary.
///
/// # Errors
/// When the output cannot be written.
pub fn write(
    inventory: &Inventory,
    out_dir: &Path,
    color: bool,
    width: usize,
    w: &mut dyn Write,
) -> io::Result<()> {
    let width = width.max(MIN_WIDTH);
    headline(inventory, width, w)?;
    coverage(inventory, width, w)?;
    let groups = groups(&inventory.findings);
    all_places(&groups, words::known_before(inventory), color, width, w)?;
    changes(inventory, w)?;
    categories(&inventory.findings, w)?;
    systems(inventory, w)?;
    warnings(inventory, width, w)?;
    outputs(inventory, out_dir, w)?;
    w.flush()
}

fn headline(inventory: &Inventory, width: usize, w: &mut dyn Write) -> io::Result<()> {
    let (run, read) = (&inventory.run, &inventory.coverage);
    let met = total(inventory);
    write!(
        w,
        "{}: {}, {}",
        escape::terminal(&run.label),
        words::counted(met.files, "file", "files"),
        words::bytes(met.bytes)
    )?;
    if let Some(time) = words::duration(&run.started, &run.ended) {
        write!(w, ", {time}")?;
    }
    writeln!(w)?;
    for root in run.roots.iter().take(words::ROOTS) {
        writeln!(w, "  {}", fit(root, width - 2))?;
    }
    let more = run.roots.len().saturating_sub(words::ROOTS);
    if more > 0 {
        writeln!(w, "  … and {} more", words::number(more as u64))?;
    }
    if read.scanned.files + read.partial.files == 0 {
        writeln!(w, "\nNothing was read.")?;
    }
    Ok(())
}

/// Everything that was met.
fn total(inventory: &Inventory) -> Count {
    let c = &inventory.coverage;
    let all = [c.scanned, c.partial, c.not_scanned, c.out_of_scope];
    Count { files: all.iter().map(|c| c.files).sum(), bytes: all.iter().map(|c| c.bytes).sum() }
}

/// What is said of files that no reader takes anything from.
const MEDIA: &str = "pictures, sound, video: not read";

fn coverage(inventory: &Inventory, width: usize, w: &mut dyn Write) -> io::Result<()> {
    let c = &inventory.coverage;
    writeln!(w, "\nCoverage")?;
    let (media, by_rule) = tally::out_of_scope(inventory);
    let rows = [
        ("read in full", c.scanned),
        ("read in part", c.partial),
        ("not read", c.not_scanned),
        (MEDIA, media),
        ("out of scope by rule", by_rule),
    ];
    for (name, count) in rows.into_iter().filter(|row| row.0 != MEDIA || row.1.files > 0) {
        count_line(name, count, w)?;
    }
    let not_read = tally::reasons(inventory, true);
    let told = (&inventory.notes[..], &c.folders);
    reasons("Not read, or not in full", &not_read, told, width, w)?;
    let by_rule = tally::reasons(inventory, false);
    reasons("Left out by rule, and remarks", &by_rule, (&[], &BTreeMap::new()), width, w)
}

fn count_line(name: &str, count: Count, w: &mut dyn Write) -> io::Result<()> {
    writeln!(
        w,
        "  {name:<36} {:>12} {:>5} {:>12}",
        words::number(count.files),
        if count.files == 1 { "file " } else { "files" },
        words::bytes(count.bytes)
    )
}

fn reasons(
    title: &str,
    reasons: &[(&str, Count)],
    (notes, folders): (&[NoteLine], &BTreeMap<String, u64>),
    width: usize,
    w: &mut dyn Write,
) -> io::Result<()> {
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(w, "\n{title}")?;
    let (extensions, examples) = (tally::extensions(notes), examples(notes));
    for (key, count) in reasons {
        count_line(&fit(words::reason(key).0, 36), *count, w)?;
        if let Some(folders) = folders.get(*key) {
            writeln!(w, "      {}", words::folders_among(*folders))?;
        }
        if let Some(extensions) = extensions.get(key) {
            writeln!(w, "      {}", listed(extensions, width - 6))?;
        }
        for note in examples.get(key).into_iter().flatten() {
            let place = words::place(&note.path, &note.members);
            writeln!(w, "      {}", fit(&place, width - 6))?;
        }
    }
    Ok(())
}

/// The first notes of each reason, of different files.
fn examples(notes: &[NoteLine]) -> BTreeMap<&str, Vec<&NoteLine>> {
    let mut examples: BTreeMap<&str, Vec<&NoteLine>> = BTreeMap::new();
    for note in notes {
        let known = examples.entry(&note.reason).or_default();
        if known.len() < MAX_EXAMPLES && known.iter().all(|n| n.path != note.path) {
            known.push(note);
        }
    }
    examples
}

/// The tables and documents, worst first.
fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = tally::groups(findings).collect();
    groups.sort_by_key(|g| std::cmp::Reverse((g.severity, g.matches)));
    groups
}

fn all_places(
    groups: &[Group],
    known_before: u64,
    color: bool,
    width: usize,
    w: &mut dyn Write,
) -> io::Result<()> {
    let known = format!(
        "{} known before and not listed here (--only-new)",
        words::counted(known_before, "finding is", "findings are")
    );
    if groups.is_empty() && known_before > 0 {
        return writeln!(w, "\nNothing new. {known}.");
    }
    if groups.is_empty() {
        return writeln!(
            w,
            "\nNo personal data found in what was read. That says nothing about the rest."
        );
    }
    let n = groups.len() as u64;
    let levels = [Severity::VeryHigh, Severity::High, Severity::Medium, Severity::Low];
    let counts: Vec<String> = levels
        .into_iter()
        .map(|level| (level, groups.iter().filter(|g| g.severity == level).count() as u64))
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| format!("{} {}", words::number(count), words::severity(level)))
        .collect();
    let title = words::counted(n, "place", "places");
    writeln!(w, "\nPersonal data in {title}: {}", counts.join(", "))?;
    places(&groups[..groups.len().min(MAX_PLACES)], color, width, w)?;
    if groups.len() > MAX_PLACES {
        writeln!(w, "  … and {} more, see the report", words::number(n - MAX_PLACES as u64))?;
    }
    if known_before > 0 {
        writeln!(w, "  {known}")?;
    }
    Ok(())
}

/// A line for each place.
pub(super) fn places(
    groups: &[Group],
    color: bool,
    width: usize,
    w: &mut dyn Write,
) -> io::Result<()> {
    // 9 for "very high", and gaps of two.
    let room = width.max(MIN_WIDTH) - 2 - 9 - 2 - 2;
    let names: Vec<String> = groups.iter().map(|g| fit(&place(g), room / 2).into_owned()).collect();
    let name_width = names.iter().map(|n| n.chars().count()).max().unwrap_or(0);
    for (group, name) in groups.iter().zip(&names) {
        let level = paint(group.severity, color);
        writeln!(w, "  {level}  {name:<name_width$}  {}", kinds(group, room - name_width))?;
    }
    Ok(())
}

/// `path › member!table`, and the field when there is only one.
fn place(group: &Group) -> String {
    let first = &group.findings[0];
    let mut text = words::place(&first.path, &first.members);
    let one_field = group.findings.iter().all(|f| f.field == first.field);
    let field = first.field.as_deref().filter(|_| one_field);
    match (first.table.as_deref(), field) {
        (Some(table), Some(field)) => text.push_str(&format!("!{table}.{field}")),
        (Some(name), None) | (None, Some(name)) => text.push_str(&format!("!{name}")),
        (None, None) => {}
    }
    text
}

/// The kinds in a group with their numbers, most first, as many as fit.
fn kinds(group: &Group, room: usize) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in group.findings {
        *counts.entry(&finding.detector).or_default() += finding.matches;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    listed(&sorted, room)
}

/// Names with their numbers, as many as fit, and how many more there are.
fn listed(counts: &[(impl AsRef<str>, u64)], room: usize) -> String {
    let mut text = String::new();
    for (at, (name, count)) in counts.iter().enumerate() {
        let item = format!("{} {}", escape::terminal(name.as_ref()), words::number(*count));
        let left = counts.len() - at - 1;
        // The tail " +12" has to fit as well.
        let tail = if left > 0 { format!(" +{left}").len() } else { 0 };
        if at > 0 && text.chars().count() + 2 + item.chars().count() + tail > room {
            text.push_str(&format!(" +{}", left + 1));
            break;
        }
        if at > 0 {
            text.push_str(", ");
        }
        text.push_str(&fit(&item, room.saturating_sub(tail).max(8)));
    }
    text
}

fn paint(severity: Severity, color: bool) -> String {
    let word = format!("{:<9}", words::severity(severity));
    let code = match severity {
        Severity::VeryHigh => "1;31",
        Severity::High => "31",
        Severity::Medium => "33",
        Severity::Low => return word,
    };
    if color { format!("\x1b[{code}m{word}\x1b[0m") } else { word }
}

/// What is new since the last run, when that is known.
fn changes(inventory: &Inventory, w: &mut dyn Write) -> io::Result<()> {
    let run = &inventory.run;
    if let Some(c) = run.changes {
        let [new, changed, gone, unchanged] =
            [c.new, c.changed, c.gone, c.unchanged].map(words::number);
        writeln!(
            w,
            "\nFindings since the last run: {new} new, {changed} changed, {gone} gone, {unchanged} unchanged"
        )?;
    }
    if let Some(suppressed) = run.suppressed.as_ref().filter(|s| s.findings > 0) {
        let count = words::counted(suppressed.findings, "finding", "findings");
        writeln!(w, "\nSuppressed: {count}")?;
    }
    Ok(())
}

fn categories(findings: &[Finding], w: &mut dyn Write) -> io::Result<()> {
    let sums = tally::categories(findings);
    if sums.is_empty() {
        return Ok(());
    }
    writeln!(
        w,
        "\n{:<36} {:>10} {:>10} {:>17}",
        "Categories", "files", "findings", "distinct values *"
    )?;
    for sum in sums {
        writeln!(
            w,
            "  {:<34} {:>10} {:>10} {:>17}",
            fit(sum.name, 34),
            words::number(sum.files),
            words::number(sum.findings),
            words::number(sum.distinct)
        )?;
    }
    writeln!(w, "  * added up: a value in two places counts twice")
}

/// The systems, when any is named: what they add up to.
fn systems(inventory: &Inventory, w: &mut dyn Write) -> io::Result<()> {
    if inventory.systems.iter().all(|s| s.name.is_none() && s.personal_area.is_none()) {
        return Ok(());
    }
    writeln!(w, "\n{:<36} {:>10} {:>10} {:>17}", "Systems", "files", "findings", "data subjects")?;
    for system in &inventory.systems {
        let name = match (&system.name, &system.personal_area) {
            (Some(name), _) => name.clone(),
            (None, Some(area)) => format!("(personal area: {})", words::plain(area)),
            (None, None) => "(not mapped)".to_owned(),
        };
        let subjects = system.subjects.map_or("-".to_owned(), words::number);
        let (files, findings) = (words::number(system.files), words::number(system.findings));
        writeln!(w, "  {:<34} {files:>10} {findings:>10} {subjects:>17}", fit(&name, 34))?;
        let told = ["outside_eea", "third_country_access"];
        for flag in told.iter().filter(|f| system.flags.iter().any(|flag| flag == *f)) {
            writeln!(w, "      {}", words::flag(flag))?;
        }
    }
    Ok(())
}

fn warnings(inventory: &Inventory, width: usize, w: &mut dyn Write) -> io::Result<()> {
    let run = &inventory.run;
    let below: u64 = run.below_confidence.values().sum();
    if below > 0 {
        let mut kinds: Vec<_> = run.below_confidence.iter().collect();
        kinds.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
        let list: Vec<String> =
            kinds.iter().map(|(k, n)| format!("{k} {}", words::number(**n))).collect();
        writeln!(
            w,
            "\nNot listed, below confidence \"{}\": {}",
            escape::terminal(&run.min_confidence),
            words::counted(below, "finding", "findings")
        )?;
        writeln!(w, "  {}", fit_end(&list.join(", "), width - 2))?;
    }
    if !run.failed_on.is_empty() {
        writeln!(w, "\nMet --fail-on: {}", escape::terminal(&run.failed_on.join(", ")))?;
    }
    if !run.complete {
        writeln!(w, "\nThe run did not come to its end: this inventory is incomplete.")?;
    }
    if run.revealed {
        writeln!(
            w,
            "\nfindings.jsonl holds raw values: guard it like the data, delete it after use."
        )?;
    }
    Ok(())
}

fn outputs(inventory: &Inventory, out_dir: &Path, w: &mut dyn Write) -> io::Result<()> {
    writeln!(w, "\nWritten to {}", escape::terminal(&out_dir.to_string_lossy()))?;
    let written = super::FORMATS.iter().filter_map(|o| Some((o.file?, o.description)));
    for (file, description) in written {
        writeln!(w, "  {file:<16} {description}")?;
    }
    if inventory.run.revealed {
        writeln!(w, "  {:<16} every match, raw", "findings.jsonl")?;
    }
    Ok(())
}

/// Safe text of at most this many characters; the middle goes first, since a path's ends say most.
fn fit(text: &str, room: usize) -> Cow<'_, str> {
    let safe = escape::terminal(text);
    let chars: Vec<char> = safe.chars().collect();
    if chars.len() <= room {
        return safe;
    }
    let head = room / 3;
    let tail = room.saturating_sub(head + 1);
    let mut short: String = chars[..head].iter().collect();
    short.push('…');
    short.extend(&chars[chars.len() - tail..]);
    Cow::Owned(short)
}

/// As [`fit`], but the end goes.
fn fit_end(text: &str, room: usize) -> Cow<'_, str> {
    let safe = escape::terminal(text);
    if safe.chars().count() <= room {
        return safe;
    }
    let mut short: String = safe.chars().take(room.saturating_sub(1)).collect();
    short.push('…');
    Cow::Owned(short)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::sample;
    use super::*;

    fn text(inventory: &Inventory, color: bool, width: usize) -> String {
        let out = Path::new("/var/lib/datakart/hr");
        sample::written(|to| write(inventory, out, color, width, to))
    }

    #[test]
    fn of_many_roots_the_first_are_told() {
        let mut inventory = sample::small();
        inventory.run.roots = (0..3000).map(|i| format!("/srv/{i}")).collect();
        let text = text(&inventory, false, 80);
        assert!(text.contains("\n  /srv/4\n  … and 2,995 more\n\nCoverage\n"), "{text}");
    }

    const SNAPSHOT: &str = r#"hr-share: 1,400 files, 3.6 GiB, 42 s
  /srv/hr
  /srv/exports

Coverage
  read in full                                1,180 files      2.7 GiB
  read in part                                    2 files    781.2 KiB
  not read                                        4 files      5.2 MiB
  pictures, sound, video: not read              210 files    896.5 MiB
  out of scope by rule                            4 files          0 B

Not read, or not in full
  encrypted                                       3 files      5.1 MiB
      .xlsx 1, .zip 1
      /srv/hr/gammelt.zip
      /srv/hr/lønn.xlsx
  damaged, rest searched as text                  2 files    781.2 KiB
      .pdf 1
      /srv/hr/avkuttet.pdf
  permission denied                               1 file      11.7 KiB
      folders among them, whose content is not counted: 1
      /srv/hr/privat

Left out by rule, and remarks
  image, sound or video                         210 files    896.5 MiB
  symbolic link, not followed                     4 files          0 B

Personal data in 3 places: 1 very high, 1 medium, 1 low
  very high  /srv/hr/sy…fravær 2026.xlsx!Ark1  no_fodselsnummer 1,204 +1
  medium     /srv/hr/no…› vedlegg.zip › a.txt  email 3
  low        /srv/exports/crm.sqlite!contacts  email 18,240, phone 17,002

Categories                                files   findings distinct values *
  contact.email                               2          2            16,419
  contact.phone                               1          1            15,302
  government_id.national                      1          1             1,084
  health.sick_leave                           1          1               371
  * added up: a value in two places counts twice

Systems                                   files   findings     data subjects
  HR archive                                  1          2             1,084
      access from a third country

Not listed, below confidence "medium": 41 findings
  person_name 31, phone 10

Written to /var/lib/datakart/hr
  report.html      for people: one page for the browser
  inventory.csv    for spreadsheets: one row per finding
  inventory.jsonl  for scripts: one JSON object per line
"#;

    #[test]
    fn it_looks_like_this() {
        let text = text(&sample::small(), false, 80);
        assert_eq!(text, SNAPSHOT, "\n{text}");
    }

    #[test]
    fn eighty_columns_are_enough() {
        let mut inventory = sample::large(600);
        inventory.run = sample::small().run;
        for text in [text(&inventory, false, 80), text(&sample::hostile(), false, 80)] {
            let long = text.lines().find(|line| line.chars().count() > 80);
            assert_eq!(long.filter(|line| !line.contains("\\x1b")), None);
        }
        assert!(text(&inventory, false, 80).contains("… and 85 more, see the report"));
    }

    #[test]
    fn colour_is_for_severity_only() {
        let plain = text(&sample::small(), false, 80);
        assert!(!plain.contains('\x1b'));
        let coloured = text(&sample::small(), true, 80);
        assert_eq!(coloured.matches("\x1b[").count(), 4);
        assert_eq!(
            coloured.replace("\x1b[1;31m", "").replace("\x1b[33m", "").replace("\x1b[0m", ""),
            plain
        );
    }

    #[test]
    fn hostile_names_stay_text() {
        let text = text(&sample::hostile(), false, 80);
        assert!(!text.contains(['\x1b', '\u{9b}', '\u{202e}', '\u{2028}', '\x07']));
    }

    #[test]
    fn an_unhappy_run_says_so() {
        let mut inventory = Inventory::default();
        inventory.run.revealed = true;
        inventory.run.failed_on = vec!["art9".to_owned()];
        let text = text(&inventory, false, 20);
        for words in
            ["Nothing was read", "says nothing about the rest", "incomplete", "raw values", "art9"]
        {
            assert!(text.contains(words), "{words}");
        }
    }
}
