//! Tests of the finder.

use super::super::context::Near;
use super::*;

/// What the words near say of the values of a kind in a text.
fn near(kind: &str, text: &str) -> Vec<Near> {
    let finder = &*testing::FINDER;
    let number = u16::try_from(finder.rules.find(kind).unwrap()).unwrap();
    let (mut hits, mut placed) = (Vec::new(), Vec::new());
    finder.hits(text.as_bytes(), 0, text.len(), &mut hits);
    finder.place(text.as_bytes(), &hits, |_| None, &mut Placer::default(), &mut placed);
    placed.iter().filter(|p| p.hit.detector == number).map(|p| p.near).collect()
}

#[test]
fn words_of_other_kinds_say_nothing_against_what_is_sure() {
    assert_eq!(near("email", "mobil 1: kari@firma.no"), [Near::Nothing]);
    assert_eq!(near("health", "ring mobil: hun er sykmeldt siden mai"), [Near::Nothing]);
    assert_eq!(near("phone", "iban 22 33 44 55"), [Near::Against]);
}

/// What is found of a kind in a text, before it is judged.
fn told(kind: &str, text: &str) -> Vec<String> {
    let finder = &*testing::FINDER;
    let number = u16::try_from(finder.rules.find(kind).unwrap()).unwrap();
    let mut hits = Vec::new();
    finder.hits(text.as_bytes(), 0, text.len(), &mut hits);
    finder.labelled(text.as_bytes(), 0, text.len(), &mut hits);
    let own = hits.iter().filter(|h| h.detector == number && h.valid());
    own.map(|h| text[h.start..h.end].to_owned()).collect()
}

#[test]
fn behind_ordinary_labels_values_tell_their_kind() {
    for (kind, text, value) in [
        ("criminal", "Siktelse: grovt tyveri", "grovt tyveri"),
        ("criminal", "Charge: assault", "assault"),
        ("criminal", "Previous convictions: theft 2015", "theft 2015"),
        ("criminal", "Antecedentes: robo", "robo"),
        ("trade_union", "Trade union member: Yes, UNISON", "Yes, UNISON"),
        ("trade_union", "Fagforening: Ja", "Ja"),
        ("health", "Tratamiento: sertralina 50 mg", "sertralina 50 mg"),
        ("religion", "Livssyn: islam", "islam"),
        ("username", "Benutzer: kalund56", "kalund56"),
        ("vehicle_plate", "Reg.nr.: SV 38192", "SV 38192"),
    ] {
        assert_eq!(told(kind, text), [value], "{text}");
    }
    for (kind, text) in [
        ("criminal", "Charge: 120.00"),
        ("criminal", "Sentence: the dog barks at the cat"),
        ("criminal", "Dom: document object model"),
        ("trade_union", "Fagforening: □ ja □ nei"),
        ("marital_status", "Sivilstand: ☐ gift ☐ ugift"),
        ("gender", "Kjønn: □ mann □ kvinne"),
        ("religion", "Religion: 40 % none"),
        ("religion", "Religion: valgfritt felt"),
        ("ethnicity", "Ethnicity: 81 % White"),
        ("health", "Treatment: water every week"),
        ("health", "Diagnosis: blocked filter"),
        ("username", "User: everybody"),
        ("health", "Description: of the weight of packets, which influence the rate"),
        ("vehicle_plate", "Reg. no.: C01195"),
        ("vehicle_plate", "Reg: 1 or 2"),
        ("health", "Notes: see the list; T90 diabetes"),
        ("salary", "Salary: £45,000 – £50,000"),
    ] {
        assert_eq!(told(kind, text), [""; 0], "{text}");
    }
}

#[test]
fn what_sentences_and_logs_say_of_people_is_told() {
    assert_eq!(told("health", "Kari Hansen har fått kreft, sier hun."), ["kreft"]);
    assert_eq!(told("health", "Vi så at Anna Postma heeft dementie"), ["dementie"]);
    assert_eq!(told("religion", "Kari Hansen is a Muslim."), ["Muslim"]);
    for text in
        ["Kari Hansen har skrevet om kreft.", "Kari Hansen har kreftforskning", "Hus har kreft."]
    {
        assert_eq!(told("health", text), [""; 0], "{text}");
    }
    assert_eq!(told("username", "2026-10-12 08:15:02 ok user=gruberl ip=x"), ["gruberl"]);
    assert_eq!(told("username", "2026-10-12 08:15:02 ok user=root ip=x"), [""; 0]);
}

