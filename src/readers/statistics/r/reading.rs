//! Objects of R, as they are read one in the other.

use std::rc::Rc;

use super::object::{Body, Object, Texts};
use super::stream::Stream;
use super::{DAMAGED, tables};
use crate::readers::Stop;

/// Bytes that objects may take.
const HELD: usize = 96 << 20;
/// How deep objects may stand in each other.
const DEEPEST: usize = 256;
/// What a version tells of letters beyond ASCII.
const WITH_ENCODING: i32 = 3;
/// Flags of an object: attributes and a tag come with it.
const HAS_ATTRIBUTES: i32 = 1 << 9;
const HAS_TAG: i32 = 1 << 10;

/// Kinds of objects, by the number in the lowest byte of their flags.
mod kind {
    pub const SYMBOL: i32 = 1;
    pub const PAIRS: i32 = 2;
    pub const FUNCTION: i32 = 3;
    pub const ENVIRONMENT: i32 = 4;
    pub const PROMISE: i32 = 5;
    pub const CALL: i32 = 6;
    pub const SPECIAL: i32 = 7;
    pub const BUILTIN: i32 = 8;
    pub const TEXT: i32 = 9;
    pub const TRUTHS: i32 = 10;
    pub const WHOLE: i32 = 13;
    pub const NUMBERS: i32 = 14;
    pub const COMPLEX: i32 = 15;
    pub const TEXTS: i32 = 16;
    pub const DOTS: i32 = 17;
    pub const LIST: i32 = 19;
    pub const EXPRESSIONS: i32 = 20;
    pub const CODE: i32 = 21;
    pub const POINTER: i32 = 22;
    pub const WEAK: i32 = 23;
    pub const RAW: i32 = 24;
    pub const S4: i32 = 25;
    pub const OTHER_FORM: i32 = 238;
    pub const PAIRS_WITH: i32 = 239;
    pub const CALL_WITH: i32 = 240;
    pub const CODE_AGAIN: i32 = 243;
    pub const CODE_FIRST: i32 = 244;
    pub const PERSISTENT: i32 = 247;
    pub const NAMESPACE: i32 = 249;
    pub const AGAIN: i32 = 255;
}

/// Why reading ended before its time.
pub enum End {
    /// The rules are broken, or the system failed.
    Damaged(Stop),
    /// Objects take all the memory that they may.
    Full,
}

/// Objects as they come. Once something has ended them, what was read is given, and nothing behind it.
pub struct Objects<'s> {
    stream: Stream<'s>,
    end: Option<End>,
    left: usize,
    /// What is referred to by number: symbols, and others that are not looked at again.
    known: Vec<Option<Rc<str>>>,
}

