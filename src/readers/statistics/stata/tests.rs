use proptest::prelude::*;

use super::super::Order;
use super::*;
use crate::readers::Head as Start;
use crate::readers::drive::testing;
use crate::unit::testing::Collected;

/// Writes numbers in an order of bytes.
struct Writer {
    order: Order,
    bytes: Vec<u8>,
}

impl Writer {
    /// A number of so many bytes.
    fn number(&mut self, number: i64, length: usize) -> &mut Self {
        let bytes = number.to_be_bytes();
        let bytes = &bytes[8 - length..];
        match self.order {
            Order::Big => self.bytes.extend_from_slice(bytes),
            Order::Little => self.bytes.extend(bytes.iter().rev()),
        }
        self
    }

    fn double(&mut self, number: f64) -> &mut Self {
        self.number(number.to_bits().cast_signed(), 8)
    }

    /// Text, filled up with zeros.
    fn text(&mut self, text: &[u8], length: usize) -> &mut Self {
        self.bytes.extend_from_slice(text);
        self.bytes.resize(self.bytes.len() + length - text.len(), 0);
        self
    }

    fn tag(&mut self, tag: &str) -> &mut Self {
        self.text(tag.as_bytes(), tag.len())
    }
}

/// Variables by name, label, kind in forms with tags and without, format, and the list of their labels.
type Variable = (&'static str, &'static str, u16, u8, &'static str, &'static str);
const VARIABLES: [Variable; 6] = [
    ("nr", "", 65_526, 255, "%011.0f", ""),
    ("v2", "Telefon", 65_528, 253, "%td", ""),
    ("naar", "", 65_526, 255, "%tc", ""),
    ("kj", "", 65_530, 251, "%8.0g", "kj"),
    ("vekt", "", 65_527, 254, "%9.0g", ""),
    ("navn", "", 20, 20, "%20s", ""),
];

/// Two rows in a form: one of numbers, of which one has a label, and one of missing values.
fn file(release: u16, order: Order) -> Vec<u8> {
    let mut file = Writer { order, bytes: Vec::new() };
    let is_tagged = release >= 117;
    let (name, format, label) = match release {
        ..=113 => (33, 12, 81),
        114..=117 => (33, 49, 81),
        _ => (129, 57, 321),
    };
    let count = VARIABLES.len() + usize::from(is_tagged);
    if is_tagged {
        file.tag(&format!("<stata_dta><header><release>{release}</release><byteorder>"));
        file.tag(if order == Order::Big { "MSF" } else { "LSF" }).tag("</byteorder><K>");
        file.number(count as i64, if release == 119 { 4 } else { 2 }).tag("</K><N>");
        file.number(2, if release == 117 { 4 } else { 8 }).tag("</N><label>");
        file.number(1, if release == 117 { 1 } else { 2 }).tag("x</label><timestamp>\0");
        file.tag("</timestamp></header><map>").text(b"", 14 * 8).tag("</map><variable_types>");
        VARIABLES.iter().fold(&mut file, |file, v| file.number(v.2.into(), 2));
        file.number(32_768, 2).tag("</variable_types>");
    } else {
        let order = if order == Order::Big { 1 } else { 2 };
        file.text(&[release as u8, order, 1, 0], 4).number(count as i64, 2).number(2, 4);
        file.text(b"x", 81).text(b"", 18);
        VARIABLES.iter().fold(&mut file, |file, v| file.number(v.3.into(), 1));
    }
    let mut list = |tag: &str, length: usize, of: fn(&Variable) -> &'static str| {
        let (start, end) = (format!("<{tag}>"), format!("</{tag}>"));
        let texts = VARIABLES.iter().map(of).chain(is_tagged.then_some("lang"));
        file.tag(if is_tagged { &start } else { "" });
        texts.fold(&mut file, |file, text| file.text(text.as_bytes(), length));
        file.tag(if is_tagged { &end } else { "" });
        if tag == "varnames" {
            let one = if release == 119 { 4 } else { 2 };
            file.tag(if is_tagged { "<sortlist>" } else { "" }).text(b"", one * (count + 1));
            file.tag(if is_tagged { "</sortlist>" } else { "" });
        }
    };
    list("varnames", name, |v| v.0);
    list("formats", format, |v| v.4);
    list("value_label_names", name, |v| v.5);
    list("variable_labels", label, |v| v.1);
    if is_tagged {
        file.tag("<characteristics><ch>").number(3, 4).tag("abc</ch></characteristics><data>");
    } else {
        file.text(&[1], 1).number(3, 4).tag("abc").text(b"", 5);
    }
    let name: &[u8] = if release < 118 { b"Bj\xF8rn" } else { "Bjørn".as_bytes() };
    // 1990-01-01, and noon of that day.
    file.double(1_019_012_345.0).number(10_958, 4).double(946_814_400_000.0).number(2, 1);
    file.number(f32::to_bits(61.5).into(), 4).text(name, 20);
    let (bits, variable) = match release {
        117 => (32, 7),
        118 => (16, 7),
        _ => (24, 7),
    };
    let long = match order {
        Order::Little => 1_i64 << bits | variable,
        Order::Big => variable << (64 - bits) | 1,
    };
    if is_tagged {
        file.number(long, 8);
    }
    file.double(2f64.powi(1023)).number(2_147_483_621, 4).double(f64::NAN).number(101, 1);
    file.number(f32::to_bits(2f32.powi(127)).into(), 4).text(b"", 20);
    if is_tagged {
        file.number(long, 8).tag("</data><strls>GSO").number(variable, 4);
        file.number(1, if release == 117 { 4 } else { 8 }).number(130, 1).number(17, 4);
        file.tag("kari@example.org\0</strls><value_labels><lbl>");
    }
    let (set, letters) = (if release < 118 { 33 } else { 129 }, b"Mann\0Kvinne\0");
    file.number(8 + 16 + letters.len() as i64, 4).text(b"kj", set + 3).number(2, 4);
    file.number(letters.len() as i64, 4).number(0, 4).number(5, 4).number(1, 4).number(2, 4);
    file.text(letters, letters.len());
    if is_tagged {
        file.tag("</lbl></value_labels></stata_dta>");
    }
    file.bytes
}

