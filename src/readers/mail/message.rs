//! One message (RFC 5322) and its parts (RFC 2046), however deep they lie: a loop, no recursion.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Cursor;

use memchr::memmem::Finder;

use super::body::{self, Words};
use super::decode::utf8;
use super::headers::Headers;
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

/// The most bytes of headers of one part; what comes after is searched as its body.
const HEADERS: usize = 1 << 20;
/// The most attachments of one message.
const ATTACHED: usize = 10_000;

/// Where a message stands.
pub struct Place {
    /// Its number in the mailbox, from 1.
    pub row: u64,
    /// Its first line.
    pub line: u64,
    /// What comes before its attachments' names.
    pub prefix: String,
}

/// What a multipart's parts are to each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mixed,
    /// The same in several forms.
    Alternative,
    /// Messages, unless they say otherwise.
    Digest,
    Encrypted,
}

/// A multipart that is open.
struct Open {
    boundary: Vec<u8>,
    kind: Kind,
    /// What the plain form said.
    said: Option<Words>,
}

/// A line that ends a part.
struct Mark {
    /// Which of the open multiparts it belongs to.
    level: usize,
    /// Whether it is that one's last.
    last: bool,
    /// Where the line starts, and what follows it.
    start: usize,
    next: usize,
}

/// Takes a message apart.
pub fn read(message: &[u8], place: Place, sink: &mut Sink<'_>) {
    sink.part(place.row);
    let line = place.line;
    let walk = Walk {
        message,
        place,
        open: Vec::new(),
        levels: HashMap::new(),
        names: HashMap::new(),
        dashes: Finder::new(b"\n--"),
        attached: 0,
        line,
        counted: 0,
    };
    walk.run(sink);
}

struct Walk<'m> {
    message: &'m [u8],
    place: Place,
    open: Vec<Open>,
    levels: HashMap<Vec<u8>, usize>,
    names: HashMap<String, usize>,
    dashes: Finder<'static>,
    attached: usize,
    line: u64,
    counted: usize,
}

impl Walk<'_> {
    fn run(mut self, sink: &mut Sink<'_>) {
        let mut at = 0;
        loop {
            let end = self.headers_end(at);
            let headers = Headers::parse(&self.message[at..end]);
            if at == 0 {
                headers.push(self.place.row, sink);
            }
            let body = behind_blank(self.message, end);
            let opened = self.opens(&headers, sink);
            let mark = self.mark(body);
            let stop = mark.as_ref().map_or(self.message.len(), |m| m.start).max(body);
            let text = without_break(&self.message[body..stop]);
            if opened {
                self.around(body, text, sink);
            } else {
                self.part(&headers, body, text, sink);
            }
            let Some(next) = self.follow(mark, sink) else { break };
            at = next;
        }
        if !self.open.is_empty() {
            sink.note(Reason::Malformed, "the message ends before its parts do: it may be cut");
        }
    }

    /// Closes what a mark closes; gives where the next part starts.
    fn follow(&mut self, mut mark: Option<Mark>, sink: &mut Sink<'_>) -> Option<usize> {
        loop {
            let Mark { level, last, next, .. } = mark?;
            self.close(level + 1);
            if !last {
                return Some(next);
            }
            self.close(level);
            mark = self.mark(next);
            let stop = mark.as_ref().map_or(self.message.len(), |m| m.start).max(next);
            self.around(next, &self.message[next..stop], sink);
        }
    }

    fn close(&mut self, level: usize) {
        for open in self.open.drain(level.min(self.open.len())..) {
            self.levels.remove(&open.boundary);
        }
    }

    /// Opens a multipart, if these are its headers.
    fn opens(&mut self, headers: &Headers, sink: &mut Sink<'_>) -> bool {
        let boundary = headers.boundary.as_ref().map(|b| b.trim_end().as_bytes().to_vec());
        let Some(boundary) = boundary.filter(|_| headers.kind.starts_with("multipart/")) else {
            return false;
        };
        let kind = match headers.kind.as_str() {
            "multipart/alternative" => Kind::Alternative,
            "multipart/digest" => Kind::Digest,
            "multipart/encrypted" => Kind::Encrypted,
            _ => Kind::Mixed,
        };
        if kind == Kind::Encrypted {
            sink.note(Reason::Encrypted, "an encrypted message");
        }
        if !self.levels.contains_key(&boundary) {
            self.levels.insert(boundary.clone(), self.open.len());
            self.open.push(Open { boundary, kind, said: None });
        }
        true
    }

    /// Where the headers that start at `at` end: at a blank line, a mark, or a line that is no header.
    fn headers_end(&self, at: usize) -> usize {
        let mut here = at;
        while here < self.message.len() {
            let line = &self.message[here..line_end(self.message, here)];
            let text = line.trim_ascii_end();
            let folded = here > at && matches!(line[0], b' ' | b'\t');
            // mbox's own first line, and names of headers as bad programs write them.
            let odd = here == at && line.starts_with(b"From ");
            let named = memchr::memchr(b':', text).is_some_and(|c| !text[..c].contains(&b' '));
            let long = here + line.len() - at > HEADERS;
            if long || text.is_empty() || self.level(text).is_some() || !(folded || odd || named) {
                break;
            }
            here += line.len();
        }
        here
    }

    /// Which multipart a line parts, and whether it ends it.
    fn level(&self, line: &[u8]) -> Option<(usize, bool)> {
        let name = line.strip_prefix(b"--")?;
        if let Some(&level) = self.levels.get(name) {
            return Some((level, false));
        }
        self.levels.get(name.strip_suffix(b"--")?).map(|&level| (level, true))
    }

    /// The next mark from the start of a line on.
    fn mark(&self, from: usize) -> Option<Mark> {
        if self.open.is_empty() {
            return None;
        }
        let mut start = from;
        loop {
            let end = line_end(self.message, start);
            if let Some((level, last)) = self.level(self.message.get(start..end)?.trim_ascii_end())
            {
                return Some(Mark { level, last, start, next: end });
            }
            let after = end.saturating_sub(1).max(start);
            start = after + self.dashes.find(&self.message[after..])? + 1;
        }
    }

    fn line_at(&mut self, at: usize) -> u64 {
        if at > self.counted {
            let passed = &self.message[self.counted..at];
            self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
            self.counted = at;
        }
        self.line
    }

    /// Text before the first part and behind the last.
    fn around(&mut self, at: usize, text: &[u8], sink: &mut Sink<'_>) {
        let line = self.line_at(at);
        body::plain(&utf8(text.into(), None), line, sink);
    }

    fn part(&mut self, headers: &Headers, at: usize, bytes: &[u8], sink: &mut Sink<'_>) {
        let line = self.line_at(at);
        let kind = self.open.last().map(|o| o.kind);
        let default = if kind == Some(Kind::Digest) { "message/rfc822" } else { "text/plain" };
        let told = if headers.kind.is_empty() { default } else { headers.kind.as_str() };
        let attached = headers.attached || headers.name.is_some();
        match told {
            _ if kind == Some(Kind::Encrypted) => {}
            "application/pgp-signature"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature" => {}
            "application/pkcs7-mime" | "application/x-pkcs7-mime" if is_enveloped(headers) => {
                let name = self.name(headers, "smime.p7m");
                sink.unread_member(&name, Reason::Encrypted, "an encrypted message (S/MIME)");
            }
            "text/html" | "application/xhtml+xml" if !attached => {
                let said = self.alternative().and_then(|i| self.open[i].said.as_ref());
                body::page(&text(headers, bytes, sink), said, sink);
            }
            _ if !attached && is_text(told) => {
                let text = text(headers, bytes, sink);
                body::plain(&text, line, sink);
                if let Some(i) = self.alternative() {
                    self.open[i].said = Some(Words::of(&text));
                }
            }
            _ if self.attached == ATTACHED => {
                self.attached += 1;
                sink.note(Reason::Budget, "more attachments in a message than are read");
            }
            _ if self.attached > ATTACHED => {}
            _ => self.member(headers, told, bytes, sink),
        }
    }

    /// The multipart whose parts say the same in several forms, near enough to hold the part at hand.
    fn alternative(&self) -> Option<usize> {
        let near = self.open.len().saturating_sub(3)..self.open.len();
        near.rev().find(|i| self.open[*i].kind == Kind::Alternative)
    }

    fn member(&mut self, headers: &Headers, kind: &str, bytes: &[u8], sink: &mut Sink<'_>) {
        self.attached += 1;
        let default = match kind {
            "message/rfc822" | "message/global" => "message.eml",
            "text/calendar" => "invite.ics",
            "text/html" => "page.html",
            _ => "attachment",
        };
        let name = self.name(headers, default);
        let bytes = content(headers, bytes, sink);
        // Markup names its own character set.
        let named = headers.charset.as_deref().filter(|_| kind.starts_with("text/"));
        let bytes = match named.filter(|_| !bytes.trim_ascii_start().starts_with(b"<")) {
            Some(set) => utf8(bytes, Some(set)),
            None => bytes,
        };
        let source: Source = sink.meter().source(Cursor::new(bytes.into_owned()));
        sink.member(&name, source);
    }

    /// A name of its own for an attachment.
    fn name(&mut self, headers: &Headers, default: &str) -> String {
        let name = headers.name.as_deref().unwrap_or(default);
        own_name(&mut self.names, &format!("{}{name}", self.place.prefix))
    }
}

