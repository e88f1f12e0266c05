//! Texts: names, e-mail addresses, user names, streets and digests, found in running bytes by a part that every way
//! of writing them has, and then compared in normal form.

use std::collections::{HashMap, HashSet};

use aho_corasick::{AhoCorasick, MatchKind};
use anyhow::Result;

use super::normal::{normalise, words};
use super::{Kind, Mark};
use crate::detect::finder::lossy;
use crate::detect::fold::{fold, transliterated};
use crate::unit::CELL_END;

/// Words that may stand between a given and a family name.
const APART: usize = 5;
/// Longest text that is looked at round a part.
const REACH: usize = 120;
/// Letters that native spellings have other forms of when they stand together.
const DIGRAPHS: [&str; 4] = ["aa", "ae", "oe", "ue"];
/// Small words inside names, which tell nothing.
const PARTICLES: &[&str] =
    &["af", "av", "von", "van", "der", "den", "de", "da", "di", "la", "le", "zu", "el", "al"];

/// A place where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What it is.
    pub mark: Mark,
    /// First byte.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
}

/// How a part is completed and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Name,
    Email,
    Username,
    Address,
    /// Characters as they are, parted from others.
    Literal(Mark),
}

/// Texts as they are gathered.
#[derive(Default)]
pub struct Builder {
    parts: Vec<(String, Way)>,
    family: HashSet<String>,
    given: HashSet<String>,
    forms: HashMap<Kind, HashSet<String>>,
}

/// All texts that are looked for.
pub struct Texts {
    parts: Option<AhoCorasick>,
    ways: Vec<Way>,
    family: HashSet<String>,
    given: HashSet<String>,
    forms: HashMap<Kind, HashSet<String>>,
}

/// Given and family names of a person: `Given Family` or `Family, Given`.
#[must_use]
pub fn given_and_family(name: &str) -> (Vec<String>, Vec<String>) {
    let is_telling = |word: &String| !PARTICLES.contains(&fold(word).as_str());
    let telling = |text: &str| words(text).filter(is_telling).collect::<Vec<_>>();
    if let Some((family, given)) = name.split_once(',') {
        return (telling(given), telling(family));
    }
    let mut given = telling(name);
    let family = given.pop().into_iter().collect();
    (given, family)
}

impl Builder {
    /// Adds a value. Kinds of other than text are left to [`super::codes`].
    pub fn add(&mut self, kind: Kind, value: &str) {
        match kind {
            Kind::Name => {
                let (given, family) = given_and_family(value);
                for (words, set) in [(given, &mut self.given), (family, &mut self.family)] {
                    words.iter().for_each(|word| set.extend(normalise(Kind::Name, word)));
                }
                let is_telling = |word: &&str| !PARTICLES.contains(&fold(word).as_str());
                let written = value.split(|c: char| c.is_whitespace() || ",-–".contains(c));
                let all = written.filter(is_telling).flat_map(parts);
                self.parts.extend(all.map(|part| (part, Way::Name)));
            }
            Kind::Email => {
                let host_without_dots = value.to_lowercase().contains("@gmail.");
                let local = value.split('@').next().unwrap_or_default();
                let local = local.split_once('+').map_or(local, |l| l.0);
                let part = if host_without_dots { "gmail".to_owned() } else { longest_run(local) };
                self.add_part(part, Way::Email, kind, value);
            }
            Kind::Username => self.add_part(longest_run(value), Way::Username, kind, value),
            Kind::Address => {
                let street = words(value).find(|word| word.chars().all(char::is_alphabetic));
                for part in street.iter().flat_map(|word| parts(stem(word))) {
                    self.add_part(part, Way::Address, kind, value);
                }
            }
            _ => {}
        }
    }

    fn add_part(&mut self, part: String, way: Way, kind: Kind, value: &str) {
        self.forms.entry(kind).or_default().extend(normalise(kind, value));
        self.parts.push((part, way));
    }

    /// Adds characters that stand for a mark wherever nothing else runs into them.
    pub fn add_literal(&mut self, text: &str, mark: Mark) {
        self.parts.push((text.to_owned(), Way::Literal(mark)));
    }

