//! What labels, pairs, conversations and sentences tell in running text.

use std::ops::Range;
use std::sync::Arc;

use super::super::chat::{self, Speakers};
use super::super::context::Near;
use super::super::label::{self, Part};
use super::super::lexicon::{Fit, Hint};
use super::super::lines::{self, Line};
use super::super::lower::lower;
use super::super::script;
use super::brief::Brief;
use super::{FAILED, Finder, Hit, SMALL, STREET_ONLY, TELLING, lossy};
use crate::bytes::Places;
use crate::memo::Recent;
use crate::validate::names::{are_several, is_dotted};
use crate::validate::{Validity, Verdict, logs, money, told, url};

/// Bytes behind a label in which a second one may stand with a secret: `user: kari password: …`.
const BEHIND_LABEL: usize = 80;
/// A label of whoever says something.
const SPEAKER: &str = "author";

/// What the last keys of pairs told.
pub type Keys = Recent<Option<Arc<[(u16, Hint)]>>>;

impl Finder {
    /// Adds what labels, pairs and conversations tell in running text (`Navn: Kari Nordmann`, `navn=Kari`): values of
    /// kinds that are judged by field name and cell, where the label is a name of the kind. All of them have the same
    /// few signs, which are looked for together with the ends of lines.
    pub fn labelled(&self, text: &[u8], from: usize, to: usize, hits: &mut Vec<Hit>) {
        let before = hits.len();
        let (mut speakers, mut keys) = (Speakers::new(from..to), Keys::default());
        // Where the last label stood that tells something, be it before where this begins.
        let floor = from.saturating_sub(BEHIND_LABEL);
        let is_known = |colon: &usize| {
            label::behind(text, *colon, |label| self.told_by(label), |_, _, _| true)
        };
        let colons = memchr::memchr_iter(b':', &text[floor..from]).map(|i| floor + i);
        let mut known = colons.filter(is_known).last().unwrap_or(from);
        let goes_on = |rest: &[u8]| {
            rest.starts_with(b":") && rest.len() <= BEHIND_LABEL && !rest.contains(&b'\n')
        };
        let first = Some(from).filter(|at| *at < to && lines::may_begin(text, *at));
        let mut lines: Vec<Line> = first.and_then(|at| lines::line(text, at)).into_iter().collect();
        let is_sign = |b: u8| (b == b':') | (b == b'=') | (b == b'<') | (b == b'\n');
        for sign in Places::new(&text[from..to], is_sign).map(|i| from + i) {
            match text[sign] {
                b'\n' => {
                    if lines::may_begin(text, sign + 1) {
                        lines.extend(lines::line(text, sign + 1));
                    }
                }
                b':' => {
                    self.in_pair(text, sign, hits);
                    if goes_on(&text[known..sign]) {
                        self.secret_at(text, sign, &mut keys, hits);
                    }
                    if self.behind_label(text, sign, hits) {
                        known = sign;
                    }
                    self.speaking(text, speakers.at(text, sign), hits);
                }
                b'<' => self.in_element(text, sign, hits),
                _ => self.behind_equals(text, sign, &mut keys, hits, before),
            }
        }
        // The clocks of the last lines may stand behind this part.
        let end = text.len().min(to + chat::REACH);
        for colon in memchr::memchr_iter(b':', &text[to..end]).map(|i| to + i) {
            self.speaking(text, speakers.at(text, colon), hits);
        }
        self.in_lines(text, &lines, hits);
        self.told_of(text, from..to, hits);
        if hits.len() > before {
            hits.sort_by_key(|h| (h.start, h.detector));
        }
    }

    /// Adds what stands behind an equals sign, as lines of logs, scripts and code have it. Hits of labels begin at this
    /// number.
    fn behind_equals(
        &self,
        text: &[u8],
        sign: usize,
        keys: &mut Keys,
        hits: &mut Vec<Hit>,
        labelled: usize,
    ) {
        if label::is_apart(text, sign) {
            self.in_pair(text, sign, hits);
        } else if label::has_key(text, sign) {
            self.in_pair(text, sign, hits);
            self.secret_at(text, sign, keys, hits);
            self.user_at(text, sign, keys, hits);
        }
        self.secret_in_script(text, sign, keys, hits, labelled);
    }

