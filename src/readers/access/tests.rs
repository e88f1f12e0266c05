use proptest::prelude::*;

use super::*;
use crate::readers::drive::testing;
use crate::unit::testing::Collected;

/// Types of columns.
const SHORT: u8 = 3;
const LONG: u8 = 4;
const DATE: u8 = 8;
const TEXT: u8 = 10;
const MEMO: u8 = 12;
/// Pages of a made database.
const CATALOG_ROWS: u32 = 3;
const TABLE: u32 = 4;
const TABLE_ROWS: u32 = 5;
const MAPS: u32 = 6;
const MEMOS: u32 = 7;

fn size(is_old: bool) -> usize {
    if is_old { 2048 } else { 4096 }
}

/// A page of rows, of which some have a mark.
fn rows(owner: u32, rows: &[(Vec<u8>, u16)], is_old: bool) -> Vec<u8> {
    let mut page = vec![0; size(is_old)];
    page[0] = 1;
    page[4..8].copy_from_slice(&owner.to_le_bytes());
    let head = if is_old { 8 } else { 12 };
    page[head] = u8::try_from(rows.len()).unwrap();
    let mut end = page.len();
    for ((row, mark), i) in rows.iter().zip(1..) {
        end -= row.len();
        page[end..end + row.len()].copy_from_slice(row);
        let place = u16::try_from(end).unwrap() | mark;
        page[head + 2 * i..head + 2 * i + 2].copy_from_slice(&place.to_le_bytes());
    }
    page
}

fn letters(text: &str, is_old: bool) -> Vec<u8> {
    if is_old {
        text.as_bytes().to_vec()
    } else {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }
}

/// The page that defines a table: its columns by name and type, those of numbers at a fixed place.
fn definition(columns: &[(&str, u8)], map: u8, is_old: bool) -> Vec<u8> {
    let (mut told, mut names) = (Vec::new(), Vec::new());
    let (mut fixed, mut variable) = (0_u16, 0_u16);
    for ((name, kind), number) in columns.iter().zip(0_u16..) {
        let length: u16 = match *kind {
            SHORT => 2,
            LONG => 4,
            DATE => 8,
            _ => 0,
        };
        let mut column = vec![0; if is_old { 18 } else { 25 }];
        let at = if is_old { [1, 3, 14, 16] } else { [5, 7, 21, 23] };
        column[0] = *kind;
        column[if is_old { 13 } else { 15 }] = u8::from(length > 0);
        for (at, value) in at.into_iter().zip([number, variable, fixed, length]) {
            column[at..at + 2].copy_from_slice(&value.to_le_bytes());
        }
        fixed += length;
        variable += u16::from(length == 0);
        told.extend(column);
        let name = letters(name, is_old);
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        names.extend_from_slice(&length[..if is_old { 1 } else { 2 }]);
        names.extend(name);
    }
    let mut page = vec![0; size(is_old)];
    page[0] = 2;
    let (count, used, first) = if is_old { (25, 35, 43) } else { (45, 55, 63) };
    page[count] = u8::try_from(columns.len()).unwrap();
    page[used..used + 4].copy_from_slice(&(MAPS << 8 | u32::from(map)).to_le_bytes());
    page[first..first + told.len()].copy_from_slice(&told);
    page[first + told.len()..][..names.len()].copy_from_slice(&names);
    page
}

/// A row of numbers, which have a fixed place, and texts.
fn row(fixed: &[u8], texts: &[&[u8]], columns: u8, is_old: bool) -> Vec<u8> {
    let mut row = if is_old { vec![columns] } else { vec![columns, 0] };
    row.extend_from_slice(fixed);
    let mut places = vec![row.len()];
    for text in texts {
        row.extend_from_slice(text);
        places.push(row.len());
    }
    let number =
        |n: usize| u16::try_from(n).unwrap().to_le_bytes()[..if is_old { 1 } else { 2 }].to_vec();
    row.extend(places.into_iter().rev().flat_map(number));
    row.extend(number(texts.len()));
    row.push(0xFF >> (8 - columns));
    row
}

