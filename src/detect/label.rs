//! Labels in running text: `Navn: Kari Nordmann`, `Date of birth: 1985-03-12`, as forms and letters have them. Pairs as logs
//! have them (`lastName=Nordmann`) lie in `pairs`.

mod pairs;

use std::ops::Range;

use super::lower::is_capitalised;
use crate::unit::CELL_END;

pub(super) use self::pairs::key_before;
pub use self::pairs::{element, has_key, in_list, is_apart, pair, user_in_log};

/// Longest label in bytes.
const LABEL: usize = 40;
/// Longest value in bytes.
const VALUE: usize = 160;

/// What of the text behind a label is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it, or the first of several parts.
    First,
    /// A further one: what it is has to tell by itself.
    Further,
    /// All of it, behind what is no label by its form: what it is has to tell by itself.
    Alone,
    /// The first two, with the comma between: a family name and a given name.
    Pair,
}

/// Calls `found` with what `known` tells of the label before a colon, and the place of what stands behind it: first all
/// of it, then, where `found` does not take that, what stands between its commas. A label that `known` tells nothing of
/// is passed over. Gives whether it tells something.
pub fn behind<L>(
    text: &[u8],
    colon: usize,
    known: impl Fn(&str) -> Option<L>,
    mut found: impl FnMut(&L, Range<usize>, Part) -> bool,
) -> bool {
    let Some((start, part)) = value_start(text, colon) else { return false };
    let mut labels = LABELS.iter().filter_map(|dots| label(text, colon, *dots));
    let Some((name, label)) = labels.find_map(|label| Some((label, known(label)?))) else {
        return false;
    };
    let room = &text[start..text.len().min(start + VALUE)];
    if closes_string(room) {
        return true;
    }
    let inner = quoted(room, |next| {
        matches!(next, b"" | [b',' | b';' | b')' | b'}' | b']' | b'\n' | b'\r', ..])
    });
    let (start, room) = match inner {
        Some(inner) => (start + inner.start, &room[inner]),
        None => (start, room),
    };
    let end = start + value_length(room);
    if is_call(text, end) {
        return true;
    }
    let end = start + inside_string(&text[start..end]);
    let whole = trimmed(text, start, end);
    if is_blank_form(&text[whole.clone()]) {
        return true;
    }
    if is_echo(name.as_bytes(), &text[whole.clone()]) {
        return true;
    }
    let is_taken = !whole.is_empty() && found(&label, whole.clone(), part);
    if part == Part::Alone {
        return true;
    }
    let list = &room[..list_length(room)];
    let mut parts = parts(list).map(|p| trimmed(text, start + p.start, start + p.end)).peekable();
    let mut first = parts.next();
    if let (Some(one), Some(two), false) = (&first, parts.peek(), is_taken) {
        let pair = one.start..two.end;
        if pair != whole && text[one.end..two.start] == *b", " && found(&label, pair, Part::Pair) {
            (first, _) = (None, parts.next());
        }
    }
    if let Some(first) = first.filter(|p| !is_taken && !p.is_empty() && *p != whole) {
        found(&label, first, Part::First);
    }
    for part in parts.filter(|p| !p.is_empty() && p.start >= whole.start) {
        if !is_taken || part.start >= whole.end {
            found(&label, part, Part::Further);
        }
    }
    true
}

/// Whether the string of code ends right behind a label, and code goes on: `"Password: ", IDC_STATIC`.
fn closes_string(room: &[u8]) -> bool {
    let [b'"' | b'\'', rest @ ..] = room else { return false };
    let rest = rest.trim_ascii_start();
    matches!(rest, [b',' | b')' | b';' | b'+' | b']' | b'}' | b'%', ..])
}

/// How much of a value stands in the string of code that its label stands in, too: `f('Password: hunter2')`.
fn inside_string(value: &[u8]) -> usize {
    let closes = |b: &u8| matches!(b, b')' | b']' | b'}' | b';' | b',' | b' ');
    let behind = value.iter().rev().take_while(|b| closes(b)).count();
    let rest = &value[..value.len() - behind];
    match rest {
        [inner @ .., mark @ (b'"' | b'\'')]
            if value[rest.len()..].contains(&b')') && !inner.contains(mark) =>
        {
            inner.len()
        }
        _ => value.len(),
    }
}

/// Whether a value is a form's choices, of which none is ticked: `□ gift □ ugift`.
fn is_blank_form(value: &[u8]) -> bool {
    const BOXES: [&str; 6] = ["□", "☐", "▢", "❏", "❑", "○"];
    const TICKS: &str = "☑☒✓✔✗✘×■▣●";
    BOXES.iter().any(|empty| value.starts_with(empty.as_bytes()))
        && !String::from_utf8_lossy(value).contains(|c| TICKS.contains(c))
}

