//! Needles while they are gathered: of every value the codes and texts that are looked for.

use std::collections::HashSet;

use jiff::civil::Date;

use super::codes::{Codes, Sort};
use super::normal::normalise;
use super::spellings::{digests, halves, layouts};
use super::texts::Builder;
use super::{Kind, Mark, dates};

/// Shortest customer number or the like that is listed wherever it stands.
const DISTINCTIVE: usize = 6;

/// What is sought while it is gathered.
pub(super) struct Making {
    pub(super) codes: Codes,
    pub(super) texts: Builder,
    pub(super) forms: HashSet<(Kind, String)>,
    pub(super) birth_dates: Vec<Date>,
    pub(super) id_lengths: HashSet<usize>,
    pub(super) short: HashSet<(Kind, String)>,
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
    /// Adds a value.
    pub(super) fn add(&mut self, kind: Kind, value: &str) {
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
