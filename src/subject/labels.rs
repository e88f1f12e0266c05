//! Names of fields, and words before a value in running text: whether they say that it is a customer number or the
//! like, and which records they refer to.

use super::Kind;
use crate::detect::fold::words;

/// Whom or what a key refers to, by the words that say so, in eleven languages, folded. Only keys of these are
/// followed from one record to others: an article or a postal area is nobody's.
const CONCEPTS: &[(&str, &[&str])] = &[
    (
        "customer",
        &[
            "customer",
            "cust",
            "client",
            "kunde",
            "kunder",
            "kunden",
            "kund",
            "klant",
            "cliente",
            "clienti",
            "asiakas",
            "klient",
            "customers",
            "clients",
            "kundar",
            "debitor",
        ],
    ),
    (
        "employee",
        &[
            "employee",
            "emp",
            "staff",
            "ansatt",
            "ansatte",
            "medarbeider",
            "medarbejder",
            "anstalld",
            "mitarbeiter",
            "personal",
            "werknemer",
            "empleado",
            "dipendente",
            "tyontekija",
            "pracownik",
            "employees",
            "personnel",
            "worker",
        ],
    ),
    (
        "user",
        &[
            "user",
            "usr",
            "users",
            "bruker",
            "brukere",
            "bruger",
            "anvandare",
            "benutzer",
            "nutzer",
            "gebruiker",
            "usuario",
            "utente",
            "kayttaja",
            "account",
            "accounts",
            "login",
            "profile",
        ],
    ),
    (
        "member",
        &["member", "members", "medlem", "medlemmer", "mitglied", "lid", "miembro", "jasen"],
    ),
    (
        "person",
        &["person", "persons", "people", "contact", "contacts", "kontakt", "henkilo", "personne"],
    ),
    ("patient", &["patient", "patients", "pasient", "pasienter", "potilas", "paciente"]),
    ("student", &["student", "students", "elev", "elever", "pupil", "schuler", "oppilas"]),
    ("subscriber", &["subscriber", "subscription", "abonnent", "abonnement", "msisdn"]),
    (
        "order",
        &[
            "order",
            "orders",
            "ordre",
            "bestilling",
            "bestallning",
            "auftrag",
            "bestellung",
            "tilaus",
        ],
    ),
    (
        "invoice",
        &["invoice", "invoices", "faktura", "fakturaer", "rechnung", "factuur", "factura", "lasku"],
    ),
    ("case", &["case", "cases", "sak", "saker", "sag", "arende", "ticket", "tickets", "vorgang"]),
    (
        "contract",
        &["contract", "contracts", "kontrakt", "avtale", "avtal", "vertrag", "policy", "polise"],
    ),
    ("booking", &["booking", "bookings", "reservation", "reservasjon"]),
];
/// Words that say a field holds a number or key.
const NUMBERS: &[&str] = &[
    "id", "ids", "nr", "no", "num", "number", "nummer", "numero", "key", "ref", "uuid", "guid",
    "code", "kode",
];
/// Names of national numbers, which look like keys of a person.
const NATIONAL: &[&str] = &["personnr", "personnummer", "personno", "personnumber", "persnr"];
/// Words that say that a value is an employee's or member's number.
const EMPLOYEES: &[&str] = &["employee", "member", "student", "patient"];
/// Words that say that a value is a customer's number.
const CUSTOMERS: &[&str] = &["customer", "subscriber", "user", "person"];
/// Words before a user name.
const USERNAMES: &[&str] = &[
    "user",
    "username",
    "usr",
    "login",
    "logon",
    "uid",
    "bruker",
    "brukernavn",
    "brugernavn",
    "anvandarnamn",
    "benutzername",
    "benutzer",
    "account",
    "samaccountname",
    "userid",
];

/// The last part of a path of fields, in folded words.
fn leaf_words(field: &str) -> Vec<String> {
    let leaf = field.rsplit(['.', '/']).next().unwrap_or(field);
    words(leaf.trim_end_matches("[]"))
}

/// Whether there is such a concept.
#[must_use]
pub fn is_concept(text: &str) -> bool {
    CONCEPTS.iter().any(|(concept, _)| *concept == text)
}

