//! The suppression file of `--suppress FILE`: findings that somebody looked at and answers for, and until when.
//!
//! ```toml
//! [[suppress]]
//! id = "0123456789abcdef"          # of the finding
//! reason = "numbers of invoices, not of people"
//! by = "Kari Nordmann, HR"
//! until = 2027-06-30
//! version = 2                      # of its detector, when that is not 1
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use jiff::civil::Date;
use serde::Deserialize;

use crate::detect::rules::Rules;
use crate::inventory::{Finding, Inventory, Suppressed, Suppression};

/// The flag of a finding that is suppressed.
pub const FLAG: &str = "suppressed";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    suppress: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    reason: String,
    by: String,
    until: toml::value::Datetime,
    #[serde(default = "first")]
    version: u32,
}

fn first() -> u32 {
    1
}

struct Rule {
    suppression: Suppression,
    until: Date,
    version: u32,
}

/// The entries of a suppression file, by the ids of findings.
#[derive(Default)]
pub struct Suppressions(BTreeMap<String, Rule>);

impl Suppressions {
    /// Reads a file.
    ///
    /// # Errors
    /// One that cannot be read or is not of the form, with line and column; an entry without a reason or a name,
    /// and one that stands there twice.
    pub fn read(path: &Path) -> Result<Suppressions> {
        let context = || format!("--suppress {}", path.display());
        let text = std::fs::read_to_string(path).with_context(context)?;
        Suppressions::parse(&text).with_context(context)
    }

    fn parse(text: &str) -> Result<Suppressions> {
        let file: File = toml::from_str(text)?;
        let mut rules = BTreeMap::new();
        for entry in file.suppress {
            let Entry { id, reason, by, until, version } = entry;
            if reason.trim().is_empty() || by.trim().is_empty() {
                bail!("{id:?}: a reason, and who gave it (by), are needed");
            }
            let Ok(date) = until.to_string().parse::<Date>() else {
                bail!("{id:?}: until is a date, such as 2027-06-30");
            };
            let suppression = Suppression { reason, by, until: date.to_string() };
            let rule = Rule { suppression, until: date, version };
            if rules.insert(id.clone(), rule).is_some() {
                bail!("{id:?} stands there twice");
            }
        }
        Ok(Suppressions(rules))
    }

    /// Marks the findings that are suppressed on this day, and tells which entries are of no use: those that have
    /// expired, by their date or because their detector is another version by now, and those that match nothing.
    /// `masked` hides personal data in what people wrote.
    #[must_use]
    pub fn apply(
        mut self,
        inventory: &mut Inventory,
        rules: &Rules,
        today: Date,
        masked: impl Fn(&str) -> String,
    ) -> Suppressed {
        let version = |f: &Finding| rules.find(&f.detector).map(|d| rules.detectors[d].version);
        let mut told = Suppressed::default();
        for finding in &mut inventory.findings {
            let Some(rule) = self.0.remove(&finding.id) else { continue };
            if rule.until < today || version(finding) != Some(rule.version) {
                told.expired.push(finding.id.clone());
                continue;
            }
            let Suppression { reason, by, until } = rule.suppression;
            let suppression = Suppression { reason: masked(&reason), by: masked(&by), until };
            finding.suppressed = Some(Box::new(suppression));
            finding.flags.push(FLAG.to_owned());
            told.findings += 1;
        }
        told.expired.sort();
        // What was not reached may match another time.
        if inventory.run.complete {
            told.unmatched = self.0.into_keys().collect();
        }
        told
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ENTRY: &str =
        "[[suppress]]\nid = \"a\"\nreason = \"r\"\nby = \"b\"\nuntil = 2027-06-30\n";

    #[test]
    fn what_is_not_of_the_form_is_refused_with_its_place() {
        assert_eq!(Suppressions::parse(ENTRY).unwrap().0.len(), 1);
        let wrong = [
            (ENTRY.replace("\"r\"", "\" \""), "reason"),
            (ENTRY.replace("2027-06-30", "07:00:00"), "until"),
            (ENTRY.replace("2027-06-30", "\"soon\""), "line 5"),
            (ENTRY.replace("by =", "bye ="), "line 4"),
            (ENTRY.repeat(2), "twice"),
        ];
        for (text, words) in wrong {
            let told = format!("{:#}", Suppressions::parse(&text).err().unwrap());
            assert!(told.contains(words), "{told}");
        }
    }
}
