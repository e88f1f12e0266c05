//! Judging: from a file's tallies to its findings. A column has one winner; running text is judged
//! match by match; severity comes from what stands together.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::detect::finder::{FAILED, Finder};
use crate::detect::lexicon::{Fit, Hint};
use crate::evidence::{self, Case, Column};
use crate::eye::{Named, Sign};
use crate::inventory::{Confidence, Evidence, Finding, Ladder, Severity};
use crate::place::{Dated, Traits};
use crate::sketch::Distinct;
use crate::tally::{Count, FileTally, Kind, SlotTally};
use crate::unit::SlotId;
use crate::validate::Validity;

mod address;
mod births;
mod microdata;
mod mixed;
mod numbers;
mod single;
mod statistics;
#[cfg(test)]
mod tests;
mod text;

/// Share of passing cells from which a column is judged without a telling name.
const SHARE_ALONE: f64 = 0.6;
/// Share of passing cells that have to tell by themselves under a name that other things bear as often.
const SHARE_TELLING: f64 = 0.2;
/// Chance up to which a value tells by itself under a name that other things bear as often: a full name.
const TELLS_FULLY: f64 = 0.02;
/// Chance of passing up to which a kind has a check.
const CHECKED: f64 = 0.1;
/// Bits against a column that is a series of numbers or of times.
const SERIES: f64 = -14.0;
/// Bits against names under the name of what is called after people: more than names in lists weigh.
const OF_THINGS: f64 = -25.0;
/// Bits for names of persons under a name that other things bear as often: one full name is worth a look.
const CALLED_SO: f64 = 1.0;
/// Bits for amounts that may be anything's (`Netto`), in a table each row of which is a person's.
const OF_PERSONS: f64 = 3.0;
/// Bits for dates without a name that spread as births do, in a table with names.
const BIRTHS: f64 = 4.0;
/// Bits for names in a column without one, where most rows have an address of e-mail: few rows are enough.
const BESIDE_MAIL: f64 = 3.0;

/// Which matches of one detector in one slot are listed; the second pass asks it.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Accept {
    /// Certainty of the column, when the column as a whole is of this kind.
    pub column: Option<f64>,
    /// Whether candidates that failed their check are listed as well.
    pub failed: bool,
    /// Certainty per sign of matches in running text.
    pub signs: Vec<(Sign, f64)>,
}

impl Accept {
    /// The certainty of a match, when it is listed.
    #[must_use]
    pub fn certainty(&self, sign: &Sign) -> Option<f64> {
        match self.column {
            Some(certainty) if sign.rung != FAILED || (self.failed && sign.whole) => {
                Some(certainty)
            }
            Some(_) => None,
            None => self.signs.iter().find(|s| s.0 == *sign).map(|s| s.1),
        }
    }
}

/// What a file's tallies amount to.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings; path and id are filled in by the caller.
    pub findings: Vec<Finding>,
    /// Their distinct values, in the same order.
    pub sketches: Vec<Distinct>,
    /// Findings per detector that stayed below the confidence level.
    pub below: BTreeMap<u16, u64>,
    /// Which matches the second pass lists.
    pub accepts: HashMap<(SlotId, u16), Accept>,
    /// What else it tells; nothing when there are no findings.
    pub traits: Traits,
}

/// A finding before it is written down.
struct Draft {
    slot: SlotId,
    detector: u16,
    certainty: f64,
    evidence: Vec<Evidence>,
    ambiguous: Vec<u16>,
    accept: Accept,
}

impl Draft {
    /// The matches of another draft of the same kind as well, at the certainty of the surer one.
    fn with(mut self, other: Draft) -> Draft {
        self.accept.signs.extend(other.accept.signs);
        if other.certainty > self.certainty {
            (self.certainty, self.evidence) = (other.certainty, other.evidence);
        }
        self
    }
}

