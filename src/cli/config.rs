//! The settings file: the same keys as the options of `scan`, which outrank it, and the systems that paths belong
//! to.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::args::{Level, ScanArgs};
use crate::place::System;

/// The settings file's keys.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    out: Option<PathBuf>,
    state: Option<PathBuf>,
    index: Option<bool>,
    metrics: Option<PathBuf>,
    label: Option<String>,
    findings: Option<bool>,
    ledger: Option<bool>,
    min_confidence: Option<Level>,
    fail_on: Option<Vec<String>>,
    strict: Option<bool>,
    include: Option<Vec<String>>,
    exclude: Option<Vec<String>>,
    one_file_system: Option<bool>,
    patterns: Option<Vec<PathBuf>>,
    only: Option<Vec<String>>,
    except: Option<Vec<String>>,
    country: Option<Vec<String>>,
    key: Option<PathBuf>,
    threads: Option<usize>,
    max_read_rate: Option<u64>,
    stall_timeout: Option<u64>,
    max_cpu: Option<u32>,
    nice: Option<bool>,
    suppress: Option<PathBuf>,
    baseline: Option<PathBuf>,
    only_new: Option<bool>,
    quiet: Option<bool>,
    no_progress: Option<bool>,
    ground: Option<String>,
    #[serde(default)]
    system: Vec<System>,
}

/// What a settings file says besides options.
#[derive(Default)]
pub struct Settled {
    /// Its `[[system]]` tables.
    pub systems: Vec<System>,
    /// Its text.
    pub text: String,
}

/// Adds the settings of `path` to what was typed. Raw values cannot be asked for here.
///
/// # Errors
/// A file that cannot be read, an unknown key or a wrong value: with line and column.
pub fn apply(path: &Path, args: &mut ScanArgs) -> Result<Settled> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("reading the settings file {}", path.display()))?;
    let settings: Settings =
        toml::from_str(&text).with_context(|| format!("settings file {}", path.display()))?;
    let or = |typed: &mut bool, set: Option<bool>| *typed |= set.unwrap_or(false);
    or(&mut args.findings, settings.findings);
    or(&mut args.ledger, settings.ledger);
    or(&mut args.strict, settings.strict);
    or(&mut args.select.one_file_system, settings.one_file_system);
    or(&mut args.index, settings.index);
    or(&mut args.quiet, settings.quiet);
    or(&mut args.pace.no_progress, settings.no_progress);
    or(&mut args.nice, settings.nice);
    or(&mut args.only_new, settings.only_new);
    prefer(&mut args.out, settings.out);
    prefer(&mut args.state, settings.state);
    prefer(&mut args.metrics, settings.metrics);
    prefer(&mut args.label, settings.label);
    prefer(&mut args.min_confidence, settings.min_confidence);
    prefer(&mut args.detect.key, settings.key);
    prefer(&mut args.ground, settings.ground);
    prefer(&mut args.pace.threads, settings.threads);
    prefer(&mut args.pace.max_read_rate, settings.max_read_rate);
    prefer(&mut args.pace.stall_timeout, settings.stall_timeout);
    prefer(&mut args.max_cpu, settings.max_cpu);
    prefer(&mut args.suppress, settings.suppress);
    prefer(&mut args.baseline, settings.baseline);
    fill(&mut args.fail_on, settings.fail_on);
    fill(&mut args.select.include, settings.include);
    fill(&mut args.select.exclude, settings.exclude);
    fill(&mut args.detect.patterns, settings.patterns);
    fill(&mut args.only, settings.only);
    fill(&mut args.except, settings.except);
    fill(&mut args.detect.country, settings.country);
    Ok(Settled { systems: settings.system, text })
}

fn prefer<T>(typed: &mut Option<T>, set: Option<T>) {
    if typed.is_none() {
        *typed = set;
    }
}

fn fill<T>(typed: &mut Vec<T>, set: Option<Vec<T>>) {
    if typed.is_empty() {
        *typed = set.unwrap_or_default();
    }
}