    /// Gets ready to search.
    ///
    /// # Errors
    /// Parts that no automaton can be made of.
    pub fn build(mut self) -> Result<Texts> {
        self.parts.retain(|(part, _)| !part.is_empty());
        self.parts.sort_by(|a, b| a.0.cmp(&b.0));
        self.parts.dedup();
        let parts = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(self.parts.iter().map(|(part, _)| part))?;
        Ok(Texts {
            parts: (!self.parts.is_empty()).then_some(parts),
            ways: self.parts.into_iter().map(|(_, way)| way).collect(),
            family: self.family,
            given: self.given,
            forms: self.forms,
        })
    }
}

/// The start of a street's name that its short forms have, too.
fn stem(word: &str) -> &str {
    word.char_indices().nth(5).map_or(word, |(at, _)| &word[..at])
}

/// The longest run of ASCII letters and digits.
fn longest_run(text: &str) -> String {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    runs.max_by_key(|run| run.len()).unwrap_or_default().to_ascii_lowercase()
}

/// What every spelling of a word holds: its longest stretch without letters that are written in several ways. A word
/// without such is looked for as it is, in the cases that occur.
fn parts(word: &str) -> Vec<String> {
    let mut text = word.to_lowercase();
    for digraph in DIGRAPHS {
        text = text.replace(digraph, "\u{E5}");
    }
    let run = longest_run(&text);
    if run.len() >= 2 {
        return vec![run];
    }
    let lower = word.to_lowercase();
    let mut chars = lower.chars();
    let capital: String =
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
    let spellings =
        [fold(word), transliterated(word).unwrap_or_default(), word.to_uppercase(), capital, lower];
    spellings.into_iter().filter(|text| !text.is_empty()).collect()
}

impl Texts {
    /// Whether a word is one of the given names, and whether one of the family names.
    #[must_use]
    pub fn is_name(&self, word: &str) -> (bool, bool) {
        let forms = [Some(fold(word)), transliterated(word)];
        let of = |set: &HashSet<String>| forms.iter().flatten().any(|form| set.contains(form));
        (of(&self.given), of(&self.family))
    }

    /// Whether a word is the initial of a given name.
    fn is_initial(&self, word: &str) -> bool {
        let mut chars = word.chars();
        let letter = chars.next().map(|c| fold(&c.to_string()));
        chars.next().is_none()
            && letter.is_some_and(|letter| self.given.iter().any(|name| name.starts_with(&letter)))
    }

    /// Whether a value is one of those of this kind.
    #[must_use]
    pub fn is(&self, kind: Kind, value: &str) -> bool {
        let forms = self.forms.get(&kind);
        forms.is_some_and(|known| normalise(kind, value).iter().any(|form| known.contains(form)))
    }

    /// Gives every text that starts in `from..to`.
    pub fn find(&self, bytes: &[u8], from: usize, to: usize, mut see: impl FnMut(Seen)) {
        let Some(parts) = &self.parts else { return };
        let begin = from.saturating_sub(REACH);
        let end = bytes.len().min(to + REACH);
        // A part may stand in a text more than once.
        let mut before = None;
        for found in parts.find_overlapping_iter(&bytes[begin..end]) {
            let (start, end) = (begin + found.start(), begin + found.end());
            let seen = match self.ways[found.pattern().as_usize()] {
                Way::Name => self.name(bytes, start, end),
                Way::Email => self.email(bytes, start, end),
                Way::Username => self.username(bytes, start, end),
                Way::Address => self.address(bytes, start, end),
                Way::Literal(mark) => literal(bytes, start, end, mark),
            };
            let Some(seen) = seen.filter(|s| (from..to).contains(&s.start)) else { continue };
            if before != Some(seen) {
                see(seen);
            }
            before = Some(seen);
        }
    }

    fn name(&self, bytes: &[u8], start: usize, end: usize) -> Option<Seen> {
        let (start, end) = grown(bytes, start, end, |b| is_word(b) || b == b'\'');
        let text = lossy(&bytes[start..end]);
        let (given, family) = words(&text).map(|word| self.is_name(&word)).next()?;
        let mark = match (family, given) {
            (true, _) if self.has_given_near(bytes, start, end) => Mark::Name,
            (true, _) if self.has_initial_near(bytes, start, end) => Mark::NameInitials,
            (true, _) => Mark::Family,
            (false, true) => Mark::Given,
            _ => return None,
        };
        Some(Seen { mark, start, end })
    }

