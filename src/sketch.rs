//! Counting distinct values: exact up to a bound, then a sketch. Both merge, both know only keyed
//! digests, and neither depends on the order in which values come.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Read, Write};

use anyhow::{Context as _, Result, bail, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Up to this many distinct values are counted exactly.
pub const EXACT: usize = 4096;
/// Registers of the sketch: 2^12, standard error 1.6 %.
const PRECISION: u32 = 12;
/// Highest rank that a register can have.
const RANK: u8 = (64 - PRECISION + 1) as u8;

/// A set of keyed digests, or a HyperLogLog sketch of it (Flajolet et al. 2007).
#[derive(Clone, Debug)]
pub enum Distinct {
    /// The digests themselves.
    Exact(HashSet<u64, Plain>),
    /// Registers of the sketch.
    Sketch(Box<[u8]>),
}

impl Default for Distinct {
    fn default() -> Self {
        Distinct::Exact(HashSet::default())
    }
}

impl Distinct {
    /// Adds one digest.
    pub fn add(&mut self, digest: u64) {
        match self {
            Distinct::Exact(set) => {
                set.insert(digest);
                if set.len() > EXACT {
                    self.give_up_exactness();
                }
            }
            Distinct::Sketch(registers) => register(registers, digest),
        }
    }

    /// Adds all that another one holds.
    pub fn merge(&mut self, other: &Distinct) {
        match other {
            _ if self.exact().is_some_and(HashSet::is_empty) => *self = other.clone(),
            Distinct::Exact(set) => set.iter().for_each(|&d| self.add(d)),
            Distinct::Sketch(theirs) => {
                self.give_up_exactness();
                if let Distinct::Sketch(ours) = self {
                    ours.iter_mut().zip(theirs).for_each(|(a, b)| *a = (*a).max(*b));
                }
            }
        }
    }

    fn give_up_exactness(&mut self) {
        if let Distinct::Exact(set) = self {
            let mut registers = vec![0u8; 1 << PRECISION].into_boxed_slice();
            set.iter().for_each(|&d| register(&mut registers, d));
            *self = Distinct::Sketch(registers);
        }
    }

    /// How many, and whether that is an estimate.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of values"
    )]
    pub fn count(&self) -> (u64, bool) {
        match self {
            Distinct::Exact(set) => (set.len() as u64, false),
            Distinct::Sketch(registers) => (estimate(registers).round() as u64, true),
        }
    }
}

/// Shares of two sketches' union below this are noise: three standard errors.
const NOISE: f64 = 0.05;

impl Distinct {
    /// The digests, while they are exact.
    #[must_use]
    pub fn exact(&self) -> Option<&HashSet<u64, Plain>> {
        match self {
            Distinct::Exact(set) => Some(set),
            Distinct::Sketch(_) => None,
        }
    }

    /// How many values both hold, and whether that is an estimate. Of sketches, what could be noise counts as
    /// nothing shared, or as everything.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "counts of values"
    )]
    pub fn common(&self, other: &Distinct) -> (u64, bool) {
        if let (Distinct::Exact(a), Distinct::Exact(b)) = (self, other) {
            return (a.iter().filter(|digest| b.contains(digest)).count() as u64, false);
        }
        let mut union = self.clone();
        union.merge(other);
        let (all, ours, theirs) = (union.count().0, self.count().0, other.count().0);
        let both = (ours + theirs).saturating_sub(all);
        let noise = (all as f64 * NOISE) as u64;
        let least = ours.min(theirs);
        let both = match both {
            b if b < noise => 0,
            b if b + noise > least => least,
            b => b,
        };
        (both, true)
    }
}

/// As text: the kind, then the digests in rising order or the registers, in base64.
impl Serialize for Distinct {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, bytes) = match self {
            Distinct::Exact(set) => {
                let mut digests: Vec<u64> = set.iter().copied().collect();
                digests.sort_unstable();
                ('=', digests.iter().flat_map(|d| d.to_le_bytes()).collect())
            }
            Distinct::Sketch(registers) => ('~', registers.to_vec()),
        };
        serializer.serialize_str(&format!("{kind}{}", BASE64_STANDARD.encode(bytes)))
    }
}

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Distinct, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| serde::de::Error::custom("no count of distinct values"))
    }
}

fn parse(text: &str) -> Option<Distinct> {
    let bytes = BASE64_STANDARD.decode(text.get(1..)?).ok()?;
    match text.as_bytes()[0] {
        b'=' if bytes.len() <= 8 * EXACT => {
            let (digests, []) = bytes.as_chunks::<8>() else { return None };
            Some(Distinct::Exact(digests.iter().map(|d| u64::from_le_bytes(*d)).collect()))
        }
        b'~' if bytes.len() == 1 << PRECISION && bytes.iter().all(|&rank| rank <= RANK) => {
            Some(Distinct::Sketch(bytes.into()))
        }
        _ => None,
    }
}

/// First line of `sketches.bin`.
pub const MAGIC: &[u8] = b"datakart/sketches/1\n";

