use super::*;
use crate::detect::finder::testing::FINDER;
use crate::idle::Idle;
use crate::tally::Counter;
use crate::unit::{Cells, Slot, Text};

/// What is listed of a table, as `field: kind`.
pub(super) fn listed(columns: &[(&str, &[&str])]) -> Vec<String> {
    let told = |f: &Finding| format!("{}: {}", f.field.as_deref().unwrap_or(""), f.detector);
    judged(columns).findings.iter().map(told).collect()
}

/// A table, judged.
fn judged(columns: &[(&str, &[&str])]) -> Judged {
    at_level(columns, Confidence::Medium)
}

/// The same, with what is found from this level on.
fn at_level(columns: &[(&str, &[&str])], level: Confidence) -> Judged {
    let mut counter = Counter::new(&FINDER);
    let mut named = Vec::new();
    for ((field, cells), id) in columns.iter().zip(0..) {
        let slot = Slot { members: [].into(), table: None, field: Some((*field).to_owned()) };
        let name = Named::new(&FINDER, &slot);
        let mut buffer = Cells::default();
        (1..).zip(*cells).for_each(|(row, text)| buffer.push(row, text.as_bytes(), None));
        counter.cells(SlotId(id), &name, &buffer, &Idle::NONE);
        named.push(name);
    }
    judge(&FINDER, &named, &counter.finish(), level)
}

/// How sure a column's findings are, from medium on.
fn confidences(field: &str, cells: &[&str]) -> Vec<Confidence> {
    judged(&[(field, cells)]).findings.iter().map(|f| f.confidence).collect()
}

/// Winners of a race; two of their family names stand in no list.
const PEOPLE: &[&str] = &[
    "Gary Muhrcke",
    "Norman Higgins",
    "Sheldon Karlin",
    "Tom Fleming",
    "Robert Anderson",
    "Bill Rodgers",
    "Alberto Salazar",
    "Kari Hansen",
    "Ola Nordmann",
    "Anne Olsen",
];

#[test]
fn a_weak_name_is_no_worse_than_one_that_says_nothing() {
    for field in ["who", "name", "navn"] {
        assert_eq!(listed(&[(field, PEOPLE)]), [format!("{field}: person_name")]);
    }
}

#[test]
fn a_name_that_says_nothing_is_none() {
    let given = ["Kari", "Ola", "Silje", "Anne", "Per", "Nina", "Lars", "Ingrid", "Bjørn", "Marit"];
    let towns =
        ["Storage", "Intake", "Valve", "Outlet", "Pump", "Inlet", "Drain", "Main", "Spare", "Stop"];
    for field in [
        "fld_0002",
        "column1",
        "x",
        "F7",
        "attribute_12",
        "c3",
        "Spalte 4",
        "kol2",
        "Unnamed: 3",
        "#1",
    ] {
        assert_eq!(listed(&[(field, &given)]), [format!("{field}: person_name")]);
        assert_eq!(listed(&[(field, &towns)]), [""; 0]);
    }
    for field in ["$.x", "field_of_study", "ship", "room 2", "column name"] {
        assert_eq!(listed(&[(field, &given)]), [""; 0], "{field}");
    }
}

#[test]
fn few_names_without_a_heading_count_beside_addresses_of_mail() {
    let mails = ["a@firma.no", "b@firma.no", "c@firma.no", "d@firma.no"];
    let beside = |cells: &[&str]| listed(&[("#1", cells), ("#2", &mails[..cells.len()])]);
    assert_eq!(beside(&["Adam", "Marek"]), ["#1: person_name", "#2: email"]);
    assert_eq!(beside(&["Novak", "Hansen"]), ["#1: person_name", "#2: email"]);
    assert_eq!(listed(&[("#1", &["Adam", "Marek"])]), [""; 0]);
    for cells in [&["Bergen", "London"][..], &["Oslo", "Florence", "Paris", "Bodø"]] {
        assert_eq!(beside(cells), ["#2: email"], "{cells:?}");
    }
}

#[test]
fn offences_count_under_ordinary_names_beside_persons() {
    let names = &PEOPLE[..4];
    let offences = ["Theft", "Drink driving", "Theft", "Assault"];
    for field in ["offence", "Charge", "lovbrudd", "Straftat", "conviction"] {
        let found = listed(&[("Full name", names), (field, &offences)]);
        assert!(found.contains(&format!("{field}: criminal")), "{field}: {found:?}");
        let fees = ["120.00", "80.50", "99.00", "12.00"];
        let found = listed(&[("Full name", names), ("charge", &fees)]);
        assert_eq!(found, ["Full name: person_name"]);
    }
    let texts = ["A dog barks", "It rains today", "He reads books", "They sing songs"];
    let found = listed(&[("Full name", names), ("sentence", &texts)]);
    assert_eq!(found, ["Full name: person_name"]);
}

