//! Names of persons known from lists (`patterns/names/`): what tells a name where no field name, or only a
//! cue, speaks for it.

mod lists;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use self::lists::{
    ALSO_ABBREVIATIONS, CALLED_AFTER, ENDS, FORMS_OF_ADDRESS, FRONTS, LIKE_NAMES, OF_PLACES,
    OF_SENTENCES, PARTICLES, PLACES, TITLES,
};
use super::cell::{self, rung};
use super::offices::is_office;
use super::wordset::{Lists, Words, without_ends};
use super::{Context, Validator, Verdict};
use crate::detect::fold::{fold, fold_in};
use crate::detect::lower::{is_capital, is_capitalised, is_letter};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("listed_name", listed_name)];

const GIVEN_LIST: &str = include_str!("../../patterns/names/given.txt");
const FAMILY_LIST: &str = include_str!("../../patterns/names/family.txt");
const WORDS_LIST: &str = include_str!("../../patterns/names/words.txt");

/// All of them; the bits below say which of them a word is in.
static NAMES: LazyLock<Lists> = LazyLock::new(|| Lists::new([GIVEN_LIST, FAMILY_LIST, WORDS_LIST]));
const GIVEN: u32 = 1;
const FAMILY: u32 = 2;
/// Names that are English words, too: they tell only beside another name.
const WORDS: u32 = 4;

/// Short lists that words of names are looked up in.
struct Others {
    /// The words of all of them: most names are in none.
    all: Words,
    /// Each with its bit.
    each: [(Words, u32); 4],
}

static OTHERS: LazyLock<Others> = LazyLock::new(|| {
    let lists = [
        (OF_PLACES, OF_PLACE),
        (OF_SENTENCES, OF_SENTENCE),
        (CALLED_AFTER, CALLED),
        (PLACES, PLACE),
    ];
    let all = Words::new(lists.iter().flat_map(|(list, _)| list.iter().copied()));
    Others { all, each: lists.map(|(list, bit)| (words(list), bit)) }
});
const OF_PLACE: u32 = 8;
const OF_SENTENCE: u32 = 16;
const CALLED: u32 = 32;
const PLACE: u32 = 64;
/// Words that end as family names do.
const ENDS_SO: u32 = 128;

/// Letters that a word with such an end has at least.
const LONG: usize = 6;

/// Takes the lists of names, and those of other words, into a hash, for the run's facts.
pub fn hash_into(hasher: &mut blake3::Hasher) {
    for list in [GIVEN_LIST, FAMILY_LIST, WORDS_LIST] {
        hasher.update(list.as_bytes());
    }
    cell::vocabulary::hash_into(hasher);
}

/// Makes the lists ready, which else the first text waits for that asks about a name.
pub fn make_ready() {
    LazyLock::force(&NAMES);
}

/// A full name that begins with a listed given name (rung `listed_full` when the rest is listed, too, else
/// `listed`), also with the family name and a comma in front, one word that is a listed name, or initials and a listed
/// family name (`listed_word`). A number may stand in front, as in lists.
fn listed_name(text: &str, cx: &Context) -> Verdict {
    let text = bare(without_number(text));
    if let Some(sign) = memchr::memchr(b'^', text.as_bytes()) {
        let (family, given) = (&text[..sign], &text[sign + 1..]);
        let given = given.trim_end_matches('^').replace('^', " ");
        return turned_name(&format!("{family}, {given}"), cx);
    }
    // A comma behind the first word has the family name before it, or a town: "Austin, Texas".
    let is_turned = text.bytes().find(|b| matches!(b, b' ' | b',')) == Some(b',');
    let straight = match is_turned {
        true => Verdict::Invalid("a comma behind the first word"),
        false => straight(text, cx),
    };
    match straight {
        invalid @ Verdict::Invalid(_) => {
            let others = turned(text, cx).or_else(|| backwards(text, cx));
            let others = others.or_else(|| titled(text, cx)).or_else(|| initialled(text, cx));
            others.unwrap_or(invalid)
        }
        verdict => verdict,
    }
}

