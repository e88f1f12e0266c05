//! Messages as bytes, and what is made of them.

use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::*;
use crate::readers::drive::testing::read as run;
use crate::unit::testing::Collected;

fn eml(text: &str) -> Collected {
    assert!((EML.sniff)(&Head::new(text.as_bytes(), true, "")), "{text:.80}");
    run(text.as_bytes(), EML.read).0
}

fn names(all: &Collected) -> Vec<String> {
    all.members.iter().map(|m| m.members.join("!/")).collect()
}

fn only(value: &str) -> Vec<(u64, String)> {
    vec![(1, value.into())]
}

#[test]
fn headers_are_fields() {
    let all = eml(
        "Return-Path: <b@example.org>\r\nReceived: from x (x [192.0.2.1]) by y; Mon, 1 Jan 2024 00:00:00 +0000\r\n\
        From: =?iso-8859-1?Q?K=E5re_S=E6ther?= <kare@example.no>\r\n\
        To: \"Nordmann, Ola\" <ola@example.no>,\r\n\t=?utf-8?b?w4VzYQ==?= =?utf-8?b?IExpbmQ=?= <asa@example.se>\r\n\
        Cc: Styret: Kari <kari@example.no>, per@example.no;\r\nSubject: Hei =?utf-8?q?p=C3=A5?=\r\n deg\r\n\
        X-Originating-IP: [192.0.2.7]\r\nX-MS-Exchange-Id: 7\r\nMessage-ID: <1@example.no>\r\n\r\nBrev\r\n",
    );
    assert_eq!(all.field(None, "From.name"), only("Kåre Sæther"));
    assert_eq!(all.field(None, "From.email"), only("kare@example.no"));
    assert_eq!(all.field(None, "To.name"), [(1, "Ola Nordmann".into()), (1, "Åsa Lind".into())]);
    assert_eq!(all.field(None, "To.email").len(), 2);
    assert_eq!(
        all.field(None, "Cc.email"),
        [(1, "kari@example.no".into()), (1, "per@example.no".into())]
    );
    assert_eq!(all.field(None, "Cc.name"), only("Kari"));
    assert_eq!(all.field(None, "Subject"), only("Hei på deg"));
    assert_eq!(all.field(None, "X-Originating-IP"), only("[192.0.2.7]"));
    assert!(
        !all.fields()
            .iter()
            .any(|f| f.starts_with("X-MS") || f.starts_with("Mess") || f.starts_with("Rec"))
    );
    assert!(all.notes.is_empty() && all.text().contains("Brev"), "{:?}", all.notes);
}

#[test]
fn eight_bit_headers_and_names_in_parts() {
    let mut bytes = b"From: K\xE5re <k@example.no>\nTo: a@example.no\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=\"a b\"\n\n--a b\n\
        Content-Type: text/csv\nContent-Disposition: attachment; filename*0*=utf-8''s%C3%B8k; filename*1=nad.csv\n\n\
        navn;epost\nKari;kari@example.org\nOla;ola@example.org\n\n--a b\n\
        Content-Type: text/plain; name=\"C:\\\\tmp\\\\sak.txt\"\n\nhei\n--a b--\n".to_vec();
    let (all, ..) = run(&bytes, EML.read);
    assert_eq!(all.field(None, "From.name"), only("Kåre"));
    assert_eq!(names(&all), ["søknad.csv", "sak.txt"]);
    assert_eq!(all.field(None, "epost").len(), 2);
    assert!(all.notes.is_empty());
    // Cut before the end: said so, and what is there is read.
    bytes.truncate(bytes.len() - 8);
    let (all, ..) = run(&bytes, EML.read);
    assert_eq!((names(&all).len(), all.notes[0].reason), (2, Reason::Malformed));
}

const ALTERNATIVES: &str = "From: a@example.no\nSubject: x\nMIME-Version: 1.0\n\
    Content-Type: multipart/alternative; boundary=B\n\n--B\nContent-Type: text/plain; charset=utf-8\n\
    Content-Transfer-Encoding: quoted-printable\n\nKunde K=C3=A5re har fnr=\n 12345\n--B\nContent-Type: text/html; charset=iso-8859-1\n\
    Content-Transfer-Encoding: quoted-printable\n\n<html><meta name=3Dx content=3Dyz><p>Kunde <b>K=E5re</b> har fnr 12345MORE</p></html>\n--B--\n";

#[test]
fn what_two_forms_say_counts_once() {
    let same = eml(&ALTERNATIVES.replace("MORE", ""));
    assert_eq!(same.text().matches("Kåre").count(), 1);
    assert!(same.text().contains("fnr 12345"));
    let more = eml(&ALTERNATIVES.replace("MORE", " og epost"));
    assert!(more.text().contains("og epost") && more.text().matches("Kåre").count() == 2);
}

