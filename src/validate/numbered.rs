//! Numbers behind words that say what they are, without a colon: `Passport no. X1234567`, `Sort code 60-16-13 account
//! 31926819`. The pattern has both, the words and the number's form.

use std::ops::Range;

use super::{Context, Rung, Validator, Validity, Verdict};

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[("numbered_phrase", numbered_phrase)];

fn numbered_phrase(text: &str, _: &Context) -> Verdict {
    match value(text) {
        Some(_) => Verdict::Valid(const { Rung::new("phrase", Validity::Real) }),
        None => Verdict::Invalid("no number"),
    }
}

/// Where the number stands in such a phrase: from the first word without small letters that is none for a number.
#[must_use]
pub fn value(text: &str) -> Option<Range<usize>> {
    const NUMBER: &[&str] = &["ID", "NO", "NR", "REG", "NUMBER", "A/C", "IBAN"];
    let mut at = 0;
    for word in text.split([' ', '\n', '\r']) {
        let bare = word.trim_end_matches([':', '.', ',', '#']);
        let is_value = !bare.is_empty()
            && !bare.chars().any(char::is_lowercase)
            && !NUMBER.contains(&bare)
            && bare.bytes().any(|b| b.is_ascii_alphanumeric());
        if is_value && text[at..].bytes().any(|b| b.is_ascii_digit()) {
            return Some(at..text.len());
        }
        at += word.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_out_of_their_phrases() {
        for (text, number) in [
            ("Passport no. 19AB41273", "19AB41273"),
            ("amtliches Kennzeichen K-AB 1234", "K-AB 1234"),
            ("Employee ID 4417", "4417"),
            ("Sort code: 60-16-13 Account no: 31926819", "60-16-13 Account no: 31926819"),
        ] {
            assert_eq!(value(text).map(|at| &text[at]), Some(number), "{text}");
        }
        assert_eq!(value("Passport no."), None);
    }
}