/// What of a text is a name: marks behind it are none of it, nor are the endings of what is somebody's ("Linda Johnson's
/// son", "Kari Hansens bil").
#[must_use]
pub fn bare(text: &str) -> &str {
    let is_behind =
        |c| matches!(c, '\'' | '’' | '"' | '”' | '“' | '»' | '«' | '…' | '-' | '–' | '—');
    let text = text.trim_end_matches(is_behind);
    let owner = text.strip_suffix("'s").or_else(|| text.strip_suffix("’s"));
    owner.unwrap_or_else(|| without_genitive(text).unwrap_or(text))
}

/// A name without the `s` of a genitive: without it the last word is a listed family name, with it no name.
fn without_genitive(text: &str) -> Option<&str> {
    let owner = text.strip_suffix('s')?;
    let (_, last) = text.rsplit_once(' ')?;
    let name = &last[..last.len() - 1];
    let is_listed = |word| told(word) & (GIVEN | FAMILY | WORDS) != 0;
    (!is_listed(last) && is_small_behind(name) && told(name) & (FAMILY | WORDS) == FAMILY)
        .then_some(owner)
}

/// A family name, a comma and a given name, where nothing else counts.
pub fn turned_name(text: &str, cx: &Context) -> Verdict {
    turned(text, cx).unwrap_or(Verdict::Invalid("no family name and given name"))
}

/// The same where lists of given names and of whole names stand as well: one family name, which nobody is called first.
pub fn plainly_turned_name(text: &str, cx: &Context) -> Verdict {
    let family = text.split(',').next().unwrap_or(text);
    let mut names = family.split(' ').filter(|word| is_capitalised(word));
    match (names.next(), names.next()) {
        (Some(name), None) if !is_given(name) => turned_name(text, cx),
        _ => Verdict::Invalid("may be two people"),
    }
}

/// Whether a word is a listed given name.
pub(super) fn is_given(word: &str) -> bool {
    told(word) & GIVEN != 0
}

/// Whether a word is a listed family name.
#[must_use]
pub fn is_family(word: &str) -> bool {
    told(word) & FAMILY != 0
}

/// Whether a user name is a person's whole name: a listed given name, a dot and another name, none of them a word.
#[must_use]
pub fn is_dotted(user: &str) -> bool {
    let Some((given, family)) = user.split_once('.') else { return false };
    let is_small = |word: &str| word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    let is_known = |word, list| {
        let told = told(word);
        told & WORDS == 0 && told & list != 0
    };
    is_small(given)
        && is_small(family)
        && is_known(given, GIVEN)
        && is_known(family, GIVEN | FAMILY | ENDS_SO)
}

/// What stands behind the number of a line in a list: "12. Kari Hansen", "3) Kari Hansen".
fn without_number(text: &str) -> &str {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let behind = || text[digits..].strip_prefix(['.', ')'])?.strip_prefix(' ');
    if matches!(digits, 1..=4) { behind().unwrap_or(text) } else { text }
}

/// A family name, a comma and a listed given name, as directories and class lists have them: "Hansen, Kari",
/// "BRAUND, Mr. Owen Harris".
fn turned(text: &str, cx: &Context) -> Option<Verdict> {
    let comma = text.find(',')?;
    let (family, given) = (&text[..comma], text[comma + 1..].strip_prefix(' ')?);
    let is_of_name = |w: &str| is_capitalised(w) || is_particle(w);
    let last = family.split(' ').next_back().filter(|w| is_capitalised(w))?;
    if are_initials(given) {
        return of_initials(family, cx);
    }
    // Two people: "Steven Tyler, Joe Perry".
    if family.contains(' ') && given.contains(' ') && is_full(family, cx) {
        return None;
    }
    let mut given = given.split(' ').skip_while(|w| is_title(w));
    let first = given.next().filter(|w| is_capitalised(w))?;
    let alone = given.clone().next().is_none();
    let fits = family.split(' ').count() <= 3
        && family.split(' ').chain(given.clone()).all(is_of_name)
        && given.all(|w| !w.contains(','))
        && matches!(cell::person_name(text, cx), Verdict::Valid(_));
    if !fits {
        return None;
    }
    let (first, last) = (told(first), told(last));
    if alone && first & PLACE != 0 {
        return None;
    }
    let known = last & FAMILY != 0;
    let tells = first & GIVEN != 0 && (first & WORDS == 0 || known && last & WORDS == 0);
    tells.then_some(if known { const { rung("listed_full") } } else { const { rung("listed") } })
}

