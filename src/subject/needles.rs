//! Needles: what is sought, ready to search bytes.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use jiff::civil::Date;

use super::codes::{Codes, How, Sort};
use super::making::Making;
use super::normal::normalise;
use super::sought::{Sought, key_trace, key_value};
use super::texts::Texts;
use super::{Kind, Mark, Marks, codes, dates, labels};
use crate::detect::finder::lossy;
use crate::index::{digest, each_word};

/// Digits of a date whose year has two.
const SHORT_DATE: usize = 6;
/// Bytes before a value in which a label is looked for.
const LABEL: usize = 40;

/// Where something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What.
    pub mark: Mark,
    /// First byte.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
}

/// What surrounds the bytes that are searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Whether they are cells of a field; free text otherwise.
    pub is_cells: bool,
    /// Whether the field holds telephone numbers.
    pub phone: bool,
    /// Customer numbers.
    pub customer: bool,
    /// Employee numbers.
    pub employee: bool,
    /// User names.
    pub username: bool,
}

/// Needles: ready to search.
pub struct Needles {
    codes: Codes,
    texts: Texts,
    forms: HashSet<(Kind, String)>,
    kinds: HashSet<Kind>,
    /// Keys by concept and value: their numbers.
    keys: HashMap<(String, String), u32>,
    birth_dates: Vec<Date>,
    id_lengths: HashSet<usize>,
    short: HashSet<(Kind, String)>,
    traces: HashMap<u64, Vec<Mark>>,
    words: [u8; 16],
    /// Key of the fingerprints.
    pub secret: [u8; 32],
    /// Whether what the records hold is wanted.
    pub copies: bool,
}

impl Needles {
    /// Gets ready.
    ///
    /// # Errors
    /// Values that no automaton can be made of.
    pub fn new(sought: &Sought) -> Result<Needles> {
        let mut needles = Making::default();
        for (kind, values) in &sought.values {
            for value in values {
                needles.add(*kind, value);
            }
        }
        let keys = sought.keys.iter().zip(0..);
        let mut traces: HashMap<u64, Vec<Mark>> = HashMap::new();
        for (mark, digest) in &sought.traces {
            traces.entry(*digest).or_default().push(*mark);
        }
        Ok(Needles {
            codes: needles.codes,
            texts: needles.texts.build()?,
            kinds: needles.forms.iter().map(|(kind, _)| *kind).collect(),
            forms: needles.forms,
            keys: keys.map(|(key, n)| ((key.concept.clone(), key.value.clone()), n)).collect(),
            birth_dates: needles.birth_dates,
            id_lengths: needles.id_lengths,
            short: needles.short,
            traces,
            words: sought.words,
            secret: sought.secret,
            copies: sought.copies,
        })
    }

    /// Whether a concept is that of a key which is sought.
    #[must_use]
    pub fn seeks(&self, concept: &str) -> bool {
        self.keys.keys().any(|(sought, _)| sought == concept)
    }

    /// The number of the sought key that a cell of this concept is.
    #[must_use]
    pub fn key(&self, concept: &str, cell: &str) -> Option<u32> {
        let value = key_value(cell)?;
        let value = match self.traces.is_empty() {
            true => value,
            false => key_trace(&value, &self.words),
        };
        self.keys.get(&(concept.to_owned(), value)).copied()
    }

