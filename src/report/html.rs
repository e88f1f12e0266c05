//! `report.html`: one self-contained page for people; no network, works from a file.
//!
//! What is small (coverage, sums) is static markup; the findings travel as JSON and `report.js` draws one
//! page of them at a time, so that a hundred thousand load as fast as ten.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::tally::{self, Sum};
use super::words;
use crate::escape;
use crate::inventory::{Count, Finding, Inventory, NoteLine, Severity};

mod payload;
mod places;
mod treemap;

const TEMPLATE: &str = include_str!("report.html");
const CSS: &str = include_str!("report.css");
const JS: &str = include_str!("report.js");
/// Every text of the page in Norwegian (bokmål), by its English.
const BOKMAL: &str = include_str!("html/bokmal.json");

/// Most extensions told per reason.
const MAX_EXTENSIONS: usize = 20;
/// Most notes listed per reason; `inventory.jsonl` has them all.
const MAX_NOTES: usize = 200;
/// Most folders listed.
const MAX_FOLDERS: usize = 15;
/// Most findings shown to browsers that run no scripts.
const MAX_STATIC: usize = 200;

/// Writes the page.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    // Small pieces are written; a file underneath should not see each.
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    let mut parts = TEMPLATE.split("{{");
    out.write_all(parts.next().unwrap_or_default().as_bytes())?;
    for part in parts {
        let (name, text) = part.split_once("}}").unwrap_or_default();
        section(name, inventory, &mut out)?;
        out.write_all(text.as_bytes())?;
    }
    out.flush()
}

/// Writes what stands for `{{name}}` in the template.
fn section(name: &str, inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    match name {
        "nonce" => write!(out, "{}", nonce(inventory)),
        "title" => title("Personal data in", inventory, out),
        "heading" => title(&t("Personal data in"), inventory, out),
        "css" => out.write_all(CSS.as_bytes()),
        "js" => out.write_all(JS.as_bytes()),
        "subtitle" => subtitle(inventory, out),
        "banners" => banners(inventory, out),
        "coverage" => coverage(inventory, out),
        "figures" => figures(inventory, out),
        "categories" => categories(inventory, out),
        "systems" => places::systems(inventory, out),
        "exposure" => places::exposure(inventory, out),
        "folders" => folders(inventory, out),
        "noscript" => noscript(inventory, out),
        "about" => about(inventory, out),
        "data" => payload::write(inventory, out),
        "bokmal" => out.write_all(BOKMAL.trim().as_bytes()),
        other => Err(io::Error::other(format!("report.html: unknown part {other}"))),
    }
}

fn h(text: &str) -> Cow<'_, str> {
    escape::html(text)
}

/// A text of the page's own, which its script can put into the other language.
fn t(english: &str) -> String {
    format!("<span data-t>{}</span>", h(english))
}

/// A number, which the script writes as the reader's language does.
fn num(n: u64) -> String {
    format!("<data value=\"{n}\">{}</data>", words::number(n))
}

/// A size or share, whose decimal point the script sets likewise.
fn dec(text: &str) -> String {
    format!("<span data-d>{text}</span>")
}

/// Allows this page's own style and script and no other: whoever names a file cannot know the run's facts.
/// Same inventory, same bytes.
fn nonce(inventory: &Inventory) -> String {
    let mut hash = blake3::Hasher::new();
    let run = &inventory.run;
    let first = inventory.findings.first().map_or("", |f| &f.id);
    for text in [&run.started, &run.ended, &run.host, &run.user, &run.rules, &run.key_id, first] {
        hash.update(text.as_bytes()).update(&[0]);
    }
    hash.finalize().to_hex()[..32].to_owned()
}

fn title(start: &str, inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let run = &inventory.run;
    write!(out, "{start} {}, {}", h(&run.label), h(words::day(&run.started)))
}

