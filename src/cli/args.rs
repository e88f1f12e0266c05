//! The command line: what can be typed. One definition serves parsing, help, man page and completions.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::inventory::Confidence;

const AFTER_HELP: &str = "\
Examples:
  datakart scan /srv/share --out /var/lib/datakart/share
  datakart scan dump.sql --fail-on art9
  pg_dump crm | datakart scan - --stdin-name crm.sql --out crm-inventory
  datakart report crm-inventory --format ropa-xlsx --output record.xlsx
  datakart diff crm-inventory newcrm-inventory
  datakart patterns list
  datakart explain 'fnr 01010112345'

Exit codes: 0 done · 1 a --fail-on condition is met · 2 could not run · 3 done, but not everything
could be read · 75 another run uses the --state · 129/130/143 stopped by a signal";

/// Finds personal data in files, exports and dumps, and writes the inventory for the mapping step
#[derive(Debug, Parser)]
#[command(name = "datakart", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files and folders and write the inventory
    Scan(Box<ScanArgs>),
    /// List, show, check and try detectors
    #[command(subcommand)]
    Patterns(PatternsCommand),
    /// Show every piece of evidence for a value, with its bits
    Explain(ExplainArgs),
    /// Show the formats that are read
    Formats(FormatsArgs),
    /// Print the JSON Schema of the inventory
    Schema,
    /// Write an inventory in another form
    Report(ReportArgs),
    /// Join the inventories of several hosts or of parts of a share
    Merge(MergeArgs),
    /// Show what came, went, grew or moved between two inventories
    Diff(DiffArgs),
    /// Check that an inventory directory is as its run wrote it
    Verify(VerifyArgs),
    /// Remove an inventory that has served its purpose
    Purge(PurgeArgs),
    /// Tell how the last run with a state ended, what was new in it, and whether one is going on
    Status(StatusArgs),
    /// Find what is held on one person, for a request for access or erasure
    #[command(subcommand)]
    Subject(super::subject::args::SubjectCommand),
    /// Print shell completions
    Completions {
        /// Shell to complete for
        shell: Shell,
    },
    /// Print the man page
    Man,
}

const SCAN_HELP: &str = "\
Examples:
  datakart scan /srv/share --out /var/lib/datakart/share
  datakart scan --exclude '*.iso' --exclude 'tmp/' /srv/share /home
  datakart scan dump.sql --findings --fail-on high
  find /srv -newer stamp -type f | datakart scan --files-from - --out new
  pg_dump crm | datakart scan - --stdin-name crm.sql
  datakart scan /srv/share --config datakart.toml
  datakart scan /srv/share --state /var/lib/datakart/share.state --out /var/lib/datakart/share
  datakart scan /srv/share --state share.state --summary news --fail-on new:high+art9
  datakart scan /home --ground 'agreed with the works council, case 2026/114'

Values are masked everywhere. --reveal writes raw values to findings.jsonl, and nowhere else.";

/// Options of `scan`.
#[derive(Debug, Default, Args)]
#[command(after_help = SCAN_HELP)]
pub struct ScanArgs {
    /// Files and folders to scan; - is standard input
    #[arg(value_name = "PATH", required_unless_present = "files_from")]
    pub paths: Vec<PathBuf>,

    /// Inventory directory [default: $XDG_STATE_HOME/datakart/LABEL]
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Name of this source in ids and reports [default: host and real path]
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub label: Option<String>,
    /// Also write findings.jsonl: one line per match, values masked
    #[arg(long, help_heading = "Output")]
    pub findings: bool,
    /// Also write ledger.jsonl: what became of every file
    #[arg(long, help_heading = "Output")]
    pub ledger: bool,
    /// Write raw values to findings.jsonl (implies --findings)
    #[arg(long, help_heading = "Output")]
    pub reveal: bool,
    /// Lowest confidence that is listed [default: medium]
    #[arg(long, value_name = "LEVEL", value_enum, help_heading = "Output")]
    pub min_confidence: Option<Level>,
    /// Exit with 1 when met: low, medium, high, very_high (severity), art9, art10, art87, credentials,
    /// children, many_subjects, outside_eea, third_country_access, personal_area, any, count>N, or system:NAME;
    /// joined by + when one finding has to meet all of them (high+art9); with --state or --baseline also
    /// new:CONDITION, for what was not found before; several times for several conditions
    #[arg(long, value_name = "CONDITION", help_heading = "Output")]
    pub fail_on: Vec<String>,
    /// Tell what is new against this inventory of an earlier run, in place of the state's last run
    #[arg(long, value_name = "INVENTORY", help_heading = "Output")]
    pub baseline: Option<PathBuf>,
    /// Only what is new in the summary, inventory.csv and report.html (with --state or --baseline); inventory.jsonl
    /// holds everything all the same
    #[arg(long, help_heading = "Output")]
    pub only_new: bool,
    /// File of findings that do not count for --fail-on: id, reason, by, until
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub suppress: Option<PathBuf>,
    /// Form of the summary on standard output [default: full]
    #[arg(long, value_enum, value_name = "FORM", help_heading = "Output")]
    pub summary: Option<Summary>,
    /// Also write the run's figures to this file, for the textfile collector of Prometheus (0644)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub metrics: Option<PathBuf>,
    /// Exit with 3 also when paths were left out by rule
    #[arg(long, help_heading = "Output")]
    pub strict: bool,