fn collected(bytes: &[u8]) -> Collected {
    testing::read(bytes, FORMAT.read).0
}

const RELEASES: [u16; 6] = [113, 114, 115, 117, 118, 119];

#[test]
fn variables_are_columns() {
    for (release, order) in RELEASES.into_iter().flat_map(|r| [(r, Order::Big), (r, Order::Little)])
    {
        let bytes = file(release, order);
        assert!((FORMAT.sniff)(&Start::new(&bytes, true, "x")), "{release} {order:?}");
        let all = collected(&bytes);
        assert_eq!(all.notes, [], "{release} {order:?}");
        let values =
            ["01019012345", "1990-01-01", "1990-01-01 12:00:00", "Kvinne", "61.5", "Bjørn"];
        for (name, value) in ["nr", "v2.Telefon", "naar", "kj", "vekt", "navn"].iter().zip(values) {
            assert_eq!(all.field(None, name), [(1, value.to_owned()), (2, String::new())]);
        }
        let mail =
            (release >= 117).then_some([1, 2].map(|row| (row, "kari@example.org".to_owned())));
        assert_eq!(all.field(None, "lang"), mail.into_iter().flatten().collect::<Vec<_>>());
    }
}

#[test]
fn what_lacks_its_end_keeps_its_rows() {
    let whole = file(118, Order::Little);
    let end = whole.windows(8).position(|bytes| bytes == b"</strls>").unwrap();
    let all = collected(&whole[..end]);
    assert_eq!((all.field(None, "kj")[0].1.as_str(), all.notes.len()), ("2", 1));
    for none in [&b"\x73\x02\x01\0"[..], b"sms to you", &[0x72; 300]] {
        assert!(!(FORMAT.sniff)(&Start::new(none, true, "x.dta")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn what_is_broken_ends(
        release in prop::sample::select(&RELEASES[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
    ) {
        let mut file = file(release, Order::Little);
        changes.iter().for_each(|(at, byte)| *at.get_mut(&mut file) = *byte);
        file[0] = if release < 117 { release as u8 } else { b'<' };
        collected(&file);
        collected(&file[..end.index(file.len())]);
    }
}
