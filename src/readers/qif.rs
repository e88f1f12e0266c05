//! QIF, in which programs for one's own money hand on accounts: each transaction a row.
//!
//! Intuit, "Quicken Interchange Format": lines that a letter begins, and `^` behind each transaction.

use super::lines::Lines;
use super::{Format, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// QIF.
pub static FORMAT: Format = Format {
    id: "qif",
    name: "QIF account transactions",
    extensions: &["qif"],
    fields: "field",
    isolated: false,
    beside: &[],
    sniff: |head| STARTS.iter().any(|start| head.trimmed().starts_with(start)),
    read,
};

/// What such files start with.
const STARTS: [&[u8]; 3] = [b"!Type:", b"!Account", b"!Option:"];
/// What the letters stand for.
const FIELDS: &[(u8, &str)] = &[
    (b'D', "date"),
    (b'T', "amount"),
    (b'U', "amount"),
    (b'P', "payee"),
    (b'M', "memo"),
    (b'A', "address"),
    (b'L', "category"),
    (b'N', "number"),
    (b'E', "memo"),
    (b'S', "category"),
];

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let mut row = 1;
    while lines.advance()? {
        let (first, value) = match lines.text.split_first() {
            Some((first, value)) if !lines.is_rest => (*first, value),
            _ => {
                lines.push_text(sink);
                continue;
            }
        };
        match FIELDS.iter().find(|field| field.0 == first) {
            Some((_, field)) => {
                let slot = sink.slot(None, Some(field));
                sink.value(slot, row, value.trim_ascii());
            }
            None if first == b'^' => row += 1,
            None => lines.push_text(sink),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Head;
    use super::super::vcard::tests::read_by;
    use super::*;

    #[test]
    fn transactions_are_rows() {
        let text = "!Type:Bank\r\nD1/2'26\r\nT-10.00\r\nPKari Nordmann\r\nAStorgata 1\r\n^\r\nPOla\r\nx?\r\n^\r\n";
        assert!((FORMAT.sniff)(&Head::new(text.as_bytes(), true, "")));
        for step in 1..8 {
            let all = read_by(&FORMAT, text.as_bytes(), step);
            assert_eq!(all.field(None, "payee"), [(1, "Kari Nordmann".into()), (2, "Ola".into())]);
            assert_eq!(all.field(None, "address"), [(1, "Storgata 1".into())]);
            assert_eq!(all.text(), "!Type:Bankx?");
        }
    }
}
