//! Microdata: rows of persons without names, numbers or births, as surveys and registers hand them out. What else is
//! known or asked of a row tells that a `sex` is a person's.

use std::collections::{HashMap, HashSet};

use super::{Company, Draft, EMPLOYMENT, GENDER, Group, HEALTH, PAY, group};
use crate::detect::finder::Finder;
use crate::detect::lexicon::{Fit, Hint};
use crate::eye::Named;

/// Categories of what only persons have, whose values tell.
const FOUND: [&str; 5] = [HEALTH, PAY, EMPLOYMENT, MARITAL, RELIGION];
/// Those whose headings tell.
const HEADED: [&str; 4] = [PAY, MARITAL, RELIGION, ETHNICITY];
const MARITAL: &str = "demographic.marital_status";
const RELIGION: &str = "special.religion";
const ETHNICITY: &str = "special.ethnicity";

/// Different headings that tell of persons together.
const HEADINGS: usize = 2;

/// Tells which tables with a field for sexes, under a name that other things bear, are of persons.
pub(super) fn tell<'a>(
    finder: &Finder,
    named: &'a [Named],
    drafts: &[Draft],
    company: &mut HashMap<Group<'a>, Company>,
) {
    let category = |detector: u16| finder.rules.detectors[usize::from(detector)].category.as_str();
    let asks = |n: &&Named| {
        let is_sex =
            |(d, h): (&u16, &Hint)| *h == Hint::For(Fit::Ambiguous) && category(*d) == GENDER;
        n.slot.field.is_some() && n.hints.iter().any(is_sex)
    };
    let asking: HashSet<Group> = named.iter().filter(asks).map(group).collect();
    if asking.is_empty() {
        return;
    }
    let of_patients = |group: &&Group| company.get(*group).is_some_and(|c| c.patients);
    let of_patients: Vec<Group> = asking.iter().filter(of_patients).copied().collect();
    of_patients.into_iter().for_each(|group| company.entry(group).or_default().microdata = true);
    let mut told: HashMap<Group, HashSet<String>> = HashMap::new();
    for draft in drafts.iter().filter(|d| d.certainty >= 0.75 && d.accept.column.is_some()) {
        let group = group(&named[draft.slot.0 as usize]);
        if FOUND.contains(&category(draft.detector)) && asking.contains(&group) {
            company.entry(group).or_default().microdata = true;
        }
    }
    for name in named.iter().filter(|n| n.slot.field.is_some() && asking.contains(&group(n))) {
        let headed = |(d, h): (&u16, &Hint)| {
            let tells = matches!(h, Hint::For(Fit::Strong | Fit::Medium | Fit::Ambiguous));
            Some(category(*d)).filter(|of| tells && HEADED.contains(of)).map(str::to_owned)
        };
        let told = told.entry(group(name)).or_default();
        told.extend(
            name.hints
                .iter()
                .filter_map(headed)
                .min()
                .or_else(|| finder.lexicon.trait_of(name.field())),
        );
    }
    for (group, _) in told.into_iter().filter(|t| t.1.len() >= HEADINGS) {
        company.entry(group).or_default().microdata = true;
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::tests::listed;

    const SEXES: &[&str] = &["Male", "Female", "Female", "Male", "Male"];
    const CODES: &[&str] = &["M", "F", "F", "M", "M"];
    const AGES: &[&str] = &["44", "19", "71", "38", "62"];

    #[test]
    fn sexes_of_persons_are_told_by_what_else_is_known_of_them() {
        let ill = ["Asthma", "Diabetes", "Asthma", "COPD", "Diabetes"];
        let faiths = ["Islam", "Katolsk", "Islam", "Katolsk", "Islam"];
        let schools = ["primary", "tertiary", "primary", "secondary", "primary"];
        for (field, cells) in [("diagnosis", &ill), ("religion", &faiths), ("education", &schools)]
        {
            for sexes in [SEXES, CODES] {
                let found = listed(&[("sex", sexes), ("age", AGES), (field, cells)]);
                assert!(found.contains(&"sex: gender".to_owned()), "{field}: {found:?}");
            }
        }
        assert_eq!(listed(&[("patient_id", AGES), ("Sex", SEXES)]), ["Sex: gender"]);
    }

    #[test]
    fn sexes_of_animals_and_groups_are_nobodys() {
        let kinds = ["B", "O", "B", "B", "O"];
        assert_eq!(listed(&[("sp", &kinds), ("sex", CODES), ("FL", AGES)]), [""; 0]);
        assert_eq!(listed(&[("species", &kinds), ("sex", SEXES), ("body_mass", AGES)]), [""; 0]);
        assert_eq!(listed(&[("age", AGES), ("sex", SEXES)]), [""; 0]);
        let counted = [("age", AGES), ("sex", SEXES), ("education", &kinds), ("Freq", AGES)];
        assert_eq!(listed(&counted), [""; 0]);
        let breeds = [("breed", &kinds[..]), ("sex", SEXES), ("age", AGES), ("income", AGES)];
        assert_eq!(listed(&breeds), [""; 0]);
    }
}
