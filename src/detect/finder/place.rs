//! Places: what stands near a hit in running text, and which of overlapping hits stay.

use std::collections::HashSet;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::super::context::{AFTER, BEFORE, Near, Surroundings, from_whole_character};
use super::super::lexicon::{Fit, Hint};
use super::super::{roll, sentence};
use super::{FAILED, Finder, Hit, Placed, lossy};
use crate::unit::CELL_END;
use crate::validate::{Verdict, told};

/// Bytes behind a name within which a checked value is its company.
const COMPANY: usize = 24;

/// Bytes between a name or an e-mail address and what it speaks for.
const BESIDE: usize = 48;
/// Bytes of these at most.
const LONGEST: usize = 80;
/// Bytes, lines and bytes of a line between a name and what is below it in a signature.
const CARD: usize = 120;
const CARD_LINES: usize = 4;
const CARD_LINE: usize = 48;
/// Chance up to which what they speak for has a form of its own.
const TOLD: f64 = 0.05;
/// Chance up to which they tell by themselves that somebody is meant.
const LISTED: f64 = 0.02;

/// Chance up to which a name is one by all of its parts.
const FULLY: f64 = 0.003;
/// Chance up to which a street is one by itself, and up to which it has a postal code and a town.
const STREET: f64 = 0.0003;
const WITH_TOWN: f64 = 0.00005;

/// Bits from which a value tells its kind so well that words of other kinds say nothing against it.
const SURE: f64 = 13.0;

/// Room for placing hits, used again.
#[derive(Default)]
pub struct Placer {
    near: Surroundings,
    cluster: Vec<(f64, Placed)>,
    settled: Vec<Placed>,
}

impl Finder {
    /// Of hits that overlap in running text the best explained survive; they come by start. `hint` tells what the
    /// field's name says of a detector.
    pub fn place(
        &self,
        text: &[u8],
        hits: &[Hit],
        hint: impl Fn(u16) -> Option<Hint>,
        placer: &mut Placer,
        out: &mut Vec<Placed>,
    ) {
        out.clear();
        out.reserve(hits.len());
        let Placer { near, cluster, .. } = placer;
        let mut span = (usize::MAX, 0);
        let mut reach = 0;
        for hit in hits.iter().filter(|h| h.rung != FAILED) {
            if span != (hit.start, hit.end) {
                span = (hit.start, hit.end);
                // Streets stand behind names, and tell of no other kind.
                let limit = if hit.prose { self.street_behind(hits, hit) } else { usize::MAX };
                self.keywords.look(text, hit.start, hit.end, limit, near);
            }
            if hit.start >= reach {
                settle(cluster, out);
            }
            reach = reach.max(hit.end);
            let mut words = match self.keywords.near(hit.detector, near, self.reach(hits, hit)) {
                Near::Nothing => self.round(text, hits, hit),
                // "Address" above a name is a word of another kind, and "team" one that speaks against it.
                Near::Against | Near::Rival if self.heads_entry(text, hits, hit) => Near::Company,
                // What people use, and of which type it is, stands in sentences about them.
                Near::Against
                    if self.is_full(hit)
                        && !near.stands_before()
                        && self.is_in_sentence(text, hit) =>
                {
                    Near::Sentence
                }
                words => words,
            };
            // `taken from C11 6.7.2.1`: words that stand near anything.
            if words < Near::Label && self.brief(hit.detector).like_version == Some(hit.rung) {
                words = words.min(Near::Nothing);
            }
            if self.is_by_scheme(text, hit) {
                words = Near::Keyword;
            } else if self.is_firms(text, hits, hit) || self.is_of_other_country(text, hit) {
                words = Near::Against;
            }
            // A turn of phrase tells what it is whatever stands beside it, and so does what hardly anything else passes
            // the check of: an e-mail address is one beside the word for telephone, too.
            let is_sure = self.is_phrase(hit.detector) || self.bits(hit) >= SURE;
            if words == Near::Rival && is_sure {
                words = Near::Nothing;
            }
            let placed = Placed {
                hit: *hit,
                near: hit.label.unwrap_or_else(|| with_name(words, hint(hit.detector))),
                separated: self.separated(hit.detector, &text[hit.start..hit.end]),
            };
            if !hit.doubtful() || placed.near >= Near::Keyword {
                cluster.push((self.match_bits(&placed), placed));
            }
        }
        settle(cluster, out);
    }