    /// Adds what sentences say of those who are named in them: `Kari Hansen har kreft.`
    fn told_of(&self, text: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        let mut said = Vec::new();
        for name in hits.iter().filter(|h| h.valid() && range.contains(&h.start)) {
            let is_name = self.brief(name.detector).is_name;
            let told = Some(name.end).filter(|_| is_name).and_then(|at| told::of_named(text, at));
            let Some((told, place)) = told else { continue };
            let Some(detector) = self.telling[told as usize] else { continue };
            let rung = self.brief(detector).phrase;
            let Range { start, end } = place;
            let validity = Validity::Real;
            let label = Some(Near::Far);
            said.push(Hit { start, end, detector, rung, validity, prose: true, label });
        }
        let dates = hits.iter().filter(|h| h.prose && h.valid() && range.contains(&h.start));
        for date in dates.filter(|h| self.is_birth(h.detector)) {
            let Some(name) = label::turned_before(text, date.start) else { continue };
            let detectors = (0..).zip(&self.rules.detectors);
            let mut of_names = detectors.filter(|(d, _)| self.is_of_names(*d)).map(|(d, _)| d);
            said.extend(of_names.find_map(|d| self.turned(d, text, &name)));
        }
        said.sort_by_key(|h| (h.start, h.detector));
        said.dedup_by_key(|h| (h.start, h.detector));
        hits.extend(said);
    }

    /// Adds what stands behind the label before a colon; whether that tells something.
    fn behind_label(&self, text: &[u8], colon: usize, hits: &mut Vec<Hit>) -> bool {
        let known = |label: &str| self.told_by(label);
        label::behind(text, colon, known, |told, value, part| {
            let taken = hits.len();
            for &(detector, hint) in &told[..] {
                let Hint::For(fit) = hint else { continue };
                if part == Part::Pair {
                    hits.extend(self.turned(detector, text, &value));
                    continue;
                }
                if self.brief(detector).is_family
                    && self.begins_with_name(told, &text[value.clone()])
                {
                    continue;
                }
                // What further parts are has to tell by itself.
                let fit = if part == Part::Further { Fit::Ambiguous } else { fit };
                // A word of a vocabulary may belong to something else there.
                let is_weak = self.rules.detectors[usize::from(detector)].weak_labels;
                let value = self.amount_in(detector, text, &value).unwrap_or(value.clone());
                if part == Part::Further && is_weak
                    || part == Part::Alone
                        && !self.tells_behind(detector, fit, &text[value.clone()])
                {
                    continue;
                }
                if self.is_of_names(detector) && are_several(&lossy(&text[value.clone()])) {
                    continue;
                }
                let Some(verdict) = self.check_labelled(detector, fit, &text[value.clone()]) else {
                    continue;
                };
                let is_sure = fit == Fit::Strong || self.brief(detector).is_login;
                let label = if is_sure { Near::Label } else { Near::Keyword };
                hits.extend(self.labelled_hit(detector, verdict, value.clone(), label));
            }
            hits.len() > taken
        })
    }

    /// Adds the values of lines that have a label without a colon: those that tell by themselves, and words of lines
    /// right above or below them.
    fn in_lines(&self, text: &[u8], lines: &[Line], hits: &mut Vec<Hit>) {
        let mut told_in = Vec::new();
        for Line { label, value } in lines {
            let name = std::str::from_utf8(&text[label.clone()]).ok();
            let Some(told) = name.and_then(|label| self.told_by(label)) else { continue };
            let content = &text[value.clone()];
            if !may_be_value(name.unwrap_or(""), content) {
                continue;
            }
            for &(detector, _) in told.iter().filter(|told| told.1 == Hint::For(Fit::Strong)) {
                let tells = self.tells_behind(detector, Fit::Strong, content);
                told_in.push((label.start..value.end, value.clone(), detector, tells));
            }
        }
        let is_next = |a: &Range<usize>, b: &Range<usize>| a.end < b.start && b.start - a.end <= 2;
        for (at, (line, value, detector, tells)) in told_in.iter().enumerate() {
            let others = &told_in[at.saturating_sub(2)..told_in.len().min(at + 3)];
            let is_beside = || {
                let mut near = others.iter().filter(|o| is_next(&o.0, line) || is_next(line, &o.0));
                near.any(|other| other.3)
            };
            let content = &text[value.clone()];
            if *tells || self.may_follow(*detector, content) && is_beside() {
                let verdict = self.check_labelled(*detector, Fit::Strong, content);
                let hit =
                    |verdict| self.labelled_hit(*detector, verdict, value.clone(), Near::Label);
                hits.extend(verdict.and_then(hit));
            }
        }
    }

