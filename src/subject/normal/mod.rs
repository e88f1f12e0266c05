//! Normal forms: what values of files and of profiles are compared by, hashed by and kept in an index by.
//!
//! A value may have several forms; two values are the same when they have one in common. The forms of a short or
//! incomplete value are weaker than those of a complete one: see [`is_weak`].

use unicode_normalization::UnicodeNormalization as _;

use super::{Kind, dates};
use crate::detect::fold::{fold, spellings};

mod address;
mod email;
mod phone;

pub use phone::{country_code, with_country};

/// The normal forms of a value, strongest first; none when it cannot be of this kind.
///
/// * names: their words, each in both transliterations, as order and initials vary;
/// * e-mail: lower case, without `mailto:` and percent signs, in Unicode; then without its plus-tag;
/// * phone: `+` with country and national number; then the national number alone;
/// * national numbers: letters and digits without leading zeros; without the century where they have one;
/// * IBAN and account: the number; of an IBAN also the account in it;
/// * address: street and house number, with the words for "street" brought to one;
/// * birth date: `1993-10-24`, for every date that the text can mean.
#[must_use]
pub fn normalise(kind: Kind, text: &str) -> Vec<String> {
    let mut forms = match kind {
        Kind::Name => name(text),
        Kind::Email => email::forms(text),
        Kind::Phone => phone::forms(text),
        Kind::NationalId => national_id(text),
        Kind::Iban => iban(text),
        Kind::Account => vec![number(text)],
        Kind::CustomerNumber | Kind::EmployeeNumber => vec![number(text)],
        Kind::Username => vec![text.trim().nfc().flat_map(char::to_lowercase).collect()],
        Kind::Plate => vec![letters_and_digits(text)],
        Kind::Address => address::forms(text),
        Kind::BirthDate => dates(text).into_iter().map(|date| date.to_string()).collect(),
    };
    forms.retain(|form| !form.is_empty());
    let mut seen = std::collections::HashSet::new();
    forms.retain(|form| seen.insert(form.clone()));
    forms
}

/// Whether a form says less than the whole value: a telephone number without its country, which others abroad have
/// as well, or one word of a name.
#[must_use]
pub fn is_weak(kind: Kind, form: &str) -> bool {
    match kind {
        Kind::Phone => !form.starts_with('+'),
        Kind::Name | Kind::Address | Kind::BirthDate => true,
        _ => false,
    }
}

/// The words of a name, in both transliterations.
fn name(text: &str) -> Vec<String> {
    words(text).flat_map(|word| spellings(&word)).collect()
}

/// The words of a text: apostrophes fall out (`O'Brien`), hyphens part.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let text: String = text.nfc().filter(|c| !matches!(c, '\'' | '’' | '´' | '`')).collect();
    let parts: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    parts.into_iter()
}

/// Letters and digits, in capitals without accents.
fn letters_and_digits(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
}

/// As [`letters_and_digits`], without leading zeros: spreadsheets lose them.
fn number(text: &str) -> String {
    letters_and_digits(text).trim_start_matches('0').to_owned()
}

/// A national number, and without its century: Swedish ones are written with and without.
fn national_id(text: &str) -> Vec<String> {
    let whole = letters_and_digits(text);
    let is_digits = whole.bytes().all(|b| b.is_ascii_digit());
    let has_century = is_digits
        && whole.len() == 12
        && matches!(&whole[..2], "18" | "19" | "20")
        && matches!(whole[4..6].parse(), Ok(1_u8..=12));
    let short = has_century.then(|| number(&whole[2..]));
    // Shorter ones are other numbers.
    let long_enough = |form: &String| form.len() >= 6;
    [Some(number(&whole)), short].into_iter().flatten().filter(long_enough).collect()
}

/// An IBAN, and the account that it holds in its country's form, where that is a part of it.
fn iban(text: &str) -> Vec<String> {
    let whole = letters_and_digits(text);
    if whole.len() < 15 || !whole.is_ascii() {
        return vec![number(&whole)];
    }
    let account = match &whole[..2] {
        // Check digits, then the account as it is written at home.
        "NO" | "DK" | "FI" | "IS" => Some(number(&whole[4..])),
        _ => None,
    };
    [Some(whole), account].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(kind: Kind, a: &str, b: &str) -> bool {
        let theirs = normalise(kind, b);
        normalise(kind, a).iter().any(|form| theirs.contains(form))
    }

    #[test]
    fn what_is_written_differently_is_the_same() {
        for (kind, a, b) in [
            (Kind::Email, "Ola.Nordmann@Example.ORG", "mailto:ola.nordmann%40example.org"),
            (Kind::Email, "ola@example.org", "ola+news@example.org"),
            (Kind::Email, "ola@blåbær.example", "ola@xn--blbr-roah.example"),
            (Kind::Email, "ola@example.org", "ola (at) example.org"),
            (Kind::Phone, "+47 22 98 33 40", "0047 22983340"),
            (Kind::Phone, "+47 22 98 33 40", "22983340"),
            (Kind::Phone, "+46 (0)70-174 06 05", "070-1740605"),
            (Kind::Phone, "tel:+49-171-1234567", "0171 1234567"),
            (Kind::NationalId, "010190 12345", "1019012345"),
            (Kind::NationalId, "19900101-2384", "9001012384"),
            (Kind::NationalId, "131052-308T", "131052308t"),
            (Kind::Iban, "NO93 8601 1117 947", "no9386011117947"),
            (Kind::Iban, "NO9386011117947", "8601.11.17947"),
            (Kind::Account, "8601.11.17947", "86011117947"),
            (Kind::Name, "Kåre Bjørnøy", "BJOERNOEY, KAARE"),
            (Kind::Name, "O’Brien", "OBrien"),
            (Kind::Plate, "AB 12345", "ab-12345"),
            (Kind::CustomerNumber, "K-00812", "k00812"),
            (
                Kind::Address,
                "Bjørnstjerne Bjørnsons gate 154 B",
                "bjørnstjerne bjørnsons gt. 154B, 2317 Hamar",
            ),
            (Kind::Address, "Storgata 5", "Storgt. 5"),
            (Kind::Address, "Øvre Slottsveien 9", "Ovre Slottsvn 9"),
            (Kind::Address, "Hauptstraße 12a", "Hauptstr. 12 A"),
            (Kind::BirthDate, "24.10.1993", "1993-10-24"),
        ] {
            assert!(
                same(kind, a, b),
                "{kind:?} {a:?} {b:?}: {:?} {:?}",
                normalise(kind, a),
                normalise(kind, b)
            );
        }
    }

    #[test]
    fn what_differs_stays_different() {
        for (kind, a, b) in [
            (Kind::Email, "ola@example.org", "kari@example.org"),
            (Kind::Email, "o.la@example.org", "ola@example.org"),
            (Kind::Phone, "+47 22 98 33 40", "+47 22 98 33 41"),
            (Kind::NationalId, "01019012345", "01019012346"),
            (Kind::Address, "Storgata 5", "Storgata 15"),
            (Kind::Address, "Storgata 5 A", "Storgata 5 B"),
            (Kind::BirthDate, "24.10.1993", "25.10.1993"),
            (Kind::Username, "kno", "kno2"),
        ] {
            assert!(!same(kind, a, b), "{kind:?} {a:?} {b:?}");
        }
        assert!(normalise(Kind::Phone, "123").is_empty());
        assert!(normalise(Kind::Email, "no address").is_empty());
    }
}
