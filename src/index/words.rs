//! Words and numbers of a text, in the forms that an index knows them by.
//!
//! Whatever the matcher of a subject search can find in a text has to be among them, under a form that
//! `subject::normal` gives: words in both transliterations, e-mail addresses, and letters and digits as they stand or
//! joined over the separators that people put into numbers. More than that does no harm but for room.

use crate::subject::{Kind, normal};

/// Longest word, in bytes: that of a SHA-256 in hexadecimal. What is longer is no word.
const LONGEST: usize = 64;
/// Longest joined number, in letters and digits (E.164 with its prefix; national numbers).
const LONGEST_NUMBER: usize = 20;
/// Longest IBAN (ISO 13616).
const LONGEST_IBAN: usize = 34;
/// Shortest joined number.
const SHORTEST_NUMBER: usize = 4;
/// Groups that one number is written in, at most: an IBAN in fours.
const GROUPS: usize = 9;
/// Letters or digits in one group of a number written in several.
const GROUP: usize = 12;
/// Bytes of separators between two groups: of ` (0)` and the like.
const GAP: usize = 4;
/// Longest cell that is taken for one number whatever stands in it.
const CELL: usize = 40;
/// Longest parts of an e-mail address (RFC 5321, 4.5.3.1).
const LOCAL: usize = 64;
const DOMAIN: usize = 255;

/// Gives the words and numbers that start between `from` and `to`; what stands around is context.
pub fn each(bytes: &[u8], from: usize, to: usize, see: &mut impl FnMut(&[u8])) {
    let mut at = from;
    if from > 0 && step(bytes, from - 1) == 1 {
        // The rest of a word that began before.
        at = end_of(bytes, from);
    }
    while let Some(token) = Token::next(bytes, at).filter(|token| token.start < to) {
        at = token.end;
        if let Some(end) = token.uuid(bytes) {
            see(&joined(&bytes[token.start..end]));
            at = end;
            continue;
        }
        token.word(bytes, see);
        token.numbers(bytes, see);
        token.at_sign(bytes, see);
    }
    for at in memchr::memchr2_iter(b'@', b'%', &bytes[from..to]).map(|at| at + from) {
        match bytes[at] {
            b'@' => address(bytes, at, at + 1, see),
            _ if bytes[at..].starts_with(b"%40") => address(bytes, at, at + 3, see),
            _ => {}
        }
    }
}

