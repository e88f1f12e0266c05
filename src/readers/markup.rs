//! A tolerant streaming tokenizer for XML and HTML. It holds no tree, expands nothing and never
//! fails: what is no markup is text.

use super::drive::{Lines, Parse, Then, View, cut, tokens};
use crate::unit::{PIECE, Sink};

mod entities;

use entities::decode;

/// Longest name of an element or attribute.
const NAME: usize = 256;

/// Where something stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// Line, from 1.
    pub line: u64,
    /// Offset in the source.
    pub offset: u64,
}

/// A part of an attribute's value.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The text, entities decoded.
    pub text: &'a [u8],
    /// Where it starts in the value.
    pub at: usize,
    /// Whether the value ends here.
    pub last: bool,
}

/// The name of an element or attribute without its prefix.
pub fn local(name: &[u8]) -> &[u8] {
    memchr::memrchr(b':', name).map_or(name, |i| &name[i + 1..])
}

/// What takes a document's parts.
pub trait Handler {
    /// Whether names and entities are those of HTML.
    const HTML: bool;
    /// A tag begins.
    fn open(&mut self, name: &[u8], place: Place, sink: &mut Sink<'_>);
    /// An attribute of the tag that has begun.
    fn attribute(&mut self, _name: &[u8], _part: Part<'_>, _sink: &mut Sink<'_>) {}
    /// The tag is complete; `closed` when the element is, too. True if only its own end tag ends it.
    fn opened(&mut self, _closed: bool, _sink: &mut Sink<'_>) -> bool {
        false
    }
    /// An end tag.
    fn close(&mut self, _name: &[u8], _sink: &mut Sink<'_>) {}
    /// Text, entities decoded; may come in several parts.
    fn text(&mut self, _text: &[u8], _place: Place, _sink: &mut Sink<'_>) {}
    /// Comments, instructions and scripts; an empty text ends one.
    fn loose(&mut self, _text: &[u8], _place: Place, _sink: &mut Sink<'_>) {}
    /// The document ends.
    fn end(&mut self, _sink: &mut Sink<'_>) {}
    /// What is wrong with it, when it ends; `cut` when that is within a tag, a comment or the like.
    fn fault(&self, _cut: bool) -> Option<&'static str> {
        None
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Text,
    /// Between attributes.
    Tag,
    /// Behind an attribute's name.
    Name,
    /// Behind the equals sign.
    Equals,
    /// In an attribute's value; quote 0 when it has none.
    Value {
        quote: u8,
        at: usize,
    },
    CData,
    Comment,
    Instruction,
    Declaration {
        nest: u32,
    },
    /// In a script or style.
    Raw,
    /// In an end tag, behind its name.
    EndTag,
}

/// The tokenizer with the handler that it feeds.
pub struct Markup<H> {
    handler: H,
    state: State,
    slash: bool,
    name: Vec<u8>,
    attribute: Vec<u8>,
    lines: Lines,
    scratch: Vec<u8>,
}

type Token = Result<usize, Then>;

impl<H: Handler> Markup<H> {
    /// A tokenizer at the start of a document.
    pub fn new(handler: H) -> Self {
        Markup {
            handler,
            state: State::Text,
            slash: false,
            name: Vec::new(),
            attribute: Vec::new(),
            lines: Lines::default(),
            scratch: Vec::new(),
        }
    }

    /// The handler, when the document is done.
    pub fn into_handler(self) -> H {
        self.handler
    }

    fn token(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        match self.state {
            State::Text if rest[0] == b'<' => self.less(view, at, sink),
            State::Text => self.plain(view, at, sink),
            State::Tag => self.tag(rest, view.end, sink),
            State::Name => Ok(self.behind_name(rest, sink)),
            State::Equals => Ok(self.behind_equals(rest)),
            State::Value { quote, at } => self.value(rest, view.end, quote, at, sink),
            State::CData => self.until(view, at, b"]]>", sink),
            State::Comment => self.until(view, at, b"-->", sink),
            State::Instruction => self.until(view, at, if H::HTML { b">" } else { b"?>" }, sink),
            State::Declaration { nest } => Ok(self.declaration(view, at, nest, sink)),
            State::Raw => self.raw(view, at, sink),
            State::EndTag => {
                let end = memchr::memchr2(b'>', b'<', rest);
                if let Some(i) = end {
                    self.state = State::Text;
                    return Ok(i + usize::from(rest[i] == b'>'));
                }
                Ok(rest.len())
            }
        }
    }

    fn place(&mut self, view: View<'_>, at: usize) -> Place {
        Place { line: self.lines.at(view.bytes, at), offset: view.base + at as u64 }
    }

    /// Text up to the next tag.
    fn plain(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        let part = &rest[..rest.len().min(PIECE)];
        let len = match memchr::memchr(b'<', part) {
            Some(i) => i,
            None if part.len() == PIECE => whole_entities(part, cut(part, PIECE)),
            None if view.end => part.len(),
            None => return Err(Then::More),
        };
        let place = self.place(view, at);
        self.scratch.clear();
        decode(&part[..len], H::HTML, &mut self.scratch);
        self.handler.text(&self.scratch, place, sink);
        Ok(len)
    }

    /// What a `<` starts.
    fn less(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        let part = &rest[..rest.len().min(NAME + 2)];
        if part.len() < 12 && !view.end && memchr::memchr(b'>', part).is_none() {
            return Err(Then::More);
        }
        let states: [(&[u8], State); 4] = [
            (b"<!--", State::Comment),
            (b"<![CDATA[", State::CData),
            (b"<?", State::Instruction),
            (b"<!", State::Declaration { nest: 0 }),
        ];
        if let Some((mark, state)) = states.iter().find(|(mark, _)| part.starts_with(mark)) {
            self.state = *state;
            return Ok(if matches!(state, State::Declaration { .. }) { 1 } else { mark.len() });
        }
        let close = part.get(1) == Some(&b'/');
        let from = 1 + usize::from(close);
        let len = part[from.min(part.len())..].iter().take_while(|b| name_byte(**b)).count();
        let end = from + len;
        if end == rest.len() && len > 0 && !view.end {
            return Err(Then::More);
        }
        let starts =
            part.get(from).is_some_and(|b| b.is_ascii_alphabetic() || !H::HTML && starts_name(*b));
        if !starts || end == part.len() {
            let place = self.place(view, at);
            self.handler.text(b"<", place, sink);
            return Ok(1);
        }
        self.name.clear();
        self.name.extend_from_slice(&part[from..end]);
        if H::HTML {
            self.name.make_ascii_lowercase();
        }
        if close {
            self.handler.close(&self.name, sink);
            self.state = State::EndTag;
        } else {
            let place = self.place(view, at);
            self.handler.open(&self.name, place, sink);
            (self.state, self.slash) = (State::Tag, false);
        }
        Ok(end)
    }

    fn tag(&mut self, rest: &[u8], end: bool, sink: &mut Sink<'_>) -> Token {
        match rest[0] {
            b if b.is_ascii_whitespace() => return Ok(spaces(rest)),
            b'/' => {
                self.slash = true;
                return Ok(1);
            }
            // A tag that is not closed before the next one begins is taken as closed.
            mark @ (b'>' | b'<') => {
                let raw = self.handler.opened(self.slash && mark == b'>', sink);
                self.state = if raw { State::Raw } else { State::Text };
                return Ok(usize::from(mark == b'>'));
            }
            _ => {}
        }
        let part = &rest[..rest.len().min(NAME)];
        let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'=' | b'>' | b'/' | b'<');
        let found = part.iter().skip(1).position(ends).map(|i| i + 1);
        if found.is_none() && part.len() < NAME && !end {
            return Err(Then::More);
        }
        let len = found.unwrap_or(part.len());
        self.attribute.clear();
        self.attribute.extend_from_slice(&part[..len]);
        if H::HTML {
            self.attribute.make_ascii_lowercase();
        }
        (self.state, self.slash) = (State::Name, false);
        Ok(len)
    }

    fn behind_name(&mut self, rest: &[u8], sink: &mut Sink<'_>) -> usize {
        if rest[0].is_ascii_whitespace() {
            return spaces(rest);
        }
        if rest[0] == b'=' {
            self.state = State::Equals;
            return 1;
        }
        self.handler.attribute(&self.attribute, Part { text: b"", at: 0, last: true }, sink);
        self.state = State::Tag;
        0
    }

    fn behind_equals(&mut self, rest: &[u8]) -> usize {
        let quote = match rest[0] {
            b if b.is_ascii_whitespace() => return spaces(rest),
            quote @ (b'"' | b'\'') => quote,
            _ => 0,
        };
        self.state = State::Value { quote, at: 0 };
        usize::from(quote != 0)
    }

    fn value(
        &mut self,
        rest: &[u8],
        end: bool,
        quote: u8,
        at: usize,
        sink: &mut Sink<'_>,
    ) -> Token {
        let part = &rest[..rest.len().min(PIECE)];
        let found = if quote == 0 {
            part.iter().position(|b| b.is_ascii_whitespace() || *b == b'>')
        } else {
            memchr::memchr(quote, part)
        };
        let len = match found {
            Some(i) => i,
            None if part.len() == PIECE => whole_entities(part, cut(part, PIECE)),
            None if end => part.len(),
            None => return Err(Then::More),
        };
        let last = found.is_some() || end && len == rest.len();
        self.scratch.clear();
        decode(&part[..len], H::HTML, &mut self.scratch);
        self.handler.attribute(&self.attribute, Part { text: &self.scratch, at, last }, sink);
        self.state =
            if last { State::Tag } else { State::Value { quote, at: at + self.scratch.len() } };
        Ok(len + usize::from(found.is_some() && quote != 0))
    }

    /// Everything up to a mark, as it stands.
    fn until(&mut self, view: View<'_>, at: usize, mark: &[u8], sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        let part = &rest[..rest.len().min(PIECE)];
        let found = memchr::memmem::find(part, mark);
        if found.is_none() && part.len() < PIECE && !view.end {
            return Err(Then::More);
        }
        let open = if view.end && part.len() == rest.len() { part.len() } else { part.len() - 2 };
        let len = found.unwrap_or(open);
        let place = self.place(view, at);
        if self.state == State::CData {
            self.handler.text(&part[..len], place, sink);
        } else {
            self.handler.loose(&part[..len], place, sink);
        }
        let Some(i) = found else { return Ok(len) };
        if self.state != State::CData {
            self.handler.loose(b"", place, sink);
        }
        self.state = State::Text;
        Ok(i + mark.len())
    }

    /// A document type with its declarations: nothing in it is expanded.
    fn declaration(
        &mut self,
        view: View<'_>,
        at: usize,
        mut nest: u32,
        sink: &mut Sink<'_>,
    ) -> usize {
        let rest = &view.bytes[at..];
        let mut len = rest.len().min(PIECE);
        let mut closed = false;
        for i in memchr::memchr2_iter(b'<', b'>', &rest[..len]) {
            if rest[i] == b'<' {
                nest += 1;
            } else if nest > 0 {
                nest -= 1;
            } else {
                (len, closed) = (i, true);
                break;
            }
        }
        let place = self.place(view, at);
        self.handler.loose(&rest[..len], place, sink);
        if closed {
            self.handler.loose(b"", place, sink);
        }
        self.state = if closed { State::Text } else { State::Declaration { nest } };
        len + usize::from(closed)
    }

    /// A script's text up to its own end tag.
    fn raw(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Token {
        let rest = &view.bytes[at..];
        let part = &rest[..rest.len().min(PIECE)];
        let ends = |i: &usize| {
            let tail = &rest[*i..];
            tail.get(1) == Some(&b'/')
                && tail
                    .get(2..2 + self.name.len())
                    .is_some_and(|n| n.eq_ignore_ascii_case(&self.name))
        };
        let found = memchr::memchr_iter(b'<', part).find(ends);
        if found.is_none() && part.len() < PIECE && !view.end {
            return Err(Then::More);
        }
        let place = self.place(view, at);
        // The end tag may be cut: as much as its name and two bytes stay.
        let whole = view.end && part.len() == rest.len();
        let len =
            found.unwrap_or(if whole { part.len() } else { part.len() - self.name.len() - 2 });
        self.handler.loose(&part[..len], place, sink);
        if found.is_some() || whole {
            self.handler.loose(b"", place, sink);
            self.state = State::Text;
        }
        Ok(len)
    }
}

impl<H: Handler> Parse for Markup<H> {
    fn parse(&mut self, view: View<'_>, sink: &mut Sink<'_>) -> (usize, Then) {
        let (used, then) = tokens(view, |at| self.token(view, at, sink));
        self.lines.leave(view.bytes, used);
        (used, then)
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), &'static str> {
        if matches!(self.state, State::Tag | State::Name | State::Equals | State::Value { .. }) {
            self.handler.opened(false, sink);
        }
        let fault = self.handler.fault(self.state != State::Text);
        self.handler.loose(b"", Place::default(), sink);
        self.handler.end(sink);
        fault.map_or(Ok(()), Err)
    }
}

fn spaces(rest: &[u8]) -> usize {
    rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Where to cut so that no entity is split; `at` itself when there is none.
fn whole_entities(part: &[u8], at: usize) -> usize {
    let low = at.saturating_sub(32);
    match memchr::memrchr2(b'&', b';', &part[low..at]) {
        Some(i) if part[low + i] == b'&' && low + i > 0 => low + i,
        _ => at,
    }
}

fn starts_name(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b >= 0x80
}

fn name_byte(b: u8) -> bool {
    starts_name(b) || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b':')
}

/// The name of the tag that starts a text, when it is well formed up to its end or the text's.
#[must_use]
pub fn first_tag(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(b"<")?;
    let len = rest.iter().take_while(|b| name_byte(**b)).count();
    let name = &rest[..len];
    let behind = rest.get(len);
    let ends = behind.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
    (name.first().is_some_and(|b| starts_name(*b)) && ends).then_some(name)
}

/// What follows comments, instructions and blanks at a document's start.
#[must_use]
pub fn behind_prolog(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        let mark: &[u8] = if bytes.starts_with(b"<!--") {
            b"-->"
        } else if bytes.starts_with(b"<?") {
            b"?>"
        } else {
            return bytes;
        };
        match memchr::memmem::find(bytes, mark) {
            Some(i) => bytes = &bytes[i + mark.len()..],
            None => return b"",
        }
    }
}
