//! The command line's contract: exit codes, refusals that write nothing, selection, private outputs,
//! signals, and what is counted how often.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

#[path = "../common/mod.rs"]
mod common;

mod counting;
mod exit_codes;
mod outputs;
mod refusals;
mod selection;
mod settings;
mod signals;
mod waiting;
