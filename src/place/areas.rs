//! Personal areas: home directories, mailboxes and the like, from `patterns/areas.toml`.

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::claim::{Claim, Spelled};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "sources")]
    _sources: Vec<String>,
    area: Vec<Area>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    kind: String,
    #[serde(default)]
    formats: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
}

/// What tells a personal area.
#[derive(Clone, Debug)]
pub struct Areas(Vec<(String, Vec<String>, Vec<Claim>)>);

impl Areas {
    pub(super) fn parse(text: &str) -> Result<Areas> {
        let file: File = toml::from_str(text)?;
        let area = |area: Area| {
            let claims = area.paths.iter().map(|p| Claim::new(p)).collect::<Result<_>>();
            let claims = claims.with_context(|| format!("area {:?}", area.kind))?;
            Ok((area.kind, area.formats, claims))
        };
        Ok(Areas(file.area.into_iter().map(area).collect::<Result<_>>()?))
    }

    /// The kind of personal area that a file of this format lies in; the first that fits.
    #[must_use]
    pub fn kind_of(&self, path: &Spelled, format: Option<&str>) -> Option<&str> {
        let fits = |(_, formats, claims): &&(String, Vec<String>, Vec<Claim>)| {
            formats.iter().any(|f| Some(f.as_str()) == format)
                || claims.iter().any(|c| c.covers(path))
        };
        self.0.iter().find(fits).map(|(kind, ..)| kind.as_str())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use crate::place::{Facts, Spelled};

    #[test]
    fn homes_and_mailboxes_are_personal() {
        let areas = Facts::load(&[]).unwrap().areas;
        let kind = |root: &str, below: &str, format| {
            let path = Spelled::new(Path::new(root), Path::new("given"), Path::new(below));
            areas.kind_of(&path, format).map(str::to_owned)
        };
        assert_eq!(kind("/home", "kari/a.txt", None).as_deref(), Some("home_directory"));
        assert_eq!(kind("/home/kari", "a.txt", None).as_deref(), Some("home_directory"));
        assert_eq!(kind("/mnt/c", "Users/kari/a.txt", None).as_deref(), Some("home_directory"));
        assert_eq!(kind("/srv", "post/arkiv.pst", None).as_deref(), Some("mailbox"));
        assert_eq!(kind("/srv", "post/uten_ending", Some("mbox")).as_deref(), Some("mailbox"));
        assert_eq!(kind("/srv", "share/a.txt", Some("text")), None);
    }
}