/// Gives a cell as one number, whatever separates its parts.
pub fn whole_cell(cell: &[u8], see: &mut impl FnMut(&[u8])) {
    let cell = cell.trim_ascii();
    // A time of day tells nobody.
    let is_number = cell.len() <= CELL
        && cell.iter().any(u8::is_ascii_digit)
        && cell.iter().any(|b| !b.is_ascii_alphanumeric() && *b != b':')
        && !cell.contains(&b':');
    if is_number {
        for form in normal::normalise(Kind::CustomerNumber, &String::from_utf8_lossy(cell)) {
            see(form.to_lowercase().as_bytes());
        }
    }
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

    fn word(self, bytes: &[u8], see: &mut impl FnMut(&[u8])) {
        let text = &bytes[self.start..self.end];
        if text.len() > LONGEST {
            return;
        }
        if self.made == Made::Other {
            let text = String::from_utf8_lossy(text);
            names(&text, see);
            return;
        }
        see_number(text, see);
        // O'Brien
        if let [b'\'' | b'`', next, ..] = bytes[self.end..]
            && next.is_ascii_alphabetic()
            && self.made == Made::Letters
        {
            let rest = end_of(bytes, self.end + 1);
            if rest - self.start <= LONGEST {
                let whole = String::from_utf8_lossy(&bytes[self.start..rest]);
                names(&whole, see);
            }
        }
    }

    /// The numbers that this group begins and others continue.
    fn numbers(self, bytes: &[u8], see: &mut impl FnMut(&[u8])) {
        if !self.is_group(bytes) {
            return;
        }
        let mut number = [0; LONGEST_IBAN];
        let mut length = 0;
        let mut has_digits = false;
        let mut last = self;
        for group in 0..GROUPS {
            let part = &bytes[last.start..last.end];
            let most = if is_iban(&number[..length]) { LONGEST_IBAN } else { LONGEST_NUMBER };
            if length + part.len() > most {
                return;
            }
            number[length..length + part.len()].copy_from_slice(part);
            length += part.len();
            has_digits |= last.made != Made::Letters;
            if group > 0 {
                if !has_digits {
                    return;
                }
                if length >= SHORTEST_NUMBER {
                    see_number(&number[..length], see);
                }
            }
            match last.following(bytes) {
                Some(next) if next.made != Made::Letters || last.made != Made::Letters => {
                    last = next;
                }
                _ => return,
            }
        }
    }

    /// Whether it may be a group of a number that is written in several.
    fn is_group(self, bytes: &[u8]) -> bool {
        match self.made {
            Made::Digits => self.len() <= LONGEST_NUMBER,
            Made::Both => self.len() <= GROUP,
            Made::Letters if self.len() <= 2 => true,
            Made::Letters => {
                self.len() <= 4 && bytes[self.start..self.end].iter().all(u8::is_ascii_uppercase)
            }
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
                    return Some(Token::at(bytes, at)).filter(|token| token.is_group(bytes));
                }
                _ => return None,
            }
        }
        None
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
    fn at_sign(self, bytes: &[u8], see: &mut impl FnMut(&[u8])) {
        let is_at = self.len() == 2
            && bytes[self.start..self.end].eq_ignore_ascii_case(b"at")
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

/// Letters and digits in lower case and without leading zeros; of an IBAN that holds its account as it is written at
/// home that, too.
fn see_number(text: &[u8], see: &mut impl FnMut(&[u8])) {
    let mut lower = [0; LONGEST];
    let lower = &mut lower[..text.len()];
    lower.copy_from_slice(text);
    lower.make_ascii_lowercase();
    let zeros = lower.iter().take_while(|b| **b == b'0').count();
    see(&lower[zeros..]);
    if is_iban(lower) {
        let forms = normal::normalise(Kind::Iban, &String::from_utf8_lossy(lower));
        forms.iter().skip(1).for_each(|account| see(account.to_lowercase().as_bytes()));
    }
}

/// Whether this may be an IBAN, or the beginning of one.
fn is_iban(text: &[u8]) -> bool {
    matches!(text, [a, b, c, d, ..] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic()
        && c.is_ascii_digit() && d.is_ascii_digit())
}

/// The words of a text in both transliterations.
fn names(text: &str, see: &mut impl FnMut(&[u8])) {
    normal::normalise(Kind::Name, text).iter().for_each(|form| see(form.as_bytes()));
}

/// Letters and digits of a text in lower case.
fn joined(text: &[u8]) -> Vec<u8> {
    text.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

/// The e-mail address whose first part ends at `before` and whose host begins at `after`.
fn address(bytes: &[u8], before: usize, after: usize, see: &mut impl FnMut(&[u8])) {
    let is_local = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || b"._%+-'".contains(b);
    let is_domain = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || b".-".contains(b);
    let length = bytes[..before].iter().rev().take(LOCAL).take_while(|b| is_local(b)).count();
    let local = String::from_utf8_lossy(&bytes[before - length..before]);
    let length = bytes[after..].iter().take(DOMAIN).take_while(|b| is_domain(b)).count();
    let domain = String::from_utf8_lossy(&bytes[after..after + length]);
    let domain = domain.trim_end_matches(['.', '-']);
    // What is escaped before it may belong to something else.
    let bare = local.rfind('%').and_then(|at| local.get(at + 3..));
    for local in [Some(&*local), bare].into_iter().flatten() {
        for form in normal::normalise(Kind::Email, &format!("{local}@{domain}")) {
            see(form.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn seen(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each(text.as_bytes(), 0, text.len(), &mut |word| {
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
            ("d41d8cd98f00b204e9800998ecf8427e", Kind::Username, "d41d8cd98f00b204e9800998ecf8427e"),
        ] {
            assert!(holds(text, kind, value), "{text:?} {kind:?}: {:?}", seen(text));
        }
    }

    #[test]
    fn cells_do_not_join() {
        assert_eq!(seen("010190\u{1e}12345\u{1e}"), ["10190", "12345"]);
    }

    #[test]
    fn windows_give_what_the_whole_gives() {
        let text = "Kari Nordmann, tlf. 22 98 33 40, kari@example.org, NO93 8601 1117 947, Åse O’Brien. ";
        let text = text.repeat(3);
        let whole: BTreeSet<String> = seen(&text).into_iter().collect();
        for cut in (1..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let mut parts = BTreeSet::new();
            for (from, to) in [(0, cut), (cut, text.len())] {
                each(text.as_bytes(), from, to, &mut |word| {
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
        let mut all = Vec::new();
        let mut see = |word: &[u8]| all.push(String::from_utf8(word.to_vec()).unwrap());
        whole_cell(b" KUNDE/2024#0012 ", &mut see);
        whole_cell(b"2024-01-01 10:22", &mut see);
        assert_eq!(all, ["kunde20240012"]);
    }
}
