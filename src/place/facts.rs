//! The data files on places: countries, personal areas, retention anchors and rules, words for children.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Anchors, Areas, Countries, Retention};
use crate::detect::fold::{fold, words};

/// Name and built-in text of every such file.
const FILES: [(&str, &str); 5] = [
    ("countries.toml", include_str!("../../patterns/countries.toml")),
    ("areas.toml", include_str!("../../patterns/areas.toml")),
    ("anchors.toml", include_str!("../../patterns/anchors.toml")),
    ("retention.toml", include_str!("../../patterns/retention.toml")),
    ("children.toml", include_str!("../../patterns/children.toml")),
];

/// What is known of places in general.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Countries and adequacy decisions.
    pub countries: Countries,
    /// Personal areas.
    pub areas: Areas,
    /// Names of columns from which a retention period may run.
    pub anchors: Anchors,
    /// Rules that may ask for keeping material.
    pub retention: Retention,
    /// Words that tell of children, folded.
    children: HashSet<String, foldhash::quality::RandomState>,
    /// Hash of the files in use.
    pub hash: [u8; 32],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Children {
    words: Vec<String>,
}

impl Facts {
    /// Loads the files; one that stands in one of the user's folders takes the place of the built-in.
    ///
    /// # Errors
    /// A file that cannot be read or has a mistake: says which, with line and column.
    pub fn load(folders: &[PathBuf]) -> Result<Facts> {
        let mut hasher = blake3::Hasher::new();
        let mut texts = Vec::new();
        for (name, built_in) in FILES {
            let (origin, text) = match folders.iter().map(|f| f.join(name)).rfind(|p| p.is_file()) {
                None => (format!("patterns/{name}"), built_in.to_owned()),
                Some(path) => {
                    let text = fs::read_to_string(&path)
                        .with_context(|| format!("reading {}", path.display()))?;
                    (path.display().to_string(), text)
                }
            };
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
            texts.push((origin, text));
        }
        let [countries, areas, anchors, retention, children] = &texts[..] else {
            unreachable!("as many texts as files")
        };
        Ok(Facts {
            countries: toml::from_str(&countries.1).with_context(|| countries.0.clone())?,
            areas: Areas::parse(&areas.1).with_context(|| areas.0.clone())?,
            anchors: Anchors::parse(&anchors.1).with_context(|| anchors.0.clone())?,
            retention: Retention::parse(&retention.1).with_context(|| retention.0.clone())?,
            children: toml::from_str::<Children>(&children.1)
                .with_context(|| children.0.clone())?
                .words
                .iter()
                .map(|w| fold(w))
                .collect(),
            hash: *hasher.finalize().as_bytes(),
        })
    }

    /// Whether a name of a file, table or field tells of children.
    #[must_use]
    pub fn tells_of_children(&self, name: &str) -> bool {
        words(name).iter().any(|w| self.children.contains(w))
    }
}

/// Whether a file is one of these, and no detector.
#[must_use]
pub fn is_facts_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str());
    FILES.iter().any(|(known, _)| Some(*known) == name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_ones_own_takes_the_place_of_the_built_in() {
        let folder = tempfile::tempdir().unwrap();
        let built_in = Facts::load(&[]).unwrap();
        assert!(built_in.tells_of_children("Elevliste 2026.csv"));
        assert!(!built_in.tells_of_children("relevant.csv"));
        fs::write(folder.path().join("children.toml"), "words = [\"Ungdom\"]\n").unwrap();
        let own = Facts::load(&[folder.path().to_owned()]).unwrap();
        assert!(own.tells_of_children("ungdom.csv") && !own.tells_of_children("elev.csv"));
        assert_ne!(own.hash, built_in.hash);
        fs::write(folder.path().join("areas.toml"), "sources = []\n[[area]]\nkind = 1\n").unwrap();
        let error = format!("{:#}", Facts::load(&[folder.path().to_owned()]).unwrap_err());
        assert!(error.contains("areas.toml") && error.contains("line 3"), "{error}");
    }
}
