//! What a scan gives when everything is read: the inventory, the ledger, the sketches.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rayon::prelude::*;

use super::{Done, Scan};
use crate::emit::Place;
use crate::file::{self, FileResult};
use crate::inventory::{
    Count, Coverage, Evidence, Finding, Inventory, Ladder, LedgerLine, NoteLine, Outcome, Run,
};
use crate::note::{Class, Note, Reason};
use crate::plan::Root;
use crate::sketch::Distinct;
use crate::unit::Member;

impl Scan {
    /// The inventory: everything but the run's facts, sorted.
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        self.inventory_with(
            self.done
                .iter()
                .map(|done| done.result.findings.iter().map(Details::of).collect())
                .collect(),
        )
    }

    /// The same, once: it takes what the scan needs no more, so that this is not in memory twice.
    #[must_use]
    pub fn take_inventory(&mut self) -> Inventory {
        let details =
            |done: &mut Done| done.result.findings.iter_mut().map(Details::take).collect();
        let details = self.done.par_iter_mut().map(details).collect();
        self.inventory_with(details)
    }

    fn inventory_with(&self, details: Vec<Vec<Details>>) -> Inventory {
        let mut inventory = Inventory { run: Run::default(), ..Inventory::default() };
        let mut below: BTreeMap<u16, u64> = BTreeMap::new();
        self.plain.count(&mut inventory.coverage);
        self.done.iter().for_each(|done| count(&mut inventory.coverage, &done.result));
        let all = self.done.iter().map(|done| done.result.findings.len()).sum();
        let (mut notes, mut findings) = (Vec::new(), Vec::with_capacity(all));
        let spots = self.spots(details).map(|mut spot| {
            let result = &spot.done.result;
            for note in &result.notes {
                notes.push(note_line(&spot.place, note, self.hidden_detail(note)));
            }
            for (detector, n) in &result.below {
                *below.entry(*detector).or_default() += n;
            }
            findings.append(&mut spot.findings);
            spot
        });
        self.places(spots, &mut inventory);
        let name = |d: &u16| self.finder.rules.detectors[*d as usize].id.clone();
        inventory.run.below_confidence = below.iter().map(|(d, n)| (name(d), *n)).collect();
        // Files came in the order of their paths, which masking may have changed. To sort takes as much memory again.
        if !findings.is_sorted_by(|a, b| by_place(a, b).is_le()) {
            findings.sort_by(by_place);
        }
        notes.sort();
        (inventory.findings, inventory.notes) = (findings, notes);
        inventory
    }

    /// Gives the scan up at the end of the process, which takes care of what it found: to take every finding apart would
    /// be the last thing that it does.
    pub fn leave(scan: Arc<Scan>) {
        if let Some(Scan { done, .. }) = Arc::into_inner(scan) {
            std::mem::forget(done);
        }
    }

    /// The distinct values of all findings, by finding id.
    #[must_use]
    pub fn sketches(&self) -> Vec<(String, &Distinct)> {
        let mut all = Vec::new();
        for done in &self.done {
            let pairs = done.result.findings.iter().zip(&done.result.sketches);
            all.extend(pairs.map(|(f, sketch)| (self.id(done, f), sketch)));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// The digests of the bytes of files with findings, by finding id.
    #[must_use]
    pub fn digests(&self) -> HashMap<String, &str> {
        let mut all = HashMap::new();
        for done in &self.done {
            if let Some(content) = &done.result.content {
                let ids = done.result.findings.iter().map(|f| self.id(done, f));
                all.extend(ids.map(|id| (id, content.as_str())));
            }
        }
        all
    }

    /// The ledger: what became of every path.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerLine> {
        let line = |done: &Done| {
            let place = self.place(done);
            let result = &done.result;
            let own = result.notes.iter().find(|n| n.members.is_empty());
            // What made the file partial may stand in a member of it.
            let class = result.notes.iter().map(|n| n.reason.class()).max();
            let worst = || result.notes.iter().find(|n| Some(n.reason.class()) == class);
            let note = own.or_else(worst);
            LedgerLine {
                path: place.path,
                path_b64: place.path_b64,
                members: Vec::new(),
                format: result.format.map(str::to_owned),
                bytes: result.bytes,
                outcome: result.outcome,
                reason: note.map(|n| n.reason.as_str().to_owned()),
                detail: note.map(|n| self.hidden_detail(n)).filter(|d| !d.is_empty()),
            }
        };
        let members = |done: &Done| {
            let place = self.place(done);
            let member = |m: &Member| LedgerLine {
                path: place.path.clone(),
                path_b64: place.path_b64.clone(),
                members: m.members.clone(),
                format: m.format.map(str::to_owned),
                bytes: m.bytes,
                outcome: m.outcome,
                reason: m.why.as_ref().map(|n| n.reason.as_str().to_owned()),
                detail: m.why.as_ref().map(|n| n.detail.clone()).filter(|d| !d.is_empty()),
            };
            done.result.members.iter().map(member).collect::<Vec<_>>()
        };
        self.done.iter().flat_map(|d| [line(d)].into_iter().chain(members(d))).collect()
    }

    /// How many files were carried over from an earlier run.
    #[must_use]
    pub fn carried(&self) -> Count {
        self.carried
    }

    /// Whether files were left out, only counted, since their file system does not answer.
    #[must_use]
    pub fn passed_over(&self) -> bool {
        self.plain.holds(Reason::Stalled)
    }

    /// How many entries of a list are links, which are not followed.
    #[must_use]
    pub fn listed_links(&self) -> usize {
        let is_link =
            |done: &Done| done.result.notes.first().is_some_and(|n| n.reason == Reason::Symlink);
        let is_listed = |done: &Done| matches!(self.plan.roots[done.key.root], Root::Listed(_));
        self.done.iter().filter(|done| is_listed(done) && is_link(done)).count()
    }

    /// Whether standard input was read and was empty.
    #[must_use]
    pub fn had_empty_stdin(&self) -> bool {
        self.empty_stdin
    }

    /// Where the roots lie, from the root of the file system.
    #[must_use]
    pub fn roots_on_disk(&self) -> &[PathBuf] {
        &self.absolute
    }

    pub(super) fn place(&self, done: &Done) -> Place {
        match std::str::from_utf8(&done.key.shown) {
            Ok(path) => Place { path: self.masked(path), path_b64: None },
            Err(_) => {
                let lossy = String::from_utf8_lossy(&done.key.shown);
                let path = self.masked(&lossy);
                let b64 = (path == lossy).then(|| BASE64_STANDARD.encode(&done.key.shown));
                Place { path, path_b64: b64 }
            }
        }
    }

    /// A name with the personal data in it masked.
    #[must_use]
    pub fn masked(&self, name: &str) -> String {
        super::names::masked(self.finder, &self.plan, name)
    }

    pub(super) fn note_line(&self, done: &Done, note: &Note) -> NoteLine {
        note_line(&self.place(done), note, self.hidden_detail(note))
    }

    fn hidden_detail(&self, note: &Note) -> String {
        if matches!(note.reason, Reason::HardLinkOf | Reason::MountedTwice) {
            self.masked(&note.detail)
        } else {
            note.detail.clone()
        }
    }

    pub(super) fn id(&self, done: &Done, f: &Finding) -> String {
        let rest = [f.table.as_deref(), f.field.as_deref(), Some(&f.detector)];
        self.stable_id(done, &f.members, &rest)
    }

    /// What stands for a path with personal data in ids: an unkeyed hash would give it away.
    fn path_in_ids(&self, done: &Done) -> Option<[u8; 32]> {
        let path = self.told_by(done);
        let lossy = String::from_utf8_lossy(path);
        let hash = || blake3::keyed_hash(&self.plan.key.for_findings(), path).into();
        (self.masked(&lossy) != lossy).then(hash)
    }

    /// The path that tells a file from others: below its root; as it was given, if it was named together with others,
    /// and below it if another root has that path as well.
    fn told_by<'d>(&self, done: &'d Done) -> &'d [u8] {
        let shown = match self.plan.roots[done.key.root] {
            Root::Listed(_) => true,
            Root::File { .. } => self.plan.roots.len() > 1,
            Root::Folder(_) | Root::Stdin(_) => done.is_twin,
        };
        match shown {
            true => done.key.shown.strip_prefix(b"./").unwrap_or(&done.key.shown),
            false => done.key.relative.as_os_str().as_bytes(),
        }
    }

    /// An id from what stays the same across runs and hosts.
    pub(super) fn stable_id(
        &self,
        done: &Done,
        members: &[String],
        rest: &[Option<&str>],
    ) -> String {
        let mut whole = Vec::with_capacity(256);
        let mut part = |bytes: &[u8]| {
            whole.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            whole.extend_from_slice(bytes);
        };
        part(self.plan.label.as_bytes());
        match done.in_ids.get_or_init(|| self.path_in_ids(done)) {
            None => part(self.told_by(done)),
            Some(hash) => part(hash),
        }
        members.iter().for_each(|m| part(self.masked(m).as_bytes()));
        rest.iter().for_each(|text| part(text.unwrap_or("").as_bytes()));
        blake3::hash(&whole).to_hex()[..16].to_owned()
    }
}

