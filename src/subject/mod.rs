//! Subject search: everything that is held on one person, how sure that is, and the work list of it.
//!
//! A [`Profile`] says whom to look for. Its values and those of files are brought to the same normal forms
//! ([`normal`]) and compared; what stands together in a row, message or document is one [`Record`] of the work
//! list, with a [`Strength`].

mod case;
mod check;
mod codes;
mod dates;
mod excerpt;
mod find;
mod kind;
pub mod labels;
mod making;
mod marks;
mod needles;
pub mod normal;
mod pass;
mod places;
mod profile;
mod record;
mod sought;
mod spellings;
mod texts;
mod traces;
mod whole;

pub use case::{Case, SCHEMA as CASE_SCHEMA};
pub use check::{Checked, Fate, check};
pub use dates::dates;
pub use excerpt::{Excerpt, Excerpts};
pub use find::{Accepts, Finds, Found, find, flags};
pub use kind::Kind;
pub use marks::{Against, Mark, Marks};
pub use needles::{Field, Needles, Seen};
pub use places::At;
pub use profile::{Address, Profile, RECEIVED_TO_DUE};
pub use record::{Record, Strength};
pub use sought::{HopKey, Sought, key_trace, key_value};
pub use traces::{Trace, traces};