    /// As [`Finder::place`], and gives the failed hits that overlap no sure survivor as well: what nearly any number
    /// passes for does not tell what a number is, and of how many a kind's check lets pass some is its evidence. They
    /// are many in logs, and are not kept.
    pub fn place_all(
        &self,
        text: &[u8],
        hits: &[Hit],
        placer: &mut Placer,
        mut give: impl FnMut(&Placed),
    ) {
        let mut settled = std::mem::take(&mut placer.settled);
        self.place(text, hits, |_| None, placer, &mut settled);
        // Both come by start: where a failed one stands among the settled is told in one go.
        let (mut given, mut behind) = (0, 0);
        for hit in hits.iter().filter(|h| !h.valid()) {
            behind += settled[behind..].iter().take_while(|p| p.hit.end <= hit.start).count();
            let mut over = settled[behind..].iter().take_while(|p| p.hit.start < hit.end);
            if over.any(|p| p.hit.overlaps(hit) && self.is_sure(p)) {
                continue;
            }
            let before = settled[given..].iter().take_while(|p| p.hit.start <= hit.start).count();
            settled[given..given + before].iter().for_each(&mut give);
            given += before;
            let hit = Hit { rung: FAILED, ..*hit };
            let separated = self.separated(hit.detector, &text[hit.start..hit.end]);
            give(&Placed { hit, near: Near::Nothing, separated });
        }
        settled[given..].iter().for_each(give);
        placer.settled = settled;
    }

    /// Whether a survivor is told by its check or by words, so that it is nothing else.
    fn is_sure(&self, placed: &Placed) -> bool {
        let Hit { detector, rung, .. } = placed.hit;
        placed.near >= Near::Keyword || self.chance(detector, rung) <= TOLD
    }

    /// What stands round a hit where no telling word is near.
    fn round(&self, text: &[u8], hits: &[Hit], hit: &Hit) -> Near {
        let brief = self.brief(hit.detector);
        match () {
            () if brief.company && self.has_company(text, hits, hit) => Near::Company,
            () if brief.beside && self.is_beside(text, hits, hit) => Near::Company,
            () if brief.is_national && self.is_named(text, hits, hit) => Near::Company,
            () if self.heads_entry(text, hits, hit) => Near::Company,
            () if self.is_signed(text, hit) => Near::Company,
            () if self.is_in_sentence(text, hit) => Near::Sentence,
            () if self.is_among_names(text, hits, hit) => Near::Sentence,
            () => Near::Nothing,
        }
    }

    /// Whether a name stands alone below the last words of a letter.
    fn is_signed(&self, text: &[u8], hit: &Hit) -> bool {
        hit.prose
            && self.brief(hit.detector).is_name
            && self.chance(hit.detector, hit.rung) <= LISTED
            && sentence::is_closed(text, hit.start)
    }

    /// Whether a full name stands beside another one, with a comma or a small word between.
    fn is_among_names(&self, text: &[u8], hits: &[Hit], hit: &Hit) -> bool {
        let is_name = |h: &Hit| h.prose && self.brief(h.detector).is_name && self.is_full(h);
        let joined =
            |from: usize, to: usize| from < to && to - from <= 5 && is_list(&text[from..to]);
        if !is_name(hit) {
            return false;
        }
        let at = hits.partition_point(|h| h.start < hit.start);
        let before = hits[..at].iter().rev().take_while(|h| h.start + LONGEST >= hit.start);
        let behind = hits[at..].iter().take_while(|h| h.start <= hit.end + BESIDE);
        before.filter(|h| is_name(h)).any(|h| joined(h.end, hit.start))
            || behind.filter(|h| is_name(h)).any(|h| joined(hit.end, h.start))
    }

    /// Whether what somebody is reached by stands behind the scheme of an address (`sip:+47…`), or behind a letter and a
    /// colon as on cards: `T: 912 34 567`.
    fn is_by_scheme(&self, text: &[u8], hit: &Hit) -> bool {
        let brief = self.brief(hit.detector);
        if !brief.is_contact || brief.is_name || hit.prose {
            return false;
        }
        let before = &text[hit.start.saturating_sub(12)..hit.start];
        [&b"sip:"[..], b"sips:", b"tel:", b"callto:"].iter().any(|scheme| before.ends_with(scheme))
            || self.chance(hit.detector, hit.rung) <= TOLD && is_letter_of_card(before)
    }

