//! What earlier runs found: when each finding was seen first and last, what is new, and how the last run ended.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::index::Extent;
use super::unread::{self, Unread};
use super::{State, database::told};
use crate::detect::rules::Rules;
use crate::inventory::{Changes, Confidence, Finding, FindingState, Inventory, NoteLine, Severity};
use crate::note::{Class, Reason};
use crate::suppress;

/// The tables, see [`State`].
pub(super) const TABLES: &str = "
CREATE TABLE finding (
    id TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    path TEXT NOT NULL,
    content TEXT NOT NULL,
    whereabouts TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    gone INTEGER NOT NULL,
    news TEXT,
    detector TEXT NOT NULL DEFAULT '',
    confidence TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT NOT NULL,
    complete INTEGER NOT NULL,
    exit_code INTEGER NOT NULL,
    facts TEXT NOT NULL
);
";

/// Runs that are remembered.
const RUNS: i64 = 1000;

impl State {
    /// Refuses a run of another source than those that the state knows the findings of: all of its own would be new.
    ///
    /// # Errors
    /// Such a run, by its label; a state that cannot be read.
    pub fn refuse_other(&self, label: &str) -> Result<()> {
        let other = self.with_reader(|reader| {
            let is_known = "SELECT EXISTS (SELECT 1 FROM finding WHERE label = ?1)";
            if reader.query_row(is_known, [label], |row| row.get(0))? {
                return Ok(None);
            }
            let other = "SELECT label FROM finding LIMIT 1";
            Ok(reader.query_row(other, [], |row| row.get::<_, String>(0)).optional()?)
        });
        self.check()?;
        if let Some(other) = other {
            bail!(
                "--state {}: it knows the findings of {other:?}, and this run is of {label:?}: take a state for each \
                 source, or, if it is the same one, --label {other:?}",
                self.path.display()
            );
        }
        Ok(())
    }

    /// Fills in what the state knows of the findings, and counts what changed since the last run that was not
    /// stopped. `label` and `started` are those of this run; `digests` tells of findings what their files hold, and
    /// `sought` which of them it would have told.
    ///
    /// # Errors
    /// A state that cannot be read.
    pub fn compare(
        &self,
        inventory: &mut Inventory,
        label: &str,
        started: &str,
        digests: &HashMap<String, &str>,
        sought: Sought<'_>,
    ) -> Result<()> {
        let known = self
            .with_reader(|reader| Ok(Some((known(reader, label)?, unread::known(reader, label)?))));
        let Some((mut known, gaps)) = known else { return self.check() };
        let Inventory { run, notes, findings, newly_unread, .. } = inventory;
        let untold =
            Untold::new(&run.roots, notes, findings, sought, |id| Some(&known.get(id)?.path));
        let mut moved = moved(&known, findings, &untold);
        let mut changes = Changes::default();
        for finding in findings {
            let content = content(finding);
            let (before, returned) = match known.remove(&finding.id) {
                Some(k) if k.gone => (None, Some(k.first_seen)),
                before => (before, None),
            };
            // What was moved with its file keeps what is known of it.
            let before = before.or_else(|| {
                let id = moved.get_mut(&whereabouts(finding, digests)?)?.pop()?;
                Some(Known { content: String::new(), ..known.remove(&id)? })
            });
            let (state, count) = match &before {
                Some(k) if k.content == content => {
                    (FindingState::Unchanged, &mut changes.unchanged)
                }
                Some(_) => (FindingState::Changed, &mut changes.changed),
                None => (FindingState::New, &mut changes.new),
            };
            *count += 1;
            finding.state = Some(state);
            let first_seen = before.map(|k| k.first_seen).or(returned);
            finding.first_seen = first_seen.or_else(|| Some(started.to_owned()));
            finding.last_seen = Some(started.to_owned());
        }
        changes.gone = match run.complete {
            true => known.values().filter(|k| k.is_gone(&untold)).count() as u64,
            false => 0,
        };
        *newly_unread = unread::newly(notes, &gaps);
        changes.unread = newly_unread.len() as u64;
        run.changes = Some(changes);
        Ok(())
    }

