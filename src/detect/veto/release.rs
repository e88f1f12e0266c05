//! Four small numbers with dots between: versions of programs, sections of manuals and revisions look like addresses of the
//! internet. Of addresses one in forty has such numbers only.

/// Bytes of a line before a value that tell of versions.
const NEAR: usize = 48;
/// Signs that headings are underlined with.
const RULES: &[u8] = b".=-~*^";

/// Words of three letters and more that addresses of hosts stand behind, as versions do behind names of programs.
const OF_HOSTS: &[&str] = &[
    "ipv4",
    "host",
    "server",
    "client",
    "peer",
    "from",
    "address",
    "addr",
    "adresse",
    "gateway",
    "router",
    "node",
    "source",
    "src",
    "dst",
    "destination",
    "remote",
    "local",
    "fra",
    "til",
    "von",
    "vom",
    "for",
    "user",
    "nameserver",
    "dns",
    "proxy",
    "via",
];

/// Whether four small numbers are a version, the number of a section, or one of several that have more or fewer parts.
pub(super) fn is_part(text: &[u8], start: usize, end: usize) -> bool {
    let value = &text[start..end];
    let is_small =
        |number: &[u8]| matches!(number.len(), 1 | 2) && number.iter().all(u8::is_ascii_digit);
    // Most values are told by their length and their first signs.
    if !matches!(value.len(), 7..=11)
        || !matches!(value, [_, b'.', ..] | [_, _, b'.', ..])
        || value.split(|b| *b == b'.').count() != 4
        || !value.split(|b| *b == b'.').all(is_small)
    {
        return false;
    }
    let line = memchr::memrchr(b'\n', &text[..start]).map_or(0, |at| at + 1);
    let before = &text[line.max(start.saturating_sub(NEAR))..start];
    let behind = &text[end..text.len().min(end + 2 * NEAR)];
    is_release(before)
        || before.windows(6).any(|w| w.eq_ignore_ascii_case(b"ersion"))
        || is_section(&text[line..start], behind)
        || is_other_row(&text[start.saturating_sub(NEAR)..start], behind)
}

/// Whether the name of a program stands before a version: `Chrome 18.20.48.56`. So do standards of C (`C11 6.7.2.1`).
fn is_release(before: &[u8]) -> bool {
    let Some(before) = before.strip_suffix(b" ") else { return false };
    let is_edge = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'(');
    let from = before.iter().rposition(is_edge).map_or(0, |at| at + 1);
    let word = &before[from..];
    // Names of programs have three signs at least.
    let is_name = matches!(word, [b'A'..=b'Z' | b'0'..=b'9', _, .., b'a'..=b'z' | b'A'..=b'Z']);
    let is_of_hosts = || OF_HOSTS.iter().any(|host| word.eq_ignore_ascii_case(host.as_bytes()));
    matches!(word, [b'C', b'0'..=b'9', b'0'..=b'9']) || is_name && !is_of_hosts()
}

/// Whether a line begins with the number of a section: a dot and words, a title, or a rule below it.
fn is_section(before: &[u8], behind: &[u8]) -> bool {
    let is_front = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'#' | b'*' | b'=' | b'/');
    if !before.iter().all(is_front) {
        return false;
    }
    let (title, below) = match memchr::memchr(b'\n', behind) {
        Some(at) => (&behind[..at], &behind[at + 1..]),
        None => (behind, &behind[..0]),
    };
    let is_ruled = matches!(below, [a, b, c, d, ..] if RULES.contains(a) && [b, c, d] == [a; 3]);
    let words = title.strip_prefix(b".").unwrap_or(title);
    let is_title = matches!(words.trim_ascii_start(), [b'A'..=b'Z', b'a'..=b'z' | b' ', ..]);
    matches!(words, [b' ' | b'\t', ..])
        && !words.contains(&b'@')
        && (is_ruled || is_title || words.len() < title.len())
}

/// Whether numbers with dots between stand right beside, of which there are not four: labels of a tree, versions. With the
/// year they are dates.
fn is_other_row(before: &[u8], behind: &[u8]) -> bool {
    let of_row = |b: &u8| b.is_ascii_digit() || *b == b'.';
    let is_gap = |b: &u8| matches!(b, b' ' | b',' | b'\n' | b'\r' | b'{' | b'}');
    let is_other = |row: &[u8]| {
        let parts = row.split(|b| *b == b'.');
        parts.clone().count() > 2
            && parts.clone().count() != 4
            && parts.clone().all(|part| matches!(part.len(), 1 | 2))
    };
    let gap = before.iter().rev().take_while(|b| is_gap(b)).count();
    let front = &before[..before.len() - gap];
    let row = front.iter().rev().take_while(|b| of_row(b)).count();
    // What the start of the look cuts tells nothing.
    let is_whole = row < front.len();
    if gap > 0 && is_whole && is_other(&front[front.len() - row..]) {
        return true;
    }
    let behind = behind.strip_prefix(b" to").or(behind.strip_prefix(b" and")).unwrap_or(behind);
    let gap = behind.iter().take_while(|b| is_gap(b)).count();
    let rest = &behind[gap..];
    let row = rest.iter().take_while(|b| of_row(b)).count();
    gap > 0 && row < rest.len() && is_other(&rest[..row])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_version(text: &str, value: &str) -> bool {
        let at = text.find(value).unwrap();
        is_part(text.as_bytes(), at, at + value.len())
    }

    #[test]
    fn versions_and_sections_are_told_from_addresses() {
        for (text, value) in [
            ("Chrome 18.20.48.56", "18.20.48.56"),
            ("SAP GUI 7.3.61.2", "7.3.61.2"),
            ("like \"Test 3.5.10.1/2/3%\"", "3.5.10.1"),
            ("taken from C11 6.7.2.1 Example 1.", "6.7.2.1"),
            ("from versions between 1.1.9.2 and 1.1.9.7", "1.1.9.7"),
            ("Bump Standards-Version from 3.6.2.0 to 3.7.3", "3.6.2.0"),
            ("x\n6.12.2.1 Read from compressed mailbox\n", "6.12.2.1"),
            ("x\n    6.13.9.5) x\n6.2.4.3. Configuration", "6.2.4.3"),
            ("\n3.29.71.10 fillcolor\n....................\n", "3.29.71.10"),
            ("{5.10.2.11.9, 26.18.32.20}", "26.18.32.20"),
            ("\n20.32.9\n18.30.11.17\n15.6.19.3\n", "18.30.11.17"),
            ("removed 5.0.2.1 and 5.0.3, the", "5.0.2.1"),
        ] {
            assert!(is_version(text, value), "{text}");
        }
        for (text, value) in [
            ("IP 18.20.48.56", "18.20.48.56"),
            ("Chrome 181.20.48.56", "181.20.48.56"),
            ("logged in from 5.6.7.8", "5.6.7.8"),
            ("5.6.7.8 - kari [12/Oct/2026", "5.6.7.8"),
            ("5.6.7.8 GET /x", "5.6.7.8"),
            ("5.6.7.8 host.example.org\n9.6.7.8 x", "5.6.7.8"),
            ("12.03.2026 5.6.7.8 x", "5.6.7.8"),
            ("5.6.7.8\n5.6.7.9\n", "5.6.7.8"),
        ] {
            assert!(!is_version(text, value), "{text}");
        }
    }
}