    /// Whether the profile has a value of this kind.
    #[must_use]
    pub fn knows(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Lengths of the subject's national numbers as they are written: those of one country have one.
    pub fn id_lengths(&self) -> impl Iterator<Item = usize> {
        self.id_lengths.iter().copied()
    }

    /// Whether a value is the subject's.
    #[must_use]
    pub fn is_own(&self, kind: Kind, value: &str) -> bool {
        let forms = normalise(kind, value);
        match kind {
            Kind::Name => self.is_own_name(value),
            Kind::BirthDate => dates(value).iter().any(|date| self.birth_dates.contains(date)),
            // A number may be taken for another kind of number.
            _ => forms.into_iter().any(|form| {
                self.kinds.iter().any(|known| self.forms.contains(&(*known, form.clone())))
            }),
        }
    }

    /// Whether a name is the subject's, or a part of it: all its words are, or a given and a family name among
    /// them.
    fn is_own_name(&self, value: &str) -> bool {
        let (mut any_given, mut any_family, mut all) = (false, false, true);
        for word in super::normal::words(value) {
            let (given, family) = self.texts.is_name(&word);
            any_given |= given;
            any_family |= family;
            all &= given || family || word.chars().count() == 1;
        }
        (any_given && any_family) || (all && (any_given || any_family))
    }

    /// What of the profile stands in the name of a file, when that makes the file worth a look.
    #[must_use]
    pub fn in_name(&self, name: &str) -> Option<Marks> {
        let mut marks = Marks::default();
        // In `ola@example.org.pdf` the address ends where the extension starts.
        for text in [name, name.rsplit_once('.').map_or(name, |n| n.0)] {
            let all = text.len();
            self.find(text.as_bytes(), 0, all, Field::default(), |seen| marks.add(seen.mark));
        }
        let marks = marks.completed();
        marks.are_worth_a_look().then_some(marks)
    }

    /// Gives everything of the profile that starts in `from..to`.
    pub fn find(
        &self,
        bytes: &[u8],
        from: usize,
        to: usize,
        field: Field,
        mut see: impl FnMut(Seen),
    ) {
        self.codes.find(bytes, from, to, |seen| {
            if let Some(mark) = self.mark_of(bytes, seen, field) {
                see(Seen { mark, start: seen.start, end: seen.end });
            }
        });
        self.texts.find(bytes, from, to, |seen| {
            if let Some(mark) = self.called(bytes, seen.mark, seen.start, seen.end, field) {
                see(Seen { mark, start: seen.start, end: seen.end });
            }
        });
        if self.traces.is_empty() {
            return;
        }
        each_word(bytes, from, to, |word, start, end| {
            for mark in self.traces.get(&digest(&self.words, word)).into_iter().flatten() {
                if let Some(mark) = self.traced(bytes, *mark, start, end, field) {
                    see(Seen { mark, start, end });
                }
            }
        });
    }

    /// What a trace at this place is: parts of numbers and short dates are only something as whole cells.
    fn traced(
        &self,
        bytes: &[u8],
        mark: Mark,
        start: usize,
        end: usize,
        field: Field,
    ) -> Option<Mark> {
        let whole = field.is_cells && is_whole(bytes, start, end);
        match mark {
            Mark::IdHead | Mark::IdTail => whole.then_some(mark),
            Mark::BirthDate => (whole || end - start > SHORT_DATE).then_some(mark),
            Mark::PhoneBare if field.phone && whole => Some(Mark::PhoneNational),
            _ => self.called(bytes, mark, start, end, field),
        }
    }

    fn mark_of(&self, bytes: &[u8], seen: codes::Seen, field: Field) -> Option<Mark> {
        let codes::Seen { sort, how, start, end } = seen;
        let whole = field.is_cells && is_whole(bytes, start, end);
        let mark = match (sort, how) {
            (Sort::IdHead | Sort::IdTail, How::Masked) => Mark::NationalIdPart,
            (Sort::IdHead, _) if whole => Mark::IdHead,
            (Sort::IdTail, _) if whole => Mark::IdTail,
            (Sort::IdHead | Sort::IdTail, _) => return None,
            (Sort::Whole(Kind::NationalId), _) => Mark::NationalId,
            (Sort::Whole(Kind::Iban), _) => Mark::Iban,
            (Sort::Whole(Kind::Account), _) => Mark::Account,
            (Sort::Whole(Kind::Plate), _) => Mark::Plate,
            (Sort::Whole(Kind::Phone), How::WithCountry) => Mark::Phone,
            (Sort::Whole(Kind::Phone), How::Formatted) => Mark::PhoneNational,
            (Sort::Whole(Kind::Phone), _) if field.phone && whole => Mark::PhoneNational,
            (Sort::Whole(Kind::Phone), _) => Mark::PhoneBare,
            (Sort::Whole(Kind::BirthDate), _) => return self.birth_date(bytes, start, end, whole),
            (Sort::Whole(Kind::CustomerNumber), _) => Mark::CustomerBare,
            (Sort::Whole(Kind::EmployeeNumber), _) => Mark::EmployeeBare,
            (Sort::Whole(_), _) => return None,
        };
        self.called(bytes, mark, start, end, field)
    }

    /// Six digits are a date when they are a whole cell or in groups.
    fn birth_date(&self, bytes: &[u8], start: usize, end: usize, whole: bool) -> Option<Mark> {
        let text = lossy(&bytes[start..end]);
        let is_short = end - start == SHORT_DATE;
        let same = dates(&text).iter().any(|date| self.birth_dates.contains(date));
        (same && (whole || !is_short)).then_some(Mark::BirthDate)
    }

    /// A number or user name that its field or a label calls so; short ones that nothing calls so are none.
    fn called(
        &self,
        bytes: &[u8],
        mark: Mark,
        start: usize,
        end: usize,
        field: Field,
    ) -> Option<Mark> {
        let (kind, called, by_field) = match mark {
            Mark::CustomerBare => (Kind::CustomerNumber, Mark::Customer, field.customer),
            Mark::EmployeeBare => (Kind::EmployeeNumber, Mark::Employee, field.employee),
            Mark::UsernameBare => (Kind::Username, Mark::Username, field.username),
            _ => return Some(mark),
        };
        if by_field && is_whole(bytes, start, end) {
            return Some(called);
        }
        let before = &bytes[start.saturating_sub(LABEL)..start];
        let line = before
            .iter()
            .rposition(|b| b"\n\x1E".contains(b))
            .map_or(before, |at| &before[at + 1..]);
        if labels::label_speaks_for(kind, &lossy(line)) {
            return Some(called);
        }
        let text = lossy(&bytes[start..end]);
        let is_short =
            normalise(kind, &text).into_iter().any(|form| self.short.contains(&(kind, form)));
        (!is_short).then_some(mark)
    }
}

fn is_whole(bytes: &[u8], start: usize, end: usize) -> bool {
    const EDGES: &[u8] = b" \"'\t\r\n";
    let before =
        bytes[..start].iter().rev().find(|b| !EDGES.contains(b) && **b != b'0' && **b != b'+');
    let behind = bytes[end..].iter().find(|b| !EDGES.contains(b));
    let is_edge = |b: Option<&u8>| b.is_none_or(|b| *b == crate::unit::CELL_END);
    is_edge(before) && is_edge(behind)
}

#[cfg(test)]
mod tests {
    use md5::Md5;
    use sha1::Sha1;
    use sha2::{Digest as _, Sha256};