/// Whether a value that ends here is the name of what code calls: `fields.char(`. People write a blank before brackets.
fn is_call(text: &[u8], end: usize) -> bool {
    let name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    text.get(end) == Some(&b'(') && text[..end].last().is_some_and(name)
}

/// How far a list behind a label goes: to the end of its line, cell or column.
fn list_length(rest: &[u8]) -> usize {
    let ends = |b: u8| matches!(b, b'\n' | b'\r' | b'\t' | b'|' | b'<' | CELL_END);
    let end = rest.iter().position(|&b| ends(b)).unwrap_or(rest.len());
    column_length(&rest[..end])
}

/// How far the column goes that a text begins with: to two blanks.
fn column_length(text: &[u8]) -> usize {
    text.windows(2).position(|pair| pair == b"  ").unwrap_or(text.len())
}

/// Small words between the last two of a list, each behind a blank.
const AND: &[&[u8]] = &[
    b"und ",
    b"and ",
    b"og ",
    b"och ",
    b"et ",
    b"en ",
    b"ja ",
    b"oraz ",
    b"e ",
    b"y ",
    b"i ",
    b"a ",
    b"\xC8\x99i ",
    b"\xC3\xA9s ",
    b"un ",
    b"ir ",
    b"in ",
    b"\xD0\xB8 ",
    b"\xCE\xBA\xCE\xB1\xCE\xB9 ",
    b"& ",
];

/// Where in a text a small word stands between two of a list, with the blank before it, and how long both are: the one
/// that comes first in the list of them.
fn and(text: &[u8]) -> Option<(usize, usize)> {
    let of = |at: usize| {
        let number = AND.iter().position(|and| text[at + 1..].starts_with(and))?;
        Some((number, at))
    };
    let (number, at) = memchr::memchr_iter(b' ', text).filter_map(of).min()?;
    Some((at, AND[number].len() + 1))
}

/// The parts of a list, without what stands in brackets behind them.
fn parts(list: &[u8]) -> impl Iterator<Item = Range<usize>> {
    /// Longer lists are cut.
    const MANY: usize = 24;
    let mut at = 0;
    let entries = std::iter::from_fn(move || {
        let rest = list.get(at..).filter(|rest| !rest.is_empty())?;
        let length = entry_length(rest);
        let entry = at..at + length;
        at += length + 1;
        Some(entry)
    });
    let mut is_inside = false;
    let bare = entries.filter_map(move |entry| {
        let text = &list[entry.clone()];
        let (was_inside, open) = (is_inside, memchr::memchr(b'(', text));
        is_inside = match memchr::memrchr2(b'(', b')', text) {
            Some(last) => text[last] == b'(',
            None => was_inside,
        };
        (!was_inside).then(|| entry.start..open.map_or(entry.end, |open| entry.start + open))
    });
    bare.flat_map(move |entry| {
        let text = &list[entry.clone()];
        let (first, second) = match and(text) {
            Some((at, length)) => {
                let at = entry.start + at;
                (entry.start..at, Some(at + length..entry.end))
            }
            None => (entry, None),
        };
        std::iter::once(first).chain(second)
    })
    .take(MANY)
}

/// How far an entry goes that a list begins with: to a comma or semicolon, but for the comma in a number.
fn entry_length(list: &[u8]) -> usize {
    let is_digit =
        |at: Option<usize>| at.and_then(|at| list.get(at)).is_some_and(u8::is_ascii_digit);
    let ends =
        |at: &usize| !(list[*at] == b',' && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)));
    memchr::memchr2_iter(b',', b';', list).find(ends).unwrap_or(list.len())
}

/// Where a family name, a comma and a given name stand before words for a birth and the date of it, commas between:
/// `Müller, Sabine, geb. 12.03.1965`.
pub fn turned_before(text: &[u8], date: usize) -> Option<Range<usize>> {
    /// Bytes between the name and the date, and of the name.
    const WORDS: usize = 20;
    const NAME: usize = 48;
    let before = &text[date.saturating_sub(WORDS)..date];
    let at = memchr::memrchr(b',', before)?;
    let words = &before[at + 1..];
    // Behind a mere comma dates are of anything.
    if !words.iter().any(u8::is_ascii_lowercase) || words.contains(&b'\n') {
        return None;
    }
    let end = date - before.len() + at;
    let from = end.saturating_sub(NAME);
    let given = from + memchr::memrchr(b',', &text[from..end])?;
    let is_part = |b: &u8| b.is_ascii_alphabetic() || !b.is_ascii() || matches!(b, b'-' | b'\'');
    let family = text[from..given].iter().rev().take_while(|b| is_part(b)).count();
    let name = given - family..end;
    let is_near = text.get(given + 1) == Some(&b' ') && family > 1;
    (is_near && !text[name.clone()].contains(&b'\n')).then_some(name)
}