    /// Which files are read
    #[command(flatten)]
    pub select: SelectArgs,
    /// Scan the files named in this list (one per line, or NUL-separated; links are not followed); - is standard input
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    pub files_from: Option<PathBuf>,
    /// Only count files and bytes (by system, with a settings file) and estimate the time
    #[arg(long, help_heading = "Selection")]
    pub dry_run: bool,
    /// Why personal areas (home directories, mailboxes) may be scanned; recorded in the inventory
    #[arg(long, value_name = "TEXT", help_heading = "Selection")]
    pub ground: Option<String>,

    /// What they are searched with
    #[command(flatten)]
    pub detect: DetectArgs,
    /// Use only these detectors
    #[arg(long, value_name = "IDS", value_delimiter = ',', value_parser = code, help_heading = "Detection")]
    pub only: Vec<String>,
    /// Use all but these detectors
    #[arg(long, value_name = "IDS", value_delimiter = ',', value_parser = code, help_heading = "Detection")]
    pub except: Vec<String>,

    /// Keep results in this file, and read only what changed since they were made
    #[arg(long, value_name = "FILE", help_heading = "Running")]
    pub state: Option<PathBuf>,
    /// Start the state anew; the old one is kept beside it under another name
    #[arg(long, requires = "state", help_heading = "Running")]
    pub rebuild_state: bool,
    /// Also keep an index of words and numbers in the state, so that `subject find --state` reads only files that
    /// can match; nothing can be asked of it without the digest key
    #[arg(long, requires = "state", help_heading = "Running")]
    pub index: bool,
    /// Begin no further file after this time, such as 90m, 5h30m or 1d; with --state the next run goes on
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Running")]
    pub max_duration: Option<std::time::Duration>,
    /// Begin no further file after this time of day (06:00) or time (RFC 3339); with --state the next run goes on
    #[arg(long, value_name = "TIME", value_parser = until, help_heading = "Running")]
    pub until: Option<jiff::Timestamp>,
    /// How fast, and in how many threads
    #[command(flatten)]
    pub pace: PaceArgs,
    /// Percentage of the processors (of those that its threads could take) to use at most
    #[arg(long, value_name = "PERCENT", value_parser = percent, help_heading = "Running")]
    pub max_cpu: Option<u32>,
    /// Let everything else go first: lowest priority for processors and disks
    #[arg(long, help_heading = "Running")]
    pub nice: bool,
    /// Bytes per batch when several threads search one file
    #[arg(long, value_name = "BYTES", value_parser = bytes, hide = true)]
    pub split_size: Option<u64>,
    /// Settings file with the same keys as the options, and [[system]] tables that say what paths belong to; relative
    /// paths in it are meant from the current folder; what is for one run (PATH, --dry-run, --files-from, --rebuild-state, --stdin-name) and --reveal can only be typed
    #[arg(long, value_name = "FILE", help_heading = "Running")]
    pub config: Option<PathBuf>,
    /// No summary
    #[arg(long, short, help_heading = "Running")]
    pub quiet: bool,
    /// When to use colours [default: auto]
    #[arg(long, value_enum, value_name = "WHEN", help_heading = "Running")]
    pub color: Option<Color>,
    /// Form of messages on standard error [default: text]
    #[arg(long, value_enum, value_name = "FORM", help_heading = "Running")]
    pub log_format: Option<LogFormat>,
}

impl ScanArgs {
    /// Form of messages on standard error.
    #[must_use]
    pub fn log_format(&self) -> LogFormat {
        self.log_format.unwrap_or_default()
    }
}