/// Judges a file.
#[must_use]
pub fn judge(finder: &Finder, named: &[Named], tally: &FileTally, level: Confidence) -> Judged {
    let alone = drafts(finder, named, tally, |_| Company::default());
    let company = companies(finder, named, tally, &alone);
    let asks = |n: &Named| {
        n.hints.iter().any(|(&detector, hint)| match hint {
            Hint::For(Fit::Asking | Fit::Ambiguous | Fit::Weak) => true,
            Hint::For(Fit::Strong) => n.is_full(finder, detector),
            _ => false,
        })
    };
    let is_common = |slot: &SlotTally| slot.kinds.iter().any(|(d, k)| are_common(finder, *d, k));
    let has_births = |id: &SlotId, slot: &SlotTally| {
        named[id.0 as usize].is_unnamed() && births::spread_so(finder, slot)
    };
    let has_names = |id: &SlotId, slot: &SlotTally| {
        let named = &named[id.0 as usize];
        let mails = company.get(&group(named)).map_or(0, |company| company.mails);
        let is_of_names = |(detector, _): &(u16, Kind)| finder.is_of_names(*detector);
        are_beside_mails(named, slot, mails) && slot.kinds.iter().any(is_of_names)
    };
    let is_asked = named.iter().any(asks)
        || tally.slots.iter().any(|(id, slot)| has_names(id, slot))
        || tally.slots.values().any(|slot| is_common(slot))
        || tally.slots.iter().any(|(id, slot)| has_births(id, slot));
    let mut drafts = if is_asked {
        drafts(finder, named, tally, |id| {
            let group = group(&named[id.0 as usize]);
            let mut told = company.get(&group).copied().unwrap_or_default();
            told.known = true;
            told.patients |=
                is_or_below(group, |group| company.get(&group).is_some_and(|c| c.patients));
            told
        })
    } else {
        alone
    };
    if !drafts.is_empty() {
        numbers::without_longitudes(finder, named, &mut drafts);
        single::lower(finder, named, tally, &mut drafts);
        numbers::lower(finder, named, tally, &mut drafts);
        statistics::lower(finder, named, tally, &mut drafts);
    }
    let mut judged = Judged::default();
    let listed = |d: &Draft| finder.rules.detectors[d.detector as usize].listed;
    for mut draft in drafts.into_iter().filter(listed) {
        draft.accept.signs.retain(|s| s.1 >= level.threshold());
        match Confidence::of(draft.certainty) {
            Some(c) if c >= level => {
                let slot = &tally.slots[&draft.slot];
                let name = &named[draft.slot.0 as usize];
                let (finding, sketch) = finding(finder, name, slot, &draft, c);
                judged.findings.push(finding);
                judged.sketches.push(sketch);
                judged.accepts.insert((draft.slot, draft.detector), draft.accept);
            }
            Some(_) => *judged.below.entry(draft.detector).or_default() += 1,
            None => {}
        }
    }
    severities(finder, &mut judged.findings);
    if !judged.findings.is_empty() {
        judged.traits = traits(finder, named, tally, &judged.findings);
    }
    judged
}

/// Dates that stand in the same tables as findings, and what field names say of the file's material.
fn traits(finder: &Finder, named: &[Named], tally: &FileTally, findings: &[Finding]) -> Traits {
    let tables: HashSet<_> =
        findings.iter().map(|f| (&f.members[..], f.table.as_deref())).collect();
    let mut traits = Traits::default();
    for (name, id) in named.iter().zip(0..) {
        let slot = &name.slot;
        for text in slot.field.iter().chain(&slot.table) {
            let kept = || finder.rules.facts.retention.tell(text);
            traits.told.extend(finder.kept.of(text, kept));
        }
        let dates = tally.slots.get(&SlotId(id)).map(|s| s.dates).filter(|d| d.count > 0);
        let beside = tables.contains(&(&slot.members[..], slot.table.as_deref()));
        if let (Some(kind), Some(dates), Some(field), true) =
            (&name.dates, dates, &slot.field, beside)
        {
            traits.dated.push(Dated {
                members: slot.members.to_vec(),
                table: slot.table.clone(),
                field: field.clone(),
                kind: kind.clone(),
                dates,
            });
        }
    }
    traits
}

/// Slots that stand together: the columns of a table, the fields of a document's records.
type Group<'a> = (&'a [String], Option<&'a str>, &'a str);

fn group(named: &Named) -> Group<'_> {
    let (slot, field) = (&named.slot, named.field());
    // What stands below one element of an array is one record, however deep.
    let parent = match field.starts_with('$') {
        false => "",
        true => field.rsplit_once("[].").or(field.rsplit_once('.')).map_or("", |p| p.0),
    };
    (&slot.members, slot.table.as_deref(), parent)
}

/// Whether something is told of a group, or of the record that a list stands in whose elements have its fields: the
/// codings of a condition stand in a list below it.
fn is_or_below<'a>(group: Group<'a>, is_told: impl Fn(Group<'a>) -> bool) -> bool {
    let (members, table, parent) = group;
    let above = parent.rsplit_once("[].").map(|(record, _)| (members, table, record));
    is_told(group) || above.is_some_and(is_told)
}

