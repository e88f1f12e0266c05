//! Tests of what names of fields say.

use super::*;

#[test]
fn labels_are_told_wherever_their_words_part() {
    let rules = Rules::load(&crate::detect::rules::Selection::default()).unwrap();
    let lexicon = Lexicon::new(&rules);
    let whole = |label: &str| {
        let (mut hints, words) = (HashMap::new(), words(label));
        if !words.is_empty() && words.len() <= lexicon.longest {
            lexicon.whole(&words, &mut hints);
        }
        let mut hints: Vec<_> = hints.into_iter().collect();
        hints.sort_unstable_by_key(|h| h.0);
        hints
    };
    let of_label = |label: &str| lexicon.of_label(label).map_or(Vec::new(), |told| told.to_vec());
    for entry in lexicon.entries.keys() {
        for label in
            [entry.clone(), entry.to_uppercase(), entry.replace(' ', "-"), format!("({entry})")]
        {
            assert_eq!(of_label(&label), whole(&label), "{label}");
        }
    }
    assert!(!of_label("Date of Birth").is_empty());
    assert!(of_label("").is_empty() && of_label("return value").is_empty());
}

/// What a field's name says of a kind.
fn hint(field: &str, kind: &str) -> Option<Hint> {
    static LEXICON: std::sync::LazyLock<(Rules, Lexicon)> = std::sync::LazyLock::new(|| {
        let rules = Rules::load(&crate::detect::rules::Selection::default()).unwrap();
        let lexicon = Lexicon::new(&rules);
        (rules, lexicon)
    });
    let (rules, lexicon) = &*LEXICON;
    let number = u16::try_from(rules.find(kind).unwrap()).unwrap();
    lexicon.hints(field).get(&number).copied()
}

#[test]
fn dots_are_blanks_in_headings() {
    let strong = Some(Hint::For(Fit::Strong));
    for field in ["birth.date", "date.of.birth", "birth.dt", "dob", "row.birth.date.2"] {
        assert_eq!(hint(field, "date_of_birth"), strong, "{field}");
    }
    for field in ["$.people[].dob.date", "$.birth.date", "vcard.bday.date", "person.birthDate.date"]
    {
        assert_eq!(hint(field, "date_of_birth"), strong, "{field}");
    }
    for field in ["$[].inntekt.belop", "inntekt.beloep"] {
        assert_eq!(hint(field, "salary"), strong, "{field}");
    }
    for field in ["$[].namn.f", "$.name.l"] {
        assert_eq!(hint(field, "person_name"), strong, "{field}");
    }
    for field in ["$.name[].family", "$.name[].given[]", "$[].name.first", "$.user.name.last"] {
        assert_eq!(hint(field, "person_name"), strong, "{field}");
    }
    for field in ["first.name", "last.name", "customer.name"] {
        assert_eq!(hint(field, "person_name"), strong, "{field}");
    }
    for field in ["accept.dt", "birth.place", "date.birth"] {
        assert_ne!(hint(field, "date_of_birth"), strong, "{field}");
    }
    assert_eq!(hint("row.name", "person_name"), Some(Hint::For(Fit::Ambiguous)));
}

#[test]
fn names_are_read_as_databases_shorten_them() {
    let strong = Some(Hint::For(Fit::Strong));
    for (fields, kind) in [
        ("SSN_NBR SSN_NO SSN_NUM SOC_SEC_NUM", "us_ssn"),
        ("phone_nbr cell_no HM_PHONE WK_PHONE tel_hm KNA1-TELF1 HM_PH", "phone"),
        ("frst_nm lst_nm SURNM EMP_FRST_NM cust_nm_1", "person_name"),
        ("P0002-GBDAT BRTH_DT", "date_of_birth"),
        ("$.fields.birthday.timestampValue $.dob.S", "date_of_birth"),
        ("SAL_AMT ANN_SAL", "salary"),
    ] {
        for field in fields.split(' ') {
            assert_eq!(hint(field, kind), strong, "{field}");
        }
    }
    for (field, kind) in [
        ("street_no", "street_address"),
        ("name_no", "person_name"),
        ("PART-NO", "phone"),
        ("E-MAIL-NO", "phone"),
        ("ID-NR", "us_ssn"),
    ] {
        assert_ne!(hint(field, kind), strong, "{field}");
    }
    for field in ["NOM_CLI", "profileName"] {
        assert_eq!(hint(field, "person_name"), Some(Hint::For(Fit::Ambiguous)), "{field}");
    }
}

