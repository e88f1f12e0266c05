//! Words and numbers of a text, in the forms that an index knows them by.
//!
//! Whatever the matcher of a subject search can find in a text has to be among them: words in both transliterations,
//! initials beside words, e-mail addresses, and letters and digits as they stand or joined over the separators that
//! people put into numbers. More than that does no harm but for room.

use crate::subject::{Kind, normal};
use crate::unit::CELL_END;

/// Longest word, in bytes: that of a SHA-256 in hexadecimal. What is longer is no word.
const LONGEST: usize = 64;
/// Longest joined number, in letters and digits (E.164 with its prefix; national numbers).
const LONGEST_NUMBER: usize = 20;
/// Longest IBAN (ISO 13616).
const LONGEST_IBAN: usize = 34;
/// Shortest joined number.
const SHORTEST_NUMBER: usize = 4;
/// Shortest number that is told from letters which run into it.
const SHORTEST_TAIL: usize = 7;
/// Groups that one number is written in, at most: an IBAN in fours.
const GROUPS: usize = 9;
/// Letters or digits in one group of a number written in several.
const GROUP: usize = 12;
/// Letters in a group of nothing else, as the bank in an IBAN.
pub const LETTERS: usize = 4;
/// Bytes of separators between two groups, as of ` (0)`, and between an initial and a name.
const GAP: usize = 4;
/// Longest cell that is taken for one number whatever stands in it.
const CELL: usize = 40;
/// Longest parts of an e-mail address (RFC 5321, 4.5.3.1).
const LOCAL: usize = 64;
const DOMAIN: usize = 255;
/// Stands for any number of which a part is masked. Few files have one, and most questions are not asked of the others.
pub const MASKED: &[u8] = b"*";
/// What hides a part of a number.
const MASKS: &[u8] = b"*#xX";

/// Gives the words and numbers that start between `from` and `to`, and where each stands in `bytes`; what is around is
/// context.
pub fn each(bytes: &[u8], from: usize, to: usize, mut see: impl FnMut(&[u8], usize, usize)) {
    let mut at = from;
    if from > 0 && step(bytes, from - 1) > 0 {
        // The rest of a word that began before.
        at = end_of(bytes, from);
    }
    let mut before: Option<Token> = None;
    while let Some(token) = Token::next(bytes, at) {
        if let Some(before) = before {
            before.initial(token, bytes, &mut see);
        }
        if token.start >= to {
            break;
        }
        at = token.end;
        before = Some(token);
        if let Some(end) = token.uuid(bytes) {
            see(&joined(&bytes[token.start..end]), token.start, end);
            (at, before) = (end, None);
            continue;
        }
        token.word(bytes, &mut see);
        token.numbers(bytes, &mut see);
        token.at_sign(bytes, &mut see);
    }
    for at in memchr::memchr2_iter(b'@', b'%', &bytes[from..to]).map(|at| at + from) {
        match bytes[at] {
            b'@' => address(bytes, at, at + 1, &mut see),
            _ if bytes[at..].starts_with(b"%40") => address(bytes, at, at + 3, &mut see),
            _ => {}
        }
    }
}

/// Gives a cell as one number, whatever separates its parts.
pub fn whole_cell(cell: &[u8], see: impl FnOnce(&[u8])) {
    let cell = cell.trim_ascii();
    let is_separator = |b: &u8| !b.is_ascii_alphanumeric();
    // A time of day tells nobody.
    let is_number = cell.len() <= CELL
        && cell.iter().any(u8::is_ascii_digit)
        && cell.iter().any(is_separator)
        && !cell.contains(&b':');
    if is_number {
        let number = joined(cell);
        see(&number[zeros(&number)..]);
    }
}

