//! Tests of addresses, birth dates and turns of phrase in running text.

use super::*;
use crate::validate::testing::rung_of;

#[test]
fn gates_and_all_are_no_streets() {
    for text in ["Welt alle 80", "Obwohl alle 4", "Place all 12", "East Reservoir Dam Gate 2"] {
        assert_eq!(rung_of(address, text), "", "{text}");
    }
    for text in ["Kongens gate 2", "Vestre Alle 5", "Karl-Marx-Str 12", "Store gate 4"] {
        assert_ne!(rung_of(address, text), "", "{text}");
    }
}

#[test]
fn lines_with_years_are_no_street() {
    assert!(are_of_years("Canonical Ltd 2009", "\n  2013 Debian"));
    assert!(!are_of_years("Storgata 12", "\n2013 Skjetten"));
    for text in ["Storgata 12, 2018", "Storgata 12, 201", "Storgata 12 - 2018-"] {
        street_part(text);
    }
}

#[test]
fn what_a_rule_says_is_said_of_nobody() {
    for text in [
        "convicted of fraud shall be",
        "Medlem av Fagforbundet får rabatt",
        "Verurteilt wegen Betrugs darf",
    ] {
        assert!(is_rule(text), "{text}");
    }
    for text in [
        "convicted of fraud in 2015",
        "Medlem av Fagforbundet og får rabatt",
        "Dømt for ran. Han må",
        "dømt for ran, må",
    ] {
        assert!(!is_rule(text), "{text}");
    }
}

#[test]
fn days_are_told_from_coordinates() {
    for text in ["01-1.74", "1.2/74", "03-04/1985"] {
        assert_eq!(rung_of(birth_date, text), "", "{text}");
    }
    for text in ["12/3-1985", "12.3.1985", "12-03-1985", "1985-03-12"] {
        assert_eq!(rung_of(birth_date, text), "prose", "{text}");
    }
}

#[test]
fn streets_are_told_from_words_with_numbers() {
    let rung = |text: &str| rung_of(address, text);
    for text in [
        "Storgata 15 B",
        "Karl Johans gate 1",
        "Mannerheimintie 79",
        "Via Roma 3",
        "427 Main St",
        "12 Ocean View",
        "12 Penny Lane",
        "2000 Main Street",
    ] {
        assert_eq!(rung(text), "prose", "{text}");
    }
    assert_eq!(rung("2021 Penny Lane, LS1 4DY Leeds"), "with_postcode");
    assert_eq!(rung("Hauptstraße 12, 8010 Graz"), "with_postcode");
    assert_eq!(rung("53 Victoria Terrace, LS1 4DY Leeds"), "with_postcode");
    assert_eq!(rung("Rantatie 55"), "prose");
    for text in [
        "Petőfi Sándor utca 12",
        "Luite tee 87",
        "Vilniaus g. 25-4",
        "Brīvības iela 45",
        "Slovenska cesta 12",
        "Str. Mihai Eminescu nr. 12",
        "Bulevardul Unirii nr. 5",
        "Trg Republike 3",
        "Place de la gare 12",
        "Nørre Alle 44",
        "Karl-Marx-Str 130",
        "Place Vendôme 12",
        "Calle Mayor, 17",
        "2 MAIN ST",
        "Karl Johans Gate 1",
    ] {
        assert_eq!(rung(text), "prose", "{text}");
    }
    assert_eq!(rung("Školní 119a, 779 00 Olomouc"), "with_postcode");
    assert_eq!(rung("Polna 3/4, 30-001 Kraków"), "with_postcode");
    assert_eq!(rung("76 Albion Terrace, Manchester M3 4LZ"), "with_postcode");
    assert_eq!(rung("Storgata 15\n0155 Oslo"), "with_postcode");
    assert_eq!(rung("Am Alten Tor 8\r\n28195 Bremen"), "likely");
    assert_eq!(rung("via Nazario Sauro 14"), "likely");
    assert_eq!(rung("Artikel u. 16"), "likely");
    assert_eq!(rung("Darlehen g. 1"), "likely");
    assert_eq!(rung("Kossuth u. 5, 1051 Budapest"), "with_postcode");
    assert_eq!(rung("Petőfi u. 12"), "prose");
    assert_eq!(rung("Kossuth Lajos u. 5"), "prose");
    for text in [
        "æret er Diabetes type 1",
        "Garantie 3",
        "Windows 10, 2019 Server",
        "Kapittel 4, 12 345 kroner",
        "Kapittel 4",
        "Navigate 5",
        "Windows 10",
        "51 Franklin Street",
        "Versjon 12",
        "2021 Iain Lane",
        "2021 Iain Lane\n 2018-2021 Igalia",
        "Beta December 5, 2000 BN Qlogic",
        "2022 Anthony Green",
        "1.2 Copyrights",
        "5 Copyrights",
        "Basic Tee 12",
        "Fett g 12",
        "Str. 12",
        "cesta 12",
        "3.11. Copying In Place",
        "4. Oak Street",
        "9.6.\u{A0}Bit Street Functions",
        "Calle 2",
        "Rua 2",
        "Referentie 2",
        "C/ Mietkaution 08/15",
        "30456 USB Flash Drive",
        "Obwohl alle 4",
        "Welt alle 80",
        "Place all 12",
        "Place colored points in 3D",
        "Via mail 12",
        "DHCP-Vendor-Discrimination-Str 130",
        "FreeDHCP-Host-Option-Str 12",
        "Calle Rosenquist, 2017",
        "East Reservoir Dam Gate 2",
        "2 PLAC St.",
    ] {
        assert_eq!(rung(text), "", "{text}");
    }
}
