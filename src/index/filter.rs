//! The filter of a file: binary fuse filters of 8 bits a digest (Graf and Lemire 2022, arXiv 2201.01174).

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xorf::{BinaryFuse8, BinaryFuse8Ref, DmaSerializable as _, Filter as _, FilterRef as _};

/// Bytes of a filter's descriptor.
const DESCRIPTOR: usize = BinaryFuse8::DESCRIPTOR_LEN;
/// Bytes of what stands before each filter: how many digests it holds, and its length.
const HEAD: usize = 8;

/// What a file's words and numbers became: one filter, or several of a file with millions of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters(Vec<u8>);

impl Filters {
    /// Adds a filter of these digests, which all differ. `None` when none can be built; then nothing may be
    /// concluded from the others either.
    #[must_use]
    pub fn with(mut self, digests: &[u64]) -> Option<Filters> {
        if digests.is_empty() {
            return Some(self);
        }
        let filter = BinaryFuse8::try_from(digests).ok()?;
        let length = u32::try_from(DESCRIPTOR + filter.fingerprints.len()).ok()?;
        self.0.extend(u32::try_from(digests.len()).ok()?.to_le_bytes());
        self.0.extend(length.to_le_bytes());
        let at = self.0.len();
        self.0.resize(at + DESCRIPTOR, 0);
        filter.dma_copy_descriptor_to(&mut self.0[at..]);
        self.0.extend(filter.dma_fingerprints());
        Some(self)
    }

    /// These filters and those of another part of the file.
    #[must_use]
    pub fn and(mut self, other: &Filters) -> Filters {
        self.0.extend(&other.0);
        self
    }

    /// Filters that were kept; `None` when they are damaged.
    #[must_use]
    pub fn parse(bytes: Vec<u8>) -> Option<Filters> {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (_, filter, after) = split(rest)?;
            let (descriptor, fingerprints) = filter.split_at_checked(DESCRIPTOR)?;
            is_sound(descriptor, fingerprints).then_some(())?;
            rest = after;
        }
        Some(Filters(bytes))
    }

    /// Their bytes, as they are kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many digests they hold. What stands in several filters of one file counts in each.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.parts().map(|(values, _)| u64::from(values)).sum()
    }

    /// Whether a digest is among them, or may be.
    #[must_use]
    pub fn may_hold(&self, digest: u64) -> bool {
        self.parts().any(|(_, filter)| {
            let (descriptor, fingerprints) = filter.split_at(DESCRIPTOR);
            BinaryFuse8Ref::from_dma(descriptor, fingerprints).contains(&digest)
        })
    }

    fn parts(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (values, filter, after) = split(rest)?;
            rest = after;
            Some((values, filter))
        })
    }
}

/// The number of digests in the first filter, that filter, and what comes after it.
fn split(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(HEAD)?;
    let number = |at: usize| Some(u32::from_le_bytes(head[at..at + 4].try_into().ok()?));
    let (filter, after) = rest.split_at_checked(number(4)? as usize)?;
    Some((number(0)?, filter, after))
}

/// Whether every place that this filter looks at lies within it: what was kept may be damaged, and what a worker sends
/// is not believed.
fn is_sound(descriptor: &[u8], fingerprints: &[u8]) -> bool {
    let number = |at: usize| {
        let bytes = descriptor.get(at..at + 4).and_then(|b| b.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    };
    let (segment, mask, first) = (number(8), number(12), number(16));
    segment.is_power_of_two()
        && mask == segment - 1
        && first > 0
        && first.is_multiple_of(segment)
        && fingerprints.len() as u64 == u64::from(first) + 2 * u64::from(segment)
}

impl Serialize for Filters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        BASE64_STANDARD.encode(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Filters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD.decode(text.as_bytes()).ok();
        bytes.and_then(Filters::parse).ok_or_else(|| serde::de::Error::custom("no filter"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look drawn at random (splitmix64).
    fn digests(seed: u64) -> impl Iterator<Item = u64> {
        (1..).map(move |i: u64| {
            let z = (seed + i).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z ^ (z >> 27)
        })
    }

    #[test]
    fn what_is_there_is_never_denied_and_the_rest_rarely_affirmed() {
        for count in [1, 2, 3, 10, 100, 20_000] {
            let held: Vec<u64> = digests(1).take(count).collect();
            let filters = Filters::default().with(&held).unwrap();
            assert!(held.iter().all(|d| filters.may_hold(*d)), "{count}");
            assert_eq!(filters.values(), count as u64);
            let wrong = digests(1 << 40).take(100_000).filter(|d| filters.may_hold(*d)).count();
            assert!(wrong < 500, "{count}: {wrong} of 100,000");
            let kept = Filters::parse(filters.bytes().to_vec()).unwrap();
            assert_eq!(kept, filters);
        }
    }

    #[test]
    fn a_large_filter_takes_less_than_two_bytes_a_value() {
        let held: Vec<u64> = digests(7).take(200_000).collect();
        let filters = Filters::default().with(&held).unwrap();
        assert!(filters.bytes().len() < 240_000, "{}", filters.bytes().len());
    }

    #[test]
    fn several_filters_answer_as_one() {
        let all: Vec<u64> = digests(3).take(3000).collect();
        let filters = all.chunks(1000).try_fold(Filters::default(), Filters::with).unwrap();
        assert!(all.iter().all(|d| filters.may_hold(*d)));
        assert!(!Filters::default().may_hold(all[0]), "a file without words");
        let text = serde_json::to_string(&filters).unwrap();
        assert_eq!(serde_json::from_str::<Filters>(&text).unwrap(), filters);
    }

    #[test]
    fn a_damaged_filter_is_refused_before_it_is_asked() {
        let held: Vec<u64> = digests(5).take(50).collect();
        let bytes = Filters::default().with(&held).unwrap().0;
        for at in 4..HEAD + DESCRIPTOR {
            // The seed may be any number.
            if (HEAD..HEAD + 8).contains(&at) {
                continue;
            }
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            assert!(Filters::parse(damaged).is_none(), "byte {at}");
        }
        for length in 1..bytes.len() {
            assert!(Filters::parse(bytes[..length].to_vec()).is_none(), "{length} bytes");
        }
    }
}
