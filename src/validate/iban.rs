//! IBANs: ISO 13616 and SWIFT's registry.

use super::checksum::mod_97;
use super::{Context, Rung, Validator, Verdict};

mod registry;

use registry::{EXAMPLE_IBANS, structure};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("iban", iban)];

/// IBAN: country code, two check digits (ISO 7064 MOD 97-10 over the rearranged text), BBAN of the
/// country's length and structure.
fn iban(text: &str, _: &Context) -> Verdict {
    let text = iban_in(text);
    let mut plain = [0u8; 40];
    let mut len = 0;
    for byte in text.bytes().filter(u8::is_ascii_alphanumeric) {
        if len == plain.len() {
            return Verdict::Invalid("too long");
        }
        plain[len] = byte.to_ascii_uppercase();
        len += 1;
    }
    let mut plain = &plain[..len];
    if plain.len() > 8 && plain.starts_with(b"IBAN") {
        plain = &plain[4..];
    }
    let Some((head, bban)) = plain.split_at_checked(4) else {
        return Verdict::Invalid("too short");
    };
    let Some(structure) = structure([head[0], head[1]]) else {
        return Verdict::Invalid("the country has no IBAN");
    };
    if !has_structure(bban, structure) {
        return Verdict::Invalid("not the country's length and structure");
    }
    if mod_97(bban.iter().chain(head).copied()) != 1 {
        return Verdict::Invalid("fails the check digits");
    }
    // Most differ by what they begin with, for which nothing has to be called.
    let front = |text: &[u8]| text.first_chunk().map(|eight| u64::from_be_bytes(*eight));
    let by_order = |example: &&str| {
        let example = example.as_bytes();
        front(example).cmp(&front(plain)).then_with(|| example.cmp(plain))
    };
    let is_example = EXAMPLE_IBANS.binary_search_by(by_order).is_ok();
    Verdict::Valid(if is_example { Rung::TEST } else { Rung::STRICT })
}

/// What of a text is as long as IBANs of its country are, where a blank or a hyphen stands behind that: words go on in
/// groups of four letters, too (`BE71 0961 2345 6769 BIC`). All of the text where it is shorter or goes on without.
#[must_use]
pub fn iban_in(text: &str) -> &str {
    // In tables most are written in one piece.
    if text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return text;
    }
    let prefix = text.get(..4).filter(|p| p.eq_ignore_ascii_case("iban")).map_or(0, str::len);
    let signs = || text.bytes().enumerate().skip(prefix).filter(|(_, b)| b.is_ascii_alphanumeric());
    let mut country = signs().map(|(_, b)| b.to_ascii_uppercase());
    let structure = country.next().zip(country.next()).and_then(|(a, b)| structure([a, b]));
    let Some(structure) = structure else { return text };
    let groups = structure.split(|c: char| !c.is_ascii_digit());
    let length: usize = 4 + groups.filter_map(|n| n.parse::<usize>().ok()).sum::<usize>();
    let end = signs().nth(length - 1).map_or(text.len(), |(at, _)| at + 1);
    let goes_on = text[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
    if goes_on { text } else { &text[..end] }
}

fn has_structure(bban: &[u8], structure: &str) -> bool {
    let (mut rest, mut count) = (bban, 0);
    for c in structure.bytes() {
        if c.is_ascii_digit() {
            count = count * 10 + usize::from(c - b'0');
            continue;
        }
        let Some((part, behind)) = rest.split_at_checked(count) else { return false };
        let fits = match c {
            b'n' => part.iter().all(u8::is_ascii_digit),
            b'a' => part.iter().all(u8::is_ascii_uppercase),
            _ => part.iter().all(u8::is_ascii_alphanumeric),
        };
        if !fits {
            return false;
        }
        (rest, count) = (behind, 0);
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::testing::takes;
    use super::registry::IBANS;
    use super::*;

    #[test]
    fn published_examples_pass_and_near_misses_do_not() {
        for (text, passes) in [
            ("GB82 WEST 1234 5698 7654 32", true),
            ("GB82 WEST 1234 5698 7654 33", false),
            ("BE71 0961 2345 6769 BIC", true),
            ("BE71096123456769250", false),
        ] {
            assert_eq!(takes(iban, text), passes, "{text}");
        }
        assert!(EXAMPLE_IBANS.is_sorted() && EXAMPLE_IBANS.iter().all(|text| takes(iban, text)));
    }

    #[test]
    fn words_may_go_on_behind_one() {
        for (text, own) in [
            ("BE71 0961 2345 6769 BIC", "BE71 0961 2345 6769"),
            ("IBAN BE71096123456769 250", "IBAN BE71096123456769"),
            ("BE71 0961 2345 6769", "BE71 0961 2345 6769"),
            ("BE710961234567691", "BE710961234567691"),
            ("NO93 8601 1117 947", "NO93 8601 1117 947"),
        ] {
            assert_eq!(iban_in(text), own);
        }
    }

    #[test]
    fn structures_are_found_by_country() {
        for (country, bban) in IBANS {
            let by_country = structure([country.as_bytes()[0], country.as_bytes()[1]]);
            assert_eq!(by_country, Some(*bban));
        }
        assert_eq!([*b"AA", *b"B3", *b"3B", *b"ZZ", *b"A["].map(structure), [None; 5]);
    }
}
