//! Isolation: files of formats whose parsers may abort, overflow the stack, hang or eat memory are read in
//! worker processes. The scanning process opens them, passes the descriptor, holds the clock and gets a
//! file result back over a socket. See `docs/isolation.md`.
//!
//! * `pool`: the scanning process's side: who is asked, and what is done when no answer comes.
//! * `worker`: the other side: the process that workers are forked from, and the workers.
//! * `wire`: what they tell each other.
//! * `cage`: what a worker may not do.
//! * `heap`: how much memory it may have.

mod cage;
pub mod heap;
#[cfg(debug_assertions)]
pub mod inject;
mod pool;
mod wire;
mod worker;

pub use pool::{Input, Left, Pool, is_silent};
pub use wire::{Answer, List};