/// The first part of what may be a list.
pub fn first_part(list: &[u8]) -> Range<usize> {
    let part = parts(list).next().unwrap_or(0..list.len());
    trimmed(list, part.start, part.end)
}

/// Where a value starts: behind blanks, on the colon's line; marks of emphasis are passed over. Where no blank follows, or
/// the value has a line of its own, the label has to begin its line with a capital, as in forms.
fn value_start(text: &[u8], colon: usize) -> Option<(usize, Part)> {
    let rest = &text[colon + 1..];
    let marks = rest.iter().take_while(|b| **b == b'*' || **b == b'_').count();
    let blanks = rest[marks..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let start = colon + 1 + marks + blanks;
    match text.get(start)? {
        b'\n' | b'\r' if marks + blanks < 4 => {
            let next = start + if text[start..].starts_with(b"\r\n") { 2 } else { 1 };
            (begins_line(text, colon) && is_value_line(&text[next..]))
                .then_some((next, Part::Alone))
        }
        b'\n' | b'\r' => None,
        _ if blanks > 0 => (marks + blanks < 24).then_some((start, Part::First)),
        b if b.is_ascii() && !b.is_ascii_alphabetic() => None,
        _ => (marks == 0 && begins_line(text, colon)).then_some((start, Part::Alone)),
    }
}

/// Whether what stands before a colon begins its line with a capital.
fn begins_line(text: &[u8], colon: usize) -> bool {
    let window = &text[colon.saturating_sub(LABEL)..colon];
    let line = match memchr::memrchr2(b'\n', CELL_END, window) {
        Some(end) => &window[end + 1..],
        None if colon <= LABEL => window,
        None => return false,
    };
    line.trim_ascii_start().first().is_some_and(|b| b.is_ascii_uppercase() || *b >= 0xC3)
}

/// Whether a line that a text begins with is a value and nothing else: short, without a colon, and at the margin.
fn is_value_line(text: &[u8]) -> bool {
    /// Bytes of such a line.
    const SHORT: usize = 40;
    let room = &text[..text.len().min(SHORT)];
    let end = memchr::memchr2(b'\n', CELL_END, room);
    let line = end.map_or(room, |end| &room[..end]);
    let begins = line.first().is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii());
    begins && (end.is_some() || text.len() < SHORT) && memchr::memchr(b':', line).is_none()
}

/// Where what stands between quotation marks lies in a text that begins with one, if the mark behind it is followed by
/// what `ends` it. An apostrophe in a word is no such mark.
fn quoted(text: &[u8], ends: impl Fn(&[u8]) -> bool) -> Option<Range<usize>> {
    let mark = *text.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let line = memchr::memchr(b'\n', text).map_or(text, |end| &text[..end]);
    let closes =
        |at: &usize| *at > 0 && line[at - 1] != b'\\' && ends(line[at + 1..].trim_ascii_start());
    let end = memchr::memchr_iter(mark, line).skip(1).find(closes)?;
    let is_one =
        mark == b'"' || line[1..end].windows(2).all(|w| w[0] != mark || w[1].is_ascii_alphabetic());
    (end > 1 && is_one).then_some(1..end)
}

/// How a label is read: from the last full stop on, or with abbreviations in it (`Αρ. κυκλοφορίας`, `Tel. č.`).
const LABELS: [Dots; 2] = [Dots::End, Dots::Abbreviate];

/// What a full stop and a blank are.
#[derive(Clone, Copy, PartialEq)]
enum Dots {
    /// The end of a sentence.
    End,
    /// The end of a word, where that is short.
    Abbreviate,
}

/// Whether the word that ends here has so few letters as abbreviations have.
fn is_short(before: &[u8]) -> bool {
    /// Letters beyond ASCII have two bytes.
    const BYTES: usize = 8;
    let word = before.iter().rev().take_while(|b| b.is_ascii_alphabetic() || !b.is_ascii()).count();
    let letters = before[before.len() - word..].iter().filter(|b| **b & 0xC0 != 0x80).count();
    (1..=BYTES).contains(&word) && letters <= 4
}

