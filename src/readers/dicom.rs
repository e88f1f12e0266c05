//! DICOM objects, in which hospitals keep pictures together with the patient whom they are of (dcm): each element with
//! text is a field, called by its keyword. The picture itself is noted, not read.
//!
//! DICOM PS3.5 (elements, value representations, transfer syntaxes), PS3.6 (keywords) and PS3.10 (files).

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::{Format, Stop};
use crate::note::Reason;
use crate::source::Source;
use crate::unit::Sink;

/// DICOM objects.
pub static FORMAT: Format = Format {
    id: "dicom",
    name: "DICOM: medical pictures and reports, with their patients",
    extensions: &["dcm", "dicom"],
    fields: "keyword",
    isolated: false,
    beside: &[],
    sniff: |head| head.bytes.get(PREAMBLE..).is_some_and(|rest| rest.starts_with(PREFIX)),
    read,
};

/// Bytes before the prefix, which may be anything.
const PREAMBLE: usize = 128;
const PREFIX: &[u8] = b"DICM";
/// The longest value that is held whole.
const LONGEST: usize = 1 << 16;
/// A length that is not told: what follows ends with a mark of its own.
const UNDEFINED: u32 = u32::MAX;

/// Representations of values that are text.
const TEXTS: [&[u8; 2]; 9] = [b"AS", b"DA", b"DT", b"LO", b"LT", b"PN", b"SH", b"ST", b"UT"];
/// Those of them in which a backslash is a sign like others.
const WHOLE: [&[u8; 2]; 3] = [b"LT", b"ST", b"UT"];
/// Those whose length has four bytes, behind two that are not used.
const LONG: [&[u8; 2]; 13] =
    [b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"];

/// Number of an element: its group and its own.
type Tag = (u16, u16);

const TRANSFER_SYNTAX: Tag = (0x0002, 0x0010);
const CHARACTER_SET: Tag = (0x0008, 0x0005);
const PATIENT: u16 = 0x0010;
/// Lists of items, and what ends each of them.
const ITEM: Tag = (0xFFFE, 0xE000);
const MARKS: u16 = 0xFFFE;
/// Pictures, sound and drawings.
const PIXELS: u16 = 0x7FE0;

/// Elements that tell of people, by their keywords, with their representation, which not all files tell. What the keyword
/// does not say to somebody who knows field names stands behind it.
const TOLD: &[(Tag, &str, &[u8; 2])] = &[
    ((0x0008, 0x0080), "InstitutionName", b"LO"),
    ((0x0008, 0x0081), "InstitutionAddress", b"ST"),
    ((0x0008, 0x0090), "ReferringPhysicianName.full_name", b"PN"),
    ((0x0008, 0x0092), "ReferringPhysicianAddress", b"ST"),
    ((0x0008, 0x0094), "ReferringPhysicianTelephoneNumbers.phone", b"SH"),
    ((0x0008, 0x009C), "ConsultingPhysicianName.full_name", b"PN"),
    ((0x0008, 0x1030), "StudyDescription", b"LO"),
    ((0x0008, 0x103E), "SeriesDescription", b"LO"),
    ((0x0008, 0x1048), "PhysiciansOfRecord.full_name", b"PN"),
    ((0x0008, 0x1050), "PerformingPhysicianName.full_name", b"PN"),
    ((0x0008, 0x1060), "NameOfPhysiciansReadingStudy.full_name", b"PN"),
    ((0x0008, 0x1070), "OperatorsName.full_name", b"PN"),
    ((0x0008, 0x1080), "AdmittingDiagnosesDescription", b"LO"),
    ((0x0010, 0x0010), "PatientName", b"PN"),
    ((0x0010, 0x0020), "PatientID", b"LO"),
    ((0x0010, 0x0030), "PatientBirthDate", b"DA"),
    ((0x0010, 0x0040), "PatientSex", b"CS"),
    ((0x0010, 0x1000), "OtherPatientIDs", b"LO"),
    ((0x0010, 0x1001), "OtherPatientNames.full_name", b"PN"),
    ((0x0010, 0x1005), "PatientBirthName.maiden_name", b"PN"),
    ((0x0010, 0x1010), "PatientAge", b"AS"),
    ((0x0010, 0x1040), "PatientAddress", b"LO"),
    ((0x0010, 0x1060), "PatientMotherBirthName.maiden_name", b"PN"),
    ((0x0010, 0x1080), "MilitaryRank", b"LO"),
    ((0x0010, 0x1090), "MedicalRecordLocator", b"LO"),
    ((0x0010, 0x2000), "MedicalAlerts.allergies", b"LO"),
    ((0x0010, 0x2110), "Allergies", b"LO"),
    ((0x0010, 0x2150), "CountryOfResidence", b"LO"),
    ((0x0010, 0x2152), "RegionOfResidence", b"LO"),
    ((0x0010, 0x2154), "PatientTelephoneNumbers.phone", b"SH"),
    ((0x0010, 0x2160), "EthnicGroup", b"SH"),
    ((0x0010, 0x2180), "Occupation", b"SH"),
    ((0x0010, 0x21A0), "SmokingStatus", b"CS"),
    ((0x0010, 0x21B0), "AdditionalPatientHistory.medical_history", b"LT"),
    ((0x0010, 0x21C0), "PregnancyStatus", b"US"),
    ((0x0010, 0x21F0), "PatientReligiousPreference.religion", b"LO"),
    ((0x0010, 0x2297), "ResponsiblePerson.full_name", b"PN"),
    ((0x0010, 0x4000), "PatientComments", b"LT"),
    ((0x0018, 0x1030), "ProtocolName", b"LO"),
    ((0x0020, 0x4000), "ImageComments", b"LT"),
    ((0x0032, 0x1032), "RequestingPhysician.full_name", b"PN"),
    ((0x0032, 0x1060), "RequestedProcedureDescription", b"LO"),
    ((0x0032, 0x4000), "StudyComments", b"LT"),
    ((0x0038, 0x0300), "CurrentPatientLocation", b"LO"),
    ((0x0038, 0x0500), "PatientState", b"LO"),
    ((0x0040, 0x0006), "ScheduledPerformingPhysicianName.full_name", b"PN"),
    ((0x0040, 0x1002), "ReasonForTheRequestedProcedure.diagnosis", b"LO"),
    ((0x0040, 0x2008), "OrderEnteredBy.full_name", b"PN"),
    ((0x0040, 0x2010), "OrderCallbackPhoneNumber.phone", b"SH"),
    ((0x0040, 0xA075), "VerifyingObserverName.full_name", b"PN"),
    ((0x0040, 0xA123), "PersonName", b"PN"),
    ((0x0040, 0xA160), "TextValue", b"UT"),
    ((0x4008, 0x0114), "PhysicianApprovingInterpretation.full_name", b"PN"),
    ((0x4008, 0x0115), "InterpretationDiagnosisDescription", b"LT"),
];

/// How the elements of a data set are written.
#[derive(Clone, Copy)]
struct Syntax {
    is_big: bool,
    tells_representation: bool,
}

/// That of the elements in front, which say how the others are written.
const FRONT: Syntax = Syntax { is_big: false, tells_representation: true };

impl Syntax {
    /// The syntax of this identifier; none where elements are packed.
    fn of(identifier: &[u8]) -> Option<Syntax> {
        match identifier {
            b"1.2.840.10008.1.2" => Some(Syntax { tells_representation: false, ..FRONT }),
            b"1.2.840.10008.1.2.2" => Some(Syntax { is_big: true, ..FRONT }),
            b"1.2.840.10008.1.2.1.99" => None,
            // In all others only the picture is packed.
            _ => Some(FRONT),
        }
    }

    fn short(self, bytes: [u8; 2]) -> u16 {
        if self.is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn long(self, bytes: [u8; 4]) -> u32 {
        if self.is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }
}

/// What stands in front of a value.
struct Element {
    tag: Tag,
    /// Of values, and where it is told or known.
    representation: Option<[u8; 2]>,
    length: u32,
}

fn read(source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
    skip(source, (PREAMBLE + PREFIX.len()) as u64)?;
    let mut syntax = Some(FRONT);
    while source.peek(2)?.starts_with(&[2, 0]) {
        let Some(element) = element(source, FRONT)? else { break };
        let value = value(source, element.length)?;
        if element.tag == TRANSFER_SYNTAX {
            syntax = Syntax::of(trimmed(&value));
        }
    }
    match syntax {
        Some(syntax) => Walk { syntax, letters: WINDOWS_1252, row: 1 }.run(source, sink),
        None => {
            sink.note(Reason::UnsupportedFormat, "a packed data set of DICOM: not opened");
            Ok(())
        }
    }
}

/// A walk through a data set. What lists of items hold is taken like what stands outside of them.
struct Walk {
    syntax: Syntax,
    /// What its letters are, where they are not UTF-8.
    letters: &'static Encoding,
    /// The item at hand, counted together with the data set itself.
    row: u64,
}

impl Walk {
    fn run(&mut self, source: &mut Source, sink: &mut Sink<'_>) -> Result<(), Stop> {
        let mut has_picture = false;
        while let Some(Element { tag, representation, length }) = element(source, self.syntax)? {
            match tag {
                ITEM => self.row += 1,
                (MARKS, _) => {}
                (PIXELS, _) => {
                    has_picture = true;
                    self.skip_pixels(source, length)?;
                }
                // What is inside comes as if it stood here.
                _ if length == UNDEFINED || representation == Some(*b"SQ") => {}
                _ if representation.is_none() && self.has_items(source)? => {}
                _ if self.is_told(tag, representation) => {
                    self.push(source, sink, tag, representation, length)?;
                }
                _ => skip(source, u64::from(length))?,
            }
        }
        if has_picture {
            sink.unread_member("PixelData", Reason::Media, "picture of a DICOM object");
        }
        Ok(())
    }

    /// Whether what comes is a list, where representations are not told.
    fn has_items(&self, source: &mut Source) -> Result<bool, Stop> {
        let Some(&[a, b, c, d]) = source.peek(4)?.first_chunk() else { return Ok(false) };
        Ok((self.syntax.short([a, b]), self.syntax.short([c, d])) == ITEM)
    }

    fn is_told(&self, tag: Tag, representation: Option<[u8; 2]>) -> bool {
        let is_text = representation.is_some_and(|r| TEXTS.contains(&&r));
        is_text || tag.0 == PATIENT && representation == Some(*b"CS") || tag == CHARACTER_SET
    }

    /// Hands on the value of an element.
    fn push(
        &mut self,
        source: &mut Source,
        sink: &mut Sink<'_>,
        tag: Tag,
        representation: Option<[u8; 2]>,
        length: u32,
    ) -> Result<(), Stop> {
        let bytes = value(source, length)?;
        if tag == CHARACTER_SET {
            self.letters = letters(&bytes);
            return Ok(());
        }
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => self.letters.decode_without_bom_handling(&bytes).0,
        };
        let is_whole = representation.is_some_and(|r| WHOLE.contains(&&r));
        let values = text.split(|c| c == '\\' && !is_whole);
        let slot = sink.slot(None, Some(&name(tag)));
        for value in values {
            let value = match representation {
                Some([b'P', b'N']) => person(value),
                _ => value.trim_matches(is_padding).to_owned(),
            };
            if !value.is_empty() {
                sink.value(slot, self.row, value.as_bytes());
            }
        }
        Ok(())
    }

    /// Passes a picture, which may stand in pieces.
    fn skip_pixels(&self, source: &mut Source, length: u32) -> Result<(), Stop> {
        if length != UNDEFINED {
            return skip(source, u64::from(length));
        }
        while let Some(piece) = element(source, self.syntax)? {
            if piece.tag != ITEM {
                break;
            }
            skip(source, u64::from(piece.length))?;
        }
        Ok(())
    }
}

/// What stands in front of the next value; none at the end.
fn element(source: &mut Source, syntax: Syntax) -> Result<Option<Element>, Stop> {
    const CUT: Stop = Stop::Malformed("an element of a DICOM object is cut off");
    let front = source.peek(12)?;
    if front.is_empty() {
        return Ok(None);
    }
    let Some(&[a, b, c, d, e, f, g, h]) = front.first_chunk() else { return Err(CUT) };
    let tag = (syntax.short([a, b]), syntax.short([c, d]));
    let four = syntax.long([e, f, g, h]);
    // Marks never tell a representation.
    let (representation, length, used) = match (syntax.tells_representation, tag.0) {
        (_, MARKS) => (None, four, 8),
        (false, _) => (known(tag), four, 8),
        // Some programs leave it out in spite of what they say, and so do elements that others have copied.
        (true, _) if !e.is_ascii_uppercase() || !f.is_ascii_uppercase() => (known(tag), four, 8),
        (true, _) if LONG.contains(&&[e, f]) => {
            let length = front.get(8..).and_then(|rest| rest.first_chunk()).ok_or(CUT)?;
            (Some([e, f]), syntax.long(*length), 12)
        }
        (true, _) => (Some([e, f]), u32::from(syntax.short([g, h])), 8),
    };
    source.consume(used);
    Ok(Some(Element { tag, representation, length }))
}

/// The value of so many bytes; of one that is longer than any that people write its first bytes.
fn value(source: &mut Source, length: u32) -> Result<Vec<u8>, Stop> {
    let whole = length as usize;
    let held = whole.min(LONGEST);
    let bytes = source.peek(held)?;
    let bytes = bytes[..held.min(bytes.len())].to_vec();
    skip(source, u64::from(length))?;
    Ok(bytes)
}

fn skip(source: &mut Source, mut length: u64) -> Result<(), Stop> {
    while length > 0 {
        let most = usize::try_from(length).unwrap_or(usize::MAX).min(LONGEST);
        let there = source.peek(most)?.len().min(most);
        if there == 0 {
            return Err(Stop::Malformed("a value of a DICOM object is cut off"));
        }
        source.consume(there);
        length -= there as u64;
    }
    Ok(())
}

fn told(tag: Tag) -> Option<&'static (Tag, &'static str, &'static [u8; 2])> {
    TOLD.iter().find(|told| told.0 == tag)
}

