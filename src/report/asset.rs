//! Findings by table or document and field: the shape in which catalogues take them.

use std::collections::HashMap;

use super::{tally, words};
use crate::detect::rules::{self, Category};
use crate::inventory::{FileLine, Finding, GroupLine, Inventory, SystemLine};

/// One table or document with findings, and what the inventory says of its place.
pub(super) struct Asset<'a> {
    /// At least one.
    pub findings: &'a [Finding],
    /// Its record group.
    pub group: Option<&'a GroupLine>,
    /// Its file.
    pub file: Option<&'a FileLine>,
    /// Its system.
    pub system: Option<&'a SystemLine>,
}

/// One field of an asset, or its free text.
pub(super) struct Field<'a> {
    /// At least one, all of the same field.
    pub findings: &'a [Finding],
}

/// The tables and documents of an inventory, in its order.
pub(super) fn assets(inventory: &Inventory) -> impl Iterator<Item = Asset<'_>> {
    let files: HashMap<_, _> =
        inventory.files.iter().map(|f| ((&f.path, &f.path_b64), f)).collect();
    let groups: HashMap<_, _> = inventory
        .groups
        .iter()
        .map(|g| ((&g.path, &g.path_b64, &g.members, &g.table), g))
        .collect();
    let named = inventory.systems.iter().filter(|s| s.name.is_some());
    let systems: HashMap<_, _> = named.map(|s| (&s.name, s)).collect();
    tally::groups(&inventory.findings).map(move |group| {
        let place = &group.findings[0];
        Asset {
            findings: group.findings,
            group: groups
                .get(&(&place.path, &place.path_b64, &place.members, &place.table))
                .copied(),
            file: files.get(&(&place.path, &place.path_b64)).copied(),
            system: systems.get(&place.system).copied(),
        }
    })
}

impl<'a> Asset<'a> {
    /// One of its findings: path, members and table are the same in all of them.
    pub fn place(&self) -> &'a Finding {
        &self.findings[0]
    }

    /// Path, members and table as one text for people.
    pub fn shown(&self) -> String {
        let place = self.place();
        let mut text = words::place(&place.path, &place.members);
        if let Some(table) = &place.table {
            text.push_str(" › ");
            text.push_str(table);
        }
        text
    }

    /// A name of letters, digits and `_` that no other asset of the inventory has: the table's or file's own
    /// name, then eight digits of a hash of the whole place.
    pub fn key(&self) -> String {
        let place = self.place();
        let last = place.members.last().unwrap_or(&place.path);
        let file = last.rsplit('/').next().unwrap_or(last);
        let whole = [Some(&place.path), place.path_b64.as_ref(), place.table.as_ref()].into_iter();
        key(place.table.as_deref().unwrap_or(file), whole.flatten().chain(&place.members))
    }

    /// Its fields, in the inventory's order.
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        self.findings.chunk_by(|a, b| a.field == b.field).map(|findings| Field { findings })
    }

    /// The flags of its findings and of its group, each once.
    pub fn flags(&self) -> Vec<&'a str> {
        let together = self.group.map_or(&[][..], |group| &group.flags);
        let own = self.findings.iter().flat_map(|f| &f.flags);
        let mut flags: Vec<&str> = own.chain(together).map(String::as_str).collect();
        flags.sort_unstable();
        flags.dedup();
        flags
    }
}

impl<'a> Field<'a> {
    /// Its name; `None` for free text.
    pub fn name(&self) -> Option<&'a str> {
        self.findings[0].field.as_deref()
    }

    /// The categories of its findings, each once. One that this datakart does not know is left out.
    pub fn categories(&self) -> Vec<&'static Category> {
        let mut keys: Vec<&str> = self.findings.iter().map(|f| f.category.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().filter_map(|key| rules::categories().get(key)).collect()
    }

    /// What was found in it: categories and detectors.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static Category, &'a str)> {
        let findings = self.findings.iter();
        findings.filter_map(|f| Some((rules::categories().get(&f.category)?, f.detector.as_str())))
    }

    /// What was found in it, in words.
    pub fn description(&self) -> String {
        let one = |f: &Finding| {
            format!(
                "{} ({}): {}, {} different, confidence {}",
                f.category,
                f.detector,
                words::counted(f.matches, "value", "values"),
                words::number(f.distinct),
                f.confidence.as_str()
            )
        };
        self.findings.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

/// A name of letters, digits and `_`, made unique by a hash of `whole`.
pub(super) fn key<'s>(name: &str, whole: impl Iterator<Item = &'s String>) -> String {
    let stem = name.split('.').find(|part| !part.is_empty()).unwrap_or(name);
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let stem: String = stem.chars().take(40).map(safe).collect();
    let mut hasher = blake3::Hasher::new();
    for part in whole {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    format!("{stem}_{}", &hasher.finalize().to_hex()[..8])
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn an_asset_is_a_table_or_a_document() {
        let inventory = sample::small();
        let assets: Vec<_> = assets(&inventory).collect();
        let shown: Vec<_> = assets.iter().map(Asset::shown).collect();
        assert_eq!(
            shown,
            [
                "/srv/exports/crm.sqlite › contacts",
                "/srv/hr/notat.txt › vedlegg.zip › a.txt",
                "/srv/hr/sykefravær 2026.xlsx › Ark1"
            ]
        );
        let fields: Vec<_> = assets[2].fields().map(|f| f.name()).collect();
        assert_eq!(fields, [Some("Diagnose"), Some("Fnr")]);
        assert_eq!(assets[2].flags(), ["art87", "art9", "many_subjects"]);
        assert!(assets[2].key().starts_with("Ark1_"), "{}", assets[2].key());
        assert_eq!(assets[1].fields().next().and_then(|f| f.name()), None);
    }
}