/// The words that a value of any sort consists of: whatever holds it holds them all.
#[must_use]
pub fn parts(value: &str) -> Vec<Vec<u8>> {
    let bytes = value.as_bytes();
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(token) = Token::next(bytes, at) {
        at = token.end;
        if let Some(end) = token.uuid(bytes) {
            all.push(joined(&bytes[token.start..end]));
            at = end;
            continue;
        }
        let text = &bytes[token.start..token.end];
        match token.made {
            _ if text.len() > LONGEST => {}
            Made::Other => {
                let text = String::from_utf8_lossy(text);
                let words = normal::words(&text);
                all.extend(words.map(|word| crate::detect::fold::fold(&word).into_bytes()));
            }
            _ => {
                let lower = text.to_ascii_lowercase();
                all.push(lower[zeros(&lower)..].to_vec());
            }
        }
    }
    all.retain(|word| !word.is_empty());
    all
}

/// How many bytes of a word stand here; 0 when what stands here separates words.
fn step(bytes: &[u8], at: usize) -> usize {
    match bytes[at..] {
        [b, ..] if b.is_ascii_alphanumeric() => 1,
        [0..0x80, ..] | [0xC2, 0xA0, ..] => 0,
        // Apostrophes stand inside names, other general punctuation and blanks do not.
        [0xE2, 0x80, 0x99, ..] => 3,
        [0xE2, 0x80, ..] => 0,
        _ => 1,
    }
}

fn end_of(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match step(bytes, at) {
            0 => break,
            n => at += n,
        }
    }
    at.min(bytes.len())
}

/// What a word is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    Digits,
    Letters,
    Both,
    /// Also of other characters than those of ASCII.
    Other,
}

#[derive(Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
    made: Made,
}

impl Token {
    fn next(bytes: &[u8], from: usize) -> Option<Token> {
        let mut start = from;
        while start < bytes.len() && step(bytes, start) == 0 {
            start += 1;
        }
        (start < bytes.len()).then(|| Token::at(bytes, start))
    }

    fn at(bytes: &[u8], start: usize) -> Token {
        let end = end_of(bytes, start).max(start + 1);
        let (mut digits, mut letters) = (false, false);
        for b in &bytes[start..end] {
            match b {
                b'0'..=b'9' => digits = true,
                0x80.. => return Token { start, end, made: Made::Other },
                _ => letters = true,
            }
        }
        let made = match (digits, letters) {
            (true, false) => Made::Digits,
            (false, _) => Made::Letters,
            (true, true) => Made::Both,
        };
        Token { start, end, made }
    }

    fn len(self) -> usize {
        self.end - self.start
    }

