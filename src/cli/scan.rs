//! `datakart scan`: from options to plan, from scan to outputs, from inventory to exit code.

use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::args::{ScanArgs, Summary};
use super::bar::with_bar;
use super::condition::Condition;
use super::deliver::{rescue, tell, write_outputs};
use super::roots::{default_label, roots};
use super::{INCOMPLETE, config, dry, load, log, manners, signals};
use crate::detect::finder::Finder;
use crate::detect::rules::{self, Rules, Selection};
use crate::file::Reading;
use crate::inventory::{Confidence, Inventory, Run, SCHEMA};
use crate::isolate::Pool;
use crate::key::Key;
use crate::manifest;
use crate::note::Reason;
use crate::out::{self, OutDir, SCANNED};
use crate::place::{Owners, Systems, is_country};
use crate::plan::{self, Plan, Root};
use crate::report;
use crate::scan::{self, Means, Scan};
use crate::source::call;
use crate::state::{self, Ended, Lock, Sought, State};
use crate::suppress::Suppressions;
use crate::walk::Filter;
use anyhow::{Context as _, Result, bail};

/// Bytes per batch when one file is searched by all threads.
const SPLIT: u64 = 1 << 20;
/// The reason of what a later run goes on with.
const NOT_REACHED: &str = Reason::NotReached.as_str();
/// Files from this size on are searched by all threads.
const SHARE_FROM: u64 = 8 << 20;

