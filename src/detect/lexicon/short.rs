//! Names as databases shorten them: `FRST_NM`, `HM_PHONE`, `SSN_NBR`.

use std::collections::HashMap;

use super::{Fit, Hint, Lexicon, raise};

/// What words of names are short for.
const SHORT_FOR: &[(&str, &str)] = &[
    ("nm", "name"),
    ("nme", "name"),
    ("frst", "first"),
    ("fst", "first"),
    ("lst", "last"),
    ("gvn", "given"),
    ("ph", "phone"),
    ("phn", "phone"),
    ("phne", "phone"),
    ("hm", "home"),
    ("wk", "work"),
    ("wrk", "work"),
    ("bus", "business"),
    ("brth", "birth"),
    ("bth", "birth"),
    ("dt", "date"),
    ("soc", "social"),
    ("sec", "security"),
    ("lic", "licence"),
    ("sal", "salary"),
    ("ann", "annual"),
    ("mth", "monthly"),
    ("mthly", "monthly"),
    ("hrly", "hourly"),
    ("rt", "rate"),
    ("amt", "amount"),
];

/// What stands behind the name of a number and says no more: it is one, or written down.
const BEHIND: &[&str] =
    &["nbr", "nmbr", "nbrs", "no", "num", "nr", "nro", "number", "nummer", "txt", "text"];

impl Lexicon {
    /// What a name says with its words written out, and without the word behind it that says it is a number, for kinds
    /// whose values have a shape.
    pub(super) fn shortened(&self, words: &[String], hints: &mut HashMap<u16, Hint>) {
        let long = |word: &String| {
            let known = SHORT_FOR.iter().find(|short| short.0 == word);
            known.map_or_else(|| word.clone(), |short| short.1.to_owned())
        };
        let full: Vec<String> = words.iter().map(long).collect();
        if full != words && words.len() > 1 {
            self.told_at_length(&full, hints, |_| true);
        }
        if let [name @ .., last] = &full[..]
            && !name.is_empty()
            && BEHIND.contains(&last.as_str())
        {
            self.told_at_length(name, hints, |number| self.shaped[usize::from(number)]);
        }
    }

    fn told_at_length(
        &self,
        words: &[String],
        hints: &mut HashMap<u16, Hint>,
        counts: impl Fn(u16) -> bool,
    ) {
        let mut told = HashMap::new();
        self.counted(words, &mut told);
        self.owned(words, &mut told);
        told.retain(|number, hint| {
            matches!(hint, Hint::For(Fit::Strong | Fit::Ambiguous)) && counts(*number)
        });
        told.into_iter().for_each(|(number, hint)| raise(hints, number, hint));
    }
}
