//! What sentences say of people: that somebody has an illness or is of a faith. Behind whoever is spoken of stands a verb,
//! small words, and a word of the kind's vocabulary with which the clause ends: `Kari Hansen har fått kreft.`

use std::ops::Range;
use std::sync::LazyLock;

use super::cell::vocabulary;
use super::wordset::Words;
use super::{Context, Rung, Validator, Validity, Verdict, names};
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

/// Words for many people, in small letters: what a turn of phrase says of them it says of nobody.
const MANY: &str = "\
    patients subjects people persons individuals women men children adults adolescents teenagers juveniles \
    offenders participants cases volunteers respondents residents veterans students pupils employees workers \
    drivers defendants criminals prisoners inmates applicants citizens families girls boys infants babies mothers \
    fathers users smokers those anyone everyone everybody anybody someone somebody whoever nobody candidates \
    tenderers suppliers contractors undertakings bodies \
    pasienter pasientene patienter patienterne patienterna personer personene kvinner kvinder kvinnor menn \
    mænd män børn mennesker människor folk voksne vuxna unge ungdommer ungdomar deltakere deltagere ansatte \
    anställda medarbeidere medarbejdere elever studenter alle noen nogen någon \
    patientinnen personen menschen frauen männer kinder erwachsene jugendliche betroffene teilnehmer beschäftigte \
    wer jemand mensch patientes personnes femmes hommes enfants adultes sujets malades salariés ceux celles quiconque \
    pacientes personas pessoas mujeres mulheres hombres homens niños crianças adultos sujetos quien \
    pazienti persone donne uomini bambini soggetti adulti coloro chiunque patiënten mensen vrouwen mannen kinderen \
    volwassenen werknemers degenen pacjenci pacjentów osoby osób kobiety kobiet mężczyźni mężczyzn dzieci \
    pacienti pacientů osob lidé lidí ženy muži děti potilaat henkilöt ihmiset naiset miehet lapset";

/// Words for one of them, which tell of nobody behind an article.
const ONE: &str = "\
    patient person individual subject woman man child adult boy girl student employee worker driver defendant juvenile \
    offender participant applicant candidate undertaking tenderer member pasient kvinne kvinde kvinna mann mand man barn \
    ansatt elev patientin frau kind patiente personne femme homme enfant paciente persona pessoa mujer mulher hombre \
    homem niño paziente donna uomo bambino patiënt persoon vrouw";

/// Articles, and words that stand where they do, before one of many.
const ARTICLES: &str = "\
    a an any every each no another en ei et ett enhver enhvert hver varje ein eine einer einem einen jede jeder jeden \
    un une una uno um uma chaque tout toute cualquier qualquer ogni een elke iedere";

/// Small words and verbs between whoever is spoken of and what is said.
const JOINS: &str = "\
    who that which were was are is been being be had have has get got newly recently previously first also already \
    later ever not never som er var ble blev blir bliver har hadde hade havde nylig nyligen tidligere tidigare die der \
    sind waren wurde wurden werden ist neu bereits qui sont ont été est que fueron han sido son está están che sono \
    stati stato state zijn werden werd worden jest są został zostali";

/// Whether a turn of phrase is said of many, of anybody or of a thing, by the clause before it: `patients diagnosed with`,
/// `anyone who was convicted of`, `The failure was diagnosed with smartctl`.
#[must_use]
pub fn is_of_nobody(before: &str, phrase: &str) -> bool {
    let clause = clause(before);
    if phrase.starts_with("de baja") && is_unsubscribing(clause) {
        return true;
    }
    let is_in = |list: &str, word: &str| list.split(' ').any(|w| w == word);
    let small = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let mut words = clause.split_whitespace().rev();
    let Some(who) = words.by_ref().map(small).find(|word| !is_in(JOINS, word)) else {
        return false;
    };
    // Who is named stands before the comma: `Kari, a patient diagnosed with …`.
    let is_apart = |words: &mut dyn Iterator<Item = &str>| {
        words.next().is_some_and(|word| word.ends_with(','))
    };
    is_in(MANY, &who)
        || is_in(ONE, &who)
            && words.next().is_some_and(|word| is_in(ARTICLES, &small(word)))
            && !is_apart(&mut words)
        || is_of_thing(clause, phrase)
}

