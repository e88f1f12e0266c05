//! Rolls: lists of persons in running text, one a line, behind bullets or numbers or nothing.

use std::str::from_utf8;

use crate::unit::CELL_END;

/// Lines on either side of a name that are looked at.
const LINES: usize = 4;
/// Lines of a roll at least, and of one below a label or whose lines are numbered.
const ROLL: usize = 4;
const BELOW_LABEL: usize = 3;
/// How many lines may begin with a given name that others begin with.
const ALIKE: usize = 1;
/// Bytes before and behind a name that are looked at: fewer than what is kept where texts are cut.
const BEFORE: usize = 448;
const BEHIND: usize = 896;
/// Longest bullet or number, in bytes.
const BULLET: usize = 16;
/// Longest name, in bytes.
const NAME: usize = 60;

/// Whether the name at `start..end` begins a line, and the lines round it begin with names as well, of several given
/// ones.
#[must_use]
pub fn is_in_one(
    text: &[u8],
    start: usize,
    end: usize,
    is_name: impl Fn(&str) -> bool,
    is_label: impl Fn(&str) -> bool,
) -> bool {
    let Some(first) = start_of_line(text, start).filter(|_| ends_here(&text[end..])) else {
        return false;
    };
    let before = &text[start.saturating_sub(BEFORE)..first];
    let behind = &text[end..text.len().min(end + BEHIND)];
    let next = memchr::memchr2(b'\n', CELL_END, behind).map_or(&[][..], |at| &behind[at..]);
    // Most cells are one line.
    if !before.ends_with(b"\n") && !next.starts_with(b"\n") {
        return false;
    }
    let mut given = vec![first_word(&text[start..end])];
    let is_numbered = text[first..start].first().is_some_and(u8::is_ascii_digit);
    let above = add_before(before, start > BEFORE, &is_name, &mut given);
    let is_labelled = is_numbered
        || above.is_some_and(|line| {
            let line = line.trim_ascii();
            line.ends_with(b":") || from_utf8(line).is_ok_and(&is_label)
        });
    add_behind(next, &is_name, &mut given);
    let lines = given.len();
    given.sort_unstable();
    given.dedup();
    let is_roll = lines >= ROLL || is_labelled && lines >= BELOW_LABEL;
    is_roll && given.len() + ALIKE >= lines.min(ROLL)
}

/// Adds the given names of the lines before, the last first, and gives the line above them. What is cut has no first
/// line.
fn add_before<'t>(
    before: &'t [u8],
    is_cut: bool,
    is_name: &impl Fn(&str) -> bool,
    given: &mut Vec<&'t [u8]>,
) -> Option<&'t [u8]> {
    let mut rest = before;
    for _ in 0..LINES {
        let lines = rest.strip_suffix(b"\n")?;
        let at = lines.iter().rposition(|b| is_end(*b)).map(|at| at + 1);
        let from = at.or((!is_cut).then_some(0))?;
        let Some(word) = given_of(&lines[from..], is_name) else {
            // Empty lines may stand below a label.
            return lines.trim_ascii_end().rsplit(|b| is_end(*b)).next();
        };
        given.push(word);
        rest = &lines[..from];
    }
    None
}

/// Adds the given names of the lines behind.
fn add_behind<'t>(behind: &'t [u8], is_name: &impl Fn(&str) -> bool, given: &mut Vec<&'t [u8]>) {
    let mut rest = behind;
    for _ in 0..LINES {
        let Some(lines) = rest.strip_prefix(b"\n") else { return };
        let to = lines.iter().position(|b| is_end(*b)).unwrap_or(lines.len());
        let Some(word) = given_of(&lines[..to], is_name) else { return };
        given.push(word);
        rest = &lines[to..];
    }
}

fn is_end(byte: u8) -> bool {
    matches!(byte, b'\n' | CELL_END)
}

/// Where the line of a name starts, if nothing but a bullet or a number stands before the name.
fn start_of_line(text: &[u8], start: usize) -> Option<usize> {
    let floor = start.saturating_sub(BULLET);
    let end = text[floor..start].iter().rposition(|b| is_end(*b));
    let first = end.map(|at| floor + at + 1).or((start <= BULLET).then_some(0))?;
    from_utf8(&text[first..start])
        .is_ok_and(|bullet| bullet.chars().all(is_of_bullet))
        .then_some(first)
}