/// Runs the scan and tells the exit code.
///
/// # Errors
/// Whatever keeps the scan from running at all; nothing is written then.
pub fn run(mut args: ScanArgs) -> Result<u8> {
    signals::listen()?;
    let started = jiff::Timestamp::now();
    let settled = match args.config.clone() {
        Some(path) => config::apply(&path, &mut args)?,
        None => config::Settled::default(),
    };
    log::take_form(args.log_format());
    args.findings |= args.reveal;
    manners::be_patient(&args);
    let conditions = conditions(&args)?;
    check_countries(&args.detect.country)?;
    let rules = rules(&args)?;
    let systems = systems(&args, &settled, &rules)?;
    conditions.iter().try_for_each(|c| c.check(&systems))?;
    let suppressions = args.suppress.as_deref().map(Suppressions::read).transpose()?;
    let roots = roots(&args)?;
    let label = label(&args, &roots)?;
    if args.dry_run {
        let code = dry::run(&args, roots, systems)?;
        return Ok(signals::exit_code().unwrap_or(code));
    }
    let filter =
        Filter::new(&args.select.include, &args.select.exclude, args.select.one_file_system)?;
    let threads = threads(&args)?;
    manners::share_heap(threads);
    let out = args.out.clone().map_or_else(|| default_out(&label), Ok)?;
    let on_disk: Vec<&Path> = roots.iter().filter_map(Root::on_disk).collect();
    let lock = lock(&args, &out, &on_disk, &filter)?;
    let out = prepared(&out, &on_disk, &filter)?;
    let key = key(&args)?;
    // Verdicts depend on the date, and with them what can be carried over: it moves once a month.
    let default_date = || if args.state.is_some() { today().first_of_month() } else { today() };
    let as_of = args.detect.as_of.unwrap_or_else(default_date);
    let mut finder = Finder::new(rules, as_of, key.for_counting())?;
    finder.index = args.index.then(|| key.for_index());
    let finder: &Finder = Box::leak(Box::new(finder));
    let plan = Plan { systems, as_of, ..plan(&args, roots, filter, threads, label, key) };
    let baseline = baseline(&args, finder, &plan)?;
    manners::step_back(&args);
    // Workers are forked off a process that has no threads, so they come before the first one.
    let pool = pool(&args, finder, &plan).map(Arc::new);
    let state = lock.map(|lock| open_state(lock, &args, finder, &plan, pool.as_deref()));
    let state = state.transpose()?.map(Arc::new);
    manners::slow_down(&args);
    let (plan, progress) = (Arc::new(plan), Arc::default());
    let means = Means { plan: plan.clone(), finder, pool, progress };
    let job = || scan::scan(&means, state.as_ref());
    let mut scan = in_pool(&plan, || with_bar(&args, &means.progress, job))?;

    let stopped = signals::exit_code();
    let links = scan.listed_links();
    if stopped.is_none() {
        tell_in_vain(&args, &plan, &scan);
        tell_links(links);
    }
    let mut inventory = Arc::make_mut(&mut scan).take_inventory();
    inventory.run = Run {
        started: started.to_string(),
        complete: stopped.is_none()
            && !scan.passed_over()
            && !inventory.coverage.reasons.contains_key(NOT_REACHED),
        detector_versions: detector_versions(&finder.rules, &inventory),
        carried: state.is_some().then(|| scan.carried()),
        oldest_result: state.as_deref().and_then(State::oldest).map(|at| at.to_string()),
        below_confidence: inventory.run.below_confidence,
        ..facts(&args, &settled, &finder.rules, &plan, &|text| scan.masked(text))
    };
    let digests = if state.is_some() { scan.digests() } else { HashMap::new() };
    let sought = Sought { rules: &finder.rules, level: plan.reading.level };
    if let Some(state) = &state {
        state.compare(&mut inventory, &plan.label, &format!("{started:.0}"), &digests, sought)?;
    }
    if let Some(baseline) = &baseline {
        state::baseline::compare(&mut inventory, baseline, sought);
    }
    if let Some(suppressions) = suppressions {
        suppress(suppressions, &args, (&scan, &finder.rules), &mut inventory);
    }
    let met = conditions.iter().filter(|c| c.met(&inventory)).map(|c| c.text.clone()).collect();
    inventory.run.failed_on = met;
    let code = || exit_code(&inventory, args.strict, links);
    inventory.run.exit_code = stopped.unwrap_or_else(code);
    let (out, stopped) = write(out, stopped, &args, &plan, &scan, &mut inventory)?;
    if let Some(state) = &state {
        let (label, digests, stopped) = (&plan.label, &digests, stopped.is_some());
        let ended = Ended { inventory: &inventory, label, digests, stopped, sought };
        state.finish(&ended, scan.roots_on_disk())?;
    }
    let path = out.path().to_owned();
    out.publish().map_err(|e| rescue(&scan, &inventory, e))?;
    if inventory.run.complete {
        out::remove_stopped(&path)?;
    }
    if let Some(state) = &state {
        state.release();
    }
    if let Some(metrics) = &args.metrics {
        out::replace(metrics, &report::metrics::text(&inventory), 0o644)
            .with_context(|| format!("the inventory is in {}, but --metrics", path.display()))?;
    }
    tell(&args, &inventory, &path)?;
    Ok(leave(scan, inventory))
}

/// The source's name.
///
/// # Errors
/// One that is empty.
fn label(args: &ScanArgs, roots: &[Root]) -> Result<String> {
    match &args.label {
        Some(label) if label.trim().is_empty() => {
            bail!("--label: a name is expected; without the option it is the host and the path")
        }
        Some(label) => Ok(label.clone()),
        None => Ok(default_label(roots)),
    }
}

/// The detectors that are selected.
///
/// # Errors
/// Mistakes in detector files or in what selects them.
fn rules(args: &ScanArgs) -> Result<Rules> {
    let rules = Rules::load(&Selection {
        folders: args.detect.patterns.clone(),
        only: args.only.clone(),
        except: args.except.clone(),
    })?;
    tell_idle(&args.detect.patterns);
    if rules.detectors.is_empty() {
        bail!("--only and --except leave no detector: nothing would be found");
    }
    Ok(rules)
}

/// Tells which folders of `--patterns` hold nothing for datakart.
pub(super) fn tell_idle(folders: &[PathBuf]) {
    for folder in rules::idle(folders) {
        let text = format!("--patterns {}: no detector file (*.toml) lies there", folder.display());
        log::say("warning", &text);
    }
}

