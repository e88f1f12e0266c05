//! The index of `scan --state FILE --index`: for every file a small keyed filter over what stands in it, so that a
//! search for one person reads only the files that can hold something of theirs.
//!
//! A filter answers "is this word or number somewhere in the file" with "no" or "perhaps": never wrongly with "no", and
//! with "perhaps" for 0.4 % of what is not there. It knows words and numbers only as digests under the organisation's
//! key; without that nothing can be asked of it.
//!
//! * `words`: which words and numbers of a text are asked for.
//! * `gather`: their digests, of one file.
//! * `filter`: the filter that they become.
//! * `query`: what a search asks of it.

mod filter;
mod gather;
mod query;
mod words;

pub use filter::Filters;
pub use gather::{Gathered, digest};
pub use query::Query;
pub use words::each as each_word;
