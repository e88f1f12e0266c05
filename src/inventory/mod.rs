//! The inventory: findings, coverage and the run's facts, and how they are kept.

mod ladder;
mod model;
mod place;

pub use ladder::Ladder;
pub use model::*;
pub use place::*;
