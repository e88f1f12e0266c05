//! The conditions of `--fail-on`: what of the findings makes a run exit with 1.

use std::collections::HashMap;

use anyhow::{Result, bail};

use crate::inventory::{Finding, FindingState, GroupLine, Inventory, Severity};
use crate::place::Systems;

/// Flags that can be asked for: of findings, then of what stands together.
const FLAGS: [&str; 9] = [
    "art9",
    "art10",
    "art87",
    "credentials",
    "children",
    "many_subjects",
    "outside_eea",
    "third_country_access",
    "personal_area",
];

/// A condition: parts that one finding meets together.
pub(super) struct Condition {
    /// As it was typed.
    pub(super) text: String,
    /// Whether it asks only for what was not found before.
    pub(super) only_new: bool,
    parts: Vec<Part>,
    /// How many matches the findings have to exceed together.
    count: Option<u64>,
}

enum Part {
    Severity(Severity),
    Flag(String),
    System(String),
}

/// What stands together: path, members, table.
type Place<'a> = (&'a str, &'a [String], Option<&'a str>);

impl Condition {
    /// Parses `[new:]PART[+PART]...`; the name of a system goes to the end, whatever stands in it.
    pub(super) fn parse(text: &str) -> Result<Condition> {
        let (only_new, mut rest) = match text.trim().strip_prefix("new:") {
            Some(rest) => (true, rest.trim()),
            None => (false, text.trim()),
        };
        let mut condition =
            Condition { text: text.to_owned(), only_new, parts: Vec::new(), count: None };
        loop {
            if let Some(name) = rest.strip_prefix("system:") {
                condition.parts.push(Part::System(name.trim().to_owned()));
                return Ok(condition);
            }
            let (part, more) = rest.split_once('+').map_or((rest, None), |(a, b)| (a, Some(b)));
            condition.add(part.trim())?;
            match more {
                Some(more) => rest = more.trim(),
                None => return Ok(condition),
            }
        }
    }

    fn add(&mut self, part: &str) -> Result<()> {
        let severity = match part {
            "any" => return Ok(()),
            "low" => Severity::Low,
            "medium" => Severity::Medium,
            "high" => Severity::High,
            "very_high" => Severity::VeryHigh,
            flag if FLAGS.contains(&flag) => {
                self.parts.push(Part::Flag(flag.to_owned()));
                return Ok(());
            }
            other => match other.strip_prefix("count>").map(|n| n.trim().parse()) {
                Some(Ok(n)) => {
                    self.count = Some(n);
                    return Ok(());
                }
                _ => bail!(
                    "--fail-on {other:?} is not known: low, medium, high, very_high (severity), {}, any, \
                     count>N, system:NAME, several of them joined by +, and new: before them are",
                    FLAGS.join(", ")
                ),
            },
        };
        self.parts.push(Part::Severity(severity));
        Ok(())
    }

    /// Refuses the name of a system that there is none of.
    pub(super) fn check(&self, systems: &Systems) -> Result<()> {
        for part in &self.parts {
            if let Part::System(name) = part
                && !systems.names().any(|known| known == name)
            {
                bail!("--fail-on {}: the settings file (--config) has no such system", self.text);
            }
        }
        Ok(())
    }

    /// Whether findings meet it. Those of test data and those that are suppressed do not count.
    pub(super) fn met(&self, inventory: &Inventory) -> bool {
        let groups = inventory.groups.iter().filter(|g| !is_test(&g.flags));
        let groups: HashMap<Place<'_>, &GroupLine> =
            groups.map(|g| ((g.path.as_str(), &g.members[..], g.table.as_deref()), g)).collect();
        let mut met = inventory
            .findings
            .iter()
            .filter(|f| !is_test(&f.flags) && f.suppressed.is_none())
            .filter(|f| !self.only_new || f.state == Some(FindingState::New))
            .filter(|f| {
                let group = groups.get(&(f.path.as_str(), &f.members[..], f.table.as_deref()));
                self.parts.iter().all(|part| part.holds(f, group.copied()))
            });
        match self.count {
            Some(n) => met.map(|f| f.matches).sum::<u64>() > n,
            None => met.next().is_some(),
        }
    }
}

impl Part {
    fn holds(&self, finding: &Finding, group: Option<&GroupLine>) -> bool {
        match self {
            Part::Severity(severity) => finding.severity >= *severity,
            Part::Flag(flag) => {
                finding.flags.contains(flag) || group.is_some_and(|g| g.flags.contains(flag))
            }
            Part::System(name) => finding.system.as_ref() == Some(name),
        }
    }
}

fn is_test(flags: &[String]) -> bool {
    flags.iter().any(|flag| flag == "test_data")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        for text in ["any", "new:high", "new: art9 + high", "count>5", "high+count> 5"] {
            Condition::parse(text).unwrap();
        }
        for text in ["", "high+", "+high", "count>", "new", "system", "high,art9", "new:new:high"] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
        let condition = Condition::parse("new:art9+system:CRM + archive").unwrap();
        let name = |p: &Part| matches!(p, Part::System(name) if name == "CRM + archive");
        assert!(condition.only_new && condition.parts.len() == 2 && name(&condition.parts[1]));
    }
}