fn subtitle(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let run = &inventory.run;
    write!(out, "{} {} {}", h(&words::roots(&run.roots)), t("on"), h(&run.host))?;
    if let Some(time) = words::duration(&run.started, &run.ended) {
        write!(out, ", {} {time}", t("scanned in"))?;
    }
    write!(out, " {} datakart {}.", t("by"), h(&run.version))?;
    if let Some(ground) = &run.ground {
        write!(out, " {} {}", t("Ground for scanning personal areas:"), h(ground))?;
    }
    Ok(())
}

fn banners(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let run = &inventory.run;
    if run.revealed {
        let more = "The file findings.jsonl of this run holds the personal data itself. Guard it like the data and \
                    delete it after use.";
        banner("Raw values were written.", &t(more), out)?;
    }
    if !run.complete {
        let more = "The run did not come to its end; what it had not reached is missing here.";
        banner("Incomplete.", &t(more), out)?;
    }
    let known_before = words::known_before(inventory);
    if known_before > 0 {
        let more = "findings were known before; inventory.jsonl has them.";
        banner("Only what is new is listed.", &format!("{} {}", num(known_before), t(more)), out)?;
    }
    if !run.failed_on.is_empty() {
        banner("Conditions met:", &h(&run.failed_on.join(", ")), out)?;
    }
    Ok(())
}

fn banner(title: &str, more: &str, out: &mut dyn Write) -> io::Result<()> {
    let title = t(title);
    writeln!(out, "<p class=\"banner\" role=\"alert\"><strong>{title}</strong> {more}</p>")
}

fn coverage(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let c = &inventory.coverage;
    let (media, by_rule) = tally::out_of_scope(inventory);
    let rows = [
        ("c-full", "Read in full", c.scanned),
        ("c-part", "Read in part", c.partial),
        ("c-none", "Not read", c.not_scanned),
        ("c-media", "Not read: pictures, sound, video", media),
        ("c-out", "Out of scope by rule", by_rule),
    ];
    let files: u64 = rows.iter().map(|(.., count)| count.files).sum();
    let bytes: u64 = rows.iter().map(|(.., count)| count.bytes).sum();
    let says = "were met. What this report does not list was not found in what was read; it says nothing about the rest.";
    let (met, size, says) = (num(files), dec(&words::bytes(bytes)), t(says));
    writeln!(out, "<p>{met} {}, {size} {says}</p>", t(if files == 1 { "file" } else { "files" }))?;
    stack(&rows, files, out)?;
    head("cover", &[("Outcome", ""), ("Files", "n"), ("Share", "n"), ("Size", "n")], out)?;
    for (class, name, count) in rows {
        writeln!(
            out,
            "<tr><th scope=\"row\"><span class=\"key {class}\"></span>{}</th><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            t(name),
            num(count.files),
            dec(&words::percent(count.files, files)),
            dec(&words::bytes(count.bytes))
        )?;
    }
    out.write_all(b"</tbody></table>\n")?;
    pictures(inventory, out)?;
    let notes = &inventory.notes;
    let not_read = tally::reasons(inventory, true);
    let told = (&notes[..], &c.folders);
    reasons("Why files were not read, or not in full", &not_read, told, out)?;
    reasons("Left out by rule, and remarks", &tally::reasons(inventory, false), told, out)
}

/// Names pictures that lie where personal data was found: nobody looked into them.
fn pictures(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    const MOST: usize = 20;
    let beside = tally::pictures_beside(inventory);
    if beside.is_empty() {
        return Ok(());
    }
    let says = "Pictures, sound and video that lie in folders with personal data, not read:";
    write!(out, "<p>{}</p>\n<ul class=\"notes\">", t(says))?;
    for path in &beside[..beside.len().min(MOST)] {
        write!(out, "<li>{}</li>", h(path))?;
    }
    if beside.len() > MOST {
        write!(out, "<li>+{}</li>", num((beside.len() - MOST) as u64))?;
    }
    out.write_all(b"</ul>\n")
}

