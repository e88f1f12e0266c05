//! Old PowerPoint presentations (MS-PPT): the text of slides, notes, masters and comments.

use std::io::{self, BufReader, Read};

use super::codepage::utf16;
use super::ole::{File, u16_at, u32_at};
use super::story::Story;
use crate::note::Reason;
use crate::readers::Stop;
use crate::unit::Sink;

const STREAM: &str = "PowerPoint Document";
const TEXT_CHARS: u16 = 0x0FA0;
const TEXT_BYTES: u16 = 0x0FA8;
const STRING: u16 = 0x0FBA;
const COMMENT: u16 = 0x2EE0;
/// A text's longest.
const TEXT: u64 = 4 << 20;
/// What the stream of the current user says of a presentation with a password.
const ENCRYPTED: u32 = 0xF3D1_C4DF;

/// Reads a presentation.
///
/// # Errors
/// What the system reports; `Malformed` when records are cut.
pub fn read(file: &mut File, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let user = super::ole::bytes(file, "Current User", 64).unwrap_or_default();
    if u32_at(&user, 12) == Some(ENCRYPTED) {
        sink.note(Reason::Encrypted, "the presentation is encrypted");
        return Ok(());
    }
    let mut stream = BufReader::new(file.open_stream(STREAM)?);
    let mut story = Story::default();
    let result = records(&mut stream, &mut story, sink);
    story.end(sink);
    result
}

fn records(stream: &mut impl Read, story: &mut Story, sink: &mut Sink<'_>) -> Result<(), Stop> {
    const CUT: Stop = Stop::Malformed("a record of the presentation is cut");
    let mut in_comment = false;
    loop {
        let mut head = [0; 8];
        match stream.read(&mut head[..1])? {
            0 => return Ok(()),
            _ => stream.read_exact(&mut head[1..]).map_err(|_| CUT)?,
        }
        let (version, kind) = (u16_at(&head, 0).unwrap_or(0), u16_at(&head, 2).unwrap_or(0));
        let length = u64::from(u32_at(&head, 4).unwrap_or(0));
        // Containers are gone into.
        if version & 0xF == 0xF {
            in_comment = kind == COMMENT;
            continue;
        }
        let is_text = matches!(kind, TEXT_CHARS | TEXT_BYTES | STRING);
        let mut left = length;
        if is_text {
            let mut text = Vec::new();
            left -= (&mut *stream).take(length.min(TEXT)).read_to_end(&mut text)? as u64;
            let author = kind == STRING && in_comment && version >> 4 == 0;
            take(kind, author, &text, story, sink);
        }
        if io::copy(&mut (&mut *stream).take(left), &mut io::sink())? < left {
            return Err(CUT);
        }
    }
}

fn take(kind: u16, author: bool, text: &[u8], story: &mut Story, sink: &mut Sink<'_>) {
    let text = match kind {
        // The low bytes of characters.
        TEXT_BYTES => text.iter().map(|b| char::from(*b)).collect(),
        _ => utf16(text),
    };
    if author {
        let slot = sink.slot(Some("comments"), Some("author"));
        sink.value(slot, 1, text.trim().as_bytes());
        return;
    }
    for paragraph in text.split('\r') {
        let paragraph = paragraph.replace('\u{B}', "\n").replace(['\0', '\t'], " ");
        story.text(paragraph.as_bytes(), sink);
        story.paragraph(false, sink);
    }
}