/// The state that the lock is for.
///
/// # Errors
/// One that cannot be used, or that is of another source.
fn open_state(
    lock: Lock,
    args: &ScanArgs,
    finder: &Finder,
    plan: &Plan,
    pool: Option<&Pool>,
) -> Result<State> {
    let circumstances = circumstances(args, finder, plan, pool);
    let index = args.index.then(|| circumstances_of_index(&finder.rules, &plan.key));
    let state = State::open(lock, &circumstances, index.as_deref(), args.rebuild_state)?;
    state.refuse_other(&plan.label)?;
    Ok(state)
}

/// The exit code. What the process holds at its end goes with it: nothing is taken apart first.
fn leave(scan: Arc<Scan>, inventory: Inventory) -> u8 {
    let code = inventory.run.exit_code;
    Scan::leave(scan);
    std::mem::forget(inventory);
    code
}

/// The output directory. What will not fit into it at the end of a long scan is better known at its start.
fn prepared(out: &Path, on_disk: &[&Path], filter: &Filter) -> Result<OutDir> {
    let out = OutDir::prepare(out, &scanned(on_disk, out, filter))?;
    if let Some(free) = out.has_little_room() {
        let (path, free) = (out.path().display(), indicatif::BinaryBytes(free));
        let text = format!("--out {path}: only {free} are free there, which may be too little");
        log::say("warning", &text);
    }
    Ok(out)
}

/// Tells which globs of `--include` matched no file: a mistake in one would pass for a share without data; and what
/// `--exclude` names in vain. A mail of every night is not for that.
pub(super) fn tell_unmatched(args: &ScanArgs, filter: &Filter) {
    for glob in filter.unmatched() {
        log::say("warning", &format!("--include {glob:?} matched no file"));
    }
    let never_met = filter.never_met();
    if !never_met.is_empty() && !is_for_news(args) {
        let text = format!("--exclude {}: nothing was left out by that", quoted(&never_met));
        log::say("warning", &text);
    }
}

/// Tells which paths of the settings file's systems are those of no file.
pub(super) fn tell_unclaimed(args: &ScanArgs, systems: &Systems, roots: &[PathBuf]) {
    let never_met = systems.never_met(roots);
    if !never_met.is_empty() && !is_for_news(args) {
        let each = never_met.iter().map(|(name, path)| format!("{path:?} ({name})"));
        let each = each.collect::<Vec<_>>().join(", ");
        log::say("warning", &format!("[[system]]: no file lies at {each}"));
    }
}

/// Tells what was asked for and is nothing.
fn tell_in_vain(args: &ScanArgs, plan: &Plan, scan: &Scan) {
    tell_unmatched(args, &plan.filter);
    tell_unclaimed(args, &plan.systems, scan.roots_on_disk());
    // What was to write to it may have failed.
    if scan.had_empty_stdin() {
        log::say("warning", "standard input was empty");
    }
}

fn is_for_news(args: &ScanArgs) -> bool {
    args.summary == Some(Summary::News)
}

fn quoted(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ")
}

/// Tells that entries of a list are links. Whoever writes to a share may have put them there, so they are not followed;
/// but somebody wanted them read.
fn tell_links(links: usize) {
    if links > 0 {
        let text = format!(
            "--files-from: links are not followed, and {links} are listed: list what they lead to, or name them as PATH"
        );
        log::say("warning", &text);
    }
}

/// Marks what somebody answers for.
fn suppress(
    suppressions: Suppressions,
    args: &ScanArgs,
    (scan, rules): (&Scan, &Rules),
    inventory: &mut Inventory,
) {
    let today = args.detect.as_of.unwrap_or_else(today);
    let masked = |text: &str| scan.masked(text);
    let told = suppressions.apply(inventory, rules, today, masked);
    inventory.run.suppressed = Some(told);
}

