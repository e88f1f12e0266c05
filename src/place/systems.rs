//! Systems: which one a path belongs to, by the `[[system]]` tables of the settings file.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde::Deserialize;
use toml::Spanned;

use super::claim::{Claim, Spelled, Weight};
use super::countries::Countries;
use crate::inventory::{SubProcessor, SystemLine};

/// A `[[system]]` table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Its name, in every output.
    pub name: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// Paths and globs that belong to it.
    #[serde(default)]
    pub paths: Vec<Spanned<String>>,
    /// Hosts on which they do; every host when there are none.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Where the data is kept.
    pub country: Option<String>,
    /// Who keeps it on the controller's behalf.
    pub processor: Option<String>,
    /// Country of the processor's parent company.
    #[serde(alias = "parent-country")]
    pub parent_country: Option<String>,
    /// Whom the processor makes use of.
    #[serde(default, alias = "sub-processors")]
    pub sub_processors: Vec<SubProcessor>,
}

impl System {
    /// Its line in the inventory, with nothing counted yet.
    #[must_use]
    pub fn line(&self, countries: &Countries, as_of: jiff::civil::Date) -> SystemLine {
        let mut line = SystemLine {
            name: Some(self.name.clone()),
            owner: self.owner.clone(),
            purpose: self.purpose.clone(),
            country: self.country.clone(),
            processor: self.processor.clone(),
            parent_country: self.parent_country.clone(),
            sub_processors: self.sub_processors.clone(),
            ..SystemLine::default()
        };
        countries.assess(&mut line, as_of);
        line
    }

    /// Codes of countries as others write them.
    fn in_capitals(&mut self) {
        let subs = self.sub_processors.iter_mut().map(|sub| &mut sub.country);
        let own = [&mut self.country, &mut self.parent_country];
        let codes = own.into_iter().chain(subs).flatten().filter(|code| code.len() == 2);
        codes.for_each(|code| code.make_ascii_uppercase());
    }

    fn is_on(&self, host: &str) -> bool {
        let short = host.split('.').next().unwrap_or(host);
        self.hosts.is_empty()
            || self
                .hosts
                .iter()
                .any(|h| h.eq_ignore_ascii_case(host) || h.eq_ignore_ascii_case(short))
    }
}

/// A claim of a system on this host.
#[derive(Clone, Debug)]
struct Entry {
    system: usize,
    /// `None` for all of the host.
    claim: Option<Claim>,
    line: usize,
    /// Whether some file was of it.
    has_matched: Arc<AtomicBool>,
}

impl Entry {
    fn weight(&self) -> Option<Weight> {
        self.claim.as_ref().map(|c| c.weight)
    }

    fn words(&self) -> String {
        self.claim.as_ref().map_or("all of this host".to_owned(), |c| format!("{:?}", c.text))
    }
}

/// All systems of a settings file.
#[derive(Clone, Debug, Default)]
pub struct Systems {
    list: Vec<System>,
    entries: Vec<Entry>,
    origin: String,
}

impl Systems {
    /// The systems of a settings file with this name and text, as they stand on this host.
    ///
    /// # Errors
    /// A name that is missing or used twice, a system that claims nothing, a wrong path, country or glob, two
    /// systems that claim the same: says which, and where.
    pub fn new(
        list: Vec<System>,
        origin: &str,
        text: &str,
        host: &str,
        countries: &Countries,
    ) -> Result<Systems> {
        let mut systems =
            Systems { list: Vec::new(), entries: Vec::new(), origin: origin.to_owned() };
        let mut names = HashSet::new();
        let ends: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        let line_of = |at: usize| ends.partition_point(|end| *end < at) + 1;
        for mut system in list {
            system.in_capitals();
            let name = &system.name;
            ensure!(!name.trim().is_empty(), "settings file {origin}: a [[system]] has no name");
            ensure!(
                names.insert(name.clone()),
                "settings file {origin}: two systems are named {name:?}: put their paths into one [[system]]"
            );
            let entries = entries(&system, systems.list.len(), line_of)
                .and_then(|e| check_countries(&system, countries).map(|()| e))
                .with_context(|| format!("settings file {origin}: system {name:?}"))?;
            if system.is_on(host) {
                systems.entries.extend(entries);
            }
            systems.list.push(system);
        }
        systems.check_twins()?;
        Ok(systems)
    }

    /// The system that claims a path most exactly.
    ///
    /// # Errors
    /// Two systems claim it equally: says which, by what, and where.
    pub fn of(&self, path: &Spelled) -> Result<Option<&System>> {
        let covers = |e: &&Entry| {
            let covers = e.claim.as_ref().is_none_or(|c| c.covers(path));
            if covers && !e.has_matched.load(Ordering::Relaxed) {
                e.has_matched.store(true, Ordering::Relaxed);
            }
            covers
        };
        let mut best: Option<&Entry> = None;
        let mut rival: Option<&Entry> = None;
        for entry in self.entries.iter().filter(covers) {
            match best {
                Some(b) if entry.weight() < b.weight() => {}
                Some(b) if entry.weight() == b.weight() => {
                    rival = rival.or((b.system != entry.system).then_some(entry));
                }
                _ => (best, rival) = (Some(entry), None),
            }
        }
        match (best, rival) {
            (Some(a), Some(b)) => Err(self.conflict(&format!("{:?} is", path.given), a, b)),
            (found, _) => Ok(found.map(|e| &self.list[e.system])),
        }
    }

