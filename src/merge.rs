//! Joining inventories: of several hosts, or of parts of one share that were scanned apart.
//!
//! Findings stand side by side, counts add up. What is counted over several files (data subjects of a system,
//! sets of duplicates) is counted anew from the sketches, when all were made with one key; with different keys
//! equal values look different, so that sums are upper bounds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Result, bail, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::detect::rules;
use crate::inventory::{Count, Coverage, Finding, Inventory, Run, SCHEMA, SystemLine};
use crate::place::{Content, Subjects, sets};
use crate::sketch::Distinct;

/// An inventory that is to be joined with others.
pub struct Part {
    /// Where it was read from, for messages.
    pub origin: String,
    /// The inventory.
    pub inventory: Inventory,
    /// The distinct values of its findings, by finding id; `None` when the file is not there.
    pub sketches: Option<BTreeMap<String, Distinct>>,
}

/// What the parts amount to.
pub struct Merged {
    /// The inventory.
    pub inventory: Inventory,
    /// The distinct values of its findings, by finding id; empty when they cannot be compared.
    pub sketches: BTreeMap<String, Distinct>,
    /// Why numbers are upper bounds, when they are.
    pub remark: Option<String>,
}

/// Joins inventories.
///
/// # Errors
/// A place that stands in two of them, a system that they describe differently.
pub fn merge(mut parts: Vec<Part>) -> Result<Merged> {
    name_hosts(&mut parts);
    check_overlaps(&parts)?;
    let remark = remark(&parts);
    let mut inventory = Inventory { run: run(&parts), ..Inventory::default() };
    let mut sketches = BTreeMap::new();
    let mut systems: BTreeMap<SystemKey, (SystemLine, String)> = BTreeMap::new();
    for part in parts {
        let Part { origin, inventory: theirs, sketches: values } = part;
        add_coverage(&mut inventory.coverage, &theirs.coverage);
        inventory.notes.extend(theirs.notes);
        inventory.files.extend(theirs.files);
        inventory.groups.extend(theirs.groups);
        inventory.findings.extend(theirs.findings);
        sketches.extend(values.unwrap_or_default());
        for line in theirs.systems {
            add_system(&mut systems, line, &origin)?;
        }
    }
    inventory.systems = systems.into_values().map(|(line, _)| line).collect();
    sort(&mut inventory);
    if remark.is_some() {
        sketches.clear();
    } else {
        count_again(&mut inventory, &sketches);
    }
    Ok(Merged { inventory, sketches, remark })
}

/// Puts the host (or where that is not enough, the label) before paths, when the parts are of different sources
/// whose paths could be taken for each other's.
fn name_hosts(parts: &mut [Part]) {
    let labels: BTreeSet<&str> = parts.iter().map(|p| p.inventory.run.label.as_str()).collect();
    let hosts: BTreeSet<&str> = parts.iter().map(|p| p.inventory.run.host.as_str()).collect();
    if labels.len() == 1 || (hosts.len() == 1 && !any_path_twice(parts)) {
        return;
    }
    let by_host = hosts.len() == labels.len();
    for part in parts {
        let run = &part.inventory.run;
        let name = if by_host { run.host.clone() } else { run.label.clone() };
        prefix(&mut part.inventory, &format!("{name}:"));
    }
}

fn any_path_twice(parts: &[Part]) -> bool {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    parts.iter().enumerate().any(|(number, part)| {
        let inventory = &part.inventory;
        let paths = inventory
            .findings
            .iter()
            .map(|f| &f.path)
            .chain(inventory.notes.iter().map(|n| &n.path));
        paths.into_iter().any(|path| *seen.entry(path).or_insert(number) != number)
    })
}

fn prefix(inventory: &mut Inventory, name: &str) {
    let change = |path: &mut String, bytes: &mut Option<String>| {
        path.insert_str(0, name);
        if let Some(raw) = bytes.as_ref().and_then(|b64| BASE64_STANDARD.decode(b64).ok()) {
            *bytes = Some(BASE64_STANDARD.encode([name.as_bytes(), &raw].concat()));
        }
    };
    inventory.run.roots.iter_mut().for_each(|root| root.insert_str(0, name));
    inventory.notes.iter_mut().for_each(|l| change(&mut l.path, &mut l.path_b64));
    inventory.files.iter_mut().for_each(|l| {
        change(&mut l.path, &mut l.path_b64);
        if let Some(first) = &mut l.duplicate_of {
            first.insert_str(0, name);
        }
    });
    inventory.groups.iter_mut().for_each(|l| change(&mut l.path, &mut l.path_b64));
    inventory.findings.iter_mut().for_each(|l| change(&mut l.path, &mut l.path_b64));
}