/// Which files are read.
#[derive(Clone, Debug, Default, Args)]
pub struct SelectArgs {
    /// Read only what matches this glob: of names (*.csv), or of paths (HR/2026/**) below each PATH; as for --exclude
    #[arg(long, value_name = "GLOB", help_heading = "Selection")]
    pub include: Vec<String>,
    /// Leave out what matches this glob: one without a slash is one of names at any depth (*.iso, tmp/), one with a slash
    /// of paths below each PATH (/private, HR/*.bak); a path may also be spelled in full, or as PATH was
    #[arg(long, value_name = "GLOB", help_heading = "Selection")]
    pub exclude: Vec<String>,
    /// Stay on the file system of each PATH
    #[arg(long, help_heading = "Selection")]
    pub one_file_system: bool,
    /// Name under which standard input is reported [default: stdin]
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    pub stdin_name: Option<String>,
}

/// What files are searched with.
#[derive(Clone, Debug, Default, Args)]
pub struct DetectArgs {
    /// Folder with more detector files
    #[arg(long, value_name = "DIR", help_heading = "Detection")]
    pub patterns: Vec<PathBuf>,
    /// Countries whose identifiers are likelier here (ISO 3166 codes)
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = code, help_heading = "Detection")]
    pub country: Vec<String>,
    /// Date that plausibility is measured against [default: today]
    #[arg(long, value_name = "DATE", value_parser = date, help_heading = "Detection")]
    pub as_of: Option<jiff::civil::Date>,
    /// File with the digest key; made where there is none [default: $XDG_STATE_HOME/datakart/key]
    #[arg(long, value_name = "FILE", help_heading = "Detection")]
    pub key: Option<PathBuf>,
}

/// How files are read: how fast, in how many threads, and where.
#[derive(Clone, Debug, Default, Args)]
pub struct PaceArgs {
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub threads: Option<usize>,
    /// Bytes per second to read at most (such as 50M)
    #[arg(long, value_name = "BYTES", value_parser = bytes, help_heading = "Running")]
    pub max_read_rate: Option<u64>,
    /// Seconds that the system may take to answer for one file or folder; it is given up then, reported as stalled,
    /// and the run goes on with the others; 0 waits for ever [default: 60]
    #[arg(long, value_name = "SECONDS", help_heading = "Running")]
    pub stall_timeout: Option<u64>,
    /// Read risky formats in this process, not in workers (to debug or to measure)
    #[arg(long, help_heading = "Running")]
    pub no_isolation: bool,
    /// No progress bar
    #[arg(long, help_heading = "Running")]
    pub no_progress: bool,
}

/// A confidence level, as typed.
#[derive(Clone, Copy, Debug, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// At least as likely as not
    Low,
    /// At least three in four
    Medium,
    /// At least nineteen in twenty
    High,
}

impl From<Level> for Confidence {
    fn from(level: Level) -> Confidence {
        match level {
            Level::Low => Confidence::Low,
            Level::Medium => Confidence::Medium,
            Level::High => Confidence::High,
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Form of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object per line
    Json,
    /// Lines that begin with <PRIORITY>, as journald and `logger --prio-prefix` take them
    Syslog,
    /// Entries of systemd's journal, with their fields; where there is none, as syslog
    Journald,
}

/// Form of the summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Summary {
    /// For people, all of it
    #[default]
    Full,
    /// For mail: what is new since the last run, and nothing when nothing is
    News,
    /// One line, for logs
    Line,
    /// One JSON object, for programs
    Json,
}

/// Form of what a command tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people
    Text,
    /// One JSON object
    Json,
}

impl From<Form> for LogFormat {
    fn from(form: Form) -> LogFormat {
        match form {
            Form::Text => LogFormat::Text,
            Form::Json => LogFormat::Json,
        }
    }
}

