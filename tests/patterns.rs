//! The built-in detectors: each has its place, sources, examples and counter-examples, and the chances
//! that the evidence is reckoned with are those of random strings of its shape.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::BTreeMap;

use common::{AS_OF, Random, program};
use datakart::detect::engine;
use datakart::detect::rules::{Detector, Rules, Selection};
use datakart::validate::{Context, Validity, Verdict};
use rayon::prelude::*;
use regex_syntax::hir::{Class, Hir, HirKind};

fn built_in() -> Vec<Detector> {
    let rules = Rules::load(&Selection::default()).unwrap();
    assert!(rules.detectors.len() >= 35);
    rules.detectors
}

#[test]
fn every_detector_is_in_its_place_and_has_what_it_needs() {
    let mut files = 0;
    for entry in
        common::tree(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/patterns")))
    {
        // What lies beside the folders are lists that all detectors share, and facts about places.
        let in_folder = entry.0.parent().is_some_and(|p| !p.ends_with("patterns"));
        files += usize::from(in_folder && entry.0.extension().is_some_and(|e| e == "toml"));
    }
    let detectors = built_in();
    assert_eq!(files, detectors.len(), "a file is not built in");
    for d in detectors {
        let path = d.origin.strip_prefix("patterns/").unwrap().strip_suffix(".toml").unwrap();
        let (folder, name) = path.split_once('/').unwrap();
        let id = if folder == "global" { name.to_owned() } else { format!("{folder}_{name}") };
        assert_eq!(d.id, id, "{}", d.origin);
        assert!(!d.sources.is_empty(), "{}: no source", d.id);
        assert!(!d.examples.is_empty(), "{}: no example", d.id);
        if d.pattern.is_some() {
            assert!(!d.counters.is_empty(), "{}: no counter-example", d.id);
        }
        if folder != "global" {
            assert_eq!(d.regions, [folder.to_uppercase()], "{}", d.id);
        }
        for example in &d.examples {
            assert!(example.text.contains(&example.finds), "{}: {}", d.id, example.text);
        }
        assert!(d.validator.is_none() || !d.chance.is_empty(), "{}: no chance", d.id);
    }
}

#[test]
fn the_checker_is_content_with_the_built_in_and_not_with_everything() {
    let root = env!("CARGO_MANIFEST_DIR");
    let check = |folder: &str| {
        let mut command = program();
        let output = command
            .current_dir(root)
            .args(["patterns", "check"])
            .args(Some(folder).filter(|f| !f.is_empty()))
            .output()
            .unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), text)
    };
    let (code, text) = check("patterns/no");
    assert_eq!((code, text.contains("stands in both")), (Some(2), true), "{text}");
    // A single postal code is too little to be listed at all, so its examples are not found (an open fault).
    let (_, text) = check("");
    let faults: Vec<_> = text.lines().filter(|l| l.starts_with("patterns/")).collect();
    assert!(faults.iter().all(|f| f.contains("postal_code.toml")), "{text}");
    let home = tempfile::tempdir().unwrap();
    let text = "id = \"mine\"\nname = \"Mine\"\ncategory = \"contact.email\"\npattern = 'KU-\\d{6}'\n\
                [[example]]\ntext = \"KU-12345\"\nfinds = \"KU-12345\"\n\
                [[counter]]\ntext = \"x KU-123456\"\nwhy = \"it is one\"\n";
    std::fs::write(home.path().join("mine.toml"), text).unwrap();
    let (code, text) = check(home.path().to_str().unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("example 1 is not found"), "{text}");
    assert!(text.contains("counter-example 1 is found"), "{text}");
}

/// A shape to make random texts of; only ASCII where a class has some.
enum Shape {
    Bytes(Vec<u8>),
    OneOf(Vec<u8>),
    Times(Box<Shape>, u64, u64),
    All(Vec<Shape>),
    Either(Vec<Shape>),
}

impl Shape {
    fn of(hir: &Hir) -> Shape {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Shape::Bytes(Vec::new()),
            HirKind::Literal(literal) => Shape::Bytes(literal.0.to_vec()),
            HirKind::Class(Class::Bytes(class)) => {
                let members = class.iter().flat_map(|r| r.start()..=r.end());
                Shape::OneOf(members.filter(u8::is_ascii).collect())
            }
            HirKind::Class(Class::Unicode(class)) => {
                let members = class.iter().flat_map(|r| r.start()..=r.end().min('\x7F'));
                Shape::OneOf(members.map(|c| u8::try_from(c).unwrap()).collect())
            }
            HirKind::Repetition(r) => {
                let most = u64::from(r.max.unwrap());
                Shape::Times(Box::new(Shape::of(&r.sub)), r.min.into(), most)
            }
            HirKind::Capture(capture) => Shape::of(&capture.sub),
            HirKind::Concat(parts) => Shape::All(parts.iter().map(Shape::of).collect()),
            HirKind::Alternation(all) => Shape::Either(all.iter().map(Shape::of).collect()),
        }
    }

    fn make(&self, random: &mut Random, out: &mut Vec<u8>) {
        match self {
            Shape::Bytes(bytes) => out.extend_from_slice(bytes),
            Shape::OneOf(members) => out.push(*random.pick(members)),
            Shape::Times(sub, least, most) => {
                (0..least + random.below(most - least + 1)).for_each(|_| sub.make(random, out));
            }
            Shape::All(parts) => parts.iter().for_each(|p| p.make(random, out)),
            Shape::Either(all) => random.pick(all).make(random, out),
        }
    }
}

