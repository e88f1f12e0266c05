//! What is sought: a profile's values, and keys that lead from one record to others, made ready to search bytes.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use anyhow::Result;
use jiff::civil::Date;
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::codes::{Codes, How, Sort};
use super::normal::normalise;
use super::texts::{Builder, Texts};
use super::{Kind, Mark, Marks, Profile, codes, dates, labels};
use crate::detect::finder::lossy;
use crate::index::{digest, each_word};

/// Shortest customer number or the like that is listed wherever it stands.
const DISTINCTIVE: usize = 6;
/// Digits of a date whose year has two.
const SHORT_DATE: usize = 6;
/// Bytes before a value in which a label is looked for.
const LABEL: usize = 40;

/// What is sought, in a form that can be sent to a worker process. It has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sought {
    /// The profile's values.
    pub values: Vec<(Kind, Vec<String>)>,
    /// Keys of records that are certain.
    pub keys: Vec<HopKey>,
    /// Keyed digests of words that speak for values which are not known any more.
    pub traces: Vec<(Mark, u64)>,
    /// Key of these digests.
    pub words: [u8; 16],
    /// Key of the fingerprints.
    pub secret: [u8; 32],
    /// Whether what the records hold is wanted, to be handed to the person.
    pub copies: bool,
}

/// A key that stands in a record of the subject and refers to something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HopKey {
    /// What it is a key of, see [`labels::concept`].
    pub concept: String,
    /// Its column, for the reason.
    pub column: String,
    /// The value, in normal form.
    pub value: String,
}

impl Sought {
    /// What a profile says.
    #[must_use]
    pub fn new(profile: &Profile, secret: [u8; 32]) -> Sought {
        Sought { values: profile.values(), secret, ..Sought::default() }
    }
}

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

/// A key's value in the form that is compared; `None` for what is none.
#[must_use]
pub fn key_value(cell: &str) -> Option<String> {
    let cell = cell.trim();
    let is_key = !cell.is_empty() && cell.len() <= 64 && !cell.contains(char::is_whitespace);
    let is_nothing =
        cell.bytes().all(|b| b == b'0') || ["null", "none", "nan"].contains(&&*cell.to_lowercase());
    // `1042.0` is how some exports write numbers.
    let value = cell.strip_suffix(".0").unwrap_or(cell);
    (is_key && !is_nothing).then(|| value.to_lowercase())
}

/// What a replay list knows a key's value by.
#[must_use]
pub fn key_trace(value: &str, words: &[u8; 16]) -> String {
    format!("{:016x}", digest(words, value.as_bytes()))
}

fn is_whole(bytes: &[u8], start: usize, end: usize) -> bool {
    const EDGES: &[u8] = b" \"'\t\r\n";
    let before =
        bytes[..start].iter().rev().find(|b| !EDGES.contains(b) && **b != b'0' && **b != b'+');
    let behind = bytes[end..].iter().find(|b| !EDGES.contains(b));
    let is_edge = |b: Option<&u8>| b.is_none_or(|b| *b == crate::unit::CELL_END);
    is_edge(before) && is_edge(behind)
}

/// What is sought while it is gathered.
struct Making {
    codes: Codes,
    texts: Builder,
    forms: HashSet<(Kind, String)>,
    birth_dates: Vec<Date>,
    id_lengths: HashSet<usize>,
    short: HashSet<(Kind, String)>,
}

impl Default for Making {
    fn default() -> Making {
        Making {
            codes: Codes::new(),
            texts: Builder::default(),
            forms: HashSet::new(),
            birth_dates: Vec::new(),
            id_lengths: HashSet::new(),
            short: HashSet::new(),
        }
    }
}

impl Making {
    fn add(&mut self, kind: Kind, value: &str) {
        let forms = normalise(kind, value);
        self.forms.extend(forms.iter().map(|form| (kind, form.clone())));
        self.texts.add(kind, value);
        match kind {
            Kind::Name | Kind::Address | Kind::Email | Kind::Username => {}
            Kind::Phone => self.phone(&forms),
            Kind::NationalId => self.national_id(value, &forms),
            Kind::BirthDate => self.birth_date(value),
            Kind::Iban => {
                for (form, kind) in forms.iter().zip([Kind::Iban, Kind::Account]) {
                    self.code(kind, form);
                }
            }
            Kind::Account | Kind::Plate | Kind::CustomerNumber | Kind::EmployeeNumber => {
                forms.iter().for_each(|form| self.code(kind, form));
            }
        }
        for form in forms.iter().filter(|form| form.len() < DISTINCTIVE) {
            self.short.insert((kind, form.clone()));
        }
        for (mark, digests) in forms.iter().filter_map(|form| digests(kind, form, value)) {
            digests.iter().for_each(|digest| self.texts.add_literal(digest, mark));
        }
    }

