//! Access databases: the rows of each table (mdb and accdb, from Access 97 on). Forms, queries and code are not read.

use super::office::codepage::CodePage;
use super::office::ole::{u16_at, u32_at};
use super::{Format, Stop};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::{Sink, SlotId};

mod pages;
mod table;

use pages::{DAMAGED, Pages};
use table::{Column, Row, Table};

/// Databases of Access.
pub static FORMAT: Format = Format {
    id: "access",
    name: "Access databases (mdb, accdb)",
    extensions: &["mdb", "accdb", "mde", "accde"],
    fields: "table.column",
    isolated: true,
    beside: &[],
    sniff: |head| MARKS.iter().any(|mark| head.bytes.get(4..).is_some_and(|b| b.starts_with(mark))),
    read,
};

/// What stands behind the first four bytes.
const MARKS: [&[u8]; 2] = [b"Standard Jet DB\0", b"Standard ACE DB\0"];
/// Where the version stands in the first page, and that of Access 97.
const VERSION: usize = 0x14;
const OLD: u8 = 0;
/// Where the code page and the key of the pages stand, and what both are hidden by, which is the same in all files.
const CODE_PAGE: usize = 0x3C;
const HIDDEN: [u8; 6] = [0x7B, 0x42, 0xFB, 0x8A, 0xBC, 0x4E];
/// The page that defines the table of tables, and what that is called.
const CATALOG: u32 = 2;
const CATALOG_NAME: &str = "MSysObjects";
/// Tables by their type: those of the file, and those of others.
const OWN: &str = "1";
const LINKED: [&str; 2] = ["4", "6"];
/// Bits of a table's flags that say that it is the system's.
const SYSTEM: i32 = 0x8000_0002_u32.cast_signed();

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let head = source.peek(CODE_PAGE + HIDDEN.len())?;
    let is_old = head.get(VERSION).ok_or(DAMAGED)? == &OLD;
    let shown: Vec<u8> =
        head.iter().skip(CODE_PAGE).zip(HIDDEN).map(|(byte, hidden)| byte ^ hidden).collect();
    let code = CodePage::numbered(u16_at(&shown, 0).ok_or(DAMAGED)?.into());
    if u32_at(&shown, 2) != Some(0) {
        sink.note(Reason::Encrypted, "the database is encrypted");
        return Ok(());
    }
    let mut database = Database { pages: Pages::new(source.random()?, sink.meter(), is_old), code };
    for (name, page) in database.tables(sink)? {
        let is_read = database.table(page, &name, sink);
        if let Err(Stop::Malformed(_)) = is_read {
            sink.note(Reason::Malformed, "a table of the database is damaged");
        } else {
            is_read?;
        }
    }
    Ok(())
}

struct Database {
    pages: Pages,
    code: CodePage,
}

impl Database {
    /// The tables of the file, and the pages that define them. How tables of other databases are reached is handed on:
    /// it may hold a password.
    fn tables(&mut self, sink: &mut Sink<'_>) -> Result<Vec<(String, u32)>, Stop> {
        let catalog = Table::read(&mut self.pages, CATALOG, self.code)?;
        let column = |name: &str| {
            catalog.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name)).cloned()
        };
        let needed = |name: &str| column(name).ok_or(DAMAGED);
        let told = [needed("Id")?, needed("Type")?, needed("Name")?, needed("Flags")?];
        let connect = column("Connect");
        let (mut tables, mut rows) = (Vec::new(), 0);
        for bytes in self.rows(&catalog)? {
            let Some(row) = Row::of(&bytes, self.pages.is_old) else { continue };
            let mut text = |column: &Column| row.text(column, &mut self.pages, self.code);
            let [id, kind, name, flags] = &told;
            let [id, kind, name, flags] = [text(id)?, text(kind)?, text(name)?, text(flags)?];
            let kind = kind.unwrap_or_default();
            if LINKED.contains(&&*kind)
                && let Some(how) = connect.as_ref().map(&mut text).transpose()?.flatten()
            {
                rows += 1;
                let slot = sink.slot(Some(CATALOG_NAME), Some("Connect"));
                sink.value(slot, rows, how.as_bytes());
            }
            let number = |text: Option<String>| text.and_then(|text| text.parse::<i32>().ok());
            let is_own = kind == OWN && number(flags).is_none_or(|flags| flags & SYSTEM == 0);
            if let (true, Some(id), Some(name)) = (is_own, number(id), name) {
                // The page stands in the lower bytes.
                tables.push((name, id.cast_unsigned() & 0x00FF_FFFF));
            }
        }
        Ok(tables)
    }

    /// All rows of a table, page by page.
    fn rows(&mut self, table: &Table) -> Result<Vec<Vec<u8>>, Stop> {
        let mut rows = Vec::new();
        for page in self.pages.used(table.map)? {
            rows.extend(self.pages.rows(page, table.page)?);
        }
        Ok(rows)
    }

    /// Hands on the rows of a table.
    fn table(&mut self, page: u32, name: &str, sink: &mut Sink<'_>) -> Result<(), Stop> {
        let table = Table::read(&mut self.pages, page, self.code)?;
        let slots: Vec<SlotId> =
            table.columns.iter().map(|c| sink.slot(Some(name), Some(&c.name))).collect();
        let mut number = 0;
        let mut is_damaged = false;
        for page in self.pages.used(table.map)? {
            for bytes in self.pages.rows(page, table.page)? {
                number += 1;
                let Some(row) = Row::of(&bytes, self.pages.is_old) else {
                    is_damaged = true;
                    continue;
                };
                for (column, slot) in table.columns.iter().zip(&slots) {
                    match row.text(column, &mut self.pages, self.code) {
                        Ok(text) => {
                            sink.value(*slot, number, text.unwrap_or_default().as_bytes());
                        }
                        Err(Stop::Malformed(_)) => is_damaged = true,
                        Err(other) => return Err(other),
                    }
                }
            }
        }
        if is_damaged { Err(DAMAGED) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
