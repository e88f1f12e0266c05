//! The questions that what was found raises. They ask; the answers are for people.

use std::collections::BTreeSet;

use crate::inventory::{ReadableBy, Severity, SystemLine};
use crate::place::{tells_ground, tells_of_storage};

/// What questions depend on.
pub(super) struct Facts<'a> {
    /// Flags of the row.
    pub flags: &'a BTreeSet<&'a str>,
    /// What of its secrets can be read.
    pub secrets: Secrets,
    /// Its system.
    pub system: Option<&'a SystemLine>,
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

/// The flag of systems of which no country is told.
const COUNTRY_UNKNOWN: &str = "country_unknown";

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
    (
        COUNTRY_UNKNOWN,
        "The country of the system is not told: is it kept, or can it be reached, outside the EEA (Chapter V)?",
    ),
    ("personal_area", "Lies in somebody's personal area: does it belong there?"),
];

impl Facts<'_> {
    /// Whether the question that belongs to a flag is to be asked.
    fn asks(&self, flag: &str) -> bool {
        match flag {
            "credentials" => self.secrets.readable,
            HASHED => self.secrets.hashed,
            "outside_eea" => self.flags.contains(flag) && self.lacks_ground(true),
            "third_country_access" => self.flags.contains(flag) && self.lacks_ground(false),
            COUNTRY_UNKNOWN => self.system.is_some_and(|s| s.flags.iter().any(|f| f == flag)),
            flag => self.flags.contains(flag),
        }
    }

    /// Whether some transfer, by storage or by access, has no ground in the statements that stand beside the question.
    fn lacks_ground(&self, storage: bool) -> bool {
        let all = self.system.map_or(&[][..], |system| &system.transfers);
        let mut told = all.iter().filter(|s| tells_of_storage(s) == storage).peekable();
        told.peek().is_none() || told.any(|statement| !tells_ground(statement))
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
    } else if special && facts.flags.contains("children") {
        questions.push("Special data about children: is a DPIA needed (Art. 35)?".to_owned());
    }
    if let Some(processor) = facts.system.and_then(|system| system.processor.as_ref()) {
        questions.push(format!("Kept by {processor}: is there a contract (Art. 28(3))?"));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(flags: &[&str], system: &SystemLine) -> String {
        let flags = flags.iter().copied().collect();
        let facts = Facts {
            flags: &flags,
            secrets: Secrets::default(),
            system: Some(system),
            severity: Some(Severity::Medium),
            readable_by: None,
            oldest: None,
            copies: 0,
            only_test_data: false,
        };
        raised(&facts).join("\n")
    }

    #[test]
    fn transfers_are_asked_about_where_no_ground_stands_beside() {
        let line = |statements: &[&str]| SystemLine {
            transfers: statements.iter().map(|s| (*s).to_owned()).collect(),
            ..SystemLine::default()
        };
        let kept = "Kept in Switzerland (CH), outside the EEA. The adequacy decision 2000/518/EC covers it.";
        let access = "The sub-processor X is in India (IN), outside the EEA. No adequacy decision is listed for it.";
        let both = ["outside_eea", "third_country_access"];
        let text = asked(&both, &line(&[kept, access]));
        assert!(!text.contains("Kept outside") && text.contains("Can be reached"), "{text}");
        let text = asked(&both, &line(&[&access.replace("The sub-processor X is", "Kept")]));
        assert!(text.contains("Kept outside") && text.contains("Can be reached"), "{text}");
        assert!(
            asked(&both, &line(&[kept, &format!("{access} Transfer tool, as told: SCC.")]))
                .is_empty()
        );
    }

    #[test]
    fn systems_are_asked_for_their_country_and_contract() {
        let system = SystemLine {
            processor: Some("Cloud Example".to_owned()),
            flags: vec![COUNTRY_UNKNOWN.to_owned()],
            ..SystemLine::default()
        };
        let text = asked(&["art9", "children"], &system);
        for words in [
            "The country of the system is not told",
            "Kept by Cloud Example",
            "about children: is a DPIA",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}