    /// Where the first street begins behind a hit: its words are no words near.
    fn street_behind(&self, hits: &[Hit], hit: &Hit) -> usize {
        let from = hits.partition_point(|h| h.start < hit.end);
        let mut behind = hits[from..].iter().take_while(|h| h.start <= hit.end + AFTER);
        let is_street = |h: &&Hit| {
            h.prose
                && self.brief(h.detector).beside
                && h.valid()
                && self.chance(h.detector, h.rung) <= STREET
        };
        behind.find(is_street).map_or(usize::MAX, |h| h.start)
    }

    /// Whether the letters of another country stand right before a number that a state gives, as before those of firms:
    /// `LV 40103077610`.
    fn is_of_other_country(&self, text: &[u8], hit: &Hit) -> bool {
        // `ID`, `NR` and `NO` stand before numbers of any country.
        const OTHERS: &str = "LV EE LT FI SE DK PL CZ SK HR HU RO BG GR EL CY MT LU NL FR ES GB IE";
        if !self.brief(hit.detector).is_national || hit.prose {
            return false;
        }
        let before = text[..hit.start].strip_suffix(b" ").unwrap_or(&text[..hit.start]);
        let [front @ .., a @ b'A'..=b'Z', b @ b'A'..=b'Z'] = before else { return false };
        let code = [*a, *b];
        let is_code = OTHERS.split(' ').any(|other| other.as_bytes() == code);
        let regions = &self.rules.detectors[usize::from(hit.detector)].regions;
        front.last().is_none_or(|b| !b.is_ascii_alphanumeric())
            && !regions.is_empty()
            && is_code
            && !regions.iter().any(|region| region.as_bytes() == code)
    }

    /// Whether a street is that of a firm, whose name stands right before it, and nobody's is beside.
    fn is_firms(&self, text: &[u8], hits: &[Hit], hit: &Hit) -> bool {
        if !hit.prose || !self.brief(hit.detector).beside {
            return false;
        }
        let is_behind = |start: usize| is_behind_firm(&text[start.saturating_sub(BESIDE)..start]);
        // `Inc., 53 Temple Place Suite 330`: what begins with the second word is the firm's, too.
        let at = hits.partition_point(|h| h.start < hit.start);
        let before = hits[..at].iter().rev().take_while(|h| h.start + BESIDE >= hit.start);
        let mut over = before.filter(|h| h.detector == hit.detector && h.end > hit.start);
        (is_behind(hit.start) || over.any(|h| is_behind(h.start)))
            && !self.is_beside(text, hits, hit)
    }

    /// Whether a name is that of a ship, a firm or another thing that is called after somebody, by what stands round it.
    pub fn is_things_name(&self, text: &[u8], detector: u16, start: usize, end: usize) -> bool {
        /// Bytes of the longest label.
        const LABEL: usize = 40;
        if !self.brief(detector).is_name {
            return false;
        }
        let before = text[start.saturating_sub(LABEL)..start].trim_ascii_end();
        let label = before.strip_suffix(b":").map(|label| {
            let ends =
                |b: &u8| matches!(b, b'\n' | b'\r' | b'\t' | b';' | b',' | b'(' | b'|' | &CELL_END);
            label.rsplit(ends).next().unwrap_or(label)
        });
        label.is_some_and(|label| self.lexicon.names_thing(&lossy(label)))
            || sentence::is_of_thing(text, start, end)
    }

    /// Whether a turn of phrase is said of many, or of a thing.
    pub fn is_of_nobody(&self, text: &[u8], detector: u16, start: usize, phrase: &str) -> bool {
        /// Bytes of the clause before it.
        const CLAUSE: usize = 96;
        let brief = self.brief(detector);
        if !brief.is_phrase || brief.is_login || brief.is_numbered {
            return false;
        }
        let before = from_whole_character(&text[start.saturating_sub(CLAUSE)..start]);
        told::is_of_nobody(&lossy(before), phrase)
    }

    /// Whether a name stands in a sentence.
    fn is_in_sentence(&self, text: &[u8], hit: &Hit) -> bool {
        let is_name = hit.prose && self.brief(hit.detector).company;
        is_name && sentence::is_around(text, hit.start, hit.end)
    }