fn is_of_bullet(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, ' ' | '\t' | '.' | ')' | '-' | '*' | '+' | '•' | '·' | '–')
}

/// Whether a name ends where this begins: no word goes on with it.
fn ends_here(behind: &[u8]) -> bool {
    match behind {
        [] | [b'\n' | b'\r' | b'\t' | b',' | b';' | b':' | b'(' | b'|' | b'/' | CELL_END, ..] => {
            true
        }
        [b' ', next, ..] => !next.is_ascii_alphabetic() && !matches!(next, 0xC3..=0xD1),
        _ => false,
    }
}

/// The given name of the person that a line begins with.
fn given_of<'t>(line: &'t [u8], is_name: &impl Fn(&str) -> bool) -> Option<&'t [u8]> {
    let line = from_utf8(line).ok()?.trim_start_matches(is_of_bullet);
    let ends = |(at, c): (usize, char)| {
        let behind = || line[at + 1..].chars().next().is_none_or(|next| !next.is_alphabetic());
        matches!(c, ',' | ';' | ':' | '(' | '\t' | '|' | '/' | '\r') || c == ' ' && behind()
    };
    let end = line.char_indices().find(|c| ends(*c)).map_or(line.len(), |c| c.0);
    let name = &line[..end];
    (name.len() <= NAME && name.contains(' ') && is_name(name)).then(|| first_word(name.as_bytes()))
}

fn first_word(name: &[u8]) -> &[u8] {
    name.split(|b| *b == b' ').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a text that are of a roll, where names are two words.
    fn of_roll(text: &str) -> Vec<usize> {
        let is_name =
            |name: &str| name.split(' ').count() == 2 && name.starts_with(char::is_uppercase);
        let (mut at, mut found) = (0, Vec::new());
        for (number, line) in text.split('\n').enumerate() {
            let start = at + line.len() - line.trim_start_matches(is_of_bullet).len();
            let words: Vec<&str> = text[start..at + line.len()].splitn(3, [' ', ',']).collect();
            let end = start + words.iter().take(2).map(|w| w.len() + 1).sum::<usize>();
            let end = end.saturating_sub(1).max(start);
            let is_told = start < end && is_name(&text[start..end]);
            if is_told && is_in_one(text.as_bytes(), start, end, is_name, |line| line == "Present")
            {
                found.push(number);
            }
            at += line.len() + 1;
        }
        found
    }

    #[test]
    fn four_lines_are_a_roll() {
        let lines = ["Anna Aa", "Bo Bb (x)", "Cy Cc, 1", "Di Dd 0:41", "Ed Ee"];
        for bullet in ["", "- ", "1. ", "* ", "• ", "  3) "] {
            let text = lines.map(|line| format!("{bullet}{line}")).join("\n");
            assert_eq!(of_roll(&text), [0, 1, 2, 3, 4], "{text}");
        }
        assert_eq!(of_roll(&lines[..4].join("\n")), [0, 1, 2, 3]);
        assert_eq!(of_roll(&lines[..3].join("\n")), [0; 0]);
        assert_eq!(of_roll(&format!("Here:\n{}\n\nx", lines[..3].join("\n"))), [1, 2, 3]);
        assert_eq!(of_roll(&format!("Here\n{}\n\nx", lines[..3].join("\n"))), [0; 0]);
        assert_eq!(of_roll(&format!("Here:\n\n{}\n\nx", lines[..3].join("\n"))), [2, 3, 4]);
        assert_eq!(of_roll(&format!("Present\n{}\n\nx", lines[..3].join("\n"))), [1, 2, 3]);
        let numbered = [1, 2, 3].map(|n| format!("{n}. {}", lines[n]));
        assert_eq!(of_roll(&numbered.join("\n")), [0, 1, 2]);
        assert_eq!(of_roll(&lines.map(|line| line.replace("Cy", "Bo")).join("\n")).len(), 5);
        assert_eq!(of_roll(&lines.map(|line| format!("Anna{}", &line[2..])).join("\n")), [0; 0]);
        assert_eq!(of_roll(&lines.join("\n\n")), [0; 0]);
        assert_eq!(of_roll(&lines.join("\u{1e}")), [0; 0]);
        assert_eq!(of_roll(&lines.map(|line| format!("x {line}")).join("\n")), [0; 0]);
    }
}
