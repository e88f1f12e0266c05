//! The organisation's digest key: equal values get equal digests under one key, and none without it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// A digest key of 256 bits.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Reads a key file, or makes one (mode 0600) where there is none.
    ///
    /// # Errors
    /// A file that cannot be read or written, or that holds no key.
    pub fn load_or_make(path: &Path) -> Result<Key> {
        let make =
            || make(path).with_context(|| format!("making the digest key {}", path.display()));
        Key::load(path)?.map_or_else(make, Ok)
    }

    /// Reads a key file; `None` where there is none.
    ///
    /// # Errors
    /// A file that cannot be read, or that holds no key.
    pub fn load(path: &Path) -> Result<Option<Key>> {
        match fs::read_to_string(path) {
            Ok(text) => Key::parse(&text)
                .map(Some)
                .with_context(|| format!("{} holds no digest key", path.display())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e).with_context(|| format!("reading the digest key {}", path.display())),
        }
    }

    fn parse(text: &str) -> Result<Key> {
        let text = text.trim();
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            bail!("64 hexadecimal digits are expected");
        }
        let mut key = [0; 32];
        for (i, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16)?;
        }
        Ok(Key(key))
    }

    /// The key's public name: tells keys apart, gives nothing away.
    #[must_use]
    pub fn id(&self) -> String {
        blake3::derive_key("datakart key id", &self.0)[..4]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    }

    /// The key for digests in `findings.jsonl`.
    #[must_use]
    pub fn for_findings(&self) -> [u8; 32] {
        blake3::derive_key("datakart findings", &self.0)
    }

    /// The key for digests of a subject's records and identifiers.
    #[must_use]
    pub fn for_subjects(&self) -> [u8; 32] {
        blake3::derive_key("datakart subjects", &self.0)
    }

    /// The key for digests of whole files.
    #[must_use]
    pub fn for_content(&self) -> [u8; 32] {
        blake3::derive_key("datakart content", &self.0)
    }

    /// The key for the words of an index.
    #[must_use]
    pub fn for_index(&self) -> [u8; 16] {
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::derive_key("datakart index", &self.0)[..16]);
        key
    }

    /// The key for counting distinct values.
    #[must_use]
    pub fn for_counting(&self) -> [u8; 16] {
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::derive_key("datakart counting", &self.0)[..16]);
        key
    }
}

fn make(path: &Path) -> Result<Key> {
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    let mut key = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut key)?;
    let text: String = key.iter().map(|b| format!("{b:02x}")).collect();
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            Ok(Key(key))
        }
        // Another run was quicker: its key is the one.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            Key::parse(&fs::read_to_string(path)?)
        }
        Err(e) => Err(e.into()),
    }
}