    fn has_given_near(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        near(bytes, start, end).into_iter().flatten().any(|word| self.is_name(&word).0)
    }

    fn has_initial_near(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        let [before, behind] = near(bytes, start, end);
        before.first().is_some_and(|word| self.is_initial(word))
            || behind.first().is_some_and(|word| self.is_initial(word))
    }

    fn email(&self, bytes: &[u8], start: usize, end: usize) -> Option<Seen> {
        let (start, end) = grown(bytes, start, end, is_address);
        let mut stop = end;
        if !bytes[start..end].contains(&b'@') && !lossy(&bytes[start..end]).contains("%40") {
            // `ola (at) example.org`
            let rest = &bytes[end..bytes.len().min(end + REACH)];
            let blank = rest.iter().take_while(|b| **b == b' ').count();
            let at = [&b"(at)"[..], b"[at]", b"{at}"]
                .into_iter()
                .find(|w| rest[blank..].starts_with(w))?;
            let behind = end + blank + at.len();
            let blank = bytes[behind..].iter().take(2).take_while(|b| **b == b' ').count();
            stop = grown(bytes, behind + blank, behind + blank, is_address).1;
        }
        let text = lossy(&bytes[start..stop]);
        // `user=ola@example.org`
        let text = text.rsplit_once(['=', ':']).map_or(&*text, |t| t.1);
        self.is(Kind::Email, text).then_some(Seen { mark: Mark::Email, start, end: stop })
    }

    fn username(&self, bytes: &[u8], start: usize, end: usize) -> Option<Seen> {
        let (start, mut end) = grown(bytes, start, end, |b| is_word(b) || b"._-".contains(&b));
        while end > start && b"._-".contains(&bytes[end - 1]) {
            end -= 1;
        }
        let is_address = bytes.get(end) == Some(&b'@') || (start > 0 && bytes[start - 1] == b'@');
        let same = !is_address && self.is(Kind::Username, &lossy(&bytes[start..end]));
        same.then_some(Seen { mark: Mark::UsernameBare, start, end })
    }

    fn address(&self, bytes: &[u8], start: usize, end: usize) -> Option<Seen> {
        let (start, _) = grown(bytes, start, end, is_word);
        let line = &bytes[start..bytes.len().min(start + REACH)];
        let stop = line.iter().position(|b| b"\n\r\x1E;".contains(b)).unwrap_or(line.len());
        let text = lossy(&line[..stop]);
        // A house number before the street stands before what was found.
        let from = start
            - bytes[..start]
                .iter()
                .rev()
                .take(8)
                .take_while(|b| {
                    b.is_ascii_alphanumeric() && !b.is_ascii_lowercase() || b" ,".contains(b)
                })
                .count();
        let with_number = lossy(&bytes[from..start + stop]);
        let same = self.is(Kind::Address, &text) || self.is(Kind::Address, &with_number);
        same.then_some(Seen { mark: Mark::Address, start, end: start + stop })
    }
}

fn literal(bytes: &[u8], start: usize, end: usize, mark: Mark) -> Option<Seen> {
    let is_free = |b: Option<&u8>| b.is_none_or(|b| !is_word(*b));
    let before = start.checked_sub(1).map(|at| &bytes[at]);
    (is_free(before) && is_free(bytes.get(end))).then_some(Seen { mark, start, end })
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80
}

fn is_address(b: u8) -> bool {
    is_word(b) || b"._%+-@='".contains(&b)
}

/// The stretch round a part in which all bytes are of a sort, within reach.
fn grown(bytes: &[u8], start: usize, end: usize, is: impl Fn(u8) -> bool) -> (usize, usize) {
    let back = bytes[..start].iter().rev().take(REACH / 2).take_while(|b| is(**b)).count();
    let on = bytes[end..].iter().take(REACH / 2).take_while(|b| is(**b)).count();
    (start - back, end + on)
}

