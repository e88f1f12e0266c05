//! The page's parts on places: systems with their countries, who can read the files, how old and how often
//! they are.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::super::words;
use super::{h, head, num, ratio, t, tag};
use crate::inventory::{FileLine, GroupLine, Inventory, ReadableBy, Severity, SystemLine};

/// Most years listed one by one.
const MOST_YEARS: usize = 12;
/// Most sets of copies listed.
const MOST_SETS: usize = 25;

/// The systems in the order of the inventory, with what their countries mean.
pub(super) fn systems(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    if inventory.systems.is_empty() {
        return writeln!(out, "<p>{}</p>", t("None in what was read."));
    }
    let worst = worst_of_systems(inventory);
    let columns = [
        ("System", ""),
        ("Country", "opt"),
        ("Files", "n"),
        ("Findings", "n opt"),
        ("Data subjects", "n"),
        ("Severity", ""),
    ];
    head("sums", &columns, out)?;
    for system in &inventory.systems {
        let key = (system.name.as_deref(), system.personal_area.as_deref());
        row(system, worst.get(&key).copied(), out)?;
    }
    out.write_all(b"</tbody></table>\n")?;
    if inventory.systems.iter().all(|s| s.name.is_none()) {
        let how =
            "No system is named: [[system]] tables in a settings file say what paths belong to.";
        writeln!(out, "<p class=\"small\">{}</p>", t(how))?;
    }
    Ok(())
}

/// The worst severity by system, or by kind of personal area where no system claims it.
fn worst_of_systems(inventory: &Inventory) -> HashMap<(Option<&str>, Option<&str>), Severity> {
    let area = |f: &FileLine| f.personal_area.clone().filter(|_| f.system.is_none());
    let areas: HashMap<&str, Option<String>> =
        inventory.files.iter().map(|f| (f.path.as_str(), area(f))).collect();
    let mut worst: HashMap<(Option<&str>, Option<&str>), Severity> = HashMap::new();
    for group in &inventory.groups {
        let named = inventory.systems.iter().find_map(|s| {
            let area = areas.get(group.path.as_str()).and_then(Option::as_deref);
            let same = s.name == group.system && s.personal_area.as_deref() == area;
            same.then_some((s.name.as_deref(), s.personal_area.as_deref()))
        });
        let Some(key) = named else { continue };
        let known = worst.entry(key).or_insert(Severity::Low);
        *known = (*known).max(group.severity);
    }
    worst
}

fn row(system: &SystemLine, worst: Option<Severity>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<tr><th scope=\"row\">")?;
    match (&system.name, &system.personal_area) {
        (Some(name), _) => write!(out, "<span data-filter=\"system\">{}</span>", h(name))?,
        (None, Some(area)) => write!(out, "{} {}", t("Personal areas:"), t(words::plain(area)))?,
        (None, None) => write!(out, "{}", t("Not mapped to a system"))?,
    }
    let about = [&system.purpose, &system.owner].into_iter().flatten();
    let about: Vec<_> = about.map(|text| h(text)).collect();
    if !about.is_empty() {
        write!(out, "<div class=\"small\">{}</div>", about.join(" · "))?;
    }
    if !system.flags.is_empty() {
        out.write_all(b"<div>")?;
        for flag in &system.flags {
            write!(out, "<span class=\"tag flag\" data-t>{}</span>", h(words::flag(flag)))?;
        }
        out.write_all(b"</div>")?;
    }
    if !system.transfers.is_empty() {
        write!(out, "<details><summary>{}</summary><ul class=\"notes\">", t("Transfers"))?;
        for statement in &system.transfers {
            write!(out, "<li>{}</li>", h(statement))?;
        }
        out.write_all(b"</ul></details>")?;
    }
    let subjects = system.subjects.map_or("–".to_owned(), |n| {
        format!("{}{}", if system.subjects_is_estimate { "≈ " } else { "" }, num(n))
    });
    writeln!(
        out,
        "</th><td class=\"opt\">{}</td><td class=\"n\">{}</td><td class=\"n opt\">{}</td><td class=\"n\">{subjects}</td>\
         <td>{}</td></tr>",
        h(system.country.as_deref().unwrap_or("–")),
        num(system.files),
        num(system.findings),
        worst.map(tag).unwrap_or_default()
    )
}

/// Who can read the files, how old they are, and which are copies.
pub(super) fn exposure(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    if inventory.files.is_empty() {
        return writeln!(
            out,
            "<p>{}</p>",
            t("Not known: this inventory says nothing of its files.")
        );
    }
    readers(inventory, out)?;
    years(&inventory.files, out)?;
    copies(&inventory.files, out)?;
    held(&inventory.files, out)
}