#[test]
fn nested_messages_are_members() {
    let all = eml(
        "From: a@example.no\nMIME-Version: 1.0\nContent-Type: multipart/digest; boundary=B\n\n--B\n\n\
        From: Ola <o@example.no>\nSubject: indre\nDate: x\n\nindre tekst\n--B\nContent-Type: message/rfc822\n\n\
        From: Per <p@example.no>\nSubject: to\nContent-Type: multipart/mixed; boundary=C\n\n--C\n\
        Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n--C--\n--B--\n",
    );
    assert_eq!(names(&all), ["message.eml", "message.eml (2)!/invite.ics", "message.eml (2)"]);
    assert_eq!(all.members[1].format, Some("ical"));
    assert_eq!(all.field(None, "From.name"), only("Ola"));
    assert!(all.text().contains("indre tekst") && all.notes.is_empty());
}

#[test]
fn multiparts_without_end_of_depth() {
    let mut text = String::from("From: a@example.no\n");
    for i in 0..5000 {
        text.push_str(&format!("Content-Type: multipart/mixed; boundary=\"b{i}\"\n\n--b{i}\n"));
    }
    text.push_str("Content-Type: text/plain\n\ndypt nede\n");
    let all = eml(&text);
    assert!(all.text().contains("dypt nede"));
    assert_eq!(all.notes.len(), 1);
}

#[test]
fn floods_are_bounded_and_lose_no_text() {
    let mut text = String::from(
        "From: a@example.no\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n",
    );
    text.push_str(&"--B\nContent-Type: a/b\n\nx\n".repeat(10_050));
    text.push_str("--B\n\nbak\n--B--\n");
    let all = eml(&text);
    assert_eq!(all.members.len(), 10_000);
    assert!(all.text().contains("bak"));
    assert_eq!(all.notes.iter().map(|n| n.reason).collect::<Vec<_>>(), [Reason::Budget]);
    let all = eml(&format!(
        "From: a@example.no\nDate: x\nTo: b@example.no\n{}\nbak",
        "A: b\n".repeat(300_000)
    ));
    assert!(all.text().contains("bak") && all.field(None, "A").len() < 300_000);
}

#[test]
fn messages_in_messages_end_with_a_note() {
    let mut text = String::from("Subject: x\r\nContent-Type: text/plain\r\n\r\ninnerst");
    for _ in 0..400 {
        text.insert_str(0, "From: a@example.no\r\nContent-Type: message/rfc822\r\n\r\n");
    }
    let all = eml(&text);
    assert!(all.notes.iter().any(|n| n.reason == Reason::Budget));
}

#[test]
fn damaged_parts_keep_what_they_have() {
    let all = eml(
        "From: a@example.no\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\
        Content-Transfer-Encoding: quoted-printable\n\nf=F8r =ZZ skaden, etter =\n--B\n\
        Content-Type: application/octet-stream; name=a.txt\nContent-Transfer-Encoding: base64\n\nSGVpIHDDpSBk!!ZWc\n--B--\n",
    );
    assert!(all.text().contains("før =ZZ skaden, etter"), "{}", all.text());
    assert!(all.text().contains("Hei på deg"));
    assert_eq!(all.notes.iter().map(|n| n.reason).collect::<Vec<_>>(), [Reason::Malformed]);
}

#[test]
fn encrypted_content_is_noted() {
    let reasons = |text: &str| eml(text).notes.iter().map(|n| n.reason).collect::<Vec<_>>();
    let head = "From: a@example.no\nMIME-Version: 1.0\n";
    let pgp = format!(
        "{head}Content-Type: multipart/encrypted; boundary=B\n\n--B\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--B\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--B--\n"
    );
    assert_eq!(reasons(&pgp), [Reason::Encrypted]);
    let smime = format!(
        "{head}Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHA6CAMIACAQAx\n"
    );
    assert_eq!(reasons(&smime), [Reason::Encrypted]);
    let inline = format!("{head}\nhei\n-----BEGIN PGP MESSAGE-----\nabc\n");
    assert_eq!(reasons(&inline), [Reason::Encrypted]);
    let signed = format!(
        "{head}Content-Type: multipart/signed; boundary=B\n\n--B\n\nhei\n--B\nContent-Type: application/pgp-signature; name=a.asc\n\nabc\n--B--\n"
    );
    assert_eq!(reasons(&signed), []);
}

const MAILBOX: &str = "From - Mon Jan  1 10:00:00 2024\nX-Mozilla-Status: 0001\nFrom: Ola <ola@example.no>\nSubject: en\n\n\
    >From 9:30 i morgen\nFrom 10:00 er jeg hjemme\n\nFrom 12:15 kommer Kari\n\n\
    From kari@example.no Tue Jan  2 10:00:00 2024\nFrom: Kari <kari@example.no>\nMIME-Version: 1.0\n\
    Content-Type: multipart/mixed; boundary=B\n\n--B\n\nto\n--B\nContent-Type: text/csv; name=kunder.csv\n\n\
    navn;epost\nPer;per@example.org\nPål;pal@example.org\n--B--\n\n";