/// What `patterns` can do.
#[derive(Debug, Subcommand)]
pub enum PatternsCommand {
    /// List all detectors: id, category, name
    List(RuleArgs),
    /// Show one detector
    Show {
        /// Id of the detector
        id: String,
        /// Where detectors come from
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Run every example and counter-example of the detector files
    Check {
        /// Folders or files to check besides the built-in ones
        folders: Vec<PathBuf>,
    },
    /// Ask one detector about values: one JSON line each
    #[command(after_help = "Without VALUE, values are read from standard input, one per line \
                            (arguments show in the process list).")]
    Try {
        /// Id of the detector
        id: String,
        /// Values to judge
        #[arg(allow_hyphen_values = true)]
        values: Vec<String>,
        /// Where detectors come from
        #[command(flatten)]
        rules: RuleArgs,
        /// Date that plausibility is measured against [default: today]
        #[arg(long, value_name = "DATE", value_parser = date)]
        as_of: Option<jiff::civil::Date>,
    },
}

/// Where detectors come from.
#[derive(Clone, Debug, Default, Args)]
pub struct RuleArgs {
    /// Folder with more detector files
    #[arg(long = "patterns", value_name = "DIR")]
    pub folders: Vec<PathBuf>,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Text with a value in its context, or the id of a finding; read from standard input when left out or -
    #[arg(allow_hyphen_values = true)]
    pub value: Option<String>,
    /// Field name under which the value stands
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    /// Inventory directory that the finding id stands in
    #[arg(long, value_name = "DIR")]
    pub inventory: Option<PathBuf>,
    /// Where detectors come from
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// Options of `formats`.
#[derive(Debug, Args)]
pub struct FormatsArgs {
    /// As a Markdown table
    #[arg(long)]
    pub markdown: bool,
}

const REPORT_HELP: &str = "\
Examples:
  datakart report crm-inventory --format xlsx --output findings.xlsx
  datakart report crm-inventory --format ropa-xlsx --output ropa.xlsx
  datakart report crm-inventory --format ropa-xlsx --previous ropa.xlsx --output ropa.xlsx
  datakart report crm-inventory --format parquet --output findings.parquet
  datakart report crm-inventory --format statement
  datakart report crm-inventory --format csv --encrypt-to age1... --output findings.csv.age";
const STATUS_HELP: &str = "\
Examples:
  datakart status --state /var/lib/datakart/share.db
  datakart status --state /var/lib/datakart/share.db --new | mail -E -s new privacy@example.org
  datakart status --state /var/lib/datakart/share.db --format json";

/// Options of `status`.
#[derive(Debug, Args)]
#[command(after_help = STATUS_HELP)]
pub struct StatusArgs {
    /// The file that scans keep their results in
    #[arg(long, value_name = "FILE")]
    pub state: PathBuf,
    /// Only list what was new in the last run, and nothing when nothing was
    #[arg(long)]
    pub new: bool,
    /// Also read all of it, to see whether it is sound
    #[arg(long)]
    pub check: bool,
    /// For people, or as one JSON object
    #[arg(long, short, value_enum, default_value = "text", value_name = "FORM")]
    pub format: Form,
}

/// Options of `report`.
#[derive(Debug, Args)]
#[command(after_help = REPORT_HELP)]
pub struct ReportArgs {
    /// Inventory directory, or its inventory.jsonl
    pub inventory: PathBuf,
    /// Form of the report
    #[arg(long, short, value_name = "FORM", value_parser = forms())]
    pub format: String,
    /// Where to write it; - is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// Record of processing (CSV or XLSX) whose entries are kept, for the forms ropa-csv and ropa-xlsx
    #[arg(long, value_name = "FILE")]
    pub previous: Option<PathBuf>,
    /// Encrypt it to this recipient, with the program `age`; more than once for several
    #[arg(long, value_name = "RECIPIENT")]
    pub encrypt_to: Vec<String>,
}

/// The forms that there are, with what they are for.
fn forms() -> PossibleValuesParser {
    let form = |f: &crate::report::Output| PossibleValue::new(f.id).help(f.description);
    crate::report::FORMATS.iter().map(form).collect::<Vec<_>>().into()
}

const MERGE_HELP: &str = "\
Examples:
  datakart merge host1-inventory host2-inventory --out all

Values are counted once over all inventories when these were made with one key (scan --key FILE).
With different keys counts are still summed, and the number of different values is an upper bound.";

/// Options of `merge`.
#[derive(Debug, Args)]
#[command(after_help = MERGE_HELP)]
pub struct MergeArgs {
    /// Inventory directories
    #[arg(value_name = "INVENTORY", required = true, num_args = 2..)]
    pub inventories: Vec<PathBuf>,
    /// Directory for the joined inventory
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

const DIFF_HELP: &str = "\
Examples:
  datakart diff inventory-october inventory-november
  datakart diff source-dump target-database --format json

Both inventories have to be made with one key (scan --key FILE): values are compared by their keyed
digests, so a migration shows what is missing, copied or added in the target, whatever the formats.
Up to 4096 different values of a column are compared exactly, more by a sketch (\"about\").";

/// Options of `diff`.
#[derive(Debug, Args)]
#[command(after_help = DIFF_HELP)]
pub struct DiffArgs {
    /// Earlier inventory, or that of the source of a migration
    pub old: PathBuf,
    /// Later inventory, or that of the target
    pub new: PathBuf,
    /// Form of the comparison
    #[arg(long, value_enum, default_value = "text", value_name = "FORM")]
    pub format: Form,
    /// Compare counts only, for inventories made with different keys
    #[arg(long)]
    pub counts: bool,
}

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 as written · 1 something is damaged, missing or was added · 2 could not check.\n\
                        `sha256sum -c SHA256SUMS` in the directory does the same without datakart."
)]
pub struct VerifyArgs {
    /// Inventory directory
    pub directory: PathBuf,
}

/// Options of `purge`.
#[derive(Debug, Args)]
#[command(
    after_help = "Only files that the inventory's manifest names are removed; others stay, and so does the \
                        directory then."
)]
pub struct PurgeArgs {
    /// Inventory directory
    pub directory: PathBuf,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// A code or an id of several, which blanks may part.
fn code(text: &str) -> Result<String, std::convert::Infallible> {
    Ok(text.trim().to_owned())
}

/// A date.
pub fn date(text: &str) -> Result<jiff::civil::Date, String> {
    let wrong = |_| "a date is expected, as YYYY-MM-DD, such as 2026-11-25".to_owned();
    text.trim().parse().map_err(wrong)
}

/// A percentage.
pub fn percent(text: &str) -> Result<u32, String> {
    let number = text.trim().trim_end_matches('%').trim_end().parse();
    let number = number.ok().filter(|percent| (1..=100).contains(percent));
    number.ok_or_else(|| "a percentage from 1 to 100 is expected, such as 25".to_owned())
}

/// A length of time, such as `90m`.
pub fn duration(text: &str) -> Result<std::time::Duration, String> {
    let wrong = |_| "a length of time is expected, such as 90m, 5h30m or 1d".to_owned();
    let span: jiff::Span = text.parse().map_err(wrong)?;
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(wrong)?;
    match std::time::Duration::try_from(length) {
        Ok(length) if !length.is_zero() => Ok(length),
        _ => Err("it has to be longer than nothing".to_owned()),
    }
}

/// A point in time; a time of day is the next one of this machine's time zone.
pub fn until(text: &str) -> Result<jiff::Timestamp, String> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time);
    }
    let wrong = |_| "a time is expected, such as 06:00 or 2026-11-25T06:00:00Z".to_owned();
    let now = jiff::Zoned::now();
    let time: jiff::civil::Time = text.parse().map_err(wrong)?;
    let today = now.with().time(time).build().map_err(wrong)?;
    let next = if today > now { today } else { today.tomorrow().map_err(wrong)? };
    Ok(next.timestamp())
}

