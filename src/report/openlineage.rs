//! OpenLineage: a dataset event per table or document, with a tag per finding (NDJSON).
//!
//! Forms: `OpenLineage.json` 2-0-2 (DatasetEvent) and `TagsDatasetFacet.json` 1-0-0, both of openlineage.io.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::asset::{self, Asset};
use super::jsonl;
use crate::inventory::Inventory;

const PRODUCER: &str = concat!("urn:datakart:", env!("CARGO_PKG_VERSION"));
const EVENT: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent";
const FACET: &str =
    "https://openlineage.io/spec/facets/1-0-0/TagsDatasetFacet.json#/$defs/TagsDatasetFacet";

/// Writes one event per line. Their time is that of the scan.
///
/// # Errors
/// When the output cannot be written.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    for asset in asset::assets(inventory) {
        let event = json!({
            "eventTime": inventory.run.ended,
            "producer": PRODUCER,
            "schemaURL": EVENT,
            "dataset": {
                "namespace": format!("file://{}", inventory.run.host),
                "name": asset.shown(),
                "facets": {"tags": {"_producer": PRODUCER, "_schemaURL": FACET, "tags": tags(&asset)}},
            },
        });
        jsonl::write_line(&event, out)?;
    }
    Ok(())
}

fn tags(asset: &Asset) -> Vec<Value> {
    let mut tags = Vec::new();
    for field in asset.fields() {
        for finding in field.findings {
            let mut tag = json!({"key": "pii", "value": finding.category, "source": "datakart"});
            if let Some(name) = field.name() {
                tag["field"] = json!(name);
            }
            tags.push(tag);
        }
    }
    tags.dedup();
    let flag = |flag: &str| json!({"key": "gdpr", "value": flag, "source": "datakart"});
    tags.extend(asset.flags().into_iter().map(flag));
    tags
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_tag_per_finding_on_its_field() {
        let text = sample::written(|out| write(&sample::small(), out));
        let events: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(events.len(), 3);
        let dataset = &events[2]["dataset"];
        assert_eq!(dataset["namespace"], "file://files01");
        assert_eq!(dataset["name"], "/srv/hr/sykefravær 2026.xlsx › Ark1");
        let tags = dataset["facets"]["tags"]["tags"].as_array().unwrap();
        assert_eq!(
            tags[0],
            json!({"key":"pii","value":"health.sick_leave","source":"datakart","field":"Diagnose"})
        );
        assert_eq!(tags.last().unwrap()["value"], "many_subjects");
        assert!(events[1]["dataset"]["facets"]["tags"]["tags"][0].get("field").is_none());
    }
}