/// Writes the outputs beside their places, and tells where that is and whether a signal has stopped the run by then.
fn write(
    mut out: OutDir,
    stopped: Option<u8>,
    args: &ScanArgs,
    plan: &Plan,
    scan: &Arc<Scan>,
    inventory: &mut Inventory,
) -> Result<(OutDir, Option<u8>)> {
    let is_late = is_late(args, inventory);
    let is_aside = stopped.is_some() || is_late && out.has_whole_inventory();
    if is_aside {
        out = beside(out)?;
    }
    if is_late && stopped.is_none() {
        tell_late(inventory, is_aside.then(|| out.path()));
    }
    if let Err(e) = write_outputs(&mut out, args, plan, scan, inventory) {
        return Err(rescue(scan, inventory, e));
    }
    let Some(code) = signals::exit_code().filter(|_| stopped.is_none()) else {
        return Ok((out, stopped));
    };
    // The signal came while matches were listed: some of them are missing.
    (inventory.run.complete, inventory.run.exit_code) = (false, code);
    match is_aside {
        true => out.forget(),
        false => out = beside(out)?,
    }
    write_outputs(&mut out, args, plan, scan, inventory)?;
    Ok((out, Some(code)))
}

/// Whether the time that was given to a run was over before its end, and no state keeps what earlier ones found.
fn is_late(args: &ScanArgs, inventory: &Inventory) -> bool {
    args.state.is_none() && inventory.coverage.reasons.contains_key(NOT_REACHED)
}

/// Tells that, and where the inventory of this run is when it does not take the place of a whole one.
fn tell_late(inventory: &Inventory, aside: Option<&Path>) {
    let files = inventory.coverage.reasons.get(NOT_REACHED).map_or(0, |count| count.files);
    let mut text = format!(
        "the time given to the run was over (files that had no turn: {files}); without --state the next run begins anew \
         and may never come to them"
    );
    if let Some(aside) = aside {
        let aside = aside.display();
        text += &format!("; the last inventory is whole and stays, that of this run is in {aside}");
    }
    log::say("warning", &text);
}

/// Where a stopped run writes: the last whole inventory stays, and what this run has stands beside it.
fn beside(mut out: OutDir) -> Result<OutDir> {
    if out.has_inventory() {
        return OutDir::prepare(&out.path().join(manifest::STOPPED), &[]);
    }
    out.forget();
    Ok(out)
}

/// The digest key, made where there is none.
pub(super) fn key(args: &ScanArgs) -> Result<Key> {
    let path = key_file(args)?;
    let is_there = path.exists();
    let key = Key::load_or_make(&path)?;
    if !is_there && args.detect.key.is_some() {
        let text = format!(
            "--key {}: no key was there, and a new one was made: its digests are those of no earlier run",
            path.display()
        );
        log::say("warning", &text);
    }
    let mode = path.metadata().map_or(0, |there| there.mode() & 0o777);
    if mode & 0o077 != 0 {
        let text = format!(
            "the digest key {} can be read by others (mode {mode:04o}): chmod 600 it",
            path.display()
        );
        log::say("warning", &text);
    }
    Ok(key)
}

/// Where the digest key is kept.
///
/// # Errors
/// When it is not said where, and the environment has no place for it.
pub(super) fn key_file(args: &ScanArgs) -> Result<PathBuf> {
    let default = || state_home().map(|home| home.join("key"));
    args.detect.key.clone().map_or_else(default, Ok)
}

/// Refuses to make a digest key within what is scanned.
///
/// # Errors
/// Such a place, where there is no key yet.
pub(super) fn check_key(args: &ScanArgs, roots: &[&Path], filter: &Filter) -> Result<()> {
    let key = key_file(args)?;
    match key.exists() {
        true => Ok(()),
        false => out::refuse_inside("--key", &key, &scanned(roots, &key, filter), SCANNED),
    }
}

/// The conditions of `--fail-on`.
///
/// # Errors
/// One that is not known, or that asks for what is new when nothing tells that.
fn conditions(args: &ScanArgs) -> Result<Vec<Condition>> {
    let conditions =
        args.fail_on.iter().map(|c| Condition::parse(c)).collect::<Result<Vec<_>>>()?;
    if args.state.is_none() && args.baseline.is_none() {
        if let Some(c) = conditions.iter().find(|c| c.only_new) {
            bail!("--fail-on {}: what is new is only known with --state or --baseline", c.text);
        }
        if args.only_new {
            bail!("--only-new: what is new is only known with --state or --baseline");
        }
        if args.summary == Some(Summary::News) {
            bail!("--summary news: what is new is only known with --state or --baseline");
        }
    }
    Ok(conditions)
}

