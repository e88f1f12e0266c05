//! Street addresses: street and house number.

use super::words;
use crate::detect::fold::fold;

/// Words and endings for "street" and their short forms, folded, and what they are brought to. The longest of
/// those that fit counts.
const STREETS: &[(&str, &str)] = &[
    ("gaten", "gt"),
    ("gata", "gt"),
    ("gate", "gt"),
    ("gade", "gt"),
    ("gatan", "gt"),
    ("gt", "gt"),
    ("g", "gt"),
    ("veien", "vn"),
    ("vegen", "vn"),
    ("veg", "vn"),
    ("vei", "vn"),
    ("vagen", "vn"),
    ("vej", "vn"),
    ("vn", "vn"),
    ("v", "vn"),
    ("strasse", "str"),
    ("street", "str"),
    ("straat", "str"),
    ("str", "str"),
    ("st", "str"),
    ("road", "rd"),
    ("rd", "rd"),
    ("avenue", "av"),
    ("ave", "av"),
    ("av", "av"),
    ("allé", "al"),
    ("alle", "al"),
    ("plass", "pl"),
    ("plassen", "pl"),
    ("platz", "pl"),
    ("pl", "pl"),
];
/// Endings shorter than this stand only as words of their own.
const SHORTEST_ENDING: usize = 2;

/// `bjornstjernebjornsonsgt 154b`; nothing when there is no house number beside a street.
pub(super) fn forms(text: &str) -> Vec<String> {
    let words: Vec<String> = words(text).map(|word| fold(&word)).collect();
    let starts_with_digit = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    let number = words.iter().position(starts_with_digit);
    let (street, house) = match number {
        // As in English and French: the number, then the street up to the word that says it is one.
        Some(0) => {
            let is_street = |word: &String| shortened(word) != *word || is_street_word(word);
            let end = words.iter().skip(1).position(is_street).map_or(words.len(), |at| at + 2);
            (&words[1..end.min(words.len())], words[0].clone())
        }
        Some(number) => (&words[..number], house(&words[number..])),
        None => return Vec::new(),
    };
    if street.is_empty() {
        return Vec::new();
    }
    let street: Vec<String> = street.iter().map(|word| shortened(word)).collect();
    vec![format!("{} {house}", street.concat())]
}

fn is_street_word(word: &str) -> bool {
    STREETS.iter().any(|(_, short)| word == *short)
}

/// A house number with its letter.
fn house(words: &[String]) -> String {
    let mut number = words[0].clone();
    let is_bare = number.bytes().all(|b| b.is_ascii_digit());
    if let Some(letter) = words.get(1).filter(|w| is_bare && w.len() == 1 && w.is_ascii()) {
        number.push_str(letter);
    }
    number
}

/// A street's word with its ending brought to one.
fn shortened(word: &str) -> String {
    let fits = |(ending, _): &&(&str, &str)| {
        word == *ending || (ending.len() >= SHORTEST_ENDING && word.ends_with(ending))
    };
    let longest = STREETS.iter().filter(fits).max_by_key(|(ending, _)| ending.len());
    longest.map_or_else(
        || word.to_owned(),
        |(ending, short)| format!("{}{short}", &word[..word.len() - ending.len()]),
    )
}
