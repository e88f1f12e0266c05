//! Folding: makes words comparable across case, accents and the two transliterations of Nordic and
//! German letters.

use super::lower::write_small;
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

/// What the letters from `À` on become that have two bytes and the first byte C3; signs among them become nothing.
const LATIN: [&str; 64] = [
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i", //
    "d", "n", "o", "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "ss", //
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i", //
    "d", "n", "o", "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "y", //
];

/// The same of the letters from `Ā` to `ſ`.
const EXTENDED: [&str; 128] = [
    "a", "a", "a", "a", "a", "a", "c", "c", "c", "c", "c", "c", "c", "c", "d", "d", //
    "d", "d", "e", "e", "e", "e", "e", "e", "e", "e", "e", "e", "g", "g", "g", "g", //
    "g", "g", "g", "g", "h", "h", "ħ", "ħ", "i", "i", "i", "i", "i", "i", "i", "i", //
    "i", "i", "ĳ", "ĳ", "j", "j", "k", "k", "ĸ", "l", "l", "l", "l", "l", "l", "ŀ", //
    "ŀ", "l", "l", "n", "n", "n", "n", "n", "n", "ŉ", "ŋ", "ŋ", "o", "o", "o", "o", //
    "o", "o", "oe", "oe", "r", "r", "r", "r", "r", "r", "s", "s", "s", "s", "s", "s", //
    "s", "s", "t", "t", "t", "t", "ŧ", "ŧ", "u", "u", "u", "u", "u", "u", "u", "u", //
    "u", "u", "u", "u", "w", "w", "y", "y", "y", "z", "z", "z", "z", "z", "z", "ſ", //
];

/// As [`fold`], in the room given, where the text is short and all letters of Latin-1.
pub fn fold_in<'r>(text: &[u8], room: &'r mut [u8]) -> Option<&'r [u8]> {
    // No letter becomes longer.
    let room = room.get_mut(..text.len())?;
    if write_small(text, room) {
        return Some(room);
    }
    // What stands before the first other letter is folded already.
    let mut length = text.iter().position(|byte| !byte.is_ascii())?;
    let mut bytes = text[length..].iter();
    while let Some(byte) = bytes.next() {
        if byte.is_ascii() {
            room[length] = byte.to_ascii_lowercase();
            length += 1;
            continue;
        }
        let behind =
            bytes.next().filter(|behind| *byte == 0xC3 && matches!(behind, 0x80..=0xBF))?;
        let letter = LATIN[usize::from(behind & 0x3F)].as_bytes();
        if letter.is_empty() {
            return None;
        }
        room[length..length + letter.len()].copy_from_slice(letter);
        length += letter.len();
    }
    Some(&room[..length])
}

