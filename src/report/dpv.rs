//! DPV JSON-LD: the inventory in terms of the W3C Data Privacy Vocabulary and DCAT.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::asset::{self, Asset, Field};
use crate::escape;
use crate::inventory::Inventory;

/// Writes one document with a dataset per table or document, and a part of it per field.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let run = &inventory.run;
    let datasets: Vec<Value> = asset::assets(inventory).map(|a| dataset(&run.label, &a)).collect();
    let document = json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dcterms": "http://purl.org/dc/terms/",
            "dpv": "https://w3id.org/dpv#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": format!("urn:datakart:inventory:{}", identifier(&run.label)),
        "@type": "dcat:Catalog",
        "dcterms:title": run.label,
        "dcterms:created": {"@type": "xsd:dateTime", "@value": run.ended},
        "dcat:dataset": datasets,
    });
    let text = serde_json::to_string(&document)?;
    writeln!(out, "{}", escape::json_line(&text))
}

/// Sixteen hexadecimal digits that stand for a name.
fn identifier(name: &str) -> String {
    blake3::hash(name.as_bytes()).to_hex()[..16].to_owned()
}

fn dataset(label: &str, asset: &Asset) -> Value {
    let parts: Vec<Value> = asset.fields().map(|f| part(&f)).collect();
    json!({
        "@id": format!("urn:datakart:dataset:{}", identifier(&format!("{label}\0{}", asset.key()))),
        "@type": "dcat:Dataset",
        "dcterms:title": asset.shown(),
        "dpv:hasStorageCondition": {"@type": "dpv:StorageLocation", "dcterms:title": asset.place().path},
        "dcterms:hasPart": parts,
    })
}

fn part(field: &Field) -> Value {
    let categories = field.categories();
    let special = categories.iter().any(|c| c.art9);
    // A list of types means that the field is all of them, so each finding gives the closest that is true of it.
    let terms: BTreeSet<&str> =
        field.kinds().flat_map(|(c, detector)| c.dpv_of(detector)).collect();
    let kind = if special { "dpv:SpecialCategoryPersonalData" } else { "dpv:PersonalData" };
    let types: Vec<&str> = std::iter::once(kind).chain(terms).collect();
    json!({
        "@id": format!("urn:datakart:finding:{}", field.findings[0].id),
        "dcterms:title": field.name(),
        "dcterms:description": field.description(),
        "dpv:hasPersonalData": {"@type": types},
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::detect::rules::categories;

    #[test]
    fn every_kind_has_one_term_at_most() {
        for category in categories().values() {
            assert!(category.dpv.len() < 2, "{}", category.key);
        }
        let terms = |key: &str, detector| categories()[key].dpv_of(detector).collect::<Vec<_>>();
        assert_eq!(terms("contact.address", "postal_code"), ["https://w3id.org/dpv/pd#PostalCode"]);
        assert_eq!(
            terms("contact.address", "one_of_mine"),
            ["https://w3id.org/dpv/pd#PhysicalAddress"]
        );
        assert_eq!(terms("online.device", "imei"), ["https://w3id.org/dpv/pd#DeviceBased"]);
    }

    #[test]
    fn fields_carry_their_terms() {
        let mut bytes = Vec::new();
        write(&sample::small(), &mut bytes).unwrap();
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let sheet = &document["dcat:dataset"][2];
        assert_eq!(sheet["dcterms:title"], "/srv/hr/sykefravær 2026.xlsx › Ark1");
        let types =
            |part: usize| sheet["dcterms:hasPart"][part]["dpv:hasPersonalData"]["@type"].clone();
        assert_eq!(
            types(0),
            json!(["dpv:SpecialCategoryPersonalData", "https://w3id.org/dpv/pd#MedicalHealth"])
        );
        assert_eq!(types(1), json!(["dpv:PersonalData", "https://w3id.org/dpv/pd#OfficialID"]));
    }
}
