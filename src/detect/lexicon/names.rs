//! What the words of a name say: all of them, some of them, or what stands inside one.

use std::collections::HashMap;

use super::fronts::LONG;
use super::owners::Owner;
use super::{Fit, Hint, Lexicon, Role, raise};

/// Shorter entries count only as the whole name.
const SHORT: usize = 3;
/// Digits behind a name that count what it names: `phone2`, `name_10`.
const COUNT: usize = 2;
/// What behind an entry makes another word of it: profession-al, diagnos-tics, familia-le.
const OTHER_WORD: &[&str] = &[
    "l", "le", "les", "r", "re", "al", "als", "ally", "alism", "tion", "tions", "tive", "tic",
    "tics", "ity", "ism", "ist",
];

impl Lexicon {
    /// What a name says as a whole, with the number that counts it or without.
    pub(super) fn counted(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        self.whole(words, hints);
        let name = without_count(words);
        if name.len() == words.len() {
            return;
        }
        let is_short = name.concat().len() <= SHORT;
        let mut told = HashMap::new();
        self.whole(name, &mut told);
        told.retain(|number, _| !is_short || self.checked[usize::from(*number)]);
        told.into_iter().for_each(|(number, hint)| raise(hints, number, hint));
    }

    /// What a name says all of whose words are names that other things bear as well, of one kind, but for small ones:
    /// together they are no more than that (`Naam ouder`, `Nom du patient`, `Bewohner/in`).
    pub(super) fn joined(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        /// Words between them.
        const SMALL: &[&str] = &[
            "of", "de", "du", "des", "der", "van", "del", "della", "di", "do", "da", "la", "le",
            "the", "og", "and", "och", "und", "en", "et", "e", "y", "i", "a", "l", "d", "in", "r",
            "o", "os", "as",
        ];
        let told = words.iter().filter(|w| !SMALL.contains(&w.as_str()));
        let bearers = told.map(|w| self.bearers(w));
        let mut common: Option<Vec<u16>> = None;
        for bearers in bearers {
            let weak = bearers.iter().filter(|b| b.1 == Role::WeakHeader).map(|b| b.0);
            let known = common.take();
            let both = weak.filter(|n| known.as_ref().is_none_or(|known| known.contains(n)));
            common = Some(both.collect());
        }
        for number in common.into_iter().flatten().filter(|_| words.len() > 1) {
            raise(hints, number, Hint::For(Fit::Ambiguous));
        }
    }