    /// Whether a value is a few words, of a kind that any words are values of.
    fn may_follow(&self, detector: u16, value: &[u8]) -> bool {
        let is_of_words = self.brief(detector).takes_words && !self.is_of_names(detector);
        is_of_words
            && value.split(|b| *b == b' ').count() <= 3
            && !value.iter().any(|b| b.is_ascii_digit() || matches!(b, b',' | b'/' | b'.'))
    }

    /// Whether a value behind what is no label by its form is one of the kind by itself.
    fn tells_behind(&self, detector: u16, fit: Fit, value: &[u8]) -> bool {
        let value = lossy(value);
        if self.is_of_names(detector) {
            return matches!(self.check_prose(detector, &value), Verdict::Valid(_));
        }
        let (rung, validity) = self.rung(detector, self.check(detector, &value));
        let (brief, is_few) = (self.brief(detector), value.split(' ').count() <= 4);
        let is_number = || !brief.takes_words && is_mixed(&value);
        let is_plain = self.is_of_secrets(detector) || self.is_of_logins(detector);
        let tells = is_number() || is_few && !is_plain && self.is_telling(detector, rung);
        fit == Fit::Strong && rung != FAILED && validity == Validity::Real && tells
    }

    /// Where the amount stands in what a label of pay has behind it.
    fn amount_in(&self, detector: u16, text: &[u8], value: &Range<usize>) -> Option<Range<usize>> {
        if !self.brief(detector).is_pay {
            return None;
        }
        let amount = money::amount(std::str::from_utf8(&text[value.clone()]).ok()?)?;
        Some(value.start + amount.start..value.start + amount.end)
    }

    /// A family name, a comma and a given name, behind a label of names.
    fn turned(&self, detector: u16, text: &[u8], value: &Range<usize>) -> Option<Hit> {
        if !self.is_of_names(detector) {
            return None;
        }
        let verdict = self.check_plainly_turned(&lossy(&text[value.clone()]));
        self.labelled_hit(detector, verdict, value.clone(), Near::Keyword)
    }

    /// Whether what stands behind the label of a relative begins with a name that tells by itself: it is that person's.
    fn begins_with_name(&self, told: &[(u16, Hint)], value: &[u8]) -> bool {
        /// Chance up to which a name tells by itself.
        const LISTED: f64 = 0.02;
        let first = label::first_part(value);
        told.iter().filter(|(d, hint)| self.is_of_names(*d) && matches!(hint, Hint::For(_))).any(
            |(d, _)| {
                let (rung, _) = self.rung(*d, self.check_prose(*d, &lossy(&value[first.clone()])));
                rung != FAILED && self.chance(*d, rung) <= LISTED
            },
        )
    }

    /// Adds the value of a pair with this sign.
    fn in_pair(&self, text: &[u8], sign: usize, hits: &mut Vec<Hit>) {
        let pair = label::pair(text, sign, |label| self.told_by(label));
        let Some((told, value)) = pair else { return };
        self.of_pair(text, &told, &value, hits);
    }

    /// Adds what an element holds that ends with this sign.
    fn in_element(&self, text: &[u8], sign: usize, hits: &mut Vec<Hit>) {
        let element = label::element(text, sign, |label| self.told_by(label));
        let Some((told, value)) = element else { return };
        self.of_pair(text, &told, &value, hits);
    }

    /// Adds a value with what the name before it tells.
    fn of_pair(
        &self,
        text: &[u8],
        told: &[(u16, Hint)],
        value: &Range<usize>,
        hits: &mut Vec<Hit>,
    ) {
        let has_words = text[value.clone()].contains(&b' ');
        for &(detector, hint) in told {
            let label = match hint {
                Hint::For(Fit::Strong) => Near::Label,
                Hint::For(Fit::Ambiguous) if has_words => Near::Keyword,
                _ => continue,
            };
            self.add_labelled(detector, text, value, label, hits);
        }
    }

    /// Adds the secret of a pair with this sign in the query of an address or in a connection string: names of other
    /// kinds stand there before words of code, and behind them secrets have a digit or a sign.
    pub fn secret_at(&self, text: &[u8], sign: usize, keys: &mut Keys, hits: &mut Vec<Hit>) {
        let is_for = |&(detector, hint): &(u16, Hint)| {
            hint == Hint::For(Fit::Strong) && self.brief(detector).is_secret
        };
        let known = |label: &str| self.told_by_key(keys, label, is_for);
        let pair = label::in_list(text, sign, known);
        let Some((told, value)) = pair else { return };
        for &(detector, _) in told.iter().filter(|told| is_for(told)) {
            let verdict = self.check(detector, &lossy(&text[value.clone()]));
            hits.extend(self.labelled_hit(detector, verdict, value.clone(), Near::Label));
        }
    }