    /// Whether what passed is a name by all of its parts.
    fn is_full(&self, hit: &Hit) -> bool {
        self.chance(hit.detector, hit.rung) <= FULLY
    }

    /// Whether somebody's name stands right before a number that a state gives to people.
    fn is_named(&self, text: &[u8], hits: &[Hit], hit: &Hit) -> bool {
        let at = hits.partition_point(|h| h.start < hit.start);
        let near = |h: &&Hit| h.start + LONGEST >= hit.start;
        let mut before = hits[..at].iter().rev().take_while(near);
        before.any(|h| {
            let is_name = h.prose && h.valid() && self.brief(h.detector).is_name;
            is_name
                && self.chance(h.detector, h.rung) <= LISTED
                && text.get(h.end..hit.start).is_some_and(are_signs)
        })
    }

    /// Whether a checked value of another kind stands right behind a hit.
    fn has_company(&self, text: &[u8], hits: &[Hit], hit: &Hit) -> bool {
        let from = hits.partition_point(|h| h.start < hit.end);
        let behind = hits[from..].iter().take_while(|h| h.start <= hit.end + COMPANY);
        let mut checked = behind
            .filter(|h| {
                let is_checked = !h.prose && self.chance(h.detector, h.rung) <= TOLD;
                h.valid() && (is_checked || self.is_birth_of(text, hit, h))
            })
            .map(|h| h.start);
        checked
            .next()
            .is_some_and(|start| memchr::memchr2(b'\n', CELL_END, &text[hit.end..start]).is_none())
    }

    /// Whether a date behind a name is told to be that of a birth: `Kari Hansen, f. 04.07.1961`.
    fn is_birth_of(&self, text: &[u8], name: &Hit, date: &Hit) -> bool {
        if !self.is_birth(date.detector) || date.start <= name.end {
            return false;
        }
        let mut near = Surroundings::default();
        self.keywords.look(text, date.start, date.end, text.len(), &mut near);
        near.stands_before()
            && self.keywords.near(date.detector, &near, date.start - name.end) >= Near::Keyword
    }

    /// How far before a hit words speak for it: of a kind that a word has one value of, to the value before it.
    fn reach(&self, hits: &[Hit], hit: &Hit) -> usize {
        if !self.brief(hit.detector).once {
            return usize::MAX;
        }
        let at = hits.partition_point(|h| h.start < hit.start);
        let mut before = hits[..at].iter().rev().take_while(|h| h.start + BEFORE >= hit.start);
        let is_like = |h: &&Hit| h.detector == hit.detector && h.valid() && h.end <= hit.start;
        before.find(is_like).map_or(usize::MAX, |h| hit.start - h.end)
    }

    /// Whether a name stands above a street or before one, as in the head of a letter, or in a list of names.
    fn heads_entry(&self, text: &[u8], hits: &[Hit], hit: &Hit) -> bool {
        let of_name = self.chance(hit.detector, hit.rung);
        if !hit.prose || !self.brief(hit.detector).company || of_name > LISTED {
            return false;
        }
        let is_full = of_name <= FULLY;
        let from = hits.partition_point(|h| h.start < hit.end);
        let behind = hits[from..].iter().take_while(|h| h.start <= hit.end + BESIDE);
        let mut streets = behind.filter(|h| h.prose && h.valid() && self.brief(h.detector).beside);
        streets.any(|h| {
            let of_street = self.chance(h.detector, h.rung);
            let has_lines = || text[h.start..h.end].contains(&b'\n');
            let tells = of_street <= WITH_TOWN || is_full && (of_street <= STREET || has_lines());
            tells && is_next(&text[hit.end..h.start])
        }) || is_full && (self.is_in_roll(text, hit) || self.signs(text, &hits[from..], hit))
    }

    /// Whether a name begins a line, and what the person is reached by stands in one of the short lines below, as under
    /// letters.
    fn signs(&self, text: &[u8], behind: &[Hit], hit: &Hit) -> bool {
        let begins = text[..hit.start].last().is_none_or(|b| *b == b'\n');
        let near = behind.iter().take_while(|h| begins && h.start <= hit.end + CARD);
        let mut contacts =
            near.filter(|h| self.brief(h.detector).is_contact && !h.prose && h.valid());
        contacts.any(|h| is_card(&text[hit.end..h.start]))
    }