/// A listed family name and a listed given name behind it, as lists in much of Europe have them: "Rossi Mario",
/// "De Rossi Chiara". Neither may be a word of the language, and nothing else stands there.
fn backwards(text: &str, cx: &Context) -> Option<Verdict> {
    let (front, given) = text.rsplit_once(' ')?;
    let (particle, family) = front.split_once(' ').unwrap_or(("", front));
    let plain = |w: &str| is_capitalised(w) && !w.contains([' ', ',', '.']);
    if !plain(family) || !plain(given) || is_acronym(family, given) || is_like_names(text) {
        return None;
    }
    let of_family = told(family);
    if of_family & (FAMILY | WORDS) != FAMILY {
        return None;
    }
    let of_given = told(given);
    if of_given & (GIVEN | WORDS) != GIVEN {
        return None;
    }
    let is_particle = particle.is_empty() || with_folded(particle, |word| FRONTS.contains(&word));
    let is_name = is_particle
        && (of_family | of_given) & (OF_PLACE | PLACE) == 0
        && matches!(cell::person_name(text, cx), Verdict::Valid(_));
    // What nobody is called first is a family name.
    let is_told = of_family & GIVEN == 0 && particle.is_empty();
    is_name.then_some(if is_told {
        const { rung("listed_full") }
    } else {
        const { rung("listed") }
    })
}

/// Whether a text is names of several people with commas between, each with a given name and a family name:
/// "Hedda Hansen, Leif Moen".
#[must_use]
pub fn are_several(text: &str) -> bool {
    let is_whole = |name: &str| {
        let mut words = name.trim().split(' ');
        words.next().is_some_and(is_capitalised) && words.next().is_some()
    };
    text.contains(',') && text.split(',').all(is_whole)
}

/// Whether a text is a given name and a family name, both listed.
fn is_full(text: &str, cx: &Context) -> bool {
    matches!(straight(text, cx), Verdict::Valid(rung) if rung.name() == "listed_full")
}

/// Initials and a listed family name: "A. de Vries", "J.P. Hansen".
fn initialled(text: &str, cx: &Context) -> Option<Verdict> {
    let words = text.split(' ').take_while(|word| are_initials(word));
    let initials: usize = words.map(|word| word.len() + 1).sum();
    (initials > 0).then(|| of_initials(text.get(initials..)?, cx)).flatten()
}

/// Whether a text is capitals with a dot behind each: "J.", "J.P.", "J. P.".
fn are_initials(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| *c != ' ').peekable();
    letters.peek().is_some()
        && std::iter::from_fn(|| Some((letters.next()?, letters.next())))
            .all(|(letter, dot)| is_capital(letter) && dot == Some('.'))
}

/// What stands beside initials: a listed family name that is no word of the language and no place, after particles.
fn of_initials(family: &str, cx: &Context) -> Option<Verdict> {
    let name = family.rsplit_once(' ').map_or(family, |(front, last)| {
        if front.split(' ').all(is_particle) { last } else { family }
    });
    let told = if is_capitalised(name) { told(name) } else { 0 };
    let is_name = told & (FAMILY | WORDS | OF_PLACE | PLACE) == FAMILY
        && name.chars().nth(2).is_some()
        && matches!(cell::person_name(family, cx), Verdict::Valid(_));
    is_name.then_some(const { rung("listed_word") })
}

