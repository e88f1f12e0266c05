//! Reading the profile of a subject: a private file, standard input, or what `age` makes of an encrypted one. It is
//! never an argument, which would show in the process list, and never reaches a disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::cli::age;
use crate::detect::finder::Finder;
use crate::detect::rules::Detector;
use crate::subject::{Kind, Profile};
use crate::validate::Verdict;

/// Bytes of a profile at most.
const LARGEST: u64 = 1 << 20;
/// How files that `age` encrypted begin.
const ENCRYPTED: [&[u8]; 2] = [b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----"];

/// Reads a profile; `identity` opens it when it is encrypted.
///
/// # Errors
/// A file that others can read, that cannot be read or opened, that is no profile or holds nothing to look for.
pub fn read(path: &Path, identity: Option<&Path>) -> Result<Profile> {
    let is_stdin = path.as_os_str() == "-";
    let shown = if is_stdin { "on standard input".to_owned() } else { path.display().to_string() };
    let bytes = if is_stdin { limited(io::stdin().lock()) } else { file(path) };
    let mut bytes = bytes.with_context(|| format!("profile {shown}"))?;
    if ENCRYPTED.iter().any(|start| bytes.starts_with(start)) {
        bytes = age::decrypt(identity, &bytes).with_context(|| format!("profile {shown}"))?;
    } else if identity.is_some() {
        bail!("--identity opens an encrypted profile, and profile {shown} is a plain one");
    }
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| anyhow::anyhow!("profile {shown}: it is no UTF-8 text"))?;
    let profile = Profile::parse(&text).with_context(|| format!("profile {shown}"))?;
    // A package that found nothing would pass for an answer.
    ensure!(!profile.is_empty(), "profile {shown}: it holds no value to look for");
    Ok(profile)
}

fn limited(from: impl io::Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= LARGEST, "it is larger than 1 MiB");
    Ok(bytes)
}

fn file(path: &Path) -> Result<Vec<u8>> {
    let open = File::open(path)?;
    let metadata = open.metadata()?;
    ensure!(metadata.is_file(), "it is no regular file: name one, or - for standard input");
    let bytes = limited(open)?;
    let encrypted = ENCRYPTED.iter().any(|start| bytes.starts_with(start));
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 && !encrypted {
        bail!("others can read it (mode {mode:04o}): chmod 600 it, or encrypt it with age");
    }
    Ok(bytes)
}

/// What limits a search with this profile, in words.
#[must_use]
pub fn warnings(profile: &Profile) -> Vec<String> {
    let mut warnings = Vec::new();
    if !profile.tells_one_person() {
        let text = "the profile holds names, an address or a birth date only: what is found is possible, not more, as \
                    others have the same";
        warnings.push(text.to_owned());
    }
    if profile.has_only_single_words() {
        let text = "the profile's names are of one word: one word alone is not searched for, as too many have it; write \
                    given and family name";
        warnings.push(text.to_owned());
    }
    warnings
}

/// What is said of national numbers that look mistyped: with a wrong digit nothing is found, and that would pass for an
/// answer. They are not refused, since not every country's numbers are known here.
#[must_use]
pub fn doubtful_ids(profile: &Profile, finder: &Finder) -> Vec<String> {
    let country = profile.country.to_ascii_uppercase();
    let all = || national(finder);
    let of_country = all().any(|(_, rule)| rule.regions.contains(&country));
    let mut warnings = Vec::new();
    for (at, id) in profile.national_ids.iter().enumerate() {
        let is_valid = |number: u16| matches!(finder.check(number, id.trim()), Verdict::Valid(_));
        let mut fits = all().filter(|(number, _)| is_valid(*number));
        let whose = match of_country {
            true if fits.any(|(_, rule)| rule.regions.contains(&country)) => continue,
            false if fits.next().is_some() => continue,
            true => format!(" of {country}"),
            false => String::new(),
        };
        let number = at + 1;
        warnings.push(format!(
            "national_ids: number {number} does not check out as a national number{whose}: if a digit is wrong, nothing is \
             found by it"
        ));
    }
    warnings
}

/// The detectors of national numbers, by their numbers.
fn national(finder: &Finder) -> impl Iterator<Item = (u16, &Detector)> {
    let numbered = finder.rules.detectors.iter().enumerate();
    let numbered = numbered.map(|(number, rule)| (u16::try_from(number).unwrap_or(u16::MAX), rule));
    numbered.filter(|(_, rule)| rule.category == "government_id.national")
}

/// Refuses two national numbers of one country, which one person seldom has, unless the profile confirms them.
///
/// # Errors
/// Such numbers.
pub fn check_ids(profile: &Profile, finder: &Finder) -> Result<()> {
    if profile.national_ids_confirmed {
        return Ok(());
    }
    let mut by_kind: BTreeMap<&str, usize> = BTreeMap::new();
    for id in &profile.national_ids {
        for (number, rule) in national(finder) {
            if matches!(finder.check(number, id.trim()), Verdict::Valid(_)) {
                *by_kind.entry(&rule.name).or_default() += 1;
            }
        }
    }
    match by_kind.into_iter().find(|(_, count)| *count > 1) {
        Some((name, count)) => bail!(
            "profile: {count} of its national_ids are valid as {name}, and one person seldom has two: take out the \
             wrong one, or confirm them with national_ids_confirmed = true"
        ),
        None => Ok(()),
    }
}

/// How many values of each kind are sought.
#[must_use]
pub fn counts(profile: &Profile) -> BTreeMap<String, u64> {
    let count =
        |(kind, values): (Kind, Vec<String>)| (kind.as_str().to_owned(), values.len() as u64);
    profile.values().into_iter().map(count).collect()
}