#[test]
fn family_names_in_front_tell_columns_of_any_name() {
    let turned = ["Hansen, Kari", "van der Berg, Anna", "Olsen, Ola Johan", "Dahl, Nina"];
    for field in ["Verantwortlich", "who", "#1"] {
        assert_eq!(listed(&[(field, &turned)]), [format!("{field}: person_name")]);
    }
    let towns = ["Austin, Texas", "Florence, Italy", "Santa Ana, California", "Victoria, Canada"];
    let operas = ["Emma, Oper", "Carmen, Oper", "Aida, Oper", "Martha, Oper"];
    for cells in [&towns, &operas] {
        assert_eq!(listed(&[("Verantwortlich", cells)]), [""; 0]);
    }
}

#[test]
fn names_in_addresses_and_beside_initials_are_found() {
    let addresses = ["Kari Hansen, Storgata 5, 0155 Oslo", "Ola Berg, Parkveien 7, 0350 Oslo"];
    let told = listed(&[("Kunde", &addresses)]);
    assert_eq!(told, ["Kunde: person_name", "Kunde: street_address"]);
    for cells in [["A. de Vries", "J.P. Hansen"], ["Mr A Smith", "Mrs G Hansen"]] {
        let beside = ["kari@firma.no", "ola@firma.no"];
        let told = listed(&[("Huurder", &cells), ("#2", &beside)]);
        assert_eq!(told, ["Huurder: person_name", "#2: email"]);
    }
}

#[test]
fn a_weak_name_of_other_things_tells_nothing() {
    let products = ["Garden Chair", "Office Desk", "Oak Table", "Table Lamp", "Norman Sofa"];
    let companies = ["Ford Motor", "Morgan Stanley", "Arthur Andersen", "Data Systems", "Big Oil"];
    let places = ["Oslo", "Paris, Texas", "Richmond, Virginia", "San Marino", "New York"];
    for cells in [&products, &companies, &places] {
        assert!(listed(&[("name", cells)]).is_empty(), "{cells:?}");
    }
}

#[test]
fn numbers_in_groups_are_telephones_beside_people_only() {
    let numbers = ["88 17 94 31", "77 19 85 84", "22 87 65 69", "43 05 32 08", "59 31 20 44"];
    let areas = ["0462/133217", "0545/551535", "0275/525860", "0521/144171", "0850/711718"];
    for field in ["Delenr", "#1", "part", "Vertragsnummer", "who"] {
        assert_eq!(listed(&[(field, &numbers)]), [""; 0], "{field}");
        assert_eq!(listed(&[(field, &areas)]), [""; 0], "{field}");
    }
    for field in ["Faxnr", "Telefon", "mobilnummer"] {
        assert_eq!(listed(&[(field, &numbers)]), [format!("{field}: phone")]);
    }
    let beside = listed(&[("#1", &PEOPLE[..5]), ("#2", &numbers)]);
    assert_eq!(beside, ["#1: person_name", "#2: phone"]);
    let parts = listed(&[("Kunde", &PEOPLE[..5]), ("Delenr", &numbers)]);
    assert!(!parts.contains(&"Delenr: phone".to_owned()), "{parts:?}");
    let mobiles =
        ["0151 20000806", "0171 2000087", "0160 20000808", "0170 2000081", "0157 20000803"];
    assert_eq!(listed(&[("#1", &mobiles)]), ["#1: phone"]);
}

#[test]
fn a_few_names_among_many_cells_are_not_sure() {
    let notes: Vec<String> = (0..1200).map(|n| format!("Ware {n} geliefert")).collect();
    let called = "Anna Müller hat angerufen";
    let table = |every: usize| {
        let cells =
            notes.iter().enumerate().map(|(n, note)| if n % every == 7 { called } else { note });
        confidences("Hinweis", &cells.collect::<Vec<_>>())
    };
    assert_eq!(table(50), [Confidence::High]);
    assert_eq!(table(200), [Confidence::Medium]);
    assert_eq!(table(1200), []);
}

