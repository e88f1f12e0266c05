//! What has the form of an e-mail address and is none: a user and a host, the number of a message or an entry.

use super::AROUND;
use crate::unit::CELL_END;

/// Whether what has an `@` in it is something else by what stands beside it.
pub(super) fn is_none(text: &[u8], start: usize, end: usize) -> bool {
    let value = &text[start..end];
    if memchr::memchr(b'@', value).is_none() {
        return false;
    }
    let before = &text[start.saturating_sub(AROUND)..start];
    is_user_of_host(text, start)
        || is_message(before)
        || is_entry(before, value)
        || is_remote_path(before, &text[end..])
}

/// Whether it is the secret and the host of a service's address, or a user and the host:
/// `postgres://kari:hemmelig@db.example.org`.
fn is_user_of_host(text: &[u8], start: usize) -> bool {
    /// Bytes of a user's name and of a secret.
    const LONGEST: usize = 96;
    let ends = |b: &u8| {
        matches!(*b, b'/' | b'"' | b'\'' | b'<' | b'>' | b'(' | b')' | b'@' | b',' | CELL_END)
            || b.is_ascii_whitespace()
    };
    let before = &text[start.saturating_sub(LONGEST)..start];
    if before.ends_with(b"://") {
        // `https://key@sentry.example.org`, but for schemes that people are written to by.
        return ![&b"mailto://"[..], b"xmpp://", b"im://"].iter().any(|to| before.ends_with(to));
    }
    // Nearly everything stands alone.
    if before.last().is_none_or(ends) {
        return false;
    }
    let address = before.iter().rposition(ends).map(|at| before.split_at(at + 1));
    address.is_some_and(|(front, user)| front.ends_with(b"://") && user.contains(&b':'))
}

/// Whether it is the number of a message: `message-id=<4711@host>`, also of one that is answered.
fn is_message(before: &[u8]) -> bool {
    const NAMES: &[&[u8]] = &[
        b"message-id",
        b"msgid",
        b"in-reply-to",
        b"message_id",
        b"content-id",
        b"references",
        b"messageid",
    ];
    let Some(front) = before.strip_suffix(b"<") else { return false };
    let front = front.trim_ascii_end();
    let front = front.strip_suffix(b"=").or_else(|| front.strip_suffix(b":")).unwrap_or(front);
    let is_named = |name: &&[u8]| {
        let end = front.len().checked_sub(name.len()).map(|at| &front[at..]);
        end.is_some_and(|end| end.eq_ignore_ascii_case(name))
    };
    NAMES.iter().any(is_named)
}

/// Whether it is the number of a message in an address of the web (`mid:`, `cid:`), or what a program called an entry of
/// a calendar (`RELATED-TO:`, `UID:` before letters and digits mixed).
fn is_entry(before: &[u8], value: &[u8]) -> bool {
    /// Bytes and digits that a name made by a program has at least before the `@`.
    const MADE: (usize, usize) = (16, 3);
    // What stands before the value without a blank; nearly always that is nothing.
    if before.last().is_none_or(|b| !matches!(b, b':' | b'=' | b'/' | b'&' | b'$' | b'*' | b'!')) {
        return false;
    }
    let ends =
        |b: &u8| b.is_ascii_whitespace() || matches!(*b, b'"' | b'\'' | b'<' | b'(' | CELL_END);
    let front = before.rsplit(ends).next().unwrap_or_default();
    let begins =
        |name: &[u8]| front.get(..name.len()).is_some_and(|f| f.eq_ignore_ascii_case(name));
    let is_made = || {
        let local = value.split(|b| *b == b'@').next().unwrap_or_default();
        local.len() >= MADE.0 && crate::bytes::count(local, |b| b.is_ascii_digit()) >= MADE.1
    };
    begins(b"mid:") || begins(b"cid:") || begins(b"related-to:") || begins(b"uid:") && is_made()
}

/// Whether a place on the host stands right behind: `backup@host.example.org:/srv`, as scp and rsync have them. In lists
/// of users what stands before is joined as well.
fn is_remote_path(before: &[u8], behind: &[u8]) -> bool {
    matches!(behind, [b':', b'/' | b'~', ..])
        && before.last().is_none_or(|b| {
            b.is_ascii_whitespace() || matches!(*b, b'"' | b'\'' | b'`' | b'=' | b'>' | CELL_END)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_none_in(text: &str, value: &str) -> bool {
        let at = text.find(value).unwrap();
        is_none(text.as_bytes(), at, at + value.len())
    }

    #[test]
    fn users_of_hosts_are_told_from_addresses() {
        let host = "ab@db.example.org";
        for text in [
            "x://kari:ab@db.example.org/x",
            "x://kari:a$ab@db.example.org/x",
            "https://ab@db.example.org/1",
            "scp ab@db.example.org:/srv/x .",
            "rsync -a \"ab@db.example.org:~/x\" .",
        ] {
            assert!(is_none_in(text, host), "{text}");
        }
        for text in [
            "mailto://ab@db.example.org",
            "x://db:80/ab@db.example.org",
            "mail: ab@db.example.org",
            "mail ab@db.example.org: no",
            "k:x:1000:1000:Kari,,,ab@db.example.org:/home/k:/bin/sh",
        ] {
            assert!(!is_none_in(text, host), "{text}");
        }
    }

    #[test]
    fn numbers_of_messages_and_entries_are_told_from_addresses() {
        for (text, value) in [
            ("message-id=<4711@web01.example.org>", "4711@web01.example.org"),
            ("References: <4711@web01.example.org>", "4711@web01.example.org"),
            ("cite=\"mid:CAF=0sfwk@mail.example.org\"", "0sfwk@mail.example.org"),
            ("RELATED-TO:20260901-12@x.example.org", "20260901-12@x.example.org"),
            ("UID:ak30b02u7858q1oo6ji@x.example.org", "ak30b02u7858q1oo6ji@x.example.org"),
        ] {
            assert!(is_none_in(text, value), "{text}");
        }
        for text in ["from=<kari@example.org>", "uid:kari@example.org", "mail:kari@example.org"] {
            assert!(!is_none_in(text, "kari@example.org"), "{text}");
        }
    }
}