/// The words before the colon, back to the start of their sentence or line.
fn label(text: &[u8], colon: usize, dots: Dots) -> Option<&str> {
    let window = &text[colon.saturating_sub(LABEL)..colon];
    if dots == Dots::Abbreviate
        && !memchr::memchr_iter(b'.', window).any(|at| window.get(at + 1) == Some(&b' '))
    {
        return None;
    }
    // The sentence before ends with a full stop, and so do abbreviations: a blank has to follow.
    let ends = |i: &usize| match window[*i] {
        b'.' if dots == Dots::Abbreviate && is_short(&window[..*i]) => false,
        b'.' => window.get(i + 1) == Some(&b' '),
        // A column ends.
        b' ' => window.get(i + 1) == Some(&b' '),
        b => {
            matches!(b, b'\n' | b'\r' | b'\t' | b';' | b',' | b'(' | b'{' | b'|' | b'>' | CELL_END)
        }
    };
    // What stands in brackets behind a label is said of it: `Religion (optional): islam`.
    let window = without_brackets(window);
    let end = (0..window.len()).rev().find(ends);
    let from = end.map_or(0, |i| i + 1 + usize::from(window[i] == b'.'));
    if from == 0 && colon > LABEL {
        return None;
    }
    let label = std::str::from_utf8(&window[from..]).ok()?;
    let is_mark = |c: char| matches!(c, '*' | '_' | '#' | '-' | '.' | '•' | '·');
    let label = label.trim_matches(|c: char| c.is_whitespace() || is_mark(c));
    let label = without_number(label);
    // What stands behind `//` or `/*` is a remark in code: it tells of who wrote it, and of nobody else.
    let remark = label.strip_prefix('/').map(|rest| rest.trim_matches(['/', '*', ' ']));
    let is_told = |word: &str| AUTHORS.iter().any(|a| word.eq_ignore_ascii_case(a));
    let is_label = remark.map_or_else(|| label.chars().any(char::is_alphabetic), is_told);
    is_label.then_some(remark.unwrap_or(label))
}

/// A label without what stands in brackets behind it.
fn without_brackets(label: &[u8]) -> &[u8] {
    let bare = label.trim_ascii_end();
    let open = bare.strip_suffix(b")").and_then(|rest| memchr::memrchr2(b'(', b')', rest));
    match open {
        Some(open) if open > 0 && bare[open] == b'(' && bare[open - 1] == b' ' => &bare[..open],
        _ => label,
    }
}

/// A label without the number or the letter that it has in a form: `2) Religion`.
fn without_number(label: &str) -> &str {
    let Some((number, rest)) = label.split_once(')') else { return label };
    let is_letter = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_alphabetic());
    let is_number =
        |text: &str| text.len() < 4 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match number {
        "" => label,
        number if is_letter(number) || is_number(number) => rest.trim_start(),
        _ => label,
    }
}

/// Labels before names in remarks of code.
const AUTHORS: &[&str] = &["author", "authors", "maintainer"];

/// Words that say what sort of value code takes here.
const TYPES: &[&str] = &[
    "string",
    "str",
    "int",
    "integer",
    "number",
    "bool",
    "boolean",
    "float",
    "double",
    "char",
    "varchar",
    "text",
    "date",
    "any",
    "object",
    "array",
    "list",
    "dict",
    "optional",
    "array_like",
    "ndarray",
    "callable",
    "function",
    "self",
    "this",
    "null",
    "none",
    "undefined",
    "bytes",
    "option",
    "incomplete",
    "unknown",
    "usize",
    "uuid",
    "datetime",
    "buffer",
];

/// Types of numbers, which are codes of illnesses in capitals (`F32`).
const NUMBERS: &[&str] = &["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64"];

/// What code takes values from: `user.name`, `self.login`.
const HOLDERS: &[&str] = &[
    "self", "this", "request", "req", "session", "params", "kwargs", "args", "options", "config",
    "settings", "form", "data", "user", "new_user", "comment", "employee", "emp", "patient",
    "person", "event", "target", "props", "state", "fields", "process", "os", "env",
];

/// Whether a value is a word of code and nothing else: a type, a constant, a part of a known holder.
#[must_use]
pub fn is_type(value: &str) -> bool {
    // What code goes on with: `password: str):`.
    let bare = value.trim_end_matches([')', ':', ',', ';', '=', '?', '|', ']', ' ']);
    is_name_of_type(bare)
        || is_constant(value)
        || is_held(value)
        || is_class(bare)
        || is_annotation(value)
}

fn is_name_of_type(word: &str) -> bool {
    TYPES.iter().any(|t| word.eq_ignore_ascii_case(t)) || NUMBERS.contains(&word)
}

