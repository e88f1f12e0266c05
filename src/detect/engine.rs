//! The engine: finds every place where the shape of some detector stands, for all detectors at once.
//!
//! Possible starts first, matching second: tables derived from the patterns (`heads.rs`) say where one could
//! begin, and only there one anchored automaton for all patterns runs. Patterns whose matches hold a digit
//! near their start have an automaton of their own, which runs only where a digit is near: most words have
//! none. Patterns around a rare byte with a long variable part before it (e-mail) are driven by that byte. The answer is local: from
//! every possible start the longest match of each pattern, so where a text is cut does not matter.

use anyhow::{Context as _, Result, bail};
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::pool::{Pool, PoolGuard};
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind,
};

use super::heads::Heads;
use super::starts::{BLOCK, Starts};
use crate::unit::CELL_END;

/// Longest match that a pattern may have, in bytes.
pub const MAX_MATCH: usize = 512;
/// Largest automaton that is built, in bytes.
const SIZE_LIMIT: usize = 64 << 20;
/// Memory per thread for the states that were met, in bytes; they are made as they are met, because making
/// all of them would take longer than most scans.
const CACHE: usize = 8 << 20;

/// A place that has the shape of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Number of the pattern, as given to [`Engine::new`].
    pub pattern: u16,
}

/// What candidates are found for: it says which are of use, and takes them.
pub trait Look {
    /// Whether what could start at `at` is of use.
    fn wants(&mut self, _at: usize) -> bool {
        true
    }

    /// Takes a candidate.
    fn found(&mut self, candidate: Candidate);
}

impl<F: FnMut(Candidate)> Look for F {
    fn found(&mut self, candidate: Candidate) {
        self(candidate);
    }
}

/// Patterns that share one automaton.
struct Group {
    dfa: DFA,
    caches: Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync>>,
    /// Number of each of its patterns in the engine.
    numbers: Vec<u16>,
}

/// A group driven by a byte inside its matches.
struct Driven {
    byte: u8,
    /// Bytes that can stand before it in a match.
    before: [bool; 256],
    heads: Heads,
    group: Group,
}

/// Patterns that share a driving byte, before they are compiled: the byte, what can stand before it, they.
type Drawn = (u8, [bool; 256], Vec<(u16, Hir)>);

/// How far from its start a match must have a digit to be found with the numbers.
pub const REACH: usize = 24;
/// Where the group of numbers stands in a pair of groups; words come first.
const NUMBERS: usize = 1;

/// All patterns, ready to search.
pub struct Engine {
    words: Option<Group>,
    numbers: Option<Group>,
    /// Where a match of the two groups could begin.
    starts: Starts,
    /// Which patterns of the two groups can start at a place; words first.
    heads: Heads,
    /// The bits of each group in an answer of `heads`.
    bits: [u128; 2],
    driven: Vec<Driven>,
}

impl Engine {
    /// Builds the engine. Numbers in candidates are positions in `patterns`.
    ///
    /// # Errors
    /// A pattern that is no regular expression, or whose matches have no bounded length.
    pub fn new(patterns: &[(u16, &str)]) -> Result<Engine> {
        let (mut words, mut numbers) = (Vec::new(), Vec::new());
        let mut driven: Vec<Drawn> = Vec::new();
        for &(number, pattern) in patterns {
            let hir = parse(pattern)?;
            match driving_byte(&hir) {
                Some((byte, before)) => {
                    match driven.iter_mut().find(|d| d.0 == byte) {
                        Some(d) => {
                            (0..256).for_each(|b| d.1[b] |= before[b]);
                            d.2.push((number, hir));
                        }
                        None => driven.push((byte, before, vec![(number, hir)])),
                    };
                }
                None if first_digit(&hir).is_some_and(|at| at <= REACH) => {
                    numbers.push((number, hir))
                }
                None => words.push((number, hir)),
            }
        }
        let heads = Heads::new(
            words.iter().map(|p| (0, &p.1)).chain(numbers.iter().map(|p| (NUMBERS, &p.1))),
        );
        let bits = [0, NUMBERS].map(|group| heads.of_group(group));
        let group =
            |list: Vec<(u16, Hir)>| (!list.is_empty()).then(|| Group::new(&list)).transpose();
        let (words, numbers) = (group(words)?, group(numbers)?);
        let (places, beginnings) = heads.beginnings();
        let starts = Starts::new(places, beginnings.map(|(sets, group)| (sets, group == NUMBERS)));
        let driven = driven
            .into_iter()
            .map(|(byte, before, list)| {
                let heads = Heads::new(list.iter().map(|p| (0, &p.1)));
                Ok(Driven { byte, before, heads, group: Group::new(&list)? })
            })
            .collect::<Result<_>>()?;
        Ok(Engine { words, numbers, starts, heads, bits, driven })
    }