/// How many of `samples` random texts of a shape pass, put back to so many digits, per rung; those of test values apart.
fn passing(
    d: &Detector,
    (pattern, digits): (&str, usize),
    samples: u64,
) -> (BTreeMap<&'static str, u64>, u64) {
    const CHUNK: u64 = 10_000;
    let shape = Shape::of(&engine::parse(pattern).unwrap());
    let validator = d.validator.as_ref().unwrap().1;
    let context = Context { as_of: AS_OF.parse().unwrap() };
    let count = |chunk: u64| {
        let mut random =
            Random(0x9E37_79B9_7F4A_7C15 ^ (chunk + 1).wrapping_mul(0xA076_1D64_78BD_642F));
        let mut rungs: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut any = 0;
        let mut text = Vec::new();
        for _ in 0..CHUNK {
            text.clear();
            shape.make(&mut random, &mut text);
            let text = format!("{:0>digits$}", std::str::from_utf8(&text).unwrap());
            if let Verdict::Valid(rung) = validator(&text, &context) {
                *rungs.entry(rung.name()).or_default() += 1;
                any += u64::from(rung.validity != Validity::Test);
            }
        }
        (rungs, any)
    };
    let add = |mut a: (BTreeMap<&'static str, u64>, u64), b: (BTreeMap<&'static str, u64>, u64)| {
        b.0.into_iter().for_each(|(name, n)| *a.0.entry(name).or_default() += n);
        (a.0, a.1 + b.1)
    };
    (0..samples / CHUNK).into_par_iter().map(count).reduce(Default::default, add)
}

/// Detectors whose declared chance is not the share of random strings of their shape that pass, with that
/// share and why.
const OTHERWISE: &[(&str, f64, &str)] = &[
    ("email", 0.147, "the shape itself is rare: its rarity is counted in"),
    ("gb_nino", 0.55, "the shape itself is rare: its rarity is counted in"),
    ("mac_address", 1.0, "the shape itself is rare: its rarity is counted in"),
    ("fi_hetu", 0.0093, "the shape itself is rare: its rarity is counted in"),
    ("ip_address", 0.066, "most of it is the rung of version numbers, which is damped on purpose"),
    ("dk_cpr", 0.0058, "by the true chance it would not be masked in names (TELLING)"),
    ("se_personnummer", 0.0061, "a random number of twelve digits has no century in front"),
    ("it_codice_fiscale", 0.0237, "half of it with letters for digits, half without"),
    ("lv_personas_kods", 0.0019, "half of it with a date, half without"),
    ("is_kennitala", 0.0015, "the rung without check digit is damped on purpose"),
];

#[test]
fn chances_of_numbers_without_their_zeros_are_those_of_random_ones() {
    let mut faults = Vec::new();
    for d in built_in() {
        let (Some(pattern), Some(digits)) = (&d.damaged_pattern, d.digits) else { continue };
        let (_, any) = passing(&d, (pattern, digits), 200_000);
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let measured = any as f64 / 200_000.0;
        let declared = d.chance("lost_zero");
        if measured > 1.5 * declared || declared > 1.5 * measured {
            faults.push(format!("{}: declared {declared}, measured {measured}", d.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn chances_are_those_of_random_strings() {
    let mut faults = Vec::new();
    for d in built_in().iter().filter(|d| d.pattern.is_some() && d.validator.is_some()) {
        let known = OTHERWISE.iter().find(|k| k.0 == d.id);
        let declared = known.map_or(d.any_chance(), |k| k.1);
        let samples = if declared > 0.001 { 200_000 } else { 400_000 };
        let (rungs, any) = passing(d, (d.pattern.as_ref().unwrap(), 0), samples);
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = |n: u64| n as f64 / samples as f64;
        let measured = share(any);
        let fits = if declared < 1e-4 {
            measured <= 3.0 * declared
        } else {
            measured <= 1.5 * declared && declared <= 1.5 * measured
        };
        if !fits {
            faults.push(format!("{}: declared {declared}, measured {measured} {rungs:?}", d.id));
        }
        // What is no longer an exception has to leave the list.
        let ratio = measured / d.any_chance();
        if known.is_some() && (1.0 / 1.5..=1.5).contains(&ratio) {
            faults.push(format!("{}: is none of the exceptions any more", d.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