/// Whether a Spanish clause goes on to leaving a list, and not a sick-list: `darse de baja`.
fn is_unsubscribing(clause: &str) -> bool {
    const VERBS: [&str; 10] =
        ["dar", "darse", "darme", "darte", "darle", "darnos", "dado", "dada", "damos", "daros"];
    clause.split_whitespace().next_back().is_some_and(|verb| VERBS.contains(&verb))
}

/// The part of a text from its last sentence, paragraph or cell on.
fn clause(before: &str) -> &str {
    let mut ends = before.char_indices().filter(|(at, sign)| {
        let behind = &before[at + sign.len_utf8()..];
        match sign {
            '.' | '!' | '?' | ':' => behind.starts_with(char::is_whitespace),
            ';' | '|' | '\t' => true,
            '\n' => behind.trim_start_matches([' ', '\r']).starts_with('\n'),
            sign => *sign == char::from(crate::unit::CELL_END),
        }
    });
    ends.next_back().map_or(before, |(at, sign)| &before[at + sign.len_utf8()..])
}

/// Whether something was diagnosed with a tool: no word of an illness follows, and nobody is spoken of before.
fn is_of_thing(clause: &str, phrase: &str) -> bool {
    const PEOPLE: &str = "\
        patient person woman man child kid baby boy girl client student employee you they we her his its \
        du vi dere de sie er wir ihr il elle vous nous on lui lei hij zij ze ella él pan pani";
    let mut words = phrase.split(' ');
    if !words
        .next()
        .is_some_and(|verb| fold(verb).contains("diagnosti") || verb.ends_with("iagnosed"))
    {
        return false;
    }
    let is_person = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let small = bare.to_lowercase();
        let is_listed = || {
            bare.starts_with(char::is_uppercase)
                && bare.chars().any(char::is_lowercase)
                && (names::is_given(bare) || names::is_family(bare))
        };
        SUBJECTS.contains(&small.as_str())
            || RELATIVES.contains(&small.as_str())
            || PEOPLE.split(' ').any(|one| one == small)
            || is_listed()
    };
    !clause.trim().is_empty()
        && !words.any(|word| vocabulary::is_illness(&fold(word)))
        && !clause.split_whitespace().any(is_person)
}

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
    fn phrases_are_said_of_somebody() {
        for (before, phrase) in [
            ("Data on patients ", "diagnosed with AIDS in Australia"),
            ("The strategy for a patient ", "diagnosed with cancer of the"),
            ("A sample of juveniles ", "convicted of felony in Florida"),
            ("Pasienter som er ", "diagnostisert med kreft"),
            ("anyone who has been ", "convicted of fraud"),
            ("people\nnewly ", "diagnosed with cancer"),
            ("The RAID failure was ", "diagnosed with smartctl last week"),
            ("a las personas que quieren darse ", "de baja por ellas mismas"),
            ("Der Mensch ", "leidet an einer fatalen Gewohnheit"),
            ("Memory faults were ", "diagnosed with memtest86 on node"),
        ] {
            assert!(is_of_nobody(before, phrase), "{before}{phrase}");
        }
        for (before, phrase) in [
            ("", "Diagnosed with Kluver syndrome"),
            ("We help patients. She was ", "diagnosed with cancer"),
            ("Kari, a patient ", "diagnosed with cancer"),
            ("The patient was ", "diagnosed with cancer"),
            ("Kari Nordmann was ", "diagnosed with Xyz"),
            ("Oluwapelumi was ", "diagnosed with lupus"),
            ("Patienten er ", "diagnosticeret med kræft"),
            ("In 2019 he was ", "convicted of fraud"),
            ("patients\n\n", "Diagnosed with cancer"),
        ] {
            assert!(!is_of_nobody(before, phrase), "{before}{phrase}");
        }
    }

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
