//! Words near a candidate in free text: looked for only round candidates, never over the whole input.

use aho_corasick::{AhoCorasick, MatchKind};
use anyhow::{Context as _, Result};

use super::finder::lossy;
use super::fold::{fold, fold_into, transliterated};
use super::rules::Rules;

/// Bytes before a candidate in which words are looked for.
pub const BEFORE: usize = 64;
/// Bytes after it.
pub const AFTER: usize = 32;

/// Bytes between a word and a candidate up to which the word is the candidate's label ("tlf. 22 33 44 55").
const BESIDE: usize = 3;

/// What the words near a candidate say.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Near {
    /// A word that speaks against the kind stands nearest.
    Against,
    /// A word of other kinds stands nearest, and none of this one's.
    Rival,
    /// No telling word.
    Nothing,
    /// Words of other kinds stand near a kind that other kinds speak for.
    Company,
    /// A word of the kind stands in the neighbourhood, another kind's stands nearer.
    Far,
    /// The nearest telling word is one of the kind.
    Keyword,
    /// A label of the kind stands right before it, as a field name does.
    Label,
}

struct Owner {
    /// Detectors whose keyword this is.
    keyword: Vec<u16>,
    /// Detectors that it speaks against.
    against: Vec<u16>,
}

/// All keywords of all detectors.
pub struct Keywords {
    automaton: AhoCorasick,
    owners: Vec<Owner>,
    /// Detectors that words of other kinds speak for.
    company: Vec<bool>,
    /// Detectors with a shape: their words are rivals to others.
    shaped: Vec<bool>,
}

/// What stands round one place: computed once, asked for several detectors.
#[derive(Default)]
pub struct Surroundings {
    folded: String,
    /// `(distance, entry)` of the telling words, nearest first.
    found: Vec<(usize, usize)>,
}

impl Keywords {
    /// The keywords of these rules.
    ///
    /// # Errors
    /// Too many keywords for one automaton.
    pub fn new(rules: &Rules) -> Result<Keywords> {
        let mut words: Vec<String> = Vec::new();
        let mut owners: Vec<Owner> = Vec::new();
        let mut index = std::collections::HashMap::new();
        for (number, detector) in rules.detectors.iter().enumerate() {
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            let lists = [(&detector.keywords, true), (&detector.against, false)];
            for (list, is_keyword) in lists {
                for word in list {
                    for spelling in [Some(fold(word)), transliterated(word)].into_iter().flatten() {
                        let at = *index.entry(spelling.clone()).or_insert_with(|| {
                            words.push(spelling);
                            owners.push(Owner { keyword: Vec::new(), against: Vec::new() });
                            owners.len() - 1
                        });
                        let list = if is_keyword {
                            &mut owners[at].keyword
                        } else {
                            &mut owners[at].against
                        };
                        list.push(number);
                    }
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&words)
            .context("keywords")?;
        let company = |d: &super::rules::Detector| d.prose.as_ref().is_some_and(|p| p.company);
        let company = rules.detectors.iter().map(company).collect();
        let shaped = rules.detectors.iter().map(|d| d.pattern.is_some()).collect();
        Ok(Keywords { automaton, owners, company, shaped })
    }

    /// Looks round the bytes `start..end` of a text; cells end what is looked at.
    pub fn look(&self, text: &[u8], start: usize, end: usize, out: &mut Surroundings) {
        out.found.clear();
        let from = start.saturating_sub(BEFORE);
        let before = nearby_before(&text[from..start]);
        self.scan(before, true, out);
        let to = (end + AFTER).min(text.len());
        let after = before_first_mark(&text[end..to]);
        self.scan(after, false, out);
        out.found.sort_unstable();
    }

    fn scan(&self, bytes: &[u8], before: bool, out: &mut Surroundings) {
        if bytes.is_empty() {
            return;
        }
        fold_into(&lossy(bytes), &mut out.folded);
        let text = out.folded.as_bytes();
        for m in self.automaton.find_iter(text) {
            let whole = (m.start() == 0 || !text[m.start() - 1].is_ascii_alphanumeric())
                && (m.end() == text.len() || !text[m.end()].is_ascii_alphanumeric());
            if whole {
                // What comes after tells less than what comes before.
                let distance = if before { text.len() - m.end() } else { m.start() + 24 };
                out.found.push((distance, m.pattern().as_usize()));
            }
        }
    }

    /// What the surroundings say of one detector.
    #[must_use]
    pub fn near(&self, detector: u16, surroundings: &Surroundings) -> Near {
        let mut first = true;
        let (mut company, mut rival) = (false, false);
        for &(distance, entry) in &surroundings.found {
            let owner = &self.owners[entry];
            if owner.against.contains(&detector) {
                if first {
                    return Near::Against;
                }
            } else if owner.keyword.contains(&detector) {
                return match () {
                    // Words of names stand before much that is none: only a shape makes a label of a word.
                    () if first && distance <= BESIDE && self.shaped[detector as usize] => {
                        Near::Label
                    }
                    () if first => Near::Keyword,
                    () => Near::Far,
                };
            }
            company |= !owner.keyword.is_empty();
            // Words of names and addresses stand near everything: they are nobody's rivals.
            let shaped = |d: &u16| self.shaped[*d as usize];
            let is_rival = owner.keyword.iter().chain(&owner.against).any(shaped);
            rival |= is_rival;
            first &= !is_rival;
        }
        match () {
            () if company && self.company[detector as usize] => Near::Company,
            () if rival => Near::Rival,
            () => Near::Nothing,
        }
    }
}

/// The part of what stands before that belongs to the candidate: its cell and line, and the line above
/// when the candidate starts its line and that line is short, as labels above values are.
fn nearby_before(bytes: &[u8]) -> &[u8] {
    /// A label is shorter than this.
    const LABEL: usize = 40;
    let cell = memchr::memrchr(crate::unit::CELL_END, bytes).map_or(0, |i| i + 1);
    let bytes = &bytes[cell..];
    let Some(line) = memchr::memrchr(b'\n', bytes) else { return bytes };
    if bytes[line + 1..].iter().any(u8::is_ascii_alphanumeric) {
        return &bytes[line + 1..];
    }
    // An empty line between a label and its value is none.
    let label = bytes[..line].trim_ascii_end().len();
    match memchr::memrchr(b'\n', &bytes[..label]) {
        Some(above) if label - above <= LABEL => &bytes[above + 1..],
        None if label > 0 && label <= LABEL => bytes,
        _ => &bytes[line + 1..],
    }
}

fn before_first_mark(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr2(crate::unit::CELL_END, b'\n', bytes).unwrap_or(bytes.len());
    &bytes[..end]
}
