//! 7z archives: the members in their order, as streams. The library hands out a member only while it is
//! borrowed, so it works in a thread of its own and sends what comes out.

use std::io::{self, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use sevenz_rust2::{ArchiveEntry, ArchiveReader, EntryDecision, Error, Password};

use super::{Format, Stop};
use crate::guard::guarded;
use crate::note::Reason;
use crate::source::{Section, Source};
use crate::unit::Sink;

/// 7z archives.
pub static FORMAT: Format = Format {
    id: "7z",
    name: "7z archives",
    extensions: &["7z"],
    fields: "as the members' formats",
    isolated: true,
    beside: &[],
    sniff: |head| head.bytes.starts_with(b"7z\xBC\xAF\x27\x1C"),
    read,
};

/// Memory that a decoder may ask for, in KiB.
const MEMORY: usize = 128 << 10;
/// Bytes that are sent at once, and how many such parts may wait.
const PART: usize = 64 << 10;
const WAITING: usize = 4;
/// Bytes of members without text that may be passed over in one archive.
const SKIPPED: u64 = 4 << 30;

/// One member, and what comes out of it.
struct Sent {
    name: String,
    parts: Receiver<io::Result<Vec<u8>>>,
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let whole = source.random()?.whole();
    let (to, from) = sync_channel(1);
    let decoder = std::thread::Builder::new().name("7z".to_owned());
    let decoder = decoder.spawn(move || guarded(|| decode(whole, &to)).unwrap_or(Some(DAMAGED)))?;
    for Sent { name, parts } in &from {
        let parts = Parts { parts, part: Vec::new(), at: 0 };
        sink.member(&name, sink.meter().source(parts));
        // No thread works on for a budget that is used up.
        if let Err(over) = sink.meter().check() {
            sink.note(over.reason(), &over.to_string());
            break;
        }
    }
    drop(from);
    if let Ok(Some((reason, detail))) = decoder.join() {
        sink.note(reason, detail);
    }
    Ok(())
}

/// Why an archive was not read to its end.
type Why = (Reason, &'static str);

const DAMAGED: Why = (Reason::Malformed, "the 7z archive is cut or damaged");

/// Decodes an archive, member by member, for as long as somebody listens.
fn decode(whole: Section, to: &SyncSender<Sent>) -> Option<Why> {
    let password = Password::empty();
    let opened = ArchiveReader::new_with_memory_limit(BufReader::new(whole), password, MEMORY);
    let mut archive = match opened {
        Ok(archive) => archive,
        Err(e) => return Some(why(&e)),
    };
    archive.set_thread_count(1);
    let mut skipped = SKIPPED;
    let done = archive.for_each_entries_with_decision(|entry, read| {
        Ok(if send(entry, read, to, &mut skipped) {
            EntryDecision::Continue
        } else {
            EntryDecision::Stop
        })
    });
    match done {
        Err(e) => Some(why(&e)),
        Ok(()) if skipped == 0 => {
            Some((Reason::Budget, "more would have to be skipped than the budget of bytes allows"))
        }
        Ok(()) => None,
    }
}

/// Sends one member; false when nobody listens any more, or too much was skipped.
fn send(
    entry: &ArchiveEntry,
    read: &mut dyn Read,
    to: &SyncSender<Sent>,
    skipped: &mut u64,
) -> bool {
    if entry.is_directory || entry.is_anti_item {
        return true;
    }
    let (tx, parts) = sync_channel(WAITING);
    if to.send(Sent { name: entry.name.clone(), parts }).is_err() {
        return false;
    }
    let mut part = vec![0; PART];
    loop {
        match read.read(&mut part) {
            Ok(0) => return true,
            Ok(n) if tx.send(Ok(part[..n].to_vec())).is_err() => {
                // The member was not wanted to its end: the next one starts behind it.
                let n = io::copy(&mut read.take(*skipped), &mut io::sink());
                *skipped = skipped.saturating_sub(n.unwrap_or(0));
                return *skipped > 0;
            }
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => {
                let _ = tx.send(Err(io::ErrorKind::InvalidData.into()));
                return true;
            }
        }
    }
}

fn why(e: &Error) -> Why {
    match e {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => {
            (Reason::Encrypted, "members of the archive are encrypted")
        }
        Error::MaxMemLimited { .. } => {
            (Reason::Budget, "its decoder asks for more memory than it may have")
        }
        Error::UnsupportedCompressionMethod(_)
        | Error::Unsupported(_)
        | Error::ExternalUnsupported => {
            (Reason::UnsupportedFormat, "a method of compression that is not read")
        }
        _ => DAMAGED,
    }
}

/// A member's bytes, as the decoder sends them.
struct Parts {
    parts: Receiver<io::Result<Vec<u8>>>,
    part: Vec<u8>,
    at: usize,
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.part.len() {
            match self.parts.recv() {
                Ok(part) => (self.part, self.at) = (part?, 0),
                Err(_) => return Ok(0),
            }
        }
        let n = buffer.len().min(self.part.len() - self.at);
        buffer[..n].copy_from_slice(&self.part[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::testing::Collected;

    fn collect(bytes: &[u8]) -> Collected {
        let mut collected = Collected::default();
        crate::sniff::file(Source::from_bytes(bytes.to_vec()), "x", 0, &mut collected);
        collected
    }

    /// Made with `7z a` of p7zip: a.csv with one row, and b/c.txt.
    const SMALL: &[u8] = include_bytes!("sevenz/small.7z");
    /// The same with `-psecret`.
    const LOCKED: &[u8] = include_bytes!("sevenz/locked.7z");

    #[test]
    fn members_are_read_and_encryption_is_noted() {
        let c = collect(SMALL);
        let names: Vec<_> = c.members.iter().map(|m| m.members[0].as_str()).collect();
        assert_eq!(names, ["a.csv", "b/c.txt"]);
        assert_eq!(c.field(None, "epost")[0].1, "kari@example.no");
        assert!(c.notes.is_empty(), "{:?}", c.notes);
        assert!(collect(LOCKED).notes.iter().any(|n| n.reason == Reason::Encrypted));
    }

    #[test]
    fn damage_is_noted() {
        for n in [10, SMALL.len() / 2, SMALL.len() - 3] {
            assert!(!collect(&SMALL[..n]).notes.is_empty(), "{n}");
        }
        for at in 6..SMALL.len() {
            let mut broken = SMALL.to_vec();
            broken[at] ^= 0x55;
            assert!(collect(&broken).members.len() < 1000);
        }
    }
}