fn concept_of(word: &str) -> Option<&'static str> {
    CONCEPTS.iter().find(|(_, names)| names.contains(&word)).map(|c| c.0)
}

/// The concept that a compound begins with (`kundenr`, `customerid`), when a word for "number" is its rest.
fn of_compound(word: &str) -> Option<&'static str> {
    let is_key = |rest: &str| NUMBERS.contains(&rest);
    let of = |(concept, names): &(&'static str, &[&str])| {
        names.iter().any(|name| word.strip_prefix(name).is_some_and(is_key)).then_some(*concept)
    };
    CONCEPTS.iter().find_map(of)
}

/// What the key in a field refers to: `customer_id`, `kundenr` and `id` in a table of customers are all keys of
/// a customer. `None` for what is no such key.
#[must_use]
pub fn concept(table: Option<&str>, field: &str) -> Option<&'static str> {
    let words = leaf_words(field);
    if NATIONAL.contains(&words.concat().as_str()) {
        return None;
    }
    match &words[..] {
        [one] if NUMBERS.contains(&one.as_str()) => {
            words_of_table(table?).iter().rev().find_map(|word| concept_of(word))
        }
        [one] => of_compound(one),
        [.., before, last] if NUMBERS.contains(&last.as_str()) => {
            concept_of(before).or_else(|| of_compound(before))
        }
        _ => None,
    }
}

fn words_of_table(table: &str) -> Vec<String> {
    words(table.rsplit('.').next().unwrap_or(table))
}

/// Whether a field's name, or a label before a value, says that it holds the number of a customer, employee or
/// member, or a user name.
#[must_use]
pub fn speaks_for(kind: Kind, table: Option<&str>, field: &str) -> bool {
    match kind {
        Kind::CustomerNumber => concept(table, field).is_some_and(|c| CUSTOMERS.contains(&c)),
        Kind::EmployeeNumber => concept(table, field).is_some_and(|c| EMPLOYEES.contains(&c)),
        Kind::Username => {
            let words = leaf_words(field);
            words.last().is_some_and(|last| USERNAMES.contains(&last.as_str()))
                || USERNAMES.contains(&words.concat().as_str())
        }
        _ => false,
    }
}

/// The same of the text before a value: `Kundenr.: `, `customer_id=`, `user `.
#[must_use]
pub fn label_speaks_for(kind: Kind, before: &str) -> bool {
    let label =
        before.trim_end_matches([' ', ':', '=', '.', '#', '"', '\'', '\\', '>', '<', '[', '(']);
    let words: Vec<&str> =
        label.rsplit(|c: char| !(c.is_alphanumeric() || "-_".contains(c))).take(2).collect();
    let last = words.first().copied().unwrap_or_default();
    let two = words.iter().rev().copied().collect::<Vec<_>>().join("_");
    speaks_for(kind, None, last) || speaks_for(kind, None, &two)
}

/// Whether a column may be the primary key of its table, or a part of it, by its name.
#[must_use]
pub fn is_key(table: Option<&str>, field: &str) -> bool {
    let words = leaf_words(field);
    let bare = words.len() == 1 && ["id", "uuid", "guid", "key"].contains(&words[0].as_str());
    bare || concept(table, field).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_same_have_the_same_concept() {
        for (table, field) in [
            (None, "customer_id"),
            (None, "Kundenr"),
            (None, "kundenummer"),
            (None, "CustomerNo"),
            (Some("public.customers"), "id"),
            (None, "$.orders[].customerId"),
        ] {
            assert_eq!(concept(table, field), Some("customer"), "{field}");
        }
        for field in
            ["id", "postnr", "product_id", "husnr", "customer", "customer_name", "avdeling_id"]
        {
            assert_eq!(concept(None, field), None, "{field}");
        }
        assert_eq!(concept(Some("products"), "id"), None);
    }

    #[test]
    fn labels_in_running_text() {
        assert!(label_speaks_for(Kind::CustomerNumber, "Deres kundenr.: "));
        assert!(label_speaks_for(Kind::CustomerNumber, "with customer no. "));
        assert!(label_speaks_for(Kind::Username, "login failed user="));
        assert!(!label_speaks_for(Kind::CustomerNumber, "i alt "));
        assert!(!label_speaks_for(Kind::CustomerNumber, "the customer paid "));
    }
}
