//! iCalendar: each property is a field, each event, task or journal entry a row.

use super::lines::Lines;
use super::vcard::{plain, property, push, starts_with_begin};
use super::{Format, Stop};
use crate::source::Source;
use crate::unit::Sink;

/// iCalendar.
pub static FORMAT: Format = Format {
    id: "ical",
    name: "iCalendar",
    extensions: &["ics", "ical", "ifb"],
    fields: "property",
    isolated: false,
    beside: &[],
    sniff: |head| COMPONENTS.iter().any(|component| starts_with_begin(head, component)),
    read,
};

/// What a calendar begins with, or a part of one that a server or a program keeps by itself.
const COMPONENTS: [&[u8]; 6] =
    [b"VCALENDAR", b"VEVENT", b"VTODO", b"VJOURNAL", b"VFREEBUSY", b"VTIMEZONE"];

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(source);
    let (mut entry, mut open) = (0, 0_u64);
    while lines.advance_unfolded()? {
        match property(&mut lines)? {
            Some(p) if p.name == "BEGIN" => {
                open += 1;
                let kind = p.value.unwrap_or_default();
                let is = |name: &[u8]| kind.trim_ascii().eq_ignore_ascii_case(name);
                entry +=
                    u64::from(is(b"VEVENT") || is(b"VTODO") || is(b"VJOURNAL") || is(b"VFREEBUSY"));
            }
            Some(p) if p.name == "END" => open = open.saturating_sub(1),
            Some(p) if p.name == "VERSION" => {}
            // What a program called the entry, or another one, has the form of an address: `7kukuqrfedlm2f9t@google.com`.
            Some(p) if p.name == "RELATED-TO" => {}
            Some(p) if p.name == "UID" && is_made(p.value.as_deref().unwrap_or_default()) => {}
            Some(p) => push(&p, plain(&p), entry.max(1), sink),
            None => lines.push_text(sink),
        }
    }
    if open > 0 { Err(Stop::Malformed("the calendar does not end: it may be cut")) } else { Ok(()) }
}

/// Whether the name of an entry was made by a program: one word, or a long part before the @ with letters and digits mixed.
fn is_made(uid: &[u8]) -> bool {
    if !uid.contains(&b'@') {
        return true;
    }
    let local = uid.split(|b| *b == b'@').next().unwrap_or_default();
    let digits = crate::bytes::count(local, |b| b.is_ascii_digit());
    local.len() >= 16 && digits >= 3
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::vcard::tests::{read_by, read_whole};
    use super::*;

    #[test]
    fn names_of_entries_are_told_from_addresses() {
        let made = ["7kukuqrfedlm2f9t42mpc3i9t4@google.com", "20261201T100000-4711-x@host.example"];
        assert!(made.iter().all(|uid| is_made(uid.as_bytes())) && is_made(b"single"));
        assert!(!is_made(b"kari.nordmann-hansen@example.no") && !is_made(b"kari1985@example.no"));
    }

    #[test]
    fn events() {
        let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Samtale\\, lege\r\n\
            ATTENDEE;CN=\"Nordmann: Ola\";ROLE=X:mailto:ola@x.no\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n\
            ORGANIZER;SENT-BY=\"mailto:b@x.no\":MAILTO:a@x.no\r\nDESCRIPTION:two\\nli\r\n nes\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        for step in 1..8 {
            let all = read_by(&FORMAT, text.as_bytes(), step);
            assert_eq!(all.field(None, "SUMMARY"), [(1, "Samtale, lege".into())]);
            assert_eq!(all.field(None, "ATTENDEE"), [(1, "ola@x.no".into())]);
            assert_eq!(all.field(None, "ATTENDEE.CN"), [(1, "Nordmann: Ola".into())]);
            assert_eq!(all.field(None, "ORGANIZER"), [(2, "a@x.no".into())]);
            assert_eq!(all.field(None, "ORGANIZER.SENT-BY"), [(2, "mailto:b@x.no".into())]);
            assert_eq!(all.field(None, "DESCRIPTION"), [(2, "two\nlines".into())]);
        }
    }

    #[test]
    fn parts_of_calendars_are_told() {
        let told = |t: &str| (FORMAT.sniff)(&super::super::Head::new(t.as_bytes(), true, ""));
        assert!(told("BEGIN:VCALENDAR\r\n") && told("\nbegin:vevent\nUID:1\n"));
        assert!(!told("BEGIN:VCARD\n") && !told("BEGIN:VEVENTS\n"));
    }

    #[test]
    fn a_calendar_without_end_is_cut() {
        let text = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n";
        assert!(read_whole(&FORMAT, text, 7).1);
        assert!(!read_whole(&FORMAT, &text[..40], 7).1 && !read_whole(&FORMAT, &text[..52], 7).1);
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), step in 1_usize..8) {
            read_by(&FORMAT, &bytes, step);
        }
    }
}