    /// Whether a name stands in a list of names, one a line.
    fn is_in_roll(&self, text: &[u8], hit: &Hit) -> bool {
        let is_name = |name: &str| match self.check_prose(hit.detector, name) {
            Verdict::Valid(rung) => {
                let (rung, _) = self.rung(hit.detector, Verdict::Valid(rung));
                self.chance(hit.detector, rung) <= FULLY
            }
            _ => false,
        };
        let is_label = |line: &str| {
            let told = self.lexicon.of_label(line);
            told.is_some_and(|told| {
                told.iter().any(|(d, hint)| self.brief(*d).is_name && matches!(hint, Hint::For(_)))
            })
        };
        roll::is_in_one(text, hit.start, hit.end, is_name, is_label)
    }

    /// Whether a name or an e-mail address stands right beside a hit that they speak for, on its line or the next.
    fn is_beside(&self, text: &[u8], hits: &[Hit], hit: &Hit) -> bool {
        let tells_little = self.chance(hit.detector, hit.rung) > TOLD;
        if tells_little {
            return false;
        }
        let tells = |h: &Hit| {
            let brief = self.brief(h.detector);
            h.valid()
                && brief.is_contact
                && !brief.beside
                && self.chance(h.detector, h.rung) <= LISTED
        };
        let joined = |from: usize, to: usize| {
            from <= to && to - from <= BESIDE && is_one_entry(&text[from..to])
        };
        let at = hits.partition_point(|h| h.start < hit.start);
        let near = |h: &&Hit| h.start + BESIDE + LONGEST >= hit.start;
        let before = hits[..at].iter().rev().take_while(near);
        let behind = hits[at..].iter().take_while(|h| h.start <= hit.end + BESIDE);
        // What begins like a name stands behind numbers of articles as well.
        before.filter(|h| tells(h)).any(|h| joined(h.end, hit.start))
            || behind.filter(|h| tells(h) && !h.prose).any(|h| joined(hit.end, h.start))
    }
}

/// Whether what stands between two names makes a list of them.
fn is_list(between: &[u8]) -> bool {
    const SIGNS: &[&[u8]] = &[
        b", ", b"; ", b" og ", b" and ", b" und ", b" och ", b" et ", b" en ", b" ja ", b" i ",
        b" y ", b" e ", b" & ", b" a ",
    ];
    SIGNS.contains(&between)
}

/// Whether a text ends with the letter by which cards tell telephones, and a colon, or a full stop where the line begins
/// with it: `t. 514-555-0702`.
fn is_letter_of_card(before: &[u8]) -> bool {
    if let [line @ .., b't' | b'T' | b'm' | b'M', b'.', b' '] = before {
        return line.last().is_none_or(|b| matches!(b, b'\n' | &CELL_END));
    }
    let Some(rest) = before.trim_ascii_end().strip_suffix(b":") else { return false };
    let [rest @ .., b'T' | b'M' | b'P' | b'F' | b'D' | b'H' | b'C'] = rest else { return false };
    rest.last().is_none_or(|b| {
        b.is_ascii_whitespace() || matches!(b, b'|' | b',' | b';' | b'(' | b'>' | &CELL_END)
    })
}

/// Whether a text ends with the form of a firm and a comma or the end of a line: `Fjord Rør AS, `.
fn is_behind_firm(before: &[u8]) -> bool {
    static ALL: LazyLock<HashSet<&[u8], FixedState>> =
        LazyLock::new(|| FORMS.split(' ').map(str::as_bytes).collect());
    const FORMS: &str = "\
        AS ASA ANS DA SA BA KS A/S ApS I/S K/S P/S AB HB KB Oy Oyj Ky GmbH AG KG KGaA OHG UG SE mbH e.V. \
        eG Ltd Ltd. Limited LLP LLC plc PLC Inc Inc. Corp Corp. SARL SAS SASU EURL SNC SCI S.A. S.A.S. \
        S.L. SL S.L.U. S.r.l. Srl SRL S.p.A. SpA S.n.c. S.a.s. Lda Lda. B.V. BV N.V. NV VOF V.O.F. BVBA \
        o.o. S.K. s.r.o. a.s. spol. Kft. Kft Zrt. Zrt Nyrt. Bt. d.o.o. d.d. EOOD OOD EAD AD OU SIA UAB MB \
        ehf. hf. ehf";
    let rest = before.trim_ascii_end();
    let gap = &before[rest.len()..];
    let rest = match rest.strip_suffix(b",") {
        Some(rest) if gap == b" " => rest,
        None if gap.first().is_some_and(|b| matches!(b, b'\n' | b'\r')) && gap.len() <= 2 => rest,
        _ => return false,
    };
    let at = rest.iter().rposition(|b| matches!(b, b' ' | b'\n' | &CELL_END));
    at.is_some_and(|at| rest[at] == b' ' && ALL.contains(&rest[at + 1..]))
}