#[test]
fn full_names_of_things_are_no_peoples() {
    let things =
        ["Server Cluster North", "Backup Array", "Mail Gateway", "Lato Black", "Andorran Franc"];
    assert_eq!(listed(&[("fullname", &things)]), [""; 0]);
    assert_eq!(listed(&[("fullname", PEOPLE)]), ["fullname: person_name"]);
    let accounts = ["Kundefordringer", "Bank", "Salg", "Husleje", "Lønninger"];
    assert_eq!(
        listed(&[("Konto", &["1500", "1920", "3000", "6300", "5000"]), ("Kontonavn", &accounts)]),
        [""; 0]
    );
    let unlisted =
        ["Qwrtblom Zixu", "Vlopk Narru", "Zempt Olkarr", "Brixu Dwellan", "Olmat Fringu"];
    let mails = ["q@firma.no", "v@firma.no", "z@firma.no", "b@firma.no", "o@firma.no"];
    let found = listed(&[("fullname", &unlisted), ("mail", &mails)]);
    assert!(found.contains(&"fullname: person_name".to_owned()), "{found:?}");
    for field in ["Raum", "Vessel", "nom du navire", "airport", "Stück"] {
        assert_eq!(listed(&[(field, PEOPLE)]), [""; 0], "{field}");
    }
    assert_eq!(listed(&[("Referent", PEOPLE)]), ["Referent: person_name"]);
}

#[test]
fn net_and_gross_are_pay_beside_persons() {
    let sums = ["4927,25", "2245,59", "2449,57", "3360,83", "1335,18", "3190,73"];
    let born = ["1985-03-12", "1990-11-01", "1972-06-30", "2001-01-15", "1966-12-24", "1958-08-08"];
    let found = listed(&[("Geburtsdatum", &born), ("Brutto", &sums)]);
    assert_eq!(found, ["Geburtsdatum: date_of_birth", "Brutto: salary"]);
    assert_eq!(listed(&[("Kunde", &PEOPLE[..6]), ("Brutto", &sums)]), ["Kunde: person_name"]);
}

#[test]
fn postal_codes_are_parts_of_addresses() {
    let codes = ["61322", "71395", "81644", "25819", "13623"];
    let streets = ["Goethestr. 128", "Bergweg 22", "Lindenstr. 5", "Hauptstr. 12", "Ringstr. 7"];
    let found = listed(&[("Name", &PEOPLE[..5]), ("Straße", &streets), ("PLZ", &codes)]);
    assert!(found.contains(&"PLZ: postal_code".to_owned()), "{found:?}");
    let found = listed(&[
        ("Schule", &["Nord", "Süd", "West", "Ost", "Mitte"]),
        ("Straße", &streets),
        ("PLZ", &codes),
    ]);
    assert!(!found.contains(&"PLZ: postal_code".to_owned()), "{found:?}");
}

#[test]
fn papers_numbered_by_their_day_are_no_birth_numbers() {
    let numbers = [
        "240115001",
        "240115002",
        "240131017",
        "240202003",
        "240219011",
        "240305004",
        "240311020",
        "240402001",
        "240417009",
    ];
    assert_eq!(listed(&[("Doklad", &numbers)]), [""; 0]);
    assert_eq!(listed(&[("rodne_cislo", &numbers)]), ["rodne_cislo: cz_rc"]);
}

#[test]
fn family_names_with_a_comma_are_names() {
    let turned =
        ["Hansen, Kari", "Nordmann, Ola Johan", "Olsen, Anne", "OLSEN, Per", "Moen, Silje"];
    assert_eq!(listed(&[("navn", &turned)]), ["navn: person_name"]);
}

#[test]
fn what_people_are_counted_by_is_told_beside_people() {
    let sexes = ["M", "F", "F", "M", "F", "M", "M", "F", "M", "F"];
    let races = [
        "White", "Black", "Asian", "White", "Hispanic", "Black", "White", "White", "Asian", "Black",
    ];
    let found = listed(&[("Name", PEOPLE), ("Sex", &sexes), ("race", &races)]);
    assert!(found.contains(&"Sex: gender".to_owned()), "{found:?}");
    assert!(found.contains(&"race: ethnicity".to_owned()), "{found:?}");
    // Without people there are animals and events, and beside them codes of other things.
    let codes = ["1", "2", "1", "3", "2", "2", "1", "3", "1", "2"];
    let events = [
        "100 m", "400 m", "Relay", "Marathon", "Sprint", "Final", "Heat", "Relay 2", "Walk", "Mile",
    ];
    assert!(listed(&[("species", &events), ("sex", &sexes), ("race", &races)]).is_empty());
    assert_eq!(
        listed(&[("Name", PEOPLE), ("genre", &codes), ("race", &events)]),
        ["Name: person_name"]
    );
}

