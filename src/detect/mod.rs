//! Detection: rules, the engine that finds candidates, the words around them.

pub mod chat;
pub mod context;
pub mod engine;
pub mod finder;
pub mod fold;
mod heads;
pub mod label;
pub mod lexicon;
mod lines;
pub mod lower;
mod normal;
mod roll;
pub mod rules;
mod script;
mod sentence;
mod starts;
pub mod veto;
