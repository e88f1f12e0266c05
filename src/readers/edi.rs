//! EDIFACT interchanges and those of ANSI X12, which firms and insurers exchange: each element of a segment is a field, each
//! message a row.
//!
//! ISO 9735 (separators, `UNA`), UN/EDIFACT D.01B (segments NAD, CTA, COM, DTM, PNA, ATT, NAT, DOC); ANSI ASC X12 005010
//! (ISA, ST, and the segments NM1, N1, N3, N4, PER, DMG, REF, HI).

use super::{Format, Stop};
use crate::readers::drive::{Parse, Then, View, drive};
use crate::source::Source;
use crate::unit::Sink;

/// EDIFACT and X12.
pub static FORMAT: Format = Format {
    id: "edi",
    name: "EDIFACT and X12 interchanges",
    extensions: &["edi", "x12", "edifact"],
    fields: "segment.element",
    isolated: false,
    beside: &[],
    sniff: |head| Signs::of(head.trimmed()).is_some(),
    read: |source: &mut Source, sink: &mut Sink<'_>| -> Result<(), Stop> {
        drive(source, sink, &mut Reader::default())
    },
};

/// A segment longer than this is none.
const SEGMENT: usize = 16 << 10;
/// Bytes of the segment that an X12 interchange begins with.
const ISA: usize = 106;

/// The separators that an interchange declares.
#[derive(Clone, Copy)]
struct Signs {
    segment: u8,
    element: u8,
    component: u8,
    repetition: u8,
    /// What makes a letter of the separator behind it.
    release: Option<u8>,
    is_x12: bool,
}

impl Signs {
    /// Those of an interchange that begins here.
    fn of(start: &[u8]) -> Option<Signs> {
        let edifact = |[component, element, _, release, _, segment]: [u8; 6]| Signs {
            segment,
            element,
            component,
            repetition: b'*',
            release: Some(release),
            is_x12: false,
        };
        let signs = if let Some(rest) = start.strip_prefix(b"UNA") {
            let signs: [u8; 6] = rest.get(..6)?.try_into().ok()?;
            let behind = rest[6..].trim_ascii_start();
            edifact(signs).fits(behind, b"UNB")?
        } else if start.starts_with(b"UNB") {
            edifact(*b":+.? '").fits(start, b"UNB")?
        } else {
            let isa = start.get(..ISA)?;
            let [element, repetition, component, segment] = [isa[3], isa[82], isa[104], isa[105]];
            Signs { segment, element, component, repetition, release: None, is_x12: true }
                .fits(start, b"ISA")?
        };
        Some(signs)
    }

    fn fits(self, start: &[u8], name: &[u8]) -> Option<Signs> {
        let is_sign = |b: u8| b.is_ascii_punctuation() || self.is_x12 && b.is_ascii_control();
        let all = [self.element, self.component, self.segment].into_iter().all(is_sign);
        (all && start.strip_prefix(name)?.first() == Some(&self.element)).then_some(self)
    }

    /// Parts of a text between signs of a sort that no other makes letters.
    fn split<'t>(&self, text: &'t [u8], sign: u8) -> Vec<&'t [u8]> {
        let (mut parts, mut from, mut at) = (Vec::new(), 0, 0);
        while at < text.len() {
            if Some(text[at]) == self.release {
                at += 1;
            } else if text[at] == sign {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            at += 1;
        }
        parts.push(&text[from..]);
        parts
    }

    /// A text without what makes letters of separators.
    fn plain(&self, text: &[u8]) -> Vec<u8> {
        let (mut plain, mut is_letter) = (Vec::with_capacity(text.len()), false);
        for &byte in text {
            is_letter = Some(byte) == self.release && !is_letter;
            if !is_letter {
                plain.push(byte);
            }
        }
        plain.trim_ascii().to_vec()
    }

    /// Where the segment ends that starts here.
    fn end(&self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let sign = at + memchr::memchr(self.segment, &bytes[at..])?;
            let releases = bytes[..sign].iter().rev().take_while(|b| Some(**b) == self.release);
            if releases.count() % 2 == 0 {
                return Some(sign);
            }
            at = sign + 1;
        }
    }
}