    /// Finds every candidate that starts in `from..to` and is of use, looking at all of `text`.
    /// Candidates of one start come together, in the order of their starts; those of driven patterns come before
    /// the others.
    pub fn find(&self, text: &[u8], from: usize, to: usize, mut look: impl Look) {
        let mut ends = Vec::with_capacity(8);
        for driven in &self.driven {
            driven.find(text, from, to, &mut ends, &mut look);
        }
        let mut groups = [&self.words, &self.numbers].map(|g| g.as_ref().map(Running::new));
        let mut inside = from > 0 && is_word(text[from - 1]);
        let mut next = self.starts.block(text, from);
        for block in (from..to).step_by(BLOCK) {
            let here = std::mem::replace(&mut next, self.starts.block(text, block + BLOCK));
            let (in_words, in_numbers) = here.possible(inside, &next);
            inside = here.ends_inside();
            let mut possible = in_words | in_numbers;
            while possible != 0 {
                let bit = possible & possible.wrapping_neg();
                let at = block + possible.trailing_zeros() as usize;
                possible ^= bit;
                if at >= to {
                    break;
                }
                let alive = self.heads.alive(text, at);
                let may = [in_words & bit != 0, in_numbers & bit != 0];
                let at_work = [0, NUMBERS].map(|group| may[group] && alive & self.bits[group] != 0);
                if at_work == [false; 2] || !look.wants(at) || !starts_here(text, at) {
                    continue;
                }
                for (running, _) in groups.iter_mut().zip(at_work).filter(|(_, at_work)| *at_work) {
                    let Some(running) = running else { continue };
                    running.group.longest(&mut running.cache, text, at, &mut ends);
                    for &(pattern, end) in &ends {
                        look.found(Candidate { start: at, end, pattern });
                    }
                }
            }
        }
    }
}

/// A group at work, with the memory that this thread borrowed for it.
struct Running<'g> {
    group: &'g Group,
    cache: PoolGuard<'g, Cache, Box<dyn Fn() -> Cache + Send + Sync>>,
}

impl<'g> Running<'g> {
    fn new(group: &'g Group) -> Self {
        Running { group, cache: group.caches.get() }
    }
}

impl Driven {
    fn find(
        &self,
        text: &[u8],
        from: usize,
        to: usize,
        ends: &mut Vec<(u16, usize)>,
        look: &mut impl Look,
    ) {
        let mut cache = self.group.caches.get();
        // The byte may stand after `to` while the match starts before it.
        let limit = (to + MAX_MATCH).min(text.len());
        for at in memchr::memchr_iter(self.byte, &text[from..limit]).map(|i| from + i) {
            if !look.wants(at) {
                continue;
            }
            let lowest = at.saturating_sub(MAX_MATCH);
            let mut start = at;
            while start > lowest && self.before[text[start - 1] as usize] {
                start -= 1;
            }
            while start < at {
                if self.heads.alive(text, start) != 0 && starts_here(text, start) {
                    self.group.longest(&mut cache, text, start, ends);
                    ends.retain(|e| e.1 > at);
                    if !ends.is_empty() {
                        break;
                    }
                }
                start += 1;
            }
            if start < at && (from..to).contains(&start) {
                for &(pattern, end) in ends.iter() {
                    look.found(Candidate { start, end, pattern });
                }
            }
        }
    }
}

impl Group {
    fn new(patterns: &[(u16, Hir)]) -> Result<Group> {
        let hirs: Vec<&Hir> = patterns.iter().map(|p| &p.1).collect();
        let nfa = regex_automata::nfa::thompson::Compiler::new()
            .configure(
                regex_automata::nfa::thompson::Config::new()
                    .utf8(false)
                    .nfa_size_limit(Some(SIZE_LIMIT))
                    .which_captures(regex_automata::nfa::thompson::WhichCaptures::None),
            )
            .build_many_from_hir(&hirs)
            .context("the patterns are too large together")?;
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .starts_for_each_pattern(false)
            .cache_capacity(CACHE)
            .skip_cache_capacity_check(true);
        let dfa = DFA::builder()
            .configure(config)
            .build_from_nfa(nfa)
            .context("the patterns are too large together")?;
        let numbers = patterns.iter().map(|p| p.0).collect();
        let maker = dfa.clone();
        let caches = Pool::new(Box::new(move || maker.create_cache()) as Box<_>);
        Ok(Group { dfa, caches, numbers })
    }