/// Whether a value is a type as annotations and parameters have them: `bytes | None = None`, `&[u8]`, `bytes, name='x'`,
/// `ed25519.PrivateKey, other: int`.
fn is_annotation(value: &str) -> bool {
    let of_type = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let (name, rest) = value.split_at(value.find(|c| !of_type(c)).unwrap_or(value.len()));
    let last = name.rsplit('.').next().unwrap_or(name);
    let signs = [",", "[", "<", "|", ")", "=", " |", " ="];
    let goes_on = rest.is_empty() || signs.iter().any(|sign| rest.starts_with(sign));
    let has_hump = |word: &str| {
        word.as_bytes().windows(2).any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase())
    };
    let is_of_module = || {
        let begins = last.starts_with(|c: char| c.is_ascii_uppercase());
        name.len() > last.len() && begins && has_hump(last)
    };
    value.starts_with("&[")
        || value.starts_with("&'")
        || rest.starts_with(" | None")
        || goes_on && (is_name_of_type(last) || is_of_module())
}

/// Whether a value says no more than its label: `guardian: Guardian`, `"UserName": "user_name"`.
#[must_use]
pub fn is_echo(label: &[u8], value: &[u8]) -> bool {
    fn letters(text: &[u8]) -> impl Iterator<Item = u8> {
        let of_words = |b: &&u8| b.is_ascii_alphanumeric() || !b.is_ascii();
        text.iter().filter(of_words).map(u8::to_ascii_lowercase)
    }
    // Names of code stand in quotation marks before what they are given.
    let label = label.strip_prefix(b"\"").or_else(|| label.strip_prefix(b"'")).unwrap_or(label);
    let first = |text: &[u8]| text.first().map(u8::to_ascii_lowercase);
    // Mostly they differ in length or in how they begin.
    label.len().abs_diff(value.len()) <= 4
        && first(label) == first(value)
        && letters(label).eq(letters(value))
}

/// How the names of classes end.
const CLASSES: &[&str] = &[
    "Field",
    "Type",
    "Str",
    "String",
    "Schema",
    "Column",
    "Input",
    "Serializer",
    "Validator",
    "Widget",
    "Enum",
    "Bytes",
    "Text",
    "Error",
    "Exception",
    "Property",
    "Value",
    "Options",
];

/// Whether a value is the name of a class, as a type of code: `UniqueUsernameField`, `SecretStr`.
fn is_class(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.bytes().all(|b| b.is_ascii_alphanumeric())
        && CLASSES.iter().any(|end| value.len() > end.len() && value.ends_with(end))
}

/// Whether a value is written as constants are: `DEFAULT_TYPE_TEXT`.
fn is_constant(value: &str) -> bool {
    let of_constants = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    value.bytes().filter(|b| *b == b'_').nth(1).is_some() && value.bytes().all(of_constants)
}

/// What such parts are called.
const PARTS: &[&str] = &[
    "username",
    "userName",
    "user_name",
    "login",
    "nickname",
    "handle",
    "name",
    "email",
    "phone",
    "address",
    "string",
    "String",
    "isRequired",
];

/// Whether a value begins with a part of what code holds values in: `session.user.login`, `price.nickname`.
fn is_held(value: &str) -> bool {
    let first = value.split(' ').next().unwrap_or("");
    let of_names = |b: u8| b.is_ascii_alphanumeric() || b"_.[]\"'".contains(&b);
    let (holder, part) = first.split_once('.').unwrap_or_default();
    let is_name = part.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_part = || part.rsplit('.').next().is_some_and(|last| PARTS.contains(&last));
    is_name && part.bytes().all(of_names) && (HOLDERS.contains(&holder) || is_part())
}

/// Whether a value is several names with dots between and no blank, as code has them.
fn is_dotted(value: &str) -> bool {
    let name =
        |part: &str| part.len() > 1 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    value.contains('.') && value.split('.').all(name) && !value.as_bytes()[0].is_ascii_digit()
}

/// Whether a value reads as what people write, and not as code, of which no word tells anything.
#[must_use]
pub fn is_written(value: &str) -> bool {
    let placeholder = |w: &[u8]| w[0] == b'%' && (w[1] == b'(' || w[1].is_ascii_alphabetic());
    let first = value.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
    !value.contains(['[', ']', '{', '}', '=', '<', '>', '$', '\\', '`', '_'])
        && !value.as_bytes().windows(2).any(placeholder)
        && !is_dotted(value)
        && !is_share(value)
        && !["\":", "\", \""].iter().any(|sign| value.contains(sign))
        && !matches!(value.as_bytes(), [b'0'..=b'9'])
        && !TYPES.iter().any(|t| first.eq_ignore_ascii_case(t))
}

/// Whether a value is what share of many is something: `40 % none`.
fn is_share(value: &str) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ');
    let rest = value.trim_start_matches(is_number);
    rest.len() < value.len()
        && rest
            .strip_prefix('%')
            .is_some_and(|rest| rest.trim_start().starts_with(char::is_alphabetic))
}