/// Elements that tell of people: segment, what stands first in it, number of the element, name.
const TOLD: &[(&str, &str, usize, &str)] = &[
    ("NAD", "", 3, "address"),
    ("NAD", "", 4, "name"),
    ("NAD", "", 5, "street_address"),
    ("NAD", "", 6, "city"),
    ("NAD", "", 8, "postal_code"),
    ("NAD", "", 9, "country"),
    ("CTA", "", 2, "contact_name"),
    ("PNA", "", 5, "name"),
    ("DTM", "329", 1, "date_of_birth"),
    ("ATT", "2", 3, "gender"),
    ("PDI", "", 1, "gender"),
    ("NAT", "", 2, "nationality"),
    ("DOC", "P", 2, "passport_number"),
    ("FII", "", 2, "account"),
    ("NM1", "", 9, "identifier"),
    ("N1", "", 2, "name"),
    ("N3", "", 1, "address"),
    ("N3", "", 2, "address"),
    ("N4", "", 1, "city"),
    ("N4", "", 3, "postal_code"),
    ("PER", "", 2, "contact_name"),
    ("DMG", "D8", 2, "date_of_birth"),
    ("DMG", "", 3, "gender"),
    ("DMG", "", 4, "marital_status"),
    ("REF", "SY", 2, "ssn"),
];
/// Codes before an element of X12 that say what it is, where any may stand.
const CODED: &[(&str, &str, &str)] = &[
    ("NM1", "34", "ssn"),
    ("PER", "TE", "phone"),
    ("PER", "HP", "home_phone"),
    ("PER", "WP", "work_phone"),
    ("PER", "CP", "mobile"),
    ("PER", "FX", "fax"),
    ("PER", "EM", "email"),
];

#[derive(Default)]
struct Reader {
    signs: Option<Signs>,
    row: u64,
}

impl Reader {
    fn segment(&mut self, segment: &[u8], signs: Signs, sink: &mut Sink<'_>) {
        let elements = signs.split(segment, signs.element);
        let (name, elements) = (String::from_utf8_lossy(elements[0]), &elements[1..]);
        self.row += u64::from(matches!(&*name, "UNH" | "ST"));
        let text = |i: usize| String::from_utf8_lossy(elements.get(i).unwrap_or(&&b""[..]));
        let mut push = |field: &str, value: &[u8]| {
            let value = signs.plain(value);
            if !value.is_empty() {
                let slot = sink.slot(None, Some(&format!("{name}.{field}")));
                sink.value(slot, self.row.max(1), &value);
            }
        };
        // A person's name stands in several elements; a firm's in one.
        let mut from = 0;
        if name == "NM1" && elements.len() > 2 {
            let parts = if text(1) == "1" { &[3, 4, 2][..] } else { &[2] };
            let parts = parts.iter().filter_map(|i| elements.get(*i)).filter(|p| !p.is_empty());
            let whole = parts.copied().collect::<Vec<_>>().join(&b' ');
            push(if text(1) == "1" { "full_name" } else { "organization" }, &whole);
            from = 7;
        }
        let first = signs.split(elements.first().unwrap_or(&&b""[..]), signs.component);
        let is = |code: &str| code.is_empty() || first[0] == code.as_bytes();
        for (i, element) in elements.iter().enumerate().skip(from) {
            let told = TOLD.iter().find(|t| t.0 == name && is(t.1) && t.2 == i + 1);
            let before = i.checked_sub(1).map(text).unwrap_or_default();
            let coded = CODED.iter().find(|c| c.0 == name && c.1 == before);
            let own = (i + 1).to_string();
            let field = coded.map(|c| c.2).or(told.map(|t| t.3)).unwrap_or(&own);
            for value in signs.split(element, signs.repetition) {
                let parts = signs.split(value, signs.component);
                match (&*name, &parts[..]) {
                    ("COM", [number, kind, ..]) => push(of_contact(kind), number),
                    ("DTM", [_, date, ..]) => push(field, date),
                    ("HI", [b"ABK" | b"ABF" | b"BK" | b"BF" | b"ABJ" | b"APR", code, ..]) => {
                        push("diagnosis_code", code);
                    }
                    ("CTA", [_, person, ..]) => push(field, person),
                    ("FII", [account, holder, ..]) => {
                        push(field, account);
                        push("account_holder", holder);
                    }
                    _ => push(field, &parts.join(&b' ')),
                }
            }
        }
    }
}

/// What a number of a COM segment is, by its kind.
fn of_contact(kind: &[u8]) -> &'static str {
    match kind {
        b"EM" => "email",
        b"FX" => "fax",
        b"TE" | b"AL" | b"MB" => "phone",
        _ => "contact",
    }
}