/// One bar of the outcomes, by number of files.
fn stack(rows: &[(&str, &str, Count)], files: u64, out: &mut dyn Write) -> io::Result<()> {
    if files == 0 {
        return Ok(());
    }
    out.write_all(b"<svg class=\"stack\" aria-hidden=\"true\">")?;
    let mut at = 0.0;
    for (class, _, count) in rows {
        let width = ratio(count.files, files) * 100.0;
        // What is there at all has to be seen.
        let seen = if count.files > 0 { width.max(0.4) } else { 0.0 };
        write!(
            out,
            "<rect class=\"{class}\" x=\"{at:.2}%\" width=\"{seen:.2}%\" height=\"100%\"></rect>"
        )?;
        at += width;
    }
    out.write_all(b"</svg>\n")
}

#[allow(clippy::cast_precision_loss)] // for the width of a bar
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn reasons(
    heading: &str,
    reasons: &[(&str, Count)],
    (notes, folders): (&[NoteLine], &BTreeMap<String, u64>),
    out: &mut dyn Write,
) -> io::Result<()> {
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>{}</h3>", t(heading))?;
    head("cover", &[("Reason", ""), ("Files", "n"), ("Size", "n")], out)?;
    let extensions = tally::extensions(notes);
    for (key, count) in reasons {
        out.write_all(b"<tr><td>")?;
        reason(key, notes, out)?;
        if let Some(counts) = extensions.get(key) {
            write!(out, "<div class=\"small\">{}</div>", listed(counts))?;
        }
        if let Some(folders) = folders.get(*key) {
            let (what, count) = (t(words::FOLDERS_AMONG), num(*folders));
            write!(out, "<div class=\"small\">{what} {count}</div>")?;
        }
        writeln!(
            out,
            "</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            num(count.files),
            dec(&words::bytes(count.bytes))
        )?;
    }
    out.write_all(b"</tbody></table>\n")
}

/// The most frequent extensions, and how many others there are.
fn listed(extensions: &[(String, u64)]) -> String {
    let told = extensions.iter().take(MAX_EXTENSIONS);
    let name = |extension: &str| match extension {
        tally::NO_EXTENSION => t(extension),
        other => h(other).into_owned(),
    };
    let mut told: Vec<String> =
        told.map(|(extension, n)| format!("{} {}", name(extension), num(*n))).collect();
    let more = extensions.len().saturating_sub(MAX_EXTENSIONS);
    told.extend((more > 0).then(|| format!("+{more}")));
    told.join(", ")
}

/// A reason, with the list of its notes to fold out.
fn reason(key: &str, notes: &[NoteLine], out: &mut dyn Write) -> io::Result<()> {
    let text = t(words::reason(key).0);
    let count = notes.iter().filter(|note| note.reason == key).count();
    if count == 0 {
        return write!(out, "{text}");
    }
    write!(out, "<details><summary>{text}</summary><ul class=\"notes\">")?;
    for note in notes.iter().filter(|note| note.reason == key).take(MAX_NOTES) {
        write!(out, "<li>{}", h(&words::place(&note.path, &note.members)))?;
        if !note.detail.is_empty() {
            write!(out, " <span class=\"small\">{}</span>", h(&note.detail))?;
        }
        out.write_all(b"</li>")?;
    }
    if count > MAX_NOTES {
        let more = num((count - MAX_NOTES) as u64);
        write!(out, "<li>{more} {}</li>", t("more, see inventory.jsonl"))?;
    }
    out.write_all(b"</ul></details>")
}

fn figures(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut files = std::collections::HashSet::new();
    let (mut places, mut grave, mut values) = (0, 0, 0);
    let (mut special, mut national) = (0, 0);
    for group in tally::groups(&inventory.findings) {
        let has = |flags: &[&str]| {
            let flagged = |f: &Finding| f.flags.iter().any(|flag| flags.contains(&flag.as_str()));
            u64::from(group.findings.iter().any(flagged))
        };
        files.insert(&group.findings[0].path);
        places += 1;
        grave += u64::from(group.severity >= Severity::High);
        values += group.matches;
        special += has(&["art9", "art10"]);
        national += has(&["art87"]);
    }
    let below: u64 = inventory.run.below_confidence.values().sum();
    let copies = inventory.files.iter().filter(|f| f.duplicate_of.is_some()).count() as u64;
    let figures = [
        (files.len() as u64, "files with personal data"),
        (places, "tables and documents"),
        (grave, "of these with high or very high severity"),
        (special, "with special categories or criminal data (Art. 9, 10)"),
        (national, "with national ID numbers (Art. 87)"),
        (inventory.findings.len() as u64, "findings listed"),
        (values, "values in them"),
        (copies, "files that are copies of others listed here"),
        (below, "findings below the confidence level, not listed"),
    ];
    out.write_all(b"<dl class=\"figures\">\n")?;
    for (number, name) in figures {
        writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", t(name), num(number))?;
    }
    out.write_all(b"</dl>\n")
}