/// What a group holds beyond doubt.
#[derive(Clone, Copy, Default)]
struct Company {
    /// Personal data.
    data: bool,
    /// The column that holds it, where it is only one.
    only: Option<SlotId>,
    /// Names, and streets.
    names: bool,
    streets: bool,
    /// How many rows have e-mail addresses.
    mails: u64,
    /// Whether the names of its fields tell of a town as well as of a postal code.
    parts: bool,
    /// Whether it is a table of firms or their places.
    firms: bool,
    /// Whether the name of a field is one of secrets: it is a table of accounts.
    secrets: bool,
    /// Whether it is known what stands beside a column: it is looked at for the second time.
    known: bool,
    /// Whether a field's name is that of patients' numbers or references.
    patients: bool,
    /// How many rows have what only single persons have: a birth date, a national number.
    persons: u64,
    /// Whether what else its rows tell of only persons have.
    microdata: bool,
}

/// Categories of what only single persons have, where others have firms as well, or are counts of groups.
const SINGLE: [&str; 2] = ["demographic.date_of_birth", "government_id.national"];

/// The categories of pay, of addresses and their parts, of addresses of e-mail, of genders.
const PAY: &str = "financial.salary";
const ADDRESS: &str = "contact.address";
const MAIL: &str = "contact.email";
const GENDER: &str = "demographic.gender";

/// The category of what people work as.
const EMPLOYMENT: &str = "employment";

/// The category of illnesses.
const HEALTH: &str = "health.medical";

/// Which groups hold personal data.
fn companies<'a>(
    finder: &Finder,
    named: &'a [Named],
    tally: &FileTally,
    drafts: &[Draft],
) -> HashMap<Group<'a>, Company> {
    let mut company: HashMap<_, Company> = HashMap::new();
    of_patients(named).for_each(|group| company.entry(group).or_default().patients = true);
    for draft in drafts.iter().filter(|d| d.certainty >= 0.75) {
        // A few values in a column of something else make no table of people.
        if is_of_people(finder, draft.detector) && draft.accept.column.is_some() {
            let company = company.entry(group(&named[draft.slot.0 as usize])).or_default();
            let category = &finder.rules.detectors[draft.detector as usize].category;
            company.only = (!company.data).then_some(draft.slot);
            company.data = true;
            company.names |= finder.is_of_names(draft.detector);
            if category == MAIL {
                company.mails = company.mails.max(tally.slots[&draft.slot].filled);
            }
            company.streets |= category == ADDRESS && finder.tells_columns(draft.detector);
            if SINGLE.contains(&category.as_str()) {
                company.persons = company.persons.max(tally.slots[&draft.slot].filled);
            }
        }
    }
    address::tell(finder, named, &mut company);
    microdata::tell(finder, named, drafts, &mut company);
    company
}

/// The groups with a field for the number of a patient, or the reference to one.
fn of_patients(named: &[Named]) -> impl Iterator<Item = Group<'_>> {
    named.iter().filter(|n| n.is_of_patients()).map(group)
}

/// Whether values of a kind are about people.
fn is_of_people(finder: &Finder, detector: u16) -> bool {
    let category = finder.rules.category(detector as usize);
    category.identifiability >= 0.5 && category.sensitivity >= 1.0
}

fn drafts(
    finder: &Finder,
    named: &[Named],
    tally: &FileTally,
    company: impl Fn(SlotId) -> Company,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (&id, slot) in &tally.slots {
        let name = &named[id.0 as usize];
        let of_field = match name.slot.field {
            Some(_) => field(finder, id, name, slot, company(id)),
            None => Vec::new(),
        };
        let is_won = !of_field.is_empty();
        for &(detector, ref kind) in &slot.kinds {
            if !of_field.iter().any(|d| d.detector == detector) {
                let place = text::Place { id, name, filled: slot.filled, is_won };
                drafts.extend(text::of_kind(finder, place, detector, kind));
            }
        }
        drafts.extend(of_field);
    }
    drafts
}

