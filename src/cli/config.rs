//! The settings file: the same keys as the options of `scan`, which outrank it, and the systems that paths belong
//! to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::args::{Color, Level, LogFormat, ScanArgs, Summary, bytes, duration, percent, until};
use crate::mistake;
use crate::place::System;

/// Options that are no settings: what is for one run, and raw values, which somebody has to ask for each time.
const TYPED: [&str; 6] =
    ["config", "dry-run", "files-from", "rebuild-state", "reveal", "stdin-name"];

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
    #[serde(default, deserialize_with = "texts")]
    fail_on: Option<Vec<String>>,
    strict: Option<bool>,
    #[serde(default, deserialize_with = "texts")]
    include: Option<Vec<String>>,
    #[serde(default, deserialize_with = "texts")]
    exclude: Option<Vec<String>>,
    one_file_system: Option<bool>,
    #[serde(default, deserialize_with = "texts")]
    patterns: Option<Vec<PathBuf>>,
    #[serde(default, deserialize_with = "codes")]
    only: Option<Vec<String>>,
    #[serde(default, deserialize_with = "codes")]
    except: Option<Vec<String>>,
    #[serde(default, deserialize_with = "codes")]
    country: Option<Vec<String>>,
    key: Option<PathBuf>,
    threads: Option<usize>,
    #[serde(default, deserialize_with = "rate")]
    max_read_rate: Option<u64>,
    stall_timeout: Option<u64>,
    #[serde(default, deserialize_with = "share")]
    max_cpu: Option<u32>,
    nice: Option<bool>,
    suppress: Option<PathBuf>,
    baseline: Option<PathBuf>,
    only_new: Option<bool>,
    quiet: Option<bool>,
    no_progress: Option<bool>,
    ground: Option<String>,
    summary: Option<Summary>,
    color: Option<Color>,
    log_format: Option<LogFormat>,
    no_isolation: Option<bool>,
    #[serde(default, deserialize_with = "date")]
    as_of: Option<jiff::civil::Date>,
    #[serde(default, deserialize_with = "length")]
    max_duration: Option<Duration>,
    #[serde(default, deserialize_with = "time")]
    until: Option<jiff::Timestamp>,
    #[serde(default)]
    system: Vec<System>,
}

/// A setting that is written as one writes the option, or as TOML writes such a value.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a number, a date or a text in quotes")]
enum Written {
    Number(u64),
    Date(toml::value::Datetime),
    Text(String),
}

/// A setting, by what reads the option.
fn option<'de, D: Deserializer<'de>, T>(
    from: D,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, D::Error> {
    let text = match Written::deserialize(from)? {
        Written::Number(number) => number.to_string(),
        Written::Date(date) => date.to_string(),
        Written::Text(text) => text,
    };
    read(&text).map(Some).map_err(D::Error::custom)
}

/// A list, or the only entry of one, as it is typed.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a list of texts, such as [\"…\", \"…\"], or one text")]
enum Several {
    One(String),
    All(Vec<String>),
}

fn texts<'de, D: Deserializer<'de>, T: From<String>>(from: D) -> Result<Option<Vec<T>>, D::Error> {
    let all = match Several::deserialize(from)? {
        Several::One(text) => vec![text],
        Several::All(texts) => texts,
    };
    Ok(Some(all.into_iter().map(T::from).collect()))
}

/// Codes and ids, which may stand in one text with commas, as they are typed.
fn codes<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    let all: Option<Vec<String>> = texts(from)?;
    let each = |texts: Vec<String>| {
        texts.iter().flat_map(|t| t.split(',')).map(|t| t.trim().to_owned()).collect()
    };
    Ok(all.map(each))
}

fn share<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    option(from, percent)
}

fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    option(from, bytes)
}

fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<jiff::civil::Date>, D::Error> {
    option(from, super::args::date)
}

fn length<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    option(from, duration)
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<jiff::Timestamp>, D::Error> {
    option(from, until)
}

/// What is wrong with a settings file.
fn explained(e: toml::de::Error) -> anyhow::Error {
    let is_it = |name: &&&str| e.message().starts_with(&format!("unknown field `{name}`"));
    match TYPED.iter().find(is_it) {
        Some(name) => anyhow!("--{name} is no setting and can only be typed: {e}"),
        None => mistake::told(&e),
    }
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
    let settings: Settings = toml::from_str(&text)
        .map_err(explained)
        .with_context(|| format!("settings file {}", path.display()))?;
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
    or(&mut args.pace.no_isolation, settings.no_isolation);
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
    prefer(&mut args.summary, settings.summary);
    prefer(&mut args.color, settings.color);
    prefer(&mut args.log_format, settings.log_format);
    prefer(&mut args.detect.as_of, settings.as_of);
    prefer(&mut args.max_duration, settings.max_duration);
    prefer(&mut args.until, settings.until);
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