    /// Remembers what was found, for the next run to compare with, and how this run ended. One that a signal
    /// stopped is not compared with.
    pub(super) fn remember(connection: &Connection, ended: &Ended<'_>) -> Result<()> {
        let Ended { inventory, label, digests, stopped, sought } = ended;
        let run = &inventory.run;
        let facts = serde_json::to_string(&(&run.changes, &inventory.coverage))?;
        let parts = params![label, run.started, run.ended, run.complete, run.exit_code, facts];
        let insert = "INSERT INTO run (label, started, ended, complete, exit_code, facts)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        connection.execute(insert, parts)?;
        connection.execute("DELETE FROM run WHERE id <= (SELECT max(id) FROM run) - ?1", [RUNS])?;
        if *stopped {
            return Ok(());
        }
        let mut known = known(connection, label)?;
        let Inventory { notes, findings, .. } = inventory;
        let untold =
            Untold::new(&run.roots, notes, findings, *sought, |id| Some(&known.get(id)?.path));
        let is_untold = |path: &str| !run.complete || untold.covers(path, "", "");
        unread::remember(connection, label, notes, is_untold)?;
        connection.execute("UPDATE finding SET news = NULL WHERE label = ?1", [label])?;
        let mut keep = connection.prepare(
            "INSERT INTO finding (id, label, path, content, whereabouts, first_seen, last_seen, gone, news,
                detector, confidence)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10)
            ON CONFLICT (id) DO UPDATE SET label = ?2, path = ?3, content = ?4, whereabouts = ?5,
                first_seen = ?6, last_seen = ?7, gone = 0, news = ?8, detector = ?9, confidence = ?10",
        )?;
        for f in findings {
            known.remove(&f.id);
            let whereabouts = whereabouts(f, digests).unwrap_or_default();
            let (first, last) = (&f.first_seen, &f.last_seen);
            let news = News::of(f).map(|news| serde_json::to_string(&news)).transpose()?;
            let (kind, level) = (&f.detector, f.confidence.as_str());
            let content = content(f);
            keep.execute(params![
                f.id,
                label,
                f.path,
                content,
                whereabouts,
                first,
                last,
                news,
                kind,
                level
            ])?;
        }
        let gone = known.iter().filter(|(_, k)| k.is_gone(&untold));
        for (id, _) in gone.filter(|_| run.complete) {
            connection.execute("UPDATE finding SET gone = 1 WHERE id = ?1", [id])?;
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        super::locked(&self.failure).take().map_or(Ok(()), Err)
    }
}

/// A run that ended.
pub struct Ended<'a> {
    /// What it found.
    pub inventory: &'a Inventory,
    /// Name of its source.
    pub label: &'a str,
    /// Of findings, the digest of what their files hold.
    pub digests: &'a HashMap<String, &'a str>,
    /// Whether a signal ended it.
    pub stopped: bool,
    /// What it looked for.
    pub sought: Sought<'a>,
}

/// What a run looks for.
#[derive(Clone, Copy)]
pub struct Sought<'a> {
    /// Its detectors.
    pub rules: &'a Rules,
    /// The lowest confidence that it lists.
    pub level: Confidence,
}

impl Sought<'_> {
    /// Whether it would have told a finding of this detector and of the confidence that it had, as far as that is known.
    fn tells(&self, detector: &str, confidence: &str) -> bool {
        let is_below = |level: Confidence| level < self.level && level.as_str() == confidence;
        (detector.is_empty() || self.rules.find(detector).is_some())
            && ![Confidence::Low, Confidence::Medium].into_iter().any(is_below)
    }
}

struct Known {
    path: String,
    detector: String,
    confidence: String,
    content: String,
    whereabouts: String,
    first_seen: String,
    gone: bool,
}

impl Known {
    /// Whether a finding that was not found again has gone by this run, which does not tell of all paths.
    fn is_gone(&self, untold: &Untold<'_>) -> bool {
        !self.gone && !untold.covers(&self.path, &self.detector, &self.confidence)
    }
}

fn known(connection: &Connection, label: &str) -> Result<HashMap<String, Known>> {
    let all = "SELECT id, path, content, whereabouts, first_seen, gone, detector, confidence
        FROM finding WHERE label = ?1";
    let mut all = connection.prepare(all)?;
    let known = all.query_map([label], |row| {
        let known = Known {
            path: row.get(1)?,
            content: row.get(2)?,
            whereabouts: row.get(3)?,
            first_seen: row.get(4)?,
            gone: row.get(5)?,
            detector: row.get(6)?,
            confidence: row.get(7)?,
        };
        Ok((row.get(0)?, known))
    })?;
    Ok(known.collect::<Result<_, _>>()?)
}