    /// The longest match of every pattern from `at`, where it also ends at a boundary.
    fn longest(&self, cache: &mut Cache, text: &[u8], at: usize, ends: &mut Vec<(u16, usize)>) {
        ends.clear();
        let dfa = &self.dfa;
        let word_before = at > 0 && is_word(text[at - 1]);
        let Some(mut state) = start_state(dfa, cache, word_before) else { return };
        let mut i = at;
        loop {
            // A match state is entered one byte after the match's end.
            let end_of_text = i >= text.len();
            let next = if end_of_text {
                dfa.next_eoi_state(cache, state)
            } else {
                dfa.next_state(cache, state, text[i])
            };
            // The cache is cleared when it is full, so that it never gives up.
            let Ok(next) = next else { return };
            state = next;
            if state.is_tagged() {
                if state.is_match() && ends_here(text, i) {
                    self.note_ends(cache, state, i, ends);
                } else if state.is_dead() || state.is_quit() {
                    return;
                }
            }
            if end_of_text {
                return;
            }
            i += 1;
        }
    }

    fn note_ends(
        &self,
        cache: &Cache,
        state: LazyStateID,
        end: usize,
        ends: &mut Vec<(u16, usize)>,
    ) {
        for k in 0..self.dfa.match_len(cache, state) {
            let number = self.numbers[self.dfa.match_pattern(cache, state, k).as_usize()];
            match ends.iter_mut().find(|e| e.0 == number) {
                Some(known) => known.1 = end,
                None => ends.push((number, end)),
            }
        }
    }
}

/// The anchored start state by what stands before: a word byte, or another or nothing.
fn start_state(dfa: &DFA, cache: &mut Cache, word_before: bool) -> Option<LazyStateID> {
    let look_behind = word_before.then_some(b'a');
    let config = start::Config::new().anchored(Anchored::Yes).look_behind(look_behind);
    dfa.start_state(cache, &config).ok()
}

/// Letters and digits; the underscore parts words, because `fnr_01010112345` holds a number.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Whether a match may start at `at`: not inside a word.
fn starts_here(text: &[u8], at: usize) -> bool {
    if at == 0 || (text[at].is_ascii() && !is_word(text[at])) {
        return true;
    }
    if !text[at].is_ascii() && !letter_after(text, at) {
        return true;
    }
    let before = text[at - 1];
    !is_word(before) && (before.is_ascii() || !letter_before(text, at))
}

/// Whether a match may end at `end`: not inside a word.
fn ends_here(text: &[u8], end: usize) -> bool {
    if end >= text.len() || end == 0 {
        return true;
    }
    let last = text[end - 1];
    if last.is_ascii() && !is_word(last) {
        return true;
    }
    if !last.is_ascii() && (text[end] & 0xC0 == 0x80 || !letter_before(text, end)) {
        // Never inside a character; after one that is no letter everywhere.
        return text[end] & 0xC0 != 0x80;
    }
    let after = text[end];
    !is_word(after) && (after.is_ascii() || !letter_after(text, end))
}

fn letter_before(text: &[u8], at: usize) -> bool {
    let from = at.saturating_sub(4);
    let start = (from..at).rev().find(|&i| text[i] & 0xC0 != 0x80).unwrap_or(from);
    std::str::from_utf8(&text[start..at])
        .is_ok_and(|s| s.chars().next_back().is_some_and(char::is_alphanumeric))
}

fn letter_after(text: &[u8], end: usize) -> bool {
    let slice = &text[end..text.len().min(end + 4)];
    let valid = match std::str::from_utf8(slice) {
        Ok(s) => s,
        Err(e) => std::str::from_utf8(&slice[..e.valid_up_to()]).unwrap_or(""),
    };
    valid.chars().next().is_some_and(char::is_alphanumeric)
}

/// Parses one pattern and takes the cell mark out of its classes.
///
/// # Errors
/// Not a regular expression, or matches without a bound.
pub fn parse(pattern: &str) -> Result<Hir> {
    let config = syntax::Config::new().unicode(false).utf8(false);
    let hir = syntax::parse_with(pattern, &config)
        .map_err(|e| anyhow::anyhow!("`pattern` is not understood: {e}"))?;
    let hir = without_cell_end(&hir);
    let properties = hir.properties();
    match properties.maximum_len() {
        Some(n) if n <= MAX_MATCH => {}
        _ => bail!(
            "`pattern` must have an end: matches of at most {MAX_MATCH} bytes, so write {{0,50}} rather than *"
        ),
    }
    if properties.minimum_len().unwrap_or(0) == 0 {
        bail!("`pattern` matches the empty text");
    }
    Ok(hir)
}