fn readers(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut worst: HashMap<&str, Severity> = HashMap::new();
    for GroupLine { path, severity, .. } in &inventory.groups {
        let known = worst.entry(path).or_insert(*severity);
        *known = (*known).max(*severity);
    }
    head("cover", &[("Readable by", ""), ("Files", "n"), ("High or very high", "n")], out)?;
    let who = [
        (Some(ReadableBy::Everyone), "every user of the host"),
        (Some(ReadableBy::Group), "a group or named users"),
        (Some(ReadableBy::Owner), "the owner only"),
        (None, "not known"),
    ];
    for (who, name) in who {
        let files: Vec<&FileLine> =
            inventory.files.iter().filter(|f| f.readable_by == who).collect();
        let grave = |f: &&&FileLine| worst.get(f.path.as_str()) >= Some(&Severity::High);
        if !files.is_empty() {
            writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                t(name),
                num(files.len() as u64),
                num(files.iter().filter(grave).count() as u64)
            )?;
        }
    }
    let remark = "By the files' own permissions and access lists; folders above may narrow that, shares may widen it.";
    writeln!(out, "</tbody></table>\n<p class=\"small\">{}</p>", t(remark))
}

/// Files by the year of their last change.
fn years(files: &[FileLine], out: &mut dyn Write) -> io::Result<()> {
    let mut years: BTreeMap<&str, u64> = BTreeMap::new();
    for year in files.iter().filter_map(|f| f.modified.as_deref()?.get(..4)) {
        *years.entry(year).or_default() += 1;
    }
    let most = years.values().copied().max().unwrap_or(1);
    writeln!(out, "<h3>{}</h3>", t("Last change of files with personal data"))?;
    head("sums", &[("Year", ""), ("Files", "n"), ("", "barcell")], out)?;
    for (year, n) in years.iter().rev().take(MOST_YEARS) {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"barcell\"><svg class=\"meter\" \
             aria-hidden=\"true\"><rect width=\"{:.1}%\" height=\"100%\"></rect></svg></td></tr>",
            h(year),
            num(*n),
            (ratio(*n, most) * 100.0).max(0.5)
        )?;
    }
    let older: u64 = years.iter().rev().skip(MOST_YEARS).map(|(_, n)| n).sum();
    if older > 0 {
        let (older, word) = (num(older), t("older"));
        writeln!(
            out,
            "<tr><th scope=\"row\">{word}</th><td class=\"n\">{older}</td><td></td></tr>"
        )?;
    }
    out.write_all(b"</tbody></table>\n")
}

/// The largest sets of copies.
fn copies(files: &[FileLine], out: &mut dyn Write) -> io::Result<()> {
    let mut sets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in files {
        if let Some(set) = &file.duplicate_set {
            sets.entry(set).or_default().push(&file.path);
        }
    }
    if sets.is_empty() {
        return Ok(());
    }
    let mut sets: Vec<Vec<&str>> = sets.into_values().collect();
    sets.sort_by_key(|paths| (std::cmp::Reverse(paths.len()), paths[0]));
    writeln!(out, "<h3>{}</h3>\n<ul class=\"sets\">", t("The same data in several files"))?;
    for paths in sets.iter().take(MOST_SETS) {
        let others = paths.len() as u64 - 1;
        let (first, word) = (h(paths[0]), t(if others == 1 { "copy" } else { "copies" }));
        write!(out, "<li><details><summary>{first}: {} {word}</summary><ul>", num(others))?;
        for path in paths.iter().skip(1).take(super::MAX_NOTES) {
            write!(out, "<li>{}</li>", h(path))?;
        }
        out.write_all(b"</ul></details></li>\n")?;
    }
    out.write_all(b"</ul>\n")?;
    if sets.len() > MOST_SETS {
        let more = num((sets.len() - MOST_SETS) as u64);
        writeln!(out, "<p class=\"small\">{more} {}</p>", t("more, see inventory.jsonl"))?;
    }
    Ok(())
}

/// What may have to be kept, by rule.
fn held(files: &[FileLine], out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    for hint in files.iter().flat_map(|f| &f.hold) {
        // After the names that gave the hint comes what the rule says.
        let says = hint.statement.split_once("). ").map_or(hint.statement.as_str(), |s| s.1);
        rules.entry(&hint.rule).or_insert((0, says)).0 += 1;
    }
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>{}</h3>", t("May have to be kept"))?;
    head("sums", &[("What the rule says", ""), ("Files", "n")], out)?;
    for (files, says) in rules.values() {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td></tr>",
            h(says),
            num(*files)
        )?;
    }
    let remark =
        "Hints by names of files and fields, no verdict: whether a rule applies, a person decides.";
    writeln!(out, "</tbody></table>\n<p class=\"small\">{}</p>", t(remark))
}
