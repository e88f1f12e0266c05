//! Tar archives (ustar, GNU, pax): a stream of members. Links, devices and folders are names only.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Format, Head, Stop, pgdump};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

/// Tar archives.
pub static FORMAT: Format = Format {
    id: "tar",
    name: "tar archives",
    extensions: &["tar"],
    fields: "as the members' formats",
    isolated: true,
    beside: &[],
    sniff,
    read,
};

/// The magic of POSIX and GNU, or a header without magic whose checksum is right.
fn sniff(head: &Head<'_>) -> bool {
    let Some(header) = head.bytes.get(..512) else { return false };
    let digits = header[148..156].iter().filter(|b| (b'0'..=b'7').contains(b));
    let declared = digits.fold(0u32, |n, b| n * 8 + u32::from(b - b'0'));
    let sum = |bytes: &[u8]| bytes.iter().map(|b| u32::from(*b)).sum::<u32>();
    let right = || declared == sum(&header[..148]) + sum(&header[156..]) + 8 * u32::from(b' ');
    header[0] != 0 && (header[257..].starts_with(b"ustar") || declared > 0 && right())
}

/// The archive's stream, which the library and the member at hand read in turns. What a member took is
/// owed to the library, which skips it by reading: it gets zeros.
#[derive(Clone)]
struct Turns(Arc<Mutex<Inner>>);

struct Inner {
    source: Source,
    owed: u64,
}

impl Turns {
    fn with<T>(&self, f: impl FnOnce(&mut Inner) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Read for Turns {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.with(|inner| {
            if inner.owed == 0 {
                return inner.source.read(buffer);
            }
            let n = buffer.len().min(usize::try_from(inner.owed).unwrap_or(usize::MAX));
            buffer[..n].fill(0);
            inner.owed -= n as u64;
            Ok(n)
        })
    }
}

/// The bytes of one member.
struct Member {
    turns: Turns,
    left: u64,
}

impl Read for Member {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let n = self.turns.with(|inner| {
            let n = inner.source.read(&mut buffer[..wanted])?;
            inner.owed += n as u64;
            io::Result::Ok(n)
        })?;
        self.left -= n as u64;
        if n == 0 && wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(n)
    }
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let taken = std::mem::replace(source, Source::from_bytes(Vec::new()));
    let turns = Turns(Arc::new(Mutex::new(Inner { source: taken, owed: 0 })));
    let result = members(&turns, sink);
    let position = turns.with(|inner| inner.source.position());
    *source = Source::from_bytes(Vec::new()).behind(position);
    result
}

fn members(turns: &Turns, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut archive = tar::Archive::new(turns.clone());
    let mut dumped = Dumped::default();
    for (members, entry) in archive.entries()?.enumerate() {
        let entry = match entry {
            Ok(entry) => entry,
            // The library's words name members: ours do not.
            Err(e) if e.raw_os_error().is_none() && e.get_ref().is_none_or(is_plain) => {
                let what =
                    if members == 0 { "not a tar header" } else { "the archive is cut or damaged" };
                sink.note(Reason::Malformed, what);
                return Ok(());
            }
            Err(e) => return Err(Stop::Io(e)),
        };
        let kind = entry.header().entry_type();
        if !(kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse()) {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let left = entry.header().entry_size().unwrap_or_else(|_| entry.size());
        let left = if kind.is_gnu_sparse() { left } else { entry.size() };
        let member = Member { turns: turns.clone(), left };
        dumped.member(&name, member, sink);
    }
    Ok(())
}

/// What the table of contents says when the archive is pg_dump's: which statement the rows in a member
/// stand behind.
#[derive(Default)]
struct Dumped(HashMap<String, String>);

impl Dumped {
    fn member(&mut self, name: &str, mut member: Member, sink: &mut Sink<'_>) {
        /// Longest table of contents that is held.
        const CONTENTS: u64 = 16 << 20;
        if let Some(copy) = self.0.get(name).filter(|copy| !copy.is_empty()) {
            let rows = io::Cursor::new(copy.clone().into_bytes()).chain(member);
            return sink.member(name, sink.meter().source(rows));
        }
        if name != "toc.dat" {
            return sink.member(name, sink.meter().source(member));
        }
        let mut bytes = Vec::new();
        // What could not be read is seen once more, and noted, by whoever reads on.
        let _ = (&mut member).take(CONTENTS).read_to_end(&mut bytes);
        if let Ok(toc) = pgdump::Toc::read(&mut &bytes[..]) {
            self.0 = toc.files;
        }
        sink.member(name, sink.meter().source(io::Cursor::new(bytes).chain(member)));
    }
}

/// Whether an error is the library's own, none of ours passed on.
fn is_plain(e: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    !e.is::<crate::meter::OverBudget>() && !e.is::<crate::source::Stopped>()
}

#[cfg(test)]
mod tests {
    use super::super::drive::testing::read as run;
    use super::*;

    fn archive() -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        let long = format!("{}/brev.txt", "mappe".repeat(30));
        for (name, text) in
            [("a/kunder.csv", "navn;epost\nKari;a@b.no\nOla;c@d.no\n"), (&long, "hei")]
        {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        builder.append_link(&mut link, "lenke", "/etc/passwd").unwrap();
        builder.into_inner().unwrap()
    }

    #[test]
    fn members_in_their_order() {
        let (all, why, _) = run(&archive(), FORMAT.read);
        assert_eq!(why, None);
        let names: Vec<_> = all.members.iter().map(|m| m.members[0].len()).collect();
        assert_eq!(names, [12, 159]);
        assert_eq!(all.field(None, "epost").len(), 2);
        assert!(all.text().contains("hei"));
    }

    #[test]
    fn a_cut_archive_keeps_what_it_had() {
        let bytes = archive();
        let (all, ..) = run(&bytes[..530], FORMAT.read);
        assert_eq!(all.members.len(), 1);
        assert!(!all.notes.is_empty());
    }
}
