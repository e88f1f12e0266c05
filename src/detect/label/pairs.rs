//! Pairs of a name and a value in running text: in lines of logs, in code, in addresses of pages, in connection strings,
//! and elements of messages.

use std::ops::Range;

use super::{LABEL, VALUE, is_echo, trimmed};
use crate::bytes::table;
use crate::unit::CELL_END;

/// What ends the value of a pair, and of one in a list.
static ENDS_PAIR: [bool; 256] = table(b",;&(){}[]\"'<>=|\n\r\t");
static ENDS_LISTED: [bool; 256] = table(b"&;\"'<>`\\(){}|\x1E \t\n\r\x0C");

/// What `known` tells of the name in a pair with this sign, and the place of its value: `lastName=Nordmann` and
/// `"lastName":"Nordmann"`, as lines of logs have them. Code puts calls and quotes behind the sign, and names in small
/// letters.
pub fn pair<L>(
    text: &[u8],
    sign: usize,
    known: impl Fn(&str) -> Option<L>,
) -> Option<(L, Range<usize>)> {
    let (end, start) = pair_sides(text, sign)?;
    let key =
        text[end.saturating_sub(LABEL)..end].iter().rev().take_while(|b| is_of_key(b)).count();
    let key = std::str::from_utf8(&text[end - key..end]).ok()?;
    let label = Some(key).filter(|key| key.len() > 2).and_then(known)?;
    let rest = &text[start..text.len().min(start + VALUE)];
    let ends = |b: &u8| ENDS_PAIR[usize::from(*b)];
    let mut length = rest.iter().position(ends).unwrap_or(rest.len());
    let is_quoted = matches!(text[start - 1], b'"' | b'\'');
    match before_pair(&rest[..length]) {
        Some(before) if !is_quoted && is_sign(rest, length) => length = before,
        _ => {}
    }
    // What code puts behind a quotation mark is a text.
    let is_call = matches!(rest.get(length), Some(b'(' | b'[' | b'='))
        || is_quoted && rest.get(length) != Some(&text[start - 1]);
    let value = trimmed(text, start, start + length);
    let tells = !is_call && !value.is_empty() && !is_echo(key.as_bytes(), &text[value.clone()]);
    tells.then_some((label, value))
}

/// What `known` tells of the name of an element that ends with this `<` in running text, and the place of what it holds:
/// `body <firstName>Kari</firstName>`, as logs have messages.
pub fn element<L>(
    text: &[u8],
    sign: usize,
    known: impl FnOnce(&str) -> Option<L>,
) -> Option<(L, Range<usize>)> {
    let name = text[sign + 1..].strip_prefix(b"/")?;
    let from = sign.saturating_sub(VALUE);
    let start = from + memchr::memrchr(b'>', &text[from..sign])? + 1;
    let first = text[start..sign].first()?;
    if first.is_ascii() && !first.is_ascii_uppercase() {
        return None;
    }
    let is_of_names = |b: &&u8| is_of_key(b) || matches!(b, b':' | b'.');
    let name = &name[..name.iter().take(LABEL).take_while(is_of_names).count()];
    let opened = text[..start - 1].strip_suffix(name)?;
    let local = &name[memchr::memrchr(b':', name).map_or(0, |colon| colon + 1)..];
    let told =
        std::str::from_utf8(local).ok().filter(|key| key.len() > 2 && opened.ends_with(b"<"));
    let value = trimmed(text, start, sign);
    told.filter(|_| !value.is_empty()).and_then(known).map(|told| (told, value))
}

/// What `known` tells of the name in a pair with this sign, and the place of its value, in a list of pairs: the query of
/// an address (`?user=kari&password=…`), a connection string (`Server=…;Password=…;`), a line of a log
/// (`user=kari password=…`) or of a note (`user: kari password: …`). The value has a digit or a sign, as secrets have and
/// most words of code have not.
pub fn in_list<L>(
    text: &[u8],
    sign: usize,
    known: impl FnOnce(&str) -> Option<L>,
) -> Option<(L, Range<usize>)> {
    /// Bytes of the shortest secret with a digit.
    const SHORTEST: usize = 6;
    // Most signs stand in code, whose names have something else before them.
    let (before, key) = key_before(text, sign);
    let may_be_listed = matches!(before, [.., b'?' | b'&' | b';' | b' ']) && !key.is_empty();
    if !may_be_listed {
        return None;
    }
    let is_behind_blank = text[sign] == b':' && text.get(sign + 1) == Some(&b' ');
    let start = sign + 1 + usize::from(is_behind_blank);
    let ends = |b: &u8| ENDS_LISTED[usize::from(*b)];
    let rest = &text[start..text.len().min(start + VALUE)];
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let value = &rest[..length];
    // Numbers stand behind blanks in all logs.
    let is_apart = before.ends_with(b" ") && !before.ends_with(b"; ");
    let is_number = || !value.iter().any(u8::is_ascii_alphabetic);
    let is_word = value.iter().all(u8::is_ascii_alphabetic);
    if length < SHORTEST || is_word || is_apart && is_number() {
        return None;
    }
    if matches!(rest.get(length), Some(b'(' | b'{' | b'\\' | b'`')) {
        return None;
    }
    // Most keys tell nothing.
    let told = std::str::from_utf8(key).ok().and_then(known)?;
    let is_listed = match before {
        _ if text[sign] == b':' => is_behind_blank,
        [.., b'?' | b'&'] => true,
        [.., b';'] | [.., b';', b' '] => before.ends_with(b"&amp;") || is_connection(text, sign),
        _ => is_of_log(text, sign),
    };
    is_listed.then(|| (told, start..start + length))
}