/// What a column is as a whole: the kind that wins it, those that it is a mixture of, or what it is called.
fn field(
    finder: &Finder,
    id: SlotId,
    name: &Named,
    slot: &SlotTally,
    company: Company,
) -> Vec<Draft> {
    let winner = column(finder, id, name, slot, company);
    let sure = winner.as_ref().filter(|d| d.certainty >= 0.5).map(|d| d.detector);
    let mixed = mixed::parts(finder, name, slot, sure);
    match () {
        () if !mixed.is_empty() => mixed.iter().map(|part| part.draft(finder, id, name)).collect(),
        () if sure.is_none() => {
            by_name_alone(finder, id, name, slot).or(winner).into_iter().collect()
        }
        () => winner.into_iter().collect(),
    }
}

/// The winner of a column, if any kind makes its case.
fn column(
    finder: &Finder,
    id: SlotId,
    name: &Named,
    slot: &SlotTally,
    mut company: Company,
) -> Option<Draft> {
    // One value is no company of its own.
    company.data &= slot.filled > 1 || company.only != Some(id);
    let rival_named = name.hints.values().any(|h| matches!(h, Hint::For(Fit::Strong)));
    let mut cases: Vec<Case> = Vec::new();
    for &(detector, ref kind) in &slot.kinds {
        let hint = name.hints.get(&detector).copied();
        let of_persons =
            company.microdata && finder.rules.detectors[detector as usize].category == GENDER;
        let told = Told {
            hint,
            rival: rival_named,
            company: company.data || of_persons,
            patients: company.patients,
            persons: company.persons * 2 >= slot.filled,
            names: company.names || of_persons,
            accounts: company.secrets && company.mails * 2 >= slot.filled,
            known: company.known,
            births: finder.is_birth(detector)
                && name.is_unnamed()
                && (company.names || company.persons > 0)
                && births::spread_so(finder, slot),
            full: hint == Some(Hint::For(Fit::Strong)) && name.is_full(finder, detector),
        };
        let by_values = by_values_alone(finder, detector, kind, slot, told)
            .or_else(|| by_vocabulary(finder, detector, kind, told));
        if !eligible(finder, detector, kind, slot, told) {
            cases.extend(by_values);
            continue;
        }
        let rules = &finder.rules.detectors[detector as usize];
        let (passed, candidates) = sample(kind);
        let separated =
            kind.counts.iter().filter(|(s, _)| s.whole && s.separated).map(|c| c.1.matches);
        let column = Column {
            passed,
            candidates,
            chance: by_name_chance(finder, detector, kind, told),
            hint,
            rival: rival_named && hint.is_none(),
            company: told.company,
            separated: separated.sum::<u64>() * 2 >= slot.filled,
            by_cell: rules.pattern.is_none() && matches!(hint, Some(Hint::For(_))),
            prior: rules.prior,
            veto: series(slot, rules.pattern.is_none() || is_own(name, detector))
                .or_else(|| of_things(finder, name, detector, hint))
                .or_else(|| address::bits(finder, name, detector, company))
                .or_else(|| {
                    is_pay(finder, detector, told).then_some(("beside persons", OF_PERSONS))
                })
                .or_else(|| told.births.then_some(("dates spread as births do", BIRTHS)))
                .or_else(|| {
                    let is_one =
                        finder.is_of_names(detector) && are_beside_mails(name, slot, company.mails);
                    is_one.then_some(("beside e-mail addresses", BESIDE_MAIL))
                }),
        };
        let by_name = evidence::case(detector, &column);
        // A name that other things bear never speaks against what the values tell without it.
        cases.push(match by_values {
            Some(by_values) if by_values.bits > by_name.bits => by_values,
            _ => by_name,
        });
    }
    let (best, certainty) = evidence::posterior(&cases, |a, b| finder.agree(a, b))?;
    let case = &cases[best];
    let close = |c: &&Case| {
        c.detector != case.detector && c.bits > 0.0 && case.bits - c.bits < evidence::AMBIGUOUS
    };
    let (passed, candidates) = sample(&slot.kinds[case.detector]);
    let by_cell = finder.rules.detectors[case.detector as usize].pattern.is_none();
    let told = matches!(name.hints.get(&case.detector), Some(Hint::For(_)));
    let proven = passed >= 0.8 * candidates || (told && passed >= 0.5 * candidates);
    Some(Draft {
        slot: id,
        detector: case.detector,
        certainty,
        evidence: case.evidence.clone(),
        ambiguous: cases.iter().filter(close).map(|c| c.detector).collect(),
        accept: Accept { column: Some(certainty), failed: proven && !by_cell, signs: Vec::new() },
    })
}

