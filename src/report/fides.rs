//! fides datasets (YAML), as `fides push` and `fideslang` read them: a dataset per file, a collection per
//! table or document, a field per column.
//!
//! fideslang drops keys that it does not know and sorts collections and fields by name, so what it has no
//! key for stands in `description`, and in `meta` of the dataset.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::asset::{self, Asset, Field};
use super::words;
use crate::detect::rules::Category;
use crate::escape::yaml;
use crate::inventory::Inventory;

/// Categories of ours that fideslang's own taxonomy lacks: key, parent, name. Manifests declare them.
const CUSTOM: &[(&str, &str, &str)] = &[
    ("user.demographic.trade_union_membership", "user.demographic", "Trade union membership"),
    ("user.social_case", "user", "Social benefits and child protection"),
    ("user.protected_person", "user", "Protected address or identity"),
];

/// Writes the datasets, and the categories that fideslang has to be told of.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let assets: Vec<Asset> = asset::assets(inventory).collect();
    writeln!(
        out,
        "# Drafted by datakart from {} of {}; a proposal to review, not a verdict.",
        yaml(&inventory.run.label),
        yaml(words::day(&inventory.run.started))
    )?;
    write_custom(&assets, out)?;
    if assets.is_empty() {
        return writeln!(out, "dataset: []");
    }
    writeln!(out, "dataset:")?;
    for file in assets.chunk_by(|a, b| same_file(a, b)) {
        write_dataset(inventory, file, out)?;
    }
    Ok(())
}

fn same_file(a: &Asset, b: &Asset) -> bool {
    let file = |asset: &Asset| (asset.place().path.clone(), asset.place().path_b64.clone());
    file(a) == file(b)
}

/// The key in fideslang's taxonomy of what a detector finds, own ones included.
fn fideslang<'c>(category: &'c Category, detector: &str) -> &'c str {
    match category.key.as_str() {
        "social_case" => "user.social_case",
        "protected_person" => "user.protected_person",
        _ => category.fideslang_of(detector).unwrap_or("user"),
    }
}

/// The categories of a field in fideslang's taxonomy.
fn keys<'c>(field: &Field) -> Vec<&'c str> {
    let mut keys: Vec<&str> =
        field.kinds().map(|(category, detector)| fideslang(category, detector)).collect();
    if keys.is_empty() {
        keys.push("user");
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn write_custom(assets: &[Asset], out: &mut dyn Write) -> io::Result<()> {
    let used: Vec<&str> = assets.iter().flat_map(Asset::fields).flat_map(|f| keys(&f)).collect();
    let mut heading = "data_category:\n";
    for (key, parent, name) in CUSTOM.iter().filter(|c| used.contains(&c.0)) {
        write!(out, "{heading}")?;
        heading = "";
        writeln!(out, "  - fides_key: {key}\n    parent_key: {parent}\n    name: {}", yaml(name))?;
        writeln!(
            out,
            "    description: {}",
            yaml("Declared by datakart: fideslang has no such category")
        )?;
    }
    Ok(())
}

fn write_dataset(inventory: &Inventory, file: &[Asset], out: &mut dyn Write) -> io::Result<()> {
    let place = file[0].place();
    let name = place.path.rsplit('/').next().unwrap_or(&place.path);
    let whole = [Some(&inventory.run.label), Some(&place.path), place.path_b64.as_ref()];
    writeln!(out, "  - fides_key: {}", asset::key(name, whole.into_iter().flatten()))?;
    writeln!(out, "    name: {}", yaml(name))?;
    writeln!(out, "    description: {}", yaml(&place.path))?;
    writeln!(out, "    meta:\n      datakart:")?;
    let mut meta = BTreeMap::from([("label", inventory.run.label.as_str()), ("path", &place.path)]);
    meta.extend(place.path_b64.as_deref().map(|bytes| ("path_b64", bytes)));
    for (key, value) in meta {
        writeln!(out, "        {key}: {}", yaml(value))?;
    }
    writeln!(out, "    collections:")?;
    file.iter().try_for_each(|asset| write_collection(asset, out))
}

fn write_collection(asset: &Asset, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "      - name: {}", asset.key())?;
    let flags = asset.flags().join(", ");
    let severity = words::severity(asset.place().severity);
    let description = format!("{}; severity {severity}; flags: {flags}", asset.shown());
    writeln!(out, "        description: {}", yaml(&description))?;
    writeln!(out, "        fields:")?;
    for field in asset.fields() {
        // A column may bear the name that free text is given; brackets are rare in column names.
        writeln!(out, "          - name: {}", yaml(field.name().unwrap_or("[text]")))?;
        writeln!(out, "            description: {}", yaml(&field.description()))?;
        writeln!(out, "            data_categories:")?;
        for key in keys(&field) {
            writeln!(out, "              - {key}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::detect::rules::categories;

    fn text(inventory: &Inventory) -> String {
        sample::written(|out| write(inventory, out))
    }

    #[test]
    fn a_dataset_per_file_and_a_field_per_column() {
        let text = text(&sample::small());
        assert_eq!(text.matches("  - fides_key: ").count(), 3);
        assert_eq!(
            text.matches("      - name: ").count() - text.matches("          - name: ").count(),
            3
        );
        assert!(text.contains("          - name: \"Diagnose\"\n"), "{text}");
        assert!(text.contains("              - user.health_and_medical\n"), "{text}");
        assert!(
            !text.contains("data_category:\n  - fides_key"),
            "nothing custom is in use: {text}"
        );
    }

    #[test]
    fn custom_categories_are_declared() {
        let mut inventory = sample::small();
        inventory.findings[3].category = "special.trade_union".to_owned();
        inventory.findings[4].category = "protected_person".to_owned();
        let text = text(&inventory);
        assert!(
            text.contains(
                "data_category:\n  - fides_key: user.demographic.trade_union_membership\n"
            )
        );
        assert!(text.contains("  - fides_key: user.protected_person\n    parent_key: user\n"));
    }

    #[test]
    fn every_category_has_a_key() {
        for category in categories().values().filter(|c| !c.key.starts_with("none.")) {
            assert!(fideslang(category, "").starts_with("user."), "{}", category.key);
        }
        let address = &categories()["contact.address"];
        assert_eq!(fideslang(address, "city"), "user.contact.address.city");
        assert_eq!(fideslang(address, "postal_code"), "user.contact.address.postal_code");
    }
}