#[test]
fn names_in_no_list_are_told_beside_birth_dates() {
    let names = [
        "Qwrtblom Zixu",
        "Vlopk Narru",
        "Zempt Olkarr",
        "Brixu Dwellan",
        "Olmat Fringu",
        "Xarpe Intolu",
    ];
    let born = ["1985-03-12", "1990-11-01", "1972-06-30", "2001-01-15", "1966-12-24", "1958-08-08"];
    let found = listed(&[("name", &names), ("birth_date", &born)]);
    assert!(found.contains(&"name: person_name".to_owned()), "{found:?}");
    let mixed = listed(&[("name", &names), ("birth_date", &born[..2])]);
    assert!(!mixed.contains(&"name: person_name".to_owned()), "{mixed:?}");
    let sold = listed(&[("name", &names), ("sold", &born)]);
    assert!(sold.is_empty(), "{sold:?}");
    let sites = listed(&[("location", &names), ("birth_date", &born)]);
    assert_eq!(sites, ["birth_date: date_of_birth"]);
}

#[test]
fn a_guardian_is_a_name_as_well() {
    for field in ["Foresatt", "Vårdnadshavare", "guardian"] {
        assert_eq!(listed(&[(field, PEOPLE)]).len(), 1, "{field}");
    }
}

#[test]
fn messages_are_no_persons() {
    let messages: &[(&str, &[&str])] = &[
        ("login.password", &["Required"]),
        ("login.username", &["Benutzername"]),
        ("profile.gender", &["Geschlecht"]),
        ("person.address", &["Adresse 1"]),
        ("form.diagnosis", &["Please describe"]),
    ];
    assert!(listed(messages).is_empty(), "{:?}", listed(messages));
}

#[test]
fn the_record_of_a_person_is_kept() {
    let record: &[(&str, &[&str])] = &[
        ("$.name", &["Kari Nordmann"]),
        ("$.gender", &["female"]),
        ("$.password", &["hunter2"]),
        ("$.email", &["kari@nordmann.no"]),
        ("$.diagnosis", &["Depression"]),
    ];
    let found = listed(record);
    for kind in [
        "$.name: person_name",
        "$.gender: gender",
        "$.password: password",
        "$.email: email",
        "$.diagnosis: health",
    ] {
        assert!(found.iter().any(|f| f == kind), "{kind} in {found:?}");
    }
    assert_eq!(listed(&[("$.gender", &["female"])]), ["$.gender: gender"]);
    assert_eq!(listed(&[("DB_PASSWORD", &["hunter2"])]), ["DB_PASSWORD: password"]);
}

#[test]
fn any_number_agrees_with_a_part_of_a_word() {
    let amounts = ["41000", "52500", "38250", "61000", "47300", "39900"];
    assert!(listed(&[("Fettgehalt", &amounts)]).is_empty());
    let emails = ["a@firma.no", "b@firma.no", "c@firma.no", "d@firma.no", "e@firma.no"];
    let staff = listed(&[("Grundgehalt", &amounts), ("email", &emails)]);
    assert!(staff.contains(&"Grundgehalt: salary".to_owned()), "{staff:?}");
}

#[test]
fn lists_of_family_names_first_are_names() {
    let turned =
        ["Hansen Kari", "Nordmann Ola", "Olsen Anne", "Moen Per", "Berg Silje", "Qwrt Ida"];
    assert_eq!(listed(&[("Salarié", &turned)]), ["Salarié: person_name"]);
    assert_eq!(listed(&[("who", &turned)]), ["who: person_name"]);
}

#[test]
fn the_name_of_a_relative_is_a_name() {
    for field in ["Foresatt 1", "Naam ouder", "Personne à prévenir", "Zákonný zástupce"] {
        assert_eq!(listed(&[(field, PEOPLE)]), [format!("{field}: person_name")]);
    }
}

#[test]
fn reasons_tell_where_they_are_illnesses_beside_a_person() {
    let ill = ["Grippe", "Migräne", "Bandscheibenvorfall", "Grippe", "Urlaub", "Depression"];
    let goods =
        ["Defekt", "Falsche Größe", "Doppelt bestellt", "Defekt", "Gefällt nicht", "Storno"];
    let people = &PEOPLE[..6];
    let found = listed(&[("name", people), ("Grund", &ill)]);
    assert_eq!(found, ["name: person_name", "Grund: health"]);
    assert_eq!(listed(&[("name", people), ("Grund", &goods)]), ["name: person_name"]);
    assert!(listed(&[("Grund", &ill)]).is_empty());
    let unions = ["Unite", "GMB", "Unison", "Unite", "GMB", "USDAW"];
    let found = listed(&[("name", people), ("Union", &unions)]);
    assert_eq!(found, ["name: person_name", "Union: trade_union"]);
}

