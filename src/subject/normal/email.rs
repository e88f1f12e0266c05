//! E-mail addresses.

use unicode_normalization::UnicodeNormalization as _;

/// Hosts that ignore dots in the part before the `@`.
const WITHOUT_DOTS: &[&str] = &["gmail.com", "googlemail.com"];

/// The address in lower case and Unicode, then without its plus-tag.
pub(super) fn forms(text: &str) -> Vec<String> {
    let Some((local, domain)) = parts(text) else { return Vec::new() };
    let local = match WITHOUT_DOTS.contains(&domain.as_str()) {
        true => local.replace('.', ""),
        false => local,
    };
    let untagged = local.split_once('+').filter(|(before, _)| !before.is_empty()).map(|p| p.0);
    [Some(local.as_str()), untagged]
        .into_iter()
        .flatten()
        .map(|local| format!("{local}@{domain}"))
        .collect()
}

fn parts(text: &str) -> Option<(String, String)> {
    let mut text: String = unescaped(text.trim()).nfc().flat_map(char::to_lowercase).collect();
    for (written, means) in [("(at)", "@"), ("[at]", "@"), ("{at}", "@")] {
        text = text.replace(written, means);
    }
    let text =
        text.trim_start_matches("mailto:").trim_matches(['<', '>', '"', '\'', '.', ',', ';']);
    let (local, domain) = text.rsplit_once('@')?;
    let (local, domain) = (local.trim(), domain.trim());
    let domain: Vec<String> = domain.split('.').map(in_unicode).collect();
    let sound =
        !local.is_empty() && domain.len() > 1 && domain.iter().all(|label| !label.is_empty());
    let has_blank = local.contains(char::is_whitespace);
    (sound && !has_blank).then(|| (local.to_owned(), domain.join(".")))
}

/// The text with `%40` and the like as what they stand for.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let code = code.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// A label of a domain, out of Punycode where it is in that.
fn in_unicode(label: &str) -> String {
    let decoded = label.strip_prefix("xn--").and_then(punycode);
    decoded.unwrap_or_else(|| label.to_owned())
}

/// Decodes Punycode (RFC 3492, section 6.2).
fn punycode(text: &str) -> Option<String> {
    let (basic, rest) = text.rsplit_once('-').unwrap_or(("", text));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut code, mut index, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = rest.bytes();
    while digits.len() > 0 {
        let (before, mut weight, mut k) = (index, 1_u32, 36_u32);
        loop {
            let digit = match digits.next()? {
                b @ b'a'..=b'z' => u32::from(b - b'a'),
                b @ b'0'..=b'9' => u32::from(b - b'0') + 26,
                _ => return None,
            };
            index = index.checked_add(digit.checked_mul(weight)?)?;
            let least = k.saturating_sub(bias).clamp(1, 26);
            if digit < least {
                break;
            }
            weight = weight.checked_mul(36 - least)?;
            k += 36;
        }
        let length = u32::try_from(out.len()).ok()? + 1;
        bias = adapted(index - before, length, before == 0);
        code = code.checked_add(index / length)?;
        index %= length;
        out.insert(usize::try_from(index).ok()?, char::from_u32(code)?);
        index += 1;
    }
    Some(out.into_iter().collect())
}

/// RFC 3492, section 6.1.
fn adapted(delta: u32, length: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punycode_is_decoded() {
        assert_eq!(in_unicode("xn--blbr-roah"), "blåbær");
        assert_eq!(in_unicode("xn--mnchen-3ya"), "münchen");
        assert_eq!(in_unicode("xn--99999999999"), "xn--99999999999");
        assert_eq!(in_unicode("plain"), "plain");
    }

    #[test]
    fn dots_count_except_at_hosts_that_ignore_them() {
        assert_eq!(forms("O.La@Gmail.com"), ["ola@gmail.com"]);
        assert_eq!(forms("o.la+x@example.org"), ["o.la+x@example.org", "o.la@example.org"]);
        assert!(forms("a b@example.org").is_empty());
    }
}
