//! The command line of `subject verify`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{Form, ScanArgs};

const HELP: &str = "\
Examples:
  datakart subject verify /var/lib/datakart/2026-114
  datakart subject verify /var/lib/datakart/2026-114 /mnt/restored --format json

The profile is not needed: replay.json holds keyed digests of what was sought. Without PATH the places of the
search are searched again; with PATH other ones, such as a restored backup.

Each line is a record: remains (still in its table or document), changed (its place holds something else of the
person), moved, copied, new (not on the work list), gone, unknown (its file could not be read).
Exit codes: 0 nothing of certain or probable records is left · 1 something is · 2 could not run · 3 nothing was
found, but not everything could be read";

/// Options of `subject verify`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct CheckArgs {
    /// Directory of the work list
    pub directory: PathBuf,
    /// Other files and folders to search, such as a restored backup
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Also name the records that are gone
    #[arg(long)]
    pub all: bool,
    /// For people, or one JSON object a line
    #[arg(long, short, value_enum, default_value = "text", value_name = "FORM")]
    pub format: Form,
    /// File with the digest key of the search [default: $XDG_STATE_HOME/datakart/key]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Bytes per second to read at most (such as 50M)
    #[arg(long, value_name = "BYTES", value_parser = crate::cli::args::bytes)]
    pub max_read_rate: Option<u64>,
    /// Seconds that the system may take to answer for one file or folder, which is given up then and reported;
    /// 0 waits for ever [default: 60]
    #[arg(long, value_name = "SECONDS")]
    pub stall_timeout: Option<u64>,
    /// Read risky formats in this process, not in workers (to debug or to measure)
    #[arg(long)]
    pub no_isolation: bool,
    /// No progress bar
    #[arg(long)]
    pub no_progress: bool,
}

impl CheckArgs {
    /// The options that a check of these places shares with a scan.
    #[must_use]
    pub fn as_scan(&self, paths: Vec<PathBuf>) -> ScanArgs {
        ScanArgs {
            paths,
            key: self.key.clone(),
            threads: self.threads,
            max_read_rate: self.max_read_rate,
            stall_timeout: self.stall_timeout,
            no_isolation: self.no_isolation,
            no_progress: self.no_progress,
            quiet: self.format == Form::Json,
            ..ScanArgs::default()
        }
    }
}