#[test]
fn versions_are_no_addresses_under_their_name() {
    let versions = ["3.41.7.88", "3.41.8.12", "4.2.17.90", "9.88.3.44", "5.67.1.99", "6.33.2.70"];
    assert!(listed(&[("firmware.version", &versions)]).is_empty());
    let peers =
        ["3.41.107.88", "3.141.8.12", "4.2.217.90", "9.188.3.44", "5.67.201.99", "6.133.2.70"];
    assert!(!listed(&[("peer", &peers)]).is_empty());
}

#[test]
fn numbers_of_two_countries_with_one_check_are_told() {
    let numbers = ["850410/0572", "126203/0792", "736028/5163", "905525/0013"];
    let found = listed(&[("Rodné číslo", &numbers[..2])]);
    assert_eq!(found, ["Rodné číslo: cz_rc"]);
}

#[test]
fn accounts_of_banks_are_told_by_their_name() {
    let accounts = ["3409123456", "1551004567", "0040112233", "7170998877"];
    let ledger = ["4010", "4020", "1510", "2710"];
    let people = &PEOPLE[..4];
    let found = listed(&[("Navn", people), ("Kontonr.", &accounts)]);
    assert_eq!(found, ["Navn: person_name", "Kontonr.: bank_account"]);
    assert_eq!(listed(&[("Navn", people), ("Kontonr.", &ledger)]), ["Navn: person_name"]);
    assert!(listed(&[("Kontonr.", &accounts)]).is_empty());
}

/// Direct lines of a firm: running numbers.
const LINES: &[&str] = &[
    "22334401", "22334402", "22334403", "22334404", "22334405", "22334406", "22334407", "22334408",
    "22334409", "22334410",
];

#[test]
fn numbers_that_follow_each_other_are_what_their_own_name_says() {
    assert_eq!(listed(&[("telefon", LINES)]), ["telefon: phone"]);
    assert_eq!(listed(&[("avd_tlf_gml", LINES)]), [""; 0]);
    for field in ["id", "ref", "kontakt_id", "nummer"] {
        assert_eq!(listed(&[(field, LINES)]), [""; 0], "{field}");
    }
}

#[test]
fn values_are_told_as_programs_write_them() {
    let phones = ["91234567", "92345671", "93456712", "94567123", "95671234", "96712345"];
    let numbers = ["15065933818", "19089906825", "12024206945", "16045649486", "22078932043"];
    let write: [fn(&&str) -> String; 4] = [
        |text| format!("{text}.0"),
        |text| format!("{text},0"),
        |text| format!("=\"{text}\""),
        |text| format!("'{text}"),
    ];
    let all = |cells: &[&str], write: fn(&&str) -> String| -> Vec<String> {
        cells.iter().map(write).collect()
    };
    fn texts(cells: &[String]) -> Vec<&str> {
        cells.iter().map(String::as_str).collect()
    }
    for write in write {
        let (phones, numbers) = (all(&phones, write), all(&numbers, write));
        let (phones, numbers) = (texts(&phones), texts(&numbers));
        let found = listed(&[("mobil", &phones), ("fnr", &numbers), ("beløp", &phones)]);
        assert_eq!(found, ["mobil: phone", "fnr: no_fodselsnummer"], "{numbers:?}");
        assert_eq!(listed(&[("#1", &numbers)]), ["#1: no_fodselsnummer"]);
    }
    let spread = |text: &&str| format!("{}.{}E+10", &text[..1], &text[1..]);
    let spread = all(&numbers, spread);
    assert_eq!(listed(&[("fnr", &texts(&spread))]), ["fnr: no_fodselsnummer"]);
}

#[test]
fn decimal_numbers_are_no_identifiers() {
    let amounts = ["12345678.0", "45678912.0", "78912345.0", "23456789.0", "91234567.0"];
    let times = ["1700000000.0", "1700003600.0", "1700090000.0", "1710000000.0", "1720000000.0"];
    let ids = ["10000001.0", "10000002.0", "10000003.0", "10000004.0", "10000005.0"];
    for field in ["amount", "value", "omsetning", "ts", "id", "kunde_id", "x"] {
        for cells in [&amounts, &times, &ids] {
            assert_eq!(listed(&[(field, cells)]), [""; 0], "{field} {cells:?}");
        }
    }
}

