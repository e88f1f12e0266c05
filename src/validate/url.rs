//! Secrets in the addresses of services: `postgres://kari:Sommer2021@db.example.org`. Documents show such addresses with
//! words for what goes there; those are none.

use std::ops::Range;

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

/// Where in an address up to its host the secret stands: between the user's name and the host.
#[must_use]
pub fn secret(address: &str) -> Option<Range<usize>> {
    let user = address.find("://")? + 3;
    let start = user + address[user..].find(':')? + 1;
    let end = start + address[start..].rfind('@')?;
    Some(start..end)
}

/// A secret that tells what it is: in the address of a service, or hashed as programs keep it.
fn told_secret(text: &str, cx: &Context) -> Verdict {
    if text.contains("://") { url_secret(text, cx) } else { hashed(text) }
}

/// The hash of a password with its method and salt. One sign again and again is shown as an example.
fn hashed(text: &str) -> Verdict {
    let hash = text.rsplit(['$', '}']).next().unwrap_or_default();
    let mut signs: Vec<u8> = hash.bytes().collect();
    signs.sort_unstable();
    signs.dedup();
    // Nearly all of them have twelve different signs and more.
    match signs.len() < 8 {
        true => Verdict::Invalid("an example"),
        false => Verdict::Valid(const { Rung::new("form", Validity::Hashed) }),
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
fn is_shown(text: &str) -> bool {
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