fn without_cell_end(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            let mut class = class.clone();
            class.difference(&ClassBytes::new([ClassBytesRange::new(CELL_END, CELL_END)]));
            Hir::class(Class::Bytes(class))
        }
        HirKind::Class(Class::Unicode(class)) => {
            let end = char::from(CELL_END);
            let mut class = class.clone();
            class.difference(&ClassUnicode::new([ClassUnicodeRange::new(end, end)]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Repetition(r) => {
            let mut r = r.clone();
            r.sub = Box::new(without_cell_end(&r.sub));
            Hir::repetition(r)
        }
        HirKind::Capture(c) => without_cell_end(&c.sub),
        HirKind::Concat(list) => Hir::concat(list.iter().map(without_cell_end).collect()),
        HirKind::Alternation(list) => Hir::alternation(list.iter().map(without_cell_end).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => hir.clone(),
    }
}

/// The byte that drives a pattern: the first single literal of a concatenation after a part of variable
/// and considerable length which cannot hold that byte itself. Also the bytes of that part.
fn driving_byte(hir: &Hir) -> Option<(u8, [bool; 256])> {
    let HirKind::Concat(parts) = hir.kind() else { return None };
    let mut before = [false; 256];
    let (mut shortest, mut longest) = (0, 0);
    for part in parts {
        if let HirKind::Literal(literal) = part.kind()
            && let [byte, ..] = *literal.0
            && !byte.is_ascii_alphanumeric()
            && longest >= shortest + 16
            && !before[byte as usize]
        {
            return Some((byte, before));
        }
        shortest += part.properties().minimum_len()?;
        longest += part.properties().maximum_len()?;
        bytes_of(part, &mut before);
    }
    None
}

/// How many bytes of a match stand before its first digit at most, if every match has one.
fn first_digit(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Literal(l) => l.0.iter().position(u8::is_ascii_digit),
        HirKind::Class(Class::Bytes(c)) => {
            c.iter().all(|r| r.start().is_ascii_digit() && r.end().is_ascii_digit()).then_some(0)
        }
        HirKind::Repetition(r) if r.min > 0 => first_digit(&r.sub),
        HirKind::Capture(c) => first_digit(&c.sub),
        HirKind::Alternation(list) => {
            list.iter().map(first_digit).try_fold(0, |most, at| Some(most.max(at?)))
        }
        HirKind::Concat(list) => {
            let mut before = 0;
            for part in list {
                if let Some(at) = first_digit(part) {
                    return Some(before + at);
                }
                before += part.properties().maximum_len()?;
            }
            None
        }
        _ => None,
    }
}

/// Adds every byte that a match of this expression can hold.
fn bytes_of(hir: &Hir, set: &mut [bool; 256]) {
    match hir.kind() {
        HirKind::Literal(l) => l.0.iter().for_each(|&b| set[b as usize] = true),
        HirKind::Class(Class::Bytes(c)) => c.iter().for_each(|r| {
            set[r.start() as usize..=r.end() as usize].fill(true);
        }),
        HirKind::Class(Class::Unicode(c)) => c.iter().for_each(|r| {
            let (a, b) = (r.start() as usize, (r.end() as usize).min(127));
            if a <= b {
                set[a..=b].fill(true);
            }
            if r.end() as usize > 127 {
                set[128..].fill(true);
            }
        }),
        HirKind::Repetition(r) => bytes_of(&r.sub, set),
        HirKind::Capture(c) => bytes_of(&c.sub, set),
        HirKind::Concat(list) | HirKind::Alternation(list) => {
            list.iter().for_each(|h| bytes_of(h, set));
        }
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// Whether a whole text has the shape of a pattern, for `patterns try`.
///
/// # Errors
/// As [`parse`].
pub fn is_whole(pattern: &str, text: &[u8]) -> Result<bool> {
    let hir = parse(pattern)?;
    let regex = regex_automata::meta::Regex::builder()
        .configure(regex_automata::meta::Config::new().utf8_empty(false).match_kind(MatchKind::All))
        .build_from_hir(&hir)?;
    let input = Input::new(text).anchored(Anchored::Yes);
    let mut longest = None;
    if let Some(m) = regex.search(&input) {
        longest = Some(m.end());
    }
    Ok(longest == Some(text.len()))
}

#[cfg(test)]
mod tests;
