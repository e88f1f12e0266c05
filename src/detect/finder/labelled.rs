//! What labels, pairs, conversations and sentences tell in running text.

use std::ops::Range;
use std::sync::Arc;

use super::super::chat::{self, Speakers};
use super::super::context::Near;
use super::super::label::{self, Part};
use super::super::lexicon::{Fit, Hint};
use super::brief::Brief;
use super::{FAILED, Finder, Hit, SMALL, STREET_ONLY, TELLING, lossy};
use crate::memo::Recent;
use crate::validate::names::are_several;
use crate::validate::{Validity, Verdict, logs, told};

/// Bytes behind a label in which a second one may stand with a secret: `user: kari password: …`.
const BEHIND_LABEL: usize = 80;
/// A label of whoever says something.
const SPEAKER: &str = "author";

/// What the last keys of pairs told.
pub type Keys = Recent<Option<Arc<[(u16, Hint)]>>>;

impl Finder {
    /// Adds what labels, pairs and conversations tell in running text (`Navn: Kari Nordmann`, `navn=Kari`): values of
    /// kinds that are judged by field name and cell, where the label is a name of the kind. All of them have the same
    /// two signs.
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
        let end = text.len().min(to + chat::REACH);
        for sign in memchr::memchr2_iter(b':', b'=', &text[from..end]).map(|i| from + i) {
            let is_colon = text[sign] == b':';
            if sign < to {
                if is_colon {
                    self.in_pair(text, sign, hits);
                    if goes_on(&text[known..sign]) {
                        self.secret_at(text, sign, &mut keys, hits);
                    }
                    if self.behind_label(text, sign, hits) {
                        known = sign;
                    }
                } else if label::has_key(text, sign) {
                    self.in_pair(text, sign, hits);
                    self.secret_at(text, sign, &mut keys, hits);
                    self.user_at(text, sign, &mut keys, hits);
                }
            }
            if is_colon && let Some(speaker) = speakers.at(text, sign) {
                self.speaking(text, &speaker, hits);
            }
        }
        self.told_of(text, from..to, hits);
        if hits.len() > before {
            hits.sort_by_key(|h| (h.start, h.detector));
        }
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
                let fit = if part == Part::First { fit } else { Fit::Ambiguous };
                if self.is_of_names(detector) && are_several(&lossy(&text[value.clone()])) {
                    continue;
                }
                let Some(verdict) = self.check_labelled(detector, fit, &text[value.clone()]) else {
                    continue;
                };
                let label = if fit == Fit::Strong { Near::Label } else { Near::Keyword };
                hits.extend(self.labelled_hit(detector, verdict, value.clone(), label));
            }
            hits.len() > taken
        })
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
        let has_words = text[value.clone()].contains(&b' ');
        for &(detector, hint) in &told[..] {
            let label = match hint {
                Hint::For(Fit::Strong) => Near::Label,
                Hint::For(Fit::Ambiguous) if has_words => Near::Keyword,
                _ => continue,
            };
            self.add_labelled(detector, text, &value, label, hits);
        }
    }

    /// Adds the secret of a pair with this sign in the query of an address or in a connection string: names of other
    /// kinds stand there before words of code, and behind them secrets have a digit or a sign.
    pub fn secret_at(&self, text: &[u8], sign: usize, keys: &mut Keys, hits: &mut Vec<Hit>) {
        let known = |label: &str| keys.of(label, |label| self.told_by(label));
        let pair = label::in_list(text, sign, known);
        let Some((told, value)) = pair else { return };
        for &(detector, hint) in &told[..] {
            if hint != Hint::For(Fit::Strong) || !self.brief(detector).is_secret {
                continue;
            }
            let verdict = self.check(detector, &lossy(&text[value.clone()]));
            hits.extend(self.labelled_hit(detector, verdict, value.clone(), Near::Label));
        }
    }

    /// Adds the user of a pair with this sign in a line of a log: `login ok user=kari ip=…`.
    fn user_at(&self, text: &[u8], sign: usize, keys: &mut Keys, hits: &mut Vec<Hit>) {
        let known = |label: &str| keys.of(label, |label| self.told_by(label));
        let pair = label::user_in_log(text, sign, known);
        let Some((told, value)) = pair else { return };
        for &(detector, hint) in &told[..] {
            if !matches!(hint, Hint::For(_)) || !self.brief(detector).is_login {
                continue;
            }
            let user = lossy(&text[value.clone()]);
            if logs::is_persons(&user) {
                let verdict = self.check(detector, &user);
                hits.extend(self.labelled_hit(detector, verdict, value.clone(), Near::Label));
            }
        }
    }

    /// Adds who says something in a conversation, which stands where the label of a form does.
    fn speaking(&self, text: &[u8], speaker: &Range<usize>, hits: &mut Vec<Hit>) {
        for &(detector, _) in self.told_by(SPEAKER).iter().flat_map(|told| told.iter()) {
            self.add_labelled(detector, text, speaker, Near::Keyword, hits);
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
        told(label).or_else(|| label.split('/').skip(1).find_map(told))
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
        is_written.then_some(verdict)
    }
}
