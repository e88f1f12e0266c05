//! The command line: parse, resolve, do, report, exit.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use clap::{CommandFactory, Parser};

mod age;
pub mod args;
mod bar;
mod condition;
mod config;
mod deliver;
mod diff;
mod dry;
mod explain;
mod journal;
mod load;
mod log;
mod manners;
mod merge;
mod patterns;
mod purge;
mod report;
mod roots;
mod scan;
mod signals;
mod status;
mod subject;
mod tables;
mod verify;

use args::{Cli, Command, LogFormat};

use crate::state::Busy;

pub use tables::{detector_table, format_table};

/// Could not run: usage, settings, output.
pub const CANNOT_RUN: u8 = 2;
/// Done, but not everything could be read.
pub const INCOMPLETE: u8 = 3;
/// Another run holds the lock (EX_TEMPFAIL of sysexits.h).
pub const BUSY: u8 = 75;

/// Runs datakart and tells the exit code.
#[must_use]
pub fn main() -> ExitCode {
    crate::guard::install();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version go to standard output and are no failure. A closed pipe is none either.
            let _ = e.print();
            return if e.use_stderr() { ExitCode::from(CANNOT_RUN) } else { ExitCode::SUCCESS };
        }
    };
    if let Command::Scan(args) = &cli.command {
        log::take_form(args.log_format());
    }
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(e) if is_closed_pipe(&e) || IS_CLOSED.load(Ordering::Relaxed) => ExitCode::SUCCESS,
        Err(e) => {
            if log::form() == LogFormat::Text {
                let text = format!("datakart: {e:#}");
                let lines: Vec<_> = text.trim_end().lines().map(crate::escape::terminal).collect();
                let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
            } else {
                log::say("error", &format!("{e:#}"));
            }
            let code = if e.is::<Busy>() { BUSY } else { CANNOT_RUN };
            ExitCode::from(signals::exit_code().unwrap_or(code))
        }
    }
}

fn run(cli: Cli) -> Result<u8> {
    let mut out = Standard(io::stdout().lock());
    match cli.command {
        Command::Scan(args) => {
            drop(out);
            return scan::run(*args);
        }
        Command::Subject(command) => {
            drop(out);
            return subject::run(command);
        }
        Command::Patterns(command) => return patterns::run(command, &mut out),
        Command::Explain(args) => explain::run(&args, &mut out)?,
        Command::Formats(args) => out.write_all(format_table(args.markdown).as_bytes())?,
        Command::Schema => {
            serde_json::to_writer_pretty(&mut out, &crate::report::schema::schema())?;
            writeln!(out)?;
        }
        Command::Status(args) => status::run(&args, &mut out)?,
        Command::Report(args) => report::run(&args, &mut out)?,
        Command::Merge(args) => merge::run(&args, &mut out)?,
        Command::Diff(args) => diff::run(&args, &mut out)?,
        Command::Verify(args) => return verify::run(&args, &mut out),
        Command::Purge(args) => purge::run(&args, &mut out)?,
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "datakart", &mut text);
            out.write_all(&text)?;
        }
        Command::Man => man(&mut out)?,
    }
    out.flush()?;
    Ok(0)
}

/// The man page: the program, then every command under a heading of its own.
fn man(out: &mut dyn Write) -> Result<()> {
    let mut command = Cli::command();
    // So that each part of it knows how it is called.
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page).context("man page")?;
    let page = String::from_utf8(page)?;
    // There is one page for all: a command's is a section of it.
    let lines = page.lines().map(|line| match line.strip_suffix("(1)") {
        Some(name) if name.starts_with("datakart\\-") => name.replacen("\\-", " ", 1),
        _ => line.to_owned(),
    });
    for line in lines {
        writeln!(out, "{line}")?;
    }
    command.get_subcommands().try_for_each(|sub| section(sub, "datakart", out))
}

/// A command's section of the man page, and those of what it can do.
fn section(command: &clap::Command, above: &str, out: &mut dyn Write) -> Result<()> {
    let name = format!("{above} {}", command.get_name());
    if command.get_name() == "help" {
        return Ok(());
    }
    let named = command.clone().disable_version_flag(true).display_name(&name).bin_name(&name);
    let page = clap_mangen::Man::new(named);
    let mut text = Vec::new();
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    if command.get_after_help().is_some() {
        page.render_extra_section(&mut text)?;
    }
    writeln!(out, ".SH \"{}\"", name.to_uppercase())?;
    out.write_all(String::from_utf8(text)?.replace("\n.SH ", "\n.SS ").as_bytes())?;
    command.get_subcommands().try_for_each(|sub| section(sub, &name, out))
}

/// Standard output, whose errors say that they are of it.
struct Standard<W>(W);

impl<W: Write> Write for Standard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(of_standard_output)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(of_standard_output)
    }
}

/// Whether nobody reads standard output any more. Writers of tables and the like hide that in errors of their own.
static IS_CLOSED: AtomicBool = AtomicBool::new(false);

fn of_standard_output(e: io::Error) -> io::Error {
    match e.kind() {
        // What is tried once more.
        io::ErrorKind::Interrupted => e,
        io::ErrorKind::BrokenPipe => {
            IS_CLOSED.store(true, Ordering::Relaxed);
            e
        }
        kind => io::Error::new(kind, format!("writing to standard output: {e}")),
    }
}

fn is_closed_pipe(e: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        let json = cause.downcast_ref::<serde_json::Error>().and_then(|e| e.io_error_kind());
        json.or_else(|| cause.downcast_ref::<io::Error>().map(io::Error::kind))
    };
    e.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}
