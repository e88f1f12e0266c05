//! What tests ask of validators.

use super::{Context, Validator, Verdict};

/// What a validator says of a text, on a day that is always the same.
fn verdict(f: Validator, text: &str) -> Verdict {
    f(text, &Context { as_of: jiff::civil::date(2026, 6, 1) })
}

/// Whether a validator takes a text.
pub fn takes(f: Validator, text: &str) -> bool {
    matches!(verdict(f, text), Verdict::Valid(_))
}

/// The texts of which a validator does not say what it should.
pub fn wrong<'a>(f: Validator, texts: &[&'a str], wanted: bool) -> Vec<&'a str> {
    texts.iter().filter(|text| takes(f, text) != wanted).copied().collect()
}

/// The rung on which a validator takes a text; nothing where it does not.
pub fn rung_of(f: Validator, text: &str) -> &'static str {
    match verdict(f, text) {
        Verdict::Valid(rung) => rung.name(),
        _ => "",
    }
}