#[test]
fn words_that_say_whose_it_is_hide_nothing() {
    let strong = Some(Hint::For(Fit::Strong));
    for (field, kind) in [
        ("patient_sex", "gender"),
        ("user_first", "person_name"),
        ("guest_last", "person_name"),
        ("Elevens navn", "person_name"),
        ("Nom de l'élève", "person_name"),
        ("child's dob", "date_of_birth"),
        ("Foresatt 1 mobil", "phone"),
        ("Tlf foresatt", "phone"),
        ("owner_phone_2", "phone"),
        ("Fecha de nacimiento", "date_of_birth"),
        ("Nombre de pila", "person_name"),
        ("user_pass", "password"),
    ] {
        assert_eq!(hint(field, kind), strong, "{field}");
    }
    let ambiguous = Some(Hint::For(Fit::Ambiguous));
    for field in ["owner_first", "client_name", "account_owner_name"] {
        assert_eq!(hint(field, "person_name"), ambiguous, "{field}");
    }
    assert_eq!(hint("person-role", "employment"), ambiguous);
    assert_eq!(hint("patient_name", "username"), None);
    for (field, kind) in [
        ("user_name", "person_name"),
        ("customer_id_number", "no_fodselsnummer"),
        ("patient", "gender"),
        ("user_id", "person_name"),
        ("first_of_the_day", "person_name"),
    ] {
        assert_ne!(hint(field, kind), strong, "{field}");
    }
}

#[test]
fn other_words_before_the_parts_of_an_address_hide_nothing() {
    let weak = Some(Hint::For(Fit::Ambiguous));
    for (fields, kind) in [
        (
            "address_city payment_city Address_1_-_City Card_Address_City othercity B_city city_name TwnNm \
             res_city_desc POCity shipTo_city Business_Mailing_Address_City_Name addresstown",
            "city",
        ),
        (
            "address_zip primary_address_postalcode payment_postcode otherzip B_zipcode zip5 ZIP+4 \
             altcontactzipcode Zip/Postal_Code Mailing_Zip/Postal_Code PstCd PostalZone POPostalCode cep \
             Lieferadresse_PLZ fakturapostnr",
            "postal_code",
        ),
    ] {
        for field in fields.split_whitespace() {
            assert_eq!(hint(&field.replace('_', " "), kind), weak, "{field}");
            assert_eq!(hint(field, kind), weak, "{field}");
        }
    }
    for field in ["capacity", "velocity", "company_city", "gzip", "city_count", "event city"] {
        assert_ne!(hint(field, "city"), weak, "{field}");
        assert_ne!(hint(field, "postal_code"), weak, "{field}");
    }
    let strong = Some(Hint::For(Fit::Strong));
    for (field, kind) in
        [("otherphone", "phone"), ("assistantphone", "phone"), ("workemail", "email")]
    {
        assert_eq!(hint(field, kind), strong, "{field}");
    }
}

#[test]
fn a_name_below_a_thing_is_the_things() {
    for field in [
        "manufacturerOrganization.name",
        "$.orders[].product.name",
        "$.companies[].company.name[]",
        "country.name.value",
    ] {
        assert_eq!(hint(field, "person_name"), Some(Hint::Against), "{field}");
    }
    for field in ["$.user.name", "assignedPerson.name", "row.name", "$.name"] {
        assert_eq!(hint(field, "person_name"), Some(Hint::For(Fit::Ambiguous)), "{field}");
    }
    let strong = Some(Hint::For(Fit::Strong));
    assert_eq!(hint("$.company.contact_name", "person_name"), strong);
}