/// Whether all words of a text but short ones begin with a capital.
#[must_use]
pub fn is_titled(text: &str) -> bool {
    let is_short = |word: &&str| word.chars().count() <= 3;
    let mut words = text.split([' ', ',']).filter(|word| !is_short(word)).peekable();
    words.peek().is_some() && words.all(is_capitalised)
}

/// How far a value goes: to the end of its line, cell, sentence or column.
fn value_length(rest: &[u8]) -> usize {
    let ends = |b: u8| matches!(b, b'\n' | b'\r' | b'\t' | b';' | b'|' | b'(' | b'<' | CELL_END);
    let end = rest.iter().position(|&b| ends(b)).unwrap_or(rest.len());
    let rest = &rest[..end];
    let column = column_length(rest).min(before_label(rest));
    let sentence = memchr::memmem::find_iter(rest, b". ").find(|&i| ends_a_sentence(&rest[..i]));
    column.min(sentence.unwrap_or(end))
}

/// How far the text before a comma and a further label goes: `gift, Religion: islam`.
fn before_label(text: &[u8]) -> usize {
    /// Bytes and words of a further label.
    const SHORT: usize = 32;
    const WORDS: usize = 3;
    let is_label = |comma: &usize| {
        let rest = &text[comma + 1..];
        let room = &rest[..rest.len().min(SHORT)];
        let colon = room.windows(2).position(|pair| pair == b": ");
        let label = colon.map(|colon| room[..colon].trim_ascii());
        label.is_some_and(|label| {
            let is_of_labels =
                |b: &u8| b.is_ascii_alphabetic() || !b.is_ascii() || b" .-_/".contains(b);
            let words = label.split(|b| *b == b' ').count();
            !label.is_empty() && words <= WORDS && label.iter().all(is_of_labels)
        })
    };
    memchr::memchr_iter(b',', text).find(is_label).unwrap_or(text.len())
}

/// Whether the word before a full stop is too long for an abbreviation, or a number.
fn ends_a_sentence(before: &[u8]) -> bool {
    let word = before.iter().rev().take_while(|b| !b.is_ascii_whitespace()).count();
    word >= 4 || before.last().is_some_and(u8::is_ascii_digit)
}

