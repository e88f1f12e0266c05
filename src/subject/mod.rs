//! Subject search: everything that is held on one person, how sure that is, and the work list of it.
//!
//! A [`Profile`] says whom to look for. Its values and those of files are brought to the same normal forms
//! ([`normal`]) and compared; what stands together in a row, message or document is one [`Record`] of the work
//! list, with a [`Strength`].

mod case;
mod dates;
mod kind;
pub mod normal;
mod profile;
mod record;

pub use case::{Case, SCHEMA as CASE_SCHEMA};
pub use dates::dates;
pub use kind::Kind;
pub use profile::{Address, Profile, RECEIVED_TO_DUE};
pub use record::{Record, Strength};
