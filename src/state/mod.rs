//! The state of `--state FILE`: every file result of earlier runs, so that the next one reads only what changed.
//!
//! A file is carried over when everything that its result comes from is as it was: rules, version, options and
//! digest key (together its *circumstances*), the file's own name, its stamp, and the stamps of files beside it
//! that belong to it. Results hold no values; paths and names stand there as they are on disk, so the file is the
//! user's alone (0600).

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, bail};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};

use crate::detect::finder::Finder;
use crate::file::FileResult;
use crate::isolate::Left;
use crate::note::Reason;
use crate::source::clock;
use crate::source::open::Stamp;
use connections::{DROP_RESULT, Reader, Writer};
use database::{connect, make_private, prepare, put_aside, told};
use rows::Rows;

pub mod baseline;
mod connections;
mod database;
mod history;
mod index;
mod lock;
mod rows;
mod stored;
mod unread;

pub use history::{Ended, Sought, Status};
pub use index::{Index, Words};
pub use lock::{Busy, Lock};
pub use stored::{Beside, Kept};
pub use unread::Unread;

/// How much older than its reading a file's last change has to be, in seconds. Clocks of file systems are
/// coarse: a change right after the reading may bear the same time.
const GRACE: i64 = 2;

/// The reason of what did not answer.
const STALLED: &str = Reason::Stalled.as_str();

const FIND: &str = "
SELECT id, device, inode, size, mtime, mtime_ns, ctime, ctime_ns, read_at, plain FROM file
WHERE path = ?1 AND circumstances = ?2";

/// Under whatever circumstances.
const FIND_ANY: &str = "
SELECT id, device, inode, size, mtime, mtime_ns, ctime, ctime_ns, read_at, plain FROM file WHERE path = ?1";

const BELOW: &str = "
SELECT id, device, inode, size, mtime, mtime_ns, ctime, ctime_ns, read_at, plain, path FROM file
WHERE path >= ?1 AND path < ?2";

/// Asked by itself: joined to the others, SQLite compiled the question anew each time (a third of a scan's time).
const RESULT: &str = "SELECT text FROM result WHERE id = ?1";

const SAME_INODE: &str = "SELECT path FROM result WHERE inode = ?1 ORDER BY path";

/// An open state.
pub struct State {
    path: PathBuf,
    /// When this run began, by the clock of the file systems.
    start: i64,
    circumstances: i64,
    /// A condition for what was read under these circumstances or under others that differ in their date alone.
    but_for_date: String,
    /// What an index depends on, of a run that makes one.
    index: Option<i64>,
    readers: Mutex<Vec<Reader>>,
    writer: Mutex<Writer>,
    /// Rows of the files that this run met.
    met: Mutex<Rows>,
    /// When the oldest result in use was read, in seconds of Unix time.
    oldest: AtomicI64,
    failure: Mutex<Option<anyhow::Error>>,
    lock: Lock,
}

/// What a state knows of a file.
pub struct Known {
    id: i64,
    stamp: Stamp,
    read_at: i64,
    /// Whether it was read after this run began: the clock was set back, and tells nothing of what came first.
    ahead: bool,
    kept: Kept,
}

impl Known {
    /// From a row of [`FIND`], in a run that began at `start`; `None` when its result cannot be understood.
    fn of(row: &Row<'_>, connection: &Connection, start: i64) -> rusqlite::Result<Option<Known>> {
        let number = |i| row.get::<_, i64>(i);
        let stamp = Stamp {
            device: number(1)?.cast_unsigned(),
            inode: number(2)?.cast_unsigned(),
            size: number(3)?.cast_unsigned(),
            modified: (number(4)?, number(5)?),
            changed: (number(6)?, number(7)?),
        };
        let (id, read_at) = (number(0)?, number(8)?);
        let kept = match row.get_ref(9)?.as_str_or_null()? {
            Some(format) => Kept::plain(format),
            None => {
                let mut result = connection.prepare_cached(RESULT)?;
                let parse =
                    |row: &Row<'_>| Ok(Kept::parse(row.get_ref(0)?.as_bytes()?, stamp.size));
                result.query_row([id], parse).optional()?.flatten()
            }
        };
        let ahead = read_at > start;
        Ok(kept.map(|kept| Known { id, stamp, read_at, ahead, kept }))
    }