#[test]
fn headings_are_known_in_the_languages_of_the_detectors_countries() {
    let strong = Some(Hint::For(Fit::Strong));
    let told: &[(&str, &[&str])] = &[
        (
            "person_name",
            &[
                "Příjmení",
                "PRIEZVISKO",
                "Vezetéknév",
                "Prenume",
                "Фамилия",
                "ПРІЗВИЩЕ",
                "Prezime",
                "ΕΠΩΝΥΜΟ",
                "Soyadı",
                "Eesnimi",
                "Uzvārds",
                "Pavarde",
                "שם משפחה",
                "姓名",
                "氏名",
                "성명",
                "นามสกุล",
                "Sobrenome",
            ],
        ),
        (
            "date_of_birth",
            &[
                "Datum narození",
                "Születési dátum",
                "Data nasterii",
                "Дата рождения",
                "datum_rojstva",
                "Ημερομηνία γέννησης",
                "DOĞUM TARİHİ",
                "Sünniaeg",
                "Gimimo data",
                "出生日期",
                "생년월일",
            ],
        ),
        ("gender", &["Pohlaví", "Spol", "Φύλο", "Cinsiyet", "Lytis", "性别", "성별"]),
        (
            "street_address",
            &["Bydliště", "Lakcím", "Адрес", "Διεύθυνση", "Elukoht", "住所", "주소"],
        ),
        (
            "phone",
            &["Símanúmer", "Telefonszám", "Телефон", "Τηλέφωνο", "Tālrunis", "手机号", "電話番号"],
        ),
        ("salary", &["Mzda", "Fizetés", "Зарплата", "ΜΙΣΘΟΣ", "Töötasu", "工资", "급여"]),
    ];
    for (kind, fields) in told {
        fields.iter().for_each(|field| assert_eq!(hint(field, kind), strong, "{field}"));
    }
    for field in ["Ime", "Имя", "Jméno", "Ad", "名前"] {
        assert_eq!(hint(field, "person_name"), Some(Hint::For(Fit::Ambiguous)), "{field}");
    }
}

#[test]
fn names_of_numbers_speak_against_telephones() {
    for field in [
        "Delenr",
        "Sachnummer",
        "Part No",
        "Art.-Nr.",
        "Ident-Nr.",
        "Zählernr",
        "Vertragsnummer",
        "Tuotekoodi",
        "Kod towaru",
        "MaterialNo",
        "Zeichnungsnr",
        "Objektnr",
        "part number",
    ] {
        assert_eq!(hint(field, "phone"), Some(Hint::Against), "{field}");
    }
    for field in
        ["Faxnr", "Telefonnr", "Mobilnummer", "Handynr.", "Rufnummer", "Mobile No", "Nr telefonu"]
    {
        assert!(matches!(hint(field, "phone"), Some(Hint::For(_))), "{field}");
    }
    for field in
        ["Tlf. arb.", "Tlf. priv.", "Tel. thuis", "Purring SMS", "Foresatt 1 mobil", "Tel. dom."]
    {
        assert!(matches!(hint(field, "phone"), Some(Hint::For(_))), "{field}");
    }
    assert_eq!(hint("Tlf. arb.", "phone"), Some(Hint::For(Fit::Strong)));
    for field in ["Kontaktnr", "Emergency number", "Nr", "Privatnummer", "who"] {
        assert_ne!(hint(field, "phone"), Some(Hint::Against), "{field}");
    }
}

#[test]
fn the_language_of_a_name_is_nobody() {
    assert_eq!(hint("$.KPlugin.Name[pt]", "person_name"), hint("$.KPlugin.Name", "person_name"));
}

