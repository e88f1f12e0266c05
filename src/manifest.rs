//! `SHA256SUMS`: the hashes of all files of an inventory directory, in the form of `sha256sum`, so that damage,
//! loss and additions show later, with datakart or without.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

/// Its name in the directory.
pub const FILE: &str = "SHA256SUMS";
/// The inventory of a run that was stopped; it has a manifest of its own.
pub const STOPPED: &str = "stopped";

/// Hashes by file name, in hexadecimal.
#[derive(Debug, Default)]
pub struct Manifest(BTreeMap<String, String>);

/// Hands bytes on and hashes them.
pub struct Hashing<W> {
    inner: W,
    hasher: Sha256,
}

impl<W: Write> Hashing<W> {
    /// Nothing hashed yet.
    pub fn new(inner: W) -> Self {
        Hashing { inner, hasher: Sha256::new() }
    }

    /// What was written to, and the hash of what was written, in hexadecimal.
    pub fn finish(self) -> (W, String) {
        (self.inner, hex(&self.hasher.finalize()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Manifest {
    /// Takes a file in.
    pub fn add(&mut self, name: &str, hash: String) {
        self.0.insert(name.to_owned(), hash);
    }

    /// Takes a file out.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The names of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Writes it in the form of `sha256sum`.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.0.iter().try_for_each(|(name, hash)| writeln!(out, "{hash}  {name}"))
    }

    /// Reads the manifest of an inventory directory.
    ///
    /// # Errors
    /// None there, or one that is damaged or names something outside the directory.
    pub fn read(directory: &Path) -> Result<Manifest> {
        let path = directory.join(FILE);
        let text = match fs::read_to_string(&path) {
            Err(_) if !directory.exists() => bail!("{}: no such directory", directory.display()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => bail!(
                "no {FILE} in {}: it is no inventory directory, or an older datakart made it",
                directory.display()
            ),
            other => other.with_context(|| format!("reading {}", path.display()))?,
        };
        let mut manifest = Manifest::default();
        for (number, line) in (1..).zip(text.lines()) {
            let (hash, name) = line
                .split_once("  ")
                .filter(|(hash, name)| is_hash(hash) && is_plain_name(name))
                .with_context(|| {
                    format!("{} line {number}: not a hash and a file name", path.display())
                })?;
            manifest.add(name, hash.to_owned());
        }
        ensure!(!manifest.0.is_empty(), "{} is empty: it was damaged", path.display());
        Ok(manifest)
    }

    /// Compares the directory with what was written to it.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn check(&self, directory: &Path) -> Result<Verdict> {
        let mut verdict = Verdict::default();
        for (name, wanted) in &self.0 {
            let side = match hash_of(&directory.join(name)) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => &mut verdict.missing,
                Err(e) => {
                    return Err(e)
                        .with_context(|| format!("reading {}", directory.join(name).display()));
                }
                Ok(hash) if hash == *wanted => &mut verdict.intact,
                Ok(_) => &mut verdict.damaged,
            };
            side.push(name.clone());
        }
        for entry in
            fs::read_dir(directory).with_context(|| format!("reading {}", directory.display()))?
        {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != FILE && name != STOPPED && !self.0.contains_key(&name) {
                verdict.foreign.push(name);
            }
        }
        verdict.foreign.sort();
        Ok(verdict)
    }
}

/// What became of the files of an inventory directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// As they were written.
    pub intact: Vec<String>,
    /// Changed since.
    pub damaged: Vec<String>,
    /// Gone.
    pub missing: Vec<String>,
    /// Not of this inventory.
    pub foreign: Vec<String>,
}

impl Verdict {
    /// Whether all is as it was written.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.damaged.is_empty() && self.missing.is_empty() && self.foreign.is_empty()
    }
}

fn hash_of(path: &Path) -> io::Result<String> {
    let mut hashing = Hashing::new(io::sink());
    io::copy(&mut File::open(path)?, &mut hashing)?;
    Ok(hashing.finish().1)
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A name that stays in the directory: what a manifest names can be removed by `purge`.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && !matches!(name, "." | "..") && !name.contains(['/', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(files: &[(&str, &str)]) -> (tempfile::TempDir, Manifest) {
        let home = tempfile::tempdir().unwrap();
        let mut manifest = Manifest::default();
        for (name, content) in files {
            fs::write(home.path().join(name), content).unwrap();
            manifest.add(name, hash_of(&home.path().join(name)).unwrap());
        }
        let mut bytes = Vec::new();
        manifest.write(&mut bytes).unwrap();
        fs::write(home.path().join(FILE), bytes).unwrap();
        (home, manifest)
    }

    #[test]
    fn what_changed_went_and_came_is_named() {
        let (home, _) = made(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let manifest = Manifest::read(home.path()).unwrap();
        assert!(manifest.check(home.path()).unwrap().is_good());
        fs::write(home.path().join("a"), "x").unwrap();
        fs::remove_file(home.path().join("b")).unwrap();
        fs::write(home.path().join("d"), "").unwrap();
        let names = |name: &str| vec![name.to_owned()];
        let wanted = Verdict {
            intact: names("c"),
            damaged: names("a"),
            missing: names("b"),
            foreign: names("d"),
        };
        assert_eq!(manifest.check(home.path()).unwrap(), wanted);
    }

    #[test]
    fn the_hash_is_sha256() {
        let (_home, manifest) = made(&[("abc", "abc")]);
        // The example of FIPS 180-4.
        assert_eq!(
            manifest.0["abc"],
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_manifest_cannot_name_what_lies_elsewhere() {
        let (home, _) = made(&[("a", "1")]);
        let hash = "0".repeat(64);
        for bad in ["../a", "/etc/passwd", "..", "", "sub/a"] {
            fs::write(home.path().join(FILE), format!("{hash}  {bad}\n")).unwrap();
            assert!(Manifest::read(home.path()).is_err(), "{bad:?}");
        }
        fs::write(home.path().join(FILE), "").unwrap();
        assert!(Manifest::read(home.path()).is_err());
    }
}
