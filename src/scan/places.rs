//! The lines on systems, files and record groups: what a scan knows of the places of its findings.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::results::{Details, by_place};
use super::{Done, Scan};
use crate::emit::Place;
use crate::inventory::{
    Anchor, FileLine, Finding, GroupLine, HoldHint, Inventory, Severity, SystemLine,
};
use crate::place::{BIRTH, Content, Dated, Owners, Spelled, Subjects, System, month_text, sets};
use crate::sketch::Distinct;
use crate::sniff;

/// More data subjects than this count as many.
const MANY: u64 = 100;
/// Files of which is told what is to be told before it goes into the inventory.
const TOGETHER: usize = 1024;

/// A finding with its distinct values and its category's identifiability.
type Weighed<'a> = (&'a Finding, &'a Distinct, f64);

/// What stands together in a table or document.
type Table<'a> = (&'a [String], Option<&'a str>);

/// What a system's findings add up to. The key: its name, or none, and then the kind of personal area.
type Sums<'a> = BTreeMap<(bool, Option<&'a str>, Option<&'a str>), Sum<'a>>;

#[derive(Default)]
struct Sum<'a> {
    line: SystemLine,
    flags: BTreeSet<String>,
    subjects: Subjects<'a>,
}

/// A file with findings or notes, and where it stands.
pub(super) struct Spot<'a> {
    pub(super) done: &'a Done,
    pub(super) place: Place,
    pub(super) system: Option<&'a System>,
    /// Kind of personal area that it lies in.
    area: Option<&'a str>,
    /// Its findings as the inventory has them, in order.
    pub(super) findings: Vec<Finding>,
    /// What it is compared by, and hints that it may have to be kept, where it has findings.
    content: Content,
    hold: Vec<HoldHint>,
    /// Its record groups with their findings, without what the system makes of them.
    groups: Vec<(GroupLine, Vec<Weighed<'a>>)>,
}

