use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::readers::Head;
use crate::readers::drive::testing;
use crate::unit::testing::Collected;

/// Writes numbers in an order of bytes.
struct Writer {
    order: Order,
    bytes: Vec<u8>,
}

impl Writer {
    fn int(&mut self, numbers: &[i32]) -> &mut Self {
        for number in numbers {
            self.bytes.extend(match self.order {
                Order::Little => number.to_le_bytes(),
                Order::Big => number.to_be_bytes(),
            });
        }
        self
    }

    fn float(&mut self, number: f64) -> &mut Self {
        self.bytes.extend(match self.order {
            Order::Little => number.to_le_bytes(),
            Order::Big => number.to_be_bytes(),
        });
        self
    }

    /// Text, filled up with blanks.
    fn text(&mut self, text: &[u8], length: usize) -> &mut Self {
        self.bytes.extend_from_slice(text);
        self.bytes.resize(self.bytes.len() + length - text.len(), b' ');
        self
    }

    fn variable(&mut self, name: &str, width: i32, kind: i32, label: &str) -> &mut Self {
        let format = kind << 16 | 11 << 8;
        let has_label = i32::from(!label.is_empty());
        self.int(&[2, width, has_label, 0, format, format]).text(name.as_bytes(), 8);
        if !label.is_empty() {
            self.int(&[i32::try_from(label.len()).unwrap()]);
            self.text(label.as_bytes(), label.len().next_multiple_of(4));
        }
        for _ in 1..width.div_euclid(8) + i32::from(width % 8 > 0) {
            self.int(&[2, -1, 0, 0, 0, 0]).text(b"", 8);
        }
        self
    }

    fn more(&mut self, kind: i32, bytes: &[u8]) -> &mut Self {
        self.int(&[7, kind, 1, i32::try_from(bytes.len()).unwrap()]).text(bytes, bytes.len())
    }
}

/// Seconds from the beginning of the calendar to 1990-01-01.
const BORN: f64 = 12_850_531_200.0;

/// Three persons: a number with zeros in front, a day, a gender, a short text with labels, a long text in two parts.
fn file(order: Order, packing: i32) -> Vec<u8> {
    let mut file = Writer { order, bytes: Vec::new() };
    let magic = if packing == 2 { b"$FL3" } else { b"$FL2" };
    file.text(magic, 4).text(b"@(#) SPSS DATA FILE", 60).int(&[2, 40, packing, 0, 3]).float(100.0);
    file.text(b"01 Nov 2600:00:00Medlemmer", 17 + 64 + 3);
    file.variable("NR", 0, 16, "").variable("FODT", 0, 23, "Date of birth");
    file.variable("KJ", 0, 5, "").variable("KODE", 2, 1, "");
    file.variable("TEKST", 255, 1, "").variable("TEKST0", 48, 1, "");
    file.int(&[3, 2]).float(1.0).text(b"\x04Mann", 8).float(2.0).text(b"\x06Kvinne", 8);
    file.int(&[4, 1, 3]);
    file.int(&[3, 1]).text(b"A", 8).text(b"\x06Ansatt", 8).int(&[4, 1, 4]);
    file.int(&[6, 1]).text(b"Samlet av Kari", 80);
    file.more(13, b"NR=Nummer\tTEKST=Lang_tekst").more(14, b"TEKST=00300\0\t");
    file.more(20, b"windows-1252").int(&[999, 0]);
    let mut rows = Writer { order, bytes: Vec::new() };
    let long = [&b"x"[..].repeat(254), b"J\xF8rgen@example.org".as_slice()].concat();
    for (nr, born, gender, code) in
        [(1_019_012_345.0, BORN, 1.0, "A"), (7.0, BORN + 3600.0, 2.0, "B"), (0.5, 0.0, 3.0, "")]
    {
        let born = if born > 0.0 { born } else { -f64::MAX };
        let text = if nr == 7.0 { &long[..] } else { b"kort" };
        let (first, second) = text.split_at(text.len().min(255));
        rows.float(nr).float(born).float(gender).text(code.as_bytes(), 8);
        rows.text(first, 256).text(second, 48);
    }
    let coded = || {
        let mut coded = Vec::new();
        for eight in rows.bytes.chunks(64) {
            let is_blank = |e: &&[u8]| **e == [b' '; 8];
            let elements: Vec<&[u8]> = eight.chunks(8).collect();
            let code = |e: &&[u8]| match order.f64(e, 0) {
                _ if is_blank(e) => 254,
                Some(value) if value == -f64::MAX => 255,
                Some(1.0) => 101,
                _ => 253,
            };
            let mut codes: Vec<u8> = elements.iter().map(code).collect();
            codes.resize(8, 252);
            let literals = elements.iter().filter(|e| code(e) == 253);
            coded.extend(codes);
            literals.for_each(|e| coded.extend_from_slice(e));
        }
        coded
    };
    match packing {
        0 => file.bytes.extend(rows.bytes),
        1 => file.bytes.extend(coded()),
        _ => {
            let level = flate2::Compression::fast();
            let packed = |bytes: &[u8]| {
                let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), level);
                packed.write_all(bytes).unwrap();
                packed.finish().unwrap()
            };
            let coded = coded();
            let (first, second) = coded.split_at(100);
            let blocks = [packed(first), packed(second)].concat();
            let start = file.bytes.len();
            for place in [start, start + 24 + blocks.len(), 24] {
                let place = place as u64;
                file.bytes.extend(match order {
                    Order::Little => place.to_le_bytes(),
                    Order::Big => place.to_be_bytes(),
                });
            }
            file.bytes.extend(blocks);
            file.bytes.extend([0; 24]);
        }
    }
    file.bytes
}

