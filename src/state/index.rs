//! The index that a state holds, as a search for one person asks it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use super::{COLUMNS, Known, connect, identify, locked, told};
use crate::index::Filters;

/// Version from which a state can hold an index.
const SINCE: i32 = 2;

/// The index of a state. No run has to be using that, or one.
pub struct Index {
    path: PathBuf,
    number: i64,
    readers: Mutex<Vec<Connection>>,
}

/// How much an index holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Extent {
    /// Files that are indexed.
    pub files: u64,
    /// Their words and numbers; what stands in two files counts twice.
    pub values: u64,
    /// Bytes of the filters.
    pub bytes: u64,
}

impl Index {
    /// Opens the index that was made under these circumstances; `None` when the state holds none of them: it was made
    /// with another key, other rules or another program, or there is none.
    ///
    /// # Errors
    /// A state that cannot be read, or is none.
    pub fn open(path: &Path, circumstances: &str) -> Result<Option<Index>> {
        let open = || -> Result<Option<Index>> {
            let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            if identify(&connection)? < SINCE {
                return Ok(None);
            }
            let number = "SELECT id FROM circumstances WHERE text = ?1
                AND EXISTS (SELECT 1 FROM file WHERE indexed = circumstances.id)";
            let number = connection.query_row(number, [circumstances], |row| row.get(0));
            let readers = Mutex::new(vec![connection]);
            Ok(number.optional()?.map(|number| Index { path: path.to_owned(), number, readers }))
        };
        open().map_err(|e| told(path, e))
    }

    /// What is known of the file of this path and name, and its words; `None` when nothing is, or it was not indexed.
    /// Whether the file is still as it was is for the caller to ask.
    ///
    /// # Errors
    /// A state that cannot be read.
    pub fn find(&self, path: &[u8], name: &str) -> Result<Option<(Known, Filters)>> {
        let idle = locked(&self.readers).pop();
        let find = || -> Result<Option<(Known, Filters)>> {
            let reader =
                idle.map_or_else(|| connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY), Ok)?;
            let found = {
                let mut find = reader.prepare_cached(&format!(
                    "{COLUMNS}, filter FROM file WHERE path = ?1 AND name = ?2 AND indexed = ?3
                    AND filter IS NOT NULL"
                ))?;
                let row = find.query_row(params![path, name, self.number], |row| {
                    Ok((Known::of(row)?, row.get::<_, Vec<u8>>(11)?))
                });
                row.optional()?
            };
            locked(&self.readers).push(reader);
            Ok(found.and_then(|(known, filter)| Some((known?, Filters::parse(filter)?))))
        };
        find().map_err(|e| told(&self.path, e))
    }
}

impl Extent {
    /// How much the newest index of a state holds; `None` when it holds none.
    pub(super) fn of(connection: &Connection) -> Result<Option<Extent>> {
        if identify(connection)? < SINCE {
            return Ok(None);
        }
        let all =
            "SELECT count(*), coalesce(sum(words), 0), coalesce(sum(length(filter)), 0) FROM file
            WHERE indexed = (SELECT max(indexed) FROM file)";
        let extent = connection.query_row(all, [], |row| {
            let number = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
            Ok(Extent { files: number(0)?, values: number(1)?, bytes: number(2)? })
        })?;
        Ok((extent.files > 0).then_some(extent))
    }
}
