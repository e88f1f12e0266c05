//! Mail: single messages (eml, emlx, maildir, mht), mailboxes (mbox, Thunderbird's folders), Outlook's messages (msg,
//! winmail.dat) and its mailboxes (pst). Headers are fields, bodies are free text, attachments and nested messages are members.

mod body;
mod decode;
mod headers;
mod mapi;
mod mbox;
mod message;
mod msg;
mod pst;
mod rtf;
mod tnef;

use super::{Format, Head, Stop, text};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

/// A mailbox: messages one after the other, each behind a line that starts with `From `.
pub static MBOX: Format = Format {
    id: "mbox",
    name: "mailboxes (mbox, Thunderbird folders), with attachments",
    extensions: &["mbox", "mbx"],
    fields: "mail header, text",
    isolated: true,
    beside: &[],
    sniff: |head| mbox::is_mailbox(head.bytes),
    read: mbox::read,
};

/// A single message.
pub static EML: Format = Format {
    id: "eml",
    name: "mail messages (eml, emlx, mht, maildir), with attachments",
    extensions: &["eml", "emlx", "mht"],
    fields: "mail header, text",
    isolated: true,
    beside: &[],
    sniff: is_message,
    read: read_message,
};

/// An Outlook message, an OLE2 document inside.
pub static MSG: Format = Format {
    id: "msg",
    name: "Outlook messages (msg), with attachments",
    extensions: &["msg", "oft"],
    fields: "mail header, text",
    isolated: true,
    beside: &[],
    sniff: |head| msg::is_message(head),
    read: msg::read,
};

/// A mailbox of Outlook.
pub static PST: Format = Format {
    id: "pst",
    name: "Outlook mailboxes (pst, ost), with attachments",
    extensions: &["pst", "ost"],
    fields: "mail header, text",
    isolated: true,
    beside: &[],
    sniff: pst::is_mailbox,
    read: pst::read,
};

/// A message as Outlook packs it for others.
pub static TNEF: Format = Format {
    id: "tnef",
    name: "Outlook messages in others' mail (winmail.dat), with attachments",
    extensions: &["dat", "tnef"],
    fields: "mail header, text",
    isolated: true,
    beside: &[],
    sniff: |head| head.bytes.starts_with(tnef::MAGIC),
    read: tnef::read,
};

/// The most bytes of one message that are held to take it apart. What comes after is searched as text.
const HELD: usize = 64 << 20;
/// What is said of a message that is larger.
const TOO_LONG: &str =
    "a message larger than 64 MiB: what comes after is searched as text, not taken apart";

/// Headers that hardly anything but mail has.
const TELLING: &[&str] = &[
    "received",
    "return-path",
    "message-id",
    "mime-version",
    "delivered-to",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "x-mozilla-status",
    "in-reply-to",
    "reply-to",
];
/// Headers that other texts have as well.
const COMMON: &[&str] = &["from", "to", "cc", "bcc", "subject", "date", "sender"];

/// A header's name at the start of this line.
fn header_name(line: &[u8]) -> Option<&str> {
    let name = &line[..memchr::memchr(b':', line)?];
    let is_name = !name.is_empty()
        && name.len() <= 80
        && name.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b));
    std::str::from_utf8(name).ok().filter(|_| is_name)
}

/// Whether a source starts with the headers of a message: only header lines up to the first blank one,
/// among them what tells mail from settings and the like.
fn is_message(head: &Head<'_>) -> bool {
    let bytes = head.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head.bytes);
    let bytes = &bytes[counted(bytes).map_or(0, |c| c.0)..];
    let (mut telling, mut common, mut address) = (0, 0, false);
    for (i, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            break;
        }
        if i > 0 && matches!(line[0], b' ' | b'\t') {
            continue;
        }
        let Some(name) = header_name(line) else {
            // Behind the headers anything may follow without a blank line; a mere look of one does not do.
            return telling >= 2 && common >= 1;
        };
        telling += usize::from(TELLING.iter().any(|t| t.eq_ignore_ascii_case(name)));
        let known = COMMON.iter().any(|t| t.eq_ignore_ascii_case(name));
        common += usize::from(known);
        // Mail writes its names in capitals; settings do not.
        address |=
            known && name.starts_with(|c: char| c.is_ascii_uppercase()) && line.contains(&b'@');
    }
    let named = head.has_extension(&["eml", "emlx", "mht", "mhtml"]);
    (telling >= 1 && telling + common >= 2)
        || (address && common >= 2)
        || (named && telling + common > 0)
}

/// The count of bytes that stands before the message in Apple's emlx: where the message starts and ends.
fn counted(bytes: &[u8]) -> Option<(usize, u64)> {
    let end = memchr::memchr(b'\n', &bytes[..bytes.len().min(20)])?;
    let count = std::str::from_utf8(bytes[..end].trim_ascii()).ok()?.parse().ok()?;
    Some((end + 1, count))
}

/// What comes next of a source, so many bytes at most.
fn held(source: &mut Source, most: usize) -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::new();
    while bytes.len() < most {
        let part = source.peek(1)?;
        let n = part.len().min(most - bytes.len());
        if n == 0 {
            break;
        }
        bytes.extend_from_slice(&part[..n]);
        source.consume(n);
    }
    Ok(bytes)
}

fn read_message(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let (skipped, length) = counted(source.peek(20)?).unwrap_or((0, u64::MAX));
    source.consume(skipped);
    let bytes = held(source, HELD.min(usize::try_from(length).unwrap_or(usize::MAX)))?;
    let place = message::Place { row: 1, line: 1 + u64::from(skipped > 0), prefix: String::new() };
    message::read(&bytes, place, sink);
    if source.peek(1)?.is_empty() {
        return Ok(());
    }
    if skipped == 0 || bytes.len() == HELD {
        sink.note(Reason::Budget, TOO_LONG);
    }
    text::read(source, sink)
}

#[cfg(test)]
mod tests;
