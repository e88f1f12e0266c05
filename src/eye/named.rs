//! Slots with what their names say, and so what is asked of their cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::detect::finder::Finder;
use crate::detect::fold::{fold, words};
use crate::detect::lexicon::{Fit, Hint};
use crate::place::BIRTH;
use crate::unit::Slot;

/// A slot with what its name says.
#[derive(Clone, Debug)]
pub struct Named {
    /// The slot.
    pub slot: Slot,
    /// What its field name says of each detector; empty in free text.
    pub hints: Arc<BTreeMap<u16, Hint>>,
    /// What its dates are, when its name says that it holds such: a kind of retention anchor, or [`BIRTH`].
    pub dates: Option<String>,
    /// Whether it is a field whose name tells nothing, or that has none (`#3`).
    is_unnamed: bool,
    questions: Arc<Questions>,
}

thread_local! {
    /// What is told of free text, which has no name: nothing, for all files.
    static NAMELESS: FieldTold = FieldTold::default();
}

/// What a field's name says.
#[derive(Clone, Default)]
pub struct FieldTold {
    hints: Arc<BTreeMap<u16, Hint>>,
    dates: Option<String>,
    is_unnamed: bool,
    questions: Arc<Questions>,
}

/// What is asked of a field's cells.
#[derive(Debug, Default)]
struct Questions {
    /// By number of the detector, what is asked of a cell that has its shape as a whole; empty in free text.
    asked: Vec<Asked>,
    /// Detectors whose whole cells are judged without a pattern, and how they are looked at.
    by_cell: Vec<(u16, Look)>,
    /// Detectors of names, where these are looked for by their look only.
    names: Vec<u16>,
    /// Whether its name is that of the number of a patient, or of the reference to one.
    patients: bool,
}

/// What is asked of a cell that has the shape of a kind.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    /// Whether it tells anything.
    at_all: bool,
    /// Whether the look in running text counts for it.
    prose: bool,
    /// Whether the field's name speaks for the kind.
    told: bool,
    /// Whether numbers that lost their zeros are looked for.
    damaged: bool,
}

/// How a whole cell is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The field's name speaks for the kind: the cell only has to agree.
    Named,
    /// No name speaks for it: the stricter check of running text is asked.
    Strict,
    /// There is no name, and the kind are dates: only what looks like one is asked.
    Date,
    /// The name is one that other things bear as often: the rung says which of the two checks it passed.
    Both,
}

impl Named {
    /// A slot, looked up in the lexicon.
    #[must_use]
    pub fn new(finder: &Finder, slot: &Slot) -> Named {
        let told = match slot.field.as_deref() {
            Some(field) => finder.fields.of(field, || told_by(finder, slot, field)),
            None => NAMELESS.with(FieldTold::clone),
        };
        let FieldTold { hints, dates, is_unnamed, questions } = told;
        Named { slot: slot.clone(), hints, dates, is_unnamed, questions }
    }

    fn questions(&self, finder: &Finder) -> Questions {
        let mut questions =
            Questions { patients: is_of_patients(self.field()), ..Questions::default() };
        questions.asked.reserve(finder.rules.detectors.len());
        for number in 0..u16::try_from(finder.rules.detectors.len()).unwrap_or(u16::MAX) {
            let hint = self.hints.get(&number).copied();
            let told = matches!(hint, Some(Hint::For(_)));
            let by_cell = self.judges_cells(finder, number);
            let prose = finder.tells_cells(number) && !by_cell;
            // Whole cells of a kind that needs a name tell nothing without one, so they need no look.
            let at_all = told || !finder.needs_name(number);
            let damaged = told && self.takes_damaged(finder, number);
            questions.asked.push(Asked { at_all, prose, told, damaged });
            if prose && finder.is_of_names(number) {
                questions.names.push(number);
            }
            let look = match hint {
                _ if !by_cell => continue,
                None if self.is_unnamed() && finder.is_birth(number) => Look::Date,
                _ if self.is_unnamed() => Look::Strict,
                Some(Hint::For(Fit::Ambiguous)) if finder.tells_columns(number) => Look::Both,
                // Persons stand among firms: which of the names tell by themselves is told as well.
                Some(Hint::For(Fit::Strong)) if finder.is_of_names(number) => Look::Both,
                Some(Hint::For(Fit::Strong)) if self.is_full(finder, number) => Look::Both,
                _ => Look::Named,
            };
            questions.by_cell.push((number, look));
        }
        questions
    }

