//! Ethnic origin: any word under its name, and the groups that people are counted by.

use super::*;

/// Words of the names of groups in the censuses of English, Spanish and Portuguese speaking countries (the US standards
/// for race and ethnicity, OMB SPD 15; the groups of the UK's and Brazil's censuses), in lower case.
const GROUPS: &[&str] = &[
    "white",
    "black",
    "asian",
    "hispanic",
    "latino",
    "latina",
    "latinx",
    "caucasian",
    "african-american",
    "nonhispanic",
    "non-hispanic",
    "multiracial",
    "biracial",
    "mixed",
    "indigenous",
    "aboriginal",
    "maori",
    "islander",
    "arab",
    "roma",
    "inuit",
    "mestizo",
    "mestiza",
    "mulato",
    "mulata",
    "branca",
    "preta",
    "parda",
    "amarela",
];

/// Ethnic origin: what any category takes; a group's name tells.
pub(super) fn ethnicity(text: &str, cx: &Context) -> Verdict {
    static ALL: LazyLock<Words> = LazyLock::new(|| Words::new(GROUPS.iter().copied()));
    /// The longest names join several groups.
    const LONGEST: usize = 60;
    let mut words = text.split([' ', ',', '/', '(', ')', ';']);
    if text.len() <= LONGEST && words.any(|word| holds_small(&ALL, word)) {
        return const { rung("listed") };
    }
    category_value(text, cx)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::rung_of;
    use super::*;

    #[test]
    fn names_of_groups_tell() {
        let name = |text: &str| rung_of(ethnicity, text);
        for text in
            ["White", "BLACK", "Black or African American", "Asian/Indian", "not hispanic (latino)"]
        {
            assert_eq!(name(text), "listed", "{text}");
        }
        assert_eq!(name("100 m hurdles"), "strict");
        assert_eq!(name("2024-01-01"), "");
    }
}
