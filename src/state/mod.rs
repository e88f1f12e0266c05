//! The state of `--state FILE`: every file result of earlier runs, so that the next one reads only what changed.
//!
//! A file is carried over when everything that its result comes from is as it was: rules, version, options and
//! digest key (together its *circumstances*), the file's own name, its stamp, and the stamps of files beside it
//! that belong to it. Results hold no values; paths and names stand there as they are on disk, so the file is the
//! user's alone (0600).

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, params};

use crate::index::Filters;
use crate::inventory::Inventory;
use crate::source::open::Stamp;

mod history;
mod index;
mod lock;
mod stored;

pub use history::Status;
pub use index::Index;
pub use lock::{Busy, Lock};
pub use stored::{Beside, Stored};

/// Version of the tables below.
const SCHEMA: i32 = 2;
/// What tells such a file from other SQLite databases ("dkst").
const APPLICATION: i32 = 0x646B_7374;
/// Results in one transaction: what is lost at most when the run is killed, or when power fails.
const BATCH: usize = 500;
/// How long a result may wait for its transaction's end while others come.
const LATEST: Duration = Duration::from_secs(1);
/// How much older than its reading a file's last change has to be, in seconds. Clocks of file systems are
/// coarse: a change right after the reading may bear the same time.
const GRACE: i64 = 2;

const TABLES: &str = "
CREATE TABLE circumstances (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    read_at INTEGER NOT NULL,
    circumstances INTEGER NOT NULL REFERENCES circumstances(id),
    result TEXT NOT NULL,
    indexed INTEGER REFERENCES circumstances(id),
    words INTEGER,
    filter BLOB
);
";

/// From version 1, which had no index.
const FROM_1: &str = "
ALTER TABLE file ADD COLUMN indexed INTEGER REFERENCES circumstances(id);
ALTER TABLE file ADD COLUMN words INTEGER;
ALTER TABLE file ADD COLUMN filter BLOB;
";

const COLUMNS: &str =
    "SELECT id, device, inode, size, mtime, mtime_ns, ctime, ctime_ns, read_at, result, indexed";

const BELOW: &str = "WHERE (path = ?1 OR (path >= ?2 AND path < ?3))";

const KEEP: &str = "INSERT INTO file (path, name, circumstances, device, inode, size, mtime, mtime_ns, ctime,
        ctime_ns, read_at, result, indexed, words, filter)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
    ON CONFLICT (path) DO UPDATE SET name = ?2, circumstances = ?3, device = ?4, inode = ?5, size = ?6,
        mtime = ?7, mtime_ns = ?8, ctime = ?9, ctime_ns = ?10, read_at = ?11, result = ?12,
        indexed = ?13, words = ?14, filter = ?15
    RETURNING id";

/// For a file whose content is the same.
const TOUCH: &str =
    "UPDATE file SET device = ?2, inode = ?3, size = ?4, mtime = ?5, mtime_ns = ?6, ctime = ?7,
        ctime_ns = ?8, read_at = ?9, result = ?10
    WHERE id = ?1 RETURNING id";

/// An open state.
pub struct State {
    path: PathBuf,
    circumstances: i64,
    /// What an index depends on, of a run that makes one.
    index: Option<i64>,
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Writer>,
    /// Rows of the files that this run met.
    met: Mutex<HashSet<i64>>,
    failure: Mutex<Option<anyhow::Error>>,
    _lock: Lock,
}

struct Writer {
    connection: Connection,
    /// Results in the open transaction, and when it was begun.
    pending: usize,
    begun: Instant,
}

/// What a state knows of a file.
pub struct Known {
    /// Its row.
    pub id: i64,
    stamp: Stamp,
    read_at: i64,
    /// What its index depends on, if it was read for one.
    indexed: Option<i64>,
    /// Its result.
    pub stored: Stored,
}

