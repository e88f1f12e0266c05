//! Excerpts: what of a record goes into the copy that the person gets, with others' values hidden. They are the one thing
//! of a search that holds values, and they have no `Debug`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Bytes of one record that are copied at most.
const MOST: usize = 1 << 20;

/// What is handed over of one column, or of a text.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Excerpt {
    /// The column; none in running text.
    pub column: Option<String>,
    /// Its text, with others' values masked.
    pub text: String,
}

/// What is handed over of one record, as it is gathered.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Excerpts {
    /// By column, or the text.
    pub all: Vec<Excerpt>,
    /// Values of others that were masked.
    pub masked: u64,
    /// Whether the record has more than is copied.
    pub is_cut: bool,
    length: usize,
    /// Bytes of a value that was masked at the end of a stretch, which the next one begins with.
    rest: usize,
}

/// A value of somebody else and what is shown in its place.
pub type Hidden = (Range<usize>, String);

impl Excerpts {
    /// Adds a stretch, `scan` of `bytes`, in which some ranges of `bytes` are hidden. What `goes_on` with the stretch
    /// before is not parted from it.
    pub fn add(
        &mut self,
        column: Option<&str>,
        bytes: &[u8],
        scan: Range<usize>,
        hidden: Vec<Hidden>,
        goes_on: bool,
    ) {
        let text = self.without(bytes, scan, hidden);
        if self.length + text.len() > MOST {
            self.is_cut = true;
            return;
        }
        self.length += text.len();
        match self.all.last_mut().filter(|last| last.column.as_deref() == column) {
            Some(last) => {
                if !goes_on && !last.text.is_empty() {
                    last.text.push('\n');
                }
                last.text.push_str(&text);
            }
            None => self.all.push(Excerpt { column: column.map(str::to_owned), text }),
        }
    }

    fn without(&mut self, bytes: &[u8], scan: Range<usize>, mut hidden: Vec<Hidden>) -> String {
        hidden.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut text = String::new();
        let mut at = (scan.start + std::mem::take(&mut self.rest)).min(scan.end);
        for (range, shown) in hidden {
            // Of values within others the outer one is masked.
            if range.start < at || range.start >= scan.end {
                continue;
            }
            text.push_str(&String::from_utf8_lossy(&bytes[at..range.start]));
            text.push_str(&shown);
            self.masked += 1;
            at = range.end;
        }
        self.rest = at.saturating_sub(scan.end);
        text.push_str(&String::from_utf8_lossy(&bytes[at.min(scan.end)..scan.end]));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_values_show_nowhere() {
        let mut excerpts = Excerpts::default();
        let text = b"Kari and Ola Hansen, Per";
        let hide = |range: Range<usize>| (range, "***".to_owned());
        excerpts.add(None, text, 0..12, vec![hide(9..19), hide(9..12), hide(13..19)], true);
        excerpts.add(None, text, 12..24, vec![hide(21..24)], true);
        assert_eq!(excerpts.all[0].text, "Kari and ***, ***");
        assert_eq!(excerpts.masked, 2);
    }

    #[test]
    fn a_long_record_is_cut_and_says_so() {
        let mut excerpts = Excerpts::default();
        let text = vec![b'a'; MOST];
        excerpts.add(Some("a"), &text, 0..MOST, Vec::new(), false);
        excerpts.add(Some("b"), &text, 0..1, Vec::new(), false);
        assert!(excerpts.is_cut && excerpts.all.len() == 1);
    }
}