/// The run's facts, as far as they are known before it.
fn facts(
    args: &ScanArgs,
    settled: &config::Settled,
    rules: &Rules,
    plan: &Plan,
    masked: &dyn Fn(&str) -> String,
) -> Run {
    Run {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules: rules.hash.clone(),
        lexicon: rules.lexicon.clone(),
        config: args
            .config
            .is_some()
            .then(|| blake3::hash(settled.text.as_bytes()).to_hex()[..16].to_owned()),
        ground: args.ground.as_deref().map(masked),
        label: masked(&plan.label),
        roots: plan.roots.iter().map(|r| masked(&r.as_given().to_string_lossy())).collect(),
        options: options(args).into_iter().map(|(k, v)| (k, masked(&v))).collect(),
        host: host(),
        user: Owners::default().user(rustix::process::geteuid().as_raw()),
        as_of: plan.as_of.to_string(),
        key_id: plan.key.id(),
        min_confidence: plan.reading.level.as_str().to_owned(),
        revealed: args.reveal,
        ..Run::default()
    }
}

/// Versions of the detectors that found something, where they are not the first.
fn detector_versions(rules: &Rules, inventory: &Inventory) -> BTreeMap<String, u32> {
    let later = rules.detectors.iter().filter(|d| d.version != 1);
    let found = |id: &str| inventory.findings.iter().any(|f| f.detector == id);
    later.filter(|d| found(&d.id)).map(|d| (d.id.clone(), d.version)).collect()
}

/// The inventory of `--baseline`.
///
/// # Errors
/// None there, or one of another source: findings are compared by their ids, which the label is a part of.
fn baseline(args: &ScanArgs, finder: &Finder, plan: &Plan) -> Result<Option<Inventory>> {
    let Some(path) = &args.baseline else { return Ok(None) };
    let inventory = load::inventory(path).context("--baseline")?;
    let label = scan::masked(finder, plan, &plan.label);
    if inventory.run.label != label {
        bail!(
            "--baseline {}: it is of {:?}, this run of {label:?}: give both the same --label",
            path.display(),
            inventory.run.label
        );
    }
    Ok(Some(inventory))
}

/// The systems of the settings file.
pub(super) fn systems(
    args: &ScanArgs,
    settled: &config::Settled,
    rules: &Rules,
) -> Result<Systems> {
    let origin = args.config.as_deref().map(|p| p.display().to_string()).unwrap_or_default();
    let countries = &rules.facts.countries;
    Systems::new(settled.systems.clone(), &origin, &settled.text, &host(), countries)
}

/// The lock on the state, once it is clear that nothing of this run is written where it should not be.
fn lock(args: &ScanArgs, out: &Path, roots: &[&Path], filter: &Filter) -> Result<Option<Lock>> {
    check_key(args, roots, filter)?;
    if let Some(metrics) = &args.metrics {
        out::refuse_inside("--metrics", metrics, &scanned(roots, metrics, filter), SCANNED)?;
        out::refuse_inside("--metrics", metrics, &[out], INVENTORIES)?;
        out::try_place("--metrics", metrics)?;
    }
    let Some(state) = &args.state else { return Ok(None) };
    out::refuse_inside("--state", state, &scanned(roots, state, filter), SCANNED)?;
    out::refuse_inside("--state", state, &[out], INVENTORIES)?;
    Ok(Some(Lock::take(state)?))
}

/// The roots that a place may be scanned with: not those of which it is left out. Whoever scans all of a host has no
/// other place.
fn scanned<'r>(roots: &[&'r Path], place: &Path, filter: &Filter) -> Vec<&'r Path> {
    let is_left_out = |root: &Path| {
        let below = filter.excludes_some().then(|| out::below(place, root)).flatten();
        below.is_some_and(|relative| {
            let lies = call::one(root, plan::lies).unwrap_or_else(|| root.to_owned());
            filter.below(root, &lies).leaves_out(&relative)
        })
    };
    roots.iter().copied().filter(|root| !is_left_out(root)).collect()
}

