//! Counts by rung of the validity ladder: few of them, in one piece of memory for each of many findings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Counts of values by rung, sorted by the rung's word. In an inventory it is an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder(Vec<(Cow<'static, str>, u64)>);

impl Ladder {
    /// Adds so many values of a rung.
    pub fn add(&mut self, rung: impl Into<Cow<'static, str>>, count: u64) {
        let rung = rung.into();
        match self.0.binary_search_by(|(other, _)| other.cmp(&rung)) {
            Ok(at) => self.0[at].1 += count,
            Err(at) => {
                // Mostly there is one.
                self.0.reserve_exact(1);
                self.0.insert(at, (rung, count));
            }
        }
    }

    /// How many values there are of a rung.
    #[must_use]
    pub fn count(&self, rung: &str) -> u64 {
        self.iter().find(|(other, _)| *other == rung).map_or(0, |(_, count)| count)
    }

    /// The rungs that there are values of, and how many.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(rung, count)| (&**rung, *count))
    }
}

impl Serialize for Ladder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Ladder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ladder, D::Error> {
        let counts = BTreeMap::<String, u64>::deserialize(deserializer)?;
        Ok(Ladder(counts.into_iter().map(|(rung, count)| (rung.into(), count)).collect()))
    }
}

impl JsonSchema for Ladder {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        BTreeMap::<String, u64>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, u64>::json_schema(generator)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_object_by_rung() {
        let mut ladder = Ladder::default();
        for (rung, count) in [("test", 2), ("real", 5), ("test", 1), ("masked", 1)] {
            ladder.add(rung, count);
        }
        let json = serde_json::to_string(&ladder).unwrap();
        assert_eq!(json, r#"{"masked":1,"real":5,"test":3}"#);
        assert_eq!(serde_json::from_str::<Ladder>(&json).unwrap(), ladder);
        assert_eq!((ladder.count("test"), ladder.count("damaged")), (3, 0));
    }
}