    /// Adds the secret that a script, a setting or a program gives to a name with this sign: what examples have there, and
    /// what code, is none. Those before this number come by start.
    fn secret_in_script(
        &self,
        text: &[u8],
        sign: usize,
        keys: &mut Keys,
        hits: &mut Vec<Hit>,
        labelled: usize,
    ) {
        let is_for = |&(detector, hint): &(u16, Hint)| {
            matches!(hint, Hint::For(fit) if fit >= Fit::Medium) && self.brief(detector).is_secret
        };
        let known = |label: &str| self.told_by_key(keys, label, is_for);
        let Some((told, value)) = script::secret(text, sign, known) else { return };
        for &(detector, _) in told.iter().filter(|told| is_for(told)) {
            let (found, of_labels) = hits.split_at(labelled);
            let found = &found[found.partition_point(|h| h.start < value.start)..];
            let found = found.iter().take_while(|h| h.start == value.start);
            let of_sign = of_labels.iter().rev().take_while(|h| h.start > sign);
            let mut there = found.chain(of_sign);
            if there.any(|h| (h.start, h.detector) == (value.start, detector)) {
                continue;
            }
            let secret = lossy(&text[value.clone()]);
            let verdict = self.check(detector, &secret);
            let tells = matches!(verdict, Verdict::Valid(rung) if rung.name() != "strict");
            if tells && !url::is_shown(&secret) {
                hits.extend(self.labelled_hit(detector, verdict, value.clone(), Near::Label));
            }
        }
    }

    /// Adds the user of a pair with this sign in a line of a log: `login ok user=kari ip=…`.
    fn user_at(&self, text: &[u8], sign: usize, keys: &mut Keys, hits: &mut Vec<Hit>) {
        let is_for = |&(detector, hint): &(u16, Hint)| {
            matches!(hint, Hint::For(_)) && self.brief(detector).is_login
        };
        let known = |label: &str| self.told_by_key(keys, label, is_for);
        let pair = label::user_in_log(text, sign, known);
        let Some((told, value)) = pair else { return };
        for &(detector, _) in told.iter().filter(|told| is_for(told)) {
            let user = lossy(&text[value.clone()]);
            if logs::is_persons(&user) {
                let verdict = self.check(detector, &user);
                hits.extend(self.labelled_hit(detector, verdict, value.clone(), Near::Label));
            }
        }
    }

    /// Adds who says something in a conversation, which stands where the label of a form does.
    fn speaking(&self, text: &[u8], speaker: Option<Range<usize>>, hits: &mut Vec<Hit>) {
        let Some(speaker) = speaker else { return };
        for &(detector, _) in self.told_by(SPEAKER).iter().flat_map(|told| told.iter()) {
            self.add_labelled(detector, text, &speaker, Near::Keyword, hits);
        }
    }

    fn add_labelled(
        &self,
        detector: u16,
        text: &[u8],
        value: &Range<usize>,
        label: Near,
        hits: &mut Vec<Hit>,
    ) {
        let verdict = self.check_labelled(detector, Fit::Ambiguous, &text[value.clone()]);
        let hit = |verdict| self.labelled_hit(detector, verdict, value.clone(), label);
        hits.extend(verdict.and_then(hit));
    }

    /// What a label tells, or one of two that stand together (`Mitarbeiterin/Mitarbeiter`).
    fn told_by(&self, label: &str) -> Option<Arc<[(u16, Hint)]>> {
        let told = |label: &str| self.lexicon.of_label(label);
        let told_of_two = || label.split('/').skip(1).find_map(told);
        told(label).or_else(told_of_two).or_else(|| self.lexicon.of_owned_label(label))
    }

    /// What the key of a pair tells, if that is something asked for: most keys tell nothing, or something else.
    fn told_by_key(
        &self,
        keys: &mut Keys,
        key: &str,
        is_for: impl Fn(&(u16, Hint)) -> bool,
    ) -> Option<Arc<[(u16, Hint)]>> {
        let told = keys.of(key, |key| self.told_by(key)).as_ref()?;
        told.iter().any(is_for).then(|| Arc::clone(told))
    }