fn known(tag: Tag) -> Option<[u8; 2]> {
    told(tag).map(|told| *told.2)
}

/// The keyword of an element, or its number.
fn name(tag: Tag) -> Cow<'static, str> {
    match told(tag) {
        Some(told) => Cow::Borrowed(told.1),
        None => Cow::Owned(format!("{:04X}.{:04X}", tag.0, tag.1)),
    }
}

fn is_padding(c: char) -> bool {
    c == '\0' || c.is_whitespace()
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| !matches!(b, 0 | b' ')).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// A name as people write it: its parts stand family name first, and again in other scripts.
fn person(value: &str) -> String {
    let written = |group: &str| {
        let mut parts = group.split('^').map(|part| part.trim_matches(is_padding));
        let [family, given, middle, prefix, suffix] =
            [(); 5].map(|()| parts.next().unwrap_or_default());
        let parts = [prefix, given, middle, family, suffix].into_iter();
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let groups = value.split('=').map(written).filter(|group| !group.is_empty());
    groups.collect::<Vec<_>>().join(", ")
}

/// The letters of a character set by its defined term (PS3.3, C.12.1.1.2), of which the first counts.
fn letters(terms: &[u8]) -> &'static Encoding {
    /// By number of the set in the registry of ISO.
    const SETS: &[(&[u8], &str)] = &[
        (b"13", "shift_jis"),
        (b"58", "gb2312"),
        (b"87", "iso-2022-jp"),
        (b"101", "iso-8859-2"),
        (b"109", "iso-8859-3"),
        (b"110", "iso-8859-4"),
        (b"126", "iso-8859-7"),
        (b"127", "iso-8859-6"),
        (b"138", "iso-8859-8"),
        (b"144", "iso-8859-5"),
        (b"148", "iso-8859-9"),
        (b"149", "euc-kr"),
        (b"166", "tis-620"),
        (b"203", "iso-8859-15"),
        (b"GB18030", "gb18030"),
        (b"GBK", "gbk"),
    ];
    let first = terms.split(|b| *b == b'\\').map(trimmed).find(|term| !term.is_empty());
    let number = first.and_then(|term| term.rsplit(|b| matches!(b, b' ')).next());
    let set = number.and_then(|number| SETS.iter().find(|set| set.0 == number));
    set.and_then(|set| Encoding::for_label(set.1.as_bytes())).unwrap_or(WINDOWS_1252)
}

