//! `summary.html`: the answer's draft for people: what is held by category, where it stands, what is left to fill in
//! (GDPR Art. 15(1)), and what the search could not see. No script, no network.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::words;
use crate::detect::rules::categories as all_categories;
use crate::escape;
use crate::inventory::Count;
use crate::note::Class;
use crate::subject::{Case, Record, Strength};

const TEMPLATE: &str = include_str!("summary.html");
const CSS: &str = include_str!("../report.css");

/// Places listed; the work list has them all.
const MOST_PLACES: usize = 500;
/// Paths named beside a category.
const MOST_PATHS: usize = 5;

/// What Art. 15(1) and (2) ask for besides the data and their categories.
const ANSWER: [(&str, &str); 8] = [
    ("15(1)(a)", "Purposes of the processing"),
    ("15(1)(c)", "Recipients, in third countries too"),
    ("15(1)(d)", "How long it is stored, or how that is decided"),
    ("15(1)(e)", "The rights to rectification, erasure, restriction and objection"),
    ("15(1)(f)", "The right to complain to a supervisory authority"),
    ("15(1)(g)", "Where the data come from, if not from the person"),
    ("15(1)(h)", "Automated decisions, their logic and consequences"),
    ("15(2)", "Safeguards for transfers to third countries"),
];

/// What no search of files sees; EDPB Guidelines 01/2022 ask for a search of all systems, on paper too.
const ELSEWHERE: &str = "Not searched: paper, backups, systems that are not named above, and accounts with other \
    providers. Tell what was done about them.";

/// Writes the summary.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn write(case: &Case, records: &[Record], out: &mut dyn Write) -> io::Result<()> {
    let mut parts = TEMPLATE.split("{{");
    out.write_all(parts.next().unwrap_or_default().as_bytes())?;
    for part in parts {
        let (name, text) = part.split_once("}}").unwrap_or_default();
        let section = match name {
            "nonce" => blake3::hash(CSS.as_bytes()).to_hex()[..16].to_owned(),
            "css" => CSS.to_owned(),
            "title" => h(&format!("Request of a data subject, case {}", case.case)).into_owned(),
            "clock" => clock(case),
            "warnings" => warnings(case),
            "figures" => figures(records),
            "categories" => categories(records),
            "answer" => answer(),
            "places" => places(records),
            "searched" => searched(case),
            "about" => about(case),
            other => return Err(io::Error::other(format!("summary.html: unknown part {other}"))),
        };
        out.write_all(section.as_bytes())?;
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

fn h(text: &str) -> Cow<'_, str> {
    escape::html(text)
}

fn clock(case: &Case) -> String {
    let dates = [("received", &case.received), ("to be answered by", &case.due)];
    let mut parts: Vec<String> = dates
        .into_iter()
        .filter_map(|(what, day)| Some(format!("{what} {}", day.as_deref()?)))
        .collect();
    if !case.identity_verified.is_empty() {
        parts.push(format!("identity verified: {}", case.identity_verified));
    }
    h(&parts.join(" · ")).into_owned()
}

fn warnings(case: &Case) -> String {
    let banner = |text: &String| format!("<p class=\"banner\" role=\"note\">{}</p>\n", h(text));
    case.warnings.iter().map(banner).collect()
}

fn figures(records: &[Record]) -> String {
    let of = |strength| records.iter().filter(|r| r.strength == strength).count() as u64;
    let files: BTreeSet<&str> = records.iter().map(|r| r.path.as_str()).collect();
    let copies = records.iter().filter(|r| r.duplicate_of.is_some()).count() as u64;
    let flagged = |flag: &str| records.iter().filter(|r| r.flags.iter().any(|f| f == flag)).count();
    let figures = [
        ("certain records (a unique identifier)", of(Strength::Certain)),
        ("probable records (a name and what confirms it)", of(Strength::Probable)),
        ("possible records (a name only)", of(Strength::Possible)),
        ("files they stand in", files.len() as u64),
        ("records that are copies of others", copies),
        ("records that name others, too", flagged("third_person") as u64),
    ];
    let figure = |(what, number): (&str, u64)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>\n", h(what), words::number(number))
    };
    format!("<dl class=\"figures\">\n{}</dl>", figures.into_iter().map(figure).collect::<String>())
}

/// The categories of records that may be acted on.
fn categories(records: &[Record]) -> String {
    let mut by_category: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records.iter().filter(|r| r.strength.may_drive_erasure()) {
        for category in &record.categories {
            by_category.entry(category).or_default().push(record);
        }
    }
    if by_category.is_empty() {
        return "<p>No certain or probable record was found.</p>".to_owned();
    }
    let row = |(key, records): (&&str, &Vec<&Record>)| {
        let name = all_categories().get(*key).map_or(*key, |category| &category.name);
        let paths: BTreeSet<&str> = records.iter().map(|r| r.path.as_str()).collect();
        let mut places: Vec<Cow<'_, str>> = paths.iter().take(MOST_PATHS).map(|p| h(p)).collect();
        if paths.len() > MOST_PATHS {
            places.push(format!("and {} more", paths.len() - MOST_PATHS).into());
        }
        format!(
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td>{}</td>{}</tr>\n",
            h(name),
            words::number(records.len() as u64),
            places.join("<br>"),
            "<td class=\"fill\"></td>".repeat(3)
        )
    };
    format!(
        "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Category</th><th scope=\"col\" \
         class=\"n\">Records</th><th scope=\"col\">Where</th><th scope=\"col\">Purpose</th><th \
         scope=\"col\">Recipients</th><th scope=\"col\">Kept until</th></tr></thead>\n<tbody>\n{}</tbody>\n</table></div>",
        by_category.iter().map(row).collect::<String>()
    )
}