/// One place in two inventories would count twice.
fn check_overlaps(parts: &[Part]) -> Result<()> {
    let mut seen: HashMap<&str, &Part> = HashMap::new();
    for part in parts {
        for finding in &part.inventory.findings {
            if let Some(other) = seen.insert(&finding.id, part) {
                bail!(
                    "{:?} stands in {} and in {} under one label ({}): if it is the same file, leave one of them \
                     out; if not, scan one of them again with another --label",
                    finding.path,
                    other.origin,
                    part.origin,
                    part.inventory.run.label
                );
            }
        }
    }
    Ok(())
}

/// Why values of different parts cannot be compared, when they cannot.
fn remark(parts: &[Part]) -> Option<String> {
    let keys: BTreeSet<&str> = parts.iter().map(|p| p.inventory.run.key_id.as_str()).collect();
    let bound = "so numbers of data subjects are upper bounds: who is in two of them counts twice";
    if keys.len() > 1 {
        let keys = keys.into_iter().collect::<Vec<_>>().join(", ");
        return Some(format!(
            "the inventories were made with different keys ({keys}), {bound}. To count people once, scan with one \
             --key FILE"
        ));
    }
    let without = parts.iter().find(|p| p.sketches.is_none())?;
    Some(format!("{} has no sketches.bin, {bound}", without.origin))
}

fn run(parts: &[Part]) -> Run {
    let runs: Vec<&Run> = parts.iter().map(|p| &p.inventory.run).collect();
    let all = |of: fn(&Run) -> &String| {
        let words: BTreeSet<&str> = runs.iter().map(|r| of(r).as_str()).collect();
        words.into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut below = BTreeMap::new();
    let mut versions = BTreeMap::new();
    for run in &runs {
        for (detector, n) in &run.below_confidence {
            *below.entry(detector.clone()).or_default() += n;
        }
        versions.extend(run.detector_versions.clone());
    }
    let roots: BTreeSet<String> = runs.iter().flat_map(|r| r.roots.clone()).collect();
    let failed_on: BTreeSet<String> = runs.iter().flat_map(|r| r.failed_on.clone()).collect();
    let grounds: BTreeSet<&str> = runs.iter().filter_map(|r| r.ground.as_deref()).collect();
    // A finding between two levels may be missing from the part with the higher one.
    let level =
        ["high", "medium"].into_iter().find(|l| runs.iter().any(|r| r.min_confidence == *l));
    let code = [130, 143, 2, 1, 3].into_iter().find(|c| runs.iter().any(|r| r.exit_code == *c));
    Run {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules: all(|r| &r.rules),
        label: all(|r| &r.label),
        lexicon: all(|r| &r.lexicon),
        ground: (!grounds.is_empty()).then(|| grounds.into_iter().collect::<Vec<_>>().join("; ")),
        roots: roots.into_iter().collect(),
        host: all(|r| &r.host),
        user: all(|r| &r.user),
        started: runs.iter().map(|r| r.started.clone()).min().unwrap_or_default(),
        ended: runs.iter().map(|r| r.ended.clone()).max().unwrap_or_default(),
        as_of: all(|r| &r.as_of),
        key_id: all(|r| &r.key_id),
        min_confidence: level.unwrap_or("low").to_owned(),
        below_confidence: below,
        detector_versions: versions,
        complete: runs.iter().all(|r| r.complete),
        exit_code: code.unwrap_or(0),
        failed_on: failed_on.into_iter().collect(),
        revealed: runs.iter().any(|r| r.revealed),
        parts: runs.into_iter().cloned().collect(),
        ..Run::default()
    }
}

fn add_coverage(to: &mut Coverage, from: &Coverage) {
    let add = |a: &mut Count, b: &Count| {
        a.files += b.files;
        a.bytes += b.bytes;
    };
    add(&mut to.scanned, &from.scanned);
    add(&mut to.partial, &from.partial);
    add(&mut to.not_scanned, &from.not_scanned);
    add(&mut to.out_of_scope, &from.out_of_scope);
    for (reason, count) in &from.reasons {
        add(to.reasons.entry(reason.clone()).or_default(), count);
    }
    for (format, count) in &from.formats {
        add(to.formats.entry(format.clone()).or_default(), count);
    }
    for (reason, count) in &from.folders {
        *to.folders.entry(reason.clone()).or_default() += count;
    }
}

/// What system lines are told apart by, in the order in which they are listed.
type SystemKey = (bool, Option<String>, Option<String>);

fn key(line: &SystemLine) -> SystemKey {
    let area = line.personal_area.clone().filter(|_| line.name.is_none());
    (line.name.is_none(), line.name.clone(), area)
}

fn add_system(
    systems: &mut BTreeMap<SystemKey, (SystemLine, String)>,
    line: SystemLine,
    origin: &str,
) -> Result<()> {
    let Some((known, first)) = systems.get_mut(&key(&line)) else {
        systems.insert(key(&line), (line, origin.to_owned()));
        return Ok(());
    };
    let described = [
        ("owner", &known.owner, &line.owner),
        ("purpose", &known.purpose, &line.purpose),
        ("country", &known.country, &line.country),
        ("processor", &known.processor, &line.processor),
        ("parent_country", &known.parent_country, &line.parent_country),
    ];
    let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    if let Some((field, ours, theirs)) = described.into_iter().find(|(_, a, b)| a != b) {
        bail!(
            "the system {:?} has as {field} {:?} in {first} and {:?} in {origin}: let the settings files agree and \
             scan again",
            word(&known.name),
            word(ours),
            word(theirs)
        );
    }
    ensure!(
        known.sub_processors == line.sub_processors,
        "the system {:?} has other sub_processors in {first} than in {origin}: let the settings files agree and \
         scan again",
        word(&known.name)
    );
    known.files += line.files;
    known.findings += line.findings;
    known.subjects = match (known.subjects, line.subjects) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    };
    known.subjects_is_estimate |= line.subjects.is_some();
    let flags: BTreeSet<String> = known.flags.drain(..).chain(line.flags).collect();
    known.flags = flags.into_iter().collect();
    let missing = line.transfers.into_iter().filter(|t| !known.transfers.contains(t));
    let missing: Vec<String> = missing.collect();
    known.transfers.extend(missing);
    Ok(())
}