/// A part's bytes, its transfer encoding undone as far as it goes.
fn content<'b>(headers: &Headers, bytes: &'b [u8], sink: &mut Sink<'_>) -> Cow<'b, [u8]> {
    let (bytes, why) = headers.transfer.undo(bytes);
    if let Some(why) = why {
        sink.note(Reason::Malformed, why);
    }
    bytes
}

/// A text part as UTF-8.
fn text<'b>(headers: &Headers, bytes: &'b [u8], sink: &mut Sink<'_>) -> Cow<'b, [u8]> {
    utf8(content(headers, bytes, sink), headers.charset.as_deref())
}

/// A name that no other attachment has: the second of a name is `name (2)`.
pub fn own_name(names: &mut HashMap<String, usize>, name: &str) -> String {
    let count = names.entry(name.to_owned()).or_default();
    *count += 1;
    if *count == 1 { name.to_owned() } else { format!("{name} ({count})") }
}

/// Whether a body of this type is text for people (or a report of a machine) and not a format of its own.
fn is_text(kind: &str) -> bool {
    let reports = [
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/partial",
        "message/external-body",
        "text/rfc822-headers",
        "text/plain",
        "text/enriched",
        "text/x-amp-html",
    ];
    reports.contains(&kind) || kind.starts_with("multipart/") || !kind.contains('/')
}

/// What is not said to be only signed is encrypted.
fn is_enveloped(headers: &Headers) -> bool {
    let kind = headers.smime.as_deref().unwrap_or_default().to_ascii_lowercase();
    !matches!(kind.as_str(), "signed-data" | "certs-only" | "compressed-data")
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at.min(bytes.len())..]).map_or(bytes.len(), |n| at + n + 1)
}

/// Where the body starts: behind the blank line, if there is one.
fn behind_blank(bytes: &[u8], at: usize) -> usize {
    let end = line_end(bytes, at);
    if bytes[at.min(end)..end].trim_ascii().is_empty() { end } else { at }
}

/// A part without the line break that belongs to the mark behind it.
fn without_break(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}