impl Known {
    /// From a row of [`COLUMNS`]; `None` when its result cannot be understood.
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Known>> {
        let number = |i| row.get::<_, i64>(i);
        let stamp = Stamp {
            device: number(1)?.cast_unsigned(),
            inode: number(2)?.cast_unsigned(),
            size: number(3)?.cast_unsigned(),
            modified: (number(4)?, number(5)?),
            changed: (number(6)?, number(7)?),
        };
        let (id, read_at) = (number(0)?, number(8)?);
        let stored = Stored::parse(row.get_ref(9)?.as_bytes()?);
        let indexed = row.get(10)?;
        Ok(stored.map(|stored| Known { id, stamp, read_at, indexed, stored }))
    }

    /// Whether a file with this stamp is the one that was read.
    #[must_use]
    pub fn is(&self, stamp: &Stamp) -> bool {
        self.stamp == *stamp && is_old(stamp, self.read_at) && stamp.size == self.stored.bytes()
    }

    /// Whether what lies beside the file is what lay there. `look` gives the stamp of what has this ending.
    pub fn has_beside(&self, look: impl Fn(&str) -> Option<Stamp>) -> bool {
        self.stored.beside.iter().all(|beside| {
            let now = look(&beside.ending);
            now == beside.stamp && now.is_none_or(|stamp| is_old(&stamp, self.read_at))
        })
    }

    /// Whether a file of this size may have the same content, which its digest then tells.
    #[must_use]
    pub fn may_be(&self, size: u64) -> bool {
        self.stamp.size == size && self.stored.beside.is_empty() && self.stored.content.is_some()
    }
}

fn is_old(stamp: &Stamp, read_at: i64) -> bool {
    stamp.changed.0 < read_at - GRACE
}

impl State {
    /// Opens the state that `lock` is for, or makes one. `circumstances` is what results depend on besides the
    /// files, and `index` what an index does, of a run that makes one. With `rebuild`, an old one is put aside.
    ///
    /// # Errors
    /// A state that is damaged, of a later version or of something else, or that cannot be written: each says
    /// what to do.
    pub fn open(
        lock: Lock,
        circumstances: &str,
        index: Option<&str>,
        rebuild: bool,
    ) -> Result<State> {
        let path = lock.path().to_owned();
        if rebuild {
            put_aside(&path)?;
        }
        make_private(&path)?;
        let open = || -> Result<(Connection, i64, Option<i64>)> {
            let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            prepare(&connection)?;
            let circumstances = number_of(&connection, circumstances)?;
            let index = index.map(|text| number_of(&connection, text)).transpose()?;
            Ok((connection, circumstances, index))
        };
        let (connection, circumstances, index) = open().map_err(|e| told(&path, e))?;
        Ok(State {
            path,
            circumstances,
            index,
            readers: Mutex::default(),
            writer: Mutex::new(Writer { connection, pending: 0, begun: Instant::now() }),
            met: Mutex::default(),
            failure: Mutex::default(),
            _lock: lock,
        })
    }

    /// What is known of the file of this path and name under the same circumstances.
    #[must_use]
    pub fn find(&self, path: &[u8], name: &str) -> Option<Known> {
        self.with_reader(|reader| {
            let mut find = reader.prepare_cached(&format!(
                "{COLUMNS} FROM file WHERE path = ?1 AND name = ?2 AND circumstances = ?3"
            ))?;
            let row = find.query_row(params![path, name, self.circumstances], Known::of);
            Ok(row.optional()?.flatten())
        })
    }

