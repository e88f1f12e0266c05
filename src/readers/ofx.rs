//! OFX 1.x and QFX, in which banks hand out accounts: SGML whose elements with a value have no end tag
//! (`<NAME>Kari Nordmann`). Each such element is a field of the aggregate that it stands in, each account and transaction a
//! row. OFX 2 is XML.
//!
//! OFX 1.6, chapters 2 (structure) and 11 (banking).

use super::drive::{Lines, Parse, Passage, Then, View, cut, drive, tokens};
use super::{Format, Head};
use crate::unit::{PIECE, Sink};

/// OFX 1.x.
pub static FORMAT: Format = Format {
    id: "ofx",
    name: "OFX 1.x account statements",
    extensions: &["ofx", "qfx"],
    fields: "aggregate.element",
    isolated: false,
    beside: &[],
    sniff,
    read: |source, sink| drive(source, sink, &mut Reader::default()),
};

/// Longest name of an element.
const NAME: usize = 64;
/// Aggregates within each other of which is told.
const DEEPEST: usize = 64;
/// Aggregates that are records, beside accounts.
const RECORDS: &[&str] =
    &["STMTTRN", "STMTRS", "CCSTMTRS", "INVSTMTRS", "INVTRAN", "PAYEEINFO", "PMTINFO"];

/// Files start with a header of lines, or without one right with the outermost element, closed by nothing before values.
fn sniff(head: &Head<'_>) -> bool {
    let text = head.trimmed();
    let starts = |sign: &[u8]| text.get(..sign.len()).is_some_and(|t| t.eq_ignore_ascii_case(sign));
    starts(b"OFXHEADER:") || starts(b"<OFX>") && !text.windows(7).any(|w| w == b"</CODE>")
}

#[derive(Default)]
struct Reader {
    /// The aggregates that are open, outermost first.
    open: Vec<String>,
    row: u64,
    loose: Passage,
    lines: Lines,
}