/// What `--out` is called when something else would be written to it.
const INVENTORIES: &str = "--out, which holds inventories and nothing else";

/// What file results depend on besides the files, as one text. Threads, read rates and what is listed in which
/// output are not in it.
fn circumstances(args: &ScanArgs, finder: &Finder, plan: &Plan, pool: Option<&Pool>) -> String {
    let groups = rustix::process::getgroups().unwrap_or_default();
    let detectors: Vec<&str> = finder.rules.detectors.iter().map(|d| d.id.as_str()).collect();
    let parts = [
        program(),
        finder.rules.hash.clone(),
        finder.rules.lexicon.clone(),
        blake3::hash(detectors.join(",").as_bytes()).to_hex()[..16].to_owned(),
        args.detect.country.join(",").to_ascii_uppercase(),
        plan.as_of.to_string(),
        plan.key.id(),
        plan.reading.level.as_str().to_owned(),
        format!("isolated {}", pool.is_some()),
        // What may be opened depends on who asks.
        format!("{:?} {groups:?}", rustix::process::geteuid()),
    ];
    parts.join(" | ")
}

/// What an index depends on besides the files, as one text: with others it tells nothing.
#[must_use]
pub fn circumstances_of_index(rules: &Rules, key: &Key) -> String {
    format!("index | {} | {} | {} | {}", program(), rules.hash, rules.lexicon, key.id())
}

/// The program itself, by its bytes: another build may read or judge otherwise.
fn program() -> String {
    let digest = || {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(std::fs::File::open(std::env::current_exe().ok()?).ok()?).ok()?;
        Some(hasher.finalize().to_hex()[..16].to_owned())
    };
    digest().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned())
}

/// The workers; without them the scan goes on in this process, and says so.
pub(super) fn pool(args: &ScanArgs, finder: &Finder, plan: &Plan) -> Option<Pool> {
    if args.pace.no_isolation {
        return None;
    }
    match Pool::new(finder, plan.reading) {
        Ok(pool) => {
            for what in pool.missing() {
                let text = format!("this system has no {what}: worker processes run without it");
                log::say("warning", &text);
            }
            Some(pool)
        }
        Err(e) => {
            let text = format!("no worker processes ({e}): risky formats are read in this process");
            log::say("warning", &text);
            None
        }
    }
}

/// More threads than this only stand in each other's way: each holds buffers of its own.
const MOST_THREADS: usize = 512;

/// How many threads are asked for.
///
/// # Errors
/// When it is none, or more than are of use.
pub fn threads(args: &ScanArgs) -> Result<usize> {
    match args.pace.threads {
        Some(0) => bail!("--threads 0: at least one thread is needed"),
        Some(n) if n > MOST_THREADS => {
            bail!("--threads {n}: {MOST_THREADS} at most; without the option there is one per core")
        }
        Some(n) => Ok(n),
        None => {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            Ok(cores.min(MOST_THREADS))
        }
    }
}

pub(super) fn plan(
    args: &ScanArgs,
    roots: Vec<Root>,
    filter: Filter,
    threads: usize,
    label: String,
    key: Key,
) -> Plan {
    let split = args.split_size.unwrap_or(SPLIT);
    let level = args.min_confidence.map_or(Confidence::Medium, Confidence::from);
    Plan {
        roots,
        filter,
        reading: Reading {
            level,
            split: usize::try_from(split).unwrap_or(usize::MAX),
            share_from: args.split_size.map_or(SHARE_FROM, |s| s.min(SHARE_FROM)),
            learns: true,
        },
        threads,
        label,
        key,
        findings: args.findings,
        reveal: args.reveal,
        ledger: args.ledger,
        max_read_rate: args.pace.max_read_rate,
        until: until(args),
        systems: Systems::default(),
        countries: args.detect.country.iter().map(|code| code.to_ascii_uppercase()).collect(),
        as_of: today(),
    }
}

