//! What the scanning process and a worker tell each other: frames of a kind, a length and JSON. A worker's
//! parser may have been taken over, so nothing that comes from one is believed: lengths are bounded, names
//! are looked up, numbers are checked.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};

use crate::detect::finder::Finder;
use crate::file::FileResult;
use crate::index::Filters;
use crate::inventory::{Finding, Outcome};
use crate::judge::Accept;
use crate::note::Note;
use crate::place::Traits;
use crate::readers;
use crate::sketch::Distinct;
use crate::steps::Fault;
use crate::subject::{Finds, Sought};
use crate::unit::{Member, SlotId};

/// Longest frame.
const LONGEST: usize = 128 << 20;
/// Most descriptors in one message.
const DESCRIPTORS: usize = 8;
/// How long a wait is before the clock is looked at.
const TICK: Duration = Duration::from_millis(100);

/// Kinds of frames.
pub mod kind {
    /// A request.
    pub const ASK: u8 = b'A';
    /// A file result, or the end of the lines.
    pub const DONE: u8 = b'D';
    /// Lines of `findings.jsonl`.
    pub const LINES: u8 = b'L';
    /// The memory is used up.
    pub const MEMORY: u8 = super::super::heap::OUT_OF_MEMORY[0];
}

/// What is asked of a worker. The descriptors that come with it are the file and those beside it.
#[derive(Serialize, Deserialize)]
pub struct Request {
    /// The file's own name.
    pub name: String,
    /// Its size when it was opened; the greatest number for standard input.
    pub size: u64,
    /// Whether the first descriptor is the start of standard input, and the second the rest of it.
    pub stream: bool,
    /// Endings and sizes of the files beside it.
    pub beside: Vec<(String, u64)>,
    /// Steps to leave out.
    pub left_out: Vec<(u32, Fault)>,
    /// The matches to list; a file result is wanted when there are none.
    pub list: Option<List>,
    /// Whom to search for; a scan is wanted when it is nobody.
    pub sought: Option<Sought>,
}

/// Which matches of a file are to be listed, and how.
#[derive(Clone, Serialize, Deserialize)]
pub struct List {
    /// Which.
    pub accepts: Vec<(SlotId, u16, Accept)>,
    /// The digest key.
    pub key: [u8; 32],
    /// Whether raw values are wanted.
    pub reveal: bool,
}

/// A file result on its way.
#[derive(Serialize, Deserialize)]
pub struct Answer {
    read: u64,
    format: Option<String>,
    outcome: Outcome,
    notes: Vec<Note>,
    members: Vec<Part>,
    findings: Vec<Finding>,
    sketches: Vec<Distinct>,
    below: BTreeMap<u16, u64>,
    accepts: Vec<(SlotId, u16, Accept)>,
    traits: Traits,
    #[serde(skip_serializing_if = "Finds::is_empty", default)]
    finds: Finds,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    index: Option<Filters>,
}

/// A member on its way.
#[derive(Serialize, Deserialize)]
struct Part {
    members: Vec<String>,
    format: Option<String>,
    bytes: u64,
    outcome: Outcome,
    why: Option<Note>,
}

impl From<FileResult> for Answer {
    fn from(result: FileResult) -> Answer {
        let part = |m: Member| Part {
            members: m.members,
            format: m.format.map(str::to_owned),
            bytes: m.bytes,
            outcome: m.outcome,
            why: m.why,
        };
        Answer {
            read: result.read,
            format: result.format.map(str::to_owned),
            outcome: result.outcome,
            notes: result.notes,
            members: result.members.into_iter().map(part).collect(),
            findings: result.findings,
            sketches: result.sketches,
            below: result.below,
            accepts: in_order(result.accepts),
            traits: result.traits,
            finds: result.finds,
            index: result.index,
        }
    }
}

impl Answer {
    /// The file result, if it can be one.
    #[must_use]
    pub fn check(self, finder: &Finder, bytes: u64) -> Option<FileResult> {
        let count = finder.rules.detectors.len();
        let sound = self.findings.len() == self.sketches.len()
            && self.findings.iter().all(|f| is_sound(f, finder))
            && self.below.keys().all(|d| usize::from(*d) < count)
            && self.accepts.iter().all(|a| usize::from(a.1) < count)
            && self.traits.are_sound(&finder.rules.facts)
            && self.finds.are_sound(count);
        if !sound {
            return None;
        }
        let members = self.members.into_iter().map(Part::check).collect::<Option<_>>()?;
        Some(FileResult {
            read: self.read,
            format: known(self.format)?,
            outcome: self.outcome,
            notes: self.notes,
            members,
            findings: self.findings,
            sketches: self.sketches,
            below: self.below,
            accepts: self.accepts.into_iter().map(|(s, d, a)| ((s, d), a)).collect(),
            traits: self.traits,
            finds: self.finds,
            index: self.index,
            ..FileResult::empty(bytes)
        })
    }
}

