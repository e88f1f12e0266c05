//! PDF documents: the text of every page with tables apart, form fields, notes, document information and
//! attached files. Pages without text, fonts that cannot be decoded and passwords are noted.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as Text};
use hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page};

use super::grid::Grid;
use super::{Format, Stop};
use crate::guard::guarded;
use crate::meter::{Meter, OverBudget};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::{self, Sink};

mod page;

use page::{Block, Canvas};

/// PDF documents.
pub static FORMAT: Format = Format {
    id: "pdf",
    name: "PDF documents: text, tables, forms, attachments",
    extensions: &["pdf"],
    fields: "page and column, form field, text",
    isolated: true,
    beside: &[],
    sniff: |head| head.trimmed().starts_with(b"%PDF-"),
    read,
};

/// Largest document: it is held in memory.
const LARGEST: u64 = 512 << 20;
/// Stack of the thread that reads: documents may be nested.
const STACK: usize = 64 << 20;
/// Forms within forms.
const DEPTH: usize = 32;
/// Form fields and attachments at most.
const ENTRIES: usize = 100_000;

/// What the thread that reads a document tells.
enum Told {
    Page {
        number: usize,
        blocks: Vec<Block>,
        told: u64,
        untold: u64,
        images: bool,
    },
    /// A page that could not be read.
    Lost,
    /// A field of the document: where it stands, its name, its value.
    Field(&'static str, String, String),
    Attached(String, Vec<u8>),
    Note(Reason, &'static str),
    /// The budget is used up.
    Over(OverBudget),
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let random = source.random()?;
    if random.size() > LARGEST {
        sink.note(Reason::Budget, "the document is too big to be held in memory");
        return Ok(());
    }
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut random.whole(), &mut bytes)?;
    let (to, from) = sync_channel(4);
    let meter = sink.meter();
    let thread = std::thread::Builder::new().name("pdf".to_owned()).stack_size(STACK);
    let known = meter.clone();
    thread.spawn(move || {
        if guarded(|| document(bytes, &known, &to)).is_none() {
            let _ = to.send(Told::Note(Reason::Malformed, "the document is damaged"));
        }
    })?;
    let mut seen = Seen::default();
    loop {
        match from.recv_timeout(Duration::from_millis(200)) {
            Ok(told) => seen.take(told, sink),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                // The thread cannot be ended from here: it is left behind.
                if let Err(over) = meter.check() {
                    sink.note(over.reason(), &over.to_string());
                    break;
                }
            }
        }
    }
    seen.notes(sink);
    Ok(())
}

/// What is said of all pages together at the end.
#[derive(Default)]
struct Seen {
    pages: u64,
    scanned: u64,
    told: u64,
    untold: u64,
    lost: u64,
    rows: u64,
}

impl Seen {
    fn take(&mut self, told: Told, sink: &mut Sink<'_>) {
        match told {
            Told::Page { number, blocks, told, untold, images } => {
                self.pages += 1;
                self.scanned += u64::from(images && told + untold == 0);
                self.told += told;
                self.untold += untold;
                sink.part(number as u64);
                blocks.into_iter().for_each(|b| block(b, number, sink));
            }
            Told::Lost => self.lost += 1,
            Told::Field(table, name, value) => {
                self.rows += 1;
                let slot = sink.slot(Some(table), Some(&name));
                sink.value(slot, self.rows, value.as_bytes());
            }
            Told::Attached(name, bytes) => sink.member(&name, Source::from_bytes(bytes)),
            Told::Note(reason, detail) => sink.note(reason, detail),
            Told::Over(over) => sink.note(over.reason(), &over.to_string()),
        }
    }

    fn notes(&self, sink: &mut Sink<'_>) {
        if self.scanned > 0 {
            let detail =
                format!("{} of {} pages are images without text", self.scanned, self.pages);
            sink.note(Reason::NoText, &detail);
        }
        if self.untold * 5 > self.told + self.untold {
            sink.note(Reason::Undecodable, "fonts that do not say which letters they show");
        }
        if self.lost > 0 {
            sink.note(Reason::Malformed, &format!("{} pages are damaged", self.lost));
        }
    }
}