#[cfg(test)]
mod tests {
    use super::super::vcard::tests::read_by;
    use super::*;
    use crate::unit::testing::Collected;

    /// An element of an object that is made.
    fn add(object: &mut Vec<u8>, syntax: Syntax, tag: Tag, representation: &[u8; 2], value: &[u8]) {
        let short = |n: u16| if syntax.is_big { n.to_be_bytes() } else { n.to_le_bytes() };
        let long = |n: usize| {
            let n = n as u32;
            if syntax.is_big { n.to_be_bytes() } else { n.to_le_bytes() }
        };
        let is_odd = value.len() % 2 == 1;
        let length = value.len() + usize::from(is_odd);
        object.extend(short(tag.0));
        object.extend(short(tag.1));
        match syntax.tells_representation && tag.0 != MARKS {
            true if LONG.contains(&representation) => {
                object.extend(representation);
                object.extend([0; 2]);
                object.extend(long(length));
            }
            true => {
                object.extend(representation);
                object.extend(short(length as u16));
            }
            false => object.extend(long(length)),
        }
        object.extend(value);
        object.extend(is_odd.then_some(b' '));
    }

    /// An object of a syntax, with a list of two items and a picture in pieces.
    fn object(identifier: &str) -> Vec<u8> {
        let syntax = Syntax::of(identifier.as_bytes()).unwrap();
        let mut object = vec![0; PREAMBLE];
        object.extend(PREFIX);
        add(&mut object, FRONT, (2, 0), b"UL", &[0; 4]);
        add(&mut object, FRONT, TRANSFER_SYNTAX, b"UI", identifier.as_bytes());
        let mut with = |tag, representation, value: &[u8]| {
            add(&mut object, syntax, tag, representation, value);
        };
        with(CHARACTER_SET, b"CS", b"ISO_IR 100");
        with((0x0008, 0x0090), b"PN", b"Hansen^Anne^^Dr.");
        with((0x0009, 0x1010), b"LO", b"private");
        with((0x0010, 0x0010), b"PN", b"S\xE6ther^Kari^B=\xC6^\xD8");
        with((0x0010, 0x0020), b"LO", b"01010112345");
        with((0x0010, 0x0030), b"DA", b"20010101");
        with((0x0010, 0x0040), b"CS", b"F");
        with((0x0010, 0x1000), b"LO", b"4711\\0815");
        with((0x0010, 0x4000), b"LT", b"seen by Per\\Ola");
        with((0x0028, 0x0010), b"US", &[0, 2]);
        let mut items = Vec::new();
        for name in ["Per", "Ola"] {
            let mut item = Vec::new();
            add(&mut item, syntax, (0x0040, 0xA123), b"PN", name.as_bytes());
            add(&mut items, syntax, ITEM, b"  ", &item);
        }
        with((0x0040, 0xA073), b"SQ", &items);
        let long = if syntax.is_big { u32::to_be_bytes } else { u32::to_le_bytes };
        with((PIXELS, 0x0010), b"OB", b"");
        let length = object.len() - 4;
        object[length..].copy_from_slice(&long(UNDEFINED));
        add(&mut object, syntax, ITEM, b"  ", b"kari@example.org in the picture");
        add(&mut object, syntax, (MARKS, 0xE0DD), b"  ", b"");
        add(&mut object, syntax, (0x4008, 0x0115), b"LT", b"pneumonia");
        object
    }

