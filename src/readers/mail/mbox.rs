//! Mailboxes: a stream of messages, each behind a line that starts with `From ` (RFC 4155); in MMDF also
//! between lines of four control characters. One message is held at a time.

use super::message::{self, Place};
use super::{HELD, TOO_LONG, header_name};
use crate::note::Reason;
use crate::readers::Stop;
use crate::readers::drive::Passage;
use crate::readers::lines::Lines;
use crate::source::Source;
use crate::unit::Sink;

/// The line before and behind each message of an MMDF mailbox.
const MMDF: &[u8] = b"\x01\x01\x01\x01";

/// Whether a source starts with a message of a mailbox.
pub fn is_mailbox(head: &[u8]) -> bool {
    let head = head.strip_prefix(MMDF).unwrap_or(head);
    let mut lines = head.trim_ascii_start().split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end);
    lines.next().is_some_and(is_from) && lines.next().is_some_and(starts_message)
}

/// `From `, whoever, and a date with a time of day.
fn is_from(line: &[u8]) -> bool {
    let time =
        |w: &[u8]| matches!(w, [a, b':', b, c] if [a, b, c].iter().all(|d| d.is_ascii_digit()));
    line.starts_with(b"From ") && line.len() < 400 && line.windows(4).any(time)
}

/// Whether a message can go on with this line behind its `From `.
fn starts_message(line: &[u8]) -> bool {
    header_name(line).is_some() || line.starts_with(b">From ")
}

/// Reads a mailbox message by message.
pub fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let mut mailbox = Mailbox { line: 1, ..Mailbox::default() };
    // A line that starts a message if the next one goes on with it.
    let mut from: Option<(Vec<u8>, u64)> = None;
    let mut blank = true;
    while lines.advance()? {
        if let Some((line, number)) = from.take() {
            if starts_message(&lines.text) {
                mailbox.end(sink);
                mailbox.line = number + 1;
            } else {
                mailbox.add(&line, true, sink);
            }
        }
        if lines.text == MMDF {
            blank = true;
            continue;
        }
        if blank && !lines.is_rest && is_from(&lines.text) {
            from = Some((lines.text.clone(), lines.number));
        } else {
            mailbox.add(unquoted(&lines.text), !lines.is_rest, sink);
        }
        blank = lines.text.is_empty() && !lines.is_rest;
    }
    mailbox.end(sink);
    Ok(())
}

/// A line without the mark that keeps `>From ` from starting a message.
fn unquoted(line: &[u8]) -> &[u8] {
    let marks = line.iter().take_while(|b| **b == b'>').count();
    if marks > 0 && line[marks..].starts_with(b"From ") { &line[1..] } else { line }
}

#[derive(Default)]
struct Mailbox {
    message: Vec<u8>,
    number: u64,
    line: u64,
    /// What is too long to be held.
    rest: Option<Passage>,
}

impl Mailbox {
    /// Adds a line, or the rest of one.
    fn add(&mut self, text: &[u8], is_new: bool, sink: &mut Sink<'_>) {
        if self.message.len() + text.len() < HELD && self.rest.is_none() {
            if is_new && !self.message.is_empty() {
                self.message.push(b'\n');
            }
            self.message.extend_from_slice(text);
            return;
        }
        if self.rest.is_none() {
            self.hand_on(sink);
            sink.note(Reason::Budget, TOO_LONG);
        }
        let rest = self.rest.get_or_insert_default();
        if is_new {
            rest.add(b"\n", self.line, 0, sink);
        }
        rest.add(text, self.line, 0, sink);
    }

    fn hand_on(&mut self, sink: &mut Sink<'_>) {
        self.number += 1;
        let place =
            Place { row: self.number, line: self.line, prefix: format!("{}/", self.number) };
        message::read(&self.message, place, sink);
        self.message = Vec::new();
    }

    /// The message at hand is whole.
    fn end(&mut self, sink: &mut Sink<'_>) {
        if let Some(mut rest) = self.rest.take() {
            rest.end(sink);
        } else if !self.message.is_empty() {
            self.hand_on(sink);
        }
    }
}