fn block(block: Block, page: usize, sink: &mut Sink<'_>) {
    match block {
        Block::Text(lines) => {
            let (text, starts) = page::text(&lines);
            let mark = |(line, at): (u64, usize)| unit::Mark { at, line, offset: at as u64 };
            let marks: Vec<_> = (1..).zip(starts).map(mark).skip(1).collect();
            let slot = sink.free_text();
            let text = unit::Text::whole(text.as_bytes(), 1, 0);
            sink.text(slot, unit::Text { marks: &marks, ..text });
        }
        Block::Table(rows) => {
            let mut grid = Grid::new(format!("page {page}"));
            for row in rows {
                grid.row(row.into_iter().map(String::into_bytes).collect(), sink);
            }
            grid.end(sink);
        }
    }
}

/// Reads a document and tells what is in it.
fn document(bytes: Vec<u8>, meter: &Arc<Meter>, to: &SyncSender<Told>) {
    let pdf = match Pdf::new(bytes) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(_)) => {
            let _ = to.send(Told::Note(Reason::Encrypted, "the document needs a password"));
            return;
        }
        Err(LoadPdfError::Invalid) => {
            let _ = to.send(Told::Note(Reason::Malformed, "the document is damaged"));
            return;
        }
    };
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()).unwrap_or_default();
    information(&pdf, to);
    forms(&catalog, to);
    attachments(&catalog, to);
    let cache = InterpreterCache::new();
    if pdf.pages().is_empty() {
        let _ =
            to.send(Told::Note(Reason::Malformed, "the document has no pages that can be found"));
    }
    for (i, page) in pdf.pages().iter().enumerate() {
        let drawn = guarded(|| {
            let mut canvas = Canvas::new(meter.clone());
            let mut context = Context::new(
                hayro_interpret::kurbo::Affine::IDENTITY,
                hayro_interpret::kurbo::Rect::new(0.0, 0.0, 1.0, 1.0),
                &cache,
                pdf.xref(),
                InterpreterSettings::default(),
            );
            interpret_page(page, &mut context, &mut canvas);
            canvas
        });
        let told = match drawn {
            Some(canvas) => {
                let (told, untold, images) = (canvas.told, canvas.untold, canvas.images);
                Told::Page {
                    number: i + 1,
                    blocks: page::blocks(canvas.lines()),
                    told,
                    untold,
                    images,
                }
            }
            None => match meter.check() {
                Ok(()) => Told::Lost,
                Err(over) => {
                    let _ = to.send(Told::Over(over));
                    return;
                }
            },
        };
        if to.send(told).is_err() {
            return;
        }
        comments(page.raw(), to);
    }
}

/// Title, author and the like.
fn information(pdf: &Pdf, to: &SyncSender<Told>) {
    let meta = pdf.metadata();
    let parts = [
        ("Title", &meta.title),
        ("Author", &meta.author),
        ("Subject", &meta.subject),
        ("Keywords", &meta.keywords),
    ];
    for (name, value) in parts {
        if let Some(value) = value {
            let _ = to.send(Told::Field("properties", name.to_owned(), text(value)));
        }
    }
}

/// The fields of interactive forms with what was filled in.
fn forms(catalog: &Dict<'_>, to: &SyncSender<Told>) {
    let Some(form) = catalog.get::<Dict<'_>>(b"AcroForm") else { return };
    let Some(fields) = form.get::<Array<'_>>(b"Fields") else { return };
    let mut left = ENTRIES;
    for field in fields.iter::<Dict<'_>>() {
        form_field(&field, "", 0, &mut left, to);
    }
}