fn trimmed(text: &[u8], start: usize, end: usize) -> Range<usize> {
    let mark = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'.' | b',' | b'*' | b'_' | b'"');
    let slice = &text[start..end];
    let lead = slice.iter().take_while(|b| mark(b)).count();
    let tail = slice[lead..].iter().rev().take_while(|b| mark(b)).count();
    let end = end - tail;
    // Brackets round a number are none of it: `{dob: 1985-03-12}`.
    let is_number = slice.get(lead).is_some_and(u8::is_ascii_digit);
    let is_bracket = |b: &u8| matches!(b, b')' | b'}' | b']');
    let brackets = text[start + lead..end].iter().rev().take_while(|b| is_number && is_bracket(b));
    start + lead..end - brackets.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let known = |label: &str| Some(label.to_owned());
        for (colon, _) in text.match_indices(':') {
            behind(text.as_bytes(), colon, known, |label, value, part| {
                if part != Part::Further {
                    out.push((label.clone(), text[value].to_owned()));
                }
                true
            });
        }
        out
    }

    fn one(text: &str) -> (String, String) {
        labels(text).pop().unwrap_or_default()
    }

    #[test]
    fn labels_and_values_are_told_apart() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(one("Navn: Kari Nordmann\nx"), pair("Navn", "Kari Nordmann"));
        assert_eq!(one("**Navn:** Kari."), pair("Navn", "Kari"));
        assert_eq!(one("Ansatt: Kari Nordmann (f. 1990)"), pair("Ansatt", "Kari Nordmann"));
        assert_eq!(one("paid. Union: Handel og Kontor. More"), pair("Union", "Handel og Kontor"));
        assert_eq!(one("Name: Dr. Kari Ås  Tel"), pair("Name", "Dr. Kari Ås"));
        assert_eq!(
            one("Pay to account 25322566398 at once. Union: Tekna."),
            pair("Union", "Tekna")
        );
        assert!(labels("12:34:56 https://x.no a:b").is_empty());
        assert!(labels(&format!("{}x: y", "word ".repeat(20))).is_empty());
    }

    #[test]
    fn code_is_told_from_what_people_write() {
        for value in ["Diabetes type 2", "80 %", "F32.1 (moderat)", "Kvinne", "Handel og Kontor"] {
            assert!(is_written(value), "{value}");
        }
        for value in ["Optional[SexLiteral] = None", "%s", "array_like", "string", "{ a: b }", "$x"]
        {
            assert!(!is_written(value), "{value}");
        }
        for value in ["fhirtypes.ReferenceType", "emp.id", "0", "7, \"map\": 7"] {
            assert!(!is_written(value), "{value}");
        }
        let code = [
            "function",
            "String",
            "null",
            "DEFAULT_TYPE_TEXT",
            "self.login",
            "user.get_name",
            "price.nickname",
            "self.gate if x",
            "str):",
            "string;",
            "UniqueUsernameField",
            "SecretStr",
            "bytes | None = None",
            "&[u8]",
            "bytes, digest_name='sha256'",
            "ed25519.Ed25519PrivateKey",
            "Option<&'a [u8]>",
            "u8",
        ];
        assert!(code.into_iter().all(is_type));
        let written = [
            "String quartet",
            "Kari",
            "kari.nordmann",
            "user.56",
            "KARI_N",
            "Dr. Ås",
            "Field",
            "karisText",
            "kari.Hansen, Oslo",
            "Kari, Ola",
            "hemmelig=1",
        ];
        for value in written {
            assert!(!is_type(value), "{value}");
        }
        let echo = |label: &str, value: &str| is_echo(label.as_bytes(), value.as_bytes());
        assert!(echo("guardian", "Guardian") && echo("UserName", "user_name"));
        assert!(!echo("Navn", "Kari") && !echo("user", "user1"));
        assert!(labels("guardian: Guardian").is_empty());
        assert!(is_titled("Rue de la Paix") && is_titled("Storgata, Oslo"));
        assert!(!is_titled("A string or integer, the IP address") && !is_titled("for"));
        assert!(labels("'employee_id': fields.many2one('hr.employee')").is_empty());
        assert_eq!(one("// Author: Kari Hansen"), ("Author".into(), "Kari Hansen".into()));
        assert_eq!(one("/** Author: Kari Hansen").1, "Kari Hansen");
        assert!(labels("// lgbt : 2014-05-08 Identity Ltd").is_empty());
    }

    #[test]
    fn a_part_is_offered_when_the_whole_is_not_taken() {
        let text = "Kontakt: Kari Nordmann, tlf 22 33";
        let mut offered = Vec::new();
        let offer = |(): &(), value: Range<usize>, part| {
            offered.push((text[value].to_owned(), part));
            false
        };
        behind(text.as_bytes(), 7, |_| Some(()), offer);
        let pair = |text: &str, part| (text.to_owned(), part);
        let parts = [
            pair("Kari Nordmann, tlf 22 33", Part::First),
            pair("Kari Nordmann", Part::First),
            pair("tlf 22 33", Part::Further),
        ];
        assert_eq!(offered, parts);
        behind(text.as_bytes(), 7, |_| None::<()>, |(), _, _| panic!("not known"));
    }

    #[test]
    fn labels_have_brackets_and_numbers() {
        for text in [
            "Religion (frivillig): islam",
            "2) Religion: islam",
            "Religion:islam",
            "Religion:\nislam",
            "Religion:\r\nislam\r\n",
            "Navn: Kari, Religion: islam, Fagforening: NITO",
            "x = {'Religion': 'islam', 'y': 1}",
            "f([{ Religion: 'islam' }])",
            "(Religion: 'islam')",
        ] {
            let found = labels(text);
            let is_told = |(label, value): &(String, String)| {
                label.trim_matches('\'') == "Religion" && value == "islam"
            };
            assert!(found.iter().any(is_told), "{text} {found:?}");
        }
        for text in [
            "religion:islam",
            "https://x.no",
            "Religion:\n  islam",
            "Religion:\n- islam",
            "x (y):z",
        ] {
            assert!(labels(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn values_end_with_their_quotation_marks() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(one("dob: '1971-03-04' }"), pair("dob", "1971-03-04"));
        assert_eq!(one("dob: \"1971-03-04\"}"), pair("dob", "1971-03-04"));
        assert_eq!(one("{dob: 1971-03-04}"), pair("dob", "1971-03-04"));
        assert_eq!(one("name: 'Sean O'Neil', x"), pair("name", "Sean O'Neil"));
        assert_eq!(one("By: 't Zand"), pair("By", "'t Zand"));
        assert_eq!(one("Lohn: 3.850,00 EUR"), pair("Lohn", "3.850,00 EUR"));
    }

    #[test]
    fn elements_in_logs_are_told() {
        let told = |text: &str| -> Vec<String> {
            let known = |key: &str| Some(key.to_owned());
            let signs = text.match_indices('<');
            let found = signs.filter_map(|(sign, _)| element(text.as_bytes(), sign, known));
            found.map(|(key, value)| format!("{key} {}", &text[value])).collect()
        };
        assert_eq!(
            told("x <p><navn>Kari</navn><c:ort>Oslo</c:ort></p>"),
            ["navn Kari", "ort Oslo"]
        );
        for code in ["Vec<Foo>Bar</x>", "a < b", "<b>kari</b>", "<navn></navn>", "<a>Kari</ab>"] {
            assert_eq!(told(code), [""; 0], "{code}");
        }
    }

    #[test]
    fn pairs_in_logs_are_told() {
        let pairs = |text: &str| -> Vec<String> {
            let known = |key: &str| Some(key.to_owned());
            let signs = text.match_indices([':', '=']);
            let pairs = signs.filter_map(|(sign, _)| pair(text.as_bytes(), sign, known));
            pairs.map(|(key, value)| format!("{key} {}", &text[value])).collect()
        };
        assert_eq!(pairs("Dto(firstName=Kari, lastName=Ås)"), ["firstName Kari", "lastName Ås"]);
        assert_eq!(pairs(r#"body={"imie":"Kari","x":1}"#), ["imie Kari"]);
        assert_eq!(pairs("{kunde=Kari Nordmann, ort=Oslo}"), ["kunde Kari Nordmann", "ort Oslo"]);
        assert_eq!(pairs("firstName=Kari lastName=Ås x=1"), ["firstName Kari", "lastName Ås"]);
        assert_eq!(pairs("f(name='Kari', ort=\"Oslo\")"), ["name Kari", "ort Oslo"]);
        assert_eq!(pairs("['navn' => 'Kari', :ort => \"Oslo\"]"), ["navn Kari", "ort Oslo"]);
        assert_eq!(pairs("Name = \"Kari Ås\","), ["Name Kari Ås"]);
        for code in [
            "first_name=CharField(x)",
            "name = Kari",
            "Foo => Bar",
            "name='Kari\n",
            "name=Kari b==1",
            "a==B",
            "x: Y",
        ] {
            assert!(pairs(code).is_empty(), "{code}");
        }
    }

    #[test]
    fn pairs_of_queries_and_connections_are_told_from_code() {
        let pairs = |text: &str| -> Vec<String> {
            let known = |key: &str| (key != "app").then(|| key.to_owned());
            let signs = text.match_indices(['=', ':']);
            let pairs = signs.filter_map(|(sign, _)| in_list(text.as_bytes(), sign, known));
            pairs.map(|(key, value)| format!("{key} {}", &text[value])).collect()
        };
        assert_eq!(pairs("/x?lang=no&password=Sommer2021&b=c HTTP"), ["password Sommer2021"]);
        assert_eq!(pairs("Server=db;User Id=sa; Password=a-b_c!d;"), ["Password a-b_c!d"]);
        assert_eq!(pairs("server=db&amp;pwd=abc123&amp;x"), ["pwd abc123"]);
        assert_eq!(pairs("2026-03-01 10:00:00 ok password=Sommer2021"), ["password Sommer2021"]);
        assert_eq!(pairs("User: kari Passord: Ab-1_c!d"), ["Passord Ab-1_c!d"]);
        assert_eq!(pairs("x\nMar  1 10:00:00 srv app: pwd=a-b_c!d"), ["pwd a-b_c!d"]);
        for code in [
            "a=1;password=abc123;",
            "x ? password=abc123",
            "&password='abc123'",
            "&password=abc",
            "&password=abcdef",
            "host=a;password=get1(x)",
            "password=abc123",
            "connect(1, password=abc123",
            "2026-03-01 10:00:00\nconnect password=abc123",
        ] {
            assert_eq!(pairs(code), [""; 0], "{code}");
        }
    }

    #[test]
    fn users_in_logs_are_told_from_code() {
        let users = |text: &str| -> Vec<String> {
            let known = |key: &str| Some(key.to_owned());
            let signs = text.match_indices('=');
            let pairs = signs.filter_map(|(sign, _)| user_in_log(text.as_bytes(), sign, known));
            pairs.map(|(key, value)| format!("{key} {}", &text[value])).collect()
        };
        assert_eq!(users("2026-03-01 10:00:00 ok user=kari ip=x"), ["user kari"]);
        assert_eq!(users("[10:00:00] in user=\"kari\", x"), ["user kari"]);
        for code in ["user=kari", "def f(self, user=kari)", "10:00 user=kari"] {
            assert_eq!(users(code), [""; 0], "{code}");
        }
    }

    #[test]
    fn lists_are_taken_apart() {
        let apart = |text: &str| -> Vec<String> {
            parts(text.as_bytes()).map(|p| text[p].trim().to_owned()).collect()
        };
        assert_eq!(apart("Kari Ås"), ["Kari Ås"]);
        assert_eq!(
            apart("Kari Ås (leder), Ola By (IT, drift), Per Li og Eva Mo"),
            ["Kari Ås", "Ola By", "Per Li", "Eva Mo"]
        );
        assert!(apart("").is_empty());
    }
}