impl Parse for Reader {
    fn parse(&mut self, view: View<'_>, sink: &mut Sink<'_>) -> (usize, Then) {
        let mut at = 0;
        loop {
            let rest = &view.bytes[at..];
            let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
            if blanks > 0 && self.signs.is_none_or(|signs| !signs.segment.is_ascii_whitespace()) {
                at += blanks;
                continue;
            }
            if rest.is_empty() {
                return (at, Then::On);
            }
            if rest.len() < ISA + 10 && !view.end {
                return (at, Then::More);
            }
            let begins = [&b"UNA"[..], b"UNB", b"ISA"].iter().any(|name| rest.starts_with(name));
            if begins && let Some(signs) = Signs::of(rest) {
                self.signs = Some(signs);
                if rest.starts_with(b"UNA") {
                    at += 9;
                    continue;
                }
            }
            let Some(signs) = self.signs else { return (at, Then::Broken(NO_START)) };
            match signs.end(&rest[..rest.len().min(SEGMENT)]) {
                Some(end) => {
                    self.segment(&rest[..end], signs, sink);
                    at += end + 1;
                }
                None if rest.len() >= SEGMENT || view.end => {
                    return (at, Then::Broken("a segment does not end"));
                }
                None => return (at, Then::More),
            }
        }
    }

    fn finish(&mut self, _: &mut Sink<'_>) -> Result<(), &'static str> {
        Ok(())
    }
}

const NO_START: &str = "an interchange was expected";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Head;
    use super::super::drive::testing::read;
    use super::*;

    const EDIFACT: &str = "UNA:+.? '\r\nUNB+UNOC:3+A:14+B:14+261001:1200+1'\r\nUNH+1+ORDERS:D:01B:UN'\r\n\
        NAD+BY+++Kari Nordmann+Storgata 1+Oslo++0155+NO'CTA+IC+:Ola O?'Neil'COM+22 33?+1:TE'COM+k@x.no:EM'\
        DTM+329:19610504:102'UNT+1+1'UNZ+1+1'";
    const X12: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261001*1200*^*00501*000000001*0*T*:~\n\
        GS*HC~ST*837*1~NM1*IL*1*SMITH*JOHN*Q***34*512223333~N3*123 MAIN ST~N4*OSLO*XX*0155~DMG*D8*19800101*M~\
        HI*ABK:E119*ABF:I10~PER*IC*ANN DOE*TE*5550100~NM1*PR*2*ACME*****PI*1~SE*1*1~";

    #[test]
    fn elements_are_fields() {
        for (text, wanted) in [
            (
                EDIFACT,
                &[
                    ("NAD.name", "Kari Nordmann"),
                    ("NAD.street_address", "Storgata 1"),
                    ("CTA.contact_name", "Ola O'Neil"),
                    ("COM.phone", "22 33+1"),
                    ("COM.email", "k@x.no"),
                    ("DTM.date_of_birth", "19610504"),
                ][..],
            ),
            (
                X12,
                &[
                    ("NM1.full_name", "JOHN Q SMITH"),
                    ("NM1.ssn", "512223333"),
                    ("NM1.organization", "ACME"),
                    ("N3.address", "123 MAIN ST"),
                    ("DMG.date_of_birth", "19800101"),
                    ("DMG.gender", "M"),
                    ("HI.diagnosis_code", "E119"),
                    ("PER.contact_name", "ANN DOE"),
                    ("PER.phone", "5550100"),
                ],
            ),
        ] {
            let (all, why, _) = read(text.as_bytes(), FORMAT.read);
            assert_eq!(why, None);
            for (field, value) in wanted {
                assert_eq!(
                    all.field(None, field).first(),
                    Some(&(1, (*value).to_owned())),
                    "{field}"
                );
            }
        }
    }

    #[test]
    fn is_told() {
        let told = |t: &str| (FORMAT.sniff)(&Head::new(t.as_bytes(), true, ""));
        assert!(told(EDIFACT) && told(X12) && told("UNB+UNOA:1+A'"));
        assert!(!told("UNA big day") && !told("ISA is") && !told("UNB") && !told(""));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(prop::sample::select(b"NAD+:'?\n1*~UNBISA".to_vec()), 0..200)) {
            read(&[b"UNB+".as_slice(), &bytes].concat(), FORMAT.read);
            read(&[&X12.as_bytes()[..ISA], &bytes].concat(), FORMAT.read);
            read(&bytes, FORMAT.read);
        }
    }
}
