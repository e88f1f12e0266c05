//! The command line of `subject`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::{DetectArgs, Form, PaceArgs, ScanArgs, SelectArgs};

/// What `subject` can do.
#[derive(Debug, Subcommand)]
pub enum SubjectCommand {
    /// Find the records of one person and write the work list
    Find(Box<FindArgs>),
    /// Search once more and tell what of the work list remains, moved or was copied
    Verify(Box<CheckArgs>),
}

const FIND_HELP: &str = "\
Examples:
  datakart subject find 2026-114.toml /srv/share --out /var/lib/datakart/2026-114
  age --decrypt 2026-114.toml.age | datakart subject find - /srv/share --out 2026-114
  datakart subject find 2026-114.toml.age --identity key.txt /srv/share dump.sql --out 2026-114
  datakart subject find 2026-114.toml /srv/share --state share.state --out 2026-114
  datakart subject find 2026-114.toml /srv/share --copy --encrypt-to age1... --out 2026-114

The profile is a TOML file that nobody else may read (chmod 600), such as:
  case = \"2026-114\"
  received = 2026-11-02
  identity_verified = \"electronic ID\"
  country = \"NO\"
  names = [\"Kari Nordmann\"]
  former_names = [\"Kari Hansen\"]
  emails = [\"kari@example.org\"]
  phones = [\"22 98 33 40\"]
  national_ids = [\"01010112345\"]
  addresses = [\"Storgata 5, 0155 Oslo\", { text = \"Lia 3\", from = 2010-01-01, until = 2015-12-31 }]
  birth_date = 1990-01-01
Further keys: due, national_ids_confirmed, ibans, accounts, customer_numbers, employee_numbers,
usernames, plates.

Only certain and probable records may drive an erasure. Nothing is deleted, and no value of anybody
is written but to the copy that --copy asks for.
Exit codes: 0 done · 2 could not run · 3 done, but not everything could be read
· 129/130/143 stopped by a signal";

/// Options of `subject find`.
#[derive(Debug, Args)]
#[command(after_help = FIND_HELP)]
pub struct FindArgs {
    /// Whom to look for: a TOML file, plain or encrypted with age; - is standard input
    pub profile: PathBuf,
    /// Files and folders to search; - is standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// Directory of the work list
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: PathBuf,
    /// Name of this source in ids [default: host and real path]
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub label: Option<String>,
    /// Also write copy.jsonl: what certain and probable records hold, others' values masked
    #[arg(long, help_heading = "Output")]
    pub copy: bool,
    /// Encrypt the copy to this recipient, with the program `age`; more than once for several
    #[arg(long, value_name = "RECIPIENT", requires = "copy", help_heading = "Output")]
    pub encrypt_to: Vec<String>,
    /// State of a scan with --index: only files that can hold something of the person are read
    #[arg(long, value_name = "FILE", help_heading = "Search")]
    pub state: Option<PathBuf>,
    /// File with the age identity that opens the profile
    #[arg(long, value_name = "FILE", help_heading = "Search")]
    pub identity: Option<PathBuf>,
    /// Do not follow keys (customer number, case …) from certain records to others
    #[arg(long, help_heading = "Search")]
    pub no_hops: bool,
    /// Which files are read
    #[command(flatten)]
    pub select: SelectArgs,
    /// What they are searched with
    #[command(flatten)]
    pub detect: DetectArgs,

    /// Settings file, of which [[system]] tables and options of the same name count
    #[arg(long, value_name = "FILE", help_heading = "Running")]
    pub config: Option<PathBuf>,
    /// How fast, and in how many threads
    #[command(flatten)]
    pub pace: PaceArgs,
    /// No summary
    #[arg(long, short, help_heading = "Running")]
    pub quiet: bool,
}

impl FindArgs {
    /// The options that a search shares with a scan.
    #[must_use]
    pub fn as_scan(&self) -> ScanArgs {
        ScanArgs {
            paths: self.paths.clone(),
            out: Some(self.out.clone()),
            label: self.label.clone(),
            select: self.select.clone(),
            detect: self.detect.clone(),
            pace: self.pace.clone(),
            state: self.state.clone(),
            config: self.config.clone(),
            quiet: self.quiet,
            ..ScanArgs::default()
        }
    }
}

const VERIFY_HELP: &str = "\
Examples:
  datakart subject verify /var/lib/datakart/2026-114
  datakart subject verify /var/lib/datakart/2026-114 /mnt/restored --format json

The profile is not needed: replay.json holds keyed digests of what was sought. Without PATH the
places of the search are searched again; with PATH other ones, such as a restored backup.

Each line is a record: remains (still in its table or document), changed (its place holds something
else of the person), moved, copied, new (not on the work list), gone, unknown (its file could not
be read).
Exit codes: 0 nothing of certain or probable records is left · 1 something is · 2 could not run
· 3 nothing was found, but not everything could be read";

/// Options of `subject verify`.
#[derive(Debug, Args)]
#[command(after_help = VERIFY_HELP)]
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
    /// How fast, and in how many threads
    #[command(flatten)]
    pub pace: PaceArgs,
}

impl CheckArgs {
    /// The options that a check of these places shares with a scan.
    #[must_use]
    pub fn as_scan(&self, paths: Vec<PathBuf>) -> ScanArgs {
        ScanArgs {
            paths,
            detect: DetectArgs { key: self.key.clone(), ..DetectArgs::default() },
            pace: self.pace.clone(),
            quiet: self.format == Form::Json,
            ..ScanArgs::default()
        }
    }
}
