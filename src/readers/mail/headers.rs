//! A part's headers: what they say of its content, and the fields that say something of people.

use std::borrow::Cow;
use std::sync::LazyLock;

use mail_parser::{Addr, HeaderValue, MessageParser, MimeHeaders};

use super::decode::{Transfer, utf8};
use crate::unit::Sink;

/// Headers of machines to each other: routes, signatures, ids, states of folders. Ids look like addresses.
const TECHNICAL: &[&str] = &[
    "arc-",
    "authentication-results",
    "autocrypt",
    "content-",
    "dkim",
    "domainkey",
    "face",
    "feedback-id",
    "importance",
    "in-reply-to",
    "lines",
    "list-",
    "message-id",
    "mime-version",
    "openpgp",
    "original-message-id",
    "precedence",
    "priority",
    "received",
    "references",
    "resent-date",
    "resent-message-id",
    "status",
    "thread-",
    "user-agent",
    "x-account-key",
    "x-amz",
    "x-antivirus",
    "x-evolution",
    "x-exim",
    "x-face",
    "x-forefront",
    "x-gm-",
    "x-google",
    "x-identity-key",
    "x-mailer",
    "x-message-id",
    "x-microsoft",
    "x-mimeole",
    "x-mozilla",
    "x-ms-",
    "x-priority",
    "x-proofpoint",
    "x-received",
    "x-ses",
    "x-sg-",
    "x-spam",
    "x-status",
    "x-uid",
    "x-virus",
];

/// Headers of one part.
#[derive(Debug, Default)]
pub struct Headers {
    /// Type and subtype, lower case; empty when none is given.
    pub kind: String,
    /// What parts the parts of a multipart.
    pub boundary: Option<String>,
    /// Character set of a text.
    pub charset: Option<String>,
    /// What an S/MIME part is.
    pub smime: Option<String>,
    /// How the body is written.
    pub transfer: Transfer,
    /// Name of an attachment.
    pub name: Option<String>,
    /// Whether it says that it is one.
    pub attached: bool,
    /// What says something of people: field and value.
    fields: Vec<(String, String)>,
}

impl Headers {
    /// Reads a block of header lines.
    pub fn parse(block: &[u8]) -> Headers {
        static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
            MessageParser::new().with_mime_headers().with_address_headers().default_header_text()
        });
        let block = utf8(block.into(), None);
        let Some(found) = PARSER.parse_headers(&block) else { return Headers::default() };
        let mut headers = Headers::default();
        if let Some(kind) = found.content_type() {
            let subtype = kind.subtype().unwrap_or_default();
            headers.kind = format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase();
            let attribute = |name: &str| kind.attribute(name).map(str::to_owned);
            headers.boundary = attribute("boundary").filter(|b| !b.is_empty());
            headers.charset = attribute("charset");
            headers.smime = attribute("smime-type");
        }
        let transfer = found.content_transfer_encoding();
        headers.transfer = transfer.map(Transfer::named).unwrap_or_default();
        headers.name = found.attachment_name().map(file_name).filter(|n| !n.is_empty());
        headers.attached = found.content_disposition().is_some_and(|d| d.is_attachment());
        for header in found.headers() {
            headers.field(header.name(), header.value());
        }
        headers
    }

    fn field(&mut self, name: &str, value: &HeaderValue<'_>) {
        let low = name.to_ascii_lowercase();
        if TECHNICAL.iter().any(|t| low.starts_with(t)) {
            return;
        }
        match value {
            HeaderValue::Address(all) => all.iter().for_each(|one| self.address(name, one)),
            HeaderValue::DateTime(time) => self.fields.push((name.to_owned(), time.to_rfc3339())),
            HeaderValue::Text(text) => self.fields.push((name.to_owned(), text.to_string())),
            HeaderValue::TextList(texts) => {
                self.fields.extend(texts.iter().map(|t| (name.to_owned(), t.to_string())));
            }
            _ => {}
        }
    }

    /// A name and an address are fields of their own. A name that repeats an address adds nothing.
    fn address(&mut self, header: &str, one: &Addr<'_>) {
        let address = one.address().unwrap_or_default();
        let name = one.name().map(|n| n.trim_matches(['\'', '"', ' '])).unwrap_or_default();
        if !address.is_empty() {
            self.fields.push((format!("{header}.email"), address.to_owned()));
        }
        if name.is_empty() || name.eq_ignore_ascii_case(address) {
            return;
        }
        if name.contains('@') {
            self.fields.push((format!("{header}.email"), as_spoken(name)));
            return;
        }
        let (name, comment) = without_comment(name);
        self.fields.push((format!("{header}.name"), as_spoken(&name)));
        if let Some(comment) = comment {
            self.fields.push((format!("{header}.comment"), comment.to_owned()));
        }
    }

    /// Hands on the fields as those of message number `row`.
    pub fn push(&self, row: u64, sink: &mut Sink<'_>) {
        self.push_except(&[], row, sink);
    }

    /// The same, without the fields of these headers.
    pub fn push_except(&self, known: &[&str], row: u64, sink: &mut Sink<'_>) {
        for (field, value) in &self.fields {
            let header = field.split('.').next().unwrap_or_default();
            if known.iter().any(|k| k.eq_ignore_ascii_case(header)) {
                continue;
            }
            let slot = sink.slot(None, Some(field));
            sink.value(slot, row, value.as_bytes());
        }
    }
}

/// A display name without what stands in brackets or behind a bar at its end, or in quotes in its middle, and that:
/// `Kari Nordmann (Fjord Bank)`, `Kari Nordmann | Fjord Bank`, `Katarina "Kat" Nordmann`.
fn without_comment(name: &str) -> (Cow<'_, str>, Option<&str>) {
    let in_brackets = || name.strip_suffix(')')?.split_once(" (");
    let tail = in_brackets().or_else(|| name.split_once(" | "));
    if let Some((name, comment)) = tail.filter(|(name, _)| name.contains(' ')) {
        return (name.trim_end().into(), Some(comment.trim()));
    }
    let mut parts = name.split('"');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(before), Some(nickname), Some(after), None)
            if before.ends_with(' ') && after.starts_with(' ') =>
        {
            (format!("{before}{}", after.trim_start()).into(), Some(nickname))
        }
        _ => (name.into(), None),
    }
}

/// `Nordmann, Ola`, as directories sort people, the way round it is spoken.
pub fn as_spoken(name: &str) -> String {
    let is_name = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.next().is_some_and(char::is_lowercase)
            && part.chars().all(|c| c.is_alphabetic() || " -'’".contains(c))
    };
    match name.split_once(',').map(|(last, first)| (last.trim(), first.trim())) {
        Some((last, first)) if is_name(last) && is_name(first) => format!("{first} {last}"),
        _ => name.to_owned(),
    }
}

/// The last part of a path: programs write whole paths there, too.
pub fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::without_comment;

    #[test]
    fn names_are_told_from_what_is_said_of_them() {
        for (text, name, comment) in [
            ("Kari Nordmann (Fjord Bank)", "Kari Nordmann", Some("Fjord Bank")),
            ("Kari Nordmann | Fjord Bank", "Kari Nordmann", Some("Fjord Bank")),
            ("Katarina \"Kat\" Nordmann", "Katarina Nordmann", Some("Kat")),
            ("Kari Nordmann", "Kari Nordmann", None),
            ("Support (Kari)", "Support (Kari)", None),
            ("\"Kari\"", "\"Kari\"", None),
        ] {
            let told = without_comment(text);
            assert_eq!((told.0.as_ref(), told.1), (name, comment));
        }
    }
}