fn fold_char(c: char, out: &mut String) {
    if let Some(letter) = u32::from(c).checked_sub(0xC0).and_then(|at| LATIN.get(at as usize))
        && !letter.is_empty()
    {
        return out.push_str(letter);
    }
    match c {
        'Ā'..='ſ' => return out.push_str(EXTENDED[c as usize - 0x100]),
        'а'..='и' | 'к'..='я' | 'α'..='ρ' | 'σ'..='ω' => return out.push(c),
        _ => {}
    }
    for c in c.to_lowercase() {
        match c {
            'œ' => out.push_str("oe"),
            'ß' => out.push_str("ss"),
            'ł' => out.push('l'),
            'đ' => out.push('d'),
            'ı' => out.push('i'),
            'ς' => out.push('σ'),
            c => out.extend(std::iter::once(c).nfd().filter(|c| !is_mark(*c))),
        }
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

/// The spellings that a word has once folded, one or two.
pub fn spellings(word: &str) -> impl Iterator<Item = String> + use<> {
    [Some(fold(word)), transliterated(word)].into_iter().flatten()
}

/// The other transliteration of a native spelling (`fødsel` → `foedsel`, `straße` → `strasse`), folded;
/// `None` when it is the same.
#[must_use]
pub fn transliterated(text: &str) -> Option<String> {
    /// The letters that have two.
    const TWO: &[char] = &['ø', 'ö', 'å', 'ä', 'æ', 'ü', 'Ø', 'Ö', 'Å', 'Ä', 'Æ', 'Ü'];
    if text.is_ascii() || !text.contains(TWO) {
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

/// A letter of Greek or Bulgarian, folded, in Latin letters: Greek as ELOT 743 has it, as it sounds and as it looks,
/// since databases have all three; Bulgarian as its Transliteration Act has it.
fn latin_letter(c: char) -> Option<[&'static str; 3]> {
    Some(match c {
        'α' | 'а' | 'ъ' => ["a"; 3],
        'б' => ["b"; 3],
        'β' | 'в' => ["v"; 3],
        'γ' | 'г' => ["g"; 3],
        'δ' | 'д' => ["d"; 3],
        'ε' | 'е' => ["e"; 3],
        'ζ' | 'з' => ["z"; 3],
        'η' => ["i", "i", "h"],
        'θ' => ["th"; 3],
        'ι' | 'и' => ["i"; 3],
        'κ' | 'к' => ["k"; 3],
        'λ' | 'л' => ["l"; 3],
        'μ' | 'м' => ["m"; 3],
        'ν' | 'н' => ["n"; 3],
        'ξ' => ["x", "ks", "x"],
        'ο' | 'о' => ["o"; 3],
        'π' | 'п' => ["p"; 3],
        'ρ' | 'р' => ["r"; 3],
        'σ' | 'с' => ["s"; 3],
        'τ' | 'т' => ["t"; 3],
        'υ' => ["y", "i", "u"],
        'у' => ["u"; 3],
        'φ' | 'ф' => ["f"; 3],
        'χ' => ["ch", "h", "x"],
        'х' => ["h"; 3],
        'ψ' => ["ps"; 3],
        'ω' => ["o", "o", "w"],
        'ж' => ["zh"; 3],
        'ц' => ["ts"; 3],
        'ч' => ["ch"; 3],
        'ш' => ["sh"; 3],
        'щ' => ["sht"; 3],
        'ь' => ["y"; 3],
        'ю' => ["yu"; 3],
        'я' => ["ya"; 3],
        _ => return None,
    })
}

/// A Greek or Bulgarian text in Latin letters, folded, in each of the ways in which names of columns have it; nothing
/// where it is of another script.
#[must_use]
pub fn in_latin(text: &str) -> Vec<String> {
    if text.is_ascii() || !text.contains(|c| matches!(c, 'Ͱ'..='ӿ')) {
        return Vec::new();
    }
    let mut ways = vec![String::with_capacity(text.len()); 3];
    let mut before = ' ';
    for c in fold(text).chars() {
        let letter = latin_letter(c);
        if letter.is_none() && !c.is_ascii() {
            return Vec::new();
        }
        for (number, way) in ways.iter_mut().enumerate() {
            match letter {
                _ if (before, c) == ('ο', 'υ') => way.push('u'),
                Some(letter) => way.push_str(letter[number]),
                None => way.push(c),
            }
        }
        before = c;
    }
    ways.dedup();
    ways
}

/// The folded words of a field name: split at everything that is no letter or digit, at the humps of
/// camelCase, and between letters and digits.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words = Vec::with_capacity(2);
    let mut add = |word: &str| {
        if !word.is_empty() {
            words.push(fold(word));
        }
    };
    let (mut from, mut before) = (0, Sort::Apart);
    let mut chars = name.char_indices();
    while let Some((at, c)) = chars.next() {
        let sort = Sort::of(c);
        let is_apart = sort == Sort::Apart;
        if is_apart || begins_word(before, sort, || chars.clone().next().map(|next| next.1)) {
            add(&name[from..at]);
            from = if is_apart { at + c.len_utf8() } else { at };
        }
        before = sort;
    }
    add(&name[from..]);
    words
}

/// What a character is to the words of a name.
#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Apart,
    Digit,
    Capital,
    Small,
    /// Of a script that has no capitals.
    Letter,
}

impl Sort {
    fn of(c: char) -> Sort {
        match c {
            'a'..='z' | 'à'..='ö' | 'α'..='ω' | 'а'..='я' => Sort::Small,
            'A'..='Z' | 'А'..='Я' => Sort::Capital,
            '0'..='9' => Sort::Digit,
            c if c.is_ascii() => Sort::Apart,
            c if c.is_numeric() => Sort::Digit,
            c if c.is_lowercase() => Sort::Small,
            c if c.is_uppercase() => Sort::Capital,
            c if c.is_alphabetic() => Sort::Letter,
            _ => Sort::Apart,
        }
    }
}

/// Whether a letter or digit begins a word though another one may stand before it.
fn begins_word(before: Sort, sort: Sort, next: impl FnOnce() -> Option<char>) -> bool {
    let is_small = |next: char| Sort::of(next) == Sort::Small;
    match (before, sort) {
        (Sort::Apart, _) => false,
        (Sort::Small, Sort::Capital) => true,
        (Sort::Capital | Sort::Letter, Sort::Capital) => next().is_some_and(is_small),
        _ => (before == Sort::Digit) != (sort == Sort::Digit),
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
        assert_eq!(
            in_latin("Ονοματεπώνυμο")[..],
            ["onomateponymo", "onomateponimo", "onomatepwnumo"]
        );
        assert_eq!(in_latin("дата на раждане"), ["data na razhdane"]);
        assert!(in_latin("прізвище").is_empty() && in_latin("fødsel").is_empty());
        assert_eq!(fold("Prénom"), "prenom");
        assert_eq!(fold("Straße"), "strasse");
    }

    #[test]
    fn short_texts_fold_the_same() {
        let mut room = [0; 8];
        for c in '\0'..='\u{FFFF}' {
            let text = format!("x{c}Y");
            let short = fold_in(text.as_bytes(), &mut room);
            let is_latin = c.is_ascii() || (matches!(c, 'À'..='ÿ') && !matches!(c, '×' | '÷'));
            assert_eq!(short.is_some(), is_latin, "{c}");
            assert!(short.is_none_or(|short| short == fold(&text).as_bytes()), "{c}");
            let marks_dropped: String = c.to_lowercase().nfd().filter(|c| !is_mark(*c)).collect();
            if is_latin && !"ÆæÐðØøÞþß".contains(c) {
                assert_eq!(fold(&text), format!("x{marks_dropped}y"), "{c}");
            }
        }
        assert!(fold_in("ÆÆÆÆ".as_bytes(), &mut room).is_some());
        for none in ["ÆÆÆÆ1".as_bytes(), b"a\xC3", b"\xC3a", b"\xC3\xC3\xA5", b"\xA5a"] {
            assert!(fold_in(none, &mut room).is_none());
        }
    }

    #[test]
    fn letters_of_tables_fold_as_the_standard_says() {
        for c in ('Ā'..='ſ').chain('α'..='ω').chain('а'..='я') {
            let marks_dropped: String = c.to_lowercase().nfd().filter(|c| !is_mark(*c)).collect();
            if !"ĐđıŁłŒœς".contains(c) {
                assert_eq!(fold(&c.to_string()), marks_dropped, "{c}");
            }
        }
        assert_eq!(fold("ŁŒđıς"), "loediσ");
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
