//! Secrets that tell what they are: in the addresses of services (`postgres://kari:Sommer2021@db.example.org`), in what
//! creates users of databases, in headers of requests, hashed, signed. Documents show such things with words for what goes
//! there; those are none.

use std::ops::Range;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::email::is_reserved;
use super::{Context, Rung, Validator, Validity, Verdict, cell};
use crate::detect::fold::words;

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("told_secret", told_secret)];

/// Words for what goes in such an address, as examples have them.
const SHOWN: &[&str] = &[
    "user", "username", "usr", "login", "name", "your", "my", "the", "some", "pass", "passwd",
    "password", "pwd", "pw", "passw", "passord", "passwort", "secret", "token", "key", "host",
    "hostname", "server", "domain", "address", "redacted", "hidden", "masked", "removed",
    "example", "db", "database", "account", "api", "access", "foo", "bar", "baz", "xxx",
];

/// What the frame of a private key says.
const PRIVATE_KEY: &str = "PRIVATE KEY";

/// Where the secret stands in what has a look of one: in an address between the user's name and the host, in quotes, below
/// the frame of a private key, or as the last word.
#[must_use]
pub fn secret(text: &str) -> Option<Range<usize>> {
    match text.as_bytes() {
        _ if text.contains("://") => in_address(text),
        _ if text.contains(PRIVATE_KEY) => Some(text.rfind('\n')? + 1..text.len()),
        [.., quote @ (b'\'' | b'"')] => {
            let end = text.len() - 1;
            Some(text[..end].rfind(char::from(*quote))? + 1..end)
        }
        _ => {
            let text = text.trim_end_matches('.');
            let start =
                text.rfind(' ').map(|at| at + 1).or(text.starts_with("eyJ").then_some(0))?;
            Some(start..text.len())
        }
    }
}

/// Where in an address up to its host the secret stands: between the user's name and the host.
fn in_address(address: &str) -> Option<Range<usize>> {
    let user = address.find("://")? + 3;
    let start = user + address[user..].find(':')? + 1;
    let end = start + address[start..].rfind('@')?;
    Some(start..end)
}

/// A secret that tells what it is: in the address of a service, in a statement, a header of a request or a sentence,
/// signed, or hashed as programs keep it.
fn told_secret(text: &str, cx: &Context) -> Verdict {
    match secret(text) {
        _ if text.contains("://") => url_secret(text, cx),
        Some(place) if place.start == 0 => signed(text),
        Some(place) if text.contains(PRIVATE_KEY) => of_form(&text[place], Validity::Real),
        Some(place) => {
            let is_one = match text {
                _ if text.ends_with(['\'', '"']) || text.starts_with("Bearer ") => has_digits,
                _ if text.starts_with("Basic ") => is_basic,
                _ => is_chosen,
            };
            stated(&text[place], is_one, cx)
        }
        None if text.contains(['$', '}']) => {
            of_form(text.rsplit(['$', '}']).next().unwrap_or_default(), Validity::Hashed)
        }
        None => of_form(text, Validity::Real),
    }
}

/// What stands where a statement, a header or a sentence has a secret: no words, and nothing to be filled in.
fn stated(secret: &str, is_one: fn(&str) -> bool, cx: &Context) -> Verdict {
    match cell::credential(secret, cx) {
        Verdict::Valid(_) if is_one(secret) && !is_shown(secret) => {
            Verdict::Valid(const { Rung::new("prose", Validity::Real) })
        }
        _ => Verdict::Invalid("words, or what is to be filled in"),
    }
}

/// Whether a text has letters, and digits or what fills up base64.
fn has_digits(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_alphabetic())
        && text.bytes().any(|b| b.is_ascii_digit() || b == b'=')
}

/// Whether a text is a user's name and a password in base64 (RFC 7617), and neither is a word for it.
fn is_basic(text: &str) -> bool {
    let Ok(bytes) = BASE64_STANDARD.decode(text) else { return false };
    let Ok(pair) = String::from_utf8(bytes) else { return false };
    pair.split_once(':').is_some_and(|(user, secret)| !is_shown(user) && !is_shown(secret))
}