fn collected(bytes: &[u8]) -> (Collected, Option<&'static str>) {
    let (all, why, _) = testing::read(bytes, FORMAT.read);
    (all, why)
}

#[test]
fn variables_are_columns() {
    for order in [Order::Little, Order::Big] {
        for packing in 0..3 {
            let bytes = file(order, packing);
            assert!((FORMAT.sniff)(&Head::new(&bytes, true, "x")));
            let (all, why) = collected(&bytes);
            assert_eq!((why, &all.notes[..]), (None, &[][..]), "{order:?} {packing}");
            let column =
                |name| all.field(None, name).into_iter().map(|(_, v)| v).collect::<Vec<_>>();
            assert_eq!(all.fields(), ["Nummer", "FODT", "KJ", "KODE", "Lang_tekst"]);
            assert_eq!(column("Nummer"), ["01019012345", "00000000007", "0.5"]);
            assert_eq!(column("FODT"), ["1990-01-01", "1990-01-01 01:00:00", ""]);
            assert_eq!(column("KJ"), ["Mann", "Kvinne", "3"]);
            assert_eq!(column("KODE"), ["Ansatt", "B", ""]);
            let long = format!("{}Jørgen@example.org", "x".repeat(254));
            assert_eq!(column("Lang_tekst"), ["kort", &long, "kort"]);
            assert!(all.text().contains("Medlemmer") && all.text().contains("Samlet av Kari"));
        }
    }
}

#[test]
fn labels_that_tell_a_kind_are_names() {
    let mut file =
        Writer { order: Order::Little, bytes: file(Order::Little, 1)[..HEADER].to_vec() };
    file.variable("V1", 0, 5, "Telefon").variable("V2", 0, 5, "Skostørrelse");
    file.variable("Navn", 8, 1, "Telefon").int(&[999, 0]);
    assert_eq!(collected(&file.bytes).0.fields(), ["V1.Telefon", "V2", "Navn"]);
}

#[test]
fn labels_of_long_texts() {
    let mut file = Writer { order: Order::Big, bytes: file(Order::Big, 0)[..HEADER].to_vec() };
    let mut labels = Writer { order: Order::Big, bytes: Vec::new() };
    labels.int(&[2]).text(b"V1", 2).int(&[10, 1, 10]).text(b"A1", 10).int(&[6]).text(b"Ansatt", 6);
    file.variable("V1", 10, 1, "").more(21, &labels.bytes).int(&[999, 0]).text(b"A1", 16);
    assert_eq!(collected(&file.bytes).0.field(None, "V1"), [(1, "Ansatt".into())]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn what_is_broken_ends(
        packing in 0..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
    ) {
        let mut file = file(Order::Little, packing);
        changes.iter().for_each(|(at, byte)| *at.get_mut(&mut file[64..]) = *byte);
        collected(&file);
        collected(&file[..end.index(file.len())]);
    }
}
