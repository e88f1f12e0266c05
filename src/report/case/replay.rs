//! `replay.json`: keyed digests of what was sought, so that the same search can be made once more, in the same places or in
//! a restored backup, when the profile has been destroyed. Without the organisation's key it tells nothing.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::digest;
use crate::key::Key;
use crate::subject::{HopKey, Mark, Sought, key_trace, traces};

/// Its name in the directory.
pub const FILE: &str = "replay.json";
/// Name and version of the format.
const SCHEMA: &str = "datakart/replay/1";

/// A replay list.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Replay {
    /// Format, `datakart/replay/1`.
    pub schema: String,
    /// Public name of the key that the digests are made with.
    pub key_id: String,
    /// The words that stood for the person's values.
    pub words: Vec<Word>,
    /// Keys that led from certain records to others.
    pub keys: Vec<Reference>,
}

/// A word.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Word {
    /// What it speaks for.
    pub mark: Mark,
    /// Its keyed digest, 64 bits in hexadecimal.
    pub digest: String,
}

/// A key of records.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// What it refers to: a customer, a case …
    pub concept: String,
    /// Its column.
    pub column: String,
    /// Keyed digest of its value.
    pub digest: String,
}

impl Replay {
    /// What a search for this leaves behind; `keys` are those that it followed.
    #[must_use]
    pub fn new(sought: &Sought, keys: &[HopKey], key: &Key) -> Replay {
        let secret = key.for_index();
        let word = |(mark, word): (Mark, String)| Word {
            mark,
            digest: format!("{:016x}", digest(&secret, word.as_bytes())),
        };
        let reference = |key: &HopKey| Reference {
            concept: key.concept.clone(),
            column: key.column.clone(),
            digest: key_trace(&key.value, &secret),
        };
        let mut words: Vec<Word> = traces(&sought.values).into_iter().map(word).collect();
        // In the order of the values they would tell which given name is the shorter one.
        words.sort_by(|a, b| (a.mark, &a.digest).cmp(&(b.mark, &b.digest)));
        Replay {
            schema: SCHEMA.to_owned(),
            key_id: key.id(),
            words,
            keys: keys.iter().map(reference).collect(),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    /// Reads that of a package.
    ///
    /// # Errors
    /// None there, or one that cannot be read.
    pub fn read(directory: &Path) -> Result<Replay> {
        let path = directory.join(FILE);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    /// What a search by it seeks.
    ///
    /// # Errors
    /// Another key than the one that it was made with, or a digest that is none.
    pub fn sought(&self, key: &Key) -> Result<Sought> {
        ensure!(
            key.id() == self.key_id,
            "the replay list was made with the key {}, and this one is {}: name the file of that key with --key",
            self.key_id,
            key.id()
        );
        let trace = |word: &Word| {
            let digest = u64::from_str_radix(&word.digest, 16);
            Ok((word.mark, digest.context("a digest of the replay list is damaged")?))
        };
        let key_of = |reference: &Reference| HopKey {
            concept: reference.concept.clone(),
            column: reference.column.clone(),
            value: reference.digest.clone(),
        };
        Ok(Sought {
            values: Vec::new(),
            keys: self.keys.iter().map(key_of).collect(),
            traces: self.words.iter().map(trace).collect::<Result<_>>()?,
            words: key.for_index(),
            secret: key.for_subjects(),
            copies: false,
        })
    }
}
