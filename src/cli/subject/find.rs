//! `datakart subject find`: from a profile to the package of what is held on the person.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::args::FindArgs;
use super::profile;
use crate::cli::args::ScanArgs;
use crate::cli::bar::with_bar;
use crate::cli::{INCOMPLETE, age, config, manners, roots, scan as scanning, signals};
use crate::detect::finder::Finder;
use crate::detect::rules::{Rules, Selection};
use crate::escape::terminal;
use crate::inventory::Run;
use crate::key::Key;
use crate::out::OutDir;
use crate::plan::{Plan, Root};
use crate::report::case::{self, Replay};
use crate::scan::{self, Means, Search, Searched};
use crate::state::{self, Index};
use crate::subject::{CASE_SCHEMA, Case, Profile, Sought, Strength};
use crate::walk::Filter;

/// Searches and writes the package; tells the exit code.
///
/// # Errors
/// Whatever keeps the search from running at all; nothing is written then.
pub fn run(find: &FindArgs) -> Result<u8> {
    let started = jiff::Timestamp::now();
    let mut args = find.as_scan();
    let settled = match &find.config {
        Some(path) => config::apply(path, &mut args)?,
        None => config::Settled::default(),
    };
    if roots::is_stdin(&find.profile) && find.paths.iter().any(|path| roots::is_stdin(path)) {
        bail!("standard input is the profile: it cannot be searched as well");
    }
    if !find.encrypt_to.is_empty() {
        age::check()?;
    }
    let profile = profile::read(&find.profile, find.identity.as_deref())?;
    signals::listen()?;
    manners::be_patient(&args);
    let mut warnings = profile::warnings(&profile);
    scanning::check_countries(&args.detect.country)?;
    scanning::tell_idle(&args.detect.patterns);
    let rules =
        Rules::load(&Selection { folders: args.detect.patterns.clone(), ..Selection::default() })?;
    let systems = scanning::systems(&args, &settled, &rules)?;
    let roots = roots::roots(&args)?;
    let label = args.label.clone().unwrap_or_else(|| roots::default_label(&roots));
    let filter =
        Filter::new(&args.select.include, &args.select.exclude, args.select.one_file_system)?;
    let threads = scanning::threads(&args)?;
    let on_disk: Vec<&Path> = roots.iter().filter_map(Root::on_disk).collect();
    scanning::check_key(&args, &on_disk, &filter)?;
    case::refuse_filled_in(&find.out)?;
    let mut out = OutDir::prepare_package(&find.out, &on_disk)?;
    let key = scanning::key(&args)?;
    let as_of = args.detect.as_of.unwrap_or_else(scanning::today);
    let finder: &Finder = Box::leak(Box::new(Finder::new(rules, as_of, key.for_counting())?));
    profile::check_ids(&profile, finder)?;
    warnings.extend(profile::doubtful_ids(&profile, finder));
    let sought = Sought { copies: find.copy, ..Sought::new(&profile, key.for_subjects()) };
    let search = Search::new(sought.clone())?;
    let search = Arc::new(with_index(find, search, finder, &key, &mut warnings)?);
    let plan = Plan { systems, as_of, ..scanning::plan(&args, roots, filter, threads, label, key) };
    // Workers are forked off a process that has no threads, so they come before the first one.
    let pool = scanning::pool(&args, finder, &plan).map(Arc::new);
    let (plan, progress) = (Arc::new(plan), Arc::default());
    let means = Means { plan: plan.clone(), finder, pool, progress };
    let job = || scan::search(&means, &search, !find.no_hops);
    let found = scanning::in_pool(&plan, || with_bar(&args, &means.progress, job))?;
    warnings.extend(dropped(&found));

    let stopped = signals::exit_code();
    if stopped.is_none() {
        let unmatched = plan.filter.unmatched();
        warnings.extend(unmatched.iter().map(|glob| format!("--include {glob:?} matched no file")));
        let never_met = plan.filter.never_met();
        let in_vain = |glob: &&str| format!("--exclude {glob:?}: nothing was left out by that");
        warnings.extend(never_met.iter().map(in_vain));
    }
    let missed = found.coverage.partial.files + found.coverage.not_scanned.files;
    let code = stopped.unwrap_or(if missed > 0 { INCOMPLETE } else { 0 });
    let run = Run {
        started: started.to_string(),
        ended: jiff::Timestamp::now().to_string(),
        complete: stopped.is_none(),
        exit_code: code,
        ..facts(&plan, finder, &args, &found)
    };
    let case = case_of(&profile, &found, warnings, run);
    let replay = Replay::new(&sought, &found.keys, &plan.key);
    case::stage(&mut out, &case, &found.records, &replay)?;
    if find.copy {
        copy(find, &found, &mut out)?;
    }
    out.publish()?;
    tell(find, &case)?;
    Ok(code)
}