/// When no further file is begun.
fn until(args: &ScanArgs) -> Option<Instant> {
    let start = Instant::now();
    let time = args.until.map(|time| time.duration_since(jiff::Timestamp::now()));
    // What has passed already is now.
    let time = time.map(|left| Duration::try_from(left).unwrap_or_default());
    args.max_duration.into_iter().chain(time).min().and_then(|left| start.checked_add(left))
}

pub(super) fn in_pool<T: Send>(plan: &Plan, job: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(plan.threads).build_global();
    // A pool that exists already (in tests) serves as well.
    drop(pool);
    job()
}

/// Today in UTC.
#[must_use]
pub fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

pub(super) fn check_countries(countries: &[String]) -> Result<()> {
    match countries.iter().find(|code| !is_country(&code.to_ascii_uppercase())) {
        Some(bad) => bail!("--country {bad:?}: a two-letter ISO 3166 code is expected, such as NO"),
        None => Ok(()),
    }
}

pub(super) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn state_home() -> Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    from("XDG_STATE_HOME")
        .or_else(|| from("HOME").map(|h| h.join(".local/state")))
        .map(|p| p.join("datakart"))
        .context("neither XDG_STATE_HOME nor HOME is set: name --out and --key")
}

fn default_out(label: &str) -> Result<PathBuf> {
    let safe = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let mut name: String = label.chars().map(safe).collect();
    if name.len() > 120 {
        name = format!(
            "{}-{}",
            &blake3::hash(label.as_bytes()).to_hex()[..12],
            name.chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect::<String>()
        );
    }
    Ok(state_home()?.join(name.trim_start_matches('.')))
}

/// Options that differ from the defaults, for the run's facts.
pub(super) fn options(args: &ScanArgs) -> BTreeMap<String, String> {
    let list = |l: &[String]| (!l.is_empty()).then(|| l.join(","));
    let flag = |f: bool| f.then(|| "true".to_owned());
    let path = |p: &Path| p.to_string_lossy().into_owned();
    let list_of_paths = |all: &[PathBuf]| all.iter().map(|p| path(p)).collect::<Vec<_>>().join(",");
    [
        ("config", args.config.as_deref().map(path)),
        (
            "patterns",
            (!args.detect.patterns.is_empty()).then(|| list_of_paths(&args.detect.patterns)),
        ),
        ("files-from", args.files_from.as_deref().map(path)),
        ("stdin-name", args.select.stdin_name.clone()),
        ("include", list(&args.select.include)),
        ("exclude", list(&args.select.exclude)),
        ("only", list(&args.only)),
        ("except", list(&args.except)),
        ("country", list(&args.detect.country)),
        ("fail-on", list(&args.fail_on)),
        ("one-file-system", flag(args.select.one_file_system)),
        ("findings", flag(args.findings)),
        ("reveal", flag(args.reveal)),
        ("ledger", flag(args.ledger)),
        ("strict", flag(args.strict)),
        ("max-duration", args.max_duration.map(|d| format!("{}s", d.as_secs_f64()))),
        ("until", args.until.map(|time| time.to_string())),
        ("metrics", args.metrics.as_deref().map(path)),
        ("state", args.state.as_deref().map(path)),
        ("index", flag(args.index)),
        ("no-isolation", flag(args.pace.no_isolation)),
        ("baseline", args.baseline.as_deref().map(path)),
        ("only-new", flag(args.only_new)),
        ("suppress", args.suppress.as_deref().map(path)),
        ("max-cpu", args.max_cpu.map(|p| p.to_string())),
        ("nice", flag(args.nice)),
        ("stall-timeout", args.pace.stall_timeout.map(|s| s.to_string())),
        ("max-read-rate", args.pace.max_read_rate.map(|r| r.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

/// The exit code by what was found and what was not read; so many entries of a list are links.
fn exit_code(inventory: &Inventory, strict: bool, links: usize) -> u8 {
    let coverage = &inventory.coverage;
    let missed = coverage.partial.files + coverage.not_scanned.files + links as u64;
    if !inventory.run.failed_on.is_empty() {
        1
    } else if missed > 0 || (strict && coverage.out_of_scope.files > 0) {
        INCOMPLETE
    } else {
        0
    }
}