/// What a column is called that holds what has the shape of a kind with a check and fails it: typed or made up, most often.
/// Only a name of that kind and of nothing else tells so, and never more than low.
fn by_name_alone(finder: &Finder, id: SlotId, name: &Named, slot: &SlotTally) -> Option<Draft> {
    let has_shape = |detector: u16, kind: &Kind| {
        let rules = &finder.rules.detectors[usize::from(detector)];
        let whole: u64 = kind.counts.iter().filter(|(s, _)| s.whole).map(|(_, c)| c.matches).sum();
        let passes = |(sign, _): &(Sign, Count)| sign.rung != FAILED;
        let is_checked = rules.pattern.is_some() && rules.any_chance() <= CHECKED;
        is_checked
            && is_own(name, detector)
            && ratio(whole, slot.filled.max(1)) >= SHARE_ALONE
            && !kind.counts.iter().any(passes)
    };
    let (detector, _) = *slot.kinds.iter().find(|(detector, kind)| has_shape(*detector, kind))?;
    let bits = evidence::name_bits(Some(Hint::For(Fit::Strong)), false, false);
    let told = Evidence { reason: "field name".into(), bits };
    let mut pieces = vec![told];
    let certainty = evidence::held(&mut pieces, evidence::LOW, "most fail the check");
    let accept = Accept { column: Some(certainty), failed: true, signs: Vec::new() };
    let ambiguous = Vec::new();
    Some(Draft { slot: id, detector, certainty, evidence: pieces, ambiguous, accept })
}

/// Whether a column has no name, and most of its rows an address of e-mail.
fn are_beside_mails(name: &Named, slot: &SlotTally, mails: u64) -> bool {
    mails > 0 && mails * 2 >= slot.filled && name.is_unnamed()
}

/// Whether so many different values are more than words of a state that many rows share (`Open`, `Major`).
fn is_varied(slot: &SlotTally, distinct: f64) -> bool {
    /// Rows of which a third differ at least, where there are no more.
    const ROWS: u64 = 30;
    distinct * 3.0 > ratio(slot.filled.min(ROWS), 1)
}

/// How many codes of sexes a column has at most.
const SEXES: f64 = 2.0;

/// What else than its values tells of a column.
#[derive(Clone, Copy)]
struct Told {
    /// What its name says of the kind at hand.
    hint: Option<Hint>,
    /// Whether the name is that of some kind.
    rival: bool,
    /// Whether the table holds other personal data, or numbers of patients.
    company: bool,
    patients: bool,
    /// Whether it holds what only single persons have, in most rows.
    persons: bool,
    /// Whether it holds names of persons, and accounts with secrets.
    names: bool,
    accounts: bool,
    /// Whether it was looked at what stands beside the column.
    known: bool,
    /// Whether the name is one of the kind that whole things bear, too.
    full: bool,
    /// Whether there is no name, and the dates spread as births do, in a table with names.
    births: bool,
}

/// The case for a column under a name that other things bear as often, as it would be under a name that says
/// nothing: enough of all its cells tell by themselves.
fn by_values_alone(
    finder: &Finder,
    detector: u16,
    kind: &Kind,
    slot: &SlotTally,
    told: Told,
) -> Option<Case> {
    if told.hint != Some(Hint::For(Fit::Ambiguous)) || !finder.tells_columns(detector) {
        return None;
    }
    let tells = |r: u8| !finder.is_loose(detector, r) && finder.chance(detector, r) <= TELLS_FULLY;
    let cells = kind.counts.iter().filter(|(s, _)| s.whole && tells(s.rung));
    let cells: u64 = cells.map(|(_, c)| c.matches).sum();
    if ratio(cells, slot.filled.max(1)) < SHARE_ALONE {
        return None;
    }
    let column = Column {
        passed: distinct(kind, tells),
        chance: chance_of(finder, detector, kind, tells),
        hint: told.hint.filter(|_| told.company),
        by_cell: false,
        veto: (finder.is_of_names(detector) && told.known)
            .then_some(("a name that persons bear, too", CALLED_SO)),
        ..of_values(finder, detector, kind, told)
    };
    Some(evidence::case(detector, &column))
}

/// A column of which some values count, as it is but for these: here none passes.
fn of_values(finder: &Finder, detector: u16, kind: &Kind, told: Told) -> Column {
    Column {
        passed: 0.0,
        candidates: sample(kind).1,
        chance: 1.0,
        hint: told.hint,
        rival: told.rival,
        company: told.company,
        separated: false,
        by_cell: true,
        prior: finder.rules.detectors[detector as usize].prior,
        veto: None,
    }
}