/// A digest of what a finding says, but for its place, which its id tells, and what people or a state say of it.
pub(super) fn content(finding: &Finding) -> String {
    let mut bare = Finding {
        path: String::new(),
        path_b64: None,
        first_seen: None,
        last_seen: None,
        state: None,
        suppressed: None,
        ..finding.clone()
    };
    bare.flags.retain(|flag| flag != suppress::FLAG);
    let text = serde_json::to_vec(&bare).unwrap_or_default();
    blake3::hash(&text).to_hex()[..32].to_owned()
}

/// What a finding is known by wherever its file lies: that file's bytes, and the place in it.
fn whereabouts(finding: &Finding, digests: &HashMap<String, &str>) -> Option<String> {
    let place = (&finding.members, &finding.table, &finding.field, &finding.detector);
    let text = serde_json::to_vec(&(digests.get(&finding.id)?, place)).ok()?;
    Some(blake3::hash(&text).to_hex()[..32].to_owned())
}

/// The findings that may have been moved: those that are not found again where they were. By their whereabouts,
/// and of several copies the one that was seen first comes last.
fn moved(
    known: &HashMap<String, Known>,
    findings: &[Finding],
    untold: &Untold<'_>,
) -> HashMap<String, Vec<String>> {
    let found: HashSet<&str> = findings.iter().map(|f| f.id.as_str()).collect();
    let away = known.iter().filter(|(id, k)| !found.contains(id.as_str()) && k.is_gone(untold));
    let mut away: Vec<_> = away.filter(|(_, k)| !k.whereabouts.is_empty()).collect();
    away.sort_by(|(a, k), (b, l)| (&l.first_seen, b).cmp(&(&k.first_seen, a)));
    let mut moved: HashMap<String, Vec<String>> = HashMap::new();
    for (id, k) in away {
        moved.entry(k.whereabouts.clone()).or_default().push(id.clone());
    }
    moved
}

/// What a run does not tell of: what was found there before may still be there.
pub(super) struct Untold<'a> {
    /// What it looked for.
    sought: Sought<'a>,
    /// What was not read, or not in full, or was left out.
    noted: HashSet<&'a str>,
    /// Where the run began: of what does not lie below, it saw nothing. `None` when all that was found again lay
    /// elsewhere: the source was moved, or its roots are spelled otherwise, and no path of before tells.
    roots: Option<HashSet<PathBuf>>,
}

impl<'a> Untold<'a> {
    /// Of a run with these facts; `before` gives the path that a finding had before.
    pub(super) fn new<'k>(
        roots: &[String],
        notes: &'a [NoteLine],
        findings: &[Finding],
        sought: Sought<'a>,
        before: impl Fn(&str) -> Option<&'k String>,
    ) -> Untold<'a> {
        let left_out = [Reason::Excluded.as_str(), Reason::OtherFileSystem.as_str()];
        let is_untold = |note: &&NoteLine| {
            Reason::class_of(&note.reason) == Class::NotRead || left_out.contains(&&*note.reason)
        };
        let noted = notes.iter().filter(is_untold).map(|note| note.path.as_str()).collect();
        let roots: HashSet<PathBuf> = roots.iter().map(|root| absolute(root)).collect();
        let mut again =
            findings.iter().filter_map(|f| before(&f.id).map(|path| (path, &f.path))).peekable();
        let tells = again.peek().is_none()
            || again.any(|(path, now)| path == now || is_below(path, &roots));
        Untold { sought, noted, roots: tells.then_some(roots) }
    }

    /// Whether a finding is one that this run would not have told: by its path, a folder that it lies in, its detector
    /// or its confidence.
    pub(super) fn covers(&self, path: &str, detector: &str, confidence: &str) -> bool {
        let mut above = Path::new(path).ancestors().filter_map(Path::to_str);
        !self.sought.tells(detector, confidence)
            || above.any(|path| self.noted.contains(path))
            || self.roots.as_ref().is_some_and(|roots| !is_below(path, roots))
    }
}

/// A path as the inventory has it, from the root of the file system.
fn absolute(path: &str) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path))
}

