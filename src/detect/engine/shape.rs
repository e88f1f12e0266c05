//! What a pattern's own syntax tells: whether it is one, where its digits stand, which byte drives it.

use anyhow::{Result, bail};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind,
};

use super::MAX_MATCH;
use super::anchors::without_anchors;
use crate::unit::CELL_END;

/// Parses one pattern and takes the anchors off its ends and the cell mark out of its classes.
///
/// # Errors
/// Not a regular expression, anchors elsewhere, or matches without a bound.
pub fn parse(pattern: &str) -> Result<Hir> {
    let config = syntax::Config::new().unicode(false).utf8(false);
    let hir = syntax::parse_with(pattern, &config)
        .map_err(|e| anyhow::anyhow!("`pattern` is not understood: {e}{}", hint(&e)))?;
    let hir = without_anchors(hir)?;
    let hir = if is_free_of_cell_end(&hir) { hir } else { without_cell_end(&hir) };
    let properties = hir.properties();
    match properties.maximum_len() {
        Some(n) if n <= MAX_MATCH => {}
        _ => bail!(
            "`pattern` must have an end: matches of at most {MAX_MATCH} bytes, so write {{0,50}} rather than *"
        ),
    }
    if properties.minimum_len().unwrap_or(0) == 0 {
        bail!("`pattern` matches the empty text");
    }
    Ok(hir)
}

/// What to write in place of a class with letters beyond ASCII.
fn hint(e: &regex_syntax::Error) -> &'static str {
    use regex_syntax::hir::ErrorKind;
    match e {
        regex_syntax::Error::Translate(e) if *e.kind() == ErrorKind::UnicodeNotAllowed => {
            "\npatterns are of bytes: \\p{Lu} is a capital of Europe's alphabets, and beside a class such letters stand as they \
             are: (?:[a-z]|æ|ø|å)"
        }
        _ => "",
    }
}

/// Whether no class holds the mark between cells, and nothing is captured: most patterns are as they should be.
fn is_free_of_cell_end(hir: &Hir) -> bool {
    let end = char::from(CELL_END);
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            !class.iter().any(|range| (range.start()..=range.end()).contains(&CELL_END))
        }
        HirKind::Class(Class::Unicode(class)) => {
            !class.iter().any(|range| (range.start()..=range.end()).contains(&end))
        }
        HirKind::Repetition(repetition) => is_free_of_cell_end(&repetition.sub),
        HirKind::Capture(_) => false,
        HirKind::Concat(list) | HirKind::Alternation(list) => list.iter().all(is_free_of_cell_end),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => true,
    }
}

fn without_cell_end(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            let mut class = class.clone();
            class.difference(&ClassBytes::new([ClassBytesRange::new(CELL_END, CELL_END)]));
            Hir::class(Class::Bytes(class))
        }
        HirKind::Class(Class::Unicode(class)) => {
            let end = char::from(CELL_END);
            let mut class = class.clone();
            class.difference(&ClassUnicode::new([ClassUnicodeRange::new(end, end)]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Repetition(r) => {
            let mut r = r.clone();
            r.sub = Box::new(without_cell_end(&r.sub));
            Hir::repetition(r)
        }
        HirKind::Capture(c) => without_cell_end(&c.sub),
        HirKind::Concat(list) => Hir::concat(list.iter().map(without_cell_end).collect()),
        HirKind::Alternation(list) => Hir::alternation(list.iter().map(without_cell_end).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => hir.clone(),
    }
}

/// How a byte drives a pattern.
pub struct Drive {
    /// The byte.
    pub byte: u8,
    /// What stands before it, the bytes that can, and how many.
    pub lead: Hir,
    pub before: [bool; 256],
    pub longest: usize,
    /// The byte and the rest.
    pub rest: Hir,
}

/// The byte that drives a pattern: the first single literal of a concatenation after a part of variable
/// and considerable length which cannot hold that byte itself. What begins with a few bytes that are told is found by
/// those.
pub fn driving_byte(hir: &Hir) -> Option<Drive> {
    /// Bytes that are few enough where they stand one behind the other.
    const TOLD: usize = 3;
    let HirKind::Concat(parts) = hir.kind() else { return None };
    if matches!(parts[0].kind(), HirKind::Literal(literal) if literal.0.len() >= TOLD) {
        return None;
    }
    let mut before = [false; 256];
    let (mut shortest, mut longest) = (0, 0);
    for (i, part) in parts.iter().enumerate() {
        if let HirKind::Literal(literal) = part.kind()
            && let [byte, ..] = *literal.0
            && byte.is_ascii()
            && !byte.is_ascii_alphanumeric()
            && longest >= shortest + 16
            && !before[byte as usize]
        {
            let (lead, rest) = parts.split_at(i);
            let [lead, rest] = [lead, rest].map(|list| Hir::concat(list.to_vec()));
            return Some(Drive { byte, lead, before, longest, rest });
        }
        shortest += part.properties().minimum_len()?;
        longest += part.properties().maximum_len()?;
        bytes_of(part, &mut before);
    }
    None
}

/// How many bytes of a match stand before its first digit at most, if every match has one.
pub fn first_digit(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Literal(l) => l.0.iter().position(u8::is_ascii_digit),
        HirKind::Class(Class::Bytes(c)) => {
            c.iter().all(|r| r.start().is_ascii_digit() && r.end().is_ascii_digit()).then_some(0)
        }
        HirKind::Repetition(r) if r.min > 0 => first_digit(&r.sub),
        HirKind::Capture(c) => first_digit(&c.sub),
        HirKind::Alternation(list) => {
            list.iter().map(first_digit).try_fold(0, |most, at| Some(most.max(at?)))
        }
        HirKind::Concat(list) => {
            let mut before = 0;
            for part in list {
                if let Some(at) = first_digit(part) {
                    return Some(before + at);
                }
                before += part.properties().maximum_len()?;
            }
            None
        }
        _ => None,
    }
}

/// Adds every byte that a match of this expression can hold.
fn bytes_of(hir: &Hir, set: &mut [bool; 256]) {
    match hir.kind() {
        HirKind::Literal(l) => l.0.iter().for_each(|&b| set[b as usize] = true),
        HirKind::Class(Class::Bytes(c)) => c.iter().for_each(|r| {
            set[r.start() as usize..=r.end() as usize].fill(true);
        }),
        HirKind::Class(Class::Unicode(c)) => c.iter().for_each(|r| {
            let (a, b) = (r.start() as usize, (r.end() as usize).min(127));
            if a <= b {
                set[a..=b].fill(true);
            }
            if r.end() as usize > 127 {
                set[128..].fill(true);
            }
        }),
        HirKind::Repetition(r) => bytes_of(&r.sub, set),
        HirKind::Capture(c) => bytes_of(&c.sub, set),
        HirKind::Concat(list) | HirKind::Alternation(list) => {
            list.iter().for_each(|h| bytes_of(h, set));
        }
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// Whether a whole text has the shape of a pattern, for `patterns try`.
///
/// # Errors
/// As [`parse`].
pub fn is_whole(pattern: &str, text: &[u8]) -> Result<bool> {
    let hir = parse(pattern)?;
    let regex = regex_automata::meta::Regex::builder()
        .configure(regex_automata::meta::Config::new().utf8_empty(false).match_kind(MatchKind::All))
        .build_from_hir(&hir)?;
    let input = Input::new(text).anchored(Anchored::Yes);
    let mut longest = None;
    if let Some(m) = regex.search(&input) {
        longest = Some(m.end());
    }
    Ok(longest == Some(text.len()))
}