#[test]
fn what_belongs_to_firms_is_told_by_what_stands_before_it() {
    assert_eq!(near("phone", "Sentralbord 57 82 00 00"), [Near::Against]);
    let firm = "Fjord Rør AS, Industrivegen 4, 6800 Førde";
    assert_eq!(near("street_address", firm), [Near::Against]);
    assert_eq!(near("date_of_birth", "Born big. Founded on 12/04/1979"), [Near::Against]);
}

#[test]
fn cards_and_schemes_tell_telephones() {
    for text in ["T: 912 34 567", "\"Kari\" <sip:+4791234567@pbx>", "tel:+47 912 34 567"] {
        let told = near("phone", text);
        assert!(told.iter().all(|near| *near >= Near::Keyword), "{text}: {told:?}");
        assert!(!told.is_empty(), "{text}");
    }
}

#[test]
fn words_in_addresses_say_nothing_of_what_stands_beside_them() {
    for domain in ["order.example", "firma.no", "heron.org", "school.edu"] {
        let line = format!("Linda Johnson <linda@{domain}>");
        assert_eq!(near("person_name", &line), [Near::Company], "{line}");
        let line = format!("linda@{domain} 514-555-0702");
        assert_eq!(near("phone", &line), [Near::Company], "{line}");
    }
    let line = "Linda Johnson, lj@heron.example, 14 Elm Street, Springfield";
    assert_eq!(near("person_name", line), [Near::Company]);
}

#[test]
fn words_in_names_of_files_tell_of_what_stands_beside_them() {
    let finder = &*testing::FINDER;
    let found = |name: &str| -> Vec<String> {
        finder.data_in(name).into_iter().map(|span| name[span].to_owned()).collect()
    };
    assert_eq!(found("PESEL 44051401359.txt"), ["44051401359"]);
    assert_eq!(found("tlf_92234567.txt"), ["92234567"]);
    assert_eq!(found("sykemelding_Ola_Hansen_2026.txt"), ["Ola_Hansen"]);
    assert_eq!(found("x/fnr_01010112345.pdf"), found("x/fnr 01010112345.pdf"));
    assert_eq!(found("ola_hansen@firma.no.pdf"), ["ola_hansen@firma.no"]);
    // What a folder is called says nothing of what lies in it.
    for none in ["telefon/92234567.txt", "IMG_20261103.jpg", "test_Main_Page.py", "44051401359.txt"]
    {
        assert_eq!(found(none), [""; 0], "{none}");
    }
}

#[test]
fn names_stand_in_lists() {
    let beside = near("person_name", "Bord 1: Kari Hansen, Anne Berg");
    assert_eq!(beside, [Near::Sentence; 2]);
    assert_eq!(near("person_name", "Klem,\nKari Hansen"), [Near::Company]);
}

#[test]
fn family_names_stand_first_behind_labels_and_before_births() {
    let finder = &*testing::FINDER;
    let number = u16::try_from(finder.rules.find("person_name").unwrap()).unwrap();
    let told = |text: &str| -> Vec<String> {
        let mut hits = Vec::new();
        finder.hits(text.as_bytes(), 0, text.len(), &mut hits);
        finder.labelled(text.as_bytes(), 0, text.len(), &mut hits);
        let own = hits.iter().filter(|h| h.detector == number && h.valid());
        let mut names: Vec<_> = own.map(|h| text[h.start..h.end].to_owned()).collect();
        names.dedup();
        names
    };
    assert_eq!(told("Potilas: Virtanen, Matti, 141288-7708"), ["Virtanen, Matti"]);
    assert_eq!(told("Ihren Patienten Schäfer, Thomas, geb. 12.03.1965"), ["Schäfer, Thomas"]);
    assert_eq!(told("Forældre: Jens Hansen og Anne Berg"), ["Jens Hansen", "Anne Berg"]);
    assert_eq!(told("Til stede: Kari, Anne, Ola"), ["Kari", "Anne", "Ola"]);
    let authors = told("Author: Neil Qwrtauer, Thomas Klose, Anne Berg");
    assert!(authors.contains(&"Thomas Klose".to_owned()), "{authors:?}");
    assert_eq!(told("Kari, Thomas, am 12.03.1965"), [""; 0]);
}