/// The order in which a scan lists.
fn sort(inventory: &mut Inventory) {
    inventory.notes.sort();
    inventory.files.sort_by(|a, b| (&a.path, &a.path_b64).cmp(&(&b.path, &b.path_b64)));
    let place = |path: &String, members: &Vec<String>, table: &Option<String>| {
        (path.clone(), members.clone(), table.clone())
    };
    inventory.groups.sort_by_cached_key(|g| place(&g.path, &g.members, &g.table));
    inventory.findings.sort_by_cached_key(|f| {
        (place(&f.path, &f.members, &f.table), f.field.clone(), f.detector.clone())
    });
}

/// A finding with its distinct values and its category's identifiability.
fn weighed<'a>(
    findings: &'a [Finding],
    sketches: &'a BTreeMap<String, Distinct>,
) -> impl Iterator<Item = (&'a Finding, &'a Distinct, f64)> {
    findings.iter().filter_map(|finding| {
        let category = rules::categories().get(&finding.category)?;
        Some((finding, sketches.get(&finding.id)?, category.identifiability))
    })
}

/// Counts what reaches over files: data subjects of systems, and sets of duplicates.
fn count_again(inventory: &mut Inventory, sketches: &BTreeMap<String, Distinct>) {
    let findings = std::mem::take(&mut inventory.findings);
    let same_file = |a: &Finding, b: &Finding| (&a.path, &a.path_b64) == (&b.path, &b.path_b64);
    let by_file: HashMap<_, &[Finding]> =
        findings.chunk_by(same_file).map(|f| ((&f[0].path, &f[0].path_b64), f)).collect();
    let mut subjects: BTreeMap<SystemKey, Subjects> = BTreeMap::new();
    let mut contents = Vec::new();
    for file in &inventory.files {
        let of_file = by_file.get(&(&file.path, &file.path_b64)).copied().unwrap_or_default();
        contents.push(Content::new(file.content.clone(), weighed(of_file, sketches)));
        let area = file.personal_area.clone().filter(|_| file.system.is_none());
        let of_system =
            subjects.entry((file.system.is_none(), file.system.clone(), area)).or_default();
        for group in of_file.chunk_by(|a, b| (&a.members, &a.table) == (&b.members, &b.table)) {
            of_system.add_group(weighed(group, sketches));
        }
    }
    for line in &mut inventory.systems {
        let count = subjects.get(&key(line)).and_then(Subjects::count);
        line.subjects = count.map(|c| c.0);
        line.subjects_is_estimate = count.is_some_and(|c| c.1);
    }
    for (number, set) in sets(&contents).into_iter().enumerate() {
        let original = set.as_ref().map(|(_, first, _)| inventory.files[*first].path.clone());
        let file = &mut inventory.files[number];
        file.duplicate_of = original.filter(|_| set.as_ref().is_some_and(|s| s.1 != number));
        file.duplicate_by = set.as_ref().map(|s| s.2);
        file.duplicate_set = set.map(|s| s.0);
    }
    inventory.findings = findings;
}
