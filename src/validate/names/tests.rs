//! Tests of names from lists.

use super::*;

fn rung_of(text: &str) -> &'static str {
    crate::validate::testing::rung_of(listed_name, text)
}

#[test]
fn abbreviations_and_institutions_are_no_names() {
    for text in [
        "Danish VAT",
        "Montenegro IBAN",
        "Jose PD",
        "Danish Welfare Study",
        "Tucker-Lewis Index",
        "John Wiley",
        "Kendra Index",
    ] {
        assert_eq!(rung_of(text), "", "{text}");
    }
    for text in ["Linda Johnson MD", "John Smith III", "Danish Khan", "Jean ROY", "KARI MOE"] {
        assert_ne!(rung_of(text), "", "{text}");
    }
}

#[test]
fn every_listed_name_is_found() {
    let files = [
        include_str!("../../../patterns/names/given.txt"),
        include_str!("../../../patterns/names/family.txt"),
        include_str!("../../../patterns/names/words.txt"),
    ];
    for (file, list) in files.into_iter().zip([GIVEN, FAMILY, WORDS]) {
        assert!(file.lines().is_sorted());
        assert!(file.lines().all(|l| told(l) & list != 0));
        assert!(["", "zzzz", "a"].iter().all(|w| told(w) & list == 0));
        let listed: std::collections::HashSet<&str> = file.lines().collect();
        let words = files.into_iter().flat_map(str::lines).chain(["ann-x", "x-zzzz", "."]);
        for word in words {
            let is_part = word.contains('-') && word.split('-').any(|w| listed.contains(w));
            let is_listed = listed.contains(word) || is_part;
            assert_eq!(told(word) & list != 0, is_listed, "{word}");
        }
    }
}

#[test]
fn family_names_stand_in_front_of_commas() {
    let rung = |text: &str| crate::validate::testing::rung_of(turned_name, text);
    assert_eq!(rung("Hansen, Kari"), "listed_full");
    for none in ["Kari Hansen, Ola Berg", "Kari Hansen", "Santa Ana, California"] {
        assert_eq!(rung(none), "", "{none}");
    }
}

#[test]
fn users_have_names_with_a_dot() {
    assert!(is_dotted("kari.nordmann") && is_dotted("ola.hansen"));
    for none in ["request.user", "kari", "kari.x", "Kari.Hansen", "rob.porter", "kari.hansen.no"] {
        assert!(!is_dotted(none), "{none}");
    }
}

#[test]
fn offices_and_brands_are_nobodys_names() {
    for none in ["Frau Kollegin", "Herr Präsident", "Monsieur le Maire", "Madame la Présidente"] {
        assert_eq!(rung_of(none), "", "{none}");
    }
    for none in ["Señor Alcalde", "Panie Prezesie", "Mr Muscle", "Dr. Martens", "MS Kari Hansen"] {
        assert_eq!(rung_of(none), "", "{none}");
    }
    assert_eq!(rung_of("Frau Präsidentin Hansen"), "listed");
    assert_eq!(rung_of("Frau Hansen"), "listed_full");
}

#[test]
fn names_are_told_from_capitals() {
    assert_eq!(rung_of("Kari Hansen"), "listed_full");
    assert_eq!(rung_of("Kari Qwrtel"), "listed");
    assert_eq!(rung_of("Anne-Marie van der Berg"), "listed_full");
    assert_eq!(rung_of("Kari"), "listed_word");
    assert_eq!(rung_of("Mac Hansen"), "listed_full");
    assert_eq!(rung_of("Hansen, Kari"), "listed_full");
    assert_eq!(rung_of("HANSEN, Mr. Ola Johan"), "listed_full");
    assert_eq!(rung_of("HANSEN^Kari"), "listed_full");
    assert_eq!(rung_of("Hansen^Kari^^"), "listed_full");
    assert_eq!(rung_of("van der Qwrtblom, Kari B."), "listed");
    for titled in
        ["Dr. Hansen", "Mr. Garcia", "mevrouw de Vries", "herr Andersson", "señora García Lopez"]
    {
        assert_eq!(rung_of(titled), "listed_full", "{titled}");
    }
    for weak in ["A. de Vries", "J.P. Hansen", "Hansen, K.", "van den Berg, J. P."] {
        assert_eq!(rung_of(weak), "listed_word", "{weak}");
    }
    for full in ["Mr A Smith", "Ms. B. Hansen", "12. Kari Hansen", "Олександр Коваленко"]
    {
        assert_eq!(rung_of(full), "listed_full", "{full}");
    }
    assert_eq!(rung_of("Oleksandr Qwrtenko"), "listed_full");
    assert_eq!(rung_of("MUDr. Kari Hansen"), "listed_full");
    assert_eq!(rung_of("Mrs. Qwrtel"), "listed");
    assert_eq!(rung_of("Mr Qwrtan Qwrtel"), "listed");
    assert_eq!(rung_of("Virtanen Jukka"), "listed_full");
    assert_eq!(rung_of("Balogh Sándor"), "listed_full");
    assert_eq!(rung_of("De Rossi Chiara"), "listed");
    assert_eq!(rung_of("Wiśniewska Agnieszka"), "listed_full");
    assert_eq!(rung_of("Kari Qwrtström"), "listed_full");
    assert_eq!(rung_of("Kari QwrtSTRÖM"), "listed");
    assert_eq!(rung_of("Matt Johnson"), "listed_full");
    assert_eq!(rung_of("Will Johnson"), "listed");
    assert_eq!(rung_of("Will Power"), "");
    for owner in ["Linda Johnson's", "Linda Johnson’s", "Kari Hansens", "Linda Johnson…”"] {
        assert_eq!(rung_of(owner), "listed_full", "{owner}");
    }
    assert_eq!(bare("Kari Hansens"), "Kari Hansen");
    assert_eq!(bare("Kari Williams"), "Kari Williams");
    assert!(are_several("Kari Hansen, Ola Berg") && !are_several("van der Berg, Kari"));
    assert_eq!(rung_of("Kari Berg-Qwrt"), "listed_full");
    assert_eq!(rung_of("Jean DUPONT"), "listed_full");
    assert_eq!(rung_of("VESA Hansen"), "listed");
    assert_eq!(rung_of("Till Henry"), "listed");
    assert_eq!(rung_of("Santa Maria"), "listed");
    for none in [
        "Annual Report",
        "Kari og Ola",
        "Hansen AS",
        "Kari H",
        "kari hansen",
        "Hunter Green",
        "Standard Chartered",
        "Kari Hansen Street",
        "Franklin Avenue",
        "Mac OS Roman",
        "Kari' DESC",
        "Jonas Valg' SYNTAX",
        "Paris, Texas",
        "Richmond, Virginia",
        "Costa Maria",
        "Hansen Qwrtblom",
        "Dr. Qwrtblom",
        "Dr. Hansen AS",
        "Dr. Brown",
        "dr. Hansen",
        "Mr Price",
        "mevrouw de",
        "Sr. Engineer",
        "MS HANSEN",
        "hansen Kari",
        "Hansen Kari AS",
        "Hansen, Kari, Oslo 12",
        "Annual Report, kari",
        "Alfa Romeo",
        "Henry II",
        "Smith Valley",
        "Morgan Springs",
        "Kari Hansen Island",
        "Solver Parameters",
        "Emma, Oper",
        "Florence, Italy",
        "A. Qwrtblom",
        "A. Brown",
        "B. Hansen AS",
        "2026 Kari Hansen",
        "Pinar del Rio",
    ] {
        assert_eq!(rung_of(none), "", "{none}");
    }
}