fn form_field(
    field: &Dict<'_>,
    above: &str,
    depth: usize,
    left: &mut usize,
    to: &SyncSender<Told>,
) {
    if depth > DEPTH || *left == 0 {
        return;
    }
    *left -= 1;
    let own = field.get::<Text<'_>>(b"T").map(|t| text(t.as_bytes())).unwrap_or_default();
    let name = match (above.is_empty(), own.is_empty()) {
        (true, _) => own,
        (false, true) => above.to_owned(),
        (false, false) => format!("{above}.{own}"),
    };
    let value = match field.get::<Object<'_>>(b"V") {
        Some(Object::String(s)) => text(s.as_bytes()),
        Some(Object::Name(n)) => n.as_str().to_owned(),
        Some(Object::Stream(s)) => s.decoded().map(|b| text(&b)).unwrap_or_default(),
        _ => String::new(),
    };
    if !value.is_empty() {
        let _ = to.send(Told::Field("form", name.clone(), value));
    }
    if let Some(kids) = field.get::<Array<'_>>(b"Kids") {
        for kid in kids.iter::<Dict<'_>>() {
            form_field(&kid, &name, depth + 1, left, to);
        }
    }
}

/// What people wrote on a page beside its text, and files that hang there.
fn comments(page: &Dict<'_>, to: &SyncSender<Told>) {
    let Some(notes) = page.get::<Array<'_>>(b"Annots") else { return };
    for note in notes.iter::<Dict<'_>>().take(ENTRIES) {
        for (key, name) in [(&b"Contents"[..], "Comment"), (&b"T"[..], "Author")] {
            let widget = note.get::<Name<'_>>(b"Subtype").is_some_and(|n| n.as_str() == "Widget");
            if let Some(value) = note.get::<Text<'_>>(key).filter(|_| !widget) {
                let _ = to.send(Told::Field("comments", name.to_owned(), text(value.as_bytes())));
            }
        }
        if let Some(file) = note.get::<Dict<'_>>(b"FS") {
            attached(&file, to);
        }
    }
}

/// Files within the document.
fn attachments(catalog: &Dict<'_>, to: &SyncSender<Told>) {
    let Some(names) = catalog.get::<Dict<'_>>(b"Names") else { return };
    let Some(files) = names.get::<Dict<'_>>(b"EmbeddedFiles") else { return };
    let mut left = ENTRIES;
    name_tree(&files, 0, &mut left, to);
}

fn name_tree(node: &Dict<'_>, depth: usize, left: &mut usize, to: &SyncSender<Told>) {
    if depth > DEPTH || *left == 0 {
        return;
    }
    *left -= 1;
    if let Some(pairs) = node.get::<Array<'_>>(b"Names") {
        for file in pairs.iter::<Object<'_>>().filter_map(Object::into_dict).take(ENTRIES) {
            attached(&file, to);
        }
    }
    if let Some(kids) = node.get::<Array<'_>>(b"Kids") {
        for kid in kids.iter::<Dict<'_>>() {
            name_tree(&kid, depth + 1, left, to);
        }
    }
}

fn attached(file: &Dict<'_>, to: &SyncSender<Told>) {
    let name = file.get::<Text<'_>>(b"UF").or_else(|| file.get::<Text<'_>>(b"F"));
    let name = name.map_or_else(|| "attachment".to_owned(), |n| text(n.as_bytes()));
    let Some(streams) = file.get::<Dict<'_>>(b"EF") else { return };
    let stream = streams.get::<Stream<'_>>(b"F").or_else(|| streams.get::<Stream<'_>>(b"UF"));
    let told = match stream.map(|s| s.decoded().map(|b| b.into_owned())) {
        Some(Ok(bytes)) => Told::Attached(name, bytes),
        Some(Err(_)) => Told::Note(Reason::Malformed, "an attached file is damaged"),
        None => return,
    };
    let _ = to.send(told);
}

/// A text string of the document: UTF-16 with a mark, UTF-8 with a mark, or PDFDocEncoding, which is Latin-1
/// as far as letters go (ISO 32000-2, 7.9.2.2).
fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => {
            encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned()
        }
        [0xFF, 0xFE, rest @ ..] => {
            encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned()
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|&b| char::from(b)).collect(),
    }
}

#[cfg(test)]
mod tests;