fn answer() -> String {
    let row = |(article, what): (&str, &str)| {
        format!(
            "<tr><td>Art. {article}</td><th scope=\"row\">{}</th><td class=\"fill\"></td></tr>\n",
            h(what)
        )
    };
    ANSWER.into_iter().map(row).collect()
}

/// What is counted of one table or document.
#[derive(Default)]
struct Place<'r> {
    strengths: BTreeMap<Strength, u64>,
    flags: BTreeSet<&'r str>,
    hints: BTreeSet<&'r str>,
}

fn places(records: &[Record]) -> String {
    type Where<'r> = (Option<&'r str>, &'r str, &'r [String], Option<&'r str>);
    let mut places: BTreeMap<Where<'_>, Place<'_>> = BTreeMap::new();
    for r in records {
        let place = places
            .entry((r.system.as_deref(), &r.path, &r.members, r.table.as_deref()))
            .or_default();
        *place.strengths.entry(r.strength).or_default() += 1;
        place.flags.extend(r.flags.iter().map(String::as_str));
        place.hints.extend(r.hints.iter().map(String::as_str));
    }
    let row = |((system, path, members, table), place): (&Where<'_>, &Place<'_>)| {
        let strengths: Vec<String> =
            place.strengths.iter().rev().map(|(s, n)| format!("{n} {}", s.as_str())).collect();
        let flags: Vec<&str> = place.flags.iter().map(|flag| words::flag(flag)).collect();
        let hints: Vec<&str> = place.hints.iter().copied().collect();
        let inside: Vec<&str> = members.iter().map(String::as_str).chain(*table).collect();
        format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            h(system.unwrap_or_default()),
            h(path),
            h(&inside.join(" › ")),
            strengths.join(", "),
            h(&flags.join(", ")),
            h(&hints.join(", "))
        )
    };
    let rows: String = places.iter().take(MOST_PLACES).map(row).collect();
    let more = match places.len().checked_sub(MOST_PLACES) {
        Some(more) if more > 0 => format!("<p>{more} more places are in the work list.</p>"),
        _ => String::new(),
    };
    format!(
        "<div class=\"scroll\"><table class=\"places\">\n<thead><tr><th scope=\"col\">System</th><th scope=\"col\">Path</th><th \
         scope=\"col\">Member, table</th><th scope=\"col\">Records</th><th scope=\"col\">Flags</th><th scope=\"col\">May \
         have to be kept</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>{more}"
    )
}

fn searched(case: &Case) -> String {
    let listed = |all: &BTreeMap<String, u64>| {
        all.iter().map(|(what, n)| format!("{what} ({n})")).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!(
        "<p>In {} by these kinds of values: {}.</p>\n",
        h(&case.run.roots.join(", ")),
        h(&listed(&case.sought))
    );
    if !case.hops.is_empty() {
        text += &format!("<p>Keys that led to further records: {}.</p>\n", h(&listed(&case.hops)));
    }
    let read = &case.coverage;
    let rows = [
        ("read in full", Some(read.scanned)),
        ("read in part", Some(read.partial)),
        ("not read though they should have been", Some(read.not_scanned)),
        ("left out by a rule", Some(read.out_of_scope)),
        ("of those read in full, told by the index to hold nothing of the person", case.excluded),
    ];
    let row = |(what, count): (&str, Option<Count>)| {
        count.map(|count| {
            format!(
                "<tr><th scope=\"row\">{what}</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
                words::number(count.files),
                words::bytes(count.bytes)
            )
        })
    };
    text += &format!(
        "<table class=\"cover\">\n<thead><tr><th scope=\"col\">Files</th><th scope=\"col\" class=\"n\">Number</th><th \
         scope=\"col\" class=\"n\">Size</th></tr></thead>\n<tbody>\n{}</tbody>\n</table>\n",
        rows.into_iter().filter_map(row).collect::<String>()
    );
    text + &gaps(case) + &format!("<p>{ELSEWHERE}</p>")
}

/// What could not be read, and why.
fn gaps(case: &Case) -> String {
    let missed = case.notes.iter().filter(|note| words::reason(&note.reason).1 == Class::NotRead);
    let missed: Vec<_> = missed.collect();
    if missed.is_empty() {
        return "<p>Everything that was met could be read.</p>\n".to_owned();
    }
    let item = |note: &&crate::inventory::NoteLine| {
        let place: Vec<&str> =
            std::iter::once(&note.path).chain(&note.members).map(String::as_str).collect();
        format!("<li>{}: {}</li>\n", h(&place.join(" › ")), h(words::reason(&note.reason).0))
    };
    let items: String = missed.iter().take(MOST_PLACES).map(item).collect();
    let title = words::counted(missed.len() as u64, "place", "places");
    format!(
        "<h3>{title} could not be read, or not in full</h3>\n<ul class=\"notes\">\n{items}</ul>\n"
    )
}

fn about(case: &Case) -> String {
    let run = &case.run;
    let about = format!(
        "datakart {}, rules {}, digest key {}, {} to {} (UTC). This page holds no value of anybody.",
        run.version, run.rules, run.key_id, run.started, run.ended
    );
    h(&about).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn no_text_of_a_file_becomes_markup() {
        let (case, records) = sample::hostile();
        let mut bytes = Vec::new();
        write(&case, &records, &mut bytes).unwrap();
        let page = String::from_utf8(bytes).unwrap();
        for bad in ["<script", "<b>", "<i>", "<x>", "\u{202e}", "\u{1b}", "{{"] {
            assert!(!page.contains(bad), "{bad:?}");
        }
        for good in ["Art. 15(1)(h)", "encrypted", "to be answered by 2026-12-01", "E-mail address"]
        {
            assert!(page.contains(good), "{good:?}");
        }
    }
}