#[test]
fn secrets_in_addresses_and_queries_are_passwords() {
    let address = ["postgres://kari:hemmelig@db.firma.no:5432/x"];
    let query = ["GET /login?user=kari&password=Sommer2021&lang=no"];
    let connection = ["Server=db;User Id=sa;Password=Vinter-2025;"];
    for cells in [address, query, connection] {
        assert_eq!(listed(&[("value", &cells)]), ["value: password"], "{cells:?}");
    }
    for cells in [["https://user:password@firma.no/x"], ["GET /login?user=kari&password=password"]]
    {
        assert_eq!(listed(&[("value", &cells)]), [""; 0], "{cells:?}");
    }
}

#[test]
fn headings_of_many_products_are_known_beside_names() {
    let first = ["Mary", "Kari", "Anna", "Peter", "Ola"];
    let last = ["Smith", "Hansen", "Olsen", "Brown", "Dahl"];
    let logins = &["marys", "khansen", "anna.o", "pbrown99", "oladahl"][..];
    let years = &["1954", "1987", "1966", "2001", "1990"][..];
    let phones = &["91543287", "45951640", "45880547", "45114759", "92233445"][..];
    let ids = &["295847284", "245797967", "509647174", "112457891", "695256908"][..];
    let sums = &["52000", "48000", "61000", "39500", "71000"][..];
    let places = &["42.515961", "59.912730", "51.507351", "48.856613", "40.712776"][..];
    let parties = &["DEM", "REP", "DEM", "UNA", "REP"][..];
    let staff = &["3095", "5304", "1228", "4471", "9102"][..];
    let jobs = &["Line Cook", "Account Executive", "Nurse", "Avdelingsleder", "Comptable"][..];
    let ill = &["Depresjon", "Peanut allergy", "Asthma", "Diabetes", "Migraine"][..];
    let plates = &["DM 26971", "NF 68113", "PJ 51763", "EK 12345", "AB12 CDE"][..];
    for (kind, fields, cells) in [
        ("username", "usrname,userid,users_name,uname,skype,twitter,handle", logins),
        ("date_of_birth", "year_of_birth,birthYear,yob,Geburtsjahr,fødselsår", years),
        (
            "phone",
            "Mob.,SMS,Kontaktnr,Purring SMS,Tlf. arb.,Foresatt 1 mobil,b_number,otherphone",
            phones,
        ),
        ("passport", "identification_id,Government ID Number,cnic,citizen_id", ids),
        ("us_ssn", "ssn,NationalIDNumber", ids),
        ("salary", "MonthlyIncome,annual_income,ctc,Annual Rate", sums),
        ("location", "partner_latitude,Begin Trip Lat,geo_code_1", places),
        ("political_opinion", "party,party_cd,PARTY_AFFIL", parties),
        ("gender", "sex,sex_id", &["1", "2", "2", "1", "2"]),
        (
            "bank_account",
            "bank_ac_no,acct_num,dd_account",
            &["50001234567", "50001234568", "50041234569"],
        ),
        ("employment", "Ansnr,PERNR,Mitarbeiter-Nr.,Personnel Number,Badge No", staff),
        ("employment", "Title,Tittel,Role,Emploi,Cargo", jobs),
        ("health", "Årsak,Alert_Medical,Leave Reason", ill),
        ("marital_status", "Situation familiale", &["Marié", "Célibataire", "Divorcé", "Marié"]),
        ("vehicle_plate", "registration_number,reg_no", plates),
    ] {
        for field in fields.split(',') {
            let found = listed(&[("first_name", &first), ("last_name", &last), (field, cells)]);
            assert!(found.contains(&format!("{field}: {kind}")), "{field} {found:?}");
        }
    }
    for (field, cells) in [
        ("Title", &["Mr", "Mrs", "Ms", "Dr", "Mr"][..]),
        ("role", &["admin", "user", "user", "guest", "admin"]),
        ("registration_number", &["C01195", "C01196", "C02195", "C01295", "C09195"]),
        ("ph", &["7.2", "6.9", "7.4", "7.0", "6.8"]),
        ("sku handle", logins),
        ("net_income", sums),
        ("nic", &["eth0", "eth1", "eth0", "wlan0", "eth0"]),
    ] {
        let found = listed(&[("first_name", &first), ("last_name", &last), (field, cells)]);
        assert_eq!(found, ["first_name: person_name", "last_name: person_name"], "{field}");
    }
}