fn tag(severity: Severity) -> String {
    let (class, word) = (severity.as_str(), words::severity(severity));
    format!("<span class=\"tag {class}\" data-t>{word}</span>")
}

/// The start of a table: its class, and heading and class of each column.
fn head(class: &str, columns: &[(&str, &str)], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<table class=\"{class}\"><thead><tr>")?;
    for (name, class) in columns {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let name = if name.is_empty() { String::new() } else { t(name) };
        write!(out, "<th scope=\"col\"{class}>{name}</th>")?;
    }
    out.write_all(b"</tr></thead><tbody>\n")
}

fn categories(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let sums = tally::categories(&inventory.findings);
    sum_table("category", "Category", &sums, out)?;
    if sums.is_empty() {
        return Ok(());
    }
    let remark = "Distinct values are added up over places: a value in two places counts twice. Severity is the worst \
                  of the places where the category stands.";
    writeln!(out, "<p class=\"small\">{}</p>", t(remark))
}

fn folders(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let sums = tally::folders(&inventory.findings);
    treemap::write(&sums, out)?;
    sum_table("folder", "Folder", &sums[..sums.len().min(MAX_FOLDERS)], out)?;
    if sums.len() > MAX_FOLDERS {
        let more = num((sums.len() - MAX_FOLDERS) as u64);
        writeln!(out, "<p class=\"small\">{more} {}</p>", t("more folders hold findings."))?;
    }
    Ok(())
}

/// A table of sums with a bar for the number of files.
fn sum_table(filter: &str, heading: &str, sums: &[Sum], out: &mut dyn Write) -> io::Result<()> {
    if sums.is_empty() {
        return writeln!(out, "<p>{}</p>", t("None in what was read."));
    }
    let most = sums.iter().map(|sum| sum.files).max().unwrap_or(1);
    let columns = [
        (heading, ""),
        ("Files", "n"),
        ("", "barcell opt"),
        ("Findings", "n opt"),
        ("Distinct values", "n opt"),
        ("Severity", ""),
    ];
    head("sums", &columns, out)?;
    for sum in sums {
        writeln!(
            out,
            "<tr><th scope=\"row\"><span data-filter=\"{filter}\">{}</span></th><td class=\"n\">{}</td>\
             <td class=\"barcell opt\"><svg class=\"meter\" aria-hidden=\"true\"><rect width=\"{:.1}%\" height=\"100%\">\
             </rect></svg></td><td class=\"n opt\">{}</td><td class=\"n opt\">{}</td><td>{}</td></tr>",
            h(sum.name),
            num(sum.files),
            (ratio(sum.files, most) * 100.0).max(0.5),
            num(sum.findings),
            num(sum.distinct),
            tag(sum.severity)
        )?;
    }
    out.write_all(b"</tbody></table>\n")
}