#[test]
fn mailboxes_are_one_row_per_message() {
    assert!((MBOX.sniff)(&Head::new(MAILBOX.as_bytes(), true, "Inbox")));
    let (all, why, _) = run(MAILBOX.as_bytes(), MBOX.read);
    assert_eq!(why, None);
    assert_eq!(all.field(None, "From.name"), [(1, "Ola".into()), (2, "Kari".into())]);
    assert_eq!(names(&all), ["2/kunder.csv"]);
    assert!(all.text().contains("\nFrom 10:00 er jeg") && all.text().contains("From 12:15 kommer"));
    assert_eq!(all.texts.iter().map(|t| t.1).collect::<Vec<_>>(), [6, 18]);
    assert!(all.notes.is_empty() && !all.fields().contains(&"X-Mozilla-Status"));
}

#[test]
fn mmdf_mailboxes() {
    let mark = "\x01\x01\x01\x01\n";
    let one = |n: u8| {
        format!(
            "{mark}From x Mon Jan  1 10:00:00 2024\nFrom: Ola <o{n}@example.no>\n\nhei{n}\n{mark}"
        )
    };
    let text = one(1) + &one(2);
    assert!(mbox::is_mailbox(text.as_bytes()));
    let (all, ..) = run(text.as_bytes(), MBOX.read);
    assert_eq!(all.field(None, "From.email").len(), 2);
    assert!(all.text().contains("hei2") && !all.text().contains('\x01'));
}

#[test]
fn a_message_too_long_to_be_held_is_searched_all_the_same() {
    let mut text = b"From a@b Mon Jan  1 00:00:00 2024\nSubject: 1\n\nforan\n".to_vec();
    text.extend(b"x".repeat(HELD + (3 << 20)));
    text.extend_from_slice(b"\nbak\n\nFrom a@b Mon Jan  1 00:00:00 2024\nSubject: to\n\nneste");
    let mut all = Collected::default();
    let mut sink = Sink::new(&mut all, std::sync::Arc::from([]));
    mbox::read(&mut Source::from_bytes(text), &mut sink).unwrap();
    sink.finish();
    let found = |word: &str| all.texts.iter().any(|t| t.2.contains(word));
    assert!(found("foran") && found("\nbak") && found("neste"));
    assert_eq!(all.field(None, "Subject").len(), 2);
    assert_eq!(all.notes.iter().map(|n| n.reason).collect::<Vec<_>>(), [Reason::Budget]);
}

#[test]
fn an_emlx_is_a_message_behind_its_length() {
    let message = "From: Ola <o@example.no>\nSubject: x\nDate: y\n\nhei\n";
    let all = eml(&format!(
        "{}    \n{message}<?xml version=\"1.0\"?><plist><key>date-sent</key></plist>\n",
        message.len()
    ));
    assert_eq!(all.field(None, "From.name"), only("Ola"));
    assert!(all.text().contains("hei") && all.text().contains("plist") && all.notes.is_empty());
}

#[test]
fn is_told() {
    let told = |t: &str| (EML.sniff)(&Head::new(t.as_bytes(), true, "1688.M1P2.host:2,S"));
    assert!(told("Return-Path: <a@example.no>\nX-Y: 1\n folded\nFrom: b\n\n"));
    assert!(told("From: Ola <a@example.no>\nTo: b@example.no\nSubject: x\n\nhei"));
    assert!(told("Content-Type: text/plain\nMIME-Version: 1.0\n\nhei"));
    for other in [
        "from: a@example.no\nto: b@example.no\n",
        "Name: x\nDate: 2024-01-01\n",
        "From: Oslo\nTo: Bergen\nDate: monday\n",
        "To: all\nHei alle\n",
        "host: x\nport: 1\n",
        "HTTP/1.1 200 OK\nContent-Type: text/html\n\n",
        "",
    ] {
        assert!(!told(other), "{other}");
    }
    let mailbox = |t: &str| mbox::is_mailbox(t.as_bytes());
    assert!(
        !mailbox("From 10:30 on we meet.\nSee you") && !mailbox("From Ola\nTo: x") && !mailbox("")
    );
}

