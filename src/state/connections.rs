//! The connections of a state: those that look results up, and the one that writes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::{Connection, OpenFlags, params};

use super::database::connect;
use super::stored::Kept;
use crate::source::open::Stamp;

/// Results in one transaction: what is lost at most when the run is killed, or when power fails.
const BATCH: usize = 500;
/// How long a result may wait for its transaction's end while others come.
const LATEST: Duration = Duration::from_secs(1);
/// How often a connection asks within one transaction: each begins with locks on the file, which cost more than
/// the answer, and holds back what is written meanwhile.
const QUESTIONS: usize = 1000;

const KEEP: &str = "
INSERT INTO file (path, id, device, inode, size, mtime, mtime_ns, ctime, ctime_ns, read_at, circumstances, plain)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (path) DO UPDATE SET device = ?3, inode = ?4, size = ?5, mtime = ?6, mtime_ns = ?7, ctime = ?8,
    ctime_ns = ?9, read_at = ?10, circumstances = ?11, plain = ?12
RETURNING id";

const KEEP_RESULT: &str = "
INSERT INTO result (id, path, inode, text) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (id) DO UPDATE SET inode = ?3, text = ?4";

pub(super) const DROP_RESULT: &str = "DELETE FROM result WHERE id = ?1";

/// A connection that looks results up.
pub(super) struct Reader {
    pub(super) connection: Connection,
    /// Questions in the open transaction.
    asked: usize,
}

/// The connection that keeps results.
pub(super) struct Writer {
    pub(super) connection: Connection,
    /// Results in the open transaction, and when it was begun.
    pending: usize,
    begun: Instant,
    /// Number of the next row.
    next: i64,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Reader> {
        Ok(Reader { connection: connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?, asked: 0 })
    }

    pub(super) fn begin(&mut self) -> Result<()> {
        if self.asked == QUESTIONS {
            self.connection.execute_batch("COMMIT")?;
            self.asked = 0;
        }
        if self.asked == 0 {
            self.connection.execute_batch("BEGIN")?;
        }
        self.asked += 1;
        Ok(())
    }
}

impl Writer {
    /// `next` is the number of the next row.
    pub(super) fn new(connection: Connection, next: i64) -> Writer {
        Writer { connection, pending: 0, begun: Instant::now(), next }
    }

    /// Writes what is kept of a file, and gives its row.
    pub(super) fn keep(
        &mut self,
        path: &[u8],
        (stamp, read_at): (Stamp, i64),
        circumstances: i64,
        kept: &Kept,
    ) -> Result<i64> {
        let (text, inode) = (kept.text()?, stamp.inode.cast_signed());
        let plain = match kept {
            Kept::Plain(format) => Some(format),
            Kept::Full(_) => None,
        };
        self.begin()?;
        let id: i64 = self.connection.prepare_cached(KEEP)?.query_row(
            params![
                path,
                self.next,
                stamp.device.cast_signed(),
                inode,
                stamp.size.cast_signed(),
                stamp.modified.0,
                stamp.modified.1,
                stamp.changed.0,
                stamp.changed.1,
                read_at,
                circumstances,
                plain
            ],
            |row| row.get(0),
        )?;
        if id == self.next {
            self.next += 1;
        }
        match text {
            Some(text) => self
                .connection
                .prepare_cached(KEEP_RESULT)?
                .execute(params![id, path, inode, text])?,
            None => self.connection.prepare_cached(DROP_RESULT)?.execute([id])?,
        };
        Ok(id)
    }

    pub(super) fn begin(&mut self) -> Result<()> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.begun = Instant::now();
        }
        Ok(())
    }

    /// Ends the transaction when it is large or old enough.
    pub(super) fn added(&mut self) -> Result<()> {
        self.pending += 1;
        if self.pending >= BATCH || self.begun.elapsed() > LATEST { self.commit() } else { Ok(()) }
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        self.pending = 0;
        self.connection.prepare_cached("UPDATE counter SET next = ?1")?.execute([self.next])?;
        Ok(self.connection.execute_batch("COMMIT")?)
    }
}
