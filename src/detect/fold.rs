//! Folding: makes words comparable across case, accents and the two transliterations of Nordic and
//! German letters.

use unicode_normalization::UnicodeNormalization;

/// Folds a text: lower case, accents dropped, `ø`→`o`, `å`→`a`, `æ`→`ae`, `ß`→`ss` and the like.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// As [`fold`], into a buffer that is cleared first.
pub fn fold_into(text: &str, out: &mut String) {
    out.clear();
    // Most of a text is ASCII: what is, is taken over in one piece.
    let mut rest = text;
    while !rest.is_empty() {
        let ascii = rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len());
        let from = out.len();
        out.push_str(&rest[..ascii]);
        out[from..].make_ascii_lowercase();
        rest = &rest[ascii..];
        if let Some(c) = rest.chars().next() {
            fold_char(c, out);
            rest = &rest[c.len_utf8()..];
        }
    }
}

fn fold_char(c: char, out: &mut String) {
    match c {
        'å' | 'ä' | 'à' | 'á' | 'â' | 'ã' | 'Å' | 'Ä' | 'Á' => return out.push('a'),
        'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'Ö' | 'Ó' => return out.push('o'),
        'é' | 'è' | 'ê' | 'ë' | 'É' => return out.push('e'),
        'ü' | 'ú' | 'ù' | 'û' | 'Ü' | 'Ú' => return out.push('u'),
        _ => {}
    }
    for c in c.to_lowercase() {
        match c {
            'ø' => out.push('o'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ß' => out.push_str("ss"),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            c => out.extend(std::iter::once(c).nfd().filter(|c| !is_mark(*c))),
        }
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

/// The other transliteration of a native spelling (`fødsel` → `foedsel`, `straße` → `strasse`), folded;
/// `None` when it is the same.
#[must_use]
pub fn transliterated(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 4);
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ø' | 'ö' => out.push_str("oe"),
            'å' => out.push_str("aa"),
            'ä' | 'æ' => out.push_str("ae"),
            'ü' => out.push_str("ue"),
            c if c.is_ascii() => out.push(c),
            c => fold_char(c, &mut out),
        }
    }
    (out != fold(text)).then_some(out)
}

/// The folded words of a field name: split at everything that is no letter or digit, at the humps of
/// camelCase, and between letters and digits.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            flush(&mut word, &mut words);
            continue;
        }
        if let Some(&before) = i.checked_sub(1).and_then(|j| chars.get(j)) {
            let hump = c.is_uppercase()
                && (before.is_lowercase() || chars.get(i + 1).is_some_and(|n| n.is_lowercase()))
                && before.is_alphabetic();
            if hump || (before.is_alphanumeric() && before.is_numeric() != c.is_numeric()) {
                flush(&mut word, &mut words);
            }
        }
        word.push(c);
    }
    flush(&mut word, &mut words);
    words
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(fold(word));
        word.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_transliterations_are_known() {
        assert_eq!(fold("FØDSELSNUMMER"), "fodselsnummer");
        assert_eq!(transliterated("fødselsår").as_deref(), Some("foedselsaar"));
        assert_eq!(transliterated("email"), None);
        assert_eq!(fold("Prénom"), "prenom");
        assert_eq!(fold("Straße"), "strasse");
    }

    #[test]
    fn field_names_fall_into_words() {
        assert_eq!(words("custFirstName"), ["cust", "first", "name"]);
        assert_eq!(words("adr_linje1"), ["adr", "linje", "1"]);
        assert_eq!(words("E-post"), ["e", "post"]);
        assert_eq!(words("HTTPStatus"), ["http", "status"]);
        assert_eq!(words("FNR"), ["fnr"]);
    }
}