#[test]
fn abbreviated_headings_are_known() {
    let strong = Some(Hint::For(Fit::Strong));
    for (field, kind) in [
        ("EE Last", "person_name"),
        ("TN-Name", "person_name"),
        ("Nom naiss.", "person_name"),
        ("Bezug brutto", "salary"),
        ("Sal. base", "salary"),
        ("Retrib. lorda", "salary"),
        ("Wyn. zasad.", "salary"),
        ("Brüt Ücret", "salary"),
        ("Annual Comp", "salary"),
        ("KONFE", "religion"),
        ("KiSt", "religion"),
        ("Rel.Bek.", "religion"),
        ("SchwB", "health"),
        ("St. niepełnospr.", "health"),
        ("Tanı", "health"),
        ("Діагноз", "health"),
        ("Sit. fam.", "marital_status"),
        ("Medeni Hali", "marital_status"),
        ("Est. civil", "marital_status"),
        ("Trat. sind.", "trade_union"),
        ("Ethnic cat", "ethnicity"),
        ("Cep Tel", "phone"),
        ("Моб. тел.", "phone"),
        ("Doğum Tar.", "date_of_birth"),
        ("Дата народж.", "date_of_birth"),
        ("ANZKD", "family"),
    ] {
        assert_eq!(hint(field, kind), strong, "{field}");
    }
    assert_eq!(hint("Netto", "salary"), Some(Hint::For(Fit::Asking)));
    assert_eq!(hint("Kontonavn", "person_name"), Some(Hint::For(Fit::Ambiguous)));
    assert_eq!(hint("Fastlege", "health"), None);
}

#[test]
fn numbers_behind_a_name_hide_nothing() {
    let strong = Some(Hint::For(Fit::Strong));
    assert_eq!(hint("dob1", "date_of_birth"), strong);
    assert_eq!(hint("dob_2", "date_of_birth"), strong);
    assert_eq!(hint("phone2", "phone"), strong);
    assert_eq!(hint("name1", "person_name"), Some(Hint::For(Fit::Ambiguous)));
    assert_eq!(hint("dob_child1", "date_of_birth"), strong);
    assert_eq!(hint("icd10", "health"), strong);
    assert_eq!(hint("name2024", "person_name"), None);
    // Longitudes, not wages.
    assert_eq!(hint("lon2", "salary"), None);
    assert_ne!(hint("lon", "salary"), strong);
}

#[test]
fn words_that_need_company_are_told_together() {
    let weak = Some(Hint::For(Fit::Ambiguous));
    for field in ["Naam huurder", "nom du locataire", "Navn leietaker 2", "namn_hyresgäst"] {
        let told = hint(field, "person_name");
        assert!(told == weak || told == Some(Hint::For(Fit::Strong)), "{field}");
    }
    for field in ["Patient", "Kursteilnehmer", "Bewohner/in", "Patient(e)"] {
        assert_eq!(hint(field, "person_name"), weak, "{field}");
    }
    assert_eq!(hint("tel_paziente", "phone"), Some(Hint::For(Fit::Strong)));
    for field in ["Naam product", "Hostname", "patient dose", "of the"] {
        assert_ne!(hint(field, "person_name"), weak, "{field}");
    }
    assert_eq!(hint("Reason", "health"), Some(Hint::For(Fit::Asking)));
    assert_eq!(hint("Reason code", "health"), None);
}

#[test]
fn other_words_are_none_of_those_inside_them() {
    for field in ["MaxScaleDenominator", "nominal", "PatientRevenue", "revenue", "GDP_nominalG"] {
        assert_eq!(hint(field, "salary"), None, "{field}");
    }
    assert_eq!(hint("professional_services", "employment"), None);
    assert_eq!(hint("Tarifgehalt", "salary"), Some(Hint::For(Fit::Weak)));
    assert_eq!(hint("kundetelefonnr", "phone"), Some(Hint::For(Fit::Strong)));
    for field in ["familiale", "Situation familiale"] {
        assert_eq!(hint(field, "person_name"), None, "{field}");
    }
}
