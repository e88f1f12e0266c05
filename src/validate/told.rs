//! What sentences say of people: that somebody has an illness or is of a faith. Behind whoever is spoken of stands a verb,
//! small words, and a word of the kind's vocabulary with which the clause ends: `Kari Hansen har fått kreft.`

use std::ops::Range;
use std::sync::LazyLock;

use super::cell::vocabulary;
use super::wordset::Words;
use super::{Context, Rung, Validator, Validity, Verdict};
use crate::detect::fold::fold;

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("health_phrase", health_phrase)];

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// An illness, or a state such as pregnancy.
    Health,
    /// A faith.
    Religion,
}

/// Bytes behind a name that are looked at.
const REACH: usize = 96;

/// Verbs behind which an illness stands.
const HAVE: &[&str] = &[
    "har",
    "hadde",
    "hade",
    "havde",
    "fikk",
    "fick",
    "fik",
    "lider",
    "led",
    "has",
    "had",
    "suffers",
    "suffered",
    "hat",
    "hatte",
    "leidet",
    "litt",
    "bekam",
    "a",
    "avait",
    "souffre",
    "souffrait",
    "tiene",
    "tenia",
    "padece",
    "sufre",
    "ha",
    "aveva",
    "soffre",
    "tem",
    "tinha",
    "sofre",
    "heeft",
    "had",
    "lijdt",
    "ma",
    "miala",
    "mial",
    "choruje",
    "cierpi",
    "sairastaa",
    "trpi",
    "mel",
    "mela",
    "have",
    "habe",
    "heb",
    "tengo",
];

/// Verbs behind which a state stands.
const BE: &[&str] = &[
    "er",
    "var",
    "ble",
    "blev",
    "is",
    "was",
    "ist",
    "war",
    "wird",
    "est",
    "etait",
    "es",
    "era",
    "esta",
    "e",
    "jest",
    "byla",
    "byl",
    "je",
    "on",
    "wordt",
    "werd",
    "became",
    "am",
    "bin",
    "blir",
    "bliver",
    "behandles",
    "behandlas",
];

/// What the verb `to be` has before an illness: `is suffering from`, `er innlagt med`.
const ILL: &[&str] = &[
    "diagnosed",
    "diagnostisert",
    "diagnostiserad",
    "diagnosticerad",
    "diagnosticeret",
    "diagnostiziert",
    "diagnosticado",
    "diagnosticada",
    "diagnosticato",
    "diagnosticata",
    "gediagnosticeerd",
    "syk",
    "sjuk",
    "syg",
    "ill",
    "sick",
    "krank",
    "malade",
    "ziek",
    "innlagt",
    "indlagt",
    "inlagd",
    "hospitalised",
    "hospitalized",
    "opgenomen",
    "behandlet",
    "behandlad",
    "behandles",
    "behandlas",
    "treated",
    "behandelt",
    "suffering",
    "rammet",
    "ramt",
    "drabbad",
    "smittet",
    "smittad",
    "infected",
    "atteint",
    "atteinte",
    "affetto",
    "affetta",
    "enfermo",
    "enferma",
    "allergisk",
    "operert",
    "opereret",
    "opererad",
];

/// What German sentences have behind an illness.
const ILL_BEHIND: &[&str] =
    &["erkrankt", "gestorben", "verstorben", "operiert", "behandelt", "leidend"];

/// States that are told so.
const STATES: &[&str] = &[
    "gravid",
    "pregnant",
    "schwanger",
    "enceinte",
    "embarazada",
    "incinta",
    "gravida",
    "zwanger",
    "sykmeldt",
    "sykemeldt",
    "sjukskriven",
    "sygemeldt",
    "krankgeschrieben",
    "sairauslomalla",
    "ufor",
    "blind",
    "deaf",
    "diabetiker",
    "diabetic",
    "epileptiker",
    "alkoholiker",
    "alcoholic",
    "hivpositiv",
    "dement",
    "deprimert",
    "deprimerad",
    "depressiv",
    "schwerbehindert",
    "disabled",
    "suicidal",
    "suizidal",
    "suicidal",
    "autistisk",
    "autistic",
    "diabetique",
    "diabetica",
];