/// What the inventory says of a finding, and a scan has no other use for.
pub(super) struct Details {
    validity: Ladder,
    evidence: Vec<Evidence>,
    ambiguous: Vec<String>,
}

impl Details {
    fn of(finding: &Finding) -> Details {
        Details {
            validity: finding.validity.clone(),
            evidence: finding.evidence.clone(),
            ambiguous: finding.ambiguous.clone(),
        }
    }

    fn take(finding: &mut Finding) -> Details {
        Details {
            validity: std::mem::take(&mut finding.validity),
            evidence: std::mem::take(&mut finding.evidence),
            ambiguous: std::mem::take(&mut finding.ambiguous),
        }
    }

    /// The finding with these.
    pub(super) fn with(self, finding: Finding) -> Finding {
        let Details { validity, evidence, ambiguous } = self;
        Finding { validity, evidence, ambiguous, ..finding }
    }
}

/// The order of findings in the inventory.
pub(super) fn by_place(a: &Finding, b: &Finding) -> Ordering {
    let within_file = |f: &Finding, g: &Finding| {
        let fields = f.table.cmp(&g.table).then_with(|| f.field.cmp(&g.field));
        fields.then_with(|| f.detector.cmp(&g.detector))
    };
    let files = a.path.cmp(&b.path).then_with(|| a.members.cmp(&b.members));
    files.then_with(|| within_file(a, b))
}