/// The worst findings as a plain table.
fn noscript(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut worst: Vec<&Finding> = inventory.findings.iter().collect();
    worst.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    worst.truncate(MAX_STATIC);
    writeln!(
        out,
        "<p>Scripts are off: these are {} of {} findings, the gravest first. inventory.csv has all.</p>\n\
         <div class=\"scroll\"><table><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Place</th>\
         <th scope=\"col\">Table</th><th scope=\"col\">Field</th><th scope=\"col\">Kind</th>\
         <th scope=\"col\">Confidence</th><th scope=\"col\" class=\"n\">Values</th></tr></thead><tbody>",
        words::number(worst.len() as u64),
        words::number(inventory.findings.len() as u64)
    )?;
    for finding in worst {
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>",
            tag(finding.severity),
            h(&words::place(&finding.path, &finding.members)),
            h(finding.table.as_deref().unwrap_or_default()),
            h(finding.field.as_deref().unwrap_or_default()),
            h(&finding.detector),
            finding.confidence.as_str(),
            words::number(finding.matches)
        )?;
    }
    out.write_all(b"</tbody></table></div>")
}

const READING: &[&str] = &[
    "Severity says how bad a disclosure would be: the most sensitive and the most identifying category that stand in \
     the same table or document, multiplied. It is not risk: who can read the place is shown beside it.",
    "Confidence says how sure it is that the values are of the kind: high from 95 %, medium from 75 %, low from 50 %. \
     \"Of cells\" says how much of a column is of the kind; a sure finding can be a small part of its column.",
    "Data subjects are estimated from the identifier that tells most of them; who has two numbers counts twice, and who \
     has none is not counted.",
    "Purpose, lawful basis, retention and recipients cannot be read from files. This list is a draft for the record of \
     processing; people decide. What it says of countries and of rules on keeping material are hints to check.",
    "It tells where sensitive data lies. Keep it as you keep that data.",
];

