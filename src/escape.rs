//! One escaper per sink: terminal, CSV cell, spreadsheet cell, HTML, YAML, JSON line, JSON inside a script
//! element.
//!
//! File names, table names and column names come from whoever wrote the files, so they are hostile
//! everywhere they are shown.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character acts on the reader's screen instead of showing there: control characters, line
/// separators, bidirectional overrides, and characters without width (joiners stay: names need them).
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether a text is all plain ASCII, of which nothing is hidden: most are, and it is told for many bytes at a time.
fn is_plain(text: &str) -> bool {
    crate::bytes::count(text.as_bytes(), |b| !(b' '..=b'~').contains(&b)) == 0
}

/// Rewrites the characters that `special` names through `put`; borrows when there is none.
fn rewrite<'a>(
    text: &'a str,
    special: fn(char) -> bool,
    put: fn(char, &mut String),
) -> Cow<'a, str> {
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if special(c) {
            put(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Appends the visible form of a hidden character: `\x1b`, `\u{202e}`.
fn put_visible(c: char, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = if c < '\u{80}' {
        write!(out, "\\x{:02x}", u32::from(c))
    } else {
        write!(out, "\\u{{{:x}}}", u32::from(c))
    };
}

/// Text for a terminal or a log: hidden characters become `\x1b`, `\u{202e}`.
#[must_use]
pub fn terminal(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    rewrite(text, is_hidden, put_visible)
}

/// Whether a spreadsheet takes a cell that starts with this character for a formula. Some turn the
/// full-width forms into the plain ones first.
fn starts_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// Text for a CSV cell: never a formula (a `'` goes in front), hidden characters made visible.
///
/// A formula behind a `;` is disarmed too: a spreadsheet set to a country that lists with semicolons
/// splits a comma file there, quotes or not.
#[must_use]
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let formula = |b: u8| matches!(b, b'=' | b'+' | b'-' | b'@');
    if is_plain(text) && crate::bytes::count(text.as_bytes(), formula) == 0
        || !text.contains(|c| starts_formula(c) || is_hidden(c))
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut at_start = true;
    for c in text.chars() {
        if at_start && starts_formula(c) {
            out.push('\'');
        }
        // Spreadsheets trim blanks before they look for a formula; a hidden character is text by then.
        at_start = c == ';' || (at_start && c.is_whitespace() && !is_hidden(c));
        if is_hidden(c) {
            put_visible(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Text of several lines for one CSV cell: as [`csv_cell`] for each, since people write lists into cells.
#[must_use]
pub fn csv_lines(text: &str) -> String {
    text.lines().map(csv_cell).collect::<Vec<_>>().join("\n")
}

/// Text as [`csv_lines`] found it: the `'` goes that it put before what would be a formula, so that what
/// people wrote comes back as they wrote it.
#[must_use]
pub fn plain_cell(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    let mut at_start = true;
    let mut chars = cell.chars().peekable();
    while let Some(c) = chars.next() {
        let guards = c == '\'' && at_start && chars.peek().is_some_and(|&n| starts_formula(n));
        if !guards {
            out.push(c);
        }
        at_start = !guards && (matches!(c, ';' | '\n') || (at_start && c.is_whitespace()));
    }
    out
}

/// Text for a cell that is typed as text, where nothing is taken for a formula: hidden characters are made
/// visible, line ends and tabs stay, and what is too long for a spreadsheet is cut.
#[must_use]
pub fn sheet_cell(text: &str) -> Cow<'_, str> {
    /// Characters (UTF-16 units) that a cell of a spreadsheet may hold.
    const MOST: usize = 32_767;
    let cell = rewrite(text, |c| is_hidden(c) && !matches!(c, '\n' | '\t'), put_visible);
    if cell.len() <= MOST {
        return cell;
    }
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units < MOST
    };
    let kept: String = cell.chars().take_while(fits).collect();
    Cow::Owned(if kept.len() == cell.len() { kept } else { kept + "…" })
}

/// Text as a double-quoted YAML scalar, which any YAML reader takes: quotes included, everything outside
/// YAML's printable set and everything that acts on a screen escaped.
#[must_use]
pub fn yaml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        // Writing to a String cannot fail.
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            c if c < '\u{100}' && is_hidden(c) => write!(out, "\\x{:02x}", u32::from(c)),
            c if is_hidden(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                write!(out, "\\U{:08x}", u32::from(c))
            }
            c => write!(out, "{c}"),
        };
    }
    out.push('"');
    out
}

