//! Claims: which paths an entry of the settings file or of `areas.toml` means, and how exactly.

use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use globset::{Glob, GlobBuilder, GlobMatcher};
use memchr::memmem::Finder;

/// The ways to write one path, `/`-separated.
#[derive(Clone, Debug, Default)]
pub struct Spelled {
    /// From the root of the file system; empty for standard input.
    pub absolute: String,
    /// As outputs show it: the scanned root as given, and what lies below.
    pub given: String,
    /// Below the scanned root; its name alone when it was named itself.
    pub below: String,
}

impl Spelled {
    /// The ways to write a path `below` a root that was `given` and is `absolute` on disk.
    #[must_use]
    pub fn new(absolute: &Path, given: &Path, below: &Path) -> Spelled {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let joined = |root: &Path| match below.as_os_str().is_empty() {
            true => text(root),
            false => text(&root.join(below)),
        };
        let below = match below.as_os_str().is_empty() {
            true => given.file_name().map(Path::new).unwrap_or(given),
            false => below,
        };
        Spelled { absolute: joined(absolute), given: joined(given), below: text(below) }
    }
}

/// How exactly a claim names what it means: the more whole names it spells out, the more exactly; then the
/// more letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight {
    names: usize,
    letters: usize,
}

/// One entry: a path with everything below it, or a glob for such paths.
#[derive(Clone, Debug)]
pub struct Claim {
    /// As written.
    pub text: String,
    /// How exactly it is meant.
    pub weight: Weight,
    plain: String,
    /// Letters that stand in every path that is meant, ready to be looked for: what most paths fail by.
    needed: Finder<'static>,
    glob: Option<Lazy>,
}

/// A glob, made ready to match when a path has its letters: that takes a hundred times as long as reading it.
#[derive(Clone, Debug)]
struct Lazy {
    glob: Glob,
    matcher: OnceLock<GlobMatcher>,
}

impl Lazy {
    fn matcher(&self) -> &GlobMatcher {
        self.matcher.get_or_init(|| self.glob.compile_matcher())
    }
}

impl Claim {
    /// Reads an entry. What begins with `/` is meant from the root of the file system; anything else as the
    /// path was given on the command line, or below the scanned root.
    ///
    /// # Errors
    /// An empty entry, or a glob that is not understood.
    pub fn new(text: &str) -> Result<Claim> {
        let plain = text.trim_start_matches("./").trim_end_matches('/');
        ensure!(!plain.is_empty(), "an empty path claims nothing; name a folder, a file or a glob");
        let is_wild = |part: &str| part.contains(['*', '?', '[', '{']);
        let glob = match is_wild(plain) {
            false => None,
            true => {
                let glob = GlobBuilder::new(plain).literal_separator(true).build();
                let glob = glob.with_context(|| format!("{text:?} is not a glob"))?;
                Some(Lazy { glob, matcher: OnceLock::new() })
            }
        };
        let weight = Weight {
            names: plain.split('/').filter(|part| !part.is_empty() && !is_wild(part)).count(),
            letters: plain.chars().filter(|c| !"*?[]{}".contains(*c)).count(),
        };
        let (plain, needed) = (plain.to_owned(), Finder::new(needed(plain)).into_owned());
        Ok(Claim { text: text.to_owned(), weight, plain, needed, glob })
    }

    /// The path that is meant, where that is one and no glob.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.glob.is_none().then(|| Path::new(&self.plain))
    }

    /// Whether a path is meant.
    #[must_use]
    pub fn covers(&self, path: &Spelled) -> bool {
        match () {
            () if self.plain.starts_with('/') => self.covers_spelling(&path.absolute),
            // `**/` begins anywhere, above the scanned root as well: the longest spelling has it all.
            () if self.plain.starts_with("**/") => {
                let has_root = !path.absolute.is_empty();
                self.covers_spelling(if has_root { &path.absolute } else { &path.given })
            }
            () => self.covers_spelling(&path.given) || self.covers_spelling(&path.below),
        }
    }

    fn covers_spelling(&self, path: &str) -> bool {
        if self.needed.find(path.as_bytes()).is_none() {
            return false;
        }
        match &self.glob {
            None => {
                path.strip_prefix(&self.plain).is_some_and(|r| r.is_empty() || r.starts_with('/'))
            }
            Some(glob) => folders(path).any(|folder| glob.matcher().is_match(folder)),
        }
    }
}

/// The longest text of a glob that has to stand in a path as it is; a slash beside `**` need not.
fn needed(glob: &str) -> &str {
    if glob.contains(['[', ']', '{', '}', '\\']) {
        return "";
    }
    let parts = glob.split(['*', '?', '/']);
    parts.max_by_key(|part| part.len()).unwrap_or_default()
}

/// A path and all folders above it.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |p| p.rsplit_once('/').map(|(above, _)| above))
        .filter(|p| !p.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn covers(claim: &str) -> bool {
        let path = Spelled::new(
            Path::new("/srv/share"),
            Path::new("share"),
            Path::new("HR/lønn/2026.csv"),
        );
        Claim::new(claim).unwrap().covers(&path)
    }

    #[test]
    fn a_path_means_what_lies_below_it() {
        for yes in ["/srv", "/srv/share/HR/", "HR", "share/HR", "./HR/lønn", "HR/lønn/2026.csv"] {
            assert!(covers(yes), "{yes}");
        }
        for no in ["/HR", "/srv/sha", "HR/løn", "lønn", "share/hr", "2026.csv"] {
            assert!(!covers(no), "{no}");
        }
    }

    #[test]
    fn what_was_named_itself_is_known_by_its_name() {
        let covers = |claim: &str, absolute: &str, given: &str| {
            let path = Spelled::new(Path::new(absolute), Path::new(given), Path::new(""));
            Claim::new(claim).unwrap().covers(&path)
        };
        for claim in ["crm.sql", "/srv/dumps", "dumps", "**/*.sql", "*.sql"] {
            assert!(covers(claim, "/srv/dumps/crm.sql", "dumps/crm.sql"), "{claim}");
        }
        // Standard input lies nowhere.
        assert!(covers("crm.sql", "", "crm.sql") && covers("**/*.sql", "", "crm.sql"));
        assert!(!covers("/crm.sql", "", "crm.sql"));
    }

    #[test]
    fn a_glob_means_paths_and_what_lies_below_them() {
        for yes in ["**/lønn", "**/*.csv", "H*", "/srv/*/HR", "HR/*/*.csv", "**/share", "share/*"]
        {
            assert!(covers(yes), "{yes}");
        }
        for no in ["*.csv", "**/løn", "/*.csv", "H?X"] {
            assert!(!covers(no), "{no}");
        }
        for yes in ["**/{x,lønn}", "**/[GH]R", "H*/**/2026.csv", "**/*n/2026*", "**/lønn/**"] {
            assert!(covers(yes), "{yes}");
        }
    }

    #[test]
    fn what_names_more_is_more_exact() {
        let weight = |text: &str| Claim::new(text).unwrap().weight;
        assert!(weight("/srv/share/HR") > weight("/srv/share"));
        assert!(weight("/srv/share") > weight("**/HR"));
        assert!(weight("**/lønn.csv") > weight("**/*.csv"));
        assert_eq!(weight("**/a*"), weight("**/*a"));
        assert!(Claim::new("./").is_err() && Claim::new("a[").is_err());
    }
}