fn is_below(path: &str, roots: &HashSet<PathBuf>) -> bool {
    absolute(path).ancestors().any(|path| roots.contains(path))
}

/// A finding that was new in the last run and is not suppressed, as the inventory names it.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct News {
    /// As in a finding.
    pub id: String,
    /// As in a finding.
    pub severity: Severity,
    /// As in a finding.
    pub path: String,
    /// As in a finding.
    pub members: Vec<String>,
    /// As in a finding.
    pub table: Option<String>,
    /// As in a finding.
    pub field: Option<String>,
    /// As in a finding.
    pub detector: String,
    /// As in a finding.
    pub matches: u64,
}

impl News {
    fn of(finding: &Finding) -> Option<News> {
        let f = finding;
        let is_news = f.state == Some(FindingState::New) && f.suppressed.is_none();
        is_news.then(|| News {
            id: f.id.clone(),
            severity: f.severity,
            path: f.path.clone(),
            members: f.members.clone(),
            table: f.table.clone(),
            field: f.field.clone(),
            detector: f.detector.clone(),
            matches: f.matches,
        })
    }
}

/// What a state tells of itself.
#[derive(Debug, serde::Serialize)]
pub struct Status {
    /// The run that uses it now: its process and start.
    pub running: Option<String>,
    /// Files whose result it holds.
    pub files: u64,
    /// When the oldest of these was read.
    pub oldest: Option<String>,
    /// How much the index holds, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<Extent>,
    /// The last run that came to write an inventory.
    pub last: Option<Last>,
    /// What was new in the last run that was not stopped, the worst first.
    pub new: Vec<News>,
    /// What could not be read, or not in full, in that run and could be before, or was not there.
    pub unread: Vec<Unread>,
}

fn news(connection: &Connection) -> Result<Vec<News>> {
    let mut all = connection.prepare("SELECT news FROM finding WHERE news IS NOT NULL")?;
    let texts = all.query_map([], |row| row.get::<_, String>(0))?;
    let mut news = Vec::new();
    for text in texts {
        news.extend(serde_json::from_str::<News>(&text?));
    }
    news.sort_by(|a, b| (b.severity, &a.path, &a.id).cmp(&(a.severity, &b.path, &b.id)));
    Ok(news)
}

/// How a run ended.
#[derive(Debug, serde::Serialize)]
pub struct Last {
    /// Name of the source.
    pub label: String,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// End, likewise.
    pub ended: String,
    /// Whether it reached everything.
    pub complete: bool,
    /// Exit code.
    pub exit_code: u8,
    /// Findings that are new, changed, unchanged and gone.
    pub changes: Option<Changes>,
    /// How much was read.
    pub coverage: crate::inventory::Coverage,
}

impl Status {
    /// Reads a state, whether or not a run is using it; with `check` as a whole, to see whether it is sound.
    ///
    /// # Errors
    /// No state, or one that cannot be read or is damaged.
    pub fn read(path: &Path, check: bool) -> Result<Status> {
        let read = || -> Result<Status> {
            let connection =
                super::database::connect(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            if super::database::identify(&connection)? < super::database::SCHEMA {
                anyhow::bail!("it is of an earlier version: the next scan brings it up to date");
            }
            if check {
                super::database::check(&connection)?;
            }
            let files = "SELECT count(*), min(read_at) FROM file";
            let (files, oldest): (i64, Option<i64>) =
                connection.query_row(files, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let last = "SELECT label, started, ended, complete, exit_code, facts FROM run ORDER BY id DESC LIMIT 1";
            let last = connection.query_row(last, [], |row| {
                let facts: String = row.get(5)?;
                let (changes, coverage) = serde_json::from_str(&facts).unwrap_or_default();
                let (label, started, ended) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let (complete, exit_code) = (row.get(3)?, row.get(4)?);
                Ok(Last { label, started, ended, complete, exit_code, changes, coverage })
            });
            let oldest = oldest.and_then(|at| jiff::Timestamp::from_second(at).ok());
            Ok(Status {
                running: super::lock::holder(path),
                files: files.unsigned_abs(),
                oldest: oldest.map(|at| at.to_string()),
                index: Extent::of(&connection)?,
                last: last.optional()?,
                new: news(&connection)?,
                unread: unread::news(&connection)?,
            })
        };
        read().map_err(|e| told(path, e))
    }
}
