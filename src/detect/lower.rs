//! Lower case, quickly: most texts are ASCII or nearly so.

/// As [`str::to_lowercase`].
#[must_use]
pub fn lower(text: &str) -> String {
    if text.chars().any(|c| !c.is_ascii() && changes(c)) {
        return text.to_lowercase();
    }
    text.to_ascii_lowercase()
}

/// Whether a letter outside of ASCII has another one as its lower case.
fn changes(c: char) -> bool {
    match c {
        // ß to ÿ are small already.
        '\u{DF}'..='\u{FF}' => false,
        _ => !c.to_lowercase().eq([c]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_becomes_what_the_standard_says() {
        for c in '\0'..=char::MAX {
            let text = format!("Ab{c}");
            assert_eq!(lower(&text), text.to_lowercase(), "{c}");
        }
        assert_eq!(lower("ΟΔΟΣ Straße Ærø"), "ΟΔΟΣ Straße Ærø".to_lowercase());
    }
}