/// Stages the copy of the person's data, encrypted if that is asked for.
fn copy(find: &FindArgs, found: &Searched, out: &mut OutDir) -> Result<()> {
    let [plain, encrypted] = case::copy::FILES;
    let write = |w: &mut dyn Write| case::copy::write(&found.records, &found.excerpts, w);
    match &find.encrypt_to[..] {
        [] => out.stage(plain, write),
        recipients => out.stage(encrypted, |w| {
            age::encrypt(recipients, w, write).map_err(|e| io::Error::other(format!("{e:#}")))
        }),
    }
}

/// What is told when a state holds no index that can be used.
const NO_INDEX: &str = "the state holds no index of this key, these rules and this version of datakart (scan --index \
    makes one): everything was read";

/// The search by the index of the state that is named, if that holds one.
fn with_index(
    find: &FindArgs,
    search: Search,
    finder: &Finder,
    key: &Key,
    warnings: &mut Vec<String>,
) -> Result<Search> {
    let Some(state) = &find.state else { return Ok(search) };
    state::refuse_missing(state)?;
    let circumstances = scanning::circumstances_of_index(&finder.rules, key);
    if let Some(index) = Index::open(state, &circumstances)? {
        return Ok(search.with_index(index, key.for_index()));
    }
    warnings.push(NO_INDEX.to_owned());
    Ok(search)
}

/// The run's facts, its times aside.
fn facts(plan: &Plan, finder: &Finder, args: &ScanArgs, found: &Searched) -> Run {
    Run {
        schema: CASE_SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules: finder.rules.hash.clone(),
        lexicon: finder.rules.lexicon.clone(),
        label: found.label.clone(),
        roots: found.roots.clone(),
        options: scanning::options(args).into_iter().filter(|(name, _)| name != "config").collect(),
        host: scanning::host(),
        user: crate::place::Owners::default().user(rustix::process::geteuid().as_raw()),
        as_of: plan.as_of.to_string(),
        key_id: plan.key.id(),
        min_confidence: plan.reading.level.as_str().to_owned(),
        ..Run::default()
    }
}

fn case_of(profile: &Profile, found: &Searched, warnings: Vec<String>, run: Run) -> Case {
    let count = |strength: Strength| {
        let n = found.records.iter().filter(|record| record.strength == strength).count();
        (strength.as_str().to_owned(), n as u64)
    };
    let strengths = [Strength::Certain, Strength::Probable, Strength::Possible];
    Case {
        schema: CASE_SCHEMA.to_owned(),
        case: profile.case.clone(),
        received: profile.received.map(|day| day.to_string()),
        due: profile.due.map(|day| day.to_string()),
        identity_verified: profile.identity_verified.clone(),
        sought: profile::counts(profile),
        hops: found.followed.clone(),
        warnings,
        records: strengths.into_iter().map(count).collect(),
        excluded: found.excluded,
        coverage: found.coverage.clone(),
        notes: found.gaps.clone(),
        run,
    }
}

/// Keys that were not followed, in words.
fn dropped(found: &Searched) -> Option<String> {
    let all: Vec<String> =
        found.dropped.iter().map(|(column, n)| format!("{column} ({n})")).collect();
    (!all.is_empty()).then(|| {
        format!(
            "keys that stand beside other persons' data, or in too many records, were not followed: {}",
            all.join(", ")
        )
    })
}

/// Tells what was found, in numbers.
fn tell(find: &FindArgs, case: &Case) -> Result<()> {
    let mut err = std::io::stderr().lock();
    for warning in &case.warnings {
        writeln!(err, "datakart: {}", terminal(warning))?;
    }
    if find.quiet {
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    let number = |strength: Strength| case.records.get(strength.as_str()).copied().unwrap_or(0);
    writeln!(
        out,
        "case {}: {} records certain, {} probable, {} possible",
        terminal(&case.case),
        number(Strength::Certain),
        number(Strength::Probable),
        number(Strength::Possible)
    )?;
    for (column, values) in &case.hops {
        writeln!(out, "followed: {values} values of {}", terminal(column))?;
    }
    let coverage = &case.coverage;
    writeln!(
        out,
        "files read: {}, in part {}, not {}, left out by rule {}",
        coverage.scanned.files,
        coverage.partial.files,
        coverage.not_scanned.files,
        coverage.out_of_scope.files
    )?;
    if let Some(excluded) = case.excluded {
        writeln!(out, "of these not opened, by the index: {}", excluded.files)?;
    }
    writeln!(out, "work list: {}", terminal(&find.out.join(case::WORKLIST).to_string_lossy()))?;
    Ok(())
}