    /// The name of its field; nothing in free text.
    #[must_use]
    pub fn field(&self) -> &str {
        self.slot.field.as_deref().unwrap_or("")
    }

    /// The last part of its name: `religion` of `$.fields[].religion`.
    pub(super) fn last_part(&self) -> &str {
        self.field().rsplit(['.', '/']).next().unwrap_or("")
    }

    /// Whether its name is that of the number of a patient, or of the reference to one.
    #[must_use]
    pub fn is_of_patients(&self) -> bool {
        self.questions.patients
    }

    /// Whether it is a field without a name (`#3`), or with one that tells nothing (`fld_0002`): its values alone can
    /// tell what it is.
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        self.is_unnamed
    }

    /// Which cells are asked whether they are dates.
    #[must_use]
    pub fn asks_date(&self) -> AsksDate {
        match () {
            () if self.dates.is_some() => AsksDate::All,
            () if self.is_unnamed() => AsksDate::Alike,
            () => AsksDate::None,
        }
    }

    /// Whether its name is one of the kind that whole things bear, too.
    #[must_use]
    pub fn is_full(&self, finder: &Finder, number: u16) -> bool {
        finder.tells_columns(number) && finder.lexicon.is_full(self.field(), number)
    }

    /// Whether whole cells are judged for this kind without a pattern: the name speaks for it, or there
    /// is no name and the kind is known by its look.
    #[must_use]
    pub fn judges_cells(&self, finder: &Finder, number: u16) -> bool {
        let d = &finder.rules.detectors[number as usize];
        d.pattern.is_none()
            && match self.hints.get(&number) {
                Some(Hint::For(_)) => true,
                _ => self.is_unnamed() && (finder.tells_columns(number) || finder.is_birth(number)),
            }
    }

    /// Whether a cell that has the shape of a kind as a whole tells anything.
    pub(super) fn asks(&self, detector: u16) -> bool {
        self.questions.asked.get(usize::from(detector)).is_some_and(|a| a.at_all)
    }

    /// Whether the look of a kind in running text counts for whole cells.
    pub(super) fn takes_prose(&self, detector: u16) -> bool {
        self.questions.asked.get(usize::from(detector)).is_some_and(|a| a.prose)
    }

    /// The kinds whose name the field has more than that of any other.
    fn best_named(&self) -> impl Iterator<Item = u16> + Clone {
        let fits = self.hints.iter().filter_map(|(number, hint)| match hint {
            Hint::For(fit) if *fit >= Fit::Medium => Some((*fit, *number)),
            _ => None,
        });
        let best = fits.clone().map(|f| f.0).max();
        fits.filter(move |f| Some(f.0) == best).map(|f| f.1)
    }

    /// Whether the field's name is that of a kind more than that of any other: `fnr`, not `national_id`.
    #[must_use]
    pub fn is_name_of(&self, detector: u16) -> bool {
        self.best_named().eq([detector])
    }

    /// Whether numbers of a kind that lost their zeros are looked for: where the field's name is that of the kind, and what
    /// is left of them is no whole number of another kind of that name, and of none as long unless the check tells.
    fn takes_damaged(&self, finder: &Finder, detector: u16) -> bool {
        let digits = |detector: u16| finder.rules.detectors[usize::from(detector)].digits;
        let Some(whole) = digits(detector) else { return false };
        let mut best = self.best_named();
        let is_rival = |other: u16| match digits(other) {
            Some(theirs) if theirs == whole => !finder.tells_damaged(detector),
            Some(theirs) => (whole - 2..whole).contains(&theirs),
            None => false,
        };
        best.clone().any(|d| d == detector) && !best.any(|d| d != detector && is_rival(d))
    }

    /// Whether numbers of a kind that lost their zeros are looked for.
    pub(super) fn asks_damaged(&self, detector: u16) -> bool {
        self.questions.asked.get(usize::from(detector)).is_some_and(|a| a.damaged)
    }

    /// Whether the field's name speaks for a kind.
    #[must_use]
    pub fn tells(&self, detector: u16) -> bool {
        self.questions.asked.get(usize::from(detector)).is_some_and(|a| a.told)
    }

    /// Detectors of names, where these are looked for by their look only, which has the given name in front.
    pub(super) fn names(&self) -> &[u16] {
        &self.questions.names
    }

    /// Detectors whose whole cells are judged without a pattern, and how they are looked at.
    pub(super) fn by_cell(&self) -> &[(u16, Look)] {
        &self.questions.by_cell
    }
}