/// Writes `sketches.bin`: per finding its id (16 bytes), the number of exact digests or `u32::MAX` for
/// a sketch (4 bytes, little endian), and the digests in rising order (8 bytes each) or the 4096 registers.
///
/// # Errors
/// When the output cannot be written.
pub fn write(sketches: &[(String, &Distinct)], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(MAGIC)?;
    for (id, distinct) in sketches {
        out.write_all(id.as_bytes())?;
        match distinct {
            Distinct::Exact(set) => {
                let mut digests: Vec<u64> = set.iter().copied().collect();
                digests.sort_unstable();
                let count = u32::try_from(digests.len()).unwrap_or(u32::MAX - 1);
                out.write_all(&count.to_le_bytes())?;
                digests.iter().try_for_each(|d| out.write_all(&d.to_le_bytes()))?;
            }
            Distinct::Sketch(registers) => {
                out.write_all(&u32::MAX.to_le_bytes())?;
                out.write_all(registers)?;
            }
        }
    }
    Ok(())
}

/// Reads `sketches.bin` back, by finding id.
///
/// # Errors
/// When it is no such file, or was cut short or damaged.
pub fn read(input: &mut dyn Read) -> Result<BTreeMap<String, Distinct>> {
    const DAMAGED: &str = "cut short or damaged: scan again or restore it";
    let mut magic = [0; MAGIC.len()];
    if input.read_exact(&mut magic).is_err() || magic != *MAGIC {
        bail!("not the sketches of a datakart inventory of this version");
    }
    let mut sketches = BTreeMap::new();
    loop {
        let mut id = [0; 16];
        if input.read(&mut id[..1])? == 0 {
            return Ok(sketches);
        }
        input.read_exact(&mut id[1..]).context(DAMAGED)?;
        let mut count = [0; 4];
        input.read_exact(&mut count).context(DAMAGED)?;
        let distinct = match u32::from_le_bytes(count) {
            u32::MAX => {
                let mut registers = vec![0; 1 << PRECISION].into_boxed_slice();
                input.read_exact(&mut registers).context(DAMAGED)?;
                ensure!(registers.iter().all(|&rank| rank <= RANK), DAMAGED);
                Distinct::Sketch(registers)
            }
            count => {
                ensure!(count as usize <= EXACT, DAMAGED);
                let mut bytes = vec![0; 8 * count as usize];
                input.read_exact(&mut bytes).context(DAMAGED)?;
                let (digests, _) = bytes.as_chunks::<8>();
                Distinct::Exact(digests.iter().map(|d| u64::from_le_bytes(*d)).collect())
            }
        };
        let id =
            std::str::from_utf8(&id).ok().filter(|id| id.bytes().all(|b| b.is_ascii_hexdigit()));
        sketches.insert(id.context(DAMAGED)?.to_owned(), distinct);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 53")]
fn register(registers: &mut [u8], digest: u64) {
    let at = (digest >> (64 - PRECISION)) as usize;
    let rank = ((digest << PRECISION) | (1 << (PRECISION - 1))).leading_zeros() as u8 + 1;
    registers[at] = registers[at].max(rank);
}

#[expect(clippy::cast_precision_loss, reason = "4096 registers")]
fn estimate(registers: &[u8]) -> f64 {
    let m = registers.len() as f64;
    let alpha = 0.7213 / (1.0 + 1.079 / m);
    let sum: f64 = registers.iter().map(|&r| 2f64.powi(-i32::from(r))).sum();
    let raw = alpha * m * m / sum;
    let empty = registers.iter().filter(|&&r| r == 0).count();
    if raw <= 2.5 * m && empty > 0 { m * (m / empty as f64).ln() } else { raw }
}

/// Digests are uniform already: they need no second hashing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain(u64);

impl std::hash::BuildHasher for Plain {
    type Hasher = Plain;
    fn build_hasher(&self) -> Plain {
        Plain(0)
    }
}

impl std::hash::Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(b);
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// A uniform sample of distinct candidates with their verdicts: the ones with the smallest digests.
/// Columns are judged over it, so that a value that stands a thousand times counts once.
#[derive(Clone, Debug)]
pub struct Sample {
    /// `(digest, rung)`; rung 0 is "failed". Sorted up to the last [`Sample::settle`], what came since lies behind.
    kept: Vec<(u64, u8)>,
    settled: usize,
    /// Digests above belong to no sample any more.
    limit: u64,
}

/// Size of the sample.
const SAMPLE: usize = 512;
/// Candidates that are gathered before the smallest are told.
const GATHERED: usize = 2 * SAMPLE;

impl Default for Sample {
    fn default() -> Sample {
        Sample { kept: Vec::new(), settled: 0, limit: u64::MAX }
    }
}

impl Sample {
    /// Adds one candidate. Of equal ones the first stays.
    pub fn add(&mut self, digest: u64, rung: u8) {
        if digest > self.limit {
            return;
        }
        self.kept.push((digest, rung));
        if self.kept.len() >= GATHERED {
            self.settle();
        }
    }

    /// Leaves what belongs to the sample, ready to be asked.
    pub fn settle(&mut self) {
        self.kept.sort_by_key(|k| k.0);
        self.kept.dedup_by_key(|k| k.0);
        self.kept.truncate(SAMPLE);
        self.settled = self.kept.len();
        if let Some(last) = self.kept.get(SAMPLE - 1) {
            self.limit = last.0;
        }
    }

    /// Adds another sample.
    pub fn merge(&mut self, other: &Sample) {
        other.kept.iter().for_each(|&(d, r)| self.add(d, r));
        self.settle();
    }

    /// The rung of each distinct candidate in the sample.
    pub fn rungs(&self) -> impl Iterator<Item = u8> + '_ {
        let sorted = match self.settled == self.kept.len() {
            true => Cow::Borrowed(self),
            false => {
                let mut sorted = self.clone();
                sorted.settle();
                Cow::Owned(sorted)
            }
        };
        (0..sorted.kept.len()).map(move |i| sorted.kept[i].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mix(i: u64) -> u64 {
        use std::hash::Hasher;
        let mut h = siphasher::sip::SipHasher13::new();
        h.write_u64(i);
        h.finish()
    }

    #[test]
    fn counts_are_exact_and_then_close() {
        let mut d = Distinct::default();
        (0..EXACT as u64).for_each(|i| d.add(mix(i)));
        assert_eq!(d.count(), (EXACT as u64, false));
        (0..200_000).for_each(|i| d.add(mix(i)));
        let (n, estimated) = d.count();
        assert!(estimated && (190_000..210_000).contains(&n), "{n}");
    }

    #[test]
    fn as_text_and_back() {
        for n in [0, 3, EXACT as u64 + 1, 200_000] {
            let mut d = Distinct::default();
            (0..n).for_each(|i| d.add(mix(i)));
            let text = serde_json::to_string(&d).unwrap();
            let back: Distinct = serde_json::from_str(&text).unwrap();
            assert_eq!(back.count(), d.count());
            assert_eq!(serde_json::to_string(&back).unwrap(), text);
        }
        for bad in ["", "=AAAA", "~AAAA", "?", "=é"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
        let high = format!("~{}", BASE64_STANDARD.encode([RANK + 1; 1 << PRECISION]));
        assert!(parse(&high).is_none());
    }

    #[test]
    fn a_file_of_sketches_and_back() {
        let of = |n: u64| {
            let mut d = Distinct::default();
            (0..n).for_each(|i| d.add(mix(i)));
            d
        };
        let (few, many) = (of(300), of(20_000));
        let sketches =
            [("00000000000000aa".to_owned(), &few), ("00000000000000bb".to_owned(), &many)];
        let mut bytes = Vec::new();
        write(&sketches, &mut bytes).unwrap();
        let back = read(&mut &bytes[..]).unwrap();
        assert_eq!(back.len(), 2);
        assert_eq!(back["00000000000000aa"].count(), few.count());
        assert_eq!(back["00000000000000bb"].count(), many.count());
        for short in [0, 5, MAGIC.len() + 3, MAGIC.len() + 18, MAGIC.len() + 25, bytes.len() - 1] {
            assert!(read(&mut &bytes[..short]).is_err(), "{short}");
        }
        assert!(read(&mut &MAGIC[..]).unwrap().is_empty());
    }

    #[test]
    fn what_two_have_in_common() {
        let of = |range: std::ops::Range<u64>| {
            let mut d = Distinct::default();
            range.for_each(|i| d.add(mix(i)));
            d
        };
        assert_eq!(of(0..100).common(&of(60..200)), (40, false));
        let (half, estimated) = of(0..20_000).common(&of(10_000..30_000));
        assert!(estimated && (8_000..12_000).contains(&half), "{half}");
        assert_eq!(of(0..20_000).common(&of(50_000..70_000)), (0, true));
        let all = of(0..20_000);
        assert_eq!(all.common(&all), (all.count().0, true));
    }

    #[test]
    fn a_sample_is_of_the_smallest_digests_each_once() {
        let rung = |digest: u64| (digest % 5) as u8;
        for n in [3, SAMPLE as u64, 700, 5_000] {
            let mut all: Vec<u64> = (0..n).map(mix).collect();
            let (mut whole, mut halves) =
                (Sample::default(), [Sample::default(), Sample::default()]);
            for (i, digest) in all.iter().chain(&all).enumerate() {
                whole.add(*digest, rung(*digest));
                halves[i % 2].add(*digest, rung(*digest));
            }
            let [mut joined, other] = halves;
            joined.merge(&other);
            all.sort_unstable();
            let expected: Vec<u8> = all.iter().take(SAMPLE).map(|d| rung(*d)).collect();
            assert_eq!(whole.rungs().collect::<Vec<_>>(), expected);
            assert_eq!(joined.rungs().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn merging_in_any_order_gives_the_same() {
        let part = |range: std::ops::Range<u64>| {
            let mut d = Distinct::default();
            range.for_each(|i| d.add(mix(i)));
            d
        };
        let (a, b) = (part(0..3000), part(2000..9000));
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(&b);
        ba.merge(&a);
        assert_eq!(ab.count(), ba.count());
        assert_eq!(ab.count(), part(0..9000).count());
    }
}