#[test]
fn a_word_speaks_for_one_birth_date() {
    let text = "geboren am 12.03.1985, war vom 01.04.2019 bis 31.01.2026 bei uns";
    let told = near("date_of_birth", text);
    assert_eq!(told, [Near::Keyword, Near::Nothing, Near::Nothing]);
}

#[test]
fn names_and_addresses_of_mail_speak_for_what_stands_beside_them() {
    for text in
        ["Kari Hansen, 22 33 44 55", "Kari Hansen\n22 33 44 55", "22 33 44 55, kari@firma.no"]
    {
        assert_eq!(near("phone", text), [Near::Company], "{text}");
    }
    for text in ["22 33 44 55  Kari Hansen", "Kari Hansen\n\n22 33 44 55", "22 33 44 55"] {
        assert_eq!(near("phone", text), [Near::Nothing], "{text}");
    }
    assert_eq!(near("phone", "Kari Hansen, varenr 22 33 44 55"), [Near::Against]);
    assert_eq!(near("street_address", "Kari Hansen\nAm Tor 8\n28195 Bremen"), [Near::Company]);
    for text in [
        "Kari Hansen\nStorgata 15\n0155 Oslo",
        "Kari Hansen,\r\nAm Tor 8\r\n28195 Bremen",
        "Levert til Kari Hansen, Storgata 15",
        "Adresse:\nKari Hansen\nStorgata 15\n0155 Oslo",
        "Team\n\nKari Hansen\nOla Berg\nAnna Holm\nPer Lund\nNina Dahl",
        "Kari Hansen\nOla Berg\nAnna Holm\nPer Lund\nNina Dahl",
        "Kari Hansen\nHead of Sales\nHolm Ltd\nTel: 07971 926552",
        "Kari Hansen, HR\nkari@firma.no",
        "Kari Hansen, f. 04.07.1961",
    ] {
        assert_eq!(near("person_name", text)[0], Near::Company, "{text}");
    }
    for text in ["Kari Hansen, 02125111249, har", "er Kari Hansen (02125111249)."] {
        assert_eq!(near("no_fodselsnummer", text), [Near::Company], "{text}");
    }
    assert_eq!(near("no_fodselsnummer", "Kari Hansen tok 02125111249"), [Near::Nothing]);
    for text in ["Kari Hansen bruker stol", "user Kari Hansen said", "vi så Kari Hansen øve"] {
        let is_against = text.starts_with("user");
        let expected = if is_against { Near::Against } else { Near::Sentence };
        assert_eq!(near("person_name", text), [expected], "{text}");
    }
    for text in ["Kari Hansen\n\nStorgata 15", "Kari Hansen Storgata", "Kari Hansen\nOla Berg"] {
        assert_eq!(near("person_name", text)[0], Near::Nothing, "{text}");
    }
    assert_eq!(near("salary", "The average salary of nurses is $65,000"), [Near::Against]);
    assert_eq!(near("salary", "Her gross salary of $65,000"), [Near::Nothing]);
    assert_eq!(near("street_address", "Kapitel Bau 12\n12345 Schrauben"), [Near::Nothing]);
    assert_eq!(near("email", "GET /npm/pkg%40angular.dev/x"), [Near::Nothing]);
    assert_eq!(near("ip_address", "Merge from upstream 2.1.5.3"), [Near::Against]);
    assert_eq!(near("ip_address", "password for kari from 81.93.161.7"), [Near::Label]);
    assert_eq!(near("email", "GET /x?email=kari%40firma.no"), [Near::Label]);
}

#[test]
fn round_numbers_are_no_national_ones() {
    for text in ["63770000000", "637700 00000", "1911949000000"] {
        assert!(is_round(text), "{text}");
    }
    for text in ["1911949500000", "15065933818", "00000000001", "6377010000", "ABA300000"] {
        assert!(!is_round(text), "{text}");
    }
    let check = |id: &str, text: &str| {
        let number = u16::try_from(testing::FINDER.rules.find(id).unwrap()).unwrap();
        testing::FINDER.check(number, text)
    };
    assert_eq!(check("no_fodselsnummer", "63770000000"), Verdict::Invalid("a round number"));
    assert!(matches!(check("si_emso", "1911949500000"), Verdict::Valid(_)));
}