/// The case for a column under a name that anything may bear, or that needs company: in company, and where half of its
/// values have a word of the kind's vocabulary.
fn by_vocabulary(finder: &Finder, detector: u16, kind: &Kind, told: Told) -> Option<Case> {
    let of_patients =
        || told.patients && finder.rules.detectors[usize::from(detector)].category == HEALTH;
    let known = finder.known_rung(detector).filter(|_| told.company || of_patients())?;
    if !matches!(told.hint, Some(Hint::For(Fit::Asking | Fit::Ambiguous))) {
        return None;
    }
    let column = Column {
        passed: distinct(kind, |rung| rung == known),
        chance: finder.chance(detector, known),
        ..of_values(finder, detector, kind, told)
    };
    (column.passed * 2.0 >= column.candidates).then(|| evidence::case(detector, &column))
}

/// The chance of passing under this name: under one that speaks against the kind, its values are what it is mistaken for.
/// Words of a kind's vocabulary stand in catalogues, too: under a name that needs company they tell nothing without it.
fn by_name_chance(finder: &Finder, detector: u16, kind: &Kind, told: Told) -> f64 {
    let chance = chance_of(finder, detector, kind, |rung| rung != FAILED);
    let mistaken = finder.mistaken(detector).filter(|_| told.hint == Some(Hint::Against));
    let needs_company = told.hint == Some(Hint::For(Fit::Ambiguous)) && !told.company;
    match finder.known_rung(detector) {
        Some(_) if needs_company => finder.rules.detectors[detector as usize].any_chance(),
        _ => mistaken.map_or(chance, |mistaken| chance.max(mistaken)),
    }
}

/// Whether a kind is a candidate for what a column is: enough of its cells pass.
fn eligible(finder: &Finder, detector: u16, kind: &Kind, slot: &SlotTally, told: Told) -> bool {
    let whole = |valid: bool| {
        let counts = kind.counts.iter().filter(|(s, _)| s.whole && (s.rung != FAILED) == valid);
        counts.map(|(_, c)| c.matches).sum::<u64>()
    };
    let (passed, filled) = (whole(true), slot.filled.max(1));
    if passed == 0 {
        return false;
    }
    let share = ratio(passed, filled);
    let (k, n) = sample(kind);
    let rules = &finder.rules.detectors[detector as usize];
    match told.hint {
        // Such a name needs words of the kind's own; pay that of a person, a login a secret.
        Some(Hint::For(Fit::Asking)) => {
            (is_pay(finder, detector, told) || is_login(finder, detector, told))
                && share >= SHARE_ALONE
        }
        // Any number agrees with a name that has the kind's inside one of its words.
        Some(Hint::For(Fit::Weak))
            if !told.company && numbers(finder, detector, kind) * 2.0 > k =>
        {
            false
        }
        // A name that other things bear as often takes values that tell by themselves, some of them, unless each row is a
        // person's: then what is called a name is one, though no list has it.
        Some(Hint::For(Fit::Ambiguous))
            if !(told.persons && finder.is_of_names(detector) && is_varied(slot, k))
                && rules.prose.as_ref().is_some_and(|p| p.whole)
                && telling(finder, detector, kind) < SHARE_TELLING * k =>
        {
            false
        }
        // So does the full name of anything where nothing else tells of people.
        Some(Hint::For(Fit::Strong))
            if told.full
                && !told.company
                && telling(finder, detector, kind) < SHARE_TELLING * k =>
        {
            false
        }
        // So does one of which other things are counted or flagged, but for codes of sexes beside names.
        Some(Hint::For(Fit::Ambiguous))
            if finder.has_words(detector)
                && !(told.names && rules.category == GENDER && k <= SEXES)
                && own_words(finder, detector, kind) < SHARE_TELLING * k =>
        {
            false
        }
        Some(Hint::For(_)) => {
            let p0 = rules.any_chance();
            share >= 0.05 && k / n.max(1.0) >= (5.0 * p0).clamp(0.3, 0.5)
        }
        _ if finder.is_birth(detector) => told.births,
        _ => {
            let alone = told.company || !are_common(finder, detector, kind);
            share >= SHARE_ALONE
                && alone
                && !rules.needs_name
                && !are_unchecked(finder, detector, kind)
        }
    }
}