    /// The paths, each with its system's name, at which no file was, though what was scanned, from the root of the file
    /// system, could hold some: a mistake in one leaves its files unmapped. A glob may well be there for what is to come.
    #[must_use]
    pub fn never_met(&self, roots: &[PathBuf]) -> Vec<(&str, &str)> {
        let in_vain = |e: &&Entry| !e.has_matched.load(Ordering::Relaxed);
        let entries = self.entries.iter().filter(in_vain);
        let path = entries.filter_map(|e| Some((e, e.claim.as_ref()?.path()?)));
        let may_be =
            |path: &Path| path.is_relative() || roots.iter().any(|root| path.starts_with(root));
        let path = path.filter(|(_, path)| may_be(path));
        path.filter_map(|(e, path)| Some((self.list[e.system].name.as_str(), path.to_str()?)))
            .collect()
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|system| system.name.as_str())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn check_twins(&self) -> Result<()> {
        let mut first: HashMap<Option<&str>, &Entry> = HashMap::new();
        for b in &self.entries {
            let a = *first.entry(b.claim.as_ref().map(|c| c.text.as_str())).or_insert(b);
            if a.system != b.system {
                return Err(self.conflict("the same is", a, b));
            }
        }
        Ok(())
    }

    fn conflict(&self, what: &str, a: &Entry, b: &Entry) -> anyhow::Error {
        let side = |e: &Entry| {
            format!("{:?} by {} (line {})", self.list[e.system].name, e.words(), e.line)
        };
        anyhow!(
            "settings file {}: {what} claimed equally by the systems {} and {}: let one of them name a longer \
             path, or take the path out of the other",
            self.origin,
            side(a),
            side(b)
        )
    }
}

fn entries(system: &System, number: usize, line_of: impl Fn(usize) -> usize) -> Result<Vec<Entry>> {
    let entry = |claim, line| Entry { system: number, claim, line, has_matched: Arc::default() };
    if system.paths.is_empty() {
        ensure!(!system.hosts.is_empty(), "it claims nothing: give it `paths` or `hosts`");
        return Ok(vec![entry(None, line_of(0))]);
    }
    let of = |path: &Spanned<String>| {
        Ok(entry(Some(Claim::new(path.get_ref())?), line_of(path.span().start)))
    };
    system.paths.iter().map(of).collect()
}

fn check_countries(system: &System, countries: &Countries) -> Result<()> {
    let subs = system.sub_processors.iter().map(|s| &s.country);
    for code in [&system.country, &system.parent_country].into_iter().chain(subs).flatten() {
        if !countries.is_code(code) {
            bail!(
                "{code:?} is no country: a two-letter ISO 3166 code in capitals is expected, such as NO"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::place::Facts;

    #[derive(Deserialize)]
    struct File {
        system: Vec<System>,
    }

    fn systems(text: &str) -> Result<Systems> {
        let file: File = toml::from_str(text)?;
        let facts = Facts::load(&[]).unwrap();
        Systems::new(file.system, "datakart.toml", text, "files01.example.com", &facts.countries)
    }

    fn of(systems: &Systems, below: &str) -> Option<String> {
        let path = Spelled::new(Path::new("/srv/share"), Path::new("share"), Path::new(below));
        systems.of(&path).unwrap().map(|s| s.name.clone())
    }

    #[test]
    fn the_most_exact_claim_wins() {
        let systems = systems(
            r#"
            [[system]]
            name = "Share"
            paths = ["/srv/share"]
            [[system]]
            name = "HR"
            paths = ["/srv/share/HR", "**/lønn"]
            [[system]]
            name = "Elsewhere"
            hosts = ["files02"]
            paths = ["/srv/share/HR/x"]
            [[system]]
            name = "Host"
            hosts = ["FILES01"]
            "#,
        )
        .unwrap();
        assert_eq!(of(&systems, "HR/x/a.csv").as_deref(), Some("HR"));
        assert_eq!(of(&systems, "Salg/a.csv").as_deref(), Some("Share"));
        let elsewhere = Spelled::new(Path::new("/tmp"), Path::new("/tmp"), Path::new("a.csv"));
        assert_eq!(systems.of(&elsewhere).unwrap().unwrap().name, "Host");
    }

    #[test]
    fn equal_claims_say_which_and_where() {
        let equal = systems(
            "[[system]]\nname = \"HR\"\npaths = [\"HR*\"]\n[[system]]\nname = \"CSV\"\npaths = [\"*HR\"]\n",
        )
        .unwrap();
        let path = Spelled::new(Path::new("/srv"), Path::new("srv"), Path::new("HR/a.csv"));
        let error = equal.of(&path).unwrap_err().to_string();
        assert!(error.contains("\"srv/HR/a.csv\" is claimed equally"), "{error}");
        assert!(error.contains("\"HR\" by \"HR*\" (line 3)"), "{error}");
        assert!(error.contains("\"CSV\" by \"*HR\" (line 6)"), "{error}");
        let other = Spelled::new(Path::new("/srv"), Path::new("srv"), Path::new("HRX/a.csv"));
        assert_eq!(equal.of(&other).unwrap().unwrap().name, "HR");
    }

    #[test]
    fn mistakes_are_told() {
        let error = |text: &str| format!("{:#}", systems(text).unwrap_err());
        let two = "[[system]]\nname='A'\npaths=['x']\n[[system]]\nname='B'\npaths=['x']";
        assert!(error(two).contains("the same is claimed equally"), "{}", error(two));
        assert!(error("[[system]]\nname='A'").contains("claims nothing"));
        assert!(error("[[system]]\nname=' '\npaths=['x']").contains("has no name"));
        assert!(error("[[system]]\nname='A'\npaths=['']").contains("an empty path"));
        assert!(error("[[system]]\nname='A'\npaths=['x']\ncountry='Norge'").contains("no country"));
        assert!(
            error(&two.replace("'B'", "'A'").replace("'x'", "'y'"))
                .contains("two systems are named")
        );
        assert!(error("[[system]]\nname='A'\npath=['x']").contains("unknown field"));
    }
}