    /// A code, or the ways to write it when it has too few digits in a row to be recognised by them.
    fn code(&mut self, kind: Kind, form: &str) {
        if self.codes.add(Sort::Whole(kind), form) {
            return;
        }
        let mark = match kind {
            Kind::NationalId => Mark::NationalId,
            Kind::Plate => Mark::Plate,
            Kind::CustomerNumber => Mark::CustomerBare,
            Kind::EmployeeNumber => Mark::EmployeeBare,
            Kind::Iban => Mark::Iban,
            _ => Mark::Account,
        };
        let mut groups = vec![String::new()];
        let mut digits = None;
        for c in form.chars() {
            if digits.is_some_and(|before| before != c.is_ascii_digit()) {
                groups.push(String::new());
            }
            digits = Some(c.is_ascii_digit());
            groups.last_mut().unwrap_or(&mut String::new()).push(c);
        }
        for between in ["", " ", "-", "."] {
            self.texts.add_literal(&groups.join(between), mark);
        }
        // The zeros that the normal form lacks.
        for zeros in 1..=6 {
            self.texts.add_literal(&format!("{}{form}", "0".repeat(zeros)), mark);
        }
    }

    fn phone(&mut self, forms: &[String]) {
        if let Some(form) = forms.first() {
            self.codes.add(Sort::Whole(Kind::Phone), form);
        }
    }

    fn national_id(&mut self, value: &str, forms: &[String]) {
        forms.iter().for_each(|form| self.code(Kind::NationalId, form));
        let digits: String = value.chars().filter(|c| c.is_alphanumeric()).collect();
        self.id_lengths.insert(digits.chars().count());
        if let Some((head, tail)) = halves(value) {
            self.codes.add(Sort::IdHead, &head);
            self.codes.add(Sort::IdTail, &tail);
            // In a column of its own the first part may be written as the date that it stands for.
            for date in dates(&head) {
                for layout in layouts(date) {
                    self.codes.add(Sort::IdHead, &layout);
                }
            }
        }
    }

    fn birth_date(&mut self, value: &str) {
        for date in dates(value) {
            for layout in layouts(date) {
                self.codes.add(Sort::Whole(Kind::BirthDate), &layout);
            }
            self.birth_dates.push(date);
        }
    }
}

/// The parts of a national number that columns hold apart: day, month and year, then the person's own digits.
pub(super) fn halves(id: &str) -> Option<(String, String)> {
    let digits: String = id.chars().filter(|c| c.is_alphanumeric()).collect();
    let cut = match (digits.len(), digits.bytes().all(|b| b.is_ascii_digit())) {
        (10 | 11, true) => 6,
        (12, true) => 8,
        _ => return None,
    };
    Some((digits[..cut].to_owned(), digits[cut..].to_owned()))
}

/// The digits of a date in all layouts.
pub(super) fn layouts(date: Date) -> [String; 9] {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let short = year.rem_euclid(100);
    [
        format!("{day:02}{month:02}{year}"),
        format!("{year}{month:02}{day:02}"),
        format!("{month:02}{day:02}{year}"),
        format!("{day:02}{month:02}{short:02}"),
        format!("{short:02}{month:02}{day:02}"),
        format!("{month:02}{day:02}{short:02}"),
        format!("{day}{month}{year}"),
        format!("{month}{day}{year}"),
        format!("{year}{month}{day}"),
    ]
}

/// Plain digests in hexadecimal, as marketing exports hold them: of the normal form and of the usual ways to write
/// it. None of kinds that are not exported so.
pub(super) fn digests(kind: Kind, form: &str, value: &str) -> Option<(Mark, Vec<String>)> {
    let (mark, spellings) = match kind {
        Kind::Email => (Mark::EmailHash, vec![form.to_owned(), value.trim().to_owned()]),
        Kind::Phone => {
            let digits = form.trim_start_matches('+').to_owned();
            (Mark::PhoneHash, vec![form.to_owned(), format!("00{digits}"), digits])
        }
        Kind::NationalId => {
            let digits: String = value.chars().filter(|c| c.is_alphanumeric()).collect();
            (Mark::IdHash, vec![form.to_owned(), digits, value.trim().to_owned()])
        }
        _ => return None,
    };
    let of = |spelling: String| {
        let bytes = spelling.as_bytes();
        [hex(&Md5::digest(bytes)), hex(&Sha1::digest(bytes)), hex(&Sha256::digest(bytes))]
    };
    Some((mark, spellings.into_iter().flat_map(of).collect()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
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
