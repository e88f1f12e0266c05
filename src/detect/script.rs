//! Secrets in scripts, settings and programs: `export DB_PASSWORD=…`, `mysqldump --password=…`, `password = "…"`.

use std::ops::Range;

use super::label::key_before;

/// Longest secret in bytes.
const LONGEST: usize = 160;
/// Bytes of the shortest one: a string of code is one only where it is as long as systems ask for.
const SHORTEST: usize = 6;
const SHORTEST_STRING: usize = 8;
/// What commands have before the names of their variables.
const COMMANDS: &[&[u8]] = &[b"export ", b"set ", b"setx ", b"SET ", b"ENV ", b"-e ", b"--env "];

/// What `known` tells of the name before an equals sign, and the place of the secret behind it: a string of code, or a
/// word where a script sets a variable or gives an option. It has letters and digits, as few words of code have.
pub fn secret<L>(
    text: &[u8],
    sign: usize,
    known: impl FnOnce(&str) -> Option<L>,
) -> Option<(L, Range<usize>)> {
    let is_apart = text[..sign].ends_with(b" ");
    let start = sign + 1 + usize::from(is_apart && text.get(sign + 1) == Some(&b' '));
    let mark = Some(*text.get(start)?).filter(|b| matches!(b, b'"' | b'\''));
    // Most signs of code have blanks beside them and no string.
    if is_apart && mark.is_none() {
        return None;
    }
    let (before, key) = key_before(text, sign - usize::from(is_apart));
    if mark.is_some_and(|mark| is_in_string(before, mark)) {
        return None;
    }
    let value = match mark {
        Some(mark) => string(text, start + 1, mark),
        None if is_set(before, key) => word(text, start),
        None if is_option(before) => of_option(text, start),
        None => None,
    }?;
    let key = std::str::from_utf8(key).ok()?.trim_start_matches('-');
    let told = Some(key).filter(|key| key.len() > 1).and_then(known)?;
    Some((told, value))
}

/// Whether a name stands in a string of code, so that the mark behind its sign ends that: `append(".password = ").append(`.
fn is_in_string(before: &[u8], mark: u8) -> bool {
    let line = memchr::memrchr(b'\n', before).map_or(before, |end| &before[end + 1..]);
    memchr::memchr_iter(mark, line).count() % 2 == 1
}

/// Whether a name stands where scripts set variables, or is that of an option.
fn is_set(before: &[u8], key: &[u8]) -> bool {
    // Most names in lines of logs stand behind something else.
    let may_be_set = matches!(before, [.., b'e' | b't' | b'T' | b'v' | b'V' | b'x', b' ']);
    key.starts_with(b"--")
        || matches!(before, [] | [.., b'\n'])
        || may_be_set && COMMANDS.iter().any(|command| before.ends_with(command))
}

/// Whether a name stands among options of a command that commas join, with a blank before them: `-o username=svc,`.
fn is_option(before: &[u8]) -> bool {
    let Some(options) = before.strip_suffix(b",") else { return false };
    let is_of_option = |b: &u8| b.is_ascii_alphanumeric() || b"_-.,=@/:\\".contains(b);
    let length = options.iter().rev().take_while(|b| is_of_option(b)).count();
    let (front, options) = options.split_at(options.len() - length);
    front.ends_with(b" ") && options.contains(&b'=')
}

/// The place of the value of such an option, up to a comma or a blank.
fn of_option(text: &[u8], start: usize) -> Option<Range<usize>> {
    let place = word(text, start)?;
    let value = &text[place];
    let length = memchr::memchr(b',', value).unwrap_or(value.len());
    (length >= SHORTEST && is_mixed(&value[..length])).then_some(start..start + length)
}

/// The place of a string that is a secret by its signs, up to its quote.
fn string(text: &[u8], start: usize, quote: u8) -> Option<Range<usize>> {
    let rest = &text[start..text.len().min(start + LONGEST)];
    let length = memchr::memchr2(quote, b'\n', rest)?;
    let is_string = rest[length] == quote && length >= SHORTEST_STRING;
    (is_string && is_mixed(&rest[..length])).then_some(start..start + length)
}

/// The place of a word that is a secret by its signs, up to a blank.
fn word(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = &text[start..text.len().min(start + LONGEST)];
    let length = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let value = &rest[..length];
    // Code goes on in lines, strings and variables are put together, and addresses of pages have blanks encoded.
    let is_code = matches!(value.last(), Some(b',' | b';' | b')' | b'{' | b'('))
        || value.iter().any(|b| matches!(b, b'"' | b'\'' | b'`' | b'$' | b'<' | b'>' | b'\\'))
        || value.windows(3).any(|w| matches!(w, b"%20" | b"%0A"));
    (length >= SHORTEST && !is_code && is_mixed(value)).then_some(start..start + length)
}

/// Whether letters and digits stand in a value, and no blanks.
fn is_mixed(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_alphabetic)
        && value.iter().any(u8::is_ascii_digit)
        && !value.iter().any(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(String, &str)> {
        let sign = text.find("assword=").map_or_else(|| text.find('='), |at| Some(at + 7)).unwrap();
        let told = |key: &str| Some(key.to_owned());
        let (key, place) = secret(text.as_bytes(), sign, told)?;
        Some((key, &text[place]))
    }

    #[test]
    fn scripts_set_secrets() {
        for (text, key, value) in [
            ("export DB_PASSWORD=hemmelig7711Q", "DB_PASSWORD", "hemmelig7711Q"),
            ("x\nDB_PASSWORD=hemmelig#1Q\n", "DB_PASSWORD", "hemmelig#1Q"),
            ("mysqldump -u root --password=Tiger7713Qz crm", "password", "Tiger7713Qz"),
            ("docker run -e API_KEY=Tiger7713Qz x", "API_KEY", "Tiger7713Qz"),
            ("mount -o user=svc,password=Fjord2026 /mnt", "password", "Fjord2026"),
            ("    password = \"Kaffe7712Qz\";", "password", "Kaffe7712Qz"),
            ("connect(\"sa\", password='Kaffe7712Qz')", "password", "Kaffe7712Qz"),
        ] {
            assert_eq!(found(text), Some((key.to_owned(), value)), "{text}");
        }
    }

    #[test]
    fn what_code_gives_to_names_is_none() {
        for text in [
            "    password=password1,",
            "password = password1",
            "f(x, user=kari1,password=secret1)",
            "f(user=kari1,password=secret1)",
            "x user=kari1,password=secret1,",
            "password=$DB_PASSWORD2",
            "if x password=secret1",
            "password=\"secret\"",
            "password=\"enter 2 words\"",
            "password=\"abc1\"",
            "PASSWORD=hemmelig",
            "password=f(x1)",
            "password=\"Kaffe7712Qz",
            "append(\" password = \").append(Hex1(x)).append(\"x\")",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