/// What `known` tells of the name in a pair with this sign, and the place of its value, where that is a word in a line
/// of a log: `login ok user=kari ip=…`.
pub fn user_in_log<L>(
    text: &[u8],
    sign: usize,
    known: impl FnOnce(&str) -> Option<L>,
) -> Option<(L, Range<usize>)> {
    let (before, key) = key_before(text, sign);
    if !matches!(before, [.., b' ' | b',' | b'[']) || key.len() < 3 {
        return None;
    }
    let rest = &text[sign + 1..text.len().min(sign + 1 + VALUE)];
    let quote = usize::from(rest.first() == Some(&b'"'));
    if !rest.get(quote).is_some_and(|b| b.is_ascii_alphabetic() || !b.is_ascii()) {
        return None;
    }
    let told = std::str::from_utf8(key).ok().and_then(known)?;
    let ends =
        |b: &u8| matches!(b, b'"' | b',' | b';' | b']' | &CELL_END) || b.is_ascii_whitespace();
    let length = rest[quote..].iter().position(ends).unwrap_or(rest.len() - quote);
    let start = sign + 1 + quote;
    is_of_log(text, sign).then(|| (told, start..start + length))
}

/// Whether the key of a pair stands right before a sign: code mostly has a blank there.
#[must_use]
pub fn has_key(text: &[u8], sign: usize) -> bool {
    text[..sign].last().is_some_and(is_of_key)
}

fn is_of_key(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// What stands right before a sign: the key of a pair, and what is before that.
pub(in super::super) fn key_before(text: &[u8], sign: usize) -> (&[u8], &[u8]) {
    let window = &text[sign.saturating_sub(LABEL)..sign];
    let key = window.iter().rev().take_while(|b| is_of_key(b)).count();
    window.split_at(window.len() - key)
}

/// Whether a pair with this sign stands in a line of a log, which begins with the time.
fn is_of_log(text: &[u8], sign: usize) -> bool {
    /// Bytes at the start of the line in which the time of day ends.
    const TIME: usize = 28;
    let from = memchr::memrchr2(b'\n', CELL_END, &text[..sign]).map_or(0, |at| at + 1);
    let line = text[from..sign].trim_ascii_start();
    let line = line.strip_prefix(b"[").unwrap_or(line);
    let is_clock = |w: &[u8]| {
        matches!(
            w,
            [b'0'..=b'2', b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9', b':', b'0'..=b'5', _]
        )
    };
    line[..line.len().min(TIME)].windows(8).any(is_clock)
}

/// Whether a pair with this sign is one of a connection string: the place of a server or the name of a user stands
/// before it.
fn is_connection(text: &[u8], sign: usize) -> bool {
    /// What comes first in connection strings.
    const NAMES: &[&str] = &[
        "server",
        "host",
        "data source",
        "datasource",
        "database",
        "initial catalog",
        "user id",
        "uid",
        "user",
        "username",
        "userid",
        "address",
        "addr",
        "endpoint",
        "accountname",
        "driver",
        "accountendpoint",
        "port",
    ];
    let ends = |b: &u8| matches!(b, b'\n' | b'\r' | b'"' | b'\'' | b'<' | b'>' | &CELL_END);
    let window = &text[sign.saturating_sub(2 * VALUE)..sign];
    let from = window.iter().rposition(ends).map_or(0, |at| at + 1);
    window[from..].split(|b| *b == b';').any(|pair| {
        let name = memchr::memchr(b'=', pair).map(|at| pair[..at].trim_ascii());
        name.is_some_and(|name| NAMES.iter().any(|n| name.eq_ignore_ascii_case(n.as_bytes())))
    })
}

/// Whether the sign of a pair stands here, and no comparison.
fn is_sign(text: &[u8], at: usize) -> bool {
    text.get(at) == Some(&b'=') && text.get(at + 1) != Some(&b'=')
}

/// How far the value goes that stands before the key of a further pair, with which a text ends: `Emily lastName`.
fn before_pair(text: &[u8]) -> Option<usize> {
    let key = text.iter().rev().take_while(|b| is_of_key(b)).count();
    let before = &text[..text.len() - key];
    (key > 0 && before.ends_with(b" ")).then_some(before.len())
}

/// Whether the key of a pair and its value, which has quotation marks, stand apart from the sign: `Name = "Kari"`,
/// `'name' => 'Kari'`.
#[must_use]
pub fn is_apart(text: &[u8], sign: usize) -> bool {
    match text[sign + 1..] {
        [b'>', b'"' | b'\'', ..] | [b'>', b' ', b'"' | b'\'', ..] => true,
        [b' ', b'"' | b'\'', ..] => text[..sign].ends_with(b" "),
        _ => false,
    }
}

/// Where the key of a pair ends and its value starts, if its value starts as a name does.
fn pair_sides(text: &[u8], sign: usize) -> Option<(usize, usize)> {
    let is_mark = |at: usize| matches!(text.get(at), Some(b'"' | b'\''));
    let (end, start) = match text[sign] {
        b'=' if is_apart(text, sign) => {
            let arrow = sign + 1 + usize::from(text[sign + 1] == b'>');
            let start = arrow + usize::from(text.get(arrow) == Some(&b' '));
            let end = sign - usize::from(text[..sign].ends_with(b" "));
            let end = end - usize::from(end > 0 && is_mark(end - 1));
            (end, start + usize::from(is_mark(start)))
        }
        b'=' => (sign, sign + 1 + usize::from(is_mark(sign + 1))),
        _ if sign > 0 && text[sign - 1] == b'"' && text.get(sign + 1) == Some(&b'"') => {
            (sign - 1, sign + 2)
        }
        _ => return None,
    };
    let first = text.get(start)?;
    (first.is_ascii_uppercase() || !first.is_ascii()).then_some((end, start))
}
