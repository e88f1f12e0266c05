//! Names of files, fields and tables that are personal data themselves.

use std::ops::Range;

use super::{Finder, Hit, Near, Placed, Placer};
use crate::detect::lexicon::{Fit, Hint};
use crate::unit::{AskNames, parted_name};

/// Bits that a value needs to be taken for one without any context.
const TELLING: f64 = 8.0;
/// Bits from which one is likely, with the words near it.
const LIKELY: f64 = 0.0;
/// How many extensions a file name may have (`x.csv.gz`).
const EXTENSIONS: usize = 2;

impl Finder {
    /// Whether a name (header, key, file name) is itself a value of some kind.
    #[must_use]
    pub fn is_data(&self, name: &str) -> bool {
        self.data.of(name, || !self.telling(name).is_empty())
    }

    /// Whether a name is that of a field of some kind, by at least one of its words.
    #[must_use]
    pub fn names_kind(&self, name: &str) -> bool {
        let hints = self.lexicon.hints(name);
        hints.values().any(|hint| matches!(hint, Hint::For(fit) if *fit > Fit::Weak))
    }

    /// Whether a hit is telling by itself, wherever it stands.
    #[must_use]
    pub fn tells(&self, hit: &Hit) -> bool {
        let listed = self.rules.detectors[hit.detector as usize].listed;
        listed && hit.valid() && self.bits(hit) >= TELLING
    }

    /// The parts of a name that are values by themselves, merged and in order.
    #[must_use]
    pub fn telling_spans(&self, name: &str) -> Vec<(Range<usize>, u16)> {
        let mut spans: Vec<(Range<usize>, u16)> = Vec::new();
        for hit in self.told_in(name) {
            match spans.last_mut() {
                Some(last) if hit.start < last.0.end => last.0.end = last.0.end.max(hit.end),
                _ => spans.push((hit.start..hit.end, hit.detector)),
            }
        }
        spans
    }

    /// Where in a name personal data stands, whatever its kind.
    #[must_use]
    pub fn data_in(&self, name: &str) -> Vec<Range<usize>> {
        self.telling_spans(name).into_iter().map(|(span, _)| span).collect()
    }

    /// The hits in the name or path of a file, by start, that are telling by themselves or by the words beside them in
    /// the same part: `tlf_92234567`.
    fn told_in(&self, name: &str) -> Vec<Hit> {
        let parted = parted_name(name);
        let mut told = self.telling(&parted);
        let mut at = 0;
        for part in parted.split_inclusive('/') {
            let moved = |h: Hit| Hit { start: h.start + at, end: h.end + at, ..h };
            told.extend(self.told_by_words(part).into_iter().map(moved));
            at += part.len();
        }
        told.sort_by_key(|h| (h.start, h.end, h.detector));
        told.dedup_by_key(|h| (h.start, h.end, h.detector));
        told
    }

    /// The hits in a name that are likely by the words beside them.
    fn told_by_words(&self, name: &str) -> Vec<Hit> {
        let (mut hits, mut placed) = (Vec::new(), Vec::new());
        self.hits(name.as_bytes(), 0, name.len(), &mut hits);
        if !hits.iter().any(|h| h.valid() && !self.tells(h)) {
            return Vec::new();
        }
        self.place(name.as_bytes(), &hits, |_| None, &mut Placer::default(), &mut placed);
        let is_told = |p: &&Placed| {
            let listed = self.rules.detectors[usize::from(p.hit.detector)].listed;
            listed && p.hit.valid() && p.near > Near::Nothing && self.match_bits(p) >= LIKELY
        };
        placed.iter().filter(is_told).map(|p| p.hit).collect()
    }

    /// The hits in a name that are telling by themselves, by start. The name of a file goes on behind a
    /// value: in `ola@firma.no.pdf` the address ends where the extension starts.
    fn telling(&self, name: &str) -> Vec<Hit> {
        let (mut telling, mut hits) = (Vec::new(), Vec::new());
        let mut look = |text: &str, at: usize| {
            self.hits(text.as_bytes(), 0, text.len(), &mut hits);
            let moved = |h: &Hit| Hit { start: h.start + at, end: h.end + at, ..*h };
            telling.extend(hits.iter().filter(|h| self.tells(h)).map(moved));
        };
        look(name, 0);
        // Most names have no address in them.
        let stems = name.contains('@').then(|| stems(name));
        stems.into_iter().flatten().for_each(|(at, stem)| look(stem, at));
        telling.sort_by_key(|h| (h.start, h.end, h.detector));
        telling
    }
}

impl AskNames for Finder {
    fn is_data(&self, name: &str) -> bool {
        self.is_data(name)
    }

    fn data_in(&self, name: &str) -> Vec<Range<usize>> {
        self.data_in(name)
    }

    fn names_kind(&self, name: &str) -> bool {
        self.names_kind(name)
    }
}

/// The names in a path without one extension and more, where an address stands before these; and where each begins.
fn stems(path: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    path.split_inclusive('/').flat_map(move |part| {
        let from = at;
        at += part.len();
        let stems = std::iter::successors(Some(part.trim_end_matches('/')), |stem| {
            stem.rsplit_once('.').map(|(shorter, _)| shorter).filter(|s| s.contains('@'))
        });
        stems.skip(1).take(EXTENSIONS).map(move |stem| (from, stem))
    })
}