impl Reader {
    fn token(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Result<usize, Then> {
        let rest = &view.bytes[at..];
        if rest[0] != b'<' {
            return self.text(view, at, 0, sink);
        }
        let room = &rest[..rest.len().min(NAME + 3)];
        let Some(end) = memchr::memchr(b'>', room) else {
            let may_end = room.len() < NAME + 3 && !view.end;
            return if may_end { Err(Then::More) } else { self.text(view, at, 1, sink) };
        };
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let (closes, name) = match &rest[1..end] {
            [b'/', name @ ..] => (true, name),
            name => (false, name),
        };
        let name = std::str::from_utf8(name).ok().filter(|n| n.bytes().all(|b| is_part(&b)));
        let Some(name) = name.filter(|n| !n.is_empty()).map(str::to_ascii_uppercase) else {
            return self.text(view, at, end + 1, sink);
        };
        self.loose.end(sink);
        if closes {
            if let Some(of) = self.open.iter().rposition(|open| *open == name) {
                self.open.truncate(of);
            }
            return Ok(end + 1);
        }
        let behind = &rest[end + 1..];
        let behind = &behind[..behind.len().min(PIECE)];
        let length = match memchr::memchr(b'<', behind) {
            Some(length) => length,
            None if behind.len() < PIECE && !view.end => return Err(Then::More),
            None => cut(behind, behind.len()),
        };
        self.element(name, &behind[..length], sink);
        Ok(end + 1 + length)
    }

    /// An element, of which this stands before the next one.
    fn element(&mut self, name: String, value: &[u8], sink: &mut Sink<'_>) {
        let value = value.trim_ascii();
        if !value.is_empty() {
            let field = match self.open.last() {
                // The account of a card is called by the card's number.
                Some(of) if of.starts_with("CCACCT") && name == "ACCTID" => {
                    format!("{of}.card_number")
                }
                Some(aggregate) => format!("{aggregate}.{name}"),
                None => name,
            };
            let slot = sink.slot(None, Some(&field));
            sink.value(slot, self.row.max(1), &without_entities(value));
            return;
        }
        if RECORDS.contains(&name.as_str()) {
            self.row += 1;
        }
        if self.open.len() < DEEPEST {
            self.open.push(name);
        }
    }

    /// What stands between elements, this many bytes of it at least.
    fn text(
        &mut self,
        view: View<'_>,
        at: usize,
        least: usize,
        sink: &mut Sink<'_>,
    ) -> Result<usize, Then> {
        let rest = &view.bytes[at..];
        let part = &rest[..rest.len().min(PIECE.max(least))];
        let length = match memchr::memchr(b'<', &part[least..]) {
            Some(i) => least + i,
            None if part.len() < PIECE && !view.end => return Err(Then::More),
            None => part.len(),
        };
        let line = self.lines.at(view.bytes, at);
        self.loose.add(&rest[..length], line, view.base + at as u64, sink);
        Ok(length)
    }
}

/// A value without the entities that SGML needs.
fn without_entities(value: &[u8]) -> Vec<u8> {
    const ENTITIES: [(&[u8], u8); 4] =
        [(b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&nbsp;", b' ')];
    let (mut plain, mut at) = (Vec::with_capacity(value.len()), 0);
    while at < value.len() {
        let rest = &value[at..];
        let entity = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity));
        let (byte, length) = entity.map_or((rest[0], 1), |(entity, byte)| (*byte, entity.len()));
        plain.push(byte);
        at += length;
    }
    plain
}

impl Parse for Reader {
    fn parse(&mut self, view: View<'_>, sink: &mut Sink<'_>) -> (usize, Then) {
        let (used, then) = tokens(view, |at| self.token(view, at, sink));
        self.lines.leave(view.bytes, used);
        (used, then)
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), &'static str> {
        self.loose.end(sink);
        if self.open.is_empty() { Ok(()) } else { Err("the statement does not end: it may be cut") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::vcard::tests::{read_by, read_whole};
    use super::*;

    const TEXT: &str = "OFXHEADER:100\r\nDATA:OFXSGML\r\n\r\n<OFX><STMTRS><CURDEF>NOK\r\n<BANKACCTFROM><ACCTID>12345678903</BANKACCTFROM>\r\n\
        <BANKTRANLIST><STMTTRN><FITID>1<NAME>Kari Nordmann<MEMO>Leie &amp; str\u{f8}m</STMTTRN>\r\n\
        <STMTTRN>\r\n<PAYEE>\r\n<NAME>Ola Hansen\r\n<CITY>Oslo</CITY>\r\n</PAYEE><a b>x</STMTTRN></BANKTRANLIST></STMTRS></OFX>\r\n";

    #[test]
    fn statements() {
        for step in 1..8 {
            let (all, is_whole) = read_whole(&FORMAT, TEXT.as_bytes(), step);
            assert!(is_whole);
            assert_eq!(all.field(None, "BANKACCTFROM.ACCTID"), [(1, "12345678903".into())]);
            assert_eq!(all.field(None, "STMTTRN.NAME"), [(2, "Kari Nordmann".into())]);
            assert_eq!(all.field(None, "STMTTRN.MEMO"), [(2, "Leie & strøm".into())]);
            assert_eq!(all.field(None, "PAYEE.NAME"), [(3, "Ola Hansen".into())]);
            assert_eq!(all.field(None, "PAYEE.CITY"), [(3, "Oslo".into())]);
            let card = b"<OFX><CCACCTFROM><ACCTID>4111111111111111</CCACCTFROM></OFX>";
            let all_of_card = read_by(&FORMAT, card, step);
            assert_eq!(all_of_card.fields(), ["CCACCTFROM.card_number"]);
            assert_eq!(all.text(), "OFXHEADER:100\r\nDATA:OFXSGML<a b>x");
        }
        assert!(!read_whole(&FORMAT, &TEXT.as_bytes()[..200], 7).1);
    }

    #[test]
    fn is_told() {
        let told = |t: &str| sniff(&Head::new(t.as_bytes(), true, ""));
        assert!(told(TEXT) && told("\n<OFX>\n<STATUS><CODE>0<SEVERITY>INFO"));
        assert!(!told("<OFX><STATUS><CODE>0</CODE>") && !told("<?xml version='1.0'?><OFX>"));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(prop::sample::select(b"<>/aB &;\n\xF8".to_vec()), 0..200), step in 1_usize..8) {
            read_by(&FORMAT, &bytes, step);
        }
    }
}