/// Small words between the verb and what it says.
const BETWEEN: &[&str] = &[
    "av",
    "af",
    "from",
    "an",
    "unter",
    "de",
    "d",
    "du",
    "di",
    "da",
    "pa",
    "na",
    "aan",
    "the",
    "a",
    "en",
    "et",
    "ein",
    "eine",
    "einen",
    "une",
    "un",
    "una",
    "um",
    "uma",
    "een",
    "fatt",
    "hatt",
    "faet",
    "haft",
    "had",
    "eu",
    "tenido",
    "diagnosen",
    "diagnosis",
    "diagnose",
    "of",
    "nylig",
    "na",
    "nu",
    "now",
    "currently",
    "jetzt",
    "derzeit",
    "alvorlig",
    "kronisk",
    "chronic",
    "severe",
    "schwere",
    "chronische",
    "chronisches",
    "svar",
    "also",
    "ogsa",
    "auch",
    "ocksa",
    "still",
    "fortsatt",
    "noch",
    "multiple",
    "breast",
    "lung",
    "prostate",
    "advanced",
    "early",
    "mild",
    "angeborene",
    "leichte",
    "schwer",
    "practising",
    "practicing",
    "devout",
    "stark",
    "very",
    "een",
    "type",
    "bipolar",
    "hoyt",
    "lavt",
    "insulinkrevende",
    "i",
    "with",
    "med",
    "mit",
    "met",
    "con",
    "avec",
    "for",
    "mot",
    "mod",
    "against",
    "von",
    "pavist",
    "konstatert",
    "utviklet",
    "udviklet",
    "utvecklat",
    "developed",
    "contracted",
    "been",
    "vaert",
    "varit",
    "vaeret",
    "suffering",
    "rheumatoid",
    "rheumatoide",
    "reumatoid",
    "acute",
    "akutt",
    "akut",
    "akute",
    "aigue",
];

/// Those of them that belong to what is said.
const OF_VALUES: &[&str] = &[
    "multiple",
    "breast",
    "lung",
    "prostate",
    "bipolar",
    "chronic",
    "severe",
    "diagnosen",
    "practising",
    "practicing",
    "devout",
];

/// Words behind which a clause ends, beside signs and the line's end.
const GOES_ON: &[&str] = &[
    "and",
    "og",
    "och",
    "und",
    "et",
    "y",
    "e",
    "en",
    "i",
    "a",
    "or",
    "eller",
    "oder",
    "ou",
    "since",
    "siden",
    "sedan",
    "seit",
    "depuis",
    "desde",
    "dal",
    "da",
    "type",
    "typ",
    "in",
    "im",
    "fra",
    "from",
    "for",
    "etter",
    "efter",
    "after",
    "nach",
    "with",
    "med",
    "mit",
    "avec",
    "con",
    "met",
    "but",
    "men",
    "aber",
    "mais",
    "pero",
    "ma",
    "when",
    "as",
    "er",
    "at",
    "uke",
    "til",
    "bis",
    "until",
    "grad",
    "stage",
    "sa",
    "so",
    "som",
    "which",
    "that",
    "ifolge",
    "wegen",
    "due",
    "pga",
    "sinds",
    "sedan",
    "od",
    "ale",
    "oraz",
    "um",
    "per",
    "por",
    "pour",
    "op",
    "pa",
    "auf",
    "on",
    "chronique",
    "cronica",
    "cronico",
    "chronica",
    "chronisch",
    "kronisk",
    "aigue",
    "acuta",
    "severe",
];

