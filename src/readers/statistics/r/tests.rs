use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::readers::drive::testing;
use crate::readers::{Head, compressed};
use crate::unit::testing::Collected;

/// Flags: that an object has a class, attributes, a tag.
const CLASS: i32 = 1 << 8;
const TOLD: i32 = 1 << 9;
const TAG: i32 = 1 << 10;
const NOTHING: i32 = 254;

/// Writes objects in one of the forms.
struct Writer {
    form: Form,
    bytes: Vec<u8>,
}

impl Writer {
    fn new(form: Form, is_saved: bool) -> Writer {
        let letter = match form {
            Form::Numbers(Order::Big) => 'X',
            Form::Numbers(Order::Little) => 'B',
            Form::Letters => 'A',
        };
        let before = if is_saved { format!("RD{letter}3\n") } else { String::new() };
        let mut file = Writer { form, bytes: format!("{before}{letter}\n").into_bytes() };
        file.int(&[3, 0x0004_0202, 0x0003_0500, 5]).letters("UTF-8");
        file
    }

    fn int(&mut self, numbers: &[i32]) -> &mut Self {
        for number in numbers {
            match self.form {
                Form::Numbers(Order::Big) => self.bytes.extend(number.to_be_bytes()),
                Form::Numbers(Order::Little) => self.bytes.extend(number.to_le_bytes()),
                Form::Letters if *number == i32::MIN => self.bytes.extend(b"NA\n"),
                Form::Letters => self.bytes.extend(format!("{number}\n").bytes()),
            }
        }
        self
    }

    fn doubles(&mut self, numbers: &[f64]) -> &mut Self {
        for number in numbers {
            match self.form {
                Form::Numbers(Order::Big) => self.bytes.extend(number.to_be_bytes()),
                Form::Numbers(Order::Little) => self.bytes.extend(number.to_le_bytes()),
                Form::Letters if number.is_nan() => self.bytes.extend(b"NA\n"),
                Form::Letters => self.bytes.extend(format!("{number:e}\n").bytes()),
            }
        }
        self
    }

    fn letters(&mut self, text: &str) -> &mut Self {
        if !matches!(self.form, Form::Letters) {
            self.bytes.extend(text.bytes());
            return self;
        }
        for byte in text.bytes() {
            match byte {
                b'\n' => self.bytes.extend(b"\\n"),
                b' ' | 128.. => self.bytes.extend(format!("\\{byte:03o}").bytes()),
                _ => self.bytes.push(byte),
            }
        }
        self.bytes.push(b'\n');
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.int(&[9, i32::try_from(text.len()).unwrap()]).letters(text)
    }

    fn texts(&mut self, flags: i32, texts: &[&str]) -> &mut Self {
        self.int(&[16 | flags, i32::try_from(texts.len()).unwrap()]);
        texts.iter().fold(self, |file, text| match *text {
            "NA" => file.int(&[9, -1]),
            text => file.text(text),
        })
    }

    fn numbers(&mut self, flags: i32, numbers: &[f64]) -> &mut Self {
        self.int(&[14 | flags, i32::try_from(numbers.len()).unwrap()]).doubles(numbers)
    }

    /// The name of what comes next in a chain of pairs.
    fn tag(&mut self, name: &str) -> &mut Self {
        self.int(&[2 | TAG, 1]).text(name)
    }

    fn class(&mut self, class: &[&str]) -> &mut Self {
        self.tag("class").texts(0, class)
    }

    fn names(&mut self, names: &[&str]) -> &mut Self {
        self.tag("names").texts(0, names)
    }

    fn end(&mut self) -> &mut Self {
        self.int(&[NOTHING])
    }

    /// The class of an object in another form, and what makes it.
    fn other_form(&mut self, class: &str) -> &mut Self {
        self.int(&[238, 2, 1]).text(class).int(&[2, 1]).text("base").int(&[2, 13, 1, 13, NOTHING])
    }
}

/// A data frame, a list and a vector with names.
fn file(form: Form) -> Vec<u8> {
    let mut file = Writer::new(form, true);
    file.tag("personer").int(&[19 | CLASS | TOLD, 8]);
    file.texts(0, &["Kari Nordmann", "Bjørn\nLie", "NA"]);
    file.numbers(CLASS | TOLD, &[7305.0, -1.0, f64::NAN]).class(&["Date"]).end();
    file.int(&[13 | CLASS | TOLD, 3, 2, 1, i32::MIN]).tag("levels").texts(0, &["Mann", "Kvinne"]);
    file.class(&["factor"]).end();
    file.other_form("compact_intseq").numbers(0, &[3.0, 5.0, 1.0]).end();
    file.other_form("wrap_string").int(&[19, 2]).texts(0, &["a@example.org", "", "c"]);
    file.int(&[13, 1, 0]).end();
    file.other_form("deferred_string")
        .int(&[2])
        .numbers(0, &[1.0, 2.5, 3.0])
        .int(&[13, 1, 0])
        .end();
    file.numbers(CLASS | TOLD, &[0.0, 3600.5, f64::NAN]).class(&["POSIXct", "POSIXt"]).end();
    file.numbers(CLASS | TOLD, &[1.0, 9.0, f64::NAN]).tag("label").texts(0, &["E-post"]);
    file.tag("labels").numbers(TOLD, &[1.0]).names(&["Ja"]).end();
    file.class(&["haven_labelled"]).end();
    file.names(&["navn", "fodt", "kj", "nr", "post", "tekst", "naar", "q1"]);
    file.tag("row.names").int(&[13, 2, i32::MIN, -3]).class(&["data.frame"]).end();
    file.tag("oppsett").int(&[19 | TOLD, 2]);
    file.texts(0, &["hemmelig"]).int(&[19, 2]).texts(0, &["a"]).int(&[10, 1, 1]);
    file.names(&["passord", "annet"]).end();
    file.tag("alder").numbers(TOLD, &[41.0, 0.5]).names(&["Kari", "Ola"]).end();
    file.tag("m").int(&[13 | TOLD, 4, 1, 2, 3, 4]).tag("dim").int(&[13, 2, 2, 2]).end();
    file.end();
    file.bytes
}

