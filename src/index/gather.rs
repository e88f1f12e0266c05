//! Gathering: the digests of one file's words and numbers, until they become its filter.

use std::collections::HashSet;
use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

use super::filter::Filters;
use super::words;
use crate::bare::Bare;
use crate::sketch::Plain;
use crate::unit::{Cells, Text};

/// Digests in one filter, so that memory stays bounded (about 100 MB while a filter is built). A file with more gets
/// several, whose false answers add up.
const MOST: usize = 3_500_000;

/// A digest of a word or number under this key. Case and accents are the caller's to fold.
#[must_use]
pub fn digest(key: &[u8; 16], word: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_key(key);
    hasher.write(word);
    hasher.finish()
}

/// What was gathered of a file, or of a part of it.
pub struct Gathered {
    key: [u8; 16],
    digests: HashSet<u64, Plain>,
    /// Filters that are full; `None` when one could not be built.
    full: Option<Filters>,
}

impl Gathered {
    /// Nothing yet.
    #[must_use]
    pub fn new(key: [u8; 16]) -> Gathered {
        Gathered { key, digests: HashSet::default(), full: Some(Filters::default()) }
    }

    /// Takes in a stretch of free text.
    pub fn text(&mut self, text: &Text<'_>) {
        self.stretch(text.bytes, text.from, text.to);
    }

    /// Takes in a buffer of cells. No word reaches over the end of a cell.
    pub fn cells(&mut self, cells: &Cells) {
        self.stretch(&cells.bytes, 0, cells.bytes.len());
        let Gathered { key, digests, .. } = self;
        for i in 0..cells.len() {
            let cell = &cells.bytes[cells.range(i)];
            words::whole_cell(cell, |word| {
                digests.insert(digest(key, word));
            });
            // Others stand there letter by letter.
            if let Some(bare @ Bare::Digits(..)) = Bare::of(cell) {
                digests.insert(digest(key, bare.text(cell)));
            }
        }
    }

    /// Takes in a name of a table or field.
    pub fn name(&mut self, name: &str) {
        self.stretch(name.as_bytes(), 0, name.len());
    }

    fn stretch(&mut self, bytes: &[u8], from: usize, to: usize) {
        let Gathered { key, digests, .. } = self;
        words::each(bytes, from, to, |word, _, _| {
            digests.insert(digest(key, word));
        });
        self.bound();
    }

    /// Adds what another part of the same file gave.
    pub fn merge(&mut self, other: Gathered) {
        self.digests.extend(other.digests);
        self.bound();
        self.full = self.full.take().zip(other.full).map(|(ours, theirs)| ours.and(&theirs));
    }

    /// The file's filter; `None` when it cannot be built, so that the file is always read.
    #[must_use]
    pub fn finish(mut self) -> Option<Filters> {
        self.close();
        self.full
    }

    fn bound(&mut self) {
        if self.digests.len() >= MOST {
            self.close();
        }
    }

    fn close(&mut self) {
        // Sorted, so that the same file gives the same filter.
        let mut digests: Vec<u64> = self.digests.drain().collect();
        digests.sort_unstable();
        self.full = self.full.take().and_then(|full| full.with(&digests));
    }
}
