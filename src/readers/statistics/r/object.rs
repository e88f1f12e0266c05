//! Objects of R in memory: vectors, lists, and what is told of them.

use std::rc::Rc;

use crate::readers::office::codepage::CodePage;

/// Texts one behind the other, and where each ends. Those that are missing are empty.
#[derive(Debug, Default)]
pub struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// One of them.
    pub fn get(&self, i: usize) -> Option<&str> {
        let start =
            i.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        std::str::from_utf8(self.bytes.get(start..*self.ends.get(i)?)?).ok()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i).unwrap_or_default())
    }

    /// Adds one, in UTF-8 or in the letters of Windows.
    pub fn push(&mut self, text: &[u8]) {
        match std::str::from_utf8(text) {
            Ok(_) => self.bytes.extend_from_slice(text),
            Err(_) => self.bytes.extend(CodePage::numbered(1252).decode(text).bytes()),
        }
        self.ends.push(self.bytes.len());
    }
}

/// What an object holds.
#[derive(Debug, Default)]
pub enum Body {
    /// Nothing that is handed on.
    #[default]
    Nothing,
    /// A name in code.
    Symbol(Rc<str>),
    /// Texts.
    Texts(Texts),
    /// Whole numbers, of which the least is none.
    Whole(Vec<i32>),
    /// The same, for true and false.
    Truths(Vec<i32>),
    /// Numbers.
    Numbers(Vec<f64>),
    /// Other objects.
    List(Vec<Object>),
}

/// An object.
#[derive(Debug, Default)]
pub struct Object {
    /// What it holds.
    pub body: Body,
    /// What is told of it, by name.
    pub attributes: Vec<(Rc<str>, Object)>,
}

impl Object {
    /// What is told of it under a name.
    pub fn attribute(&self, name: &str) -> Option<&Object> {
        self.attributes.iter().find(|a| &*a.0 == name).map(|a| &a.1)
    }

    /// The texts that are told of it under a name.
    pub fn texts(&self, name: &str) -> Option<&Texts> {
        match &self.attribute(name)?.body {
            Body::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    /// Whether it is of a class.
    pub fn is(&self, class: &str) -> bool {
        self.texts("class").is_some_and(|classes| classes.iter().any(|c| c == class))
    }

    /// A list with names.
    pub fn list(values: Vec<Object>, names: Texts) -> Object {
        let names = Object { body: Body::Texts(names), attributes: Vec::new() };
        Object { body: Body::List(values), attributes: vec![("names".into(), names)] }
    }
}