fn collected(bytes: &[u8]) -> (Collected, Option<&'static str>) {
    let (all, why, _) = testing::read(bytes, FORMAT.read);
    (all, why)
}

const FORMS: [Form; 3] = [Form::Numbers(Order::Big), Form::Numbers(Order::Little), Form::Letters];

#[test]
fn data_frames_are_tables_and_others_are_paths() {
    for form in FORMS {
        let bytes = file(form);
        assert!((FORMAT.sniff)(&Head::new(&bytes, true, "x")));
        let (all, why) = collected(&bytes);
        assert_eq!((why, &all.notes[..]), (None, &[][..]));
        let values = |table, name| {
            all.field(table, name).into_iter().map(|(_, value)| value).collect::<Vec<_>>()
        };
        let column = |name| values(Some("personer"), name);
        assert_eq!(column("navn"), ["Kari Nordmann", "Bjørn\nLie", ""]);
        assert_eq!(column("fodt"), ["1990-01-01", "1969-12-31", ""]);
        assert_eq!(column("kj"), ["Kvinne", "Mann", ""]);
        assert_eq!(column("nr"), ["5", "6", "7"]);
        assert_eq!(column("post"), ["a@example.org", "", "c"]);
        assert_eq!(column("tekst"), ["1", "2.5", "3"]);
        assert_eq!(column("naar"), ["1970-01-01", "1970-01-01 01:00:00", ""]);
        assert_eq!(column("q1.E-post"), ["Ja", "9", ""]);
        assert_eq!(values(None, "oppsett.passord"), ["hemmelig"]);
        assert_eq!(values(None, "oppsett.annet[]"), ["a", "TRUE"]);
        assert_eq!(values(None, "alder"), ["41", "0.5"]);
        assert_eq!(values(None, "alder.names"), ["Kari", "Ola"]);
        assert_eq!(values(Some("m"), "#2"), ["3", "4"]);
    }
}

#[test]
fn what_is_packed_is_read_as_if_it_were_not() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&file(FORMS[0])).unwrap();
    let (all, why, _) = testing::read(&packed.finish().unwrap(), compressed::FORMAT.read);
    assert_eq!((why, &all.members[..]), (None, &[][..]));
    assert_eq!(all.field(Some("personer"), "navn").len(), 3);
}

/// Code in between: a name, a function that was compiled, and an environment that knows itself.
#[test]
fn code_and_environments_are_passed() {
    let mut file = Writer::new(FORMS[0], true);
    file.tag("f").int(&[3 | TAG, 253, NOTHING, 21, 1, 13, 1, 12, 3]);
    // Constants: a call that comes again, and a text.
    file.int(&[244, 0, 6, NOTHING, 1, 1]).text("g").int(&[NOTHING, NOTHING, 243, 0]);
    file.int(&[16]).texts(0, &["x"]);
    file.tag("e").int(&[4, 0, 253]).tag("mor").texts(0, &["Kari"]).end();
    file.int(&[19, 2, NOTHING]).tag("selv").int(&[4 << 8 | 255]).end().int(&[NOTHING]);
    file.tag("etter").texts(0, &["Ola"]).end();
    let (all, why) = collected(&file.bytes);
    assert_eq!(why, None);
    assert_eq!(all.field(None, "e.mor"), [(1, "Kari".into())]);
    assert_eq!(all.field(None, "etter"), [(1, "Ola".into())]);
}

#[test]
fn what_was_read_before_an_end_counts() {
    let whole = file(FORMS[0]);
    let end = whole.windows(5).position(|bytes| bytes == b"haven").unwrap();
    let (all, _) = collected(&whole[..end]);
    assert_eq!(all.notes[0].detail, "the R object is damaged");
    assert_eq!(all.field(None, "personer#1")[0].1, "Kari Nordmann");
    // More numbers than there is room for, and objects that stand in each other without end.
    let mut huge = Writer::new(FORMS[0], false);
    huge.other_form("compact_intseq").numbers(0, &[1e15, 1.0, 1.0]).end();
    assert_eq!(collected(&huge.bytes).0.notes[0].reason, Reason::Budget);
    let mut deep = Writer::new(FORMS[0], false);
    deep.int(&[19, 1].repeat(100_000));
    assert_eq!(collected(&deep.bytes).0.notes[0].reason, Reason::Malformed);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn what_is_broken_ends(
        form in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
    ) {
        let mut file = file(FORMS[form]);
        changes.iter().for_each(|(at, byte)| *at.get_mut(&mut file[20..]) = *byte);
        collected(&file);
        collected(&file[..end.index(file.len()).max(20)]);
    }
}
