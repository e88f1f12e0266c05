//! datakart: finds personal data in file shares, exports and database dumps, and writes the inventory
//! that a record of processing starts from.
//!
//! # Glossary
//! * *Source*: the bytes of one file or archive member.
//! * *Reader*: turns one format into units.
//! * *Unit*: text in a *slot*, which is free text or a named field (`table.column`, `$.users[].email`).
//! * *Detector*: one TOML file under `patterns/`.
//! * *Validator*: a named checksum or plausibility function: valid, or invalid with a reason.
//! * *Candidate*: what has the shape of a detector. *Match*: a candidate that survived its validator.
//! * *Evidence*: what speaks for and against. *Finding*: matches folded per slot and detector, judged.
//! * *System*: what the settings file says a path belongs to. *Record group*: what stands together in a table or
//!   document and is judged together. *Retention anchor*: a column of dates that a retention period runs from.
//! * *Inventory*: all findings, the coverage, and the run's facts.
//! * *Note*: something that could not be read, with a reason.
//!
//! # Flow
//! `cli → plan → walk → source → sniff → readers → unit → detect → evidence → inventory → report`;
//! a module imports only from those to its left, plus `unit` and `note`.

pub mod bare;
pub mod bytes;
pub mod cli;
pub mod crew;
pub mod detect;
pub mod diff;
pub mod embedded;
pub mod emit;
pub mod escape;
pub mod evidence;
pub mod eye;
pub mod fanout;
pub mod file;
pub mod guard;
pub mod idle;
pub mod index;
pub mod inventory;
pub mod isolate;
pub mod judge;
pub mod key;
pub mod known;
pub mod manifest;
pub mod mask;
pub mod memo;
pub mod merge;
pub mod meter;
mod mistake;
pub mod note;
pub mod numbers;
pub mod out;
pub mod place;
pub mod plan;
pub mod readers;
pub mod report;
pub mod scan;
pub mod sketch;
pub mod small;
pub mod sniff;
pub mod source;
pub mod state;
pub mod steps;
pub mod subject;
pub mod suppress;
pub mod tally;
mod two;
pub mod unit;
pub mod validate;
pub mod walk;