    const SYNTAXES: [&str; 4] = [
        "1.2.840.10008.1.2",
        "1.2.840.10008.1.2.1",
        "1.2.840.10008.1.2.2",
        "1.2.840.10008.1.2.4.50",
    ];

    #[test]
    fn elements_are_fields_in_every_syntax() {
        for identifier in SYNTAXES {
            for step in [1, 7, 4096] {
                let all = read_by(&FORMAT, &object(identifier), step);
                let field = |name| all.field(None, name);
                assert_eq!(field("PatientName"), [(1, "Kari B Sæther, Ø Æ".into())]);
                assert_eq!(
                    field("ReferringPhysicianName.full_name"),
                    [(1, "Dr. Anne Hansen".into())]
                );
                assert_eq!(field("PatientID"), [(1, "01010112345".into())]);
                assert_eq!(field("PatientBirthDate"), [(1, "20010101".into())]);
                assert_eq!(field("PatientSex"), [(1, "F".into())]);
                assert_eq!(field("OtherPatientIDs"), [(1, "4711".into()), (1, "0815".into())]);
                assert_eq!(field("PatientComments"), [(1, "seen by Per\\Ola".into())]);
                assert_eq!(field("PersonName"), [(2, "Per".into()), (3, "Ola".into())]);
                assert_eq!(field("InterpretationDiagnosisDescription"), [(3, "pneumonia".into())]);
                let own =
                    if identifier == SYNTAXES[0] { vec![] } else { vec![(1, "private".into())] };
                assert_eq!(field("0009.1010"), own);
                assert!(all.text().is_empty());
                let pictures = all.notes.iter().filter(|n| n.reason == Reason::Media).count();
                assert_eq!((pictures, all.notes.len()), (1, 1));
            }
        }
    }