/// Whether amounts under a name that anything may bear are pay: each row is a person's.
fn is_pay(finder: &Finder, detector: u16, told: Told) -> bool {
    let category = &finder.rules.detectors[detector as usize].category;
    told.hint == Some(Hint::For(Fit::Asking)) && told.persons && category == PAY
}

/// Whether what is called a name is one of an account: beside a secret and an e-mail address.
fn is_login(finder: &Finder, detector: u16, told: Told) -> bool {
    finder.is_of_logins(detector) && told.accounts
}

/// Whether most of what passed has a form that other numbers have as well.
fn are_common(finder: &Finder, detector: u16, kind: &Kind) -> bool {
    let (passed, _) = sample(kind);
    passed > 0.0 && distinct(kind, |rung| finder.is_common(detector, rung)) * 2.0 > passed
}

/// What speaks against names under the name of what is called after people: rooms, ships, roses.
fn of_things(
    finder: &Finder,
    name: &Named,
    detector: u16,
    hint: Option<Hint>,
) -> Option<(&'static str, f64)> {
    let is_thing = || match hint {
        Some(Hint::For(Fit::Ambiguous)) => finder.lexicon.names_thing(name.field()),
        Some(Hint::For(_)) => false,
        _ => finder.lexicon.is_of_things(name.field()),
    };
    (finder.is_of_names(detector) && is_thing())
        .then_some(("things that are called after people", OF_THINGS))
}

/// Whether most of what passed has no check digit, and is a date with a number behind it for all that is known: papers
/// are numbered so as well (`240115001`).
fn are_unchecked(finder: &Finder, detector: u16, kind: &Kind) -> bool {
    /// Chance from which a rung tells too little.
    const LIKELY: f64 = 0.05;
    let is_weak = |rung| finder.is_unchecked(detector, rung);
    let chance = |rung| finder.chance(detector, rung) > LIKELY;
    distinct(kind, |rung| is_weak(rung) && chance(rung)) * 2.0 > sample(kind).0
}

/// The chance of passing on those of these rungs that matter here: the likeliest of those that hold at least a
/// twentieth of what passed on them.
fn chance_of(finder: &Finder, detector: u16, kind: &Kind, takes: impl Fn(u8) -> bool) -> f64 {
    let mut rungs: BTreeMap<u8, u32> = BTreeMap::new();
    let passed = kind.sample.rungs().filter(|r| takes(*r));
    passed.for_each(|r| *rungs.entry(r).or_default() += 1);
    let all: u32 = rungs.values().sum();
    let matters = rungs.iter().filter(|(_, n)| **n * 20 >= all);
    matters.map(|(r, _)| finder.chance(detector, *r)).fold(1e-9, f64::max)
}

/// Distinct candidates that pass the check of running text, too.
fn telling(finder: &Finder, detector: u16, kind: &Kind) -> f64 {
    distinct(kind, |rung| !finder.is_loose(detector, rung))
}

/// How many distinct candidates passed on such rungs.
fn distinct(kind: &Kind, is: impl Fn(u8) -> bool) -> f64 {
    kind.sample.rungs().filter(|rung| is(*rung)).map(|_| 1.0).sum()
}

/// Distinct candidates that tell their kind, whatever their field is called.
fn own_words(finder: &Finder, detector: u16, kind: &Kind) -> f64 {
    distinct(kind, |rung| finder.is_telling(detector, rung))
}

/// Distinct candidates that passed as any number does.
fn numbers(finder: &Finder, detector: u16, kind: &Kind) -> f64 {
    distinct(kind, |rung| finder.is_amount(detector, rung))
}

/// Distinct candidates that are numbers or flags.
fn codes(finder: &Finder, detector: u16, kind: &Kind) -> f64 {
    distinct(kind, |rung| finder.is_amount(detector, rung) || finder.is_flag(detector, rung))
}

/// Distinct candidates that passed, and all.
pub(crate) fn sample(kind: &Kind) -> (f64, f64) {
    let (mut passed, mut all) = (0.0, 0.0);
    for rung in kind.sample.rungs() {
        all += 1.0;
        passed += f64::from(u8::from(rung != FAILED));
    }
    (passed, all)
}

/// Whether a field's name is one of the kind and of nothing else: a firm's telephones follow each other, too.
fn is_own(name: &Named, detector: u16) -> bool {
    name.hints.get(&detector) == Some(&Hint::For(Fit::Strong)) && name.is_name_of(detector)
}