/// Whether a text is a password as people choose them where capitals, digits and signs are asked for: all of them, or a word
/// with digits behind it. Names of code have digits inside.
fn is_chosen(text: &str) -> bool {
    let has = |of: fn(&u8) -> bool| text.bytes().any(|b| of(&b));
    let signs = |b: &u8| b"!#$%&*?@".contains(b);
    let bare = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '!');
    let digits = text[bare.len()..].bytes().filter(u8::is_ascii_digit).count();
    let is_word = bare.len() > 2 && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_ruled = text.as_bytes().windows(4).any(|w| w.iter().all(|b| *b == w[0]));
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && !is_ruled
        && !["example", "%0a", "%20"].iter().any(|shown| text.to_ascii_lowercase().contains(shown))
        && (has(u8::is_ascii_digit) && has(signs) || is_word && digits > 1)
}

/// A JSON Web Token (RFC 7519): its first two parts are objects. That of the standard and of pages about it is an example.
fn signed(token: &str) -> Verdict {
    const EXAMPLES: &[&str] = &[
        "eyJzdWIiOiIxMjM0NTY3ODkwI",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkz",
        "eyJzb21lIjoicGF5bG9hZCJ9",
    ];
    match token.split('.').nth(1) {
        Some(claims) if EXAMPLES.iter().any(|of| claims.starts_with(of)) => {
            Verdict::Valid(Rung::TEST)
        }
        Some(claims) if claims.starts_with("eyJ") => {
            Verdict::Valid(const { Rung::new("form", Validity::Real) })
        }
        _ => Verdict::Invalid("no claims"),
    }
}

/// The hash of a password, a private key or a token, which tell by their form. One sign again and again is shown as an
/// example, and so is what says that it is one.
fn of_form(secret: &str, validity: Validity) -> Verdict {
    let mut signs: Vec<u8> = secret.bytes().collect();
    signs.sort_unstable();
    signs.dedup();
    // Nearly all of them have twelve different signs and more.
    match signs.len() < 8 || secret.contains("EXAMPLE") {
        true => Verdict::Invalid("an example"),
        false => Verdict::Valid(Rung::new("form", validity)),
    }
}

/// An address of a service up to its host, with a secret in it that could be somebody's.
fn url_secret(text: &str, cx: &Context) -> Verdict {
    let Some(place) = secret(text) else { return Verdict::Invalid("no secret in an address") };
    let user = text[..place.start - 1].rsplit('/').next().unwrap_or_default();
    let (secret, host) = (&text[place.clone()], &text[place.end + 1..]);
    if is_shown(secret) || is_shown(host) || secret.eq_ignore_ascii_case(user) {
        return Verdict::Invalid("an example");
    }
    let is_number = secret.bytes().all(|b| b.is_ascii_digit());
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let is_constant = secret.contains('_')
        && !secret.bytes().any(|b| b.is_ascii_lowercase())
        && secret.bytes().all(is_name);
    let is_template = |(open, close)| secret.starts_with(open) && secret.ends_with(close);
    if is_number && secret.len() <= 5
        || is_constant
        || [('%', '%'), ('{', '}'), ('[', ']'), ('(', ')'), ('$', ')')].into_iter().any(is_template)
        || secret.starts_with(['$', '%', '*', '.'])
        // The way of access stands before the user: `cvs://:pserver:anoncvs@host`.
        || secret.contains(':')
        || is_shown(user) && secret.bytes().all(|b| b.is_ascii_lowercase())
        // The name of a site, so that the address looks like one of it.
        || user.starts_with("www.")
    {
        return Verdict::Invalid("a port or what is to be filled in");
    }
    match cell::credential(secret, cx) {
        Verdict::Valid(rung) if rung.validity == Validity::Hashed => Verdict::Valid(rung),
        Verdict::Valid(_) if is_reserved(host.to_ascii_lowercase().as_bytes()) => {
            Verdict::Valid(Rung::TEST)
        }
        Verdict::Valid(_) => Verdict::Valid(const { Rung::new("prose", Validity::Real) }),
        other => other,
    }
}