/// A title or form of address and a family name, or a whole name: "Dr. Hansen", "mevrouw de Vries", "Mr Smith". Behind
/// a title the family name is listed and no word of the language; behind a form of address that is nothing else any
/// name stands.
fn titled(text: &str, cx: &Context) -> Option<Verdict> {
    let (title, name) = text.split_once(' ')?;
    let title = title.trim_end_matches('.');
    let is_form = is_form(title);
    let may_be = is_form || is_capitalised(title) && is_rank(title);
    if !may_be {
        return None;
    }
    let is_doubtful = with_folded(title, |word| ALSO_ABBREVIATIONS.contains(&word));
    // "MS DOS", "MS Anna Karoline"
    if is_doubtful && title.len() > 1 && is_all_capitals(title)
        || is_like_names(&format!("{title} {name}"))
    {
        return None;
    }
    let is_small = |w: &&str| is_particle(w) || is_form && is_initial(w);
    let small = name.split(' ').take_while(is_small).map(|w| w.len() + 1).sum();
    let family = name.get(small..)?;
    if is_office(family.rsplit(' ').next().unwrap_or(family)) || is_form && is_office_behind(name) {
        return None;
    }
    let is_alone = !family.contains(' ');
    if !is_alone && matches!(listed_name(name, cx), Verdict::Valid(_)) {
        return Some(const { rung("listed_full") });
    }
    if !family.split(' ').all(|word| is_capitalised(word) && word.len() > 1) {
        return None;
    }
    let is_known = |word| {
        let told = told(word);
        told & FAMILY != 0 && (is_form || told & WORDS == 0)
    };
    // "Frau Vreni Ammann"
    let ends_known = || family.split_once(' ').is_some_and(|(_, last)| is_known(last));
    match () {
        () if family.split(' ').all(is_known) => Some(const { rung("listed_full") }),
        () if is_form && !is_doubtful && ends_known() => Some(const { rung("listed") }),
        () if is_form && !is_doubtful && family.split(' ').count() <= 2 => {
            Some(const { rung("listed") })
        }
        () => None,
    }
}

/// Whether an office follows, with its article: "Monsieur le Maire adjoint", "Madame la Présidente".
fn is_office_behind(name: &str) -> bool {
    let (article, rest) = name.split_once(' ').unwrap_or_default();
    let office = rest.split(' ').next().unwrap_or("");
    matches!(article, "le" | "la" | "el" | "de" | "den" | "il" | "lo" | "o" | "a")
        && is_office(office)
}

/// Whether a word is one capital, with a dot or without: "Mr A Smith".
fn is_initial(word: &str) -> bool {
    let mut letters = word.trim_end_matches('.').chars();
    letters.next().is_some_and(is_capital) && letters.next().is_none()
}

fn is_form(word: &str) -> bool {
    static ALL: LazyLock<Words> = LazyLock::new(|| words(FORMS_OF_ADDRESS));
    cell::holds_small(&ALL, word)
}

fn is_rank(word: &str) -> bool {
    static ALL: LazyLock<Words> = LazyLock::new(|| words(TITLES));
    cell::holds_small(&ALL, word)
}

fn is_title(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    is_form(word) || is_rank(word)
}

/// Whether all letters of a text are capitals.
fn is_all_capitals(text: &str) -> bool {
    text.chars().filter(|c| is_letter(*c)).all(is_capital)
}

/// A name that begins with the given name.
fn straight(text: &str, cx: &Context) -> Verdict {
    // Most texts fail here: the list is asked before anything is taken apart.
    let mut parts = cell::parts(text);
    let Some(first) = parts.next() else { return Verdict::Invalid("no words") };
    if !is_capitalised(first) {
        return Verdict::Invalid("does not begin with a capital");
    }
    let opens = first;
    let first = told(first);
    if first & (GIVEN | FAMILY) == 0 {
        return Verdict::Invalid("does not begin with a listed name");
    }
    if let invalid @ Verdict::Invalid(_) = cell::person_name(text, cx) {
        return invalid;
    }
    if text.as_bytes().windows(2).any(|pair| pair == b"' ") {
        return Verdict::Invalid("a quotation ends inside");
    }
    let mut last = None;
    for word in parts {
        if !is_capitalised(word) && !is_particle(word) {
            return Verdict::Invalid("words that are no names");
        }
        last = Some(word);
    }
    let Some(ends) = last else { return const { rung("listed_word") } };
    let last = told(ends);
    if last & CALLED != 0 {
        return Verdict::Invalid("a place or thing that is called after somebody");
    }
    if first & GIVEN == 0 {
        return Verdict::Invalid("does not begin with a listed given name");
    }
    if is_like_names(text) {
        return Verdict::Invalid("a firm, a make or a place");
    }
    if ends.bytes().all(|b| b"IVX".contains(&b)) && text.split(' ').count() == 2 {
        return Verdict::Invalid("a ruler and a number");
    }
    if ends.chars().filter(|c| is_letter(*c)).nth(1).is_none() {
        return Verdict::Invalid("ends with an initial");
    }
    // Behind a whole name stand degrees and numbers: "Linda Johnson MD".
    let is_two = text.split(' ').count() == 2;
    if is_two && is_acronym(opens, ends) && last & (FAMILY | GIVEN) == 0 {
        return Verdict::Invalid("an abbreviation");
    }
    let doubtful = first & (OF_PLACE | OF_SENTENCE) != 0 || is_abbreviated(opens, ends);
    let known = last & (FAMILY | GIVEN) != 0 || last & ENDS_SO != 0 && is_small_behind(ends);
    if first & WORDS != 0 && (!known || last & WORDS != 0) {
        return Verdict::Invalid("a word that is a name, too, and no name behind it");
    }
    match known && !doubtful {
        true => const { rung("listed_full") },
        false => const { rung("listed") },
    }
}

