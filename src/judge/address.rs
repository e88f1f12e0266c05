//! Parts of addresses: a town and a postal code are a person's beside names, e-mail addresses and streets, and those of a
//! firm in a table of firms.

use std::collections::HashMap;

use super::{ADDRESS, Company, Group, group};
use crate::detect::finder::Finder;
use crate::detect::lexicon::{Fit, Hint};
use crate::eye::Named;

/// Bits for a part of an address beside one thing that tells of people or of addresses, and beside more.
const BESIDE_ONE: f64 = 2.0;
const BESIDE_MORE: f64 = 5.0;

/// What the names of fields say of addresses, firms and accounts in their groups.
pub(super) fn tell<'a>(
    finder: &Finder,
    named: &'a [Named],
    company: &mut HashMap<Group<'a>, Company>,
) {
    let mut parts: HashMap<Group<'_>, u16> = HashMap::new();
    // Most files have no such group.
    let named = if company.is_empty() { &[] } else { named };
    for name in named {
        let (Some(field), group) = (name.slot.field.as_deref(), group(name)) else { continue };
        let Some(company) = company.get_mut(&group) else { continue };
        let told = name.hints.iter().filter(|h| matches!(h.1, Hint::For(_)));
        company.secrets |= told.clone().any(|h| finder.is_of_secrets(*h.0));
        if let Some((&part, _)) = told.clone().find(|h| is_part(finder, *h.0)) {
            company.parts |= *parts.entry(group).or_insert(part) != part;
            continue;
        }
        // What is called a name is one of a firm where it is nobody's.
        let is_name = |h: (&u16, &Hint)| {
            *h.1 == Hint::For(Fit::Ambiguous) && finder.is_of_names(*h.0) && !company.names
        };
        let is_firm = told.clone().any(is_name) || finder.lexicon.is_of_firms(field);
        company.firms |= is_firm || told.clone().any(|h| is_of_firms(finder, *h.0));
    }
}

/// What speaks for a part of an address.
pub(super) fn bits(
    finder: &Finder,
    name: &Named,
    detector: u16,
    company: Company,
) -> Option<(&'static str, f64)> {
    let is_weak = name.hints.get(&detector) == Some(&Hint::For(Fit::Ambiguous));
    if !is_weak || finder.rules.detectors[usize::from(detector)].category != ADDRESS {
        return None;
    }
    if company.names && company.streets && !is_part(finder, detector) {
        return Some(("beside names and streets", BESIDE_ONE));
    }
    let people = company.names || company.mails > 0;
    let of_firms = company.firms && !company.names;
    // Streets with towns alone or with postal codes alone are a register of streets.
    let is_beside = people || company.streets && company.parts;
    if !is_part(finder, detector) || of_firms || !is_beside {
        return None;
    }
    let beside = [people, company.streets, company.parts].into_iter().filter(|is| *is).count();
    // A `pincode` is a secret as often.
    let is_other = |h: (&u16, &Hint)| matches!(h.1, Hint::For(_)) && finder.is_of_secrets(*h.0);
    match beside {
        1 if name.hints.iter().any(is_other) => None,
        1 => Some(("beside persons or streets", BESIDE_ONE)),
        _ => Some(("part of an address", BESIDE_MORE)),
    }
}

/// Whether a kind is a part of an address that tells nothing by itself: a town, a postal code.
pub(super) fn is_part(finder: &Finder, detector: u16) -> bool {
    let category = &finder.rules.detectors[usize::from(detector)].category;
    category == ADDRESS && !finder.tells_columns(detector)
}

/// Whether a kind is a number of firms.
fn is_of_firms(finder: &Finder, detector: u16) -> bool {
    finder.rules.detectors[usize::from(detector)].category == "none.organisation"
}

#[cfg(test)]
mod tests {
    use crate::judge::tests::listed;

    const NAMES: &[&str] = &["Mary Smith", "Kari Hansen", "Anna Olsen", "Peter Brown", "Ola Dahl"];
    const STREETS: &[&str] =
        &["12 Main St", "5 Oak Street", "77 Elm Road", "3 Park Lane", "41 Hill Road"];
    const MAILS: &[&str] =
        &["m.s@firma.no", "k.h@firma.no", "a.o@firma.no", "p.b@firma.no", "o.d@firma.no"];
    const CODES: &[&str] = &["49628", "10115", "94110", "60614", "02134"];
    const TOWN: &[&str] = &["Boston"; 5];
    const FIRMS: &[&str] = &["Bygg AS", "Nord Rør AS", "Elektro AS", "Vest Tak AS", "Ytre Lakk AS"];

    #[test]
    fn postal_codes_and_towns_are_persons_beside_names_mails_and_streets() {
        let (name, mail, street) = (("Name", NAMES), ("mail", MAILS), ("street", STREETS));
        for beside in [&[name][..], &[mail], &[street, ("town", TOWN)], &[name, mail, street]] {
            for code in ["zip", "PLZ", "address_postalcode", "Τ.Κ.", "PstCd"] {
                let table: Vec<_> = beside.iter().copied().chain([(code, CODES)]).collect();
                let found = listed(&table);
                assert!(found.contains(&format!("{code}: postal_code")), "{beside:?} {found:?}");
            }
            let table = [beside, &[("payment_city", TOWN), ("zip", CODES)]].concat();
            let found = listed(&table);
            assert!(found.contains(&"payment_city: city".to_owned()), "{beside:?} {found:?}");
        }
        assert_eq!(listed(&[("zip", CODES), ("city", TOWN)]), [""; 0]);
        for other in [("city", TOWN), ("PLZ", CODES)] {
            assert_eq!(listed(&[("street", STREETS), other]), ["street: street_address"]);
        }
    }

    #[test]
    fn addresses_of_firms_are_not_persons() {
        let numbers = &["974760673", "923609016", "914778271", "984661185", "982463718"][..];
        for firms in [
            ("Navn", FIRMS),
            ("Leverandør", FIRMS),
            ("Org.nr", numbers),
            ("Schule", TOWN),
            ("Schulname", TOWN),
            ("Firmenname", FIRMS),
        ] {
            let found =
                listed(&[firms, ("Adresse", STREETS), ("E-post", MAILS), ("Postnr", CODES)]);
            assert!(!found.contains(&"Postnr: postal_code".to_owned()), "{firms:?} {found:?}");
        }
    }

    #[test]
    fn towns_of_firms_are_low() {
        let (street, town) = (("Straße", STREETS), ("Ort", TOWN));
        let of_firms = listed(&[("Firma", FIRMS), street, town]);
        assert_eq!(of_firms, [""; 0]);
        let found = listed(&[("Firma", FIRMS), ("Ansprechpartner", NAMES), street, town]);
        assert!(found.contains(&"Ort: city".to_owned()), "{found:?}");
    }

    #[test]
    fn a_pincode_is_a_postal_code_in_an_address_and_else_a_secret() {
        let pins = &["4711", "0815", "2580", "9317", "6402"][..];
        let codes = &["560001", "110011", "400053", "600028", "700091"][..];
        let found = listed(&[("name", NAMES), ("pincode", pins)]);
        assert!(found.contains(&"pincode: password".to_owned()), "{found:?}");
        for code in ["pincode", "Pin Code"] {
            let found = listed(&[("name", NAMES), ("city", TOWN), ("state", TOWN), (code, codes)]);
            assert!(found.contains(&format!("{code}: postal_code")), "{found:?}");
        }
    }
}
