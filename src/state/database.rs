//! The database that a state is: its tables, how it is opened, what is refused and in which words.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};

use super::{history, unread};

/// Version of the tables. The results that an earlier one holds were made by an earlier program, so they are
/// dropped; what was found when stays.
pub(super) const SCHEMA: i32 = 4;
/// What tells such a file from other SQLite databases ("dkst").
const APPLICATION: i32 = 0x646B_7374;

/// A file of which there is little to tell has its format in `plain` and nothing in `result`: of a million files
/// most are such, and each is looked up every night.
const TABLES: &str = "
CREATE TABLE circumstances (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE counter (next INTEGER NOT NULL);
INSERT INTO counter VALUES (1);
CREATE TABLE file (
    path BLOB PRIMARY KEY,
    id INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    read_at INTEGER NOT NULL,
    circumstances INTEGER NOT NULL REFERENCES circumstances(id),
    plain TEXT
) WITHOUT ROWID;
CREATE TABLE result (id INTEGER PRIMARY KEY, path BLOB NOT NULL, inode INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX result_inode ON result (inode);
CREATE TABLE words (
    id INTEGER PRIMARY KEY,
    indexed INTEGER NOT NULL REFERENCES circumstances(id),
    words INTEGER,
    filter BLOB
);
";

/// What later versions have added to the history.
const SINCE_2: &str = "ALTER TABLE finding ADD COLUMN whereabouts TEXT NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN news TEXT;";
const SINCE_3: &str = "ALTER TABLE finding ADD COLUMN detector TEXT NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN confidence TEXT NOT NULL DEFAULT '';";

/// Takes the tables away that are made anew.
const DROP: &str = "DROP TABLE IF EXISTS file; DROP TABLE IF EXISTS circumstances;
DROP TABLE IF EXISTS counter; DROP TABLE IF EXISTS result; DROP TABLE IF EXISTS words;";

pub(super) fn connect(path: &Path, how: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, how | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Nothing of it is written to other places.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// Refuses what is no state, or one of a later version; tells the version.
pub(super) fn identify(connection: &Connection) -> Result<i32> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    if number("application_id")? != APPLICATION {
        bail!("this is no state of datakart: name another file");
    }
    let version = number("user_version")?;
    if version > SCHEMA {
        bail!(
            "it was written by a later version of datakart: use that, or start anew with --rebuild-state"
        );
    }
    Ok(version)
}

/// Checks the tables, or makes them in an empty file. Only the head and the first pages are looked at, since a
/// state is as big as the share is; what is damaged further on is met when it is read, and ends the run.
pub(super) fn prepare(connection: &Connection) -> Result<()> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let version = if tables == 0 { 0 } else { identify(connection)? };
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    if version < SCHEMA {
        let history = match version {
            0 => history::TABLES.to_owned(),
            1 => format!("{SINCE_2} {SINCE_3}"),
            2 => SINCE_3.to_owned(),
            _ => String::new(),
        };
        let gaps = unread::TABLES;
        connection.execute_batch(&format!(
            "BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA};
            {DROP} {TABLES} {history} {gaps} COMMIT"
        ))?;
    }
    for table in ["circumstances", "counter", "file", "result", "words", "finding", "run", "unread"]
    {
        let first = format!("SELECT 1 FROM {table} LIMIT 1");
        connection.query_row(&first, [], |_| Ok(())).optional()?;
    }
    Ok(())
}

/// Reads the whole database, and tells whether it is sound.
pub(super) fn check(connection: &Connection) -> Result<()> {
    let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        bail!("{DAMAGED}");
    }
    Ok(())
}

const DAMAGED: &str =
    "it is damaged: start anew with --rebuild-state, which keeps the old file aside";

/// An error with the file's name and what to do.
pub(super) fn told(path: &Path, e: anyhow::Error) -> anyhow::Error {
    let code = e.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    let advice = match code {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => DAMAGED,
        Some(ErrorCode::DiskFull) => "the disk is full: make room, then run again",
        Some(ErrorCode::SystemIoFailure) => {
            "it cannot be written to; the last inventory is left as it was"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "it cannot be written: name a file in a folder of your own"
        }
        _ => return e.context(format!("--state {}", path.display())),
    };
    e.context(format!("--state {}: {advice}", path.display()))
}

/// Makes the file where there is none, readable by its owner alone.
pub(super) fn make_private(path: &Path) -> Result<()> {
    let context = || {
        format!("--state {} cannot be written: name a file in a folder of your own", path.display())
    };
    let open = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    let metadata = open.and_then(|file| file.metadata()).with_context(context)?;
    if !metadata.is_file() {
        bail!("--state {} is no file: name one", path.display());
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).with_context(context)?;
    }
    Ok(())
}

/// Renames an old state and what belongs to it, to a name that is free.
pub(super) fn put_aside(path: &Path) -> Result<()> {
    let with = |number: u32, ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(if number == 0 { ending.to_owned() } else { format!(".old-{number}{ending}") });
        PathBuf::from(name)
    };
    let free = (1..).find(|n| !with(*n, "").exists()).unwrap_or(u32::MAX);
    for ending in ["-wal", "-shm", ""] {
        match fs::rename(with(0, ending), with(free, ending)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(e).with_context(|| format!("putting {} aside", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}