impl Scan {
    /// The files of which the inventory says more than their number, with what can be told of each by itself. That is
    /// done by all threads, for some of them at a time: of a million paths each is searched for personal data.
    pub(super) fn spots(&self, details: Vec<Vec<Details>>) -> impl Iterator<Item = Spot<'_>> {
        let told = |(done, _): &(&Done, _)| {
            let result = &done.result;
            !(result.findings.is_empty() && result.notes.is_empty() && result.below.is_empty())
        };
        let mut details = details.into_iter();
        self.done.chunks(TOGETHER).flat_map(move |part| {
            let details: Vec<_> = details.by_ref().take(part.len()).collect();
            let all = part.par_iter().zip(details).filter(told);
            all.map(|(done, details)| self.spot(done, details)).collect::<Vec<_>>()
        })
    }

    /// Fills in the lines on systems, files and record groups.
    pub(super) fn places<'a>(
        &'a self,
        spots: impl Iterator<Item = Spot<'a>>,
        inventory: &mut Inventory,
    ) {
        let with_findings = spots.filter(|s| !s.done.result.findings.is_empty());
        let (owners, mut sums, mut contents) = (Owners::default(), Sums::new(), Vec::new());
        for mut spot in with_findings {
            contents.push(std::mem::take(&mut spot.content));
            let hold = std::mem::take(&mut spot.hold);
            let groups = std::mem::take(&mut spot.groups);
            inventory.files.push(FileLine { hold, ..file_line(&spot, &owners) });
            let spot = &spot;
            let area = spot.area.filter(|_| spot.system.is_none());
            let key = (spot.system.is_none(), spot.system.map(|s| s.name.as_str()), area);
            let sum = sums.entry(key).or_insert_with(|| self.new_sum(spot.system, area));
            sum.line.files += 1;
            sum.flags.extend(spot.area.map(|_| "personal_area".to_owned()));
            for (mut group, findings) in groups {
                sum.add_group(&mut group, &findings);
                sum.flags.extend(group.flags.iter().cloned());
                sum.line.findings += group.findings;
                inventory.groups.push(group);
            }
        }
        for (number, set) in sets(&contents).into_iter().enumerate() {
            let Some((id, first, by)) = set else { continue };
            let original = inventory.files[first].path.clone();
            let file = &mut inventory.files[number];
            file.duplicate_set = Some(id);
            file.duplicate_of = (number != first).then_some(original);
            file.duplicate_by = Some(by);
        }
        // Masked paths may come in another order than the paths themselves.
        inventory.files.sort_by(|a, b| a.path.cmp(&b.path));
        inventory.groups.sort_by(|a, b| {
            let files = a.path.cmp(&b.path).then_with(|| a.members.cmp(&b.members));
            files.then_with(|| a.table.cmp(&b.table))
        });
        inventory.systems = sums.into_values().map(Sum::line).collect();
    }

    /// The system that a file belongs to; conflicts ended the scan before this is asked.
    pub(super) fn system(&self, done: &Done) -> Option<&System> {
        if self.plan.systems.is_empty() {
            return None;
        }
        self.plan.systems.of(&self.spelled(done)).ok().flatten()
    }

    fn spelled(&self, done: &Done) -> Spelled {
        let root = done.key.root;
        self.plan.roots[root].spelled(&self.absolute[root], &done.key.relative)
    }

    fn spot<'a>(&'a self, done: &'a Done, details: Vec<Details>) -> Spot<'a> {
        let areas = &self.finder.rules.facts.areas;
        let mut spot = Spot {
            done,
            place: self.place(done),
            system: self.system(done),
            area: areas.kind_of(&self.spelled(done), done.result.format),
            findings: Vec::new(),
            content: Content::default(),
            hold: Vec::new(),
            groups: Vec::new(),
        };
        let result = &done.result;
        if !result.findings.is_empty() {
            spot.findings = self.findings_of(&spot, details);
            spot.content = Content::new(result.content.clone(), self.weighed(done));
            spot.hold = self.hold(done);
            let line = |(table, findings): (Table<'a>, Vec<Weighed<'a>>)| {
                (self.group_line(&spot, table, &findings), findings)
            };
            spot.groups = self.tables(done).into_iter().map(line).collect();
        }
        spot
    }

    /// Hints that a file may have to be kept, by the law of its system's country, else of those that are told.
    pub(super) fn hold(&self, done: &Done) -> Vec<HoldHint> {
        let of_system = self.system(done).and_then(|system| system.country.as_ref());
        let told = self.plan.countries.iter().filter(|_| of_system.is_none());
        let countries: Vec<&str> = of_system.into_iter().chain(told).map(String::as_str).collect();
        let path = String::from_utf8_lossy(&done.key.shown);
        let result = &done.result;
        let retention = &self.finder.rules.facts.retention;
        retention.hints(&path, result.format, &result.traits.told, &countries)
    }

    /// The findings of a file as the inventory has them, in order.
    fn findings_of(&self, spot: &Spot<'_>, details: Vec<Details>) -> Vec<Finding> {
        let Spot { done, place, system, .. } = spot;
        let told = |(finding, details): (&Finding, Details)| {
            let mut finding = details.with(finding.clone());
            finding.id = self.id(done, &finding);
            finding.path.clone_from(&place.path);
            finding.path_b64.clone_from(&place.path_b64);
            finding.system = system.map(|s| s.name.clone());
            if !self.plan.reveal && finding.field.as_deref() != Some(sniff::NAME_FIELD) {
                finding.members = finding.members.iter().map(|m| self.masked(m)).collect();
            }
            finding
        };
        let mut findings: Vec<Finding> =
            done.result.findings.iter().zip(details).map(told).collect();
        findings.sort_by(by_place);
        findings
    }

    fn new_sum(&self, system: Option<&System>, area: Option<&str>) -> Sum<'_> {
        let facts = &self.finder.rules.facts;
        let line = match system {
            Some(system) => system.line(&facts.countries, self.plan.as_of),
            None => SystemLine { personal_area: area.map(str::to_owned), ..SystemLine::default() },
        };
        Sum { flags: line.flags.iter().cloned().collect(), line, ..Sum::default() }
    }

    fn weighed<'a>(&'a self, done: &'a Done) -> impl Iterator<Item = Weighed<'a>> {
        let categories = &self.finder.rules.categories;
        let pairs = done.result.findings.iter().zip(&done.result.sketches);
        pairs.map(|(f, sketch)| (f, sketch, categories[&f.category].identifiability))
    }

    /// A file's findings by table.
    fn tables<'a>(&'a self, done: &'a Done) -> BTreeMap<Table<'a>, Vec<Weighed<'a>>> {
        let mut tables: BTreeMap<Table, Vec<Weighed>> = BTreeMap::new();
        for weighed in self.weighed(done) {
            let table = (&weighed.0.members[..], weighed.0.table.as_deref());
            tables.entry(table).or_default().push(weighed);
        }
        tables
    }

    fn group_line<'a>(
        &'a self,
        spot: &Spot<'a>,
        (members, table): Table<'a>,
        findings: &[Weighed<'a>],
    ) -> GroupLine {
        let beside = |d: &&Dated| d.members == members && d.table.as_deref() == table;
        let dated: Vec<&Dated> = spot.done.result.traits.dated.iter().filter(beside).collect();
        let mut anchors: Vec<Anchor> =
            dated.iter().filter(|d| d.kind != BIRTH).map(|d| anchor(d)).collect();
        anchors.sort();
        let mut flags = flags(findings);
        for (flag, holds) in [
            ("children", self.has_children(spot.done, findings, &dated)),
            ("personal_area", spot.area.is_some()),
        ] {
            flags.extend(holds.then(|| flag.to_owned()));
        }
        let words = |word: fn(&Finding) -> &String| -> Vec<String> {
            let all: BTreeSet<String> = findings.iter().map(|(f, ..)| word(f).clone()).collect();
            all.into_iter().collect()
        };
        GroupLine {
            id: self.stable_id(spot.done, members, &[table]),
            path: spot.place.path.clone(),
            path_b64: spot.place.path_b64.clone(),
            members: members.iter().map(|m| self.masked(m)).collect(),
            table: table.map(str::to_owned),
            system: spot.system.map(|s| s.name.clone()),
            categories: words(|f| &f.category),
            detectors: words(|f| &f.detector),
            findings: findings.len() as u64,
            subjects: None,
            subjects_is_estimate: false,
            severity: findings.iter().map(|f| f.0.severity).max().unwrap_or(Severity::Low),
            flags: flags.into_iter().collect(),
            oldest: anchors.iter().map(|a| a.oldest.clone()).min(),
            newest: anchors.iter().map(|a| a.newest.clone()).max(),
            anchors,
        }
    }

    /// Whether names or birth dates tell of children: one birth date in a hundred is no slip of the pen.
    fn has_children(&self, done: &Done, findings: &[Weighed], dated: &[&Dated]) -> bool {
        let facts = &self.finder.rules.facts;
        let shown = String::from_utf8_lossy(&done.key.shown);
        let mut fields = findings.iter().flat_map(|(f, ..)| f.field.iter().chain(&f.table));
        // What the field's name promises, its values have to keep.
        let born = |d: &Dated| {
            let same = |f: &Finding| f.field.as_ref() == Some(&d.field);
            findings.iter().any(|(f, ..)| same(f) && f.category == "demographic.date_of_birth")
        };
        let young = |d: &&Dated| {
            let dates = d.dates;
            d.kind == BIRTH && dates.minors > 0 && dates.minors * 100 >= dates.count && born(d)
        };
        facts.tells_of_children(last_names(&shown))
            || fields.any(|name| facts.tells_of_children(name))
            || dated.iter().any(young)
    }
}