/// What speaks against a column that is a series, unless its name tells what it is.
fn series(slot: &SlotTally, is_told: bool) -> Option<(&'static str, f64)> {
    let numbers = &slot.numbers;
    let most = |n: u64| n * 20 >= slot.filled * 19 && slot.filled >= 8;
    if is_told || !most(numbers.count) {
        return None;
    }
    if most(numbers.times) {
        return Some(("reads as times", SERIES));
    }
    numbers.running().then_some(("running numbers", SERIES))
}

fn finding(
    finder: &Finder,
    name: &Named,
    slot: &SlotTally,
    draft: &Draft,
    c: Confidence,
) -> (Finding, Distinct) {
    let rules = &finder.rules.detectors[draft.detector as usize];
    let kind = &slot.kinds[draft.detector];
    let mut matches = 0;
    let mut first = u64::MAX;
    let mut distinct = Distinct::default();
    let mut validity = Ladder::default();
    for (sign, count) in &kind.counts {
        if draft.accept.certainty(sign).is_some() {
            matches += count.matches;
            first = first.min(count.first);
            distinct.merge(&count.distinct);
            validity.add(validity_word(sign.validity), count.matches);
        }
    }
    let sketch = distinct;
    let (distinct, distinct_is_estimate) = sketch.count();
    let in_field = name.slot.field.is_some();
    let mut flags = flags(finder, draft.detector);
    if matches > 0 && validity.count("test") == matches {
        flags.push("test_data".to_owned());
    }
    if !draft.ambiguous.is_empty() {
        flags.push("ambiguous".to_owned());
    }
    let finding = Finding {
        id: String::new(),
        path: String::new(),
        path_b64: None,
        system: None,
        first_seen: None,
        last_seen: None,
        state: None,
        suppressed: None,
        members: name.slot.members.to_vec(),
        table: name.slot.table.clone(),
        field: name.slot.field.clone(),
        detector: rules.id.clone(),
        category: rules.category.clone(),
        confidence: c,
        certainty: (draft.certainty * 1000.0).floor() / 1000.0,
        matches,
        distinct: distinct.min(matches),
        distinct_is_estimate,
        rows: in_field.then_some(slot.cells),
        share: in_field.then(|| (ratio(matches, slot.filled.max(1)) * 1000.0).round() / 1000.0),
        validity,
        evidence: draft.evidence.clone(),
        ambiguous: draft
            .ambiguous
            .iter()
            .map(|&d| finder.rules.detectors[d as usize].id.clone())
            .collect(),
        first,
        severity: Severity::Low,
        flags,
    };
    (finding, sketch)
}

/// The flags of what a detector finds.
#[must_use]
pub fn flags(finder: &Finder, detector: u16) -> Vec<String> {
    let category = finder.rules.category(detector as usize);
    let mut flags = Vec::new();
    for (set, flag) in
        [(category.art9, "art9"), (category.art10, "art10"), (category.art87, "art87")]
    {
        if set {
            flags.push(flag.to_owned());
        }
    }
    if category.key == "credential" {
        flags.push("credentials".to_owned());
    }
    flags
}

/// Sets severities: per table or document the highest sensitivity times the highest identifiability.
fn severities(finder: &Finder, findings: &mut [Finding]) {
    let key = |f: &Finding| (f.members.clone(), f.table.clone());
    let mut scores: HashMap<_, (f64, f64)> = HashMap::new();
    for f in findings.iter() {
        let category = &finder.rules.categories[&f.category];
        let score = scores.entry(key(f)).or_default();
        score.0 = score.0.max(category.sensitivity);
        score.1 = score.1.max(category.identifiability);
    }
    for f in findings.iter_mut() {
        let (sensitivity, identifiability) = scores[&key(f)];
        let category = &finder.rules.categories[&f.category];
        let mut severity = Severity::of(sensitivity * identifiability);
        if category.sensitivity == 0.0 {
            severity = Severity::Low;
        } else if category.art9 || category.art10 {
            severity = severity.max(Severity::Medium);
        }
        f.severity = severity;
    }
}

/// The word of a rung of the validity ladder.
#[must_use]
pub fn validity_word(v: Validity) -> &'static str {
    match v {
        Validity::Real => "real",
        Validity::Temporary => "temporary",
        Validity::Test => "test",
        Validity::Damaged => "damaged",
        Validity::ChecksumFailed => "checksum_failed",
        Validity::Masked => "masked",
        Validity::Hashed => "hashed",
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of counts")]
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b as f64
}