    /// What is known of the files below a root, by their paths.
    #[must_use]
    pub fn below(&self, root: &Path) -> Vec<(Vec<u8>, Known)> {
        let found = self.with_reader(|reader| {
            let mut below = reader
                .prepare(&format!("{COLUMNS}, path FROM file {BELOW} AND circumstances = ?4"))?;
            let [root, inside, beyond] = bounds(root);
            let mut rows = below.query(params![root, inside, beyond, self.circumstances])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let path = row.get(11)?;
                all.extend(Known::of(row)?.map(|known| (path, known)));
            }
            Ok(Some(all))
        });
        found.unwrap_or_default()
    }

    /// Notes that a file is still what it was, or was not reached.
    pub fn carry(&self, known: &Known) {
        locked(&self.met).insert(known.id);
    }

    /// Whether what is known of a file is all that this run is to know: also its words, for an index.
    #[must_use]
    pub fn suffices(&self, known: &Known) -> bool {
        self.index.is_none() || known.indexed == self.index
    }

    /// Keeps a file's result, which comes from the content that it had under this stamp at this time, and its words.
    pub fn keep(
        &self,
        path: &[u8],
        name: &str,
        (stamp, read_at): (Stamp, i64),
        stored: &Stored,
        filters: Option<&Filters>,
    ) {
        self.write(stored, |connection, text| {
            let words = filters.map(|filters| filters.values().cast_signed());
            connection.prepare_cached(KEEP)?.query_row(
                params![
                    path,
                    name,
                    self.circumstances,
                    stamp.device.cast_signed(),
                    stamp.inode.cast_signed(),
                    stamp.size.cast_signed(),
                    stamp.modified.0,
                    stamp.modified.1,
                    stamp.changed.0,
                    stamp.changed.1,
                    read_at,
                    text,
                    self.index,
                    words,
                    filters.map(Filters::bytes)
                ],
                |row| row.get(0),
            )
        });
    }

    /// Keeps the new stamp of a file whose content is the one that is known. Its words are the same.
    pub fn touch(&self, known: i64, (stamp, read_at): (Stamp, i64), stored: &Stored) {
        self.write(stored, |connection, text| {
            connection.prepare_cached(TOUCH)?.query_row(
                params![
                    known,
                    stamp.device.cast_signed(),
                    stamp.inode.cast_signed(),
                    stamp.size.cast_signed(),
                    stamp.modified.0,
                    stamp.modified.1,
                    stamp.changed.0,
                    stamp.changed.1,
                    read_at,
                    text
                ],
                |row| row.get(0),
            )
        });
    }

    /// Writes a row, and notes that its file was met.
    fn write(&self, stored: &Stored, row: impl FnOnce(&Connection, &str) -> rusqlite::Result<i64>) {
        let kept = stored.text().and_then(|text| {
            let mut writer = locked(&self.writer);
            writer.begin()?;
            let id = row(&writer.connection, &text)?;
            writer.added()?;
            Ok(id)
        });
        match kept {
            Ok(id) => {
                locked(&self.met).insert(id);
            }
            Err(e) => self.fail(e),
        }
    }

    /// When the oldest result was read, in seconds of Unix time.
    #[must_use]
    pub fn oldest(&self) -> Option<i64> {
        self.with_reader(|reader| {
            let oldest = "SELECT min(read_at) FROM file";
            Ok(reader.query_row(oldest, [], |row| row.get(0))?)
        })
    }

    /// Whether the state could not be read or written; nothing is to be read after that.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        locked(&self.failure).is_some()
    }

    /// Ends the run, one that was `stopped` by a signal or not. After one that met everything there is below
    /// these `roots`, what is known of other files there is forgotten.
    ///
    /// # Errors
    /// What went wrong with the state since it was opened.
    pub fn finish(
        &self,
        inventory: &Inventory,
        label: &str,
        roots: &[PathBuf],
        stopped: bool,
    ) -> Result<()> {
        if let Some(failure) = locked(&self.failure).take() {
            return Err(failure);
        }
        locked(&self.readers).clear();
        let mut writer = locked(&self.writer);
        let finish = |writer: &mut Writer| -> Result<()> {
            writer.begin()?;
            State::remember(&writer.connection, inventory, label, stopped)?;
            for root in roots.iter().filter(|_| inventory.run.complete) {
                forget(&writer.connection, root, &locked(&self.met))?;
            }
            writer.commit()?;
            Ok(writer.connection.pragma_update(None, "wal_checkpoint", "TRUNCATE")?)
        };
        finish(&mut writer).map_err(|e| told(&self.path, e))
    }

    fn with_reader<T>(&self, ask: impl FnOnce(&Connection) -> Result<Option<T>>) -> Option<T> {
        let idle = locked(&self.readers).pop();
        let reader = idle.map_or_else(|| connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY), Ok);
        let answer = reader.and_then(|reader| {
            let answer = ask(&reader);
            locked(&self.readers).push(reader);
            answer
        });
        answer.unwrap_or_else(|e| {
            self.fail(e);
            None
        })
    }

    fn fail(&self, e: anyhow::Error) {
        locked(&self.failure).get_or_insert_with(|| told(&self.path, e));
    }
}