/// What a text says of whoever stands right before it, and where.
#[must_use]
pub fn behind(text: &str) -> Option<(Told, Range<usize>)> {
    static LISTS: LazyLock<[Words; 6]> = LazyLock::new(|| {
        [HAVE, BE, ILL, STATES, BETWEEN, GOES_ON].map(|l| Words::new(l.iter().copied()))
    });
    let [have, be, ill, states, between, goes_on] = &*LISTS;
    let mut words = words(text);
    let verb = words.next().map(|word| fold(&text[word]))?;
    let (has, is) = (have.holds(&verb), be.holds(&verb));
    if !has && !is {
        return None;
    }
    let (mut start, mut is_ill) = (None, has || ill.holds(&verb));
    for word in words.take(6) {
        let folded = fold(&text[word.clone()]);
        let told = match () {
            () if is && states.holds(&folded) => Some(Told::Health),
            () if is_ill && vocabulary::is_illness(&folded) => Some(Told::Health),
            () if vocabulary::is_illness(&folded) && is_ill_behind(&text[word.end..]) => {
                Some(Told::Health)
            }
            () if is && vocabulary::is_faith(&folded) => Some(Told::Religion),
            () => None,
        };
        if let Some(told) = told {
            let next = self::words(&text[word.end..]).next();
            let ends = next.is_none_or(|next| {
                let next = &text[word.end..][next];
                let is_number = next.starts_with(|c: char| c.is_ascii_digit());
                let next = fold(next);
                is_number || goes_on.holds(&next) || ILL_BEHIND.contains(&next.as_str())
            });
            return ends.then_some((told, start.unwrap_or(word.start)..word.end));
        }
        let makes_ill = ill.holds(&folded);
        if !makes_ill && !between.holds(&folded) {
            return None;
        }
        is_ill |= makes_ill;
        start = OF_VALUES.contains(&folded.as_str()).then(|| start.unwrap_or(word.start));
    }
    None
}

/// Whether the next word says that somebody has what stands before it.
fn is_ill_behind(text: &str) -> bool {
    words(text).next().is_some_and(|word| ILL_BEHIND.contains(&fold(&text[word]).as_str()))
}

/// What the sentence behind this place of a text says of whoever is named in front of it, and where.
#[must_use]
pub fn of_named(text: &[u8], end: usize) -> Option<(Told, Range<usize>)> {
    if text.get(end) != Some(&b' ') {
        return None;
    }
    let behind = &text[end..text.len().min(end + REACH)];
    // The window may end within a character.
    let behind = match std::str::from_utf8(behind) {
        Ok(behind) => behind,
        Err(error) => std::str::from_utf8(&behind[..error.valid_up_to()]).unwrap_or_default(),
    };
    let (told, place) = self::behind(behind)?;
    Some((told, end + place.start..end + place.end))
}

/// The words of a text up to the first sign that is none of a word.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let blank = rest.len() - rest.trim_start_matches([' ', '\u{2019}', '\'', '-']).len();
        let start = at + blank;
        let is_of_word = |c: char| c.is_alphanumeric();
        let length = text[start..].find(|c| !is_of_word(c)).unwrap_or(text.len() - start);
        at = start + length;
        (length > 0 && (blank > 0 || start == 0)).then_some(start..at)
    })
}

/// A turn of phrase that names an illness. One that begins with whoever is spoken of (`Pasienten har …`) has to go on with
/// a word of the vocabulary.
fn health_phrase(text: &str, _: &Context) -> Verdict {
    const PHRASE: Verdict = Verdict::Valid(Rung::new("phrase", Validity::Real));
    match subject(text) {
        Some(length) if of_named(text.as_bytes(), length).is_none_or(|t| t.0 != Told::Health) => {
            Verdict::Invalid("no illness")
        }
        _ => PHRASE,
    }
}

/// Words for whoever is spoken of in records, in small letters.
const SUBJECTS: &[&str] = &[
    "pasienten",
    "patienten",
    "patientin",
    "patient",
    "eleven",
    "beboeren",
    "klienten",
    "klientin",
    "borgeren",
    "sønnen",
    "datteren",
    "moren",
    "pacienten",
    "paciente",
    "potilas",
    "pacjentka",
    "pacjent",
    "paziente",
    "patiënt",
    "patiente",
    "gutten",
    "jenta",
    "barnet",
    "jeg",
    "eg",
    "jag",
    "han",
    "hun",
    "ho",
    "hon",
    "ich",
    "ik",
    "hij",
    "i",
    "he",
    "she",
];