/// How to read it, and the facts of the run.
fn about(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    for text in READING {
        writeln!(out, "<p>{}</p>", t(text))?;
    }
    let run = &inventory.run;
    let options: Vec<String> = run.options.iter().map(|(k, v)| format!("{k} {v}")).collect();
    let below: Vec<String> = run.below_confidence.iter().map(|(k, n)| format!("{k} {n}")).collect();
    let facts = [
        ("Roots", words::roots(&run.roots)),
        ("Started, ended", format!("{} to {}", run.started, run.ended)),
        ("Host, user", format!("{}, {}", run.host, run.user)),
        ("Options", options.join(", ")),
        ("Dates judged as of", run.as_of.clone()),
        ("Lowest confidence listed", run.min_confidence.clone()),
        ("Below it, not listed", below.join(", ")),
        ("Rules in use", run.rules.clone()),
        ("Lexicon in use", run.lexicon.clone()),
        ("Settings file", run.config.clone().unwrap_or_default()),
        ("Digest key", run.key_id.clone()),
        ("Format", run.schema.clone()),
    ];
    writeln!(out, "<h3>{}</h3>\n<dl class=\"facts\">", t("The run"))?;
    for (name, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", t(name), h(text))?;
    }
    out.write_all(b"</dl>\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::super::sample;
    use super::*;
    use crate::inventory::Changes;

    fn text(inventory: &Inventory) -> String {
        sample::written(|out| write(inventory, out))
    }

    /// The JSON between the tags, as a browser cuts it out.
    fn payload(page: &str) -> Value {
        let (_, rest) = page.split_once("id=\"data\" type=\"application/json\">").unwrap();
        serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
    }

    #[test]
    fn every_part_is_filled() {
        let page = text(&sample::small());
        assert!(!page.contains("{{"));
        for part in [
            "hr-share, 2026-11-23",
            "<data value=\"1400\">1,400</data> <span data-t>files</span>",
            "HR archive",
            "access from a third country",
            "Looks like payroll.",
            "gammelt.zip",
            "Art. 87",
            "sykefravær 2026.xlsx",
        ] {
            assert!(page.contains(part), "{part}");
        }
        let groups = &payload(&page)["groups"];
        assert_eq!(groups.as_array().unwrap().len(), 3);
        assert_eq!(groups[2][3][1][0], "Fnr");
        assert_eq!(groups[2][4][5], "everyone");
        assert_eq!(groups[2][4][4], json!([["Fra", "period", "2019-01", "2026-09"]]));
        assert_eq!(text(&Inventory::default()).matches(">None in what was read").count(), 3);
    }

    #[test]
    fn the_page_reaches_for_nothing() {
        let page = text(&sample::large(1000));
        for bad in ["http:", "https:", "src=", "url(", "@import", "<link", "onclick", "style="] {
            assert!(!page.contains(bad), "{bad}");
        }
        assert!(page.contains("default-src 'none'"));
        assert!(page.contains(&format!("<script nonce=\"{}\">", nonce(&sample::large(1000)))));
    }

    #[test]
    fn hostile_names_are_text() {
        let page = text(&sample::hostile());
        assert!(!page.contains("<script>"));
        assert_eq!(page.matches("</script>").count(), 3);
        let path = payload(&page)["groups"][0][0].as_str().unwrap().to_owned();
        assert!(
            path.starts_with(r"-</script><script>alert(1)</script>\u{2028}\x1b[31m\u{9b}"),
            "{path}"
        );
    }

    /// What the page says itself, it can say in Norwegian.
    #[test]
    fn every_text_has_its_norwegian() {
        let bokmal: BTreeMap<String, String> = serde_json::from_str(BOKMAL).unwrap();
        let mut inventory = sample::large(3000);
        inventory.run.revealed = true;
        inventory.run.complete = false;
        inventory.run.ground = Some("x".to_owned());
        inventory.files = sample::small().files;
        inventory.files.push(inventory.files[0].clone());
        inventory.files.iter_mut().for_each(|f| f.duplicate_set = Some("s".to_owned()));
        let unmapped = crate::inventory::SystemLine {
            personal_area: Some("mailbox".to_owned()),
            ..Default::default()
        };
        inventory.systems.push(unmapped);
        let mut texts: Vec<String> = Vec::new();
        for page in [text(&inventory), text(&Inventory::default())] {
            for part in page.split(" data-t>").skip(1) {
                let english = part.split_once('<').unwrap().0;
                texts.push(
                    english.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&"),
                );
            }
        }
        assert!(texts.len() > 100);
        for part in JS.split(" t('").chain(JS.split("(t('")).chain(JS.split("{t('")) {
            texts.extend(
                part.split_once("')")
                    .map(|(english, _)| english.to_owned())
                    .filter(|e| e.len() < 60 && !e.contains('\n')),
            );
        }
        for english in texts.iter().filter(|e| e.starts_with(char::is_alphabetic)) {
            assert!(bokmal.contains_key(english), "{english:?}");
        }
    }

    #[test]
    fn banners_show_when_due() {
        let mut inventory = sample::small();
        assert!(!text(&inventory).contains("class=\"banner\""));
        inventory.run.revealed = true;
        inventory.run.complete = false;
        assert_eq!(text(&inventory).matches("class=\"banner\"").count(), 2);
        let listed = inventory.findings.len() as u64;
        inventory.run.options.insert("only-new".to_owned(), "true".to_owned());
        inventory.run.changes = Some(Changes { new: listed, unchanged: 7, ..Changes::default() });
        assert!(text(&inventory).contains("Only what is new is listed"));
        assert_eq!(words::known_before(&inventory), 7);
    }

    #[test]
    fn scripts_off_still_shows_the_worst() {
        let page = text(&sample::large(3000));
        let (_, rest) = page.split_once("<noscript>").unwrap();
        let table = rest.split_once("</noscript>").unwrap().0;
        assert_eq!(table.matches("<tr>").count(), 1 + MAX_STATIC);
        assert_eq!(table.matches("tag very_high").count(), MAX_STATIC);
    }

    /// For looking at the page: `DATAKART_SAMPLES=DIR cargo test samples_to_look_at`.
    #[test]
    fn samples_to_look_at() {
        let Some(dir) = std::env::var_os("DATAKART_SAMPLES") else { return };
        let dir = std::path::Path::new(&dir);
        for (name, inventory) in [
            ("small", sample::small()),
            ("hostile", sample::hostile()),
            ("empty", Inventory::default()),
            ("50000", sample::large(50_000)),
            ("100000", sample::large(100_000)),
        ] {
            std::fs::write(dir.join(format!("{name}.html")), text(&inventory)).unwrap();
        }
    }
}
