//! Gender: any word under its name, and the words that hardly mean anything else.

use super::*;
use crate::detect::fold::fold;

/// Words and letters for it in the languages of the lexicon, folded.
const GENDERS: &[&str] = &[
    "m",
    "f",
    "k",
    "v",
    "w",
    "d",
    "h",
    "x",
    "u",
    "male",
    "female",
    "man",
    "woman",
    "men",
    "women",
    "boy",
    "girl",
    "non-binary",
    "nonbinary",
    "non binary",
    "other",
    "unknown",
    "unspecified",
    "diverse",
    "mann",
    "kvinne",
    "mannlig",
    "kvinnelig",
    "gutt",
    "jente",
    "annet",
    "ukjent",
    "ikke-binaer",
    "kvinna",
    "manlig",
    "kvinnlig",
    "pojke",
    "flicka",
    "annat",
    "okand",
    "icke-binar",
    "mand",
    "kvinde",
    "dreng",
    "pige",
    "andet",
    "ukendt",
    "mies",
    "nainen",
    "muu",
    "tuntematon",
    "mannlich",
    "weiblich",
    "maennlich",
    "frau",
    "herr",
    "divers",
    "unbekannt",
    "homme",
    "femme",
    "masculin",
    "feminin",
    "autre",
    "inconnu",
    "vrouw",
    "mannelijk",
    "vrouwelijk",
    "anders",
    "onbekend",
    "hombre",
    "mujer",
    "varon",
    "masculino",
    "femenino",
    "otro",
    "maschio",
    "femmina",
    "uomo",
    "donna",
    "maschile",
    "femminile",
    "altro",
    "mezczyzna",
    "kobieta",
    "inne",
    "homem",
    "mulher",
    "feminino",
    "outro",
    "trans",
    "transgender",
    "agender",
    "genderqueer",
    "genderfluid",
];

/// Gender: what any category takes; a word of its own vocabulary tells.
pub(super) fn gender(text: &str, cx: &Context) -> Verdict {
    static ALL: LazyLock<Words> = LazyLock::new(|| Words::new(GENDERS.iter().copied()));
    if text.len() <= 24 && ALL.holds(fold(text.trim_matches('.')).as_bytes()) {
        return const { rung("telling") };
    }
    category_value(text, cx)
}

#[cfg(test)]
mod tests {
    use super::super::tests::rung_of;
    use super::*;

    #[test]
    fn its_own_words_tell() {
        let name = |text: &str| rung_of(gender, text);
        for text in ["F", "m", "Kvinne", "weiblich", "Männlich", "non-binary", "MALE"] {
            assert_eq!(name(text), "telling", "{text}");
        }
        assert_eq!(name("She edits wiki pages"), "strict");
        assert_eq!(name("1"), "flag");
        assert_eq!(name("2024-01-01"), "");
    }
}