#[test]
fn words_of_illness_are_told_beside_patients() {
    let patients = ["4711", "4712", "4713", "4711", "4715", "4716"];
    let told = [
        "Essential hypertension (disorder)",
        "Asthma",
        "Diabetes mellitus type 2 (disorder)",
        "Prediabetes (finding)",
        "Viral sinusitis (disorder)",
        "Migraine",
    ];
    for (patient, field) in [
        ("PATIENT", "DESCRIPTION"),
        ("pid", "title"),
        ("$[].subject.reference", "$[].code.text"),
        ("$[].patient.reference", "$[].code.coding[].display"),
    ] {
        let found = listed(&[(patient, &patients), (field, &told)]);
        assert_eq!(found, [format!("{field}: health")]);
        assert_eq!(listed(&[("x", &patients), (field, &told)]), [""; 0], "{field}");
    }
}

#[test]
fn a_name_beside_a_secret_and_an_address_is_a_login() {
    let mails = ["m.s@firma.no", "k.h@firma.no", "a.o@firma.no", "p.b@firma.no", "o.d@firma.no"];
    let secrets = ["Xk9#lmp2", "9f8Rt-q1", "Plm8+zz3", "Qw3rt!y9", "zX0-mnb7"];
    let logins = ["marys", "khansen", "anna.o", "pbrown99", "oladahl"];
    let found = listed(&[("name", &logins), ("pass", &secrets), ("mail", &mails)]);
    assert_eq!(found, ["name: username", "pass: password", "mail: email"]);
    let found = listed(&[("name", &PEOPLE[..5]), ("pass", &secrets), ("mail", &mails)]);
    assert_eq!(found, ["name: person_name", "pass: password", "mail: email"]);
    let one = ["zabbix@firma.no", "", "", "", ""];
    let found = listed(&[("name", &logins), ("pass", &secrets), ("smtp", &one)]);
    assert!(!found.contains(&"name: username".to_owned()), "{found:?}");
    let found = listed(&[("name", &logins), ("mail", &mails)]);
    assert_eq!(found, ["mail: email"]);
}

#[test]
fn few_names_among_many_titles_are_never_sure() {
    let colours = ["Great", "Silent", "Golden", "Broken", "Hidden", "Little", "Final"];
    let titles: Vec<String> = (0..900).map(|n| format!("{} River", colours[n % 7])).collect();
    let mut titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    (titles[7], titles[9]) = ("Norma Hansen", "About Kari Hansen, who ran");
    for field in ["note", "title", "Product Name"] {
        assert!(confidences(field, &titles).iter().all(|c| *c < Confidence::High), "{field}");
    }
}

#[test]
fn belgian_references_are_no_spanish_numbers() {
    let numbers = ["288318541696", "466709991915", "506975211974", "281234567840"];
    assert_eq!(listed(&[("reference", &numbers)]), [""; 0]);
    assert_eq!(listed(&[("Nº S.S.", &numbers)]), ["Nº S.S.: es_nuss"]);
}

#[test]
fn codes_of_countries_are_no_names() {
    let mails = ["kari@firma.no", "ola@firma.no", "per@firma.no", "nina@firma.no"];
    let found = listed(&[("Email", &mails), ("CC", &["US", "GB", "DE", "SE"])]);
    assert_eq!(found, ["Email: email"]);
    let signs = ["Valwood Pkwy", "Karen Dr", "Ash Dr", "Hickory Creek"];
    assert_eq!(listed(&[("$[].street.name", &signs)]), [""; 0]);
    let drivers = ["Celestron GPS", "Takahashi Temma", "Lunatico Beaver", "Meade Autostar"];
    assert_eq!(listed(&[("driver_name", &drivers)]), [""; 0]);
    let people = ["Kari Hansen", "Ola Nordmann", "Anne Olsen", "Tom Fleming"];
    assert_eq!(listed(&[("driver_name", &people)]), ["driver_name: person_name"]);
}

#[test]
fn words_for_a_gender_in_a_catalogue_are_labels() {
    assert_eq!(listed(&[("gender-male", &["Masculino"])]), [""; 0]);
    assert_eq!(listed(&[("gender", &["Masculino"])]), ["gender: gender"]);
}

/// What is listed of a text.
fn listed_in(text: &str) -> Vec<String> {
    let slot = Slot { members: [].into(), table: None, field: None };
    let mut counter = Counter::new(&FINDER);
    counter.text(SlotId(0), &Text::whole(text.as_bytes(), 1, 0), true);
    let named = [Named::new(&FINDER, &slot)];
    let judged = judge(&FINDER, &named, &counter.finish(), Confidence::Medium);
    judged.findings.into_iter().map(|f| f.detector).collect()
}