impl Writer {
    fn begin(&mut self) -> Result<()> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.begun = Instant::now();
        }
        Ok(())
    }

    fn added(&mut self) -> Result<()> {
        self.pending += 1;
        if self.pending >= BATCH || self.begun.elapsed() > LATEST { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<()> {
        self.pending = 0;
        Ok(self.connection.execute_batch("COMMIT")?)
    }
}

/// The number that a text on circumstances has.
fn number_of(connection: &Connection, text: &str) -> Result<i64> {
    let insert = "INSERT INTO circumstances (text) VALUES (?1) ON CONFLICT (text) DO NOTHING";
    connection.execute(insert, [text])?;
    let number = "SELECT id FROM circumstances WHERE text = ?1";
    Ok(connection.query_row(number, [text], |row| row.get(0))?)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A root, the first path that may lie in it, and the first one beyond: what [`BELOW`] asks for.
fn bounds(root: &Path) -> [Vec<u8>; 3] {
    use std::os::unix::ffi::OsStrExt as _;
    let root = root.as_os_str().as_bytes();
    let folder = root.strip_suffix(b"/").unwrap_or(root);
    [root.to_owned(), [folder, b"/"].concat(), [folder, b"0"].concat()]
}

/// Removes what is known of files below a root that were not met.
fn forget(connection: &Connection, root: &Path, met: &HashSet<i64>) -> Result<()> {
    let [root, inside, beyond] = bounds(root);
    let mut all = connection.prepare(&format!("SELECT id FROM file {BELOW}"))?;
    let ids = all.query_map(params![root, inside, beyond], |row| row.get::<_, i64>(0))?;
    let gone = ids.filter(|id| !id.as_ref().is_ok_and(|id| met.contains(id)));
    for id in gone.collect::<Result<Vec<i64>, _>>()? {
        connection.execute("DELETE FROM file WHERE id = ?1", [id])?;
    }
    Ok(())
}

fn connect(path: &Path, how: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, how | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Nothing of it is written to other places.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// Refuses what is no state, or one of a later version; gives its version.
fn identify(connection: &Connection) -> Result<i32> {
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

/// Checks the tables, or makes them in an empty file.
fn prepare(connection: &Connection) -> Result<()> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let mut version = SCHEMA;
    if tables > 0 {
        version = identify(connection)?;
        let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            bail!("{DAMAGED}");
        }
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    if tables == 0 {
        connection.execute_batch(&format!(
            "BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA}; {TABLES} {} COMMIT",
            history::TABLES
        ))?;
    }
    if version < SCHEMA {
        let pragma = format!("PRAGMA user_version = {SCHEMA}");
        connection.execute_batch(&format!("BEGIN; {FROM_1} {pragma}; COMMIT"))?;
    }
    Ok(())
}

const DAMAGED: &str =
    "it is damaged: start anew with --rebuild-state, which keeps the old file aside";

/// An error with the file's name and what to do.
fn told(path: &Path, e: anyhow::Error) -> anyhow::Error {
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
fn make_private(path: &Path) -> Result<()> {
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
fn put_aside(path: &Path) -> Result<()> {
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