impl<'a> Sum<'a> {
    /// Adds a group and its subjects, and says of it what holds for the whole system.
    fn add_group(&mut self, group: &mut GroupLine, findings: &[Weighed<'a>]) {
        const INHERITED: [&str; 2] = ["outside_eea", "third_country_access"];
        let subjects = self.subjects.add_group(findings.iter().copied());
        group.subjects = subjects.map(|s| s.0);
        group.subjects_is_estimate = subjects.is_some_and(|s| s.1);
        let inherited = self.line.flags.iter().filter(|f| INHERITED.contains(&f.as_str()));
        group.flags.extend(inherited.cloned());
        group.flags.extend(subjects.filter(|s| s.0 > MANY).map(|_| "many_subjects".to_owned()));
        group.flags.sort();
        group.flags.dedup();
    }

    fn line(self) -> SystemLine {
        let subjects = self.subjects.count();
        SystemLine {
            flags: self.flags.into_iter().collect(),
            subjects: subjects.map(|s| s.0),
            subjects_is_estimate: subjects.is_some_and(|s| s.1),
            ..self.line
        }
    }
}

/// The line of a file, without hints.
fn file_line(spot: &Spot, owners: &Owners) -> FileLine {
    let result = &spot.done.result;
    let exposure = result.exposure;
    FileLine {
        path: spot.place.path.clone(),
        path_b64: spot.place.path_b64.clone(),
        system: spot.system.map(|s| s.name.clone()),
        owner: exposure.map(|e| owners.user(e.uid)),
        group: exposure.map(|e| owners.group(e.gid)),
        mode: exposure.map(|e| format!("{:04o}", e.mode)),
        readable_by: exposure.map(|e| e.readable_by),
        modified: exposure.and_then(|e| day(e.modified)),
        content: result.content.clone(),
        duplicate_set: None,
        duplicate_of: None,
        duplicate_by: None,
        hold: Vec::new(),
        personal_area: spot.area.map(str::to_owned),
    }
}

/// The flags of a group's findings; `test_data` only when it is all of them.
fn flags(findings: &[Weighed]) -> BTreeSet<String> {
    const TEST: &str = "test_data";
    let is_test = |f: &Finding| f.flags.iter().any(|flag| flag == TEST);
    let all_test = findings.iter().all(|(f, ..)| is_test(f));
    let counts = |flag: &&String| *flag != "ambiguous" && (*flag != TEST || all_test);
    findings.iter().flat_map(|(f, ..)| &f.flags).filter(counts).cloned().collect()
}

fn anchor(dated: &Dated) -> Anchor {
    Anchor {
        field: dated.field.clone(),
        kind: dated.kind.clone(),
        oldest: month_text(dated.dates.oldest),
        newest: month_text(dated.dates.newest),
    }
}

/// The day of a time in seconds, UTC.
pub(super) fn day(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

/// A file's name and that of its folder: what tells what is in it.
pub(super) fn last_names(path: &str) -> &str {
    path.rmatch_indices('/').nth(1).map_or(path, |(at, _)| &path[at + 1..])
}