/// Words for whose relative is spoken of, and for the relatives, in small letters.
const WHOSE: &[&str] = &["min", "my", "mein", "meine", "mijn"];
const RELATIVES: &[&str] = &[
    "far",
    "mor",
    "sønn",
    "søn",
    "son",
    "datter",
    "dotter",
    "mann",
    "mand",
    "make",
    "kone",
    "hustru",
    "fru",
    "samboer",
    "sambo",
    "bror",
    "broder",
    "søster",
    "syster",
    "bestemor",
    "bestefar",
    "mormor",
    "morfar",
    "farmor",
    "farfar",
    "father",
    "mother",
    "daughter",
    "husband",
    "wife",
    "partner",
    "brother",
    "sister",
    "vater",
    "mutter",
    "sohn",
    "tochter",
    "frau",
    "bruder",
    "schwester",
    "vader",
    "moeder",
    "zoon",
    "dochter",
    "vrouw",
    "broer",
    "zus",
];

/// The length of the words for whoever is spoken of that a phrase begins with; all of it where a word for whose relative
/// is spoken of stands before anything else.
fn subject(text: &str) -> Option<usize> {
    let mut words = text.split(' ');
    let small = words.next()?.to_lowercase();
    if !WHOSE.contains(&small.as_str()) {
        return SUBJECTS.contains(&small.as_str()).then_some(small.len());
    }
    let relative = words.next().filter(|w| RELATIVES.contains(&w.to_lowercase().as_str()));
    Some(relative.map_or(text.len(), |relative| small.len() + 1 + relative.len()))
}

/// Where in such a phrase the illness stands.
#[must_use]
pub fn illness(text: &str) -> Option<Range<usize>> {
    of_named(text.as_bytes(), subject(text)?).map(|told| told.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illnesses_are_told_of_people() {
        let told = |text: &str| behind(text).map(|(told, place)| (told, text[place].to_owned()));
        for (text, value) in [
            (" har kreft.", "kreft"),
            (" er gravid i uke 20.", "gravid"),
            (" er sykmeldt.", "sykmeldt"),
            (" lider av depresjon.", "depresjon"),
            (" har fått diagnosen ADHD", "diagnosen ADHD"),
            (" has breast cancer.", "breast cancer"),
            (" suffers from depression and anxiety.", "depression"),
            (" is pregnant.", "pregnant"),
            (" hat Multiple Sklerose.", "Multiple Sklerose"),
            (" ist schwanger.", "schwanger"),
            (" souffre de diabète.", "diabète"),
            (" est enceinte.", "enceinte"),
            (" padece depresión.", "depresión"),
            (" heeft dementie.", "dementie"),
            (" har diabetes type 1", "diabetes"),
            (" har fått påvist brystkreft og skal opereres", "brystkreft"),
            (" ist an Krebs erkrankt.", "Krebs"),
            (" has been suffering from anxiety and depression", "anxiety"),
            (" er indlagt med skizofreni.", "skizofreni"),
            (" heeft acute artritis.", "artritis"),
        ] {
            assert_eq!(told(text), Some((Told::Health, value.to_owned())), "{text}");
        }
        assert_eq!(
            told(" is a practising Muslim."),
            Some((Told::Religion, "practising Muslim".into()))
        );
        for text in [
            " has cancer research funds",
            " har skrevet om kreft.",
            " er lege.",
            " is a depression expert",
            ", har kreft",
            " has a car.",
            " is from Catholic University",
            " har",
            " is depression",
            " ist Krebs",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
        assert_eq!(illness("Pasienten har kreft"), Some(14..19));
        assert_eq!(illness("Jeg har diabetes"), Some(8..16));
        assert_eq!(illness("Min far har kreft"), Some(12..17));
        assert_eq!(illness("Min bil har kreft"), None);
        let cx = Context { as_of: jiff::civil::date(2026, 11, 1) };
        assert!(matches!(health_phrase("My guess is that cancer", &cx), Verdict::Invalid(_)));
        assert!(matches!(health_phrase("My wife has cancer", &cx), Verdict::Valid(_)));
        assert_eq!(illness("Kari har kreft"), None);
    }
}