    fn labelled_hit(
        &self,
        detector: u16,
        verdict: Verdict,
        value: Range<usize>,
        label: Near,
    ) -> Option<Hit> {
        let (rung, validity) = self.rung(detector, verdict);
        let Range { start, end } = value;
        let hit = Hit { start, end, detector, rung, validity, prose: true, label: Some(label) };
        (rung != FAILED).then_some(hit)
    }

    /// Verdict on what stands behind a label; `None` where the label does not tell enough.
    fn check_labelled(&self, detector: u16, fit: Fit, value: &[u8]) -> Option<Verdict> {
        let d = &self.rules.detectors[detector as usize];
        let value = String::from_utf8_lossy(value);
        match fit {
            _ if d.pattern.is_some() => None,
            Fit::Strong => self.check_words(detector, &value),
            _ if d.weak_labels && (fit == Fit::Ambiguous || !self.brief(detector).takes_words) => {
                // `Reg.: 1 or 2` are numbers.
                let is_plain = self.brief(detector).takes_words
                    || !value.contains(|c: char| c.is_ascii_lowercase());
                self.check_words(detector, &value).filter(|verdict| {
                    is_plain && Some(self.rung(detector, *verdict).0) == self.known_rung(detector)
                })
            }
            Fit::Ambiguous if self.brief(detector).is_login => {
                let is_told = logs::is_numbered(&value) || is_dotted(&value);
                is_told.then(|| self.check(detector, &value))
            }
            // A turn of phrase is told by its shape, and has been looked for.
            Fit::Ambiguous
                if d.prose.as_ref().is_some_and(|p| !p.is_phrase)
                    && !self.brief(detector).is_secret =>
            {
                Some(self.check_prose(detector, &value))
            }
            _ => None,
        }
    }

    /// Verdict on what stands behind a label that is a name of the kind and nothing else. Where any words are values,
    /// they have to be written by people, and of the kind's own words where it has such.
    fn check_words(&self, detector: u16, value: &str) -> Option<Verdict> {
        let verdict = self.check(detector, value);
        let Brief { takes_words, has_words, .. } = self.brief(detector);
        let is_own = matches!(verdict, Verdict::Valid(rung) if rung.name() == TELLING);
        // One word in small letters is a name in columns of names; behind a label code has such.
        let is_small = matches!(verdict, Verdict::Valid(rung) if rung.name() == SMALL);
        if is_small && !value.trim().contains(' ') {
            return None;
        }
        // A street without a number has capitals; what else ends like one are words.
        let is_street = matches!(verdict, Verdict::Valid(rung) if rung.name() == STREET_ONLY);
        if is_street && !label::is_titled(value) {
            return None;
        }
        let is_written = !label::is_type(value)
            && (!takes_words || label::is_written(value) && (!has_words || is_own));
        let rung = self.rung(detector, verdict).0;
        let is_of_kind = !self.rules.detectors[usize::from(detector)].own_words
            || Some(rung) == self.known_rung(detector)
            || self.is_flag(detector, rung);
        (is_written && is_of_kind).then_some(verdict)
    }
}

/// Whether a value is a number of a document or a secret: capitals or signs, and digits among letters.
fn is_mixed(value: &str) -> bool {
    /// Bytes of the shortest.
    const SHORTEST: usize = 6;
    let has = |of: fn(&u8) -> bool| value.as_bytes().iter().any(of);
    value.len() >= SHORTEST
        && !value.contains(' ')
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && (has(u8::is_ascii_uppercase)
            || has(|b| matches!(b, b'!' | b'#' | b'@' | b'?' | b'$' | b'%')))
}

/// Small words between two of which one is to be told, in forms that nobody filled in and in descriptions of tables.
const OR: &[&str] = &[
    "or", "oder", "eller", "ou", "o", "of", "lub", "nebo", "alebo", "vagy", "tai", "sau", "ali",
    "ili", "või", "vai", "arba", "или", "ή", "og", "and", "und", "the", "der", "die", "das",
];

/// Whether what stands behind a label without a colon may be a value: it does not speak of what the label says, and tells
/// one thing.
fn may_be_value(label: &str, value: &[u8]) -> bool {
    let (label, value) = (lower(label), lower(&lossy(value)));
    let mut words = value.split(' ');
    !value.contains(&label) && !words.any(|word| OR.contains(&word))
}