/// Numbers of so many digits that look random and are the same each time.
fn numbers(digits: u32) -> impl Iterator<Item = u64> {
    (1u64..).map(move |seed| {
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let number = (mixed ^ mixed >> 31).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 1;
        let least = 10u64.pow(digits - 1);
        least + number % (9 * least)
    })
}

#[test]
fn what_checks_let_pass_by_chance_in_a_log_is_nothing() {
    for digits in 7..=14 {
        let line = |n: u64| format!("INFO object {n} freed\n");
        let log: String = numbers(digits).take(3000).map(line).collect();
        assert_eq!(listed_in(&log), [""; 0], "{digits}");
    }
    // A day and a running number: one in ten has the right check digit.
    let of_days = numbers(4).take(400).enumerate();
    let log: String =
        of_days.map(|(i, n)| format!("job 2024{:02}{:02}{n}\n", 1 + i % 12, 1 + i % 28)).collect();
    assert_eq!(listed_in(&log), [""; 0]);
    let members = "25080071143, 15065933818, 29029600013, 13097248022 and 08089403198 came";
    assert_eq!(listed_in(members), ["no_fodselsnummer"]);
}

#[test]
fn a_word_or_a_form_parts_numbers_from_the_others_of_a_text() {
    let line = |n: u64| format!("order {n} packed\n");
    let orders: String = numbers(10).take(900).map(line).collect();
    let people = "personnr 820603-4715\npersonnr 811228-9874\npersonnummer 670919-9530\n";
    assert_eq!(listed_in(&format!("{orders}{people}")), ["se_personnummer"]);
    let people = "25080071143\n15065933818\n29029600013\n13097248022\n08089403198\n12024206945\n";
    let more = "16045649486\n19089906825\n22078932043\n";
    for (others, told) in [(200, &["no_fodselsnummer"][..]), (900, &[])] {
        let orders: String = numbers(11).take(others).map(line).collect();
        assert_eq!(listed_in(&format!("{orders}{people}{more}")), told, "{others}");
    }
}

#[test]
fn persons_among_firms_are_listed() {
    let mut customers: Vec<String> = (0..40).map(|i| format!("Qwrt {i} Bygg AS")).collect();
    customers.extend(PEOPLE[4..].iter().map(|name| (*name).to_owned()));
    let cells: Vec<&str> = customers.iter().map(String::as_str).collect();
    for field in ["Kunde", "customer_name", "Deres ref"] {
        assert_eq!(listed(&[(field, &cells)]), [format!("{field}: person_name")]);
    }
    assert_eq!(listed(&[("Skip", &cells)]), [""; 0]);
}

#[test]
fn an_iban_ends_where_those_of_its_country_do() {
    for text in [
        "IBAN BE71 0961 2345 6769 BIC GEBABEBB",
        "iban=BE71096123456769 not found",
        "pay BE71 0961 2345 6769 250 now",
    ] {
        assert_eq!(listed_in(text), ["iban"], "{text}");
    }
}

#[test]
fn numbers_in_remarks_are_told_where_they_are_no_accident() {
    let people = ["25080071143", "15065933818", "29029600013", "13097248022", "08089403198"];
    let mut remarks: Vec<String> = (0..300).map(|i| format!("levert i uke {}", i % 52)).collect();
    remarks.extend(people.iter().map(|number| format!("{number} kredittsjekket")));
    let cells: Vec<&str> = remarks.iter().map(String::as_str).collect();
    assert_eq!(listed(&[("tekst", &cells)]), ["tekst: no_fodselsnummer"]);
}

#[test]
fn made_up_numbers_are_told_by_a_name_of_their_kind_alone() {
    let made_up = ["123.456.789-00", "222.333.444-56", "987.654.321-01"];
    let told = |field: &str| {
        let findings = judged(&[(field, &made_up)]).findings;
        findings.into_iter().map(|f| (f.detector, f.confidence)).collect::<Vec<_>>()
    };
    assert_eq!(told("ordre"), []);
    assert_eq!(told("cpf"), []);
    let low = |field: &str| {
        let findings = at_level(&[(field, &made_up)], Confidence::Low).findings;
        let validity = |f: &Finding| serde_json::to_string(&f.validity).unwrap();
        findings.iter().map(|f| format!("{} {}", f.detector, validity(f))).collect::<Vec<_>>()
    };
    assert_eq!(low("cpf"), [r#"br_cpf {"checksum_failed":3}"#]);
    assert_eq!(low("ordre"), [""; 0]);
}
