//! Detection: rules, the engine that finds candidates, the words around them.

pub mod engine;
pub mod fold;
pub mod rules;
