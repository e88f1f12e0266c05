//! Masked forms of matched values: enough to tell the kind and shape, not enough to tell the person.

/// Longest masked form; what is longer only shows that it is.
const MAX_CHARS: usize = 32;

/// Fewest letters and digits a value must have before its last two are shown.
const MIN_FOR_TAIL: usize = 8;

/// What a category may show of a value.
enum Form {
    /// Nothing, not even the length.
    Nothing,
    /// Length and separators.
    Shape,
    /// Length, separators and the last two letters or digits.
    Tail,
    /// First letter of the name and of the domain, and a country's ending.
    Email,
    /// First letter of each part.
    Initials,
}

/// The masked form of a value of this category and detector.
///
/// Unknown categories show their shape only: a masked value is safe before it is useful.
#[must_use]
pub fn mask(detector_category: &str, detector: &str, value: &str) -> String {
    match form(detector_category, detector) {
        Form::Nothing => "****".to_owned(),
        Form::Shape => shape(value, 0),
        Form::Tail => shape(value, 2),
        Form::Email => email(value),
        Form::Initials => initials(value),
    }
}

fn form(category: &str, detector: &str) -> Form {
    match (category, detector) {
        (_, "email") | ("contact.email", _) => Form::Email,
        (_, "person_name") | ("contact.name", _) => Form::Initials,
        (_, "date_of_birth") | ("credential" | "demographic.date_of_birth", _) => Form::Nothing,
        // Words, not numbers: their length gives them away.
        (c, _) if c.starts_with("special.") || c.starts_with("health.") || c == "criminal" => {
            Form::Nothing
        }
        (_, "phone" | "payment_card" | "iban") => Form::Tail,
        ("contact.phone" | "financial.card" | "financial.bank_account", _) => Form::Tail,
        (c, _) if c.starts_with("online.") => Form::Tail,
        _ => Form::Shape,
    }
}

/// Stars for letters and digits but the last `tail`, separators as they are.
fn shape(value: &str, tail: usize) -> String {
    let value = value.trim();
    if value.chars().count() > MAX_CHARS {
        return "*".repeat(MAX_CHARS) + "…";
    }
    let count = value.chars().filter(|c| c.is_alphanumeric()).count();
    let hidden = count - if count < MIN_FOR_TAIL { 0 } else { tail };
    let mut seen = 0;
    let mut out = String::with_capacity(value.len());
    for (at, c) in value.chars().enumerate() {
        seen += usize::from(c.is_alphanumeric());
        out.push(match c {
            c if c.is_ascii_alphanumeric() && seen > hidden => c,
            ' ' | '.' | '-' | '/' | ':' | '_' => c,
            // In front of a phone number it is shape; within a hetu it would tell the century.
            '+' if at == 0 => c,
            '+' => '-',
            _ => '*',
        });
    }
    out
}

/// `o***@e***.no`.
fn email(value: &str) -> String {
    let Some((local, domain)) = value.trim().rsplit_once('@') else {
        return shape(value, 0);
    };
    let (name, ending) = domain.rsplit_once('.').unwrap_or((domain, ""));
    // Endings of two letters are countries; longer ones would show three letters in a row.
    let ending = match ending.len() {
        2 if ending.chars().all(|c| c.is_ascii_alphabetic()) => ending,
        _ => "***",
    };
    format!("{}@{}.{ending}", first(local), first(name))
}

/// `K*** N***`.
fn initials(value: &str) -> String {
    let parts: Vec<String> = value
        .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter(|part| !part.is_empty())
        .take(4)
        .map(first)
        .collect();
    if parts.is_empty() {
        return "***".to_owned();
    }
    parts.join(" ")
}

/// The first letter and three stars; stars only when little would stay hidden.
fn first(part: &str) -> String {
    match part.chars().next() {
        Some(c) if c.is_alphanumeric() && part.chars().count() > 2 => format!("{c}***"),
        _ => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_has_its_form() {
        for (category, detector, value, masked) in [
            ("contact.email", "email", "ola.nordmann@example.no", "o***@e***.no"),
            ("contact.email", "email", "o@e.com", "***@***.***"),
            ("contact.email", "email", "ola@mail.example.museum", "o***@m***.***"),
            ("contact.email", "email", "no at sign", "** ** ****"),
            ("contact.name", "person_name", "Kari Nordmann", "K*** N***"),
            ("contact.name", "person_name", "Østby, Åse-Lill", "Ø*** Å***"),
            ("contact.name", "person_name", "Li", "***"),
            ("contact.phone", "phone", "+47 912 34 567", "+** *** ** *67"),
            ("contact.phone", "phone", "112", "***"),
            ("financial.card", "payment_card", "4111 1111 1111 1111", "**** **** **** **11"),
            ("government_id.national", "no_fodselsnummer", "010190 12345", "****** *****"),
            ("government_id.national", "fi_hetu", "131052+308T", "******-****"),
            ("demographic.date_of_birth", "date_of_birth", "1990-01-01", "****"),
            ("credential", "password", "hunter2!", "****"),
            ("health.medical", "health", "F32.1 depresjon", "****"),
            ("contact.address", "street_address", "Storgata 12", "******** **"),
            ("mine.customer", "customer_no", "KU-2024-991", "**-****-***"),
        ] {
            assert_eq!(mask(category, detector, value), masked, "{value}");
        }
        assert_eq!(mask("x", "x", &"9".repeat(5000)).chars().count(), 33);
        assert_eq!(mask("x", "x", "a\x1b[31m\n\u{202e}"), "***".to_owned() + "***" + "**");
    }

    fn runs_of_four(text: &str) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        chars
            .windows(4)
            .filter(|w| w.iter().all(|c| c.is_alphanumeric()))
            .map(|w| w.iter().collect())
            .collect()
    }

    const KINDS: &[(&str, &str)] = &[
        ("contact.email", "email"),
        ("contact.name", "person_name"),
        ("contact.phone", "phone"),
        ("financial.card", "payment_card"),
        ("financial.bank_account", "iban"),
        ("government_id.national", "no_fodselsnummer"),
        ("online.device", "ip_address"),
        ("credential", "password"),
        ("contact.address", "street_address"),
        ("user.made", "user_made"),
    ];

    proptest! {
        #[test]
        fn no_four_in_a_row(kind in 0..KINDS.len(), value in "\\PC{0,60}|[a-zA-Z0-9@. +-]{0,40}") {
            let (category, detector) = KINDS[kind];
            let masked = mask(category, detector, &value);
            for run in runs_of_four(&value) {
                prop_assert!(!masked.contains(&run), "{value} -> {masked}");
            }
            let longest = masked.split(|c: char| !c.is_alphanumeric()).map(|r| r.chars().count()).max();
            prop_assert!(longest.unwrap_or(0) <= 2, "{value} -> {masked}");
            prop_assert!(!masked.contains(char::is_control));
        }

        #[test]
        fn short_ids_show_two_at_most(kind in 2..KINDS.len(), value in "[A-Z0-9 -]{1,12}") {
            let (category, detector) = KINDS[kind];
            let shown = mask(category, detector, &value).chars().filter(|c| c.is_alphanumeric()).count();
            prop_assert!(shown <= 2);
        }
    }
}
