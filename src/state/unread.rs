//! What could not be read, or not in full, and was read before or was not there: a gap that nobody knows of yet.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::inventory::NoteLine;
use crate::note::{Class, Reason};

/// What was not read in full in the last run that was not stopped.
pub(super) const TABLES: &str = "
CREATE TABLE unread (
    label TEXT NOT NULL,
    path TEXT NOT NULL,
    members TEXT NOT NULL,
    news TEXT,
    PRIMARY KEY (label, path, members)
) WITHOUT ROWID;
";

/// A place that could not be read, or not in full, in the last run and could be in the one before, or was not there.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unread {
    /// Why, in one word of the ledger's vocabulary.
    pub reason: String,
    /// As in a note.
    pub path: String,
    /// As in a note.
    pub members: Vec<String>,
}

/// The gaps that these notes tell of and that say more about the place than about the moment. A folder stands for what
/// lies in it. What the time was over for is told of the run as a whole.
pub(super) fn gaps(notes: &[NoteLine]) -> Vec<&NoteLine> {
    let of_the_moment = [Reason::Changed, Reason::Vanished, Reason::NotReached, Reason::Stopped]
        .map(Reason::as_str);
    let is_gap = |note: &&NoteLine| {
        Reason::class_of(&note.reason) == Class::NotRead && !of_the_moment.contains(&&*note.reason)
    };
    let mut gaps: Vec<&NoteLine> = notes.iter().filter(is_gap).collect();
    let whole: HashSet<&str> =
        gaps.iter().filter(|n| n.members.is_empty()).map(|n| n.path.as_str()).collect();
    gaps.retain(|note| {
        let mut above = Path::new(&note.path).ancestors().skip(1).filter_map(Path::to_str);
        !above.any(|path| whole.contains(path))
    });
    gaps.dedup_by(|a, b| (&a.path, &a.members) == (&b.path, &b.members));
    gaps
}

/// Those of the gaps in `notes` that are none in `before`.
pub(super) fn newly(notes: &[NoteLine], before: &HashSet<(String, Vec<String>)>) -> Vec<NoteLine> {
    let is_new = |note: &&NoteLine| !before.contains(&(note.path.clone(), note.members.clone()));
    gaps(notes).into_iter().filter(is_new).cloned().collect()
}

/// The places of gaps.
pub(super) fn places<'n>(
    gaps: impl IntoIterator<Item = &'n NoteLine>,
) -> HashSet<(String, Vec<String>)> {
    gaps.into_iter().map(|note| (note.path.clone(), note.members.clone())).collect()
}

/// The places of the gaps that are known.
pub(super) fn known(
    connection: &Connection,
    label: &str,
) -> Result<HashSet<(String, Vec<String>)>> {
    let mut all = connection.prepare("SELECT path, members FROM unread WHERE label = ?1")?;
    let rows = all.query_map([label], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let place = |row: rusqlite::Result<(String, String)>| -> Result<_> {
        let (path, members) = row?;
        Ok((path, serde_json::from_str(&members)?))
    };
    rows.map(place).collect()
}

/// Remembers the gaps that these notes of a run tell of. Of earlier ones those stay whose place was not looked at, as
/// `untold` says by its path.
pub(super) fn remember(
    connection: &Connection,
    label: &str,
    notes: &[NoteLine],
    untold: impl Fn(&str) -> bool,
) -> Result<()> {
    let known = known(connection, label)?;
    connection.execute("DELETE FROM unread WHERE label = ?1", [label])?;
    let mut keep = connection.prepare("INSERT OR REPLACE INTO unread VALUES (?1, ?2, ?3, ?4)")?;
    for (path, members) in known.iter().filter(|(path, _)| untold(path)) {
        keep.execute(params![label, path, serde_json::to_string(members)?, None::<String>])?;
    }
    for note in gaps(notes) {
        let is_known = known.contains(&(note.path.clone(), note.members.clone()));
        let news = (!is_known).then_some(&note.reason);
        keep.execute(params![label, note.path, serde_json::to_string(&note.members)?, news])?;
    }
    Ok(())
}

/// What was new among them, by reason.
pub(super) fn news(connection: &Connection) -> Result<Vec<Unread>> {
    let all = "SELECT news, path, members FROM unread WHERE news IS NOT NULL";
    let mut all = connection.prepare(all)?;
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    let mut news = Vec::new();
    for row in rows {
        let (reason, path, members) = row?;
        news.push(Unread { reason, path, members: serde_json::from_str(&members)? });
    }
    news.sort();
    Ok(news)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(path: &str, members: &[&str], reason: Reason) -> NoteLine {
        let members = members.iter().map(|m| (*m).to_owned()).collect();
        let (path, reason) = (path.to_owned(), reason.as_str().to_owned());
        NoteLine { path, path_b64: None, members, reason, detail: String::new() }
    }

    #[test]
    fn a_folder_stands_for_what_lies_in_it_and_a_moment_for_nothing() {
        let notes = [
            note("s/HR", &[], Reason::PermissionDenied),
            note("s/HR/a.csv", &[], Reason::PermissionDenied),
            note("s/HR2/a.csv", &[], Reason::Encrypted),
            note("s/b.zip", &["x.rar"], Reason::UnsupportedFormat),
            note("s/c.log", &[], Reason::Changed),
            note("s/d", &[], Reason::Symlink),
            note("s/e", &[], Reason::NotReached),
        ];
        let paths = |all: Vec<NoteLine>| all.into_iter().map(|n| n.path).collect::<Vec<_>>();
        assert_eq!(paths(newly(&notes, &HashSet::new())), ["s/HR", "s/HR2/a.csv", "s/b.zip"]);
        let before = places(&notes[..1]);
        assert_eq!(paths(newly(&notes, &before)), ["s/HR2/a.csv", "s/b.zip"]);
        assert!(newly(&notes, &places(gaps(&notes))).is_empty());
    }
}