/// A database with a table of people, a part of which was deleted.
fn database(is_old: bool) -> Vec<u8> {
    let mut head = vec![0; size(is_old)];
    head[4..20].copy_from_slice(MARKS[0]);
    head[VERSION] = u8::from(!is_old);
    head[CODE_PAGE..CODE_PAGE + 6].copy_from_slice(&HIDDEN);
    let catalog =
        definition(&[("Id", LONG), ("Type", SHORT), ("Flags", LONG), ("Name", TEXT)], 0, is_old);
    let object = |id: u32, flags: u32, name: &str| {
        let fixed = [&id.to_le_bytes()[..], &1_u16.to_le_bytes(), &flags.to_le_bytes()].concat();
        (row(&fixed, &[&letters(name, is_old)], 4, is_old), 0)
    };
    let objects = [object(TABLE, 0, "Medlemmer"), object(CATALOG, 0x8000_0000, "MSysObjects")];
    let people =
        definition(&[("Nr", LONG), ("Født", DATE), ("E-post", TEXT), ("Notat", MEMO)], 1, is_old);
    let person = |number: i32, born: f64, mail: &str, memo: &[u8], mark: u16| {
        let fixed = [&number.to_le_bytes()[..], &born.to_le_bytes()].concat();
        (row(&fixed, &[&letters(mail, is_old), memo], 4, is_old), mark)
    };
    let here = [&(0x8000_0000_u32 | 4).to_le_bytes()[..], &[0; 8], b"kort"].concat();
    let here = if is_old {
        here
    } else {
        [&(0x8000_0000_u32 | 8).to_le_bytes()[..], &[0; 8], &letters("kort", false)].concat()
    };
    // A memo whose two parts stand in rows of another page.
    let parts = ["ring ", "22 33 44 55"].map(|part| letters(part, is_old));
    let length = u32::try_from(parts.concat().len()).unwrap();
    let chain = [length.to_le_bytes(), (MEMOS << 8).to_le_bytes(), [0; 4]].concat();
    let parts = [
        ([&(MEMOS << 8 | 1).to_le_bytes()[..], &parts[0]].concat(), 0),
        ([&[0; 4][..], &parts[1]].concat(), 0),
    ];
    let members = [
        person(1, 32874.0, "kari@example.org", &chain, 0),
        person(2, 1.5, "ola@example.org", &here, 0x8000),
        person(3, 0.0, "borte@example.org", &here, 0x4000),
        person(3, 0.0, "borte@example.org", &here, 0xC000),
    ];
    let map = |page: u32| ([&[0][..], &page.to_le_bytes(), &[1; 64]].concat(), 0);
    let pages = [
        head,
        vec![0; size(is_old)],
        catalog,
        rows(CATALOG, &objects, is_old),
        people,
        rows(TABLE, &members, is_old),
        rows(0, &[map(CATALOG_ROWS), map(TABLE_ROWS)], is_old),
        rows(0, &parts, is_old),
    ];
    pages.concat()
}

fn collected(bytes: &[u8]) -> (Collected, Option<&'static str>) {
    let (all, why, _) = testing::read(bytes, FORMAT.read);
    (all, why)
}

#[test]
fn rows_of_tables() {
    for is_old in [true, false] {
        let (all, why) = collected(&database(is_old));
        assert_eq!((why, &all.notes[..]), (None, &[][..]), "{is_old}");
        let field = |name: &str| all.field(Some("Medlemmer"), name);
        assert_eq!(field("Nr"), [(1, "1".into()), (2, "2".into())]);
        let mails = [(1, "kari@example.org".into()), (2, "ola@example.org".into())];
        assert_eq!(field("E-post"), mails);
        assert_eq!(field("Notat"), [(1, "ring 22 33 44 55".into()), (2, "kort".into())]);
        let born = if is_old { "FÃ¸dt" } else { "Født" };
        assert_eq!(field(born)[0], (1, "1990-01-01".into()));
    }
}

#[test]
fn encrypted_databases_are_noted() {
    let mut file = database(false);
    file[CODE_PAGE + 3] ^= 1;
    let (all, why) = collected(&file);
    assert_eq!((why, all.notes[0].reason), (None, Reason::Encrypted));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn what_is_broken_ends(
        is_old in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        end in any::<prop::sample::Index>(),
    ) {
        let mut file = database(is_old);
        let told: Vec<usize> = (VERSION..file.len()).filter(|at| file[*at] != 0).collect();
        changes.iter().for_each(|(at, byte)| file[told[at.index(told.len())]] = *byte);
        collected(&file);
        collected(&file[..end.index(file.len())]);
    }
}