fn note_line(place: &Place, note: &Note, detail: String) -> NoteLine {
    NoteLine {
        path: place.path.clone(),
        path_b64: place.path_b64.clone(),
        members: note.members.clone(),
        reason: note.reason.as_str().to_owned(),
        detail,
    }
}

fn count(coverage: &mut Coverage, result: &FileResult) {
    let class = result.notes.iter().map(|n| n.reason.class()).max();
    let side = match result.outcome {
        Outcome::Scanned => &mut coverage.scanned,
        Outcome::Partial => &mut coverage.partial,
        Outcome::Skipped if class == Some(Class::OutOfScope) => &mut coverage.out_of_scope,
        Outcome::Skipped => &mut coverage.not_scanned,
    };
    side.add(result.bytes);
    let reason = result.notes.first().map(|note| note.reason.as_str());
    if let Some(reason) = reason.filter(|_| result.format == Some(file::FOLDER)) {
        *coverage.folders.entry(reason.to_owned()).or_default() += 1;
    }
    if let Some(note) = result.notes.first() {
        coverage.reasons.entry(note.reason.as_str().to_owned()).or_default().add(result.bytes);
    }
    if let (Some(format), true) = (result.format, result.outcome != Outcome::Skipped) {
        coverage.formats.entry(format.to_owned()).or_default().add(result.bytes);
    }
}