impl<'s> Objects<'s> {
    /// The objects that begin with their version.
    pub fn new(stream: Stream<'s>) -> Objects<'s> {
        Objects { stream, end: None, left: HELD, known: Vec::new() }
    }

    /// Why there was no more, if there was.
    pub fn end(self) -> Option<End> {
        self.end
    }

    /// The one that all others stand in.
    pub fn whole(&mut self) -> Object {
        let version = self.int();
        self.int();
        self.int();
        if version == WITH_ENCODING {
            self.letters(&mut Vec::new());
        }
        self.object(0)
    }

    fn stop(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    fn ends(&self) -> bool {
        self.end.is_some()
    }

    /// Takes note of memory that is used.
    fn hold(&mut self, bytes: usize) {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => self.stop(End::Full),
        }
    }

    fn int(&mut self) -> i32 {
        let number = if self.ends() { Ok(0) } else { self.stream.int() };
        number.unwrap_or_else(|stop| {
            self.stop(End::Damaged(stop));
            0
        })
    }

    fn double(&mut self) -> f64 {
        let number = if self.ends() { Ok(0.0) } else { self.stream.double() };
        number.unwrap_or_else(|stop| {
            self.stop(End::Damaged(stop));
            0.0
        })
    }

    fn pass(&mut self, length: usize) {
        if !self.ends()
            && let Err(stop) = self.stream.pass(length)
        {
            self.stop(End::Damaged(stop));
        }
    }

    /// How many come next.
    fn length(&mut self) -> usize {
        let told = match self.int() {
            // More than such a number tells.
            -1 => i64::from(self.int()) << 32 | i64::from(self.int().cast_unsigned()),
            short => short.into(),
        };
        usize::try_from(told).unwrap_or_else(|_| {
            self.stop(End::Damaged(DAMAGED));
            0
        })
    }

    fn object(&mut self, depth: usize) -> Object {
        let flags = self.int();
        self.behind(flags, depth)
    }

    /// The object behind its flags.
    fn behind(&mut self, flags: i32, depth: usize) -> Object {
        if depth > DEEPEST {
            self.stop(End::Damaged(Stop::Malformed(
                "R objects stand deeper in each other than honest ones",
            )));
        }
        if self.ends() {
            return Object::default();
        }
        let deeper = depth + 1;
        let body = match flags & 0xFF {
            kind::PAIRS..=kind::FUNCTION | kind::PROMISE..=kind::CALL | kind::DOTS => {
                return self.pairs(flags, deeper);
            }
            kind::PAIRS_WITH => return self.pairs(kind::PAIRS | HAS_ATTRIBUTES, deeper),
            kind::CALL_WITH => return self.pairs(kind::CALL | HAS_ATTRIBUTES, deeper),
            kind::ENVIRONMENT => return self.environment(deeper),
            kind::OTHER_FORM => return self.other_form(deeper),
            kind::SYMBOL => return self.symbol(),
            kind::AGAIN => return self.again(flags),
            kind::PERSISTENT..=kind::NAMESPACE => {
                self.int();
                self.texts();
                self.known.push(None);
                return Object::default();
            }
            // Nothing, and environments that are in every R.
            241 | 242 | 250..=254 => return Object::default(),
            kind::TEXT => Body::Texts(self.text()),
            kind::SPECIAL | kind::BUILTIN => {
                self.letters(&mut Vec::new());
                Body::Nothing
            }
            kind::RAW => {
                let length = self.length();
                self.pass(length);
                Body::Nothing
            }
            kind::TRUTHS => Body::Truths(self.whole_numbers()),
            kind::WHOLE => Body::Whole(self.whole_numbers()),
            kind::NUMBERS => Body::Numbers(self.numbers()),
            kind::COMPLEX => {
                for _ in 0..self.length() {
                    self.double();
                    self.double();
                    if self.ends() {
                        break;
                    }
                }
                Body::Nothing
            }
            kind::TEXTS => Body::Texts(self.texts()),
            kind::LIST | kind::EXPRESSIONS => self.list(deeper),
            kind::CODE => {
                self.int();
                self.code(deeper);
                Body::Nothing
            }
            kind::POINTER => {
                self.known.push(None);
                self.object(deeper);
                self.object(deeper);
                Body::Nothing
            }
            kind::WEAK => {
                self.known.push(None);
                Body::Nothing
            }
            kind::S4 => Body::Nothing,
            _ => {
                self.stop(End::Damaged(DAMAGED));
                Body::Nothing
            }
        };
        let attributes =
            if flags & HAS_ATTRIBUTES == 0 { Vec::new() } else { self.attributes(deeper) };
        Object { body, attributes }
    }

    fn list(&mut self, depth: usize) -> Body {
        let mut list = Vec::new();
        for _ in 0..self.length() {
            let object = self.object(depth);
            self.hold(size_of::<Object>());
            list.push(object);
            if self.ends() {
                break;
            }
        }
        Body::List(list)
    }

    fn whole_numbers(&mut self) -> Vec<i32> {
        let mut numbers = Vec::new();
        for _ in 0..self.length() {
            let number = self.int();
            self.hold(size_of::<i32>());
            if self.ends() {
                break;
            }
            numbers.push(number);
        }
        numbers
    }

    fn numbers(&mut self) -> Vec<f64> {
        let mut numbers = Vec::new();
        for _ in 0..self.length() {
            let number = self.double();
            self.hold(size_of::<f64>());
            if self.ends() {
                break;
            }
            numbers.push(number);
        }
        numbers
    }

    fn texts(&mut self) -> Texts {
        let (mut texts, mut text) = (Texts::default(), Vec::new());
        for _ in 0..self.length() {
            self.text_with_flags(&mut text);
            if self.ends() {
                break;
            }
            texts.push(&text);
        }
        texts
    }

    /// A text behind its flags, alone.
    fn text(&mut self) -> Texts {
        let (mut texts, mut text) = (Texts::default(), Vec::new());
        self.letters(&mut text);
        texts.push(&text);
        texts
    }

    fn text_with_flags(&mut self, into: &mut Vec<u8>) {
        let flags = self.int();
        into.clear();
        match flags & 0xFF {
            kind::TEXT => self.letters(into),
            254 => {}
            _ => self.stop(End::Damaged(DAMAGED)),
        }
        if flags & HAS_ATTRIBUTES != 0 {
            self.stop(End::Damaged(DAMAGED));
        }
    }

    /// The letters of a text; none where it is missing.
    fn letters(&mut self, into: &mut Vec<u8>) {
        into.clear();
        let length = self.int();
        let Ok(length) = usize::try_from(length) else { return };
        self.hold(length.saturating_add(size_of::<usize>()));
        if !self.ends()
            && let Err(stop) = self.stream.letters(length, into)
        {
            self.stop(End::Damaged(stop));
        }
    }

    fn symbol(&mut self) -> Object {
        let mut name = Vec::new();
        self.text_with_flags(&mut name);
        let name: Rc<str> = String::from_utf8_lossy(&name).into();
        self.hold(size_of::<Rc<str>>());
        self.known.push(Some(name.clone()));
        Object { body: Body::Symbol(name), attributes: Vec::new() }
    }

    /// What is referred to by its number, from 1.
    fn again(&mut self, flags: i32) -> Object {
        let number = match flags >> 8 {
            0 => self.int(),
            number => number,
        };
        let known = usize::try_from(number).ok().and_then(|n| self.known.get(n.checked_sub(1)?));
        let body = known.cloned().flatten().map_or(Body::Nothing, Body::Symbol);
        Object { body, attributes: Vec::new() }
    }

    fn attributes(&mut self, depth: usize) -> Vec<(Rc<str>, Object)> {
        let pairs = self.object(depth);
        let names: Vec<Rc<str>> =
            pairs.texts("names").into_iter().flat_map(Texts::iter).map(Rc::from).collect();
        let Body::List(values) = pairs.body else { return Vec::new() };
        names.into_iter().zip(values).collect()
    }

    /// A chain of pairs behind the flags of the first, as a list with names. Of code only texts are kept.
    fn pairs(&mut self, mut flags: i32, depth: usize) -> Object {
        let (mut values, mut names) = (Vec::new(), Texts::default());
        let is_code = matches!(flags & 0xFF, kind::FUNCTION | kind::CALL);
        loop {
            let is_pair = matches!(
                flags & 0xFF,
                kind::PAIRS | kind::FUNCTION | kind::PROMISE | kind::CALL | kind::DOTS
            );
            let mut name: Rc<str> = "".into();
            if is_pair && flags & HAS_ATTRIBUTES != 0 {
                self.object(depth);
            }
            if is_pair
                && flags & HAS_TAG != 0
                && let Body::Symbol(tag) = self.object(depth).body
            {
                name = tag;
            }
            let value = if is_pair { self.object(depth) } else { self.behind(flags, depth) };
            let is_kept = match &value.body {
                Body::Nothing => is_pair && !is_code,
                Body::Texts(_) => true,
                Body::List(list) => !is_code || !list.is_empty(),
                _ => !is_code,
            };
            if is_kept {
                self.hold(size_of::<Object>() + size_of::<usize>() + name.len());
                values.push(value);
                names.push(name.as_bytes());
            }
            if self.ends() || !is_pair {
                return Object::list(values, names);
            }
            flags = self.int();
        }
    }

    /// Whether it is locked, what stands round it, what it holds, in one list or in many, and what is told of it.
    fn environment(&mut self, depth: usize) -> Object {
        self.int();
        self.known.push(None);
        let around = self.object(depth);
        let frame = self.object(depth);
        let table = self.object(depth);
        let told = self.object(depth);
        let (mut values, mut names) = (Vec::new(), Texts::default());
        let parts = match table.body {
            Body::List(parts) => parts,
            _ => Vec::new(),
        };
        for part in [around, frame, told].into_iter().chain(parts) {
            let its_names = part.texts("names").into_iter().flat_map(Texts::iter);
            its_names.for_each(|name| names.push(name.as_bytes()));
            if let Body::List(its_values) = part.body {
                values.extend(its_values);
            }
        }
        Object::list(values, names)
    }

    /// A vector that is not written as such: its class, what makes it, and what is told of it.
    fn other_form(&mut self, depth: usize) -> Object {
        let class = self.object(depth);
        let state = self.object(depth);
        let attributes = self.attributes(depth);
        let class = match class.body {
            Body::List(parts) => parts.into_iter().next().map(|part| part.body),
            _ => None,
        };
        let Some(Body::Symbol(class)) = class else { return Object::default() };
        let body = match (&*class, state.body) {
            ("compact_intseq" | "compact_realseq", Body::Numbers(told)) => self.sequence(&told),
            ("deferred_string", Body::List(parts)) => {
                let of = parts.into_iter().next().unwrap_or_default();
                self.shown(&of)
            }
            (wrap, Body::List(parts)) if wrap.starts_with("wrap_") => {
                let mut inner = parts.into_iter().next().unwrap_or_default();
                inner.attributes.extend(attributes);
                return inner;
            }
            _ => Body::Nothing,
        };
        Object { body, attributes }
    }

    /// Numbers of the same distance: how many there are, the first, and the distance.
    fn sequence(&mut self, told: &[f64]) -> Body {
        let &[count, first, step] = told else { return Body::Nothing };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        let length = count as usize;
        self.hold(length.saturating_mul(size_of::<f64>()));
        if self.ends() {
            return Body::Nothing;
        }
        let mut next = first;
        let numbers = (0..length).map(|_| {
            let number = next;
            next += step;
            number
        });
        Body::Numbers(numbers.collect())
    }

    /// The texts that numbers are shown as.
    fn shown(&mut self, of: &Object) -> Body {
        let mut texts = Texts::default();
        let look = tables::Look::of(of);
        for i in 0..tables::length(of) {
            let text = look.shown(of, i);
            self.hold(text.len() + size_of::<usize>());
            if self.ends() {
                break;
            }
            texts.push(text.as_bytes());
        }
        Body::Texts(texts)
    }

    /// Code that was compiled, which is passed over: its bytes, and the objects in it.
    fn code(&mut self, depth: usize) {
        if depth > DEEPEST {
            self.stop(End::Damaged(DAMAGED));
        }
        self.object(depth);
        for _ in 0..self.length() {
            match self.int() {
                _ if self.ends() => return,
                kind::CODE => self.code(depth + 1),
                of => self.calls(of, depth + 1),
            }
        }
    }

    /// A chain of pairs in compiled code, or another object there.
    fn calls(&mut self, mut of: i32, depth: usize) {
        if depth > DEEPEST {
            self.stop(End::Damaged(DAMAGED));
        }
        while !self.ends() {
            if of == kind::CODE_FIRST {
                self.int();
                of = self.int();
            }
            match of {
                kind::CODE_AGAIN => {
                    self.int();
                    return;
                }
                kind::PAIRS | kind::CALL | kind::PAIRS_WITH | kind::CALL_WITH => {
                    if of > kind::CALL {
                        self.object(depth);
                    }
                    self.object(depth);
                    let first = self.int();
                    self.calls(first, depth + 1);
                    of = self.int();
                }
                // In chains the kind comes before the flags, which tell it again.
                _ => {
                    self.object(depth);
                    return;
                }
            }
        }
    }
}
