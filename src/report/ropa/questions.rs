//! The questions that what was found raises. They ask; the answers are for people.

use std::collections::BTreeSet;

use crate::inventory::{ReadableBy, Severity};

/// What questions depend on.
pub(super) struct Facts<'a> {
    /// Flags of the row.
    pub flags: &'a BTreeSet<&'a str>,
    /// What of its secrets can be read.
    pub secrets: Secrets,
    /// Its severity; `None` when everything in it is rejected.
    pub severity: Option<Severity>,
    /// Who may read the file.
    pub readable_by: Option<ReadableBy>,
    /// Oldest date in the data.
    pub oldest: Option<&'a str>,
    /// Other files with the same data.
    pub copies: u64,
    /// Whether all values are test values.
    pub only_test_data: bool,
}

/// In which forms secrets are kept.
#[derive(Clone, Copy, Default)]
pub(super) struct Secrets {
    /// Some stand as they are.
    pub readable: bool,
    /// Some are hashes of passwords.
    pub hashed: bool,
}

/// Stands for hashes of passwords among the flags.
const HASHED: &str = "hashed";

/// Questions by flag, with the article that asks.
const BY_FLAG: &[(&str, &str)] = &[
    ("art9", "Special categories of data: which condition of Art. 9(2) applies?"),
    ("art10", "Data about crimes: under which law or authority is it held (Art. 10)?"),
    (
        "art87",
        "National identity numbers: is there a need for secure identification, as national law asks \
         (Art. 87; in Norway personopplysningsloven § 12)? Could date of birth or a customer number do?",
    ),
    ("children", "Data about children: how is that taken into account (Art. 8, recital 38)?"),
    ("credentials", "Passwords that can be read: can they be changed, and removed here (Art. 32)?"),
    (
        HASHED,
        "Hashes of passwords: are they salted and made by a slow method, such as bcrypt or Argon2, and are they \
         needed here (Art. 32)?",
    ),
    ("outside_eea", "Kept outside the EEA: what does the transfer rest on (Chapter V)?"),
    (
        "third_country_access",
        "Can be reached from outside the EEA: what does the transfer rest on (Chapter V)?",
    ),
    ("personal_area", "Lies in somebody's personal area: does it belong there?"),
];

impl Facts<'_> {
    /// Whether the question that belongs to a flag is to be asked.
    fn asks(&self, flag: &str) -> bool {
        match flag {
            "credentials" => self.secrets.readable,
            HASHED => self.secrets.hashed,
            flag => self.flags.contains(flag),
        }
    }
}

/// The questions of a row, the gravest first.
pub(super) fn raised(facts: &Facts) -> Vec<String> {
    let Some(severity) = facts.severity else { return Vec::new() };
    let mut questions: Vec<String> = BY_FLAG
        .iter()
        .filter(|(flag, _)| facts.asks(flag))
        .map(|(_, question)| (*question).to_owned())
        .collect();
    let special = facts.flags.contains("art9") || facts.flags.contains("art10");
    if special && facts.flags.contains("many_subjects") {
        questions
            .push("Special data about many people: is a DPIA needed (Art. 35(3)(b))?".to_owned());
    }
    if facts.readable_by == Some(ReadableBy::Everyone) && (special || severity >= Severity::High) {
        questions.push("Every user of the host can read it: should they (Art. 32)?".to_owned());
    }
    if let Some(oldest) = facts.oldest {
        questions.push(format!(
            "The oldest entry is of {oldest}: how long is it needed (Art. 5(1)(e))?"
        ));
    }
    if facts.copies > 0 {
        let times = if facts.copies == 1 { "one other place" } else { "other places" };
        questions
            .push(format!("The same data lies in {times} ({}): which is needed?", facts.copies));
    }
    if facts.only_test_data {
        questions.push("All values look like test data: is it?".to_owned());
    }
    questions
}
