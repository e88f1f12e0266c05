//! The index that a state holds, as a search for one person asks it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use super::database::{SCHEMA, connect, identify, told};
use super::{Known, locked};
use crate::index::Filters;
use crate::source::clock;

/// The words of a file, as far as a run knows them.
#[derive(Clone, Copy)]
pub enum Words<'w> {
    /// As they were just read; `None` when this run makes no index, or they are too many.
    New(Option<&'w Filters>),
    /// Those of this row, whose content is the same.
    OfRow(i64),
}

const KEEP: &str =
    "INSERT OR REPLACE INTO words (id, indexed, words, filter) VALUES (?1, ?2, ?3, ?4)";
const COPY: &str = "INSERT OR REPLACE INTO words (id, indexed, words, filter)
    SELECT ?1, indexed, words, filter FROM words WHERE id = ?2";
pub(super) const DROP: &str = "DELETE FROM words WHERE id = ?1";

/// Keeps the words of the file in row `id`, for an index that was made under these circumstances.
pub(super) fn keep(
    connection: &Connection,
    id: i64,
    index: Option<i64>,
    words: Words<'_>,
) -> Result<()> {
    match (words, index) {
        (Words::OfRow(same), _) if same == id => 0,
        (Words::OfRow(same), _) => connection.prepare_cached(COPY)?.execute([id, same])?,
        (Words::New(filters), Some(index)) => {
            let count = filters.map(|filters| filters.values().cast_signed());
            let filter = filters.map(Filters::bytes);
            connection.prepare_cached(KEEP)?.execute(params![id, index, count, filter])?
        }
        (Words::New(_), None) => connection.prepare_cached(DROP)?.execute([id])?,
    };
    Ok(())
}

/// The circumstances under which the file in row `id` was read for an index, if it was.
pub(super) fn made_under(connection: &Connection, id: i64) -> Result<Option<i64>> {
    let mut find = connection.prepare_cached("SELECT indexed FROM words WHERE id = ?1")?;
    Ok(find.query_row([id], |row| row.get(0)).optional()?)
}

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
            if identify(&connection)? < SCHEMA {
                return Ok(None);
            }
            let number = "SELECT id FROM circumstances WHERE text = ?1
                AND EXISTS (SELECT 1 FROM words WHERE indexed = circumstances.id)";
            let number = connection.query_row(number, [circumstances], |row| row.get(0));
            let readers = Mutex::new(vec![connection]);
            Ok(number.optional()?.map(|number| Index { path: path.to_owned(), number, readers }))
        };
        open().map_err(|e| told(path, e))
    }

    /// What is known of the file of this path, and its words; `None` when nothing is, or it was not indexed.
    /// Whether the file is still as it was is for the caller to ask.
    ///
    /// # Errors
    /// A state that cannot be read.
    pub fn find(&self, path: &[u8]) -> Result<Option<(Known, Filters)>> {
        let idle = locked(&self.readers).pop();
        let find = || -> Result<Option<(Known, Filters)>> {
            let reader =
                idle.map_or_else(|| connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY), Ok)?;
            let found = self.ask(&reader, path)?;
            locked(&self.readers).push(reader);
            Ok(found)
        };
        find().map_err(|e| told(&self.path, e))
    }

    fn ask(&self, reader: &Connection, path: &[u8]) -> Result<Option<(Known, Filters)>> {
        let mut find = reader.prepare_cached(super::FIND_ANY)?;
        let known = find
            .query_row([path], |row| Known::of(row, reader, clock::now()))
            .optional()?
            .flatten();
        let Some(known) = known else { return Ok(None) };
        let mut words = reader.prepare_cached(
            "SELECT filter FROM words WHERE id = ?1 AND indexed = ?2 AND filter IS NOT NULL",
        )?;
        let filter = words.query_row([known.id, self.number], |row| row.get::<_, Vec<u8>>(0));
        Ok(filter.optional()?.and_then(Filters::parse).map(|filters| (known, filters)))
    }
}

impl Extent {
    /// How much the newest index of a state holds; `None` when it holds none.
    pub(super) fn of(connection: &Connection) -> Result<Option<Extent>> {
        if identify(connection)? < SCHEMA {
            return Ok(None);
        }
        let all =
            "SELECT count(*), coalesce(sum(words), 0), coalesce(sum(length(filter)), 0) FROM words
            WHERE indexed = (SELECT max(indexed) FROM words)";
        let extent = connection.query_row(all, [], |row| {
            let number = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
            Ok(Extent { files: number(0)?, values: number(1)?, bytes: number(2)? })
        })?;
        Ok((extent.files > 0).then_some(extent))
    }
}