    use super::super::Profile;
    use super::super::spellings::hex;
    use super::*;

    const PROFILE: &str = r#"
        case = "1"
        country = "NO"
        names = ["Kari Nordmann"]
        emails = ["kari@example.org"]
        phones = ["22 98 33 40"]
        national_ids = ["01019012345"]
        customer_numbers = ["1042", "K-812"]
        usernames = ["kno"]
        plates = ["AB 123"]
        birth_date = 1990-01-01
    "#;

    fn needles() -> Needles {
        Needles::new(&Sought::new(&Profile::parse(PROFILE).unwrap(), [0; 32])).unwrap()
    }

    fn marks(text: &str, field: Field) -> Vec<Mark> {
        let mut marks = Vec::new();
        needles().find(text.as_bytes(), 0, text.len(), field, |seen| marks.push(seen.mark));
        marks.sort();
        marks
    }

    #[test]
    fn what_is_called_a_customer_number_is_one() {
        let free = Field::default();
        assert_eq!(marks("kundenr: 1042", free), [Mark::Customer]);
        assert_eq!(marks("K-812 er sendt, customer no. K812", free), [Mark::Customer]);
        assert!(marks("1042 stk", free).is_empty());
        let cells = Field { is_cells: true, ..free };
        assert!(marks("1042\x1E", cells).is_empty());
        assert_eq!(marks("1042\x1E", Field { customer: true, ..cells }), [Mark::Customer]);
        assert_eq!(marks("kno\x1E", Field { username: true, ..cells }), [Mark::Username]);
    }

    #[test]
    fn dates_and_parts_of_numbers() {
        let cells = Field { is_cells: true, ..Field::default() };
        assert_eq!(marks("1.1.1990\x1E", cells), [Mark::IdHead, Mark::BirthDate]);
        assert_eq!(marks("født 01/01/1990", Field::default()), [Mark::BirthDate]);
        assert_eq!(
            marks("010190\x1E12345\x1E", cells),
            [Mark::IdHead, Mark::IdTail, Mark::BirthDate]
        );
        assert_eq!(marks("010190*****\x1E", cells), [Mark::NationalIdPart]);
        let split = "1990-01-01\x1E12345\x1E";
        assert_eq!(marks(split, cells), [Mark::IdHead, Mark::IdTail, Mark::BirthDate]);
        assert!(marks("010190 99999\x1E", cells).is_empty());
    }

    #[test]
    fn digests_of_marketing_exports() {
        let hash = hex(&Sha256::digest(b"kari@example.org"));
        assert_eq!(marks(&hash.to_uppercase(), Field::default()), [Mark::EmailHash]);
        assert_eq!(marks(&hex(&Md5::digest(b"4722983340")), Field::default()), [Mark::PhoneHash]);
        assert_eq!(marks(&hex(&Sha1::digest(b"01019012345")), Field::default()), [Mark::IdHash]);
    }

    #[test]
    fn own_values_are_told_from_others() {
        let needles = needles();
        assert!(needles.is_own(Kind::Name, "NORDMANN, Kari Anne"));
        assert!(needles.is_own(Kind::Name, "Kari"));
        assert!(!needles.is_own(Kind::Name, "Ola Nordmann"));
        assert!(!needles.is_own(Kind::Name, "Kari Hansen"));
        assert!(needles.is_own(Kind::BirthDate, "1990-01-01"));
        assert!(!needles.is_own(Kind::Email, "ola@example.org"));
        assert!(needles.is_own(Kind::Account, "010190 12345"));
    }
}