    pub(super) fn parts(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        for from in 0..words.len() {
            for to in from + 1..=words.len().min(from + self.longest) {
                if to - from == words.len() {
                    continue;
                }
                let key = words[from..to].join(" ");
                let short = key.len() <= SHORT;
                for &(number, role) in self.bearers(&key) {
                    match role {
                        // Three letters among others tell of a kind whose values have a check or are dates.
                        Role::Header
                            if !short
                                || (key.len() == SHORT && self.checked[usize::from(number)]) =>
                        {
                            raise(hints, number, Hint::For(Fit::Medium));
                        }
                        Role::Against if !short || key.len() == SHORT => {
                            raise(hints, number, Hint::Against);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    pub(super) fn inside(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        for word in words.iter().filter(|w| w.len() > LONG) {
            for found in self.fronts.entries_may_be(word).filter(|found| found.len() < word.len()) {
                let behind = &word[found.end..];
                if OTHER_WORD.contains(&behind) {
                    continue;
                }
                let bearers = self.bearers(&word[found]);
                for &(number, _) in bearers.iter().filter(|b| b.1 == Role::Header) {
                    // The end of a compound says what it is: a Grundgehalt is a Gehalt, a denominator no nomina.
                    if behind.is_empty() || !self.amounts[usize::from(number)] {
                        hints.entry(number).or_insert(Hint::For(Fit::Weak));
                    }
                }
            }
        }
    }

    /// What a compound says that ends with a name that other things bear as well: a Kursteilnehmer is a Teilnehmer. Only
    /// of kinds that are found again in the values, and of which nothing else is said.
    pub(super) fn compound(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        /// What such an entry and what stands before it have at least.
        const ENTRY: usize = 6;
        const FRONT: usize = 3;
        let [word] = words else { return };
        for at in
            (FRONT..word.len().saturating_sub(ENTRY - 1)).filter(|at| word.is_char_boundary(*at))
        {
            for &(number, role) in self.bearers(&word[at..]) {
                if role == Role::WeakHeader && self.found_again[usize::from(number)] {
                    hints.entry(number).or_insert(Hint::For(Fit::Ambiguous));
                }
            }
        }
    }

    /// What the end of a name says that other words may stand before, where nothing speaks against it.
    pub(super) fn ended(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        for &number in self.endings.of(words, &self.owners) {
            let hint = hints.entry(number).or_insert(Hint::For(Fit::Ambiguous));
            if matches!(hint, Hint::For(Fit::Weak | Fit::Asking)) {
                *hint = Hint::For(Fit::Ambiguous);
            }
        }
    }

    /// What a name says without the words that tell whose it is: a `patient_sex` is a sex, an `owner_phone` a phone. What
    /// other things bear as often is a person's beside a word for one.
    pub(super) fn owned(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        if hints.values().any(|h| *h == Hint::For(Fit::Strong)) {
            return;
        }
        let parted = match words {
            [word] => self.parted(word),
            _ => None,
        };
        let words = parted.as_deref().unwrap_or(words);
        let (name, owner) = self.owners.without(words);
        let mut told = HashMap::new();
        for name in [name.to_vec(), self.owners.unlinked(name)] {
            if !name.is_empty() && name.len() < words.len() {
                self.whole(&name, &mut told);
            }
        }
        // What anything may bear is not asked of where it is a name of another kind.
        let is_name = told.values().any(|h| matches!(h, Hint::For(fit) if *fit > Fit::Asking));
        let counts = |h: &Hint| *h != Hint::Against && !(is_name && *h == Hint::For(Fit::Asking));
        for (number, hint) in told.into_iter().filter(|told| counts(&told.1)) {
            let known = hints.entry(number).or_insert(hint);
            let is_strong = hint == Hint::For(Fit::Strong) && *known != Hint::Against;
            match hint {
                // Roles of persons stand in lists of roles, too.
                Hint::For(Fit::Asking) if owner == Owner::Person => {
                    *known = Hint::For(Fit::Ambiguous);
                }
                _ if is_strong || owner == Owner::Person => *known = Hint::For(Fit::Strong),
                _ => {}
            }
        }
    }

    /// A word as two where it begins with one that says whose something is, and the rest is a name: `otherphone`.
    fn parted(&self, word: &str) -> Option<Vec<String>> {
        /// Letters that both have at least.
        const PART: usize = 4;
        let mut cuts =
            (PART..(word.len() + 1).saturating_sub(PART)).filter(|at| word.is_char_boundary(*at));
        let is_name = |at: &usize| {
            let is_header = |b: &(u16, Role)| b.1 == Role::Header;
            self.owners.is_owner(&word[..*at]) && self.bearers(&word[*at..]).iter().any(is_header)
        };
        let at = cuts.find(is_name)?;
        Some(vec![word[..at].to_owned(), word[at..].to_owned()])
    }

    /// What a name of a number says (`Delenr`, `Part No`, `Kod`): it speaks against what has a form of other numbers,
    /// unless what is numbered is of the kind (`Faxnr`) or a way to reach somebody (`Kontaktnr`).
    pub(super) fn numbered(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        let Some(front) = self.numbers.front(without_count(words)) else { return };
        for &number in self.numbers.detectors.iter().filter(|_| !self.numbers.reaches(&front)) {
            let is_for = |b: &(u16, Role)| b.0 == number && b.1 != Role::Against;
            let hint = match self.bearers(&front.concat()).iter().any(is_for) {
                true => Hint::For(Fit::Medium),
                false => Hint::Against,
            };
            hints.entry(number).or_insert(hint);
        }
    }

    /// What a name of telephones says that tells where one is reached by them, too: `Tlf. arb.`, `Tel. thuis`.
    pub(super) fn reached(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        let mut rest: Vec<String> = self.numbers.unreached(words).cloned().collect();
        // `SMS` is a way to reach somebody and a telephone.
        if rest.is_empty() {
            rest.extend(words.last().cloned());
        }
        if rest.len() == words.len() {
            return;
        }
        let mut told = HashMap::new();
        self.counted(&rest, &mut told);
        told.retain(|number, hint| {
            *hint == Hint::For(Fit::Strong) && self.numbers.detectors.contains(number)
        });
        told.into_iter().for_each(|(number, hint)| raise(hints, number, hint));
    }

    pub(super) fn whole(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        for key in [words.join(" "), words.concat()] {
            for &(number, role) in self.bearers(&key) {
                let hint = match role {
                    Role::Header => Hint::For(Fit::Strong),
                    Role::WeakHeader => Hint::For(Fit::Ambiguous),
                    Role::AskingHeader => Hint::For(Fit::Asking),
                    Role::Against => Hint::Against,
                };
                raise(hints, number, hint);
            }
        }
    }
}

/// Whether a word is a number that counts things.
pub(super) fn is_count(word: &str) -> bool {
    word.len() <= COUNT && word.bytes().all(|b| b.is_ascii_digit())
}

/// The words of a name without the number that counts it (`phone 2`).
pub(super) fn without_count(words: &[String]) -> &[String] {
    match words.split_last() {
        Some((last, name)) if !name.is_empty() && is_count(last) => name,
        _ => words,
    }
}
