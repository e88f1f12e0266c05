//! The inventory: findings, coverage and the run's facts, and how they are kept.

mod model;

pub use model::*;