/// Which cells of a field are asked whether they are dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsksDate {
    /// None: its name says nothing of dates.
    None,
    /// Those that look like dates: it has no name.
    Alike,
    /// All.
    All,
}

impl AsksDate {
    /// Whether a cell is asked.
    #[must_use]
    pub fn of(self, cell: &[u8]) -> bool {
        match self {
            AsksDate::None => false,
            AsksDate::Alike => is_like_date(cell),
            AsksDate::All => true,
        }
    }
}

/// Whether a cell looks like a date in digits, with or without a time: what most cells fail by.
pub(super) fn is_like_date(cell: &[u8]) -> bool {
    let is_sign = |at: usize| matches!(cell[at], b'-' | b'.' | b'/');
    let is_long = matches!(cell.len(), 8 | 10 | 16 | 19);
    is_long && cell[0].is_ascii_digit() && (is_sign(2) && is_sign(5) || is_sign(4))
}

/// Whether a field's name is that of the number of a patient, as tables of illnesses have it (Synthea, OMOP, MIMIC,
/// `OpenEMR`), or of the reference to one (FHIR: `subject.reference`).
fn is_of_patients(field: &str) -> bool {
    const NAMES: &[&str] = &[
        "patient",
        "patientid",
        "pid",
        "patid",
        "subjectid",
        "hadmid",
        "personid",
        "mrn",
        "pasientid",
        "pasientnr",
        "patientnr",
        "patientenid",
        "patientennr",
        "subjectreference",
        "patientreference",
        "encounter",
        "encounterid",
    ];
    let words = words(field.trim_start_matches('$'));
    (1..=2).any(|last| {
        let from = words.len().saturating_sub(last);
        NAMES.contains(&words[from..].concat().as_str())
    })
}

/// What a field's name says, and what is asked of its cells therefore.
fn told_by(finder: &Finder, slot: &Slot, field: &str) -> FieldTold {
    let mut hints = finder.lexicon.hints(field);
    let is_unnamed = field.starts_with('#') || is_empty_name(field);
    if is_unnamed && !hints.values().any(|hint| matches!(hint, Hint::For(_))) {
        hints.clear();
    }
    let is_unnamed = is_unnamed && hints.is_empty();
    let born = finder.rules.find("date_of_birth").and_then(|d| u16::try_from(d).ok());
    let hint = born.and_then(|d| hints.get(&d));
    let is_birth = matches!(hint, Some(Hint::For(fit)) if *fit > Fit::Weak);
    let anchor = finder.rules.facts.anchors.kind_of(field);
    let dates = anchor.or(is_birth.then_some(BIRTH)).map(str::to_owned);
    let (hints, questions) = (Arc::new(hints.into_iter().collect()), Arc::default());
    let named = Named { slot: slot.clone(), hints, dates, is_unnamed, questions };
    let questions = Arc::new(named.questions(finder));
    FieldTold { hints: named.hints, dates: named.dates, is_unnamed, questions }
}

/// Whether a column's name says no more than that it is one: `fld_0002`, `column1`, `F7`, `x`. Keys of JSON are chosen.
fn is_empty_name(field: &str) -> bool {
    const NAMES: &[&str] = &[
        "field",
        "fld",
        "column",
        "col",
        "attribute",
        "attr",
        "attrib",
        "variable",
        "var",
        "unnamed",
        "noname",
        "untitled",
        "felt",
        "kolonne",
        "kol",
        "falt",
        "kolumn",
        "kentta",
        "sarake",
        "feld",
        "spalte",
        "champ",
        "colonne",
        "veld",
        "kolom",
        "campo",
        "columna",
        "coluna",
        "colonna",
        "pole",
        "kolumna",
        "sloupec",
        "stlpec",
        "oszlop",
        "mezo",
        "coloana",
        "stupac",
        "stolpec",
        "veerg",
        "kolonna",
        "stulpelis",
        "dalkur",
        "колона",
        "поле",
        "столбец",
        "στηλη",
    ];
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_word = |word: &str| {
        let front = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_letter = matches!(front.as_bytes(), [letter] if letter.is_ascii_alphabetic());
        is_letter || NAMES.contains(&fold(front).as_str())
    };
    let mut parts = field.split(['_', '-', ' ', ':']).filter(|part| !part.is_empty());
    parts.next().is_some_and(is_word) && parts.all(is_number)
}