    /// Why reading ends, if not with the object.
    fn complaint(bytes: &[u8]) -> Option<&'static str> {
        let mut all = Collected::default();
        let mut sink = Sink::new(&mut all, [].into());
        match read(&mut Source::from_bytes(bytes.to_vec()), &mut sink) {
            Ok(()) => None,
            Err(Stop::Malformed(why)) => Some(why),
            Err(Stop::Io(e)) => panic!("{e}"),
        }
    }

    #[test]
    fn what_is_cut_or_damaged_is_told() {
        let whole = object(SYNTAXES[1]);
        assert_eq!(complaint(&whole), None);
        let cuts =
            (PREAMBLE + PREFIX.len()..whole.len()).filter_map(|end| complaint(&whole[..end]));
        assert!(cuts.count() > whole.len() - PREAMBLE - 100);
        let mut damaged = whole.clone();
        let at = damaged.windows(2).position(|w| w == b"PN").unwrap();
        damaged[at] = 0xFF;
        assert!(complaint(&damaged).unwrap().contains("cut off"));
        let mut packed = whole[..PREAMBLE + PREFIX.len()].to_vec();
        add(&mut packed, FRONT, TRANSFER_SYNTAX, b"UI", b"1.2.840.10008.1.2.1.99");
        let all = read_by(&FORMAT, &packed, 4096);
        assert_eq!(all.notes[0].reason, Reason::UnsupportedFormat);
    }

    #[test]
    fn representations_may_be_left_out_in_spite_of_the_syntax() {
        let mut object = object(SYNTAXES[0]);
        let at = object.windows(17).position(|w| w == SYNTAXES[0].as_bytes()).unwrap();
        // One that tells them, of the same length.
        object[at..at + 17].copy_from_slice(b"1.2.840.10008.1.4");
        let all = read_by(&FORMAT, &object, 4096);
        assert_eq!(all.field(None, "PatientID"), [(1, "01010112345".into())]);
        assert_eq!(all.field(None, "PersonName").len(), 2);
    }

    #[test]
    fn letters_are_those_of_the_set() {
        for (terms, name) in [
            (&b"ISO_IR 144"[..], "ISO-8859-5"),
            (b"ISO 2022 IR 149", "EUC-KR"),
            (b"\\ISO 2022 IR 87", "ISO-2022-JP"),
            (b"ISO_IR 192", "windows-1252"),
            (b"GB18030 ", "gb18030"),
            (b"", "windows-1252"),
        ] {
            assert_eq!(letters(terms).name(), name);
        }
    }
}