/// A number of bytes with an optional K, M, G or T (1024-fold).
pub fn bytes(text: &str) -> Result<u64, String> {
    let upper = text.trim().to_ascii_uppercase();
    let upper = upper.trim_end_matches("/S").trim_end_matches("IB").trim_end_matches('B');
    let digits = upper.trim_end_matches(['K', 'M', 'G', 'T']);
    let shift = match &upper[digits.len()..] {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("a number of bytes is expected, such as 500K, 1.5M or 1G".into()),
    };
    let wrong = "a number of bytes is expected, such as 500K, 1.5M or 1G";
    let (whole, part) = digits.trim().split_once('.').unwrap_or((digits.trim(), ""));
    if !(whole.to_owned() + part).bytes().all(|b| b.is_ascii_digit()) || part.len() > 9 {
        return Err(wrong.into());
    }
    let number: u64 = whole.parse().map_err(|_| wrong)?;
    let scale = 10u64.pow(u32::try_from(part.len()).unwrap_or(0));
    let part: u64 = if part.is_empty() { 0 } else { part.parse().map_err(|_| wrong)? };
    let part = (u128::from(part) << shift) / u128::from(scale);
    let whole = number.checked_mul(1 << shift);
    match whole.and_then(|whole| whole.checked_add(u64::try_from(part).ok()?)) {
        Some(0) | None => Err("the number of bytes is out of range".into()),
        Some(n) => Ok(n),
    }
}