/// The words before a place, nearest first, and those behind it, in the same cell.
fn near(bytes: &[u8], start: usize, end: usize) -> [Vec<String>; 2] {
    let cell = |part: &[u8], last: bool| {
        let cut = if last {
            memchr::memrchr(CELL_END, part).map(|at| at + 1..part.len())
        } else {
            memchr::memchr(CELL_END, part).map(|at| 0..at)
        };
        part[cut.unwrap_or(0..part.len())].to_vec()
    };
    let before = cell(&bytes[start.saturating_sub(REACH / 2)..start], true);
    let behind = cell(&bytes[end..bytes.len().min(end + REACH / 2)], false);
    let mut before: Vec<String> = words(&lossy(&before)).collect();
    before.reverse();
    before.truncate(APART);
    let behind = words(&lossy(&behind)).take(APART).collect();
    [before, behind]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(kind: Kind, value: &str, text: &str) -> Vec<Mark> {
        let mut builder = Builder::default();
        builder.add(kind, value);
        let mut marks = Vec::new();
        builder.build().unwrap().find(text.as_bytes(), 0, text.len(), |seen| marks.push(seen.mark));
        marks
    }

    #[test]
    fn names_in_any_order_and_spelling() {
        for text in [
            "Kåre Bjørnøy",
            "BJØRNØY, KÅRE",
            "Kaare Bjoernoey",
            "Kare Bjornoy",
            "Kåre Olav H. Bjørnøy",
            "Bjørnøy Kåre",
        ] {
            assert!(marks(Kind::Name, "Kåre Bjørnøy", text).contains(&Mark::Name), "{text}");
        }
        assert_eq!(marks(Kind::Name, "Kåre Bjørnøy", "K. Bjørnøy"), [Mark::NameInitials]);
        assert_eq!(marks(Kind::Name, "Kåre Bjørnøy", "Bjørnøy"), [Mark::Family]);
        assert_eq!(
            marks(Kind::Name, "Anne-Grete O'Brien", "Anne Grete O’Brien").last(),
            Some(&Mark::Name)
        );
        assert!(marks(Kind::Name, "Иван Петров", "ПЕТРОВ Иван").contains(&Mark::Name));
    }

    #[test]
    fn other_names_are_others() {
        for text in ["Bjørnøya", "Ola Nordmann", "Bjørn Kåresen"] {
            assert!(!marks(Kind::Name, "Kåre Bjørnøy", text).contains(&Mark::Name), "{text}");
        }
        let far = "Kåre og en to tre fire fem seks Bjørnøy";
        assert_eq!(marks(Kind::Name, "Kåre Bjørnøy", far), [Mark::Given, Mark::Family]);
        let cells = "Kåre\x1EBjørnøy\x1E";
        assert_eq!(marks(Kind::Name, "Kåre Bjørnøy", cells), [Mark::Given, Mark::Family]);
    }

    #[test]
    fn addresses_of_mail_in_all_their_forms() {
        for text in [
            "<Ola.Nordmann@Example.org>",
            "mailto:ola.nordmann%40example.org",
            "ola.nordmann+x@example.org",
            "ola.nordmann (at) example.org",
            "user=ola.nordmann@example.org;",
            "ola.nordmann@example.org.",
        ] {
            assert_eq!(
                marks(Kind::Email, "ola.nordmann@example.org", text),
                [Mark::Email],
                "{text}"
            );
        }
        for text in ["xola.nordmann@example.org", "ola.nordmann@example.net", "ola.nordmann"] {
            assert!(marks(Kind::Email, "ola.nordmann@example.org", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn streets_and_user_names() {
        let street = "Bjørnstjerne Bjørnsons gate 154 B";
        assert_eq!(
            marks(Kind::Address, street, "bor i bjørnstjerne bjørnsons gt. 154B, Hamar"),
            [Mark::Address]
        );
        assert!(marks(Kind::Address, street, "Bjørnstjerne Bjørnsons gate 15").is_empty());
        assert_eq!(
            marks(Kind::Address, "12 High Street", "at 12 High St, London"),
            [Mark::Address]
        );
        assert_eq!(marks(Kind::Username, "kari.no", "DOMAIN\\kari.no: ok"), [Mark::UsernameBare]);
        assert!(marks(Kind::Username, "kari.no", "kari.nordmann kari.no@example.org").is_empty());
    }
}