/// Whether a text is words for what goes there, with digits behind them at most, or one sign again and again.
#[must_use]
pub fn is_shown(text: &str) -> bool {
    let bare = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let first = text.chars().next();
    let is_one_sign = text.chars().all(|c| Some(c) == first);
    is_one_sign
        || bare.to_ascii_lowercase().ends_with("password")
        || words(bare).iter().all(|word| SHOWN.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_statements_headers_and_sentences_are_told_from_words() {
        let cx = Context { as_of: jiff::civil::date(2026, 11, 1) };
        for (text, value) in [
            ("IDENTIFIED BY 'Kaffe7712Qz'", "Kaffe7712Qz"),
            ("define('DB_PASSWORD', 'Kaffe7712Qz'", "Kaffe7712Qz"),
            ("Bearer a47ad0c1f2b3c4d5e6f7", "a47ad0c1f2b3c4d5e6f7"),
            ("Basic a2FsdW5kOmhlbW1lbGlnNzcxMVE=", "a2FsdW5kOmhlbW1lbGlnNzcxMVE="),
            ("passord Sommer2024!", "Sommer2024!"),
            ("password was Tr1cky-Horse77.", "Tr1cky-Horse77"),
        ] {
            assert_eq!(secret(text).map(|place| &text[place]), Some(value), "{text}");
            assert!(matches!(told_secret(text, &cx), Verdict::Valid(_)), "{text}");
        }
        for text in [
            "IDENTIFIED BY 'password1'",
            "Basic characteristics-of-x",
            "password base64Encoded",
            "password sha256-Hash",
            "password policy-2024",
            "passord Sommeren",
            "Basic dXNlcjpwYXNzd29yZA==",
            "Basic understanding_of_2",
            "password Example-2024",
        ] {
            assert!(matches!(told_secret(text, &cx), Verdict::Invalid(_)), "{text}");
        }
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJrYXJpIn0.";
        assert!(
            matches!(told_secret(token, &cx), Verdict::Valid(r) if r.validity == Validity::Real)
        );
        let shown = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.";
        assert!(
            matches!(told_secret(shown, &cx), Verdict::Valid(r) if r.validity == Validity::Test)
        );
    }

    #[test]
    fn secrets_in_addresses_are_told_from_examples() {
        let cx = Context { as_of: jiff::civil::date(2026, 11, 1) };
        let told = |text: &str| matches!(url_secret(text, &cx), Verdict::Valid(_));
        for text in [
            "postgres://kari:hemmelig@db.example.org",
            "mysql://root:Passw0rd99@db.example.org",
            "redis://:Sommer2021@localhost",
            "mongodb+srv://app:p%40ssord@10.0.0.1",
            "https://user:Sommer2021!@example.org",
        ] {
            assert!(told(text), "{text}");
        }
        assert_eq!(secret("x://a:b@d"), Some(6..7));
        for text in [
            "http://www.example.com:Article1840@shop.example.org",
            "https://user:password@example.org",
            "ftp://user:pass123@example.org",
            "http://kari:8080@example.org",
            "http://kari:xxxxxx@example.org",
            "http://kari:******@example.org",
            "http://kari:$PASSORD@example.org",
            "http://kari:%PASSORD%@example.org",
            "http://kari:{passord}@example.org",
            "http://kari:[passord]@example.org",
            "http://kari:DB_PASSWORD@example.org",
            "http://kari:your-secret@example.org",
            "http://kari:changeme@example.org",
            "http://kari:herpassword@example.org",
            "cvs://:pserver:anoncvs@example.org",
            "http://username:hunter@example.org",
            "postgres://postgres:postgres@localhost",
            "postgres://kari:sommer21@hostname",
            "https://kari@example.org",
        ] {
            assert!(!told(text), "{text}");
        }
    }
}