    fn text(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start..self.end]
    }

    fn word(self, bytes: &[u8], see: &mut impl FnMut(&[u8], usize, usize)) {
        if self.len() > LONGEST {
            return;
        }
        if self.made == Made::Other {
            names(self.text(bytes), |form| see(form, self.start, self.end));
            return;
        }
        self.number(self.text(bytes), bytes, self.end, see);
        if self.made == Made::Both {
            self.digits_within(bytes, see);
        }
        if let Some(marker) = hash_marker(self.text(bytes)) {
            see(marker, self.start, self.end);
        }
        // O'Brien
        if let [b'\'' | b'`', next, ..] = bytes[self.end..]
            && next.is_ascii_alphabetic()
            && self.made == Made::Letters
        {
            let end = end_of(bytes, self.end + 1);
            if end - self.start <= LONGEST {
                names(&bytes[self.start..end], |form| see(form, self.start, end));
            }
        }
    }

    /// Digits that letters run into: a date before the `T` of a time, a telephone number behind a word, what a mask of
    /// `x` leaves.
    fn digits_within(self, bytes: &[u8], see: &mut impl FnMut(&[u8], usize, usize)) {
        let text = self.text(bytes);
        let leading = text.iter().take_while(|b| b.is_ascii_digit()).count();
        let trailing = text.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (head, rest) = text.split_at(leading);
        if let [b'T' | b't', b'0'..=b'9', ..] = rest {
            self.number(head, bytes, self.start + leading, see);
        }
        let is_masked = |part: &[u8]| part.len() >= 3 && part.iter().all(|b| MASKS.contains(b));
        if (leading > 0 && is_masked(rest))
            || (trailing > 0 && is_masked(&text[..text.len() - trailing]))
        {
            see(MASKED, self.start, self.end);
        }
        if leading > 0 && is_masked(rest) {
            see(&[&head[zeros(head)..], b"*"].concat(), self.start, self.end);
        }
        let (before, tail) = text.split_at(text.len() - trailing);
        if trailing >= SHORTEST_TAIL {
            self.number(tail, bytes, self.end, see);
        }
        if trailing > 0 && is_masked(before) {
            see(&[b"*", &tail[zeros(tail)..]].concat(), self.start, self.end);
        }
    }

    /// A number that starts here and ends at `end`, in lower case and without leading zeros, and what it may be
    /// besides: one with its century, the account in an IBAN, the visible part of one that is masked.
    fn number(
        self,
        text: &[u8],
        bytes: &[u8],
        end: usize,
        see: &mut impl FnMut(&[u8], usize, usize),
    ) {
        let mut lower = [0; LONGEST];
        let lower = &mut lower[..text.len()];
        lower.copy_from_slice(text);
        lower.make_ascii_lowercase();
        let mut give = |number: &[u8]| {
            let number = &number[zeros(number)..];
            if !number.is_empty() {
                see(number, self.start, end);
            }
        };
        give(lower);
        if is_iban(lower) && lower.len() >= 15 {
            give(&lower[4..]);
        }
        let is_digits = lower.iter().all(u8::is_ascii_digit);
        if is_digits
            && lower.len() >= 12
            && matches!(lower, [b'1', b'8' | b'9', ..] | [b'2', b'0', ..])
        {
            give(&lower[2..]);
        }
        let goes_on = is_digits && masked(&bytes[end..]);
        if goes_on {
            give(&[&*lower, b"*"].concat());
        }
        let mut before = [0; GAP];
        for (to, from) in before.iter_mut().zip(bytes[..self.start].iter().rev()) {
            *to = *from;
        }
        let began = is_digits && masked(&before);
        if began {
            see(&[b"*", &lower[zeros(lower)..]].concat(), self.start, end);
        }
        if goes_on || began {
            see(MASKED, self.start, end);
        }
    }

    /// The numbers that this group begins and others continue.
    fn numbers(self, bytes: &[u8], see: &mut impl FnMut(&[u8], usize, usize)) {
        if !self.is_group() {
            return;
        }
        let mut number = [0; LONGEST_IBAN];
        let mut length = 0;
        let mut has_digits = false;
        let mut last = self;
        for group in 0..GROUPS {
            let mut part = last.text(bytes);
            // The day of a date with its time: 24T00.
            let is_day = |p: &[u8]| matches!(p, [b'0'..=b'9', b'0'..=b'9', b'T', b'0'..=b'9', ..]);
            let ends = group > 0 && is_day(part);
            if ends {
                part = &part[..2];
            }
            let most = if is_iban(&number[..length]) { LONGEST_IBAN } else { LONGEST_NUMBER };
            if length + part.len() > most {
                return;
            }
            number[length..length + part.len()].copy_from_slice(part);
            length += part.len();
            has_digits |= last.made != Made::Letters;
            if group > 0 && !has_digits {
                return;
            }
            if group > 0 && length >= SHORTEST_NUMBER {
                self.number(&number[..length], bytes, last.start + part.len(), see);
            }
            match last.following(bytes) {
                Some(next) if !ends && (next.made, last.made) != (Made::Letters, Made::Letters) => {
                    last = next;
                }
                _ => return,
            }
        }
    }

    /// Whether it may be a group of a number that is written in several.
    fn is_group(self) -> bool {
        match self.made {
            Made::Digits => self.len() <= LONGEST_NUMBER,
            Made::Both => self.len() <= GROUP,
            Made::Letters => self.len() <= LETTERS,
            Made::Other => false,
        }
    }

    /// The next group, if only separators of numbers stand between.
    fn following(self, bytes: &[u8]) -> Option<Token> {
        let mut at = self.end;
        while at < bytes.len() && at - self.end <= GAP {
            match bytes[at..] {
                [b' ' | b'.' | b'-' | b'/' | b'(' | b')' | b'_', ..] => at += 1,
                [0xC2, 0xA0, ..] => at += 2,
                // Narrow blanks and dashes.
                [0xE2, 0x80, 0x80..=0x95 | 0xAF, ..] => at += 3,
                [b, ..] if b.is_ascii_alphanumeric() && at > self.end => {
                    return Some(Token::at(bytes, at)).filter(|token| token.is_group());
                }
                _ => return None,
            }
        }
        None
    }

    /// An initial beside a name, in either order.
    fn initial(self, next: Token, bytes: &[u8], see: &mut impl FnMut(&[u8], usize, usize)) {
        let gap = &bytes[self.end..next.start];
        if gap.len() > GAP || gap.contains(&CELL_END) {
            return;
        }
        for (initial, name) in [(self, next), (next, self)] {
            let Some(letter) = initial.letter(bytes) else { continue };
            if name.made != Made::Digits && name.len() <= LONGEST {
                let give = |form: &[u8]| {
                    see(&[letter.as_bytes(), b" ", form].concat(), self.start, next.end);
                };
                names(name.text(bytes), give);
            }
        }
    }

    /// The letter that this is, folded.
    fn letter(self, bytes: &[u8]) -> Option<String> {
        if self.len() > 4
            || (self.len() > 1 && self.made != Made::Other)
            || self.made == Made::Digits
        {
            return None;
        }
        let text = std::str::from_utf8(self.text(bytes)).ok()?;
        let mut chars = text.chars().filter(|c| c.is_alphabetic());
        let letter = chars.next().filter(|_| chars.next().is_none())?;
        Some(crate::detect::fold::fold(letter.encode_utf8(&mut [0; 4])))
    }

    /// The end of a UUID that begins here: its groups are no words, and there are very many.
    fn uuid(self, bytes: &[u8]) -> Option<usize> {
        let text = bytes.get(self.start..self.start + 36).filter(|_| self.len() == 8)?;
        let is_one = text.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
        let end = self.start + 36;
        (is_one && end_of(bytes, end) == end).then_some(end)
    }

    /// An address whose `@` is written `(at)`.
    fn at_sign(self, bytes: &[u8], see: &mut impl FnMut(&[u8], usize, usize)) {
        let is_at = self.len() == 2
            && self.text(bytes).eq_ignore_ascii_case(b"at")
            && self.start > 0
            && matches!(bytes[self.start - 1], b'(' | b'[' | b'{')
            && matches!(bytes.get(self.end), Some(b')' | b']' | b'}'));
        if is_at {
            let before = bytes[..self.start - 1].trim_ascii_end().len();
            let after = &bytes[self.end + 1..];
            address(bytes, before, bytes.len() - after.trim_ascii_start().len(), see);
        }
    }
}

