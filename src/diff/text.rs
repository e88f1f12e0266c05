//! The comparison for people.

use std::io::{self, Write};

use super::columns::ColumnChange;
use super::tables::Place;
use super::{Change, Comparison, Head};
use crate::escape::terminal;

/// Writes the comparison as text, the gravest first.
///
/// # Errors
/// When the output cannot be written.
pub fn write(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    // Of two inventories of one day the time tells which is which.
    let day = |head: &Head| head.started.get(..10).map(str::to_owned);
    let told = if day(&comparison.old) == day(&comparison.new) { 19 } else { 10 };
    head("Old", &comparison.old, told, out)?;
    head("New", &comparison.new, told, out)?;
    if !comparison.values_compared {
        writeln!(out, "Counts were compared, not values.")?;
    }
    type Kind = (&'static str, fn(&Change) -> bool);
    let kinds: [Kind; 5] = [
        ("Missing in the new one", |c| matches!(c, Change::Went { .. })),
        ("Changed", |c| matches!(c, Change::Changed { moved: false, .. })),
        ("Moved", |c| matches!(c, Change::Changed { moved: true, .. })),
        ("Copied", |c| matches!(c, Change::Copied { .. })),
        ("Only in the new one", |c| matches!(c, Change::Came { .. })),
    ];
    for (title, is_kind) in kinds {
        let mut title = Some(title);
        for change in comparison.changes.iter().filter(|c| is_kind(c)) {
            if let Some(title) = title.take() {
                writeln!(out, "\n{title}")?;
            }
            one(change, out)?;
        }
    }
    let n = comparison.unchanged;
    let (are, s) = if n == 1 { ("is", "") } else { ("are", "s") };
    writeln!(out, "\n{n} table{s} or document{s} {are} unchanged.")
}

/// Says what is compared, with so many characters of the time at which it began.
fn head(word: &str, head: &Head, told: usize, out: &mut dyn Write) -> io::Result<()> {
    let day = head.started.get(..told).unwrap_or(&head.started).replacen('T', " ", 1);
    let rest = if head.complete { "" } else { "; not everything could be read there" };
    writeln!(out, "{word}: {} of {}{rest}", terminal(&head.label), terminal(&day))
}

fn one(change: &Change, out: &mut dyn Write) -> io::Result<()> {
    let (title, columns) = match change {
        Change::Went { place, columns } | Change::Came { place, columns } => {
            (shown(place), columns)
        }
        Change::Changed { from, to, moved, widened_to, columns } => {
            let mut title = shown(to);
            if *moved {
                title = format!("{} → {title}", shown(from));
            }
            if columns.is_empty() && widened_to.is_none() {
                title.push_str(" (as it was)");
            }
            if let Some(readers) = widened_to {
                title.push_str(&format!(" (now readable by {})", readers.as_str()));
            }
            (title, columns)
        }
        Change::Copied { from, to, columns } => {
            (format!("{} → also in {}", shown(from), shown(to)), columns)
        }
    };
    writeln!(out, "  {}", terminal(&title))?;
    for column in columns {
        writeln!(out, "      {}", terminal(&in_words(column)))?;
    }
    Ok(())
}

fn shown(place: &Place) -> String {
    let parts = std::iter::once(&place.path).chain(&place.members).chain(&place.table);
    parts.map(String::as_str).collect::<Vec<_>>().join(" › ")
}

fn named(field: &Option<String>, detector: &str) -> String {
    format!("{} ({detector})", field.as_deref().unwrap_or("text"))
}

fn in_words(column: &ColumnChange) -> String {
    match column {
        ColumnChange::Went { field, detector, distinct, elsewhere, .. } => {
            let rest = match elsewhere {
                Some(0) | None => String::new(),
                Some(n) => format!("; {n} of them stand elsewhere"),
            };
            format!("{}: gone, {distinct} different values{rest}", named(field, detector))
        }
        ColumnChange::Came { field, detector, distinct, known, .. } => {
            let rest = match known {
                Some(n) if n == distinct => "; all of them stood in the old one".to_owned(),
                Some(0) | None => String::new(),
                Some(n) => format!("; {n} of them stood in the old one"),
            };
            format!("{}: new, {distinct} different values{rest}", named(field, detector))
        }
        ColumnChange::Changed {
            field,
            was,
            detector,
            matches,
            distinct,
            missing,
            elsewhere,
            added,
            is_estimate,
        } => {
            let about = if *is_estimate { "about " } else { "" };
            let mut parts = Vec::new();
            parts.extend(was.as_ref().map(|was| format!("was called {was}")));
            if let Some(n) = missing.filter(|n| *n > 0) {
                parts.push(format!("{about}{n} of {} different values missing", distinct.0));
            }
            if let Some(n) = elsewhere.filter(|n| *n > 0) {
                parts.push(format!("{n} of these stand elsewhere"));
            }
            if let Some(n) = added.filter(|n| *n > 0) {
                parts.push(format!("{about}{n} new"));
            }
            if matches.0 != matches.1 {
                parts.push(format!("{} values before, {} now", matches.0, matches.1));
            }
            format!("{}: {}", named(field, detector), parts.join(", "))
        }
    }
}
