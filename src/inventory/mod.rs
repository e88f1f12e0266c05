//! The inventory: findings, coverage and the run's facts, and how they are kept.

mod model;
mod place;

pub use model::*;
pub use place::*;
