//! Files of old Office, built from their records.

use std::io::{Cursor, Write};

use super::super::super::drive::testing::read as run;
use super::*;
use crate::unit::testing::Collected;

fn ole(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, bytes) in streams {
        file.create_stream(name).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn all(streams: &[(&str, Vec<u8>)]) -> Collected {
    let (all, why, _) = run(&ole(streams), DOC.read);
    assert_eq!(why, None);
    all
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A property set with one section of 8-bit texts.
fn summary(values: &[(u32, &str)]) -> Vec<u8> {
    let mut set = vec![0; 48];
    set[24] = 1;
    set[44] = 48;
    let mut index = Vec::new();
    let mut body = Vec::new();
    let start = 8 + 8 * values.len();
    for (id, text) in values {
        index.extend(id.to_le_bytes());
        index.extend(u32::try_from(start + body.len()).unwrap().to_le_bytes());
        body.extend(0x1E_u32.to_le_bytes());
        body.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        body.extend(text.bytes());
        body.resize(body.len().next_multiple_of(4), 0);
    }
    set.extend(u32::try_from(start + body.len()).unwrap().to_le_bytes());
    set.extend(u32::try_from(values.len()).unwrap().to_le_bytes());
    [set, index, body].concat()
}

#[test]
fn word() {
    // Two pieces: bytes of windows-1252 and UTF-16; a table whose rows end where a page of properties says.
    let narrow = b"F\xF8r\rNavn\x07E-post\x07\x07Kari\x07kari@example.org\x07\x07".to_vec();
    let broad = wide("Етter ola@example.org\r");
    let text_at = 1024;
    let mut stream = vec![0; text_at];
    stream[..2].copy_from_slice(&0xA5EC_u16.to_le_bytes());
    stream[2..4].copy_from_slice(&0x00C1_u16.to_le_bytes());
    stream.extend(&narrow);
    let broad_at = stream.len();
    stream.extend(&broad);
    stream.resize(stream.len().next_multiple_of(512), 0);
    let page_number = stream.len() / 512;
    let row_ends: Vec<usize> =
        narrow.windows(2).enumerate().filter(|w| w.1 == b"\x07\x07").map(|w| w.0).collect();
    let mut page = vec![0_u8; 512];
    page[511] = 4;
    let ends = [0, row_ends[0] + 1, row_ends[0] + 2, row_ends[1] + 1, row_ends[1] + 2];
    for (i, end) in ends.iter().enumerate() {
        page[4 * i..4 * i + 4]
            .copy_from_slice(&u32::try_from(text_at + end).unwrap().to_le_bytes());
    }
    let inside = [3, 0, 0, 0x16, 0x24, 1];
    let row_end = [5, 0, 0, 0x16, 0x24, 1, 0x17, 0x24, 1];
    page[400..406].copy_from_slice(&inside);
    page[420..429].copy_from_slice(&row_end);
    for i in 0..4 {
        page[20 + 13 * i] = if i % 2 == 0 { 200 } else { 210 };
    }
    stream.extend(&page);

    let mut clx = vec![2];
    let count = [0, narrow.len(), narrow.len() + broad.len() / 2];
    let place = |at: usize, narrow: bool| {
        (u32::try_from(at).unwrap() * if narrow { 2 } else { 1 }) | (u32::from(narrow) << 30)
    };
    let mut pieces = Vec::new();
    count.iter().for_each(|c| pieces.extend(u32::try_from(*c).unwrap().to_le_bytes()));
    for (at, is_narrow) in [(text_at, true), (broad_at, false)] {
        pieces.extend([0, 0]);
        pieces.extend(place(at, is_narrow).to_le_bytes());
        pieces.extend([0, 0]);
    }
    clx.extend(u32::try_from(pieces.len()).unwrap().to_le_bytes());
    clx.extend(&pieces);
    let mut table = clx.clone();
    let list_at = table.len();
    table.extend(u32::try_from(text_at).unwrap().to_le_bytes());
    table.extend(u32::try_from(broad_at).unwrap().to_le_bytes());
    table.extend(u32::try_from(page_number).unwrap().to_le_bytes());
    let mut set = |number: usize, at: usize, length: usize| {
        let field = 154 + 8 * number;
        stream[field..field + 4].copy_from_slice(&u32::try_from(at).unwrap().to_le_bytes());
        stream[field + 4..field + 8].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
    };
    set(33, 0, clx.len());
    set(13, list_at, 12);
    let properties = summary(&[(4, "Kari Nordmann\0"), (8, "Ola Hansen\0")]);
    let streams =
        [("WordDocument", stream), ("0Table", table), ("\u{5}SummaryInformation", properties)];
    let all = all(&streams);
    assert_eq!(all.notes, []);
    assert_eq!(all.field(Some("table1"), "E-post"), [(1, "kari@example.org".into())]);
    assert_eq!(all.field(Some("properties"), "author"), [(1, "Kari Nordmann".into())]);
    assert_eq!(all.field(Some("properties"), "last_modified_by"), [(1, "Ola Hansen".into())]);
    let text = all.text();
    assert!(text.contains("Før") && text.contains("Етter ola@example.org"), "{text}");
}

fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
}

#[test]
fn workbook() {
    let begin = record(0x0809, &[0, 6, 5, 0]);
    let end = record(0x000A, &[]);
    // Shared strings, the second of which goes on as wide characters in a continuation.
    let strings = [&[0; 8][..], &[4, 0, 0], b"Navn", &[16, 0, 0], b"kari@e"].concat();
    let rest = [&[1][..], &wide("xample.org"), &[3, 0, 0], b"Fnr"].concat();
    let format = [&[164, 0, 11, 0, 0][..], b"00000000000"].concat();
    let globals = [
        begin.clone(),
        record(0x041E, &format),
        record(0x00E0, &[0, 0, 0, 0]),
        record(0x00E0, &[0, 0, 164, 0]),
        record(0x00E0, &[0, 0, 14, 0]),
        record(0x00FC, &strings),
        record(0x003C, &rest),
    ]
    .concat();
    let sheet = |at: usize| {
        record(
            0x0085,
            &[&u32::try_from(at).unwrap().to_le_bytes()[..], &[1, 0, 6, 0], b"Skjult"].concat(),
        )
    };
    let at = globals.len() + sheet(0).len() + end.len();
    let mut cells = Vec::new();
    for (column, shared) in [(0, 0_u32), (1, 2)] {
        cells.extend(record(
            0x00FD,
            &[&[0, 0, column, 0, 0, 0][..], &shared.to_le_bytes()].concat(),
        ));
    }
    cells.extend(record(0x0204, b"\0\0\x02\0\0\0\x04\0\0F\xF8dt"));
    cells.extend(record(0x00FD, &[&[1, 0, 0, 0, 0, 0][..], &1_u32.to_le_bytes()].concat()));
    let number = 1_019_012_345_f64.to_le_bytes();
    cells.extend(record(0x0203, &[&[1, 0, 1, 0, 1, 0][..], &number].concat()));
    let day = ((32874_u32 << 2) | 2).to_le_bytes();
    cells.extend(record(0x027E, &[&[1, 0, 2, 0, 2, 0][..], &day].concat()));
    let book = [globals, sheet(at), end.clone(), begin, cells, end].concat();
    let whole = all(&[("Workbook", book.clone())]);
    assert_eq!(whole.notes, []);
    assert_eq!(whole.field(Some("Skjult"), "Navn"), [(1, "kari@example.org".into())]);
    assert_eq!(whole.field(Some("Skjult"), "Fnr"), [(1, "01019012345".into())]);
    assert_eq!(whole.field(Some("Skjult"), "Født"), [(1, "1990-01-01".into())]);
    let cut = all(&[("Workbook", book[..book.len() - 9].to_vec())]);
    assert_eq!(cut.notes.len(), 1);
    assert_eq!(cut.field(Some("Skjult"), "Navn").len(), 1);
    let locked = all(&[("Workbook", [record(0x0809, &[0, 6]), record(0x002F, &[0; 6])].concat())]);
    assert_eq!(locked.notes[0].reason, Reason::Encrypted);
}

#[test]
fn presentation_and_passwords() {
    let atom = |kind: u16, body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap();
        [&[0, 0][..], &kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
    };
    let slide = [
        &[0x0F, 0, 0xEE, 3, 0xFF, 0, 0, 0][..],
        &atom(0x0FA0, &wide("kari@example.org\rÅse")),
        &atom(0x0FA8, b"notat: ola@example.org"),
    ]
    .concat();
    let whole = all(&[("PowerPoint Document", slide)]);
    let text = whole.text();
    assert!(text.contains("kari@example.org") && text.contains("Åse") && text.contains("ola@"));
    let locked = all(&[("EncryptedPackage", vec![1; 100]), ("EncryptionInfo", vec![4; 8])]);
    assert_eq!(locked.notes[0].reason, Reason::Encrypted);
    let other = all(&[("Annet", b"ola@example.org".to_vec())]);
    assert_eq!(other.notes[0].reason, Reason::UnsupportedFormat);
    assert!(other.text().contains("ola@example.org"));
}

#[test]
fn kinds_are_told_by_the_directory() {
    let bytes = ole(&[("Workbook", vec![0; 10])]);
    let head = Head::new(&bytes, true, "x");
    assert!((XLS.sniff)(&head) && !(DOC.sniff)(&head) && !(PPT.sniff)(&head));
    let message = ole(&[("Workbook", vec![0; 10]), ("__properties_version1.0", vec![0; 32])]);
    assert!(!(XLS.sniff)(&Head::new(&message, true, "x.xls")));
}