/// Whether one of two words is all capitals, as abbreviations are: "VESA Display", "Run UI". A family name may be
/// ("Jean DUPONT").
fn is_abbreviated(first: &str, last: &str) -> bool {
    match (is_all_capitals(first), is_all_capitals(last)) {
        (true, false) => first.len() > 1,
        (false, true) => last.len() < 4,
        _ => false,
    }
}

/// Whether the last word is an abbreviation: "Danish VAT", "Montenegro IBAN".
fn is_acronym(first: &str, last: &str) -> bool {
    /// Letters of one; what is longer may be a family name.
    const LONGEST: usize = 4;
    let is_short = |word: &str| {
        (2..=LONGEST).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase())
    };
    is_short(last) && !is_all_capitals(first)
}

/// Whether all of a word but its first letter is small letters.
fn is_small_behind(word: &str) -> bool {
    word.chars().skip(1).all(|c| is_letter(c) && !is_capital(c))
}

/// Whether a text is the name of something that is called like people.
fn is_like_names(text: &str) -> bool {
    static ALL: LazyLock<Words> = LazyLock::new(|| words(LIKE_NAMES));
    // Folding leaves the letters of ASCII where they are.
    let may_be = || !text.is_ascii() || ALL.may_hold_small(text);
    may_be() && with_folded(text, |text| ALL.holds(text))
}

fn words(list: &[&'static str]) -> Words {
    Words::new(list.iter().copied())
}

fn is_particle(word: &str) -> bool {
    static ALL: LazyLock<Words> = LazyLock::new(|| words(PARTICLES));
    ALL.holds(word)
}

/// What is told of a word, a bit for each: the lists of names that hold it, or one of the parts that hyphens join, the
/// short lists that hold it, and how it ends.
fn told(word: &str) -> u32 {
    with_folded(word, |word| told_of_names(word) | told_otherwise(word))
}

/// Asks about a word as lists have it, folded and with the plain apostrophe.
fn with_folded<R>(word: &str, ask: impl FnOnce(&[u8]) -> R) -> R {
    /// Few words of names are longer.
    const SHORT: usize = 40;
    match fold_in(word.as_bytes(), &mut [0; SHORT]) {
        Some(folded) => ask(folded),
        None => ask(fold(word).replace(['’', 'ʼ'], "'").as_bytes()),
    }
}

fn told_of_names(word: &[u8]) -> u32 {
    let word = without_ends(word, b".");
    let whole = NAMES.of(word);
    match word.contains(&b'-') {
        false => whole,
        true => word.split(|b| *b == b'-').fold(whole, |told, part| told | NAMES.of(part)),
    }
}

fn told_otherwise(word: &[u8]) -> u32 {
    static ALL: LazyLock<Words> = LazyLock::new(|| words(ENDS));
    let ends_so = u32::from(word.len() >= LONG && ALL.endings(word).next().is_some()) * ENDS_SO;
    let Others { all, each } = &*OTHERS;
    if !all.holds(word) {
        return ends_so;
    }
    each.iter().filter(|(list, _)| list.holds(word)).fold(ends_so, |told, (_, bit)| told | bit)
}