/// Whether a few signs part two values, and nothing else.
fn are_signs(between: &[u8]) -> bool {
    (1..=4).contains(&between.len())
        && between.iter().all(|b| matches!(b, b' ' | b',' | b';' | b':' | b'(' | b'-' | b'\t'))
}

/// Whether short lines stand between a name and what its bearer is reached by; on the name's own line a title may stand
/// behind a comma.
fn is_card(between: &[u8]) -> bool {
    let mut lines = between.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let is_short = |line: &[u8]| line.len() <= CARD_LINE && !line.contains(&CELL_END);
    let first = lines.next().unwrap_or_default();
    let others = lines.clone().count();
    (first.is_empty() || first.starts_with(b",") && is_short(first))
        && (1..=CARD_LINES).contains(&others)
        && lines.all(is_short)
}

/// Whether nothing but a comma or the end of a line parts two values.
fn is_next(between: &[u8]) -> bool {
    let signs = || between.iter().filter(|b| !matches!(b, b' ' | b'\t' | b'\r'));
    let lines = signs().filter(|b| **b == b'\n').count();
    signs().all(|b| matches!(b, b',' | b'\n')) && lines <= 1 && signs().next().is_some()
}

/// Whether what parts two values leaves them in one entry: no cell ends, and one line at most.
fn is_one_entry(between: &[u8]) -> bool {
    memchr::memchr(CELL_END, between).is_none()
        && memchr::memchr_iter(b'\n', between).nth(1).is_none()
}

/// A telling field name stands for a keyword near every match.
fn with_name(near: Near, hint: Option<Hint>) -> Near {
    match (near, hint) {
        (_, Some(Hint::For(Fit::Strong | Fit::Medium))) => Near::Keyword,
        (Near::Nothing, Some(Hint::Against)) => Near::Against,
        _ => near,
    }
}

/// Empties a cluster of overlapping hits: the best explained one stays, then the best of those that do
/// not overlap it, and so on. Position and number make the order whole.
fn settle(cluster: &mut Vec<(f64, Placed)>, out: &mut Vec<Placed>) {
    if let [(_, alone)] = cluster[..] {
        out.push(alone);
        cluster.clear();
        return;
    }
    cluster.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then(a.1.hit.start.cmp(&b.1.hit.start))
            .then(b.1.hit.end.cmp(&a.1.hit.end))
            .then(a.1.hit.detector.cmp(&b.1.hit.detector))
    });
    let from = out.len();
    for (_, placed) in cluster.drain(..) {
        if !out[from..].iter().any(|p| p.hit.overlaps(&placed.hit)) {
            out.push(placed);
        }
    }
    out[from..].sort_unstable_by_key(|p| p.hit.start);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firms_stand_before_their_streets() {
        for text in ["Fjord Rør AS, ", "Müller GmbH\n", "Paul Martin SARL\r\n"] {
            assert!(is_behind_firm(text.as_bytes()), "{text:?}");
        }
        for text in ["Kari Hansen, ", "AS, ", "Fjord AS ", "Fjord AS\n\n\n", "FjordAS, ", ""] {
            assert!(!is_behind_firm(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn cards_tell_telephones_by_a_letter() {
        for text in ["T: ", "Kari Hansen | M: ", "x\nP:", "x\nt. ", "M. "] {
            assert!(is_letter_of_card(text.as_bytes()), "{text:?}");
        }
        for text in ["T ", "at t. ", "p. ", "AT: ", "x: ", "", "1T: "] {
            assert!(!is_letter_of_card(text.as_bytes()), "{text:?}");
        }
    }
}