impl Part {
    fn check(self) -> Option<Member> {
        Some(Member {
            members: self.members,
            format: known(self.format)?,
            bytes: self.bytes,
            outcome: self.outcome,
            why: self.why,
        })
    }
}

fn in_order(accepts: HashMap<(SlotId, u16), Accept>) -> Vec<(SlotId, u16, Accept)> {
    let mut all: Vec<_> = accepts.into_iter().map(|(k, a)| (k.0, k.1, a)).collect();
    all.sort_by_key(|a| (a.0, a.1));
    all
}

/// A format that exists, or none.
fn known(format: Option<String>) -> Option<Option<&'static str>> {
    match format {
        None => Some(None),
        Some(id) => readers::by_id(&id).map(|f| Some(f.id)),
    }
}

fn is_sound(finding: &Finding, finder: &Finder) -> bool {
    let detector = finder.rules.find(&finding.detector).map(|d| &finder.rules.detectors[d]);
    detector.is_some_and(|d| d.category == finding.category)
        && (0.0..=1.0).contains(&finding.certainty)
        && finding.share.is_none_or(|s| s.is_finite())
        && finding.evidence.iter().all(|e| e.bits.is_finite())
}

impl List {
    /// These matches.
    #[must_use]
    pub fn new(accepts: &HashMap<(SlotId, u16), Accept>, key: [u8; 32], reveal: bool) -> List {
        List { accepts: in_order(accepts.clone()), key, reveal }
    }

    /// The matches by slot and detector.
    #[must_use]
    pub fn by_slot(&self) -> HashMap<(SlotId, u16), Accept> {
        self.accepts.iter().map(|(slot, detector, a)| ((*slot, *detector), a.clone())).collect()
    }
}

/// Writes a frame: its kind, its length, its content.
///
/// # Errors
/// What the system reports.
pub fn write(out: &mut impl Write, kind: u8, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len()).ok().filter(|n| *n as usize <= LONGEST);
    let length = length.ok_or(io::ErrorKind::FileTooLarge)?;
    let [a, b, c, d] = length.to_le_bytes();
    out.write_all(&[kind, a, b, c, d])?;
    out.write_all(content)
}

/// One end of the socket, whose reads and writes look at the clock again and again.
pub struct Patient<'l, F> {
    socket: &'l UnixStream,
    wait: F,
}

impl<'l, F: FnMut() -> io::Result<()>> Patient<'l, F> {
    /// `wait` is asked while nothing comes or goes, and says when to give up.
    ///
    /// # Errors
    /// What the system reports.
    pub fn new(socket: &'l UnixStream, wait: F) -> io::Result<Self> {
        socket.set_read_timeout(Some(TICK))?;
        socket.set_write_timeout(Some(TICK))?;
        Ok(Patient { socket, wait })
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// What the system reports, what `wait` says, or a frame that is longer than any.
    pub fn frame(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        let length = u32::from_le_bytes(length) as usize;
        if length > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        // Memory is taken as content comes, whatever was announced.
        let mut content = Vec::new();
        (&mut *self).take(length as u64).read_to_end(&mut content)?;
        if content.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((kind, content))
    }

    fn patiently<T>(&mut self, mut act: impl FnMut(&UnixStream) -> io::Result<T>) -> io::Result<T> {
        loop {
            // Also while bytes come, one at a time.
            (self.wait)()?;
            match act(self.socket) {
                Err(e)
                    if matches!(
                        e.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                    ) => {}
                other => return other,
            }
        }
    }
}

impl<F: FnMut() -> io::Result<()>> Read for Patient<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(|mut socket| socket.read(buffer))
    }
}

impl<F: FnMut() -> io::Result<()>> Write for Patient<'_, F> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.patiently(|mut socket| socket.write(buffer))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends one byte with descriptors.
///
/// # Errors
/// What the system reports.
pub fn pass(socket: impl AsFd, byte: u8, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let sent = rustix::io::retry_on_intr(|| {
        sendmsg(&socket, &[IoSlice::new(&[byte])], &mut control, SendFlags::NOSIGNAL)
    })?;
    if sent == 1 { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Takes one byte with descriptors; `None` at the end.
///
/// # Errors
/// What the system reports.
pub fn take(socket: impl AsFd) -> io::Result<Option<(u8, Vec<OwnedFd>)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let received = rustix::io::retry_on_intr(|| {
        let mut into = [IoSliceMut::new(&mut byte)];
        recvmsg(&socket, &mut into, &mut control, RecvFlags::CMSG_CLOEXEC)
    })?;
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(some) = message {
            descriptors.extend(some);
        }
    }
    Ok((received.bytes == 1).then_some((byte[0], descriptors)))
}