/// Text for HTML, as content or within a quoted attribute; hidden characters made visible.
#[must_use]
pub fn html(text: &str) -> Cow<'_, str> {
    rewrite(
        text,
        |c| matches!(c, '&' | '<' | '>' | '"' | '\'' | '`' | '=') || is_hidden(c),
        |c, out| match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' | '`' | '=' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            _ => put_visible(c, out),
        },
    )
}

/// Appends a JSON escape, as a surrogate pair where it must be.
fn put_json(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// Serialised JSON for a line of a file that people `cat`: what the serialiser leaves raw though it acts
/// on a screen (DEL, C1, bidi, separators) becomes `\u….`. The value is unchanged.
///
/// Give it compact JSON: hidden characters then stand within strings only.
#[must_use]
pub fn json_line(json: &str) -> Cow<'_, str> {
    if is_plain(json) {
        return Cow::Borrowed(json);
    }
    rewrite(json, is_hidden, put_json)
}

/// Serialised JSON for a script element: as [`json_line`], and `< > & =` are escaped, so that no text can
/// end the element, open a comment or look like markup.
#[must_use]
pub fn json_in_script(json: &str) -> Cow<'_, str> {
    if is_plain(json)
        && memchr::memchr3(b'<', b'>', b'&', json.as_bytes()).is_none()
        && !json.contains('=')
    {
        return Cow::Borrowed(json);
    }
    rewrite(json, |c| matches!(c, '<' | '>' | '&' | '=') || is_hidden(c), put_json)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_terminal_gets_no_control_characters() {
        assert_eq!(terminal("plain ærlig ‍ text"), "plain ærlig ‍ text");
        assert_eq!(
            terminal("\x1b[2J\x07\n\u{9b}31m\u{202e}gpj.exe\u{2069}\u{2028}\x7f"),
            r"\x1b[2J\x07\x0a\u{9b}31m\u{202e}gpj.exe\u{2069}\u{2028}\x7f"
        );
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        for (raw, safe) in [
            ("Ola", "Ola"),
            ("a-b=c", "a-b=c"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("-12", "'-12"),
            ("+47 900 00 000", "'+47 900 00 000"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", r"'\x09=1"),
            ("\r\n=1", r"'\x0d\x0a=1"),
            ("＝1+1", "'＝1+1"),
            ("  =1", "  '=1"),
            ("a;=1", "a;'=1"),
            ("a; -1", "a; '-1"),
            ("\x1b[31m", r"\x1b[31m"),
        ] {
            assert_eq!(csv_cell(raw), safe, "{raw:?}");
        }
    }

    #[test]
    fn a_yaml_scalar_is_one_line() {
        assert_eq!(yaml("a \"b\" \\ ø: #"), r#""a \"b\" \\ ø: #""#);
        assert_eq!(yaml("\n\x1b\u{85}\u{2028}\u{e0041}"), r#""\x0a\x1b\x85\U00002028\U000e0041""#);
    }

    #[test]
    fn a_sheet_cell_keeps_lines_and_fits() {
        assert_eq!(sheet_cell("=1\nb\x07"), "=1\nb\\x07");
        let long = "𝄞".repeat(20_000);
        let cut = sheet_cell(&long);
        assert!(cut.encode_utf16().count() <= 32_767 && cut.ends_with('…'));
        assert_eq!(sheet_cell(&"æ".repeat(30_000)).chars().count(), 30_000);
    }

    #[test]
    fn html_is_text() {
        assert_eq!(
            html("</script><script>alert('1')</script>\u{2028}\x1b[31m&\" onload=x"),
            r"&lt;/script&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;\u{2028}\x1b[31m&amp;&quot; onload&#61;x"
        );
    }

    #[test]
    fn json_keeps_its_value() {
        let raw = "</script><!--\u{2028}\u{9b}&\u{e0041}\x1b=";
        let json = serde_json::to_string(raw).unwrap();
        let safe = json_in_script(&json);
        assert!(!safe.contains(['<', '>', '&', '=', '\u{2028}', '\u{9b}']));
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), raw);
        assert_eq!(serde_json::from_str::<String>(&json_line(&json)).unwrap(), raw);
    }

    proptest! {
        #[test]
        fn nothing_hidden_comes_through(text in any::<String>()) {
            for out in [terminal(&text), csv_cell(&text), html(&text)] {
                prop_assert!(!out.contains(is_hidden));
            }
            let markup = html(&text);
            prop_assert!(!markup.contains(['<', '>', '"', '\'', '`', '=']));
            let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
            prop_assert!(!csv_cell(&text).trim_start().starts_with(formula));
        }

        #[test]
        fn cells_come_back(text in "[-=+@;' a-zæ\n]{0,12}") {
            // What people type is not guarded by a quote of their own.
            prop_assume!(plain_cell(&text) == text);
            let lines = text.lines().collect::<Vec<_>>().join("\n");
            prop_assert_eq!(plain_cell(&csv_lines(&text)), lines);
        }

        #[test]
        fn json_round_trips(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            for safe in [json_line(&json), json_in_script(&json)] {
                prop_assert!(!safe.contains(is_hidden));
                prop_assert_eq!(&serde_json::from_str::<String>(&safe).unwrap(), &text);
            }
        }

        #[test]
        fn plain_text_is_left_alone(text in "[a-zA-Z0-9æøå ./_]*") {
            prop_assert_eq!(terminal(&text), text.as_str());
            prop_assert_eq!(csv_cell(&text), text.as_str());
            prop_assert_eq!(html(&text), text.as_str());
        }
    }
}