    /// Whether a file with this stamp is the one that was read.
    #[must_use]
    pub fn is(&self, stamp: &Stamp) -> bool {
        self.stamp == *stamp && self.is_old(stamp)
    }

    /// Whether what lies beside the file is what lay there. `look` gives the stamp of what has this ending.
    pub fn has_beside(&self, look: impl Fn(&str) -> Option<Stamp>) -> bool {
        self.kept.beside().iter().all(|beside| {
            let now = look(&beside.ending);
            now == beside.stamp && now.is_none_or(|stamp| self.is_old(&stamp))
        })
    }

    /// Whether what has this stamp was changed long enough before it was read.
    fn is_old(&self, stamp: &Stamp) -> bool {
        !self.ahead && stamp.changed.0 < self.read_at - GRACE
    }

    /// The digest that tells whether a file of this size has the same content, if it may have.
    #[must_use]
    pub fn content(&self, size: u64) -> Option<&str> {
        let alone = self.stamp.size == size && self.kept.beside().is_empty();
        self.kept.content().filter(|_| alone)
    }

    /// Its row.
    #[must_use]
    pub fn row(&self) -> i64 {
        self.id
    }

    /// Size of the file when it was read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.stamp.size
    }

    /// Size and format of a file of which there is no more to tell.
    #[must_use]
    pub fn plain(&self) -> Option<(u64, &'static str)> {
        match self.kept {
            Kept::Plain(format) => Some((self.stamp.size, format)),
            Kept::Full(_) => None,
        }
    }

    /// See [`Kept::result`].
    #[must_use]
    pub fn result(self, finder: &Finder) -> Option<(FileResult, Option<Left>)> {
        self.kept.result(finder, self.stamp.size)
    }
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
        let open = || -> Result<(Writer, i64, String, Option<i64>)> {
            let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            prepare(&connection)?;
            let number = number_of(&connection, circumstances)?;
            let but_for_date = but_for_date(&connection, circumstances)?;
            let index = index.map(|text| number_of(&connection, text)).transpose()?;
            let next = connection.query_row("SELECT next FROM counter", [], |row| row.get(0))?;
            Ok((Writer::new(connection, next), number, but_for_date, index))
        };
        let (writer, circumstances, but_for_date, index) = open().map_err(|e| told(&path, e))?;
        Ok(State {
            path,
            start: clock::now(),
            circumstances,
            but_for_date,
            index,
            readers: Mutex::default(),
            writer: Mutex::new(writer),
            met: Mutex::default(),
            oldest: AtomicI64::new(i64::MAX),
            failure: Mutex::default(),
            lock,
        })
    }

    /// What is known of the file that has this path, under the same circumstances.
    #[must_use]
    pub fn find(&self, path: &[u8]) -> Option<Known> {
        self.with_reader(|reader| {
            let mut find = reader.prepare_cached(FIND)?;
            let row = find.query_row(params![path, self.circumstances], |row| {
                Known::of(row, reader, self.start)
            });
            Ok(row.optional()?.flatten())
        })
    }

    /// What an earlier run found in the file that has this path, for one that cannot read it now. Verdicts depend on the
    /// date, but those of last month are better than none.
    #[must_use]
    pub fn find_earlier(&self, path: &[u8]) -> Option<Known> {
        self.with_reader(|reader| {
            let mut find =
                reader.prepare_cached(&format!("{FIND_ANY} AND {}", self.but_for_date))?;
            let row = find.query_row([path], |row| Known::of(row, reader, self.start));
            Ok(row.optional()?.flatten())
        })
    }

    /// What is known of the file that had the same stamp (but for its last change of attributes, such as its name)
    /// and the same name in another folder.
    #[must_use]
    pub fn moved(&self, path: &[u8], stamp: &Stamp) -> Option<Known> {
        let paths = self.with_reader(|reader| {
            let mut paths = reader.prepare_cached(SAME_INODE)?;
            let paths = paths.query_map([stamp.inode.cast_signed()], |row| row.get(0))?;
            Ok(Some(paths.collect::<Result<Vec<Vec<u8>>, _>>()?))
        })?;
        let same = |known: &Known| Stamp { changed: stamp.changed, ..known.stamp } == *stamp;
        let mut others = paths.iter().filter(|old| *old != path && name_of(old) == name_of(path));
        others.find_map(|old| self.find(old).filter(same))
    }

    /// When the file that has this path was read last, under whatever circumstances.
    #[must_use]
    pub fn read_at(&self, path: &[u8]) -> Option<i64> {
        self.with_reader(|reader| {
            let mut find = reader.prepare_cached("SELECT read_at FROM file WHERE path = ?1")?;
            Ok(find.query_row([path], |row| row.get(0)).optional()?)
        })
    }

    /// Hands out what earlier runs found in the files below a root, with their paths, as [`Self::find_earlier`].
    pub fn each_below(&self, root: &Path, each: &mut dyn FnMut(Vec<u8>, Known)) {
        self.with_reader(|reader| {
            for [from, to] in ranges(root) {
                let mut below = reader.prepare(&format!("{BELOW} AND {}", self.but_for_date))?;
                let mut rows = below.query(params![from, to])?;
                while let Some(row) = rows.next()? {
                    let path = row.get(10)?;
                    if let Some(known) = Known::of(row, reader, self.start)? {
                        each(path, known);
                    }
                }
            }
            Ok(None::<()>)
        });
    }

    /// Notes that a file is still what it was, or was not reached.
    pub fn carry(&self, known: &Known) {
        self.oldest.fetch_min(known.read_at, Ordering::Relaxed);
        locked(&self.met).insert(known.id);
    }

    /// Whether what is known of a file is all that this run is to know: also its words, for an index.
    #[must_use]
    pub fn suffices(&self, known: &Known) -> bool {
        let Some(index) = self.index else { return true };
        let indexed = self.with_reader(|reader| index::made_under(reader, known.id));
        indexed == Some(index)
    }

    /// Keeps a file's result, which comes from the content that it had under this stamp at this time, and its words.
    pub fn keep(&self, path: &[u8], when: (Stamp, i64), kept: &Kept, words: Words<'_>) {
        let mut writer = locked(&self.writer);
        let id = writer.keep(path, when, self.circumstances, kept).and_then(|id| {
            index::keep(&writer.connection, id, self.index, words)?;
            writer.added()?;
            Ok(id)
        });
        drop(writer);
        self.oldest.fetch_min(when.1, Ordering::Relaxed);
        match id {
            Ok(id) => locked(&self.met).insert(id),
            Err(e) => self.fail(e),
        }
    }

    /// When the oldest result in this run's inventory was read.
    #[must_use]
    pub fn oldest(&self) -> Option<jiff::Timestamp> {
        let seconds = self.oldest.load(Ordering::Relaxed);
        jiff::Timestamp::from_second(seconds).ok().filter(|_| seconds != i64::MAX)
    }

    /// Whether the state could not be read or written; nothing is to be read after that.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        locked(&self.failure).is_some()
    }

    /// Ends the run. After one that met everything there is below these `roots`, what is known of other files
    /// there is forgotten.
    ///
    /// # Errors
    /// What went wrong with the state since it was opened.
    pub fn finish(&self, ended: &Ended<'_>, roots: &[PathBuf]) -> Result<()> {
        if let Some(failure) = locked(&self.failure).take() {
            return Err(failure);
        }
        locked(&self.readers).clear();
        let mut writer = locked(&self.writer);
        let finish = |writer: &mut Writer| -> Result<()> {
            writer.begin()?;
            State::remember(&writer.connection, ended)?;
            // What lies in folders that did not answer was not met either.
            let reasons = &ended.inventory.coverage.reasons;
            let all = ended.inventory.run.complete && !reasons.contains_key(STALLED);
            for root in roots.iter().filter(|_| all) {
                forget(&writer.connection, root, &locked(&self.met))?;
            }
            writer.commit()?;
            Ok(writer.connection.pragma_update(None, "wal_checkpoint", "TRUNCATE")?)
        };
        finish(&mut writer).map_err(|e| told(&self.path, e))
    }

    /// Lets the next run begin. A thread that does not come back would hold the lock for as long as the process lasts.
    pub fn release(&self) {
        self.lock.release();
    }

    fn with_reader<T>(&self, ask: impl FnOnce(&Connection) -> Result<Option<T>>) -> Option<T> {
        let idle = locked(&self.readers).pop();
        let reader = idle.map_or_else(|| Reader::open(&self.path), Ok);
        let answer = reader.and_then(|mut reader| {
            reader.begin()?;
            let answer = ask(&reader.connection);
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

/// Refuses a state that is not there, or that this user may not look at: to open it would be told as a fault of it.
///
/// # Errors
/// Such a state.
pub fn refuse_missing(path: &Path) -> Result<()> {
    let shown = path.display();
    match path.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => bail!("--state {shown}: it does not exist: `datakart scan --state` makes one"),
        Err(e) => Err(e).with_context(|| format!("--state {shown}")),
    }
}

/// The number that a text on circumstances has.
fn number_of(connection: &Connection, text: &str) -> Result<i64> {
    let insert = "INSERT INTO circumstances (text) VALUES (?1) ON CONFLICT (text) DO NOTHING";
    connection.execute(insert, [text])?;
    let number = "SELECT id FROM circumstances WHERE text = ?1";
    Ok(connection.query_row(number, [text], |row| row.get(0))?)
}

/// A condition for the numbers of these circumstances and of others that differ in their date alone.
fn but_for_date(connection: &Connection, circumstances: &str) -> Result<String> {
    let bare = |text: &str| -> Vec<String> {
        let parts = text.split(" | ").filter(|part| part.parse::<jiff::civil::Date>().is_err());
        parts.map(str::to_owned).collect()
    };
    let mut all = connection.prepare("SELECT id, text FROM circumstances")?;
    let all = all.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    let mut numbers = Vec::new();
    for row in all {
        let (number, text) = row?;
        if bare(&text) == bare(circumstances) {
            numbers.push(number.to_string());
        }
    }
    Ok(format!("circumstances IN ({})", numbers.join(",")))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The last part of a path.
fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// The paths of a root itself (which may be followed by a name, see `scan/carry.rs`) and of what lies below it,
/// each from the first one to the first one beyond.
fn ranges(root: &Path) -> [[Vec<u8>; 2]; 2] {
    use std::os::unix::ffi::OsStrExt as _;
    let root = root.as_os_str().as_bytes();
    let folder = root.strip_suffix(b"/").unwrap_or(root);
    let after = |part: &[u8], end: u8| [part, &[end]].concat();
    [[root.to_owned(), after(root, 1)], [after(folder, b'/'), after(folder, b'/' + 1)]]
}

/// Removes what is known of files below a root that were not met.
fn forget(connection: &Connection, root: &Path, met: &Rows) -> Result<()> {
    let mut all = connection.prepare("SELECT id, path FROM file WHERE path >= ?1 AND path < ?2")?;
    let mut drop_file = connection.prepare("DELETE FROM file WHERE path = ?1")?;
    let mut drop_result = connection.prepare(DROP_RESULT)?;
    let mut drop_words = connection.prepare(index::DROP)?;
    for range in ranges(root) {
        let mut gone: Vec<(i64, Vec<u8>)> = Vec::new();
        let mut rows = all.query(params![range[0], range[1]])?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            if !met.contains(id) {
                gone.push((id, row.get(1)?));
            }
        }
        for (id, path) in gone {
            drop_file.execute([path])?;
            drop_result.execute([id])?;
            drop_words.execute([id])?;
        }
    }
    Ok(())
}