/// An Outlook message: streams by path; texts as they are, in Unicode.
fn msg(texts: &[(&str, &str)], streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let wide = |t: &str| t.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let texts = texts.iter().map(|(p, t)| (format!("{p}001F"), wide(t)));
    for (path, bytes) in streams.iter().map(|(p, b)| ((*p).to_owned(), b.to_vec())).chain(texts) {
        if let Some((folder, _)) = path.rsplit_once('/') {
            file.create_storage_all(format!("/{folder}")).unwrap();
        }
        file.create_stream(format!("/{path}")).unwrap().write_all(&bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// A stream of properties with one number in it.
fn number(header: usize, tag: u32, value: u32) -> Vec<u8> {
    let mut bytes = vec![0; header];
    for word in [tag, 0, value, 0] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes
}

fn outlook() -> Vec<u8> {
    const INNER: &str = "__attach_version1.0_#00000001/__substg1.0_3701000D";
    let inner = |name: &str| format!("{INNER}/{name}");
    msg(
        &[
            ("__substg1.0_0C1A", "Kåre Sæther"),
            ("__substg1.0_5D01", "kare@example.no"),
            ("__substg1.0_0037", "Sykmelding"),
            ("__substg1.0_1000", "Hei Ola, se vedlegg."),
            ("__substg1.0_3A1C", "+47 91 23 45 67"),
            ("__recip_version1.0_#00000000/__substg1.0_3001", "Ola Nordmann"),
            ("__recip_version1.0_#00000000/__substg1.0_39FE", "ola@example.no"),
            ("__attach_version1.0_#00000000/__substg1.0_3707", "kunder.csv"),
            ("__attach_version1.0_#00000001/__substg1.0_3001", "Videresendt"),
            (&inner("__substg1.0_0C1A"), "Per Hansen"),
            (&inner("__substg1.0_1000"), "indre tekst"),
        ],
        &[
            ("__properties_version1.0", &number(32, 0x3FFD_0003, 1252)),
            ("__substg1.0_1013001E", b"<p>Hei <b>Ola</b>, se vedlegg.</p>"),
            ("__substg1.0_3A11001E", b"S\xE6ther"),
            ("__recip_version1.0_#00000000/__properties_version1.0", &number(8, 0x0C15_0003, 2)),
            (
                "__attach_version1.0_#00000000/__substg1.0_37010102",
                b"navn;epost\nPer;per@example.org\nOla;ola@example.org\n",
            ),
            (&inner("__properties_version1.0"), &number(24, 0x3FFD_0003, 1250)),
            (&inner("__substg1.0_0037001E"), b"Pawe\xB3"),
        ],
    )
}

#[test]
fn outlook_messages() {
    let bytes = outlook();
    assert!((MSG.sniff)(&Head::new(&bytes, true, "")));
    let (all, why, _) = run(&bytes, MSG.read);
    assert_eq!((why, &all.notes), (None, &vec![]));
    assert_eq!(all.field(None, "From.name"), only("Kåre Sæther"));
    assert_eq!(all.field(None, "From.email"), only("kare@example.no"));
    assert_eq!(all.field(None, "Cc.name"), only("Ola Nordmann"));
    assert_eq!(all.field(None, "Cc.email"), only("ola@example.no"));
    assert_eq!(all.field(None, "mobile_phone"), only("+47 91 23 45 67"));
    assert_eq!(all.field(None, "surname"), only("Sæther"));
    assert_eq!(all.field(None, "epost").len(), 2);
    assert_eq!(names(&all), ["kunder.csv", "Videresendt.msg"]);
    assert_eq!(all.members[1].format, Some("msg"));
    assert!(
        all.cells.iter().any(|c| c.2 == "Paweł"),
        "the nested message has a code page of its own"
    );
    assert_eq!(all.text(), "Hei Ola, se vedlegg.indre tekst");
}

#[test]
fn a_cut_outlook_message_is_no_panic() {
    let bytes = outlook();
    for end in (0..bytes.len()).step_by(97) {
        run(&bytes[..end], MSG.read);
    }
}

proptest! {
    #[test]
    fn any_parts(parts in proptest::collection::vec(prop::sample::select(vec![
        "From: a@b.no\n", "Content-Type: multipart/mixed; boundary=B\n", "Content-Type: multipart/alternative; boundary=C\n",
        "Content-Type: text/html\n", "Content-Transfer-Encoding: base64\n", "--B\n", "--B--\n", "--C\n", "--C--", "\n", "\r\n",
        "<p>x", "=", "aGVp", " ", "From x 1:23\n", ">From y\n", "Content-Type: message/rfc822\n", "\u{f8}", ":",
    ]), 0..40)) {
        let text = parts.concat();
        run(text.as_bytes(), EML.read);
        run(text.as_bytes(), MBOX.read);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        run(&bytes, EML.read);
        run(&bytes, MBOX.read);
        run(&bytes, MSG.read);
        rtf::expand(&bytes);
    }

    #[test]
    fn any_byte_of_an_outlook_message(at in 0..4096_usize, byte in any::<u8>()) {
        let mut bytes = outlook();
        if let Some(b) = bytes.get_mut(at) {
            *b = byte;
        }
        run(&bytes, MSG.read);
    }
}