/// Stands for any digest in hexadecimal of the length of MD5, SHA-1 or SHA-256; `None` for other words.
#[must_use]
pub fn hash_marker(word: &[u8]) -> Option<&'static [u8]> {
    let marker: &[u8] = match word.len() {
        32 => b"#md5",
        40 => b"#sha1",
        64 => b"#sha256",
        _ => return None,
    };
    word.iter().all(u8::is_ascii_hexdigit).then_some(marker)
}

/// Whether what goes on here hides the rest of a number, behind one separator or none.
fn masked(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b" ")).unwrap_or(rest);
    rest.len() >= 3 && rest[..3].iter().all(|b| MASKS.contains(b))
}

/// How many zeros a number begins with: spreadsheets lose them.
fn zeros(number: &[u8]) -> usize {
    number.iter().take_while(|b| **b == b'0').count()
}

/// Whether this may be an IBAN, or the beginning of one.
fn is_iban(text: &[u8]) -> bool {
    matches!(text, [a, b, c, d, ..] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic()
        && c.is_ascii_digit() && d.is_ascii_digit())
}

/// The words of a text in both transliterations.
fn names(text: &[u8], mut see: impl FnMut(&[u8])) {
    if text.iter().all(u8::is_ascii_alphanumeric) {
        return see(&text.to_ascii_lowercase());
    }
    let text = String::from_utf8_lossy(text);
    normal::normalise(Kind::Name, &text).iter().for_each(|form| see(form.as_bytes()));
}

