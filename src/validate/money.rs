//! Amounts of money as people write them: `kr 32 500 pr. måned`, `£48,250 p.a.`, `3.850,00 EUR brutto`.

use std::ops::Range;

use crate::detect::lower::lower;

/// Signs, codes and words of currencies.
const CURRENCIES: &[&str] = &[
    "€", "$", "£", "¥", "₺", "₽", "₴", "kr", "kr.", "eur", "euro", "euros", "usd", "gbp", "chf",
    "nok", "sek", "dkk", "isk", "pln", "czk", "huf", "ron", "bgn", "try", "uah", "rub", "cad",
    "aud", "nzd", "jpy", "zł", "kč", "ft", "lei", "лв", "лв.", "tl", "kroner", "kronor", "krónur",
    "pounds", "dollars", "fr.", "sfr.",
];

/// What stands behind pay: for how long it is, and before or after what is taken off.
const UNITS: &[&str] = &[
    "pr",
    "per",
    "par",
    "pro",
    "por",
    "al",
    "im",
    "om",
    "i",
    "na",
    "za",
    "pa",
    "p",
    "på",
    "a",
    "an",
    "/",
    "kuukaudessa",
    "vuodessa",
    "tunnissa",
    "tunti",
    "kk",
    "monthly",
    "yearly",
    "annually",
    "annual",
    "hourly",
    "weekly",
    "gross",
    "net",
    "brut",
    "brutto",
    "netto",
    "bruto",
    "neto",
    "brutos",
    "netos",
    "bruts",
    "nets",
    "lordo",
    "lorda",
    "lordi",
    "netti",
    "mensuel",
    "mensuels",
    "annuel",
    "annuels",
    "mensual",
    "mensuales",
    "anual",
    "anuales",
    "mensili",
    "annui",
    "annuo",
    "mensais",
    "anuais",
    "monatlich",
    "jährlich",
    "månedlig",
    "månedlige",
    "månedligt",
    "årlig",
    "årligt",
    "månatligen",
    "årligen",
    "miesięcznie",
    "rocznie",
    "měsíčně",
    "ročně",
    "mesačne",
    "havi",
    "lunar",
    "bruttó",
    "nettó",
    "hrubého",
    "brutton",
    "gr",
    "månad",
    "måned",
    "maand",
    "month",
    "year",
    "år",
    "hour",
    "time",
    "timme",
];

/// Where the amount is in a text that holds one and what it is paid for; of two amounts none is the pay of somebody.
#[must_use]
pub fn amount(text: &str) -> Option<Range<usize>> {
    let before = currency_before(text);
    let number = before + number(&text[before..])?;
    let behind = number + currency_behind(&text[number..]);
    let rest = text[behind..].trim_start_matches([' ', ',', '.', '-', '–', '(', '\u{A0}']);
    if rest.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let per = rest.split([' ', '.', ')', ',', '/', '\u{A0}']).next().unwrap_or("");
    let is_unit = rest.is_empty() || rest.starts_with('/') || UNITS.contains(&&*lower(per));
    is_unit.then_some(0..behind)
}

/// An amount without its currency, if it has one.
#[must_use]
pub fn without_currency(text: &str) -> &str {
    let text = &text[currency_before(text)..];
    match number(text) {
        Some(number)
            if number < text.len() && number + currency_behind(&text[number..]) == text.len() =>
        {
            &text[..number]
        }
        _ => text,
    }
}

/// Bytes of the currency that a text begins with, and of the blank behind it.
fn currency_before(text: &str) -> usize {
    let digit = text.bytes().position(|b| b.is_ascii_digit()).unwrap_or(0);
    // Most begin with the number, or have none.
    if digit == 0 {
        return 0;
    }
    let word = text[..digit].trim_end_matches([' ', '\u{A0}']);
    if CURRENCIES.contains(&&*lower(word)) { digit } else { 0 }
}

/// Bytes of the currency that a text begins with behind blanks.
fn currency_behind(text: &str) -> usize {
    let bare = text.trim_start_matches([' ', '\u{A0}', '\u{202F}']);
    let end = bare.find([' ', ',', '/', '(', ')', '\u{A0}']).unwrap_or(bare.len());
    let is_one = CURRENCIES.contains(&&*lower(&bare[..end]));
    if is_one { text.len() - bare.len() + end } else { 0 }
}

/// Bytes of the number that a text begins with: digits, and signs between them.
fn number(text: &str) -> Option<usize> {
    let is_sign = |c: char| matches!(c, ' ' | '.' | ',' | '\'' | '’' | '\u{A0}' | '\u{202F}');
    let length = text.find(|c: char| !c.is_ascii_digit() && !is_sign(c)).unwrap_or(text.len());
    let number = text[..length].trim_end_matches(is_sign);
    number.starts_with(|c: char| c.is_ascii_digit()).then_some(number.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_from_what_they_are_paid_for() {
        for (text, wanted) in [
            ("kr 32 500 pr. måned", "kr 32 500"),
            ("32.500 kr.", "32.500 kr."),
            ("2 350 € brut par mois", "2 350 €"),
            ("645 000 kr per år", "645 000 kr"),
            ("£48,250 p.a", "£48,250"),
            ("3.850,00 EUR", "3.850,00 EUR"),
            ("52000", "52000"),
            ("32 500/mnd", "32 500"),
        ] {
            assert_eq!(amount(text).map(|at| &text[at]), Some(wanted), "{text}");
        }
        for text in ["£45,000 – £50,000", "32 500 rows", "high", "", "5 stars", "EUR", "12 of 20"]
        {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn currencies_are_taken_off() {
        for (text, bare) in [
            ("3.850,00 EUR", "3.850,00"),
            ("NOK 650 000", "650 000"),
            ("12", "12"),
            ("12 of", "12 of"),
            ("ft", "ft"),
        ] {
            assert_eq!(without_currency(text), bare);
        }
    }
}