/// Letters and digits of a text in lower case.
fn joined(text: &[u8]) -> Vec<u8> {
    text.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

/// Whether the normal form of an address is the address itself in lower case, as that of most is.
fn is_plain(local: &str, domain: &str) -> bool {
    let letters = |text: &str, also: &[u8]| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || also.contains(&b))
    };
    let is_label = |label: &str| letters(label, b"-") && !label.starts_with("xn--");
    letters(local, b"._-")
        && !local.ends_with('.')
        && !local.starts_with('.')
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && !domain.to_ascii_lowercase().ends_with("mail.com")
}

/// The e-mail address whose first part ends at `before` and whose host begins at `after`.
fn address(bytes: &[u8], before: usize, after: usize, see: &mut impl FnMut(&[u8], usize, usize)) {
    let is_local = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || b"._%+-'".contains(b);
    let is_domain = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || b".-".contains(b);
    let start =
        before - bytes[..before].iter().rev().take(LOCAL).take_while(|b| is_local(b)).count();
    let end = after + bytes[after..].iter().take(DOMAIN).take_while(|b| is_domain(b)).count();
    let local = String::from_utf8_lossy(&bytes[start..before]);
    let domain = String::from_utf8_lossy(&bytes[after..end]);
    let domain = domain.trim_end_matches(['.', '-']);
    // What is escaped before it may belong to something else.
    let bare = local.rfind('%').and_then(|at| local.get(at + 3..));
    if is_plain(&local, domain) {
        let mut form = [local.as_bytes(), b"@", domain.as_bytes()].concat();
        form.make_ascii_lowercase();
        return see(&form, start, end);
    }
    for local in [Some(&*local), bare].into_iter().flatten() {
        for form in normal::normalise(Kind::Email, &format!("{local}@{domain}")) {
            see(form.as_bytes(), start, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn seen(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each(text.as_bytes(), 0, text.len(), |word, start, end| {
            assert!(start < end && end <= text.len());
            all.push(String::from_utf8(word.to_vec()).unwrap());
        });
        all
    }

    fn holds(text: &str, kind: Kind, value: &str) -> bool {
        let all = seen(text);
        let written = |form: String| form.trim_start_matches('+').to_lowercase();
        normal::normalise(kind, value).into_iter().any(|form| all.contains(&written(form)))
    }

    #[test]
    fn what_a_search_can_find_is_among_the_words() {
        for (text, kind, value) in [
            ("ringte 0047 22 98 33 40 i dag", Kind::Phone, "+47 22983340"),
            ("tlf. (22) 98-33-40.", Kind::Phone, "22983340"),
            ("+46 (0)70-174 06 05", Kind::Phone, "0701740605"),
            ("fnr 010190 12345;", Kind::NationalId, "01019012345"),
            ("fnr 01.01.90-12345", Kind::NationalId, "01019012345"),
            ("NINO AB 12 34 56 C", Kind::NationalId, "AB123456C"),
            ("hetu 131052-308T", Kind::NationalId, "131052308T"),
            ("12345678-Z", Kind::NationalId, "12345678Z"),
            ("til NO93 8601 1117 947 nå", Kind::Iban, "NO9386011117947"),
            ("til NO93 8601 1117 947 nå", Kind::Account, "86011117947"),
            ("til no9386011117947", Kind::Account, "8601.11.17947"),
            ("DE89 3704 0044 0532 0130 00", Kind::Iban, "DE89370400440532013000"),
            ("GB82 WEST 1234 5698 7654 32", Kind::Iban, "GB82WEST12345698765432"),
            ("konto 8601.11.17947", Kind::Account, "86011117947"),
            ("bil AB 12345", Kind::Plate, "ab12345"),
            ("kunde K-00812", Kind::CustomerNumber, "K00812"),
            ("<Ola.Nordmann+x@Example.ORG>,", Kind::Email, "ola.nordmann@example.org"),
            ("?to=ola%40example.org&x", Kind::Email, "ola@example.org"),
            ("?q%3Dola@example.org", Kind::Email, "ola@example.org"),
            ("skriv til ola (at) example.org.", Kind::Email, "ola@example.org"),
            ("Bjørnøy, KÅRE", Kind::Name, "Kaare"),
            ("Bjørnøy, KÅRE", Kind::Name, "Bjornoy"),
            ("Kare\u{30A}", Kind::Name, "Kare"),
            ("O’Brien og O'Neill", Kind::Name, "OBrien"),
            ("O’Brien og O'Neill", Kind::Name, "O’Neill"),
            (
                "d41d8cd98f00b204e9800998ecf8427e",
                Kind::Username,
                "d41d8cd98f00b204e9800998ecf8427e",
            ),
        ] {
            assert!(holds(text, kind, value), "{text:?} {kind:?}: {:?}", seen(text));
        }
    }

    #[test]
    fn initials_masks_dates_and_centuries() {
        for (text, word) in [
            ("K. Bjørnøy", "k bjoernoey"),
            ("Nordmann, Å", "a nordmann"),
            ("K.M. Hansen", "m hansen"),
            ("010190*****", "10190*"),
            ("010190-xxxxx", "10190*"),
            ("010190XXXXX", "10190*"),
            ("***** 1 ******-12345", "*12345"),
            ("født 1990-01-01T00:00:00", "19900101"),
            ("19900101T000000", "19900101"),
            ("1.1.1990", "111990"),
            ("199001012384", "9001012384"),
            ("mob4722983340", "4722983340"),
        ] {
            assert!(seen(text).contains(&word.to_owned()), "{text:?}: {:?}", seen(text));
        }
        assert!(!seen("K\u{1e}Hansen\u{1e}").contains(&"k hansen".to_owned()));
    }

    #[test]
    fn a_value_is_in_what_holds_its_parts() {
        for (value, text) in [
            ("KUNDE/2024-0012", "ref KUNDE/2024-0012, x"),
            ("kåre.b_2", "bruker kåre.b_2"),
            ("6f9619ff-8b86-d011-b42d-00c04fc964ff", "id=6F9619FF-8B86-D011-B42D-00C04FC964FF"),
        ] {
            let words = seen(text);
            let held = |part: &Vec<u8>| words.iter().any(|word| word.as_bytes() == part);
            assert!(!parts(value).is_empty() && parts(value).iter().all(held), "{value}");
        }
    }

    #[test]
    fn cells_do_not_join() {
        assert_eq!(seen("010190\u{1e}12345\u{1e}"), ["10190", "12345"]);
    }

    #[test]
    fn windows_give_what_the_whole_gives() {
        let text =
            "Kari Nordmann, tlf. 22 98 33 40, kari@example.org, NO93 8601 1117 947, Åse O’Brien. ";
        let text = text.repeat(3);
        let whole: BTreeSet<String> = seen(&text).into_iter().collect();
        for cut in (1..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let mut parts = BTreeSet::new();
            for (from, to) in [(0, cut), (cut, text.len())] {
                each(text.as_bytes(), from, to, |word, _, _| {
                    parts.insert(String::from_utf8(word.to_vec()).unwrap());
                });
            }
            assert!(whole.is_subset(&parts), "cut at {cut}: {:?}", whole.difference(&parts));
        }
    }

    #[test]
    fn a_uuid_is_one_word() {
        let uuid = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
        assert_eq!(seen(uuid), ["6f9619ff8b86d011b42d00c04fc964ff"]);
        assert!(seen(&"ab1".repeat(40)).is_empty(), "too long for a word");
    }

    #[test]
    fn a_cell_is_one_number_whatever_parts_it() {
        let seen = |cell: &str| {
            let mut all = Vec::new();
            whole_cell(cell.as_bytes(), |word| all.push(String::from_utf8(word.to_vec()).unwrap()));
            all
        };
        assert_eq!(seen(" KUNDE/2024#0012 "), ["kunde20240012"]);
        assert!(seen("2024-01-01 10:22").is_empty());
    }
}
